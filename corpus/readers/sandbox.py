"""Files that may be hostile are read and parsed in a process of their own, which can be killed: a worker, used again and again.

A worker gets a line of JSON and the bytes of a file, or what was read of one, and answers in lines of JSON: a page is done, or
the text, or the bulletin, or an error. (Not in pickles: what a hostile file made of a worker must not run code here.) A worker
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

from corpus.document import Bulletin, ExtractedText
from corpus.messages.errors import BulletinParseError, EditError, JingyanError, UnreadableFileError
from corpus.messages.message import Message
from corpus.parsing.parser import parse_extracted
from corpus.parsing.recut import Cuts
from corpus.readers import text
from corpus.regions.gazetteer import Gazetteer

MAX_SILENCE = 60.0  # seconds without an answer from a worker; reading a page by OCR takes some 2 to 10
_PARSED = 1_000_000  # characters that a worker parses in that time; of a longer text it has as much more
MAX_MEMORY = 1_500_000_000  # bytes; OCR takes some 1 GB, everything else less than 200 MB
_MAX_FILES = 500  # read by one worker: whatever a library leaks goes with it
_MAX_IDLE_MEMORY = 400_000_000  # bytes that a worker may hold while it waits; OCR's models are loaded again in half a second
_MAX_IDLE = 2  # workers
_WATCH_INTERVAL = 0.02  # seconds
_MAX_CAUSE = 200  # characters of what a library says is wrong with a file

_ROOT = str(Path(__file__).resolve().parents[2])
_COMMAND = f"import sys; sys.path.insert(0, {_ROOT!r}); from corpus.readers.sandbox import serve; serve()"


class _Parsing(msgspec.Struct):
    """What it takes to parse a text, beside the text and its name. `tables` are the region tables of the library."""

    tables: tuple[str, ...]
    sha256: str
    cuts: Cuts


class _Request(msgspec.Struct):
    """Comes before `size` bytes: of a file of this kind, to be read, or of an ExtractedText in JSON, to be parsed."""

    name: str
    size: int
    max_memory: int
    task: str | _Parsing


class _Reply(msgspec.Struct):
    """What was made of the file, or an error of the class `refused_by`, which are final; or the number of a page that is done."""

    extracted: ExtractedText | None = None
    bulletin: Bulletin | None = None
    error: Message | None = None
    refused_by: str = UnreadableFileError.__name__
    page: int = 0


# What tells a person why a file was refused; anything else that is raised on one is a fault of the file.
_REFUSALS: dict[str, type[JingyanError]] = {
    error.__name__: error for error in (UnreadableFileError, BulletinParseError, EditError)
}


# --- the caller's side ----------------------------------------------------------------------------------


class _Worker:
    """A process that reads and parses one file after another. For one thread at a time."""

    def __init__(self) -> None:
        self.files = self.memory = 0
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _COMMAND],  # -P: no module is taken out of the current folder
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    @property
    def is_usable(self) -> bool:
        """Return whether it may be given another file."""
        return self._process.poll() is None and self.files < _MAX_FILES and self.memory < _MAX_IDLE_MEMORY

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def do(self, request: _Request, data: bytes, *, max_silence: float) -> _Reply:
        """Read or parse a file, and return what was made of it.

        Raises: UnreadableFileError: the reader refuses it, takes too long or too much memory, or dies of it; BulletinParseError,
            EditError: the parser does.
        """
        self.files += 1
        name = request.name
        watch = _Watch(self._process, name=name, max_silence=max_silence, max_memory=request.max_memory)
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
            self.memory = watch.memory
            if watch.cause:
                self._process.wait()
        if reply.extracted is not None or reply.bulletin is not None:
            return reply
        if reply.error is not None:
            raise _REFUSALS[reply.refused_by](reply.error)
        self.kill()
        raise UnreadableFileError(watch.cause or Message.of("corpus.readers.crashed", document=name))


class _Watch:
    """A thread that kills a process which runs over its time or memory, and then says why in `cause`."""

    def __init__(self, process: "subprocess.Popen[bytes]", *, name: str, max_silence: float, max_memory: int) -> None:
        self.cause: Message | None = None
        self.memory = 0  # bytes, when last measured
        self._process, self._name, self._max_silence, self._max_memory = process, name, max_silence, max_memory
        self._done = threading.Event()
        self.reset()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def reset(self) -> None:
        """Begin the time anew, since the process has answered."""
        self._deadline = time.monotonic() + self._max_silence

    def stop(self) -> None:
        """Stop watching."""
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        import psutil

        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            while not self._done.wait(_WATCH_INTERVAL):
                if time.monotonic() > self._deadline:
                    self.cause = Message.of("corpus.readers.too_slow", document=self._name, seconds=self._max_silence)
                self.memory = process.memory_info().rss
                if self.memory > self._max_memory:
                    self.cause = _too_much_memory(self._name, self._max_memory)
                if self.cause:
                    self._process.kill()
                    return


def _too_much_memory(name: str, limit: int) -> Message:
    return Message.of("corpus.readers.too_much_memory", document=name, limit=limit // 1_000_000)


_idle: list[_Worker] = []
_lock = threading.Lock()


def read_in_sandbox(
    data: bytes, *, kind: str, name: str, max_silence: float = MAX_SILENCE, max_memory: int = MAX_MEMORY
) -> ExtractedText:
    """Read a file in a worker. May be called by several threads at once, each of which then has a worker of its own.

    Args: kind: the suffix that tells the format; max_silence: seconds that the worker may take for a page; max_memory: bytes that
        it may take.
    Raises: UnreadableFileError: the reader refuses the file, takes too long or too much memory, or dies of it.
    """
    request = _Request(_writable(name), len(data), max_memory, task=kind)
    reply = _do(request, data, max_silence=max_silence)
    assert reply.extracted is not None
    return reply.extracted


def parse_in_sandbox(
    extracted: ExtractedText,
    *,
    gazetteer: Gazetteer,
    document: str,
    sha256: str = "",
    cuts: Cuts = Cuts(),
    max_silence: float | None = None,
    max_memory: int = MAX_MEMORY,
) -> Bulletin:
    """Parse what was read of a file in a worker, as `parse_extracted` does. May be called by several threads at once.

    Args: max_silence: seconds that the worker may take, by default by the length of the text; max_memory: bytes that it may take.
    Raises: UnreadableFileError: the parser takes too long or too much memory, or dies of the text; BulletinParseError, EditError:
        as `parse_extracted`.
    """
    if max_silence is None:
        max_silence = MAX_SILENCE * max(1, round(len(extracted.text) / _PARSED))
    data = msgspec.json.encode(extracted)
    request = _Request(_writable(document), len(data), max_memory, task=_Parsing(gazetteer.extra, sha256, cuts))
    reply = _do(request, data, max_silence=max_silence)
    assert reply.bulletin is not None
    return reply.bulletin


def _writable(name: str) -> str:
    """Return a name that may hold half a character, as names of Linux do, in such a way that it can be sent."""
    return name.encode("utf-8", "backslashreplace").decode()


def _do(request: _Request, data: bytes, *, max_silence: float) -> _Reply:
    """Have a worker do it, one that is idle or a new one. Raises: as `_Worker.do`."""
    with _lock:
        worker = _idle.pop() if _idle else None
    if worker is not None and not worker.is_usable:
        worker.kill()
        worker = None
    try:
        worker = worker or _Worker()
    except OSError as error:
        raise UnreadableFileError(
            Message.of("corpus.readers.no_worker", document=request.name, cause=error.strerror or str(error))
        ) from error
    try:
        return worker.do(request, data, max_silence=max_silence)
    except JingyanError:
        raise
    except BaseException:  # a keyboard interrupt: half a reply may be under way
        worker.kill()
        raise
    finally:
        with _lock:
            is_kept = worker.is_usable and len(_idle) < _MAX_IDLE
            if is_kept:
                _idle.append(worker)
        if not is_kept:
            worker.kill()


@atexit.register
def _end_idle_workers() -> None:
    while _idle:
        _idle.pop().kill()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # the workers are the parent's


# --- the worker's side ----------------------------------------------------------------------------------


def serve() -> None:
    """Read and parse what comes in on standard input until it ends, and answer on standard output."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the replies
    requests: IO[bytes] = sys.stdin.buffer
    while line := requests.readline():
        request = msgspec.json.decode(line, type=_Request)
        data = requests.read(request.size)
        _limit_memory(request.max_memory)

        def answer(reply: _Reply) -> None:
            replies.write(msgspec.json.encode(reply) + b"\n")
            replies.flush()

        try:
            answer(_make(data, request, lambda page: answer(_Reply(page=page))))
        except tuple(_REFUSALS.values()) as error:
            answer(_Reply(error=error.message, refused_by=type(error).__name__))
        except MemoryError:
            answer(_Reply(error=_too_much_memory(request.name, request.max_memory)))
        except Exception as error:  # whatever a library raises on a damaged file
            cause = f"{type(error).__name__}: {error}".encode("utf-8", "replace").decode()[:_MAX_CAUSE]
            answer(_Reply(error=Message.of("corpus.readers.damaged", document=request.name, cause=cause)))


