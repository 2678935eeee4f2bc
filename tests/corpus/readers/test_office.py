"""Files that LibreOffice converts, and what is said where it cannot."""

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from benchmarks import readers as forms
from corpus import readers
from corpus.library import files
from corpus.messages.errors import UnreadableFileError
from corpus.readers import office

GAZETTEER = files.load_gazetteer(files.SAMPLES)
SAMPLES = sorted(files.SAMPLES.glob("*.txt"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def compound_file(*streams: str) -> bytes:
    """The beginning of a compound file whose directory has these entries."""
    names = [stream.encode("utf-16-le") for stream in streams]
    entries = [(name.ljust(64, b"\x00") + (len(name) + 2).to_bytes(2, "little")).ljust(128, b"\x00") for name in names]
    return OLE + bytes(504) + b"".join(entries) + bytes(600)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """Turns the first sample, as a Word file, into another format by LibreOffice."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "it.docx").write_bytes(forms.render(readers.read_plain(SAMPLES[0]), "docx", gazetteer=GAZETTEER, chromium=""))

    def convert(suffix: str) -> bytes:
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", suffix, "--outdir", str(folder), str(folder / "it.docx")]
        subprocess.run(command, check=True, capture_output=True)
        return (folder / f"it.{suffix}").read_bytes()

    return convert


@pytest.mark.parametrize("name", ["it.docx", "it.wps", "it.xlsx"])
def test_an_encrypted_file_says_so(name: str) -> None:
    with pytest.raises(UnreadableFileError, match=f"{name}: the file is encrypted"):
        readers.read_file(compound_file("Root Entry", "EncryptedPackage"), name=name)


@pytest.mark.parametrize(
    ("name", "stream", "shown"),
    [
        ("it.doc", "WordDocument", "a DOC file takes LibreOffice .or antiword"),
        ("it.wps", "WordDocument", "a WPS file takes LibreOffice"),
        ("it.et", "Workbook", "a ET file takes LibreOffice"),
        ("it.dps", "PowerPoint Document", "a DPS file takes LibreOffice"),
        ("it.txt", "WordDocument", "a TXT file takes LibreOffice"),
    ],
)
def test_a_program_may_be_missing(name: str, stream: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(UnreadableFileError, match=f"{name}: {shown}.*save it as"):
        readers.read_file(compound_file("Root Entry", stream), name=name)


def test_a_compound_file_of_no_office_program_is_damaged() -> None:
    with pytest.raises(UnreadableFileError, match=r"it\.dps: damaged; this DPS file .*save it as"):
        readers.read_file(OLE + bytes(600), name="it.dps")


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for LibreOffice")
@pytest.mark.parametrize("limit", ["_MAX_TIME", "_MAX_MEMORY"])
def test_a_conversion_over_its_limits_is_killed_with_its_children(
    limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/child\nwait\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(office, limit, 0.5)
    with pytest.raises(UnreadableFileError, match=r"it\.doc: LibreOffice cannot open this DOC file"):
        office.convert(b"", form=".doc", name="it.doc")
    child = int((tmp_path / "child").read_text(encoding="utf-8"))
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


@needs_office
@pytest.mark.parametrize("suffix", ["doc", "rtf"])
def test_a_word_file_of_another_format_reads_as_its_text(suffix: str, converted: Callable[[str], bytes]) -> None:
    data = converted(suffix)
    with ThreadPoolExecutor(2) as pool:  # two at once, each in a profile of its own
        one, other = pool.map(lambda name: readers.read_file(data, name=name), [f"it.{suffix}", "it.wps"])
    assert one == other
    source = readers.read_file(SAMPLES[0].read_bytes(), name="it.txt")
    assert forms.differ(forms._parsed(source, GAZETTEER), forms._parsed(one, GAZETTEER)) == []


@needs_office
def test_what_libreoffice_cannot_open_is_refused_with_the_way_out() -> None:
    with pytest.raises(UnreadableFileError, match=r"it\.xls: LibreOffice cannot open this XLS file.*save it as"):
        readers.read_file(compound_file("Root Entry", "Workbook"), name="it.xls")
