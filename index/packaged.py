"""Read the files that ship with the program."""

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


def damaged(file: object, cause: Message | str) -> EncoderError:
    """Return the error for a file that is not what it should be."""
    return EncoderError(Message.of("index.packaged.damaged", file=str(file), cause=cause))
