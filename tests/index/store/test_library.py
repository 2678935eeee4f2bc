"""Index generations on disk: fresh, stale, damaged, fought over, killed."""

import hashlib
import os
import random
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from benchmarks import small_files
from corpus.messages.errors import LibraryError, StorageError
from index import retriever
from index.passage_index import Mode
from index.retriever import Retriever
from index.store import generations
from index.store.builder import no_progress
from index.store.disk import build_lock
from index.store.library import Library, open_index, status
from index.store.paths import LibraryPaths
from tests.index.small import (
    RIDERS_AND_POINTS,
    STORIES,
    SWIMMING,
    SmallContextual,
    SmallEncoder,
    SmallTokenEncoder,
    SmallTokenizer,
    small_context,
)

code_fingerprint = generations.code_fingerprint.__wrapped__  # reads the files anew each time
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
# One row for what the national table lacks.
REGIONS = "province,city,county,until,successors\n岚川省,,,,\n"


def opened(folder: Path, data: Path, encoder: SmallEncoder | None = None, *, rebuild: bool = False) -> tuple[Library, bool]:
    """The library, and whether its index was built anew."""
    stages = []
    context = small_context(folder, data, encoder)
    library = open_index(context, rebuild=rebuild, progress=lambda stage, done, total: stages.append(stage))
    return library, "read" in stages


def state(folder: Path, data: Path, encoder: SmallEncoder | None = None) -> str:
    return status(small_context(folder, data, encoder)).state


def documents(library: Library) -> list[str]:
    return [bulletin.source.document for bulletin in library.bulletins]


def place(data: Path) -> Path:
    (only,) = (data / "libraries").iterdir()
    return only


def newest(data: Path) -> Path:
    return place(data) / (place(data) / "current").read_text(encoding="utf-8").split()[0]


def assert_sound(library: Library) -> None:
    """What is answered is what the files say."""
    best = library.retriever.search("退役运动员", k=1)[0]
    assert best.passage.text == "二、请教练。退役运动员每周来两次。\n"
    assert best.lexical > 2
    assert library.retriever.search("points", mode="dense")[0].dense == pytest.approx(1)


def assert_tidy(data: Path) -> None:
    assert {path.name for path in place(data).iterdir()} == {"current", "lock", newest(data).name}


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    found = {}
    for path in (folder, *folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        found[path.relative_to(folder).as_posix()] = (path.stat().st_mode, path.stat().st_mtime_ns, content)
    return found


# Fresh and stale.


def test_an_index_is_built_once_and_then_opened(folder: Path, data: Path) -> None:
    assert state(folder, data) == "missing"
    assert not data.exists()
    built, was_built = opened(folder, data)
    assert was_built
    assert state(folder, data) == "fresh"
    again, was_built = opened(folder, data)
    assert not was_built
    assert list(map(asdict, again.bulletins)) == list(map(asdict, built.bulletins))
    assert documents(again) == ["旧/乙.md", "甲.txt"]
    assert [p.passage_id for p in again.retriever.catalog.passages] == [p.passage_id for p in built.retriever.catalog.passages]
    assert (again.manifest.bulletins, again.manifest.passages) == (2, 6)
    assert_sound(built)
    assert_sound(again)
    assert_tidy(data)


def test_the_folder_may_be_named_in_any_way(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(folder, data)
    monkeypatch.chdir(folder.parent)
    for name in (Path(folder.name), folder / "旧" / "..", Path(".") / folder.name):
        assert not opened(name, data)[1]


def test_two_libraries_have_an_index_each(folder: Path, data: Path, tmp_path: Path) -> None:
    other = tmp_path / "另一"
    other.mkdir()
    (other / "丙.txt").write_text(STORIES, encoding="utf-8")
    opened(folder, data)
    assert documents(opened(other, data)[0]) == ["丙.txt"]
    assert not opened(folder, data)[1]


def add(folder: Path) -> None:
    (folder / "丙.txt").write_text(STORIES, encoding="utf-8")


def change(folder: Path) -> None:
    (folder / "甲.txt").write_text(RIDERS_AND_POINTS.replace("十分", "九分"), encoding="utf-8")


def remove(folder: Path) -> None:
    (folder / "甲.txt").unlink()


def rename(folder: Path) -> None:
    (folder / "甲.txt").rename(folder / "甲二.txt")  # same contents, same place in the order


def add_regions(folder: Path) -> None:
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (add, ["丙.txt", "旧/乙.md", "甲.txt"]),
        (change, ["旧/乙.md", "甲.txt"]),
        (remove, ["旧/乙.md"]),
        (rename, ["旧/乙.md", "甲二.txt"]),
        (add_regions, ["旧/乙.md", "甲.txt"]),
    ],
)
def test_a_changed_library_is_indexed_anew(folder: Path, data: Path, edit: Callable[[Path], None], expected: list[str]) -> None:
    opened(folder, data)
    edit(folder)
    assert state(folder, data) == "stale"
    library, was_built = opened(folder, data)
    assert was_built
    assert sorted(documents(library)) == sorted(expected)
    assert "九分" in "".join(b.text for b in library.bulletins) or edit is not change
    assert state(folder, data) == "fresh"
    assert not opened(folder, data)[1]
    assert_tidy(data)


