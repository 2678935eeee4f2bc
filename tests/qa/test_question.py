"""What is understood of a question."""

import pytest

from corpus.errors import QuestionError
from index.retriever import Filters
from index.storage import Library
from qa.question import MAX_CHARACTERS, understand


def regions(library: Library, text: str, *history: str) -> list[str]:
    return [region.label for region in understand(text, history=history, retriever=library.retriever).filters.regions]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("锦渚区的时间银行怎么办", ["云栖市锦渚区"]),
        ("锦渚怎么办时间银行", ["云栖市锦渚区"]),
        ("云栖市锦渚区怎么办", ["云栖市锦渚区"]),  # not also all of 云栖市
        ("竹坞和上埠的代表制度有什么不同", ["竹坞县", "云栖市上埠区"]),
        ("除了望澜，还有哪里搞积分", []),
        ("怎样开展志愿积分", []),
    ],
)
def test_regions_named_in_the_question(samples: Library, text: str, labels: list[str]) -> None:
    assert sorted(regions(samples, text)) == sorted(labels)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("2021年的简报里有哪些做法", Filters(years=(2021,))),
        ("In the 2021 issues, what is lent to young people?", Filters(years=(2021,))),
        ("2017年公开比选了多少人", Filters()),  # dates what is told, not the bulletin
        ("只看云栖共青团工作简报总第530期，有什么做法", Filters(series=("云栖共青团工作简报",), total_issues=("530",))),
        ("岚川青年工作信息2021年第14期说了什么", Filters(years=(2021,), series=("岚川青年工作信息",), issues=("14",))),
        ("第十一期讲了什么", Filters(issues=("11",))),
    ],
)
def test_filters_named_in_the_question(samples: Library, text: str, filters: Filters) -> None:
    assert understand(text, retriever=samples.retriever).filters == filters


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("广东怎样开展志愿积分", ["广东省"]),
        ("深圳市怎样开展志愿积分", ["深圳市"]),
        ("怎样做到长治久安", []),  # 长治 is a city
        ("给骑手发三明治的驿站", []),  # 三明 is one, too
    ],
)
def test_regions_of_which_the_library_has_nothing(samples: Library, text: str, unknown: list[str]) -> None:
    assert [region.label for region in understand(text, retriever=samples.retriever).unknown_regions] == unknown


def test_filters_set_by_hand_stand_above_those_named(samples: Library) -> None:
    chosen = Filters(years=(2019,))
    assert understand("2021年的简报里有哪些做法", filters=chosen, retriever=samples.retriever).filters == chosen


def test_a_follow_up_takes_topic_and_region_from_before(samples: Library) -> None:
    question = understand("那兑换点有多少？", history=["锦渚区的时间银行怎么办"], retriever=samples.retriever)
    assert "时间银行" in question.query
    assert [region.label for region in question.filters.regions] == ["云栖市锦渚区"]


def test_a_follow_up_that_names_a_region_leaves_the_earlier_one(samples: Library) -> None:
    assert regions(samples, "石潭呢？", "锦渚区的时间银行怎么办") == ["石潭县"]


def test_a_new_topic_takes_nothing(samples: Library) -> None:
    text = "怎样给外卖骑手建设可以歇脚充电的驿站并且保证运维"
    question = understand(text, history=["锦渚区的时间银行怎么办"], retriever=samples.retriever)
    assert (question.query, question.filters) == (text, Filters())


def test_language(samples: Library) -> None:
    assert understand("how to run 志愿积分", retriever=samples.retriever).language == "zh"
    assert understand("how to run volunteer points", retriever=samples.retriever).language == "en"


@pytest.mark.parametrize("text", ["", "  \n ", "问" * (MAX_CHARACTERS + 1), "x" * 1_000_000])
def test_no_question_and_too_long_a_question(samples: Library, text: str) -> None:
    with pytest.raises(QuestionError, match=r"empty|too long"):
        understand(text, retriever=samples.retriever)
