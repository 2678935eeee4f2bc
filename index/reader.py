"""The reading model: a question and a passage read together by one small network, and what it says of them.

The network (`index/reader_model`, made by `python -m training reader`) sees the pieces of the question, of what stands above the
passage, and of its sentences, with a mark before each sentence. It gives two numbers a passage and three a piece.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus.messages.message import Message
from index.packaged import damaged, read_checked

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# The first pieces of the vocabulary: begin, padding, end. An end stands before every sentence, too.
BEGIN, PADDING, END = 0, 1, 2
# The most pieces of a question, of what stands above a passage, and of everything together.
MAX_QUESTION, MAX_CONTEXT, MAX_PIECES = 96, 64, 448
_MIN_SENTENCE = 4  # pieces of a sentence that is still taken in before the room is full
MAX_SPAN = 40  # pieces of a fact
_BATCH = 4  # passages of like length that are read at once


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """A question and a passage in pieces: begin, question, end, context, then an end and a sentence for each sentence, end."""

    ids: tuple[int, ...]
    markers: tuple[int, ...]  # where the end before each sentence is; sentences for which there was no room have none
    offsets: tuple[tuple[int, int], ...]  # start and end of each piece within its sentence; (0, 0) outside the passage


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as it is read: what stands above it (place, date, title, heading), and its sentences."""

    context: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """A stretch of a sentence that is the fact asked for, in characters, and its probability, 0 to 1."""

    sentence: int
    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class PassageReading:
    """What the network says of a question and a passage; numbers are log-odds.

    `relevant`: the passage is about it; `answered`: it answers it; `sentences`: each is part of the answer (a sentence for which
    there was no room has -inf); `span`: the fact asked for, None where no fact is asked for or it is not there.
    """

    relevant: float
    answered: float
    sentences: tuple[float, ...]
    span: MarkedSpan | None


def encode_pair(tokenizer: Tokenizer, question: str, passage: PassageText) -> EncodedPair:
    """Return a question and a passage as the network reads them, at most MAX_PIECES pieces."""
    above = tokenizer.encode_batch_fast([question, passage.context], add_special_tokens=False)
    ids = [BEGIN, *above[0].ids[:MAX_QUESTION], END, *above[1].ids[:MAX_CONTEXT]]
    markers: list[int] = []
    offsets = [(0, 0)] * len(ids)
    for sentence in tokenizer.encode_batch(list(passage.sentences), add_special_tokens=False):
        room = MAX_PIECES - len(ids) - 2
        if room < _MIN_SENTENCE:
            break
        markers.append(len(ids))
        ids += [END, *sentence.ids[:room]]
        offsets += [(0, 0), *sentence.offsets[:room]]
    return EncodedPair((*ids, END), tuple(markers), (*offsets, (0, 0)))


class Reader:
    """The network and its tokenizer."""

    def __init__(self, folder: Traversable, *, threads: int = 2) -> None:
        """Read reader.onnx, tokenizer.json and SHA256SUMS, the hashes the first two must have.

        Raises: EncoderError: a file is missing or is not what SHA256SUMS says. ImportError: onnxruntime is not installed.
        """
        from onnxruntime import InferenceSession, SessionOptions

        files = {name: content for name, (content, _) in read_checked(folder, ("reader.onnx", "tokenizer.json")).items()}
        options = SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self.tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode("utf-8"))
            self._session: InferenceSession = InferenceSession(files["reader.onnx"], options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime and tokenizers raise classes of their own
            raise damaged(folder, Message.of("index.reader.no_network", cause=repr(error))) from error

    def read(self, question: str, passages: Sequence[PassageText]) -> list[PassageReading]:
        """Read passages with a question, each by itself; return what is said of each, in their order."""
        pairs = [encode_pair(self.tokenizer, question, passage) for passage in passages]
        found: dict[int, PassageReading] = {}
        for rows in _batches(pairs):
            longest = max(len(pairs[row].ids) for row in rows)
            ids = np.full((len(rows), longest), PADDING, np.int64)
            for i, row in enumerate(rows):
                ids[i, : len(pairs[row].ids)] = pairs[row].ids
            of_pair, of_piece = self._session.run(None, {"ids": ids, "mask": (ids != PADDING).astype(np.int64)})
            for i, row in enumerate(rows):
                found[row] = interpret(pairs[row], passages[row], of_pair[i], of_piece[i])
        return [found[row] for row in range(len(passages))]


def interpret(
    pair: EncodedPair, passage: PassageText, of_pair: NDArray[np.float32], of_piece: NDArray[np.float32]
) -> PassageReading:
    """Return what the numbers of a network say. Args: of_pair: shape (2,); of_piece: shape (length or more, 3)."""
    logits = [float(of_piece[marker, 0]) for marker in pair.markers]
    logits += [-math.inf] * (len(passage.sentences) - len(logits))
    return PassageReading(float(of_pair[0]), float(of_pair[1]), tuple(logits), find_span(pair, of_piece[: len(pair.ids), 1:]))


def find_span(pair: EncodedPair, ends: NDArray[np.float32]) -> MarkedSpan | None:
    """Return the likeliest span within one sentence; None where no span at all is likelier (the first piece stands for that).

    Args: ends: logits that the fact begins and that it ends with a piece, shape (length, 2).
    """
    odds = ends - np.log(np.exp(ends - ends.max(0)).sum(0)) - ends.max(0)
    best, where = float(odds[0].sum()), None
    bounds = [*pair.markers, len(pair.ids) - 1]
    for sentence, (marker, stop) in enumerate(itertools.pairwise(bounds)):
        own = odds[marker + 1 : stop]
        if not len(own):
            continue
        total = own[:, 0, None] + own[None, :, 1]
        total = np.where(np.tril(np.triu(np.ones_like(total)), MAX_SPAN) > 0, total, -np.inf)
        first, last = np.unravel_index(int(total.argmax()), total.shape)
        if total[first, last] > best:
            best = float(total[first, last])
            where = sentence, pair.offsets[marker + 1 + int(first)][0], pair.offsets[marker + 1 + int(last)][1]
    return MarkedSpan(*where, probability=math.exp(best)) if where else None


def _batches(pairs: Sequence[EncodedPair]) -> Iterator[list[int]]:
    """Yield the indexes of pairs of like length."""
    order = sorted(range(len(pairs)), key=lambda row: len(pairs[row].ids))
    yield from (order[start : start + _BATCH] for start in range(0, len(order), _BATCH))


@cache
def load_reader() -> Reader | None:
    """Load the reading model; None where there is none, or onnxruntime is not installed.

    Raises: EncoderError: a file is missing or damaged.
    """
    folder = resources.files("index") / "reader_model"
    try:
        return Reader(folder) if folder.is_dir() else None
    except ImportError:
        return None
