"""A running page takes in what changes in its folder, once it has settled, and says so; what goes wrong leaves it as it was."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from corpus.library.edits import Correction
from corpus.library.files import FileReport
from index.store.builder import Progress
from index.store.changes import FolderChanges
from index.store.edits import apply_edits
from index.store.library import Library, open_index
from qa.web import state as state_module
from qa.web.app import application
from qa.web.state import LibraryState
from qa.web.watching import FolderWatcher
from tests.index.small import RIDERS_AND_POINTS, STORIES, SWIMMING, small_context


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "简报"
    folder.mkdir()
    return folder


@pytest.fixture
def state(folder: Path, tmp_path: Path) -> LibraryState:
    return LibraryState(open_index(small_context(folder, tmp_path / "数据"), may_be_empty=True))


@pytest.fixture
def watcher(state: LibraryState) -> FolderWatcher:
    return FolderWatcher(state)


def documents(state: LibraryState) -> list[str]:
    return [bulletin.source.document for bulletin in state.library.bulletins]


def client_text(state: LibraryState) -> str:
    """What the page tells of the last renewal."""
    client = TestClient(application(state), base_url="http://127.0.0.1")
    return str(client.get("/news", headers={"accept-language": "zh"}).json()["text"])


def settle(watcher: FolderWatcher) -> None:
    """Look twice: at a change, and again, whether it has settled."""
    assert not watcher.look()
    assert watcher.look()


def test_an_empty_folder_is_a_library_that_fills(folder: Path, state: LibraryState, watcher: FolderWatcher) -> None:
    assert (documents(state), watcher.look(), watcher.look()) == ([], False, False)
    (folder / "甲.txt").write_text(RIDERS_AND_POINTS, encoding="utf-8")
    settle(watcher)
    assert documents(state) == ["甲.txt"]
    (folder / "甲.txt").unlink()
    settle(watcher)
    assert documents(state) == []


@pytest.mark.parametrize(
    ("change", "expected", "left"),
    [
        (
            lambda folder: (folder / "丙.txt").write_text(STORIES, encoding="utf-8"),
            FolderChanges(added=1),
            ["丙.txt", "乙.txt", "甲.txt"],
        ),
        (
            lambda folder: (folder / "乙.txt").write_text(STORIES, encoding="utf-8"),
            FolderChanges(changed=1),
            ["乙.txt", "甲.txt"],
        ),
        (lambda folder: (folder / "乙.txt").rename(folder / "丁.txt"), FolderChanges(moved=1), ["丁.txt", "甲.txt"]),
        (lambda folder: (folder / "乙.txt").unlink(), FolderChanges(removed=1), ["甲.txt"]),
    ],
)
def test_every_kind_of_change_is_taken_in_and_counted(
    folder: Path, tmp_path: Path, change: Callable[[Path], object], expected: FolderChanges, left: list[str]
) -> None:
    (folder / "甲.txt").write_text(RIDERS_AND_POINTS, encoding="utf-8")
    (folder / "乙.txt").write_text(SWIMMING, encoding="utf-8")
    state = LibraryState(open_index(small_context(folder, tmp_path / "数据")))
    watcher = FolderWatcher(state)
    assert not watcher.look()
    change(folder)
    settle(watcher)
    assert (state.news.number, state.news.changes, documents(state)) == (1, expected, left)
    assert (watcher.look(), watcher.look()) == (False, False)


def test_a_file_that_is_still_growing_is_waited_for(folder: Path, state: LibraryState, watcher: FolderWatcher) -> None:
    for share in (0.4, 0.6, 0.8, 1):
        (folder / "甲.txt").write_text(RIDERS_AND_POINTS[: int(len(RIDERS_AND_POINTS) * share)], encoding="utf-8")
        assert not watcher.look()
    assert watcher.look()
    assert documents(state) == ["甲.txt"]


def test_a_moved_file_keeps_its_correction(folder: Path, tmp_path: Path) -> None:
    (folder / "甲.txt").write_text(RIDERS_AND_POINTS, encoding="utf-8")
    context = small_context(folder, tmp_path / "数据")
    sha256 = open_index(context).bulletins[0].source.sha256
    state = LibraryState(apply_edits(context, lambda edits: edits.correct(sha256, Correction(issue="9"))))
    watcher = FolderWatcher(state)
    (folder / "往年").mkdir()
    (folder / "甲.txt").rename(folder / "往年" / "第9期.txt")
    settle(watcher)
    assert [(bulletin.source.document, bulletin.masthead.issue) for bulletin in state.library.bulletins] == [
        ("往年/第9期.txt", "9")
    ]


def test_what_cannot_be_read_leaves_what_was_served_and_is_told_and_tried_again_after_a_growing_pause(
    folder: Path, state: LibraryState
) -> None:
    now = 0.0
    watcher = FolderWatcher(state, clock=lambda: now)
    (folder / "甲.txt").write_text(RIDERS_AND_POINTS, encoding="utf-8")
    settle(watcher)
    (folder / "regions.csv").write_text("不是表", encoding="utf-8")
    settle(watcher)
    assert state.news.error is not None and documents(state) == ["甲.txt"]
    client = TestClient(application(state), base_url="http://127.0.0.1")
    tried = []
    for now in range(30, 500, 30):
        tried += [now] * watcher.look()
        said = client.get("/news", headers={"accept-language": "en"}).json()
        assert said["failing"] and "what was read before stays" in said["text"]
        assert "what was read before stays" in client.get("/add", headers={"accept-language": "en"}).text
    assert tried == [60, 180, 420]
    (folder / "regions.csv").unlink()
    (folder / "乙.txt").write_text(SWIMMING, encoding="utf-8")
    settle(watcher)
    assert documents(state) == ["乙.txt", "甲.txt"]
    assert client_text(state) == "已更新：新增 1 份"
    assert state.renewal_error is None


def test_documents_of_a_folder_that_has_become_empty_are_kept_until_the_page_is_told_otherwise(
    folder: Path, state: LibraryState, watcher: FolderWatcher
) -> None:
    for name, text in (("甲.txt", RIDERS_AND_POINTS), ("乙.txt", SWIMMING)):
        (folder / name).write_text(text, encoding="utf-8")
    settle(watcher)
    for path in list(folder.iterdir()):
        path.unlink()
    settle(watcher)
    assert (watcher.look(), watcher.look(), documents(state)) == (False, False, ["乙.txt", "甲.txt"])
    assert state.news.changes == FolderChanges(away=2)
    client = TestClient(application(state), base_url="http://127.0.0.1", headers={"accept-language": "zh"})
    page = client.get("/add").text
    assert f"{folder}：文件夹空了，里面原有的文件先照旧保留" in page and f"要移除“{folder}”吗" in page
    client.post("/add/change", data={"document": ".", "what": "remove"})
    while state.job is not None and state.job.running:
        time.sleep(0.01)
    assert (documents(state), watcher.look(), watcher.look()) == ([], False, False)


def test_a_folder_that_is_away_is_waited_for(folder: Path, state: LibraryState, watcher: FolderWatcher) -> None:
    folder.rename(folder.with_name("别处"))
    assert (watcher.look(), watcher.look()) == (False, False)
    assert state.news.number == 0
    assert "没能更新" in client_text(state)
    folder.with_name("别处").rename(folder)
    assert not watcher.look() and client_text(state) == ""


def test_the_page_tells_what_was_renewed(folder: Path, state: LibraryState, watcher: FolderWatcher) -> None:
    client = TestClient(application(state), base_url="http://127.0.0.1")
    assert client.get("/news").json() == {"number": 0, "text": "", "failing": False}
    for name, text in (("甲.txt", RIDERS_AND_POINTS), ("乙.txt", SWIMMING)):
        (folder / name).write_text(text, encoding="utf-8")
    settle(watcher)
    assert client.get("/news").json()["number"] == 1
    assert client_text(state) == "已更新：新增 2 份"


def test_an_empty_library_says_how_to_add(folder: Path, state: LibraryState) -> None:
    client = TestClient(application(state), base_url="http://127.0.0.1")
    page = client.get("/add", headers={"accept-language": "en"}).text
    assert "This library holds no file that can be read yet" in page and str(folder) in page


def test_how_a_job_ended_is_told_to_every_browser_though_another_has_followed(
    state: LibraryState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Progress) -> tuple[Library, tuple[()]]:
        raise OSError("the disk is full")

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    client = TestClient(application(state), base_url="http://127.0.0.1")
    for build in (fail, lambda _: (state.library, (FileReport("新.txt", "read"),))):
        while not state.renew(build):
            time.sleep(0.01)
        while state.job is not None and state.job.running:
            time.sleep(0.01)

    def told(path: str) -> tuple[bool, bool]:
        text = client.get(path, headers={"accept-language": "en"}).text
        return "the disk is full" in text, "新.txt: " in text

    assert told("/settings") == told("/add") == (True, True), "in every window at first"
    monkeypatch.setattr(state_module, "_TOLD_MS", 0)
    assert told("/settings") == told("/add") == (False, False)
    client.cookies.clear()
    assert told("/add") == (True, True), "another browser"
    assert told("/add") == (False, False)
