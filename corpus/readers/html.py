"""HTML saved from a site, by lxml: headings, paragraphs, lists and tables; menus, forms and scripts left out.

Headings and bold runs bear Markdown's marks, which the parser takes out again; each row of a table is a line, its cells parted by
tabs.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Any

import lxml.etree
import lxml.html

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.marks import compose, mark_bold, replace_illegal_characters
from corpus.readers.text import decode

READER = "html-1"

_SKIPPED = {"head", "script", "style", "noscript", "template", "nav", "aside", "form", "button", "select", "textarea", "iframe"}
_SKIPPED |= {"object", "svg", "canvas", "audio", "video"}
_BLOCKS = {"address", "article", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset", "figcaption"}
_BLOCKS |= {
    "figure",
    "footer",
    "header",
    "hr",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "ul",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
}
_BLOCKS |= {"table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_BOLD = frozenset({"b", "strong", "h2", "h3", "h4", "h5", "h6"})
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.I)
_BREAK = "\x03"  # a line end that shows; no text holds it once `legal` has seen it
_GB = {"gb2312", "gbk", "gb18030"}
_LONGEST_CELL = 200  # characters: a longer one is part of a page laid out by a table
_MOST_LINKED = 0.6  # share of a block's text that may be links; a menu has more


def read_html(data: bytes, *, name: str) -> ExtractedText:
    """Read an HTML file.

    Raises: UnreadableFileError: it is no text, or has none to show.
    """
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", _decoded(data, name))
    try:
        root = lxml.html.document_fromstring(source, parser=lxml.html.HTMLParser(no_network=True, recover=True))
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise UnreadableFileError(Message.of("corpus.readers.damaged_html", document=name, cause=str(error))) from error
    blocks = [block for block in _blocks(root) if block.strip(" *#\n")]
    return compose("\n\n".join(blocks) + "\n", reader=READER)


def _decoded(data: bytes, name: str) -> str:
    declared = _CHARSET.search(data[:4096])
    charset = declared[1].decode("ascii").lower() if declared else "utf-8"
    if charset not in _GB and charset.replace("-", "") != "utf8":
        try:
            return data.decode(codecs.lookup(charset).name)
        except (LookupError, UnicodeError):
            pass  # what a page says of itself may be wrong
    return decode(data, name=name)


def _blocks(root: Any) -> Iterator[str]:
    """The text of each block: a heading, a paragraph, an item, a table's rows."""
    skipped = _skipped(root)
    runs: list[tuple[str, bool]] = []
    bold = inside = 0
    bolds: set[Any] = set()
    mark = ""

    def block() -> str:
        text = mark_bold([(mark, False), *_single_spaced(runs, mark)])
        runs.clear()
        return re.sub(f" *{_BREAK} *", "\n", text).strip()

    for event, element in lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if not isinstance(element.tag, str):
            if not inside and event == "comment" and element.tail:
                runs.append((replace_illegal_characters(element.tail), bold > 0))
            continue
        if event == "start":
            if inside or element in skipped:
                inside += 1
                continue
            if element.tag == "br":
                runs.append((_BREAK, bold > 0))
            elif element.tag in _BLOCKS:
                yield block()
                mark = "## " if element.tag == "h1" else "- " if element.tag == "li" else mark
            if element.tag == "table" and _is_data(element):
                yield "\n".join(_rows(element))
                inside += 1
                continue
            if element.tag in _BOLD or _BOLD_STYLE.search(element.get("style", "")):
                bold += 1
                bolds.add(element)
            if element.text:
                runs.append((replace_illegal_characters(element.text), bold > 0))
        else:
            if inside:
                inside -= 1
            else:
                if element.tag in _BLOCKS:
                    yield block()
                    mark = ""
                if element in bolds:
                    bold -= 1
            if not inside and element.tail:
                runs.append((replace_illegal_characters(element.tail), bold > 0))
    yield block()


def _single_spaced(runs: list[tuple[str, bool]], mark: str) -> Iterator[tuple[str, bool]]:
    """White space as a browser shows it: one blank for any, none at the beginning. Full-width blanks stay."""
    blank = True
    for text, bold in runs:
        shown = re.sub(r"[ \t\r\n\f\xa0]+", " ", text)
        shown = shown.lstrip(" ") if blank else shown
        if shown:
            blank = shown.endswith(" ")
            yield shown, bold and not mark.startswith("#")


def _skipped(root: Any) -> set[Any]:
    """Elements that no reader of the article sees or reads: hidden ones, and menus, whose text is mostly links."""
    lengths: dict[Any, tuple[int, int, int]] = {}  # characters, those in links, links
    found: set[Any] = set()
    for _, element in lxml.etree.iterwalk(root, events=("end",)):
        if not isinstance(element.tag, str):
            continue
        if element.tag in _SKIPPED or element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style", "")):
            found.add(element)
            continue
        long, linked, links = len((element.text or "").strip()), 0, 0
        for child in element:
            more = lengths.get(child, (0, 0, 0))
            long, linked, links = long + more[0] + len((child.tail or "").strip()), linked + more[1], links + more[2]
        if element.tag == "a":
            linked, links = long, 1
        lengths[element] = (long, linked, links)
        if element.tag in _BLOCKS and links >= 3 and linked > _MOST_LINKED * long:
            found.add(element)
            lengths[element] = (0, 0, 0)
    return found


def _is_data(table: Any) -> bool:
    """Whether a table holds data; one that holds tables, paragraphs or long texts lays a page out."""
    cells = list(table.iter("td", "th"))
    return (
        len(cells) > 1
        and next(table.iterdescendants("table"), None) is None
        and all(len(cell.text_content()) <= _LONGEST_CELL and len(cell.findall(".//p")) < 2 for cell in cells)
    )


def _rows(table: Any) -> Iterator[str]:
    for row in table.iter("tr"):
        cells = [" ".join(replace_illegal_characters(cell.text_content()).split()) for cell in row if cell.tag in ("td", "th")]
        if any(cells):
            yield "\t".join(cells)
