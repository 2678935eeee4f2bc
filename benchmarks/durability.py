"""An archive that cannot be lost: kills, failing disks, damage, rivals and switches, each with its count of failures.

Every campaign works on a library of its own and asks the same questions of it: what they find must be the answer of the old
generation or of the new one, whole. `share` makes all of them smaller; the numbers in full are those of ARCHITECTURE.md.
"""

import errno
import io
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.speed import write_library
from corpus import atomic_write
from corpus.library.edits import UserEdits
from corpus.messages.errors import StorageError
from index.encoder import load_encoder
from index.store import generations
from index.store import library as storage
from index.store.context import BuildContext
from index.store.edits import add_files, apply_edits
from index.store.library import Library
from index.store.paths import LibraryPaths

_SEED = 20211223
_PASSAGES = 80  # of a library: six bulletins
_QUERIES = ("志愿者积分怎么兑换", "骑手驿站", "第3号试点工作", "volunteer points", "图书车")
_BATCH_FILES = 2  # so that a build of six bulletins keeps checkpoints

Answers = tuple[tuple[tuple[str, float], ...], ...]


def measure(share: float = 1.0) -> dict[str, Any]:
    """Run all campaigns. Args: share: of the full numbers of kills, damages and queries."""

    def number(full: int) -> int:
        return max(1, round(full * share))

    with tempfile.TemporaryDirectory() as root:
        bench = Bench(Path(root))
        return {
            "kills": kills(bench, number(200)),
            "failing_disk": failing_disk(bench, share),
            "damage": damage(bench, number(1000)),
            "rivals": rivals(bench),
            "read_only": read_only(bench),
            "older_format": older_format(bench),
            "switches": switches(bench, number(10_000), number(50)),
        }


class Bench:
    """A library in the state before a change; the change; and what the questions find before and after it."""

    def __init__(self, root: Path, *, max_workers: int = os.cpu_count() or 1) -> None:
        self.folder = root / "library"
        self.paths = LibraryPaths(self.folder, root / "data")
        self.context = BuildContext(self.paths, load_encoder(), batch_files=_BATCH_FILES, max_workers=max_workers)
        write_library(self.folder, _PASSAGES)
        spare = sorted(self.folder.glob("*.txt"))[-1]
        self.addition = (spare.name, spare.read_bytes())
        spare.unlink()
        self.reopen()
        self.before = self.ask(self.reopen())
        self.after = self.ask(self.add())
        self.reset()
        assert self.before != self.after

    def reopen(self) -> Library:
        """Return the library, whatever it takes."""
        return storage.open_index(self.context)

    def add(self) -> Library:
        """Return the change: a bulletin is added."""
        return add_files(self.context, [self.addition])[0]

    def rebuild(self) -> Library:
        """Return the library built anew."""
        return storage.open_index(self.context, rebuild=True)

    def reset(self) -> None:
        """Take the change back."""
        apply_edits(self.context, lambda edits: UserEdits())

    def ask(self, library: Library) -> Answers:
        """Return what every question finds."""
        return tuple(
            tuple((found.passage.passage_id, round(found.score, 5)) for found in library.retriever.search(query))
            for query in _QUERIES
        )

    def serving(self) -> Answers | None:
        """Return what the generation in use answers, as it lies there; None where it is not whole."""
        current = generations.current(self.paths.root)
        opened = storage.load_generation(self.context, current) if current is not None else None
        return self.ask(opened) if opened is not None else None

    def is_whole(self) -> bool:
        """Return whether the old or the new generation is in use, and what a person does next succeeds."""
        lying = self.serving()
        opened = self.ask(self.reopen())
        # Once the record of the change is written, the next opening completes it. A process that prepared files for the one that
        # was killed may still keep what it has in hand; the opening after that sweeps it.
        deadline = time.monotonic() + 30
        while _leftovers(self.paths.root) and time.monotonic() < deadline:
            time.sleep(0.1)
            self.reopen()
        return lying in (self.before, self.after) and opened in (self.before, self.after) and not _leftovers(self.paths.root)


def kills(bench: Bench, number: int) -> dict[str, int]:
    """SIGKILL at a random moment of adding a bulletin, or of building anew by several processes.

    POSIX only: a process that has everything loaded forks for each try, so that the moments lie in the work and not in its start.
    """
    if os.name != "posix":
        return {"tries": 0, "whole": 0}
    chance = random.Random(_SEED)
    whole = at_work = 0
    works = (bench.add, bench.rebuild)
    longest = [_seconds(bench, work) for work in works]
    for attempt in range(number):
        bench.reset()
        child = _fork(works[attempt % 2])
        time.sleep(chance.uniform(0, longest[attempt % 2] * 1.1))
        os.kill(child, signal.SIGKILL)
        at_work += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        whole += bench.is_whole()
    bench.reset()
    return {"tries": number, "killed_at_work": at_work, "whole": whole}


def failing_disk(bench: Bench, share: float) -> dict[str, int]:
    """ENOSPC and EIO at every write, half of what was to be written done: the change fails with a message, or is made whole."""
    tries = whole = told = 0
    for code in (errno.ENOSPC, errno.EIO):
        at = 0
        while True:
            bench.reset()
            with _failing_at(at, code) as fault:
                try:
                    bench.add()
                except StorageError:
                    told += 1
            if not fault.happened:
                break
            tries += 1
            whole += bench.is_whole()
            at += max(1, round(1 / share)) if share < 1 else 1
    bench.reset()
    return {"tries": tries, "told": told, "whole": whole}


