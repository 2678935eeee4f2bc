"""An answer as plain text, Markdown, JSON or a Word document, its sources after GB/T 7714 or as notes.

`qa.render.word` is not imported here: python-docx takes longer to import than most questions take to answer.
"""

import json
from typing import Literal

from qa.answer import Answer
from qa.render.arrangement import RELATED, groups, numbers, related, understood
from qa.render.markdown import to_markdown
from qa.render.references import Style, gbt7714, note, reference
from qa.render.text import LINE_END, to_text

__all__ = [
    "LINE_END",
    "RELATED",
    "Format",
    "Style",
    "gbt7714",
    "groups",
    "note",
    "numbers",
    "reference",
    "related",
    "render",
    "to_json",
    "to_markdown",
    "to_text",
]

Format = Literal["text", "markdown", "json", "docx"]


def render(answer: Answer, form: Format, *, style: Style | None = None) -> bytes:
    """The answer as the bytes of a file.

    As text it opens with what was understood, in 【】, where there is something to tell.

    Args: style: how sources are given; None: in full under each quote as text, after GB/T 7714 in Markdown and Word.
    """
    if form == "docx":
        from qa.render.word import to_docx

        return to_docx(answer, style=style or "gbt7714")
    if form == "json":
        return f"{to_json(answer)}\n".encode()
    if form == "markdown":
        return to_markdown(answer, style=style or "gbt7714").encode()
    told = understood(answer)
    head = f"【{told}】\n" if told else ""
    return f"{head}{to_text(answer, style=style)}\n".encode()


def to_json(answer: Answer) -> str:
    """The answer's record, with receipts by which `python -m qa verify` checks every quote again."""
    return json.dumps(answer.record(), ensure_ascii=False, indent=1)
