"""Answer or saved list -> a Word document, set like an official document (GB/T 9704—2012): A4, 仿宋 of size 3, headings in 黑体.

Each quote is one paragraph of the style Quotation and nothing else, its headline one of the style Label before it. Words of ours
bear the styles Computed and Computed Heading, both grey, or Source.
"""

import datetime
import io
import zipfile
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX, WD_LINE_SPACING
from docx.opc.oxml import serialize_part_xml
from docx.opc.pkgwriter import PackageWriter
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from corpus import deadline
from corpus.messages.language import Language, tr
from qa.answering.answer import Answer
from qa.export.references import Style, ocr_notice
from qa.export.report import Report, ReportQuote, ReportTable, build_report, remark
from qa.export.text import to_xml_text

_BODY, _HEADING, _LATIN = "仿宋_GB2312", "黑体", "Times New Roman"
# 仿宋_GB2312 is on the machines of most offices, 仿宋 on every Windows: Word takes the second where it lacks the first.
_FALLBACK = "仿宋"
_LABEL_WIDTH = Mm(24)  # of the first column of a comparison
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_GREY = RGBColor(0x76, 0x76, 0x76)


def to_docx(shown: Answer | Report, *, style: Style = "gbt7714") -> bytes:
    """Write a .docx file, its sources as one list of references or as a note under each quote."""
    report = build_report(shown)
    language = report.language
    document = _document(
        language, columns=max((len(section.table.columns) for section in report.sections if section.table), default=0)
    )
    _add(document, report.title, "Title")
    for section in report.sections:
        if section.question is not None:
            _add(document, section.question, "Question")
        for text in section.remarks:
            _add(document, text, "Computed")
        if section.table:
            _add_table(document, section.table, style, language)
        for heading, quotes in section.blocks:
            if heading:
                _add(document, heading, "Computed Heading")
            for quote in quotes:
                deadline.check()
                _add_quote(document, quote, style, language)
    if style == "gbt7714" and report.sources:
        _add(document, tr("参考文献", "References", language), "Computed Heading")
        for number, source in enumerate(report.sources, 1):
            _add(document, f"[{number}] {source}", "Source")
    _add(document, report.closing, "Computed")
    file = io.BytesIO()
    _write(document, file)
    return file.getvalue()


class _Package:
    """The zip package of a document, whose parts all have the first date of the format: a clock may stand before it."""

    def __init__(self, file: io.BytesIO) -> None:
        self._zip = zipfile.ZipFile(file, "w")

    def write(self, pack_uri: Any, blob: bytes) -> None:
        part = zipfile.ZipInfo(pack_uri.membername, _FIRST_ZIP_DATE)
        self._zip.writestr(part, blob, zipfile.ZIP_DEFLATED)

    def close(self) -> None:
        self._zip.close()


def _write(document: Any, file: io.BytesIO) -> None:
    """Write a document as `document.save` does, which fails where the clock stands before 1980."""
    writer: Any = PackageWriter
    package, opened = document.part.package, _Package(file)
    for part in package.parts:
        part.before_marshal()
    writer._write_content_types_stream(opened, package.parts)
    writer._write_pkg_rels(opened, package.rels)
    writer._write_parts(opened, package.parts)
    opened.close()


def _add(parent: Any, text: str, style: str) -> None:
    parent.add_paragraph(to_xml_text(text), style=style)


def _add_quote(parent: Any, quote: ReportQuote, style: Style, language: Language) -> None:
    """Add a quote as a paragraph of its own, and below it where it stands. Args: parent: the document or a cell."""
    if quote.header:
        _add(parent, quote.header, "Computed")
    if quote.headline:
        _add(parent, quote.headline, "Label")
    paragraph = parent.add_paragraph(style="Quotation")
    for piece in quote.pieces:
        run = paragraph.add_run(to_xml_text(piece.text))
        run.bold = True if piece.label or piece.highlight else None
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW if piece.highlight else None
    if style == "gbt7714":
        _add(parent, f"[{quote.number(style)}]", "Computed")
    else:
        _add(parent, quote.footnote, "Source")
    parent.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.RIGHT if style == "gbt7714" else None
    if quote.doubtful:
        _add(parent, f"【{ocr_notice(language)}】", "Computed")
    if quote.remark:
        _add(parent, remark(quote, language), "Computed")


