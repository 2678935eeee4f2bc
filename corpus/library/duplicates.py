"""Duplicates: one bulletin in several copies or formats, found by its text, never by its name.

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
# Jaccard similarity of the shingles of two duplicates. A scan with three wrong characters in a hundred has 0.75 to the original
# (0.97^5 = 0.86 of the shingles stand; 0.86 / (2 - 0.86)), one with six 0.58; two issues of one series have a tenth at most. Half
# is enough where both mastheads give the same issue of the same day.
_MIN_SIMILARITY, _MIN_SIMILARITY_SAME_ISSUE = 0.7, 0.5
_BANDS = 32  # of four buckets each: two texts of similarity 0.7 agree in none of them with a chance of (1 - 0.7^4)^32 = 0.0002
_EMPTY = np.uint32(0xFFFFFFFF)  # of a bucket that no hash fell into
_FNV_PRIME = 0x100000001B3  # multiplies the rolling hash of a shingle


_Sketch = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies a bulletin: the hash of its letters, a MinHash sketch of them, and fields of its masthead."""

    text: str
    sketch: bytes
    issue: str | None
    total_issue: str | None
    year: int | None
    date: str | None

    @property
    def issue_and_day(self) -> tuple[str, str] | None:
        """Return the issue number and date, which hardly any two bulletins share; None where the masthead lacks either."""
        return (self.issue, self.date) if self.issue and self.date else None


def fingerprint(bulletin: Bulletin) -> Fingerprint:
    """Make the fingerprint of a bulletin as it was parsed, without a user's corrections."""
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
    """Map the index of each duplicate to that of the bulletin it duplicates, which is the first of its kind and so no key.

    Candidates are the bulletins of one issue and day, and those that agree in a band of their sketches.
    Source: Indyk & Motwani 1998, with the sketches of Li et al. 2012.
    """
    sketches = [_load_sketch(bulletin) for bulletin in bulletins]
    duplicates: dict[int, int] = {}
    by_text: dict[str, int] = {}
    by_key: dict[object, list[int]] = {}
    for i, bulletin in enumerate(bulletins):
        if bulletin.text in by_text:
            duplicates[i] = by_text[bulletin.text]
            continue
        keys: list[object] = [
            (number, band.tobytes()) for number, band in enumerate(np.split(sketches[i], _BANDS)) if (band != _EMPTY).any()
        ]
        if bulletin.issue_and_day is not None:
            keys.append(bulletin.issue_and_day)
        candidates = sorted({candidate for key in keys for candidate in by_key.get(key, ())})
        original = next((j for j in candidates if _is_duplicate(bulletin, sketches[i], bulletins[j], sketches[j])), None)
        if original is not None:
            duplicates[i] = original
            continue
        by_text[bulletin.text] = i
        for key in keys:
            by_key.setdefault(key, []).append(i)
    return duplicates


def find_duplicate(bulletin: Fingerprint, others: Sequence[Fingerprint]) -> int | None:
    """Return the index of the first of `others` that this bulletin duplicates, or None."""
    sketch = _load_sketch(bulletin)
    found = (i for i, other in enumerate(others) if _is_duplicate(bulletin, sketch, other, _load_sketch(other)))
    return next(found, None)


def _is_duplicate(left: Fingerprint, left_sketch: _Sketch, right: Fingerprint, right_sketch: _Sketch) -> bool:
    if left.text == right.text:
        return True
    # A field that a masthead lacks says nothing; one that differs makes it another issue.
    fields = ("issue", "total_issue", "year", "date")
    for name in fields:
        values = getattr(left, name), getattr(right, name)
        if None not in values and values[0] != values[1]:
            return False
    same_issue = left.issue_and_day is not None and left.issue_and_day == right.issue_and_day
    filled = (left_sketch != _EMPTY) | (right_sketch != _EMPTY)
    similarity = ((left_sketch == right_sketch) & filled).sum() / max(1, filled.sum())
    return bool(similarity >= (_MIN_SIMILARITY_SAME_ISSUE if same_issue else _MIN_SIMILARITY))


def _load_sketch(bulletin: Fingerprint) -> _Sketch:
    return np.frombuffer(bulletin.sketch, np.uint32)


def _sketch(letters: str) -> _Sketch:
    """Return the smallest hash in each of 128 buckets of the hashes of a text's shingles, shape (128,).

    Source: Li, Owen & Zhang 2012 (one permutation hashing).
    """
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    sketch = np.full(_BUCKETS, _EMPTY)
    if len(codes) >= _SHINGLE:
        hashes = np.zeros(len(codes) - _SHINGLE + 1, np.uint64)
        for i in range(_SHINGLE):
            hashes = hashes * np.uint64(_FNV_PRIME) + codes[i : i + len(hashes)]
        # A finaliser, so that the high bits, which choose the bucket, depend on every character. Source: Steele et al. 2014.
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
        hashes ^= hashes >> np.uint64(31)
        np.minimum.at(sketch, (hashes >> np.uint64(57)).astype(np.intp), (hashes & np.uint64(0xFFFFFFFE)).astype(np.uint32))
    return sketch
