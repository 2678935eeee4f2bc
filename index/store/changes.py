"""Which files of a library have changed since it was indexed, and what a build has to do about it."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.library import files as library
from corpus.library.edits import ADDED, UserEdits
from corpus.library.files import FileReport, SourceFile
from index.store.context import BuildContext
from index.store.generations import Manifest
from index.store.indexing import file_key
from index.store.paths import LibraryPaths
from index.store.segments import Segment, SegmentEntry


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of each bulletin file of a library.

    `listed` are all of them, in order. `excluded` reports those that the user disabled or removed, and `exact_copies` maps files
    with the bytes of another to that other one. The rest are `wanted`: for some an indexed file can be reused, some are missing.
    """

    listed: tuple[SourceFile, ...]
    excluded: Mapping[str, FileReport]
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
    """How many files of a library were added, changed, moved and removed."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0


NO_CHANGES = FolderChanges()


def compare_sources(before: Iterable[SourceFile], after: Iterable[SourceFile]) -> FolderChanges:
    """Count what became of the files of a library; one that is gone and whose bytes are under a new name was moved."""
    old, new = ({file.document: file.sha256 for file in files} for files in (before, after))
    gone = Counter(sha256 for document, sha256 in old.items() if document not in new)
    come = Counter(sha256 for document, sha256 in new.items() if document not in old)
    moved = (gone & come).total()
    changed = sum(new[document] != sha256 for document, sha256 in old.items() if document in new)
    return FolderChanges(come.total() - moved, changed, moved, gone.total() - moved)


def follow_contents(edits: UserEdits, before: Iterable[SourceFile], after: Iterable[SourceFile]) -> UserEdits:
    """Return the edits with what was disabled or removed under the names that its contents have now.

    Every file with the contents of a disabled document is disabled: no copy stands in for what was switched off. A copy may be
    kept where another was removed, so a file is removed too only if it is new in the folder, and nothing with its contents was
    shown before; where something was, each removed document that has gone takes one new name, rather one that ends like its own.
    A name whose contents have changed is given up where the old contents lie under another: what it holds now was never switched
    off. Otherwise it stays, as that of a document edited in place; so does the name of one whose contents are nowhere.

    Args: before: the files as they were listed last; empty where that is unknown, and then nothing more is removed.
    """
    old = {file.document: file.sha256 for file in before}
    new = {file.document: file.sha256 for file in library.bulletin_files(tuple(after))}
    names = (*edits.disabled, *edits.removed)
    known = {name: edits.contents.get(name) or old.get(name) or new.get(name, "") for name in names}
    places: dict[str, list[str]] = {}
    for document, sha256 in new.items():
        if document not in edits.removed:
            places.setdefault(sha256, []).append(document)
    shown = {sha256 for document, sha256 in old.items() if document not in edits.removed}
    to_remove: dict[str, list[str]] = {}
    for sha256 in {known[name] for name in edits.removed}:
        gone = {name for name in edits.removed if name in old and known[name] == sha256 and new.get(name) not in (sha256, "")}
        come = [name for name in places.get(sha256, ()) if old and name not in old and not name.startswith(ADDED)]
        come.sort(key=lambda name: _file_name(name) not in {_file_name(other) for other in gone})
        to_remove[sha256] = come[: len(gone)] if sha256 in shown else come
    removed = _follow(edits.removed, known, new, to_remove)
    disabled = tuple(name for name in _follow(edits.disabled, known, new, places) if name not in removed)
    contents = {name: new.get(name) or known.get(name, "") for name in (*disabled, *removed)}
    contents = {name: sha256 for name, sha256 in contents.items() if sha256}
    return dataclasses.replace(edits, disabled=disabled, removed=removed, contents=contents)


def _follow(
    names: Sequence[str], known: Mapping[str, str], new: Mapping[str, str], places: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Return the names that are not given up, then the `places` of their contents."""
    all_contents = set(new.values())
    followed = {new.get(name) for name in names} | {sha256 for sha256, documents in places.items() if documents}

    def is_given_up(name: str) -> bool:
        now = new.get(name)
        if now in ("", known[name]):  # unreadable for now, or as it was
            return False
        return known[name] in (followed if now is None else all_contents)

    kept = [name for name in names if not (known[name] and is_given_up(name))]
    return tuple(dict.fromkeys([*kept, *(place for name in names if known[name] for place in places.get(known[name], ()))]))


def _file_name(document: str) -> str:
    return document.rpartition("/")[2]


def scan_sources(
    paths: LibraryPaths, edits: UserEdits, known: Sequence[SourceFile] = (), *, reread: bool = False
) -> tuple[SourceFile, ...]:
    """List the files of a library, with those that the user added.

    Args: known: files as they were before; those in a folder that cannot be listed stay as they were, and one whose size and time
        are the same is not read again, unless it is to `reread`.
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
    excluded: dict[str, FileReport] = {}
    exact_copies: dict[str, str] = {}
    originals: dict[str, str] = {}  # SHA-256 -> the first document with it
    reuse: dict[str, SegmentEntry] = {}
    missing: list[SourceFile] = []
    for file in listed:
        if (exclusion := library.exclusion(file.document, edits)) is not None:
            excluded[file.document] = exclusion
        elif not file.sha256:  # unreadable when it was listed, perhaps no longer
            missing.append(file)
        elif (original := originals.setdefault(file.sha256, file.document)) != file.document:
            exact_copies[file.document] = original
        elif (entry := known.get(file_key(file.document, file.sha256, edits.corrections.get(file.sha256)))) is not None:
            reuse[file.document] = entry
        else:
            missing.append(file)
    return Plan(listed, excluded, exact_copies, reuse, tuple(missing))
