"""Answers as HTML. Whatever comes from a bulletin or a question is escaped: it is shown as text, never run.

No blank lines are written: the chat reads Markdown, and a blank line would end the HTML block that keeps Markdown out.
"""

from html import escape

from corpus.document import Passage, Span
from corpus.language import Language, tr
from index.storage import Library
from qa.answer import Answer, Quote
from qa.render import reference


def question_html(text: str) -> str:
    """A question, or a message of the program, as plain text."""
    return f"<div>{_text(text)}</div>"


def answer_html(answer: Answer) -> str:
    """Numbered quotes with references, each with its passage to unfold, where the quote is marked."""
    language = answer.language
    parts = []
    if answer.abstained:
        parts.append(f'<p class="reason">{_text(answer.reason or "")}</p>')
        parts.append(
            f'<p class="computed">{tr("最接近的段落（不是答案）：", "The closest passages (not an answer):", language)}</p>'
        )
        parts.extend(_passage(scored.passage, [], language) for scored in answer.passages[:3])
    for number, quote in enumerate(answer.quotes, 1):
        parts.append(_quote(number, quote, language))
    searched = tr(
        f"检索了 {answer.searched_bulletins} 期简报的 {answer.searched_passages} 段",
        f"Searched {answer.searched_passages} passages in {answer.searched_bulletins} bulletins",
        language,
    )
    limits = [*(region.label for region in answer.filters.regions), *map(str, answer.filters.years), *answer.filters.series]
    limits += [f"第{issue}期" for issue in answer.filters.issues] + [f"总第{total}期" for total in answer.filters.total_issues]
    if limits:
        searched += tr("，限于：", ", limited to: ", language) + "、".join(limits)
    parts.append(f'<p class="computed">{_text(searched)}</p>')
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


def _quote(number: int, quote: Quote, language: Language) -> str:
    return (
        f'<div class="quote"><span class="number">{number}</span><blockquote>{_text(quote.text)}</blockquote>'
        f'<p class="reference">{_text(reference(quote.citation, language))}</p>'
        f"{_passage(quote.passage, [quote.span], language)}</div>"
    )


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


def _text(text: str) -> str:
    lines = [line for line in escape(text).splitlines() if line.strip()]
    return "<br>".join(lines)
