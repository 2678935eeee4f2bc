"""HTML saved from a site, by lxml: headings, paragraphs, lists and tables; menus, forms and scripts left out.

Headings and bold runs bear Markdown's marks, which the parser takes out again; each row of a table is a line, its cells parted by
tabs.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import lxml.etree
import lxml.html

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.marks import compose, mark_bold, replace_illegal_characters
from corpus.readers.text import decode

READER = "html-1"

# fmt: off
# Elements whose text no reader of the article wants.
_LEFT_OUT = frozenset((
    "head", "script", "style", "noscript", "template", "nav", "aside", "form", "button", "select", "textarea", "iframe", "object",
    "svg", "canvas", "audio", "video",
))
_BLOCKS = frozenset((
    "address", "article", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "header", "hr", "li", "main", "ol", "p", "pre", "section", "ul", "h1", "h2", "h3", "h4", "h5", "h6",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr",
))
# fmt: on
_BOLD = frozenset({"b", "strong", "h2", "h3", "h4", "h5", "h6"})
_MARKS = {"h1": "## ", "li": "- "}  # how a block of that element begins
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")  # lxml refuses text that declares an encoding
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
_CHARSET_WITHIN = 4_096  # bytes from the beginning; browsers look at 1,024
_GB = {"gb2312", "gbk", "gb18030"}
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")  # what a browser shows as one blank; the full-width blank is none of these
_LINE_BREAK = "\x03"  # a line end that shows; no text holds it once `replace_illegal_characters` has seen it
_MAX_CELL = 200  # characters: a longer one is part of a page laid out by a table
# A menu has at least three links and little else; two (上一篇, 下一篇) may close an article's last paragraph.
_MIN_MENU_LINKS = 3
_MAX_LINKED = 0.6  # share of a block's characters


def read_html(data: bytes, *, name: str) -> ExtractedText:
    """Read an HTML file.

    Raises: UnreadableFileError: it is no text, or has none to show.
    """
    source = _XML_DECLARATION.sub("", _decode(data, name))
    try:
        root = lxml.html.document_fromstring(source, parser=lxml.html.HTMLParser(no_network=True, recover=True))
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise UnreadableFileError(Message.of("corpus.readers.damaged_html", document=name, cause=str(error))) from error
    blocks = [block for block in _Flattener(root).blocks() if block.strip(" *#\n")]
    return compose("\n\n".join(blocks) + "\n", reader=READER)


def _decode(data: bytes, name: str) -> str:
    """Decode a page by the encoding it declares or, where that is wrong or is one of ours, as a plain text."""
    declared = _CHARSET.search(data[:_CHARSET_WITHIN])
    charset = declared[1].decode("ascii").lower() if declared else "utf-8"
    if charset not in _GB and charset.replace("-", "") != "utf8":
        try:
            return data.decode(codecs.lookup(charset).name)
        except (LookupError, UnicodeError):
            pass  # what a page says of itself may be wrong
    return decode(data, name=name)


class _Flattener:
    """One walk over a page that gives its blocks: headings, paragraphs, items, the rows of tables."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._left_out = _find_left_out(root)
        self._runs: list[tuple[str, bool]] = []  # of the block so far, and whether each is bold
        self._bold_depth = 0
        self._mark = ""

    def blocks(self) -> Iterator[str]:
        """Yield the text of each block in order; some are empty."""
        walk = lxml.etree.iterwalk(self._root, events=("start", "end", "comment", "pi"))
        skipped = None
        for event, element in walk:
            if event == "start":
                if element in self._left_out:
                    skipped = element
                    walk.skip_subtree()
                    continue
                if element.tag in _BLOCKS:
                    yield self._close_block()
                if element.tag == "table" and _is_data(element):
                    yield "\n".join(_rows(element))
                    skipped = element
                    walk.skip_subtree()
                    continue
                self._enter(element)
            else:
                if event == "end" and element is not skipped:
                    if element.tag in _BLOCKS:
                        yield self._close_block()
                        self._mark = ""
                    self._bold_depth -= _is_bold(element)
                self._add(element.tail)
        yield self._close_block()

    def _enter(self, element: Any) -> None:
        self._mark = _MARKS.get(element.tag, self._mark)
        if element.tag == "br":
            self._add(_LINE_BREAK, legal=True)
        self._bold_depth += _is_bold(element)
        self._add(element.text)

    def _add(self, text: str | None, *, legal: bool = False) -> None:
        if text:
            self._runs.append((text if legal else replace_illegal_characters(text), self._bold_depth > 0))

    def _close_block(self) -> str:
        """Return the text of the runs so far, and begin with none."""
        text = mark_bold([(self._mark, False), *self._single_spaced()])
        self._runs.clear()
        return re.sub(f" *{_LINE_BREAK} *", "\n", text).strip()

    def _single_spaced(self) -> Iterator[tuple[str, bool]]:
        """Yield the runs with white space as a browser shows it: one blank for any, none at the beginning."""
        after_blank = True
        for text, bold in self._runs:
            shown = _BLANKS.sub(" ", text)
            shown = shown.lstrip(" ") if after_blank else shown
            if shown:
                after_blank = shown.endswith(" ")
                yield shown, bold and not self._mark.startswith("#")


def _is_bold(element: Any) -> bool:
    return element.tag in _BOLD or _BOLD_STYLE.search(element.get("style", "")) is not None


@dataclass(slots=True)
class _Letters:
    """The characters of an element, those of them in links, and the number of links."""

    total: int = 0
    linked: int = 0
    links: int = 0


def _find_left_out(root: Any) -> set[Any]:
    """Find the elements that no reader of the article sees or reads: hidden ones, and menus, whose text is mostly links."""
    letters: dict[Any, _Letters] = {}
    left_out: set[Any] = set()
    for _, element in lxml.etree.iterwalk(root, events=("end",)):
        if not isinstance(element.tag, str):
            continue
        if element.tag in _LEFT_OUT or element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style", "")):
            left_out.add(element)
            continue
        count = _Letters(total=len((element.text or "").strip()))
        for child in element:
            inner = letters.get(child, _Letters())
            count.total += inner.total + len((child.tail or "").strip())
            count.linked += inner.linked
            count.links += inner.links
        if element.tag == "a":
            count.linked, count.links = count.total, 1
        if element.tag in _BLOCKS and count.links >= _MIN_MENU_LINKS and count.linked > _MAX_LINKED * count.total:
            left_out.add(element)
        else:
            letters[element] = count
    return left_out


def _is_data(table: Any) -> bool:
    """Return whether a table holds data; one that holds tables, paragraphs or long texts lays a page out."""
    cells = list(table.iter("td", "th"))
    return (
        len(cells) > 1
        and next(table.iterdescendants("table"), None) is None
        and all(len(cell.text_content()) <= _MAX_CELL and len(cell.findall(".//p")) < 2 for cell in cells)
    )


def _rows(table: Any) -> Iterator[str]:
    """Yield a line for each row of a table, its cells parted by tabs."""
    for row in table.iter("tr"):
        cells = [" ".join(replace_illegal_characters(cell.text_content()).split()) for cell in row if cell.tag in ("td", "th")]
        if any(cells):
            yield "\t".join(cells)
