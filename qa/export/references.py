"""Where a quote stands, in words: in full, as a GB/T 7714 reference, or as a note in an official document.

GB/T 7714—2025 (in force since 2026-07-01, in place of the edition of 2015). A bulletin is a serial (3.5: whatever appears in
numbered parts without a planned end, formally published or not), so an article of it is a component part of a serial (8.5):

    析出文献主要责任者. 析出文献题名[J]. 连续出版物题名：其他题名信息，年（期）：页码.

A document that belongs to no series is described by itself, a page of a site with the address where it was read (8.8 reports,
8.9 standards, 8.11 pages of sites, 8.12 archives, to whose code A the standard counts laws and the documents of governments):

    主要责任者. 题名：编号[A]. 出版者，日期：页码. 获取和访问路径.
    标准编号 题名[S]. 出版者，日期：页码.
    主要责任者. 题名[EB/OL]. （日期）. 获取和访问路径.

- The codes of all kinds are in `_FORMS`. [Z] is for what no other code fits. Reports in a serial are described as parts of it
  (8.8.1).
- The author is who signs the article, or who issues a document by itself; where nobody does, the item is left out, as 7.1.3
  allows. A title that opens with a committee's name is no signature.
- The full stop and square brackets are half-width, all other marks full-width (the note on marks in clause 6).
- There are no volumes. A supplement stands in the issue's place (2022（增刊）, as in 8.5.1), and so does a total number where
  there is no other; otherwise the standard has no place for the total number.
- Text files have no page numbers: the section's heading stands in the page's place. PDFs, scans and some Word files have.
- When a page of a site was visited is not known: that date, in square brackets, is left out.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from corpus.document import Bulletin, DocumentKind, Passage, Span
from corpus.issue_name import issue_name, total_number
from corpus.messages.language import Language, tr
from qa.answering.answer import Citation, cite

Style = Literal["gbt7714", "note"]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a kind of document is described: its code (7.3), and that of one saved from a site.

    `has_author` is whether who issues it is its author, or else its publisher; `number_first` whether its number opens the title.
    """

    printed: str
    online: str
    has_author: bool = True
    number_first: bool = False


_WEB_PAGE = "EB/OL"
_SERIAL = _Form("J", "J/OL")
_STANDARD = _Form("S", "S/OL", has_author=False, number_first=True)
_NEWSPAPER = _Form("N", "N/OL", has_author=False)
_OTHER = _Form("Z", _WEB_PAGE)
# Standards are told by their number, newspapers by their name, all others by their kind.
_FORMS: dict[str, _Form] = {
    "digest": _OTHER,
    "experience": _Form("R", _WEB_PAGE),
    "news": _OTHER,
    "notice": _Form("A", "A/OL"),
    "regulation": _Form("A", "A/OL"),
    "minutes": _Form("A", "A/OL"),
    "report": _Form("R", "R/OL"),
    "web_page": _Form(_WEB_PAGE, _WEB_PAGE),
    "other": _OTHER,
}
_NEWS: DocumentKind = "news"
_STANDARD_NUMBER = re.compile(r"[A-Z]+\d*(?:/[A-Z]+)?\s*+\d")  # GB/T 9704—2012, DB33/T 2345—2021
_NAME_OF_NEWSPAPER = re.compile("报$")  # 岚川青年报
_UNTITLED = "[无题名]"  # 7.2.1: a title of one's own stands in brackets; of a document by itself it is the name of its file
_INNER_MARKS = str.maketrans("《》", "〈〉")  # of a title within a title (GB/T 15834—2011, 4.15)


def citation_line(citation: Citation, language: Language) -> str:
    """Return on a line where a quote stands.

    Of a bulletin: 《series》2021年第14期（总第148期），2021-12-23，region：《title》“heading”，第3页. Of a document by itself:
    region：《title》（number）“heading”，publisher，2021-12-23，第3页，address.
    """
    if citation.article_region:
        line = citation_line(replace(citation, region=citation.article_region, article_region=None), language)
        return tr(f"{line}，说的是{citation.region}", f"{line}, on {citation.region}", language)
    if language == "zh":
        return _chinese_line(citation)
    issue = issue_name(citation.issue, citation.total_issue, "en")
    pages = citation.page and f"{'pp.' if '-' in citation.page else 'p.'} {citation.page}"
    named: tuple[str | None, ...]
    if citation.series:
        named = (citation.series, issue, citation.issue_date, citation.region, citation.title)
    else:
        named = (
            citation.title or f"[{citation.file}]",
            citation.document_number,
            citation.publisher,
            _other_region(citation),
            citation.issue_date,
        )
    return ", ".join(part for part in (*named, citation.heading, pages, citation.url) if part)