def damage(bench: Bench, number: int) -> dict[str, int]:
    """One bit flipped, or the end cut off, in any file of the index: it is found out before it is used."""
    chance = random.Random(_SEED)
    bench.reopen()
    current = generations.current(bench.paths.root)
    assert current is not None
    paths = [bench.paths.root / "current", *sorted(path for path in current.path.iterdir() if path.is_file())]
    detected = 0
    for _ in range(number):
        path = chance.choice(paths)
        good = path.read_bytes()
        bad = bytearray(good)
        if chance.random() < 0.5:
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        else:
            del bad[chance.randrange(len(bad)) :]
        path.write_bytes(bad)
        detected += bench.serving() is None
        path.write_bytes(good)
    assert bench.serving() == bench.before
    return {"tries": number, "detected": detected}


def rivals(bench: Bench) -> dict[str, int]:
    """Return two builders at once: one builds, the other says that it waits, and takes what was built."""
    told: list[str] = []
    built: list[str] = []
    start = threading.Barrier(2)

    def build() -> None:
        stages: list[str] = []
        start.wait()
        storage.open_index(bench.context, rebuild=True, progress=lambda stage, done, total: stages.append(stage))
        told.extend({"wait"} & set(stages))
        built.extend({"index"} & set(stages))

    threads = [threading.Thread(target=build) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"builders": 2, "built": len(built), "waited_and_said_so": len(told), "whole": int(bench.is_whole())}


def read_only(bench: Bench) -> dict[str, int]:
    """Nothing is written to serve a fresh index: every write fails here, and every question is answered."""
    bench.reopen()
    with _failing_at(0, errno.EROFS) as fault:
        served = bench.ask(bench.reopen()) == bench.before
    return {"served": int(served), "writes": int(fault.happened)}


def older_format(bench: Bench) -> dict[str, int]:
    """Return an index of another version of the program is told apart from damage, and built anew."""
    bench.reopen()
    with mock.patch.object(generations, "FORMAT", generations.FORMAT + 1):
        told = storage.status(bench.context).state == "foreign"
        rebuilt = bench.ask(bench.reopen()) == bench.before
    told_again = storage.status(bench.context).state == "foreign"
    return {"told": int(told and told_again), "rebuilt": int(rebuilt and bench.ask(bench.reopen()) == bench.before)}


def switches(bench: Bench, queries: int, number: int) -> dict[str, int]:
    """Readers ask on while generations are switched; each opens the library anew now and then, and answers from one of them."""
    asked = failed = mixed = 0
    done = threading.Event()
    count = threading.Lock()
    seen: set[bool] = set()

    def read(seed: int) -> None:
        nonlocal asked, failed, mixed
        chance = random.Random(seed)
        library = bench.reopen()
        while not done.is_set():
            if chance.random() < 0.05:
                current = generations.current(bench.paths.root)
                fresh = storage.load_generation(bench.context, current) if current else None
                library = fresh or library  # replaced while it was read: the one at hand still answers
            at = chance.randrange(len(_QUERIES))
            expected = (bench.after if library.manifest.edits.added else bench.before)[at]
            try:
                found = library.retriever.search(_QUERIES[at])
                right = tuple((one.passage.passage_id, round(one.score, 5)) for one in found) == expected
            except Exception:
                right = True
                with count:
                    failed += 1
            with count:
                asked += 1
                mixed += not right
                seen.add(bool(library.manifest.edits.added))

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(3)]
    for reader in readers:
        reader.start()
    switched = 0
    while switched < number or asked < queries:
        if switched < number and asked >= switched * queries / number:
            bench.add() if switched % 2 == 0 else bench.reset()
            switched += 1
        else:
            time.sleep(0.01)
    done.set()
    for reader in readers:
        reader.join()
    bench.reset()
    return {"queries": asked, "switches": switched, "generations_seen": len(seen), "failed": failed, "mixed": mixed}


class _Fault:
    happened = False


@contextmanager
def _failing_at(number: int, code: int) -> Iterator[_Fault]:
    """Every write from the given one on fails, and so does every flush, rename and new folder: a disk does not mend itself."""
    fault, calls = _Fault(), iter(range(10**9))
    lock = threading.Lock()

    def check() -> None:
        with lock:
            if next(calls) >= number:
                fault.happened = True
                raise OSError(code, os.strerror(code))

    class Failing(io.FileIO):
        def write(self, data: Any) -> int:
            try:
                check()
            except OSError:
                super().write(bytes(data)[: len(data) // 2])
                raise
            return super().write(data)

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            check()
            return real(*arguments, **options)

        return call

    with (
        mock.patch.object(
            atomic_write, "open", lambda path, mode, **how: Failing(path, mode.replace("b", ""), **how), create=True
        ),
        mock.patch.object(os, "fsync", guarded(os.fsync)),
        mock.patch.object(os, "replace", guarded(os.replace)),
        mock.patch.object(os, "rename", guarded(os.rename)),
        mock.patch.object(os, "mkdir", guarded(os.mkdir)),
    ):
        yield fault


def _leftovers(place: Path) -> list[str]:
    known = ("current", "lock", "curation.json", "added", "extracts")
    current = generations.current(place)
    return [path.name for path in place.iterdir() if path.name not in (*known, current.path.name if current else "")]


def _seconds(bench: Bench, work: Callable[[], Library]) -> float:
    """Return how long a piece of work takes in a process of its own."""
    bench.reset()
    started = time.monotonic()
    os.waitpid(_fork(work), 0)
    return time.monotonic() - started


def _fork(work: Callable[[], Library]) -> int:
    """Return a process that does the work and ends; its number."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child
