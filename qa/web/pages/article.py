"""The evidence beside an answer, and the article it stands in, each at an address of its own."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from corpus.document import Bulletin, Span
from qa.answering.answer import Quote
from qa.export import citation_line
from qa.web.addresses import ArticleRef, MovedError, address, find_stretch
from qa.web.answer_html import quoted
from qa.web.preferences import preferences
from qa.web.templating import library_state, moved_page, not_found, render_page

_CONTEXT = 2  # passages on either side of the quoted one


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a line that looks alike throughout."""

    text: str
    marked: bool
    heading: bool
    first: bool  # whether the mark begins here: the place to scroll to


def lines(bulletin: Bulletin, span: Span, *, marks: Iterable[Span] = (), headings: Iterable[Span] = ()) -> list[list[Run]]:
    """Cut a stretch of a bulletin's text into lines, and these where marks and headings begin and end.

    Args: marks, headings: offsets in the bulletin's text.
    Returns: the runs of each line; joined by line ends they are the text.
    """
    text, marks, headings = bulletin.text, sorted(marks), tuple(headings)
    cuts = {offset for part in (*marks, *headings) for offset in (part.start, part.end)}
    found, start = [], span.start
    for line in span.of(text).split("\n"):
        end = start + len(line)
        offsets = [start, *sorted(cut for cut in cuts if start < cut < end), end]
        found.append(
            [
                Run(
                    text=text[a:b],
                    marked=any(mark.start <= a and b <= mark.end for mark in marks),
                    heading=any(heading.start <= a and b <= heading.end for heading in headings),
                    first=any(a == max(mark.start, start) and mark.start >= start for mark in marks[:1]),
                )
                for a, b in itertools.pairwise(offsets)
                if a < b
            ]
        )
        start = end + 1
    return found


def routes() -> list[BaseRoute]:
    """Return the routes /evidence and /article."""
    return [
        Route("/evidence/{key}/{number:int}", evidence),
        Route("/article/{key}/{number:int}", article),
    ]


def evidence(request: Request) -> HTMLResponse:
    """Show the quote at ?start=&end=&text= among the passages around it: a piece of a page, for the panel beside the chat.

    A page that says why, where it cannot be told what was quoted: 404, or 409 where it stands there no longer.
    """
    try:
        ref, mark = _asked(request)
    except MovedError as error:
        return moved_page(request, error)
    if ref is None or mark is None:
        return not_found(request)
    index = next((i for i, passage in enumerate(ref.passages) if passage.span.end > mark.start), None)
    if index is None:
        return not_found(request)
    around = ref.passages[max(0, index - _CONTEXT) : index + _CONTEXT + 1]
    # A title is in no passage; a search or a count may point at it all the same.
    start = ref.article.span.start if mark.start < ref.passages[0].span.start else around[0].span.start
    language = preferences(request).language
    quote = Quote(ref.passages[index], mark, 0.0) if ref.passages[index].span.contains(mark) else None
    return render_page(
        request,
        "evidence.html",
        ref=ref,
        lines=_lines(ref, Span(start, around[-1].span.end), mark),
        section=ref.passages[index].section,
        region=_region(ref),
        address=address(ref.bulletin, ref.number, mark),
        begins=around[0] is ref.passages[0],
        ends=around[-1] is ref.passages[-1],
        copies={style: quoted(quote, language, style=style) for style in ("gbt7714", "note")} if quote else {},
    )


def article(request: Request) -> HTMLResponse:
    """Show a whole article with its outline; the stretch at ?start=&end=&text=, if any, is marked. 409 where it is gone."""
    try:
        ref, mark = _asked(request)
    except MovedError as error:
        return moved_page(request, error)
    if ref is None:
        return not_found(request)
    body = Span(ref.passages[0].span.start, ref.passages[-1].span.end) if ref.passages else ref.article.span
    others = ref.bulletin.articles
    sections = ref.article.sections  # a signature in the midst is shown with the one above it
    neighbours = [
        (name, number, others[number - 1].title)
        for name, number in (("previous_article", ref.number - 1), ("next_article", ref.number + 1))
        if 1 <= number <= len(others)
    ]
    return render_page(
        request,
        "article.html",
        ref=ref,
        title=_marked(ref, Span(ref.article.span.start, body.start), mark),
        signature=_marked(ref, Span(body.end, ref.article.span.end), mark),
        neighbours=neighbours,
        sections=[
            (section, _lines(ref, Span(max(section.span.start, body.start), min(end, body.end)), mark))
            for section, end in zip(sections, [*(below.span.start for below in sections[1:]), body.end], strict=True)
        ],
        region=_region(ref),
        reference=citation_line(Quote(ref.passages[0], ref.passages[0].span, 0.0).citation, preferences(request).language)
        if ref.passages
        else "",
    )


def _asked(request: Request) -> tuple[ArticleRef | None, Span | None]:
    """Return the article and the stretch that the address means, each None where there is none. Raises: MovedError."""
    path = request.path_params
    return find_stretch(library_state(request).library, path["key"], path["number"], request.query_params) or (None, None)


def _lines(ref: ArticleRef, span: Span, mark: Span | None) -> list[list[Run]]:
    headings = []
    for section in ref.article.sections:
        start = section.span.trimmed(ref.bulletin.text).start
        headings += [Span(start, start + len(section.heading))] if section.heading else []
    return lines(ref.bulletin, span.trimmed(ref.bulletin.text), marks=[mark] if mark else [], headings=headings)


def _marked(ref: ArticleRef, printed: Span, mark: Span | None) -> list[list[Run]]:
    """Return the lines of the title or the signature as printed where the mark is in it, else none."""
    return _lines(ref, printed, mark) if mark is not None and printed.contains(mark) else []


def _region(ref: ArticleRef) -> str | None:
    return ref.article.region.label if ref.article.region else ref.bulletin.masthead.publisher
