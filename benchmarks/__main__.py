"""The command line of the benchmarks."""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import answers, durability, fuzz, load, pages, peers, reading, retrieval, sentences, speed
from benchmarks import readers as forms
from benchmarks.attack import campaigns
from benchmarks.collections import write_collections
from benchmarks.metrics import is_odd
from corpus.library import files
from corpus.messages.errors import JingyanError
from corpus.terminal import configure_output, run_command
from index.contextual import load_contextual_encoder
from index.encoder import load_encoder
from index.store import library as storage

_RESULTS = Path(__file__).parent / "results"
_PAGES = Path(__file__).parents[1] / "tests" / "corpus" / "readers" / "pages"
_QUESTIONS = files.SAMPLES / "questions.jsonl"
_GOLDEN = files.SAMPLES / "golden_structure.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark and print its figures; with --save also write them to benchmarks/results/."""
    configure_output()
    options = _arguments().parse_args(arguments)
    try:
        if options.command == "speed":
            if options.one:
                print(json.dumps(speed.measure_one(options.one, options.questions, fast=options.fast)))
                return 0
            results = speed.measure(options.sizes, options.questions, fast=options.fast)
            print(json.dumps(results, indent=1))
        elif options.command == "peers":
            if options.here:
                print(json.dumps(peers.measure_here(options.passages, options.questions)))
                return 0
            results = peers.measure(options.passages, options.questions)
            print(peers.table(results))
        elif options.command == "pages":
            results = pages.measure(options.data)
            print(pages.table(results))
        elif options.command == "collections":
            print(*write_collections(options.data, options.output), sep="\n")
            return 0
        elif options.command == "retrieval":
            results = _retrieval(options)
        elif options.command == "load":
            texts = [record["question"] for record in answers.read_questions(options.questions)]
            results = load.measure(options.library, texts, clients=options.clients, seconds=options.seconds, fast=options.fast)
            print(json.dumps(results, ensure_ascii=False, indent=1))
        elif options.command == "readers":
            chromium = options.chromium or load.find_browser() or "chromium"
            questions = answers.read_questions(options.questions)
            results = forms.measure(options.library, questions, forms=options.forms, chromium=chromium)
            print(json.dumps(results, ensure_ascii=False, indent=1))
        elif options.command == "reading":
            results = reading.measure(options.library, reading.read_golden(options.golden)).record()
            print(json.dumps(results, ensure_ascii=False, indent=1) if options.json else reading.table(results))
            if options.verbose:
                print(reading.wrong_lines(results))
            del results["wrong"]  # it quotes the documents; figures are saved beside the code
        elif options.command == "fuzz":
            results = fuzz.run(options.documents, seed=options.seed, seconds=options.seconds)
            print(json.dumps(results, ensure_ascii=False, indent=1))
        elif options.command == "durability":
            results = durability.measure(options.share)
            print(json.dumps(results, indent=1))
        elif options.command == "attack":
            results = campaigns.run(options.only, share=options.share, seed=options.seed)
            print(json.dumps(results, ensure_ascii=False, indent=1))
        elif options.command == "sentences":
            results = sentences.measure_sets(options.data, fast=options.fast, every=options.every)
            print(json.dumps(results, indent=1))
        else:
            results = _answers(options)
    except JingyanError as error:
        print(error, file=sys.stderr)
        return 1
    if options.save:
        _save(options.save, results)
    return 0


