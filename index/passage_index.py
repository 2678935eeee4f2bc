"""The interface of a passage index, as search needs it, and the index in this process, made of FAISS and BM25."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.document import Passage
from corpus.regions.gazetteer import Gazetteer
from index.catalog import Catalog
from index.channels.bm25 import BM25Index
from index.channels.contextual import ContextualIndex
from index.channels.dense import DenseIndex
from index.channels.late_interaction import LateInteractionIndex, TokenEncoder, TokenSimilarities, units_of_passage
from index.contextual import ContextualEncoder
from index.encoder import Encoder
from index.pieces import PassageText
from index.query.query import Query
from index.query.tokenizer import Tokenizer
from index.reader import PassageReading
from index.store.indexing import build_channels

Mode = Literal["hybrid", "lexical", "dense"]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Passages found by terms or by vector, shape (n,) each: numbers, BM25 scores (0 upwards), cosines with the query, and the
    cosines of their nearest sentences, None without a contextual channel."""

    numbers: NDArray[np.int64]
    lexical: NDArray[np.float32]
    cosines: NDArray[np.float32]
    sentences: NDArray[np.float32] | None = None


class PassageIndex(Protocol):
    """An index of the passages of one library generation. It finds candidates; the retriever scores them."""

    @property
    def catalog(self) -> Catalog:
        """Return the facts, passages and filters of the library."""

    @property
    def reads_sentences(self) -> bool:
        """Return whether there is a contextual channel."""

    @property
    def encode_question(self) -> Callable[[str], NDArray[np.float32]] | None:
        """Return what gives the vector of a question, shape (d,), of length 1; None without a contextual channel."""

    def sentence_cosines(self, question: str, passages: Sequence[Passage]) -> list[NDArray[np.float32]]:
        """Return the cosine of a question with each sentence of some passages; see `reads_sentences`."""

    def read_together(self, question: str, passages: Sequence[Passage]) -> list[PassageReading]:
        """Read a question with each of some passages; see `reads_sentences`."""

    @property
    def has_token_vectors(self) -> bool:
        """Return whether passages can be compared with a query token by token (late interaction)."""

    def candidates(self, query: Query, mask: NDArray[np.bool_], *, k: int, mode: Mode) -> Candidates:
        """Return the `k` passages nearest by terms and the `k` nearest by vector, without duplicates, among those of the mask.

        Args: mask: shape (n_passages,), as `Catalog.filter_mask` gives it; mode: take only one of the two.
        """

    def token_similarities(self, query: Query, numbers: NDArray[np.int64]) -> TokenSimilarities | None:
        """Compare a query with passages token by token; None if the query or the encoder has no token vectors."""

    def part_similarities(self, query: Query, passages: Sequence[Passage]) -> TokenSimilarities:
        """Compare a query as a whole with the parts of passages, for encoders without token vectors."""

    def term_weights(self, query: Query) -> Mapping[str, float]:
        """Return the weight of each term that the query asks for (see `Evidence`)."""

    def idf(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Return the inverse document frequency of terms, shape (len(terms),); unseen terms get the maximum."""


class LocalPassageIndex:
    """A passage index of FAISS and BM25 in this process."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        lexical: BM25Index,
        dense: DenseIndex,
        encoder: Encoder,
        late: LateInteractionIndex | None = None,
        sentences: ContextualIndex | None = None,
        contextual: ContextualEncoder | None = None,
    ) -> None:
        """Args: late: for an encoder whose tokens have vectors; if None, the dense channel compares whole texts; sentences,
        contextual: the contextual channel and its encoder, both or none."""
        self.catalog = catalog
        self.encoder = encoder
        self.lexical = lexical
        self.dense = dense
        self.late = late
        self.sentences = sentences
        self.contextual = contextual
        self._token_encoder = encoder if late is not None and isinstance(encoder, TokenEncoder) else None

    @classmethod
    def build(
        cls,
        passages: Sequence[Passage],
        *,
        gazetteer: Gazetteer,
        encoder: Encoder,
        tokenizer: Tokenizer,
        contextual: ContextualEncoder | None = None,
    ) -> "LocalPassageIndex":
        """Index passages in memory, at least one."""
        dense, lexical, late, sentences = build_channels(passages, encoder=encoder, contextual=contextual, tokenizer=tokenizer)
        catalog = Catalog(passages, gazetteer=gazetteer, tokenizer=tokenizer, load_vocabulary=lexical.vocabulary)
        return cls(
            catalog,
            lexical=lexical,
            dense=dense,
            late=late,
            encoder=encoder,
            sentences=sentences,
            contextual=contextual,
        )

    @property
    def reads_sentences(self) -> bool:
        return self.sentences is not None and self.contextual is not None

    @property
    def encode_question(self) -> Callable[[str], NDArray[np.float32]] | None:
        return self.contextual.encode_question if self.contextual is not None and self.reads_sentences else None

    def sentence_cosines(self, question: str, passages: Sequence[Passage]) -> list[NDArray[np.float32]]:
        """Return the cosine of a question with each sentence of some passages; see `reads_sentences`."""
        assert self.sentences is not None and self.contextual is not None
        vector = self.contextual.encode_question(question)
        return [self.sentences.sentences(vector, self.catalog.number_of(passage)) for passage in passages]

    def read_together(self, question: str, passages: Sequence[Passage]) -> list[PassageReading]:
        """Read a question with each of some passages; see `reads_sentences`."""
        assert self.contextual is not None
        return self.contextual.read_together(question, [PassageText.of(passage) for passage in passages])

    @property
    def has_token_vectors(self) -> bool:
        return self._token_encoder is not None

    def candidates(self, query: Query, mask: NDArray[np.bool_], *, k: int, mode: Mode) -> Candidates:
        """Return the candidates of one channel, best first, or of both, each passage once, in the order of the library."""
        everything = bool(mask.all())
        lexical = self.lexical.scores(query.terms) + self.lexical.synonym_scores(query.synonym_groups)
        if not everything:
            lexical = np.where(mask, lexical, np.float32(0))
        by_terms = top_k(lexical, k) if mode != "dense" else np.zeros(0, np.int64)
        has_vector = mode != "lexical" and bool(query.vector.any())
        by_vector = self.dense.top(query.vector, k, None if everything else mask) if has_vector else np.zeros(0, np.int64)
        numbers = {"lexical": by_terms, "dense": by_vector, "hybrid": np.union1d(by_terms, by_vector)}[mode].astype(np.int64)
        cosines = None
        says_something = any(character.isalnum() for character in query.text)
        if self.sentences is not None and self.contextual is not None and mode == "hybrid" and says_something:
            question = self.contextual.encode_question(query.text)
            numbers = np.union1d(numbers, self.sentences.top(question, k, None if everything else mask))
            cosines = self.sentences.scores(question, numbers)
        return Candidates(numbers, lexical[numbers], self.dense.scores(query.vector, numbers), cosines)

    def token_similarities(self, query: Query, numbers: NDArray[np.int64]) -> TokenSimilarities | None:
        """Compare a query with passages token by token; None if the query or the encoder has no token vectors."""
        if self._token_encoder is None or self.late is None or not len(numbers) or not len(query.token_ids):
            return None
        return self.late.token_similarities(query.token_ids, numbers, encoder=self._token_encoder)

    def part_similarities(self, query: Query, passages: Sequence[Passage]) -> TokenSimilarities:
        """Compare a query with the context and the sentences of passages by the cosine of whole texts.

        The query counts as one token. A sentence without content, or one that shares no known token with the query, gets 0.
        """
        parts = [units_of_passage(passage) for passage in passages]
        sizes = np.array([len(texts) for texts in parts], np.int64)
        cosines = self.encoder.encode_passages([text for texts in parts for text in texts]) @ query.vector
        return TokenSimilarities(np.ones(1, np.float32), cosines[None, :], cosines, np.cumsum(sizes) - sizes)

    def term_weights(self, query: Query) -> Mapping[str, float]:
        """Return the weight of each term that the query asks for."""
        weights = {term: float(weight) for term, weight in zip(query.terms, self.idf(query.terms), strict=True)}
        for group in query.synonym_groups:
            for term, weight in self.lexical.term_weights(group).items():
                weights[term] = weights.get(term, 0.0) + weight
        return weights

    def idf(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Return the inverse document frequency of terms, shape (len(terms),); unseen terms get the maximum."""
        return self.lexical.idf(terms)


def top_k(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the positions of the `k` highest scores above 0, best first; equal scores keep their order."""
    positions = np.flatnonzero(scores > 0)
    if len(positions) > k:
        lowest = np.partition(scores[positions], -k)[-k]
        positions = positions[scores[positions] >= lowest]
    return positions[np.argsort(-scores[positions], kind="stable")][:k]
