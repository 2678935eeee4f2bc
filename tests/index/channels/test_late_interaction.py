"""Late interaction in the plane, by hand, and its laws over the samples with the bundled model.

Four tokens: a is (3, 0), b is (0, 4), c is (6, 8), d is (-2, 0). The query "ab" has the weights 3/7 and 4/7; as a whole it is
(3, 4), which points along (0.6, 0.8), as c does. The cosines of a with a, b, c, d are 1, 0, 0.6, -1, those of b are 0, 1, 0.8, 0.
"""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.chunker import chunk
from corpus.parsing.parser import parse_text
from corpus.regions.gazetteer import Gazetteer
from index.channels.late_interaction import LateInteractionIndex, TokenEncoder, TokenSimilarities, units_of_passage
from index.store.library import Library
from tests.index.small import RIDERS_AND_POINTS, SmallEncoder, SmallTokenEncoder

VECTORS = np.array([[3, 0], [0, 4], [6, 8], [-2, 0]], np.float32)


class PlaneEncoder:
    """Every letter of "abcd" is a token; nothing else is."""

    def token_ids(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        return [np.array(sorted({"abcd".index(letter) for letter in text if letter in "abcd"}), np.int32) for text in texts]

    def token_vectors(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        return VECTORS[ids]


PLANE = PlaneEncoder()
PASSAGES = [
    ["c", "a", "d", "b"],
    ["", "d", "c"],  # no head
    ["b", "??", ""],  # sentences without tokens
    [""],  # nothing at all
    ["", "a"],
    ["", "b"],
    ["d", "adda", "abd"],
]
ALL = np.arange(len(PASSAGES))


@pytest.fixture(scope="module")
def index() -> LateInteractionIndex:
    return LateInteractionIndex.build(PASSAGES, encoder=PLANE)


def match(index: LateInteractionIndex, query: str = "ab", numbers: Sequence[int] | NDArray[np.int64] = ALL) -> TokenSimilarities:
    return index.token_similarities(PLANE.token_ids([query])[0], np.array(numbers, np.int64), encoder=PLANE)


def assert_equal(one: TokenSimilarities, other: TokenSimilarities) -> None:
    for name in ("weights", "nearest", "cosines", "passage_starts"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-6, err_msg=name)


def test_a_token_weighs_as_much_as_its_vector_is_long(index: LateInteractionIndex) -> None:
    # of a, b, c and d: 3, 4, 10 and 2, in all 19
    np.testing.assert_allclose(match(index, "dcba").weights, [3 / 19, 4 / 19, 10 / 19, 2 / 19], atol=1e-6)
    np.testing.assert_allclose(match(index, "a").weights, [1], atol=1e-6)


def test_each_token_looks_for_the_nearest_of_every_part(index: LateInteractionIndex) -> None:
    matches = match(index)
    assert matches.passage_starts.tolist() == [0, 4, 7, 10, 11, 13, 15]
    assert matches.passage_ends().tolist() == [4, 7, 10, 11, 13, 15, 18]
    expected = [
        # c   a  d   b |     d   c  | b  ??  ""|   |     a |     b | d   ad abd
        [0.6, 1, -1, 0, -1, -1, 0.6, 0, -1, -1, -1, -1, 1, -1, 0, -1, 1, 1],
        [0.8, 0, 0, 1, -1, 0, 0.8, 1, -1, -1, -1, -1, 0, -1, 1, 0, 0, 1],
    ]
    np.testing.assert_allclose(matches.nearest, expected, atol=1e-6)


def test_the_query_and_a_part_are_also_compared_as_wholes(index: LateInteractionIndex) -> None:
    # c lies along the query; a is at 0.6, d at -0.6, b at 0.8. Different tokens of "adda": (3 - 2, 0) = (1, 0), so 0.6 again.
    # "abd": (1, 4), of length √17, (0.6 + 4 * 0.8) / √17 = 3.8 / √17 = 0.92164. Without tokens: -1.
    expected = [1, 0.6, -0.6, 0.8, -1, -0.6, 1, 0.8, -1, -1, -1, -1, 0.6, -1, 0.8, -0.6, 0.6, 0.92164]
    np.testing.assert_allclose(match(index).cosines, expected, atol=1e-5)


def test_a_passage_counts_as_a_whole(index: LateInteractionIndex) -> None:
    # 0: a meets a and b meets b. 1: both meet c: 3/7 * 0.6 + 4/7 * 0.8 = 5/7. 2: a meets b at 0: 4/7. 3: nothing to meet.
    # 4: b meets a at 0: 3/7. 5: 4/7. 6: both meet themselves.
    np.testing.assert_allclose(match(index).passage(), [1, 5 / 7, 4 / 7, -1, 3 / 7, 4 / 7, 1], atol=1e-6)


def test_a_window_is_two_neighbouring_sentences_and_the_head(index: LateInteractionIndex) -> None:
    # 0: the head c with a and d: 3/7 + 4/7 * 0.8 = 6.2/7; with d and b: 3/7 * 0.6 + 4/7 = 5.8/7; a and b are no neighbours.
    # 2: the head alone. 4 and 5: a and b stand in two passages, which no window joins.
    np.testing.assert_allclose(match(index).window(), [6.2 / 7, 5 / 7, 4 / 7, -1, 3 / 7, 4 / 7, 1], atol=1e-6)


def test_the_head_is_no_sentence(index: LateInteractionIndex) -> None:
    # 0: of a, d and b the best is b, though the head c is at 1. 2: the head b is at 0.8, the sentences have no tokens. 3: none.
    np.testing.assert_allclose(match(index).sentence(), [0.8, 1, -1, -1, 0.6, 0.8, 0.92164], atol=1e-5)


# In passage 0 the parts c, a, d, b are at 0.6, 1, -1, 0 from a, and at 0.8, 0, 0, 1 from b.
@pytest.mark.parametrize(
    ("step", "head", "of_a", "of_b"),
    [
        # with the next one
        (1, False, [1, 1, 0, 0], [0.8, 0, 1, 1]),
        # with the one before; the head is none before the first sentence, which stays at 0 from b
        (-1, False, [0.6, 1, 1, 0], [0.8, 0, 0, 1]),
        # where the head's 0.6 or 0.8 is more, it counts
        (1, True, [1, 1, 0.6, 0.6], [0.8, 0.8, 1, 1]),
        (-1, True, [0.6, 1, 1, 0.6], [0.8, 0.8, 0.8, 1]),
    ],
)
def test_neighbours_of_a_passage(
    index: LateInteractionIndex, step: int, head: bool, of_a: list[float], of_b: list[float]
) -> None:
    np.testing.assert_allclose(match(index).with_adjacent(step, head=head)[:, :4], [of_a, of_b], atol=1e-6)


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("head", [True, False])
def test_neighbours_are_of_the_same_passage(index: LateInteractionIndex, step: int, head: bool) -> None:
    alone = [match(index, numbers=[number]).with_adjacent(step, head=head) for number in ALL]
    np.testing.assert_allclose(match(index).with_adjacent(step, head=head), np.concatenate(alone, axis=1), atol=1e-6)
    # the last sentence of 4 is a, at 0 from b; the passages on both sides of it have b, at 1
    assert match(index, numbers=[5, 4, 5]).with_adjacent(step, head=head)[1, 3] == 0


@pytest.mark.parametrize("numbers", [[6], [3], [5, 4], [2, 0, 6, 1], [3, 3, 0], [6, 5, 4, 3, 2, 1, 0]])
def test_a_passage_has_the_same_values_whatever_stands_beside_it(index: LateInteractionIndex, numbers: list[int]) -> None:
    some, whole = match(index, numbers=numbers), match(index)
    for name in ("passage", "window", "sentence"):
        np.testing.assert_allclose(getattr(some, name)(), getattr(whole, name)()[numbers], atol=1e-6, err_msg=name)


def test_put_together_of_parts_it_is_the_index_of_all(index: LateInteractionIndex) -> None:
    parts = [(index, [6, 3], [0, 4]), (index, [0, 5, 2], [1, 3, 2])]
    joined = LateInteractionIndex.join([(part, np.array(rows), np.array(places)) for part, rows, places in parts])
    assert len(joined) == 5
    for query in ("a", "ab", "abcd"):
        assert_equal(match(joined, query, numbers=[0, 1, 2, 3, 4]), match(index, query, numbers=[6, 0, 2, 5, 3]))


def test_its_arrays_make_it_again(index: LateInteractionIndex) -> None:
    loaded = LateInteractionIndex.from_arrays(index.arrays())
    assert len(loaded) == len(index) == 7
    for query in ("a", "ab", "abcd"):
        assert_equal(match(loaded, query), match(index, query))
    # four bytes a token: 4 + 2 + 1 + 0 + 1 + 1 + 1 + 2 + 3 = 15 of them
    assert index.arrays()["ids"].nbytes == 60


def test_the_parts_of_a_passage_are_its_head_and_its_sentences() -> None:
    passage = chunk(parse_text(RIDERS_AND_POINTS, gazetteer=Gazetteer.load(), document="riders.txt"))[0]
    head, *sentences = units_of_passage(passage)
    assert head == passage.context != ""
    assert sentences == ["一、办夜校。", "下班以后学剪纸，学费由团委补贴。\n"]


def test_only_a_model_whose_tokens_have_vectors_is_one() -> None:
    assert isinstance(PLANE, TokenEncoder)
    assert isinstance(SmallTokenEncoder(), TokenEncoder)
    assert not isinstance(SmallEncoder(), TokenEncoder)


# The samples, with the bundled model.

QUERIES = ["骑手下班晚，孩子没人接怎么办", "How do villages keep young people?", "积分", "经费从哪里来？2021年", "xqzvwk ♥"]


def ask(samples: Library, query: str, numbers: Sequence[int]) -> TokenSimilarities:
    retriever = samples.retriever
    return retriever.compare(retriever.analyze(query), [samples.catalog.passages[number] for number in numbers])


@pytest.mark.parametrize("query", QUERIES)
def test_the_whole_is_never_less_than_its_parts(samples: Library, query: str) -> None:
    matches = ask(samples, query, range(len(samples.retriever.catalog.passages)))
    assert matches.weights.sum() == pytest.approx(1, abs=1e-5)
    means = matches.weights @ matches.nearest
    means[matches.passage_starts] = -1
    best = np.maximum.reduceat(means, matches.passage_starts)
    assert np.all(matches.passage() >= matches.window() - 1e-6)
    assert np.all(matches.window() >= best - 1e-6)
    # Somewhere each is more than the next; but a single token meets its best in one sentence.
    assert np.any(matches.passage() > matches.window() + 1e-3) == (len(matches.weights) > 1)
    assert np.any(matches.window() > best + 1e-3)
    for values in (matches.nearest, matches.cosines, matches.passage(), matches.window(), matches.sentence()):
        assert np.all(np.abs(values) <= 1 + 1e-5)


@pytest.mark.parametrize("query", QUERIES)
def test_some_passages_are_matched_as_all_are(samples: Library, query: str) -> None:
    size = len(samples.retriever.catalog.passages)
    whole = ask(samples, query, range(size))
    chosen = np.random.default_rng(1).permutation(size)[: size // 3]
    some = ask(samples, query, chosen.tolist())
    for name in ("passage", "window", "sentence"):
        np.testing.assert_allclose(getattr(some, name)(), getattr(whole, name)()[chosen], atol=1e-5, err_msg=name)
    assert whole.passage().std() > 0.01


def test_a_sentence_asked_word_for_word_is_found_in_its_passage(samples: Library) -> None:
    for number in range(0, len(samples.retriever.catalog.passages), 7):
        sentence = max(units_of_passage(samples.retriever.catalog.passages[number])[1:], key=len)
        matches = ask(samples, sentence, [number])
        assert matches.passage()[0] == pytest.approx(1, abs=1e-4)
        assert matches.window()[0] == pytest.approx(1, abs=1e-4)
        assert matches.sentence()[0] == pytest.approx(1, abs=1e-4)
