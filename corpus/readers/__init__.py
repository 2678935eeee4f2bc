"""Bytes -> text, one module a format, each run in a process that can be killed."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers import formats, office
from corpus.readers.formats import SUFFIXES
from corpus.readers.text import decode

__all__ = ["SUFFIXES", "as_unreadable", "decode", "read_bytes", "read_file", "read_plain"]

_MAX_TEXT_BYTES = 20_000_000  # of a text: its parser takes 3,000,000 characters, which are 12 MB at most
_MAX_BYTES = 200_000_000  # of a file: a scanned bulletin of sixty pages has some 30 MB


def read_file(data: bytes, *, name: str) -> ExtractedText:
    """Read a document; its bytes tell the format. May be called from several threads and processes at once.

    Raises: UnreadableFileError: it is in no format that is read, damaged, encrypted, too large, or holds no text.
    """
    _check_size(len(data), name=name)
    if not data.strip():
        raise UnreadableFileError(Message.of("corpus.readers.empty", document=name))
    form = formats.find_format(data, name=name)
    if form in formats.TEXTS:
        _check_size(len(data), name=name, limit=_MAX_TEXT_BYTES)
    if form in office.FORMATS:
        converted = office.convert(data, form=form, name=name)
        if isinstance(converted, ExtractedText):
            return converted
        data, form = converted
    if form == ".zip":
        raise UnreadableFileError(Message.of("corpus.readers.archive", document=name))
    from corpus.readers import sandbox

    extracted = sandbox.read_in_sandbox(data, kind=form, name=name)
    if not extracted.text.strip():
        raise UnreadableFileError(Message.of("corpus.readers.no_text", document=name))
    return extracted


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


def _check_size(size: int, *, name: str, limit: int = _MAX_BYTES) -> None:
    """Refuse a file of more bytes than any bulletin of its kind has.

    Raises: UnreadableFileError: it is too large.
    """
    if size > limit:
        raise UnreadableFileError(
            Message.of("corpus.readers.too_large", document=name, size=size // 1_000_000, limit=limit // 1_000_000)
        )
