"""The file of a user's edits, guarded by a hash: a line with the SHA-256 of what follows, then JSON."""

import hashlib

import msgspec

from corpus import atomic_write
from corpus.library.edits import UserEdits
from corpus.messages.errors import EditError
from corpus.messages.language import tr
from index.store import generations
from index.store.paths import LibraryPaths


def read_edits(paths: LibraryPaths) -> UserEdits:
    """Load the user's edits; if the file is damaged, use the copy in the current manifest.

    Raises: EditError: the file is damaged and there is no generation, or it cannot be opened.
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
            return current.manifest.edits
        damaged = tr(
            "停用、移除和更正的记录已损坏；删去这个文件就从头开始",
            "the record of what was disabled, removed and corrected is damaged; delete the file to begin anew",
        )
        raise EditError(f"{path}: {damaged}") from error


def write_edits(paths: LibraryPaths, edits: UserEdits) -> None:
    """Replace the file of edits; no file is made for no edits. Raises: OSError."""
    if edits != UserEdits() or paths.edits.exists():
        body = msgspec.json.encode(edits)
        atomic_write.replace_file(paths.edits, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
