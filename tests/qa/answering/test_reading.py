"""What nearness of sentences becomes: notes in numbers, sentences with probabilities, passages in their order."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.chunker import sentences_of
from corpus.document import Passage
from corpus.messages.errors import EncoderError
from index.encoder import load_encoder
from index.evidence import Evidence
from index.pieces import PassageText
from index.reader import Fact, PassageReading
from index.retriever import Retriever
from index.store.library import Library, open_library
from qa.answering import reading
from qa.answering.answerability import FEATURES, answerability_features, log_odds
from qa.answering.pipeline import answer_question, collect_evidence
from qa.answering.reading import (
    Calibration,
    ContextualReader,
    Models,
    QuickReader,
    ReadEvidence,
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

# Where passages are only compared, the nearness of a sentence counts, tenfold where one fact is asked for and fivefold elsewhere.
GLANCED = Models(
    fact=Weights(-5.0, (10.0, 0.0, 0.0, 0.0)),
    measure=Weights(-2.0, (5.0, 0.0, 0.0, 0.0)),
    passage=Weights(0.0, (1.0, 0.0, 0.0)),
    answer=Weights(-1.0, (4.0, *[0.0] * (1 + len(FEATURES)))),
    thresholds={"lenient": 0.2, "normal": 0.4, "strict": 0.7},
)
# Where they are read, what the network says of the sentence, of the passage, and of the best passage.
READ = Models(
    fact=Weights(1.0, (0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0)),
    measure=Weights(0.0, (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)),
    passage=Weights(0.0, (0.0, 0.0, 0.0, 0.0, 1.0)),
    answer=Weights(0.5, (0.0, 0.0, 1.0, *[0.0] * len(FEATURES))),
    thresholds={"lenient": 0.1, "normal": 0.3, "strict": 0.6},
)
CALIBRATION = Calibration(GLANCED, READ)
TEXTS = (
    "夜学每周三开课。报名电话是81234567。学费由街道补贴四成。",
    "驛站備有熱水和藥箱。站長由騎手推選。",
    "清淤由用水户分段包干。",
)
NEAR = {"夜学每周三开课。": 0.5, "学费由街道补贴四成。": -0.25, "驿站备有热水和药箱。": 0.25, "站长由骑手推选。": 0.875}
TOLERANCE = 2e-3  # of what is kept in 16 bits


class Told:
    """An encoder that says of each sentence how near it is to any question; it keeps the last question and all passages.

    Reading a passage with a question, it says of a sentence sixteen times that, less two, of the passage the most of its
    sentences, and of a fact that it is the first two characters.
    """

    fingerprint, dimension = "d" * 64, 2

    def __init__(self, near: Mapping[str, float]) -> None:
        self.near, self.question, self.passages, self.read = near, "", [], []
        self.fact = Fact(0, 2, 0.9)

    def read_together(self, question: str, passages: Sequence[PassageText]) -> list[PassageReading]:
        self.question = question
        self.read += passages
        said = [tuple(16 * self.near.get(sentence, 0.0) - 2 for sentence in passage.sentences) for passage in passages]
        return [PassageReading(1.0, max(own), own, (self.fact,) * len(own)) for own in said]

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
    found = ContextualReader(CALIBRATION, passages=0).read(question, evidence)
    assert [p.passage.passage_id for p in found.evidence.passages] == ["p1", "p0", "p2"]
    assert not found.asks_fact
    best = max(found.scored, key=lambda one: one.probability)
    assert best.sentence.text == "站長由騎手推選。"
    assert best.probability == pytest.approx(sigmoid(5 * 0.875 - 2), abs=TOLERANCE)
    assert found.confidence == pytest.approx(sigmoid(4 * 0.875 - 1), abs=TOLERANCE)
    assert told.passages[1].sentences == ("驿站备有热水和药箱。", "站长由骑手推选。")  # in simplified script


def test_where_one_fact_is_asked_for_other_weights_count() -> None:
    question, evidence, _ = ask("谁推选站长")
    found = ContextualReader(CALIBRATION, passages=0).read(question, evidence)
    assert found.asks_fact
    probabilities = {one.sentence.text: one.probability for one in found.scored}
    assert probabilities["站長由騎手推選。"] == pytest.approx(sigmoid(10 * 0.875 - 5), abs=TOLERANCE)
    assert probabilities["驛站備有熱水和藥箱。"] == pytest.approx(sigmoid(10 * 0.25 - 5), abs=TOLERANCE)
    (quote,) = select_quotes(question, found).quotes
    assert quote.text == "站長由騎手推選。"


def test_the_notes_by_hand() -> None:
    question, evidence, _ = ask("站长怎么选")
    notes = take_notes(question, evidence, together=2)
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
    for one, numbers in zip(notes.sentences, notes.glanced, strict=True):
        assert numbers == pytest.approx((*expected[one.sentence.text], log_odds(one.probability)), abs=TOLERANCE)
    for numbers, wanted in zip(notes.passages, [(0.5, 0.9, 0), (0.875, 0.6, 0.3), (0, 0.1, 0.8)], strict=True):
        assert numbers == pytest.approx(wanted, abs=TOLERANCE)
    # What the likeliest sentence is worth, the calibration says.
    signs = answerability_features(question, evidence, quick.scored)
    assert notes.unread().of_answer(CALIBRATION) == pytest.approx((0.875, 5 * 0.875 - 2, *signs), abs=2 * TOLERANCE * 5)


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
    found = {one.sentence.text: numbers[:3] for one, numbers in zip(notes.sentences, notes.glanced, strict=True)}
    assert found["站长由骑手每年推选一次。"] == pytest.approx((0.75, 0, 0), abs=TOLERANCE)
    assert found["站长管钥匙和水电。"] == pytest.approx((0.5, 0.25, 0), abs=TOLERANCE)


@pytest.mark.parametrize("weights", [(0.0, -1.0, 0.0), (0.0, 0.0, -1.0)])
def test_the_score_of_the_search_may_decide_between_passages(weights: tuple[float, ...]) -> None:
    question, evidence, _ = ask("站长怎么选", scores=(0.9, 0.6, 0.1))
    calibration = Calibration(msgspec.structs.replace(GLANCED, passage=Weights(0, weights)), READ)
    found = ContextualReader(calibration, passages=0).read(question, evidence)
    expected = ["p2", "p1", "p0"] if weights[1] else ["p0", "p1", "p2"]
    assert [p.passage.passage_id for p in found.evidence.passages] == expected


def test_what_the_quick_reader_says_counts_by_its_weight() -> None:
    question, evidence, _ = ask("站长怎么选")
    quick = QuickReader().read(question, evidence)
    alone = Weights(0.0, (0.0, 0.0, 0.0, 1.0))
    answer = Weights(0.0, (0.0, 1.0, *[0.0] * len(FEATURES)))
    calibration = Calibration(Models(alone, alone, GLANCED.passage, answer, GLANCED.thresholds), READ)
    found = ContextualReader(calibration, passages=0).read(question, evidence)
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
        found = ContextualReader(CALIBRATION, passages=0).read(question, less)
        assert found.scored == () and found.confidence == 0.0 and not found.asks_fact


def test_a_follow_up_is_read_with_what_it_leans_on(samples: Library) -> None:
    followed = analyze_question(
        "那由谁负责", history=["锦渚区的骑手驿站怎么建"], catalog=samples.catalog, encode=samples.retriever.encode_question
    )
    assert "骑手驿站" in reading_text(followed) and reading_text(followed).endswith("那由谁负责")
    alone = analyze_question("騎手驛站怎麼建", catalog=samples.catalog, encode=samples.retriever.encode_question)
    assert reading_text(alone) == "骑手驿站怎么建"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("不是这个区，是埠头区", "反诈怎么做"),
        ("埠头区，不是这个区", "反诈怎么做"),
        ("不是这个区", "反诈怎么做"),  # nothing else is said
        ("不是这个区，是埠头区的话术", "：埠头区的话术"),
    ],
)
def test_what_sets_a_region_right_is_not_read(samples: Library, text: str, read: str) -> None:
    question = analyze_question(
        text, history=["锦渚区的反诈怎么做"], catalog=samples.catalog, encode=samples.retriever.encode_question
    )
    assert reading_text(question).endswith(read)


def test_a_follow_up_is_read_behind_what_it_leans_on(samples: Library) -> None:
    asked: list[str] = []

    def read(text: str, passages: Sequence[Passage]) -> list[PassageReading]:
        asked.append(text)
        return [PassageReading(1.0, 1.0, (1.0,) * n, (None,) * n) for n in (len(sentences_of(passage)) for passage in passages)]

    first, second = "锦渚区的骑手驿站怎么建", "那由谁负责"
    for text, history, wording in (
        (second, [first], f"{first} / {second}"),
        ("不是这个区，是北苑区的补贴", [first], f"{first} / 北苑区的补贴"),
        ("那北苑区呢", [first], "骑手驿站怎么建"),
        ("北苑区有没有", [first, "那锦渚区呢"], "骑手驿站怎么建"),
        ("跟北苑区的比，哪家管得好", [first], "管得好 骑手驿站建"),
        ("他们的积芬怎么兑换", [first], f"{first} / 他们的积分怎么兑换"),
        (first, [second], first),
    ):
        question = analyze_question(text, history=history, catalog=samples.catalog, encode=samples.retriever.encode_question)
        take_notes(question, replace(collect_evidence(question, samples.retriever)[0], read_together=read), together=2)
        assert asked == [wording]
        asked.clear()


@pytest.mark.parametrize("text", ["2020年下半年的骑手驿站", "2021年以来骑手驿站怎么建", "2021年第14期的骑手驿站"])
def test_the_time_and_the_issue_asked_for_are_not_read(samples: Library, text: str) -> None:
    read = reading_text(analyze_question(text, catalog=samples.catalog, encode=samples.retriever.encode_question))
    assert "骑手驿站" in read and not any(word in read for word in ("20", "年", "期", "以来"))


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
    assert isinstance(evidence_reader(contextual, passages=0), ContextualReader)


def test_a_calibration_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reading, "resources", SimpleNamespace(files=lambda package: tmp_path))
    with pytest.raises(EncoderError, match=r"calibration\.json"):
        load_calibration.__wrapped__()


def test_stricter_needs_more() -> None:
    for reader in (ContextualReader(CALIBRATION), ContextualReader(CALIBRATION, passages=0), QuickReader()):
        levels = [reader.threshold_for(name) for name in ("lenient", "normal", "strict")]
        assert levels == sorted(set(levels)) and levels[0] > 0 and levels[-1] < 1


# Passages that are read together with the question.


def test_the_best_passages_of_the_search_are_read_with_the_question() -> None:
    question, evidence, told = ask("站長怎麼選", near={**NEAR, "夜学每周三开课。": 0.8125})
    notes = take_notes(question, evidence, together=2)
    assert told.question == "站长怎么选"
    assert [text.sentences[0] for text in told.read] == ["夜学每周三开课。", "驿站备有热水和药箱。"]
    # Of a sentence: what is said of it, how far that is behind the best of its passage, the same of the passage and of all.
    expected = {
        "夜学每周三开课。": (11, 0, 11, 1),
        "报名电话是81234567。": (-2, 13, 11, 1),
        "学费由街道补贴四成。": (-6, 17, 11, 1),
        "驛站備有熱水和藥箱。": (2, 10, 12, 0),
        "站長由騎手推選。": (12, 0, 12, 0),
        "清淤由用水户分段包干。": None,
    }
    assert {one.sentence.text: numbers for one, numbers in zip(notes.sentences, notes.read, strict=True)} == expected
    assert notes.read_passages == ((11, 11), (12, 12), None)
    assert notes.of_answer(CALIBRATION)[2] == 12
    assert notes.unread().read == (None,) * 6 and notes.unread().read_passages == (None,) * 3
    assert notes.unread().of_answer(CALIBRATION)[2:] == notes.signs


def test_a_passage_whose_nearest_sentence_is_far_behind_the_nearest_of_all_is_not_read() -> None:
    for near, read in ((0.75, False), (0.8, True), (0.95, True)):
        question, evidence, told = ask("站長怎麼選", near={**NEAR, "夜学每周三开课。": near})
        take_notes(question, evidence, together=3)
        assert [text.sentences[0] for text in told.read] == ["夜学每周三开课。"] * read + ["驿站备有热水和药箱。"]


def test_no_more_is_read_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for room, count in ((0, 1), (30, 1), (1500, 2)):  # the best is read, however long it is
        monkeypatch.setattr(reading, "_ROOM", room)
        question, evidence, told = ask("站長怎麼選", near={**NEAR, "夜学每周三开课。": 0.95})
        take_notes(question, evidence, together=3)
        assert len(told.read) == count and told.read[0].sentences[0] == "夜学每周三开课。"


def test_what_was_read_is_weighed_by_models_of_its_own() -> None:
    question, evidence, _ = ask("谁推选站长")
    found = ContextualReader(CALIBRATION, passages=2).read(question, evidence)
    probabilities = {one.sentence.text: one.probability for one in found.scored}
    assert probabilities["驛站備有熱水和藥箱。"] == pytest.approx(sigmoid(2 * 2 + 1))
    assert probabilities["清淤由用水户分段包干。"] == pytest.approx(sigmoid(-5), abs=TOLERANCE)  # not read
    assert found.confidence == pytest.approx(sigmoid(12 + 0.5))
    assert [p.passage.passage_id for p in found.evidence.passages] == ["p1", "p0", "p2"]


def marked(question: Question, read: ReadEvidence) -> list[str]:
    (quote,) = select_quotes(question, read).quotes
    return [span.of(quote.passage.bulletin.text) for span in quote.highlight]


def test_a_fact_that_was_found_is_marked_where_it_stands_in_the_document() -> None:
    question, evidence, told = ask("谁推选站长")
    read = ContextualReader(CALIBRATION, passages=2).read(question, evidence)
    (best,) = (one for one in read.scored if one.sentence.text == "站長由騎手推選。")
    assert best.fact is not None and best.fact.span.of(best.sentence.passage.passage.bulletin.text) == "站長"
    assert marked(question, read) == ["站長"]
    assert all(one.fact is None for one in read.scored if one.sentence.text.startswith("清淤"))  # not read
    # Where the reader is not sure, what looks like an answer is, and best what overlaps that.
    told.fact = Fact(3, 5, 0.01)
    assert marked(question, ContextualReader(CALIBRATION, passages=2).read(question, evidence)) == ["騎手"]


def test_marks_around_a_fact_are_no_part_of_it() -> None:
    question, evidence, told = ask("谁推选站长")
    told.fact = Fact(5, 8, 0.9)
    assert marked(question, ContextualReader(CALIBRATION, passages=2).read(question, evidence)) == ["推選"]
    told.fact = Fact(7, 8, 0.9)  # nothing but the mark
    read = ContextualReader(CALIBRATION, passages=2).read(question, evidence)
    assert all(one.fact is None for one in read.scored if one.sentence.text == "站長由騎手推選。")


def test_a_fact_is_asked_for_where_the_reader_is_sure_of_one() -> None:
    question, evidence, told = ask("站长怎么选")
    assert not question.is_factoid
    for probability, asked in ((0.9, True), (0.1, False)):
        told.fact = Fact(0, 2, probability)
        assert ContextualReader(CALIBRATION, passages=2).read(question, evidence).asks_fact is asked
    assert not ContextualReader(CALIBRATION, passages=0).read(question, evidence).asks_fact


def test_where_nothing_could_be_read_passages_are_only_compared() -> None:
    question, evidence, _ = ask("站长怎么选")
    empty = replace(evidence, read_together=lambda question, passages: [PassageReading(9.0, 9.0, (), ()) for _ in passages])
    assert not take_notes(question, empty).is_read and take_notes(question, evidence).is_read
    found, compared = (ContextualReader(CALIBRATION, passages=count).read(question, empty) for count in (2, 0))
    assert found.confidence == compared.confidence and found.scored == compared.scored
