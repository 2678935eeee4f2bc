"""The article of a page: which of its blocks are text, which of them is the title, and what surrounds both.

The core of a page is the least element that holds nearly all of its running text, widened while what is added holds no furniture.
So a page without furniture is text as a whole; of one from a site, what lies around the article falls away, but its title, the
line of source and date, and the table of a document's particulars.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.readers.html_blocks import HEADINGS, Block
from corpus.readers.page_byline import is_byline, write_byline
from corpus.readers.page_furniture import (
    FURNITURE,
    is_furniture,
    is_named_furniture,
    is_prose,
    is_sentence,
    links_to_document,
    opens_appendix,
    opens_comments,
)
from corpus.readers.page_particulars import is_official_head, join_keys, read_particulars
from corpus.readers.page_title import (
    find_title,
    group_lines,
    is_declared,
    join_lines,
    looks_like_title,
    squeezed,
)

_PARAGRAPHS = HEADINGS | {"p", "li", "pre", "span", "font", "b", "strong", "center"}
_CORE = 0.85  # share of the running text that the core of a page holds; a sidebar's abstracts hold the rest
_NAMED = 0.4  # share of the running text above which an element named as furniture is none: <div class="side main">
_MAX_UNLINKED = 0.4  # share of an item that may stand outside its link: its date
_MIN_ITEMS = 3  # neighbours that are each a single link and nothing else: a menu
_MAX_ITEM = 80  # characters of one
_NEAR = 2  # levels above the core where running text, broken off by a tag closed too early, may go on
_CHINESE = re.compile(r"[一-鿿].*[一-鿿]")
_ISSUE = re.compile(
    r"第\s*+[(（]?\s*+[\d〇零一二三四五六七八九十百]{1,5}\s*+[)）]?\s*+期|总\s*+第?\s*+\d+\s*+期|[〔\[]\s*+20\d\d\s*+[〕\]]\s*+\d+\s*+期"
)
_MAX_LINES = 300  # of a masthead with its list of contents
_MAX_MASTHEAD, _MIN_SERIES = 60, 4  # characters of a masthead's line, of the name of a series


@dataclass(frozen=True, slots=True)
class Article:
    """What is text on a page: `lead` stands above the title (particulars, red head), `bylines` below it."""

    lead: tuple[str, ...]
    title: str | None
    bylines: tuple[str, ...]
    body: tuple[Block, ...]


def find_article(root: Any, blocks: Sequence[Block], declared: Sequence[str]) -> Article:
    """Find the article among the blocks of a page.

    Args: declared: the titles that the head of the page declares, the surest first.
    """
    page = _Page(root, blocks)
    kept = page.kept() or list(blocks)  # a page of nothing but links is a list of documents
    first = next((number for number, block in enumerate(kept) if page.opens_text(block)), None)
    if first is None:
        return Article((), None, (), tuple(kept))
    above, body = kept[:first], kept[first:]
    inside = [block for block in above if page.is_in_core(block)]
    if any(_ISSUE.search(block.plain) and len(block.plain) <= _MAX_MASTHEAD for block in inside):
        return Article((), None, (), (*inside[:-_MAX_LINES], *_masthead(inside[-_MAX_LINES:], body[0]), *body))
    return _head(above, body, page, declared)


def _head(above: list[Block], body: list[Block], page: "_Page", declared: Sequence[str]) -> Article:
    """Sort what stands above the running text: particulars, red head and number, title, bylines, and what opens the text."""
    groups = group_lines(join_keys(above))
    title, at = find_title(groups, declared, near=page.is_near)
    if title is None or at is None:
        return _untitled([block for group in groups for block in group], body, page)
    is_document = page.is_bare and not is_declared(title, declared)
    same = squeezed(title)
    first = next((number for number, group in enumerate(groups) if squeezed(join_lines(group)) == same), at)
    lead: list[str] = []
    bylines: list[Block] = []
    opening: list[Block] = []
    for number, group in enumerate(groups):
        if number == at or squeezed(join_lines(group)) == same:
            continue
        for block in group:
            if number > at:
                opening.append(block)
            elif particulars := list(read_particulars(block)):
                lead += particulars
            elif is_byline(block) and (number > first or (page.is_near(block) and not is_document)):
                bylines.append(block)
            elif is_document or is_official_head(block.plain):
                lead.append(f"{block.mark}{block.text}")
    lead += [line for block in opening if not is_byline(block) for line in read_particulars(block)]
    opening = [block for block in opening if is_byline(block) or not list(read_particulars(block))]
    return _article(lead, title, [*bylines, *opening], body)


def _untitled(above: list[Block], body: list[Block], page: "_Page") -> Article:
    """Sort what stands above a text without title: particulars, and what of the core is in the language of the text."""
    lead = [line for block in above for line in read_particulars(block)]
    rest = [block for block in above if not list(read_particulars(block)) and page.is_in_core(block)]
    opening = [block for block in rest if _CHINESE.search(block.plain) or is_byline(block) or not _CHINESE.search(body[0].plain)]
    return _article(lead, None, opening, body)


def _article(lead: Sequence[str], title: str | None, opening: Sequence[Block], body: Sequence[Block]) -> Article:
    """Put an article together, its bylines without counters."""
    bylines = []
    for block in opening:
        if is_byline(block):
            block.text = write_byline(block)
            bylines.append(block.text)
    end = len(body)
    while end and is_byline(body[end - 1]):
        end -= 1
        body[end].text = write_byline(body[end])
    return Article(tuple(lead), title, tuple(bylines), tuple(block for block in (*opening, *body) if block.text))


def _masthead(above: Sequence[Block], first: Block) -> Iterator[Block]:
    """Yield the blocks of a masthead, without the title and byline that the site sets above it."""
    texts = [squeezed(block.plain) for block in (*above, first)]
    is_issued = False  # whether its number has been met
    for number, block in enumerate(above):
        text, later = texts[number], texts[number + 1 :]
        repeats = any(other.startswith(text) or (len(other) >= _MIN_SERIES and text.startswith(other)) for other in later)
        is_of_site = (looks_like_title(block) and repeats) or (is_byline(block) and "：" in block.plain and not is_issued)
        if not is_of_site:
            is_issued = is_issued or _ISSUE.search(block.plain) is not None
            yield block


class _Page:
    """The blocks of a page, and where its running text lies."""

    def __init__(self, root: Any, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._prose = Counter[Any]()  # element -> characters of running text in it
        self._total = 0
        own = [is_furniture(block) for block in blocks]
        _mark_link_runs(blocks, own)
        self._text = _find_text(blocks, own)
        for block in self._text:
            self._count(block)
        self._named: dict[Any, bool] = {}
        own = [out or self._is_in_furniture(block) for block, out in zip(blocks, own, strict=True)]
        self._out = own
        self.is_bare = not any(own) and not any(
            opens_appendix(block) for block in blocks
        )  # nothing on the page is furniture: a document, no page of a site
        self._core = self._find_core(root)
        self._near = [self._core, *self._core.iterancestors()][: _NEAR + 1]
        self._in_core: dict[Any, bool] = {}

    def _count(self, block: Block) -> None:
        length = len(block.plain)
        self._total += length
        for element in (block.element, *block.element.iterancestors()):
            self._prose[element] += length

    def _is_in_furniture(self, block: Block) -> bool:
        """Return whether an element around a block is named as furniture, and does not hold the page's text."""
        path = []
        answer = False
        for element in (block.element, *block.element.iterancestors()):
            if element in self._named:
                answer = self._named[element]
                break
            path.append(element)
        for element in reversed(path):
            answer = answer or self._is_furniture(element)
            self._named[element] = answer
        return answer

    def _is_furniture(self, element: Any) -> bool:
        if not self._total:
            return element.tag in FURNITURE  # without running text names are no safe guide
        return is_named_furniture(element) and self._prose[element] <= _NAMED * self._total

    def _find_core(self, root: Any) -> Any:
        """Return the least element with nearly all running text, widened while what is added holds no furniture."""
        core = root
        while self._total:
            inner = next((child for child in core if self._prose[child] >= _CORE * self._total), None)
            if inner is None:
                break
            core = inner
        furniture = Counter(
            element
            for block, is_out in zip(self._blocks, self._out, strict=True)
            if is_out
            for element in (block.element, *block.element.iterancestors())
        )
        while core.tag in _PARAGRAPHS and core is not root:
            core = core.getparent()  # an article of one paragraph
        self._narrow = core
        for parent in list(core.iterancestors()):
            if furniture[parent] > furniture[core]:
                break
            core = parent
        return core

    def is_text(self, block: Block) -> bool:
        """Return whether a block is running text of the article."""
        return block in self._text

    def opens_text(self, block: Block) -> bool:
        """Return whether a block may be the first of the running text: it lies where nearly all of it does."""
        return self.is_text(block) and (block.element is self._narrow or self._narrow in block.element.iterancestors())

    def is_in_core(self, block: Block) -> bool:
        """Return whether a block lies in the core of the page."""
        element = block.element
        if element not in self._in_core:
            self._in_core[element] = element is self._core or self._core in element.iterancestors()
        return self._in_core[element]

    def is_near(self, block: Block, *, levels: int = _NEAR) -> bool:
        """Return whether a block lies in the core, or at most so many levels above it."""
        return any(element in self._near[: levels + 1] for element in (block.element, *block.element.iterancestors()))

    def kept(self) -> list[Block]:
        """Return what may be of the article: all above the text but furniture, the core, and what goes on right below it."""
        kept: list[Block] = []
        has_text = is_over = False
        for block, is_out in zip(self._blocks, self._out, strict=True):
            in_core, prose = self.is_in_core(block), self.is_text(block)
            if has_text and (opens_appendix(block) or (is_out and not in_core)):
                is_over = True
            elif prose and in_core:
                is_over = False  # the related pages stood inside the article
            if is_out or opens_appendix(block):
                continue
            if in_core:
                is_kept = prose or not is_over
            elif has_text:
                is_kept = not is_over and not block.linked and self.is_near(block, levels=_NEAR if prose else 1)
            else:
                is_kept = True
            if is_kept:
                kept.append(block)
                has_text = has_text or (prose and in_core)
        return kept


