"""Fusion by hand, with round shares; and the laws of the shares in use."""

import numpy as np
import pytest
from numpy.typing import NDArray

from index.channels import fusion
from index.channels.fusion import dense_score, fuse
from index.channels.late_interaction import TokenSimilarities

Floats = NDArray[np.float32]


def array(*values: float) -> Floats:
    return np.array(values, np.float32)


@pytest.fixture
def _round(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = {"_PASSAGE": 0.1, "_WINDOW": 0.2, "_SENTENCE": 0.3, "_WHOLE": 0.4, "_LEXICAL": 0.25, "_LEXICAL_WHOLE": 0.5}
    shares["_CONTEXTUAL"] = 0.2
    for name, share in shares.items():
        monkeypatch.setattr(fusion, name, share)


def two_passages() -> TokenSimilarities:
    """Of a head and three sentences, and of a head and one. Two tokens, which weigh 0.25 and 0.75."""
    nearest = np.array([[-1, 0.8, 0.2, 0.4, 0, 0.6], [-1, 0.4, 0.2, 0.8, 0.4, 0.2]], np.float32)
    return TokenSimilarities(array(0.25, 0.75), nearest, array(0.9, 0.1, -0.2, 0.5, 0, 0.3), np.array([0, 4]))


@pytest.mark.usefixtures("_round")
def test_the_dense_score_by_hand() -> None:
    matches = two_passages()
    # whole passages: 0.25 * 0.8 + 0.75 * 0.8 = 0.8, and 0.25 * 0.6 + 0.75 * 0.4 = 0.45
    np.testing.assert_allclose(matches.passage(), [0.8, 0.45], atol=1e-6)
    # windows: of sentences 1 and 2 0.25 * 0.8 + 0.75 * 0.4 = 0.5, of 2 and 3 0.25 * 0.4 + 0.75 * 0.8 = 0.7; 0.45 with the head
    np.testing.assert_allclose(matches.window(), [0.7, 0.45], atol=1e-6)
    # best sentences: 0.5 (the head is none), 0.3
    np.testing.assert_allclose(matches.sentence(), [0.5, 0.3], atol=1e-6)
    # 0.1 * 0.8 + 0.2 * 0.7 + 0.3 * 0.5 + 0.4 * 0.6 = 0.61, and 0.1 * 0.45 + 0.2 * 0.45 + 0.3 * 0.3 + 0.4 * -0.1 = 0.185
    np.testing.assert_allclose(dense_score(array(0.6, -0.1), matches), [0.61, 0.185], atol=1e-6)


def test_without_token_vectors_the_dense_score_is_the_cosine() -> None:
    np.testing.assert_array_equal(dense_score(array(0.6, -0.1), None), array(0.6, -0.1))


@pytest.mark.usefixtures("_round")
@pytest.mark.parametrize(
    ("lexical", "dense", "late", "expected"),
    [
        # the lexical channel as shares of its best: 1, 0.5, 0. A quarter of it and three of the dense one:
        ((4, 2, 0), (0.2, 0.6, 0.4), True, (0.25 + 0.15, 0.125 + 0.45, 0.3)),
        # or half and half
        ((4, 2, 0), (0.2, 0.6, 0.4), False, (0.5 + 0.1, 0.25 + 0.3, 0.2)),
        # dense scores below zero stay below
        ((0, 8), (-0.4, -1), True, (-0.3, 0.25 - 0.75)),
        # no term of the query occurs: the dense channel alone, in its share
        ((0, 0, 0), (0.2, 0.6, -0.4), True, (0.15, 0.45, -0.3)),
        ((0, 0, 0), (0.2, 0.6, -0.4), False, (0.1, 0.3, -0.2)),
        ((7,), (0.8,), False, (0.5 + 0.4,)),
        ((), (), True, ()),
    ],
)
def test_fuse(lexical: tuple[float, ...], dense: tuple[float, ...], late: bool, expected: tuple[float, ...]) -> None:
    np.testing.assert_allclose(fuse(array(*lexical), array(*dense), late=late), expected, atol=1e-6)


def test_the_shares_of_a_channel_are_one_in_all() -> None:
    # What says x in every way scores x: here all cosines are 0.5.
    alike = TokenSimilarities(array(0.3, 0.7), np.full((2, 3), 0.5, np.float32), array(0.5, 0.5, 0.5), np.array([0]))
    np.testing.assert_allclose(dense_score(array(0.5), alike), [0.5], atol=1e-6)
    # And the best in both channels scores 1.
    for late in (True, False):
        np.testing.assert_allclose(fuse(array(9, 3), array(1, 0), late=late)[0], 1, atol=1e-6)
        np.testing.assert_allclose(fuse(array(9, 3), array(1, 0), array(1, -1), late=late)[0], 1, atol=1e-6)


@pytest.mark.usefixtures("_round")
def test_fuse_with_sentences() -> None:
    # Without them 0.25 + 0.15 = 0.4, 0.125 + 0.45 = 0.575 and 0.3; of these four fifths, and a fifth of the nearest sentence.
    fused = fuse(array(4, 2, 0), array(0.2, 0.6, 0.4), array(0.5, -1, 0.9), late=True)
    np.testing.assert_allclose(fused, [0.32 + 0.1, 0.46 - 0.2, 0.24 + 0.18], atol=1e-6)
    assert fused.dtype == np.float32


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_a_nearer_sentence_lifts_its_own_passage_alone(late: bool, seed: int) -> None:
    chance = np.random.default_rng(seed)
    lexical = chance.uniform(0, 9, 6).astype(np.float32)
    dense, sentences = (chance.uniform(-1, 1, 6).astype(np.float32) for _ in range(2))
    before = fuse(lexical, dense, sentences, late=late)
    for at in range(6):
        nearer = sentences.copy()
        nearer[at] += 0.1
        after = fuse(lexical, dense, nearer, late=late)
        assert after[at] > before[at]
        np.testing.assert_array_equal(np.delete(after, at), np.delete(before, at))


@pytest.mark.parametrize("late", [True, False])
def test_the_scale_of_the_lexical_channel_does_not_matter(late: bool) -> None:
    lexical, dense = array(3, 1, 0), array(0.1, 0.9, 0.4)
    np.testing.assert_allclose(fuse(lexical * 100, dense, late=late), fuse(lexical, dense, late=late), atol=1e-6)


def test_the_lexical_channel_counts_for_more_where_whole_texts_alone_are_compared() -> None:
    lexical, dense = array(1, 0), array(0, 0)
    assert 0 < fuse(lexical, dense, late=True)[0] < fuse(lexical, dense, late=False)[0] < 1


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_higher_is_never_worse_in_either_channel(late: bool, seed: int) -> None:
    chance = np.random.default_rng(seed)
    lexical, dense = chance.uniform(0, 9, 6).astype(np.float32), chance.uniform(-1, 1, 6).astype(np.float32)
    before = fuse(lexical, dense, late=late)
    for at in range(6):
        nearer = dense.copy()
        nearer[at] += 0.1
        after = fuse(lexical, nearer, late=late)
        assert after[at] > before[at]
        np.testing.assert_array_equal(np.delete(after, at), np.delete(before, at))
        richer = lexical.copy()
        richer[at] += 4  # mostly past the best, so that it is measured by itself
        after = fuse(richer, dense, late=late)
        # It gains on all the others; the best stays at its full share, and the others' shares of it shrink.
        assert np.all(np.delete(after[at] - after, at) > np.delete(before[at] - before, at))
        assert np.all(np.delete(after - before, at) <= 1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_higher_is_never_worse_in_any_part_of_the_dense_score(seed: int) -> None:
    chance = np.random.default_rng(seed)
    weights = chance.dirichlet([1, 1, 1]).astype(np.float32)
    nearest = chance.uniform(-1, 1, (3, 7)).astype(np.float32)
    cosines, whole = chance.uniform(-1, 1, 7).astype(np.float32), chance.uniform(-1, 1, 2).astype(np.float32)
    heads = np.array([0, 3])
    before = dense_score(whole, TokenSimilarities(weights, nearest, cosines, heads))
    rises = []
    for token, part in np.ndindex(nearest.shape):
        nearer = nearest.copy()
        nearer[token, part] = 1
        after = dense_score(whole, TokenSimilarities(weights, nearer, cosines, heads))
        owner = int(part >= 3)
        assert after[owner] >= before[owner] - 1e-6
        assert after[1 - owner] == pytest.approx(before[1 - owner], abs=1e-6)
        rises.append(after[owner] > before[owner] + 1e-4)
    assert any(rises)
    for part in range(7):
        nearer = cosines.copy()
        nearer[part] = 1
        after = dense_score(whole, TokenSimilarities(weights, nearest, nearer, heads))
        owner = int(part >= 3)
        assert after[1 - owner] == pytest.approx(before[1 - owner], abs=1e-6)
        if part in (0, 3):  # the heads
            assert after[owner] == pytest.approx(before[owner], abs=1e-6)
        else:
            assert after[owner] > before[owner]
    assert np.all(dense_score(whole + array(0.1, 0.1), TokenSimilarities(weights, nearest, cosines, heads)) > before)
