"""Plain text and Markdown files."""

import codecs
import re

from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message

READER = "text-1"

# Bytes that no text editor writes into a bulletin: their presence means a binary file, not an odd encoding.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes, *, name: str) -> str:
    """Decode UTF-8 (its BOM dropped), UTF-16 with BOM, else GB18030. Line ends stay as they are.

    Raises: UnreadableFileError: empty, binary, or in no encoding of these; the message names the byte or line.
    """
    if not data.strip():
        raise UnreadableFileError(Message.of("corpus.readers.empty", document=name))
    try:
        text = _decoded(data)
    except UnicodeDecodeError as error:
        found = f"0x{data[error.start]:02x}"
        raise UnreadableFileError(
            Message.of("corpus.readers.unknown_encoding", document=name, byte=error.start, found=found)
        ) from error
    if (control := _CONTROL.search(text)) is not None:
        line, found = text.count("\n", 0, control.start()) + 1, f"U+{ord(control[0]):04X}"
        raise UnreadableFileError(Message.of("corpus.readers.control_character", document=name, line=line, found=found))
    if not text.strip():
        raise UnreadableFileError(Message.of("corpus.readers.empty", document=name))
    return text


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as not_utf8:
        # A UTF-8 file with one torn character would decode as GB18030 rubbish without a word. It shows by the
        # Chinese before the tear: GB18030 text hardly ever holds ten valid three-byte UTF-8 characters in a row.
        if sum(character > "\u07ff" for character in data[: not_utf8.start].decode("utf-8-sig")) >= 10:
            raise
        return data.decode("gb18030")
