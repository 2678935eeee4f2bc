"""Classify every raw line: masthead, contents entry, title, body, signature, footer, markup, page break; and say which
lines are one paragraph.

The contents list is the oracle for titles: each entry is looked up among the short lines that follow. Without one, a title is a
short line of its own after a finished paragraph, after which the numbering starts again or a signature stood before it.
"""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from corpus import masthead
from corpus.language import tr
from corpus.script import fold, simplify

Kind = Literal["blank", "markup", "page", "masthead", "contents", "title", "body", "signature", "footer"]

HEADING = re.compile(r"[一二三四五六七八九十]{1,3}\s*[、．.](?!\d)")
SUBHEADING = re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）]")
POINT = re.compile(
    r"[一二三四五六七八九十]{1,2}[是要]|第[一二三四五六七八九十]{1,2}[，,、]|首先|其次|再次|最后[，,]|\d{1,2}[.．、](?!\d)|[（(]\d{1,2}[)）]|[①-⑳]"
)
BULLET = re.compile(r"[●■◆▪•·○◇★▲►※]|——|[-–—*](?=\s)")

_LINE = re.compile(r"[^\r\n\f\v\u0085\u2028\u2029]*(?:\r\n|[\r\n\f\v\u0085\u2028\u2029]|$)")
_HASHES = re.compile(r"^\s*#{1,6}\s*")
_RULE = re.compile(r"^\s*(?:[-—_=*~－─━]\s*){3,}$")
_PAGE_NUMBER = re.compile(
    r"^(?:[-—–－·.~\s]*\d{1,3}[-—–－·.~\s]*|第\s*\d{1,3}\s*页(?:\s*[,，/]?\s*共\s*\d{1,3}\s*页)?|\d{1,3}\s*/\s*\d{1,3}|page\s*\d{1,3})$"
)
_FINAL = re.compile(r"[。！？!?…][”’」』）)》\"*]*$")
_FOOTER = re.compile(
    r"^(?:分\s*送|主\s*送|抄\s*[送报]|报\s*送|呈\s*[报送]|印\s*[送发数]|[报送发](?=\s*[：:])|发\s*送|责任编辑|责\s*编|编\s*[辑审](?=\s*[：:])|审\s*[核签定稿](?=\s*[：:])|"
    r"签\s*发|核\s*稿|校\s*[对核](?=\s*[：:])|本期(?:编辑|责编)|执行编辑|主\s*编(?=\s*[：:])|联系(?:电话|人)(?=\s*[：:])|投稿|电子邮箱(?=\s*[：:])|邮\s*箱(?=\s*[：:])|"
    r"地\s*址(?=\s*[：:])|\(?共印|.{0,30}\d+\s*月\s*\d+\s*日\s*印[发制]|.{0,30}[一二三四五六七八九十]\s*日\s*印[发制])"
)
_SIGNATURE = re.compile(r"^[（(](?!\d|[一二三四五六七八九十]{1,3}[)）])([^（）()。！？；]{2,40})[)）]$")
_BARE_SIGNATURE = re.compile(r"^(?:供稿[:：]\s*|作者[:：]\s*)?((?:共青团|团)[^，。：“”]{2,20}(?:委|委员会|工委))(?:\s*供稿)?$")
_CONTENTS_HEAD = re.compile(r"^[【\[]?\s*(?:目\s*录|本期(?:目录|要目|导读|内容|导览)|内容(?:提要|导读)|要\s*目|导\s*读)\s*[】\]]?\s*[:：]?$")
_ENTRY_MARK = re.compile(r"^(?:[-–—*●■◆▪•·○◇★▲►※]\s*|[（(]?\d{1,2}\s*(?:[.．、)）](?!\d))\s*|[①-⑳]\s*)")
_ENTRY_TAIL = re.compile(r"(?:[\s.．·…⋯_—-]{2,}|\t+\s*|\s+)[（(]?\s*\d{1,3}\s*[)）]?$|\s*[（(]\s*\d{1,3}\s*[)）]$|[.．·…⋯]{3,}$")
# A paragraph that opens so is prose, however short its first line was cut (real example: 近年来，团嵊州市委紧紧围绕……).
_OPENING = re.compile(r"近年来|今年|去年|自|为|随着|\d{4}年|[上下]半年|日前|近日|近期|截至|针对|围绕|根据|按照|通过")
_COMMITTEE = re.compile(r"团.{1,12}委|[省市县区州旗](?:委)?[^，。]{0,4}[:：]|学院|大学|[：:]")
_TITLE_MATCH = 0.6  # listed and printed titles of the real bulletins match at 0.84 or better, the runner-up at 0.57 or less


