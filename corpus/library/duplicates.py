"""Duplicates: articles printed in several documents, and documents that are wholly the same, found by text, never by name.

Two articles are alike where their texts, without spaces and punctuation, are the same or nearly so, as a scan is nearly the same
as the file that was printed, or one is an excerpt of the other; and neither a figure, nor a negation, nor the region, nor the
masthead says that they are two. Of alike articles one is kept in answers: the fuller, then that of the better document.
A document of which nothing is kept is a copy. An article that calls itself a correction replaces what it corrects.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.library.fingerprints import ArticleFingerprint, Fingerprint, find_figures, similarity, sketch_bands

# Share of the shorter text's shingles that the longer has. A scan with three wrong characters in a hundred has 0.86 (0.97^5), one
# with six 0.73. Less is enough where both mastheads give the same issue of the same day; a correction may have rewritten half.
_MIN_CONTAINED, _MIN_CONTAINED_SAME_ISSUE, _MIN_CONTAINED_CORRECTION = 0.8, 0.65, 0.5
# Two texts are equally full where the shorter has so much of the longer; a shorter one may lack figures, as an excerpt does, if
# it lacks so many characters: a single 不 that was left out makes no excerpt.
_EQUALLY_FULL, _MIN_LEFT_OUT = 0.95, 20
_MASTHEAD = ("series", "issue", "total_issue", "year", "date", "publisher")


class ArticleAt(NamedTuple):
    """An article by the index of its document and its own in that."""

    document: int
    article: int


_Place = tuple[Fingerprint, ArticleFingerprint]  # an article and its document


@dataclass(frozen=True, slots=True)
class Replaced:
    """What answers quote in place of an article: the other, and whether that is a correction."""

    by: ArticleAt
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Documents of which nothing is kept, with the document kept in place of each; articles of others that are not kept."""

    documents: Mapping[int, int]
    articles: Mapping[ArticleAt, Replaced]


def find_duplicates(documents: Sequence[Fingerprint]) -> Duplicates:
    """Find which documents and articles are copies.

    Args: documents: the better before the worse; of equally full articles, that of the better document is kept.
    """
    same: dict[int, int] = {}
    by_text: dict[object, int] = {}
    for index, document in enumerate(documents):
        original = by_text.setdefault((document.whole.text, document.whole.figures), index)
        if original != index:
            same[index] = original
    same |= _wholes_alike(documents, same)
    replaced = _articles_replaced(documents, same)
    for index, document in enumerate(documents):
        if index not in same:
            others = [replaced.get(ArticleAt(index, number)) for number in range(len(document.articles))]
            kept = Counter(other.by.document for other in others if other is not None and not other.is_correction)
            if others and kept.total() == len(others):
                same[index] = kept.most_common(1)[0][0]
    for index in same:  # what a copy was a copy of may be one itself
        while same[index] in same:
            same[index] = same[same[index]]
    return Duplicates(same, {at: other for at, other in replaced.items() if at.document not in same})


def find_duplicate(document: Fingerprint, others: Sequence[Fingerprint]) -> int | None:
    """Return the index of the document that `document` would be a copy of among `others`, or None."""
    found = find_duplicates([*others, document])
    return found.documents.get(len(others))


def _wholes_alike(documents: Sequence[Fingerprint], same: Mapping[int, int]) -> dict[int, int]:
    """Map documents to those whose whole text is nearly theirs, though they may be cut into articles otherwise."""
    found: dict[int, int] = {}
    by_key: dict[object, list[int]] = {}
    for index, document in enumerate(documents):
        if index in same:
            continue
        keys = _keys(document.whole)
        candidates = sorted({other for key in keys for other in by_key.get(key, ())})
        original = next((other for other in candidates if _are_one_document(document, documents[other])), None)
        if original is not None:
            found[index] = original
            continue
        for key in keys:
            by_key.setdefault(key, []).append(index)
    return found


def _are_one_document(left: Fingerprint, right: Fingerprint) -> bool:
    full = _are_equally_full(left.whole, right.whole)
    return full and left.whole.figures == right.whole.figures and _are_alike((left, left.whole), (right, right.whole))


def _articles_replaced(documents: Sequence[Fingerprint], same: Mapping[int, int]) -> dict[ArticleAt, Replaced]:
    """Map articles to those that are kept in their place, first by likeness, then by correction."""
    articles = {
        ArticleAt(index, number): article
        for index, document in enumerate(documents)
        if index not in same
        for number, article in enumerate(document.articles)
    }
    replaced: dict[ArticleAt, Replaced] = {}
    for group in _groups(documents, articles):
        longest = articles[group[0]]
        kept = min(at for at in group if _are_equally_full(articles[at], longest))
        replaced |= {at: Replaced(kept) for at in group if at != kept}
    replaced |= dict(_corrected(documents, articles, replaced))
    return replaced


