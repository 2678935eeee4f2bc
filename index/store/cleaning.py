"""Delete what interrupted changes and builds, and earlier generations, left behind."""

import contextlib
from pathlib import Path

from index.store import generations
from index.store.disk import build_lock_if_free, list_folder
from index.store.edits_file import read_edits
from index.store.generations import Generation
from index.store.paths import LibraryPaths

_HASH_DIGITS = 64  # with which the name of a cached extraction begins (corpus/readers/cache.py)


def remove_leftovers(paths: LibraryPaths) -> None:
    """Delete everything that the current generation does not need. Call with the build lock held."""
    generation = generations.current(paths.root)
    for path in _leftovers(paths, generation) if generation is not None else ():
        generations.remove(path)


def remove_leftovers_if_free(paths: LibraryPaths, generation: Generation) -> None:
    """Delete leftovers, unless another process is building and will delete them, or the folder is read-only."""
    if _leftovers(paths, generation):
        with contextlib.suppress(OSError), build_lock_if_free(paths):
            remove_leftovers(paths)


def _leftovers(paths: LibraryPaths, generation: Generation) -> list[Path]:
    added = read_edits(paths).added
    hashes = {file.sha256 for file in generation.manifest.sources}
    return [
        *generations.leftovers(paths.root, generation),
        *(path for path in list_folder(paths.root) if path.name.startswith(f"{paths.edits.name}-")),
        *(path for path in list_folder(paths.added) if path.name not in added),
        *(
            path
            for path in list_folder(paths.extraction_cache)
            if path.suffix != ".json" or path.name[:_HASH_DIGITS] not in hashes
        ),
    ]
