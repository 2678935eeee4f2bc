"""Answers as HTML for the chat. Whatever comes from a bulletin or a question is escaped: it is shown as text, never run.

No blank lines are written: the chat reads Markdown, and a blank line would end the HTML block that keeps Markdown out. It lets
through `class`, `href` and `value`, and neither `data-` nor `aria-`.
"""

from dataclasses import replace
from html import escape

from corpus.document import Passage
from corpus.messages.language import Language
from qa.answering.answer import Answer, Compared, Counted, Piece, Quote, Refused, Table
from qa.export import LINE_END, RELATED, citation_line, footnote, gbt7714, groups, numbers, ocr_notice, related, to_line, to_text
from qa.question.analyzer import Question
from qa.web.catalogue import Texts, texts
from qa.web.pages.downloads import FORMS
from qa.web.state import passage_address


def question_html(text: str) -> str:
    """A question as plain text."""
    return f'<div class="asked">{_text(text)}</div>'


def message_html(text: str) -> str:
    """A message of the program as plain text."""
    return f'<div class="refused">{_text(text)}</div>'


def answer_html(answer: Answer, *, removable: bool = True, exports: str | None = None) -> str:
    """What was understood; numbered quotes with references; the bulletins cited; the whole to copy.

    A number is a link to its quote in the article, which page.js opens beside the chat.

    Args: removable: whether the chips are buttons that take away what they say (chips.js), as those of the last answer are;
        exports: the query of the addresses where the answer can be had as a file.
    """
    language = answer.question.language
    t = texts(language)
    marks = numbers(answer, None)
    parts = [_understood(answer.question, removable=removable)]
    if isinstance(answer, Refused):
        parts.append(f'<p class="reason">{_text(answer.reason)}</p>')
        if answer.evidence.passages:
            parts.append(f'<p class="computed">{_text(related(language))}</p>')
        parts.extend(_passage(scored.passage, language) for scored in answer.evidence.passages[:RELATED])
    if isinstance(answer, Compared | Counted) and answer.summary:
        parts.append(f'<p class="computed note">{_text(answer.summary)}</p>')
    if isinstance(answer, Compared):
        parts.append(_table(answer, answer.table, t))
    for group in groups(answer):
        parts.append(f'<p class="region">{_text(group.heading)}</p>' if group.heading else "")
        parts.extend(quote_html(marks[place], answer.quotes[place], language) for place in group.places)
    parts.append(_sources(answer, t))
    searched = t("searched", bulletins=answer.evidence.n_bulletins, passages=answer.evidence.n_passages)
    limits = [
        *(region.label for region in answer.question.filters.regions),
        *map(str, answer.question.filters.years),
        *answer.question.filters.series,
    ]
    limits += [f"第{issue}期" for issue in answer.question.filters.issues] + [
        f"总第{total}期" for total in answer.question.filters.total_issues
    ]
    if limits:
        searched += t("limited_to") + "、".join(limits)
    parts.append(f'<p class="computed">{_text(searched)}</p>')
    parts.append(_actions(answer, t, exports))
    return f'<div class="answer">{"".join(parts)}</div>'


def quote_html(number: int, quote: Quote, language: Language) -> str:
    """A quote under its number, with its reference, and buttons to keep and to copy it."""
    t = texts(language)
    said = "".join(_piece(piece) for piece in quote.pieces)
    header = f'<p class="computed">{_text(quote.table_header)}</p>' if quote.table_header else ""
    doubted = f'<p class="computed doubt">{_text(ocr_notice(language))}</p>' if quote.low_confidence else ""
    headline = f'<strong class="label">{_text(quote.headline)}</strong>' if quote.headline else ""
    return (
        f'<div class="quote">{_number(number, quote)}{header}{headline}<blockquote>{said}</blockquote>{doubted}'
        f'<p class="reference">{_text(citation_line(quote.citation, language))}</p>'
        f'<p class="tools"><button class="copy">{t("copy_quote")}</button><button class="save">{t("save_quote")}</button></p>'
        f"{plain_html(quoted(quote, language))}</div>"
    )


def quoted(quote: Quote, language: Language, *, style: str = "gbt7714") -> str:
    """A quote with its citation, as plain text to paste."""
    source = gbt7714(quote.passage, span=quote.span) if style == "gbt7714" else footnote(quote.passage, language, span=quote.span)
    return f"{to_line(quote.headline, quote.text, language)}\n{source}"


def plain_html(text: str) -> str:
    """What a button `copy` in the same element copies; not shown."""
    return f'<div class="plain">{LINE_END.sub("&#10;", escape(text))}</div>'


def _number(number: int, quote: Quote) -> str:
    address = escape(passage_address(quote.passage, quote.span))
    return f'<a class="number" href="/article/{address}#hit">{number}</a>'


