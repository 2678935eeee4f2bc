"""A user's edits of a library: files added, disabled or removed, and corrections of what the parser misread.

Records and pure functions only; `index/store` keeps them on disk.
"""

import dataclasses
import datetime
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from corpus.document import KINDS, Article, Bulletin, DocumentKind, Region
from corpus.messages.errors import EditError
from corpus.messages.message import Message
from corpus.parsing.parser import with_masthead
from corpus.parsing.recut import Cuts, Place, Stretch
from corpus.regions.attribution import AttributionContext, find_elsewhere
from corpus.regions.gazetteer import Gazetteer

ADDED = ".added/"  # opens the name of a document that was added: hidden names of the folder are never scanned, so none clashes
_MAX_NAME = 200  # bytes; file systems take 255
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)")  # devices on Windows, whatever their suffix
_MAX_FIELD = 200  # characters
_WITHOUT_FIELD = ("kind", "region", "starts", "left_out", "one_article")  # what a correction sets beside the masthead
_EXCERPT = 40  # characters of a rejected value that an error repeats


@dataclass(frozen=True, slots=True)
class Correction:
    """The right values for one file; None leaves a field as it was parsed, "" empties it.

    `issue_date` is an ISO date, `region` the label or path of the document's region. `titles` and `regions` are keyed by the
    index of an article; `regions` holds the labels or paths of its regions: the one that it is about, then others that it
    mentions. Without any label it is about no region. `starts`, `left_out` and `one_article` are those of `Cuts`.
    """

    series: str | None = None
    issue: str | None = None
    total_issue: str | None = None
    issue_date: str | None = None
    publisher: str | None = None
    regions: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    kind: str | None = None
    document_number: str | None = None
    region: str | None = None
    titles: Mapping[int, str] = field(default_factory=dict)
    starts: tuple[Place, ...] = ()
    left_out: tuple[Stretch, ...] = ()
    one_article: bool = False

    def __bool__(self) -> bool:
        return self != Correction()

    @property
    def cuts(self) -> Cuts:
        """Return where its articles begin, and what is left out."""
        return Cuts(self.starts, self.left_out, self.one_article)


@dataclass(frozen=True, slots=True)
class UserEdits:
    """All edits of a library. Immutable; the methods return a changed copy.

    `added` maps the files that were added (NAME of `.added/NAME`) to their SHA-256; `disabled` are documents that are kept but
    not searched, `removed` those of the folder that are hidden; `corrections` are keyed by the SHA-256 of the file.
    """

    added: Mapping[str, str] = field(default_factory=dict)
    disabled: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    corrections: Mapping[str, Correction] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != UserEdits()

    def add(self, name: str, sha256: str) -> "UserEdits":
        """Keep a file under a name that `safe_name` made."""
        return dataclasses.replace(self, added={**self.added, name: sha256})

    def disable(self, document: str) -> "UserEdits":
        """Keep a document and do not search it."""
        return dataclasses.replace(self, disabled=_with(self.disabled, document))

    def enable(self, document: str) -> "UserEdits":
        """Search a document again."""
        return dataclasses.replace(self, disabled=_without(self.disabled, document))

    def remove(self, document: str) -> "UserEdits":
        """Hide a file of the folder, which itself is never touched; an added file goes to the bin."""
        edits = self.enable(document)
        if document.startswith(ADDED):
            added = {name: sha256 for name, sha256 in self.added.items() if ADDED + name != document}
            return dataclasses.replace(edits, added=added)
        return dataclasses.replace(edits, removed=_with(self.removed, document))

    def restore(self, document: str) -> "UserEdits":
        """Show a hidden file of the folder again."""
        return dataclasses.replace(self, removed=_without(self.removed, document))

    def correct(self, sha256: str, correction: Correction) -> "UserEdits":
        """Set the correction of a file in place of an earlier one; an empty one removes it."""
        others = {key: other for key, other in self.corrections.items() if key != sha256}
        return dataclasses.replace(self, corrections=others | ({sha256: correction} if correction else {}))


def apply_correction(bulletin: Bulletin, correction: Correction | None, gazetteer: Gazetteer) -> Bulletin:
    """Apply a user's correction and recompute the fields derived from it (year, id, regions).

    Args: bulletin: as it was parsed with the correction's cuts.
    Returns: the bulletin, whose `corrected` names the fields that the user set.
    Raises: EditError: an overlong field, a malformed date, an article that is not there, an unknown kind or region.
    """
    if not correction:
        return bulletin
    document = bulletin.source.document
    fields = _masthead_fields(document, correction)
    kind = bulletin.kind if correction.kind is None else _parse_kind(document, correction.kind)
    titled = dataclasses.replace(bulletin, kind=kind, articles=_with_titles(bulletin, correction.titles))
    corrected = with_masthead(titled, gazetteer, fields)
    if correction.region is not None:
        label = correction.region
        region = _parse_region(document, label, corrected, gazetteer) if label else None
        corrected = with_masthead(titled, gazetteer, fields, publisher_region=region)
    articles = list(corrected.articles)
    context = AttributionContext(
        gazetteer, corrected.publisher_region, corrected.masthead.year, is_bulletin=corrected.kind == "bulletin"
    )
    for i, labels in sorted(correction.regions.items()):
        _check_article(document, i, len(articles))
        article = _set_regions(articles[i], [_parse_region(document, label, corrected, gazetteer) for label in labels])
        articles[i] = dataclasses.replace(article, elsewhere=find_elsewhere(article, corrected.text, context))
    names = (*fields, *(name for name in _WITHOUT_FIELD if getattr(correction, name) not in (None, (), False)))
    by_article = (*(f"title:{i}" for i in sorted(correction.titles)), *(f"region:{i}" for i in sorted(correction.regions)))
    return dataclasses.replace(corrected, articles=tuple(articles), corrected=(*names, *by_article))


