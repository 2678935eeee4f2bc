"""A folder of bulletins: find its files, read them, see what changed. The folder is only ever read."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus import readers
from corpus.document import Bulletin
from corpus.errors import JingyanError, LibraryError
from corpus.language import tr
from corpus.parser import parse
from corpus.regions import Gazetteer

SAMPLES = Path(__file__).parent / "samples"
_REGIONS_FILE = "regions.csv"  # beside the bulletins: regions that the national table lacks


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a library: its path relative to the folder (`/`-separated), size in bytes, time in ns, SHA-256."""

    document: str
    size: int
    modified: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that was left out, and why."""

    source: SourceFile
    message: str


def scan(folder: Path, *, known: Sequence[SourceFile] = ()) -> tuple[SourceFile, ...]:
    """List the library's bulletin files and its region table, by path.

    Args: known: files as they were before; one whose size and time are the same is not read again.
    Raises: LibraryError: the folder is missing or cannot be listed. Nothing is raised for a single file: one that cannot be
        read has an empty hash, and is reported by `load`.
    """
    before = {file.document: file for file in known}
    found = []
    for path in _paths(folder):
        # A Linux file name need not be text, which no record of ours can hold: such a file is listed escaped, then left out.
        document = path.relative_to(folder).as_posix().encode("utf-8", "backslashreplace").decode()
        try:
            status = path.stat()
            size, modified = status.st_size, status.st_mtime_ns
            old = before.get(document)
            if old is not None and old.sha256 and (old.size, old.modified) == (size, modified):
                found.append(old)
                continue
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            size, modified, digest = 0, 0, ""
        found.append(SourceFile(document, size, modified, digest))
    return tuple(found)


def load(
    folder: Path, files: Sequence[SourceFile], *, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[tuple[Bulletin, ...], tuple[Problem, ...]]:
    """Read and parse the files of a library. A file that fails becomes a Problem; the rest still works.

    Args: progress: called with the number of files done and in all.
    Raises: RegionTableError: the library's regions.csv has a malformed row.
    """
    gazetteer = load_gazetteer(folder)
    bulletins: list[Bulletin] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    listed = [file for file in files if Path(file.document).name != _REGIONS_FILE]
    for done, file in enumerate(listed, 1):
        if file.sha256 and file.sha256 in seen:
            other = seen[file.sha256]
            same = tr(f"{file.document}：与 {other} 完全相同，不再收录", f"{file.document}: identical to {other}, left out")
            problems.append(Problem(file, same))
        else:
            try:
                bulletins.append(read(folder, file.document, gazetteer=gazetteer)[1])
                seen[file.sha256] = file.document
            except JingyanError as error:
                problems.append(Problem(file, str(error)))
        progress(done, len(listed))
    return tuple(bulletins), tuple(problems)


def read(folder: Path, document: str, *, gazetteer: Gazetteer) -> tuple[str, Bulletin]:
    """Read and parse one file of a library.

    Returns: the decoded source, to which the bulletin's source spans refer, and the bulletin. Its hash is that of the bytes read
        here: the file may have changed since it was listed.
    Raises: UnreadableFileError: it cannot be read; BulletinParseError: it is no bulletin.
    """
    data = readers.read_bytes(folder / document)
    source = readers.decode(data, name=document)
    return source, parse(source, gazetteer=gazetteer, document=document, sha256=hashlib.sha256(data).hexdigest())


def load_gazetteer(folder: Path) -> Gazetteer:
    """The national regions and those of the library's own regions.csv.

    Raises: RegionTableError: the table has a malformed row.
    """
    path = folder / _REGIONS_FILE
    return Gazetteer.load([readers.read(path)] if path.is_file() else [])


def _paths(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise LibraryError(tr(f"{folder}：没有这个文件夹", f"{folder}: no such folder"))
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        cause = error.strerror
        message = tr(f"{folder}：无法读取文件夹（{cause}）", f"{folder}: the folder cannot be read ({cause})")
        raise LibraryError(message) from error
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and (path.suffix.lower() in readers.SUFFIXES or path == folder / _REGIONS_FILE):
            yield path
