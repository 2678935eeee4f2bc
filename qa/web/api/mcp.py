"""The archive as tools of a person's own assistant, by the Model Context Protocol (streamable HTTP)."""

import contextlib
import functools
import inspect
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from starlette.routing import Route

from corpus import deadline
from corpus.messages.errors import JingyanError
from qa.web.api.endpoints import ANSWER_SECONDS, LibraryAPI
from qa.web.state import LibraryState
from qa.web.turns import Turns

PATH = "/mcp"
_INSTRUCTIONS = (
    "An archive of Chinese work bulletins (工作简报), notices and reports: what local organisations did and what came of it."
    " `ask` answers in verbatim quotes with citations, or says that the archive does not answer: repeat quotes word for word,"
    " with their citations."
    " `search` finds passages, `read_article` gives the whole article of an address. Search in Chinese where you can."
)


def mount(app: FastAPI, library_state: LibraryState, turns: Turns) -> None:
    """Serve the tools ask, search and read_article at /mcp."""
    logging.getLogger("mcp").setLevel(logging.WARNING)
    library_api = LibraryAPI(library_state)
    server: MCPServer[Any] = MCPServer("jingyan", title="经验问答 Jingyan", instructions=_INSTRUCTIONS, log_level="WARNING")
    for name, function in (
        ("ask", library_api.ask),
        ("search", library_api.search),
        ("read_article", library_api.article),
    ):
        description = inspect.getdoc(function)  # without the indentation
        server.add_tool(
            _plain(turns, function),
            name=name,
            description=description,
            annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
        )
    # The guard around the application looks at Host and Origin. Without sessions nothing is kept of a client between its calls.
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    served = server.streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, json_response=True, transport_security=security
    )
    app.router.routes.extend(served.routes)
    app.router.routes.extend(Route(f"{PATH}/", route.endpoint) for route in served.routes if isinstance(route, Route))
    outer = app.router.lifespan_context

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with outer(app) as state, server.session_manager.run():
            yield state

    app.router.lifespan_context = lifespan


def _plain(turns: Turns, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function as a tool, which runs when it is the turn of assistants, all of them taken for one user.

    Errors for people reach the assistant in their own words.
    """

    def limited(*values: Any, **named: Any) -> Any:
        with deadline.within(ANSWER_SECONDS):
            return function(*values, **named)

    @functools.wraps(function)
    async def call(*values: Any, **named: Any) -> Any:
        try:
            return await turns.run(PATH, functools.partial(limited, *values, **named))
        except JingyanError as error:
            raise ToolError(str(error)) from error

    return call
