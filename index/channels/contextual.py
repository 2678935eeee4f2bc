"""The contextual channel: the vector of each sentence as it stands in its passage; the nearest one speaks for the passage."""

from collections.abc import Mapping, Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from index.channels.ranges import joined_starts, ranges

Floats = NDArray[np.float32]


class ContextualIndex:
    """An index of the vectors of the sentences of each passage, in the order of the passages. Vectors are kept in 16 bits."""

    def __init__(self, vectors: NDArray[np.floating], starts: NDArray[np.int64]) -> None:
        """Args: vectors: shape (n_sentences, d), rows of length 1; starts: the first sentence of each passage, then the end."""
        self._index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        # Put in as they are kept: added to the index, they would be copied in 32 bits, and room be kept for as many more.
        codes = np.ascontiguousarray(vectors, np.float16).view(np.uint8).ravel()
        faiss.copy_array_to_vector(codes, self._index.codes)
        self._index.ntotal = len(vectors)
        self._starts = starts
        self._passages = np.repeat(np.arange(len(starts) - 1), np.diff(starts))

    @classmethod
    def build(cls, passages: Sequence[Floats], *, dimension: int) -> "ContextualIndex":
        """Build an index. Args: passages: the vectors of each one's sentences, shape (n_sentences, dimension)."""
        vectors = np.concatenate([np.zeros((0, dimension), np.float32), *passages])
        return cls(vectors, np.cumsum([0, *map(len, passages)], dtype=np.int64))

    @classmethod
    def join(cls, parts: Sequence[tuple["ContextualIndex", NDArray[np.int64], NDArray[np.int64]]]) -> "ContextualIndex":
        """Merge passages of several indexes. Args: parts: indexes, the passages to take, their numbers in the new index."""
        starts = joined_starts((part._starts, rows, targets) for part, rows, targets in parts)
        vectors = np.empty((starts[-1], parts[0][0]._index.d), np.float16)
        for part, rows, targets in parts:
            vectors[ranges(starts, targets)[0]] = part._vectors()[ranges(part._starts, rows)[0]]
        return cls(vectors, starts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def top(self, question: Floats, k: int, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Return the numbers of the passages of the `k` sentences nearest to a question, the best first, each once.

        Args: question: shape (d,); allowed: passages to search, shape (n_passages,), None for all.
        """
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed[self._passages], bitorder="little")  # must live as long as the search
            selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        found = self._index.search(question[None, :], min(k, self._index.ntotal), params=parameters)[1][0]
        return np.array(list(dict.fromkeys(self._passages[found[found >= 0]].tolist())), np.int64)

    def sentences(self, question: Floats, number: int) -> Floats:
        """Return the cosine of a question with each sentence of a passage, shape (n_sentences,), -1 to 1."""
        return self._cosines(question, np.array([number], np.int64))[0]

    def scores(self, question: Floats, numbers: NDArray[np.int64]) -> Floats:
        """Return the cosine of a question with the nearest sentence of each passage, shape (len(numbers),); -1 without any."""
        cosines, starts = self._cosines(question, numbers)
        scores = np.full(len(numbers), -1, np.float32)
        filled = np.flatnonzero(self._starts[numbers + 1] > self._starts[numbers])
        if len(filled):
            scores[filled] = np.maximum.reduceat(cosines, starts[filled])
        return scores

    def _cosines(self, question: Floats, numbers: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
        rows, starts = ranges(self._starts, numbers)
        if not len(rows):
            return np.zeros(0, np.float32), starts
        return np.asarray(self._index.reconstruct_batch(rows) @ question, np.float32), starts

    def _vectors(self) -> NDArray[np.float16]:
        codes: NDArray[np.uint8] = faiss.vector_to_array(self._index.codes)
        return codes.view(np.float16).reshape(-1, self._index.d)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays from which `from_arrays` makes the index."""
        return {"vectors": self._vectors(), "starts": self._starts}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "ContextualIndex":
        """Return the index whose `arrays` these are."""
        return cls(arrays["vectors"], arrays["starts"])  # type: ignore[arg-type]
