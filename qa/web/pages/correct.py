"""Setting right what was misread: the text of a document beside a form; all corrections as one file, out and in."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from corpus.library import files
from corpus.library.edits import Correction
from corpus.library.files import FileReport, ParsedFile
from corpus.messages.errors import EditError, JingyanError
from corpus.messages.language import tr
from index.store.builder import Progress
from index.store.corrections_file import ImportReport, export_corrections, import_corrections, parse_corrections
from index.store.edits import apply_edits
from index.store.library import Library
from qa.web.catalogue import Texts
from qa.web.meant import is_of_another
from qa.web.pages.correction_form import CorrectionForm, read_correction, read_form, text_lines
from qa.web.pages.upload import PendingUpload, find_pending
from qa.web.preferences import preferences
from qa.web.templating import library_state, not_found, render_jobs, render_page

_MAX_REPORTS = 8  # of imports, kept to be shown
_EXPORT_NAME = "jingyan-corrections.json"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A document to be set right: its file, the correction that it is shown with, where the form goes, and what it says besides.

    `kept` is the correction that is kept of it: another than `correction` where that no longer applies, or is not saved yet;
    `seen` names the one that was kept when the form was first shown, None before it is.
    """

    file: ParsedFile
    correction: Correction
    action: str
    name: str
    number: int = 0
    form_values: Mapping[str, str] = field(default_factory=dict)
    seen: str | None = None
    error_message: str | None = None
    unsaved: bool = False
    kept: Correction = field(default_factory=Correction)

    @property
    def name_of_kept(self) -> str:
        """Return what tells the correction that is kept from any other."""
        plain = msgspec.to_builtins(self.kept, str_keys=True)
        return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).hexdigest()


_reports: dict[str, list[ImportReport]] = {}


def routes() -> list[BaseRoute]:
    """Return the routes of the sheets and of the file of corrections."""
    return [
        Route("/add/document/{key}", document, methods=["GET"]),
        Route("/add/document/{key}", correct_document, methods=["POST"]),
        Route("/add/review/{token}/{number:int}/text", upload_sheet, methods=["GET"]),
        Route("/add/review/{token}/{number:int}/text", correct_upload, methods=["POST"]),
        Route("/corrections.json", export, methods=["GET"]),
        Route("/add/corrections", import_file, methods=["POST"]),
        Route("/add/corrections/{token}", imported, methods=["GET"]),
    ]


def document(request: Request) -> Response:
    """Show a document of the library, to set right what was misread."""
    try:
        sheet = _of_library(request, library_state(request).library)
    except JingyanError as error:
        return _failed(request, error)
    return not_found(request) if sheet is None else _render(request, sheet)


async def correct_document(request: Request) -> Response:
    """Correct what was misread, or show what that would come to; what was not changed stays as the parser reads it."""
    state = library_state(request)
    opened = state.library
    if await is_of_another(request, opened):
        return _refused(request, "of_another_folder")
    try:
        sheet = await run_in_threadpool(_of_library, request, opened)
    except JingyanError as error:
        return _failed(request, error)
    if sheet is None:
        return not_found(request)
    sha256 = sheet.file.parsed.source.sha256
    corrected = await _read(request, sheet)
    if corrected.error_message is not None or corrected.unsaved:
        return await run_in_threadpool(_render, request, corrected)

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        return apply_edits(opened.context, lambda edits: edits.correct(sha256, corrected.correction), progress=progress), ()

    if corrected.seen not in (None, sheet.name_of_kept):
        changed = replace(corrected, error_message=_texts(request)("corrected_meanwhile"), unsaved=True, seen=None)
        return await run_in_threadpool(_render, request, changed, status=409)
    if corrected.correction != sheet.kept and not state.renew(build, of=opened):
        busy = replace(corrected, error_message=_texts(request)("busy"), unsaved=True)
        return await run_in_threadpool(_render, request, busy, status=409)
    return RedirectResponse("/add", status_code=303)


def upload_sheet(request: Request) -> Response:
    """Show a file of an upload, to set right what was misread before it is kept."""
    pending = _pending(request)
    sheet = _of_upload(request, pending) if pending is not None else None
    return not_found(request) if sheet is None else _render(request, sheet)


async def correct_upload(request: Request) -> Response:
    """Correct a file of an upload, or show what that would come to. The correction is kept when the file is."""
    pending = await run_in_threadpool(_pending, request)
    sheet = _of_upload(request, pending) if pending is not None else None
    if pending is None or sheet is None or pending.preview is None:
        return not_found(request)
    corrected = await _read(request, sheet)
    if corrected.error_message is not None or corrected.unsaved:
        return await run_in_threadpool(_render, request, corrected)
    pending.correction = corrected.correction
    pending.preview = replace(pending.preview, file=corrected.file)
    pending.form_values = {}
    return RedirectResponse(f"/add/review/{request.path_params['token']}", status_code=303)


