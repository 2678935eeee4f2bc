"""The headings and enumerated points inside an article."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from corpus.document import Point, Section, Span
from corpus.parsing.cleaner import Paragraph
from corpus.text.enumeration import BULLETS, CHAPTER, CLAUSE, DASHES, HEADING, SUBHEADING
from corpus.text.normalize import simplify
from corpus.text.numerals import CIRCLED_NUMBERS, SMALL_NUMBER, parse_numeral
from corpus.text.sentences import LINE_ENDS

# A point opens a paragraph, or stands after a clause: ……。二是……；三是……
_BOUNDARY = r"(?:^|(?<=[。；;：:！？!?，,\n])|(?<=[。；！？][”’」』）)》])|(?<=[。；;：:！？!?，,][ \u3000]))"
_LINE_ENDS = dict.fromkeys(map(ord, LINE_ENDS), "\n")
_CHINESE = f"[{SMALL_NUMBER}]{{1,2}}"
_RUN_ON = "subheading in the line"  # ……。（一）……。（二）……: where none opens a line
_MIXED = "is or must"  # 一要……。二要……。三是……: counted through, in two styles
# Words that count need not all be there: 首先……。其次……。此外……。最后…….
_SEQUENCE = {"首先": 1, "其次": 2, "再次": 3, "此外": 4, "另外": 4, "最后": 5}

# The ways to enumerate: group 1 is the marker that becomes the label, group 2 what says its position.
_STYLES = {
    "subheading": re.compile(rf"(?m:^)([（(]({_CHINESE})[)）])"),
    _RUN_ON: re.compile(rf"(?:(?m:^)|(?<=[。；！？：:]))([（(]({_CHINESE})[)）])"),
    "decimal": re.compile(rf"{_BOUNDARY}((\d{{1,2}})[.．、])(?!\d)", re.M),
    "bracket": re.compile(rf"{_BOUNDARY}([（(](\d{{1,2}})[)）])", re.M),
    "circle": re.compile(rf"{_BOUNDARY}(([{CIRCLED_NUMBERS}]))", re.M),
    "is": re.compile(rf"{_BOUNDARY}(({_CHINESE})是)", re.M),
    "must": re.compile(rf"{_BOUNDARY}(({_CHINESE})要)", re.M),
    _MIXED: re.compile(rf"{_BOUNDARY}(({_CHINESE})[是要])", re.M),
    "ordinal": re.compile(rf"{_BOUNDARY}([第其]({_CHINESE}))(?=[，,、])", re.M),
    "sequence": re.compile(rf"{_BOUNDARY}((首先|其次|再次|(?:此外|另外|最后)(?=[，,：:])))", re.M),
    "bullet": re.compile(rf"^(([{BULLETS}]|——|[{DASHES}](?=\s)))", re.M),
}


# Characters of a line all in bold that is a heading, and of a bold run that opens a heading's line: one of two marks a word.
_MIN_BOLD_LINE, _MAX_BOLD_LINE, _MIN_BOLD_RUN = 2, 30, 4
_TWO_DIGITS = re.compile(r"0[1-9][\s　.、丨|]\s*+[^。]{2,30}$")  # 01 抱团采购, a heading in articles of public accounts
# What opens an attachment below the signature: 附件2, alone or before its name. The list of attachments stands above.
_ANNEX = re.compile(rf"附\s*+[件表录]\s*+(?:\d{{1,2}}|[{SMALL_NUMBER}]{{1,2}})?\s*+(?:$|[:：.．]?\s*+[^。；，]{{2,40}}$)")
_MIN_CLAUSES = 2  # 第一条 alone may be a word of a sentence
# Characters. A heading with text behind it on its line ends with its first sentence. Where that is long, or the line is and has
# no full stop, the heading ends with a colon before: 一、健全机制：由团区委牵头，……
_LONG_HEADING, _LONG_LINE = 60, 80
# 四、工作要求（一）加强统筹。……（二）……, as texts without line ends run on.
_RUNS_ON = re.compile(rf"[^。！？：:《》（(\n]{{4,{_LONG_HEADING}}}(?=[（(]一[)）].{{2,400}}?[。；][（(]二[)）])")
# 【搭台子，让积分“有处来”】, alone or before its text.
_IN_BRACKETS = re.compile(r"【[^】\n]{2,40}】")
_MIN_IN_BRACKETS = 2  # in an article
_SENTENCE_END = re.compile("[。！？]")
_COLON = re.compile("[：:]")
_CLAUSE_END = re.compile("[。！？；：，]$")
_AFTER_HEADING = "。：:；;. \u3000"  # no part of the heading


def find_sections(text: str, paragraphs: Sequence[Paragraph], bold: Sequence[Span]) -> tuple[Section, ...]:
    """Cut an article's body into sections with their points.

    Args: paragraphs: those of the body, in order; bold: runs of `text` set in bold.
    Returns: sections that tile the body, but for a signature with its date in the midst, below which stands what a notice issues.
        The lead, and a body without headings, is a section with heading "".
    """
    if not paragraphs:
        return ()
    runs = {run.start: run for run in bold}
    texts = ["" if paragraph.is_table_row else simplify(paragraph.span.of(text)) for paragraph in paragraphs]
    clauses = [i for i, plain in enumerate(texts) if CLAUSE.match(plain)]
    if len(clauses) < _MIN_CLAUSES:
        clauses = []
    numbered = clauses or [i for i, plain in enumerate(texts) if HEADING.match(plain)]
    starts = {*(numbered or (i for i, plain in enumerate(texts) if SUBHEADING.match(plain)))}
    if not starts:
        starts = {i for i, plain in enumerate(texts) if _TWO_DIGITS.match(plain)}
    starts |= {i for i, plain in enumerate(texts) if clauses and CHAPTER.match(plain)}
    starts |= {i for i, paragraph in enumerate(paragraphs) if paragraph.is_markdown_heading}
    if not starts:
        in_brackets = {i for i, plain in enumerate(texts) if _IN_BRACKETS.match(plain)}
        starts = in_brackets if len(in_brackets) >= _MIN_IN_BRACKETS else set()
    starts = starts or {i for i, paragraph in enumerate(paragraphs[:-1]) if _is_bold_heading(text, paragraph.span, runs)}
    signed = {i for i, paragraph in enumerate(paragraphs) if paragraph.kind == "signature"}
    below = {i + 1 for i in signed} - signed  # what a notice issues begins there
    starts |= {i for i in below if i < len(texts) and _is_title(texts[i])}
    if signed:
        first_signed = min(signed)
        starts |= {i for i, plain in enumerate(texts) if i > first_signed and _ANNEX.match(plain)}
    sections: list[Section] = []
    bounds = sorted({0, *starts, *signed, *below, len(paragraphs)})
    for first, end in pairwise(bounds):
        if first in signed:
            continue
        span = Span(paragraphs[first].span.start, paragraphs[end - 1].span.end)
        heading = _heading(text, paragraphs[first].span, runs) if first in starts else Span(span.start, span.start)
        points = _points(text, heading.end, span, subheadings=bool(numbered))
        sections.append(Section(heading.of(text), span, points))
    return tuple(sections)


def _is_title(line: str) -> bool:
    """Return whether the line below a signature may be the title of what is issued: short, and no sentence."""
    return 0 < len(line.strip()) <= _LONG_HEADING and not _CLAUSE_END.search(line.strip())


def _is_bold_heading(text: str, paragraph: Span, bold: Mapping[int, Span]) -> bool:
    """Return whether a paragraph is a short line all in bold, **课堂设在哪**, that does not end like a sentence.

    Args: bold: the runs in bold by where they begin.
    """
    span = paragraph.trimmed(text)
    return (
        span == bold.get(span.start) and _MIN_BOLD_LINE <= len(span) <= _MAX_BOLD_LINE and not _CLAUSE_END.search(span.of(text))
    )


def _heading(text: str, paragraph: Span, bold: Mapping[int, Span]) -> Span:
    """Return the heading that opens `paragraph`: the bold run, else up to the first sentence end, else the whole line.

    Args: bold: the runs in bold by where they begin.
    """
    span = paragraph.trimmed(text)
    whole = span.of(text)
    if clause := CLAUSE.match(simplify(whole)):
        return Span(span.start, span.start + clause.end())
    if bracketed := _IN_BRACKETS.match(whole):
        return Span(span.start, span.start + bracketed.end())
    run = bold.get(span.start)
    if run and _MIN_BOLD_RUN <= len(run) <= len(span) and not _SENTENCE_END.search(run.of(text)[:-1]):
        end = run.end
    elif match := _RUNS_ON.match(whole):
        end = span.start + match.end()
    elif match := _SENTENCE_END.search(whole):
        colon = _COLON.search(whole[:_LONG_HEADING]) if match.end() > _LONG_HEADING else None
        end = span.start + (colon or match).end()
    else:
        colon = _COLON.search(whole[:_LONG_LINE]) if len(whole) > _LONG_LINE else None
        end = span.start + colon.end() if colon else span.end
    while end > span.start and text[end - 1] in _AFTER_HEADING:
        end -= 1
    return Span(span.start, end)


def _points(text: str, start: int, span: Span, *, subheadings: bool) -> tuple[Point, ...]:
    """Return the outermost enumeration of a section. （一） counts only where the article has 一、 headings above it."""
    body = simplify(text[start : span.end]).translate(_LINE_ENDS)
    found = {
        name: markers
        for name, style in _STYLES.items()
        if (subheadings or name not in ("subheading", _RUN_ON)) and (markers := _markers(style, body))
    }
    if not found:
        return ()
    if not _counts_through(found.get(_MIXED, []), body):
        found.pop(_MIXED, None)
    # Of two styles that open at the same place, the one with more marks holds the other: 一要, 二要 and then 三是.
    subheading = next((name for name in ("subheading", _RUN_ON) if name in found), None)
    outer = subheading or min(found, key=lambda name: (found[name][0].start, -len(found[name])))
    markers = found[outer]
    ends = [marker.start for marker in markers[1:]] + [span.end - start]
    return tuple(
        Point(text[start + marker.start : start + marker.end], Span(start + marker.start, start + end))
        for marker, end in zip(markers, ends, strict=True)
    )


def _counts_through(markers: Sequence[Span], body: str) -> bool:
    """Return whether markers count up once, from one: not where points in one style lie inside those of the other."""
    positions = [parse_numeral(marker.of(body)[:-1]) for marker in markers]
    return positions == list(range(1, len(positions) + 1))


def _position(numeral: str) -> int:
    """Return the position that a marker gives its point, from 1; 0 for a bullet."""
    if numeral in _SEQUENCE:
        return _SEQUENCE[numeral]
    return 0 if numeral[0] in BULLETS + DASHES else parse_numeral(numeral)


def _markers(style: re.Pattern[str], body: str) -> list[Span]:
    """Return the markers of one style that count up from one; a count may start again, and a lone marker is prose, no list."""
    runs: list[list[Span]] = []
    last = 0
    for match in style.finditer(body):
        value = _position(match[2])
        if value == 0 or value == last + 1 or (value > last > 0 and match[1] in _SEQUENCE):
            if value == 1 or not runs:
                runs.append([])
            runs[-1].append(Span(*match.span(1)))
        elif value == 1:
            runs.append([Span(*match.span(1))])
        else:
            continue
        last = value
    return [marker for run in runs if len(run) > 1 for marker in run]
