"""The names of administrative divisions, in two parts: the proper name and the kind of division."""

import functools
import importlib.resources
from typing import NamedTuple

# One character for each level at which a committee or a government stands: 省委, 市委, 县委, 区委, 州委, 旗委, 盟委.
LEVELS = "省市县区州旗盟"
# Longest first, so that 自治县 goes before 县.
_KINDS = ("特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "省", "市", "区", "县", "旗", "盟")
# What a writer may put for the kind of an autonomous division once the peoples are left out: 恩施州, 景宁县, 管城区.
PLAIN_KINDS = {"自治州": "州", "自治县": "县", "自治旗": "旗", "区": "区"}
# 新区 and 矿区 are not kinds in general: 井陉矿区 without 矿区 would be taken for 井陉县.
_IRREGULAR_STEMS = {
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
# Without their people nothing but one character would be left of these: 东乡族自治县, 鄂温克族自治旗.
_PEOPLES_AS_STEMS = ("东乡族", "鄂温克族")


class DivisionName(NamedTuple):
    """A division's name in two parts: 黔东南 and 自治州 of 黔东南苗族侗族自治州. `kind` is "" where the name has none."""

    stem: str
    kind: str


@functools.cache
def split_name(name: str) -> DivisionName:
    """Split the name of a division into stem and kind; the peoples in it are left out."""
    if name in _IRREGULAR_STEMS:
        stem = _IRREGULAR_STEMS[name]
        return DivisionName(stem, name[len(stem) :])
    kind = next((kind for kind in _KINDS if name.endswith(kind) and len(name) > len(kind)), "")
    stem = name.removesuffix(kind)
    # 瀍河回族区 names a people too, 新蔡县 does not.
    if kind and (kind.startswith("自治") or stem.endswith("族")):
        stem = _without_peoples(stem)
    return DivisionName(stem, kind)


def continues_name(old: str, new: str) -> bool:
    """Return whether a division called `new` keeps the name of one called `old`.

    奉化区 does of 奉化市; 鄞州区 of 鄞县 and 赣县区 of 赣县, since a stem of one character was always extended.
    """
    old_stem, new_stem = split_name(old).stem, split_name(new).stem
    return old_stem == new_stem or (len(old_stem) == 1 and new_stem.startswith(old_stem))


def read_words(file: str) -> tuple[str, ...]:
    """Return the words of one of the lists beside this module, in order; lines that open with # are comments."""
    text = importlib.resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    return tuple(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def _without_peoples(stem: str) -> str:
    # A people stays where the name has nothing else: 内蒙古, and 东乡族自治县 (东乡).
    while people := next((people for people in _peoples() if stem.endswith(people) and len(stem) >= len(people) + 2), None):
        stem = stem.removesuffix(people)
    return stem.removesuffix("族") if stem in _PEOPLES_AS_STEMS else stem


@functools.cache
def _peoples() -> tuple[str, ...]:
    return read_words("peoples.txt")
