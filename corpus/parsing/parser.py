"""The parser of bulletins: classified lines -> Bulletin."""

import dataclasses
import datetime
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from pathlib import PurePath
from typing import Any, Literal, NamedTuple

from corpus.document import Article, Bulletin, ExtractedText, Masthead, Metadata, Region, Source, Span, Table
from corpus.messages.errors import BulletinParseError
from corpus.messages.message import Message
from corpus.parsing import byline, lines, masthead
from corpus.parsing.cleaner import CleanText, Paragraph, clean
from corpus.parsing.head import Head
from corpus.parsing.kinds import classify_kind
from corpus.parsing.layout import Layout, classify, masthead_lines
from corpus.parsing.outline import find_sections
from corpus.parsing.recut import Cuts, find_left_out, group_by_starts, recut
from corpus.parsing.second_masthead import SecondMasthead, find_second_masthead
from corpus.regions.attribution import AttributionContext, attribute, find_elsewhere, find_publisher_region, leads_with_place
from corpus.regions.gazetteer import Gazetteer
from corpus.text.enumeration import ENTRY

_MAX_LINES = 50_000  # a yearbook of 1,500 pages; a file of more is of numbers: 60 pages of prose are some 2,000 lines
_MAX_CHARACTERS = 3_000_000  # of the same
# A book has some 30 characters a line. So many lines of fewer are a list of names or figures.
MANY_LINES, _MIN_AVERAGE = 15_000, 24
_MAX_LINE = (
    300_000  # characters of a line: what lost its line ends is a document or two; one call over more would hold the program
)
_MAX_TITLE = 30  # characters of a title that a message repeats
_HAN = re.compile("[\u4e00-\u9fff]")
_MIN_NAME = 4  # Chinese characters of a file's name that may be a title: 新建文档 is none, but says as much as nothing
_ATTACHMENTS = re.compile(r"^附\s*+件\s*+[:：]\s*+(?P<name>\S.*)$")
_NUMBERED = re.compile(r"^\d{1,2}\s*+[.．、]\s*")
_MAX_ATTACHMENT = 80  # characters of the name of an attachment
# Of the text's SHA-256: they tell all documents apart, drafts of one issue and those that somebody makes to collide.
_ID_DIGITS = 32
# The fields that every masthead should have, and the warning of a bulletin that lacks one.
_MISSING_FIELDS = {
    "issue": Message.of("corpus.parsing.no_issue"),
    "issue_date": Message.of("corpus.parsing.no_issue_date"),
    "publisher": Message.of("corpus.parsing.no_publisher"),
}


class _Footer(NamedTuple):
    """The publisher and the date that are printed below the last article."""

    publisher: str | None
    print_date: datetime.date | None


class _Articles(NamedTuple):
    articles: tuple[Article, ...]
    warnings: tuple[Message, ...]


def parse_text(
    source: str,
    *,
    gazetteer: Gazetteer,
    document: str,
    sha256: str = "",
    metadata: Metadata = Metadata(),
    cuts: Cuts = Cuts(),
) -> Bulletin:
    """Parse one decoded file: a bulletin, if it opens with a masthead, and otherwise a document of another kind.

    Args: source: the decoded text, line ends as they are; document: what the file is called in messages and records;
        sha256: the hash of the file's bytes; metadata: what the file says of itself beside its text; cuts: where a person lets
        articles begin, and what they leave out.
    Raises: BulletinParseError: there is no text, or too much of it; EditError: a place of the cuts is not there.
    """
    _check_size(source, document)
    left_out = find_left_out(source, cuts, document=document)
    layout = classify(source, gazetteer=gazetteer, metadata=metadata, left_out=left_out)
    if cuts:
        layout = recut(layout, cuts, document=document)
    cleaned = clean(source, layout.lines)
    footer = _read_footer(cleaned)
    signed = _read_signed(cleaned)
    head = _read_masthead(layout, footer, signed) if layout.head is None else _read_head(layout.head, signed, footer)
    if second := find_second_masthead(layout.lines, head, left_out=left_out):
        raise BulletinParseError(_two_bulletins(document, layout, head, second))
    issuer = head.publisher or (None if layout.head is None else _read_speaker(cleaned))
    publisher_region = find_publisher_region(issuer, head.series, year=head.year, gazetteer=gazetteer)
    context = AttributionContext(gazetteer, publisher_region, head.year, is_bulletin=layout.head is None)
    found = _read_articles(cleaned, context, layout.starts)
    if not found.articles:
        line = layout.lines[-1].number if layout.lines else 1
        raise BulletinParseError(
            Message.of("corpus.parsing.no_articles", document=document, line=line)
            if layout.head is None
            else Message.of("corpus.parsing.no_text", document=document, line=line)
        )
    articles = found.articles
    if layout.head is not None and not (articles[0].title and (articles[0].region or len(articles) > 1)):
        first, name = articles[0], _title_of_name(document, metadata)
        # 岳阳市城管局工作报告.docx, whose text says 我市.
        is_placed = first.region or (first.title and not leads_with_place(name, context))
        placed = first if is_placed else _with_regions(dataclasses.replace(first, title=name), cleaned.text, context)
        articles = (dataclasses.replace(placed, title=first.title or name), *articles[1:])
    fields = _MISSING_FIELDS.items() if layout.head is None else ()
    missing = tuple(warning for field, warning in fields if getattr(head, field) is None)
    digest = hashlib.sha256(source.encode()).hexdigest()
    return Bulletin(
        source=Source(document, sha256),
        bulletin_id=_bulletin_id(head, digest[:_ID_DIGITS]),
        masthead=head,
        publisher_region=publisher_region,
        print_date=footer.print_date,
        contents=layout.contents,
        text=cleaned.text,
        deletions=cleaned.deletions,
        zones=cleaned.zones,
        articles=articles,
        warnings=(*layout.warnings, *(found.warnings if layout.head is None else ()), *missing),
        tables=_find_tables(cleaned, layout.starts or ()),
        kind="bulletin"
        if layout.head is None
        else classify_kind(cleaned.text, articles, head, is_web_page=metadata != Metadata()),
        attachments=_find_attachments(cleaned),
    )


