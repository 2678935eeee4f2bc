"""The characters of a PDF's page, as they are seen: their edges, baselines, sizes and fonts.

What nobody sees on the page is no text: characters drawn without ink, white on white, under a filled area, off the page, or
smaller than print. pdfium's own order of characters is not used: it moves Chinese quotation marks.
"""

import ctypes
import itertools
import math
import statistics
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2.raw as pdfium

from corpus.readers.glyphs import Glyph
from corpus.readers.marks import replace_illegal_characters
from corpus.readers.pdf_drawing import Area, Drawing, address_of, lightness

_MIN_SIZE = 1  # point: smaller characters are not meant to be seen
_SMALL_PRINT, _MIN_SIZE_OF_USUAL = 3.0, 0.25  # points; smaller ones are not either, if most of the page is four times as large
_MAX_FONT_NAME = 256  # bytes
# What the fonts Symbol and Wingdings draw as a bullet.
_BULLETS = dict.fromkeys(map(ord, "\uf0b7\uf06c\uf06e\uf075\uf076\uf0a7\uf0d8\uf0fc"), "•")

_WHITE = 0.96  # lightness from which ink is not told from paper
_NO_INK = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})
_STROKED = frozenset({pdfium.FPDF_TEXTRENDERMODE_STROKE, pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP})
_BOTH = frozenset({pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE, pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE_CLIP})

# Degrees: a scanned page may be askew, and so its hidden text; a watermark is slanted by more.
_MIN_SKEW, _MAX_SKEW = 0.2, 10.0
_QUARTER, _FULL_TURN = 90, 360

# Vertical writing, in characters of their own size.
_MAX_SHIFT = 0.3  # sideways, from one character of a column to the next
_STEP = (0.7, 2.0)  # down
_MIN_STEPS = 8  # on a page that is written so
_ASCENT = 0.88  # of a character above its baseline
_KEEP_ORDER = 1e-3  # of what stands left: two figures set side by side in a column are read from left to right

_SCANNED = 0.5  # of a page that pictures fill: it is a scan


@dataclass(frozen=True, slots=True)
class _Style:
    """How the characters of a text object are set: their font and size, the lightness of their ink, the angle of their line.

    `order` tells when they are drawn; `has_ink` is false where they are drawn without any.
    """

    font: str
    size: float
    lightness: float
    angle: float
    order: int
    has_ink: bool


@dataclass(slots=True)
class _Character:
    """A character in the page's own space, as pdfium gives it: its origin and its box."""

    text: str
    x: float
    y: float
    left: float
    bottom: float
    right: float
    top: float
    style: _Style
    is_doubtful: bool = False

    @property
    def middle(self) -> tuple[float, float]:
        """Return the middle of its box."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


@dataclass(frozen=True, slots=True)
class Frame:
    """The box of a page, and by how many degrees it is turned so that its lines are level: by quarters, and by its skew."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    skew: float = 0.0

    @property
    def size(self) -> tuple[float, float]:
        """Return the width and height of the page as it is turned."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.rotation % 180 else (width, height)

    def as_seen(self, x: float, y: float) -> tuple[float, float]:
        """Map a point of the page's own space, which counts upward, to one from the top left corner of the page as turned."""
        if self.rotation == 90:
            seen = y - self.bottom, x - self.left
        elif self.rotation == 180:
            seen = self.right - x, y - self.bottom
        elif self.rotation == 270:
            seen = self.top - y, self.right - x
        else:
            seen = x - self.left, self.top - y
        if not self.skew:
            return seen
        cos, sin = math.cos(math.radians(self.skew)), math.sin(math.radians(self.skew))
        return seen[0] * cos - seen[1] * sin, seen[1] * cos + seen[0] * sin

    def contains(self, x: float, y: float) -> bool:
        """Return whether a point of the page's own space lies on the page."""
        return self.left <= x <= self.right and self.bottom <= y <= self.top


@dataclass(frozen=True, slots=True)
class Sheet:
    """The characters of a page, turned so that most lines are level; `turned`, those of other lines, in frames of their own.

    `size` is the width and height of the page so turned. `is_vertical` tells that its lines run down, and so were laid down;
    `is_pictured` that pictures fill most of it, as a scan does.
    """

    frame: Frame
    size: tuple[float, float]
    glyphs: list[Glyph]
    turned: list[list[Glyph]]
    is_vertical: bool
    is_pictured: bool


