"""Scanned pages and photographs, by RapidOCR, which carries its models. An optional extra: requirements-ocr.txt.

A page is straightened by the angle at which its lines are sharpest and turned by quarters until it can be read, then read line
by line; lines that OCR is unsure of, and those under a seal, are marked.
"""

import functools
import importlib.util
import io
import logging
import re
import statistics
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.cores import usable_cores
from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.marks import replace_illegal_characters
from corpus.readers.pages import assemble
from corpus.readers.reading_order import Line, Page

READER = "scan-2"

DPI = 200  # of a PDF's page before it is read; finer ones are no better and slower
# Confidence of a line. Of 175 lines of eight pages, blurred and noisy, 84 had 0.98 or more, 82 of these right to the letter; of
# the 91 below it 7 were.
_MIN_CONFIDENCE = 0.97
_UPRIGHT = 0.85  # mean confidence of a page's characters below which it is tried turned: the wrong way round it is below 0.8
_QUARTERS = (90, 180, 270)  # degrees
_TURNING_SIDE = 1_600  # pixels of the picture on which the way round is looked for
# A seal over a line: how much redder than green and blue its ink is, and how dark that of the text, of 255; how much of the one
# there is at least for the other; the heights of a line above and below it at which the seal goes on.
_RED, _DARK = 60, 120
_MIN_RED, _MIN_DARK = 0.02, 0.2
_BEYOND = 0.3
MAX_SIDE = 4_000  # pixels: what is larger is made smaller first
_MAX_PIXELS = 100_000_000  # A3 at 600 dpi has 70 million
MAX_PAGES = 200
_MIN_EMS = 4.0  # of a line whose length tells the size of its characters
# Angles in degrees: how skewed a page may be, and the steps in which its angle is looked for. To turn it by less than the last
# blurs it for nothing.
_MAX_SKEW, _COARSE_STEP, _FINE_STEP, _MIN_SKEW = 4.0, 0.5, 0.1, 0.15
_SKEW_SIDE = 700  # pixels of the picture on which the angle is looked for
_MAX_THREADS = 4
_NARROW = re.compile("(?<=[\u4e00-\u9fff”》）])[:;!?()]|[:;!?()](?=[\u4e00-\u9fff“《（])")
_WIDE = {ord(mark): ord(mark) + 0xFEE0 for mark in ":;!?()"}


def is_installed() -> bool:
    """Return whether the extra is installed."""
    return all(importlib.util.find_spec(module) is not None for module in ("rapidocr", "onnxruntime"))


def not_installed_message(what: str | tuple[Message, ...]) -> Message:
    """Return the message for a file, or for pages of one, that take OCR, where it is not installed."""
    return Message.of("corpus.readers.ocr_not_installed", what=what)


def ocr_warning(pages: Sequence[int]) -> Message:
    """Return the warning about pages (counted from 0) that were read by OCR."""
    return Message.of("corpus.readers.read_by_ocr", pages=tuple(i + 1 for i in pages))


def read_scan(data: bytes, *, name: str, on_page: Callable[[int], None] = lambda number: None) -> ExtractedText:
    """Read an image file; a TIFF file may hold several pages.

    Args: on_page: called with the number of each page read.
    Raises: UnreadableFileError: it is no image, is damaged, is too large, or the extra is not installed.
    """
    if not is_installed():
        raise UnreadableFileError(not_installed_message(name))
    pages = []
    for number, picture in enumerate(_pictures(data, name=name), 1):
        picture.thumbnail((MAX_SIDE, MAX_SIDE))
        pages.append(recognise(picture))
        on_page(number)
    return assemble(pages, reader=READER, warnings=(ocr_warning(range(len(pages))),))


def _pictures(data: bytes, *, name: str) -> Iterator[Any]:
    """Yield the pictures of an image file (a TIFF file may hold several), each turned as the camera says.

    Raises: UnreadableFileError: it is no image, is damaged, or is too large.
    """
    from PIL import Image, ImageOps, ImageSequence

    Image.MAX_IMAGE_PIXELS = None  # our own limit stands below
    try:
        with Image.open(io.BytesIO(data)) as file:
            for number, frame in enumerate(ImageSequence.Iterator(file), 1):
                if frame.width * frame.height > _MAX_PIXELS or number > MAX_PAGES:
                    raise UnreadableFileError(
                        Message.of(
                            "corpus.readers.large_image", document=name, width=frame.width, height=frame.height, number=number
                        )
                    )
                yield ImageOps.exif_transpose(frame).convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, AttributeError, KeyError, IndexError, OverflowError) as error:
        raise UnreadableFileError(Message.of("corpus.readers.damaged_image", document=name, cause=str(error))) from error


def recognise(image: Any, *, scale: float = 1.0) -> Page:
    """Read the lines of a page's picture.

    Args: scale: the size of a pixel, in the unit of the lines that are returned.
    """
    image, found = _read_upright(image)
    boxes = []
    if found.boxes is not None:
        pixels = _pixels(image)
        boxes = [
            _Box.of(text, 0.0 if _is_stamped(pixels, corners) else confidence, corners * scale)
            for text, confidence, corners in zip(found.txts, found.scores, found.boxes, strict=True)
            if text.strip()
        ]
    # Two measures of the size of characters, the smaller of which is taken: how many fill a line, which is too large where a line
    # is stretched to the margin; and its height, which is too large where the box is. With a few characters both are.
    long = [box for box in boxes if box.ems >= _MIN_EMS]
    body_size = statistics.median([box.width / box.ems for box in long] or [box.height for box in boxes] or [1.0])
    size_by_height = statistics.median([box.width / box.ems / box.height for box in long] or [1.0])
    lines = [
        Line(
            [(_widen_marks(replace_illegal_characters(box.text)), False)],
            left=box.left,
            right=box.left + box.width,
            baseline=box.top + box.height / 2,
            size=min(box.width / box.ems, size_by_height * box.height) if box.ems >= _MIN_EMS else body_size,
            low_confidence=box.confidence < _MIN_CONFIDENCE,
        )
        for box in boxes
    ]
    return Page(image.height * scale, tuple(lines))


