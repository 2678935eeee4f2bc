"""One physical line of a bulletin, and its properties that do not depend on other lines."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from corpus.parsing import masthead
from corpus.parsing.unbroken import find_lost_line_ends, find_signature, is_unbroken
from corpus.text.enumeration import is_numbered
from corpus.text.normalize import simplify
from corpus.text.numerals import SMALL_NUMBER
from corpus.text.sentences import LINE_ENDS

# Furniture is what a page adds to the text: running headers, page numbers, the menus of a site. A byline says below a title who
# wrote or published the text, and when.
Kind = Literal["blank", "markup", "furniture", "masthead", "contents", "column", "title", "byline", "body", "signature", "footer"]

# Stars around a bold run, as in Markdown; not those that hide digits: 138****5678, 139***1122.
BOLD_MARK = re.compile(r"(?<![\d*])\*{2,}|(?<=\d)\*\*(?:\*(?!\d))?(?!\*)")
OF_ARTICLE: tuple[Kind, ...] = ("title", "body", "signature")
LEFT_OUT: tuple[Kind, ...] = ("blank", "markup", "furniture")  # what no paragraph holds
# What the end of a title is not, since the line goes on or is a sentence.
UNFINISHED = ("。", "；", ";", "，", ",", "：", ":", "、")

_LINE = re.compile(f"[^{LINE_ENDS}]*(?:\r\n|[{LINE_ENDS}]|$)")
_HASHES = re.compile(r"^\s*+(#{1,6})\s*")
_FINAL = re.compile(r"[。！？!?…][”’」』）)》\"*]*$")
_LEADER = r"\s.．·…⋯_—-"
_ENTRY_TAIL = re.compile(
    rf"(?<![{_LEADER}])(?:[{_LEADER}]{{2,}}+|\s)[（(]?\s*+\d{{1,3}}\s*+[)）]?$|(?<!\s)\s*+[（(]\s*+\d{{1,3}}\s*+[)）]$"
    r"|(?<![.．·…⋯])[.．·…⋯]{3,}+$"
)
# （团金华市委）, （供稿单位：海门区妇联）, （桐梓县委直属机关工委 2020年7月8日）; not （一） or （1）.
_BRACKETED = re.compile(rf"^[（(](?!\d|[{SMALL_NUMBER}]{{1,3}}[)）])([^（）()。！？；]{{2,40}})[)）]$")
_SOURCE = re.compile(r"^(?:供稿|撰稿|作者|来源|通讯员|记者|撰文|文字)(?:单位)?\s*+[:：]\s*")
# What stands in brackets below a text and names no body that signs it: （作者系县委组织部副部长）, （本文写于2024年3月）.
_NO_BODY = re.compile(
    "作者(?![:：])|本文|本刊|(?:责任)?编[辑审]|责编|[校审][对核稿]|[图照]片|摄影(?!家)|资料来源|注[:：]|备注|未完|完$"
)
_GAP = re.compile(r"(\s)\s+")  # between two bodies that sign together
_AUTHOR = re.compile(r"(?<!\s)\s++[\u4e00-\u9fff]{2,4}$")  # behind his body: 锦渚区司法局　许闻澜
# Behind the name: 供稿, a date, and on pages of sites how often it was read.
_SUPPLIED = re.compile(
    r"(?<!\s)\s*+供稿$|(?<![\s，,])[\s，,]*+\d{4}(?:年\d{1,2}月\d{1,2}日|[-./]\d{1,2}[-./]\d{1,2})(?:\s++(?:浏览|点击|阅读|访问)(?:次数|数|量)?\s*+[:：]?\s*+\d++次?)?$"
)
# Full-width letters, digits, full stop and space; punctuation keeps its width, since it tells 、 and ， from code.
_WIDE = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0E)
_HALF_WIDTH = {**{code: code - 0xFEE0 for code in _WIDE}, 0x3000: 0x20}
_MAX_ENTRY, _MAX_SIGNATURE = 200, 60  # characters; an entry's dot leaders included
_FINAL_TAIL = 8  # characters at the end of a line among which its 。 with quotes and brackets stands
# Characters. A line is running text if it is longer than any title, if it holds a full stop and is no slogan (稳就业。促发展。),
# or if it ends like a sentence or before a list and is longer than 特此通知。
_MAX_TITLE, _MIN_WITH_STOP, _MAX_SHORT_SENTENCE = 75, 25, 12
_BEFORE_LIST = ("：", ":", "；")


@dataclass(slots=True)
class Line:
    """One physical line. `start`/`end` bound its content in the source, without the line end; `number` counts from 1."""

    number: int
    start: int
    end: int
    raw: str
    kind: Kind = "body"
    continues_previous: bool = False  # of a paragraph: what lies between the two is deleted
    is_table_row: bool = False  # its cells are parted by tabs
    is_wrapped: bool = False  # set to the full width of a hard-wrapped text, and the next line follows at once

    normalized: str = field(init=False)  # markup and outer white space taken off, half-width, simplified: for classification only
    heading_level: int = field(init=False)  # of a Markdown heading, 1 to 6; 0 for any other line
    # What is asked several times of every line is found out once.
    width: int = field(init=False)  # columns that it takes on a terminal: two for a Chinese character
    is_date: bool = field(init=False)  # and nothing else, as below a signature
    reads_as_prose: bool = field(init=False)  # whatever stands beside it

    def __post_init__(self) -> None:
        hashes = _HASHES.match(self.raw)
        self.heading_level = len(hashes[1]) if hashes else 0
        self.normalized = normalize_line(self.raw[hashes.end() :] if hashes else self.raw)
        self.width = sum(map(_columns, self.raw.rstrip()))
        self.is_date = masthead.is_date(self.normalized)
        self.reads_as_prose = _reads_as_prose(self.normalized)

    @property
    def is_markdown_heading(self) -> bool:
        """Return whether it is a Markdown heading."""
        return self.heading_level > 0

    @property
    def is_indented(self) -> bool:
        """Return whether it is indented, as the first line of a paragraph is."""
        return self.raw[:1] in "\u3000\t" or self.raw.startswith("  ")

    @property
    def is_numbered(self) -> bool:
        """Return whether it opens with a heading's number, a point's mark or a bullet."""
        return is_numbered(self.normalized)

    @property
    def is_prose(self) -> bool:
        """Return whether it is running text: no title, heading, signature or contents entry."""
        return self.is_wrapped or self.reads_as_prose


@lru_cache(maxsize=8192)
def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def _reads_as_prose(text: str) -> bool:
    length, final = len(text), is_final(text)
    if not final and has_page_number(text):
        return False
    return (
        length > _MAX_TITLE
        or (length >= _MIN_WITH_STOP and "。" in text)
        or (length > _MAX_SHORT_SENTENCE and (final or text.endswith(_BEFORE_LIST)))
    )


def split_lines(source: str) -> list[Line]:
    """Cut the source at its line ends (LF, CRLF, CR, form feed), and where line ends were lost.

    A signature in brackets behind the last sentence of a paragraph is a line of its own.
    """
    lines: list[Line] = []
    unbroken = is_unbroken(source)
    for match in _LINE.finditer(source):
        if match.end() == match.start():
            break
        content = match[0].rstrip(LINE_ENDS)
        cuts = find_lost_line_ends(content) if unbroken else []
        if (signature := find_signature(content)) is not None:
            cuts.append(signature)
        for start, end in pairwise(sorted({0, *cuts, len(content)}) if content else [0, 0]):
            lines.append(Line(len(lines) + 1, match.start() + start, match.start() + end, content[start:end]))
    return lines


def normalize_line(raw: str) -> str:
    """Return `raw` without bold marks and outer white space, half-width and simplified."""
    return simplify(raw.replace("*", "").translate(_HALF_WIDTH)).strip()


def is_final(text: str) -> bool:
    """Return whether a paragraph may end here: after 。！？ and closing quotes."""
    return bool(_FINAL.search(text.strip()[-_FINAL_TAIL:]))


def has_page_number(entry: str) -> bool:
    """Return whether a contents entry ends in dot leaders or a page number."""
    return len(entry) <= _MAX_ENTRY and bool(_ENTRY_TAIL.search(entry))


def without_page_number(entry: str) -> str:
    """Return a contents entry without the dot leaders and page number at its end."""
    return _ENTRY_TAIL.sub("", entry) if len(entry) <= _MAX_ENTRY else entry


def read_signature(text: str, *, bare: bool = False) -> str | None:
    """Return the signing body of a signature line: （团金华市委） -> 团金华市委; None for any other line.

    Args: bare: take a body's name without brackets too, as on the last line of an article.
    """
    text = text.strip()
    if len(text) > _MAX_SIGNATURE:
        return None
    if match := _BRACKETED.match(text):
        text = match[1]
    elif not _SOURCE.match(text) and not (bare and masthead.is_organisation(_AUTHOR.sub("", _SUPPLIED.sub("", text)))):
        return None
    if _NO_BODY.match(text):
        return None
    return _GAP.sub(r"\1", _SUPPLIED.sub("", _SOURCE.sub("", text.strip())).strip()) or None


def of_kind(lines: Iterable[Line], *kinds: Kind) -> list[Line]:
    """Return those of `lines` that are of one of `kinds`."""
    return [line for line in lines if line.kind in kinds]


def written_lines(lines: Iterable[Line]) -> list[Line]:
    """Return the lines that have text of the document: neither blank, nor markup, nor furniture."""
    return [line for line in lines if line.kind not in LEFT_OUT]


def joined_text(lines: Sequence[Line]) -> str:
    """Return the plain text of lines that are one paragraph or title."""
    return "".join(line.normalized for line in lines)
