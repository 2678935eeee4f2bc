"""Search over three small bulletins, in an encoder of three directions."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.chunker import chunk
from corpus.document import Passage, Region
from corpus.parsing.parser import parse_text
from corpus.regions.gazetteer import Gazetteer
from index.catalog import Catalog
from index.channels import fusion
from index.channels.bm25 import BM25Index
from index.channels.dense import DenseIndex
from index.filters import Filters
from index.passage_index import LocalPassageIndex, Mode, top_k
from index.query.query import QueryAnalyzer
from index.query.tokenizer import Tokenizer
from index.retriever import Retriever
from index.store.indexing import build_channels
from tests.index.small import RIDERS_AND_POINTS, STORIES, SWIMMING, SmallContextual, SmallEncoder, SmallTokenEncoder

ZHEJIANG = Region("浙江省")
HANGZHOU = Region("浙江省", "杭州市")
CHUNAN = Region("浙江省", "杭州市", "淳安县")
JIANGGAN = Region("浙江省", "杭州市", "江干区")  # became part of 上城区 in 2021
SHANGCHENG = Region("浙江省", "杭州市", "上城区")
NINGBO = Region("浙江省", "宁波市")
ZHENHAI = Region("浙江省", "宁波市", "镇海区")
ENSHI = Region("湖北省", "恩施土家族苗族自治州")
WUHAN = Region("湖北省", "武汉市")

EVENING, STATION, POINTS, COUNTY = "一、办夜校", "二、建驿站", "一、记积分", "二、看县里"
POOL, COACH, STORY, HILLS = "一、找泳池", "二、请教练", "一、找故事", "二、学山里"


def make(encoder: SmallEncoder, contextual: SmallContextual | None = None) -> Retriever:
    """Of the three bulletins; late interaction where the encoder's tokens have vectors."""
    gazetteer = Gazetteer.load()
    sources = {"riders.txt": RIDERS_AND_POINTS, "swimming.txt": SWIMMING, "stories.txt": STORIES}
    bulletins = [parse_text(text, gazetteer=gazetteer, document=name) for name, text in sources.items()]
    passages = [passage for bulletin in bulletins for passage in chunk(bulletin)]
    tokenizer = Tokenizer()
    dense, lexical, late, sentences = build_channels(passages, encoder=encoder, contextual=contextual, tokenizer=tokenizer)
    catalog = Catalog(passages, gazetteer=gazetteer, tokenizer=tokenizer, load_vocabulary=lexical.vocabulary)
    index = LocalPassageIndex(
        catalog, lexical=lexical, dense=dense, late=late, encoder=encoder, sentences=sentences, contextual=contextual
    )
    return Retriever(index, QueryAnalyzer(encoder=encoder, tokenizer=tokenizer))


@pytest.fixture(scope="module")
def retriever() -> Retriever:
    return make(SmallEncoder())


@pytest.fixture(scope="module")
def late() -> Retriever:
    return make(SmallTokenEncoder())


@pytest.fixture(scope="module")
def contextual() -> Retriever:
    return make(SmallEncoder(), SmallContextual())


