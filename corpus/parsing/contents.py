"""The contents list: its entries, and the printed titles that they name."""

import difflib
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import chain
from typing import NamedTuple

from corpus.messages.message import Message
from corpus.parsing.lines import Line, has_page_number, is_final, joined_text, of_kind, without_page_number
from corpus.parsing.masthead import is_committee
from corpus.text.enumeration import ENTRY, HEADING, SUBHEADING, is_entry
from corpus.text.normalize import letters

_HEAD = re.compile(
    r"^[【\[]?\s*+(?:目\s*+[录次]|本期(?:目录|要目|导读|内容|导览|要点)|内容(?:提要|导读)|要\s*+目|导\s*+读)\s*+[】\]]?\s*+[:：]?$"
)
_EDITORIAL = re.compile(r"^[【\[（(]?(?:编者)?按(?:语)?\s*+[】\]）)]?\s*+(?:[:：]|$)|^[【\[（(]?编者按")
_COLONS = ("：", ":")
_HASHES = re.compile(r"^#{1,6}\s*")
# Listed and printed titles of the real bulletins match at 0.84 or better, the runner-up at 0.57 or less. Of several runs of lines
# that match, a later or longer one must be clearly better.
_MIN_SIMILARITY, _MARGIN = 0.6, 0.02
_MAX_TITLE_LINES = 3
_MAX_CANDIDATES = 12  # lines compared with an entry as a whole, those that share most letter pairs with it
_MAX_LIST, _MAX_EDITORIAL = 120, 30  # lines: no contents list, no editor's note is longer


class Listed(NamedTuple):
    """The entries of a contents list, cleaned of bullets, leaders and page numbers, and warnings of those that have no title."""

    entries: tuple[str, ...]
    warnings: tuple[Message, ...]


NONE_LISTED = Listed((), ())


class _Match(NamedTuple):
    """The similarity of an entry and `lines[start:end]`, 0 to 1."""

    similarity: float
    start: int
    end: int


_NO_MATCH = _Match(_MIN_SIMILARITY - _MARGIN, 0, 0)


class _FirstTitle(NamedTuple):
    """The end of a contents list in its block, and the lines of the first article's title."""

    start: int
    lines: Sequence[Line]


def is_contents_heading(line: str) -> bool:
    """Return whether a line is the name of a contents list: 目录, 【本期导读】."""
    return bool(_HEAD.match(line))


def is_editors_note(line: str) -> bool:
    """Return whether a line opens an editor's note (编者按：……)."""
    return bool(_EDITORIAL.match(line))


def end_of_editors_note(lines: Sequence[Line], start: int) -> int:
    """Return the index after the editor's note that begins at `start`: it may go on over lines, or stand below its name."""
    reach = range(start, min(start + _MAX_EDITORIAL, len(lines)))
    return next((i + 1 for i in reach if is_final(lines[i].normalized)), start + 1)


def mark_contents(lines: Sequence[Line], body_start: int) -> Listed:
    """Mark the contents list, the first title and the titles that are listed."""
    block = _above_prose(lines, body_start)
    head = next((line for line in block if is_contents_heading(line.normalized)), None)
    if head is not None:
        head.kind = "contents"
        block = block[block.index(head) + 1 :]
    # A single line with a dash further down is no list: ——光电学院开放夜间实验的做法 stands below a title.
    listed = head is not None or (bool(block) and is_entry(block[0].normalized))
    while block and _is_heading(block[-1].normalized):
        block.pop()  # a section heading between the title and the first paragraph
    first, title = _first_title(block, listed=listed)
    entries = _entries(of_kind(block[:first], "body"))
    for line in block[:first]:
        line.kind = "contents"
    if block and not title:
        title = _title_below_editorial(lines, block[-1].number)
    for line in title:
        line.kind = "title"
    missing = _mark_listed(lines[lines.index(title[-1]) + 1 :], entries[1:]) if title and entries else ()
    return Listed(tuple(entries), tuple(Message.of("corpus.parsing.entry_without_title", entry=entry) for entry in missing))


def similarity(entry_text: str, other: str) -> float:
    """Return the similarity of two titles without punctuation and white space, 0 to 1 (difflib's ratio)."""
    return difflib.SequenceMatcher(None, letters(entry_text), letters(other), autojunk=False).ratio()


def _is_heading(line: str) -> bool:
    return bool(HEADING.match(line) or SUBHEADING.match(line)) and not has_page_number(line)


def _title_below_editorial(lines: Sequence[Line], start: int) -> Sequence[Line]:
    """Mark the editor's note that stands at `start` or below as masthead; return the title that follows, if any."""
    note = next((i for i in range(start, len(lines)) if lines[i].kind == "body"), None)
    if note is None or not is_editors_note(lines[note].normalized):
        return ()
    end = end_of_editors_note(lines, note)
    for line in of_kind(lines[note:end], "body"):
        line.kind = "masthead"
    return _opening(of_kind(_above_prose(lines, end), "body"))


