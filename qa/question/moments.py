"""Moments that a text names: 2020年, 去年9月, 2021年上半年, `May 2020`, and stretches that end with the newest document: 近三年.

Their wordings are tables. None has a repetition beside or within another over the same characters, so that reading takes time in
proportion to the text.
"""

import calendar
import datetime
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from corpus.document import Span
from corpus.text.numerals import CHINESE_YEAR, parse_numeral

_Unit = Literal["day", "month", "part", "year", "stretch"]


class Moment(NamedTuple):
    """A day, month, part of a year, year or stretch of time; `unit` is the finest that it names.

    `is_relative` tells that it is reckoned from the newest document, `is_sure` that it is a time for sure: 2021年, not 2021.
    """

    span: Span
    first: datetime.date
    last: datetime.date
    unit: _Unit
    is_relative: bool
    is_sure: bool


# What joins two moments, as the ends of one time and as two.
TO = re.compile(r"\s?(?:[-–—―~〜]{1,2}|至|到|\bto\b|\bthrough\b)\s?", re.I)
AND = re.compile(r"\s?(?:[、，,/]|和|与|及|或|\band\b|\bor\b)\s?", re.I)

# Years before that of the newest document. 如今年轻人 has no 今年 in it, 过去年代 no 去年, 三年前年底 no 前年.
_YEAR_WORDS = {"今年": 0, "本年": 0, "去年": 1, "上一年": 1, "前年": 2, "大前年": 3}
_YEAR_WORDS |= {"this year": 0, "last year": 1, "the year before last": 2}
_YEAR_WORD = (
    r"(?:(?<![过比较])去年|(?<!如)今年|(?<!基)本年|上一年|大前年|(?<![以之\d一二三四五六七八九十几])前年)(?![轻龄级限]|同期)"
    r"|\bthis\syear\b|\blast\syear\b|\bthe\syear\sbefore\slast\b"
)
# Parts of a year, with their first and last month.
_PARTS = (
    (r"(?<!以)上半年|(?:the\s)?first\shalf|\bh1", 1, 6),
    (r"(?<!以)下半年|(?:the\s)?second\shalf|\bh2", 7, 12),
    (r"前三个?季度", 1, 9),
    (r"第?[一1]季度|首季度|(?:the\s)?first\squarter|\bq1", 1, 3),
    (r"第?[二2]季度|(?:the\s)?second\squarter|\bq2", 4, 6),
    (r"第?[三3]季度|(?:the\s)?third\squarter|\bq3", 7, 9),
    (r"第?[四4]季度|(?:the\s)?fourth\squarter|\bq4", 10, 12),
    (r"年?初(?![步级中心])", 1, 1),
    (r"年?[底末](?![层线端])", 12, 12),
)
_NUMBER = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
ENGLISH_NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ENGLISH_NUMBER = rf"(?:\d{{1,2}}|{'|'.join(ENGLISH_NUMBERS[1:])})"
_LATELY = r"(?:最近|近|过去|这)"
_LAST = r"(?:the\s)?(?:last|past)\s"
# Stretches up to the newest document: their unit, how many of it (0: as the wording says), how many lie between.
_STRETCHES: tuple[tuple[str, Literal["year", "month"], int, int], ...] = (
    (rf"{_LATELY}{_NUMBER}个?年(?:以?来|[内里间])?(?!级)|{_LAST}{_ENGLISH_NUMBER}\syears\b", "year", 0, 0),
    (rf"(?<![\d第每一二三四五六七八九十百]){_NUMBER}年(?:以来|来(?![自一两几过了不回]))", "year", 0, 0),
    (r"近年来|(?:最近|近|这)几年来?|(?:最近|近)些年来?|\b(?:recent|(?:the\s)?(?:past|last)\sfew)\syears\b", "year", 3, 0),
    (rf"{_LATELY}{_NUMBER}个月(?:以?来|[内里间])?|{_LAST}{_ENGLISH_NUMBER}\smonths\b", "month", 0, 0),
    (rf"{_LATELY}半年(?:以?来|[内里间])?|{_LAST}half\s(?:a\s)?year\b", "month", 6, 0),
    (r"本月|这个月|\bthis\smonth\b", "month", 1, 0),
    (r"上个?月(?!球|亮)|\blast\smonth\b", "month", 1, 1),
    # 最近的驿站在哪里 asks for a place, 最近三期 for issues
    (rf"最近(?!{_NUMBER}|几|的[^，。？,?]{{0,12}}(?:在哪|哪里|哪儿|怎么走|多远))", "month", 12, 0),
    (r"(?<!中)近期|\bthe\spast\syear\b|\b(?:recently|lately)\b(?!\s[a-z])", "month", 12, 0),
)


def _any(rows: Sequence[tuple[str, *tuple[object, ...]]]) -> str:
    return "|".join(row[0] for row in rows)