@pytest.fixture
def _round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Round shares of the fusion, in place of those that were fitted."""
    shares = {"_PASSAGE": 0.1, "_WINDOW": 0.2, "_SENTENCE": 0.3, "_WHOLE": 0.4, "_LEXICAL": 0.25, "_LEXICAL_WHOLE": 0.4}
    shares["_CONTEXTUAL"] = 0.5
    for name, share in shares.items():
        monkeypatch.setattr(fusion, name, share)


def allowed(retriever: Retriever, **limits: tuple[object, ...]) -> list[str]:
    """The first five characters of every passage that passes."""
    passes = retriever.catalog.filter_mask(Filters(**limits))  # type: ignore[arg-type]
    return [passage.text[:5] for passage, one in zip(retriever.catalog.passages, passes, strict=True) if one]


def found(retriever: Retriever, query: str, *, k: int = 10, mode: Mode = "hybrid", **limits: tuple[object, ...]) -> list[str]:
    results = retriever.search(query, k=k, mode=mode, filters=Filters(**limits))  # type: ignore[arg-type]
    return [scored.passage.text[:5] for scored in results]


def test_without_filters_all_passages_pass(retriever: Retriever) -> None:
    assert allowed(retriever) == [EVENING, STATION, POINTS, COUNTY, POOL, COACH, STORY, HILLS]
    assert not Filters()
    assert Filters(issues=("7",))


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        ((ZHENHAI,), [EVENING, STATION]),
        # everything below it
        ((NINGBO,), [EVENING, STATION]),
        ((ZHEJIANG,), [EVENING, STATION, POINTS, COUNTY, POOL, COACH]),
        # the city's own article, and the article of a former district
        ((HANGZHOU,), [POINTS, COUNTY, POOL, COACH]),
        # 江干区 became part of 上城区, and is found under both
        ((SHANGCHENG,), [POOL, COACH]),
        ((JIANGGAN,), [POOL, COACH]),
        # told of in this passage only, in an article of the city above it
        ((CHUNAN,), [COUNTY]),
        # 团恩施州委 is written without its peoples
        ((ENSHI,), [HILLS]),
        ((WUHAN,), [STORY, HILLS]),
        # one or the other
        ((ZHENHAI, ENSHI), [EVENING, STATION, HILLS]),
        ((Region("浙江省", "台州市"),), []),
    ],
)
def test_a_region_stands_for_all_below_it(retriever: Retriever, regions: tuple[Region, ...], expected: list[str]) -> None:
    assert allowed(retriever, regions=regions) == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"years": (2019,)}, [POOL, COACH]),
        ({"years": (2019, 2023)}, [POOL, COACH, STORY, HILLS]),
        ({"years": (2018,)}, []),
        ({"series": ("校园",)}, [POOL, COACH]),
        ({"series": ("青年試驗",)}, [EVENING, STATION, POINTS, COUNTY, STORY, HILLS]),
        ({"issues": ("7",)}, [EVENING, STATION, POINTS, COUNTY]),
        ({"issues": ("12", "1")}, [POOL, COACH, STORY, HILLS]),
        ({"total_issues": ("33",)}, [EVENING, STATION, POINTS, COUNTY]),
        ({"total_issues": ("7",)}, []),
        # every field must be met
        ({"series": ("青年",), "years": (2023,)}, [STORY, HILLS]),
        ({"series": ("青年",), "years": (2019,)}, []),
        ({"years": (2021,), "regions": (HANGZHOU,)}, [POINTS, COUNTY]),
    ],
)
def test_filters(retriever: Retriever, limits: dict[str, tuple[object, ...]], expected: list[str]) -> None:
    assert allowed(retriever, **limits) == expected


def test_dense_search_ranks_by_cosine(retriever: Retriever) -> None:
    # An article's title belongs to each of its passages. 建驿站 says 骑手 only: cosine 1. 办夜校 has 骑手 (title) and 剪纸: 1/√2.
    results = retriever.search("rider", mode="dense", k=4)
    cosines = {scored.passage.text[:5]: scored.score for scored in results}
    assert cosines[STATION] == pytest.approx(1)
    assert cosines[EVENING] == pytest.approx(0.7071, abs=1e-4)
    assert [scored.score for scored in results] == sorted((scored.score for scored in results), reverse=True)
    assert all(scored.dense == scored.score for scored in results)
    # the lexical channel knows no English
    assert found(retriever, "rider", mode="lexical") == []


def test_lexical_search_ranks_by_bm25(retriever: Retriever) -> None:
    results = retriever.search("退役运动员", mode="lexical")
    assert [scored.passage.text[:5] for scored in results] == [COACH]
    assert results[0].score == results[0].lexical > 0
    # and the dense channel no word of it
    assert found(retriever, "退役运动员", mode="dense") == []
    assert found(retriever, "退役运动员") == [COACH]


@pytest.mark.usefixtures("_round")
def test_hybrid_search_unites_both_channels(retriever: Retriever) -> None:
    # 运动员 is lexical only, points is dense only: cosine 1 with three passages, 0.6 * 1 each; the best of the terms has 0.4 * 1.
    hybrid = retriever.search("退役运动员 points")
    assert {scored.passage.text[:5] for scored in hybrid[:3]} == {POINTS, COUNTY, STORY}
    assert hybrid[3].passage.text[:5] == COACH
    assert [scored.score for scored in hybrid] == pytest.approx([0.6, 0.6, 0.6, 0.4, 0, 0, 0, 0], abs=1e-6)


# Late interaction. The tokens of 骑手剪纸 weigh a half each; as a whole it lies between the first and the third direction.
# 办夜校 has 骑手 in its head, nothing in its first sentence, 剪纸 in its second. 建驿站 has 骑手 in its head and its second one.


@pytest.mark.usefixtures("_round")
def test_dense_search_with_late_interaction_by_hand(late: Retriever) -> None:
    scored = {one.passage.text[:5]: one for one in late.search("骑手剪纸", mode="dense")}
    # 办夜校: both tokens are met in the passage and in the window with the head: 1 and 1. Its second sentence is at 1/√2, and the
    # whole, along (1, 0, 1), at 1. So 0.1 + 0.2 + 0.3 / √2 + 0.4 = 0.91213.
    assert scored[EVENING].score == pytest.approx(0.91213, abs=1e-5)
    # 建驿站: 骑手 is met, 剪纸 is at 0: a half in passage and window; the second sentence and the whole, both of 骑手, at 1/√2.
    # So 0.1 / 2 + 0.2 / 2 + 0.3 / √2 + 0.4 / √2 = 0.64497.
    assert scored[STATION].score == pytest.approx(0.64497, abs=1e-5)
    # 请教练 has no token at all: -0.1 - 0.2 - 0.3 + 0.4 * 0.
    assert scored[COACH].score == pytest.approx(-0.6, abs=1e-5)
    assert all(one.dense == one.score for one in scored.values())


@pytest.mark.usefixtures("_round")
def test_hybrid_search_with_late_interaction_by_hand(late: Retriever) -> None:
    hybrid = {one.passage.text[:5]: one for one in late.search("骑手剪纸")}
    most = max(one.lexical for one in hybrid.values())
    assert hybrid[EVENING].lexical == most > hybrid[STATION].lexical > 0
    assert hybrid[EVENING].score == pytest.approx(0.25 + 0.75 * 0.91213, abs=1e-5)
    assert hybrid[STATION].score == pytest.approx(0.25 * hybrid[STATION].lexical / most + 0.75 * 0.64497, abs=1e-5)


def test_match_compares_part_by_part(late: Retriever) -> None:
    station, evening = late.catalog.passages[1], late.catalog.passages[0]
    matches = late.compare(late.analyze("骑手剪纸"), [station, evening])
    assert matches.passage_starts.tolist() == [0, 3]
    np.testing.assert_allclose(matches.weights, [0.5, 0.5])
    # by the order of their numbers: 骑手, 剪纸. A part without tokens is at -1.
    np.testing.assert_allclose(matches.nearest, [[1, -1, 1, 1, -1, 0], [0, -1, 0, 0, -1, 1]], atol=1e-6)
    half = 0.5**0.5
    np.testing.assert_allclose(matches.cosines, [half, -1, half, half, -1, half], atol=1e-6)


def test_match_without_token_vectors_compares_sentences(retriever: Retriever) -> None:
    # The query is one token. A sentence without a known word has a row of zeros.
    matches = retriever.compare(retriever.analyze("骑手剪纸"), [retriever.catalog.passages[1], retriever.catalog.passages[0]])
    half = 0.5**0.5
    assert matches.passage_starts.tolist() == [0, 3]
    np.testing.assert_allclose(matches.weights, [1])
    np.testing.assert_allclose(matches.nearest, [[half, 0, half, half, 0, half]], atol=1e-6)
    np.testing.assert_allclose(matches.cosines, [half, 0, half, half, 0, half], atol=1e-6)


def test_match_gives_each_passage_the_same_in_any_company(late: Retriever, retriever: Retriever) -> None:
    def values(one: Retriever, passages: list[Passage]) -> list[list[float]]:
        matches = one.compare(one.analyze("骑手剪纸积分"), passages)
        return np.stack([matches.passage(), matches.window(), matches.sentence()], axis=1).round(5).tolist()

    for one in (late, retriever):
        alone = {passage.passage_id: values(one, [passage])[0] for passage in one.catalog.passages}
        backwards = list(one.catalog.passages[::-1])
        assert values(one, backwards) == [alone[passage.passage_id] for passage in backwards]
        assert len({tuple(row) for row in alone.values()}) > 1


@pytest.mark.usefixtures("_round")
def test_a_query_without_a_known_token_is_searched_by_its_terms(late: Retriever) -> None:
    (only,) = late.search("退役运动员")
    assert only.passage.text[:5] == COACH
    # the best of the terms, in the lexical channel's share; the dense one says nothing
    assert (only.score, only.dense) == pytest.approx((0.25, 0))
    assert late.search("退役运动员", mode="dense") == ()
    matches = late.compare(late.analyze("退役运动员"), late.catalog.passages)
    assert not matches.passage().any()
    assert len(matches.passage()) == len(late.catalog.passages)


# The contextual channel. A sentence points one way at most: 骑手 stands in the second ones of 建驿站, 找泳池 and 学山里, 剪纸 in
# that of 办夜校, 积分 in those of 看县里 and 找故事 and in the first of 记积分. Titles are no sentences.


@pytest.mark.usefixtures("_round")
def test_hybrid_search_with_sentences_by_hand(retriever: Retriever, contextual: Retriever) -> None:
    before = {one.passage.text[:5]: one.score for one in retriever.search("骑手剪纸")}
    after = {one.passage.text[:5]: one.score for one in contextual.search("骑手剪纸")}
    near = {STATION: 0.7071, POOL: 0.7071, HILLS: 0.7071, EVENING: 0.7071}
    assert after == pytest.approx({name: 0.5 * before[name] + 0.5 * near.get(name, 0) for name in before}, abs=1e-3)


class _Deaf(SmallEncoder):
    """Knows no word at all."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(texts), 3), np.float32)

    encode_passages = encode_queries


