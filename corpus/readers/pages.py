"""Lines with their positions on pages -> text: titles, paragraphs and rows of tables. For PDFs and scans alike.

Lines of one paragraph are joined, also across columns and pages, without a blank between Chinese characters. Large lines bear a
Markdown heading's mark, bold ones bold marks; the parser takes both out again.
"""

import collections
import itertools
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.document import ExtractedText
from corpus.messages.message import Message
from corpus.parsing.lines import without_page_number
from corpus.readers.marks import LOW_END, LOW_START, PAGE, compose, mark_bold
from corpus.readers.reading_order import Line, Page, PlacedLine, asides_of, in_reading_order
from corpus.text.enumeration import HEADING, SUBHEADING, is_entry

_LATIN = re.compile(r"[A-Za-z0-9,.;:!?)]")

# Lengths below are in characters of the line's own size, where nothing else is said.
_MIN_FULL = 9  # characters of a full line, in the narrowest column
_MAX_OFFSET = 4.0  # a line that begins farther right is a signature; a title's line that ends farther left is its last
_MAX_STEP = 2.2  # from baseline to baseline, within a paragraph
_MAX_LEADING = 1.5  # times the usual step: more is a blank line

# Sizes, as ratios.
_LARGE = 1.15  # times the size of the body's text: a heading
_SAME_SIZE = (0.87, 1.15)  # of a line to the next: lines of one paragraph, as OCR measures them

_SAME_EDGE = 0.5  # two rows whose edges differ by more are not of one table
_MIN_ENTRY = 6  # characters of an entry of the contents without its page number: less is the rest of a wrapped one


@dataclass(frozen=True, slots=True)
class _Typography:
    """How a document is set: the size of its body, the usual step from line to line, whether paragraphs are set in."""

    body_size: float
    leading: float
    has_indents: bool

    @classmethod
    def of(cls, lines: Sequence[PlacedLine]) -> "_Typography":
        sizes = Counter(round(placed.line.size, 1) for placed in lines for _ in range(len(placed.line.text)))
        steps = [
            below.line.baseline - above.line.baseline
            for above, below in itertools.pairwise(lines)
            if above.page == below.page and below.line.baseline > above.line.baseline
        ]
        # What opens paragraphs: full lines below lines that are not.
        openings = [below for above, below in itertools.pairwise(lines) if not above.is_full and below.is_full]
        return cls(
            body_size=sizes.most_common(1)[0][0] if sizes else 1.0,
            leading=statistics.median(steps) if steps else 0.0,
            has_indents=2 * sum(opening.is_set_in for opening in openings) > len(openings),
        )

    def is_large(self, line: Line) -> bool:
        return line.size >= _LARGE * self.body_size


def assemble(pages: Sequence[Page], *, reader: str, warnings: tuple[Message, ...] = ()) -> ExtractedText:
    """Make the text of pages, with the offset at which each begins."""
    lines = list(in_reading_order(pages))
    typography = _Typography.of(lines)
    blocks = _without_repeated_heads(group_blocks(lines, typography))
    text, above, page = "", None, -1
    for block in _with_asides(blocks, group_blocks(asides_of(pages), typography)):
        if above is not None:
            text += "\n" if _is_same_table(above, block[0]) else "\n\n"
        text += render_block(block, typography, page=page)
        above, page = block[-1], max(page, block[-1].page)
    return compose(text + PAGE * (len(pages) - 1 - page) + "\n", reader=reader, warnings=warnings)


def _with_asides(blocks: Iterable[list[PlacedLine]], asides: Iterable[list[PlacedLine]]) -> Iterator[list[PlacedLine]]:
    """Yield blocks, and the asides of each page after its last block, or before it where this block goes on overleaf.

    So a footnote stands on its page, and neither parts a sentence nor a table.
    """
    waiting = collections.deque(asides)
    above: PlacedLine | None = None
    for block in blocks:
        first, last = block[0].page, block[-1].page
        while waiting and (waiting[0][0].page < first or waiting[0][0].page == first < last):
            if above is not None and _is_same_table(above, block[0]):
                break
            yield waiting.popleft()
        yield block
        above = block[-1]
    yield from waiting


def _is_same_table(above: PlacedLine, below: PlacedLine) -> bool:
    """Return whether two rows are of one table: on one page, or on two, with the same edges and as many cells."""
    first, second = above.line, below.line
    if not (first.is_table_row and second.is_table_row):
        return False
    same_edges = max(abs(first.left - second.left), abs(first.right - second.right)) < _SAME_EDGE * first.size
    same_cells = first.text.count("\t") == second.text.count("\t")
    return above.page == below.page or (above.page + 1 == below.page and same_edges and same_cells)


