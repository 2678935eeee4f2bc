"""The stretches of an article that tell of other regions, on invented round-ups."""

import pytest

from corpus.chunker import chunk
from corpus.document import Bulletin, Region
from corpus.library.files import SAMPLES, load_gazetteer
from corpus.parsing.parser import parse_text

GAZETTEER = load_gazetteer(SAMPLES)
CITY = Region("岚川省", "云栖市")
JINZHU, BEIYUAN, SHANGBU = (Region("岚川省", "云栖市", name) for name in ("锦渚区", "北苑区", "上埠区"))
HEAD = "云栖青年工作简报\n第7期\n共青团云栖市委办公室        2023年6月6日\n\n团云栖市委推进夜校提质扩面\n\n"


def read(*lines: str) -> Bulletin:
    return parse_text(HEAD + "\n".join(lines) + "\n", gazetteer=GAZETTEER, document="甲.txt")


def told(*lines: str) -> list[tuple[str, Region]]:
    """Return what is told of other regions than the city, without the names of those."""
    bulletin = read(*lines)
    assert [article.region for article in bulletin.articles] == [CITY]
    return [
        (stretch.span.of(bulletin.text).strip(), stretch.region)
        for stretch in bulletin.articles[0].elsewhere
        if stretch.is_subject
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("北苑区把夜校开到商圈。午休连上两节。", [("北苑区把夜校开到商圈。", BEIYUAN), ("午休连上两节。", BEIYUAN)]),
        ("今年以来，团北苑区委开办夜校。", [("北苑区委开办夜校。", BEIYUAN)]),
        ("北苑区、上埠区率先试点。", [("北苑区、上埠区率先试点。", BEIYUAN), ("上埠区率先试点。", SHANGBU)]),
        (
            "北苑区开课九十次；上埠区开课六十次。",
            [("北苑区开课九十次；", BEIYUAN), ("上埠区开课六十次。", SHANGBU)],
        ),
        ("全市学员五千人，其中北苑区占三成。夜校都在晚上。", [("北苑区占三成。", BEIYUAN)]),
        ("北苑区开办夜校。全市跟着开办。", [("北苑区开办夜校。", BEIYUAN)]),
        ("夜校开课。北苑区开得最早。来的人多。", [("北苑区开得最早。", BEIYUAN)]),  # only its own sentence
        ("赴北苑区考察夜校，对标北苑区补短板，与北苑区结对。", []),
        ("请北苑区、上埠区派人来讲。", []),
        ("北苑小学开办夜校，北苑路上亮了灯。", []),
        ("北苑区第一小学开办夜校。", []),
        ("团云栖市委开办夜校，来的人不少。", []),  # its own
    ],
)
def test_sentences(line: str, expected: list[tuple[str, Region]]) -> None:
    assert [(text, region) for text, region in told(line) if len(text) > 1] == expected


def test_what_is_named_and_not_told_of() -> None:
    stretches = read("赴北苑区考察夜校。", "北苑路上亮了灯。").articles[0].elsewhere
    assert [(stretch.region, stretch.is_subject) for stretch in stretches] == [(BEIYUAN, False)]


def test_rows_are_about_what_their_cells_name() -> None:
    rows = ("区\t举措\t成效", "锦渚\t设流动书车\t借阅二万册", "\t开夜校\t学员九百人", "北苑区\t办集市\t摊位七十个")
    found = told("进展如下。", "", *rows)
    assert [region for _, region in found] == [JINZHU, JINZHU, BEIYUAN]
    assert [text.split("\t")[0] for text, _ in found] == ["锦渚", "开夜校", "北苑区"]


def test_a_row_that_names_no_region_is_nobodys() -> None:
    found = told("进展如下。", "", "区\t举措\t成效", "锦渚区\t设书车\t借阅二万册", "合计\t两项\t三万册", "\t另有\t一项")
    assert [region for _, region in found] == [JINZHU]


@pytest.mark.parametrize("name", ["（一）北苑区：", "（一）团北苑区委：", "1.北苑：", "【北苑区】"])
def test_a_name_that_is_set_off_has_all_up_to_the_next(name: str) -> None:
    other = name.replace("一", "二").replace("1", "2").replace("北苑", "锦渚")
    found = told("各区做法如下。", f"{name}把夜校开到商圈。", "午休连上两节，缺课可以补学。", f"{other}开了流动书车。")
    assert [region for text, region in found if "夜校" in text or "午休" in text] == [BEIYUAN, BEIYUAN]
    assert [region for text, region in found if "书车" in text] == [JINZHU]


def test_a_heading_has_its_section() -> None:
    found = told("各区都办。", "一、北苑区", "把夜校开到商圈，午休连上两节。", "二、锦渚区", "开了流动书车，借阅二万册。")
    assert [region for text, region in found if "夜校" in text] == [BEIYUAN]
    assert [region for text, region in found if "书车" in text] == [JINZHU]


def test_passages_have_the_stretches_that_they_overlap() -> None:
    bulletin = read("进展如下。", "", "区\t举措", "锦渚区\t设流动书车", "北苑区\t开骑手夜校", "", "上埠区另开集市。")
    passages = chunk(bulletin)
    for passage in passages:
        own = tuple(stretch for stretch in passage.article.elsewhere if stretch.span.overlaps(passage.span))
        assert passage.elsewhere == own
    assert [passage.region_of(passage.span) for passage in passages] == [CITY, JINZHU, BEIYUAN, SHANGBU]
    assert [passage.context.split("\n")[0] for passage in passages] == ["云栖市", "云栖市锦渚区", "云栖市北苑区", "云栖市上埠区"]


def test_many_names_in_one_sentence_take_linear_time() -> None:
    names = "北苑区、锦渚区、" * 20_000
    assert {stretch.region for stretch in read(f"{names}上埠区都办。").articles[0].elsewhere} == {BEIYUAN, JINZHU, SHANGBU}
