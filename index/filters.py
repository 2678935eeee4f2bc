"""The limits of a search."""

import datetime
from dataclasses import dataclass, field

from corpus.document import Region


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, both days counted in; None where it is open.

    `wording` is how a question put it, where that says more than its days do; `reckoned_from` is the day that a relative one is
    reckoned from (近三年, `last year`). Periods of the same days are equal, however they were put.
    """

    first: datetime.date | None = None
    last: datetime.date | None = None
    wording: str = field(default="", compare=False)
    reckoned_from: datetime.date | None = field(default=None, compare=False)

    def contains(self, other: "Period") -> bool:
        """Return whether `other`, whose ends are known, lies within."""
        return (self.first is None or (other.first is not None and self.first <= other.first)) and (
            self.last is None or (other.last is not None and other.last <= self.last)
        )

    @property
    def interval(self) -> str:
        """Return it as ISO 8601-2 writes intervals: 2020-07-01/2020-12-31, 2021-01-01/.. where the end is open."""
        return "/".join(day.isoformat() if day else ".." for day in (self.first, self.last))


@dataclass(frozen=True, slots=True)
class Filters:
    """The limits of a search; an empty field does not limit. A region stands for everything inside it.

    `years` and `periods` are one limit, of time: a document passes that is of one of the years, or within one of the periods.
    `excluded_regions` are those of which nothing is wanted: 除了锦渚区.
    """

    regions: tuple[Region, ...] = ()
    years: tuple[int, ...] = ()
    series: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    total_issues: tuple[str, ...] = ()
    excluded_regions: tuple[Region, ...] = ()
    periods: tuple[Period, ...] = ()

    def __bool__(self) -> bool:
        return self != _NO_LIMITS


_NO_LIMITS = Filters()
