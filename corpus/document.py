"""The records of a bulletin: frozen, each refers only to those above it."""

import bisect
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from corpus.messages.message import Message
from corpus.regions.division_names import split_name


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open interval of Unicode code points."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return this stretch of `text`."""
        return text[self.start : self.end]

    def moved(self, distance: int) -> "Span":
        """Return the span so many characters further on."""
        return Span(self.start + distance, self.end + distance)

    def contains(self, other: "Span") -> bool:
        """Return whether `other` lies within."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Return whether the two have a character in common."""
        return self.start < other.end and other.start < self.end

    def trimmed(self, text: str) -> "Span":
        """Return the span without the white space of `text` at its ends."""
        piece = self.of(text)
        start = self.start + len(piece) - len(piece.lstrip())
        return Span(start, max(start, self.end - len(piece) + len(piece.rstrip())))


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sort spans, join those that overlap or touch, and drop empty ones."""
    merged: list[Span] = []
    for span in sorted(spans):
        if span.start == span.end:
            continue
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


# What sort of document a file holds. A digest is several regions' items without a masthead; a page saved from a site is of the
# kind of its content, and `web_page` only where that cannot be told.
DocumentKind = Literal[
    "bulletin", "digest", "experience", "news", "notice", "regulation", "minutes", "report", "web_page", "other"
]
KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of itself beside its text, as the head of a web page does; None for what it does not say."""

    title: str | None = None
    publisher: str | None = None
    date: datetime.date | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """The text of a file, to which all source spans refer. Offsets are code points of `text`.

    `reader` names the reader and its version (`text-1`): another version may read another text. `pages` holds the offset at which
    each page begins, none where the format has no pages; `low_confidence` the stretches that OCR was unsure of; `warnings` what a
    user should know before trusting the text. `is_source` marks a text that is the decoded file itself. `metadata` is what the
    file says of itself beside the text.
    """

    text: str
    reader: str
    pages: tuple[int, ...] = ()
    low_confidence: tuple[Span, ...] = ()
    warnings: tuple[Message, ...] = ()
    is_source: bool = False
    metadata: Metadata = Metadata()


@dataclass(frozen=True, slots=True)
class Region:
    """A province, city or county, present or abolished.

    `city` is None for a province and for what lies directly under one (北京市朝阳区, 石河子市); `county` is
    None for a province or city. A city is any division between the two: 地级市, 自治州, 地区, 盟.
    """

    province: str
    city: str | None = None
    county: str | None = None

    @property
    def label(self) -> str:
        """Return the name that a citation shows: 浙江省, 宁波市, 慈溪市, and a district with its city, 宁波市镇海区.

        Counties, county-level cities and banners are unique enough to stand alone; districts are not
        (鼓楼区 is four). A district of a municipality carries the municipality: 北京市朝阳区.
        """
        if self.county is None:
            return self.city or self.province
        if not self.county.endswith("区"):
            return self.county
        if self.city is not None:
            return self.city + self.county
        # 神农架林区 lies directly under a province and stands alone.
        return self.province + self.county if self.province.endswith("市") else self.county

    @property
    def name(self) -> str:
        """Return its own name, without what it lies in: 镇海区."""
        return self.county or self.city or self.province

    @property
    def path(self) -> str:
        """Return the names of all that it lies in, and its own: 浙江省宁波市镇海区."""
        return self.province + (self.city or "") + (self.county or "")

    @property
    def stem(self) -> str:
        """Return its own name without the kind of division and the peoples: 镇海, 黔东南; one character for 和县."""
        return split_name(self.name).stem

    @property
    def level(self) -> int:
        """Return 0 for a province, 1 for a city, 2 for a county."""
        if self.county is not None:
            return 2
        return 0 if self.city is None else 1

    def contains(self, other: "Region") -> bool:
        """Return whether `other` is this region or lies in it by its own path, whatever became of either."""
        if self.province != other.province:
            return False
        if self.county is not None:
            return self == other
        return self.city is None or self.city == other.city


ZoneKind = Literal["masthead", "contents", "body", "footer"]


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of the cleaned text of one kind; the zones of a bulletin tile its text."""

    kind: ZoneKind
    span: Span


@dataclass(frozen=True, slots=True)
class Point:
    """One enumerated point; `label` is its bare marker (一是, 第一, （一）, 1., ●), which opens `span`."""

    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of an article's body. `heading` is "" for the lead; `span` includes the heading."""

    heading: str
    span: Span
    points: tuple[Point, ...]

    def heading_span(self, text: str) -> Span | None:
        """Return where the heading stands in the bulletin's text; None if there is none."""
        start = text.find(self.heading, self.span.start, self.span.end) if self.heading else -1
        return Span(start, start + len(self.heading)) if start >= 0 else None