# Full-width letters, digits, full stop and space; punctuation keeps its width, since it tells 、 and ， from code.
_HALF_WIDTH = {**{code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0E)}, 0x3000: 0x20}


@dataclass(slots=True)
class Line:
    """One physical line. `start`/`end` bound its content in the source, without the line end; `number` counts from 1."""

    number: int
    start: int
    end: int
    raw: str
    kind: Kind = "body"
    joined: bool = False  # continues the line before it: what lies between the two is deleted
    wrapped: bool = False  # set to the full width of a hard-wrapped text, and the next line follows at once

    plain: str = field(init=False)  # markup and outer white space taken off, half-width, simplified: for classification only

    def __post_init__(self) -> None:
        self.plain = _plain(_HASHES.sub("", self.raw))

    @property
    def hashed(self) -> bool:
        return bool(_HASHES.match(self.raw)) and "#" in self.raw

    @property
    def indented(self) -> bool:
        return self.raw[:1] in "\u3000\t" or self.raw.startswith("  ")

    @property
    def width(self) -> int:
        """Columns on a terminal: a Chinese character takes two."""
        return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in self.raw.rstrip())


@dataclass(frozen=True, slots=True)
class Layout:
    """The classified lines, the cleaned contents entries and what could not be understood."""

    lines: tuple[Line, ...]
    contents: tuple[str, ...]
    warnings: tuple[str, ...]


def split(source: str) -> list[Line]:
    """Cut the source at its line ends (LF, CRLF, CR, form feed)."""
    lines: list[Line] = []
    for match in _LINE.finditer(source):
        if match.end() == match.start():
            break
        content = match[0].rstrip("\r\n\f\v\u0085\u2028\u2029")
        lines.append(Line(len(lines) + 1, match.start(), match.start() + len(content), content))
    return lines


def classify(source: str) -> Layout:
    """Give every line of `source` its kind, and mark the lines that continue the one before."""
    lines = split(source)
    warnings: list[str] = []
    for line in lines:
        if not line.plain.strip():
            line.kind = "markup" if line.raw.strip() else "blank"
        elif _RULE.match(line.raw):
            line.kind = "markup"
    wrap = _wrap_width(lines)
    for line, following in zip(lines, lines[1:], strict=False):
        line.wrapped = wrap is not None and line.width >= wrap - 7 and following.kind == "body" and not following.indented
    body_at = _end_masthead(lines)
    _mark_footer(lines, body_at)
    _mark_page_breaks(lines, body_at)
    contents = _mark_contents(lines, body_at, warnings)
    for line in _of_kind(lines, "body"):
        if _SIGNATURE.match(line.plain) and not line.hashed:
            line.kind = "signature"
    _join(lines, wrap)
    _mark_titles(lines, listed=bool(contents))
    _mark_bare_signatures(lines)
    return Layout(tuple(lines), contents, tuple(warnings))


def signature(plain: str) -> str | None:
    """The signing body of a signature line: （团金华市委） -> 团金华市委; None for any other line."""
    match = _SIGNATURE.match(plain.strip()) or _BARE_SIGNATURE.match(plain.strip())
    return match[1].strip() if match else None


def is_final(plain: str) -> bool:
    """Whether a paragraph may end here: after 。！？ and closing quotes."""
    return bool(_FINAL.search(plain.strip()))


def similarity(one: str, other: str) -> float:
    """How alike two titles are, 0 to 1, punctuation and white space dropped (difflib's ratio)."""
    return difflib.SequenceMatcher(None, _letters(one), _letters(other), autojunk=False).ratio()


def _plain(raw: str) -> str:
    return simplify(raw.replace("*", "").translate(_HALF_WIDTH)).strip()


