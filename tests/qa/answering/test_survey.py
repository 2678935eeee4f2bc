"""Which regions have done something, on the samples and on an invented round-up."""

import pytest

from index.encoder import load_encoder
from index.evidence import Evidence
from index.store.library import Library, open_library
from qa.answering.answer import Counted, Refused
from qa.answering.pipeline import answer_question
from qa.answering.reading import ContextualReader, ReadEvidence
from qa.answering.regions import asks_regions
from qa.question.analyzer import analyze_question
from qa.question.question import Question

REGIONS = "province,city,county,until,successors\n岚川省,,,,\n岚川省,云栖市,,,\n岚川省,云栖市,北苑区,,\n岚川省,云栖市,上埠区,,\n"
ROUND_UP = """云栖青年工作简报
第9期（总第90期）
共青团云栖市委办公室        2023年6月20日

云栖市各区开办青年夜校

今年以来，各区陆续开办青年夜校，白天上班、晚上上课。
北苑区把青年夜校开到商圈，午休两小时连上两节，学员九百六十人。
上埠区的青年夜校设在厂区，请来木匠教做小板凳，一共办了四十期。
"""


UNIVERSITY = "共青团岚川大学委员会"  # whose articles are about no region


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("哪些地方建了骑手驿站", {"云栖市锦渚区", "云栖市北苑区"}),
        ("哪些地区办了青少年心理热线", {"云栖市锦渚区", "石潭县"}),
        ("哪些地方搞过反诈", {"云栖市埠头区", "澄湖市"}),
        ("Which regions have matchmaking events for young people?", {"白鹭市", "澄溪市"}),
        ("除石潭县外，还有哪里开过心理热线", {"云栖市锦渚区"}),
    ],
)
def test_every_region_is_counted_and_quoted_once(samples: Library, text: str, regions: set[str]) -> None:
    answer = answer_question(samples, text)
    assert isinstance(answer, Counted)
    assert [quote.citation.region for quote in answer.quotes] == list(dict.fromkeys(q.citation.region for q in answer.quotes))
    assert {quote.citation.region for quote in answer.quotes} - {UNIVERSITY} == regions
    assert str(len(regions)) in answer.summary and all(region in answer.summary for region in regions)


def test_a_text_about_no_region_is_told_apart(samples: Library) -> None:
    answer = answer_question(samples, "哪些地方搞过反诈")
    assert (
        isinstance(answer, Counted)
        and answer.summary == f"说到“反诈”的有 2 个地区：云栖市埠头区、澄湖市；另有未写明地区的：{UNIVERSITY}"
    )
    assert UNIVERSITY in {quote.citation.region for quote in answer.quotes}


def test_each_region_is_read_with_the_topic_and_the_answer_keeps_the_question(
    samples: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No region says which regions have done it. An English topic is a row of words: the question is read in its place."""
    asked: list[str] = []
    read = ContextualReader.read

    def noted(reader: ContextualReader, question: Question, evidence: Evidence) -> ReadEvidence:
        asked.append(question.text)
        return read(reader, question, evidence)

    monkeypatch.setattr(ContextualReader, "read", noted)
    for text, told in (("哪些地方建了骑手驿站", "骑手驿站"), ("Which regions have matchmaking events?", None)):
        asked.clear()
        answer = answer_question(samples, text)
        assert answer.question.text == text and len(answer.quotes) > 1
        assert set(asked) == {told or text}


@pytest.mark.parametrize(
    ("text", "is_survey"),
    [
        ("哪几家开了心理热线", True),
        ("还有哪里给外卖员建了驿站", True),
        ("哪里给单身青年办过联谊", True),
        ("哪些地方办过联谊，各办了几场", True),
        ("Where have matchmaking events been held?", True),
        ("联谊活动是在哪里办过的", False),
        ("这个会在什么地方开的", False),
        ("Where was the meeting held?", False),
        ("哪一家承办了联谊", False),
        ("哪几家企业给夜校捐了款", False),
        ("哪些市民可以报名", False),
        ("有哪些省钱的办法", False),
        ("哪里可以查到通过审核的名单", False),
        ("Where has the money gone?", False),
    ],
)
def test_what_asks_for_several_places_is_a_survey(samples: Library, text: str, is_survey: bool) -> None:
    assert asks_regions(analyze_question(text, catalog=samples.catalog, encode=samples.retriever.encode_question)) is is_survey


def test_the_districts_of_a_round_up_are_told_apart(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("简报")
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")
    (folder / "九.txt").write_text(ROUND_UP, encoding="utf-8")
    library = open_library(folder, data=folder.parent / f"{folder.name}-data", encoder=load_encoder())
    answer = answer_question(library, "哪些区办了青年夜校")
    assert isinstance(answer, Counted)
    told = {quote.citation.region: quote.text for quote in answer.quotes}
    assert "商圈" in told["云栖市北苑区"] and "木匠" in told["云栖市上埠区"]


def test_what_no_region_has_done_is_refused(samples: Library) -> None:
    answer = answer_question(samples, "哪些地方办过太空旅游")
    assert isinstance(answer, Refused) and "太空" in answer.reason and "地方" not in answer.reason