def _first_title(block: Sequence[Line], *, listed: bool) -> _FirstTitle:
    """Find the title that the first entry names; without a list, `block` opens with it."""
    best = _NO_MATCH
    short = [line for line in block if line.kind == "body"]
    for count in (1, 2):  # an entry may be set on two lines
        entry = "".join(entry for line in short[:count] for entry in _entries([line]))
        best = _better_match(entry, short, range(count, len(short)), best)
    if best is not _NO_MATCH:
        title = short[best.start : best.end]
        start = block.index(title[0])
        while start and block[start - 1].kind == "column":
            start -= 1  # 【经验交流】 above the title belongs to the body
        return _FirstTitle(start, title)
    start = 0
    if listed:
        marked = [i for i, line in enumerate(block) if is_entry(line.normalized) or has_page_number(line.normalized)]
        start = marked[-1] + 1 if marked else len(block) - 1
    return _FirstTitle(start, _opening(of_kind(block[start:], "body")))


def _above_prose(lines: Sequence[Line], start: int) -> list[Line]:
    """Return the short lines from `start` to the first paragraph."""
    block: list[Line] = []
    for line in lines[start:]:
        if line.kind in ("body", "column"):
            if line.is_prose or len(block) == _MAX_LIST:
                break
            block.append(line)
    return block


def _opening(lines: Sequence[Line]) -> list[Line]:
    """Return the title that `lines` open with: one line, those that follow at once, and a subtitle with a dash."""
    title = list(lines[:1])
    for line in lines[1:_MAX_TITLE_LINES]:
        if line.number != title[-1].number + 1 and not line.normalized.startswith("—"):
            break
        if line.normalized.endswith(_COLONS) or is_committee(line.normalized):
            break  # who is addressed, 各乡镇团委：, or who wrote it, 共青团北苑区委
        title.append(line)
    return title


def _better_match(entry: str, lines: Sequence[Line], starts: Iterable[int], best: _Match) -> _Match:
    """Return the run of lines that opens at one of `starts` and is most similar to an entry; `best` if none is better."""
    for start in starts:
        for end in range(start + 1, min(start + _MAX_TITLE_LINES, len(lines)) + 1):
            ratio = similarity(entry, joined_text(lines[start:end]))
            if ratio > best.similarity + _MARGIN:
                best = _Match(ratio, start, end)
    return best


def _entries(block: Sequence[Line]) -> list[str]:
    """Return the entries of a contents list; a line without mark continues the entry before, where others have marks."""
    marked = any(is_entry(line.normalized) for line in block)
    entries: list[str] = []
    for line in block:
        text = _HASHES.sub("", line.raw.replace("*", "").strip())
        entry = without_page_number(ENTRY.sub("", text)).strip()
        if marked and entries and not is_entry(line.normalized):
            entries[-1] = f"{entries[-1]} {entry}".strip()
        elif entry:
            entries.append(entry)
    return entries


def _mark_listed(lines: Sequence[Line], entries: Sequence[str]) -> tuple[str, ...]:
    """Find the printed title of each entry, in order, among the short lines; return the entries that have none.

    Only lines that share letter pairs with the entry are compared, so that a long text without paragraphs stays cheap.
    """
    listed = {letters(entry) for entry in entries}
    candidates = [
        line
        for line in lines
        if line.kind == "body"
        and not (line.is_table_row or line.is_prose)
        and (line.is_markdown_heading or not line.is_numbered or letters(ENTRY.sub("", line.normalized)) in listed)
    ]
    lines_by_pair: dict[str, list[int]] = defaultdict(list)
    for i, line in enumerate(candidates):
        for pair in _letter_pairs(line.normalized):
            lines_by_pair[pair].append(i)
    start = 0
    missing = []
    for entry in entries:
        held = (lines_by_pair[pair] for pair in _letter_pairs(entry))
        shared = Counter(chain.from_iterable(numbers[bisect_left(numbers, start) :] for numbers in held))
        # Of lines that share as many, the first: a set of letters has another order in every run.
        likeliest = nsmallest(_MAX_CANDIDATES, shared, key=lambda i: (-shared[i], i))
        match = _better_match(entry, candidates, sorted(likeliest), _NO_MATCH)
        if match is _NO_MATCH:
            missing.append(entry)
            continue
        for line in candidates[match.start : match.end]:
            line.kind = "title"
        start = match.end
    return tuple(missing)


def _letter_pairs(text: str) -> set[str]:
    plain = letters(text)
    return {plain[i : i + 2] for i in range(len(plain) - 1)}
