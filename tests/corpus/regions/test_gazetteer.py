"""Names, labels and filters of regions, and the packaged table against an independent history of codes."""

import importlib.resources
import json
import lzma
from collections import Counter
from pathlib import Path

import pytest

from corpus.document import Region
from corpus.messages.errors import RegionTableError
from corpus.regions.division_names import read_words, split_name
from corpus.regions.gazetteer import Gazetteer

ROOT = Path(__file__).resolve().parents[3]
HISTORY = ROOT.parent / "shared" / "data" / "areacodes-history" / "codes.jsonl.xz"
SAMPLES = ROOT / "corpus" / "samples" / "regions.csv"
HEADER = "province,city,county,until,successors\n"

NINGBO = Region("浙江省", "宁波市")
HANGZHOU = Region("浙江省", "杭州市")
CHONGQING = Region("重庆市")
JIANGBEI = Region("浙江省", "宁波市", "江北区")
QIANDONGNAN = Region("贵州省", "黔东南苗族侗族自治州")


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


def path(text: str) -> Region:
    """浙江省/宁波市/镇海区, with an empty city for 北京市//朝阳区."""
    province, city, county = (*text.split("/"), "", "")[:3]
    return Region(province, city or None, county or None)


def found(gazetteer: Gazetteer, text: str, **options: object) -> list[tuple[str, str]]:
    mentions = gazetteer.find(text, **options)  # type: ignore[arg-type]
    return [(m.region.label, text[m.start : m.end]) for m in mentions]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("镇海", "浙江省/宁波市/镇海区"),
        ("镇海区", "浙江省/宁波市/镇海区"),
        ("宁波市镇海区", "浙江省/宁波市/镇海区"),
        ("浙江省宁波市镇海区", "浙江省/宁波市/镇海区"),
        ("浙江宁波镇海", "浙江省/宁波市/镇海区"),
        ("天台", "浙江省/台州市/天台县"),
        ("淳安", "浙江省/杭州市/淳安县"),
        ("景宁", "浙江省/丽水市/景宁畲族自治县"),
        ("内蒙古", "内蒙古自治区"),
        ("新疆", "新疆维吾尔自治区"),
        ("黔东南", "贵州省/黔东南苗族侗族自治州"),
        ("克孜勒苏", "新疆维吾尔自治区/克孜勒苏柯尔克孜自治州"),
        ("鄂温克", "内蒙古自治区/呼伦贝尔市/鄂温克族自治旗"),
        ("神农架", "湖北省//神农架林区"),
        ("浦东", "上海市//浦东新区"),
        ("管城", "河南省/郑州市/管城回族区"),
        # The higher division of one stem: province before city before county.
        ("吉林", "吉林省"),
        ("海南", "海南省"),
        ("台州", "浙江省/台州市"),
        ("恩施", "湖北省/恩施土家族苗族自治州"),
        ("朝阳", "辽宁省/朝阳市"),
        # Whole names say which.
        ("吉林市", "吉林省/吉林市"),
        ("朝阳县", "辽宁省/朝阳市/朝阳县"),
        ("海南区", "内蒙古自治区/乌海市/海南区"),
        ("河南县", "青海省/黄南藏族自治州/河南蒙古族自治县"),
        ("恩施州", "湖北省/恩施土家族苗族自治州"),
        ("北京朝阳区", "北京市//朝阳区"),
        # The present division first, the former one where it is named whole.
        ("奉化", "浙江省/宁波市/奉化区"),
        ("奉化市", "浙江省/宁波市/奉化市"),
        ("沙县", "福建省/三明市/沙县"),
        ("鄞县", "浙江省/宁波市/鄞县"),
        ("巢湖市", "安徽省/合肥市/巢湖市"),
        ("儋州市", "海南省/儋州市"),
        # Paths through former cities.
        ("昌都地区江达县", "西藏自治区/昌都市/江达县"),
        ("南宁地区横县", "广西壮族自治区/南宁市/横县"),
        ("巢湖市庐江县", "安徽省/合肥市/庐江县"),
        ("济南市莱城区", "山东省/莱芜市/莱城区"),
        ("六安市寿县", "安徽省/六安市/寿县"),
    ],
)
def test_resolve(gazetteer: Gazetteer, name: str, expected: str) -> None:
    assert gazetteer.resolve(name) == path(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("镇海区", ("镇海", "区")),
        ("黔东南苗族侗族自治州", ("黔东南", "自治州")),
        ("瀍河回族区", ("瀍河", "区")),
        ("内蒙古自治区", ("内蒙古", "自治区")),
        ("东乡族自治县", ("东乡", "自治县")),
        ("鄂温克族自治旗", ("鄂温克", "自治旗")),
        ("新蔡县", ("新蔡", "县")),
        ("神农架林区", ("神农架", "林区")),
        ("和县", ("和", "县")),
        ("共青团中央", ("共青团中央", "")),
    ],
)
def test_names_are_split_into_stem_and_kind(name: str, expected: tuple[str, str]) -> None:
    assert split_name(name) == expected


