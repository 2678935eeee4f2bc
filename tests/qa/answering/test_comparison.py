"""Comparisons: quotes laid side by side, by hand with an encoder of three directions, and end to end."""

import itertools
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import get_args

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm

from corpus.document import Region, Span
from corpus.messages.errors import QuestionError
from index.encoder import load_encoder
from index.retriever import Retriever
from index.store.library import Library, open_library
from qa.answering.answer import Answer, Quote, Refused, Table
from qa.answering.answerability import Strictness
from qa.answering.comparison import MAX_CELLS, Column, build_table
from qa.answering.pipeline import answer_question, compare
from qa.export import render
from tests.index.small import SmallEncoder
from tests.qa.answers import HEADLINE, POINT, quote_from, reason_of, summary_of, table_of
from tests.qa.invented import paragraph, retriever_of

STRICTNESS: tuple[Strictness, ...] = get_args(Strictness)

TWO_EVENING_SCHOOLS = """内部刊物

青年试验信息

2021年 第7期（总第33期）

共青团浙江省委

2021年5月6日

团宁波市镇海区委办好骑手夜校

一、办骑手夜校。骑手夜校设在镇海区文化馆，每周三晚上上课，骑手免费学剪纸。

二、建骑手驿站。骑手进站喝水充电，骑手子女有人看护。

（团宁波市镇海区委）

团杭州市委推广骑手夜校

一、抓好试点。团淳安县委办起骑手夜校，夜校设在千岛湖码头，每周五晚上给骑手讲交通法规。

二、推开经验。骑手夜校的教材由市里统一编写，印发两千册。

（团杭州市委）
"""


@pytest.fixture(scope="module")
def small() -> Retriever:
    return retriever_of([paragraph("骑手夜校学剪纸。")], encoder=SmallEncoder())


def quotes_of(*texts: str) -> tuple[Quote, ...]:
    return tuple(Quote(paragraph(text, name=text), Span(0, len(text)), 1.0) for text in texts)


def laid_out(retriever: Retriever, *columns: Sequence[str]) -> tuple[Table, list[list[str | None]], list[str]]:
    """The table of some texts, its cells as texts, row by row, and the quotes in their order."""
    named = [Column(name, quotes_of(*texts)) for name, texts in zip("甲乙丙", columns, strict=False)]
    quotes, table = build_table(named, retriever=retriever, language="zh")
    return (
        table,
        [[None if cell is None else quotes[cell].text for cell in row.cells] for row in table.rows],
        [q.text for q in quotes],
    )


def test_the_most_alike_are_paired_first_and_what_is_left_stands_alone(small: Retriever) -> None:
    # Directions: 骑手 (1, 0, 0), 积分 (0, 1, 0), both (0.7, 0.7, 0), 剪纸 (0, 0, 1).
    # Cosines of 甲 with 乙: 骑手进站 0, 0.7, 0; 积分 1, 0.7, 0. First 积分 with 积分 at 1, then 骑手 with both at 0.7.
    table, cells, quotes = laid_out(
        small, ["骑手进站喝水。", "积分可换月票。"], ["积分能买米面。", "骑手也有积分。", "剪纸贴满小窗。"]
    )
    assert table.columns == ("甲", "乙")
    assert cells == [
        ["骑手进站喝水。", "骑手也有积分。"],
        ["积分可换月票。", "积分能买米面。"],
        [None, "剪纸贴满小窗。"],
    ]
    assert [row.cells for row in table.rows] == [(0, 1), (2, 3), (None, 4)]
    assert quotes == [text for row in cells for text in row if text], "quotes come in reading order"
    assert [row.label for row in table.rows] == ["骑手", "积分", "总体"]  # words shared, and a cell alone without a heading


def test_columns_stand_in_the_order_given_and_one_may_be_empty(small: Retriever) -> None:
    table, cells, _ = laid_out(small, ["剪纸贴满小窗。"], [], ["骑手进站喝水。"])
    assert table.columns == ("甲", "乙", "丙")
    assert cells == [["剪纸贴满小窗。", None, None], [None, None, "骑手进站喝水。"]]


