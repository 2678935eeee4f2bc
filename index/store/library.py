"""Open the index of a library, build it where it is missing, stale or damaged, and say how it stands.

How it is kept on disk is described in `index/store/paths.py`.
"""

import contextlib
import dataclasses
import gc
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from corpus.chunker import chunk
from corpus.document import Bulletin
from corpus.library import files
from corpus.library.edits import UserEdits
from corpus.library.files import ParsedFile
from corpus.library.walk import count_passed_over
from corpus.messages.errors import StorageError
from corpus.messages.message import Message
from index.catalog import Catalog
from index.contextual import ContextualEncoder
from index.encoder import Encoder
from index.passage_index import LocalPassageIndex
from index.query.query import QueryAnalyzer
from index.query.thesaurus import load_thesaurus
from index.query.translation import load_translations
from index.retriever import Retriever
from index.store import generations
from index.store.builder import Progress, build, no_progress
from index.store.changes import drop_confirmed, follow_moves, is_fresh, scan_sources
from index.store.cleaning import remove_leftovers, remove_leftovers_if_free
from index.store.context import BuildContext
from index.store.disk import as_storage_error, build_lock, make_private_dir
from index.store.edits_file import read_edits, replaced_edits
from index.store.generations import Generation, Manifest
from index.store.paths import LibraryPaths
from index.store.segments import IndexedFile, Segment

# No index; one of another version of the program; one with a wrong hash; one of other files, edits or code; one that can be used.
State = Literal["missing", "foreign", "damaged", "stale", "fresh"]


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """An opened index: the retriever, the bulletins it covers, and what is known of each file."""

    context: BuildContext
    manifest: Manifest
    bulletins: tuple[Bulletin, ...]
    files: tuple[IndexedFile, ...]
    retriever: Retriever

    @property
    def catalog(self) -> Catalog:
        """Return the facts of the library that depend on no query."""
        return self.retriever.catalog

    @property
    def paths(self) -> LibraryPaths:
        """Return the paths of the library."""
        return self.context.paths

    @property
    def folder(self) -> Path:
        """Return the folder of bulletins."""
        return self.paths.folder

    @property
    def data(self) -> Path:
        """Return the per-user data folder."""
        return self.paths.data

    @property
    def root(self) -> Path:
        """Return the folder of everything that is kept of this library."""
        return self.paths.root

    def path(self, document: str) -> Path:
        """Return the path of a document's file, in the folder or among those that were added."""
        return self.paths.path_of(document)

    def read(self, document: str) -> ParsedFile:
        """Read a document's file as it is now: its text, to which source spans refer, and the bulletin.

        Raises: UnreadableFileError, BulletinParseError: the file has changed and can no longer be read.
        """
        context = self.paths.file_context(self.catalog.gazetteer, self.manifest.edits.corrections)
        return files.read_bulletin_file(document, context)


class Status(NamedTuple):
    """How an index stands, with its manifest if that can be read."""

    state: State
    manifest: Manifest | None


def open_library(
    folder: Path,
    *,
    data: Path,
    encoder: Encoder,
    contextual: ContextualEncoder | None = None,
    rebuild: bool = False,
    may_be_empty: bool = False,
    progress: Progress = no_progress,
) -> Library:
    """Open the index of a library; build or refresh it if it is missing, stale or damaged.

    Args: data: the per-user data folder; contextual: reads each passage while it is indexed; rebuild: index every file again,
        even if the index is fresh; may_be_empty: whether the library may hold nothing yet; progress: called with a stage (wait:
        another process is building; read; index), the number of files done and in all.
    Raises: LibraryError: the folder is missing, unreadable or holds no bulletin; StorageError: the data folder cannot be written.
    """
    return open_index(
        BuildContext(LibraryPaths(folder, data), encoder, contextual),
        rebuild=rebuild,
        may_be_empty=may_be_empty,
        progress=progress,
    )


def open_index(
    context: BuildContext, *, rebuild: bool = False, may_be_empty: bool = False, progress: Progress = no_progress
) -> Library:
    """Open the index of a library as `open_library`, with the parts that `context` names."""
    paths = context.paths
    if not rebuild and (library := open_if_fresh(context)) is not None:
        return library
    files.scan(paths.folder)  # a missing folder is found out before anything is written
    make_private_dir(paths.root)
    before = generations.current(paths.root)
    with build_lock(paths, progress) as waited:
        built_by_another = waited and generations.current(paths.root) != before
        if (built_by_another or not rebuild) and (library := open_if_fresh(context)) is not None:
            return library
        return build_library(context, read_edits(paths), force=rebuild, may_be_empty=may_be_empty, progress=progress)


def status(context: BuildContext) -> Status:
    """Say how the index of a library stands, without changing it.

    Raises: LibraryError: the folder is missing or unreadable.
    """
    paths = context.paths
    edits = read_edits(paths)
    generation = generations.current(paths.root)
    sources = scan_sources(paths, edits, generation.manifest.sources if generation is not None else (), reread=True)
    if generation is None:
        if generations.is_foreign(paths.root):
            return Status("foreign", None)
        if not generations.has_pointer(paths.root):
            return Status("missing", None)
        # Another process may have made the first generation between the two looks.
        return status(context) if generations.current(paths.root) is not None else Status("damaged", None)
    if not generations.is_intact(generation):
        if generations.current(paths.root) != generation:  # another process has just replaced it
            return status(context)
        return Status("damaged", generation.manifest)
    return Status("fresh" if is_fresh(generation.manifest, sources, edits, context) else "stale", generation.manifest)