# 鄞, 忠 and 沙 are no short forms; 朝阳区 is in Beijing and Changchun; the rest name nothing.
@pytest.mark.parametrize("name", ["鄞", "忠", "沙", "朝阳区", "江北", "鼓楼", "东乡", "宁波市天台县", "高新区", "市辖区", ""])
def test_resolve_leaves_the_unknown_and_the_ambiguous(gazetteer: Gazetteer, name: str) -> None:
    assert gazetteer.resolve(name) is None


@pytest.mark.parametrize(
    ("name", "within", "expected"),
    [
        ("江北", NINGBO, JIANGBEI),
        ("江北", Region("浙江省", "宁波市", "镇海区"), JIANGBEI),
        ("江北", HANGZHOU, JIANGBEI),
        ("江北区", CHONGQING, Region("重庆市", None, "江北区")),
        ("江北", Region("重庆市", None, "渝中区"), Region("重庆市", None, "江北区")),
        ("江北", Region("湖南省"), None),
        ("朝阳区", Region("吉林省"), Region("吉林省", "长春市", "朝阳区")),
        ("朝阳", Region("北京市"), Region("北京市", None, "朝阳区")),
        ("海南", Region("青海省"), Region("青海省", "海南藏族自治州")),
        ("城关", Region("甘肃省", "兰州市"), Region("甘肃省", "兰州市", "城关区")),
        ("城区", Region("山西省", "晋城市"), Region("山西省", "晋城市", "城区")),
        ("桥东区", Region("河北省", "石家庄市"), Region("河北省", "石家庄市", "桥东区")),
        # Near a former city is near its successor.
        ("襄城", Region("湖北省", "襄樊市"), Region("湖北省", "襄阳市", "襄城区")),
    ],
)
def test_resolve_within(gazetteer: Gazetteer, name: str, within: Region, expected: Region | None) -> None:
    assert gazetteer.resolve(name, within=within) == expected


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("奉化", 2015, "浙江省/宁波市/奉化市"),
        # Approved in 2016: both existed, and the name had been carried on.
        ("奉化", 2016, "浙江省/宁波市/奉化区"),
        ("奉化", 2024, "浙江省/宁波市/奉化区"),
        ("沙县", 2019, "福建省/三明市/沙县"),
        ("沙县", 2023, "福建省/三明市/沙县区"),
        ("巢湖", 2005, "安徽省/巢湖市"),
        ("巢湖", 2015, "安徽省/合肥市/巢湖市"),
        ("寿县", 2010, "安徽省/六安市/寿县"),
        ("寿县", 2018, "安徽省/淮南市/寿县"),
        # An older neighbour that absorbed a namesake did not begin in that year.
        ("南宁", 1999, "广西壮族自治区/南宁市"),
        # Long gone by then, and nothing else is called so.
        ("崇文区", 2023, "北京市//崇文区"),
    ],
)
def test_resolve_in_a_year(gazetteer: Gazetteer, name: str, year: int, expected: str) -> None:
    assert gazetteer.resolve(name, year=year) == path(expected)


def test_resolve_in_a_year_stays_ambiguous_among_those_that_existed(gazetteer: Gazetteer) -> None:
    # In 2010 there were three, in 石家庄, 邢台 and 张家口; the last alone is left.
    assert gazetteer.resolve("桥东区", year=2010) is None
    assert gazetteer.resolve("桥东区") == Region("河北省", "张家口市", "桥东区")


