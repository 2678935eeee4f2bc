"""Bytes -> plain text, one module a format."""

from pathlib import Path

from corpus.errors import UnreadableFileError
from corpus.readers.text import decode

__all__ = ["SUFFIXES", "decode", "read", "read_bytes"]

SUFFIXES = frozenset({".txt", ".md"})


def read(path: Path) -> str:
    """Return the plain text of a bulletin file.

    Raises: UnreadableFileError: the file cannot be opened, or its bytes are no text; the message names it and why.
    """
    return decode(read_bytes(path), name=str(path))


def read_bytes(path: Path) -> bytes:
    """Raises: UnreadableFileError: the file cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror or error}") from error
