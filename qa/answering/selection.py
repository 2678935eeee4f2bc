"""Select the scored sentences that are quoted.

A question for a fact is answered by the one sentence that gives it, the fact itself highlighted. Every other question is answered
region by region: by the likeliest sentences, with their neighbours in the same point.
"""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus import deadline
from corpus.document import Article, Span
from corpus.text.normalize import fold
from qa.answering.answer import Quote
from qa.answering.answer_patterns import find_answer_spans
from qa.answering.reading import ReadEvidence
from qa.answering.scoring import FoundFact, ScoredSentence
from qa.question.question import Question

MAX_QUOTES = 6
# Shares of the likeliest sentence's probability that a sentence must have to be quoted, and one next to it in the same point.
LIKELY, _NEIGHBOUR = 0.55, 0.1
_DUPLICATE_RATIO = 0.7  # share of bigrams in common from which two sentences say the same
# A term of the question supports the answer next to it, half as much at this distance in characters, and less if it follows it:
# 补贴120元, not 120元补贴. Of 2,192 questions of CMRC and DRCD dev the fact marked meets the gold answer in 0.42 of those with an
# odd id and 0.39 of the even ones, and in 0.40 and 0.36 where all terms within 14 characters count alike.
_HALF_DISTANCE, _BEHIND_RATIO = 8, 0.7
_SURE_FACT = 0.05  # probability from which what the reader has found is marked, whatever it looks like
_IS_SHARE = re.compile("[%％成]|分之")  # an answer that is a share
_SHARE = re.compile(r"率|占|比例|比重|百分|几成|\b(?:share|percent(?:age)?|proportion|rate)\b", re.I)


@dataclass(frozen=True, slots=True)
class ReaderResult:
    """The quotes, grouped by article and in document order within it, and all that was read."""

    quotes: tuple[Quote, ...]
    read: ReadEvidence


def select_quotes(question: Question, read: ReadEvidence, *, max_quotes: int = MAX_QUOTES) -> ReaderResult:
    """Pick the quotes that answer a question from what was read, at most `max_quotes`; articles come by their best quote."""
    deadline.check()  # a comparison comes here for each region
    scored = read.scored
    chosen = select_sentences(scored, min_ratio=LIKELY, max_sentences=1 if read.asks_fact else max_quotes)
    if not read.asks_fact:
        chosen = extend_to_neighbours(chosen, scored)
        if question.asks_for_several:
            chosen = _without_preambles(chosen)
    quotes = _quotes(chosen)
    if read.asks_fact:
        fact = next((one.fact for one in chosen if one.fact), None)
        quotes = [_highlighted(quote, question, fact, read.evidence.term_weights) for quote in quotes]
    return ReaderResult(tuple(quotes), read)


def runner_up_quotes(result: ReaderResult) -> tuple[Quote, ...]:
    """Return the sentences that were not quoted though they are likely enough, the likeliest first, each by itself."""
    read = result.read
    best = max((scored.probability for scored in read.scored), default=0.0)
    return tuple(
        quote_of(scored)
        for scored in sorted(read.scored, key=_negative_probability)
        if scored.probability >= _NEIGHBOUR * best
        and not any(is_near_duplicate(scored.sentence.text, quote.text) for quote in result.quotes)
    )


def quote_of(scored: ScoredSentence) -> Quote:
    """Return a sentence as a quote, as sure as it is."""
    sentence = scored.sentence
    return Quote(sentence.passage.passage, sentence.span, scored.probability, sentence.label)


def select_sentences(scored: Sequence[ScoredSentence], *, min_ratio: float, max_sentences: int) -> list[ScoredSentence]:
    """Return the likeliest sentences, none that says what another says.

    The best of each article comes before the second of any, so that every region is heard.

    Args: min_ratio: share of the best sentence's probability below which a sentence is left out.
    """
    best = max((candidate.probability for candidate in scored), default=0.0)
    firsts: list[ScoredSentence] = []
    others: list[ScoredSentence] = []
    seen: set[Article] = set()
    for candidate in sorted(scored, key=_negative_probability):
        article = _article_of(candidate)
        (others if article in seen else firsts).append(candidate)
        seen.add(article)
    chosen: list[ScoredSentence] = []
    for candidate in (*firsts, *others):
        if candidate.probability < min_ratio * best or len(chosen) == max_sentences:
            continue
        if not any(is_near_duplicate(candidate.sentence.text, other.sentence.text) for other in chosen):
            chosen.append(candidate)
    return chosen


