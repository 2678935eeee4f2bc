"""Lay a table out on its grid: a line for each row, its cells parted by tabs, each in its column; see ECMA-376 part 1, 17.4.

A cell that spans several columns stands in the first of them, one that spans several rows in the first of these; the others stay
empty, so that no word stands in the text that does not stand in the file. The rows of a header are one line.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from corpus.readers.wordprocessing.names import as_number, is_on, value_of, w

_TABLE, _ROW, _CELL, _PARAGRAPH = w("tbl"), w("tr"), w("tc"), w("p")
_MAX_COLUMNS = 63  # of Word; a cell spans no more
_MAX_HEADER_ROWS = 3
# Characters of a cell. A longer one is text in a frame: more than a page, or, in a table of one row or around another table, more
# than a paragraph.
_MAX_CELL, _MAX_FRAMED = 2_000, 200


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row: its first column, counted from 0, and how many it spans."""

    element: Any
    column: int
    span: int
    merge: str | None  # "restart" and "continue": the first cell of several that are merged downwards, and the others


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    cells: tuple[Cell, ...]
    width: int  # columns
    is_header: bool


def read_rows(table: Any) -> list[Row]:
    """Return the rows of a table but those that are deleted or hidden."""
    return [_read_row(row) for row in _inside(table, _ROW, stop=_TABLE) if not _is_gone(row)]


def frames_text(table: Any, rows: list[Row]) -> bool:
    """Return whether a table lays out text on the page, and so is none: one cell a row, or cells with text of a page in them."""
    if all(len(row.cells) < 2 for row in rows):
        return True
    inner = next(table.iterdescendants(_TABLE), None)
    if inner is not None and (len(rows) == 1 or next(inner.iterdescendants(_TABLE), None) is not None):
        return True
    limit = _MAX_CELL if len(rows) > 1 and inner is None else _MAX_FRAMED
    return any(_length(cell.element) > limit for row in rows for cell in row.cells)


def find_body(rows: list[Row]) -> tuple[int, int]:
    """Return where the rows of a table begin and end, but for its caption and its note: single cells over all columns."""
    first, last = 0, len(rows)
    while first < last and len(rows[first].cells) == 1:
        first += 1
    while last > first and len(rows[last - 1].cells) == 1 and rows[last - 1].cells[0].span > 1:
        last -= 1
    return first, last


def _length(cell: Any) -> int:
    return sum(len(text.text or "") for text in cell.iter(w("t")))


def write_rows(rows: list[Row], text_of: Callable[[Any], str]) -> list[list[str]]:
    """Return the texts of the cells of each row, column by column. Args: text_of: what returns the text of a cell."""
    written: list[list[str]] = []
    merging: set[int] = set()  # columns in which a cell may go on downwards
    for row in rows:
        texts = [""] * row.width
        for cell in row.cells:
            if cell.merge != "continue" or cell.column not in merging:
                texts[cell.column] = text_of(cell.element)
            (merging.discard if cell.merge is None else merging.add)(cell.column)
        written.append(texts)
    count = _count_header_rows(rows)
    return [_join_rows(written[:count]), *written[count:]] if count > 1 else written


def _read_row(row: Any) -> Row:
    properties = row.find(w("trPr"))
    column = min(as_number(value_of(properties, "gridBefore"), 0), _MAX_COLUMNS)
    cells: list[Cell] = []
    for element in _inside(row, _CELL, stop=_TABLE):
        own = element.find(w("tcPr"))
        if own is not None and own.find(w("cellDel")) is not None:
            continue
        span = max(min(as_number(value_of(own, "gridSpan"), 1), _MAX_COLUMNS - column), 1)
        down, across = (own.find(w(local)) if own is not None else None for local in ("vMerge", "hMerge"))
        if across is None or across.get(w("val"), "continue") == "restart":
            merge = None if down is None else down.get(w("val"), "continue")
            cells.append(Cell(element, column, span, merge))
        column += span
    after = min(as_number(value_of(properties, "gridAfter"), 0), _MAX_COLUMNS)
    is_header = properties is not None and is_on(properties.find(w("tblHeader")))
    return Row(tuple(cells), max(column + after, 1), is_header)


def _is_gone(row: Any) -> bool:
    properties = row.find(w("trPr"))
    return properties is not None and (properties.find(w("del")) is not None or is_on(properties.find(w("hidden"))))


def _count_header_rows(rows: list[Row]) -> int:
    """Count the rows that name the columns: those marked so, or two where a cell over columns stands beside one over rows."""
    marked = next((i for i, row in enumerate(rows) if not row.is_header), len(rows))
    if 1 < marked <= _MAX_HEADER_ROWS and marked < len(rows):
        return marked
    if len(rows) > 2 and any(cell.span > 1 for cell in rows[0].cells):
        down = {cell.column for cell in rows[0].cells if cell.merge == "restart"}
        below = {cell.column for cell in rows[1].cells if cell.merge == "continue"}
        return 2 if down and down == below else 1
    return 1


def _join_rows(rows: list[list[str]]) -> list[str]:
    """Join the texts of each column, the uppermost first."""
    width = max(map(len, rows))
    return [" ".join(text for row in rows if column < len(row) and (text := row[column])) for column in range(width)]


def _inside(element: Any, tag: str, *, stop: str) -> Iterator[Any]:
    """Yield the elements with a tag in another one, in order; none inside each other, nor in one with the tag `stop`."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in (stop, _PARAGRAPH) and isinstance(child.tag, str) and len(child):
            yield from _inside(child, tag, stop=stop)
