"""The files of a library: find them, read them, see what changed. The folder of bulletins is only ever read.

A library consists of its folder and of the files that a user added through the page, which are kept in another folder and called
`.added/NAME`. Functions take the first as `folder` and the second as `added`.
"""

import contextlib
import dataclasses
import errno
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from corpus import readers
from corpus.document import Bulletin, ExtractedText
from corpus.library.edits import ADDED, Correction, UserEdits, apply_correction
from corpus.library.walk import walk, why_unlisted
from corpus.messages.errors import BulletinParseError, EditError, LibraryError, UnreadableFileError
from corpus.messages.message import Message
from corpus.parsing.recut import Cuts
from corpus.readers import archive, formats
from corpus.readers.cache import read_cached
from corpus.readers.sandbox import parse_in_sandbox
from corpus.readers.text import decode
from corpus.regions.gazetteer import Gazetteer

SAMPLES = Path(__file__).parents[1] / "samples"
TOP = "."  # the folder of the library itself, where it is listed as one that has become empty
REGIONS_FILE = "regions.csv"  # beside the bulletins: regions that the national table lacks

_SEVERAL = 2  # documents that a folder held: where it holds none any more, they are not taken for deleted

_ARCHIVE_END = re.compile(r"(?<=\.zip)(/)", re.I)  # where the name of a document goes on inside an archive