def export(request: Request) -> Response:
    """Return all corrections of the library as one file."""
    try:
        content = export_corrections(library_state(request).library.paths)
    except JingyanError as error:
        return _failed(request, error)
    headers = {"Content-Disposition": f'attachment; filename="{_EXPORT_NAME}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


async def import_file(request: Request) -> Response:
    """Take in the corrections of a file that was exported elsewhere."""
    state = library_state(request)
    opened = state.library
    async with request.form(max_files=1) as form:
        if await is_of_another(request, opened):
            return _refused(request, "of_another_folder")
        part = form.get("corrections")
        if not isinstance(part, UploadFile) or not part.filename:
            return render_page(request, "failed.html", status=400, error_message=_texts(request)("nothing_sent"))
        name, content = part.filename, await part.read()
    try:
        await run_in_threadpool(parse_corrections, content, name)
    except EditError as error:
        return _failed(request, error)
    token = secrets.token_hex(8)
    _reports[token] = reports = []
    for old in list(_reports)[:-_MAX_REPORTS]:
        del _reports[old]

    def build(progress: Progress) -> tuple[Library, tuple[FileReport, ...]]:
        library, report = import_corrections(opened.context, content, name, progress=progress)
        reports.append(report)
        return library, ()

    if not state.renew(build, of=opened):
        return _refused(request, "busy")
    return RedirectResponse(f"/add/corrections/{token}", status_code=303)


def imported(request: Request) -> Response:
    """Show how far an import is, and what became of it."""
    reports = _reports.get(request.path_params["token"])
    if reports is None:
        return RedirectResponse("/add", status_code=303)
    messages = [message for report in reports for message in report.messages]
    return render_jobs(request, "imported.html", messages=messages)


def _of_library(request: Request, library: Library) -> _Sheet | None:
    """Return the document that the address names, with its correction. Raises: JingyanError: its file cannot be read."""
    bulletin = library.catalog.bulletin(request.path_params["key"])
    if bulletin is None:
        return None
    source = bulletin.source
    file = library.read(source.document)
    if file.parsed.source.sha256 != source.sha256:
        raise EditError(
            tr(
                f"{source.document}：文件已改动，请先重新扫描文件夹",
                f"{source.document}: the file has changed; look for changes in the folder first",
            )
        )
    kept = library.manifest.edits.corrections.get(source.sha256, Correction())
    correction = Correction() if file.uncorrected else kept
    return _Sheet(file, correction, request.url.path, source.document, kept=kept)


def _of_upload(request: Request, pending: PendingUpload) -> _Sheet | None:
    if pending.preview is None:
        return None
    number = request.path_params["number"]
    values = pending.form_values
    file, kept = pending.preview.file, pending.correction
    return _Sheet(file, kept, request.url.path, pending.name, number=number, form_values=values, kept=kept)


def _pending(request: Request) -> PendingUpload | None:
    return find_pending(library_state(request).library, request.path_params["token"], request.path_params["number"])


async def _read(request: Request, sheet: _Sheet) -> _Sheet:
    """Return the sheet with the correction that was sent, or with what was entered and why that cannot be."""
    async with request.form() as form:
        values, asked, seen = read_form(form, sheet.number), set(form), str(form.get("seen", "")) or None
    gazetteer = library_state(request).library.catalog.gazetteer

    def read() -> _Sheet:
        try:
            if "undo" in asked:
                correction, file = Correction(), files.correct(sheet.file, None, gazetteer)
            else:
                correction, file = read_correction(sheet.file, values, gazetteer, before=sheet.correction)
        except EditError as error:
            return replace(sheet, form_values=values, seen=seen, error_message=str(error))
        return replace(sheet, file=file, correction=correction, form_values={}, seen=seen, unsaved="look" in asked)

    return await run_in_threadpool(read)


def _render(request: Request, sheet: _Sheet, *, status: int | None = None) -> Response:
    gazetteer = library_state(request).library.catalog.gazetteer
    lines, count = text_lines(sheet.file, sheet.correction)
    form = CorrectionForm.of(sheet.file, sheet.correction, gazetteer, number=sheet.number, form_values=sheet.form_values or None)
    status = status or (400 if sheet.error_message and not sheet.unsaved else 200)
    return render_page(request, "correct.html", status=status, sheet=sheet, form=form, lines=lines, count=count)


def _failed(request: Request, error: JingyanError) -> Response:
    return render_page(request, "failed.html", status=400, error_message=str(error))


def _refused(request: Request, why: str) -> Response:
    return render_page(request, "failed.html", status=409, error_message=_texts(request)(why))


def _texts(request: Request) -> Texts:
    return Texts(preferences(request).language)
