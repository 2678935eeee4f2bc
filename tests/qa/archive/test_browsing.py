"""Facets, tree and chart of libraries whose articles were counted by hand."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.document import Region
from index.encoder import load_encoder
from index.store import library as storage
from index.store.library import Library
from qa.archive.browsing import NONE, Branch, Browser, Facets, Selection

FACETS = ("regions", "years", "kinds", "series")
COLUMNS = "province,city,county,until,successors"

BULLETIN = """{series}

第 {issue} 期

{publisher}

{date}

{title}

近年来，{body}，全区共有志愿者五十名轮流值守，每周开放四天，居民可以存取包裹、修补雨伞。
"""

# Real divisions: 江东区 of Ningbo went into 鄞州区 in 2016, 江干区 of Hangzhou into 上城区 and 钱塘区 in 2021; 奉化市 became
# 奉化区 in 2016; 莱城区 of the city of Laiwu became 莱芜区 of Jinan in 2019.
FORMER = [
    ("一", "1", "共青团宁波市委", "2015年3月4日", "团宁波市江东区委办好便民站", "江东团区委办起便民站"),
    ("一", "2", "共青团宁波市委", "2015年4月4日", "团奉化市委办好便民站", "奉化团市委办起便民站"),
    ("一", "3", "共青团宁波市委", "2018年4月4日", "团宁波市奉化区委办好便民站", "奉化团区委办起便民站"),
    ("二", "1", "共青团杭州市委", "2019年3月4日", "团杭州市江干区委办好便民站", "江干团区委办起便民站"),
    ("二", "2", "共青团莱芜市委", "2017年3月4日", "团莱芜市莱城区委办好便民站", "莱城团区委办起便民站"),
    ("二", "3", "望山读书会", "2017年5月4日", "读书会办好便民站", "读书会办起便民站"),
]


def library_of(folder: Path, data: Path, bulletins: list[tuple[str, ...]]) -> Library:
    for number, (series, issue, publisher, date, title, body) in enumerate(bulletins):
        text = BULLETIN.format(series=f"{series}号工作简报", issue=issue, publisher=publisher, date=date, title=title, body=body)
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return storage.open_library(folder, data=data, encoder=load_encoder())


@pytest.fixture(scope="module")
def archive(samples: Library) -> Browser:
    return Browser(samples)


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Browser:
    return Browser(library_of(tmp_path_factory.mktemp("former"), data, FORMER))


def branches(facets: Facets) -> dict[str, Branch]:
    """Every branch by its value; one that stands in two places, once."""

    def walk(branch: Branch) -> list[Branch]:
        return [branch, *(one for below in branch.below for one in walk(below))]

    return {one.value: one for root in facets.regions for one in walk(root)}


def numbers(facets: Facets, kind: str) -> dict[str, int]:
    if kind == "regions":
        return {value: branch.count for value, branch in branches(facets).items()}
    return {facet.value: facet.count for facet in getattr(facets, kind)}


def test_the_samples_counted_by_hand(archive: Browser) -> None:
    facets = archive.facets(Selection())
    assert numbers(facets, "years") == {"2025": 6, "2024": 3, "2023": 6, "2022": 3, "2021": 11, "2020": 4, "2019": 7}
    assert [facet.value for facet in facets.years] == ["2025", "2024", "2023", "2022", "2021", "2020", "2019"]
    assert numbers(facets, "series") == {"云栖共青团工作简报": 14, "岚川青年工作信息": 14, "岚川大学共青团工作简报": 12}
    counted = numbers(facets, "regions")
    # 12 articles of the university's bulletin, less one about 梅岙县 and one about 杏川县.
    assert {name: counted[name] for name in ("岚川省", "云栖市", "雁洲市", "杏川县", "共青团岚川大学委员会")} == {
        "岚川省": 30,
        "云栖市": 18,
        "雁洲市": 4,
        "杏川县": 2,
        "共青团岚川大学委员会": 10,
    }
    assert [(bulletin.masthead.issue, count) for bulletin, count in facets.issues][:3] == [("3", 3), ("2", 3), ("11", 3)]


def test_a_facet_is_counted_under_the_others_and_not_under_itself(archive: Browser) -> None:
    facets = archive.facets(Selection(regions=("云栖市",), years=("2021",)))
    # Of 2021: 锦渚, 白鹭, 雁洲, 杏川 (lanchuan); three of the university; 上埠, 锦渚, 石潭, 澄溪 (yunqi).
    counted = numbers(facets, "regions")
    names = ("岚川省", "云栖市", "云栖市锦渚区", "望澜市", "澄湖市", "共青团岚川大学委员会")
    assert [counted[name] for name in names] == [8, 5, 2, 1, 0, 3]
    assert numbers(facets, "years") == {"2025": 2, "2024": 3, "2023": 0, "2022": 3, "2021": 5, "2020": 4, "2019": 1}
    assert numbers(facets, "series") == {"云栖共青团工作简报": 4, "岚川青年工作信息": 1, "岚川大学共青团工作简报": 0}
    assert [(b.source.document, count) for b, count in facets.issues] == [
        ("lanchuan-2021-14.txt", 1),
        ("landa-2021-18.txt", 0),
        ("yunqi-2021-05.txt", 4),
    ]
    assert [facet.value for facet in facets.years if facet.chosen] == ["2021"]
    assert [value for value, branch in branches(facets).items() if branch.chosen] == ["云栖市"]
    assert branches(facets)["岚川省"].open and not branches(facets)["望澜市"].open


@pytest.mark.parametrize("kind", ["regions", "years", "kinds", "series"])
@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(regions=("云栖市", "共青团岚川大学委员会")),
        Selection(years=("2021", "2019"), series=("岚川青年工作信息",)),
        Selection(regions=("雁洲市",), years=("2023",), series=("岚川大学共青团工作简报",)),
        Selection(regions=("火星市",), years=("1066",), series=("无",)),
        Selection(regions=("望澜市",), kinds=("notice", "bulletin")),
    ],
)
def test_a_count_is_what_a_click_shows(
    archive: Browser, former: Browser, mixed: Library, kind: str, selection: Selection
) -> None:
    for one in (archive, former, Browser(mixed)):
        found = np.arange(len(one.entries)) % 3 > 0
        for mask in (None, found):
            for value, count in numbers(one.facets(selection, mask), kind).items():
                clicked = Selection(**{name: (value,) if name == kind else getattr(selection, name) for name in FACETS})
                assert one.chosen(clicked, mask).sum() == count


def test_kinds_tell_documents_of_no_series_apart(mixed: Library) -> None:
    browser = Browser(mixed)
    facets = browser.facets(Selection())
    assert numbers(facets, "kinds") == {"bulletin": 1, "minutes": 1, "news": 1, "notice": 1, "report": 1}
    assert numbers(facets, "series") == {"望澜青年工作信息": 1}
    chosen = browser.facets(Selection(kinds=("notice",)))
    assert [bulletin.kind for bulletin, _ in chosen.issues] == ["notice"]
    assert [facet.value for facet in chosen.kinds if facet.chosen] == ["notice"]
    assert all(browser.neighbours(bulletin) == (None, None) for bulletin in browser.bulletins)


def test_facets_add_up(archive: Browser) -> None:
    for selection in (
        Selection(),
        Selection(years=("2021",)),
        Selection(regions=("云栖市",)),
        Selection(series=("岚川青年工作信息",)),
    ):
        facets, total = archive.facets(selection), archive.chosen(selection).sum()
        if not selection.years:
            assert sum(facet.count for facet in facets.years) == total
        if not selection.series:
            assert sum(facet.count for facet in facets.series) == total
        if not selection.regions:
            assert sum(root.count for root in facets.regions) == total
        assert sum(count for _, count in facets.issues) == total


def test_former_divisions_lie_under_their_successors(former: Browser) -> None:
    found = branches(former.facets(Selection()))
    eastern = found["宁波市江东区"].former
    assert eastern is not None and (eastern.year, eastern.renamed, eastern.successors) == (2016, False, ("鄞州区",))
    assert [one.value for one in found["宁波市鄞州区"].below] == ["宁波市江东区"]
    assert (found["宁波市鄞州区"].count, found["宁波市江东区"].count) == (1, 1)
    # Two took over 江干区: it stands under both, and its article counts once in their city.
    assert all([one.value for one in found[name].below] == ["杭州市江干区"] for name in ("杭州市上城区", "杭州市钱塘区"))
    assert found["杭州市江干区"].former is not None
    assert found["杭州市江干区"].former.successors == ("上城区", "钱塘区")
    assert [found[name].count for name in ("杭州市上城区", "杭州市钱塘区", "杭州市", "浙江省")] == [1, 1, 1, 4]
    # A name that was carried on finds what bears it now.
    assert found["奉化市"].former is not None and found["奉化市"].former.renamed
    assert [one.value for one in found["宁波市奉化区"].below] == ["奉化市"]
    assert (found["宁波市奉化区"].count, found["奉化市"].count) == (2, 2)
    # Laiwu is a city no more; its district is filed under Jinan, and yet found by the city's name.
    assert found["莱芜市莱城区"].former is not None
    assert found["莱芜市莱城区"].former.successors == ("济南市莱芜区",)
    assert [one.value for one in found["济南市"].below] == ["济南市莱芜区"]
    assert "莱芜市" not in found
    assert [former.entries[at].article.region for at in np.flatnonzero(former.chosen(Selection(regions=("莱芜市",))))] == [
        Region("山东省", "莱芜市", "莱城区")
    ]


def test_articles_of_no_region_are_filed_under_their_publisher(former: Browser) -> None:
    facets = former.facets(Selection())
    assert [(root.value, root.count) for root in facets.regions] == [("浙江省", 4), ("山东省", 1), ("望山读书会", 1)]
    assert former.chosen(Selection(regions=("望山读书会",))).sum() == 1


def test_what_has_no_year_and_no_publisher_is_still_there(former: Browser) -> None:
    bulletins = tuple(
        replace(bulletin, masthead=replace(bulletin.masthead, year=None, publisher=None, issue_date=None))
        for bulletin in former.library.bulletins
    )
    archive = Browser(replace(former.library, bulletins=bulletins))
    facets = archive.facets(Selection())
    assert numbers(facets, "years") == {NONE: 6}
    assert [(root.value, root.count) for root in facets.regions] == [("浙江省", 4), ("山东省", 1), (NONE, 1)]
    assert archive.chosen(Selection(regions=(NONE,), years=(NONE,))).sum() == 1
    assert archive.chart(Selection()).years == (NONE,) and archive.chart(Selection()).totals == (6,)


def test_regions_of_one_label_are_told_apart(tmp_path: Path, data: Path) -> None:
    table = [
        "甲川省,,,,",
        "乙川省,,,,",
        "甲川省,东林市,,,",
        "甲川省,东林市,青谷县,,",
        "乙川省,西林市,,,",
        "乙川省,西林市,青谷县,,",
    ]
    (tmp_path / "regions.csv").write_text("\n".join([COLUMNS, *table]), encoding="utf-8")
    bulletins = [
        ("一", "1", "共青团东林市委", "2015年3月4日", "团东林市青谷县委办好便民站", "青谷团县委办起便民站"),
        ("二", "1", "共青团西林市委", "2015年4月4日", "团西林市青谷县委办好便民站", "青谷团县委办起便民站"),
    ]
    archive = Browser(library_of(tmp_path, data, bulletins))
    paths = ("甲川省东林市青谷县", "乙川省西林市青谷县")
    assert [archive.chosen(Selection(regions=(path,))).sum() for path in paths] == [1, 1]
    assert archive.chosen(Selection(regions=("青谷县",))).sum() == 2  # the label alone is either
    found = branches(archive.facets(Selection(regions=("青谷县",))))
    assert all(found[path].chosen and "青谷县" in found[path].family for path in paths)


def test_a_division_that_went_into_another_province_counts_in_both(tmp_path: Path, data: Path) -> None:
    table = ["甲川省,,,,", "乙川省,,,,", "甲川省,东林市,,,", "甲川省,东林市,青谷县,1998,乙川省/西林市/青谷区", "乙川省,西林市,,,"]
    (tmp_path / "regions.csv").write_text("\n".join([COLUMNS, *table, "乙川省,西林市,青谷区,,"]), encoding="utf-8")
    bulletins = [
        ("一", "1", "共青团东林市委", "1997年3月4日", "团东林市青谷县委办好便民站", "青谷团县委办起便民站"),
        ("一", "2", "共青团东林市委", "1997年4月4日", "团东林市委办好便民站", "东林团市委办起便民站"),
    ]
    archive = Browser(library_of(tmp_path, data, bulletins))
    found = branches(archive.facets(Selection()))
    assert {name: branch.count for name, branch in found.items()} == {
        "甲川省": 2,
        "东林市": 2,
        "乙川省": 1,
        "西林市": 1,
        "西林市青谷区": 1,
        "青谷县": 1,
    }
    assert [one.value for one in found["西林市青谷区"].below] == ["青谷县"]


def test_the_chart_counts_what_its_cells_link_to(archive: Browser, former: Browser) -> None:
    chart = archive.chart(Selection())
    assert chart.years == ("2019", "2020", "2021", "2022", "2023", "2024", "2025")
    assert [(row.depth, row.name, row.counts) for row in chart.rows] == [
        (0, "岚川省", (4, 4, 8, 3, 4, 3, 4)),
        (1, "云栖市", (1, 4, 5, 3, 0, 3, 2)),
        (1, "望澜市", (1, 0, 1, 0, 0, 0, 1)),
        (1, "澄湖市", (1, 0, 0, 0, 1, 0, 0)),
        (1, "雁洲市", (1, 0, 1, 0, 2, 0, 0)),
        (1, "松源市", (0, 0, 1, 0, 1, 0, 1)),
        (0, "共青团岚川大学委员会", (3, 0, 3, 0, 2, 0, 2)),
    ]
    assert chart.totals == (7, 4, 11, 3, 6, 3, 6) and (chart.max_count(0), chart.max_count(1)) == (8, 5)
    for one, series in itertools.product((archive, former), ((), ("岚川青年工作信息",), ("一号工作简报",))):
        for regions in ((), ("云栖市",), ("浙江省",)):
            chart = one.chart(Selection(regions, (), series))
            for row in chart.rows:
                counts = [one.chosen(Selection((row.value,), (year,), series)).sum() for year in chart.years]
                assert list(row.counts) == counts
    assert [row.name for row in former.chart(Selection()).rows] == ["浙江省", "山东省", "望山读书会"]
    assert [row.name for row in former.chart(Selection(regions=("宁波市",))).rows] == ["宁波市", "鄞州区", "奉化区"]


def test_the_chart_is_bounded(tmp_path: Path, data: Path) -> None:
    counties = [f"{a}{b}县" for a, b in itertools.product("东西南北上下", "林谷泉桥田坡塘")]  # 42
    table = ["甲川省,,,,", "甲川省,东林市,,,", *(f"甲川省,东林市,{county},," for county in counties)]
    (tmp_path / "regions.csv").write_text("\n".join([COLUMNS, *table]), encoding="utf-8")
    bulletins = [
        ("一", str(at + 1), "共青团东林市委", f"{2008 + at % 12}年3月4日", f"团东林市{county}委办好便民站", f"{county}办起便民站")
        for at, county in enumerate([*counties, counties[-1]])
    ]
    archive = Browser(library_of(tmp_path, data, bulletins))
    chart = archive.chart(Selection(regions=("东林市",)))
    assert chart.years == tuple(str(year) for year in range(2010, 2020)) and chart.more_years == 2
    assert len(chart.rows) == 40 and chart.more_rows == 3  # the city and its 42 counties
    assert chart.rows[0].name == "东林市" and chart.rows[-1].name == counties[-1]  # this one has two articles
    issues = archive.facets(Selection())
    assert len(issues.issues) == 43 and issues.more_issues == 0


def test_issues_have_their_neighbours_in_the_series(archive: Browser, samples: Library) -> None:
    chain = ["yunqi-2020-23.txt", "yunqi-2021-05.txt", "yunqi-2022-zk.txt", "yunqi-2024-11.txt"]
    by_document = {bulletin.source.document: bulletin for bulletin in samples.bulletins}
    for at, document in enumerate(chain):
        before, after = archive.neighbours(by_document[document])
        assert (before and before.source.document) == (chain[at - 1] if at else None)
        assert (after and after.source.document) == (chain[at + 1] if at + 1 < len(chain) else None)
