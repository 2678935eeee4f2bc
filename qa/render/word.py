"""Answer -> a Word document, set like an official document (GB/T 9704—2012): A4, 仿宋 of size 3, headings in 黑体.

Each quote is one paragraph of the style Quotation and nothing else, its headline one of the style Label before it. Words of ours
bear the styles Computed and Computed Heading, both grey, or Source.
"""

import datetime
import io
import re
from collections.abc import Mapping
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX, WD_LINE_SPACING
from docx.opc.oxml import serialize_part_xml
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from corpus.language import tr
from qa.answer import Answer, Quote
from qa.render.arrangement import groups, numbers, searched, sources
from qa.render.references import Style, note
from qa.render.text import LINE_END

_BODY, _HEADING, _LATIN = "仿宋_GB2312", "黑体", "Times New Roman"
# 仿宋_GB2312 is on the machines of most offices, 仿宋 on every Windows: Word takes the second where it lacks the first.
_FALLBACK = "仿宋"
_GREY = RGBColor(0x76, 0x76, 0x76)
# What XML 1.0 cannot hold, which a text file may. A character that is shown as missing is not lost without a word.
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_docx(answer: Answer, *, style: Style = "gbt7714") -> bytes:
    """The answer as a .docx file, its sources as a list of references or as a note under each quote."""
    language = answer.language
    marks = numbers(answer, style)
    document = _document(answer)
    _add(document, answer.question, "Title")
    if answer.abstained:
        _add(document, answer.reason or "", "Computed")
    if answer.note:
        _add(document, answer.note, "Computed")
    if answer.table:
        _add_table(document, answer, marks, style)
    for group in groups(answer):
        if group.heading:
            _add(document, group.heading, "Computed Heading")
        for place in group.places:
            _add_quote(document, answer.quotes[place], marks[place], answer, style)
    if style == "gbt7714" and answer.quotes:
        _add(document, tr("参考文献", "References", language), "Computed Heading")
        for number, source in enumerate(sources(answer), 1):
            _add(document, f"[{number}] {source}", "Source")
    _add(document, searched(answer), "Computed")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add(place: Any, text: str, style: str) -> None:
    place.add_paragraph(_legal(text), style=style)


def _add_quote(place: Any, quote: Quote, number: int, answer: Answer, style: Style) -> None:
    """The quote as a paragraph of its own, and below it where it stands. `place` is the document or a cell."""
    if quote.headline:
        _add(place, quote.headline, "Label")
    paragraph = place.add_paragraph(style="Quotation")
    for piece in quote.pieces:
        run = paragraph.add_run(_legal(piece.text))
        run.bold = True if piece.label or piece.highlight else None
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW if piece.highlight else None
    if style == "gbt7714":
        _add(place, f"[{number}]", "Computed")
    else:
        _add(place, note(quote.passage, answer.language), "Source")
    place.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.RIGHT if style == "gbt7714" else None


def _add_table(document: Any, answer: Answer, marks: Mapping[int, int], style: Style) -> None:
    if answer.table is None:
        return
    table = document.add_table(rows=1, cols=1 + len(answer.table.columns), style="Table Grid")
    for cell, column in zip(table.rows[0].cells[1:], answer.table.columns, strict=True):
        cell.paragraphs[0].style = "Computed"
        cell.paragraphs[0].text = _legal(column)
    for row in answer.table.rows:
        label, *cells = table.add_row().cells
        label.paragraphs[0].style = "Computed"
        label.paragraphs[0].text = _legal(row.label)
        for cell, at in zip(cells, row.cells, strict=True):
            if at is None:
                cell.paragraphs[0].style = "Computed"
                cell.paragraphs[0].text = "—"
            else:
                _add_quote(cell, answer.quotes[at], marks[at], answer, style)
                empty = cell.paragraphs[0]._p  # every cell is born with a paragraph
                empty.getparent().remove(empty)


def _legal(text: str) -> str:
    """The text with each line end as \\n, and what no XML file can hold as U+FFFD."""
    return _ILLEGAL.sub("\ufffd", LINE_END.sub("\n", text))


def _document(answer: Answer) -> Any:
    """An empty document with page, styles and properties."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    for part in document.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            _add_fallback(part)
    _set(document.styles["Normal"], _BODY, 16)
    _set(document.styles["Title"], _HEADING, 22)
    _unadorned(document.styles["Title"])
    document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set(_new(document, "Computed Heading", "Heading 2"), _HEADING, 16, grey=True)
    quotation = _new(document, "Quotation", "Normal")
    quotation.paragraph_format.first_line_indent = Pt(32)  # two characters
    quotation.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    quotation.paragraph_format.space_after = Pt(0)
    quotation.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
    quotation.paragraph_format.line_spacing = Pt(28)
    label = _new(document, "Label", "Quotation")
    label.font.bold = True
    label.paragraph_format.keep_with_next = True
    _set(_new(document, "Computed", "Normal"), _BODY, 12, grey=True)
    _set(_new(document, "Source", "Normal"), _BODY, 12)
    properties = document.core_properties
    properties.title = tr("简报原文摘录", "Excerpts from bulletins", answer.language)
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


def _unadorned(style: Any) -> None:
    """Without the rule below it that the template draws."""
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _add_fallback(part: Any) -> None:
    fonts = parse_xml(part.blob)
    fonts.append(parse_xml(f'<w:font {nsdecls("w")} w:name="{_BODY}"><w:altName w:val="{_FALLBACK}"/></w:font>'))
    part._blob = serialize_part_xml(fonts)
