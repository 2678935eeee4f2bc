"""Of which library a form is: one that was shown before another folder was opened changes nothing in that."""

from markupsafe import Markup
from starlette.requests import Request

from index.store.library import Library

_FIELD = "of"


def library_field(library: Library) -> Markup:
    """Return the hidden field of a form that changes what belongs to a library."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(_FIELD, library_mark(library))


def library_mark(library: Library) -> str:
    """Return what names a library on a page: the name of its own folder, a hash of the path of its files."""
    return library.root.name


async def is_of_another(request: Request, library: Library) -> bool:
    """Return whether the form that was sent is of another library. One that says of none is of any."""
    form = await request.form()  # as it was read before, with whatever limits
    return form.get(_FIELD) not in (None, library_mark(library))
