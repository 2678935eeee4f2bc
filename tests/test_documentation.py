"""The documents say what the program does: every command in README.md runs, its first one opens the page."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.qa.web.conftest import free_port

_INSTALLS = ("pip download", "pip install")


def commands(name: str) -> list[str]:
    """The lines of all `sh` blocks of a document."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.skipif(os.name == "nt", reason="start.sh is for Linux and macOS; Windows has start.bat")
def test_the_first_command_sets_up_and_opens_the_page(tmp_path: Path) -> None:
    first = commands("README.md")[0]
    port = free_port()
    environment = {**os.environ, "VIRTUAL_ENV": sys.prefix, "BROWSER": "true"}
    command = [*shlex.split(first), "--port", str(port), "--data", str(tmp_path)]
    started = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        page = ""
        deadline = time.monotonic() + 300
        while not page and time.monotonic() < deadline:
            assert started.poll() is None, started.stdout and started.stdout.read()
            try:
                page = urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=5).read().decode("utf-8")
            except OSError:
                time.sleep(0.5)
        assert "经验问答" in page
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait(20)


def test_the_second_command_is_this_very_test_run() -> None:
    assert commands("README.md")[1] == "sh test.sh"
    for checks in (".ci/run", ".github/workflows/test.yml"):
        assert re.search(r"^(?:\s+run: )?sh test\.sh$", (ROOT / checks).read_text(encoding="utf-8"), re.MULTILINE), checks


@pytest.mark.parametrize(
    "command", dict.fromkeys(c for c in commands("README.md")[2:] if not any(word in c for word in _INSTALLS))
)
def test_every_other_command_runs(command: str, tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"id": "1", "question": "志愿积分怎么做"}\n', encoding="utf-8")
    words = shlex.split(command)
    assert words[0] == ".venv/bin/python"
    words[0] = sys.executable
    words = [str(tmp_path / word) if word.endswith((".jsonl", ".docx", ".xlsx")) else word for word in words]
    if words[2:4] == ["qa", "verify"]:  # checks what `batch` has written
        target = words[4]
        source = str(tmp_path / "questions.jsonl")
        batch = [*words[:3], "batch", "--input", source, "--output", target, "--data", str(tmp_path / "data")]
        subprocess.run(batch, cwd=ROOT, check=True, capture_output=True)
    elif words[2] in ("qa", "index"):
        words += ["--data", str(tmp_path / "data")]
    if "status" in words:  # says how the index stands: there must be one
        subprocess.run(
            [sys.executable, "-m", "index", "build", "--data", str(tmp_path / "data")], cwd=ROOT, check=True, capture_output=True
        )
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8")
    assert done.stdout or "--output" in words


def test_the_shown_output_is_the_real_one(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    command, shown = re.search(r"```sh\n([^\n`]* ask [^\n]*)\n```\n\n```text\n(.*?)```", text, re.DOTALL).groups()  # type: ignore[union-attr]
    words = [sys.executable, *shlex.split(command)[1:], "--data", str(tmp_path)]
    out = subprocess.run(words, cwd=ROOT, capture_output=True, check=True).stdout.decode("utf-8")
    for line in shown.splitlines():
        assert line.rstrip("…") in out, line


def test_documents_point_at_files_that_exist() -> None:
    names = ("README.md", "README.zh.md", "ARCHITECTURE.md", "CHANGELOG.md", "benchmarks/README.md", "docs/api.md")
    for name in (*names, "training/README.md"):
        document = ROOT / name
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{name} points at {target}"
