"""Files added, documents switched off or removed, corrections: kept outside the folder, at once or not at all."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus import readers
from corpus.document import ExtractedText, Region, Span
from corpus.library import files as corpus_library
from corpus.library.edits import Correction, UserEdits
from corpus.messages.errors import BulletinParseError, EditError, LibraryError, StorageError, UnreadableFileError
from corpus.messages.message import Message
from corpus.parsing.lines import split_lines
from corpus.parsing.recut import Stretch, article_lines, place_of
from corpus.readers import scan
from index.store import cleaning
from index.store.cleaning import data_notices
from index.store.corrections_file import export_corrections, import_corrections, parse_corrections
from index.store.edits import add_files, apply_edits, preview_file
from index.store.edits_file import edits_notices, read_edits
from index.store.library import Library, open_index, status
from tests.index.small import RIDERS_AND_POINTS, STORIES, SWIMMING, small_context

ADDED = ".added/故事.txt"
_EMPTIED = "the folder has become empty; the documents that it held are kept as they were"
STORIES_HASH = hashlib.sha256(STORIES.encode()).hexdigest()


def opened(folder: Path, data: Path) -> Library:
    return open_index(small_context(folder, data))


def add(folder: Path, data: Path, *files: tuple[str, str]) -> tuple[Library, list[str]]:
    contents = [(name, text.encode()) for name, text in files]
    library, reports = add_files(small_context(folder, data), contents)
    return library, [report.line() for report in reports]


def curate(folder: Path, data: Path, change: Callable[[UserEdits], UserEdits]) -> Library:
    return apply_edits(small_context(folder, data), change)


def documents(library: Library) -> list[str]:
    return [bulletin.source.document for bulletin in library.bulletins]


def states(library: Library) -> dict[str, str]:
    return {report.document: report.state for report in library.manifest.reports}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_added_file_is_searched_and_survives_everything(folder: Path, data: Path) -> None:
    before = contents(folder)
    first = opened(folder, data)
    library, said = add(folder, data, ("../故事.txt", STORIES))
    assert said == ["../故事.txt: read"]
    assert documents(library) == ["旧/乙.md", "甲.txt", ADDED]
    assert library.path(ADDED).read_text(encoding="utf-8") == STORIES
    assert library.retriever.search("故事四十篇")[0].passage.bulletin.source.document == ADDED
    assert documents(first) == ["旧/乙.md", "甲.txt"]
    assert (
        first.retriever.search("退役运动员")[0].passage.bulletin.source.document == "旧/乙.md"
    )  # the old generation still answers
    (folder / "甲.txt").unlink()
    assert documents(opened(folder, data)) == ["旧/乙.md", ADDED]
    rebuilt = open_index(small_context(folder, data), rebuild=True)
    assert documents(rebuilt) == ["旧/乙.md", ADDED]
    assert contents(folder) == {name: content for name, content in before.items() if name != "甲.txt"}
    assert status(small_context(folder, data)).state == "fresh"


def test_what_is_already_there_or_no_bulletin_is_not_kept(folder: Path, data: Path) -> None:
    opened(folder, data)
    recipe = ("菜谱.txt", "----\n")
    library, said = add(folder, data, ("游泳.txt", SWIMMING), recipe, ("故事.txt", STORIES), ("又一.txt", STORIES))
    assert said == [
        "游泳.txt: the same bulletin as 旧/乙.md, left out",
        "菜谱.txt: line 1: expected text, found none",
        "故事.txt: read",
        f"又一.txt: the same bulletin as {ADDED}, left out",
    ]
    assert documents(library) == ["旧/乙.md", "甲.txt", ADDED]
    again, said = add(folder, data, recipe)
    assert again.manifest.created == library.manifest.created
    assert documents(again) == documents(library)


def test_two_files_of_one_name_are_two(folder: Path, data: Path) -> None:
    other = STORIES.replace("第1期（总第50期）", "第2期（总第51期）").replace("四十", "五十").replace("讲故事", "写文章")
    other = other.replace("向各地征集", "到处打听有没有").replace("青年故事", "身边小事")
    library, said = add(folder, data, ("第1期.txt", STORIES), ("旧/第1期.txt", other))
    assert said == ["第1期.txt: read", "旧/第1期.txt: read"]
    assert documents(library)[-2:] == [".added/第1期 (2).txt", ".added/第1期.txt"]
    assert library.path(".added/第1期.txt").read_text(encoding="utf-8") == STORIES


def test_a_library_may_consist_of_added_files_only(tmp_path: Path, data: Path) -> None:
    (tmp_path / "空").mkdir()
    with pytest.raises(LibraryError):
        add(tmp_path / "空", data, ("菜谱.txt", "----\n"))
    assert documents(add(tmp_path / "空", data, ("故事.txt", STORIES))[0]) == [ADDED]


def test_what_was_disabled_or_hidden_stays_so_when_its_file_is_moved(folder: Path, data: Path) -> None:
    library = curate(folder, data, lambda edits: edits.disable("旧/乙.md"))
    assert documents(library) == ["甲.txt"]
    (folder / "旧" / "乙.md").rename(folder / "往年.md")
    library = opened(folder, data)
    assert (documents(library), states(library)["往年.md"]) == (["甲.txt"], "disabled")
    assert documents(curate(folder, data, lambda edits: edits.enable("往年.md"))) == ["往年.md", "甲.txt"]


def test_copies_that_are_disabled_stay_so_when_their_folder_is_moved(folder: Path, data: Path) -> None:
    (folder / "旧" / "丙.md").write_text(SWIMMING, encoding="utf-8")
    curate(folder, data, lambda edits: edits.disable("旧/乙.md").disable("旧/丙.md"))
    (folder / "旧").rename(folder / "往年")
    library = opened(folder, data)
    assert documents(library) == ["甲.txt"]
    assert set(library.manifest.edits.disabled) == {"往年/乙.md", "往年/丙.md"}


def test_no_copy_takes_the_place_of_a_document_that_is_switched_off(folder: Path, data: Path) -> None:
    (folder / "旧" / "丙.md").write_text(SWIMMING, encoding="utf-8")
    assert states(opened(folder, data)) == {"旧/丙.md": "read", "旧/乙.md": "copy", "甲.txt": "read"}
    off = {"旧/丙.md": "disabled", "旧/乙.md": "copy", "甲.txt": "read"}
    assert states(curate(folder, data, lambda edits: edits.disable("旧/丙.md"))) == off
    (folder / "旧").rename(folder / "往年")
    library = opened(folder, data)
    assert states(library) == {name.replace("旧", "往年"): state for name, state in off.items()}
    assert documents(library) == ["甲.txt"]
    on = curate(folder, data, lambda edits: edits.enable("往年/丙.md"))
    assert states(on) == {"往年/丙.md": "read", "往年/乙.md": "copy", "甲.txt": "read"}
    (folder / "往年" / "丙.md").unlink()  # what is gone has no copies
    assert states(opened(folder, data)) == {"往年/乙.md": "read", "甲.txt": "read"}


def test_a_copy_takes_the_place_of_a_document_that_is_hidden(folder: Path, data: Path) -> None:
    (folder / "旧" / "丙.md").write_text(SWIMMING, encoding="utf-8")
    library = curate(folder, data, lambda edits: edits.remove("旧/丙.md"))
    assert states(library) == {"旧/丙.md": "removed", "旧/乙.md": "read", "甲.txt": "read"}


def test_a_new_file_under_the_name_of_one_that_was_renamed_is_searched(folder: Path, data: Path) -> None:
    curate(folder, data, lambda edits: edits.disable("旧/乙.md"))
    (folder / "旧" / "乙.md").rename(folder / "旧" / "乙-旧.md")
    (folder / "旧" / "乙.md").write_text(STORIES, encoding="utf-8")
    assert states(opened(folder, data)) == {"旧/乙-旧.md": "disabled", "旧/乙.md": "read", "甲.txt": "read"}
    (folder / "旧" / "乙-旧.md").write_text(STORIES, encoding="utf-8")
    assert states(opened(folder, data))["旧/乙-旧.md"] == "disabled", "edited in place"


def test_what_lies_in_a_folder_that_cannot_be_listed_stays_as_it_was(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that is away for a while is no deletion: documents, switches and cached texts stay."""
    (folder / "旧" / "丙.txt").write_text(STORIES, encoding="utf-8")
    before = curate(folder, data, lambda edits: edits.disable("旧/丙.txt"))
    cached = before.root / "extracts" / f"{hashlib.sha256(SWIMMING.encode()).hexdigest()}-x.json"
    cached.parent.mkdir(exist_ok=True)
    cached.write_text("{}", encoding="utf-8")

    def failing(real: Callable[[Path | str], object]) -> Callable[[Path | str], object]:
        def listed(path: Path | str) -> object:
            if path in (folder / "旧", str(folder / "旧")):
                raise PermissionError(13, "Permission denied")
            return real(path)

        return listed

    def failing_below(real: Callable[..., bytes]) -> Callable[..., bytes]:
        def read(path: Path, *, name: str) -> bytes:
            if path.parent == folder / "旧":
                raise UnreadableFileError(Message.of("corpus.readers.cannot_open", document=name, cause="Permission denied"))
            return real(path, name=name)

        return read

    with monkeypatch.context() as patch:
        for name in ("scandir", "listdir"):
            patch.setattr(os, name, failing(getattr(os, name)))
        patch.setattr(readers, "read_bytes", failing_below(readers.read_bytes))
        library = opened(folder, data)
        assert documents(library) == ["旧/乙.md", "甲.txt"]
        assert [report.line() for report in library.manifest.reports] == [
            "旧: the folder cannot be read (Permission denied)",
            "旧/丙.txt: disabled",
            "旧/乙.md: read",
            "甲.txt: read",
        ]
        assert status(small_context(folder, data)).state == "fresh" and cached.exists()
        (folder / "丁.txt").write_text(STORIES.replace("故事", "小说"), encoding="utf-8")
        assert documents(opened(folder, data)) == ["丁.txt", "旧/乙.md", "甲.txt"]
        rebuilt = open_index(small_context(folder, data), rebuild=True)
        assert documents(rebuilt) == ["丁.txt", "旧/乙.md", "甲.txt"]
        assert rebuilt.retriever.search("退役运动员")[0].passage.bulletin.source.document == "旧/乙.md"
        # With other regions nothing can be reused: what cannot be read now is read when its folder is back.
        (folder / "regions.csv").write_text("province,city,county,until,successors\n岚川省,,,,\n", encoding="utf-8")
        assert documents(opened(folder, data)) == ["丁.txt", "甲.txt"]
        assert status(small_context(folder, data)).state == "fresh"
    assert documents(opened(folder, data)) == ["丁.txt", "旧/乙.md", "甲.txt"]
    (folder / "regions.csv").unlink()
    (folder / "丁.txt").unlink()
    library = opened(folder, data)
    assert (states(library), library.manifest.edits) == (states(before), before.manifest.edits)


