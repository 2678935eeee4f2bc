"""Bytes to text: encodings, and what is refused."""

from pathlib import Path

import pytest

from corpus import readers
from corpus.messages.errors import BulletinParseError, UnreadableFileError
from corpus.parsing.parser import parse_text
from corpus.regions.gazetteer import Gazetteer

TEXT = "青年工作信息\r\n第3期\n団 𠮷 5℃\n"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGYAN_LANG", "en")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    path = tmp_path / "it.txt"
    path.write_bytes(marks.get(encoding, b"") + TEXT.encode(encoding))
    assert readers.read_plain(path) == TEXT


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it.txt: the file is empty"),
        (b" \r\n\t ", "it.txt: the file is empty"),
        ("\u3000\n".encode(), "it.txt: the file is empty"),
        (b"\xff\xfe", "it.txt: the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "it.txt: "),
        ("第一行\n第二\x00行".encode(), "it.txt: line 2: expected text, found control character U\\+0000"),
        (b"\xff\xff\xff\xff", "it.txt: byte 0: expected UTF-8"),
    ],
)
def test_refused(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        readers.decode(data, name="it.txt")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"missing\.txt"):
        readers.read_plain(tmp_path / "missing.txt")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("武侯教育简报\n第2期\n武侯区教育局\n2022年1月5日\n", "it.txt: line 4: expected text, found none"),
        ("武侯教育简报\n第2期\n" + "1\n" * 50_001, "it.txt: line 50000: expected a document"),
        ("武侯教育简报\n第2期\n" + "好" * 300_001, "it.txt: line 3 is too long: 300001 characters"),
        ("", "it.txt: line 1: expected text"),
        ("---\n", "it.txt: line 1: expected text"),
    ],
)
def test_no_bulletin(source: str, message: str) -> None:
    with pytest.raises(BulletinParseError, match=message):
        parse_text(source, gazetteer=Gazetteer.load(), document="it.txt")
