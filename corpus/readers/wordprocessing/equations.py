"""Write equations (Office Math) on one line: 结业率=4180/5200, x^2, √(a+b), ∑_(i=1)^n. See ECMA-376 part 1, 22.1."""

import re
from collections.abc import Callable
from typing import Any

from corpus.readers.wordprocessing.names import name, w

_SIMPLE = re.compile(r"[\w.%°′″\u4e00-\u9fff]*|[^\w\s]|\([^()]*\)")  # what needs no brackets of ours
_SUM = "∫"  # the operator of an element that names none
_LEFT_OUT = {name("m:ctrlPr"), w("rPr"), w("del"), w("moveFrom")}


def linearize(element: Any) -> str:
    """Return an equation, or a part of one, as text on one line."""
    if not isinstance(element.tag, str) or element.tag in _LEFT_OUT:
        return ""
    if element.tag in _TEXT:
        return element.text or ""
    write = _FORMS.get(element.tag)
    return write(element) if write is not None else "".join(map(linearize, element))


def _part(element: Any, local: str) -> str:
    found = element.find(name(f"m:{local}"))
    return linearize(found) if found is not None else ""


def _property(element: Any, local: str, default: str) -> str:
    """Return a property of an element: the sign of a bracket or an operator, which may be none at all."""
    properties = element.find(f"{element.tag}Pr")
    found = properties.find(name(f"m:{local}")) if properties is not None else None
    return default if found is None else str(found.get(name("m:val"), ""))


def _operand(element: Any, local: str) -> str:
    """Return a part, in brackets where it would be read otherwise without them."""
    text = _part(element, local)
    return text if _SIMPLE.fullmatch(text) else f"({text})"


def _script(element: Any, sign: str, local: str) -> str:
    text = _operand(element, local)
    return f"{sign}{text}" if text else ""


def _radical(element: Any) -> str:
    degree = _part(element, "deg")
    return f"{degree}√{_operand(element, 'e')}"


def _operator(element: Any) -> str:
    return _property(element, "chr", _SUM) + _script(element, "_", "sub") + _script(element, "^", "sup") + _part(element, "e")


def _brackets(element: Any) -> str:
    separator = _property(element, "sepChr", "|")
    inner = separator.join(linearize(part) for part in element.findall(name("m:e")))
    return f"{_property(element, 'begChr', '(')}{inner}{_property(element, 'endChr', ')')}"


def _rows(element: Any) -> str:
    return "; ".join(linearize(row) for row in element if row.tag in (name("m:e"), name("m:mr")))


def _row(element: Any) -> str:
    return ", ".join(map(linearize, element.findall(name("m:e"))))


_TEXT = {name("m:t"), w("t")}
_FORMS: dict[str, Callable[[Any], str]] = {
    name(f"m:{local}"): form
    for local, form in {
        "f": lambda element: f"{_operand(element, 'num')}/{_operand(element, 'den')}",
        "sSup": lambda element: _operand(element, "e") + _script(element, "^", "sup"),
        "sSub": lambda element: _operand(element, "e") + _script(element, "_", "sub"),
        "sSubSup": lambda element: _operand(element, "e") + _script(element, "_", "sub") + _script(element, "^", "sup"),
        "sPre": lambda element: _script(element, "_", "sub") + _script(element, "^", "sup") + _operand(element, "e"),
        "limLow": lambda element: _part(element, "e") + _script(element, "_", "lim"),
        "limUpp": lambda element: _part(element, "e") + _script(element, "^", "lim"),
        "rad": _radical,
        "nary": _operator,
        "d": _brackets,
        "func": lambda element: f"{_part(element, 'fName')} {_part(element, 'e')}",
        "m": _rows,
        "mr": _row,
        "eqArr": _rows,
    }.items()
}
