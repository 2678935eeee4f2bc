"""How well vectors, or the reader, tell which sentence answers, which passage, and whether any does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import ArrayLike
from tokenizers import Tokenizer
from transformers import BertModel

from index.reader import encode_pair, interpret
from training.contextual.examples import Example
from training.contextual.network import ReaderNetwork, passage_vectors, question_vectors
from training.contextual.reader_trainer import collate

_SIZE = 16  # texts that are read at once
_RANK = 5


def measure(encoder: BertModel, tokenizer: Tokenizer, examples: Sequence[Example]) -> dict[str, float]:
    """Return the figures of a set of examples, each 0 to 1, and how many are answered.

    `first`: the nearest sentence of the passage is evidence; `first-en`: of questions in English; `recall5`: the passage is among
    the five of the set whose nearest sentences are nearest; `auc`: of telling by that cosine what is answered from what is not.
    """
    passages = {(e.passage.passage_id, e.passage.sentences): e.passage for e in examples}
    numbers = {key: number for number, key in enumerate(passages)}
    sentences, asked = [], []
    with torch.inference_mode():
        listed = list(passages.values())
        for start in range(0, len(listed), _SIZE):
            sentences += passage_vectors(encoder, tokenizer, listed[start : start + _SIZE])[0]
        for start in range(0, len(examples), _SIZE):
            asked.append(question_vectors(encoder, tokenizer, [e.question for e in examples[start : start + _SIZE]]))
        cosines = (torch.cat(asked) @ torch.cat(sentences).T).numpy()
    starts = np.cumsum([0, *map(len, sentences)])
    nearest = np.maximum.reduceat(cosines, starts[:-1], axis=1)
    tally = _Tally()
    found: list[bool] = []
    for row, example in enumerate(examples):
        number = numbers[example.passage.passage_id, example.passage.sentences]
        tally.add(example, cosines[row, starts[number] : starts[number + 1]], float(nearest[row, number]))
        if example.evidence:
            found.append(int((nearest[row] > nearest[row, number]).sum()) < _RANK)
    return tally.figures() | {"recall5": _mean(found), "answered": len(tally.yes)}


def measure_reader(reader: ReaderNetwork, tokenizer: Tokenizer, examples: Sequence[Example]) -> dict[str, float]:
    """Return the same figures of the network that reads a question and its passage together, but for `recall5`.

    `auc`: of telling what is answered by that number; `fact`: what is found in the sentence that holds the fact is exactly it.
    """
    tally = _Tally()
    facts: list[bool] = []
    encoded = [encode_pair(tokenizer, example.question, example.passage) for example in examples]
    order = sorted(range(len(examples)), key=lambda i: len(encoded[i].ids))
    for start in range(0, len(order), _SIZE):
        rows = order[start : start + _SIZE]
        pairs = collate([examples[i] for i in rows], [encoded[i] for i in rows])
        with torch.inference_mode():
            said = reader(pairs.ids, pairs.attention(), pairs.marks, pairs.means)
        of_pair, of_sentences, of_ends = (numbers.numpy() for numbers in said)
        for row, i in enumerate(rows):
            example, pair = examples[i], encoded[i]
            numbers = of_pair[row], of_sentences[row, : len(pair.markers)], of_ends[row, : len(pair.ids)]
            found = interpret(pair, example.passage, *numbers)
            tally.add(example, found.sentences, found.answered)
            if example.fact:
                fact = found.facts[example.fact[0]]
                facts.append(fact is not None and (fact.start, fact.end) == example.fact[1:])
    return tally.figures() | {"fact": _mean(facts)}


@dataclass(frozen=True, slots=True)
class _Tally:
    """Whether the surest sentence was evidence, of questions in Chinese and in English, and how sure it was of an answer."""

    chinese: list[bool] = field(default_factory=list)
    english: list[bool] = field(default_factory=list)
    yes: list[float] = field(default_factory=list)
    no: list[float] = field(default_factory=list)

    def add(self, example: Example, sentences: ArrayLike, answered: float) -> None:
        """Count an example. Args: sentences: how sure each sentence of the passage is; answered: that the passage answers."""
        (self.yes if example.answered else self.no).append(answered)
        if example.evidence:
            of_language = self.english if example.question.isascii() else self.chinese
            of_language.append(int(np.argmax(sentences)) in example.evidence)

    def figures(self) -> dict[str, float]:
        figures = {"first": _mean([*self.chinese, *self.english])}
        if self.english:
            figures["first-en"] = _mean(self.english)
        if self.no:
            figures["auc"] = auc(self.yes, self.no)
        return figures


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the share of pairs in which the positive is above the negative."""
    if not positive or not negative:
        return float("nan")
    ranks = np.concatenate([positive, negative]).argsort().argsort() + 1
    n = len(positive)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * len(negative)))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
