"""Small characters beside a line, raised or lowered, are part of it: 80m², the mark of a footnote, CO2.

Readings set above characters (a phonetic guide) are no part of it and left out. A raised figure becomes a superscript, since
10² is not 102; a lowered one stays as it is, since PM2.5 is written so.
"""

import itertools
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.readers.glyphs import Glyph

_SUPERSCRIPTS = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_BARE_FIGURE = re.compile(r"[+\-−]?[0-9]+")
# What is set raised or lowered: figures, letters, circled figures, marks of notes; 注 only in brackets.
_SCRIPT = re.compile(r"[\[［【(（〔]?注?[\w+\-−*＊※†‡§①-⑳⑴-⒇㈠-㈩,，、~～’'°/]+[\]］】)）〕]?", re.ASCII)
_READING = re.compile("[a-zü\u00e0-\u00fc\u0101-\u01dc\u0261\u3041-\u30ff\u3105-\u312f \u02ca\u02c7\u02cb\u02d9]+", re.I)

# As ratios to the size of the line's own characters.
_SMALL = 0.8  # of a raised, lowered or phonetic character
_RAISED, _LOWERED = 0.75, -0.35  # how far its baseline may lie above the line's
_ABOVE = (0.6, 1.7)  # how far that of a reading lies above
_MIN_RAISED = 0.12  # what is raised by less is set smaller only
_MAX_DISTANCE = 0.6  # sideways, to the character that it belongs to
_SAME_PLACE = 1.0  # sideways gap, in its own size, inside a run of small characters
_NEIGHBOURS = 3  # rows above and below in which its line is looked for


def attach_scripts(rows: Sequence[list[Glyph]]) -> Iterator[list[Glyph]]:
    """Yield rows of characters, in order, with the small ones that stand on a row of their own put into the row beside it."""
    sizes = [statistics.median(glyph.size for glyph in row) for row in rows]
    kept: list[list[Glyph]] = [[] for _ in rows]
    for i, row in enumerate(rows):
        near = [j for j in range(max(0, i - _NEIGHBOURS), min(len(rows), i + _NEIGHBOURS + 1)) if sizes[i] <= _SMALL * sizes[j]]
        for run in _runs(row) if near else [row]:
            home = next((j for j in near if _is_script(run, rows[j], sizes[j])), i)
            if home != i or not any(_is_reading(run, rows[j], sizes[j]) for j in near):
                kept[home] += run
    return (row for row in kept if row)


def _runs(row: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Yield what stands together on a row of small characters."""
    run: list[Glyph] = []
    for glyph in sorted(row, key=lambda glyph: glyph.left):
        if run and glyph.left - run[-1].right > _SAME_PLACE * glyph.size:
            yield run
            run = []
        run.append(glyph)
    yield run


def _is_script(run: Sequence[Glyph], row: Sequence[Glyph], size: float) -> bool:
    """Return whether small characters stand raised or lowered beside a character of a line."""
    rise = _rise(run, row)
    if not _LOWERED * size < rise < _RAISED * size or not _SCRIPT.fullmatch(_text(run)):
        return False
    left, right = run[0].left, run[-1].right
    return any(glyph.left - right < _MAX_DISTANCE * size and left - glyph.right < _MAX_DISTANCE * size for glyph in row)


def _is_reading(run: Sequence[Glyph], row: Sequence[Glyph], size: float) -> bool:
    """Return whether small letters stand above characters of a line."""
    if not _ABOVE[0] * size < _rise(run, row) < _ABOVE[1] * size or not _READING.fullmatch(_text(run)):
        return False
    return all(any(_stands_over(one, glyph) for glyph in row) for one in run if not one.text.isspace())


def _rise(run: Sequence[Glyph], row: Sequence[Glyph]) -> float:
    return statistics.median(glyph.baseline for glyph in row) - run[0].baseline


def _stands_over(one: Glyph, glyph: Glyph) -> bool:
    return not glyph.text.isspace() and glyph.left <= (one.left + one.right) / 2 <= glyph.right


def _text(run: Sequence[Glyph]) -> str:
    return "".join(glyph.text for glyph in run).strip()


def mark_raised(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return the characters of a line, raised figures among them as superscripts."""
    size = max(glyph.size for glyph in glyphs)
    if all(glyph.size > _SMALL * size for glyph in glyphs):
        return list(glyphs)
    baseline = statistics.median(glyph.baseline for glyph in glyphs if glyph.size > _SMALL * size)

    def is_raised(glyph: Glyph) -> bool:
        return glyph.size <= _SMALL * size and baseline - glyph.baseline > _MIN_RAISED * size

    marked: list[Glyph] = []
    for raised, run in itertools.groupby(glyphs, key=is_raised):
        group = list(run)
        bare = raised and _BARE_FIGURE.fullmatch(_text(group))
        marked += [replace(glyph, text=glyph.text.translate(_SUPERSCRIPTS)) for glyph in group] if bare else group
    return marked
