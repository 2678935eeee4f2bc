"""PDFs: lines that run otherwise, raised characters, footnotes, tables, form fields and notes."""

import pytest

from corpus import readers
from corpus.document import ExtractedText
from tests.corpus.readers.pdf_files import HEIGHT, body, box, pdf, text

LINES = [
    "　　北苑区委从去年秋天起办夜学居民扫码选课满十五人开班",
    "不满的并入下期，教师由职校派来，课时费由区里列支，每节一",
    "百二十元。",
]
WHOLE = "".join(LINES).strip()


def read(*pages: str, attributes: str = "", annotations: tuple[str, ...] = ()) -> ExtractedText:
    return readers.read_file(pdf(*pages, attributes=attributes, annotations=annotations), name="it.pdf")


def paragraphs(reading: ExtractedText) -> list[str]:
    return reading.text.strip().split("\n\n")


# --- lines that run otherwise ---------------------------------------------------------------------------


def turned_body(turned: int) -> str:
    """LINES on a page turned by so many degrees against the clock."""
    places = {
        0: lambda x, y: (x, y),
        90: lambda x, y: (y, HEIGHT - x),
        180: lambda x, y: (595 - x, HEIGHT - y),
        270: lambda x, y: (595 - y, x),
    }
    return "\n".join(text(line, *places[turned](72, 150 + 28 * row), turned=turned) for row, line in enumerate(LINES))


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("shown", [0, 90, 180, 270])
def test_turned_text_is_read_along_its_own_lines(turned: int, shown: int) -> None:
    assert paragraphs(read(turned_body(turned), attributes=f"/Rotate {shown}")) == [WHOLE]


def test_a_page_turned_with_the_sides_of_its_box_exchanged_is_read_whole() -> None:
    file = pdf(body(*LINES, top=100), attributes="/Rotate 90").replace(b"/MediaBox[0 0 595 842]", b"/MediaBox[0 0 842 595]")
    assert readers.read_file(file, name="it.pdf").text.strip() == WHOLE


def test_a_page_box_need_not_begin_at_nought() -> None:
    file = pdf(*[body(*LINES, top=700) + text(f"— {n} —", 280, 1020) for n in (1, 2)])
    file = file.replace(b"/MediaBox[0 0 595 842]", b"/MediaBox[0 -210 595 632]")
    assert paragraphs(readers.read_file(file, name="it.pdf")) == [WHOLE, WHOLE]


def test_a_line_up_the_margin_stands_apart_and_is_furniture_where_it_recurs() -> None:
    page = body(*LINES) + text("北苑区内部刊物", 40, 500, turned=90)
    assert paragraphs(read(page)) == [WHOLE, "北苑区内部刊物"]
    assert paragraphs(read(page, page)) == [WHOLE, WHOLE]


def test_columns_of_vertical_writing_are_read_from_right_to_left() -> None:
    columns = ["北苑区现有骑手二千余人白天送餐", "夜里空闲想学技能的有八百人", "团北苑区委办起夜校开课"]
    drawn = [text(one, 480 - 40 * n, 100 + 18 * row) for n, column in enumerate(columns) for row, one in enumerate(column)]
    assert "".join(paragraphs(read("\n".join(drawn)))) == "".join(columns)


# --- raised characters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("small", "rise", "read_as"),
    [
        ("2", 5, "²"),
        ("10", 5, "¹⁰"),
        ("-3", 4, "⁻³"),
        ("[1]", 6, "[1]"),
        ("①", 6, "①"),
        ("［12］", 6, "［12］"),
        ("2", -3, "2"),
        ("*", 5, "*"),
    ],
)
def test_small_characters_stand_in_their_place(small: str, rise: float, read_as: str) -> None:
    width = 8 * len(small)
    line = text("新教室有八十平方", 72, 150) + text(small, 200, 150 - rise, size=8) + text("，能坐四十五人", 201 + width, 150)
    assert paragraphs(read(line)) == [f"新教室有八十平方{read_as}，能坐四十五人"]


def test_a_reading_above_characters_is_left_out() -> None:
    line = text("北苑区办夜校", 72, 150) + text("běi", 73, 134, size=6) + text("yuàn", 88, 134, size=6)
    assert paragraphs(read(line)) == ["北苑区办夜校"]


def test_a_small_line_above_a_large_one_stays_a_line() -> None:
    assert paragraphs(read(text("附件2", 72, 126, size=10) + text("北苑区夜校课表", 72, 150))) == ["附件2", "北苑区夜校课表"]


# --- footnotes and tables over two pages ----------------------------------------------------------------


NOTE = text("①课表由区人社局核定。", 72, 770, size=9)


@pytest.mark.parametrize(
    "note",
    [
        NOTE,
        text("[1]课表由区人社局核定。", 72, 770, size=9),
        box(72, 755, 216, 756) + text("课表由区人社局核定。", 72, 770, size=9),
    ],
    ids=["mark", "brackets", "rule"],
)
def test_a_footnote_does_not_part_a_sentence_that_goes_on_overleaf(note: str) -> None:
    first = body("　　上一段的话到这里就说完了。", *LINES[:2], top=660) + note + text("— 1 —", 280, 800, size=11)
    reading = read(first, body(LINES[2], *LINES, top=100))
    above, between, whole, *_ = paragraphs(reading)
    assert above == "上一段的话到这里就说完了。" and "课表由区人社局核定。" in between and whole == WHOLE
    assert reading.text.index("课表由") < reading.pages[1] == reading.text.index("百二十元。")


