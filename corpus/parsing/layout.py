"""Give every line its kind: masthead, contents, column, title, body, signature, footer, markup or page break.

The contents list is the oracle for titles: each entry is looked up among the short lines that follow. Without one, a title is a
short line of its own after a finished paragraph that names a place or an institution, or follows a signature, or after which
the numbering starts again.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.messages.message import Message
from corpus.parsing import contents, masthead
from corpus.parsing.lines import Kind, Line, is_final, joined_text, of_kind, signature, split
from corpus.parsing.paragraphs import is_full, join, paragraphs, wrap_width
from corpus.regions.division_names import LEVELS
from corpus.regions.gazetteer import Gazetteer
from corpus.text.enumeration import BULLET, HEADING, SUBHEADING, is_entry
from corpus.text.normalize import letters
from corpus.text.numerals import SMALL_NUMBER

_RULE = re.compile(r"^\s*(?:[-—_=*~－─━]\s*){3,}$")
_CELL = re.compile(r"^[\d.%]+\D{0,4}$")  # 13, 2.1亿元
_TAB_INSIDE = re.compile(r"\S *\t\s*\S")
_NUMBER = re.compile(r"^\d{1,3}$")
_PAGE_NUMBER = re.compile(
    r"^(?:[-—–－·.~]\s*\d{1,3}\s*[-—–－·.~]|第\s*\d{1,3}\s*页(?:\s*[,，/]?\s*共\s*\d{1,3}\s*页)?|\d{1,3}\s*/\s*\d{1,3}|page\s*\d{1,3})$"
)
_FOOTER = re.compile(
    # Words that open nothing but a footer, and words that do so before a colon only (报送材料实行清单制 is a sentence).
    r"^(?:(?:分\s*送|主\s*送|抄\s*[送报]|呈\s*[报送]|责任编辑|责\s*编|签\s*发|核\s*稿|本期(?:编辑|责编)|执行编辑|主题词)(?=\s*[:：]|\s|$)|"
    r"(?:报\s*送|印\s*[送发数]|[报送发印]|发\s*送|编\s*[辑审校]|审\s*[核签定稿阅]|校\s*[对核]|排\s*版|主\s*编|联系(?:电话|人)|电\s*话|传\s*真|投稿(?:邮箱)?|"
    r"电子(?:邮箱|邮件)|邮\s*箱|网\s*址|地\s*址|E-?mail)(?=\s*[:：])|[(（]?(?:共\s*印|印\s*数)|"
    rf"[^。]{{0,40}}\d+\s*月\s*\d+\s*日\s*印[发制]|[^。]{{0,40}}[{SMALL_NUMBER}]\s*日\s*印[发制])",
    re.I,
)
_COLUMN = re.compile(
    r"^(?:【[^】：:]{2,10}】|[◆★■※]?\s*(?:经验交流|经验做法|典型经验|工作交流|工作动态|基层动态|基层经验|各地动态|市县动态|县区动态|区县动态|"
    r"综合信息|信息快递|调查研究|工作研究|领导讲话|特色工作|一线传真|他山之石)\s*[◆★■※]?)$"
)
_INSTITUTION = re.compile(
    r"^[^，。：]{1,10}(?:学院|大学|学校|中学|小学|医院)|^[^：:，。]{2,10}[:：]|^[【\[]|^(?:共青)?团[^，。]{1,12}委|"
    rf"[{LEVELS}]委"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The classified lines, the cleaned contents entries and what could not be understood."""

    lines: tuple[Line, ...]
    contents: tuple[str, ...]
    warnings: tuple[Message, ...]


