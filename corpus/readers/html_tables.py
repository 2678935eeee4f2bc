"""Tables of HTML: whether one holds data or lays a page out, and the rows of one that holds data."""

import re
from collections.abc import Iterator
from typing import Any

# Limits of HTML (section 4.9.11): what a page asks for beyond them is no table.
_MAX_COLSPAN, _MAX_ROWSPAN = 1_000, 65_534
_MAX_COLUMNS, _MAX_CELLS = 1_000, 2_000_000  # of a table with its spans; beyond them cells count as they come
_CELLS = ("td", "th")
# Characters: of a cell in the row that names the columns, of any cell, of a cell in a table of one row.
_MAX_NAME, _MAX_CELL, _MAX_SINGLE = 40, 2_000, 60
_MAX_NESTED = 0.5  # share of a table's text that may stand in tables inside its cells
_MAX_SHARE, _MIN_SHARED = (
    0.7,
    600,
)  # a cell with this share of a table's text is a page's column, in a table of so many characters
_BLANKS = re.compile(r"\s+")

Row = list[tuple[Any, int, int]]  # its own cells: element, first column, columns


def rows_of(table: Any) -> list[Any]:
    """Return the rows of a table, without those of tables inside its cells."""
    rows = []
    for child in table:
        if child.tag == "tr":
            rows.append(child)
        elif child.tag in ("thead", "tbody", "tfoot"):
            rows += [row for row in child if row.tag == "tr"]
    return rows


def is_data(table: Any) -> bool:
    """Return whether a table holds data. One of one column, or whose cells hold most of a page, lays a page out."""
    rows = [[cell for cell in row if cell.tag in _CELLS] for row in rows_of(table)]
    texts = [[_length(cell) for cell in row] for row in rows if row]
    wide = [row for row in texts if len(row) > 1]
    if not wide or table.get("role") == "presentation":
        return False
    nested = [inner for row in rows for cell in row for inner in cell.iterdescendants("table")]
    total, longest = sum(map(sum, texts)), max(map(max, texts))
    if nested and sum(map(_length, nested)) > _MAX_NESTED * total:
        return False
    if len(texts) == 1:
        return longest <= _MAX_SINGLE
    if longest > _MAX_CELL or max(wide[0]) > _MAX_NAME:
        return longest <= 2 * _MAX_NAME
    return not (total > _MIN_SHARED and longest > _MAX_SHARE * total and len(wide) < 3)


def grid(table: Any) -> Iterator[list[Any | None]]:
    """Yield for each row of a table the cell that begins in each column, None where none does.

    A cell that spans rows or columns keeps the places beside and below it free (HTML, section 4.9.12.1), so that each cell stands
    in its own column.
    """
    taken: dict[int, int] = {}  # column -> rows below this one that a cell above spans
    cells_left = _MAX_CELLS
    rows = rows_of(table)
    for number, row in enumerate(rows):
        placed: dict[int, Any] = {}
        below: dict[int, int] = {}
        column = 0
        for cell in row:
            if cell.tag not in _CELLS:
                continue
            while taken.get(column):
                column += 1
            width = _span(cell, "colspan", _MAX_COLSPAN) if column < _MAX_COLUMNS else 1
            height = min(_span(cell, "rowspan", _MAX_ROWSPAN), len(rows) - number) or len(rows) - number
            placed[column] = cell
            below.update(dict.fromkeys(range(column, column + width), height - 1))
            column += width
        width = max((*placed, *below, *taken), default=-1) + 1
        cells_left -= width
        yield [placed.get(column) for column in range(width)]
        if cells_left < 0:
            taken = {}
            continue
        taken = {column: left - 1 for column, left in taken.items() if left > 1} | {c: h for c, h in below.items() if h}


def header_height(table: Any) -> int:
    """Return how many rows name the columns: two where a cell of the first spans columns and the second has none of data."""
    rows = rows_of(table)
    if len(rows) < 3:
        return 1
    first = [cell for cell in rows[0] if cell.tag in _CELLS]
    spans = [_span(cell, "colspan", _MAX_COLSPAN) for cell in first]
    if len(first) < 2 or not any(span > 1 for span in spans):  # a single cell over all columns is the table's caption
        return 1
    second = [cell for cell in rows[1] if cell.tag in _CELLS]
    below = sum(span for cell, span in zip(first, spans, strict=True) if _span(cell, "rowspan", _MAX_ROWSPAN) == 1)
    filled = sum(_span(cell, "colspan", _MAX_COLSPAN) for cell in second)
    has_numbers = any(re.match(r"[\d.,%]+\D{0,4}$", cell.text_content().strip()) for cell in second)
    return 2 if filled == below and not has_numbers else 1


def merge_header(rows: list[list[str]]) -> list[str]:
    """Join the two rows that name the columns: 人数 over 男 and 女 gives 人数 男 and 人数 女."""
    upper, lower = rows
    names, above = [], ""
    for column in range(max(len(upper), len(lower))):
        top = upper[column] if column < len(upper) else ""
        bottom = lower[column] if column < len(lower) else ""
        above = top or (above if bottom else "")
        names.append(f"{above} {bottom}".strip())
    return names


def _span(cell: Any, name: str, limit: int) -> int:
    value = (cell.get(name) or "").strip()
    return min(int(value), limit) if value.isascii() and value.isdigit() and (int(value[:9]) or name == "rowspan") else 1


def _length(element: Any) -> int:
    return len(_BLANKS.sub("", element.text_content()))
