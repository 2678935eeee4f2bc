"""The limits of a search."""

from dataclasses import dataclass

from corpus.document import Region


@dataclass(frozen=True, slots=True)
class Filters:
    """The limits of a search; an empty field does not limit. A region stands for everything inside it.

    `excluded_regions` are those of which nothing is wanted: 除了锦渚区.
    """

    regions: tuple[Region, ...] = ()
    years: tuple[int, ...] = ()
    series: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    total_issues: tuple[str, ...] = ()
    excluded_regions: tuple[Region, ...] = ()

    def __bool__(self) -> bool:
        return self != _NO_LIMITS


_NO_LIMITS = Filters()