@dataclass(frozen=True, slots=True)
class RegionStretch:
    """A stretch of an article that tells of another region than the article's; where it only names it, `is_subject` is False."""

    span: Span
    region: Region
    is_subject: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the text: its first row, which names the columns, and the rows below it, each with its line end."""

    header: Span
    rows: tuple[Span, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Article:
    """One region's article, compared by identity. `span` runs from title to signature; `sections` tile the body between them,
    but for a signature with its date in the midst: below it stands what a notice issues.

    `region` is the narrowest region the article is about, `signed_by` the wider one that signs or titles it where
    that differs (团台州市委 on 天台县), `also_regions` the regions of other committees whose work it reports. `elsewhere` are the
    stretches that tell of other regions or name them, by their start.
    """

    title: str
    region: Region | None
    signed_by: Region | None
    also_regions: tuple[Region, ...]
    signature: str | None
    span: Span
    sections: tuple[Section, ...]
    elsewhere: tuple[RegionStretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a bulletin was read from, and what its reader noted.

    `document` is the file's path in the library, `/`-separated; `sha256` the hash of its bytes, "" if the text came from no file.
    `text_sha256` is the hash of the text that a reader made of the file, in UTF-8, "" if the file is text itself. `pages` holds
    the offset at which each page begins, `low_confidence` the stretches that OCR was unsure of; both count code points of the
    decoded file or of the reader's text. `url` is the address of a page saved from a site.
    """

    document: str
    sha256: str = ""
    text_sha256: str = ""
    pages: tuple[int, ...] = ()
    low_confidence: tuple[Span, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Masthead:
    """The series, issue, publisher and date of a document: of a bulletin its masthead, of others what stands for one.

    `series` is "" if there is none, as for every document that is no bulletin; `year` is the issue's own, or that of its date.
    `document_number` is the number of an official document (文号): 岚团发〔2023〕7号.
    """

    series: str
    subtitle: str | None
    issue: str | None
    year: int | None
    total_issue: str | None
    publisher: str | None
    issue_date: datetime.date | None
    document_number: str | None = None

    @property
    def first_day(self) -> datetime.date | None:
        """Return the date, or the first day of the year where only that is known; None without either."""
        return self.issue_date or (datetime.date(self.year, 1, 1) if self.year else None)


@dataclass(frozen=True, slots=True, eq=False)
class Bulletin:
    """One document: the issue of a series, or a document of another `kind`. Bulletins are compared by identity.

    All spans are offsets into `text`, which is the source text (the decoded file, or what a reader made of it) without
    `deletions` (intervals of the source text). `corrected` names the fields that a user has set. `attachments` are the names
    of the attachments that an official document lists (附件).
    """

    source: Source
    bulletin_id: str
    masthead: Masthead
    publisher_region: Region | None
    print_date: datetime.date | None
    contents: tuple[str, ...]
    text: str
    deletions: tuple[Span, ...]
    zones: tuple[Zone, ...]
    articles: tuple[Article, ...]
    warnings: tuple[Message, ...]
    corrected: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    kind: DocumentKind = "bulletin"
    attachments: tuple[str, ...] = ()

    def pages_of(self, span: Span) -> tuple[int, int] | None:
        """Return the numbers, from 1, of the first and the last page of `span` of the text; None where there are no pages."""
        pieces = self.source_spans(span) if self.source.pages else ()
        if not pieces:
            return None
        return bisect.bisect_right(self.source.pages, pieces[0].start), bisect.bisect_right(self.source.pages, pieces[-1].end - 1)

    def is_low_confidence(self, span: Span) -> bool:
        """Return whether some of `span` of the text was read with little confidence."""
        pieces = self.source_spans(span) if self.source.low_confidence else ()
        return any(piece.overlaps(stretch) for piece in pieces for stretch in self.source.low_confidence)

    def source_spans(self, span: Span) -> tuple[Span, ...]:
        """Return the pieces of the decoded source that `span` of the text is made of, in order.

        There are several where a deletion (a page break, a bold mark) lies inside; the pieces joined equal `span.of(text)`.
        """
        pieces: list[Span] = []
        for offset, kept in self._kept():
            start = max(span.start, offset)
            end = min(span.end, offset + len(kept))
            if start < end:
                pieces.append(Span(kept.start + start - offset, kept.start + end - offset))
        return tuple(pieces)

    def _kept(self) -> Iterator[tuple[int, Span]]:
        """Yield each stretch of the source that was kept, and its offset in the text."""
        offset, start = 0, 0
        for deletion in self.deletions:
            if deletion.start > start:
                yield offset, Span(start, deletion.start)
                offset += deletion.start - start
            start = deletion.end
        if offset < len(self.text):
            yield offset, Span(start, start + len(self.text) - offset)


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A stretch of one section, the unit of retrieval, compared by identity.

    `table_header` is the first row of the table of which it is a row; `elsewhere` are those of its article's stretches that
    overlap it.
    """

    passage_id: str
    bulletin: Bulletin
    article: Article
    section: Section
    span: Span
    table_header: Span | None = None
    elsewhere: tuple[RegionStretch, ...] = ()

    @property
    def text(self) -> str:
        """Return its characters, which alone are quoted."""
        return self.span.of(self.bulletin.text)

    @property
    def context(self) -> str:
        """Return region, title, heading and table header: what a reader knows before reading the passage. Never quoted."""
        about = self.region_of(self.span.trimmed(self.bulletin.text))
        region = about.label if about else ""
        heading = "" if self.text.lstrip().startswith(self.section.heading) else self.section.heading
        header = self.table_header.of(self.bulletin.text).strip() if self.table_header else ""
        return "\n".join(part for part in (region, self.article.title, heading, header) if part)

    def told_region(self, span: Span) -> Region | None:
        """Return the region other than the article's own that most of `span` tells of; None if that is no single one."""
        lengths: dict[Region, int] = {}
        for stretch in self.elsewhere:
            if stretch.is_subject and (common := min(span.end, stretch.span.end) - max(span.start, stretch.span.start)) > 0:
                lengths[stretch.region] = lengths.get(stretch.region, 0) + common
        most = [region for region, length in lengths.items() if 2 * length > len(span)]
        return most[0] if len(most) == 1 else None

    def region_of(self, span: Span) -> Region | None:
        """Return the region that `span` of the passage tells of: another than the article's, or that."""
        return self.told_region(span) or self.article.region

    @property
    def embedding_text(self) -> str:
        """Return context and text, which are searched. Never quoted."""
        return "\n".join(part for part in (self.context, self.text.strip()) if part)