def test_what_lay_in_a_folder_that_has_become_empty_stays_until_the_folder_is_removed(folder: Path, data: Path) -> None:
    """So looks a drive that is not mounted: the whole folder, or one inside."""
    (folder / "旧" / "丙.txt").write_text(STORIES, encoding="utf-8")
    before = curate(folder, data, lambda edits: edits.disable("旧/丙.txt"))
    away = folder.with_name("盘")
    for inside, kept_of in ((folder / "旧", f"旧: {_EMPTIED}"), (folder, f"{folder}: {_EMPTIED}")):
        inside.rename(away)
        inside.mkdir()
        for rebuild in (False, True):
            library = open_index(small_context(folder, data), rebuild=rebuild)
            assert documents(library) == ["旧/乙.md", "甲.txt"]
            assert library.manifest.reports[0].line().startswith(kept_of)
            assert library.manifest.edits == before.manifest.edits
            assert status(small_context(folder, data)).state == "fresh"
            assert read_edits(library.paths) == before.manifest.edits
        inside.rmdir()
        away.rename(inside)
        library = opened(folder, data)
        assert (states(library), library.manifest.edits) == (states(before), before.manifest.edits)
    for path in (folder / "旧").iterdir():
        path.unlink()
    assert documents(opened(folder, data)) == ["旧/乙.md", "甲.txt"]
    library = curate(folder, data, lambda edits: edits.remove("旧"))
    assert (states(library), library.manifest.edits.removed) == ({"甲.txt": "read"}, ())
    assert states(opened(folder, data)) == {"甲.txt": "read"}


