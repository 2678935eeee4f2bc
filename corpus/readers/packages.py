"""Zip packages of XML parts (Office Open XML, OpenDocument, OFD, EPUB): opened within limits, their parts parsed safely."""

import io
import posixpath
import struct
import zipfile
import zlib
from typing import Any

import lxml.etree

from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message

MAX_UNPACKED = 200_000_000  # bytes; the pictures of a bulletin are some 10 MB
MAX_PART = 20_000_000  # bytes of one XML part; that of a bulletin of 60 pages has some 2 MB
_MAX_DIRECTORY = 2_000_000  # bytes of the list of parts, which is read at once: some 30,000 names
IS_ENCRYPTED = 0x1  # general purpose bit 0 (APPNOTE 4.4.4)
# The end of the central directory (APPNOTE 4.3.16): its mark; its length, the longest comment after it; where the size stands.
_END, _END_LENGTH, _MAX_COMMENT, _SIZE_AT = b"PK\x05\x06", 22, 65_535, 12
# What the standard library raises on a damaged zip file, whatever is asked of it.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    KeyError,
    MemoryError,
)
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def check_directory(data: bytes, *, name: str) -> None:
    """Refuse a zip file whose list of parts alone would fill the memory.

    Raises: UnreadableFileError: it is too long.
    """
    at = data.rfind(_END, max(0, len(data) - _END_LENGTH - _MAX_COMMENT))
    if at >= 0 and len(data) >= at + _END_LENGTH:
        (size,) = struct.unpack_from("<I", data, at + _SIZE_AT)
        if size > _MAX_DIRECTORY:
            raise UnreadableFileError(Message.of("corpus.readers.too_many_parts", document=name))


class Package:
    """The parts of a zip package, by path. Paths may begin with a slash."""

    def __init__(self, data: bytes, *, name: str) -> None:
        """Open a package.

        Raises: UnreadableFileError: it is encrypted, or unpacks to more than a document holds; BadZipFile: it is damaged.
        """
        check_directory(data, name=name)
        self._file = zipfile.ZipFile(io.BytesIO(data))
        self._name = name
        parts = self._file.infolist()
        if any(part.flag_bits & IS_ENCRYPTED for part in parts):
            raise UnreadableFileError(Message.of("corpus.readers.encrypted", document=name))
        if (total := sum(part.file_size for part in parts)) > MAX_UNPACKED:
            raise self._bomb(total)
        self.paths = frozenset(part.filename for part in parts)

    def __contains__(self, path: str) -> bool:
        return path.lstrip("/") in self.paths

    def read(self, path: str) -> bytes:
        """Return the bytes of a part. Raises: KeyError: there is no such part."""
        return self._file.read(path.lstrip("/"))

    def parse(self, path: str) -> Any:
        """Return the root of an XML part. Entities are not resolved, comments left out.

        Raises: UnreadableFileError: the part is too large; KeyError: there is none; XMLSyntaxError: it is no XML.
        """
        size = self._file.getinfo(path.lstrip("/")).file_size
        if size > MAX_PART:
            raise self._bomb(size)
        return parse_xml(self.read(path))

    def relations(self, path: str) -> dict[str, tuple[str, str]]:
        """Return the kind and the target path of each relationship of a part, by its id (ECMA-376 part 2, section 6.5)."""
        folder, part = posixpath.split(path)
        source = posixpath.join(folder, "_rels", f"{part}.rels")
        if source not in self:
            return {}
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rsplit("/", 1)[-1],
                posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/"),
            )
            for relation in self.parse(source).iter(_RELATIONSHIP)
            if relation.get("TargetMode") != "External"
        }

    def main_part(self, otherwise: str) -> str:
        """Return the path of the part that an Office Open XML package is about, `otherwise` where it does not say."""
        return next((target for kind, target in self.relations("").values() if kind == "officeDocument"), otherwise)

    def _bomb(self, size: int) -> UnreadableFileError:
        return UnreadableFileError(Message.of("corpus.readers.zip_bomb", document=self._name, size=size // 1_000_000))


def parse_xml(data: bytes) -> Any:
    """Return the root of an XML document. Entities and comments are left out.

    Raises: XMLSyntaxError: it is no XML.
    """
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    root = lxml.etree.fromstring(data, parser)
    lxml.etree.strip_elements(root, lxml.etree.Entity, with_tail=False)
    return root
