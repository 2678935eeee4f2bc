"""Private folders, locks, damaged files that are kept, and errors of writing."""

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from corpus import atomic_write
from corpus.library.edits import safe_name
from corpus.messages.errors import JingyanError, StorageError
from corpus.messages.message import Message
from index.store.builder import Progress
from index.store.paths import LibraryPaths


def make_private_dir(folder: Path) -> None:
    """Make a folder that only its owner may enter, and its missing parents. An existing folder keeps its mode.

    Raises: StorageError: a folder cannot be made.
    """
    with as_storage_error(folder):
        for path in (*reversed(folder.parents), folder):
            if not path.is_dir():
                path.mkdir(mode=0o700, exist_ok=True)


def list_folder(folder: Path) -> list[Path]:
    """List what a folder holds: nothing if there is no such folder."""
    return list(folder.iterdir()) if folder.is_dir() else []


def move_into(path: Path, folder: Path) -> None:
    """Move a file into a folder, which is made if need be, under a name that nothing there has.

    Raises: OSError, StorageError: it cannot be moved; it is then where it was.
    """
    make_private_dir(folder)
    name = safe_name(path.name, taken={other.name for other in list_folder(folder)})
    os.rename(path, folder / name)
    atomic_write.flush_folder(folder)


def set_aside(file: Path) -> Path:
    """Rename a file that is damaged, so that another can be written in its place: settings.json, settings-damaged-TIME-….json.

    Raises: OSError: it cannot be renamed.
    """
    kept = f"{file.name.partition('.')[0]}-damaged-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}.json"
    return file.replace(file.with_name(kept))


@contextlib.contextmanager
def hold_lock(file: Path, *, seconds: float, refused: JingyanError) -> Iterator[None]:
    """Hold a lock that other processes wait for, too. Raises: `refused`: it is not to be had within so many seconds."""
    lock = FileLock(file, timeout=seconds)
    try:
        lock.acquire()
    except OSError as error:  # filelock's Timeout is one
        raise refused from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def as_storage_error(path: Path) -> Iterator[None]:
    """Raise a StorageError that names `path` in place of an OSError."""
    try:
        yield
    except OSError as error:
        cause = error.strerror or str(error)
        raise StorageError(Message.of("index.store.cannot_write", path=str(path), cause=cause)) from error


@contextlib.contextmanager
def build_lock(paths: LibraryPaths, progress: Progress) -> Iterator[bool]:
    """Hold the build lock of a library, waiting for another builder. The system frees the lock of a process that dies.

    Args: progress: called with the stage "wait" before waiting.
    Yields: whether it had to wait.
    Raises: StorageError: the lock file cannot be made.
    """
    make_private_dir(paths.root)  # the lock would make it for all to enter
    lock = FileLock(paths.lock)
    waited = False
    with as_storage_error(paths.root):
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


@contextlib.contextmanager
def build_lock_if_free(paths: LibraryPaths) -> Iterator[None]:
    """Hold the build lock, or raise OSError at once: another process is building, or the folder is read-only."""
    with FileLock(paths.lock, timeout=0):
        yield
