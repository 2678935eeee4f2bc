"""Scanned pages and photographs, by RapidOCR, which carries its models. An optional extra: requirements-ocr.txt.

A page is turned upright by the angle at which its lines are sharpest, then read line by line; lines that OCR is unsure of are
marked.
"""

import functools
import importlib.util
import io
import logging
import os
import re
import statistics
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.marks import replace_illegal_characters
from corpus.readers.pages import assemble
from corpus.readers.reading_order import Line, Page

READER = "scan-1"

DPI = 200  # of a PDF's page before it is read; finer ones are no better and slower
# Confidence of a line. Of 175 lines of eight pages, blurred and noisy, 84 had 0.98 or more, 82 of these right to the letter; of
# the 91 below it 7 were.
_MIN_CONFIDENCE = 0.97
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
    import numpy as np

    image = _straighten(image)
    found = _engine()(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]))
    boxes = []
    if found.boxes is not None:
        boxes = [
            _Box.of(text, confidence, corners)
            for text, confidence, corners in zip(found.txts, found.scores, found.boxes * scale, strict=True)
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

    threads = min(_MAX_THREADS, os.cpu_count() or 1)
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
