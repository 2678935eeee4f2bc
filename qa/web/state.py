"""The library that the page serves, what is computed of it once, and the job that renews it."""

import contextvars
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from corpus import deadline
from corpus.document import Region
from corpus.library import files as corpus_library
from corpus.library.files import FileReport
from corpus.messages.errors import JingyanError
from index.store.builder import Progress
from index.store.changes import NO_CHANGES, FolderChanges, compare_sources
from index.store.library import Library
from qa.web.catalogue import Texts

Derived = TypeVar("Derived")

_MAX_ENDED = 8  # jobs that are kept to be told of
_TOLD_MS = 60_000  # for so long an ended job is told to every window
_INDENT = "\u3000"  # as wide as a Chinese character


@dataclass(frozen=True, slots=True)
class Job:
    """A renewal of the library, under way or ended.

    `stage` is a stage of building, `done` and `total` count what it has done and has to do. `error` says why the job failed,
    `reports` what became of each file. `ended` is when it did, in ms since 1970 and later than any before; 0 while it is under
    way.
    """

    stage: str = "read"
    done: int = 0
    total: int = 0
    ended: int = 0
    error: str | None = None
    reports: tuple[FileReport, ...] = ()

    @property
    def running(self) -> bool:
        """Return whether it is under way."""
        return not self.ended


@dataclass(frozen=True, slots=True)
class News:
    """What the background has last done: the number of the renewal, from 1, and the changes of the folder, or why it failed."""

    number: int = 0
    changes: FolderChanges = NO_CHANGES
    error: Exception | None = None


class ServedLibrary:
    """An opened library, and what has been computed of it."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._derived: dict[Hashable, _Derived] = {}
        self._adding = threading.Lock()

    def derive(self, key: Hashable, compute: "Callable[[ServedLibrary], Derived]") -> Derived:
        """Return what `compute` makes of the library: computed once, and again before another library is served.

        Args: key: names what is computed; whoever asks while it is being computed waits for it.
        """
        with self._adding:
            derived = self._derived.setdefault(key, _Derived(compute))
        value: Derived = derived.value(self)
        return value

    def renewed(self, library: Library) -> "ServedLibrary":
        """Return another library with all that has been computed of this one, so that no visitor waits for it."""
        served = ServedLibrary(library)
        for key, derived in list(self._derived.items()):
            served.derive(key, derived.compute)
        return served


class _Derived:
    """A value that is computed when it is first asked for."""

    def __init__(self, compute: Callable[[ServedLibrary], Any]) -> None:
        self.compute = compute
        self._computing = threading.Lock()
        self._value: Any = None
        self._is_computed = False

    def value(self, served: ServedLibrary) -> Any:
        with self._computing:
            if not self._is_computed:
                with deadline.within(None):  # others wait for it, whoever asked first
                    self._value = self.compute(served)
                self._is_computed = True
            return self._value


class LibraryState:
    """The library that is served. Whoever takes `served` or `library` keeps it whole while another takes its place."""

    def __init__(self, library: Library) -> None:
        self.job: Job | None = None  # the one under way, or the last that ended
        self.served = ServedLibrary(library)
        self.news = News()
        self.renewal_error: Exception | None = None  # why what is served is not what the folder holds; None where it is
        self._ended: deque[Job] = deque(maxlen=_MAX_ENDED)
        self._asked = threading.Lock()  # held from the order of a job until its end
        self._building = threading.Lock()  # held by whoever builds, in the background or not

    @property
    def library(self) -> Library:
        """Return the library that is served now."""
        return self.served.library

    @property
    def root(self) -> Path:
        """Return the library's own folder among the user's data."""
        return self.library.root

    @property
    def is_samples(self) -> bool:
        """Return whether it is the sample library that ships with the program."""
        return self.library.folder.resolve() == corpus_library.SAMPLES.resolve()

    def renew(self, build: Callable[[Progress], tuple[Library, tuple[FileReport, ...]]], *, of: Library | None = None) -> bool:
        """Build a library in the background and serve it in place of this one, which answers meanwhile.

        Args: of: the library whose folder the job is about; None where it is about any.
        Returns: whether the job was begun: not while another one is under way, nor where another folder has been opened since.
            Whoever asked for it is then told so. How it goes is in `job`.
        """
        if not self._asked.acquire(blocking=False):
            return False
        if of is not None and of.paths != self.library.paths:
            self._asked.release()
            return False
        self.job = Job()

        def run() -> None:
            try:
                with self._building, deadline.within(None):
                    library, reports = build(self._report)
                    self.served = self.served.renewed(library)
                    self.renewal_error = None
                self._end(Job(reports=reports))
            except Exception as error:  # the page shows it; a thread that dies would leave it waiting
                self._end(Job(error=str(error) or type(error).__name__))
                if not isinstance(error, JingyanError):
                    raise
            finally:
                self._asked.release()

        # In the context of who asks: messages are in their language.
        threading.Thread(target=contextvars.copy_context().run, args=(run,), name="renew", daemon=True).start()
        return True

    def renew_quietly(self, build: Callable[[], Library]) -> bool:
        """Build this library anew in this thread and serve it; what changed, or why that failed, is in `news`.

        Returns: whether it was tried: not while a job is under way. A job that is ordered meanwhile waits for the end.
        """
        if not self._building.acquire(blocking=False):
            return False
        try:
            before = self.library.manifest.sources
            served = self.served.renewed(build())
            changes = compare_sources(before, served.library.manifest.sources)
            self.served = served
            self.news = News(self.news.number + 1, changes)
            self.renewal_error = None
        except Exception as error:  # the page tells it; what was served before stays
            self.news = News(self.news.number + 1, error=error)
            self.renewal_error = error
            if not isinstance(error, JingyanError):
                raise
        finally:
            self._building.release()
        return True

    def jobs_since(self, told: int) -> tuple[Job, ...]:
        """Return the jobs that have ended since a browser was `told` (the `ended` of a job), then the one under way.

        Those that ended within the last minute are among them all the same: whoever waits for them sees them in every window.
        """
        told = min(told, _now() - _TOLD_MS)
        job = self.job
        return (
            *(ended for ended in list(self._ended) if ended.ended > told),
            *([job] if job is not None and job.running else []),
        )

    def _end(self, job: Job) -> None:
        last = self._ended[-1].ended if self._ended else 0
        self.job = replace(job, ended=max(_now(), last + 1))
        self._ended.append(self.job)

    def _report(self, stage: str, done: int, total: int) -> None:
        self.job = Job(stage, done, total)


def _now() -> int:
    return time.time_ns() // 1_000_000


def region_counts(library: Library) -> dict[Region, int]:
    """Count the articles of every region, those of the regions below it included; regions in the order of the tree."""
    return dict(sorted(library.catalog.region_counts.items(), key=lambda counted: _tree_order(counted[0])))


def _tree_order(region: Region) -> tuple[str, str, str]:
    return region.province, region.city or "", region.county or ""


def region_choices(library: Library, t: Texts) -> list[tuple[str, str]]:
    """Return a label and the path of every region with articles and of those above it, in the order of the tree."""
    return [(_choice_label(region, count, t), region.path) for region, count in region_counts(library).items()]


def _choice_label(region: Region, articles: int, t: Texts) -> str:
    """Return the label, indented by its level, with the number of articles."""
    depth = (region.city is not None) + (region.county is not None)
    return _INDENT * depth + region.label + t("in_brackets", text=articles)
