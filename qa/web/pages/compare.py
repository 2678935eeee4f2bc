"""Regions side by side on a topic: a page whose address says what is compared."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.document import Region
from corpus.messages.errors import JingyanError
from index.store.library import Library
from qa.answering import pipeline
from qa.answering.answer import Answer, Refused
from qa.web.answer_html import show_answer
from qa.web.catalogue import Texts
from qa.web.pages.downloads import download
from qa.web.preferences import preferences
from qa.web.state import region_choices, region_counts
from qa.web.templating import library_state, render_page
from qa.web.turns import page_in_turn


def routes() -> list[BaseRoute]:
    """Return the routes of /compare, and of what it shows as Word and Excel."""
    return [
        Route("/compare", page_in_turn(compare)),
        Route("/compare.docx", page_in_turn(export)),
        Route("/compare.xlsx", page_in_turn(export)),
    ]


def compare(request: Request) -> HTMLResponse:
    """Show the form, and the table for the ?region=&region=&topic= that it was sent with."""
    try:
        return _page(request, *_asked(request))
    except JingyanError as error:
        return _page(request, None, str(error))


def export(request: Request) -> Response:
    """Return the comparison as a file; the page where there is none."""
    try:
        answer, error_message = _asked(request)
        if answer is None or isinstance(answer, Refused):
            return _page(request, answer, error_message)
        return download(request, answer, name=Texts(preferences(request).language)("nav_compare"))
    except JingyanError as error:
        return _page(request, None, str(error))


def _asked(request: Request) -> tuple[Answer | None, str]:
    """Return the comparison that an address asks for, if any, and what is wrong with the address, if anything is.

    Raises: QuestionError: the topic is too long.
    """
    library, chosen = library_state(request).library, preferences(request)
    t = Texts(chosen.language)
    regions, unknown = _regions(request, library)
    topic = _topic(request)
    if unknown:
        return None, t("compare_unknown", names=t("comma").join(unknown))
    if not regions and not topic:
        return None, ""
    if not topic:
        return None, t("compare_no_topic")
    if not pipeline.MIN_REGIONS <= len(regions) <= pipeline.MAX_REGIONS:
        return None, t("compare_how_many", least=pipeline.MIN_REGIONS, most=pipeline.MAX_REGIONS)
    return pipeline.compare(library, topic, regions, strictness=chosen.strictness), ""


def _page(request: Request, answer: Answer | None, error_message: str) -> HTMLResponse:
    library = library_state(request).library
    return render_page(
        request,
        "compare.html",
        choices=region_choices(library, Texts(preferences(request).language)),
        chosen=[region.path for region in _regions(request, library)[0]],
        min_regions=pipeline.MIN_REGIONS,
        max_regions=pipeline.MAX_REGIONS,
        topic=_topic(request),
        error_message=error_message,
        # What was understood is what the form says.
        shown=show_answer(answer, with_question=False) if answer else None,
    )


def _topic(request: Request) -> str:
    return request.query_params.get("topic", "").strip()


def _regions(request: Request, library: Library) -> tuple[tuple[Region, ...], tuple[str, ...]]:
    """Return the regions of the address, each once, and the names that the library has no region for.

    A region is found by its path, its label or its name.
    """
    known: dict[str, Region] = {}
    for region in region_counts(library):
        for name in (region.path, region.label, region.name):
            known.setdefault(name, region)
    asked = [name.strip() for name in request.query_params.getlist("region") if name.strip()]
    found = dict.fromkeys(known[name] for name in asked if name in known)
    return tuple(found), tuple(name for name in asked if name not in known)
