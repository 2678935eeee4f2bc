"""Score the sentences of passages: how likely each is part of the answer.

A candidate is a sentence; the headline of a point (三是制定细则。) is scored with the sentence after it. What is known of a
candidate becomes numbers (`SentenceFeatures`), and a logistic model turns them into a probability: one model for questions that
ask for a fact, one for the others. The weights (`sentence_scorer.json`) are learned by `python -m training quick-reader`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.chunker import sentences_of
from corpus.document import Passage, Point, Span
from corpus.text.normalize import fold
from index.channels.late_interaction import TokenSimilarities
from index.evidence import Evidence, ScoredPassage
from index.packaged import read_packaged
from qa.answering.answer_patterns import find_answer_spans
from qa.question.question import Question

_MIN_HEADLINE, HEADLINE = 2, 30  # characters; a longer opening sentence of a point is itself an answer
_MIN_LENGTH = 8  # characters; shorter sentences are labels (（团金华市委）) and headings
_CONTEXT = -1  # the number of the context of a passage among its sentences, which it stands before
_TIE = 1e-6  # similarities nearer than this are equal: sums of float32 differ by so much with their order


class SentenceFeatures(NamedTuple):
    """What is known of a candidate sentence; each field has a weight of its name in sentence_scorer.json."""

    terms: float  # share of the question's terms that the sentence has, each by its weight
    tokens: float  # nearness of the question's tokens to those of the sentence
    with_head: float  # the same, the context of the passage taken in
    with_before: float  # the same, the sentence before taken in
    with_after: float  # the same, the sentence after taken in
    alone: float  # share of the question's tokens that nothing in the passage is nearer to
    whole: float  # cosine of question and sentence
    topic: float  # mean of `whole` over the passage
    passage: float  # score of the passage
    behind: float  # difference to the score of the best passage
    lead: float  # 1 in the lead of an article that has sections
    opens_point: float  # 1 if it is the first of its point
    place: float  # in its passage, 0 to 1
    length: float  # log of the number of characters
    kind: float  # 1 if it has a number, a date, a name… as the question asks for
    other_kind: float  # 1 if the question asks for such a thing, and the sentence has none


FEATURES = SentenceFeatures._fields


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that can be quoted. `span` lies in the bulletin's text; `label` is the headline of its point, if it has one.

    `parts` are the numbers of the passage's sentences that it is scored by, from 0: its own and, for the first sentence of a
    point, the headline before it; for a row of a table the passage's context, which says what the columns are.
    """

    passage: ScoredPassage
    span: Span
    parts: tuple[int, ...]
    point: Point | None
    label: Span | None

    @property
    def text(self) -> str:
        """Return the text that would be quoted."""
        return self.span.of(self.passage.passage.bulletin.text)

    @property
    def scoring_text(self) -> str:
        """Return the text, with its headline if it is scored with that, and that of its columns if it is a row."""
        bulletin = self.passage.passage.bulletin.text
        if header := self.passage.passage.table_header:
            return f"{header.of(bulletin)}{self.text}"
        return f"{self.label.of(bulletin)}。{self.text}" if self.label and len(self.parts) > 1 else self.text

    @property
    def opens_point(self) -> bool:
        """Return whether it is the first sentence of its point."""
        return self.point is not None and (len(self.parts) > 1 or self.span.start == self.point.span.start)


