"""An answer or a saved list as plain text, Markdown, JSON, Word or Excel, its sources after GB/T 7714 or as notes.

`qa.export.word` and `qa.export.excel` are not imported here: python-docx takes longer to import than most questions to answer.
"""

import json
from typing import Literal

from qa.answering.answer import Answer
from qa.export.markdown import to_markdown
from qa.export.records import answer_record
from qa.export.references import Style, citation_line, footnote, gbt7714, ocr_notice
from qa.export.report import RELATED, Report, ReportQuote, Section, build_report, doubt, groups, numbers, related, understood
from qa.export.text import LINE_END, to_line, to_text

__all__ = [
    "BINARY",
    "LINE_END",
    "RELATED",
    "Format",
    "Report",
    "ReportQuote",
    "Section",
    "Style",
    "build_report",
    "citation_line",
    "doubt",
    "footnote",
    "gbt7714",
    "groups",
    "numbers",
    "ocr_notice",
    "related",
    "render",
    "to_json",
    "to_line",
    "to_markdown",
    "to_text",
]

Format = Literal["text", "markdown", "json", "docx", "xlsx"]
BINARY = ("docx", "xlsx")  # no text to print


def render(shown: Answer | Report, form: Format, *, style: Style | None = None) -> bytes:
    """Return the bytes of a file.

    As text, an answer opens with what was understood of the question, in 【】, where that is not the question itself.

    Args: style: how sources are given; None: in full under each quote as text, after GB/T 7714 in Markdown, Word and Excel.
    Raises: OutputError: a quote is too long for a cell of Excel; ValueError: a saved list is asked for as JSON.
    """
    if form == "docx":
        from qa.export.word import to_docx

        return to_docx(shown, style=style or "gbt7714")
    if form == "xlsx":
        from qa.export.excel import to_xlsx

        return to_xlsx(shown, style=style or "gbt7714")
    if form == "markdown":
        return to_markdown(shown, style=style or "gbt7714").encode()
    if form == "text":
        interpretation = understood(shown) if isinstance(shown, Answer) else None
        head = f"【{interpretation}】\n" if interpretation else ""
        return f"{head}{to_text(shown, style=style)}\n".encode()
    if isinstance(shown, Report):
        raise ValueError("only an answer has a record")
    return f"{to_json(shown)}\n".encode()


def to_json(answer: Answer) -> str:
    """Return the answer's record as JSON, with receipts by which `python -m qa verify` checks every quote again."""
    return json.dumps(answer_record(answer), ensure_ascii=False, indent=1)