def _groups(documents: Sequence[Fingerprint], articles: Mapping[ArticleAt, ArticleFingerprint]) -> list[list[ArticleAt]]:
    """Put together the articles that are like the fullest of them, at most one of a document, the fullest first."""
    groups: dict[ArticleAt, list[ArticleAt]] = {}
    by_key: dict[object, list[ArticleAt]] = {}
    for at in sorted(articles, key=lambda at: (-articles[at].length, at)):
        article, document = articles[at], documents[at.document]
        keys = _keys(article)
        for other in dict.fromkeys(other for key in keys for other in by_key.get(key, ())):
            is_free = all(member.document != at.document for member in groups[other])
            if is_free and _are_alike((document, article), (documents[other.document], articles[other])):
                groups[other].append(at)
                break
        else:
            groups[at] = [at]
            for key in keys:
                by_key.setdefault(key, []).append(at)
    return list(groups.values())


def _corrected(
    documents: Sequence[Fingerprint], articles: Mapping[ArticleAt, ArticleFingerprint], replaced: Mapping[ArticleAt, Replaced]
) -> Iterator[tuple[ArticleAt, Replaced]]:
    """Yield the articles that a later one of the same title and region corrects, by the latest correction."""
    corrections: dict[str, list[ArticleAt]] = {}
    for at, article in articles.items():
        if article.is_correction and at not in replaced:
            corrections.setdefault(article.title, []).append(at)
    for at, article in articles.items():
        own = documents[at.document]
        others = ((documents[other.document], other) for other in corrections.get(article.title, ()))
        later = [(document.date, other) for document, other in others if _corrects((document, articles[other]), (own, article))]
        if later:
            yield at, Replaced(max(later, key=lambda found: found[0] or "")[1], is_correction=True)


def _corrects(correction: _Place, other: _Place) -> bool:
    (document, article), (older, replaced) = correction, other
    fields = ("series", "publisher", *(("issue", "total_issue") if document.is_correction else ()))
    if not all(_agree(getattr(document, name), getattr(older, name)) for name in fields) or not _regions_agree(article, replaced):
        return False
    if not document.date or not older.date or (document.date, article.is_correction) <= (older.date, replaced.is_correction):
        return False
    return _contained(article, replaced) >= _MIN_CONTAINED_CORRECTION


def _are_alike(left: _Place, right: _Place) -> bool:
    (one, article), (two, other) = left, right
    if article.is_correction != other.is_correction or not _regions_agree(article, other):
        return False
    # A field that a masthead lacks says nothing; one that differs makes it another issue.
    if not all(_agree(getattr(one, name), getattr(two, name)) for name in _MASTHEAD):
        return False
    if article.title and other.title and find_figures(article.title) != find_figures(other.title):
        return False
    if not _figures_agree(*sorted((article, other), key=lambda each: each.length)):
        return False
    if article.text == other.text:
        return True
    same_issue = one.issue is not None and one.date is not None and (one.issue, one.date) == (two.issue, two.date)
    return _contained(article, other) >= (_MIN_CONTAINED_SAME_ISSUE if same_issue else _MIN_CONTAINED)


def _agree(left: object, right: object) -> bool:
    return not left or not right or left == right


def _regions_agree(left: ArticleFingerprint, right: ArticleFingerprint) -> bool:
    """Return whether two articles are about one region, or one lies in the other: an excerpt may lack the signature."""
    narrow, wide = sorted((left.region or "", right.region or ""), key=len, reverse=True)
    return narrow.startswith(wide)


def _figures_agree(shorter: ArticleFingerprint, longer: ArticleFingerprint) -> bool:
    """Return whether two texts have the same numbers and negations in the same order; an excerpt, a stretch of them.

    The last number of an excerpt may be cut off: it may end amid 2024.
    """
    if shorter.figures == longer.figures:
        return True
    if _are_equally_full(shorter, longer) or longer.length - shorter.length < _MIN_LEFT_OUT or not shorter.quotes(longer):
        return False
    # No figure has a blank: each but the last ends at one. A search in a string takes linear time.
    return " " + " ".join(shorter.figures) in " " + " ".join(longer.figures)


def _are_equally_full(left: ArticleFingerprint, right: ArticleFingerprint) -> bool:
    return min(left.length, right.length) >= _EQUALLY_FULL * max(left.length, right.length)


def _contained(left: ArticleFingerprint, right: ArticleFingerprint) -> float:
    """Estimate which share of the shorter text's shingles the longer has, from the share that they have in common of all."""
    common = similarity(left, right)
    return common / (1 + common) * (left.length + right.length) / max(1, min(left.length, right.length))


def _keys(article: ArticleFingerprint) -> list[object]:
    """Return what texts that may be alike share one of: a band of their sketches, or title and beginning."""
    return [*sketch_bands(article), *([(article.title, article.beginning)] if article.title else [])]
