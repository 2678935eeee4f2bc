"""The training of the two models in qa/answering: one scores sentences, one judges whether there is an answer.

The examples are our written questions that the encoder was not trained on, the questions of the sample library, and the
questions with an odd id of public sets and of the development library. Nothing is learned from a question with an even id.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from benchmarks.metrics import is_odd, normalise
from benchmarks.retrieval import lone_passage
from corpus.document import Span
from corpus.library import files
from corpus.regions.gazetteer import Gazetteer
from corpus.text.sentences import split_sentences
from index.contextual import ContextualEncoder
from index.encoder import load_encoder
from index.evidence import Evidence
from index.retriever import Retriever
from index.store.library import open_library
from qa.answering import answerability
from qa.answering.answerability import AnswerabilityModel, answerability_features
from qa.answering.pipeline import collect_evidence
from qa.answering.scoring import (
    FEATURES,
    Model,
    Sentence,
    SentenceScorer,
    extract_features,
    load_sentence_scorer,
    score_sentences,
)
from qa.question.analyzer import analyze_question
from qa.question.question import Question
from training.data import read_records, read_written

SAMPLES = (files.SAMPLES, files.SAMPLES / "questions.jsonl")
# Weight of a question of each source. The written ones are many and short, those of libraries few and like those of users.
_WRITTEN, _PUBLIC, _LIBRARY = 1.0, 0.1, 5.0
_PUBLIC_SETS, _PUBLIC_QUESTIONS = ("cmrc2018/dev.jsonl.xz", "drcd/dev.jsonl.xz"), 600
# Questions on quite other topics, asked of a library of bulletins.
_ELSEWHERE_SETS, _ELSEWHERE_QUESTIONS = ("cmrc2018/dev.jsonl.xz", "xquad/en.jsonl.xz"), 150
# Signs that may only count for an answer, or only against one. The written near misses use the words of their passage, so that
# without this limit the model would learn that common words speak against an answer.
FOR = frozenset({"best", "next", "terms", "farthest", "kind"})
AGAINST = frozenset({"missed", "exact_missed", "other_kind"})
# Share of the answerable questions of the sample and the development library that the model may refuse.
_REFUSED = 0.05


@dataclass(frozen=True, slots=True)
class Example:
    """A question asked of a library: the candidate sentences found, and which of them are evidence."""

    detail: bool
    features: NDArray[np.float32]  # shape (n_units, len(FEATURES))
    evidence: NDArray[np.bool_]  # shape (n_units,)
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A question asked of a library: the signs, and whether the library answers it."""

    signs: NDArray[np.float32]  # shape (len(SIGNS),)
    answerable: bool
    weight: float
    sets_threshold: bool = False


