"""Lines of pages in the order in which they are read: page furniture left out, columns one after the other.

Page numbers and running headers, which repeat at the same height, are page furniture.
"""

import itertools
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.text.page_numbers import BARE_PAGE_NUMBER, PAGE_NUMBER

# Page furniture.
_EDGE = 0.15  # of the height of a page, at its top and bottom: where page furniture stands
_MIN_REPEATS = 2  # pages that must bear a running header; of four pages or more, half of them

# Columns.
_MIN_COLUMN_LINES = 3  # a column has at least three lines; fewer are parts of a masthead or a signature
_MIN_PAGE_LINES = 8  # with fewer lines a page is not set in columns
_GUTTER_ZONE = (0.35, 0.65)  # of the width of a page's text: where a right column begins, be the columns not quite equal
_GUTTER_ROOM = 0.3  # characters left of the right column, so that a line of it a little out of place still lies in it
_GUTTERS_TRIED = 3  # starts of lines tried, the most common first

# Lengths in characters of the line's own size, where nothing else is said.
_SAME_BASELINE = 0.5  # two stretches closer than this stand on one line
_WIDE_GAP = 1.3  # a full-width blank, the widest inside a sentence, is one character wide
_MIN_MARGIN_LINE = 13  # characters of a line that tells where the margins are: shorter ones are centred, or end a paragraph
_RIGHT_MARGIN_AT = 0.9  # quantile of the right ends of lines: a few marks hang out into the margin
_INDENT = 1.3  # a paragraph is set in by two characters; a quotation mark that opens a line is one wide, half of it blank
_MAX_SHORTFALL = 1.6  # a full line may end this far from the margin: a mark that may not open a line takes one along
_LOWER_PART = 0.6  # of the height of a page: a paragraph goes on overleaf only from below this


@dataclass(slots=True)
class Line:
    """A line, or a stretch of one set apart: edges and baseline in points or pixels from the page's top left corner.

    `size` is that of its characters; `is_table_row` marks a table's row, its cells parted by tabs; `low_confidence` what OCR is
    unsure of; `has_wide_gap` a line whose parts stand far apart, as an issue number and a date; `is_aside` what the text of the
    page runs past: a footnote, or a line that runs otherwise.
    """

    runs: list[tuple[str, bool]]
    left: float
    right: float
    baseline: float
    size: float
    is_table_row: bool = False
    low_confidence: bool = False
    has_wide_gap: bool = False
    is_aside: bool = False

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
class Margins:
    """The edges between which the lines of a column, or of a page without columns, are set."""

    left: float
    right: float


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line in reading order, with its page and the margins of its neighbours; `is_low` is where a page may end."""

    line: Line
    page: int
    margins: Margins
    is_low: bool

    @property
    def is_set_in(self) -> bool:
        """Return whether the line opens a paragraph that is set in."""
        return self.line.left > self.margins.left + _INDENT * self.line.size

    @property
    def is_full(self) -> bool:
        """Return whether the line reaches the right margin."""
        return self.margins.right - self.line.right < _MAX_SHORTFALL * self.line.size


def in_reading_order(pages: Sequence[Page]) -> Iterator[PlacedLine]:
    """Yield the lines of pages in the order in which they are read, without page furniture and asides."""
    kept = [Page(page.height, tuple(line for line in page.lines if not line.is_aside)) for page in _without_furniture(pages)]
    flows = [(number, flow) for number, page in enumerate(kept) for flow in _split_flows(page.lines)]
    page_margins = _find_margins([line for _, flow in flows if not flow.is_column for line in flow.lines])
    for number, flow in flows:
        margins = _find_margins(flow.lines) if flow.is_column else page_margins
        for line in flow.lines:
            yield PlacedLine(line, number, margins, line.baseline > _LOWER_PART * pages[number].height)


def asides_of(pages: Sequence[Page]) -> Iterator[PlacedLine]:
    """Yield the asides of pages in the order in which they are given, those that recur as page furniture left out."""
    for number, page in enumerate(_without_furniture(pages)):
        asides = [line for line in page.lines if line.is_aside]
        margins = _find_margins(asides)
        yield from (PlacedLine(line, number, margins, is_low=False) for line in asides)


# --- page furniture -------------------------------------------------------------------------------------


def _without_furniture(pages: Sequence[Page]) -> list[Page]:
    """Drop page numbers and running headers: lines that recur (digits ignored) at one height on half of the pages or more."""
    repeats: Counter[tuple[str, int]] = Counter()
    for page in pages:
        repeats.update({key for line in page.lines for key in _furniture_keys(line, page)[:1] if _is_at_edge(line, page)})
    min_repeats = max(_MIN_REPEATS, len(pages) / 2)
    kept = []
    for page in pages:
        heights = [line.baseline for line in page.lines if not line.is_aside]
        outermost = {min(heights), max(heights)} if heights else set()
        lines = []
        for line in page.lines:
            repeated = sum(repeats[key] for key in _furniture_keys(line, page)) >= min_repeats
            numbers_page = line.baseline in outermost and is_page_number(line.text)
            if line.is_table_row or not _is_at_edge(line, page) or not (repeated or numbers_page):
                lines.append(line)
        kept.append(Page(page.height, tuple(lines)))
    return kept


def _is_at_edge(line: Line, page: Page) -> bool:
    return not _EDGE * page.height < line.baseline < (1 - _EDGE) * page.height


def is_page_number(text: str) -> bool:
    """Return whether a line is nothing but the number of its page."""
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


def _find_margins(lines: Sequence[Line]) -> Margins:
    """Return the margins of a text: the lefter of its two most common left edges, the 90th percentile of its right edges."""
    text = [line for line in lines if not line.is_table_row] or list(lines)
    if not text:
        return Margins(0, 0)
    long = [line for line in text if len(line.text) >= _MIN_MARGIN_LINE] or text
    size = statistics.median(line.size for line in long)
    columns: dict[int, list[float]] = {}  # left edges, by the character at which they stand
    for line in long:
        columns.setdefault(round(line.left / size), []).append(line.left)
    common = sorted(columns.values(), key=len, reverse=True)[:2]
    rights = sorted(line.right for line in long)
    return Margins(min(map(statistics.median, common)), rights[int(_RIGHT_MARGIN_AT * (len(rights) - 1) + 0.5)])


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