def test_a_changed_region_table_is_noticed(folder: Path, data: Path) -> None:
    add_regions(folder)
    opened(folder, data)
    (folder / "regions.csv").write_text(REGIONS + "岚川省,云栖市,,,\n", encoding="utf-8")
    assert state(folder, data) == "stale"
    library, was_built = opened(folder, data)
    assert was_built
    assert library.retriever.catalog.gazetteer.resolve("云栖市") is not None


def test_a_file_touched_or_of_no_concern_changes_nothing(folder: Path, data: Path) -> None:
    opened(folder, data)
    os.utime(folder / "甲.txt", (1, 1))
    (folder / "录像.mp4").write_bytes(b"")
    (folder / ".隐藏.txt").write_text(STORIES, encoding="utf-8")
    assert state(folder, data) == "fresh"
    assert not opened(folder, data)[1]


def test_another_encoder_makes_an_index_stale(folder: Path, data: Path) -> None:
    opened(folder, data)
    other = SmallEncoder("b" * 64)
    assert state(folder, data, other) == "stale"
    assert opened(folder, data, other)[1]
    assert state(folder, data, other) == "fresh"
    assert state(folder, data) == "stale"


def test_an_index_that_reads_sentences_serves_where_that_is_not_wanted(folder: Path, data: Path) -> None:
    wanted, plain = small_context(folder, data, contextual=SmallContextual()), small_context(folder, data)
    built = open_index(wanted)
    assert built.manifest.contextual_fingerprint == "c" * 64 and built.retriever.index.reads_sentences
    assert status(wanted).state == status(plain).state == "fresh"
    again, was_built = opened(folder, data)
    assert not was_built
    assert not again.retriever.index.reads_sentences
    assert [s.score for s in again.retriever.search("骑手")] != [s.score for s in built.retriever.search("骑手")]
    assert_sound(again)


def test_an_index_without_sentences_is_stale_where_they_are_wanted(folder: Path, data: Path) -> None:
    assert opened(folder, data)[0].manifest.contextual_fingerprint == ""
    wanted = small_context(folder, data, contextual=SmallContextual())
    assert status(wanted).state == "stale"
    assert open_index(wanted).retriever.index.reads_sentences
    assert status(wanted).state == "fresh"
    assert_tidy(data)


def test_another_contextual_encoder_makes_an_index_stale(folder: Path, data: Path) -> None:
    first, other = (small_context(folder, data, contextual=SmallContextual(letter * 64)) for letter in "de")
    open_index(first)
    assert status(other).state == "stale"
    assert open_index(other).manifest.contextual_fingerprint == "e" * 64
    assert status(other).state == "fresh" and status(first).state == "stale"
    assert other.contextual.read == 6  # every passage anew


