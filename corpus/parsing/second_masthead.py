"""The masthead of a second bulletin in one file, pasted below the first, which would be cited under the masthead of that.

It stands between running texts, states the number of an issue alone on its line, with a date, a publisher or the name of a series
beside it, and says other things than the first. A header that repeats on every page says the same.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from corpus.document import Masthead
from corpus.parsing import masthead
from corpus.parsing.lines import Line
from corpus.text.normalize import letters

_MOST_ABOVE, _MOST_BELOW = 8, 6  # lines of a masthead above and below that of its number: notes, names, a date
_MAX_SERIES = 30  # characters of the name of a series
_SAME_NAME = 0.75  # likeness of two readings of one name: OCR misreads one character in four at worst


class SecondMasthead(NamedTuple):
    """A masthead in the midst of a file, and the line that it begins at."""

    line: Line
    masthead: Masthead


def find_second_masthead(
    lines: Sequence[Line], first: Masthead, *, left_out: Collection[int] = frozenset()
) -> SecondMasthead | None:
    """Return the first masthead below running text that is another than `first`; None where there is none.

    Args: lines: classified; left_out: the numbers of lines that a person leaves out.
    """
    written = [line for line in lines if line.normalized and line.kind != "markup" and line.number not in left_out]
    prose = [i for i, line in enumerate(written) if line.kind != "masthead" and line.is_prose]
    if not prose:
        return None
    times = Counter(line.normalized for line in written)
    for i in range(prose[0] + 1, prose[-1]):
        if written[i].kind == "masthead" or not _states_number_alone(written[i]):
            continue
        start, end = _bounds(written, i)
        found = masthead.read_masthead([line.raw.replace("*", "").lstrip("# ") for line in written[start:end]])
        # What stands on many pages is their header, whatever it says, unless a publisher and a date stand beside it, too.
        is_header = times[written[i].normalized] > 1 and not (found.publisher and found.issue_date)
        told = found.publisher or found.issue_date or found.series != first.series
        if found.series and told and not is_header and _is_other(found, first):
            return SecondMasthead(written[start], found)
    return None


def _states_number_alone(line: Line) -> bool:
    text = line.normalized
    return not line.is_prose and masthead.is_number_line(text) and masthead.is_masthead_line(text)


def _bounds(written: Sequence[Line], number: int) -> tuple[int, int]:
    """Return the range of the lines of a masthead around that of its number."""
    start, end = number, number + 1
    while start > max(0, number - _MOST_ABOVE) and _is_of_masthead(written[start - 1]):
        start -= 1
    while end < min(len(written), number + _MOST_BELOW) and masthead.is_masthead_line(written[end].normalized):
        end += 1
    # What ends the bulletin above reads like a part of the next one's masthead: who prints it and when.
    named = [i for i in range(start, number + 1) if masthead.names_series(written[i].normalized)]
    return (named[-1] if named else start), end


def _is_of_masthead(line: Line) -> bool:
    text = line.normalized
    if line.is_prose or len(text) > _MAX_SERIES:
        return False
    return masthead.is_masthead_line(text) or masthead.names_series(text)


def _is_other(found: Masthead, first: Masthead) -> bool:
    """Return whether two mastheads are of two bulletins: a number or the date differs, or else the name."""
    pairs = [(getattr(found, name), getattr(first, name)) for name in ("issue", "total_issue", "issue_date")]
    if any(one and other and one != other for one, other in pairs):
        return True
    one, other = letters(found.series), letters(first.series)
    return one not in other and SequenceMatcher(None, one, other, autojunk=False).ratio() < _SAME_NAME
