"""Derive again from a library what a file shows: an answer by asking again, a saved quote by quoting the same stretch again.

What a person brought along cannot be derived: the question and its history, the id of a line, the remark on a saved quote.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from corpus.chunker import chunk
from corpus.document import Bulletin, Span
from corpus.messages.language import tr
from index.filters import Filters
from index.store.library import Library
from qa.answering.pipeline import answer_question, compare
from qa.export.records import AddressOf, AskedRecord, answer_record, to_json_object
from qa.export.saved_quotes import SavedQuote, make_saved_quote, quote_at
from qa.question.places import find_region

# Asks again. The flag says whether quotes and passages have addresses.
Derive = Callable[[AskedRecord, bool], dict[str, Any]]

OWN = ("question", "time", "remark")  # fields of a saved quote that are the reader's own
_ADDED_WITH_KIND = ("kind", "publisher", "document_number", "url")  # fields of a citation that came when kinds did
_SHOWN = 40  # characters of a value in a message


def asking_again(open_library: Callable[[], Library], *, address_of: AddressOf | None = None) -> Derive:
    """Return what asks a library again, which is opened for the first question.

    Args: address_of: gives the addresses of quotes and passages, where an answer has them.
    """
    opened: list[Library] = []

    def derive(asked: AskedRecord, addressed: bool) -> dict[str, Any]:
        if not opened:
            opened.append(open_library())
        return derive_answer(asked, opened[0], address_of=address_of if addressed else None)

    return derive


def derive_answer(asked: AskedRecord, library: Library, *, address_of: AddressOf | None = None) -> dict[str, Any]:
    """Return the record of the answer that a library gives now.

    Raises: QuestionError: it gives none.
    """
    regions = tuple(find_region(path, library.catalog) for path in asked.regions)
    if asked.compared:
        answer = compare(library, asked.question, regions, strictness=asked.strictness)
    else:
        answer = answer_question(
            library,
            asked.question,
            history=asked.history,
            filters=Filters(regions=regions, years=asked.years, series=asked.series),
            removed_chips=asked.without,
            removed_before=asked.without_before,
            strictness=asked.strictness,
        )
    return answer_record(answer, address_of=address_of)


def saved_difference(saved: SavedQuote, bulletin: Bulletin, *, exact: bool) -> str | None:
    """Return in what a saved quote differs from what its bulletin gives now, or None; the reader's own is not compared.

    Args: exact: what earlier versions did not keep must be there, too.
    """
    span = Span(saved.start, saved.end) if 0 <= saved.start < saved.end <= len(bulletin.text) else None
    quote = quote_at(chunk(bulletin), span) if span else None
    if quote is None:
        return tr("start 和 end 处没有可引的文字", "there is nothing to quote from start to end")
    number = bulletin.articles.index(quote.passage.article) + 1
    derived = to_json_object(make_saved_quote(quote, article=number, question=saved.question))
    given = to_json_object(saved)
    if not exact and saved.receipt.text_sha256 is msgspec.UNSET:
        derived["receipt"].pop("text_sha256", None)
    unknown = unknown_fields(given["citation"])
    if not exact and unknown and bulletin.kind == "bulletin":  # earlier versions knew bulletins alone
        _drop(unknown, (given["citation"], derived["citation"]))
    _drop(OWN, (given, derived))
    return difference(given, derived)


def unknown_fields(citation: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that the version which wrote a citation did not know; a citation that has one of them knew them all."""
    return () if any(citation.get(name) for name in _ADDED_WITH_KIND) else _ADDED_WITH_KIND


def difference(given: Any, derived: Any, where: str = "") -> str | None:
    """Return the first place where two values of JSON differ, in type or in value, with both values; or None."""
    if isinstance(given, dict) and isinstance(derived, dict):
        keys = [*derived, *(key for key in given if key not in derived)]
        pairs = ((f"{where}.{key}" if where else key, given.get(key, _NOTHING), derived.get(key, _NOTHING)) for key in keys)
        return next((found for path, one, other in pairs if (found := difference(one, other, path))), None)
    if isinstance(given, list) and isinstance(derived, list) and len(given) == len(derived):
        each = (difference(one, other, f"{where}[{i}]") for i, (one, other) in enumerate(zip(given, derived, strict=True)))
        return next(filter(None, each), None)
    if type(given) is type(derived) and given == derived:
        return None
    return f"{where}: “{_short(given)}” ≠ “{_short(derived)}”"


class _Nothing:
    """What stands where a key is missing."""

    def __str__(self) -> str:
        return "-"


_NOTHING = _Nothing()


def _drop(keys: Iterable[str], records: Iterable[dict[str, Any]]) -> None:
    for record in records:
        for key in keys:
            record.pop(key, None)


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
