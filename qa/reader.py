"""The extractive reader: ranked passages -> quotes.

The unit is the sentence. Each is rated by the share of the question's terms that it holds (weighted by how much a term tells),
by its nearness to the question in the encoder's space, and by the rank score of its passage; then the best are taken that do
not repeat each other.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.document import Passage, Span
from corpus.script import fold
from corpus.sentences import sentences
from index.retriever import Retriever, ScoredPassage
from qa.answer import Quote

MAX_QUOTES = 6
_READ = 8  # passages; further down the list hardly any evidence of the development questions stands
_TERMS, _MEANING, _PASSAGE = 0.5, 0.3, 0.3
_COVERED = 0.3
# An open question is answered by the measures in the sections, which a lead only announces; F1 of the answer sentences on the
# development and the sample questions is 0.38 and 0.32 with this, 0.38 and 0.27 without.
_LEAD = 0.2
# A sentence rated below this share of the best one is padding, and more so where one fact is asked for.
_NEAR_BEST, _NEAR_BEST_DETAIL = 0.7, 0.85
_SAME = 0.7  # share of bigrams in common above which two sentences say the same
_HEADLINE = 30  # characters; a longer opening sentence of a point tells the how itself
_SHORTEST = 8  # characters; shorter ones are labels (（团金华市委）) and headings


@dataclass(frozen=True, slots=True)
class _Unit:
    passage: ScoredPassage
    span: Span
    score: float
    grams: frozenset[str]


def read(
    query: str, ranked: Sequence[ScoredPassage], *, retriever: Retriever, detail: bool = False, most: int = MAX_QUOTES
) -> tuple[Quote, ...]:
    """Pick the quotes that answer `query`.

    Args: detail: one fact is asked for, not measures.
    Returns: at most `most` quotes, grouped by article and in document order within it, articles by their best quote.
    """
    units = _units(query, ranked[:_READ], retriever, lead_discount=0.0 if detail else _LEAD)
    if not units:
        return ()
    best = max(unit.score for unit in units)
    near = _NEAR_BEST_DETAIL if detail else _NEAR_BEST
    chosen: list[_Unit] = []
    for unit in sorted(units, key=lambda unit: -unit.score):
        if unit.score < near * best or len(chosen) == most:
            break
        if not any(_alike(unit, other) for other in chosen):
            chosen.append(unit)
    return _quotes(chosen)


def support(query: str, ranked: Sequence[ScoredPassage], *, retriever: Retriever) -> float:
    """How far the best passage is about the question: its cosine, and a little for the share of the question's terms it holds.

    Returns: -1 to 1.3; 0 where nothing was found.
    """
    texts = [scored.passage.embedding_text for scored in ranked[:_READ]]
    covered = _covered(texts, retriever.query_terms(query))
    return max((scored.dense + _COVERED * float(share) for scored, share in zip(ranked, covered, strict=False)), default=0.0)


def _units(query: str, ranked: Sequence[ScoredPassage], retriever: Retriever, *, lead_discount: float) -> list[_Unit]:
    weights = retriever.query_terms(query)
    found: list[tuple[ScoredPassage, Span]] = []
    for scored in ranked:
        found.extend((scored, span) for span in _sentences(scored.passage))
    texts = [span.of(scored.passage.bulletin.text) for scored, span in found]
    if not texts:
        return []
    meaning = retriever.encoder.encode_passages(texts) @ retriever.encoder.encode_queries([query])[0]
    rank = np.array([scored.score for scored, _ in found], np.float32)
    lead = np.array([_is_lead(scored.passage) for scored, _ in found], np.float32)
    rated = _TERMS * _covered(texts, weights) + _MEANING * meaning + _PASSAGE * rank / max(float(rank.max()), 1e-6)
    rated -= lead_discount * lead
    return [
        _Unit(scored, span, float(score), frozenset(map("".join, itertools.pairwise(text))))
        for (scored, span), text, score in zip(found, texts, rated, strict=True)
    ]


def _is_lead(passage: Passage) -> bool:
    sections = passage.article.sections
    return len(sections) > 1 and passage.section.span == sections[0].span and not passage.section.heading


def _sentences(passage: Passage) -> Iterator[Span]:
    """The sentences of a passage that can be quoted. A point's headline (三是制定细则。) goes with the sentence after it."""
    text = passage.bulletin.text
    starts = {point.span.start for point in passage.section.points}
    headline: Span | None = None
    for sentence in sentences(text, passage.span):
        span = sentence.trimmed(text)
        if span.of(text).rstrip("。") == passage.section.heading:
            continue
        if headline is not None and span.start in starts:
            yield headline
        elif headline is not None:
            span = Span(headline.start, span.end)
        headline = span if span.start in starts and len(span) <= _HEADLINE else None
        if headline is None and len(span) >= _SHORTEST:
            yield span
    if headline is not None:
        yield headline


def _covered(texts: Sequence[str], weights: Mapping[str, float]) -> NDArray[np.float32]:
    """The share of the question's terms that each text holds, weighted by what they tell. Shape (len(texts),), 0 to 1."""
    total = sum(weights.values())
    if not total:
        return np.zeros(len(texts), np.float32)
    folded = map(fold, texts)  # terms are found in the folded text: to cut every sentence into words would take ten times as long
    return np.array([sum(weight for term, weight in weights.items() if term in text) / total for text in folded], np.float32)


def _alike(one: _Unit, other: _Unit) -> bool:
    smaller = min(len(one.grams), len(other.grams))
    return smaller > 0 and len(one.grams & other.grams) >= _SAME * smaller


def _quotes(chosen: Sequence[_Unit]) -> tuple[Quote, ...]:
    """Join neighbouring sentences of one passage; order by article, then by place."""
    articles: dict[int, list[_Unit]] = {}
    for unit in chosen:
        articles.setdefault(id(unit.passage.passage.article), []).append(unit)
    quotes: list[Quote] = []
    for units in articles.values():
        joined: list[Quote] = []
        for unit in sorted(units, key=lambda unit: unit.span):
            passage = unit.passage.passage
            last = joined[-1] if joined else None
            between = passage.bulletin.text[last.span.end : unit.span.start] if last else ""
            if last is not None and last.passage is passage and not between.strip() and "\n" not in between:
                joined[-1] = Quote(passage, Span(last.span.start, unit.span.end), max(last.score, unit.score))
            else:
                joined.append(Quote(passage, unit.span, unit.score))
        quotes.extend(joined)
    return tuple(quotes)
