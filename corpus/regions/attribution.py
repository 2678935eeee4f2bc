"""The attribution of a bulletin and its articles to regions: evidence of titles, signatures, datelines and the text, weighed.

A title names more places than the one that it is about: 锦渚区赴北苑区考察, 对标北苑区. So each piece of evidence has a
weight, and where none is heavy enough, an article is of the region that publishes it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.document import Article, Region, RegionStretch, Span
from corpus.regions.division_names import LEVELS
from corpus.regions.gazetteer import Gazetteer
from corpus.regions.naming import Naming, Role, find_namings, is_institution, is_part_of_name
from corpus.regions.stretches import find_stretches
from corpus.text.normalize import simplify
from corpus.text.sentences import split_sentences

# 【鹤浦市】…, 镇海：…, 团石潭县委：…: the name that a title leads with.
_LEADING_NAME = re.compile(r"^(?:【(?P<bracket>[^】]{2,15})】|(?P<colon>[^：:，。“”]{2,15})[：:])")
_AROUND_LEADING_NAME = re.compile(r"^(?:中国)?(?:共青团|团)|(?:团委|团工委|委)$")
# 宁波团市委…: the name stands before 团, its level after it.
_INVERTED_COMMITTEE = re.compile(rf"^(?P<name>[\u4e00-\u9fff]{{2,6}}?)团(?P<level>[{LEVELS}])委")
_BEFORE_OPENING_NAME = re.compile(r"^(?:【|共青团|团)")
_COMMITTEE = re.compile(r"团(?P<name>[^，。；、：（）“”《》\s]{2,14}?)委")
# 本报北苑区6月6日电, （团北苑区委 6月6日）
_DATELINE = re.compile(
    r"^\s*+(?:本[报刊网]讯?)?[（(]?(?P<place>[^，。：（(\s]{2,14}?)\s*+(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:电|讯|消息)"
)
# （石潭县民政局 林小满）: who signs at the end of the last paragraph.
_CLOSING_BRACKET = re.compile(r"[（(](?P<signed>[^（）()]{3,30})[)）]\s*+$")
# Publishers that stand in a region but do not speak for it.
_NOT_REGIONAL = re.compile("大学|学院|学校|公司|集团")

# Weights of evidence. A title that leads with a name says what it is about, whoever signs; a signature outweighs a name that
# merely stands in a title; and so does the text, where it opens with a region and keeps to it.
_LED, _COMMITTEE_FIRST, _SIGNED, _DATED = 7.0, 5.0, 5.0, 4.0
_IN_TITLE: dict[Role, float] = {"head": 4.0, "inside": 3.0, "visited": 1.0, "compared": 0.0}
_SHORT_FIRST, _OF_INSTITUTION = 3.0, 2.0
_OPENS_TEXT, _KEEPS_TEXT = 2.0, 2.5
_ENOUGH = 2.0  # of a region that its publisher's region has inside; less is a guess
_ENOUGH_OF_NOBODY = 1.0  # where the publisher has no region: the county that a university's volunteers visit
_OPENING_SENTENCES = 3
_STEM = 2  # characters of a name by which a text is seen to name it, in full or in short
_CITY = 1  # the level of a region between province and county
_CLOSING = 40  # characters at the end of the text in which a signature may stand
_MOST = 2 / 3  # share of the clauses that open with a region, from which the text keeps to it


@dataclass(frozen=True, slots=True)
class AttributionContext:
    """The facts that distinguish regions with the same name: the publisher's region and the year of the issue.

    A bulletin without a region is one of a university or a ministry, and its articles have none either.
    """

    gazetteer: Gazetteer
    publisher_region: Region | None
    year: int | None
    is_bulletin: bool = True


@dataclass(frozen=True, slots=True)
class Attribution:
    """The regions of an article, as `Article` describes them."""

    region: Region | None
    signed_by: Region | None
    also_regions: tuple[Region, ...]


def find_publisher_region(publisher: str | None, series: str, *, year: int | None, gazetteer: Gazetteer) -> Region | None:
    """Return the region whose committee publishes a bulletin; None for a university or a ministry."""
    for text in (publisher, series):
        if text and (mentions := gazetteer.find(simplify(text), year=year)):
            return mentions[0].region
    if publisher and not _NOT_REGIONAL.search(simplify(publisher)):
        # 合肥高新技术产业开发区
        return _opening_region(simplify(publisher), AttributionContext(gazetteer, None, year))
    return None


def attribute(article: Article, text: str, context: AttributionContext) -> Attribution:
    """Find the regions of an article by its title, its signature and its body.

    Args: text: of the bulletin; the spans of the article count its characters.
    """
    parts = [section.span for section in article.sections]
    lead = simplify(parts[0].of(text)) if parts else ""
    body = simplify(text[parts[0].start : parts[-1].end]) if parts else ""
    named = _most_likely(article, body, context)
    region, signed_by = named or context.publisher_region, None
    if region is None and not context.is_bulletin:
        region = _most_mentioned(simplify(article.title) + "\n" + body, context)
    if named is not None and (county := _county_within(named, lead, body, context)):
        region, signed_by = county, named
    return Attribution(region, signed_by, _also_regions(body, region, signed_by, context))


def leads_with_place(name: str, context: AttributionContext) -> bool:
    """Return whether the name of a document leads with the place that it is about: 岳阳市城管局工作报告, not 学习杭州经验."""
    namings = find_namings(simplify(name), context.gazetteer, within=context.publisher_region, year=context.year)
    first = next(iter(namings), None)
    return first is not None and first.start == 0 and first.role == "head"


def find_elsewhere(article: Article, text: str, context: AttributionContext) -> tuple[RegionStretch, ...]:
    """Return the stretches of an article that tell of regions other than `article.region`. Args: as of `attribute`."""
    if not article.sections:
        return ()
    start, end = article.sections[0].span.start, article.sections[-1].span.end
    # Of the article alone: a text may have ten thousand.
    found = find_stretches(
        simplify(text[start:end]),
        [replace(section, span=section.span.moved(-start)) for section in article.sections],
        context.gazetteer,
        region=article.region,
        within=context.publisher_region,
        year=context.year,
    )
    return tuple(replace(stretch, span=stretch.span.moved(start)) for stretch in found)


def _most_likely(article: Article, body: str, context: AttributionContext) -> Region | None:
    """Return the region for which most evidence speaks; None if that is too little, or the title's word against all others'."""
    signature = article.signature or _closing_signature(body)
    by_title = dict(_of_title(simplify(article.title), context))
    by_others: dict[Region, float] = {}
    for region, weight in (*_of_signature(simplify(signature), context), *_of_text(body, context)):
        by_others[region] = by_others.get(region, 0.0) + weight
    for region, weight in tuple(by_title.items()):
        # 来自白榉县的感谢信, signed by the city that it lies in, with no line on it.
        if weight < _COMMITTEE_FIRST and any(_is_above(other, region, body) for other in by_others):
            del by_title[region]
    weights = {region: by_title.get(region, 0.0) + by_others.get(region, 0.0) for region in by_title | by_others}
    enough = _ENOUGH if context.publisher_region is not None else _ENOUGH_OF_NOBODY
    best = max(weights, key=lambda region: weights[region], default=None)
    if best is None or weights[best] < enough:
        return None
    is_contradicted = by_others and not any(region.contains(best) or best.contains(region) for region in by_others)
    if is_contradicted and not _names(body, best):
        return None
    # 团台州市委 signs what the title says of 天台县.
    narrower = [region for region in by_title if region != best and best.contains(region) and weights[region] >= enough]
    return max(narrower, key=lambda region: weights[region], default=best)


def _is_above(wide: Region, narrow: Region, body: str) -> bool:
    """Return whether a region lies in another, and a text does not name it, though its short name may be that of both (金华)."""
    if wide == narrow or not wide.contains(narrow):
        return False
    return not _names(body, narrow) or (narrow.name not in body and narrow.name[:_STEM] in wide.name)


def _names(body: str, region: Region) -> bool:
    return region.name[:_STEM] in body


def _of_title(title: str, context: AttributionContext) -> Iterator[tuple[Region, float]]:
    """Yield the regions that a title names, each with the weight of that."""
    gazetteer, within, year = context.gazetteer, context.publisher_region, context.year
    if match := _LEADING_NAME.match(title):
        name = _AROUND_LEADING_NAME.sub("", (match["bracket"] or match["colon"]).strip())
        if region := gazetteer.resolve(name, within=within, year=year):
            yield region, _LED
            return
    if (match := _INVERTED_COMMITTEE.match(title)) and (
        region := gazetteer.resolve(match["name"] + match["level"], within=within, year=year)
    ):
        yield region, _COMMITTEE_FIRST
        return
    seen: dict[Region, float] = {}
    for naming in find_namings(title, gazetteer, within=within, year=year):
        weight = _COMMITTEE_FIRST if _is_committee(title, naming) and naming.role == "head" else _IN_TITLE[naming.role]
        seen[naming.region] = max(weight, seen.get(naming.region, 0.0))
    # Of several places a title is about the first, of those in the publisher's region first of all.
    inside = {region: weight for region, weight in seen.items() if within is None or within.contains(region)}
    yield from (inside or seen).items()
    if not seen:
        yield from _of_opening_name(title, context)


def _is_committee(title: str, naming: Naming) -> bool:
    """Return whether a committee or government acts: 团北苑区委."""
    return title.startswith(("委", "政府"), naming.end)


def _of_signature(signature: str, context: AttributionContext) -> Iterator[tuple[Region, float]]:
    """Yield the region of the body that signs; an institution stands in one without speaking for it."""
    gazetteer, within, year = context.gazetteer, context.publisher_region, context.year
    if (match := _INVERTED_COMMITTEE.match(signature)) and (
        region := gazetteer.resolve(match["name"] + match["level"], within=within, year=year)
    ):
        yield region, _SIGNED
        return
    if mentions := gazetteer.find(signature, within=within, year=year):
        if not is_part_of_name(signature, mentions[0]):
            yield mentions[0].region, _SIGNED
        elif is_institution(signature, mentions[0]):
            yield mentions[0].region, _OF_INSTITUTION
        return
    yield from _of_opening_name(signature, context)


def _of_opening_name(text: str, context: AttributionContext) -> Iterator[tuple[Region, float]]:
    """Yield the region in the publisher's whose short name opens a title or signature."""
    region, within = _opening_region(_BEFORE_OPENING_NAME.sub("", text), context), context.publisher_region
    if region is not None and within is not None and within.contains(region):
        yield region, _SHORT_FIRST


