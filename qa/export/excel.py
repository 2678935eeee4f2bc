"""Answer or saved list -> an Excel workbook: a row for each quote, a comparison as it is laid out, the sources on a sheet of
their own.

Every cell is text, whatever it begins with. One that would be a formula were it typed in bears the mark that keeps it text when
it is edited, too.
"""

import io
import re
from typing import Any

import xlsxwriter

from corpus.messages.errors import OutputError
from corpus.messages.language import Language, tr
from qa.answering.answer import Answer
from qa.export.references import Style, ocr_notice
from qa.export.report import Report, ReportQuote, ReportTable, build_report
from qa.export.text import remove_illegal

# = + - @, also full-width or behind what is not seen, as some programs read them.
_FORMULA = re.compile("^[\\s\ufeff\u200b\x00]*[=+\\-@＝＋－＠]")
_WIDE, _MIDDLE, _NARROW = 60, 34, 8  # widths in characters


def to_xlsx(shown: Answer | Report, *, style: Style = "gbt7714") -> bytes:
    """An .xlsx file, its sources as a list of references or as notes.

    Raises: OutputError: a text is longer than a cell may be.
    """
    arranged = build_report(shown)
    language = arranged.language
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True})
    workbook.set_properties({"title": tr("简报原文摘录", "Excerpts from bulletins", language)})
    for part in arranged.parts:
        if part.grid:
            _compare(_Sheet(workbook, tr("对照", "Comparison", language)), part.grid, style, language)
    _list(_Sheet(workbook, tr("引文", "Quotes", language)), arranged, style)
    if style == "gbt7714" and arranged.sources:
        sheet = _Sheet(workbook, tr("参考文献", "References", language))
        sheet.head([(tr("序号", "No.", language), _NARROW), (tr("参考文献", "Reference", language), 2 * _WIDE)])
        for number, source in enumerate(arranged.sources, 1):
            sheet.add([number, source])
    about = _Sheet(workbook, tr("说明", "About", language))
    about.head([(arranged.title, 2 * _WIDE)])
    for text in [*(text for part in arranged.parts for text in part.remarks), arranged.closing]:
        about.add([text])
    workbook.close()
    return file.getvalue()


class _Sheet:
    """A sheet that is written row by row."""

    def __init__(self, workbook: Any, name: str) -> None:
        plain = {"text_wrap": True, "valign": "top", "font_name": "宋体", "font_size": 11, "border": 1, "border_color": "#C8CCD2"}
        self._formats = {marked: workbook.add_format({**plain, "quote_prefix": marked}) for marked in (False, True)}
        self._head = workbook.add_format({**plain, "bold": True, "bg_color": "#E8EDF4"})
        self._sheet = workbook.add_worksheet(name)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)  # A4
        self._sheet.fit_to_pages(1, 0)
        self._row = 0

    def head(self, columns: list[tuple[str, int]]) -> None:
        """The first row, which stays in sight and is repeated on every printed page: names and widths."""
        for at, (name, width) in enumerate(columns):
            self._sheet.set_column(at, at, width)
            self._write(at, name, self._head)
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._row = 1

    def add(self, cells: list[str | int]) -> None:
        """A row below the last."""
        for at, cell in enumerate(cells):
            if isinstance(cell, int):
                self._sheet.write_number(self._row, at, cell, self._formats[False])
            else:
                self._write(at, cell, self._formats[_FORMULA.match(cell) is not None])
        self._row += 1

    def _write(self, at: int, text: str, form: Any) -> None:
        text = remove_illegal(text)
        if not text:
            self._sheet.write_blank(self._row, at, None, form)
        elif self._sheet.write_string(self._row, at, text, form) != 0:
            raise OutputError(
                tr(
                    f"Excel 的一格放不下 {len(text)} 个字：“{text[:24]}……”",
                    f"{len(text)} characters are too many for a cell of Excel: “{text[:24]}…”",
                )
            )


def _compare(sheet: _Sheet, grid: ReportTable, style: Style, language: Language) -> None:
    width = max(_MIDDLE, 2 * _WIDE // len(grid.columns))
    sheet.head([("", 2 * _NARROW), *((column, width) for column in grid.columns)])
    for label, entries in grid.rows:
        sheet.add([label, *("—" if entry is None else _cell(entry, style, language) for entry in entries)])


def _cell(entry: ReportQuote, style: Style, language: Language) -> str:
    """A quote with the head of its table or its headline before it, and where it stands."""
    where = f"[{entry.number(style)}]" if style == "gbt7714" else f"——{entry.footnote}"
    where += f"【{ocr_notice(language)}】" if entry.doubtful else ""
    return "\n".join(part for part in (entry.header, entry.headline, entry.text, where) if part)


def _list(sheet: _Sheet, arranged: Report, style: Style) -> None:
    language: Language = arranged.language
    several = any(part.question is not None for part in arranged.parts)
    remarked = any(entry.remark for entry in arranged.entries)
    sheet.head(
        [
            (tr("序号", "No.", language), _NARROW),
            *([(tr("问题", "Question", language), _MIDDLE)] if several else []),
            (tr("地区", "Region", language), 2 * _NARROW),
            (tr("要点", "Point", language), 3 * _NARROW),
            (tr("原文", "Quote", language), _WIDE),
            (tr("出处", "Source", language), _WIDE),
            *([(tr("批注", "Remark", language), _MIDDLE)] if remarked else []),
        ]
    )
    for part in arranged.parts:
        for entry in part.entries:
            source = f"[{entry.reference_number}] {entry.gbt7714}" if style == "gbt7714" else entry.footnote
            source += f"【{ocr_notice(language)}】" if entry.doubtful else ""
            row: list[str | int] = [entry.place, *([part.question or ""] if several else [])]
            row += [entry.region or "", entry.header or entry.headline or "", entry.text, source]
            sheet.add(row + ([entry.remark] if remarked else []))
