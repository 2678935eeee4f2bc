"""The agreement of a document, as it was read, with its record in a golden file, field by field."""

import datetime
import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.metrics import Record, normalise
from corpus.document import Article, Bulletin, Span

_BRACKETS = "()[]【】"  # around a signature; normalised text has no （）
_BULLETS = "-•"  # before a body
_SENTENCE_ENDS = ".。:;,"  # after a heading; normalised text has no ：；，
_OTHER_WAYS = "_or"  # ends the name of a field that lists further right values

# The fields of a document that are compared: what was found may be right in several ways, as a document may have two dates.
_DOCUMENT_FIELDS: dict[str, Callable[[Bulletin], Sequence[Any]]] = {
    "kind": lambda bulletin: [bulletin.kind],
    "series": lambda bulletin: [bulletin.masthead.series],
    "issue": lambda bulletin: [bulletin.masthead.issue],
    "total_issue": lambda bulletin: [bulletin.masthead.total_issue],
    "publisher": lambda bulletin: [bulletin.masthead.publisher],
    "date": lambda bulletin: list(filter(None, (bulletin.masthead.issue_date, bulletin.print_date))) or [None],
    "document_number": lambda bulletin: [bulletin.masthead.document_number],
    "attachments": lambda bulletin: [bulletin.attachments],
}
TAKEN_IN, _COUNT, _FIRST, _LAST = "taken in", "number of articles", "first characters", "last characters"
_ARTICLE_FIELDS = ("title", "region", "signature", _FIRST, _LAST)
FIELDS = (TAKEN_IN, *_DOCUMENT_FIELDS, _COUNT, *_ARTICLE_FIELDS)


@dataclass(frozen=True, slots=True)
class Mark:
    """One comparison: a field, whether it is right, and what was expected and found where it is not."""

    field: str
    right: bool
    difference: str


@dataclass(frozen=True, slots=True)
class Headings:
    """Counts of the headings of one or more articles: expected, found, and those that are both."""

    expected: int = 0
    found: int = 0
    both: int = 0

    def __add__(self, other: "Headings") -> "Headings":
        return Headings(self.expected + other.expected, self.found + other.found, self.both + other.both)

    @property
    def precision(self) -> float:
        """Return the share of the found headings that were expected, 0 to 1; 1 if none was found."""
        return self.both / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Return the share of the expected headings that were found, 0 to 1; 1 if none was expected."""
        return self.both / self.expected if self.expected else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall, 0 to 1."""
        total = self.expected + self.found
        return 2 * self.both / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """The comparison of one document: a mark a field that its record names, its headings, the furniture in its articles."""

    marks: tuple[Mark, ...]
    headings: Headings = Headings()
    heading_differences: tuple[str, ...] = ()
    furniture: int = 0
    furniture_inside: tuple[str, ...] = ()

    def wrong(self) -> Iterator[str]:
        """Yield a line for everything that is not as expected."""
        yield from (f"{mark.field}: {mark.difference}" for mark in self.marks if not mark.right)
        yield from (f"headings: {difference}" for difference in self.heading_differences)
        yield from (f"furniture inside an article: {line}" for line in self.furniture_inside)


def refused(record: Record, why: str) -> Score:
    """Return the score of a document that was not taken in: every field that its record names is wrong."""
    names = [name for name in _DOCUMENT_FIELDS if _accepted(record, name)]
    names += [name for article in record["articles"] for name in _fields_of(article)]
    marks = [Mark(name, False, "the file was not taken in") for name in (*names, _COUNT)]
    expected = sum(min(map(len, _accepted(article, "sections")), default=0) for article in record["articles"])
    return Score((Mark(TAKEN_IN, False, why), *marks), Headings(expected), furniture=len(record["furniture"]))


def compare(bulletin: Bulletin, record: Record) -> Score:
    """Compare a document with its record in a golden file. Fields that the record does not name are not compared."""
    marks = [Mark(TAKEN_IN, True, "")]
    for name, found in _DOCUMENT_FIELDS.items():
        if accepted := _accepted(record, name):
            marks.append(_mark(name, found(bulletin), accepted))
    counts = [len(record["articles"]), *record.get("count_or", [])]
    marks.append(_mark(_COUNT, [len(bulletin.articles)], counts))
    texts = [normalise(article.span.of(bulletin.text)) for article in bulletin.articles]
    bodies = [normalise(body_of(article).of(bulletin.text)).lstrip(_BULLETS) for article in bulletin.articles]
    headings, differences = Headings(), []
    for expected, i in align(record["articles"], bulletin.articles, bodies):
        article = None if i is None else bulletin.articles[i]
        marks += _article_marks(expected, article, "" if i is None else bodies[i])
        counted, missed = _headings(expected, article)
        headings += counted
        differences += missed
    inside = tuple(line for line in record["furniture"] if any(normalise(line) in text for text in texts))
    return Score(tuple(marks), headings, tuple(differences), len(record["furniture"]), inside)


