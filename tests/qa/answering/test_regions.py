"""Answers that hang on regions: of round-ups, of what is left out, of a region as a whole, on invented bulletins."""

from pathlib import Path

import pytest

from index.encoder import load_encoder
from index.store.library import Library, open_library
from qa.answering.answer import Answer, Counted, Quoted, Refused
from qa.answering.pipeline import answer_question

REGIONS = """province,city,county,until,successors
岚川省,,,,
岚川省,云栖市,,,
岚川省,云栖市,锦渚区,,
岚川省,云栖市,北苑区,,
岚川省,云栖市,上埠区,,
岚川省,云栖市,石潭县,,
"""
ROUND_UP = """云栖青年工作简报
第9期（总第90期）
共青团云栖市委办公室        2023年6月20日

团云栖市委推进“灯下课堂”提质扩面 各区进展通报

今年以来，团云栖市委把“灯下课堂”列为民生实事，各区进展如下。

区	举措	成效
锦渚区	设立流动书车。	借阅2.3万册次
北苑区	建骑手夜校。午休开课。	学员960人
上埠区	办周末技能集市	摊位75个

北苑区把夜校开到商圈，午休两小时连上两节。缺课的可以在线补学。
上埠区请来木匠，教孩子们做小板凳，做好的送进凉亭。

锦渚：河滩上教游泳

锦渚区在河滩上划出浅水区，请体校教练教孩子游泳，一个夏天教会六百四十人。教练说，还要到石潭县去教。
有下列情形之一的，当天不下水：
（一）水位高过警戒线的；
（二）教练不足三人的；
（三）没有家长签字的。
救生衣由区里统一配发，每年换一次。
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("简报")
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")
    (folder / "九.txt").write_text(ROUND_UP, encoding="utf-8")
    return open_library(folder, data=folder.parent / f"{folder.name}-data", encoder=load_encoder())


def texts(answer: Answer) -> list[str]:
    return [quote.text for quote in answer.quotes]


def cited(answer: Answer) -> set[tuple[str | None, str | None]]:
    return {(quote.citation.region, quote.citation.article_region) for quote in answer.quotes}


def test_a_round_up_answers_for_each_of_its_regions(library: Library) -> None:
    answer = answer_question(library, "北苑区的夜校开到哪里")
    assert isinstance(answer, Quoted) and answer.summary and "北苑区" in answer.summary
    assert texts(answer) == ["北苑区把夜校开到商圈，午休两小时连上两节。"]
    assert cited(answer) == {("云栖市北苑区", "云栖市")}


def test_a_row_is_quoted_whole_and_under_its_region(library: Library) -> None:
    answer = answer_question(library, "骑手夜校有多少学员")
    assert texts(answer) == ["北苑区\t建骑手夜校。午休开课。\t学员960人"]
    assert cited(answer) == {("云栖市北苑区", "云栖市")}


@pytest.mark.parametrize(
    "text", ["除了北苑区，各区的夜校和课堂怎么办", "除北苑区外，灯下课堂怎么办", "灯下课堂怎么办，不要北苑区的"]
)
def test_nothing_is_quoted_on_a_region_that_is_left_out(library: Library, text: str) -> None:
    answer = answer_question(library, text)
    assert [region.name for region in answer.question.filters.excluded_regions] == ["北苑区"]
    assert not any("北苑区" in quoted or "商圈" in quoted for quoted in texts(answer))
    chip = next(chip for chip in answer.question.chips if chip.kind == "excluded")
    again = answer_question(library, text, removed_chips=[chip.key])
    assert again.question.filters.excluded_regions == ()


@pytest.mark.parametrize("text", ["总结上埠区的经验", "上埠区组织了什么活动", "上埠区有哪些做法"])
def test_what_a_region_has_done_is_told_without_a_topic(library: Library, text: str) -> None:
    answer = answer_question(library, text)
    assert isinstance(answer, Quoted) and cited(answer) == {("云栖市上埠区", "云栖市")}
    assert answer.confidence is None


def test_regions_of_articles_and_of_their_stretches_are_listed(library: Library) -> None:
    answer = answer_question(library, "有哪些地区")
    assert isinstance(answer, Counted)
    for name in ("云栖市", "云栖市锦渚区", "云栖市北苑区", "云栖市上埠区"):
        assert name in answer.summary
    assert "石潭县" not in answer.summary  # which is only named
    counted = answer_question(library, "哪些地区提到夜校")
    assert isinstance(counted, Counted) and "云栖市北苑区（1）" in counted.summary and "1 个地区" in counted.summary


def test_who_has_not_done_something_cannot_be_quoted(library: Library) -> None:
    answer = answer_question(library, "哪些区没有办夜校")
    assert isinstance(answer, Refused) and "北苑区" in answer.reason


def test_where_a_region_is_named_is_said_before_nothing_is(library: Library) -> None:
    answer = answer_question(library, "石潭县怎么修水渠")
    assert isinstance(answer, Refused) and "《锦渚：河滩上教游泳》" in answer.reason


def test_a_sentence_leads_to_the_table_and_to_the_list_that_it_announces(library: Library) -> None:
    table = answer_question(library, "各区的“灯下课堂”进展怎么样")
    assert {"锦渚区\t设立流动书车。\t借阅2.3万册次", "上埠区\t办周末技能集市\t摊位75个"} <= set(texts(table))
    behind = [scored.passage for scored in table.evidence.passages]
    assert all(quote.passage in behind for quote in table.quotes)
    items = texts(answer_question(library, "哪些情形当天不下水"))
    start = items.index("（一）水位高过警戒线的；")
    assert items[start : start + 3] == ["（一）水位高过警戒线的；", "（二）教练不足三人的；", "（三）没有家长签字的。"]
    assert not any("救生衣" in item for item in items)


PAGE = """瀘溪青年

