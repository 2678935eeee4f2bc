"""Adding bulletins: files are previewed before they are kept, misread fields corrected, documents disabled or removed."""

import itertools
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.document import Article, Bulletin
from corpus.library import edits
from corpus.library.edits import ADDED, Correction, UserEdits
from corpus.library.files import FileReport, State
from corpus.messages.errors import EditError, JingyanError
from corpus.messages.language import tr
from corpus.readers import SUFFIXES
from corpus.readers.archive import SUFFIX, read_documents
from corpus.readers.formats import SHOWN_SUFFIXES
from index.store.builder import Progress
from index.store.edits import Preview, add_files, apply_edits, preview_file
from index.store.library import Library, open_index
from qa.web.security.guard import MAX_FILE, is_read_only
from qa.web.security.tempdir import TEMP_DIR
from qa.web.templating import library_state, not_found, render_page

MAX_FILES = 500  # in one upload
_MAX_PENDING = 8  # uploads that wait to be reviewed; the oldest gives way
_FIELDS = ("series", "issue", "total_issue", "issue_date", "publisher")
# What can be done with a document of each state.
_ACTIONS: dict[State, tuple[str, ...]] = {
    "read": ("disable", "remove"),
    "warnings": ("disable", "remove"),
    "disabled": ("enable", "remove"),
    "removed": ("restore",),
    "refused": ("remove",),
    "skipped": ("remove",),
    "copy": ("remove",),
}


@dataclass
class PendingUpload:
    """An uploaded file that is not kept yet. `form_values` is what the form held when it could not be taken."""

    name: str
    path: Path
    previewing: threading.Lock = field(default_factory=threading.Lock)
    preview: Preview | None = None
    error: str | None = None
    form_values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of the library in the list, with its bulletin where it holds one, and what can be done with it."""

    report: FileReport
    bulletin: Bulletin | None
    is_added: bool
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CorrectionField:
    """A field of the masthead in the form: its value there, and whether it has been corrected."""

    name: str
    type: str
    value: str
    corrected: bool


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in the form: its title, how many headed sections and points it has, its region."""

    title: str
    sections: int
    points: int
    region: str


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """The form that corrects a bulletin. Names of its fields begin with `number`, which is that of the file in its upload."""

    number: int
    fields: tuple[CorrectionField, ...]
    articles: tuple[ArticleRow, ...]

    @classmethod
    def of(cls, bulletin: Bulletin, *, number: int = 0, form_values: Mapping[str, str] | None = None) -> "CorrectionForm":
        """Fill the form with a bulletin as it was read, and with what was entered over that."""
        entered = form_values or {}
        fields = (
            CorrectionField(
                name,
                type="date" if name == "issue_date" else "text",
                value=entered.get(name, value),
                corrected=name in bulletin.corrected,
            )
            for name, value in _masthead_fields(bulletin).items()
        )
        articles = (
            ArticleRow(
                article.title,
                sections=sum(bool(section.heading) for section in article.sections),
                points=sum(len(section.points) for section in article.sections),
                region=entered.get(f"region-{i}", region_of(article)),
            )
            for i, article in enumerate(bulletin.articles)
        )
        return cls(number, tuple(fields), tuple(articles))


_uploads: dict[str, tuple[PendingUpload, ...]] = {}


def routes() -> list[BaseRoute]:
    """Return the routes of /add and below it, and /work, which reports how far the job is."""
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
    """Show the files of the library, each with what became of it, and a form to upload more."""
    state = library_state(request)
    bulletins = {bulletin.source.document: bulletin for bulletin in state.library.bulletins}
    rows = [
        DocumentRow(report, bulletins.get(report.document), report.document.startswith(ADDED), _ACTIONS[report.state])
        for report in state.library.manifest.reports
    ]
    return render_page(
        request,
        "add.html",
        rows=sorted(rows, key=lambda row: (not row.is_added, row.report.document)),
        suffixes=sorted(SUFFIXES),
        shown_suffixes=SHOWN_SUFFIXES,
        is_samples=state.is_samples,
        folder="" if is_read_only(request) else state.library.folder,
        passed_over=state.library.manifest.passed_over,
        job=state.pop_finished_job(),
    )


