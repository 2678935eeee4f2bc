"""From a question to an answer: what limits the search, exact counts, and what every answer holds."""

import json
import math
import re
from pathlib import Path

import pytest

from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.filters import Filters
from index.store.library import Library, open_library
from qa.answering.answer import Answer, Quoted, Refused, cite
from qa.answering.pipeline import PASSAGES, answer_question, collect_evidence
from qa.answering.reading import load_calibration
from qa.export.records import answer_record, build_question_record, to_json_object
from qa.question.analyzer import analyze_question
from tests.qa.answers import reason_of, summary_of, table_of
from tests.qa.questions import questions_of


def documents(answer: Answer) -> set[str]:
    return {scored.passage.bulletin.source.document for scored in answer.evidence.passages}


def test_a_region_without_articles_is_named_beside_those_that_have_some(samples: Library) -> None:
    for text in ("广东省怎样建骑手驿站", "杭州的志愿积分怎么做", "广东省有几篇文章提到驿站"):
        answer = answer_question(samples, text)
        assert isinstance(answer, Refused) and answer.quotes == () and answer.confidence is None
        assert reason_of(answer) is not None
        assert ("杭州市" if "杭州" in text else "广东省") in reason_of(answer)
        assert "锦渚区" in reason_of(answer) and "望澜市" in reason_of(answer)
    assert "No article from" in (reason_of(answer_question(samples, "How does Guangdong run courier stations?")) or "")


def test_a_region_without_articles_beside_one_that_has_some_does_not_stand_in_the_way(samples: Library) -> None:
    answer = answer_question(samples, "广东省和锦渚区的骑手驿站有什么不同")
    assert [region.label for region in answer.question.filters.regions] == ["云栖市锦渚区"]
    assert not isinstance(answer, Refused)
    assert {quote.citation.region for quote in answer.quotes} == {"云栖市锦渚区"}


def test_a_year_without_bulletins_is_said_to_be_outside(samples: Library) -> None:
    answer = answer_question(samples, "1999年的简报里有哪些志愿服务做法")
    assert isinstance(answer, Refused) and answer.evidence.passages == ()
    assert (answer.evidence.n_passages, answer.evidence.n_bulletins) == (0, 0)
    assert "2019–2025" in (reason_of(answer) or "")  # lanchuan-2019-06 to landa-2025-03
    set_by_hand = answer_question(samples, "志愿积分怎么做", filters=Filters(years=(1999,)))
    assert isinstance(set_by_hand, Refused) and "2019–2025" in set_by_hand.reason


def test_what_was_understood_can_be_taken_away(samples: Library) -> None:
    text = "锦渚区的骑手驿站怎么建"
    limited = answer_question(samples, text)
    (chip,) = limited.question.chips
    assert {quote.citation.region for quote in limited.quotes} == {"云栖市锦渚区"}
    everywhere = answer_question(samples, text, removed_chips=[chip.key])
    assert everywhere.question.filters == Filters() and everywhere.question.chips == ()
    assert everywhere.evidence.n_passages == len(samples.catalog.passages) > limited.evidence.n_passages
    assert "云栖市北苑区" in {quote.citation.region for quote in everywhere.quotes}  # has such stations, too

    year = answer_question(samples, "2020年的简报里骑手驿站怎么建")
    assert documents(year) == {"yunqi-2020-23.txt"}
    assert len(documents(answer_question(samples, "2020年的简报里骑手驿站怎么建", removed_chips=["year:2020"]))) > 1

    unknown = answer_question(samples, "广东省怎样建骑手驿站", removed_chips=["region:广东省"])
    assert not isinstance(unknown, Refused)


