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
from qa.web.answer_html import quoted
from qa.web.preferences import preferences
from qa.web.state import ArticleRef, address, find_article
from qa.web.templating import library_state, not_found, render_page

_CONTEXT = 2  # passages on either side of the one that is quoted


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a line that looks alike throughout."""

    text: str
    marked: bool
    heading: bool
    first: bool  # of what is marked: the place to scroll to


def lines(bulletin: Bulletin, span: Span, *, marks: Iterable[Span] = (), headings: Iterable[Span] = ()) -> list[list[Run]]:
    """A stretch of a bulletin's text line by line, cut where marks and headings begin and end, by offset. Joined by line ends,
    the runs are the text."""
    text, marks, headings = bulletin.text, sorted(marks), tuple(headings)
    cuts = {at for one in (*marks, *headings) for at in (one.start, one.end)}
    found, start = [], span.start
    for line in span.of(text).split("\n"):
        end = start + len(line)
        places = [start, *sorted(cut for cut in cuts if start < cut < end), end]
        found.append(
            [
                Run(
                    text=text[a:b],
                    marked=any(mark.start <= a and b <= mark.end for mark in marks),
                    heading=any(heading.start <= a and b <= heading.end for heading in headings),
                    first=any(a == max(mark.start, start) and mark.start >= start for mark in marks[:1]),
                )
                for a, b in itertools.pairwise(places)
                if a < b
            ]
        )
        start = end + 1
    return found


def routes() -> list[BaseRoute]:
    """/evidence and /article."""
    return [
        Route("/evidence/{key}/{number:int}", evidence),
        Route("/article/{key}/{number:int}", article),
    ]


def evidence(request: Request) -> HTMLResponse:
    """The quote at ?start=&end= among the passages around it: a piece of a page, for the panel beside the chat."""
    place, mark = _asked(request)
    if place is None or mark is None:
        return not_found(request)
    at = next((n for n, passage in enumerate(place.passages) if passage.span.end > mark.start), None)
    if at is None:
        return not_found(request)
    around = place.passages[max(0, at - _CONTEXT) : at + _CONTEXT + 1]
    # A title is in no passage; a search or a count may point at it all the same.
    start = place.article.span.start if mark.start < place.passages[0].span.start else around[0].span.start
    language = preferences(request).language
    quote = Quote(place.passages[at], mark, 0.0) if place.passages[at].span.contains(mark) else None
    return render_page(
        request,
        "evidence.html",
        place=place,
        lines=_lines(place, Span(start, around[-1].span.end), mark),
        section=place.passages[at].section,
        region=_region(place),
        address=address(place.bulletin, place.number, mark),
        begins=around[0] is place.passages[0],
        ends=around[-1] is place.passages[-1],
        copies={style: quoted(quote, language, style=style) for style in ("gbt7714", "note")} if quote else {},
    )


def article(request: Request) -> HTMLResponse:
    """A whole article with its outline; the stretch at ?start=&end=, if any, is marked."""
    place, mark = _asked(request)
    if place is None:
        return not_found(request)
    body = Span(place.passages[0].span.start, place.passages[-1].span.end) if place.passages else place.article.span
    others = place.bulletin.articles
    neighbours = [
        (name, number, others[number - 1].title)
        for name, number in (("previous_article", place.number - 1), ("next_article", place.number + 1))
        if 1 <= number <= len(others)
    ]
    return render_page(
        request,
        "article.html",
        place=place,
        title=_marked(place, Span(place.article.span.start, body.start), mark),
        signature=_marked(place, Span(body.end, place.article.span.end), mark),
        neighbours=neighbours,
        sections=[
            (section, _lines(place, Span(max(section.span.start, body.start), min(section.span.end, body.end)), mark))
            for section in place.article.sections
        ],
        region=_region(place),
        reference=citation_line(Quote(place.passages[0], place.passages[0].span, 0.0).citation, preferences(request).language)
        if place.passages
        else "",
    )


def _asked(request: Request) -> tuple[ArticleRef | None, Span | None]:
    """The article that the path names and the span that the query does, as far as they are there."""
    place = find_article(library_state(request).library, request.path_params["key"], request.path_params["number"])
    if place is None:
        return None, None
    try:
        mark = Span(int(request.query_params["start"]), int(request.query_params["end"]))
    except (KeyError, ValueError):
        return place, None
    return place, mark if mark.start < mark.end and place.article.span.contains(mark) else None


def _lines(place: ArticleRef, span: Span, mark: Span | None) -> list[list[Run]]:
    headings = []
    for section in place.article.sections:
        start = section.span.trimmed(place.bulletin.text).start
        headings += [Span(start, start + len(section.heading))] if section.heading else []
    return lines(place.bulletin, span.trimmed(place.bulletin.text), marks=[mark] if mark else [], headings=headings)


def _marked(place: ArticleRef, printed: Span, mark: Span | None) -> list[list[Run]]:
    """The title or the signature as it is printed, where the mark is in it."""
    return _lines(place, printed, mark) if mark is not None and printed.contains(mark) else []


def _region(place: ArticleRef) -> str | None:
    return place.article.region.label if place.article.region else place.bulletin.masthead.publisher
