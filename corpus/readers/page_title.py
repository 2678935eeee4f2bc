"""The title of a page's article among the blocks above its text: declared in the head, set as a heading, or above the byline."""

import re
from collections.abc import Callable, Sequence

from corpus.readers.html_blocks import HEADINGS, Block
from corpus.readers.page_byline import is_byline
from corpus.readers.page_furniture import opens_appendix
from corpus.readers.page_particulars import is_official_head, is_particular, read_particulars
from corpus.text.enumeration import HEADING, SUBHEADING, is_numbered

_MIN_TITLE, _MAX_TITLE, MIN_LONG_TITLE = 4, 120, 7  # characters; shorter than the last are names of columns: 基层动态
_CHINESE = re.compile(r"[一-鿿].*[一-鿿]")
_NAMES = re.compile(
    r"(?:^|[-_ ])(?:title|tit|biaoti|headline|activity-name|rich_media_title|arti[-_]?title|newstitle|bt)(?:$|[-_ \d])", re.I
)
_CENTRED = re.compile(r"text-align\s*+:\s*+center", re.I)
_OFFICIAL = re.compile(r"^(?:(?!关于).)*+关于.+的(?:通知|意见|决定|通报|公告|通告|报告|请示|批复|函|方案|办法|规定|细则)$")
_SITE_NAME = re.compile(r"(?:网|网站|门户|平台|在线|客户端|数字报)$")
_ENDS_SENTENCE = ("。", "；", "，", "：", ":", ",", "、")
_NO_TITLE = re.compile(rf"(?:—|{HEADING.pattern}|{SUBHEADING.pattern}|\d{{1,2}}[、．.])")
_OPENERS, _CLOSERS = "《“（【〈(", "》”）】〉)"
_SAME_MARKS = str.maketrans('＂"（）：；！？，', "“”():;!?,")
_MAX_TITLE_LINES = 4
# What speaks for a title, in points; one with fewer than two is none.
_DECLARED, _ABOVE_BYLINE, _NEAREST, _LONG, _COLUMN, _OFFICIAL_NAME, _FAR, _SITE = 4, 2, 1, 1, -2, 1, -1, -3
_HEADING_1, _NAMED, _OTHER_HEADING, _CENTRED_OR_BOLD = 2, 2, 1, 1
_MIN_POINTS = 2


def find_title(
    groups: Sequence[list[Block]], declared: Sequence[str], *, near: Callable[[Block], bool]
) -> tuple[str | None, int | None]:
    """Return the title among the groups of lines above a text, and the place of its group; the first of two as good.

    Args: declared: the titles in the head of the page; near: tells whether a block lies in or beside the core of the page.
    """
    best, found = _MIN_POINTS - 1, None
    for number, group in enumerate(groups):
        text = join_lines(group)
        if near(group[0]) and _opens_text(group[0]):
            break
        if not _may_be_title(text, group) or not (_CHINESE.search(text) or is_declared(text, declared)):
            continue
        below = groups[number + 1][0] if number + 1 < len(groups) else None
        points = _look(group[0]) + (_LONG if len(text) >= MIN_LONG_TITLE else _COLUMN)
        points += _NEAREST if below is None else _ABOVE_BYLINE if is_byline(below) else 0
        points += _DECLARED if is_declared(text, declared) else 0
        points += _SITE if _SITE_NAME.search(text) else 0
        points += _OFFICIAL_NAME if _OFFICIAL.search(text) else 0
        points += 0 if near(group[0]) else _FAR
        if points > best:
            best, found = points, number
    if found is None:
        return None, None
    title = join_lines(groups[found])
    same = next((text for text in declared if squeezed(text) == squeezed(title)), title)  # with the blanks that belong there
    return " ".join(same.split()), found


def is_declared(text: str, declared: Sequence[str]) -> bool:
    """Return whether the head of the page names a text as its title, as a whole or beside the name of the site."""
    short = squeezed(text)
    for title in declared:
        whole = squeezed(title)
        if short == whole or (min(len(short), len(whole)) >= MIN_LONG_TITLE and (short in whole or whole in short)):
            return True
    return False


def looks_like_title(block: Block) -> bool:
    """Return whether an element is set as the title of a page: h1, or named so."""
    return _look(block) >= min(_HEADING_1, _NAMED)


def _opens_text(block: Block) -> bool:
    """Return whether a block belongs to the text, so that the title stands above it: a table of data, a point."""
    return bool(block.is_table and not list(read_particulars(block))) or is_numbered(block.plain)


def _may_be_title(text: str, group: Sequence[Block]) -> bool:
    return (
        _MIN_TITLE <= len(text) <= _MAX_TITLE
        and not text.endswith(_ENDS_SENTENCE)
        and not _NO_TITLE.match(text)
        and not any(block.is_table or is_byline(block) or is_particular(block) for block in group)
        and not (is_official_head(text) or opens_appendix(group[0]))
    )


def _look(block: Block) -> int:
    """Return the points for how an element is set, or the one around it: as a heading, named so, centred, bold."""
    points = _CENTRED_OR_BOLD if block.text.startswith("**") and block.text.endswith("**") else 0
    for element in (block.element, block.element.getparent()):
        if element is None:
            continue
        if element.tag in HEADINGS:
            points = max(points, _HEADING_1 if element.tag == "h1" else _OTHER_HEADING)
        if _NAMES.search(f"{element.get('class', '')} {element.get('id', '')}"):
            points = max(points, _NAMED)
        if element.get("align") == "center" or _CENTRED.search(element.get("style", "")):
            points = max(points, _CENTRED_OR_BOLD)
    return points


def group_lines(blocks: Sequence[Block]) -> list[list[Block]]:
    """Group the lines of one element that are set alike and may be one title: 关于印发《…呼 / 叫中心…办法》的通知."""
    groups: list[list[Block]] = []
    for block in blocks:
        above = groups[-1] if groups else []
        is_next = block.continues and 0 < len(above) < _MAX_TITLE_LINES and above[-1].element is block.element
        if (
            is_next
            and all(_may_be_line(each) for each in (block, *above))
            and _look(above[0])
            and _is_bold(above[0]) == _is_bold(block)
        ):
            above.append(block)
        else:
            groups.append([block])
    return groups


def _may_be_line(block: Block) -> bool:
    text = block.plain
    return not (
        block.is_table or is_byline(block) or is_particular(block) or is_official_head(text) or text.endswith(_ENDS_SENTENCE)
    )


def _is_bold(block: Block) -> bool:
    return block.text.startswith("**")


def join_lines(group: Sequence[Block]) -> str:
    """Return the lines of a group as one: nothing between them where a bracket is open, else a blank."""
    text = group[0].plain
    for block in group[1:]:
        is_open = sum(map(text.count, _OPENERS)) > sum(map(text.count, _CLOSERS))
        text = f"{text}{'' if is_open else ' '}{block.plain}"
    return text


def squeezed(text: str) -> str:
    """Return a text without white space, its marks in one width, to compare titles."""
    return "".join(text.split()).translate(_SAME_MARKS)
