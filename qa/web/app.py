"""The application: the chat at /, the pages beside it, and what guards them."""

import os
import signal
import socket
import sys
import webbrowser
from collections.abc import Collection, Mapping
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from corpus.messages.errors import PageError
from corpus.messages.language import tr
from qa.web.middleware import HeadInjectionMiddleware, LanguageMiddleware
from qa.web.pages import article, browse, chat, compare, feedback, saved, settings, upload
from qa.web.security.accounts import Authenticator, Hash
from qa.web.security.guard import Guard
from qa.web.state import LibraryState
from qa.web.templating import failure_page

_STATIC = Path(__file__).parent / "static"
_FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]


def application(shelf: LibraryState, *, with_mcp: bool = False) -> FastAPI:
    """All pages over the library on the shelf, as an ASGI application; with the tools of an assistant where they are wanted."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.shelf = shelf
    app.router.routes.append(Mount("/page", StaticFiles(directory=_STATIC)))
    for pages in (chat, browse, article, compare, saved, upload, settings, feedback):
        app.router.routes.extend(pages.routes())
    app.add_exception_handler(Exception, failure_page)
    app.add_middleware(HeadInjectionMiddleware)
    app.add_middleware(LanguageMiddleware)
    if with_mcp:
        from qa.web.api import mcp  # takes a second to import

        mcp.mount(app, shelf)
    gr.mount_gradio_app(
        app,
        chat.build(shelf),
        path="/",
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        max_file_size="1mb",
        theme=gr.themes.Default(primary_hue="blue", font=_FONTS, font_mono=["monospace"]),
        i18n=chat.labels(),
    )
    return app


def serve(
    shelf: LibraryState,
    *,
    port: int,
    open_browser: bool,
    host: str = "127.0.0.1",
    names: Collection[str] = (),
    accounts: Mapping[str, Hash] | None = None,
    with_mcp: bool = False,
) -> None:
    """Serve the page until interrupted.

    Args: host: the address to listen at; names: host names that others call this machine by; accounts: who may sign in, None
        where nobody need.
    Raises: PageError: the address or the port cannot be had.
    """
    listening = _listen(host, port)
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    address = f"http://{shown}:{port}"
    door = Authenticator(accounts) if accounts is not None else None
    app = Guard(application(shelf, with_mcp=with_mcp), names=names, door=door)
    settings = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # what a proxy says of the visitor is not believed: the guard must know who really asks
        timeout_graceful_shutdown=2,  # an open page keeps its connection, and would hold up the end for ever
    )
    server = uvicorn.Server(settings)
    print(tr(f"网页地址：{address}  （按 Ctrl+C 退出）", f"The page is at {address}  (Ctrl+C to stop)"), flush=True)
    if door is not None:
        print(
            tr(
                "要输入用户名和密码；别的电脑上只能看、只能问。连接不加密（HTTP），只在可信的网络里用。",
                "It asks for a user name and a password; from other machines one can read and ask only. The connection is not"
                " encrypted (HTTP): use it in a network that you trust.",
            ),
            flush=True,
        )
    if with_mcp:
        print(tr(f"MCP 地址：{address}/mcp", f"The MCP server is at {address}/mcp"), flush=True)
    if open_browser:
        webbrowser.open(address)  # the port is open already: the browser waits for the answer
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn hands it on at its end; what is to be cleared up then is
    server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises: PageError: it cannot be had."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if os.name == "posix":  # elsewhere it would let two programs have the same port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise PageError(
            tr(f"{host} 的端口 {port} 打不开：{error.strerror}", f"port {port} of {host} cannot be opened: {error.strerror}")
        ) from error
    return listening
