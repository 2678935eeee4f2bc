"""Files of a library -> one segment of them all: what is prepared already is taken, the rest is prepared on the cores at hand."""

import contextlib
import os
import queue
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import msgspec

from corpus.library import files as library
from corpus.library.duplicates import find_duplicates
from corpus.library.edits import Correction, UserEdits
from corpus.library.files import FileReport, SourceFile
from corpus.messages.errors import LibraryError
from corpus.messages.language import tr
from corpus.regions.gazetteer import Gazetteer
from index.encoder import BUNDLED_NAME, Encoder
from index.query.tokenizer import load_tokenizer
from index.store import generations
from index.store.indexing import index_files, key_of
from index.store.paths import LibraryPaths
from index.store.segments import Segment

# Files prepared together: what a build that is cut short loses at most, a second or two of work on each core.
_FILES_AT_ONCE, _BYTES_AT_ONCE = 64, 4 << 20

# Called with a stage (read, index), the number of files done and in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BuildContext:
    """Where the files of a library are and what is made of them is kept, and what a person said of them."""

    paths: LibraryPaths
    build_fingerprint: str
    corrections: Mapping[str, Correction]

    def index(self, documents: Sequence[str], *, gazetteer: Gazetteer, encoder: Encoder) -> Segment:
        """Prepare some files, in memory."""
        return index_files(
            documents,
            paths=self.paths,
            corrections=self.corrections,
            gazetteer=gazetteer,
            encoder=encoder,
            tokenizer=load_tokenizer(),
        )

    def index_and_keep(self, documents: Sequence[str], *, gazetteer: Gazetteer, encoder: Encoder) -> str:
        """Prepare some files and keep the segment, so that a build that is cut short can go on. Returns: its name."""
        return generations.keep_checkpoint(
            self.paths.root, self.index(documents, gazetteer=gazetteer, encoder=encoder), self.build_fingerprint
        )


def build(
    workshop: BuildContext,
    sources: Sequence[SourceFile],
    curation: UserEdits,
    *,
    reuse: Sequence[Segment],
    encoder: Encoder,
    progress: Progress,
) -> tuple[Segment, tuple[FileReport, ...]]:
    """Prepare the files that no segment of `reuse`, and none kept by a build that was cut short, holds; put them all together.

    Returns: the segment, and what became of each file, in the order of `sources`.
    Raises: LibraryError: no file is a bulletin that may be searched; RegionTableError: regions.csv has a malformed row;
        OSError: what is prepared cannot be kept.
    """
    listed = library.bulletin_files(sources)
    seen: dict[str, str] = {}
    same: dict[str, str] = {}  # an exact copy -> the document that is kept
    wanted: list[SourceFile] = []
    for file in listed:
        if library.exclusion(file.document, curation) is None:
            if file.sha256 and seen.setdefault(file.sha256, file.document) != file.document:
                same[file.document] = seen[file.sha256]
            else:
                wanted.append(file)
    taken = _load_or_build(workshop, wanted, reuse, encoder, progress)
    near = _near_duplicates(wanted, taken)
    # A copy is kept without its passages; where what it was a copy of has gone, they are needed.
    bare = [f for f in wanted if f.document not in near and _has_no_passages(*taken[f.document])]
    taken |= _load_or_build(workshop, bare, (), encoder, progress) if bare else {}
    reports = []
    for file in listed:
        if (state := library.exclusion(file.document, curation)) is not None:
            reports.append(FileReport(file.document, state))
        elif (kept := same.get(file.document) or near.get(file.document)) is not None:
            reports.append(FileReport(file.document, "copy", copy_of=near.get(kept, kept)))
        else:
            segment, at = taken[file.document]
            prepared = segment.files[at]
            read: library.State = "warnings" if prepared.messages else "read"
            reports.append(FileReport(file.document, read if prepared.fingerprint else "refused", prepared.messages))
    if not any(report.state in ("read", "warnings") for report in reports):
        reasons = "".join(f"\n  {report.line()}" for report in reports[:5])
        empty = tr(f"{workshop.paths.folder}：没有能读懂的简报", f"{workshop.paths.folder}: no bulletin could be read")
        raise LibraryError(empty + reasons)
    progress("index", 0, 1)
    order = [(*taken[file.document], file.document) for file in wanted]
    joined = Segment.join(order, copies=near)
    progress("index", 1, 1)
    return joined, tuple(reports)


def _has_no_passages(segment: Segment, at: int) -> bool:
    """Whether a file was understood and yet has no passages."""
    return segment.files[at].fingerprint is not None and not segment.files[at].passages


def _near_duplicates(wanted: Sequence[SourceFile], taken: Mapping[str, tuple[Segment, int]]) -> dict[str, str]:
    """Documents that are copies, and of which; what a person corrected is kept first, then what was read without doubt."""
    files = [(file.document, taken[file.document][0].files[taken[file.document][1]]) for file in wanted]
    ordered = sorted(files, key=lambda item: (not item[1].corrected, item[1].low_confidence))
    alike = [(document, file.fingerprint) for document, file in ordered if file.fingerprint is not None]
    copies = find_duplicates([likeness for _, likeness in alike])
    return {alike[at][0]: alike[other][0] for at, other in copies.items()}