# The articles that have the term, read off the samples: their bulletins, the number of regions they are about, and how many
# are about none.
COUNTS = {
    "哪些地区提到了时间银行？": (["yunqi-2020-23.txt"], 1, 0),
    "有多少地区提到时间银行": (["yunqi-2020-23.txt"], 1, 0),
    "提到时间银行的简报有几期": (["yunqi-2020-23.txt"], 1, 0),
    "有几期简报讲到驿站": (["lanchuan-2021-14.txt", "yunqi-2020-23.txt"], 2, 0),
    "多少篇文章提到“骑手”": (["lanchuan-2021-14.txt", "yunqi-2020-23.txt", "yunqi-2024-11.txt"], 3, 0),
    # That of landa-2021-18 is by the law school, and of no region.
    "有多少篇文章提到反诈": (["lanchuan-2019-06.txt", "landa-2021-18.txt", "yunqi-2020-23.txt"], 2, 1),
    # 梅岙 is told of by the university, too.
    "哪些地区提到留守儿童": (["lanchuan-2023-09.txt", "landa-2023-30.txt", "yunqi-2022-zk.txt"], 2, 0),
    "2021年的简报有几篇提到「驿站」": (["lanchuan-2021-14.txt"], 1, 0),
    # These stand in titles alone: 白鹭 in lanchuan-2021-14, 澄溪 in yunqi-2021-05; 朋辈 of the university, of no region.
    "多少篇文章提到“青年交友”": (["lanchuan-2021-14.txt", "yunqi-2021-05.txt"], 2, 0),
    "多少篇文章提到“朋辈”": (["landa-2019-12.txt"], 0, 1),
}


@pytest.mark.parametrize("text", COUNTS)
def test_counts_are_exact_and_every_article_is_quoted_once(samples: Library, text: str) -> None:
    expected, regions, elsewhere = COUNTS[text]
    answer = answer_question(samples, text)
    assert answer.question.kind == "count" and reason_of(answer) is None and not isinstance(answer, Refused)
    assert answer.confidence == 1.0 and table_of(answer) is None
    assert sorted(quote.passage.bulletin.source.document for quote in answer.quotes) == sorted(expected)
    assert len({id(quote.passage.article) for quote in answer.quotes}) == len(expected)
    note = summary_of(answer) or ""
    assert f"{regions} 个地区、{len(set(expected))} 份文件、{len(expected)} 篇文章" in note
    assert not note.endswith("：")
    assert re.findall("；另有 (.+) 篇不属于哪个地区$", note) == ([str(elsewhere)] if elsewhere else [])
    listed = re.search(r"篇文章：(.*?)(?:；|$)", note)
    numbers = [int(number) for number in re.findall(r"（(\d+)）", listed[1])] if listed else []
    assert len(numbers) == regions and sum(numbers) + elsewhere == len(expected)
    for quote in answer.quotes:
        (highlight,) = quote.highlight
        term = highlight.of(quote.passage.bulletin.text)
        assert f"“{term}”" in note and term in quote.text
        assert quote.passage.article.span.contains(quote.span)


def test_a_count_in_english_says_what_was_looked_for(samples: Library) -> None:
    answer = answer_question(samples, "Which regions mention the time bank?")
    assert summary_of(answer) == "“time bank” (时间银行) is mentioned by 1 region, in 1 document and 1 article: 云栖市锦渚区 (1)"


def test_articles_of_no_region_are_counted_apart(samples: Library) -> None:
    assert summary_of(answer_question(samples, "有多少篇文章提到反诈")) == (
        "提到“反诈”的有 2 个地区、3 份文件、3 篇文章：澄湖市（1）、云栖市埠头区（1）；另有 1 篇不属于哪个地区"
    )
    assert summary_of(answer_question(samples, "Which regions mention anti-fraud?")) == (
        "“anti-fraud” (反诈) is mentioned by 2 regions, in 3 documents and 3 articles: 澄湖市 (1), 云栖市埠头区 (1)"
        "; 1 article of no region"
    )
    assert summary_of(answer_question(samples, "哪些地区提到留守儿童")) == (
        "提到“留守儿童”的有 2 个地区、3 份文件、3 篇文章：梅岙县（2）、澄溪市（1）"
    )


