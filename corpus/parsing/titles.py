"""The titles that no contents list names: lines of their own that open the next article, and the names of regions in a digest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.parsing import masthead
from corpus.parsing.lines import UNFINISHED, Line, joined_text, written_lines
from corpus.parsing.paragraphs import group_paragraphs
from corpus.regions.division_names import LEVELS
from corpus.regions.gazetteer import Gazetteer
from corpus.text.enumeration import BULLETS, HEADING

_INSTITUTION = re.compile(
    r"^[^，。：]{1,10}(?:学院|大学|学校|中学|小学|医院)|^[^：:，。]{2,10}[:：]|^[【\[]|^(?:共青)?团[^，。]{1,12}委|"
    rf"[{LEVELS}]委"
)
_REGION_HEAD = re.compile(r"^[【\[◆■●▲★※\s]*(?:中国)?(?:共青团|团)?|(?<![】\]:：\s])[】\]:：\s]+$")
_COMMITTEE = re.compile("(?:委员会|团委|委|团工委|民政局|教育局|妇联|总工会|人民政府)$")
_BEFORE_PLACE = re.compile(r"^(?:【|\[)?(?:中国)?(?:共青团|团|中共)?")
_SUBTITLE = re.compile("[—―]{1,2}")  # ——灵川县“桂花积分”激励机制的探索, on the line below a title
_FIRST_POINT = re.compile(r"[（(]一[)）]|一[是要]|第一|首先|1[.．、]")
_MIN_BULLETED = 2  # titles
_MIN_REGION_HEADS, _MAX_REGION_HEAD = 2, 16  # names alone on a line that make a digest; characters of such a line
# Characters of a title; one that neither its words nor a signature above tells to be a title is longer than 工作动态 or 保障措施.
_MIN_TITLE, _MAX_TITLE, _MIN_UNMARKED_TITLE = 6, 70, 10
# Characters of an article above the title of the next. A line that leads with a place may be a title after one sentence; others
# take more, since they may be headings of the same article.
_MIN_BEFORE_PLACE, _MIN_BEFORE_OTHER = 30, 200
_MAX_BELOW = 60  # paragraphs below a line in which numbering is looked for
_PLACE_WINDOW = 20  # characters of a line in which the name of a place that it leads with ends


@dataclass(frozen=True, slots=True)
class TitleHints:
    """Hints for finding titles: whether there is a contents list, and the level of Markdown headings that are titles (0: none).

    `is_single`: the document is one article; a plan that a notice issues stands below its signature, and belongs to it.
    """

    gazetteer: Gazetteer
    has_contents: bool
    title_level: int
    is_single: bool

    @classmethod
    def of(cls, lines: Sequence[Line], gazetteer: Gazetteer, *, has_contents: bool, is_bulletin: bool) -> "TitleHints":
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

    def opens_new_title(self, groups: Sequence[Sequence[Line]], index: int, hints: TitleHints) -> bool:
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
        return self.length >= _MIN_BEFORE_OTHER and self._starts_over(text, groups[index + 1 : index + 1 + _MAX_BELOW])

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


def mark_titles(lines: Sequence[Line], hints: TitleHints) -> None:
    """Mark the titles that no contents list names."""
    groups = group_paragraphs(lines)
    article = _ArticleState()
    above: Sequence[Line] = ()  # a title just found, which may go on
    for i, group in enumerate(groups):
        goes_on = bool(above) and group[0].number == above[-1].number + 1  # a title set on two lines
        if goes_on and masthead.is_committee(joined_text(group)):
            above = ()  # it becomes a byline
        elif (goes_on and _SUBTITLE.match(joined_text(group))) or (
            _may_be_title(groups, i) and (goes_on or article.opens_new_title(groups, i, hints))
        ):
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
        and not text.endswith(UNFINISHED)
        and "。" not in text
        and index + 1 < len(groups)
        and groups[index + 1][0].kind == "body"
    )


def _names_place(text: str, gazetteer: Gazetteer) -> bool:
    """Return whether a line leads with a place: 良庆区探索……, 团沙湾市委……, 【东川区】……."""
    mentions = gazetteer.find(_BEFORE_PLACE.sub("", text)[:_PLACE_WINDOW], short=True)
    return bool(mentions) and mentions[0].start == 0


def mark_region_heads(lines: Sequence[Line], gazetteer: Gazetteer, *, is_bulletin: bool) -> None:
    """Mark the names of regions and of their committees that stand alone above running text as titles: 【锦渚区】, 团北苑区委.

    Below the title of a round-up in a bulletin they are headings of it, and stay what they are.
    """
    written = [line for line in written_lines(lines) if line.kind != "masthead"]
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


def mark_bulleted_titles(lines: Sequence[Line]) -> None:
    """Mark the titles of a bulletin that open with one mark, as its first line does: ◆于都县让返乡青年“先试后干”."""
    written = [line for line in written_lines(lines) if line.kind not in ("masthead", "column")]
    mark = written[0].normalized[:1] if written else ""
    if not mark or mark not in BULLETS:
        return
    titles = [
        line
        for line, following in pairwise(written)
        if line.kind == "body"
        and line.normalized.startswith(mark)
        and _MIN_TITLE <= len(line.normalized) <= _MAX_TITLE
        and "。" not in line.normalized
        and not line.normalized.endswith(UNFINISHED)
        and not following.normalized.startswith(mark)
    ]
    if titles[:1] == written[:1] and len(titles) >= _MIN_BULLETED:
        for line in titles:
            line.kind = "title"


def _is_region(text: str, gazetteer: Gazetteer) -> bool:
    """Return whether a line is the name of a region, or of the committee of one, and nothing else."""
    if len(text) > _MAX_REGION_HEAD:
        return False
    name = _REGION_HEAD.sub("", text)
    return any(gazetteer.candidates(each) for each in (name, name.removesuffix("委"), name[:-2], _COMMITTEE.sub("", name)))
