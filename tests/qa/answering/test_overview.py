"""Overviews: what an issue holds, what a region has done, on the samples and on an invented issue without titles."""

import pytest

from index.encoder import load_encoder
from index.store.library import Library, open_library
from qa.answering.answer import Answer, Quoted, Refused
from qa.answering.pipeline import answer_question

REGIONS = "province,city,county,until,successors\n岚川省,,,,\n岚川省,云栖市,,,\n岚川省,云栖市,北苑区,,\n岚川省,云栖市,上埠区,,\n"
ISSUE = """云栖青年工作简报
第9期（总第90期）
共青团云栖市委办公室        2023年6月20日

目  录

北苑区：把夜校开到商圈 让骑手午休也能上课
上埠区：厂门口的理发摊

北苑区：把夜校开到商圈
让骑手午休也能上课

北苑区把夜校开到商圈，午休两小时连上两节。

上埠区：厂门口的理发摊

上埠区在六个厂门口摆下理发摊。一是企业出剪刀。剪刀由企业轮流更换。二是青年出手艺。每人每月出摊两次。
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("简报")
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")
    (folder / "九.txt").write_text(ISSUE, encoding="utf-8")
    return open_library(folder, data=folder.parent / f"{folder.name}-data", encoder=load_encoder())


def quoted(answer: Answer) -> list[str]:
    assert isinstance(answer, Quoted)
    for quote in answer.quotes:
        assert quote.passage.article.span.contains(quote.span)
    return ["".join(quote.text.split()) for quote in answer.quotes]


@pytest.mark.parametrize(
    "text",
    ["2021年第14期有哪些文章", "2021年第14期讲了什么", "2021年第14期有几篇文章", "What is in issue 14 of 2021?"],
)
def test_the_articles_of_an_issue_come_in_its_order_each_by_its_title(samples: Library, text: str) -> None:
    answer = answer_question(samples, text)
    assert quoted(answer) == ["".join((quote.citation.title or "").split()) for quote in answer.quotes]
    assert [quote.citation.title for quote in answer.quotes] == [
        article.title for bulletin in samples.bulletins if bulletin.masthead.issue == "14" for article in bulletin.articles
    ]
    assert isinstance(answer, Quoted) and "4" in (answer.summary or "")


@pytest.mark.parametrize("text", ["最新一期讲了什么", "最近的一期简报有哪些内容", "这期讲了什么", "what is in the latest issue"])
def test_the_newest_issue_is_found_and_shown_as_chips(samples: Library, text: str) -> None:
    answer = answer_question(samples, text)
    assert {quote.passage.bulletin.source.document for quote in answer.quotes} == {"landa-2025-03.txt"}
    assert len(quoted(answer)) == 3
    assert {"year:2025", "issue:3"} <= {chip.key for chip in answer.question.chips}


@pytest.mark.parametrize(("text", "before"), [("上一期讲了什么", []), ("上一期呢", ["最新一期有哪些文章"])])
def test_the_issue_before_is_that_of_the_same_series(samples: Library, text: str, before: list[str]) -> None:
    answer = answer_question(samples, text, history=before)
    assert {quote.passage.bulletin.source.document for quote in answer.quotes} == {"landa-2023-30.txt"}


def test_this_issue_is_the_one_spoken_of_before(samples: Library) -> None:
    before = ["2021年第14期有哪些文章"]
    assert len(quoted(answer_question(samples, "这期讲了什么", history=before))) == 4
    newest = answer_question(samples, "最新一期呢", history=before)
    assert {quote.passage.bulletin.source.document for quote in newest.quotes} == {"landa-2025-03.txt"}


@pytest.mark.parametrize("text", ["总结锦渚区的经验", "锦渚区的亮点", "锦渚区有哪些值得学习的好做法"])
def test_a_region_is_told_by_titles_and_headings_of_its_articles(samples: Library, text: str) -> None:
    answer = answer_question(samples, text)
    own = [article for article in samples.catalog.articles if article.region and article.region.label == "云栖市锦渚区"]
    assert {quote.passage.article for quote in answer.quotes} == set(own) and len(own) == 4
    said = quoted(answer)
    for article in own:
        assert "".join(article.title.split()) in said
        assert {"".join(section.heading.split()) for section in article.sections if section.heading} <= set(said)
    assert isinstance(answer, Quoted) and "4 篇" in (answer.summary or "") and answer.confidence is None


@pytest.mark.parametrize("text", ["各地主要做法有哪些", "各区有什么亮点", "库里有哪些文章", "有哪些好经验值得学习"])
def test_all_places_are_told_each_article_by_its_title(samples: Library, text: str) -> None:
    answer = answer_question(samples, text)
    assert {quote.passage.article for quote in answer.quotes} == set(samples.catalog.articles)


def test_a_title_of_two_lines_is_one_quote_and_points_give_their_headlines(library: Library) -> None:
    assert quoted(answer_question(library, "第9期讲了什么")) == [
        "北苑区：把夜校开到商圈让骑手午休也能上课",
        "上埠区：厂门口的理发摊",
    ]
    said = quoted(answer_question(library, "上埠区的做法"))
    assert said == ["上埠区：厂门口的理发摊", "企业出剪刀", "青年出手艺"]


def test_the_contents_of_an_issue_are_told_whatever_else_is_said(samples: Library) -> None:
    answer = answer_question(samples, "2021年第14期，各区各写的什么题目")
    assert {quote.citation.title for quote in answer.quotes} == {
        article.title for bulletin in samples.bulletins if bulletin.masthead.issue == "14" for article in bulletin.articles
    }


def test_an_overview_that_no_sentence_answers_is_the_outline_of_the_documents(library: Library) -> None:
    """第9期 is limited to one document, which is told by its titles; nothing is told of a topic without such a limit."""
    told = answer_question(library, "第9期的工作概况，拣要紧的几条说")
    assert "北苑区：把夜校开到商圈让骑手午休也能上课" in quoted(told)
    assert isinstance(answer_question(library, "把航天发射的亮点概括一下"), Refused)


@pytest.mark.parametrize(
    "text", ["北苑区和上埠区做法有什么不同", "How do Beiyuan and Shangbu differ?", "Compare Beiyuan and Shangbu"]
)
def test_regions_compared_in_all_that_they_do_are_told_by_their_outlines(library: Library, text: str) -> None:
    answer = answer_question(library, text)
    assert answer.question.kind == "comparison"
    assert quoted(answer) == [
        *("北苑区：把夜校开到商圈让骑手午休也能上课", "北苑区把夜校开到商圈，午休两小时连上两节。"),
        *("上埠区：厂门口的理发摊", "企业出剪刀", "青年出手艺"),
    ]