def read_sheet(page: Any, drawing: Drawing) -> Sheet:
    """Return the characters that are seen on a page, and those of a scan's hidden layer."""
    characters = list(_read_characters(page, drawing))
    box = _find_box(page, characters)
    characters = [character for character in characters if box.contains(*character.middle)]
    by_way: dict[int, list[_Character]] = {}
    is_pictured = _is_pictured(drawing, box)
    for character in _without_small_print(_without_hidden(characters, drawing, is_pictured=is_pictured)):
        way = round(character.style.angle / _QUARTER) * _QUARTER
        if abs(character.style.angle - way) < _MAX_SKEW:  # what is slanted by more is a watermark
            by_way.setdefault(way % _FULL_TURN, []).append(character)
    ways = sorted(by_way, key=lambda way: len(by_way[way]), reverse=True) or [box.rotation]
    frames = [replace(box, rotation=way, skew=_skew(by_way.get(way, ()), way)) for way in ways]
    glyphs, *turned = [[_as_seen(one, frame) for one in by_way.get(frame.rotation, ())] for frame in frames]
    frame = frames[0]
    width, height = frame.size
    if is_vertical := _runs_down(glyphs):
        glyphs = [_laid_down(glyph, width) for glyph in glyphs]
    size = (height, width) if is_vertical else (width, height)
    return Sheet(frame, size, glyphs, turned, is_vertical, is_pictured)


def _skew(characters: Sequence[_Character], way: int) -> float:
    """Return by how many degrees lines that run one way are askew, 0 where it is too little to matter."""
    skew = (
        statistics.median((one.style.angle - way + _FULL_TURN / 2) % _FULL_TURN for one in characters) - _FULL_TURN / 2
        if characters
        else 0.0
    )
    return skew if abs(skew) > _MIN_SKEW else 0.0


def _find_box(page: Any, characters: Sequence[_Character]) -> Frame:
    """Return the frame of what is shown of a page.

    Some programs turn a page and exchange the sides of its box, too, so that half of its text would lie outside; then what is
    shown is taken for the box with its sides as they were.
    """
    left, bottom, right, top = page.get_bbox()
    box = Frame(left, bottom, right, top, page.get_rotation())
    if box.rotation % 180:
        exchanged = Frame(left, bottom, left + top - bottom, bottom + right - left, box.rotation)
        if not all(box.contains(*one.middle) for one in characters) and all(
            exchanged.contains(*one.middle) for one in characters
        ):
            return exchanged
    return box


# --- as pdfium gives them -------------------------------------------------------------------------------


def _read_characters(page: Any, drawing: Drawing) -> Iterator[_Character]:
    """Yield the characters of a page, without those that pdfium makes up (blanks, line ends)."""
    text = page.get_textpage()
    reader = _StyleReader(text.raw, drawing)
    x, y = ctypes.c_double(), ctypes.c_double()
    box = pdfium.FS_RECTF()
    styles: dict[int, _Style] = {}
    for i in range(pdfium.FPDFText_CountChars(text.raw)):
        character = chr(pdfium.FPDFText_GetUnicode(text.raw, i))
        if character in "\r\n\t\x00" or pdfium.FPDFText_IsGenerated(text.raw, i) == 1:
            continue
        item = pdfium.FPDFText_GetTextObject(text.raw, i)
        address = address_of(item)
        style = styles.get(address)
        if style is None:
            style = styles[address] = reader.read(i, item, address)
        pdfium.FPDFText_GetCharOrigin(text.raw, i, x, y)
        pdfium.FPDFText_GetLooseCharBox(text.raw, i, box)
        places = (x.value, y.value, box.left, box.bottom, box.right, box.top)
        if style.size > _MIN_SIZE and math.isfinite(sum(places)):
            yield _Character(replace_illegal_characters(character.translate(_BULLETS)), *places, style)


