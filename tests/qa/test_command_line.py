"""`python -m qa`, as a user types it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qa.__main__ import main
from tests.index.small import SmallContextual

SAMPLE = Path(__file__).parents[2] / "corpus" / "samples" / "yunqi-2020-23.txt"


def one_bulletin(tmp_path: Path) -> Path:
    """A folder of one bulletin."""
    folder = tmp_path / "库"
    folder.mkdir()
    (folder / "good.txt").write_bytes(SAMPLE.read_bytes())
    return folder


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "qa", *arguments]
    return subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=False)


def test_ask_prints_utf8_whatever_the_console_says(data: Path) -> None:
    done = run("ask", "志愿者积分制度怎么做", "--fast", "--data", str(data), PYTHONIOENCODING="gbk")
    assert done.returncode == 0, done.stderr.decode("utf-8")
    text = done.stdout.decode("utf-8")
    # A headline, if there is one, stands before the quote.
    assert re.search(r"(?m)^\[1\] (?:[^“：\r\n]+：)?“.*积分.*”\r?$\r?\n    —— 《", text)


def test_ask_as_json_with_filters(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filters = ["--region", "望澜", "--year", "2019", "--series", "岚川青年"]
    assert main(["ask", "志愿积分", *filters, "--json", "--fast", "--data", str(data)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert {passage["document"] for passage in record["passages"]} == {"lanchuan-2019-06.txt"}
    assert {passage["citation"]["region"] for passage in record["passages"]} == {"望澜市"}


def test_json_is_a_format(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for option in (["--json"], ["--format", "json"]):
        assert main(["ask", "志愿积分", *option, "--fast", "--data", str(data)]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] and json.loads(shown[0])["quotes"][0]["receipt"]["sha256"]


def test_text_opens_with_what_was_understood_and_a_part_can_be_left_out(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["ask", "2021年的简报里，锦渚区骑手驿战怎么建", "--fast", "--data", str(data)]
    assert main(asked) == 0
    first = capsys.readouterr().out.splitlines()[0]
    corrected = "“骑手驿战”按“骑手驿站”理解"
    assert first == f"【理解为｜2021年的简报里,锦渚区骑手驿站怎么建｜地区：云栖市锦渚区｜2021年的文件｜{corrected}】"
    for form in ("markdown", "json"):
        assert main([*asked, "--format", form]) == 0
        assert "【理解为" not in capsys.readouterr().out
    assert main([*asked, "--without", "year:2021", "--without", "correction:骑手驿战"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "【理解为｜地区：云栖市锦渚区】"
    assert main([*asked, "--without", "year:2021", "--json"]) == 0
    understood = json.loads(capsys.readouterr().out)["understood"]
    assert understood["years"] == [] and "year:2021" not in {chip["key"] for chip in understood["chips"]}
    assert main(["ask", "How did Jinzhu run the time bank in the 2020 issues?", "--fast", "--data", str(data)]) == 0
    english = capsys.readouterr().out.splitlines()[0]
    assert english == "【Understood as | Region: Jinzhu District, Yunqi (云栖市锦渚区) | Documents of 2020】"
    assert main(["ask", "时间银行怎么办", "--fast", "--data", str(data)]) == 0
    assert "【理解为" not in capsys.readouterr().out  # there is nothing to tell


def test_without_an_answer_related_passages_are_called_none(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "杭州市的志愿积分怎么做", "--fast", "--data", str(data)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "【理解为｜地区：杭州市】" and lines[1].startswith("库里没有杭州市的文章")
    assert lines[3].endswith("相关，但不是答案：") and sum(line.startswith("  · ") for line in lines) == 3


@pytest.mark.parametrize("style", ["gbt7714", "note"])
@pytest.mark.parametrize(
    ("form", "signs"),
    [
        ("text", ("云栖共青团工作简报", "积分")),
        ("markdown", ("> ", "云栖共青团工作简报")),
        ("docx", ()),
        ("json", ('"receipt"',)),
    ],
)
def test_an_answer_is_written_whole_to_a_file(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, signs: tuple[str, ...], style: str
) -> None:
    target = tmp_path / "答案"
    target.write_text("before", encoding="utf-8")
    arguments = ["ask", "志愿积分", "--format", form, "--style", style, "--output", str(target), "--fast", "--data", str(data)]
    assert main(arguments) == 0
    assert capsys.readouterr().out == ""
    content = target.read_bytes()
    assert content.startswith(b"PK") if form == "docx" else all(sign in content.decode("utf-8") for sign in signs)
    assert [path.name for path in tmp_path.iterdir()] == ["答案"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", ""], "the question is empty"),
        (["ask", "积分", "--region", "不存在市"], "--region 不存在市: no such region"),
        (
            ["ask", "2021年的简报里志愿积分怎么做", "--without", "year:2020"],
            "--without year:2020: nothing of that kind was understood (understood: year:2021)",
        ),
        (["ask", "积分", "--library", "no-such-folder"], "no such folder"),
        (["ask", "积分", "--format", "docx"], "--format docx needs a file: --output"),
        (["ask", "积分", "--format", "docx", "--output", "no-such-folder/a.docx"], "a.docx: cannot be written"),
        (["ask", "积分", "--encoder", "no-such-folder/model"], "no-such-folder/model"),
        (["batch", "--input", "none.jsonl", "--output", "out.jsonl"], "none.jsonl"),
    ],
)
def test_each_mistake_is_one_clear_message(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # read from the environment when it was imported
    assert main([*arguments, "--fast", "--data", str(data)]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_messages_in_chinese(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGYAN_LANG", "zh")
    assert main(["ask", "", "--fast", "--data", str(data)]) == 1
    assert "问题是空的" in capsys.readouterr().err


def test_an_empty_library_and_files_that_are_no_bulletins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "库"
    folder.mkdir()
    assert main(["ask", "积分", "--library", str(folder), "--fast", "--data", str(tmp_path / "data")]) == 1
    assert "no document could be read" in capsys.readouterr().err
    (folder / "红烧肉.txt").write_text("----\n", encoding="utf-8")
    (folder / "二进制.txt").write_bytes(bytes(range(256)))
    assert main(["ask", "积分", "--library", str(folder), "--fast", "--data", str(tmp_path / "data")]) == 1
    error = capsys.readouterr().err
    assert "红烧肉.txt: line 1" in error and "二进制.txt" in error


def test_one_bad_file_leaves_the_rest_of_the_library_working(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = one_bulletin(tmp_path)
    (folder / "bad.txt").write_bytes(b"\xff\xff\xff")
    assert main(["ask", "时间银行怎么办", "--library", str(folder), "--fast", "--data", str(tmp_path / "data")]) == 0
    out, error = capsys.readouterr()
    assert "[1]" in out and "bad.txt" in error
    # It is told when the index is built, not at every question.
    assert main(["ask", "时间银行怎么办", "--library", str(folder), "--fast", "--data", str(tmp_path / "data")]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("language", "told"), [("en", "onnxruntime is not installed: "), ("zh", "没有安装 onnxruntime：")])
def test_what_is_not_installed_is_told_when_the_index_is_built_and_not_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    monkeypatch.setattr("index.__main__.load_contextual_encoder", lambda: None)
    monkeypatch.setenv("JINGYAN_LANG", language)
    folder = one_bulletin(tmp_path)
    asked = ["ask", "时间银行怎么办", "--library", str(folder), "--data", str(tmp_path / "data")]
    assert main(asked) == 0
    out, error = capsys.readouterr()
    assert "[1]" in out and error.startswith(told) and error.count("\n") == 1
    assert main(asked) == 0
    assert capsys.readouterr().err == ""
    (folder / "又一.txt").write_bytes(SAMPLE.with_name("lanchuan-2019-06.txt").read_bytes())
    assert main([*asked, "--fast"]) == 0  # built again, and not missed
    assert capsys.readouterr().err == ""


def test_who_wants_it_fast_asks_no_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    contextual = SmallContextual()
    monkeypatch.setattr("index.__main__.load_contextual_encoder", lambda: contextual)
    asked = ["ask", "时间银行怎么办", "--library", str(one_bulletin(tmp_path)), "--data", str(tmp_path / "data")]
    assert main([*asked, "--fast"]) == 0 and contextual.read == 0
    monkeypatch.setattr("index.__main__.load_contextual_encoder", lambda: pytest.fail("loaded"))
    assert main([*asked, "--fast"]) == 0
    assert capsys.readouterr().err == ""


def test_help_names_every_option(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for command, options in {
        "ask": (
            "--library",
            "--region",
            "--year",
            "--series",
            "--without",
            "--json",
            "--format",
            "--style",
            "--output",
            "--data",
            "--encoder",
            "--fast",
        ),
        "batch": ("--library", "--input", "--output", "--data", "--encoder", "--fast"),
        "verify": ("--library", "--json"),
        "chat": ("--library", "--port", "--open", "--data", "--encoder", "--fast"),
    }.items():
        for language, word in (("en", "folder"), ("zh", "文件夹")):
            monkeypatch.setenv("JINGYAN_LANG", language)
            with pytest.raises(SystemExit, match=r"^0$"):
                main([command, "--help"])
            text = capsys.readouterr().out
            assert word in text
            assert all(option in text for option in options)


def test_a_question_in_the_terminal_does_not_wait_for_gradio() -> None:
    program = "import sys, qa.__main__; print(sorted({'gradio', 'fastapi', 'torch', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
