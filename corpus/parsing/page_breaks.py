"""Page breaks: running headers and page numbers, which stand between the lines of the text."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from corpus.parsing.lines import Line, is_final, of_kind, read_signature
from corpus.text.normalize import letters

_CELL = re.compile(r"^[\d.%]+\D{0,4}$")  # 13, 2.1亿元
_NUMBER = re.compile(r"^\d{1,3}$")
_ISSUE_WORDS = re.compile(r"\d+|第|年|期|总|页")
# Characters of running headers: a name of the masthead that is shorter than five (简报, 第3期) stands in running text, too; a
# header that only repeats, and does not say what the masthead says, is shorter than one that does.
_MIN_HEADER_NAME, _MAX_HEADER, _MAX_REPEATED_HEADER = 5, 60, 45
_MIN_REPEATS = 3
_MIN_CELLS = 2  # numbers right above and below make one the cell of a table


def mark_page_breaks(lines: Sequence[Line], body_start: int) -> None:
    """Mark running headers and bare page numbers: short lines that repeat, or that name the series or issue of the masthead."""
    names = [name for line in of_kind(lines, "masthead") if len(name := letters(line.normalized)) >= _MIN_HEADER_NAME]
    names.sort(key=len, reverse=True)
    written = [line for line in lines[body_start:] if line.kind not in ("blank", "markup")]
    repeated = Counter(line.normalized for line in written if line.kind == "body" and len(line.normalized) < _MAX_REPEATED_HEADER)
    for line in of_kind(written, "body"):
        if _may_be_header(line) and (_names_masthead(line, names) or _repeats(line, repeated)):
            line.kind = "furniture"
    _mark_bare_page_numbers(written)


def _may_be_header(line: Line) -> bool:
    return len(line.normalized) < _MAX_HEADER and not (
        line.is_table_row or line.is_markdown_heading or is_final(line.normalized) or read_signature(line.normalized)
    )


def _names_masthead(line: Line, names: Sequence[str]) -> bool:
    """Return whether a line says what the masthead says, and beside it at most a page number: 岚川青年工作信息 2021年第14期."""
    if not names:
        return False
    rest = whole = letters(line.normalized)
    for name in names:
        rest = rest.replace(name, "")
    return len(whole) > len(rest) and not _ISSUE_WORDS.sub("", rest)


def _repeats(line: Line, repeated: Counter[str]) -> bool:
    return repeated[line.normalized] >= _MIN_REPEATS and not line.is_numbered and not _NUMBER.match(line.normalized)


def _mark_bare_page_numbers(written: Sequence[Line]) -> None:
    """Mark numbers alone on a line where they count upward and stand apart; others are the cells of a table."""
    found = []
    for i, line in enumerate(written):
        if line.kind == "body" and _NUMBER.match(line.normalized):
            near = (*written[max(i - 1, 0) : i], *written[i + 1 : i + 2])
            cells = [other for other in near if other.kind == "body" and _CELL.match(other.normalized)]
            if len(cells) < _MIN_CELLS and all(abs(other.number - line.number) > 1 for other in cells):
                found.append(line)
    pages = [int(line.normalized) for line in found]
    if all(earlier < later for earlier, later in pairwise(pages)):
        for line in found:
            line.kind = "furniture"
