"""HTML saved from a site, by lxml: its article with title, source and date; what surrounds it on the page is left out.

The title and bold runs bear Markdown's marks, which the parser takes out again; each row of a table is a line, its cells parted
by tabs.
"""

import codecs
import contextlib
import dataclasses
import re
from typing import Any

import lxml.etree
import lxml.html

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.html_blocks import join_blocks, read_blocks
from corpus.readers.marks import compose
from corpus.readers.page_content import Article, find_article
from corpus.readers.page_head import Head
from corpus.readers.text import decode

READER = "html-2"

_XML_DECLARATION = re.compile(r"^\s*+<\?xml[^>]*\?>")  # lxml refuses text that declares an encoding
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*+=\s*+[\"']?\s*+([A-Za-z0-9_-]{2,20})", re.I)
_CHARSET_WITHIN = 4_096  # bytes from the beginning; browsers look at 1,024
_GB = {"gb2312", "gbk", "gb18030"}
_MAX_FRAMES = 3  # levels of pages inside pages


def read_html(data: bytes, *, name: str) -> ExtractedText:
    """Read an HTML file.

    Raises: UnreadableFileError: it is no text, or has none to show.
    """
    return read_page(_decode(data, name), name=name)


def read_page(source: str, *, name: str) -> ExtractedText:
    """Read a page that is decoded: one that another file holds (MHTML, EPUB).

    Raises: UnreadableFileError: it has no text to show.
    """
    root = parse_page(source, name=name)
    head = Head(root)
    article = find_article(root, read_blocks(root), head.titles())
    text = compose(f"{_write(article)}\n", reader=READER)
    return dataclasses.replace(text, metadata=head.metadata(title=article.title, bylines=article.bylines))


def parse_page(source: str, *, name: str) -> Any:
    """Return the root of a page, with the pages inside its frames put into their places.

    Raises: UnreadableFileError: it has no element.
    """
    source = _XML_DECLARATION.sub("", source)
    try:
        root = lxml.html.document_fromstring(source, parser=lxml.html.HTMLParser(no_network=True, recover=True))
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise UnreadableFileError(Message.of("corpus.readers.damaged_html", document=name, cause=str(error))) from error
    _unpack_frames(root)
    return root


def _write(article: Article) -> str:
    """Return the text of an article: its particulars, its title as a heading, its blocks."""
    title = (f"## {article.title}",) if article.title else ()
    body = join_blocks(article.body, heading=lambda block: "## " if block.element.tag == "h1" else "")
    return "\n\n".join((*article.lead, *title, *body))


def _unpack_frames(root: Any, level: int = 0) -> None:
    """Put the pages that frames hold in themselves (srcdoc) into their places."""
    for frame in list(root.iter("iframe")):
        inside = frame.get("srcdoc")
        if inside and inside.strip() and level < _MAX_FRAMES:
            with contextlib.suppress(lxml.etree.LxmlError, ValueError):
                page = lxml.html.document_fromstring(inside)
                _unpack_frames(page, level + 1)
                place = lxml.html.Element("div")
                place.extend(list(page.find("body") if page.find("body") is not None else page))
                place.tail = frame.tail
                frame.getparent().replace(frame, place)


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
