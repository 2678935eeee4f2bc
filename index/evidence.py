"""The evidence found for a query: ranked passages, and the similarities of the query's tokens with their parts."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.document import Passage, Span
from index.channels.late_interaction import TokenSimilarities
from index.filters import Filters
from index.query.query import Query


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage and its scores, higher is better: `score` of both channels and `dense` (-1 to 1), BM25 `lexical` (0 upwards)."""

    passage: Passage
    score: float
    lexical: float
    dense: float


@dataclass(frozen=True, eq=False)
class Evidence:
    """The passages found for a query, best first, and facts about the query in this library.

    `n_passages` and `n_bulletins` count what the filters let through. `term_weights` has the weight of each term of the index
    that the query asks for: the inverse document frequency of a Chinese term; for a Chinese term that an English word may stand
    for, its probability times the inverse document frequency of the whole word. `passes` tells of a stretch of a passage whether
    the filters let it through.
    """

    query: Query
    filters: Filters
    n_passages: int
    n_bulletins: int
    passages: tuple[ScoredPassage, ...]
    term_weights: Mapping[str, float]
    compare: Callable[[Sequence[Passage]], TokenSimilarities]
    passes: Callable[[Passage, Span], bool] = lambda passage, span: True

    @functools.cached_property
    def similarities(self) -> TokenSimilarities:
        """Return the similarities of the query with every part of `passages`, at least one; computed on first use."""
        return self.compare([scored.passage for scored in self.passages])

    def with_passages(self, passages: Sequence[ScoredPassage]) -> "Evidence":
        """Return the same evidence with other passages."""
        return replace(self, passages=tuple(passages))

    def subset(self, indexes: Sequence[int]) -> "Evidence":
        """Return evidence with some of the passages; similarities that exist already are kept."""
        subset = self.with_passages([self.passages[index] for index in indexes])
        if indexes and "similarities" in self.__dict__:
            subset.__dict__["similarities"] = self.similarities.select(indexes)
        return subset
