"""Write a file whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpus.errors import OutputError
from corpus.language import tr


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; what is there at the end takes the target's place at once, if nothing was raised.

    Raises: OutputError: the file cannot be written.
    """
    staged = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        yield staged
        os.replace(staged, target)
    except OSError as error:
        cause = error.strerror or error
        raise OutputError(tr(f"{target}：无法写入（{cause}）", f"{target}: cannot be written ({cause})")) from error
    finally:
        with suppress(OSError):
            staged.unlink(missing_ok=True)


def write(target: Path, content: bytes, *, private: bool = False) -> None:
    """Args: private: only this user may read it (mode 0600). Raises: OutputError: the file cannot be written."""
    with replacing(target) as staged:
        if private:
            staged.touch(mode=0o600, exist_ok=False)
        staged.write_bytes(content)
