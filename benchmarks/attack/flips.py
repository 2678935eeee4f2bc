"""Flip each single bit of a saved list and of the record of edits: each flip is told, or changes nothing.

`share` is the part of the bits, spread evenly, that are flipped. Each flipped file is read as the program reads it; some of them,
on disk, through the whole of loading, changing and loading again, where nothing may be lost.
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corpus.chunker import chunk
from corpus.document import Span
from corpus.library.edits import Correction, UserEdits
from corpus.library.files import SAMPLES, FileContext, load_gazetteer, read_bulletin_file
from index.store.edits_file import edits_notices, read_edits, read_record, write_edits
from index.store.paths import LibraryPaths
from qa.export import saved_quotes
from qa.export.saved_quotes import SavedList, make_saved_quote, quote_at, read_saved, write_saved

_QUOTES = 4  # in the saved list
_ON_DISK = 0.003  # of the flips are made on disk as well


def run(*, share: float, seed: int) -> dict[str, Any]:
    """Flip bits. `failed_silent` counts flips that changed what is read without a word, `failed_lost` work that was lost."""
    saved, edits = _saved(), _edits()
    with tempfile.TemporaryDirectory() as place:
        of_saved = _attack(write_saved(saved), lambda content: read_saved(content) == saved, share=share)
        of_saved["failed_lost"] = _lost_saved(saved, Path(place), share=share, seed=seed)
        paths = LibraryPaths(SAMPLES, Path(place, "data"))
        paths.root.mkdir(parents=True)
        write_edits(paths, edits)
        content = paths.edits.read_bytes()
        of_edits = _attack(content, lambda flipped: read_record(flipped) == edits, share=share)
        of_edits["failed_lost"] = _lost_edits(edits, content, paths, share=share, seed=seed)
    files = {"saved list": of_saved, "edits": of_edits}
    return {"files": files, **{key: sum(one[key] for one in files.values()) for key in of_saved}}


def _attack(content: bytes, is_same: Callable[[bytes], bool], *, share: float) -> dict[str, int]:
    """Count flips that are refused, that change nothing, and that change something without a word."""
    refused = harmless = silent = 0
    for flipped in _flips(content, share):
        try:
            same = is_same(flipped)
        except (ValueError, RecursionError):
            refused += 1
            continue
        harmless, silent = harmless + same, silent + (not same)
    return {"flips": refused + harmless + silent, "refused": refused, "harmless": harmless, "failed_silent": silent}


def _lost_saved(saved: SavedList, folder: Path, *, share: float, seed: int) -> int:
    """Count flips on disk after which a quote is lost: neither served, nor in a file that was set aside and told."""
    content, lost, file = write_saved(saved), 0, folder / "saved.json"
    for flipped in _some(content, share, seed):
        file.write_bytes(flipped)
        (folder / "saved.json.previous").write_bytes(content)
        served = saved_quotes.load_saved(folder)
        saved_quotes.change_saved(folder, lambda now: now.removed(saved.quotes[0].id))
        told = [aside.read_bytes() for aside in saved_quotes.damaged_files(folder)]
        lost += served != saved or (flipped not in told and read_saved(flipped) != saved)
        for path in folder.glob("saved*.json*"):
            path.unlink()
    return lost


def _lost_edits(edits: UserEdits, content: bytes, paths: LibraryPaths, *, share: float, seed: int) -> int:
    """Count flips on disk after which the edits are lost, or a copy of them serves without a word."""
    lost = 0
    for flipped in _some(content, share, seed):
        paths.edits.write_bytes(flipped)
        paths.previous_edits.write_bytes(content)
        served, told = read_edits(paths), edits_notices(paths)
        write_edits(paths, edits.disable("一.txt"))
        aside = [path.read_bytes() for path in paths.root.glob("curation-damaged-*")]
        lost += served != edits or not told or aside != [flipped]
        for path in paths.root.glob("curation*"):
            path.unlink()
    return lost


def _flips(content: bytes, share: float) -> Iterator[bytes]:
    for bit in range(0, 8 * len(content), max(1, round(1 / share))):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)


def _some(content: bytes, share: float, seed: int) -> Iterator[bytes]:
    rng = random.Random(seed)
    for _ in range(max(3, round(_ON_DISK * share * 8 * len(content)))):
        at = rng.randrange(8 * len(content))
        yield content[: at // 8] + bytes([content[at // 8] ^ 1 << at % 8]) + content[at // 8 + 1 :]


def _saved() -> SavedList:
    """Save the opening of some passages of the samples, with questions and remarks."""
    bulletin = read_bulletin_file("yunqi-2020-23.txt", FileContext(SAMPLES, load_gazetteer(SAMPLES))).bulletin
    kept = []
    for passage in chunk(bulletin)[:_QUOTES]:
        span = passage.span.trimmed(bulletin.text)
        quote = quote_at([passage], Span(span.start, min(span.end, span.start + 40)))
        kept += [make_saved_quote(quote, article=1, question="志愿者积分制度怎么做")] if quote else []
    return SavedList(tuple(kept), before=tuple(kept[:1])).remarked(kept[0].id, "用在第二部分")


def _edits() -> UserEdits:
    """Make edits of every kind."""
    edits = UserEdits(removed=("旧/二.txt",))
    for number in range(20):
        edits = edits.add(f"添加{number}.docx", f"{number:064x}").disable(f"停用/{number}.txt")
        edits = edits.correct(f"{number:064x}", Correction(series="云栖工作", issue=str(number), titles={0: "题目"}))
    return edits
