"""Search the articles of a library: a term letter by letter, or text that is near to it, in whole articles or in titles alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from corpus import deadline
from corpus.document import Bulletin, Passage, Section, Span, merge_spans
from corpus.text.normalize import Folded
from corpus.text.sentences import split_sentences
from index.retriever import Retriever
from qa.archive.browsing import Browser, Entry

Mode = Literal["exact", "fuzzy"]
Field = Literal["text", "title"]

MAX_QUERY_LENGTH = 200  # characters of a query that count

# A passage is found if its score is at least half of the best one's, which must itself be more than chance: of words that the
# sample library lacks (母婴室, 区块链, 养猪) the best score is 0.20 to 0.35, of those that it has 0.54 and more.
_MIN_RATIO, _MIN_SCORE = 0.5, 0.38
_DEPTH = 1000  # passages looked at
_TITLE_SCORE = 1000.0  # of a term in the title: more than any number of occurrences in a body
_MAX_SNIPPETS = 3  # of an article
_MARKED_RATIO = 0.25  # of the heaviest term's weight: lighter terms are not marked
_SNIPPET_LENGTH, _LENGTH_BEFORE = 110, 40  # characters, in all and before a mark


@dataclass(frozen=True, slots=True)
class Match:
    """An article that was found: its number among the entries of the archive, and how well it fits (higher is better).

    `places` are stretches of the bulletin's text: every occurrence of a term in the body, or the passages that are near, the
    nearest first. There are none where titles alone were searched.
    """

    entry: int
    score: float
    places: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The articles that a search finds, the best first; of equals the newest. `truncated`: more are near than it looks at."""

    matches: tuple[Match, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """A slice of the bulletin's text with marks inside it, cut from `around`. `hit` is what to show of the article."""

    span: Span
    marks: tuple[Span, ...]
    hit: Span
    around: Span


class Searcher:
    """Searches the articles of an archive. What it folds and indexes for this, it does once, when it is first needed."""

    def __init__(self, archive: Browser) -> None:
        self.archive = archive
        self._retriever = archive.library.retriever
        self._weights = lru_cache(maxsize=32)(self._term_weights)
        self._entry_of = {entry.article: i for i, entry in enumerate(archive.entries)}

    def search(self, query: str, *, field: Field, mode: Mode) -> SearchResult:
        """Return the articles that have the query, or are near to it.

        Exact: it is in the title or the body as it is written, width, case and script aside; the articles with it in the title
        come first, then those with it most often. Fuzzy: by meaning and by word at once.
        """
        if mode == "fuzzy":
            return self._fuzzy(query, field)
        matches = []
        for index in range(len(self.archive.entries)):
            deadline.check()
            if match := self._exact(index, query, field):
                matches.append(match)
        return SearchResult(_ordered(matches))

    def title_marks(self, match: Match, query: str, *, mode: Mode) -> tuple[Span, ...]:
        """Return where the title of an article that was found has the query, or a term of it; offsets in the title."""
        return _merged(self._titles[match.entry], (query,) if mode == "exact" else self._terms(query))

    def snippets(self, match: Match, query: str, *, mode: Mode) -> tuple[Snippet, ...]:
        """Return the places of a match with some text around: of a term at most three, of passages the sentence nearest to the
        query."""
        entry = self.archive.entries[match.entry]
        bulletin = entry.bulletin
        if mode == "fuzzy":
            return (self._nearest(bulletin, match.places[0], query),) if match.places else ()
        said = split_sentences(bulletin.text, _body(entry))
        found: list[Snippet] = []
        for place in match.places:
            if found and found[-1].span.end > place.start:
                continue
            if len(found) == _MAX_SNIPPETS:
                break
            around = next(sentence for sentence in said if sentence.end > place.start)
            around = Span(around.start, max(around.end, place.end)).trimmed(bulletin.text)
            span = _cut(around, place)
            found.append(Snippet(span, tuple(other for other in match.places if span.contains(other)), place, around))
        return tuple(found)

    def prepare(self) -> None:
        """Fold all texts and index the titles now, half a second at 10,000 passages, so that no search waits for it."""
        self._titles, self._bodies, self._by_title  # noqa: B018

    def _exact(self, index: int, query: str, field: Field) -> Match | None:
        titled = any(self._titles[index].find(query))
        places: tuple[Span, ...] = ()
        if field == "text":
            start = _body(self.archive.entries[index]).start
            places = tuple(Span(start + place.start, start + place.end) for place in self._bodies[index].find(query))
        return Match(index, _TITLE_SCORE * titled + len(places), places) if titled or places else None

    def _fuzzy(self, query: str, field: Field) -> SearchResult:
        retriever = self._by_title if field == "title" else self._retriever
        ranked = retriever.search(query, k=_DEPTH)
        min_score = max(_MIN_SCORE, _MIN_RATIO * ranked[0].score) if ranked else 0.0
        best: dict[int, float] = {}
        places: dict[int, list[Span]] = {}
        for scored in ranked:
            if scored.score >= min_score:
                index = self._entry_of[scored.passage.article]
                best.setdefault(index, scored.score)
                places.setdefault(index, []).append(scored.passage.span)
        matches = [Match(index, score, () if field == "title" else tuple(places[index])) for index, score in best.items()]
        return SearchResult(_ordered(matches), truncated=len(ranked) == _DEPTH and ranked[-1].score >= min_score)

    def _term_weights(self, query: str) -> Mapping[str, float]:
        return self._retriever.index.term_weights(self._retriever.analyze(query))

    def _nearest(self, bulletin: Bulletin, passage: Span, query: str) -> Snippet:
        """Return the sentence of a passage that has the heaviest terms of the query, the first of equals."""
        weights = self._weights(query)

        def weight_of(sentence: Span) -> float:
            folded = Folded.of(sentence.of(bulletin.text)).text
            return sum(weight for term, weight in weights.items() if term in folded)

        sentence = max(split_sentences(bulletin.text, passage), key=weight_of).trimmed(bulletin.text)
        marks = [
            Span(sentence.start + mark.start, sentence.start + mark.end)
            for mark in _merged(Folded.of(sentence.of(bulletin.text)), self._terms(query))
        ]
        span = _cut(sentence, marks[0] if marks else Span(sentence.start, sentence.start))
        return Snippet(span, tuple(mark for mark in marks if span.contains(mark)), sentence, sentence)

    def _terms(self, query: str) -> tuple[str, ...]:
        """Return the terms of a query that are marked: all but the lightest."""
        weights = self._weights(query)
        min_weight = _MARKED_RATIO * max(weights.values(), default=0.0)
        return tuple(term for term, weight in weights.items() if weight > min_weight)

    @cached_property
    def _titles(self) -> tuple[Folded, ...]:
        return tuple(Folded.of(entry.article.title) for entry in self.archive.entries)

    @cached_property
    def _bodies(self) -> tuple[Folded, ...]:
        return tuple(Folded.of(_body(entry).of(entry.bulletin.text)) for entry in self.archive.entries)

    @cached_property
    def _by_title(self) -> Retriever:
        """Return a retriever over the titles: each as it is printed is a passage."""
        passages = []
        for index, entry in enumerate(self.archive.entries):
            span = Span(entry.article.span.start, _body(entry).start).trimmed(entry.bulletin.text)
            if span:
                passages.append(Passage(str(index), entry.bulletin, entry.article, Section("", span, ()), span))
        return Retriever.build(passages, gazetteer=self._retriever.catalog.gazetteer, encoder=self._retriever.analyzer.encoder)


def _ordered(matches: Iterable[Match]) -> tuple[Match, ...]:
    return tuple(sorted(matches, key=lambda match: (-match.score, match.entry)))


def _body(entry: Entry) -> Span:
    """Return the span of an article without its title."""
    sections = entry.article.sections
    return Span(sections[0].span.start if sections else entry.article.span.end, entry.article.span.end)


def _merged(folded: Folded, terms: Iterable[str]) -> tuple[Span, ...]:
    """Return where the terms are, those that meet joined."""
    return merge_spans(span for term in terms for span in folded.find(term))


def _cut(stretch: Span, mark: Span) -> Span:
    """Return the part of a stretch that makes a snippet: from its start if the mark is in that, and at least the mark."""
    start = stretch.start if mark.end - stretch.start <= _SNIPPET_LENGTH else max(stretch.start, mark.start - _LENGTH_BEFORE)
    return Span(start, min(stretch.end, max(start + _SNIPPET_LENGTH, mark.end)))
