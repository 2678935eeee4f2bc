"""The form that sets a document right, and the correction that was entered in it."""

import bisect
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from starlette.datastructures import FormData

from corpus.document import KINDS, Bulletin, Region, Span, merge_spans
from corpus.library.edits import Correction
from corpus.library.files import ParsedFile, correct
from corpus.parsing.lines import split_lines
from corpus.parsing.recut import Place, Stretch, article_lines, find_left_out, place_of
from corpus.regions.gazetteer import Gazetteer

_MAX_LINES = 5000  # lines of a text that are shown; more are named by number
_RANGE = re.compile(r"([0-9]{1,7})(?:\s*+行?\s*+(?:[-‐‑‒–—−~～〜－至到]|to)+\s*+第?\s*+([0-9]{1,7}))?")
_FIELDS = ("kind", "series", "issue", "total_issue", "issue_date", "publisher", "document_number")


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the document: its value in the form, and whether it has been corrected. `kinds` are the choices, if any."""

    name: str
    value: str
    corrected: bool

    @property
    def type(self) -> str:
        """Return the type of its input."""
        return "date" if self.name == "issue_date" else "text"

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the values that it may have; none where it may have any."""
        return KINDS if self.name == "kind" else ()


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in the form: the line at which it begins, its title and region, how many headed sections and points it has."""

    line: int
    title: str
    region: str
    sections: int
    points: int


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of the text beside the form. `mark` is start, left-out, inside (of an article) or outside."""

    number: int
    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """The form that corrects a document. Names of its fields begin with `number`, which is that of the file in its upload.

    `shown` is the correction that the form shows, as JSON; `starts` and `left_out` name lines, as in 6, 12-14.
    """

    number: int
    fields: tuple[FormField, ...]
    articles: tuple[ArticleRow, ...]
    starts: str
    left_out: str
    one_article: bool
    shown: str

    @classmethod
    def of(
        cls,
        file: ParsedFile,
        correction: Correction,
        gazetteer: Gazetteer,
        *,
        number: int = 0,
        form_values: Mapping[str, str] | None = None,
    ) -> "CorrectionForm":
        """Fill the form with a file as it was read with a correction, and with what was entered over that."""
        entered = form_values or {}
        source = file.extracted.text
        fields = (
            FormField(name, entered.get(name, value), corrected=name in file.bulletin.corrected)
            for name, value in _fields(file.bulletin).items()
        )
        articles = (
            ArticleRow(
                line,
                title=entered.get(f"title-{i}", article.title),
                region=entered.get(f"region-{i}", _label(article.region)),
                sections=sum(bool(section.heading) for section in article.sections),
                points=sum(len(section.points) for section in article.sections),
            )
            for i, (line, article) in enumerate(zip(article_lines(file.bulletin, source), file.bulletin.articles, strict=True))
        )
        return cls(
            number,
            tuple(fields),
            tuple(articles),
            starts=entered.get("starts", _in_words(_starts(file, correction, gazetteer))),
            left_out=entered.get("left_out", _in_words(_left_out(file, correction))),
            one_article=entered.get("one_article") == "1" if "starts" in entered else correction.one_article,
            shown=msgspec.json.encode(correction).decode(),
        )


def text_lines(file: ParsedFile, correction: Correction) -> tuple[list[TextLine], int]:
    """Return the lines of a file's text with their marks, and how many there are in all: a very long text is not shown whole."""
    source = file.extracted.text
    lines = split_lines(source)
    starts, left_out = set(article_lines(file.bulletin, source)), _left_out(file, correction)
    pieces = [file.bulletin.source_spans(article.span) for article in file.bulletin.articles]
    inside = [(of_article[0].start, of_article[-1].end) for of_article in pieces]
    begins = [begin for begin, _ in inside]

    def mark(number: int, start: int, end: int) -> str:
        if number in left_out:
            return "left-out"
        if number in starts:
            return "start"
        nearest = bisect.bisect_right(begins, max(start, end - 1)) - 1
        return "inside" if nearest >= 0 and start < inside[nearest][1] else "outside"

    shown = [TextLine(line.number, line.raw.strip(), mark(line.number, line.start, line.end)) for line in lines[:_MAX_LINES]]
    return shown, len(lines)


