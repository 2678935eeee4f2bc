"""`python -m qa`, as a user types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qa.__main__ import main


def run(*arguments: str, language: str = "en", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "qa", *arguments]
    return subprocess.run(command, capture_output=True, env={**os.environ, "JINGYAN_LANG": language, **environment}, check=False)


def test_ask_prints_utf8_whatever_the_console_says(data: Path) -> None:
    done = run("ask", "志愿者积分制度怎么做", "--data", str(data), PYTHONIOENCODING="gbk")
    assert done.returncode == 0, done.stderr.decode("utf-8")
    text = done.stdout.decode("utf-8")
    assert "[1] “" in text and "《" in text and "积分" in text


def test_ask_as_json_with_filters(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["ask", "志愿积分", "--region", "望澜", "--year", "2019", "--series", "岚川青年", "--json", "--data", str(data)])
        == 0
    )
    record = json.loads(capsys.readouterr().out)
    assert {passage["document"] for passage in record["passages"]} == {"lanchuan-2019-06.txt"}
    assert {passage["citation"]["region"] for passage in record["passages"]} == {"望澜市"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", ""], "the question is empty"),
        (["ask", "积分", "--region", "不存在市"], "--region 不存在市: no such region"),
        (["ask", "积分", "--library", "no-such-folder"], "no such folder"),
        (["ask", "积分", "--encoder", "no-such-folder/model"], "no-such-folder/model"),
        (["batch", "--input", "none.jsonl", "--output", "out.jsonl"], "none.jsonl"),
    ],
)
def test_each_mistake_is_one_clear_message(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert main([*arguments, "--data", str(data)]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_messages_in_chinese(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGYAN_LANG", "zh")
    assert main(["ask", "", "--data", str(data)]) == 1
    assert "问题是空的" in capsys.readouterr().err


def test_an_empty_library_and_files_that_are_no_bulletins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "库"
    folder.mkdir()
    assert main(["ask", "积分", "--library", str(folder), "--data", str(tmp_path / "data")]) == 1
    assert "no bulletin in this folder could be read" in capsys.readouterr().err
    (folder / "红烧肉.txt").write_text("红烧肉做法\n五花肉切块，焯水后加冰糖炒色。\n", encoding="utf-8")
    (folder / "二进制.txt").write_bytes(bytes(range(256)))
    assert main(["ask", "积分", "--library", str(folder), "--data", str(tmp_path / "data")]) == 1
    error = capsys.readouterr().err
    assert "红烧肉.txt: line 1" in error and "二进制.txt" in error


def test_one_bad_file_leaves_the_rest_of_the_library_working(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "库"
    folder.mkdir()
    good = Path(__file__).parents[2] / "corpus" / "samples" / "yunqi-2020-23.txt"
    (folder / "good.txt").write_bytes(good.read_bytes())
    (folder / "bad.txt").write_bytes(b"\xff\xff\xff")
    assert main(["ask", "时间银行怎么办", "--library", str(folder), "--data", str(tmp_path / "data")]) == 0
    out, error = capsys.readouterr()
    assert "[1]" in out and "bad.txt" in error


def test_help_names_every_option() -> None:
    for command, options in {
        "ask": ("--library", "--region", "--year", "--series", "--json", "--data", "--encoder"),
        "batch": ("--library", "--input", "--output", "--data", "--encoder"),
        "chat": ("--library", "--port", "--open", "--data", "--encoder"),
    }.items():
        for language, word in (("en", "folder"), ("zh", "文件夹")):
            text = run(command, "--help", language=language).stdout.decode("utf-8")
            assert word in text
            assert all(option in text for option in options)
