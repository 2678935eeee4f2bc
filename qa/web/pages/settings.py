"""Settings: those of the browser, kept in cookies, and the folder of bulletins, kept in the user's data."""

from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.library.files import SAMPLES, FileReport
from index.store import library as storage
from index.store.builder import Progress
from index.store.library import Library
from index.store.paths import settings_file
from qa.export import output
from qa.web.catalogue import Texts
from qa.web.preferences import LANGUAGES, SIZES, STRICTNESS, THEMES, preferences
from qa.web.templating import library_state, render_page

_OFFERED: dict[str, tuple[str, ...]] = {"language": LANGUAGES, "theme": THEMES, "size": SIZES, "strictness": STRICTNESS}
_YEAR = 365 * 24 * 3600


class _Settings(msgspec.Struct, frozen=True):
    library: str | None = None


def routes() -> list[BaseRoute]:
    """Return the routes of /settings and of what it changes."""
    return [
        Route("/settings", settings, methods=["GET"]),
        Route("/settings", choose, methods=["POST"]),
        Route("/settings/library", choose_library, methods=["POST"]),
    ]


def chosen_library(data: Path) -> Path | None:
    """Return the folder of bulletins chosen on the page; None if none was, or the record of it cannot be read."""
    try:
        chosen = msgspec.json.decode(settings_file(data).read_bytes(), type=_Settings).library
    except (OSError, msgspec.MsgspecError):
        return None
    return Path(chosen) if chosen else None


def settings(request: Request) -> Response:
    """Show what can be chosen, and what is."""
    state, t = library_state(request), Texts(preferences(request).language)
    library = state.library
    return render_page(
        request,
        "settings.html",
        offered=_OFFERED,
        job=state.pop_finished_job(),
        folder=library.folder,
        is_samples=state.is_samples,
        root=state.root,
        counts=t("library_counts", bulletins=len(library.bulletins), articles=len(library.catalog.articles)),
    )


async def choose(request: Request) -> Response:
    """Keep what this browser has chosen."""
    async with request.form() as form:
        chosen = {name: str(form[name]) for name, offered in _OFFERED.items() if form.get(name) in offered}
    answer = RedirectResponse("/settings", status_code=303)
    for name, value in chosen.items():
        answer.set_cookie(name, value, max_age=_YEAR, samesite="strict")  # read by theme.js, so not httponly
    return answer


async def choose_library(request: Request) -> Response:
    """Open another folder of bulletins, and remember it once it is open."""
    state = library_state(request)
    data = state.library.data
    async with request.form() as form:
        named = str(form.get("folder", "")).strip().strip('"')  # Windows copies a path in quotes

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        folder = Path(named).expanduser() if named else SAMPLES
        library = storage.open_library(folder, data=data, encoder=state.library.context.encoder, progress=progress)
        output.write_output(settings_file(data), msgspec.json.encode(_Settings(str(library.folder) if named else None)))
        return library, ()

    state.renew(build)
    return RedirectResponse("/settings", status_code=303)
