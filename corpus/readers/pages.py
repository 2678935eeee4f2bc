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
from corpus.parsing.contents import is_entry
from corpus.parsing.lines import HEADING, SUBHEADING, without_page_number
from corpus.readers.marks import LOW_END, LOW_START, PAGE, compose, mark_bold

_PAGE_NUMBER = re.compile(
    r"\s*(?:[-—–－·.~_]*\s*\d{1,4}\s*[-—–－·.~_]*|第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4})\s*"
)
_EDGE = 0.15  # of the height of a page, at its top and bottom: where page furniture stands
_SHORTEST = 9  # characters of a full line, in the narrowest column
_LARGE = 1.15  # times the size of the body's text: a heading
_LATIN = re.compile(r"[A-Za-z0-9,.;:!?)]")


@dataclass(slots=True)
class Line:
    """A line, or a stretch of one set apart: edges and base line in points or pixels from the page's top left corner.

    `size` is that of its characters; `row` marks a table's row, its cells parted by tabs; `doubtful` what is read with little
    confidence; `gapped` a line whose parts stand wide apart, as an issue number and a date.
    """

    runs: list[tuple[str, bool]]
    left: float
    right: float
    base: float
    size: float
    row: bool = False
    doubtful: bool = False
    gapped: bool = False

    @property
    def text(self) -> str:
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
class _Placed:
    """A line in reading order, with its page and the margins of its neighbours; `low` is where a page may end."""

    line: Line
    page: int
    margins: _Margins
    low: bool


def assemble(pages: Sequence[Page], *, reader: str, warnings: tuple[Message, ...] = ()) -> ExtractedText:
    """The text of pages, with the offset at which each begins."""
    placed = list(_in_order(_without_furniture(pages)))
    body = _common(line.line.size for line in placed for _ in range(len(line.line.text)))
    leading = _leading(placed)
    indented = _indents(placed)
    blocks: list[list[_Placed]] = []
    for one in placed:
        # Where paragraphs are set in, a line that is not is no paragraph: an entry of the contents, which may be wrapped, too.
        loose = bool(blocks) and indented and not _is_set_in(blocks[-1][0]) and blocks[-1][0].line.size < _LARGE * body
        wrapped = not loose or len(without_page_number(one.line.text)) < 6
        if blocks and wrapped and _continues(blocks[-1][-1], one, body=body, leading=leading):
            blocks[-1].append(one)
        else:
            blocks.append([one])
    text, page = "", -1
    above: _Placed | None = None
    for block in blocks:
        if above is not None:
            tight = above.line.row and block[0].line.row and above.page == block[0].page
            text += "\n" if tight else "\n\n"
        large = block[0].line.size >= _LARGE * body and not block[0].line.row
        runs: list[tuple[str, bool]] = []
        for number, one in enumerate(block):
            starts = PAGE * (one.page - page)
            page = one.page
            joint = _joint(block[number - 1], one, large=large) if number else ""
            mark = "## " if large and not number else ""
            doubt, sure = (LOW_START, LOW_END) if one.line.doubtful else ("", "")
            runs.append((joint + starts + mark + doubt, bool(number) and one.line.runs[0][1]))
            runs += [(run, bold and not large) for run, bold in one.line.runs]
            runs.append((sure, one.line.runs[-1][1]))
        text += mark_bold(_merged(runs))
        above = block[-1]
    return compose(text + PAGE * (len(pages) - 1 - page) + "\n", reader=reader, warnings=warnings)


