"""Without a network, and without torch and its friends, questions are answered and the page is served."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from corpus.library import files

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "怎样给外卖骑手建驿站"

# Python runs this at its start, in the children of the process, too.
SITECUSTOMIZE = """
import socket, sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "sentence_transformers", "transformers"}:
            raise ImportError(f"blocked: {name}")

sys.meta_path.insert(0, Block())

def guarded(real):
    def connect(self, address):
        if self.family != getattr(socket, "AF_UNIX", None) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            print("BLOCKED", address, file=sys.stderr, flush=True)
            raise OSError(f"blocked: {address}")
        return real(self, address)
    return connect

socket.socket.connect = guarded(socket.socket.connect)
socket.socket.connect_ex = guarded(socket.socket.connect_ex)
resolve = socket.getaddrinfo

def getaddrinfo(host, *arguments, **options):
    if host not in (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0"):
        print("BLOCKED", host, file=sys.stderr, flush=True)
        raise socket.gaierror(f"blocked: {host}")
    return resolve(host, *arguments, **options)

socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process without network and torch."""
    folder = tmp_path_factory.mktemp("offline")
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "JINGYAN_LANG": "en",
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one bulletin, which the first question indexes."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copy(files.SAMPLES / "lanchuan-2021-14.txt", folder)
    return folder


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import torch", "blocked: torch"),
        ("import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)", "blocked: "),
        ("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 80))", "blocked: "),
        ("import urllib.request; urllib.request.urlopen('http://example.org')", "blocked: "),
    ],
)
def test_the_block_holds(offline: dict[str, str], program: str, expected: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], env=offline, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert expected in done.stderr


def test_a_question_is_answered(offline: dict[str, str], data: Path, library: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "qa", "ask", QUESTION, "--json", "--library", str(library), "--data", str(data)],
        cwd=ROOT,
        env=offline,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["quotes"]
    assert any("驿站" in quote["text"] for quote in answer["quotes"])


def test_the_page_is_served(offline: dict[str, str], data: Path, library: Path, tmp_path: Path) -> None:
    pytest.importorskip("gradio")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "qa", "chat", "--port", str(port), "--library", str(library), "--data", str(data)],
            cwd=ROOT,
            env=offline,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        page = fetched(f"http://127.0.0.1:{port}/", process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert "Jingyan" in page
    assert "BLOCKED" not in log.read_text(encoding="utf-8"), log.read_text(encoding="utf-8")


def fetched(address: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """The page, as soon as it is served."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with direct.open(address, timeout=10) as response:
                assert response.status == 200
                return str(response.read().decode("utf-8"))
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no page at {address}: {log.read_text(encoding='utf-8')}")
