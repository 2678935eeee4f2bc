"""Late interaction: a question compared with a passage token by token, and sentence by sentence.

The mean of a passage's tokens blurs with its length. Here each token of the question looks for the one token that is nearest
to it, in the passage as a whole and within two sentences that follow each other, where an answer mostly stands. A passage is
kept as the numbers of the different tokens of each sentence, four bytes a token: the vectors are the model's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from corpus.document import Passage
from corpus.text.sentences import split_sentences

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]
_ARRAYS = ("ids", "sentences", "passages", "lengths")


@runtime_checkable
class TokenEncoder(Protocol):
    """A model whose tokens have vectors of their own, whatever stands around them."""

    def token_ids(self, texts: Sequence[str]) -> list[Ids]:
        """Return the different tokens of each text, ascending; those without a vector are left out."""

    def token_vectors(self, ids: Ids) -> Floats:
        """Return shape (len(ids), d); the longer a vector, the more its token tells."""


@dataclass(frozen=True, slots=True)
class TokenSimilarities:
    """How near every token of a query comes to every part of some passages, a part being the head of a passage or a sentence.

    `weights`: shape (n_tokens,), what each token of the query tells, in all 1; `nearest`: shape (n_tokens, n_parts), the cosine
    with the nearest token of the part; `cosines`: shape (n_parts,), of the query and the part as wholes; `heads`: shape
    (n_passages,), at which part each passage begins: its head, before its sentences. A part without tokens is at -1.
    """

    weights: Floats
    nearest: Floats
    cosines: Floats
    passage_starts: NDArray[np.int64]

    def passage_ends(self) -> NDArray[np.int64]:
        """Shape (n_passages,): one after the last part of each passage."""
        return np.append(self.passage_starts[1:], self.nearest.shape[1])

    def passage(self) -> Floats:
        """Shape (n_passages,): the mean over the query's tokens of the cosine with the nearest token anywhere in the passage."""
        return np.asarray(self.weights @ np.maximum.reduceat(self.nearest, self.passage_starts, axis=1), np.float32)

    def window(self) -> Floats:
        """Shape (n_passages,): the same within the head and the best two neighbouring sentences."""
        return np.asarray(np.maximum.reduceat(self.weights @ self.with_adjacent(1, head=True), self.passage_starts), np.float32)

    def sentence(self) -> Floats:
        """Shape (n_passages,): the cosine with the nearest sentence."""
        cosines = self.cosines.copy()
        cosines[self.passage_starts] = -1  # the head is no sentence
        return np.asarray(np.maximum.reduceat(cosines, self.passage_starts), np.float32)

    def with_adjacent(self, step: int, *, head: bool = False) -> Floats:
        """`nearest` where each part is taken together with the one after it (`step` 1) or before it (-1) in its passage.

        Args: head: with the head of its passage, too.
        """
        parts = np.arange(self.nearest.shape[1])
        first = np.repeat(self.passage_starts, self.passage_ends() - self.passage_starts)
        other = parts + step
        other = np.where(
            (other < np.repeat(self.passage_ends(), self.passage_ends() - self.passage_starts)) & (other > first), other, parts
        )
        joined = np.maximum(self.nearest, self.nearest[:, other])
        return np.maximum(joined, self.nearest[:, first]) if head else joined

    def select(self, passages: Sequence[int]) -> "TokenSimilarities":
        """Return the similarities of some of the passages, in the order given."""
        wanted = np.asarray(passages, np.int64)
        parts, starts = _ranges(np.append(self.passage_starts, self.nearest.shape[1]), wanted)
        return TokenSimilarities(self.weights, self.nearest[:, parts], self.cosines[parts], starts)


