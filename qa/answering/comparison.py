"""Quotes of several regions or things -> a table: a row for each aspect that they share, and for each that one has alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.messages.language import Language, tr
from index.retriever import Retriever
from qa.answering.answer import Quote, Row, Table
from qa.answering.scoring import is_lead

MAX_CELLS = 20
_ALIKE = 0.25  # cosine from which two quotes tell of one aspect; of the sample comparisons few pairs below it do
_WORDS = 2  # of an aspect's label
_NUMERAL = re.compile(r"[\d一二三四五六七八九十百千万两]")  # 十九 and 一件事 name no aspect
_NUMBERING = re.compile(r"^(?:[（(]?[一二三四五六七八九十\d]+[）)、.．]|[一二三四五六七八九十]是)\s*")


@dataclass(frozen=True, slots=True)
class Column:
    """One of the things compared: its name, in words of ours, and its quotes, the best first.

    `spare` are further quotes, shown only where one stands beside a quote of another column that it is like.
    """

    name: str
    quotes: tuple[Quote, ...]
    reserves: tuple[Quote, ...] = ()


def build_table(columns: Sequence[Column], *, retriever: Retriever, language: Language) -> tuple[tuple[Quote, ...], Table]:
    """Lay quotes side by side, each in one cell, quotes that tell of the same in one row.

    Rows are joined greedily, the most alike first; then spare quotes fill cells that are empty. A row is named after the words
    that its cells share or, where one cell stands alone, after its headline or heading.

    Returns: the quotes in reading order, and the table that points at them; at most MAX_CELLS.
    """
    each = max(1, MAX_CELLS // max(1, len(columns)))
    cells = [(at, quote) for at, column in enumerate(columns) for quote in column.quotes[:each]]
    shown = len(cells)
    cells += [(at, quote) for at, column in enumerate(columns) for quote in column.reserves[:MAX_CELLS]]
    vectors = retriever.analyzer.encoder.encode_passages([_text_with_headline(quote) for _, quote in cells])
    alike = vectors @ vectors.T
    # What opens an article tells of the whole, and stands beside what opens another's: of the measures it names each in passing.
    leads = np.array([_is_lead(quote) for _, quote in cells], np.bool_)
    alike = np.where(leads[:, None] & leads, 1.0, np.where(leads[:, None] ^ leads, -1.0, alike))
    rows = [{at: number} for number, (at, _) in enumerate(cells[:shown])]  # column -> cell
    while True:
        pairs = [
            (min(float(alike[one, other]) for one in first.values() for other in second.values()), left, right)
            for left, first in enumerate(rows)
            for right, second in enumerate(rows)
            if left < right and not first.keys() & second.keys()
        ]
        nearest, left, right = max(pairs, default=(-1.0, 0, 0))
        if nearest < _ALIKE:
            break
        rows[left] |= rows.pop(right)
    spare = list(range(shown, len(cells)))
    while sum(map(len, rows)) < MAX_CELLS:
        fits = [
            (min(float(alike[number, other]) for other in row.values()), at, number)
            for at, row in enumerate(rows)
            for number in spare
            if cells[number][0] not in row
        ]
        nearest, at, number = max(fits, key=lambda fit: fit[0], default=(-1.0, 0, 0))
        if nearest < _ALIKE:
            break
        rows[at][cells[number][0]] = number
        spare.remove(number)
    rows.sort(key=lambda row: (-len(row), min(row.values())))
    order = [row[at] for row in rows for at in sorted(row)]
    places = {number: place for place, number in enumerate(order)}
    table = Table(
        tuple(column.name for column in columns),
        tuple(
            Row(
                _aspect([cells[number][1] for number in row.values()], retriever, language),
                tuple(places[row[at]] if at in row else None for at in range(len(columns))),
            )
            for row in rows
        ),
    )
    return tuple(cells[number][1] for number in order), table


def drop_shared_quotes(columns: Sequence[Column]) -> list[Column]:
    """Remove the quotes that another column has with a higher score: a sentence on both sides belongs to one.

    Of the quotes in reserve those go that another column has at all.
    """

    def overlap(quote: Quote, other: Quote) -> bool:
        return quote.passage is other.passage and quote.span.overlaps(other.span)

    def is_better_elsewhere(quote: Quote, own: int) -> bool:
        return any(
            (-other.score, i) < (-quote.score, own) and overlap(quote, other)
            for i, column in enumerate(columns)
            if i != own
            for other in column.quotes
        )

    def is_elsewhere(quote: Quote, own: int) -> bool:
        others = [column for i, column in enumerate(columns) if i != own]
        return any(overlap(quote, other) for column in others for other in (*column.quotes, *column.reserves))

    return [
        replace(
            column,
            quotes=tuple(quote for quote in column.quotes if not is_better_elsewhere(quote, i)),
            reserves=tuple(quote for quote in column.reserves if not is_elsewhere(quote, i)),
        )
        for i, column in enumerate(columns)
    ]


def _is_lead(quote: Quote) -> bool:
    return quote.label is None and is_lead(quote.passage)


def _text_with_headline(quote: Quote) -> str:
    return f"{quote.headline}。{quote.text}" if quote.headline else quote.text


def _aspect(quotes: Sequence[Quote], retriever: Retriever, language: Language) -> str:
    """What the cells of a row are about, in a word or two."""
    if len(quotes) > 1 and not all(map(_is_lead, quotes)):
        said = [set(retriever.catalog.tokenizer.words(_text_with_headline(quote))) for quote in quotes]
        shared = [
            word
            for word in set.intersection(*said)
            if len(word) > 1 and not _NUMERAL.search(word) and retriever.catalog.tokenizer.tokenize(word)
        ]
        if shared:
            telling = retriever.index.idf(sorted(shared))
            return "、".join(sorted(shared)[at] for at in np.argsort(-telling, kind="stable")[:_WORDS])
    quote = quotes[0]
    label = quote.label.of(quote.passage.bulletin.text) if quote.label else quote.passage.section.heading
    return _NUMBERING.sub("", label).strip() or tr("总体", "Overall", language)
