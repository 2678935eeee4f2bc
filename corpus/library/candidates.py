"""Of the articles that share a key with another, those that may be like it: many of one title are told apart all at once.

What is left out here is left out by a condition that `corpus.library.duplicates` asks for: nothing alike is.
"""

from array import array
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corpus.library.fingerprints import ArticleFingerprint, Fingerprint, find_figures, load_sketches, sentence_marks, sketch_bands

Place = tuple[Fingerprint, ArticleFingerprint]  # an article and its document

# Share of the shorter text's shingles that the longer has. A scan with three wrong characters in a hundred has 0.86 (0.97^5), one
# with six 0.73. Less is enough where both mastheads give the same issue of the same day.
MIN_CONTAINED, MIN_CONTAINED_SAME_ISSUE = 0.8, 0.65
# Two texts are equally full where the shorter has so much of the longer; a shorter one may lack figures, as an excerpt does, if
# it lacks so many characters: a single 不 that was left out makes no excerpt.
EQUALLY_FULL, MIN_LEFT_OUT = 0.95, 20
MASTHEAD = ("series", "issue", "total_issue", "year", "date", "publisher")
_MANY = 64  # candidates; fewer are compared one by one
_MARGIN = 1e-9  # of a share, for the order of additions

_Indices = NDArray[np.intp]


