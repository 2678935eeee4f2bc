"""The extractive reader: rated sentences -> quotes.

A fact is answered by the one sentence that gives it, the fact itself highlighted. Everything else is answered by the measures
that belong to the question, region by region: the likeliest sentences, with what stands beside them in the same point.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.document import Span
from corpus.text.normalize import fold
from index.evidence import Evidence
from qa.answering.answer import Quote
from qa.answering.answer_patterns import find_answer_spans
from qa.answering.scoring import ScoredSentence, score_sentences
from qa.question.intent import AnswerKind
from qa.question.question import Question

MAX_QUOTES = 6
# Shares of the likeliest sentence's probability: below the first a sentence is padding, and more so where one fact is asked for;
# above the second it goes along with a chosen neighbour of the same point. Experiments: benchmarks/README.md.
_NEAR_BEST, _NEAR_BEST_FACT, NEIGHBOUR_RATIO = 0.45, 0.8, 0.3
_SAME = 0.7  # share of bigrams in common above which two sentences say the same
# A term of the question tells of the fact that it stands next to, half as much this many characters away, and less so behind it:
# 补贴120元, not 120元补贴. Of 2,192 questions of CMRC and DRCD dev the fact marked meets the gold answer in 0.42 of those with an
# odd id and 0.39 of the even ones, and in 0.40 and 0.36 where all terms within 14 characters count alike.
_HALF, _BEHIND = 8, 0.7
_SHARE = re.compile(r"率|占|比例|比重|百分|几成|\b(?:share|percent(?:age)?|proportion|rate)\b", re.I)


@dataclass(frozen=True, slots=True)
class ReaderResult:
    """The quotes, grouped by article and in document order within it, and every sentence that was rated."""

    quotes: tuple[Quote, ...]
    scored: tuple[ScoredSentence, ...]


def select_quotes(question: Question, evidence: Evidence, *, max_quotes: int = MAX_QUOTES) -> ReaderResult:
    """Pick the quotes that answer a question from its passages, at most `max_quotes`; articles come by their best quote."""
    scored = score_sentences(question, evidence)
    near = _NEAR_BEST_FACT if question.is_factoid else _NEAR_BEST
    chosen = select_sentences(scored, near=near, most=1 if question.is_factoid else max_quotes)
    if not question.is_factoid:
        chosen = extend_to_neighbours(chosen, scored)
    quotes = _quotes(chosen)
    if question.is_factoid and question.answer_kind:
        quotes = [_highlighted(quote, question, question.answer_kind, evidence.term_weights) for quote in quotes]
    return ReaderResult(tuple(quotes), tuple(scored))


def runner_up_quotes(reading: ReaderResult) -> tuple[Quote, ...]:
    """Return what a reading left out though it is likely enough to go along, the likeliest first, each sentence by itself."""
    best = max((one.probability for one in reading.scored), default=0.0)
    return tuple(
        Quote(one.sentence.passage.passage, one.sentence.span, one.probability, one.sentence.label)
        for one in sorted(reading.scored, key=lambda one: -one.probability)
        if one.probability >= NEIGHBOUR_RATIO * best
        and not any(is_near_duplicate(one.sentence.text, quote.text) for quote in reading.quotes)
    )


def select_sentences(rated: Sequence[ScoredSentence], *, near: float, most: int) -> list[ScoredSentence]:
    """Return the likeliest units, none that says what another says; those far behind the best are left out.

    The best of each article comes before the second of any, so that no region crowds out another.
    """
    ordered = sorted(rated, key=lambda one: -one.probability)
    firsts = {id(one.sentence.passage.passage.article): one for one in reversed(ordered)}
    best = max((one.probability for one in rated), default=0.0)
    chosen: list[ScoredSentence] = []
    for one in sorted(ordered, key=lambda one: firsts[id(one.sentence.passage.passage.article)] is not one):
        if one.probability < near * best or len(chosen) == most:
            continue
        if not any(is_near_duplicate(one.sentence.text, other.sentence.text) for other in chosen):
            chosen.append(one)
    return chosen


def extend_to_neighbours(chosen: Sequence[ScoredSentence], rated: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Return the chosen units and those next to them in the same point that are likely enough to go along."""
    best = max((one.probability for one in chosen), default=0.0)
    places = {id(one): place for place, one in enumerate(rated)}
    taken = {places[id(one)] for one in chosen}
    for start in sorted(taken):
        for step in (1, -1):
            at = start + step
            while 0 <= at < len(rated) and at not in taken and _continues(rated[at], rated[at - step]):
                if rated[at].probability < NEIGHBOUR_RATIO * best:
                    break
                taken.add(at)
                at += step
    return [rated[at] for at in sorted(taken)]


