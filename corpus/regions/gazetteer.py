"""Administrative divisions of China, present and abolished: names -> `Region`.

The packaged table (`regions.csv`) lists provinces, cities and counties with the year a division was
abolished and what took it over. Two things keep it short. A county that only changed its city (丽水地区青田县,
now 丽水市青田县) has no row of its own: the path is followed through the successors of the city. And a
division that carries an old name on (奉化市 -> 奉化区) gets the year it began from the row of the old one,
so there is no column for it; for this the division that continues the name stands first among the successors,
and a neighbour that merely absorbed a namesake (宣化县 into the older 宣化区) does not.
"""

import csv
import functools
import importlib.resources
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from corpus.messages.errors import RegionTableError
from corpus.messages.message import Message

_COLUMNS = ["province", "city", "county", "until", "successors"]

# Longest first, so that 自治县 goes before 县.
_SUFFIXES = ("特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "省", "市", "区", "县", "旗", "盟")
# What a reader may write for an autonomous division once the peoples are left out: 恩施州, 景宁县, 管城区.
_PLAIN_SUFFIXES = {"自治州": "州", "自治县": "县", "自治旗": "旗", "区": "区"}
# 新区 and 矿区 are not suffixes in general: 井陉矿区 without 矿区 would be taken for 井陉县.
_STEMS = {
    "神农架林区": "神农架",
    "六枝特区": "六枝",
    "万山特区": "万山",
    "浦东新区": "浦东",
    "滨海新区": "滨海",
    "沈北新区": "沈北",
    "峰峰矿区": "峰峰",
    "白云鄂博矿区": "白云鄂博",
    "鹰手营子矿区": "鹰手营子",
}


def _words(text: str) -> list[str]:
    return text.split()


# The peoples named in autonomous divisions, longest first where one ends like another (柯尔克孜, 达斡尔族).
_PEOPLES = tuple(
    _words(
        """
        维吾尔 哈萨克族 哈萨克 柯尔克孜 塔吉克 达斡尔族 鄂温克族 土家族 蒙古族 布依族 哈尼族 拉祜族 傈僳族 纳西族 景颇族 布朗族
        普米族 独龙族 仫佬族 毛南族 仡佬族 裕固族 撒拉族 保安族 东乡族 朝鲜族 蒙古 锡伯 各族 藏族 回族 苗族 彝族 壮族 侗族 瑶族 白族
        傣族 黎族 佤族 畲族 水族 土族 羌族 满族 怒族
        """
    )
)

# Names that are also plain words or the tail of plain words (沿海城市, 西部山区, 主城区, 新兴城市, 浙江南部县市):
# running text means the division only where its city is named before it, or is the city being read about.
_PLAIN_NAMES = frozenset(
    _words(
        """
        东区 西区 城区 郊区 矿区 市区 新区 老城区 新城区 城中区 城北区 城南区 市中区 中市区 东市区 西市区 北市区 南市区 市郊区 南郊区 解放区
        振兴区 友好区 港口区 中山区 西山区 南山区 东山区 海城区 江城区 山城区 东城区 西城区 海城市 兴城市 宜城市 南部县
        """
    )
)
# The same for stems, which are tried with short=True only.
_PLAIN_STEMS = frozenset(
    _words(
        """
        上街 东城 东方 东海 东风 中原 中山 中方 乐业 二七 互助 交口 仁和 会同 光明 公安 兴城 兴安 利通 前进 北关 北湖 南山 南海 南部
        友好 向阳 和平 商城 商水 团风 城中 城关 城北 城厢 城口 复兴 大同 大名 大方 太和 太平 天元 天心 天河 宝塔 安宁 安定 安居 安康 宜城
        宣化 富民 尚义 尚志 山城 山阳 工农 市中 平利 平原 平和 平安 应城 建华 建安 开化 开平 惠农 惠民 成安 振兴 文昌 新丰 新乐 新兴
        新华 新北 新城 新建 新星 新民 新源 新田 望城 望江 桥东 桥西 正阳 民乐 民和 民权 永和 永安 永定 江南 江北 江城 江山 沙湾 河东
        河口 河西 海城 海港 港口 湖口 湖滨 滨江 白云 石泉 站前 红旗 红星 老城 西城 西山 西工 西湖 解放 资源 路北 路南 路桥 通道
        万年 三元 三江 三门 上高 丰满 二道 五台 仙桃 保康 光泽 共和 前锋 动力 升平 南岸 南开 双桥 台前 合作 同心 四方 回民 围场 大兴 大化
        大理 大田 大英 大观 天全 天柱 天涯 太白 孝感 定远 宏伟 富源 富裕 小店 市北 市南 市郊 平定 平房 庆安 延长 建始 当阳 新会 新和 新平
        新青 文峰 无为 日照 星子 月湖 桃源 比如 永新 永福 水城 江岸 河间 海北 海棠 洞口 清新 清水 清流 灯塔 爱民 盐田 石棉 石门 红安
        芙蓉 莲花 裕民 赤水 运河 金台 金牛 金门 长子 高密 高青 麒麟 黑水 龙口
        道外 道里 金山 金水 铁东 铁西 长乐 长兴 长寿 长治 集美 集贤 青山 高台 高明 龙门
        """
    )
)


@dataclass(frozen=True, slots=True)
class Region:
    """A province, city or county, present or abolished.

    `city` is None for a province and for what lies directly under one (北京市朝阳区, 石河子市); `county` is
    None for a province or city. A city is any division between the two: 地级市, 自治州, 地区, 盟.
    """

    province: str
    city: str | None = None
    county: str | None = None

    @property
    def label(self) -> str:
        """The name a citation shows: 浙江省, 宁波市, 慈溪市, and a district with its city, 宁波市镇海区.

        Counties, county-level cities and banners are unique enough to stand alone; districts are not
        (鼓楼区 is four). A district of a municipality carries the municipality: 北京市朝阳区.
        """
        if self.county is None:
            return self.city or self.province
        if not self.county.endswith("区"):
            return self.county
        if self.city is not None:
            return self.city + self.county
        # 神农架林区 lies directly under a province and stands alone.
        return self.province + self.county if self.province.endswith("市") else self.county

    @property
    def name(self) -> str:
        """Its own name, without what it lies in: 镇海区."""
        return self.county or self.city or self.province

    @property
    def stem(self) -> str:
        """Its own name without the kind of division and the peoples: 镇海, 黔东南; one character for 和县."""
        return _stem(self.name)[0]

    def contains(self, other: "Region") -> bool:
        """Whether `other` is this region or lies below it by its own path, whatever became of either."""
        if self.province != other.province:
            return False
        if self.county is not None:
            return self == other
        return self.city is None or self.city == other.city


@dataclass(frozen=True, slots=True)
class Mention:
    """A region named in a text: `text[start:end]`, half open, in code points."""

    region: Region
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """Every region of a table, found by name. `regions` keeps the order of the table."""

    regions: tuple[Region, ...]
    _until: Mapping[Region, int] = field(repr=False)
    _successors: Mapping[Region, tuple[Region, ...]] = field(repr=False)
    _since: Mapping[Region, int] = field(repr=False)
    _names: Mapping[str, tuple[Region, ...]] = field(repr=False)
    _shorts: Mapping[str, tuple[Region, ...]] = field(repr=False)
    # First character of any form -> lengths of the forms that start with it, longest first.
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
        """Every region that a whole name, a short name or a path of them can mean, in no order of merit.

        Returns: empty for an unknown name. 朝阳 gives 朝阳市, 朝阳县 and three districts.
        """
        direct = (*self._names.get(name, ()), *self._shorts.get(name, ()))
        if direct:
            return tuple(dict.fromkeys(direct))
        found: dict[Region, None] = {}
        for cut in range(2, len(name) - 1):
            heads = [r for r in self._forms(name[:cut]) if r.county is None]
            if heads:
                found.update((r, None) for r in self.candidates(name[cut:]) if self._any_above(heads, r))
        return tuple(found)

    def resolve(self, name: str, *, within: Region | None = None, year: int | None = None) -> Region | None:
        """The one region that a name means.

        Args:
            name: whole (镇海区), a path (宁波市镇海区, 浙江宁波镇海), or short (镇海, 黔东南).
            within: a region near by. Candidates of the same city are preferred, then of the same province.
            year: divisions that existed in that year are preferred. Otherwise the present ones are, then those
                abolished last.
        Returns: None for an unknown name and for one that stays ambiguous; of what is left a province is
            preferred to a city, and a city to a county (吉林 is the province, 台州 the city).
        """
        return self._choose(self.candidates(name), name, within, year)

    def find(
        self, text: str, *, within: Region | None = None, year: int | None = None, short: bool = False
    ) -> tuple[Mention, ...]:
        """Regions named in running text, left to right, never overlapping.

        The longest reading wins, and a path is one mention: 宁波市镇海区 is the district. The head of a path
        may be short (浙江慈溪市); what ends it is a whole name unless `short`. Names of two characters (和县,
        忠县) and names that are plain words (城区, 南部县) need their city before them, or other support: the
        end of 振兴县 or 沿海城市 is not a place. Names that stay ambiguous are left out.

        Args: short: also take stems of two characters or more (镇海, 淳安). within, year: as for `resolve`.
        Returns: mentions with offsets into `text`, which is searched as it stands.
        """
        mentions = []
        start = 0
        blocked = -1
        while start < len(text):
            reading = None if start == blocked else self._read(text, start, within, short)
            if reading is None:
                # 河南山区 is not 南山区, 海南山区 neither: the province is read, and its last character is spent.
                if any(not r.city and not r.county for r in self._shorts.get(text[start : start + 2], ())):
                    blocked = start + 1
                start += 1
                continue
            end, candidates = reading
            region = self._choose(candidates, text[start:end], within, year)
            if region is not None:
                mentions.append(Mention(region, start, end))
            start = end
        return tuple(mentions)

    def covers(self, wanted: Region, region: Region) -> bool:
        """Whether an article about `region` answers a filter for `wanted`.

        It does where the region lies in the wanted one; where it is a former division and a successor, however
        far down the line, lies there (上城区 finds 江干区); and where the wanted one is a former division whose
        name was carried on (奉化市 finds 奉化区, 鄞县 finds 鄞州区; 江干区 does not find 上城区).
        """
        targets = (wanted, *self._renamed_successors(wanted))
        origins = (region, *self._all_successors(region))
        return any(target.contains(origin) for target in targets for origin in origins)

    def is_former(self, region: Region) -> bool:
        """Whether the region has been abolished or renamed; False for one that is not in the table."""
        return region in self._until

    def abolished(self, region: Region) -> int | None:
        """The year in which a former division was abolished or renamed; None for a present one."""
        return self._until.get(region)

    def successors(self, region: Region) -> tuple[Region, ...]:
        """What directly took over a former division; these may be former by now. Empty for a present one."""
        return self._successors.get(region, ())

    def _forms(self, name: str) -> tuple[Region, ...]:
        return (*self._names.get(name, ()), *self._shorts.get(name, ()))

    def _all_successors(self, region: Region) -> tuple[Region, ...]:
        """Successors of all generations."""
        found: dict[Region, None] = {}
        queue = list(self.successors(region))
        while queue:
            successor = queue.pop()
            if successor not in found:
                found[successor] = None
                queue.extend(self.successors(successor))
        return tuple(found)

    def _renamed_successors(self, region: Region) -> tuple[Region, ...]:
        """Successors of all generations that carried the name on."""
        heirs: dict[Region, None] = {}
        queue = [region]
        while queue:
            former = queue.pop()
            for successor in self.successors(former):
                if successor not in heirs and _carries_name(former, successor):
                    heirs[successor] = None
                    queue.append(successor)
        return tuple(heirs)

    def _is_ancestor(self, head: Region, region: Region) -> bool:
        """Whether a path may run from head to region: 济南市莱城区 and 丽水地区青田县 count."""
        if head == region:
            return False
        return self.covers(head, region) or any(self.covers(heir, region) for heir in self._all_successors(head))

    def _any_above(self, heads: Iterable[Region], region: Region) -> bool:
        return any(self._is_ancestor(head, region) for head in heads)

    def _nearness(self, region: Region, within: Region) -> int:
        """2 in the same city or municipality, 1 in the same province, 0 elsewhere."""
        nearness = 0
        for anchor in (within, *self._all_successors(within)):
            if region.province == anchor.province:
                if anchor.city == region.city and (anchor.city or region.province.endswith("市")):
                    return 2
                nearness = 1
        return nearness

    def _choose(self, candidates: Sequence[Region], name: str, within: Region | None, year: int | None) -> Region | None:
        # 莱芜市钢城区 is the district of that city, though its successor 济南市钢城区 lies on the same path.
        spelled = [r for r in candidates if len(name) > len(r.name) and _path(r).endswith(name)]
        pool = spelled or list(candidates)
        if within is not None and len(pool) > 1:
            nearest = max(self._nearness(r, within) for r in pool)
            pool = [r for r in pool if self._nearness(r, within) == nearest]
        if len(pool) > 1:
            existing = [] if year is None else [r for r in pool if self._existed(r, year)]
            if existing:
                # In the year of the change both are there; the one that carries the name on is meant.
                pool = [r for r in existing if not any(heir in existing for heir in self._renamed_successors(r))]
            else:
                if year is None:
                    # 沙县 is the whole name of a former county, and the stem of 沙县区.
                    pool = [r for r in pool if r in self._names.get(name, ())] or pool
                last = max(self._until.get(r, _PRESENT) for r in pool)
                pool = [r for r in pool if self._until.get(r, _PRESENT) == last]
        if len(pool) > 1:
            top = min(_level(r) for r in pool)
            pool = [r for r in pool if _level(r) == top]
        return pool[0] if len(pool) == 1 else None

    def _existed(self, region: Region, year: int) -> bool:
        return self._since.get(region, 0) <= year <= self._until.get(region, _PRESENT)

    def _is_plain(self, name: str) -> bool:
        return name in _PLAIN_NAMES or (name in _PLAIN_STEMS and name not in self._names)

    def _read(self, text: str, start: int, within: Region | None, short: bool) -> tuple[int, tuple[Region, ...]] | None:
        """The longest reading at `start`: its end, and what the whole of it can mean."""
        best: tuple[int, tuple[Region, ...]] | None = None
        for end, name, regions, head in self._matches_at(text, start, None, short):
            if best is not None and end <= best[0]:
                continue
            if head is None:
                regions = self._disambiguate(text, start, end, name, regions, within)
            elif self._is_plain(name):
                if name in _PLAIN_NAMES and head not in self._names:
                    # 晋城市城区 is a district; 晋城城区 is what anyone calls the middle of a town.
                    continue
                # A province is too far off: 广西资源 are resources.
                cities = self._forms(head)
                regions = tuple(r for r in regions if any(self._nearness(r, c) == 2 for c in cities))
            if regions:
                best = end, regions
        return best

    def _matches_at(
        self, text: str, start: int, heads: tuple[Region, ...] | None, short: bool, head: str | None = None
    ) -> Iterator[tuple[int, str, tuple[Region, ...], str | None]]:
        """Names that start at `start` and the paths they open: (end, last name, regions, name before it)."""
        for length in self._lengths.get(text[start : start + 1], ()):
            name = text[start : start + length]
            forms = self._forms(name)
            if not forms:
                continue
            end = start + length
            if heads is not None:
                forms = tuple(r for r in forms if self._any_above(heads, r))
            closing = forms if short else tuple(r for r in forms if r in self._names.get(name, ()))
            if closing and not (name[-1] == "区" and text[end : end + 1] == "域"):
                yield end, name, tuple(dict.fromkeys(closing)), head
            opening = tuple(dict.fromkeys(r for r in forms if r.county is None))
            if opening:
                yield from self._matches_at(text, end, opening, short, name)

    def _disambiguate(
        self, text: str, start: int, end: int, name: str, regions: tuple[Region, ...], within: Region | None
    ) -> tuple[Region, ...]:
        """Of what a name without a path can mean, what the text around it allows."""
        if self._is_plain(name):
            if within is None or not _starts_word(text, start):
                return ()
            return tuple(r for r in regions if self._nearness(r, within) == 2)
        if name in self._names and len(name) == 2 and (not _starts_word(text, start) or text[end : end + 1] in _COUNTY_WORDS):
            return ()
        return regions


# Later than any year of abolition.
_PRESENT = 9999
# 和县域, 和县级: the county as a common noun; the empty string (end of the text) is not among them.
_COUNTY_WORDS = frozenset("城域级乡里市区直")


def _starts_word(text: str, start: int) -> bool:
    """Whether nothing, punctuation or 团 (as in 团忠县委) stands before `start`."""
    return start == 0 or text[start - 1] == "团" or not "\u4e00" <= text[start - 1] <= "\u9fff"


def _level(region: Region) -> int:
    return 0 if region == Region(region.province) else 1 if region.county is None else 2


def _path(region: Region) -> str:
    return region.province + (region.city or "") + (region.county or "")


@functools.cache
def _stem(name: str) -> tuple[str, str]:
    """Split a name into stem and suffix, peoples left out: 黔东南苗族侗族自治州 -> 黔东南, 自治州."""
    if name in _STEMS:
        return _STEMS[name], name[len(_STEMS[name]) :]
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            break
    else:
        return name, ""
    stem = name[: -len(suffix)]
    # 瀍河回族区 names a people too, 新蔡县 does not.
    shortened = suffix.startswith("自治") or stem.endswith("族")
    while shortened:
        shortened = False
        for people in _PEOPLES:
            # A people stays where the name has nothing else: 内蒙古, and 东乡族自治县 (东乡).
            if stem.endswith(people) and len(stem) >= len(people) + 2:
                stem, shortened = stem[: -len(people)], True
                break
    return (stem[:-1] if stem in ("东乡族", "鄂温克族") else stem), suffix


def _carries_name(former: Region, successor: Region) -> bool:
    """奉化市 -> 奉化区; and 鄞县 -> 鄞州区, 赣县 -> 赣县区, as a stem of one character was always extended."""
    old, new = _stem(former.name)[0], _stem(successor.name)[0]
    return old == new or (len(old) == 1 and new.startswith(old))


def _parse(text: str, table: str) -> list[tuple[int, Region, int | None, list[str]]]:
    """Rows of one table: line, region, year of abolition, paths of the successors.

    Raises: RegionTableError: the header or a row is not as `_COLUMNS` has it.
    """
    rows = csv.reader(text.removeprefix("\ufeff").splitlines())
    header = next(rows, [])
    if header != _COLUMNS:
        raise _malformed(
            table, 1, Message.of("corpus.regions.wrong_columns", expected=",".join(_COLUMNS), found=",".join(header))
        )
    parsed = []
    seen = set()
    for line, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) != len(_COLUMNS):
            raise _malformed(table, line, Message.of("corpus.regions.wrong_field_count", expected=len(_COLUMNS), found=len(row)))
        province, city, county, until, successors = row
        if not province:
            raise _malformed(table, line, Message.of("corpus.regions.no_province"))
        if until and not (until.isascii() and until.isdigit() and len(until) == 4):
            raise _malformed(table, line, Message.of("corpus.regions.not_a_year", found=until))
        if successors and not until:
            raise _malformed(table, line, Message.of("corpus.regions.successors_without_year"))
        region = Region(province, city or None, county or None)
        if region in seen:
            raise _malformed(table, line, Message.of("corpus.regions.repeated", region=region.label))
        seen.add(region)
        parsed.append((line, region, int(until) if until else None, successors.split(";") if successors else []))
    return parsed


