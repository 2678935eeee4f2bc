"""Tables: .xlsx workbooks, by lxml, and .csv. A row is a line, its cells parted by tabs, values as they are shown.

A merged cell counts for each row that it spans. Hidden sheets are left out. (openpyxl does not know the Chinese date formats that
have a number only, 27 to 36 and 50 to 58, and loads no merged cells when it reads row by row.)
"""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.document import ExtractedText
from corpus.readers.cell_formats import BUILTIN, format_value
from corpus.readers.marks import compose, replace_illegal_characters
from corpus.readers.packages import Package
from corpus.readers.text import read_encoded

READER = "sheet-1"

# Limits of what a workbook may hold: rows and columns of Excel's own, and cells after merged ones are filled in.
_MAX_ROWS, _MAX_COLUMNS, _MAX_CELLS = 1_048_576, 16_384, 2_000_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DELIMITERS = ",\t;|"
_SNIFFED = 8_192  # characters by which the delimiter of a .csv file is told


def read_csv(data: bytes, *, name: str) -> ExtractedText:
    """Read a .csv file. Raises: UnreadableFileError: it is no text."""
    source = read_encoded(data, name=name)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(source.text[:_SNIFFED], _DELIMITERS)
    except csv.Error:
        dialect = csv.excel
    rows = [[" ".join(cell.split()) for cell in row] for row in csv.reader(io.StringIO(source.text), dialect)]
    return compose("\n".join(_lines(rows)) + "\n", reader=READER, warnings=source.warnings)


def read_xlsx(data: bytes, *, name: str) -> ExtractedText:
    """Read a workbook: the name of each sheet, where it has several, then its rows.

    Raises: UnreadableFileError: it is encrypted, or unpacks to more than a workbook holds.
    """
    package = Package(data, name=name)
    workbook = _Workbook.of(package)
    blocks = []
    for title, path in workbook.sheets:
        if lines := list(_lines(_read_rows(package.parse(path), workbook))):
            blocks.append((title, "\n".join(lines)))
    headed = [f"## {title}\n\n{text}" if len(blocks) > 1 else text for title, text in blocks]
    return compose("\n\n".join(headed) + "\n", reader=READER)


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a line for each row: empty cells keep their column, but for those at its end; an empty row is a blank line."""
    started = False
    for row in rows:
        line = "\t".join(replace_illegal_characters(cell) for cell in row).rstrip("\t ")
        if line:
            started = True
        if started:
            yield line


@dataclass(frozen=True, slots=True)
class _Workbook:
    """What the sheets of a workbook share: `sheets` are titles and paths, `formats` the number format of each style."""

    sheets: tuple[tuple[str, str], ...]
    strings: tuple[str, ...]
    formats: tuple[str, ...]
    from_1904: bool

    @classmethod
    def of(cls, package: Package) -> "_Workbook":
        path = package.main_part("xl/workbook.xml")
        root, relations = package.parse(path), package.relations(path)
        sheets = []
        for sheet in root.iter("{*}sheet"):
            target = next((relations[value] for key, value in sheet.items() if key.endswith("}id") and value in relations), None)
            if target and target[0] == "worksheet" and sheet.get("state", "visible") == "visible":
                sheets.append((sheet.get("name", ""), target[1]))
        parts = dict(relations.values())
        strings = package.parse(parts["sharedStrings"]).iter("{*}si") if parts.get("sharedStrings", "?") in package else ()
        properties = root.find("{*}workbookPr")
        return cls(
            sheets=tuple(sheets),
            strings=tuple(_text(string) for string in strings),
            formats=_formats(package.parse(parts["styles"])) if parts.get("styles", "?") in package else (),
            from_1904=properties is not None and properties.get("date1904") in ("1", "true"),
        )


def _formats(styles: Any) -> tuple[str, ...]:
    own = {form.get("numFmtId"): form.get("formatCode", "") for form in styles.iter("{*}numFmt")}
    return tuple(
        own.get(style.get("numFmtId"), BUILTIN.get(style.get("numFmtId"), "General"))
        for style in styles.iterfind("{*}cellXfs/{*}xf")
    )


def _read_rows(root: Any, workbook: _Workbook) -> list[list[str]]:
    """Return the shown values of a sheet's rows, an empty row where some are missing. What lies beyond the limits is left out."""
    rows: dict[int, list[str]] = {}
    cells = number = 0
    for row in root.iterfind("{*}sheetData/{*}row"):
        number = int(row.get("r", number + 1))
        values: list[str] = []
        for cell in row.iterfind("{*}c"):
            column = _position(cell.get("r"))[1] if cell.get("r") else len(values)
            if column < _MAX_COLUMNS:
                values.extend([""] * (column + 1 - len(values)))
                values[column] = _shown(cell, workbook)
        cells += len(values)
        if number > _MAX_ROWS or cells > _MAX_CELLS:
            break
        rows[number] = values
    _fill_merged(rows, [merged.get("ref", "") for merged in root.iterfind("{*}mergeCells/{*}mergeCell")])
    shown: list[list[str]] = []
    for above, number in itertools.pairwise([0, *sorted(rows)]):
        shown += [[], rows[number]] if number > above + 1 else [rows[number]]
    return shown


def _fill_merged(rows: dict[int, list[str]], merged: Sequence[str]) -> None:
    """Put the value of each cell that is merged over several rows into all of these."""
    filled = 0
    last = max(rows, default=0)
    for reference in merged:
        first, _, end = reference.partition(":")
        (top, left), (bottom, _) = _position(first), _position(end or first)
        value = rows[top][left] if top in rows and left < len(rows[top]) else ""
        for number in range(top + 1, min(bottom, last) + 1) if value else ():
            filled += 1
            if filled > _MAX_CELLS:
                return
            if number in rows:
                rows[number] += [""] * (left + 1 - len(rows[number]))
                rows[number][left] = value


def _position(reference: str | None) -> tuple[int, int]:
    """Return row, from 1, and column, from 0, of a reference: (3, 1) for B3. Raises: ValueError: it is none."""
    match = _REFERENCE.fullmatch((reference or "").replace("$", ""))
    if match is None:
        raise ValueError(f"no cell reference: {reference}")
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match[2]), column - 1


def _shown(cell: Any, workbook: _Workbook) -> str:
    """Return a cell's value as it is shown, on one line."""
    kind, value = cell.get("t", "n"), cell.findtext("{*}v") or ""
    if kind == "inlineStr":
        value = _text(cell.find("{*}is"))
    elif kind == "s":
        index = int(value or -1)
        value = workbook.strings[index] if 0 <= index < len(workbook.strings) else ""
    elif kind == "b":
        value = "TRUE" if value == "1" else "FALSE"
    elif kind == "n" and value:
        style = int(cell.get("s", 0))
        form = workbook.formats[style] if 0 <= style < len(workbook.formats) else "General"
        value = format_value(float(value), form, from_1904=workbook.from_1904)
    return " ".join(value.split())


def _text(string: Any) -> str:
    """Return the text of a string, in runs or not, without its phonetic guide."""
    if string is None:
        return ""
    return "".join(text.text or "" for text in string.iter("{*}t") if text.getparent().tag.rpartition("}")[2] != "rPh")
