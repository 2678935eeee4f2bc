"""Late interaction: a question compared with a passage token by token, and sentence by sentence.

The mean vector of a long passage is blurred. Late interaction compares each token of the question with the token nearest to it,
in the whole passage and within two sentences that follow each other, which mostly hold the answer. A passage is kept as the
ids of the different tokens of each sentence, four bytes a token; the vectors are in the model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from corpus.chunker import sentences_of
from corpus.document import Passage
from index.channels.ranges import joined_starts, ranges

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]
_ARRAYS = ("ids", "sentences", "passages", "lengths")


@runtime_checkable
class TokenEncoder(Protocol):
    """A model whose tokens have vectors that do not depend on the tokens around them."""

    def token_ids(self, texts: Sequence[str]) -> list[Ids]:
        """Return the different tokens of each text, ascending; those without a vector are left out."""

    def token_vectors(self, ids: Ids) -> Floats:
        """Return the vectors of tokens, shape (len(ids), d); the length of a vector is the weight of its token."""


@dataclass(frozen=True, slots=True)
class TokenSimilarities:
    """The similarities of every token of a query with every part of some passages; a part is a passage's context or a sentence.

    `weights`: shape (n_tokens,), the weight of each token of the query, with sum 1; `nearest`: shape (n_tokens, n_parts), the
    cosine with the nearest token of the part; `cosines`: shape (n_parts,), of the whole query with the whole part;
    `passage_starts`: shape (n_passages,), the index of the first part of each passage, its context, which comes before its
    sentences. A part without tokens has -1.
    """

    weights: Floats
    nearest: Floats
    cosines: Floats
    passage_starts: NDArray[np.int64]

    def passage_ends(self) -> NDArray[np.int64]:
        """Return the index after the last part of each passage, shape (n_passages,)."""
        return np.append(self.passage_starts[1:], self.nearest.shape[1])

    def passage(self) -> Floats:
        """Return the weighted mean cosine of the query's tokens with their nearest in each passage, shape (n_passages,)."""
        return np.asarray(self.weights @ np.maximum.reduceat(self.nearest, self.passage_starts, axis=1), np.float32)

    def window(self) -> Floats:
        """Return that mean within the context and the best two adjacent sentences of each passage, shape (n_passages,)."""
        return np.asarray(np.maximum.reduceat(self.weights @ self.with_adjacent(1, head=True), self.passage_starts), np.float32)

    def sentence(self) -> Floats:
        """Return the cosine of the query with the nearest sentence of each passage, shape (n_passages,)."""
        cosines = self.cosines.copy()
        cosines[self.passage_starts] = -1  # the context is not a sentence
        return np.asarray(np.maximum.reduceat(cosines, self.passage_starts), np.float32)

    def with_adjacent(self, step: int, *, head: bool = False) -> Floats:
        """Return `nearest` of each part together with the one after it (`step` 1) or before it (-1) in its passage.

        Args: head: also together with the context of its passage.
        """
        parts = np.arange(self.nearest.shape[1])
        first = np.repeat(self.passage_starts, self.passage_ends() - self.passage_starts)
        adjacent = parts + step
        adjacent = np.where(
            (adjacent < np.repeat(self.passage_ends(), self.passage_ends() - self.passage_starts)) & (adjacent > first),
            adjacent,
            parts,
        )
        joined = np.maximum(self.nearest, self.nearest[:, adjacent])
        return np.maximum(joined, self.nearest[:, first]) if head else joined

    def select(self, passages: Sequence[int]) -> "TokenSimilarities":
        """Return the similarities of some of the passages, in the order given."""
        wanted = np.asarray(passages, np.int64)
        parts, starts = ranges(np.append(self.passage_starts, self.nearest.shape[1]), wanted)
        return TokenSimilarities(self.weights, self.nearest[:, parts], self.cosines[parts], starts)


