"""Answer -> plain text. Words of ours (numbers, regions in 【】, references, counts) stand outside the quotes."""

import re

from corpus.language import tr
from qa.answer import Answer, Quote
from qa.render.arrangement import RELATED, groups, numbers, related, searched, sources
from qa.render.references import Style, note, reference

# What ends a line for str.splitlines, and so wherever a text is shown.
LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def to_text(answer: Answer, *, style: Style | None = None) -> str:
    """The answer for a terminal, a mail or a clipboard.

    Args: style: how sources are given; None: in full under each quote, and the passages behind the quotes at the end.
    """
    language = answer.language
    marks = numbers(answer, style)
    lines: list[str] = []
    if answer.abstained:
        lines.append(answer.reason or "")
    if answer.note:
        lines.append(f"【{answer.note}】")
    for row in answer.table.rows if answer.table else ():
        lines.append(f"【{row.label}】")
        for column, cell in zip(answer.table.columns if answer.table else (), row.cells, strict=True):
            lines.append(f"{column}{tr('：', ': ', language)}{'—' if cell is None else ''}")
            lines += [] if cell is None else _quote(answer.quotes[cell], marks[cell], answer, style)
    for group in groups(answer):
        lines += [f"【{group.heading}】"] if group.heading else []
        for place in group.places:
            lines += _quote(answer.quotes[place], marks[place], answer, style)
    if style == "gbt7714" and answer.quotes:
        listed = [f"[{number}] {source}" for number, source in enumerate(sources(answer), 1)]
        lines += ["", tr("参考文献", "References", language), *listed]
    if style is None and answer.passages:
        lines += ["", *_behind(answer)]
    elif style is not None:
        lines += ["", searched(answer)]
    return "\n".join(lines)


def _quote(quote: Quote, number: int, answer: Answer, style: Style | None) -> list[str]:
    headline = f"{_on_one_line(quote.headline)}{tr('：', ': ', answer.language)}" if quote.headline else ""
    said = f"{headline}“{_on_one_line(quote.text)}”"
    if style == "gbt7714":
        return [f"{said}[{number}]"]
    where = reference(quote.citation, answer.language) if style is None else note(quote.passage, answer.language)
    return [f"[{number}] {said}", f"    —— {where}"]


def _behind(answer: Answer) -> list[str]:
    """The passages behind the quotes or, where there are none, the closest ones."""
    behind = tr("依据的段落：", "The passages behind the quotes:", answer.language)
    heading = related(answer.language) if answer.abstained else behind
    lines = [searched(answer) + tr("", " ", answer.language) + heading]
    closest = dict.fromkeys(scored.passage for scored in answer.passages[:RELATED])
    shown = dict.fromkeys(quote.passage for quote in answer.quotes) or closest
    for passage in shown:
        lines.append(f"  · {passage.passage_id}  {passage.bulletin.document}")
        lines.append(f"    {_on_one_line(passage.text)}")
    return lines


def _on_one_line(text: str) -> str:
    return LINE_END.sub(" ", text).strip()
