"""The records of an answer: slices that stay inside their quote, a label perhaps before it, and what they say as JSON."""

import hashlib

import pytest

from corpus import readers
from corpus.document import Span
from corpus.library import files as corpus_library
from index.store.library import Library
from qa.answering.answer import Quote, Row, Table
from qa.export.records import answer_record, build_quote_record, to_json_object
from tests.qa.answers import HEADLINE, POINT, answer_of, quote_from, quote_of


def test_a_headline_that_stands_alone_is_inside_its_quote() -> None:
    quote = quote_of("一是定价。每分1元。", label=Span(0, 5), highlight=(Span(7, 9),))
    assert quote.headline is None
    assert [(piece.text, piece.label, piece.highlight) for piece in quote.pieces] == [
        ("一是定价。", True, False),
        ("每分", False, False),
        ("1元", False, True),
        ("。", False, False),
    ]


def test_a_headline_stands_before_its_quote_and_in_none_of_its_pieces() -> None:
    text = "一是定价。每分1元。"
    quote = quote_of(text, span=Span(5, 10), label=Span(2, 4), highlight=(Span(7, 9),))
    assert (quote.headline, quote.text) == ("定价", "每分1元。")
    assert [(piece.text, piece.label, piece.highlight) for piece in quote.pieces] == [
        ("每分", False, False),
        ("1元", False, True),
        ("。", False, False),
    ]
    touching = quote_of(text, span=Span(5, 10), label=Span(0, 5))
    assert (touching.headline, touching.text) == ("一是定价。", "每分1元。")
    assert quote_of(text, span=Span(5, 10)).headline is None


def test_a_label_reaches_neither_into_its_quote_nor_behind_and_a_highlight_nowhere_beyond() -> None:
    passage = quote_of("一是定价。每分1元。").passage
    for reaching in (Span(0, 6), Span(0, 2), Span(0, 9), Span(4, 9), Span(8, 9)):
        with pytest.raises(ValueError, match=r"neither inside the quote .* nor before it"):
            Quote(passage, Span(1, 8), 1.0, label=reaching)
    for reaching in (Span(0, 1), Span(0, 6), Span(4, 9), Span(8, 9)):
        with pytest.raises(ValueError, match="beyond the quote"):
            Quote(passage, Span(1, 8), 1.0, highlight=(reaching,))


def test_a_label_and_a_highlight_may_overlap() -> None:
    quote = quote_of("一是每分1元。", label=Span(0, 7), highlight=(Span(4, 6),))
    assert [(piece.text, piece.label, piece.highlight) for piece in quote.pieces] == [
        ("一是每分", True, False),
        ("1元", True, True),
        ("。", True, False),
    ]


def test_the_record_locates_everything_in_the_source(samples: Library) -> None:
    quote = quote_from(samples, POINT, label=HEADLINE, highlight=["31.8万分", "2270名"])
    record = to_json_object(build_quote_record(quote))
    data = (corpus_library.SAMPLES / "yunqi-2020-23.txt").read_bytes()
    source = readers.decode(data, name="it")
    for part, text in (
        (record, POINT),
        (record["receipt"], POINT),
        (record["label"], HEADLINE),
        (record["highlight"][0], "31.8万分"),
        (record["highlight"][1], "2270名"),
    ):
        assert part["text"] == text == "".join(source[start:end] for start, end in part["spans"])
    # The label is the headline right before the quote, and no part of it.
    ((start, end),) = record["label"]["spans"]
    assert source[start - 2 : end + 1] == "三是许可转赠。" and end + 1 == record["spans"][0][0]
    assert record["receipt"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert record["receipt"]["document"] == "yunqi-2020-23.txt"
    assert build_quote_record(quote_from(samples, POINT)).label is None


def test_every_bulletin_of_a_library_knows_the_hash_of_its_file(samples: Library) -> None:
    for bulletin in samples.bulletins:
        assert bulletin.source.sha256 == hashlib.sha256((samples.folder / bulletin.source.document).read_bytes()).hexdigest()


def test_a_table_points_at_quotes(samples: Library) -> None:
    quotes = (quote_of("甲"), quote_of("乙"))
    table = Table(("望澜市", "锦渚区"), (Row("记分", (0, 1)), Row("兑换", (None, 1))))
    record = answer_record(answer_of(*quotes, kind="compare", table=table))
    assert record["kind"] == "compare" and record["confidence"] is None
    assert record["table"] == {
        "columns": ["望澜市", "锦渚区"],
        "rows": [{"label": "记分", "cells": [0, 1]}, {"label": "兑换", "cells": [None, 1]}],
    }
    for row in (Row("记分", (0,)), Row("记分", (0, 2)), Row("记分", (0, -1))):
        with pytest.raises(ValueError, match="记分"):
            answer_of(*quotes, table=Table(("甲", "乙"), (row,)))
    assert answer_record(answer_of(*quotes))["table"] is None
    assert answer_record(answer_of())["abstained"]
