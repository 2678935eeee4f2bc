"""`python -m index build` and `status`, on the bundled model."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.__main__ import main
from tests.index.small import RIDERS_AND_POINTS, STORIES, SWIMMING, SmallContextual

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JINGYAN_LANG", "en")
    folder = tmp_path / "简报"
    folder.mkdir()
    (folder / "甲.txt").write_text(RIDERS_AND_POINTS, encoding="utf-8")
    (folder / "乙.txt").write_text(SWIMMING, encoding="utf-8")
    return folder


def run(command: str, folder: Path, *more: str, fast: bool = True) -> int:
    arguments = [command, "--library", str(folder), "--data", str(folder.parent / "data"), *more]
    return main([*arguments, "--fast"] if fast else arguments)


def test_an_index_is_missing_built_stale_and_built_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status", folder) == 1
    assert capsys.readouterr() == (f"{folder}: no index\n", "")
    assert not (folder.parent / "data").exists()
    assert run("build", folder) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{folder}: fresh; 2 documents, 6 passages, encoder ")
    assert out.endswith("\n乙.txt: read\n甲.txt: read\n")
    assert err == ""
    assert run("status", folder) == 0
    assert capsys.readouterr().out == out
    (folder / "丙.txt").write_text(STORIES, encoding="utf-8")
    assert run("status", folder) == 0
    assert f"{folder}: stale" in capsys.readouterr().out
    assert run("build", folder) == 0
    assert "3 documents, 8 passages" in capsys.readouterr().out


def test_an_index_with_sentences_serves_without_them_and_not_the_other_way_round(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    contextual = SmallContextual()
    monkeypatch.setattr("index.__main__.load_contextual_encoder", lambda: contextual)
    for built_fast in (False, True):
        assert run("build", folder, fast=built_fast) == 0
        assert capsys.readouterr().err == ""
        for asked_fast in (False, True):
            assert run("status", folder, fast=asked_fast) == 0
            expected = "stale" if built_fast and not asked_fast else "fresh"
            assert capsys.readouterr().out.startswith(f"{folder}: {expected}")
    assert contextual.read == 6  # once, and not where it was to be fast


def test_what_is_not_installed_is_told_when_an_index_is_built(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.__main__.load_contextual_encoder", lambda: None)
    for command, fast, lines in (("build", False, 1), ("status", False, 0), ("build", True, 0), ("status", True, 0)):
        assert run(command, folder, fast=fast) == 0
        out, err = capsys.readouterr()
        assert out.startswith(f"{folder}: fresh; 2 documents")
        assert [line.partition(":")[0] for line in err.splitlines()] == ["onnxruntime is not installed"] * lines


def test_the_region_table_is_no_bulletin(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "regions.csv").write_text("province,city,county,until,successors\n岚川省,,,,\n", encoding="utf-8")
    assert run("build", folder) == 0
    assert "; 2 documents" in capsys.readouterr().out


def test_damage_is_told_and_mended(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("build", folder)
    (vectors,) = (folder.parent / "data").rglob("index.safetensors")
    vectors.write_bytes(vectors.read_bytes()[:-1])
    capsys.readouterr()
    assert run("status", folder) == 1
    assert "damaged" in capsys.readouterr().out
    assert run("build", folder) == 0
    assert run("status", folder) == 0


def test_a_file_left_out_is_named_and_fails_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "坏.txt").write_bytes(b"\x00\x01")
    for command in ("build", "status"):
        assert run(command, folder) == 1
        out, err = capsys.readouterr()
        assert "; 2 documents" in out
        assert "坏.txt" in err
        assert "Traceback" not in err


def test_documents_are_removed_and_restored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("remove", folder, "乙.txt") == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{folder}: fresh; 1 document, ")
    assert (out.endswith("\n乙.txt: removed\n甲.txt: read\n"), err) == (True, "")
    assert (folder / "乙.txt").exists()
    assert run("remove", folder, "甲.txt", "丙.txt") == 1
    assert capsys.readouterr().err == "there is no “丙.txt” here; `python -m index status` prints the names\n"
    assert run("restore", folder, "乙.txt") == 0
    assert capsys.readouterr().out.endswith("\n乙.txt: read\n甲.txt: read\n")


def test_a_folder_that_became_empty_is_confirmed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its documents stay until then, and the message says how."""
    (folder / "旧").mkdir()
    for name in ("丙.txt", "丁.txt"):
        (folder / "旧" / name).write_text(STORIES + name, encoding="utf-8")
    assert run("build", folder) == 0
    for path in (folder / "旧").iterdir():
        path.unlink()
    assert run("build", folder) == 1
    out, err = capsys.readouterr()
    assert "旧/丁.txt: read" in out
    assert err.startswith("旧: the folder has become empty") and "`python -m index remove 旧`" in err
    assert run("remove", folder, "旧") == 0
    assert "旧" not in capsys.readouterr().out
    for path in [path for path in folder.iterdir() if path.is_file()]:
        path.unlink()
    assert run("remove", folder, ".") == 0
    assert capsys.readouterr().out.startswith(f"{folder}: fresh; 0 documents")


