"""The saved list (资料夹): quotes collected over several questions, to put in order, remark upon and hand out.

Everyone who signs in has a list of his own, which nobody else sees; so has the owner at his machine. A stranger without an
account has none.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.document import Span
from corpus.messages.errors import EditError, JingyanError
from corpus.messages.language import Language, tr
from index.store.disk import make_private_dir
from index.store.library import Library
from qa.answering.answer import Quote
from qa.export import saved_quotes, to_text
from qa.export.saved_quotes import SavedList, SavedQuote
from qa.question.analyzer import MAX_CHARACTERS
from qa.web.addresses import MovedError, address, article_at, find_address, moved, only_place
from qa.web.catalogue import Texts
from qa.web.meant import is_of_another
from qa.web.pages.downloads import FORMATS, download
from qa.web.preferences import preferences
from qa.web.security.visitor import visitor_of
from qa.web.templating import library_state, render_page

_MAX_BYTES = 20_000  # of what is sent
_MAX_REMARK = 2000  # characters


class _SaveRequest(msgspec.Struct, frozen=True):
    address: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class _ShownQuote:
    """A saved quote on the page, with the texts that its buttons copy, by style.

    `source` is its address in the library as it is now, None where it is there no more. `is_first` and `is_last` are meant
    among the quotes under one question.
    """

    number: int
    saved_quote: SavedQuote
    source: str | None
    copies: dict[str, str]
    is_first: bool
    is_last: bool


def routes() -> list[BaseRoute]:
    """Return the routes of /saved: the page, what saves and changes, and the list as a file."""
    return [
        Route("/saved", page),
        Route("/saved", add, methods=["POST"]),
        Route("/saved/change", change, methods=["POST"]),
        *(Route(f"/saved.{suffix}", export) for suffix in FORMATS),
    ]


def page(request: Request) -> HTMLResponse:
    """Show every saved quote under its question."""
    library = library_state(request).library
    try:
        folder = _folder(request, library)
        return _no_list(request) if folder is None else _page(request, library, folder)
    except JingyanError as error:
        return _failed(request, error)


async def add(request: Request) -> Response:
    """Save the quote whose {"address", "question"} is sent as JSON. 204; 409 in words where it is no quote of the library."""
    body = await request.body()
    if len(body) > _MAX_BYTES:
        return Response(status_code=413)
    try:
        wanted = msgspec.json.decode(body, type=_SaveRequest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Response(status_code=400)
    library = library_state(request).library
    folder = _folder(request, library)
    if folder is None:
        return Response(status_code=403)
    return await run_in_threadpool(_add, library, folder, wanted)


async def change(request: Request) -> Response:
    """Make the change that a form of the page asks for; then show the page again, at the same quote.

    A form holds as `seen` the digest of what it was shown with: of the list or, for a remark, of the quote. 409 where that has
    changed since, or nothing can be had back: the page says so, and the list stays as it is.
    """
    if int(request.headers.get("content-length") or 0) > _MAX_BYTES:
        return Response(status_code=413)
    form, opened = await request.form(), library_state(request).library
    identity, remark = str(form.get("id", "")), str(form.get("remark", "")).replace("\r\n", "\n").strip()
    if len(remark) > _MAX_REMARK:
        return Response(status_code=413)
    seen = str(form.get("seen", ""))

    def remarked(saved: SavedList) -> SavedList:
        shown = next((quote for quote in saved.quotes if quote.id == identity), None)
        if shown is None:  # removed meanwhile, in another window
            raise EditError(
                tr(f"这条引文已不在资料夹里，批注没有存下：{remark}", f"no longer saved; the remark was not kept: {remark}")
            )
        if shown.remark == remark:  # sent twice
            return saved
        if seen not in ("", shown.digest):
            raise EditError(
                tr(
                    f"这一页显示之后，这条批注改过了，您写的没有存下：{remark}",
                    f"the remark has been changed since this page was shown; yours was not kept: {remark}",
                )
            )
        return saved.remarked(identity, remark)

    def checked(saved: SavedList) -> SavedList:
        if seen not in ("", saved.digest):
            raise EditError(
                tr(
                    "这次没有做：这一页显示之后，资料夹改过了，下面是它现在的样子",
                    "not done: the saved list has been changed since this page was shown; below it is as it stands now",
                )
            )
        return saved

    def restored(saved: SavedList) -> SavedList:
        if saved.before is None:
            raise EditError(
                tr("没有可以撤销的：移除之后资料夹又改过", "nothing to undo: the saved list has been changed since the removal")
            )
        return saved.restored()

    edits: dict[str, Callable[[SavedList], SavedList]] = {
        "up": lambda saved: saved.moved(identity, -1),
        "down": lambda saved: saved.moved(identity, 1),
        "remove": lambda saved: saved.removed(identity),
        "remark": remarked,
        "clear": lambda saved: checked(saved).cleared() if saved.quotes else saved,
        "undo": lambda saved: restored(checked(saved)),
    }
    edit = edits.get(str(form.get("change", "")))
    if edit is None:
        return Response(status_code=400)
    try:
        folder = _folder(request, opened)
        if folder is None:
            return _no_list(request)
        try:
            if await is_of_another(request, opened):
                raise EditError(Texts(preferences(request).language)("of_another_folder"))
            await run_in_threadpool(saved_quotes.change_saved, folder, edit)
        except EditError as error:
            return await run_in_threadpool(_page, request, opened, folder, error_message=str(error), status=409)
    except JingyanError as error:
        return _failed(request, error)
    anchor = f"#q-{identity}" if re.fullmatch("[0-9a-f]{12}", identity) else ""
    return RedirectResponse(f"/saved{anchor}", status_code=303)


def export(request: Request) -> Response:
    """Return the list as a file."""
    try:
        folder = _folder(request, library_state(request).library)
        if folder is None:
            return _no_list(request)
        saved = saved_quotes.load_saved(folder)
        report = saved_quotes.build_report_of_saved(saved, language=preferences(request).language)
        return download(request, report, name=report.title)
    except JingyanError as error:
        return _failed(request, error)


def _folder(request: Request, library: Library) -> Path | None:
    """Return the folder of the visitor's own list of a library, made where it is not there; None where he has none.

    Raises: StorageError, OutputError: it cannot be made, or whose it is not be written down; OSError: nor read.
    """
    folder = visitor_of(request).folder(library.root)
    if folder is not None:
        make_private_dir(folder)
    return folder


def _no_list(request: Request) -> HTMLResponse:
    return render_page(request, "no_list.html", status=403)


def _page(request: Request, library: Library, folder: Path, *, error_message: str = "", status: int = 200) -> HTMLResponse:
    saved = saved_quotes.load_saved(folder)
    damaged = saved_quotes.damaged_files(folder)
    language = preferences(request).language
    numbers = itertools.count(1)
    groups = [
        (question, [_show(library, quote, number, group, language) for quote, number in zip(group, numbers, strict=False)])
        for question, group in saved.questions().items()
    ]
    count = sum(len(quotes) for _, quotes in groups)
    return render_page(
        request,
        "saved.html",
        status=status,
        error_message=error_message,
        seen=saved.digest,
        groups=groups,
        count=count,
        undo=saved.before is not None,
        # Where it lies on the disk is for those to know who manage the library.
        damaged=[str(path) if visitor_of(request).may_change else path.name for path in damaged],
        lost=saved_quotes.is_lost(folder) and not damaged,
        max_remark=_MAX_REMARK,
        plain=to_text(saved_quotes.build_report_of_saved(saved, language=language), style="gbt7714") if count else "",
        suffixes=list(FORMATS),
    )


def _show(library: Library, quote: SavedQuote, number: int, group: Sequence[SavedQuote], language: Language) -> _ShownQuote:
    sources = {"gbt7714": quote.gbt7714, "note": quote.footnote(language)}
    return _ShownQuote(
        number,
        quote,
        source=_source(library, quote),
        copies={style: f"“{quote.text}”\n{source}" for style, source in sources.items()},
        is_first=quote is group[0],
        is_last=quote is group[-1],
    )


def _failed(request: Request, error: JingyanError) -> HTMLResponse:
    told = str(error) if visitor_of(request).may_change else Texts(preferences(request).language)("failed_why")
    return render_page(request, "failed.html", status=503, error_message=told)


def _add(library: Library, folder: Path, wanted: _SaveRequest) -> Response:
    if len(wanted.question) > MAX_CHARACTERS:
        return Response(status_code=400)
    try:
        quote, number = _quote(library, wanted.address)
    except MovedError as error:
        return PlainTextResponse(f"{error}\n", 409)
    new = saved_quotes.make_saved_quote(quote, article=number, question=" ".join(wanted.question.split()))
    try:
        saved_quotes.change_saved(folder, lambda saved: saved.added(new))
    except JingyanError as error:
        return PlainTextResponse(f"{error}\n", 503)
    return Response(status_code=204)


def _quote(library: Library, written: str) -> tuple[Quote, int]:
    """Return the quote at an address, under the headline of its point, and the number of its article.

    Raises: MovedError: the address names no quote, or none for sure.
    """
    ref, span = find_address(library, written) or (None, None)
    quote = saved_quotes.quote_at(ref.passages, span) if ref is not None and span is not None else None
    if ref is None or quote is None:
        raise moved()
    return quote, ref.number


def _source(library: Library, quote: SavedQuote) -> str | None:
    """Return the address where a saved quote stands now; None where its file is gone or changed.

    Another version of the program may have cleaned the same file anew, or a correction left lines out: the text is looked for,
    then, and is not told where it stands at several places.
    """
    bulletin = library.catalog.bulletin(quote.receipt.sha256)
    if bulletin is None or bulletin.source.sha256 != quote.receipt.sha256:
        return None
    span = Span(quote.start, quote.end)
    number = article_at(bulletin, span) if span.of(bulletin.text) == quote.text else None
    place = (number, span) if number else only_place(bulletin, quote.text)
    return address(bulletin, *place) if place else None
