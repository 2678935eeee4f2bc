"""What a library is indexed with, in one record; tests put small parts in the place of the program's own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from corpus.cores import usable_cores
from corpus.library.files import SourceFile
from index.contextual import ContextualEncoder
from index.encoder import Encoder
from index.query.tokenizer import Tokenizer, load_tokenizer
from index.store import generations
from index.store.paths import LibraryPaths
from index.store.worker import Worker, WorkerSetup

_BATCH_FILES = 16  # what an interrupted build loses at most: a moment of work on each core, some seconds where sentences are read


@dataclass(frozen=True, slots=True, eq=False)
class BuildContext:
    """A library and everything that its index depends on beside its files.

    `contextual` reads each passage while it is indexed; if None, the index has no contextual channel, and one that has it is
    taken as it is.
    `code` is a fingerprint of the program's own code and tables. Up to `batch_files` files are indexed together, by up to
    `max_workers` processes.
    """

    paths: LibraryPaths
    encoder: Encoder
    contextual: ContextualEncoder | None = None
    load_tokenizer: Callable[[], Tokenizer] = load_tokenizer
    code: str = field(default_factory=generations.code_fingerprint)
    batch_files: int = _BATCH_FILES
    max_workers: int = field(default_factory=usable_cores)
    start_worker: Callable[[WorkerSetup], Worker] = Worker

    @property
    def contextual_fingerprint(self) -> str:
        """Return the fingerprint of the contextual encoder, "" if there is none."""
        return self.contextual.fingerprint if self.contextual is not None else ""

    def build_fingerprint(self, sources: Iterable[SourceFile]) -> str:
        """Return a hash of what the files of the library are indexed with."""
        return generations.build_fingerprint(sources, self.encoder.fingerprint, self.contextual_fingerprint, code=self.code)
