"""Photographs as telephones take them (.heic), by pillow-heif, which comes with the extra for scans: requirements-ocr.txt."""

import importlib.util
from collections.abc import Callable

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.readers import scan


def read_heic(data: bytes, *, name: str, on_page: Callable[[int], None] = lambda number: None) -> ExtractedText:
    """Read a photograph by OCR.

    Args: on_page: called with the number of each page read.
    Raises: UnreadableFileError: it is damaged or too large, or the extra is not installed.
    """
    if importlib.util.find_spec("pillow_heif") is None:
        raise UnreadableFileError(scan.not_installed_message(name))
    import pillow_heif

    pillow_heif.register_heif_opener()
    return scan.read_scan(data, name=name, on_page=on_page)