def open_if_fresh(context: BuildContext) -> Library | None:
    """Read the current generation; None if there is none, it is stale or damaged, or it was replaced while it was read."""
    paths = context.paths
    generation = generations.current(paths.root)
    if generation is None:
        return None
    edits = read_edits(paths)
    if not is_fresh(generation.manifest, scan_sources(paths, edits, generation.manifest.sources), edits, context):
        return None
    library = load_generation(context, generation)
    if library is not None:
        remove_leftovers_if_free(paths, generation)
    return library


def build_library(
    context: BuildContext,
    edits: UserEdits,
    *,
    force: bool = False,
    may_be_empty: bool = False,
    progress: Progress = no_progress,
) -> Library:
    """Build a generation with these edits, make it and them current, and open it. Call with the build lock held.

    Args: force: index every file again; may_be_empty: whether the library may hold nothing to search.
    Raises: LibraryError: no file is a bulletin that may be searched; StorageError: the data folder cannot be written. Nothing is
        changed then, unless the message says otherwise.
    """
    paths = context.paths
    with as_storage_error(paths.root):
        _build_generation(context, edits, force=force, may_be_empty=may_be_empty, progress=progress)
        generation = generations.current(paths.root)
    library = load_generation(context, generation) if generation is not None else None
    if library is None:
        raise StorageError(Message.of("index.store.not_read_back", path=str(paths.root)))
    return library


def _build_generation(context: BuildContext, edits: UserEdits, *, force: bool, may_be_empty: bool, progress: Progress) -> None:
    paths, encoder = context.paths, context.encoder
    old = generations.current(paths.root)
    before = old.manifest.sources if old is not None else ()
    sources = scan_sources(paths, edits, before, reread=True)
    fingerprint = context.build_fingerprint(sources)
    edits = drop_confirmed(follow_moves(edits, before, sources), before, sources)
    away = files.documents_away(sources)
    is_usable = old is not None and old.manifest.build_fingerprint == fingerprint and (bool(away) or not force)
    old_segment = generations.load(old) if old is not None and is_usable else None
    reuse = ((_only(old_segment, away) if force else old_segment),) if old_segment is not None else ()
    segment, reports = build(context, sources, edits, reuse=reuse, progress=progress, may_be_empty=may_be_empty)
    # What of these could not be read is read once the folder is back: without a hash it does not pass for indexed.
    lost = away & {report.document for report in reports if report.state == "refused"}
    sources = tuple(dataclasses.replace(file, sha256="") if file.document in lost else file for file in sources)
    make_current = generations.write(
        paths.root,
        segment,
        Manifest(
            format=generations.FORMAT,
            code=context.code,
            encoder=encoder.name,
            encoder_fingerprint=encoder.fingerprint,
            contextual_fingerprint=context.contextual_fingerprint,
            dimension=encoder.dimension,
            bulletins=len(segment.bulletins),
            passages=len(segment.dense),
            created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            sources=sources,
            edits=edits,
            reports=reports,
            files={},
            passed_over=count_passed_over(paths.folder),
        ),
    )
    with replaced_edits(paths, edits):
        make_current()
    remove_leftovers(paths)


def _only(segment: Segment, documents: Collection[str]) -> Segment:
    """Return a segment of which a build reuses these documents alone: the others have no key."""
    known = (file if file.document in documents else msgspec.structs.replace(file, key="") for file in segment.files)
    return dataclasses.replace(segment, files=tuple(known))


def load_generation(context: BuildContext, generation: Generation) -> Library | None:
    """Read a generation; None if a hash or a size does not agree."""
    with _gc_paused():
        segment = generations.load(generation)
        return _assemble(context, segment, generation.manifest) if segment is not None else None


@contextlib.contextmanager
def _gc_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector while many records are made that stay and have no cycles.

    At 100,000 passages it would take as long as all the rest, and a second now and then while questions are answered.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _assemble(context: BuildContext, segment: Segment, manifest: Manifest) -> Library | None:
    passages = [passage for bulletin in segment.bulletins for passage in chunk(bulletin)]
    if not len(passages) == len(segment.dense) == manifest.passages or manifest.dimension != context.encoder.dimension:
        return None
    tokenizer = context.load_tokenizer()
    catalog = Catalog(
        passages,
        gazetteer=files.load_gazetteer(context.paths.folder),
        tokenizer=tokenizer,
        load_vocabulary=segment.lexical.vocabulary,
        replaced={
            bulletin.articles[position]
            for index, bulletin in segment.bulletins_by_file().items()
            for position in segment.files[index].replaced
        },
    )
    encoder = context.encoder
    index = LocalPassageIndex(
        catalog,
        lexical=segment.lexical,
        dense=segment.dense,
        late=segment.late,
        encoder=encoder,
        sentences=segment.contextual if context.contextual is not None else None,
        contextual=context.contextual,
    )
    analyzer = QueryAnalyzer(encoder=encoder, tokenizer=tokenizer, translations=load_translations(), thesaurus=load_thesaurus())
    return Library(context, manifest, segment.bulletins, segment.files, Retriever(index, analyzer))