def _malformed(table: str, line: int, cause: Message) -> RegionTableError:
    return RegionTableError(Message.of("corpus.regions.malformed", table=table, line=line, cause=cause))


def _locate(path: str, regions: Mapping[Region, object]) -> Region | None:
    """A successor's path. 北京市/密云区 has no city, and 海南省/儋州市 is the city rather than the old county."""
    parts = path.split("/")
    if len(parts) > 3 or not all(parts):
        return None
    readings = [Region(*parts)]
    if len(parts) == 2:
        readings.append(Region(parts[0], None, parts[1]))
    return next((r for r in readings if r in regions), None)


# One for the packaged table and a few for libraries that bring their own.
@functools.lru_cache(maxsize=4)
def _load(extra: tuple[str, ...]) -> Gazetteer:
    packaged = importlib.resources.files(__package__).joinpath("regions.csv").read_text(encoding="utf-8")
    rows: dict[Region, tuple[str, int, int | None, list[str]]] = {}
    tables = [
        ("regions.csv", packaged),
        *((f"table {n} of extra", text) for n, text in enumerate(extra, start=1)),
    ]
    for table, text in tables:
        for line, region, year, paths in _parse(text, table):
            rows[region] = table, line, year, paths

    until: dict[Region, int] = {}
    since: dict[Region, int] = {}
    successors: dict[Region, tuple[Region, ...]] = {}
    for region, (table, line, year, paths) in rows.items():
        parent = Region(region.province, region.city if region.county else None)
        if parent not in rows:
            raise _malformed(table, line, Message.of("corpus.regions.no_parent", parent=parent.label))
        if year is None:
            continue
        until[region] = year
        if not paths:
            continue
        heirs = []
        for path in paths:
            heir = _locate(path, rows)
            if heir is None or heir == region:
                raise _malformed(table, line, Message.of("corpus.regions.not_a_path", found=path))
            heirs.append(heir)
        successors[region] = tuple(heirs)
        if _carries_name(region, heirs[0]):
            since[heirs[0]] = max(year, since.get(heirs[0], 0))

    names: dict[str, list[Region]] = {}
    shorts: dict[str, list[Region]] = {}
    for region in rows:
        name = region.name
        names.setdefault(name, []).append(region)
        stem, suffix = _stem(name)
        if len(stem) < 2 or stem == name:
            continue
        shorts.setdefault(stem, []).append(region)
        plain = stem + _PLAIN_SUFFIXES.get(suffix, suffix)
        if plain != name and suffix in _PLAIN_SUFFIXES:
            names.setdefault(plain, []).append(region)

    lengths: dict[str, set[int]] = {}
    for form in (*names, *shorts):
        lengths.setdefault(form[0], set()).add(len(form))
    return Gazetteer(
        regions=tuple(rows),
        _until=until,
        _successors=successors,
        _since=since,
        _names={name: tuple(found) for name, found in names.items()},
        _shorts={name: tuple(found) for name, found in shorts.items()},
        _lengths={first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
    )