def test_candidates(gazetteer: Gazetteer) -> None:
    assert {r.label for r in gazetteer.candidates("朝阳")} == {
        "朝阳市",
        "北京市朝阳区",
        "朝阳县",
        "长春市朝阳区",
    }
    assert {r.label for r in gazetteer.candidates("江北区")} == {"宁波市江北区", "重庆市江北区"}
    assert gazetteer.candidates("无此地") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("团海宁市委", [("海宁市", "海宁市")]),
        ("共青团宁波市江北区委", [("宁波市江北区", "宁波市江北区")]),
        ("团忠县委", [("忠县", "忠县")]),
        (
            "宁波市镇海区、慈溪市和杭州市上城区",
            [("宁波市镇海区", "宁波市镇海区"), ("慈溪市", "慈溪市"), ("杭州市上城区", "杭州市上城区")],
        ),
        ("北京朝阳区", [("北京市朝阳区", "北京朝阳区")]),
        ("浙江省杭州市淳安县", [("淳安县", "浙江省杭州市淳安县")]),
        ("湖北恩施州来凤县", [("来凤县", "湖北恩施州来凤县")]),
        ("吉林省吉林市", [("吉林市", "吉林省吉林市")]),
        ("上海市区", [("上海市", "上海市")]),
        ("晋城市城区", [("晋城市城区", "晋城市城区")]),
        ("三明市沙县区", [("三明市沙县区", "三明市沙县区")]),
        ("杭州市江干区", [("杭州市江干区", "杭州市江干区")]),
        # Not places, whatever their last characters spell.
        ("镇海", []),
        ("朝阳区", []),
        ("河南山区和西部山区，其中山区群众", []),
        ("沿海城市、新兴城市和主城区", []),
        ("晋城城区", []),
        ("小康县、振兴县和县城，各级公开县务", []),
        ("广东省城区", [("广东省", "广东省")]),
        ("江南区域、江北区域", []),
    ],
)
def test_find(gazetteer: Gazetteer, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(gazetteer, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("镇海：青年夜校", [("宁波市镇海区", "镇海")]),
        ("在淳安和建德", [("淳安县", "淳安"), ("建德市", "建德")]),
        ("慈溪、江北", [("慈溪市", "慈溪"), ("宁波市江北区", "江北")]),
        ("宁波江北", [("宁波市江北区", "宁波江北")]),
        # The city decides what is a plain word: 资源县 is in 桂林, 公安县 in 荆州.
        ("公安机关统筹资源，广西资源丰富", [("广西壮族自治区", "广西")]),
        ("加强合作，比如新青年、高青少年", []),
        ("桂林资源", [("资源县", "桂林资源")]),
    ],
)
def test_find_short(gazetteer: Gazetteer, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(gazetteer, text, short=True, within=NINGBO) == expected


def test_find_uses_what_is_near(gazetteer: Gazetteer) -> None:
    assert found(gazetteer, "江北区", within=NINGBO) == [("宁波市江北区", "江北区")]
    assert found(gazetteer, "团城区委", within=Region("山西省", "晋城市")) == [("晋城市城区", "城区")]
    assert found(gazetteer, "奉化市、桥东区", year=2010) == [("奉化市", "奉化市")]


def test_find_reads_back_every_path(gazetteer: Gazetteer) -> None:
    """A path that is written out in full is found whole, wherever it stands."""
    for region in gazetteer.regions:
        name = "".join(part for part in (region.province, region.city, region.county) if part)
        text = f"共青团{name}委员会"
        (mention,) = gazetteer.find(text)
        assert text[mention.start : mention.end] == name
        # 海南省儋州市 is the path of the city and of the county-level city it was.
        assert mention.region == region or (gazetteer.is_former(region) and mention.region.label == region.label)


@pytest.mark.parametrize(
    ("region", "label"),
    [
        ("浙江省", "浙江省"),
        ("浙江省/宁波市", "宁波市"),
        ("浙江省/宁波市/镇海区", "宁波市镇海区"),
        ("浙江省/宁波市/慈溪市", "慈溪市"),
        ("浙江省/台州市/天台县", "天台县"),
        ("浙江省/杭州市/江干区", "杭州市江干区"),
        ("北京市", "北京市"),
        ("北京市//朝阳区", "北京市朝阳区"),
        ("重庆市//忠县", "忠县"),
        ("湖北省//神农架林区", "神农架林区"),
        ("内蒙古自治区/呼伦贝尔市/鄂伦春自治旗", "鄂伦春自治旗"),
    ],
)
def test_label(gazetteer: Gazetteer, region: str, label: str) -> None:
    assert path(region) in gazetteer.regions
    assert path(region).label == label


def test_labels_over_the_table(gazetteer: Gazetteer) -> None:
    present = [r for r in gazetteer.regions if not gazetteer.is_former(r)]
    assert [label for label, n in Counter(r.label for r in present).items() if n > 1] == []
    for region in gazetteer.regions:
        assert region.label.endswith(region.county or region.city or region.province)
        if region.county and region.county.endswith("区") and region.county != "神农架林区":
            assert region.label == (region.city or region.province) + region.county


def test_every_label_resolves_to_its_region(gazetteer: Gazetteer) -> None:
    for region in gazetteer.regions:
        if not gazetteer.is_former(region):
            assert gazetteer.resolve(region.label) == region
        assert region in gazetteer.candidates(region.label)


def test_contains() -> None:
    assert NINGBO.contains(JIANGBEI)
    assert NINGBO.contains(NINGBO)
    assert Region("浙江省").contains(JIANGBEI)
    assert not JIANGBEI.contains(NINGBO)
    assert not HANGZHOU.contains(JIANGBEI)
    assert not NINGBO.contains(Region("浙江省"))
    assert CHONGQING.contains(Region("重庆市", None, "江北区"))
    assert not Region("重庆市", None, "渝中区").contains(Region("重庆市", None, "江北区"))


@pytest.mark.parametrize(
    ("wanted", "region", "expected"),
    [
        ("宁波市", "慈溪市", True),
        ("宁波市", "宁波市江东区", True),
        ("上城区", "江干区", True),
        ("江干区", "江干区", True),
        ("江干区", "上城区", False),
        ("奉化区", "奉化市", True),
        ("奉化市", "奉化区", True),
        ("鄞县", "鄞州区", True),
        ("鄞州区", "江东区", True),
        ("鄞县", "海曙区", False),
        ("济南市", "莱城区", True),
        ("济南市", "莱芜市", True),
        ("淮南市", "六安市寿县", True),
        ("昌都地区", "江达县", True),
        # Two steps: 南汇县 -> 南汇区 (2001) -> 浦东新区 (2009).
        ("浦东新区", "南汇县", True),
        ("南汇区", "南汇县", True),
        ("南汇县", "浦东新区", False),
        ("杭州市", "上城区", True),
        ("镇海区", "宁波市", False),
    ],
)
def test_covers(gazetteer: Gazetteer, wanted: str, region: str, expected: bool) -> None:
    wanted_region, named = gazetteer.resolve(wanted), gazetteer.resolve(region)
    assert wanted_region is not None and named is not None
    assert gazetteer.covers(wanted_region, named) is expected


def test_former_divisions(gazetteer: Gazetteer) -> None:
    jianggan = Region("浙江省", "杭州市", "江干区")
    assert gazetteer.is_former(jianggan)
    assert {r.label for r in gazetteer.successors(jianggan)} == {"杭州市上城区", "杭州市钱塘区"}
    assert not gazetteer.is_former(JIANGBEI)
    assert gazetteer.successors(JIANGBEI) == ()
    assert not gazetteer.is_former(Region("岚川省"))


def test_table_laws(gazetteer: Gazetteer) -> None:
    """Successors lead, without a circle, to present divisions of the same province."""
    assert len(set(gazetteer.regions)) == len(gazetteer.regions)
    for region in gazetteer.regions:
        assert Region(region.province) in gazetteer.regions
        assert region.county or region.city or region.province.endswith(("省", "市", "区"))
        assert {region.city, region.county}.isdisjoint({"市辖区", "县", "省直辖县级行政区划"})
        if gazetteer.is_former(region):
            assert gazetteer.successors(region), region
            descent = gazetteer._all_successors(region)
            assert region not in descent
            assert any(not gazetteer.is_former(r) for r in descent)
            assert {r.province for r in descent} == {region.province}
    # Measured: 34 provinces, 333 cities and 2,850 counties of the present, 565 former divisions.
    present = [r for r in gazetteer.regions if not gazetteer.is_former(r)]
    levels = Counter(region.level for region in present)
    assert (levels[0], levels[1], levels[2], len(gazetteer.regions) - len(present)) == (34, 333, 2850, 565)


def test_ordinary_words_are_names_of_the_table(gazetteer: Gazetteer) -> None:
    assert gazetteer._names.keys() >= set(read_words("ordinary_names.txt"))
    assert gazetteer._stems.keys() >= set(read_words("ordinary_stems.txt"))
    assert min(len(stem) for stem in gazetteer._stems) == 2


def test_table_is_small_and_plain() -> None:
    raw = importlib.resources.files("corpus.regions").joinpath("regions.csv").read_bytes()
    assert len(raw) < 250_000
    assert raw.startswith(HEADER.encode()) and b"\r" not in raw and b'"' not in raw


def test_extra_table() -> None:
    gazetteer = Gazetteer.load([SAMPLES.read_text(encoding="utf-8")])
    assert gazetteer.resolve("锦渚") == Region("岚川省", "云栖市", "锦渚区")
    assert gazetteer.resolve("澄溪市") == Region("岚川省", "云栖市", "澄溪市")
    assert gazetteer.resolve("镇海") == Region("浙江省", "宁波市", "镇海区")
    shangbu, butou = Region("岚川省", "云栖市", "上埠区"), Region("岚川省", "云栖市", "埠头区")
    assert gazetteer.covers(shangbu, butou) and not gazetteer.covers(butou, shangbu)
    assert found(gazetteer, "团云栖市北苑区委、白鹭市") == [
        ("云栖市北苑区", "云栖市北苑区"),
        ("白鹭市", "白鹭市"),
    ]
    # The sample adds to the packaged table and leaves the shared instance as it was.
    assert len(gazetteer.regions) == len(Gazetteer.load().regions) + 24
    assert Gazetteer.load().resolve("锦渚") is None


def test_extra_row_replaces_a_packaged_one() -> None:
    gazetteer = Gazetteer.load([HEADER + "浙江省,宁波市,江北区,2030,浙江省/宁波市/海曙区\n"])
    assert gazetteer.is_former(JIANGBEI)
    assert gazetteer.covers(Region("浙江省", "宁波市", "海曙区"), JIANGBEI)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "table 1 of extra, line 1: expected the columns"),
        ("province,city\n", "table 1 of extra, line 1: expected the columns"),
        (HEADER + "岚川省,,,\n", "line 2: expected 5 fields, found 4"),
        (HEADER + "岚川省,,,,\n,云栖市,,,\n", "line 3: expected a province, found none"),
        (
            HEADER + "岚川省,,,,\n岚川省,云栖市,,去年,\n",
            "line 3: expected a year of four digits or nothing, found '去年'",
        ),
        (
            HEADER + "岚川省,,,,\n岚川省,云栖市,,,岚川省\n",
            "line 3: expected a year for a division with successors",
        ),
        (HEADER + "岚川省,,,,\n岚川省,,,,\n", "line 3: expected each division once, found 岚川省 again"),
        (HEADER + "岚川省,,,,\n岚川省,云栖市,锦渚区,,\n", "line 3: expected a row for 云栖市, found none"),
        (
            HEADER + "岚川省,,,,\n岚川省,云栖市,,2020,岚川省/无此市\n",
            "line 3: expected the path of another division",
        ),
        (
            HEADER + "岚川省,,,,\n岚川省,云栖市,,2020,岚川省/云栖市\n",
            "line 3: expected the path of another division",
        ),
    ],
)
def test_malformed_rows_are_named(text: str, message: str) -> None:
    with pytest.raises(RegionTableError, match=message):
        Gazetteer.load([text])


