"""Regions written in Latin letters: Haishu District, haishu qu, Harbin."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from corpus.document import Region
from corpus.regions.gazetteer import Gazetteer, Mention
from index.query.phonetics import spell
from index.query.stemmer import STOP_WORDS
from index.query.translation import load_translations

# Names that are not, or not only, written as Mandarin is read; and readings that the pronunciation tables miss.
_SPELLED = {
    "陕西": ("shaanxi",),
    "西藏": ("tibet", "xizang"),
    "内蒙古": ("innermongolia", "neimenggu"),
    "香港": ("hongkong", "xianggang"),
    "澳门": ("macau", "macao", "aomen"),
    "哈尔滨": ("harbin", "haerbin"),
    "呼和浩特": ("hohhot", "huhehaote"),
    "齐齐哈尔": ("qiqihar",),
    "鄂尔多斯": ("ordos",),
    "呼伦贝尔": ("hulunbuir",),
    "锡林郭勒": ("xilingol",),
    "乌鲁木齐": ("urumqi",),
    "吐鲁番": ("turpan",),
    "喀什": ("kashgar", "kashi"),
    "和田": ("hotan", "hetian"),
    "伊犁": ("ili", "yili"),
    "拉萨": ("lhasa",),
    "日喀则": ("shigatse", "xigaze"),
    "朝阳": ("chaoyang",),
    "单县": ("shan",),
    "洪洞": ("hongtong",),
    "浚县": ("xun",),
    "涡阳": ("guoyang",),
}
# What may follow a name, and how the Chinese name then ends.
_DIVISIONS = {
    "city": "市",
    "municipality": "市",
    "shi": "市",
    "district": "区",
    "qu": "区",
    "county": "县",
    "xian": "县",
    "province": "省",
    "sheng": "省",
    "prefecture": "州",
    "banner": "旗",
}
_ENGLISH = {"市": "City", "区": "District", "县": "County", "省": "Province", "州": "Prefecture", "旗": "Banner"}
_WORD = re.compile(r"[A-Za-z]+(?:['’](?!s\b)[A-Za-z]+)*")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LONGEST_NAME = 3  # words: Hong Kong, Bei Lun Qu


@dataclass(frozen=True, slots=True)
class LatinMention:
    """A region named in Latin letters: `text[start:end]`; `whole` where the kind of division is named too (Haishu District)."""

    mention: Mention
    whole: bool


@lru_cache(maxsize=4)
def _names(gazetteer: Gazetteer) -> Mapping[str, tuple[Region, ...]]:
    """Names in Latin letters, lower case and in one piece, without the kind of division -> the regions that bear them."""
    names: dict[str, list[Region]] = {}
    for region in gazetteer.regions:
        short = region.stem
        forms = _SPELLED.get(short) or _SPELLED.get(region.name) or (spell(short),)
        for form in {form.replace("v", vowel) for form in forms for vowel in ("v", "u")}:  # 吕梁 is Lvliang and Luliang
            names.setdefault(form, []).append(region)
    return {name: tuple(found) for name, found in names.items()}


def find_regions(text: str, *, gazetteer: Gazetteer, present: Sequence[Region], home: Region | None) -> tuple[LatinMention, ...]:
    """Return regions that a text names in pinyin or English, left to right.

    A name counts where it is capitalised, or the kind of division follows it (haishu district). A name that is also an English
    word (Dean is 德安, Mile 弥勒) counts only with the kind of division.

    Args: present: the regions of the library, to which an ambiguous name is referred first; home: the province to which next.
    """
    words = list(_WORD.finditer(text))
    if not words:
        return ()
    found: list[tuple[int, int, tuple[Region, ...], bool]] = []
    position = 0
    while position < len(words):
        reading = next(_readings(text, words, position, gazetteer), None)
        if reading is not None:
            found.append((words[position].start(), words[reading[0] - 1].end(), reading[1], reading[2]))
        position = reading[0] if reading is not None else position + 1

    def merit(region: Region, others: Sequence[Region]) -> tuple[bool, ...]:
        return (
            any(other != region and other.contains(region) for other in others),
            region in present,
            any(gazetteer.covers(region, known) for known in present),
            home is not None and region.province == home.province,
            not gazetteer.is_former(region),
            region.county is None,
        )

    mentions = []
    for start, end, candidates, whole in found:
        others = [region for other in found if other[0] != start for region in other[2] if region.county is None]
        best = max(candidates, key=lambda region: merit(region, others))
        mentions.append(LatinMention(Mention(best, start, end), whole))
    return tuple(mentions)


def _readings(
    text: str, words: Sequence[re.Match[str]], position: int, gazetteer: Gazetteer
) -> Iterator[tuple[int, tuple[Region, ...], bool]]:
    """Yield what the words from `at` on may name, the longest first: the word after it, the regions, whether their kind is
    named.
    """
    for end in range(min(len(words), position + _LONGEST_NAME), position, -1):
        pieces = [word[0] for word in words[position:end]]
        if any(text[word.end() : following.start()] not in (" ", "-") for word, following in pairwise(words[position:end])):
            continue
        regions = _names(gazetteer).get(re.sub(r"['’]", "", "".join(pieces)).lower(), ())
        if not regions:
            continue
        follows = end < len(words) and text[words[end - 1].end() : words[end].start()] == " "
        kind = _DIVISIONS.get(words[end][0].lower()) if follows else None
        of_kind = tuple(region for region in regions if kind and region.name.endswith(kind))
        if kind and (of_kind or len(regions[0].stem) > 1):  # Yinzhou County is now a district
            yield end + 1, of_kind or regions, True
        bare = tuple(region for region in regions if len(region.stem) > 1)
        if bare and all(piece[0].isupper() for piece in pieces) and _names_place("".join(pieces), bare):
            yield end, bare, False


def _names_place(word: str, regions: Sequence[Region]) -> bool:
    """Return whether English knows a word as nothing but a name: `Mile` has senses (英里), and 弥勒 is not among the first."""
    if word.lower() in STOP_WORDS:
        return False
    senses = [sense for group in load_translations().synonym_groups(word) for sense, _ in group.senses if not sense.isascii()]
    return not senses or any(region.stem in sense or sense in region.stem for region in regions for sense in senses)


def english_name(region: Region) -> str:
    """Return the name in Latin letters: Haishu District, Ningbo; Xiangshan County; Zhejiang Province."""
    spelled = _SPELLED.get(region.stem, (spell(region.stem),))[0]
    name = f"{spelled.capitalize()} {_ENGLISH.get(region.name[-1], '')}".strip()
    if region.county and region.county.endswith("区"):
        above = Region(region.province, region.city)
        name += f", {english_name(above).split()[0]}"
    return name