class LateInteractionIndex:
    """The different tokens of every passage, by sentence, in the order of the passages; its first "sentence" is its head."""

    def __init__(self, ids: Ids, sentences: NDArray[np.int64], passages: NDArray[np.int64], lengths: Floats) -> None:
        """Args: ids: the tokens of all sentences end to end; sentences, passages: where each sentence begins in `ids` and each
        passage in the sentences, and the end; lengths: of the sum of each sentence's vectors."""
        self._ids = ids
        self._sentences = sentences
        self._passages = passages
        self._lengths = lengths

    @classmethod
    def build(cls, passages: Sequence[Sequence[str]], *, encoder: TokenEncoder) -> "LateInteractionIndex":
        """Args: passages: of each its head (title and heading, may be empty) and its sentences."""
        found = encoder.token_ids([text for texts in passages for text in texts])
        lengths = np.array([np.linalg.norm(encoder.token_vectors(ids).sum(axis=0)) for ids in found], np.float32)
        return cls(
            np.concatenate([np.zeros(0, np.int32), *found]),
            np.cumsum([0, *map(len, found)], dtype=np.int64),
            np.cumsum([0, *map(len, passages)], dtype=np.int64),
            lengths,
        )

    def __len__(self) -> int:
        return len(self._passages) - 1

    def token_similarities(self, query: Ids, numbers: NDArray[np.int64], *, encoder: TokenEncoder) -> TokenSimilarities:
        """Compare a query with some passages. Each of its tokens counts with the length of its vector, by which the model tells
        what tells much (骑手) from what tells little (怎么).

        Args: query: different tokens, at least one; numbers: of the passages, at least one.
        Source: Khattab & Zaharia 2020 (ColBERT), the maximal similarities, here weighted and over static vectors.
        """
        parts, heads = _ranges(self._passages, numbers)
        begins, sizes = self._sentences[parts], self._sentences[parts + 1] - self._sentences[parts]
        starts = np.cumsum(sizes) - sizes
        # The tokens of a passage stand end to end.
        firsts, lasts = begins[heads].tolist(), self._sentences[self._passages[numbers + 1]].tolist()
        tokens = np.concatenate([self._ids[first:last] for first, last in zip(firsts, lasts, strict=True)])
        different, places = _distinct(tokens)
        asked, there = encoder.token_vectors(query), encoder.token_vectors(different)
        weights = np.linalg.norm(asked, axis=1)
        products = there @ (asked / weights[:, None]).T
        # The query as a whole is the sum of its tokens, so its products are sums of theirs.
        along = (products @ weights) / max(float(np.linalg.norm(asked.sum(axis=0))), 1e-9)
        similar = products / np.sqrt(np.einsum("ij,ij->i", there, there))[:, None]
        nearest = np.full((len(query), len(parts)), -1, np.float32)
        cosines = np.full(len(parts), -1, np.float32)
        filled = np.flatnonzero(sizes)
        if len(filled):
            nearest[:, filled] = _maxima(similar, places, starts[filled], sizes[filled]).T
            cosines[filled] = np.add.reduceat(along.take(places), starts[filled]) / self._lengths[parts[filled]].clip(1e-9)
        return TokenSimilarities(weights / weights.sum(), nearest, cosines, heads)

    @classmethod
    def join(cls, parts: Sequence[tuple["LateInteractionIndex", NDArray[np.int64], NDArray[np.int64]]]) -> "LateInteractionIndex":
        """Put passages of several indexes together. Args: parts: each with the passages to take, and their numbers here."""
        sizes = np.zeros(sum(len(rows) for _, rows, _ in parts), np.int64)
        for part, rows, places in parts:
            sizes[places] = np.diff(part._passages)[rows]
        passages = np.append(0, np.cumsum(sizes))
        lengths = np.empty(passages[-1], np.float32)
        sizes = np.empty(passages[-1], np.int64)
        found = []
        for part, rows, places in parts:
            there, here = _ranges(part._passages, rows)[0], _ranges(passages, places)[0]
            lengths[here], sizes[here] = part._lengths[there], np.diff(part._sentences)[there]
            found.append((part, there, here))
        sentences = np.append(0, np.cumsum(sizes))
        ids = np.empty(sentences[-1], np.int32)
        for part, there, here in found:
            ids[_ranges(sentences, here)[0]] = part._ids[_ranges(part._sentences, there)[0]]
        return cls(ids, sentences, passages, lengths)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return what `from_arrays` makes the index from."""
        return dict(zip(_ARRAYS, (self._ids, self._sentences, self._passages, self._lengths), strict=True))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "LateInteractionIndex":
        """Return the index that gave these arrays."""
        return cls(*(arrays[name] for name in _ARRAYS))  # type: ignore[arg-type]


def units_of_passage(passage: Passage) -> list[str]:
    """Return what of a passage is compared apart: its head, then its sentences."""
    text = passage.bulletin.text
    return [passage.context, *(span.of(text) for span in split_sentences(text, passage.span))]


def _distinct(tokens: Ids) -> tuple[Ids, NDArray[np.int64]]:
    """Return the different tokens, ascending, and at which of them each token is.

    As `np.unique` with its inverse, and four times as fast: tokens are small numbers, so a table of all of them serves.
    """
    present = np.zeros(int(tokens.max(initial=-1)) + 1, np.bool_)
    present[tokens] = True
    different = np.flatnonzero(present).astype(np.int32)
    places = np.empty(len(present), np.int64)
    places[different] = np.arange(len(different))
    return different, places.take(tokens)


def _maxima(rows: Floats, places: NDArray[np.int64], starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> Floats:
    """Return the maximum of every column over the rows of each group, shape (n_groups, n_columns).

    As `np.maximum.reduceat` over `rows[places]`, and twice as fast where groups are many and small, as sentences are: the first
    rows of all groups are compared with their second ones in one step, and so on.

    Args: places: the rows of each group, end to end; starts, sizes: shape (n_groups,), where each group begins in `places`, and
        how many rows it has, at least one.
    """
    order = np.argsort(-sizes, kind="stable")  # the largest first, so that those that still have rows stand together
    remaining = np.searchsorted(-sizes[order], -np.arange(sizes[order[0]]))  # groups of more rows than this
    ends = np.cumsum(remaining)
    steps = np.repeat(np.arange(len(remaining)), remaining)
    group = np.arange(ends[-1]) - np.repeat(ends - remaining, remaining)
    found = rows.take(places.take(starts[order].take(group) + steps), axis=0)
    best = found[: len(order)]
    for end, count in zip(ends[1:].tolist(), remaining[1:].tolist(), strict=True):
        np.maximum(best[:count], found[end - count : end], out=best[:count])
    result = np.empty_like(best)
    result[order] = best
    return result


def _ranges(starts: NDArray[np.int64], numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of some groups end to end, and where each group begins among them. Group i is starts[i]:starts[i +
    1].
    """
    lengths = starts[numbers + 1] - starts[numbers]
    first = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts[numbers] - first, lengths), first
