"""Folders of files that are written once, named by a hash, and read back only if not one byte has changed.

A generation is one, with a manifest at its head: `current` names it and the SHA-256 of its manifest, the manifest those of all
its files. A segment kept on the way to a generation is another: its name holds the SHA-256 of its head.
"""

import contextlib
import functools
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec

from corpus import atomic_write
from corpus.library.edits import UserEdits
from corpus.library.files import REGIONS_FILE, FileReport, SourceFile
from index.store.segments import Segment

FORMAT = 5
_POINTER = re.compile(rb"(generation-[0-9a-f-]+) ([0-9a-f]{64})\n")
_HEADS = {"generation": "manifest.json", "prepared": "head.json"}
_Kind = Literal["generation", "prepared"]
_THREADS = 4  # that read and hash at once; hashing frees the interpreter


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
    curation: UserEdits
    reports: tuple[FileReport, ...]
    files: dict[str, str]

    @property
    def refused(self) -> tuple[FileReport, ...]:
        """The files that could not be read."""
        return tuple(report for report in self.reports if report.state == "refused")

    @property
    def build_fingerprint(self) -> str:
        """What every file was prepared with."""
        return build_fingerprint(self.sources, self.encoder_fingerprint, code=self.code)


class _Head(msgspec.Struct, frozen=True):
    """What a segment was prepared with, and the SHA-256 of each of its files."""

    build_fingerprint: str
    files: dict[str, str]


class _Format(msgspec.Struct, frozen=True):
    """All that manifests of every version have in common."""

    format: int


def build_fingerprint(sources: Iterable[SourceFile], encoder_fingerprint: str, *, code: str | None = None) -> str:
    """What files are prepared with: our own code, the encoder, the region table. What was prepared otherwise is useless."""
    regions = next((file.sha256 for file in sources if file.document == REGIONS_FILE), "")
    return hashlib.sha256(f"{FORMAT} {code or code_fingerprint()} {encoder_fingerprint} {regions}".encode()).hexdigest()


def current(place: Path) -> tuple[Path, Manifest] | None:
    """The generation in use and its manifest; None where there is none, or its manifest is not what `current` says."""
    pointer = _pointer(place)
    while True:
        found = _manifest(place, pointer)
        again = _pointer(place)
        if found is not None or again == pointer:
            return found
        pointer = again  # another process has just replaced the generation, and deleted the one looked for


def is_foreign(place: Path) -> bool:
    """Whether the generation in use was made by a version of the program that stores it otherwise."""
    found = _manifest_bytes(place, _pointer(place))
    try:
        return found is not None and msgspec.json.decode(found[1], type=_Format).format != FORMAT
    except msgspec.MsgspecError:
        return False


def is_intact(generation: Path, manifest: Manifest) -> bool:
    """Whether every file is what the manifest says."""
    return _contents(generation, manifest.files) is not None


def load(generation: Path, manifest: Manifest) -> Segment | None:
    """What a generation holds; None where one byte of it has changed."""
    contents = _contents(generation, manifest.files)
    return Segment.from_contents(contents) if contents is not None else None


def write(place: Path, segment: Segment, manifest: Manifest) -> Callable[[], None]:
    """Write a generation. Args: manifest: all of it but `files`. Returns: what makes it the current one.

    Raises: OSError: it cannot be written; nothing is left of it.
    """

    def head(hashes: dict[str, str]) -> bytes:
        return msgspec.json.encode(msgspec.structs.replace(manifest, files=hashes))

    folder, digest = _write(place, "generation", segment, head)
    return lambda: atomic_write.replace_file(place / "current", f"{folder.name} {digest}\n".encode())


def keep_checkpoint(place: Path, segment: Segment, made_with: str) -> str:
    """Keep a segment on the way to a generation. Returns: its name.

    Raises: OSError: it cannot be written; nothing is left of it.
    """
    return _write(place, "prepared", segment, lambda hashes: msgspec.json.encode(_Head(made_with, hashes)))[0].name


