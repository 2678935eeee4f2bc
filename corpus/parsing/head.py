"""The head of a document without a masthead: its title, its number and who issued it, above the first running text."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.document import Metadata
from corpus.parsing import byline, contents, masthead
from corpus.parsing.byline import Byline
from corpus.parsing.lines import UNFINISHED, Kind, Line, joined_text, of_kind
from corpus.text.enumeration import CHAPTER
from corpus.text.normalize import fold

# The last word of the title of an official document: article 8 of 党政机关公文处理工作条例, and what offices write besides.
_OFFICIAL_WORDS = (
    "通知|意见|方案|办法|通告|公告|公报|命令|决定|决议|通报|报告|请示|批复|议案|函|纪要|规定|条例|细则|规则|章程|制度|规范|规程|守则|准则|"
    "要点|计划|规划|总结|汇报|预案|指南|指引|措施|清单|倡议书|公示|简章|须知|标准|讲话|致辞|提纲|说明|建议|工作法"
)
_ALONE = re.compile(f"{_OFFICIAL_WORDS}|更正|勘误|启事|声明")  # 通 告, below the name of who issues it
_OFFICIAL = re.compile(rf"(?:{_OFFICIAL_WORDS})(?:[（(][^（）()]{{1,20}}[)）])?$")
NUMBER = re.compile(r"[\u4e00-\u9fff（）()]{1,24}[〔\[（(【［]\s*+(?:19|20)\d{2}\s*+[〕\]）)】］]\s*+第?\s*+\d+\s*+号")
_OWN_NUMBER = re.compile(
    r"^(?:[（(]?\s*+(?:\d{4}年)?第\s*+\d+\s*+[号期次]\s*+[)）]?|[〔\[【]\d{4}[〕\]】]\s*+\d+\s*+号)$"
)  # of an announcement: （第1号）
# The head of minutes, with the number beside it: 会 议 纪 要  〔2024〕8号.
_KIND_AND_NUMBER = re.compile(
    r"^(?:[^\s，。]{0,8}\s*+会\s*+议\s*+)?纪\s*+要\s*+(?P<number>[〔\[（(【［]\s*+(?:19|20)\d{2}\s*+[〕\]）)】］]\s*+第?\s*+\d+\s*+[号期])$"
)
_RED_HEAD = re.compile(
    r"^(?P<issuer>[^。，；：]{2,60}?)(?<!\s)\s*+(?:文\s*+件|会\s*+议\s*+纪\s*+要|(?:工作)?专报|公\s*+告|通\s*+告|函)$"
)
_SIGNER = re.compile(r"^签\s*+发\s*+人?\s*+[:：]")
_SECRECY = re.compile(r"^(?:机密|秘密|绝密|特急|加急|平急|内部资料|内部刊物|普通|\d{6})[★☆\d年月长期 ]*$")
_ADDRESSEE = re.compile(r"[:：]$")
_SUBTITLE = re.compile(r"^[-—–－]{1,3}\s*+\S")
_ATTACHMENT = re.compile(r"^附\s*+(?:件|表|录)")
_IN_BRACKETS = re.compile(r"^[（(][^（）()]{2,200}[)）]$")
# （2024年2月27日市民政局印发，自2024年4月1日起施行）: a date, and text that is asked for
_IN_FORCE = re.compile("施行|实施|生效|废止")
_NAMES = re.compile(
    r"^(?:[\u4e00-\u9fff·]{2,30}\s+)?[\u4e00-\u9fff](?:[\u4e00-\u9fff·]{1,3}|\s+[\u4e00-\u9fff]{1,2})(?:\s+[\u4e00-\u9fff·]{2,4})*$"
)
_OFFICE = re.compile(r"(?:书记|主任|局长|部长|主席|会长|校长|院长|处长|科长|县长|市长|区长|镇长|秘书长)\s*+[\u4e00-\u9fff]")
_MAX_BLOCK = 60  # lines above the first running text: menus are long
_MIN_TITLE, _MIN_PLAIN_TITLE, _MAX_TITLE, _GOOD_TITLE = 2, 5, 80, range(8, 46)  # characters; 通告 alone is a title
_MAX_AUTHOR = 40  # characters of an author's line
_MAX_TITLE_LINES = 3
_SIMILAR = 0.75  # of a line and the title that the file states
# How far each sign speaks for a line as the title; below _MIN_SCORE a document has none.
_STATED = 10  # the file itself says that this is its title
_OFFICIAL_ENDING, _OFFICIAL_ALONE = 4, 2  # it ends as titles of official documents do; it is such a word and no more
_ABOVE_BYLINE = 3
_TOP_HEADING, _HEADING = 3, 1  # in Markdown
_GOOD_LENGTH, _FIRST = 1, 1
_PLAIN_ORGANISATION, _SCRAP = -4, -2
_MIN_SCORE = 1


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the text of a document without a masthead; None for what is not said.

    `date` is that of the head; the one below the signature, which the parser finds, goes before it.
    """

    publisher: str | None = None
    date: datetime.date | None = None
    document_number: str | None = None


