"""Zip archives: each file in one is a document of its own, named `archive.zip/2023/7.docx`. Nothing is unpacked to disk."""

import contextlib
import functools
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.formats import find_in_zip
from corpus.readers.marks import replace_illegal_characters
from corpus.readers.packages import DAMAGE, check_directory

SUFFIX = ".zip"
_MAX_MEMBERS = 2_000
_MAX_MEMBER, _MAX_TOTAL = 200_000_000, 2_000_000_000  # bytes unpacked: of one file as of one outside an archive, and of all
_MAX_RATIO, _RATIO_FROM = 200, 10_000_000  # unpacked to packed, of files of more bytes than that: text packs 10 to 1
_MAX_NESTING = 2  # archives in archives
_INNER = re.compile(r"(?<=\.zip)/", re.I)  # where the name of a file leads on into an archive in the archive
_TAIL = 70_000  # bytes at the end of an archive, where its list of files is announced
_IS_UTF8, _IS_ENCRYPTED = 0x800, 0x1  # general purpose bits 11 and 0 (APPNOTE 4.4.4)
_DRIVE = re.compile(r"[A-Za-z]:")


class Archive:
    """An open archive. Of the archives in it, the one that was last read from is kept unpacked: files are read in a row."""

    def __init__(self, file: Path | IO[bytes], *, name: str, nesting: int = 0, room: tuple[int, int] | None = None) -> None:
        """Open an archive.

        Args: nesting: the number of archives that it lies in; room: how many files it may hold, and bytes of all of them
            unpacked, those of archives in it among them; None for as much as any archive.
        Raises: UnreadableFileError: it is damaged, holds too many or too large files, or nothing to read.
        """
        self._name, self._nesting = name, nesting
        self._max_members, self._max_total = room or (_MAX_MEMBERS, _MAX_TOTAL)
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._inner: tuple[str, Archive] | None = None
        try:
            self._stream = file.open("rb") if isinstance(file, Path) else file
            try:
                self._open()
            except BaseException:
                self._stream.close()
                raise
        except DAMAGE as error:
            raise UnreadableFileError(Message.of("corpus.readers.damaged", document=name, cause=str(error))) from error

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive, and the one in it that is open."""
        self._close_inner()
        self._file.close()
        self._stream.close()

    def _close_inner(self) -> None:
        if self._inner is not None:
            self._inner[1].close()
            self._inner = None

    def _open(self) -> None:
        _check_end(self._stream, name=self._name)
        self._file = zipfile.ZipFile(self._stream)
        if find_in_zip(self._file) != SUFFIX:
            raise UnreadableFileError(Message.of("corpus.readers.archive", document=self._name))
        files = [info for info in self._file.infolist() if not info.is_dir()]
        if len(files) > self._max_members:
            raise UnreadableFileError(Message.of("corpus.readers.too_many_parts", document=self._name))
        if (total := sum(info.file_size for info in files)) > self._max_total:
            raise UnreadableFileError(Message.of("corpus.readers.zip_bomb", document=self._name, size=total // 1_000_000))
        for info in files:
            name = _safe_name(info)
            if name and not any(part.startswith((".", "~$")) or part == "__MACOSX" for part in name.split("/")):
                self._members[self._unique(name)] = info
        if not self._members:
            raise UnreadableFileError(Message.of("corpus.readers.archive", document=self._name))

    def _unique(self, name: str) -> str:
        """Return the name, numbered where another file has it."""
        stem, dot, suffix = name.rpartition(".")
        names = (f"{stem} ({number}){dot}{suffix}" for number in range(2, _MAX_MEMBERS + 2))
        return name if name not in self._members else next(other for other in names if other not in self._members)

    @functools.cached_property
    def sizes(self) -> dict[str, int]:
        """Return the sizes of the files by name, in the order of the archive; in place of an archive in it, those of its files.

        One that cannot be opened stands for itself; so does one whose files are more, or larger, than this archive has room for,
        or one of whose files is named as another is.
        """
        sizes: dict[str, int] = {}
        members = self._max_members - len(self._members)
        total = self._max_total - sum(info.file_size for info in self._members.values())
        self._close_inner()  # it may have been opened with more room
        for name, info in self._members.items():
            found = {name: info.file_size}
            if self._may_open(name):
                with contextlib.suppress(UnreadableFileError):
                    opened = self._open_inner(name, room=(members + 1, total))
                    inner = {f"{name}/{member}": size for member, size in opened.sizes.items()}
                    total -= sum(inner.values())
                    if inner.keys().isdisjoint(self._members):
                        members -= len(inner) - 1
                        found = inner
            sizes |= found
        return sizes

    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises: UnreadableFileError: there is none of that name, or it is encrypted, damaged, or unpacks to too much.
        """
        shown = f"{self._name}/{name}"
        if name in self._members:
            return self._read(self._members[name], shown)
        for end in _INNER.finditer(name):
            if self._may_open(name[: end.start()]):
                return self._open_inner(name[: end.start()]).read(name[end.end() :])
        raise UnreadableFileError(Message.of("corpus.readers.cannot_open", document=shown, cause="?"))

    def _may_open(self, name: str) -> bool:
        return name in self._members and name.lower().endswith(SUFFIX) and self._nesting < _MAX_NESTING

    def _open_inner(self, name: str, *, room: tuple[int, int] | None = None) -> "Archive":
        """Return an archive in the archive, unpacked unless it was the last.

        Raises: UnreadableFileError: it cannot be unpacked or opened.
        """
        if self._inner is None or self._inner[0] != name:
            self._close_inner()
            shown = f"{self._name}/{name}"
            data = io.BytesIO(self._read(self._members[name], shown))
            self._inner = name, Archive(data, name=shown, nesting=self._nesting + 1, room=room)
        return self._inner[1]

    def _read(self, info: zipfile.ZipInfo, shown: str) -> bytes:
        if info.flag_bits & _IS_ENCRYPTED:
            raise UnreadableFileError(Message.of("corpus.readers.encrypted", document=shown))
        is_bomb = info.file_size > _RATIO_FROM and info.file_size > _MAX_RATIO * info.compress_size
        if is_bomb or info.file_size > _MAX_MEMBER:
            raise UnreadableFileError(Message.of("corpus.readers.zip_bomb", document=shown, size=info.file_size // 1_000_000))
        try:
            return self._file.read(info)  # no more than the size it tells
        except DAMAGE as error:
            raise UnreadableFileError(Message.of("corpus.readers.damaged", document=shown, cause=str(error))) from error


def is_archive(path: Path) -> bool:
    """Return whether a file is called an archive, and is no document that is a zip file itself, as .docx files are."""
    if path.suffix.lower() != SUFFIX:
        return False
    try:
        with path.open("rb") as file:
            _check_end(file, name=path.name)
            with zipfile.ZipFile(file) as package:
                return find_in_zip(package) == SUFFIX
    except (*DAMAGE, UnreadableFileError):
        return True  # and it is told why it cannot be opened


def _check_end(stream: IO[bytes], *, name: str) -> None:
    """Refuse an archive whose list of files alone would fill the memory.

    Raises: UnreadableFileError: it is too long.
    """
    length = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, length - _TAIL))
    check_directory(stream.read(), name=name)