def _without_repeated_heads(blocks: Iterable[list[PlacedLine]]) -> Iterator[list[PlacedLine]]:
    """Yield blocks without the rows with which a table begins anew on its next page: they repeat its head."""
    head: list[str] = []  # the rows of the table so far
    repeated = 0  # of its rows, on a page on which nothing else of it has come
    above: PlacedLine | None = None
    for block in blocks:
        row = block[0]
        if above is None or not _is_same_table(above, row):
            head = []
        repeated = 0 if above is None or above.page != row.page else repeated
        crosses = bool(head) and above is not None and (above.page != row.page or repeated > 0)
        above = block[-1]
        if crosses and repeated < len(head) and head[repeated] == row.line.text:
            repeated += 1
            continue
        repeated = 0
        head.append(row.line.text)
        yield block


# --- paragraphs -----------------------------------------------------------------------------------------


def group_blocks(lines: Iterable[PlacedLine], typography: _Typography) -> list[list[PlacedLine]]:
    """Group lines in reading order into paragraphs, titles and rows of tables."""
    blocks: list[list[PlacedLine]] = []
    for line in lines:
        if blocks and _joins(blocks[-1], line, typography):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _joins(block: Sequence[PlacedLine], line: PlacedLine, typography: _Typography) -> bool:
    # Where paragraphs are set in, what is not set in is no paragraph but an entry of the contents, which may be wrapped, too.
    is_paragraph = not typography.has_indents or block[0].is_set_in or typography.is_large(block[0].line)
    if not is_paragraph and len(without_page_number(line.line.text)) >= _MIN_ENTRY:
        return False
    return _continues(block[-1], line, typography)


def _continues(above: PlacedLine, below: PlacedLine, typography: _Typography) -> bool:
    """Return whether a line goes on with the paragraph of the one before it: that one is full, and this one is not set in."""
    first, second = above.line, below.line
    if first.is_table_row or second.is_table_row or first.has_wide_gap or len(first.text) < _MIN_FULL:
        return False
    if not _SAME_SIZE[0] < first.size / second.size < _SAME_SIZE[1]:
        return False
    same_page = above.page == below.page
    step = second.baseline - first.baseline
    if same_page and step > 0 and step > max(_MAX_LEADING * typography.leading, _MAX_STEP * first.size):
        return False
    if not same_page and not above.is_low:
        return False
    if typography.is_large(first):  # a title set on two lines, each in the middle
        shortfall = above.margins.right - first.right
        return same_page and shortfall < _MAX_OFFSET * first.size and step < _MAX_STEP * first.size
    if below.is_set_in or first.left > above.margins.left + _MAX_OFFSET * first.size:
        return False
    opening = second.text.lstrip()
    return above.is_full and not (is_entry(opening) or HEADING.match(opening) or SUBHEADING.match(opening))


def render_block(block: Sequence[PlacedLine], typography: _Typography, *, page: int) -> str:
    """Write the text of a block, with the marks of a heading, of bold runs, of uncertain lines and of pages that begin in it.

    Args: page: the page on which the block before it ends, -1 for none.
    """
    is_heading = typography.is_large(block[0].line) and not block[0].line.is_table_row
    runs: list[tuple[str, bool]] = []
    for i, placed in enumerate(block):
        line = placed.line
        before = _joint(block[i - 1], placed, is_heading=is_heading) if i else ""
        before += PAGE * (placed.page - page)
        before += "## " if is_heading and not i else ""
        page = max(page, placed.page)
        low_start, low_end = (LOW_START, LOW_END) if line.low_confidence else ("", "")
        runs.append((before + low_start, i > 0 and line.runs[0][1]))
        runs += [(run, bold and not is_heading) for run, bold in line.runs]
        runs.append((low_end, line.runs[-1][1]))
    return mark_bold(merge_runs(runs))


def merge_runs(runs: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Merge neighbours that are both bold, or both not."""
    return [("".join(text for text, _ in group), bold) for bold, group in itertools.groupby(runs, key=lambda run: run[1])]


def _joint(above: PlacedLine, below: PlacedLine, *, is_heading: bool) -> str:
    """Return what parts two lines of a paragraph: a blank between Latin words, nothing between Chinese characters.

    A title whose line ends early is broken where a blank stood.
    """
    latin = _LATIN.match(above.line.text[-1:]) and re.match("[A-Za-z]", below.line.text)
    return " " if latin or (is_heading and not above.is_full) else ""
