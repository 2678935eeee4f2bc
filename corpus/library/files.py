"""The files of a library: find them, read them, see what changed. The folder of bulletins is only ever read.

A library has two shelves: its folder, and the files that a person added through the page, which are kept elsewhere and called
`.added/NAME`. Functions take the folder and, as `added`, the place of the second shelf.
"""

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpus import readers
from corpus.document import Bulletin, ExtractedText
from corpus.library.edits import ADDED, Correction, UserEdits, apply_correction
from corpus.messages.errors import EditError, LibraryError, UnreadableFileError
from corpus.messages.message import Message
from corpus.parsing.parser import parse_extracted
from corpus.readers.cache import read_cached as read_extract
from corpus.regions.gazetteer import Gazetteer

SAMPLES = Path(__file__).parents[1] / "samples"
REGIONS_FILE = "regions.csv"  # beside the bulletins: regions that the national table lacks

# What became of a file: read; read, but with warnings; a copy of another; kept but not searched; hidden; not understood.
State = Literal["read", "warnings", "copy", "disabled", "removed", "refused"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a library: its document name (`/`-separated), size in bytes, time in ns, SHA-256."""

    document: str
    size: int
    modified: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. `messages` are its warnings, or why it was refused; `copy_of` is the document kept."""

    document: str
    state: State
    messages: tuple[Message, ...] = ()
    copy_of: str | None = None

    def line(self) -> str:
        """Return the report in a line, and a line for every message, in the user's language."""
        if self.state == "refused":  # the reason names the file
            return "\n".join(map(str, self.messages))
        states = {
            "read": Message.of("corpus.library.read"),
            "warnings": Message.of("corpus.library.read_with_warnings"),
            "copy": Message.of("corpus.library.copy", copy_of=self.copy_of or ""),
            "disabled": Message.of("corpus.library.disabled"),
            "removed": Message.of("corpus.library.removed"),
        }
        first = Message.of("corpus.library.report", document=self.document, state=states[self.state])
        return "\n".join([str(first), *(f"  ! {message}" for message in self.messages)])


def path_of(document: str, *, folder: Path, added: Path | None = None) -> Path:
    """Where a document's file is.

    Args: added: the folder of the files that were added.
    Raises: LibraryError: it was added, and no such folder is given.
    """
    if not document.startswith(ADDED):
        return folder / document
    if added is None:
        raise LibraryError(Message.of("corpus.library.nothing_added", document=document))
    return added / document.removeprefix(ADDED)


def scan(
    folder: Path, *, added: Path | None = None, curation: UserEdits = UserEdits(), known: Sequence[SourceFile] = ()
) -> tuple[SourceFile, ...]:
    """List the library's bulletin files and its region table, by path, then the files that were added, by name.

    Args: known: files as they were before; one whose size and time are the same is not read again.
    Raises: LibraryError: the folder is missing or cannot be listed. Nothing is raised for a single file: one that cannot be
        read, or is too large, has an empty hash.
    """
    before = {file.document: file for file in known}
    found = []
    names = [(ADDED + name, str(added / name)) for name in sorted(curation.added)] if added is not None else []
    for document, path in [*_paths(folder), *names]:
        try:
            status = os.stat(path)
            size, modified = status.st_size, status.st_mtime_ns
            old = before.get(document)
            if old is not None and old.sha256 and (old.size, old.modified) == (size, modified):
                found.append(old)
                continue
            digest = hashlib.sha256(read_source(document, folder=folder, added=added)).hexdigest()
        except (OSError, UnreadableFileError):
            size, modified, digest = 0, 0, ""
        found.append(SourceFile(document, size, modified, digest))
    return tuple(found)


def bulletin_files(files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files that should be bulletins: all but the region table."""
    return [file for file in files if file.document != REGIONS_FILE]


def exclusion(document: str, curation: UserEdits) -> Literal["disabled", "removed"] | None:
    """Whether a person removed a document, or switched it off."""
    if document in curation.removed:
        return "removed"
    return "disabled" if document in curation.disabled else None


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file that was read: its text, and the bulletin as it was parsed and as it was corrected; or why it was not corrected."""

    extracted: ExtractedText
    parsed: Bulletin
    bulletin: Bulletin
    uncorrected: tuple[Message, ...] = ()

    @property
    def warnings(self) -> tuple[Message, ...]:
        """Return what a user should know before trusting it."""
        return (*self.bulletin.warnings, *self.uncorrected)


def read_source(document: str, *, folder: Path, added: Path | None = None) -> bytes:
    """The bytes of a document's file.

    Raises: UnreadableFileError: it cannot be read, is too large, or is a link that leads out of the folder.
    """
    path = path_of(document, folder=folder, added=added)
    with readers.as_unreadable(document):
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            raise UnreadableFileError(Message.of("corpus.library.link_out_of_folder", document=document))
    return readers.read_bytes(path, name=document)


def read_bulletin(
    data: bytes,
    document: str,
    *,
    gazetteer: Gazetteer,
    correction: Correction | None = None,
    extracts: Path | None = None,
    keep: bool = False,
) -> ParsedFile:
    """Read, parse and correct the bytes of a file.

    Args: extracts: where the texts of files that are not text are kept; keep: whether to add to it.
    Raises: UnreadableFileError: they are not what the name says; BulletinParseError: they are no bulletin; EditError: the
        correction cannot be made.
    """
    reading = read_extract(data, name=document, cache=extracts, keep=keep)
    parsed = parse_extracted(reading, gazetteer=gazetteer, document=document, sha256=hashlib.sha256(data).hexdigest())
    return ParsedFile(reading, parsed, apply_correction(parsed, correction, gazetteer))


def read_bulletin_file(
    document: str,
    *,
    folder: Path,
    added: Path | None = None,
    gazetteer: Gazetteer,
    corrections: Mapping[str, Correction] | None = None,
    extracts: Path | None = None,
    keep: bool = False,
) -> ParsedFile:
    """The same of a document's file. A correction that could be made once and cannot be now, as the region table has changed, is
    a warning.

    Args: corrections: by the SHA-256 of the file's bytes, which is that of what is read here.
    Raises: UnreadableFileError: it cannot be read; BulletinParseError: it is no bulletin.
    """
    data = read_source(document, folder=folder, added=added)
    correction = (corrections or {}).get(hashlib.sha256(data).hexdigest())
    try:
        return read_bulletin(data, document, gazetteer=gazetteer, correction=correction, extracts=extracts, keep=keep)
    except EditError as error:
        understood = read_bulletin(data, document, gazetteer=gazetteer, extracts=extracts)
        return dataclasses.replace(understood, uncorrected=(error.message,))


def load_gazetteer(folder: Path) -> Gazetteer:
    """The national regions and those of the library's own regions.csv.

    Raises: RegionTableError: the table has a malformed row.
    """
    path = folder / REGIONS_FILE
    return Gazetteer.load([readers.read_plain(path)] if path.is_file() else [])


def _paths(folder: Path) -> Iterator[tuple[str, str]]:
    """Documents of the folder and their paths, by path."""
    if not folder.is_dir():
        raise LibraryError(Message.of("corpus.library.no_folder", folder=str(folder)))
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        cause = error.strerror or str(error)
        raise LibraryError(Message.of("corpus.library.unreadable_folder", folder=str(folder), cause=cause)) from error
    for path in _walk(str(folder)):
        relative = path[len(str(folder)) :].lstrip(os.sep)
        if os.path.splitext(path)[1].lower() in readers.SUFFIXES or relative == REGIONS_FILE:
            # A Linux file name need not be text, which no record of ours can hold: such a file is listed escaped, then left out.
            yield relative.replace(os.sep, "/").encode("utf-8", "backslashreplace").decode(), path


def _walk(folder: str) -> Iterator[str]:
    """Every regular file that is not hidden, by path. Folders that are links are not entered: they may lead in a circle."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith((".", "~$")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif entry.is_file():
            yield entry.path
