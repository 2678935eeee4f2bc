"""The file of a user's edits, guarded by a hash: a line with the SHA-256 of what follows, then JSON."""

import hashlib

import msgspec

from corpus import atomic_write
from corpus.library.edits import UserEdits
from corpus.messages.errors import EditError
from corpus.messages.message import Message
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
        cause = error.strerror or str(error)
        raise EditError(Message.of("index.store.cannot_open_edits", path=str(path), cause=cause)) from error
    digest, _, body = content.partition(b"\n")
    try:
        if digest.decode() != hashlib.sha256(body).hexdigest():
            raise ValueError
        return msgspec.json.decode(body, type=UserEdits)
    except (ValueError, msgspec.MsgspecError) as error:
        current = generations.current(paths.root)
        if current is not None:
            return current.manifest.edits
        raise EditError(Message.of("index.store.damaged_edits", path=str(path))) from error


def write_edits(paths: LibraryPaths, edits: UserEdits) -> None:
    """Replace the file of edits; no file is made for no edits. Raises: OSError."""
    if edits != UserEdits() or paths.edits.exists():
        body = msgspec.json.encode(edits)
        atomic_write.replace_file(paths.edits, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
