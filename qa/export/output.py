"""Write what a person asked for, whole or not at all, or say why not."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpus import atomic_write
from corpus.messages.errors import OutputError
from corpus.messages.language import tr


@contextmanager
def replacing_file(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; what is there at the end takes the target's place at once, if nothing was raised.

    Raises: OutputError: the file cannot be written.
    """
    staged = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with _told(target):
            yield staged
            os.replace(staged, target)
    finally:
        with suppress(OSError):
            staged.unlink(missing_ok=True)


def write_output(target: Path, content: bytes, *, private: bool = False) -> None:
    """Args: private: only this user may read it (mode 0600). Raises: OutputError: the file cannot be written."""
    with _told(target):
        atomic_write.replace_file(target, content, mode=0o600 if private else 0o666)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        cause = error.strerror or error
        raise OutputError(tr(f"{target}：无法写入（{cause}）", f"{target}: cannot be written ({cause})")) from error
