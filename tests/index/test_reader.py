"""How a question and a passage are laid out for a network, and what is made of the numbers that it gives."""

import math
import random

import numpy as np
import pytest
from numpy.typing import NDArray

from index.pieces import BEGIN, END, PassageText
from index.reader import (
    MAX_CONTEXT,
    MAX_FACT,
    MAX_PIECES,
    MAX_QUESTION,
    EncodedPair,
    PassageReading,
    encode_pair,
    in_dialogue,
    interpret,
)
from tests.index.lettered import LETTERS, PASSAGE, POINTS, TOKENIZER, drawn_passages, ids_of

# begin, a piece of the question, end, one of context; marks before sentences of three, one and no pieces; end
PAIR = EncodedPair(tuple(range(12)), 3, (4, 8, 10), ((0, 0),) * 5 + ((0, 2), (2, 3), (3, 7), (0, 0), (0, 4), (0, 0), (0, 0)))
TEXT = PassageText("区", ("夜学每周开课。", "学费四", "", "没有地方"))


def ends_of(pair: EncodedPair = PAIR) -> NDArray[np.float32]:
    return np.zeros((len(pair.ids), 2), np.float32)


def read(of_ends: NDArray[np.float32], pair: EncodedPair = PAIR, passage: PassageText = TEXT) -> PassageReading:
    return interpret(pair, passage, np.zeros(2, np.float32), np.zeros(len(pair.markers), np.float32), of_ends)


def test_a_pair_is_question_context_and_sentences_each_behind_a_mark() -> None:
    pair = encode_pair(TOKENIZER, "怎么兑换", PASSAGE)
    expected = [BEGIN, *ids_of("query: 怎么兑换"), END, *ids_of("passage: " + PASSAGE.context)]
    assert list(pair.ids[: pair.asked]) == [BEGIN, *ids_of("query: 怎么兑换"), END]
    assert list(pair.markers) == [len(expected) + sum(len(ids_of(p)) + 1 for p in POINTS[:n]) for n in range(len(POINTS))]
    for point in POINTS:
        expected += [END, *ids_of(point)]
    assert list(pair.ids) == [*expected, END]
    for mark, point in zip(pair.markers, POINTS, strict=True):
        pieces = pair.offsets[mark + 1 : mark + 1 + len(ids_of(point))]
        assert "".join(point[start:end] for start, end in pieces) == point


def test_no_pair_is_too_long_and_what_is_cut_off_is_at_the_end() -> None:
    chance = random.Random(8)
    cut = 0
    for passage in drawn_passages(60):
        question = "".join(chance.choices(LETTERS, k=chance.choice([0, 4, 200])))
        pair = encode_pair(TOKENIZER, question, passage)
        head = [BEGIN, *ids_of("query: " + question)[:MAX_QUESTION], END, *ids_of("passage: " + passage.context)[:MAX_CONTEXT]]
        whole = head + [piece for sentence in passage.sentences for piece in (END, *ids_of(sentence))]
        assert list(pair.ids[:-1]) == whole[: len(pair.ids) - 1] and pair.ids[-1] == END
        assert len(pair.ids) == len(pair.offsets) <= MAX_PIECES
        assert all(pair.ids[mark] == END for mark in pair.markers)
        cut += len(pair.markers) < len(passage.sentences)
        reading = read(ends_of(pair), pair, passage)
        assert len(reading.sentences) == len(reading.facts) == len(passage.sentences)
    assert cut > 5


def test_each_number_is_read_where_it_is_meant() -> None:
    reading = interpret(PAIR, TEXT, np.array([0.5, -1.5], np.float32), np.array([4, 8, 10], np.float32), ends_of())
    assert (reading.relevant, reading.answered) == (0.5, -1.5)
    assert reading.sentences[:3] == (4, 8, 10)
    assert reading.sentences[3] < -10 and reading.facts[2:] == (None, None)  # no room, no pieces


def test_question_and_sentences_are_the_means_of_their_own_pieces() -> None:
    states = np.arange(24, dtype=np.float32).reshape(12, 2)
    # a sentence without pieces has its mark
    expected = [states[:3].mean(0), states[5:8].mean(0), states[9], states[10]]
    np.testing.assert_allclose(PAIR.means() @ states, expected, rtol=1e-6)


def test_the_fact_of_a_sentence_is_its_likeliest_stretch() -> None:
    of_ends = ends_of()
    of_ends[6, 0] = of_ends[7, 1] = 20  # from the second to the third piece of the first sentence
    first, second, *_ = read(of_ends).facts
    assert first is not None and (first.start, first.end) == (2, 7) and first.probability == pytest.approx(1, abs=1e-3)
    assert second is not None and (second.start, second.end) == (0, 4) and second.probability < 1e-6


def test_probabilities_of_facts_are_shared_with_that_of_none() -> None:
    of_ends = ends_of()
    of_ends[9] = 2.0
    of_ends[0] = 5.0
    fact = read(of_ends).facts[1]
    counted = math.exp(2) + math.exp(5) + 10
    assert fact is not None and fact.probability == pytest.approx((math.exp(2) / counted) ** 2, rel=1e-4)


def test_a_fact_does_not_end_before_it_begins_nor_in_another_sentence() -> None:
    chance = random.Random(4)
    for _ in range(200):
        facts = read(np.array([[chance.gauss(0, 3) for _ in range(2)] for _ in PAIR.ids], np.float32)).facts
        for fact, pieces in zip(facts, (range(5, 8), range(9, 10)), strict=False):
            assert fact is not None and 0 < fact.probability <= 1
            begin = [PAIR.offsets[piece][0] for piece in pieces].index(fact.start)
            assert fact.end in [PAIR.offsets[piece][1] for piece in pieces[begin:]]


def test_a_fact_is_never_longer_than_so_many_pieces() -> None:
    count = 2 * MAX_FACT
    pair = EncodedPair(tuple(range(count + 3)), 1, (1,), ((0, 0),) * 2 + tuple((i, i + 1) for i in range(count)) + ((0, 0),))
    of_ends = ends_of(pair)
    of_ends[2, 0] = of_ends[count + 1, 1] = 9.0
    (fact,) = read(of_ends, pair, PassageText("", ("夜" * count,))).facts
    assert fact is not None and fact.end - fact.start <= MAX_FACT and (fact.start == 0 or fact.end == count)


def test_a_question_stands_behind_the_last_turns_that_it_leans_on() -> None:
    assert in_dialogue((), "够不够用") == "够不够用"
    assert in_dialogue(("驿站怎么管", "由谁出钱"), "够不够用") == "驿站怎么管 / 由谁出钱 / 够不够用"
    assert in_dialogue(("甲", "乙", "丙", "丁"), "戊") == "乙 / 丙 / 丁 / 戊"
    assert in_dialogue(("长" * 100,), "短") == "长" * 60 + " / 短"
