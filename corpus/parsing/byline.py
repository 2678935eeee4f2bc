"""The lines that say who published a text and when: 来源：…… 发布时间：……, and the information table of a public site."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.parsing import masthead
from corpus.parsing.lines import Line, is_final, written_lines
from corpus.text.normalize import fold

_QUOTED = "> "  # marks a quotation in Markdown
_MAX_BYLINE, _MAX_REPORTERS = 160, 50  # characters
_SOURCE = r"(?:(?:信息|文章|稿件|新闻)?来\s*+源|稿\s*+源|供稿(?:单位)?|发布(?:单位|机构|部门)|发文(?:单位|机关|机构))"
_TIME = r"(?:发布|发稿|更新|发表|成文|编辑|录入)(?:时间|日期)|发布于|(?:时间|日期)(?=\s*+[:：]?\s*+\d{4}[-/.年]\d{1,2})"
_PERSON = (
    r"作\s*+者|撰\s*+稿人?|文字|通讯员|记\s*+者|编\s*+辑|责任编辑|编\s*+审|审\s*+[核稿]|校\s*+[对审]|录入(?:人|员)?|发布(?:人|者)|"
    r"摄\s*+影|供图|图文|来稿"
)
_COUNT = r"(?:浏览|点击|阅读|访问)(?:次数|数|量|率|人次)?|人气|字\s*+[体号]|关注度"
_OPENING = re.compile(rf"^[【\[(（□■|]?\s*+(?:{_SOURCE}|{_TIME}|{_PERSON}|{_COUNT})(?:\s*+[:：/／丨|]|(?<=于))")
_REPORTERS = re.compile(
    r"^[□■◇◆●/／(（【]\s*+(?:本报|本刊|特约)?(?:记者|通讯员)\s*+\S|^(?:本报|本刊)?(?:记者|通讯员)\s+\S|^[文图]\s*+[/／|丨]\s*+\S"
)
_OF_MEETING = re.compile(r"[上下]午|晚上|\d{1,2}\s*+时")  # 时间：9月13日下午3时 opens the text of minutes
_TIMESTAMP = re.compile(
    r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s*+(?:星期[一二三四五六日])?\s*+\d{1,2}:\d{2}(?::\d{2})?)?(?:\s*+(?:来源|作者|编辑|浏览).*)?$"
)
# A date set apart by spaces or dots, with who or where beside it: 共青团昭觉县委员会 · 2023年11月6日, 某报 2015年2月16日 星期一.
_DATED = re.compile(
    r"^(?:[^，。；：:]{0,40}[\s·|｜])?\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
    r"(?:\s*+星期[一二三四五六日天])?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?"
    r"(?:[\s·|｜][^，。；：:]{0,30})?$"
)
# A speaker, behind the body that he or she heads: 石潭县教育局局长　丁若川.
_OFFICE = re.compile(r"(?P<body>\S{4,30}?)副?(?:书记|主任|[局部处科院校]长|主席|秘书长)\s+[\u4e00-\u9fff\s·]{2,8}")
_EXCLAIMED = re.compile("[^。；！？!?]{4,50}[？！?!][”』」》]?")  # one question or exclamation
_PARTS = re.compile(r"\s{2,}|[\s]*[·|｜]\s*+|\s(?=\d{4})|(?<=日)\s")
_ADDRESSEE = re.compile(
    r"^(?!.*(?:如下|要求|印发|认为|指出|强调|包括|方面|[一二三四五六七八九十\d][是要]))(?=[^。；！？：:]*"
    r"(?:各|同志|局|委|办|厅|政府|单位|部门|公司|学校|支部|中心|院|社区|街道|代表|来宾|朋友|先生|女士|青年|志愿者|们))[^。；！？：:]*+[:：]$"
)
_MAX_ADDRESSEE = 400  # characters: a notice may name every body of a city
_SOURCE_VALUE = re.compile(rf"{_SOURCE}\s*+[:：]\s*+(?P<value>[^\s|｜，,：:()（）\[\]【】]{{2,30}})")
# The keys of the information table above a document on a public site (GB/T 33476 calls it 政府信息公开目录).
_KEYS = (
    "索引号|索 引 号|信息索引|主题分类|信息分类|公文种类|体裁分类|服务对象|发文(?:日期|机关|机构|单位|字号|文号|时间)|"
    "发布(?:机构|日期|单位|机关|部门|时间)|成文(?:日期|时间)|生成日期|公开(?:日期|方式|范围|时限|时间)|责任部门|文\\s*+号|文件编号|"
    "有效性|时\\s*+效|是否有效|效力状态|标\\s*+题|名\\s*+称|关\\s*+键\\s*+词|主\\s*+题\\s*+词|统一编号|组配分类|内容概述|生效日期|失效日期|废止日期"
)
_KEY = re.compile(rf"(?<![\u4e00-\u9fff])(?P<key>{_KEYS})(?:\s*+[:：]\s*+|\s+|$)")
_ISSUER, _NUMBER, _DATES = (
    re.compile("发[布文](?:机构|机关|单位|部门)"),
    re.compile(r"文\s*+号|发文字号|文件编号"),
    ("成文", "发文", "发布", "生成", "公开"),
)
_MIN_KEYS, _MAX_HEAD = 3, 40  # keys of an information table; lines at the top of a text among which it stands
_NO_VALUE = frozenset({"无", "暂无", "-", "/", ""})


@dataclass(frozen=True, slots=True)
class Byline:
    """The facts of bylines and information tables: publisher or source, date, number; None for what is not said."""

    source: str | None = None
    date: datetime.date | None = None
    document_number: str | None = None
    title: str | None = None

    def or_else(self, other: "Byline") -> "Byline":
        """Return these facts, and those of `other` where one is lacking."""
        return Byline(
            self.source or other.source,
            self.date or other.date,
            self.document_number or other.document_number,
            self.title or other.title,
        )


def is_byline(text: str) -> bool:
    """Return whether a line (without markup) says who wrote or published a text, or when, and nothing else."""
    text = text.lstrip(_QUOTED)
    if len(text) > _MAX_BYLINE or "。" in text or _OF_MEETING.search(text):
        return False
    if _TIMESTAMP.match(text) or _DATED.match(text) or (_REPORTERS.match(text) and len(text) <= _MAX_REPORTERS):
        return True
    return bool(_OPENING.match(text)) and not is_final(text)


def signs(text: str) -> bool:
    """Return whether a byline is the name of the body whose paper it is, with a person's or alone: 中共石潭县委组织部　许闻澜."""
    words = text.strip("（）()").split()
    return bool(words) and masthead.is_organisation(words[0]) and not masthead.find_dates(fold(text))


