"""What a person sets right: corrections and what hangs on them, safe names, the record of it all."""

import dataclasses
import datetime

import pytest

from corpus import readers
from corpus.document import Bulletin, Region
from corpus.library import files
from corpus.library.edits import Correction, UserEdits, apply_correction, safe_name
from corpus.messages.errors import EditError
from corpus.messages.message import Message
from corpus.parsing.parser import parse_text, with_masthead
from corpus.regions.gazetteer import Gazetteer

SOURCE = """内部刊物

青年试验信息

2021年 第7期（总第33期）

共青团浙江省委

2021年5月6日

团宁波市镇海区委开设骑手夜校

一、办夜校。下班以后学剪纸，学费由团委补贴。

（团宁波市镇海区委）

办好一张志愿月票

一、看县里。到团淳安县委看积分怎样兑成月票。
"""


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


@pytest.fixture(scope="module")
def bulletin(gazetteer: Gazetteer) -> Bulletin:
    return parse_text(SOURCE, gazetteer=gazetteer, document="甲.txt", sha256="0" * 64)


def test_the_example_is_read_as_it_should(bulletin: Bulletin) -> None:
    assert bulletin.bulletin_id.rpartition("-")[0] == "青年试验信息-2021-7"
    assert [article.region for article in bulletin.articles] == [Region("浙江省", "宁波市", "镇海区"), Region("浙江省")]
    assert [article.also_regions for article in bulletin.articles] == [(), (Region("浙江省", "杭州市", "淳安县"),)]


def test_no_correction_changes_nothing(bulletin: Bulletin, gazetteer: Gazetteer) -> None:
    assert apply_correction(bulletin, None, gazetteer) is apply_correction(bulletin, Correction(), gazetteer) is bulletin


def test_the_masthead_of_every_sample_hangs_together() -> None:
    """What hangs on the masthead is found from the record as it was found from the text."""
    gazetteer = files.load_gazetteer(files.SAMPLES)
    for file in files.bulletin_files(files.scan(files.SAMPLES)):
        text = readers.read_plain(files.SAMPLES / file.document)
        parsed = parse_text(text, gazetteer=gazetteer, document=file.document)
        assert dataclasses.asdict(with_masthead(parsed, gazetteer, {})) == dataclasses.asdict(parsed)


def test_what_hangs_on_a_field_follows(bulletin: Bulletin, gazetteer: Gazetteer) -> None:
    correction = Correction(
        series="  江城青年\n", issue="8", total_issue="34", issue_date="2022-06-07", publisher="共青团武汉市委"
    )
    corrected = apply_correction(bulletin, correction, gazetteer)
    assert corrected.masthead.series == "江城青年"
    assert (corrected.masthead.issue, corrected.masthead.total_issue, corrected.masthead.year) == ("8", "34", 2022)
    assert corrected.masthead.issue_date == datetime.date(2022, 6, 7)
    assert corrected.bulletin_id == "江城青年-2022-8-" + bulletin.bulletin_id.rpartition("-")[2]
    assert corrected.publisher_region == Region("湖北省", "武汉市")
    # The first article names its region, the second is the publisher's.
    assert [article.region for article in corrected.articles] == [
        Region("浙江省", "宁波市", "镇海区"),
        Region("湖北省", "武汉市"),
    ]
    assert corrected.corrected == ("series", "issue", "total_issue", "publisher", "issue_date")
    untouched = ("source", "text", "deletions", "zones", "print_date", "contents")
    assert [getattr(corrected, name) for name in untouched] == [getattr(bulletin, name) for name in untouched]
    assert [article.sections for article in corrected.articles] == [article.sections for article in bulletin.articles]


def test_a_region_is_set_article_by_article(bulletin: Bulletin, gazetteer: Gazetteer) -> None:
    corrected = apply_correction(bulletin, Correction(regions={1: ("杭州市", "宁波市镇海区"), 0: ()}), gazetteer)
    first, second = corrected.articles
    assert (first.region, first.signed_by, first.also_regions) == (None, None, ())
    assert (second.region, second.also_regions) == (Region("浙江省", "杭州市"), (Region("浙江省", "宁波市", "镇海区"),))
    assert corrected.corrected == ("region:0", "region:1")


