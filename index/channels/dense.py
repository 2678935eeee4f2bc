"""The dense channel: exact inner product over unit vectors, by FAISS."""

from collections.abc import Mapping, Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

# For one query, threads of BLAS and OpenMP cost more than they save, thirty times more on a busy machine.
faiss.omp_set_num_threads(1)


class DenseIndex:
    """An index of passage vectors, in the order of the passages."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> "DenseIndex":
        """Build an index. Args: vectors: shape (n_passages, d), rows of length 1 (or 0)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        return cls(index)

    @classmethod
    def join(cls, parts: Sequence[tuple["DenseIndex", NDArray[np.int64], NDArray[np.int64]]]) -> "DenseIndex":
        """Merge passages of several indexes. Args: parts: indexes, the passages to take, their numbers in the new index."""
        vectors = np.empty((sum(len(rows) for _, rows, _ in parts), parts[0][0]._index.d), np.float32)
        for part, rows, targets in parts:
            vectors[targets] = part._index.reconstruct_n(0, len(part))[rows]
        return cls.build(vectors)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self._index.d)

    def top(self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Return the numbers of the `k` nearest passages among those allowed, best first.

        Args: query: shape (d,); allowed: shape (n_passages,), None for all.
        """
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")  # bits and selector must live as long as the search
            selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        found: NDArray[np.int64] = self._index.search(query[None, :], min(k, len(self)), params=parameters)[1][0]
        return found[found >= 0]

    def scores(self, query: NDArray[np.float32], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosine of the query with the given passages, shape (len(numbers),), -1 to 1."""
        if not len(numbers):
            return np.zeros(0, np.float32)
        vectors: NDArray[np.float32] = self._index.reconstruct_batch(numbers)
        return (vectors @ query).astype(np.float32)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays from which `from_arrays` makes the index."""
        return {"vectors": self._index.reconstruct_n(0, len(self))}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "DenseIndex":
        """Return the index whose `arrays` these are."""
        return cls.build(arrays["vectors"].astype(np.float32, copy=False))
