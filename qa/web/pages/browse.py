"""Looking through the archive: lists with facets, searches, and the contents of an issue, each view at an address of its own."""

from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode

import numpy as np
from starlette.background import BackgroundTask
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from corpus.document import Span
from qa.archive.browsing import NONE, Branch, Browser, Entry, Former, Selection
from qa.archive.searching import MOST, Field, Match, Mode, Searcher, SearchResult
from qa.web.catalogue import Texts
from qa.web.preferences import preferences
from qa.web.state import address, bulletin_key, find_bulletin
from qa.web.templating import issue_label, library_state, not_found, render_page

_PAGE = 20  # articles
_ALL_OPEN = 30  # branches of a tree that is shown whole

Facet = Literal["regions", "years", "series"]
# A facet as an address names it.
_PARAMETERS: dict[Facet, str] = {"regions": "region", "years": "year", "series": "series"}

Pieces = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class BrowseState:
    """What an address asks for: the articles of a selection, with `query` those that a search finds; `page` counts from 1."""

    selection: Selection
    query: str = ""
    field: Field = "text"
    mode: Mode = "exact"
    order: Literal["best", "new"] = "best"
    page: int = 1

    @classmethod
    def of(cls, parameters: QueryParams) -> "BrowseState":
        """What the parameters of an address say; what they say wrongly is as usual."""

        def values(facet: Facet) -> tuple[str, ...]:
            return tuple(dict.fromkeys(value for value in parameters.getlist(_PARAMETERS[facet]) if value.strip()))

        page = parameters.get("page", "1")
        return cls(
            Selection(values("regions"), values("years"), values("series")),
            query=parameters.get("q", "").strip()[:MOST],
            field="title" if parameters.get("in") == "title" else "text",
            mode="fuzzy" if parameters.get("mode") == "fuzzy" else "exact",
            order="new" if parameters.get("order") == "new" else "best",
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        )

    @property
    def address(self) -> str:
        """The address of this view: what is as usual is left out."""
        fields = [("q", self.query)] if self.query else []
        fields += [(_PARAMETERS[facet], value) for facet, value in self.chosen]
        if self.query:
            ways = (("in", self.field, "text"), ("mode", self.mode, "exact"), ("order", self.order, "best"))
            fields += [(name, value) for name, value, usual in ways if value != usual]
        if self.page > 1:
            fields.append(("page", str(self.page)))
        return ("/search" if self.query else "/browse") + (f"?{urlencode(fields)}" if fields else "")

    @property
    def chosen(self) -> list[tuple[Facet, str]]:
        """All values that are chosen, each with its facet."""
        return [(facet, value) for facet in _PARAMETERS for value in getattr(self.selection, facet)]

    def toggled(self, facet: Facet, value: str, *, family: frozenset[str] = frozenset()) -> str:
        """The address where a value is chosen as well, or no longer; a region takes the place of those above and below it."""
        values: tuple[str, ...] = getattr(self.selection, facet)
        kept = tuple(one for one in values if one != value and one not in family)
        return self.narrowed(**{facet: kept if value in values else (*kept, value)})

    def narrowed(self, **facets: tuple[str, ...]) -> str:
        """The address where the values of some facets are these and no others."""
        return self.but(selection=replace(self.selection, **facets))

    def but(self, **changes: Any) -> str:
        """The address of a view that differs in some fields; on its first page, unless another is named."""
        return replace(self, **{"page": 1, **changes}).address

    @property
    def everywhere(self) -> str:
        """The address of the same without a selection."""
        return self.but(selection=Selection())


@dataclass(frozen=True, slots=True)
class Item:
    """An article in a list: its title and snippets in pieces, each snippet with the address of its place."""

    entry: Entry
    address: str
    region: str | None
    title: Pieces
    hits: int
    snippets: tuple[tuple[str, Pieces, bool, bool], ...]  # address, pieces, whether text was cut before and after


def routes() -> list[BaseRoute]:
    """/browse, /search and /issue."""
    return [Route("/browse", browse), Route("/search", browse), Route("/issue/{key}", issue)]


