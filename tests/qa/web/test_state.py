"""What is computed of the library that is served is computed once, and anew with the next library."""

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from index.store.builder import Progress
from index.store.library import Library
from qa.archive.suggestions import Topic
from qa.web.app import application
from qa.web.pages import chat
from qa.web.state import LibraryState, ServedLibrary
from qa.web.turns import Turns


def renew(state: LibraryState, library: Library) -> None:
    """Serve a library in place of the one that is served, and wait until it is."""

    def build(_: Progress) -> tuple[Library, tuple[()]]:
        return library, ()

    assert state.renew(build)
    for _ in range(200):
        if state.job is not None and not state.job.running:
            return
        time.sleep(0.01)
    raise AssertionError("the job has not ended")


@pytest.fixture()
def state(samples: Library) -> LibraryState:
    return LibraryState(samples)


def test_suggestions_are_made_once_for_a_library_and_a_language(
    state: LibraryState, samples: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[Library, str]] = []
    scanned: list[Library] = []

    def count(library: Library, topics: tuple[Topic, ...], *, language: str) -> tuple[str, ...]:
        calls.append((library, language))
        return (f"{len(calls)}",)

    monkeypatch.setattr(chat, "suggest", count)
    monkeypatch.setattr(chat, "find_topics", lambda library: (scanned.append(library), ())[1])
    assert [chat.suggestions(state.served, language) for language in ("zh", "zh", "en", "zh")] == [("1",), ("1",), ("2",), ("1",)]
    assert calls == [(samples, "zh"), (samples, "en")]
    # With the next library they are there before it is served.
    renew(state, samples)
    assert calls == [(samples, "zh"), (samples, "en")] * 2
    assert [chat.suggestions(state.served, language) for language in ("zh", "en")] == [("3",), ("4",)]
    assert len(calls) == 4 and scanned == [samples] * 2  # the titles are the same in both languages


def test_loading_the_page_again_makes_no_suggestion(samples: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(chat, "suggest", lambda library, topics, *, language: (calls.append(language), ("怎么做",))[1])
    page = chat.ChatPage(LibraryState(samples), Turns())
    page.layout()

    scope = {"type": "http", "headers": [(b"cookie", b"language=zh")], "query_string": b"", "state": {}}
    shown = [page.on_load([], gr.Request(request=Request(scope))) for _ in range(3)]
    assert calls == ["zh"]
    assert all(load[0].examples[0]["text"] == "怎么做" for load in shown)


@pytest.mark.parametrize("limits", [{"regions": ("浙江省宁波市",)}, {"years": (1987,)}, {"series": ("停刊的刊物",)}])
def test_a_limit_that_the_library_has_no_longer_is_told_not_dropped(samples: Library, limits: dict[str, Any]) -> None:
    """Wherever a question is answered: in the chat, anew when the page is loaded, without a chip, and as a file."""
    gone = str(next(iter(limits.values()))[0])
    turn = chat.Turn("志愿积分怎么做", **limits)
    state = LibraryState(samples)
    page = chat.ChatPage(state, Turns())
    page.layout()
    scope = {"type": "http", "headers": [(b"cookie", b"language=en")], "query_string": b"", "state": {}}
    request = gr.Request(request=Request(scope))
    session = chat.ChatSession((turn,), chat.LastAnswer(turn, ("followup",)))
    inputs: dict[Any, Any] = {
        page._question: turn.question,
        page._regions: list(turn.regions),
        page._years: list(map(str, turn.years)),
        page._series: list(turn.series),
        page._chat: [],
        page._session: chat.ChatSession(),
    }
    chats = [
        page.on_ask(inputs, request)[0],
        page.on_load(session.stored, request)[0].value,
        page.on_remove(gr.EventData(None, {"key": "followup"}), [{}], session, request)[0],
    ]
    for messages in chats:
        assert f"the library no longer has {gone}: choose again" in str(messages[-1])
    client = TestClient(application(state), base_url="http://127.0.0.1", headers={"cookie": "language=en"})
    reply = client.get(f"/answer.md?{turn.query}")
    assert reply.status_code == 400 and f"no longer has {gone}" in reply.text


def test_who_asks_while_it_is_computed_waits_for_it(state: LibraryState) -> None:
    calls: list[Library] = []

    def slow(served: ServedLibrary) -> int:
        time.sleep(0.05)
        calls.append(served.library)
        return len(served.library.bulletins)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: state.served.derive("bulletins", slow), range(4)))
    assert found == [12] * 4 and len(calls) == 1


def test_what_is_derived_belongs_to_the_library_it_was_made_of(state: LibraryState, samples: Library) -> None:
    numbers = itertools.count(1)
    first = state.served
    assert first.derive("number", lambda served: next(numbers)) == 1
    renew(state, samples)
    assert state.served is not first
    assert (first.derive("number", lambda served: 9), state.served.derive("number", lambda served: 9)) == (1, 2)


def test_browsing_lays_the_library_out_once(samples: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    from qa.web.pages import browse

    made: list[Any] = []
    make: Callable[[ServedLibrary], Any] = browse._make_browser
    monkeypatch.setattr(browse, "_make_browser", lambda served: (made.append(served), make(served))[1])
    client = TestClient(application(LibraryState(samples)), base_url="http://127.0.0.1")
    for address in ("/browse", "/search?q=青年", "/browse?year=2021"):
        assert client.get(address).status_code == 200
    assert len(made) == 1
