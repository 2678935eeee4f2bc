"""The files of a folder, without what systems and programs leave there: recycle bins, thumbnails, locks and the like (I/O)."""

import fnmatch
import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from corpus.messages.errors import LibraryError
from corpus.messages.message import Message

# What is passed over, in the order in which a report names it.
PassedOver = Literal["recycle_bin", "thumbnail", "lock", "temporary", "system", "hidden"]

# Patterns of names, in lower case; the first that fits counts. An entry is passed over whole, with all that lies in a folder.
_PASSED_OVER: tuple[tuple[PassedOver, tuple[str, ...]], ...] = (
    # of Windows, Synology, QNAP, Samba, Linux and macOS
    (
        "recycle_bin",
        ("$recycle.bin", "recycler", "recycled", "#recycle", "@recycle", ".recycle", ".trash", ".trash-*", ".trashes"),
    ),
    ("thumbnail", ("@eadir", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", ".@__thumb", ".thumbnails", ".ds_store", "._*")),
    ("lock", ("~$*", ".~lock.*#", ".~*", "*.lck", "*.laccdb")),  # of Office, LibreOffice, WPS, CAD, Access
    (
        "temporary",
        ("*.tmp", "~*.tmp", "*.temp", "*.wbk", "*.asd", "*.crdownload", "*.part", "*.partial", "*.!ut", "*.td", "*.swp"),
    ),
    (
        "system",
        (
            "system volume information",
            "desktop.ini",
            "autorun.inf",
            "pagefile.sys",
            "hiberfil.sys",
            "swapfile.sys",
            "lost+found",
            "#snapshot",
            "@snapshot",
            "@tmp",
            "@sharebin",
            "__macosx",
            "*.lnk",
        ),
    ),
    ("hidden", (".*",)),
)
_HIDDEN = getattr(stat, "FILE_ATTRIBUTE_HIDDEN", 0)


class Found(NamedTuple):
    """An entry of a folder: its path, and why it is passed over, None for a file that may be a document."""

    path: str
    passed_over: PassedOver | None


def walk(folder: Path) -> Iterator[Found]:
    """Yield every regular file that may be a document, and each entry that is passed over, by path.

    Folders that are links are not entered: they may lead in a circle. A folder inside that cannot be listed is yielded itself, as
    a file that cannot be read is.
    Raises: LibraryError: the folder is missing or cannot be listed; nothing is raised for a folder inside.
    """
    if not folder.is_dir():
        raise LibraryError(Message.of("corpus.library.no_folder", folder=str(folder)))
    if (cause := why_unlisted(folder)) is not None:
        raise LibraryError(Message.of("corpus.library.unreadable_folder", folder=str(folder), cause=cause))
    yield from _walk(str(folder))


def why_unlisted(folder: Path) -> str | None:
    """Return why a folder cannot be listed, in the words of the system; None where it can."""
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        return error.strerror or str(error)
    return None


def count_passed_over(folder: Path) -> Message | None:
    """Say in one line how many entries of each kind were passed over; None where there are none.

    Raises: LibraryError: the folder is missing or cannot be listed.
    """
    counts = Counter(found.passed_over for found in walk(folder) if found.passed_over is not None)
    if not counts:
        return None
    kinds = [kind for kind, _ in _PASSED_OVER if kind in counts]
    what = tuple(Message.of("corpus.library.passed_over_kind", kind=_NAMES[kind], count=counts[kind]) for kind in kinds)
    return Message.of("corpus.library.passed_over", what=what)


_NAMES: dict[PassedOver, Message] = {
    "recycle_bin": Message.of("corpus.library.recycle_bin"),
    "thumbnail": Message.of("corpus.library.thumbnail"),
    "lock": Message.of("corpus.library.lock"),
    "temporary": Message.of("corpus.library.temporary"),
    "system": Message.of("corpus.library.system"),
    "hidden": Message.of("corpus.library.hidden"),
}


def why_passed_over(name: str) -> PassedOver | None:
    """Return why an entry of this name is passed over; None where it is not."""
    lower = name.lower()
    return next((kind for kind, patterns in _PASSED_OVER if any(fnmatch.fnmatchcase(lower, one) for one in patterns)), None)


def _walk(folder: str) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield Found(folder, None)
        return
    for entry in entries:
        reason = why_passed_over(entry.name)
        if reason is None and _is_hidden(entry):
            reason = "hidden"
        if reason is not None:
            yield Found(entry.path, reason)
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif _is_file(entry):
            yield Found(entry.path, None)


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    """Return whether Windows hides an entry, which listing the folder has told it; other systems hide by name."""
    if os.name != "nt":
        return False
    return bool(getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0) & _HIDDEN)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself: it is listed, and refused when it is read
        return True
