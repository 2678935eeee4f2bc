"""Exact counts over the sample library, against numbers counted by hand."""

import pytest

from index.store.library import Library
from qa.answering.counting import Count, count_term
from qa.question.analyzer import analyze_question


def counted(library: Library, text: str) -> Count:
    question = analyze_question(text, catalog=library.catalog, encode=library.retriever.encode_question)
    found = count_term(question, catalog=library.catalog)
    assert question.kind == "count"
    assert found is not None
    return found


def told(found: Count) -> dict[str, int]:
    return {region.label: number for region, number in found.regions}


# 驿站: 锦渚 in lanchuan-2021-14, 北苑 in yunqi-2020-23. 骑手: these, and 上埠 in yunqi-2024-11.
# 留守儿童: 梅岙 in lanchuan-2023-09 and, told by the university, in landa-2023-30; 澄溪 in yunqi-2022-zk.
# 反诈: 澄湖 in lanchuan-2019-06, the law school (of no region) in landa-2021-18, 埠头 in yunqi-2020-23.
@pytest.mark.parametrize(
    ("text", "articles", "bulletins", "regions"),
    [
        ("哪些地区提到了时间银行？", 1, 1, {"云栖市锦渚区": 1}),
        ("有多少地区提到时间银行", 1, 1, {"云栖市锦渚区": 1}),
        ("提到时间银行的简报有几期", 1, 1, {"云栖市锦渚区": 1}),
        ("讲到时间银行的文章有多少篇？", 1, 1, {"云栖市锦渚区": 1}),
        ("提到骑手的简报有几期", 3, 3, {"云栖市锦渚区": 1, "云栖市北苑区": 1, "云栖市上埠区": 1}),
        ("有几期简报讲到驿站", 2, 2, {"云栖市锦渚区": 1, "云栖市北苑区": 1}),
        ("多少篇文章提到“骑手”", 3, 3, {"云栖市锦渚区": 1, "云栖市北苑区": 1, "云栖市上埠区": 1}),
        ("哪些地区提到留守儿童", 3, 3, {"梅岙县": 2, "澄溪市": 1}),
        ("有多少篇文章提到反诈", 3, 3, {"澄湖市": 1, "云栖市埠头区": 1}),
        ("2021年的简报有几篇提到「驿站」", 1, 1, {"云栖市锦渚区": 1}),
        ("北苑有几篇文章提到骑手", 1, 1, {"云栖市北苑区": 1}),
        ("哪些地區提到了時間銀行？", 1, 1, {"云栖市锦渚区": 1}),
        ("Which regions mention the time bank?", 1, 1, {"云栖市锦渚区": 1}),
        ("which counties mention left-behind children", 3, 3, {"梅岙县": 2, "澄溪市": 1}),
        ("哪些地区提到了潜水艇？", 0, 0, {}),
        ("How many bulletins mention submarines?", 0, 0, {}),
    ],
)
def test_counts(samples: Library, text: str, articles: int, bulletins: int, regions: dict[str, int]) -> None:
    found = counted(samples, text)
    assert (len(found.articles), len(found.bulletins), told(found)) == (articles, bulletins, regions)


@pytest.mark.parametrize(
    "text", ["有多少地区提到时间银行", "提到时间银行的简报有几期", "提到了时间银行的文章有多少篇？", "提到时间银行的地区有几个？"]
)
def test_the_term_is_what_is_told_of_and_nothing_around_it(samples: Library, text: str) -> None:
    found = counted(samples, text)
    assert (found.term, found.forms) == ("时间银行", ("时间银行",))


def test_regions_with_most_articles_come_first(samples: Library) -> None:
    assert [number for _, number in counted(samples, "哪些地区提到留守儿童").regions] == [2, 1]


def test_first_mentions_are_slices_within_their_articles(samples: Library) -> None:
    for found in counted(samples, "多少篇文章提到“骑手”").articles:
        text = found.bulletin.text
        assert found.span.of(text) == "骑手"
        assert found.article.span.contains(found.span)
        # the first in the body, as the title is no sentence
        assert "骑手" not in text[found.article.sections[0].span.start : found.span.start]
        assert found.sentence.contains(found.span)
        assert found.sentence.of(text).endswith(("。", "；", "！", "”", "）"))


def test_width_is_folded_and_the_span_is_one_of_the_text_as_it_stands(samples: Library) -> None:
    # 每个2000元 in landa-2023-30, 不少于2000元 in yunqi-2020-23
    found = counted(samples, "多少篇文章提到“２０００”")
    assert [one.bulletin.source.document for one in found.articles] == ["landa-2023-30.txt", "yunqi-2020-23.txt"]
    assert all(one.span.of(one.bulletin.text) == "2000" for one in found.articles)


def test_latin_letters_in_a_chinese_question_stand_for_themselves(samples: Library) -> None:
    assert counted(samples, "多少篇文章提到“app”").forms == ("app",)


def test_an_english_term_says_what_was_looked_for(samples: Library) -> None:
    found = counted(samples, "Which regions mention left-behind children?")
    assert (found.term, found.forms) == ("left-behind children", ("留守儿童",))
    assert found.forms == ("留守儿童",)


def test_a_question_without_a_term_has_no_count(samples: Library) -> None:
    question = analyze_question("有多少篇文章？", catalog=samples.catalog, encode=samples.retriever.encode_question)
    assert count_term(question, catalog=samples.catalog) is None
