"""BM25 by hand, over three passages of 2, 4 and 3 terms: 3 terms on average.

With k1 = 1.5 and b = 0.75, a term that occurs tf times in a passage of dl terms scores idf * tf / (tf + K), where
K = 1.5 * (0.25 + 0.75 * dl / 3) is 1.125 for the first passage, 1.875 for the second, 1.5 for the third.
A term of df passages has idf = ln(1 + (3 - df + 0.5) / (df + 0.5)): ln(1.6) = 0.470004 for df = 2, ln(8/3) = 0.980829 for df = 1.
"""

import random

import bm25s
import numpy as np
import pytest

from index.channels.bm25 import BM25Index, SynonymGroup

PASSAGES = [["a", "b"], ["a", "a", "c", "d"], ["b", "e", "f"]]


@pytest.fixture(scope="module")
def index() -> BM25Index:
    return BM25Index.build(PASSAGES, k1=1.5, b=0.75)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # 0.470004 * 1 / 2.125 = 0.221178; 0.470004 * 2 / 3.875 = 0.242583; no a in the third
        (["a"], [0.221178, 0.242583, 0]),
        # 0.980829 * 1 / 2.875 = 0.341158
        (["c"], [0, 0.341158, 0]),
        # the sum of both
        (["a", "c"], [0.221178, 0.583741, 0]),
        # 0.470004 * 1 / 2.125 = 0.221178; 0.470004 * 1 / 2.5 = 0.188002
        (["b"], [0.221178, 0, 0.188002]),
        # a term asked for twice counts twice
        (["e", "e"], [0, 0, 2 * 0.980829 / 2.5]),
        # a word of no passage adds nothing
        (["c", "x"], [0, 0.341158, 0]),
        (["x"], [0, 0, 0]),
        ([], [0, 0, 0]),
    ],
)
def test_scores(index: BM25Index, query: list[str], expected: list[float]) -> None:
    scores = index.scores(query)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=2e-6)


def test_informativeness_is_the_inverse_document_frequency(index: BM25Index) -> None:
    # of no passage: ln(1 + 3.5 / 0.5) = ln(8) = 2.079442
    np.testing.assert_allclose(index.idf(["a", "c", "x"]), [0.470004, 0.980829, 2.079442], atol=2e-6)
    assert index.idf([]).shape == (0,)


def test_a_passage_without_terms_scores_nothing() -> None:
    np.testing.assert_array_equal(BM25Index.build([[], ["a"], []]).scores(["a"]) > 0, [False, True, False])


def random_passages(seed: int, size: int) -> list[list[str]]:
    chance = random.Random(seed)
    return [[f"t{int(chance.paretovariate(0.7))}" for _ in range(chance.randrange(60))] for _ in range(size)]


def test_its_arrays_make_it_again() -> None:
    for passages in (random_passages(1, 50), [[], []], []):
        index = BM25Index.build(passages)
        loaded = BM25Index.from_arrays(index.arrays())
        assert loaded.vocabulary() == index.vocabulary()
        np.testing.assert_array_equal(loaded.scores(["t1", "t7", "x"]), index.scores(["t1", "t7", "x"]))


@pytest.mark.parametrize("seed", range(5))
def test_put_together_of_parts_it_is_the_index_of_all(seed: int) -> None:
    """Passages are dealt to three parts in any order, with others that are not taken."""
    passages, chance = random_passages(seed, 40), random.Random(seed)
    dealt = chance.sample(range(40), 40)
    places = [dealt[:5], dealt[5:20], dealt[20:]]
    parts = []
    for there in places:
        own = [*random_passages(seed + 100, 3), *(passages[at] for at in there)]
        order = chance.sample(range(len(own)), len(own))
        rows = [order.index(3 + at) for at in range(len(there))]
        parts.append((BM25Index.build([own[at] for at in order]), np.array(rows), np.array(there)))
    joined, whole = BM25Index.join(parts), BM25Index.build(passages)
    assert joined.vocabulary() == whole.vocabulary()
    assert list(joined.vocabulary()) == list(whole.vocabulary())
    query = ["t1", "t2", "t2", "t31"]
    np.testing.assert_array_equal(joined.scores(query), whole.scores(query))
    concepts = [SynonymGroup("x", (("t1", 0.5), ("t3", 0.5))), SynonymGroup("y", (("t2", 1.0),), 0.5)]
    np.testing.assert_array_equal(joined.synonym_scores(concepts), whole.synonym_scores(concepts))


def test_terms_beyond_a_byte_are_counted() -> None:
    index = BM25Index.build([["a"] * 300, ["a"]])
    joined = BM25Index.join([(index, np.array([1]), np.array([0])), (index, np.array([0]), np.array([1]))])
    # K = 1.2 * (0.5 + 0.5 * dl / 150.5) is 0.603987 for 1 term, 1.796013 for 300; idf of 2 in 2 is ln(1.2) = 0.182322
    np.testing.assert_allclose(joined.scores(["a"]), [0.182322 / 1.603987, 0.182322 * 300 / 301.796013], atol=1e-6)


def test_the_scores_are_those_of_bm25s() -> None:
    """A library of its own as the judge."""
    passages = [terms or ["-"] for terms in random_passages(7, 200)]
    judge = bm25s.BM25(k1=1.2, b=0.5, method="lucene")
    judge.index(passages, show_progress=False)
    index = BM25Index.build(passages)
    for query in (["t1"], ["t2", "t5", "t5"], [f"t{n}" for n in range(1, 40)]):
        known = [term for term in query if term in judge.vocab_dict]
        np.testing.assert_allclose(index.scores(query), judge.get_scores(known), rtol=1e-5)


@pytest.mark.parametrize(
    ("concepts", "expected"),
    [
        # one sense is BM25
        ([{"a": 1.0}], [0.221178, 0.242583, 0]),
        ([{"a": 1.0}, {"c": 1.0}], [0.221178, 0.583741, 0]),
        # a and c, 0.5 each: in 0.5 * 2 + 0.5 * 1 = 1.5 passages, so idf = ln(1 + 2 / 2) = 0.693147; in the first passage
        # 0.5 times: 0.693147 * 0.5 / 1.625 = 0.213276; in the second 0.5 * 2 + 0.5 = 1.5 times: 0.693147 * 1.5 / 3.375 = 0.308065
        ([{"a": 0.5, "c": 0.5}], [0.213276, 0.308065, 0]),
        # what the library lacks is no sense
        ([{"a": 0.25, "c": 0.25, "x": 0.5}], [0.213276, 0.308065, 0]),
        ([{"x": 1.0}], [0, 0, 0]),
        ([], [0, 0, 0]),
    ],
)
def test_structured_scores(index: BM25Index, concepts: list[dict[str, float]], expected: list[float]) -> None:
    scores = index.synonym_scores([SynonymGroup("word", tuple(senses.items())) for senses in concepts])
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=2e-6)


def test_terms_of_a_concept_share_what_it_tells(index: BM25Index) -> None:
    # idf of the concept 0.693147, as above
    concept = SynonymGroup("word", (("a", 0.25), ("c", 0.25), ("x", 0.5)))
    assert index.term_weights(concept) == pytest.approx({"a": 0.346574, "c": 0.346574}, abs=1e-6)
    # of no passage: ln(8), shared
    concept = SynonymGroup("word", (("x", 0.75), ("y", 0.25)))
    assert index.term_weights(concept) == pytest.approx({"x": 1.559581, "y": 0.519860}, abs=1e-6)
