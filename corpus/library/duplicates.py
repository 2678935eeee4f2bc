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

from corpus.library.candidates import (
    EQUALLY_FULL,
    MASTHEAD,
    MIN_CONTAINED,
    MIN_CONTAINED_SAME_ISSUE,
    MIN_LEFT_OUT,
    Candidates,
    Place,
)
from corpus.library.fingerprints import ArticleFingerprint, Fingerprint, find_figures, similarity

_MIN_CONTAINED_CORRECTION = 0.5  # a correction may have rewritten half


class ArticleAt(NamedTuple):
    """An article by the index of its document and its own in that."""

    document: int
    article: int


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
    kept = Candidates([(document, document.whole) for document in documents])
    for index, document in enumerate(documents):
        if index in same:
            continue
        original = next((other for other in kept.near(index) if _are_one_document(document, documents[other])), None)
        if original is not None:
            found[index] = original
        else:
            kept.add(index)
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
    groups: dict[int, dict[int, ArticleAt]] = {}  # the articles of each by document
    ordered = sorted(articles, key=lambda at: (-articles[at].length, at))
    places = [(documents[at.document], articles[at]) for at in ordered]
    kept = Candidates(places)
    for index, at in enumerate(ordered):
        for other in kept.near(index):
            if at.document not in groups[other] and _are_alike(places[index], places[other]):
                groups[other][at.document] = at
                break
        else:
            groups[index] = {at.document: at}
            kept.add(index)
    return [list(group.values()) for group in groups.values()]


def _corrected(
    documents: Sequence[Fingerprint], articles: Mapping[ArticleAt, ArticleFingerprint], replaced: Mapping[ArticleAt, Replaced]
) -> Iterator[tuple[ArticleAt, Replaced]]:
    """Yield the articles that a later one of the same title and region corrects, by the latest correction."""
    ordered = list(articles)
    places = [(documents[at.document], articles[at]) for at in ordered]
    candidates = Candidates(places)
    corrections: dict[str, list[int]] = {}
    for index, at in enumerate(ordered):
        if articles[at].is_correction and at not in replaced:
            corrections.setdefault(articles[at].title, []).append(index)
    for index, at in enumerate(ordered):
        titled = corrections.get(articles[at].title)
        others = candidates.containing(index, titled, _MIN_CONTAINED_CORRECTION) if titled else ()
        later = [(places[other][0].date, ordered[other]) for other in others if _corrects(places[other], places[index])]
        if later:
            yield at, Replaced(max(later, key=lambda found: found[0] or "")[1], is_correction=True)


def _corrects(correction: Place, other: Place) -> bool:
    (document, article), (older, replaced) = correction, other
    fields = ("series", "publisher", *(("issue", "total_issue") if document.is_correction else ()))
    if not all(_agree(getattr(document, name), getattr(older, name)) for name in fields) or not _regions_agree(article, replaced):
        return False
    if not document.date or not older.date or (document.date, article.is_correction) <= (older.date, replaced.is_correction):
        return False
    return _contained(article, replaced) >= _MIN_CONTAINED_CORRECTION


def _are_alike(left: Place, right: Place) -> bool:
    (one, article), (two, other) = left, right
    if article.is_correction != other.is_correction or not _regions_agree(article, other):
        return False
    # A field that a masthead lacks says nothing; one that differs makes it another issue.
    if not all(_agree(getattr(one, name), getattr(two, name)) for name in MASTHEAD):
        return False
    if article.title and other.title and find_figures(article.title) != find_figures(other.title):
        return False
    if not _figures_agree(*sorted((article, other), key=lambda each: each.length)):
        return False
    if article.text == other.text:
        return True
    same_issue = bool(one.issue and one.date) and (one.issue, one.date) == (two.issue, two.date)
    return _contained(article, other) >= (MIN_CONTAINED_SAME_ISSUE if same_issue else MIN_CONTAINED)


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
    if _are_equally_full(shorter, longer) or longer.length - shorter.length < MIN_LEFT_OUT or not shorter.quotes(longer):
        return False
    # No figure has a blank: each but the last ends at one. A search in a string takes linear time.
    return " " + " ".join(shorter.figures) in " " + " ".join(longer.figures)


def _are_equally_full(left: ArticleFingerprint, right: ArticleFingerprint) -> bool:
    return min(left.length, right.length) >= EQUALLY_FULL * max(left.length, right.length)


def _contained(left: ArticleFingerprint, right: ArticleFingerprint) -> float:
    """Estimate which share of the shorter text's shingles the longer has, from the share that they have in common of all."""
    common = similarity(left, right)
    return common / (1 + common) * (left.length + right.length) / max(1, min(left.length, right.length))