_MONTH_NAMES = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in calendar.month_name[1:])
_MONTH = (
    r"(?<!\d)(?:1[0-2]|0?[1-9]|十[一二]?|(?<![十百])[一二三四五六七八九])"
    r"(?:月(?![亮饼子季台嫂球均])|(?=[-–—~至到]\d{1,2}月))"  # 2021年1-9月
)
_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_MOMENT = re.compile(
    # no time, and read first: 离车站最近的驿站, a term in quotation marks
    r"[离距][^，。？,?]{1,12}最近|[“「\"][^“”「」\"]{1,60}[”」\"]"
    rf"|(?P<stretch>{_any(_STRETCHES)})"
    rf"|(?:(?P<part_of>{_any(_PARTS[:-2])})\s(?:of\s)?)?"
    rf"(?:\b(?P<named_month>{_MONTH_NAMES})\.?\s(?:(?P<named_day>{_DAY})(?:st|nd|rd|th)?,?\s)?)?"
    rf"(?:(?P<year>(?<![\d.])(?:19|20)\d{{2}}(?![\d.]\d|\d)|{CHINESE_YEAR})(?P<sure>\s?年(?![级轻龄]))?|(?P<year_word>{_YEAR_WORD}))度?"
    rf"(?:\s?的?\s?(?:(?P<part>{_any(_PARTS)})|(?P<month>{_MONTH})份?(?:(?P<day>{_DAY})[日号])?))?"
    rf"|(?<![每各])(?:(?P<lone_part>{_any(_PARTS[:-2])})|(?P<lone_month>{_MONTH})份?(?:(?P<lone_day>{_DAY})[日号])?)",
    re.I,
)


def find_moments(text: str, newest: datetime.date | None) -> Iterator[Moment]:
    """Yield the moments that a text names.

    Args: newest: the date of the newest document, from which relative ones are reckoned; without it they are not found.
    """
    before: Moment | None = None
    for match in _MOMENT.finditer(text):
        if match.lastgroup is None:  # read over
            continue
        if (moment := _moment(text, match, before, newest)) is not None:
            yield moment
            before = moment


def _moment(text: str, match: re.Match[str], before: Moment | None, newest: datetime.date | None) -> Moment | None:
    """Return what a match names; None where it is reckoned from the newest document and none is dated."""
    span = Span(*match.span())
    if match["stretch"]:
        return Moment(span, *_stretch(match["stretch"], newest), "stretch", True, True) if newest else None
    first_month, last_month = _months(match)
    has_year = match["year"] or match["year_word"]
    is_relative = not match["year"]
    if match["year"]:
        year = parse_numeral(match["year"])
    elif before is not None and not has_year and _follows(text[before.span.end : span.start]):
        year, is_relative = before.first.year, before.is_relative  # 2020年9月至12月
    elif newest is None or (match["lone_part"] and match["lone_part"].isascii()):  # the first half of a game
        return None
    elif has_year:
        year = newest.year - _YEAR_WORDS[match["year_word"].lower()]
    else:  # 下半年, asked in spring, is that of last year
        year = newest.year - (first_month > newest.month)
    first, last = datetime.date(year, first_month, 1), _end_of_month(year, last_month)
    part, month = match["part_of"] or match["part"] or match["lone_part"], match["month"] or match["named_month"]
    is_sure = bool(match["sure"] or match["year_word"] or part or month)
    day = int(match["day"] or match["lone_day"] or match["named_day"] or 0)
    if 0 < day <= last.day:
        date = datetime.date(year, first_month, day)
        return Moment(span, date, date, "day", is_relative, is_sure)
    unit: _Unit = "year" if not part and first_month != last_month else "month" if first_month == last_month else "part"
    return Moment(span, first, last, unit, is_relative, is_sure)


def _months(match: re.Match[str]) -> tuple[int, int]:
    """Return the first and last month of what a match names."""
    if part := match["part_of"] or match["part"] or match["lone_part"]:
        return next((first, last) for wording, first, last in _PARTS if re.fullmatch(wording, part, re.I))
    if month := match["month"] or match["lone_month"]:
        number = parse_numeral(month.removesuffix("月"))
        return number, number
    if name := match["named_month"]:
        number = next(
            number for number, full in enumerate(calendar.month_name) if number and full[:3].lower() == name[:3].lower()
        )
        return number, number
    return 1, 12


def _follows(between: str) -> bool:
    return bool(TO.fullmatch(between) or AND.fullmatch(between))


def _stretch(wording: str, newest: datetime.date) -> tuple[datetime.date, datetime.date]:
    """Return the first and last day of a stretch up to the newest document: calendar years, but twelve months for one year."""
    unit, number, skipped = next(row[1:] for row in _STRETCHES if re.fullmatch(row[0], wording, re.I))
    number = number or _number_in(wording)
    if unit == "year" and number > 1:
        return datetime.date(max(1, newest.year - number + 1), 1, 1), datetime.date(newest.year, 12, 31)
    number = 12 if unit == "year" else number
    months = newest.year * 12 + newest.month - 1 - skipped
    start = months - number + 1
    return datetime.date(start // 12, start % 12 + 1, 1), _end_of_month(months // 12, months % 12 + 1)


def _number_in(wording: str) -> int:
    """Return the number that a wording holds: 近三年, `last two years`."""
    if match := re.search(_NUMBER, wording):
        return max(1, parse_numeral(match[0]))
    return next(number for number, word in enumerate(ENGLISH_NUMBERS) if word and re.search(rf"\b{word}\b", wording, re.I))


def _end_of_month(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])
