"""The facts of a library of three small bulletins, counted by hand."""

import dataclasses
import datetime
import hashlib

import pytest

from corpus.chunker import chunk
from corpus.document import Region
from corpus.parsing.parser import parse_text
from corpus.regions.gazetteer import Gazetteer
from corpus.text.sentences import split_sentences
from index.catalog import Catalog
from index.filters import Filters, Period
from index.query.tokenizer import Tokenizer
from tests.index.small import RIDERS_AND_POINTS, STORIES, SWIMMING

ZHEJIANG, HUBEI = Region("浙江省"), Region("湖北省")
HANGZHOU, NINGBO, WUHAN = Region("浙江省", "杭州市"), Region("浙江省", "宁波市"), Region("湖北省", "武汉市")
ZHENHAI = Region("浙江省", "宁波市", "镇海区")
JIANGGAN = Region("浙江省", "杭州市", "江干区")
SHANGCHENG = Region("浙江省", "杭州市", "上城区")  # 江干区 became part of it in 2021
CHUNAN = Region("浙江省", "杭州市", "淳安县")
VOCABULARY = {"骑手": 3, "剪纸": 1}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return catalog_of(RIDERS_AND_POINTS, SWIMMING, STORIES)


def catalog_of(*sources: str) -> Catalog:
    gazetteer = Gazetteer.load()
    bulletins = [parse_text(text, gazetteer=gazetteer, document=f"{number}.txt") for number, text in enumerate(sources)]
    passages = [passage for bulletin in bulletins for passage in chunk(bulletin)]
    return Catalog(passages, gazetteer=gazetteer, tokenizer=Tokenizer(), load_vocabulary=lambda: VOCABULARY)


def test_articles_are_counted_for_their_region_and_those_above_it(catalog: Catalog) -> None:
    assert catalog.regions == {ZHENHAI: 1, HANGZHOU: 1, JIANGGAN: 1, WUHAN: 1}
    # 杭州 has its own article and that of 江干.
    assert catalog.region_counts == {
        **{ZHEJIANG: 3, NINGBO: 1, ZHENHAI: 1, HANGZHOU: 2, JIANGGAN: 1},
        **{HUBEI: 1, WUHAN: 1},
    }


def test_years_series_and_issues_are_counted_by_bulletin(catalog: Catalog) -> None:
    assert list(catalog.years.items()) == [(2019, 1), (2021, 1), (2023, 1)]
    assert catalog.series == {"青年试验信息": 2, "校园试验简报": 1}
    assert catalog.issues == {"7", "12", "1"}
    assert catalog.publishers == (
        ("青年试验信息", "共青团浙江省委"),
        ("校园试验简报", "共青团浙江省委"),
        ("青年试验信息", "共青团湖北省委"),
    )
    assert catalog.vocabulary == VOCABULARY


def test_a_region_is_there_if_an_article_is_about_it_or_mentions_it(catalog: Catalog) -> None:
    for region in (ZHENHAI, NINGBO, ZHEJIANG, JIANGGAN, SHANGCHENG, CHUNAN):  # 淳安 is mentioned in an article of 杭州
        assert catalog.has_region(region), region.label
    for region in (Region("广东省"), Region("浙江省", "温州市")):
        assert not catalog.has_region(region), region.label


def test_the_province_of_most_regions_is_the_majority_province(catalog: Catalog) -> None:
    assert catalog.majority_province == ZHEJIANG
    assert catalog_of(STORIES).majority_province == HUBEI
    empty = Catalog((), gazetteer=catalog.gazetteer, tokenizer=catalog.tokenizer, load_vocabulary=dict)
    assert empty.majority_province is None and empty.bulletins == () and empty.years == {}
    assert empty.filter_mask(Filters(years=(2021,))).shape == (0,)


def test_two_files_whose_hashes_begin_alike_have_addresses_of_their_own(catalog: Catalog) -> None:
    one, other, _ = catalog.bulletins
    hashes = ("0123456789ab" + "0" * 52, "0123456789ab" + "1" * 52)
    alike = [
        dataclasses.replace(bulletin, source=dataclasses.replace(bulletin.source, sha256=sha256))
        for bulletin, sha256 in zip((one, other), hashes, strict=True)
    ]
    passages = [passage for bulletin in alike for passage in chunk(bulletin)]
    found = Catalog(passages, gazetteer=catalog.gazetteer, tokenizer=catalog.tokenizer, load_vocabulary=dict)
    assert [found.bulletin(found.key_of(bulletin)) for bulletin in alike] == alike
    assert found.bulletin("0123456789ab") is None  # which of the two cannot be told
    assert found.bulletin("0123456789ab1") is alike[1]


