"""What is kept of a library, outside its folder. All that the program writes of a library is written from here.

    DATA/libraries/KEY/              KEY: a hash of the library's path; mode 0700
        added/                       the files that a person added
        curation.json                what a person added, disabled, removed and corrected, replaced atomically
        extracts/                    the texts of files that are not text (corpus/readers/cache.py)
        current                      the generation in use and the SHA-256 of its manifest, replaced atomically
        lock                         held by the process that builds
        generation-…/                immutable once named in `current`
            manifest.json            format, encoder, sources, curation, what became of each file, SHA-256 of every other file
            bulletins.json           what the parser understood
            files.json               what is known of each file beside that (index/store/segments.py)
            dense-… lexical-… late-…  vectors, words, tokens
        prepared-…/                  a part of a generation to come: where a build that was cut short goes on
        building-…/                  one of these in the making

A generation is built in a folder of its own and becomes current by one rename; what was current is then deleted. From the
hash in `current` hang the hashes of all files: a generation in which one byte has changed is never used. Builds take turns by
a lock, which the system takes back from a process that dies; reading needs no lock.

What a person changes takes effect at once or not at all: files that were added lie ready and the generation that holds them is
built before `curation.json` names them. A file of `added/` that it does not name is left over from a change that was cut short,
and is swept. The generation in use knows the curation it was made with, should `curation.json` be damaged.
"""

import contextlib
import dataclasses
import gc
import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from corpus import atomic_write as write_files
from corpus.chunker import chunk
from corpus.document import Bulletin
from corpus.library import files as library
from corpus.library.duplicates import find_duplicate, fingerprint
from corpus.library.edits import ADDED, Correction, UserEdits, safe_name
from corpus.library.files import FileReport, ParsedFile, SourceFile
from corpus.messages.errors import EditError, JingyanError, StorageError
from corpus.messages.language import tr
from corpus.messages.message import Message
from index.catalog import Catalog
from index.encoder import Encoder
from index.passage_index import LocalPassageIndex
from index.query.query import QueryAnalyzer
from index.query.thesaurus import load_thesaurus
from index.query.tokenizer import load_tokenizer
from index.query.translation import load_translations
from index.retriever import Retriever
from index.store import generations
from index.store.builder import BuildContext, Progress, build
from index.store.generations import Manifest, code_fingerprint
from index.store.paths import LibraryPaths
from index.store.segments import IndexedFile, Segment