def _closing_signature(body: str) -> str:
    """Return what stands in brackets at the end of the text, if that may be who signs."""
    match = _CLOSING_BRACKET.search(body[-_CLOSING:].rstrip())
    return match["signed"] if match else ""


def _of_text(body: str, context: AttributionContext) -> Iterator[tuple[Region, float]]:
    """Yield the region of the dateline, and the region that opens the text and most of its clauses."""
    gazetteer, within, year = context.gazetteer, context.publisher_region, context.year
    if (match := _DATELINE.match(body)) and (region := gazetteer.resolve(match["place"], within=within, year=year)):
        yield region, _DATED
    prose = "\n".join(line for line in body.split("\n") if "\t" not in line.strip())
    heads = [naming for naming in find_namings(prose, gazetteer, within=within, year=year) if naming.role == "head"]
    if not heads:
        return
    sentences = split_sentences(prose, Span(0, len(prose)))
    opening = sentences[:_OPENING_SENTENCES][-1].end
    counted = Counter(naming.region for naming in heads)
    leader, count = counted.most_common(1)[0]
    if within is not None and not within.contains(leader):
        return
    alike = sum(number for region, number in counted.items() if region.contains(leader) or leader.contains(region))
    keeps = alike >= _MOST * len(heads)
    if keeps and any(naming.region == leader and naming.start < opening for naming in heads):
        yield leader, _OPENS_TEXT
        if count > 1:
            yield leader, _KEEPS_TEXT