def read_questions(path: Path, *, odd: bool | None) -> list[dict[str, Any]]:
    """Read questions with evidence, one JSON object a line: those with an odd id, with an even id, or all (None)."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [record for record in records if odd is None or is_odd(record["id"]) == odd]


def open_retriever(folder: Path, contextual: ContextualEncoder | None = None) -> Retriever:
    """Index a library of bulletins in a temporary folder and return its retriever."""
    with tempfile.TemporaryDirectory() as data:
        return open_library(folder, data=Path(data), encoder=load_encoder(), contextual=contextual).retriever


def written_retriever() -> Retriever:
    """Index all our own passages, each as a bulletin of one article."""
    records = [*read_written(), *read_written(held_out=True)]
    return Retriever.build([lone_passage(record["id"], "", record["passage"]) for record in records], gazetteer=Gazetteer.load())


def written_examples(retriever: Retriever) -> Iterator[Example]:
    """Yield the held-out written questions over all written passages."""
    for record in read_written(held_out=True):
        for question in record["questions"]:
            yield _example(question["text"], [], question["evidence"], retriever, weight=_WRITTEN)


def library_examples(retriever: Retriever, questions: Sequence[dict[str, Any]]) -> Iterator[Example]:
    """Yield the answerable questions on a library over its passages."""
    for record in questions:
        if record["relevant"]:
            evidence = [piece for entry in record["relevant"] for piece in entry["evidence"]]
            yield _example(record["question"], record.get("history") or [], evidence, retriever, weight=_LIBRARY)


def public_examples(path: Path, *, seed: int, odd: bool = True, limit: int = _PUBLIC_QUESTIONS) -> Iterator[Example]:
    """Yield at most `limit` questions of a set in SQuAD form over its passages, drawn from those with an odd or an even id."""
    questions = list(_questions(path))
    contexts = dict.fromkeys(context for context, _ in questions)
    retriever = Retriever.build(
        [lone_passage(f"p{number}", "", context) for number, context in enumerate(contexts)], gazetteer=Gazetteer.load()
    )
    texts = [
        (question["question"], _around(context, question["answers"][0]["start"]))
        for context, question in questions
        if is_odd(question["id"]) == odd
    ]
    for text, evidence in random.Random(seed).sample(texts, min(limit, len(texts))):
        yield replace(_example(text, [], evidence, retriever, weight=_PUBLIC), detail=True)  # each asks for a fact


def verdicts(
    written: Retriever, libraries: Sequence[tuple[Retriever, Sequence[dict[str, Any]]]], *, data: Path, seed: int
) -> Iterator[Verdict]:
    """Yield verdicts on answerable and on unanswerable questions.

    Unanswerable are near misses, questions without their passage or asked of another library, and questions on other topics.

    Args: libraries: of bulletins, each with its questions; data: folder of the public sets.
    """
    for record in read_written(held_out=True):
        for question in record["questions"]:
            yield from _verdict(question["text"], [], written, answerable=True, weight=1.0)
            yield from _verdict(question["text"], [], written, answerable=False, weight=1.0, without=record["id"])
    for records, weight in ((read_written(held_out=True), 1.0), (read_written()[::3], 0.3)):
        for record in records:
            for question in record["unanswerable"]:
                yield from _verdict(question["text"], [], written, answerable=False, weight=weight)
    for retriever, questions in libraries:
        for record in questions:
            history = record.get("history") or []
            for verdict in _verdict(record["question"], history, retriever, answerable=bool(record["relevant"]), weight=3.0):
                yield replace(verdict, sets_threshold=True)
            for other, _ in libraries:
                if other is not retriever:
                    yield from _verdict(record["question"], history, other, answerable=False, weight=0.5)
    for name in _ELSEWHERE_SETS:
        texts = [question["question"] for _, question in _questions(data / name) if is_odd(question["id"])]
        for text in random.Random(seed).sample(texts, min(_ELSEWHERE_QUESTIONS, len(texts))):
            for retriever, _ in libraries:
                yield from _verdict(text, [], retriever, answerable=False, weight=0.1)


def fit_ratings(examples: Sequence[Example]) -> SentenceScorer:
    """Fit logistic models that a sentence is evidence, one for questions that ask for a fact and one for the others.

    Every question counts with its weight. A fact is in one sentence, and to find it matters more than the probabilities of the
    others: its weights are those that rank it first, scaled to probabilities afterwards.
    """
    facts, others = ([e for e in examples if e.detail == detail and e.evidence.any()] for detail in (True, False))
    ranking = fit_ranking(facts)
    scale, bias = _fit_rows(facts, [(example.features @ ranking)[:, None] for example in facts])
    fact = Model(bias=bias, weights={name: round(float(scale[0] * w), 4) for name, w in zip(FEATURES, ranking, strict=True)})
    weights, bias = _fit_rows(others, [example.features for example in others])
    return SentenceScorer(factoid=fact, non_factoid=Model(bias=bias, weights=dict(zip(FEATURES, weights, strict=True))))


def _fit_rows(examples: Sequence[Example], features: Sequence[NDArray[np.float32]]) -> tuple[list[float], float]:
    return fit_logistic(
        np.concatenate(features),
        np.concatenate([example.evidence for example in examples]),
        np.concatenate([np.full(len(e.evidence), e.weight / len(e.evidence)) for e in examples]),
    )


def fit_ranking(examples: Sequence[Example], *, decay: float = 1e-3) -> NDArray[np.float32]:
    """Fit the weights under which the softmax over the sentences of a question gives most to the evidence.

    Returns: shape (len(FEATURES),). Source: Cao et al. 2007 (ListNet), its top-one probability.
    """
    spread = np.concatenate([example.features for example in examples]).std(axis=0).clip(1e-6)
    longest = max(len(example.evidence) for example in examples)
    scaled = torch.zeros(len(examples), longest, len(FEATURES))
    wanted, filled = torch.zeros(2, len(examples), longest, dtype=torch.bool)
    for row, example in enumerate(examples):
        scaled[row, : len(example.evidence)] = torch.from_numpy(example.features / spread)
        wanted[row, : len(example.evidence)] = torch.from_numpy(example.evidence)
        filled[row, : len(example.evidence)] = True
    counts = torch.tensor([example.weight for example in examples])
    weights = torch.zeros(len(FEATURES), requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=0.05)
    for _ in range(500):
        optimiser.zero_grad()
        scores = (scaled @ weights).masked_fill(~filled, -torch.inf)
        missed = scores.logsumexp(1) - scores.masked_fill(~wanted, -torch.inf).logsumexp(1)
        loss = (missed @ counts) / counts.sum() + decay * (weights * weights).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return np.asarray(weights.detach().numpy() / spread, np.float32)


def fit_judge(found: Sequence[Verdict]) -> AnswerabilityModel:
    """Fit a logistic model of answerability; its threshold refuses a share _REFUSED of the answerable questions."""
    signs = np.stack([verdict.signs for verdict in found])
    answerable = np.array([verdict.answerable for verdict in found])
    weights, bias = fit_logistic(
        signs,
        answerable,
        np.array([verdict.weight for verdict in found]),
        rising=[name in FOR for name in answerability.FEATURES],
        falling=[name in AGAINST for name in answerability.FEATURES],
    )
    judge = AnswerabilityModel(threshold=0.0, bias=bias, weights=dict(zip(answerability.FEATURES, weights, strict=True)))
    of_libraries = [judge.probability(v.signs) for v in found if v.sets_threshold and v.answerable]
    threshold = float(np.quantile(of_libraries, _REFUSED)) if of_libraries else 0.0
    return msgspec.structs.replace(judge, threshold=round(threshold, 4))


def fit_logistic(
    features: NDArray[np.float32],
    labels: NDArray[np.bool_],
    share: NDArray[np.floating],
    *,
    rising: Sequence[bool] = (),
    falling: Sequence[bool] = (),
    decay: float = 1e-3,
) -> tuple[list[float], float]:
    """Fit the weights and the bias that make the labels most likely.

    Args: features: shape (n, d); share: weight of each row, shape (n,); rising, falling: weights that may not be negative, or not
        positive; decay: factor of the squared weights of the scaled features.
    """
    middle, spread = features.mean(axis=0), features.std(axis=0).clip(1e-6)
    scaled, wanted = torch.from_numpy((features - middle) / spread).float(), torch.from_numpy(labels).float()
    counts = torch.from_numpy(share / share.sum()).float()
    low = torch.tensor([0.0 if up else -torch.inf for up in rising] or [-torch.inf])
    high = torch.tensor([0.0 if down else torch.inf for down in falling] or [torch.inf])
    weights, bias = torch.zeros(features.shape[1], requires_grad=True), torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.Adam([weights, bias], lr=0.02)
    for _ in range(2000):
        optimiser.zero_grad()
        loss = functional.binary_cross_entropy_with_logits(scaled @ weights + bias, wanted, reduction="none") @ counts
        (loss + decay * (weights * weights).sum()).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        with torch.no_grad():
            weights.clamp_(low, high)
    found = weights.detach().numpy() / spread
    return [round(float(weight), 4) for weight in found], round(float(bias.detach()) - float((found * middle).sum()), 4)


def learn(data: Path, output: Path, *, development: Sequence[tuple[Path, Path]], seed: int) -> dict[str, Any]:
    """Fit both and write sentence_scorer.json and answerability.json into `output`.

    Args: data: folder of the public sets; development: further libraries of bulletins, each with its questions.
    Returns: the number of examples and of verdicts, and the threshold.
    """
    written = written_retriever()
    libraries = [(open_retriever(SAMPLES[0]), read_questions(SAMPLES[1], odd=None))]
    libraries += [(open_retriever(folder), read_questions(questions, odd=True)) for folder, questions in development]
    examples = [*written_examples(written)]
    for name in _PUBLIC_SETS:
        examples += public_examples(data / name, seed=seed)
    for retriever, questions in libraries:
        examples += library_examples(retriever, questions)
    _write(output / "sentence_scorer.json", fit_ratings(examples))
    found = [*verdicts(written, libraries, data=data, seed=seed)]  # scored with the weights just learned
    judge = fit_judge(found)
    _write(output / "answerability.json", judge)
    return {"examples": len(examples), "verdicts": len(found), "threshold": judge.threshold}


def _write(path: Path, model: msgspec.Struct) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")
    load_sentence_scorer.cache_clear()


def _questions(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the questions of a set in SQuAD form, each with its passage."""
    for record in read_records(path):
        for paragraph in record["paragraphs"]:
            for question in paragraph["qas"]:
                yield paragraph["context"], question


