"""What nearness of sentences becomes: notes in numbers, sentences with probabilities, passages in their order."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.document import Passage
from corpus.messages.errors import EncoderError
from index.contextual import PassageText
from index.encoder import load_encoder
from index.evidence import Evidence
from index.retriever import Retriever
from index.store.library import Library, open_library
from qa.answering import reading
from qa.answering.answerability import FEATURES, answerability_features, log_odds
from qa.answering.pipeline import answer_question
from qa.answering.reading import (
    Calibration,
    ContextualReader,
    QuickReader,
    Weights,
    evidence_reader,
    load_calibration,
    reading_text,
    take_notes,
)
from qa.answering.selection import select_quotes
from qa.question.analyzer import analyze_question
from qa.question.question import Question
from tests.qa.invented import GAZETTEER, evidence_of, paragraph, passages_of, retriever_of, scored

# Only the nearness of a sentence counts, tenfold where one fact is asked for and fivefold elsewhere.
CALIBRATION = Calibration(
    fact=Weights(-5.0, (10.0, 0.0, 0.0, 0.0)),
    measure=Weights(-2.0, (5.0, 0.0, 0.0, 0.0)),
    passage=Weights(0.0, (1.0, 0.0, 0.0)),
    answer=Weights(-1.0, (4.0, *[0.0] * (1 + len(FEATURES)))),
    thresholds={"lenient": 0.2, "normal": 0.4, "strict": 0.7},
)
TEXTS = (
    "夜学每周三开课。报名电话是81234567。学费由街道补贴四成。",
    "驛站備有熱水和藥箱。站長由騎手推選。",
    "清淤由用水户分段包干。",
)
NEAR = {"夜学每周三开课。": 0.5, "学费由街道补贴四成。": -0.25, "驿站备有热水和药箱。": 0.25, "站长由骑手推选。": 0.875}
TOLERANCE = 2e-3  # of what is kept in 16 bits


class Told:
    """An encoder that says of each sentence how near it is to any question; it keeps the last question and all passages."""

    fingerprint, dimension = "d" * 64, 2

    def __init__(self, near: Mapping[str, float]) -> None:
        self.near, self.question, self.passages = near, "", []

    def encode_question(self, text: str) -> NDArray[np.float32]:
        self.question = text
        return np.array([1, 0], np.float32)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[NDArray[np.float32]]:
        self.passages += passages
        cosines = [[self.near.get(sentence, 0.0) for sentence in passage.sentences] for passage in passages]
        return [np.array([[cosine, math.sqrt(1 - cosine**2)] for cosine in row], np.float32) for row in cosines]


class Asked(NamedTuple):
    """A question put to a library of some passages, with all of them as its evidence."""

    question: Question
    evidence: Evidence
    told: Told


def ask(
    text: str,
    passages: Sequence[Passage] | None = None,
    scores: Sequence[float] = (0.9, 0.6, 0.1),
    *,
    near: Mapping[str, float] = NEAR,
) -> Asked:
    told = Told(near)
    passages = passages or [paragraph(text, name=f"p{number}") for number, text in enumerate(TEXTS)]
    retriever = Retriever.build(passages, gazetteer=GAZETTEER, contextual=told)
    question = analyze_question(text, catalog=retriever.catalog)
    ranked = [scored([passage], score)[0] for passage, score in zip(passages, scores, strict=True)]
    return Asked(question, evidence_of(question, ranked, retriever), told)


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_the_surest_passage_comes_first() -> None:
    question, evidence, told = ask("站长怎么选")
    found = ContextualReader(CALIBRATION).read(question, evidence)
    assert [p.passage.passage_id for p in found.evidence.passages] == ["p1", "p0", "p2"]
    assert not found.asks_fact
    best = max(found.scored, key=lambda one: one.probability)
    assert best.sentence.text == "站長由騎手推選。"
    assert best.probability == pytest.approx(sigmoid(5 * 0.875 - 2), abs=TOLERANCE)
    assert found.confidence == pytest.approx(sigmoid(4 * 0.875 - 1), abs=TOLERANCE)
    assert told.passages[1].sentences == ("驿站备有热水和药箱。", "站长由骑手推选。")  # in simplified script


def test_where_one_fact_is_asked_for_other_weights_count() -> None:
    question, evidence, _ = ask("谁推选站长")
    found = ContextualReader(CALIBRATION).read(question, evidence)
    assert found.asks_fact
    probabilities = {one.sentence.text: one.probability for one in found.scored}
    assert probabilities["站長由騎手推選。"] == pytest.approx(sigmoid(10 * 0.875 - 5), abs=TOLERANCE)
    assert probabilities["驛站備有熱水和藥箱。"] == pytest.approx(sigmoid(10 * 0.25 - 5), abs=TOLERANCE)
    (quote,) = select_quotes(question, found).quotes
    assert quote.text == "站長由騎手推選。"


def test_the_notes_by_hand() -> None:
    question, evidence, _ = ask("站长怎么选")
    notes = take_notes(question, evidence)
    quick = QuickReader().read(question, evidence)
    assert [one.sentence for one in notes.sentences] == [one.sentence for one in quick.scored]
    # The nearest sentence of all is at 0.875, those of the three passages at 0.5, 0.875 and 0.
    expected = {
        "夜学每周三开课。": (0.5, 0, 0.375),
        "报名电话是81234567。": (0, 0.5, 0.375),
        "学费由街道补贴四成。": (-0.25, 0.75, 0.375),
        "驛站備有熱水和藥箱。": (0.25, 0.625, 0),
        "站長由騎手推選。": (0.875, 0, 0),
        "清淤由用水户分段包干。": (0, 0, 0.875),
    }
    assert {one.sentence.text for one in notes.sentences} == expected.keys()
    for one, numbers in zip(notes.sentences, notes.of_sentences, strict=True):
        assert numbers == pytest.approx((*expected[one.sentence.text], log_odds(one.probability)), abs=TOLERANCE)
    for numbers, wanted in zip(notes.passages, [(0.5, 0.9, 0), (0.875, 0.6, 0.3), (0, 0.1, 0.8)], strict=True):
        assert numbers == pytest.approx(wanted, abs=TOLERANCE)
    # What the likeliest sentence is worth, the calibration says.
    signs = answerability_features(question, evidence, quick.scored)
    assert notes.of_answer(1.5) == pytest.approx((0.875, 1.5, *signs), abs=TOLERANCE)


POINTS = """望澜青年工作信息

