"""Plain text and Markdown files."""

import codecs
import re

from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message

READER = "text-1"

# Characters that no text editor writes into a bulletin: with them a file is binary, not in an odd encoding.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_TWO_BYTES = "\u07ff"  # the last character that UTF-8 writes in two bytes
_MIN_UTF8 = 10  # three-byte characters of UTF-8 before a damaged one: text in GB18030 hardly ever looks like so many in a row


def decode(data: bytes, *, name: str) -> str:
    """Decode UTF-8 (its BOM dropped), UTF-16 with BOM, else GB18030. Line ends stay as they are.

    Raises: UnreadableFileError: empty, binary, or in no encoding of these; the message names the byte or line.
    """
    if not data.strip():
        raise UnreadableFileError(Message.of("corpus.readers.empty", document=name))
    try:
        text = _decode(data)
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


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as not_utf8:
        # A UTF-8 file with one torn character would decode as GB18030 rubbish without an error.
        if sum(character > _TWO_BYTES for character in data[: not_utf8.start].decode("utf-8-sig")) >= _MIN_UTF8:
            raise
        return data.decode("gb18030")
