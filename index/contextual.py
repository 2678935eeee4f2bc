"""Questions and sentences -> unit vectors, by a network that reads each sentence together with the passage around it.

The network (`index/contextual_model`, made by `python -m training contextual`) is slower than the bundled encoder, and knows
everyday words. A passage is read once, when it is indexed; a question takes some milliseconds. Beside it stands the one
that reads a question and a passage together (`index/reader.py`).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus.cores import usable_cores
from corpus.messages.message import Message
from corpus.text.normalize import simplify
from index.packaged import damaged, read_checked
from index.pieces import BEGIN, END, PASSAGE, QUESTION, PassageText, PieceVectors
from index.reader import UNREAD, PassageReading, encode_pair, interpret

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]

# The most pieces of a question, of what stands above a passage, and of everything together.
MAX_QUESTION, MAX_CONTEXT, MAX_PIECES = 96, 70, 510
_FOLDER = "contextual_model"


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

    def read_together(self, question: str, passages: Sequence[PassageText]) -> list[PassageReading]:
        """Read a question with each of some passages."""


class OnnxContextualEncoder:
    """The bundled networks: encoder.onnx, and reader.onnx, which reads a question and a passage together.

    Both start from the same vectors of pieces.
    """

    def __init__(self, folder: Traversable, *, threads: int = 0) -> None:
        """Read the model's files and SHA256SUMS, the hashes they must have.

        Args: threads: that a text is read with; 0 for one a core that the program may use.
        Raises: EncoderError: a file is missing or is not what SHA256SUMS says. ImportError: onnxruntime is not installed.
        """
        files = read_checked(folder, ("encoder.onnx", "pieces.safetensors", "tokenizer.json", "reader.onnx"))
        del files["reader.onnx"]
        self._folder, self._threads = folder, threads
        with _as_damage(folder):
            self._tokenizer = Tokenizer.from_str(files["tokenizer.json"][0].decode("utf-8"))
            self._pieces = PieceVectors.from_bytes(files["pieces.safetensors"][0])
            self._encoder = self._open("encoder.onnx")
        # The vectors of an index come of all these but the reader.
        listed = "".join(f"{digest}  {file}\n" for file, (_, digest) in files.items())
        self.fingerprint = hashlib.sha256(listed.encode()).hexdigest()
        self.dimension = int(self._encoder.get_outputs()[0].shape[2])
        # A question is asked again when the answer is exported, or what was understood of it is changed.
        self.encode_question = lru_cache(maxsize=64)(self._encode_question)
        self._read = lru_cache(maxsize=2048)(self._read_pair)

    def _open(self, name: str) -> InferenceSession:
        """Open a network by the path of its file: a session keeps the bytes of one that it is given."""
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = self._threads or usable_cores()
        options.enable_cpu_mem_arena = False  # texts differ in length: an arena would keep room for the longest of each kind
        with resources.as_file(self._folder / name) as path:
            return InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _reader(self) -> InferenceSession:
        """The network that reads together, opened when first asked for: an index is made without it.

        Raises: EncoderError: its file has been damaged or removed since the model was loaded.
        """
        with _as_damage(self._folder):
            return self._open("reader.onnx")

    def _encode_question(self, text: str) -> Floats:
        ids = question_ids(self._tokenizer, simplify(text))
        return _unit(self._states(ids).mean(0))

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
        states = self._states(window.ids)
        yield from (_unit(states[start:end].mean(0)) for start, end in window.sentences)

    def _states(self, ids: Sequence[int]) -> Floats:
        """Return the states of pieces, shape (len(ids), dimension)."""
        states: Floats = self._encoder.run(None, {"vectors": self._pieces.of(ids)[None]})[0][0]
        return states

    def read_together(self, question: str, passages: Sequence[PassageText]) -> list[PassageReading]:
        """Read a question with each of some passages, each pair by itself; of one without sentences nothing is said."""
        return [self._read(simplify(question), passage) for passage in passages]

    def _read_pair(self, question: str, passage: PassageText) -> PassageReading:
        pair = encode_pair(self._tokenizer, question, passage)
        if not pair.markers:
            return PassageReading(UNREAD, UNREAD, (), ())
        marks = np.array(pair.markers, np.int64)
        given = {"vectors": self._pieces.of(pair.ids)[None], "means": pair.means()[None], "marks": marks[None]}
        of_pair, of_sentences, of_ends = self._reader.run(None, given)
        return interpret(pair, passage, of_pair[0], of_sentences[0], of_ends[0])


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


@contextlib.contextmanager
def _as_damage(folder: Traversable) -> Iterator[None]:
    """Raise EncoderError, which names the folder of the model, in place of what the libraries raise for a file of it."""
    try:
        yield
    except ImportError:
        raise
    except Exception as error:  # onnxruntime and tokenizers raise classes of their own
        raise damaged(folder, Message.of("index.contextual.no_network", cause=repr(error))) from error


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)


@cache
def load_contextual_encoder(*, threads: int = 0) -> ContextualEncoder | None:
    """Load the bundled network; None if onnxruntime is not installed.

    Args: threads: that a text is read with; 0 for one a core that the program may use.
    Raises: EncoderError: a file is missing or damaged.
    """
    try:
        return OnnxContextualEncoder(resources.files("index") / _FOLDER, threads=threads)
    except ImportError:
        return None
