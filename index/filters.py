"""The limits of a search."""

from dataclasses import dataclass

from corpus.document import Region


@dataclass(frozen=True, slots=True)
class Filters:
    """The limits of a search; an empty field does not limit. A region stands for everything inside it."""

    regions: tuple[Region, ...] = ()
    years: tuple[int, ...] = ()
    series: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    total_issues: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.regions, self.years, self.series, self.issues, self.total_issues))
