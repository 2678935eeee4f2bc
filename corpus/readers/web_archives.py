"""Pages kept in one file: MIME archives that browsers save (.mht), mails, and books (.epub). Each page is read as HTML."""

import contextlib
import dataclasses
import datetime
import email
import email.policy
import posixpath
import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

from corpus.document import ExtractedText, Metadata
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers import html
from corpus.readers.packages import Package
from corpus.readers.text import decode

READER = "web-archive-1"

_CHARSET = re.compile(rb"(<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*+=\s*+[\"']?\s*+)[A-Za-z0-9_-]{2,20}", re.I)
_ADDRESS = re.compile(r"https?://", re.I)
_QUOTED = re.compile(rb"%([0-9A-Fa-f]{2})")
_MAX_PAGES = 2_000  # of a book
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def read_mht(data: bytes, *, name: str) -> ExtractedText:
    """Read a page saved as one file: the first part of it that is HTML, with the address it was saved from.

    Raises: UnreadableFileError: no part of it is HTML or plain text.
    """
    message = email.message_from_bytes(data.lstrip(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    parts = [part for part in message.walk() if not part.is_multipart()]
    for kind in ("text/html", "application/xhtml+xml", "text/plain"):
        for part in parts:
            content = part.get_payload(decode=True)
            if part.get_content_type() == kind and isinstance(content, bytes) and content.strip():
                text = _decode(content, part.get_content_charset(), name)
                page = text if kind != "text/plain" else f"<pre>{text.replace('&', '&amp;').replace('<', '&lt;')}</pre>"
                extracted = html.read_html(_as_utf8(page.encode("utf-8", "replace")), name=name)
                return _with_headers(extracted, message, part)
    raise UnreadableFileError(Message.of("corpus.readers.no_text", document=name))


def read_epub(data: bytes, *, name: str) -> ExtractedText:
    """Read a book: its pages in the order of its spine (EPUB 3.3, section 5.7), with its title, publisher and date.

    Raises: UnreadableFileError: it is encrypted, or unpacks to more than a document holds.
    """
    package = Package(data, name=name)
    container = package.parse("META-INF/container.xml")
    path = next(container.iter("{*}rootfile")).get("full-path", "")
    root = package.parse(path)
    pages = []
    for page in _spine(root, posixpath.dirname(path), package):
        with contextlib.suppress(UnreadableFileError):  # a cover has no text
            pages.append(html.read_html(page, name=name))
    text = "\n\n".join(page.text.strip() for page in pages if page.text.strip())
    return ExtractedText(
        text + "\n",
        READER,
        warnings=tuple(dict.fromkeys(warning for page in pages for warning in page.warnings)),
        metadata=_metadata(root),
    )


def _decode(content: bytes, charset: str | None, name: str) -> str:
    """Decode a part by the charset that its header tells or, where that is wrong or none, by what the page says."""
    if charset:
        with contextlib.suppress(LookupError, UnicodeError):
            return content.decode("gb18030" if charset.lower() in ("gb2312", "gbk") else charset)
    if declared := html._CHARSET.search(content):
        with contextlib.suppress(LookupError, UnicodeError):
            return content.decode(declared[1].decode("ascii"))
    return decode(content, name=name)


def _as_utf8(page: bytes) -> bytes:
    """Return a page that now is UTF-8 and says so."""
    return _CHARSET.sub(rb"\1utf-8", page, count=1)


def _with_headers(extracted: ExtractedText, message: EmailMessage, part: Any) -> ExtractedText:
    """Add what the headers tell: the address, and the title where the page itself has none."""
    places = (str(each).strip() for each in (part.get("Content-Location"), message.get("Snapshot-Content-Location")) if each)
    address = next((place for place in places if _ADDRESS.match(place)), extracted.metadata.url)
    title = extracted.metadata.title or str(message.get("Subject", "")).strip() or None
    return dataclasses.replace(extracted, metadata=dataclasses.replace(extracted.metadata, url=address, title=title))


def _spine(root: Any, folder: str, package: Package) -> Iterator[bytes]:
    """Yield the pages of a book in order, without its table of contents."""
    items = {item.get("id"): item for item in root.iterfind("{*}manifest/{*}item")}
    for reference in list(root.iterfind("{*}spine/{*}itemref"))[:_MAX_PAGES]:
        item = items.get(reference.get("idref"))
        if item is None or "nav" in item.get("properties", "").split() or "html" not in item.get("media-type", ""):
            continue
        path = posixpath.normpath(posixpath.join(folder, _unquote(item.get("href", "").partition("#")[0])))
        if path in package:
            yield package.read(path)


def _unquote(address: str) -> str:
    """Return an address with %E4%BA%91 as 云 (RFC 3986, section 2.1)."""
    return _QUOTED.sub(lambda code: bytes([int(code[1], 16)]), address.encode()).decode("utf-8", "replace")


def _metadata(root: Any) -> Metadata:
    title, publisher, date = (
        (root.findtext(f"{{*}}metadata/{{http://purl.org/dc/elements/1.1/}}{field}") or "").strip() or None
        for field in ("title", "publisher", "date")
    )
    match = _DATE.match(date or "")
    day = None
    with contextlib.suppress(ValueError):
        day = datetime.date(*map(int, match.groups())) if match else None
    return Metadata(title=title, publisher=publisher, date=day)
