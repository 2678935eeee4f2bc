"""The items of a list of which a question gives the number, as the document itself sets them out: its headings, or the headlines
of its points.

“三个聚焦”分别指什么 is answered by three headlines, 3L具体指什么 by three headings; the sentences below say how each is done.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corpus.document import Article, Span
from corpus.text.enumeration import CLAUSE
from corpus.text.normalize import simplify
from corpus.text.numerals import SMALL_NUMBER, parse_numeral
from corpus.text.sentences import split_sentences
from index.catalog import Catalog
from qa.answering.answer import Quote
from qa.answering.reading import ReadEvidence
from qa.answering.scoring import ScoredSentence
from qa.question.moments import ENGLISH_NUMBERS
from qa.question.question import Question

_DIGITS, _WORDS = SMALL_NUMBER[1:], ENGLISH_NUMBERS[2:11]
_NUMBER = rf"(?P<number>[{_DIGITS}两]|1[0-2]|[2-9])"
# “三个聚焦”, “四坚持四提升”, “3L”: what stands between quotation marks is how the text names the list.
_NAMED = re.compile(rf"[“「『‘\"（(](?P<wording>{_NUMBER}(?![年月日天\d])[^”」』’\"）)]{{1,12}})[”」』’\"）)]")
# 四大工作机制分别是, 哪三个方面, 3L具体指: to where the asking begins; but not 三个月, 四点半.
_COUNTED = re.compile(
    rf"(?<![\d第零一{_DIGITS}两百千万])(?P<wording>{_NUMBER}(?:L|[大项条类种点招步](?!半|钟)|个(?!月|小时|多|人|工作|学期|星期))"
    r"[\u4e00-\u9fff]{0,4}?)(?=分别|具体|各|是|指|叫|有|包|[,.?。、]|$)"
)
_ENGLISH = re.compile(
    rf"\b(?P<number>{'|'.join(_WORDS)}|1[0-2]|[2-9])(?:L\b|[ -](?!per\b|percent|(?:year|month|week|day|hour|people|point)s?\b))",
    re.I | re.A,
)
_ASKS_WHICH = re.compile(r"哪|(?:是|指|叫)(?:什么|啥)|有(?:什么|啥)|包括|\b(?:what|which|name|list)\b", re.I)
_ASKS_HOW = re.compile(r"怎|如何|咋|多少|\bhow\b", re.I)
_COVERED = 0.6  # share of a list's items that must have a likely sentence, where nothing announces it
_LIKELY = 0.5  # share of the likeliest sentence's probability


class _Asked(NamedTuple):
    """How many items a question says there are, and how it names them: 三个聚焦; "" if it does so in another language."""

    number: int
    wording: str


class _Item(NamedTuple):
    """An item of a list: what is quoted of it, and all that it covers."""

    quoted: Span
    whole: Span


def listed_items(question: Question, read: ReadEvidence, catalog: Catalog) -> tuple[Quote, ...]:
    """Return the items asked for, a quote each, from the article of the likeliest sentence; none if it has no such list.

    A list of which the filters of the question, or what was shown before, leave out an item is none.
    """
    asked = _asked_for(question)
    if asked is None or read.asks_fact or not read.scored:
        return ()
    likeliest = max(read.scored, key=lambda scored: scored.probability)
    article = likeliest.sentence.passage.passage.article
    for start, items in _lists_of(article, likeliest.sentence.passage.passage.bulletin.text, asked.number):
        if _is_meant(start, items, asked, likeliest, read.scored):
            found = [
                Quote(passage, item.quoted, likeliest.probability)
                for item in items
                if (passage := catalog.passage_at(article, item.quoted)) and read.evidence.passes(passage, item.quoted)
            ]
            return tuple(found) if len(found) == len(items) else ()
    return ()


def _asked_for(question: Question) -> _Asked | None:
    """Return how many items a question says there are, 2 to 12; None if it asks for no such list."""
    text = simplify(unicodedata.normalize("NFKC", question.text))
    if question.is_factoid or not _ASKS_WHICH.search(text) or _ASKS_HOW.search(text):
        return None
    if match := _NAMED.search(text) or _COUNTED.search(text):
        return _Asked(parse_numeral(match["number"]), match["wording"])
    if match := _ENGLISH.search(text):
        number = match["number"].lower()
        return _Asked(int(number) if number.isdigit() else ENGLISH_NUMBERS.index(number), "")
    return None


def _lists_of(article: Article, text: str, number: int) -> Iterator[tuple[int, list[_Item]]]:
    """Yield the lists of an article that have so many items: its headings, the first sentences of the points of a section.

    Yields: where that begins which may announce the list, and its items.
    """
    headed = [section for section in article.sections if section.heading]
    if len(headed) == number and not any(CLAUSE.fullmatch(simplify(section.heading)) for section in headed):
        items = [_Item(heading, section.span) for section in headed if (heading := section.heading_span(text))]
        if len(items) == number:
            yield article.span.start, items
    for section in article.sections:
        if len(section.points) == number:
            firsts = (next(iter(split_sentences(text, point.span))).trimmed(text) for point in section.points)
            yield section.span.start, [_Item(first, point.span) for first, point in zip(firsts, section.points, strict=True)]


def _is_meant(
    start: int, items: Sequence[_Item], asked: _Asked, likeliest: ScoredSentence, scored: Sequence[ScoredSentence]
) -> bool:
    """Return whether a list is the one asked for.

    What announces it names it as the question does: 以“四坚持四提升”为抓手. Where the article never does, it is announced by
    the likeliest sentence, which says how many there are; or most of its items have a likely sentence.
    """
    passage = likeliest.sentence.passage.passage
    article, text = passage.article, passage.bulletin.text
    first = items[0].whole.start
    if asked.wording:
        plain = simplify(article.span.of(text))
        if asked.wording in plain:
            return asked.wording in plain[start - article.span.start : first - article.span.start]
    says = simplify(likeliest.sentence.text)
    numerals = (str(asked.number), *_DIGITS[asked.number - 2 : asked.number - 1], *("两" if asked.number == 2 else ""))
    if start <= likeliest.sentence.span.start < first and any(numeral in says for numeral in numerals):
        return True
    likely = [one.sentence.span for one in scored if one.probability >= _LIKELY * likeliest.probability]
    return sum(any(item.whole.contains(span) for span in likely) for item in items) >= _COVERED * len(items)
