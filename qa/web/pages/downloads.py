"""An answer or the saved list as a file to keep."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from qa.answering.answer import Answer
from qa.export import Format, Report, Style, render

# What follows the dot in an address, the format it names, and its media type.
FORMATS: dict[str, tuple[Format, str]] = {
    "docx": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "md": ("markdown", "text/markdown; charset=utf-8"),
}


def download(request: Request, shown: Answer | Report, *, name: str) -> Response:
    """Return a file in the format that the address ends in, its sources in the ?style= asked for.

    Raises: OutputError: the format cannot hold it.
    """
    suffix = request.url.path.rsplit(".", 1)[-1]
    file_format, media_type = FORMATS[suffix]
    style: Style = "note" if request.query_params.get("style") == "note" else "gbt7714"
    # Names in Chinese after RFC 6266: the plain one is for programs that do not know it.
    named = f"attachment; filename=\"jingyan.{suffix}\"; filename*=UTF-8''{quote(f'{name}.{suffix}')}"
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return Response(render(shown, file_format, style=style), media_type=media_type, headers=headers)
