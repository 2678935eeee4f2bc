"""The characters of a PDF's page, as they are seen: their edges, baselines, sizes and fonts.

pdfium's own order of characters is not used: it moves Chinese quotation marks.
"""

import ctypes
import math
import unicodedata
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from corpus.readers.marks import replace_illegal_characters

MAX_NESTING = 3  # of forms in forms, among which rules and pictures are looked for
_MIN_SIZE = 1  # point: smaller characters are not meant to be seen
_MAX_FONT_NAME = 256  # bytes
# What the fonts Symbol and Wingdings draw as a bullet.
_BULLETS = dict.fromkeys(map(ord, "\uf0b7\uf06c\uf06e\uf075\uf076\uf0a7\uf0d8\uf0fc"), "•")


@dataclass(slots=True)
class Glyph:
    """One character: its edges and baseline in points from the page's top left corner, its size, its font."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    font: str


def read_glyphs(page: Any) -> list[Glyph]:
    """Return the characters of a page, without those that pdfium makes up (blanks, line ends)."""
    text = page.get_textpage()
    frame = Frame.of(page)
    x, y = ctypes.c_double(), ctypes.c_double()
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    name, flags = ctypes.create_string_buffer(_MAX_FONT_NAME), ctypes.c_int()
    glyphs: list[Glyph] = []
    for i in range(pdfium.FPDFText_CountChars(text.raw)):
        character = chr(pdfium.FPDFText_GetUnicode(text.raw, i))
        if pdfium.FPDFText_IsGenerated(text.raw, i) == 1 or character in "\r\n\t\x00":
            continue
        pdfium.FPDFText_GetCharOrigin(text.raw, i, x, y)
        pdfium.FPDFText_GetLooseCharBox(text.raw, i, box)
        pdfium.FPDFText_GetMatrix(text.raw, i, matrix)
        size = pdfium.FPDFText_GetFontSize(text.raw, i) * math.hypot(matrix.c, matrix.d)
        length = pdfium.FPDFText_GetFontInfo(text.raw, i, name, len(name), flags)  # with its end mark; 0 if unknown
        font = name.raw[: max(0, length - 1)].decode("utf-8", "replace") if length <= len(name) else ""
        left, baseline = frame.as_seen(x.value, y.value)
        right = max(frame.as_seen(box.left, box.bottom)[0], frame.as_seen(box.right, box.top)[0])
        if unicodedata.east_asian_width(character) in "WF":
            right = max(right, left + size)  # of some characters pdfium knows the ink only
        if size > _MIN_SIZE and right > left - size and all(map(math.isfinite, (left, right, baseline, size))):
            glyphs.append(Glyph(replace_illegal_characters(character.translate(_BULLETS)), left, right, baseline, size, font))
    return glyphs


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a page as it is seen, and by how many degrees it is turned for that."""

    width: float
    height: float
    rotation: int

    @classmethod
    def of(cls, page: Any) -> "Frame":
        width, height = page.get_size()
        return cls(width, height, page.get_rotation())

    def as_seen(self, x: float, y: float) -> tuple[float, float]:
        """Map a point of the page's own space, which counts upward, to one from the top left corner of the page as it is seen."""
        if self.rotation == 90:
            return y, x
        if self.rotation == 180:
            return self.width - x, y
        if self.rotation == 270:
            return self.width - y, self.height - x
        return x, self.height - y
