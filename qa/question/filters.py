"""Filters of a question: merged, overridden by the user, or without those that the user removed."""

from collections.abc import Collection
from typing import Literal

from corpus.document import Region
from index.filters import Filters

# Each field of Filters, and what its chips are called.
_FILTER_FIELDS: dict[str, Literal["region", "year", "series", "issue", "total", "excluded"]] = {
    "regions": "region",
    "years": "year",
    "series": "series",
    "issues": "issue",
    "total_issues": "total",
    "excluded_regions": "excluded",
}


def filter_value(limit: Region | int | str) -> str:
    """Return the value of a limit as chips and programs compare it: the path of a region, else the text."""
    if isinstance(limit, Region):
        return limit.path
    return str(limit)


def merge_filters(above: Filters, below: Filters) -> Filters:
    """Return each filter of `above`, or of `below` where it does not limit."""
    return Filters(**{field: getattr(above, field) or getattr(below, field) for field in _FILTER_FIELDS})


def not_overridden(named: Filters, filters: Filters) -> Filters:
    """Return the filters that the question names and the user has not set."""
    return Filters(**{field: () if getattr(filters, field) else getattr(named, field) for field in _FILTER_FIELDS})


def without_removed(named: Filters, removed_chips: Collection[str]) -> Filters:
    """Return the filters without those whose chips the user removed."""
    kept = {
        field: tuple(limit for limit in getattr(named, field) if f"{kind}:{filter_value(limit)}" not in removed_chips)
        for field, kind in _FILTER_FIELDS.items()
    }
    return Filters(**kept)
