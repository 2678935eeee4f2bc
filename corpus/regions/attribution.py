"""The attribution of a bulletin and its articles to regions, by titles, signatures and the text."""

import re
from dataclasses import dataclass

from corpus.document import Article, Region
from corpus.regions.division_names import LEVELS
from corpus.regions.gazetteer import Gazetteer
from corpus.text.normalize import simplify

# 【鹤浦市】…, 镇海：…, 团石潭县委：…: the name that a title leads with.
_LEADING_NAME = re.compile(r"^(?:【(?P<bracket>[^】]{2,15})】|(?P<colon>[^：:，。“”]{2,15})[：:])")
_AROUND_LEADING_NAME = re.compile(r"^(?:中国)?(?:共青团|团)|(?:团委|团工委|委)$")
# 宁波团市委…: the name stands before 团, its level after it.
_INVERTED_COMMITTEE = re.compile(rf"^(?P<name>[\u4e00-\u9fff]{{2,6}}?)团(?P<level>[{LEVELS}])委")
_BEFORE_OPENING_NAME = re.compile(r"^(?:【|共青团|团)")
_COMMITTEE = re.compile(r"团(?P<name>[^，。；、：（）“”《》\s]{2,14}?)委")
# Publishers that stand in a region but do not speak for it.
_NOT_REGIONAL = re.compile("大学|学院|学校|公司|集团")


@dataclass(frozen=True, slots=True)
class AttributionContext:
    """The facts that distinguish regions with the same name: the publisher's region and the year of the issue."""

    gazetteer: Gazetteer
    publisher_region: Region | None
    year: int | None


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
        return _opening_region(simplify(publisher), None, AttributionContext(gazetteer, None, year))
    return None


def attribute(article: Article, text: str, context: AttributionContext) -> Attribution:
    """Find the regions of an article by its title, its signature and its body.

    Args: text: of the bulletin; the spans of the article count its characters.
    """
    parts = [section.span for section in article.sections]
    lead = simplify(parts[0].of(text)) if parts else ""
    body = simplify(text[parts[0].start : parts[-1].end]) if parts else ""
    named = _named_region(simplify(article.title), context)
    if named is None and article.signature:
        named = _named_region(simplify(article.signature), context)
    region, signed_by = named or context.publisher_region, None
    if named is not None and (county := _county_within(named, lead, body, context)):
        region, signed_by = county, named
    return Attribution(region, signed_by, _also_regions(body, region, signed_by, context))


def _named_region(text: str, context: AttributionContext) -> Region | None:
    """Return the region that a title or signature (simplified script) names."""
    gazetteer, within, year = context.gazetteer, context.publisher_region, context.year
    if match := _LEADING_NAME.match(text):
        name = _AROUND_LEADING_NAME.sub("", (match["bracket"] or match["colon"]).strip())
        if region := gazetteer.resolve(name, within=within, year=year):
            return region
    if (match := _INVERTED_COMMITTEE.match(text)) and (
        region := gazetteer.resolve(match["name"] + match["level"], within=within, year=year)
    ):
        return region
    if mentions := gazetteer.find(text, within=within, year=year):
        return next((m.region for m in mentions if within is None or within.contains(m.region)), mentions[0].region)
    region = _opening_region(_BEFORE_OPENING_NAME.sub("", text), within, context)
    return region if region is not None and within is not None and within.contains(region) else None


def _opening_region(text: str, within: Region | None, context: AttributionContext) -> Region | None:
    """Return the region whose short name opens `text`. 岚山县 is not 岚山区: a level that follows must be the region's own."""
    mentions = context.gazetteer.find(text, within=within, year=context.year, short=True)
    if mentions and mentions[0].start == 0 and text[mentions[0].end : mentions[0].end + 1] not in set(LEVELS):
        return mentions[0].region
    return None


def _county_within(city: Region, lead: str, body: str, context: AttributionContext) -> Region | None:
    """Return the county that an article signed by its city is about, as 团台州市委 writes on 天台县.

    It is the one county of the city that the body names: in its lead, and more than once.
    """
    if city.city is None or city.county is not None:
        return None

    def counties(text: str) -> list[Region]:
        mentions = context.gazetteer.find(text, within=city, year=context.year)
        return [mention.region for mention in mentions if mention.region.county and city.contains(mention.region)]

    named = counties(body)
    return named[0] if len(set(named)) == 1 and len(named) > 1 and named[0] in counties(lead) else None


def _also_regions(body: str, region: Region | None, signed_by: Region | None, context: AttributionContext) -> tuple[Region, ...]:
    """Return the regions of other committees that the body names (团淳安县委 in an article of 杭州), in order of mention."""
    found: dict[Region, None] = {}
    for match in _COMMITTEE.finditer(body):
        for mention in context.gazetteer.find(match["name"], within=region, year=context.year):
            if not mention.region.contains(region or mention.region) and mention.region != signed_by:
                found[mention.region] = None
    return tuple(found)
