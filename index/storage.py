"""Index generations on disk. The only module of index/ that writes.

    DATA/libraries/KEY/              KEY: a hash of the library's path; mode 0700
        current                      the name of the generation in use, replaced atomically
        generation-…/                immutable once named in `current`
            manifest.json            format, encoder, dimension, sources, SHA-256 of every other file
            bulletins.json           what the parser understood
            dense.faiss              passage vectors
            lexical/                 BM25

A generation is built in a folder of its own and becomes current by one rename; what was current is then deleted. A generation whose
manifest or hashes do not agree is never used.
"""

import contextlib
import functools
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
import platformdirs

from corpus import library
from corpus.chunker import chunk
from corpus.document import Bulletin
from corpus.errors import LibraryError, StorageError
from corpus.language import tr
from corpus.library import Problem, SourceFile
from index.dense import DenseIndex
from index.encoder import Encoder
from index.lexical import LexicalIndex
from index.retriever import Retriever
from index.tokenizer import Tokenizer

_FORMAT = 1
_BATCH = 4096  # passages encoded between two reports of progress

# Called with a stage (read, encode, index), the number done and in all.
Progress = Callable[[str, int, int], None]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a generation was made of and holds."""

    format: int
    code: str  # fingerprint of the program's own parser, chunker and tokenizer
    encoder: str
    encoder_fingerprint: str
    dimension: int
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


def make_tokenizer(data: Path) -> Tokenizer:
    """The tokenizer, its cache in the private data folder."""
    return Tokenizer(_private(data / "jieba"))


def open_library(
    folder: Path, *, data: Path, encoder: Encoder, rebuild: bool = False, progress: Progress = lambda stage, done, total: None
) -> Library:
    """Open the index of a library, building or refreshing it where it is missing, stale or damaged.

    Raises: LibraryError: the folder is missing, unreadable or holds no bulletin; StorageError: the data folder cannot be written.
    """
    folder = folder.resolve()
    place = _place(folder, data)
    for attempt in range(2):
        manifest = None if rebuild else _current(place)
        sources = library.scan(folder, known=manifest.sources if manifest else ())
        fresh = manifest is not None and _is_fresh(manifest, sources, encoder)
        try:
            if fresh and (opened := _load(folder, place, data, encoder)) is not None:
                return opened
        except OSError:
            if attempt:  # another process has replaced the generation between two reads: look once more
                raise
            continue
        break
    _build(folder, place, sources, data, encoder, progress)
    built = _load(folder, place, data, encoder)
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
    if not (place / "current").exists():
        return "missing", None
    manifest = _current(place)
    if manifest is None or not _is_intact(_generation(place), manifest):
        return "damaged", manifest
    return ("fresh" if _is_fresh(manifest, sources, encoder) else "stale"), manifest


def _place(folder: Path, data: Path) -> Path:
    key = hashlib.sha256(os.path.normcase(str(folder)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return data / "libraries" / key


def _private(folder: Path) -> Path:
    """Make a folder that only its owner may enter."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(folder, 0o700)
    except OSError as error:
        reason = error.strerror or error
        raise StorageError(tr(f"{folder}：数据文件夹无法写入（{reason}）", f"{folder}: the data folder cannot be written ({reason})")) from error
    return folder


def _generation(place: Path) -> Path:
    return place / (place / "current").read_text(encoding="utf-8").strip()


def _current(place: Path) -> Manifest | None:
    """The manifest of the generation in use; None where there is none, or it cannot be trusted."""
    try:
        manifest = msgspec.json.decode((_generation(place) / "manifest.json").read_bytes(), type=Manifest)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError):
        return None
    return manifest if manifest.format == _FORMAT else None


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


