"""What a user does to a library: preview and add files, disable or remove documents, correct what was misread."""

import dataclasses
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from corpus import atomic_write
from corpus.document import Bulletin
from corpus.library import files as library_files
from corpus.library.duplicates import find_duplicate
from corpus.library.edits import ADDED, Correction, UserEdits, safe_name
from corpus.library.files import FileReport, ParsedFile
from corpus.library.fingerprints import fingerprint
from corpus.messages.errors import EditError, JingyanError
from corpus.messages.message import Message
from corpus.regions.gazetteer import Gazetteer
from index.store.builder import Progress, no_progress
from index.store.changes import scan_sources
from index.store.context import BuildContext
from index.store.disk import as_storage_error, build_lock, list_folder, make_private_dir
from index.store.edits_file import read_edits
from index.store.library import Library, build_library, open_if_fresh
from index.store.paths import LibraryPaths


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as it would be read. `copy_of` is the document that it is a copy of, if any."""

    file: ParsedFile
    copy_of: str | None

    @property
    def bulletin(self) -> Bulletin:
        """Return the bulletin as corrected."""
        return self.file.bulletin

    @property
    def warnings(self) -> tuple[Message, ...]:
        """Return what a user should know before trusting it."""
        return self.file.warnings


@dataclass(frozen=True, slots=True)
class _Addition:
    """A file that was handed in. `document` is what it is called once it is kept, or None if it is not; `report` says why."""

    content: bytes
    document: str | None
    report: FileReport


@dataclass(frozen=True, slots=True)
class AdditionPlan:
    """What becomes of files that were handed in, in their order, and the user's edits with those that are kept."""

    additions: tuple[_Addition, ...]
    edits: UserEdits


def preview_file(library: Library, name: str, content: bytes, *, correction: Correction | None = None) -> Preview:
    """Read a file without adding it. What OCR recognised is cached until the next build, so that adding the file then is quick.

    Raises: UnreadableFileError, BulletinParseError: it would be refused; EditError: the correction cannot be made.
    """
    parsed = library_files.read_bulletin(
        content,
        name,
        gazetteer=library.catalog.gazetteer,
        correction=correction,
        extraction_cache=library.paths.extraction_cache,
        keep=True,
    )
    return Preview(parsed, _find_copy(library, parsed.cut))


def _find_copy(library: Library, bulletin: Bulletin) -> str | None:
    """Return the document with the same bytes, or else one with nearly the same text."""
    for source in library.manifest.sources:
        if source.sha256 == bulletin.source.sha256 and source.document not in library.manifest.edits.removed:
            return source.document
    known = [(file.document, file.fingerprint) for file in library.files if file.fingerprint is not None]
    index = find_duplicate(fingerprint(bulletin), [other for _, other in known])
    return known[index][0] if index is not None else None


def add_files(
    context: BuildContext,
    files: Sequence[tuple[str, bytes]],
    *,
    corrections: Mapping[str, Correction] | None = None,
    progress: Progress = no_progress,
) -> tuple[Library, tuple[FileReport, ...]]:
    """Keep copies of files and index them; those that are refused or already there are not kept.

    Args: files: names, of any kind, and contents; corrections: by the SHA-256 of a file.
    Returns: the library as it is now, and what became of each file, in their order and by the names under which they came.
    Raises: LibraryError: the folder is missing, or still holds no bulletin; EditError: a correction cannot be made;
        StorageError: the data folder cannot be written. Nothing is kept then, unless the message says otherwise.
    """
    paths = context.paths
    library_files.scan(paths.folder)
    make_private_dir(paths.added)
    with build_lock(paths, progress):
        before = read_edits(paths)
        plan = plan_additions(paths, files, before, corrections or {})
        with as_storage_error(paths.root):
            for addition in plan.additions:
                if addition.document is not None:
                    atomic_write.replace_file(paths.path_of(addition.document), addition.content)
        library = commit(context, before, plan.edits, progress)
    indexed = {report.document: report for report in library.manifest.reports}
    reports = [
        dataclasses.replace(indexed.get(addition.document or "", addition.report), document=addition.report.document)
        for addition in plan.additions
    ]
    return library, tuple(reports)


