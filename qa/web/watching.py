"""Watching the folder of the served library, and renewing the index in the background when its files have changed.

The folder is looked at again and again. Notices of the system (inotify, ReadDirectoryChangesW, FSEvents, of which watchfiles and
watchdog are made) do not come from network drives when another machine writes, and there offices keep their files; looking would
be needed beside them, and a look at 10,000 known files takes a fraction of a second on a disk.
"""

import threading
import time
import traceback
from collections.abc import Callable, Sequence

from corpus.library.files import SourceFile
from corpus.messages.errors import JingyanError
from index.store.changes import is_fresh, scan_sources
from index.store.edits_file import read_edits
from index.store.library import Library, open_index
from qa.web.state import LibraryState

_PAUSE_SECONDS = 15.0  # two looks must agree before the index is renewed: a file that is being copied is still growing
_RETRY_SECONDS = 60.0  # until what could not be indexed is tried again; each time twice as long
_MAX_RETRY_SECONDS = 3600.0
_MAX_SHARE = 0.05  # of the time is spent on looking: a slow network drive is looked at less often


class FolderWatcher:
    """Looks at the folder of the library that is served, and renews the index once a change has settled."""

    def __init__(self, state: LibraryState, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._state = state
        self._clock = clock
        self._library: Library | None = None
        self._known: Sequence[SourceFile] = ()
        self._changed: Sequence[SourceFile] | None = None  # as the last look found it, where it was not what is indexed
        self._failed: Sequence[SourceFile] | None = None  # what could not be indexed is tried again after a while
        self._pause = _RETRY_SECONDS
        self._retry_at = 0.0

    def start(self) -> None:
        """Look for as long as the program runs, in a thread of its own."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def look(self) -> bool:
        """Look once. Returns: whether the index was renewed, or that was tried."""
        library = self._state.library
        if library is not self._library:
            self._library, self._known = library, library.manifest.sources
            self._changed = self._failed = None
        context = library.context
        try:
            edits = read_edits(context.paths)
            self._known = sources = scan_sources(context.paths, edits, self._known)
        except JingyanError as error:  # a drive that is away comes back
            self._state.renewal_error = error
            return False
        if is_fresh(library.manifest, sources, edits, context):
            self._changed = self._failed = self._state.renewal_error = None
            return False
        if sources == self._failed and self._clock() < self._retry_at:
            return False
        if sources != self._changed:
            self._changed = sources
            return False
        if self._state.library is not library:
            return False
        self._pause = min(2 * self._pause, _MAX_RETRY_SECONDS) if sources == self._failed else _RETRY_SECONDS
        tried = self._state.renew_quietly(lambda: open_index(context, may_be_empty=True))
        self._failed = sources if tried else None  # not tried while a job is under way
        self._retry_at = self._clock() + self._pause
        return tried

    def _run(self) -> None:
        while True:
            started = time.monotonic()
            try:
                self.look()
            except Exception:  # the terminal shows it; the next look may go well
                traceback.print_exc()
            time.sleep(max(_PAUSE_SECONDS, (time.monotonic() - started) / _MAX_SHARE))
