"""The quality of reading Word files, PDFs and scans, compared with the same bulletins as text."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks import metrics, rendering
from benchmarks.metrics import Record, normalise
from corpus import readers
from corpus.document import Bulletin, ExtractedText
from corpus.library import files
from corpus.parsing.parser import parse_extracted, structure
from corpus.regions.gazetteer import Gazetteer
from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.store import library as storage
from qa.answering.pipeline import answer_question
from qa.export.records import answer_record

FORMS = {"docx": ".docx", "pdf": ".pdf", "scan": ".pdf"}


def measure(folder: Path, questions: Sequence[Record], *, forms: Sequence[str], chromium: str) -> dict[str, Any]:
    """Render every text file of a library in other forms, read it again, and ask the questions of each.

    Returns: for each form the mean character error rate, seconds a page, the differences in structure (path: text's / the form's)
        and Recall@5; the last also for the text itself.
    """
    gazetteer = files.load_gazetteer(folder)
    paths = [path for path in sorted(folder.glob("*")) if path.suffix in (".txt", ".md")]
    texts = {path.stem: readers.read_file(path.read_bytes(), name=path.name) for path in paths}
    results: dict[str, Any] = {"text": {"recall@5": _recall(folder, questions)}}
    for form in forms:
        with tempfile.TemporaryDirectory() as rendered:
            figures: list[tuple[float, float, int]] = []
            differences: dict[str, list[str]] = {}
            for stem, text in texts.items():
                data = render(text.text, form, gazetteer=gazetteer, chromium=chromium)
                (Path(rendered) / f"{stem}{FORMS[form]}").write_bytes(data)
                started = time.perf_counter()
                reading = readers.read_file(data, name=f"{stem}{FORMS[form]}")
                seconds = time.perf_counter() - started
                typed = rendering.typed(text.text, gazetteer=gazetteer)
                wanted = "".join(run for paragraph in typed for run, _ in paragraph.runs)
                figures.append((error_rate(reading.text, wanted), seconds, max(1, len(reading.pages))))
                differences[stem] = list(differ(_parsed(text, gazetteer), _parsed(reading, gazetteer)))
            if (regions := folder / "regions.csv").is_file():
                (Path(rendered) / "regions.csv").write_bytes(regions.read_bytes())
            results[form] = {
                "error rate": fmean(rate for rate, _, _ in figures),
                "worst error rate": max(rate for rate, _, _ in figures),
                "seconds a page": sum(seconds for _, seconds, _ in figures) / sum(pages for _, _, pages in figures),
                "differences": {stem: found for stem, found in differences.items() if found},
                "recall@5": _recall(Path(rendered), questions, suffix=FORMS[form]),
            }
    return results


def render(source: str, form: str, *, gazetteer: Gazetteer, chromium: str) -> bytes:
    """Return a bulletin given as text, as a file of another form."""
    paragraphs = rendering.typed(source, gazetteer=gazetteer)
    header = "".join(text for text, _ in paragraphs[0].runs)
    if form == "docx":
        return rendering.to_docx(paragraphs, header=header)
    printed = rendering.to_pdf(rendering.to_html(paragraphs), chromium=chromium, header=header)
    return printed if form == "pdf" else rendering.to_scanned_pdf(rendering.to_images(printed))


def error_rate(found: str, wanted: str) -> float:
    """Return insertions, deletions and replacements per expected character, without white space, bullets and marks."""
    read, expected = (np.frombuffer(_bare(text).encode("utf-32-le"), dtype=np.uint32) for text in (found, wanted))
    columns = np.arange(len(expected) + 1)
    row = columns.copy()
    for number, character in enumerate(read, 1):  # Wagner & Fischer 1974, a row at a time
        step = np.concatenate([[number], np.minimum(row[:-1] + (expected != character), row[1:] + 1)])
        row = np.minimum.accumulate(step - columns) + columns
    return float(row[-1]) / max(1, len(expected))


def _bare(text: str) -> str:
    lines = (line.removeprefix("- ").lstrip("•") for line in text.splitlines())
    return "".join(normalise(line) for line in lines)


def differ(left: Any, right: Any, path: str = "") -> Sequence[str]:
    """Return the differences of two structures, except white space and the width of characters: `path: left / right`."""
    if isinstance(left, dict) and isinstance(right, dict):
        return [line for key in {**left, **right} for line in differ(left.get(key), right.get(key), f"{path}/{key}")]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = enumerate(zip(left, right, strict=True))
        return [line for i, (left_item, right_item) in pairs for line in differ(left_item, right_item, f"{path}/{i}")]
    same = normalise(left) == normalise(right) if isinstance(left, str) and isinstance(right, str) else left == right
    return [] if same else [f"{path}: {left} / {right}"]


def _parsed(reading: ExtractedText, gazetteer: Gazetteer) -> dict[str, Any]:
    bulletin: Bulletin = parse_extracted(reading, gazetteer=gazetteer, document="it")
    return structure(bulletin)


def _recall(folder: Path, questions: Sequence[Record], *, suffix: str | None = None) -> float:
    """Return the mean Recall@5 over the answerable questions.

    Args: suffix: of the documents, if it is not that of the documents named in the questions.
    """
    with tempfile.TemporaryDirectory() as data:
        opened = storage.open_library(folder, data=Path(data), encoder=load_encoder(), contextual=load_contextual_encoder())
        found = []
        for question in questions:
            relevant = [
                {**entry, "doc": Path(entry["doc"]).stem + suffix if suffix else entry["doc"]} for entry in question["relevant"]
            ]
            if relevant:
                record = answer_record(answer_question(opened, question["question"], history=question["history"]))
                found.append(metrics.recall(record["passages"], relevant))
    return fmean(found)