def _load(folder: Path, place: Path, data: Path, encoder: Encoder) -> Library | None:
    """Read the current generation; None where a hash does not agree."""
    generation = _generation(place)
    manifest = _current(place)
    if manifest is None or not _is_intact(generation, manifest):
        return None
    bulletins = msgspec.json.decode((generation / "bulletins.json").read_bytes(), type=tuple[Bulletin, ...])
    passages = [passage for bulletin in bulletins for passage in chunk(bulletin)]
    dense = DenseIndex.load(generation / "dense.faiss")
    if not len(passages) == len(dense) == manifest.passages or manifest.dimension != encoder.dimension:
        return None
    retriever = Retriever(
        passages,
        lexical=LexicalIndex.load(generation / "lexical", len(passages)),
        dense=dense,
        encoder=encoder,
        tokenizer=make_tokenizer(data),
        gazetteer=library.load_gazetteer(folder),
    )
    return Library(folder, manifest, bulletins, retriever)


def _build(
    folder: Path, place: Path, sources: tuple[SourceFile, ...], data: Path, encoder: Encoder, progress: Progress
) -> None:
    bulletins, problems = library.load(folder, sources, progress=lambda done, total: progress("read", done, total))
    if not bulletins:
        reasons = "".join(f"\n  {problem.message}" for problem in problems[:5])
        raise LibraryError(tr(f"{folder}：文件夹里没有能读懂的简报", f"{folder}: no bulletin in this folder could be read") + reasons)
    passages = [passage for bulletin in bulletins for passage in chunk(bulletin)]
    texts = [passage.embedding_text for passage in passages]
    tokenizer = make_tokenizer(data)
    terms = []
    for done, text in enumerate(texts, 1):
        terms.append(tokenizer.tokenize(text))
        if done % 512 == 0 or done == len(texts):
            progress("index", done, len(texts))
    batches = []
    for start in range(0, len(texts), _BATCH):
        batches.append(encoder.encode_passages(texts[start : start + _BATCH]))
        progress("encode", min(start + _BATCH, len(texts)), len(texts))
    _private(data)
    _private(place)
    try:
        staging = place / f"building-{os.getpid()}-{secrets.token_hex(4)}"
        staging.mkdir(mode=0o700)
        with _removed_on_failure(staging):
            (staging / "bulletins.json").write_bytes(msgspec.json.encode(bulletins))
            DenseIndex.build(np.concatenate(batches)).save(staging / "dense.faiss")
            LexicalIndex.build(terms).save(staging / "lexical")
            manifest = Manifest(
                format=_FORMAT,
                code=code_fingerprint(),
                encoder=encoder.name,
                encoder_fingerprint=encoder.fingerprint,
                dimension=encoder.dimension,
                passages=len(passages),
                created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                sources=sources,
                problems=problems,
                files={path.relative_to(staging).as_posix(): _sha256(path) for path in sorted(staging.rglob("*")) if path.is_file()},
            )
            (staging / "manifest.json").write_bytes(msgspec.json.encode(manifest))
            for path in staging.rglob("*"):
                if path.is_file():
                    _flush(path)
            generation = place / f"generation-{time.time_ns()}-{secrets.token_hex(4)}"
            staging.rename(generation)
        _switch(place, generation.name)
    except OSError as error:
        reason = error.strerror or error
        raise StorageError(tr(f"{place}：索引写不下去（{reason}）", f"{place}: the index cannot be written ({reason})")) from error
    _sweep(place, keep=generation.name)


def _switch(place: Path, generation: str) -> None:
    pointer = place / f"current-{secrets.token_hex(4)}"
    pointer.write_text(generation, encoding="utf-8")
    _flush(pointer)
    os.replace(pointer, place / "current")


def _sweep(place: Path, *, keep: str) -> None:
    """Delete generations that are no longer current, and what builds that died an hour ago left behind."""
    for path in place.iterdir():
        old = time.time() - path.stat().st_mtime > 3600 if path.exists() else False
        if (path.name.startswith("generation-") and path.name != keep) or (path.name.startswith(("building-", "current-")) and old):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


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
    """A hash of the program's own corpus and index code and tables: passages made by other code are stale."""
    digest = hashlib.sha256()
    for package in ("corpus", "corpus.readers", "index"):
        for item in sorted(resources.files(package).iterdir(), key=lambda item: item.name):
            if item.name.endswith((".py", ".csv", ".txt")):
                digest.update(item.name.encode())
                digest.update(item.read_bytes())
    return digest.hexdigest()
