"""The kinds of lines: masthead, contents, column, title, body, signature, footer, markup or page break.

The contents list decides which lines are titles: each entry is searched for in the short lines below. Without it, a title is a
short line of its own after a finished paragraph that names a place or an institution, or follows a signature, or after which
the numbering starts again.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.document import Metadata
from corpus.messages.message import Message
from corpus.parsing import contents, masthead
from corpus.parsing.byline import mark_bylines, mark_information_table, settle_bylines
from corpus.parsing.furniture import mark_furniture
from corpus.parsing.head import Head, mark_head
from corpus.parsing.lines import Line, of_kind, read_signature, split_lines, written_lines
from corpus.parsing.page_breaks import mark_page_breaks
from corpus.parsing.paragraphs import find_wrap, group_paragraphs, is_full, join_lines
from corpus.parsing.titles import TitleHints, mark_bulleted_titles, mark_region_heads, mark_titles
from corpus.regions.gazetteer import Gazetteer
from corpus.text.enumeration import BULLET, SUBHEADING, is_entry
from corpus.text.numerals import SMALL_NUMBER
from corpus.text.page_numbers import PAGE_NUMBER

_RULE = re.compile(r"^\s*+(?:(?:[-—_=*~－─━]\s*+){3,}|(?:[★☆※◆■]\s*+)+)$")
_TAB_INSIDE = re.compile(r"\S *\t\s*+\S")
_FOOTER = re.compile(
    # Words that open nothing but a footer, and words that do so before a colon only (报送材料实行清单制 is a sentence).
    r"^(?:(?:分\s*+送|主\s*+送|抄\s*+[送报]|呈\s*+[报送]|责任编辑|责\s*+编|签\s*+发|核\s*+稿|本期(?:编辑|责编)|执行编辑|主题词)(?=\s*+[:：]|\s|$)|"
    r"(?:报\s*+送|印\s*+[送发数]|[报送发印]|发\s*+送|编\s*+[辑审校]|审\s*+[核签定稿阅]|校\s*+[对核]|排\s*+版|主\s*+编|联系(?:电话|人)|电\s*+话|传\s*+真|投稿(?:邮箱)?|"
    r"电子(?:邮箱|邮件)|邮\s*+箱|网\s*+址|地\s*+址|E-?mail)(?=\s*+[:：])|[(（]?(?:共\s*+印|印\s*+数)|"
    rf"[^。]{{0,40}}\d{{1,2}}\s*+月\s*+\d{{1,2}}\s*+日\s*+印[发制]|[^。]{{0,40}}[{SMALL_NUMBER}]\s*+日\s*+印[发制])",
    re.I,
)
# Columns of items that have no titles of their own: 【短讯】.
_OF_ITEMS = re.compile("(?:短讯|简讯|快讯|短波|短新闻|一句话新闻|一线传真|信息快递|(?:信息|动态)集[锦萃])[】\\s◆★■※]*$")
_COLUMN = re.compile(
    r"^(?:【[^】：:]{2,10}】|[◆★■※]?\s*+(?:经验交流|经验做法|典型经验|工作交流|工作动态|基层动态|基层经验|各地动态|市县动态|县区动态|区县动态|"
    r"短讯|简讯|一句话新闻|综合信息|信息快递|调查研究|工作研究|领导讲话|特色工作|一线传真|他山之石)\s*+[◆★■※]?)$"
)

_MAX_MASTHEAD = 80  # lines; notes, keywords and the words of an editor included


@dataclass(frozen=True, slots=True)
class Layout:
    """The classified lines, the cleaned contents entries and what could not be understood.

    `head` is None for a bulletin, whose masthead says what the head of another document says. `starts` are the numbers of the
    lines at which articles begin where a person has said so.
    """

    lines: tuple[Line, ...]
    contents: tuple[str, ...]
    warnings: tuple[Message, ...]
    head: Head | None = None
    starts: frozenset[int] | None = None


def classify(
    source: str, *, gazetteer: Gazetteer, metadata: Metadata = Metadata(), left_out: Collection[int] = frozenset()
) -> Layout:
    """Give every line of `source` its kind, and mark the lines that continue the one before.

    Args: metadata: what the file says of itself, for the head of a document without a masthead; left_out: the numbers of lines
        that a person leaves out.
    """
    lines = split_lines(source)
    _mark_empty(lines, left_out)
    mark_furniture(lines)
    wrap = find_wrap(lines)
    for line, following in pairwise(lines):
        line.is_wrapped = is_full(line, wrap) and following.kind == "body" and not following.is_indented
    stated = mark_information_table(lines)
    body_start = _mark_masthead(lines)
    # A file whose every line could be of a masthead is no bulletin: 更正, with the series in its only sentence.
    is_bulletin = masthead.is_masthead(masthead_lines(lines)) and bool(of_kind(lines[body_start:], "body"))
    if not is_bulletin:
        body_start = 0
        for line in of_kind(lines, "masthead"):
            line.kind = "body"
    _mark_footer(lines, body_start)
    mark_bylines(lines[body_start:])
    for line in of_kind(lines[body_start:], "body"):
        if _COLUMN.match(line.normalized):
            line.kind = "column"
    _mark_table_rows(lines)
    mark_page_breaks(lines, body_start)
    mark_region_heads(lines, gazetteer, is_bulletin=is_bulletin)
    if is_bulletin:
        mark_bulleted_titles(lines)
    head = None if is_bulletin else mark_head(lines, metadata, stated)
    listed = contents.mark_contents(lines, body_start) if is_bulletin else contents.NONE_LISTED
    for line in of_kind(lines, "body"):
        if not line.is_markdown_heading and read_signature(line.normalized):
            line.kind = "signature"
    _mark_signature_blocks(lines)
    join_lines(lines, wrap)
    mark_titles(lines, TitleHints.of(lines, gazetteer, has_contents=bool(listed.entries), is_bulletin=is_bulletin))
    _mark_bare_signatures(lines)
    _settle_columns(lines)
    settle_bylines(lines)
    return Layout(tuple(lines), listed.entries, listed.warnings, head)


def masthead_lines(lines: Sequence[Line]) -> list[str]:
    """Return the lines of the masthead as printed, without markup."""
    return [line.raw.replace("*", "").lstrip("# ") for line in lines if line.kind == "masthead"]


def _mark_empty(lines: Sequence[Line], left_out: Collection[int]) -> None:
    """Mark blank lines, rules, page numbers, and the lines (by number) that a person leaves out."""
    for line in lines:
        if line.number in left_out:
            line.kind = "furniture"
        elif not line.normalized:
            line.kind = "markup" if line.raw.strip() else "blank"
        elif _RULE.match(line.raw):
            line.kind = "markup"
        elif PAGE_NUMBER.fullmatch(line.normalized):
            line.kind = "furniture"


def _mark_masthead(lines: Sequence[Line]) -> int:
    """Mark the masthead; return the index of the first line after it."""
    end = 0
    publishers = 0
    is_numbered = is_dated = False
    last = ""
    for i, line in enumerate(lines[:_MAX_MASTHEAD]):
        text = line.normalized
        if line.kind != "body":
            continue
        if contents.is_contents_heading(text):
            break
        if contents.is_editors_note(text) and last in ("", lines[end - 1].normalized):
            end = contents.end_of_editors_note(lines, i)  # not one below a title, which is part of the article
        elif i < end:
            continue
        elif is_numbered and is_dated and _COLUMN.match(text):
            break
        elif masthead.is_note(text) and not (SUBHEADING.match(text) or contents.is_editors_note(text)):
            end = i + 1
        elif line.is_prose or is_entry(text):
            # 呼兰区召开冬季食品安全调度会 reads like the name of a body, but there is one, and text follows.
            if publishers > 1 and masthead.is_organisation(last):
                end = next(j for j in range(end - 1, -1, -1) if lines[j].normalized == last)
            break
        elif is_numbered and is_dated and not masthead.completes(text, has_publisher=publishers > 0):
            break  # nothing is wanting: a title, though it may read like a series (2023年第二季度夜校开课情况通报)
        elif masthead.is_masthead_line(text):
            end = i + 1
            publishers += masthead.names_organisation(text)
            is_numbered = is_numbered or masthead.states_number(text)
            is_dated = is_dated or bool(masthead.find_dates(text))
        last = text
    for line in of_kind(lines[:end], "body"):
        line.kind = "masthead"
    return end


def _mark_footer(lines: Sequence[Line], body_start: int) -> None:
    """Mark the footer, the trailing block that opens with a distribution or editor line and holds no running text."""
    start = None
    for i in range(len(lines) - 1, body_start - 1, -1):
        line = lines[i]
        if line.kind != "body":
            continue
        if _FOOTER.match(line.normalized):
            start = i
        elif _is_of_article(lines, i):
            break
    if start is not None:
        for line in of_kind(lines[start:], "body"):
            line.kind = "footer"


def _is_of_article(lines: Sequence[Line], i: int) -> bool:
    """Return whether line `i` is running text, a heading, or signs what stands above: no footer lies above it."""
    text = lines[i].normalized
    if "。" in text or lines[i].is_markdown_heading or read_signature(text):
        return True
    if not lines[i].is_date:
        return False
    last = next((lines[j] for j in range(i - 1, -1, -1) if lines[j].kind != "blank"), None)
    return last is not None and masthead.is_organisation(last.normalized)


def _mark_table_rows(lines: Sequence[Line]) -> None:
    """Mark the rows of tables: lines right below each other whose cells are parted by tabs, at least two."""
    for above, line in pairwise(lines):
        if above.kind != "body" or line.kind != "body":
            continue
        if _TAB_INSIDE.search(above.raw) and _TAB_INSIDE.search(line.raw):
            above.is_table_row = line.is_table_row = True
        elif above.is_table_row and "\t" in line.raw:
            line.is_table_row = True  # its first or last cell is empty


def _mark_bare_signatures(lines: Sequence[Line]) -> None:
    """Mark a body's name alone on the last line of an article as its signature, brackets or not."""
    last = True
    below: Line | None = None
    for group in reversed(group_paragraphs(lines)):
        line = group[0]
        last = last or (below is not None and below.kind == "signature" and below.number == line.number + 1)
        dated = line.is_date
        alone = last and len(group) == 1 and line.kind == "body" and not BULLET.match(line.normalized)
        if alone and (dated or read_signature(line.normalized, bare=True)):
            line.kind = "signature"
        last = dated or line.kind in ("title", "column", "footer")
        below = line


def _mark_signature_blocks(lines: Sequence[Line]) -> None:
    """Mark the bodies and the date that sign a document in the midst of a file, where attachments follow."""
    written = written_lines(lines)
    for i, line in enumerate(written):
        if line.kind != "body" or not line.is_date:
            continue
        above = i
        while above and written[above - 1].kind == "body" and masthead.is_organisation(written[above - 1].normalized):
            above -= 1
        if above < i:
            for signed in written[above : i + 1]:
                signed.kind = "signature"


def _settle_columns(lines: Sequence[Line]) -> None:
    """Mark the names of columns below which no title stands: of a column of items without titles it is the title, else body."""
    below: Line | None = None
    for line in reversed(written_lines(lines)):
        if line.kind == "column" and (below is None or below.kind not in ("title", "column")):
            has_items = below is not None and below.kind == "body" and _OF_ITEMS.search(line.normalized)
            line.kind = "title" if has_items else "body"
        below = line
