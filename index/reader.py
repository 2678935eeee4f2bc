"""A question and a passage read together by a network: which sentences answer, where the fact stands, is there an answer at all.

The network (`index/contextual_model/reader.onnx`, made by `python -m training reader`) sees the pieces of the question, of what
stands above the passage, and of its sentences, with a mark before each sentence. It gives two numbers a passage, one a sentence
and two a piece.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.pieces import BEGIN, END, PASSAGE, QUESTION, PassageText

# The most pieces of a question, of what stands above a passage, and of everything together.
MAX_QUESTION, MAX_CONTEXT, MAX_PIECES = 96, 64, 448
_MIN_SENTENCE = 4  # pieces of a sentence that is still taken in before the room is full
MAX_FACT = 40  # pieces
_TURNS, _TURN = 3, 60  # earlier questions that are read with one that leans on them, and characters of each
UNREAD = -20.0  # log-odds of what there was no room for


def in_dialogue(earlier: Sequence[str], question: str) -> str:
    """Return a question with those before it, the oldest first, as the network reads it where it leans on them."""
    return " / ".join((*(turn[:_TURN] for turn in earlier[-_TURNS:]), question))


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """A question and a passage in pieces: begin, question, end, context, then an end and a sentence for each sentence, end.

    `asked`: how many pieces the question has, with begin and end. `markers`: where the end before each sentence is; sentences for
    which there was no room have none. `offsets`: start and end of each piece within its sentence, in characters; both 0 outside
    of sentences.
    """

    ids: tuple[int, ...]
    asked: int
    markers: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]

    def bounds(self) -> Iterator[tuple[int, int]]:
        """Yield where the pieces of each sentence begin and end."""
        yield from ((mark + 1, end) for mark, end in itertools.pairwise((*self.markers, len(self.ids) - 1)))

    def means(self) -> NDArray[np.float32]:
        """Return the share that each piece has in the question, and in each sentence, shape (1 + sentences, pieces).

        A sentence without pieces has its mark in their place.
        """
        bounds = ((0, self.asked), *((min(start, end - 1), end) for start, end in self.bounds()))
        shares = np.zeros((len(bounds), len(self.ids)), np.float32)
        for row, (start, end) in zip(shares, bounds, strict=True):
            row[start:end] = 1 / (end - start)
        return shares


@dataclass(frozen=True, slots=True)
class Fact:
    """The likeliest stretch of a sentence to be the fact that is asked for, in characters, and its probability, 0 to 1."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class PassageReading:
    """What the network says of a question and a passage, in log-odds.

    `relevant`: the passage is about it; `answered`: it answers it; `sentences`: each is part of the answer; `facts`: of each
    sentence, None where there was no room.
    """

    relevant: float
    answered: float
    sentences: tuple[float, ...]
    facts: tuple[Fact | None, ...]


def encode_pair(tokenizer: Tokenizer, question: str, passage: PassageText) -> EncodedPair:
    """Return a question and a passage as the network reads them, at most MAX_PIECES pieces."""
    above = tokenizer.encode_batch_fast([QUESTION + question, PASSAGE + passage.context], add_special_tokens=False)
    asked = [BEGIN, *above[0].ids[:MAX_QUESTION], END]
    ids = [*asked, *above[1].ids[:MAX_CONTEXT]]
    markers: list[int] = []
    offsets = [(0, 0)] * len(ids)
    for sentence in tokenizer.encode_batch(list(passage.sentences), add_special_tokens=False):
        room = MAX_PIECES - len(ids) - 2
        if room < _MIN_SENTENCE:
            break
        markers.append(len(ids))
        ids += [END, *sentence.ids[:room]]
        offsets += [(0, 0), *sentence.offsets[:room]]
    return EncodedPair((*ids, END), len(asked), tuple(markers), (*offsets, (0, 0)))


def interpret(
    pair: EncodedPair,
    passage: PassageText,
    of_pair: NDArray[np.float32],
    of_sentences: NDArray[np.float32],
    of_ends: NDArray[np.float32],
) -> PassageReading:
    """Return what the numbers of the network say.

    Args: of_pair: shape (2,): `relevant` and `answered`; of_sentences: shape (len(pair.markers),): each is part of the answer;
        of_ends: shape (len(pair.ids), 2): the fact begins here, and ends here; the first piece stands for no fact at all.
    """
    unread = len(passage.sentences) - len(pair.markers)
    ends = of_ends.astype(np.float64)
    log_probabilities = ends - np.logaddexp.reduce(ends, axis=0)
    facts = (_fact(pair.offsets[start:end], log_probabilities[start:end]) for start, end in pair.bounds())
    return PassageReading(
        float(of_pair[0]),
        float(of_pair[1]),
        (*map(float, of_sentences), *[UNREAD] * unread),
        (*facts, *[None] * unread),
    )


def _fact(offsets: Sequence[tuple[int, int]], ends: NDArray[np.float64]) -> Fact | None:
    """Return the likeliest fact of a sentence. Args: ends: shape (n, 2), log-probabilities that it begins and ends at a piece."""
    if not len(ends):
        return None
    total = ends[:, 0, None] + ends[None, :, 1]
    total = np.where(np.tril(np.triu(np.ones(total.shape, np.bool_)), MAX_FACT - 1), total, -np.inf)
    first, last = divmod(int(total.argmax()), len(ends))
    return Fact(offsets[first][0], offsets[last][1], math.exp(float(total[first, last])))
