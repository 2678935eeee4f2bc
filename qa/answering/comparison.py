"""Lay the quotes of several regions or topics side by side: a row for each aspect that they share, or that one has alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.messages.language import Language, tr
from index.encoder import Encoder
from index.retriever import Retriever
from qa.answering.answer import Quote, Row, Table
from qa.answering.scoring import is_lead

MAX_CELLS = 20
_MIN_SIMILARITY = 0.25  # cosine from which two quotes are about one aspect; few pairs of the sample comparisons below it are
_LABEL_WORDS = 2
_MIN_WORD = 2  # characters of a word in a label
_NUMERAL = re.compile(r"[\d一二三四五六七八九十百千万两]")  # 十九 and 一件事 name no aspect
_NUMBERING = re.compile(r"^(?:[（(]?[一二三四五六七八九十\d]+[）)、.．]|[一二三四五六七八九十]是)\s*")


@dataclass(frozen=True, slots=True)
class Column:
    """One of the things compared: its name, in words of ours, and its quotes, the best first.

    `reserves` are further quotes, shown only beside a quote of another column that is about the same.
    """

    name: str
    quotes: tuple[Quote, ...]
    reserves: tuple[Quote, ...] = ()


class _Cell(NamedTuple):
    """A quote, and the index of its column."""

    column: int
    quote: Quote


_Group = dict[int, int]  # the cells of one row: index of the column -> index of the cell


def build_table(columns: Sequence[Column], *, retriever: Retriever, language: Language) -> tuple[tuple[Quote, ...], Table]:
    """Lay quotes side by side, each in one cell, quotes about the same aspect in one row.

    Returns: the quotes in reading order, and the table that points at them; at most MAX_CELLS.
    """
    per_column = max(1, MAX_CELLS // max(1, len(columns)))
    cells = [_Cell(i, quote) for i, column in enumerate(columns) for quote in column.quotes[:per_column]]
    n_shown = len(cells)
    cells += [_Cell(i, quote) for i, column in enumerate(columns) for quote in column.reserves[:MAX_CELLS]]
    similarities = similarity_matrix([cell.quote for cell in cells], retriever.analyzer.encoder)
    column_of = [cell.column for cell in cells]
    rows = cluster_rows(column_of[:n_shown], similarities)
    rows = fill_empty_cells(rows, column_of, similarities)
    rows.sort(key=lambda row: (-len(row), min(row.values())))
    labels = label_rows([[cells[cell].quote for cell in row.values()] for row in rows], retriever, language)
    order = [row[column] for row in rows for column in sorted(row)]
    position = {cell: i for i, cell in enumerate(order)}
    table_rows = [
        Row(label, tuple(position[row[i]] if i in row else None for i in range(len(columns))))
        for label, row in zip(labels, rows, strict=True)
    ]
    return tuple(cells[cell].quote for cell in order), Table(tuple(column.name for column in columns), tuple(table_rows))


def similarity_matrix(quotes: Sequence[Quote], encoder: Encoder) -> NDArray[np.float32]:
    """Return how near each quote is to each other in meaning: cosines, shape (n_quotes, n_quotes).

    The lead of an article is about the whole of it: two leads are alike (1), a lead and another quote never (-1), since a lead
    mentions each measure in passing.
    """
    vectors = encoder.encode_passages([_text_with_headline(quote) for quote in quotes])
    leads = np.array([_is_lead(quote) for quote in quotes], np.bool_)
    cosines: NDArray[np.float32] = vectors @ vectors.T
    return np.where(leads[:, None] & leads, 1.0, np.where(leads[:, None] ^ leads, -1.0, cosines))


def cluster_rows(columns: Sequence[int], similarities: NDArray[np.float32]) -> list[_Group]:
    """Group cells into rows, at most one cell of a column in each: greedily, the nearest two rows first (complete linkage).

    Args: columns: the column of each cell. Returns: rows, as column -> cell.
    """
    rows: list[_Group] = [{column: cell} for cell, column in enumerate(columns)]
    while True:
        pairs = [
            (min(float(similarities[i, j]) for i in first.values() for j in second.values()), left, right)
            for left, first in enumerate(rows)
            for right, second in enumerate(rows)
            if left < right and not first.keys() & second.keys()
        ]
        nearest, left, right = max(pairs, default=(-1.0, 0, 0))
        if nearest < _MIN_SIMILARITY:
            return rows
        rows[left] |= rows.pop(right)


def fill_empty_cells(rows: Sequence[_Group], columns: Sequence[int], similarities: NDArray[np.float32]) -> list[_Group]:
    """Put cells that are in no row where a row lacks their column and is near enough, up to MAX_CELLS in all.

    Args: columns: the column of each cell, in rows or not.
    """
    rows = [dict(row) for row in rows]
    used = {cell for row in rows for cell in row.values()}
    reserves = [cell for cell in range(len(columns)) if cell not in used]
    while sum(map(len, rows)) < MAX_CELLS:
        fits = [
            (min(float(similarities[cell, other]) for other in row.values()), i, cell)
            for i, row in enumerate(rows)
            for cell in reserves
            if columns[cell] not in row
        ]
        nearest, i, cell = max(fits, key=lambda fit: fit[0], default=(-1.0, 0, 0))
        if nearest < _MIN_SIMILARITY:
            break
        rows[i][columns[cell]] = cell
        reserves.remove(cell)
    return rows


def label_rows(rows: Sequence[Sequence[Quote]], retriever: Retriever, language: Language) -> list[str]:
    """Return what each row of quotes is about, in a word or two: the rarest words that its quotes share.

    A quote alone gives its headline or heading; leads, and what has none, are labelled 总体 (Overall).
    """
    labels = []
    for quotes in rows:
        words = _shared_words(quotes, retriever) if len(quotes) > 1 and not all(map(_is_lead, quotes)) else []
        labels.append(tr("、", ", ", language).join(words) or _own_label(quotes[0]) or tr("总体", "Overall", language))
    return labels


def drop_shared_quotes(columns: Sequence[Column]) -> list[Column]:
    """Remove the quotes that another column has with a higher score: a sentence on both sides belongs to one.

    Quotes in reserve are removed if another column has them, with any score.
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


def _shared_words(quotes: Sequence[Quote], retriever: Retriever) -> list[str]:
    """Return the words that all quotes have, the rarest in the library first, at most _LABEL_WORDS."""
    tokenizer = retriever.catalog.tokenizer
    common = set.intersection(*(set(tokenizer.words(_text_with_headline(quote))) for quote in quotes))
    words = sorted(word for word in common if len(word) >= _MIN_WORD and not _NUMERAL.search(word) and tokenizer.tokenize(word))
    idf = dict(zip(words, retriever.index.idf(words).tolist(), strict=True))
    return sorted(words, key=lambda word: -idf[word])[:_LABEL_WORDS]


def _own_label(quote: Quote) -> str:
    label = quote.label.of(quote.passage.bulletin.text) if quote.label else quote.passage.section.heading
    return _NUMBERING.sub("", label).strip()


def _is_lead(quote: Quote) -> bool:
    return quote.label is None and is_lead(quote.passage)


def _text_with_headline(quote: Quote) -> str:
    return f"{quote.headline}。{quote.text}" if quote.headline else quote.text
