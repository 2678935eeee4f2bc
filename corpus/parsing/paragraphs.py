"""The paragraphs of a text, joined from lines at hard wraps and at page breaks inside a sentence."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from corpus.parsing.lines import BOLD_MARK, LEFT_OUT, Line, is_final, of_kind
from corpus.text.enumeration import BULLET, CHAPTER, CLAUSE, HEADING, POINT, SUBHEADING, WORDED_POINT

# Hard-wrapped text. Its lines have 20 to 70 characters (of two columns each), and there are enough of them to tell. Seven in ten
# end within three characters of the same column: the others end their paragraphs. A line counts as full up to three and a half
# characters before that column, since 。 and ， may not open the next line.
_MIN_WRAP, _MAX_WRAP = 40, 140  # columns
_MIN_WRAPPED_LINES = 8
_WRAPPED_SHARE = 0.7
_NEAR_WRAP = 6  # columns
_FULL_LINE = 7  # columns
# Characters: a paragraph that is shorter and has no full stop may be a title or a heading.
_MAX_HEADING = 60
_MAX_POINT_NAME = 30  # characters of a point's name on a line of its own
# Characters of a heading's mark alone, whose heading stands on the next line (一、 or 十一、), and of the shortest beginning of a
# heading that may be torn in two.
_MARK_ALONE, _MIN_TORN_HEADING = 3, 5
# A paragraph that opens so is prose, however short its first line was cut (real example: 近年来，团嵊州市委紧紧围绕……).
_OPENING = re.compile(r"近年来|今年|去年|自|为|随着|\d{4}年|[上下]半年|日前|近日|近期|截至|针对|围绕|根据|按照|通过")
_COUNTED = re.compile(r"\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[)）]")  # by digits; 一是…… is the beginning of a sentence
_COLONS = (":", "：")
_COLONS_AND_SEMICOLONS = (*_COLONS, "；", ";")
_COMMAS = ("，", ",", "、")


@dataclass(slots=True)
class Paragraph:
    """The facts about a paragraph so far, updated line by line, so that the time grows only with its length."""

    first: Line
    last: Line
    length: int = 0
    sentences: int = 0
    commas: int = 0
    bold_marks: int = 0
    open_quotes: int = 0
    open_book_titles: int = 0

    @classmethod
    def of(cls, line: Line) -> "Paragraph":
        """Return a paragraph of one line."""
        paragraph = cls(line, line)
        paragraph.add(line)
        return paragraph

    def add(self, line: Line) -> None:
        """Add a line."""
        text = line.normalized
        self.last = line
        self.length += len(text)
        self.sentences += text.count("。")
        self.commas += text.count("，") + text.count(",")
        self.bold_marks += len(BOLD_MARK.findall(line.raw))
        self.open_quotes += text.count("“") - text.count("”")
        self.open_book_titles += text.count("《") - text.count("》")

    @property
    def is_open(self) -> bool:
        """Return whether it ends inside a bold run, a quotation or the title of a book."""
        return self.bold_marks % 2 == 1 or self.open_quotes > 0 or self.open_book_titles > 0

    @property
    def has_heading(self) -> bool:
        """Return whether it opens with a heading's number."""
        return bool(HEADING.match(self.first.normalized) or SUBHEADING.match(self.first.normalized))

    @property
    def may_be_heading(self) -> bool:
        """Return whether it is as short as a title or a heading, and has no full stop."""
        return not self.sentences and self.length < _MAX_HEADING


@dataclass(frozen=True, slots=True)
class Typesetting:
    """The typesetting of a bulletin: hard-wrapped at a column or not, headings on a line with text or alone."""

    wrap: int | None
    inline_headings: bool


@dataclass(slots=True)
class Join:
    """A paragraph and the line below it, which may go on with it.

    `gap`: blank lines or a page break lie between. `no_titles`: the paragraph is no title, since the contents list has them all
    or one has just been. `is_final`: the paragraph may end here.
    """

    paragraph: Paragraph
    line: Line
    typesetting: Typesetting
    gap: bool
    no_titles: bool
    is_final: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_final = is_final(self.tail)

    @property
    def tail(self) -> str:
        """Return the last line above."""
        return self.paragraph.last.normalized

    @property
    def text(self) -> str:
        """Return the line below."""
        return self.line.normalized

    @property
    def is_wrapped(self) -> bool:
        """Return whether the line above is full in a hard-wrapped text, and the one below follows at once."""
        if self.gap or (self.line.is_indented and self.is_final):
            return False
        return is_full(self.paragraph.last, self.typesetting.wrap)

    @property
    def is_unfinished(self) -> bool:
        """Return whether the paragraph ends with a comma."""
        return self.tail.endswith(_COMMAS)


class Rule(NamedTuple):
    """A rule that, if it applies, decides whether the line continues the paragraph."""

    name: str
    applies: Callable[[Join], bool]
    joins: bool


def _opens_prose(join: Join) -> bool:
    opening = join.paragraph.first.normalized
    return bool((join.no_titles and join.paragraph.commas) or _OPENING.match(opening) or POINT.match(opening))


def _is_torn_heading(join: Join) -> bool:
    """Return whether the rest of a heading stands below, with the text that follows it: **一、健全机制，夯 / 实基础。**今年……."""
    goes_on = join.typesetting.inline_headings and "。" in join.text[:_MAX_HEADING] and not POINT.match(join.text)
    return goes_on and join.paragraph.length >= _MIN_TORN_HEADING