def _continues(one: ScoredSentence, other: ScoredSentence) -> bool:
    """Return whether two neighbours stand in the same paragraph of the same point: quoted, they are one stretch of text."""
    first, second = sorted((one.sentence, other.sentence), key=lambda unit: unit.span)
    if first.passage is not second.passage or first.point is None or first.point != second.point:
        return False
    return _adjoin(first.span, second.span, first.passage.passage.bulletin.text)


def _adjoin(first: Span, second: Span, text: str) -> bool:
    """Return whether nothing but blanks of one line stands between two stretches of a text."""
    between = text[first.end : second.start]
    return not between.strip() and "\n" not in between


def is_near_duplicate(one: str, other: str) -> bool:
    """Tell whether two sentences say the same: they share most of their character bigrams."""
    first, second = (frozenset(map("".join, itertools.pairwise(text))) for text in (one, other))
    smaller = min(len(first), len(second))
    return smaller > 0 and len(first & second) >= _SAME * smaller


def _quotes(chosen: Sequence[ScoredSentence]) -> list[Quote]:
    """Join neighbouring units of one point or lead; order by article, then by place. The headline of the point is the label."""
    articles: dict[int, list[ScoredSentence]] = {}
    for one in sorted(chosen, key=lambda one: -one.probability):
        articles.setdefault(id(one.sentence.passage.passage.article), []).append(one)
    quotes: list[Quote] = []
    for members in articles.values():
        joined: list[Quote] = []
        for one in sorted(members, key=lambda one: one.sentence.span):
            passage, span = one.sentence.passage.passage, one.sentence.span
            last = joined[-1] if joined else None
            alike = last is not None and last.passage is passage and last.label == one.sentence.label
            if last is not None and alike and _adjoin(last.span, span, passage.bulletin.text):
                joined[-1] = Quote(passage, Span(last.span.start, span.end), max(last.score, one.probability), last.label)
            else:
                joined.append(Quote(passage, span, one.probability, one.sentence.label))
        quotes.extend(joined)
    return quotes


def _highlighted(quote: Quote, question: Question, kind: AnswerKind, terms: Mapping[str, float]) -> Quote:
    """Return the quote with the fact marked: of what looks like one, that to which the question's terms stand nearest."""
    text = quote.text
    asked = fold(question.text)
    found = find_answer_spans(kind, text)
    # What the question says itself it does not ask for: 回收一件电器记几颗豆.
    found = [span for span in found if fold(span.of(text)) not in asked] or found
    if kind == "number" and _SHARE.search(question.text):
        found = [span for span in found if re.search("[%％成]|分之", span.of(text))] or found
    if not found:
        return quote

    def told(span: Span) -> float:
        before, behind = fold(text[: span.start]), fold(text[span.end :])
        near = 0.0
        for term, weight in terms.items():
            ends, starts = before.rfind(term) + len(term), behind.find(term)
            ahead = 1 / (1 + (len(before) - ends) / _HALF) if term in before else 0.0
            near += weight * max(ahead, _BEHIND / (1 + starts / _HALF) if starts >= 0 else 0.0)
        return near

    best = max(found, key=told)
    start = quote.span.start
    return Quote(quote.passage, quote.span, quote.score, quote.label, (Span(start + best.start, start + best.end),))