def _limit_memory(max_memory: int) -> None:
    """Limit the address space, where there is such a limit: the watch may come late. Libraries reserve more than they use."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        limit = 2 * max_memory + 1_000_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _make(data: bytes, request: _Request, on_page: Callable[[int], None]) -> _Reply:
    """Return the text of a file, or the bulletin of a text."""
    task = request.task
    if isinstance(task, str):
        return _Reply(extracted=_read(data, task, request.name, on_page))
    extracted = msgspec.json.decode(data, type=ExtractedText)
    gazetteer = Gazetteer.load(task.tables)
    bulletin = parse_extracted(extracted, gazetteer=gazetteer, document=request.name, sha256=task.sha256, cuts=task.cuts)
    return _Reply(bulletin=bulletin)


def _read(data: bytes, kind: str, name: str, on_page: Callable[[int], None]) -> ExtractedText:
    """Read a file by the reader of its format, which is imported when the first such file comes."""
    match kind:
        case ".txt":
            return text.read_encoded(data, name=name)
        case ".docx":
            from corpus.readers import word

            return word.read_word(data, name=name, on_page=on_page)
        case ".html":
            from corpus.readers import html

            return html.read_html(data, name=name)
        case ".md":
            from corpus.readers import markdown

            plain = text.read_encoded(data, name=name)
            return plain if markdown.is_plain(plain.text) else markdown.read_markdown(data, name=name)
        case ".pdf":
            from corpus.readers import pdf

            return pdf.read_pdf(data, name=name, on_page=on_page)
        case ".ofd":
            from corpus.readers import ofd

            return ofd.read_ofd(data, name=name, on_page=on_page)
        case ".xlsx" | ".csv":
            from corpus.readers import sheets

            return sheets.read_xlsx(data, name=name) if kind == ".xlsx" else sheets.read_csv(data, name=name)
        case ".pptx":
            from corpus.readers import slides

            return slides.read_pptx(data, name=name)
        case ".odt" | ".ods" | ".odp":
            from corpus.readers import opendocument

            return opendocument.read_opendocument(data, name=name)
        case ".epub" | ".mht":
            from corpus.readers import web_archives

            return web_archives.read_epub(data, name=name) if kind == ".epub" else web_archives.read_mht(data, name=name)
        case ".heic":
            from corpus.readers import heic

            return heic.read_heic(data, name=name, on_page=on_page)
        case ".wordml" | ".flatopc":
            from corpus.readers import word_xml

            return word_xml.read_word_xml(data, name=name)
    from corpus.readers import scan

    return scan.read_scan(data, name=name, on_page=on_page)
