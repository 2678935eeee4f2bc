"""Fit how much the network's and the quick reader's log-odds count, and from which probability on an answer is given.

What is judged is what the program does: it searches a library, reads the ten best passages, and looks for an answer. The
questions are those of the held-out voice over all our passages, from which neither the network nor the quick reader learned, and
those of the sample library and of a development library. Unanswerable are near misses, and questions whose own passage is taken
away. What has an odd number is fitted on, what has an even one is measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.metrics import is_odd, normalise
from benchmarks.retrieval import lone_passage
from corpus.regions.gazetteer import Gazetteer
from index.reader import Reader
from index.retriever import Retriever
from qa.answering.pipeline import collect_evidence
from qa.answering.reading import Calibration, Notes, Weights, take_notes
from qa.question.analyzer import analyze_question
from training.quick_reader import SAMPLES, fit_logistic, is_evidence, open_retriever, read_questions
from training.reading.examples import Example, read_voices
from training.reading.measure import auc

# Of the questions that are answered in the passages: the share that each strictness may refuse.
REFUSED = {"lenient": 0.03, "normal": 0.07, "strict": 0.2}
_EVERY = 4  # of the questions
_LIBRARY = 2.0  # weight of a question of a library: they are few, and like those of users
_BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A question put to our passages: what the readers say, and what is true of it."""

    notes: Notes
    evidence: tuple[bool, ...]  # of each sentence
    holds: tuple[bool, ...]  # of each passage: it is the question's own
    answered: bool
    odd: bool
    is_fact: bool
    of_library: bool = False


def calibrate(
    folder: Path, held_out: Sequence[Path], others: Sequence[Path], development: Sequence[tuple[Path, Path]] = ()
) -> dict[str, float]:
    """Fit the calibration of a reader, write calibration.json beside it, and return figures of what it was not fitted on.

    Args: held_out, others: files of our passages; development: further libraries, each with its questions.
    """
    reader = Reader(folder)
    judged = [*judge_voices(reader, held_out, others)]
    for library, questions in (SAMPLES, *development):
        judged += judge_library(reader, library, questions)
    calibration = fit([one for one in judged if one.odd])
    content = msgspec.json.format(msgspec.json.encode(calibration), indent=1) + b"\n"
    (folder / "calibration.json").write_bytes(content)
    even = [one for one in judged if not one.odd]
    return {
        f"{name}: {figure}": round(value, 3)
        for name, of_library in (("voice", False), ("libraries", True))
        for figure, value in figures(calibration, [one for one in even if one.of_library == of_library]).items()
    }


def judge_library(reader: Reader, library: Path, questions: Path) -> Iterator[Judged]:
    """Put the questions of a library to it."""
    retriever = open_retriever(library)
    for record in read_questions(questions, odd=None):
        question = analyze_question(record["question"], history=record.get("history") or [], catalog=retriever.catalog)
        found = collect_evidence(question, retriever)[0]
        if not found.passages:
            continue
        notes = take_notes(question, found, reader)
        wanted = [normalise(piece) for entry in record["relevant"] for piece in entry["evidence"]]
        evidence = tuple(is_evidence(scored.sentence, wanted) for scored in notes.sentences)
        own = {scored.sentence.passage.passage for scored, wanted in zip(notes.sentences, evidence, strict=True) if wanted}
        holds = tuple(scored.passage in own for scored in found.passages)
        yield Judged(notes, evidence, holds, any(holds), is_odd(record["id"]), question.is_factoid, of_library=True)


def judge_voices(reader: Reader, held_out: Sequence[Path], others: Sequence[Path]) -> Iterator[Judged]:
    """Put the questions of the held-out voice to the passages of all voices, as the program would."""
    own = read_voices(held_out)
    passages = {**own.passages, **read_voices(others).passages}
    retriever = Retriever.build(
        [lone_passage(p.passage_id, p.context, p.text) for p in passages.values()], gazetteer=Gazetteer.load()
    )
    numbers = {name: number for number, name in enumerate(own.passages)}
    whole = [e for e in own.examples if own.passages[e.passage.passage_id] is e.passage]
    for count, example in enumerate(whole[::_EVERY]):
        name = example.passage.passage_id
        question = analyze_question(example.question, catalog=retriever.catalog)
        found = collect_evidence(question, retriever)[0]
        if example.answered and count % 3 == 0:  # the question without its own passage
            found = found.with_passages([scored for scored in found.passages if scored.passage.passage_id != name])
        if not found.passages:
            continue
        holds = tuple(example.answered and scored.passage.passage_id == name for scored in found.passages)
        if example.answered and not any(holds) and count % 3:
            continue  # not found
        notes = take_notes(question, found, reader)
        yield Judged(notes, _evidence(example, notes), holds, any(holds), numbers[name] % 2 == 1, question.is_factoid)


