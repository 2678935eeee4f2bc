"""Workbooks are read back with another library: every cell is text, every quote is there to the letter."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from corpus.messages.errors import OutputError
from index.store.library import Library
from qa.__main__ import main
from qa.answering.answer import Answer, Quote, Row, Table
from qa.export import LINE_END, render
from qa.export.excel import to_xlsx
from tests.qa.answers import HEADLINE, POINT, answer_of, quote_from, quote_of
from tests.qa.export.references import REFERENCES

_FORMULAS = (
    "=1+1",
    "+86 571",
    "-5%",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    " =1",
    "＝1+1",
    "＋1",
    "－1",
    "＠甲",
    "\u200b=1",
    "\ufeff=1",
)


def opened(answer: Answer, **options: Any) -> Any:
    return openpyxl.load_workbook(BytesIO(to_xlsx(answer, **options)))


def column(sheet: Any, name: str) -> list[Any]:
    """The cells under a head."""
    (at,) = [cell.column for cell in sheet[1] if cell.value == name]
    return [row[at - 1] for row in sheet.iter_rows(min_row=2)]


@pytest.mark.parametrize("text", _FORMULAS)
def test_what_looks_like_a_formula_is_text_and_stays_text_when_edited(text: str) -> None:
    table = Table((text, "乙"), (Row(text, (0, None)),))
    book = opened(answer_of(quote_of(text), question=text, kind="comparison", table=table))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"} and not any(cell.hyperlink for cell in cells)
    assert {type(cell.value) for cell in cells if cell.data_type == "n"} == {int}  # the running numbers
    (quote,) = column(book["引文"], "原文")
    assert quote.value == LINE_END.sub("\n", text)
    assert quote.quotePrefix and book["对照"]["A2"].quotePrefix and book["对照"]["B2"].quotePrefix


def test_what_is_no_formula_bears_no_mark() -> None:
    (quote,) = column(opened(answer_of(quote_of("每小时=10分，http://a.cn")))["引文"], "原文")
    assert quote.value == "每小时=10分，http://a.cn" and not quote.quotePrefix and quote.hyperlink is None


def test_an_answer_is_a_row_for_each_quote_with_its_full_reference(samples: Library) -> None:
    answer = answer_of(
        quote_from(samples, POINT, label=HEADLINE, highlight=["31.8万分"]),
        quote_from(samples, "对照这条意见，市青年志愿者协会从4月起试行“潮汐积分”办法"),
        question="志愿积分怎么做",
    )
    book = opened(answer)
    rows = [[cell.value for cell in row] for row in book["引文"].iter_rows()]
    assert rows == [
        ["序号", "地区", "要点", "原文", "出处"],
        [1, "云栖市锦渚区", HEADLINE, POINT, f"[1] {REFERENCES[0][1]}"],
        [2, "望澜市", None, answer.quotes[1].text, f"[2] {REFERENCES[1][1]}"],
    ]
    assert [cell.value for cell in column(book["参考文献"], "参考文献")] == [REFERENCES[0][1], REFERENCES[1][1]]
    assert [row[0].value for row in book["说明"].iter_rows()] == ["志愿积分怎么做", "检索了 12 份文件的 161 段。"]
    sheet = book["引文"]
    assert sheet.freeze_panes == "A2" and sheet.print_title_rows == "$1:$1"
    assert sheet["D2"].alignment.wrap_text and sheet["D2"].alignment.vertical == "top" and sheet["D1"].font.bold
    assert sheet.column_dimensions["D"].width > 50 > sheet.column_dimensions["A"].width
    noted = opened(answer, style="note")
    assert [cell.value for cell in column(noted["引文"], "出处")] == [REFERENCES[0][2], REFERENCES[1][2]]
    assert "参考文献" not in noted.sheetnames


def test_a_comparison_is_laid_out_as_a_sheet(samples: Library) -> None:
    quotes = (quote_from(samples, POINT, label=HEADLINE), quote_of("每分1元"))
    table = Table(("锦渚区", "望澜市", "石潭县"), (Row("转赠", (0, None, None)), Row("兑换", (None, 1, None))))
    book = opened(answer_of(*quotes, kind="comparison", table=table))
    assert [[cell.value for cell in row] for row in book["对照"].iter_rows()] == [
        [None, "锦渚区", "望澜市", "石潭县"],
        ["转赠", f"{HEADLINE}\n{POINT}\n[1]", "—", "—"],
        ["兑换", "—", "每分1元\n[2]", "—"],
    ]
    assert [cell.value for cell in column(book["引文"], "原文")] == [POINT, "每分1元"]


def test_every_passage_of_the_samples_is_verbatim(samples: Library) -> None:
    quotes = [Quote(p, p.span.trimmed(p.bulletin.text), 1.0) for p in samples.retriever.catalog.passages]
    shown = [cell.value for cell in column(opened(answer_of(*quotes, kind="factoid"))["引文"], "原文")]
    assert shown == [LINE_END.sub("\n", quote.text) for quote in quotes]


def test_what_no_workbook_can_hold_is_shown_as_missing_or_refused() -> None:
    (cell,) = column(opened(answer_of(quote_of("甲\x1b乙\ufffe丙𠮷😀<&>")))["引文"], "原文")
    assert cell.value == "甲\ufffd乙\ufffd丙𠮷😀<&>"
    assert column(opened(answer_of(quote_of("字" * 32767)))["引文"], "原文")[0].value == "字" * 32767
    with pytest.raises(OutputError, match="32768"):
        to_xlsx(answer_of(quote_of("字" * 32768)))


def test_an_answer_that_abstains_says_why() -> None:
    assert "没有找到" in [row[0].value for row in opened(answer_of())["说明"].iter_rows()]


def test_the_command_line_writes_a_workbook(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = ["ask", "志愿者积分制度怎么做", "--data", str(data)]
    assert main([*question, "--format", "xlsx"]) == 1
    assert capsys.readouterr().err.strip() == "--format xlsx needs a file: --output"
    assert main([*question, "--format", "xlsx", "--output", str(tmp_path / "答案.xlsx")]) == 0
    assert main([*question, "--format", "json", "--output", str(tmp_path / "答案.json")]) == 0
    quotes = [quote["text"] for quote in json.loads((tmp_path / "答案.json").read_text(encoding="utf-8"))["quotes"]]
    book = openpyxl.load_workbook(tmp_path / "答案.xlsx")
    assert sorted(cell.value for cell in column(book["引文"], "原文")) == sorted(quotes)
    assert render(answer_of(quote_of("甲")), "xlsx").startswith(b"PK")
