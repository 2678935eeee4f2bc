"""Load tests of the page: many clients at once, its start, and the time until a browser accepts a question."""

import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.store import library as storage

_START = 60  # seconds that a server may take to start
_RUNS = 3  # of starting, and of opening the page; the median counts
_PAGE, _EVERY = "/browse", 0.25  # a page that is asked for beside the questions, and how often, in seconds
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_COME_AGAIN = re.compile(r"in about \d+ s|请约 ?\d+ ?秒后")  # who is turned away is told when to come again


def measure(library: Path, questions: Sequence[str], *, clients: int, seconds: float, fast: bool = False) -> dict[str, Any]:
    """Start the page over an indexed library, open it in a browser, and send questions from many clients.

    Args: fast: with the quick reader alone.
    Returns: start_s, from the command to the first page served; usable_s, from opening it to a question box that accepts text
        (None without a browser); the figures of `load`; cpu, processor seconds of the server per second (None on Windows).
    """
    with tempfile.TemporaryDirectory() as data:
        contextual = None if fast else load_contextual_encoder()
        storage.open_library(library, data=Path(data), encoder=load_encoder(), contextual=contextual)
        options = ["--fast"] if fast else []
        starts = []
        for _ in range(_RUNS):
            with served(library, data=Path(data), options=options) as server:
                starts.append(server.start)
        with served(library, data=Path(data), options=options) as server:
            usable = time_until_usable(server.port)
            before = server.processor_seconds()
            figures = load(server.port, questions, clients=clients, seconds=seconds)
            spent = server.processor_seconds()
    return {
        "start_s": round(sorted(starts)[_RUNS // 2], 2),
        "usable_s": usable,
        **figures,
        "cpu": round((spent - before) / seconds, 2) if spent is not None and before is not None else None,
    }


class Server:
    """A running server of the page: its port and the seconds that it took to start."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, start: float) -> None:
        self.port, self.start, self._process = port, start, process

    def processor_seconds(self) -> float | None:
        """Return the processor seconds of the server so far; None if the system is not like Linux."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def served(library: Path, *, data: Path, options: Sequence[str] = ()) -> Iterator[Server]:
    """Serve the page as a user does, on a free port, until the end of the block."""
    port = _free_port()
    command = [sys.executable, "-m", "qa", "chat", "--port", str(port), "--library", str(library), "--data", str(data), *options]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True)
    try:
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START)
                connection.request("GET", "/")
                if connection.getresponse().status == 200:
                    break
            if process.poll() is not None or time.perf_counter() - started > _START:
                raise RuntimeError("the page was not served")
            time.sleep(0.02)
        yield Server(process, port, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(20)


def load(
    port: int,
    questions: Sequence[str],
    *,
    clients: int,
    seconds: float,
    keep: Callable[[dict[str, Any]], None] = lambda record: None,
) -> dict[str, Any]:
    """Ask without pauses: each client asks one question after the other, from its own start among the questions.

    A page is asked for beside them.

    Args: keep: called with every record.
    Returns: requests answered, refused (with a time to come again), errors, the first error, requests per second, milliseconds at
        the 50th and 95th percentile and the longest, of the questions and of the page.
    """
    times: list[float] = []
    page_times: list[float] = []
    refused: list[str] = []
    errors: list[str] = []
    end = time.perf_counter() + seconds

    def client(number: int) -> None:
        index, session = number * len(questions) // clients, f"load{number}"
        while time.perf_counter() < end:
            started = time.perf_counter()
            try:
                record = ask(port, questions[index % len(questions)], session=session)
                times.append(time.perf_counter() - started)
                keep(record)
            except (OSError, http.client.HTTPException, ValueError) as error:
                (refused if _COME_AGAIN.search(str(error)) else errors).append(f"{type(error).__name__}: {error}")
            index += 1

    def reader() -> None:
        while time.perf_counter() < end:
            started = time.perf_counter()
            try:
                read_page(port)
                page_times.append(time.perf_counter() - started)
            except (OSError, http.client.HTTPException, ValueError) as error:
                errors.append(f"{_PAGE}: {type(error).__name__}: {error}")
            time.sleep(_EVERY)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)] + [threading.Thread(target=reader)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "clients": clients,
        "seconds": seconds,
        "requests": len(times),
        "refused": len(refused),
        "errors": len(errors),
        "first_error": errors[0] if errors else None,
        "requests_per_second": round(len(times) / seconds, 1),
        **_percentiles(times, ""),
        **_percentiles(page_times, "page_"),
    }


def _percentiles(times: Sequence[float], prefix: str) -> dict[str, float | None]:
    """Return milliseconds at the 50th and 95th percentile, and the longest; None where nothing was timed."""
    ordered = sorted(times)

    def milliseconds(share: float) -> float | None:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else None

    return {f"{prefix}{name}_ms": milliseconds(share) for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1))}


def read_page(port: int) -> None:
    """Ask for a page and read it. Raises: ValueError: the server refused it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", _PAGE)
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            raise ValueError(str(reply.status))


def ask(port: int, question: str, *, session: str) -> dict[str, Any]:
    """Send one question to /ask and wait for its record.

    Questions of one client have the same session, as with browsers and gradio_client.

    Raises: ValueError: the server refused it.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        body = json.dumps({"data": [question, None, None, None, None], "session_hash": session})
        connection.request("POST", "/gradio_api/call/ask", body, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        started = reply.read()
        if reply.status != 200:
            raise ValueError(f"{reply.status} {started[:200].decode('utf-8', 'replace')}")
        connection.request("GET", f"/gradio_api/call/ask/{json.loads(started)['event_id']}")
        events = connection.getresponse().read().decode("utf-8")
    event, _, payload = events.strip().split("\n\n")[-1].partition("\ndata: ")
    if event != "event: complete":
        raise ValueError(f"{event} {payload[:200]}")
    record: dict[str, Any] = json.loads(payload)[0]
    return record


def find_browser() -> str | None:
    """Return the path of the first Chromium, Chrome or Edge that is installed; None without one."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def time_until_usable(port: int) -> float | None:
    """Return the median seconds from opening the page until its question box accepts text; None without a browser."""
    from playwright.sync_api import sync_playwright

    path = find_browser()
    if path is None:
        return None
    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(_RUNS):
            page = browser.new_context().new_page()
            started = time.perf_counter()
            page.goto(f"http://127.0.0.1:{port}", wait_until="commit")
            page.fill("#question textarea", "问")
            times.append(time.perf_counter() - started)
            page.context.close()
        browser.close()
    return round(sorted(times)[_RUNS // 2], 2)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
