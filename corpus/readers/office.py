"""Files that only an office program reads (.doc, .xls, .ppt, .rtf and WPS's own), turned by LibreOffice into Office Open XML.

Each conversion runs in a profile of its own, so that several may at once. A .doc file becomes bare text by antiword where only
that is installed.
"""

import contextlib
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.formats import has_stream
from corpus.readers.marks import replace_illegal_characters

# What each format becomes, and LibreOffice's filter for it.
_TARGETS = {
    ".doc": (".docx", "docx:MS Word 2007 XML"),
    ".rtf": (".docx", "docx:MS Word 2007 XML"),
    ".xls": (".xlsx", "xlsx:Calc MS Excel 2007 XML"),
    ".ppt": (".pptx", "pptx:Impress MS PowerPoint 2007 XML"),
}
FORMATS = frozenset(_TARGETS)
_EXCEL_97 = "--infilter=MS Excel 97"  # without it what is damaged is read as if it were a text
_MAX_TIME = 120.0  # seconds: LibreOffice starts in 3 to 10
_MAX_MEMORY = 2_000_000_000  # bytes; it takes some 300 MB
_LOOK_EVERY = 0.25  # seconds
_MAX_CAUSE = 200  # characters of what a program says is wrong
# No macro runs, and nothing that a file links to is fetched.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>
""".format(
    "".join(
        f'<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="{name}" oor:op="fuse">'
        "<value>true</value></prop></item>"
        for name in ("DisableMacrosExecution", "BlockUntrustedRefererLinks", "DisableActiveContent")
    )
)


def convert(data: bytes, *, form: str, name: str) -> tuple[bytes, str] | ExtractedText:
    """Convert a file of one of `FORMATS`.

    Returns: the bytes and the format of what became of it or, where antiword read it, its bare text.
    Raises: UnreadableFileError: no program for it is installed, or it cannot read the file.
    """
    office = shutil.which("soffice") or shutil.which("libreoffice")
    antiword = shutil.which("antiword") if form == ".doc" else None
    shown = (Path(name).suffix or form).lstrip(".").upper()
    if not office and not antiword:
        raise UnreadableFileError(
            Message.of("corpus.readers.no_converter_or_antiword", document=name, format=shown)
            if form == ".doc"
            else Message.of("corpus.readers.no_converter", document=name, format=shown)
        )
    suffix, target_filter = _TARGETS[form]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        folder = Path(place)
        source, target = folder / f"source{form}", folder / f"source{suffix}"
        source.write_bytes(data)
        if office:
            settings = folder / "profile" / "user" / "registrymodifications.xcu"
            settings.parent.mkdir(parents=True)
            settings.write_text(_SETTINGS, encoding="utf-8")
            profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
            to = ["--convert-to", target_filter, "--outdir", place, str(source)]
            told = [_EXCEL_97] if has_stream(data, "Workbook") and form == ".xls" else []
            command = [office, profile, "--headless", "--norestore", *told, *to]
        else:
            command = [str(antiword), "-m", "UTF-8.txt", "-w", "0", str(source)]
        done = _run(command, name, shown)
        if office and target.is_file():
            return target.read_bytes(), suffix
        if not office and done.returncode == 0 and done.stdout.strip():
            return ExtractedText(replace_illegal_characters(done.stdout.decode("utf-8", "replace")), reader="antiword-1")
        said = (done.stderr or done.stdout).decode("utf-8", "replace").split("\n")
        raise _not_converted(name, shown, next((line.strip() for line in reversed(said) if line.strip()), "?"))


def _run(command: list[str], name: str, shown: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a program. One that takes too long or too much memory is killed with all that it has started.

    Raises: UnreadableFileError: it cannot be started, or was killed.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise _not_converted(name, shown, str(error)) from error
    deadline = time.monotonic() + _MAX_TIME
    while True:
        try:
            out, err = process.communicate(timeout=_LOOK_EVERY)
            return subprocess.CompletedProcess(command, process.returncode, out, err)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline or _memory(process.pid) > _MAX_MEMORY:
                _kill(process)
                raise _not_converted(name, shown, f"> {_MAX_TIME:g} s / {_MAX_MEMORY // 1_000_000} MB") from None
        except BaseException:
            _kill(process)
            raise


def _memory(pid: int) -> int:
    """Return the bytes that a process and those that it started hold."""
    import psutil

    held = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):  # just gone
                held += each.memory_info().rss
    return held


def _kill(process: "subprocess.Popen[bytes]") -> None:
    import psutil

    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    process.kill()
    process.communicate()


def _not_converted(name: str, shown: str, cause: str) -> UnreadableFileError:
    return UnreadableFileError(Message.of("corpus.readers.not_converted", document=name, format=shown, cause=cause[:_MAX_CAUSE]))
