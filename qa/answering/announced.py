"""What a quoted sentence announces: the rows of a table, or the items of a list, without which it answers nothing."""

import re
from collections.abc import Iterator, Sequence

from corpus.document import Article, Passage, Span
from corpus.text.enumeration import is_numbered
from corpus.text.normalize import simplify
from index.catalog import Catalog
from index.evidence import Evidence
from qa.answering.answer import Quote

_MAX_ANNOUNCED = 20  # rows, or items, that are quoted behind the sentence that announces them
_MIN_ITEMS = 2  # quoted, from which all of their list are
_MAX_ITEM = 120  # characters: a numbered line that is longer is a paragraph, which a sentence does not announce
_ANNOUNCES = re.compile(r"(?:如下|下列|以下|下表|附表)[^。！？\n]{0,20}[。；：:]?\s*+$|[：:]\s*+$")


def with_announced(quotes: Sequence[Quote], evidence: Evidence, catalog: Catalog) -> tuple[Quote, ...]:
    """Return quotes with what they announce behind each: 进展如下。 leads to the table, 有下列情形之一的: to the list.

    Rows and items that the filters of the question leave out are left out here, too.
    """
    shown: dict[tuple[Passage, Span], Quote] = {}
    for quote in quotes:
        shown.setdefault((quote.passage, quote.span), quote)
        if _ANNOUNCES.search(simplify(quote.text)):
            announced = list(_rows_below(quote, catalog)) or _items_below(quote, catalog)
            for each in [each for each in announced if evidence.passes(each.passage, each.span)][:_MAX_ANNOUNCED]:
                shown.setdefault((each.passage, each.span), each)
    return tuple(shown.values())


def with_whole_lists(quotes: Sequence[Quote], evidence: Evidence, catalog: Catalog) -> tuple[Quote, ...]:
    """Return quotes, where two are short items of one list, with all of its items: （一）…的； （二）…的； in their order.

    A list that is too long, or of which an item is left out or cannot be quoted in one piece, stays as it is.
    """
    lists: dict[tuple[Article, Span], list[Quote]] = {}
    for quote in quotes:
        points = quote.passage.section.points
        if all(len(point.span) <= _MAX_ITEM for point in points) and any(point.span.contains(quote.span) for point in points):
            lists.setdefault((quote.passage.article, quote.passage.section.span), []).append(quote)
    shown: list[Quote] = []
    for quote in quotes:
        own = lists.get((quote.passage.article, quote.passage.section.span), [])
        if quote not in own or not _MIN_ITEMS <= len(own) < len(quote.passage.section.points):
            shown.append(quote)
        elif quote is own[0]:
            shown += _points(quote, evidence, catalog) or own
    return tuple(shown)


def _points(quote: Quote, evidence: Evidence, catalog: Catalog) -> list[Quote]:
    """Return the points of a quote's section, a quote each; none if one of them cannot be shown."""
    text = quote.passage.bulletin.text
    found: list[Quote] = []
    for span in (point.span.trimmed(text) for point in quote.passage.section.points[: _MAX_ANNOUNCED + 1]):
        passage = catalog.passage_at(quote.passage.article, span)
        if passage is None or not evidence.passes(passage, span) or len(found) == _MAX_ANNOUNCED:
            return []
        found.append(Quote(passage, span, quote.score))
    return found


def _rows_below(quote: Quote, catalog: Catalog) -> Iterator[Quote]:
    """Yield the rows of the table whose header stands right below a quote."""
    text = quote.passage.bulletin.text
    for passage in catalog.passages_of(quote.passage.article):
        header = passage.table_header
        if header is not None and header.start >= quote.span.end and not text[quote.span.end : header.start].strip():
            yield Quote(passage, passage.span.trimmed(text), quote.score)


def _items_below(quote: Quote, catalog: Catalog) -> list[Quote]:
    """Return the short numbered lines right below a quote, each as a quote; none if there are not two of them."""
    text = quote.passage.bulletin.text
    items: list[Quote] = []
    for passage in catalog.passages_of(quote.passage.article):
        for line in _lines(text, Span(max(passage.span.start, quote.span.end), passage.span.end)):
            if len(line) > _MAX_ITEM or not is_numbered(simplify(line.of(text))):
                return items if len(items) > 1 else []
            items.append(Quote(passage, line, quote.score))
    return items if len(items) > 1 else []


def _lines(text: str, span: Span) -> Iterator[Span]:
    """Yield the lines of a stretch, without white space around them and without blank ones."""
    for match in re.finditer(r"\S[^\n]*", text[span.start : max(span.start, span.end)]):
        yield Span(span.start + match.start(), span.start + match.end()).trimmed(text)
