"""Fusion by hand."""

import numpy as np
import pytest

from index.fusion import DENSE_WEIGHT, fuse


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("lexical", "dense", "weight", "expected"),
    [
        # scaled: 1, 0.5, 0 and 0, 1, 0.5; 0.75 of the one and 0.25 of the other
        ((4, 2, 0), (0.2, 0.6, 0.4), 0.25, (0.75, 0.375 + 0.25, 0.125)),
        ((4, 2, 0), (0.2, 0.6, 0.4), 0.0, (1, 0.5, 0)),
        ((4, 2, 0), (0.2, 0.6, 0.4), 1.0, (0, 1, 0.5)),
        # scores below zero are scaled like others: -1, 0, 1 becomes 0, 0.5, 1
        ((0, 0, 8), (1, 0, -1), 0.5, (0.5, 0.25, 0.5)),
        # a channel that says the same of all says nothing
        ((3, 3, 3), (0.1, 0.3, 0.2), 0.5, (0, 0.5, 0.25)),
        ((7,), (0.9,), 0.5, (0,)),
        ((), (), 0.5, ()),
    ],
)
def test_fuse(lexical: tuple[float, ...], dense: tuple[float, ...], weight: float, expected: tuple[float, ...]) -> None:
    np.testing.assert_allclose(fuse(array(*lexical), array(*dense), weight=weight), expected, atol=1e-6)


def test_the_weight_is_the_share_of_the_dense_channel() -> None:
    # only the first passage shares terms, only the second is near
    np.testing.assert_allclose(fuse(array(5, 0), array(0, 0.5)), [1 - DENSE_WEIGHT, DENSE_WEIGHT], atol=1e-6)
    assert 0 < DENSE_WEIGHT < 1


def test_the_scale_of_a_channel_does_not_matter() -> None:
    lexical, dense = array(3, 1, 0), array(0.1, 0.9, 0.4)
    np.testing.assert_allclose(fuse(lexical * 100, dense * 0.01 + 5), fuse(lexical, dense), atol=1e-4)
