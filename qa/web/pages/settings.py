"""Settings: those of the browser, kept in cookies, and the folder of bulletins, kept in the user's data."""

import contextlib
import dataclasses
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.library.files import SAMPLES, FileReport
from index.store import library as storage
from index.store.builder import Progress
from index.store.disk import make_private_dir
from index.store.library import Library
from index.store.paths import LibraryPaths, settings_file
from qa.export import output
from qa.web.catalogue import Texts
from qa.web.preferences import LANGUAGES, SIZES, STRICTNESS, THEMES, preferences
from qa.web.security.guard import is_read_only
from qa.web.templating import library_state, render_page

_OFFERED: dict[str, tuple[str, ...]] = {"language": LANGUAGES, "theme": THEMES, "size": SIZES, "strictness": STRICTNESS}
_MAX_LIBRARIES = 50  # that are remembered
_OWN = "own"  # folder in the data folder of the library that is made for who has none
_YEAR = 365 * 24 * 3600


class _Settings(msgspec.Struct, frozen=True):
    """The folder to open, None for the samples, and all that were opened, the last one first."""

    library: str | None = None
    libraries: tuple[str, ...] = ()


def routes() -> list[BaseRoute]:
    """Return the routes of /settings and of what it changes."""
    return [
        Route("/settings", settings, methods=["GET"]),
        Route("/settings", choose, methods=["POST"]),
        Route("/settings/library", choose_library, methods=["POST"]),
    ]


def chosen_library(data: Path) -> Path | None:
    """Return the folder of bulletins chosen on the page; None if none was, or the record of it cannot be read."""
    chosen = _read(data).library
    return Path(chosen) if chosen else None


def known_libraries(data: Path) -> tuple[Path, ...]:
    """Return the folders that were opened before, the last one first."""
    settings = _read(data)
    return tuple(map(Path, dict.fromkeys([*settings.libraries, *([settings.library] if settings.library else [])])))


def remember_libraries(data: Path, folders: Sequence[Path]) -> None:
    """Put folders at the head of those that were opened before. Raises: OutputError: the record cannot be written."""
    settings = _read(data)
    libraries = tuple(dict.fromkeys([*map(str, folders), *map(str, known_libraries(data))]))
    if libraries != settings.libraries:
        _write(data, msgspec.structs.replace(settings, libraries=libraries[:_MAX_LIBRARIES]))


def _read(data: Path) -> _Settings:
    try:
        return msgspec.json.decode(settings_file(data).read_bytes(), type=_Settings)
    except (OSError, msgspec.MsgspecError):
        return _Settings()


def _write(data: Path, settings: _Settings) -> None:
    """Replace the record; one that cannot be understood is kept beside it, under another name."""
    make_private_dir(data)
    file = settings_file(data)
    with contextlib.suppress(FileNotFoundError):
        try:
            msgspec.json.decode(file.read_bytes(), type=_Settings)
        except msgspec.MsgspecError:
            file.replace(file.with_name(f"settings-damaged-{secrets.token_hex(4)}.json"))
    output.write_output(settings_file(data), msgspec.json.encode(settings))


def settings(request: Request) -> Response:
    """Show what can be chosen, and what is."""
    state, t = library_state(request), Texts(preferences(request).language)
    library = state.library
    return render_page(
        request,
        "settings.html",
        offered=_OFFERED,
        job=None if is_read_only(request) else state.pop_finished_job(),
        folder=library.folder,
        is_samples=state.is_samples,
        libraries=[folder for folder in known_libraries(library.data) if folder != library.folder],
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
        what = str(form.get("what", "open"))
    if what == "forget":
        left = tuple(str(folder) for folder in known_libraries(data) if str(folder) != named)
        _write(data, _Settings(None if _read(data).library == named else _read(data).library, left))
        return RedirectResponse("/settings", status_code=303)
    if what == "make":
        named = str(data / _OWN)
        make_private_dir(Path(named))

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        folder = Path(named).expanduser() if named else SAMPLES
        context = dataclasses.replace(state.library.context, paths=LibraryPaths(folder, data))
        library = storage.open_index(context, may_be_empty=True, progress=progress)
        if named:
            remember_libraries(data, [library.folder])
        _write(data, msgspec.structs.replace(_read(data), library=str(library.folder) if named else None))
        return library, ()

    state.renew(build)
    return RedirectResponse("/add" if what == "make" else "/settings", status_code=303)
