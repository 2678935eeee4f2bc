"""How well a network reads: the sentence it picks, the span it marks, and whether it knows that nothing answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer

from index.reader import PassageReading, encode_pair, interpret
from training.reading.examples import Example
from training.reading.network import ReaderNetwork
from training.reading.trainer import collate


def read_all(
    network: ReaderNetwork, tokenizer: Tokenizer, examples: Sequence[Example], *, size: int = 16
) -> list[PassageReading]:
    """Return what the network says of each example."""
    pairs = [encode_pair(tokenizer, example.question, example.passage) for example in examples]
    order = sorted(range(len(examples)), key=lambda i: len(pairs[i].ids))
    found: dict[int, PassageReading] = {}
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        batch = collate([examples[i] for i in rows], [pairs[i] for i in rows])
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            of_pair, of_piece = network(batch.ids, batch.mask)
        for row, i in enumerate(rows):
            found[i] = interpret(pairs[i], examples[i].passage, of_pair[row].float().numpy(), of_piece[row].float().numpy())
    return [found[i] for i in range(len(examples))]


def measure(examples: Sequence[Example], readings: Sequence[PassageReading]) -> dict[str, float]:
    """Return the figures of a set of examples, each 0 to 1, and how many are answered and not.

    `first`: the likeliest sentence is evidence; `precision`, `recall`, `f1`: of those likelier than not, or the likeliest;
    `span`: the fact is marked exactly; `auc`: of telling what is answered from what is not.
    """
    first: list[bool] = []
    spans: list[bool] = []
    precision: list[float] = []
    recall: list[float] = []
    yes: list[float] = []
    no: list[float] = []
    for example, reading in zip(examples, readings, strict=True):
        (yes if example.answered else no).append(reading.answered)
        if not example.evidence:
            continue
        best = int(np.argmax(reading.sentences))
        picked = {n for n, logit in enumerate(reading.sentences) if logit >= 0 and n not in example.doubtful} or {best}
        first.append(best in example.evidence)
        precision.append(len(picked & example.evidence) / len(picked))
        recall.append(len(picked & example.evidence) / len(example.evidence))
        if example.span:
            found = reading.span
            spans.append(found is not None and (found.sentence, found.start, found.end) == example.span)
    p, r = _mean(precision), _mean(recall)
    figures = {"first": _mean(first), "precision": p, "recall": r, "f1": 2 * p * r / max(p + r, 1e-9), "span": _mean(spans)}
    return {**figures, "auc": auc(yes, no), "yes": len(yes), "no": len(no)}


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the share of pairs in which the positive is above the negative."""
    if not positive or not negative:
        return float("nan")
    ranks = np.concatenate([positive, negative]).argsort().argsort() + 1
    n = len(positive)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * len(negative)))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
