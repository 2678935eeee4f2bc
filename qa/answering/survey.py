"""Which regions have done something: every region of the library that tells of it, judged by itself."""

import math
from collections.abc import Iterator
from dataclasses import replace
from posixpath import basename
from statistics import fmean

from corpus import deadline
from corpus.document import Passage, Region, Span
from corpus.messages.language import join_names, plural, tr
from index.evidence import Evidence, ScoredPassage
from index.retriever import Retriever
from qa.answering.answer import Counted, Quote
from qa.answering.answerability import Strictness, log_odds
from qa.answering.reading import evidence_reader
from qa.answering.scoring import candidate_sentences
from qa.answering.selection import quote_of
from qa.question.question import Question

Place = Region | str  # a text that is about no region stands for its publisher, or else for itself

_MAX_NAME = 30  # characters of a title or a file's name that stand for a text
_MAX_PLACES = 24  # that are looked at
_DEPTH = 100  # how far down the ranking places are looked for
_MAX_PASSAGES = 32  # that are looked at: the best of each place, then the second best
_MAX_READ = 12  # places whose best passage is read together with the question
# How sure it is that a place has done it is the mean of three log-odds: of the glance, of reading, of the quick reader. Of 67
# questions on regions the places found have an F1 of 0.79; 0.76 by reading alone, 0.74 by the glance alone.
_BEHIND = 2.0  # log-odds that a place may be behind the surest one
_SURER = 0.6  # of the way from the probability that one answer needs to the strict one: many places are asked at once


def survey(question: Question, evidence: Evidence, retriever: Retriever, strictness: Strictness) -> tuple[Counted | None, float]:
    """Answer for each region that has done what is asked by its likeliest sentence.

    Every region is glanced at, and what may have done it is read. Args: strictness: how sure it must be that a region has.
    Returns: the answer, None if no region has; and how sure the surest is, 0 to 1.
    """
    query = retriever.analyze(question.query)
    # No region says which places have done it. Of English the topic is no more than a row of words.
    told_of = replace(question, text=question.topic) if question.topic and question.language == "zh" else question
    found = retriever.retrieve(query, k=_DEPTH, filters=question.filters).without(evidence.left_out)
    glance, reader = evidence_reader(retriever, passages=0), evidence_reader(retriever, passages=1)
    likely: list[tuple[Place, Evidence, float]] = []
    for place, own in _evidence_by_place(found):
        deadline.check()
        if (glanced := glance.read(told_of, own).confidence) >= glance.threshold_for("normal"):
            likely.append((place, own, glanced))
    told: dict[Place, tuple[float, Quote]] = {}
    for place, own, glanced in sorted(likely, key=lambda entry: -entry[2])[:_MAX_READ]:
        deadline.check()
        read = reader.read(told_of, own)
        sure = fmean(map(log_odds, (glanced, read.confidence, read.by_words)))
        told[place] = (sure, quote_of(max(read.scored, key=lambda one: one.probability)))
    best = max((sure for sure, _ in told.values()), default=log_odds(0.0))
    lowest, strict = reader.threshold_for(strictness), reader.threshold_for("strict")
    needed = max(log_odds(lowest + _SURER * (strict - lowest)), best - _BEHIND)
    quotes = {place: quote for place, (sure, quote) in sorted(told.items(), key=lambda entry: -entry[1][0]) if sure >= needed}
    confidence = round(1 / (1 + math.exp(-best)), 3)
    return _answer(question, evidence, quotes, confidence) if quotes else None, confidence


def _evidence_by_place(found: Evidence) -> Iterator[tuple[Place, Evidence]]:
    """Yield each place that the passages tell of, the best first, with its passages, of which only its sentences may be quoted.

    Of a round-up each region has its sentences, of a table its rows.
    """
    passages: dict[Place, list[int]] = {}
    for index, scored in enumerate(found.passages):
        for place in dict.fromkeys(_places_of(scored, found)):
            passages.setdefault(place, []).append(index)
    places = list(passages)[:_MAX_PLACES]
    each = max(1, min(2, _MAX_PASSAGES // max(1, len(places))))
    for place in places:

        def passes(passage: Passage, span: Span, place: Place = place) -> bool:
            return _place_of(passage, span) == place and found.passes(passage, span)

        yield place, found.subset(passages[place][:each]).restricted(passes)


def _place_of(passage: Passage, span: Span) -> Place:
    return (
        passage.region_of(span)
        or passage.bulletin.masthead.publisher
        or passage.article.title[:_MAX_NAME]
        or basename(passage.bulletin.source.document)[-_MAX_NAME:]
    )


def _places_of(scored: ScoredPassage, found: Evidence) -> Iterator[Place]:
    """Yield the place of every sentence of a passage that may be quoted."""
    passage = scored.passage
    if not passage.elsewhere:
        whole = passage.span.trimmed(passage.bulletin.text)
        if found.passes(passage, whole):
            yield _place_of(passage, whole)
        return
    for sentence in candidate_sentences(scored):
        if found.passes(passage, sentence.span):
            yield _place_of(passage, sentence.span)


def nowhere_else(question: Question) -> str | None:
    """Return why nothing is quoted, where regions other than those quoted before were asked for; None if any were."""
    if question.continues is None:
        return None
    return tr(
        "除了上面引用的地区，没有找到别的地区这样做的原文",
        "Nothing was found on regions other than those quoted above",
        question.language,
    )


def _answer(question: Question, evidence: Evidence, told: dict[Place, Quote], confidence: float) -> Counted:
    """Answer with the places that tell of a topic, the regions counted, and the best quote of each, the surest first."""
    language, topic = question.language, question.topic
    regions = [place.label for place in told if isinstance(place, Region)]
    others = [place for place in told if isinstance(place, str)]
    on = tr(f"说到“{topic}”的", f" on “{topic}”", language) if topic else ""
    named = join_names(regions, language)
    summary = tr(f"{on}有 {len(regions)} 个地区：{named}", f"{plural(len(regions), 'region')}{on}: {named}", language)
    if others:
        also = join_names(others, language)
        summary = (
            summary + tr(f"；另有未写明地区的：{also}", f"; and, naming no region: {also}", language)
            if regions
            else tr(f"{on}未写明地区，出自：{also}", f"No region is named{on}; told by {also}", language)
        )
    return Counted(question=question, evidence=evidence, confidence=confidence, quotes=tuple(told.values()), summary=summary)
