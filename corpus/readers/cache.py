"""The texts of files that are not text, kept so that a page goes through OCR once and not at every rebuild.

A text is kept under the SHA-256 of its file, with a hash of the readers' code and one of its own; one that is damaged, or comes
from other code, is made anew.
"""

import contextlib
import dataclasses
import functools
import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from corpus import atomic_write, readers
from corpus.document import ExtractedText
from corpus.readers import scan, text

_DIGEST = 64  # hexadecimal digits of a SHA-256, which open a kept text


def read_cached(data: bytes, *, name: str, cache: Path | None = None, keep: bool = False) -> ExtractedText:
    """Read a file, or load what was read of the same bytes before.

    Args: cache: the folder of texts; keep: whether to add to it. What cannot be written there is read again another time.
    Raises: UnreadableFileError: as `readers.read_file`.
    """
    if cache is None:
        return readers.read_file(data, name=name)
    path = cache / f"{hashlib.sha256(data).hexdigest()}{Path(name).suffix.lower()}.json"
    if (cached := _load(path)) is not None:
        return cached
    extracted = readers.read_file(data, name=name)
    if keep and extracted.reader != text.READER:  # to read a plain text again is quicker than to load it
        body = msgspec.json.encode((_code_hash(), extracted))
        with contextlib.suppress(OSError):
            cache.mkdir(mode=0o700, exist_ok=True)
            atomic_write.replace_file(path, hashlib.sha256(body).hexdigest().encode() + body)
    return extracted


def _load(path: Path) -> ExtractedText | None:
    try:
        content = path.read_bytes()
        digest, body = content[:_DIGEST], content[_DIGEST:]
        if digest.decode() != hashlib.sha256(body).hexdigest():
            return None
        made_by, extracted = msgspec.json.decode(body, type=tuple[str, ExtractedText])
    except (OSError, ValueError, msgspec.MsgspecError):
        return None
    return extracted if made_by == _code_hash() else None


@functools.cache
def _code_hash() -> str:
    """Return a hash of the readers' code, of the fields of what is kept, and of whether pictures can be read at all."""
    fields = [(field.name, field.type) for field in dataclasses.fields(ExtractedText)]
    digest = hashlib.sha256(repr((fields, scan.is_installed())).encode())
    for module in _modules(resources.files("corpus.readers")):
        digest.update(module.read_bytes())
    return digest.hexdigest()


def _modules(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_file():
            yield entry
        elif entry.name != "__pycache__":
            yield from _modules(entry)