@pytest.mark.usefixtures("_round")
def test_what_only_its_sentences_tell_is_found() -> None:
    # No term of the query occurs, and the dense channel does not know it: half of a cosine of 1, and nothing else.
    results = make(_Deaf(), SmallContextual()).search("points", k=3)
    assert {scored.passage.text[:5] for scored in results} == {POINTS, COUNTY, STORY}
    assert [(scored.score, scored.lexical, scored.dense) for scored in results] == [pytest.approx((0.5, 0, 0), abs=1e-6)] * 3
    assert make(_Deaf()).search("points") == ()


def test_other_modes_know_nothing_of_sentences(retriever: Retriever, contextual: Retriever) -> None:
    modes: tuple[Mode, ...] = ("lexical", "dense")
    for mode in modes:
        before, after = (
            [(scored.passage.text, scored.score) for scored in one.search("骑手剪纸", mode=mode)]
            for one in (retriever, contextual)
        )
        assert after == before


def test_filters_act_before_the_ranking_of_sentences(contextual: Retriever) -> None:
    assert found(contextual, "骑手", k=1, years=(2019,)) == [POOL]
    assert found(contextual, "骑手", k=1, regions=(ENSHI,)) == [HILLS]
    assert set(found(contextual, "rider", years=(2019,))) <= {POOL, COACH}