# --- an independent history of the codes (CC0), where it is at hand -------------------------------------

Row = dict[str, str]


@pytest.fixture(scope="module")
def history() -> list[Row]:
    if not HISTORY.exists():
        pytest.skip("areacodes-history is not beside the repository")
    with lzma.open(HISTORY, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def row_region(row: Row) -> Region:
    if row["level"] == "省级":
        return Region(row["l1"])
    if row["level"] == "地级":
        return Region(row["l1"], row["name"])
    return Region(row["l1"], None if row["l2"] == "直辖" else row["l2"], row["name"])


def row_name(row: Row) -> str:
    region = row_region(row)
    return "".join(part for part in (region.province, region.city, region.county) if part)


def test_present_divisions_agree_with_the_history(gazetteer: Gazetteer, history: list[Row]) -> None:
    """All 34 + 333 + 2,846 of them; ours alone are the four districts of 大兴安岭, which have no code."""
    current = [row for row in history if row["status"] == "在用"]
    assert Counter(row["level"] for row in current) == {"省级": 34, "地级": 333, "县级": 2846}
    for row in current:
        if row["level"] == "省级":
            assert gazetteer.resolve(row["name"]) == Region(row["name"])
        else:
            assert gazetteer.resolve(row_name(row)) == row_region(row)
            # 桥西区 is in 石家庄 and in 张家口: the name alone needs the city.
            region = row_region(row)
            within = Region(region.province, region.city if region.county else None)
            assert gazetteer.resolve(row["name"], within=within) == region
    ours = {r for r in gazetteer.regions if not gazetteer.is_former(r)} - {row_region(row) for row in current}
    assert {r.label for r in ours} == {
        "大兴安岭地区加格达奇区",
        "大兴安岭地区松岭区",
        "大兴安岭地区新林区",
        "大兴安岭地区呼中区",
    }


# The codes of these changed in 2001 and nothing else did, until the year and the successors in our table.
RECODED = {"海南省儋州市", "海南省琼山市", "海南省西沙群岛", "海南省南沙群岛", "海南省中沙群岛的岛礁及其海域"}


def test_former_counties_agree_with_the_history(gazetteer: Gazetteer, history: list[Row]) -> None:
    """What was abolished since 2000 resolves, and where it went agrees.

    Both sides are followed to the division of today: a county whose city alone was renamed is its own
    successor. The history counts every township that went elsewhere, our table the main heirs.
    """
    by_code: dict[str, list[Row]] = {}
    for row in history:
        by_code.setdefault(row["code"], []).append(row)

    def today(regions: set[Region]) -> set[Region]:
        ends: set[Region] = set()
        for region in regions:
            descent = gazetteer._all_successors(region) or (region,)
            ends.update(r for r in descent if not gazetteer.is_former(r))
        return ends

    def heirs(row: Row) -> set[Region]:
        into: set[Region] = set()
        # 330102[1996] is land given up earlier.
        for code in (code for code in row["new_code"].split(";") if code and "[" not in code):
            for other in by_code[code]:
                same_name = other["name"] == row["name"] and other["l2"] == row["l2"]
                # A row that is already the successor of another, or a later use of the same code, is not it.
                if other["from"] <= row["to"] <= (other["to"] or "9999") and not (same_name and code == row["code"]):
                    region = gazetteer.resolve(row_name(other))
                    assert region is not None
                    into.add(region)
        return into

    resolved = compared = same = overlapping = 0
    former = [r for r in history if r["level"] == "县级" and r["status"] != "在用" and r["to"] >= "2000"]
    for row in former:
        region = gazetteer.resolve(row_name(row), year=int(row["to"]))
        resolved += region is not None
        if region is None or row_name(row) in RECODED:
            continue
        expected = today(heirs(row))
        if not expected:
            continue
        compared += 1
        ours = today({region})
        same += ours == expected
        overlapping += bool(ours & expected)
    assert len(former) == resolved == 982
    # Left out: the five recoded ones, and five whose only successor is their own code.
    assert compared == 972
    # 941 of 972 = 96.8 % are the same set. The one without overlap is 湖北省随州市, which is the path of
    # the present city too; the history follows it to 曾都区.
    assert (same, overlapping) == (941, 971)
    assert same / compared > 0.95
