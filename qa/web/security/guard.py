"""ASGI security middleware: host names, same origin, login, read-only access from other machines, body limits, headers.

Where the page is served to others, everyone logs in; who is at another machine may read and ask, and change nothing.
"""

import asyncio
import base64
import binascii
import ipaddress
import re
import secrets
from collections.abc import Collection
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.messages.language import tr
from qa.web.security.accounts import Authenticator

MAX_FILE = 50 * 2**20  # bytes of a bulletin that is added
MAX_UPLOAD = 200 * 2**20  # bytes of a request that adds some
UPLOADS = ("/add",)  # where bulletins are added
_MAX_BODY = 16 * 2**20  # of any other request; a question carries the answers before it

# Of Gradio's interface, what the page and its clients use. The rest would load up, fetch or record something.
_GRADIO = re.compile(
    r"/gradio_api/(?:info|openapi\.json|app_id|startup-events|theme\.css|heartbeat/\w+|queue/join|queue/data|cancel|reset"
    r"|call/(?:v2/)?\w+(?:/\w+)?|file=(?!https?:).+)/?",
    re.ASCII | re.DOTALL | re.IGNORECASE,
)
# What visitors may send who change nothing: questions, of people and of programs, and how they like the page (cookies).
_QUESTIONS = re.compile(r"/gradio_api/(?:queue/join|cancel|reset|call/(?:v2/)?\w+)/?|/mcp/?|/settings", re.ASCII)
_MAX_PASSWORD = 1024  # characters
_PROXIED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")