def test_a_row_holds_only_what_is_alike_throughout(small: Retriever) -> None:
    # 骑手 and both, both and 积分 are alike (0.7), 骑手 and 积分 are not (0): all three are no row.
    _, cells, _ = laid_out(small, ["骑手进站喝水。"], ["骑手也有积分。"], ["积分可换月票。"])
    assert sorted(sum(text is not None for text in row) for row in cells) == [1, 2]
    assert not any(row[0] and row[2] for row in cells)


def test_a_spare_quote_fills_a_cell_beside_one_that_it_is_like_and_stands_nowhere_alone(small: Retriever) -> None:
    # 骑手 with both 0.7: it fills 乙's cell in the first row. 剪纸 is like neither, and no row lacks 乙 for the second 骑手.
    columns = [
        Column("甲", quotes_of("骑手进站喝水。")),
        Column("乙", quotes_of("剪纸贴满小窗。"), quotes_of("剪纸又贴大窗。", "骑手也有积分。", "骑手也有小积分。")),
    ]
    quotes, table = build_table(columns, retriever=small, language="zh")
    assert [[cell is not None and quotes[cell].text for cell in row.cells] for row in table.rows] == [
        ["骑手进站喝水。", "骑手也有积分。"],
        [False, "剪纸贴满小窗。"],
    ]
    assert len(quotes) == 3
    # The likelier of two spare quotes goes to the row that it is most like: 积分 with 积分 at 1 before both with 积分 at 0.7.
    columns = [
        Column("甲", quotes_of("积分可换月票。")),
        Column("乙", (), quotes_of("骑手也有积分。", "积分能买米面。")),
    ]
    quotes, table = build_table(columns, retriever=small, language="zh")
    assert [quote.text for quote in quotes] == ["积分可换月票。", "积分能买米面。"] and table.rows[0].cells == (0, 1)


def test_what_opens_an_article_stands_beside_what_opens_another(samples: Library) -> None:
    leads = [
        quote_from(samples, "8月起，团区委会同区总工会、区市场监管局开建“骑手驿站”，四个月建成46个，日均进站2900人次。"),
        quote_from(samples, "今年4月起，团北苑区委牵头开建“一盏灯”骑手驿站，首批26处已于7月1日全部亮灯，日均进站1150人次。"),
    ]
    kit = quote_from(samples, "每站统一配齐直饮水、微波炉、换电柜、雨衣架、急救包五样，门头挂橙色雨燕标志，三百米外能看见。")
    columns = [Column("锦渚", (leads[0], kit)), Column("北苑", (leads[1],))]
    quotes, table = build_table(columns, retriever=samples.retriever, language="zh")
    assert quotes == (*leads, kit)
    assert (table.rows[0].label, table.rows[0].cells) == ("总体", (0, 1))
    # A measure stays alone rather than beside what tells of the whole.
    _, table = build_table([Column("锦渚", (kit,)), Column("北苑", (leads[1],))], retriever=samples.retriever, language="zh")
    assert [row.cells for row in table.rows] == [(0, None), (None, 1)]


def test_each_quote_is_in_one_cell_and_no_column_twice_in_a_row(small: Retriever) -> None:
    # All point the same way: the first of each is paired with one of the other, and one is left.
    _, cells, quotes = laid_out(small, ["骑手甲一。", "骑手甲二。", "骑手甲三。"], ["骑手乙一。", "骑手乙二。"])
    assert len(quotes) == len(set(quotes)) == 5
    assert [sum(text is not None for text in row) for row in cells] == [2, 2, 1]
    assert sorted(text for row in cells for text in row if text) == sorted(quotes)
    assert all((row[0] or "甲")[2] == "甲" or row[0] is None for row in cells)


