"""The vectors of pieces in four bits a number: what is kept exactly, how near the rest is, and what is read again."""

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from index.pieces import BLOCK, PieceVectors

DAMAGED = (SafetensorError, KeyError)


def levels_of(pieces: int, blocks: int, seed: int = 1) -> NDArray[np.float32]:
    """Levels -8 to 7, shape (pieces, blocks, BLOCK). A block has a -8, which its factor is told by, or is all 0."""
    chance = np.random.default_rng(seed)
    levels = chance.integers(-8, 8, size=(pieces, blocks, BLOCK))
    np.put_along_axis(levels, chance.integers(0, BLOCK, size=(pieces, blocks, 1)), -8, -1)
    levels[chance.random((pieces, blocks)) < 0.1] = 0
    return levels.astype(np.float32)


def held(pieces: int, blocks: int, seed: int = 1) -> NDArray[np.float32]:
    """Vectors that four bits hold: the factors are of both signs and of all sizes that 16 bits have, small ones too."""
    chance = np.random.default_rng(seed)
    factors = (chance.choice([-1, 1], size=(pieces, blocks)) * 2.0 ** chance.uniform(-20, 10, (pieces, blocks))).astype(
        np.float16
    )
    return (levels_of(pieces, blocks, seed) * factors.astype(np.float32)[..., None]).reshape(pieces, -1)


def test_a_block_by_hand() -> None:
    # The number farthest from 0 is -8 times the factor: here the factors are 0.5 and -0.25.
    first, second = np.zeros((2, BLOCK), np.float32)
    first[:4] = -4.0, 3.5, 1.0, -0.5
    second[-3:] = 2.0, -1.75, 0.25
    vectors = np.concatenate([first, second])[None]
    arrays = load(PieceVectors.quantize(vectors).to_bytes())
    assert arrays["factors"].tolist() == [[0.5, -0.25]] and arrays["factors"].dtype == np.float16
    # Two numbers a byte, the first in its lower half: -8 is 0, 7 is 15, 2 is 10, -1 is 7; 0 is 8.
    nothing = 8 + 16 * 8
    assert arrays["numbers"][0, :3].tolist() == [0 + 16 * 15, 10 + 16 * 7, nothing]
    assert arrays["numbers"][0, -3:].tolist() == [nothing, 8 + 16 * 0, 15 + 16 * 7]
    np.testing.assert_array_equal(PieceVectors.quantize(vectors).of([0]), vectors)


@pytest.mark.parametrize("blocks", [1, 3, 12])
def test_a_factor_times_minus_8_to_7_is_kept_exactly(blocks: int) -> None:
    vectors = held(200, blocks)
    found = PieceVectors.quantize(vectors).of(range(200))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, vectors)


def test_any_vectors_are_kept_to_a_step_and_from_then_on_exactly() -> None:
    vectors = np.random.default_rng(2).normal(size=(300, 4 * BLOCK)).astype(np.float32)
    found = PieceVectors.quantize(vectors).of(range(300))
    # A step is an eighth of the largest number of a block; half of one is lost, or all of it where 8 steps become 7.
    steps = np.repeat(np.abs(vectors).reshape(300, -1, BLOCK).max(-1) / 8, BLOCK, axis=1)
    away = np.abs(found - vectors) / steps
    rounded = 1.01  # the factor has eleven bits
    assert away.max() < rounded and np.quantile(away, 0.95) < rounded / 2
    assert (found != vectors).mean() > 0.9  # these were none that four bits hold
    np.testing.assert_array_equal(PieceVectors.quantize(found).of(range(300)), found)


def test_pieces_in_any_order_and_number_have_their_own_rows() -> None:
    vectors = held(50, 2)
    pieces = PieceVectors.quantize(vectors)
    ids = np.random.default_rng(3).integers(0, 50, size=400).tolist()
    np.testing.assert_array_equal(pieces.of(ids), vectors[ids])
    np.testing.assert_array_equal(pieces.of((49, 0, 49)), vectors[[49, 0, 49]])
    assert len(np.unique(vectors, axis=0)) == 50  # no row could stand for another
    with pytest.raises(IndexError):
        pieces.of([50])


def test_what_is_written_is_read_again_and_takes_four_bits_a_number() -> None:
    vectors = held(1000, 4)
    content = PieceVectors.quantize(vectors).to_bytes()
    again = PieceVectors.from_bytes(content)
    np.testing.assert_array_equal(again.of(range(1000)), vectors)
    assert again.to_bytes() == content
    numbers, factors = vectors.size // 2, 2 * vectors.size // BLOCK
    assert numbers + factors < len(content) < numbers + factors + 1000


def test_bytes_that_are_cut_short_or_something_else_are_not_read() -> None:
    content = PieceVectors.quantize(held(20, 2)).to_bytes()
    cut = [content[:length] for length in range(0, len(content), 50)]
    for other in (*cut, content[100:], b"other bytes" * 50, save({"factors": np.ones(3)}), save({"numbers": np.ones(3)})):
        with pytest.raises(DAMAGED):
            PieceVectors.from_bytes(other)