def test_documents_whose_hashes_begin_alike_have_passages_of_their_own(catalog: Catalog) -> None:
    """Of the texts, the first two whose SHA-256 agree in four digits: one in 65,536 pairs does."""
    seen: dict[str, str] = {}
    for number in range(10_000):
        text = f"夜校开课\n\n第{number}所夜校今晚开课，学员坐满了教室，老师来得早，走得晚。\n"
        if other := seen.get(digits := hashlib.sha256(text.encode()).hexdigest()[:4]):
            break
        seen[digits] = text
    else:
        raise AssertionError
    read = [parse_text(each, gazetteer=catalog.gazetteer, document=each[6:12]) for each in (other, text)]
    passages = [passage for bulletin in read for passage in chunk(bulletin)]
    found = Catalog(passages, gazetteer=catalog.gazetteer, tokenizer=catalog.tokenizer, load_vocabulary=dict)
    assert [found.number_of(passage) for passage in found.passages] == [0, 1]


def test_a_bulletin_is_found_by_its_key_and_an_article_has_its_passages(catalog: Catalog) -> None:
    riders, swimming, _ = catalog.bulletins
    assert catalog.key_of(riders) == riders.source.sha256
    hashed = dataclasses.replace(riders, source=dataclasses.replace(riders.source, sha256="0123456789abcdef" * 4))
    of_hash = Catalog(chunk(hashed), gazetteer=catalog.gazetteer, tokenizer=catalog.tokenizer, load_vocabulary=dict)
    key = of_hash.key_of(hashed)
    assert of_hash.bulletin(key[:12]) == hashed and of_hash.bulletin(key[:11]) is None
    first = catalog_of(RIDERS_AND_POINTS)
    (lone,) = first.bulletins
    assert first.bulletin(first.key_of(lone)) is lone and first.bulletin("0" * 11) is None
    evening, points = riders.articles
    assert [passage.text[:5] for passage in catalog.passages_of(points)] == ["一、记积分", "二、看县里"]
    assert catalog.passages_of(lone.articles[0]) == ()  # of another catalog
    assert [catalog.number_of(passage) for passage in catalog.passages_of(swimming.articles[0])] == [4, 5]
    assert [passage.article for passage in catalog.passages[:2]] == [evening, evening]


def test_text_is_found_as_it_is_written(catalog: Catalog) -> None:
    for text, is_there in (("骑手夜校", True), ("借用学校泳池", True), ("夜校骑手", False), ("", True)):
        assert catalog.contains_text(text) is is_there
        assert catalog.contains_text(text) is is_there  # now looked up


def test_a_mask_counts_passages_and_bulletins(catalog: Catalog) -> None:
    assert catalog.count_matching(catalog.filter_mask(Filters())) == (8, 3)
    assert catalog.count_matching(catalog.filter_mask(Filters(series=("青年试验信息",)))) == (6, 2)
    assert catalog.count_matching(catalog.filter_mask(Filters(regions=(HANGZHOU,)))) == (4, 2)
    assert catalog.count_matching(catalog.filter_mask(Filters(years=(1999,)))) == (0, 0)


ROUND_UP = """青年试验信息

2023年 第9期

共青团浙江省委

2023年9月6日

团宁波市委推进夜校提质扩面

各区进展如下。

区	举措	成效
镇海区	办骑手夜校	学员九百人
北仑区	办码头夜校	学员六百人

镇海区把夜校开到商圈。全市学员五千人，其中北仑区六百人。

团北仑区委赴镇海区学办夜校

北仑区请镇海区老师来讲课，码头上开课三十次。
"""
BEILUN = Region("浙江省", "宁波市", "北仑区")


def passing(catalog: Catalog, filters: Filters) -> list[str]:
    """Return the sentences and rows of a library that pass filters."""
    numbers = [number for number, passes in enumerate(catalog.filter_mask(filters)) if passes]
    return [
        span.trimmed(passage.bulletin.text).of(passage.bulletin.text)
        for passage in (catalog.passages[number] for number in numbers)
        for span in split_sentences(passage.bulletin.text, passage.span)
        if catalog.passes(passage, span.trimmed(passage.bulletin.text), filters)
    ]


