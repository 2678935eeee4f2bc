"""What is asked for while the library is being renewed is done or refused in words, and never lost."""

import errno
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from starlette.testclient import TestClient

from corpus.document import Span
from corpus.library.files import SAMPLES
from index.catalog import Catalog
from index.store.builder import Progress
from index.store.library import Library, open_library
from qa.web.addresses import address
from qa.web.app import application
from qa.web.state import LibraryState

_ENGLISH = {"accept-language": "en", "cookie": "language=en"}
_CHINESE = {"accept-language": "zh-CN", "cookie": "language=zh"}
_NAME = "yunqi-2020-23.txt"


@pytest.fixture()
def state(tmp_path: Path, samples: Library) -> LibraryState:
    folder = tmp_path / "简报"
    folder.mkdir()
    for name in (_NAME, "regions.csv"):
        (folder / name).write_bytes((SAMPLES / name).read_bytes())
    return LibraryState(open_library(folder, data=tmp_path / "数据", encoder=samples.context.encoder))


@pytest.fixture()
def client(state: LibraryState) -> TestClient:
    return TestClient(application(state), base_url="http://127.0.0.1", follow_redirects=False)


@pytest.fixture()
def working(state: LibraryState) -> Iterator[None]:
    """A job is under way."""
    go_on = threading.Event()

    def build(_: Progress) -> tuple[Library, tuple[()]]:
        assert go_on.wait(60)
        return state.library, ()

    assert state.renew(build)
    yield
    go_on.set()
    settle(state)


def settle(state: LibraryState) -> None:
    end = time.monotonic() + 60
    while state.job is not None and state.job.running:
        assert time.monotonic() < end
        time.sleep(0.01)


def upload(client: TestClient) -> str:
    """Upload a file. Returns: the address of its review."""
    text = (SAMPLES / "lanchuan-2019-06.txt").read_bytes()
    reply = client.post("/add", files=[("files", ("新.txt", text))], headers=_ENGLISH)
    assert reply.status_code == 303
    return str(reply.headers["location"])


@pytest.mark.parametrize(("headers", "said"), [(_ENGLISH, "Not done:"), (_CHINESE, "这次没有做：")])
def test_every_action_during_work_is_refused_in_words(
    client: TestClient, state: LibraryState, working: None, headers: dict[str, str], said: str
) -> None:
    review = upload(client)
    document = f"/add/document/{Catalog.key_of(state.library.bulletins[0])}"
    corrections = client.get("/corrections.json").content
    actions = [
        (review, {"keep-0": "1", "0-issue": "77"}),
        ("/add/change", {"what": "disable", "document": _NAME}),
        ("/add/change", {"what": "rescan"}),
        ("/settings/library", {"folder": ""}),
        ("/settings/library", {"what": "make"}),
        (document, {"0-issue": "77"}),
    ]
    replies = [client.post(address, data=form, headers=headers) for address, form in actions]
    replies.append(client.post("/add/corrections", files=[("corrections", ("a.json", corrections))], headers=headers))
    assert [(reply.status_code, said in reply.text) for reply in replies] == [(409, True)] * len(replies)
    assert 'value="77"' in client.get(f"{review}/0", headers=headers).text  # what was entered is still there
    assert "data-job" not in "".join(reply.text for reply in replies)  # the page is not sent again by itself


def test_what_was_refused_can_be_done_once_the_work_has_ended(client: TestClient, state: LibraryState) -> None:
    review = upload(client)
    assert client.post(review, data={"keep-0": "1"}, headers=_ENGLISH).status_code == 303
    settle(state)
    assert [report.document for report in state.library.manifest.reports if "新" in report.document]
    again = client.post(review, data={"keep-0": "1"}, headers=_ENGLISH)
    assert again.status_code == 409 and "have been kept already" in again.text


def test_an_action_that_names_nothing_says_so(client: TestClient) -> None:
    replies = [
        client.post("/add/change", data={"what": "disable", "document": "无.txt"}, headers=_ENGLISH),
        client.post("/add/change", data={"what": "burn", "document": _NAME}, headers=_ENGLISH),
        client.post("/add/review/0123", data={"keep-0": "1"}, headers=_ENGLISH),
        client.post("/add", files=[("files", ("", b""))], headers=_ENGLISH),
        client.post("/settings/library", data={"folder": "a" * 5000}, headers=_ENGLISH),
    ]
    assert [reply.status_code for reply in replies] == [404, 400, 409, 400, 400]
    assert all('role="alert"' in reply.text for reply in replies)


def test_a_change_meant_for_one_folder_is_not_made_to_the_next(state: LibraryState, samples: Library) -> None:
    opened = state.library
    assert state.renew(lambda _: (samples, ()))
    settle(state)
    assert not state.renew(lambda _: (opened, ()), of=opened)
    assert state.library is samples


def hidden_field(page: str) -> str:
    found = re.search(r'<input type="hidden" name="of" value="(\w+)">', page)
    assert found
    return found[1]