def test_documents_that_were_all_moved_out_of_a_folder_are_moved(folder: Path, data: Path) -> None:
    (folder / "旧" / "丙.txt").write_text(STORIES, encoding="utf-8")
    curate(folder, data, lambda edits: edits.disable("旧/丙.txt"))
    (folder / "新").mkdir()
    for path in (folder / "旧").iterdir():
        path.rename(folder / "新" / path.name)
    assert states(opened(folder, data)) == {"新/丙.txt": "disabled", "新/乙.md": "read", "甲.txt": "read"}


def test_a_folder_that_was_emptied_indeed_may_leave_a_library_empty(folder: Path, data: Path) -> None:
    opened(folder, data)
    (folder / "甲.txt").unlink()
    (folder / "旧" / "乙.md").unlink()
    assert documents(opened(folder, data)) == ["旧/乙.md", "甲.txt"]
    context = small_context(folder, data)
    library = apply_edits(context, lambda edits: edits.remove(corpus_library.TOP), may_be_empty=True)
    assert (documents(library), library.manifest.reports, library.manifest.edits) == ([], (), UserEdits())


def test_a_preview_keeps_nothing(folder: Path, data: Path) -> None:
    library = opened(folder, data)
    before = contents(data)
    seen = preview_file(library, "故事.txt", STORIES.encode(), correction=Correction(issue="9"))
    assert (seen.bulletin.masthead.issue, seen.bulletin.corrected, seen.bulletin.source.sha256) == ("9", ("issue",), STORIES_HASH)
    assert (seen.warnings, seen.copy_of) == ((), None)
    assert preview_file(library, "x.txt", SWIMMING.encode()).copy_of == "旧/乙.md"
    with pytest.raises(BulletinParseError, match=r"菜谱.txt: line 1"):
        preview_file(library, "菜谱.txt", b"----\n")
    assert contents(data) == before