class Library(msgspec.Struct, frozen=True):
    """An opened index: the retriever, the bulletins it covers, what is known of each file."""

    paths: LibraryPaths
    manifest: Manifest
    bulletins: tuple[Bulletin, ...]
    files: tuple[IndexedFile, ...]
    retriever: Retriever

    @property
    def catalog(self) -> Catalog:
        """The facts of the library."""
        return self.retriever.catalog

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
        """What the file of a document says now: its text, to which source spans refer, and the bulletin.

        Raises: UnreadableFileError, BulletinParseError: it has changed, and cannot be read any more.
        """
        return library.read_bulletin_file(
            document,
            self.paths.file_context(self.retriever.catalog.gazetteer, self.manifest.curation.corrections),
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file would be read. `copy_of` is the document that it is a copy of, if any."""

    bulletin: Bulletin
    warnings: tuple[Message, ...]
    copy_of: str | None


def open_library(
    folder: Path, *, data: Path, encoder: Encoder, rebuild: bool = False, progress: Progress = lambda stage, done, total: None
) -> Library:
    """Open the index of a library, building or refreshing it where it is missing, stale or damaged.

    Args: rebuild: build anew what is fresh; progress: called with a stage (wait: another process is building; read; index), the
        number done and in all.
    Raises: LibraryError: the folder is missing, unreadable or holds no bulletin; StorageError: the data folder cannot be written.
    """
    paths = LibraryPaths(folder, data)
    if not rebuild and (opened := _open(paths, encoder)) is not None:
        return opened
    library.scan(paths.folder)  # a missing folder is found out before anything is written
    _make_private_dir(paths.root)
    before = generations.current(paths.root)
    with _locked(paths, progress) as waited:
        # Another process may have built it while this one waited.
        new = waited and generations.current(paths.root) != before
        if (new or not rebuild) and (opened := _open(paths, encoder)) is not None:
            return opened
        return _built(paths, encoder, read_edits(paths), progress, anew=rebuild)


def preview(opened: Library, name: str, content: bytes, *, correction: Correction | None = None) -> Preview:
    """How a file would be read, without keeping it. What was recognised of a scan is kept till the next build, so that to add it
    then does not recognise it again.

    Raises: UnreadableFileError, BulletinParseError: it would be refused; EditError: the correction cannot be made.
    """
    gazetteer, extracts = opened.retriever.catalog.gazetteer, opened.paths.extraction_cache
    understood = library.read_bulletin(content, name, gazetteer=gazetteer, correction=correction, extracts=extracts, keep=True)
    removed, digest = opened.manifest.curation.removed, understood.parsed.source.sha256
    same = (file.document for file in opened.manifest.sources if file.sha256 == digest and file.document not in removed)
    copy_of = next(same, None)
    if copy_of is None:
        known = [(file.document, file.fingerprint) for file in opened.files if file.fingerprint is not None]
        at = find_duplicate(fingerprint(understood.parsed), [other for _, other in known])
        copy_of = known[at][0] if at is not None else None
    return Preview(understood.bulletin, understood.warnings, copy_of)


def add(
    folder: Path,
    files: Sequence[tuple[str, bytes]],
    *,
    data: Path,
    encoder: Encoder,
    corrections: Mapping[str, Correction] | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> tuple[Library, tuple[FileReport, ...]]:
    """Keep copies of files and index them. One that is refused or already there is not kept; the others are.

    Args: files: names, of any kind, and contents; corrections: by the SHA-256 of a file.
    Returns: the library as it is now, and what became of each file, in their order and by the names under which they came.
    Raises: LibraryError: the folder is missing, or still holds no bulletin; EditError: a correction cannot be made;
        StorageError: the data folder cannot be written. Nothing is kept then.
    """
    paths = LibraryPaths(folder, data)
    library.scan(paths.folder)
    _make_private_dir(paths.added)
    with _locked(paths, progress):
        curation = before = read_edits(paths)
        digests = [hashlib.sha256(content).hexdigest() for _, content in files]
        for sha256, correction in (corrections or {}).items():
            _check_present(sha256, digests)
            curation = curation.correct(sha256, correction)
        gazetteer = library.load_gazetteer(paths.folder)
        sources = _sources(paths, curation)
        present = {file.sha256: file.document for file in sources if file.document not in curation.removed}
        reports: list[FileReport] = []
        kept: dict[str, int] = {}  # document -> its place in `reports`
        for (name, content), digest in zip(files, digests, strict=True):
            if digest in present:
                reports.append(FileReport(name, "copy", copy_of=present[digest]))
                continue
            try:
                library.read_bulletin(
                    content,
                    name,
                    gazetteer=gazetteer,
                    correction=curation.corrections.get(digest),
                    extracts=paths.extraction_cache,
                    keep=True,
                )
            except EditError:
                raise
            except JingyanError as error:
                reports.append(FileReport(name, "refused", (error.message,)))
                continue
            safe = safe_name(name, taken=[*curation.added, *_names(paths.added)])
            with _as_storage_error(paths.root):
                write_files.replace_file(paths.added / safe, content)
            curation = curation.add(safe, digest)
            document = ADDED + safe
            present[digest] = document
            kept[document] = len(reports)
            reports.append(FileReport(name, "read"))
        opened = _curated(paths, encoder, before, curation, progress)
    for report in opened.manifest.reports:
        if (at := kept.get(report.document)) is not None:
            reports[at] = dataclasses.replace(report, document=reports[at].document)
    return opened, tuple(reports)


def apply_edits(
    folder: Path,
    change: Callable[[UserEdits], UserEdits],
    *,
    data: Path,
    encoder: Encoder,
    progress: Progress = lambda stage, done, total: None,
) -> Library:
    """Change what a person said of the library, and index it accordingly.

    Args: change: takes the curation as it is, which nobody else changes meanwhile, and returns it as it shall be.
    Raises: LibraryError: the folder is missing, or no bulletin would be left; EditError: a correction cannot be made, or its
        file is not there; StorageError: the data folder cannot be written. Nothing is changed then.
    """
    paths = LibraryPaths(folder, data)
    library.scan(paths.folder)
    _make_private_dir(paths.root)
    with _locked(paths, progress):
        before = read_edits(paths)
        curation = change(before)
        sources = {file.sha256: file.document for file in _sources(paths, curation)}
        gazetteer = library.load_gazetteer(paths.folder)
        for sha256, correction in curation.corrections.items():
            if correction != before.corrections.get(sha256):
                _check_present(sha256, sources)
                content = library.read_source(sources[sha256], folder=paths.folder, added=paths.added)
                library.read_bulletin(
                    content, sources[sha256], gazetteer=gazetteer, correction=correction, extracts=paths.extraction_cache
                )
        return _curated(paths, encoder, before, curation, progress)


def read_edits(paths: LibraryPaths) -> UserEdits:
    """What a person said of a library; where the record of it is damaged, as the current generation knows it.

    Raises: EditError: it is damaged, and there is no generation.
    """
    path = paths.edits
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return UserEdits()
    except OSError as error:
        raise EditError(f"{path}: {error.strerror or error}") from error
    digest, _, body = content.partition(b"\n")
    try:
        if digest.decode() != hashlib.sha256(body).hexdigest():
            raise ValueError
        return msgspec.json.decode(body, type=UserEdits)
    except (ValueError, msgspec.MsgspecError) as error:
        current = generations.current(paths.root)
        if current is not None:
            return current[1].curation
        damaged = tr(
            "停用、移除和更正的记录已损坏；删去这个文件就从头开始",
            "the record of what was disabled, removed and corrected is damaged; delete the file to begin anew",
        )
        raise EditError(f"{path}: {damaged}") from error


def status(folder: Path, *, data: Path, encoder: Encoder) -> tuple[str, Manifest | None]:
    """The state of a library's index, and its manifest where it can be read: "missing", "foreign" (of another version of the
    program), "damaged", "stale" or "fresh".

    Raises: LibraryError: the folder is missing or unreadable.
    """
    paths = LibraryPaths(folder, data)
    curation = read_edits(paths)
    sources = _sources(paths, curation)
    current = generations.current(paths.root)
    if current is None:
        there = (paths.root / "current").exists()
        return ("foreign" if generations.is_foreign(paths.root) else "damaged" if there else "missing"), None
    if not generations.is_intact(*current):
        if generations.current(paths.root) != current:  # another process has just replaced it
            return status(folder, data=data, encoder=encoder)
        return "damaged", current[1]
    return ("fresh" if _is_fresh(current[1], sources, curation, encoder) else "stale"), current[1]


def _sources(paths: LibraryPaths, curation: UserEdits, known: Sequence[SourceFile] = ()) -> tuple[SourceFile, ...]:
    return library.scan(paths.folder, added=paths.added, curation=curation, known=known)


def _check_present(sha256: str, present: Collection[str]) -> None:
    if sha256 not in present:
        raise EditError(tr(f"没有 SHA-256 为 {sha256} 的文件", f"no file has the SHA-256 {sha256}"))


def _make_private_dir(folder: Path) -> None:
    """Make a folder that only its owner may enter, and what is missing above it. A folder that is there keeps its mode."""
    with _as_storage_error(folder):
        for path in (*reversed(folder.parents), folder):
            if not path.is_dir():
                path.mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def _as_storage_error(path: Path) -> Iterator[None]:
    """Raises: StorageError: in place of an OSError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        message = tr(f"{path}：索引无法写入（{reason}）", f"{path}: the index cannot be written ({reason})")
        raise StorageError(message) from error


