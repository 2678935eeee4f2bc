"""A folder of bulletins: what is listed, what is read, what is left out and why."""

import hashlib
import os
from pathlib import Path

import pytest

from corpus import library
from corpus.errors import LibraryError, RegionTableError
from corpus.regions import Region

BULLETIN = """\
云巅教育简报
第{issue}期
云巅县教育局
2023年3月{issue}日

云巅县办起流动图书车

云巅县把三辆旧客车改成图书车，每周两次开进山村，今年借出图书九千册。
"""
REGIONS = "province,city,county,until,successors\n虚构省,,,,\n虚构省,云上市,,,\n虚构省,云上市,云巅县,,\n"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGYAN_LANG", "en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "2023").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.txt").write_text(BULLETIN.format(issue=1), encoding="utf-8")
    (tmp_path / "2023" / "b.md").write_text(BULLETIN.format(issue=2), encoding="gb18030")
    (tmp_path / "copy.txt").write_text(BULLETIN.format(issue=1), encoding="utf-8")
    (tmp_path / "recipe.txt").write_text("红烧肉的做法\n\n五花肉一斤切块。\n", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02")
    (tmp_path / "notes.docx").write_bytes(b"PK")
    (tmp_path / ".hidden.txt").write_text("x", encoding="utf-8")
    (tmp_path / "~$a.txt").write_text("x", encoding="utf-8")
    (tmp_path / ".git" / "c.txt").write_text("x", encoding="utf-8")
    return tmp_path


def test_scan_lists_bulletins_only(folder: Path) -> None:
    files = library.scan(folder)
    assert [file.document for file in files] == ["2023/b.md", "a.txt", "binary.txt", "copy.txt", "recipe.txt"]
    assert files[1].sha256 == hashlib.sha256(BULLETIN.format(issue=1).encode()).hexdigest()
    assert files[1].size == len(BULLETIN.format(issue=1).encode())


def test_scan_reads_again_only_what_changed(folder: Path) -> None:
    files = library.scan(folder)
    path = folder / "a.txt"
    path.write_text(BULLETIN.format(issue=9), encoding="utf-8")
    assert path.stat().st_size == files[1].size  # only the time tells
    os.utime(path, ns=(files[1].modified, files[1].modified))
    assert library.scan(folder, known=files) == files  # size and time are the same: the old hash is believed
    os.utime(path, ns=(0, files[1].modified + 1_000_000_000))
    changed = library.scan(folder, known=files)
    assert [new.document for old, new in zip(files, changed, strict=True) if old != new] == ["a.txt"]
    assert changed[1].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_load(folder: Path) -> None:
    steps: list[tuple[int, int]] = []
    bulletins, problems = library.load(folder, library.scan(folder), progress=lambda done, total: steps.append((done, total)))
    assert [(bulletin.document, bulletin.issue) for bulletin in bulletins] == [("2023/b.md", "2"), ("a.txt", "1")]
    assert {problem.source.document: problem.message for problem in problems} == {
        "binary.txt": "binary.txt: line 1: expected text, found control character U+0000 (a binary file?)",
        "copy.txt": "copy.txt: identical to a.txt, left out",
        "recipe.txt": "recipe.txt: line 1: expected a masthead (series, issue number, date), found “红烧肉的做法”",
    }
    assert steps == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_a_file_that_vanished_is_a_problem(folder: Path) -> None:
    files = library.scan(folder)
    (folder / "a.txt").unlink()
    bulletins, problems = library.load(folder, files)
    assert [bulletin.document for bulletin in bulletins] == ["2023/b.md", "copy.txt"]
    assert "a.txt" in [problem.source.document for problem in problems]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(folder: Path) -> None:
    (folder / "a.txt").chmod(0)
    files = {file.document: file for file in library.scan(folder)}
    assert files["a.txt"].sha256 == ""
    _, problems = library.load(folder, library.scan(folder))
    assert any(problem.source.document == "a.txt" and "a.txt" in problem.message for problem in problems)


def test_regions_of_the_library(folder: Path) -> None:
    before, _ = library.load(folder, library.scan(folder))
    assert before[0].articles[0].region is None
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")
    files = library.scan(folder)
    assert "regions.csv" in [file.document for file in files]  # a changed table makes a changed library
    after, problems = library.load(folder, files)
    assert after[0].articles[0].region == Region("虚构省", "云上市", "云巅县")
    assert "regions.csv" not in [problem.source.document for problem in problems]


def test_malformed_region_table(folder: Path) -> None:
    (folder / "regions.csv").write_text(REGIONS + "虚构省,云上市\n", encoding="utf-8")
    with pytest.raises(RegionTableError, match="line 5: expected 5 fields, found 2"):
        library.load(folder, library.scan(folder))


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no such folder"):
        library.scan(tmp_path / "missing")
    (tmp_path / "file.txt").write_text("x", encoding="utf-8")
    with pytest.raises(LibraryError, match="no such folder"):
        library.scan(tmp_path / "file.txt")


def test_nothing_is_written(folder: Path) -> None:
    def state() -> dict[str, tuple[int, int, bytes]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in sorted(folder.rglob("*"))
        }

    before = state()
    library.load(folder, library.scan(folder))
    assert state() == before
