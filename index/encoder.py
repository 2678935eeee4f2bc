"""Texts -> unit vectors: the bundled bilingual model, or any sentence-transformers model.

The bundled model needs tokenizers, safetensors and numpy only, so that a question is encoded a fraction of a second after the
program starts; importing torch would take several seconds and half a gigabyte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from tokenizers import Encoding, Tokenizer

from corpus.messages.errors import EncoderError
from corpus.messages.message import Message
from corpus.text.normalize import fold
from index.packaged import damaged, read_checked

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED_NAME = "jingyan-static-zh-en"
# Texts tokenised together, and token vectors held together (16 MB at 256 dimensions).
BATCH_TEXTS = 4096
BATCH_TOKENS = 16_384


class Encoder(Protocol):
    """A model that turns texts into vectors."""

    @property
    def name(self) -> str:
        """Return the name that is shown to users and kept in the index manifest."""

    @property
    def fingerprint(self) -> str:
        """Return a hexadecimal SHA-256 that changes when vectors may change."""

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors, shape (n, dimension), rows of length 1; a text without content gives a row of zeros."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors, shape (n, dimension), rows of length 1; a text without content gives a row of zeros."""


class StaticEncoder:
    """A StaticEmbedding model of sentence-transformers: the mean of one vector a token, scaled to length 1.

    Reads both layouts that sentence-transformers reads: `embedding.weight`, or model2vec's `embeddings` (here 8-bit
    integers, a quarter of the size) with one factor a token in `weights`.
    """

    def __init__(self, folder: Traversable, *, name: str = BUNDLED_NAME) -> None:
        """Read tokenizer.json, model.safetensors and SHA256SUMS, the hashes the first two must have.

        Raises: EncoderError: a file is missing or is not what SHA256SUMS says.
        """
        files = read_checked(folder, ("model.safetensors", "tokenizer.json"))
        try:
            self._tokenizer = Tokenizer.from_str(files["tokenizer.json"][0].decode("utf-8"))
            tensors = load_tensors(files["model.safetensors"][0])
            self._vectors: NDArray[np.float32] | NDArray[np.int8] = (
                tensors["embedding.weight"] if "embedding.weight" in tensors else tensors["embeddings"]
            )
            self._factors: NDArray[np.float32] | None = tensors.get("weights")
        # tokenizers raises plain Exception for a file it cannot read
        except Exception as error:
            raise damaged(folder, Message.of("index.encoder.no_static_model", cause=repr(error))) from error
        self.name = name
        listed = "".join(f"{digest}  {file}\n" for file, (_, digest) in files.items())
        self.fingerprint = hashlib.sha256(listed.encode()).hexdigest()
        self.dimension = int(self._vectors.shape[1])
        self._has_vector = np.asarray(self._vectors.any(axis=1))

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors, shape (n, dimension), rows of length 1; zeros if no token of the text is known."""
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors, shape (n, dimension), rows of length 1; zeros if no token of the text is known."""
        return self._encode(texts)

    def token_ids(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the distinct tokens of each text, ascending, without those that have no vector."""
        found = []
        for start in range(0, len(texts), BATCH_TEXTS):
            folded = [fold(text) for text in texts[start : start + BATCH_TEXTS]]
            for encoding in self._tokenizer.encode_batch_fast(folded, add_special_tokens=False):
                ids = np.array(sorted(set(encoding.ids)), np.int32)
                found.append(ids[self._has_vector[ids]])
        return found

    def token_vectors(self, ids: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the vectors of tokens, shape (len(ids), dimension); the longer a vector, the more informative its token."""
        vectors: NDArray[np.float32] = self._vectors[ids].astype(np.float32)
        if self._factors is not None:
            vectors *= self._factors[ids, None]
        return vectors

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        result = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), BATCH_TEXTS):
            folded = [fold(text) for text in texts[start : start + BATCH_TEXTS]]
            encodings = self._tokenizer.encode_batch_fast(folded, add_special_tokens=False)
            row = start
            for group in _groups(encodings):
                lengths = np.array([len(encoding) for encoding in group])
                filled = np.flatnonzero(lengths)
                if len(filled):
                    ids = np.fromiter(chain.from_iterable(e.ids for e in group), dtype=np.intp, count=lengths.sum())
                    vectors = self.token_vectors(ids)
                    # reduceat takes an empty text for a single token, so only texts with tokens have a start.
                    starts = (np.cumsum(lengths) - lengths)[filled]
                    result[row + filled] = np.add.reduceat(vectors, starts, axis=0) / lengths[filled, None]
                row += len(group)
        lengths_of_rows = np.linalg.norm(result, axis=1, keepdims=True)
        # sentence-transformers divides by max(length, 1e-12) likewise
        return np.asarray(result / np.maximum(lengths_of_rows, 1e-12), dtype=np.float32)


