"""Adding bulletins: files are looked at before they are kept, what was misread is set right, what is there is switched off."""

import secrets
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.document import Article, Bulletin
from corpus.library import edits
from corpus.library.edits import ADDED, Correction, UserEdits
from corpus.library.files import FileReport
from corpus.messages.errors import EditError, JingyanError
from corpus.messages.language import tr
from corpus.readers import SUFFIXES
from index.store import library as storage
from index.store.builder import Progress
from index.store.library import Library, Preview
from qa.web.security.guard import MAX_FILE
from qa.web.security.tempdir import TEMP_DIR
from qa.web.state import find_bulletin
from qa.web.templating import library_state, not_found, render_page

MOST_FILES = 500  # in one upload
_WAITING = 8  # uploads that wait to be looked at; the oldest gives way
_FIELDS = ("series", "issue", "total_issue", "issue_date", "publisher")


@dataclass
class PendingUpload:
    """A file that was handed in and is not kept yet."""

    name: str
    path: Path
    previewed: threading.Lock = field(default_factory=threading.Lock)
    preview: Preview | None = None
    error: str | None = None
    form_values: Mapping[str, str] = field(default_factory=dict)  # what was put into the form, where it could not be taken


_uploads: dict[str, tuple[PendingUpload, ...]] = {}


def routes() -> list[BaseRoute]:
    """/add and what lies below it, and /work, which tells how far the work is."""
    return [
        Route("/add", archive, methods=["GET"]),
        Route("/add", upload, methods=["POST"]),
        Route("/add/review/{token}", review, methods=["GET"]),
        Route("/add/review/{token}", accept, methods=["POST"]),
        Route("/add/review/{token}/{number:int}", preview, methods=["GET"]),
        Route("/add/document/{key}", document, methods=["GET"]),
        Route("/add/document/{key}", correct, methods=["POST"]),
        Route("/add/change", change, methods=["POST"]),
        Route("/work", work, methods=["GET"]),
    ]


def archive(request: Request) -> Response:
    """The files of the archive, each with what became of it, and a box to hand in more."""
    library = library_state(request).library
    bulletins = {bulletin.source.document: bulletin for bulletin in library.bulletins}
    return render_page(
        request,
        "add.html",
        reports=sorted(library.manifest.reports, key=lambda report: (not report.document.startswith(ADDED), report.document)),
        bulletins=bulletins,
        suffixes=sorted(SUFFIXES),
        added=ADDED,
        work=library_state(request).pop_finished_job(),
    )


async def upload(request: Request) -> Response:
    """Put the files that were handed in aside, to be looked at."""
    async with request.form(max_files=MOST_FILES) as form:
        token = secrets.token_hex(8)
        folder = TEMP_DIR / "uploads" / token
        waiting: list[PendingUpload] = []
        for part in form.getlist("files"):
            if isinstance(part, UploadFile) and part.filename:
                path = folder / str(len(waiting))
                folder.mkdir(parents=True, exist_ok=True)
                file = PendingUpload(part.filename, path)
                if (part.size or 0) > MAX_FILE:
                    file.error = tr(f"文件太大：最多 {MAX_FILE >> 20} MB", f"too large a file: at most {MAX_FILE >> 20} MB")
                else:
                    await run_in_threadpool(_copy, part, path)
                waiting.append(file)
    if not waiting:
        return RedirectResponse("/add", status_code=303)
    _uploads[token] = tuple(waiting)
    for old in list(_uploads)[:-_WAITING]:
        _drop(old)
    return RedirectResponse(f"/add/review/{token}", status_code=303)


def review(request: Request) -> Response:
    """The files of one upload. How each is read is asked for file by file (`look`): a scan takes its time."""
    waiting = _uploads.get(request.path_params["token"])
    if waiting is None:
        return RedirectResponse("/add", status_code=303)
    return render_page(request, "review.html", token=request.path_params["token"], files=waiting, error=None)


def preview(request: Request) -> Response:
    """How one file of an upload is read: a piece of the page."""
    waiting = _uploads.get(request.path_params["token"], ())
    number = request.path_params["number"]
    if not 0 <= number < len(waiting):
        return not_found(request)
    file = waiting[number]
    _preview(library_state(request).library, file)
    bulletin = file.preview.bulletin if file.preview else None
    return render_page(
        request, "looked.html", file=file, number=number, bulletin=bulletin, fields=_shown(bulletin), said=file.said
    )


async def accept(request: Request) -> Response:
    """Keep the files that were ticked, with what was set right."""
    token, shelf = request.path_params["token"], library_state(request)
    waiting = _uploads.get(token)
    if waiting is None:
        return RedirectResponse("/add", status_code=303)
    async with request.form() as form:
        ticked = [number for number in range(len(waiting)) if f"keep-{number}" in form]
        for number in ticked:
            waiting[number].form_values = _form_values(form, f"{number}-")
    try:
        corrections = await run_in_threadpool(_corrections, shelf.library, [waiting[number] for number in ticked])
    except EditError as error:
        return render_page(request, "review.html", token=token, files=waiting, error=str(error), status=400)

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        opened = shelf.library
        kept = storage.add(
            opened.folder,
            [(waiting[number].name, waiting[number].path.read_bytes()) for number in ticked],
            data=opened.data,
            encoder=shelf.encoder,
            corrections=corrections,
            progress=progress,
        )
        _drop(token)
        return kept

    if ticked:
        shelf.renew(build)
    else:
        _drop(token)
    return RedirectResponse("/add", status_code=303)


