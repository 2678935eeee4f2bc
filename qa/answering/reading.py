"""Read the evidence of a question: which sentences answer it, and is the answer there at all.

Two readers do that: the quick one, which weighs words and nearness (`QuickReader`), and the one that knows each sentence in its
passage, too (`ContextualReader`), where the index has a contextual channel.
"""

import math
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Protocol

import msgspec

from corpus.text.normalize import simplify
from index.evidence import Evidence
from index.packaged import damaged, read_packaged
from index.retriever import Retriever
from qa.answering.answerability import (
    Strictness,
    answerability_features,
    confidence,
    load_answerability_model,
    log_odds,
)
from qa.answering.scoring import ScoredSentence, score_sentences
from qa.question.question import Question


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model over what the network and the quick reader say; each number has a weight by its place."""

    bias: float
    weights: tuple[float, ...]

    def logit(self, *numbers: float) -> float:
        """Return the log-odds of some numbers, as many as there are weights."""
        return self.bias + sum(weight * number for weight, number in zip(self.weights, numbers, strict=True))


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How cosines and the quick reader's log-odds become probabilities, and which one an answer needs.

    `fact`, `measure`: that a sentence is evidence, where one fact is asked for and otherwise: from its cosine with the question,
    how far that is behind the nearest of its passage, and this behind the nearest of all, and the quick reader's log-odds.
    `passage`: that a passage answers, from the cosine of its nearest sentence, its score and how far that is behind the best.
    `answer`: that there is an answer, from the cosine of the nearest sentence, the log-odds of the likeliest one, and the quick
    reader's signs (`AnswerabilityFeatures`). Learned on a voice that the encoder was not trained on and on questions of libraries
    (`training/contextual/calibration.py`).
    """

    fact: Weights
    measure: Weights
    passage: Weights
    answer: Weights
    thresholds: dict[Strictness, float]

    def of_sentences(self, notes: "Notes") -> list[float]:
        """Return the log-odds that each sentence is evidence."""
        weights = self.fact if notes.asks_fact else self.measure
        return [weights.logit(*numbers) for numbers in notes.of_sentences]


@dataclass(frozen=True, slots=True)
class Ratios:
    """Shares of the likeliest sentence's probability that a sentence must have to be quoted.

    `fact`: where one fact is asked for; `neighbour`: of a sentence next to one that is quoted, in the same point.
    """

    measure: float
    fact: float
    neighbour: float


# Of the quick reader: experiments in benchmarks/README.md.
_QUICK = Ratios(measure=0.45, fact=0.8, neighbour=0.3)
_CONTEXTUAL = Ratios(measure=0.4, fact=0.8, neighbour=0.1)


@dataclass(frozen=True, slots=True)
class ReadEvidence:
    """What was read: the passages, the surest first, their candidate sentences, and how sure it is that they answer.

    `asks_fact`: one fact is asked for, which the likeliest sentence gives.
    """

    evidence: Evidence
    scored: tuple[ScoredSentence, ...]
    confidence: float
    asks_fact: bool
    ratios: Ratios


class EvidenceReader(Protocol):
    """What reads the evidence of a question."""

    def read(self, question: Question, evidence: Evidence) -> ReadEvidence:
        """Read every passage of the evidence with the question."""

    def threshold_for(self, strictness: Strictness) -> float:
        """Return the probability that an answer needs, 0 to 1."""


def evidence_reader(retriever: Retriever) -> EvidenceReader:
    """Return what reads the evidence of a library: the quick reader where the index has no contextual channel.

    Raises: EncoderError: the calibration is missing or damaged.
    """
    return ContextualReader(load_calibration()) if retriever.index.reads_sentences else QuickReader()


class QuickReader:
    """Reads by features of words and of nearness, in milliseconds."""

    def read(self, question: Question, evidence: Evidence) -> ReadEvidence:
        """Score the sentences of the evidence."""
        scored = tuple(score_sentences(question, evidence))
        return ReadEvidence(evidence, scored, confidence(question, evidence, scored), question.is_factoid, _QUICK)

    def threshold_for(self, strictness: Strictness) -> float:
        """Return the probability that an answer needs, 0 to 1."""
        return load_answerability_model().threshold_for(strictness)


