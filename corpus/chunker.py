"""Bulletin -> Passage: one passage a section; a long section is split at points, then at sentences, never inside one."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from corpus.document import Bulletin, Passage, Section, Span
from corpus.sentences import sentences

MAX_CHARACTERS = 512  # a sentence that is longer by itself stays whole


def chunk(bulletin: Bulletin) -> tuple[Passage, ...]:
    """Cut a bulletin's articles into passages, which tile every article's body."""
    passages = []
    for article_number, article in enumerate(bulletin.articles, 1):
        for section_number, section in enumerate(article.sections, 1):
            for number, span in enumerate(_spans(bulletin.text, section), 1):
                passage_id = f"{bulletin.bulletin_id}/a{article_number}/s{section_number}/p{number}"
                passages.append(Passage(passage_id, bulletin, article, section, span))
    return tuple(passages)


def _spans(text: str, section: Section) -> Iterator[Span]:
    if len(section.span) <= MAX_CHARACTERS:
        yield section.span
        return
    bounds = [section.span.start, *(point.span.start for point in section.points), section.span.end]
    units: list[Span] = []
    for start, end in pairwise(bounds):
        unit = Span(start, end)
        units.extend(sentences(text, unit) if len(unit) > MAX_CHARACTERS else [unit] * bool(len(unit)))
    yield from _packed(units)


def _packed(units: Iterable[Span]) -> Iterator[Span]:
    """Join neighbouring units while they fit."""
    current: Span | None = None
    for unit in units:
        if current is not None and unit.end - current.start > MAX_CHARACTERS:
            yield current
            current = None
        current = unit if current is None else Span(current.start, unit.end)
    if current is not None:
        yield current