class Candidates:
    """Articles of a list, by index: which of those that were kept may be like another one."""

    def __init__(self, places: Sequence[Place]) -> None:
        """Begin with none that is kept. Args: places: the articles, in the order in which they are returned."""
        self._places = places
        self._by_key: dict[Hashable, array[int]] = {}

    def add(self, index: int) -> None:
        """Keep an article."""
        for key in _keys(self._places[index][1]):
            self._by_key.setdefault(key, array("q")).append(index)

    def near(self, index: int) -> Sequence[int]:
        """Return the kept articles that may be like another one, in order."""
        found = [kept for key in _keys(self._places[index][1]) if (kept := self._by_key.get(key)) is not None]
        if sum(map(len, found)) <= _MANY:
            return sorted({other for kept in found for other in kept})
        for kept in found:
            self._mark[np.frombuffer(kept, np.int64)] = True
        others = np.flatnonzero(self._mark)
        self._mark[others] = False
        near: list[int] = self._alike(index, others).tolist()
        return near

    def containing(self, index: int, others: Sequence[int], least: float) -> Sequence[int]:
        """Return those of other articles with which the article shares so much of the shorter one's shingles."""
        chosen = np.array(others, np.intp)
        containing: list[int] = chosen[self._contained(index, chosen) >= least - _MARGIN].tolist()
        return containing

    def _alike(self, index: int, others: _Indices) -> _Indices:
        """Return those that agree in what is quickly compared: marks, masthead, region, figures, and then their sketches."""
        for codes in self._fields:
            others = others[(codes[others] == codes[index]) | (codes[others] == 0) | (codes[index] == 0)]
        others = others[self._is_correction[others] == self._is_correction[index]]
        others = others[self._regions_of(self._places[index][1].region or "")[self._region[others]]]
        same = self._figures[others] == self._figures[index]
        others = others[same | self._may_be_excerpt(index, others)]
        fields = self._fields[MASTHEAD.index("issue")], self._fields[MASTHEAD.index("date")]
        same_issue = np.logical_and.reduce([(codes[others] == codes[index]) & (codes[index] != 0) for codes in fields])
        least = np.where(same_issue, MIN_CONTAINED_SAME_ISSUE, MIN_CONTAINED) - _MARGIN
        is_near = (self._text[others] == self._text[index]) | (self._contained(index, others) >= least)
        near: _Indices = others[is_near]
        return near

    def _may_be_excerpt(self, index: int, others: _Indices) -> NDArray[np.bool_]:
        """Return of which others the article may be an excerpt, or which may be one of it, shape (n_others,)."""
        length, lengths = self._length[index], self._length[others]
        shorter, longer = np.minimum(length, lengths), np.maximum(length, lengths)
        apart = (shorter < EQUALLY_FULL * longer) & (longer - shorter >= MIN_LEFT_OUT)
        whole, cut = self._sentences
        inside = ~(cut[index] & ~whole[others]).any(axis=1)
        around = ~(cut[others] & ~whole[index]).any(axis=1)
        excerpts: NDArray[np.bool_] = apart & np.where(lengths > length, inside, around)
        return excerpts

    def _contained(self, index: int, others: _Indices) -> NDArray[np.float64]:
        """Return an estimate of the share that the longer has of the shorter one's shingles, shape (n_others,)."""
        own, sketches = self._sketches[index], self._sketches[others]
        is_empty = own == 0xFFFF
        # Of a few bytes a sum in bytes is the quickest: a sketch has 128 buckets.
        common = ((sketches == own) & ~is_empty).view(np.uint8).sum(axis=1, dtype=np.uint8).astype(np.int64)
        filled = own.size - (sketches[:, is_empty] == 0xFFFF).sum(axis=1)
        share = common / np.maximum(1, filled)
        length, lengths = self._length[index], self._length[others]
        return np.asarray(share / (1 + share) * (length + lengths) / np.maximum(1, np.minimum(length, lengths)))

    def _regions_of(self, region: str) -> NDArray[np.bool_]:
        """Return which regions, by their code, lie in one or around it."""
        if region not in self._agreeing:
            agreeing = [name.startswith(region) or region.startswith(name) for name in self._region_names]
            self._agreeing[region] = np.array(agreeing)
        return self._agreeing[region]

    def _coded(self, value: Callable[[Place], Hashable]) -> NDArray[np.int32]:
        """Return numbers for the values of the articles, 0 for none; shape (n_articles,)."""
        codes: dict[Hashable, int] = {}
        return np.array(
            [codes.setdefault(known, len(codes) + 1) if (known := value(place)) else 0 for place in self._places], np.int32
        )

    @cached_property
    def _mark(self) -> NDArray[np.bool_]:
        return np.zeros(len(self._places), np.bool_)

    @cached_property
    def _fields(self) -> list[NDArray[np.int32]]:
        fields = [self._coded(lambda place, name=name: getattr(place[0], name)) for name in MASTHEAD]  # type: ignore[misc]
        return [*fields, self._coded(lambda place: place[1].title and ("", *find_figures(place[1].title)))]

    @cached_property
    def _is_correction(self) -> NDArray[np.bool_]:
        return np.array([article.is_correction for _, article in self._places])

    @cached_property
    def _region_names(self) -> list[str]:
        return list(dict.fromkeys(article.region or "" for _, article in self._places))

    @cached_property
    def _region(self) -> NDArray[np.intp]:
        codes = {name: code for code, name in enumerate(self._region_names)}
        return np.array([codes[article.region or ""] for _, article in self._places], np.intp)

    @cached_property
    def _agreeing(self) -> dict[str, NDArray[np.bool_]]:
        return {}

    @cached_property
    def _figures(self) -> NDArray[np.int32]:
        return self._coded(lambda place: place[1].figures)

    @cached_property
    def _text(self) -> NDArray[np.int32]:
        return self._coded(lambda place: place[1].text)

    @cached_property
    def _length(self) -> NDArray[np.int64]:
        return np.array([article.length for _, article in self._places], np.int64)

    @cached_property
    def _sketches(self) -> NDArray[np.uint16]:
        return load_sketches([article for _, article in self._places])

    @cached_property
    def _sentences(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Return marks of the sentences of each article, and of all of them but the last."""
        marks = [sentence_marks(article) for _, article in self._places]
        return np.array([whole for whole, _ in marks]), np.array([cut for _, cut in marks])


def _keys(article: ArticleFingerprint) -> list[Hashable]:
    """Return what texts that may be alike share one of: a band of their sketches, or title and beginning."""
    return [*sketch_bands(article), *([(article.title, article.beginning)] if article.title else [])]
