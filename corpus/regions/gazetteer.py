"""The administrative divisions of China, present and abolished, found by name and in running text."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.document import Region
from corpus.regions.division_names import PLAIN_KINDS, continues_name, read_words, split_name
from corpus.regions.table import Divisions, read_divisions

# Whole names and stems that are plain words, too. Running text means the division only where its city is named before it, or is
# the city being read about; stems are looked for with short=True only.
_ORDINARY_NAMES = frozenset(read_words("ordinary_names.txt"))
_ORDINARY_STEMS = frozenset(read_words("ordinary_stems.txt"))
_MIN_STEM = 2  # characters: a stem of one (和 of 和县) is no name
_OPENING = 2  # characters of a name by which its places in a text are found: every name has so many
_SHORT_NAME = 2  # characters: 和县 may be the end of another word
_MAX_PATH = 60  # characters of a path of names; the longest of the table has 25
_PRESENT = 9999  # later than any year of abolition
# 和县域, 和县级: the county as a common noun; the empty string (end of the text) is not among them.
_COUNTY_WORDS = frozenset("城域级乡里市区直")
# How near two regions are: elsewhere, in one province, in one city or municipality.
_ELSEWHERE, _SAME_PROVINCE, _SAME_CITY = range(3)


@dataclass(frozen=True, slots=True)
class Mention:
    """A region named in a text: `text[start:end]`, half open, in code points."""

    region: Region
    start: int
    end: int


class _Reading(NamedTuple):
    """The regions that a name or a path of names can mean. It ends at `end`; `name` is its last name, `above` the one before."""

    end: int
    name: str
    above: str | None
    regions: tuple[Region, ...]


class _Wanted(NamedTuple):
    """The facts that distinguish regions with the same name: the name as written, a region nearby, the year."""

    name: str
    within: Region | None
    year: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """Every region of a table, found by name. `regions` keeps the order of the table; `extra` are those it was loaded with."""

    regions: tuple[Region, ...]
    extra: tuple[str, ...] = field(repr=False)
    _divisions: Divisions = field(repr=False)
    _names: Mapping[str, tuple[Region, ...]] = field(repr=False)
    _stems: Mapping[str, tuple[Region, ...]] = field(repr=False)
    # First two characters of any name or stem -> lengths of those that start with them, longest first.
    _lengths: Mapping[str, tuple[int, ...]] = field(repr=False)

    @classmethod
    def load(cls, extra: Sequence[str] = ()) -> "Gazetteer":
        """Read the packaged table, and after it further tables of the same columns.

        Args: extra: CSV texts. A row that repeats the path of an earlier table replaces that row.
        Returns: a shared instance where `extra` repeats; it is immutable.
        Raises: RegionTableError: a malformed row, named by table and line.
        """
        return _load(tuple(extra))

    def candidates(self, name: str) -> tuple[Region, ...]:
        """Return every region that a whole name, a short name or a path of them can mean, in no order of preference.

        Returns: empty for an unknown name. 朝阳 gives 朝阳市, 朝阳县 and three districts.
        """
        if len(name) > _MAX_PATH:
            return ()
        if direct := self._called(name):
            return tuple(dict.fromkeys(direct))
        found: dict[Region, None] = {}
        for cut in range(_MIN_STEM, len(name) - _MIN_STEM + 1):
            heads = [region for region in self._called(name[:cut]) if region.county is None]
            if heads:
                found.update((region, None) for region in self.candidates(name[cut:]) if self._any_above(heads, region))
        return tuple(found)

    def resolve(self, name: str, *, within: Region | None = None, year: int | None = None) -> Region | None:
        """Return the one region that a name means.

        Args:
            name: whole (镇海区), a path (宁波市镇海区, 浙江宁波镇海), or short (镇海, 黔东南).
            within: a region nearby. Candidates of the same city are preferred, then of the same province.
            year: divisions that existed in that year are preferred. Otherwise the present ones are, then those
                abolished last.
        Returns: None for an unknown name and for one that stays ambiguous; of what is left a province is
            preferred to a city, and a city to a county (吉林 is the province, 台州 the city).
        """
        return self._choose(self.candidates(name), _Wanted(name, within, year))

    def find(
        self, text: str, *, within: Region | None = None, year: int | None = None, short: bool = False
    ) -> tuple[Mention, ...]:
        """Find regions named in running text, left to right, never overlapping.

        The longest reading wins, and a path is one mention: 宁波市镇海区 is the district. The head of a path
        may be short (浙江慈溪市); what ends it is a whole name unless `short`. Names of two characters (和县,
        忠县) and names that are plain words (城区, 南部县) need their city before them, or other support: the
        end of 振兴县 or 沿海城市 is not a place. Names that stay ambiguous are left out.

        Args: short: also take stems of two characters or more (镇海, 淳安). within, year: as for `resolve`.
        Returns: mentions with offsets into `text`, which is searched as it stands.
        """
        mentions = []
        end = 0
        blocked = -1
        for start in [start for start in range(len(text) - 1) if text[start : start + _OPENING] in self._lengths]:
            if start < end:
                continue
            reading = None if start == blocked else self._longest_reading(text, start, within, short)
            if reading is None:
                # 河南山区 is not 南山区, 海南山区 neither: the province is read, and its last character is spent.
                if any(region.level == 0 for region in self._stems.get(text[start : start + 2], ())):
                    blocked = start + 1
                continue
            region = self._choose(reading.regions, _Wanted(text[start : reading.end], within, year))
            if region is not None:
                mentions.append(Mention(region, start, reading.end))
            end = reading.end
        return tuple(mentions)

    def covers(self, wanted: Region, region: Region) -> bool:
        """Return whether an article about `region` answers a filter for `wanted`.

        It does where the region lies in the wanted one; where it is a former division and a successor, however
        far down the line, lies there (上城区 finds 江干区); and where the wanted one is a former division whose
        name was carried on (奉化市 finds 奉化区, 鄞县 finds 鄞州区; 江干区 does not find 上城区).
        """
        targets = (wanted, *self._renamed_successors(wanted))
        origins = (region, *self._all_successors(region))
        return any(target.contains(origin) for target in targets for origin in origins)

    def is_former(self, region: Region) -> bool:
        """Return whether the region has been abolished or renamed; False for one that is not in the table."""
        return region in self._divisions.abolished

    def abolished(self, region: Region) -> int | None:
        """Return the year in which a former division was abolished or renamed; None for a present one."""
        return self._divisions.abolished.get(region)

    def successors(self, region: Region) -> tuple[Region, ...]:
        """Return what directly took over a former division; these may be former by now. Empty for a present one."""
        return self._divisions.successors.get(region, ())

    def _called(self, name: str) -> tuple[Region, ...]:
        return (*self._names.get(name, ()), *self._stems.get(name, ()))

    def _all_successors(self, region: Region) -> tuple[Region, ...]:
        """Return the successors of all generations."""
        found: dict[Region, None] = {}
        queue = list(self.successors(region))
        while queue:
            successor = queue.pop()
            if successor not in found:
                found[successor] = None
                queue.extend(self.successors(successor))
        return tuple(found)

    def _renamed_successors(self, region: Region) -> tuple[Region, ...]:
        """Return the successors of all generations that carried the name on."""
        heirs: dict[Region, None] = {}
        queue = [region]
        while queue:
            former = queue.pop()
            for successor in self.successors(former):
                if successor not in heirs and continues_name(former.name, successor.name):
                    heirs[successor] = None
                    queue.append(successor)
        return tuple(heirs)

    def _is_ancestor(self, head: Region, region: Region) -> bool:
        """Return whether a path may run from head to region: 济南市莱城区 and 丽水地区青田县 count."""
        if head == region:
            return False
        return self.covers(head, region) or any(self.covers(heir, region) for heir in self._all_successors(head))

    def _any_above(self, heads: Iterable[Region], region: Region) -> bool:
        return any(self._is_ancestor(head, region) for head in heads)

    def _nearness(self, region: Region, within: Region) -> int:
        nearness = _ELSEWHERE
        for anchor in (within, *self._all_successors(within)):
            if region.province == anchor.province:
                if anchor.city == region.city and (anchor.city or region.province.endswith("市")):
                    return _SAME_CITY
                nearness = _SAME_PROVINCE
        return nearness

    # --- one region out of several ---------------------------------------------------------------------

    def _choose(self, candidates: Sequence[Region], wanted: _Wanted) -> Region | None:
        """Return the region that is meant, None if several are left; each preference selects among the regions left so far."""
        left = list(candidates)
        for prefer in (self._spelled_out, self._nearest, self._in_force, self._highest):
            if len(left) > 1:
                left = prefer(left, wanted) or left
        return left[0] if len(left) == 1 else None

    def _spelled_out(self, regions: list[Region], wanted: _Wanted) -> list[Region]:
        # 莱芜市钢城区 is the district of that city, though its successor 济南市钢城区 lies on the same path.
        name = wanted.name
        return [region for region in regions if len(name) > len(region.name) and region.path.endswith(name)]

    def _nearest(self, regions: list[Region], wanted: _Wanted) -> list[Region]:
        if wanted.within is None:
            return regions
        nearness = [self._nearness(region, wanted.within) for region in regions]
        return [region for region, near in zip(regions, nearness, strict=True) if near == max(nearness)]

    def _in_force(self, regions: list[Region], wanted: _Wanted) -> list[Region]:
        """Return those that existed in the year; else, and without a year, the present ones or those abolished last."""
        if wanted.year is not None and (existing := [region for region in regions if self._existed(region, wanted.year)]):
            # In the year of the change both are there; the one that carries the name on is meant.
            return [region for region in existing if not any(heir in existing for heir in self._renamed_successors(region))]
        if wanted.year is None:
            # 沙县 is the whole name of a former county, and the stem of 沙县区.
            regions = [region for region in regions if region in self._names.get(wanted.name, ())] or regions
        ends = [self._divisions.abolished.get(region, _PRESENT) for region in regions]
        return [region for region, end in zip(regions, ends, strict=True) if end == max(ends)]

    def _highest(self, regions: list[Region], wanted: _Wanted) -> list[Region]:
        top = min(region.level for region in regions)
        return [region for region in regions if region.level == top]

    def _existed(self, region: Region, year: int) -> bool:
        return self._divisions.began.get(region, 0) <= year <= self._divisions.abolished.get(region, _PRESENT)

    # --- names in running text -------------------------------------------------------------------------

    def _longest_reading(self, text: str, start: int, within: Region | None, short: bool) -> _Reading | None:
        """Return the longest reading at `start` that its path or the text around it supports."""
        longest: _Reading | None = None
        for reading in self._readings(text, start, None, short):
            if longest is not None and reading.end <= longest.end:
                continue
            if reading.above is not None:
                regions = self._supported_by_path(reading, reading.above)
            else:
                regions = self._supported_by_text(reading, text, start, within)
            if regions:
                longest = reading._replace(regions=regions)
        return longest

    def _readings(
        self, text: str, start: int, heads: tuple[Region, ...] | None, short: bool, above: str | None = None
    ) -> Iterator[_Reading]:
        """Yield the names that start at `start`, and the paths that they open.

        Args: heads: the regions that `above`, the name right before, can mean: what follows must lie in one of them.
        """
        for length in self._lengths.get(text[start : start + _OPENING], ()):
            name = text[start : start + length]
            regions = self._called(name)
            if not regions or len(name) < length:  # the text ends before the name does
                continue
            end = start + length
            if heads is not None:
                regions = tuple(region for region in regions if self._any_above(heads, region))
            closing = regions if short else tuple(region for region in regions if region in self._names.get(name, ()))
            if closing and not (name[-1] == "区" and text[end : end + 1] == "域"):  # 江北区域
                yield _Reading(end, name, above, tuple(dict.fromkeys(closing)))
            opening = tuple(dict.fromkeys(region for region in regions if region.county is None))
            if opening:
                yield from self._readings(text, end, opening, short, name)

    def _supported_by_path(self, reading: _Reading, above: str) -> tuple[Region, ...]:
        """Return what the last name of a path can mean; a plain word needs its own city before it."""
        if not self._is_ordinary(reading.name):
            return reading.regions
        if reading.name in _ORDINARY_NAMES and above not in self._names:
            return ()  # 晋城市城区 is a district; 晋城城区 is what anyone calls the middle of a town.
        # A province is too far off: 广西资源 are resources.
        cities = self._called(above)
        return tuple(region for region in reading.regions if any(self._nearness(region, city) == _SAME_CITY for city in cities))

    def _supported_by_text(self, reading: _Reading, text: str, start: int, within: Region | None) -> tuple[Region, ...]:
        """Return what a name without a path can mean, as far as the text around it allows."""
        name, regions = reading.name, reading.regions
        if self._is_ordinary(name):
            if within is None or not _starts_word(text, start):
                return ()
            return tuple(region for region in regions if self._nearness(region, within) == _SAME_CITY)
        if name in self._names and len(name) == _SHORT_NAME:
            following = text[reading.end : reading.end + 1]
            return regions if _starts_word(text, start) and following not in _COUNTY_WORDS else ()
        return regions

    def _is_ordinary(self, name: str) -> bool:
        return name in _ORDINARY_NAMES or (name in _ORDINARY_STEMS and name not in self._names)


def _starts_word(text: str, start: int) -> bool:
    """Return whether nothing, punctuation or 团 (as in 团忠县委) stands before `start`."""
    return start == 0 or text[start - 1] == "团" or not "\u4e00" <= text[start - 1] <= "\u9fff"


# One for the packaged table and a few for libraries that bring their own.
@functools.lru_cache(maxsize=4)
def _load(extra: tuple[str, ...]) -> Gazetteer:
    divisions = read_divisions(extra)
    names: dict[str, list[Region]] = {}
    stems: dict[str, list[Region]] = {}
    for region in divisions.regions:
        name = region.name
        names.setdefault(name, []).append(region)
        stem, kind = split_name(name)
        if len(stem) < _MIN_STEM or stem == name:
            continue
        stems.setdefault(stem, []).append(region)
        plain = stem + PLAIN_KINDS.get(kind, kind)
        if plain != name and kind in PLAIN_KINDS:
            names.setdefault(plain, []).append(region)
    lengths: dict[str, set[int]] = {}
    for form in (*names, *stems):
        lengths.setdefault(form[:_OPENING], set()).add(len(form))
    return Gazetteer(
        regions=divisions.regions,
        extra=extra,
        _divisions=divisions,
        _names={name: tuple(found) for name, found in names.items()},
        _stems={stem: tuple(found) for stem, found in stems.items()},
        _lengths={first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
    )
