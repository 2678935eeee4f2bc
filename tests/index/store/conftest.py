"""A folder of two bulletins and a data folder beside it; parts of a library that are quick, and the same in every run."""

from pathlib import Path

import pytest

from index.store import builder, generations
from index.store import library as storage
from tests.index.small import RIDERS_AND_POINTS, SWIMMING, SmallTokenizer


@pytest.fixture
def small_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text is cut into characters."""
    for module in (storage, builder):
        monkeypatch.setattr(module, "load_tokenizer", SmallTokenizer)


@pytest.fixture
def fixed_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program does not change while the tests run, whoever edits it."""
    for module in (storage, generations):
        monkeypatch.setattr(module, "code_fingerprint", lambda: "code")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "简报"
    (folder / "旧").mkdir(parents=True)
    (folder / "甲.txt").write_text(RIDERS_AND_POINTS, encoding="utf-8")
    (folder / "旧" / "乙.md").write_text(SWIMMING, encoding="utf-8")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "数据"
