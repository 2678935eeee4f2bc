"""Footnotes: small lines at the foot of a page, under a short rule or with a mark, which no sentence runs through."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from corpus.readers.reading_order import Line, is_page_number

_MARK = re.compile(
    r"^\s*+(?:[①-⑳⑴-⒇*＊※†‡]|[\[［【(（〔]?注?(?:\d{1,3}|[①-⑳])?[\]］】)）〕]|[¹²³⁰⁴-⁹]{1,3}|\d{1,3}(?=[^\d.．、年月日％%])|注\s*+\d*[:：]|注释)"
)
_SMALL = 0.9  # times the size of the page's text: of a footnote
_LOWER_PART = 0.4  # of the height of a page: footnotes stand below this
# A rule above footnotes, in parts of the width of the page's text, and how far it stands above the first, in its size.
_RULE_WIDTH = (0.1, 0.7)
_MAX_DISTANCE = 4.0


class Separator(NamedTuple):
    """A level rule that belongs to no table: how far it lies below the top of the page, and its length."""

    top: float
    length: float


def mark_footnotes(lines: Sequence[Line], separators: Sequence[Separator], *, height: float) -> list[Line]:
    """Return the lines of a page of this height, those of its footnotes marked as asides."""
    text = [line for line in lines if not line.is_table_row and not line.is_aside and not is_page_number(line.text)]
    sizes = Counter(round(line.size, 1) for line in text for _ in range(len(line.text)))
    if not sizes:
        return list(lines)
    size = sizes.most_common(1)[0][0]
    width = max(line.right for line in text) - min(line.left for line in text)
    short = [rule.top for rule in separators if _RULE_WIDTH[0] * width < rule.length < _RULE_WIDTH[1] * width]
    top = _find_top([line for line in text if line.baseline > _LOWER_PART * height], short, size)
    notes = [line for line in text if line.baseline >= top]
    return [replace(line, is_aside=True) if any(line is note for note in notes) else line for line in lines]


def _find_top(low: Sequence[Line], rules: Sequence[float], size: float) -> float:
    """Return the baseline of the first footnote among the lower lines of a page, infinity if there is none."""
    small: list[Line] = []  # the last lines of the page, as far as they are small
    for line in sorted(low, key=lambda line: -line.baseline):
        if line.size > _SMALL * size:
            break
        small.insert(0, line)
    for line in small:
        if _MARK.match(line.text) or any(0 < line.baseline - rule < _MAX_DISTANCE * line.size for rule in rules):
            return line.baseline
    for line in low:
        below = any(0 < line.baseline - rule < _MAX_DISTANCE * line.size for rule in rules)
        if below and _MARK.match(line.text):
            return line.baseline
    return math.inf
