"""What programs and assistants may call. The docstrings of the methods are the documentation that they are given."""

import functools
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
import msgspec
from gradio.events import api

from corpus import deadline
from corpus.messages.errors import JingyanError, QuestionError
from corpus.messages.language import tr
from corpus.text.normalize import is_half
from index.filters import Filters
from index.store.library import Library
from qa.answering.pipeline import answer_question
from qa.export.records import answer_record, build_passage_record, to_json_object
from qa.question.analyzer import analyze_question
from qa.question.places import find_region
from qa.web.addresses import find_address, passage_address
from qa.web.state import LibraryState, region_counts
from qa.web.turns import Turns, call_in_turn

ANSWER_SECONDS = 30.0  # that an answer may take; on two cores it takes one or two
_MAX_PASSAGES = 50  # of one search
_MAX_FILTERS = 50  # values of one filter
_MAX_NAME = 100  # characters of the name of a series
_MAX_YEAR = 9999
_MAX_ADDRESS = 200  # characters of the address of an article


@dataclass(frozen=True, slots=True)
class LibraryAPI:
    """The library that is served, for programs. Each method raises JingyanError with a message for people."""

    state: LibraryState

    def ask(
        self,
        question: str,
        history: list[str] | None = None,
        regions: list[str] | None = None,
        years: list[int] | None = None,
        series: list[str] | None = None,
    ) -> dict[str, Any]:
        """Answer a question from the archive of Chinese work documents, in verbatim quotes with citations, or say why not.

        Args:
            question: In Chinese or English, at most 2000 characters.
            history: Earlier questions of the same conversation, oldest first, for a follow-up.
            regions: Only these regions and all below them, by their Chinese names, for example 宁波市.
            years: Only documents of these years.
            series: Only series whose name holds one of these.

        Returns:
            The record that `python -m qa ask --json` prints: quotes (text, citation, spans in the file, receipt), abstained and
            its reason, confidence (0 to 1), what was understood, the passages behind the answer. Each quote and passage has the
            address of its article besides.
        """
        library = self.state.library
        answer = answer_question(library, question, history=history or (), filters=_filters(library, regions, years, series))
        return answer_record(answer, address_of=passage_address)

    def search(
        self,
        query: str,
        k: int = 10,
        regions: list[str] | None = None,
        years: list[int] | None = None,
        series: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Find the passages of the archive that are nearest to a query, by word and by meaning.

        Args:
            query: Words or a question, in Chinese or English; regions and years that it names limit the search.
            k: How many passages at most, 1 to 50.
            regions: Only these regions and all below them, by their Chinese names, for example 宁波市.
            years: Only documents of these years.
            series: Only series whose name holds one of these.

        Returns:
            Passages, best first: text, citation, document, spans in the file, score, rank from 1, the address of the article.
        """
        if not 1 <= k <= _MAX_PASSAGES:
            raise QuestionError(tr(f"k 是 {k}：应在 1 到 {_MAX_PASSAGES} 之间", f"k is {k}: expected 1 to {_MAX_PASSAGES}"))
        retriever = self.state.library.retriever
        filters = _filters(self.state.library, regions, years, series)
        question = analyze_question(query, filters=filters, catalog=retriever.catalog, encode=retriever.encode_question)
        found = retriever.search(question.query, k=k, filters=question.filters)
        return [
            to_json_object(build_passage_record(scored, rank, address_of=passage_address)) for rank, scored in enumerate(found, 1)
        ]

    def article(self, address: str) -> dict[str, Any]:
        """Read a whole article of the archive.

        Args:
            address: As ask and search give it, for example 0123456789ab/2. An error says where its text is there no longer.

        Returns:
            The article: title, region, kind of its document, series, issue, total_issue, issue_date, publisher,
            document_number, url, attachments, signature, document, its sections (heading and text) and its whole text,
            verbatim. What a document does not have is null.
        """
        written = address.strip().removeprefix("/article/")
        found = find_address(self.state.library, written) if len(address) <= _MAX_ADDRESS else None
        if found is None:
            raise QuestionError(
                tr(
                    f"{address[:100]}：库里没有这篇文章。地址形如 0123456789ab/2，由 ask 或 search 给出",
                    f"{address[:100]}: no such article here. An address looks like 0123456789ab/2; ask and search give it",
                )
            )
        ref, _ = found
        bulletin, article = ref.bulletin, ref.article
        return {
            "address": f"{written.partition('/')[0]}/{ref.number}",
            "title": article.title,
            "region": article.region.label if article.region else None,
            "kind": bulletin.kind,
            "series": bulletin.masthead.series or None,
            "issue": bulletin.masthead.issue,
            "total_issue": bulletin.masthead.total_issue,
            "issue_date": bulletin.masthead.issue_date.isoformat() if bulletin.masthead.issue_date else None,
            "publisher": bulletin.masthead.publisher,
            "document_number": bulletin.masthead.document_number,
            "url": bulletin.source.url,
            "attachments": list(bulletin.attachments),
            "signature": article.signature,
            "document": bulletin.source.document,
            "sections": [
                {"heading": section.heading, "text": section.span.trimmed(bulletin.text).of(bulletin.text)}
                for section in article.sections
            ],
            "text": article.span.trimmed(bulletin.text).of(bulletin.text),
        }

    def facets(self) -> dict[str, Any]:
        """List what the archive can be limited to.

        Returns:
            regions (name and number of articles, those of the regions below counted in), years, kinds and series (name and
            number of documents, under "bulletins"), and how many documents and articles there are in all.
        """
        library = self.state.library
        years, series = library.catalog.years, library.catalog.series
        regions = region_counts(library)
        return {
            "regions": [
                {"name": region.label, "articles": regions[region]} for region in sorted(regions, key=lambda region: region.label)
            ],
            "years": [{"year": year, "bulletins": years[year]} for year in years],
            "kinds": [{"name": kind, "bulletins": number} for kind, number in library.catalog.kinds.items()],
            "series": [{"name": name, "bulletins": series[name]} for name in sorted(series)],
            "bulletins": len(library.bulletins),
            "articles": len(library.catalog.articles),
        }


def register(state: LibraryState, turns: Turns) -> None:
    """Add the endpoints /ask, /search, /article and /facets to the Gradio application that is being built."""
    library_api = LibraryAPI(state)
    for function in (library_api.ask, library_api.search, library_api.article, library_api.facets):
        api(call_in_turn(turns, _checked(function)), api_name=function.__name__)


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function for Gradio: values of undeclared types, and errors for people, reach the client as a message."""
    types = typing.get_type_hints(function)

    @functools.wraps(function)
    def call(*values: Any) -> Any:
        try:
            with deadline.within(ANSWER_SECONDS):
                return function(*_converted(types, values))
        except JingyanError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call


def _converted(types: dict[str, Any], values: Sequence[Any]) -> list[Any]:
    converted = []
    for name, value in zip(types, values, strict=False):
        try:
            converted.append(msgspec.convert(value, types[name]))
        except msgspec.ValidationError as error:
            raise QuestionError(f"{name}: {error}") from error
    return converted


def _filters(library: Library, regions: list[str] | None, years: list[int] | None, series: list[str] | None) -> Filters:
    """Return the filters of a call. Raises: QuestionError: too many of them, too long, or of no region."""
    for name, values in (("regions", regions), ("years", years), ("series", series)):
        if len(values or ()) > _MAX_FILTERS:
            raise QuestionError(
                tr(
                    f"{name} 有 {len(values or ())} 个：最多 {_MAX_FILTERS} 个",
                    f"{name}: {len(values or ())} are given, at most {_MAX_FILTERS} are taken",
                )
            )
    for year in years or ():
        if not 0 <= year <= _MAX_YEAR:
            raise QuestionError(tr("years：应为四位数的年份", "years: expected years of four digits"))
    for title in series or ():
        if len(title) > _MAX_NAME or is_half(title):
            raise QuestionError(tr(f"series：刊名最多 {_MAX_NAME} 个字", f"series: a name has at most {_MAX_NAME} characters"))
    return Filters(
        regions=tuple(find_region(name, library.catalog) for name in regions or ()),
        years=tuple(years or ()),
        series=tuple(series or ()),
    )
