"""Read what a Word file holds as a file of another format (altChunk): systems of offices put the whole text there as a page.

(ECMA-376 part 1, 17.17.2) Word shows it as text of the document.
"""

import email
import email.policy
import re
from dataclasses import dataclass

from corpus.messages.errors import UnreadableFileError
from corpus.readers.text import decode

_ZIP, _RTF = b"PK\x03\x04", b"{\\rtf"
_MIME = re.compile(rb"\s*(?:MIME-Version|Content-Type|From|Subject|Date|Snapshot-Content-Location)\s*:", re.I)
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|body|meta|p|div|table|span|h[1-6]|\?xml|!--)", re.I)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class ChunkBudget:
    """What a file may still hold of other files: a chunk that it names ten thousand times is read so often."""

    chunks: int = 100
    size: int = 20_000_000  # bytes
    depth: int = 3  # of Word files in Word files

    def take(self, size: int) -> bool:
        """Take a chunk of that many bytes out of the budget, if it is in it."""
        self.chunks -= 1
        self.size -= size
        return self.chunks >= 0 and self.size >= 0


def is_word(data: bytes) -> bool:
    """Return whether a chunk is a Word file itself."""
    return data.startswith(_ZIP)


def read_chunk(data: bytes, *, name: str) -> str | None:
    """Return the text of a chunk that is a page, an archived page (MHTML) or plain text; None for one that cannot be read.

    Args: name: of the Word file, for errors.
    """
    try:
        if _MIME.match(data):
            page = _page_of_archive(data)
            return None if page is None else _read_page(page, name)
        if data.startswith(_RTF):
            return None
        if _PAGE.match(data.removeprefix(_BYTE_ORDER_MARK)):
            return _read_page(data, name)
        return decode(data, name=name).strip()
    except UnreadableFileError:
        return None


def _page_of_archive(data: bytes) -> bytes | None:
    """Return the page of an archive (RFC 2557): its first part that is HTML, with the encoding that the archive tells."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            charset = part.get_content_charset()
            if not isinstance(content, bytes):
                return None
            return content if charset is None else f'<meta charset="{charset}">'.encode() + content
    return None


def _read_page(data: bytes, name: str) -> str:
    from corpus.readers import html

    return html.read_html(data, name=name).text.strip()
