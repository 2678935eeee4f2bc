"""The texts of files that are not text, kept so that a page is recognised once and not at every rebuild.

An extract is kept under the SHA-256 of its file, with the reader that made it and a hash of its own; one that is damaged, or was
made by another version of the readers, is made anew.
"""

import contextlib
import dataclasses
import functools
import hashlib
from importlib import resources
from pathlib import Path

import msgspec

from corpus import atomic_write, readers
from corpus.document import ExtractedText


def read_cached(data: bytes, *, name: str, extracts: Path | None = None, keep: bool = False) -> ExtractedText:
    """Read a file, or take what was read of the same bytes before.

    Args: extracts: the folder of extracts; keep: whether to add to it. What cannot be added there is read again another time.
    Raises: UnreadableFileError: as `readers.read`.
    """
    if extracts is None:
        return readers.read_file(data, name=name)
    path = extracts / f"{hashlib.sha256(data).hexdigest()}{Path(name).suffix.lower()}.json"
    if (kept := _load(path)) is not None:
        return kept
    reading = readers.read_file(data, name=name)
    if keep and not reading.reader.startswith("text-"):  # to read a text again is quicker than to read an extract
        body = msgspec.json.encode((_readers(), reading))
        with contextlib.suppress(OSError):
            extracts.mkdir(mode=0o700, exist_ok=True)
            atomic_write.replace_file(path, hashlib.sha256(body).hexdigest().encode() + body)
    return reading


def _load(path: Path) -> ExtractedText | None:
    try:
        content = path.read_bytes()
        if content[:64].decode() != hashlib.sha256(content[64:]).hexdigest():
            return None
        made_by, reading = msgspec.json.decode(content[64:], type=tuple[str, ExtractedText])
    except (OSError, ValueError, msgspec.MsgspecError):
        return None
    return reading if made_by == _readers() else None


@functools.cache
def _readers() -> str:
    """Return a hash of the readers' code and of the fields of what is kept."""
    digest = hashlib.sha256(repr([(field.name, field.type) for field in dataclasses.fields(ExtractedText)]).encode())
    for item in sorted(resources.files("corpus.readers").iterdir(), key=lambda item: item.name):
        if item.is_file():
            digest.update(item.read_bytes())
    return digest.hexdigest()
