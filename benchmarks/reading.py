"""The structure read from a folder of documents, compared field by field with a golden file, and the speed of reading."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from benchmarks.agreement import FIELDS, Headings, Score, compare, refused
from benchmarks.metrics import Record
from corpus.chunker import chunk
from corpus.document import Bulletin
from corpus.library import files
from corpus.messages.errors import JingyanError, LibraryError, QuestionError
from corpus.messages.language import tr
from corpus.messages.message import Message
from corpus.regions.gazetteer import Gazetteer


@dataclass(slots=True)
class Speed:
    """How long the files of one format took: reading, parsing and cutting into passages, in one process."""

    files: int = 0
    passages: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """The comparison of a folder: the score of each document, and the speed of each format (by suffix)."""

    scores: dict[str, Score]
    speeds: dict[str, Speed] = field(default_factory=dict)

    def record(self) -> Record:
        """Return the figures: a field's values right and compared, headings, furniture, speed, and all that is wrong."""
        marks = [mark for score in self.scores.values() for mark in score.marks]
        compared = Counter(mark.field for mark in marks)
        right = Counter(mark.field for mark in marks if mark.right)
        headings = sum((score.headings for score in self.scores.values()), Headings())
        return {
            "documents": len(self.scores),
            "fields": {name: {"right": right[name], "of": compared[name]} for name in FIELDS if compared[name]},
            "headings": {
                **{name: getattr(headings, name) for name in ("expected", "found", "both")},
                **{name: round(getattr(headings, name), 4) for name in ("precision", "recall", "f1")},
            },
            "furniture": {
                "inside": sum(len(score.furniture_inside) for score in self.scores.values()),
                "of": sum(score.furniture for score in self.scores.values()),
            },
            "speed": {
                suffix: {
                    "files": speed.files,
                    "files a second": round(speed.files / speed.seconds, 1),
                    "passages a second": round(speed.passages / speed.seconds, 1),
                }
                for suffix, speed in sorted(self.speeds.items())
            },
            "wrong": {name: lines for name, score in self.scores.items() if (lines := list(score.wrong()))},
        }


def read_golden(path: Path) -> list[Record]:
    """Read a golden file: JSON lines as benchmarks/README.md describes, or one object by file name as for the samples.

    Raises: QuestionError: the file cannot be read, or a record is not of that form.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".json":
            return [_of_samples(name, record) for name, record in json.loads(text).items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionError(
            tr(f"{path}：不是可用的标准答案文件（{error!r}）", f"{path}: no usable golden file ({error!r})")
        ) from error
    records = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            record = json.loads(line)
            records.append({"furniture": [], **record, "file": record["file"], "articles": list(record["articles"])})
        except (ValueError, KeyError, TypeError) as error:
            raise QuestionError(
                tr(
                    f"{path}：第 {number} 行：应为带 file 和 articles 的记录（{error!r}）",
                    f"{path}: line {number}: expected a record with file and articles ({error!r})",
                )
            ) from error
    return records


def _of_samples(name: str, record: Record) -> Record:
    """Turn a record of corpus/samples/golden_structure.json into one of a golden file."""
    articles = [
        {
            **{key: article[key] for key in ("title", "signature")},
            "region": article["region_label"],
            "first": article["lead_starts"],
            "last": article["last_chars"],
            "sections": [section["heading"] for section in article["sections"] if section["heading"]],
        }
        for article in record["articles"]
    ]
    dates = [date for date in (record["issue_date"], record["print_date"]) if date] or [None]
    copied = {key: record[key] for key in ("series", "issue", "total_issue", "publisher")}
    footer = [record["footer_starts"]] if record["footer_starts"] else []
    return {"file": name, **copied, "date": dates[0], "date_or": dates[1:], "articles": articles, "furniture": footer}


def measure(folder: Path, golden: Sequence[Record]) -> Reading:
    """Read every document that a golden file names, and compare it. What cannot be read is wrong in every field.

    Raises: LibraryError: the folder is missing; RegionTableError: its table of regions has a malformed row.
    """
    if not folder.is_dir():
        raise LibraryError(Message.of("corpus.library.no_folder", folder=str(folder)))
    gazetteer = files.load_gazetteer(folder)
    scores: dict[str, Score] = {}
    speeds: dict[str, Speed] = defaultdict(Speed)
    for record in golden:
        name = record["file"]
        try:
            data = files.read_source(name, folder=folder)
            started = time.perf_counter()
            bulletin, passages = _read(data, name, gazetteer)
        except JingyanError as error:
            scores[name] = refused(record, str(error))
        else:
            speed = speeds[PurePosixPath(name).suffix.lower()]
            speed.seconds += time.perf_counter() - started
            speed.files += 1
            speed.passages += passages
            scores[name] = compare(bulletin, record)
    return Reading(scores, dict(speeds))


def _read(data: bytes, name: str, gazetteer: Gazetteer) -> tuple[Bulletin, int]:
    bulletin = files.read_bulletin(data, name, gazetteer=gazetteer).bulletin
    return bulletin, len(chunk(bulletin))


def table(record: Record) -> str:
    """Return the figures of a reading as a text table."""
    lines = [f"{'field':22}{'right':>8}{'of':>8}{'share':>9}"]
    for name, figures in record["fields"].items():
        lines.append(f"{name:22}{figures['right']:>8}{figures['of']:>8}{figures['right'] / figures['of']:>9.3f}")
    furniture, headings = record["furniture"], record["headings"]
    if furniture["of"]:
        out = furniture["of"] - furniture["inside"]
        lines.append(f"{'furniture left out':22}{out:>8}{furniture['of']:>8}{out / furniture['of']:>9.3f}")
    lines.append("")
    lines.append(f"{'headings':22}{'both':>8}{'found':>8}{'expected':>10}{'precision':>11}{'recall':>8}{'f1':>8}")
    counts = f"{headings['both']:>8}{headings['found']:>8}{headings['expected']:>10}"
    lines.append(f"{'':22}{counts}{headings['precision']:>11.3f}{headings['recall']:>8.3f}{headings['f1']:>8.3f}")
    lines.append("")
    lines.append(f"{'format':22}{'files':>8}{'files/s':>10}{'passages/s':>12}")
    for suffix, speed in record["speed"].items():
        rates = f"{speed['files a second']:>10}{speed['passages a second']:>12}"
        lines.append(f"{suffix:22}{speed['files']:>8}{rates}")
    return "\n".join(lines)


def wrong_lines(record: Record) -> str:
    """Return what is wrong in a reading, a paragraph a document."""
    return "\n".join("\n".join(["", name, *(f"  {line}" for line in lines)]) for name, lines in record["wrong"].items())
