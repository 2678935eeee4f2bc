"""In which order the quotes of an answer are shown, under which headings, with which numbers: the same in every form."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.messages.language import Language, plural, tr
from qa.answering.answer import Answer, Compared, Piece, Refused
from qa.export.references import Style, citation_line, footnote, gbt7714

RELATED = 3  # passages shown where there is no answer
_BY_REGION = frozenset({"howto", "list"})  # kinds of question that many regions may answer side by side


@dataclass(frozen=True, slots=True)
class Group:
    """Quotes under one heading, a region, or under none. `indexes` are those of the quotes in the answer."""

    heading: str | None
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReportQuote:
    """A quote as every form shows it: what it says, and where it stands in each style.

    `quote_number` counts the quotes in reading order, `reference_number` is its number in `Report.sources`; both from 1.
    `header` is that of the table in which it stands; `doubtful` means that OCR was unsure of it; `remark` is the reader's own.
    """

    quote_number: int
    reference_number: int
    headline: str | None
    pieces: tuple[Piece, ...]
    region: str | None
    gbt7714: str
    footnote: str
    reference: str
    header: str | None = None
    doubtful: bool = False
    remark: str = ""

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def number(self, style: Style | None) -> int:
        """Return the number that it bears: that of its reference after GB/T 7714, else its own."""
        return self.reference_number if style == "gbt7714" else self.quote_number


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A comparison: what is compared, and for each aspect its label and cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ReportQuote | None, ...]], ...]

    @property
    def quotes(self) -> tuple[ReportQuote, ...]:
        """Return the quotes in the cells, in reading order."""
        return tuple(quote for _, cells in self.rows for quote in cells if quote)


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs to one question. `remarks` are words of ours (a reason, a count), `blocks` are quotes under a heading or none.

    `question` heads it where there are several sections; the only one of an answer has none.
    """

    question: str | None
    remarks: tuple[str, ...]
    table: ReportTable | None
    blocks: tuple[tuple[str | None, tuple[ReportQuote, ...]], ...]

    @property
    def quotes(self) -> tuple[ReportQuote, ...]:
        """Return all quotes in reading order."""
        return (*(self.table.quotes if self.table else ()), *(quote for _, entries in self.blocks for quote in entries))


@dataclass(frozen=True, slots=True)
class Report:
    """Quotes ready to be shown: of one answer, or of a saved list. `sources` are the references after GB/T 7714, each once."""

    title: str
    language: Language
    sections: tuple[Section, ...]
    sources: tuple[str, ...]
    closing: str

    @property
    def quotes(self) -> tuple[ReportQuote, ...]:
        """Return all quotes in reading order."""
        return tuple(quote for section in self.sections for quote in section.quotes)


def build_report(shown: Answer | Report) -> Report:
    """Arrange an answer as it is shown; return a report as it is."""
    if isinstance(shown, Report):
        return shown
    quote_numbers, reference_numbers = numbers(shown, None), numbers(shown, "gbt7714")
    quotes = {
        index: ReportQuote(
            quote_number=quote_numbers[index],
            reference_number=reference_numbers[index],
            headline=quote.headline,
            pieces=quote.pieces,
            region=quote.citation.region,
            gbt7714=gbt7714(quote.passage, span=quote.span),
            footnote=footnote(quote.passage, shown.question.language, span=quote.span),
            reference=citation_line(quote.citation, shown.question.language),
            header=quote.table_header,
            doubtful=quote.low_confidence,
        )
        for index, quote in enumerate(shown.quotes)
    }
    reason = shown.reason if isinstance(shown, Refused) else None
    summary = shown.summary if not isinstance(shown, Refused) else None
    table = None
    if isinstance(shown, Compared):
        rows = ((row.label, tuple(None if cell is None else quotes[cell] for cell in row.cells)) for row in shown.table.rows)
        table = ReportTable(shown.table.columns, tuple(rows))
    blocks = tuple((group.heading, tuple(quotes[index] for index in group.indexes)) for group in groups(shown))
    section = Section(None, tuple(text for text in (reason, doubt(shown), summary) if text), table, blocks)
    return Report(shown.question.text, shown.question.language, (section,), sources(shown), searched(shown))


def doubt(answer: Answer) -> str:
    """Return the warning that what is quoted may be no answer, "" where that need not be said."""
    if isinstance(answer, Refused) or not answer.is_doubtful:
        return ""
    return tr(
        "以下原文与问题相近，未必是答案，请核对",
        "What follows comes near the question, but may not answer it: please check",
        answer.question.language,
    )


def groups(answer: Answer) -> tuple[Group, ...]:
    """Group the quotes outside the table: measures by region, regions by their first quote; all others in one group."""
    in_table = set(_in_table(answer))
    indexes = [index for index in range(len(answer.quotes)) if index not in in_table]
    if answer.question.kind not in _BY_REGION:
        return (Group(None, tuple(indexes)),) if indexes else ()
    regions: dict[str, list[int]] = {}
    for index in indexes:
        region = answer.quotes[index].citation.region or tr("地区不详", "region unknown", answer.question.language)
        regions.setdefault(region, []).append(index)
    return tuple(Group(region, tuple(found)) for region, found in regions.items())


def sources(answer: Answer) -> tuple[str, ...]:
    """Return the references after GB/T 7714, each once, in the order in which they are first cited."""
    return tuple(dict.fromkeys(_source(answer, index) for index in _order(answer)))


def numbers(answer: Answer, style: Style | None) -> Mapping[int, int]:
    """Return the number that each quote bears, by its index: that of its reference in `sources` after GB/T 7714, else its own."""
    if style != "gbt7714":
        return {index: number for number, index in enumerate(_order(answer), 1)}
    references = sources(answer)
    return {index: references.index(_source(answer, index)) + 1 for index in _order(answer)}


def searched(answer: Answer) -> str:
    """Return in a sentence how much was searched."""
    return tr(
        f"检索了 {answer.evidence.n_bulletins} 份文件的 {answer.evidence.n_passages} 段。",
        f"Searched {plural(answer.evidence.n_passages, 'passage')} in {plural(answer.evidence.n_bulletins, 'document')}.",
        answer.question.language,
    )


def understood(answer: Answer) -> str | None:
    """Return in a line what the question was taken to mean and is limited to; None where that is the question itself."""
    question = answer.question
    parts = [" ".join(part.split()) for part in (question.interpretation, *(chip.label for chip in question.chips)) if part]
    separator = tr("｜", " | ", question.language)
    return separator.join([tr("理解为", "Understood as", question.language), *parts]) if parts else None


def remark(quote: ReportQuote, language: Language) -> str:
    """Return the reader's remark on a quote, named as one."""
    return tr("批注：", "Remark: ", language) + quote.remark


def related(language: Language) -> str:
    """Return the heading of passages that are shown where there is no answer."""
    return tr("相关，但不是答案：", "Related, but not an answer:", language)


def _source(answer: Answer, index: int) -> str:
    return gbt7714(answer.quotes[index].passage, span=answer.quotes[index].span)


def _order(answer: Answer) -> tuple[int, ...]:
    return tuple(dict.fromkeys([*_in_table(answer), *(index for group in groups(answer) for index in group.indexes)]))


def _in_table(answer: Answer) -> list[int]:
    rows = answer.table.rows if isinstance(answer, Compared) else ()
    return [cell for row in rows for cell in row.cells if cell is not None]
