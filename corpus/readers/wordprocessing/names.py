"""The names of elements and attributes in the notation of lxml, and the values that are common to them."""

from typing import Any

_NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
}
# What the reader understands beside these, so that of two forms of a thing it takes the new one: shapes and groups of 2010, and
# the extensions that Word itself has written since.
_UNDERSTOOD = {
    *_NAMESPACES.values(),
    *(
        f"http://schemas.microsoft.com/office/word/{tail}"
        for tail in (
            "2010/wordml",
            "2010/wordprocessingShape",
            "2010/wordprocessingGroup",
            "2010/wordprocessingCanvas",
            "2010/wordprocessingDrawing",
            "2012/wordml",
            "2012/wordprocessingDrawing",
            "2015/wordml/symex",
            "2016/wordml/cid",
            "2018/wordml",
            "2018/wordml/cex",
        )
    ),
    "http://schemas.microsoft.com/office/drawing/2010/main",
}
_OFF = {"0", "false", "off", "none"}


def name(qualified: str) -> str:
    """Return the name of `w:p` as lxml writes it: {http://…}p."""
    prefix, _, local = qualified.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def w(local: str) -> str:
    """Return the name of an element or attribute of WordprocessingML."""
    return name(f"w:{local}")


_VALUE, _ALTERNATIVES, _CHOICE, _FALLBACK = w("val"), name("mc:AlternateContent"), name("mc:Choice"), name("mc:Fallback")


def value_of(parent: Any, local: str) -> str | None:
    """Return the value (w:val) of a child element; None if parent, child or value is missing."""
    found = parent.find(w(local)) if parent is not None else None
    value = found.get(_VALUE) if found is not None else None
    return None if value is None else str(value)


def is_on(element: Any) -> bool:
    """Return whether a switch is there and not turned off; see ECMA-376 part 1, 22.9.2.7."""
    return element is not None and element.get(_VALUE, "1") not in _OFF


def as_number(value: str | None, default: int) -> int:
    """Return an attribute's value as a number; the default where it is none."""
    try:
        return default if value is None else int(value)
    except ValueError:
        return default


def is_alternatives(element: Any) -> bool:
    """Return whether an element offers several forms of a thing, of which `choose` takes one."""
    return bool(element.tag == _ALTERNATIVES)


def choose(alternatives: Any) -> Any:
    """Return the form of a thing that we understand: the first choice whose namespaces are known, or else the fallback.

    (ECMA-376 part 3, 9.3.) None if there is neither.
    """
    for choice in alternatives.findall(_CHOICE):
        prefixes = choice.get("Requires", "").split()
        if prefixes and all(choice.nsmap.get(prefix) in _UNDERSTOOD for prefix in prefixes):
            return choice
    return alternatives.find(_FALLBACK)
