"""Numerals and the marks of enumerations, worked out by hand."""

import re

import pytest

from corpus.text.enumeration import BULLET, HEADING, POINT, SUBHEADING, is_entry, is_numbered
from corpus.text.numerals import CHINESE_YEAR, LENIENT_YEAR, format_chinese, parse_numeral


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        *(("12", 12), ("１２", 12), ("十", 10), ("十二", 12), ("二十", 20)),
        *(("八十七", 87), ("一百零三", 103), ("二〇二三", 2023), ("廿一", 21)),
    ],
)
def test_number(numeral: str, value: int) -> None:
    assert parse_numeral(numeral) == value


def test_number_refuses_words() -> None:
    with pytest.raises(ValueError):
        parse_numeral("十甲")


def test_a_number_written_is_the_number_read() -> None:
    assert [format_chinese(number) for number in (0, 1, 10, 11, 20, 21, 99, 103)] == [
        *("〇", "一", "十", "十一", "二十", "二十一", "九十九", "一〇三")
    ]
    assert [parse_numeral(format_chinese(number)) for number in range(1000)] == list(range(1000))


@pytest.mark.parametrize(
    ("text", "chinese", "lenient"),
    [
        ("二〇二三", True, True),
        ("一九九八", True, True),
        ("二○二一", True, True),
        ("二o二一", False, True),
        ("2021", False, True),
    ],
)
def test_years(text: str, chinese: bool, lenient: bool) -> None:
    assert (bool(re.fullmatch(CHINESE_YEAR, text)), bool(re.fullmatch(LENIENT_YEAR, text))) == (chinese, lenient)


@pytest.mark.parametrize(
    ("line", "heading", "subheading", "point", "bullet", "entry"),
    [
        ("一、摸清需求", True, False, False, False, False),
        ("（二）建好队伍", False, True, False, False, False),
        ("一是入户问卷", False, False, True, False, False),
        ("3.建好队伍", False, False, True, False, True),
        ("3.5万人", False, False, False, False, False),
        ("①建好队伍", False, False, True, False, True),
        ("● 建好队伍", False, False, False, True, True),
        ("- 建好队伍", False, False, False, True, True),
        ("—建好队伍", False, False, False, False, True),  # an entry may lack the space
        ("一直以来", False, False, False, False, False),
    ],
)
def test_marks(line: str, heading: bool, subheading: bool, point: bool, bullet: bool, entry: bool) -> None:
    found = (bool(pattern.match(line)) for pattern in (HEADING, SUBHEADING, POINT, BULLET))
    assert (*found, is_entry(line)) == (heading, subheading, point, bullet, entry)
    assert is_numbered(line) == any((heading, subheading, point, bullet))


def test_chapters_and_clauses_are_numbered() -> None:
    assert all(map(is_numbered, ("第二章　积分记录", "第三节 兑换", "第十二条　积分不得转让")))
    assert not any(map(is_numbered, ("第二章积分", "第三方评估", "第十二条例")))