def load_checkpoint(place: Path, name: str, made_with: str) -> Segment | None:
    """A segment that was kept; None where it was prepared otherwise, or one byte of it has changed."""
    try:
        head = (place / name / _HEADS["prepared"]).read_bytes()
        if name != f"prepared-{hashlib.sha256(head).hexdigest()[:32]}":
            return None
        found = msgspec.json.decode(head, type=_Head)
    except (OSError, msgspec.MsgspecError):
        return None
    contents = _contents(place / name, found.files) if found.build_fingerprint == made_with else None
    return Segment.from_contents(contents) if contents is not None else None


def checkpoints(place: Path, generation: Path) -> list[Path]:
    """What earlier generations, and builds that died, left beside the current generation."""
    ours = ("generation-", "prepared-", "building-", "current-")
    return [path for path in place.iterdir() if path.name.startswith(ours) and path != generation]


def remove(path: Path) -> None:
    """Delete a file or folder, as far as the system lets us."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _write(place: Path, kind: _Kind, segment: Segment, head: Callable[[dict[str, str]], bytes]) -> tuple[Path, str]:
    staging = place / f"building-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        staging.mkdir(mode=0o700)
        hashes = {}
        for name, pieces in segment.contents():
            digest = hashlib.sha256()
            for piece in pieces:
                digest.update(piece)
            hashes[name] = digest.hexdigest()
            atomic_write.write_file(staging / name, *pieces)
        content = head(hashes)
        atomic_write.write_file(staging / _HEADS[kind], content)
        atomic_write.flush_folder(staging)
        digest_of_head = hashlib.sha256(content).hexdigest()
        # A generation built anew may be the very same: it has a name of its own all the same.
        name = secrets.token_hex(16) if kind == "generation" else digest_of_head[:32]
        target = place / f"{kind}-{name}"
        remove(target)  # a segment of this name is the same, but damaged
        os.rename(staging, target)
    except BaseException:
        remove(staging)
        raise
    atomic_write.flush_folder(place)
    return target, digest_of_head


def _contents(folder: Path, hashes: dict[str, str]) -> dict[str, bytes] | None:
    """The files of a folder, read and checked; what is used is the very bytes that were checked."""

    def read(name: str) -> bytes | None:
        try:
            content = (folder / name).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == hashes[name] else None

    with ThreadPoolExecutor(_THREADS) as pool:
        found = dict(zip(hashes, pool.map(read, hashes), strict=True))
    contents = {name: content for name, content in found.items() if content is not None}
    return contents if len(contents) == len(hashes) else None


def _pointer(place: Path) -> bytes:
    try:
        return (place / "current").read_bytes()
    except OSError:
        return b""


def _manifest_bytes(place: Path, pointer: bytes) -> tuple[Path, bytes] | None:
    match = _POINTER.fullmatch(pointer)
    if match is None:
        return None
    generation = place / match[1].decode()
    try:
        content = (generation / _HEADS["generation"]).read_bytes()
    except OSError:
        return None
    return (generation, content) if hashlib.sha256(content).hexdigest() == match[2].decode() else None


def _manifest(place: Path, pointer: bytes) -> tuple[Path, Manifest] | None:
    found = _manifest_bytes(place, pointer)
    try:
        manifest = msgspec.json.decode(found[1], type=Manifest) if found is not None else None
    except (UnicodeDecodeError, msgspec.MsgspecError):
        return None
    return (found[0], manifest) if found is not None and manifest is not None and manifest.format == FORMAT else None


_CODE = (
    "corpus",
    "corpus.library",
    "corpus.messages",
    "corpus.parsing",
    "corpus.readers",
    "corpus.regions",
    "corpus.text",
    "index",
    "index.channels",
    "index.query",
    "index.store",
)  # packages; the model and the sample library have hashes of their own


@functools.cache
def code_fingerprint() -> str:
    """A hash of the program's own corpus and index code and tables: an index made by other code is stale."""
    digest = hashlib.sha256()
    for package in _CODE:
        for item in sorted(resources.files(package).iterdir(), key=lambda item: item.name):
            if item.is_file():
                digest.update(item.name.encode())
                digest.update(item.read_bytes())
    return digest.hexdigest()