@pytest.mark.parametrize(("columns", "each"), [(2, 10), (3, 6)])  # 20 / 2, 20 / 3
def test_at_most_so_many_cells_the_best_of_each_column(small: Retriever, columns: int, each: int) -> None:
    texts = [[f"骑手在第{name}列排第{place}。" for place in range(1, 13)] for name in "甲乙丙"[:columns]]
    _, _, quotes = laid_out(small, *texts)
    assert len(quotes) == each * columns <= MAX_CELLS
    assert set(quotes) == {text for column in texts for text in column[:each]}


def test_a_cell_alone_is_called_by_its_headline_or_heading(samples: Library) -> None:
    under = "从每站常客中推选一名“灯长”，负责卫生、补货和意见登记，每月补贴200元话费，连任满一年的优先推荐为区级青年岗位能手。"
    lead = "2019年11月，团锦渚区委会同区民政局、区文明办推出“半日闲”时间银行，把帮老助残、护学守路的时长存进个人账户。"
    for said, label, name in ((POINT, HEADLINE, HEADLINE), (under, "", "依靠骑手自己来管"), (lead, "", "总体")):
        quote = quote_from(samples, said, label=label)
        _, table = build_table([Column("甲", (quote,)), Column("乙", ())], retriever=samples.retriever, language="zh")
        assert [row.label for row in table.rows] == [name]
    _, table = build_table([Column("a", (quote_from(samples, lead),))], retriever=samples.retriever, language="en")
    assert table.rows[0].label == "Overall"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("锦渚区和北苑区的骑手驿站有什么不同？", ["锦渚区", "北苑区"]),
        ("北苑区和锦渚区的骑手驿站有什么不同？", ["北苑区", "锦渚区"]),
        ("澄湖市湖西区和石潭县的回收办法有什么不同？", ["湖西区", "石潭县"]),
        ("比较望澜市和云栖市的志愿积分", ["望澜市", "云栖市"]),
    ],
)
def test_regions_are_compared_each_in_its_column(samples: Library, text: str, names: list[str]) -> None:
    answer = answer_question(samples, text)
    gazetteer = samples.retriever.catalog.gazetteer
    regions = [gazetteer.resolve(name) for name in names]
    assert answer.question.kind == "comparison" and table_of(answer) is not None
    assert table_of(answer).columns == tuple(region.label for region in regions if region)
    for at, region in enumerate(regions):
        column = [answer.quotes[cell] for row in table_of(answer).rows if (cell := row.cells[at]) is not None]
        assert column, f"{names[at]} has no cell"
        for quote in column:
            article = quote.passage.article
            assert region is not None
            assert any(one and gazetteer.covers(region, one) for one in (article.region, article.signed_by))


@pytest.mark.parametrize(
    ("text", "sides", "titles"),
    [
        ("时间银行和骑手驿站的管理有什么区别？", ("时间银行的管理", "骑手驿站的管理"), ("时间银行", "骑手驿站")),
        ("团代表坐班与骑手驿站有什么区别？", ("团代表坐班", "骑手驿站"), ("代表", "驿站")),
    ],
)
def test_two_schemes_are_compared_each_in_its_column(
    samples: Library, text: str, sides: tuple[str, str], titles: tuple[str, str]
) -> None:
    answer = answer_question(samples, text)
    assert answer.question is not None and answer.question.compared_topics == sides
    assert table_of(answer) is not None and table_of(answer).columns == sides
    for at, title in enumerate(titles):
        column = [answer.quotes[cell] for row in table_of(answer).rows if (cell := row.cells[at]) is not None]
        assert column
        assert all(title in quote.passage.article.title for quote in column)


