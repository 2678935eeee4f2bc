"""Judge whether the bulletins answer a question at all: how likely the reading is right, from what was found and what was not.

What is known of a question and its reading becomes numbers (`SIGNS`), and a logistic model, learned on answerable questions and
on near misses (`python -m training reader`), turns them into a probability. Below the threshold nothing is answered.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.text.normalize import fold
from index.evidence import Evidence
from index.packaged import read_packaged
from index.query.stemmer import STOP_WORDS
from index.retriever import Retriever
from qa.answering.scoring import ScoredSentence, find_answer_spans, term_coverage
from qa.question.question import Question

FEATURES = (
    "best",  # log-odds of the likeliest unit
    "next",  # of the second
    "terms",  # share of the question's terms in the best passage, by what they tell
    "missed",  # share of the question's telling tokens to which nothing in the likeliest unit's passage comes near
    "exact_missed",  # that times the share that stands there as such: the topic is here, and what is asked of it is not
    "farthest",  # nearness of the telling token that is matched worst there
    "kind",  # the likeliest unit has a number, a date, a name… where the question asks for that
    "other_kind",  # the question asks for such a thing, and the unit has none
    "fact",  # one fact is asked for
    "english",
    "tokens",  # log of how many the question has
)
_EXACT, _NEAR = 0.9, 0.4  # cosines above which a token stands there as such, and is met
_READ = 5  # passages
_NAMED = 4  # words named as missing

_FLOOR = 1e-4

Strictness = Literal["lenient", "normal", "strict"]  # how sure an answer must be


class AnswerabilityModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model over SIGNS, and the probability below which no answer is given."""

    threshold: float
    bias: float
    weights: dict[str, float]

    def probability(self, signs: NDArray[np.float32]) -> float:
        """Args: signs: shape (len(SIGNS),)."""
        logit = float(signs @ np.array([self.weights[name] for name in FEATURES], np.float32)) + self.bias
        return float(1 / (1 + np.exp(-logit)))

    def threshold_for(self, strictness: Strictness) -> float:
        """The probability that an answer needs. Strict is what most near misses stay below (benchmarks/README.md)."""
        return {"lenient": self.threshold / 2, "normal": self.threshold, "strict": self.threshold + (1 - self.threshold) / 4}[
            strictness
        ]


@cache
def load_answerability_model() -> AnswerabilityModel:
    """The packaged weights. Raises: EncoderError: the file is missing."""
    return msgspec.json.decode(read_packaged(resources.files("qa.answering") / "answerability.json"), type=AnswerabilityModel)


def confidence(question: Question, evidence: Evidence, scored: Sequence[ScoredSentence]) -> float:
    """How likely the passages answer the question, 0 to 1; 0 where nothing was found."""
    if not evidence.passages or not scored:
        return 0.0
    return load_answerability_model().probability(answerability_features(question, evidence, scored))


def answerability_features(question: Question, evidence: Evidence, scored: Sequence[ScoredSentence]) -> NDArray[np.float32]:
    """The signs, shape (len(SIGNS),). Args: evidence, scored: at least one passage and sentence."""
    evidence = evidence.subset(range(min(_READ, len(evidence.passages))))
    order = sorted(scored, key=lambda one: -one.probability)
    best = order[0].sentence
    terms = evidence.term_weights
    passages = [found.passage for found in evidence.passages]
    matches = evidence.similarities
    by_passage = np.maximum.reduceat(matches.nearest, matches.passage_starts, axis=1)
    place = next((at for at, passage in enumerate(passages) if passage is best.passage.passage), 0)
    here = by_passage[:, place]
    telling = np.where(matches.weights >= np.median(matches.weights), matches.weights, 0)
    telling /= telling.sum()
    exact, missed = float(telling @ (here >= _EXACT)), float(telling @ (here < _NEAR))
    kind = question.answer_kind
    fits = kind is not None and bool(find_answer_spans(kind, best.text))
    return np.array(
        [
            _log_odds(order[0].probability),
            _log_odds(order[1].probability) if len(order) > 1 else _log_odds(0.0),
            max(term_coverage(passage.embedding_text, terms) for passage in passages),
            missed,
            exact * missed,
            float(here[telling > 0].min()),
            float(fits),
            float(kind is not None and not fits),
            float(question.is_factoid),
            float(question.language == "en"),
            float(np.log(len(matches.weights))),
        ],
        np.float32,
    )


def missing_words(question: Question, evidence: Evidence, retriever: Retriever) -> tuple[str, ...]:
    """The words of a question that the best passages neither have nor come near, at most _NAMED, in order."""
    passages = [found.passage for found in evidence.passages[:_READ]]
    if not passages:
        return ()
    words = [
        word
        for word in retriever.catalog.tokenizer.words(question.topic)
        if len(word) > 1 and retriever.catalog.tokenizer.tokenize(word)
    ]
    words += [word for word in re.findall(r"[A-Za-z]{3,}", question.topic) if word.lower() not in STOP_WORDS]
    texts = [fold(passage.embedding_text) for passage in passages]
    absent = [word for word in dict.fromkeys(words) if not any(fold(word) in text for text in texts)]
    return tuple(word for word in absent if retriever.compare(retriever.analyze(word), passages).passage().max() < _NEAR)[:_NAMED]


def _log_odds(probability: float) -> float:
    kept = min(max(probability, _FLOOR), 1 - _FLOOR)
    return float(np.log(kept / (1 - kept)))
