"""Small PDFs for tests, written by hand: texts that are turned, coloured, hidden or covered, pictures, annotations."""

import math
import zlib
from collections.abc import Sequence

from benchmarks.rendering import bare_pdf

HEIGHT = 842  # points, of A4


def text(words: str, left: float, base: float, *, size: float = 16, turned: float = 0, color: str = "0 g", mode: int = 0) -> str:
    """Return the drawing of a text. `base` counts from the page's top; `turned` are degrees against the clock."""
    cos, sin = math.cos(math.radians(turned)), math.sin(math.radians(turned))
    place = f"{cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {left} {HEIGHT - base} Tm"
    return f"q {color} BT /F0 {size} Tf {mode} Tr {place} <{words.encode('utf-16-be').hex()}> Tj ET Q\n"


def body(*lines: str, top: float = 150, size: float = 16) -> str:
    """Return the drawing of lines below each other; a full-width blank at the beginning sets one in."""
    return "".join(text(line, 72, top + 28 * row, size=size) for row, line in enumerate(lines))


def box(left: float, top: float, right: float, bottom: float, *, color: str = "0 g") -> str:
    """Return the drawing of a filled rectangle."""
    return f"q {color} {left} {HEIGHT - bottom} {right - left} {bottom - top} re f Q\n"


def picture(left: float, top: float, right: float, bottom: float, *, name: str = "Grey") -> str:
    """Return the drawing of a picture: Grey, or Seal, which can be seen through."""
    return f"q {right - left} 0 0 {bottom - top} {left} {HEIGHT - bottom} cm /{name} Do Q\n"


def pdf(*pages: str, attributes: str = "", annotations: Sequence[str] = ()) -> bytes:
    """Return a PDF of drawings. `attributes` and `annotations` are those of each page, as the file writes them."""
    mask = "/SMask 91 0 R"
    pixels = {
        90: ("/DeviceGray", 8, b"\x99" * 64, ""),
        91: ("/DeviceGray", 8, b"\x00\xff" * 32, ""),
        92: ("/DeviceGray", 8, b"\x40" * 64, mask),
    }
    extra = b""
    for number, (space, bits, data, more) in pixels.items():
        packed = zlib.compress(data)
        head = (
            f"<</Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace{space}/BitsPerComponent {bits}/Filter/FlateDecode{more}"
        )
        extra += f"{number} 0 obj{head}/Length {len(packed)}>>stream\n".encode() + packed + b"\nendstream endobj\n"
    for number, annotation in enumerate(annotations, 93):
        extra += f"{number} 0 obj<</Type/Annot{annotation}>>endobj\n".encode()
    notes = " ".join(f"{number} 0 R" for number in range(93, 93 + len(annotations)))
    file = bare_pdf([[] for _ in pages])
    for drawing in pages:
        content = drawing.encode()
        file = file.replace(b"<</Length 0>>stream\n\n", b"<</Length %d>>stream\n%s\n" % (len(content), content), 1)
    file = file.replace(
        b"/Resources<<", b"/Annots[%s]%s/Resources<</XObject<</Grey 90 0 R/Seal 92 0 R>>" % (notes.encode(), attributes.encode())
    )
    return file.replace(b"trailer", extra + b"trailer")