def test_the_one_who_signs_is_kept_where_it_is_wider(bulletin: Bulletin, gazetteer: Gazetteer) -> None:
    articles = (dataclasses.replace(bulletin.articles[0], region=Region("浙江省", "宁波市")), *bulletin.articles[1:])
    wide = dataclasses.replace(bulletin, articles=articles)
    region, city = Region("浙江省", "宁波市", "慈溪市"), Region("浙江省", "宁波市")
    # with_masthead finds the regions anew from title and signature, so the article is given a title that names the city
    titled = dataclasses.replace(articles[0], title="团宁波市委开设骑手夜校", signature="团宁波市委")
    wide = dataclasses.replace(wide, articles=(titled, *articles[1:]))
    corrected = apply_correction(wide, Correction(regions={0: ("慈溪市",)}), gazetteer).articles[0]
    assert (corrected.region, corrected.signed_by) == (region, city)
    elsewhere = apply_correction(wide, Correction(regions={0: ("武汉市",)}), gazetteer).articles[0]
    assert (elsewhere.region, elsewhere.signed_by) == (Region("湖北省", "武汉市"), None)


def test_kind_number_region_and_titles_are_set(bulletin: Bulletin, gazetteer: Gazetteer) -> None:
    correction = Correction(kind="notice", document_number="浙团办〔2021〕7号", region="湖北省", titles={1: "武汉市的志愿月票"})
    corrected = apply_correction(bulletin, correction, gazetteer)
    assert (corrected.kind, corrected.masthead.document_number) == ("notice", "浙团办〔2021〕7号")
    assert corrected.publisher_region == Region("湖北省")
    assert [article.title for article in corrected.articles] == ["团宁波市镇海区委开设骑手夜校", "武汉市的志愿月票"]
    assert corrected.articles[1].region == Region("湖北省", "武汉市")  # which the title tells
    assert corrected.corrected == ("document_number", "kind", "region", "title:1")


def test_an_empty_value_empties_a_field(bulletin: Bulletin, gazetteer: Gazetteer) -> None:
    emptied = Correction(series="", issue="", issue_date="", publisher="", region="", titles={0: ""})
    corrected = apply_correction(bulletin, emptied, gazetteer)
    head = corrected.masthead
    assert (head.series, head.issue, head.issue_date, head.year, head.publisher) == ("", None, None, None, None)
    assert corrected.publisher_region is None and corrected.articles[0].title == ""
    assert apply_correction(bulletin, Correction(issue_date=""), gazetteer).masthead.year == 2021


def test_a_warning_about_a_field_goes_with_its_correction(gazetteer: Gazetteer) -> None:
    undated = parse_text(SOURCE.replace("2021年5月6日\n", ""), gazetteer=gazetteer, document="甲.txt")
    assert undated.warnings == (Message.of("corpus.parsing.no_issue_date"),)
    assert apply_correction(undated, Correction(issue="8"), gazetteer).warnings == undated.warnings
    assert apply_correction(undated, Correction(issue_date="2021-05-06"), gazetteer).warnings == ()


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (Correction(issue_date="2021年5月6日"), "甲.txt: expected a date like 2021-12-23, found “2021年5月6日”"),
        (Correction(issue_date="2021-02-30"), "甲.txt: expected a date like 2021-12-23, found “2021-02-30”"),
        (Correction(issue_date="20210506"), "甲.txt: expected a date like 2021-12-23, found “20210506”"),
        (Correction(regions={0: ("亚特兰蒂斯",)}), "甲.txt: 亚特兰蒂斯: no such region"),
        (Correction(region="亚特兰蒂斯"), "甲.txt: 亚特兰蒂斯: no such region"),
        (Correction(kind="poem"), "甲.txt: no kind of document is called “poem”"),
        (Correction(titles={5: "甲"}), "甲.txt: there is no article 6 (of 2)"),
        (Correction(titles={0: "团" * 201}), f"甲.txt: title: expected 1 to 200 characters, found “{'团' * 40}”"),
        (Correction(regions={2: ("杭州市",)}), "甲.txt: there is no article 3 (of 2)"),
        (Correction(regions={-1: ("杭州市",)}), "甲.txt: there is no article 0 (of 2)"),
        (Correction(series=" \n"), "甲.txt: series: expected 1 to 200 characters, found “ \n”"),
        (Correction(publisher="团" * 201), f"甲.txt: publisher: expected 1 to 200 characters, found “{'团' * 40}”"),
        (Correction(issue="7\x00"), "甲.txt: issue: expected 1 to 200 characters, found “7\x00”"),
        (Correction(issue="\ud800"), "甲.txt: issue: expected 1 to 200 characters, found “\ud800”"),
    ],
)
def test_a_correction_that_cannot_be_made(bulletin: Bulletin, gazetteer: Gazetteer, correction: Correction, message: str) -> None:
    with pytest.raises(EditError) as error:
        apply_correction(bulletin, correction, gazetteer)
    assert str(error.value) == message


