"""Times that a question names: 2020年至2022年, 2021年以来, 去年下半年, 近三年, `since May 2020`, `in the last two years`.

A time is a moment, or two that a word for `to` joins, with what is said before and after it. The wordings are tables, and none
has a repetition beside or within another over the same characters, so that reading takes time in proportion to the text.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from corpus.document import Span
from index.filters import Period
from qa.question.intent import Kind
from qa.question.moments import AND, TO, Moment, find_moments

# Stand, letter for letter, for the names of series and regions in the text that is read: 2021年■■■的简报.
SERIES_MARK, REGION_MARK = "\ue000", "\ue001"

# How a time bears on the documents. `documents`: it dates them (2021年的简报); `since`: it is open at the end; `stretch`: it is
# longer or finer than a year, or reckoned from the newest document; `told`: it may date what they tell (2021年的试点 in 2022);
# `number`: nothing says that it is a time at all.
Relation = Literal["documents", "since", "stretch", "told", "number"]


@dataclass(frozen=True, slots=True)
class NamedTime:
    """A time that a question names, where it does, and how it bears on the documents. `year` is told of a whole year."""

    span: Span
    period: Period
    relation: Relation
    year: int | None = None

    def limits(self, *, kind: Kind, has_topic: bool) -> bool:
        """Return whether it limits the documents.

        Args: kind: of the question: what a fact was last year, a document of this year says; has_topic: it names a topic beside
            the time, which may be of that time and told later.
        """
        if self.relation in ("documents", "since"):
            return True
        if self.relation == "told":
            return kind == "contents" or (kind == "region" and not has_topic)
        return self.relation == "stretch" and kind != "factoid"


_ISSUE_NUMBER = r"(?:\d{1,6}|[〇零一二三四五六七八九十百]{1,6})"
_ISSUED = (
    rf"(?:[那这]?几期|各期|[那这]期|第\s?{_ISSUE_NUMBER}\s?期|增刊|特刊|(?:工作)?简报|工作信息|的信息(?!化|公开|技术|员|网|系统|平台|安全)"
    r"|信息(?=里|中)|刊物)"
)
_BULLETIN = r"(?:issues?|bulletins?|newsletters?|briefings?)\b"
# What is said before a time, and after it; of each the first that fits.
_BEFORE = tuple(
    (re.compile(rf"{wording}$", re.I), name)
    for wording, name in (
        (r"(?:自从?|从)", "from"),
        (r"\bsince\s(?:the\s)?", "since"),
        (r"\bafter\s(?:the\s)?", "after"),
        (r"\b(?:before|prior\sto)\s(?:the\s)?", "before"),
        (r"\b(?:until|till|up\sto)\s(?:the\s)?", "until"),
        (r"\bbetween\s(?:the\s)?", "between"),
        (r"\bfrom\s(?:the\s)?", "from"),
        (r"\b(?:in|during|over|within|of|for|dated)\s(?:the\s)?", "in"),
        (r"\b(?:the|any|all)\s", ""),
    )
)
_AFTER = tuple(
    (re.compile(wording, re.I), name)
    for wording, name in (
        (
            r"及?以后|及之后|以来|[至迄]今|[至到](?:现在|今天|目前|如今)|起(?![草步点始码底])|\s(?:onwards?|to\sdate|to\snow|until\snow)\b",
            "since",
        ),
        (r"之后", "after"),
        (r"及[以之]前", "until"),
        (r"[以之]前|前(?=[的，,、]|$)", "before"),
    )
)
_YEAR_END = re.compile(r"[底末]$")
_BEGINNING = re.compile(r"开始|\son\b")  # only after 从 and `from`: 2021年开始的
_ANCHOR_BEFORE = re.compile(
    rf"(?:(?:只看|仅看|只要|仅限|限于)\s?|\bonly(?:\s(?:from|in|for|of))?\s(?:the\s)?"
    rf"|\b{_BULLETIN}\s(?:(?:no\.?\s?)?\d{{1,6}}\s)?(?:(?:published|issued|dated)\s)?)$",
    re.I,
)
_NAMES = f"[{SERIES_MARK}{REGION_MARK}]"
_ANCHOR_AFTER = re.compile(
    rf"\s?(?:出的|刊出的?|刊登的?|印发的?|编发的?|的)?\s?(?:{SERIES_MARK}|(?:共青)?团?{_NAMES}*团?[省市县区]?委?的?{_ISSUED})"
    rf"|\s[{SERIES_MARK}{REGION_MARK}\s]{{0,80}}{_BULLETIN}|\sonly\b",
    re.I,
)
_LED = re.compile(r"\b(?:the|any|all)\s(?=\w|$)", re.I)  # the 2021 Yunqi bulletin, but not: in 2021 what does a bulletin say
_ANCHOR_AFTER_THE = re.compile(rf"\s(?:[^\s,.;:?!]{{1,20}}\s){{0,5}}?{_BULLETIN}", re.I)
# 娃今年刚毕业，能去县里实习吗 asks of no time: it stands in what is told before the asking.
_PREMISE_TIME = re.compile(r"[今去前]年|最近|近期|(?:this|last)\syear|recently|lately", re.I)
_PREMISE = re.compile(
    r"(?!以?来|[^，。；,;]{0,30}(?:怎|如何|咋|哪|什么|啥|做法|经验|\bhow\b|\bwh))[^，。；,;]{2,30}[，。；,;]", re.I
)
_NEAR = 40  # characters before a time that are looked at
_DAY = datetime.timedelta(days=1)


def find_times(text: str, newest: datetime.date | None) -> list[NamedTime]:
    """Find the times that a question names.

    Args: text: the question, with the names of series and regions marked; newest: the date of the newest document, from which
        relative times are reckoned; without it they are not found.
    """
    found = [_named_time(text, *ends, newest) for ends in _joined(text, list(find_moments(text, newest)))]
    for i in range(len(found) - 2, -1, -1):  # 2019年和2021年的简报
        one, following = found[i], found[i + 1]
        if following.relation == "documents" and AND.fullmatch(text, one.span.end, following.span.start):
            found[i] = replace(one, relation="documents", span=Span(one.span.start, following.span.start))
    return found


def _joined(text: str, moments: list[Moment]) -> Iterator[tuple[Moment, Moment]]:
    """Yield the moments that each time goes from and to: one twice, where it is not joined with the next."""
    index = 0
    while index < len(moments):
        first = last = moments[index]
        if index + 1 < len(moments):
            between = text[first.span.end : moments[index + 1].span.start]
            if TO.fullmatch(between) or (AND.fullmatch(between) and _leading(text, first)[1] == "between"):
                last = moments[index + 1]
        yield first, last
        index += 1 if last is first else 2


def _leading(text: str, moment: Moment) -> tuple[int, str]:
    """Return where the words begin that lead up to a moment, and what they say of it."""
    before = text[max(0, moment.span.start - _NEAR) : moment.span.start]
    for wording, name in _BEFORE:
        if match := wording.search(before):
            return moment.span.start - len(match[0]), name
    return moment.span.start, ""


def _named_time(text: str, first: Moment, last: Moment, newest: datetime.date | None) -> NamedTime:
    """Return the time from one moment to another, or of one, with what is said around it."""
    start, lead = _leading(text, first)
    end, side = _following(text, first, last, lead)
    span = Span(start, end)
    words = text[start if side in _SIDES else first.span.start : end].strip()
    period = _period(first, last, side)
    if first.is_relative:
        period = replace(period, wording=words, reckoned_from=newest)
    elif side in ("after", "until"):  # 2020年之后 begins in 2021
        period = replace(period, wording=words)
    year = first.first.year if first.unit == "year" and not first.is_relative and first is last and side not in _SIDES else None
    if anchored := _anchored(text, span):
        return NamedTime(anchored, period, "documents", year)
    return NamedTime(span, period, _relation(text, first, last, span, lead, side), year)


_SIDES = ("since", "after", "before", "until")  # a time that is open at one end


def _following(text: str, first: Moment, last: Moment, lead: str) -> tuple[int, str]:
    """Return where the words end that follow a time, and what these say of it, or else those that lead up to it."""
    end, side = last.span.end, lead
    for wording, name in _AFTER:
        if match := wording.match(text, end):
            end, side = match.end(), name
            break
    else:
        if lead == "from" and first is last and (match := _BEGINNING.match(text, end)):
            end, side = match.end(), "since"
    if side == "before" and _YEAR_END.search(text[first.span.start : last.span.end]):
        side = "until"  # 2020年底以前
    return end, side


def _period(first: Moment, last: Moment, side: str) -> Period:
    start, end = min(first.first, last.first), max(first.last, last.last)
    if side == "since":
        return Period(start, None)
    if side == "after":
        return Period(end + _DAY, None)
    if side == "before":
        return Period(None, start - _DAY)
    return Period(None if side == "until" else start, end)


def _relation(text: str, first: Moment, last: Moment, span: Span, lead: str, side: str) -> Relation:
    """Return how a time bears on the documents where nothing says that it dates them."""
    is_dated = first.is_sure or last.is_sure or bool(lead)
    if first.is_relative and not first.is_sure:
        return "number"
    if first.is_relative and _PREMISE_TIME.match(text, first.span.start) and _PREMISE.match(text, span.end):
        return "told"
    if side in ("since", "after") and not first.is_relative:
        return "since"
    is_stretch = last.unit in ("part", "stretch") or (first.is_relative and last.unit == "year")
    if side in _SIDES or is_stretch or (first is not last and is_dated):
        return "stretch"
    return "told" if is_dated else "number"


def _anchored(text: str, span: Span) -> Span | None:
    """Return the span of a time with what says that it dates the documents, None where nothing says so."""
    before = text[max(0, span.start - _NEAR) : span.start]
    is_led = _LED.search(text[span.start : span.end]) or _LED.search(before)
    if match := _ANCHOR_AFTER.match(text, span.end) or (is_led and _ANCHOR_AFTER_THE.match(text, span.end)):
        return Span(span.start, match.end())
    if match := _ANCHOR_BEFORE.search(before):
        return Span(span.start - len(match[0]), span.end)
    return None
