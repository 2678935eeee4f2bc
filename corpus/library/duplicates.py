"""The same bulletin in several copies or formats: found by its text, never by its name.

Two files are one bulletin where their texts, without spaces and punctuation, are the same or nearly so, as a scan is nearly the
same as the file that was printed, and nothing in their mastheads says that they are two issues.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.document import Bulletin
from corpus.text.normalize import letters

_SHINGLE = 5  # characters
_BUCKETS = 128
# Of the shingles of both texts, what they must share. A scan with three wrong characters in a hundred shares 0.75 with the
# original (0.97^5 = 0.86 of the shingles stand; 0.86 / (2 - 0.86)), one with six 0.58; two issues of one series share a tenth at
# most. Half is enough where both mastheads give the same issue of the same day.
_SHARED, _SHARED_SAME_ISSUE = 0.7, 0.5
_BANDS = 32  # of four buckets each: two texts that share 0.7 agree in one of them but for (1 - 0.7^4)^32 = 0.0002
_EMPTY = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a bulletin is recognised by: the hash of its letters, a sketch of its text, and what its masthead says."""

    text: str
    sketch: bytes
    issue: str | None
    total_issue: str | None
    year: int | None
    date: str | None

    @property
    def issue_and_day(self) -> tuple[str, str] | None:
        """What hardly any two bulletins have in common; None where the masthead lacks either."""
        return (self.issue, self.date) if self.issue and self.date else None


def fingerprint(bulletin: Bulletin) -> Fingerprint:
    """What a bulletin, as it was parsed, is recognised by."""
    plain = letters(bulletin.text)
    return Fingerprint(
        text=hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest(),
        sketch=_sketch(plain).tobytes(),
        issue=bulletin.masthead.issue,
        total_issue=bulletin.masthead.total_issue,
        year=bulletin.masthead.year,
        date=bulletin.masthead.issue_date.isoformat() if bulletin.masthead.issue_date else None,
    )


def find_duplicates(bulletins: Sequence[Fingerprint]) -> dict[int, int]:
    """Which bulletins are copies of which, by position; of several copies the first is kept, so it is no key of the result.

    Candidates are those of one issue and day, and those that agree in a band of their sketches.
    Source: Indyk & Motwani 1998, with the sketches of Li et al. 2012.
    """
    sketches = [np.frombuffer(bulletin.sketch, np.uint32) for bulletin in bulletins]
    copies: dict[int, int] = {}
    by_text: dict[str, int] = {}
    by_key: dict[object, list[int]] = {}
    for at, bulletin in enumerate(bulletins):
        if bulletin.text in by_text:
            copies[at] = by_text[bulletin.text]
            continue
        keys: list[object] = [
            (number, band.tobytes()) for number, band in enumerate(np.split(sketches[at], _BANDS)) if (band != _EMPTY).any()
        ]
        keys += [bulletin.issue_and_day] * (bulletin.issue_and_day is not None)
        for other in sorted({other for key in keys for other in by_key.get(key, ())}):
            if _is_duplicate(bulletin, sketches[at], bulletins[other], sketches[other]):
                copies[at] = other
                break
        else:
            by_text[bulletin.text] = at
            for key in keys:
                by_key.setdefault(key, []).append(at)
    return copies


def find_duplicate(bulletin: Fingerprint, others: Sequence[Fingerprint]) -> int | None:
    """The position of the first of some bulletins that this one is a copy of, or None."""
    sketch = np.frombuffer(bulletin.sketch, np.uint32)
    alike = (
        at for at, other in enumerate(others) if _is_duplicate(bulletin, sketch, other, np.frombuffer(other.sketch, np.uint32))
    )
    return next(alike, None)


def _is_duplicate(one: Fingerprint, sketch: NDArray[np.uint32], other: Fingerprint, other_sketch: NDArray[np.uint32]) -> bool:
    if one.text == other.text:
        return True
    pairs = ((one.issue, other.issue), (one.total_issue, other.total_issue), (one.year, other.year), (one.date, other.date))
    # What a masthead lacks says nothing; what it says otherwise makes it another issue.
    if any(left is not None and right is not None and left != right for left, right in pairs):
        return False
    same = one.issue_and_day is not None and one.issue_and_day == other.issue_and_day
    filled = (sketch != _EMPTY) | (other_sketch != _EMPTY)
    shared = ((sketch == other_sketch) & filled).sum() / max(1, filled.sum())
    return bool(shared >= (_SHARED_SAME_ISSUE if same else _SHARED))


def _sketch(letters: str) -> NDArray[np.uint32]:
    """The least hash in each of 128 buckets of the hashes of a text's shingles. Source: Li, Owen & Zhang 2012."""
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    sketch = np.full(_BUCKETS, _EMPTY)
    if len(codes) >= _SHINGLE:
        hashes = np.zeros(len(codes) - _SHINGLE + 1, np.uint64)
        for at in range(_SHINGLE):
            hashes = hashes * np.uint64(0x100000001B3) + codes[at : at + len(hashes)]
        # A finaliser, so that the high bits, which choose the bucket, depend on every character. Source: Steele et al. 2014.
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
        hashes ^= hashes >> np.uint64(31)
        np.minimum.at(sketch, (hashes >> np.uint64(57)).astype(np.intp), (hashes & np.uint64(0xFFFFFFFE)).astype(np.uint32))
    return sketch
