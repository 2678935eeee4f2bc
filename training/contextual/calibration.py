"""Fit how much cosines and the quick reader's log-odds count, and from which probability on an answer is given.

What is judged is what the program does: it searches a library, reads the ten best passages, and looks for an answer. The
questions are those of the held-out voice over all our passages, from which neither the encoder nor the quick reader learned, and
those of the sample library and of a development library. Unanswerable are near misses, and questions whose own passage is taken
away. What has an odd number is fitted on, what has an even one is measured.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.metrics import is_odd, normalise
from benchmarks.retrieval import lone_passage
from corpus.regions.gazetteer import Gazetteer
from index.contextual import ContextualEncoder, OnnxContextualEncoder
from index.retriever import Retriever
from qa.answering.answerability import FEATURES
from qa.answering.pipeline import collect_evidence
from qa.answering.reading import Calibration, Notes, Weights, take_notes
from qa.question.analyzer import analyze_question
from training.contextual.examples import Example, read_voices
from training.contextual.measure import auc
from training.quick_reader import AGAINST, FOR, SAMPLES, fit_logistic, is_evidence, open_retriever, read_questions

# Of the questions that are answered in the passages: the share that each strictness may refuse.
REFUSED = {"lenient": 0.03, "normal": 0.08, "strict": 0.2}
_EVERY = 2  # of the questions
_LIBRARIES = 3  # that the passages of a voice make
_LIBRARY = 3.0  # weight of a question of a library: they are few, and like those of users
_BINS = 10
_ELSEWHERE, _SEED = 200, 3  # questions of other passages that are put to each library


@dataclass(frozen=True, slots=True)
class Judged:
    """A question put to our passages: what the readers say, and what is true of it."""

    notes: Notes
    evidence: tuple[bool, ...]  # of each sentence
    holds: tuple[bool, ...]  # of each passage: it is the question's own
    answered: bool
    odd: bool
    of: Literal["voice", "libraries", "elsewhere"]


def calibrate(
    folder: Path, held_out: Sequence[Path], others: Sequence[Path], development: Sequence[tuple[Path, Path]] = ()
) -> dict[str, float]:
    """Fit the calibration of an encoder, write calibration.json beside it, and return figures of what it was not fitted on.

    Args: held_out: files of the passages that the encoder was not trained on; others: of all others, whose questions libraries
        do not answer; development: further libraries, each with its questions.
    """
    contextual = OnnxContextualEncoder(folder)
    judged = [*judge_voice(contextual, held_out)]
    foreign = [example.question for example in read_voices(others).examples if example.answered]
    for library, questions in (SAMPLES, *development):
        retriever = open_retriever(library, contextual)
        judged += judge_library(retriever, read_questions(questions, odd=None))
        judged += judge_elsewhere(retriever, random.Random(_SEED).sample(foreign, _ELSEWHERE))
    calibration = fit([one for one in judged if one.odd])
    content = msgspec.json.format(msgspec.json.encode(calibration), indent=1) + b"\n"
    (folder / "calibration.json").write_bytes(content)
    even = [one for one in judged if not one.odd]
    kinds = {"voice": ("voice",), "libraries": ("libraries",), "libraries and elsewhere": ("libraries", "elsewhere")}
    return {
        f"{name}: {figure}": round(value, 3)
        for name, of in kinds.items()
        for figure, value in figures(calibration, [one for one in even if one.of in of]).items()
    }


def judge_library(retriever: Retriever, questions: Sequence[dict[str, Any]]) -> Iterator[Judged]:
    """Put the questions of a library to it."""
    for record in questions:
        question = analyze_question(record["question"], history=record.get("history") or [], catalog=retriever.catalog)
        found = collect_evidence(question, retriever)[0]
        notes = take_notes(question, found)
        if not notes.sentences:
            continue
        wanted = [normalise(piece) for entry in record["relevant"] for piece in entry["evidence"]]
        evidence = tuple(is_evidence(scored.sentence, wanted) for scored in notes.sentences)
        own = {scored.sentence.passage.passage for scored, wanted in zip(notes.sentences, evidence, strict=True) if wanted}
        holds = tuple(scored.passage in own for scored in found.passages)
        yield Judged(notes, evidence, holds, any(holds), is_odd(record["id"]), "libraries")


def judge_elsewhere(retriever: Retriever, questions: Sequence[str]) -> Iterator[Judged]:
    """Put questions to a library that are asked of other passages: hardly any of them is answered there."""
    for count, text in enumerate(questions):
        question = analyze_question(text, catalog=retriever.catalog)
        notes = take_notes(question, collect_evidence(question, retriever)[0])
        if notes.sentences:
            none = (False,) * len(notes.sentences)
            yield Judged(notes, none, (False,) * len(notes.passages), False, count % 2 == 1, "elsewhere")


def judge_voice(contextual: ContextualEncoder, paths: Sequence[Path]) -> Iterator[Judged]:
    """Put the questions of a voice to libraries made of its passages, as the program would.

    All passages of all voices in one library would be none: on many matters several of them answer.
    """
    own = read_voices(paths)
    numbers = {name: number for number, name in enumerate(own.passages)}
    retrievers = [
        Retriever.build(
            [lone_passage(p.passage_id, p.context, p.text) for p in list(own.passages.values())[part::_LIBRARIES]],
            gazetteer=Gazetteer.load(),
            contextual=contextual,
        )
        for part in range(_LIBRARIES)
    ]
    whole = [e for e in own.examples if own.passages[e.passage.passage_id] is e.passage]
    for count, example in enumerate(whole[::_EVERY]):
        name = example.passage.passage_id
        is_elsewhere = example.answered and count % 3 == 0  # then the question is put to a library without its passage
        retriever = retrievers[(numbers[name] + is_elsewhere) % _LIBRARIES]
        question = analyze_question(example.question, catalog=retriever.catalog)
        found = collect_evidence(question, retriever)[0]
        notes = take_notes(question, found)
        holds = tuple(example.answered and scored.passage.passage_id == name for scored in found.passages)
        if not notes.sentences or (example.answered and not is_elsewhere and not any(holds)):
            continue  # not found
        yield Judged(notes, _evidence(example, notes), holds, any(holds), numbers[name] % 2 == 1, "voice")


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
        _logistic([(j.notes.of_sentences, j.evidence, _weight(j)) for j in answered if j.notes.asks_fact == is_fact])
        for is_fact in (True, False)
    )
    passage = _logistic([(j.notes.passages, j.holds, _weight(j)) for j in answered])
    never = Weights(0.0, ())
    found = Calibration(fact, measure, passage, never, {})
    answer = _logistic(
        [((_of_answer(found, j),), (j.answered,), _weight(j)) for j in judged],
        rising=(True, True, *(name in FOR for name in FEATURES)),
        falling=(False, False, *(name in AGAINST for name in FEATURES)),
    )
    found = msgspec.structs.replace(found, answer=answer)
    sure = [_probability(found, j) for j in answered]
    thresholds = {name: round(float(np.quantile(sure, share)), 4) for name, share in REFUSED.items()}
    return msgspec.structs.replace(found, thresholds=thresholds)


def _weight(judged: Judged) -> float:
    return _LIBRARY if judged.of == "libraries" else 1.0


def _logistic(
    rows: Sequence[tuple[Sequence[tuple[float, ...]], Sequence[bool], float]],
    *,
    rising: Sequence[bool] = (),
    falling: Sequence[bool] = (),
) -> Weights:
    """Fit a logistic model in which every question counts with its weight, however many sentences it has."""
    weights, bias = fit_logistic(
        np.concatenate([np.array(numbers, np.float32) for numbers, _, _ in rows]),
        np.concatenate([np.array(labels, np.bool_) for _, labels, _ in rows]),
        np.concatenate([np.full(len(labels), weight / len(labels)) for _, labels, weight in rows]),
        rising=rising,
        falling=falling,
    )
    return Weights(bias, tuple(weights))


def figures(calibration: Calibration, judged: Sequence[Judged]) -> dict[str, float]:
    """Return how well the calibrated readers do, each 0 to 1."""
    probability = np.array([_probability(calibration, j) for j in judged])
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
    for kind, is_fact, all_of_it in (("fact", True, calibration.fact.weights), ("measure", False, calibration.measure.weights)):
        for name, weights in (("cosine", (1.0, 0.0, 0.0, 0.0)), ("quick", (0.0, 0.0, 0.0, 1.0)), ("both", all_of_it)):
            rows = [(j.notes.of_sentences, j.evidence) for j in own if j.notes.asks_fact == is_fact]
            found[f"first sentence of a {kind}, {name}"] = _first(rows, weights)
    for name, weights in (("cosine", (1.0, 0.0, 0.0)), ("search", (0.0, 1.0, 0.0)), ("both", calibration.passage.weights)):
        found[f"first passage, {name}"] = _first([(j.notes.passages, j.holds) for j in own], weights)
    nearest = np.array([max(numbers[0] for numbers in j.notes.passages) for j in judged])
    found["auc, cosine"] = auc(nearest[answered].tolist(), nearest[~answered].tolist())
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


def _of_answer(calibration: Calibration, judged: Judged) -> tuple[float, ...]:
    return judged.notes.of_answer(max(calibration.of_sentences(judged.notes)))


def _probability(calibration: Calibration, judged: Judged) -> float:
    return float(1 / (1 + np.exp(-calibration.answer.logit(*_of_answer(calibration, judged)))))
