"""What the regions that a question names, or leaves out, or asks for, have to do with its evidence and its answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from corpus.document import Article, Bulletin, Passage, Region, Span
from corpus.messages.language import Language, join_names, plural, tr
from corpus.text.normalize import simplify
from corpus.text.sentences import split_sentences
from index.catalog import Catalog
from index.evidence import Evidence, ScoredPassage
from index.filters import Filters
from qa.answering.answer import Counted, Quote
from qa.answering.counting import count_term
from qa.question.intent import PLACES, names_routine, names_task
from qa.question.question import Question

_MAX_REGIONS_LISTED = 12  # in one sentence
_MAX_TITLES_LISTED = 3
_MAX_TITLE = 30  # characters of a title in a sentence of ours
# 没有建骑手驿站 -> 骑手驿站
_UNDONE = re.compile(
    "^(?:还没有?|没有|尚未|没|未)?(?:建立?|开办|办|开设?|做|搞|推行|实行|实施|开展|设立?)?[了过]?|[的吗呢？?。]$"
)
_NAMES_REGIONS = re.compile(
    rf"(?:哪些|哪几个?|多少个?|几个?|什么){PLACES}|\b(?:which|what|how many) (?:regions|places|cities|counties|districts)\b", re.I
)


def group_by_region(passages: Sequence[ScoredPassage], question: Question, catalog: Catalog) -> list[list[int]]:
    """Group passages by the regions named, in the order of naming, so that each is heard; one group if fewer than two are.

    Returns: for each region the positions of its passages.
    """
    regions = question.filters.regions
    if len(regions) < 2:
        return [list(range(len(passages)))]
    groups: dict[Region, list[int]] = {region: [] for region in regions}
    for index, scored in enumerate(passages):
        passage, article = scored.passage, scored.passage.article
        told = passage.told_region(passage.span.trimmed(passage.bulletin.text))
        about = [region for region in (told, article.region, article.signed_by) if region]
        own = next((region for region in regions if any(catalog.gazetteer.covers(region, other) for other in about)), None)
        # An article of another region may mention one named: 团杭州市委 of 淳安.
        own = own or next((region for region in regions if catalog.names_region(passage, region)), regions[0])
        groups[own].append(index)
    return list(groups.values())


def most_specific(article: Article, regions: Sequence[Region], catalog: Catalog) -> Region | None:
    """Return the narrowest of the regions compared that an article is about; None if it is about none of them."""
    region = article.region
    if region is None or region in regions:  # a region and its successor cover each other's articles
        return region
    about = [wide for wide in regions if catalog.gazetteer.covers(wide, region)]
    return next((wide for wide in about if not any(other != wide and wide.contains(other) for other in about)), None)


def of_regions(found: Evidence, question: Question, catalog: Catalog) -> Evidence:
    """Keep the passages that are about the regions named, if there are any, where those that merely name them are no answer.

    If the library has no article about them, it is those that are about no region and name one of them: a page of 瀘州青年.
    """
    regions = question.filters.regions
    if question.unknown_regions and not regions:
        may_be = unplaced(found, question.unknown_regions, catalog)
        return found.subset(may_be) if may_be else found
    if not regions or (len(regions) == 1 and question.kind != "region" and not surveys(question, catalog)):
        return found
    about = [i for i, scored in enumerate(found.passages) if catalog.is_about(scored.passage, regions)]
    return found.subset(about) if about else found


def unplaced(found: Evidence, regions: Sequence[Region], catalog: Catalog) -> list[int]:
    """Return which passages are of articles about no region that was recognised, and that name one of these."""
    articles = {scored.passage.article: scored.passage.bulletin for scored in found.passages}
    may_be = {article for article, bulletin in articles.items() if _may_be_of(article, bulletin, regions, catalog)}
    return [index for index, scored in enumerate(found.passages) if scored.passage.article in may_be]


def _may_be_of(article: Article, bulletin: Bulletin, regions: Sequence[Region], catalog: Catalog) -> bool:
    if article.region or bulletin.publisher_region:
        return False
    text = bulletin.text if len(bulletin.articles) == 1 else article.span.of(bulletin.text)
    named = catalog.gazetteer.find(simplify(text), short=True)
    return any(catalog.gazetteer.covers(region, mention.region) for region in regions for mention in named)


def surveys(question: Question, catalog: Catalog) -> bool:
    """Return whether a question asks for all that a region has done, or that an issue tells, whatever that is.

    总结上埠区的经验, 北苑区组织了什么活动, 第23期讲了什么, 各地主要做法; and 总结一下 where there is only one document.
    """
    is_limited = bool(question.filters) or len(catalog.bulletins) == 1 or names_routine(catalog.tokenizer.words(question.text))
    if not is_limited or question.kind in ("factoid", "comparison", "absence"):
        return False
    if question.kind == "contents" and (question.filters.issues or question.filters.total_issues):
        return True
    # A follow-up is about what it leans on, too: 效果怎么样, after 时间银行怎么做.
    leans = question.topic and any(chip.kind == "followup" for chip in question.chips)
    about = question.query if leans else question.topic
    return not names_task(catalog.tokenizer.all_words(about))


def asks_regions(question: Question) -> bool:
    """Return whether a question asks which regions have done something: 哪些地方办过夜校, 还有别的地方这样做吗."""
    return question.kind == "survey" or (question.continues is not None and question.continues.wants == "elsewhere")


def list_regions(question: Question, evidence: Evidence, catalog: Catalog) -> Counted | None:
    """Answer a question for the regions of the library and for nothing else (有哪些地区); None if it is no such question."""
    words = catalog.tokenizer.all_words(question.topic)
    if not _NAMES_REGIONS.search(question.text) or question.filters.regions or names_task(words):
        return None
    mask = catalog.filter_mask(question.filters)
    found: dict[Region, list[Quote]] = {}
    for passage in (catalog.passages[number] for number in np.flatnonzero(mask)):
        for region, span in _first_told(passage):
            quotes = found.setdefault(region, [])
            if passage.article not in [quote.passage.article for quote in quotes] and catalog.passes(
                passage, span, question.filters
            ):
                quotes.append(Quote(passage, span, 1.0))
    if not found:
        return None
    language = question.language
    ranked = sorted(found.items(), key=lambda entry: -len(entry[1]))
    listed = join_names(
        (tr(f"{region.label}（{len(quotes)}）", f"{region.label} ({len(quotes)})", language) for region, quotes in ranked),
        language,
    )
    summary = tr(
        f"库里的文章写到 {len(found)} 个地区：{listed}",
        f"The articles of this library tell of {plural(len(found), 'region')}: {listed}",
        language,
    )
    first = tuple(quotes[0] for _, quotes in ranked[:_MAX_REGIONS_LISTED])
    return Counted(question=question, evidence=evidence, confidence=1.0, quotes=first, summary=summary)


def _first_told(passage: Passage) -> Iterator[tuple[Region, Span]]:
    """Yield each region that a passage tells of, with the first sentence that does."""
    seen: set[Region | None] = {None}
    text = passage.bulletin.text
    for sentence in split_sentences(text, passage.span):
        region = passage.region_of(span := sentence.trimmed(text))
        if region not in seen and region is not None and span.of(text) != passage.section.heading:
            yield region, span
        seen.add(region)


def asked_for_absence_reason(question: Question, catalog: Catalog) -> str | None:
    """Return why nobody can be quoted who has not done something, and who has; None if that is not asked."""
    if question.kind != "absence":
        return None
    counted = count_term(replace(question, topic=_UNDONE.sub("", question.topic)), catalog=catalog)
    language = question.language
    reason = tr("文章写的是做了什么，不写谁没有做", "Articles tell what was done, not who has not done it", language)
    if counted is None or not counted.regions:
        return reason
    named = join_names((region.label for region, _ in counted.regions[:_MAX_REGIONS_LISTED]), language)
    return reason + tr(f"；提到“{counted.term}”的有{named}", f"; “{counted.term}” is mentioned by {named}", language)


def no_articles_reason(unknown: Sequence[Region], catalog: Catalog, language: Language) -> str:
    """Return that there is no article on some regions, where they are named all the same, and which regions there are."""
    names = join_names((region.label for region in unknown), language)
    present = sorted({region.label for region in catalog.told_regions})
    more = tr("……", "…", language) if len(present) > _MAX_REGIONS_LISTED else ""
    listed = join_names(present[:_MAX_REGIONS_LISTED], language) + more
    return tr(
        f"库里没有{names}的文章（现有地区：{listed}）",
        f"No article from {names} in this library (regions present: {listed})",
        language,
    ) + named_elsewhere(unknown, catalog, language)


def named_elsewhere(regions: Sequence[Region], catalog: Catalog, language: Language) -> str:
    """Return which articles name some regions and tell nothing of them, to be put behind a reason; "" if none does."""
    found: dict[str, None] = {}
    searched = {catalog.passages[n].article for n in np.flatnonzero(catalog.filter_mask(Filters(regions=tuple(regions))))}
    for article, passages in ((article, catalog.passages_of(article)) for article in catalog.articles):
        bulletin = passages[0].bulletin
        text = simplify(article.span.of(bulletin.text))
        for region in regions:
            if region.name in text and article not in searched:
                found[article.title[:_MAX_TITLE] or bulletin.masthead.series] = None
    if not found:
        return ""
    more = tr("等", " and others", language) if len(found) > _MAX_TITLES_LISTED else ""
    named = list(found)[:_MAX_TITLES_LISTED]
    titles = tr("".join(f"《{title}》" for title in named), ", ".join(f"“{title}”" for title in named), language)
    names = join_names((region.label for region in regions), language)
    return tr(f"；别处的文章提到{names}：{titles}{more}", f"; articles of others name {names}: {titles}{more}", language)


def provenance_note(question: Question, quotes: Sequence[Quote], catalog: Catalog) -> str | None:
    """Return that the quotes are from articles of others, where a region asked for has no article of its own."""
    regions = question.filters.regions or question.unknown_regions
    alone = [region for region in regions if not any(catalog.gazetteer.covers(region, own) for own in catalog.regions)]
    if not quotes or not regions or len(alone) < len(regions):
        return None
    names = join_names((region.label for region in alone), question.language)
    return tr(
        f"没有专写{names}的文章；引文出自别处的文章",
        f"No article is about {names}: the quotes are from articles of others",
        question.language,
    )