@pytest.mark.parametrize("query", ["", " ", "？"])
def test_where_nothing_is_asked_sentences_find_nothing(contextual: Retriever, query: str) -> None:
    assert found(contextual, query) == []


def test_each_sentence_is_compared_with_a_question(contextual: Retriever, retriever: Retriever) -> None:
    assert contextual.index.reads_sentences and not retriever.index.reads_sentences
    evening, station, *_ = contextual.catalog.passages
    cosines = contextual.index.sentence_cosines("骑手剪纸", [station, evening])
    np.testing.assert_allclose(cosines, [[0, 0.7071], [0, 0.7071]], atol=1e-3)
    assert contextual.index.sentence_cosines("骑手剪纸", []) == []


def test_both_the_channel_and_its_encoder_are_needed_to_read_sentences(contextual: Retriever) -> None:
    whole = contextual.index
    assert isinstance(whole, LocalPassageIndex)
    for sentences, encoder in ((whole.sentences, None), (None, SmallContextual())):
        part = LocalPassageIndex(
            whole.catalog,
            lexical=whole.lexical,
            dense=whole.dense,
            encoder=whole.encoder,
            sentences=sentences,
            contextual=encoder,
        )
        assert not part.reads_sentences
        assert part.candidates(contextual.analyze("骑手"), np.ones(8, np.bool_), k=3, mode="hybrid").sentences is None


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_filters_do_not_change_a_score_but_for_the_lexical_share(late: Retriever, mode: Mode) -> None:
    whole = {scored.passage.passage_id: scored for scored in late.search("骑手子女", mode=mode)}
    some = late.search("骑手子女", mode=mode, filters=Filters(years=(2019,)))
    assert some
    for scored in some:
        assert scored.dense == pytest.approx(whole[scored.passage.passage_id].dense, abs=1e-6)
        assert scored.lexical == pytest.approx(whole[scored.passage.passage_id].lexical, abs=1e-6)


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_filters_act_before_ranking(retriever: Retriever, mode: Mode) -> None:
    assert found(retriever, "骑手", k=1, mode=mode) != [POOL]
    assert found(retriever, "骑手", k=1, mode=mode, years=(2019,)) == [POOL]
    assert found(retriever, "骑手", k=1, mode=mode, regions=(ENSHI,)) == [HILLS]


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_k_is_the_most_that_come_back(retriever: Retriever, mode: Mode) -> None:
    full = found(retriever, "骑手积分", mode=mode)
    assert len(full) > 3
    assert found(retriever, "骑手积分", k=3, mode=mode) == full[:3]


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
@pytest.mark.parametrize("query", ["", "的", "zzz", "？"])
def test_a_query_that_says_nothing_finds_nothing(retriever: Retriever, query: str, mode: Mode) -> None:
    assert found(retriever, query, mode=mode) == []