def test_an_ambiguous_region_names_those_that_are_meant(bulletin: Bulletin, gazetteer: Gazetteer) -> None:
    foreign = dataclasses.replace(
        bulletin, masthead=dataclasses.replace(bulletin.masthead, publisher="共青团湖北省委"), publisher_region=Region("湖北省")
    )
    with pytest.raises(EditError, match=r"several regions bear this name: .*鼓楼区"):
        apply_correction(foreign, Correction(publisher="共青团湖北省委", regions={0: ("鼓楼区",)}), gazetteer)
    path = Correction(publisher="共青团湖北省委", regions={0: ("南京市鼓楼区",)})
    assert apply_correction(foreign, path, gazetteer).articles[0].region == Region("江苏省", "南京市", "鼓楼区")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("第1期.txt", "第1期.txt"),
        ("../../etc/passwd", "passwd"),
        ("/etc/shadow.txt", "shadow.txt"),
        ("C:\\Users\\张三\\甲.docx", "甲.docx"),
        ("..\\..\\甲.txt", "甲.txt"),
        ("a\x00b\x1b[31m.txt", "ab[31m.txt"),
        ("甲\ud800.txt", "甲.txt"),
        ("甲\u202etxt.exe.txt", "甲txt.exe.txt"),  # a mark that turns the direction of writing
        ("甲:流.txt", "甲流.txt"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("lpt1.tar.txt", "_lpt1.tar.txt"),
        ("console.txt", "console.txt"),
        (".hidden.txt", "hidden.txt"),
        ("甲.txt. . ", "甲.txt"),
        ("", "bulletin"),
        ("...", "bulletin"),
        ("/", "bulletin"),
        (".txt", "bulletin.txt"),
        ("e\u0301.txt", "\u00e9.txt"),  # macOS hands accents in apart
        ("团" * 99 + ".txt", "团" * 65 + ".txt"),  # 65 × 3 + 4 = 199 bytes
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name, taken=()) == safe


def test_a_name_is_never_used_twice() -> None:
    assert safe_name("a.TXT", taken=["A.txt"]) == "a (2).TXT"
    assert safe_name("甲.txt", taken=["甲.txt", "甲 (2).txt", "乙.txt"]) == "甲 (3).txt"


def test_a_curation_is_changed_by_copies() -> None:
    correction = Correction(issue="8")
    curation = (
        UserEdits()
        .add("甲.txt", "0" * 64)
        .disable(".added/甲.txt")
        .disable("乙.txt")
        .remove("丙.txt")
        .correct("1" * 64, correction)
    )
    assert curation == UserEdits({"甲.txt": "0" * 64}, (".added/甲.txt", "乙.txt"), ("丙.txt",), {"1" * 64: correction})
    assert curation.remove(".added/甲.txt").added == {}
    assert curation.remove(".added/甲.txt").disabled == ("乙.txt",)
    assert curation.remove("乙.txt").removed == ("丙.txt", "乙.txt")
    assert curation.restore("丙.txt").removed == ()
    assert curation.enable("乙.txt").disable(".added/甲.txt").disabled == (".added/甲.txt",)
    assert curation.correct("1" * 64, Correction()).corrections == {}
    assert UserEdits() == UserEdits({}, (), (), {})