@pytest.mark.parametrize(
    ("text", "term"), [("哪些地区提到了潜水艇？", "潜水艇"), ("How many bulletins mention submarines?", "submarines")]
)
def test_a_count_of_nothing_is_refused_with_the_term(samples: Library, text: str, term: str) -> None:
    answer = answer_question(samples, text)
    assert isinstance(answer, Refused) and summary_of(answer) is None and answer.quotes == ()
    assert f"“{term}”" in (reason_of(answer) or "") and str(len(samples.bulletins)) in (reason_of(answer) or "")


@pytest.fixture(scope="module")
def answers(samples: Library) -> list[Answer]:
    """The answers to the questions of the samples and to some about each article, to counts and comparisons."""
    more = [*COUNTS, "哪些地区提到了潜水艇？", "番茄炒蛋放多少糖", "广东省怎样建骑手驿站", "时间银行和骑手驿站的管理有什么区别？"]
    asked = [*questions_of(samples), *((text, []) for text in more)]
    return [answer_question(samples, text, history=history) for text, history in asked]


def test_every_citation_names_the_region_of_its_article(answers: list[Answer]) -> None:
    quotes = [quote for answer in answers for quote in answer.quotes]
    assert len(quotes) > 300
    for quote in quotes:
        article = quote.passage.article
        own = article.region.label if article.region else quote.passage.bulletin.masthead.publisher
        assert quote.citation == cite(quote.passage, quote.span)
        assert (quote.citation.article_region or quote.citation.region) == own
        told = quote.passage.told_region(quote.span)
        assert quote.citation.region == (told.label if told else own) and bool(told) == bool(quote.citation.article_region)
        assert quote.citation.title == article.title
        assert article.span.contains(quote.span)


def test_quotes_keep_to_the_filters(samples: Library, answers: list[Answer]) -> None:
    limited = 0
    for answer in answers:
        allowed = samples.retriever.catalog.filter_mask(answer.question.filters)
        ids = {passage.passage_id for passage, may in zip(samples.retriever.catalog.passages, allowed, strict=True) if may}
        limited += len(ids) < len(allowed)
        assert {scored.passage.passage_id for scored in answer.evidence.passages} <= ids
        assert {quote.passage.passage_id for quote in answer.quotes} <= ids
        assert answer.evidence.n_passages == len(ids)
    assert limited > 20


def test_confidence_is_a_probability_and_decides(answers: list[Answer]) -> None:
    threshold = load_calibration().read.thresholds["normal"]
    refused = 0
    for answer in answers:
        assert answer.confidence is None or 0.0 <= answer.confidence <= 1.0
        if answer.confidence is None:
            assert isinstance(answer, Refused)
        elif answer.confidence > threshold + 0.001:  # it is rounded to three places
            assert not isinstance(answer, Refused)
        elif answer.confidence < threshold - 0.001:
            assert isinstance(answer, Refused)
        refused += isinstance(answer, Refused)
    assert 0 < refused < len(answers) / 2


def test_an_answer_has_quotes_or_a_reason_never_both(answers: list[Answer]) -> None:
    for answer in answers:
        assert isinstance(answer, Refused) == (reason_of(answer) is not None) == (not answer.quotes)
        assert len({quote.text for quote in answer.quotes}) == len(answer.quotes)
        assert table_of(answer) is None or not isinstance(answer, Refused)


def test_passages_are_distinct_and_few(answers: list[Answer]) -> None:
    for answer in answers:
        ids = [scored.passage.passage_id for scored in answer.evidence.passages]
        assert len(ids) == len(set(ids)) <= PASSAGES


def test_records_are_json_and_say_what_was_understood(answers: list[Answer]) -> None:
    for answer in answers:
        record = answer_record(answer)
        text = json.dumps(record, ensure_ascii=False, allow_nan=False)
        assert json.loads(text) == record
        assert record["understood"] == to_json_object(build_question_record(answer.question))
        assert record["understood"]["kind"] == record["kind"] == answer.question.kind
        assert record["abstained"] is isinstance(answer, Refused)
        assert record["note"] == summary_of(answer) and record["reason"] == reason_of(answer)
        assert all(math.isfinite(piece["score"]) for piece in [*record["quotes"], *record["passages"]])