def classify(source: str, *, gazetteer: Gazetteer) -> Layout:
    """Give every line of `source` its kind, and mark the lines that continue the one before."""
    lines = split(source)
    for line in lines:
        if not line.normalized:
            line.kind = "markup" if line.raw.strip() else "blank"
        elif _RULE.match(line.raw):
            line.kind = "markup"
        elif _PAGE_NUMBER.match(line.normalized.lower()):
            line.kind = "page"
    wrap = wrap_width(lines)
    for line, following in pairwise(lines):
        line.wrapped = is_full(line, wrap) and following.kind == "body" and not following.indented
    body_at = _mark_masthead(lines)
    _mark_footer(lines, body_at)
    for line in of_kind(lines[body_at:], "body"):
        if _COLUMN.match(line.normalized):
            line.kind = "column"
    _mark_rows(lines)
    _mark_page_breaks(lines, body_at)
    entries, warnings = contents.mark(lines, body_at)
    for line in of_kind(lines, "body"):
        if not line.is_markdown_heading and signature(line.normalized):
            line.kind = "signature"
    join(lines, wrap)
    _mark_titles(lines, gazetteer, listed=bool(entries))
    _mark_bare_signatures(lines)
    below: Kind = "footer"
    for line in reversed([line for line in lines if line.kind not in ("blank", "markup", "page")]):
        if line.kind == "column" and below not in ("title", "column"):
            line.kind = "body"  # the name of a column stands above a title
        below = line.kind
    return Layout(tuple(lines), entries, warnings)


def _mark_masthead(lines: list[Line]) -> int:
    """Mark the masthead; return the index of the first line after it."""
    end = 0
    publishers = 0
    last = ""
    for at, line in enumerate(lines[:80]):
        if line.kind != "body":
            continue
        if contents.is_head(line.normalized):
            break
        if contents.is_editorial(line.normalized) and last in ("", lines[end - 1].normalized):
            end = contents.end_of_editorial(lines, at)  # not one below a title, which is part of the article
        elif at < end:
            continue
        elif masthead.is_note(line.normalized) and not (
            SUBHEADING.match(line.normalized) or contents.is_editorial(line.normalized)
        ):
            end = at + 1
        elif line.prose or is_entry(line.normalized):
            # 呼兰区召开冬季食品安全调度会 reads like the name of a body, but there is one, and text follows.
            if publishers > 1 and masthead.is_organisation(last):
                end = next(before for before in range(end - 1, -1, -1) if lines[before].normalized == last)
            break
        elif masthead.is_masthead_line(line.normalized):
            end = at + 1
            publishers += masthead.names_organisation(line.normalized)
        last = line.normalized
    for line in of_kind(lines[:end], "body"):
        line.kind = "masthead"
    return end


def _mark_footer(lines: list[Line], body_at: int) -> None:
    """The footer is the trailing block that opens with a distribution or editor line and holds no running text."""
    start = None
    for at in range(len(lines) - 1, body_at - 1, -1):
        line = lines[at]
        if line.kind != "body":
            continue
        if _FOOTER.match(line.normalized):
            start = at
        elif "。" in line.normalized or line.is_markdown_heading or signature(line.normalized):
            break
    if start is not None:
        for line in of_kind(lines[start:], "body"):
            line.kind = "footer"


def _mark_rows(lines: Sequence[Line]) -> None:
    """The rows of tables: lines right below each other whose cells are parted by tabs, at least two."""
    for above, line in pairwise(lines):
        if above.kind != "body" or line.kind != "body":
            continue
        if _TAB_INSIDE.search(above.raw) and _TAB_INSIDE.search(line.raw):
            above.is_table_row = line.is_table_row = True
        elif above.is_table_row and "\t" in line.raw:
            line.is_table_row = True  # its first or last cell is empty


def _mark_page_breaks(lines: list[Line], body_at: int) -> None:
    """Running headers and bare page numbers: short lines that repeat, or that name the series or issue of the masthead."""
    names = [name for line in of_kind(lines, "masthead") if len(name := letters(line.normalized)) >= 5]
    names.sort(key=len, reverse=True)
    written = [line for line in lines[body_at:] if line.kind not in ("blank", "markup")]
    repeated = Counter(line.normalized for line in written if line.kind == "body" and len(line.normalized) < 45)
    for line in of_kind(written, "body"):
        if len(line.normalized) < 60 and not (
            line.is_table_row or line.is_markdown_heading or is_final(line.normalized) or signature(line.normalized)
        ):
            rest = whole = letters(line.normalized)
            for name in names:
                rest = rest.replace(name, "")
            # 岚川青年工作信息 2021年第14期: what the masthead does not say is at most a page number.
            named = len(whole) > len(rest) and not re.sub(r"\d+|第|年|期|总|页", "", rest)
            if named or (repeated[line.normalized] >= 3 and not line.numbered and not _NUMBER.match(line.normalized)):
                line.kind = "page"
    _mark_bare_page_numbers(written)


