"""The work of a request stops when its client has gone, wherever it runs."""

import asyncio
import threading
import time
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from corpus import deadline
from corpus.messages.errors import GivenUpError
from index.filters import Filters
from index.store.library import Library
from qa.answering.pipeline import answer_question, compare
from qa.archive.browsing import Browser
from qa.archive.searching import Searcher
from qa.web.middleware import DeadlineMiddleware
from tests.event_loop import run

_LIMIT = 20.0  # seconds; a test that fails must end


def test_work_in_a_thread_stops_when_the_client_has_gone() -> None:
    began, ended = threading.Event(), threading.Event()

    def work(request: Request) -> Response:
        began.set()
        stop = time.monotonic() + _LIMIT
        try:
            while time.monotonic() < stop:
                deadline.check()
                time.sleep(0.001)
        except GivenUpError:
            ended.set()
        return PlainTextResponse("")

    async def receive() -> Any:
        if not sent:
            sent.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        while not began.is_set():
            await asyncio.sleep(0.001)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    sent: list[bool] = []
    app = DeadlineMiddleware(Starlette(routes=[Route("/", work)]))
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    run(app(scope, receive, send))
    assert ended.is_set()


def test_answering_comparing_browsing_and_searching_are_given_up(samples: Library) -> None:
    browser = Browser(samples)
    searcher = Searcher(browser)
    regions = [region for region in samples.catalog.regions if region.county][:3]
    works = [
        lambda: answer_question(samples, "志愿积分怎么做"),
        lambda: answer_question(samples, "哪些地方建了骑手驿站"),
        lambda: compare(samples, "志愿积分", regions),
        lambda: searcher.search("志愿", field="text", mode="exact"),
        lambda: browser._find_shown("望澜市"),
        lambda: samples.retriever.retrieve(samples.retriever.analyze("志愿"), k=5, filters=Filters()),
    ]
    for work in works:
        with deadline.within(0), pytest.raises(GivenUpError):
            work()
        work()
