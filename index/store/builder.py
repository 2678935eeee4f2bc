"""Files of a library -> one segment of all of them: what is indexed already is reused, the rest is indexed on all cores."""

import contextlib
import functools
import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from corpus.library import files as library
from corpus.library.duplicates import find_duplicates
from corpus.library.edits import UserEdits
from corpus.library.files import FileReport, SourceFile
from corpus.messages.errors import LibraryError, StorageError
from corpus.messages.message import Message
from corpus.readers.formats import SKIPPED
from index.encoder import BUNDLED_NAME
from index.store import generations
from index.store.changes import Plan, plan_build
from index.store.context import BuildContext
from index.store.indexing import build_channels, index_files
from index.store.segments import Segment, SegmentEntry
from index.store.worker import Worker, WorkerSetup

_BATCH_BYTES = 4 << 20  # of the files that are indexed together, if more than one
_SHOWN_REASONS = 5  # in the message about a library without a single bulletin

# Called with a stage (wait, read, index), the number of files done and in all.
Progress = Callable[[str, int, int], None]


def no_progress(stage: str, done: int, total: int) -> None:
    """Report progress to nobody."""


class BuildResult(NamedTuple):
    """The segment of a library, and what became of each file, in the order of its sources."""

    segment: Segment
    reports: tuple[FileReport, ...]


@dataclass(frozen=True, slots=True)
class _Indexed:
    """The files that a plan wants, as they are indexed; those that are nearly copies of another, and of which.

    `replaced` maps documents to the articles in place of which answers quote others, `notes` to what a person is told of these.
    """

    entries: Mapping[str, SegmentEntry]
    near_copies: Mapping[str, str]
    replaced: Mapping[str, tuple[int, ...]]
    notes: Mapping[str, tuple[Message, ...]]


def build(
    context: BuildContext,
    sources: Sequence[SourceFile],
    edits: UserEdits,
    *,
    reuse: Sequence[Segment],
    progress: Progress,
    may_be_empty: bool = False,
) -> BuildResult:
    """Index every file found neither in `reuse` nor in a checkpoint of an interrupted build, then merge all segments.

    Args: reuse: segments made with the same build fingerprint; may_be_empty: whether a library may hold nothing to search.
    Raises: LibraryError: no file is a bulletin that may be searched; RegionTableError: regions.csv has a malformed row;
        OSError: a checkpoint cannot be written.
    """
    fingerprint = context.build_fingerprint(sources)
    setup = WorkerSetup(context.paths, edits.corrections, fingerprint, contextual=context.contextual is not None)
    batches = _BatchIndexer(context, setup)
    plan = plan_build(sources, edits, [*reuse, *generations.load_checkpoints(context.paths.root, fingerprint)])
    indexed = _execute(plan, batches, progress)
    reports = (*_report(plan, indexed), *library.skipped_files(context.paths.folder))
    if not any(report.state in ("read", "warnings") for report in reports):
        if not may_be_empty:
            raise nothing_to_search(context.paths.folder, reports)
        files = (msgspec.structs.replace(indexed.entries[file.document].file, document=file.document) for file in plan.wanted)
        channels = build_channels((), encoder=context.encoder, contextual=context.contextual, tokenizer=context.load_tokenizer())
        return BuildResult(Segment(tuple(files), (), *channels), reports)
    progress("index", 0, 1)
    wanted = [(indexed.entries[file.document], file.document) for file in plan.wanted]
    segment = Segment.join(wanted, copies=indexed.near_copies, replaced=indexed.replaced)
    progress("index", 1, 1)
    return BuildResult(segment, reports)


def nothing_to_search(folder: Path, reports: Sequence[FileReport]) -> LibraryError:
    """Return the error that a library holds nothing that can be searched, with the first reasons."""
    message = Message.of("index.store.no_bulletin", folder=str(folder))
    for report in reports[:_SHOWN_REASONS]:
        message = Message.of("index.store.with_reason", message=message, reason=report.summary)
    return LibraryError(message)


def _execute(plan: Plan, batches: "_BatchIndexer", progress: Progress) -> _Indexed:
    """Index what is missing, and find the near copies among all that is wanted."""
    entries = dict(plan.reuse)
    _index_into(entries, plan.missing, batches, progress)
    indexed = _find_copies(plan.wanted, entries)
    # The passages of a copy are not kept. If it is no copy any more, since the other file has gone, it is indexed again.
    stripped = [file for file in plan.wanted if file.document not in indexed.near_copies and entries[file.document].is_stripped]
    if stripped:
        for file in stripped:
            del entries[file.document]
        _index_into(entries, stripped, batches, progress)
    return indexed


def _index_into(
    entries: dict[str, SegmentEntry], missing: Sequence[SourceFile], batches: "_BatchIndexer", progress: Progress
) -> None:
    total = len(entries) + len(missing)
    progress("read", len(entries), total)
    for segment in batches.index(missing):
        entries.update((file.document, SegmentEntry(segment, index)) for index, file in enumerate(segment.files))
        progress("read", len(entries), total)


