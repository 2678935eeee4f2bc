"""Pieces of text, as the contextual encoder and the reader take them, and the vectors of pieces that both start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from corpus.chunker import sentences_of
from corpus.document import Passage
from corpus.text.normalize import simplify

# The first pieces of the vocabulary: begin, padding, end.
BEGIN, PADDING, END = 0, 1, 2
QUESTION, PASSAGE = "query: ", "passage: "  # how the networks are told what they read
BLOCK = 32  # numbers that share a factor


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as it is read: what stands above it (place, date, title, heading), and its sentences."""

    context: str
    sentences: tuple[str, ...]

    @classmethod
    def of(cls, passage: Passage) -> PassageText:
        """Return the text of a passage, in simplified script."""
        text, masthead = passage.bulletin.text, passage.bulletin.masthead
        region = passage.told_region(passage.span.trimmed(text)) or passage.article.region or passage.bulletin.publisher_region
        date = masthead.issue_date.strftime("%Y-%m") if masthead.issue_date else str(masthead.year or "")
        header = passage.table_header.of(text) if passage.table_header else ""
        above = (region.label if region else "", date, passage.article.title, passage.section.heading, " ".join(header.split()))
        return cls(
            simplify(" ".join(filter(None, above))),
            tuple(simplify(span.trimmed(text).of(text)).replace("\t", "|").replace("\n", " ") for span in sentences_of(passage)),
        )


class PieceVectors:
    """The vectors of the pieces of a vocabulary, kept in four bits a number.

    A number is its factor times 0..15 less 8. So were the weights that training starts from (`training/contextual/weights.py`):
    nothing is lost.
    """

    def __init__(self, factors: NDArray[np.float16], numbers: NDArray[np.uint8]) -> None:
        """Args: factors: shape (pieces, d / BLOCK); numbers: shape (pieces, d / 2), two a byte, the first in its lower half."""
        self._factors, self._numbers = factors, numbers

    @classmethod
    def quantize(cls, vectors: NDArray[np.float32]) -> PieceVectors:
        """Return vectors, shape (pieces, d), in four bits a number.

        They are exact where each block of BLOCK numbers is some factor times -8..7, and has the -8.
        """
        blocks = vectors.reshape(len(vectors), -1, BLOCK)
        largest = np.take_along_axis(blocks, np.abs(blocks).argmax(-1, keepdims=True), -1)[..., 0]
        factors = (largest / -8).astype(np.float16)
        divisors = np.where(factors == 0, 1, factors).astype(np.float32)
        levels = np.clip(np.rint(blocks / divisors[..., None]) + 8, 0, 15).astype(np.uint8).reshape(len(vectors), -1)
        return cls(factors, levels[:, ::2] | levels[:, 1::2] << 4)

    def of(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return the vectors of pieces, shape (len(ids), d)."""
        rows = np.asarray(ids)
        packed = self._numbers[rows]
        levels = np.stack([packed & 15, packed >> 4], -1).reshape(len(rows), -1, BLOCK).astype(np.float32) - 8
        vectors: NDArray[np.float32] = levels * self._factors[rows].astype(np.float32)[..., None]
        return vectors.reshape(len(rows), -1)

    def to_bytes(self) -> bytes:
        """Return what `from_bytes` reads."""
        return save({"factors": self._factors, "numbers": self._numbers})

    @classmethod
    def from_bytes(cls, content: bytes) -> PieceVectors:
        """Read vectors that were written with `to_bytes`. Raises: SafetensorError or KeyError: they were not."""
        arrays = load(content)
        return cls(arrays["factors"], arrays["numbers"])
