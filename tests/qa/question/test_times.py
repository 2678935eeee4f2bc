"""Times that questions name, reckoned in a library whose newest document is of 20 December 2023."""

from datetime import date

import pytest

from qa.question.times import REGION_MARK, SERIES_MARK, NamedTime, find_times

NEWEST = date(2023, 12, 20)


def times(text: str, newest: date | None = NEWEST) -> list[NamedTime]:
    return find_times(text, newest)


@pytest.mark.parametrize(
    ("text", "wording", "interval", "relation"),
    [
        ("2020年至2022年志愿积分怎么做", "2020年至2022年", "2020-01-01/2022-12-31", "stretch"),
        ("2020—2022年的驿站", "2020—2022年", "2020-01-01/2022-12-31", "stretch"),
        ("2020——2022年的驿站", "2020——2022年", "2020-01-01/2022-12-31", "stretch"),
        ("2020年到2021年怎么建驿站", "2020年到2021年", "2020-01-01/2021-12-31", "stretch"),
        ("2022年至2020年怎么建驿站", "2022年至2020年", "2020-01-01/2022-12-31", "stretch"),
        ("2020年9月至12月怎么建驿站", "2020年9月至12月", "2020-09-01/2020-12-31", "stretch"),
        ("2020年9月至2021年2月怎么建驿站", "2020年9月至2021年2月", "2020-09-01/2021-02-28", "stretch"),
        ("2021年1-9月怎么建驿站", "2021年1-9月", "2021-01-01/2021-09-30", "stretch"),
        ("二〇二〇年至二〇二二年怎么建驿站", "二〇二〇年至二〇二二年", "2020-01-01/2022-12-31", "stretch"),
        ("2021年以来有哪些做法", "2021年以来", "2021-01-01/..", "since"),
        ("从2021年起怎么建驿站", "从2021年起", "2021-01-01/..", "since"),
        ("自2021年9月以来怎么建驿站", "自2021年9月以来", "2021-09-01/..", "since"),
        ("2019年至今怎么建驿站", "2019年至今", "2019-01-01/..", "since"),
        ("2021年及以后怎么建驿站", "2021年及以后", "2021-01-01/..", "since"),
        ("2021年之后怎么建驿站", "2021年之后", "2022-01-01/..", "since"),
        ("2020年以前怎么建驿站", "2020年以前", "../2019-12-31", "stretch"),
        ("2020年之前怎么建驿站", "2020年之前", "../2019-12-31", "stretch"),
        ("2020年及以前怎么建驿站", "2020年及以前", "../2020-12-31", "stretch"),
        ("2020年底以前怎么建驿站", "2020年底以前", "../2020-12-31", "stretch"),
        ("2020年下半年的驿站", "2020年下半年", "2020-07-01/2020-12-31", "stretch"),
        ("2021年的上半年驿站怎么建", "2021年的上半年", "2021-01-01/2021-06-30", "stretch"),
        ("2021年第三季度怎么建驿站", "2021年第三季度", "2021-07-01/2021-09-30", "stretch"),
        ("2021年前三季度怎么建驿站", "2021年前三季度", "2021-01-01/2021-09-30", "stretch"),
        ("2020年9月的简报里的驿站", "2020年9月的简报", "2020-09-01/2020-09-30", "documents"),
        ("2020年9月怎么建驿站", "2020年9月", "2020-09-01/2020-09-30", "told"),
        ("2021年5月18日的简报", "2021年5月18日的简报", "2021-05-18/2021-05-18", "documents"),
        ("2021年2月31日的简报", "2021年2月31日的简报", "2021-02-01/2021-02-28", "documents"),
        ("2021年的试点效果如何", "2021年", "2021-01-01/2021-12-31", "told"),
        ("投入2021万元建了什么", "2021", "2021-01-01/2021-12-31", "number"),
        ("How are stations built since 2021?", "since 2021", "2021-01-01/..", "since"),
        ("stations since May 2021", "since May 2021", "2021-05-01/..", "since"),
        ("stations after 2021", "after 2021", "2022-01-01/..", "since"),
        ("stations before 2020", "before 2020", "../2019-12-31", "stretch"),
        ("stations from 2021 onwards", "from 2021 onwards", "2021-01-01/..", "since"),
        ("stations from 2019 to 2021", "from 2019 to 2021", "2019-01-01/2021-12-31", "stretch"),
        ("stations between 2019 and 2021", "between 2019 and 2021", "2019-01-01/2021-12-31", "stretch"),
        ("stations in the first half of 2021", "in the first half of 2021", "2021-01-01/2021-06-30", "stretch"),
        ("stations in Q3 2021", "in Q3 2021", "2021-07-01/2021-09-30", "stretch"),
        ("In 2021, how many stations were built?", "In 2021", "2021-01-01/2021-12-31", "told"),
        ("the December 2020 issue", "the December 2020 issue", "2020-12-01/2020-12-31", "documents"),
        # reckoned from the newest document
        ("近三年志愿积分怎么做", "近三年", "2021-01-01/2023-12-31", "stretch"),
        ("近两年来的驿站", "近两年来", "2022-01-01/2023-12-31", "stretch"),
        ("最近5年的驿站", "最近5年", "2019-01-01/2023-12-31", "stretch"),
        ("三年来怎么建驿站", "三年来", "2021-01-01/2023-12-31", "stretch"),
        ("近一年的驿站", "近一年", "2023-01-01/2023-12-31", "stretch"),
        ("近半年的驿站", "近半年", "2023-07-01/2023-12-31", "stretch"),
        ("近三个月的驿站", "近三个月", "2023-10-01/2023-12-31", "stretch"),
        ("去年驿站怎么建", "去年", "2022-01-01/2022-12-31", "stretch"),
        ("前年的驿站", "前年", "2021-01-01/2021-12-31", "stretch"),
        ("今年驿站怎么建", "今年", "2023-01-01/2023-12-31", "stretch"),
        ("今年以来驿站怎么建", "今年以来", "2023-01-01/..", "stretch"),
        ("今年上半年驿站怎么建", "今年上半年", "2023-01-01/2023-06-30", "stretch"),
        ("去年9月至12月怎么建驿站", "去年9月至12月", "2022-09-01/2022-12-31", "stretch"),
        ("去年9月怎么建驿站", "去年9月", "2022-09-01/2022-09-30", "told"),
        ("从去年到今年怎么建驿站", "从去年到今年", "2022-01-01/2023-12-31", "stretch"),
        ("最近的志愿积分做法", "最近", "2023-01-01/2023-12-31", "stretch"),
        ("近期的志愿积分做法", "近期", "2023-01-01/2023-12-31", "stretch"),
        ("近年来志愿积分怎么做", "近年来", "2021-01-01/2023-12-31", "stretch"),
        ("第三季度驿站怎么建", "第三季度", "2023-07-01/2023-09-30", "stretch"),
        ("stations built last year", "last year", "2022-01-01/2022-12-31", "stretch"),
        ("stations built this year", "this year", "2023-01-01/2023-12-31", "stretch"),
        ("stations in the last three years", "in the last three years", "2021-01-01/2023-12-31", "stretch"),
        ("stations in recent years", "in recent years", "2021-01-01/2023-12-31", "stretch"),
        ("stations over the past few years", "over the past few years", "2021-01-01/2023-12-31", "stretch"),
        ("stations over the past 6 months", "over the past 6 months", "2023-07-01/2023-12-31", "stretch"),
        ("What was built recently?", "recently", "2023-01-01/2023-12-31", "stretch"),
    ],
)
def test_a_time_is_found_with_what_is_said_around_it(text: str, wording: str, interval: str, relation: str) -> None:
    (time,) = times(text)
    assert (time.span.of(text), time.period.interval, time.relation) == (wording, interval, relation)


