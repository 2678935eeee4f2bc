"""The application: the chat at /, the pages beside it, and the guard around them."""

import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI
from gradio.route_utils import FnIndexInferError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from corpus.messages.errors import JingyanError, PageError
from corpus.messages.language import tr
from qa.web.catalogue import Texts
from qa.web.limits import LimitsMiddleware
from qa.web.middleware import DeadlineMiddleware, HeadInjectionMiddleware, LanguageMiddleware
from qa.web.pages import article, browse, chat, compare, correct, feedback, news, saved, settings, upload
from qa.web.preferences import preferences
from qa.web.root_path import RootPathMiddleware, set_root_path
from qa.web.security.accounts import Account
from qa.web.security.guard import Guard
from qa.web.security.signing_in import Authenticator
from qa.web.state import LibraryState
from qa.web.templating import disk_page, error_page, failure_page
from qa.web.turns import Turns
from qa.web.watching import FolderWatcher

_STATIC = Path(__file__).parent / "static"
_FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]


def application(state: LibraryState, *, with_mcp: bool = False, root_path: str = "") -> FastAPI:
    """Build the ASGI application of all pages over a library, if wanted with the tools of an assistant.

    Args: root_path: the path below which a proxy serves it.
    Raises: PageError: `root_path` is no path.
    """
    root_path = set_root_path(root_path)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.library_state, app.state.turns = state, Turns()
    app.router.routes.append(Mount("/page", StaticFiles(directory=_STATIC)))
    for pages in (chat, browse, article, compare, saved, upload, correct, settings, feedback, news):
        app.router.routes.extend(pages.routes())
    app.add_exception_handler(JingyanError, error_page)
    app.add_exception_handler(OSError, disk_page)
    app.add_exception_handler(Exception, failure_page)
    app.add_middleware(HeadInjectionMiddleware)
    app.add_middleware(DeadlineMiddleware)
    app.add_middleware(LimitsMiddleware)
    app.add_middleware(LanguageMiddleware)
    app.add_middleware(RootPathMiddleware)
    if with_mcp:
        from qa.web.api import mcp  # takes a second to import

        mcp.mount(app, state, app.state.turns)
    gr.mount_gradio_app(
        app,
        chat.build(state, app.state.turns),
        path="/",
        root_path=root_path or None,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        max_file_size="1mb",
        theme=gr.themes.Default(primary_hue="blue", font=_FONTS, font_mono=["monospace"]),
        i18n=chat.labels(),
    )
    for mounted in [route.app for route in app.router.routes if isinstance(route, Mount) and isinstance(route.app, FastAPI)]:
        for kind in (LookupError, TypeError, ValueError, FnIndexInferError):  # that Gradio raises for calls that do not fit
            mounted.add_exception_handler(kind, _unfit_call)
        mounted.add_exception_handler(Exception, _failed_call)
    return app


def _unfit_call(request: Request, error: Exception) -> JSONResponse:
    """Answer a call of Gradio's interface that names no function of ours, or does not fit it."""
    return JSONResponse({"detail": tr("没有这个接口，或参数不对", "no such endpoint, or the wrong arguments for it")}, 400)


def _failed_call(request: Request, error: Exception) -> JSONResponse:
    """Answer for an error of the program behind Gradio's interface. The error itself is printed on the terminal."""
    return JSONResponse({"detail": Texts(preferences(request).language)("failed_why")}, 500)


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """The address that the page is served at, and who may use it.

    `host` is the address to listen at, `names` are host names by which others call this machine, `accounts` says who may log
    in: None where nobody needs to. `root_path` is the path below which a proxy serves the page.
    """

    port: int
    host: str = "127.0.0.1"
    names: Collection[str] = ()
    accounts: Mapping[str, Account] | None = None
    root_path: str = ""
    with_mcp: bool = False
    open_browser: bool = False


def serve(state: LibraryState, options: ServerOptions) -> None:
    """Serve the page until interrupted.

    Raises: PageError: the address or the port cannot be used.
    """
    host, port = options.host, options.port
    listening = _listen(host, port)
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    address = f"http://{shown}:{port}"
    authenticator = Authenticator(options.accounts) if options.accounts is not None else None
    app = Guard(
        application(state, with_mcp=options.with_mcp, root_path=options.root_path),
        names=options.names,
        authenticator=authenticator,
        root_path=options.root_path,
    )
    settings = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # not believed: the guard must know who really asks
        timeout_graceful_shutdown=2,  # seconds; an open page keeps its connection, and would delay the end for ever
    )
    server = uvicorn.Server(settings)
    print(tr(f"网页地址：{address}  （按 Ctrl+C 退出）", f"The page is at {address}  (Ctrl+C to stop)"), flush=True)
    if authenticator is not None:
        print(
            tr(
                "要输入用户名和密码；读者只能看、只能问。连接不加密（HTTP）：只在可信的网络里用，或在前面放一个 HTTPS 代理。",
                "It asks for a user name and a password; readers read and ask only. The connection is not encrypted (HTTP): use"
                " it in a network that you trust, or behind a proxy with HTTPS.",
            ),
            flush=True,
        )
    accounts = (options.accounts or {}).values()
    if (options.names or options.accounts is not None) and all(account.role == "reader" for account in accounts):
        print(
            tr(
                "没有主人也没有编辑：谁都不能改库。用 python -m qa password --auth-file 文件 --role owner 用户名 设一个。",
                "There is no owner and no editor: nobody can change the library. Make one with python -m qa password --auth-file"
                " FILE --role owner NAME.",
            ),
            file=sys.stderr,
            flush=True,
        )
    if options.with_mcp:
        print(tr(f"MCP 地址：{address}/mcp", f"The MCP server is at {address}/mcp"), flush=True)
    # The first visitor need not wait for all of the suggestions: their topics are looked for while the browser opens.
    threading.Thread(target=chat.topics, args=(state.served,), name="topics", daemon=True).start()
    FolderWatcher(state).start()
    if options.open_browser:
        webbrowser.open(address)  # the port is open already: the browser waits for the answer
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn hands it on at its end; then files are cleared up
    server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address. Raises: PageError: the address or the port cannot be used."""
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