class ContextualReader:
    """Reads by the vectors of sentences in their passages, and by what the quick reader says of each."""

    def __init__(self, calibration: Calibration) -> None:
        """Take how what is known becomes probabilities."""
        self._calibration = calibration

    def threshold_for(self, strictness: Strictness) -> float:
        """Return the probability that an answer needs, 0 to 1."""
        return self._calibration.thresholds[strictness]

    def read(self, question: Question, evidence: Evidence) -> ReadEvidence:
        """Read every passage of the evidence with the question."""
        notes = take_notes(question, evidence)
        if not notes.sentences:
            return ReadEvidence(evidence, (), 0.0, False, _CONTEXTUAL)
        learned = self._calibration
        sure = [learned.passage.logit(*numbers) for numbers in notes.passages]
        order = sorted(range(len(sure)), key=lambda i: -sure[i])
        logits = learned.of_sentences(notes)
        scored = [replace(sentence, probability=_sigmoid(logit)) for sentence, logit in zip(notes.sentences, logits, strict=True)]
        confidence = _sigmoid(learned.answer.logit(*notes.of_answer(max(logits))))
        return ReadEvidence(evidence.subset(order), tuple(scored), confidence, question.is_factoid, _CONTEXTUAL)


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known of the evidence of a question, in numbers, as `Calibration` takes them.

    `sentences` as the quick reader scores them; `signs`: `answerability_features`; `asks_fact`: one fact is asked for.
    """

    sentences: tuple[ScoredSentence, ...]
    of_sentences: tuple[tuple[float, ...], ...]
    passages: tuple[tuple[float, ...], ...]
    signs: tuple[float, ...]
    asks_fact: bool

    def of_answer(self, surest: float) -> tuple[float, ...]:
        """Return what tells whether there is an answer at all. Args: surest: the log-odds of the likeliest sentence."""
        return max(numbers[0] for numbers in self.passages), surest, *self.signs


def take_notes(question: Question, evidence: Evidence) -> Notes:
    """Compare the question with the evidence, of an index with a contextual channel."""
    passages = [scored.passage for scored in evidence.passages]
    if not passages:
        return Notes((), (), (), (), question.is_factoid)
    assert evidence.sentence_cosines is not None
    cosines = dict(zip(passages, evidence.sentence_cosines(reading_text(question), passages), strict=True))
    nearest = {passage: float(found.max(initial=-1)) for passage, found in cosines.items()}
    quick = score_sentences(question, evidence)
    best = max(nearest.values())
    numbers = []
    for scored in quick:
        own = cosines[scored.sentence.passage.passage]
        near = max((float(own[part]) for part in scored.sentence.parts if part >= 0), default=-1.0)
        top = nearest[scored.sentence.passage.passage]
        numbers.append((near, top - near, best - top, log_odds(scored.probability)))
    first = evidence.passages[0].score
    of_passages = tuple((nearest[s.passage], s.score, first - s.score) for s in evidence.passages)
    signs = tuple(map(float, answerability_features(question, evidence, quick))) if quick else ()
    return Notes(tuple(quick), tuple(numbers), of_passages, signs, question.is_factoid)


@cache
def load_calibration() -> Calibration:
    """Load the packaged numbers. Raises: EncoderError: the file is missing or damaged."""
    file = resources.files("index") / "contextual_model" / "calibration.json"
    try:
        return msgspec.json.decode(read_packaged(file), type=Calibration)
    except msgspec.MsgspecError as error:
        raise damaged(file, str(error)) from error


def reading_text(question: Question) -> str:
    """Return the question as the network reads it: a follow-up with what it leans on, of a comparison what is compared."""
    if question.kind == "comparison":
        return simplify(question.query)
    followed = any(chip.kind == "followup" for chip in question.chips)
    text = simplify(question.text)
    for slip in question.corrections:
        text = text.replace(slip.written, slip.corrected)
    return f"{question.interpretation}：{text}" if followed and question.interpretation else text


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))
