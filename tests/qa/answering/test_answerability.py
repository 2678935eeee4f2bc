"""When the bulletins answer a question, and what is said to be missing where they do not."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from corpus.document import Passage
from corpus.text.normalize import fold
from corpus.text.sentences import split_sentences
from index.store.library import Library
from qa.answering.answer import Refused
from qa.answering.answerability import (
    FEATURES,
    AnswerabilityModel,
    answerability_features,
    confidence,
    load_answerability_model,
    missing_words,
)
from qa.answering.pipeline import answer_question, collect_evidence
from qa.answering.scoring import ScoredSentence, score_sentences
from qa.question.analyzer import analyze_question
from qa.question.question import Question
from tests.qa.answers import reason_of
from tests.qa.invented import evidence_of, rated_of, retriever_of, scored
from tests.qa.questions import questions_of

# What no bulletin tells, far from anything that they do tell.
ELSEWHERE = [
    *("红烧肉怎么做才不腻", "番茄炒蛋放多少糖", "戚风蛋糕用多少度烤", "鱼香肉丝的做法"),
    *("牛顿第二定律是什么", "量子纠缠是什么意思", "光速是每秒多少公里", "薛定谔方程怎么推导", "中微子有没有质量"),
    *("茅台股票的市盈率高不高", "沪深股指期货怎么做空", "谁是法国总统", "恐龙为什么灭绝"),
    *("recipe for tomato soup", "what is quantum entanglement", "how do black holes form"),
    *("who painted the Mona Lisa", "will Tesla shares rise tomorrow"),
]


def test_the_probability_of_an_answer() -> None:
    weights = dict.fromkeys(FEATURES, 0.0) | {"terms": 2.0, "missed": -4.0}
    judge = AnswerabilityModel(threshold=0.5, bias=-1.0, weights=weights)
    signs = np.zeros(len(FEATURES), np.float32)
    assert judge.probability(signs) == pytest.approx(1 / (1 + math.e))  # -1
    signs[FEATURES.index("terms")] = 1.0
    assert judge.probability(signs) == pytest.approx(1 / (1 + math.exp(-1)))  # -1 + 2
    signs[FEATURES.index("missed")] = 0.25
    assert judge.probability(signs) == pytest.approx(0.5)  # -1 + 2 - 4 * 0.25 = 0


def test_the_packaged_weights_are_of_the_signs() -> None:
    judge = load_answerability_model()
    assert tuple(judge.weights) == FEATURES
    assert 0.0 < judge.threshold < 1.0
    assert all(map(math.isfinite, [judge.bias, *judge.weights.values()]))
    # What agrees can only speak for an answer, what is missed only against one.
    assert all(judge.weights[name] >= 0 for name in ("best", "next", "terms", "farthest", "kind"))
    assert all(judge.weights[name] <= 0 for name in ("missed", "exact_missed", "other_kind"))


def test_nothing_found_is_no_answer(samples: Library) -> None:
    retriever = samples.retriever
    question = analyze_question("志愿积分怎么兑换", catalog=retriever.catalog)
    found, _ = collect_evidence(question, retriever)
    rated = score_sentences(question, found)
    assert confidence(question, found.with_passages(()), ()) == 0.0
    assert confidence(question, found, ()) == 0.0
    assert confidence(question, found, rated) > 0.5


def observed(text: str, rated: Sequence[ScoredSentence]) -> dict[str, float]:
    """The signs of a question and of sentences of one passage, by name."""
    passage: Passage = rated[0].sentence.passage.passage
    retriever = retriever_of([passage])
    question = analyze_question(text, catalog=retriever.catalog)
    return dict(
        zip(
            FEATURES,
            answerability_features(question, evidence_of(question, scored([passage]), retriever), rated).tolist(),
            strict=True,
        )
    )


def test_signs_of_a_reading() -> None:
    rated = rated_of(["夜学每周开课三次。", "学费每门收四十元。"], [0.5, 0.8])
    signs = observed("夜学的学费是多少元？", rated)
    assert signs["best"] == pytest.approx(math.log(4))  # 0.8 / 0.2
    assert signs["next"] == pytest.approx(0.0)  # 0.5 / 0.5
    assert (signs["kind"], signs["other_kind"], signs["fact"], signs["english"]) == (1.0, 0.0, 1.0, 0.0)
    # The likeliest sentence is the one that counts.
    signs = observed("夜学的学费是多少元？", rated_of(["夜学每周开课三次。", "学费每门收四十元。"], [0.9, 0.8]))
    assert signs["best"] == pytest.approx(math.log(9), rel=1e-5)
    assert (signs["kind"], signs["other_kind"]) == (0.0, 1.0)
    signs = observed("夜学怎么办", rated[:1])
    assert signs["next"] == pytest.approx(signs["best"] - 4)  # there is no second
    assert (signs["kind"], signs["other_kind"], signs["fact"]) == (0.0, 0.0, 0.0)


def test_what_is_not_there_is_missed() -> None:
    rated = rated_of(["夜学每周开课三次。"], [0.5])
    here, half, nowhere = (observed(text, rated) for text in ("夜学每周开课", "夜学潜水艇", "潜水艇"))
    assert here["terms"] == pytest.approx(1.0) and here["missed"] == 0.0 and here["farthest"] == pytest.approx(1.0, abs=1e-3)
    assert nowhere["terms"] == 0.0 and nowhere["missed"] == pytest.approx(1.0) and nowhere["exact_missed"] == 0.0
    assert 0.0 < half["terms"] < 1.0
    assert here["farthest"] > half["farthest"]


@pytest.mark.parametrize("text", ELSEWHERE)
def test_what_lies_far_from_all_bulletins_is_refused(samples: Library, text: str) -> None:
    answer = answer_question(samples, text)
    assert isinstance(answer, Refused) and answer.quotes == ()
    assert answer.confidence is not None and answer.confidence < load_answerability_model().threshold
    assert reason_of(answer)


def test_a_sentence_of_a_bulletin_asked_as_a_question_is_answered(samples: Library) -> None:
    for passage in samples.retriever.catalog.passages[::10]:
        text = passage.bulletin.text
        said = max(split_sentences(text, passage.span), key=len).trimmed(text).of(text)
        answer = answer_question(samples, said.rstrip("。！？") + "？")
        assert not isinstance(answer, Refused), said
        assert any(quote.passage is passage for quote in answer.quotes), said


def test_only_the_word_that_no_passage_has_is_missing(samples: Library) -> None:
    retriever = samples.retriever
    for text, words in (
        ("骑手驿站的潜水艇", ("潜水艇",)),
        ("骑手驿站的潜水艇和恐龙", ("潜水艇", "恐龙")),
        ("骑手驿站", ()),
        ("submarine for couriers", ("submarine",)),
        ("潜水艇上哪儿去领", ("潜水艇",)),  # and not 上去, which is left where 哪儿 is taken out
        ("字愿者的潜水艇", ("潜水艇",)),
        ("潜水艇以后还是最多能坐好几个，老是没人管咋整", ("潜水艇",)),  # none that people only ask with
    ):
        question = analyze_question(text, catalog=retriever.catalog)
        assert missing_words(question, collect_evidence(question, retriever)[0], retriever) == words, text
        assert missing_words(question, evidence_of(question, (), retriever), retriever) == ()


def test_what_is_missing_stands_in_the_question_and_in_none_of_the_best_passages(samples: Library) -> None:
    named = 0
    for text, history in [*((text, []) for text in ELSEWHERE), *questions_of(samples)]:
        question: Question = analyze_question(
            text, history=history, catalog=samples.catalog, encode=samples.retriever.encode_question
        )
        found, _ = collect_evidence(question, samples.retriever)
        words = missing_words(question, found, samples.retriever)
        assert len(words) == len(set(words)) <= 4
        texts = [fold(scored_.passage.embedding_text) for scored_ in found.passages[:5]]
        for word in words:
            assert word in question.topic
            assert not any(fold(word) in found for found in texts), (text, word)
        named += len(words)
    assert named > 20


def test_the_reason_names_what_is_missing(samples: Library) -> None:
    assert "“番茄”" in (reason_of(answer_question(samples, "番茄炒蛋放多少糖")) or "")
    assert "“entanglement”" in (reason_of(answer_question(samples, "what is quantum entanglement")) or "")
