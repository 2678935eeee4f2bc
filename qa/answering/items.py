"""The items of a list of which a question gives the number, as the document itself sets them out: its headings, or the headlines
of its points.

“三个聚焦”分别指什么 is answered by three headlines, 3L具体指什么 by three headings; the sentences below say how each is done.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corpus.document import Article, Passage, Section, Span
from corpus.text.sentences import split_sentences
from index.catalog import Catalog
from qa.answering.answer import Quote
from qa.answering.reading import ReadEvidence
from qa.answering.scoring import ScoredSentence
from qa.question.question import Question

_DIGITS = "二两三四五六七八九十"
_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# 哪三个方面, 四大机制, “三个聚焦”, 四坚持四提升, 3L; but not 三天, 四所学校, 第三条, 十四五, which are things or times.
_NUMBER = re.compile(
    rf"(?<![\d第初周〇零一{_DIGITS}百千万])(?:[{_DIGITS}]|1[0-2]|[2-9])"
    rf"(?![\d一{_DIGITS}百千万亿年月日号天时分秒周岁人名位家所次户元斤亩场期\s%％.]|个(?:月|小时|星期|多|工作日|人))"
    rf"|\b(?:{'|'.join(_WORDS)}|1[0-2]|[2-9])(?:L\b|[\s-](?!per\b|percent|years?\b|months?\b|weeks?\b|days?\b|hours?\b|people\b))",
    re.I,
)
_MORE = 2  # characters behind the number that tell of what it is
_ASKS_WHICH = re.compile(
    r"分别|具体|哪|(?:是|指|叫)(?:什么|啥)|有(?:什么|哪些|啥)|包括|\b(?:what|which|name|list)\b|\bstand\sfor\b", re.I
)


class _Asked(NamedTuple):
    """How many items a question says there are, and how it says so: 三个聚焦."""

    number: int
    wording: str


_Item = tuple[Passage, Span, Span]  # where it is quoted from, what is quoted, and all that it covers
_COVERED = 0.6  # share of a list's items that must have a likely sentence, where nothing announces it
_LIKELY = 0.5  # share of the likeliest sentence's probability


def listed_items(question: Question, read: ReadEvidence, catalog: Catalog) -> tuple[Quote, ...]:
    """Return the items asked for, a quote each, from the article of the likeliest sentence; none if it has no such list."""
    asked = _number_asked_for(question)
    if asked is None or not read.scored:
        return ()
    likeliest = max(read.scored, key=lambda scored: scored.probability)
    article = likeliest.sentence.passage.passage.article
    for start, items in _lists_of(article, catalog):
        if len(items) == asked.number and _is_meant(start, items, asked, likeliest, read.scored):
            return tuple(Quote(passage, span, likeliest.probability) for passage, span, _ in items)
    return ()


def _number_asked_for(question: Question) -> _Asked | None:
    """Return how many items a question says there are, 2 to 12; None if it asks for no such list."""
    text = question.text
    match = _NUMBER.search(text)
    if question.is_factoid or match is None or not _ASKS_WHICH.search(text):
        return None
    written = match[0].rstrip("lL -\n\t").lower()
    wording = text[match.start() : match.end() + _MORE] if question.language == "zh" or not written.isalpha() else ""
    if written in _WORDS:
        return _Asked(_WORDS.index(written) + 2, "")
    number = int(written) if written.isdigit() else "二三四五六七八九十".index(written.replace("两", "二")) + 2
    return _Asked(number, wording.strip("“”\"' "))


def _lists_of(article: Article, catalog: Catalog) -> Iterator[tuple[int, list[_Item]]]:
    """Yield the headings of an article, then the first sentences of the points of each of its sections.

    Yields: where that begins which may announce the list, and its items.
    """
    passages = catalog.passages_of(article)
    text = passages[0].bulletin.text
    headed = [section for section in article.sections if section.heading and section.heading in section.span.of(text)]
    yield article.span.start, _items([(_heading(section, text), section.span) for section in headed], passages)
    for section in article.sections:
        firsts = [(next(iter(split_sentences(text, point.span))).trimmed(text), point.span) for point in section.points]
        yield section.span.start, _items(firsts, passages)


def _heading(section: Section, text: str) -> Span:
    start = text.index(section.heading, section.span.start)
    return Span(start, start + len(section.heading))


def _items(spans: Sequence[tuple[Span, Span]], passages: Sequence[Passage]) -> list[_Item]:
    found = ((next((one for one in passages if one.span.contains(quoted)), None), quoted, whole) for quoted, whole in spans)
    return [(passage, quoted, whole) for passage, quoted, whole in found if passage is not None]


def _is_meant(
    start: int, items: Sequence[_Item], asked: _Asked, likeliest: ScoredSentence, scored: Sequence[ScoredSentence]
) -> bool:
    """Return whether a list is the one asked for.

    What announces it has the question's wording: 以“四坚持四提升”为抓手. Where no text has that, the likeliest sentence announces
    it, or most of its items have a likely sentence.
    """
    passage, first = items[0][0], items[0][2].start
    article, text = passage.article, passage.bulletin.text
    if asked.wording and text.find(asked.wording, article.span.start, article.span.end) >= 0:
        return text.find(asked.wording, start, first) >= 0
    if start <= likeliest.sentence.span.start < first:
        return True
    likely = [one.sentence.span for one in scored if one.probability >= _LIKELY * likeliest.probability]
    return sum(any(whole.contains(span) for span in likely) for _, _, whole in items) >= _COVERED * len(items)