def _add_table(document: Any, grid: ReportTable, style: Style, language: Language) -> None:
    table = document.add_table(rows=1, cols=1 + len(grid.columns), style="Table Grid")
    for cell, column in zip(table.rows[0].cells[1:], grid.columns, strict=True):
        cell.paragraphs[0].style = "Computed"
        cell.paragraphs[0].text = to_xml_text(column)
    for name, quotes in grid.rows:
        label, *cells = table.add_row().cells
        label.paragraphs[0].style = "Computed"
        label.paragraphs[0].text = to_xml_text(name)
        for cell, quote in zip(cells, quotes, strict=True):
            if quote is None:
                cell.paragraphs[0].style = "Computed"
                cell.paragraphs[0].text = "—"
            else:
                _add_quote(cell, quote, style, language)
                empty = cell.paragraphs[0]._p  # every cell is born with a paragraph
                empty.getparent().remove(empty)
    page = document.sections[0]
    width = (page.page_width - page.left_margin - page.right_margin - _LABEL_WIDTH) // len(grid.columns)
    table.autofit = False
    for index, column in enumerate(table.columns):
        column.width = width if index else _LABEL_WIDTH
        for cell in column.cells:  # some programs go by the cells
            cell.width = column.width
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # on every page


def _document(language: Language, *, columns: int) -> Any:
    """Return an empty document with page, styles and properties.

    Args: columns: of its comparison, 0 where it has none; three and more need a landscape page, and all are set smaller.
    """
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    if columns > 2:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    for part in document.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            _add_fallback(part)
    _set(document.styles["Normal"], _BODY, 16)
    _set(document.styles["Title"], _HEADING, 22)
    _remove_rule(document.styles["Title"])
    document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set(_new(document, "Question", "Heading 1"), _HEADING, 16)
    _set(_new(document, "Computed Heading", "Heading 2"), _HEADING, 16, grey=True)
    quotation = _new(document, "Quotation", "Normal")
    quotation.paragraph_format.first_line_indent = Pt(32)  # two characters
    quotation.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    quotation.paragraph_format.space_after = Pt(0)
    quotation.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
    quotation.paragraph_format.line_spacing = Pt(28)
    if columns:
        quotation.font.size = Pt(12)
        quotation.paragraph_format.first_line_indent = Pt(0)
        quotation.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
        quotation.paragraph_format.line_spacing = Pt(18)
    label = _new(document, "Label", "Quotation")
    label.font.bold = True
    label.paragraph_format.keep_with_next = True
    _set(_new(document, "Computed", "Normal"), _BODY, 12, grey=True)
    _set(_new(document, "Source", "Normal"), _BODY, 12)
    properties = document.core_properties
    properties.title = tr("原文摘录", "Excerpts", language)
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
    return document


def _new(document: Any, name: str, parent: str) -> Any:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles[parent]
    style.quick_style = True
    return style


def _set(style: Any, font: str, size: int, *, grey: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.italic = _LATIN, Pt(size), False, False
    style.font.color.rgb = _GREY if grey else RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme's fonts would come first
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")  # else “ ” … — are set in the Latin font


def _remove_rule(style: Any) -> None:
    """Remove the rule that the template draws below a style."""
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _add_fallback(part: Any) -> None:
    fonts = parse_xml(part.blob)
    fonts.append(parse_xml(f'<w:font {nsdecls("w")} w:name="{_BODY}"><w:altName w:val="{_FALLBACK}"/></w:font>'))
    part._blob = serialize_part_xml(fonts)
