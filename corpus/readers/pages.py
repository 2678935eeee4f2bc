"""Lines with their places on pages -> text: columns, page furniture and paragraphs. For PDFs and scans alike.

Page numbers and running headers, which repeat at the same height, are left out. Lines of one paragraph are joined, also across
columns and pages, without a blank between Chinese characters. Large lines bear a Markdown heading's mark, bold ones bold marks;
the parser takes both out again.
"""

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
from corpus.text.enumeration import HEADING, SUBHEADING, is_entry
from corpus.text.page_numbers import BARE_PAGE_NUMBER, PAGE_NUMBER

_LATIN = re.compile(r"[A-Za-z0-9,.;:!?)]")

# Page furniture.
_EDGE = 0.15  # of the height of a page, at its top and bottom: where page furniture stands
_MIN_REPEATS = 2  # pages that must bear a running header; of four pages or more, half of them

# Columns.
_MIN_COLUMN_LINES = 3  # a column has at least three lines; fewer are parts of a masthead or a signature
_MIN_PAGE_LINES = 8  # with fewer lines a page is not set in columns
_GUTTER_ZONE = (0.35, 0.65)  # of the width of a page's text: where a right column begins, be the columns not quite equal
_GUTTER_ROOM = 0.3  # characters left of the right column, so that a line of it a little out of place still lies in it
_GUTTERS_TRIED = 3  # starts of lines tried, the most common first

# Lengths below are in characters of the line's own size, where nothing else is said.
_SAME_BASELINE = 0.5  # two stretches closer than this stand on one line
_WIDE_GAP = 1.3  # a full-width blank, the widest inside a sentence, is one character wide
_MIN_FULL = 9  # characters of a full line, in the narrowest column
_MIN_MARGIN_LINE = 13  # characters of a line that tells where the margins are: shorter ones are centred, or end a paragraph
_RIGHT_MARGIN_AT = 0.9  # quantile of the right ends of lines: a few marks hang out into the margin
_INDENT = 1.3  # a paragraph is set in by two characters; a quotation mark that opens a line is one wide, half of it blank
_MAX_SHORTFALL = 1.6  # a full line may end this far from the margin: a mark that may not open a line takes one along
_MAX_OFFSET = 4.0  # a line that begins farther right is a signature; a title's line that ends farther left is its last
_MAX_STEP = 2.2  # from baseline to baseline, within a paragraph
_MAX_LEADING = 1.5  # times the usual step: more is a blank line
_LOWER_PART = 0.6  # of the height of a page: a paragraph goes on overleaf only from below this

# Sizes, as ratios.
_LARGE = 1.15  # times the size of the body's text: a heading
_SAME_SIZE = (0.87, 1.15)  # of a line to the next: lines of one paragraph, as OCR measures them

_MIN_ENTRY = 6  # characters of an entry of the contents without its page number: less is the rest of a wrapped one