def _check_size(source: str, document: str) -> None:
    """Raise a BulletinParseError if a text is too much for one document: reading takes time for each of its lines."""
    if len(source) > _MAX_CHARACTERS:
        raise BulletinParseError(
            Message.of("corpus.parsing.too_many_characters", document=document, characters=len(source), limit=_MAX_CHARACTERS)
        )
    lengths = list(map(len, source.splitlines()))
    if len(lengths) > _MAX_LINES:
        raise BulletinParseError(Message.of("corpus.parsing.too_many_lines", document=document, line=_MAX_LINES))
    if len(lengths) > MANY_LINES and len(source) < _MIN_AVERAGE * len(lengths):
        average = len(source) // len(lengths)
        raise BulletinParseError(
            Message.of("corpus.parsing.lines_too_short", document=document, lines=len(lengths), characters=average)
        )
    if lengths and (longest := max(lengths)) > _MAX_LINE:
        number = lengths.index(longest) + 1
        raise BulletinParseError(
            Message.of("corpus.parsing.line_too_long", document=document, line=number, characters=longest, limit=_MAX_LINE)
        )


def parse_extracted(
    reading: ExtractedText, *, gazetteer: Gazetteer, document: str, sha256: str = "", cuts: Cuts = Cuts()
) -> Bulletin:
    """Parse the text that a reader made of a file; the bulletin knows its pages and the parts read with low confidence."""
    bulletin = parse_text(
        reading.text, gazetteer=gazetteer, document=document, sha256=sha256, metadata=reading.metadata, cuts=cuts
    )
    return dataclasses.replace(
        bulletin,
        source=dataclasses.replace(
            bulletin.source,
            text_sha256="" if reading.is_source else hashlib.sha256(reading.text.encode()).hexdigest(),
            pages=reading.pages,
            low_confidence=reading.low_confidence,
            url=reading.metadata.url,
        ),
        warnings=(*reading.warnings, *bulletin.warnings),
    )


def with_masthead(
    bulletin: Bulletin,
    gazetteer: Gazetteer,
    fields: Mapping[str, str | datetime.date | None],
    *,
    publisher_region: Region | Literal["found"] | None = "found",
) -> Bulletin:
    """Return a copy with these masthead fields replaced; year, id, regions and warnings are recomputed.

    Args: fields: series, issue, total_issue, publisher, issue_date, document_number; publisher_region: the region of the
        document, unless it is to be found from publisher and series.
    """
    head = dataclasses.replace(bulletin.masthead, **fields)  # type: ignore[arg-type]
    if "issue_date" in fields and head.issue_date:
        head = dataclasses.replace(head, year=head.issue_date.year)
    elif "issue_date" in fields and not head.series:  # of a document without a masthead the date alone says the year
        head = dataclasses.replace(head, year=None)
    region = publisher_region if publisher_region != "found" else None
    if publisher_region == "found":
        region = find_publisher_region(head.publisher, head.series, year=head.year, gazetteer=gazetteer)
        if not fields.keys() & {"series", "publisher"}:
            region = region or bulletin.publisher_region  # it was told by the speaker
    context = AttributionContext(gazetteer, region, head.year, is_bulletin=bulletin.kind == "bulletin")
    answered = [warning for field, warning in _MISSING_FIELDS.items() if field in fields]
    return dataclasses.replace(
        bulletin,
        masthead=head,
        bulletin_id=_bulletin_id(head, bulletin.bulletin_id.rpartition("-")[2]),
        publisher_region=region,
        articles=tuple(_with_regions(article, bulletin.text, context) for article in bulletin.articles),
        warnings=tuple(warning for warning in bulletin.warnings if warning not in answered),
    )


