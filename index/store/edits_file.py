"""The file of a user's edits, guarded by a hash: a line with the SHA-256 of what follows, then JSON.

One that is damaged or gone is never taken for one that is empty: the copy in the index serves, else the file as it was before the
last change. A damaged one is moved aside, and kept, before another is written.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from corpus import atomic_write
from corpus.library.edits import UserEdits
from corpus.messages.errors import EditError, StorageError
from corpus.messages.message import Message
from index.store import generations
from index.store.disk import list_folder, set_aside
from index.store.paths import LibraryPaths

_DAMAGED = "curation-damaged-"  # how the name of a file that was set aside begins


def read_edits(paths: LibraryPaths) -> UserEdits:
    """Load the user's edits or, where their file is damaged or gone, a copy of them.

    Raises: EditError: the file is damaged and there is no copy, or it cannot be opened.
    """
    content = _read(paths.edits)
    edits = _decode(content)
    if edits is None:
        edits = _copy(paths)
    if edits is None and content is not None:
        raise EditError(Message.of("index.store.damaged_edits", path=str(paths.edits), bin=str(paths.removed)))
    return edits or UserEdits()


def write_edits(paths: LibraryPaths, edits: UserEdits) -> None:
    """Replace the file of edits, and keep it as it was before; no file is made for no edits.

    Raises: OSError: the disk is full or fails; EditError: the file cannot be opened.
    """
    before = _read(paths.edits)
    if before is None and edits == UserEdits():
        return
    after = _encode(edits)
    if before is not None and _decode(before) is None:
        set_aside(paths.edits)
    elif before is not None and before != after:
        atomic_write.replace_file(paths.previous_edits, before)
    atomic_write.replace_file(paths.edits, after)


@contextlib.contextmanager
def replaced_edits(paths: LibraryPaths, edits: UserEdits) -> Iterator[None]:
    """Replace the file of edits as `write_edits` does; where that or the block fails, the edits before it are put back.

    Raises: as `write_edits`, and what the block raises; StorageError: the edits before could not be put back, either.
    """
    before = read_edits(paths)
    try:
        write_edits(paths, edits)
        yield
    except OSError as error:
        try:
            if read_edits(paths) != before:
                atomic_write.replace_file(paths.edits, _encode(before))
        except (OSError, EditError):
            cause = error.strerror or str(error)
            raise StorageError(Message.of("index.store.edits_not_put_back", path=str(paths.root), cause=cause)) from error
        raise


def edits_notices(paths: LibraryPaths) -> tuple[Message, ...]:
    """Return what a person should know of the file of edits: that a copy serves in its place, and what was set aside.

    Raises: EditError: the file cannot be opened.
    """
    notices = []
    content = _read(paths.edits)
    if content is not None and _decode(content) is None:
        notices.append(Message.of("index.store.edits_unreadable", path=str(paths.edits)))
    elif content is None and _copy(paths):
        notices.append(Message.of("index.store.edits_missing", path=str(paths.edits)))
    aside = sorted(str(path) for path in list_folder(paths.root) if path.name.startswith(_DAMAGED))
    return (*notices, *(Message.of("index.store.edits_set_aside", path=path) for path in aside))


def _copy(paths: LibraryPaths) -> UserEdits | None:
    """Return the edits of the generation in use, else those before the last change; None if there is neither."""
    edits = generations.current_edits(paths.root)
    return edits if edits is not None else _decode(_read(paths.previous_edits))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        cause = error.strerror or str(error)
        raise EditError(Message.of("index.store.cannot_open_edits", path=str(path), cause=cause)) from error


def _encode(edits: UserEdits) -> bytes:
    body = msgspec.json.encode(edits)
    return _digest(body) + b"\n" + body


def _decode(content: bytes | None) -> UserEdits | None:
    """Return the edits that a file holds; None if there is no file, or one byte of it has changed."""
    try:
        return read_record(content) if content is not None else None
    except ValueError:
        return None


def read_record(content: bytes) -> UserEdits:
    """Return the edits that the content of a file holds. Raises: ValueError: one byte of it has changed."""
    digest, _, body = content.partition(b"\n")
    if digest != _digest(body):
        raise ValueError(digest)
    return msgspec.json.decode(body, type=UserEdits)


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
