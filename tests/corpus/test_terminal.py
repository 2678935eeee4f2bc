"""What command lines write to terminals and to pipes."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpus import terminal
from corpus.library.files import SAMPLES

HOSTILE = "\x1b[2J夜校\x07\x9b31m\u202e开课\r完"


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_no_character_that_steers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    terminal.configure_output()
    print(HOSTILE, "\t第二列")
    assert screen.getvalue() == "�[2J夜校��31m�开课�完 \t第二列\n"


def test_a_file_gets_every_character(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(sys, "stdout", file)
    terminal.configure_output()
    print(HOSTILE, end="")
    assert file.getvalue() == HOSTILE


@pytest.mark.skipif(os.name == "nt", reason="a pipe whose reader has gone is an ordinary error there")
def test_a_reader_that_goes_ends_a_command_without_a_word() -> None:
    sample = str(SAMPLES / "yunqi-2020-23.txt")
    command = [sys.executable, "-m", "corpus", "check", *[sample] * 3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2]) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141