@dataclass(frozen=True, slots=True)
class FoundFact:
    """Where in its document the fact stands that a question may ask for, and how likely it is to be that, 0 to 1."""

    span: Span
    probability: float


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A candidate sentence and the probability that it is part of the answer, 0 to 1.

    `fact`: the likeliest one in it, if a reader has looked for it.
    """

    sentence: Sentence
    probability: float
    fact: FoundFact | None = None


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model over FEATURES."""

    bias: float
    weights: dict[str, float]

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of each row, 0 to 1, shape (n,). Args: features: shape (n, len(FEATURES))."""
        logits = features @ np.array([self.weights[name] for name in FEATURES], np.float32) + self.bias
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


class SentenceScorer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"factoid": "fact", "non_factoid": "open"}):
    """The learned weights: for questions that ask for one fact, and for all others."""

    factoid: Model
    non_factoid: Model


@cache
def load_sentence_scorer() -> SentenceScorer:
    """Load the packaged weights. Raises: EncoderError: the file is missing."""
    return msgspec.json.decode(read_packaged(resources.files("qa.answering") / "sentence_scorer.json"), type=SentenceScorer)


def score_sentences(question: Question, evidence: Evidence) -> list[ScoredSentence]:
    """Score the candidate sentences of the passages that the filters let through, in their order."""
    candidates, features = extract_features(question, evidence)
    scorer = load_sentence_scorer()
    probabilities = (scorer.factoid if question.is_factoid else scorer.non_factoid).probabilities(features)
    return [
        ScoredSentence(sentence, float(probability))
        for sentence, probability in zip(candidates, probabilities, strict=True)
        if evidence.passes(sentence.passage.passage, sentence.span)
    ]


def extract_features(question: Question, evidence: Evidence) -> tuple[list[Sentence], NDArray[np.float32]]:
    """Return the candidate sentences of the passages, and an array of their features, shape (n_sentences, len(FEATURES))."""
    if not evidence.passages:
        return [], np.zeros((0, len(FEATURES)), np.float32)
    similarities = evidence.similarities
    adjacent = _Adjacent(
        similarities, similarities.with_adjacent(0, head=True), similarities.with_adjacent(-1), similarities.with_adjacent(1)
    )
    candidates: list[Sentence] = []
    rows: list[SentenceFeatures] = []
    for index, scored in enumerate(evidence.passages):
        own = list(candidate_sentences(scored))
        candidates += own
        rows += _passage_features(question, evidence, index, own, adjacent)
    return candidates, np.array(rows, np.float32).reshape(len(rows), len(FEATURES))


class _Adjacent(NamedTuple):
    """The similarities of a question with all parts, and its similarities with each part and what stands beside it, (n, m)."""

    alone: TokenSimilarities
    head: NDArray[np.float32]
    before: NDArray[np.float32]
    after: NDArray[np.float32]


def _passage_features(
    question: Question, evidence: Evidence, index: int, candidates: Sequence[Sentence], adjacent: _Adjacent
) -> list[SentenceFeatures]:
    """Return the features of the candidate sentences of one passage, the one with this index."""
    scored, similarities, kind = evidence.passages[index], adjacent.alone, question.answer_kind
    start, end = similarities.passage_starts[index], similarities.passage_ends()[index]
    best_score = max(passage.score for passage in evidence.passages)
    nearest_in_passage = similarities.nearest[:, start:end].max(axis=1)
    wholes = [float(similarities.cosines[[start + 1 + part for part in sentence.parts]].max()) for sentence in candidates]

    def nearness(of_parts: NDArray[np.float32], parts: NDArray[np.int64]) -> float:
        return float(similarities.weights @ of_parts[:, parts].max(axis=1))

    rows = []
    for sentence, whole in zip(candidates, wholes, strict=True):
        parts = start + 1 + np.array(sentence.parts)  # the first part of a passage is its context
        nearest = similarities.nearest[:, parts].max(axis=1)
        has_answer = kind is not None and bool(find_answer_spans(kind, sentence.text))
        rows.append(
            SentenceFeatures(
                terms=term_coverage(sentence.scoring_text, evidence.term_weights),
                tokens=nearness(similarities.nearest, parts),
                with_head=nearness(adjacent.head, parts),
                with_before=nearness(adjacent.before, parts),
                with_after=nearness(adjacent.after, parts),
                alone=float(similarities.weights @ (nearest >= nearest_in_passage - _TIE)),
                whole=whole,
                topic=float(np.mean(wholes)),
                passage=scored.score,
                behind=best_score - scored.score,
                lead=float(is_lead(scored.passage)),
                opens_point=float(sentence.opens_point),
                place=sentence.parts[-1 if sentence.parts[0] == _CONTEXT else 0] / max(1, end - start - 1),
                length=float(np.log(len(sentence.span))),
                kind=float(has_answer),
                other_kind=float(kind is not None and not has_answer),
            )
        )
    return rows


def term_coverage(text: str, terms: Mapping[str, float]) -> float:
    """Return the share of the terms that a text has, each counted by its weight, 0 to 1."""
    total = sum(terms.values())
    folded = fold(text)  # terms are found in the folded text: to cut every sentence into words would take ten times as long
    return sum(weight for term, weight in terms.items() if term in folded) / total if total else 0.0


def is_lead(passage: Passage) -> bool:
    """Return whether a passage opens an article that has sections, and so is about the whole article."""
    sections = passage.article.sections
    return len(sections) > 1 and passage.section.span == sections[0].span and not passage.section.heading


def candidate_sentences(scored: ScoredPassage) -> Iterator[Sentence]:
    """Yield the sentences of a passage that can be quoted. The headline of a point is one only if no sentence follows it."""
    passage = scored.passage
    text = passage.bulletin.text
    points = {point.span.start: point for point in passage.section.points}
    headers = {table.header.start for table in passage.bulletin.tables}  # name the columns, and tell nothing
    point: Point | None = None
    label: Span | None = None
    headline: tuple[Span, int] | None = None  # that no sentence has followed yet, and its part number
    for part, sentence in enumerate(sentences_of(passage)):
        span = sentence.trimmed(text)
        # What names a region is no header (the table goes on from the page before), and no mere heading: 北苑区：开课九次。
        is_heading = sentence.start in headers or span.of(text).rstrip("。") == passage.section.heading
        if is_heading and passage.told_region(span) is None:
            continue
        if span.start in points or (point is not None and span.start >= point.span.end):
            if headline is not None:
                yield Sentence(scored, headline[0], (headline[1],), point, label)
            point = points.get(span.start)
            label = _label(text, span, point) if point is not None else None
            headline = (span, part) if label is not None else None
            if headline is not None:
                continue
        follows = headline is not None and "\n" not in text[headline[0].end : span.start]  # 第一，定险种。只保途中损失。
        if len(span) >= _MIN_LENGTH or follows or _is_entry(span.of(text)) or passage.table_header is not None:
            own = (_CONTEXT, part) if passage.table_header is not None else (part,)
            yield Sentence(scored, span, own if headline is None else (headline[1], part), point, label)
            headline = None
    if headline is not None:
        yield Sentence(scored, headline[0], (headline[1],), point, label)


def _is_entry(line: str) -> bool:
    """Return whether a short line names something and tells it: 费用：200元."""
    _, colon, told = line.partition("：") if "：" in line else line.partition(":")
    return bool(colon and told.strip(" 。；"))


def _label(text: str, sentence: Span, point: Point) -> Span | None:
    """Return the headline of a point: the text after its marker, without the full stop that ends it.

    None if that is a whole sentence, or has several points in it (一是建群；二是结业。).
    """
    if sentence.end > point.span.end:
        return None
    start = sentence.start + len(point.label)
    while start < sentence.end and text[start] in " \t\u3000，、.．：:)）*":
        start += 1
    end = sentence.end
    while end > start and text[end - 1] in "。！？；;：: ":
        end -= 1
    return Span(start, end) if _MIN_HEADLINE <= end - start <= HEADLINE else None
