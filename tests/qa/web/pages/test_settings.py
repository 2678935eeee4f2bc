"""Several libraries are kept and switched between; the sample library takes no files, and says how to have one's own."""

import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from corpus.library.files import SAMPLES
from index.store.library import Library, open_library
from index.store.paths import settings_file
from qa.web.app import application
from qa.web.pages.settings import chosen_library, known_libraries, remember_libraries
from qa.web.state import LibraryState

ENGLISH = {"accept-language": "en"}


@pytest.fixture()
def own_data(tmp_path: Path) -> Path:
    return tmp_path / "数据"


@pytest.fixture()
def state(samples: Library, own_data: Path) -> LibraryState:
    return LibraryState(open_library(SAMPLES, data=own_data, encoder=samples.context.encoder))


@pytest.fixture()
def client(state: LibraryState) -> TestClient:
    return TestClient(application(state), base_url="http://127.0.0.1")


def post(client: TestClient, state: LibraryState, **form: str) -> None:
    """Send the form of the libraries, and wait for its job."""
    client.post("/settings/library", data=form, headers=ENGLISH, follow_redirects=False)
    for _ in range(500):
        if state.job is None or not state.job.running:
            return
        time.sleep(0.02)
    raise AssertionError("the job has not ended")


def test_the_samples_take_no_file_and_lead_to_a_library_of_ones_own(
    client: TestClient, state: LibraryState, own_data: Path
) -> None:
    page = client.get("/add", headers=ENGLISH).text
    assert "takes no files of your own" in page and 'type="file"' not in page
    assert str(client.post("/add", files=[("files", ("甲.txt", b"x"))]).url).endswith("/add")
    post(client, state, what="make")
    assert not state.is_samples and state.library.folder == (own_data / "own").resolve() == chosen_library(own_data)
    assert 'type="file"' in client.get("/add", headers=ENGLISH).text


def test_libraries_are_remembered_opened_again_and_forgotten(
    client: TestClient, state: LibraryState, own_data: Path, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("甲库", "乙库")]
    for folder in folders:
        folder.mkdir()
        post(client, state, folder=str(folder))
    assert state.library.folder == folders[1]
    assert known_libraries(own_data) == (folders[1], folders[0])
    page = client.get("/settings", headers=ENGLISH).text
    assert f"<code>{folders[0]}</code>" in page
    post(client, state, folder=str(folders[0]))
    assert (state.library.folder, chosen_library(own_data)) == (folders[0], folders[0])
    post(client, state, folder=str(folders[1]), what="forget")
    assert (state.library.folder, known_libraries(own_data)) == (folders[0], (folders[0],))
    post(client, state, folder="")
    assert (state.is_samples, chosen_library(own_data)) == (True, None)
    assert known_libraries(own_data) == (folders[0],)


def test_a_folder_that_is_missing_is_not_remembered(
    client: TestClient, state: LibraryState, own_data: Path, tmp_path: Path
) -> None:
    post(client, state, folder=str(tmp_path / "没有"))
    assert "no such folder" in client.get("/settings", headers=ENGLISH).text
    assert known_libraries(own_data) == ()


def test_the_record_of_an_earlier_version_and_a_damaged_one_are_read(own_data: Path, tmp_path: Path) -> None:
    own_data.mkdir()
    settings_file(own_data).write_text('{"library": "/旧库"}', encoding="utf-8")
    assert (chosen_library(own_data), known_libraries(own_data)) == (Path("/旧库"), (Path("/旧库"),))
    remember_libraries(own_data, [Path("/新库")])
    assert (chosen_library(own_data), known_libraries(own_data)) == (Path("/旧库"), (Path("/新库"), Path("/旧库")))
    settings_file(own_data).write_text("{", encoding="utf-8")
    assert (chosen_library(own_data), known_libraries(own_data)) == (None, ())