@dataclass(slots=True)
class Line:
    """A line, or a stretch of one set apart: edges and baseline in points or pixels from the page's top left corner.

    `size` is that of its characters; `is_table_row` marks a table's row, its cells parted by tabs; `low_confidence` what OCR is
    unsure of; `has_wide_gap` a line whose parts stand far apart, as an issue number and a date.
    """

    runs: list[tuple[str, bool]]
    left: float
    right: float
    baseline: float
    size: float
    is_table_row: bool = False
    low_confidence: bool = False
    has_wide_gap: bool = False

    @property
    def text(self) -> str:
        """Return the text of all runs."""
        return "".join(text for text, _ in self.runs)


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in any order, and its height."""

    height: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Margins:
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class _PlacedLine:
    """A line in reading order, with its page and the margins of its neighbours; `is_low` is where a page may end."""

    line: Line
    page: int
    margins: _Margins
    is_low: bool

    @property
    def is_set_in(self) -> bool:
        return self.line.left > self.margins.left + _INDENT * self.line.size

    @property
    def is_full(self) -> bool:
        return self.margins.right - self.line.right < _MAX_SHORTFALL * self.line.size


@dataclass(frozen=True, slots=True)
class _Typography:
    """How a document is set: the size of its body, the usual step from line to line, whether paragraphs are set in."""

    body_size: float
    leading: float
    has_indents: bool

    @classmethod
    def of(cls, lines: Sequence[_PlacedLine]) -> "_Typography":
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
    lines = list(_in_reading_order(_without_furniture(pages)))
    typography = _Typography.of(lines)
    text, above = "", None
    for block in group_blocks(lines, typography):
        if above is not None:
            same_table = above.line.is_table_row and block[0].line.is_table_row and above.page == block[0].page
            text += "\n" if same_table else "\n\n"
        text += render_block(block, typography, page=above.page if above else -1)
        above = block[-1]
    empty_pages = len(pages) - 1 - (above.page if above else -1)
    return compose(text + PAGE * empty_pages + "\n", reader=reader, warnings=warnings)


# --- page furniture -------------------------------------------------------------------------------------


def _without_furniture(pages: Sequence[Page]) -> list[Page]:
    """Drop page numbers and running headers: lines that recur (digits ignored) at one height on half of the pages or more."""
    repeats: Counter[tuple[str, int]] = Counter()
    for page in pages:
        repeats.update({key for line in page.lines for key in _furniture_keys(line, page)[:1] if _is_at_edge(line, page)})
    min_repeats = max(_MIN_REPEATS, len(pages) / 2)
    kept = []
    for page in pages:
        outermost = {bound(line.baseline for line in page.lines) for bound in (min, max)} if page.lines else set()
        kept.append(
            Page(
                page.height,
                tuple(
                    line
                    for line in page.lines
                    if line.is_table_row
                    or not _is_at_edge(line, page)
                    or not (
                        sum(repeats[key] for key in _furniture_keys(line, page)) >= min_repeats
                        or (line.baseline in outermost and _is_page_number(line.text))
                    )
                ),
            )
        )
    return kept


def _is_at_edge(line: Line, page: Page) -> bool:
    return not _EDGE * page.height < line.baseline < (1 - _EDGE) * page.height


def _is_page_number(text: str) -> bool:
    return PAGE_NUMBER.fullmatch(text) is not None or BARE_PAGE_NUMBER.fullmatch(text) is not None


def _furniture_keys(line: Line, page: Page) -> list[tuple[str, int]]:
    """Return the line without digits and blanks at its height in hundredths of the page, and a hundredth above and below."""
    letters = re.sub(r"[\d\s]+", "", line.text)
    height = round(100 * line.baseline / page.height)
    return [(letters, height), (letters, height - 1), (letters, height + 1)]


# --- reading order --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Flow:
    """Lines of a page that are read one after another: a column, or what stands across the page."""

    lines: list[Line]
    is_column: bool


def _in_reading_order(pages: Sequence[Page]) -> Iterator[_PlacedLine]:
    flows = [(number, flow) for number, page in enumerate(pages) for flow in _split_flows(page.lines)]
    page_margins = _find_margins([line for _, flow in flows if not flow.is_column for line in flow.lines])
    for number, flow in flows:
        margins = _find_margins(flow.lines) if flow.is_column else page_margins
        for line in flow.lines:
            yield _PlacedLine(line, number, margins, line.baseline > _LOWER_PART * pages[number].height)


def _find_margins(lines: Sequence[Line]) -> _Margins:
    """Return the margins of a text: the lefter of its two most common left edges, the 90th percentile of its right edges."""
    text = [line for line in lines if not line.is_table_row] or list(lines)
    if not text:
        return _Margins(0, 0)
    long = [line for line in text if len(line.text) >= _MIN_MARGIN_LINE] or text
    size = statistics.median(line.size for line in long)
    columns: dict[int, list[float]] = {}  # left edges, by the character at which they stand
    for line in long:
        columns.setdefault(round(line.left / size), []).append(line.left)
    common = sorted(columns.values(), key=len, reverse=True)[:2]
    rights = sorted(line.right for line in long)
    return _Margins(min(map(statistics.median, common)), rights[int(_RIGHT_MARGIN_AT * (len(rights) - 1) + 0.5)])


def _split_flows(lines: Sequence[Line]) -> Iterator[_Flow]:
    """Yield the flows of a page in the order in which they are read. A line across both columns parts what is above and below."""
    gutter = _find_gutter(lines)
    if gutter is None:
        yield _Flow(_merge_rows(lines), is_column=False)
        return
    in_order = sorted(lines, key=lambda line: line.baseline)
    for crossing, group in itertools.groupby(in_order, key=lambda line: line.left < gutter < line.right):
        band = list(group)
        columns = [line for line in band if line.left < gutter], [line for line in band if line.left >= gutter]
        if not crossing and min(map(len, columns)) >= _MIN_COLUMN_LINES:
            yield from (_Flow(_merge_rows(column), is_column=True) for column in columns)
        else:
            yield _Flow(band if crossing else _merge_rows(band), is_column=False)


def _find_gutter(lines: Sequence[Line]) -> float | None:
    """Return where two columns part: in the middle of the page, left of several lines that begin at the same place."""
    text = sorted((line for line in lines if not line.is_table_row), key=lambda line: line.baseline)
    if len(text) < _MIN_PAGE_LINES:
        return None
    left, right = min(line.left for line in text), max(line.right for line in text)
    middle = [line for line in text if _GUTTER_ZONE[0] < (line.left - left) / max(right - left, 1) < _GUTTER_ZONE[1]]
    starts = Counter(round(line.left / line.size) for line in middle)
    for start, count in starts.most_common(_GUTTERS_TRIED):
        if count < _MIN_COLUMN_LINES:
            return None
        column = [line for line in middle if round(line.left / line.size) == start]
        gutter = min(line.left for line in column) - _GUTTER_ROOM * column[0].size
        beside = sum(line.right < gutter for line in text)
        crossing = sum(line.left < gutter < line.right for line in text)
        if beside >= _MIN_COLUMN_LINES and crossing < beside + count:
            return gutter
    return None


def _merge_rows(lines: Iterable[Line]) -> list[Line]:
    """Return lines in the order of their baselines; stretches on the same one become one line, a blank between them."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.baseline):
        first = rows[-1][0] if rows else None
        if (
            first is not None
            and not line.is_table_row
            and not first.is_table_row
            and abs(line.baseline - first.baseline) < _SAME_BASELINE * line.size
        ):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_merge_row(row) for row in rows]


