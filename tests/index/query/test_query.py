"""A text becomes a query: terms, groups of synonyms, a vector and tokens, each from one pass over it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.query.query import QueryAnalyzer
from index.query.thesaurus import load_thesaurus
from index.query.tokenizer import Tokenizer
from index.query.translation import load_translations
from tests.index.small import DIRECTIONS, SmallEncoder, SmallTokenEncoder


class _CountingEncoder(SmallTokenEncoder):
    """Keeps what it is asked to encode."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        return super().encode_queries(texts)


def test_a_text_is_analysed_once_and_completely() -> None:
    encoder = _CountingEncoder()
    query = QueryAnalyzer(encoder=encoder, tokenizer=Tokenizer()).analyze("骑手的积分")
    assert query.text == "骑手的积分" and encoder.encoded == ["骑手的积分"]
    assert {"骑手", "积分"} <= set(query.terms) and query.synonym_groups == ()
    np.testing.assert_allclose(query.vector, np.array([1, 1, 0]) / np.sqrt(2), atol=1e-6)  # 骑手 and 积分, one each
    assert [list(DIRECTIONS)[token] for token in query.token_ids] == ["骑手", "积分"]


def test_an_encoder_whose_tokens_have_no_vectors_gives_none() -> None:
    query = QueryAnalyzer(encoder=SmallEncoder(), tokenizer=Tokenizer()).analyze("骑手的积分")
    assert query.token_ids.shape == (0,) and query.vector.any()
    assert not QueryAnalyzer(encoder=SmallEncoder(), tokenizer=Tokenizer()).analyze("？").vector.any()


def test_english_words_are_groups_of_chinese_senses_and_no_terms_of_their_own() -> None:
    tokenizer = Tokenizer()
    translations, thesaurus = load_translations(), load_thesaurus()
    assert QueryAnalyzer(encoder=SmallEncoder(), tokenizer=tokenizer).analyze("volunteer").terms == ("volunteer",)
    analyzer = QueryAnalyzer(encoder=SmallEncoder(), tokenizer=tokenizer, translations=translations, thesaurus=thesaurus)
    query = analyzer.analyze("volunteer")
    assert query.terms == () and query.synonym_groups == (
        *translations.synonym_groups("volunteer"),
        *thesaurus.expand("volunteer"),
    )
    assert query.synonym_groups
