"""A folder of bulletins: what is listed, what is read, what is left out and why."""

import dataclasses
import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest

from benchmarks import small_files
from corpus.document import Region
from corpus.library import files as library
from corpus.library.files import FileReport, ParsedFile
from corpus.messages.errors import BulletinParseError, LibraryError, RegionTableError, UnreadableFileError
from corpus.messages.language import use_language
from corpus.messages.message import Message
from corpus.readers.archive import Archive
from tests.executed_lines import count_lines

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
    (tmp_path / "recipe.txt").write_text("----\n", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02")
    (tmp_path / "notes.mp4").write_bytes(b"PK")
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


def read(folder: Path, document: str) -> ParsedFile:
    return library.read_bulletin_file(document, library.FileContext(folder, library.load_gazetteer(folder)))


def refusal(folder: Path, document: str) -> str:
    with pytest.raises((UnreadableFileError, BulletinParseError)) as error:
        read(folder, document)
    return str(error.value)


def test_a_file_is_understood_or_refused(folder: Path) -> None:
    assert [
        (read(folder, document).bulletin.source.document, read(folder, document).bulletin.masthead.issue)
        for document in ("2023/b.md", "a.txt")
    ] == [
        ("2023/b.md", "2"),
        ("a.txt", "1"),
    ]
    assert refusal(folder, "binary.txt") == "binary.txt: line 1: expected text, found control character U+0000 (a binary file?)"
    assert refusal(folder, "recipe.txt") == "recipe.txt: line 1: expected text, found none"


def test_a_file_that_vanished_is_refused(folder: Path) -> None:
    (folder / "a.txt").unlink()
    assert refusal(folder, "a.txt") == "a.txt: No such file or directory"


def test_a_file_that_has_grown_is_what_is_read(folder: Path) -> None:
    """Between the listing and the reading; the hash is that of what was read."""
    listed = library.scan(folder)[1]
    with (folder / "a.txt").open("a", encoding="utf-8") as file:
        file.write("\n云巅县又添两辆图书车，开到了更远的山村，孩子们每周都盼着它来。\n")
    assert listed.document == "a.txt"
    bulletin = read(folder, "a.txt").bulletin
    assert bulletin.source.sha256 == hashlib.sha256((folder / "a.txt").read_bytes()).hexdigest() != listed.sha256


def test_a_file_too_large_is_refused_unread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (folder / "a.txt").open("r+b") as file:
        file.truncate(300 << 20)  # a hole, which takes no room on the disk
    assert {file.document: file.sha256 for file in library.scan(folder)}["a.txt"] == ""
    assert refusal(folder, "a.txt") == "a.txt: 314 MB, expected at most 200 MB"


@pytest.mark.skipif(os.name != "posix", reason="links and devices are POSIX")
def test_links_out_of_the_folder_and_devices_are_not_read(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text(BULLETIN.format(issue=7), encoding="utf-8")
    (folder / "out.txt").symlink_to(outside / "secret.txt")
    (folder / "in.txt").symlink_to(folder / "a.txt")
    (folder / "broken.txt").symlink_to(folder / "nowhere")
    (folder / "round").symlink_to(folder)
    (folder / "elsewhere").symlink_to(outside)
    os.mkfifo(folder / "pipe.txt")
    found = {file.document: file.sha256 for file in library.scan(folder)}
    assert sorted(found) == ["2023/b.md", "a.txt", "binary.txt", "copy.txt", "in.txt", "out.txt", "recipe.txt"]
    assert found["out.txt"] == ""
    assert found["in.txt"] == found["a.txt"]
    assert refusal(folder, "out.txt") == "out.txt: a link that leads out of the folder is not read"
    assert read(folder, "in.txt").bulletin.masthead.issue == "1"


def test_a_report_is_a_line_and_a_line_for_each_message() -> None:
    assert FileReport("a.txt", "read").line() == "a.txt: read"
    empty, no_text = (
        Message.of("corpus.readers.empty", document="a.txt"),
        Message.of("corpus.readers.no_text", document="a.txt"),
    )
    assert FileReport("a.txt", "warnings", (empty, no_text)).line() == (
        "a.txt: read with warnings\n  ! a.txt: the file is empty\n  ! a.txt: no text was found in it"
    )
    assert FileReport("a.txt", "copy", copy_of="b.txt").line() == "a.txt: the same bulletin as b.txt, left out"
    assert FileReport("a.txt", "refused", (empty,)).line() == "a.txt: the file is empty"
    with use_language("zh"):
        assert FileReport("a.txt", "warnings", (no_text,)).line() == "a.txt：已读，有警告\n  ! a.txt：没有读到文字"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(folder: Path) -> None:
    (folder / "a.txt").chmod(0)
    files = {file.document: file for file in library.scan(folder)}
    assert files["a.txt"].sha256 == ""
    assert refusal(folder, "a.txt") == "a.txt: Permission denied"


def test_regions_of_the_library(folder: Path) -> None:
    assert read(folder, "2023/b.md").bulletin.articles[0].region is None
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")
    files = library.scan(folder)
    assert "regions.csv" in [file.document for file in files]  # a changed table makes a changed library
    assert "regions.csv" not in [file.document for file in library.bulletin_files(files)]
    assert read(folder, "2023/b.md").bulletin.articles[0].region == Region("虚构省", "云上市", "云巅县")


def test_malformed_region_table(folder: Path) -> None:
    (folder / "regions.csv").write_text(REGIONS + "虚构省,云上市\n", encoding="utf-8")
    with pytest.raises(RegionTableError, match="line 5: expected 5 fields, found 2"):
        library.load_gazetteer(folder)


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
    for file in library.scan(folder)[:2]:
        read(folder, file.document)
    assert state() == before


def zipped(files: dict[str, bytes], *, encoding: str = "utf-8") -> bytes:
    """A zip archive, the names of whose files are in an encoding that it does not tell."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.encode(encoding).decode("cp437") if not name.isascii() else name, content)
    return data.getvalue().replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00")


def test_the_files_of_an_archive_are_documents(folder: Path) -> None:
    bulletins = {f"{issue}.txt": BULLETIN.format(issue=issue).encode() for issue in (3, 4)}
    (folder / "2022.ZIP").write_bytes(zipped({**bulletins, "video.mp4": b"\x00\x00"}))
    files = [file for file in library.scan(folder) if file.document.startswith("2022.ZIP")]
    assert [file.document for file in files] == ["2022.ZIP/3.txt", "2022.ZIP/4.txt", "2022.ZIP/video.mp4"]
    assert files[0].sha256 == hashlib.sha256(bulletins["3.txt"]).hexdigest()
    assert read(folder, "2022.ZIP/4.txt").bulletin.masthead.issue == "4"
    assert library.path_of("2022.ZIP/4.txt", folder=folder) == folder / "2022.ZIP"
    assert library.scan(folder, known=library.scan(folder)) == library.scan(folder)


def test_an_archive_is_opened_once_for_many_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bulletins = zipped({f"{issue}.txt": BULLETIN.format(issue=issue).encode() for issue in (3, 4)})
    for name in ("2022.zip", "2023.zip"):
        (folder / name).write_bytes(zipped({"in.zip": bulletins}))
    names = [file.document for file in library.scan(folder) if ".zip/" in file.document]
    opened: list[Path | io.BytesIO] = []
    open_archive = Archive.__init__

    def count(
        self: Archive, file: Path | io.BytesIO, *, name: str, nesting: int = 0, room: tuple[int, int] | None = None
    ) -> None:
        opened.append(file)
        open_archive(self, file, name=name, nesting=nesting, room=room)

    monkeypatch.setattr(Archive, "__init__", count)
    with library.OpenArchive() as archives:
        found = [library.read_source(name, folder=folder, opened=archives) for name in names]
    assert len(opened) == 4 and opened[::2] == [folder / "2022.zip", folder / "2023.zip"]
    assert found == [library.read_source(name, folder=folder) for name in names]
    (folder / "2022.zip").unlink()  # nothing keeps it open


def test_an_archive_is_listed_again_where_its_size_or_time_is_another(folder: Path) -> None:
    path = folder / "2022.zip"
    path.write_bytes(zipped({"3.txt": b"3"}))
    files = library.scan(folder)
    time = path.stat().st_mtime_ns
    path.write_bytes(zipped({"3.txt": b"3", "4.txt": b"4"}))
    os.utime(path, ns=(time, time))
    assert "2022.zip/4.txt" in [file.document for file in library.scan(folder, known=files)]
    os.utime(path, ns=(time, time + 1_000_000_000))
    assert library.scan(folder, known=library.scan(folder)) == library.scan(folder)


def test_only_the_files_of_an_archive_without_a_hash_are_read_again(folder: Path) -> None:
    (folder / "2022.zip").write_bytes(zipped({"3.txt": b"3", "in.zip": zipped({"4.txt": b"4"})}))
    files = library.scan(folder)
    kept = {"2022.zip/3.txt": "kept", "2022.zip/in.zip/4.txt": ""}
    known = [dataclasses.replace(file, sha256=kept.get(file.document, file.sha256)) for file in files]
    found = {file.document: file.sha256 for file in library.scan(folder, known=known)}
    assert found["2022.zip/3.txt"] == "kept"
    assert found["2022.zip/in.zip/4.txt"] == hashlib.sha256(b"4").hexdigest()


def test_the_known_files_are_looked_through_once_for_all_archives(folder: Path) -> None:
    for number in range(20):
        (folder / f"{number}.zip").write_bytes(zipped({f"{issue}.txt": b"x" for issue in range(20)}))
    known = library.scan(folder)
    others = [dataclasses.replace(file, document=f"gone/{file.document}") for file in known]
    few, many = (count_lines(lambda known=known: library.scan(folder, known=known)) for known in (known, [*known, *others]))
    assert many - few < 18 * len(others)


def test_an_archive_that_cannot_be_opened_is_listed_itself(folder: Path) -> None:
    whole = zipped({"3.txt": BULLETIN.format(issue=3).encode()})
    (folder / "torn.zip").write_bytes(whole[:-30])
    assert "torn.zip" in [file.document for file in library.scan(folder)]
    assert refusal(folder, "torn.zip").startswith("torn.zip: ")


def test_what_is_in_no_format_is_skipped_with_what_to_do(folder: Path) -> None:
    (folder / "通知.ceb").write_bytes(b"Founder CEB\x00")
    (folder / "all.rar").write_bytes(b"Rar!\x1a\x07\x00")
    (folder / "no suffix").write_text(BULLETIN.format(issue=5), encoding="utf-8")
    (folder / "简报2023.第6期").write_text(BULLETIN.format(issue=6), encoding="utf-8")
    (folder / "print.dat").write_bytes(b"%PDF-1.7")
    (folder / "word.xml").write_bytes(small_files.word_2003(["云巅教育简报"]))
    (folder / "data.xml").write_bytes(b"<?xml version='1.0'?><data/>")
    reports = {report.document: report for report in library.skipped_files(folder)}
    assert {name: report.messages[0].code.rpartition(".")[2] for name, report in reports.items()} == {
        "all.rar": "other_archive",
        "data.xml": "other_file",
        "notes.mp4": "other_file",
        "通知.ceb": "other_document",
    }
    assert "CEB" in reports["通知.ceb"].line() and "PDF" in reports["通知.ceb"].line()
    listed = {file.document for file in library.scan(folder)}
    assert {"no suffix", "简报2023.第6期", "print.dat", "word.xml"} <= listed and not listed & reports.keys()
    assert read(folder, "简报2023.第6期").bulletin.masthead.issue == "6"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("name", ["loop.txt", "loop.zip", "loop"])
def test_a_link_to_itself_is_refused_and_stops_nothing(folder: Path, name: str) -> None:
    (folder / name).symlink_to(name)
    assert library.SourceFile(name, 0, 0, "") in library.scan(folder)
    with pytest.raises(UnreadableFileError) as refused:
        library.read_source(name, folder=folder)
    assert name in str(refused.value)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_region_table_that_is_a_link_out_of_the_folder_is_refused(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    table = tmp_path_factory.mktemp("elsewhere") / "regions.csv"
    table.write_text(REGIONS, encoding="utf-8")
    (folder / "regions.csv").unlink(missing_ok=True)
    (folder / "regions.csv").symlink_to(table)
    with pytest.raises(UnreadableFileError) as refused:
        library.load_gazetteer(folder)
    assert refused.value.message == Message.of("corpus.library.link_out_of_folder", document="regions.csv")
    (folder / "regions.csv").unlink()
    (folder / "own.csv").write_text(REGIONS, encoding="utf-8")
    (folder / "regions.csv").symlink_to("own.csv")
    assert library.load_gazetteer(folder).resolve("云巅县") is not None