def _merge_row(row: Sequence[Line]) -> Line:
    parts = sorted(row, key=lambda part: part.left)
    size = max(parts, key=lambda part: len(part.text)).size
    runs = list(parts[0].runs)
    for part in parts[1:]:
        runs += [(" ", False), *part.runs]
    return Line(
        runs,
        left=parts[0].left,
        right=parts[-1].right,
        baseline=parts[0].baseline,
        size=size,
        is_table_row=parts[0].is_table_row,
        low_confidence=any(part.low_confidence for part in parts),
        has_wide_gap=any(right.left - left.right > _WIDE_GAP * size for left, right in itertools.pairwise(parts)),
    )


# --- paragraphs -----------------------------------------------------------------------------------------


def group_blocks(lines: Iterable[_PlacedLine], typography: _Typography) -> list[list[_PlacedLine]]:
    """Group lines in reading order into paragraphs, titles and rows of tables."""
    blocks: list[list[_PlacedLine]] = []
    for line in lines:
        if blocks and _joins(blocks[-1], line, typography):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _joins(block: Sequence[_PlacedLine], line: _PlacedLine, typography: _Typography) -> bool:
    # Where paragraphs are set in, what is not set in is no paragraph but an entry of the contents, which may be wrapped, too.
    is_paragraph = not typography.has_indents or block[0].is_set_in or typography.is_large(block[0].line)
    if not is_paragraph and len(without_page_number(line.line.text)) >= _MIN_ENTRY:
        return False
    return _continues(block[-1], line, typography)


def _continues(above: _PlacedLine, below: _PlacedLine, typography: _Typography) -> bool:
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


def render_block(block: Sequence[_PlacedLine], typography: _Typography, *, page: int) -> str:
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
        page = placed.page
        low_start, low_end = (LOW_START, LOW_END) if line.low_confidence else ("", "")
        runs.append((before + low_start, i > 0 and line.runs[0][1]))
        runs += [(run, bold and not is_heading) for run, bold in line.runs]
        runs.append((low_end, line.runs[-1][1]))
    return mark_bold(merge_runs(runs))


def merge_runs(runs: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Merge neighbours that are both bold, or both not."""
    return [("".join(text for text, _ in group), bold) for bold, group in itertools.groupby(runs, key=lambda run: run[1])]


def _joint(above: _PlacedLine, below: _PlacedLine, *, is_heading: bool) -> str:
    """Return what parts two lines of a paragraph: a blank between Latin words, nothing between Chinese characters.

    A title whose line ends early is broken where a blank stood.
    """
    latin = _LATIN.match(above.line.text[-1:]) and re.match("[A-Za-z]", below.line.text)
    return " " if latin or (is_heading and not above.is_full) else ""
