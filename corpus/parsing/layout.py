"""The kinds of lines: masthead, contents, column, title, body, signature, footer, markup or page break.

The contents list decides which lines are titles: each entry is searched for in the short lines below. Without it, a title is a
short line of its own after a finished paragraph that names a place or an institution, or follows a signature, or after which
the numbering starts again.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.document import Metadata
from corpus.messages.message import Message
from corpus.parsing import contents, masthead
from corpus.parsing.byline import mark_bylines, mark_information_table, settle_bylines
from corpus.parsing.furniture import mark_furniture
from corpus.parsing.head import Head, mark_head
from corpus.parsing.lines import Kind, Line, is_final, joined_text, of_kind, read_signature, split_lines
from corpus.parsing.paragraphs import find_wrap, group_paragraphs, is_full, join_lines
from corpus.regions.division_names import LEVELS
from corpus.regions.gazetteer import Gazetteer
from corpus.text.enumeration import BULLET, HEADING, SUBHEADING, is_entry
from corpus.text.normalize import letters
from corpus.text.numerals import SMALL_NUMBER
from corpus.text.page_numbers import PAGE_NUMBER

_RULE = re.compile(r"^\s*(?:(?:[-—_=*~－─━]\s*){3,}|(?:[★☆※◆■]\s*)+)$")
_CELL = re.compile(r"^[\d.%]+\D{0,4}$")  # 13, 2.1亿元
_TAB_INSIDE = re.compile(r"\S *\t\s*\S")
_NUMBER = re.compile(r"^\d{1,3}$")
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
_REGION_HEAD = re.compile(r"^[【\[◆■●▲★※\s]*(?:中国)?(?:共青团|团)?|[】\]:：\s]+$")
_COMMITTEE = re.compile("(?:委员会|团委|委|团工委|民政局|教育局|妇联|总工会|人民政府)$")
_UNFINISHED = ("。", "；", ";", "，", ",", "：", ":", "、")  # no title ends so
_BEFORE_PLACE = re.compile(r"^(?:【|\[)?(?:中国)?(?:共青团|团|中共)?")
_FIRST_POINT = re.compile(r"[（(]一[)）]|一[是要]|第一|首先|1[.．、]")
_ISSUE_WORDS = re.compile(r"\d+|第|年|期|总|页")

_MAX_MASTHEAD = 80  # lines; notes, keywords and the words of an editor included
# Characters of running headers: a name of the masthead that is shorter than five (简报, 第3期) stands in running text, too; a
# header that only repeats, and does not say what the masthead says, is shorter than one that does.
_MIN_HEADER_NAME, _MAX_HEADER, _MAX_REPEATED_HEADER = 5, 60, 45
_MIN_REPEATS = 3
_MIN_REGION_HEADS, _MAX_REGION_HEAD = 2, 16  # names alone on a line that make a digest; characters of such a line
_MIN_CELLS = 2  # numbers right above and below make one the cell of a table
# Characters of a title; one that neither its words nor a signature above tells to be a title is longer than 工作动态 or 保障措施.
_MIN_TITLE, _MAX_TITLE, _MIN_UNMARKED_TITLE = 6, 70, 10
# Characters of an article above the title of the next. A line that leads with a place may be a title after one sentence; others
# take more, since they may be headings of the same article.
_MIN_BEFORE_PLACE, _MIN_BEFORE_OTHER = 30, 200
_PLACE_WINDOW = 20  # characters of a line in which the name of a place that it leads with ends


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
    _mark_empty(lines)
    for line in lines if left_out else ():
        if line.number in left_out:
            line.kind = "furniture"
    mark_furniture(lines)
    wrap = find_wrap(lines)
    for line, following in pairwise(lines):
        line.is_wrapped = is_full(line, wrap) and following.kind == "body" and not following.is_indented
    stated = mark_information_table(lines)
    body_start = _mark_masthead(lines)
    is_bulletin = masthead.is_masthead(masthead_lines(lines))
    if not is_bulletin:
        body_start = 0
        for line in of_kind(lines, "masthead"):
            line.kind = "body"
        stated = mark_information_table(lines)
    _mark_footer(lines, body_start)
    mark_bylines(lines[body_start:])
    for line in of_kind(lines[body_start:], "body"):
        if _COLUMN.match(line.normalized):
            line.kind = "column"
    _mark_table_rows(lines)
    _mark_page_breaks(lines, body_start)
    _mark_region_heads(lines, gazetteer, is_bulletin=is_bulletin)
    head = None if is_bulletin else mark_head(lines, metadata, stated)
    listed = contents.mark_contents(lines, body_start) if is_bulletin else contents.NONE_LISTED
    for line in of_kind(lines, "body"):
        if not line.is_markdown_heading and read_signature(line.normalized):
            line.kind = "signature"
    _mark_signature_blocks(lines)
    join_lines(lines, wrap)
    _mark_titles(lines, _TitleHints.of(lines, gazetteer, has_contents=bool(listed.entries), is_bulletin=is_bulletin))
    _mark_bare_signatures(lines)
    _unmark_columns(lines)
    settle_bylines(lines)
    return Layout(tuple(lines), listed.entries, listed.warnings, head)


def masthead_lines(lines: Sequence[Line]) -> list[str]:
    """Return the lines of the masthead as printed, without markup."""
    return [line.raw.replace("*", "").lstrip("# ") for line in lines if line.kind == "masthead"]


def _mark_empty(lines: Sequence[Line]) -> None:
    """Mark blank lines, rules and page numbers."""
    for line in lines:
        if not line.normalized:
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
    if not masthead.is_date(text):
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


def _mark_page_breaks(lines: Sequence[Line], body_start: int) -> None:
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


@dataclass(frozen=True, slots=True)
class _TitleHints:
    """Hints for finding titles: whether there is a contents list, and the level of Markdown headings that are titles (0: none).

    `is_single`: the document is one article; a plan that a notice issues stands below its signature, and belongs to it.
    """

    gazetteer: Gazetteer
    has_contents: bool
    title_level: int
    is_single: bool

    @classmethod
    def of(cls, lines: Sequence[Line], gazetteer: Gazetteer, *, has_contents: bool, is_bulletin: bool) -> "_TitleHints":
        """Collect the hints from lines of which some titles are marked."""
        levels = [line.heading_level for line in lines if line.heading_level and line.kind in ("title", "body")]
        marked = [line.heading_level for line in lines if line.heading_level and line.kind == "title"]
        level = marked[0] if marked else min(levels, default=0)
        return cls(gazetteer, has_contents, level, is_single=not is_bulletin and levels.count(level) <= 1)


@dataclass(slots=True)
class _ArticleState:
    """The article above a line: its characters, whether anything in it is enumerated, and whether it is over.

    It is over where it is signed, or where the name of a column stands.
    """

    length: int = 0
    is_numbered: bool = False
    is_over: bool = False

    def add(self, group: Sequence[Line]) -> None:
        """Go on with a paragraph of the body or a signature."""
        text = joined_text(group)
        if group[0].kind in ("signature", "column"):
            self.is_over = True
        elif group[0].kind == "body":
            self.length += len(text)
            self.is_numbered = self.is_numbered or group[0].is_numbered or "一是" in text

    def opens_new_title(self, groups: Sequence[Sequence[Line]], index: int, hints: _TitleHints) -> bool:
        """Return whether the paragraph `groups[index]`, which may be a title, opens the next article."""
        group = groups[index]
        if self.is_over and not hints.is_single:
            return True
        if group[0].is_markdown_heading:
            return group[0].heading_level <= hints.title_level
        if hints.has_contents or hints.is_single:
            return False
        text = joined_text(group)
        if self.length >= _MIN_BEFORE_PLACE and _names_place(text, hints.gazetteer):
            return True
        return self.length >= _MIN_BEFORE_OTHER and self._starts_over(text, groups[index + 1 :])

    def _starts_over(self, text: str, following: Sequence[Sequence[Line]]) -> bool:
        """Return whether a short line names a body, or the numbering starts again below it."""
        if _INSTITUTION.search(text):
            return True
        for group in following:
            below = joined_text(group)
            if HEADING.match(below):
                return self.is_numbered and below.startswith("一")
            if group[0].kind != "body" or _FIRST_POINT.match(below) or "一是" in below:
                break
            if group[0].is_numbered:
                return False
        return len(text) >= _MIN_UNMARKED_TITLE and self.is_numbered


def _mark_titles(lines: Sequence[Line], hints: _TitleHints) -> None:
    """Mark the titles that no contents list names."""
    groups = group_paragraphs(lines)
    article = _ArticleState()
    above: Sequence[Line] = ()  # a title just found, which may go on
    for i, group in enumerate(groups):
        goes_on = bool(above) and group[0].number == above[-1].number + 1  # a title set on two lines
        if _may_be_title(groups, i) and (goes_on or article.opens_new_title(groups, i, hints)):
            for line in group:
                line.kind = "title"
            above = () if above else group
        else:
            article.add(group)
            above = ()
        if group[0].kind == "title":
            article = _ArticleState()


def _may_be_title(groups: Sequence[Sequence[Line]], index: int) -> bool:
    """Return whether a paragraph of the body looks like a title, and is followed by one."""
    first, text = groups[index][0], joined_text(groups[index])
    return (
        first.kind == "body"
        and _MIN_TITLE <= len(text) <= _MAX_TITLE
        and not (first.is_table_row or first.is_numbered)
        and not text.endswith(_UNFINISHED)
        and "。" not in text
        and index + 1 < len(groups)
        and groups[index + 1][0].kind == "body"
    )


def _names_place(text: str, gazetteer: Gazetteer) -> bool:
    """Return whether a line leads with a place: 良庆区探索……, 团沙湾市委……, 【东川区】……."""
    mentions = gazetteer.find(_BEFORE_PLACE.sub("", text)[:_PLACE_WINDOW], short=True)
    return bool(mentions) and mentions[0].start == 0


def _mark_bare_signatures(lines: Sequence[Line]) -> None:
    """Mark a body's name alone on the last line of an article as its signature, brackets or not."""
    last = True
    below: Line | None = None
    for group in reversed(group_paragraphs(lines)):
        line = group[0]
        last = last or (below is not None and below.kind == "signature" and below.number == line.number + 1)
        dated = masthead.is_date(line.normalized)
        alone = last and len(group) == 1 and line.kind == "body" and not BULLET.match(line.normalized)
        if alone and (dated or read_signature(line.normalized, bare=True)):
            line.kind = "signature"
        last = dated or line.kind in ("title", "column", "footer")
        below = line


