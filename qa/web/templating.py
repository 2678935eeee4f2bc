"""Pages made of Jinja templates, in the reader's language."""

import re
import traceback
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.environment import TemplateModule
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from corpus.document import Bulletin
from corpus.issue_name import document_name, issue_name
from corpus.library.edits import ADDED
from corpus.messages.language import tr
from index.catalog import Catalog
from qa.export import LINE_END
from qa.web.catalogue import Texts
from qa.web.meant import library_field
from qa.web.preferences import preferences
from qa.web.root_path import below_root
from qa.web.security.visitor import visitor_of
from qa.web.state import LibraryState

# The pages that every page leads to, by the names of their texts; and pages that belong to one of them.
NAVIGATION = {
    "ask": "/",
    "browse": "/browse",
    "compare": "/compare",
    "saved": "/saved",
    "add": "/add",
    "settings": "/settings",
}
_BROWSED = ("search", "issue", "article")
_TOLD = "told"  # the cookie that says when the last job ended of which a browser was told
_TIME = re.compile("[0-9]{1,16}")
_TOLD_SECONDS = 30 * 24 * 3600
_INDENTED = re.compile("\n *")


@cache
def _templates() -> Environment:
    # Everything is escaped: what a bulletin, a file's name or a question holds is text.
    environment = Environment(
        loader=PackageLoader("qa.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"file_name": _file_name, "br": _br, "plain": _plain, "exact": _exact, "tight": _tight}
    environment.globals |= {"key": Catalog.key_of, "document_name": document_name, "issue_label": issue_label}
    return environment


def _file_name(document: str) -> str:
    """Return the name of a document; that of an added file without the mark that it was added."""
    return document.removeprefix(ADDED)


def _br(text: str) -> Markup:
    """Escape a text, its line ends as <br>, blank lines left out."""
    first, *others = LINE_END.split(text)
    return Markup("<br>").join([first, *(line for line in others if line.strip())])


def _plain(text: str) -> Markup:
    """Escape a text that is copied, its line ends as references to one."""
    return Markup("&#10;").join(LINE_END.split(text))


def _exact(text: str) -> Markup:
    """Escape the value of an attribute to the letter: each line end as a reference to itself."""
    return Markup(LINE_END.sub(lambda end: "".join(f"&#{ord(character)};" for character in end[0]), str(escape(text))))


def _tight(html: Markup) -> Markup:
    """Join the lines of a template."""
    return Markup(_INDENTED.sub("", html))


def issue_label(bulletin: Bulletin, t: Texts) -> str:
    """Return the name of a bulletin's issue; its date where it has no number."""
    masthead = bulletin.masthead
    name = issue_name(masthead.issue, masthead.total_issue, t.language, year=masthead.year)
    return name or (masthead.issue_date.isoformat() if masthead.issue_date else t("no_number"))


def render_page(request: Request, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
    """Render a page.

    Args: shown: what its template names besides `t`, `preferences`, `navigation`, `current`, `read_only`, `may_save`
            and `of_library`.
    """
    chosen, visitor = preferences(request), visitor_of(request)
    content = (
        _templates()
        .get_template(template)
        .render(
            t=Texts(chosen.language),
            preferences=chosen,
            navigation=NAVIGATION,
            current=_current(request.url.path),
            read_only=not visitor.may_change,
            may_save=visitor.may_save,
            of_library=library_field(library_state(request).library),
            **shown,
        )
    )
    # Pages differ by who has signed in: no cache keeps one for another.
    return HTMLResponse(below_root(content), status_code=status, headers={"Cache-Control": "private, no-cache"})


def render_jobs(request: Request, template: str, *, status: int = 200, **shown: Any) -> HTMLResponse:
    """Render a page that tells of the job under way and of those that have ended, each to every browser."""
    told = request.cookies.get(_TOLD, "")
    jobs = library_state(request).jobs_since(int(told) if _TIME.fullmatch(told) else 0)
    page = render_page(request, template, status=status, jobs=jobs, **shown)
    if ended := [job.ended for job in jobs if not job.running]:
        page.set_cookie(_TOLD, str(max(ended)), max_age=_TOLD_SECONDS, samesite="strict", httponly=True)
    return page


def render_macro(template: str, macro: str, *values: Any) -> str:
    """Return the HTML of a macro: a piece of a page."""
    module = _macros(template)
    return below_root(str(getattr(module, macro)(*values)))


@cache
def _macros(template: str) -> TemplateModule:
    return _templates().get_template(template).module


def _current(path: str) -> str | None:
    """Return the name of the page in the navigation that an address belongs to."""
    if path.split("/")[1] in _BROWSED:
        return "browse"
    return next((name for name, address in NAVIGATION.items() if address == path), None)


def render_head() -> bytes:
    """Render the links to our sheets and scripts, to put into the head of a page that is not made here."""
    return below_root(_templates().get_template("head.html").render()).encode()


def library_state(request: Request) -> LibraryState:
    """Return the library that the application serves."""
    state: LibraryState = request.app.state.library_state
    return state


def not_found(request: Request) -> HTMLResponse:
    """Return the page for an address that names nothing in the library."""
    return render_page(request, "missing.html", status=404, error_message="")


def moved_page(request: Request, error: Exception) -> HTMLResponse:
    """Return the page for an address whose text stands elsewhere, which says so."""
    return render_page(request, "missing.html", status=409, error_message=str(error))


def error_page(request: Request, error: Exception) -> HTMLResponse:
    """Return the page for an error that is meant for people: it says what is wrong."""
    return render_page(request, "failed.html", status=503, error_message=str(error))


def disk_page(request: Request, error: Exception) -> HTMLResponse:
    """Return the page for a file that cannot be read or written: a disk that is full, read only or away."""
    traceback.print_exception(error)
    cause = getattr(error, "strerror", None) or type(error).__name__
    return render_page(
        request, "failed.html", status=503, error_message=tr(f"磁盘读写失败：{cause}", f"the disk failed: {cause}")
    )


def failure_page(request: Request, error: Exception) -> HTMLResponse:
    """Return the page for an error of the program. The error itself is printed on the terminal."""
    return render_page(request, "failed.html", status=500, error_message=Texts(preferences(request).language)("failed_why"))
