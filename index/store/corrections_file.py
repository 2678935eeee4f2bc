"""Corrections as one file that travels from library to library: JSON, by the SHA-256 of the files that they belong to."""

import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from corpus.library import files as library_files
from corpus.library.edits import Correction, UserEdits
from corpus.messages.errors import EditError, JingyanError
from corpus.messages.message import Message
from index.store.builder import Progress, no_progress
from index.store.changes import scan_sources
from index.store.context import BuildContext
from index.store.disk import build_lock, make_private_dir
from index.store.edits import commit, read_corrected
from index.store.edits_file import read_edits
from index.store.library import Library
from index.store.paths import LibraryPaths

_SHA256 = re.compile("[0-9a-f]{64}")
_INDENT = 2


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A correction; `document` is what its file was called where it was made, for people to read."""

    sha256: str
    correction: Correction
    document: str = ""


class _CorrectionsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All corrections of a library; `digest` is that of `corrections`, "" where an earlier version or a person wrote them."""

    corrections: tuple[_Entry, ...]
    format: Literal["jingyan-corrections-1"] = "jingyan-corrections-1"
    digest: str = ""


class _Raw(msgspec.Struct, frozen=True):
    """The corrections as they stand in the file."""

    corrections: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of corrections that came in.

    `applied` are the documents that have them now; `kept` what files are called that are not in the library, for which
    corrections wait; `refused` says of the others why they cannot be made.
    """

    applied: tuple[str, ...]
    kept: tuple[str, ...]
    refused: tuple[Message, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return all of it, to be told."""
        told = [Message.of("index.store.corrections_applied", count=len(self.applied))]
        if self.kept:
            told.append(Message.of("index.store.corrections_kept", count=len(self.kept), documents=self.kept))
        return (*told, *self.refused)


def export_corrections(paths: LibraryPaths) -> bytes:
    """Return all corrections of a library as one file.

    Raises: LibraryError: the folder is missing or unreadable; EditError: the file of edits is damaged.
    """
    edits = read_edits(paths)
    documents = {file.sha256: file.document for file in scan_sources(paths, edits)}
    entries = [
        {"document": documents.get(sha256, ""), "sha256": sha256, "correction": _written(correction)}
        for sha256, correction in sorted(edits.corrections.items(), key=lambda item: (documents.get(item[0], ""), item[0]))
    ]
    content = {"format": _CorrectionsFile(()).format, "corrections": entries, "digest": _digest(entries)}
    return msgspec.json.format(msgspec.json.encode(content), indent=_INDENT) + b"\n"


def parse_corrections(content: bytes, name: str) -> tuple[_Entry, ...]:
    """Read a file that `export_corrections` made. Raises: EditError: it is none, or damaged."""
    try:
        found = msgspec.json.decode(content, type=_CorrectionsFile)
        raw = msgspec.json.decode(content, type=_Raw)
        _check_fields(raw.corrections)
    except (ValueError, RecursionError) as error:
        raise EditError(Message.of("index.store.malformed_corrections", path=name, cause=str(error))) from error
    if found.digest and found.digest != _digest(raw.corrections):
        raise EditError(Message.of("index.store.changed_corrections", path=name))
    entries = found.corrections
    for entry in entries:
        if _SHA256.fullmatch(entry.sha256) is None:
            cause = f"sha256: {entry.sha256[:64]}"
            raise EditError(Message.of("index.store.malformed_corrections", path=name, cause=cause))
    return entries


def _digest(entries: Sequence[dict[str, Any]]) -> str:
    return hashlib.sha256(msgspec.json.encode(list(entries), order="deterministic")).hexdigest()


def _check_fields(entries: Sequence[dict[str, Any]]) -> None:
    """Raise ValueError where a correction has a field that is none: it would be passed over without a word."""
    known = {field.name for field in dataclasses.fields(Correction)}
    for entry in entries:
        if unknown := entry["correction"].keys() - known:
            raise ValueError(", ".join(sorted(unknown)))


def import_corrections(
    context: BuildContext, content: bytes, name: str, *, progress: Progress = no_progress
) -> tuple[Library, ImportReport]:
    """Take corrections in: each in place of the one that a file has, and the library indexed accordingly.

    One whose file is not here waits for it; one that cannot be made is left out.

    Args: content: of a file that `export_corrections` made; name: what it is called in messages.
    Raises: EditError: it is no such file; LibraryError: the folder is missing; StorageError: the data folder cannot be written.
        Nothing is changed then.
    """
    paths = context.paths
    entries = parse_corrections(content, name)
    library_files.scan(paths.folder)
    make_private_dir(paths.root)
    with build_lock(paths, progress):
        before = read_edits(paths)
        edits, report = _take_in(paths, before, entries)
        return commit(context, before, edits, progress), report


def _take_in(paths: LibraryPaths, before: UserEdits, entries: tuple[_Entry, ...]) -> tuple[UserEdits, ImportReport]:
    documents: Mapping[str, str] = {file.sha256: file.document for file in scan_sources(paths, before)}
    gazetteer = library_files.load_gazetteer(paths.folder)
    edits, applied, kept, refused = before, [], [], []
    for entry in entries:
        document = documents.get(entry.sha256)
        if document is None:
            kept.append(entry.document or entry.sha256[:12])
        else:
            try:
                read_corrected(paths, document, entry.correction, gazetteer)
            except JingyanError as error:
                refused.append(error.message)
                continue
            applied.append(document)
        edits = edits.correct(entry.sha256, entry.correction)
    return edits, ImportReport(tuple(applied), tuple(kept), tuple(refused))


def _written(correction: Correction) -> dict[str, Any]:
    """Return the fields that a correction sets."""
    plain = Correction()
    fields: dict[str, Any] = msgspec.to_builtins(correction, str_keys=True)
    return {name: value for name, value in fields.items() if getattr(correction, name) != getattr(plain, name)}
