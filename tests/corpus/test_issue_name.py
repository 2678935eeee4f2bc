"""An issue is called the same everywhere, in the language of the reader."""

import pytest

from corpus.issue_name import document_name, issue_name, issue_number, total_number
from corpus.parsing.parser import parse_text
from tests.qa.invented import EVENING_CLASSES, GAZETTEER


@pytest.mark.parametrize(
    ("issue", "total", "year", "chinese", "english"),
    [
        ("14", "148", 2021, "2021年第14期（总第148期）", "2021 no. 14 (total no. 148)"),
        ("14", None, 2021, "2021年第14期", "2021 no. 14"),
        ("14", "148", None, "第14期（总第148期）", "no. 14 (total no. 148)"),
        ("增刊", None, "2022", "2022年增刊", "2022 增刊"),
        (None, "148", None, "（总第148期）", "(total no. 148)"),
        (None, None, 2021, "", ""),
    ],
)
def test_an_issue_has_one_name_a_language(
    issue: str | None, total: str | None, year: int | str | None, chinese: str, english: str
) -> None:
    assert issue_name(issue, total, "zh", year=year) == chinese
    assert issue_name(issue, total, "en", year=year) == english


def test_its_numbers_stand_alone_in_chips_and_limits() -> None:
    assert (issue_number("6", "zh"), issue_number("6", "en"), issue_number("增刊", "en")) == ("第6期", "no. 6", "增刊")
    assert (total_number("203", "zh"), total_number("203", "en")) == ("总第203期", "total no. 203")
    assert issue_number("6") == "no. 6"  # the user's own language


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (EVENING_CLASSES, "望澜青年工作信息 2024年第3期"),
        (EVENING_CLASSES.replace("2024年 第3期\n\n", ""), "望澜青年工作信息 2024-04-01"),
        ("关于开办青年夜校的通知\n\n各县（区）团委：\n\n夜校每期招收学员四十名，每周开课两次。\n", "关于开办青年夜校的通知"),
        ("夜校每期招收学员四十名，每周开课两次，课前一周交讲义，结业时考八次课。\n", "7.txt"),
    ],
)
def test_a_document_is_called_by_its_series_its_title_or_its_file(text: str, name: str) -> None:
    assert document_name(parse_text(text, gazetteer=GAZETTEER, document="通知/7.txt"), "zh") == name
