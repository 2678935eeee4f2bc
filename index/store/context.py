"""What a library is indexed with, in one record; tests put small parts in the place of the program's own."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from index.encoder import Encoder
from index.query.tokenizer import Tokenizer, load_tokenizer
from index.store.generations import code_fingerprint
from index.store.paths import LibraryPaths
from index.store.worker import Worker, WorkerSetup

_BATCH_FILES = 64  # what an interrupted build loses at most: a second or two of work on each core


@dataclass(frozen=True, slots=True, eq=False)
class BuildContext:
    """A library and everything that its index depends on beside its files.

    `code` is a fingerprint of the program's own code and tables. Up to `batch_files` files are indexed together, by up to
    `max_workers` processes.
    """

    paths: LibraryPaths
    encoder: Encoder
    load_tokenizer: Callable[[], Tokenizer] = load_tokenizer
    code: str = field(default_factory=code_fingerprint)
    batch_files: int = _BATCH_FILES
    max_workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    start_worker: Callable[[WorkerSetup], Worker] = Worker
