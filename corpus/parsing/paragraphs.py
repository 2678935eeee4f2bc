"""Say which lines are one paragraph: hard wraps, and page breaks in mid-sentence."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.parsing.lines import Line, is_final, of_kind
from corpus.text.enumeration import BULLET, HEADING, POINT, SUBHEADING

# A paragraph that opens so is prose, however short its first line was cut (real example: 近年来，团嵊州市委紧紧围绕……).
_OPENING = re.compile(r"近年来|今年|去年|自|为|随着|\d{4}年|[上下]半年|日前|近日|近期|截至|针对|围绕|根据|按照|通过")


@dataclass(slots=True)
class _Paragraph:
    """What is known of the paragraph so far; kept up line by line, so that a long one costs no more than its length."""

    first: Line
    last: Line
    length: int = 0
    sentences: int = 0
    commas: int = 0
    bold: int = 0
    quotes: int = 0
    titles: int = 0

    def add(self, line: Line) -> None:
        plain = line.normalized
        self.last = line
        self.length += len(plain)
        self.sentences += plain.count("。")
        self.commas += plain.count("，") + plain.count(",")
        self.bold += line.raw.count("**")
        self.quotes += plain.count("“") - plain.count("”")
        self.titles += plain.count("《") - plain.count("》")

    @property
    def open(self) -> bool:
        """Inside a bold run, a quotation or the title of a book."""
        return self.bold % 2 == 1 or self.quotes > 0 or self.titles > 0

    @property
    def heading(self) -> bool:
        return bool(HEADING.match(self.first.normalized) or SUBHEADING.match(self.first.normalized))


def wrap_width(lines: Sequence[Line]) -> int | None:
    """The column at which the text is hard-wrapped, or None where each line is a paragraph."""
    widths = [
        line.width for line, following in pairwise(lines) if line.kind == following.kind == "body" and not following.indented
    ]
    widths = [width for width in widths if width >= 40]
    if len(widths) < 8 or max(widths) > 140:
        return None
    common = Counter(width // 2 for width in widths).most_common(1)[0][0] * 2
    near = sum(abs(width - common) <= 6 for width in widths)
    return common if near >= 0.7 * len(widths) else None


def join(lines: Sequence[Line], wrap: int | None) -> None:
    """Mark each body line that goes on with the paragraph before it.

    Args: wrap: the column at which the text is hard-wrapped, or None.
    """
    headings = [line for line in of_kind(lines, "body") if HEADING.match(line.normalized)]
    inline = 2 * sum("。" in line.normalized[:-1] for line in headings) > len(headings)
    listed = bool(of_kind(lines, "contents"))
    paragraph: _Paragraph | None = None
    opened = False  # whether a title or heading stands right before the paragraph
    gap = False
    for line in lines:
        if line.kind in ("blank", "page"):
            gap = True
            continue
        if line.kind != "body":
            paragraph, opened = None, line.kind == "title"
        else:
            if paragraph is not None and _continues(paragraph, line, wrap=wrap, gap=gap, inline=inline, prose=listed or opened):
                line.continues_previous = True
            else:
                opened = opened if paragraph is None else bool(paragraph.last is paragraph.first and paragraph.heading)
                paragraph = _Paragraph(line, line)
            paragraph.add(line)
        gap = False


def _continues(paragraph: _Paragraph, line: Line, *, wrap: int | None, gap: bool, inline: bool, prose: bool) -> bool:
    """Whether `line` goes on with `paragraph`.

    Args: gap: blank lines or a page break lie between; inline: headings share their line with text; prose: a paragraph here is
        no title, since the contents list has them all or one has just been.
    """
    last, tail, plain = paragraph.last, paragraph.last.normalized, line.normalized
    final = is_final(tail)
    if (
        line.is_table_row
        or last.is_table_row
        or line.is_markdown_heading
        or last.is_markdown_heading
        or BULLET.match(plain)
        or (SUBHEADING.match(plain) and final)
    ):
        return False
    wrapped = wrap is not None and not gap and last.width >= wrap - 7 and not (line.indented and final)
    if final:
        return wrapped and not (HEADING.match(plain) or POINT.match(plain))
    if tail.endswith((":", "：", "；", ";")) and line.numbered:
        return False
    if paragraph.open or wrapped:
        return paragraph.open or not HEADING.match(plain)
    if HEADING.match(plain) or SUBHEADING.match(plain) or tail.endswith((":", "：")):
        return False
    if paragraph.heading and not paragraph.sentences and paragraph.length < 60:
        torn = inline and "。" in plain[:60] and paragraph.length > 4 and not POINT.match(plain)
        return torn or paragraph.length <= 3
    unfinished = tail.endswith(("，", ",", "、"))
    if not paragraph.sentences and paragraph.length < 60:
        opening = paragraph.first.normalized
        if not (unfinished or (prose and paragraph.commas) or _OPENING.match(opening) or POINT.match(opening)):
            return False
    return unfinished or bool(paragraph.sentences) or not POINT.match(plain)


def paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Group the lines that make one paragraph; blank lines, markup and page breaks are left out."""
    groups: list[list[Line]] = []
    for line in lines:
        if line.continues_previous:
            groups[-1].append(line)
        elif line.kind not in ("blank", "markup", "page"):
            groups.append([line])
    return groups