def test_the_list_of_copies_under_a_long_rule_is_no_footnote() -> None:
    page = body(*LINES, top=600) + box(72, 740, 520, 741) + text("抄送：区委办公室。", 72, 760, size=14)
    assert paragraphs(read(page, body(*LINES))) == [WHOLE, "抄送：区委办公室。", WHOLE]


def table(rows: list[tuple[str, ...]], top: float, *, merged: tuple[int, ...] = ()) -> str:
    """A ruled table of three columns; over the rows `merged` the first column has no rule."""
    across = (72, 200, 330, 500)
    downs = [top + 30 * row for row in range(len(rows) + 1)]
    drawn = [f"{x} {HEIGHT - downs[0]} m {x} {HEIGHT - downs[-1]} l S" for x in across]
    drawn += [f"{across[row in merged]} {HEIGHT - y} m {across[-1]} {HEIGHT - y} l S" for row, y in enumerate(downs)]
    for row, cells in enumerate(rows):
        shift = 15 if row + 1 in merged and row not in merged else 0
        drawn += [
            text(cell, x + 8, downs[row] + 20 + shift * (x == 72), size=12)
            for x, cell in zip(across, cells, strict=False)
            if cell
        ]
    return "\n".join(drawn) + "\n"


def test_a_cell_over_two_rows_has_its_text_in_the_first() -> None:
    rows = [("县区", "举措", "成效"), ("锦渚区", "开夜校", "312场"), ("", "设书车", "2万册"), ("北苑区", "", "41场")]
    assert paragraphs(read(table(rows, 140, merged=(2,)))) == [
        "县区\t举措\t成效\n锦渚区\t开夜校\t312场\n\t设书车\t2万册\n北苑区\t\t41场"
    ]


def test_two_rows_that_name_the_columns_are_one_and_each_cell_keeps_its_column() -> None:
    xs, ys = (72, 200, 330, 500), (140, 170, 200, 230, 260)
    lines = [(72, 140, 500, 140), (200, 170, 500, 170), *((72, y, 500, y) for y in ys[2:])]
    lines += [(72, 140, 72, 260), (200, 140, 200, 260), (330, 170, 330, 230), (500, 140, 500, 260)]
    drawn = "".join(f"{x} {HEIGHT - y} m {to_x} {HEIGHT - to_y} l S\n" for x, y, to_x, to_y in lines)
    cells = [("县区", 0, 1), ("成效", 1, 0), ("场次", 1, 1), ("人数", 2, 1), ("锦渚区", 0, 2), ("312场", 1, 2), ("41人", 2, 2)]
    cells += [("北苑区", 0, 3), ("尚未开课", 1, 3)]
    drawn += "".join(text(words, xs[column] + 8, ys[row] + 20, size=12) for words, column, row in cells)
    assert paragraphs(read(drawn)) == ["县区\t成效 场次\t人数\n锦渚区\t312场\t41人\n北苑区\t尚未开课"]


def test_a_table_on_two_pages_is_one_and_its_head_counts_once() -> None:
    head, first, second = ("县区", "举措", "成效"), ("锦渚区", "开夜校", "312场"), ("北苑区", "设书车", "2万册")
    whole = "县区\t举措\t成效\n锦渚区\t开夜校\t312场\n北苑区\t设书车\t2万册"
    below = body("　　表下面的话。", top=300, size=12)
    for rows in ([second], [head, second]):
        reading = read(table([head, first], 680) + text("— 1 —", 280, 800, size=11), table(rows, 100) + below)
        assert paragraphs(reading) == [whole, "表下面的话。"]
        assert reading.text[reading.pages[1] :].startswith("北苑区")


def test_tables_with_text_between_are_two() -> None:
    rows = [("县区", "举措", "成效"), ("锦渚区", "开夜校", "312场")]
    assert len(paragraphs(read(table(rows, 680), body("　　另表如下。", top=90) + table(rows, 120)))) == 3


# --- fields and notes -----------------------------------------------------------------------------------


def test_values_of_fields_and_free_texts_stand_in_their_place() -> None:
    field = "/Subtype/Widget/FT/Tx/T(unit)/V<FEFF5317 82D1 533A>/F 4/Rect[160 540 300 562]"
    note = "/Subtype/FreeText/Contents<FEFF4E09573A>/F 4/Rect[72 400 200 420]"
    reading = read(body(*LINES) + text("填报单位：", 72, 297), annotations=(field, note))
    assert paragraphs(reading) == [WHOLE, "填报单位： 北苑区", "三场"]
    assert reading.warnings == ()


def test_hidden_notes_are_no_text_and_comments_are_told() -> None:
    hidden = "/Subtype/FreeText/Contents(hidden)/F 2/Rect[72 400 200 420]"
    comment = "/Subtype/Text/Contents(please check)/F 4/Rect[72 400 90 420]"
    reading = read(body(*LINES), annotations=(hidden, comment))
    assert reading.text.strip() == WHOLE
    assert [message.code for message in reading.warnings] == ["corpus.readers.comments_left_out"]
    assert read(body(*LINES), annotations=("/Subtype/Highlight/F 4/Rect[72 400 90 420]",)).warnings == ()