def _load_or_build(
    workshop: BuildContext, wanted: Sequence[SourceFile], reuse: Sequence[Segment], encoder: Encoder, progress: Progress
) -> dict[str, tuple[Segment, int]]:
    """A segment, and the position in it, for each file that is wanted; those of `reuse` may be without passages."""
    kept = [
        generations.load_checkpoint(workshop.paths.root, path.name, workshop.build_fingerprint)
        for path in _is_checkpointed(workshop.paths.root)
    ]
    known = {
        file.key: (segment, at)
        for segment in (*reuse, *(segment for segment in kept if segment is not None))
        for at, file in enumerate(segment.files)
        if file.key
    }
    taken = {}
    missing = []
    for file in wanted:
        key = key_of(file.document, file.sha256, workshop.corrections.get(file.sha256))
        if file.sha256 and key in known:
            taken[file.document] = known[key]
        else:
            missing.append(file)
    progress("read", len(taken), len(wanted))
    done = len(taken)
    for segment in _segments(workshop, missing, encoder):
        taken |= {file.document: (segment, at) for at, file in enumerate(segment.files)}
        done += len(segment.files)
        progress("read", done, len(wanted))
    return taken


def _segments(workshop: BuildContext, files: Sequence[SourceFile], encoder: Encoder) -> Iterator[Segment]:
    """Prepare files, batch by batch: a few in memory, many on all cores and kept as they are done."""
    batches = list(_batches(files))
    if len(batches) <= 1:
        gazetteer = library.load_gazetteer(workshop.paths.folder)
        yield from (workshop.index(batch, gazetteer=gazetteer, encoder=encoder) for batch in batches)
        return
    for name in _build_batches(workshop, batches, encoder):
        segment = generations.load_checkpoint(workshop.paths.root, name, workshop.build_fingerprint)
        if segment is None:
            raise OSError(None, tr(f"{name}：刚写下的文件读不回来", f"{name}: what was just written cannot be read back"))
        yield segment


def _batches(files: Sequence[SourceFile]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for file in files:
        if batch and (len(batch) == _FILES_AT_ONCE or size + file.size > _BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(file.document)
        size += file.size
    if batch:
        yield batch


def _build_batches(workshop: BuildContext, batches: Sequence[list[str]], encoder: Encoder) -> Iterator[str]:
    """Names of the segments of some batches, as they are done. Only the bundled encoder is at hand in every process."""
    processes = min(os.cpu_count() or 1, len(batches)) if encoder.name == BUNDLED_NAME else 1
    left = list(batches)
    if processes > 1:
        with contextlib.suppress(OSError, ValueError):  # what fails there may work here, or tell why it does not
            yield from _build_batches_in_workers(workshop, left, processes)
    gazetteer = library.load_gazetteer(workshop.paths.folder)
    while left:
        yield workshop.index_and_keep(left[0], gazetteer=gazetteer, encoder=encoder)
        left.pop(0)


def _build_batches_in_workers(workshop: BuildContext, left: list[list[str]], processes: int) -> Iterator[str]:
    """The same by other processes (index/store/worker.py); what is done is taken out of `left`.

    Raises: OSError, ValueError: a process cannot be started or has ended.
    """
    idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
    started = []

    def prepare_elsewhere(batch: list[str]) -> str:
        worker = idle.get()
        try:
            return request_batch(worker, batch)
        finally:
            idle.put(worker)

    pool = ThreadPoolExecutor(processes)
    try:
        for _ in range(processes):
            started.append(start_worker(workshop))
            idle.put(started[-1])
        running = {pool.submit(prepare_elsewhere, batch): batch for batch in left}
        for future in as_completed(running):
            name = future.result()
            left.remove(running[future])
            yield name
    finally:
        for worker in started:
            worker.kill()
            worker.communicate()
        pool.shutdown(cancel_futures=True)


def start_worker(workshop: BuildContext) -> "subprocess.Popen[bytes]":
    """A process that prepares batches for us. It ends when we do: nothing more can come through its standard input then.

    A process of its own and not one of multiprocessing: that would run the main program again, which need not bear it.
    """
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
    worker = subprocess.Popen(
        [sys.executable, "-m", "index.store.worker", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )
    _send(worker, msgspec.json.encode(workshop, enc_hook=str))
    return worker


def request_batch(worker: "subprocess.Popen[bytes]", documents: Sequence[str]) -> str:
    """Have another process prepare a batch. Returns: the name of its segment. Raises: OSError, ValueError: it has ended."""
    _send(worker, msgspec.json.encode(documents))
    assert worker.stdout is not None
    return str(msgspec.json.decode(worker.stdout.readline(), type=str))


def _send(worker: "subprocess.Popen[bytes]", line: bytes) -> None:
    assert worker.stdin is not None
    worker.stdin.write(line + b"\n")
    worker.stdin.flush()


def _is_checkpointed(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.name.startswith("prepared-"))
