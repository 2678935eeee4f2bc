"""Filters of a question: merged, overridden by the user, or without those that the user removed."""

import calendar
import datetime
from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from corpus.document import Region
from corpus.messages.language import Language, tr
from index.filters import Filters, Period

# Each field of Filters, and what its chips are called.
_FILTER_FIELDS: dict[str, Literal["region", "year", "period", "series", "issue", "total", "excluded"]] = {
    "regions": "region",
    "years": "year",
    "periods": "period",
    "series": "series",
    "issues": "issue",
    "total_issues": "total",
    "excluded_regions": "excluded",
}


def filter_value(limit: Region | Period | int | str) -> str:
    """Return the value of a limit as chips and programs compare it: the path of a region, the days of a period, else the text."""
    if isinstance(limit, Period):
        return limit.interval
    if isinstance(limit, Region):
        return limit.path
    return str(limit)


def merge_filters(above: Filters, below: Filters) -> Filters:
    """Return each filter of `above`, or of `below` where it does not limit. Years and periods are one filter."""
    below = _without_time(below) if above.years or above.periods else below
    return Filters(**{field: getattr(above, field) or getattr(below, field) for field in _FILTER_FIELDS})


def not_overridden(named: Filters, filters: Filters) -> Filters:
    """Return the filters that the question names and the user has not set. Years and periods are one filter."""
    named = _without_time(named) if filters.years or filters.periods else named
    return Filters(**{field: () if getattr(filters, field) else getattr(named, field) for field in _FILTER_FIELDS})


def without_removed(named: Filters, removed_chips: Collection[str]) -> Filters:
    """Return the filters without those whose chips the user removed."""
    kept = {
        field: tuple(limit for limit in getattr(named, field) if f"{kind}:{filter_value(limit)}" not in removed_chips)
        for field, kind in _FILTER_FIELDS.items()
    }
    return Filters(**kept)


def _without_time(filters: Filters) -> Filters:
    return replace(filters, years=(), periods=())


def period_label(period: Period, language: Language) -> str:
    """Return a period in words, and what it is reckoned from: 2021年至2023年（近三年，从最新的文件 2023年12月起算）."""
    days = _days_label(period, language)
    notes = [period.wording] if period.wording else []
    if (newest := period.reckoned_from) is not None:
        month = _day_label(newest, "month", language)
        notes.append(tr(f"从最新的文件 {month}起算", f"reckoned from the newest document, {month}", language))
    note = tr("，", ", ", language).join(notes)
    return days + (tr(f"（{note}）", f" ({note})", language) if note else "")


_Unit = Literal["year", "month", "day"]


def _days_label(period: Period, language: Language) -> str:
    """Return the days of a period in words, as years or months where it is of whole ones."""
    first, last = period.first, period.last
    unit = _unit_of(period)
    if first is None:
        end = _day_label(last + _DAY, unit, language) if last else ""
        return tr(f"{end}以前", f"before {end}", language) if end else tr("不限", "any time", language)
    if last is None:
        since = _day_label(first, unit, language)
        return tr(f"{since}以来", f"since {since}", language)
    start, end = _day_label(first, unit, language), _day_label(last, unit, language)
    if language == "zh" and unit != "year" and start != end and first.year == last.year:
        end = end.removeprefix(f"{first.year}年")
    return start if start == end else tr(f"{start}至{end}", f"{start} to {end}", language)


_DAY = datetime.timedelta(days=1)


def _unit_of(period: Period) -> _Unit:
    """Return the coarsest unit whose ends are those of the period."""
    begins = [period.first] if period.first else []
    begins += [period.last + _DAY] if period.last else []
    if all(day.day == 1 for day in begins):
        return "year" if all(day.month == 1 for day in begins) else "month"
    return "day"


def _day_label(day: datetime.date, unit: _Unit, language: Language) -> str:
    if language == "zh":
        return f"{day.year}年" + ("" if unit == "year" else f"{day.month}月") + (f"{day.day}日" if unit == "day" else "")
    name = calendar.month_name[day.month]
    return {"year": f"{day.year}", "month": f"{name} {day.year}", "day": f"{name} {day.day}, {day.year}"}[unit]