class LateInteractionIndex:
    """An index of the different tokens in each part of each passage; a passage's first part is its context."""

    def __init__(self, ids: Ids, sentences: NDArray[np.int64], passages: NDArray[np.int64], lengths: Floats) -> None:
        """Args: ids: the tokens of all parts, one part after the other; sentences, passages: the start of each part in `ids` and
        of each passage in `sentences`, then the end; lengths: of the sum of the vectors of each part."""
        self._ids = ids
        self._sentences = sentences
        self._passages = passages
        self._lengths = lengths

    @classmethod
    def build(cls, passages: Sequence[Sequence[str]], *, encoder: TokenEncoder) -> "LateInteractionIndex":
        """Build an index. Args: passages: for each its context (title and heading, may be empty) and its sentences."""
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
        """Compare a query with some passages, token by token.

        The weight of a token is the length of its vector, long for words of a topic (骑手) and short for others (怎么).

        Args: query: ids of different tokens, at least one; numbers: of the passages, at least one.
        Source: Khattab & Zaharia 2020 (ColBERT): maximal similarities, here weighted and over static vectors.
        """
        parts, heads = ranges(self._passages, numbers)
        begins, sizes = self._sentences[parts], self._sentences[parts + 1] - self._sentences[parts]
        starts = np.cumsum(sizes) - sizes
        # The tokens of a passage follow each other without gaps.
        firsts, lasts = begins[heads].tolist(), self._sentences[self._passages[numbers + 1]].tolist()
        tokens = np.concatenate([self._ids[first:last] for first, last in zip(firsts, lasts, strict=True)])
        different, positions = _distinct(tokens)
        query_vectors, token_vectors = encoder.token_vectors(query), encoder.token_vectors(different)
        weights = np.linalg.norm(query_vectors, axis=1)
        products = token_vectors @ (query_vectors / weights[:, None]).T
        # The vector of the whole query is the sum of its tokens' vectors, so its products are sums of their products.
        by_query = (products @ weights) / max(float(np.linalg.norm(query_vectors.sum(axis=0))), 1e-9)
        similar = products / np.sqrt(np.einsum("ij,ij->i", token_vectors, token_vectors))[:, None]
        nearest = np.full((len(query), len(parts)), -1, np.float32)
        cosines = np.full(len(parts), -1, np.float32)
        filled = np.flatnonzero(sizes)
        if len(filled):
            nearest[:, filled] = _maxima(similar, positions, starts[filled], sizes[filled]).T
            cosines[filled] = np.add.reduceat(by_query.take(positions), starts[filled]) / self._lengths[parts[filled]].clip(1e-9)
        return TokenSimilarities(weights / weights.sum(), nearest, cosines, heads)

    @classmethod
    def join(cls, parts: Sequence[tuple["LateInteractionIndex", NDArray[np.int64], NDArray[np.int64]]]) -> "LateInteractionIndex":
        """Merge passages of several indexes. Args: parts: indexes, the passages to take, their numbers in the new index."""
        passages = joined_starts((part._passages, rows, targets) for part, rows, targets in parts)
        lengths = np.empty(passages[-1], np.float32)
        sizes = np.empty(passages[-1], np.int64)
        found = []
        for part, rows, targets in parts:
            source_parts, target_parts = ranges(part._passages, rows)[0], ranges(passages, targets)[0]
            lengths[target_parts], sizes[target_parts] = part._lengths[source_parts], np.diff(part._sentences)[source_parts]
            found.append((part, source_parts, target_parts))
        sentences = np.append(0, np.cumsum(sizes))
        ids = np.empty(sentences[-1], np.int32)
        for part, source_parts, target_parts in found:
            ids[ranges(sentences, target_parts)[0]] = part._ids[ranges(part._sentences, source_parts)[0]]
        return cls(ids, sentences, passages, lengths)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays from which `from_arrays` makes the index."""
        return dict(zip(_ARRAYS, (self._ids, self._sentences, self._passages, self._lengths), strict=True))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "LateInteractionIndex":
        """Return the index whose `arrays` these are."""
        return cls(*(arrays[name] for name in _ARRAYS))  # type: ignore[arg-type]


def units_of_passage(passage: Passage) -> list[str]:
    """Return the parts of a passage that are compared separately: its context, then its sentences."""
    text = passage.bulletin.text
    return [passage.context, *(span.of(text) for span in sentences_of(passage))]


def _distinct(tokens: Ids) -> tuple[Ids, NDArray[np.int64]]:
    """Return the different tokens, ascending, and the index of each token among them.

    The result is that of `np.unique` with its inverse, four times as fast: tokens are small numbers, which fit in a table.
    """
    present = np.zeros(int(tokens.max(initial=-1)) + 1, np.bool_)
    present[tokens] = True
    different = np.flatnonzero(present).astype(np.int32)
    positions = np.empty(len(present), np.int64)
    positions[different] = np.arange(len(different))
    return different, positions.take(tokens)


def _maxima(rows: Floats, members: NDArray[np.int64], starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> Floats:
    """Return the maximum of every column over the rows of each group, shape (n_groups, n_columns).

    The result is that of `np.maximum.reduceat` over `rows[members]`, twice as fast for many small groups, such as sentences:
    the first rows of all groups are compared with the second rows in one step, and so on.

    Args: members: the rows of each group, one group after the other; starts, sizes: shape (n_groups,), the start of each group
        in `members`, and its number of rows, at least one.
    """
    order = np.argsort(-sizes, kind="stable")  # largest first, so that the groups that still have rows are at the front
    remaining = np.searchsorted(-sizes[order], -np.arange(sizes[order[0]]))  # number of groups that have more rows than this step
    ends = np.cumsum(remaining)
    steps = np.repeat(np.arange(len(remaining)), remaining)
    group = np.arange(ends[-1]) - np.repeat(ends - remaining, remaining)
    found = rows.take(members.take(starts[order].take(group) + steps), axis=0)
    best = found[: len(order)]
    for end, count in zip(ends[1:].tolist(), remaining[1:].tolist(), strict=True):
        np.maximum(best[:count], found[end - count : end], out=best[:count])
    result = np.empty_like(best)
    result[order] = best
    return result