def test_the_fingerprint_of_a_build_tells_the_encoders_apart() -> None:
    told = {
        generations.build_fingerprint((), encoder, contextual, code=code)
        for encoder in ("a", "b")
        for contextual in ("", "a", "b")
        for code in ("1", "2")
    }
    assert len(told) == 12


def test_an_index_of_nothing_yet_can_be_searched_and_grows(tmp_path: Path, data: Path) -> None:
    folder = tmp_path / "空"
    folder.mkdir()
    context = small_context(folder, data, contextual=SmallContextual())
    empty = open_index(context, may_be_empty=True)
    assert empty.retriever.index.reads_sentences and empty.retriever.search("骑手") == ()
    add(folder)
    assert [s.passage.text[:3] for s in open_index(context).retriever.search("rider", k=1)] == ["二、学"]


def test_other_code_makes_an_index_stale(folder: Path, data: Path) -> None:
    opened(folder, data)
    other = small_context(folder, data, code="other")
    assert status(other).state == "stale"
    open_index(other)
    assert status(other).state == "fresh"
    assert state(folder, data) == "stale"


def test_the_fingerprint_of_the_code_follows_code_and_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for folder in ("corpus", "index")
        for path in (ROOT / folder).rglob("*.py")
    }
    for package in packages:
        (tmp_path / package).mkdir()
        for name in ("code.py", "words.tsv"):
            (tmp_path / package / name).write_text("1", encoding="utf-8")
    monkeypatch.setattr(generations, "resources", SimpleNamespace(files=lambda package: tmp_path / package))
    seen = {code_fingerprint()}
    for package in packages - {"corpus.samples", "index.model"}:
        for name in ("code.py", "words.tsv"):
            (tmp_path / package / name).write_text("2", encoding="utf-8")
            seen.add(code_fingerprint())
    assert len(seen) == 1 + 2 * len(packages - {"corpus.samples", "index.model"})


def test_rebuild_builds_what_is_fresh(folder: Path, data: Path) -> None:
    opened(folder, data)
    before = newest(data)
    assert opened(folder, data, rebuild=True)[1]
    assert newest(data) != before
    assert_tidy(data)


# What cannot be read.


def test_one_bad_file_is_left_out_and_named(folder: Path, data: Path) -> None:
    (folder / "坏.txt").write_bytes(b"\x00\x01")
    (folder / "又一.txt").write_text(SWIMMING, encoding="utf-8")
    for _ in range(2):
        library, _ = opened(folder, data)
        assert len(library.bulletins) == 2
        # 又一.txt is the same as 旧/乙.md, and the first of the two in the order of paths stays
        states = {report.document: report.state for report in library.manifest.reports}
        assert states == {"又一.txt": "read", "坏.txt": "refused", "旧/乙.md": "copy", "甲.txt": "read"}
        assert [report.line()[:5] for report in library.manifest.refused] == ["坏.txt"]
        assert library.manifest.bulletins == 2
        assert_sound(library)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no file names that are not text")
def test_a_file_name_that_is_no_text_does_not_stop_the_rest(folder: Path, data: Path) -> None:
    (folder / os.fsdecode(b"\xff.txt")).write_text(STORIES, encoding="utf-8")
    library, _ = opened(folder, data)
    assert documents(library) == ["旧/乙.md", "甲.txt"]
    assert len(library.manifest.refused) == 1
    assert state(folder, data) == "fresh"


def test_what_is_no_document_is_named_and_no_error(folder: Path, data: Path) -> None:
    (folder / "录像.mp4").write_bytes(b"\x00\x01")
    (folder / "旧" / "通知.ceb").write_bytes(b"Founder CEB\x00")
    library, _ = opened(folder, data)
    skipped = {report.document for report in library.manifest.reports if report.state == "skipped"}
    assert skipped == {"录像.mp4", "旧/通知.ceb"}
    assert library.manifest.refused == ()
    assert_sound(library)