def extend_to_neighbours(chosen: Sequence[ScoredSentence], scored: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Return the chosen sentences and those next to them in the same point that are likely enough."""
    best = max((candidate.probability for candidate in chosen), default=0.0)
    taken = {index for index, candidate in enumerate(scored) if any(candidate is other for other in chosen)}
    for start in sorted(taken):
        for step in (1, -1):
            index = start + step
            while 0 <= index < len(scored) and index not in taken and _continues(scored[index], scored[index - step]):
                if scored[index].probability < _NEIGHBOUR * best:
                    break
                taken.add(index)
                index += step
    return [scored[index] for index in sorted(taken)]


def _without_preambles(chosen: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Return the sentences without those that stand before the points of a section from which points are listed.

    Of 副县长调研，主任陪同。副县长要求，一是…二是… the points are the list, and who was there is not.
    """
    listed = Counter(_section_of(scored) for scored in chosen if scored.sentence.point is not None)

    def is_preamble(scored: ScoredSentence) -> bool:
        points = scored.sentence.passage.passage.section.points
        return listed[_section_of(scored)] > 1 and scored.sentence.span.end <= points[0].span.start

    return [scored for scored in chosen if not is_preamble(scored)]


def _negative_probability(scored: ScoredSentence) -> float:
    return -scored.probability


def _section_of(scored: ScoredSentence) -> tuple[Article, Span]:
    return _article_of(scored), scored.sentence.passage.passage.section.span


def _article_of(scored: ScoredSentence) -> Article:
    return scored.sentence.passage.passage.article


def _continues(scored: ScoredSentence, other: ScoredSentence) -> bool:
    """Return whether two neighbours are in the same paragraph of the same point: quoted, they are one stretch of text."""
    first, second = sorted((scored.sentence, other.sentence), key=lambda sentence: sentence.span)
    if first.passage is not second.passage or first.point is None or first.point != second.point:
        return False
    return _adjoin(first.span, second.span, first.passage.passage.bulletin.text)


def _adjoin(first: Span, second: Span, text: str) -> bool:
    """Return whether only blanks of one line are between two stretches of a text."""
    between = text[first.end : second.start]
    return not between.strip() and "\n" not in between


def is_near_duplicate(sentence: str, other: str) -> bool:
    """Return whether two sentences say the same: they share most of their character bigrams."""
    first, second = (frozenset(map("".join, itertools.pairwise(text))) for text in (sentence, other))
    smaller = min(len(first), len(second))
    return smaller > 0 and len(first & second) >= _DUPLICATE_RATIO * smaller


def _quotes(chosen: Sequence[ScoredSentence]) -> list[Quote]:
    """Join neighbouring sentences of one point or lead; order by article, then by offset. The label is the point's headline."""
    by_article: dict[Article, list[ScoredSentence]] = {}
    for scored in sorted(chosen, key=_negative_probability):
        by_article.setdefault(_article_of(scored), []).append(scored)
    quotes: list[Quote] = []
    for members in by_article.values():
        joined: list[Quote] = []
        for scored in sorted(members, key=lambda scored: scored.sentence.span):
            passage, span, label = scored.sentence.passage.passage, scored.sentence.span, scored.sentence.label
            last = joined[-1] if joined else None
            is_of_last = last is not None and last.passage is passage and last.label == label
            if last is not None and is_of_last and _adjoin(last.span, span, passage.bulletin.text):
                joined[-1] = Quote(passage, Span(last.span.start, span.end), max(last.score, scored.probability), label)
            else:
                joined.append(Quote(passage, span, scored.probability, label))
        quotes.extend(joined)
    return quotes


def _highlighted(quote: Quote, question: Question, fact: FoundFact | None, term_weights: Mapping[str, float]) -> Quote:
    """Return the quote with the answer marked.

    That is the fact that the reader has found. If it is not sure of it, it is what looks like an answer: what overlaps that fact,
    or that to which the question's terms are nearest.
    """
    own = fact.span if fact and quote.span.contains(fact.span) else None
    if fact is None or own is None or fact.probability < _SURE_FACT:
        own = _nearest_answer(quote, question, own, term_weights) or own
    return Quote(quote.passage, quote.span, quote.score, quote.label, (own,)) if own else quote


def _nearest_answer(quote: Quote, question: Question, fact: Span | None, term_weights: Mapping[str, float]) -> Span | None:
    """Return what looks like an answer of the kind asked for, in the document; None if nothing does."""
    text, start, kind = quote.text, quote.span.start, question.answer_kind
    asked = fold(question.text)
    found = find_answer_spans(kind, text) if kind else []
    # What is in the question is not what it asks for: 回收一件电器记几颗豆.
    found = [span for span in found if fold(span.of(text)) not in asked] or found
    if kind == "number" and _SHARE.search(question.text):
        found = [span for span in found if _IS_SHARE.search(span.of(text))] or found
    if fact:
        found = [span for span in found if span.moved(start).overlaps(fact)] or found
    return max(found, key=lambda span: _proximity(span, text, term_weights)).moved(start) if found else None


def _proximity(span: Span, text: str, term_weights: Mapping[str, float]) -> float:
    """Return how near the terms are to a span of a text: the sum of their weights, each less the farther it is."""
    before, behind = fold(text[: span.start]), fold(text[span.end :])
    proximity = 0.0
    for term, weight in term_weights.items():
        end, start = before.rfind(term) + len(term), behind.find(term)
        ahead = 1 / (1 + (len(before) - end) / _HALF_DISTANCE) if term in before else 0.0
        proximity += weight * max(ahead, _BEHIND_RATIO / (1 + start / _HALF_DISTANCE) if start >= 0 else 0.0)
    return proximity
