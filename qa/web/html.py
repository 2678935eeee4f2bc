"""Answers as HTML. Whatever comes from a bulletin or a question is escaped: it is shown as text, never run.

No blank lines are written: the chat reads Markdown, and a blank line would end the HTML block that keeps Markdown out.
"""

from html import escape

from corpus.document import Passage, Span
from corpus.language import Language, plural, tr
from index.storage import Library
from qa.answer import Answer, Piece, Quote, Table
from qa.question import Question
from qa.render import LINE_END, RELATED, groups, numbers, reference, related, to_text


def question_html(text: str) -> str:
    """A question as plain text."""
    return f'<div class="asked">{_text(text)}</div>'


def message_html(text: str) -> str:
    """A message of the program as plain text."""
    return f'<div class="refused">{_text(text)}</div>'


def answer_html(answer: Answer, *, removable: bool = True) -> str:
    """What was understood; numbered quotes with references, each with its passage to unfold, where the quote is marked; and the
    whole to copy.

    Args: removable: whether the chips are buttons that take away what they say (chips.js), as those of the last answer are.
    """
    language = answer.language
    marks = numbers(answer, None)
    parts = [_understood(answer.asked, removable=removable) if answer.asked else ""]
    if answer.abstained:
        parts.append(f'<p class="reason">{_text(answer.reason or "")}</p>')
        if answer.passages:
            parts.append(f'<p class="computed">{_text(related(language))}</p>')
        parts.extend(_passage(scored.passage, [], language) for scored in answer.passages[:RELATED])
    if answer.note:
        parts.append(f'<p class="computed note">{_text(answer.note)}</p>')
    if answer.table:
        parts.append(_table(answer, answer.table))
    for group in groups(answer):
        parts.append(f'<p class="region">{_text(group.heading)}</p>' if group.heading else "")
        parts.extend(_quote(marks[place], answer.quotes[place], language) for place in group.places)
    searched = tr(
        f"检索了 {answer.searched_bulletins} 期简报的 {answer.searched_passages} 段",
        f"Searched {plural(answer.searched_passages, 'passage')} in {plural(answer.searched_bulletins, 'bulletin')}",
        language,
    )
    limits = [*(region.label for region in answer.filters.regions), *map(str, answer.filters.years), *answer.filters.series]
    limits += [f"第{issue}期" for issue in answer.filters.issues] + [f"总第{total}期" for total in answer.filters.total_issues]
    if limits:
        searched += tr("，限于：", ", limited to: ", language) + "、".join(limits)
    parts.append(f'<p class="computed">{_text(searched)}</p>')
    if not answer.abstained:
        parts.append(_copy(answer))
    return f'<div class="answer">{"".join(parts)}</div>'


def notice_html(library: Library, *, samples: bool) -> str:
    """The head of the page: name, what is open and, for the samples, how to open one's own folder."""
    bulletins, articles = len(library.bulletins), sum(len(bulletin.articles) for bulletin in library.bulletins)
    head = (
        f"<strong>经验问答 Jingyan</strong> · {bulletins} 期简报 {articles} 篇文章 / {bulletins} bulletins, {articles} articles"
    )
    if not samples:
        return f"<div>{head} · {_text(str(library.folder))}</div>"
    command = "python -m qa chat --library "
    return (
        f'<div>{head}</div><div class="samples">现在打开的是<strong>虚构的样例库</strong>。'
        f"打开自己的简报：<code>{command}简报文件夹</code><br>"
        f"This is the <strong>invented sample library</strong>. To open your own bulletins: <code>{command}FOLDER</code></div>"
    )


def _understood(asked: Question, *, removable: bool) -> str:
    """What a question was taken to mean, and its chips: a bar above the answer, or nothing where there is nothing to tell."""
    language = asked.language
    parts = []
    if asked.understood:
        parts.append(f'<p class="computed">{_text(tr("理解为：", "Understood as: ", language) + asked.understood)}</p>')
    chips = []
    for chip in asked.chips:
        label = _text(chip.label)
        if removable:  # the chat keeps `value` of attributes, and neither `data-` nor `aria-`
            verb = f'<span class="unseen">{tr("去掉 ", "Remove ", language)}</span>'
            chips.append(f'<button type="button" class="chip" value="{_attribute(chip.key)}">{verb}{label}</button>')
        else:
            chips.append(f'<span class="chip">{label}</span>')
    if chips:
        parts.append(f'<div class="chips">{"".join(chips)}</div>')
    return f'<div class="understood">{"".join(parts)}</div>' if parts else ""


def _copy(answer: Answer) -> str:
    """A button that copies the answer with its references (copy.js), and what it copies."""
    plain = escape(to_text(answer, style="gbt7714")).replace("\n", "&#10;")
    return f'<button class="copy">{tr("复制答案", "Copy answer", answer.language)}</button><div class="plain">{plain}</div>'


def _table(answer: Answer, table: Table) -> str:
    marks = numbers(answer, None)
    rows = ["<tr><th></th>" + "".join(f'<th class="computed">{_text(column)}</th>' for column in table.columns) + "</tr>"]
    for row in table.rows:
        cells = (
            '<td class="computed">—</td>' if at is None else f"<td>{_quote(marks[at], answer.quotes[at], answer.language)}</td>"
            for at in row.cells
        )
        rows.append(f'<tr><th class="computed">{_text(row.label)}</th>{"".join(cells)}</tr>')
    name = f'<caption class="unseen">{tr("对照", "Comparison", answer.language)}</caption>'
    # A box of its own to scroll in, also by keyboard.
    return f'<div class="table" role="group" tabindex="0"><table>{name}{"".join(rows)}</table></div>'


def _quote(number: int, quote: Quote, language: Language) -> str:
    said = "".join(_piece(piece) for piece in quote.pieces)
    headline = f'<strong class="label">{_text(quote.headline)}</strong>' if quote.headline else ""
    return (
        f'<div class="quote"><span class="number">{number}</span>{headline}<blockquote>{said}</blockquote>'
        f'<p class="reference">{_text(reference(quote.citation, language))}</p>'
        f"{_passage(quote.passage, [quote.span], language)}</div>"
    )


def _piece(piece: Piece) -> str:
    """A label is bold, a highlight marked, too."""
    text = _text(piece.text)
    text = f"<mark>{text}</mark>" if piece.highlight else text
    return f"<strong>{text}</strong>" if piece.label or piece.highlight else text


def _passage(passage: Passage, marked: list[Span], language: Language) -> str:
    """A passage to unfold, the marked spans highlighted by their offsets."""
    text, span = passage.bulletin.text, passage.span.trimmed(passage.bulletin.text)
    pieces, at = [], span.start
    for mark in marked:
        pieces.append(f"{_text(text[at : mark.start])}<mark>{_text(mark.of(text))}</mark>")
        at = mark.end
    pieces.append(_text(text[at : span.end]))
    if marked:
        summary = tr("查看原文段落", "See the passage", language)
    else:
        summary = _text(reference(Quote(passage, span, 0.0).citation, language))
    return f'<details><summary>{summary}</summary><div class="passage">{"".join(pieces)}</div></details>'


def _attribute(text: str) -> str:
    """Escaped for an attribute, to the letter: line ends as references."""
    return LINE_END.sub(lambda end: "".join(f"&#{ord(one)};" for one in end[0]), escape(text))


def _text(text: str) -> str:
    """Escaped, line ends as <br>, blank lines left out."""
    first, *others = LINE_END.split(escape(text))
    return first + "".join(f"<br>{line}" for line in others if line.strip())