def _opening_region(text: str, context: AttributionContext) -> Region | None:
    """Return the region whose short name opens `text`. 岚山县 is not 岚山区: a level that follows must be the region's own."""
    mentions = context.gazetteer.find(text, within=context.publisher_region, year=context.year, short=True)
    if mentions and mentions[0].start == 0 and text[mentions[0].end : mentions[0].end + 1] not in set(LEVELS):
        return None if is_part_of_name(text, mentions[0]) else mentions[0].region
    return None


def _county_within(city: Region, lead: str, body: str, context: AttributionContext) -> Region | None:
    """Return the county that an article signed by its city is about, as 团台州市委 writes on 天台县.

    It is the one county of the city that the body names, other than to visit it: in its lead, and more than once.
    """
    if city.city is None or city.county is not None:
        return None

    def counties(text: str) -> list[Region]:
        namings = find_namings(text, context.gazetteer, within=city, year=context.year)
        acting = (naming.region for naming in namings if naming.role in ("head", "inside"))
        return [region for region in acting if region.county and city.contains(region)]

    named = counties(body)
    return named[0] if len(set(named)) == 1 and len(named) > 1 and named[0] in counties(lead) else None


def _most_mentioned(text: str, context: AttributionContext) -> Region | None:
    """Return the region to which nearly all places in a text belong, by short names too: a text of which nothing else is known.

    One mention alone must be of a city, or the full name of a county: 北京 may be where a reporter sits, 崇文 a tower.
    """
    mentions = context.gazetteer.find(text, year=context.year, short=True)
    counted = Counter(mention.region for mention in mentions)
    alike = {
        region: sum(number for other, number in counted.items() if region.contains(other) or other.contains(region))
        for region in counted
    }
    best = max(counted, key=lambda region: (alike[region], counted[region]), default=None)
    if best is None or alike[best] < _MOST * len(mentions):
        return None
    if len(mentions) == 1 and best.level != _CITY and text[mentions[0].start : mentions[0].end] != best.name:
        return None
    return best if best.level or len(mentions) > 1 else None


def _also_regions(body: str, region: Region | None, signed_by: Region | None, context: AttributionContext) -> tuple[Region, ...]:
    """Return the regions of other committees that the body names (团淳安县委 in an article of 杭州), in order of mention."""
    found: dict[Region, None] = {}
    for match in _COMMITTEE.finditer(body):
        for mention in context.gazetteer.find(match["name"], within=region, year=context.year):
            if not mention.region.contains(region or mention.region) and mention.region != signed_by:
                found[mention.region] = None
    return tuple(found)
