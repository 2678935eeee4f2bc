"""ASGI security middleware: host names, same origin, sign-in, what readers may do, body limits, headers.

Without accounts, names and proxies, who asks is the owner at his machine. In every other case nobody is the owner, or may change
anything, but by the password of an account that may: an address alone proves nothing where a proxy may stand before the page.
"""

import base64
import binascii
import ipaddress
import re
import sys
from collections.abc import Callable, Collection
from typing import Literal

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.messages.language import tr
from qa.web.security.forwarding import address_of, asking_address, forwarding_sign, missing_headers, split_host
from qa.web.security.response_headers import add_security_headers
from qa.web.security.signing_in import Authenticator
from qa.web.security.visitor import OWNER, STRANGER, Visitor, visitor_of

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
_SAVED = re.compile(r"/saved(?:/change)?")  # and what they may who have a saved list
# The owner's files, his corrections and how far his work is. Readers see the documents, and nothing of this.
_MANAGEMENT = re.compile(r"/(?:add|work|corrections\.json|settings/library)(?:/.*)?", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CLAIMS = (b"x-forwarded-host", b"x-gradio-server")  # Gradio would believe them rather than Host, which is checked here
_MAX_PASSWORD = 1024  # characters
_PASS = "jingyan-pass"  # the cookie of a browser that has signed in


def is_read_only(request: HTTPConnection) -> bool:
    """Return whether the visitor may read and ask, but change nothing: templates hide what would be refused."""
    return not visitor_of(request).may_change


class Guard:
    """ASGI middleware around the whole application.

    A request must name this machine as it was reached: by its address, as `localhost` on this machine, or by one of `names`. A
    page that sends a request must be ours. So no other page in the same browser can ask or read, whatever its name resolves to
    (DNS rebinding).
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        names: Collection[str] = (),
        authenticator: Authenticator | None = None,
        root_path: str = "",
        warn: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True),
    ) -> None:
        """Wrap an application.

        Args: names: host names by which others may call this machine; authenticator: if given, everyone signs in; root_path: the
            path below which a proxy serves the page, and which it takes away; warn: is told, once each, in words for the one who
            started the server, what is amiss with a proxy.
        """
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._authenticator, self._root_path = authenticator, root_path.rstrip("/")
        self._warn = warn
        self._warned: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        send = add_security_headers(scope, send)
        sign = forwarding_sign(scope)
        if sign is not None or self._is_named(scope):
            self._warn_of_proxy(scope, sign)
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in _CLAIMS]
        refusal = self._refusal(scope)
        if refusal is None:
            found = await self._visitor(scope, sign)
            if isinstance(found, Visitor):
                scope.setdefault("state", {})["visitor"] = found
                refusal = _reject(found, scope)
                if found.account is not None and self._authenticator is not None:
                    send = _add_pass(send, scope, self._authenticator.pass_of(found.account))
            else:
                refusal = found
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
        # What routes would read otherwise than what is asked here: a line end at its end, the root path once more.
        if _CONTROL.search(path) or (self._root_path and f"{path}/".startswith(f"{self._root_path}/")):
            return PlainTextResponse(tr("没有这个网址\n", "no such address\n"), 404)
        if path.startswith("/gradio_api") and not _GRADIO.fullmatch(path):
            return PlainTextResponse(tr("没有这个接口\n", "no such endpoint\n"), 404)
        return None

    def _is_allowed_host(self, host: str, scope: Scope) -> bool:
        """Return whether a Host header is an address at which this very connection has arrived."""
        name, port = split_host(host)
        address, bound = scope["server"] or ("", None)
        if port != bound and name not in self._names:  # in front of a name there may be a proxy with a port of its own
            return False
        reached = address_of(address)
        return name in self._names or (
            reached is not None and (address_of(name) == reached or (name == "localhost" and reached.is_loopback))
        )

    def _is_named(self, scope: Scope) -> bool:
        return split_host(Headers(scope=scope).get("host", "").lower())[0] in self._names

    async def _visitor(self, scope: Scope, sign: str | None) -> Visitor | Response:
        """Return who asks, or the refusal of one who has not signed in."""
        if self._authenticator is None:
            return STRANGER if self._names or sign is not None else OWNER
        credentials = _credentials(Headers(scope=scope).get("authorization", ""))
        if credentials is None:
            return _sign_in()
        address = _network(asking_address(scope))
        given_pass = HTTPConnection(scope).cookies.get(_PASS, "")
        found = await self._authenticator.sign_in(*credentials, address, given_pass=given_pass)
        if isinstance(found, Visitor):
            return found
        if found == "wrong":
            return _sign_in()
        message = tr("现在登录的人太多：请稍等再试\n", "too many are signing in now: try again in a moment\n")
        return PlainTextResponse(message, 503, {"Retry-After": "2"})

    def _warn_of_proxy(self, scope: Scope, sign: str | None) -> None:
        """Tell, once each, which headers the proxy before the page leaves out, and that nobody can sign in."""
        for name in missing_headers(scope):
            self._warn_once(
                name,
                tr(
                    f"注意：网页前面的代理没有传来 {name}，请在代理的设置里加上（docs/serving.md）",
                    f"Warning: the proxy before the page does not pass on {name}: add it to its settings (docs/serving.md)",
                ),
            )
        if self._authenticator is None:
            self._warn_once(
                "",
                tr(
                    f"注意：有请求是代理转来的（{sign or 'Host'}）；没有 --auth-file，经代理来的人只能读、只能问",
                    f"Warning: requests come through a proxy ({sign or 'Host'}); without --auth-file they may read and ask only",
                ),
            )

    def _warn_once(self, about: str, text: str) -> None:
        if about not in self._warned:
            self._warned.add(about)
            self._warn(text)


def _sign_in() -> Response:
    return PlainTextResponse(
        tr("请输入用户名和密码\n", "a user name and a password are needed\n"),
        401,
        {"WWW-Authenticate": 'Basic realm="Jingyan", charset="UTF-8"'},
    )


def _reject(visitor: Visitor, scope: Scope) -> Response | None:
    """Return the refusal of what a visitor may not do."""
    if visitor.may_change:
        return None
    path = scope["path"]
    if not _MANAGEMENT.fullmatch(path) and scope["type"] == "http":
        if scope["method"] in ("GET", "HEAD", "OPTIONS") or _QUESTIONS.fullmatch(path):
            return None
        if visitor.may_save and scope["method"] == "POST" and _SAVED.fullmatch(path):
            return None
    return _forbidden(
        tr(
            "只读：只有库的主人和编辑才能看、才能改",
            "read only: this is for the library's owner and editors to see or change",
        )
    )


def _add_pass(send: Send, scope: Scope, value: str) -> Send:
    """Give a browser that has signed in its pass, unless it has it."""
    if HTTPConnection(scope).cookies.get(_PASS) == value:
        return send

    async def giving(message: Message) -> None:
        if message["type"] == "http.response.start":
            cookie = f"{_PASS}={value}; Path=/; HttpOnly; SameSite=Strict"
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return giving


def _forbidden(message: str) -> Response:
    return PlainTextResponse(f"{message}\n", 403)


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


def _network(text: str) -> str:
    """Return what counts as one visitor's address: an IPv4 address, or a /64 network of IPv6, as providers assign them."""
    address = address_of(text)
    return str(ipaddress.ip_network((address, 64), strict=False)) if isinstance(address, ipaddress.IPv6Address) else text