_POLICY = (
    "default-src 'self'; script-src 'self'{script}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
    " font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; object-src 'none';"
    " base-uri {base}; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def is_read_only(request: HTTPConnection) -> bool:
    """Return whether the visitor may read and ask, but change nothing: templates hide what would be refused."""
    return bool(getattr(request.state, "read_only", False))


class Guard:
    """ASGI middleware around the whole application.

    A request must name this machine as it was reached: by its address, as `localhost` on this machine, or by one of `names`. A
    page that sends a request must be ours. So no other page in the same browser can ask or read, whatever its name resolves to
    (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, *, names: Collection[str] = (), authenticator: Authenticator | None = None) -> None:
        """Wrap an application.

        Args: names: host names by which others may call this machine; authenticator: if given, everyone logs in, and visitors
            from other machines are read-only.
        """
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._authenticator = authenticator
        self._logging_in = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        read_only = self._authenticator is not None and not self._is_local_client(scope)
        scope.setdefault("state", {})["read_only"] = read_only
        send = _add_security_headers(scope, send)
        refusal = self._refusal(scope) or await self._require_login(scope) or (_reject_writes(scope) if read_only else None)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await _limit_body(self._app, scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_allowed_host(hosts[0].lower(), scope):
            return _forbidden(
                tr("这个地址不是本机的：请用启动时显示的网址", "not an address of this machine: use the one shown at the start")
            )
        origin = headers.get("origin")
        is_foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site") and not (
            scope.get("method") in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
        )
        if is_foreign or (
            origin is not None and origin.lower() not in (f"http://{hosts[0].lower()}", f"https://{hosts[0].lower()}")
        ):
            return _forbidden(tr("来自别的网页的请求不接受", "requests from other pages are refused"))
        path = scope["path"]
        if path.startswith("/gradio_api") and not _GRADIO.fullmatch(path):
            return PlainTextResponse(tr("没有这个接口\n", "no such endpoint\n"), 404)
        return None

    def _is_allowed_host(self, host: str, scope: Scope) -> bool:
        """Return whether a Host header is an address at which this very connection has arrived."""
        name, port = _split(host)
        address, bound = scope["server"] or ("", None)
        if port != bound and name not in self._names:  # in front of a name there may be a proxy with a port of its own
            return False
        reached = _address(address)
        return name in self._names or (
            reached is not None and (_address(name) == reached or (name == "localhost" and reached.is_loopback))
        )

    def _is_local_client(self, scope: Scope) -> bool:
        """Return whether the visitor is at this machine. What a proxy hands on comes from elsewhere."""
        headers = Headers(scope=scope)
        client, server = (_address(end[0] if end else "") for end in (scope["client"], scope["server"]))
        proxied = any(name in headers for name in _PROXIED) or _split(headers.get("host", "").lower())[0] in self._names
        return client is not None and (client.is_loopback or client == server) and not proxied

    async def _require_login(self, scope: Scope) -> Response | None:
        """Return the refusal of a visitor who has not logged in, or who guesses too often."""
        if self._authenticator is None:
            return None
        sign_in = PlainTextResponse(
            tr("请输入用户名和密码\n", "a user name and a password are needed\n"),
            401,
            {"WWW-Authenticate": 'Basic realm="Jingyan", charset="UTF-8"'},
        )
        credentials = _credentials(Headers(scope=scope).get("authorization", ""))
        if credentials is None:
            return sign_in
        if self._authenticator.is_remembered(*credentials):
            return None
        address = _network(scope["client"][0] if scope["client"] else "")
        async with self._logging_in:  # one at a time: memory and processor are for questions
            if self._authenticator.is_remembered(*credentials):
                return None
            wait = self._authenticator.retry_after(credentials[0], address)
            if wait > 0:
                message = tr(f"密码错了太多次：请等 {wait:.0f} 秒\n", f"too many wrong passwords: wait {wait:.0f} seconds\n")
                return PlainTextResponse(message, 429, {"Retry-After": str(int(wait) + 1)})
            is_right = await run_in_threadpool(self._authenticator.authenticate, *credentials, address)
        return None if is_right else sign_in


def _reject_writes(scope: Scope) -> Response | None:
    if scope["type"] == "http" and (scope["method"] in ("GET", "HEAD", "OPTIONS") or _QUESTIONS.fullmatch(scope["path"])):
        return None
    return _forbidden(tr("只读：只有在本机上才能改动", "read only: changes are made at the machine itself"))


def _forbidden(message: str) -> Response:
    return PlainTextResponse(f"{message}\n", 403)


def _add_security_headers(scope: Scope, send: Send) -> Send:
    """Add security headers to every answer, and remove those that would open it to other pages."""
    if scope["path"] == "/" and scope["type"] == "http":
        return _add_chat_security_headers(scope, send)

    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            _set_headers(message, script="", base="'none'")
        await send(message)

    return hardened


def _add_chat_security_headers(scope: Scope, send: Send) -> Send:
    """Like `_add_security_headers`, relaxed for Gradio's page, which sets its base and needs 'unsafe-eval'.

    Its inline scripts hold its settings. They are marked with a nonce made for this answer, so that no other script runs.
    """
    nonce = secrets.token_urlsafe(16)
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
    start: Message = {}
    pieces: list[bytes] = []

    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        pieces.append(message.get("body", b""))
        if message.get("more_body"):
            return
        # Text of bulletins is escaped in Gradio's settings, too: it holds no tag.
        body = b"".join(pieces).replace(b"<script", f'<script nonce="{nonce}"'.encode())
        _set_headers(start, script=f" 'nonce-{nonce}' 'unsafe-eval'", base="'self'")
        if "content-length" in (headers := MutableHeaders(scope=start)) and scope["method"] != "HEAD":
            headers["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return hardened


def _set_headers(start: Message, *, script: str, base: str) -> None:
    headers = MutableHeaders(scope=start)
    for name in [name for name in headers if name.startswith("access-control-")]:
        del headers[name]
    headers["Content-Security-Policy"] = _POLICY.format(script=script, base=base)
    headers.update(_HEADERS)


async def _limit_body(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand on a request whose body is not too large. Its bytes are counted, whatever length was announced."""
    max_size = MAX_UPLOAD if scope["path"] in UPLOADS else _MAX_BODY
    state: Literal["open", "answered", "refused"] = "open"
    size = 0

    async def counted() -> Message:
        nonlocal size, state
        message = await receive()
        size += len(message.get("body", b""))
        if size <= max_size:
            return message
        if state == "open":
            state = "refused"
            await _too_large(max_size)(scope, receive, send)
        return {"type": "http.disconnect"}

    async def once(message: Message) -> None:
        nonlocal state
        if state != "refused":
            state = "answered"
            await send(message)

    announced = Headers(scope=scope).get("content-length", "0")
    if not announced.isascii() or not announced.isdigit() or int(announced) > max_size:
        await _too_large(max_size)(scope, receive, send)
        return
    try:
        await app(scope, counted, once)
    except Exception:
        if state != "refused":  # else it was cut off while it was reading the body
            raise


def _too_large(max_size: int) -> Response:
    megabytes = max_size >> 20
    message = tr(f"太大了：最多 {megabytes} MB\n", f"too large: at most {megabytes} MB\n")
    return PlainTextResponse(message, 413, {"Connection": "close"})


def _credentials(header: str) -> tuple[str, str] | None:
    """Return name and password of a header of HTTP Basic."""
    method, _, encoded = header.partition(" ")
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (name, password) if method.lower() == "basic" and colon and len(password) <= _MAX_PASSWORD else None


def _split(host: str) -> tuple[str, int]:
    """Return name and port of a Host header; the port is -1 where it is malformed."""
    parts = re.fullmatch(r"(\[[0-9a-f:.]+\]|[^\[\]:/@\s]+)(?::(\d{1,5}))?", host)
    return (parts[1].strip("[]"), int(parts[2] or 80)) if parts else ("", -1)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(text: str) -> str:
    """Return what counts as one visitor's address: an IPv4 address, or a /64 network of IPv6, as providers assign them."""
    address = _address(text)
    return str(ipaddress.ip_network((address, 64), strict=False)) if isinstance(address, ipaddress.IPv6Address) else text
