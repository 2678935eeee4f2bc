"""Workbooks and .csv files: rows as lines, merged cells, values as they are shown."""

import pytest

from benchmarks.small_files import xlsx
from corpus import readers
from corpus.readers.cell_formats import BUILTIN, format_value

TITLE = "云栖市夜校进展表（2023年5月）"


def read(data: bytes, name: str = "it.xlsx") -> str:
    return readers.read_file(data, name=name).text


def test_rows_are_lines_and_empty_cells_keep_their_column() -> None:
    rows = [[TITLE], [], ["县区", "举措", "学员"], ["锦渚区", "", "4180"], ["北苑区", "建骑手\n夜校", ""]]
    assert read(xlsx({"一": rows})) == f"{TITLE}\n\n县区\t举措\t学员\n锦渚区\t\t4180\n北苑区\t建骑手 夜校\n"


def test_a_merged_cell_counts_for_each_row() -> None:
    rows = [[TITLE, "", ""], ["锦渚区", "东渚", "12"], ["", "西渚", "9"], ["北苑区", "南苑", "7"]]
    assert read(xlsx({"一": rows}, merged=["A1:C1", "A2:A3"])) == f"{TITLE}\n锦渚区\t东渚\t12\n锦渚区\t西渚\t9\n北苑区\t南苑\t7\n"


def test_sheets_are_headed_by_their_names_and_hidden_ones_left_out() -> None:
    sheets = {"上半年": [["甲", "1"]], "名单": [["乙", "2"]], "下半年": [["丙", "3"]]}
    assert read(xlsx(sheets, hidden="名单")) == "## 上半年\n\n甲\t1\n\n## 下半年\n\n丙\t3\n"


def test_numbers_and_dates_are_as_shown() -> None:
    numbers = {"B1": (45064.0, 31), "B2": (0.853, 10), "B3": (12345.5, 4), "B4": (45047.0, 57), "B5": (0.1 + 0.2, 0)}
    rows = [[label, "?"] for label in "甲乙丙丁戊"]
    assert read(xlsx({"一": rows}, numbers=numbers)).splitlines() == [
        "甲\t2023年5月18日",
        "乙\t85.30%",
        "丙\t12,345.50",
        "丁\t2023年5月",
        "戊\t0.3",
    ]


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (45064, "yyyy\\-mm\\-dd", "2023-05-18"),
        (45064, '[$-804]yyyy"年"m"月"d"日";@', "2023年5月18日"),
        (45064.5, "yyyy/m/d h:mm", "2023/5/18 12:00"),
        (0.75, "h:mm AM/PM", "6:00 PM"),
        (59, "yyyy/m/d", "1900/2/28"),
        (61, "yyyy/m/d", "1900/3/1"),
        (3.5, '0.00"万元"', "3.50万元"),
        (7, '"第"0"期"', "第7期"),
        (7, "000", "007"),
        (-3, "0.00_);(0.00)", "(3.00)"),
        (-3, "0.0", "-3.0"),
        (4180, "General", "4180"),
        (0.5, "0.0#", "0.5"),
        (1e300, "0.00", "1e+300"),
        (-5, BUILTIN["31"], "-5"),
        (1e9, BUILTIN["31"], "1000000000"),
    ],
)
def test_formats(value: float, form: str, shown: str) -> None:
    assert format_value(value, form) == shown


def test_dates_may_count_from_1904() -> None:
    assert format_value(43602, "yyyy/m/d", from_1904=True) == "2023/5/18"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv(encoding: str, delimiter: str) -> None:
    rows = [["县区", "举措", "学员"], ["锦渚区", "灯下课堂", "4180"], ["北苑区", "", "960"]]
    data = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    assert read(data, "it.csv") == "县区\t举措\t学员\n锦渚区\t灯下课堂\t4180\n北苑区\t\t960\n"


@pytest.mark.parametrize("reference", ["A1:A1048576", "ZZZ1", "1A", "A0", ""])
def test_odd_references_harm_nothing(reference: str) -> None:
    try:
        assert "甲" in read(xlsx({"一": [["甲"], ["乙"]]}, merged=[reference, "A1:A2"]))
    except readers.UnreadableFileError as error:
        assert "it.xlsx" in str(error)
