"""Classified lines -> Bulletin."""

import dataclasses
import datetime
import hashlib
from itertools import pairwise
from typing import Any

from corpus.document import Article, Bulletin, ExtractedText, Source, Span, Table
from corpus.messages.errors import BulletinParseError
from corpus.messages.message import Message
from corpus.parsing import layout, lines, masthead
from corpus.parsing.cleaner import CleanText, Paragraph, clean
from corpus.parsing.outline import outline
from corpus.regions.attribution import AttributionContext, attribute, find_publisher_region
from corpus.regions.gazetteer import Gazetteer

_MOST_LINES = 100_000  # a file of numbers, not a bulletin: 60 pages of prose are some 2,000 lines
# The fields that every masthead should have, and the warning of a bulletin that lacks one.
_MISSING_FIELDS = {
    "issue": Message.of("corpus.parsing.no_issue"),
    "issue_date": Message.of("corpus.parsing.no_issue_date"),
    "publisher": Message.of("corpus.parsing.no_publisher"),
}


def parse_text(source: str, *, gazetteer: Gazetteer, document: str, sha256: str = "") -> Bulletin:
    """Parse one decoded bulletin file.

    Args: source: the decoded text, line ends as they are; document: what the file is called in messages and records;
        sha256: the hash of the file's bytes.
    Raises: BulletinParseError: no masthead (an issue number or a date below a series name), no article, or too many lines.
    """
    if source.count("\n") + source.count("\r") > _MOST_LINES:
        raise BulletinParseError(Message.of("corpus.parsing.too_many_lines", document=document, line=_MOST_LINES))
    understood = layout.classify(source, gazetteer=gazetteer)
    head = masthead.read_masthead(
        [line.raw.replace("*", "").lstrip("# ") for line in understood.lines if line.kind == "masthead"]
    )
    series = head.series
    if not series or not (head.issue or head.issue_date or head.total_issue):
        number, found = next(((line.number, line.raw.strip()[:40]) for line in understood.lines if line.kind != "blank"), (1, ""))
        raise BulletinParseError(Message.of("corpus.parsing.no_masthead", document=document, line=number, found=found))
    cleaned = clean(source, understood.lines)
    footer = [paragraph.span.of(cleaned.text) for paragraph in cleaned.paragraphs if paragraph.kind == "footer"]
    printed = [date for line in footer for date in masthead.find_dates(line)]
    # Some print publisher and date below only: 共青团漳州市委办公室  2021年8月3日印发.
    head = dataclasses.replace(
        head,
        publisher=head.publisher or masthead.find_publisher(footer),
        year=head.year or (printed[-1].year if printed else None),
    )
    warnings = list(understood.warnings)
    publisher_region = find_publisher_region(head.publisher, series, year=head.year, gazetteer=gazetteer)
    context = AttributionContext(gazetteer, publisher_region, head.year)
    articles = _articles(cleaned, context, warnings)
    if not articles:
        last = understood.lines[-1].number
        raise BulletinParseError(Message.of("corpus.parsing.no_articles", document=document, line=last))
    warnings += [warning for field, warning in _MISSING_FIELDS.items() if getattr(head, field) is None]
    digest = hashlib.sha256(source.encode()).hexdigest()
    return Bulletin(
        source=Source(document, sha256),
        bulletin_id=_bulletin_id(series, head.year, head.issue, digest[:4]),
        masthead=head,
        publisher_region=publisher_region,
        print_date=printed[-1] if printed else None,
        contents=understood.contents,
        text=cleaned.text,
        deletions=cleaned.deletions,
        zones=cleaned.zones,
        articles=articles,
        warnings=tuple(warnings),
        tables=_tables(cleaned),
    )


def parse_extracted(reading: ExtractedText, *, gazetteer: Gazetteer, document: str, sha256: str = "") -> Bulletin:
    """Parse what a reader made of a file: as `parse`, with the pages and the doubtful stretches of the text."""
    bulletin = parse_text(reading.text, gazetteer=gazetteer, document=document, sha256=sha256)
    return dataclasses.replace(
        bulletin,
        source=dataclasses.replace(
            bulletin.source,
            text_sha256="" if reading.is_source else hashlib.sha256(reading.text.encode()).hexdigest(),
            pages=reading.pages,
            low_confidence=reading.low_confidence,
        ),
        warnings=(*reading.warnings, *bulletin.warnings),
    )