@pytest.mark.parametrize(
    "text",
    [
        "驿站和骑手驿站有什么区别？",  # the sides find the same passages
        "遇到有轻生念头的来电，石潭的县级热线跟大学里的七点半热线处置流程一样吗？",
        "锦渚区和北苑区的骑手驿站有什么不同？",
    ],
)
def test_a_sentence_stands_in_one_cell(samples: Library, text: str) -> None:
    answer = answer_question(samples, text)
    assert not isinstance(answer, Refused)
    texts = [quote.text for quote in answer.quotes]
    assert len(texts) == len(set(texts)) <= MAX_CELLS
    if table_of(answer):
        cells = [cell for row in table_of(answer).rows for cell in row.cells if cell is not None]
        assert sorted(cells) == list(range(len(answer.quotes)))


@pytest.mark.parametrize(("first", "second"), [("镇海区", "淳安县"), ("淳安县", "镇海区")])
def test_an_article_of_another_region_stands_in_the_column_of_the_one_it_tells_of(
    tmp_path: Path, first: str, second: str
) -> None:
    """The passage on 淳安 is in an article of 杭州, which is not asked about."""
    (tmp_path / "bulletins").mkdir()
    (tmp_path / "bulletins" / "it.txt").write_text(TWO_EVENING_SCHOOLS, encoding="utf-8")
    library = open_library(tmp_path / "bulletins", data=tmp_path / "data", encoder=load_encoder())
    answer = answer_question(library, f"{first}和{second}的骑手夜校有什么不同？")
    assert table_of(answer) is not None
    for name, said in (("镇海区", "镇海区文化馆"), ("淳安县", "千岛湖码头")):
        (at,) = [at for at, column in enumerate(table_of(answer).columns) if name in column]
        cells = [row.cells[at] for row in table_of(answer).rows]
        texts = [answer.quotes[cell].text for cell in cells if cell is not None]
        assert any(said in text for text in texts)


def regions_of(library: Library, *names: str) -> list[Region]:
    found = [library.retriever.catalog.gazetteer.resolve(name) for name in names]
    return [region for region in found if region]


def cells_of(answer: Answer) -> list[list[Quote]]:
    """The quotes of each column."""
    assert table_of(answer) is not None
    columns = range(len(table_of(answer).columns))
    return [[answer.quotes[cell] for row in table_of(answer).rows if (cell := row.cells[at]) is not None] for at in columns]


@pytest.mark.parametrize(
    ("topic", "names"),
    [
        ("骑手驿站", ["锦渚区", "北苑区"]),
        ("骑手驿站", ["北苑区", "石潭县", "锦渚区"]),
        ("志愿积分", ["望澜市", "云栖市", "锦渚区", "北苑区", "石潭县"]),
        ("rider stations", ["锦渚区", "北苑区"]),
    ],
)
def test_regions_are_compared_on_a_topic_each_with_its_own_words(samples: Library, topic: str, names: list[str]) -> None:
    regions = regions_of(samples, *names)
    answer = compare(samples, topic, regions)
    assert answer.question.kind == "comparison" and table_of(answer) and reason_of(answer) is None
    assert table_of(answer).columns == tuple(region.label for region in regions)
    gazetteer = samples.retriever.catalog.gazetteer
    for region, quotes in zip(regions, cells_of(answer), strict=True):
        for quote in quotes:
            article = quote.passage.article
            assert any(one and gazetteer.covers(region, one) for one in (article.region, article.signed_by))
            narrower = [one for one in regions if one != region and region.contains(one)]
            assert not any(article.region and gazetteer.covers(one, article.region) for one in narrower)
    silent = [region.label for region, quotes in zip(regions, cells_of(answer), strict=True) if not quotes]
    assert (summary_of(answer) is None) == (not silent) and all(name in (summary_of(answer) or "") for name in silent)
    assert len(answer.quotes) <= MAX_CELLS
    spans = sorted((quote.passage.bulletin.source.document, quote.span) for quote in answer.quotes)
    assert all(one != other or a.end <= b.start for (one, a), (other, b) in itertools.pairwise(spans))