def structure(bulletin: Bulletin) -> dict[str, Any]:
    """Return the structure of a bulletin, as the JSON object of `python -m corpus show`."""
    return {
        "kind": bulletin.kind,
        "series": bulletin.masthead.series or None,
        "subtitle": bulletin.masthead.subtitle,
        "issue": bulletin.masthead.issue,
        "year": bulletin.masthead.year,
        "total_issue": bulletin.masthead.total_issue,
        "document_number": bulletin.masthead.document_number,
        "publisher": bulletin.masthead.publisher,
        "issue_date": bulletin.masthead.issue_date and bulletin.masthead.issue_date.isoformat(),
        "print_date": bulletin.print_date and bulletin.print_date.isoformat(),
        "url": bulletin.source.url,
        "attachments": list(bulletin.attachments),
        "contents": list(bulletin.contents),
        "articles": [_article_structure(article) for article in bulletin.articles],
    }


def _article_structure(article: Article) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "title": article.title,
        "region": dataclasses.asdict(article.region) if article.region else None,
        "region_label": article.region.label if article.region else None,
    }
    if article.signed_by:
        shown["signed_by"] = article.signed_by.label
    if article.signed_by or article.also_regions:
        shown["also_regions"] = [region.label for region in article.also_regions]
    shown["signature"] = article.signature
    shown["sections"] = [
        {"heading": section.heading, "points": [point.label for point in section.points]}
        for section in article.sections
        if section.heading or section.points
    ]
    return shown


def _two_bulletins(document: str, layout: Layout, head: Masthead, second: SecondMasthead) -> Message:
    """Say that a file holds two documents, and at which lines they begin."""
    first = next((line.number for line in layout.lines if line.kind == "masthead"), 1)
    return Message.of(
        "corpus.parsing.two_bulletins",
        document=document,
        line=first,
        series=head.series,
        second=second.line.number,
        second_series=second.masthead.series,
    )


def _read_masthead(layout: Layout, footer: _Footer, signed: _Footer) -> Masthead:
    """Read the masthead. Some print publisher and date only at the end: 共青团漳州市委办公室  2021年8月3日印发."""
    head = masthead.read_masthead(masthead_lines(layout.lines))
    dated = head.issue_date or (signed.print_date if footer.print_date is None else None)
    year = head.year or (dated.year if dated else None) or (footer.print_date.year if footer.print_date else None)
    return dataclasses.replace(head, publisher=head.publisher or footer.publisher, issue_date=dated, year=year)


def _read_head(head: Head, signed: _Footer, footer: _Footer) -> Masthead:
    """Return what stands for a masthead in a document without one: who signs and dates it goes before what its head says."""
    date = signed.print_date or head.date or footer.print_date
    return Masthead(
        series="",
        subtitle=None,
        issue=None,
        year=date.year if date else None,
        total_issue=None,
        publisher=head.publisher or signed.publisher or footer.publisher,
        issue_date=date,
        document_number=head.document_number,
    )


def _read_signed(cleaned: CleanText) -> _Footer:
    """Return the body that signs the first article with a date, and the date."""
    publisher = None
    for paragraph in cleaned.paragraphs:
        if paragraph.kind != "signature":
            continue
        text = paragraph.span.of(cleaned.text)
        if dates := masthead.find_dates(text):
            return _Footer(publisher or masthead.find_publisher([text]), dates[0])
        publisher = publisher or lines.read_signature(text, bare=True)
    return _Footer(None, None)


def _read_speaker(cleaned: CleanText) -> str | None:
    """Return the body that the speaker named below the title of a speech or report heads."""
    bylines = (each.span.of(cleaned.text) for each in cleaned.paragraphs if each.kind == "byline")
    return next((body for text in bylines if (body := byline.read_speaker(text))), None)


def _title_of_name(document: str, metadata: Metadata) -> str:
    """Return the title of a document whose text has none: what the file says of itself, or its name if that is in words."""
    name = PurePath(document.replace("\\", "/")).stem.strip()
    return metadata.title or (name if len(_HAN.findall(name)) >= _MIN_NAME else "")


