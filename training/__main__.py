"""Command line: python -m training {tokenizer,encoder,translation,quick-reader,contextual,reader,asking,evaluate}."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs
import torch
from tokenizers import Tokenizer

from corpus.messages.errors import EncoderError
from index.encoder import load_encoder
from training.asking import learn as learn_asking
from training.contextual import learn as contextual
from training.data import DataError, Texts, read_texts
from training.encoder import Options, Training, build_tasks, embedder, export
from training.evaluation import evaluate
from training.quick_reader import learn as learn_quick_reader
from training.tokenizer import build_segmenter, build_tokenizer
from training.translation import FILE, learn, write

MODEL = Path(__file__).resolve().parent.parent / "index" / "model"
CONTEXTUAL = MODEL.parent / "contextual_model"


def cache_folder() -> Path:
    """Return the default folder of checkpoints, outside the program's own folder."""
    return Path(platformdirs.user_cache_dir("jingyan", appauthor=False)) / "training"


def prepare_tokenizers(texts: Texts, folder: Path) -> tuple[Tokenizer, Tokenizer]:
    """Return the model's tokenizer and the segmenter that glosses use, built once a folder."""
    paths = [folder / "tokenizer.json", folder / "segmenter.json"]
    if not all(path.exists() for path in paths):
        folder.mkdir(parents=True, exist_ok=True)
        segmenter, counts = build_segmenter(texts)
        tokenizer = build_tokenizer(texts, counts)
        for path, built in zip(paths, (tokenizer, segmenter), strict=True):
            built.save(str(path), pretty=False)
    return Tokenizer.from_file(str(paths[0])), Tokenizer.from_file(str(paths[1]))


def run_tokenizer(arguments: argparse.Namespace) -> None:
    """Build the tokenizer, and the segmenter that only training uses, into the checkpoint folder."""
    texts = read_texts(arguments.data, seed=arguments.seed)
    tokenizer, _ = prepare_tokenizers(texts, arguments.checkpoints)
    print(f"{arguments.checkpoints / 'tokenizer.json'}: {tokenizer.get_vocab_size()} tokens")


def run_encoder(arguments: argparse.Namespace) -> None:
    """Train the encoder, from its last checkpoint if there is one, and write the model folder."""
    options = Options(seed=arguments.seed, steps=arguments.steps)
    texts = read_texts(arguments.data, seed=options.seed)
    tokenizer, segmenter = prepare_tokenizers(texts, arguments.checkpoints)
    tasks = build_tasks(texts, tokenizer, segmenter, options)
    training = Training(tasks, tokenizer.get_vocab_size(), options, arguments.checkpoints)
    if training.resume():
        print(f"resumed at step {training.step} of {options.steps}")
    training.run(measure=lambda weights: evaluate(embedder(tokenizer, weights), arguments.data))
    export(tokenizer, training.weights, arguments.output)
    print(f"written to {arguments.output}")


def run_translation(arguments: argparse.Namespace) -> None:
    """Learn the translation table and write it."""
    table = learn(arguments.data)
    write(table, arguments.output / FILE)
    print(f"{arguments.output / FILE}: {len(table)} terms")


def run_quick_reader(arguments: argparse.Namespace) -> None:
    """Learn the weights of the quick reader and of its judge, and write them."""
    development = [(arguments.library, arguments.questions)] if arguments.library else []
    print(json.dumps(learn_quick_reader(arguments.data, arguments.output, development=development, seed=arguments.seed)))


def run_contextual(arguments: argparse.Namespace) -> None:
    """Train the contextual encoder and the reader, from their last checkpoints if there are any, and write both."""
    options = contextual.Options(seed=arguments.seed, steps=arguments.steps)
    development = [(arguments.library, arguments.questions)] if arguments.library else []
    folder = arguments.checkpoints / "contextual"
    figures = contextual.learn(arguments.data, folder, arguments.output, options, development=development)
    print(json.dumps(figures, indent=2))


