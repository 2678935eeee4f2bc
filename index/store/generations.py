"""Folders of files that are written once and read back only if not one byte has changed.

A generation is one, with a manifest: `current` names it and the SHA-256 of its manifest, the manifest those of all its files. A
checkpoint, a segment kept on the way to a generation, is another: its name holds the SHA-256 of its head.
"""

import contextlib
import functools
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from corpus import atomic_write
from corpus.library.edits import UserEdits
from corpus.library.files import REGIONS_FILE, FileReport, SourceFile
from corpus.messages.message import Message
from index.store.segments import Segment

FORMAT = 9
_CURRENT = "current"  # names the generation in use
_POINTER = re.compile(rb"(generation-[0-9a-f-]+) ([0-9a-f]{64})\n")
_HEADS = {"generation": "manifest.json", "checkpoint": "head.json"}
_Kind = Literal["generation", "checkpoint"]
# How the names of our folders and half-written files begin; checkpoints were once called prepared-…
_PREFIXES = ("generation-", "checkpoint-", "building-", f"{_CURRENT}-", "prepared-")
_NAME_DIGITS = 32  # of a folder's random or hashed name
_THREADS = 4  # that read and hash at once; hashing frees the interpreter
# Packages whose code and tables an index depends on; the model and the sample library have hashes of their own.
_CODE = (
    "corpus",
    "corpus.library",
    "corpus.messages",
    "corpus.parsing",
    "corpus.readers",
    "corpus.readers.wordprocessing",
    "corpus.regions",
    "corpus.text",
    "index",
    "index.channels",
    "index.query",
    "index.store",
)


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a generation was built from and holds."""

    format: int
    code: str  # fingerprint of the program's own code and tables
    encoder: str
    encoder_fingerprint: str
    contextual_fingerprint: str  # "" if it has no contextual channel
    dimension: int
    bulletins: int
    passages: int
    created: str
    sources: tuple[SourceFile, ...]
    edits: UserEdits
    reports: tuple[FileReport, ...]
    files: dict[str, str]
    passed_over: Message | None = None  # what of the folder is no document, in one line

    @property
    def refused(self) -> tuple[FileReport, ...]:
        """Return the reports of the files that could not be read."""
        return tuple(report for report in self.reports if report.state == "refused")

    @property
    def build_fingerprint(self) -> str:
        """Return what every file was indexed with."""
        return build_fingerprint(self.sources, self.encoder_fingerprint, self.contextual_fingerprint, code=self.code)


class Generation(NamedTuple):
    """A generation on disk: its folder and its manifest."""

    path: Path
    manifest: Manifest


class _Head(msgspec.Struct, frozen=True):
    """What a checkpoint was made with, and the SHA-256 of each of its files."""

    build_fingerprint: str
    files: dict[str, str]


class _Format(msgspec.Struct, frozen=True):
    """The field that manifests of every version have in common."""

    format: int


class _Edits(msgspec.Struct, frozen=True):
    """The field of a manifest that outlives its format."""

    edits: UserEdits


def build_fingerprint(sources: Iterable[SourceFile], encoder_fingerprint: str, contextual_fingerprint: str, *, code: str) -> str:
    """Return a hash of what files are indexed with: format, code, encoders and region table."""
    regions = next((file.sha256 for file in sources if file.document == REGIONS_FILE), "")
    return hashlib.sha256(f"{FORMAT} {code} {encoder_fingerprint} {contextual_fingerprint} {regions}".encode()).hexdigest()


def current(root: Path) -> Generation | None:
    """Return the generation in use; None if there is none, or its manifest is not what `current` says."""
    pointer = _pointer(root)
    while True:
        found = _manifest(root, pointer)
        again = _pointer(root)
        if found is not None or again == pointer:
            return found
        pointer = again  # another process has just replaced the generation, and deleted the one looked for


def current_edits(root: Path) -> UserEdits | None:
    """Return the edits that the generation in use was built with, whichever version built it; None if it cannot be read."""
    generation = current(root)
    if generation is not None:
        return generation.manifest.edits
    found = _manifest_bytes(root, _pointer(root))
    try:
        return msgspec.json.decode(found[1], type=_Edits).edits if found is not None else None
    except (UnicodeDecodeError, msgspec.MsgspecError):
        return None


def has_pointer(root: Path) -> bool:
    """Return whether a current generation is named, readable or not."""
    return (root / _CURRENT).exists()


def is_foreign(root: Path) -> bool:
    """Return whether the generation in use was made by a version of the program with another format."""
    found = _manifest_bytes(root, _pointer(root))
    try:
        return found is not None and msgspec.json.decode(found[1], type=_Format).format != FORMAT
    except msgspec.MsgspecError:
        return False


def is_intact(generation: Generation) -> bool:
    """Return whether every file is what the manifest says."""
    return _contents(generation.path, generation.manifest.files) is not None


def load(generation: Generation) -> Segment | None:
    """Read the segment of a generation; None if one byte of it has changed."""
    contents = _contents(generation.path, generation.manifest.files)
    return Segment.from_contents(contents) if contents is not None else None


def write(root: Path, segment: Segment, manifest: Manifest) -> Callable[[], None]:
    """Write a generation, and return a function that makes it the current one.

    Args: manifest: all of it but `files`.
    Raises: OSError: it cannot be written; nothing is left of it.
    """

    def encode_manifest(hashes: dict[str, str]) -> bytes:
        return msgspec.json.encode(msgspec.structs.replace(manifest, files=hashes))

    folder, digest = _write(root, "generation", segment, encode_manifest)
    return lambda: atomic_write.replace_file(root / _CURRENT, f"{folder.name} {digest}\n".encode())


def keep_checkpoint(root: Path, segment: Segment, fingerprint: str) -> str:
    """Keep a segment on the way to a generation, and return the name of its folder.

    Raises: OSError: it cannot be written; nothing is left of it.
    """
    return _write(root, "checkpoint", segment, lambda hashes: msgspec.json.encode(_Head(fingerprint, hashes)))[0].name


def load_checkpoint(root: Path, name: str, fingerprint: str) -> Segment | None:
    """Read a checkpoint; None if it was made with another build fingerprint, or one byte of it has changed."""
    try:
        head = (root / name / _HEADS["checkpoint"]).read_bytes()
        if name != f"checkpoint-{hashlib.sha256(head).hexdigest()[:_NAME_DIGITS]}":
            return None
        found = msgspec.json.decode(head, type=_Head)
    except (OSError, msgspec.MsgspecError):
        return None
    contents = _contents(root / name, found.files) if found.build_fingerprint == fingerprint else None
    return Segment.from_contents(contents) if contents is not None else None


def load_checkpoints(root: Path, fingerprint: str) -> Iterator[Segment]:
    """Read the checkpoints that an interrupted build left, except those that cannot be used."""
    for path in sorted(root.glob("checkpoint-*")):
        if (segment := load_checkpoint(root, path.name, fingerprint)) is not None:
            yield segment


def leftovers(root: Path, generation: Generation) -> list[Path]:
    """List what earlier generations and interrupted builds left beside the current generation."""
    return [path for path in root.iterdir() if path.name.startswith(_PREFIXES) and path != generation.path]


def remove(path: Path) -> None:
    """Delete a file or folder as far as the system allows it."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _write(root: Path, kind: _Kind, segment: Segment, head: Callable[[dict[str, str]], bytes]) -> tuple[Path, str]:
    staging = root / f"building-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        staging.mkdir(mode=0o700)
        hashes = {}
        for name, content in segment.contents().items():
            hashes[name] = hashlib.sha256(content).hexdigest()
            atomic_write.write_file(staging / name, content)
        head_content = head(hashes)
        atomic_write.write_file(staging / _HEADS[kind], head_content)
        atomic_write.flush_folder(staging)
        digest_of_head = hashlib.sha256(head_content).hexdigest()
        # A rebuilt generation may have the same contents, and has a name of its own all the same.
        name = secrets.token_hex(_NAME_DIGITS // 2) if kind == "generation" else digest_of_head[:_NAME_DIGITS]
        target = root / f"{kind}-{name}"
        remove(target)  # a checkpoint of this name is the same, but damaged
        os.rename(staging, target)
    except BaseException:
        remove(staging)
        raise
    atomic_write.flush_folder(root)
    return target, digest_of_head


def _contents(folder: Path, hashes: dict[str, str]) -> dict[str, bytes] | None:
    """Read and check the files of a folder; what is used is the very bytes that were checked."""

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


def _pointer(root: Path) -> bytes:
    try:
        return (root / _CURRENT).read_bytes()
    except OSError:
        return b""


def _manifest_bytes(root: Path, pointer: bytes) -> tuple[Path, bytes] | None:
    match = _POINTER.fullmatch(pointer)
    if match is None:
        return None
    generation = root / match[1].decode()
    try:
        content = (generation / _HEADS["generation"]).read_bytes()
    except OSError:
        return None
    return (generation, content) if hashlib.sha256(content).hexdigest() == match[2].decode() else None


def _manifest(root: Path, pointer: bytes) -> Generation | None:
    found = _manifest_bytes(root, pointer)
    try:
        manifest = msgspec.json.decode(found[1], type=Manifest) if found is not None else None
    except (UnicodeDecodeError, msgspec.MsgspecError):
        return None
    return Generation(found[0], manifest) if found and manifest is not None and manifest.format == FORMAT else None


@functools.cache
def code_fingerprint() -> str:
    """Return a hash of the program's own corpus and index code and tables: an index made by other code is stale."""
    digest = hashlib.sha256()
    for package in _CODE:
        for item in sorted(resources.files(package).iterdir(), key=lambda item: item.name):
            if item.is_file():
                digest.update(item.name.encode())
                digest.update(item.read_bytes())
    return digest.hexdigest()
