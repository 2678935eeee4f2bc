"""What was recognised once is not recognised again."""

import hashlib
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from corpus import readers
from corpus.document import ExtractedText, Span
from corpus.messages.message import Message, render
from corpus.readers import cache, scan
from corpus.readers.text import READER

SCAN = ExtractedText(
    "第1期\n认出来的字",
    "scan-1",
    pages=(0, 4),
    low_confidence=(Span(4, 6),),
    warnings=(Message.of("corpus.readers.read_by_ocr", pages=(1, 2)),),
)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that were read in earnest."""
    names: list[str] = []

    def reading(data: bytes, *, name: str) -> ExtractedText:
        names.append(name)
        return SCAN if name.endswith(".pdf") else ExtractedText(data.decode(), READER)

    monkeypatch.setattr(readers, "read_file", reading)
    return names


def test_a_file_is_read_once(read: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "extracts"
    for name in ("a.pdf", "旧/b.PDF", "a.pdf"):
        assert cache.read_cached(b"same", name=name, cache=folder, keep=True) == SCAN
    assert read == ["a.pdf"]
    cache.read_cached(b"other", name="a.pdf", cache=folder, keep=True)
    assert read == ["a.pdf", "a.pdf"]


def test_a_warning_is_kept_in_no_language(read: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read under English, shown under Chinese."""
    monkeypatch.setenv("JINGYAN_LANG", "en")
    cache.read_cached(b"same", name="a.pdf", cache=tmp_path, keep=True)
    (path,) = tmp_path.iterdir()
    assert "OCR" not in path.read_text(encoding="utf-8")
    (warning,) = cache.read_cached(b"same", name="a.pdf", cache=tmp_path).warnings
    assert render(warning, "zh") == "第 1、2 页是扫描件，文字由识别而来，请核对原件"
    assert render(warning, "en") == "scanned pages, read by OCR, check with the original: 1, 2"
    assert read == ["a.pdf"]


def test_an_extract_with_a_warning_in_words_is_made_anew(read: list[str], tmp_path: Path) -> None:
    cache.read_cached(b"same", name="a.pdf", cache=tmp_path, keep=True)
    (path,) = tmp_path.iterdir()
    made_by, reading = msgspec.json.decode(path.read_bytes()[64:])
    old = msgspec.json.encode((made_by, {**reading, "warnings": ["第 1 页是扫描件"]}))
    path.write_bytes(hashlib.sha256(old).hexdigest().encode() + old)
    assert cache.read_cached(b"same", name="a.pdf", cache=tmp_path, keep=True) == SCAN
    assert read == ["a.pdf", "a.pdf"]


def test_text_is_read_and_not_kept(read: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        assert cache.read_cached(b"text", name="a.txt", cache=tmp_path, keep=True).text == "text"
    assert read == ["a.txt", "a.txt"]
    assert not list(tmp_path.iterdir())


def test_nothing_is_kept_unasked(read: list[str], tmp_path: Path) -> None:
    cache.read_cached(b"same", name="a.pdf", cache=tmp_path)
    cache.read_cached(b"same", name="a.pdf")
    assert not list(tmp_path.iterdir())
    assert len(read) == 2


def test_a_damaged_extract_is_made_anew(read: list[str], tmp_path: Path) -> None:
    cache.read_cached(b"same", name="a.pdf", cache=tmp_path, keep=True)
    (path,) = tmp_path.iterdir()
    good = path.read_bytes()
    for bad in (good[:-1], good[:70], b"", good.replace("认".encode(), "忍".encode()), b"\xff" * 100):
        path.write_bytes(bad)
        before = len(read)
        assert cache.read_cached(b"same", name="a.pdf", cache=tmp_path, keep=True) == SCAN
        assert len(read) == before + 1
        assert path.read_bytes() == good


def test_other_readers_read_again(read: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.read_cached(b"same", name="a.pdf", cache=tmp_path, keep=True)
    monkeypatch.setattr(cache, "_code_hash", lambda: "others")
    cache.read_cached(b"same", name="a.pdf", cache=tmp_path, keep=True)
    assert len(read) == 2


def test_a_full_disk_costs_only_time(read: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert cache.read_cached(b"same", name="a.pdf", cache=tmp_path / "file", keep=True) == SCAN


def test_the_installation_of_ocr_and_every_module_of_the_readers_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose pictures could not be read is read anew once they can be."""
    names = [module.name for module in cache._modules(resources.files("corpus.readers"))]
    assert {"pdf.py", "numbering.py"} <= set(names)
    hashes = set()
    for installed in (True, False):
        monkeypatch.setattr(scan, "is_installed", lambda installed=installed: installed)
        cache._code_hash.cache_clear()
        hashes.add(cache._code_hash())
    cache._code_hash.cache_clear()
    assert len(hashes) == 2