def _mark_signature_blocks(lines: Sequence[Line]) -> None:
    """Mark the bodies and the date that sign a document in the midst of a file, where attachments follow."""
    written = [line for line in lines if line.kind not in ("blank", "markup", "furniture")]
    for i, line in enumerate(written):
        if line.kind != "body" or not masthead.is_date(line.normalized):
            continue
        above = i
        while above and written[above - 1].kind == "body" and masthead.is_organisation(written[above - 1].normalized):
            above -= 1
        if above < i:
            for signed in written[above : i + 1]:
                signed.kind = "signature"


def _mark_region_heads(lines: Sequence[Line], gazetteer: Gazetteer, *, is_bulletin: bool) -> None:
    """Mark the names of regions and of their committees that stand alone above running text as titles: 【锦渚区】, 团北苑区委.

    Below the title of a round-up in a bulletin they are headings of it, and stay what they are.
    """
    written = [line for line in lines if line.kind not in ("blank", "markup", "furniture", "masthead")]
    heads = [
        (above, line)
        for above, line, following in zip([None, *written], written, written[1:], strict=False)
        if line.kind in ("body", "column") and following.is_prose and _is_region(line.normalized, gazetteer)
    ]
    above = heads[0][0] if heads else None
    titled = is_bulletin and above is not None and above.kind == "body" and not above.is_prose
    if len(heads) < _MIN_REGION_HEADS or titled:
        return
    for _, line in heads:
        line.kind = "title"


def _is_region(text: str, gazetteer: Gazetteer) -> bool:
    """Return whether a line is the name of a region, or of the committee of one, and nothing else."""
    if len(text) > _MAX_REGION_HEAD:
        return False
    name = _REGION_HEAD.sub("", text)
    return any(gazetteer.candidates(each) for each in (name, name.removesuffix("委"), name[:-2], _COMMITTEE.sub("", name)))


def _unmark_columns(lines: Sequence[Line]) -> None:
    """Mark the names of columns as body if no title follows."""
    below: Kind = "footer"
    for line in reversed([line for line in lines if line.kind not in ("blank", "markup", "furniture")]):
        if line.kind == "column" and below not in ("title", "column"):
            line.kind = "body"
        below = line.kind
