"""Read the files that ship with the program."""

from importlib.resources.abc import Traversable

from corpus.messages.errors import EncoderError
from corpus.messages.language import tr


def read_packaged(file: Traversable) -> bytes:
    """The bytes of a model file or table. Raises: EncoderError: it is missing or cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise EncoderError(
            tr(
                f"{file}：无法读取（{reason}）；请重新安装程序或恢复该文件",
                f"{file} cannot be read ({reason}); install the program again or restore the file",
            )
        ) from error


def damaged(file: object, zh: str, en: str) -> EncoderError:
    """The error for a file that is not what it should be."""
    return EncoderError(
        tr(
            f"{file}：已损坏：{zh}；请重新安装程序或恢复该文件",
            f"{file} is damaged: {en}; install the program again or restore the file",
        )
    )