async def upload(request: Request) -> Response:
    """Put uploaded files aside, to be reviewed. The sample library takes none: the page says how to make one of one's own."""
    if library_state(request).is_samples:
        return RedirectResponse("/add", status_code=303)
    async with request.form(max_files=MAX_FILES) as form:
        token = secrets.token_hex(8)
        folder = TEMP_DIR / "uploads" / token
        pending: list[PendingUpload] = []
        for part in form.getlist("files"):
            if isinstance(part, UploadFile) and part.filename:
                path = folder / str(len(pending))
                folder.mkdir(parents=True, exist_ok=True)
                file = PendingUpload(part.filename, path)
                if (part.size or 0) > MAX_FILE:
                    file.error = tr(f"文件太大：最多 {MAX_FILE >> 20} MB", f"too large a file: at most {MAX_FILE >> 20} MB")
                else:
                    await run_in_threadpool(_copy, part, path)
                pending += await run_in_threadpool(_unpack, file, folder, len(pending))
    if not pending:
        return RedirectResponse("/add", status_code=303)
    _uploads[token] = tuple(pending)
    for old in list(_uploads)[:-_MAX_PENDING]:
        _drop(old)
    return RedirectResponse(f"/add/review/{token}", status_code=303)


def review(request: Request) -> Response:
    """Show the files of one upload. How each is read is asked for file by file (`preview`): a scan takes its time."""
    pending = _uploads.get(request.path_params["token"])
    if pending is None:
        return RedirectResponse("/add", status_code=303)
    return render_page(request, "review.html", token=request.path_params["token"], files=pending, error_message=None)


def preview(request: Request) -> Response:
    """Show how one file of an upload is read: a piece of the page."""
    pending = _uploads.get(request.path_params["token"], ())
    number = request.path_params["number"]
    if not 0 <= number < len(pending):
        return not_found(request)
    file = pending[number]
    _preview(library_state(request).library, file)
    form = CorrectionForm.of(file.preview.bulletin, number=number, form_values=file.form_values) if file.preview else None
    return render_page(request, "preview.html", file=file, form=form)


async def accept(request: Request) -> Response:
    """Keep the files that were ticked, with their corrections."""
    token, state = request.path_params["token"], library_state(request)
    pending = _uploads.get(token)
    if pending is None:
        return RedirectResponse("/add", status_code=303)
    async with request.form() as form:
        ticked = [number for number in range(len(pending)) if f"keep-{number}" in form]
        for number in ticked:
            pending[number].form_values = _form_values(form, f"{number}-")
    try:
        corrections = await run_in_threadpool(_corrections, state.library, [pending[number] for number in ticked])
    except EditError as error:
        return render_page(request, "review.html", token=token, files=pending, error_message=str(error), status=400)

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        files = [(pending[number].name, pending[number].path.read_bytes()) for number in ticked]
        added = add_files(state.library.context, files, corrections=corrections, progress=progress)
        _drop(token)
        return added

    if ticked:
        state.renew(build)
    else:
        _drop(token)
    return RedirectResponse("/add", status_code=303)


def document(request: Request) -> Response:
    """Show one bulletin of the library, to correct what was misread."""
    library = library_state(request).library
    bulletin = library.catalog.bulletin(request.path_params["key"])
    if bulletin is None:
        return not_found(request)
    return render_page(request, "correct.html", bulletin=bulletin, form=CorrectionForm.of(bulletin), error_message=None)


async def correct(request: Request) -> Response:
    """Correct what was misread; what was not changed stays as the parser reads it."""
    state = library_state(request)
    opened = state.library
    bulletin = opened.catalog.bulletin(request.path_params["key"])
    if bulletin is None:
        return not_found(request)
    async with request.form() as form:
        form_values, undo = _form_values(form, "0-"), "undo" in form
    sha256 = bulletin.source.sha256
    before = opened.manifest.edits.corrections.get(sha256, Correction())
    correction = Correction() if undo else _merged(before, _correction(bulletin, form_values))
    try:
        edits.apply_correction(bulletin, correction, opened.retriever.catalog.gazetteer)
    except EditError as error:
        filled = CorrectionForm.of(bulletin, form_values=form_values)
        return render_page(request, "correct.html", bulletin=bulletin, form=filled, error_message=str(error), status=400)

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        return apply_edits(opened.context, lambda edits: edits.correct(sha256, correction), progress=progress), ()

    if correction != before:
        state.renew(build)
    return RedirectResponse("/add", status_code=303)


