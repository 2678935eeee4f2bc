"""Quotes and answers made by hand, for tests."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.retrieval import lone_passage
from corpus.document import Masthead, Source, Span
from index.evidence import Evidence, ScoredPassage
from index.filters import Filters
from index.query.query import Query
from index.store.library import Library
from qa.answering.answer import Answer, Compared, Counted, Quote, Quoted, Refused, Table
from qa.answering.scoring import extract_features
from qa.question.analyzer import analyze_question
from qa.question.intent import Kind
from qa.question.question import Question
from tests.qa.invented import evidence_of

# Of the samples: the first sentence of the point 三是许可转赠, and that headline.
HEADLINE = "许可转赠"
POINT = "志愿者可把积分转给本人父母或祖父母，用于换取助浴、理发、陪诊，已转赠积分31.8万分，惠及老人2270名。"


def quote_of(text: str, *, span: Span | None = None, label: Span | None = None, highlight: tuple[Span, ...] = ()) -> Quote:
    """A quote that is the whole text of a bulletin, whatever the text holds, or the part of it within `span`."""
    lone = lone_passage("it", "题", text)
    masthead, source = Masthead("刊", None, "1", 2021, None, None, None), Source("it.txt", "0" * 64)
    passage = replace(lone, bulletin=replace(lone.bulletin, masthead=masthead, source=source))
    return Quote(passage, span or passage.span, 1.0, label, highlight)


def quote_from(library: Library, said: str, *, label: str = "", highlight: Sequence[str] = ()) -> Quote:
    """The only place of a library where `said` stands, as a quote. The label stands in it, or else nearest before it."""
    ((passage, at),) = [
        (passage, passage.bulletin.text.index(said)) for passage in library.retriever.catalog.passages if said in passage.text
    ]

    def inside(part: str) -> Span:
        start = at + said.index(part)
        return Span(start, start + len(part))

    def headline(part: str) -> Span:
        start = passage.bulletin.text.rindex(part, passage.span.start, at)
        return Span(start, start + len(part))

    named = (inside(label) if label in said else headline(label)) if label else None
    return Quote(passage, Span(at, at + len(said)), 1.0, named, tuple(inside(part) for part in highlight))


def quotes_of(library: Library) -> list[Quote]:
    """Every sentence of a library that can be quoted, with the headline of its point."""
    retriever = library.retriever
    ranked = [ScoredPassage(passage, 0.0, 0.0, 0.0) for passage in retriever.catalog.passages]
    question = analyze_question("怎么做", catalog=retriever.catalog)
    units, _ = extract_features(question, evidence_of(question, ranked, retriever))
    return [Quote(unit.passage.passage, unit.span, 1.0, unit.label) for unit in units]


def answer_of(*quotes: Quote, question: str = "怎么做", kind: Kind = "howto", table: Table | None = None) -> Answer:
    """An answer in Chinese that is made of these quotes."""
    asked = Question(question, "zh", question, Filters(), kind=kind)
    query = Query(question, (), (), np.zeros(1, np.float32), np.zeros(0, np.int32))
    evidence = Evidence(query, Filters(), 161, 12, (), {}, lambda passages: pytest.fail("nothing is compared"))
    if not quotes:
        return Refused(question=asked, evidence=evidence, reason="没有找到")
    if table is not None:
        return Compared(question=asked, evidence=evidence, quotes=quotes, table=table)
    return Quoted(question=asked, evidence=evidence, quotes=quotes)


def table_of(answer: Answer) -> Table | None:
    return answer.table if isinstance(answer, Compared) else None


def summary_of(answer: Answer) -> str | None:
    return answer.summary if isinstance(answer, Compared | Counted) else None


def reason_of(answer: Answer) -> str | None:
    return answer.reason if isinstance(answer, Refused) else None
