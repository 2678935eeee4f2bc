"""The training of the reading model: batches, losses, figures and calibration, on values worked out by hand."""

import numpy as np
import pytest
import torch

from index.reader import EncodedPair, MarkedSpan, PassageReading
from training.reading.calibration import calibration_error
from training.reading.examples import Example, Passage
from training.reading.measure import auc, measure
from training.reading.trainer import collate, locate, loss_of

# begin, two pieces of a question, end, one of the context; two sentences of two pieces each, with the end before each; end.
PAIR = EncodedPair(
    ids=(0, 11, 12, 2, 13, 2, 14, 15, 2, 16, 17, 2),
    markers=(5, 8),
    offsets=((0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 2), (2, 4), (0, 0), (0, 3), (3, 5), (0, 0)),
)
PASSAGE = Passage("区", ("夜学开课", "学费四十元"), "p")


def test_a_span_is_found_among_the_pieces_of_its_sentence() -> None:
    assert locate(PAIR, 1, 0, 3) == (9, 9)
    assert locate(PAIR, 1, 2, 5) == (9, 10)
    assert locate(PAIR, 0, 2, 4) == (7, 7)
    assert locate(PAIR, 2, 0, 1) is None  # there was no room for the sentence
    assert locate(PAIR, 1, 3, 9) is None  # nor for its end


def test_a_batch_says_what_is_known_and_weighs_the_rest_with_nothing() -> None:
    fact = Example("学费", PASSAGE, True, True, frozenset({1}), (1, 2, 5))
    near = Example("教师", PASSAGE, None, False)
    unsure = Example("怎么办", PASSAGE, True, True, frozenset({0}), None, doubtful=frozenset({1}))
    batch = collate([fact, near, unsure], [PAIR, PAIR, PAIR])
    assert batch.pair.tolist() == [[1, 1], [0, 0], [1, 1]]
    assert batch.pair_weight.tolist() == [[1, 1], [0, 1], [1, 1]]
    assert batch.evidence.tolist() == [[0, 1], [0, 0], [1, 0]]
    assert batch.marked.tolist() == [[True, True], [True, True], [True, False]]
    assert batch.span.tolist() == [[9, 10], [0, 0], [0, 0]] and batch.span_weight.tolist() == [1, 1, 0]


def test_the_loss_is_nothing_where_all_is_right_and_large_where_all_is_wrong() -> None:
    batch = collate([Example("学费", PASSAGE, True, True, frozenset({1}), (1, 2, 5))], [PAIR])
    right = torch.zeros(1, 12, 3)
    right[0, 5, 0], right[0, 8, 0] = -20, 20
    right[0, 9, 1] = right[0, 10, 2] = 20
    assert float(loss_of(batch, torch.tensor([[20.0, 20.0]]), right)) == pytest.approx(0, abs=1e-3)
    assert float(loss_of(batch, torch.tensor([[-20.0, -20.0]]), -right)) > 40
    # What is doubtful changes nothing, whatever the network says of it.
    doubtful = collate([Example("学费", PASSAGE, True, True, frozenset({1}), (1, 2, 5), doubtful=frozenset({0}))], [PAIR])
    other = right.clone()
    other[0, 5, 0] = 20
    assert float(loss_of(doubtful, torch.tensor([[20.0, 20.0]]), other)) == pytest.approx(0, abs=1e-3)


def test_figures_of_four_readings() -> None:
    examples = [
        Example("学费", PASSAGE, True, True, frozenset({1}), (1, 2, 5)),
        Example("开课", PASSAGE, True, True, frozenset({0, 1})),
        Example("教师", PASSAGE, True, False),
        Example("教材", PASSAGE, True, False),
    ]
    readings = [
        PassageReading(0, 2.0, (-1.0, 1.0), MarkedSpan(1, 2, 5, 0.9)),
        PassageReading(0, 0.5, (1.0, -1.0), None),
        PassageReading(0, 1.0, (1.0, 1.0), None),
        PassageReading(0, -1.0, (1.0, 1.0), None),
    ]
    found = measure(examples, readings)
    assert (found["first"], found["precision"], found["recall"], found["span"]) == (1.0, 1.0, 0.75, 1.0)
    assert found["auc"] == 0.75  # 2.0 and 0.5 against 1.0 and -1.0: three of four pairs
    assert (found["yes"], found["no"]) == (2, 2)


def test_area_under_the_curve() -> None:
    assert auc([3, 4], [1, 2]) == 1.0 and auc([1, 2], [3, 4]) == 0.0 and auc([1, 4], [2, 3]) == 0.5
    assert np.isnan(auc([], [1]))


def test_calibration_error_is_the_mean_distance_of_bins() -> None:
    probability = np.array([0.95] * 4 + [0.15] * 4)
    right = np.array([True] * 4 + [False] * 4)
    assert calibration_error(probability, right) == pytest.approx(0.5 * 0.05 + 0.5 * 0.15)
    assert calibration_error(probability, ~right) == pytest.approx(0.5 * 0.95 + 0.5 * 0.85)