def read_speaker(text: str) -> str | None:
    """Return the body that the speaker of a byline heads: 石潭县教育局局长　丁若川 -> 石潭县教育局; None if it names none."""
    name = _OFFICE.fullmatch(text.strip("（）() "))
    return name["body"] if name and masthead.is_organisation(name["body"]) else None


def is_addressee(text: str) -> bool:
    """Return whether a line names those to whom a document is addressed: 各乡镇团委、县直各团支部：."""
    return len(text) <= _MAX_ADDRESSEE and bool(_ADDRESSEE.match(text))


def read_byline(text: str) -> Byline:
    """Return the facts of a byline."""
    source = _SOURCE_VALUE.search(text)
    dates = masthead.find_dates(fold(text))
    names = (name for part in _PARTS.split(text.lstrip(_QUOTED)) if (name := masthead.clean_organisation(part)))
    return Byline(source["value"] if source else next(names, None), dates[0] if dates else None)


def may_head(line: Line, following: Line) -> bool:
    """Return whether a line that ends like a sentence is a title, since its source and time follow: 夜校怎么办到厂门口？."""
    return bool(_EXCLAIMED.fullmatch(line.normalized)) and is_byline(following.normalized)


def mark_bylines(lines: Sequence[Line]) -> None:
    """Mark the bylines that stand below a title: after a short line, and with text below them.

    A date below the name of a body signs what stands above it, and is no byline.
    """
    written = written_lines(lines)
    above: Line | None = None
    for i, line in enumerate(written):
        signs = line.is_date and above is not None and masthead.is_organisation(above.normalized)
        below_text = above is not None and above.kind == "body" and above.is_prose and not may_head(above, line)
        if line.kind == "body" and i + 1 < len(written) and not (signs or below_text) and is_byline(line.normalized):
            line.kind = "byline"
        above = line


def settle_bylines(lines: Sequence[Line]) -> None:
    """Leave as bylines those between a title and its text. One above a title is no part of an article; others are text."""
    written = written_lines(lines)
    above = "masthead"
    for line, following in zip(written, [*written[1:], None], strict=False):
        ends = following is not None and not following.continues_previous
        if line.kind == "body" and above == "title" and ends and masthead.is_organisation(line.normalized):
            line.kind = "byline"  # 共青团石潭县委员会, below the title of its paper
        elif line.kind == "body" and above in ("title", "byline") and ends and is_addressee(line.normalized):
            line.kind = "byline"
        elif line.kind == "signature" and above in ("title", "byline") and ends:
            line.kind = "byline"  # （2023年6月28日三亚市人民政府办公室印发）, below the title
        elif line.kind == "byline" and above not in ("title", "byline"):
            opens = following is not None and following.kind in ("title", "byline", "column", "masthead")
            line.kind = "masthead" if opens and above != "body" else "body"
        above = line.kind


@dataclass(slots=True)
class _Table:
    """The information table as far as it was read: its values by key."""

    values: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


def mark_information_table(lines: Sequence[Line]) -> Byline:
    """Mark the information table of a public site as a byline, and return what it says."""
    table = _read_table(lines)
    if len(table.values) < _MIN_KEYS:
        return Byline()
    for line in table.lines:
        line.kind = "byline"
    found = {key: value for key, value in table.values.items() if value not in _NO_VALUE}
    source = next((value for key, value in found.items() if _ISSUER.fullmatch(key)), None)
    number = next((value for key, value in found.items() if _NUMBER.fullmatch(key)), None)
    dated = (masthead.find_dates(fold(value)) for name in _DATES for key, value in found.items() if key.startswith(name))
    return Byline(source, next((dates[0] for dates in dated if dates), None), number, found.get("标题"))


def _read_table(lines: Sequence[Line]) -> _Table:
    table, open_key = _Table(), ""
    for line in written_lines(lines)[:_MAX_HEAD]:
        text = line.normalized.replace("\t", "  ")
        keys = list(_KEY.finditer(text)) if line.kind in ("body", "byline", "masthead") else []
        if keys and keys[0].start() == 0:
            for key, following in zip(keys, [*keys[1:], None], strict=True):
                value = text[key.end() : following.start() if following else len(text)].strip()
                open_key = "".join(key["key"].split())
                table.values.setdefault(open_key, value)
            table.lines.append(line)
        elif open_key and not table.values[open_key] and not line.is_prose:
            table.values[open_key] = text.strip()
            table.lines.append(line)
        elif table.values:
            open_key = ""
            if line.is_prose:
                break
    return table
