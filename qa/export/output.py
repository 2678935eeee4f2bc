"""Write files that a person asked for, whole or not at all, and say why not in words for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus import atomic_write
from corpus.messages.errors import OutputError
from corpus.messages.language import tr


@contextmanager
def replacing_file(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` to write to; at the end of the block, if nothing is raised, it takes the target's place.

    Raises: OutputError: the file cannot be written.
    """
    with _as_output_error(target), atomic_write.replacing(target) as staged:
        yield staged


def write_output(target: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file whole or not at all.

    Args: private: only this user may read it (mode 0600).
    Raises: OutputError: the file cannot be written.
    """
    with _as_output_error(target):
        atomic_write.replace_file(target, content, mode=0o600 if private else 0o666)


@contextmanager
def _as_output_error(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        cause = error.strerror or error
        raise OutputError(tr(f"{target}：无法写入（{cause}）", f"{target}: cannot be written ({cause})")) from error
