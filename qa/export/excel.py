"""Answer or saved list -> an Excel workbook: a row for each quote, a comparison as it is laid out, the sources on a sheet of
their own.

Every cell is text, whatever it begins with. One that would be a formula were it typed in bears the mark that keeps it text when
it is edited, too.
"""

import io
import re
from typing import Any

import xlsxwriter

from corpus import deadline
from corpus.messages.errors import OutputError
from corpus.messages.language import Language, tr
from qa.answering.answer import Answer
from qa.export.references import Style, ocr_notice
from qa.export.report import Report, ReportQuote, ReportTable, build_report
from qa.export.text import to_xml_text

# = + - @, also full-width or behind what is not seen, as some programs read them.
_FORMULA = re.compile("^[\\s\ufeff\u200b\x00]*[=+\\-@＝＋－＠]")
_WIDE, _MIDDLE, _NARROW = 60, 34, 8  # widths in characters
_A4 = 9  # its number among the paper sizes of Excel


def to_xlsx(shown: Answer | Report, *, style: Style = "gbt7714") -> bytes:
    """Write an .xlsx file, its sources as a list of references or as notes.

    Raises: OutputError: a text is longer than a cell may be.
    """
    report = build_report(shown)
    language = report.language
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True})
    workbook.set_properties({"title": tr("原文摘录", "Excerpts", language)})
    for section in report.sections:
        if section.table:
            _compare(_Sheet(workbook, tr("对照", "Comparison", language)), section.table, style, language)
    _list(_Sheet(workbook, tr("引文", "Quotes", language)), report, style)
    if style == "gbt7714" and report.sources:
        sheet = _Sheet(workbook, tr("参考文献", "References", language))
        sheet.head([(tr("序号", "No.", language), _NARROW), (tr("参考文献", "Reference", language), 2 * _WIDE)])
        for number, source in enumerate(report.sources, 1):
            sheet.add([number, source])
    about = _Sheet(workbook, tr("说明", "About", language))
    about.head([(report.title, 2 * _WIDE)])
    for text in [*(text for section in report.sections for text in section.remarks), report.closing]:
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
        self._sheet.set_paper(_A4)
        self._sheet.fit_to_pages(1, 0)
        self._row = 0

    def head(self, columns: list[tuple[str, int]]) -> None:
        """Write the first row, which stays in sight and is repeated on every printed page.

        Args: columns: the name and the width in characters of each.
        """
        for column, (name, width) in enumerate(columns):
            self._sheet.set_column(column, column, width)
            self._write(column, name, self._head)
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._row = 1

    def add(self, cells: list[str | int]) -> None:
        """Write a row below the last."""
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                self._sheet.write_number(self._row, column, cell, self._formats[False])
            else:
                self._write(column, cell, self._formats[_FORMULA.match(cell) is not None])
        self._row += 1

    def _write(self, column: int, text: str, form: Any) -> None:
        text = to_xml_text(text)
        if not text:
            self._sheet.write_blank(self._row, column, None, form)
        elif self._sheet.write_string(self._row, column, text, form) != 0:
            raise OutputError(
                tr(
                    f"Excel 的一格放不下 {len(text)} 个字：“{text[:24]}……”",
                    f"{len(text)} characters are too many for a cell of Excel: “{text[:24]}…”",
                )
            )


def _compare(sheet: _Sheet, table: ReportTable, style: Style, language: Language) -> None:
    width = max(_MIDDLE, 2 * _WIDE // len(table.columns))
    sheet.head([("", 2 * _NARROW), *((column, width) for column in table.columns)])
    for label, quotes in table.rows:
        sheet.add([label, *("—" if quote is None else _cell(quote, style, language) for quote in quotes)])


def _cell(quote: ReportQuote, style: Style, language: Language) -> str:
    """Return a quote with the header of its table or its headline before it, and where it stands."""
    where = f"[{quote.number(style)}]" if style == "gbt7714" else f"——{quote.footnote}"
    where += f"【{ocr_notice(language)}】" if quote.doubtful else ""
    return "\n".join(part for part in (quote.header, quote.headline, quote.text, where) if part)


def _list(sheet: _Sheet, report: Report, style: Style) -> None:
    language: Language = report.language
    several = any(section.question is not None for section in report.sections)
    remarked = any(quote.remark for quote in report.quotes)
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
    for section in report.sections:
        for quote in section.quotes:
            deadline.check()
            source = f"[{quote.reference_number}] {quote.gbt7714}" if style == "gbt7714" else quote.footnote
            source += f"【{ocr_notice(language)}】" if quote.doubtful else ""
            row: list[str | int] = [quote.quote_number, *([section.question or ""] if several else [])]
            row += [quote.region or "", quote.header or quote.headline or "", quote.text, source]
            sheet.add(row + ([quote.remark] if remarked else []))
