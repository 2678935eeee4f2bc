"""Turns that go on from the answer before them, on the samples."""

import pytest

from index.store.library import Library
from qa.answering.answer import Answer, Quoted, Refused
from qa.answering.continuing import shown_in
from qa.answering.pipeline import answer_question
from qa.question.question import FOLLOWUP

JINZHU = "锦渚区的时间银行怎么做"
JINZHU_EN = "How are volunteer points redeemed in Jinzhu?"


def stretches(answer: Answer) -> set[tuple[str, int, int]]:
    return {(quote.passage.bulletin.bulletin_id, quote.span.start, quote.span.end) for quote in answer.quotes}


@pytest.mark.parametrize(
    ("first", "more"),
    [(JINZHU, "还有吗"), (JINZHU, "还有别的吗？"), (JINZHU, "继续"), (JINZHU_EN, "anything else?"), ("锦渚区的亮点", "还有呢")],
)
def test_more_is_never_the_same_again(samples: Library, first: str, more: str) -> None:
    before = answer_question(samples, first)
    after = answer_question(samples, more, history=[first])
    assert isinstance(after, (Quoted, Refused)) and after.question.filters.regions == before.question.filters.regions
    for quote in after.quotes if isinstance(after, Quoted) else ():
        assert not any(quote.passage.bulletin is bulletin and span.overlaps(quote.span) for bulletin, span in shown_in(before))
    again = answer_question(samples, more, history=[first, more])
    assert not stretches(again) & (stretches(before) | stretches(after))


def test_where_there_is_no_more_that_is_said(samples: Library) -> None:
    listed = "有哪些地区"
    answer = answer_question(samples, "还有吗", history=[listed])
    assert isinstance(answer, Refused) and "更多" in answer.reason
    nothing = answer_question(samples, "还有吗", history=["潜水艇怎么开"])
    assert isinstance(nothing, Refused) and "没有引文" in nothing.reason


@pytest.mark.parametrize("text", ["其他地区呢", "还有别的地方这样做吗", "哪些地方也这样做", "What do other districts do?"])
def test_other_regions_are_those_not_quoted_before(samples: Library, text: str) -> None:
    first = "How did Beiyuan set up its courier stations?" if text.isascii() else "北苑区的骑手驿站怎么建"
    answer = answer_question(samples, text, history=[first])
    regions = [quote.citation.region for quote in answer.quotes]
    assert "云栖市锦渚区" in regions and "云栖市北苑区" not in regions
    assert [region.name for region in answer.question.filters.excluded_regions] == ["北苑区"]
    nowhere = answer_question(samples, "还有别的地方这样做吗", history=[JINZHU])
    assert isinstance(nowhere, Refused) and "别的地区" in nowhere.reason


@pytest.mark.parametrize(
    ("text", "number"),
    [("第二点详细说说", 1), ("第三条具体怎么做", 2), ("最后一点展开讲讲", -1), ("Tell me more about the second point", 1)],
)
def test_a_point_is_told_in_full(samples: Library, text: str, number: int) -> None:
    first = JINZHU_EN if text.isascii() else "总结锦渚区骑手驿站的做法"
    asked = answer_question(samples, first).quotes[number]
    answer = answer_question(samples, text, history=[first])
    section = asked.passage.section
    assert isinstance(answer, Quoted)
    assert {quote.passage.section.span for quote in answer.quotes} == {section.span}
    whole = "".join(quote.text for quote in answer.quotes)
    assert "".join(whole.split()) == "".join(section.span.of(asked.passage.bulletin.text).split())


def test_an_article_of_an_issue_is_told_in_full(samples: Library) -> None:
    issue = "2021年第14期有哪些文章"
    asked = answer_question(samples, issue).quotes[1].passage.article
    answer = answer_question(samples, "第二篇详细说说", history=[issue])
    assert {quote.passage.article for quote in answer.quotes} == {asked}
    assert [quote.passage for quote in answer.quotes] == list(samples.catalog.passages_of(asked))
    assert isinstance(answer_question(samples, "第九篇详细说说", history=[issue]), Refused)


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("不是这个区，是埠头区", ["云栖市埠头区"]),
        ("不对，我问的是埠头区", ["云栖市埠头区"]),
        ("不是锦渚区，是埠头区", ["云栖市埠头区"]),
        ("不限地区呢", []),
        ("所有地区呢？", []),
        ("那埠头区呢", ["云栖市埠头区"]),
    ],
)
def test_a_region_set_right_keeps_the_topic(samples: Library, text: str, regions: list[str]) -> None:
    question = answer_question(samples, text, history=["锦渚区的反诈怎么做"]).question
    assert [region.label for region in question.filters.regions] == regions
    assert question.topic == "反诈" and FOLLOWUP in [chip.key for chip in question.chips]


def test_a_year_set_right_goes_out_of_the_topic(samples: Library) -> None:
    question = answer_question(samples, "那2021年的呢", history=["2020年志愿积分怎么做"]).question
    assert question.filters.years == (2021,) and "2020" not in question.topic


def test_a_turn_that_goes_on_can_be_made_to_stand_alone(samples: Library) -> None:
    answer = answer_question(samples, "还有吗", history=[JINZHU], removed_chips=[FOLLOWUP])
    assert isinstance(answer, Refused) and answer.question.continues is None


@pytest.mark.parametrize("text", ["第三条规定是什么", "驿站还有哪些服务", "哪些地方也建了驿站"])
def test_a_turn_with_a_topic_of_its_own_does_not_go_on(samples: Library, text: str) -> None:
    assert answer_question(samples, text, history=[JINZHU]).question.continues is None
