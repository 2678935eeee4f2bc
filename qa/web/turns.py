"""Turns at answering: as many questions at once as the machine has cores, user by user, so that nobody waits for another's many.

What has no turn yet waits without a thread, so that pages are served meanwhile.
"""

import asyncio
import functools
import inspect
import math
import time
import typing
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import gradio as gr
from anyio.to_thread import run_sync
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from corpus.cores import usable_cores
from corpus.messages.errors import BusyError
from corpus.messages.language import tr
from qa.web.security.forwarding import asking_address
from qa.web.security.visitor import visitor_of
from qa.web.templating import render_page

T = TypeVar("T")

_AT_ONCE = max(2, usable_cores())
_MAX_WAITING, _MAX_OF_USER = 1024, 256
_FIRST_SECONDS, _SHARE = 0.3, 0.1  # of a question, before any was timed; how much each counts in the mean of those before it


class Turns:
    """Who answers, and who waits. All calls come from the event loop's thread."""

    def __init__(self, *, at_once: int = _AT_ONCE, max_waiting: int = _MAX_WAITING, max_of_user: int = _MAX_OF_USER) -> None:
        """Begin with nobody waiting.

        Args: at_once: questions that are answered at the same time; max_waiting, max_of_user: that may wait, in all and of one
            user, before others are told to come again.
        """
        self._at_once, self._max_waiting, self._max_of_user = at_once, max_waiting, max_of_user
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()  # the user whose turn is next comes first
        self._answering = self._waiting = 0
        self._seconds = _FIRST_SECONDS

    async def run(self, user: str, work: Callable[..., T], *values: Any) -> T:
        """Do a piece of work in a thread when it is the user's turn.

        Raises: BusyError: too many wait already; it says when to come again.
        """
        await self._turn(user)
        began = time.monotonic()
        try:
            return await run_sync(functools.partial(work, *values), limiter=anyio.CapacityLimiter(1))
        finally:
            self._seconds += _SHARE * (time.monotonic() - began - self._seconds)
            self._answering -= 1
            self._give()

    async def _turn(self, user: str) -> None:
        """Wait for a turn. If the caller goes away, so does his place."""
        line = self._lines.get(user, ())
        if self._waiting >= self._max_waiting or len(line) >= self._max_of_user:
            raise self._busy()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(user, deque()).append(place)
        self._waiting += 1
        self._give()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # the turn had been given
                self._answering -= 1
                self._give()
            else:
                self._leave(user, place)
            raise

    def _give(self) -> None:
        """Give free turns to those who wait: to one of each user, then to the next of each."""
        while self._answering < self._at_once and self._lines:
            user, line = self._lines.popitem(last=False)
            place = line.popleft()
            if line:
                self._lines[user] = line  # behind all others
            self._waiting -= 1
            if not place.cancelled():
                self._answering += 1
                place.set_result(None)

    def _leave(self, user: str, place: "asyncio.Future[None]") -> None:
        line = self._lines.get(user)
        if line is not None and place in line:
            line.remove(place)
            self._waiting -= 1
            if not line:
                del self._lines[user]

    def _busy(self) -> BusyError:
        seconds = max(1, math.ceil(self._waiting * self._seconds / self._at_once))
        return BusyError(
            tr(
                f"现在有 {self._waiting} 个问题在等：请约 {seconds} 秒后再问",
                f"{self._waiting} questions are waiting: ask again in about {seconds} s",
            ),
            seconds,
        )


def user_of(connection: HTTPConnection | None) -> str:
    """Return what tells one user from another: the account or, where nobody signs in, the address that a request comes from.

    Gradio gives no request to what it runs by itself.
    """
    if connection is None:
        return ""
    account = visitor_of(connection).account
    return f"account {account}" if account is not None else f"address {asking_address(connection.scope)}"


def page_in_turn(page: Callable[[Request], Response]) -> Callable[[Request], Any]:
    """Wrap a page that answers questions, so that it is made when it is its reader's turn.

    Where too many wait, the answer is 503 with a page, and the header Retry-After.
    """

    @functools.wraps(page)
    async def in_turn(request: Request) -> Response:
        turns: Turns = request.app.state.turns
        try:
            return await turns.run(user_of(request), page, request)
        except BusyError as error:
            refused = await run_sync(functools.partial(render_page, request, "failed.html", status=503, error_message=str(error)))
            refused.headers["Retry-After"] = str(error.seconds)
            return refused

    return in_turn


def call_in_turn(turns: Turns, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function for Gradio, so that it runs when it is the caller's turn; where too many wait, the client is told.

    Gradio gives it the request, as the last value, whether it takes one or not.
    """
    takes_request = gr.Request in typing.get_type_hints(function).values()

    @functools.wraps(function)
    async def call(*values: Any) -> Any:
        request: gr.Request = values[-1]
        try:
            return await turns.run(user_of(request.request), function, *(values if takes_request else values[:-1]))
        except BusyError as error:
            raise gr.Error(str(error), print_exception=False) from error

    if not takes_request:
        signature = inspect.signature(function)
        request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=gr.Request)
        call.__signature__ = signature.replace(parameters=[*signature.parameters.values(), request])  # type: ignore[attr-defined]
        call.__annotations__ = {**typing.get_type_hints(function), "request": gr.Request}
    return call
