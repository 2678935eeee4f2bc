"""A folder for what lasts no longer than the program: files handed in, answers to download. Only this user may enter it.

Importing this module comes before importing gradio, which reads these settings then: it would report its use to its makers and
look for newer versions of itself, and put its files where others could read them.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "jingyan-"
_LOCK = ".lock"  # held as long as the folder's process lives; the system frees it however that ends


def _private_folder() -> Path:
    """A new folder of mode 0700, deleted at the end of the process. Those of processes that were killed are deleted now."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = FileLock(folder / _LOCK)
    lock.acquire()

    def clear() -> None:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(clear)
    for other in folder.parent.glob(f"{_PREFIX}*"):
        if other != folder and _is_ours(other):
            _clear_if_dead(other)
    return folder


def _is_ours(folder: Path) -> bool:
    """Whether this program made it for this user: the place is shared with others, who may put a link there."""
    try:
        about = folder.lstat()
        return folder.is_dir() and not folder.is_symlink() and (folder / _LOCK).exists() and _owned(about)
    except OSError:
        return False


def _owned(about: os.stat_result) -> bool:
    return os.name == "nt" or (about.st_uid == os.getuid() and about.st_mode & 0o077 == 0)


def _clear_if_dead(folder: Path) -> None:
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return
    lock.release()
    shutil.rmtree(folder, ignore_errors=True)


TEMP_DIR = _private_folder()
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["GRADIO_TEMP_DIR"] = str(TEMP_DIR)