def _letters(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


def _of_kind(lines: Sequence[Line], *kinds: Kind) -> list[Line]:
    return [line for line in lines if line.kind in kinds]


def _is_prose(line: Line) -> bool:
    """A line of running text, not a title, heading or entry."""
    if _ENTRY_TAIL.search(line.plain) and not is_final(line.plain):
        return False
    return line.wrapped or (len(line.plain) >= 25 and "。" in line.plain) or len(line.plain) > 75 or (is_final(line.plain) and len(line.plain) > 12)


def _end_masthead(lines: list[Line]) -> int:
    """Mark the masthead; return the index of the first line after it."""
    end = 0
    for at, line in enumerate(lines):
        if line.kind != "body":
            continue
        if masthead.is_note(line.plain) and not (SUBHEADING.match(line.plain) or line.plain.startswith("【") and not line.plain.endswith("】")):
            end = at + 1
        elif _is_prose(line) or _CONTENTS_HEAD.match(line.plain) or _ENTRY_MARK.match(line.plain) or at > 60:
            break
        elif masthead.is_masthead_line(line.plain):
            end = at + 1
    for line in lines[:end]:
        if line.kind == "body":
            line.kind = "masthead"
    return end


def _mark_footer(lines: list[Line], body_at: int) -> None:
    """The footer is the trailing block that opens with a distribution or editor line and holds no running text."""
    start = None
    for at in range(len(lines) - 1, body_at - 1, -1):
        line = lines[at]
        if line.kind != "body":
            continue
        if _FOOTER.match(line.plain):
            start = at
        elif _is_prose(line) or _SIGNATURE.match(line.plain):
            break
    if start is not None:
        for line in lines[start:]:
            if line.kind == "body":
                line.kind = "footer"


def _mark_page_breaks(lines: list[Line], body_at: int) -> None:
    """Page numbers, and running headers: short lines that repeat, or that name the series or issue of the masthead."""
    names = [letters for line in _of_kind(lines, "masthead") if len(letters := _letters(line.plain)) >= 5]
    repeated = Counter(line.plain for line in _of_kind(lines[body_at:], "body") if len(line.plain) < 45)
    for line in _of_kind(lines[body_at:], "body"):
        if _PAGE_NUMBER.match(line.plain.lower()):
            line.kind = "page"
        elif len(line.plain) < 60 and not _is_prose(line) and not line.hashed:
            rest = _letters(line.plain)
            whole = len(rest)
            for name in sorted(names, key=len, reverse=True):
                rest = rest.replace(name, "")
            # 岚川青年工作信息 2021年第14期: what the masthead does not say is at most a page number.
            named = whole > len(rest) and not re.sub(r"\d+|第|年|期|总|页", "", rest)
            if named or (repeated[line.plain] >= 3 and not _is_numbered(line.plain)):
                line.kind = "page"


def _is_numbered(plain: str) -> bool:
    return any(pattern.match(plain) for pattern in (HEADING, SUBHEADING, POINT, BULLET))


def _mark_contents(lines: list[Line], body_at: int, warnings: list[str]) -> tuple[str, ...]:
    """Mark contents entries and the titles they list; return the entries, cleaned of bullets, leaders and page numbers."""
    block: list[Line] = []
    for line in _of_kind(lines[body_at:], "body"):
        if _is_prose(line):
            break
        block.append(line)
    while block and HEADING.match(block[-1].plain) and not _ENTRY_TAIL.search(block[-1].plain):
        block.pop()  # a section heading between the title and the first paragraph
    head = next((line for line in block if _CONTENTS_HEAD.match(line.plain)), None)
    if head is not None:
        head.kind = "contents"
        block = block[block.index(head) + 1 :]
    entries = _entries(block)
    listed = head is not None or any(_ENTRY_MARK.match(line.plain) for line in block)
    best, title_lines = 0.0, 0
    for last in (1, 2, 3):  # the printed title of the first article is the last one to three lines
        for first in (1, 2):
            if first + last <= len(block) and (ratio := similarity(_text(block[-last:]), _text_of_entries(block, first))) > best + 0.02:
                best, title_lines = ratio, last
    if best >= _TITLE_MATCH:
        block_entries = block[:-title_lines]
    elif listed:
        unmarked = 0
        while unmarked < len(block) and not _ENTRY_MARK.match(block[-1 - unmarked].plain) and not _ENTRY_TAIL.search(block[-1 - unmarked].plain):
            unmarked += 1
        block_entries, title_lines = block[: len(block) - unmarked], unmarked
    else:
        block_entries, title_lines = [], len(block)
    entries = _entries(block_entries)
    for line in block_entries:
        line.kind = "contents"
    for line in block[len(block_entries) :]:
        line.kind = "title"
    if entries and block[len(block_entries) :]:
        _mark_listed_titles(lines, entries, block[-1].number, best >= _TITLE_MATCH, warnings)
    return tuple(entries)


def _entries(block: Sequence[Line]) -> list[str]:
    """The entries of a contents list; a line without mark or page number continues the entry before, where others have them."""
    marked = any(_ENTRY_MARK.match(line.plain) for line in block)
    entries: list[str] = []
    for line in block:
        text = line.raw.replace("*", "").strip()
        entry = _ENTRY_TAIL.sub("", _ENTRY_MARK.sub("", _HASHES.sub("", text))).strip()
        if marked and entries and not _ENTRY_MARK.match(line.plain):
            entries[-1] = f"{entries[-1]} {entry}".strip()
        elif entry:
            entries.append(entry)
    return entries


def _text(lines: Sequence[Line]) -> str:
    return "".join(line.plain for line in lines)


def _text_of_entries(block: Sequence[Line], count: int) -> str:
    return "".join(_entries([line])[0] if _entries([line]) else "" for line in [entry for entry in block if _entries([entry])][:count])


def _mark_listed_titles(lines: list[Line], entries: list[str], after: int, first_found: bool, warnings: list[str]) -> None:
    """Find the printed title of each further entry, in order, among the short lines that are no running text."""
    remaining = entries[1:] if first_found or len(entries) > 0 else entries
    candidates = [line for line in lines[after:] if line.kind == "body"]
    at = 0
    for entry in remaining:
        best, where = 0.0, (0, 0)
        for index in range(at, len(candidates)):
            for count in (1, 2, 3):
                group = candidates[index : index + count]
                if len(group) < count or any(_is_prose(line) or _is_numbered(line.plain) and not line.hashed for line in group):
                    break
                if (ratio := similarity(entry, _text(group))) > best + (0.02 if count > 1 else 0):
                    best, where = ratio, (index, index + count)
        if best >= _TITLE_MATCH:
            for line in candidates[where[0] : where[1]]:
                line.kind = "title"
            at = where[1]
        else:
            warnings.append(tr(f"目录有“{entry}”，正文中没有找到相近的标题", f"the contents list “{entry}”, but no title like it was found"))


def _join(lines: list[Line], wrap: int | None) -> None:
    """Mark each body line that goes on with the paragraph before it: hard wraps, and page breaks in mid-sentence."""
    inline = _headings_inline(lines)
    listed = any(line.kind == "contents" for line in lines)
    paragraph, last = "", None  # the paragraph so far, raw, and its last line
    opened = False  # whether a title or heading stands right before the paragraph
    gap: set[str] = set()
    for line in lines:
        if line.kind in ("blank", "page"):
            gap.add(line.kind)
            continue
        if line.kind != "body":
            paragraph, last, opened = "", None, line.kind == "title"
        elif last is not None and _continues(paragraph, last, line, gap, wrap, inline=inline, prose=listed or opened):
            line.joined = True
            paragraph, last = paragraph + line.raw.strip(), line
        else:
            opened = opened if last is None else bool(HEADING.match(last.plain) or SUBHEADING.match(last.plain))
            paragraph, last = line.raw.strip(), line
        gap = set()


def _wrap_width(lines: list[Line]) -> int | None:
    """The column at which the text is hard-wrapped, or None where each line is a paragraph."""
    widths = [
        line.width
        for line, following in zip(lines, lines[1:], strict=False)
        if line.kind == following.kind == "body" and not following.indented
    ]
    widths = [width for width in widths if width >= 40]
    if len(widths) < 8 or max(widths) > 140:
        return None
    common = Counter(width // 2 for width in widths).most_common(1)[0][0] * 2
    near = sum(abs(width - common) <= 6 for width in widths)
    return common if near >= 0.7 * len(widths) else None


def _headings_inline(lines: list[Line]) -> bool:
    """Whether most 一、 headings share their line with the text after them."""
    headings = [line for line in lines if line.kind == "body" and HEADING.match(line.plain)]
    return 2 * sum("。" in line.plain[:-1] for line in headings) > len(headings)


def _continues(paragraph: str, last: Line, line: Line, gap: set[str], wrap: int | None, *, inline: bool, prose: bool) -> bool:
    """Whether `line` goes on with `paragraph`, whose last line is `last`.

    Args: gap: what lies between (blank lines, page breaks); wrap: the width of a hard-wrapped text; inline: headings share their
        line with text; prose: a paragraph here is no title, since the contents list has them all or one has just been.
    """
    plain = _plain(paragraph)
    if line.hashed or last.hashed or (SUBHEADING.match(line.plain) and is_final(plain)) or BULLET.match(line.plain):
        return False
    wrapped = wrap is not None and not gap and last.width >= wrap - 7 and not (line.indented and not last.indented and is_final(plain))
    if wrapped and line.indented and last.indented:
        wrapped = not is_final(plain)
    if is_final(plain):
        return wrapped and not line.indented and not (HEADING.match(line.plain) or POINT.match(line.plain))
    if plain.endswith((":", "：", "；", ";")) and _is_numbered(line.plain):
        return False
    open_run = paragraph.count("**") % 2 == 1 or plain.count("“") > plain.count("”") or plain.count("《") > plain.count("》")
    if open_run or wrapped:
        return not HEADING.match(line.plain) or open_run
    if HEADING.match(line.plain) or SUBHEADING.match(line.plain) or plain.endswith((":", "：")):
        return False
    if (HEADING.match(plain) or SUBHEADING.match(plain)) and "。" not in plain and len(plain) < 60:
        return inline and "。" in line.plain[:60] and len(plain) > 4 and not POINT.match(line.plain) or len(plain) <= 3
    unfinished = plain.endswith(("，", ",", "、")) or (prose and re.search("[，,]", plain))
    if "。" not in plain and len(plain) < 60 and not unfinished and not _OPENING.match(plain) and not POINT.match(plain):
        return False
    return not (POINT.match(line.plain) and not plain.endswith(("，", ",", "、")) and "。" not in plain)


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Group the lines that make one paragraph; blank lines, markup and page breaks are left out."""
    groups: list[list[Line]] = []
    for line in lines:
        if line.joined:
            groups[-1].append(line)
        elif line.kind not in ("blank", "markup", "page"):
            groups.append([line])
    return groups


def _mark_titles(lines: list[Line], *, listed: bool) -> None:
    """Titles that no contents list names."""
    groups = _paragraphs(lines)
    hashed_titles = any(line.kind == "title" and line.hashed for line in lines)
    length, numbered, signed = 0, False, False  # of the article so far: characters, whether anything is enumerated, whether signed
    for at, group in enumerate(groups):
        plain = _text(group)
        kind = group[0].kind
        if kind == "title":
            length, numbered, signed = 0, False, False
        elif kind == "signature":
            signed = True
        elif kind == "body":
            if _may_be_title(group, groups[at + 1 :]) and (
                (group[0].hashed and (hashed_titles or not listed) and not _is_numbered(plain))
                or (not _is_numbered(plain) and signed)
                or (not listed and not _is_numbered(plain) and length >= 200 and _starts_article(plain, numbered, groups[at + 1 :]))
            ):
                for line in group:
                    line.kind = "title"
                length, numbered, signed = 0, False, False
                following = groups[at + 1] if at + 1 < len(groups) else []
                if following and following[0].number == group[-1].number + 1 and _may_be_title(following, groups[at + 2 :]) and not _is_numbered(_text(following)):
                    for line in following:
                        line.kind = "title"  # a title set on two lines
            else:
                length += len(plain)
                numbered = numbered or _is_numbered(plain) or "一是" in plain


def _may_be_title(group: Sequence[Line], following: Sequence[Sequence[Line]]) -> bool:
    plain = _text(group)
    return (
        6 <= len(plain) <= 70
        and not plain.endswith(("。", "；", ";", "，", ",", "：", ":", "、"))
        and "。" not in plain
        and bool(following)
        and following[0][0].kind == "body"
    )


def _starts_article(plain: str, numbered: bool, following: Sequence[Sequence[Line]]) -> bool:
    """Whether a short line after a finished article opens the next: it names a committee, or the numbering starts again."""
    if plain.startswith(("【", "[")) or _COMMITTEE.search(plain):
        return True
    for group in following:
        text = _text(group)
        if group[0].kind != "body" or re.match(r"[（(]?一[、)）]|一[是要]|第一|首先|1[.．、]", text) or "一是" in text:
            return len(plain) >= 10 and numbered
        if _is_numbered(text):
            return False
    return len(plain) >= 10 and numbered


def _mark_bare_signatures(lines: list[Line]) -> None:
    """A committee's name alone on the last line of an article is its signature, brackets or not."""
    groups = _paragraphs(lines)
    for group, following in zip(groups, [*groups[1:], []], strict=True):
        last = not following or following[0].kind in ("title", "footer")
        if len(group) == 1 and group[0].kind == "body" and last and _BARE_SIGNATURE.match(group[0].plain):
            group[0].kind = "signature"