def test_a_preview_knows_a_copy_that_is_not_quite_the_same(folder: Path, data: Path) -> None:
    library = opened(folder, data)
    spaced = SWIMMING.replace("，", ", ").replace("\n", "\r\n")
    assert preview_file(library, "扫描.txt", spaced.encode()).copy_of == "旧/乙.md"
    library, said = add(folder, data, ("扫描.txt", spaced))
    assert said == ["扫描.txt: the same bulletin as 旧/乙.md, left out"]
    assert states(library)[".added/扫描.txt"] == "copy"
    assert documents(library) == ["旧/乙.md", "甲.txt"]
    # It is kept all the same, and stands in when the other goes.
    (folder / "旧/乙.md").unlink()
    assert documents(opened(folder, data)) == ["甲.txt", ".added/扫描.txt"]


def test_what_was_recognised_is_kept_as_long_as_its_file(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if text files were scans."""
    recognised = []
    real = readers.read_file

    def read(content: bytes, *, name: str) -> ExtractedText:
        recognised.append(name)
        reading = dataclasses.replace(real(content, name=name), reader="scan-1", warnings=(scan.ocr_warning([0]),))
        return dataclasses.replace(reading, low_confidence=(Span(0, 4),) if "疑" in name else ())

    monkeypatch.setattr(readers, "read_file", read)
    library = opened(folder, data)
    assert sorted(recognised) == ["旧/乙.md", "甲.txt"]
    report = next(iter(library.manifest.reports))
    assert report.line() == f"旧/乙.md: read with warnings\n  ! {scan.ocr_warning([0])}"
    open_index(small_context(folder, data), rebuild=True)
    preview_file(library, "x.md", SWIMMING.encode())
    assert library.read("旧/乙.md").extracted.warnings == (scan.ocr_warning([0]),)
    assert sorted(recognised) == ["旧/乙.md", "甲.txt"]
    # Of two copies the one that was read without doubt is kept, whatever their names.
    (folder / "一疑.txt").write_text(SWIMMING.replace("，", "， "), encoding="utf-8")
    assert states(opened(folder, data)) == {"一疑.txt": "copy", "旧/乙.md": "warnings", "甲.txt": "warnings"}
    assert len(list((library.root / "extracts").iterdir())) == 3
    (folder / "甲.txt").unlink()
    opened(folder, data)
    assert len(list((library.root / "extracts").iterdir())) == 2


def test_what_a_preview_recognised_is_not_recognised_again(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = opened(folder, data)
    recognised = []
    real = readers.read_file

    def read(content: bytes, *, name: str) -> ExtractedText:
        recognised.append(name)
        return dataclasses.replace(real(content, name=name), reader="scan-1")

    monkeypatch.setattr(readers, "read_file", read)
    preview_file(library, "故事.txt", STORIES.encode())
    added, _ = add(folder, data, ("故事.txt", STORIES))
    assert ADDED in documents(added) and recognised == ["故事.txt"]


def test_a_disabled_document_is_kept_and_not_searched(folder: Path, data: Path) -> None:
    add(folder, data, ("故事.txt", STORIES))
    library = curate(folder, data, lambda edits: edits.disable("甲.txt").disable(ADDED))
    assert documents(library) == ["旧/乙.md"]
    assert states(library) == {"旧/乙.md": "read", "甲.txt": "disabled", ADDED: "disabled"}
    assert library.path(ADDED).exists()
    assert documents(curate(folder, data, lambda edits: edits.enable(ADDED))) == ["旧/乙.md", ADDED]


def test_a_removed_document_is_hidden_or_deleted(folder: Path, data: Path) -> None:
    library, _ = add(folder, data, ("故事.txt", STORIES))
    path = library.path(ADDED)
    library = curate(folder, data, lambda edits: edits.remove("甲.txt").remove(ADDED))
    assert documents(library) == ["旧/乙.md"]
    assert states(library) == {"旧/乙.md": "read", "甲.txt": "removed"}
    assert not path.exists()
    assert (folder / "甲.txt").exists()
    # A copy of a hidden file is no copy.
    library, said = add(folder, data, ("我的.txt", RIDERS_AND_POINTS))
    assert said == ["我的.txt: read"]
    assert documents(library) == ["旧/乙.md", ".added/我的.txt"]
    assert states(curate(folder, data, lambda edits: edits.restore("甲.txt")))[".added/我的.txt"] == "copy"


def test_what_would_leave_nothing_changes_nothing(folder: Path, data: Path) -> None:
    opened(folder, data)
    before = contents(data)
    with pytest.raises(LibraryError, match="no document"):
        curate(folder, data, lambda edits: edits.disable("甲.txt").remove("旧/乙.md"))
    assert contents(data) == before
    assert documents(opened(folder, data)) == ["旧/乙.md", "甲.txt"]


def test_a_correction_follows_the_bytes_of_a_file(folder: Path, data: Path) -> None:
    opened(folder, data)
    sha256 = hashlib.sha256(SWIMMING.encode()).hexdigest()
    right = Correction(issue="13", regions={0: ("宁波市",)})
    library = curate(folder, data, lambda edits: edits.correct(sha256, right))
    (folder / "旧/乙.md").rename(folder / "丁.txt")
    library = opened(folder, data)
    passage = library.retriever.search("退役运动员", k=1)[0].passage
    assert passage.bulletin.source.document == "丁.txt"
    assert (passage.bulletin.masthead.issue, passage.article.region) == ("13", Region("浙江省", "宁波市"))
    assert passage.passage_id.startswith("校园试验简报-2019-13-")
    library = curate(folder, data, lambda edits: edits.correct(sha256, Correction()))
    assert library.retriever.search("退役运动员", k=1)[0].passage.bulletin.masthead.issue == "12"


def test_a_correction_that_cannot_be_made_changes_nothing(folder: Path, data: Path) -> None:
    opened(folder, data)
    before = contents(data)
    sha256 = hashlib.sha256(SWIMMING.encode()).hexdigest()
    with pytest.raises(EditError, match=r"旧/乙.md: expected a date"):
        curate(folder, data, lambda edits: edits.disable("甲.txt").correct(sha256, Correction(issue_date="昨天")))
    with pytest.raises(EditError, match="no file has the SHA-256 000"):
        curate(folder, data, lambda edits: edits.correct("0" * 64, Correction(issue="1")))
    with pytest.raises(EditError, match="no such region"):
        add_files(
            small_context(folder, data),
            [("故事.txt", STORIES.encode())],
            corrections={STORIES_HASH: Correction(regions={0: ("亚特兰蒂斯",)})},
        )
    assert contents(data) == before


def test_an_added_file_may_come_corrected(folder: Path, data: Path) -> None:
    corrections = {STORIES_HASH: Correction(series="讲故事")}
    files = [("故事.txt", STORIES.encode())]
    library, _ = add_files(small_context(folder, data), files, corrections=corrections)
    assert library.bulletins[-1].masthead.series == "讲故事"


def test_a_correction_that_no_longer_holds_is_a_warning(folder: Path, data: Path) -> None:
    """The region table that knew the place has been taken away since."""
    (folder / "regions.csv").write_text("province,city,county,until,successors\n岚川省,,,,\n", encoding="utf-8")
    opened(folder, data)
    sha256 = hashlib.sha256(SWIMMING.encode()).hexdigest()
    curate(folder, data, lambda edits: edits.correct(sha256, Correction(regions={0: ("岚川省",)})))
    (folder / "regions.csv").unlink()
    library = opened(folder, data)
    report = next(report for report in library.manifest.reports if report.document == "旧/乙.md")
    assert report.line() == "旧/乙.md: read with warnings\n  ! 旧/乙.md: 岚川省: no such region"


def test_a_damaged_record_is_read_from_the_generation(folder: Path, data: Path) -> None:
    opened(folder, data)
    library = curate(folder, data, lambda edits: edits.disable("甲.txt"))
    record = library.root / "curation.json"
    good = record.read_bytes()
    for bad in (good[:-1], good[:10], b"", good.replace("甲".encode(), "丙".encode()), b"\xff" * 80):
        record.write_bytes(bad)
        assert read_edits(library.paths) == UserEdits(disabled=("甲.txt",))
        assert documents(opened(folder, data)) == ["旧/乙.md"]
    assert [notice.code for notice in edits_notices(library.paths)] == ["index.store.edits_unreadable"]
    curate(folder, data, lambda edits: edits.disable("无.txt"))
    assert read_edits(library.paths).disabled == ("甲.txt", "无.txt")
    (aside,) = library.root.glob("curation-damaged-*")
    assert aside.read_bytes() == b"\xff" * 80 and str(aside) in str(edits_notices(library.paths))


def test_without_an_index_the_record_before_the_last_change_serves(folder: Path, data: Path) -> None:
    opened(folder, data)
    curate(folder, data, lambda edits: edits.disable("甲.txt"))
    library = curate(folder, data, lambda edits: edits.disable("无.txt"))
    record = library.root / "curation.json"
    record.write_bytes(b"")
    (library.root / "current").unlink()
    assert read_edits(library.paths).disabled == ("甲.txt",)
    (library.root / "curation.json.previous").unlink()
    with pytest.raises(EditError, match=r"curation.json.*not deleted"):
        opened(folder, data)
    assert record.read_bytes() == b""


def test_without_its_record_an_added_file_is_kept(folder: Path, data: Path) -> None:
    opened(folder, data)
    library, _ = add(folder, data, ("故事.txt", STORIES))
    (library.root / "curation.json").unlink()
    assert [notice.code for notice in data_notices(library.paths)] == ["index.store.edits_missing"]
    for _ in range(2):
        assert ADDED in documents(opened(folder, data))
    assert ADDED in documents(curate(folder, data, lambda edits: edits.disable("甲.txt")))
    assert data_notices(library.paths) == ()


def test_what_no_record_names_goes_to_the_bin(folder: Path, data: Path) -> None:
    """Without the record and every copy of it, with the record deleted as an older version advised, and by removal."""
    opened(folder, data)
    library, _ = add(folder, data, ("故事.txt", STORIES))
    for path in (*library.root.glob("curation.json*"), library.root / "current"):
        path.unlink()
    opened(folder, data)
    kept = library.root / "removed" / "故事.txt"
    assert kept.read_text(encoding="utf-8") == STORIES
    (notice,) = data_notices(library.paths)
    assert str(kept.parent) in str(notice)
    add(folder, data, ("故事.txt", STORIES))
    curate(folder, data, lambda edits: edits.remove(ADDED))
    assert [path.read_text(encoding="utf-8") for path in kept.parent.iterdir()] == [STORIES, STORIES]
    assert list((library.root / "added").iterdir()) == []


def test_the_edits_of_an_index_of_another_format_serve(folder: Path, data: Path) -> None:
    opened(folder, data)
    library, _ = add(folder, data, ("故事.txt", STORIES))
    (generation,) = library.root.glob("generation-*")
    manifest = {**json.loads((generation / "manifest.json").read_bytes()), "format": 1, "unheard_of": True}
    content = json.dumps(manifest).encode()
    (generation / "manifest.json").write_bytes(content)
    (library.root / "current").write_text(f"{generation.name} {hashlib.sha256(content).hexdigest()}\n")
    (library.root / "curation.json").unlink()
    assert ADDED in documents(opened(folder, data))


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_a_change_cut_short_is_made_whole_or_not_at_all(
    folder: Path, data: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fails once as a file takes its place: the added one, the second, the record, the pointer to the generation."""
    opened(folder, data)
    real, calls = os.replace, iter(range(99))

    def failing(*arguments: Path) -> None:
        if next(calls) == at:
            raise OSError(5, "Input/output error")
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing)
        with pytest.raises(StorageError, match="Input/output error"):
            add(folder, data, ("故事.txt", STORIES), ("又.txt", STORIES.replace("第1期", "第3期").replace("故事", "小说")))
    library = opened(folder, data)
    assert len(library.bulletins) == 2
    assert list((library.root / "added").iterdir()) == []
    assert corpus_library.scan(folder) == tuple(f for f in library.manifest.sources if not f.document.startswith("."))


