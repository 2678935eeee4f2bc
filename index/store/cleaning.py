"""Clear away what interrupted changes and builds, and earlier generations, left behind.

What the program made is deleted; what a person handed in is moved to the bin.
"""

import contextlib
from pathlib import Path

from corpus.messages.errors import EditError, StorageError
from corpus.messages.message import Message
from index.store import generations
from index.store.disk import build_lock_if_free, list_folder, move_into
from index.store.edits_file import edits_notices, read_edits
from index.store.generations import Generation
from index.store.paths import LibraryPaths

_HASH_DIGITS = 64  # with which the name of a cached extraction begins (corpus/readers/cache.py)


def remove_leftovers(paths: LibraryPaths) -> None:
    """Clear away what the current generation does not need, as far as the system allows it. Call with the build lock held.

    What cannot be moved or deleted now, for it is open elsewhere, say, is tried again whenever the library is opened.
    """
    generation = generations.current(paths.root)
    if generation is None:
        return
    with contextlib.suppress(OSError, EditError):
        for path in _unnamed(paths):
            with contextlib.suppress(OSError, StorageError):
                move_into(path, paths.removed)
        for path in _leftovers(paths, generation):
            generations.remove(path)


def remove_leftovers_if_free(paths: LibraryPaths, generation: Generation) -> None:
    """Clear leftovers away, unless another process is building and will do it, or the folder is read-only."""
    with contextlib.suppress(OSError, EditError):
        if _unnamed(paths) or _leftovers(paths, generation):
            with build_lock_if_free(paths):
                remove_leftovers(paths)


def data_notices(paths: LibraryPaths) -> tuple[Message, ...]:
    """Return what a person should know of what is kept of his work: a copy that serves, what was set aside, what is in the bin.

    Raises: EditError: the file of edits cannot be opened.
    """
    count = len(list_folder(paths.removed))
    in_bin = (Message.of("index.store.in_bin", count=count, path=str(paths.removed)),) if count else ()
    return (*edits_notices(paths), *in_bin)


def _unnamed(paths: LibraryPaths) -> list[Path]:
    """List the files among those that were added which the user's edits do not name."""
    added = read_edits(paths).added
    return [path for path in list_folder(paths.added) if path.name not in added]


def _leftovers(paths: LibraryPaths, generation: Generation) -> list[Path]:
    hashes = {file.sha256 for file in generation.manifest.sources}
    return [
        *generations.leftovers(paths.root, generation),
        *(path for path in list_folder(paths.root) if path.name.startswith(f"{paths.edits.name}-")),
        *(path for path in list_folder(paths.root) if path.name.startswith(f"{paths.previous_edits.name}-")),
        *(
            path
            for path in list_folder(paths.extraction_cache)
            if path.suffix != ".json" or path.name[:_HASH_DIGITS] not in hashes
        ),
    ]
