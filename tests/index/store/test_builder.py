"""A library indexed bit by bit is the library indexed anew: whatever was reused, and whatever process indexed it."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.speed import write_library
from corpus.library import files
from corpus.library.edits import UserEdits
from corpus.messages.language import use_language
from index.encoder import StaticEncoder, load_encoder
from index.store import generations, indexing
from index.store.context import BuildContext
from index.store.edits import apply_edits
from index.store.library import Library, open_index, open_library
from index.store.paths import LibraryPaths
from index.store.segments import Segment
from index.store.worker import Worker, WorkerSetup
from tests.index.small import SmallContextual, SmallEncoder, SmallTokenEncoder, SmallTokenizer, small_context

QUERIES = ["骑手驿站怎么办", "志愿者积分", "第12号试点", "图书", "volunteer points"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "简报"
    write_library(folder, 150)  # eleven bulletins of fourteen passages
    return folder


class Watched(SmallTokenEncoder):
    """Counts the passages that it encodes."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded = 0

    def encode_passages(self, texts: Any) -> Any:
        self.encoded += len(texts)
        return super().encode_queries(texts)


def contents(library: Library) -> dict[str, bytes]:
    """Everything that depends on the library's files."""
    segment = generations.load(generations.current(library.root))  # type: ignore[arg-type]
    assert segment is not None
    return segment.contents()


def assert_same(one: Library, other: Library) -> None:
    assert contents(one) == contents(other)
    assert one.manifest.reports == other.manifest.reports
    assert [p.passage_id for p in one.retriever.catalog.passages] == [p.passage_id for p in other.retriever.catalog.passages]
    for query in QUERIES:
        found, expected = ([(s.passage.passage_id, s.score) for s in lib.retriever.search(query)] for lib in (one, other))
        assert found == expected


def put(folder: Path, name: str, like: str, number: int) -> None:
    text = (folder / like).read_text(encoding="utf-8")
    lines = text.replace("第 ", f"第 9{number}", 1).split("\n")
    random.Random(number).shuffle(lines)
    (folder / name).write_text(
        text.split("\n\n")[0]
        + f"\n\n第 9{number} 期\n\n共青团岚川省委\n\n2021年1月{number}日\n\n团云栖市委试点\n\n"
        + "\n".join(lines),
        encoding="utf-8",
    )


def edit(folder: Path, chance: random.Random, number: int) -> None:
    """One change of a kind that people make."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.txt"))
    name = chance.choice(names)
    kind = chance.choice(["add", "change", "remove", "move", "copy", "regions"])
    if kind == "add":
        put(folder, f"{chance.randrange(10**6):06}新.txt", name, number)
    elif kind == "change":
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace("。", "。本期有改动。", 1 + number), encoding="utf-8")
    elif kind == "remove" and len(names) > 5:
        (folder / name).unlink()
    elif kind == "move":
        (folder / f"{number}年").mkdir(exist_ok=True)
        (folder / name).rename(folder / f"{number}年" / f"0{Path(name).name}")
    elif kind == "copy":
        (folder / f"又{number}.txt").write_bytes((folder / name).read_bytes())
        (folder / f"也{number}.txt").write_text((folder / name).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    else:
        with (folder / "regions.csv").open("a", encoding="utf-8") as file:
            file.write(f"岚川省,新{number}市,,,\n")


@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_it_is_the_library_indexed_anew(folder: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    encoder = SmallTokenEncoder()
    for name in ("000007", "000008", "000009", "000010", "000011"):
        (folder / f"{name}.txt").unlink()
    kept = open_index(small_context(folder, tmp_path / "kept", encoder, contextual=SmallContextual()))
    for round_number in range(2):
        for number in range(3):
            edit(folder, chance, 1 + 3 * round_number + number)
        disabled = chance.choice(kept.bulletins).source.document

        def change(edits: UserEdits, document: str = disabled) -> UserEdits:
            return edits.disable(document) if chance.random() < 0.5 else UserEdits()

        kept = apply_edits(kept.context, change)
        anew = open_index(small_context(folder, tmp_path / f"anew{round_number}", encoder, contextual=SmallContextual()))
        edits = kept.manifest.edits
        assert_same(kept, apply_edits(anew.context, lambda _, edits=edits: edits))  # type: ignore[misc]
        assert_same(kept, open_index(anew.context, rebuild=True))


def test_only_what_changed_is_indexed(folder: Path, tmp_path: Path) -> None:
    encoder, contextual = Watched(), SmallContextual()
    context = small_context(folder, tmp_path / "data", encoder, contextual=contextual)
    opened = open_index(context)
    everything = encoder.encoded
    assert everything == contextual.read == len(opened.retriever.catalog.passages) == 154

    def encoded(change: Callable[[], object]) -> int:
        change()
        before = encoder.encoded
        open_index(context)
        assert contextual.read == encoder.encoded
        return encoder.encoded - before

    assert encoded(lambda: put(folder, "新.txt", "000003.txt", 5)) in range(1, 30)
    assert encoded((folder / "000004.txt").unlink) == 0
    assert encoded(lambda: (folder / "000005.txt").rename(folder / "移走.txt")) == 0
    assert encoded(lambda: (folder / "又.txt").write_bytes((folder / "000006.txt").read_bytes())) == 0
    # a copy that is only nearly the same is indexed once, and is no copy any more when the other has gone
    near = (folder / "000007.txt").read_text(encoding="utf-8") + "\n"
    assert encoded(lambda: (folder / "近似.txt").write_text(near, encoding="utf-8")) == 14
    assert encoded((folder / "000008.txt").unlink) == 0
    assert encoded((folder / "000007.txt").unlink) == 14
    before = encoder.encoded
    open_index(context, rebuild=True)
    assert encoder.encoded - before > 100


def test_a_build_cut_short_goes_on_where_it_was(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three files at once; it is cut short as the third batch is kept."""
    encoder, contextual = Watched(), SmallContextual()
    context = small_context(folder, tmp_path / "data", encoder, contextual=contextual, batch_files=3)
    real, kept = generations.keep_checkpoint, []

    def interrupted(*arguments: Any) -> str:
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(real(*arguments))
        return kept[-1]

    with monkeypatch.context() as patch:
        patch.setattr(generations, "keep_checkpoint", interrupted)
        with pytest.raises(KeyboardInterrupt):
            open_index(context)
    before = encoder.encoded
    library = open_index(context)
    assert encoder.encoded - before == 154 - 2 * 3 * 14
    assert contextual.read == encoder.encoded
    assert not list(library.root.glob("checkpoint-*"))
    fresh = open_index(small_context(folder, tmp_path / "fresh", SmallTokenEncoder(), contextual=SmallContextual()))
    assert_same(library, fresh)