def _answers(options: argparse.Namespace) -> dict[str, Any]:
    questions = answers.read_questions(options.questions)
    with tempfile.TemporaryDirectory() as data:
        contextual = None if options.fast else load_contextual_encoder()
        opened = storage.open_library(
            options.library, data=Path(data), encoder=load_encoder(options.encoder), contextual=contextual
        )
        sources = {
            bulletin.source.document: opened.read(bulletin.source.document).extracted.text for bulletin in opened.bulletins
        }
        rows = answers.evaluate(opened, questions, sources)
        summaries: dict[str, Any] = {"product": answers.summarise(rows)}
        for odd, name in ((True, "odd ids"), (False, "even ids")):
            half = [row for row in rows if is_odd(row["id"]) == odd]
            summaries[name] = answers.summarise(half)
        for name, (mode, left_out) in answers.CHANNELS.items():
            retriever = answers.ablated(opened.retriever, *left_out)
            summaries[name] = answers.summarise(answers.evaluate_channel(retriever, questions, mode))
    for name, summary in summaries.items():
        if name in answers.CHANNELS:
            print(f"\n{name} alone, without filters and follow-ups")
        else:
            print(f"\n{name}")
        print(answers.table(summary))
    summaries["reliability"] = answers.reliability(rows)
    print(f"\nhow far the confidence can be believed\n{answers.reliability_table(summaries['reliability'])}")
    if options.details:
        options.details.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return summaries


def _retrieval(options: argparse.Namespace) -> dict[str, Any]:
    documents, queries, qrels = retrieval.read_collection(options.data)
    retriever = retrieval.build(documents, load_encoder(options.encoder))
    run = retrieval.rank(retriever, queries, options.mode)
    results = {"collection": options.data.name, "mode": options.mode, "documents": len(documents), "queries": len(queries)}
    halves = retrieval.measure_halves(qrels, run)
    results |= halves.pop("all") | {f"{name} ids": figures for name, figures in halves.items()}
    print(json.dumps(results, ensure_ascii=False, indent=1))
    if options.run:
        options.run.write_text(retrieval.trec_run(run), encoding="utf-8")
    return results