def mark_head(lines: Sequence[Line], metadata: Metadata, stated: Byline) -> Head:
    """Mark title, bylines and what stands above the title.

    Args: metadata: what the file says of itself; stated: what an information table in the text says.
    """
    block = _block(lines)
    issuer, number = _mark_issuer(block)
    title = _find_title(of_kind(block, "body"), block, metadata.title or stated.title)
    # A digest has titles of its own already, the names of regions; what stands above them is none.
    kind: Kind = "masthead" if of_kind(lines, "title") else "title"
    for line in title:
        line.kind = kind
    below = _below(block, title)
    above = [line for line in block if line.kind == "body" and title and line.number < title[0].number]
    issuer = issuer or _issuer_above(above)
    for line in above:
        line.kind = "masthead"
    _mark_authors(below, block)
    said = Byline()
    for line in block:
        if line.kind == "byline":
            said = said.or_else(byline.read_byline(line.normalized))
            if _IN_FORCE.search(line.normalized):
                line.kind = "body"
    said = stated.or_else(Byline(document_number=number, source=issuer)).or_else(said)
    return Head(said.source or metadata.publisher, said.date or metadata.date, said.document_number)


def _block(lines: Sequence[Line]) -> list[Line]:
    """Return the short lines above the first running text."""
    block: list[Line] = []
    written = [line for line in lines if line.kind in ("body", "byline", "column")]
    for line, following in zip(written, [*written[1:], None], strict=False):
        is_text = line.is_prose and line.kind == "body" and not line.is_markdown_heading
        if (is_text and not (following and byline.may_head(line, following))) or len(block) == _MAX_BLOCK:
            break
        block.append(line)
    return block


def _mark_issuer(block: Sequence[Line]) -> tuple[str | None, str | None]:
    """Mark the red head of an official document and its number; return who issues it, and the number."""
    issuer = number = None
    for i, line in enumerate(block):
        text = line.normalized
        if line.kind != "body":
            continue
        if (match := NUMBER.search(text)) and len(text) - len(match[0]) <= _MAX_AUTHOR and not _OFFICIAL.search(text):
            number = number or "".join(match[0].lstrip("（(").split())
            line.kind = "byline"
        elif match := _KIND_AND_NUMBER.match(text):
            number = number or "".join(match["number"].split())
            line.kind = "masthead"
        elif _OWN_NUMBER.match(text):
            number = number or (text.strip("（）() ") if "号" in text else None)
            line.kind = "byline"
        elif _SIGNER.match(text) or _SECRECY.match(text):
            line.kind = "masthead"
        elif (match := _RED_HEAD.match(text)) and any(NUMBER.search(below.normalized) for below in block[i + 1 : i + 3]):
            # 岚川市民政局文件, or several bodies above 文件, of which the first is meant.
            above = [other for other in block[:i] if other.kind == "body" and masthead.is_organisation(other.normalized)]
            issuer = "".join((above[0].normalized if above else match["issuer"]).split())
            for other in (*above, line):
                other.kind = "masthead"
    return issuer, number


def _find_title(lines: Sequence[Line], block: Sequence[Line], stated: str | None) -> list[Line]:
    """Return the lines of the title, none if no line looks like one."""
    best: Line | None = None
    best_score = _MIN_SCORE - 1
    for i, line in enumerate(lines):
        score = _score(line, is_first=i == 0, block=block, stated=stated)
        if score is not None and score > best_score:
            best, best_score = line, score
    return _whole_title(best, block) if best is not None else []


def _score(line: Line, *, is_first: bool, block: Sequence[Line], stated: str | None) -> int | None:
    """Return how much a line looks like the title, None if it cannot be one."""
    text = line.normalized
    if not _MIN_TITLE <= len(text) <= _MAX_TITLE or text.endswith(UNFINISHED) or "。" in text[:-1]:
        return None
    if line.is_table_row or _IN_BRACKETS.match(text) or _SUBTITLE.match(text) or _ATTACHMENT.match(text):
        return None
    if line.is_numbered and not line.is_markdown_heading:
        return None
    alone = bool(_ALONE.fullmatch("".join(text.split())))
    official = alone or bool(_OFFICIAL.search("".join(text.split())))
    if len(text) < _MIN_PLAIN_TITLE and not official:
        return None
    following = next((other for other in block if other.number > line.number and not _SUBTITLE.match(other.normalized)), None)
    score = _FIRST if is_first else 0
    score += _OFFICIAL_ENDING if official else 0
    score += _OFFICIAL_ALONE if alone else 0
    score += _ABOVE_BYLINE if following is not None and _tells_author(following) else 0
    score += (_TOP_HEADING if line.heading_level == 1 else _HEADING) if line.is_markdown_heading else 0
    score += _GOOD_LENGTH if len(text) in _GOOD_TITLE else 0
    score += _SCRAP if len(text) < _GOOD_TITLE.start and not official else 0
    score += _PLAIN_ORGANISATION if masthead.is_organisation(text) else 0
    score += _STATED if stated and contents.similarity(stated, text) >= _SIMILAR else 0
    return score


