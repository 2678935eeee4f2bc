"""Regions side by side on a topic: a page whose address says what is compared."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.messages.errors import JingyanError
from corpus.regions.gazetteer import Region
from index.store.library import Library
from qa.answering import pipeline
from qa.answering.answer import Answer, Refused
from qa.web.answer_html import answer_html
from qa.web.catalogue import texts
from qa.web.pages.chat import region_choices
from qa.web.pages.downloads import download
from qa.web.preferences import preferences
from qa.web.templating import library_state, render_page


def routes() -> list[BaseRoute]:
    """/compare, and what it shows as Word and Excel."""
    return [
        Route("/compare", compare),
        Route("/compare.docx", export),
        Route("/compare.xlsx", export),
    ]


def compare(request: Request) -> HTMLResponse:
    """The form, and the table for the ?region=&region=&topic= that it was sent with."""
    try:
        return _page(request, *_asked(request))
    except JingyanError as error:
        return _page(request, None, str(error))


def export(request: Request) -> Response:
    """The comparison as a file; the page where there is none."""
    try:
        answer, told = _asked(request)
        if answer is None or isinstance(answer, Refused):
            return _page(request, answer, told)
        return download(request, answer, name=texts(preferences(request).language)("nav_compare"))
    except JingyanError as error:
        return _page(request, None, str(error))


def _asked(request: Request) -> tuple[Answer | None, str]:
    """The comparison that an address asks for; None where it asks for none, and what is wrong with it, if anything is.

    Raises: QuestionError: the topic is too long.
    """
    library, chosen = library_state(request).library, preferences(request)
    t = texts(chosen.language)
    regions, unknown = _regions(request, library)
    topic = _topic(request)
    if unknown:
        return None, t("compare_unknown", names="、".join(unknown))
    if not regions and not topic:
        return None, ""
    if not topic:
        return None, t("compare_no_topic")
    if not pipeline.MIN_REGIONS <= len(regions) <= pipeline.MAX_REGIONS:
        return None, t("compare_how_many", least=pipeline.MIN_REGIONS, most=pipeline.MAX_REGIONS)
    return pipeline.compare(library, topic, regions, strictness=chosen.strictness), ""


def _page(request: Request, answer: Answer | None, told: str) -> HTMLResponse:
    library = library_state(request).library
    return render_page(
        request,
        "compare.html",
        choices=[(label, _named(region)) for label, region in region_choices(library).items()],
        chosen=[_named(region) for region in _regions(request, library)[0]],
        places=pipeline.MAX_REGIONS,
        needed=pipeline.MIN_REGIONS,
        topic=_topic(request),
        told=told,
        answer=answer,
        # What was understood is what the form says.
        shown=answer_html(replace(answer, question=replace(answer.question, interpretation=None, chips=()))) if answer else "",
    )


def _topic(request: Request) -> str:
    return request.query_params.get("topic", "").strip()


def _regions(request: Request, library: Library) -> tuple[tuple[Region, ...], tuple[str, ...]]:
    """The regions of the address, each once, and those among them that the library does not have. A label or name will do."""
    known: dict[str, Region] = {}
    for region in region_choices(library).values():
        for name in (_named(region), region.label, region.name):
            known.setdefault(name, region)
    asked = [name.strip() for name in request.query_params.getlist("region") if name.strip()]
    found = dict.fromkeys(known[name] for name in asked if name in known)
    return tuple(found), tuple(name for name in asked if name not in known)


def _named(region: Region) -> str:
    return region.province + (region.city or "") + (region.county or "")
