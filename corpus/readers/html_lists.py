"""The numbers of ordered lists of HTML (section 4.4.5): start, value, reversed, type."""

from typing import Any

from corpus.text.numerals import format_chinese

_MAX_NUMBER = 9_999  # beyond it a number is written in digits, whatever the list's type
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
    (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
# What a style sheet calls the kinds of numbers (CSS Counter Styles 3), and the letter of the attribute `type`.
_STYLES = {
    "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A", "lower-roman": "i", "upper-roman": "I",
    "cjk-ideographic": "一", "simp-chinese-informal": "一", "trad-chinese-informal": "一", "cjk-decimal": "一", "none": "",
    "disc": "", "circle": "", "square": "",
}  # fmt: skip


class Numbering:
    """The numbers of the items of a page's lists, in the order in which the items are met."""

    def __init__(self) -> None:
        self._next: dict[Any, int] = {}

    def mark_of(self, item: Any) -> str:
        """Return how an item begins: `- ` or a number, `2. `, `B. `, `二、`; "" where the list shows none."""
        parent = item.getparent()
        kind = _style(item) or (_style(parent) if parent is not None else None)
        if parent is None or parent.tag != "ol":
            return "" if kind == "none" else "- "
        backward = parent.get("reversed") is not None
        first = len(parent.findall("li")) if backward and parent not in self._next else 1
        number = _integer(item.get("value"), self._next.get(parent, _integer(parent.get("start"), first)))
        self._next[parent] = number - 1 if backward else number + 1
        letter = _STYLES.get(kind, "1") if kind else item.get("type") or parent.get("type") or "1"
        if letter == "一":
            return f"{format_chinese(number)}、" if number > 0 else f"{number}. "
        return f"{_written(number, letter)}{item.get('data-delimiter', '.')} " if letter else ""


def _style(element: Any) -> str | None:
    """Return the kind of mark that an element's own style sets."""
    for declaration in (element.get("style") or "").lower().split(";"):
        name, _, value = declaration.partition(":")
        if name.strip() in ("list-style-type", "list-style"):
            return next((word for word in value.split() if word in _STYLES), None)
    return None


def _written(number: int, letter: str) -> str:
    if not 0 < number <= _MAX_NUMBER or letter not in "aAiI":
        return str(number)
    text = ""
    if letter in "aA":
        while number:
            number, rest = divmod(number - 1, 26)
            text = chr(ord("a") + rest) + text
    else:
        for value, digits in _ROMAN:
            times, number = divmod(number, value)
            text += digits * times
    return text.upper() if letter.isupper() else text


def _integer(value: str | None, default: int) -> int:
    """Read an attribute; `default` where it is no number of a few digits."""
    value = (value or "").strip()
    return int(value) if value.lstrip("-").isdecimal() and len(value) < 8 and value.isascii() else default
