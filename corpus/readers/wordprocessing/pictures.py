"""Read the text in pictures of a Word file: sections pasted in as screenshots or scans, which look like text and nothing else.

Photographs are no text, though a banner in one may be. OCR is an extra; without it, what was left out is counted.
"""

import io
import itertools
import re
from collections.abc import Callable
from typing import Any

from corpus.document import ExtractedText
from corpus.readers import scan
from corpus.readers.marks import LOW_END, LOW_START
from corpus.readers.pages import assemble
from corpus.readers.wordprocessing.package import Package
from corpus.readers.wordprocessing.shapes import Picture

# On the page, in EMU: a smaller picture is a seal, a rule or a logo. (4 cm by 1 cm)
_MIN_WIDTH, _MIN_HEIGHT = 1_440_000, 360_000
_MAX_PIXELS = 100_000_000  # A3 at 600 dpi has 70 million
_MAX_SEEN, _MAX_READ = 300, 50  # pictures of one file that are looked at, and that are read
_LOOK = (160, 160)  # pixels of the small copy that is looked at
_SHADE = 16  # levels of grey, of 256, that count as one shade
_MIN_PAPER = 0.55  # share of the pixels that have the two neighbouring shades of the paper; of photographs some 0.2 to 0.4
_SENTENCE = re.compile("[，。；：！？]")  # no banner or signboard has one
_MIN_TEXT = 8  # characters
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, TypeError, AttributeError, KeyError, IndexError, OverflowError)


class PictureReader:
    """Reads the pictures of one file, and counts those that were read and those that could not be."""

    def __init__(self, package: Package, on_page: Callable[[int], None]) -> None:
        """Begin with no picture. Args: on_page: called with the number of each picture read."""
        self._package, self._on_page = package, on_page
        self._seen: set[str] = set()
        self._others: list[str] = []  # not read, since they do not look like text
        self.read = self.unread = 0

    def transcribe(self, picture: Picture, path: str | None) -> str:
        """Return the text of a picture that is one of text, with the marks of what OCR is unsure of; "" for any other.

        Args: path: of its part. A picture that comes again has no text.
        """
        is_small = 0 < picture.width < _MIN_WIDTH or 0 < picture.height < _MIN_HEIGHT
        if path is None or is_small or path in self._seen or len(self._seen) >= _MAX_SEEN:
            return ""
        self._seen.add(path)
        data = self._package.read(path) or b""
        if not _looks_like_text(data):
            self._others.append(path)
            return ""
        return self._recognise(data, is_text=lambda text: len(text) >= _MIN_TEXT and bool(_SENTENCE.search(text)))

    def transcribe_others(self) -> list[str]:
        """Return the texts of the pictures that do not look like text: a file that holds nothing else is a scan."""
        others = map(self._package.read, self._others)
        return [text for data in others if (text := self._recognise(data or b"", is_text=bool))]

    def add(self, other: "PictureReader") -> None:
        """Count the pictures of another file, which stands in this one."""
        self.read += other.read
        self.unread += other.unread

    def _recognise(self, data: bytes, *, is_text: Callable[[str], bool]) -> str:
        image = _open(data)
        if image is None or not scan.is_installed() or self.read >= _MAX_READ:
            self.unread += 1
            return ""
        image.thumbnail((scan.MAX_SIDE, scan.MAX_SIDE))
        extracted = assemble([scan.recognise(image)], reader=scan.READER)
        if not is_text(extracted.text.strip()):
            return ""
        self.read += 1
        self._on_page(self.read)
        return _with_marks(extracted).strip()


def _open(data: bytes) -> Any | None:
    """Return a picture; None where it cannot be read, as drawings of Windows (WMF, EMF) cannot everywhere."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # our own limit stands here
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _MAX_PIXELS:
                return None
            return _on_paper(ImageOps.exif_transpose(image)).convert("RGB")
    except _UNREADABLE:
        return None


def _looks_like_text(data: bytes) -> bool:
    """Return whether most of a picture is of one shade, as paper is; True where it cannot be opened, since it may be text."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _MAX_PIXELS:
                return True
            image.draft("L", _LOOK)  # of a JPEG, no more is decoded than that takes
            pixels = _on_paper(image.resize(_LOOK)).convert("L").histogram()
    except _UNREADABLE:
        return True
    shades = [sum(pixels[start : start + _SHADE]) for start in range(0, len(pixels), _SHADE)]
    return max(map(sum, itertools.pairwise(shades))) >= _MIN_PAPER * _LOOK[0] * _LOOK[1]


def _on_paper(image: Any) -> Any:
    """Return a picture with white behind it, which shows through one without a ground of its own."""
    from PIL import Image

    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)


def _with_marks(extracted: ExtractedText) -> str:
    text, copied = "", 0
    for span in extracted.low_confidence:
        text += extracted.text[copied : span.start] + LOW_START + span.of(extracted.text) + LOW_END
        copied = span.end
    return text + extracted.text[copied:]