def test_a_missing_folder_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("build", "status"):
        assert run(command, folder / "无") == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err == f"{folder / '无'}: no such folder\n"


def test_a_data_folder_that_is_a_file_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.parent / "data").write_bytes(b"")
    assert run("build", folder) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_an_encoder_that_cannot_be_loaded_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.parent / "model").mkdir()
    for command in ("build", "status"):
        assert run(command, folder, "--encoder", str(folder.parent / "model")) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert str(folder.parent / "model") in err


def test_messages_are_in_the_users_language(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINGYAN_LANG", "zh")
    assert run("status", folder) == 1
    assert capsys.readouterr().out == f"{folder}: 没有索引\n"
    assert run("build", folder) == 0
    assert capsys.readouterr().out.startswith(f"{folder}: 可用；2 份文件，6 段，编码器 ")
    assert run("build", folder / "无") == 1
    assert capsys.readouterr().err == f"{folder / '无'}：没有这个文件夹\n"


@pytest.mark.parametrize("arguments", [[], ["burn"], ["build", "--libary", "x"]])
def test_a_command_that_is_none_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2


@pytest.mark.parametrize(("language", "purpose"), [("zh", "重新建立索引"), ("en", "build the index anew")])
def test_help_is_in_the_users_language(
    language: str, purpose: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINGYAN_LANG", language)
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    assert purpose in capsys.readouterr().out


def test_nothing_is_written_outside_the_data_folder(folder: Path) -> None:
    """In a process of its own, with its own home and temporary folder, and a terminal that knows no Chinese."""
    home, temporary = folder.parent / "home", folder.parent / "temporary"
    home.mkdir()
    temporary.mkdir()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    done = subprocess.run(
        [sys.executable, "-m", "index", "build", "--library", str(folder), "--data", str(folder.parent / "data")],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON"))},
            **{"HOME": str(home), "TMPDIR": str(temporary), "TMP": str(temporary), "TEMP": str(temporary)},
            **{"JINGYAN_LANG": "zh", "LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)},
        },
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "可用；2 份文件".encode() in done.stdout
    assert list(home.rglob("*")) == []
    assert list(temporary.rglob("*")) == []
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert [path.name for path in (folder.parent / "data").iterdir()] == ["libraries"]


def test_corrections_are_exported_and_imported_as_one_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder.parent / "更正.json"
    corrections = [{"sha256": "0" * 64, "document": "丙.txt", "correction": {"issue": "9"}}]
    file.write_text(json.dumps({"corrections": corrections}), encoding="utf-8")
    assert run("corrections", folder, "--import", str(file)) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "corrections are in force for 0 files" and "丙.txt" in out.splitlines()[1]
    exported = folder.parent / "全部.json"
    assert run("corrections", folder, "--export", str(exported)) == 0
    assert capsys.readouterr() == (f"the corrections of 1 file are in {exported}\n", "")
    assert json.loads(exported.read_text("utf-8"))["corrections"][0]["correction"] == {"issue": "9"}


@pytest.mark.parametrize(("way", "told"), [("--export", "cannot be written"), ("--import", "cannot be opened")])
def test_a_file_of_corrections_that_cannot_be_used_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], way: str, told: str
) -> None:
    assert run("corrections", folder, way, str(folder / "无" / "x.json")) == 1
    assert capsys.readouterr().err.startswith(f"{folder / '无' / 'x.json'}: {told}: ")
