"""Headers of every answer: what keeps its page, its scripts and its contents to itself."""

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

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


def add_security_headers(scope: Scope, send: Send) -> Send:
    """Add security headers to every answer, and remove those that would open it to other pages."""
    if scope["path"] == "/" and scope["type"] == "http":
        return _add_chat_security_headers(scope, send)

    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            _set_headers(message, script="", base="'none'")
        await send(message)

    return hardened


def _add_chat_security_headers(scope: Scope, send: Send) -> Send:
    """Like `add_security_headers`, relaxed for Gradio's page, which sets its base and needs 'unsafe-eval'.

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
