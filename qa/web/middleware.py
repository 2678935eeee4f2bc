"""ASGI middleware: answers in the reader's language, our sheets and scripts on Gradio's page, work that is given up."""

import asyncio
from abc import ABC, abstractmethod

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus import deadline
from corpus.messages.language import use_language
from qa.web.preferences import preferences
from qa.web.root_path import below_root
from qa.web.templating import not_found, render_head

_REQUEST_SECONDS = 60.0  # that the work for a page may take on a slow machine


class HttpMiddleware(ABC):
    """Handles HTTP requests; all else is handed on as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._handle if scope["type"] == "http" else self._app)(scope, receive, send)

    @abstractmethod
    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class HeadInjectionMiddleware(HttpMiddleware):
    """Adds our sheets and scripts to the head of Gradio's page, and answers with a page of ours where Gradio has none.

    Gradio adds the `head` it is given only once all is drawn: too late to choose theme and language.
    """

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        ours = dict(scope)  # Gradio puts its own application into it
        begun: list[Message] = []
        body = bytearray()
        wants_page = "text/html" in Headers(scope=scope).get("accept", "")

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                if scope["path"] == "/" or (message["status"] == 404 and wants_page):
                    begun.append(message)
                else:
                    await send(message)
            elif not begun:
                await send(message)
            else:
                body.extend(message.get("body", b""))

        await self._app(scope, receive, headed)
        if begun and begun[0]["status"] == 404 and not body.startswith(b"<!doctype html>"):
            await not_found(Request(ours))(ours, receive, send)  # Gradio would answer a reader in JSON
        elif begun:
            whole = bytes(body)
            if scope["path"] == "/":
                whole = below_root(whole.decode()).encode().replace(b"<head>", b"<head>" + render_head(), 1)
            MutableHeaders(scope=begun[0])["content-length"] = str(len(whole))
            await send(begun[0])
            await send({"type": "http.response.body", "body": whole})


class LanguageMiddleware(HttpMiddleware):
    """Answers each request in its reader's language."""

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        with use_language(preferences(HTTPConnection(scope)).language):
            await self._app(scope, receive, send)


class DeadlineMiddleware(HttpMiddleware):
    """Gives the work of a request up when its time is over, or its client has gone."""

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        with deadline.within(_REQUEST_SECONDS) as limit:
            if limit is None or not (scope["method"] in ("GET", "HEAD") or scope["path"].startswith("/mcp")):
                await self._app(scope, receive, send)  # what is sent along may be large: it is not read ahead
                return
            messages: asyncio.Queue[Message] = asyncio.Queue()

            async def watch() -> None:
                while True:
                    message = await receive()
                    messages.put_nowait(message)
                    if message["type"] == "http.disconnect":
                        limit.cancel()
                        return

            watching = asyncio.create_task(watch())
            try:
                await self._app(scope, messages.get, send)
            finally:
                watching.cancel()
