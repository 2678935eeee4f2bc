"""What the background has done since a page was opened: GET /news, as JSON, which news.js asks for now and then."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from qa.web.catalogue import Texts
from qa.web.preferences import preferences
from qa.web.security.guard import is_read_only
from qa.web.state import News
from qa.web.templating import library_state


def routes() -> list[BaseRoute]:
    """Return the route of /news."""
    return [Route("/news", news, methods=["GET"])]


def news(request: Request) -> JSONResponse:
    """Tell the number of the last renewal and, in a line, what it brought; whether the library cannot be renewed, and why."""
    state = library_state(request)
    last, error = state.news, state.renewal_error
    t = Texts(preferences(request).language)
    # Why a renewal failed names folders and files of the owner's.
    failing = error is not None and not is_read_only(request)
    text = t("renewal_failed", error_message=str(error)) if failing else news_line(last, t)
    return JSONResponse({"number": last.number, "text": text, "failing": failing})


def news_line(last: News, t: Texts) -> str:
    """Put news into a line; "" where there are none."""
    parts = [t(f"news_{kind}", count=count) for kind, count in last.changes._asdict().items() if count]
    return t("renewed", changes=t("comma").join(parts)) if parts else ""