class SentenceTransformerEncoder:
    """Any model that sentence-transformers loads, from a folder or by its name on the Hugging Face hub."""

    def __init__(self, name: str, *, revision: str | None = None) -> None:
        """Load the model: no code of the model's own is run, and weights are read from safetensors only.

        Raises: EncoderError: sentence-transformers or torch is not installed, or the model cannot be loaded.
        """
        folder = Path(name)
        if folder.is_dir() and not any(folder.rglob("*.safetensors")):
            raise EncoderError(Message.of("index.encoder.no_safetensors", folder=str(folder)))
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EncoderError(Message.of("index.encoder.not_installed", name=name, cause=str(error))) from error
        try:
            self._model: SentenceTransformer = SentenceTransformer(
                name, revision=revision, trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
        except Exception as error:  # the libraries below raise OSError, ValueError, RuntimeError and their own
            raise EncoderError(Message.of("index.encoder.cannot_load", name=name, cause=str(error))) from error
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise EncoderError(Message.of("index.encoder.no_dimension", name=name))
        self.name = name
        self.dimension = int(dimension)
        self.fingerprint = (
            _fingerprint(folder) if folder.is_dir() else hashlib.sha256(f"{name}\n{revision or ''}".encode()).hexdigest()
        )

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode with the prompt that the model defines for queries, if any."""
        return _blank_to_zero(
            texts,
            np.asarray(self._model.encode_query(list(texts), normalize_embeddings=True, show_progress_bar=False)),
            self.dimension,
        )

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode with the prompt that the model defines for documents, if any."""
        return _blank_to_zero(
            texts,
            np.asarray(self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False)),
            self.dimension,
        )


def load_encoder(name: str | None = None) -> Encoder:
    """Load the bundled model, or the sentence-transformers model of a folder or name.

    Raises: EncoderError: a file is missing or damaged, or a package is not installed.
    """
    if name is None:
        return StaticEncoder(resources.files("index") / "model")
    return SentenceTransformerEncoder(name)


def _groups(encodings: Sequence[Encoding]) -> Iterator[Sequence[Encoding]]:
    """Yield runs of texts with at most BATCH_TOKENS tokens together; a longer text is a run of its own."""
    start = tokens = 0
    for position, encoding in enumerate(encodings):
        if tokens + len(encoding) > BATCH_TOKENS and position > start:
            yield encodings[start:position]
            start, tokens = position, 0
        tokens += len(encoding)
    yield encodings[start:]


def _fingerprint(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of a model folder's weights, tokenizer and settings."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".safetensors", ".json", ".txt", ".model"}:
            digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _blank_to_zero(texts: Sequence[str], vectors: NDArray[np.float32], dimension: int) -> NDArray[np.float32]:
    """Replace the vectors of blank texts by zeros, near which nothing is; a transformer gives them some vector."""
    result = vectors.astype(np.float32).reshape(len(texts), dimension)
    result[[not text.strip() for text in texts]] = 0.0
    return result