def run_reader(arguments: argparse.Namespace) -> None:
    """Train the reader, which begins as the encoder that ships, from its last checkpoint if there is one, and write it."""
    development = [(arguments.library, arguments.questions)] if arguments.library else []
    folder = arguments.checkpoints / "contextual" / "reader"
    figures = contextual.learn_reader(arguments.data, folder, arguments.output, development=development)
    print(json.dumps(figures, indent=2))


def run_asking(arguments: argparse.Namespace) -> None:
    """Learn what a question asks for and whether it leans on the one before it, and write that."""
    print(json.dumps(learn_asking(arguments.output), indent=2))


def run_evaluate(arguments: argparse.Namespace) -> None:
    """Print the figures of a model on the sets that no model was trained on."""
    found = evaluate(load_encoder(arguments.model).encode_passages, arguments.data)
    print(json.dumps({name: round(value, 4) for name, value in found.items()}, indent=2))


def build_parser() -> argparse.ArgumentParser:
    """Return the options, one command a stage."""
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Train and measure index/model and index/contextual_model."
    )
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default: 2)")
    stages = parser.add_subparsers(dest="stage", required=True)
    for name, run, summary in (
        ("tokenizer", run_tokenizer, "build the tokenizer only"),
        (
            "encoder",
            run_encoder,
            "build the tokenizer if need be, train, write the model; goes on where it stopped",
        ),
        ("translation", run_translation, "learn the translation table; no chance is in it, so there is no seed"),
        ("quick-reader", run_quick_reader, "learn how the quick reader rates sentences and when it refuses; needs the encoder"),
        ("contextual", run_contextual, "train the contextual encoder and the reader, write both; goes on where it stopped"),
        ("reader", run_reader, "train the reader alone from the encoder of index/contextual_model; goes on where it stopped"),
        ("asking", run_asking, "learn what a question asks for, from training/asked; needs no sets, and no seed"),
        ("evaluate", run_evaluate, "print the figures of a model on the held-out sets"),
    ):
        stage = stages.add_parser(name, help=summary)
        stage.set_defaults(run=run)
        if name == "asking":
            folder = MODEL.parents[1] / "qa" / "question"
            stage.add_argument("--output", type=Path, default=folder, help="folder to write to (default: qa/question)")
            continue
        stage.add_argument("--data", type=Path, required=True, help="folder of the public sets; see training/README.md")
        if name == "evaluate":
            stage.add_argument("--model", help="folder or hub name of a sentence-transformers model (default: bundled)")
        if name in ("quick-reader", "contextual", "reader"):
            stage.add_argument("--library", type=Path, help="further bulletins to learn from, with --questions on them")
            stage.add_argument("--questions", type=Path, help="those with an odd id are learned from")
        if name == "quick-reader":
            folder = MODEL.parents[1] / "qa" / "answering"
            stage.add_argument("--output", type=Path, default=folder, help="folder to write to (default: qa/answering)")
        if name in ("tokenizer", "encoder", "contextual", "reader"):
            stage.add_argument(
                "--checkpoints",
                type=Path,
                default=cache_folder(),
                help="folder of tokenizer, checkpoint and log (default: %(default)s)",
            )
        options = contextual.Options() if name == "contextual" else Options()
        if name in ("tokenizer", "encoder", "quick-reader", "contextual"):
            stage.add_argument("--seed", type=int, default=options.seed)
        if name in ("encoder", "contextual"):
            stage.add_argument("--steps", type=int, default=options.steps)
        if name in ("encoder", "translation"):
            stage.add_argument("--output", type=Path, default=MODEL, help="model folder (default: index/model)")
        if name in ("contextual", "reader"):
            stage.add_argument("--output", type=Path, default=CONTEXTUAL, help="model folder (default: index/contextual_model)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one stage; return 0."""
    chosen = build_parser().parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    try:
        chosen.run(chosen)
    except (DataError, EncoderError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
