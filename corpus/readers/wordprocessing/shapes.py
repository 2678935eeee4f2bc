"""Find what floats over the text or stands in it as a picture: text boxes, WordArt, pictures, charts, embedded objects.

A page of Word 97 (VML) and one of today (DrawingML) draw them with different elements; both tell where on the page they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from corpus.readers.wordprocessing.names import as_number, choose, is_alternatives, name, w

LeftOutKind = Literal["struck", "charts", "embedded", "equations"]
Place = Literal[
    "top of page", "far above", "before", "after"
]  # of a shape: on its page, or beside the paragraph that it is anchored in

_EMU = {"pt": 12_700, "in": 914_400, "cm": 360_000, "mm": 36_000, "px": 9_525, "pc": 152_400, "": 12_700}  # English metric units
_TOP = 2_700_000  # EMU from the upper edge, a quarter of A4: where the name of a series stands
_FAR = 720_000  # EMU, some three lines: what stands that far above its paragraph may stand above those before it
_LENGTH = re.compile(r"\A\s*+(-?[\d.]{1,12})\s*+([a-z]*)")
_WATERMARK = "watermark"  # in the name that Word gives to one
_ANCHOR, _INLINE = name("wp:anchor"), name("wp:inline")
_TEXT_BOX, _WORD_ART = w("txbxContent"), name("v:textpath")
_BLIP, _IMAGE_DATA = name("a:blip"), name("v:imagedata")
_CHARTS = {name("c:chart"), name("dgm:relIds"), "{http://schemas.microsoft.com/office/drawing/2014/chartex}chart"}


@dataclass(frozen=True, slots=True)
class TextBox:
    """A text box, or WordArt, whose `content` is its text."""

    content: Any
    place: Place


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, by the relation to its part; its size on the page in EMU, 0 where that is not told."""

    relation: str
    width: int
    height: int
    place: Place = "after"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is no text."""

    what: LeftOutKind
    place: Place = "after"


Shape = TextBox | Picture | LeftOut


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a drawing stands, and its size in EMU."""

    place: Place = "after"
    width: int = 0
    height: int = 0


def find_shapes(element: Any, frame: _Frame = _Frame()) -> Iterator[Shape]:
    """Yield the shapes in a drawing (w:drawing, w:pict, w:object), but not those inside a text box of it."""
    if element.tag == w("object"):
        identifier = next((ole.get("ProgID", "") for ole in element.iter(name("o:OLEObject"))), "")
        yield LeftOut("equations" if identifier.startswith(("Equation", "MathType")) else "embedded")
        return
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        if is_alternatives(child):
            chosen = choose(child)
            if chosen is not None:
                yield from find_shapes(chosen, frame)
        elif tag == _TEXT_BOX:
            yield TextBox(child, frame.place)
        elif tag == _WORD_ART:
            if text := child.get("string", "").strip():
                yield TextBox(text, frame.place)
        elif tag in _CHARTS:
            yield LeftOut("charts", frame.place)
        elif tag in (_BLIP, _IMAGE_DATA):
            relation = child.get(name("r:embed")) or child.get(name("r:id"))
            if relation:
                yield Picture(relation, frame.width, frame.height, frame.place)
        elif tag in (_ANCHOR, _INLINE):
            if not _is_hidden(child):
                yield from find_shapes(child, _frame_of_drawing(child))
        elif (style := child.get("style")) is not None:
            if not _is_out_of_sight(child, style):
                yield from find_shapes(child, _frame_of_style(style, frame))
        else:
            yield from find_shapes(child, frame)


def _is_hidden(drawing: Any) -> bool:
    properties = drawing.find(name("wp:docPr"))
    return properties is not None and properties.get("hidden") in ("1", "true")


def _is_out_of_sight(shape: Any, style: str) -> bool:
    return "visibility:hidden" in style.replace(" ", "") or _WATERMARK in (shape.get("id") or "").lower()


def _frame_of_drawing(drawing: Any) -> _Frame:
    extent = drawing.find(name("wp:extent"))
    width, height = (as_number(extent.get(side), 0) for side in ("cx", "cy")) if extent is not None else (0, 0)
    position = drawing.find(name("wp:positionV"))
    if position is None:
        return _Frame("after", width, height)
    offset, aligned = position.findtext(name("wp:posOffset")), position.findtext(name("wp:align"))
    lies_on_page = position.get("relativeFrom") in ("page", "margin", "topMargin")
    return _Frame(_place(as_number(offset, 0 if aligned == "top" else _TOP), lies_on_page), width, height)


def _frame_of_style(style: str, around: _Frame) -> _Frame:
    """Return the frame that the style of a VML shape tells, or the one around it."""
    told = {key.strip(): value for key, _, value in (part.partition(":") for part in style.split(";"))}
    width, height = _length(told.get("width"), around.width), _length(told.get("height"), around.height)
    if told.get("position", "").strip() != "absolute" or "margin-top" not in told:
        return _Frame(around.place, width, height)
    lies_on_page = told.get("mso-position-vertical-relative", "").strip() in ("page", "margin", "top-margin-area")
    return _Frame(_place(_length(told["margin-top"], _TOP), lies_on_page), width, height)


def _place(offset: int, lies_on_page: bool) -> Place:
    if lies_on_page:
        return "top of page" if offset < _TOP else "after"
    return "after" if offset >= 0 else "before" if offset > -_FAR else "far above"


def _length(text: str | None, default: int) -> int:
    """Return a length of CSS in EMU."""
    found = _LENGTH.match(text or "")
    try:
        return int(float(found[1]) * _EMU[found[2]]) if found else default
    except (ValueError, KeyError):
        return default