class _StyleReader:
    """Reads how text objects are set. Some programs make one of each character, so what pdfium writes into is made once."""

    def __init__(self, text: Any, drawing: Drawing) -> None:
        self._text = text
        self._drawing = drawing
        self._matrix = pdfium.FS_MATRIX()
        self._name, self._flags = ctypes.create_string_buffer(_MAX_FONT_NAME), ctypes.c_int()
        self._color = tuple(ctypes.c_uint() for _ in range(4))

    def read(self, i: int, item: Any, address: int) -> _Style:
        """Return how a text object is set, `item` at `address`, of which `i` is a character."""
        text, matrix, name = self._text, self._matrix, self._name
        pdfium.FPDFText_GetMatrix(text, i, matrix)
        length = pdfium.FPDFText_GetFontInfo(text, i, name, _MAX_FONT_NAME, self._flags)  # with its end mark; 0 if unknown
        mode = pdfium.FPDFTextObj_GetTextRenderMode(item) if address else pdfium.FPDF_TEXTRENDERMODE_FILL
        light = 1.0 if mode in _STROKED else self._read_lightness(pdfium.FPDFText_GetFillColor, i)
        if mode in _STROKED | _BOTH:
            light = min(light, self._read_lightness(pdfium.FPDFText_GetStrokeColor, i))
        return _Style(
            font=name.raw[: max(0, length - 1)].decode("utf-8", "replace") if length <= _MAX_FONT_NAME else "",
            size=pdfium.FPDFText_GetFontSize(text, i) * math.hypot(matrix.c, matrix.d),
            lightness=light,
            angle=math.degrees(math.atan2(matrix.b, matrix.a)) if matrix.b else 0.0 if matrix.a > 0 else _FULL_TURN / 2,
            order=self._drawing.texts.get(address, -1),
            has_ink=mode not in _NO_INK,
        )

    def _read_lightness(self, read: Callable[..., int], i: int) -> float:
        """Return how light a colour of a character is, by one of pdfium's functions; black where it is a pattern."""
        red, green, blue, alpha = self._color
        if not read(self._text, i, red, green, blue, alpha):
            return 0.0
        return lightness(red.value, green.value, blue.value, alpha.value)


# --- what is seen ---------------------------------------------------------------------------------------


def _is_pictured(drawing: Drawing, box: Frame) -> bool:
    """Return whether pictures fill most of a page; a scanner may cut it into strips."""
    width, height = box.size
    filled = sum((area.right - area.left) * (area.top - area.bottom) for area in drawing.pictures)
    return filled > _SCANNED * width * height


def _without_hidden(characters: Sequence[_Character], drawing: Drawing, *, is_pictured: bool) -> Iterator[_Character]:
    """Yield the characters that are seen, and those that lie unseen over or under a picture as a scanner's guess."""
    may_cover = bool(drawing.fills or drawing.pictures)
    covers: dict[int, list[Area]] = {}
    for character in characters:
        style = character.style
        if not may_cover and style.has_ink and style.lightness < _WHITE:
            yield character
            continue
        x, y = character.middle
        if style.order not in covers:
            covers[style.order] = drawing.covers(style.order)
        covered = next((area for area in covers[style.order] if area.contains(x, y) and drawing.is_opaque(area)), None)
        if covered is None and style.has_ink:
            if style.lightness < _WHITE or any(area.order < style.order and area.contains(x, y) for area in drawing.grounds):
                yield character
        elif (is_pictured and covered in drawing.pictures) or (
            not style.has_ink and any(area.contains(x, y) for area in drawing.pictures)
        ):
            character.is_doubtful = True
            yield character


def _without_small_print(characters: Iterator[_Character]) -> Iterator[_Character]:
    """Yield the characters that are not far smaller than those of the page, and than print can be."""
    kept = list(characters)
    usual = statistics.median(character.style.size for character in kept) if kept else 0.0
    smallest = min(_SMALL_PRINT, _MIN_SIZE_OF_USUAL * usual)
    return (character for character in kept if character.style.size >= smallest)


def _as_seen(character: _Character, frame: Frame) -> Glyph:
    """Return a character as it stands on the page turned like the frame."""
    size = character.style.size
    left, baseline = frame.as_seen(character.x, character.y)
    right = max(frame.as_seen(character.left, character.bottom)[0], frame.as_seen(character.right, character.top)[0], left)
    if unicodedata.east_asian_width(character.text) in "WF":
        right = max(right, left + size)  # of some characters pdfium knows the ink only
    style = character.style
    return Glyph(character.text, left, right, baseline, size, style.font, style.lightness, character.is_doubtful)


# --- vertical writing -----------------------------------------------------------------------------------


def _runs_down(glyphs: Sequence[Glyph]) -> bool:
    """Return whether most characters stand below the one before them, and not beside it."""
    down = along = 0
    for above, below in itertools.pairwise(glyphs):
        size = max(above.size, below.size)
        if abs(below.left - above.left) < _MAX_SHIFT * size and _STEP[0] < (below.baseline - above.baseline) / size < _STEP[1]:
            down += 1
        elif abs(below.baseline - above.baseline) < _MAX_SHIFT * size:
            along += 1
    return down >= _MIN_STEPS and down > along


def _laid_down(glyph: Glyph, width: float) -> Glyph:
    """Return a character of a column as one of a line: columns run from right to left, so the page is turned by a quarter."""
    left = glyph.baseline - _ASCENT * glyph.size + _KEEP_ORDER * glyph.left
    baseline = width - (glyph.left + glyph.right) / 2 + glyph.size / 2
    return Glyph(glyph.text, left, left + glyph.size, baseline, glyph.size, glyph.font, glyph.lightness, glyph.is_doubtful)
