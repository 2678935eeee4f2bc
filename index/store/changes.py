"""Which files of a library have changed since it was indexed, and what a build has to do about it."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from posixpath import basename
from typing import NamedTuple

from corpus.library import files as library
from corpus.library.edits import ADDED, UserEdits
from corpus.library.files import SourceFile, State
from index.store.context import BuildContext
from index.store.generations import Manifest
from index.store.indexing import file_key
from index.store.paths import LibraryPaths
from index.store.segments import Segment, SegmentEntry


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of each bulletin file of a library.

    `listed` are all of them, in order. `excluded` are those that the user disabled or removed, and `exact_copies` maps files with
    the bytes of another to that other one. The rest are `wanted`: for some an indexed file can be reused, some are missing.
    """

    listed: tuple[SourceFile, ...]
    excluded: Mapping[str, State]
    exact_copies: Mapping[str, str]
    reuse: Mapping[str, SegmentEntry]
    missing: tuple[SourceFile, ...]

    @property
    def wanted(self) -> tuple[SourceFile, ...]:
        """Return the files that are to be indexed, in order."""
        return tuple(
            file for file in self.listed if file.document not in self.excluded and file.document not in self.exact_copies
        )


class FolderChanges(NamedTuple):
    """How many files of a library were added, changed, moved and removed; and how many more stay, their folder being away."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    away: int = 0


NO_CHANGES = FolderChanges()


def compare_sources(before: Sequence[SourceFile], after: Sequence[SourceFile]) -> FolderChanges:
    """Count what became of the files of a library; one that is gone and whose bytes are under a new name was moved."""
    away = len(library.documents_away(after) - library.documents_away(before))
    old, new = ({file.document: file.sha256 for file in library.without_folders(files)} for files in (before, after))
    gone = Counter(sha256 for document, sha256 in old.items() if document not in new)
    come = Counter(sha256 for document, sha256 in new.items() if document not in old)
    moved = (gone & come).total()
    changed = sum(new[document] != sha256 for document, sha256 in old.items() if document in new)
    return FolderChanges(come.total() - moved, changed, moved, gone.total() - moved, away)


def follow_moves(edits: UserEdits, before: Iterable[SourceFile], after: Iterable[SourceFile]) -> UserEdits:
    """Return the edits with documents that were disabled or removed under their new names, where their files were moved.

    A file was moved where its contents have left its name and stand under one where they did not stand before: what is saved
    under the old name then is another document. Of several with the same contents each takes one name, rather one that ends like
    its own, and those that are searched come first.
    """
    old, new = ({file.document: file.sha256 for file in files} for files in (before, after))
    came: dict[str, list[str]] = {}
    for document, sha256 in new.items():
        if old.get(document) != sha256 and not document.startswith(ADDED):
            came.setdefault(sha256, []).append(document)
    off = {*edits.disabled, *edits.removed}
    left = [document for document, sha256 in old.items() if sha256 and new.get(document) not in (sha256, "")]
    moved: dict[str, str] = {}
    for document in sorted(left, key=lambda document: document in off):
        if places := came.get(old[document]):
            place = next((place for place in places if basename(place) == basename(document)), places[0])
            places.remove(place)
            moved[document] = place
    return dataclasses.replace(
        edits,
        disabled=tuple(dict.fromkeys(moved.get(document, document) for document in edits.disabled)),
        removed=tuple(dict.fromkeys(moved.get(document, document) for document in edits.removed)),
    )


def drop_confirmed(edits: UserEdits, before: Sequence[SourceFile], after: Iterable[SourceFile]) -> UserEdits:
    """Return the edits without folders that had become empty, once it is done that their documents are removed."""
    folders = {file.document for file in before} - {file.document for file in library.without_folders(before)}
    confirmed = folders - {file.document for file in after}
    return dataclasses.replace(edits, removed=tuple(document for document in edits.removed if document not in confirmed))


def scan_sources(
    paths: LibraryPaths, edits: UserEdits, known: Sequence[SourceFile] = (), *, reread: bool = False
) -> tuple[SourceFile, ...]:
    """List the files of a library, with those that the user added.

    Args: known: files as they were before; those in a folder that cannot be listed, or has become empty, stay as they were, and
        one whose size and time are the same is not read again, unless it is to `reread`.
    Raises: LibraryError: the folder is missing or unreadable.
    """
    return library.scan(paths.folder, added=paths.added, edits=edits, known=known, reread=reread)


def is_fresh(manifest: Manifest, sources: Iterable[SourceFile], edits: UserEdits, context: BuildContext) -> bool:
    """Return whether a generation was built from these files and edits, with these encoders and code.

    Where no contextual channel is wanted, one that has it will do.
    """

    def contents(files: Iterable[SourceFile]) -> list[tuple[str, str]]:
        return [(file.document, file.sha256) for file in files]

    return (
        manifest.code == context.code
        and manifest.encoder_fingerprint == context.encoder.fingerprint
        and (context.contextual is None or manifest.contextual_fingerprint == context.contextual_fingerprint)
        and manifest.edits == edits
        and contents(manifest.sources) == contents(sources)
    )


def plan_build(sources: Sequence[SourceFile], edits: UserEdits, segments: Iterable[Segment]) -> Plan:
    """Decide what a build has to do.

    Args: segments: indexed files that can be reused, made with the same build fingerprint; of files with the same key the last
        counts.
    """
    known = {
        file.key: SegmentEntry(segment, index) for segment in segments for index, file in enumerate(segment.files) if file.key
    }
    listed = tuple(library.bulletin_files(sources))
    excluded: dict[str, State] = {
        file.document: exclusion for file in listed if (exclusion := library.exclusion(file.document, edits)) is not None
    }
    exact_copies: dict[str, str] = {}
    # SHA-256 -> the document that counts, of which all others are copies: one that is switched off, so that none of them comes
    # in its place, or else the first.
    originals = {
        file.sha256: file.document for file in reversed(listed) if file.sha256 and excluded.get(file.document) == "disabled"
    }
    reuse: dict[str, SegmentEntry] = {}
    missing: list[SourceFile] = []
    for file in listed:
        if file.document in excluded:
            continue
        if not file.sha256:  # unreadable when it was listed, perhaps no longer
            missing.append(file)
        elif (original := originals.setdefault(file.sha256, file.document)) != file.document:
            exact_copies[file.document] = original
        elif (entry := known.get(file_key(file.document, file.sha256, edits.corrections.get(file.sha256)))) is not None:
            reuse[file.document] = entry
        else:
            missing.append(file)
    return Plan(listed, excluded, exact_copies, reuse, tuple(missing))