“團”青年辦實事

今年以來，全市共青團開設愛心暑托班21個點位，43個班次，為小學生提供作業輔導和安全自護課。
暖冬慰問走進社區，為留守兒童送去圖書和棉衣。
"""


def test_a_page_about_no_region_answers_for_the_one_that_it_names(tmp_path: Path) -> None:
    folder = tmp_path / "简报"
    folder.mkdir()
    (folder / "regions.csv").write_text(REGIONS + "岚川省,泸溪市,,,\n岚川省,青浦市,,,\n", encoding="utf-8")
    (folder / "九.txt").write_text(ROUND_UP + "\n教练说，明年到青浦市去教。\n", encoding="utf-8")
    (folder / "页.txt").write_text(PAGE, encoding="utf-8")
    library = open_library(folder, data=tmp_path / "data", encoder=load_encoder())
    answer = answer_question(library, "泸溪市的爱心暑托班开了多少个班次")
    assert isinstance(answer, Quoted) and "43個班次" in "".join(texts(answer))
    assert all(quote.passage.bulletin.source.document == "页.txt" for quote in answer.quotes)
    assert answer.summary is not None and "没有专写泸溪市的文章" in answer.summary
    # What is about another region, and merely names this one, is no answer.
    refused = answer_question(library, "青浦市怎样教孩子游泳")
    assert isinstance(refused, Refused) and "青浦市" in refused.reason


def test_a_region_without_articles_is_answered_by_texts_that_name_it(library: Library) -> None:
    """石潭县 has no article: 锦渚's names it. What does not name it is no answer."""
    answer = answer_question(library, "教练还要到石潭县去教什么")
    assert isinstance(answer, Quoted) and "石潭县" in (answer.summary or "")
    assert all("石潭县" in text for text in texts(answer))
    refused = answer_question(library, "石潭县的救生衣多久换一次")
    assert isinstance(refused, Refused) and "石潭县" in refused.reason
