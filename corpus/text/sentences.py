"""The sentences of a text."""

import re
from itertools import pairwise

from corpus.document import Span

# LF, CR, form feed (a page break), vertical tab, and Unicode's own ends of lines and paragraphs.
LINE_ENDS = "\n\r\f\v\u0085\u2028\u2029"
# A sentence ends at 。！？ or …… with the closing quotes and brackets after it, or at the end of its line.
# 12.5, 2023.5.8 and "No. 3" keep their full stops: a half-width one ends a sentence only before white space and a capital.
_END = re.compile(rf"(?:[。！？!?]|…{{2}}|\.(?=\s+[A-Z]))+[”’」』）)》\"]*|[{LINE_ENDS}]")


def split_sentences(text: str, span: Span) -> tuple[Span, ...]:
    """Tile `span` of `text` with sentences; white space stays with the sentence before it."""
    cuts = [span.start]
    for match in _END.finditer(text, span.start, span.end):
        end = match.end()
        if end <= cuts[-1]:
            continue  # blank lines already taken
        while end < span.end and text[end].isspace():
            end += 1
        if text[cuts[-1] : end].strip() and end > cuts[-1]:
            cuts.append(end)
    if cuts[-1] < span.end:
        if text[cuts[-1] : span.end].strip() or len(cuts) == 1:
            cuts.append(span.end)
        else:
            cuts[-1] = span.end
    return tuple(Span(start, end) for start, end in pairwise(cuts))
