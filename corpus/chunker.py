"""Cut a bulletin into passages: one a section, and one a row of a table; long sections at points, then at sentences."""

import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from corpus.document import Bulletin, Passage, RegionStretch, Section, Span
from corpus.text.sentences import split_sentences

MAX_CHARACTERS = 512  # a sentence that is longer by itself stays whole


def chunk(bulletin: Bulletin) -> tuple[Passage, ...]:
    """Cut a bulletin's articles into passages, which tile every article's body."""
    passages = []
    for article_number, article in enumerate(bulletin.articles, 1):
        elsewhere = _Stretches(article.elsewhere)
        for section_number, section in enumerate(article.sections, 1):
            for passage_number, (span, header) in enumerate(_cut(bulletin, section), 1):
                passage_id = f"{bulletin.bulletin_id}/a{article_number}/s{section_number}/p{passage_number}"
                passages.append(Passage(passage_id, bulletin, article, section, span, header, elsewhere.overlapping(span)))
    return tuple(passages)


def sentences_of(passage: Passage) -> tuple[Span, ...]:
    """Tile a passage with its sentences. A row of a table is one, whatever full stops its cells have."""
    if passage.table_header is not None:
        return (passage.span,)
    return split_sentences(passage.bulletin.text, passage.span)


class _Stretches:
    """The stretches of an article, by their start."""

    def __init__(self, stretches: Sequence[RegionStretch]) -> None:
        self._stretches = stretches
        self._starts = [stretch.span.start for stretch in stretches]
        self._longest = max((len(stretch.span) for stretch in stretches), default=0)

    def overlapping(self, span: Span) -> tuple[RegionStretch, ...]:
        """Return those that overlap `span`."""
        first, last = bisect.bisect_left(self._starts, span.start - self._longest), bisect.bisect_left(self._starts, span.end)
        return tuple(stretch for stretch in self._stretches[first:last] if stretch.span.overlaps(span))


def _cut(bulletin: Bulletin, section: Section) -> Iterator[tuple[Span, Span | None]]:
    """Yield the passages of a section, each row of a table with the table's header, and what stands between the tables."""
    start = section.span.start
    for table in bulletin.tables:
        if section.span.contains(table.header):
            yield from ((span, None) for span in _split(bulletin.text, section, Span(start, table.header.end)))
            yield from ((row, table.header) for row in table.rows)
            start = table.rows[-1].end
    if start < section.span.end:
        yield from ((span, None) for span in _split(bulletin.text, section, Span(start, section.span.end)))


def _split(text: str, section: Section, part: Span) -> Iterator[Span]:
    """Split a part of a section that is too long at its points, and a point that is too long at its sentences."""
    if len(part) <= MAX_CHARACTERS:
        yield part
        return
    starts = [point.span.start for point in section.points if part.start < point.span.start < part.end]
    units: list[Span] = []
    for start, end in pairwise([part.start, *starts, part.end]):
        unit = Span(start, end)
        units.extend(split_sentences(text, unit) if len(unit) > MAX_CHARACTERS else [unit] * bool(len(unit)))
    yield from _packed(units)


def _packed(units: Iterable[Span]) -> Iterator[Span]:
    """Join neighbouring units while they fit."""
    current: Span | None = None
    for unit in units:
        if current is not None and unit.end - current.start > MAX_CHARACTERS:
            yield current
            current = None
        current = unit if current is None else Span(current.start, unit.end)
    if current is not None:
        yield current
