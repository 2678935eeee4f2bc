"""The records of an answer. A quote is a slice of its bulletin: an answer that is not verbatim cannot be represented."""

import datetime
from dataclasses import dataclass
from typing import Any

from corpus.document import Passage, Span
from corpus.language import Language
from index.retriever import Filters, ScoredPassage


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands. Strings or None: numbers as Arabic digits, the date as ISO 8601."""

    series: str
    issue: str | None
    total_issue: str | None
    issue_date: str | None
    region: str | None
    title: str | None
    heading: str | None
    passage_id: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim stretch of a passage; `span` lies in the bulletin's text, `score` is higher for better support."""

    passage: Passage
    span: Span
    score: float

    @property
    def text(self) -> str:
        return self.span.of(self.passage.bulletin.text)

    @property
    def citation(self) -> Citation:
        return cite(self.passage)

    def record(self) -> dict[str, Any]:
        """The quote as a JSON object: text, document, spans in the decoded source, citation, score."""
        citation = self.citation
        return {
            "text": self.text,
            "document": self.passage.bulletin.document,
            "spans": [[span.start, span.end] for span in self.passage.bulletin.source_spans(self.span)],
            "citation": {
                "series": citation.series,
                "issue": citation.issue,
                "total_issue": citation.total_issue,
                "issue_date": citation.issue_date,
                "region": citation.region,
                "title": citation.title,
                "heading": citation.heading,
            },
            "score": round(self.score, 4),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, what was searched, the quotes that answer and the passages behind them.

    No quotes means that the bulletins do not answer; `reason` then says why. `passages` are ranked, best first, also then.
    """

    question: str
    language: Language
    filters: Filters
    quotes: tuple[Quote, ...]
    passages: tuple[ScoredPassage, ...]
    reason: str | None
    searched_passages: int
    searched_bulletins: int

    @property
    def abstained(self) -> bool:
        return not self.quotes

    def record(self) -> dict[str, Any]:
        """The answer as a JSON object (see `python -m qa batch`)."""
        passages = []
        for rank, scored in enumerate(self.passages, 1):
            passage = scored.passage
            span = passage.span.trimmed(passage.bulletin.text)
            passages.append({**Quote(passage, span, scored.score).record(), "rank": rank})
        return {
            "question": self.question,
            "abstained": self.abstained,
            "reason": self.reason,
            "quotes": [quote.record() for quote in self.quotes],
            "passages": passages,
        }


def cite(passage: Passage) -> Citation:
    """The citation of a passage: its region is the article's, else the publisher."""
    bulletin, article = passage.bulletin, passage.article
    date: datetime.date | None = bulletin.issue_date
    return Citation(
        series=bulletin.series,
        issue=bulletin.issue,
        total_issue=bulletin.total_issue,
        issue_date=date.isoformat() if date else None,
        region=article.region.label if article.region else bulletin.publisher,
        title=article.title or None,
        heading=passage.section.heading or None,
        passage_id=passage.passage_id,
    )
