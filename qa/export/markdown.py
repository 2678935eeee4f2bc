"""Answer or saved list -> Markdown (CommonMark, and GitHub's tables).

Quotes stand in block quotes or table cells, escaped so that what a reader sees is the quote, character by character (a line end
is a line end, whichever one the file has). Highlights are bold, and so is the label, before its quote or in it. Words of ours are
headings, references or italic.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator

from corpus.messages.language import Language, tr
from qa.answering.answer import Answer
from qa.export.references import Style, ocr_notice
from qa.export.report import Report, ReportQuote, ReportTable, build_report, remark
from qa.export.text import LINE_END

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~#$])")  # $: formulas, in many viewers
# What makes a line a list or an underline where it opens it: + - = : and 1. 1)
_OPENING = re.compile(r"^(\d{0,9})([.)+\-=:])")
_BREAK, _BREAK_IN_TABLE = "\\\n", "<br>"

# A stretch of one line, and whether it is bold.
Run = tuple[str, bool]


def to_markdown(shown: Answer | Report, *, style: Style = "gbt7714") -> str:
    """Write a Markdown document, its sources as one list of references or as a note under each quote."""
    report = build_report(shown)
    language = report.language
    blocks = [f"# {_heading(report.title)}"]
    for section in report.sections:
        blocks += [f"## {_heading(section.question)}"] if section.question is not None else []
        blocks += [_computed(text) for text in section.remarks]
        if section.table:
            blocks.append("\n".join(_table(section.table, style, language)))
        for heading, quotes in section.blocks:
            blocks += [f"## {escape(heading)}"] if heading else []
            for quote in quotes:
                if quote.header:
                    blocks.append(_computed(quote.header))
                if quote.headline:
                    blocks.append(_written([(quote.headline, True)], _BREAK))
                blocks.append("> " + _quote(quote, _BREAK).replace("\n", "\n> "))
                blocks.append(_source(quote, style, language))
                if quote.remark:
                    blocks.append(_computed(remark(quote, language)))
    if style == "gbt7714" and report.sources:
        blocks.append(f"## {tr('参考文献', 'References', language)}")
        blocks += [f"\\[{number}\\] {escape(source)}" for number, source in enumerate(report.sources, 1)]
    blocks.append(_computed(report.closing))
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Return Markdown that shows exactly this text."""
    return _written([(text, False)], _BREAK)


def _heading(text: str) -> str:
    return escape(" ".join(text.split()))


def _table(table: ReportTable, style: Style, language: Language) -> Iterator[str]:
    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    yield line(["", *(_computed(column) for column in table.columns)])
    yield line(["---"] * (1 + len(table.columns)))
    for label, quotes in table.rows:
        cells = [_computed(label)]
        for quote in quotes:
            if quote is None:
                cells.append("*—*")
            else:
                header = f"{_computed(quote.header)}{_BREAK_IN_TABLE}" if quote.header else ""
                headline = f"{_written([(quote.headline, True)], _BREAK_IN_TABLE)}{_BREAK_IN_TABLE}" if quote.headline else ""
                source = _source(quote, style, language)
                cells.append(f"{header}{headline}{_quote(quote, _BREAK_IN_TABLE)}{_BREAK_IN_TABLE}*{source}*")
        yield line(cells)


def _quote(quote: ReportQuote, line_end: str) -> str:
    return _written([(piece.text, piece.label or piece.highlight) for piece in quote.pieces], line_end)


def _source(quote: ReportQuote, style: Style, language: Language) -> str:
    where = f"\\[{quote.number(style)}\\]" if style == "gbt7714" else escape(quote.footnote)
    return f"——{where}" + (f"【{ocr_notice(language)}】" if quote.doubtful else "")


def _computed(text: str) -> str:
    return f"*{escape(' '.join(text.split()))}*" if text.strip() else ""


def _written(runs: Iterable[Run], line_end: str) -> str:
    """Write runs as Markdown, bold ones between two asterisks."""
    lines: list[list[Run]] = [[]]
    for text, bold in runs:
        first, *others = LINE_END.split(text)
        lines[-1].append((first, bold))
        lines.extend([(other, bold)] for other in others)
    return line_end.join(_line(_joined(_emphasised(_joined(line)))) for line in lines)


def _joined(runs: Iterable[Run]) -> list[Run]:
    """Join neighbours that are both bold or both plain, and leave out empty runs."""
    kept = (run for run in runs if run[0])
    return [("".join(text for text, _ in alike), bold) for bold, alike in itertools.groupby(kept, key=lambda run: run[1])]


def _emphasised(runs: list[Run]) -> Iterator[Run]:
    """Make punctuation at the ends of bold runs plain where Markdown would not see the asterisks.

    In 赠。**志, a mark before asterisks and a letter after them, they close nothing (CommonMark 6.2, flanking). In **赠**。志
    they do.
    """
    for index, (text, bold) in enumerate(runs):
        before = runs[index - 1][0][-1] if index else " "
        after = runs[index + 1][0][0] if index + 1 < len(runs) else " "
        start, end = 0, len(text)
        while bold and start < end and not _may_stand(text[start], outside=text[start - 1] if start else before):
            start += 1
        while bold and start < end and not _may_stand(text[end - 1], outside=text[end] if end < len(text) else after):
            end -= 1
        yield from ((text[:start], False), (text[start:end], bold), (text[end:], False))


def _may_stand(inside: str, *, outside: str) -> bool:
    """Return whether asterisks between these two characters open or close."""
    return inside.isalnum() or (not inside.isspace() and (outside.isspace() or unicodedata.category(outside).startswith("P")))


def _line(runs: list[Run]) -> str:
    written = []
    for index, (text, bold) in enumerate(runs):
        start = len(text) - len(text.lstrip()) if index == 0 else 0
        end = len(text.rstrip()) if index == len(runs) - 1 else len(text)
        # White space at the ends of a line is dropped, and four blanks at its start are a code block.
        head = "".join(f"&#{ord(blank)};" for blank in text[:start])
        tail = "".join(f"&#{ord(blank)};" for blank in text[max(start, end) :])
        body = text[start : max(start, end)]
        body = _SPECIAL.sub(r"\\\1", body)
        if index == 0 and not bold and not head:
            body = _OPENING.sub(r"\1\\\2", body)
        written.append(f"{head}**{body}**{tail}" if bold else f"{head}{body}{tail}")
    return "".join(written)