def test_the_files_of_an_archive_are_indexed_each_by_itself(folder: Path, data: Path) -> None:
    (folder / "旧.zip").write_bytes(small_files.zipped({"新/丙.txt": SWIMMING.encode(), "说明.exe": b"MZ\x00"}))
    library, _ = opened(folder, data)
    states = {report.document: report.state for report in library.manifest.reports}
    assert states["旧.zip/说明.exe"] == "skipped"
    assert "旧.zip/新/丙.txt" in states
    assert state(folder, data) == "fresh"
    assert_sound(library)


def test_a_library_that_is_missing_or_empty_is_an_error(tmp_path: Path, data: Path) -> None:
    with pytest.raises(LibraryError, match="nowhere"):
        opened(tmp_path / "nowhere", data)
    with pytest.raises(LibraryError):
        state(tmp_path / "nowhere", data)
    assert not data.exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(LibraryError, match="empty"):
        opened(tmp_path / "empty", data)
    (tmp_path / "empty" / "信.txt").write_text("----\n", encoding="utf-8")
    with pytest.raises(LibraryError, match="信"):
        opened(tmp_path / "empty", data)


# Damage.


def damage(path: Path, how: str, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    if how == "cut":
        content = content[: chance.randrange(len(content))]
    elif how == "flip":
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    elif how == "swap":
        content = bytearray(chance.randbytes(len(content)))
    path.unlink()
    if how != "delete":
        path.write_bytes(content)


FILES = [
    "current",
    "manifest.json",
    "bulletins.json",
    "files.json",
    "index.safetensors",
]


def test_the_list_of_files_to_damage_is_whole(folder: Path, data: Path) -> None:
    opened(folder, data)
    files = [path.relative_to(newest(data)).as_posix() for path in newest(data).rglob("*") if path.is_file()]
    assert sorted(["current", *files]) == sorted(FILES)


@pytest.mark.parametrize("how", ["cut", "flip", "flip", "flip", "swap", "delete"])
def test_a_damaged_index_is_never_used(folder: Path, data: Path, how: str, request: pytest.FixtureRequest) -> None:
    chance = random.Random(request.node.name)
    opened(folder, data)
    for name in FILES:
        damage(place(data) / name if name == "current" else newest(data) / name, how, chance)
        expected = "missing" if (name, how) == ("current", "delete") else "damaged"
        assert state(folder, data) == expected, name
        library, was_built = opened(folder, data)
        assert was_built, name
        assert_sound(library)
        assert state(folder, data) == "fresh", name
        assert_tidy(data)


@pytest.mark.parametrize("pointer", ["", "generation-1-00000000", "../..", "/", "\0", "generation-1-00000000 " + "0" * 64 + "\n"])
def test_a_pointer_to_nowhere_is_damage(folder: Path, data: Path, pointer: str) -> None:
    opened(folder, data)
    (place(data) / "current").write_text(pointer, encoding="utf-8")
    assert state(folder, data) == "damaged"
    assert_sound(opened(folder, data)[0])
    assert_tidy(data)


@pytest.mark.parametrize(
    "edit", [{"format": 0}, {"format": 99}, {"format": None}, {"unheard": 1}, {"sources": [1]}, {"passages": "6"}]
)
def test_the_manifest_of_another_version_is_not_used(folder: Path, data: Path, edit: dict[str, object]) -> None:
    """Here the hash in `current` is right, as another version of the program would have written it."""
    opened(folder, data)
    manifest = newest(data) / "manifest.json"
    content = msgspec.json.encode({**msgspec.json.decode(manifest.read_bytes()), **edit})
    manifest.write_bytes(content)
    pointer = f"{newest(data).name} {hashlib.sha256(content).hexdigest()}\n"
    (place(data) / "current").write_bytes(pointer.encode())
    assert state(folder, data) == ("foreign" if edit.get("format") is not None else "damaged")
    library, was_built = opened(folder, data)
    assert was_built
    assert_sound(library)


def test_a_file_that_is_no_index_of_ours_is_replaced(folder: Path, data: Path) -> None:
    opened(folder, data)
    (newest(data) / "bulletins.json").unlink()
    (newest(data) / "bulletins.json").mkdir()
    assert state(folder, data) == "damaged"
    assert_sound(opened(folder, data)[0])


# Late interaction.


def tensors(data: Path) -> dict[str, NDArray[np.generic]]:
    return load_file(newest(data) / "index.safetensors")


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_a_stored_index_ranks_as_one_in_memory(folder: Path, data: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retriever, "load_tokenizer", SmallTokenizer)
    opened(folder, data, SmallTokenEncoder())
    stored, was_built = opened(folder, data, SmallTokenEncoder())
    assert not was_built
    passages, gazetteer = stored.retriever.catalog.passages, stored.retriever.catalog.gazetteer
    memory = Retriever.build(passages, gazetteer=gazetteer, encoder=SmallTokenEncoder())
    whole = Retriever.build(passages, gazetteer=gazetteer, encoder=SmallEncoder())

    def ranked(one: Retriever, query: str) -> list[tuple[str, float, float, float]]:
        return [(s.passage.passage_id, s.score, s.lexical, s.dense) for s in one.search(query, mode=mode)]

    queries = ["骑手剪纸", "志愿者怎么记积分", "rider points", "退役运动员"]
    for query in queries:
        assert ranked(stored.retriever, query) == ranked(memory, query), query
    # and late interaction is part of it, but for the lexical channel
    assert any(ranked(stored.retriever, query) != ranked(whole, query) for query in queries) == (mode != "lexical")
    matches, expected = (one.compare(one.analyze("骑手剪纸"), passages) for one in (stored.retriever, memory))
    np.testing.assert_array_equal(matches.nearest, expected.nearest)
    np.testing.assert_array_equal(matches.passage_starts, expected.passage_starts)
    assert len(matches.weights) == 2


def test_a_stored_contextual_channel_ranks_as_one_in_memory(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retriever, "load_tokenizer", SmallTokenizer)
    context = small_context(folder, data, contextual=SmallContextual())
    open_index(context)
    stored = open_index(context).retriever
    assert context.contextual.read == 6  # it was opened, and not built again
    memory = Retriever.build(
        stored.catalog.passages, gazetteer=stored.catalog.gazetteer, encoder=SmallEncoder(), contextual=SmallContextual()
    )
    for query in ("骑手剪纸", "rider points", "退役运动员"):
        one, other = ([(s.passage.passage_id, s.score) for s in lib.search(query)] for lib in (stored, memory))
        assert one == other != []
        one, other = (lib.index.sentence_cosines(query, stored.catalog.passages) for lib in (stored, memory))
        for cosines, expected in zip(one, other, strict=True):
            np.testing.assert_array_equal(cosines, expected)


@pytest.mark.parametrize("name", ["late.ids", "late.sentences", "late.passages", "late.lengths"])
def test_one_flipped_bit_of_the_tokens_is_damage(folder: Path, data: Path, name: str) -> None:
    encoder = SmallTokenEncoder()
    before, _ = opened(folder, data, encoder)
    kept = {name: array.copy() for name, array in tensors(data).items()}
    kept[name].view(np.uint8)[-1] ^= 1
    save_file(kept, newest(data) / "index.safetensors")
    assert state(folder, data, encoder) == "damaged"
    after, was_built = opened(folder, data, encoder)
    assert was_built
    assert state(folder, data, encoder) == "fresh"
    one, other = ([s.score for s in library.retriever.search("骑手剪纸", mode="dense")] for library in (before, after))
    assert one == other != []
    assert_tidy(data)


def test_tokens_taken_away_are_damage(folder: Path, data: Path) -> None:
    opened(folder, data, SmallTokenEncoder())
    kept = {name: array for name, array in tensors(data).items() if not name.startswith("late.")}
    save_file(kept, newest(data) / "index.safetensors")
    assert state(folder, data, SmallTokenEncoder()) == "damaged"
    assert opened(folder, data, SmallTokenEncoder())[1]
    assert "late.ids" in tensors(data)


def test_only_tokens_with_vectors_are_kept(folder: Path, data: Path) -> None:
    opened(folder, data, SmallEncoder())
    assert not any(name.startswith("late.") for name in tensors(data))
    opened(folder, data, SmallTokenEncoder("b" * 64))
    # In 旧/乙.md 骑手 stands once, 剪纸 and 积分 never. In 甲.txt: the heads of both riders' passages have 骑手, the second
    # sentence of the one 剪纸 and of the other 骑手 (twice, kept once); the heads of both points' passages have 积分, and so have
    # a first and a second sentence. The numbers are the places in DIRECTIONS: 骑手 0, 积分 2, 剪纸 4.
    assert tensors(data)["late.ids"].tolist() == [0, *(0, 4, 0, 0), *(2, 2, 2, 2)]


# Where is written, and where not.


def test_the_library_folder_is_never_written_to(folder: Path, data: Path) -> None:
    add_regions(folder)
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o500 if path.is_dir() else 0o400)
    before = snapshot(folder)
    try:
        opened(folder, data)
        opened(folder, data, rebuild=True)
        state(folder, data)
        assert_sound(opened(folder, data)[0])
        assert snapshot(folder) == before
    finally:
        folder.chmod(0o700)
        (folder / "旧").chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="folder modes are POSIX")
