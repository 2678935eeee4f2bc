"""Adding documents: files are previewed before they are kept, disabled or removed."""

import hashlib
import itertools
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.document import Bulletin
from corpus.library.edits import ADDED, Correction, UserEdits
from corpus.library.files import FileReport, State
from corpus.messages.errors import EditError, JingyanError
from corpus.messages.language import tr
from corpus.readers import SUFFIXES
from corpus.readers.archive import SUFFIX, read_documents
from corpus.readers.formats import SHOWN_SUFFIXES
from index.store.builder import Progress
from index.store.cleaning import data_notices
from index.store.edits import Preview, add_files, apply_edits, preview_file
from index.store.library import Library, open_index
from qa.web.catalogue import Texts
from qa.web.meant import is_of_another, library_mark
from qa.web.pages.correction_form import CorrectionForm, read_correction, read_form
from qa.web.preferences import preferences
from qa.web.security.guard import MAX_FILE, is_read_only
from qa.web.security.tempdir import TEMP_DIR
from qa.web.templating import library_state, not_found, render_jobs, render_page

MAX_FILES = 500  # in one upload
_MAX_FIELDS = 50_000  # of the form that reviews them: a document has eight, and two for each of its articles
_MAX_NAME = 200  # characters of a file's name that are shown again
_MAX_PENDING = 8  # uploads that wait to be reviewed; the oldest gives way
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
    """An uploaded file that is not kept yet.

    `correction` is the one that its preview was read with, `form_values` what was entered over that, and `keep` whether its
    box is ticked: None where a copy is not, and any other file is.
    """

    name: str
    path: Path
    previewing: threading.Lock = field(default_factory=threading.Lock)
    preview: Preview | None = None
    error: str | None = None
    correction: Correction = field(default_factory=Correction)
    form_values: Mapping[str, str] = field(default_factory=dict)
    keep: bool | None = None

    @property
    def is_ticked(self) -> bool:
        """Return whether it is kept, as things stand."""
        return self.keep if self.keep is not None else self.preview is not None and self.preview.copy_of is None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of the library in the list, with its bulletin where it holds one, and what can be done with it."""

    report: FileReport
    bulletin: Bulletin | None
    is_added: bool
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Upload:
    """Files that were sent together, and the mark of the library that they are meant for."""

    files: tuple[PendingUpload, ...]
    of: str


_uploads: dict[str, _Upload] = {}
_being_kept: set[str] = set()  # of them, those whose files a job reads


def routes() -> list[BaseRoute]:
    """Return the routes of /add and below it, and /work, which reports how far the job is."""
    return [
        Route("/add", archive, methods=["GET"]),
        Route("/add", upload, methods=["POST"]),
        Route("/add/review/{token}", review, methods=["GET"]),
        Route("/add/review/{token}", accept, methods=["POST"]),
        Route("/add/review/{token}/{number:int}", preview, methods=["GET"]),
        Route("/add/change", change, methods=["POST"]),
        Route("/work", work, methods=["GET"]),
    ]


def archive(request: Request) -> Response:
    """Show the files of the library, each with what became of it, and a form to upload more."""
    return _archive(request)


def _archive(request: Request, error_message: str | None = None, *, status: int = 200) -> Response:
    state = library_state(request)
    bulletins = {bulletin.source.document: bulletin for bulletin in state.library.bulletins}
    rows = [
        DocumentRow(report, bulletins.get(report.document), report.document.startswith(ADDED), _ACTIONS[report.state])
        for report in state.library.manifest.reports
    ]
    return (render_jobs if error_message is None else render_page)(  # job.js would send the form again
        request,
        "add.html",
        rows=sorted(rows, key=lambda row: (not row.is_added, row.report.document)),
        suffixes=sorted(SUFFIXES),
        shown_suffixes=SHOWN_SUFFIXES,
        is_samples=state.is_samples,
        folder=state.library.folder,
        passed_over=state.library.manifest.passed_over,
        notices=() if is_read_only(request) else data_notices(state.library.paths),
        renewal_error=state.renewal_error,
        error_message=error_message,
        status=status,
    )


async def upload(request: Request) -> Response:
    """Put uploaded files aside, to be reviewed. The sample library takes none: the page says how to make one of one's own."""
    state, t = library_state(request), Texts(preferences(request).language)
    opened = state.library
    if state.is_samples:
        return await run_in_threadpool(_archive, request, t("own_library"), status=409)
    async with request.form(max_files=MAX_FILES) as form:
        if await is_of_another(request, opened):
            return await run_in_threadpool(_archive, request, t("of_another_folder"), status=409)
        token = secrets.token_hex(8)
        folder = TEMP_DIR / "uploads" / token
        pending: list[PendingUpload] = []
        for part in form.getlist("files"):
            if isinstance(part, UploadFile) and part.filename:
                path = folder / str(len(pending))
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                file = PendingUpload(part.filename, path)
                if (part.size or 0) > MAX_FILE:
                    file.error = tr(f"文件太大：最多 {MAX_FILE >> 20} MB", f"too large a file: at most {MAX_FILE >> 20} MB")
                else:
                    await run_in_threadpool(_copy, part, path)
                pending += await run_in_threadpool(_unpack, file, folder, len(pending))
    if not pending:
        return await run_in_threadpool(_archive, request, t("nothing_sent"), status=400)
    _uploads[token] = _Upload(tuple(pending), library_mark(opened))
    for old in [waiting for waiting in _uploads if waiting not in _being_kept][:-_MAX_PENDING]:
        _drop(old)
    return RedirectResponse(f"/add/review/{token}", status_code=303)