def _mark_bare_page_numbers(written: Sequence[Line]) -> None:
    """A number alone is a page number where the numbers count upward and stand apart; else it is the cell of a table."""
    found = []
    for at, line in enumerate(written):
        if line.kind == "body" and _NUMBER.match(line.normalized):
            near = (*written[max(at - 1, 0) : at], *written[at + 1 : at + 2])
            cells = [other for other in near if other.kind == "body" and _CELL.match(other.normalized)]
            if len(cells) < 2 and all(abs(other.number - line.number) > 1 for other in cells):
                found.append(line)
    pages = [int(line.normalized) for line in found]
    if all(earlier < later for earlier, later in pairwise(pages)):
        for line in found:
            line.kind = "page"


def _mark_titles(lines: list[Line], gazetteer: Gazetteer, *, listed: bool) -> None:
    """Titles that no contents list names."""
    groups = paragraphs(lines)
    hashed_titles = any(line.kind == "title" and line.is_markdown_heading for line in lines)
    # Of the article so far: characters, whether anything is enumerated, whether it is signed.
    length, numbered, signed = 0, False, False
    above: list[Line] = []  # a title just found, which may go on
    for at, group in enumerate(groups):
        text = joined_text(group)
        first = group[0]
        if first.kind == "signature":
            signed = True
        elif (
            first.kind == "body"
            and _may_be_title(group, groups[at + 1 : at + 2])
            and (
                (above and first.number == above[-1].number + 1)  # a title set on two lines
                or (first.is_markdown_heading and (hashed_titles or not listed))
                or signed
                or (not listed and length >= 30 and _names_place(text, gazetteer))
                or (not listed and length >= 200 and _starts_article(text, numbered, groups[at + 1 :]))
            )
        ):
            for line in group:
                line.kind = "title"
            above = [] if above else group
            length, numbered, signed = 0, False, False
            continue
        elif first.kind == "body":
            length += len(text)
            numbered = numbered or first.numbered or "一是" in text
        elif first.kind == "title":
            length, numbered, signed = 0, False, False
        above = []


def _may_be_title(group: Sequence[Line], following: Sequence[Sequence[Line]]) -> bool:
    text = joined_text(group)
    return (
        6 <= len(text) <= 70
        and not (group[0].is_table_row or group[0].numbered)
        and not text.endswith(("。", "；", ";", "，", ",", "：", ":", "、"))
        and "。" not in text
        and bool(following)
        and following[0][0].kind == "body"
    )


def _names_place(text: str, gazetteer: Gazetteer) -> bool:
    """Whether a line leads with a place: 良庆区探索……, 团沙湾市委……, 【东川区】……."""
    opening = re.sub(r"^(?:【|\[)?(?:中国)?(?:共青团|团|中共)?", "", text)[:20]
    mentions = gazetteer.find(opening, short=True)
    return bool(mentions) and mentions[0].start == 0


def _starts_article(text: str, numbered: bool, following: Sequence[Sequence[Line]]) -> bool:
    """Whether a short line after a finished article opens the next: it names a body, or the numbering starts again."""
    if _INSTITUTION.search(text):
        return True
    for group in following:
        below = joined_text(group)
        if HEADING.match(below):
            return numbered and below.startswith("一")
        if group[0].kind != "body" or re.match(r"[（(]一[)）]|一[是要]|第一|首先|1[.．、]", below) or "一是" in below:
            break
        if group[0].numbered:
            return False
    return len(text) >= 10 and numbered


def _mark_bare_signatures(lines: list[Line]) -> None:
    """A body's name alone on the last line of an article is its signature, brackets or not."""
    groups = paragraphs(lines)
    last = True
    for group in reversed(groups):
        line = group[0]
        dated = masthead.is_date(line.normalized)
        alone = last and len(group) == 1 and line.kind == "body" and not BULLET.match(line.normalized)
        if alone and (dated or signature(line.normalized, bare=True)):
            line.kind = "signature"
        last = dated or line.kind in ("title", "column", "footer")
