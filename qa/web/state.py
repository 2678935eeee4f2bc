"""The library that the page serves, and the work that renews it."""

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus.document import Article, Bulletin, Passage, Span
from corpus.library import files as corpus_library
from corpus.library.files import FileReport
from corpus.messages.errors import JingyanError
from corpus.regions.gazetteer import Region
from index.encoder import Encoder
from index.store.builder import Progress
from index.store.library import Library


@dataclass(frozen=True, slots=True)
class Job:
    """What is being done, or was done last: a stage of building, the number done and in all; why it failed, or what became of
    each file."""

    stage: str = "read"
    done: int = 0
    total: int = 0
    running: bool = True
    error: str | None = None
    reports: tuple[FileReport, ...] = ()


class LibraryState:
    """Holds one opened library at a time. Whoever takes `library` keeps it whole while another is put in its place."""

    def __init__(self, library: Library, *, encoder: Encoder) -> None:
        self.library = library
        self.encoder = encoder
        self.work: Job | None = None
        self._turn = threading.Lock()

    @property
    def root(self) -> Path:
        """The library's own folder among the user's data."""
        return self.library.root

    @property
    def is_samples(self) -> bool:
        """Whether it is the sample library that ships with the program."""
        return self.library.folder.resolve() == corpus_library.SAMPLES.resolve()

    def renew(self, build: Callable[[Progress], tuple[Library, tuple[FileReport, ...]]]) -> bool:
        """Build a library in the background and put it in this one's place; questions are answered from this one meanwhile.

        Returns: whether the work was begun: not while other work is under way. How it goes is in `work`.
        """
        if not self._turn.acquire(blocking=False):
            return False
        self.work = Job()

        def run() -> None:
            try:
                self.library, reports = build(self._report)
                self.work = Job(running=False, reports=reports)
            except Exception as error:  # the page shows it; a thread that dies would leave it waiting
                self.work = Job(running=False, error=str(error) or type(error).__name__)
                if not isinstance(error, JingyanError):
                    raise
            finally:
                self._turn.release()

        # In the context of who asks: messages are in their language.
        threading.Thread(target=contextvars.copy_context().run, args=(run,), name="renew", daemon=True).start()
        return True

    def pop_finished_job(self) -> Job | None:
        """How the work goes; how it ended is told once."""
        work = self.work
        if work is not None and not work.running:
            self.work = None
        return work

    def _report(self, stage: str, done: int, total: int) -> None:
        self.work = Job(stage, done, total)


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """An article of a bulletin of the library, and the passages it is made of, in order."""

    bulletin: Bulletin
    number: int  # of the article in its bulletin, from 1
    article: Article
    passages: tuple[Passage, ...]


def address(bulletin: Bulletin, number: int, span: Span | None = None) -> str:
    """The part of an address that names an article, and a stretch of it: KEY/2?start=310&end=352.

    The key is the beginning of the file's SHA-256: the address holds wherever the same file is, whatever it is called.
    """
    return f"{bulletin_key(bulletin)}/{number}" + (f"?start={span.start}&end={span.end}" if span else "")


def passage_address(passage: Passage, span: Span | None = None) -> str:
    """The address of a passage's article, and a stretch of it."""
    number = next(at for at, article in enumerate(passage.bulletin.articles, 1) if article is passage.article)
    return address(passage.bulletin, number, span)


def bulletin_key(bulletin: Bulletin) -> str:
    """What an address calls the bulletin."""
    return bulletin.source.sha256[:12]


def find_bulletin(library: Library, wanted: str) -> Bulletin | None:
    """The bulletin whose key it is."""
    return next((bulletin for bulletin in library.bulletins if bulletin_key(bulletin) == wanted), None)


def find_article(library: Library, wanted: str, number: int) -> ArticleRef | None:
    """The article of that number in the bulletin of that key."""
    bulletin = find_bulletin(library, wanted)
    if bulletin is None or not 1 <= number <= len(bulletin.articles):
        return None
    article = bulletin.articles[number - 1]
    passages = tuple(passage for passage in library.retriever.catalog.passages if passage.article is article)
    return ArticleRef(bulletin, number, article, passages)


def region_counts(library: Library) -> dict[Region, int]:
    """Every region that articles are about, and those above it, with the number of articles about it or what is below it."""
    counts: dict[Region, int] = {}
    for region, number in library.retriever.catalog.regions.items():
        for above in {Region(region.province), Region(region.province, region.city), region}:
            counts[above] = counts.get(above, 0) + number
    return counts