def test_each_region_named_is_among_the_passages(samples: Library) -> None:
    """However much better those of the other fit: 北苑 has no time bank."""
    question = analyze_question(
        "锦渚区和北苑区的时间银行有什么不同", catalog=samples.catalog, encode=samples.retriever.encode_question
    )
    regions = {scored.passage.article.region for scored in collect_evidence(question, samples.retriever)[0].passages}
    assert {region.label for region in regions if region} == {"云栖市锦渚区", "云栖市北苑区"}


def test_each_thing_compared_is_among_the_passages(samples: Library) -> None:
    question = analyze_question(
        "时间银行和骑手驿站的管理有什么区别？", catalog=samples.catalog, encode=samples.retriever.encode_question
    )
    assert len(question.compared_topics) == 2
    ranked = collect_evidence(question, samples.retriever)[0].passages
    for side in question.compared_topics:
        best = samples.retriever.search(side, k=1, filters=question.filters)[0].passage
        assert best in [scored.passage for scored in ranked]


PLAN = """团锦渚区委整治骑手驿站工作方案

2022年4月19日

一、时间安排
第一阶段，2022年7月至2022年12月，先整治商圈和医院周边的驿站。
第二阶段，2023年，整治其余驿站。
"""


def test_a_time_of_which_no_document_is_is_looked_for_in_texts_that_name_it(tmp_path: Path) -> None:
    folder = tmp_path / "方案"
    folder.mkdir()
    (folder / "方案.txt").write_text(PLAN, encoding="utf-8")
    library = open_library(folder, data=tmp_path / "data", encoder=load_encoder())
    planned = answer_question(library, "2022年下半年，驿站整治是怎么安排的")
    assert isinstance(planned, Quoted) and "商圈和医院" in planned.quotes[0].text
    assert planned.summary is not None and "写到这一年" in planned.summary
    never = answer_question(library, "2031年下半年，驿站整治是怎么安排的")
    assert isinstance(never, Refused) and "2022" in never.reason


REPORT = """云栖青年信息
2022年第9期
共青团云栖市委办公室 2022年7月28日

团锦渚区委清查虚报时长
针对虚报服务时长的情况，锦渚区开展专项清查。上半年共查封虚报账号31个，消除时长2000多小时。
（团锦渚区委）
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("锦渚区2022年上半年清查虚报时长，结果如何", True),
        ("锦渚区2021年上半年清查虚报时长，结果如何", False),  # the report came a year later
        ("锦渚区2023年上半年清查虚报时长，结果如何", False),
    ],
)
def test_a_part_of_a_year_is_told_of_by_what_came_soon_after(tmp_path: Path, text: str, told: bool) -> None:
    answer = ask_report(tmp_path, text)
    assert isinstance(answer, Quoted if told else Refused), answer
    if told:
        assert "31" in answer.quotes[0].text and answer.summary is not None and "其后不久" in answer.summary


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("锦渚区2022年上半年查封了多少个虚报账号", None),
        ("锦渚区2022年查封了多少个虚报账号", None),
        ("锦渚区2022年下半年查封了多少个虚报账号", "不是下半年"),
        ("锦渚区2021年查封了多少个虚报账号", "没有写到2021年"),
    ],
)
def test_a_figure_without_a_year_is_of_that_of_its_document(tmp_path: Path, text: str, reason: str | None) -> None:
    answer = ask_report(tmp_path, text)
    if reason is None:
        assert isinstance(answer, Quoted), answer
    else:
        assert isinstance(answer, Refused) and reason in answer.reason


def ask_report(tmp_path: Path, text: str) -> Answer:
    """Put a question to a library that holds REPORT alone."""
    folder = tmp_path / "信息"
    folder.mkdir()
    (folder / "信息.txt").write_text(REPORT, encoding="utf-8")
    library = open_library(folder, data=tmp_path / "data", encoder=load_encoder(), contextual=load_contextual_encoder())
    return answer_question(library, text)
