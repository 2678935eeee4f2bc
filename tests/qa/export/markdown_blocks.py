"""Markdown as a reader sees it: its blocks and its table, read back with a parser."""

import itertools

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(tokens: list[Token]) -> tuple[str, str]:
    """What a reader sees of inline content, line ends as \\n, and of that what is bold."""
    seen, bold, depth = "", "", 0
    for token in tokens:
        piece = {"hardbreak": "\n", "html_inline": "\n"}.get(token.type, token.content)
        assert token.type in ("text", "hardbreak", "html_inline", "strong_open", "strong_close", "em_open", "em_close"), token
        assert token.type != "html_inline" or token.content == "<br>"
        depth += token.nesting if token.type.startswith("strong") else 0
        seen += piece
        bold += piece if depth and token.type == "text" else ""
    return seen, bold


def blocks_of(markdown: str) -> list[tuple[str, str, str]]:
    """The blocks of a document: what each is (blockquote, heading, paragraph), what it shows, and what of that is bold."""
    found, opened = [], "paragraph"
    for token in PARSER.parse(markdown):
        if token.type in ("blockquote_open", "heading_open"):
            opened = token.type.removesuffix("_open")
        elif token.type in ("blockquote_close", "heading_close"):
            opened = "paragraph"
        elif token.type == "inline":
            found.append((opened, *shown(token.children or [])))
        else:
            assert token.type in ("paragraph_open", "paragraph_close"), token
    return found


def cells(markdown: str) -> list[list[str]]:
    """The rows of the only table of a document."""
    rows: list[list[str]] = []
    tokens = PARSER.parse(markdown)
    for token, content in itertools.pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        if token.type in ("td_open", "th_open"):
            rows[-1].append(shown(content.children or [])[0])
    return rows
