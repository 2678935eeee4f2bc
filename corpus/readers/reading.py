"""What a reader makes of a file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.document import Span
from corpus.messages.message import Message

# Marks that readers set into a text while they write it, and `compose` takes out: a page begins; what is read with little
# confidence begins and ends. No document holds these characters once `legal` has seen it.
PAGE, LOW_START, LOW_END = "\x00", "\x01", "\x02"
_MARK = re.compile(f"[{PAGE}{LOW_START}{LOW_END}]")
# Control characters, lone surrogates and characters that Unicode has no meaning for.
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """The text of a file, to which all source spans refer. Offsets are code points of `text`.

    `reader` names the reader and its version (`text-1`): another version may read another text. `pages` holds the offset at which
    each page begins, none where the format has no pages; `doubtful` the stretches that were read with little confidence;
    `warnings` what a person should know before trusting the text. `is_source` marks a text that is the decoded file itself.
    """

    text: str
    reader: str
    pages: tuple[int, ...] = ()
    low_confidence: tuple[Span, ...] = ()
    warnings: tuple[Message, ...] = ()
    is_source: bool = False


def remove_control_characters(text: str) -> str:
    """`text` with what no text can hold (control characters, lone surrogates) as U+FFFD: not lost without a word."""
    return _ILLEGAL.sub("\ufffd", text)


def compose(text: str, *, reader: str, warnings: tuple[Message, ...] = ()) -> ExtractedText:
    """A reading of a text with the marks PAGE, DOUBT and SURE in it, which become offsets."""
    pages: list[int] = []
    doubtful: list[Span] = []
    pieces: list[str] = []
    at = start = length = 0
    for mark in _MARK.finditer(text):
        pieces.append(text[at : mark.start()])
        length += mark.start() - at
        at = mark.end()
        if mark[0] == PAGE:
            pages.append(length)
        elif mark[0] == LOW_START:
            start = length
        elif start < length:
            doubtful.append(Span(start, length))
    pieces.append(text[at:])
    return ExtractedText("".join(pieces), reader, tuple(pages), tuple(doubtful), warnings)


def bold_marked(runs: Iterable[tuple[str, bool]]) -> str:
    """Runs of text, each bold or not, as one text with `**` around the bold ones. White space stands outside the marks."""
    text, bold_before = "", False
    for piece, bold in runs:
        start = 0
        if bold != bold_before and piece.strip():
            if bold:
                start = len(piece) - len(piece.lstrip())
                text += f"{piece[:start]}**"
            else:
                text = _closed(text)
            bold_before = bold
        text += piece[start:]
    return _closed(text) if bold_before else text


def _closed(text: str) -> str:
    end = len(text.rstrip())
    return f"{text[:end]}**{text[end:]}"
