"""Browsing: lists of articles with facets, searches, and the contents of an issue, each at an address of its own."""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode

import numpy as np
from starlette.background import BackgroundTask
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from corpus.document import Bulletin, Span
from corpus.issue_name import document_name
from index.catalog import Catalog
from qa.archive.browsing import NONE, Branch, Browser, Entry, Former, Selection
from qa.archive.searching import MAX_QUERY_LENGTH, Field, Match, Mode, Searcher, SearchResult
from qa.web.addresses import address
from qa.web.catalogue import KINDS, Texts
from qa.web.preferences import preferences
from qa.web.state import ServedLibrary
from qa.web.templating import library_state, not_found, render_page

_PAGE_SIZE = 20  # articles
_MAX_OPEN = 30  # branches of a tree that is shown whole
_TINTS = 5  # of the chart's cells, beside none
_MAX_DIGITS = 6  # of the number of a page in an address
# Every link of the page names all that is chosen: its size goes by their product.
_MAX_CHOSEN = 50  # values
_MAX_CHOSEN_CHARACTERS = 1000  # of them together

Facet = Literal["regions", "years", "kinds", "series"]
# A facet as an address names it.
_PARAMETERS: dict[Facet, str] = {"regions": "region", "years": "year", "kinds": "kind", "series": "series"}

Pieces = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class BrowseState:
    """A list that an address asks for: the articles of a selection, or those that a search for `query` finds there.

    `page` counts from 1.
    """

    selection: Selection
    query: str = ""
    field: Field = "text"
    mode: Mode = "exact"
    order: Literal["best", "new"] = "best"
    page: int = 1

    @classmethod
    def of(cls, parameters: QueryParams) -> "BrowseState":
        """Read the parameters of an address. One that makes no sense is taken as not given."""

        def values(facet: Facet) -> tuple[str, ...]:
            return tuple(dict.fromkeys(value for value in parameters.getlist(_PARAMETERS[facet]) if value.strip()))

        page = parameters.get("page", "1")
        return cls(
            Selection(**{facet: values(facet) for facet in _PARAMETERS}),
            query=parameters.get("q", "").strip()[:MAX_QUERY_LENGTH],
            field="title" if parameters.get("in") == "title" else "text",
            mode="fuzzy" if parameters.get("mode") == "fuzzy" else "exact",
            order="new" if parameters.get("order") == "new" else "best",
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) <= _MAX_DIGITS else 1,
        )

    @property
    def address(self) -> str:
        """Return the address, without parameters that have their usual values."""
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
        """Return all values that are chosen, each with its facet."""
        return [(facet, value) for facet in _PARAMETERS for value in getattr(self.selection, facet)]

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """Return the parameters that a new search keeps."""
        order = [("order", self.order)] if self.order != "best" else []
        return [(_PARAMETERS[facet], value) for facet, value in self.chosen] + order

    def toggled(self, facet: Facet, value: str, *, family: frozenset[str] = frozenset()) -> str:
        """Return the address where a value is chosen as well, or no longer.

        Args: family: the values that it replaces: the regions above and below a region.
        """
        values: tuple[str, ...] = getattr(self.selection, facet)
        remaining = tuple(other for other in values if other != value and other not in family)
        return self.narrowed(**{facet: remaining if value in values else (*remaining, value)})

    def narrowed(self, **facets: tuple[str, ...]) -> str:
        """Return the address where the values of some facets are these and no others."""
        return self.but(selection=replace(self.selection, **facets))

    def but(self, **changes: Any) -> str:
        """Return the address with some fields changed; of its first page, unless another is named."""
        return replace(self, **{"page": 1, **changes}).address

    @property
    def everywhere(self) -> str:
        """Return the address of the same without a selection."""
        return self.but(selection=Selection())


@dataclass(frozen=True, slots=True)
class ShownSnippet:
    """A snippet in pieces, with the address of its place in the article; whether text was cut before and after it."""

    address: str
    pieces: Pieces
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class Item:
    """An article in a list; `hits` is the number of places that an exact search found."""

    entry: Entry
    address: str
    region: str | None
    title: Pieces
    hits: int
    snippets: tuple[ShownSnippet, ...]


def routes() -> list[BaseRoute]:
    """Return the routes /browse, /search and /issue."""
    return [Route("/browse", browse), Route("/search", browse), Route("/issue/{key}", issue)]


