"""Turns at answering: user by user, no more at once than allowed, and a time to come again for whoever is turned away."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from corpus.messages.errors import BusyError
from qa.web.turns import Turns, page_in_turn
from tests.event_loop import run


class Desk:
    """Work that waits until it is let go, and keeps the order in which it began."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.most = self._now = 0
        self._go, self._lock = threading.Semaphore(0), threading.Lock()

    def work(self, name: str) -> str:
        with self._lock:
            self.began.append(name)
            self._now += 1
            self.most = max(self.most, self._now)
        assert self._go.acquire(timeout=20)
        with self._lock:
            self._now -= 1
        return name

    def let_go(self, count: int) -> None:
        for _ in range(count):
            self._go.release()


async def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.002)


def test_a_user_with_many_questions_keeps_nobody_waiting() -> None:
    """Of many questions of one user and one of each of two others, those two come second and third."""

    async def ask() -> None:
        desk, turns = Desk(), Turns(at_once=1)
        many = [asyncio.create_task(turns.run("many", desk.work, f"many{n}")) for n in range(5)]
        await until(lambda: desk.began == ["many0"])
        others = [asyncio.create_task(turns.run(user, desk.work, user)) for user in ("one", "two")]
        await asyncio.sleep(0)
        desk.let_go(7)
        assert await asyncio.gather(*many, *others) == [*(f"many{n}" for n in range(5)), "one", "two"]
        assert desk.began == ["many0", "many1", "one", "two", "many2", "many3", "many4"]
        assert desk.most == 1

    run(ask())


def test_no_more_work_at_once_than_allowed() -> None:
    async def ask() -> None:
        desk, turns = Desk(), Turns(at_once=3)
        tasks = [asyncio.create_task(turns.run(f"user{n % 4}", desk.work, str(n))) for n in range(12)]
        await until(lambda: len(desk.began) == 3)
        await asyncio.sleep(0.05)
        assert len(desk.began) == 3
        desk.let_go(12)
        await asyncio.gather(*tasks)
        assert desk.most == 3 and sorted(desk.began, key=int) == list(map(str, range(12)))

    run(ask())


@pytest.mark.parametrize(("limits", "user"), [({"max_of_user": 2}, "same"), ({"max_waiting": 2}, "another")])
def test_who_is_turned_away_is_told_when_to_come_again(limits: dict[str, int], user: str) -> None:
    async def ask() -> None:
        desk, turns = Desk(), Turns(at_once=1, **limits)
        tasks = [asyncio.create_task(turns.run("same", desk.work, str(n))) for n in range(3)]  # one at work, two waiting
        await until(lambda: desk.began == ["0"])
        with pytest.raises(BusyError) as refused:
            await turns.run(user, desk.work, "more")
        assert refused.value.seconds >= 1 and f"{refused.value.seconds}" in str(refused.value)
        desk.let_go(3)
        await asyncio.gather(*tasks)
        desk.let_go(1)
        assert await turns.run(user, desk.work, "more") == "more"

    run(ask())


def test_who_goes_away_gives_the_place_to_others() -> None:
    """Whether still waiting or given a turn at that very moment; and work that fails gives its turn back."""

    async def ask() -> None:
        desk, turns = Desk(), Turns(at_once=1, max_of_user=2)
        first, waiting, last = (asyncio.create_task(turns.run("user", desk.work, name)) for name in ("first", "waiting", "last"))
        await until(lambda: desk.began == ["first"])
        waiting.cancel()
        desk.let_go(2)
        await first
        assert await last == "last" and desk.began == ["first", "last"]

        def fail() -> None:
            raise ValueError

        for _ in range(3):
            with pytest.raises(ValueError):
                await turns.run("user", fail)
        desk.let_go(1)
        assert await turns.run("user", desk.work, "after") == "after"

    run(ask())


def test_a_page_that_has_no_turn_says_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def page(request: Request) -> Response:
        return PlainTextResponse("made")

    app = Starlette(routes=[Route("/", page_in_turn(page))])
    app.state.turns = Turns()
    monkeypatch.setattr(
        "qa.web.turns.render_page", lambda request, name, **values: PlainTextResponse(values["error_message"], 503)
    )
    with TestClient(app) as client:
        assert client.get("/").text == "made"
        app.state.turns = Turns(max_waiting=0)
        refused = client.get("/")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) >= 1 and refused.headers["retry-after"] in refused.text
