"""The path below which a proxy serves the page (`--root-path`): every address of ours that leaves the program begins with it.

The proxy takes it away from what comes in. Pages name addresses as if they lay at the root; all of them pass through here.
"""

import re
from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.messages.errors import PageError
from corpus.messages.language import tr

_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?")
# What a text holds is escaped, quotation marks too: only attributes of templates look like this.
_ADDRESS = re.compile(r'\b(href|src|action|formaction|data-preview)="/(?!/)')

_root: ContextVar[str] = ContextVar("root_path", default="")


def set_root_path(path: str) -> str:
    """Serve below a path from now on, in this thread and those that it starts tasks in; "" for none.

    Returns: the path without a slash at its end.
    Raises: PageError: it is no path.
    """
    if not _PATH.fullmatch(path) or ".." in path:
        raise PageError(tr(f"--root-path {path}：应像 /jingyan", f"--root-path {path}: expected something like /jingyan"))
    _root.set(path.rstrip("/"))
    return _root.get()


def below_root(html: str) -> str:
    """Return HTML with the path before every address that begins at the root."""
    root = _root.get()
    return _ADDRESS.sub(rf'\1="{root}/', html) if root else html


class RootPathMiddleware:
    """Puts the path before the addresses that redirections lead to."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = _root.get()
        if scope["type"] != "http" or not root:
            await self._app(scope, receive, send)
            return
        own = re.compile(rf"https?://{re.escape(Headers(scope=scope).get('host', ''))}(?=/)", re.IGNORECASE)

        async def led(message: Message) -> None:
            if message["type"] == "http.response.start" and "location" in (headers := MutableHeaders(scope=message)):
                location = own.sub("", headers["location"], count=1)
                below = location.startswith("/") and not location.startswith(("//", f"{root}/"))
                headers["location"] = root + location if below else location
            await send(message)

        await self._app(scope, receive, led)
