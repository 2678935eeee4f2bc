"""Find headings and enumerated points inside an article."""

import re
from collections.abc import Sequence

from corpus.document import Point, Section, Span
from corpus.parsing.cleaner import Paragraph
from corpus.text.enumeration import BULLETS, DASHES, HEADING, SUBHEADING
from corpus.text.normalize import simplify
from corpus.text.numerals import CIRCLED_NUMBERS, SMALL_NUMBER, parse_numeral
from corpus.text.sentences import LINE_ENDS

# A point opens a paragraph, or stands after a clause: ……。二是……；三是……
_BOUNDARY = r"(?:^|(?<=[。；;：:！？!?，,\n])|(?<=[。；！？][”’」』）)》]))"
_LINE_ENDS = dict.fromkeys(map(ord, LINE_ENDS), "\n")
_CHINESE = f"[{SMALL_NUMBER}]{{1,2}}"
_SEQUENCE = {"首先": 1, "其次": 2, "再次": 3, "最后": 4}

# The ways to enumerate: group 1 is the marker that becomes the label, group 2 what says its position.
_STYLES = {
    "subheading": re.compile(rf"(?m:^)([（(]({_CHINESE})[)）])"),
    "decimal": re.compile(rf"{_BOUNDARY}((\d{{1,2}})[.．、])(?!\d)", re.M),
    "bracket": re.compile(rf"{_BOUNDARY}([（(](\d{{1,2}})[)）])", re.M),
    "circle": re.compile(rf"{_BOUNDARY}(([{CIRCLED_NUMBERS}]))", re.M),
    "is": re.compile(rf"{_BOUNDARY}(({_CHINESE})是)", re.M),
    "must": re.compile(rf"{_BOUNDARY}(({_CHINESE})要)", re.M),
    "ordinal": re.compile(rf"{_BOUNDARY}([第其]({_CHINESE}))(?=[，,、])", re.M),
    "sequence": re.compile(rf"{_BOUNDARY}((首先|其次|再次|最后(?=[，,：:])))", re.M),
    "bullet": re.compile(rf"^(([{BULLETS}]|——|[{DASHES}](?=\s)))", re.M),
}


def outline(text: str, paragraphs: Sequence[Paragraph], bold: Sequence[Span]) -> tuple[Section, ...]:
    """Cut an article's body into sections with their points.

    Args: paragraphs: those of the body, in order; bold: runs of `text` set in bold.
    Returns: sections that tile the body. The lead, and a body without headings, is a section with heading "".
    """
    if not paragraphs:
        return ()
    texts = [simplify(paragraph.span.of(text)) for paragraph in paragraphs]
    texts = ["" if paragraph.is_table_row else text for paragraph, text in zip(paragraphs, texts, strict=True)]
    numbered = [at for at, plain in enumerate(texts) if HEADING.match(plain)]
    starts = numbered or [at for at, plain in enumerate(texts) if SUBHEADING.match(plain)]
    starts = sorted({*starts, *(at for at, paragraph in enumerate(paragraphs) if paragraph.is_markdown_heading)})
    starts = starts or [at for at, paragraph in enumerate(paragraphs[:-1]) if _is_bold_heading(text, paragraph.span, bold)]
    end = paragraphs[-1].span.end
    bounds = [paragraphs[at].span.start for at in starts] + [end]
    sections: list[Section] = []
    if bounds[0] > paragraphs[0].span.start:
        lead = Span(paragraphs[0].span.start, bounds[0])
        sections.append(Section("", lead, _points(text, lead.start, lead, subheadings=bool(numbered))))
    for at, start, stop in zip(starts, bounds, bounds[1:], strict=False):
        heading = _heading(text, paragraphs[at].span, bold)
        span = Span(start, stop)
        sections.append(Section(heading.of(text), span, _points(text, heading.end, span, subheadings=bool(numbered))))
    return tuple(sections)


def _is_bold_heading(text: str, paragraph: Span, bold: Sequence[Span]) -> bool:
    """A short line all in bold, **课堂设在哪**, that does not end like a sentence."""
    span = paragraph.trimmed(text)
    return span in bold and 2 <= len(span) <= 30 and not re.search("[。！？；：，]$", span.of(text))


def _heading(text: str, paragraph: Span, bold: Sequence[Span]) -> Span:
    """The heading that opens `paragraph`: the bold run, else up to the first sentence end, else the whole line."""
    span = paragraph.trimmed(text)
    whole = span.of(text)
    run = next((run for run in bold if run.start == span.start and len(run) >= 4 and run.end <= span.end), None)
    if run is not None and not re.search("[。！？]", run.of(text)[:-1]):
        end = run.end
    elif match := re.search("[。！？]", whole):
        end = span.start + match.end()
        if match.end() > 60 and (colon := re.search("[：:]", whole[:60])):
            end = span.start + colon.end()
    elif len(whole) > 80 and (colon := re.search("[：:]", whole[:80])):
        end = span.start + colon.end()
    else:
        end = span.end
    while end > span.start and text[end - 1] in "。：:；;. \u3000":
        end -= 1
    return Span(span.start, end)


def _points(text: str, start: int, span: Span, *, subheadings: bool) -> tuple[Point, ...]:
    """The outermost enumeration of a section. （一） counts only where the article has 一、 headings above it."""
    body = simplify(text[start : span.end]).translate(_LINE_ENDS)
    found = {
        name: hits
        for name, style in _STYLES.items()
        if (name != "subheading" or subheadings) and (hits := _sequence(style, body))
    }
    if not found:
        return ()
    outer = "subheading" if "subheading" in found else min(found, key=lambda name: found[name][0].start)
    hits = found[outer]
    ends = [hit.start for hit in hits[1:]] + [span.end - start]
    return tuple(
        Point(text[start + hit.start : start + hit.end], Span(start + hit.start, start + end))
        for hit, end in zip(hits, ends, strict=True)
    )


def _position(numeral: str) -> int:
    """Return the position that a marker gives its point, from 1; 0 for a bullet."""
    if numeral in _SEQUENCE:
        return _SEQUENCE[numeral]
    return 0 if numeral[0] in BULLETS + DASHES else parse_numeral(numeral)


def _sequence(style: re.Pattern[str], body: str) -> list[Span]:
    """The markers of one style that count up from one (a new count may start again); a lone one is prose, not a list."""
    runs: list[list[Span]] = []
    last = 0
    for match in style.finditer(body):
        value = _position(match[2])
        if value == 0 or value == last + 1 or (value > last and match[1] == "最后"):
            if value == 1 or not runs:
                runs.append([])
            runs[-1].append(Span(*match.span(1)))
        elif value == 1:
            runs.append([Span(*match.span(1))])
        else:
            continue
        last = value
    return [marker for run in runs if len(run) > 1 for marker in run]
