"""The contents list: its entries, and the printed titles that they name."""

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from corpus.messages.message import Message
from corpus.parsing.lines import Line, has_page_number, is_final, joined_text, of_kind, without_page_number
from corpus.text.enumeration import ENTRY, HEADING, SUBHEADING, is_entry
from corpus.text.normalize import letters

_HEAD = re.compile(
    r"^[【\[]?\s*(?:目\s*[录次]|本期(?:目录|要目|导读|内容|导览|要点)|内容(?:提要|导读)|要\s*目|导\s*读)\s*[】\]]?\s*[:：]?$"
)
_EDITORIAL = re.compile(r"^[【\[（(]?(?:编者)?按(?:语)?\s*[】\]）)]?\s*(?:[:：]|$)|^[【\[（(]?编者按")
_HASHES = re.compile(r"^#{1,6}\s*")
_SAME = 0.6  # listed and printed titles of the real bulletins match at 0.84 or better, the runner-up at 0.57 or less
_LONGEST = 120  # lines: no contents list is longer


def is_head(line: str) -> bool:
    """目录, 【本期导读】."""
    return bool(_HEAD.match(line))


def is_editorial(line: str) -> bool:
    """编者按：……"""
    return bool(_EDITORIAL.match(line))


def end_of_editorial(lines: Sequence[Line], at: int) -> int:
    """Where the editor's note at `at` ends: it may go on over lines, or stand below its name."""
    return next((end + 1 for end in range(at, min(at + 30, len(lines))) if is_final(lines[end].normalized)), at + 1)


def mark(lines: Sequence[Line], body_at: int) -> tuple[tuple[str, ...], tuple[Message, ...]]:
    """Mark the contents list, the first title and the titles that are listed.

    Returns: the entries, cleaned of bullets, leaders and page numbers; and warnings of titles that were not found.
    """
    block = _above_prose(lines, body_at)
    head = next((line for line in block if is_head(line.normalized)), None)
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
        at = block[-1].number  # of the last entry, and the index of the line below it
        note = next((at for at in range(at, len(lines)) if lines[at].kind == "body"), len(lines))
        if note < len(lines) and is_editorial(lines[note].normalized):
            end = end_of_editorial(lines, note)
            for line in of_kind(lines[note:end], "body"):
                line.kind = "masthead"
            title = _opening(of_kind(_above_prose(lines, end), "body"))
    for line in title:
        line.kind = "title"
    missing = _mark_listed(lines[lines.index(title[-1]) + 1 :], entries[1:]) if title and entries else ()
    return tuple(entries), tuple(Message.of("corpus.parsing.entry_without_title", entry=entry) for entry in missing)


def similarity(one: str, other: str) -> float:
    """How alike two titles are, 0 to 1, punctuation and white space dropped (difflib's ratio)."""
    return difflib.SequenceMatcher(None, letters(one), letters(other), autojunk=False).ratio()


def _is_heading(line: str) -> bool:
    return bool(HEADING.match(line) or SUBHEADING.match(line)) and not has_page_number(line)


def _first_title(block: Sequence[Line], *, listed: bool) -> tuple[int, Sequence[Line]]:
    """Where the contents end in `block`, and the lines of the first article's title."""
    best, found = _SAME - 0.02, (0, 0)
    short = [line for line in block if line.kind == "body"]
    for count in (1, 2):  # an entry may be set on two lines, a title on three
        entry = "".join(_entries([line])[0] if _entries([line]) else "" for line in short[:count])
        for start in range(count, len(short)):
            for size, group in enumerate(_runs(short, start), 1):
                if (ratio := similarity(entry, joined_text(group))) > best + 0.02:
                    best, found = ratio, (start, size)
    if found[1]:
        title = short[found[0] : found[0] + found[1]]
        start = block.index(title[0])
        while start and block[start - 1].kind == "column":
            start -= 1  # 【经验交流】 above the title belongs to the body
        return start, title
    start = 0
    if listed:
        marked = [at for at, line in enumerate(block) if is_entry(line.normalized) or has_page_number(line.normalized)]
        start = marked[-1] + 1 if marked else len(block) - 1
    return start, _opening(of_kind(block[start:], "body"))


def _above_prose(lines: Sequence[Line], start: int) -> list[Line]:
    """The short lines from `start` to the first paragraph."""
    block: list[Line] = []
    for line in lines[start:]:
        if line.kind in ("body", "column"):
            if line.prose or len(block) == _LONGEST:
                break
            block.append(line)
    return block


def _opening(lines: Sequence[Line]) -> list[Line]:
    """The title that `lines` open with: one line, those that follow at once, and a subtitle with a dash."""
    title = list(lines[:1])
    for line in lines[1:3]:
        if line.number != title[-1].number + 1 and not line.normalized.startswith("—"):
            break
        title.append(line)
    return title


def _runs(lines: Sequence[Line], start: int) -> Iterator[Sequence[Line]]:
    for size in (1, 2, 3):
        if start + size <= len(lines):
            yield lines[start : start + size]


def _entries(block: Sequence[Line]) -> list[str]:
    """The entries of a contents list; a line without mark continues the entry before, where others have marks."""
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
    candidates = [
        line
        for line in lines
        if line.kind == "body" and not (line.is_table_row or line.prose) and (line.is_markdown_heading or not line.numbered)
    ]
    places: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(candidates):
        for pair in _pairs(line.normalized):
            places[pair].append(index)
    at = 0
    missing = []
    for entry in entries:
        shared = Counter(index for pair in _pairs(entry) for index in places[pair] if index >= at)
        best, found = _SAME - 0.02, (0, 0)
        for index in sorted(index for index, _ in shared.most_common(12)):
            for size, group in enumerate(_runs(candidates, index), 1):
                if (ratio := similarity(entry, joined_text(group))) > best + 0.02:
                    best, found = ratio, (index, index + size)
        if not found[1]:
            missing.append(entry)
            continue
        for line in candidates[found[0] : found[1]]:
            line.kind = "title"
        at = found[1]
    return tuple(missing)


def _pairs(text: str) -> set[str]:
    plain = letters(text)
    return {plain[i : i + 2] for i in range(len(plain) - 1)}
