"""The reliability of the confidence, against hand-worked numbers."""

import pytest

from benchmarks import answers
from index.store.library import Library


def test_reliability_of_six_questions() -> None:
    judged = [(0.0, False), (0.05, True), (0.31, False), (0.39, True), (0.34, True), (1.0, True)]
    rows = [{"confidence": confidence, "answerable": answerable} for confidence, answerable in judged]
    rows.append({"confidence": None, "answerable": False})  # nothing was judged: the region has no bulletin
    bins = answers.reliability(rows)
    assert [(one["from"], one["to"]) for one in bins] == [(at / 10, (at + 1) / 10) for at in range(10)]
    assert [one["n"] for one in bins] == [2, 0, 0, 3, 0, 0, 0, 0, 0, 1]
    # 0 to 0.1: (0 + 0.05) / 2, one of two. 0.3 to 0.4: (0.31 + 0.39 + 0.34) / 3 = 1.04 / 3, two of three.
    assert (bins[0]["confidence"], bins[0]["answerable"]) == pytest.approx((0.025, 0.5))
    assert (bins[3]["confidence"], bins[3]["answerable"]) == pytest.approx((1.04 / 3, 2 / 3))
    assert (bins[9]["confidence"], bins[9]["answerable"]) == (1.0, 1.0)
    assert "confidence" not in bins[1] and "answerable" not in bins[1]


def test_a_confidence_on_the_edge_is_in_the_upper_bin() -> None:
    bins = answers.reliability([{"confidence": 0.5, "answerable": True}])
    assert [one["n"] for one in bins] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_the_table_of_reliability() -> None:
    shown = answers.reliability_table(answers.reliability([{"confidence": 0.25, "answerable": True}])).splitlines()
    assert len(shown) == 11
    assert shown[0].split() == ["confidence", "n", "mean", "answerable"]
    assert shown[3].split() == ["0.2", "to", "0.3", "1", "0.250", "1.000"]
    assert shown[4].split() == ["0.3", "to", "0.4", "0", "-", "-"]


def test_every_question_that_was_judged_is_in_a_bin(samples: Library) -> None:
    asked = [
        {"id": "1", "type": "howto", "lang": "zh", "question": "骑手驿站怎么建", "history": [], "relevant": []},
        {"id": "2", "type": "howto", "lang": "zh", "question": "广东省的骑手驿站怎么建", "history": [], "relevant": []},
    ]
    sources = {bulletin.source.document: samples.read(bulletin.source.document).extracted.text for bulletin in samples.bulletins}
    rows = answers.evaluate(samples, asked, sources)
    assert rows[0]["confidence"] > 0.5 and rows[1]["confidence"] is None  # no article from 广东
    assert sum(one["n"] for one in answers.reliability(rows)) == 1
