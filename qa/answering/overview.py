"""Overviews: which articles an issue has, and what a region has done: titles, headings and headlines, each as a quote."""

import datetime
import re
from collections.abc import Iterator, Sequence

import numpy as np

from corpus.document import Article, Passage, Span
from corpus.issue_name import document_name
from corpus.messages.language import Language, join_names, plural, tr
from index.catalog import Catalog
from index.evidence import Evidence, ScoredPassage
from qa.answering.answer import Quote, Quoted
from qa.answering.regions import provenance_note
from qa.answering.scoring import Sentence, candidate_sentences
from qa.question.question import Question

_MAX_QUOTES = 40  # of all articles: where there are more, each is quoted by its title, and then only the newest are
_MAX_TOLD = 2  # sentences of a round-up that are quoted for a region


def overview(question: Question, evidence: Evidence, catalog: Catalog) -> Quoted | None:
    """Answer with what an issue holds or a region has done; None if nothing passes the filters.

    The articles of an issue come in its order, each by its title; those of several issues the newest first. Those of regions are
    told by title, headings and headlines, and behind them comes what articles of others tell of the regions. An article without
    a title is quoted by the sentence that opens it.
    """
    regions = question.filters.regions
    articles = list(_articles(question, catalog))
    if len({passages[0].bulletin for passages in articles}) > 1:
        articles.sort(key=lambda passages: (_is_own(passages[0], question, catalog), _date(passages[0])), reverse=True)
    outlines = [_outline(passages, question, evidence, catalog) for passages in articles]
    outlines = [quotes for quotes in outlines if quotes]
    in_short = len(outlines) > 1 and (not regions or sum(map(len, outlines)) > _MAX_QUOTES)
    shown = [quotes[:1] if in_short else quotes for quotes in outlines][:_MAX_QUOTES]
    if not shown:
        return None
    quotes = tuple(dict.fromkeys(quote for quotes in shown for quote in quotes))
    summary = _summary(question, [quotes[0].passage for quotes in outlines], len(shown))
    note = provenance_note(question, quotes, catalog)
    return Quoted(question=question, evidence=evidence, quotes=quotes, summary=note or summary)


def _articles(question: Question, catalog: Catalog) -> Iterator[list[Passage]]:
    """Yield the passages that the filters let through, article by article."""
    passing: dict[Article, list[Passage]] = {}
    for number in np.flatnonzero(catalog.filter_mask(question.filters)):
        passage = catalog.passages[number]
        passing.setdefault(passage.article, []).append(passage)
    yield from passing.values()


def _outline(passages: Sequence[Passage], question: Question, evidence: Evidence, catalog: Catalog) -> list[Quote]:
    """Return the title of an article, its headings, headlines of its points; of one of others what it tells of the regions."""
    first = passages[0]
    if not _is_own(first, question, catalog):
        return [_quote(told) for told in _sentences(passages, evidence)][:_MAX_TOLD]
    title = _title(first)
    quotes = [Quote(first, title, 1.0)] if title and evidence.passes(first, title) else []
    heads = [(passage, span) for passage in passages for span in _heads(passage)]
    below = [Quote(passage, span, 1.0) for passage, span in heads if evidence.passes(passage, span)]
    if not below or not quotes:
        opening = [_quote(sentence) for sentence in _sentences(passages, evidence)][:1]
        quotes = [*quotes, *opening] if title else opening
    return [*quotes, *below]


def _is_own(passage: Passage, question: Question, catalog: Catalog) -> bool:
    """Return whether an article is about one of the regions asked for or signed by it; true where none is."""
    regions, article = question.filters.regions, passage.article
    own = [region for region in (article.region, article.signed_by) if region]
    return not regions or any(catalog.gazetteer.covers(wide, region) for wide in regions for region in own)


def _title(passage: Passage) -> Span | None:
    """Return where the title of an article stands in its text, which may break it into lines; None if it does not stand there."""
    article = passage.article
    letters = "".join(article.title.split())
    body = article.sections[0].span.start if article.sections else article.span.end
    found = re.compile(r"\s*".join(map(re.escape, letters))).search(passage.bulletin.text, article.span.start, body)
    return Span(*found.span()) if found and letters else None


def _heads(passage: Passage) -> Iterator[Span]:
    """Yield the heading of a section at its first passage; of a section without one the headlines of its points."""
    text, section = passage.bulletin.text, passage.section
    if section.heading:
        heading = section.heading_span(text)
        if heading and passage.span.contains(heading) and not text[section.span.start : heading.start].strip(" #*\n\t\u3000"):
            yield heading
        return
    yield from dict.fromkeys(sentence.label for sentence in candidate_sentences(_unscored(passage)) if sentence.label)


def _sentences(passages: Sequence[Passage], evidence: Evidence) -> Iterator[Sentence]:
    """Yield the sentences that can be quoted, of the regions asked for."""
    for passage in passages:
        for sentence in candidate_sentences(_unscored(passage)):
            if evidence.passes(passage, sentence.span):
                yield sentence


def _quote(sentence: Sentence) -> Quote:
    return Quote(sentence.passage.passage, sentence.span, 1.0, sentence.label)


def _unscored(passage: Passage) -> ScoredPassage:
    return ScoredPassage(passage, 0.0, 0.0, 0.0)


def _date(passage: Passage) -> datetime.date:
    return passage.bulletin.masthead.first_day or datetime.date.min


def _summary(question: Question, firsts: Sequence[Passage], shown: int) -> str:
    """Return how many articles there are, of what, and how many are shown. Args: firsts: a passage of each article."""
    language, number = question.language, len(firsts)
    bulletins = list(dict.fromkeys(passage.bulletin for passage in firsts))
    if regions := question.filters.regions:
        names = join_names((region.label for region in regions), language)
        said = tr(f"写到{names}的文章有 {number} 篇", f"{plural(number, 'article')} on {names}", language)
    elif len(bulletins) == 1:
        name = document_name(bulletins[0], language)
        said = tr(f"{name}有 {number} 篇文章", f"{name} has {plural(number, 'article')}", language)
    else:
        documents = plural(len(bulletins), "document")
        said = tr(f"{len(bulletins)} 份文件有 {number} 篇文章", f"{documents} with {plural(number, 'article')}", language)
    return said + _cut(shown, number, language)


def _cut(shown: int, number: int, language: Language) -> str:
    return tr(f"，下面是其中 {shown} 篇", f", of which {shown} follow", language) if shown < number else ""