def browse(request: Request) -> HTMLResponse:
    """A list of articles with facets: of the whole archive with its chart, or what a search finds."""
    archive, searcher = _browser(request)
    shown = BrowseState.of(request.query_params)
    if request.url.path == "/browse":
        shown = replace(shown, query="")
    found = searcher.search(shown.query, field=shown.field, mode=shown.mode) if shown.query else SearchResult(())
    mask = None
    if shown.query:
        mask = np.zeros(len(archive.entries), np.bool_)
        mask[[match.entry for match in found.matches]] = True
    passing = archive.chosen(shown.selection, mask)
    matches = {match.entry: match for match in found.matches if passing[match.entry]}
    numbers = list(matches) if shown.query and shown.order == "best" else np.flatnonzero(passing).tolist()
    pages = max(1, -(-len(numbers) // _PAGE))
    shown = replace(shown, page=min(shown.page, pages))
    facets = archive.facets(shown.selection, mask)
    t = Texts(preferences(request).language)
    response = render_page(
        request,
        "browse.html",
        view=shown,
        items=[
            _item(archive.entries[at], matches.get(at), searcher, shown)
            for at in numbers[(shown.page - 1) * _PAGE : shown.page * _PAGE]
        ],
        total=len(numbers),
        pages=pages,
        nearest=len(found.matches) if found.truncated else 0,
        facets=facets,
        all_open=sum(1 + len(_below(branch)) for branch in facets.regions) <= _ALL_OPEN,
        chart=None if shown.query else archive.chart(shown.selection),
        named=lambda facet, value: _named(facet, value, t),
        became=lambda name, former: _became(name, former, t),
    )
    # What a search folds, it folds once: the first one need not wait for it.
    response.background = BackgroundTask(searcher.prepare)
    return response


def issue(request: Request) -> HTMLResponse:
    """An issue: what its masthead says, and its articles with their sections."""
    archive, _ = _browser(request)
    bulletin = find_bulletin(archive.library, request.path_params["key"])
    if bulletin is None:
        return not_found(request)
    before, after = archive.neighbours(bulletin)
    t = Texts(preferences(request).language)
    return render_page(
        request,
        "issue.html",
        bulletin=bulletin,
        name=issue_label(bulletin, t),
        articles=[(article, address(bulletin, number)) for number, article in enumerate(bulletin.articles, 1)],
        neighbours=[
            (name, f"/issue/{bulletin_key(one)}", f"{one.masthead.series} {issue_label(one, t)}")
            for name, one in (("previous_issue", before), ("next_issue", after))
            if one
        ],
    )


def _browser(request: Request) -> tuple[Browser, Searcher]:
    """The library on the shelf, laid out once for as long as it stands there."""
    state, library = request.app.state, library_state(request).library
    laid: tuple[Browser, Searcher] | None = getattr(state, "archive", None)
    if laid is None or laid[0].library is not library:
        archive = Browser(library)
        laid = state.archive = (archive, Searcher(archive))
    return laid


def _item(entry: Entry, match: Match | None, searcher: Searcher, shown: BrowseState) -> Item:
    bulletin, title = entry.bulletin, entry.article.title
    snippets = searcher.snippets(match, shown.query, mode=shown.mode) if match else ()
    return Item(
        entry,
        address(bulletin, entry.number),
        entry.article.region.label if entry.article.region else bulletin.masthead.publisher,
        _pieces(title, Span(0, len(title)), searcher.title_marks(match, shown.query, mode=shown.mode) if match else ()),
        len(match.places) if match and shown.mode == "exact" else 0,
        tuple(
            (
                address(bulletin, entry.number, snippet.hit),
                _pieces(bulletin.text, snippet.span, snippet.marks),
                snippet.around.start < snippet.span.start,
                snippet.span.end < snippet.around.end,
            )
            for snippet in snippets
        ),
    )


def _pieces(text: str, span: Span, marks: tuple[Span, ...]) -> Pieces:
    """A stretch of a text cut where marks begin and end. Joined, the pieces are the stretch."""
    pieces: Pieces = []
    at = span.start
    for mark in marks:
        pieces += [(text[at : mark.start], False), (mark.of(text), True)]
        at = mark.end
    return [piece for piece in [*pieces, (text[at : span.end], False)] if piece[0]]


def _below(branch: Branch) -> list[Branch]:
    return [one for child in branch.below for one in (child, *_below(child))]


def _named(facet: Facet, value: str, t: Texts) -> str:
    """A value of a facet in words."""
    if value == NONE and facet != "series":
        return t("no_year" if facet == "years" else "no_region")
    return value


def _became(name: str, former: Former | None, t: Texts) -> str:
    """What a branch is called: a former division with what became of it."""
    if former is None:
        return name
    kind = "gone" if not former.successors else "renamed" if former.renamed else "merged"
    return t(f"former_{kind}", name=name, year=former.year, successors=t("comma").join(former.successors))
