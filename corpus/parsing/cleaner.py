"""Delete markup and page breaks and rejoin broken paragraphs. Cleaning only deletes, and keeps the map back to the source."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.document import Span, Zone
from corpus.parsing.lines import Kind, Line

_PREFIX = re.compile(r"^\s*(?:#{1,6}\s*)?\s*")
_BOLD = re.compile(r"\*{2,}")
_APART = {"masthead", "contents", "footer"}  # every other kind belongs to the body


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the cleaned text. `span` ends after its line end; `hashed` marks a Markdown heading, `row` a table."""

    kind: Kind
    span: Span
    number: int
    is_markdown_heading: bool
    is_table_row: bool


@dataclass(frozen=True, slots=True)
class CleanText:
    """`text` is the source less `deletions`; `bold` are the runs of the text that were set in bold."""

    text: str
    deletions: tuple[Span, ...]
    zones: tuple[Zone, ...]
    paragraphs: tuple[Paragraph, ...]
    bold: tuple[Span, ...]


def clean(source: str, lines: Sequence[Line]) -> CleanText:
    """Cut blank lines, rules, page numbers, running headers, indents and bold marks out of `source`.

    Args: lines: the classified lines of this very source.
    """
    cuts: list[Span] = []
    marks: list[int] = []  # source offsets of the bold marks
    for at, line in enumerate(lines):
        following = lines[at + 1].start if at + 1 < len(lines) else len(source)
        if line.kind in ("blank", "markup", "page"):
            cuts.append(Span(line.start, following))
            continue
        content_start = line.start + len(_PREFIX.match(line.raw)[0])  # type: ignore[index]  # matches ""
        content_end = line.start + len(line.raw.rstrip())
        cuts.append(Span(line.start, content_start))
        for mark in _BOLD.finditer(source, content_start, content_end):
            cuts.append(Span(*mark.span()))
            marks.append(mark.start())
        # Of the line end one character stays, the last: CRLF leaves LF.
        cuts.append(Span(content_end, max(content_end, following - 1) if following > line.end else following))
    cuts.extend(_seams(source, lines))
    deletions = _merged(cuts)
    return _assemble(source, lines, deletions, marks)


def _seams(source: str, lines: Sequence[Line]) -> list[Span]:
    """What parts the two halves of a joined paragraph. Between Latin words one white space stays, lest they run together."""
    seams: list[Span] = []
    last: Line | None = None
    for line in lines:
        if line.continues_previous and last is not None:
            start = last.start + len(last.raw.rstrip())
            end = line.start + len(_PREFIX.match(line.raw)[0])  # type: ignore[index]
            before, after = source[start - 1 : start], source[end : end + 1]
            latin = before.isascii() and before.isalnum() and after.isascii() and after.isalpha()
            seams.append(Span(start, end - 1 if latin and end - 1 > start else end))
            if latin and end - 1 == start:
                seams.pop()
        if line.kind not in ("blank", "markup", "page"):
            last = line
    return seams


def _merged(cuts: Sequence[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for cut in sorted(cuts):
        if cut.start == cut.end:
            continue
        if merged and cut.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, cut.end))
        else:
            merged.append(cut)
    return tuple(merged)


def _assemble(source: str, lines: Sequence[Line], deletions: tuple[Span, ...], marks: Sequence[int]) -> CleanText:
    pieces: list[str] = []
    removed_before: list[tuple[int, int]] = []  # (end of a deletion, characters removed up to there)
    at = removed = 0
    for deletion in deletions:
        pieces.append(source[at : deletion.start])
        removed += len(deletion)
        at = deletion.end
        removed_before.append((deletion.end, removed))
    pieces.append(source[at:])
    text = "".join(pieces)

    def offset(position: int) -> int:
        """Text offset of a source position; a position inside a deletion maps to where the deletion stood."""
        low, high = 0, len(deletions)
        while low < high:
            middle = (low + high) // 2
            if deletions[middle].start < position:
                low = middle + 1
            else:
                high = middle
        if low == 0:
            return position
        end, count = removed_before[low - 1]
        return (position if position >= end else end) - count

    paragraphs: list[Paragraph] = []
    for at, line in enumerate(lines):
        if line.kind in ("blank", "markup", "page"):
            continue
        end = offset(lines[at + 1].start if at + 1 < len(lines) else len(source))
        if line.continues_previous:
            first = paragraphs.pop()
            paragraphs.append(
                Paragraph(first.kind, Span(first.span.start, end), first.number, first.is_markdown_heading, first.is_table_row)
            )
        else:
            paragraphs.append(
                Paragraph(line.kind, Span(offset(line.start), end), line.number, line.is_markdown_heading, line.is_table_row)
            )
    zones: list[Zone] = []
    for paragraph in paragraphs:
        kind = paragraph.kind if paragraph.kind in _APART else "body"
        if zones and zones[-1].kind == kind:
            zones[-1] = Zone(zones[-1].kind, Span(zones[-1].span.start, paragraph.span.end))
        else:
            zones.append(Zone(kind, paragraph.span))  # type: ignore[arg-type]
    places = [offset(mark) for mark in marks]
    bold = tuple(Span(start, end) for start, end in zip(places[::2], places[1::2], strict=False))
    return CleanText(text, deletions, tuple(zones), tuple(paragraphs), bold)