def _whole_title(line: Line, block: Sequence[Line]) -> list[Line]:
    """Return the lines of a title: also what stands right above 关于……, or before a torn 《, what follows at once, a subtitle."""
    lines = of_kind(block, "body")
    i = lines.index(line)
    title = [line]
    while i and lines[i - 1].number == title[0].number - 1 and _goes_on(lines[i - 1].normalized, joined_text(title)):
        i -= 1
        title.insert(0, lines[i])
    for below in lines[i + len(title) : i + len(title) + _MAX_TITLE_LINES - 1]:
        adjacent = below.number == title[-1].number + 1 and not (_ends_title(title, below) or _is_scrap(below, block))
        if not (adjacent or _SUBTITLE.match(below.normalized)):
            break
        title.append(below)
    return title


def _goes_on(above: str, title: str) -> bool:
    """Return whether the line right above a title is its beginning: the body that issues it, or a name that is torn."""
    if above.endswith(UNFINISHED):
        return False
    torn = above.count("《") > above.count("》") or ("关于" in above and not _OFFICIAL.search(above))
    return torn or (title.startswith("关于") and masthead.is_organisation(above)) or _is_half(above, title)


def _is_half(above: str, title: str) -> bool:
    """Return whether a title is set on two lines of like length: 推行“厂门口十分钟”服务, 让青年工人办事不用请假."""
    long_enough = len(above) >= _GOOD_TITLE.start and len(title) >= _GOOD_TITLE.start
    return long_enough and not (_OFFICIAL.search(title) or masthead.is_organisation(above))


def _is_scrap(line: Line, block: Sequence[Line]) -> bool:
    """Return whether a line is a few characters above a byline: the name of who posted the text."""
    following = next((other for other in block if other.number > line.number), None)
    return len(line.normalized) < _GOOD_TITLE.start and following is not None and following.kind == "byline"


def _ends_title(title: Sequence[Line], below: Line) -> bool:
    """Return whether a title is complete before the line right below it."""
    text = below.normalized
    return bool(
        _OFFICIAL.search(joined_text(title))
        or text.endswith(UNFINISHED)
        or below.is_numbered
        or "\t" in below.raw
        or below.is_markdown_heading
        or title[-1].is_markdown_heading
        or _IN_BRACKETS.match(text)
        or _is_author(text)
    )


def _issuer_above(above: Sequence[Line]) -> str | None:
    """Return the body whose name stands right above the title, on one line or two."""
    names = (joined_text(above[-2:]), *(line.normalized for line in above[-1:]))
    whole = above and masthead.is_organisation(above[-2:][0].normalized)  # two bodies, not one on two lines
    return next(("".join(name.split()) for name in names[1 if whole else 0 :] if masthead.is_organisation(name)), None)


def _below(block: Sequence[Line], title: Sequence[Line]) -> list[Line]:
    return [line for line in block if line.kind == "body" and title and line.number > title[-1].number]


def _mark_authors(below: Sequence[Line], block: Sequence[Line]) -> None:
    """Mark the lines right below a title that name its author or its day: 团锦渚区委, 局长 许闻澜, （2022年2月28日）."""
    for line in below:
        text = line.normalized
        dated = _IN_BRACKETS.match(text) and masthead.find_dates(fold(text))
        if not (dated or _is_scrap(line, block) or _is_author(text) or _OWN_NUMBER.match(text) or _SUBTITLE.match(text)):
            break
        line.kind = "byline"


def _tells_author(line: Line) -> bool:
    """Return whether a line is a byline that stands below titles, or names an author. Numbers stand above titles as well."""
    text = line.normalized
    if NUMBER.search(text) or _OWN_NUMBER.match(text):
        return False
    return line.kind == "byline" or _is_author(text)


def _is_author(text: str) -> bool:
    if len(text) > _MAX_AUTHOR or _ADDRESSEE.search(text) or CHAPTER.match(text):
        return False
    return masthead.is_organisation(text) or bool(_OFFICE.search(text)) or (" " in text and bool(_NAMES.match(text)))
