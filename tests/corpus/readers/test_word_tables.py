"""Tables of Word files: every cell in its column, every row on its line."""

import pytest

from tests.corpus.readers.word_files import lines, list_of, numbered, paragraph, reading, run


def cell(text: str = "", properties: str = "", *, more: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}{more}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(one if one.startswith('<') else cell(one) for one in cells)}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(rows)}</w:tbl>"


FIRST, NEXT = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
HEAD = row("县区", "举措", "成效")
WIDE = '<w:gridSpan w:val="2"/>'


def test_a_cell_over_rows_stands_in_the_first_and_the_others_keep_their_columns() -> None:
    body = table(
        HEAD,
        row(cell("锦渚区", FIRST), "开课", "12场"),
        row(cell("旧", NEXT), "书车", cell("3辆", NEXT)),
        row("北苑区", "集市", ""),
    )
    assert lines(body) == ["县区\t举措\t成效", "锦渚区\t开课\t12场", "\t书车\t3辆", "北苑区\t集市\t"]


def test_a_cell_over_columns_stands_in_the_first() -> None:
    body = table(
        HEAD,
        row(cell("锦渚区", WIDE), "12场"),
        row("北苑区", cell("集市", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>")),
    )
    assert lines(body) == ["县区\t举措\t成效", "锦渚区\t\t12场", "北苑区\t集市\t"]


def test_a_row_may_begin_later_and_end_earlier() -> None:
    body = table(HEAD, row("书车", properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>'), row("北苑区", "集市", "75个"))
    assert lines(body)[1:] == ["\t书车\t", "北苑区\t集市\t75个"]


def test_a_long_cell_keeps_its_row() -> None:
    long = "一是摸清底数，二是排好课表。" * 40
    body = table(HEAD, row("锦渚区", cell(long, more=paragraph("三是送课上门。")), "结业4180人"), row("北苑区", "", "75个"))
    assert lines(body) == ["县区\t举措\t成效", f"锦渚区\t{long} 三是送课上门。\t结业4180人", "北苑区\t\t75个"]


def test_a_header_of_two_rows_is_one_line() -> None:
    upper = row(cell("县区", FIRST), cell("夜校", WIDE))
    lower = row(cell("", NEXT), "场次", "人次")
    assert lines(table(upper, lower, row("锦渚区", "12", "4180"))) == ["县区\t夜校 场次\t人次", "锦渚区\t12\t4180"]
    marked = "<w:tblHeader/>"
    rows = (row("县区", "场次", properties=marked), row("（全称）", "（场）", properties=marked), row("锦渚区", "12"))
    assert lines(table(*rows)) == ["县区 （全称）\t场次 （场）", "锦渚区\t12"]


def test_merged_rows_of_the_body_are_no_header() -> None:
    rows = (row(cell("锦渚区", FIRST), "开课", "12场"), row(cell("", NEXT), "书车", "3辆"), row("北苑区", "集市", "75个"))
    assert lines(table(*rows))[0] == "锦渚区\t开课\t12场"


def test_a_caption_and_a_note_over_all_columns_stand_apart() -> None:
    wide = '<w:gridSpan w:val="3"/>'
    body = table(
        row(cell("附表1 进展", wide)),
        HEAD,
        row("锦渚区", "开课", "12场"),
        row(cell("一、乡镇", wide)),
        row("北苑区", "集市", "75个"),
        row(cell("注：至五月。", wide)),
    )
    text = "附表1 进展\n\n县区\t举措\t成效\n锦渚区\t开课\t12场\n一、乡镇\t\t\n北苑区\t集市\t75个\n\n注：至五月。\n"
    assert reading(body).text == text


def test_tables_right_below_each_other_are_one_and_repeat_no_header() -> None:
    first, second = table(HEAD, row("锦渚区", "开课", "12场")), table(HEAD, row("北苑区", "集市", "75个"))
    assert reading(first + second).text == "县区\t举措\t成效\n锦渚区\t开课\t12场\n北苑区\t集市\t75个\n"
    assert reading(first + paragraph("又。") + second).text.count("县区") == 2
    assert reading(first + table(row("甲", "乙"), row("丙", "丁"))).text.endswith("12场\n\n甲\t乙\n丙\t丁\n")


def test_a_table_in_a_cell_is_text_of_the_cell() -> None:
    inner = table(row("周一", "电工"), row("周三", "收纳"))
    body = table(row("县区", "课表"), row("锦渚区", cell("见下", more=inner + paragraph())), row("北苑区", "无"))
    assert lines(body) == ["县区\t课表", "锦渚区\t见下 周一 电工 周三 收纳", "北苑区\t无"]


def test_a_frame_around_text_is_no_table() -> None:
    inner = table(row("周一", "电工"), row("周三", "收纳"))
    assert lines(table(row(cell("编者按", more=inner)))) == ["编者按", "周一\t电工", "周三\t收纳"]
    columns = table(row(cell("锦渚区" * 80, more=paragraph("又一段。")), "北苑区开课。"))
    assert lines(columns) == ["锦渚区" * 80, "又一段。", "北苑区开课。"]
    page = table(row("版面", "左"), row("右", "课" * 2_001))
    assert lines(page) == ["版面", "左", "右", "课" * 2_001]


@pytest.mark.parametrize("gone", ['<w:del w:id="1"/>', "<w:hidden/>"])
def test_a_row_that_is_deleted_or_hidden_is_none(gone: str) -> None:
    body = table(HEAD, row("旧", "旧", "旧", properties=gone), row("锦渚区", "开课", "12场"))
    assert lines(body) == ["县区\t举措\t成效", "锦渚区\t开课\t12场"]


def test_numbers_of_a_list_stand_in_cells() -> None:
    number = cell().replace("<w:pPr>", f"<w:pPr>{numbered()}")
    body = table(row("序号", "县区"), row(number, "锦渚区"), row(number, "北苑区"))
    assert lines(body, numbering=list_of(("decimal", "%1"))) == ["序号\t县区", "1\t锦渚区", "2\t北苑区"]


def test_line_ends_and_tabs_in_a_cell_are_blanks() -> None:
    broken = f"<w:tc><w:p>{run('3.1万')}<w:r><w:br/></w:r>{run('小时')}<w:r><w:tab/></w:r>{run('（累计）')}</w:p></w:tc>"
    assert lines(table(row("县区", "时长"), row("北苑区", broken)))[1] == "北苑区\t3.1万 小时 （累计）"


def test_hostile_spans_are_bounded() -> None:
    body = table(
        HEAD, row(cell("甲", '<w:gridSpan w:val="99999999"/>'), "乙"), row("丙", cell("丁", '<w:gridSpan w:val="-5"/>'), "戊")
    )
    assert [line.split("\t") for line in lines(body)] == [["县区", "举措", "成效"], ["甲", *[""] * 62, "乙"], ["丙", "丁", "戊"]]
