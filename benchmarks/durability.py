"""Tests that an archive survives kills, failing disks, damage, concurrent builders and switches, with counts of failures.

Every campaign asks the same questions of its library: the answers must be completely those of the old generation or completely
those of the new one. `share` makes all campaigns smaller; ARCHITECTURE.md has the full numbers.
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
    """A library before a change, the change, and the answers before and after it."""

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
        """Open the library, built again if necessary."""
        return storage.open_index(self.context)

    def add(self) -> Library:
        """Make the change, a bulletin that is added; return the library after it."""
        return add_files(self.context, [self.addition])[0]

    def rebuild(self) -> Library:
        """Build the library again and return it."""
        return storage.open_index(self.context, rebuild=True)

    def reset(self) -> None:
        """Undo the change."""
        apply_edits(self.context, lambda edits: UserEdits())

    def ask(self, library: Library) -> Answers:
        """Return the passages and scores that each question finds."""
        return tuple(
            tuple((found.passage.passage_id, round(found.score, 5)) for found in library.retriever.search(query))
            for query in _QUERIES
        )

    def serving(self) -> Answers | None:
        """Return the answers of the generation in use, as it is on disk; None if it is damaged."""
        current = generations.current(self.paths.root)
        opened = storage.load_generation(self.context, current) if current is not None else None
        return self.ask(opened) if opened is not None else None

    def is_whole(self) -> bool:
        """Return whether the old or the new generation is in use, the next opening succeeds, and no file is left over."""
        served = self.serving()
        opened = self.ask(self.reopen())
        # Once the record of the change is written, the next opening completes it. A worker of the killed process may still write
        # the file it was working on; the opening after that removes the file.
        deadline = time.monotonic() + 30
        while _leftovers(self.paths.root) and time.monotonic() < deadline:
            time.sleep(0.1)
            self.reopen()
        return served in (self.before, self.after) and opened in (self.before, self.after) and not _leftovers(self.paths.root)


def kills(bench: Bench, number: int) -> dict[str, int]:
    """Kill a process at a random moment while it adds a bulletin, or builds again with several processes.

    POSIX only: a process that has everything loaded forks for each try, so that the kill hits the work and not the start.
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
    """Raise ENOSPC and EIO at each write, after half of its data: the change must fail with a message or be complete."""
    tries = whole = reported = 0
    for code in (errno.ENOSPC, errno.EIO):
        call = 0
        while True:
            bench.reset()
            with _failing_at(call, code) as fault:
                try:
                    bench.add()
                except StorageError:
                    reported += 1
            if not fault.happened:
                break
            tries += 1
            whole += bench.is_whole()
            call += max(1, round(1 / share)) if share < 1 else 1
    bench.reset()
    return {"tries": tries, "told": reported, "whole": whole}


def damage(bench: Bench, number: int) -> dict[str, int]:
    """Flip a bit of any file of the index, or cut off its end: the damage must be detected before the file is used."""
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
    """Run two builders at once: one must build, the other must say that it waits, and use the result."""
    waited: list[str] = []
    built: list[str] = []
    start = threading.Barrier(2)

    def build() -> None:
        stages: list[str] = []
        start.wait()
        storage.open_index(bench.context, rebuild=True, progress=lambda stage, done, total: stages.append(stage))
        waited.extend({"wait"} & set(stages))
        built.extend({"index"} & set(stages))

    threads = [threading.Thread(target=build) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"builders": 2, "built": len(built), "waited_and_said_so": len(waited), "whole": int(bench.is_whole())}


def read_only(bench: Bench) -> dict[str, int]:
    """Let every write fail while a current index serves questions: all must be answered without a write."""
    bench.reopen()
    with _failing_at(0, errno.EROFS) as fault:
        served = bench.ask(bench.reopen()) == bench.before
    return {"served": int(served), "writes": int(fault.happened)}


def older_format(bench: Bench) -> dict[str, int]:
    """Open an index of another version of the program: it must not count as damaged, and must be built again."""
    bench.reopen()
    with mock.patch.object(generations, "FORMAT", generations.FORMAT + 1):
        recognised = storage.status(bench.context).state == "foreign"
        rebuilt = bench.ask(bench.reopen()) == bench.before
    recognised_again = storage.status(bench.context).state == "foreign"
    return {"told": int(recognised and recognised_again), "rebuilt": int(rebuilt and bench.ask(bench.reopen()) == bench.before)}


def switches(bench: Bench, queries: int, number: int) -> dict[str, int]:
    """Switch generations while readers ask and sometimes reopen the library: each answer must be of one generation."""
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
                library = fresh or library  # None if it was replaced while it was read; the open one still answers
            i = chance.randrange(len(_QUERIES))
            expected = (bench.after if library.manifest.edits.added else bench.before)[i]
            try:
                found = library.retriever.search(_QUERIES[i])
                right = tuple((scored.passage.passage_id, round(scored.score, 5)) for scored in found) == expected
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
    """Let each write, flush, rename and new folder fail from the given one on, since a disk does not repair itself."""
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


def _leftovers(root: Path) -> list[str]:
    known = ("current", "lock", "curation.json", "curation.json.previous", "added", "removed", "extracts")
    current = generations.current(root)
    return [path.name for path in root.iterdir() if path.name not in (*known, current.path.name if current else "")]


def _seconds(bench: Bench, work: Callable[[], Library]) -> float:
    """Return the seconds that a piece of work takes in its own process."""
    bench.reset()
    started = time.monotonic()
    os.waitpid(_fork(work), 0)
    return time.monotonic() - started


def _fork(work: Callable[[], Library]) -> int:
    """Start a process that does the work and ends; return its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child
