"""Answer -> Markdown (CommonMark, and GitHub's tables).

Quotes stand in block quotes or table cells, escaped so that what a reader sees is the quote, character by character (a line end
is a line end, whichever one the file has). Highlights are bold, and so is the label, before its quote or in it. Words of ours are
headings, references or italic.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from corpus.language import tr
from qa.answer import Answer, Quote
from qa.render.arrangement import groups, numbers, searched, sources
from qa.render.references import Style, note
from qa.render.text import LINE_END

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~#$])")  # $: formulas, in many viewers
# What makes a line a list or an underline where it opens it: + - = : and 1. 1)
_OPENING = re.compile(r"^(\d{0,9})([.)+\-=:])")
_BREAK, _BREAK_IN_TABLE = "\\\n", "<br>"

# A stretch of one line, and whether it is bold.
Run = tuple[str, bool]


def to_markdown(answer: Answer, *, style: Style = "gbt7714") -> str:
    """The answer as a Markdown document, its sources as a list of references or as a note under each quote."""
    language = answer.language
    marks = numbers(answer, style)
    blocks = [f"# {escape(' '.join(answer.question.split()))}"]
    if answer.abstained:
        blocks.append(_computed(answer.reason or ""))
    if answer.note:
        blocks.append(_computed(answer.note))
    if answer.table:
        blocks.append("\n".join(_table(answer, marks, style)))
    for group in groups(answer):
        if group.heading:
            blocks.append(f"## {escape(group.heading)}")
        for place in group.places:
            quote = answer.quotes[place]
            if quote.headline:
                blocks.append(_written([(quote.headline, True)], _BREAK))
            blocks.append("> " + _quote(quote, _BREAK).replace("\n", "\n> "))
            blocks.append(_source(quote, marks[place], answer, style))
    if style == "gbt7714" and answer.quotes:
        blocks.append(f"## {tr('参考文献', 'References', language)}")
        blocks += [f"\\[{number}\\] {escape(source)}" for number, source in enumerate(sources(answer), 1)]
    blocks.append(_computed(searched(answer)))
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Text as Markdown that shows exactly this text."""
    return _written([(text, False)], _BREAK)


def _table(answer: Answer, marks: Mapping[int, int], style: Style) -> Iterator[str]:
    if answer.table is None:
        return

    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    yield line(["", *(_computed(column) for column in answer.table.columns)])
    yield line(["---"] * (1 + len(answer.table.columns)))
    for row in answer.table.rows:
        cells = [_computed(row.label)]
        for cell in row.cells:
            if cell is None:
                cells.append("*—*")
            else:
                quote = answer.quotes[cell]
                source = _source(quote, marks[cell], answer, style)
                headline = f"{_written([(quote.headline, True)], _BREAK_IN_TABLE)}{_BREAK_IN_TABLE}" if quote.headline else ""
                cells.append(f"{headline}{_quote(quote, _BREAK_IN_TABLE)}{_BREAK_IN_TABLE}*{source}*")
        yield line(cells)


def _quote(quote: Quote, line_end: str) -> str:
    return _written([(piece.text, piece.label or piece.highlight) for piece in quote.pieces], line_end)


def _source(quote: Quote, number: int, answer: Answer, style: Style) -> str:
    return "——" + (f"\\[{number}\\]" if style == "gbt7714" else escape(note(quote.passage, answer.language)))


def _computed(text: str) -> str:
    return f"*{escape(' '.join(text.split()))}*" if text.strip() else ""


def _written(runs: Iterable[Run], line_end: str) -> str:
    """Runs as Markdown, bold ones between two asterisks."""
    lines: list[list[Run]] = [[]]
    for text, bold in runs:
        first, *others = LINE_END.split(text)
        lines[-1].append((first, bold))
        lines.extend([(other, bold)] for other in others)
    return line_end.join(_line(_joined(_emphasised(_joined(line)))) for line in lines)


def _joined(runs: Iterable[Run]) -> list[Run]:
    """Neighbours that are alike made one, empty ones left out."""
    kept = (run for run in runs if run[0])
    return [("".join(text for text, _ in alike), bold) for bold, alike in itertools.groupby(kept, key=lambda run: run[1])]


def _emphasised(runs: list[Run]) -> Iterator[Run]:
    """The runs, marks at the ends of bold ones made plain where Markdown would not see the asterisks.

    In 赠。**志, a mark before asterisks and a letter after them, they close nothing (CommonMark 6.2, flanking): **赠**。志 does.
    """
    for at, (text, bold) in enumerate(runs):
        before = runs[at - 1][0][-1] if at else " "
        after = runs[at + 1][0][0] if at + 1 < len(runs) else " "
        start, end = 0, len(text)
        while bold and start < end and not _may_stand(text[start], outside=text[start - 1] if start else before):
            start += 1
        while bold and start < end and not _may_stand(text[end - 1], outside=text[end] if end < len(text) else after):
            end -= 1
        yield from ((text[:start], False), (text[start:end], bold), (text[end:], False))


def _may_stand(inside: str, *, outside: str) -> bool:
    """Whether asterisks between these two characters open or close."""
    return inside.isalnum() or (not inside.isspace() and (outside.isspace() or unicodedata.category(outside).startswith("P")))


def _line(runs: list[Run]) -> str:
    written = []
    for at, (text, bold) in enumerate(runs):
        start = len(text) - len(text.lstrip()) if at == 0 else 0
        end = len(text.rstrip()) if at == len(runs) - 1 else len(text)
        # White space at the ends of a line is dropped, and four blanks at its start are a code block.
        head = "".join(f"&#{ord(blank)};" for blank in text[:start])
        tail = "".join(f"&#{ord(blank)};" for blank in text[max(start, end) :])
        body = text[start : max(start, end)]
        body = _SPECIAL.sub(r"\\\1", body)
        if at == 0 and not bold and not head:
            body = _OPENING.sub(r"\1\\\2", body)
        written.append(f"{head}**{body}**{tail}" if bold else f"{head}{body}{tail}")
    return "".join(written)