def document(request: Request) -> Response:
    """One bulletin of the archive, to set right what was misread."""
    library = library_state(request).library
    bulletin = find_bulletin(library, request.path_params["key"])
    if bulletin is None:
        return not_found(request)
    return render_page(request, "correct.html", bulletin=bulletin, fields=_shown(bulletin), number=0, said={}, error=None)


async def correct(request: Request) -> Response:
    """Set right what was misread; what was not changed stays as the parser reads it."""
    shelf = library_state(request)
    opened = shelf.library
    bulletin = find_bulletin(opened, request.path_params["key"])
    if bulletin is None:
        return not_found(request)
    async with request.form() as form:
        said, back = _form_values(form, "0-"), "undo" in form
    sha256 = bulletin.source.sha256
    before = opened.manifest.curation.corrections.get(sha256, Correction())
    correction = Correction() if back else _merged(before, _correction(bulletin, said))
    try:
        edits.apply_correction(bulletin, correction, opened.retriever.catalog.gazetteer)
    except EditError as error:
        shown = {"fields": _shown(bulletin), "number": 0, "said": said, "error": str(error)}
        return render_page(request, "correct.html", bulletin=bulletin, **shown, status=400)

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        made = storage.apply_edits(
            opened.folder,
            lambda before: before.correct(sha256, correction),
            data=opened.data,
            encoder=shelf.encoder,
            progress=progress,
        )
        return made, ()

    if correction != before:
        shelf.renew(build)
    return RedirectResponse("/add", status_code=303)


async def change(request: Request) -> Response:
    """Switch a document off or on, remove or restore it, or look for what has changed in the folder."""
    shelf = library_state(request)
    opened = shelf.library
    async with request.form() as form:
        name, what = str(form.get("document", "")), str(form.get("what", ""))
    changes: dict[str, Callable[[UserEdits], UserEdits]] = {
        "disable": lambda curation: curation.disable(name),
        "enable": lambda curation: curation.enable(name),
        "remove": lambda curation: curation.remove(name),
        "restore": lambda curation: curation.restore(name),
    }

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        place: dict[str, Any] = {"data": opened.data, "encoder": shelf.encoder, "progress": progress}
        if what == "rescan":
            return storage.open_library(opened.folder, **place), ()
        return storage.apply_edits(opened.folder, changes[what], **place), ()

    if what == "rescan" or (what in changes and any(report.document == name for report in opened.manifest.reports)):
        shelf.renew(build)
    return RedirectResponse("/add", status_code=303)


def work(request: Request) -> JSONResponse:
    """How far the work is: stage, done, total; running or not; the error."""
    doing = library_state(request).work
    if doing is None:
        return JSONResponse({"running": False})
    return JSONResponse({"running": doing.running, "stage": doing.stage, "done": doing.done, "total": doing.total})


def _copy(part: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(part.file, file)


def _drop(token: str) -> None:
    _uploads.pop(token, None)
    shutil.rmtree(TEMP_DIR / "uploads" / token, ignore_errors=True)


def _preview(library: Library, file: PendingUpload) -> None:
    """Read a file once, whoever asks first."""
    with file.previewed:
        if file.preview is None and file.error is None:
            try:
                file.preview = storage.preview(library, file.name, file.path.read_bytes())
            except JingyanError as error:
                file.error = str(error)


def _corrections(library: Library, files: Sequence[PendingUpload]) -> dict[str, Correction]:
    """What was set right in each file, by its SHA-256. Raises: EditError: it cannot be."""
    found = {}
    for file in files:
        _preview(library, file)
        if file.preview is not None and (correction := _correction(file.preview.bulletin, file.form_values)):
            edits.apply_correction(file.preview.bulletin, correction, library.retriever.catalog.gazetteer)
            found[file.preview.bulletin.source.sha256] = correction
    return found


def _shown(bulletin: Bulletin | None) -> dict[str, str]:
    """The fields of a masthead that can be set right, as they are."""
    if bulletin is None:
        return {}
    date = bulletin.masthead.issue_date.isoformat() if bulletin.masthead.issue_date else ""
    return {
        "series": bulletin.masthead.series,
        "issue": bulletin.masthead.issue or "",
        "total_issue": bulletin.masthead.total_issue or "",
        "issue_date": date,
        "publisher": bulletin.masthead.publisher or "",
    }


def _form_values(form: FormData, prefix: str) -> dict[str, str]:
    """The fields of a form under a prefix: `0-series`, and `0-region-2` for the region of the third article."""
    return {name[len(prefix) :]: str(value).strip() for name, value in form.items() if name.startswith(prefix)}


def _correction(bulletin: Bulletin, said: Mapping[str, str]) -> Correction:
    """What was said otherwise than it was read. An emptied field says nothing."""
    shown = _shown(bulletin)
    fields = {name: said[name] for name in _FIELDS if said.get(name) and said[name] != shown[name]}
    regions = {
        at: (label,) if label else ()
        for at, article in enumerate(bulletin.articles)
        if (label := said.get(f"region-{at}")) is not None and label != region_of(article)
    }
    return Correction(**fields, regions=regions)


def _merged(before: Correction, now: Correction) -> Correction:
    fields = {name: getattr(now, name) or getattr(before, name) for name in _FIELDS}
    return Correction(**fields, regions={**before.regions, **now.regions})


def region_of(article: Article) -> str:
    """The label of what an article is about; "" for no region."""
    return article.region.label if article.region else ""
