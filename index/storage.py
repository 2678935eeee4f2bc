"""Index generations on disk. The only module of index/ that writes.

    DATA/libraries/KEY/              KEY: a hash of the library's path; mode 0700
        current                      the generation in use and the SHA-256 of its manifest, replaced atomically
        lock                         held by the process that builds
        generation-…/                immutable once named in `current`
            manifest.json            format, encoder, dimension, sources, SHA-256 of every other file
            bulletins.json           what the parser understood
            dense.faiss              passage vectors
            late/                    the tokens of each passage, where the encoder's tokens have vectors
            lexical/                 BM25
        building-…/                  a generation in the making

A generation is built in a folder of its own and becomes current by one rename; what was current is then deleted. From the
hash in `current` hang the hashes of all files: a generation in which one byte has changed is never used. Builds take turns by
a lock, which the system takes back from a process that dies; reading needs no lock.
"""

import contextlib
import functools
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
import platformdirs
from filelock import FileLock

from corpus import library
from corpus.chunker import chunk
from corpus.document import Bulletin
from corpus.errors import LibraryError, StorageError
from corpus.language import tr
from corpus.library import Problem, SourceFile
from index.dense import DenseIndex
from index.encoder import Encoder
from index.late import LateIndex, TokenEncoder, late_texts
from index.lexical import LexicalIndex
from index.retriever import Retriever
from index.thesaurus import load_thesaurus
from index.tokenizer import load_tokenizer
from index.translation import load_translations

_FORMAT = 2
_BATCH = 4096  # passages encoded between two reports of progress
_POINTER = re.compile(rb"(generation-[0-9]+-[0-9a-f]{8}) ([0-9a-f]{64})\n")

