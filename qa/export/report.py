"""In which order the quotes of an answer are shown, under which headings, with which numbers: the same in every form."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.messages.language import Language, plural, tr
from qa.answering.answer import Answer, Compared, Counted, Piece, Refused
from qa.export.references import Style, citation_line, footnote, gbt7714

RELATED = 3  # passages shown where there is no answer
_BY_REGION = frozenset({"howto", "list"})  # kinds of question that many regions may answer side by side


@dataclass(frozen=True, slots=True)
class Group:
    """Quotes under one heading, a region, or under none. `places` are places in `Answer.quotes`."""

    heading: str | None
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReportQuote:
    """A quote as every form shows it: what it says, and where it stands in each style.

    `place` counts the quotes in reading order, `listed` is the number of its reference in `Arrangement.sources`; both from 1.
    `header` is that of the table it stands in; `doubtful` that it was read with little confidence; `remark` is the reader's own.
    """

    place: int
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
        """The number it bears: that of its reference after GB/T 7714, else its own."""
        return self.reference_number if style == "gbt7714" else self.place


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A comparison: what is compared, and for each aspect its label and cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ReportQuote | None, ...]], ...]

    @property
    def entries(self) -> tuple[ReportQuote, ...]:
        """The cells in reading order."""
        return tuple(entry for _, cells in self.rows for entry in cells if entry)


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs to one question. `told` are words of ours: a reason, a count; `blocks` quotes under one heading, or none.

    `question` heads it where there are several parts; the only part of an answer has none.
    """

    question: str | None
    remarks: tuple[str, ...]
    grid: ReportTable | None
    blocks: tuple[tuple[str | None, tuple[ReportQuote, ...]], ...]

    @property
    def entries(self) -> tuple[ReportQuote, ...]:
        """All quotes in reading order."""
        return (*(self.grid.entries if self.grid else ()), *(entry for _, entries in self.blocks for entry in entries))


@dataclass(frozen=True, slots=True)
class Report:
    """Quotes ready to be shown: of one answer, or of a saved list. `sources` are the references after GB/T 7714, each once."""

    title: str
    language: Language
    parts: tuple[Section, ...]
    sources: tuple[str, ...]
    closing: str

    @property
    def entries(self) -> tuple[ReportQuote, ...]:
        """All quotes in reading order."""
        return tuple(entry for part in self.parts for entry in part.entries)


def build_report(shown: Answer | Report) -> Report:
    """An answer as it is shown; what is arranged already, as it is."""
    if isinstance(shown, Report):
        return shown
    own, listed = numbers(shown, None), numbers(shown, "gbt7714")
    entries = {
        place: ReportQuote(
            place=own[place],
            reference_number=listed[place],
            headline=quote.headline,
            pieces=quote.pieces,
            region=quote.citation.region,
            gbt7714=gbt7714(quote.passage, span=quote.span),
            footnote=footnote(quote.passage, shown.question.language, span=quote.span),
            reference=citation_line(quote.citation, shown.question.language),
            header=quote.table_header,
            doubtful=quote.low_confidence,
        )
        for place, quote in enumerate(shown.quotes)
    }
    reason = shown.reason if isinstance(shown, Refused) else None
    summary = shown.summary if isinstance(shown, Compared | Counted) else None
    grid = None
    if isinstance(shown, Compared):
        rows = ((row.label, tuple(None if cell is None else entries[cell] for cell in row.cells)) for row in shown.table.rows)
        grid = ReportTable(shown.table.columns, tuple(rows))
    blocks = tuple((group.heading, tuple(entries[place] for place in group.places)) for group in groups(shown))
    part = Section(None, tuple(text for text in (reason, summary) if text), grid, blocks)
    return Report(shown.question.text, shown.question.language, (part,), sources(shown), searched(shown))


def groups(answer: Answer) -> tuple[Group, ...]:
    """The quotes outside the table: measures by region, regions by their first quote; everything else in one group."""
    tabled = set(_tabled(answer))
    places = [place for place in range(len(answer.quotes)) if place not in tabled]
    if answer.question.kind not in _BY_REGION:
        return (Group(None, tuple(places)),) if places else ()
    regions: dict[str, list[int]] = {}
    for place in places:
        region = answer.quotes[place].citation.region or tr("地区不详", "region unknown", answer.question.language)
        regions.setdefault(region, []).append(place)
    return tuple(Group(region, tuple(found)) for region, found in regions.items())


def sources(answer: Answer) -> tuple[str, ...]:
    """The references after GB/T 7714, each once, in the order in which they are first cited."""
    return tuple(dict.fromkeys(_source(answer, place) for place in _order(answer)))


def numbers(answer: Answer, style: Style | None) -> Mapping[int, int]:
    """The number that each quote bears, by its place: that of its reference in `sources` after GB/T 7714, else its own."""
    if style != "gbt7714":
        return {place: number for number, place in enumerate(_order(answer), 1)}
    listed = sources(answer)
    return {place: listed.index(_source(answer, place)) + 1 for place in _order(answer)}


def searched(answer: Answer) -> str:
    """How much was searched, in a sentence."""
    return tr(
        f"检索了 {answer.evidence.n_bulletins} 期简报的 {answer.evidence.n_passages} 段。",
        f"Searched {plural(answer.evidence.n_passages, 'passage')} in {plural(answer.evidence.n_bulletins, 'bulletin')}.",
        answer.question.language,
    )


def understood(answer: Answer) -> str | None:
    """What the question was taken to mean and is limited to, in a line; None where there is nothing to tell."""
    if answer.question is None:
        return None
    parts = [answer.question.interpretation, *(chip.label for chip in answer.question.chips)]
    told = [" ".join(part.split()) for part in parts if part]
    return (
        tr("｜", " | ", answer.question.language).join([tr("理解为", "Understood as", answer.question.language), *told])
        if told
        else None
    )


def remark(entry: ReportQuote, language: Language) -> str:
    """The reader's remark on a quote, named as one."""
    return tr("批注：", "Remark: ", language) + entry.remark


def related(language: Language) -> str:
    """The heading of passages that are shown where there is no answer."""
    return tr("相关，但不是答案：", "Related, but not an answer:", language)


def _source(answer: Answer, place: int) -> str:
    return gbt7714(answer.quotes[place].passage, span=answer.quotes[place].span)


def _order(answer: Answer) -> tuple[int, ...]:
    return tuple(dict.fromkeys([*_tabled(answer), *(place for group in groups(answer) for place in group.places)]))


def _tabled(answer: Answer) -> list[int]:
    rows = answer.table.rows if isinstance(answer, Compared) else ()
    return [cell for row in rows for cell in row.cells if cell is not None]
