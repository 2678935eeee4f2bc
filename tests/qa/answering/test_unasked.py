"""What is no question, figures that no document has, and what a refusal may name as missing."""

import pytest

from index.store.library import Library
from qa.answering.answer import Quoted, Refused
from qa.answering.pipeline import answer_question


@pytest.mark.parametrize(
    "text",
    [
        "？？？",
        "' OR 1=1 --",
        "SELECT * FROM users; DROP TABLE x;--",
        "asdf qwer",
        "啊啊啊啊",
        "12345",
        "<script>alert(1)</script>",
        "…—…",
    ],
)
def test_what_holds_no_word_is_refused_as_such(samples: Library, text: str) -> None:
    for history in ([], ["锦渚区的时间银行怎么做"]):
        answer = answer_question(samples, text, history=history)
        assert isinstance(answer, Refused) and answer.confidence is None
        assert "没有一个认得的词" in answer.reason or "no word" in answer.reason


@pytest.mark.parametrize(
    "text",
    [
        "骑手驿站",
        "猪怎么养",
        "couriers",
        "select volunteers from villages",
        "24小时服务",
        "骑手驿站怎么建？<script>alert(1)</script>",
    ],
)
def test_a_word_is_enough_to_be_a_question(samples: Library, text: str) -> None:
    answer = answer_question(samples, text)
    assert not isinstance(answer, Refused) or ("认得的词" not in answer.reason and "no word" not in answer.reason)


@pytest.mark.parametrize("text", ["还有吗", "怎么做", "第二点详细说说", "what else?"])
def test_what_only_asks_needs_a_question_before_it(samples: Library, text: str) -> None:
    answer = answer_question(samples, text)
    assert isinstance(answer, Refused) and ("前面" in answer.reason or "before" in answer.reason)


def test_a_figure_that_no_document_has_is_named(samples: Library) -> None:
    for text, figure in (("投入2021万元建了什么", "2021万"), ("哪里服务了98765名老人", "98765")):
        answer = answer_question(samples, text)
        assert isinstance(answer, Refused) and f"“{figure}”" in answer.reason


def test_the_sentence_with_a_figure_asked_for_is_quoted_and_the_figure_marked(samples: Library) -> None:
    answer = answer_question(samples, "2270名老人受益的是什么做法")
    assert isinstance(answer, Quoted)
    assert [mark.of(quote.passage.bulletin.text) for quote in answer.quotes for mark in quote.highlight] == ["2270"]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("总结一下养猪的经验", "养猪"),
        ("平时怎么潜水", "潜水"),
        ("详细介绍最新的潜水艇文章", "潜水艇"),
        ("受益于潜水艇的是谁", "潜水艇"),
        ("那条潜水艇平时停在哪", "潜水艇"),
    ],
)
def test_a_refusal_names_the_topic_and_no_word_of_asking(samples: Library, text: str, missing: str) -> None:
    answer = answer_question(samples, text)
    assert isinstance(answer, Refused) and f"“{missing}”" in answer.reason
    assert not any(
        f"“{word}”" in answer.reason for word in ("总结", "文章", "平时", "详细", "最新", "受益", "经验", "介绍", "那条")
    )
