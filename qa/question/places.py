"""Regions that a question names: by their names, by short names, in Latin letters."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.document import Region, Span
from corpus.messages.errors import QuestionError
from corpus.messages.language import tr
from corpus.regions.gazetteer import Mention
from corpus.regions.naming import is_part_of_name
from corpus.text.normalize import is_half
from index.catalog import Catalog
from qa.question.pinyin import find_regions

_MAX_NAME = 100  # characters of the name of a region
_CHINESE = re.compile(r"[\u3400-\u9fff]")
# What stands before a region of which nothing is wanted (除了锦渚区, not in Jinzhu), or behind it (锦渚区以外).
_BEFORE_EXCLUDED = re.compile(
    r"(?:除(?:了|开|去)?|(?<!是)不是|不要|不含|不包括|不算|排除|去掉|撇开)(?:团|共青团|来自)?$"
    r"|\b(?:except|other than|apart from|aside from|besides|excluding|without|outside|not)"
    r"(?: for)?(?: in| of| from)?(?: the)?\s*+$",
    re.I,
)
_BEHIND_EXCLUDED = re.compile(
    "(?:[市县区]?委)?(?:[之以]外|外(?=[，,的还有都]|$))的?"
    "|的?(?:那[篇份个]?)?[就都先]?(?:别|甭|不用|不必|不)再?[给看提算讲说列放要用](?:给|我|了|进来)*(?=[，,。；;！!]|$)"
)
_AFTER_EXCLUDED = re.compile("(?:[市县区]?委)?的?")
_JOINED = re.compile(r"\s?(?:[、，,和与及跟]|以及|and|or|,? and)\s?(?:the )?", re.I)
# What a name in Latin letters is in Chinese: Haishu District (海曙区).
_IN_CHINESE = re.compile(r"(?: (?:District|County|City|Prefecture|Province|Town))? ?[(（]([\u3400-\u9fff]{2,12})[)）]")
# What makes a region the goal of a journey: 去北京打工, kids who left for Shanghai.
_BEFORE_GOAL = re.compile(
    r"(?:(?<![过失])去|赴|前往|奔赴|跑)$"
    r"|\b(?:(?:left|leaves?|leaving|head(?:ed|ing)?) for|(?:went|go|goes|gone|going|moved?|moving) to)\s*+$",
    re.I,
)
_BEFORE_NAME = "团在和与跟同及给到比问看那"  # what may stand right before the name of a place
# An institution that bears the name of a place is another matter: 岚川大学, Lanchuan University.
_NAMESAKE = re.compile(
    r"大学|学院|师范|理工|银行|路(?!演|桥)|大道|\s(?:University|Institute|Bank|[Vv]illage|[Tt]ownship|[Ss]treet|[Ss]ubdistrict)\b"
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A region that a text may name, and what speaks for it."""

    mention: Mention
    is_known: bool  # the library has something of it
    names_level: bool  # 镇海区, Haishu District: the name says which kind of division it is
    is_word: bool = True  # it is a word by itself, not a part of one
    crosses_words: bool = False  # a dictionary word reaches beyond it: 海宁 in 沿海宁静, 长治 in 长治久安
    is_wide: bool = True  # it is no county: their short names are often words, as 清河 is

    @property
    def is_meant(self) -> bool:
        """Tell whether the text means the region. A short name that the library does not know is often part of a word."""
        return self.names_level or (not self.crosses_words and (self.is_known or (self.is_wide and self.is_word)))


def find_mentions(plain: str, catalog: Catalog) -> list[Mention]:
    """Return the regions that a question names, left to right, also those of which the library has nothing."""
    words = list(word_spans(plain, catalog.tokenizer.words(plain)))
    found = [candidate.mention for candidate in _by_gazetteer(plain, words, catalog) if candidate.is_meant]
    for mention in _by_stem(plain, words, catalog):
        if not any(mention_span(mention).overlaps(mention_span(other)) for other in found):
            found.append(mention)
    found += [candidate.mention for candidate in _by_latin_name(plain, catalog) if candidate.is_meant]
    return sorted(found, key=lambda mention: mention.start)


def mention_span(mention: Mention) -> Span:
    """Return the span of a mention."""
    return Span(mention.start, mention.end)


def _by_gazetteer(plain: str, words: Sequence[Span], catalog: Catalog) -> Iterator[_Candidate]:
    """Yield what the gazetteer finds."""
    home = catalog.majority_province
    for mention in catalog.gazetteer.find(plain, within=home, short=True):
        region, span = mention.region, mention_span(mention)
        yield _Candidate(
            mention,
            is_known=catalog.has_region(region),
            names_level=span.of(plain).endswith(region.name),
            is_word=span in words,
            crosses_words=any(
                word.overlaps(span) and not span.contains(word) and len(word) > 1 and catalog.tokenizer.frequency(word.of(plain))
                for word in words
            ),
            is_wide=region.county is None,
        )


def _by_stem(plain: str, words: Sequence[Span], catalog: Catalog) -> Iterator[Mention]:
    """Yield the regions of the library whose name the gazetteer leaves alone: a plain word (江北), two characters (岷县)."""
    for region in catalog.all_regions:
        for name in {region.stem, region.name}:
            for start in _offsets(plain, name):
                opens = start == 0 or plain[start - 1] in _BEFORE_NAME or not _CHINESE.match(plain[start - 1])
                if opens and Span(start, start + len(name)) in words:
                    yield Mention(region, start, start + len(name))