def test_of_a_round_up_only_what_tells_of_the_region_passes() -> None:
    catalog = catalog_of(ROUND_UP)
    assert [article.region for article in catalog.articles] == [NINGBO, BEILUN]
    assert passing(catalog, Filters(regions=(ZHENHAI,))) == [
        "镇海区\t办骑手夜校\t学员九百人",
        "镇海区把夜校开到商圈。",
    ]  # that 北仑 asks its teachers to come is no news of 镇海
    assert passing(catalog, Filters(regions=(BEILUN,))) == [
        "北仑区\t办码头夜校\t学员六百人",
        "全市学员五千人，其中北仑区六百人。",
        "北仑区请镇海区老师来讲课，码头上开课三十次。",
    ]
    assert len(passing(catalog, Filters(regions=(NINGBO,)))) == len(passing(catalog, Filters()))
    assert catalog.told_regions == {NINGBO: 1, BEILUN: 2, ZHENHAI: 1}
    assert catalog.has_region(ZHENHAI) and catalog.regions == {NINGBO: 1, BEILUN: 1}


# About the city, and told mostly of one of its districts.
TEACHING = """青年试验信息

2023年 第9期

共青团浙江省委

2023年9月6日

团宁波市委暑期支教记

一、七月启程

队员坐车来到镇海区。镇海区三所小学开了班。

二、八月上课

学校每天开课六节，到课孩子三百二十人。
"""


def test_where_no_article_is_about_a_region_all_of_one_passes_that_tells_mostly_of_it() -> None:
    alone = catalog_of(TEACHING)
    assert alone.regions == {NINGBO: 1}
    assert passing(alone, Filters(regions=(ZHENHAI,))) == passing(alone, Filters()) != []
    example = catalog_of(TEACHING.replace("队员坐车来到镇海区。", ""))
    assert passing(example, Filters(regions=(ZHENHAI,))) == ["镇海区三所小学开了班。"], "it is but an example"
    own = catalog_of(TEACHING, ROUND_UP.replace("北仑", "镇海"))
    assert "到课孩子三百二十人" not in "".join(passing(own, Filters(regions=(ZHENHAI,)))), "another article is about it"


def documents_within(catalog: Catalog, *periods: Period, years: tuple[int, ...] = ()) -> list[int | None]:
    """The years of the documents that pass."""
    mask = catalog.filter_mask(Filters(periods=periods, years=years))
    passages = [passage for passage, is_passing in zip(catalog.passages, mask, strict=True) if is_passing]
    return list(dict.fromkeys(passage.bulletin.masthead.year for passage in passages))


def test_a_document_passes_a_period_that_its_date_lies_in() -> None:
    catalog = catalog_of(RIDERS_AND_POINTS, SWIMMING, STORIES)
    (day,) = {bulletin.masthead.issue_date for bulletin in catalog.bulletins if bulletin.masthead.year == 2021}
    assert day is not None
    before, after = day - datetime.timedelta(days=1), day + datetime.timedelta(days=1)
    assert documents_within(catalog, Period(day, day)) == [2021]
    assert documents_within(catalog, Period(last=day)) == [2021, 2019]
    assert documents_within(catalog, Period(first=day)) == [2021, 2023]
    assert documents_within(catalog, Period(after)) == [2023]
    assert documents_within(catalog, Period(last=before)) == [2019]
    assert documents_within(catalog, Period(last=before), Period(after)) == [2019, 2023]
    assert documents_within(catalog, Period(after), years=(2021,)) == [2021, 2023]
    assert documents_within(catalog, Period(datetime.date(2030, 1, 1))) == []


def test_a_document_of_which_only_the_year_is_known_passes_with_the_whole_year() -> None:
    catalog = catalog_of(RIDERS_AND_POINTS.replace("2021年5月6日\n\n", "").replace("2021年", "2022年"))
    assert [bulletin.masthead.issue_date for bulletin in catalog.bulletins] == [None]
    assert documents_within(catalog, Period(datetime.date(2021, 5, 1), datetime.date(2022, 12, 31))) == [2022]
    assert documents_within(catalog, Period(datetime.date(2022, 1, 2))) == []
    assert catalog.newest_date == datetime.date(2022, 1, 1)


def test_the_newest_date_is_that_of_a_document(catalog: Catalog) -> None:
    dates = [bulletin.masthead.issue_date for bulletin in catalog.bulletins if bulletin.masthead.issue_date]
    assert catalog.newest_date == max(dates)
    assert catalog_of().newest_date is None


def test_what_tells_of_an_excluded_region_does_not_pass() -> None:
    catalog = catalog_of(ROUND_UP)
    assert passing(catalog, Filters(excluded_regions=(BEILUN,))) == [
        "各区进展如下。",
        "区\t举措\t成效",
        "镇海区\t办骑手夜校\t学员九百人",
        "镇海区把夜校开到商圈。",
    ]
    assert passing(catalog, Filters(excluded_regions=(NINGBO,))) == []
    assert passing(catalog, Filters(regions=(NINGBO,), excluded_regions=(BEILUN, ZHENHAI))) == [
        "各区进展如下。",
        "区\t举措\t成效",
    ]