def test_a_region_that_is_silent_keeps_its_column_empty_and_the_note_says_so(samples: Library) -> None:
    answer = compare(samples, "骑手驿站", regions_of(samples, "锦渚区", "石潭县", "北苑区"))
    assert [bool(quotes) for quotes in cells_of(answer)] == [True, False, True]
    assert summary_of(answer) == "没有找到石潭县说到“骑手驿站”的原文"
    alone = compare(samples, "骑手驿站", regions_of(samples, "锦渚区", "北苑区"))
    assert summary_of(alone) is None and answer.quotes == alone.quotes, "a silent region changes nothing for the others"


@pytest.mark.parametrize("topic", ["培训", "青年交友"])
def test_each_region_is_judged_by_itself_the_stricter_the_fewer_speak(samples: Library, topic: str) -> None:
    regions = regions_of(samples, "松源市", "北苑区", "上埠区")
    speak = []
    for strictness in STRICTNESS:
        answer = compare(samples, topic, regions, strictness=strictness)
        speak.append([bool(quotes) for quotes in cells_of(answer)] if table_of(answer) else [False] * 3)
    lenient, normal, strict = speak
    assert all(a >= b >= c for a, b, c in zip(lenient, normal, strict, strict=True))
    assert sum(lenient) > sum(strict)


def test_a_topic_that_no_region_tells_of_is_no_comparison(samples: Library) -> None:
    answer = compare(samples, "太空电梯", regions_of(samples, "锦渚区", "北苑区"))
    assert (
        isinstance(answer, Refused) and table_of(answer) is None and reason_of(answer) is not None and "太空" in reason_of(answer)
    )
    assert answer.evidence.passages, "what comes nearest is shown"


def test_too_few_and_too_many_regions_and_no_topic_are_refused(samples: Library) -> None:
    regions = regions_of(samples, "锦渚区", "北苑区", "石潭县", "望澜市", "云栖市", "澄溪市")
    for wrong in (regions[:1], regions[:1] * 2, regions, []):
        with pytest.raises(QuestionError, match="2 to 5 regions"):
            compare(samples, "骑手驿站", wrong)
    with pytest.raises(QuestionError, match="empty"):
        compare(samples, " ", regions[:2])
    assert table_of(compare(samples, "骑手驿站", regions[:5]))


def test_a_comparison_is_handed_out_in_every_form(samples: Library) -> None:
    answer = compare(samples, "骑手驿站", regions_of(samples, "锦渚区", "北苑区", "石潭县"))
    document = docx.Document(BytesIO(render(answer, "docx")))
    (table,) = document.tables
    assert [cell.text for cell in table.rows[0].cells] == ["", *table_of(answer).columns] if table_of(answer) else False
    said = [p.text for row in table.rows for cell in row.cells for p in cell.paragraphs if p.style.name == "Quotation"]
    assert said == [quote.text for quote in answer.quotes]
    assert summary_of(answer) in [p.text for p in document.paragraphs]
    page = document.sections[0]
    assert page.page_width > page.page_height, "three columns need the page on its side"
    label, *widths = [cell.width / Mm(1) for cell in table.rows[1].cells]  # 297 less the margins 28 and 26, less the label's 24
    assert label == pytest.approx(24, abs=0.1) and widths == pytest.approx([219 / 3] * 3, abs=0.1)
    assert [column.width / Mm(1) for column in table.columns] == pytest.approx([label, *widths], abs=0.1)
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows), "no quote is cut by the end of a page"
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows] == [True] + [False] * (len(table.rows) - 1)
    narrow = compare(samples, "骑手驿站", regions_of(samples, "锦渚区", "北苑区"))
    two = docx.Document(BytesIO(render(narrow, "docx"))).sections[0]
    assert two.page_width < two.page_height
    sheet = openpyxl.load_workbook(BytesIO(render(answer, "xlsx")))["对照"]
    texts = [cell.value for row in sheet.iter_rows(min_row=2, min_col=2) for cell in row if cell.value != "—"]
    assert all(quote.text in text for quote, text in zip(answer.quotes, texts, strict=True))
