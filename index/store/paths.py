"""Paths of a library: its folder of bulletins, and what the program keeps of it among the user's data.

    DATA/settings.json               the folder of bulletins that the user chose
    DATA/libraries/KEY/              KEY: a hash of the library's path; mode 0700
        added/                       the files that the user added
        removed/                     files of `added/` that are no longer part of the library; only a person deletes them
        curation.json                what the user added, disabled, removed and corrected, replaced atomically
        curation.json.previous       the same as it was before the last change
        curation-damaged-….json      one that could not be read, set aside before another was written
        extracts/                    the texts of files that are not text (corpus/readers/cache.py)
        saved.json                   the quotes that the owner saved (qa/export/saved_quotes.py); saved.json.previous as for edits
        saved.account                the account that has that list, by the name of its folder, where the page asks for accounts
        accounts/NAME-HASH/          the same of each account of a served page (qa/web/security/visitor.py)
        current                      the generation in use and the SHA-256 of its manifest, replaced atomically
        lock                         held by the process that builds
        generation-…/                immutable once named in `current`
            manifest.json            format, encoder, sources, edits, what became of each file, SHA-256 of every other file
            bulletins.json           what the parser read
            files.json               what is known of each file beside that (index/store/segments.py)
            index.safetensors        vectors, terms, tokens
        checkpoint-…/                a segment of some files, so that an interrupted build can go on
        building-…/                  one of these in the making

A generation is built in a folder of its own and becomes current by one rename; the previous one is then deleted. The hash in
`current` covers the manifest, and the manifest the hashes of all files: a generation in which one byte has changed is never
used. Builds take turns by a lock, which the system takes back from a process that dies; reading needs no lock.

An edit takes effect at once or not at all: files that were added are in place, and the generation that holds them is built,
before `curation.json` names them. A file of `added/` that it does not name was removed, or is left over from an interrupted
change, and is moved to `removed/`. The current generation has a copy of the edits it was built with, which serves where
`curation.json` is damaged or gone.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from corpus.library import files
from corpus.library.edits import Correction
from corpus.regions.gazetteer import Gazetteer


@dataclass(frozen=True, slots=True)
class LibraryPaths:
    """The paths of one library: `folder` holds the bulletins and is only ever read, `data` is the per-user data folder.

    Both are made absolute, so that a library has one root however its folder is named.
    """

    folder: Path
    data: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.folder.resolve())
        object.__setattr__(self, "data", self.data.absolute())

    @property
    def root(self) -> Path:
        """Return the folder of everything that is kept of this library; its name is a hash of the library's path."""
        key = hashlib.sha256(os.path.normcase(str(self.folder)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return self.data / "libraries" / key

    @property
    def added(self) -> Path:
        """Return the folder of the files that the user added."""
        return self.root / "added"

    @property
    def removed(self) -> Path:
        """Return the bin: the folder of files that were added and are no longer part of the library."""
        return self.root / "removed"

    @property
    def extraction_cache(self) -> Path:
        """Return the folder of the texts of files that are not text."""
        return self.root / "extracts"

    @property
    def edits(self) -> Path:
        """Return the file of the user's edits: what was added, disabled, removed and corrected."""
        return self.root / "curation.json"

    @property
    def previous_edits(self) -> Path:
        """Return the file of the user's edits as they were before the last change."""
        return self.root / "curation.json.previous"

    @property
    def lock(self) -> Path:
        """Return the file that the building process holds locked."""
        return self.root / "lock"

    def path_of(self, document: str) -> Path:
        """Return the path of a document's file, in the folder or among those that were added."""
        return files.path_of(document, folder=self.folder, added=self.added)

    def file_context(self, gazetteer: Gazetteer, corrections: Mapping[str, Correction]) -> files.FileContext:
        """Return what it takes to read the library's files. `corrections` are keyed by the SHA-256 of a file."""
        return files.FileContext(self.folder, gazetteer, self.added, self.extraction_cache, corrections)


def default_data() -> Path:
    """Return the per-user data folder of this system."""
    return Path(platformdirs.user_data_dir("jingyan", appauthor=False))


def settings_file(data: Path) -> Path:
    """Return the file of the settings that hold for all libraries."""
    return data / "settings.json"
