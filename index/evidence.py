"""The evidence found for a query: ranked passages, and the similarities of the query's tokens with their parts."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpus.document import Bulletin, Passage, Span
from index.channels.late_interaction import TokenSimilarities
from index.filters import Filters
from index.query.query import Query
from index.reader import PassageReading


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
    the filters let it through, and nothing of it is among `left_out`, the stretches that were quoted before. `sentence_cosines`
    compares a question with each sentence of passages of this library, and `read_together` reads a question with each of some
    passages; both are None if the index has no contextual channel.
    """

    query: Query
    filters: Filters
    n_passages: int
    n_bulletins: int
    passages: tuple[ScoredPassage, ...]
    term_weights: Mapping[str, float]
    compare: Callable[[Sequence[Passage]], TokenSimilarities]
    passes: Callable[[Passage, Span], bool] = lambda passage, span: True
    left_out: tuple[tuple[Bulletin, Span], ...] = ()
    sentence_cosines: Callable[[str, Sequence[Passage]], Sequence[NDArray[np.float32]]] | None = None
    read_together: Callable[[str, Sequence[Passage]], Sequence[PassageReading]] | None = None

    @functools.cached_property
    def similarities(self) -> TokenSimilarities:
        """Return the similarities of the query with every part of `passages`, at least one; computed on first use."""
        return self.compare([scored.passage for scored in self.passages])

    def with_passages(self, passages: Sequence[ScoredPassage]) -> "Evidence":
        """Return the same evidence with other passages."""
        return replace(self, passages=tuple(passages))

    def without(self, stretches: Sequence[tuple[Bulletin, Span]]) -> "Evidence":
        """Return the same evidence without some stretches, and without the passages that lie in one of them."""
        if not stretches:
            return self

        def passes(passage: Passage, span: Span) -> bool:
            taken = any(bulletin is passage.bulletin and stretch.overlaps(span) for bulletin, stretch in stretches)
            return not taken and self.passes(passage, span)

        def is_taken(passage: Passage) -> bool:
            whole = passage.span.trimmed(passage.bulletin.text)
            return any(bulletin is passage.bulletin and stretch.contains(whole) for bulletin, stretch in stretches)

        left = self.subset([index for index, scored in enumerate(self.passages) if not is_taken(scored.passage)])
        return replace(left.restricted(passes), left_out=(*self.left_out, *stretches))

    def restricted(self, passes: Callable[[Passage, Span], bool]) -> "Evidence":
        """Return the same evidence of which only what `passes` says may be quoted."""
        similarities = self.__dict__.get("similarities")
        restricted = replace(self, passes=passes)
        if similarities is not None:
            restricted.__dict__["similarities"] = similarities
        return restricted

    def subset(self, indexes: Sequence[int]) -> "Evidence":
        """Return evidence with some of the passages; similarities that exist already are kept."""
        subset = self.with_passages([self.passages[index] for index in indexes])
        if indexes and "similarities" in self.__dict__:
            subset.__dict__["similarities"] = self.similarities.select(indexes)
        return subset
