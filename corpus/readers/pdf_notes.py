"""What lies on a PDF's page beside its content: the values of form fields and free texts, and which other notes it bears."""

import ctypes
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from corpus.readers.glyphs import Glyph
from corpus.readers.marks import replace_illegal_characters
from corpus.readers.pdf_glyphs import Frame

# Notes that are opened by a click: what they say is not on the page.
_COMMENTS = frozenset(
    {
        pdfium.FPDF_ANNOT_TEXT,
        pdfium.FPDF_ANNOT_HIGHLIGHT,
        pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_SQUIGGLY,
        pdfium.FPDF_ANNOT_STRIKEOUT,
        pdfium.FPDF_ANNOT_CARET,
        pdfium.FPDF_ANNOT_STAMP,
    }
)
_NOT_SHOWN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW  # of an annotation's flags
_WRITTEN = frozenset({pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX})
_TICKED = frozenset({pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON})
_TICK = "☑"
_MAX_NOTES = 2_000  # on a page: a form has some hundred
_MAX_TEXT = 20_000  # bytes of a value
_LINE = 0.8  # of the height of a line: its characters
_BASELINE = 0.35  # of their size: how far it lies below the middle of the line


@dataclass(frozen=True, slots=True)
class Notes:
    """The texts that stand in boxes on a page, and whether it bears comments that do not."""

    glyphs: list[Glyph]
    has_comments: bool


def read_notes(page: Any, frame: Frame, *, form: Any, size: float) -> Notes:
    """Return what annotations write on a page (ISO 32000-2, 12.5).

    Args: form: pdfium's form environment, None for no form. size: that of the page's own characters, in points.
    """
    glyphs: list[Glyph] = []
    has_comments = False
    for i in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MAX_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, i)
        if not note:
            continue
        try:
            if pdfium.FPDFAnnot_GetFlags(note) & _NOT_SHOWN:
                continue
            kind = pdfium.FPDFAnnot_GetSubtype(note)
            if kind == pdfium.FPDF_ANNOT_WIDGET:
                glyphs += _place(note, _field_value(note, form), frame, size)
            elif kind == pdfium.FPDF_ANNOT_FREETEXT:
                glyphs += _place(note, _contents(note), frame, size)
            elif kind in _COMMENTS:
                has_comments = has_comments or bool(_contents(note).strip())
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return Notes(glyphs, has_comments)


def _contents(note: Any) -> str:
    return _read_text(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(note, b"Contents", buffer, size))


def _field_value(note: Any, form: Any) -> str:
    """Return what a field of a form shows: its value, or a tick."""
    if form is None:
        return _read_text(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(note, b"V", buffer, size))
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    if kind in _WRITTEN:
        return _read_text(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(form, note, buffer, size))
    return _TICK if kind in _TICKED and pdfium.FPDFAnnot_IsChecked(form, note) else ""


def _read_text(read: Any) -> str:
    """Return what one of pdfium's functions writes as UTF-16 with an end mark, as far as it is not too long."""
    length = read(None, 0)  # in bytes
    if not 0 < length <= _MAX_TEXT:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    read(buffer, length)
    text = bytes(buffer)[:length].decode("utf-16-le", "replace").rstrip("\x00")
    return replace_illegal_characters(text.replace("\r\n", "\n").replace("\r", "\n"))


def _place(note: Any, text: str, frame: Frame, usual_size: float) -> Iterator[Glyph]:
    """Yield the characters of a text in the box of its annotation: one line each of its own, as wide as the box at most."""
    box = pdfium.FS_RECTF()
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines or not pdfium.FPDFAnnot_GetRect(note, box):
        return
    corners = frame.as_seen(box.left, box.bottom), frame.as_seen(box.right, box.top)
    (left, right), (top, bottom) = (sorted(values) for values in zip(*corners, strict=True))
    height = (bottom - top) / len(lines)
    size = min(usual_size, _LINE * height)
    if size <= 0:
        return
    for number, line in enumerate(lines, 1):
        widths = [size if unicodedata.east_asian_width(character) in "WF" else size / 2 for character in line]
        scale = min(1.0, (right - left) / sum(widths))
        baseline = top + (number - 1) * height + height / 2 + _BASELINE * size
        x = left
        for character, width in zip(line, widths, strict=True):
            yield Glyph(character, x, x + scale * width, baseline, size, "")
            x += scale * width
