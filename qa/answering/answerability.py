"""Judge whether the bulletins answer a question at all, from what was found and what was not.

What is known of a question and its sentences becomes numbers (`AnswerabilityFeatures`), and a logistic model, learned on
answerable questions and on near misses (`python -m training quick-reader`), turns them into a probability. Below the threshold
nothing is answered.
"""

import itertools
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.text.normalize import fold
from index.evidence import Evidence
from index.packaged import read_packaged
from index.query.stemmer import STOP_WORDS
from index.retriever import Retriever
from qa.answering.answer_patterns import find_answer_spans
from qa.answering.scoring import ScoredSentence, term_coverage
from qa.question.asking import load_asking
from qa.question.intent import names_task
from qa.question.question import Question

_EXACT, _NEAR = 0.9, 0.4  # cosines from which a token is there as such, and from which something comes near to it
# How far the second sentence may count as behind the best, in log-odds: a row of a table, or a region's one sentence in another's
# article, has no second that says anything of it. On the development and the sample questions it changes no answer.
_FAR_BEHIND = 4.0
_MAX_PASSAGES = 5  # that are looked at
_MAX_WORDS = 4  # named as missing
_MIN_WORD = 2  # characters of a Chinese word that can be named
_MIN_PROBABILITY = 1e-4  # keeps log-odds finite

Strictness = Literal["lenient", "normal", "strict"]  # how sure an answer must be


class AnswerabilityFeatures(NamedTuple):
    """What is known of a question and its scored sentences; each field has a weight of its name in answerability.json."""

    best: float  # log-odds of the likeliest sentence
    next: float  # of the second, or that of the first less _FAR_BEHIND
    terms: float  # share of the question's terms in the best passage, each by its weight
    missed: float  # share of the question's heavier tokens to which nothing in the likeliest sentence's passage comes near
    exact_missed: float  # that times the share that is there as such: the topic is there, and what is asked of it is not
    farthest: float  # nearness of the heavier token that is matched worst there
    kind: float  # 1 if the likeliest sentence has a number, a date, a name… as the question asks for
    other_kind: float  # 1 if the question asks for such a thing, and the sentence has none
    fact: float  # 1 if one fact is asked for
    english: float  # 1 if the question is in English
    tokens: float  # log of how many the question has


FEATURES = AnswerabilityFeatures._fields


class AnswerabilityModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model over FEATURES, and the probability below which no answer is given."""

    threshold: float
    bias: float
    weights: dict[str, float]

    def probability(self, features: NDArray[np.float32]) -> float:
        """Return the probability of an answer, 0 to 1. Args: features: shape (len(FEATURES),)."""
        logit = float(features @ np.array([self.weights[name] for name in FEATURES], np.float32)) + self.bias
        return float(1 / (1 + np.exp(-logit)))

    def threshold_for(self, strictness: Strictness) -> float:
        """Return the probability that an answer needs. Most near misses are below the strict one (benchmarks/README.md)."""
        return {"lenient": self.threshold / 2, "normal": self.threshold, "strict": self.threshold + (1 - self.threshold) / 4}[
            strictness
        ]


@cache
def load_answerability_model() -> AnswerabilityModel:
    """Load the packaged weights. Raises: EncoderError: the file is missing."""
    return msgspec.json.decode(read_packaged(resources.files("qa.answering") / "answerability.json"), type=AnswerabilityModel)


def confidence(question: Question, evidence: Evidence, scored: Sequence[ScoredSentence]) -> float:
    """Return the probability that the passages answer the question, 0 to 1; 0 if nothing was found."""
    if not evidence.passages or not scored:
        return 0.0
    return load_answerability_model().probability(answerability_features(question, evidence, scored))


def answerability_features(question: Question, evidence: Evidence, scored: Sequence[ScoredSentence]) -> NDArray[np.float32]:
    """Return the features, shape (len(FEATURES),). Args: evidence, scored: at least one passage and sentence."""
    evidence = evidence.subset(range(min(_MAX_PASSAGES, len(evidence.passages))))
    best_first = sorted(scored, key=lambda sentence: -sentence.probability)
    best = best_first[0].sentence
    passages = [found.passage for found in evidence.passages]
    similarities = evidence.similarities
    by_passage = np.maximum.reduceat(similarities.nearest, similarities.passage_starts, axis=1)
    nearest = by_passage[:, passages.index(best.passage.passage) if best.passage.passage in passages else 0]
    weights = np.where(similarities.weights >= np.median(similarities.weights), similarities.weights, 0)
    weights /= weights.sum()
    exact, missed = float(weights @ (nearest >= _EXACT)), float(weights @ (nearest < _NEAR))
    kind = question.answer_kind
    has_answer = kind is not None and bool(find_answer_spans(kind, best.text))
    features = AnswerabilityFeatures(
        best=log_odds(best_first[0].probability),
        next=max(
            log_odds(best_first[1].probability if len(best_first) > 1 else 0.0),
            log_odds(best_first[0].probability) - _FAR_BEHIND,
        ),
        terms=max(term_coverage(passage.embedding_text, evidence.term_weights) for passage in passages),
        missed=missed,
        exact_missed=exact * missed,
        farthest=float(nearest[weights > 0].min()),
        kind=float(has_answer),
        other_kind=float(kind is not None and not has_answer),
        fact=float(question.is_factoid),
        english=float(question.language == "en"),
        tokens=float(np.log(len(similarities.weights))),
    )
    return np.array(features, np.float32)


def missing_words(question: Question, evidence: Evidence, retriever: Retriever) -> tuple[str, ...]:
    """Return the words of a question's topic that nothing searched has and the best passages do not come near to, in order.

    Returns: at most _MAX_WORDS; none of asking (总结, 平时), and none that is only left of the question: 上…去, of 上哪儿去领.
    """
    passages = [found.passage for found in evidence.passages[:_MAX_PASSAGES]]
    if not passages:
        return ()
    tokenizer = retriever.catalog.tokenizer
    words = [word for word in tokenizer.words(question.topic) if len(word) >= _MIN_WORD and tokenizer.tokenize(word)]
    words += [word for word in re.findall(r"[A-Za-z]{3,}", question.topic) if word.lower() not in STOP_WORDS]
    texts = [fold(passage.embedding_text) for passage in passages]
    earlier = question.asked.history if question.asked else ()
    said = fold("\n".join((question.text, *earlier, *(slip.corrected for slip in question.corrections))))
    absent = [word for word in dict.fromkeys(words) if fold(word) in said and not any(fold(word) in text for text in texts)]
    far = (word for word in absent if retriever.compare(retriever.analyze(word), passages).passage().max() < _NEAR)
    named = (word for word in far if names_task([word]) and word not in load_asking().words)
    missing = (word for word in named if not _stands_in_text(word, evidence, retriever))
    return tuple(itertools.islice(missing, _MAX_WORDS))


def _stands_in_text(word: str, evidence: Evidence, retriever: Retriever) -> bool:
    """Return whether a word stands in any text that was searched, as it is or, in the likeliest passages, in other script."""
    catalog = retriever.catalog
    numbers = np.flatnonzero(catalog.filter_mask(evidence.filters))
    bulletins = dict.fromkeys(catalog.passages[number].bulletin for number in numbers)
    if any(word in bulletin.text for bulletin in bulletins):
        return True
    likely = retriever.search(word, k=_MAX_PASSAGES, filters=evidence.filters, mode="lexical")
    return any(fold(word) in fold(found.passage.embedding_text) for found in likely)


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability, kept finite."""
    kept = min(max(probability, _MIN_PROBABILITY), 1 - _MIN_PROBABILITY)
    return float(np.log(kept / (1 - kept)))
