"""Outsized and hostile requests against a page that is really served, while a second client asks for the smallest page."""

import base64
import contextlib
import http.client
import json
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from benchmarks import load
from corpus.library.files import SAMPLES
from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.store import library as storage

_REQUESTS = 500
_TIMEOUT = 120  # seconds until a request counts as not answered
_HELD = 0.5  # seconds that nobody else may have to wait
_QUIET = 1.0  # seconds that the second client asks with no attack
_PAUSE = 0.02  # seconds between two questions of the second client
_SMALLEST = "/news"
_ADDRESS = 120_000  # bytes; longer ones are refused by uvicorn itself
# Bytes of a header from which uvicorn refuses. It may hang up while the header is still being sent, and no answer is read: that
# counts as 431.
_HEADER, _TOO_LARGE = 64_000, 431
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_ASSISTANT = {**_JSON, "Accept": "application/json, text/event-stream"}
_UNITS = ("望澜市", "北京市", "a", "9", "　", "\x00", "é", "😀", "%", "(", "[", "{", "<b>", "/", "..", "志愿积分")


class Sent(NamedTuple):
    """A request as it is sent; the path may hold any bytes of ASCII."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


def run(*, share: float, seed: int) -> dict[str, Any]:
    """Send 500 requests, one after the other.

    Returns: slowest_s and slowest, a request; longest_wait_s of the second client, and quiet_wait_s, the same with no attack: the
        machine's own; statuses; failed_statuses, answers of 500 and above and requests without one; failed_waits, waits of
        the second client above half a second.
    """
    with tempfile.TemporaryDirectory() as data:
        storage.open_library(SAMPLES, data=Path(data), encoder=load_encoder(), contextual=load_contextual_encoder())
        with load.served(SAMPLES, data=Path(data), options=["--mcp"]) as server:
            return attack(server.port, hostile(random.Random(seed), round(_REQUESTS * share)))


def attack(port: int, requests: Iterator[Sent]) -> dict[str, Any]:
    """Send requests to a page that is served. Returns: the figures of `run`."""
    send(port, Sent("GET", "/browse", {}))  # what is made once is made
    with _second_client(port) as quiet:
        time.sleep(_QUIET)
    statuses: Counter[int] = Counter()
    slowest, which = 0.0, ""
    with _second_client(port) as waits:
        for sent in requests:
            started = time.perf_counter()
            statuses[send(port, sent)] += 1
            took = time.perf_counter() - started
            if took > slowest:
                slowest, which = took, f"{sent.method} {sent.path[:60]} ({len(sent.path)} and {len(sent.body)} bytes)"
    return {
        "requests": statuses.total(),
        "slowest_s": round(slowest, 2),
        "slowest": which,
        "longest_wait_s": round(max(waits), 3),
        "quiet_wait_s": round(max(quiet), 3),
        "statuses": dict(sorted(statuses.items())),
        "failed_statuses": sum(count for status, count in statuses.items() if status >= 500 or not status),
        "failed_waits": sum(wait > _HELD for wait in waits),
    }


def send(port: int, sent: Sent) -> int:
    """Send a request, and read its answer; of a call, its result too.

    Returns: the status, 0 where there was no answer, _TOO_LARGE where the server hung up on a header that is too large.
    """
    try:
        status, body = _exchange(port, sent)
        if status == 200 and sent.path.startswith("/gradio_api/call/"):
            event = json.loads(body)["event_id"]
            _exchange(port, Sent("GET", f"/gradio_api/call/ask/{event}", {}))
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_large = any(len(value) > _HEADER for value in sent.headers.values())
        return _TOO_LARGE if is_large and isinstance(error, ConnectionResetError) else 0
    return status


def _exchange(port: int, sent: Sent) -> tuple[int, bytes]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)) as connection:
        connection.putrequest(sent.method, "/", skip_accept_encoding=True)
        # Put by hand: a path that http.client would refuse is what this is about.
        first = f"{sent.method} {sent.path} HTTP/1.1".encode("latin-1")
        connection._buffer[0] = first  # type: ignore[attr-defined]
        for name, value in sent.headers.items():
            connection.putheader(name, value)
        if sent.method == "POST" and "Content-Length" not in sent.headers:
            connection.putheader("Content-Length", str(len(sent.body)))
        with contextlib.suppress(ConnectionError):  # an answer may come before all is sent
            connection.endheaders(sent.body)
        reply = connection.getresponse()
        return reply.status, reply.read()


@contextlib.contextmanager
def _second_client(port: int) -> Iterator[list[float]]:
    """Ask for the smallest page again and again. Yields: seconds that each answer took."""
    waits: list[float] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(_PAUSE):
            started = time.perf_counter()
            send(port, Sent("GET", _SMALLEST, {}))
            waits.append(time.perf_counter() - started)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield waits
    finally:
        ended.set()
        asking.join()


def hostile(rng: random.Random, count: int) -> Iterator[Sent]:
    """Yield hostile requests, of every kind in turn."""
    kinds: tuple[Callable[[random.Random], Sent], ...] = (
        _chosen,
        _path,
        _comparison,
        _mark,
        _turn,
        _call,
        _call_of_any_shape,
        _tool,
        _form,
        _note,
        _header,
    )
    for number in range(count):
        yield kinds[number % len(kinds)](rng)


def _size(rng: random.Random, most: int) -> int:
    """Return a size, as likely small as large."""
    return int(most ** rng.random())


def _text(rng: random.Random, most: int) -> str:
    unit = rng.choice(_UNITS)
    return unit * max(1, _size(rng, most) // len(unit))


def _names(rng: random.Random, most: int) -> list[str]:
    value = _text(rng, 100)
    return [f"{value}{i:x}" for i in range(_size(rng, most))]


def _chosen(rng: random.Random) -> Sent:
    name = rng.choice(["region", "year", "kind", "series", "q", "page", "in", "x"])
    fields = [(name, value) for value in _names(rng, 8000)] + [("q", _text(rng, 3000))] * rng.randrange(2)
    return Sent("GET", f"{rng.choice(['/browse', '/search'])}?{urlencode(fields)[:_ADDRESS]}", {"Accept": "text/html"})


def _path(rng: random.Random) -> Sent:
    start = rng.choice(["/article/", "/article/0123456789ab/", "/evidence/abc/", "/issue/", "/add/review/abc/", "/page/", "/x/"])
    return Sent(rng.choice(["GET", "HEAD", "POST"]), start + quote(_text(rng, 6000), safe="/%.()[]"), {"Accept": "text/html"})


def _comparison(rng: random.Random) -> Sent:
    fields = [("topic", _text(rng, 3000)), *(("region", name) for name in [*_names(rng, 3000), "望澜市", "云栖市"])]
    page = rng.choice(["/compare", "/compare.docx", "/compare.xlsx"])
    return Sent("GET", f"{page}?{urlencode(fields)[:_ADDRESS]}", {"Accept": "text/html"})


def _mark(rng: random.Random) -> Sent:
    numbers = {name: rng.choice(["9", "-", "0", "１"]) * _size(rng, 6000) for name in ("start", "end")}
    return Sent("GET", f"/article/0123456789ab/1?{urlencode(numbers)}", {})


def _turn(rng: random.Random) -> Sent:
    turn = {
        "question": _text(rng, 2500),
        "history": _names(rng, 500),
        "regions": _names(rng, 500),
        "years": [2020] * _size(rng, 300),
    }
    encoded = base64.urlsafe_b64encode(json.dumps(turn).encode()).decode()
    return Sent("GET", f"/answer.{rng.choice(['docx', 'xlsx', 'md'])}?turn={encoded[:_ADDRESS]}", {})


def _arguments(rng: random.Random) -> dict[str, Any]:
    return {
        "question": rng.choice([_text(rng, 3000), "志愿积分怎么做", "\ud800", 5, None]),
        "history": rng.choice([None, ["还有吗"] * _size(rng, 20_000), _names(rng, 5000), [_text(rng, 100_000)], "x"]),
        "regions": rng.choice([None, [_text(rng, 300_000)], _names(rng, 10_000), ["望澜市"] * _size(rng, 5000), [1]]),
        "years": rng.choice([None, [10 ** _size(rng, 400)], [2020] * _size(rng, 20_000), [-1], ["2020"]]),
        "series": rng.choice([None, [_text(rng, 300_000)], _names(rng, 10_000), {}]),
    }


def _call(rng: random.Random) -> Sent:
    return Sent("POST", "/gradio_api/call/ask", _JSON, json.dumps({"data": list(_arguments(rng).values())}).encode())


def _call_of_any_shape(rng: random.Random) -> Sent:
    size = _size(rng, 2_000_000)
    body = rng.choice(
        [
            '{"data":' + "[" * size + "]" * size + "}",
            '{"data":[' + "1," * size + "1]}",
            '{"data":[' + '"",' * size + '""]}',
            '{"data":["' + '\\"' * size + '"]}',
            '{"data":[' + "9" * size + "]}",
            '{"data":["' + "a" * size,
            "{" + ",".join(f'"{i}":1' for i in range(size // 10)) + "}",
            '{"data":["\\udc00"],"session_hash":"x","fn_index":' + str(rng.randrange(12)) + "}",
            '{"data":[null,null,[],[],[],[],null],"session_hash":"x","fn_index":' + str(rng.randrange(12)) + "}",
        ]
    )
    path = rng.choice(["queue/join", "call/search", "call/article", "call/v2/ask", "call/nosuch", "cancel", "reset"])
    return Sent("POST", f"/gradio_api/{path}", _JSON, body.encode())


def _tool(rng: random.Random) -> Sent:
    name, arguments = rng.choice(["ask", "search", "read_article", "x"]), _arguments(rng)
    if name == "read_article":
        arguments = {"address": _text(rng, 100_000)}
    elif name == "search":
        arguments["query"] = arguments.pop("question")
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    return Sent("POST", rng.choice(["/mcp", "/mcp/"]), _ASSISTANT, json.dumps(call).encode())


def _form(rng: random.Random) -> Sent:
    fields = rng.choice(
        [
            urlencode([(name, "1") for name in _names(rng, 100_000)]),
            urlencode({"change": "remark", "id": _text(rng, 1000), "remark": _text(rng, 1_000_000)}),
            urlencode({"what": "disable", "document": _text(rng, 1_000_000)}),
            urlencode({"folder": _text(rng, 10_000), "what": "forget"}),
            "a=&" * _size(rng, 1_000_000),
            "%" * _size(rng, 2_000_000),
        ]
    )
    path = rng.choice(["/saved/change", "/settings", "/settings/library", "/add/change", "/add/review/abc", "/add"])
    if path == "/settings/library":
        fields += "&what=forget"  # no job: what is measured is the request
    return Sent("POST", path, _FORM, fields.encode())


def _note(rng: random.Random) -> Sent:
    path = rng.choice(["/saved", "/feedback"])
    note = {"wrong": "answer", "question": _text(rng, 30_000), "address": _text(rng, 30_000), "quotes": _names(rng, 5000)}
    body = rng.choice([json.dumps(note).encode(), b"[" * _size(rng, 1_000_000), b"9" * _size(rng, 100_000), b"\xff" * 100])
    return Sent("POST", path, _JSON, body)


def _header(rng: random.Random) -> Sent:
    value = _text(rng, 60_000).encode().decode("latin-1").replace("\x00", "0")
    name = rng.choice(
        ["Cookie", "Accept-Language", "Accept", "Range", "If-None-Match", "X-Forwarded-For", "Content-Length", "Te"]
    )
    return Sent(rng.choice(["GET", "POST"]), rng.choice(["/browse", "/saved", "/page/css/base.css", "/"]), {name: value})
