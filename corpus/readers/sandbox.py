"""Files that may be hostile are read in a process of their own, which can be killed: a worker, started once and used again.

The worker gets a line of JSON and the bytes of a file, and answers in lines of JSON: a page is done, or what came of the file. It
limits its own memory where the system lets it, and is watched: one that takes too much time or memory, or dies, is replaced, and
its file becomes an UnreadableFileError.
"""

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message

SECONDS = 60.0  # without a word from the worker; reading a page by OCR takes some 2 to 10
MEMORY = 1_500_000_000  # bytes; OCR takes some 1 GB, everything else less than 200 MB
_MOST_FILES = 500  # read by one worker: whatever a library leaks goes with it
_MOST_KEPT = 400_000_000  # bytes that a worker may hold while it waits; OCR's models are loaded again in half a second
_MOST_WAITING = 2  # workers
_WATCH = 0.02  # seconds from look to look

_ROOT = str(Path(__file__).resolve().parents[2])
_COMMAND = f"import sys; sys.path.insert(0, {_ROOT!r}); from corpus.readers.sandbox import serve; serve()"


class _Request(msgspec.Struct):
    kind: str
    name: str
    size: int
    memory: int


class _Reply(msgspec.Struct):
    reading: ExtractedText | None = None
    error: Message | None = None
    page: int = 0


# --- this side ------------------------------------------------------------------------------------------


class _Worker:
    """A process that reads one file after another. For one thread at a time."""

    def __init__(self) -> None:
        self.files = self.taken = 0
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _COMMAND],  # -P: no module is taken out of the current folder
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def usable(self) -> bool:
        """Whether it may be given another file."""
        return self._process.poll() is None and self.files < _MOST_FILES and self.taken < _MOST_KEPT

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def read(self, data: bytes, *, kind: str, name: str, seconds: float, memory: int) -> ExtractedText:
        """Raises: UnreadableFileError: the reader refuses the file, takes too long or too much memory, or dies of it."""
        self.files += 1
        request = _Request(kind, name, len(data), memory)
        watch = _Watch(self._process, name=name, seconds=seconds, memory=memory)
        try:
            with contextlib.suppress(OSError):  # died; the watch or the missing reply says why
                assert self._process.stdin is not None
                self._process.stdin.write(msgspec.json.encode(request) + b"\n" + data)
                self._process.stdin.flush()
            reply = _Reply(page=1)
            while reply.page:
                watch.reset()
                assert self._process.stdout is not None
                line = self._process.stdout.readline()
                reply = msgspec.json.decode(line, type=_Reply) if line.endswith(b"\n") else _Reply()
        finally:
            watch.stop()
            self.taken = watch.taken
            if watch.cause:
                self._process.wait()
        if reply.reading is not None:
            return reply.reading
        if reply.error is None:
            self.kill()
        raise UnreadableFileError(reply.error or watch.cause or Message.of("corpus.readers.crashed", document=name))


class _Watch:
    """Kills a process that runs over its time or memory, and says why."""

    def __init__(self, process: "subprocess.Popen[bytes]", *, name: str, seconds: float, memory: int) -> None:
        self.cause: Message | None = None
        self.taken = 0  # bytes, when it was last looked at
        self._process, self._name, self._seconds, self._memory = process, name, seconds, memory
        self._done = threading.Event()
        self.reset()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def reset(self) -> None:
        """The process has said something: its time begins anew."""
        self._deadline = time.monotonic() + self._seconds

    def stop(self) -> None:
        """Watch no longer."""
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        import psutil

        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            while not self._done.wait(_WATCH):
                if time.monotonic() > self._deadline:
                    self.cause = _slow(self._name, self._seconds)
                self.taken = process.memory_info().rss
                if self.taken > self._memory:
                    self.cause = _large(self._name, self._memory)
                if self.cause:
                    self._process.kill()
                    return


def _slow(name: str, seconds: float) -> Message:
    return Message.of("corpus.readers.too_slow", document=name, seconds=seconds)


def _large(name: str, memory: int) -> Message:
    return Message.of("corpus.readers.too_much_memory", document=name, limit=memory // 1_000_000)


_idle: list[_Worker] = []
_lock = threading.Lock()


def read_in_sandbox(data: bytes, *, kind: str, name: str, seconds: float = SECONDS, memory: int = MEMORY) -> ExtractedText:
    """Read a file in a worker. May be called by several threads at once, each of which then has its own.

    Args: kind: the suffix that tells the format; seconds: how long the worker may be silent; memory: bytes that it may take.
    Raises: UnreadableFileError: the reader refuses the file, takes too long or too much memory, or dies of it.
    """
    with _lock:
        worker = _idle.pop() if _idle else None
    if worker is not None and not worker.usable():
        worker.kill()
        worker = None
    worker = worker or _Worker()
    try:
        return worker.read(data, kind=kind, name=name, seconds=seconds, memory=memory)
    except UnreadableFileError:
        raise
    except BaseException:  # a keyboard interrupt: half a reply may be under way
        worker.kill()
        raise
    finally:
        with _lock:
            waits = worker.usable() and len(_idle) < _MOST_WAITING
            if waits:
                _idle.append(worker)
        if not waits:
            worker.kill()


@atexit.register
def _end() -> None:
    while _idle:
        _idle.pop().kill()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # the workers are the parent's


# --- the worker's side ----------------------------------------------------------------------------------


def serve() -> None:
    """Read files from standard input until it ends, and answer on standard output."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the replies
    requests: IO[bytes] = sys.stdin.buffer
    while line := requests.readline():
        request = msgspec.json.decode(line, type=_Request)
        data = requests.read(request.size)
        _limit(request.memory)

        def answer(reply: _Reply) -> None:
            replies.write(msgspec.json.encode(reply) + b"\n")
            replies.flush()

        try:
            answer(_Reply(reading=_read(data, request, lambda page: answer(_Reply(page=page)))))
        except UnreadableFileError as error:
            answer(_Reply(error=error.message))
        except MemoryError:
            answer(_Reply(error=_large(request.name, request.memory)))
        except Exception as error:  # whatever a library raises on a damaged file
            cause = f"{type(error).__name__}: {error}".encode("utf-8", "replace").decode()[:200]
            answer(_Reply(error=Message.of("corpus.readers.damaged", document=request.name, cause=cause)))


def _limit(memory: int) -> None:
    """Limit the address space, where there is such a limit: the watch may come late. Libraries reserve more than they use."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (2 * memory + 1_000_000_000, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _read(data: bytes, request: _Request, on_page: Callable[[int], None]) -> ExtractedText:
    if request.kind == ".docx":
        from corpus.readers import word

        return word.read_word(data, name=request.name)
    if request.kind == ".html":
        from corpus.readers import html

        return html.read_html(data, name=request.name)
    if request.kind == ".pdf":
        from corpus.readers import pdf

        return pdf.read_pdf(data, name=request.name, on_page=on_page)
    from corpus.readers import scan

    return scan.read_scan(data, name=request.name, on_page=on_page)
