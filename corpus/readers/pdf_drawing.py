"""What a PDF's page draws beside its characters, in the order in which it is drawn: pictures, filled areas, paths."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

_MAX_NESTING = 3  # of forms in forms
_THIN = 3.0  # points: what is thinner is a rule and covers nothing
_MAX_RECTANGLE = 6  # segments of a rectangle's path; a shape of more may leave open what lies within its bounds
_MAX_SEGMENTS = 2_000  # of a path: one of more is no rule
_MAX_FILLS = 500  # on a page; a drawing has more, and hides no text
_OPAQUE = 255
_MAX_PICTURE = 4_000_000  # square points; of a larger picture the pixels are not looked at
_LIGHT = 0.96  # of white: what is lighter is not told from paper

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Area(NamedTuple):
    """A picture, or an area filled with one colour: its edges in the page's own space, and when it is drawn."""

    left: float
    bottom: float
    right: float
    top: float
    order: int
    item: Any  # pdfium's object

    def contains(self, x: float, y: float) -> bool:
        """Return whether a point lies inside."""
        return self.left <= x <= self.right and self.bottom <= y <= self.top


@dataclass(slots=True)
class Drawing:
    """All that a page draws. `texts` tells when each text object (by its address) is drawn.

    `grounds` are the areas that are not as white as paper, on which white characters can be seen; `fills` the opaque ones,
    which hide what was drawn before them.
    """

    page: Any
    pictures: list[Area] = field(default_factory=list)
    grounds: list[Area] = field(default_factory=list)
    fills: list[Area] = field(default_factory=list)
    paths: list[tuple[Any, Matrix]] = field(default_factory=list)
    texts: dict[int, int] = field(default_factory=dict)
    _opaque: dict[int, bool] = field(default_factory=dict)  # by the order of a picture

    def edges(self) -> Iterator[tuple[Point, Point]]:
        """Yield the straight edges of all paths, from point to point of the page's own space."""
        for path, matrix in self.paths:
            yield from _edges(path, matrix)

    def covers(self, order: int) -> list[Area]:
        """Return the areas that may hide what is drawn at `order`: those drawn later."""
        return [area for area in (*self.fills, *self.pictures) if area.order > order]

    def is_opaque(self, area: Area) -> bool:
        """Return whether nothing can be seen through a cover: a seal's picture shows what lies under it."""
        if pdfium.FPDFPageObj_GetType(area.item) != pdfium.FPDF_PAGEOBJ_IMAGE:
            return True
        if area.order not in self._opaque:
            small = (area.right - area.left) * (area.top - area.bottom) < _MAX_PICTURE
            self._opaque[area.order] = small and _is_opaque(self.page, area.item)
        return self._opaque[area.order]


def read_drawing(page: Any) -> Drawing:
    """Return what a page draws, also inside its forms."""
    drawing = Drawing(page)
    for order, (item, kind, matrix) in enumerate(_walk(page.raw, _IDENTITY, 0)):
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            drawing.texts[address_of(item)] = order
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            drawing.paths.append((item, matrix))
            _add_fill(drawing, item, matrix, order)
        elif kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING):
            _add_picture(drawing, item, matrix, order)
    if len(drawing.fills) > _MAX_FILLS:
        drawing.fills.clear()
    return drawing


def address_of(item: Any) -> int:
    """Return what tells one object of a page from another; 0 for none."""
    return ctypes.cast(item, ctypes.c_void_p).value or 0


def _walk(container: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, int, Matrix]]:
    """Yield the objects of a page or form, with their kinds and the matrix from their space to the page's."""
    count, get = (
        (pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject)
        if depth
        else (pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject)
    )
    for i in range(count(container)):
        item = get(container, i)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind != pdfium.FPDF_PAGEOBJ_FORM:
            yield item, kind, matrix
        elif depth < _MAX_NESTING:
            inner = pdfium.FS_MATRIX()
            pdfium.FPDFPageObj_GetMatrix(item, inner)
            own = (inner.a, inner.b, inner.c, inner.d, inner.e, inner.f)
            yield from _walk(item, multiply(own, matrix), depth + 1)


def _add_fill(drawing: Drawing, path: Any, matrix: Matrix, order: int) -> None:
    mode, has_line = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(path, mode, has_line) or mode.value == pdfium.FPDF_FILLMODE_NONE:
        return
    bounds = _bounds(path, matrix)
    if bounds is None:
        return
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    known = bool(pdfium.FPDFPageObj_GetFillColor(path, red, green, blue, alpha))
    is_opaque = known and alpha.value == _OPAQUE and not pdfium.FPDFPageObj_HasTransparency(path)
    area = Area(*bounds, order, path)
    if not known or lightness(red.value, green.value, blue.value, alpha.value) < _LIGHT:
        drawing.grounds.append(area)
    if is_opaque and pdfium.FPDFPath_CountSegments(path) <= _MAX_RECTANGLE:
        drawing.fills.append(area)


def _add_picture(drawing: Drawing, item: Any, matrix: Matrix, order: int) -> None:
    bounds = _bounds(item, matrix)
    if bounds is None:
        return
    area = Area(*bounds, order, item)
    drawing.grounds.append(area)
    if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_IMAGE:
        drawing.pictures.append(area)


def _is_opaque(page: Any, picture: Any) -> bool:
    """Return whether no pixel of a picture lets through what lies under it."""
    if pdfium.FPDFPageObj_HasTransparency(picture):
        return False
    bitmap = pdfium.FPDFImageObj_GetRenderedBitmap(page.pdf.raw, page.raw, picture)
    if not bitmap:
        return False
    try:
        if pdfium.FPDFBitmap_GetFormat(bitmap) != pdfium.FPDFBitmap_BGRA:
            return True
        size = pdfium.FPDFBitmap_GetStride(bitmap) * pdfium.FPDFBitmap_GetHeight(bitmap)
        pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), size)
        return pixels[3::4].count(_OPAQUE) == len(pixels) // 4
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)


def _bounds(item: Any, matrix: Matrix) -> tuple[float, float, float, float] | None:
    """Return the edges of an object in the page's own space: left, bottom, right, top; None if it is as thin as a rule."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return None
    corners = [transform(matrix, x.value, y.value) for x in (left, right) for y in (bottom, top)]
    xs, ys = zip(*corners, strict=True)
    if not (max(xs) - min(xs) > _THIN and max(ys) - min(ys) > _THIN):
        return None
    return min(xs), min(ys), max(xs), max(ys)


def lightness(red: int, green: int, blue: int, alpha: int) -> float:
    """Return how light a colour is on paper, from 0 (black) to 1 (white); weights after ITU-R BT.601."""
    opacity = alpha / _OPAQUE
    return 1.0 - opacity * (1.0 - (0.299 * red + 0.587 * green + 0.114 * blue) / _OPAQUE)


def transform(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Map a point by a matrix (ISO 32000-2, 8.3.4)."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that maps by `first`, then by `second`."""
    a, b, c, d, e, f = first
    left, bottom = transform(second, e, f)
    p, q, r, s, _, _ = second
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, left, bottom


def _edges(path: Any, container: Matrix) -> Iterator[tuple[Point, Point]]:
    """Yield the straight edges of a path, from point to point. `container` maps the space of its form to the page's."""
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(path, own)
    matrix = multiply((own.a, own.b, own.c, own.d, own.e, own.f), container)
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = None
    for i in range(min(pdfium.FPDFPath_CountSegments(path), _MAX_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(path, i)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = transform(matrix, x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_LINETO and last is not None:
            yield last, point
        elif kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment) and first is not None:
            yield last, first