def body_of(article: Article) -> Span:
    """Return the stretch of an article between its title and its signature."""
    return Span(article.sections[0].span.start, article.sections[-1].span.end) if article.sections else article.span


def align(expected: Sequence[Record], found: Sequence[Article], bodies: Sequence[str]) -> list[tuple[Record, int | None]]:
    """Pair expected articles with found ones in order, so that titles and bodies agree best in sum.

    Returns: each expected article with the index of the found one, or with None where there are too few.
    """
    likeness = [[_likeness(one, found[i].title, bodies[i]) for i in range(len(found))] for one in expected]
    best = [[0.0] * (len(found) + 1) for _ in range(len(expected) + 1)]
    for i in range(len(expected) - 1, -1, -1):
        for j in range(len(found) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], likeness[i][j] + best[i + 1][j + 1])
    pairs: list[tuple[Record, int | None]] = []
    j = 0
    for i, one in enumerate(expected):
        while j < len(found) and best[i][j] == best[i][j + 1]:
            j += 1
        taken = j < len(found) and best[i][j] == likeness[i][j] + best[i + 1][j + 1]
        pairs.append((one, j if taken else None))
        j += taken
    return pairs


def _likeness(expected: Record, title: str, body: str) -> float:
    """Return how alike an expected and a found article are, above 0, at most 3: by title, first and last characters."""
    titles = [_text(one) for one in _accepted(expected, "title")]
    ratio = max((difflib.SequenceMatcher(None, one, _text(title), autojunk=False).ratio() for one in titles), default=0.0)
    ends = sum(any(one and normalise(one) in body for one in _accepted(expected, name)) for name in ("first", "last"))
    return max(ratio + ends, 0.01)  # what is like nothing else is paired in order


def _article_marks(expected: Record, article: Article | None, body: str) -> Iterator[Mark]:
    names = _fields_of(expected)
    if article is None:
        yield from (Mark(name, False, f"no article for {_shown(expected)}") for name in names)
        return
    region = article.region.label if article.region else None
    found = {"title": article.title, "region": region, "signature": article.signature}
    for name in names:
        if name in found:
            mark = _mark(name, [found[name]], _accepted(expected, name))
        else:
            at_start = name == _FIRST
            accepted = _accepted(expected, "first" if at_start else "last")
            met = any(body.startswith(normalise(one)) if at_start else body.endswith(normalise(one)) for one in accepted)
            shown = body[:20] if at_start else body[-20:]
            mark = Mark(name, met, f"expected {_listed(accepted)}, found {shown}")
        yield replace(mark, difference=f"{mark.difference} [{_shown(expected)}]")


def _fields_of(expected: Record) -> list[str]:
    """Return the fields of an article that its record names."""
    keys = {_FIRST: "first", _LAST: "last"}
    return [name for name in _ARTICLE_FIELDS if _accepted(expected, keys.get(name, name))]


def _headings(expected: Record, article: Article | None) -> tuple[Headings, list[str]]:
    """Count the headings of an article beside the expected list that they agree with best, and name those that differ."""
    lists = _accepted(expected, "sections")
    if not lists:
        return Headings(), []
    found = [section.heading for section in article.sections if section.heading] if article else []
    have = Counter(map(_heading, found))

    def counted(wanted: Sequence[str]) -> Headings:
        return Headings(len(wanted), len(found), (Counter(map(_heading, wanted)) & have).total())

    wanted = max(lists, key=lambda one: (counted(one).f1, -len(one)))
    both = Counter(map(_heading, wanted)) & have
    missing = [f"missing {one} [{_shown(expected)}]" for one in wanted if _heading(one) not in both]
    extra = [f"found {one} [{_shown(expected)}]" for one in found if _heading(one) not in both]
    return counted(wanted), missing + extra


def _heading(text: str) -> str:
    return normalise(text).rstrip(_SENTENCE_ENDS)


def _accepted(record: Record, name: str) -> list[Any]:
    """Return the right values of a field: that which the record gives, and those listed beside it; none if it is not judged."""
    own = [record[name]] if name in record else []
    return [*own, *record.get(name + _OTHER_WAYS, [])]


def _mark(name: str, found: Sequence[Any], accepted: Sequence[Any]) -> Mark:
    right = bool({_text(one) for one in found} & {_text(one) for one in accepted})
    return Mark(name, right, f"expected {_listed(accepted)}, found {_listed(found)}")


def _text(value: Any) -> str:
    """Return a value as it is compared: without white space, width of characters and brackets around it; "" for None."""
    if isinstance(value, (list, tuple)):
        return "、".join(map(_text, value))
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "" if value is None else normalise(str(value)).strip(_BRACKETS)


def _listed(values: Sequence[Any]) -> str:
    shown = ("、".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value or "nothing") for value in values)
    return " or ".join(dict.fromkeys(shown))


def _shown(expected: Record) -> str:
    """Return what names an expected article to a person."""
    return str(next(iter(_accepted(expected, "title")), None) or next(iter(_accepted(expected, "first")), None) or "untitled")
