"""Write files whole or not at all."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def write_file(path: Path, *pieces: bytes | memoryview, mode: int = 0o666) -> None:
    """Write a new file, piece by piece, down to the disk.

    Args: mode: who may read it, less what the user's own mask forbids.
    Raises: OSError: the disk is full or fails, or the file is there already.
    """
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file in place of an old one, at once: whoever reads it sees the old one or the new one.

    Args: mode: as of `write_file`.
    Raises: OSError: the disk is full or fails; what was there is still there.
    """
    with replacing(path) as staged:
        write_file(staged, content, mode=mode)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a new path beside `path` to write to; at the end of the block, if nothing is raised, it takes the place of `path`.

    Raises: OSError: the disk fails; what was there is still there.
    """
    staged = path.with_name(f"{path.name}-{secrets.token_hex(4)}")
    try:
        yield staged
        os.replace(staged, path)
    except BaseException:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Write the list of a folder's files down to the disk, where the system can: a power cut must not undo a rename."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
