"""Search the passages of a library: filter, score by both channels, fuse."""

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corpus.document import Passage, Region
from corpus.regions.gazetteer import Gazetteer
from corpus.text.normalize import fold
from index.channels.bm25 import BM25Index, SynonymGroup
from index.channels.dense import DenseIndex
from index.channels.fusion import dense_score, fuse
from index.channels.late_interaction import LateInteractionIndex, TokenEncoder, TokenSimilarities, units_of_passage
from index.encoder import Encoder, load_encoder
from index.query.thesaurus import Thesaurus, load_thesaurus
from index.query.tokenizer import Tokenizer, load_tokenizer
from index.query.translation import TranslationTable, load_translations
from index.store.indexing import build_channels, find_mentioned_regions

Mode = Literal["hybrid", "lexical", "dense"]

_CANDIDATES = 100  # of each channel; fusion ranks their union


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is limited to; an empty field does not limit. A region stands for everything below it."""

    regions: tuple[Region, ...] = ()
    years: tuple[int, ...] = ()
    series: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    total_issues: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.regions, self.years, self.series, self.issues, self.total_issues))


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage and its scores, higher is better: `score` of both channels and `dense` (-1 to 1), BM25 `lexical` (0 upwards)."""

    passage: Passage
    score: float
    lexical: float
    dense: float


