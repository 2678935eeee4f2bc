"""What is read off a masthead, worked out by hand."""

import datetime

import pytest

from corpus.parsing import masthead


@pytest.mark.parametrize(
    ("line", "issue", "year", "total"),
    [
        ("第23期（总第512期）", "23", None, "512"),
        ("2021年 第14期", "14", 2021, None),
        ("〔2022〕第9期", "9", 2022, None),
        ("[2020] 7 号", "7", 2020, None),
        ("第 6 期", "6", None, None),
        ("第十二期", "12", None, None),
        ("第二十期（总第一百零三期）", "20", None, "103"),
        ("２０２２年第８期（总第１０６期）", "8", 2022, "106"),
        ("增刊", "增刊", None, None),
        ("2022年增刊", "增刊", 2022, None),
        ("增　刊", "增刊", None, None),
        ("2022年增刊第2期", "增刊2", 2022, None),
        ("2023年第7-8期", "7-8", 2023, None),
        ("第3号", "3", None, None),
        ("（第12期）", "12", None, None),
        ("2022年度第3期（累计第88期）", "3", 2022, "88"),
        ("二○二一年第五期", "5", 2021, None),
    ],
)
def test_issue(line: str, issue: str, year: int | None, total: str | None) -> None:
    head = masthead.read_masthead(["某地工作简报", line])
    assert (head.series, head.issue, head.year, head.total_issue) == ("某地工作简报", issue, year, total)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021年12月23日", ["2021-12-23"]),
        ("2018 年 2 月 27 日", ["2018-02-27"]),
        ("二〇二三年五月八日", ["2023-05-08"]),
        ("二○二三年十二月三十一日", ["2023-12-31"]),
        ("二0一九年十月廿一日", ["2019-10-21"]),
        ("2023.5.8", ["2023-05-08"]),
        ("2023-05-08", ["2023-05-08"]),
        ("2023/5/8", ["2023-05-08"]),
        ("２０２２年８月１２日", ["2022-08-12"]),
        ("2021年13月40日", []),
        (f"2021年3月{'9' * 40}日", []),
        ("2023年5月", []),
        ("3.14.15", []),
        ("2020年1月2日至2020年3月4日", ["2020-01-02", "2020-03-04"]),
    ],
)
def test_dates(text: str, expected: list[str]) -> None:
    assert [date.isoformat() for date in masthead.find_dates(text)] == expected


def test_fields_on_one_line() -> None:
    head = masthead.read_masthead(["政　务　工　作　简　报", "第15期        重庆市江津区人民政府办公室        2021年6月3日"])
    assert head == masthead.Masthead(
        "政务工作简报", None, "15", 2021, None, "重庆市江津区人民政府办公室", datetime.date(2021, 6, 3)
    )


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("成都市武侯区教育局编印", "成都市武侯区教育局"),
        ("主办单位：共青团湖南省委", "共青团湖南省委"),
        ("编印：南宁市民政局", "南宁市民政局"),
        ("苏州大学党委办公室", "苏州大学党委办公室"),
        ("共 青 团 云 南 省 委", "共青团云南省委"),
        ("中共遵义市委直属机关工作委员会（编）", "中共遵义市委直属机关工作委员会"),
    ],
)
def test_publisher(line: str, publisher: str) -> None:
    head = masthead.read_masthead(["某地工作简报", "第1期", line, "2020年1月2日"])
    assert (head.series, head.publisher) == ("某地工作简报", publisher)


def test_notes_are_no_series() -> None:
    head = masthead.read_masthead(
        ["内部刊物", "注意保管", "密级：内部", "浙江青年工作信息", "（经验交流）", "第6期", "2019年7月22日"]
    )
    assert (head.series, head.subtitle, head.publisher) == ("浙江青年工作信息", "经验交流", None)


def test_a_date_makes_no_series() -> None:
    """A line above a date is a series only where it is named like one, or an issue is stated."""
    assert masthead.read_masthead(["红烧肉的做法", "2021年3月1日"]).series == ""
    assert masthead.read_masthead(["武侯教育", "第2期"]).series == "武侯教育"


def test_the_fuller_of_two_names_is_the_series() -> None:
    assert masthead.read_masthead(["工 作 简 报", "武侯区总工会工作简报", "第3期"]).series == "武侯区总工会工作简报"
    assert masthead.read_masthead(["武侯工作简报", "基层工作信息", "第3期"]).series == "武侯工作简报"
