"""Number the paragraphs of automatic lists as Word does; see ECMA-376 part 1, 17.9.

Paragraphs name a list (w:num); lists share an abstract one, with its levels and its one row of counters, so that a paragraph of
another list may go on counting. A list can set a counter anew where it first comes up, and replace levels.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

from corpus.readers.wordprocessing.names import as_number, choose, is_alternatives, is_on, value_of, w
from corpus.readers.wordprocessing.number_formats import format_number
from corpus.readers.wordprocessing.styles import Styles

BULLET = "- "
_LEVELS = 9
_OF_NO_LIST = "0"  # the list of a paragraph that its style would number
_NUMBER = re.compile("%([1-9])")
_LETTERS_AND_DIGITS = (
    "Nd",
    "Nl",
    "Lo",
    "Lu",
    "Ll",
)  # categories of characters that would run into the text: 12023年 for 1 2023年


@dataclass(frozen=True, slots=True)
class _Level:
    """How a level is labelled: `template` is %1、 or the like, its number in `format`.

    `restarts_after` is the deepest level, counted from 0, whose paragraphs make it begin anew; -1 for none.
    """

    format: str = "decimal"
    template: str = ""
    start: int = 1
    restarts_after: int = _LEVELS
    is_legal: bool = False
    is_close: bool = False  # nothing stands between label and text

    @classmethod
    def of(cls, element: Any, depth: int) -> "_Level":
        form = element.find(w("numFmt"))
        if form is None:
            forms = [choose(child) for child in element if is_alternatives(child)]
            form = next((found for one in forms if one is not None and (found := one.find(w("numFmt"))) is not None), None)
        name = "decimal" if form is None else form.get(w("val"), "decimal")
        restart = value_of(element, "lvlRestart")
        return cls(
            format=form.get(w("format"), "") if form is not None and name == "custom" else name,
            template=value_of(element, "lvlText") or "",
            start=as_number(value_of(element, "start"), 0),
            restarts_after=min(as_number(restart, depth), depth) - 1,
            is_legal=is_on(element.find(w("isLgl"))),
            is_close=value_of(element, "suff") == "nothing",
        )


@dataclass(slots=True)
class _List:
    """A list: its abstract one, its levels, those linked to styles, and the counters that it sets anew where it first occurs."""

    abstract: str
    levels: dict[int, _Level] = field(default_factory=dict)
    level_of_style: dict[str, int] = field(default_factory=dict)
    overrides: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of a Word file, and how far each has counted."""

    def __init__(self, root: Any | None, styles: Styles) -> None:
        self._styles = styles
        self._counters: dict[str, list[int | None]] = {}  # by abstract list: the last number of each level, None before the first
        abstracts = _children(root, "abstractNum", "abstractNumId")
        lists = _children(root, "num", "numId")
        of_style = {style: number for number, one in abstracts.items() if (style := value_of(one, "styleLink"))}
        self._lists: dict[str, _List] = {}
        for number, element in lists.items():
            abstract = value_of(element, "abstractNumId") or ""
            seen: set[str] = set()
            while (linked := value_of(abstracts.get(abstract), "numStyleLink")) and abstract not in seen:
                seen.add(abstract)
                numbered = styles.find(linked, f"{w('pPr')}/{w('numPr')}")
                by_style = value_of(lists.get(value_of(numbered, "numId") or ""), "abstractNumId")
                abstract = of_style.get(linked) or by_style or abstract
            self._lists[number] = _read_list(abstract, abstracts.get(abstract), element)

    def label(self, properties: Any | None, style: str | None) -> str:
        """Return the label of the next paragraph: 一、 or （二） or 3. ; `- ` for a bullet, "" if it is in no list.

        Args: properties: the paragraph's own (w:pPr).
        """
        own = properties.find(w("numPr")) if properties is not None else None
        inherited = self._styles.find(style, f"{w('pPr')}/{w('numPr')}")
        number = value_of(own, "numId") or value_of(inherited, "numId")
        if number is None or number == _OF_NO_LIST or number not in self._lists:
            return ""
        numbered = self._lists[number]
        linked = (numbered.level_of_style[one] for one in self._styles.based_on(style) if one in numbered.level_of_style)
        depth = as_number(value_of(own, "ilvl") or value_of(inherited, "ilvl"), next(linked, 0))
        return self._next_label(numbered, depth) if depth in numbered.levels else ""

    def _next_label(self, numbered: _List, depth: int) -> str:
        level = numbered.levels[depth]
        counters = self._counters.setdefault(numbered.abstract, [None] * _LEVELS)
        last = counters[depth]
        counters[depth] = level.start if last is None else last + 1
        if depth in numbered.overrides:
            counters[depth] = numbered.overrides.pop(depth)
        for below in range(depth + 1, _LEVELS):
            if numbered.levels.get(below, _Level()).restarts_after >= depth:
                counters[below] = None
        if level.format == "bullet":
            return BULLET

        def write(match: re.Match[str]) -> str:
            other = numbered.levels.get(int(match[1]) - 1, _Level())
            count = counters[int(match[1]) - 1]
            is_decimal = level.is_legal and other.format != "none"
            return format_number(other.start if count is None else count, "decimal" if is_decimal else other.format)

        label = _NUMBER.sub(write, level.template)
        return label if level.is_close or not _would_run_on(label) else f"{label} "


def _children(root: Any | None, tag: str, identifier: str) -> dict[str, Any]:
    return {element.get(w(identifier), ""): element for element in (root.findall(w(tag)) if root is not None else ())}


def _read_list(abstract: str, element: Any | None, instance: Any) -> _List:
    """Read a list from its abstract one and from what it changes of it."""
    read = _List(abstract)
    for level in element.findall(w("lvl")) if element is not None else ():
        _read_level(read, level, as_number(level.get(w("ilvl")), 0))
    for override in instance.findall(w("lvlOverride")):
        depth = as_number(override.get(w("ilvl")), 0)
        if (level := override.find(w("lvl"))) is not None:
            _read_level(read, level, depth)
        if (start := value_of(override, "startOverride")) is not None:
            read.overrides[depth] = as_number(start, 1)
            read.levels[depth] = replace(read.levels.get(depth, _Level()), start=read.overrides[depth])
    return read


def _read_level(read: _List, level: Any, depth: int) -> None:
    if 0 <= depth < _LEVELS:
        read.levels[depth] = _Level.of(level, depth)
        if style := value_of(level, "pStyle"):
            read.level_of_style[style] = depth


def _would_run_on(label: str) -> bool:
    return unicodedata.category(label[-1:] or " ") in _LETTERS_AND_DIGITS