def _understood(asked: Question, *, removable: bool) -> str:
    """What a question was taken to mean, and its chips: a bar above the answer, or nothing where there is nothing to tell."""
    t = texts(asked.language)
    parts = []
    if asked.interpretation:
        parts.append(f'<p class="computed">{_text(t("understood_as") + asked.interpretation)}</p>')
    chips = []
    for chip in asked.chips:
        label = _text(chip.label)
        if removable:
            verb = f'<span class="unseen">{t("remove_chip")}</span>'
            chips.append(f'<button type="button" class="chip" value="{_attribute(chip.key)}">{verb}{label}</button>')
        else:
            chips.append(f'<span class="chip">{label}</span>')
    if chips:
        parts.append(f'<div class="chips">{"".join(chips)}</div>')
    return f'<div class="understood">{"".join(parts)}</div>' if parts else ""


def _sources(answer: Answer, t: Texts) -> str:
    """The bulletins cited, each with how often and by which numbers."""
    if not answer.quotes:
        return ""
    marks = numbers(answer, None)
    cited: dict[str, list[int]] = {}
    for place in sorted(marks, key=marks.__getitem__):
        citation = answer.quotes[place].citation
        name = citation_line(replace(citation, region=None, title=None, heading=None), answer.question.language)
        cited.setdefault(name, []).append(place)
    rows = []
    for name, places in cited.items():
        links = "".join(_number(marks[place], answer.quotes[place]) for place in places)
        rows.append(f'<li>{_text(name)} <span class="computed">{t("cited_times", times=len(places))}</span>{links}</li>')
    return f'<details class="sources"><summary>{t("sources")}（{len(cited)}）</summary><ul>{"".join(rows)}</ul></details>'


def _actions(answer: Answer, t: Texts, exports: str | None) -> str:
    """What can be done with the whole answer: copy it, have it as a file, say that it is wrong."""
    copy = "" if isinstance(answer, Refused) else f'<button class="copy">{t("copy_answer")}</button>'
    plain = "" if isinstance(answer, Refused) else plain_html(to_text(answer, style="gbt7714"))
    files = (
        ""
        if isinstance(answer, Refused) or exports is None
        else "".join(
            f'<a class="export" href="/answer.{suffix}?{escape(exports)}">{t(f"export_{suffix}")}</a>' for suffix in FORMS
        )
    )
    wrong = "".join(
        f'<button class="feedback" value="{kind}">{t(f"wrong_{kind}")}</button>'
        for kind in (("answer",) if isinstance(answer, Refused) else ("answer", "evidence"))
    )
    asked = f'<div class="question">{LINE_END.sub("&#10;", escape(answer.question.text))}</div>'
    return f'<div class="tools">{copy}{files}{wrong}{plain}{asked}</div>'


def _table(answer: Answer, table: Table, t: Texts) -> str:
    marks = numbers(answer, None)
    rows = ["<tr><th></th>" + "".join(f'<th class="computed">{_text(column)}</th>' for column in table.columns) + "</tr>"]
    for row in table.rows:
        cells = (
            '<td class="computed">—</td>'
            if at is None
            else f"<td>{quote_html(marks[at], answer.quotes[at], answer.question.language)}</td>"
            for at in row.cells
        )
        rows.append(f'<tr><th class="computed">{_text(row.label)}</th>{"".join(cells)}</tr>')
    name = f'<caption class="unseen">{t("comparison")}</caption>'
    # A box of its own to scroll in, also by keyboard.
    return f'<div class="table" role="group" tabindex="0"><table>{name}{"".join(rows)}</table></div>'


def _piece(piece: Piece) -> str:
    """A label is bold, a highlight marked, too."""
    text = _text(piece.text)
    text = f"<mark>{text}</mark>" if piece.highlight else text
    return f"<strong>{text}</strong>" if piece.label or piece.highlight else text


def _passage(passage: Passage, language: Language) -> str:
    """A passage to unfold."""
    span = passage.span.trimmed(passage.bulletin.text)
    summary = _text(citation_line(Quote(passage, span, 0.0).citation, language))
    address = escape(passage_address(passage, span))
    link = f'<a class="open" href="/article/{address}">{texts(language)("evidence")}</a>'
    said = _text(span.of(passage.bulletin.text))
    return f'<details><summary>{summary}</summary><div class="passage">{said}<br>{link}</div></details>'


def _attribute(text: str) -> str:
    """Escaped for an attribute, to the letter: line ends as references."""
    return LINE_END.sub(lambda end: "".join(f"&#{ord(one)};" for one in end[0]), escape(text))


def _text(text: str) -> str:
    """Escaped, line ends as <br>, blank lines left out."""
    first, *others = LINE_END.split(escape(text))
    return first + "".join(f"<br>{line}" for line in others if line.strip())
