"""What is shown of an answer, and its HTML (templates/answer.html), in which all of it is text: escaped, and never run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from corpus.document import Bulletin, Passage, Span
from corpus.issue_name import document_name, issue_number, total_number
from corpus.messages.language import Language, tr
from index.filters import Filters
from qa.answering.answer import Answer, Compared, Quote, Refused
from qa.export import RELATED, citation_line, doubt, footnote, gbt7714, groups, numbers, ocr_notice, related, to_line, to_text
from qa.question.filters import period_label
from qa.question.question import Question
from qa.web.addresses import passage_address
from qa.web.catalogue import Texts
from qa.web.pages.downloads import FORMATS
from qa.web.templating import render_macro


@dataclass(frozen=True, slots=True)
class ShownQuote:
    """A quote under its number: the address of its place in the article, its reference, and the text that is copied."""

    number: int
    quote: Quote
    address: str
    reference: str
    copied: str
    ocr_notice: str


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage that is shown where there is no answer."""

    reference: str
    text: str
    address: str


@dataclass(frozen=True, slots=True)
class CitedBulletin:
    """A bulletin that is cited, with the quotes from it in the order of their numbers."""

    name: str
    quotes: tuple[ShownQuote, ...]


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """The contents of an answer as shown, from top to bottom; "", () and None stand for what is not shown.

    `text` is the question as it was put, `question` what was understood of it.
    """

    t: Texts
    text: str
    question: Question | None
    removable: bool
    reason: str
    related: str
    passages: tuple[ShownPassage, ...]
    doubt: str
    summary: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ShownQuote | None, ...]], ...]
    groups: tuple[tuple[str | None, tuple[ShownQuote, ...]], ...]
    sources: tuple[CitedBulletin, ...]
    searched: str
    copied: str
    exports: tuple[tuple[str, str], ...]  # suffix and address of each file
    complaints: tuple[str, ...]


def question_html(text: str) -> str:
    """Return the HTML of a question."""
    return render_macro("answer.html", "question", text)


def message_html(text: str) -> str:
    """Return the HTML of a message of the program."""
    return render_macro("answer.html", "message", text)


def answer_html(answer: Answer, *, removable: bool = True, exports: str | None = None) -> str:
    """Return the HTML of an answer, on one line. Args: as of `show_answer`."""
    return render_macro("answer.html", "answer", show_answer(answer, removable=removable, exports=exports))


def show_answer(answer: Answer, *, with_question: bool = True, removable: bool = True, exports: str | None = None) -> ShownAnswer:
    """Gather what an answer shows: what was understood, quotes under numbers, the bulletins cited, what can be done with it.

    Args: with_question: whether it is shown what was understood; removable: whether the chips are buttons that take away what
        they say, as those of the last answer are; exports: the query of the addresses where the answer can be had as a file.
    """
    language = answer.question.language
    t = Texts(language)
    quotes = {index: show_quote(number, answer.quotes[index], language) for index, number in numbers(answer, None).items()}
    files = () if isinstance(answer, Refused) or exports is None else FORMATS
    return ShownAnswer(
        t=t,
        text=answer.question.text,
        question=answer.question if with_question and _tells(answer.question) else None,
        removable=removable,
        reason=answer.reason if isinstance(answer, Refused) else "",
        related=related(language),
        passages=tuple(_show_passage(scored.passage, language) for scored in answer.evidence.passages[:RELATED])
        if isinstance(answer, Refused)
        else (),
        doubt=doubt(answer),
        summary=(answer.summary or "") if not isinstance(answer, Refused) else "",
        columns=answer.table.columns if isinstance(answer, Compared) else (),
        rows=tuple(
            (row.label, tuple(None if index is None else quotes[index] for index in row.cells))
            for row in (answer.table.rows if isinstance(answer, Compared) else ())
        ),
        groups=tuple((group.heading, tuple(quotes[index] for index in group.indexes)) for group in groups(answer)),
        sources=_cited(quotes, language),
        searched=_searched(answer, t),
        copied="" if isinstance(answer, Refused) else to_text(answer, style="gbt7714"),
        exports=tuple((suffix, f"/answer.{suffix}?{exports}") for suffix in files),
        complaints=("answer",) if isinstance(answer, Refused) else ("answer", "evidence"),
    )


def show_quote(number: int, quote: Quote, language: Language) -> ShownQuote:
    """Gather what a quote shows."""
    return ShownQuote(
        number,
        quote,
        address=passage_address(quote.passage, quote.span),
        reference=citation_line(quote.citation, language),
        copied=quoted(quote, language),
        ocr_notice=ocr_notice(language) if quote.low_confidence else "",
    )


def quoted(quote: Quote, language: Language, *, style: str = "gbt7714") -> str:
    """Return a quote with its citation, as plain text to paste."""
    source = gbt7714(quote.passage, span=quote.span) if style == "gbt7714" else footnote(quote.passage, language, span=quote.span)
    return f"{to_line(quote.headline, quote.text, language)}\n{source}"


def _tells(question: Question) -> bool:
    """Return whether there is anything to show of what was understood."""
    return bool(question.interpretation or question.chips)


def _show_passage(passage: Passage, language: Language) -> ShownPassage:
    span: Span = passage.span.trimmed(passage.bulletin.text)
    return ShownPassage(
        reference=citation_line(Quote(passage, span, 0.0).citation, language),
        text=span.of(passage.bulletin.text),
        address=passage_address(passage, span),
    )


def _cited(quotes: Mapping[int, ShownQuote], language: Language) -> tuple[CitedBulletin, ...]:
    """Return the bulletins in the order in which they are first cited."""
    cited: dict[Bulletin, list[ShownQuote]] = {}
    for shown in sorted(quotes.values(), key=lambda shown: shown.number):
        cited.setdefault(shown.quote.passage.bulletin, []).append(shown)
    return tuple(CitedBulletin(_named(bulletin, found[0], language), tuple(found)) for bulletin, found in cited.items())


def _named(bulletin: Bulletin, shown: ShownQuote, language: Language) -> str:
    """Return the citation of a whole document, where `shown` is from it."""
    whole = replace(shown.quote.citation, region=None, article_region=None, title=None, heading=None, page=None)
    return citation_line(whole if whole.series else replace(whole, title=document_name(bulletin, language)), language)


def _searched(answer: Answer, t: Texts) -> str:
    """Return how much was searched, and what it was limited to."""
    text = t("searched", bulletins=answer.evidence.n_bulletins, passages=answer.evidence.n_passages)
    limits = _limits(answer.question.filters, t.language)
    return text + t("limited_to") + t("comma").join(limits) if limits else text


def _limits(filters: Filters, language: Language) -> list[str]:
    return [
        *(region.label for region in filters.regions),
        *(tr(f"不含{region.label}", f"without {region.label}", language) for region in filters.excluded_regions),
        *map(str, filters.years),
        *(period_label(period, language) for period in filters.periods),
        *filters.series,
        *(issue_number(issue, language) for issue in filters.issues),
        *(total_number(total, language) for total in filters.total_issues),
    ]
