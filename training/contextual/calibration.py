"""Fit how much what the readers say counts, and from which probability on an answer is given.

What is judged is what the program does: it searches a library, reads the ten best passages, and looks for an answer. The
questions are those of the held-out voice over all our passages, from which neither the encoder nor the quick reader learned, and
those of the sample library and of a development library. Unanswerable are near misses, and questions whose own passage is taken
away. What has an odd number is fitted on, what has an even one is measured.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from qa.answering.reading import Calibration, Models, Notes, Numbers, Weights, take_notes
from qa.question.analyzer import analyze_question
from training.contextual.examples import Example, read_voices
from training.contextual.measure import auc
from training.quick_reader import AGAINST, FOR, SAMPLES, fit_logistic, is_evidence, open_retriever, read_questions

# Of the questions that are answered in the passages: the share that each strictness may refuse.
REFUSED = {"lenient": 0.02, "normal": 0.04, "strict": 0.2}
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
        f"{name}, {how}: {figure}": round(value, 3)
        for how, models, known in (("read", calibration.read, even), ("glanced", calibration.glanced, unread(even)))
        for name, of in kinds.items()
        for figure, value in figures(calibration, models, [one for one in known if one.of in of]).items()
    }


def judge_library(retriever: Retriever, questions: Sequence[dict[str, Any]]) -> Iterator[Judged]:
    """Put the questions of a library to it."""
    for record in questions:
        question = analyze_question(
            record["question"], history=record.get("history") or [], catalog=retriever.catalog, encode=retriever.encode_question
        )
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
        question = analyze_question(text, catalog=retriever.catalog, encode=retriever.encode_question)
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
        question = analyze_question(example.question, catalog=retriever.catalog, encode=retriever.encode_question)
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
    none = Weights(0.0, ())
    glanced = _fit_models(unread(judged), lambda models: Calibration(models, Models(none, none, none, none, {})))
    return Calibration(glanced, _fit_models(judged, lambda models: Calibration(glanced, models)))


def unread(judged: Sequence[Judged]) -> list[Judged]:
    """Return what is known of questions where nothing is read together with them."""
    return [replace(j, notes=j.notes.unread()) for j in judged]


def _fit_models(judged: Sequence[Judged], within: Callable[[Models], Calibration]) -> Models:
    """Fit the models of what was read, or where nothing was, of all. Args: within: puts models in their place."""
    answered = [j for j in judged if j.answered]
    # Of the voice all evidence is known: two read each passage for it.
    fact, measure = (
        _logistic([(*_sentences(j), 1.0) for j in answered if j.of == "voice" and j.notes.asks_fact == is_fact])
        for is_fact in (True, False)
    )
    passage = _logistic([(*_passages(j), _weight(j)) for j in answered])
    models = Models(fact, measure, passage, Weights(0.0, ()), {})
    numbers = [j.notes.of_answer(within(models)) for j in judged]
    n = len(numbers[0]) - len(FEATURES)
    answer = _logistic(
        [((row,), (j.answered,), _weight(j)) for row, j in zip(numbers, judged, strict=True)],
        rising=(*[True] * n, *(name in FOR for name in FEATURES)),
        falling=(*[False] * n, *(name in AGAINST for name in FEATURES)),
    )
    models = msgspec.structs.replace(models, answer=answer)
    sure = [_probability(within(models), models, j) for j in answered]
    thresholds = {name: round(float(np.quantile(sure, share)), 4) for name, share in REFUSED.items()}
    return msgspec.structs.replace(models, thresholds=thresholds)


def _sentences(judged: Judged) -> tuple[list[Numbers], list[bool]]:
    """Return the numbers of the sentences, and which are evidence: of those read together with the question, if any were."""
    return _known(judged.notes.glanced, judged.notes.read, judged.evidence)


def _passages(judged: Judged) -> tuple[list[Numbers], list[bool]]:
    """Return the same of the passages, and which are the question's own."""
    return _known(judged.notes.passages, judged.notes.read_passages, judged.holds)


def _known(
    glanced: Sequence[Numbers], read: Sequence[Numbers | None], labels: Sequence[bool]
) -> tuple[list[Numbers], list[bool]]:
    if not any(read):
        return list(glanced), list(labels)
    rows = [((*near, *close), label) for near, close, label in zip(glanced, read, labels, strict=True) if close is not None]
    return [numbers for numbers, _ in rows], [label for _, label in rows]


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


def figures(calibration: Calibration, models: Models, judged: Sequence[Judged]) -> dict[str, float]:
    """Return how well calibrated readers do, each 0 to 1. Args: models: of the calibration, those that decide."""
    probability = np.array([_probability(calibration, models, j) for j in judged])
    answered = np.array([j.answered for j in judged])
    found = {
        "questions": float(len(judged)),
        "auc": auc(probability[answered].tolist(), probability[~answered].tolist()),
        "calibration error": calibration_error(probability, answered),
    }
    for strictness, threshold in models.thresholds.items():
        found[f"{strictness}: answers what is there"] = float((probability[answered] >= threshold).mean())
        found[f"{strictness}: refuses what is not"] = float((probability[~answered] < threshold).mean())
    own = [j for j in judged if j.answered]
    for kind, is_fact in (("fact", True), ("measure", False)):
        of_kind = [j for j in own if j.notes.asks_fact == is_fact]
        found[f"first sentence of a {kind}"] = _first((j.notes.of_sentences(calibration), j.evidence) for j in of_kind)
    found["first passage"] = _first((j.notes.of_passages(calibration), j.holds) for j in own)
    return found


def _first(rows: Iterable[tuple[Sequence[float], Sequence[bool]]]) -> float:
    """Return the share of questions of which the sentence, or passage, with the highest number is right."""
    return float(np.mean([labels[int(np.argmax(numbers))] for numbers, labels in rows]))


def calibration_error(probability: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over bins of equal width. Source: Guo et al. 2017."""
    which = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for number in range(_BINS):
        inside = which == number
        if inside.any():
            error += float(inside.mean()) * abs(float(probability[inside].mean()) - float(labels[inside].mean()))
    return error


def _probability(calibration: Calibration, models: Models, judged: Judged) -> float:
    return float(1 / (1 + np.exp(-models.answer.logit(*judged.notes.of_answer(calibration)))))
