"""PDF files, by pdfium: it gives characters and where they stand, of which lines and tables are made here."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers import scan
from corpus.readers.pages import assemble
from corpus.readers.pdf_glyphs import MAX_NESTING, read_glyphs
from corpus.readers.pdf_lines import body_font, make_line, split_stretches
from corpus.readers.pdf_tables import find_tables
from corpus.readers.reading_order import Line, Page

READER = "pdf-1"

_MAX_PAGES = 1_000  # the longest bulletin known has some 60
_MIN_TEXT = 8  # characters: fewer over a picture are what a scanner stamps on it
_MAX_GARBLED = 0.1  # share of characters without a meaning, above which a page's text is not to be trusted
_POINTS_PER_INCH = 72
_PRIVATE = re.compile("[\ufffd\ue000-\uf8ff]")


def read_pdf(data: bytes, *, name: str, on_page: Callable[[int], None] = lambda number: None) -> ExtractedText:
    """Read a PDF; pages without a text layer by OCR, where it is installed.

    Args: on_page: called with the number of each page read by OCR.
    Raises: UnreadableFileError: it is encrypted, damaged, has too many pages, or no text on any.
    """
    document = _open(data, name=name)
    pages = [_extract(document, index, name=name) for index in range(len(document))]
    scanned = [index for index, page in enumerate(pages) if page is None]
    warnings: tuple[Message, ...] = ()
    if len(scanned) > scan.MAX_PAGES:
        raise UnreadableFileError(
            Message.of("corpus.readers.too_many_scans", document=name, count=len(scanned), limit=scan.MAX_PAGES)
        )
    if scanned and scan.is_installed():
        for index in scanned:
            scale = _pixels_per_point(document[index])
            picture = document[index].render(scale=scale).to_pil().convert("RGB")
            pages[index] = scan.recognise(picture, scale=1 / scale)
            on_page(index + 1)
        warnings = (scan.ocr_warning(scanned),)
    elif len(scanned) == len(pages):
        raise UnreadableFileError(scan.not_installed_message(name))
    elif scanned:
        warnings = (scan.not_installed_message(tuple(Message.of("corpus.readers.page", number=i + 1) for i in scanned)),)
    reader = f"{READER}+{scan.READER}" if scanned else READER
    return assemble([page or Page(1.0, ()) for page in pages], reader=reader, warnings=warnings)


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
    return document


def _extract(document: Any, index: int, *, name: str) -> Page | None:
    """Return the lines of a page, or None where it has no text, or text without meaning: a page that only OCR can read.

    Raises: UnreadableFileError: the page is damaged.
    """
    try:
        page = document[index]
        glyphs = read_glyphs(page)
        height = page.get_height()
        if len(glyphs) < _MIN_TEXT and any(_pictures(page)):
            return None
        if not glyphs:
            return Page(height, ())
        if sum(bool(_PRIVATE.match(glyph.text)) for glyph in glyphs) > _MAX_GARBLED * len(glyphs):
            return None
        lines: list[Line] = []
        for table in find_tables(page):
            inside = [glyph for glyph in glyphs if table.contains(glyph)]
            if inside:
                lines += table.lines(inside)
                glyphs = [glyph for glyph in glyphs if not table.contains(glyph)]
        font = body_font(glyphs)
        lines += [make_line(stretch, font) for stretch in split_stretches(glyphs)]
        return Page(height, tuple(line for line in lines if line.text.strip()))
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(
            Message.of("corpus.readers.damaged_page", document=name, number=index + 1, cause=str(error))
        ) from error


def _pictures(page: Any) -> Iterator[Any]:
    return page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=MAX_NESTING)  # type: ignore[no-any-return]
