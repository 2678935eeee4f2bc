"""The JSON of answers: one schema for `ask --json`, `batch`, the API, the assistant's tools, the saved list and `verify`.

The names of fields and their order are those of the JSON. A field that is UNSET is left out of it. Offsets count code points of
the decoded file or of the text that a reader made of it, and are half open; a stretch has several pairs of them where the cleaner
took something out in between (a page break).
"""

import json
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from corpus.document import Passage, Span
from index.evidence import ScoredPassage
from qa.answering.answer import Answer, Citation, Compared, Quote, Refused, Table
from qa.export.seal import digest_of
from qa.question.question import Asked, Question

Spans = tuple[tuple[int, int], ...]
# Gives the address of a passage, or of a stretch of it, on the pages that are served.
AddressOf = Callable[[Passage, Span | None], str]

_SCORE_DIGITS = 4


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file of answers is made of: an unknown field in one that is read is refused."""


class SliceRecord(Record, frozen=True, kw_only=True):
    """A stretch of a bulletin's file: its text, and where it lies."""

    text: str
    spans: Spans


class ReceiptRecord(Record, frozen=True, kw_only=True):
    """All that is needed to check a quote against its file later: `python -m qa verify`.

    `sha256` is the hash of the file, `text_sha256` that of the text a reader made of it; UNSET where the file is text itself.
    """

    document: str
    sha256: str
    spans: Spans
    text: str
    text_sha256: str | UnsetType = UNSET


class CitationRecord(Record, frozen=True, kw_only=True):
    """Where a quote stands. Numbers are Arabic digits, the date is ISO 8601; `page` is UNSET where the file has no pages.

    `series`, `issue` and `total_issue` are null for a document that is no bulletin. `kind` is null only in records of earlier
    versions, which knew bulletins alone and neither publisher, number nor address.
    """

    kind: str | None = None
    series: str | None = None
    issue: str | None = None
    total_issue: str | None = None
    issue_date: str | None = None
    publisher: str | None = None
    document_number: str | None = None
    url: str | None = None
    region: str | None = None
    title: str | None = None
    heading: str | None = None
    page: str | UnsetType = UNSET
    article_region: str | UnsetType = UNSET


class LocatedRecord(Record, frozen=True, kw_only=True):
    """A text, the document that it is from, where it lies there, and how it is cited."""

    text: str
    document: str
    spans: Spans
    citation: CitationRecord


class PassageRecord(LocatedRecord, frozen=True, kw_only=True):
    """A passage as it was found; `rank` counts from 1, `doubtful` is true where OCR was unsure of some of it, else UNSET."""

    score: float
    doubtful: bool | UnsetType = UNSET
    rank: int
    address: str | UnsetType = UNSET


class QuoteRecord(LocatedRecord, frozen=True, kw_only=True):
    """A quote with its marks and its receipt; `header` is that of the table of which the quote is a row.

    What `verify` has no need of may be missing in a file that it reads.
    """

    score: float = 0.0
    doubtful: bool | UnsetType = UNSET
    header: SliceRecord | UnsetType = UNSET
    label: SliceRecord | None = None
    highlight: tuple[SliceRecord, ...] = ()
    receipt: ReceiptRecord
    address: str | UnsetType = UNSET


class RowRecord(Record, frozen=True, kw_only=True):
    """One aspect of a comparison; a cell is the index of a quote, or null."""

    label: str
    cells: tuple[int | None, ...]


class TableRecord(Record, frozen=True, kw_only=True):
    """A comparison: the regions or sides that are compared, and the aspects."""

    columns: tuple[str, ...]
    rows: tuple[RowRecord, ...]


class ChipRecord(Record, frozen=True, kw_only=True):
    """One thing understood of a question that its asker may take away."""

    kind: str
    key: str
    label: str
    value: str