def _read_upright(image: Any) -> tuple[Any, Any]:
    """Return a picture made straight and what OCR finds on it; one that was scanned sideways or upside down is turned first."""
    straight, found = _read_straight(image)
    confidence = _mean_confidence(found)
    if found.boxes is None or confidence >= _UPRIGHT:
        return straight, found
    small = image.copy()
    small.thumbnail((_TURNING_SIDE, _TURNING_SIDE))
    confidences = {quarter: _mean_confidence(_read_straight(_turned(small, quarter))[1]) for quarter in _QUARTERS}
    best = max(confidences, key=lambda quarter: confidences[quarter])
    return _read_straight(_turned(image, best)) if confidences[best] > confidence else (straight, found)


def _read_straight(image: Any) -> tuple[Any, Any]:
    straight = _straighten(image)
    return straight, _engine()(_pixels(straight))


def _turned(image: Any, quarter: int) -> Any:
    return image.rotate(quarter, expand=True)


def _mean_confidence(found: Any) -> float:
    """Return the mean confidence of the characters that OCR found, 0 if there are none.

    The engine turns a line that is higher than wide by itself, and reads it, but its place on the page is that of a turned one.
    """
    if found.boxes is None:
        return 0.0
    sure = total = 0.0
    for text, score, corners in zip(found.txts, found.scores, found.boxes, strict=True):
        width, height = corners.max(axis=0) - corners.min(axis=0)
        sure += len(text) * float(score) if width > height or len(text) == 1 else 0.0
        total += len(text)
    return sure / max(1.0, total)


def _pixels(image: Any) -> Any:
    """Return a picture as the engine takes it: rows of pixels, each blue, green, red."""
    import numpy as np

    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def _is_stamped(pixels: Any, corners: Any) -> bool:
    """Return whether a red seal runs through a line: red ink beside dark, which goes on above or below the line.

    A line that is printed in red, or has red words, ends at its own height.
    """
    (left, top), (right, bottom) = corners.min(axis=0).astype(int).clip(0), corners.max(axis=0).astype(int).clip(0)
    margin = int(_BEYOND * (bottom - top))
    band = pixels[max(0, top - margin) : bottom + margin, left:right].astype(int)
    inside = slice(min(top, margin), min(top, margin) + bottom - top)
    red = band[:, :, 2] - band[:, :, :2].max(axis=2) > _RED
    dark = (band.max(axis=2) < _DARK)[inside].sum()
    above, below = red[: inside.start // 2], red[(inside.stop + len(red)) // 2 :]
    runs_on = above.any(axis=0) | below.any(axis=0)
    in_line = red[inside].sum()
    return bool(dark > _MIN_DARK * in_line and in_line > _MIN_RED * dark and (red[inside].any(axis=0) & runs_on).any())


@dataclass(frozen=True, slots=True)
class _Box:
    """A line as OCR sees it; `ems` is how many square characters would fill it."""

    text: str
    confidence: float
    left: float
    top: float
    width: float
    height: float
    ems: float

    @classmethod
    def of(cls, text: str, confidence: float, corners: Any) -> "_Box":
        """Args: corners: shape (4, 2): x and y of each."""
        (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        ems = sum(1.0 if unicodedata.east_asian_width(character) in "WF" else 0.5 for character in text)
        return cls(text, confidence, left, top, right - left, bottom - top, ems)


def _widen_marks(text: str) -> str:
    """Return `text` with the marks beside Chinese characters full width, as they are printed: OCR takes ： for : now and then."""
    return _NARROW.sub(lambda mark: mark[0].translate(_WIDE), text)


@functools.cache
def _engine() -> Any:
    logging.disable(logging.INFO)  # it logs every model that it loads
    from rapidocr import RapidOCR

    threads = min(_MAX_THREADS, usable_cores())
    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.text_score": 0.0,  # nothing is dropped: what OCR is unsure of is marked
            "Global.use_cls": False,
        }
    )


def _straighten(image: Any) -> Any:
    """Turn a picture so that its lines are level: then the rows of pixels differ most from each other."""
    import numpy as np
    from PIL import Image

    small = image.convert("L")
    small.thumbnail((_SKEW_SIDE, _SKEW_SIDE))

    def sharpness(angle: float) -> float:
        turned = small.rotate(angle, resample=Image.Resampling.BILINEAR, fillcolor=255)
        rows = np.asarray(turned, dtype=np.float32).sum(axis=1)
        return float(np.square(np.diff(rows)).sum())

    # Half a step beyond the end, which so belongs to what is tried.
    coarse = max(np.arange(-_MAX_SKEW, _MAX_SKEW + _COARSE_STEP / 2, _COARSE_STEP), key=sharpness)
    angle = max(np.arange(coarse - _COARSE_STEP, coarse + _COARSE_STEP + _FINE_STEP / 2, _FINE_STEP), key=sharpness)
    if abs(angle) < _MIN_SKEW:
        return image
    return image.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor="white")
