"""Open Word files: a zip of parts, the relations between them, and their XML; see ECMA-376 part 2.

What Word does not need is not asked for: a relation may lead to a part that is absent, content types are not looked at (templates
and files with macros are documents like others), and the namespaces of the Strict variant are read as the Transitional ones.
"""

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from lxml import etree

from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.packages import IS_ENCRYPTED, MAX_PART, MAX_UNPACKED, check_directory, parse_xml
from corpus.readers.wordprocessing.names import w

_READ_AT_ONCE = 1_000_000  # bytes
_XML = (".xml", ".rels")
_DEFAULT_MAIN = "word/document.xml"
# ISO/IEC 29500-1 (Strict) names a namespace http://purl.oclc.org/ooxml/drawingml/main where Transitional has
# http://schemas.openxmlformats.org/drawingml/2006/main.
_STRICT = re.compile(rb"(xmlns(?::[\w.-]+)?\s*+=\s*+[\"'])http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_TRANSITIONAL = rb"\1http://schemas.openxmlformats.org/\2/2006/\3"
_QUOTED = re.compile("(?:%[0-9A-Fa-f]{2})+")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_XML_DECLARATION = re.compile(r"^\s*+<\?xml[^>]*\?>")


@dataclass(frozen=True, slots=True)
class _Relation:
    """A part that another one refers to; `kind` is the last step of its type: image, header, footnotes."""

    kind: str
    path: str


class Package:
    """The parts of a Word file. Paths are those in the zip, without a slash before them, in small letters."""

    def __init__(self, data: bytes, *, name: str) -> None:
        """Open a package.

        Raises: UnreadableFileError: it is no zip, or unpacks to more than a bulletin can hold.
        """
        self._name = name
        self._relations: dict[str, dict[str, _Relation]] = {}
        check_directory(data, name=name)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
            raise self._not_docx(str(error)) from error
        parts = self._zip.infolist()
        if any(part.flag_bits & IS_ENCRYPTED for part in parts):
            raise UnreadableFileError(Message.of("corpus.readers.encrypted", document=name))
        largest = max((part.file_size for part in parts if part.filename.lower().endswith(_XML)), default=0)
        total = sum(part.file_size for part in parts)
        if total > MAX_UNPACKED or largest > MAX_PART:
            raise UnreadableFileError(Message.of("corpus.readers.zip_bomb", document=name, size=max(largest, total) // 1_000_000))
        self._parts = {_normalize(part.filename): part for part in parts}
        self.main = self.find_related("", "officeDocument") or _DEFAULT_MAIN

    def read(self, path: str | None) -> bytes | None:
        """Return the bytes of a part; None if there is none.

        Raises: UnreadableFileError: it is damaged, or larger than it says.
        """
        part = self._parts.get(path or "")
        if part is None:
            return None
        try:
            package = self._zip
            with package.open(part) as content:  # no more than the size that it says, piece by piece
                return b"".join(iter(lambda: content.read(_READ_AT_ONCE), b""))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
            raise self._not_docx(str(error)) from error

    def parse(self, path: str | None) -> Any | None:
        """Return the root of an XML part; None if there is no such part.

        Raises: UnreadableFileError: it is damaged.
        """
        data = self.read(path)
        if data is None:
            return None
        if data.startswith(_UTF16):
            data = _XML_DECLARATION.sub("", data.decode("utf-16", "replace")).encode()
        try:
            return parse_xml(_STRICT.sub(_TRANSITIONAL, data))
        except (etree.LxmlError, ValueError) as error:
            raise UnreadableFileError(Message.of("corpus.readers.damaged_word", document=self._name, cause=str(error))) from error

    def parse_main(self) -> Any:
        """Return the root of the main document.

        Raises: UnreadableFileError: there is none, or it is damaged.
        """
        root = self.parse(self.main)
        if root is None or root.tag != w("document"):
            raise self._not_docx(f"{self.main}: {'w:document' if root is None else root.tag}")
        return root

    def find_related(self, source: str, kind: str) -> str | None:
        """Return the path of the first part of a kind (`styles`, `numbering`) that a part refers to; "" is the whole file."""
        return next((relation.path for relation in self._related(source).values() if relation.kind == kind), None)

    def find_target(self, source: str, identifier: str | None) -> str | None:
        """Return the path of the part that `source` calls by an identifier (rId7); None if there is none in the file."""
        relation = self._related(source).get(identifier or "")
        return relation.path if relation is not None and relation.path in self._parts else None

    def _related(self, source: str) -> dict[str, _Relation]:
        if source not in self._relations:
            folder, file = posixpath.split(source)
            root = self.parse(posixpath.join(folder, "_rels", f"{file}.rels"))
            self._relations[source] = {
                element.get("Id", ""): _Relation(
                    kind=element.get("Type", "").rstrip("/").rpartition("/")[2],
                    path=_resolve(folder, element.get("Target", "")),
                )
                for element in (root if root is not None else ())
                if isinstance(element.tag, str) and element.get("TargetMode") != "External"
            }
        return self._relations[source]

    def _not_docx(self, cause: str) -> UnreadableFileError:
        return UnreadableFileError(Message.of("corpus.readers.not_docx", document=self._name, cause=cause))


def _resolve(folder: str, target: str) -> str:
    """Return the path of a part that one in `folder` calls ../media/image1.png, or /word/media/image1.png."""
    target = _unquote(target.replace("\\", "/"))
    return _normalize(target if target.startswith("/") else posixpath.join(folder, target))


def _unquote(target: str) -> str:
    """Return an address with its %E4%B8%80 read as 一."""
    return _QUOTED.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), target)


def _normalize(path: str) -> str:
    return posixpath.normpath("/" + path.replace("\\", "/")).lstrip("/").lower()
