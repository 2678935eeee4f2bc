"""The same by machine: what programs and assistants may call. What they are shown of it is the docstrings here."""

import functools
import re
import typing
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
import msgspec
from gradio.events import api

from corpus.messages.errors import JingyanError, QuestionError
from corpus.messages.language import tr
from index.filters import Filters
from index.store.library import Library
from qa.answering.answer import Quote
from qa.answering.pipeline import answer_question
from qa.export.records import answer_record
from qa.question.analyzer import analyze_question, find_region
from qa.web.state import LibraryState, find_article, passage_address, region_counts

_MOST_PASSAGES = 50  # of one search
_ADDRESS = re.compile(r"(?:/article/)?(?P<key>[0-9a-f]+)/(?P<number>\d{1,6})(?:\?.*)?")


@dataclass(frozen=True, slots=True)
class LibraryAPI:
    """The library on the shelf, by machine. Each method raises JingyanError with a message for people."""

    shelf: LibraryState

    def ask(
        self,
        question: str,
        history: list[str] | None = None,
        regions: list[str] | None = None,
        years: list[int] | None = None,
        series: list[str] | None = None,
    ) -> dict[str, Any]:
        """Answer a question from the archive of Chinese work bulletins, in verbatim quotes with citations, or say why not.

        Args:
            question: In Chinese or English, at most 2000 characters.
            history: Earlier questions of the same conversation, oldest first, for a follow-up.
            regions: Only these regions and all below them, by their Chinese names, for example 宁波市.
            years: Only bulletins of these years.
            series: Only series whose name holds one of these.

        Returns:
            The record that `python -m qa ask --json` prints: quotes (text, citation, spans in the file, receipt), abstained and
            its reason, confidence (0 to 1), what was understood, the passages behind the answer. Each quote and passage has the
            address of its article besides.
        """
        library = self.shelf.library
        answer = answer_question(library, question, history=history or (), filters=_filters(library, regions, years, series))
        record = answer_record(answer)
        for quote, told in zip(answer.quotes, record["quotes"], strict=True):
            told["address"] = passage_address(quote.passage, quote.span)
        for scored, told in zip(answer.evidence.passages, record["passages"], strict=True):
            told["address"] = passage_address(scored.passage)
        return record

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
            years: Only bulletins of these years.
            series: Only series whose name holds one of these.

        Returns:
            Passages, best first: text, citation, document, spans in the file, score, rank from 1, the address of the article.
        """
        if not 1 <= k <= _MOST_PASSAGES:
            raise QuestionError(tr(f"k 是 {k}：应在 1 到 {_MOST_PASSAGES} 之间", f"k is {k}: expected 1 to {_MOST_PASSAGES}"))
        retriever = self.shelf.library.retriever
        question = analyze_question(
            query, filters=_filters(self.shelf.library, regions, years, series), catalog=retriever.catalog
        )
        found = retriever.search(question.query, k=k, filters=question.filters)
        return [
            {
                **Quote(scored.passage, scored.passage.span.trimmed(scored.passage.bulletin.text), scored.score).located(),
                "rank": rank,
                "address": passage_address(scored.passage),
            }
            for rank, scored in enumerate(found, 1)
        ]

    def article(self, address: str) -> dict[str, Any]:
        """Read a whole article of the archive.

        Args:
            address: As ask and search give it, for example 0123456789ab/2.

        Returns:
            The article: title, region, series, issue, total_issue, issue_date, publisher, signature, document, its sections
            (heading and text) and its whole text, verbatim.
        """
        said = _ADDRESS.fullmatch(address.strip())
        place = find_article(self.shelf.library, said["key"], int(said["number"])) if said else None
        if place is None:
            raise QuestionError(
                tr(
                    f"{address[:100]}：库里没有这篇文章。地址形如 0123456789ab/2，由 ask 或 search 给出",
                    f"{address[:100]}: no such article here. An address looks like 0123456789ab/2; ask and search give it",
                )
            )
        bulletin, article = place.bulletin, place.article
        return {
            "address": f"{said['key']}/{place.number}" if said else "",
            "title": article.title,
            "region": article.region.label if article.region else None,
            "series": bulletin.masthead.series,
            "issue": bulletin.masthead.issue,
            "total_issue": bulletin.masthead.total_issue,
            "issue_date": bulletin.masthead.issue_date.isoformat() if bulletin.masthead.issue_date else None,
            "publisher": bulletin.masthead.publisher,
            "signature": article.signature,
            "document": bulletin.source.document,
            "sections": [
                {"heading": section.heading, "text": section.span.trimmed(bulletin.text).of(bulletin.text)}
                for section in article.sections
            ],
            "text": article.span.trimmed(bulletin.text).of(bulletin.text),
        }

    def facets(self) -> dict[str, Any]:
        """What the archive can be limited to.

        Returns:
            regions (name and number of articles, those of the regions below counted in), years and series (name and number of
            bulletins), and how many bulletins and articles there are in all.
        """
        library = self.shelf.library
        years = Counter(bulletin.masthead.year for bulletin in library.bulletins if bulletin.masthead.year)
        series = Counter(bulletin.masthead.series for bulletin in library.bulletins)
        regions = region_counts(library)
        return {
            "regions": [{"name": one.label, "articles": regions[one]} for one in sorted(regions, key=lambda one: one.label)],
            "years": [{"year": year, "bulletins": years[year]} for year in sorted(years)],
            "series": [{"name": name, "bulletins": series[name]} for name in sorted(series)],
            "bulletins": len(library.bulletins),
            "articles": len(library.retriever.catalog.articles),
        }


def register(shelf: LibraryState) -> None:
    """Make the archive's methods endpoints of the application being built: /ask, /search, /article, /facets."""
    archive = LibraryAPI(shelf)
    for function in (archive.ask, archive.search, archive.article, archive.facets):
        api(_checked(function), api_name=function.__name__)


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as Gradio calls it: values of other types than declared, and errors meant for people, reach the client as one
    message."""
    types = typing.get_type_hints(function)

    @functools.wraps(function)
    def call(*values: Any) -> Any:
        try:
            return function(*_converted(types, values))
        except JingyanError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call


def _converted(types: dict[str, Any], values: Sequence[Any]) -> list[Any]:
    found = []
    for name, value in zip(types, values, strict=False):
        try:
            found.append(msgspec.convert(value, types[name]))
        except msgspec.ValidationError as error:
            raise QuestionError(f"{name}: {error}") from error
    return found


def _filters(library: Library, regions: list[str] | None, years: list[int] | None, series: list[str] | None) -> Filters:
    return Filters(
        regions=tuple(find_region(name, library.catalog) for name in regions or ()),
        years=tuple(years or ()),
        series=tuple(series or ()),
    )