# The state of a file: read; read, but with warnings; a copy of another; kept but not searched; hidden; not readable; no document.
State = Literal["read", "warnings", "copy", "disabled", "removed", "refused", "skipped"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a library: its document name (`/`-separated), size in bytes, time in ns, SHA-256.

    One in an archive has the time of that, and `archive_size` is the size of that in bytes.
    """

    document: str
    size: int
    modified: int
    sha256: str
    archive_size: int = 0


@dataclass(frozen=True, slots=True)
class FileReport:
    """The state of one file. `messages` are its warnings, or why it was refused; `copy_of` is the document kept."""

    document: str
    state: State
    messages: tuple[Message, ...] = ()
    copy_of: str | None = None

    @property
    def summary(self) -> Message:
        """Return the state in one message, which names the file."""
        if self.state in ("refused", "skipped"):
            return self.messages[0]
        states = {
            "read": Message.of("corpus.library.read"),
            "warnings": Message.of("corpus.library.read_with_warnings"),
            "copy": Message.of("corpus.library.copy", copy_of=self.copy_of or ""),
            "disabled": Message.of("corpus.library.disabled"),
            "removed": Message.of("corpus.library.removed"),
        }
        return Message.of("corpus.library.report", document=self.document, state=states[self.state])

    def line(self) -> str:
        """Return the report in a line, and a line for every warning, in the user's language."""
        warnings = () if self.state in ("refused", "skipped") else self.messages
        return "\n".join([str(self.summary), *(f"  ! {message}" for message in warnings)])


def path_of(document: str, *, folder: Path, added: Path | None = None) -> Path:
    """Return the path of a document's file; of one in an archive, that of the archive.

    Args: added: the folder of the files that were added.
    Raises: LibraryError: the document was added, and `added` is None.
    """
    return _locate(document, folder=folder, added=added)[0]


def _locate(document: str, *, folder: Path, added: Path | None) -> tuple[Path, str]:
    """Return the path of a document's file or archive, and its name in the archive, "" where it lies in none.

    Raises: LibraryError: the document was added, and `added` is None.
    """
    if document.startswith(ADDED):
        if added is None:
            raise LibraryError(Message.of("corpus.library.nothing_added", document=document))
        folder, document = added, document.removeprefix(ADDED)
    for end in _ARCHIVE_END.finditer(document):
        path = folder / document[: end.start(1)]
        if os.path.isfile(path):  # and no folder of that name; False in a folder that cannot be entered
            return path, document[end.end() :]
    return folder / document, ""


def scan(
    folder: Path,
    *,
    added: Path | None = None,
    edits: UserEdits = UserEdits(),
    known: Sequence[SourceFile] = (),
    reread: bool = False,
) -> tuple[SourceFile, ...]:
    """List the library's bulletin files and its region table, by path, then the files that were added, by name.

    Args: known: files as they were before; those in a folder that cannot be listed, or has become empty, stay as they were, and
        one whose size and time are the same is not read again, unless it is to `reread`.
    Raises: LibraryError: the folder is missing or cannot be listed. Nothing is raised for a single file: one that cannot be
        read, or is too large, has an empty hash, and so has a folder inside that cannot be listed, or has become empty.
    """
    before = {file.document: file for file in known if not reread}
    in_archives: dict[str, list[SourceFile]] = defaultdict(list)
    for file in before.values():
        for end in _ARCHIVE_END.finditer(file.document):
            in_archives[file.document[: end.start()]].append(file)
    found = []
    names = [(ADDED + name, str(added / name)) for name in sorted(edits.added)] if added is not None else []
    paths = [(document, path) for document, path in _paths(folder) if _why_skipped(document, path) is None]
    for document, path in [*paths, *names]:
        if archive.is_archive(Path(path)):
            with contextlib.suppress(OSError, UnreadableFileError):  # one that cannot be opened is listed itself
                found += _scan_archive(document, Path(path), in_archives.get(document, []))
                continue
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
        if not digest and os.path.isdir(path):
            found += [file for file in known if file.document.startswith(f"{document}/")]
    if kept := _kept_of_emptied(folder, found, known, edits.removed):
        found = sorted([*found, *kept], key=lambda file: (file.document.startswith(ADDED), file.document.split("/")))
    return tuple(found)


def _kept_of_emptied(
    folder: Path, found: Sequence[SourceFile], known: Sequence[SourceFile], removed: Collection[str]
) -> list[SourceFile]:
    """Return the folders that held several documents and are empty now, without a hash, and what they held.

    So looks a drive that is not mounted. What was moved elsewhere is not kept, nor what lies in a folder that the user `removed`.
    """
    there, before = {file.document for file in found}, {file.document: file.sha256 for file in known}
    moved = {file.sha256 for file in found if before.get(file.document) != file.sha256}
    filled = {holder for parent in {_parent(document) for document in there} for holder in _holders(parent)}
    gone: dict[str, list[SourceFile]] = defaultdict(list)
    for file in known:
        if file.sha256 and file.document not in there and file.sha256 not in moved:
            gone[_parent(file.document)].append(file)
    held: dict[str, list[SourceFile]] = defaultdict(list)
    for parent, files in gone.items():
        for holder in _holders(parent):
            held[holder] += files
    kept: list[SourceFile] = []
    settled: list[str] = []
    for holder, files in sorted(held.items(), key=lambda item: (item[0] != TOP, item[0])):  # the widest comes first
        if holder in filled or len(bulletin_files(files)) < _SEVERAL or not set(_holders(holder)).isdisjoint(settled):
            continue
        if os.path.isdir(folder / holder):
            kept += [] if holder in removed else [SourceFile(holder, 0, 0, ""), *files]
            settled.append(holder)
    return kept


def _parent(document: str) -> str:
    """Return the folder that a document lies in, TOP for the library's own."""
    return document.rpartition("/")[0] or TOP


def _holders(folder: str) -> list[str]:
    """Return a folder and those that it lies in, from the library's own; none of the folder of what was added."""
    if f"{folder}/" == ADDED:
        return []
    parts = folder.split("/") if folder != TOP else []
    return [TOP, *("/".join(parts[:end]) for end in range(1, len(parts) + 1))]


def without_folders(files: Sequence[SourceFile]) -> list[SourceFile]:
    """Return the files that are no folders of documents that are away."""
    folders = {holder for parent in {_parent(file.document) for file in files} for holder in _holders(parent)}
    return [file for file in files if file.sha256 or file.document not in folders]


def documents_away(files: Sequence[SourceFile]) -> frozenset[str]:
    """Return the documents that stay as they were, since their folder cannot be listed or has become empty."""
    unread = {file.document for file in files if not file.sha256}
    away = {parent for parent in {_parent(file.document) for file in files} if not unread.isdisjoint(_holders(parent))}
    return frozenset(file.document for file in files if file.sha256 and _parent(file.document) in away)


def skipped_files(folder: Path) -> tuple[FileReport, ...]:
    """Report the files of the folder that are in no format that is read, each with what to do about it.

    Raises: LibraryError: the folder is missing or cannot be listed.
    """
    reasons = ((document, _why_skipped(document, path)) for document, path in _paths(folder))
    return tuple(FileReport(document, "skipped", (reason,)) for document, reason in reasons if reason is not None)


def _why_skipped(document: str, path: str) -> Message | None:
    """Return why a file is no document, by its name and its first bytes; None for a document, and for what cannot be read."""
    if document == REGIONS_FILE or os.path.splitext(path)[1].lower() in readers.SUFFIXES:
        return None
    try:
        with open(path, "rb") as file:
            formats.refuse_other(file.read(formats.HEAD), name=document)
    except UnreadableFileError as error:
        return error.message
    except OSError:
        return None
    return None


def _scan_archive(name: str, path: Path, known: list[SourceFile]) -> list[SourceFile]:
    """List the documents in an archive, each with its own size and the time of the archive.

    Args: known: them as they were before; where the size and time of the archive are the same, only one without a hash is read.
    Raises: UnreadableFileError, OSError: the archive cannot be opened.
    """
    status = path.stat()
    whole, modified = status.st_size, status.st_mtime_ns
    is_same = bool(known) and all((file.archive_size, file.modified) == (whole, modified) for file in known)
    if is_same and all(file.sha256 for file in known):
        return known
    with archive.Archive(path, name=name) as opened:
        if not is_same:
            known = [SourceFile(f"{name}/{member}", size, modified, "", whole) for member, size in opened.sizes.items()]
        return [file if file.sha256 else _hash_member(file, opened, name) for file in known]


def _hash_member(file: SourceFile, opened: archive.Archive, name: str) -> SourceFile:
    """Return a file of an archive with its hash, an empty one if it cannot be read."""
    with contextlib.suppress(UnreadableFileError):
        data = opened.read(file.document.removeprefix(f"{name}/"))
        return dataclasses.replace(file, sha256=hashlib.sha256(data).hexdigest())
    return file


def bulletin_files(files: Sequence[SourceFile]) -> list[SourceFile]:
    """Return the files that should be bulletins: all but the region table."""
    return [file for file in files if file.document != REGIONS_FILE]


def exclusion(document: str, edits: UserEdits) -> Literal["disabled", "removed"] | None:
    """Return whether the user removed or disabled a document, or None."""
    if document in edits.removed:
        return "removed"
    return "disabled" if document in edits.disabled else None


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file that was read: its text, the bulletin as parsed and as corrected, and why a correction was left out.

    `cut` is the bulletin as parsed with a user's `cuts`: its articles are those of `bulletin`, one by one.
    """

    extracted: ExtractedText
    parsed: Bulletin
    cut: Bulletin
    bulletin: Bulletin
    cuts: Cuts = field(default_factory=Cuts)
    uncorrected: tuple[Message, ...] = ()

    @property
    def warnings(self) -> tuple[Message, ...]:
        """Return what a user should know before trusting it."""
        return (*self.bulletin.warnings, *self.uncorrected)


class OpenArchive:
    """Keeps an archive open while its files are read in a row, until another file is, or to the end of a `with`."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._archive: archive.Archive | None = None

    def __enter__(self) -> "OpenArchive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive that is open, if one is."""
        if self._archive is not None:
            self._archive.close()
            self._archive = None

    def get(self, path: Path, *, name: str) -> archive.Archive:
        """Return an archive, opened unless it was the last.

        Raises: UnreadableFileError: it cannot be opened.
        """
        if self._archive is None or self._path != path:
            self.close()
            self._path, self._archive = path, archive.Archive(path, name=name)
        return self._archive


def read_source(document: str, *, folder: Path, added: Path | None = None, opened: OpenArchive | None = None) -> bytes:
    """Return the bytes of a document's file.

    Args: opened: what keeps an archive open for further documents; if None, it is closed.
    Raises: UnreadableFileError: it cannot be read, is too large, or is a link that leads out of the folder; or it is a folder
        that cannot be listed, or has become empty.
    """
    with readers.as_unreadable(document):
        path, member = _locate(document, folder=folder, added=added)
        if path.is_symlink() and not _resolve(path).is_relative_to(folder.resolve()):
            raise UnreadableFileError(Message.of("corpus.library.link_out_of_folder", document=document))
        if member:
            with OpenArchive() as alone:
                return (opened or alone).get(path, name=document.removesuffix(f"/{member}")).read(member)
    if opened is not None:
        opened.close()
    if os.path.isdir(path) and (cause := why_unlisted(path)) is not None:
        raise UnreadableFileError(Message.of("corpus.library.unreadable_folder", folder=document, cause=cause))
    if os.path.isdir(path) and all(entry.passed_over is not None for entry in walk(path)):
        name = str(folder) if document == TOP else document
        raise UnreadableFileError(Message.of("corpus.library.emptied_folder", folder=name, document=document))
    return readers.read_bytes(path, name=document)


def _resolve(path: Path) -> Path:
    """Return where a link leads. Raises: OSError: to itself."""
    try:
        return path.resolve()
    except RuntimeError as error:  # what Python 3.11 and 3.12 raise
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from error


def read_bulletin(
    data: bytes,
    document: str,
    *,
    gazetteer: Gazetteer,
    correction: Correction | None = None,
    extraction_cache: Path | None = None,
    keep: bool = False,
) -> ParsedFile:
    """Read, parse and correct the bytes of a file.

    Args: extracts: the folder of the extraction cache; keep: whether to add to it.
    Raises: UnreadableFileError: the bytes are not what the name says, or take too long to read; BulletinParseError: they are no
        bulletin; EditError: the correction cannot be applied.
    """
    extracted = read_cached(data, name=document, cache=extraction_cache, keep=keep)
    parsed = parse_in_sandbox(extracted, gazetteer=gazetteer, document=document, sha256=hashlib.sha256(data).hexdigest())
    return correct(ParsedFile(extracted, parsed, parsed, parsed), correction, gazetteer)


def correct(file: ParsedFile, correction: Correction | None, gazetteer: Gazetteer) -> ParsedFile:
    """Return a file that was read with this correction in place of another.

    Raises: EditError: the correction cannot be applied, or would leave no text.
    """
    cuts = correction.cuts if correction is not None else Cuts()
    cut, source = file.cut if cuts == file.cuts else file.parsed, file.parsed.source
    if cuts and cuts != file.cuts:
        try:
            cut = parse_in_sandbox(file.extracted, gazetteer=gazetteer, document=source.document, sha256=source.sha256, cuts=cuts)
        except BulletinParseError as error:
            raise EditError(Message.of("corpus.library.nothing_left", document=source.document)) from error
        except UnreadableFileError as error:  # with these cuts it takes too long
            raise EditError(error.message) from error
    return ParsedFile(file.extracted, file.parsed, cut, apply_correction(cut, correction, gazetteer), cuts)


@dataclass(frozen=True, slots=True)
class FileContext:
    """What it takes to read the files of a library: their folders, the region table, the extraction cache, the corrections.

    `corrections` are keyed by the SHA-256 of the file's bytes as they are when it is read.
    """

    folder: Path
    gazetteer: Gazetteer
    added: Path | None = None
    extraction_cache: Path | None = None
    corrections: Mapping[str, Correction] = field(default_factory=dict)


def read_bulletin_file(
    document: str, context: FileContext, *, keep: bool = False, opened: OpenArchive | None = None
) -> ParsedFile:
    """Read a document's file as `read_bulletin` does, with its correction; one that no longer applies becomes a warning.

    Args: keep: whether to add to the extraction cache; opened: what keeps an archive open for further documents.
    Raises: UnreadableFileError: the file cannot be read; BulletinParseError: it is no bulletin.
    """
    data = read_source(document, folder=context.folder, added=context.added, opened=opened)
    correction = context.corrections.get(hashlib.sha256(data).hexdigest())
    gazetteer, cache = context.gazetteer, context.extraction_cache
    try:
        return read_bulletin(data, document, gazetteer=gazetteer, correction=correction, extraction_cache=cache, keep=keep)
    except EditError as error:  # the region table has changed
        parsed = read_bulletin(data, document, gazetteer=gazetteer, extraction_cache=cache)
        return dataclasses.replace(parsed, uncorrected=(error.message,))


def load_gazetteer(folder: Path) -> Gazetteer:
    """Load the national regions and those of the library's own regions.csv.

    Raises: RegionTableError: the table has a malformed row; UnreadableFileError: it cannot be read, or is a link that leads
        out of the folder.
    """
    path = folder / REGIONS_FILE
    if not path.is_file() and not path.is_symlink():
        return Gazetteer.load()
    return Gazetteer.load([decode(read_source(REGIONS_FILE, folder=folder), name=str(path))])


def _paths(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the documents of the folder and their paths, by path.

    Raises: LibraryError: the folder is missing or cannot be listed.
    """
    for path, passed_over in walk(folder):
        if passed_over is None:
            # A Linux file name need not be text, and records hold text only: such a file is listed escaped, then left out.
            relative = path[len(str(folder)) :].lstrip(os.sep)
            yield relative.replace(os.sep, "/").encode("utf-8", "backslashreplace").decode(), path