def review(request: Request) -> Response:
    """Show the files of one upload. How each is read is asked for file by file (`preview`): a scan takes its time."""
    token, t = request.path_params["token"], Texts(preferences(request).language)
    sent = _uploads.get(token)
    if sent is None:
        return _archive(request, t("upload_gone"), status=404)
    if sent.of != library_mark(library_state(request).library):
        return _archive(request, t("of_another_folder"), status=409)
    return render_page(request, "review.html", token=token, files=sent.files, error_message=None)


def preview(request: Request) -> Response:
    """Show how one file of an upload is read: a piece of the page."""
    number, library = request.path_params["number"], library_state(request).library
    file = find_pending(library, request.path_params["token"], number)
    if file is None:
        return not_found(request)
    form = None
    if file.preview is not None:
        gazetteer, entered = library.catalog.gazetteer, file.form_values
        form = CorrectionForm.of(file.preview.file, file.correction, gazetteer, number=number, form_values=entered)
    return render_page(request, "preview.html", file=file, form=form)


def find_pending(library: Library, token: str, number: int) -> PendingUpload | None:
    """Return a file of an upload to a library, read as it would be read there; None where there is none."""
    sent = _uploads.get(token)
    if sent is None or sent.of != library_mark(library) or not 0 <= number < len(sent.files):
        return None
    _preview(library, sent.files[number])
    return sent.files[number]


async def accept(request: Request) -> Response:
    """Keep the files that were ticked, with their corrections; or go on to the text of one of them, with all that was entered."""
    token, state = request.path_params["token"], library_state(request)
    opened, t = state.library, Texts(preferences(request).language)
    sent = _uploads.get(token)
    if sent is None:
        return await run_in_threadpool(_archive, request, t("upload_gone"), status=409)
    if sent.of != library_mark(opened):
        return await run_in_threadpool(_archive, request, t("of_another_folder"), status=409)
    pending = sent.files
    async with request.form(max_fields=_MAX_FIELDS) as form:
        ticked = [number for number in range(len(pending)) if f"keep-{number}" in form]
        for number, file in enumerate(pending):
            values = read_form(form, number)
            if values or number in ticked:  # what had not been read yet when the page was sent stays as it is
                file.form_values, file.keep = values, number in ticked
        text = str(form.get("text", ""))
    if text.isdecimal() and len(text) <= len(str(MAX_FILES)):
        return RedirectResponse(f"/add/review/{token}/{int(text)}/text", status_code=303)
    try:
        corrections = await run_in_threadpool(_corrections, opened, [pending[number] for number in ticked])
    except EditError as error:
        return render_page(request, "review.html", token=token, files=pending, error_message=str(error), status=400)
    if token not in _uploads:
        return await run_in_threadpool(_archive, request, t("upload_gone"), status=409)

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        try:
            files = [(pending[number].name, pending[number].path.read_bytes()) for number in ticked]
            added = add_files(opened.context, files, corrections=corrections, progress=progress)
            _drop(token)
        finally:
            _being_kept.discard(token)
        return added

    if token in _being_kept:
        return render_page(request, "review.html", token=token, files=pending, error_message=t("busy"), status=409)
    if not ticked:
        _drop(token)
        return RedirectResponse("/add", status_code=303)
    _being_kept.add(token)
    if not state.renew(build, of=opened):
        _being_kept.discard(token)
        return render_page(request, "review.html", token=token, files=pending, error_message=t("busy"), status=409)
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
        is_folder = opened.path(name).is_dir()  # it has become empty, and its documents are gone indeed
        return apply_edits(opened.context, changes[action], may_be_empty=is_folder, progress=progress), ()

    t = Texts(preferences(request).language)
    if await is_of_another(request, opened):
        return await run_in_threadpool(_archive, request, t("of_another_folder"), status=409)
    if action != "rescan" and action not in changes:
        return await run_in_threadpool(_archive, request, t("no_such_action"), status=400)
    if action != "rescan" and all(report.document != name for report in opened.manifest.reports):
        return await run_in_threadpool(_archive, request, t("no_such_document", document=name[:_MAX_NAME]), status=404)
    if not state.renew(build, of=opened):
        return await run_in_threadpool(_archive, request, t("busy"), status=409)
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
        for name, content in itertools.islice(read_documents(file.path, name=file.name), MAX_FILES + 1):
            if len(found) == MAX_FILES:
                most = MAX_FILES
                file.error = tr(f"压缩包里的文件多于 {most} 个：请分成几个", f"holds more than {most} documents: split it")
                return [file]
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
                content = file.path.read_bytes()
                # One may wait for it: it was imported before the file came, or the file was removed.
                waiting = library.manifest.edits.corrections.get(hashlib.sha256(content).hexdigest())
                try:
                    file.preview = preview_file(library, file.name, content, correction=waiting)
                    file.correction = waiting or Correction()
                except EditError as error:  # it does not apply any more
                    plain = preview_file(library, file.name, content)
                    file.preview = replace(plain, file=replace(plain.file, uncorrected=(error.message,)))
            except JingyanError as error:
                file.error = str(error)


def _corrections(library: Library, files: Sequence[PendingUpload]) -> dict[str, Correction]:
    """Return the corrections of files by their SHA-256. Raises: EditError: one of them cannot be made."""
    found = {}
    for file in files:
        _preview(library, file)
        if file.preview is None:
            continue
        read, gazetteer = file.preview.file, library.catalog.gazetteer
        correction, _ = read_correction(read, file.form_values, gazetteer, before=file.correction)
        sha256 = read.parsed.source.sha256
        if correction or sha256 in library.manifest.edits.corrections:  # an empty one takes back the one that waits
            found[sha256] = correction
    return found
