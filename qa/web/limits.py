"""ASGI middleware: limits on how much a request names, in its address and in JSON; single values are limited where used."""

import json
import re
from collections.abc import Iterator
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from corpus.messages.language import tr
from corpus.text.normalize import is_half
from qa.web.middleware import HttpMiddleware
from qa.web.templating import render_page

MAX_PATH = 2000  # bytes; Python reads no number of more than 4300 digits
MAX_QUERY = 80_000  # bytes; an answer as a file names twelve thousand characters of earlier questions, in base64
MAX_PARAMETERS = 200  # of a query
MAX_VALUES = 20_000  # of a body in JSON: a chat of hundreds of questions has a few thousand
MAX_CALL = 2**20  # bytes of a call by a program
MAX_CHAT = 8 * 2**20  # bytes of a question in the chat, which carries the answers before it
_MAX_QUOTATION_MARKS = 500_000  # of a body; to leave out its strings takes time by their number

_JSON = re.compile(r"/gradio_api/.*|/mcp/?", re.DOTALL)
_CHAT = "/gradio_api/queue/join"
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)  # one that nothing closes, too: it is looked through once
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # of an escaped character beyond the 65,536 first ones


class LimitsMiddleware(HttpMiddleware):
    """Answers a request that names too much, or too long a thing, with 400, 413 or 414 and one sentence."""

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = _address_problem(scope)
        if refused is None and scope["method"] == "POST" and _JSON.fullmatch(scope["path"]):
            body = await _read(receive, MAX_CHAT if scope["path"].rstrip("/") == _CHAT else MAX_CALL)
            if body is None:
                refused = 413, tr("一次发来的内容太多：请清空对话再问", "too much is sent at once: clear the chat and ask again")
            else:
                refused = _body_problem(body)
                receive = _again(body, receive)
        if refused is None:
            await self._app(scope, receive, send)
        else:
            await _refusal(scope, *refused)(scope, receive, send)


def _address_problem(scope: Scope) -> tuple[int, str] | None:
    query: bytes = scope["query_string"]
    if len(scope.get("raw_path") or scope["path"]) > MAX_PATH or len(query) > MAX_QUERY:
        return 414, tr("网址太长", "the address is too long")
    if query.count(b"&") >= MAX_PARAMETERS:
        most = MAX_PARAMETERS
        return 400, tr(f"网址的参数太多：最多 {most} 个", f"the address has too many parameters: at most {most}")
    return None


def _body_problem(body: bytes) -> tuple[int, str] | None:
    """Return what is wrong with a body in JSON, judged before anything is made of it; whether it is JSON is judged later."""
    if _n_values(body) > MAX_VALUES and (
        body.count(b'"') > _MAX_QUOTATION_MARKS or _n_values(_STRING.sub(b"", body)) > MAX_VALUES
    ):
        return 413, tr(f"发来的值太多：最多 {MAX_VALUES} 个", f"too many values are sent: at most {MAX_VALUES}")
    if _HALF.search(body):
        try:
            is_broken = any(map(is_half, _strings(json.loads(body))))
        except (ValueError, RecursionError):
            is_broken = False
        if is_broken:
            return 400, tr("文字里有半个字符，不是完整的文字", "the text holds half a character: it is no text")
    return None


def _n_values(body: bytes) -> int:
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def _strings(value: Any) -> Iterator[str]:
    """Yield all strings in a value that was read from JSON."""
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            left.extend(value)
        elif isinstance(value, dict):
            left.extend([*value, *value.values()])


async def _read(receive: Receive, max_size: int) -> bytes | None:
    """Return a whole body; None where it is larger than may be, or its client has gone."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or len(body) > max_size:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives a body that was read, and then what comes after it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _refusal(scope: Scope, status: int, text: str) -> Response:
    """Return the answer to a request that is refused: a page for a reader, JSON for a program."""
    if scope["path"].startswith("/gradio_api"):
        return JSONResponse({"detail": text}, status)  # the chat shows it, and so do the clients of programs
    if scope["path"].startswith("/mcp"):
        return JSONResponse({"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": text}}, status)
    if "text/html" in Headers(scope=scope).get("accept", ""):
        return render_page(Request(scope), "failed.html", status=status, error_message=text)
    return PlainTextResponse(f"{text}\n", status)
