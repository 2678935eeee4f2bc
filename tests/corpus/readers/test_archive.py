"""Zip archives: names, limits, archives in archives."""

import io
import os
from pathlib import Path
from typing import IO

import pytest

from benchmarks.small_files import odt, zipped
from corpus.messages.errors import UnreadableFileError
from corpus.readers import archive
from corpus.readers.archive import Archive


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGYAN_LANG", "en")


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data), name="a.zip")


def in_encoding(name: str, encoding: str) -> bytes:
    """An archive with one file, whose name is in an encoding that the archive does not tell."""
    stand_in = "x" * len(name.encode(encoding))
    return zipped({stand_in: b"content"}).replace(stand_in.encode(), name.encode(encoding))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@pytest.mark.parametrize("name", ["2023/第7期 锦渚.txt", "珐.txt", "誠.txt"])
def test_names_are_read_in_the_encoding_of_the_packer(name: str, encoding: str) -> None:
    with opened(in_encoding(name, encoding)) as it:
        assert it.sizes == {name: 7}
        assert it.read(name) == b"content"


def test_names_lead_nowhere_and_each_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["../../slip.txt", "/slip.txt", "..\\slip.txt", "C:\\slip.txt", "./2023//slip.txt", "a/../b.txt", "z\x07.txt"]
    skipped = ["__MACOSX/._slip.txt", ".DS_Store", "~$slip.docx", "2023/", ".."]
    with opened(zipped({name: name.encode() for name in names + skipped})) as it:
        assert list(it.sizes) == [
            "slip.txt", "slip (2).txt", "slip (3).txt", "slip (4).txt", "2023/slip.txt", "a/b.txt", "z\ufffd.txt"
        ]  # fmt: skip
        assert it.read("slip (3).txt") == b"..\\slip.txt"
        with pytest.raises(UnreadableFileError, match=r"a\.zip/\.\./slip\.txt"):
            it.read("../slip.txt")
    assert os.listdir(tmp_path) == []


def test_archives_in_archives_to_a_depth() -> None:
    deep = zipped({"deep.txt": b"deep"})
    for level in (3, 2, 1):
        deep = zipped({f"{level}.zip": deep, f"{level}.txt": b"beside"})
    with opened(deep) as it:
        # 3.zip lies too deep to be opened.
        assert list(it.sizes) == ["1.zip/2.zip/3.zip", "1.zip/2.zip/3.txt", "1.zip/2.txt", "1.txt"]
        assert it.read("1.zip/2.zip/3.txt") == b"beside"


