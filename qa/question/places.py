"""Regions that a question names: by their names, by short names, in Latin letters."""

import re
from collections.abc import Iterator, Sequence

from corpus.document import Region, Span
from corpus.messages.errors import QuestionError
from corpus.messages.language import tr
from corpus.regions.gazetteer import Mention
from index.catalog import Catalog
from qa.question.pinyin import find_regions

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_EXCLUDED = re.compile(
    r"除了?$|以外$|\bexcept\s*(?:for\s*)?(?:in\s*)?$|\bother than\s*(?:in\s*)?$|\boutside\s*$|\bnot in\s*$", re.I
)
_BEFORE_NAME = "团在和与跟同及给到比问看"  # what may stand right before the name of a place
# An institution that bears the name of a place is another matter: 岚川大学, Lanchuan University.
_NAMESAKE = re.compile(r"大学|学院|师范|理工|银行|路(?!演|桥)|大道|\s(?:University|Institute|Bank)\b")


def find_mentions(plain: str, catalog: Catalog) -> list[Mention]:
    """The regions that a question names, left to right, those of which the library has nothing among them."""
    gazetteer, tokenizer = catalog.gazetteer, catalog.tokenizer
    present = catalog.all_regions
    home = catalog.majority_province
    tokens = list(_tokens(plain, tokenizer.words(plain)))
    found = []
    for mention in gazetteer.find(plain, within=home, short=True):
        region = mention.region
        # 海宁 in 沿海宁静, 长治 in 长治久安: a dictionary word that reaches beyond the name.
        crossed = any(
            span.start < mention.end
            and mention.start < span.end
            and not (mention.start <= span.start and span.end <= mention.end)
            and len(span) > 1
            and tokenizer.frequency(span.of(plain))
            for span in tokens
        )
        whole = plain[mention.start : mention.end].endswith(region.name)
        here = catalog.has_region(region)
        # A short name that the library does not know is often part of a word, and a county's from afar mostly is one.
        near = region.county is None or (home is not None and region.province == home.province)
        if whole or (not crossed and (here or (near and Span(mention.start, mention.end) in tokens))):
            found.append(mention)
    # 江北 is a plain word, which the gazetteer leaves alone; here it is one of the places that the bulletins tell of.
    for region in present:
        for at in _places(plain, region.stem):
            span = Span(at, at + len(region.stem))
            opens = at == 0 or plain[at - 1] in _BEFORE_NAME or not _CHINESE.match(plain[at - 1])
            if opens and span in tokens and not any(span.start < m.end and m.start < span.end for m in found):
                found.append(Mention(region, span.start, span.end))
    for latin in find_regions(plain, gazetteer=gazetteer, present=present, home=home):
        mention = latin.mention
        here = catalog.has_region(mention.region)
        # `Qiantang Cadre College` is no wish for 钱塘区, of which there is nothing here.
        part = re.match(r" (?!League\b|Youth\b|Only\b)[A-Z]", plain[mention.end :])
        if here or latin.whole or not part:
            found.append(mention)
    return sorted(found, key=lambda mention: mention.start)


def drop_excluded_and_namesakes(plain: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Of the regions named those that are asked about, not left out (except Ningbo) nor part of another name (宁波大学)."""
    return [m for m in mentions if not _EXCLUDED.search(plain[: m.start]) and not _NAMESAKE.match(plain, m.end)]


def _places(text: str, name: str) -> Iterator[int]:
    """Where a name of two characters or more stands."""
    at = text.find(name) if len(name) > 1 else -1
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _tokens(plain: str, words: Sequence[str]) -> Iterator[Span]:
    """Where the Chinese words of a text stand."""
    folded, at = plain.casefold(), 0
    for word in words:
        start = folded.find(word, at)
        if start >= 0:
            at = start + len(word)
            yield Span(start, at)


def most_specific(mentions: Sequence[Mention], catalog: Catalog) -> tuple[tuple[Region, ...], tuple[Region, ...]]:
    """The regions that are meant, and of them those of which the library has nothing.

    Of 宁波市 and 镇海区 the narrower is: Zhenhai District in Ningbo.
    """
    regions = dict.fromkeys(mention.region for mention in mentions)
    narrow = [one for one in regions if not any(one != other and one.contains(other) for other in regions)]
    present = tuple(region for region in narrow if catalog.has_region(region))
    return present, tuple(region for region in narrow if region not in present)


def find_region(name: str, catalog: Catalog) -> Region:
    """The region of that name, in the library where several bear it.

    Raises: QuestionError: there is none, or which one is meant cannot be told.
    """
    candidates = catalog.gazetteer.candidates(name)
    present = [region for region in candidates if any(catalog.gazetteer.covers(region, one) for one in catalog.regions)]
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
