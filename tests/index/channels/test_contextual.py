"""Sentences in the plane, several to a passage: the nearest one speaks for it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from index.channels.contextual import ContextualIndex

Floats = NDArray[np.float32]
# What 16 bits leave of a number of at most 1.
TOLERANCE = 1e-3
EAST = np.array([1, 0], np.float32)
# East and west; nothing; north-east and north; north-east, a little nearer to the north.
PASSAGES = [
    np.array([[1, 0], [-1, 0]], np.float32),
    np.zeros((0, 2), np.float32),
    np.array([[0.8, 0.6], [0, 1]], np.float32),
    np.array([[0.6, 0.8]], np.float32),
]


def small() -> ContextualIndex:
    return ContextualIndex.build(PASSAGES, dimension=2)


def marked(length: int, *places: int) -> NDArray[np.bool_]:
    allowed = np.zeros(length, np.bool_)
    allowed[list(places)] = True
    return allowed


def drawn(seed: int, count: int = 9) -> list[Floats]:
    """Passages of no to three sentences, which point anywhere."""
    chance = np.random.default_rng(seed)
    passages = [chance.normal(size=(chance.integers(0, 4), 4)).astype(np.float32) for _ in range(count)]
    return [passage / np.linalg.norm(passage, axis=1, keepdims=True) for passage in passages]


def assert_equal(one: ContextualIndex, other: ContextualIndex) -> None:
    assert one.arrays().keys() == other.arrays().keys() == {"vectors", "starts"}
    for name, array in one.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name])


def test_passages_come_in_the_order_of_their_nearest_sentences() -> None:
    assert small().top(EAST, 9).tolist() == [0, 2, 3]
    assert small().top(-EAST, 9).tolist() == [0, 2, 3]  # the west is the first one's second sentence
    assert small().top(np.array([0, 1], np.float32), 9).tolist() == [2, 3, 0]


def test_a_passage_comes_once_however_many_of_its_sentences_are_near() -> None:
    # The three nearest sentences to the north are those of two passages.
    assert small().top(np.array([0, 1], np.float32), 3).tolist() == [2, 3]
    assert small().top(EAST, 1).tolist() == [0]


def test_only_passages_that_are_allowed_are_found() -> None:
    assert small().top(EAST, 1, marked(4, 2, 3)).tolist() == [2]
    assert small().top(EAST, 9, marked(4, 3, 1)).tolist() == [3]
    assert small().top(EAST, 9, marked(4)).tolist() == []


# One by one, so that every bit of every byte of the filter's bitmap is tried.
@pytest.mark.parametrize("place", range(12))
def test_the_one_allowed_is_found_wherever_it_stands(place: int) -> None:
    two_each = ContextualIndex.build([np.array([[0, 1], [1, 0]], np.float32)] * 12, dimension=2)
    assert two_each.top(EAST, 1, marked(12, place)).tolist() == [place]


def test_scores_are_the_cosines_of_the_nearest_sentences_in_the_order_asked() -> None:
    scores = small().scores(EAST, np.array([3, 1, 0, 2]))
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, [0.6, -1, 1, 0.8], atol=TOLERANCE)  # -1 where there is no sentence
    assert small().scores(EAST, np.array([], np.int64)).shape == (0,)
    assert small().scores(EAST, np.array([1, 1])).tolist() == [-1, -1]


def test_each_sentence_of_a_passage_has_its_cosine() -> None:
    np.testing.assert_allclose(small().sentences(EAST, 0), [1, -1], atol=TOLERANCE)
    np.testing.assert_allclose(small().sentences(EAST, 2), [0.8, 0], atol=TOLERANCE)
    assert small().sentences(EAST, 1).shape == (0,)


@pytest.mark.parametrize("seed", range(5))
def test_a_search_ranks_by_the_scores(seed: int) -> None:
    passages = drawn(seed)
    index = ContextualIndex.build(passages, dimension=4)
    question = np.array([0.5, 0.5, 0.5, 0.5], np.float32)
    scores = index.scores(question, np.arange(len(passages)))
    expected = [number for number in np.argsort(-scores, kind="stable") if len(passages[number])]
    assert index.top(question, 99).tolist() == expected
    for number, passage in enumerate(passages):
        np.testing.assert_allclose(index.sentences(question, number), passage @ question, atol=TOLERANCE)
        assert scores[number] == index.sentences(question, number).max(initial=-1)


@pytest.mark.parametrize("seed", range(5))
def test_put_together_of_two_it_is_the_index_of_all(seed: int) -> None:
    whole = drawn(seed, 20)
    odd, even = np.arange(1, 20, 2), np.arange(0, 20, 2)
    # The first part has one passage more, which is not taken; the second has its passages in another order.
    first = ContextualIndex.build([whole[4], *(whole[number] for number in odd)], dimension=4)
    second = ContextualIndex.build([whole[number] for number in even[::-1]], dimension=4)
    joined = ContextualIndex.join([(first, np.arange(1, 11), odd), (second, np.arange(10), even[::-1])])
    assert len(joined) == 20
    assert_equal(joined, ContextualIndex.build(whole, dimension=4))


def test_an_index_without_passages_can_be_kept_and_joined() -> None:
    empty = ContextualIndex.build([], dimension=2)
    none = np.array([], np.int64)
    assert len(empty) == len(ContextualIndex.from_arrays(empty.arrays())) == 0
    assert_equal(ContextualIndex.join([(empty, none, none), (small(), np.arange(4), np.arange(4))]), small())


def test_its_arrays_make_it_again_bit_by_bit() -> None:
    index = ContextualIndex.build(drawn(7), dimension=4)
    again = ContextualIndex.from_arrays(index.arrays())
    assert_equal(again, index)
    question = np.array([0, 0, 0.6, 0.8], np.float32)
    np.testing.assert_array_equal(again.scores(question, np.arange(9)), index.scores(question, np.arange(9)))
    assert index.arrays()["vectors"].dtype == np.float16


def test_vectors_are_kept_in_16_bits_and_nothing_else_is_lost() -> None:
    passages = drawn(3, 20)
    kept = np.concatenate(passages).astype(np.float16)
    index = ContextualIndex.build(passages, dimension=4)
    np.testing.assert_array_equal(index.arrays()["vectors"], kept)
    question = np.array([0.1, -0.7, 0.5, 0.5], np.float32)
    found = np.concatenate([index.sentences(question, number) for number in range(20)])
    np.testing.assert_allclose(found, kept.astype(np.float32) @ question, atol=1e-6)
