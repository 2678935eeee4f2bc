"""The marks that open headings, enumerated points and entries of lists: 一、 （一） 一是 第一， 1. ① ●.

The patterns match at the start of a line, in simplified script.
"""

import re

from corpus.text.numerals import CIRCLED_NUMBERS, SMALL_NUMBER

BULLETS = "●■◆▪•·○◇★▲►※➢✓√"
DASHES = "-–—"  # opens the brackets of a regular expression, where - means itself

HEADING = re.compile(rf"[{SMALL_NUMBER}]{{1,3}}\s*[、．.](?!\d)")
SUBHEADING = re.compile(rf"[（(][{SMALL_NUMBER}]{{1,3}}[)）]")
POINT = re.compile(
    rf"[{SMALL_NUMBER}]{{1,2}}[是要]|[第其][{SMALL_NUMBER}]{{1,2}}[，,、]|首先|其次|再次|最后[，,]|"
    rf"\d{{1,2}}[.．、](?!\d)|[（(]?\d{{1,2}}[)）]|[{CIRCLED_NUMBERS}]"
)
BULLET = re.compile(rf"[{BULLETS}]|——|[{DASHES}*](?=\s)")
# Of an entry in a contents list: space may lack after a dash.
ENTRY = re.compile(rf"^(?:[{DASHES}*{BULLETS}]\s*|[（(]?\d{{1,2}}\s*(?:[.．、)）](?!\d))\s*|[{CIRCLED_NUMBERS}]\s*)")


def is_entry(line: str) -> bool:
    """Return whether a line opens with a bullet or a number, as entries of contents lists do."""
    return bool(ENTRY.match(line))


def is_numbered(line: str) -> bool:
    """Return whether a line opens with a heading's number, a point's mark or a bullet."""
    return any(pattern.match(line) for pattern in (HEADING, SUBHEADING, POINT, BULLET))