@contextlib.contextmanager
def _locked(paths: LibraryPaths, progress: Progress) -> Iterator[bool]:
    """Be the only process that builds a library, once the one that does so now is done. The lock is freed when its holder dies.

    Yields: whether another held it. Raises: StorageError: the lock cannot be made.
    """
    lock = FileLock(paths.lock)
    waited = False
    with _as_storage_error(paths.root):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waited = True
            progress("wait", 0, 1)
            lock.acquire()
    try:
        yield waited
    finally:
        lock.release()


def _open(paths: LibraryPaths, encoder: Encoder) -> Library | None:
    """The current generation; None where there is none, or it is stale or damaged, or was replaced while it was read."""
    current = generations.current(paths.root)
    if current is None:
        return None
    manifest = current[1]
    curation = read_edits(paths)
    if not _is_fresh(manifest, _sources(paths, curation, manifest.sources), curation, encoder):
        return None
    opened = _load(paths, *current, encoder)
    if opened is not None and _leftovers(paths, current):
        with contextlib.suppress(OSError):  # another process is building, which sweeps; or the folder is closed to us
            lock = FileLock(paths.lock, timeout=0)
            with lock:
                _remove_stale(paths)
    return opened


def _is_fresh(manifest: Manifest, sources: tuple[SourceFile, ...], curation: UserEdits, encoder: Encoder) -> bool:
    def contents(files: tuple[SourceFile, ...]) -> list[tuple[str, str]]:
        return [(file.document, file.sha256) for file in files]

    return (
        manifest.code == code_fingerprint()
        and manifest.encoder_fingerprint == encoder.fingerprint
        and manifest.curation == curation
        and contents(manifest.sources) == contents(sources)
    )