def read_documents(path: Path, *, name: str) -> Iterator[tuple[str, bytes | UnreadableFileError]]:
    """Yield the name and the bytes of each document in an archive, or why it cannot be read.

    Raises: UnreadableFileError: the archive cannot be opened.
    """
    with Archive(path, name=name) as archive:
        for member in archive.sizes:
            try:
                yield f"{name}/{member}", archive.read(member)
            except UnreadableFileError as error:
                yield f"{name}/{member}", error


def _safe_name(info: zipfile.ZipInfo) -> str:
    """Return the name of a file below the archive, with nothing in it that leads out."""
    path = replace_illegal_characters(_decode_name(info)).replace("\\", "/")
    return "/".join(part for part in path.split("/") if part not in ("", ".", "..") and not _DRIVE.fullmatch(part))


def _decode_name(info: zipfile.ZipInfo) -> str:
    """Return the name of a file. Without the bit for UTF-8 it is in whatever encoding the packer's system had."""
    name = info.orig_filename.partition("\x00")[0]
    if not info.flag_bits & _IS_UTF8:
        raw = name.encode("cp437", "replace")  # as zipfile took it
        for encoding in ("utf-8", "gb18030"):
            with contextlib.suppress(UnicodeDecodeError):
                return raw.decode(encoding)
    return name
