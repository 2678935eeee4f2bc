"""Read what a Word file holds as a file of another format (altChunk): systems of offices put the whole text there as a page.

(ECMA-376 part 1, 17.17.2) Word shows it as text of the document.
"""

from dataclasses import dataclass

from corpus.messages.errors import UnreadableFileError
from corpus.readers import formats
from corpus.readers.text import read_encoded


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


def find_format(data: bytes) -> str | None:
    """Return the format of a chunk, by its bytes alone; None where it is none that is read."""
    try:
        return formats.find_format(data, name="")
    except UnreadableFileError:
        return None


def read_chunk(data: bytes, form: str | None, *, name: str) -> str | None:
    """Return the text of a chunk that is a page, an archived page or plain text; None for one that cannot be read.

    Args: form: its format; name: of the Word file, for errors.
    """
    try:
        match form:
            case ".html":
                from corpus.readers import html

                return html.read_html(data, name=name).text.strip()
            case ".mht":
                from corpus.readers import web_archives

                return web_archives.read_mht(data, name=name).text.strip()
            case ".txt" | ".md":
                return read_encoded(data, name=name).text.strip()
    except UnreadableFileError:
        pass
    return None