class Retriever:
    """Ranks the passages of one index generation."""

    def __init__(
        self,
        passages: Sequence[Passage],
        *,
        lexical: BM25Index,
        dense: DenseIndex,
        encoder: Encoder,
        tokenizer: Tokenizer,
        gazetteer: Gazetteer,
        late: LateInteractionIndex | None = None,
        mentioned_regions: Mapping[int, Sequence[int]] | None = None,
        translations: TranslationTable | None = None,
        thesaurus: Thesaurus | None = None,
    ) -> None:
        """Args: late: for an encoder whose tokens have vectors; without it the dense channel compares whole texts;
        told: by the number of a passage, which of the other regions of its article it tells of, found anew if None;
        translations: without it, English words of a query find only themselves in the lexical channel."""
        self.passages = tuple(passages)
        self._numbers = {passage.passage_id: number for number, passage in enumerate(self.passages)}
        self.encoder = encoder
        self.tokenizer = tokenizer
        self.gazetteer = gazetteer
        self._lexical = lexical
        self._dense = dense
        self._late = (late, encoder) if late is not None and isinstance(encoder, TokenEncoder) else None
        self._translations = translations
        self._thesaurus = thesaurus
        self._stored_mentions = mentioned_regions
        # By identity: to compare two bulletins is to compare their texts.
        articles = {id(passage.article): passage.article for passage in self.passages}
        bulletins = {id(passage.bulletin): passage.bulletin for passage in self.passages}
        self.articles, self.bulletins = tuple(articles.values()), tuple(bulletins.values())
        places = {key: at for keys in (articles, bulletins) for at, key in enumerate(keys)}
        self._article_of = np.array([places[id(passage.article)] for passage in self.passages], np.int64)
        kinds: dict[tuple[Region | None, Region | None], int] = {}
        about = [kinds.setdefault((article.region, article.signed_by), len(kinds)) for article in self.articles]
        self._region_pairs = tuple(kinds)  # what articles are about: their region, and the one that signs
        self._region_pair_of_passage = np.array(about, np.int64)[self._article_of] if self.passages else self._article_of
        self._bulletin_of = np.array([places[id(passage.bulletin)] for passage in self.passages], np.int64)

    @classmethod
    def build(cls, passages: Sequence[Passage], *, gazetteer: Gazetteer, encoder: Encoder | None = None) -> "Retriever":
        """Index passages in memory, at least one, with the product's own tables. Args: encoder: the bundled one if None."""
        encoder, tokenizer = encoder or load_encoder(), load_tokenizer()
        dense, lexical, late = build_channels(passages, encoder=encoder, tokenizer=tokenizer)
        return cls(
            passages,
            lexical=lexical,
            dense=dense,
            late=late,
            encoder=encoder,
            tokenizer=tokenizer,
            gazetteer=gazetteer,
            translations=load_translations(),
            thesaurus=load_thesaurus(),
        )

    def ablated(self, *parts: Literal["late", "translations", "thesaurus"]) -> "Retriever":
        """The same index without some of its parts, to measure what they bring."""
        return Retriever(
            self.passages,
            lexical=self._lexical,
            dense=self._dense,
            late=self._late[0] if self._late is not None and "late" not in parts else None,
            mentioned_regions=self._stored_mentions,
            encoder=self.encoder,
            tokenizer=self.tokenizer,
            gazetteer=self.gazetteer,
            translations=None if "translations" in parts else self._translations,
            thesaurus=None if "thesaurus" in parts else self._thesaurus,
        )

    def search(
        self, query: str, *, k: int = 10, filters: Filters = Filters(), mode: Mode = "hybrid"
    ) -> tuple[ScoredPassage, ...]:
        """Rank the passages that pass the filters.

        Returns: at most `k`, best first; the filters act before ranking. Passages that share no term with the query and are no
            neighbour of it are left out, so there may be fewer.
        """
        allowed = self.filter_mask(filters)
        if not self.passages or not allowed.any():
            return ()
        lexical = np.where(allowed, self._lexical_scores(query), 0)
        vector = self.encoder.encode_queries([query])[0]
        by_terms = top_k(lexical, max(k, _CANDIDATES))
        by_vector = self._dense.top(vector, max(k, _CANDIDATES), None if allowed.all() else allowed)
        if not vector.any():
            by_vector = by_vector[:0]
        numbers = {"lexical": by_terms, "dense": by_vector, "hybrid": np.union1d(by_terms, by_vector)}[mode].astype(np.int64)
        bm25, dense = lexical[numbers], self._dense.scores(vector, numbers)
        if mode != "lexical":
            dense = dense_score(dense, self._late_matches(query, numbers))
        scores = {"lexical": bm25, "dense": dense, "hybrid": fuse(bm25, dense, late=self._late is not None)}[mode]
        best = np.argsort(-scores, kind="stable")[:k]
        return tuple(
            ScoredPassage(self.passages[numbers[at]], float(scores[at]), float(bm25[at]), float(dense[at])) for at in best
        )

    def token_similarities(self, query: str, passages: Sequence[Passage]) -> TokenSimilarities:
        """How near each token of a query comes to the head and to every sentence of some passages of this library.

        A model without vectors of tokens is asked for those of the sentences, the query being one token; a sentence without
        content is then at 0. So is one that knows no token of the query.
        """
        numbers = np.array([self._numbers[passage.passage_id] for passage in passages], np.int64)
        matches = self._late_matches(query, numbers)
        if matches is not None:
            return matches
        texts = [units_of_passage(passage) for passage in passages]
        lengths = np.array([len(parts) for parts in texts], np.int64)
        flat = [part for parts in texts for part in parts]
        cosines = self.encoder.encode_passages(flat) @ self.encoder.encode_queries([query])[0]
        return TokenSimilarities(np.ones(1, np.float32), cosines[None, :], cosines, np.cumsum(lengths) - lengths)

    def _late_matches(self, query: str, numbers: NDArray[np.int64]) -> TokenSimilarities | None:
        if self._late is None or not len(numbers):
            return None
        late, encoder = self._late
        tokens = encoder.token_ids([query])[0]
        return late.token_similarities(tokens, numbers, encoder=encoder) if len(tokens) else None

    def filter_mask(self, filters: Filters) -> NDArray[np.bool_]:
        """Which passages pass the filters, shape (n_passages,)."""
        if not filters or not self.passages:
            return np.ones(len(self.passages), np.bool_)
        series = [fold(name) for name in filters.series]
        named = {name: any(part in fold(name) for part in series) for name in {b.masthead.series for b in self.bulletins}}
        issues = np.array(
            [
                (not filters.years or bulletin.masthead.year in filters.years)
                and (not filters.issues or bulletin.masthead.issue in filters.issues)
                and (not filters.total_issues or bulletin.masthead.total_issue in filters.total_issues)
                and (not series or named[bulletin.masthead.series])
                for bulletin in self.bulletins
            ],
            np.bool_,
        )
        allowed: NDArray[np.bool_] = issues[self._bulletin_of]
        if filters.regions:
            allowed &= self._in_regions(filters.regions)
        return allowed

    def count_matching(self, allowed: NDArray[np.bool_]) -> tuple[int, int]:
        """How many passages, and of how many bulletins, are allowed."""
        return int(allowed.sum()), len(np.unique(self._bulletin_of[allowed]))

    def idf(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """How much each term tells in this library, shape (len(terms),): its inverse document frequency."""
        return self._lexical.idf(terms)

    @functools.cached_property
    def vocabulary(self) -> Mapping[str, int]:
        """The terms of the library, words and character bigrams, with the number of passages that each is in."""
        return self._lexical.vocabulary()

    def query_terms(self, query: str) -> dict[str, float]:
        """The terms of the index that a query asks for, and how much each tells; what `search` scores by, for weighing sentences.

        A Chinese term has its inverse document frequency. An English word is each of the Chinese terms it may stand for, with its
        probability times the inverse document frequency of the word as a whole; so the weights of one word's terms add up to what
        the word tells, however many senses it has.
        """
        terms, concepts = self._asked(query)
        weights = {term: float(weight) for term, weight in zip(terms, self.idf(terms), strict=True)}
        for concept in concepts:
            for term, weight in self._lexical.term_weights(concept).items():
                weights[term] = weights.get(term, 0.0) + weight
        return weights

    def _asked(self, query: str) -> tuple[list[str], tuple[SynonymGroup, ...]]:
        """The terms of a query that stand for themselves, and its Latin-letter words and numbers, translated."""
        terms = self.tokenizer.tokenize(query)
        concepts = self._thesaurus.expand(query) if self._thesaurus is not None else ()
        if self._translations is None:
            return terms, concepts
        return [term for term in terms if not term.isascii()], self._translations.synonym_groups(query) + concepts

    def _lexical_scores(self, query: str) -> NDArray[np.float32]:
        terms, concepts = self._asked(query)
        return self._lexical.scores(terms) + self._lexical.synonym_scores(concepts)

    @functools.cached_property
    def regions(self) -> Mapping[Region, int]:
        """The regions that the library's articles are about, with the number of articles."""
        return Counter(article.region for article in self.articles if article.region is not None)

    @functools.cached_property
    def all_regions(self) -> tuple[Region, ...]:
        """Every region that an article of the library is about, is signed by or also tells of."""
        regions = dict.fromkeys(self.regions)
        for article in self.articles:
            regions |= dict.fromkeys(region for region in (article.signed_by, *article.also_regions) if region is not None)
        return tuple(regions)

    def _in_regions(self, wanted: tuple[Region, ...]) -> NDArray[np.bool_]:
        """Which passages' articles are about, or signed by, a wanted region, or tell in that passage of another that is."""

        @functools.cache
        def covered(region: Region | None) -> bool:
            return region is not None and any(self.gazetteer.covers(one, region) for one in wanted)

        about = np.array([covered(region) or covered(signed_by) for region, signed_by in self._region_pairs], np.bool_)
        inside: NDArray[np.bool_] = about[self._region_pair_of_passage]
        regions, passages, named = self._mention_columns
        inside[passages[np.array([covered(region) for region in regions], np.bool_)[named]]] = True
        return inside

    def mentions_region(self, passage: Passage, region: Region) -> bool:
        """Whether a passage that is about none of the regions named tells of this one, or of one below it."""
        told = self._mentioned_regions.get(self._numbers[passage.passage_id], ())
        return any(self.gazetteer.covers(region, passage.article.also_regions[at]) for at in told)

    @functools.cached_property
    def _mentioned_regions(self) -> Mapping[int, Sequence[int]]:
        if self._stored_mentions is not None:
            return self._stored_mentions
        return {number: find_mentioned_regions(passage, self.gazetteer) for number, passage in enumerate(self.passages)}

    @functools.cached_property
    def _mention_columns(self) -> tuple[tuple[Region, ...], NDArray[np.int64], NDArray[np.int64]]:
        """The regions that passages tell of beside those of their articles; passages, and which of these each tells of."""
        places: dict[Region, int] = {}
        pairs = [
            (number, places.setdefault(self.passages[number].article.also_regions[at], len(places)))
            for number, told in self._mentioned_regions.items()
            for at in told
        ]
        passages, named = np.array(pairs, np.int64).reshape(-1, 2).T
        return tuple(places), passages, named


def top_k(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The places of the `k` highest scores above 0, best first; of equals the first come first."""
    places = np.flatnonzero(scores > 0)
    if len(places) > k:
        least = np.partition(scores[places], -k)[-k]
        places = places[scores[places] >= least]
    return places[np.argsort(-scores[places], kind="stable")][:k]