def browse(request: Request) -> HTMLResponse:
    """Show a list of articles with facets: of the whole archive with its chart, or what a search finds."""
    state = BrowseState.of(request.query_params)
    if len(state.chosen) > _MAX_CHOSEN or sum(len(value) for _, value in state.chosen) > _MAX_CHOSEN_CHARACTERS:
        t = Texts(preferences(request).language)
        return render_page(request, "failed.html", status=400, error_message=t("too_many_chosen", most=_MAX_CHOSEN))
    browser, searcher = _browser(request)
    if request.url.path == "/browse":
        state = replace(state, query="")
    found = searcher.search(state.query, field=state.field, mode=state.mode) if state.query else SearchResult(())
    mask = None
    if state.query:
        mask = np.zeros(len(browser.entries), np.bool_)
        mask[[match.entry for match in found.matches]] = True
    passing = browser.chosen(state.selection, mask)
    matches = {match.entry: match for match in found.matches if passing[match.entry]}
    listed = list(matches) if state.query and state.order == "best" else np.flatnonzero(passing).tolist()
    pages = max(1, -(-len(listed) // _PAGE_SIZE))
    state = replace(state, page=min(state.page, pages))
    facets = browser.facets(state.selection, mask)
    t = Texts(preferences(request).language)
    response = render_page(
        request,
        "browse.html",
        state=state,
        items=[
            _item(browser.entries[index], matches.get(index), searcher, state)
            for index in listed[(state.page - 1) * _PAGE_SIZE : state.page * _PAGE_SIZE]
        ],
        total=len(listed),
        pages=pages,
        nearest=len(found.matches) if found.truncated else 0,
        facets=facets,
        all_open=sum(1 + len(_below(branch)) for branch in facets.regions) <= _MAX_OPEN,
        chart=None if state.query else browser.chart(state.selection),
        tint=_tint,
        remedies=_remedies(state, t),
        named=lambda facet, value: _named(facet, value, t),
        became=lambda name, former: _became(name, former, t),
    )
    # What a search folds, it folds once: the first one need not wait for it.
    response.background = BackgroundTask(searcher.prepare)
    return response


def issue(request: Request) -> HTMLResponse:
    """Show an issue or another document: what its masthead or head says, and its articles with their sections."""
    browser, _ = _browser(request)
    bulletin = browser.library.catalog.bulletin(request.path_params["key"])
    if bulletin is None:
        return not_found(request)
    before, after = browser.neighbours(bulletin)
    t = Texts(preferences(request).language)
    return render_page(
        request,
        "issue.html",
        bulletin=bulletin,
        facts=_facts(bulletin, t),
        articles=[(article, address(bulletin, number)) for number, article in enumerate(bulletin.articles, 1)],
        neighbours=[
            (name, f"/issue/{Catalog.key_of(other)}", document_name(other, t.language))
            for name, other in (("previous_issue", before), ("next_issue", after))
            if other
        ],
    )


def _facts(bulletin: Bulletin, t: Texts) -> list[tuple[str, object]]:
    """Return what is known of a document, each fact by the name of its text."""
    masthead = bulletin.masthead
    facts = (
        ("facet_kind", t(f"kind_{bulletin.kind}")),
        ("document_number", masthead.document_number),
        ("subtitle", masthead.subtitle),
        ("publisher", masthead.publisher),
        ("issue_date", masthead.issue_date),
        ("print_date", bulletin.print_date),
        ("attachments", t("semicolon").join(bulletin.attachments)),
        ("source_file", bulletin.source.document),
    )
    return [(name, value) for name, value in facts if value]


def _browser(request: Request) -> tuple[Browser, Searcher]:
    """Return the browser and the searcher of the library that is served, made once for it."""
    return library_state(request).served.derive("browser", _make_browser)


def _make_browser(served: ServedLibrary) -> tuple[Browser, Searcher]:
    browser = Browser(served.library)
    return browser, Searcher(browser)


def _remedies(state: BrowseState, t: Texts) -> list[tuple[str, str]]:
    """Return what to try where nothing is found: addresses and what they are called."""
    if not state.query:
        return [(state.toggled(facet, value), t("remove_chip") + _named(facet, value, t)) for facet, value in state.chosen]
    offered = (
        (state.mode == "exact", state.but(mode="fuzzy"), "try_fuzzy"),
        (state.field == "title", state.but(field="text"), "try_text"),
        (bool(state.chosen), state.everywhere, "try_everywhere"),
    )
    return [(address, t(name)) for applies, address, name in offered if applies]


def _tint(count: int, maximum: int) -> int:
    """Return the tint of a cell of the chart, 0 to 5, by its share of the largest count."""
    return math.ceil(count * _TINTS / maximum) if count else 0


def _item(entry: Entry, match: Match | None, searcher: Searcher, state: BrowseState) -> Item:
    bulletin, title = entry.bulletin, entry.article.title
    snippets = searcher.snippets(match, state.query, mode=state.mode) if match else ()
    return Item(
        entry,
        address(bulletin, entry.number),
        entry.article.region.label if entry.article.region else bulletin.masthead.publisher,
        _pieces(title, Span(0, len(title)), searcher.title_marks(match, state.query, mode=state.mode) if match else ()),
        len(match.places) if match and state.mode == "exact" else 0,
        tuple(
            ShownSnippet(
                address(bulletin, entry.number, snippet.hit),
                _pieces(bulletin.text, snippet.span, snippet.marks),
                cut_before=snippet.around.start < snippet.span.start,
                cut_after=snippet.span.end < snippet.around.end,
            )
            for snippet in snippets
        ),
    )


def _pieces(text: str, span: Span, marks: tuple[Span, ...]) -> Pieces:
    """Cut a stretch of a text where marks begin and end. Joined, the pieces are the stretch."""
    pieces: Pieces = []
    start = span.start
    for mark in marks:
        pieces += [(text[start : mark.start], False), (mark.of(text), True)]
        start = mark.end
    return [piece for piece in [*pieces, (text[start : span.end], False)] if piece[0]]


def _below(branch: Branch) -> list[Branch]:
    return [branch for child in branch.below for branch in (child, *_below(child))]


def _named(facet: Facet, value: str, t: Texts) -> str:
    """Return a value of a facet in words."""
    if facet == "kinds" and value in KINDS:
        return t(f"kind_{value}")
    if value == NONE and facet != "series":
        return t("no_year" if facet == "years" else "no_region")
    return value


def _became(name: str, former: Former | None, t: Texts) -> str:
    """Return the name of a branch; that of a former division with what became of it."""
    if former is None:
        return name
    kind = "gone" if not former.successors else "renamed" if former.renamed else "merged"
    return t(f"former_{kind}", name=name, year=former.year, successors=t("comma").join(former.successors))
