"""Marks that readers set into a text while they write it: pages, uncertain stretches, bold runs; and the text without them.

Pages and uncertain stretches become offsets of an ExtractedText; bold runs stay marked, as in Markdown.
"""

import re
from collections.abc import Iterable

from corpus.document import ExtractedText, Span
from corpus.messages.message import Message

# A page begins; what OCR is unsure of begins and ends. `compose` takes these out, and no document holds them, since
# `replace_illegal_characters` has replaced its own.
PAGE, LOW_START, LOW_END = "\x00", "\x01", "\x02"
_MARK = re.compile(f"[{PAGE}{LOW_START}{LOW_END}]")
# Control characters, lone surrogates and noncharacters: what XML 1.0 (section 2.2) forbids or advises against.
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def replace_illegal_characters(text: str) -> str:
    """Replace what no text can hold, and so also the marks, by U+FFFD, which shows that something was there."""
    return _ILLEGAL.sub("\ufffd", text)


def compose(text: str, *, reader: str, warnings: tuple[Message, ...] = ()) -> ExtractedText:
    """Make a record of a text: its marks PAGE, LOW_START and LOW_END are taken out and become offsets."""
    pages: list[int] = []
    low_confidence: list[Span] = []
    pieces: list[str] = []
    copied = length = low_start = 0  # `length`: of the text so far, without its marks
    for mark in _MARK.finditer(text):
        pieces.append(text[copied : mark.start()])
        length += len(pieces[-1])
        copied = mark.end()
        if mark[0] == PAGE:
            pages.append(length)
        elif mark[0] == LOW_START:
            low_start = length
        elif low_start < length:
            low_confidence.append(Span(low_start, length))
    pieces.append(text[copied:])
    return ExtractedText("".join(pieces), reader, tuple(pages), tuple(low_confidence), warnings)


def mark_bold(runs: Iterable[tuple[str, bool]]) -> str:
    """Join runs of text, each bold or not, with `**` around the bold ones. White space stands outside the marks."""
    text, was_bold = "", False
    for piece, bold in runs:
        written = 0
        if bold != was_bold and piece.strip():
            if bold:
                written = len(piece) - len(piece.lstrip())
                text += f"{piece[:written]}**"
            else:
                text = _close_bold(text)
            was_bold = bold
        text += piece[written:]
    return _close_bold(text) if was_bold else text


def _close_bold(text: str) -> str:
    end = len(text.rstrip())
    return f"{text[:end]}**{text[end:]}"
