"""Libraries that several tests ask."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.library import files as corpus_library
from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.store import library as storage
from index.store.library import Library
from index.store.paths import LibraryPaths
from tests.qa.documents import write_documents

# Modules that assert on behalf of tests: their failures show values too.
pytest.register_assert_rewrite("tests.corpus.parsing.laws", "tests.qa.export.markdown_blocks")

# Tests that run beside others keep to a core each, with the programs that they start: networks whose threads wait for each
# other on the same cores take three times as long.
if (_worker := os.environ.get("PYTEST_XDIST_WORKER")) and sys.platform == "linux":
    _cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {_cores[int(_worker.removeprefix("gw")) % len(_cores)]})

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


def indexed(folder: Path, data: Path, beside: Path | None) -> Library:
    """A library in its data folder. What runs beside these tests has indexed it, or finds there what is indexed now."""
    if beside is not None:
        built = storage.open_library(folder, data=beside, encoder=load_encoder(), contextual=load_contextual_encoder())
        shutil.copytree(built.context.paths.root, LibraryPaths(folder, data).root)
    return storage.open_library(folder, data=data, encoder=load_encoder(), contextual=load_contextual_encoder())


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """A data folder for all processes that run tests at once; None where one runs them all."""
    return tmp_path_factory.getbasetemp().parent / "indexed" if _worker else None


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, beside: Path | None) -> Path:
    """A data folder for the whole run, so that each library is indexed once; the samples are."""
    folder = tmp_path_factory.mktemp("data")
    indexed(corpus_library.SAMPLES, folder, beside)
    return folder


@pytest.fixture(scope="session")
def samples(data: Path) -> Library:
    """The sample library, indexed."""
    return storage.open_library(corpus_library.SAMPLES, data=data, encoder=load_encoder(), contextual=load_contextual_encoder())


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Library:
    """A library of a bulletin, a notice, a report, minutes and a page of a site, indexed."""
    return storage.open_library(
        write_documents(tmp_path_factory.mktemp("mixed")), data=data, encoder=load_encoder(), contextual=load_contextual_encoder()
    )


@pytest.fixture(scope="session")
def real_folder() -> Path:
    """The four real bulletins, which are internal publications and stay outside the project."""
    folder = SHARED / "bulletins"
    if not folder.is_dir():
        pytest.skip("the real bulletins (../shared/bulletins) are not here")
    return folder


@pytest.fixture(scope="session")
def real(real_folder: Path, data: Path, beside: Path | None) -> Library:
    """The real bulletins, indexed."""
    return indexed(real_folder, data, beside)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages in English, whatever the machine speaks."""
    monkeypatch.setenv("JINGYAN_LANG", "en")


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """The path of an installed Chromium or Chrome: the one that CHROMIUM names, or the first that is found."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        assert not os.environ.get("CI"), "CI must have a browser: the page's tests may not be skipped there"
        pytest.skip("no Chromium or Chrome is installed")
    yield found