def _save(name: str, results: dict[str, Any]) -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    record = {"commit": commit, "date": time.strftime("%Y-%m-%d"), "machine": machine, "results": results}
    _RESULTS.mkdir(exist_ok=True)
    path = _RESULTS / f"{name}-{commit or 'uncommitted'}.json"
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(path)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure quality and speed through the product's own path"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    quality = commands.add_parser("answers", help="retrieval and answer quality on a file of questions with evidence")
    quality.add_argument(
        "--library", type=Path, default=files.SAMPLES, metavar="DIR", help="folder of bulletins (default: the samples)"
    )
    quality.add_argument(
        "--questions", type=Path, default=_QUESTIONS, metavar="FILE", help="questions (default: those of the samples)"
    )
    quality.add_argument("--encoder", metavar="MODEL", help="another sentence-transformers model (default: the bundled one)")
    quality.add_argument("--fast", action="store_true", help="without the contextual channel, with the quick reader")
    quality.add_argument("--details", type=Path, metavar="FILE", help="also write every answer with its measures, as JSON lines")
    door = commands.add_parser("retrieval", help="retrieval quality on a collection in BEIR form")
    door.add_argument(
        "--data", type=Path, required=True, metavar="FOLDER", help="holds corpus.jsonl, queries.jsonl and qrels.tsv"
    )
    door.add_argument("--mode", choices=["lexical", "dense", "hybrid"], default="hybrid", help="channel (default: %(default)s)")
    door.add_argument("--encoder", metavar="MODEL", help="another sentence-transformers model (default: the bundled one)")
    door.add_argument("--run", type=Path, metavar="FILE", help="also write the run in TREC form")
    public = commands.add_parser("collections", help="write the public sets as collections in BEIR form")
    public.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the public sets; see training/README.md"
    )
    public.add_argument("--output", type=Path, required=True, metavar="DIR", help="a folder for each is made in it")
    picked = commands.add_parser("sentences", help="how often the reader picks the right sentence of a given passage")
    picked.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the public sets; see training/README.md"
    )
    picked.add_argument("--fast", action="store_true", help="without the contextual channel")
    picked.add_argument("--every", type=int, default=1, metavar="N", help="one passage of N, with its questions (default: 1)")
    fast = commands.add_parser("speed", help="index build rate, cold start, query latency, peak memory")
    fast.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000], metavar="N", help="library sizes in passages")
    fast.add_argument(
        "--questions", type=Path, default=_QUESTIONS, metavar="FILE", help="questions to put (default: those of the samples)"
    )
    fast.add_argument("--fast", action="store_true", help="without the contextual channel")
    fast.add_argument("--one", type=int, metavar="N", help="measure one size in this process, and print JSON")
    beside = commands.add_parser("peers", help="our search beside bare FAISS + bm25s and other libraries, in one run")
    beside.add_argument("--passages", type=int, default=10_000, metavar="N", help="library size (default: %(default)s)")
    beside.add_argument(
        "--questions", type=Path, default=_QUESTIONS, metavar="FILE", help="questions to put (default: those of the samples)"
    )
    beside.add_argument("--here", action="store_true", help="measure in this process, and print JSON")
    many = commands.add_parser("load", help="the page under many clients at once; its start, and the time until it can be used")
    many.add_argument(
        "--library", type=Path, default=files.SAMPLES, metavar="DIR", help="folder of bulletins (default: the samples)"
    )
    many.add_argument(
        "--questions", type=Path, default=_QUESTIONS, metavar="FILE", help="questions to put (default: those of the samples)"
    )
    many.add_argument("--clients", type=int, default=20, metavar="N", help="how many ask at once (default: %(default)s)")
    many.add_argument("--seconds", type=float, default=60, metavar="S", help="how long (default: %(default)s)")
    many.add_argument("--fast", action="store_true", help="with the quick reader alone")
    read = commands.add_parser("readers", help="how well bulletins are read from Word files, PDFs and scans")
    read.add_argument("--library", type=Path, default=files.SAMPLES, metavar="DIR", help="folder of bulletins as text")
    read.add_argument("--questions", type=Path, default=_QUESTIONS, metavar="FILE", help="questions to ask of each form")
    read.add_argument("--forms", nargs="+", choices=list(forms.FORMS), default=list(forms.FORMS), help="default: all")
    read.add_argument("--chromium", metavar="PATH", help="the browser that prints the PDFs")
    told = commands.add_parser(
        "reading", help="how much of the structure of documents is read rightly, field by field, and how fast"
    )
    told.add_argument(
        "--library", type=Path, default=files.SAMPLES, metavar="DIR", help="folder of documents (default: the samples)"
    )
    told.add_argument(
        "--golden", type=Path, default=_GOLDEN, metavar="FILE", help="what is right for each (default: that of the samples)"
    )
    told.add_argument("--json", action="store_true", help="print JSON, with all that is wrong")
    told.add_argument("--verbose", action="store_true", help="also print what is wrong, document by document")
    saved = commands.add_parser("pages", help="our reader of saved pages beside other libraries, line by line")
    saved.add_argument("--data", type=Path, default=_PAGES, metavar="DIR", help="pages, each beside its article as .txt")
    damaged = commands.add_parser("fuzz", help="read damaged files: every outcome must be a text or a named error")
    damaged.add_argument("--documents", type=int, default=10_000, metavar="N", help="how many (default: %(default)s)")
    damaged.add_argument("--seed", type=int, default=0)
    damaged.add_argument("--seconds", type=float, default=3600, help="stop after so long (default: %(default)s)")
    lasting = commands.add_parser(
        "durability", help="kills, failing disks, damage, rivals and switches: what an archive outlives"
    )
    lasting.add_argument("--share", type=float, default=1.0, metavar="X", help="of the full numbers (default: 1)")
    hostile = commands.add_parser("attack", help="hostile texts, requests, files and records: what the program withstands")
    hostile.add_argument("--only", nargs="+", choices=campaigns.CAMPAIGNS, default=list(campaigns.CAMPAIGNS), help="default: all")
    hostile.add_argument("--share", type=float, default=1.0, metavar="X", help="of the full numbers (default: 1)")
    hostile.add_argument("--seed", type=int, default=0)
    for command in (quality, door, picked, fast, beside, many, read, told, saved, damaged, lasting, hostile):
        command.add_argument("--save", metavar="NAME", help="write the figures to benchmarks/results/NAME-COMMIT.json")
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main))
