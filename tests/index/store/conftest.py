"""A folder of two bulletins, and a data folder beside it."""

from pathlib import Path

import pytest

from tests.index.small import RIDERS_AND_POINTS, SWIMMING


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