def _evidence(example: Example, notes: Notes) -> tuple[bool, ...]:
    """Return of each sentence whether it is evidence of the example."""
    wanted = {example.passage.sentences[n].strip() for n in example.evidence}
    return tuple(
        scored.sentence.passage.passage.passage_id == example.passage.passage_id
        and any(text in scored.sentence.scoring_text or scored.sentence.text in text for text in wanted)
        for scored in notes.sentences
    )


def fit(judged: Sequence[Judged]) -> Calibration:
    """Fit the logistic models, and the thresholds that refuse REFUSED of the answered questions."""
    answered = [j for j in judged if j.answered]
    fact, measure = (
        _logistic([(j.notes.of_sentences, j.evidence, _weight(j)) for j in answered if j.is_fact == is_fact])
        for is_fact in (True, False)
    )
    passage = _logistic([(j.notes.passages, j.holds, _weight(j)) for j in answered])
    answer = _logistic([((j.notes.answer,), (j.answered,), _weight(j)) for j in judged])
    sure = [_probability(answer, j) for j in answered]
    thresholds = {name: round(float(np.quantile(sure, share)), 4) for name, share in REFUSED.items()}
    return Calibration(fact, measure, passage, answer, thresholds)  # type: ignore[arg-type]


def _weight(judged: Judged) -> float:
    return _LIBRARY if judged.of_library else 1.0


def _logistic(rows: Sequence[tuple[Sequence[tuple[float, ...]], Sequence[bool], float]]) -> Weights:
    """Fit a logistic model in which every question counts with its weight, however many sentences it has."""
    weights, bias = fit_logistic(
        np.concatenate([np.array(numbers, np.float32) for numbers, _, _ in rows]),
        np.concatenate([np.array(labels, np.bool_) for _, labels, _ in rows]),
        np.concatenate([np.full(len(labels), weight / len(labels)) for _, labels, weight in rows]),
    )
    return Weights(bias, tuple(weights))


def figures(calibration: Calibration, judged: Sequence[Judged]) -> dict[str, float]:
    """Return how well the calibrated readers do, each 0 to 1."""
    probability = np.array([_probability(calibration.answer, j) for j in judged])
    answered = np.array([j.answered for j in judged])
    found = {
        "questions": float(len(judged)),
        "auc": auc(probability[answered].tolist(), probability[~answered].tolist()),
        "calibration error": calibration_error(probability, answered),
    }
    for strictness, threshold in calibration.thresholds.items():
        found[f"{strictness}: answers what is there"] = float((probability[answered] >= threshold).mean())
        found[f"{strictness}: refuses what is not"] = float((probability[~answered] < threshold).mean())
    own = [j for j in judged if j.answered]
    for kind, is_fact, both in (("fact", True, calibration.fact.weights), ("measure", False, calibration.measure.weights)):
        for name, weights in (("network", (1.0, 0.0, 0.0)), ("quick", (0.0, 0.0, 1.0)), ("both", both)):
            rows = [(j.notes.of_sentences, j.evidence) for j in own if j.is_fact == is_fact]
            found[f"first sentence of a {kind}, {name}"] = _first(rows, weights)
    for name, weights in (("network", (1.0, 0.0, 0.0)), ("search", (0.0, 1.0, 0.0)), ("both", calibration.passage.weights)):
        found[f"first passage, {name}"] = _first([(j.notes.passages, j.holds) for j in own], weights)
    for name, column in {"network": 0, "quick": 1}.items():
        values = np.array([j.notes.answer[column] for j in judged])
        found[f"auc, {name}"] = auc(values[answered].tolist(), values[~answered].tolist())
    return found


def _first(rows: Sequence[tuple[Sequence[tuple[float, ...]], Sequence[bool]]], weights: Sequence[float]) -> float:
    """Return the share of questions of which the sentence, or passage, with the highest sum is right."""
    return float(np.mean([labels[int(np.argmax(np.array(numbers) @ np.array(weights)))] for numbers, labels in rows]))


def calibration_error(probability: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over bins of equal width. Source: Guo et al. 2017."""
    which = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for number in range(_BINS):
        inside = which == number
        if inside.any():
            error += float(inside.mean()) * abs(float(probability[inside].mean()) - float(labels[inside].mean()))
    return error


def _probability(answer: Weights, judged: Judged) -> float:
    return float(1 / (1 + np.exp(-answer.logit(*judged.notes.answer))))
