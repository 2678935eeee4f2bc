"""Questions and sentences -> unit vectors, by a network that reads each sentence together with the passage around it.

The network (`index/contextual_model`, made by `python -m training contextual`) is slower than the bundled encoder, and knows
everyday words. A passage is read once, when it is indexed; a question takes some milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus.chunker import sentences_of
from corpus.document import Passage
from corpus.messages.message import Message
from corpus.text.normalize import simplify
from index.packaged import damaged, read_checked

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]

# The first pieces of the vocabulary: begin, padding, end.
BEGIN, PADDING, END = 0, 1, 2
QUESTION, PASSAGE = "query: ", "passage: "  # how the network is told what it reads
# The most pieces of a question, of what stands above a passage, and of everything together.
MAX_QUESTION, MAX_CONTEXT, MAX_PIECES = 96, 70, 510
_FOLDER = "contextual_model"


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


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces that are read at once, and where in them each sentence begins and ends."""

    ids: tuple[int, ...]
    sentences: tuple[tuple[int, int], ...]


class ContextualEncoder(Protocol):
    """What turns questions and the sentences of passages into vectors of one space."""

    @property
    def fingerprint(self) -> str:
        """Return a hexadecimal SHA-256 that changes when vectors may change."""

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""

    def encode_question(self, text: str) -> Floats:
        """Return the vector of a question, shape (dimension,), of length 1."""

    def encode_passages(self, passages: Sequence[PassageText]) -> list[Floats]:
        """Return the vectors of the sentences of each passage, shapes (n_sentences, dimension), rows of length 1."""


class OnnxContextualEncoder:
    """The bundled network and its tokenizer."""

    def __init__(self, folder: Traversable, *, threads: int = 0) -> None:
        """Read encoder.onnx, tokenizer.json and SHA256SUMS, the hashes the first two must have.

        Args: threads: that a text is read with; 0 for one a core.
        Raises: EncoderError: a file is missing or is not what SHA256SUMS says. ImportError: onnxruntime is not installed.
        """
        from onnxruntime import InferenceSession, SessionOptions

        files = read_checked(folder, ("encoder.onnx", "tokenizer.json"))
        options = SessionOptions()
        options.intra_op_num_threads = threads
        options.enable_cpu_mem_arena = False  # texts differ in length: an arena would keep room for the longest of each kind
        try:
            self._tokenizer = Tokenizer.from_str(files["tokenizer.json"][0].decode("utf-8"))
            self._session: InferenceSession = InferenceSession(
                files["encoder.onnx"][0], options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime and tokenizers raise classes of their own
            raise damaged(folder, Message.of("index.contextual.no_network", cause=repr(error))) from error
        listed = "".join(f"{digest}  {file}\n" for file, (_, digest) in files.items())
        self.fingerprint = hashlib.sha256(listed.encode()).hexdigest()
        self.dimension = int(self._session.get_outputs()[0].shape[2])
        self.encode_question = lru_cache(maxsize=64)(self._encode_question)

    def _encode_question(self, text: str) -> Floats:
        ids = question_ids(self._tokenizer, simplify(text))
        return _unit(self._read(ids).mean(0))

    def encode_passages(self, passages: Sequence[PassageText]) -> list[Floats]:
        """Return the vectors of the sentences of each passage, shapes (n_sentences, dimension), rows of length 1.

        Each window is read by itself: the scale of 8-bit numbers is that of all that is read at once, and a passage must have the
        same vectors in any company.
        """
        return [
            np.array(
                [vector for window in windows_of(self._tokenizer, passage) for vector in self._encode_window(window)], np.float32
            ).reshape(-1, self.dimension)
            for passage in passages
        ]

    def _encode_window(self, window: Window) -> Iterator[Floats]:
        states = self._read(window.ids)
        yield from (_unit(states[start:end].mean(0)) for start, end in window.sentences)

    def _read(self, ids: Sequence[int]) -> Floats:
        """Return the states of pieces, shape (len(ids), dimension)."""
        pieces = np.array([ids], np.int64)
        states: Floats = self._session.run(None, {"ids": pieces, "mask": np.ones_like(pieces)})[0][0]
        return states


def question_ids(tokenizer: Tokenizer, question: str) -> tuple[int, ...]:
    """Return the pieces of a question as the network reads it."""
    return BEGIN, *tokenizer.encode(QUESTION + question, add_special_tokens=False).ids[:MAX_QUESTION], END


def windows_of(tokenizer: Tokenizer, passage: PassageText) -> Iterator[Window]:
    """Yield the windows in which a passage is read: mostly one; each opens with what stands above the passage."""
    above = tokenizer.encode(PASSAGE + passage.context, add_special_tokens=False).ids[:MAX_CONTEXT]
    head = [BEGIN, *above]
    ids = list(head)
    sentences: list[tuple[int, int]] = []
    for encoding in tokenizer.encode_batch(list(passage.sentences), add_special_tokens=False):
        own = (encoding.ids or [END])[: MAX_PIECES - len(head) - 1]
        if len(ids) + len(own) >= MAX_PIECES:
            yield Window((*ids, END), tuple(sentences))
            ids, sentences = list(head), []
        sentences.append((len(ids), len(ids) + len(own)))
        ids += own
    if sentences:
        yield Window((*ids, END), tuple(sentences))


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)


@cache
def load_contextual_encoder(*, threads: int = 0) -> ContextualEncoder | None:
    """Load the bundled network; None if onnxruntime is not installed.

    Args: threads: that a text is read with; 0 for one a core.
    Raises: EncoderError: a file is missing or damaged.
    """
    try:
        return OnnxContextualEncoder(resources.files("index") / _FOLDER, threads=threads)
    except ImportError:
        return None
