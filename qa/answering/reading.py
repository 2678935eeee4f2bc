"""Read the evidence of a question: which sentences answer it, and is the answer there at all.

Two readers do that: the quick one, which weighs words and nearness (`QuickReader`), and, where the index has a contextual
channel, the one that knows each sentence in its passage and reads the best passages together with the question
(`ContextualReader`).
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Protocol

import msgspec
import numpy as np

from corpus.document import Passage, Span
from corpus.text.normalize import simplify
from index.evidence import Evidence
from index.packaged import damaged, read_packaged
from index.reader import Fact, PassageReading, in_dialogue
from index.retriever import Retriever
from qa.answering.answerability import (
    Strictness,
    answerability_features,
    confidence,
    load_answerability_model,
    log_odds,
)
from qa.answering.scoring import FoundFact, ScoredSentence, Sentence, score_sentences
from qa.question.analyzer import cut_out
from qa.question.followup import correction_spans
from qa.question.question import FOLLOWUP, Question


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model over what the network and the quick reader say; each number has a weight by its place."""

    bias: float
    weights: tuple[float, ...]

    def logit(self, *numbers: float) -> float:
        """Return the log-odds of some numbers, as many as there are weights."""
        return self.bias + sum(weight * number for weight, number in zip(self.weights, numbers, strict=True))


