"""The measures, against hand-worked numbers."""

import math

import pytest

from benchmarks import metrics


def passage(text: str, document: str = "d", title: str = "甲") -> metrics.Record:
    return {"text": text, "document": document, "citation": {"title": title}}


def entry(*evidence: str, doc: str = "d", article: str = "甲") -> metrics.Record:
    return {"doc": doc, "article": article, "evidence": list(evidence)}


def test_normalise_drops_marks_and_white_space_and_folds_width() -> None:
    assert metrics.normalise("**一、 ＡＢ**\n\n# １２") == "一、AB12"


def test_recall_counts_entries_and_divides_by_at_most_k() -> None:
    passages = [passage("一二三"), passage("四五六"), passage("七八九")]
    # 2 of 3 entries are hit by the first two passages: 2 / min(2, 3) = 1; with k = 5: 3 hits / min(5, 4) with a fourth never hit.
    assert metrics.recall(passages, [entry("二三"), entry("五"), entry("八")], k=2) == 1.0
    assert metrics.recall(passages, [entry("二三"), entry("五"), entry("八"), entry("无")], k=5) == 0.75
    assert metrics.recall(passages, [entry("二三", doc="other")]) == 0.0


def test_reciprocal_rank_is_that_of_the_first_hit() -> None:
    assert metrics.reciprocal_rank([passage("无"), passage("有此")], [entry("此")]) == 0.5
    assert metrics.reciprocal_rank([passage("无")] * 10 + [passage("此")], [entry("此")]) == 0.0


def test_article_ndcg_keeps_each_article_at_its_first_rank() -> None:
    # Articles in order: 甲 (not wanted), 乙 (wanted). DCG = 1/log2(3), ideal = 1.
    ranked = [passage("x", title="甲"), passage("y", title="甲"), passage("z", title="乙")]
    assert metrics.article_ndcg(ranked, [entry("z", article="乙")]) == pytest.approx(1 / math.log2(3))


def test_sentences_match_by_containment_or_half_the_shorter() -> None:
    assert metrics.sentences_match("建成四十个站点", "目前已建成四十个站点")
    # Shorter has 8 characters; a shared run of 4 is half of it, of 3 is not.
    assert metrics.sentences_match("甲乙丙丁一二三四", "甲乙丙丁五六七八九")
    assert not metrics.sentences_match("甲乙丙子一二三四", "甲乙丙丁五六七八九")


def test_sentence_scores() -> None:
    # One of two sentences said is evidence: precision 1/2; one of one wanted is found: recall 1; F1 = 2 * 0.5 / 1.5.
    precision, recall, f1 = metrics.sentence_scores(["建成站点四十个。天气很好。"], ["建成站点四十个。"])
    assert (precision, recall) == (0.5, 1.0)
    assert f1 == pytest.approx(2 / 3)
    assert metrics.sentence_scores([], ["甲。"]) == (0.0, 0.0, 0.0)


def test_contains_answer_takes_any_alias() -> None:
    assert metrics.contains_answer(["共 300 万元"], ["三百万", "300万"])
    assert not metrics.contains_answer(["共 300 万元"], ["400万"])


def test_the_answer_is_marked_if_a_stretch_is_it_or_nearly() -> None:
    assert metrics.marks_answer(["46 家", "三种"], ["46家"]) and metrics.marks_answer(["300万"], ["四百万", "共300万元"])
    assert metrics.marks_answer(["每月20日"], ["20日"])
    assert not metrics.marks_answer(["三种"], ["46家"]) and not metrics.marks_answer([], ["46家"])
    assert not metrics.marks_answer(["先后联合46家商户组成联盟"], ["46家"])  # far more than the answer
    assert not metrics.marks_answer(["6"], ["46家"])


@pytest.mark.parametrize(
    ("identity", "odd"),
    [
        # a hexadecimal number goes by its last character
        ("56beb4343aeaaa14008c925b", True),  # b is 11
        ("56beb4343aeaaa14008c925c", False),
        ("56beb4343aeaaa14008c9257", True),
        ("abe", False),
        ("abf", True),
        # so does a decimal one, and a letter before it that might be hexadecimal changes nothing
        ("13", True),
        ("10", False),
        ("d013", True),
        ("d014", False),
        # anything else goes by its last digit, wherever that stands
        ("DEV_0_QUERY_1", True),
        ("DEV_1_QUERY_0", False),
        ("q7", True),
        ("s12-en", False),
        ("1001-10-3", True),
        ("12AF", False),  # capitals are no hexadecimal here: 2
        ("6f1c2a3e-77b1-4c9d-8e21-0a5b3c8d9e1f", True),  # with dashes: 1, not f
        ("6f1c2a3e-77b1-4c9d-8e21-0a5b3c8d9e2f", False),
        # no digit at all
        ("query", False),
        ("", False),
    ],
)
def test_the_two_halves_of_questions(identity: str, odd: bool) -> None:
    assert metrics.is_odd(identity) == odd
