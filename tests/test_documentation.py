"""The documents say what the program does: their commands run, their shown output is real, their fields are those of the JSON."""

import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import corpus.__main__
import index.__main__
import qa.__main__
from tests.conftest import ROOT
from tests.documented_json import documented_fields
from tests.qa.web.serving import free_port

FRONT_PAGES = ("README.md", "README.zh.md")
MANUAL = tuple(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").glob("*.md")))
DOCUMENTS = (
    *FRONT_PAGES,
    *MANUAL,
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    "training/README.md",
)
_MAX_LINES, _MAX_CHARACTERS = 90, 120  # of a front page: it is read on a screen, and in a terminal
_INSTALLS = ("pip wheel", "pip install")  # these take minutes, and a network
_FOLDERS = ("FOLDER", "简报文件夹")  # the reader's own bulletins, here a copy of a sample
# Run in this process: what they load is loaded once, and their start as a program is seen by the tests of each command line.
_MAINS: dict[str, Callable[[Sequence[str]], int]] = {
    "corpus": corpus.__main__.main,
    "index": index.__main__.main,
    "qa": qa.__main__.main,
}
_FILES = (".jsonl", ".json", ".docx", ".xlsx", "passwords")  # written by a command, or read by the next


def blocks(name: str, language: str) -> list[str]:
    """Return the blocks of a document in one language, those inside a list without its indentation."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def commands(name: str) -> list[str]:
    """Return the lines of all `sh` blocks of a document."""
    return [line for block in blocks(name, "sh") for line in block.splitlines() if line.strip()]


def environment(language: str = "en") -> dict[str, str]:
    return {**os.environ, "VIRTUAL_ENV": sys.prefix, "BROWSER": "true", "JINGYAN_LANG": language}


def check_page_opens(command: list[str], port: int) -> None:
    """Start the page by a command, read it (or be asked for a password), stop it."""
    started = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=ROOT,
        env=environment(),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        page = ""
        deadline = time.monotonic() + 300
        while not page and time.monotonic() < deadline:
            assert started.poll() is None, started.stdout and started.stdout.read()
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=5).read().decode("utf-8")
            except urllib.error.HTTPError as error:
                assert error.code == 401 and "--auth-file" in command
                return
            except OSError:
                time.sleep(0.2)
        assert "经验问答" in page
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait(20)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The reader's own folder: two bulletins, which are not indexed yet."""
    (folder := tmp_path / "bulletins").mkdir()
    for name in ("lanchuan-2023-09.txt", "yunqi-2020-23.txt"):
        shutil.copy(ROOT / "corpus" / "samples" / name, folder)
    return folder


@pytest.mark.skipif(os.name == "nt", reason="start.sh is for Linux and macOS; Windows has start.bat")
def test_the_first_command_sets_up_and_opens_the_page(tmp_path: Path, own: Path) -> None:
    command = [*shlex.split(commands("README.md")[0]), "--library", str(own), "--data", str(tmp_path / "data")]
    check_page_opens(command, free_port())


@pytest.mark.parametrize("document", FRONT_PAGES)
def test_the_second_command_is_this_very_test_run(document: str) -> None:
    start, test, ask = commands(document)
    assert (start, test) == ("sh start.sh", "sh test.sh") and ask.startswith(".venv/bin/python -m qa ask ")
    for checks in (".ci/run", ".github/workflows/test.yml"):
        assert re.search(r"^(?:\s+run: )?sh test\.sh$", (ROOT / checks).read_text(encoding="utf-8"), re.MULTILINE), checks


@pytest.mark.parametrize("document", MANUAL)
def test_the_commands_of_a_document_run_one_after_the_other(
    document: str,
    data: Path,
    tmp_path: Path,
    own: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In the order of the document: what one command writes (answers, passwords), the next reads."""
    (tmp_path / "questions.jsonl").write_text('{"id": "1", "question": "志愿积分怎么做"}\n', encoding="utf-8")
    monkeypatch.chdir(ROOT)
    for command in commands(document):
        if any(word in command for word in _INSTALLS):
            continue
        words = [str(own) if word in _FOLDERS else word for word in shlex.split(command)]
        words = [str(tmp_path / word) if word.endswith(_FILES) and not word.startswith("corpus/") else word for word in words]
        if words[:2] == ["sh", "start.sh"]:
            check_page_opens([sys.executable, "-m", "qa", "chat", *words[2:], "--data", str(data)], free_port())
            continue
        assert words[:2] == [".venv/bin/python", "-m"], command
        program, *arguments = words[2:]
        if program == "index":  # of a small folder: what all tests share is not built anew
            arguments += ["--library", str(own), "--data", str(tmp_path / "data")]
        elif program == "qa" and arguments[0] != "password":
            arguments += ["--data", str(data)]
        if program in _MAINS:
            monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse battery staple\n"))
            status = _MAINS[program](arguments)
            out, errors = capsys.readouterr()
        else:
            ran = [sys.executable, "-m", program, *arguments]
            done = subprocess.run(ran, env=environment(), capture_output=True, text=True, encoding="utf-8", check=False)
            status, out, errors = done.returncode, done.stdout, done.stderr
        assert status == 0, (command, errors)
        assert out or any(word.startswith("--output") for word in words), command


@pytest.mark.parametrize(("document", "language"), [("README.md", "en"), ("README.zh.md", "zh")])
def test_the_shown_answer_is_the_real_one(document: str, language: str, data: Path) -> None:
    (command,) = [command for command in commands(document) if " ask " in command]
    (shown,) = blocks(document, "text")
    words = [sys.executable, *shlex.split(command)[1:], "--data", str(data)]
    out = subprocess.run(words, cwd=ROOT, env=environment(language), capture_output=True, check=True).stdout.decode("utf-8")
    assert out.startswith(shown)


@pytest.mark.parametrize("document", FRONT_PAGES)
def test_a_front_page_is_short(document: str) -> None:
    lines = (ROOT / document).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= _MAX_LINES
    assert [line for line in lines if len(line) > _MAX_CHARACTERS] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_point_at_files_that_exist(name: str) -> None:
    document = ROOT / name
    for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{name} points at {target}"


def records(answer: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects inside an answer, each with the section of docs/json.md that describes it."""
    yield "Answer", answer
    yield "Understood", answer["understood"]
    yield "Asked", answer["asked"]
    yield from (("Chip", chip) for chip in answer["understood"]["chips"])
    for section, found in (("Quote", answer["quotes"]), ("Passage", answer["passages"])):
        for one in found:
            yield section, one
            yield "Citation", one["citation"]
    yield from (("Receipt", quote["receipt"]) for quote in answer["quotes"])
    if answer["table"]:
        yield "Table", answer["table"]


def test_the_fields_of_the_json_are_those_described(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen: dict[str, set[str]] = {}
    for question in ("锦渚区和北苑区的骑手驿站有什么不同", "骑手驿站日均进站多少人次", "火星上怎样办团课"):
        file = tmp_path / "answer.json"
        assert qa.__main__.main(["ask", question, "--json", "--output", str(file), "--data", str(data)]) == 0
        assert qa.__main__.main(["verify", str(file), "--json", "--data", str(data)]) == 0
        report = json.loads(capsys.readouterr().out)
        checks = [("Report", report), *(("Check", check) for check in report["quotes"]), ("Whole", report["answers"][0])]
        for section, record in [*records(json.loads(file.read_text(encoding="utf-8"))), *checks]:
            always, optional = documented_fields(section)
            assert always <= set(record) <= always | optional, section
            seen.setdefault(section, set()).update(record)
    assert {
        "Answer",
        "Understood",
        "Chip",
        "Quote",
        "Citation",
        "Receipt",
        "Table",
        "Passage",
        "Report",
        "Check",
        "Asked",
        "Whole",
    } == set(seen)