def read_form(form: FormData, number: int) -> dict[str, str]:
    """Return what was entered for a file: of `0-series` the name is series, `0-region-2` is the region of the third article."""
    prefix = f"{number}-"
    return {name.removeprefix(prefix): str(value).strip() for name, value in form.items() if name.startswith(prefix)}


def read_correction(
    file: ParsedFile, form_values: Mapping[str, str], gazetteer: Gazetteer, *, before: Correction
) -> tuple[Correction, ParsedFile]:
    """Return the correction that a form asks for, what it showed and what was entered otherwise, and the file read with it.

    What is entered as the parser reads it is no correction; an emptied field empties it.

    Args: file: as it was read, with whatever correction; form_values: names without the prefix; before: what the form showed,
        unless it says so itself.
    Raises: EditError: the correction cannot be made.
    """
    before = _decode(form_values["shown"]) if "shown" in form_values else before
    shown = correct(file, before, gazetteer)
    after = replace(before, titles={}, regions={}, **_changed_fields(before, shown, form_values))
    after = _with_cuts(after, shown, form_values, gazetteer)
    cut = correct(shown, after, gazetteer)
    region = form_values.get("region")
    if region is not None and (region != _label(shown.bulletin.publisher_region) or before.region is not None):
        found = correct(cut, replace(after, region=None), gazetteer).bulletin.publisher_region
        after = replace(after, region=region if region != _label(found) else None)
        cut = correct(cut, after, gazetteer)
    return _with_articles(before, after, shown, cut, form_values, gazetteer)