def _by_latin_name(plain: str, catalog: Catalog) -> Iterator[_Candidate]:
    """Yield the regions that are named in Latin letters."""
    for latin in find_regions(plain, gazetteer=catalog.gazetteer, present=catalog.all_regions, home=catalog.majority_province):
        # `Qiantang Cadre College` is no wish for 钱塘区, of which there is nothing here.
        part_of_name = re.match(r" (?!League\b|Youth\b|Only\b)[A-Z]", plain[latin.mention.end :])
        written = _IN_CHINESE.match(plain, latin.mention.end)
        if written and not {latin.mention.region.stem, latin.mention.region.name} & {written[1], written[1][:-1]}:
            continue  # Huai'an (槐安区) is not 淮安
        yield _Candidate(
            latin.mention,
            is_known=catalog.has_region(latin.mention.region),
            names_level=latin.whole,
            is_word=part_of_name is None,
        )


class Exclusions(NamedTuple):
    """The regions of which a question wants nothing, and what to cut out of it: 除了锦渚区和北苑区以外."""

    mentions: tuple[Mention, ...]
    spans: tuple[Span, ...]

    @property
    def regions(self) -> tuple[Region, ...]:
        """Return the regions, each once."""
        return tuple(dict.fromkeys(mention.region for mention in self.mentions))


def drop_namesakes(plain: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions that are no part of another name (宁波大学, 北苑小学)."""
    return [mention for mention in mentions if not _NAMESAKE.match(plain, mention.end) and not is_part_of_name(plain, mention)]


def drop_goals(plain: str, mentions: Sequence[Mention], catalog: Catalog) -> list[Mention]:
    """Return the mentions without the goals of journeys of which the library has nothing: they limit nothing."""
    return [
        mention
        for row in _rows(plain, mentions)
        for mention in row
        if catalog.has_region(mention.region) or not _BEFORE_GOAL.search(plain[: row[0].start])
    ]


def find_exclusions(plain: str, mentions: Sequence[Mention]) -> Exclusions:
    """Return the regions that a question excludes, by what stands before the first or behind the last of several in a row."""
    excluded: list[Mention] = []
    spans: list[Span] = []
    for row in _rows(plain, mentions):
        before = _BEFORE_EXCLUDED.search(plain[: row[0].start])
        behind = _BEHIND_EXCLUDED.match(plain, row[-1].end)
        if before or behind:
            after = behind or _AFTER_EXCLUDED.match(plain, row[-1].end)
            excluded += row
            spans.append(Span(before.start() if before else row[0].start, after.end() if after else row[-1].end))
    return Exclusions(tuple(excluded), tuple(spans))


def _rows(plain: str, mentions: Sequence[Mention]) -> Iterator[list[Mention]]:
    """Group mentions that only a conjunction is between: 锦渚区和北苑区."""
    row: list[Mention] = []
    for mention in mentions:
        if row and not _JOINED.fullmatch(plain, row[-1].end, mention.start):
            yield row
            row = []
        row.append(mention)
    if row:
        yield row


def _offsets(text: str, name: str) -> Iterator[int]:
    """Yield the offsets of a name of two characters or more."""
    position = text.find(name) if len(name) > 1 else -1
    while position >= 0:
        yield position
        position = text.find(name, position + 1)


def word_spans(plain: str, words: Sequence[str]) -> Iterator[Span]:
    """Yield the spans of the Chinese words of a text."""
    folded, position = plain.casefold(), 0
    for word in words:
        start = folded.find(word, position)
        if start >= 0:
            position = start + len(word)
            yield Span(start, position)


class RequestedRegions(NamedTuple):
    """The regions that a question asks about: those the library has, and those of which it has nothing."""

    present: tuple[Region, ...]
    unknown: tuple[Region, ...]


def most_specific(mentions: Sequence[Mention], catalog: Catalog) -> RequestedRegions:
    """Return the narrowest of the regions mentioned.

    Of 宁波市 and 镇海区 the narrower is: Zhenhai District in Ningbo.
    """
    regions = dict.fromkeys(mention.region for mention in mentions)
    narrow = [region for region in regions if not any(region != other and region.contains(other) for other in regions)]
    present = tuple(region for region in narrow if catalog.has_region(region))
    return RequestedRegions(present, tuple(region for region in narrow if region not in present))


def find_region(name: str, catalog: Catalog) -> Region:
    """Return the region of a name; where several bear it, the one of the library.

    Raises: QuestionError: there is none, or which one is meant cannot be told.
    """
    if len(name) > _MAX_NAME:
        raise QuestionError(
            tr(
                f"地区名有 {len(name)} 个字，最多 {_MAX_NAME} 个：{name[:20]}……",
                f"the name of a region has {len(name)} characters, at most {_MAX_NAME} are taken: {name[:20]}…",
            )
        )
    if is_half(name):
        raise QuestionError(
            tr("地区名里有半个字符，不是完整的文字", "the name of a region holds half a character: it is no text")
        )
    candidates = catalog.gazetteer.candidates(name)
    present = [region for region in candidates if any(catalog.gazetteer.covers(region, known) for known in catalog.regions)]
    region = present[0] if len(present) == 1 else catalog.gazetteer.resolve(name)
    if region is None:
        labels = "、".join(candidate.label for candidate in present or candidates)
        raise QuestionError(
            tr(
                f"{name}：" + (f"有多个地区叫这个名字：{labels}" if labels else "没有这个地区"),
                f"{name}: " + (f"several regions bear this name: {labels}" if labels else "no such region"),
            )
        )
    return region
