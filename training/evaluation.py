"""Retrieval figures on sets that are never used for training: XQuAD, CMRC 2018 dev, the Tatoeba pairs of LASER."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.text.normalize import fold
from training.data import read_records

# Texts -> unit vectors, shape (n, d).
Embed = Callable[[Sequence[str]], NDArray[np.float32]]


def ndcg_at_k(ranks: NDArray[np.int64], *, k: int = 10) -> float:
    """Return the normalised discounted cumulative gain, with one relevant passage for each question.

    Args: ranks: shape (n_questions,), the rank of the relevant passage, from 0.
    Source: Järvelin & Kekäläinen 2002; with one relevant passage the ideal gain is 1.
    """
    return float(np.mean(np.where(ranks < k, 1.0 / np.log2(ranks + 2.0), 0.0)))


def recall_at_k(ranks: NDArray[np.int64], *, k: int = 5) -> float:
    """Return the share of the questions whose passage is among the first k."""
    return float(np.mean(ranks < k))


def relevant_ranks(
    queries: NDArray[np.float32],
    passages: NDArray[np.float32],
    relevant: Sequence[int],
) -> NDArray[np.int64]:
    """Return how many passages score higher than the relevant one, ties counted against it."""
    scores = queries @ passages.T
    own = scores[np.arange(len(relevant)), np.asarray(relevant)]
    return np.asarray((scores >= own[:, None]).sum(axis=1) - 1, dtype=np.int64)


def read_questions(path: Path) -> tuple[list[str], list[tuple[str, str, int]]]:
    """Return a set in SQuAD form as (passages, questions), a question being (id, text, index of its passage)."""
    passages: list[str] = []
    questions: list[tuple[str, str, int]] = []
    for record in read_records(path):
        for paragraph in record["paragraphs"]:
            questions += [(q["id"], fold(q["question"]), len(passages)) for q in paragraph["qas"]]
            passages.append(fold(paragraph["context"]))
    return passages, questions


def figures(
    queries: NDArray[np.float32],
    passages: NDArray[np.float32],
    relevant: Sequence[int],
    name: str,
) -> dict[str, float]:
    """Return nDCG@10 and Recall@5 when the inner product with each query ranks all passages; one of them is relevant."""
    ranks = relevant_ranks(queries, passages, relevant)
    return {f"{name} ndcg@10": ndcg_at_k(ranks), f"{name} recall@5": recall_at_k(ranks)}


def evaluate(embed: Embed, directory: Path) -> Mapping[str, float]:
    """Measure an encoder on all sets; return the figures by name.

    XQuAD has separate figures for the questions with an odd id (hexadecimal; used to choose between variants) and an even one.
    Raises: DataError: a set is absent or damaged.
    """
    result: dict[str, float] = {}
    chinese, zh_questions = read_questions(directory / "xquad" / "zh.jsonl.xz")
    _, en_questions = read_questions(directory / "xquad" / "en.jsonl.xz")
    passages = embed(chinese)
    for name, questions in (("xquad en-zh", en_questions), ("xquad zh-zh", zh_questions)):
        queries = embed([text for _, text, _ in questions])
        relevant = np.array([index for _, _, index in questions])
        odd = np.array([int(identity[-1], 16) % 2 == 1 for identity, _, _ in questions])
        for half, chosen in (("odd", odd), ("even", ~odd), ("all", odd | ~odd)):
            result |= figures(queries[chosen], passages, relevant[chosen].tolist(), f"{name} {half}")
    contexts, cmrc_questions = read_questions(directory / "cmrc2018" / "dev.jsonl.xz")
    result |= figures(
        embed([text for _, text, _ in cmrc_questions]),
        embed(contexts),
        [index for _, _, index in cmrc_questions],
        "cmrc2018-dev zh-zh",
    )
    pairs = list(read_records(directory / "laser-tatoeba-test" / "cmn-eng.jsonl.xz"))
    english, translated = (embed([fold(pair[side]) for pair in pairs]) for side in ("en", "zh"))
    same = np.arange(len(pairs))
    result["laser-tatoeba en-zh accuracy"] = float(np.mean((english @ translated.T).argmax(axis=1) == same))
    result["laser-tatoeba zh-en accuracy"] = float(np.mean((translated @ english.T).argmax(axis=1) == same))
    return result