def _load(paths: LibraryPaths, path: Path, manifest: Manifest, encoder: Encoder) -> Library | None:
    """Read a generation; None where a hash does not agree."""
    with _gc_paused():
        return _assemble(paths, generations.load(path, manifest), manifest, encoder)


@contextlib.contextmanager
def _gc_paused() -> Iterator[None]:
    """Make many records that stay, and have no cycles, without the garbage collector going through them again and again.

    At 100,000 passages that would take as long as all the rest, and a second now and then while questions are answered.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _assemble(paths: LibraryPaths, segment: Segment | None, manifest: Manifest, encoder: Encoder) -> Library | None:
    if segment is None:
        return None
    passages = [passage for bulletin in segment.bulletins for passage in chunk(bulletin)]
    if not len(passages) == len(segment.dense) == manifest.passages or manifest.dimension != encoder.dimension:
        return None
    tokenizer = load_tokenizer()
    catalog = Catalog(
        passages,
        gazetteer=library.load_gazetteer(paths.folder),
        tokenizer=tokenizer,
        load_vocabulary=segment.lexical.vocabulary,
        mentioned_regions=segment.mentioned_regions(),
    )
    index = LocalPassageIndex(catalog, lexical=segment.lexical, dense=segment.dense, late=segment.late, encoder=encoder)
    analyzer = QueryAnalyzer(encoder=encoder, tokenizer=tokenizer, translations=load_translations(), thesaurus=load_thesaurus())
    return Library(paths, manifest, segment.bulletins, segment.files, Retriever(index, analyzer))


def _curated(paths: LibraryPaths, encoder: Encoder, before: UserEdits, curation: UserEdits, progress: Progress) -> Library:
    """The library with a changed curation, which counts from the moment that it can be searched. Call with the lock held."""
    if curation == before and (opened := _open(paths, encoder)) is not None:
        return opened
    return _built(paths, encoder, curation, progress)


def _built(paths: LibraryPaths, encoder: Encoder, curation: UserEdits, progress: Progress, *, anew: bool = False) -> Library:
    """The library after a build. Call with the lock held."""
    with _as_storage_error(paths.root):
        _build(paths, encoder, curation, progress, anew=anew)
        current = generations.current(paths.root)
    built = _load(paths, *current, encoder) if current else None
    if built is None:
        raise StorageError(tr(f"{paths.root}：刚建立的索引读不回来", f"{paths.root}: the index just built cannot be read back"))
    return built


def _build(paths: LibraryPaths, encoder: Encoder, curation: UserEdits, progress: Progress, *, anew: bool) -> None:
    """Build a generation and make it current, and the curation with it."""
    sources = _sources(paths, curation)
    recipe = generations.build_fingerprint(sources, encoder.fingerprint)
    current = generations.current(paths.root)
    old = generations.load(*current) if current and current[1].build_fingerprint == recipe and not anew else None
    workshop = BuildContext(paths, recipe, curation.corrections)
    segment, reports = build(workshop, sources, curation, reuse=(old,) if old else (), encoder=encoder, progress=progress)
    switch = generations.write(
        paths.root,
        segment,
        Manifest(
            format=generations.FORMAT,
            code=code_fingerprint(),
            encoder=encoder.name,
            encoder_fingerprint=encoder.fingerprint,
            dimension=encoder.dimension,
            bulletins=len(segment.bulletins),
            passages=len(segment.dense),
            created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            sources=sources,
            curation=curation,
            reports=reports,
            files={},
        ),
    )
    if curation != UserEdits() or paths.edits.exists():
        body = msgspec.json.encode(curation)
        write_files.replace_file(paths.edits, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    switch()
    _remove_stale(paths)


def _leftovers(paths: LibraryPaths, current: tuple[Path, Manifest]) -> list[Path]:
    """What changes and builds that were cut short, and earlier generations, left behind beside the current one."""
    added, sources = read_edits(paths).added, {file.sha256 for file in current[1].sources}
    return [
        *generations.checkpoints(paths.root, current[0]),
        *paths.root.glob(f"{paths.edits.name}-*"),
        *(paths.added / name for name in _names(paths.added) if name not in added),
        *(
            paths.extraction_cache / name
            for name in _names(paths.extraction_cache)
            if not (name[:64] in sources and name.endswith(".json"))
        ),
    ]


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _remove_stale(paths: LibraryPaths) -> None:
    """Delete what is left over. Call with the lock held."""
    current = generations.current(paths.root)
    for path in _leftovers(paths, current) if current is not None else ():
        generations.remove(path)