def _find_copies(wanted: Sequence[SourceFile], entries: Mapping[str, SegmentEntry]) -> _Indexed:
    """Find near copies and repeated articles. The better document is one that the user corrected, or read with confidence."""
    read = [
        (file.document, known, known.fingerprint)
        for file in wanted
        if (known := entries[file.document].file).fingerprint is not None
    ]
    read.sort(key=lambda item: (not item[1].corrected, item[1].low_confidence, -item[2].whole.length))
    names = [document for document, _, _ in read]
    found = find_duplicates([fingerprint for _, _, fingerprint in read])
    replaced: dict[str, tuple[int, ...]] = {}
    notes: dict[str, tuple[Message, ...]] = {}
    for at, other in sorted(found.articles.items()):
        document = names[at.document]
        by = names[other.by.document]
        note = Message.of("index.store.article_repeated", number=at.article + 1, document=by)
        if other.is_correction:
            date = read[other.by.document][2].date or ""
            note = Message.of("index.store.article_corrected", number=at.article + 1, document=by, date=date)
        replaced[document] = (*replaced.get(document, ()), at.article)
        notes[document] = (*notes.get(document, ()), note)
    copies = {names[copy]: names[original] for copy, original in found.documents.items()}
    return _Indexed(entries, copies, replaced, notes)


def _report(plan: Plan, indexed: _Indexed) -> tuple[FileReport, ...]:
    """Say what became of each file."""
    return tuple(_report_file(file.document, plan, indexed) for file in plan.listed)


def _report_file(document: str, plan: Plan, indexed: _Indexed) -> FileReport:
    if document in plan.excluded:
        return FileReport(document, plan.excluded[document])
    kept = plan.exact_copies.get(document) or indexed.near_copies.get(document)
    if kept is not None:
        return FileReport(document, "copy", copy_of=indexed.near_copies.get(kept, kept))
    file = indexed.entries[document].file
    if file.fingerprint is None:
        skipped = file.messages[0].code in SKIPPED
        return FileReport(document, "skipped" if skipped else "refused", file.messages)
    messages = (*file.messages, *indexed.notes.get(document, ()))
    return FileReport(document, "warnings" if file.messages else "read", messages)


class _BatchIndexer:
    """Indexes files batch by batch: a few in memory, many on all cores, with a checkpoint for every batch."""

    def __init__(self, context: BuildContext, setup: WorkerSetup) -> None:
        self._context = context
        self._setup = setup

    def index(self, files: Sequence[SourceFile]) -> Iterator[Segment]:
        """Yield segments of the files, in any order.

        Raises: RegionTableError: regions.csv has a malformed row; OSError: a checkpoint cannot be written; StorageError: a
            checkpoint cannot be read back.
        """
        batches = list(self._batches(files))
        if len(batches) == 1:
            yield self._index_here(batches[0])
            return
        for name in self._checkpoint(batches):
            segment = generations.load_checkpoint(self._setup.paths.root, name, self._setup.build_fingerprint)
            if segment is None:
                raise StorageError(Message.of("index.store.checkpoint_not_read_back", name=name))
            yield segment

    def _batches(self, files: Sequence[SourceFile]) -> Iterator[list[str]]:
        batch: list[str] = []
        size = 0
        for file in files:
            if batch and (len(batch) == self._context.batch_files or size + file.size > _BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(file.document)
            size += file.size
        if batch:
            yield batch

    @functools.cached_property
    def _files(self) -> library.FileContext:
        gazetteer = library.load_gazetteer(self._setup.paths.folder)
        return self._setup.paths.file_context(gazetteer, self._setup.corrections)

    def _index_here(self, batch: Sequence[str]) -> Segment:
        return index_files(
            batch,
            context=self._files,
            encoder=self._context.encoder,
            contextual=self._context.contextual,
            tokenizer=self._context.load_tokenizer(),
        )

    def _checkpoint(self, batches: Sequence[list[str]]) -> Iterator[str]:
        """Index batches and yield the names of their checkpoints, in any order."""
        left = list(batches)
        # Only the bundled encoder is at hand in every process.
        processes = min(self._context.max_workers, len(batches)) if self._context.encoder.name == BUNDLED_NAME else 1
        if processes > 1:
            with contextlib.suppress(OSError):  # what fails in a worker may work here, or show here why it does not
                yield from self._checkpoint_in_workers(left, processes)
        while left:
            segment = self._index_here(left[0])
            yield generations.keep_checkpoint(self._setup.paths.root, segment, self._setup.build_fingerprint)
            left.pop(0)

    def _checkpoint_in_workers(self, left: list[list[str]], processes: int) -> Iterator[str]:
        """Index batches in other processes; those that are done are taken out of `left`.

        Raises: OSError: a worker cannot be started or has ended.
        """
        idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        workers = []

        def index(batch: list[str]) -> str:
            worker = idle.get()
            try:
                return worker.index(batch)
            finally:
                idle.put(worker)

        pool = ThreadPoolExecutor(processes)
        try:
            for _ in range(processes):
                workers.append(self._context.start_worker(self._setup))
                idle.put(workers[-1])
            running = {pool.submit(index, batch): batch for batch in left}
            for future in as_completed(running):
                name = future.result()
                left.remove(running[future])
                yield name
        finally:
            for worker in workers:
                worker.stop()
            pool.shutdown(cancel_futures=True)
