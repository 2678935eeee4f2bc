"""Groups of an array, by hand and against slices."""

import numpy as np
import pytest

from index.channels.ranges import joined_starts, ranges


def test_the_members_of_groups_in_the_order_asked() -> None:
    # Groups of two, none, three and one: 0 1, -, 2 3 4, 5.
    members, starts = ranges(np.array([0, 2, 2, 5, 6]), np.array([2, 0, 1, 2]))
    assert members.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
    assert starts.tolist() == [0, 3, 5, 5]


def test_no_groups_have_no_members() -> None:
    members, starts = ranges(np.array([0, 2, 5]), np.array([], np.int64))
    assert members.tolist() == starts.tolist() == []


@pytest.mark.parametrize("seed", range(5))
def test_they_are_the_slices_one_after_the_other(seed: int) -> None:
    chance = np.random.default_rng(seed)
    bounds = np.append(0, np.cumsum(chance.integers(0, 4, 12)))
    numbers = chance.integers(0, 12, 20)
    members, starts = ranges(bounds, numbers)
    slices = [list(range(bounds[number], bounds[number + 1])) for number in numbers]
    assert members.tolist() == [member for part in slices for member in part]
    assert [members[start : start + len(part)].tolist() for start, part in zip(starts, slices, strict=True)] == slices


def test_groups_of_two_arrays_are_laid_end_to_end_in_their_new_order() -> None:
    # Groups of 2, 0 and 3 in one array, of 1 and 4 in the other; the second of those is not taken.
    first, second = np.array([0, 2, 2, 5]), np.array([0, 1, 5])
    found = joined_starts([(first, np.array([2, 0, 1]), np.array([0, 3, 1])), (second, np.array([0]), np.array([2]))])
    assert found.tolist() == [0, 3, 3, 4, 6]