def test_a_form_shown_before_another_folder_was_opened_changes_nothing_in_that(
    client: TestClient, state: LibraryState, tmp_path: Path
) -> None:
    """Both folders hold the same document: only the form can tell which one is meant."""
    document = f"/add/document/{Catalog.key_of(state.library.bulletins[0])}"
    bulletin = state.library.bulletins[0]
    span = state.library.catalog.passages_of(bulletin.articles[0])[0].span
    saved = {"address": address(bulletin, 1, Span(span.start, span.start + 20))}
    assert client.post("/saved", json=saved).status_code == 204
    marks = {hidden_field(client.get(page).text) for page in ("/add", document, "/saved")}
    assert len(marks) == 1
    of, review, corrections = marks.pop(), upload(client), client.get("/corrections.json").content
    second = tmp_path / "another"
    shutil.copytree(state.library.folder, second)
    other = open_library(second, data=state.library.data, encoder=state.library.context.encoder)
    first = state.library
    assert state.renew(lambda _: (other, ()))
    settle(state)
    assert client.post("/saved", json=saved).status_code == 204
    file = ("a.json", corrections)
    replies = [
        client.post("/add/change", data={"of": of, "what": "disable", "document": _NAME}, headers=_ENGLISH),
        client.post(document, data={"of": of, "0-issue": "77"}, headers=_ENGLISH),
        client.post("/add", data={"of": of}, files=[("files", ("b.txt", b"text"))], headers=_ENGLISH),
        client.post("/add/corrections", data={"of": of}, files=[("corrections", file)], headers=_ENGLISH),
        client.post("/saved/change", data={"of": of, "change": "clear"}, headers=_ENGLISH),
        client.post(review, data={"keep-0": "1"}, headers=_ENGLISH),
        client.get(review, headers=_ENGLISH),
    ]
    told = [(reply.status_code, "Not done: that page was of another folder" in reply.text) for reply in replies]
    assert told == [(409, True)] * len(replies)
    assert state.library is other and 'class="quote"' in client.get("/saved").text
    assert state.renew(lambda _: (first, ()))  # what was sent waits for its own folder
    settle(state)
    assert client.post(review, data={"keep-0": "1"}, headers=_ENGLISH).status_code == 303
    settle(state)


def test_every_form_that_changes_a_library_says_which(client: TestClient, state: LibraryState) -> None:
    pages = [client.get("/add").text, client.get(f"/add/document/{Catalog.key_of(state.library.bulletins[0])}").text]
    forms = re.findall(r'<form[^>]*action="(/(?:add|saved)[^"]*)"[^>]*>(.*?)</form>', "".join(pages), re.DOTALL)
    assert len(forms) >= 5
    assert [action for action, inner in forms if 'name="of"' not in inner] == []


def test_many_reviewed_files_are_kept_whatever_the_number_of_fields(client: TestClient, state: LibraryState) -> None:
    review = upload(client)
    form = {"keep-0": "1", **{f"0-x{i}": "" for i in range(3000)}}
    assert client.post(review, data=form, headers=_ENGLISH).status_code == 303
    settle(state)


@pytest.mark.parametrize("path", ["call/nosuch", "call/v2/nosuch", "call/v2/ask", "queue/join"])
def test_a_call_that_does_not_fit_is_told_so(client: TestClient, path: str) -> None:
    body = {"data": ["a"], "fn_index": 999, "session_hash": "x"}
    reply = client.post(f"/gradio_api/{path}", json=body, headers=_ENGLISH)
    assert (reply.status_code, reply.json()["detail"]) == (400, "no such endpoint, or the wrong arguments for it")


def test_a_call_with_too_few_values_is_told_so(state: LibraryState, capfd: pytest.CaptureFixture[str]) -> None:
    with TestClient(application(state), base_url="http://127.0.0.1") as client:
        for name in ("ask", "search", "article"):
            event = client.post(f"/gradio_api/call/{name}", json={"data": []}, headers=_ENGLISH).json()["event_id"]
            told = client.get(f"/gradio_api/call/{name}/{event}", headers=_ENGLISH).text
            assert "too few values" in told and "object at" not in told
    assert "Traceback" not in capfd.readouterr().err


def test_a_disk_that_cannot_be_written_is_told_in_words(
    client: TestClient, state: LibraryState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def acquire(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(FileLock, "acquire", acquire)
    bulletin = state.library.bulletins[0]
    span = state.library.catalog.passages_of(bulletin.articles[0])[0].span
    saved = {"address": address(bulletin, 1, Span(span.start, span.start + 20))}
    monkeypatch.setattr(Path, "open", acquire)
    replies = [
        client.get("/saved", headers=_ENGLISH),
        client.post("/saved", json=saved, headers=_ENGLISH),
        client.post("/saved/change", data={"change": "clear"}, headers=_ENGLISH),
        client.get("/saved.docx", headers=_ENGLISH),
        client.post("/feedback", json={"wrong": "answer", "question": "a"}, headers=_ENGLISH),
    ]
    assert [reply.status_code for reply in replies] == [503] * 5
    assert ["cannot be written" in reply.text for reply in replies] == [True] * 4 + [False]
    assert "the disk failed: Read-only file system" in replies[-1].text
