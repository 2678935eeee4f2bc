"""A temporary folder for uploaded files and answers to download. Only this user may enter it.

Import this module before gradio, which reads its settings when it is imported: otherwise it would report its use to its makers,
look for newer versions of itself, and put its files where others could read them.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "jingyan-"
_LOCK = ".lock"  # held while the folder's process lives; the system frees it, however the process ends


def _private_folder() -> Path:
    """Make a folder of mode 0700, deleted at the end of the process; delete those of processes that were killed."""
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
    """Return whether this program made a folder for this user: others, too, may put folders and links there."""
    try:
        status = folder.lstat()
        return folder.is_dir() and not folder.is_symlink() and (folder / _LOCK).exists() and _is_private(status)
    except OSError:
        return False


def _is_private(status: os.stat_result) -> bool:
    return os.name == "nt" or (status.st_uid == os.getuid() and status.st_mode & 0o077 == 0)


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
