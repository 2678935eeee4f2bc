"""What was found for a query: the ranked passages, and how near each token of the query comes to every part of them."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.document import Passage
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
    """The passages found for a query, best first, and what is known of the query in this library.

    `n_passages` and `n_bulletins` are how many the filters let through. `term_weights` holds each term of the index that the
    query asks for with its weight: a Chinese term has its inverse document frequency, an English word gives each Chinese term it
    may stand for its probability times the inverse document frequency of the word as a whole.
    """

    query: Query
    filters: Filters
    n_passages: int
    n_bulletins: int
    passages: tuple[ScoredPassage, ...]
    term_weights: Mapping[str, float]
    compare: Callable[[Query, Sequence[Passage]], TokenSimilarities]

    @functools.cached_property
    def similarities(self) -> TokenSimilarities:
        """The query compared with every part of `passages`, at least one, token by token; computed when first asked for."""
        return self.compare(self.query, [scored.passage for scored in self.passages])

    def with_passages(self, passages: Sequence[ScoredPassage]) -> "Evidence":
        """Return the same evidence with other passages."""
        return replace(self, passages=tuple(passages))

    def subset(self, indexes: Sequence[int]) -> "Evidence":
        """Return the evidence of some of its passages; their similarities are taken from these, not computed again."""
        subset = self.with_passages([self.passages[index] for index in indexes])
        if indexes and "similarities" in self.__dict__:
            subset.__dict__["similarities"] = self.similarities.select(indexes)
        return subset
