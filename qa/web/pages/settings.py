"""Settings: those of the browser in cookies, the folder of bulletins in the user's data."""

from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.library.files import SAMPLES, FileReport
from index.store import library as storage
from index.store.builder import Progress
from index.store.library import Library
from qa.export import output
from qa.web.preferences import LANGUAGES, SIZES, STRICTNESS, THEMES
from qa.web.templating import library_state, render_page

_OFFERED: dict[str, tuple[str, ...]] = {"language": LANGUAGES, "theme": THEMES, "size": SIZES, "strictness": STRICTNESS}
_YEAR = 365 * 24 * 3600


class _Settings(msgspec.Struct, frozen=True):
    library: str | None = None


def routes() -> list[BaseRoute]:
    """/settings and what it changes."""
    return [
        Route("/settings", settings, methods=["GET"]),
        Route("/settings", choose, methods=["POST"]),
        Route("/settings/library", choose_library, methods=["POST"]),
    ]


def chosen_library(data: Path) -> Path | None:
    """The folder of bulletins that was chosen on the page; None where none was, or the record of it cannot be read."""
    try:
        chosen = msgspec.json.decode((data / "settings.json").read_bytes(), type=_Settings).library
    except (OSError, msgspec.MsgspecError):
        return None
    return Path(chosen) if chosen else None


def settings(request: Request) -> Response:
    """What can be chosen, and what is."""
    return render_page(request, "settings.html", offered=_OFFERED, work=library_state(request).pop_finished_job())


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
    shelf = library_state(request)
    data = shelf.library.data
    async with request.form() as form:
        named = str(form.get("folder", "")).strip().strip('"')  # Windows copies a path in quotes

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        folder = Path(named).expanduser() if named else SAMPLES
        library = storage.open_library(folder, data=data, encoder=shelf.encoder, progress=progress)
        output.write_output(data / "settings.json", msgspec.json.encode(_Settings(str(library.folder) if named else None)))
        return library, ()

    shelf.renew(build)
    return RedirectResponse("/settings", status_code=303)
