"""Scanned pages and photographs, by RapidOCR, which carries its models. An optional extra: requirements-ocr.txt.

A page is turned upright by the angle at which its lines are sharpest, then read line by line; lines read with little confidence
are marked doubtful.
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
from typing import Any

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.marks import replace_illegal_characters
from corpus.readers.pages import Line, Page, assemble

READER = "scan-1"

DPI = 200  # of a PDF's page before it is read; finer ones are no better and slower
# Confidence of a line. Of 175 lines of eight pages, blurred and noisy, 84 had 0.98 or more, 82 of these right to the letter; of
# the 91 below it 7 were.
_SURE = 0.97
LONGEST_SIDE = 4_000  # pixels: what is larger is made smaller first
_MOST_PIXELS = 100_000_000  # A3 at 600 dpi has 70 million
MOST_PAGES = 200
_STEEPEST = 4.0  # degrees
_NARROW = re.compile("(?<=[\u4e00-\u9fff”》）])[:;!?()]|[:;!?()](?=[\u4e00-\u9fff“《（])")
_WIDE = {ord(mark): ord(mark) + 0xFEE0 for mark in ":;!?()"}


def is_installed() -> bool:
    """Whether the extra is there."""
    return all(importlib.util.find_spec(module) is not None for module in ("rapidocr", "onnxruntime"))


def not_installed_message(what: str | tuple[Message, ...]) -> Message:
    """Return the message for a file, or for pages of one, that take OCR, where it is not installed."""
    return Message.of("corpus.readers.ocr_not_installed", what=what)


def ocr_warning(pages: Sequence[int]) -> Message:
    """Return the warning about pages (counted from 0) that were read by OCR."""
    return Message.of("corpus.readers.read_by_ocr", pages=tuple(i + 1 for i in pages))


def read_scan(data: bytes, *, name: str, done: Callable[[int], None] = lambda page: None) -> ExtractedText:
    """Read an image file; a TIFF file may hold several pages.

    Args: done: called with the number of each page read.
    Raises: UnreadableFileError: it is no image, is damaged, is too large, or the extra is not installed.
    """
    if not is_installed():
        raise UnreadableFileError(not_installed_message(name))
    pages = []
    for number, picture in enumerate(_pictures(data, name=name)):
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        pages.append(recognise(picture))
        done(number + 1)
    return assemble(pages, reader=READER, warnings=(ocr_warning(range(len(pages))),))


def _pictures(data: bytes, *, name: str) -> Iterator[Any]:
    """The pictures of an image file (a TIFF file may hold several), each turned as the camera says.

    Raises: UnreadableFileError: it is no image, is damaged, or is too large.
    """
    from PIL import Image, ImageOps, ImageSequence

    Image.MAX_IMAGE_PIXELS = None  # our own limit stands below
    try:
        with Image.open(io.BytesIO(data)) as file:
            for number, frame in enumerate(ImageSequence.Iterator(file), 1):
                if frame.width * frame.height > _MOST_PIXELS or number > MOST_PAGES:
                    raise UnreadableFileError(
                        Message.of(
                            "corpus.readers.large_image", document=name, width=frame.width, height=frame.height, number=number
                        )
                    )
                yield ImageOps.exif_transpose(frame).convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, AttributeError, KeyError, IndexError, OverflowError) as error:
        raise UnreadableFileError(Message.of("corpus.readers.damaged_image", document=name, cause=str(error))) from error


def recognise(image: Any, *, scale: float = 1.0) -> Page:
    """The lines of a page's picture.

    Args: scale: what a pixel is in the unit of the lines' places.
    """
    import numpy as np

    image = _upright(image)
    found = _engine()(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]))
    boxes = []
    if found.boxes is not None:
        boxes = [_Box(*one) for one in zip(found.txts, found.scores, found.boxes * scale, strict=True) if one[0].strip()]
    # Two measures of the size of characters, the smaller of which is taken: how many fill a line, which is too large where a line
    # is stretched to the margin; and its height, which is too large where the box is. With a few characters both are.
    long = [box for box in boxes if box.ems >= 4]
    body = statistics.median([box.width / box.ems for box in long] or [box.height for box in boxes] or [1.0])
    shape = statistics.median([box.width / box.ems / box.height for box in long] or [1.0])
    lines = [
        Line(
            [(_full_width(replace_illegal_characters(box.text)), False)],
            box.left,
            box.left + box.width,
            box.top + box.height / 2,
            min(box.width / box.ems, shape * box.height) if box.ems >= 4 else body,
            low_confidence=box.score < _SURE,
        )
        for box in boxes
    ]
    return Page(image.height * scale, tuple(lines))


class _Box:
    """A line as OCR sees it: its text, how sure it is, its edges; `ems` is how many square characters would fill it."""

    def __init__(self, text: str, score: float, corners: Any) -> None:
        self.text, self.score = text, score
        self.left, self.top = float(corners[:, 0].min()), float(corners[:, 1].min())
        self.width, self.height = float(corners[:, 0].max()) - self.left, float(corners[:, 1].max()) - self.top
        self.ems = sum(1.0 if unicodedata.east_asian_width(character) in "WF" else 0.5 for character in text)


def _full_width(text: str) -> str:
    """Marks beside a Chinese character as they are printed there: OCR takes ： for : now and then."""
    return _NARROW.sub(lambda mark: mark[0].translate(_WIDE), text)


@functools.cache
def _engine() -> Any:
    logging.disable(logging.INFO)  # it tells every model that it loads
    from rapidocr import RapidOCR

    threads = min(4, os.cpu_count() or 1)
    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.text_score": 0.0,  # nothing is dropped: what is doubtful is marked
            "Global.use_cls": False,
        }
    )


def _upright(image: Any) -> Any:
    """The picture turned so that its lines are level: then the rows of pixels differ most from each other."""
    import numpy as np
    from PIL import Image

    small = image.convert("L")
    small.thumbnail((700, 700))

    def sharpness(angle: float) -> float:
        turned = small.rotate(angle, resample=Image.Resampling.BILINEAR, fillcolor=255)
        rows = np.asarray(turned, dtype=np.float32).sum(axis=1)
        return float(np.square(np.diff(rows)).sum())

    coarse = max(np.arange(-_STEEPEST, _STEEPEST + 0.1, 0.5), key=sharpness)
    angle = max(np.arange(coarse - 0.5, coarse + 0.55, 0.1), key=sharpness)
    if abs(angle) < 0.15:
        return image
    return image.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor="white")
