"""The training of the models in qa/question/asking.py: what a question asks for, and whether it leans on the one before it.

They learn from questions of our own, in several voices (training/asked): NAME.jsonl has questions with what they ask for,
NAME.turns.jsonl turns of conversations. Which words are those of people who ask, and not of documents, is counted in
training/passages.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from index.contextual import load_contextual_encoder
from index.query.tokenizer import load_tokenizer
from qa.question.asking import SCALE, Asking, Linear, Models, numbers_of, numbers_of_turn, runs_of

ASKED, PASSAGES = (Path(__file__).with_name(name) for name in ("asked", "passages"))
FILE = "asking.json"
_LEAST = 2  # questions that have a run
_PENALTY = 1.7  # of squared weights
_SMALLEST = 3  # numbers of a run that are all smaller are left out
_ASKED_WITH, _OFTENER = 3, 1.5  # questions that have a word of asking; how much more of them have it than of sentences

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A question: its runs, its numbers without a vector and with one, its class, and who wrote it."""

    runs: frozenset[str]
    by_words: Floats
    by_both: Floats
    of_class: int
    voice: str


def learn(output: Path) -> dict[str, float]:
    """Learn the models and write `asking.json`.

    Args: output: folder to write to.
    Returns: shares of the questions of each voice that are told rightly by models that learned from the others alone.
    """
    encode = _encoder()
    questions = _records(ASKED, turns=False)
    names = sorted({_class_of(record) for _, record in questions})
    asked = [
        Example(
            frozenset(runs_of(record["text"])),
            np.zeros(0, np.float32),
            numbers_of(encode(record["text"])),
            names.index(_class_of(record)),
            voice,
        )
        for voice, record in questions
    ]
    turns = [
        Example(
            frozenset(runs_of(record["text"])),
            numbers_of_turn(record["text"]),
            numbers_of_turn(record["text"], encode(record["text"]), encode(record["before"][-1])),
            int(record["leans"]),
            voice,
        )
        for voice, record in _records(ASKED, turns=True)
    ]
    figures = {}
    for title, examples, classes in (("wants", asked, len(names)), ("leans", turns, 1)):
        for voice in sorted({example.voice for example in examples}):
            own = [example for example in examples if example.voice == voice]
            models = _fit([example for example in examples if example.voice != voice], classes)
            figures[f"{title}.{voice}.by_words"] = _right(models.by_words, own, lambda e: e.by_words)
            figures[f"{title}.{voice}.by_both"] = _right(models.by_both, own, lambda e: e.by_both)
    found = Asking(tuple(names), _fit(asked, len(names)), _fit(turns, 1), words_of_asking(PASSAGES))
    (output / FILE).write_bytes(msgspec.json.encode(found))
    return figures


def words_of_asking(folder: Path) -> tuple[str, ...]:
    """Return the Chinese words that people ask with oftener than documents use them, in order: 以后, 还是, 最多能, 咋整.

    Args: folder: of passages with questions on them.
    """
    words = load_tokenizer().words
    asked, told = Counter[str](), Counter[str]()
    questions = sentences = 0
    for path in sorted(folder.glob("*.jsonl")):
        for record in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            texts = [each["text"] for each in (*record["questions"], *record["unanswerable"]) if not each["text"].isascii()]
            questions, sentences = questions + len(texts), sentences + len(record["sentences"])
            asked.update(word for text in texts for word in set(words(text)))
            told.update(word for text in record["sentences"] for word in set(words(text)))
    return tuple(
        sorted(
            word
            for word, count in asked.items()
            if len(word) > 1 and count >= _ASKED_WITH and count * sentences > _OFTENER * told[word] * questions
        )
    )


def _encoder() -> Callable[[str], Floats]:
    encoder = load_contextual_encoder()
    assert encoder is not None, "onnxruntime is in requirements.txt"
    return encoder.encode_question


def _records(folder: Path, *, turns: bool) -> list[tuple[str, dict[str, Any]]]:
    """Return the questions or the turns with the voice that wrote each."""
    paths = [path for path in sorted(folder.glob("*.jsonl")) if path.stem.endswith(".turns") == turns]
    return [
        (path.stem.removesuffix(".turns"), json.loads(line))
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def _class_of(record: dict[str, Any]) -> str:
    return f"fact:{record['answer']}" if record["kind"] == "fact" else str(record["kind"])


def _fit(examples: Sequence[Example], classes: int) -> Models:
    return Models(_linear(examples, classes, lambda e: e.by_words), _linear(examples, classes, lambda e: e.by_both))


def _linear(examples: Sequence[Example], classes: int, numbers: Callable[[Example], Floats]) -> Linear:
    """Return the logistic model of the least loss with a penalty on its weights. Args: classes: 1 for yes or no."""
    counts = Counter(run for example in examples for run in example.runs)
    places = {run: place for place, run in enumerate(run for run in sorted(counts) if counts[run] >= _LEAST)}
    seen = torch.zeros(len(examples), len(places))
    for row, example in enumerate(examples):
        seen[row, [places[run] for run in example.runs if run in places]] = 1
    seen = torch.cat([seen, torch.tensor(np.array([numbers(example) for example in examples]))], 1)
    wanted = torch.tensor([example.of_class for example in examples])
    weights, bias = torch.zeros(seen.shape[1], classes, requires_grad=True), torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        scores = seen @ weights + bias
        if classes > 1:
            found = functional.cross_entropy(scores, wanted, reduction="sum")
        else:
            found = functional.binary_cross_entropy_with_logits(scores[:, 0], wanted.float(), reduction="sum")
        total = found + _PENALTY * weights.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    rounded = np.rint(weights.detach().numpy() * SCALE).astype(int)
    runs = {run: tuple(rounded[place].tolist()) for run, place in places.items() if abs(rounded[place]).max() >= _SMALLEST}
    return Linear(
        tuple(np.rint(bias.detach().numpy() * SCALE).astype(int).tolist()),
        runs,
        tuple(tuple(row.tolist()) for row in rounded[len(places) :]),
    )


def _right(model: Linear, examples: Sequence[Example], numbers: Callable[[Example], Floats]) -> float:
    """Return the share of examples that are told rightly."""
    scores = np.array([model.scores(example.runs, numbers(example)) for example in examples])
    told = scores.argmax(1) if scores.shape[1] > 1 else scores[:, 0] > 0
    return round(float(np.mean(told == np.array([example.of_class for example in examples]))), 3)
