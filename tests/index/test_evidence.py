"""Evidence keeps what was computed of a query, and gives it to parts of itself."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.chunker import sentences_of
from corpus.document import Passage
from corpus.regions.gazetteer import Gazetteer
from index.channels.late_interaction import TokenSimilarities
from index.evidence import Evidence
from index.query.query import Query
from index.retriever import Retriever
from tests.index.small import RIDERS_AND_POINTS, STORIES, SWIMMING, SmallContextual, SmallEncoder, SmallTokenEncoder
from tests.qa.invented import passages_of


class _CountingRetriever(Retriever):
    """Counts the comparisons that are asked of the index."""

    n_compared = 0

    def compare(self, query: Query, passages: Sequence[Passage]) -> TokenSimilarities:
        self.n_compared += 1
        return super().compare(query, passages)


@pytest.fixture(params=[SmallTokenEncoder, SmallEncoder])
def retriever(request: pytest.FixtureRequest) -> _CountingRetriever:
    built = Retriever.build(
        passages_of(RIDERS_AND_POINTS, SWIMMING, STORIES), gazetteer=Gazetteer.load(), encoder=request.param()
    )
    return _CountingRetriever(built.index, built.analyzer)


def evidence_of(retriever: Retriever) -> Evidence:
    return retriever.retrieve(retriever.analyze("骑手怎么用积分"), k=5)


def assert_equal(some: TokenSimilarities, others: TokenSimilarities) -> None:
    arrays: list[tuple[NDArray[np.generic], NDArray[np.generic]]] = [
        (some.weights, others.weights),
        (some.nearest, others.nearest),
        (some.cosines, others.cosines),
        (some.passage_starts, others.passage_starts),
    ]
    for left, right in arrays:
        np.testing.assert_allclose(left, right, atol=1e-6)


def test_a_part_takes_its_similarities_from_those_computed(retriever: _CountingRetriever) -> None:
    evidence = evidence_of(retriever)
    assert len(evidence.passages) > 3
    whole = evidence.similarities
    retriever.n_compared = 0
    part = evidence.subset([2, 0])
    assert [scored.passage for scored in part.passages] == [evidence.passages[i].passage for i in (2, 0)]
    assert_equal(part.similarities, whole.select([2, 0]))
    assert retriever.n_compared == 0
    assert_equal(part.similarities, retriever.compare(evidence.query, [scored.passage for scored in part.passages]))
    assert evidence.subset([]).passages == ()


def test_a_part_of_what_is_not_yet_compared_is_compared_by_itself(retriever: _CountingRetriever) -> None:
    part = evidence_of(retriever).subset([1])
    assert_equal(part.similarities, evidence_of(retriever).similarities.select([1]))


def test_other_passages_are_compared_anew_and_the_rest_is_kept(retriever: _CountingRetriever) -> None:
    evidence = evidence_of(retriever)
    assert len(evidence.similarities.passage_starts) == len(evidence.passages)
    other = evidence.with_passages(evidence.passages[1:2])
    assert other.passages == evidence.passages[1:2] and other.term_weights is evidence.term_weights
    assert (other.n_passages, other.n_bulletins, other.query) == (8, 3, evidence.query)
    assert len(other.similarities.passage_starts) == 1
    assert_equal(other.similarities, evidence.similarities.select([1]))


def test_a_part_compares_its_sentences_as_the_whole_does(retriever: _CountingRetriever) -> None:
    assert evidence_of(retriever).sentence_cosines is None
    built = Retriever.build(
        passages_of(RIDERS_AND_POINTS, SWIMMING, STORIES),
        gazetteer=Gazetteer.load(),
        encoder=SmallEncoder(),
        contextual=SmallContextual(),
    )
    evidence = built.retrieve(built.analyze("骑手怎么用积分"), k=5)
    for part in (evidence, evidence.subset([2, 0]), evidence.with_passages(evidence.passages[1:2])):
        assert part.sentence_cosines is not None
        passages = [scored.passage for scored in part.passages]
        for passage, cosines in zip(passages, part.sentence_cosines("骑手", passages), strict=True):
            expected = ["骑手" in span.of(passage.bulletin.text) for span in sentences_of(passage)]
            assert cosines.round(2).tolist() == expected