def _verdict(
    text: str, history: Sequence[str], retriever: Retriever, *, answerable: bool, weight: float, without: str | None = None
) -> Iterator[Verdict]:
    """Yield the verdict on a question, none if nothing is found; `without` is the id of a passage to leave out."""
    question, found = _asked(text, history, retriever)
    found = found.with_passages([scored for scored in found.passages if scored.passage.passage_id != without])
    rated = score_sentences(question, found)
    if rated:
        yield Verdict(answerability_features(question, found, rated), answerable, weight)


def _example(text: str, history: Sequence[str], evidence: Sequence[str], retriever: Retriever, *, weight: float) -> Example:
    question, found = _asked(text, history, retriever)
    units, features = extract_features(question, found)
    wanted = [normalise(piece) for piece in evidence]
    return Example(question.is_factoid, features, np.array([is_evidence(unit, wanted) for unit in units], np.bool_), weight)


def _asked(text: str, history: Sequence[str], retriever: Retriever) -> tuple[Question, Evidence]:
    question = analyze_question(text, history=history, catalog=retriever.catalog)
    return question, collect_evidence(question, retriever)[0]


def is_evidence(unit: Sentence, wanted: Sequence[str]) -> bool:
    """Return whether a sentence contains a piece of evidence, normalised, or is part of one."""
    text = normalise(unit.text)
    return any(piece in text or text in piece for piece in wanted)


def _around(text: str, offset: int) -> list[str]:
    """Return the sentence around an offset of the text; none if the offset lies outside the text (a set may give -1)."""
    return [span.of(text) for span in split_sentences(text, Span(0, len(text))) if span.start <= offset < span.end]