async def change(request: Request) -> Response:
    """Disable or enable a document, remove or restore it, or look for what has changed in the folder."""
    state = library_state(request)
    opened = state.library
    async with request.form() as form:
        name, action = str(form.get("document", "")), str(form.get("what", ""))
    changes: dict[str, Callable[[UserEdits], UserEdits]] = {
        "disable": lambda edits: edits.disable(name),
        "enable": lambda edits: edits.enable(name),
        "remove": lambda edits: edits.remove(name),
        "restore": lambda edits: edits.restore(name),
    }

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        if action == "rescan":
            return open_index(opened.context, progress=progress), ()
        return apply_edits(opened.context, changes[action], progress=progress), ()

    if action == "rescan" or (action in changes and any(report.document == name for report in opened.manifest.reports)):
        state.renew(build)
    return RedirectResponse("/add", status_code=303)


def work(request: Request) -> JSONResponse:
    """Report how far the job is, as JSON: running or not, its stage, how much is done and in all."""
    job = library_state(request).job
    if job is None:
        return JSONResponse({"running": False})
    return JSONResponse({"running": job.running, "stage": job.stage, "done": job.done, "total": job.total})


def _copy(part: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(part.file, file)


def _unpack(file: PendingUpload, folder: Path, number: int) -> list[PendingUpload]:
    """Return the documents of an archive in its place, each by its own name, or else the file itself.

    Args: number: that of the first path that may be written in the folder after the file's own.
    """
    if file.error is not None or PurePosixPath(file.name).suffix.lower() != SUFFIX:
        return [file]
    found: list[PendingUpload] = []
    try:
        for name, content in itertools.islice(read_documents(file.path, name=file.name), MAX_FILES):
            document = PendingUpload(PurePosixPath(name).name, folder / f"{number}-{len(found)}")
            if isinstance(content, bytes):
                document.path.write_bytes(content)
            else:
                document.error = str(content)
            found.append(document)
    except JingyanError:
        return [file]  # the preview tells why, or reads it: a document may be called an archive
    return found


def _drop(token: str) -> None:
    _uploads.pop(token, None)
    shutil.rmtree(TEMP_DIR / "uploads" / token, ignore_errors=True)


def _preview(library: Library, file: PendingUpload) -> None:
    """Read a file once; whoever asks while it is being read waits."""
    with file.previewing:
        if file.preview is None and file.error is None:
            try:
                file.preview = preview_file(library, file.name, file.path.read_bytes())
            except JingyanError as error:
                file.error = str(error)


def _corrections(library: Library, files: Sequence[PendingUpload]) -> dict[str, Correction]:
    """Return the corrections of files by their SHA-256. Raises: EditError: one of them cannot be made."""
    found = {}
    for file in files:
        _preview(library, file)
        if file.preview is not None and (correction := _correction(file.preview.bulletin, file.form_values)):
            edits.apply_correction(file.preview.bulletin, correction, library.catalog.gazetteer)
            found[file.preview.bulletin.source.sha256] = correction
    return found


def _masthead_fields(bulletin: Bulletin) -> dict[str, str]:
    """Return the fields of a masthead that can be corrected, as they are."""
    date = bulletin.masthead.issue_date.isoformat() if bulletin.masthead.issue_date else ""
    return {
        "series": bulletin.masthead.series,
        "issue": bulletin.masthead.issue or "",
        "total_issue": bulletin.masthead.total_issue or "",
        "issue_date": date,
        "publisher": bulletin.masthead.publisher or "",
    }


def _form_values(form: FormData, prefix: str) -> dict[str, str]:
    """Return the fields of a form under a prefix: `0-series`, and `0-region-2` for the region of the third article."""
    return {name[len(prefix) :]: str(value).strip() for name, value in form.items() if name.startswith(prefix)}


def _correction(bulletin: Bulletin, form_values: Mapping[str, str]) -> Correction:
    """Return what was entered otherwise than it was read. An emptied field corrects nothing."""
    read = _masthead_fields(bulletin)
    fields = {name: form_values[name] for name in _FIELDS if form_values.get(name) and form_values[name] != read[name]}
    regions = {
        i: (label,) if label else ()
        for i, article in enumerate(bulletin.articles)
        if (label := form_values.get(f"region-{i}")) is not None and label != region_of(article)
    }
    return Correction(**fields, regions=regions)


def _merged(before: Correction, now: Correction) -> Correction:
    fields = {name: getattr(now, name) or getattr(before, name) for name in _FIELDS}
    return Correction(**fields, regions={**before.regions, **now.regions})


def region_of(article: Article) -> str:
    """Return the label of the region that an article is about; "" for none."""
    return article.region.label if article.region else ""
