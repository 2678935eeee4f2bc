"""The speed of index build, cold start and queries, and the memory, on libraries of shuffled sample sentences."""

import importlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus import readers
from corpus.library import files
from corpus.parsing.parser import parse_text
from corpus.text.sentences import split_sentences
from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.store import library as storage
from index.store.edits import add_files
from qa.answering.pipeline import answer_question

_SEED = 20260101
_PASSAGES_PER_BULLETIN = 14  # of the bulletins that `write_library` makes
_COLD_RUNS = 5
_WARM_UP = 10  # questions that are asked before the others are timed


def measure(sizes: Sequence[int], questions: Path, *, fast: bool = False) -> dict[str, Any]:
    """Measure cold start on the sample library and, in one process for each size, the figures of `measure_one`.

    Args: fast: without the contextual channel.
    Returns: seconds for cold_start; a record for each size.
    """
    results: dict[str, Any] = {"cold_start_s": round(cold_start(fast=fast), 3), "sizes": []}
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks", "speed", "--one", str(size), "--questions", str(questions), *_fast(fast)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
        results["sizes"].append(json.loads(done.stdout.splitlines()[-1]))
    return results


def cold_start(*, fast: bool) -> float:
    """Return the seconds that `python -m qa ask` takes with an existing index, median of five runs."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "qa", "ask", "志愿者积分制度怎么做", "--data", data, *_fast(fast)]
        subprocess.run(command, capture_output=True, check=True)
        times = []
        for _ in range(_COLD_RUNS):
            started = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            times.append(time.perf_counter() - started)
    return sorted(times)[_COLD_RUNS // 2]


def _fast(fast: bool) -> list[str]:
    return ["--fast"] if fast else []


def measure_one(size: int, questions: Path, *, fast: bool = False) -> dict[str, Any]:
    """Build a library of about `size` passages in its own process, then open it in this one, ask, and add a bulletin.

    Returns: passages; of the build: seconds, seconds of all processors, passages_per_second; index_mb on disk; open_seconds, the
        first thing a process does, and those of its processor; p50_ms, p95_ms of questions, each asked once; add_seconds;
        resident memory in MB: after opening, and the peaks of building (the largest process) and of all the rest (None if the
        system cannot tell).
    """
    asked = [json.loads(line)["question"] for line in questions.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        root, data = Path(folder) / "library", Path(folder) / "data"
        write_library(root, size)
        started = time.perf_counter()
        build = [sys.executable, "-m", "index", "build", "--library", str(root), "--data", str(data), *_fast(fast)]
        subprocess.run(build, capture_output=True, check=True)
        build_seconds, spent = time.perf_counter() - started, os.times()
        built_peak = _peak_megabytes(children=True)
        disk = sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) / (1 << 20)
        encoder, contextual = load_encoder(), None if fast else load_contextual_encoder()
        started, processor = time.perf_counter(), time.process_time()
        opened = storage.open_library(root, data=data, encoder=encoder, contextual=contextual)
        open_seconds, open_processor = time.perf_counter() - started, time.process_time() - processor
        resident = _resident_megabytes()
        for question in asked[:_WARM_UP]:
            answer_question(opened, question)
        times: list[float] = []
        for question in asked[_WARM_UP:]:
            started = time.perf_counter()
            answer_question(opened, question)
            times.append((time.perf_counter() - started) * 1000)
        times.sort()
        served_peak = _peak_megabytes()
        addition = (root / "000001.txt").read_text(encoding="utf-8").replace("第 1 期", "第 0 期").replace("。", "。又，", 50)
        started = time.perf_counter()
        add_files(opened.context, [("新.txt", addition.encode())])
        add_seconds = time.perf_counter() - started
    count = len(opened.retriever.catalog.passages)
    return {
        "passages": count,
        "build_seconds": round(build_seconds, 1),
        "build_processor_seconds": round(spent.children_user + spent.children_system, 1),
        "passages_per_second": round(count / build_seconds),
        "index_mb": round(disk),
        "open_seconds": round(open_seconds, 2),
        "open_processor_seconds": round(open_processor, 2),
        "p50_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "add_seconds": round(add_seconds, 2),
        "resident_mb": resident,
        "build_peak_mb": built_peak,
        "peak_mb": served_peak,
    }


def write_library(folder: Path, passages: int) -> None:
    """Write bulletins in the layout of the samples, their sentences drawn at random from the samples (seeded)."""
    gazetteer = files.load_gazetteer(files.SAMPLES)
    pool: list[str] = []
    for file in files.scan(files.SAMPLES):
        if file.document.endswith(".txt"):
            bulletin = parse_text(readers.read_plain(files.SAMPLES / file.document), gazetteer=gazetteer, document=file.document)
            for article in bulletin.articles:
                for section in article.sections:
                    spans = split_sentences(bulletin.text, section.span)
                    pool.extend(
                        text for span in spans if (text := span.of(bulletin.text).strip()).endswith("。") and len(text) > 15
                    )
    random_source = random.Random(_SEED)
    folder.mkdir(parents=True)
    (folder / "regions.csv").write_bytes((files.SAMPLES / "regions.csv").read_bytes())
    regions = sorted(
        {region for region in gazetteer.regions if region.province == "岚川省" and region.county}, key=lambda r: r.label
    )
    for number in range(1, passages // _PASSAGES_PER_BULLETIN + 2):
        lines = [
            "岚川速度测试简报",
            "",
            f"第 {number} 期",
            "",
            "共青团岚川省委",
            "",
            f"20{19 + number % 7}年{1 + number % 12}月9日",
            "",
        ]
        for _ in range(2):
            region = random_source.choice(regions)
            lines += [
                f"团{region.label}委推进第{random_source.randrange(10**6)}号试点工作",
                "",
                "".join(random_source.choices(pool, k=3)),
                "",
            ]
            for ordinal in "一二三四五六":
                body = "".join(random_source.choices(pool, k=6))
                lines += [f"{ordinal}、把第{random_source.randrange(10**6)}项事办到底。{body}", ""]
        lines += ["报：团省委", "责任编辑：速度", ""]
        (folder / f"{number:06}.txt").write_text("\n".join(lines), encoding="utf-8")


def _peak_megabytes(*, children: bool = False) -> int | None:
    """Return the largest resident size so far, in MB, of this process or of its ended children; None on Windows."""
    if os.name == "nt":
        return None
    resource = importlib.import_module("resource")
    usage = resource.getrusage(resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF).ru_maxrss
    return int(usage // (1 << 20) if sys.platform == "darwin" else usage // 1024)


def _resident_megabytes() -> int | None:
    """Return the present resident size of this process in MB; None if the system is not Linux."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) // 1024
