"""Characters of a page -> lines: what stands on one baseline, in pieces where gaps are wide, with blanks and bold runs."""

import itertools
import re
import statistics
from collections.abc import Iterator, Sequence

from corpus.readers.glyphs import Glyph
from corpus.readers.pages import merge_runs
from corpus.readers.raised_glyphs import attach_scripts, mark_raised
from corpus.readers.reading_order import Line

_BOLD = re.compile(r"bold|heavy|black|simhei|heiti|黑体", re.I)

# Lengths in characters of their own size.
_SAME_BASELINE = 0.4  # two characters closer than this stand on one line
_MAX_GAP = 1.3  # inside a line: a full-width blank, the widest inside a sentence, is one character wide
# A blank stands where a gap is wider than the usual one of its line, which may be stretched to the margin, or than any that is
# none. Word sets Chinese and Latin characters a quarter of their size apart, which is no blank.
_MIN_BLANK, _MIN_BLANK_OVER_USUAL, _BETWEEN_SCRIPTS = 0.18, 0.15, 0.14


def body_font(glyphs: Sequence[Glyph]) -> str:
    """Return the font in which most is set: it may be called bold, but then it is how this document looks."""
    return statistics.mode(glyph.font for glyph in glyphs) if glyphs else ""


def split_stretches(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Yield the characters of each line from left to right, in pieces where a gap is wider than any inside a sentence."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: glyph.baseline):
        first = rows[-1][0] if rows else None
        if first is not None and abs(glyph.baseline - first.baseline) < _SAME_BASELINE * max(glyph.size, first.size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    for row in attach_scripts(rows):
        row.sort(key=lambda glyph: glyph.left)
        yield from _split_at_gaps(row)


def _split_at_gaps(row: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    start = 0
    for i, (left, right) in enumerate(itertools.pairwise(row), 1):
        if right.left - left.right > _MAX_GAP * max(left.size, right.size):
            yield list(row[start:i])
            start = i
    yield list(row[start:])


def make_line(glyphs: Sequence[Glyph], body_font: str) -> Line:
    """Make a line of characters: blanks where gaps are wide, runs in bold fonts bold. Blanks at its beginning are left out."""
    runs: list[tuple[str, bool]] = []
    previous: Glyph | None = None
    glyphs = mark_raised(glyphs)
    usual_gap = statistics.median(_gap(*pair) for pair in itertools.pairwise(glyphs)) if len(glyphs) > 1 else 0.0
    for glyph in glyphs:
        if glyph.text.isspace():
            bold = runs[-1][1] if runs else _is_bold(glyph, body_font)
            blank = ""
        else:
            bold = _is_bold(glyph, body_font)
            blank = " " if previous and not previous.text.isspace() and _has_blank(previous, glyph, usual_gap) else ""
        runs.append((blank + glyph.text, bold))
        previous = glyph
    while len(runs) > 1 and not runs[0][0].strip():
        runs.pop(0)
        glyphs = glyphs[1:]
    return Line(
        merge_runs(runs),
        left=glyphs[0].left,
        right=glyphs[-1].right,
        baseline=statistics.median(glyph.baseline for glyph in glyphs),
        size=statistics.median(glyph.size for glyph in glyphs),
        low_confidence=any(glyph.is_doubtful for glyph in glyphs),
    )


def _is_bold(glyph: Glyph, body_font: str) -> bool:
    return glyph.font != body_font and _BOLD.search(glyph.font) is not None


def _has_blank(left: Glyph, right: Glyph, usual_gap: float) -> bool:
    """Return whether a blank stands between two characters of a line whose characters usually stand `usual_gap` apart."""
    between_scripts = left.text.isascii() != right.text.isascii()
    min_gap = max(_MIN_BLANK, usual_gap + _MIN_BLANK_OVER_USUAL) + (_BETWEEN_SCRIPTS if between_scripts else 0.0)
    return _gap(left, right) > min_gap


def _gap(left: Glyph, right: Glyph) -> float:
    """Return the gap between two characters, in the size of the second."""
    return (right.left - left.right) / right.size