@pytest.mark.parametrize(
    "text",
    [
        "如今年轻人找对象难怎么办",
        "过去年代的老人",
        "三年前年轻人怎么找工作",
        "离车站最近的驿站",
        "最近的驿站在哪里",
        "最近三期讲了什么",
        "最近一期讲了什么",
        "哪些投诉比去年少了",
        "去年同期怎么样",
        "近三年级的学生怎么分班",
        "每季度怎么考核",
        "十月怀胎的孕妇怎么帮",
        "电话12021年",
        "增长3.2021%",
        "做了多年来信登记",
        "义诊一年来一趟怎么办",
        "娃今年刚毕业，能去县里实习吗",
        "最近老睡不着，怎么办",
        "八月之前要办好哪些事",
        "80岁以下半年取一次怎么办",
        "recently recruited teachers",
        "the first half of the game",
        "多少篇文章提到“2021年以来”",
    ],
)
def test_what_only_looks_like_a_time_limits_nothing(text: str) -> None:
    assert not any(time.limits(kind="howto", has_topic=True) for time in times(text))


def test_a_half_year_without_a_year_is_the_latest_that_has_begun() -> None:
    (autumn,), (spring,) = times("下半年的驿站"), times("下半年的驿站", date(2023, 4, 1))
    assert (autumn.period.interval, spring.period.interval) == ("2023-07-01/2023-12-31", "2022-07-01/2022-12-31")


