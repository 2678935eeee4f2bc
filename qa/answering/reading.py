"""Read the evidence of a question: which sentences answer it, what exactly is the fact, and is the answer there at all.

Two readers do that: the quick one, which weighs words and nearness (`QuickReader`), and the reading model beside it, which reads
question and passage together (`ModelReader`). The model is not bundled yet: `python -m training reader` makes it, and where it
lies in index/reader_model, it reads.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Protocol

import msgspec

from corpus.chunker import sentences_of
from corpus.document import Passage, Span
from corpus.text.normalize import simplify
from index.evidence import Evidence
from index.packaged import read_packaged
from index.reader import PassageReading, PassageText, Reader, load_reader
from qa.answering.answerability import Strictness, confidence, load_answerability_model, log_odds
from qa.answering.scoring import ScoredSentence, Sentence, score_sentences
from qa.question.question import Question

_MIN_FACT = 0.2  # probability of a span from which it is marked
_LEAST = -12.0  # log-odds of a sentence for which there was no room


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model over what the network and the quick reader say; each number has a weight by its place."""

    bias: float
    weights: tuple[float, ...]

    def logit(self, *numbers: float) -> float:
        """Return the log-odds of some numbers, as many as there are weights."""
        return self.bias + sum(weight * number for weight, number in zip(self.weights, numbers, strict=True))


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How log-odds of the network and of the quick reader become probabilities, and which one an answer needs.

    `fact`, `measure`: that a sentence is evidence, where one fact is asked for and otherwise, from the network's log-odds of the
    sentence and of its passage, and the quick reader's of the sentence. `passage`: that a passage answers, from the network's
    log-odds, and the passage's score and how far that is behind the best. `answer`: that there is an answer, from the network's
    log-odds of the surest passage and the quick reader's confidence. Learned on a voice that the network was not trained on and
    on questions of libraries (`training/reading/calibration.py`).
    """

    fact: Weights
    measure: Weights
    passage: Weights
    answer: Weights
    thresholds: dict[Strictness, float]


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
_MODEL = Ratios(measure=0.4, fact=0.8, neighbour=0.25)


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


def evidence_reader() -> EvidenceReader:
    """Return the reading model; the quick reader where there is no model, or onnxruntime is not installed.

    Raises: EncoderError: a file of the model is missing or damaged.
    """
    reader = load_reader()
    return QuickReader() if reader is None else ModelReader(reader, load_calibration())


class QuickReader:
    """Reads by features of words and of nearness, in milliseconds."""

    def read(self, question: Question, evidence: Evidence) -> ReadEvidence:
        """Score the sentences of the evidence."""
        scored = tuple(score_sentences(question, evidence))
        return ReadEvidence(evidence, scored, confidence(question, evidence, scored), question.is_factoid, _QUICK)

    def threshold_for(self, strictness: Strictness) -> float:
        """Return the probability that an answer needs, 0 to 1."""
        return load_answerability_model().threshold_for(strictness)


class ModelReader:
    """Reads with the network."""

    def __init__(self, reader: Reader, calibration: Calibration) -> None:
        """Take a network, and how its log-odds become probabilities."""
        self._reader, self._calibration = reader, calibration

    def threshold_for(self, strictness: Strictness) -> float:
        """Return the probability that an answer needs, 0 to 1."""
        return self._calibration.thresholds[strictness]

    def read(self, question: Question, evidence: Evidence) -> ReadEvidence:
        """Read every passage of the evidence with the question, each by itself."""
        notes = take_notes(question, evidence, self._reader)
        if not notes.passages:
            return ReadEvidence(evidence, (), 0.0, False, _MODEL)
        learned = self._calibration
        sure = [learned.passage.logit(*numbers) for numbers in notes.passages]
        order = sorted(range(len(sure)), key=lambda i: -sure[i])
        of_sentence = learned.fact if question.is_factoid else learned.measure
        scored = [
            replace(sentence, probability=_sigmoid(of_sentence.logit(*numbers)))
            for sentence, numbers in zip(notes.sentences, notes.of_sentences, strict=True)
        ]
        confidence = _sigmoid(learned.answer.logit(*notes.answer))
        return ReadEvidence(evidence.subset(order), tuple(scored), confidence, question.is_factoid, _MODEL)


@dataclass(frozen=True, slots=True)
class Notes:
    """What both readers say of the evidence, in numbers, as `Calibration` takes them.

    `sentences` have the quick reader's probabilities, and the facts that the network marks.
    """

    sentences: tuple[ScoredSentence, ...]
    of_sentences: tuple[tuple[float, float, float], ...]
    passages: tuple[tuple[float, float, float], ...]
    answer: tuple[float, float]


def take_notes(question: Question, evidence: Evidence, reader: Reader) -> Notes:
    """Let both readers read the evidence."""
    passages = [scored.passage for scored in evidence.passages]
    if not passages:
        return Notes((), (), (), (0.0, 0.0))
    spans = {p: [span.trimmed(p.bulletin.text) for span in sentences_of(p)] for p in passages}
    texts = [passage_text(passage, spans[passage]) for passage in passages]
    readings = dict(zip(passages, reader.read(reading_text(question), texts), strict=True))
    quick = score_sentences(question, evidence)
    sentences, numbers = [], []
    for scored in quick:
        passage = scored.sentence.passage.passage
        reading = readings[passage]
        sentences.append(replace(scored, fact=_fact(scored.sentence, spans[passage], reading)))
        numbers.append((_of_sentence(scored.sentence, reading), reading.answered, log_odds(scored.probability)))
    best = evidence.passages[0].score
    of_passages = tuple((readings[s.passage].answered, s.score, best - s.score) for s in evidence.passages)
    surest = max(reading.answered for reading in readings.values())
    return Notes(tuple(sentences), tuple(numbers), of_passages, (surest, log_odds(confidence(question, evidence, quick))))


@cache
def load_calibration() -> Calibration:
    """Load the packaged numbers. Raises: EncoderError: the file is missing."""
    return msgspec.json.decode(read_packaged(resources.files("index") / "reader_model" / "calibration.json"), type=Calibration)


def reading_text(question: Question) -> str:
    """Return the question as the network reads it: a follow-up with what it leans on, of a comparison what is compared."""
    if question.kind == "comparison":
        return simplify(question.query)
    followed = any(chip.kind == "followup" for chip in question.chips)
    text = simplify(question.text)
    for slip in question.corrections:
        text = text.replace(slip.written, slip.corrected)
    return f"{question.interpretation}：{text}" if followed and question.interpretation else text


def passage_text(passage: Passage, sentences: Sequence[Span]) -> PassageText:
    """Return a passage as the network reads it, in simplified script."""
    text, masthead = passage.bulletin.text, passage.bulletin.masthead
    region = passage.told_region(passage.span.trimmed(text)) or passage.article.region or passage.bulletin.publisher_region
    date = masthead.issue_date.strftime("%Y-%m") if masthead.issue_date else str(masthead.year or "")
    header = passage.table_header.of(text) if passage.table_header else ""
    above = (region.label if region else "", date, passage.article.title, passage.section.heading, " ".join(header.split()))
    return PassageText(
        simplify(" ".join(filter(None, above))),
        tuple(simplify(span.of(text)).replace("\t", "|").replace("\n", " ") for span in sentences),
    )


def _of_sentence(sentence: Sentence, reading: PassageReading) -> float:
    """Return the log-odds that a candidate is part of the answer: those of its likeliest part."""
    return max((max(reading.sentences[part], _LEAST) for part in sentence.parts if part >= 0), default=_LEAST)


def _fact(sentence: Sentence, spans: Sequence[Span], reading: PassageReading) -> Span | None:
    """Return the stretch of the text that is the fact asked for, if it is in this sentence."""
    found = reading.span
    if found is None or found.probability < _MIN_FACT or found.sentence not in sentence.parts:
        return None
    start = spans[found.sentence].start
    fact = Span(start + found.start, start + found.end)
    return fact if sentence.span.contains(fact) else None


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))
