"""What the reading model's numbers become: sentences with probabilities, facts at their offsets, passages in their order."""

from collections.abc import Sequence

import pytest

from index.reader import MarkedSpan, PassageReading, PassageText
from index.store.library import Library
from qa.answering import reading
from qa.answering.pipeline import answer_question
from qa.answering.reading import Calibration, ModelReader, QuickReader, Weights, evidence_reader, reading_text
from qa.answering.selection import select_quotes
from qa.question.analyzer import analyze_question
from tests.qa.invented import evidence_of, paragraph, retriever_of, scored

ALONE = Weights(0.0, (1.0, 0.0, 0.0))  # only what the network says of a sentence, or of a passage, counts
CALIBRATION = Calibration(ALONE, ALONE, ALONE, Weights(0.0, (1.0, 0.0)), {"lenient": 0.2, "normal": 0.4, "strict": 0.7})
TEXTS = (
    "夜学每周三开课。报名电话是81234567。学费由街道补贴四成。",
    "驛站備有熱水和藥箱。站長由騎手推選。",
    "清淤由用水户分段包干。",
)


class Told:
    """A network that says what it is told to, and keeps what it was asked."""

    def __init__(self, readings: Sequence[PassageReading]) -> None:
        self.readings, self.question, self.passages = readings, "", ()

    def read(self, question: str, passages: Sequence[PassageText]) -> list[PassageReading]:
        self.question, self.passages = question, tuple(passages)
        return list(self.readings)


def read(question: str, readings: Sequence[PassageReading]):  # type: ignore[no-untyped-def]
    retriever = retriever_of([paragraph(text, name=f"p{number}") for number, text in enumerate(TEXTS)])
    told = Told(readings)
    asked = analyze_question(question, catalog=retriever.catalog)
    found = ModelReader(told, CALIBRATION).read(asked, evidence_of(asked, scored(retriever.catalog.passages), retriever))  # type: ignore[arg-type]
    return asked, found, told


NO = -6.0
FIRST = PassageReading(0.0, -1.0, (NO, 2.0, NO), None)
SECOND = PassageReading(0.0, 3.0, (NO, 4.0), MarkedSpan(1, 3, 5, 0.9))
THIRD = PassageReading(0.0, NO, (NO,), None)


def test_the_surest_passage_comes_first() -> None:
    _, found, told = read("站长怎么选", [FIRST, SECOND, THIRD])
    assert [p.passage.passage_id for p in found.evidence.passages] == ["p1", "p0", "p2"]
    best = max(found.scored, key=lambda one: one.probability)
    assert best.sentence.text == "站長由騎手推選。"
    assert best.probability == pytest.approx(1 / (1 + 2.718281828**-4))
    assert found.confidence == pytest.approx(1 / (1 + 2.718281828**-3))
    assert told.passages[1].sentences == ("驿站备有热水和药箱。", "站长由骑手推选。")  # in simplified script


def test_a_fact_is_marked_at_its_place_in_the_document() -> None:
    question, found, _ = read("谁推选站长", [FIRST, SECOND, THIRD])
    assert found.asks_fact
    (quote,) = select_quotes(question, found).quotes
    assert quote.text == "站長由騎手推選。" and [span.of(TEXTS[1]) for span in quote.highlight] == ["騎手"]


def test_an_unsure_fact_is_not_marked() -> None:
    unsure = PassageReading(0.0, 3.0, (NO, 4.0), MarkedSpan(1, 3, 5, 0.1))
    _, found, _ = read("谁推选站长", [FIRST, unsure, THIRD])
    assert all(one.fact is None for one in found.scored)


def test_both_readers_count_by_their_weights() -> None:
    both = Weights(0.5, (0.5, 0.25, 2.0))
    assert both.logit(2.0, -4.0, 1.0) == 0.5 + 1.0 - 1.0 + 2.0
    with pytest.raises(ValueError):
        both.logit(1.0)


def test_nothing_to_read_gives_nothing() -> None:
    retriever = retriever_of([paragraph(TEXTS[0])])
    asked = analyze_question("夜学", catalog=retriever.catalog)
    found = ModelReader(Told([]), CALIBRATION).read(asked, evidence_of(asked, [], retriever))  # type: ignore[arg-type]
    assert found.scored == () and found.confidence == 0.0 and not found.asks_fact


def test_a_follow_up_is_read_with_what_it_leans_on(samples: Library) -> None:
    followed = analyze_question("那由谁负责", history=["锦渚区的骑手驿站怎么建"], catalog=samples.catalog)
    assert "骑手驿站" in reading_text(followed) and reading_text(followed).endswith("那由谁负责")
    alone = analyze_question("騎手驛站怎麼建", catalog=samples.catalog)
    assert reading_text(alone) == "骑手驿站怎么建"


def test_without_a_model_the_quick_reader_reads(monkeypatch: pytest.MonkeyPatch, samples: Library) -> None:
    monkeypatch.setattr(reading, "load_reader", lambda: None)
    assert isinstance(evidence_reader(), QuickReader)
    assert answer_question(samples, "骑手驿站怎么建").quotes
    monkeypatch.setattr(reading, "load_reader", lambda: Told([]))
    monkeypatch.setattr(reading, "load_calibration", lambda: CALIBRATION)
    assert isinstance(evidence_reader(), ModelReader)


def test_stricter_needs_more() -> None:
    for reader in (ModelReader(Told([]), CALIBRATION), QuickReader()):  # type: ignore[arg-type]
        levels = [reader.threshold_for(name) for name in ("lenient", "normal", "strict")]
        assert levels == sorted(set(levels)) and levels[0] > 0 and levels[-1] < 1
