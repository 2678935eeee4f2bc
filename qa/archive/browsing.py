"""Browse a library: its articles by region, year, kind, series and issue, and how many each choice would show."""

import functools
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus import deadline
from corpus.document import Article, Bulletin, Region
from corpus.regions.gazetteer import Gazetteer
from index.store.library import Library

NONE = "none"  # the value of what has no year, or neither region nor publisher
_MAX_ROWS, _MAX_YEARS = 40, 10  # of the chart
_MAX_ISSUES = 60  # listed at once
_MAX_KEPT = 256  # values whose articles are known

Mask = NDArray[np.bool_]
_T = TypeVar("_T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Selection:
    """The values chosen: of each facet that has any, an article must have one of them. A value that no article has is no error.

    A region is named by its label, one of several with the same label by its path; a publisher stands for its articles about
    no region.
    """

    regions: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An article of the library; `number` is its own in the bulletin, from 1."""

    bulletin: Bulletin
    number: int
    article: Article

    @property
    def region_or_publisher(self) -> Region | str:
        """Return what it is filed under: its region, else the publisher of the bulletin."""
        return self.article.region or self.bulletin.masthead.publisher or NONE


@dataclass(frozen=True, slots=True)
class Facet:
    """A value and the number of articles that choosing it alone would show, the other facets being as they are."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Former:
    """What became of a division: in `year` it was renamed, or else merged into its successors, if it has any."""

    year: int
    renamed: bool
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A region with what lies below it, a publisher, or what is filed nowhere (`value` and `name` are NONE).

    A region counts the articles about it, about what lies below it and about divisions that went into these. `open` is
    where the selection lies below it. `family` are the values that choosing it takes the place of: those above and below.
    """

    value: str
    name: str
    count: int
    chosen: bool
    former: Former | None
    below: tuple["Branch", ...]
    family: frozenset[str]

    @property
    def open(self) -> bool:
        return any(branch.chosen or branch.open for branch in self.below)


@dataclass(frozen=True, slots=True)
class Facets:
    """The choices under a selection. `issues` are the documents of the chosen years, kinds and series, newest first.

    `more_issues` are not listed. `series` has none for documents that belong to no series: their kinds tell them apart.
    """

    regions: tuple[Branch, ...]
    years: tuple[Facet, ...]
    kinds: tuple[Facet, ...]
    series: tuple[Facet, ...]
    issues: tuple[tuple[Bulletin, int], ...]
    more_issues: int


@dataclass(frozen=True, slots=True)
class Row:
    """A region of the chart, or a publisher: articles by year. `depth` is 1 for what lies below the row before it."""

    value: str
    name: str
    depth: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Articles by region and year. A region is counted with all below it, so rows do not add up; `totals` count each once.

    Of more than forty rows those with the most articles are kept, in their order; of more than ten years the last.
    """

    years: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: tuple[int, ...]
    more_rows: int
    more_years: int

    def max_count(self, depth: int) -> int:
        """Return the largest count of the rows of one depth: those can be compared."""
        return max((count for row in self.rows if row.depth == depth for count in row.counts), default=0)


@dataclass(frozen=True, slots=True)
class RegionNode:
    """A place in the tree, and the numbers of those below it. `label` is shared by regions that have the same."""

    value: str
    label: str
    key: Region | str
    name: str
    former: Former | None
    below: tuple[int, ...]


class Browser:
    """A library laid out for browsing. `entries` are its articles, the newest issue first; masks are of shape (n_entries,)."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.bulletins = tuple(sorted(library.bulletins, key=_age, reverse=True))
        self.entries = tuple(
            Entry(bulletin, number, article) for bulletin in self.bulletins for number, article in enumerate(bulletin.articles, 1)
        )
        self._gazetteer = library.catalog.gazetteer
        self._homes, self._home_of = _numbered(entry.region_or_publisher for entry in self.entries)
        self._years, self._year_of = _numbered(_year(entry.bulletin) for entry in self.entries)
        self._series, self._series_of = _numbered(entry.bulletin.masthead.series for entry in self.entries)
        self._kinds, self._kind_of = _numbered(entry.bulletin.kind for entry in self.entries)
        self._nodes, self._roots = _build_region_tree(self._homes, self._gazetteer)
        self._covers = self._covering()
        self._shown = functools.lru_cache(_MAX_KEPT)(self._find_shown)  # a page asks for each value eight times

    def chosen(self, selection: Selection, found: Mask | None = None) -> Mask:
        """Return which articles pass a selection: of all, or of those that a search has found."""
        mask = np.ones(len(self.entries), np.bool_) if found is None else found.copy()
        if selection.regions:
            mask &= np.any([self._shown(value) for value in selection.regions], axis=0)[self._home_of]
        if selection.years:
            mask &= np.isin(np.array(self._years, object), selection.years)[self._year_of]
        if selection.series:
            mask &= np.isin(np.array(self._series, object), selection.series)[self._series_of]
        if selection.kinds:
            mask &= np.isin(np.array(self._kinds, object), selection.kinds)[self._kind_of]
        return mask

    def facets(self, selection: Selection, found: Mask | None = None) -> Facets:
        """Return all choices with their counts, each facet under the selection of the others."""
        homes = _counts(self._home_of, self.chosen(replace(selection, regions=()), found), self._homes)
        years = _counts(self._year_of, self.chosen(replace(selection, years=()), found), self._years)
        series = _counts(self._series_of, self.chosen(replace(selection, series=()), found), self._series)
        kinds = _counts(self._kind_of, self.chosen(replace(selection, kinds=()), found), self._kinds)
        passing = Counter(self.entries[i].bulletin for i in np.flatnonzero(self.chosen(selection, found)))
        issues = [
            (bulletin, passing[bulletin])
            for bulletin in self.bulletins
            if (not selection.years or _year(bulletin) in selection.years)
            and (not selection.series or bulletin.masthead.series in selection.series)
            and (not selection.kinds or bulletin.kind in selection.kinds)
        ]
        branches = self._covers @ homes
        return Facets(
            regions=tuple(self._branch(root, branches, selection.regions, ()) for root in self._roots),
            years=tuple(Facet(self._years[i], int(years[i]), self._years[i] in selection.years) for i in self._by_year()),
            kinds=tuple(
                Facet(self._kinds[i], int(kinds[i]), self._kinds[i] in selection.kinds)
                for i in _by_frequency(self._kinds, self._kind_of)
            ),
            series=tuple(
                Facet(self._series[i], int(series[i]), self._series[i] in selection.series)
                for i in _by_frequency(self._series, self._series_of)
                if self._series[i]
            ),
            issues=tuple(issues[:_MAX_ISSUES]),
            more_issues=max(0, len(issues) - _MAX_ISSUES),
        )

    def chart(self, selection: Selection) -> Chart:
        """Count the articles by region and year.

        Rows are the regions chosen with those right below them; if none is chosen, all at the top of the tree, and of a region
        that is alone there those below it.
        """
        others = self.chosen(replace(selection, regions=(), years=()))
        table = np.zeros((len(self._homes), len(self._years)), np.int64)
        np.add.at(table, (self._home_of[others], self._year_of[others]), 1)
        tops = [i for i, node in enumerate(self._nodes) if {node.value, node.label} & {*selection.regions}]
        split = bool(tops) or sum(isinstance(self._nodes[i].key, Region) for i in self._roots) == 1
        depths: dict[int, int] = {}
        for top in tops or self._roots:
            depths.setdefault(top, 0)
            for below in self._nodes[top].below if split else ():
                depths.setdefault(below, 1)
        counts = {i: self._covers[i].astype(np.int64) @ table for i in depths}
        rows = sorted(sorted(depths, key=lambda i: -int(counts[i].sum()))[:_MAX_ROWS], key=list(depths).index)
        years = self._by_year()[:_MAX_YEARS][::-1]
        totals = _counts(self._year_of, self.chosen(replace(selection, years=())), self._years)
        return Chart(
            years=tuple(self._years[i] for i in years),
            rows=tuple(Row(self._nodes[i].value, self._nodes[i].name, depths[i], tuple(counts[i][years].tolist())) for i in rows),
            totals=tuple(totals[years].tolist()),
            more_rows=len(depths) - len(rows),
            more_years=len(self._years) - len(years),
        )

    def neighbours(self, bulletin: Bulletin) -> tuple[Bulletin | None, Bulletin | None]:
        """Return the issues of its series before and after a bulletin; none for a document of no series."""
        if not bulletin.masthead.series:
            return None, None
        issues = [issue for issue in reversed(self.bulletins) if issue.masthead.series == bulletin.masthead.series]
        i = issues.index(bulletin)
        return (issues[i - 1] if i else None), (issues[i + 1] if i + 1 < len(issues) else None)

    def _covering(self) -> Mask:
        """Return which homes a node shows, shape (n_nodes, n_homes).

        Only the successors of a former division can be in another province; the others are compared within their province alone,
        since comparing all takes ten seconds for a library of the whole country.
        """
        everywhere = range(len(self._nodes))
        moved, settled = [], dict[str, list[int]]()
        for i, node in enumerate(self._nodes):
            if isinstance(node.key, Region) and node.former is None:
                settled.setdefault(node.key.province, []).append(i)
            else:
                moved.append(i)
        covers = np.zeros((len(self._nodes), len(self._homes)), np.bool_)
        for number, home in enumerate(self._homes):
            nodes: Iterable[int] = everywhere
            if isinstance(home, Region) and not self._gazetteer.is_former(home):
                nodes = [*moved, *settled.get(home.province, ())]
            for i in nodes:
                covers[i, number] = self._shows(self._nodes[i].key, home)
        return covers

    def _shows(self, key: Region | str, home: Region | str) -> bool:
        if isinstance(key, Region) and isinstance(home, Region):
            return self._gazetteer.covers(key, home)
        return key == home

    def _find_shown(self, value: str) -> Mask:
        """Return which homes a value shows, none if nothing has that name.

        A region without a node of its own may still cover some: a former city whose districts are filed under the new one.
        """
        deadline.check()
        nodes = [i for i, node in enumerate(self._nodes) if value in (node.value, node.label)]
        if nodes:
            shown: Mask = np.any(self._covers[nodes], axis=0)
            return shown
        region = self._gazetteer.resolve(value)
        return np.array([region is not None and self._shows(region, home) for home in self._homes], np.bool_)

    def _by_year(self) -> list[int]:
        """Return the indexes of the years, the newest first, NONE last."""
        return sorted(range(len(self._years)), key=lambda i: (self._years[i] != NONE, self._years[i]), reverse=True)

    def _branch(self, i: int, counts: NDArray[np.int64], chosen: tuple[str, ...], above: tuple[str, ...]) -> Branch:
        node = self._nodes[i]
        below = tuple(self._branch(child, counts, chosen, (*above, node.value)) for child in node.below)
        family = frozenset((*above, node.label)).union(*(branch.family | {branch.value} for branch in below)) - {node.value}
        is_chosen = node.value in chosen or node.label in chosen
        return Branch(node.value, node.name, int(counts[i]), is_chosen, node.former, below, family)


def _year(bulletin: Bulletin) -> str:
    return str(bulletin.masthead.year) if bulletin.masthead.year else NONE


def _age(bulletin: Bulletin) -> tuple[str, int, str]:
    """Return the sort key of an issue: the day, as far as it is known, then the issue number."""
    day = bulletin.masthead.issue_date.isoformat() if bulletin.masthead.issue_date else str(bulletin.masthead.year or "")
    issue = bulletin.masthead.issue or ""
    return day, int(issue) if issue.isdecimal() else 0, bulletin.source.document


def _numbered(values: Iterable[_T]) -> tuple[tuple[_T, ...], NDArray[np.int64]]:
    """Return the distinct values, and for each value its index among them."""
    numbers: dict[_T, int] = {}
    indexes = [numbers.setdefault(value, len(numbers)) for value in values]
    return tuple(numbers), np.array(indexes, np.int64)


def _by_frequency(values: Sequence[str], indexes: NDArray[np.int64]) -> list[int]:
    """Return the indexes of the values, those that most articles have first."""
    return sorted(range(len(values)), key=lambda i: (-int((indexes == i).sum()), values[i]))


def _counts(indexes: NDArray[np.int64], mask: Mask, values: Sequence[object]) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = np.bincount(indexes[mask], minlength=len(values))
    return counts


def _build_region_tree(homes: Iterable[Region | str], gazetteer: Gazetteer) -> tuple[tuple[RegionNode, ...], tuple[int, ...]]:
    """Build the tree over the regions of some articles.

    Returns: the nodes, and the indexes of the roots: the provinces, then publishers, then what is filed nowhere.

    A former division lies under what took it over, after the present ones; one that nothing took over stays where it was.
    """
    homes = list(homes)
    above: dict[Region, tuple[Region, ...]] = {}
    queue = [home for home in homes if isinstance(home, Region)]
    while queue:
        region = queue.pop()
        if region not in above:
            above[region] = gazetteer.successors(region) or _parents(region)
            queue.extend(above[region])
    order = {region: i for i, region in enumerate(gazetteer.regions)}
    regions = sorted(above, key=lambda region: (gazetteer.is_former(region), order.get(region, len(order)), region.label))
    labels = Counter(region.label for region in regions)
    publishers = sorted((home for home in homes if isinstance(home, str)), key=lambda name: (name == NONE, name))
    below: dict[Region, list[int]] = {region: [] for region in regions}
    for i, region in enumerate(regions):
        for parent in above[region]:
            below[parent].append(i)
    nodes = [
        RegionNode(
            value=region.label if labels[region.label] == 1 else region.path,
            label=region.label,
            key=region,
            name=region.name,
            former=_former(region, gazetteer),
            below=tuple(below[region]),
        )
        for region in regions
    ]
    nodes += [RegionNode(value=name, label=name, key=name, name=name, former=None, below=()) for name in publishers]
    return tuple(nodes), tuple(i for i, node in enumerate(nodes) if isinstance(node.key, str) or not above[node.key])


def _parents(region: Region) -> tuple[Region, ...]:
    if region.county is not None:
        return (Region(region.province, region.city),)
    return (Region(region.province),) if region.city is not None else ()


def _former(region: Region, gazetteer: Gazetteer) -> Former | None:
    year = gazetteer.abolished(region)
    if year is None:
        return None
    successors = gazetteer.successors(region)
    names = [other.name if other.city == region.city and other.county else other.label for other in successors]
    # A region is found by the name of a former one only where it carries that name on.
    return Former(year, any(gazetteer.covers(region, other) for other in successors), tuple(names))
