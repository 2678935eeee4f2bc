"""PDF files, by pdfium: it gives characters and where they stand, of which lines and tables are made here."""

import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers import scan
from corpus.readers.footnotes import Separator, mark_footnotes
from corpus.readers.glyph_lines import body_font, make_line, split_stretches
from corpus.readers.glyphs import Glyph
from corpus.readers.pages import assemble
from corpus.readers.pdf_drawing import Drawing, read_drawing
from corpus.readers.pdf_glyphs import Sheet, read_sheet
from corpus.readers.pdf_notes import read_notes
from corpus.readers.reading_order import Line, Page
from corpus.readers.ruled_tables import find_tables, straight_rules
from corpus.readers.watermark import without_watermarks

READER = "pdf-2"

_MAX_PAGES = 1_000  # the longest bulletin known has some 60
_MIN_TEXT = 8  # characters: fewer over a picture are what a scanner stamps on it
_MAX_STAMP = 30  # characters: fewer on a page that pictures fill may be all that is not in the picture
_MAX_GARBLED = 0.1  # share of characters without a meaning, above which a page's text is not to be trusted
_POINTS_PER_INCH = 72
_USUAL_SIZE = 12.0  # points of characters, on a page without any
_NO_LINES = Page(1.0, ())
_PRIVATE = re.compile("[\ufffd\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A page as it is read without OCR. `has_text` is false where only OCR can read it.

    `is_layer` tells that most of its text lies unseen under the picture of a scan, where another program's OCR has put it;
    `is_stamped` that it is a picture with no more text on it than a program that scans adds.
    """

    page: Page
    has_text: bool = True
    is_layer: bool = False
    is_stamped: bool = False
    has_comments: bool = False


def read_pdf(data: bytes, *, name: str, on_page: Callable[[int], None] = lambda number: None) -> ExtractedText:
    """Read a PDF; scanned pages by OCR, where it is installed, also those that bear a hidden text.

    Args: on_page: called with the number of each page read by OCR.
    Raises: UnreadableFileError: it is encrypted, damaged, has too many pages, or no text on any.
    """
    document = _open(data, name=name)
    readings = [_read_page(document, index, name=name) for index in range(len(document))]
    pages = [reading.page for reading in readings]
    unread = [index for index, reading in enumerate(readings) if not reading.has_text]
    layers = [index for index, reading in enumerate(readings) if reading.is_layer]
    if len(unread) > scan.MAX_PAGES:
        raise UnreadableFileError(
            Message.of("corpus.readers.too_many_scans", document=name, count=len(unread), limit=scan.MAX_PAGES)
        )
    stamped = [index for index, reading in enumerate(readings) if reading.is_stamped]
    warnings: list[Message] = []
    if scan.is_installed():
        if len(unread) + len(layers) + len(stamped) <= scan.MAX_PAGES:
            unread, layers = sorted(unread + layers + stamped), []
        for index in unread:
            pages[index] = _recognise(document[index])
            on_page(index + 1)
        warnings += [scan.ocr_warning(unread)] if unread else []
    elif len(unread) == len(pages):
        raise UnreadableFileError(scan.not_installed_message(name))
    elif unread or stamped:
        numbers = tuple(Message.of("corpus.readers.page", number=index + 1) for index in sorted(unread + stamped))
        warnings.append(scan.not_installed_message(numbers))
    if layers:
        warnings.append(Message.of("corpus.readers.hidden_layer", pages=tuple(index + 1 for index in layers)))
    commented = tuple(index + 1 for index, reading in enumerate(readings) if reading.has_comments)
    if commented:
        warnings.append(Message.of("corpus.readers.comments_left_out", pages=commented))
    reader = f"{READER}+{scan.READER}" if unread else READER
    return assemble(pages, reader=reader, warnings=tuple(warnings))


def _recognise(page: Any) -> Page:
    """Read a page by OCR."""
    scale = _pixels_per_point(page)
    return scan.recognise(page.render(scale=scale).to_pil().convert("RGB"), scale=1 / scale)


def _pixels_per_point(page: Any) -> float:
    """Return the scale at which a page is drawn for OCR."""
    return float(min(scan.DPI / _POINTS_PER_INCH, scan.MAX_SIDE / max(page.get_size())))


def _open(data: bytes, *, name: str) -> Any:
    """Open a PDF as pdfium's document.

    Raises: UnreadableFileError: it is encrypted, damaged, or has too many pages.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableFileError(Message.of("corpus.readers.encrypted_pdf", document=name)) from error
        raise UnreadableFileError(Message.of("corpus.readers.damaged_pdf", document=name, cause=str(error))) from error
    count = len(document)
    if not 0 < count <= _MAX_PAGES:
        raise UnreadableFileError(Message.of("corpus.readers.page_count", document=name, count=count, limit=_MAX_PAGES))
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()
    return document


def _read_page(document: Any, index: int, *, name: str) -> _Reading:
    """Read the lines of a page.

    Raises: UnreadableFileError: the page is damaged.
    """
    try:
        page = document[index]
        drawing = read_drawing(page)
        sheet = read_sheet(page, drawing)
        glyphs = sheet.glyphs
        if len(glyphs) < _MIN_TEXT and drawing.pictures:
            return _Reading(_NO_LINES, has_text=False)
        if sum(bool(_PRIVATE.match(glyph.text)) for glyph in glyphs) > _MAX_GARBLED * len(glyphs):
            return _Reading(_NO_LINES, has_text=False)
        size = statistics.median(glyph.size for glyph in glyphs) if glyphs else _USUAL_SIZE
        notes = read_notes(page, sheet.frame, form=document.formenv, size=size)
        is_layer = 2 * sum(glyph.is_doubtful for glyph in glyphs) > len(glyphs)
        lines = _lines(sheet, drawing, notes.glyphs)
        return _Reading(
            Page(sheet.size[1], tuple(lines)),
            is_layer=is_layer,
            is_stamped=sheet.is_pictured and len(glyphs) < _MAX_STAMP and not is_layer,
            has_comments=notes.has_comments,
        )
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(
            Message.of("corpus.readers.damaged_page", document=name, number=index + 1, cause=str(error))
        ) from error


def _lines(sheet: Sheet, drawing: Drawing, notes: Sequence[Glyph]) -> list[Line]:
    """Return the lines of a page and the rows of its tables, without watermarks; last, the lines that run otherwise.

    Args: notes: what is written into the page's fields.
    """
    glyphs = without_watermarks(sheet.glyphs) + ([] if sheet.is_vertical else list(notes))
    edges = () if sheet.is_vertical else drawing.edges()
    level, upright = straight_rules((sheet.frame.as_seen(*start), sheet.frame.as_seen(*end)) for start, end in edges)
    tables = list(find_tables(level, upright))
    lines: list[Line] = []
    for table in tables:
        inside = [glyph for glyph in glyphs if table.contains(glyph)]
        if inside:
            lines += table.lines(inside)
            glyphs = [glyph for glyph in glyphs if not table.contains(glyph)]
    lines += _free_lines(glyphs)
    height = sheet.size[1]
    separators = [
        Separator(rule.position, rule.end - rule.start) for rule in level if not any(table.has(rule) for table in tables)
    ]
    lines = mark_footnotes(lines, separators, height=height)
    turned = [
        line for one in (*sheet.turned, *([notes] if sheet.is_vertical else [])) for line in _free_lines(without_watermarks(one))
    ]
    return lines + [replace(line, baseline=height, is_aside=True) for line in turned]


def _free_lines(glyphs: Sequence[Glyph]) -> list[Line]:
    """Return the lines of characters that stand in no table."""
    font = body_font(glyphs)
    lines = [make_line(stretch, font) for stretch in split_stretches(glyphs)]
    return [line for line in lines if line.text.strip()]