def _masthead_fields(document: str, correction: Correction) -> dict[str, str | datetime.date | None]:
    fields: dict[str, str | datetime.date | None] = {}
    for name in ("series", "issue", "total_issue", "publisher", "document_number"):
        if (value := getattr(correction, name)) is not None:
            fields[name] = _parse_text(document, name, value) if value else "" if name == "series" else None
    if correction.issue_date is not None:
        fields["issue_date"] = _parse_date(document, correction.issue_date) if correction.issue_date else None
    return fields


def _with_titles(bulletin: Bulletin, titles: Mapping[int, str]) -> tuple[Article, ...]:
    articles, document = list(bulletin.articles), bulletin.source.document
    for i, title in sorted(titles.items()):
        _check_article(document, i, len(articles))
        articles[i] = dataclasses.replace(articles[i], title=_parse_text(document, "title", title) if title else "")
    return tuple(articles)


def _check_article(document: str, index: int, count: int) -> None:
    if not 0 <= index < count:
        raise EditError(Message.of("corpus.library.no_article", document=document, number=index + 1, count=count))


def _parse_kind(document: str, value: str) -> DocumentKind:
    for kind in KINDS:
        if kind == value:
            return kind
    raise EditError(Message.of("corpus.library.unknown_kind", document=document, found=value[:_EXCERPT]))


def safe_name(name: str, *, taken: Collection[str]) -> str:
    """Return a file name for an upload of any name: its last part, without characters that some file system refuses.

    Args: taken: names in use; no name is used twice, in whatever case.
    """
    last = re.split(r"[/\\]", name)[-1]
    kept = (character for character in last if unicodedata.category(character)[0] != "C" and character not in '<>:"|?*')
    clean = unicodedata.normalize("NFC", "".join(kept)).rstrip(" .")
    stem, dot, suffix = clean.rpartition(".")
    if not dot:
        stem, suffix = clean, ""
    suffix = dot + suffix
    stem = stem.strip(" .") or str(Message.of("corpus.library.unnamed_file"))
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    while len((stem + suffix).encode()) > _MAX_NAME:
        stem, suffix = (stem[:-1], suffix) if len(stem) > 1 else (stem, suffix[:-1])
    used = {unicodedata.normalize("NFC", other).casefold() for other in taken}
    unique, number = stem + suffix, 2
    while unique.casefold() in used:
        unique, number = f"{stem} ({number}){suffix}", number + 1
    return unique


def _with(documents: tuple[str, ...], document: str) -> tuple[str, ...]:
    return documents if document in documents else (*documents, document)


def _without(documents: tuple[str, ...], document: str) -> tuple[str, ...]:
    return tuple(other for other in documents if other != document)


def _parse_text(document: str, name: str, value: str) -> str:
    text = " ".join(value.split())
    if not text or len(text) > _MAX_FIELD or not text.isprintable():
        raise EditError(
            Message.of("corpus.library.field_length", document=document, field=name, limit=_MAX_FIELD, found=value[:_EXCERPT])
        )
    return text


def _parse_date(document: str, value: str) -> datetime.date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is None:
            raise ValueError(value)
        return datetime.date.fromisoformat(value)
    except ValueError as error:
        raise EditError(Message.of("corpus.library.malformed_date", document=document, found=value[:_EXCERPT])) from error


def _parse_region(document: str, label: str, bulletin: Bulletin, gazetteer: Gazetteer) -> Region:
    region = gazetteer.resolve(label.strip(), within=bulletin.publisher_region, year=bulletin.masthead.year)
    if region is not None:
        return region
    found = label[:_EXCERPT]
    namesakes = tuple(namesake.path for namesake in gazetteer.candidates(label.strip()))
    if namesakes:
        raise EditError(Message.of("corpus.library.ambiguous_region", document=document, label=found, regions=namesakes))
    raise EditError(Message.of("corpus.library.unknown_region", document=document, label=found))


def _set_regions(article: Article, regions: list[Region]) -> Article:
    """Return the article with its first region as what it is about; the region that signs it is kept where that is wider."""
    region = regions[0] if regions else None
    signed_by = article.signed_by or article.region
    wider = region is not None and signed_by is not None and signed_by != region and signed_by.contains(region)
    others = regions[1:] or [other for other in article.also_regions if other != region]
    return dataclasses.replace(
        article,
        region=region,
        signed_by=signed_by if wider and article.signature else None,
        also_regions=tuple(dict.fromkeys(others)) if regions else (),
    )
