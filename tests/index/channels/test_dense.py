"""Nearest vectors in the plane."""

import numpy as np
import pytest
from numpy.typing import NDArray

from index.channels.dense import DenseIndex

# East, north-east, north, west.
FOUR = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0]], np.float32)
EAST = np.array([1, 0], np.float32)


def marked(length: int, *places: int) -> NDArray[np.bool_]:
    allowed = np.zeros(length, np.bool_)
    allowed[list(places)] = True
    return allowed


def fan() -> NDArray[np.float32]:
    """Twenty vectors from east to north: the lower its number, the nearer one is to the east."""
    angles = np.linspace(0, np.pi / 2, 20)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.mark.parametrize(("k", "expected"), [(1, [0]), (2, [0, 1]), (4, [0, 1, 2, 3]), (9, [0, 1, 2, 3])])
def test_the_nearest_come_first(k: int, expected: list[int]) -> None:
    assert DenseIndex.build(FOUR).top(EAST, k).tolist() == expected
    assert DenseIndex.build(FOUR).top(-EAST, k).tolist() == [3, 2, 1, 0][:k]


def test_filters_act_before_ranking() -> None:
    index = DenseIndex.build(FOUR)
    assert index.top(EAST, 1, marked(4, 2, 3)).tolist() == [2]
    assert index.top(EAST, 9, marked(4, 3, 1)).tolist() == [1, 3]
    assert index.top(EAST, 3, marked(4)).tolist() == []


# One by one, so that every bit of every byte of the filter's bitmap is tried.
@pytest.mark.parametrize("place", range(20))
def test_the_one_allowed_is_found_wherever_it_stands(place: int) -> None:
    assert DenseIndex.build(fan()).top(EAST, 1, marked(20, place)).tolist() == [place]


def test_several_allowed_are_ranked() -> None:
    assert DenseIndex.build(fan()).top(EAST, 3, marked(20, 17, 7, 8, 19, 16)).tolist() == [7, 8, 16]


def test_scores_are_cosines_in_the_order_asked() -> None:
    scores = DenseIndex.build(FOUR).scores(EAST, np.array([3, 1, 0]))
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, [-1, 0.6, 1], atol=1e-6)
    assert DenseIndex.build(FOUR).scores(EAST, np.array([], np.int64)).shape == (0,)


def test_put_together_of_two_it_is_the_index_of_all() -> None:
    whole = fan()
    odd, even = np.arange(1, 20, 2), np.arange(0, 20, 2)
    # The first part has one vector more, which is not taken; the second has its vectors in another order.
    first, second = DenseIndex.build(np.vstack([FOUR[:1], whole[odd]])), DenseIndex.build(whole[even[::-1]])
    joined = DenseIndex.join([(first, np.arange(1, 11), odd), (second, np.arange(10), even[::-1])])
    np.testing.assert_array_equal(joined.arrays()["vectors"], whole)


def test_its_arrays_make_it_again() -> None:
    loaded = DenseIndex.from_arrays(DenseIndex.build(fan()).arrays())
    assert len(loaded) == 20
    assert loaded.top(EAST, 2, marked(20, 11, 5)).tolist() == [5, 11]
    np.testing.assert_allclose(loaded.scores(EAST, np.arange(20)), fan()[:, 0], atol=1e-6)