2024年 第3期

共青团望澜市委

2024年4月1日

团滨澜区委办好驿站

一、管好驿站。一是大家推选。站长由骑手每年推选一次。二是定好规矩。站长管钥匙和水电。

（团滨澜区委）
"""


@pytest.mark.parametrize(("headline", "below"), [(0.75, 0.25), (0.25, 0.75)])
def test_the_first_sentence_of_a_point_is_as_near_as_its_headline_if_that_is_nearer(headline: float, below: float) -> None:
    near = {"一是大家推选。": headline, "站长由骑手每年推选一次。": below, "站长管钥匙和水电。": 0.5}
    question, evidence, _ = ask("站长怎么选", passages_of(POINTS), [0.5], near=near)
    notes = take_notes(question, evidence)
    found = {one.sentence.text: numbers[:3] for one, numbers in zip(notes.sentences, notes.of_sentences, strict=True)}
    assert found["站长由骑手每年推选一次。"] == pytest.approx((0.75, 0, 0), abs=TOLERANCE)
    assert found["站长管钥匙和水电。"] == pytest.approx((0.5, 0.25, 0), abs=TOLERANCE)


@pytest.mark.parametrize("weights", [(0.0, -1.0, 0.0), (0.0, 0.0, -1.0)])
def test_the_score_of_the_search_may_decide_between_passages(weights: tuple[float, ...]) -> None:
    question, evidence, _ = ask("站长怎么选", scores=(0.9, 0.6, 0.1))
    calibration = Calibration(CALIBRATION.fact, CALIBRATION.measure, Weights(0, weights), CALIBRATION.answer, {"normal": 0.5})
    found = ContextualReader(calibration).read(question, evidence)
    expected = ["p2", "p1", "p0"] if weights[1] else ["p0", "p1", "p2"]
    assert [p.passage.passage_id for p in found.evidence.passages] == expected


def test_what_the_quick_reader_says_counts_by_its_weight() -> None:
    question, evidence, _ = ask("站长怎么选")
    quick = QuickReader().read(question, evidence)
    alone = Weights(0.0, (0.0, 0.0, 0.0, 1.0))
    calibration = Calibration(
        alone, alone, CALIBRATION.passage, Weights(0.0, (0.0, 1.0, *[0.0] * len(FEATURES))), CALIBRATION.thresholds
    )
    found = ContextualReader(calibration).read(question, evidence)
    assert [one.probability for one in found.scored] == pytest.approx([one.probability for one in quick.scored], abs=1e-3)
    # Only the likeliest sentence tells whether there is an answer.
    assert found.confidence == pytest.approx(max(one.probability for one in quick.scored), abs=1e-3)


def test_weights_are_as_many_as_numbers() -> None:
    weights = Weights(0.5, (0.5, 0.25, 2.0))
    assert weights.logit(2.0, -4.0, 1.0) == 0.5 + 1.0 - 1.0 + 2.0
    with pytest.raises(ValueError):
        weights.logit(1.0)


def test_nothing_to_read_gives_nothing() -> None:
    question, evidence, _ = ask("夜学")
    hidden = replace(evidence, passes=lambda passage, span: False)  # passages were found, and no sentence of them may be quoted
    for less in (evidence.with_passages([]), hidden):
        found = ContextualReader(CALIBRATION).read(question, less)
        assert found.scored == () and found.confidence == 0.0 and not found.asks_fact


def test_a_follow_up_is_read_with_what_it_leans_on(samples: Library) -> None:
    followed = analyze_question("那由谁负责", history=["锦渚区的骑手驿站怎么建"], catalog=samples.catalog)
    assert "骑手驿站" in reading_text(followed) and reading_text(followed).endswith("那由谁负责")
    alone = analyze_question("騎手驛站怎麼建", catalog=samples.catalog)
    assert reading_text(alone) == "骑手驿站怎么建"


def test_sentences_are_compared_with_the_question_as_it_is_read() -> None:
    question, evidence, told = ask("站長怎麼選")
    take_notes(question, evidence)
    assert told.question == reading_text(question) == "站长怎么选"


def test_without_a_contextual_channel_the_quick_reader_reads(
    monkeypatch: pytest.MonkeyPatch, samples: Library, tmp_path: Path
) -> None:
    def refused() -> Calibration:
        raise AssertionError("read")

    monkeypatch.setattr(reading, "load_calibration", refused)
    plain = open_library(samples.folder, data=tmp_path, encoder=load_encoder())
    assert answer_question(plain, "骑手驿站怎么建").quotes
    passages = [paragraph(TEXTS[0])]
    assert isinstance(evidence_reader(retriever_of(passages)), QuickReader)
    monkeypatch.setattr(reading, "load_calibration", lambda: CALIBRATION)
    contextual = Retriever.build(passages, gazetteer=GAZETTEER, contextual=Told(NEAR))
    assert isinstance(evidence_reader(contextual), ContextualReader)


def test_a_calibration_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reading, "resources", SimpleNamespace(files=lambda package: tmp_path))
    with pytest.raises(EncoderError, match=r"calibration\.json"):
        load_calibration.__wrapped__()


def test_stricter_needs_more() -> None:
    for reader in (ContextualReader(CALIBRATION), QuickReader()):
        levels = [reader.threshold_for(name) for name in ("lenient", "normal", "strict")]
        assert levels == sorted(set(levels)) and levels[0] > 0 and levels[-1] < 1
