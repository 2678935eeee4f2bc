"""The records of an answer. A quote is a slice of its bulletin: an answer that is not verbatim cannot be represented."""

import datetime
import itertools
from dataclasses import dataclass
from pathlib import PurePosixPath

from corpus.document import Passage, Span
from index.evidence import Evidence
from qa.question.question import Question

_SURE = 0.5


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote is from. Strings or None: numbers as Arabic digits, the date as ISO 8601, pages as 3 or 3-4.

    `series` is "" where the document belongs to none; `kind` is a DocumentKind. `url` is the address of a page saved from a site,
    `file` the name of the document's file, by which one without a title is cited.
    `region` is what the quote tells of; where that is not what its article is about, `article_region` is the article's.
    """

    series: str
    issue: str | None
    total_issue: str | None
    issue_date: str | None
    region: str | None
    title: str | None
    heading: str | None
    passage_id: str
    page: str | None = None
    kind: str = "bulletin"
    publisher: str | None = None
    document_number: str | None = None
    url: str | None = None
    file: str = ""
    article_region: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a quote with the same marks throughout."""

    text: str
    label: bool
    highlight: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim stretch of a passage; `span` lies in the bulletin's text, `score` is higher for better support.

    `label` is the headline of the point that the quote is from (许可转赠), a slice, too, inside `span` or before it in the same
    passage; `highlight` what exactly answers (31.8万分), inside `span`.

    Raises: ValueError: a highlight reaches beyond the quote, or the label stands neither inside it nor before it.
    """

    passage: Passage
    span: Span
    score: float
    label: Span | None = None
    highlight: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        for part in self.highlight:
            if not self.span.contains(part):
                raise ValueError(f"{part} reaches beyond the quote {self.span}")
        if self.label and not self.span.contains(self.label) and self.label.end > self.span.start:
            raise ValueError(f"the label {self.label} is neither inside the quote {self.span} nor before it")

    @property
    def text(self) -> str:
        return self.span.of(self.passage.bulletin.text)

    @property
    def citation(self) -> Citation:
        return cite(self.passage, self.span)

    @property
    def table_header(self) -> str | None:
        """Return the header of the table that the quote is a row of, with | between cells, to be shown before it."""
        header = self.passage.table_header
        return " | ".join(cell.strip() for cell in header.of(self.passage.bulletin.text).split("\t")) if header else None

    @property
    def low_confidence(self) -> bool:
        """Return whether some of it was read with little confidence, by OCR."""
        return self.passage.bulletin.is_low_confidence(self.span)

    @property
    def headline(self) -> str | None:
        """Return the text of a label that is before the quote, to be shown before it; None if there is none, or it is inside."""
        outside = self.label is not None and not self.span.contains(self.label)
        return self.label.of(self.passage.bulletin.text) if self.label and outside else None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Return the quote cut where its highlights, and a label inside it, begin and end; joined, the pieces are `text`."""
        parts = [*self.highlight, *([self.label] if self.label and self.headline is None else [])]
        cuts = {self.span.start, self.span.end, *(offset for part in parts for offset in (part.start, part.end))}
        spans = [Span(start, end) for start, end in itertools.pairwise(sorted(cuts))]
        return tuple(
            Piece(
                span.of(self.passage.bulletin.text),
                self.label is not None and self.label.contains(span),
                any(part.contains(span) for part in self.highlight),
            )
            for span in spans
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One aspect of a comparison: its label, in words of ours, and for each column the index of a quote, or None."""

    label: str
    cells: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A comparison. `columns` are the regions or sides compared, in words of ours; cells are indexes of the answer's quotes."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Answer:
    """What every answer knows: the question as understood, and the evidence it was read from, whose passages are ranked.

    `confidence` is how likely the bulletins answer the question, 0 to 1; None if that was not judged.
    """

    question: Question
    evidence: Evidence
    confidence: float | None = None

    @property
    def is_doubtful(self) -> bool:
        """Return whether it may well be no answer: of those below _SURE, fewer than half hold evidence (benchmarks/README.md)."""
        return self.confidence is not None and self.confidence < _SURE


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Quoted(_Answer):
    """Quotes, grouped by article, the best article first. `summary` says, in words of ours, if the articles are of others."""

    quotes: tuple[Quote, ...]
    summary: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Compared(_Answer):
    """Quotes side by side in a table. `summary` says, in words of ours, which of the regions compared say nothing.

    Raises: ValueError: a row of the table is too short or too long, or a cell names no quote.
    """

    quotes: tuple[Quote, ...]
    table: Table
    summary: str | None = None

    def __post_init__(self) -> None:
        for row in self.table.rows:
            if len(row.cells) != len(self.table.columns):
                raise ValueError(f"the row {row.label} has {len(row.cells)} cells for {len(self.table.columns)} columns")
            if any(cell is not None and not 0 <= cell < len(self.quotes) for cell in row.cells):
                raise ValueError(f"a cell of the row {row.label} names no quote")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Counted(_Answer):
    """A count, in words of ours (`summary`), and the first mention in each article as a quote."""

    quotes: tuple[Quote, ...]
    summary: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Refused(_Answer):
    """No answer; `reason` says why, in words of ours."""

    reason: str

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Return no quotes."""
        return ()


Answer = Quoted | Compared | Counted | Refused


def cite(passage: Passage, span: Span | None = None) -> Citation:
    """Cite a passage, or the stretch `span` of it: the region is what that tells of, the article's, else the publisher."""
    bulletin, article = passage.bulletin, passage.article
    span = span or passage.span.trimmed(bulletin.text)
    pages = bulletin.pages_of(span)
    own = article.region.label if article.region else bulletin.masthead.publisher
    told = passage.told_region(span)
    date: datetime.date | None = bulletin.masthead.issue_date
    return Citation(
        series=bulletin.masthead.series,
        issue=bulletin.masthead.issue,
        total_issue=bulletin.masthead.total_issue,
        issue_date=date.isoformat() if date else None,
        region=told.label if told else own,
        title=article.title or None,
        heading=passage.section.heading or None,
        passage_id=passage.passage_id,
        page="-".join(map(str, dict.fromkeys(pages))) if pages else None,
        kind=bulletin.kind,
        publisher=bulletin.masthead.publisher,
        document_number=bulletin.masthead.document_number,
        url=bulletin.source.url,
        file=PurePosixPath(bulletin.source.document).name,
        article_region=own if told else None,
    )