def _is_name_of_point(join: Join) -> bool:
    """Return whether a point has a line for its name, and its text a paragraph of its own: 1.抓住关键，补齐短板 / 明年……."""
    paragraph = join.paragraph
    short = paragraph.last is paragraph.first and paragraph.length <= _MAX_POINT_NAME
    return short and (join.gap or join.line.is_indented) and bool(_COUNTED.match(join.tail)) and not join.is_unfinished


# The first rule that applies decides.
RULES = (
    Rule("a row of a table stands alone", lambda join: join.line.is_table_row or join.paragraph.last.is_table_row, False),
    Rule(
        "a Markdown heading stands alone",
        lambda join: join.line.is_markdown_heading or join.paragraph.last.is_markdown_heading,
        False,
    ),
    Rule("a clause or a chapter begins", lambda join: bool(CLAUSE.match(join.text) or CHAPTER.match(join.text)), False),
    Rule("a chapter's name stands alone", lambda join: bool(CHAPTER.match(join.tail)) and not join.is_wrapped, False),
    Rule("a bullet begins", lambda join: bool(BULLET.match(join.text)), False),
    Rule("a subheading begins after a full stop", lambda join: join.is_final and bool(SUBHEADING.match(join.text)), False),
    Rule(
        "a full line goes on after its full stop",
        lambda join: join.is_final and join.is_wrapped and not (HEADING.match(join.text) or POINT.match(join.text)),
        True,
    ),
    Rule("a paragraph ends with its full stop", lambda join: join.is_final, False),
    Rule(
        "a point begins after a colon or semicolon",
        lambda join: join.tail.endswith(_COLONS_AND_SEMICOLONS) and join.line.is_numbered,
        False,
    ),
    Rule("a quotation or a bold run goes on", lambda join: join.paragraph.is_open, True),
    Rule("a heading begins below a full line", lambda join: join.is_wrapped and bool(HEADING.match(join.text)), False),
    Rule("a full line goes on", lambda join: join.is_wrapped, True),
    Rule("a heading begins", lambda join: bool(HEADING.match(join.text) or SUBHEADING.match(join.text)), False),
    Rule("a paragraph ends with its colon", lambda join: join.tail.endswith(_COLONS), False),
    Rule(
        "a torn heading goes on",
        lambda join: join.paragraph.has_heading and join.paragraph.may_be_heading and _is_torn_heading(join),
        True,
    ),
    Rule(
        "the mark of a heading goes on",
        lambda join: join.paragraph.has_heading and join.paragraph.may_be_heading and join.paragraph.length <= _MARK_ALONE,
        True,
    ),
    Rule("a heading ends with its line", lambda join: join.paragraph.has_heading and join.paragraph.may_be_heading, False),
    Rule(
        "a title ends with its line",
        lambda join: join.paragraph.may_be_heading and not (join.is_unfinished or _opens_prose(join)),
        False,
    ),
    Rule("a point's name stands alone", _is_name_of_point, False),
    Rule(
        "a point begins",
        lambda join: (
            not join.is_unfinished
            and bool(WORDED_POINT.match(join.text) or (POINT.match(join.text) and not join.paragraph.sentences))
        ),
        False,
    ),
    Rule("a paragraph goes on until it ends", lambda join: True, True),
)


def find_wrap(lines: Sequence[Line]) -> int | None:
    """Return the column at which the text is hard-wrapped, or None where each line is a paragraph."""
    widths = [
        line.width for line, following in pairwise(lines) if line.kind == following.kind == "body" and not following.is_indented
    ]
    widths = [width for width in widths if width >= _MIN_WRAP]
    if len(widths) < _MIN_WRAPPED_LINES or max(widths) > _MAX_WRAP:
        return None
    common = Counter(width // 2 for width in widths).most_common(1)[0][0] * 2
    near = sum(abs(width - common) <= _NEAR_WRAP for width in widths)
    return common if near >= _WRAPPED_SHARE * len(widths) else None


def is_full(line: Line, wrap: int | None) -> bool:
    """Return whether a line reaches the column at which the text is hard-wrapped."""
    return wrap is not None and line.width >= wrap - _FULL_LINE


def join_lines(lines: Sequence[Line], wrap: int | None) -> None:
    """Mark each body line that continues the paragraph before it.

    Args: wrap: the column at which the text is hard-wrapped, or None.
    """
    headings = [line for line in of_kind(lines, "body") if HEADING.match(line.normalized)]
    inline = 2 * sum("。" in line.normalized[:-1] for line in headings) > len(headings)
    typesetting = Typesetting(wrap, inline)
    listed = bool(of_kind(lines, "contents"))
    paragraph: Paragraph | None = None
    opened = False  # whether a title or heading stands right before the paragraph
    gap = False
    for line in lines:
        if line.kind in ("blank", "furniture"):
            gap = True
            continue
        if line.kind != "body":
            paragraph, opened = None, line.kind == "title"
        elif paragraph is not None and decide(Join(paragraph, line, typesetting, gap, no_titles=listed or opened)).joins:
            line.continues_previous = True
            paragraph.add(line)
        else:
            if paragraph is not None:
                opened = paragraph.last is paragraph.first and paragraph.has_heading
            paragraph = Paragraph.of(line)
        gap = False


def decide(join: Join) -> Rule:
    """Return the rule that decides whether the line continues the paragraph."""
    return next(rule for rule in RULES if rule.applies(join))


def group_paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Group the lines that make one paragraph; blank lines, markup and page breaks are left out."""
    groups: list[list[Line]] = []
    for line in lines:
        if line.continues_previous:
            groups[-1].append(line)
        elif line.kind not in LEFT_OUT:
            groups.append([line])
    return groups
