"""The saved list (资料夹): quotes collected over several questions, to put in order, remark upon and hand out."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.document import Span
from corpus.messages.errors import JingyanError
from index.evidence import ScoredPassage
from index.store.library import Library
from qa.answering.answer import Quote
from qa.answering.scoring import candidate_sentences
from qa.export import saved_quotes, to_text
from qa.export.saved_quotes import SavedList, SavedQuote
from qa.question.analyzer import MAX_CHARACTERS
from qa.web.pages.downloads import FORMS, download
from qa.web.preferences import preferences
from qa.web.state import address, find_article
from qa.web.templating import library_state, render_page

_ADDRESS = re.compile(r"([0-9a-f]{12})/([0-9]{1,6})\?start=([0-9]{1,9})&end=([0-9]{1,9})")
_MOST = 20_000  # bytes of what is sent
_LONGEST = 2000  # characters of a remark


class _Wanted(msgspec.Struct, frozen=True):
    address: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A saved quote on the page. `source` is its address in the library as it is now, None where it is there no more."""

    place: int
    kept: SavedQuote
    source: str | None
    first: bool
    last: bool


def routes() -> list[BaseRoute]:
    """/saved: the page, what saves and changes, and the list as a file."""
    return [
        Route("/saved", page),
        Route("/saved", add, methods=["POST"]),
        Route("/saved/change", change, methods=["POST"]),
        *(Route(f"/saved.{suffix}", export) for suffix in FORMS),
    ]


def page(request: Request) -> HTMLResponse:
    """Every saved quote under its question."""
    try:
        return _page(request, library_state(request).library)
    except JingyanError as error:
        return _failed(request, error)


async def add(request: Request) -> Response:
    """Save the quote whose {"address", "question"} is sent as JSON. 204; 400 where it is no quote of the library."""
    body = await request.body()
    if len(body) > _MOST:
        return Response(status_code=413)
    try:
        wanted = msgspec.json.decode(body, type=_Wanted)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Response(status_code=400)
    library = library_state(request).library
    return await run_in_threadpool(_add, library, wanted)


async def change(request: Request) -> Response:
    """What a form of the page asks for; then the page again, at the same quote."""
    if int(request.headers.get("content-length") or 0) > _MOST:
        return Response(status_code=413)
    form = await request.form()
    identity, remark = str(form.get("id", "")), str(form.get("remark", "")).strip()[:_LONGEST]
    edits: dict[str, Callable[[SavedList], SavedList]] = {
        "up": lambda folder: folder.moved(identity, -1),
        "down": lambda folder: folder.moved(identity, 1),
        "remove": lambda folder: folder.removed(identity),
        "remark": lambda folder: folder.remarked(identity, remark),
        "clear": lambda folder: folder.cleared(),
        "undo": lambda folder: folder.restored(),
    }
    edit = edits.get(str(form.get("change", "")))
    if edit is None:
        return Response(status_code=400)
    try:
        await run_in_threadpool(saved_quotes.change_saved, library_state(request).library.root, edit)
    except JingyanError as error:
        return _failed(request, error)
    at = f"#q-{identity}" if re.fullmatch("[0-9a-f]{12}", identity) else ""
    return RedirectResponse(f"/saved{at}", status_code=303)


def export(request: Request) -> Response:
    """The list as a file."""
    try:
        folder = saved_quotes.load_saved(library_state(request).library.root)
        arranged = saved_quotes.build_report_of_saved(folder, language=preferences(request).language)
        return download(request, arranged, name=arranged.title)
    except JingyanError as error:
        return _failed(request, error)


def _page(request: Request, library: Library) -> HTMLResponse:
    folder = saved_quotes.load_saved(library.root)
    groups: list[tuple[str, list[_Shown]]] = []
    place = 0
    for question, group in folder.questions().items():
        shown = []
        for at, kept in enumerate(group):
            place += 1
            shown.append(_Shown(place, kept, _source(library, kept), at == 0, at == len(group) - 1))
        groups.append((question, shown))
    language = preferences(request).language
    return render_page(
        request,
        "saved.html",
        groups=groups,
        count=place,
        undo=folder.before is not None,
        damaged=[str(path) for path in saved_quotes.set_aside(library.root)],
        longest=_LONGEST,
        plain=to_text(saved_quotes.build_report_of_saved(folder, language=language), style="gbt7714") if place else "",
        forms=FORMS,
    )


def _failed(request: Request, error: JingyanError) -> HTMLResponse:
    return render_page(request, "failed.html", status=500, told=str(error))


def _add(library: Library, wanted: _Wanted) -> Response:
    found = _quote(library, wanted.address)
    if found is None or len(wanted.question) > MAX_CHARACTERS:
        return Response(status_code=400)
    quote, number = found
    new = saved_quotes.make_saved_quote(quote, article=number, question=" ".join(wanted.question.split()))
    try:
        saved_quotes.change_saved(library.root, lambda folder: folder.added(new))
    except JingyanError:
        return Response(status_code=500)
    return Response(status_code=204)


def _quote(library: Library, asked: str) -> tuple[Quote, int] | None:
    """The quote at an address, under the headline of its point, and the number of its article; None where that is no quote."""
    match = _ADDRESS.fullmatch(asked)
    if match is None:
        return None
    place = find_article(library, match[1], int(match[2]))
    span = Span(int(match[3]), int(match[4]))
    if place is None or span.start >= span.end:
        return None
    for passage in place.passages:
        if passage.span.contains(span) and span.of(passage.bulletin.text).strip():
            units = candidate_sentences(ScoredPassage(passage, 0.0, 0.0, 0.0))
            label = next((unit.label for unit in units if unit.span.start == span.start), None)
            return Quote(passage, span, 0.0, label), place.number
    return None


def _source(library: Library, kept: SavedQuote) -> str | None:
    """Where a saved quote stands now: in the very same file, though another version of the program may have cleaned it anew."""
    bulletin = next((bulletin for bulletin in library.bulletins if bulletin.source.sha256 == kept.receipt.sha256), None)
    if bulletin is None:
        return None
    span = Span(kept.start, kept.end)
    if span.of(bulletin.text) != kept.text:
        start = bulletin.text.find(kept.text)
        if start < 0:
            return None
        span = Span(start, start + len(kept.text))
    number = next((at for at, article in enumerate(bulletin.articles, 1) if article.span.contains(span)), None)
    return address(bulletin, number, span) if number else None
