"""The cuts that a person makes in a document: where its articles begin, that it is one article, what is left out.

A place is kept as the number of its line and how that line begins. Where a later version of a reader counts lines otherwise, the
nearest line that begins so is meant. What is left out is deleted from the text like a page's furniture: an article goes on across
it, and no quote can hold it.
"""

import dataclasses
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from corpus.document import Bulletin, Span, merge_spans
from corpus.messages.errors import EditError
from corpus.messages.message import Message
from corpus.parsing.cleaner import Paragraph
from corpus.parsing.layout import Layout
from corpus.parsing.lines import LEFT_OUT, OF_ARTICLE, Kind, Line, split_lines, written_lines

_OPENING = 40  # characters of a line that tell it from others
_MAX_TITLE = 80  # characters of a line that may be the title of the article that it opens


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the source text: its number, from 1, and its first characters without indent."""

    line: int
    opening: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of the source text, both ends included."""

    first: Place
    last: Place


@dataclass(frozen=True, slots=True)
class Cuts:
    """The cuts of one document. `starts` are all lines at which an article begins; none leaves them as they were found."""

    starts: tuple[Place, ...] = ()
    left_out: tuple[Stretch, ...] = ()
    one_article: bool = False

    def __bool__(self) -> bool:
        return self != Cuts()


def place_of(line: Line) -> Place:
    """Return the place of a line."""
    return Place(line.number, line.raw.strip()[:_OPENING])


def article_lines(bulletin: Bulletin, source: str) -> tuple[int, ...]:
    """Return the number of the line at which each article of a bulletin begins.

    Args: source: the text that the bulletin was parsed from.
    """
    starts = [line.start for line in split_lines(source)]
    found = []
    for article in bulletin.articles:
        pieces = bulletin.source_spans(article.span)
        found.append(bisect_left(starts, pieces[0].start + 1))
    return tuple(found)


def group_by_starts(paragraphs: Sequence[Paragraph], starts: Collection[int]) -> list[list[Paragraph]]:
    """Group the paragraphs that make one article: from one of the lines `starts` to the next."""
    groups: list[list[Paragraph]] = []
    for paragraph in paragraphs:
        if paragraph.number in starts:
            groups.append([])
        if groups and paragraph.kind in (*OF_ARTICLE, "byline"):
            groups[-1].append(paragraph)
    return groups


def find_left_out(source: str, cuts: Cuts, *, document: str) -> frozenset[int]:
    """Return the numbers of the lines that are left out. Raises: EditError: one of the places is not there."""
    if not cuts.left_out:
        return frozenset()
    finder = _PlaceFinder(split_lines(source), document)
    stretches = (Span(*sorted((finder.find(stretch.first), finder.find(stretch.last)))) for stretch in cuts.left_out)
    merged = merge_spans(Span(stretch.start, stretch.end + 1) for stretch in stretches)
    return frozenset(number for stretch in merged for number in range(stretch.start, stretch.end))


def recut(layout: Layout, cuts: Cuts, *, document: str) -> Layout:
    """Let articles begin where a person said, and nowhere else. All text between two such lines belongs to the first of them.

    Raises: EditError: one of the places is not there.
    """
    lines = layout.lines
    starts = _written_starts(lines, cuts, document)
    if cuts.one_article:
        first = next((line.number for line in lines if line.kind in OF_ARTICLE), None)
        starts = frozenset([min(starts)] if starts else [] if first is None else [first])
    if not starts:
        return layout
    untitled = _untitled_starts(lines)
    _open_articles(lines, starts)
    _mark_heads(lines, starts, untitled)
    return dataclasses.replace(layout, starts=starts)


class _PlaceFinder:
    """Finds lines again by number and opening."""

    def __init__(self, lines: Sequence[Line], document: str) -> None:
        self._openings = [place_of(line).opening for line in lines]
        self._numbers: dict[str, list[int]] = {}
        for number, opening in enumerate(self._openings, 1):
            self._numbers.setdefault(opening, []).append(number)
        self._document = document

    def find(self, place: Place) -> int:
        """Return the number of the line that is meant. Raises: EditError: no line begins so."""
        if 1 <= place.line <= len(self._openings) and self._openings[place.line - 1] == place.opening:
            return place.line
        alike = self._numbers.get(place.opening, []) if place.opening else []
        if not alike:
            raise EditError(
                Message.of("corpus.library.no_such_line", document=self._document, line=place.line, found=place.opening)
            )
        below = bisect_left(alike, place.line)
        return min(alike[max(0, below - 1) : below + 1], key=lambda number: abs(number - place.line))


def _written_starts(lines: Sequence[Line], cuts: Cuts, document: str) -> frozenset[int]:
    """Return the starts; one on a line that is blank or left out is that of the next line that is written."""
    finder = _PlaceFinder(lines, document)
    written = [line.number for line in written_lines(lines)]
    indexes = {bisect_left(written, finder.find(place)) for place in cuts.starts}
    return frozenset(written[index] for index in indexes if index < len(written))


def _untitled_starts(lines: Sequence[Line]) -> frozenset[int]:
    """Return the lines at which the parser itself lets an article without a title begin."""
    written = written_lines(lines)
    above = [None, *written[:-1]]
    return frozenset(
        line.number
        for other, line in zip(above, written, strict=True)
        if line.kind == "body" and (other is None or other.kind not in (*OF_ARTICLE, "byline"))
    )


def _open_articles(lines: Sequence[Line], starts: Collection[int]) -> None:
    """Make body of what stood for masthead, contents and footer between the starts."""
    first, last = min(starts), max(starts)
    ends_in_footer = lines[last - 1].kind == "footer"
    for line in lines[first - 1 :]:
        is_inside = line.kind == "footer" and (line.number <= last or ends_in_footer)
        if is_inside or line.kind in ("masthead", "contents"):
            line.kind = "body"
    below_opens = False  # whether the next written line is a start, or a column above one
    for line in reversed(lines[first - 1 :]):
        if line.kind in LEFT_OUT:
            continue
        if line.number in starts:
            below_opens = True
        elif line.kind != "column":
            below_opens = False
        elif not below_opens:
            line.kind = "body"


def _mark_heads(lines: Sequence[Line], starts: Collection[int], untitled: Collection[int]) -> None:
    """Mark the title and the bylines at the head of each article, and nowhere else.

    Args: untitled: starts whose lines are no titles.
    """
    written = written_lines(lines[min(starts) - 1 :])
    part: Kind = "body"  # of its article, to which the line above belongs
    for line, below in zip(written, [*written[1:], None], strict=True):
        if line.number in starts:
            line.continues_previous = False
            has_text = below is not None and below.number not in starts and below.kind not in ("footer", "column")
            is_title = has_text and line.number not in untitled and _may_be_title(line)
            part = line.kind = "title" if is_title else "body"
        elif part == "title" and (line.kind == "title" or line.continues_previous):
            line.continues_previous = line.continues_previous and _may_be_title(line)
            part = line.kind = "title" if _may_be_title(line) else "body"
        elif line.kind == "byline" and part != "body":
            part = "byline"
        elif line.kind in ("title", "byline"):
            part = line.kind = "body"
        elif line.kind != "column":
            part = "body"


def _may_be_title(line: Line) -> bool:
    if line.kind == "title":
        return True
    text = line.normalized
    return len(text) <= _MAX_TITLE and "。" not in text and not (line.is_prose or line.is_table_row)
