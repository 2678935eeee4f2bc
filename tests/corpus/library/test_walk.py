"""What systems and programs leave in a folder is passed over and counted; everything else is listed."""

import os
from pathlib import Path

import pytest

from corpus.library.walk import count_passed_over, walk, why_passed_over
from corpus.messages.language import use_language
from corpus.messages.message import render

LEFT_BEHIND = {
    "recycle_bin": ["$RECYCLE.BIN", "RECYCLER", "#recycle", "@Recycle", ".Trash-1000", ".Trashes"],
    "thumbnail": ["Thumbs.db", "@eaDir", ".DS_Store", "._第1期.docx"],
    "lock": ["~$第1期.docx", ".~lock.第1期.docx#", ".~第1期.docx"],
    "temporary": ["~WRL0001.tmp", "第1期.wbk", "第1期.pdf.crdownload", "简报.part"],
    "system": ["System Volume Information", "desktop.ini", "#snapshot", "第1期.lnk", "__MACOSX"],
    "hidden": [".git", ".第1期.txt"],
}
DOCUMENTS = ["第1期.txt", "#1期.txt", "@锦渚.docx", "~第1期.txt", "$1期.pdf", "回收站管理办法.txt", "Trash.txt", "tmp.txt"]


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in LEFT_BEHIND.items() for name in names])
def test_what_is_left_behind_is_known_by_its_name_in_either_case(kind: str, name: str) -> None:
    assert why_passed_over(name) == why_passed_over(name.upper()) == why_passed_over(name.lower()) == kind


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_with_names_like_these_are_kept(name: str) -> None:
    assert why_passed_over(name) is None


def test_every_entry_is_listed_or_counted_once(tmp_path: Path) -> None:
    for names in LEFT_BEHIND.values():
        for name in names:
            folder = tmp_path / "2023" / name
            folder.mkdir(parents=True)
            (folder / "第9期.txt").write_text("在里面", encoding="utf-8")
    for name in DOCUMENTS:
        (tmp_path / name).write_text("简报", encoding="utf-8")
    found = list(walk(tmp_path))
    assert sorted(Path(path).name for path, reason in found if reason is None) == sorted(DOCUMENTS)
    assert len(found) == len(DOCUMENTS) + sum(map(len, LEFT_BEHIND.values()))
    message = count_passed_over(tmp_path)
    assert message is not None
    with use_language("zh"):
        text = render(message)
    assert text == "另外跳过了：回收站 6 项、缩略图 4 项、锁定文件 3 项、临时文件 4 项、系统文件 5 项、隐藏文件 2 项"


def test_nothing_is_said_where_nothing_was_passed_over(tmp_path: Path) -> None:
    (tmp_path / "第1期.txt").write_text("简报", encoding="utf-8")
    assert count_passed_over(tmp_path) is None


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_to_itself_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "圈.txt").symlink_to("圈.txt")
    assert [(Path(path).name, reason) for path, reason in walk(tmp_path)] == [("圈.txt", None)]
