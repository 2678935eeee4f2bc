"""Bytes -> text, one module a format: text and Markdown in this process, everything else in one that can be killed."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path, PurePath

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.text import decode, read_text

__all__ = ["SUFFIXES", "as_unreadable", "decode", "read_bytes", "read_file", "read_plain"]

_TEXT = frozenset({".txt", ".md"})
# The suffix of a file, and the format of the reader for it.
_KINDS = {
    **dict.fromkeys((".docx", ".doc"), ".docx"),
    **dict.fromkeys((".html", ".htm"), ".html"),
    ".pdf": ".pdf",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff"), ".png"),
}
SUFFIXES = _TEXT | _KINDS.keys()
_MAX_BYTES = 200_000_000  # of a file: a scanned bulletin of sixty pages has some 30 MB
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # opens a .doc file, and a .docx file that is encrypted
_HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|\?xml)", re.I)


def read_file(data: bytes, *, name: str) -> ExtractedText:
    """Read a bulletin file; the suffix of its name tells the format. May be called from several threads and processes at once.

    Raises: UnreadableFileError: its bytes are not what the name says, are too many, or hold no text.
    """
    _check_size(len(data), name=name)
    suffix = PurePath(name).suffix.lower()
    if suffix not in _KINDS:
        return read_text(data, name=name)
    if not data:
        raise UnreadableFileError(Message.of("corpus.readers.empty", document=name))
    kind = _KINDS.get(suffix, suffix)
    if kind == ".docx":
        if data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableFileError(Message.of("corpus.readers.encrypted", document=name))
        if suffix == ".doc" and _HTML.match(data):
            kind = ".html"  # sites hand out pages under this name
        elif data.startswith(_OLE) or data.startswith(b"{\\rtf"):
            from corpus.readers import word

            converted = word.convert(data, name=name)
            if isinstance(converted, ExtractedText):
                return converted
            data = converted
    from corpus.readers import sandbox

    extracted = sandbox.read_in_sandbox(data, kind=kind, name=name)
    if not extracted.text.strip():
        raise UnreadableFileError(Message.of("corpus.readers.no_text", document=name))
    return extracted


def _is_plain_markdown(text: str) -> bool:
    from corpus.readers import markdown

    return markdown.is_plain(text)


def read_plain(path: Path) -> str:
    """Return the contents of a plain text file.

    Raises: UnreadableFileError: the file cannot be opened, or its bytes are no text.
    """
    return decode(read_bytes(path), name=str(path))


def read_bytes(path: Path, *, name: str | None = None) -> bytes:
    """Return the bytes of a file.

    Args: name: what errors call the file; its path if None.
    Raises: UnreadableFileError: the file cannot be opened, or is too large.
    """
    name = str(path) if name is None else name
    with as_unreadable(name):
        _check_size(path.stat().st_size, name=name)
        return path.read_bytes()


@contextlib.contextmanager
def as_unreadable(name: str) -> Iterator[None]:
    """Turn what the disk raises on a file into an UnreadableFileError that names it."""
    try:
        yield
    except OSError as error:
        raise UnreadableFileError(
            Message.of("corpus.readers.cannot_open", document=name, cause=error.strerror or str(error))
        ) from error


def _check_size(size: int, *, name: str) -> None:
    """Refuse a file of more bytes than any bulletin has.

    Raises: UnreadableFileError: it is too large.
    """
    if size > _MAX_BYTES:
        raise UnreadableFileError(
            Message.of("corpus.readers.too_large", document=name, size=size // 1_000_000, limit=_MAX_BYTES // 1_000_000)
        )
