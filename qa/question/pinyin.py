"""Sound as a bridge: regions written in Latin letters (Haishu District), and slips that sound like a word of the library."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

from corpus.document import Region
from corpus.regions.gazetteer import Gazetteer, Mention
from index.catalog import Catalog
from index.packaged import read_packaged
from index.query.phonetics import reading
from index.query.stemmer import STOP_WORDS, stem
from index.query.thesaurus import english_senses
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
_SMALL = re.compile(r"(?<![A-Za-z'’\-])[a-z]{5,}(?![A-Za-z'’\-\d])")  # shorter words have too many neighbours
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LONGEST_NAME = 3  # words: Hong Kong, Bei Lun Qu
_LONGEST_SLIP = 6  # characters
# Of jieba's counts: a character met less often hardly stands by itself (驿 683, 占 25,139): 驿占 is doubtful and 没人 is not.
_FREE = 2_000
_ENDINGS = frozenset("er ers or ors r rs ness ly less ful able ment ish al y est ism ist ists".split())  # noqa: SIM905
_CLOSE = 0.85  # difflib ratio: volunter/volunteer 0.94, exhcange/exchange 0.88, donor/honor 0.80


@dataclass(frozen=True, slots=True)
class LatinMention:
    """A region named in Latin letters: `text[start:end]`; `whole` where the kind of division is named too (Haishu District)."""

    mention: Mention
    whole: bool


@lru_cache(maxsize=4)
def _names(gazetteer: Gazetteer) -> Mapping[str, tuple[Region, ...]]:
    """Names in Latin letters, lower case and in one piece, without the kind of division -> the regions that bear them."""
    from pypinyin import lazy_pinyin  # 0.1 s, which a question without such a name need not pay

    names: dict[str, list[Region]] = {}
    for region in gazetteer.regions:
        short = region.stem
        forms = _SPELLED.get(short) or _SPELLED.get(region.name) or ("".join(lazy_pinyin(short)),)
        for form in {form.replace("v", one) for form in forms for one in ("v", "u")}:  # 吕梁 is Lvliang and Luliang
            names.setdefault(form, []).append(region)
    return {name: tuple(found) for name, found in names.items()}


def find_regions(text: str, *, gazetteer: Gazetteer, present: Sequence[Region], home: Region | None) -> tuple[LatinMention, ...]:
    """Regions that a text names in pinyin or English, left to right.

    A name counts where it is capitalised, or the kind of division follows it (haishu district). A name that is also an English
    word (Dean is 德安, Mile 弥勒) counts only with the kind of division.

    Args: present: the regions of the library, to which an ambiguous name is referred first; home: the province to which next.
    """
    words = list(_WORD.finditer(text))
    if not words:
        return ()
    found: list[tuple[int, int, tuple[Region, ...], bool]] = []
    at = 0
    while at < len(words):
        reading = next(_readings(text, words, at, gazetteer), None)
        if reading is not None:
            found.append((words[at].start(), words[reading[0] - 1].end(), reading[1], reading[2]))
        at = reading[0] if reading is not None else at + 1

    def merit(region: Region, others: Sequence[Region]) -> tuple[bool, ...]:
        return (
            any(other != region and other.contains(region) for other in others),
            region in present,
            any(gazetteer.covers(region, one) for one in present),
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
    text: str, words: Sequence[re.Match[str]], at: int, gazetteer: Gazetteer
) -> Iterator[tuple[int, tuple[Region, ...], bool]]:
    """What the words from `at` on may name, the longest first: the word after it, the regions, whether their kind is named."""
    for end in range(min(len(words), at + _LONGEST_NAME), at, -1):
        pieces = [word[0] for word in words[at:end]]
        if any(text[one.end() : other.start()] not in (" ", "-") for one, other in pairwise(words[at:end])):
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
    """Whether English knows a word as nothing but a name: `Mile` has senses (英里), and 弥勒 is not among the first."""
    if word.lower() in STOP_WORDS:
        return False
    senses = [sense for concept in load_translations().synonym_groups(word) for sense, _ in concept.senses if not sense.isascii()]
    return not senses or any(region.stem in sense or sense in region.stem for region in regions for sense in senses)


def english_name(region: Region) -> str:
    """The name in Latin letters: Haishu District, Ningbo; Xiangshan County; Zhejiang Province."""
    from pypinyin import lazy_pinyin

    spelled = _SPELLED.get(region.stem, ("".join(lazy_pinyin(region.stem)),))[0]
    name = f"{spelled.capitalize()} {_ENGLISH.get(region.name[-1], '')}".strip()
    if region.county and region.county.endswith("区"):
        above = Region(region.province, region.city)
        name += f", {english_name(above).split()[0]}"
    return name


@dataclass(frozen=True, slots=True)
class SpellingCorrection:
    """A slip and the word of the library, or of the translation table, that it was taken for."""

    written: str
    corrected: str


def find_misspellings(text: str, *, catalog: Catalog, skip: Sequence[tuple[int, int]] = ()) -> tuple[SpellingCorrection, ...]:
    """Words of a text that the library lacks and that sound, or are spelled, almost like one that it has.

    What the library has is never changed, nor is a word of two characters that the dictionary knows: 护照 and 时事 are words,
    though no bulletin has them. The reading must be a dictionary word and share a character with what is written.

    Args: skip: stretches of the text to leave alone, as names of regions.
    """
    found: dict[str, str] = {}
    for start, end in skip:
        text = text[:start] + " " * (end - start) + text[end:]
    for match in _CHINESE.finditer(text):
        found |= _chinese_slips(match[0], catalog)
    for match in _SMALL.finditer(text):
        if match[0] not in found:
            understood = _latin_slip(match[0], catalog)
            if understood:
                found[match[0]] = understood
    return tuple(SpellingCorrection(written, understood) for written, understood in found.items())


def _chinese_slips(run: str, catalog: Catalog) -> dict[str, str]:
    vocabulary, tokenizer = catalog.vocabulary, catalog.tokenizer
    words = tokenizer.words(run)
    found: dict[str, str] = {}
    at = 0
    while at < len(words):
        step = 1
        for end in range(min(len(words), at + _LONGEST_SLIP), at, -1):
            written = "".join(words[at:end])
            if not 2 <= len(written) <= _LONGEST_SLIP or written in vocabulary:
                continue
            # 自愿者 is one word to the dictionary and no word of the library, though both of its bigrams may be.
            strange = end - at == 1 or any("".join(pair) not in vocabulary for pair in pairwise(written))
            doubtful = len(written) > 2 or any(tokenizer.frequency(w) < (_FREE if len(w) == 1 else 1) for w in words[at:end])
            # 驿站是 sounds like 一站式, and 驿站 is there; 全是 sounds like 全市, and 是 is a stop word.
            known = "".join(
                one if (len(w) > 1 and w in vocabulary) or not tokenizer.tokenize(one) else " "
                for w in words[at:end]
                for one in w
            )
            understood = _phonetic_match(written, known, catalog) if strange and doubtful else None
            if understood:
                found[written] = understood
                step = end - at
                break
        at += step
    return found


def _phonetic_match(written: str, known: str, catalog: Catalog) -> str | None:
    """The word of the library that sounds like `written` and differs in one character, if there is one: the commonest.

    Args: known: the characters of `written` that belong to words of the library, which stay; spaces for the others.
    """

    def shared(term: str) -> int:
        return sum(one == other for one, other in zip(term, written, strict=True))

    candidates = [
        term
        for term in catalog.phonetic_index.like(written)
        if len(term) == len(written)
        and shared(term) == len(written) - 1
        and all(kept in (" ", one) for kept, one in zip(known, term, strict=True))
        # Of 1,042 sentences of the sample library, read against another one, 2 have a word changed with this, some 10 without.
        and (len(term) > 2 or all(reading(one) == reading(other) for one, other in zip(term, written, strict=True)))
    ]
    if not candidates or catalog.contains_text(written):
        return None
    return max(candidates, key=lambda term: catalog.vocabulary[term])


def _latin_slip(word: str, catalog: Catalog) -> str | None:
    """What an unknown word of small letters stands for: Chinese words written in pinyin, or an English word misspelled."""
    if word in STOP_WORDS or word in catalog.vocabulary or _is_english(word) or _is_derived(word):
        return None
    if spelled := _from_pinyin(word, catalog):
        return spelled
    near = [known for known in _english_words() if known[0] == word[0] and abs(len(known) - len(word)) <= 2]
    if stem(word) in map(stem, near):
        return None
    return next(iter(get_close_matches(word, near, n=1, cutoff=_CLOSE)), None)


def _is_english(word: str) -> bool:
    return any(len(concept.senses) > 1 for concept in load_translations().synonym_groups(word))


def _is_derived(word: str) -> bool:
    """Whether a word is made of English ones, and so no slip though no table has it: leavers, livestream."""
    cuts = range(3, len(word))
    return any(_is_english(word[:cut]) and (word[cut:] in _ENDINGS or _is_english(word[cut:])) for cut in cuts)


def _from_pinyin(letters: str, catalog: Catalog) -> str | None:
    """Letters as the pinyin of terms of the library, the longest and commonest: jifenduihuan -> 积分兑换."""
    if not letters:
        return ""
    by_letters = catalog.phonetic_index.by_letters
    for end in range(len(letters), 2, -1):
        if terms := by_letters.get(letters[:end]):
            rest = _from_pinyin(letters[end:], catalog)
            if rest is not None:
                return max(terms, key=lambda term: (catalog.vocabulary[term], term)) + rest
    return None


@cache
def _english_words() -> tuple[str, ...]:
    """The words of our own English terms, which are those that a question about the field may misspell."""
    table = read_packaged(resources.files("index.query") / "english.tsv").decode("utf-8").splitlines()[1:]
    terms = [*(line.split("\t")[0] for line in table), *english_senses()]
    words = {word.lower() for term in terms for word in re.findall(r"[A-Za-z]+", term)}
    return tuple(sorted(words))
