"""The search in a library: filter, find candidates by terms and by vector, score them by late interaction, fuse."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus import deadline
from corpus.document import Passage
from corpus.regions.gazetteer import Gazetteer
from index.catalog import Catalog
from index.channels.fusion import dense_score, fuse
from index.channels.late_interaction import TokenSimilarities
from index.contextual import ContextualEncoder
from index.encoder import Encoder, load_encoder
from index.evidence import Evidence, ScoredPassage
from index.filters import Filters
from index.passage_index import LocalPassageIndex, Mode, PassageIndex
from index.query.query import Query, QueryAnalyzer
from index.query.thesaurus import load_thesaurus
from index.query.tokenizer import load_tokenizer
from index.query.translation import load_translations

_CANDIDATES = 100  # of each channel; fusion ranks their union


class Retriever:
    """A search engine that ranks the passages of an index."""

    def __init__(self, index: PassageIndex, analyzer: QueryAnalyzer) -> None:
        self.index = index
        self.analyzer = analyzer

    @classmethod
    def build(
        cls,
        passages: Sequence[Passage],
        *,
        gazetteer: Gazetteer,
        encoder: Encoder | None = None,
        contextual: ContextualEncoder | None = None,
    ) -> "Retriever":
        """Index passages in memory, at least one, with the packaged tables. Args: encoder: the packaged one if None."""
        encoder, tokenizer = encoder or load_encoder(), load_tokenizer()
        return cls(
            LocalPassageIndex.build(passages, gazetteer=gazetteer, encoder=encoder, tokenizer=tokenizer, contextual=contextual),
            QueryAnalyzer(encoder=encoder, tokenizer=tokenizer, translations=load_translations(), thesaurus=load_thesaurus()),
        )

    @property
    def catalog(self) -> Catalog:
        """Return the catalog of the library."""
        return self.index.catalog

    @property
    def encode_question(self) -> Callable[[str], NDArray[np.float32]] | None:
        """Return what gives the vector of a question, shape (d,), of length 1; None without a contextual channel."""
        return self.index.encode_question

    def analyze(self, text: str) -> Query:
        """Analyse a text once, for every search with it."""
        return self.analyzer.analyze(text)

    def search(
        self, query: str | Query, *, k: int = 10, filters: Filters = Filters(), mode: Mode = "hybrid"
    ) -> tuple[ScoredPassage, ...]:
        """Rank the passages that pass the filters.

        Returns: at most `k`, best first; filters apply before the ranking. Passages that share no term with the query and are not
            among its nearest vectors are left out, so there may be fewer.
        """
        query = self.analyze(query) if isinstance(query, str) else query
        return self._rank(query, self.catalog.filter_mask(filters), k=k, mode=mode)[0]

    def retrieve(self, query: Query, *, k: int, filters: Filters = Filters()) -> Evidence:
        """Rank the passages that pass the filters, and collect the other facts that an answer needs."""
        deadline.check()
        mask = self.catalog.filter_mask(filters)
        passages, numbers, similarities = self._rank(query, mask, k=k, mode="hybrid")
        n_passages, n_bulletins = self.catalog.count_matching(mask)
        return Evidence(
            query=query,
            filters=filters,
            n_passages=n_passages,
            n_bulletins=n_bulletins,
            passages=passages,
            term_weights=self.index.term_weights(query),
            compare=functools.partial(self._compare, query, numbers, similarities),
            passes=functools.partial(self.catalog.passes, filters=filters),
            sentence_cosines=self.index.sentence_cosines if self.index.reads_sentences else None,
            read_together=self.index.read_together if self.index.reads_sentences else None,
        )

    def compare(self, query: Query, passages: Sequence[Passage]) -> TokenSimilarities:
        """Compare a query with every part of some passages of this library, at least one."""
        numbers = np.array([self.catalog.number_of(passage) for passage in passages], np.int64)
        similarities = self.index.token_similarities(query, numbers)
        return similarities if similarities is not None else self.index.part_similarities(query, passages)

    def _rank(
        self, query: Query, mask: NDArray[np.bool_], *, k: int, mode: Mode
    ) -> tuple[tuple[ScoredPassage, ...], NDArray[np.int64], TokenSimilarities | None]:
        """Return the best passages, the numbers of all candidates and their similarities."""
        if not mask.any():
            return (), np.zeros(0, np.int64), None
        found = self.index.candidates(query, mask, k=max(k, _CANDIDATES), mode=mode)
        similarities = self.index.token_similarities(query, found.numbers) if mode != "lexical" else None
        dense = found.cosines if mode == "lexical" else dense_score(found.cosines, similarities)
        hybrid = fuse(found.lexical, dense, found.sentences, late=self.index.has_token_vectors)
        scores = {"lexical": found.lexical, "dense": dense, "hybrid": hybrid}[mode]
        passages = self.catalog.passages
        best = np.argsort(-scores, kind="stable")[:k]
        ranked = tuple(
            ScoredPassage(passages[found.numbers[i]], float(scores[i]), float(found.lexical[i]), float(dense[i])) for i in best
        )
        return ranked, found.numbers, similarities

    def _compare(
        self, query: Query, numbers: NDArray[np.int64], similarities: TokenSimilarities | None, passages: Sequence[Passage]
    ) -> TokenSimilarities:
        """Return the similarities of passages: those of the candidates if all passages are candidates, else new ones."""
        wanted = np.array([self.catalog.number_of(passage) for passage in passages], np.int64)
        positions = np.searchsorted(numbers, wanted)  # a hybrid search gives its candidates in ascending order
        if similarities is None or (positions == len(numbers)).any() or (numbers[positions] != wanted).any():
            return self.compare(query, passages)
        return similarities.select(positions.tolist())
