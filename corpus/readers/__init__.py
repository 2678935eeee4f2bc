"""Bytes -> text, one module a format: text and Markdown here and now, everything else in a process that can be killed."""

import re
from pathlib import Path, PurePath

from corpus.messages.errors import UnreadableFileError
from corpus.messages.language import tr
from corpus.readers.reading import ExtractedText
from corpus.readers.text import READER, decode

__all__ = ["SUFFIXES", "ExtractedText", "decode", "read_bytes", "read_file", "read_plain"]

_TEXT = frozenset({".txt", ".md"})
# What the end of a name says, and the reader for it.
_KINDS = {
    **dict.fromkeys((".docx", ".doc"), ".docx"),
    **dict.fromkeys((".html", ".htm"), ".html"),
    ".pdf": ".pdf",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff"), ".png"),
}
SUFFIXES = _TEXT | _KINDS.keys()
_LARGEST = 200_000_000  # bytes of a file: a thick scan
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # opens a .doc file, and a .docx file that is encrypted
_HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|\?xml)", re.I)


def read_file(data: bytes, *, name: str) -> ExtractedText:
    """Read a bulletin file; the end of its name tells the format. May be called from several threads and processes at once.

    Raises: UnreadableFileError: its bytes are not what the name says, or hold no text; the message names it and why.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in _KINDS:
        return ExtractedText(decode(data, name=name), reader=READER, is_source=True)
    if not data:
        raise UnreadableFileError(f"{name}: {tr('文件是空的', 'the file is empty')}")
    if len(data) > _LARGEST:
        size, most = len(data) // 1_000_000, _LARGEST // 1_000_000
        raise UnreadableFileError(
            tr(f"{name}：有 {size} MB，应不超过 {most} MB", f"{name}: {size} MB, expected at most {most} MB")
        )
    kind = _KINDS[suffix]
    if kind == ".docx":
        if data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableFileError(
                tr(f"{name}：文件加了密，打不开；请先去掉密码", f"{name}: the file is encrypted; take the password off first")
            )
        if suffix == ".doc" and _HTML.match(data):
            kind = ".html"  # sites hand out pages under this name
        elif data.startswith(_OLE) or data.startswith(b"{\\rtf"):
            from corpus.readers import word

            converted = word.convert(data, name=name)
            if isinstance(converted, ExtractedText):
                return converted
            data = converted
    from corpus.readers import sandbox

    reading = sandbox.read_in_sandbox(data, kind=kind, name=name)
    if not reading.text.strip():
        raise UnreadableFileError(tr(f"{name}：没有读到文字", f"{name}: no text was found in it"))
    return reading


def read_plain(path: Path) -> str:
    """Return the contents of a plain text file.

    Raises: UnreadableFileError: the file cannot be opened, or its bytes are no text; the message names it and why.
    """
    return decode(read_bytes(path), name=str(path))


def read_bytes(path: Path) -> bytes:
    """Raises: UnreadableFileError: the file cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror or error}") from error
