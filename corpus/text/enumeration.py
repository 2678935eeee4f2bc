"""The marks that open headings, enumerated points and entries of lists: 一、 （一） 一是 第一， 1. ① ●.

The patterns match at the start of a line, in simplified script.
"""

import re
from functools import lru_cache

from corpus.text.numerals import CIRCLED_NUMBERS, SMALL_NUMBER

BULLETS = "●■◆▪•·○◇★▲►※➢✓√"
DASHES = "-–—"  # opens the brackets of a regular expression, where - means itself

# A digit may follow 、, since a heading may open with a year (一、2022年工作回顾), but not a full stop: 三.5 is a number.
HEADING = re.compile(rf"[{SMALL_NUMBER}]{{1,3}}\s*+(?:、|[．.](?!\d))")
# An article of a regulation: 第三条, and of a law with chapters, 第二章.
CLAUSE = re.compile(rf"第\s*+[{SMALL_NUMBER}百零〇]{{1,5}}\s*+条(?=[\s　])")
CHAPTER = re.compile(rf"第\s*+[{SMALL_NUMBER}百]{{1,4}}\s*+[章节编](?=[\s　]|$)")
SUBHEADING = re.compile(rf"[（(][{SMALL_NUMBER}]{{1,3}}[)）]")
# A point whose mark is a word, which no sentence goes on with at the start of a line.
WORDED_POINT = re.compile(rf"[{SMALL_NUMBER}]{{1,2}}[是要](?![{SMALL_NUMBER}])|第[{SMALL_NUMBER}]{{1,2}}[，,、]")
POINT = re.compile(
    rf"[{SMALL_NUMBER}]{{1,2}}[是要]|[第其][{SMALL_NUMBER}]{{1,2}}[，,、]|首先|其次|再次|最后[，,]|"
    rf"\d{{1,2}}[.．、](?!\d)|[（(]?\d{{1,2}}[)）]|[{CIRCLED_NUMBERS}]"
)
BULLET = re.compile(rf"[{BULLETS}]|——|[{DASHES}*](?=\s)")
# Of an entry in a contents list: space may lack after a dash.
ENTRY = re.compile(rf"^(?:[{DASHES}*{BULLETS}]\s*+|[（(]?\d{{1,2}}\s*+(?:[.．、)）](?!\d))\s*+|[{CIRCLED_NUMBERS}]\s*+)")


def is_entry(line: str) -> bool:
    """Return whether a line opens with a bullet or a number, as entries of contents lists do."""
    return bool(ENTRY.match(line))


@lru_cache(maxsize=1024)  # asked again for each line above that may be a title
def is_numbered(line: str) -> bool:
    """Return whether a line opens with the number of a heading, a chapter or a clause, a point's mark or a bullet."""
    return any(pattern.match(line) for pattern in (HEADING, CHAPTER, CLAUSE, SUBHEADING, POINT, BULLET))
