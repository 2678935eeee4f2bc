"""What a question asks for, and whether it leans on the one before it: two learned linear models.

They see the runs of characters and words of a question (哪几家, `how many`) and, where the library has a contextual channel, the
vector of the question. `python -m training asking` makes `asking.json` from the questions in training/asked.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib import resources

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.text.normalize import simplify
from index.packaged import damaged, read_packaged

# A number in asking.json is so many times the weight.
SCALE = 32
# Weights of vectors and lengths beside those of runs, each of which counts 1.
_VECTOR, _COSINE, _LENGTH = 6.0, 5.0, 20
_LONGEST_RUN, _MOST_WORDS = 4, 3
_EDGE = " ?？。.!！"
_CHINESE_RUN = re.compile(r"[\u3400-\u9fff^$，,0-9]+")
_WORD = re.compile(r"[a-z]+|[0-9]+|[,?]")

Vector = NDArray[np.float32]


class Linear(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A linear model: a row of numbers for each run and for each further number, a column for each class."""

    bias: tuple[int, ...]
    runs: dict[str, tuple[int, ...]]
    numbers: tuple[tuple[int, ...], ...] = ()

    def scores(self, runs: Iterable[str], numbers: Vector) -> Vector:
        """Return the score of each class, shape (classes,). Args: numbers: shape (len(self.numbers),)."""
        found = [self.runs[run] for run in runs if run in self.runs]
        total = np.array([self.bias, *found], np.float32).sum(0)
        if len(numbers):
            total += numbers @ self._matrix
        scores: Vector = total / SCALE
        return scores

    @cached_property
    def _matrix(self) -> Vector:
        return np.array(self.numbers, np.float32)


class Models(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The model for questions without a vector, and for those with one."""

    by_words: Linear
    by_both: Linear


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The learned models. `names`: of the classes of `wants`; `words`: that people ask with oftener than documents use them."""

    names: tuple[str, ...]
    wants: Models
    leans: Models
    words: tuple[str, ...] = ()


def probabilities(text: str, vector: Vector | None) -> Mapping[str, float]:
    """Return how likely a question asks for each thing, the likeliest first: `survey`, `compare`, `fact:number`.

    Args: vector: of the question, shape (d,), of length 1; None where there is none.
    """
    model = load_asking()
    if vector is None:
        scores = model.wants.by_words.scores(runs_of(text), np.zeros(0, np.float32))
    else:
        scores = model.wants.by_both.scores(runs_of(text), numbers_of(vector))
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    return {model.names[i]: float(shares[i]) for i in np.argsort(-shares)}


def leaning(text: str, vector: Vector | None, before: Vector | None) -> float:
    """Return how likely a question leans on the one before it, 0 to 1.

    Args: vector, before: of the question and of that before it, shape (d,), of length 1; None where there are none.
    """
    models = load_asking().leans
    model = models.by_words if vector is None or before is None else models.by_both
    score = float(model.scores(runs_of(text), numbers_of_turn(text, vector, before))[0])
    return 1 / (1 + math.exp(-score))


def runs_of(text: str) -> set[str]:
    """Return the runs of one to four Chinese characters of a question and of one to three words, with its ends."""
    plain = " ".join(simplify(unicodedata.normalize("NFKC", text)).lower().split()).strip(_EDGE)
    found: set[str] = set()
    for stretch in _CHINESE_RUN.findall(f"^{plain}$"):
        for length in range(1, _LONGEST_RUN + 1):
            found.update(stretch[i : i + length] for i in range(len(stretch) - length + 1))
    words = ["^", *_WORD.findall(plain), "$"]
    if len(words) > _MOST_WORDS:
        for length in range(1, _MOST_WORDS + 1):
            found.update(" ".join(words[i : i + length]) for i in range(len(words) - length + 1))
    return found


def numbers_of(vector: Vector) -> Vector:
    """Return the further numbers of a question, shape (d,). Args: vector: of length 1."""
    return _VECTOR * vector


def numbers_of_turn(text: str, vector: Vector | None = None, before: Vector | None = None) -> Vector:
    """Return the further numbers of a turn of a conversation: how long it is, and with vectors its own and their cosine."""
    length = np.array([min(len(text), 2 * _LENGTH) / _LENGTH], np.float32)
    if vector is None or before is None:
        return length
    return np.concatenate([length, [_COSINE * float(vector @ before)], _VECTOR * vector]).astype(np.float32)


@cache
def load_asking() -> Asking:
    """Load the packaged models. Raises: EncoderError: the file is missing or damaged."""
    file = resources.files("qa.question") / "asking.json"
    try:
        return msgspec.json.decode(read_packaged(file), type=Asking)
    except msgspec.MsgspecError as error:
        raise damaged(file, str(error)) from error