class Models(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How numbers become probabilities, and which one an answer needs.

    `fact`, `measure`: that a sentence is evidence, where one fact is asked for and otherwise; `passage`: that a passage answers;
    `answer`: that there is an answer at all. `Notes` says from which numbers.
    """

    fact: Weights
    measure: Weights
    passage: Weights
    answer: Weights
    thresholds: dict[Strictness, float]


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The models for passages whose sentences are only compared with the question, and for those read together with it.

    Learned on a voice that the network was not trained on and on questions of libraries (`training/contextual/calibration.py`).
    """

    glanced: Models
    read: Models


Numbers = tuple[float, ...]

# The best passages of the search are read together with the question, which takes some 50 ms each on two cores: as many as have
# together so many characters, none whose nearest sentence is so much farther from the question than the nearest of all.
READ_TOGETHER, _ROOM, _FAR = 6, 1500, 0.1
# Probability of a fact in the likeliest sentence from which one is asked for, however the question is put: of 207 questions for
# measures none has so much.
_FACT_ASKED = 0.2
_OF_DOCUMENTS = frozenset({"year", "period", "series", "issue", "total"})  # chips that limit which documents are searched
_AROUND = " \t\n\u3000，。、；：,;:"  # no part of a fact at its ends


@dataclass(frozen=True, slots=True)
class ReadEvidence:
    """What was read: the passages, the surest first, their candidate sentences, and how sure it is that they answer.

    `by_words`: how sure the quick reader is; `asks_fact`: one fact is asked for, which the likeliest sentence gives.
    """

    evidence: Evidence
    scored: tuple[ScoredSentence, ...]
    confidence: float
    by_words: float
    asks_fact: bool


class EvidenceReader(Protocol):
    """What reads the evidence of a question."""

    def read(self, question: Question, evidence: Evidence) -> ReadEvidence:
        """Read every passage of the evidence with the question."""

    def threshold_for(self, strictness: Strictness) -> float:
        """Return the probability that an answer needs, 0 to 1."""


def evidence_reader(retriever: Retriever, *, passages: int = READ_TOGETHER) -> EvidenceReader:
    """Return what reads the evidence of a library: the quick reader where the index has no contextual channel.

    Args: passages: how many, the best, are read together with the question; the sentences of others are only compared with it.
    Raises: EncoderError: the calibration is missing or damaged.
    """
    if not retriever.index.reads_sentences:
        return QuickReader()
    return ContextualReader(load_calibration(), passages=passages)


class QuickReader:
    """Reads by features of words and of nearness, in milliseconds."""

    def read(self, question: Question, evidence: Evidence) -> ReadEvidence:
        """Score the sentences of the evidence."""
        scored = tuple(score_sentences(question, evidence))
        sure = confidence(question, evidence, scored)
        return ReadEvidence(evidence, scored, sure, sure, question.is_factoid)

    def threshold_for(self, strictness: Strictness) -> float:
        """Return the probability that an answer needs, 0 to 1."""
        return load_answerability_model().threshold_for(strictness)


class ContextualReader:
    """Reads by the vectors of sentences in their passages and by what the quick reader says of each; the best passages by what
    the network says that reads them together with the question."""

    def __init__(self, calibration: Calibration, *, passages: int = READ_TOGETHER) -> None:
        """Take how what is known becomes probabilities, and how many passages are read together with a question."""
        self._calibration, self._passages = calibration, passages

    def threshold_for(self, strictness: Strictness) -> float:
        """Return the probability that an answer needs, 0 to 1."""
        return (self._calibration.read if self._passages else self._calibration.glanced).thresholds[strictness]

    def read(self, question: Question, evidence: Evidence) -> ReadEvidence:
        """Read every passage of the evidence with the question."""
        notes = take_notes(question, evidence, together=self._passages)
        if not notes.sentences:
            return ReadEvidence(evidence, (), 0.0, 0.0, False)
        sure = notes.of_passages(self._calibration)
        order = sorted(range(len(sure)), key=lambda i: -sure[i])
        logits = notes.of_sentences(self._calibration)
        scored = [
            replace(one, probability=_sigmoid(logit), fact=_place(one.sentence, fact))
            for one, logit, fact in zip(notes.sentences, logits, notes.facts, strict=True)
        ]
        likeliest = notes.facts[max(range(len(logits)), key=logits.__getitem__)]
        is_sure_of_fact = likeliest is not None and likeliest.probability >= _FACT_ASKED
        asks_fact = question.is_factoid or (not question.asks_for_several and is_sure_of_fact)
        models = self._calibration.read if notes.is_read else self._calibration.glanced
        confidence = _sigmoid(models.answer.logit(*notes.of_answer(self._calibration)))
        by_words = load_answerability_model().probability(np.array(notes.signs, np.float32))
        return ReadEvidence(evidence.subset(order), tuple(scored), confidence, by_words, asks_fact)


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known of the evidence of a question, in numbers.

    `sentences`: as the quick reader scores them; `glanced`: of each, its cosine with the question, how far that is behind the
    nearest of its passage, and this behind the nearest of all, and the quick reader's log-odds; `read`: of one of a passage
    that was read together with the question, further the log-odds that the network gives it, how far they are behind the best of
    its passage, those that it gives the passage, and how far these are behind the best; None of others. `passages`,
    `read_passages`: of each passage, the cosine of its nearest sentence, its score and how far that is behind the best; further
    the log-odds of its best sentence, and its own. `facts`: of each sentence that was read, the likeliest fact in it. `signs`:
    `answerability_features`; `asks_fact`: one fact is asked for.
    """

    sentences: tuple[ScoredSentence, ...]
    glanced: tuple[Numbers, ...]
    read: tuple[Numbers | None, ...]
    passages: tuple[Numbers, ...]
    read_passages: tuple[Numbers | None, ...]
    facts: tuple[Fact | None, ...]
    signs: Numbers
    asks_fact: bool

    @property
    def is_read(self) -> bool:
        """Return whether any passage was read together with the question."""
        return any(self.read_passages)

    def unread(self) -> "Notes":
        """Return what is known where nothing is read together with the question."""
        return replace(self, read=(None,) * len(self.read), read_passages=(None,) * len(self.read_passages))

    def of_sentences(self, learned: Calibration) -> list[float]:
        """Return the log-odds that each sentence is evidence."""
        near, close = (models.fact if self.asks_fact else models.measure for models in (learned.glanced, learned.read))
        return [
            near.logit(*glanced) if read is None else close.logit(*glanced, *read)
            for glanced, read in zip(self.glanced, self.read, strict=True)
        ]

    def of_passages(self, learned: Calibration) -> list[float]:
        """Return the log-odds that each passage answers."""
        return [
            learned.glanced.passage.logit(*glanced) if read is None else learned.read.passage.logit(*glanced, *read)
            for glanced, read in zip(self.passages, self.read_passages, strict=True)
        ]

    def of_answer(self, learned: Calibration) -> Numbers:
        """Return what tells whether there is an answer at all: the cosine of the nearest sentence, the log-odds of the likeliest
        one and, where passages were read together with the question, of the best of these, and the signs."""
        nearest, surest = max(numbers[0] for numbers in self.passages), max(self.of_sentences(learned))
        answered = [numbers[-1] for numbers in self.read_passages if numbers is not None]
        return (nearest, surest, *([max(answered)] if answered else []), *self.signs)


def take_notes(question: Question, evidence: Evidence, *, together: int = READ_TOGETHER) -> Notes:
    """Compare the question with the evidence, of an index with a contextual channel.

    Args: together: the passages that are read together with the question, the best of the search.
    """
    passages = [scored.passage for scored in evidence.passages]
    if not passages:
        return Notes((), (), (), (), (), (), (), question.is_factoid)
    assert evidence.sentence_cosines is not None and evidence.read_together is not None
    text = reading_text(question)
    cosines = dict(zip(passages, evidence.sentence_cosines(text, passages), strict=True))
    nearest = {passage: float(found.max(initial=-1)) for passage, found in cosines.items()}
    best = max(nearest.values())
    behind = {passage: best - near for passage, near in nearest.items()}
    chosen = _chosen(evidence, behind)[:together]
    read_now = zip(chosen, _read_together(question, evidence, chosen), strict=True)
    readings = {passage: reading for passage, reading in read_now if reading.sentences}
    answered = max((reading.answered for reading in readings.values()), default=0.0)
    quick = score_sentences(question, evidence)
    glanced: list[Numbers] = []
    read: list[Numbers | None] = []
    facts: list[Fact | None] = []
    for scored in quick:
        passage = scored.sentence.passage.passage
        own = [part for part in scored.sentence.parts if part >= 0]
        near = max((float(cosines[passage][part]) for part in own), default=-1.0)
        glanced.append((near, nearest[passage] - near, behind[passage], log_odds(scored.probability)))
        reading = readings.get(passage)
        facts.append(reading.facts[own[-1]] if reading else None)
        if reading is None:
            read.append(None)
        else:
            sure, surest = max(reading.sentences[part] for part in own), max(reading.sentences)
            read.append((sure, surest - sure, reading.answered, answered - reading.answered))
    first = max(scored.score for scored in evidence.passages)
    signs = tuple(map(float, answerability_features(question, evidence, quick))) if quick else ()
    return Notes(
        tuple(quick),
        tuple(glanced),
        tuple(read),
        tuple((nearest[s.passage], s.score, first - s.score) for s in evidence.passages),
        tuple((max(r.sentences), r.answered) if (r := readings.get(s.passage)) else None for s in evidence.passages),
        tuple(facts),
        signs,
        question.is_factoid,
    )


def _chosen(evidence: Evidence, behind: Mapping[Passage, float]) -> list[Passage]:
    """Return the passages that are read together with the question: the best first, as many as there is room for.

    Args: behind: how much farther from the question the nearest sentence of each passage is than the nearest of all.
    """
    best_first = [scored.passage for scored in sorted(evidence.passages, key=lambda scored: -scored.score)]
    near = [passage for passage in best_first if behind[passage] <= _FAR]
    ends = itertools.accumulate(passage.span.end - passage.span.start for passage in near)
    return [passage for passage, end in zip(near, ends, strict=True) if end <= _ROOM or passage is near[0]]


def _read_together(question: Question, evidence: Evidence, passages: Sequence[Passage]) -> Sequence[PassageReading]:
    """Read passages with the question, with a follow-up behind those that it leans on, as the network has learned dialogues."""
    assert evidence.read_together is not None
    leans = is_followup(question) and question.kind != "comparison" and not question.repeated
    text = in_dialogue(question.earlier, _own_text(question)) if leans else reading_text(question)
    return evidence.read_together(text, passages)


def _place(sentence: Sentence, fact: Fact | None) -> FoundFact | None:
    """Return where in its document the fact of a sentence stands, without the marks around it."""
    text = sentence.text[fact.start : fact.end] if fact else ""
    if fact is None or not text.strip(_AROUND):
        return None
    start = fact.start + len(text) - len(text.lstrip(_AROUND))
    span = Span(start, start + len(text.strip(_AROUND)))
    return FoundFact(span.moved(sentence.span.start), fact.probability)


@cache
def load_calibration() -> Calibration:
    """Load the packaged numbers. Raises: EncoderError: the file is missing or damaged."""
    file = resources.files("index") / "contextual_model" / "calibration.json"
    try:
        return msgspec.json.decode(read_packaged(file), type=Calibration)
    except msgspec.MsgspecError as error:
        raise damaged(file, str(error)) from error


def reading_text(question: Question) -> str:
    """Return the question as the network reads it: a follow-up with what it leans on, or as what it repeats, of a comparison
    what is compared.

    What became a filter on documents is left out: no passage says that it is of 2020年下半年.
    """
    if question.kind == "comparison":
        return simplify(question.query if is_followup(question) else question.topic or question.query)
    if question.repeated:
        return simplify(question.repeated)
    if {chip.kind for chip in question.chips} & _OF_DOCUMENTS:
        return simplify(question.query)
    text = _own_text(question)
    return f"{question.interpretation}：{text}" if is_followup(question) and question.interpretation else text


def _own_text(question: Question) -> str:
    """Return what a turn asks by itself, its slips corrected; without what sets the region before it right: 不是这个区，是….

    No passage answers that it is not this one.
    """
    text = simplify(question.text)
    for slip in question.corrections:
        text = text.replace(slip.written, slip.corrected)
    if not is_followup(question) or not (spans := correction_spans(text)):
        return text
    return cut_out(text, spans, "").strip(_AROUND).removeprefix("是") or text


def is_followup(question: Question) -> bool:
    """Return whether a question is understood as one that leans on those before it."""
    return any(chip.kind == FOLLOWUP for chip in question.chips)


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))