class QuestionRecord(Record, frozen=True, kw_only=True):
    """A question as it was understood; a correction is the name as written and the name as read."""

    kind: str
    answer_kind: str | None
    regions: tuple[str, ...]
    excluded_regions: tuple[str, ...]
    unknown_regions: tuple[str, ...]
    years: tuple[int, ...]
    periods: tuple[str, ...]
    series: tuple[str, ...]
    issues: tuple[str, ...]
    total_issues: tuple[str, ...]
    topic: str
    sides: tuple[str, ...]
    understood: str | None
    corrections: tuple[tuple[str, str], ...]
    chips: tuple[ChipRecord, ...]


class AskedRecord(Record, frozen=True, kw_only=True):
    """All that was handed in with a question; `regions` are paths. Where `compared`, they are set side by side."""

    question: str
    history: tuple[str, ...]
    regions: tuple[str, ...]
    years: tuple[int, ...]
    series: tuple[str, ...]
    without: tuple[str, ...]
    without_before: tuple[str, ...]
    strictness: Literal["lenient", "normal", "strict"]
    compared: bool


class AnswerRecord(Record, frozen=True, kw_only=True):
    """An answer: quotes, or the reason why there are none. `note` and `reason` are words of ours.

    `asked` is what it takes to ask again, null in an answer that was put together by hand; `digest` seals all the rest.
    """

    question: str
    kind: str
    abstained: bool
    confidence: float | None
    reason: str | None
    note: str | None
    understood: QuestionRecord
    quotes: tuple[QuoteRecord, ...]
    table: TableRecord | None
    passages: tuple[PassageRecord, ...]
    asked: AskedRecord | None
    digest: str


def answer_record(answer: Answer, *, address_of: AddressOf | None = None) -> dict[str, Any]:
    """Return the answer as a JSON object of dicts and lists, its fields those of AnswerRecord (see `python -m qa batch`).

    Args: address_of: gives the address of each quote and passage; None: the record has none.
    """
    return to_json_object(build_answer_record(answer, address_of=address_of))


def to_json_object(record: msgspec.Struct) -> dict[str, Any]:
    """Return a record as dicts, lists, strings and numbers, without the fields that are UNSET."""
    converted: dict[str, Any] = json.loads(json.dumps(msgspec.to_builtins(record)))  # tuples become lists
    return converted


def build_answer_record(answer: Answer, *, address_of: AddressOf | None = None) -> AnswerRecord:
    """Build the record of an answer. Args: as of `answer_record`."""
    unsealed = AnswerRecord(
        question=answer.question.text,
        kind=answer.question.kind,
        abstained=isinstance(answer, Refused),
        confidence=answer.confidence,
        reason=answer.reason if isinstance(answer, Refused) else None,
        note=answer.summary if not isinstance(answer, Refused) else None,
        understood=build_question_record(answer.question),
        quotes=tuple(build_quote_record(quote, address_of=address_of) for quote in answer.quotes),
        table=_table_record(answer.table) if isinstance(answer, Compared) else None,
        passages=tuple(
            build_passage_record(scored, rank, address_of=address_of) for rank, scored in enumerate(answer.evidence.passages, 1)
        ),
        asked=build_asked_record(answer.question.asked) if answer.question.asked else None,
        digest="",
    )
    return msgspec.structs.replace(unsealed, digest=digest_of(to_json_object(unsealed)))


def build_asked_record(asked: Asked) -> AskedRecord:
    """Build the record of what was handed in with a question."""
    return AskedRecord(
        question=asked.text,
        history=asked.history,
        regions=tuple(region.path for region in asked.filters.regions),
        years=asked.filters.years,
        series=asked.filters.series,
        without=asked.removed_chips,
        without_before=asked.removed_before,
        strictness=asked.strictness,
        compared=asked.compared,
    )


