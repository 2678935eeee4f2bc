"""A query, analysed once for all steps of a search."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.channels.bm25 import SynonymGroup
from index.channels.late_interaction import TokenEncoder
from index.encoder import Encoder
from index.query.thesaurus import Thesaurus
from index.query.tokenizer import Tokenizer
from index.query.translation import TranslationTable


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A text to search for, with its terms, synonyms, vector and tokens.

    `terms` are searched for as they are; `synonym_groups` are English words with their Chinese senses, and everyday words with
    the official ones. `vector` has shape (dimension,) and length 1, or is zero if the encoder knows nothing of the text;
    `token_ids` are the different tokens whose vectors late interaction compares, none if the encoder's tokens have no vectors.
    """

    text: str
    terms: tuple[str, ...]
    synonym_groups: tuple[SynonymGroup, ...]
    vector: NDArray[np.float32]
    token_ids: NDArray[np.int32]


class QueryAnalyzer:
    """An analyser that turns texts into queries, with the encoder and the tables of the index."""

    def __init__(
        self,
        *,
        encoder: Encoder,
        tokenizer: Tokenizer,
        translations: TranslationTable | None = None,
        thesaurus: Thesaurus | None = None,
    ) -> None:
        """Args: translations: if None, English words find only themselves; thesaurus: if None, no word is expanded."""
        self.encoder = encoder
        self.tokenizer = tokenizer
        self.translations = translations
        self.thesaurus = thesaurus

    def analyze(self, text: str) -> Query:
        """Analyse a text: cut it into terms, translate and expand them, encode it."""
        terms = self.tokenizer.tokenize(text)
        groups = self.thesaurus.expand(text) if self.thesaurus is not None else ()
        if self.translations is not None:
            terms = [term for term in terms if not term.isascii()]
            groups = self.translations.synonym_groups(text) + groups
        vector = self.encoder.encode_queries([text])[0]
        has_tokens = isinstance(self.encoder, TokenEncoder)
        token_ids = self.encoder.token_ids([text])[0] if has_tokens else np.zeros(0, np.int32)  # type: ignore[attr-defined]
        return Query(text, tuple(terms), groups, vector, token_ids)