def _find_text(blocks: Sequence[Block], out: Sequence[bool]) -> set[Block]:
    """Return the blocks of running text. Below a list of related pages only those are that stand with others above it."""
    text: set[Block] = set()
    around: set[Any] = set()
    is_below = False
    for block, is_out in zip(blocks, out, strict=True):
        if text and opens_comments(block):
            break
        is_below = is_below or (bool(text) and opens_appendix(block))
        parent = block.element.getparent()
        if not is_out and is_prose(block) and not (is_below and parent not in around):
            text.add(block)
            around.add(parent)
    # A sentence that is a link as a whole is text beside others that are not.
    linked = (block for block, is_out in zip(blocks, out, strict=True) if not is_out and is_sentence(block))
    return text | {block for block in linked if block.element.getparent() in around}


def _mark_link_runs(blocks: Sequence[Block], out: list[bool]) -> None:
    """Mark items that are each a link and nothing else, three or more below each other: a menu, or a list of other pages."""
    run: list[int] = []
    for number, block in enumerate((*blocks, None)):
        if (
            block is not None
            and block.linked
            and len(block.plain) - block.linked <= len(block.plain) * _MAX_UNLINKED
            and _is_listed(block)
        ):
            run.append(number)
            continue
        if len(run) >= _MIN_ITEMS and not _announces(blocks[run[0] - 1] if run[0] else None):
            for item in run:
                out[item] = True
        run = []


def _announces(block: Block | None) -> bool:
    """Return whether a line leads to the list below it, as 现将下列办法公布如下： does."""
    return block is not None and block.plain.endswith(("：", ":")) and not opens_appendix(block) and not is_furniture(block)


def _is_listed(block: Block) -> bool:
    """Return whether a block is short, is no sentence, and links to no document."""
    return len(block.plain) <= _MAX_ITEM and not block.is_table and not links_to_document(block) and "。" not in block.plain
