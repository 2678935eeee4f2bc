"""Read the files that ship with the program."""

import hashlib
from collections.abc import Sequence
from importlib.resources.abc import Traversable

from corpus.messages.errors import EncoderError
from corpus.messages.message import Message


def read_packaged(file: Traversable) -> bytes:
    """Return the bytes of a model file or table. Raises: EncoderError: it is missing or cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        cause = error.strerror or str(error)
        raise EncoderError(Message.of("index.packaged.cannot_read", file=str(file), cause=cause)) from error


def read_checked(folder: Traversable, names: Sequence[str]) -> dict[str, tuple[bytes, str]]:
    """Return the bytes and the SHA-256 of files of a model folder; both are as the folder's SHA256SUMS says.

    Raises: EncoderError: a file is missing, or is not what SHA256SUMS says.
    """
    lines = read_packaged(folder.joinpath("SHA256SUMS")).decode("utf-8", "replace").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    checked = {}
    for name in names:
        content = read_packaged(folder.joinpath(name))
        found = hashlib.sha256(content).hexdigest()
        if found != sums.get(name):
            cause = Message.of("index.packaged.wrong_hash", expected=str(sums.get(name)), found=found)
            raise damaged(folder.joinpath(name), cause)
        checked[name] = content, found
    return checked


def damaged(file: object, cause: Message | str) -> EncoderError:
    """Return the error for a file that is not what it should be."""
    return EncoderError(Message.of("index.packaged.damaged", file=str(file), cause=cause))
