"""Search over three small bulletins, in an encoder of three directions."""

import pytest

from corpus.chunker import chunk
from corpus.parser import parse
from corpus.regions import Gazetteer, Region
from index.dense import DenseIndex
from index.lexical import LexicalIndex
from index.retriever import Filters, Mode, Retriever
from index.tokenizer import Tokenizer
from tests.index.small import RIDERS_AND_POINTS, STORIES, SWIMMING, SmallEncoder

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


@pytest.fixture(scope="module")
def retriever() -> Retriever:
    gazetteer = Gazetteer.load()
    sources = {"riders.txt": RIDERS_AND_POINTS, "swimming.txt": SWIMMING, "stories.txt": STORIES}
    bulletins = [parse(text, gazetteer=gazetteer, document=name) for name, text in sources.items()]
    passages = [passage for bulletin in bulletins for passage in chunk(bulletin)]
    tokenizer, encoder = Tokenizer(), SmallEncoder()
    texts = [passage.embedding_text for passage in passages]
    return Retriever(
        passages,
        lexical=LexicalIndex.build([tokenizer.tokenize(text) for text in texts]),
        dense=DenseIndex.build(encoder.encode_passages(texts)),
        encoder=encoder,
        tokenizer=tokenizer,
        gazetteer=gazetteer,
    )


def allowed(retriever: Retriever, **limits: tuple[object, ...]) -> list[str]:
    """The first five characters of every passage that passes."""
    passes = retriever.allowed(Filters(**limits))  # type: ignore[arg-type]
    return [passage.text[:5] for passage, one in zip(retriever.passages, passes, strict=True) if one]


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
    # asked again, from what was remembered
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


def test_hybrid_search_unites_both_channels(retriever: Retriever) -> None:
    # 运动员 is lexical only, points is dense only.
    hybrid = found(retriever, "退役运动员 points")
    assert hybrid[0] == COACH
    assert set(hybrid[1:]) >= {POINTS, COUNTY, STORY}


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
    empty = Retriever(
        (),
        lexical=LexicalIndex.build([["a"]]),
        dense=DenseIndex.build(SmallEncoder().encode_passages(["骑手"])),
        encoder=SmallEncoder(),
        tokenizer=retriever.tokenizer,
        gazetteer=retriever.gazetteer,
    )
    assert empty.search("骑手") == ()


def test_regions_counts_articles(retriever: Retriever) -> None:
    assert retriever.regions == {ZHENHAI: 1, HANGZHOU: 1, JIANGGAN: 1, WUHAN: 1}


def test_informativeness_is_that_of_the_library(retriever: Retriever) -> None:
    rare, common, absent = retriever.informativeness(["教练", "骑手", "火箭"])
    assert absent > rare > common
