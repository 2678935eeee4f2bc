"""BM25 by hand, over three passages of 2, 4 and 3 terms: 3 terms on average.

With k1 = 1.5 and b = 0.75, a term that occurs tf times in a passage of dl terms scores idf * tf / (tf + K), where
K = 1.5 * (0.25 + 0.75 * dl / 3) is 1.125 for the first passage, 1.875 for the second, 1.5 for the third.
A term of df passages has idf = ln(1 + (3 - df + 0.5) / (df + 0.5)): ln(1.6) = 0.470004 for df = 2, ln(8/3) = 0.980829 for df = 1.
"""

from pathlib import Path

import numpy as np
import pytest

from index.lexical import Concept, LexicalIndex

PASSAGES = [["a", "b"], ["a", "a", "c", "d"], ["b", "e", "f"]]


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return LexicalIndex.build(PASSAGES, k1=1.5, b=0.75)


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
def test_scores(index: LexicalIndex, query: list[str], expected: list[float]) -> None:
    scores = index.scores(query)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=2e-6)


def test_informativeness_is_the_inverse_document_frequency(index: LexicalIndex) -> None:
    # of no passage: ln(1 + 3.5 / 0.5) = ln(8) = 2.079442
    np.testing.assert_allclose(index.informativeness(["a", "c", "x"]), [0.470004, 0.980829, 2.079442], atol=2e-6)
    assert index.informativeness([]).shape == (0,)


def test_a_passage_without_terms_scores_nothing() -> None:
    np.testing.assert_array_equal(LexicalIndex.build([[], ["a"], []]).scores(["a"]) > 0, [False, True, False])


def test_saved_and_loaded_it_scores_the_same(index: LexicalIndex, tmp_path: Path) -> None:
    folder = tmp_path / "张三的索引" / "lexical"
    folder.parent.mkdir()
    index.save(folder)
    loaded = LexicalIndex.load(folder)
    np.testing.assert_array_equal(loaded.scores(["a", "c"]), index.scores(["a", "c"]))
    np.testing.assert_array_equal(loaded.informativeness(["a", "x"]), index.informativeness(["a", "x"]))
    assert {path.suffix for path in folder.iterdir()} == {".npy", ".json"}


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
def test_structured_scores(index: LexicalIndex, concepts: list[dict[str, float]], expected: list[float]) -> None:
    scores = index.structured_scores([Concept("word", tuple(senses.items())) for senses in concepts])
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=2e-6)


def test_terms_of_a_concept_share_what_it_tells(index: LexicalIndex) -> None:
    # idf of the concept 0.693147, as above
    concept = Concept("word", (("a", 0.25), ("c", 0.25), ("x", 0.5)))
    assert index.concept_terms(concept) == pytest.approx({"a": 0.346574, "c": 0.346574}, abs=1e-6)
    # of no passage: ln(8), shared
    concept = Concept("word", (("x", 0.75), ("y", 0.25)))
    assert index.concept_terms(concept) == pytest.approx({"x": 1.559581, "y": 0.519860}, abs=1e-6)