def build_quote_record(quote: Quote, *, address_of: AddressOf | None = None) -> QuoteRecord:
    """Build the record of a quote, with its receipt."""
    bulletin, header = quote.passage.bulletin, quote.passage.table_header
    spans = _source_spans(quote.passage, quote.span)
    return QuoteRecord(
        text=quote.text,
        document=bulletin.source.document,
        spans=spans,
        citation=build_citation_record(quote.citation),
        score=round(quote.score, _SCORE_DIGITS),
        doubtful=True if quote.low_confidence else UNSET,
        header=_slice_record(quote.passage, header.trimmed(bulletin.text)) if header else UNSET,
        label=_slice_record(quote.passage, quote.label) if quote.label else None,
        highlight=tuple(_slice_record(quote.passage, span) for span in quote.highlight),
        receipt=ReceiptRecord(
            document=bulletin.source.document,
            sha256=bulletin.source.sha256,
            spans=spans,
            text=quote.text,
            text_sha256=bulletin.source.text_sha256 or UNSET,
        ),
        address=address_of(quote.passage, quote.span) if address_of else UNSET,
    )


def build_passage_record(scored: ScoredPassage, rank: int, *, address_of: AddressOf | None = None) -> PassageRecord:
    """Build the record of a passage that was found. Args: rank: from 1."""
    passage = scored.passage
    whole = Quote(passage, passage.span.trimmed(passage.bulletin.text), scored.score)
    return PassageRecord(
        text=whole.text,
        document=passage.bulletin.source.document,
        spans=_source_spans(passage, whole.span),
        citation=build_citation_record(whole.citation),
        score=round(whole.score, _SCORE_DIGITS),
        doubtful=True if whole.low_confidence else UNSET,
        rank=rank,
        address=address_of(passage, None) if address_of else UNSET,
    )


def build_citation_record(citation: Citation) -> CitationRecord:
    """Build the record of a citation; the passage's id stays inside the program."""
    return CitationRecord(
        kind=citation.kind,
        series=citation.series or None,
        issue=citation.issue,
        total_issue=citation.total_issue,
        issue_date=citation.issue_date,
        publisher=citation.publisher,
        document_number=citation.document_number,
        url=citation.url,
        region=citation.region,
        title=citation.title,
        heading=citation.heading,
        page=citation.page or UNSET,
        article_region=citation.article_region or UNSET,
    )


def read_citation(record: CitationRecord, *, document: str) -> Citation:
    """Return the citation that a record holds, without the passage's id. Args: document: the one that it cites."""
    fields: dict[str, Any] = {name: value for name, value in msgspec.structs.asdict(record).items() if value is not UNSET}
    return Citation(
        **{**fields, "series": record.series or "", "kind": record.kind or "bulletin"},
        passage_id="",
        file=PurePosixPath(document).name,
    )


def build_question_record(question: Question) -> QuestionRecord:
    """Build the record of what was understood of a question."""
    filters = question.filters
    return QuestionRecord(
        kind=question.kind,
        answer_kind=question.answer_kind,
        regions=tuple(region.label for region in filters.regions),
        excluded_regions=tuple(region.label for region in filters.excluded_regions),
        unknown_regions=tuple(region.label for region in question.unknown_regions),
        years=tuple(filters.years),
        periods=tuple(period.interval for period in filters.periods),
        series=tuple(filters.series),
        issues=tuple(filters.issues),
        total_issues=tuple(filters.total_issues),
        topic=question.topic,
        sides=question.compared_topics,
        understood=question.interpretation,
        corrections=tuple((correction.written, correction.corrected) for correction in question.corrections),
        chips=tuple(ChipRecord(kind=chip.kind, key=chip.key, label=chip.label, value=chip.value) for chip in question.chips),
    )


def _table_record(table: Table) -> TableRecord:
    return TableRecord(columns=table.columns, rows=tuple(RowRecord(label=row.label, cells=row.cells) for row in table.rows))


def _slice_record(passage: Passage, span: Span) -> SliceRecord:
    return SliceRecord(text=span.of(passage.bulletin.text), spans=_source_spans(passage, span))


def _source_spans(passage: Passage, span: Span) -> Spans:
    return tuple((piece.start, piece.end) for piece in passage.bulletin.source_spans(span))
