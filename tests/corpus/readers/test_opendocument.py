"""OpenDocument: headings, lists, tables, bold runs, what is no text."""

import pytest

from benchmarks.small_files import opendocument
from corpus import readers

STYLES = """
<style:style style:name="B"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="C" style:parent-style-name="B"/>
<text:list-style style:name="L">
<text:list-level-style-number text:level="1" style:num-format="一, 二, 三, ..." style:num-suffix="、"/>
<text:list-level-style-number text:level="2" style:num-format="1" style:num-prefix="（" style:num-suffix="）"/></text:list-style>
<text:list-style style:name="D"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/></text:list-style>
"""


def read(body: str, kind: str = "text") -> str:
    return readers.read_file(opendocument(body, kind=kind, styles=STYLES), name="it.odt").text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('<text:h text:outline-level="1">锦渚</text:h><text:h text:outline-level="2">东渚</text:h>', "## 锦渚\n\n**东渚**\n"),
        ('<text:p>甲<text:span text:style-name="C">乙</text:span>丙</text:p>', "甲**乙**丙\n"),
        ('<text:p>甲<text:s text:c="2"/>乙<text:tab/>丙<text:line-break/>丁  \n 戊</text:p>', "甲  乙\t丙\n丁 戊\n"),
        ("<text:tracked-changes><text:p>删去</text:p></text:tracked-changes><text:p>留下</text:p>", "留下\n"),
        ("<text:p>正文<text:note><text:p>脚注</text:p></text:note>。</text:p>", "正文。\n"),
        ("<text:p><draw:frame><draw:text-box><text:p>框里</text:p></draw:text-box></draw:frame></text:p>", "框里\n"),
        ('<text:list text:style-name="D"><text:list-item><text:p>甲</text:p></text:list-item></text:list>', "- 甲\n"),
    ],
)
def test_paragraphs(body: str, text: str) -> None:
    assert read(body) == text


def test_lists_are_numbered_and_go_on_where_they_say_so() -> None:
    item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>".format
    inner = f"<text:list>{item('里一', '')}{item('里二', '')}</text:list>"
    first = f'<text:list text:style-name="L">{item("甲", inner)}{item("乙", "")}</text:list>'
    on = f'<text:list text:style-name="L" text:continue-numbering="true">{item("丙", "")}</text:list>'
    anew = f'<text:list text:style-name="L">{item("丁", "")}</text:list>'
    lines = read(first + on + anew).split("\n\n")
    assert [line.strip() for line in lines] == ["一、甲", "（1）里一", "（2）里二", "二、乙", "三、丙", "一、丁"]


def test_a_cell_over_rows_counts_for_each() -> None:
    def cell(text: str, attributes: str = "") -> str:
        return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"

    rows = [
        cell("锦渚区", 'table:number-rows-spanned="2"') + cell("东渚") + cell("12"),
        "<table:covered-table-cell/>" + cell("西渚") + cell("9"),
        cell("北苑区") + '<table:table-cell table:number-columns-repeated="16000"/>',
    ]
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    empty = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell/></table:table-row>'
    assert read(f"<table:table>{table}{empty}</table:table>", "spreadsheet") == "锦渚区\t东渚\t12\n锦渚区\t西渚\t9\n北苑区\n"


def test_slides_have_titles_and_notes() -> None:
    names = 'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"'
    frame = "<draw:frame {}><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>".format
    notes = f"<presentation:notes>{frame('', '讲五分钟。')}</presentation:notes>"
    title = frame('presentation:class="title"', "经验")
    slide = f"<draw:page {names}>{title}{frame('', '已开课。')}{notes}</draw:page>"
    assert read(slide, "presentation") == "## 经验\n\n已开课。\n\n备注：\n\n讲五分钟。\n"