def _find_attachments(cleaned: CleanText) -> tuple[str, ...]:
    """Return the names of the attachments that a document lists at its end, without their numbers: 附件：1.报名表."""
    named: list[str] = []
    is_open = False
    for paragraph in cleaned.paragraphs:
        text = paragraph.span.of(cleaned.text).strip()
        if match := _ATTACHMENTS.match(text):
            named.append(match["name"])
            is_open = True
        elif is_open and _NUMBERED.match(text) and len(text) <= _MAX_ATTACHMENT:
            named.append(text)
        else:
            is_open = False
    names = (_NUMBERED.sub("", name).strip(" 。；;") for name in named)
    return tuple(dict.fromkeys(name for name in names if name))


def _read_footer(cleaned: CleanText) -> _Footer:
    footer = [paragraph.span.of(cleaned.text) for paragraph in cleaned.paragraphs if paragraph.kind == "footer"]
    dates = [date for line in footer for date in masthead.find_dates(line)]
    return _Footer(masthead.find_publisher(footer), dates[-1] if dates else None)


def _read_articles(cleaned: CleanText, context: AttributionContext, starts: Collection[int] | None) -> _Articles:
    articles: list[Article] = []
    warnings: list[Message] = []
    paragraphs = cleaned.paragraphs
    for group in _group_articles(paragraphs) if starts is None else group_by_starts(paragraphs, starts):
        article = _read_article(group, cleaned)
        line, title = group[0].number, article.title
        if not article.sections:
            warnings.append(Message.of("corpus.parsing.title_without_text", line=line, title=title[:_MAX_TITLE]))
            continue
        if not title:
            warnings.append(Message.of("corpus.parsing.text_without_title", line=line))
        articles.append(_with_regions(article, cleaned.text, context))
    return _Articles(tuple(articles), tuple(warnings))


def _group_articles(paragraphs: Sequence[Paragraph]) -> list[list[Paragraph]]:
    """Group the paragraphs that make one article: titles, then body, then signatures."""
    groups: list[list[Paragraph]] = []
    above = None
    for paragraph in paragraphs:
        if paragraph.kind == "byline":
            if groups:
                groups[-1].append(paragraph)
            continue
        if paragraph.kind in lines.OF_ARTICLE:
            if above not in lines.OF_ARTICLE or (paragraph.kind == "title" and above != "title"):
                groups.append([])
            groups[-1].append(paragraph)
        above = paragraph.kind
    return groups


def _read_article(group: Sequence[Paragraph], cleaned: CleanText) -> Article:
    """Make an article from its paragraphs, without its regions. An article without sections is only a title."""
    title = " ".join(paragraph.span.trimmed(cleaned.text).of(cleaned.text) for paragraph in group if paragraph.kind == "title")
    title = ENTRY.sub("", title)  # 2.石潭县：老祠堂变课堂, in columns that count their articles
    body = [paragraph for paragraph in group if paragraph.kind not in ("title", "byline")]
    authors = (paragraph.span.of(cleaned.text).strip() for paragraph in group if paragraph.kind == "byline")
    signed = next((author for author in authors if byline.signs(author)), None)
    while body and body[-1].kind == "signature":  # the last may be the date below the name
        signed = lines.read_signature(body.pop().span.of(cleaned.text), bare=True) or signed
    if signed is None:  # in the midst: what the document issues stands below
        names = (lines.read_signature(each.span.of(cleaned.text), bare=True) for each in body if each.kind == "signature")
        signed = next((name for name in names if name), None)
    sections = find_sections(cleaned.text, body, cleaned.bold)
    span = Span(group[0].span.start, group[-1].span.end)
    return Article(title, None, None, (), signature=signed, span=span, sections=sections)


def _with_regions(article: Article, text: str, context: AttributionContext) -> Article:
    found = attribute(article, text, context)
    article = dataclasses.replace(article, region=found.region, signed_by=found.signed_by, also_regions=found.also_regions)
    return dataclasses.replace(article, elsewhere=find_elsewhere(article, text, context))


def _bulletin_id(head: Masthead, digest: str) -> str:
    return "-".join(str(part) for part in (head.series, head.year, head.issue, digest) if part)


def _find_tables(cleaned: CleanText, starts: Collection[int]) -> tuple[Table, ...]:
    """Find the tables of the body: rows that stand on lines right below each other, in one article."""
    found: list[list[Paragraph]] = []
    for above, paragraph in pairwise(cleaned.paragraphs):
        if (
            above.is_table_row
            and paragraph.is_table_row
            and above.kind == paragraph.kind == "body"
            and paragraph.number == above.number + 1
            and paragraph.number not in starts
        ):
            if not found or found[-1][-1] is not above:
                found.append([above])
            found[-1].append(paragraph)
    return tuple(Table(rows[0].span, tuple(row.span for row in rows[1:])) for rows in found)
