"""Settings: those of the browser, kept in cookies, and the folder of bulletins, kept in the user's data."""

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.library.files import SAMPLES, FileReport
from corpus.messages.language import tr
from index.store import library as storage
from index.store.builder import Progress
from index.store.disk import make_private_dir, set_aside
from index.store.library import Library
from index.store.paths import LibraryPaths, settings_file
from qa.export import output
from qa.web.catalogue import Texts
from qa.web.preferences import LANGUAGES, SIZES, STRICTNESS, THEMES, preferences
from qa.web.security.guard import is_read_only
from qa.web.templating import library_state, render_jobs, render_page

_OFFERED: dict[str, tuple[str, ...]] = {"language": LANGUAGES, "theme": THEMES, "size": SIZES, "strictness": STRICTNESS}
_MAX_FOLDER = 4096  # characters of a path; no system opens longer ones
_MAX_LIBRARIES = 50  # that are remembered
_OWN = "own"  # folder in the data folder of the library that is made for who has none
_YEAR = 365 * 24 * 3600


_changing = threading.Lock()


class _Settings(msgspec.Struct, frozen=True):
    """The folder to open, None for the samples, and all that were opened, the last one first."""

    library: str | None = None
    libraries: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Return all folders that were opened, each once."""
        return tuple(dict.fromkeys([*self.libraries, *([self.library] if self.library else [])]))

    def without(self, folder: str) -> "_Settings":
        """Return the settings after a folder is forgotten."""
        return _Settings(None if self.library == folder else self.library, tuple(name for name in self.known if name != folder))


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
    return tuple(map(Path, _read(data).known))


def remember_libraries(data: Path, folders: Sequence[Path]) -> None:
    """Put folders at the head of those that were opened before. Raises: OutputError: the record cannot be written."""

    def remember(settings: _Settings) -> _Settings:
        libraries = tuple(dict.fromkeys([*map(str, folders), *settings.known]))
        return msgspec.structs.replace(settings, libraries=libraries[:_MAX_LIBRARIES])

    _change(data, remember)


def _read(data: Path) -> _Settings:
    try:
        return msgspec.json.decode(settings_file(data).read_bytes(), type=_Settings)
    except (OSError, msgspec.MsgspecError):
        return _Settings()


def _change(data: Path, edit: Callable[[_Settings], _Settings]) -> None:
    """Change the record, one change at a time; one that cannot be understood is kept beside it, under another name.

    Raises: OutputError: it cannot be written.
    """
    file = settings_file(data)
    with _changing:
        before = _read(data)
        after = edit(before)
        if after == before:
            return
        make_private_dir(data)
        with contextlib.suppress(FileNotFoundError):
            try:
                msgspec.json.decode(file.read_bytes(), type=_Settings)
            except msgspec.MsgspecError:
                set_aside(file)
        output.write_output(file, msgspec.json.encode(after))


def settings(request: Request) -> Response:
    """Show what can be chosen, and what is."""
    return _settings(request)


def _settings(request: Request, error_message: str | None = None, *, status: int = 200) -> Response:
    state, t = library_state(request), Texts(preferences(request).language)
    library = state.library
    # job.js would send the form again; who reads only is told nothing of the work
    without_jobs = error_message is not None or is_read_only(request)
    return (render_page if without_jobs else render_jobs)(
        request,
        "settings.html",
        offered=_OFFERED,
        error_message=error_message,
        status=status,
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
    if len(named) > _MAX_FOLDER:
        return await run_in_threadpool(_settings, request, tr("路径太长", "the path is too long"), status=400)
    if what == "forget":
        await run_in_threadpool(_change, data, lambda settings: settings.without(named))
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
        _change(data, lambda settings: msgspec.structs.replace(settings, library=str(library.folder) if named else None))
        return library, ()

    if not state.renew(build):
        return await run_in_threadpool(_settings, request, Texts(preferences(request).language)("busy"), status=409)
    return RedirectResponse("/add" if what == "make" else "/settings", status_code=303)
