"""Watermarks set level: pale words over or under the text, which are no part of it. Slanted ones are told by their angle.

A shadow, the pale copy of a title a point aside, is left out by the same sign.
"""

import bisect
import itertools
import statistics
from collections.abc import Iterator, Sequence

from corpus.readers.glyphs import Glyph

_PALE = 0.5  # lightness of ink: watermarks are printed in grey (0.75 in Word) or in a light colour
_VERY_PALE, _LARGE, _MAX_LENGTH = 0.7, 2.0, 20  # a word so pale, so many times as large as the text and so short is one anywhere
_TOP, _BOTTOM = 0.85, -0.1  # of a character above its baseline, in its own size
_SAME_LINE, _MAX_GAP = 0.1, 2.0  # from one character of a word to the next, in its own size: down and along


def without_watermarks(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Return the characters of a page without its pale words that overlap others, wherever these words recur on the page."""
    pale = [glyph for glyph in glyphs if glyph.lightness >= _PALE]
    dark = sorted((glyph for glyph in glyphs if glyph.lightness < _PALE), key=lambda glyph: glyph.baseline)
    if not pale or not dark:
        return list(glyphs)
    words = list(_words(pale))
    body_size = statistics.median(glyph.size for glyph in dark)
    largest = max(glyph.size for glyph in dark)
    marks = {_key(word) for word in words if _is_large_and_pale(word, body_size) or _overlaps(word, dark, largest)}
    return dark + [glyph for word in words if _key(word) not in marks for glyph in word]


def _words(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Yield the words that stand apart on a line, in the order in which they are drawn."""
    word: list[Glyph] = []
    for glyph in glyphs:
        if word and not _goes_on(word[-1], glyph):
            yield word
            word = []
        word.append(glyph)
    yield word


def _goes_on(left: Glyph, right: Glyph) -> bool:
    same_line = abs(left.baseline - right.baseline) < _SAME_LINE * left.size
    return left.size == right.size and same_line and 0 <= right.left - left.left < _MAX_GAP * left.size


def _key(word: Sequence[Glyph]) -> tuple[str, int]:
    return "".join(glyph.text for glyph in word), round(word[0].size)


def _is_large_and_pale(word: Sequence[Glyph], body_size: float) -> bool:
    is_large = word[0].size >= _LARGE * body_size and len(word) <= _MAX_LENGTH
    return is_large and word[0].lightness >= _VERY_PALE


def _overlaps(word: Sequence[Glyph], dark: Sequence[Glyph], largest: float) -> bool:
    """Return whether a character of a word stands over one of the text, which is sorted by baseline and at most `largest`."""
    reach = max(word[0].size, largest)
    low = bisect.bisect_left(dark, word[0].baseline - reach, key=lambda glyph: glyph.baseline)
    high = bisect.bisect_right(dark, word[0].baseline + reach, key=lambda glyph: glyph.baseline)
    return any(_covers(one, other) or _covers(other, one) for one, other in itertools.product(word, dark[low:high]))


def _covers(glyph: Glyph, other: Glyph) -> bool:
    """Return whether the middle of another character lies inside one."""
    middle = (other.left + other.right) / 2, other.baseline - (_TOP + _BOTTOM) / 2 * other.size
    top, bottom = glyph.baseline - _TOP * glyph.size, glyph.baseline - _BOTTOM * glyph.size
    return not other.text.isspace() and glyph.left < middle[0] < glyph.right and top < middle[1] < bottom
