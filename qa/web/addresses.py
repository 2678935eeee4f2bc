"""Addresses of articles, and of stretches of their text with the proof of what they mean, so that none shows another text.

Offsets alone would point at other text once a file is read anew: after a correction, or by another version of the program.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from corpus.document import Article, Bulletin, Passage, Span
from corpus.messages.errors import JingyanError
from corpus.messages.language import tr
from index.catalog import Catalog
from index.store.library import Library

_ADDRESS = re.compile(r"(?P<key>[0-9a-f]{1,64})/(?P<number>[0-9]{1,6})(?:\?(?P<query>[^#]*))?(?:#.*)?")
_MAX_HASHED = 100_000_000  # characters in all, to find a text by its hash: a third of a second
_COST_OF_HASH = 200  # characters: what each hash costs beside its text


class MovedError(JingyanError):
    """The text that an address means stands no longer at its place, nor at just one other place of the document."""


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """An article of a bulletin of the library, and the passages it is made of, in order."""

    bulletin: Bulletin
    number: int  # of the article in its bulletin, from 1
    article: Article
    passages: tuple[Passage, ...]


def address(bulletin: Bulletin, number: int, span: Span | None = None) -> str:
    """Return the part of an address that names an article and a stretch of it: KEY/2?start=310&end=352&text=SHA256.

    The key is made of the file's SHA-256: the address holds wherever the same file is, whatever its name. `text` is the hash of
    the stretch: its text is found where it stands.
    """
    stretch = f"?start={span.start}&end={span.end}&text={_hash(span.of(bulletin.text))}" if span else ""
    return f"{Catalog.key_of(bulletin)}/{number}{stretch}"


def passage_address(passage: Passage, span: Span | None = None) -> str:
    """Return the address of a passage's article and a stretch of it."""
    number = passage.bulletin.articles.index(passage.article) + 1
    return address(passage.bulletin, number, span)


def find_address(library: Library, written: str) -> tuple[ArticleRef, Span | None] | None:
    """Return the article and the stretch at an address as `address` gives it; None where it is none, or of no article here.

    Raises: MovedError: see `find_stretch`.
    """
    parts = _ADDRESS.fullmatch(written)
    if parts is None:
        return None
    return find_stretch(library, parts["key"], int(parts["number"]), dict(parse_qsl(parts["query"] or "")))


def find_stretch(library: Library, key: str, number: int, query: Mapping[str, str]) -> tuple[ArticleRef, Span | None] | None:
    """Return the article and the stretch that an address means; None where the library has no such article.

    A stretch is followed where its text stands now, in whichever article of the document. Without `text` in the query nothing
    proves what was meant: the stretch is None then, and the article the one of the number.
    Raises: MovedError: the text is there no longer, or at several other places.
    """
    bulletin = library.catalog.bulletin(key)
    if bulletin is None:
        return None
    try:
        told = Span(int(query["start"]), int(query["end"]))
    except (KeyError, ValueError):
        told = None
    if told is None or "text" not in query:
        return (_ref(library, bulletin, number), None) if 1 <= number <= len(bulletin.articles) else None
    found = _follow(bulletin, told, query["text"])
    if found is None:
        raise moved()
    return _ref(library, bulletin, found[0]), found[1]


def moved() -> MovedError:
    """Return the error for text that an address means and that cannot be told for sure."""
    return MovedError(
        tr(
            "这段文字已不在原处：文件更正过、换过，或由新版程序重新读过。请重新提问或搜索",
            "this text is no longer where it was: its file was corrected or replaced, or is read by a new version: ask again",
        )
    )


def only_place(bulletin: Bulletin, text: str) -> tuple[int, Span] | None:
    """Return the number of the article that holds a text, and where; None where none does, or it stands at several places."""
    places = (
        (number, Span(start, start + len(text)))
        for number, article in enumerate(bulletin.articles, 1)
        for start in _starts(bulletin.text, text, article.span)
    )
    first, second = next(places, None), next(places, None)
    return first if second is None else None


def article_at(bulletin: Bulletin, span: Span) -> int | None:
    """Return the number of the article that holds a stretch, from 1; None where none does."""
    return next((number for number, article in enumerate(bulletin.articles, 1) if article.span.contains(span)), None)


def _ref(library: Library, bulletin: Bulletin, number: int) -> ArticleRef:
    article = bulletin.articles[number - 1]
    return ArticleRef(bulletin, number, article, library.catalog.passages_of(article))


def _follow(bulletin: Bulletin, told: Span, wanted: str) -> tuple[int, Span] | None:
    """Return where the text with a hash stands, and the number of its article: where it is told, else at the only place."""
    text = bulletin.text
    if told.start >= told.end:
        return None
    number = article_at(bulletin, told)
    if number is not None and _hash(told.of(text)) == wanted:
        return number, told
    length = len(told)
    places = range(len(text) - length + 1)
    if len(places) * (length + _COST_OF_HASH) > _MAX_HASHED:
        return None
    pieces = (text[start : start + length] for start in places)
    found = next((piece for piece in pieces if _hash(piece) == wanted), None)
    return only_place(bulletin, found) if found is not None else None


def _starts(text: str, wanted: str, span: Span) -> Iterator[int]:
    start = text.find(wanted, span.start, span.end)
    while start >= 0:
        yield start
        start = text.find(wanted, start + 1, span.end)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