def test_filters_that_nothing_passes_find_nothing(retriever: Retriever) -> None:
    assert found(retriever, "骑手", years=(1999,)) == []


def test_an_index_without_passages_finds_nothing(retriever: Retriever) -> None:
    lexical, encoder = BM25Index.build([["a"]]), SmallEncoder()
    known = retriever.catalog
    catalog = Catalog((), gazetteer=known.gazetteer, tokenizer=known.tokenizer, load_vocabulary=lexical.vocabulary)
    dense = DenseIndex.build(encoder.encode_passages(["骑手"]))
    index = LocalPassageIndex(catalog, lexical=lexical, dense=dense, encoder=encoder)
    empty = Retriever(index, QueryAnalyzer(encoder=encoder, tokenizer=known.tokenizer))
    assert empty.search("骑手") == ()


def test_an_index_in_memory_has_the_tables_of_the_program(late: Retriever) -> None:
    built = Retriever.build(late.catalog.passages, gazetteer=late.catalog.gazetteer, encoder=SmallTokenEncoder())
    # the same dense channel; in the lexical one English is translated, too
    by_vector = [(scored.passage, pytest.approx(scored.score, abs=1e-6)) for scored in late.search("rider points", mode="dense")]
    assert [(scored.passage, scored.score) for scored in built.search("rider points", mode="dense")] == by_vector
    assert found(built, "retired athletes", mode="lexical")[:1] == [COACH]
    assert found(late, "retired athletes", mode="lexical") == []


def test_regions_counts_articles(retriever: Retriever) -> None:
    assert retriever.catalog.regions == {ZHENHAI: 1, HANGZHOU: 1, JIANGGAN: 1, WUHAN: 1}


def test_informativeness_is_that_of_the_library(retriever: Retriever) -> None:
    rare, common, absent = retriever.index.idf(["教练", "骑手", "火箭"])
    assert absent > rare > common


@pytest.mark.parametrize("seed", range(5))
def test_the_best_are_those_of_a_stable_sort(seed: int) -> None:
    scores = np.random.default_rng(seed).integers(0, 6, 200).astype(np.float32)  # with many equals, and many at 0
    order = np.argsort(-scores, kind="stable")
    for k in (1, 7, 100, 190, 200, 300):
        assert top_k(scores, k).tolist() == [at for at in order[:k] if scores[at] > 0]
