"""Read the text of paragraphs from their runs: what shows on the page, and nothing of what Word keeps beside it.

Deleted, hidden and struck-out text, instructions of fields, phonetic guides and comments do not show as text, or no longer count.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from corpus.readers.marks import PAGE, replace_illegal_characters
from corpus.readers.wordprocessing.equations import linearize
from corpus.readers.wordprocessing.names import as_number, choose, is_alternatives, is_on, name, value_of, w
from corpus.readers.wordprocessing.shapes import LeftOutKind, Shape, find_shapes
from corpus.readers.wordprocessing.styles import Look, Styles, apply_look
from corpus.readers.wordprocessing.symbols import is_symbol_font, translate_private, translate_symbol

_LINE_END = re.compile(r"(?<!\s)[^\S\r\n]*+[\r\n]\s*+")  # of the XML, and no line's end on the page
_SKIPPED = frozenset(map(w, ("del", "moveFrom", "pPr", "rPr", "rt", "rubyPr", "sdtPr", "sdtEndPr", "instrText", "delText")))
_CHARACTERS = {w("tab"): "\t", w("ptab"): "\t", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "-"}
_TEXT, _RUN, _FIELD, _SYMBOL, _EQUATION = w("t"), w("r"), w("fldChar"), w("sym"), name("m:oMath")
_RENDERED_BREAK, _BREAK = w("lastRenderedPageBreak"), w("br")
_DRAWINGS = {w("drawing"), w("pict"), w("object")}
_NOTES = {w("footnoteReference"): "footnotes", w("endnoteReference"): "endnotes"}
_MAX_FIELDS = 20  # within each other; Word has no more
_TICKED, _UNTICKED = "☑", "☐"


@dataclass(slots=True)
class _Field:
    """A field that is open: `shows` is False before its result, whose place the entry of a form takes."""

    shows: bool = False
    is_form: bool = False


class RunReader:
    """Reads paragraphs in order; a field may run over several.

    After each, `shapes` and `notes` (kind and identifier) hold what is anchored in it. `left_out` counts what was not read.
    """

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[_Field] = []
        self._looks: dict[str | None, Look] = {}
        self.shapes: list[Shape] = []
        self.notes: list[tuple[str, str]] = []
        self.left_out: Counter[LeftOutKind] = Counter()
        self.page_breaks = 0  # set by hand

    def read(self, paragraph: Any, style: str | None) -> list[tuple[str, bool]]:
        """Return the text of a paragraph in runs, and whether each is bold."""
        self.shapes, self.notes = [], []
        if style not in self._looks:
            self._looks[style] = self._styles.look(style, Look())
        runs = list(self._walk(paragraph, self._looks[style]))
        for field in self._fields:
            field.shows = True  # an instruction ends with its paragraph, lest one that never ends hides the rest
        return runs

    def _walk(self, element: Any, look: Look) -> Iterator[tuple[str, bool]]:
        for child in element:
            tag = child.tag
            if tag == _TEXT:
                yield from self._write(_LINE_END.sub(" ", replace_illegal_characters(child.text or "")), look)
            elif tag == _RUN:
                yield from self._read_run(child, look)
            elif tag in _SKIPPED or not isinstance(tag, str):
                continue
            elif tag == _RENDERED_BREAK:
                yield PAGE, look.bold
            elif tag in _CHARACTERS:
                self.page_breaks += tag == _BREAK and child.get(w("type")) == "page"
                yield from self._write(_CHARACTERS[tag], look)
            elif tag == _FIELD:
                if (shown := self._pass_field(child)) and not look.struck:
                    yield shown, look.bold
            elif tag == _SYMBOL:
                yield from self._write(_read_symbol(child), look)
            elif tag == _EQUATION:
                yield from self._write(replace_illegal_characters(linearize(child)), look)
            elif tag in _DRAWINGS:
                self.shapes += find_shapes(child)
            elif tag in _NOTES:
                self.notes.append((_NOTES[tag], child.get(w("id"), "")))
            elif is_alternatives(child):
                if (chosen := choose(child)) is not None:
                    yield from self._walk(chosen, look)
            elif len(child):
                yield from self._walk(child, look)

    def _read_run(self, run: Any, look: Look) -> Iterator[tuple[str, bool]]:
        properties = run.find(w("rPr"))
        font = None
        if properties is not None:
            found = {child.tag: child for child in properties}
            style = value_of(properties, "rStyle") if w("rStyle") in found else None
            if style is not None:
                if self._styles.is_placeholder(style):
                    return
                look = self._styles.look(style, look)
            look = apply_look(look, *(found.get(w(local)) for local in ("b", "strike", "dstrike", "vanish")))
            if w("rFonts") in found:
                font = found[w("rFonts")].get(w("ascii"))
        if look.hidden:
            return
        if is_symbol_font(font):
            for text, bold in self._walk(run, look):
                yield translate_private(font, text), bold
        else:
            yield from self._walk(run, look)

    def _write(self, text: str, look: Look) -> Iterator[tuple[str, bool]]:
        if not text or not all(field.shows for field in self._fields):
            return
        if look.struck:
            self.left_out["struck"] += bool(text.strip())
            return
        yield text, look.bold

    def _pass_field(self, mark: Any) -> str:
        """Follow the marks that open a field, part its instruction from its result, and close it.

        Returns: what a form shows that keeps its state in the mark: the entry chosen of a list, a box with a tick or without.
        """
        kind = mark.get(w("fldCharType"))
        if kind == "end":
            if self._fields:
                self._fields.pop()
            return ""
        if kind == "separate":
            if self._fields:
                self._fields[-1].shows = not self._fields[-1].is_form
            return ""
        shown = _form_entry(mark.find(w("ffData")))
        text = shown if shown and all(field.shows for field in self._fields) else ""
        if len(self._fields) < _MAX_FIELDS:
            self._fields.append(_Field(is_form=bool(shown)))
        return text


def _read_symbol(symbol: Any) -> str:
    """Return the character that a symbol (w:sym) shows: its font, or the code where that is no symbol font, tells."""
    font, code = symbol.get(w("font")), symbol.get(w("char"), "")
    try:
        return translate_symbol(font, int(code, 16))
    except ValueError:
        return ""


def _form_entry(data: Any | None) -> str:
    """Return what the field of a form shows of itself: the entry chosen of a list, a box with a tick or without."""
    if data is None:
        return ""
    if (box := data.find(w("checkBox"))) is not None:
        state = box.find(w("checked"))
        return _TICKED if is_on(box.find(w("default")) if state is None else state) else _UNTICKED
    if (choices := data.find(w("ddList"))) is not None:
        entries = [entry.get(w("val"), "") for entry in choices.findall(w("listEntry"))]
        chosen = as_number(value_of(choices, "result") or value_of(choices, "default"), 0)
        return replace_illegal_characters(entries[chosen]) if 0 <= chosen < len(entries) else ""
    return ""