def test_a_change_that_cannot_be_taken_back_says_so(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is written; then the disk fails for good, before the pointer to the generation."""
    before = opened(folder, data)
    real = os.replace

    def failing(source: Path, target: Path) -> None:
        if (before.root / "curation.json").exists():
            raise OSError(5, "Input/output error")
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing)
        with pytest.raises(StorageError, match=r"Input/output error.*takes effect when the library is next renewed"):
            curate(folder, data, lambda edits: edits.disable("甲.txt"))
    assert status(small_context(folder, data)).state == "stale"
    assert documents(opened(folder, data)) == ["旧/乙.md"]


def test_what_cannot_be_cleared_away_makes_no_change_fail(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was removed is open elsewhere, as happens under Windows; it goes to the bin at the next opening."""
    opened(folder, data)
    library, _ = add(folder, data, ("故事.txt", STORIES))

    def refuse(path: Path, folder: Path) -> None:
        raise PermissionError(13, "in use", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(cleaning, "move_into", refuse)
        assert ADDED not in documents(curate(folder, data, lambda edits: edits.remove(ADDED)))
    assert len(list(library.root.glob("generation-*"))) == 1  # the rest is cleared away all the same
    assert [path.name for path in (library.root / "added").iterdir()] == ["故事.txt"]
    opened(folder, data)
    assert [path.name for path in (library.root / "removed").iterdir()] == ["故事.txt"]


def test_a_correction_of_an_earlier_version_is_read(folder: Path, data: Path) -> None:
    """As it was written before corrections could name kind, number, titles and cuts."""
    library = opened(folder, data)
    sha256 = hashlib.sha256(SWIMMING.encode()).hexdigest()
    old = '{"series":null,"issue":"13","total_issue":null,"issue_date":null,"publisher":null,"regions":{"0":["宁波市"]}}'
    body = f'{{"added":{{}},"disabled":[],"removed":[],"corrections":{{"{sha256}":{old}}}}}'.encode()
    (library.root / "curation.json").write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    bulletin = next(each for each in opened(folder, data).bulletins if each.source.sha256 == sha256)
    assert (bulletin.masthead.issue, bulletin.articles[0].region) == ("13", Region("浙江省", "宁波市"))


def test_cuts_survive_a_rebuild_and_a_new_count_of_lines(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = hashlib.sha256(RIDERS_AND_POINTS.encode()).hexdigest()
    library = opened(folder, data)
    bulletin = next(each for each in library.bulletins if each.source.sha256 == sha256)
    assert len(bulletin.articles) > 1
    curate(folder, data, lambda edits: edits.correct(sha256, Correction(one_article=True, titles={0: "两地做法"})))

    def titles() -> list[str]:
        bulletins = open_index(small_context(folder, data), rebuild=True).bulletins
        return [article.title for each in bulletins if each.source.sha256 == sha256 for article in each.articles]

    assert titles() == ["两地做法"]
    lines = split_lines(RIDERS_AND_POINTS)
    starts = tuple(place_of(lines[number - 1]) for number in article_lines(bulletin, RIDERS_AND_POINTS))
    curate(folder, data, lambda edits: edits.correct(sha256, Correction(starts=starts[1:])))
    assert titles() == [article.title for article in bulletin.articles[1:]]
    real = readers.read_file

    def read(content: bytes, *, name: str) -> ExtractedText:
        """A later version of the reader, which sets a line more at the top."""
        extracted = real(content, name=name)
        return dataclasses.replace(extracted, text="\n" + extracted.text)

    monkeypatch.setattr(readers, "read_file", read)
    assert titles() == [article.title for article in bulletin.articles[1:]]


def test_corrections_travel_to_another_library_with_the_same_files(folder: Path, data: Path, tmp_path: Path) -> None:
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in (SWIMMING, RIDERS_AND_POINTS)]
    lines = split_lines(RIDERS_AND_POINTS)
    first = Correction(issue="13", kind="report", document_number="", region="宁波市", regions={0: ("宁波市",)})
    second = Correction(titles={0: "甲乙两篇"}, one_article=True, left_out=(Stretch(place_of(lines[-1]), place_of(lines[-1])),))
    opened(folder, data)
    curate(folder, data, lambda edits: edits.correct(hashes[0], first).correct(hashes[1], second))
    content = export_corrections(small_context(folder, data).paths)
    assert "宁波市" in content.decode() and "null" not in content.decode()

    other = tmp_path / "另一处"
    other.mkdir()
    (other / "改名.md").write_text(SWIMMING, encoding="utf-8")
    context = small_context(other, data)
    open_index(context)
    library, report = import_corrections(context, content, "更正.json")
    assert (report.applied, report.kept, report.refused) == (("改名.md",), ("甲.txt",), ())
    assert [str(message) for message in report.messages] == [
        "corrections are in force for 1 file",
        "1 file not in this library; the corrections are kept and will hold once the files are here: 甲.txt",
    ]
    assert library.bulletins[0].kind == "report" and library.bulletins[0].publisher_region == Region("浙江省", "宁波市")
    assert read_edits(library.paths).corrections == {hashes[0]: first, hashes[1]: second}
    (other / "后来.txt").write_text(RIDERS_AND_POINTS, encoding="utf-8")
    late = next(each for each in open_index(context).bulletins if each.source.sha256 == hashes[1])
    assert [article.title for article in late.articles] == ["甲乙两篇"]
    assert import_corrections(context, export_corrections(context.paths), "x")[0].manifest.edits == read_edits(context.paths)


def test_a_correction_that_cannot_be_made_here_is_told_and_the_others_are_taken(folder: Path, data: Path) -> None:
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in (SWIMMING, RIDERS_AND_POINTS)]
    context = small_context(folder, data)
    opened(folder, data)
    wrong = json.dumps(
        {
            "format": "jingyan-corrections-1",
            "corrections": [
                {"sha256": hashes[0], "correction": {"region": "亚特兰蒂斯"}},
                {"sha256": hashes[1], "correction": {"publisher": "团云和县委"}},
            ],
        }
    )
    library, report = import_corrections(context, wrong.encode(), "更正.json")
    assert [str(message) for message in report.refused] == ["旧/乙.md: 亚特兰蒂斯: no such region"]
    assert list(library.manifest.edits.corrections) == [hashes[1]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"{}",
        b'{"corrections": []',
        b'{"format": "jingyan-corrections-2", "corrections": []}',
        b'{"corrections": [{"sha256": "../../etc", "correction": {}}]}',
        b'{"corrections": [{"sha256": "' + b"0" * 64 + b'", "correction": {"titles": {"x": 1}}}]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_file_of_corrections_changes_nothing(folder: Path, data: Path, content: bytes) -> None:
    opened(folder, data)
    before = contents(data)
    with pytest.raises(EditError, match=r"^更正\.json: no file of corrections"):
        import_corrections(small_context(folder, data), content, "更正.json")
    assert contents(data) == before


def test_a_changed_file_of_corrections_is_refused() -> None:
    """A flipped character, and a field that is none; without its digest, a file may be written by hand."""
    entry = {"sha256": "0" * 64, "correction": {"issue": "3"}, "document": "甲.txt"}
    content = json.dumps({"corrections": [entry], "digest": "0" * 64}).encode()
    with pytest.raises(EditError, match="changed since it was exported"):
        parse_corrections(content, "x")
    assert parse_corrections(json.dumps({"corrections": [entry]}).encode(), "x")[0].correction == Correction(issue="3")
    misspelt = {**entry, "correction": {"isue": "3"}}
    with pytest.raises(EditError, match="isue"):
        parse_corrections(json.dumps({"corrections": [misspelt]}).encode(), "x")