def with_masthead(bulletin: Bulletin, gazetteer: Gazetteer, **fields: str | datetime.date) -> Bulletin:
    """The bulletin with some fields of its masthead replaced; year, id and regions are what they would be had it said so.

    Args: fields: series, issue, total_issue, publisher, issue_date.
    """
    masthead = dataclasses.replace(bulletin.masthead, **fields)  # type: ignore[arg-type]
    if "issue_date" in fields and masthead.issue_date:
        masthead = dataclasses.replace(masthead, year=masthead.issue_date.year)
    answered = [warning for field, warning in _MISSING_FIELDS.items() if field in fields]
    year = masthead.year
    region = find_publisher_region(masthead.publisher, masthead.series, year=year, gazetteer=gazetteer)
    context = AttributionContext(gazetteer, region, year)
    return dataclasses.replace(
        bulletin,
        masthead=masthead,
        bulletin_id=_bulletin_id(masthead.series, year, masthead.issue, bulletin.bulletin_id.rpartition("-")[2]),
        publisher_region=region,
        articles=tuple(_with_regions(article, bulletin.text, context) for article in bulletin.articles),
        warnings=tuple(warning for warning in bulletin.warnings if warning not in answered),
    )


def structure(bulletin: Bulletin) -> dict[str, Any]:
    """What was understood of a bulletin, as the JSON object of `python -m corpus show`."""
    return {
        "series": bulletin.masthead.series,
        "subtitle": bulletin.masthead.subtitle,
        "issue": bulletin.masthead.issue,
        "year": bulletin.masthead.year,
        "total_issue": bulletin.masthead.total_issue,
        "publisher": bulletin.masthead.publisher,
        "issue_date": bulletin.masthead.issue_date and bulletin.masthead.issue_date.isoformat(),
        "print_date": bulletin.print_date and bulletin.print_date.isoformat(),
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


def _articles(cleaned: CleanText, context: AttributionContext, warnings: list[Message]) -> tuple[Article, ...]:
    """Group the body's paragraphs into articles: titles, then body, then signatures."""
    groups: list[list[Paragraph]] = []
    above = None
    for paragraph in cleaned.paragraphs:
        if paragraph.kind in ("title", "body", "signature"):
            if above not in ("title", "body", "signature") or (paragraph.kind == "title" and above != "title"):
                groups.append([])
            groups[-1].append(paragraph)
        above = paragraph.kind
    articles = []
    for group in groups:
        titles = [paragraph.span.trimmed(cleaned.text).of(cleaned.text) for paragraph in group if paragraph.kind == "title"]
        body = [paragraph for paragraph in group if paragraph.kind != "title"]
        signed = None
        while body and body[-1].kind == "signature":  # the last may be the date below the name
            signed = lines.signature(body.pop().span.of(cleaned.text), bare=True) or signed
        if not body:
            name = " ".join(titles)[:30]
            warnings.append(Message.of("corpus.parsing.title_without_text", line=group[0].number, title=name))
            continue
        title = " ".join(titles)
        if not title:
            warnings.append(Message.of("corpus.parsing.text_without_title", line=group[0].number))
        sections = outline(cleaned.text, body, cleaned.bold)
        span = Span(group[0].span.start, group[-1].span.end)
        article = Article(title, None, None, (), signature=signed, span=span, sections=sections)
        articles.append(_with_regions(article, cleaned.text, context))
    return tuple(articles)


def _with_regions(article: Article, text: str, context: AttributionContext) -> Article:
    found = attribute(article, text, context)
    return dataclasses.replace(article, region=found.region, signed_by=found.signed_by, also_regions=found.also_regions)


def _bulletin_id(series: str, year: int | None, issue: str | None, digest: str) -> str:
    return "-".join(str(part) for part in (series, year, issue, digest) if part)


def _tables(cleaned: CleanText) -> tuple[Table, ...]:
    """The tables of the body: rows that stand on lines right below each other."""
    found: list[list[Paragraph]] = []
    for above, paragraph in pairwise(cleaned.paragraphs):
        if (
            above.is_table_row
            and paragraph.is_table_row
            and above.kind == paragraph.kind == "body"
            and paragraph.number == above.number + 1
        ):
            if not found or found[-1][-1] is not above:
                found.append([above])
            found[-1].append(paragraph)
    return tuple(Table(rows[0].span, tuple(row.span for row in rows[1:])) for rows in found)
