"""Nothing that comes from outside is taken in without a limit on its number and its length."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from corpus.messages.errors import QuestionError
from corpus.regions.gazetteer import Gazetteer
from index.store.library import Library
from qa.answering import pipeline
from qa.question.analyzer import TURNS
from qa.question.places import find_region
from qa.web import limits
from qa.web.api.endpoints import LibraryAPI
from qa.web.app import application
from qa.web.pages.chat import ChatSession, Turn
from qa.web.state import LibraryState
from tests.event_loop import run

_NINES = "9" * 5000


@pytest.fixture(scope="module")
def client(samples: Library) -> TestClient:
    return TestClient(application(LibraryState(samples)), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/browse?" + urlencode([("region", f"{i:x}") for i in range(500)]), 400),
        ("/browse?" + urlencode([("region", f"{i:x}") for i in range(51)]), 400),
        ("/browse?" + urlencode([("series", "刊" * 1001)]), 400),
        ("/compare?" + urlencode([("region", f"{i:x}") for i in range(500)]), 400),
        ("/compare?" + urlencode([("topic", "题" * 2001), ("region", "望澜市"), ("region", "云栖市")]), 200),  # says so in words
        (f"/article/abc/{_NINES}", 414),
        (f"/evidence/abc/{_NINES}?start=1&end=2", 414),
        (f"/add/review/abc/{_NINES}", 414),
        (f"/article/abc/1?start={_NINES}&end={_NINES}", 404),
        (f"/browse?page={_NINES}", 200),
        ("/answer.docx?turn=" + "a" * 60_000, 404),
    ],
)
def test_an_address_that_names_too_much_is_refused_in_words(client: TestClient, path: str, status: int) -> None:
    reply = client.get(path, headers={"accept": "text/html"})
    assert reply.status_code == status and "</html>" in reply.text and len(reply.content) < 200_000


def test_eight_thousand_values_are_refused_before_they_are_read() -> None:
    query = urlencode([("region", f"{i:x}") for i in range(8000)]).encode()
    scope = {"path": "/browse", "query_string": query}
    assert (limits._address_problem(scope) or (0,))[0] == 414
    assert (limits._address_problem({**scope, "query_string": query[:79_000]}) or (0,))[0] == 400
    assert limits._address_problem({**scope, "query_string": b"turn=" + b"a" * 79_000}) is None


def test_values_that_fit_are_served_as_before(client: TestClient) -> None:
    chosen = urlencode([("region", f"region {i}") for i in range(50)])
    reply = client.get(f"/browse?{chosen}")
    assert reply.status_code == 200 and reply.text.count('class="chip"') == 50


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ('{"data": [' + "1," * 400_000 + "1]}", 413, "too many values"),
        ('{"data": ' + "[" * 30_000 + "]" * 30_000 + "}", 413, "too many values"),
        ('{"data": ["' + "问" * 400_000 + '"]}', 413, "too much is sent"),
        ("," * 20_001 + '"' + '\\"' * 400_000, 413, "too many values"),  # a string that nothing closes
        ('{"data": ["\\ud83d"]}', 400, "half a character"),
        ('{"data": ["a\\udc00b"]}', 400, "half a character"),
        ('{"data": [["x", {"\\ud800": 1}]]}', 400, "half a character"),
    ],
)
def test_a_call_that_holds_too_much_is_refused_before_it_is_read(client: TestClient, body: str, status: int, said: str) -> None:
    headers = {"content-type": "application/json", "accept-language": "en", "cookie": "language=en"}
    reply = client.post("/gradio_api/call/ask", content=body.encode(), headers=headers)
    assert (reply.status_code, said in reply.json()["detail"]) == (status, True)


def test_what_stands_inside_of_strings_is_no_value_and_whole_characters_are_text(client: TestClient) -> None:
    texts = [",[{" * 10_000, "\\ud83d", '"\\' * 500, "😀"]
    assert limits._body_problem(json.dumps({"data": texts}).encode()) is None


def test_a_body_is_handed_on_as_it_came_whatever_its_pieces() -> None:
    pieces = [b'{"data"', b":", b"[1]}"]
    coming = iter([{"type": "http.request", "body": piece, "more_body": piece != pieces[-1]} for piece in pieces])
    got: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        got.append((await receive())["body"])

    async def receive() -> Any:
        return next(coming)

    scope = {"type": "http", "method": "POST", "path": "/mcp", "query_string": b"", "headers": []}
    run(limits.LimitsMiddleware(app)(scope, receive, receive))
    assert got == [b"".join(pieces)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"regions": ["区" * 300_000]}, "has 300000 characters"),
        ({"regions": ["望澜市"] * 51}, "51 are given"),
        ({"years": [2020] * 51}, "51 are given"),
        ({"series": ["a"] * 51}, "51 are given"),
        ({"years": [10**30]}, "four digits"),
        ({"years": [-1]}, "four digits"),
        ({"series": ["刊" * 101]}, "at most 100"),
        ({"regions": ["\ud800"]}, "half a character"),
        ({"history": ["\ud800"]}, "half a character"),
    ],
)
def test_filters_of_a_call_are_limited(samples: Library, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(QuestionError, match=said) as error:
        LibraryAPI(LibraryState(samples)).ask("志愿积分", **arguments)
    assert len(str(error.value)) < 200
    str(error.value).encode("utf-8")


def test_the_names_of_a_path_are_read_in_time_by_its_length(samples: Library) -> None:
    gazetteer = Gazetteer.load()
    assert gazetteer.candidates("北京市" * 20_000) == () and gazetteer.candidates("x" * 10**6) == ()
    longest = max((region.path for region in gazetteer.regions), key=len)
    assert [region.path for region in gazetteer.candidates(longest)] == [longest]
    with pytest.raises(QuestionError):
        find_region("北京市" * 100_000, samples.catalog)


def test_a_long_chain_of_follow_ups_is_read_no_further_than_the_questions_that_count(samples: Library) -> None:
    history = ["志愿积分怎么做", *["还有吗"] * (TURNS - 1)]
    far = pipeline.answer_question(samples, "还有吗", history=["骑手驿站怎么建", *["还有吗"] * 3000, *history])
    near = pipeline.answer_question(samples, "还有吗", history=history)
    assert [quote.text for quote in far.quotes] == [quote.text for quote in near.quotes] and far.question == near.question


def test_what_a_browser_has_stored_is_limited_one_by_one() -> None:
    good = Turn("志愿积分怎么做")
    bad = [{"question": "问" * 2001}, {"question": "a", "history": ["b"] * 7}, {"question": "a", "years": [1] * 51}, 5, None]
    assert ChatSession.restored([*bad, *ChatSession((good,)).stored["turns"]]).turns == (good,)
    assert ChatSession.restored({"question": "a"}).turns == ()  # type: ignore[arg-type]
