"""Markdown, by markdown-it-py and the reader of HTML: its headings keep their marks, its tables are rows, all other markup goes.

A file that has only such marks as the parser takes out again (headings, bold runs, bullets) is text itself: see `is_plain`.
"""

import contextlib
import dataclasses
import datetime
import re

from markdown_it import MarkdownIt

from corpus.document import ExtractedText, Metadata
from corpus.readers.formulas import formula_text
from corpus.readers.html import parse_page
from corpus.readers.html_blocks import HEADINGS, Block, join_blocks, read_blocks
from corpus.readers.marks import compose
from corpus.readers.text import decode

READER = "markdown-1"

_MARKUP = re.compile(
    r"\A(?:---|\+\+\+)[ \t]*\r?\n(?=(?:.*\r?\n){1,40}?(?:---|\+\+\+)[ \t]*\r?$)|"  # metadata at the beginning, see _FRONT
    r"<[A-Za-z/!][^<>\n]*>|\]\(|\[\^|^[ \t]*\[[^\]\n]+\]:|^[ \t]*>|"  # HTML, links, images, footnotes, quotations
    r"^[ \t]*\|.*\|[ \t]*\r?$|^[ \t]*:?-+:?[ \t]*\|[ \t:|-]*$|"  # tables
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});|\\[!-/:-@\[-`{-~]|`|~~|\$[^$\n]+\$|^\$\$|"
    r"(?<![*\w])\*(?![*\s])[^*\n]+(?<![*\s])\*(?!\*)|\b__[^_\n]+__\b|"
    r"(?:\A|\n[ \t]*\r?\n)(?![ \t]*[#>|\-*\d])\S.{0,60}\r?\n={3,}[ \t]*\r?$",
    re.M,
)
_FRONT = re.compile(r"\A\ufeff?(?P<fence>---|\+\+\+)[ \t]*\r?\n(?P<body>(?:.*\r?\n){0,80}?)(?P=fence)[ \t]*(?:\r?\n|\Z)")
_FIELD = re.compile(r"^(title|date|source|publisher|url|link)[ \t]*+[:=][ \t]*+(.+)$", re.M | re.I)
_DATE = re.compile(r"((?:19|20)\d{2})[-/.](\d{1,2})[-/.](\d{1,2})")
_FORMULA = re.compile(r"(?<![\\$])(?:\$\$([^$]{1,2000}?)\$\$|\$(?=\S)([^$\n]{1,300}?)(?<=[^\s\\])\$(?![\d$]))")
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|#])")  # means something in Markdown
_FOOTNOTE = re.compile(r"^[ \t]{0,3}\[\^[^\]\n]+\]:[ \t]*", re.M)
_FOOTNOTE_MARK = re.compile(r"\[\^[^\[\]\s]+\]")
_NO_REFERENCE = re.compile(r"^([ \t]{0,3})(\[[^\]\n]+\]:)(?=[ \t]*[^\x00-\x7f])", re.M)  # [1]：张三 is no address
_INDENT = re.compile(r"^(?: {4,}|\t+)(?=[一-鿿“《（])", re.M)
_UNDERLINED = re.compile(r"(?P<above>\A|\n[ \t]*\r?\n)(?![ \t]*[#>|\-*\d])(\S.{0,60}?)[ \t]*\r?\n={3,}[ \t]*\r?$", re.M)


def is_plain(text: str) -> bool:
    """Return whether a text has no markup but headings, bold runs, lists and rules."""
    return _MARKUP.search(text) is None


def read_markdown(data: bytes, *, name: str) -> ExtractedText:
    """Read a Markdown file: CommonMark with tables and deletions (GitHub), footnotes, formulas and HTML.

    Line ends inside a paragraph are kept, and no indented text is code: bulletins are typed so.
    Raises: UnreadableFileError: it is no text, or has none to show.
    """
    source = decode(data, name=name)
    front = _FRONT.match(source)
    root = parse_page(f"<body>{_to_html(source[front.end() :] if front else source)}</body>", name=name)
    text = compose("\n\n".join(join_blocks(_plain_headings(read_blocks(root)), heading=_heading)) + "\n", reader=READER)
    return dataclasses.replace(text, metadata=_read_front(front["body"]) if front else Metadata())


def _to_html(source: str) -> str:
    markdown = MarkdownIt("commonmark", {"breaks": True, "html": True, "maxNesting": 40})
    markdown.enable(["table", "strikethrough"]).disable(["code", "lheading"])
    source = _FORMULA.sub(lambda match: _SPECIAL.sub(r"\\\1", formula_text(match[1] or match[2])), source)
    source = _FOOTNOTE_MARK.sub("", _FOOTNOTE.sub("", source))
    source = _UNDERLINED.sub(r"\g<above># \2", _INDENT.sub("　　", _NO_REFERENCE.sub(r"\1\\\2", source)))
    tokens = markdown.parse(source)
    for token in tokens:
        if token.type == "list_item_open" and token.info:  # the number and its mark as they are typed: 3)
            token.attrs |= {"value": token.info, "data-delimiter": token.markup}
        elif token.type == "inline":
            token.children = [child for child in token.children or () if child.type != "image"]
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _heading(block: Block) -> str:
    return "#" * int(block.element.tag[1]) + " " if block.element.tag in HEADINGS else ""


def _plain_headings(blocks: list[Block]) -> list[Block]:
    for block in blocks:
        if block.element.tag in HEADINGS:
            block.text = block.plain
    return blocks


def _read_front(front: str) -> Metadata:
    """Read the metadata that stand at the beginning, between lines of --- or +++."""
    fields = {match[1].lower(): _unquoted(match[2]) for match in _FIELD.finditer(front)}
    date = None
    if match := _DATE.search(fields.get("date", "")):
        with contextlib.suppress(ValueError):
            date = datetime.date(*map(int, match.groups()))
    url = fields.get("url") or fields.get("link")
    publisher = fields.get("publisher") or fields.get("source")
    return Metadata(fields.get("title"), publisher, date, url if url and url.startswith(("http://", "https://")) else None)


def _unquoted(value: str) -> str:
    """Return a value of the metadata without the quotation marks and blanks around it."""
    value = value.strip()
    return value[value[:1] in ('"', "'") : len(value) - (len(value) > 1 and value[-1] in "\"'")].strip()