def opened_names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the archives as they are opened from here on."""
    names: list[str] = []

    class Counted(Archive):
        def __init__(self, file: Path | IO[bytes], *, name: str, nesting: int = 0, room: tuple[int, int] | None = None) -> None:
            names.append(name)
            super().__init__(file, name=name, nesting=nesting, room=room)

    monkeypatch.setattr(archive, "Archive", Counted)
    return names


def test_an_archive_in_an_archive_is_opened_once_and_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped({f"{number}.txt": b"%d" % number for number in range(9)})
    data = zipped({"x.zip": inner, "plain.txt": b"plain", "Y.ZIP": inner})
    names = opened_names(monkeypatch)
    with archive.Archive(io.BytesIO(data), name="a.zip") as it:
        assert it.read("plain.txt") == b"plain"
        assert names == ["a.zip"]
        assert [it.read(f"x.zip/{number}.txt") for number in range(9)] == [b"%d" % number for number in range(9)]
        assert names == ["a.zip", "a.zip/x.zip"]
        assert it.read("Y.ZIP/7.txt") == b"7"
        assert names == ["a.zip", "a.zip/x.zip", "a.zip/Y.ZIP"]
        with pytest.raises(UnreadableFileError, match=r"a\.zip/Y\.ZIP/9\.txt"):
            it.read("Y.ZIP/9.txt")


def test_an_archive_that_cannot_be_listed_file_by_file_stands_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    named_twice = {"x.zip": zipped({"it.txt": b"inside"}), "x.zip/it.txt": b"beside"}
    for files in (named_twice, dict(reversed(named_twice.items()))):
        with opened(zipped(files)) as it:
            assert list(it.sizes) == list(files)
            assert it.read("x.zip/it.txt") == b"beside"
    monkeypatch.setattr(archive, "_MAX_MEMBERS", 3)
    two = zipped({"1.txt": b"", "2.txt": b""})
    with opened(zipped({"x.zip": two, "y.zip": two})) as it:
        assert list(it.sizes) == ["x.zip/1.txt", "x.zip/2.txt", "y.zip"]


def test_archives_in_an_archive_have_the_room_that_it_leaves_them(monkeypatch: pytest.MonkeyPatch) -> None:
    two = {"1.txt": b"", "2.txt": b""}
    monkeypatch.setattr(archive, "_MAX_MEMBERS", 4)
    with opened(zipped({"x.zip": zipped(two), "3.txt": b"", "4.txt": b"", "5.txt": b""})) as it:
        assert list(it.sizes) == ["x.zip", "3.txt", "4.txt", "5.txt"]
    with opened(zipped({"x.zip": zipped({"y.zip": zipped(two), "3.txt": b""}), "4.txt": b"", "5.txt": b""})) as it:
        assert list(it.sizes) == ["x.zip/y.zip", "x.zip/3.txt", "4.txt", "5.txt"]
    monkeypatch.setattr(archive, "_MAX_MEMBERS", 2_000)
    monkeypatch.setattr(archive, "_MAX_TOTAL", 10_000)
    large = zipped({"it.txt": bytes(4_000)})
    with opened(zipped({"x.zip": large, "y.zip": zipped({"z.zip": large}), "z.zip": large})) as it:
        assert list(it.sizes) == ["x.zip/it.txt", "y.zip/z.zip/it.txt", "z.zip"]


def test_bombs_are_told_by_their_ratio_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(zipped({"bomb.txt": bytes(20_000_000), "it.txt": b"content"})) as it:
        with pytest.raises(UnreadableFileError, match=r"a\.zip/bomb\.txt: unpacks to 20 MB"):
            it.read("bomb.txt")
        assert it.read("it.txt") == b"content"
    monkeypatch.setattr(archive, "_MAX_TOTAL", 10_000_000)
    with pytest.raises(UnreadableFileError, match=r"a\.zip: unpacks to 20 MB"):
        opened(zipped({"bomb.txt": bytes(20_000_000)}))
    monkeypatch.setattr(archive, "_MAX_MEMBERS", 3)
    with pytest.raises(UnreadableFileError, match=r"a\.zip: holds too many files"):
        opened(zipped({f"{number}.txt": b"" for number in range(4)}))


def test_an_encrypted_or_damaged_file_is_refused_and_the_rest_read() -> None:
    data = bytearray(zipped({"a.txt": b"secret " * 50, "b.txt": b"content"}))
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    with opened(bytes(data)) as it:
        with pytest.raises(UnreadableFileError, match=r"a\.zip/a\.txt: the file is encrypted"):
            it.read("a.txt")
        assert it.read("b.txt") == b"content"
    data[entry + 8] &= 0xFE
    data[45] ^= 0xFF
    with opened(bytes(data)) as it, pytest.raises(UnreadableFileError, match=r"a\.zip/a\.txt: damaged"):
        it.read("a.txt")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), zipped({"it.txt": b"x"})[:-5]])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFileError, match=r"a\.zip: "):
        opened(data)


def test_a_document_that_is_a_zip_file_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "it.zip"
    for content, expected in ((odt(["锦渚"]), False), (zipped({"it.txt": b"x"}), True), (b"torn", True)):
        path.write_bytes(content)
        assert archive.is_archive(path) == expected
    assert not archive.is_archive(tmp_path / "it.docx")
    with opened(zipped({"inner.zip": odt(["锦渚"])})) as it:
        assert list(it.sizes) == ["inner.zip"]
