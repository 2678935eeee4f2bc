"""Turns that go on from the answer before them: more of it, the same of other regions, or a part of it in full."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from corpus.document import Bulletin, Passage, Region, Span
from corpus.messages.language import plural, tr
from index.catalog import Catalog
from index.evidence import ScoredPassage
from qa.answering.answer import Answer, Quote, Quoted, Refused
from qa.question.followup import Continuation
from qa.question.question import Question

_T = TypeVar("_T")

_MAX_PASSAGES = 12  # that are quoted whole


def shown_in(answer: Answer) -> tuple[tuple[Bulletin, Span], ...]:
    """Return the stretches that an answer quotes, and those that the answers before it quoted, if it left them out."""
    return (*answer.evidence.left_out, *((quote.passage.bulletin, quote.span) for quote in answer.quotes))


def of_other_regions(question: Question, before: Answer) -> Question:
    """Return a question for other regions as one that leaves out those which the answer before it quoted."""
    if _wants(question) != "elsewhere":
        return question
    told: dict[Region | None, None] = dict.fromkeys(quote.passage.region_of(quote.span) for quote in before.quotes)
    excluded = dict.fromkeys([*question.filters.excluded_regions, *(region for region in told if region is not None)])
    return replace(question, filters=replace(question.filters, excluded_regions=tuple(excluded)))


def only_more(answer: Answer, before: Answer) -> Answer:
    """Return the answer, or a refusal that says so where there is nothing in it which was not quoted before."""
    if isinstance(answer, Refused) and before.quotes and _wants(answer.question) == "elsewhere":
        return answer
    shown = {(_document(quote), quote.span) for quote in before.quotes}
    if any((_document(quote), quote.span) not in shown for quote in answer.quotes):
        return answer
    language = answer.question.language
    reason = tr(
        "除了上面引用的，没有找到更多这方面的原文" if before.quotes else "上一个问题没有引文，接不下去",
        "Nothing more on this was found than is quoted above"
        if before.quotes
        else "The question before has no quotes to go on from",
        language,
    )
    return Refused(question=answer.question, evidence=answer.evidence, confidence=answer.confidence, reason=reason)


def _wants(question: Question) -> str | None:
    return question.continues.wants if question.continues else None


def _document(quote: Quote) -> str:
    return quote.passage.bulletin.bulletin_id


def part_in_full(question: Question, wanted: Continuation, before: Answer, catalog: Catalog) -> Answer:
    """Quote a part of the answer before in full: the section of its quote of that number, or else the article's section."""
    quotes = before.quotes
    first_of_each = list({quote.passage.article: quote for quote in reversed(quotes)}.values())[::-1]
    by_number: Sequence[Quote] = first_of_each if wanted.wants == "article" else quotes
    chosen = _numbered(by_number, wanted.number)
    passages: Sequence[Passage] = ()
    if chosen is not None:
        of_article = catalog.passages_of(chosen.passage.article)
        whole = wanted.wants == "article"
        passages = [each for each in of_article if whole or each.section.span == chosen.passage.section.span]
    elif len(first_of_each) == 1 and wanted.wants == "point":
        of_article = catalog.passages_of(first_of_each[0].passage.article)
        section = _numbered([section for section in first_of_each[0].passage.article.sections if section.heading], wanted.number)
        passages = [each for each in of_article if section is not None and each.section.span == section.span]
    spans = [(passage, passage.span.trimmed(passage.bulletin.text)) for passage in passages]
    found = [Quote(passage, span, 1.0) for passage, span in spans if catalog.passes(passage, span, before.question.filters)]
    if not found:
        number = len(by_number)
        reason = tr(
            f"上一个回答只有 {number} 条引文，没有这一条" if number else "上一个问题没有引文，接不下去",
            f"The answer before has only {plural(number, 'quote')}"
            if number
            else "The question before has no quotes to go on from",
            question.language,
        )
        return Refused(question=question, evidence=before.evidence, reason=reason)
    evidence = before.evidence.with_passages([ScoredPassage(quote.passage, 1.0, 0.0, 0.0) for quote in found[:_MAX_PASSAGES]])
    return Quoted(question=question, evidence=evidence, quotes=tuple(found[:_MAX_PASSAGES]))


def _numbered(items: Sequence[_T], number: int) -> _T | None:
    """Return the item of a number from 1, or the last for 0; None if there are fewer."""
    position = number - 1 if number else len(items) - 1
    return items[position] if 0 <= position < len(items) else None