def test_only_its_owner_may_enter_the_data_folder(folder: Path, data: Path) -> None:
    before = os.umask(0)
    try:
        opened(folder, data)
    finally:
        os.umask(before)
    for path in (data, data / "libraries", place(data), newest(data)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path


@pytest.mark.skipif(os.name != "posix", reason="folder modes are POSIX")
def test_a_data_folder_made_again_for_its_lock_is_the_owners(folder: Path, data: Path) -> None:
    paths = LibraryPaths(folder, data)
    with build_lock(paths, no_progress):
        assert stat.S_IMODE(paths.root.stat().st_mode) == stat.S_IMODE(data.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="folder modes are POSIX")
def test_a_data_folder_that_was_there_keeps_its_mode(folder: Path, data: Path) -> None:
    data.mkdir(mode=0o755)
    data.chmod(0o755)
    opened(folder, data)
    assert stat.S_IMODE(data.stat().st_mode) == 0o755
    assert stat.S_IMODE((data / "libraries").stat().st_mode) == 0o700


def test_a_data_folder_that_is_a_file_is_an_error(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for data in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StorageError, match="file"):
            opened(folder, data)
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is closed to the superuser")
def test_a_data_folder_that_is_closed_is_an_error(folder: Path, data: Path) -> None:
    data.mkdir()
    data.chmod(0o500)
    try:
        with pytest.raises(StorageError):
            opened(folder, data)
    finally:
        data.chmod(0o700)


CHILD = """
import os, sys
from pathlib import Path
from corpus import atomic_write
from index.store import library
from tests.index.small import small_context

context, what = small_context(Path(sys.argv[1]), Path(sys.argv[2])), sys.argv[3]

def die_at(owner, name, number):
    calls, real = iter(range(1, 99)), getattr(owner, name)
    def dying(*arguments, **options):
        if next(calls) == number:
            os._exit(9)
        return real(*arguments, **options)
    setattr(owner, name, dying)

if what == "limit":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
elif what.startswith("die"):
    owner, name, number = what.split()[1:]
    die_at({"library": library, "files": atomic_write, "os": os}[owner], name, int(number))
print("ready", flush=True)
if what == "wait":
    sys.stdin.readline()
for _ in range(4 if what == "wait" else 1):
    try:
        opened = library.open_index(context, rebuild=True)
    except library.StorageError as error:
        sys.exit(f"StorageError {error}")
    assert opened.retriever.search("退役运动员")[0].passage.text.startswith("二、请教练")
print("done", flush=True)
"""


def child(folder: Path, data: Path, what: str) -> subprocess.Popen[str]:
    """A process that builds; it has said that it is ready."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)]), "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), str(data), what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.skipif(os.name != "posix", reason="limits of file sizes are POSIX")
def test_a_full_disk_is_an_error_and_leaves_the_old_index(folder: Path, data: Path) -> None:
    opened(folder, data)
    before = snapshot(newest(data))
    _, errors = child(folder, data, "limit").communicate(timeout=30)
    assert errors.startswith("StorageError"), errors
    assert str(data) in errors
    assert_tidy(data)
    assert snapshot(newest(data)) == before
    assert not opened(folder, data)[1]


@pytest.mark.parametrize(
    "what",
    [
        "die files write_file 1",
        "die files write_file 3",
        "die os rename 1",
        "die files write_file 5",  # a generation is there, the pointer to it is not
        "die os replace 1",
        "die library remove_leftovers 1",
    ],
)
def test_a_build_that_dies_leaves_a_good_index(folder: Path, data: Path, what: str) -> None:
    opened(folder, data)
    add(folder)
    process = child(folder, data, what)
    process.communicate(timeout=30)
    assert process.returncode == 9
    assert len(list(place(data).iterdir())) > 3, "it died too early or too late to leave anything behind"
    assert state(folder, data) == ("fresh" if "remove_leftovers" in what else "stale")
    library, was_built = opened(folder, data)
    assert was_built == ("remove_leftovers" not in what)
    assert len(library.bulletins) == 3
    assert_sound(library)
    assert_tidy(data)


def test_a_build_killed_at_any_moment_leaves_a_good_index(folder: Path, data: Path) -> None:
    opened(folder, data)
    chance = random.Random(20211223)
    for _ in range(4):
        process = child(folder, data, "build")
        time.sleep(chance.uniform(0, 0.06))
        process.kill()
        process.communicate(timeout=30)
        assert state(folder, data) == "fresh"
        library, was_built = opened(folder, data)
        assert not was_built
        assert_sound(library)
        assert_tidy(data)


def test_processes_that_build_at_once_all_end_with_a_good_index(folder: Path, data: Path) -> None:
    builders = [child(folder, data, "wait") for _ in range(2)]
    for process in builders:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    states, finished = set(), 0
    while any(process.poll() is None for process in builders):
        states.add(state(folder, data))
        if "fresh" in states:
            library, _ = opened(folder, data)
            assert_sound(library)
            finished += 1
    assert states <= {"missing", "fresh"}
    assert finished > 0
    for process in builders:
        output, errors = process.communicate(timeout=30)
        assert (process.returncode, output, errors) == (0, "done\n", "")
    assert state(folder, data) == "fresh"
    assert not opened(folder, data)[1]
    assert_tidy(data)


def test_the_first_generation_made_while_it_is_looked_for_is_no_damage(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(folder, data)
    looks = iter([None])
    real = generations.current
    monkeypatch.setattr(generations, "current", lambda root: next(looks, real(root)))
    assert state(folder, data) == "fresh"


def test_a_generation_replaced_while_it_is_read_is_no_damage(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process replaces it, and deletes the old one, between the reading of `current` and that of the manifest."""
    opened(folder, data)
    read, replaced = generations._pointer, []

    def read_then_replace(place: Path) -> bytes:
        pointer = read(place)
        if not replaced:
            replaced.append(True)
            opened(folder, data, rebuild=True)
        return pointer

    monkeypatch.setattr(generations, "_pointer", read_then_replace)
    assert state(folder, data) == "fresh"
    replaced.clear()
    assert not opened(folder, data)[1]


def test_threads_that_open_at_once_build_once(folder: Path, data: Path) -> None:
    built: list[bool] = []
    start = threading.Barrier(3)

    def open_it() -> None:
        start.wait()
        built.append(opened(folder, data)[1])

    threads = [threading.Thread(target=open_it) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(built) == [False, False, True]
    assert_tidy(data)


def test_a_build_under_way_does_not_hold_up_readers(folder: Path, data: Path) -> None:
    opened(folder, data)
    (place(data) / "building-1-00000000").mkdir()
    with build_lock(LibraryPaths(folder, data), no_progress):
        reader = threading.Thread(target=opened, args=(folder, data))
        reader.start()
        reader.join(timeout=10)
        assert not reader.is_alive()
        assert (place(data) / "building-1-00000000").exists()
    opened(folder, data)
    assert_tidy(data)