def test_twelve_months_end_with_the_month_of_the_newest_document() -> None:
    (year,), (month,) = times("近一年的驿站", date(2024, 2, 3)), times("上个月的驿站", date(2024, 1, 31))
    assert (year.period.interval, month.period.interval) == ("2023-03-01/2024-02-29", "2023-12-01/2023-12-31")


def test_a_relative_time_says_what_it_is_reckoned_from() -> None:
    (relative,), (told,) = times("近三年的驿站"), times("2021年以来的驿站")
    assert (relative.period.wording, relative.period.reckoned_from) == ("近三年", NEWEST)
    assert (told.period.wording, told.period.reckoned_from) == ("", None)


def test_without_a_dated_document_nothing_is_reckoned() -> None:
    assert times("近三年、去年和今年上半年的驿站", None) == []
    assert [time.period.interval for time in times("2021年以来的驿站", None)] == ["2021-01-01/.."]


def test_years_named_together_date_the_documents_together() -> None:
    found = times("2019年、2020年和2022年的简报里怎么建驿站")
    assert [(time.year, time.relation) for time in found] == [(2019, "documents"), (2020, "documents"), (2022, "documents")]


@pytest.mark.parametrize("name", [REGION_MARK * 3 + "的简报", "团" + REGION_MARK * 3 + "委的简报", SERIES_MARK * 8])
def test_a_place_or_series_may_stand_between_a_year_and_its_bulletins(name: str) -> None:
    assert [time.relation for time in times(f"2021年{name}里怎么建驿站")] == ["documents"]
    assert [time.relation for time in times(f"2021年{REGION_MARK * 3}怎么建驿站")] == ["told"]


def test_a_fact_is_limited_only_by_what_later_documents_cannot_tell() -> None:
    limits = {
        text: times(text)[0].limits(kind="factoid", has_topic=True)
        for text in ("2021年上半年", "2021年上半年的简报", "2021年以来", "去年", "去年的简报")
    }
    assert limits == {"2021年上半年": False, "2021年上半年的简报": True, "2021年以来": True, "去年": False, "去年的简报": True}


@pytest.mark.parametrize(
    "piece",
    [
        "2",
        "20",
        "2021",
        "2021年",
        "2021 ",
        "2021-",
        "2021年至",
        "2021年、",
        "2021 bulletin",
        "the ",
        "the 2021 ",
        "the 2021 a ",
        "in the last ",
        "from 2019 to ",
        "bulletins from ",
        "the first half of ",
        "近",
        "近三",
        "近三年",
        "最近的",
        "一",
        "十月",
        "12月",
        "上半年",
        "去年",
        "自从",
        " ",
        "-",
        "的",
        "第",
        "第一",
        "离",
        "[" + REGION_MARK,
        REGION_MARK,
        SERIES_MARK + " ",
        "2021年" + REGION_MARK,
        "a",
        "may ",
        "。",
    ],
)
def test_a_long_text_made_to_be_read_again_and_again_is_read(piece: str) -> None:
    """Twenty thousand characters, ten times what a question may have. A pattern that goes back over them would take hours."""
    text = piece * (20_000 // len(piece)) + "，2021年以来"
    assert times(text)[-1].span.of(text).endswith("2021年以来")
