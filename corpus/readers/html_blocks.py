"""The blocks of a page, in order: headings, paragraphs, items, tables, with what their text consists of.

White space is what a browser makes of it; bold runs bear Markdown's marks; each row of a table is a line, its cells parted by
tabs.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import lxml.etree

from corpus.readers import html_tables
from corpus.readers.html_lists import Numbering
from corpus.readers.marks import mark_bold, replace_illegal_characters
from corpus.text.enumeration import is_numbered

# fmt: off
# Elements whose text no reader of a page sees: what runs, what is filled in, what is struck out, the sound of a character.
_LEFT_OUT = frozenset((
    "head", "script", "style", "noscript", "template", "button", "select", "textarea", "iframe", "object", "datalist", "applet",
    "svg", "canvas", "audio", "video", "del", "s", "strike", "rt", "rp", "rtc",
))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol",
    "p", "pre", "search", "section", "summary", "ul", "h1", "h2", "h3", "h4", "h5", "h6",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr",
))
# fmt: on
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BOLD = frozenset({"b", "strong"}) | (HEADINGS - {"h1"})
_BOLD_STYLE = re.compile(r"font-weight\s*+:\s*+(?:bold|[6-9]00)", re.I)
_STRUCK_STYLE = re.compile(r"text-decoration(?:-line)?\s*+:[^;]{0,100}line-through", re.I)
_NOT_DISPLAYED = re.compile(r"display\s*+:\s*+none", re.I)
_INVISIBLE = re.compile(r"visibility\s*+:\s*+hidden", re.I)
_PRESERVED = re.compile(r"white-space\s*+:\s*+(?:pre|break-spaces)", re.I)
# A page of which a script shows the text (WeChat's) keeps it invisible: an element that holds half of all text is no hidden part.
_MAX_INVISIBLE = 0.5
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")  # what a browser shows as one blank; the full-width blank is none of these
_LINE_ENDS = re.compile(r"\r\n?|\n")
_TYPED_LINE_END = re.compile(r"(?<=[。！？：；])[ \t]*(?:\r\n?|\n)\s*+(?=\S)")
_BREAK = "\x03"  # a line end that shows; no text holds it once `replace_illegal_characters` has seen it
_MAX_LINK = 300  # characters of a link
_MIN_TYPED_LINES = 2
_INDENT = "\u3000"  # opens a paragraph, also after a single line end
_FIELDS = frozenset({"text", "password", "search", "email", "tel", "url", "number", "date", "file"})


@dataclass(slots=True, eq=False)
class Block:
    """A paragraph, heading, item or table. `element` is the nearest block element around it; `linked` counts characters in links.

    `spaced` is the text with a blank where an element begins or ends, as the sheets of sites set apart what stands in them;
    `continues` says that one line end parts it from the block before: the two are lines of one element.
    """

    element: Any
    text: str
    spaced: str = ""
    mark: str = ""
    linked: int = 0
    links: list[str] = field(default_factory=list)
    is_table: bool = False
    is_form: bool = False
    continues: bool = False

    @property
    def plain(self) -> str:
        """Return the text without bold marks."""
        return self.text.replace("**", "").strip()


def read_blocks(root: Any) -> list[Block]:
    """Return the blocks of a page that have text."""
    return [block for block in _Flattener(root).blocks() if block.plain]


def join_blocks(blocks: Iterable[Block], *, heading: Callable[[Block], str]) -> list[str]:
    """Return the paragraphs that blocks make, with their marks.

    Args: heading: returns how a block begins that is a heading of its own, "" for others.
    """
    paragraphs: list[str] = []
    for block in blocks:
        if block.continues and paragraphs:
            paragraphs[-1] += f"\n{block.text}"
        else:
            paragraphs.append(f"{heading(block) or block.mark}{block.text}")
    return paragraphs


@dataclass(slots=True)
class _Run:
    text: str
    is_bold: bool
    is_linked: bool


class _Flattener:
    """One walk over a page that gives its blocks."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._half = sum(map(len, root.itertext())) * _MAX_INVISIBLE
        self._numbering = Numbering()
        self._runs: list[_Run] = []  # of the block so far
        self._links: list[str] = []
        self._bold = self._linked = self._preserved = 0  # depths
        self._is_short: dict[Any, bool] = {}  # links met so far
        self._mark = ""
        self._is_form = False
        self._around = [root]  # block elements that are open

    def blocks(self) -> Iterator[Block]:
        """Yield each block in order; some are empty."""
        walk = lxml.etree.iterwalk(self._root, events=("start", "end", "comment", "pi"))
        skipped = None
        for event, element in walk:
            if event == "start":
                if self._is_left_out(element):
                    skipped = element
                    walk.skip_subtree()
                    continue
                if element.tag in _BLOCKS:
                    yield from self._close()
                    if element.tag == "table" and html_tables.is_data(element):
                        yield self._table(element)
                        skipped = element
                        walk.skip_subtree()
                        continue
                    self._around.append(element)
                self._enter(element)
            else:
                if event == "end" and element is not skipped:
                    if element.tag in _BLOCKS:
                        yield from self._close()
                        self._around.pop()
                        self._mark = "" if element.tag == "li" else self._mark
                    self._leave(element)
                if element is not self._root:
                    self._add(element.tail)
        yield from self._close()

    def _is_left_out(self, element: Any) -> bool:
        style = element.get("style", "")
        if element.tag in _LEFT_OUT or element.get("hidden") is not None:
            return True
        if not style:
            return False
        if _NOT_DISPLAYED.search(style) or _STRUCK_STYLE.search(style):
            return True
        return bool(_INVISIBLE.search(style)) and sum(map(len, element.itertext())) < self._half

    def _enter(self, element: Any) -> None:
        if element.tag == "br":
            self._runs.append(_Run(_BREAK, self._bold > 0, self._linked > 0))
        elif element.tag == "li":
            self._mark = self._numbering.mark_of(element)
        elif self._is_link(element):
            self._links.append(element.get("href"))
        elif element.tag == "input" and element.get("type", "text").lower() in _FIELDS:
            self._is_form = True
        self._count(element, 1)
        self._add(element.text)

    def _leave(self, element: Any) -> None:
        self._count(element, -1)

    def _is_link(self, element: Any) -> bool:
        """Return whether an element is a link; one that holds half an article was never closed."""
        if element.tag != "a" or element.get("href") is None:
            return False
        if element not in self._is_short:
            self._is_short[element] = sum(map(len, element.itertext())) <= _MAX_LINK
        return self._is_short[element]

    def _count(self, element: Any, change: int) -> None:
        style = element.get("style", "")
        if element.tag in _BOLD or (style and _BOLD_STYLE.search(style)):
            self._bold += change
        if self._is_link(element):
            self._linked += change
        if element.tag == "pre" or (style and _PRESERVED.search(style)):
            self._preserved += change

    def _add(self, text: str | None) -> None:
        if text:
            text = replace_illegal_characters(text)
            self._runs.append(_Run(_LINE_ENDS.sub(_BREAK, text) if self._preserved else text, self._bold > 0, self._linked > 0))

    def _close(self) -> Iterator[Block]:
        """Yield the text of the runs so far, a block for each line, and begin with none."""
        runs, links, is_form = self._runs, self._links, self._is_form
        self._runs, self._links, self._is_form = [], [], False
        if not any(run.text.strip(f"{_BREAK} \t\r\n\f\xa0") for run in runs) and not is_form:
            return
        _break_typed_lines(runs)
        after_break = False
        for line in _lines(runs):
            written = mark_bold([(run.text, run.is_bold) for run in line])
            text = written.strip()
            if not text:
                after_break = False  # an empty line between two: paragraphs
                continue
            spaced = " ".join(shown for run in line if (shown := run.text.strip()))
            block = Block(self._around[-1], text, spaced, self._take_mark(text), is_form=is_form)
            block.continues = after_break and not written.startswith(_INDENT)
            block.linked = sum(len(run.text.strip()) for run in line if run.is_linked)
            block.links = links if block.linked else []
            after_break = True
            yield block

    def _take_mark(self, text: str) -> str:
        """Return the mark of the item that begins here; one that the text has typed itself is not doubled."""
        mark, self._mark = self._mark, ""
        return "" if is_numbered(text.replace("**", "")) else mark

    def _table(self, table: Any) -> Block:
        rows = [[self._cell(cell) for cell in row] for row in html_tables.grid(table)]
        if html_tables.header_height(table) > 1:
            rows = [html_tables.merge_header(rows[:2]), *rows[2:]]
        text = "\n".join("\t".join(cells) for cells in rows if any(cells))
        caption = table.find("caption")
        if caption is not None and (title := self._cell(caption)):
            text = f"{title}\n{text}"
        linked = sum(len(link.text_content().strip()) for link in table.iter("a"))
        links = [link.get("href", "") for link in table.iter("a")]
        return Block(table, text, linked=linked, links=links, is_table=True)

    def _cell(self, cell: Any | None) -> str:
        """Return the text of a cell as one line."""
        if cell is None:
            return ""
        if not len(cell):  # most cells hold text alone
            return _BLANKS.sub(" ", replace_illegal_characters(cell.text or "")).strip()
        text = " ".join(f"{block.mark}{block.plain}" for block in _Flattener(cell).blocks())
        return _BLANKS.sub(" ", text.replace("\n", " ")).strip()


def _break_typed_lines(runs: list[_Run]) -> None:
    """Turn the line ends of a text into such that show, where its author typed them.

    A form's text is put into a page as it is, and a sheet that is not saved shows its line ends: of a text whose sentences end
    at line ends twice or more, each line is one.
    """
    if len(_TYPED_LINE_END.findall("".join(run.text for run in runs))) >= _MIN_TYPED_LINES:
        for run in runs:
            run.text = _LINE_ENDS.sub(_BREAK, run.text)


def _lines(runs: list[_Run]) -> Iterator[list[_Run]]:
    """Yield the lines of runs, with white space as a browser shows it: one blank for any, none at the beginning."""
    line: list[_Run] = []
    after_blank = True
    for run in runs:
        for number, piece in enumerate(run.text.split(_BREAK)):
            if number:
                yield line
                line, after_blank = [], True
            shown = _BLANKS.sub(" ", piece)
            shown = shown.lstrip(" ") if after_blank else shown
            if shown:
                after_blank = shown.endswith(" ")
                line.append(_Run(shown, run.is_bold, run.is_linked))
    yield line