# Called with a stage (read, encode, index), the number done and in all.
Progress = Callable[[str, int, int], None]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a generation was made of and holds."""

    format: int
    code: str  # fingerprint of the program's own parser, chunker and tokenizer
    encoder: str
    encoder_fingerprint: str
    dimension: int
    bulletins: int
    passages: int
    created: str
    sources: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]
    files: dict[str, str]


class Library(msgspec.Struct, frozen=True):
    """An opened index: the retriever, the bulletins it covers."""

    folder: Path
    manifest: Manifest
    bulletins: tuple[Bulletin, ...]
    retriever: Retriever


def default_data() -> Path:
    """The per-user data folder."""
    return Path(platformdirs.user_data_dir("jingyan", appauthor=False))


def open_library(
    folder: Path, *, data: Path, encoder: Encoder, rebuild: bool = False, progress: Progress = lambda stage, done, total: None
) -> Library:
    """Open the index of a library, building or refreshing it where it is missing, stale or damaged.

    Raises: LibraryError: the folder is missing, unreadable or holds no bulletin; StorageError: the data folder cannot be written.
    """
    folder = folder.resolve()
    place = _place(folder, data)
    if not rebuild and (opened := _open(folder, place, encoder)) is not None:
        return opened
    library.scan(folder)  # a missing folder is found out before anything is written
    _private(place)
    with _locked(place):
        # Another process may have built it while this one waited.
        if not rebuild and (opened := _open(folder, place, encoder)) is not None:
            return opened
        _build(folder, place, encoder, progress)
        current = _current(place)
        built = _load(folder, *current, encoder) if current else None
    if built is None:
        raise StorageError(tr(f"{place}：刚建立的索引读不回来", f"{place}: the index just built cannot be read back"))
    return built


def status(folder: Path, *, data: Path, encoder: Encoder) -> tuple[str, Manifest | None]:
    """The state of a library's index: "missing", "stale", "damaged" or "fresh", and its manifest where it can be read.

    Raises: LibraryError: the folder is missing or unreadable.
    """
    folder = folder.resolve()
    place = _place(folder, data)
    sources = library.scan(folder)
    current = _current(place)
    if current is None:
        return ("damaged" if (place / "current").exists() else "missing"), None
    generation, manifest = current
    if not _is_intact(generation, manifest):
        if _current(place) != current:  # another process has just replaced it
            return status(folder, data=data, encoder=encoder)
        return "damaged", manifest
    return ("fresh" if _is_fresh(manifest, sources, encoder) else "stale"), manifest


def _place(folder: Path, data: Path) -> Path:
    key = hashlib.sha256(os.path.normcase(str(folder)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return data / "libraries" / key


def _private(folder: Path) -> None:
    """Make a folder that only its owner may enter, and what is missing above it. A folder that is there keeps its mode."""
    try:
        for path in (*reversed(folder.parents), folder):
            if not path.is_dir():
                path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(path: Path, error: OSError) -> StorageError:
    reason = error.strerror or error
    return StorageError(tr(f"{path}：索引无法写入（{reason}）", f"{path}: the index cannot be written ({reason})"))


@contextlib.contextmanager
def _locked(place: Path, *, wait: bool = True) -> Iterator[None]:
    """Be the only process that builds in `place`. The lock is freed when its holder dies.

    Raises: StorageError: the lock cannot be made or, without `wait`, another holds it.
    """
    lock = FileLock(place / "lock", timeout=-1 if wait else 0)
    try:
        lock.acquire()
    except OSError as error:  # filelock's Timeout is one
        raise _unwritable(place, error) from error
    try:
        yield
    finally:
        lock.release()


def _open(folder: Path, place: Path, encoder: Encoder) -> Library | None:
    """The current generation; None where there is none, or it is stale or damaged, or was replaced while it was read."""
    current = _current(place)
    if current is None:
        return None
    generation, manifest = current
    if not _is_fresh(manifest, library.scan(folder, known=manifest.sources), encoder):
        return None
    try:
        opened = _load(folder, generation, manifest, encoder)
        if opened is not None and _leftovers(place, generation):
            with contextlib.suppress(StorageError), _locked(place, wait=False):
                _sweep(place)
    except OSError:
        return None
    return opened


def _current(place: Path) -> tuple[Path, Manifest] | None:
    """The generation in use and its manifest; None where there is none, or its manifest is not what `current` says."""
    pointer = _pointer(place)
    while True:
        found = _manifest(place, pointer)
        again = _pointer(place)
        if found is not None or again == pointer:
            return found
        pointer = again  # another process has just replaced the generation, and deleted the one looked for


def _pointer(place: Path) -> bytes:
    try:
        return (place / "current").read_bytes()
    except OSError:
        return b""


def _manifest(place: Path, pointer: bytes) -> tuple[Path, Manifest] | None:
    match = _POINTER.fullmatch(pointer)
    if match is None:
        return None
    generation = place / match[1].decode()
    try:
        content = (generation / "manifest.json").read_bytes()
        if hashlib.sha256(content).hexdigest() != match[2].decode():
            return None
        manifest = msgspec.json.decode(content, type=Manifest)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError):
        return None
    return (generation, manifest) if manifest.format == _FORMAT else None


def _is_fresh(manifest: Manifest, sources: tuple[SourceFile, ...], encoder: Encoder) -> bool:
    def contents(files: tuple[SourceFile, ...]) -> list[tuple[str, str]]:
        return [(file.document, file.sha256) for file in files]

    return (
        manifest.code == code_fingerprint()
        and manifest.encoder_fingerprint == encoder.fingerprint
        and contents(manifest.sources) == contents(sources)
    )


def _is_intact(generation: Path, manifest: Manifest) -> bool:
    try:
        return {name: _sha256(generation / name) for name in manifest.files} == manifest.files
    except OSError:
        return False


def _load(folder: Path, generation: Path, manifest: Manifest, encoder: Encoder) -> Library | None:
    """Read a generation; None where a hash does not agree."""
    if not _is_intact(generation, manifest):
        return None
    bulletins = msgspec.json.decode((generation / "bulletins.json").read_bytes(), type=tuple[Bulletin, ...])
    passages = [passage for bulletin in bulletins for passage in chunk(bulletin)]
    dense = DenseIndex.load(generation / "dense.faiss")
    late = LateIndex.load(generation / "late") if (generation / "late").is_dir() else None
    if not len(passages) == len(dense) == manifest.passages or manifest.dimension != encoder.dimension:
        return None
    retriever = Retriever(
        passages,
        lexical=LexicalIndex.load(generation / "lexical"),
        dense=dense,
        late=late,
        encoder=encoder,
        tokenizer=load_tokenizer(),
        gazetteer=library.load_gazetteer(folder),
        translations=load_translations(),
        thesaurus=load_thesaurus(),
    )
    return Library(folder, manifest, bulletins, retriever)


def _build(folder: Path, place: Path, encoder: Encoder, progress: Progress) -> None:
    """Build a generation and make it current. Call with the lock held."""
    sources = library.scan(folder)
    bulletins, problems = library.load(folder, sources, progress=lambda done, total: progress("read", done, total))
    if not bulletins:
        reasons = "".join(f"\n  {problem.message}" for problem in problems[:5])
        empty = tr(f"{folder}：文件夹里没有能读懂的简报", f"{folder}: no bulletin in this folder could be read")
        raise LibraryError(empty + reasons)
    passages = [passage for bulletin in bulletins for passage in chunk(bulletin)]
    texts = [passage.embedding_text for passage in passages]
    terms = []
    for done, text in enumerate(texts, 1):
        terms.append(load_tokenizer().tokenize(text))
        if done % 512 == 0 or done == len(texts):
            progress("index", done, len(texts))
    batches = []
    for start in range(0, len(texts), _BATCH):
        batches.append(encoder.encode_passages(texts[start : start + _BATCH]))
        progress("encode", min(start + _BATCH, len(texts)), len(texts))
    try:
        staging = place / f"building-{os.getpid()}-{secrets.token_hex(4)}"
        staging.mkdir(mode=0o700)
        with _removed_on_failure(staging):
            (staging / "bulletins.json").write_bytes(msgspec.json.encode(bulletins))
            DenseIndex.build(np.concatenate(batches)).save(staging / "dense.faiss")
            if isinstance(encoder, TokenEncoder):
                LateIndex.build([late_texts(passage) for passage in passages], encoder=encoder).save(staging / "late")
            LexicalIndex.build(terms).save(staging / "lexical")
            manifest = Manifest(
                format=_FORMAT,
                code=code_fingerprint(),
                encoder=encoder.name,
                encoder_fingerprint=encoder.fingerprint,
                dimension=encoder.dimension,
                bulletins=len(bulletins),
                passages=len(passages),
                created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                sources=sources,
                problems=problems,
                files={path.relative_to(staging).as_posix(): _sha256(path) for path in _files(staging)},
            )
            content = msgspec.json.encode(manifest)
            (staging / "manifest.json").write_bytes(content)
            for path in _files(staging):
                _flush(path)
            generation = place / f"generation-{time.time_ns()}-{secrets.token_hex(4)}"
            staging.rename(generation)
        pointer = place / f"current-{secrets.token_hex(4)}"
        pointer.write_text(f"{generation.name} {hashlib.sha256(content).hexdigest()}\n", encoding="utf-8", newline="")
        _flush(pointer)
        os.replace(pointer, place / "current")
        _sweep(place)
    except OSError as error:
        raise _unwritable(place, error) from error


def _leftovers(place: Path, generation: Path) -> list[Path]:
    """What earlier generations, and builds that died, left beside the current generation."""
    ours = ("generation-", "building-", "current-")
    return [path for path in place.iterdir() if path.name.startswith(ours) and path != generation]


def _sweep(place: Path) -> None:
    """Delete everything but the current generation. Call with the lock held."""
    current = _current(place)
    for path in _leftovers(place, current[0]) if current else ():
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@contextlib.contextmanager
def _removed_on_failure(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def code_fingerprint() -> str:
    """A hash of the program's own corpus and index code and tables: an index made by other code is stale."""
    digest = hashlib.sha256()
    for package in ("corpus", "corpus.readers", "index"):
        for item in sorted(resources.files(package).iterdir(), key=lambda item: item.name):
            if item.is_file():
                digest.update(item.name.encode())
                digest.update(item.read_bytes())
    return digest.hexdigest()