def footnote(passage: Passage, language: Language, *, span: Span | None = None) -> str:
    """Return a note as in official documents.

    In Chinese it is 见《series》2021年第14期（总第148期）：《title》“heading”，第3页。 Of a document by itself it is
    见publisher《title》（number, or date）“heading”，第3页。 In English it is See and `citation_line`.

    Args: span: the stretch of the passage that is quoted, whose pages are given; None: the whole.
    """
    quoted = cite(passage, span)
    if language == "en":
        return f"See {citation_line(quoted, language)}."
    if quoted.series:
        issue = _issue(_year(passage), quoted) or _in_brackets(quoted.issue_date)
        named = f"《{quoted.series}》{issue}" + (f"：{_titled(quoted)}" if quoted.title else "")
    else:
        publisher = quoted.publisher or ""
        issuer = "" if (quoted.title or "").startswith(publisher) else publisher
        named = f"{issuer}{_titled(quoted)}{_in_brackets(quoted.document_number or quoted.issue_date)}"
    page = f"第{quoted.page}页" if quoted.page else None
    return "见" + "，".join(part for part in (named + _quoted_heading(quoted), page, quoted.url) if part) + "。"


def gbt7714(passage: Passage, *, span: Span | None = None) -> str:
    """Return a reference after GB/T 7714—2025 without its number, in the language of the source, as 5.1 asks.

    Args: span: the stretch of the passage that is quoted, whose pages are given; None: the whole.
    """
    quoted = cite(passage, span)
    where = quoted.page or passage.section.heading
    items = _serial_items(passage, where) if quoted.series else _document_items(passage, where)
    return ". ".join(item for item in (*items, quoted.url) if item) + "."


def ocr_notice(language: Language) -> str:
    """Return what stands beside a quote that was read with little confidence."""
    return tr("识别可信度低，请核对原件", "read with low confidence, check with the original", language)


def _chinese_line(citation: Citation) -> str:
    page = f"第{citation.page}页" if citation.page else None
    parts: tuple[str | None, ...]
    if citation.series:
        issue = _issue(citation.issue_date[:4] if citation.issue_date else None, citation)
        where = "：".join(part for part in (citation.region, citation.title and _titled(citation)) if part)
        parts = (f"《{citation.series}》{issue}", citation.issue_date, where + _quoted_heading(citation))
    else:
        titled = _titled(citation) + _in_brackets(citation.document_number) + _quoted_heading(citation)
        parts = ("：".join(part for part in (_other_region(citation), titled) if part), citation.publisher, citation.issue_date)
    return "，".join(part for part in (*parts, page, citation.url) if part)


def _serial_items(passage: Passage, where: str) -> tuple[str, ...]:
    """Return author, title and place in the serial."""
    masthead, article = passage.bulletin.masthead, passage.article
    serial = "：".join(part for part in (masthead.series, masthead.subtitle) if part)
    number = masthead.issue or (masthead.total_issue and total_number(masthead.total_issue, "zh"))
    issued = f"{_year(passage) or ''}（{number}）" if number else _date(passage)
    placed = "，".join(part for part in (serial, issued) if part)
    titled = f"{article.title or _UNTITLED}[{_code(passage.bulletin, _SERIAL)}]"
    return article.signature or "", titled, "：".join(part for part in (placed, where) if part)


def _document_items(passage: Passage, where: str) -> tuple[str, ...]:
    """Return author, title with its number, and publisher and date of a document that belongs to no series."""
    masthead, form = passage.bulletin.masthead, _form(passage.bulletin)
    code, date = _code(passage.bulletin, form), _date(passage)
    author = passage.article.signature or (masthead.publisher if form.has_author else None) or ""
    title, number = passage.article.title or f"[{cite(passage).file}]", masthead.document_number
    named = f"{number} {title}" if form.number_first else "：".join(part for part in (title, number) if part)
    titled = f"{named}[{code}]"
    if code == _WEB_PAGE:
        return author, titled, _in_brackets(date)
    published = "，".join(part for part in (masthead.publisher if masthead.publisher != author else "", date) if part)
    return author, titled, "：".join(part for part in (published, where) if part)


def _form(bulletin: Bulletin) -> _Form:
    publisher, number = bulletin.masthead.publisher or "", bulletin.masthead.document_number or ""
    form = _FORMS.get(bulletin.kind, _OTHER)
    if _STANDARD_NUMBER.match(number):
        return _STANDARD
    return _NEWSPAPER if bulletin.kind == _NEWS and _NAME_OF_NEWSPAPER.search(publisher) else form


def _code(bulletin: Bulletin, form: _Form) -> str:
    return form.online if bulletin.source.url else form.printed


def _titled(citation: Citation) -> str:
    """Return the title of an article or, where it has none, the name of its file."""
    return f"《{citation.title.translate(_INNER_MARKS)}》" if citation.title else f"[{citation.file}]"


def _in_brackets(text: str | None) -> str:
    return f"（{text}）" if text else ""


def _quoted_heading(citation: Citation) -> str:
    return f"“{citation.heading}”" if citation.heading else ""


def _other_region(citation: Citation) -> str | None:
    """Return the region, unless it is the publisher, who stands in its place where an article is about none."""
    return citation.region if citation.region != citation.publisher else None


def _year(passage: Passage) -> str | None:
    masthead = passage.bulletin.masthead
    year = masthead.year or (masthead.issue_date.year if masthead.issue_date else None)
    return str(year) if year else None


def _date(passage: Passage) -> str:
    date = passage.bulletin.masthead.issue_date
    return date.isoformat() if date else _year(passage) or ""


def _issue(year: str | None, citation: Citation) -> str:
    """Return 2021年第14期（总第148期） or 2022年增刊; a total number alone stands without a year."""
    return issue_name(citation.issue, citation.total_issue, "zh", year=year if citation.issue else None)