def plan_additions(
    paths: LibraryPaths, files: Sequence[tuple[str, bytes]], before: UserEdits, corrections: Mapping[str, Correction]
) -> AdditionPlan:
    """Decide for each file whether it is refused, a copy, or kept, and under which name. Nothing is written but cached OCR.

    Raises: EditError: a correction cannot be made, or is for none of these files.
    """
    digests = [hashlib.sha256(content).hexdigest() for _, content in files]
    edits = before
    for sha256, correction in corrections.items():
        _check_present(sha256, digests)
        edits = edits.correct(sha256, correction)
    gazetteer = library_files.load_gazetteer(paths.folder)
    present = {file.sha256: file.document for file in scan_sources(paths, edits) if file.document not in edits.removed}
    on_disk = {path.name for path in list_folder(paths.added)}
    additions = []
    for (name, content), digest in zip(files, digests, strict=True):
        document = None
        if digest in present:
            report = FileReport(name, "copy", copy_of=present[digest])
        else:
            report = FileReport(name, "read")
            try:
                library_files.read_bulletin(
                    content,
                    name,
                    gazetteer=gazetteer,
                    correction=corrections.get(digest),  # one that waited and does not apply becomes a warning
                    extraction_cache=paths.extraction_cache,
                    keep=True,
                )
            except EditError:
                raise
            except JingyanError as error:
                report = FileReport(name, "refused", (error.message,))
            else:
                safe = safe_name(name, taken=on_disk | edits.added.keys())
                edits = edits.add(safe, digest)
                present[digest] = document = ADDED + safe
        additions.append(_Addition(content, document, report))
    return AdditionPlan(tuple(additions), edits)


def apply_edits(
    context: BuildContext,
    change: Callable[[UserEdits], UserEdits],
    *,
    may_be_empty: bool = False,
    progress: Progress = no_progress,
) -> Library:
    """Change the user's edits of a library, and index it accordingly.

    Args: change: gets the edits as they are, which nobody else changes meanwhile, and returns them as they shall be;
        may_be_empty: whether the library may hold nothing then.
    Raises: LibraryError: the folder is missing, or no bulletin would be left; EditError: a correction cannot be made, or its
        file is not there; StorageError: the data folder cannot be written. Nothing is changed then, unless the message says
        otherwise.
    """
    paths = context.paths
    library_files.scan(paths.folder)
    make_private_dir(paths.root)
    with build_lock(paths, progress):
        before = read_edits(paths)
        edits = change(before)
        _check_corrections(paths, before, edits)
        return commit(context, before, edits, progress, may_be_empty=may_be_empty)


def commit(
    context: BuildContext, before: UserEdits, edits: UserEdits, progress: Progress, *, may_be_empty: bool = False
) -> Library:
    """Open the library with these edits, which take effect once it can be searched. Call with the build lock held."""
    if edits == before and (library := open_if_fresh(context)) is not None:
        return library
    return build_library(context, edits, may_be_empty=may_be_empty, progress=progress)


def _check_corrections(paths: LibraryPaths, before: UserEdits, edits: UserEdits) -> None:
    """Make every new correction once. Raises: EditError: it cannot be made, or its file is not there."""
    documents = {file.sha256: file.document for file in scan_sources(paths, edits)}
    gazetteer = library_files.load_gazetteer(paths.folder)
    for sha256, correction in edits.corrections.items():
        if correction != before.corrections.get(sha256):
            _check_present(sha256, documents)
            read_corrected(paths, documents[sha256], correction, gazetteer)


def read_corrected(paths: LibraryPaths, document: str, correction: Correction, gazetteer: Gazetteer) -> ParsedFile:
    """Read a document's file with a correction that is not kept yet.

    Raises: UnreadableFileError, BulletinParseError: it cannot be read; EditError: the correction cannot be made.
    """
    return library_files.read_bulletin(
        library_files.read_source(document, folder=paths.folder, added=paths.added),
        document,
        gazetteer=gazetteer,
        correction=correction,
        extraction_cache=paths.extraction_cache,
    )


def _check_present(sha256: str, present: Collection[str]) -> None:
    if sha256 not in present:
        raise EditError(Message.of("index.store.no_such_file", sha256=sha256))