def test_a_damaged_checkpoint_is_indexed_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = Watched()
    context = small_context(folder, tmp_path / "data", encoder, batch_files=3)
    with monkeypatch.context() as patch:
        patch.setattr(generations, "write", lambda *arguments: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            open_index(context)
    first, second, *_ = sorted(context.paths.root.glob("checkpoint-*"))
    tensors = bytearray((first / "index.safetensors").read_bytes())
    tensors[-1] ^= 1
    (first / "index.safetensors").write_bytes(tensors)
    (second / "head.json").write_bytes((second / "head.json").read_bytes().replace(b"bulletins", b"bulletinS"))
    before = encoder.encoded
    library = open_index(context)
    assert encoder.encoded - before in (28 + 42, 42 + 42)  # the last batch has two files, the others three
    assert_same(library, open_index(small_context(folder, tmp_path / "fresh", SmallTokenEncoder())))


def test_many_processes_index_what_one_does(folder: Path, tmp_path: Path) -> None:
    """With the product's own encoder and tokenizer: what another process does cannot be watched."""

    class Idle(StaticEncoder):
        """The bundled encoder for others: this process encodes nothing."""

        def encode_passages(self, texts: Any) -> Any:
            raise AssertionError("indexed here")

    one = open_index(BuildContext(LibraryPaths(folder, tmp_path / "one"), load_encoder()))
    idle = Idle(resources.files("index") / "model")
    many = open_index(BuildContext(LibraryPaths(folder, tmp_path / "many"), idle, batch_files=3, max_workers=2))
    assert_same(one, many)


def test_a_contextual_index_is_the_same_of_one_batch_and_of_many(folder: Path, tmp_path: Path) -> None:
    one, many = (
        open_index(small_context(folder, tmp_path / str(size), contextual=SmallContextual(), batch_files=size))
        for size in (64, 3)
    )
    assert_same(one, many)
    segment = generations.load(generations.current(many.root))  # type: ignore[arg-type]
    assert segment is not None and segment.contextual is not None and len(segment.contextual) == 154


@pytest.mark.parametrize("contextual", [None, SmallContextual()])
def test_workers_are_told_whether_sentences_are_read(folder: Path, tmp_path: Path, contextual: SmallContextual | None) -> None:
    told = []

    def start(setup: WorkerSetup) -> Worker:
        told.append(setup.contextual)
        raise OSError("none can be started")

    parts: dict[str, Any] = {"batch_files": 6, "max_workers": 2, "start_worker": start, "contextual": contextual}
    library = open_index(small_context(folder, tmp_path / "data", load_encoder(), **parts))
    assert told == [contextual is not None]
    assert library.retriever.index.reads_sentences == (contextual is not None)
    alone = small_context(folder, tmp_path / "alone", load_encoder(), contextual=contextual)
    assert_same(library, open_index(alone))


def test_workers_that_end_are_done_without(folder: Path, tmp_path: Path) -> None:
    started = []

    def start(setup: WorkerSetup) -> Worker:
        started.append(Worker(setup, command=[sys.executable, "-c", "input()"]))
        return started[-1]

    paths = LibraryPaths(folder, tmp_path / "data")
    library = open_index(BuildContext(paths, load_encoder(), batch_files=3, max_workers=2, start_worker=start))
    assert len(started) == 2
    assert len(library.catalog.passages) == 154
    assert all(worker.has_ended for worker in started)


@pytest.mark.parametrize("max_workers", [1, 2])
def test_reports_are_in_the_language_of_whoever_reads_them(folder: Path, tmp_path: Path, max_workers: int) -> None:
    """One process builds under English, or two under whatever the system speaks; they are read under Chinese."""
    first = folder / "000001.txt"
    first.write_text(first.read_text(encoding="utf-8").replace("共青团岚川省委\n", "", 1), encoding="utf-8")
    (folder / "信.txt").write_text("----\n", encoding="utf-8")
    paths = LibraryPaths(folder, tmp_path / "data")
    with use_language("en"):
        context = BuildContext(paths, load_encoder(), batch_files=3, max_workers=max_workers)
        built = open_index(context)
        lines = {report.document: report.line() for report in built.manifest.reports}
        assert (
            lines["000001.txt"]
            == "000001.txt: read with warnings\n  ! line 10: text without a title\n  ! no publisher in the masthead"
        )
        assert lines["信.txt"] == "信.txt: line 1: expected text, found none"
    with use_language("zh"):
        read = open_index(context)
        assert read.manifest.created == built.manifest.created
        lines = {report.document: report.line() for report in read.manifest.reports}
        warnings = ["第 10 行：文字没有标题", "刊头没有编发单位"]
        assert lines["000001.txt"] == "\n  ! ".join(["000001.txt：已读，有警告", *warnings])
        assert lines["信.txt"] == "信.txt：第 1 行：没有正文可读"
        warned = next(bulletin for bulletin in read.bulletins if bulletin.warnings)
        assert list(map(str, warned.warnings)) == warnings


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_processes_end_with_the_one_they_work_for(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from index.encoder import load_encoder\n"
        "from index.store.library import open_index\n"
        "from index.store.context import BuildContext; from index.store.paths import LibraryPaths\n"
        "from index.store.worker import Worker\n"
        "def start(setup):\n    worker = Worker(setup)\n    print(worker.pid, flush=True)\n    return worker\n"
        "paths = LibraryPaths(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "parts = dict(batch_files=1, max_workers=2, start_worker=start)\n"
        "open_index(BuildContext(paths, load_encoder(), **parts))\n"  # and no main guard
    )
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", script, str(folder), str(tmp_path / "data")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    workers = [int(process.stdout.readline()) for _ in range(2)]
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 60
    while any(map(alive, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not (status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z")


def test_a_segment_is_read_back_as_it_was(folder: Path, tmp_path: Path) -> None:
    library = open_library(folder, data=tmp_path / "data", encoder=load_encoder(), contextual=SmallContextual())
    segment = generations.load(generations.current(library.root))  # type: ignore[arg-type]
    assert segment is not None
    again = Segment.from_contents(segment.contents())
    assert again.files == segment.files
    assert list(map(asdict, again.bulletins)) == list(map(asdict, segment.bulletins))
    channels = (
        (again.dense, segment.dense),
        (again.lexical, segment.lexical),
        (again.late, segment.late),
        (again.contextual, segment.contextual),
    )
    for one, other in channels:
        assert one is not None
        assert other is not None
        for name, array in other.arrays().items():
            np.testing.assert_array_equal(one.arrays()[name], array)


def test_what_passages_tell_of_is_stored_as_it_is_found(folder: Path, tmp_path: Path) -> None:
    stored = open_library(folder, data=tmp_path / "data", encoder=load_encoder()).catalog
    context = files.FileContext(folder, files.load_gazetteer(folder))
    found = {
        bulletin.source.document: [article.elsewhere for article in bulletin.articles]
        for bulletin in (files.read_bulletin_file(kept.source.document, context).bulletin for kept in stored.bulletins)
    }
    assert found == {
        bulletin.source.document: [article.elsewhere for article in bulletin.articles] for bulletin in stored.bulletins
    }
    assert any(passage.elsewhere for passage in stored.passages)


def test_the_key_of_a_file_is_all_that_it_hangs_on() -> None:
    key = indexing.file_key("a.txt", "0" * 64, None)
    assert key == indexing.file_key("旧/b.TXT", "0" * 64, None)
    others = [
        indexing.file_key("a.docx", "0" * 64, None),
        indexing.file_key("a.txt", "1" * 64, None),
        indexing.file_key("a.txt", "0" * 64, indexing.Correction(issue="1")),
        indexing.file_key("a.txt", "0" * 64, indexing.Correction(regions={0: ("杭州市",)})),
        indexing.file_key("a.txt", "0" * 64, indexing.Correction(regions={1: ("杭州市",)})),
    ]
    assert len({key, *others}) == 6


def test_without_passages_there_is_an_index_all_the_same() -> None:
    tokenizer: Any = SmallTokenizer()
    dense, _, _, sentences = indexing.build_channels(
        [], encoder=SmallEncoder(), contextual=SmallContextual(), tokenizer=tokenizer
    )
    assert sentences is not None and len(dense) == len(sentences) == 0
    assert indexing.build_channels([], encoder=SmallEncoder(), contextual=None, tokenizer=tokenizer)[3] is None