def _changed_fields(before: Correction, shown: ParsedFile, form_values: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of the document that were entered, each with its right value; None where it is read so."""
    read, was = _fields(shown.parsed), _fields(shown.bulletin)
    return {
        name: value if value != read[name] else None
        for name, value in form_values.items()
        if name in _FIELDS and (value != was[name] or getattr(before, name) is not None)
    }


def _with_cuts(after: Correction, shown: ParsedFile, form_values: Mapping[str, str], gazetteer: Gazetteer) -> Correction:
    """Return the correction with the cuts that were entered; starts that are those of the parser need not be kept."""
    if "starts" not in form_values:
        return after
    lines = split_lines(shown.extracted.text)

    def place(number: int) -> Place:
        return place_of(lines[number - 1]) if 1 <= number <= len(lines) else Place(number)

    left_out = _stretches(form_values.get("left_out", ""), len(lines))
    after = replace(
        after,
        left_out=tuple(Stretch(place(first), place(last)) for first, last in left_out),
        one_article=form_values.get("one_article") == "1",
        starts=(),
    )
    numbers = [number for first, last in _stretches(form_values["starts"], len(lines)) for number in range(first, last + 1)]
    entered = replace(after, starts=tuple(map(place, numbers)))
    found = correct(shown, after, gazetteer)
    is_found = numbers == list(article_lines(found.bulletin, found.extracted.text))
    return after if is_found or _articles(correct(shown, entered, gazetteer)) == _articles(found) else entered


def _with_articles(
    before: Correction,
    after: Correction,
    shown: ParsedFile,
    cut: ParsedFile,
    form_values: Mapping[str, str],
    gazetteer: Gazetteer,
) -> tuple[Correction, ParsedFile]:
    """Return the correction with the titles and regions that were entered, and the file read with it.

    They hold for the articles as they were shown, also where one begins at another line now: with them the lines are kept at
    which these begin.
    """
    source = shown.extracted.text
    begins = article_lines(cut.bulletin, source)
    known = _same_articles(begins, article_lines(shown.bulletin, source))
    titles: dict[int, str] = {}
    for i, old in known:
        was = shown.bulletin.articles[old].title
        title = form_values.get(f"title-{old}", was)
        if (title != was or old in before.titles) and title != cut.bulletin.articles[i].title:
            titles[i] = title
    after = replace(after, titles=titles)
    titled = correct(cut, after, gazetteer)
    regions: dict[int, tuple[str, ...]] = {}
    for i, old in known:
        was = _label(shown.bulletin.articles[old].region)
        label = form_values.get(f"region-{old}", was)
        if label == was:
            regions |= {i: before.regions[old]} if old in before.regions else {}
        elif label != _label(titled.bulletin.articles[i].region):
            regions[i] = (label,) if label else ()
    after = replace(after, regions=regions)
    corrected = correct(titled, after, gazetteer)
    if (titles or regions) and not (after.starts or after.one_article):
        lines = split_lines(source)
        kept = replace(after, starts=tuple(place_of(lines[line - 1]) for line in begins))
        kept_file = correct(shown, kept, gazetteer)
        if _articles(kept_file) == _articles(corrected):
            return kept, kept_file
    return after, corrected


def _same_articles(new: Sequence[int], old: Sequence[int]) -> list[tuple[int, int]]:
    """Return the indexes of the articles that are the same, new and old, by the lines at which they begin, ascending.

    From one that begins where it did up to the next such one, they are the same in their order if they are as many as before.
    """
    known: list[tuple[int, int]] = []
    same = sorted({*new} & {*old})
    for line, next_line in itertools.pairwise([0, *same, max((0, *new, *old)) + 1]):
        ours, theirs = (range(bisect.bisect_left(lines, line), bisect.bisect_left(lines, next_line)) for lines in (new, old))
        count = len(ours) if len(ours) == len(theirs) else int(line > 0)
        known += list(zip(ours[:count], theirs[:count], strict=True))
    return known


def _fields(bulletin: Bulletin) -> dict[str, str]:
    """Return the fields of a document that can be corrected, as they are."""
    masthead = bulletin.masthead
    return {
        "kind": bulletin.kind,
        "series": masthead.series,
        "issue": masthead.issue or "",
        "total_issue": masthead.total_issue or "",
        "issue_date": masthead.issue_date.isoformat() if masthead.issue_date else "",
        "publisher": masthead.publisher or "",
        "document_number": masthead.document_number or "",
        "region": _label(bulletin.publisher_region),
    }


def _label(region: Region | None) -> str:
    return region.label if region else ""


def _decode(shown: str) -> Correction:
    try:
        return msgspec.json.decode(shown, type=Correction)
    except (msgspec.MsgspecError, RecursionError):
        return Correction()


def _starts(file: ParsedFile, correction: Correction, gazetteer: Gazetteer) -> list[int]:
    """Return the lines at which articles begin, were they not made one."""
    split = correct(file, replace(correction, one_article=False, titles={}, regions={}), gazetteer)
    return list(article_lines(split.bulletin, file.extracted.text))


def _left_out(file: ParsedFile, correction: Correction) -> frozenset[int]:
    return find_left_out(file.extracted.text, correction.cuts, document=file.parsed.source.document)


def _articles(file: ParsedFile) -> list[tuple[str, str]]:
    text = file.bulletin.text
    return [(article.title, article.span.of(text)) for article in file.bulletin.articles]


def _stretches(text: str, count: int) -> list[tuple[int, int]]:
    """Read the numbers of lines, as in 6, 12-14, in their order. A stretch ends with the text, which has `count` lines."""
    spans = []
    for match in _RANGE.finditer(text):
        first, last = sorted((int(match[1]), int(match[2] or match[1])))
        spans.append(Span(first, max(first, min(last, count)) + 1))
    return [(span.start, span.end - 1) for span in merge_spans(spans)]


def _in_words(numbers: Sequence[int] | frozenset[int]) -> str:
    """Write the numbers of lines, as in 6, 12-14."""
    stretches: list[list[int]] = []
    for number in sorted(numbers):
        if stretches and number == stretches[-1][-1] + 1:
            stretches[-1][1:] = [number]
        else:
            stretches.append([number])
    return ", ".join("-".join(map(str, stretch)) for stretch in stretches)
