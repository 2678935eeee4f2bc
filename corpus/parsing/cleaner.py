"""The cleaning of a text: markup and page breaks are deleted, and broken paragraphs joined. It keeps a map to the source."""

import bisect
import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from corpus.document import Span, Zone, ZoneKind, merge_spans
from corpus.parsing.lines import BOLD_MARK, LEFT_OUT, Kind, Line

_PREFIX = re.compile(r"^\s*+(?:#{1,6}\s*+)?\s*")
# Every other kind of paragraph belongs to the body.
_ZONES: dict[Kind, ZoneKind] = {"masthead": "masthead", "contents": "contents", "footer": "footer"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the cleaned text. `span` ends after its line end; `number` is that of its first line in the source."""

    kind: Kind
    span: Span
    number: int
    is_markdown_heading: bool
    is_table_row: bool


@dataclass(frozen=True, slots=True)
class CleanText:
    """`text` is the source without `deletions`; `bold` are the runs of the text that were set in bold."""

    text: str
    deletions: tuple[Span, ...]
    zones: tuple[Zone, ...]
    paragraphs: tuple[Paragraph, ...]
    bold: tuple[Span, ...]


class _Cuts:
    """The deletions from a source, and the offsets in the text that is left."""

    def __init__(self, cuts: Iterable[Span]) -> None:
        self.deletions = merge_spans(cuts)
        self._starts = [deletion.start for deletion in self.deletions]
        self._deleted = list(accumulate((len(deletion) for deletion in self.deletions), initial=0))

    def apply(self, source: str) -> str:
        """Return the source without the deletions."""
        starts = [0, *(deletion.end for deletion in self.deletions)]
        return "".join(source[start:end] for start, end in zip(starts, [*self._starts, len(source)], strict=True))

    def offset(self, position: int) -> int:
        """Return the text offset of a source position; one inside a deletion maps to where the deletion stood."""
        before = bisect.bisect_left(self._starts, position)
        if before == 0:
            return position
        return max(position, self.deletions[before - 1].end) - self._deleted[before]


def clean(source: str, lines: Sequence[Line]) -> CleanText:
    """Cut blank lines, rules, page numbers, running headers, indents and bold marks out of `source`.

    Args: lines: the classified lines of this source.
    """
    spans: list[Span] = []
    marks: list[int] = []  # source offsets of the bold marks
    for line, following in zip(lines, _following(source, lines), strict=True):
        if line.kind in LEFT_OUT:
            spans.append(Span(line.start, following))
            continue
        start, end = _content(line)
        spans.append(Span(line.start, start))
        for mark in BOLD_MARK.finditer(source, start, end):
            spans.append(Span(*mark.span()))
            marks.append(mark.start())
        # Of the line end one character stays, the last: CRLF leaves LF.
        spans.append(Span(end, max(end, following - 1) if following > line.end else following))
    cuts = _Cuts([*spans, *_seams(source, lines)])
    paragraphs = _paragraphs(source, lines, cuts)
    offsets = [cuts.offset(mark) for mark in marks]
    bold = tuple(Span(start, end) for start, end in zip(offsets[::2], offsets[1::2], strict=False))
    return CleanText(cuts.apply(source), cuts.deletions, _zones(paragraphs), paragraphs, bold)


def _following(source: str, lines: Sequence[Line]) -> list[int]:
    """Return, for each line, the offset at which the next begins."""
    return [*(line.start for line in lines[1:]), len(source)][: len(lines)]


def _content(line: Line) -> tuple[int, int]:
    """Return the bounds of a line in the source without its indent, its heading's marks and the white space at its end."""
    indent = len(_PREFIX.match(line.raw)[0])  # type: ignore[index]  # matches ""
    return line.start + indent, line.start + len(line.raw.rstrip())


def _seams(source: str, lines: Sequence[Line]) -> list[Span]:
    """Return the spans to delete between two lines of one paragraph. One space is kept between Latin words."""
    seams: list[Span] = []
    last: Line | None = None
    for line in lines:
        if line.continues_previous and last is not None:
            start, end = _content(last)[1], _content(line)[0]
            before, after = source[start - 1 : start], source[end : end + 1]
            if before.isascii() and before.isalnum() and after.isascii() and after.isalpha():
                end -= 1
            if start < end:
                seams.append(Span(start, end))
        if line.kind not in LEFT_OUT:
            last = line
    return seams


def _paragraphs(source: str, lines: Sequence[Line], cuts: _Cuts) -> tuple[Paragraph, ...]:
    paragraphs: list[Paragraph] = []
    for line, following in zip(lines, _following(source, lines), strict=True):
        if line.kind in LEFT_OUT:
            continue
        end = cuts.offset(following)
        if line.continues_previous:
            first = paragraphs.pop()
            paragraphs.append(dataclasses.replace(first, span=Span(first.span.start, end)))
        else:
            span = Span(cuts.offset(line.start), end)
            paragraphs.append(Paragraph(line.kind, span, line.number, line.is_markdown_heading, line.is_table_row))
    return tuple(paragraphs)


def _zones(paragraphs: Sequence[Paragraph]) -> tuple[Zone, ...]:
    """Join neighbouring paragraphs of one kind; all that is neither masthead, contents nor footer is body."""
    zones: list[Zone] = []
    for paragraph in paragraphs:
        kind = _ZONES.get(paragraph.kind, "body")
        if zones and zones[-1].kind == kind:
            zones[-1] = Zone(zones[-1].kind, Span(zones[-1].span.start, paragraph.span.end))
        else:
            zones.append(Zone(kind, paragraph.span))
    return tuple(zones)