def _merged(runs: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    return [("".join(text for text, _ in alike), bold) for bold, alike in itertools.groupby(runs, key=lambda run: run[1])]


def _joint(above: _Placed, below: _Placed, *, large: bool) -> str:
    """What parts two lines of a paragraph: a blank between Latin words, nothing between Chinese characters.

    A title (`large`) whose line ends early is broken where a blank stood.
    """
    latin = _LATIN.match(above.line.text[-1:]) and re.match("[A-Za-z]", below.line.text)
    return " " if latin or (large and not _is_full(above)) else ""


def _common(sizes: Iterable[float]) -> float:
    """The most common size, to a tenth; 1 where there is none."""
    counts = Counter(round(size, 1) for size in sizes)
    return counts.most_common(1)[0][0] if counts else 1.0


# --- page furniture -------------------------------------------------------------------------------------


def _without_furniture(pages: Sequence[Page]) -> list[Page]:
    """The pages without page numbers and the lines that stand, but for digits, on half of the pages at the same height."""
    seen: Counter[tuple[str, int]] = Counter()
    for page in pages:
        seen.update({key for line in page.lines for key in _places(line, page)[:1] if _at_edge(line, page)})
    least = max(2, len(pages) / 2)
    kept = []
    for page in pages:
        edge = [line for line in page.lines if _at_edge(line, page) and not line.row]
        outmost = {bound(line.base for line in page.lines) for bound in (min, max)} if page.lines else set()
        dropped = {
            id(line)
            for line in edge
            if sum(seen[key] for key in _places(line, page)) >= least
            or (line.base in outmost and _PAGE_NUMBER.fullmatch(line.text))
        }
        kept.append(Page(page.height, tuple(line for line in page.lines if id(line) not in dropped)))
    return kept


def _at_edge(line: Line, page: Page) -> bool:
    return not _EDGE * page.height < line.base < (1 - _EDGE) * page.height


def _places(line: Line, page: Page) -> list[tuple[str, int]]:
    """The line without digits and blanks at its height in hundredths of the page, and a hundredth above and below."""
    letters = re.sub(r"[\d\s]+", "", line.text)
    height = round(100 * line.base / page.height)
    return [(letters, height), (letters, height - 1), (letters, height + 1)]


# --- reading order --------------------------------------------------------------------------------------


def _in_order(pages: Sequence[Page]) -> Iterator[_Placed]:
    flows: list[tuple[int, list[Line], bool]] = []
    for number, page in enumerate(pages):
        flows += [(number, lines, column) for lines, column in _flows(page.lines)]
    whole = _margins([line for _, lines, column in flows if not column for line in lines])
    for number, lines, column in flows:
        margins = _margins(lines) if column else whole
        for line in lines:
            yield _Placed(line, number, margins, line.base > 0.6 * pages[number].height)


def _margins(lines: Sequence[Line]) -> _Margins:
    """Between which edges lines are set: the left one is where most begin, the right one where the fullest tenth ends."""
    set_in = [line for line in lines if not line.row] or list(lines)
    if not set_in:
        return _Margins(0, 0)
    wide = [line for line in set_in if len(line.text) > 12] or set_in
    size = statistics.median(line.size for line in wide)
    starts = Counter(round(line.left / size) for line in wide)
    left = min(statistics.median(line.left for line in wide if round(line.left / size) == at) for at, _ in starts.most_common(2))
    rights = sorted(line.right for line in wide)
    return _Margins(left, rights[int(0.9 * (len(rights) - 1) + 0.5)])


def _flows(lines: Sequence[Line]) -> Iterator[tuple[list[Line], bool]]:
    """The lines of a page in the order in which they are read, in stretches, and whether each is one of two columns."""
    lines = sorted(lines, key=lambda line: line.base)
    gutter = _gutter(lines)
    if gutter is None:
        yield list(_rows(lines)), False
        return
    band: list[Line] = []
    for line in [*lines, None]:
        if line is None or line.left < gutter < line.right:
            sides = [one for one in band if one.left < gutter], [one for one in band if one.left >= gutter]
            if min(map(len, sides)) >= 3:
                yield from ((list(_rows(side)), True) for side in sides)
            elif band:
                yield list(_rows(band)), False
            band = []
            if line is not None:
                yield [line], False
        else:
            band.append(line)


def _gutter(lines: Sequence[Line]) -> float | None:
    """Where two columns part: in the middle of the page, left of at least three lines that begin at the same place."""
    text = [line for line in lines if not line.row]
    if len(text) < 8:
        return None
    left, right = min(line.left for line in text), max(line.right for line in text)
    middle = [line for line in text if 0.35 < (line.left - left) / max(right - left, 1) < 0.65]
    starts = Counter(round(line.left / line.size) for line in middle)
    for start, count in starts.most_common(3):
        if count < 3:
            return None
        found = [line for line in middle if round(line.left / line.size) == start]
        gutter = min(line.left for line in found) - 0.3 * found[0].size
        beside = sum(line.right < gutter for line in text)
        crossing = sum(line.left < gutter < line.right for line in text)
        if beside >= 3 and crossing < beside + count:
            return gutter
    return None


def _rows(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines in the order of their base lines, stretches on the same one put together with a blank between."""
    row: list[Line] = []
    for line in [*sorted(lines, key=lambda line: line.base), None]:
        if line is not None and row and not line.row and not row[0].row and abs(line.base - row[0].base) < 0.5 * line.size:
            row.append(line)
            continue
        if row:
            row.sort(key=lambda part: part.left)
            runs = [run for at, part in enumerate(row) for run in ([(" ", False)] if at else []) + part.runs]
            size = max(row, key=lambda part: len(part.text)).size
            doubtful = any(part.doubtful for part in row)
            gapped = any(other.left - one.right > 1.3 * size for one, other in itertools.pairwise(row))
            yield Line(runs, row[0].left, row[-1].right, row[0].base, size, row[0].row, doubtful, gapped)
        row = [line] if line is not None else []


# --- paragraphs -----------------------------------------------------------------------------------------


def _leading(placed: Sequence[_Placed]) -> float:
    """The usual distance from line to line; 0 where there are no two."""
    steps = [
        below.line.base - above.line.base
        for above, below in itertools.pairwise(placed)
        if above.page == below.page and below.line.base > above.line.base
    ]
    return statistics.median(steps) if steps else 0.0


def _is_set_in(placed: _Placed) -> bool:
    return placed.line.left > placed.margins.left + 1.3 * placed.line.size


def _is_full(placed: _Placed) -> bool:
    return placed.margins.right - placed.line.right < 1.6 * placed.line.size


def _indents(placed: Sequence[_Placed]) -> bool:
    """Whether paragraphs are set in: lines below one that is not full, before one that is."""
    opening = [one for above, one in itertools.pairwise(placed) if not _is_full(above) and _is_full(one)]
    return 2 * sum(map(_is_set_in, opening)) > len(opening)


def _continues(above: _Placed, below: _Placed, *, body: float, leading: float) -> bool:
    """Whether a line goes on with the paragraph of the one before it: that one is full, and this one is not set in."""
    one, other = above.line, below.line
    if one.row or other.row or one.gapped or len(one.text) < _SHORTEST or not 0.87 < one.size / other.size < 1.15:
        return False
    opening = other.text.lstrip()
    step = other.base - one.base
    if above.page == below.page and step > 0 and step > max(1.5 * leading, 2.2 * one.size):
        return False
    if above.page != below.page and not above.low:
        return False
    if one.size >= _LARGE * body:  # a title set on two lines, each in the middle
        short = above.margins.right - one.right
        return above.page == below.page and short < 4 * one.size and step < 2.2 * one.size
    if _is_set_in(below) or one.left > above.margins.left + 4 * one.size:
        return False
    return _is_full(above) and not (is_entry(opening) or HEADING.match(opening) or SUBHEADING.match(opening))
