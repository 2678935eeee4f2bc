"""Where a quote stands, in words: in full, as a GB/T 7714 reference, or as a note in an official document.

GB/T 7714—2025 (in force since 2026-07-01, in place of the edition of 2015). A bulletin is a serial (3.5: whatever appears in
numbered parts without a planned end, formally published or not), so an article of it is a component part of a serial (8.5):

    析出文献主要责任者. 析出文献题名[J]. 连续出版物题名：其他题名信息，年（期）：页码.

- The type is [J], the code for what stands in a serial. Reports in a serial are described as parts of it (8.8.1), and [Z] is for
  what no other code fits.
- The author is who signs the article; where nobody does, the item is left out, as 7.1.3 allows. A title that opens with a
  committee's name is no signature.
- The full stop and square brackets are half-width, all other marks full-width (the note on marks in clause 6).
- There are no volumes. A supplement stands in the issue's place (2022（增刊）, as in 8.5.1), and so does a total number where
  there is no other; otherwise the standard has no place for the total number.
- Text files have no page numbers: the section's heading stands in the page's place. PDFs, scans and some Word files have.
"""

from typing import Literal

from corpus.document import Passage, Span
from corpus.issue_name import issue_name, total_number
from corpus.messages.language import Language, tr
from qa.answering.answer import Citation, cite

Style = Literal["gbt7714", "note"]


def citation_line(citation: Citation, language: Language) -> str:
    """Return on a line where a quote stands: 《series》2021年第14期（总第148期），2021-12-23，region：《title》“heading”."""
    year = citation.issue_date[:4] if citation.issue_date else None
    if language == "zh":
        issue = _issue(year, citation)
        head = "，".join(part for part in (f"《{citation.series}》{issue}", citation.issue_date) if part)
        where = "：".join(part for part in (citation.region, citation.title and f"《{citation.title}》") if part)
        heading = f"“{citation.heading}”" if citation.heading else ""
        page = f"，第{citation.page}页" if citation.page else ""
        return "，".join(part for part in (head, where) if part) + heading + page
    issue = issue_name(citation.issue, citation.total_issue, "en")
    pages = citation.page and f"{'pp.' if '-' in citation.page else 'p.'} {citation.page}"
    parts = (citation.series, issue, citation.issue_date, citation.region, citation.title, citation.heading, pages)
    return ", ".join(part for part in parts if part)


def footnote(passage: Passage, language: Language, *, span: Span | None = None) -> str:
    """Return a note as in official documents.

    In Chinese it is 见《series》2021年第14期（总第148期）：《title》“heading”，第3页。 In English it is See and `citation_line`.

    Args: span: the stretch of the passage that is quoted, whose pages are given; None: the whole.
    """
    quoted = cite(passage, span)
    if language == "en":
        return f"See {citation_line(quoted, language)}."
    issue = _issue(_year(passage), quoted) or (quoted.issue_date and f"（{quoted.issue_date}）") or ""
    title = f"：《{quoted.title}》" if quoted.title else ""
    heading = f"“{quoted.heading}”" if quoted.heading else ""
    return f"见《{quoted.series}》{issue}{title}{heading}" + (f"，第{quoted.page}页。" if quoted.page else "。")


def gbt7714(passage: Passage, *, span: Span | None = None) -> str:
    """Return a reference after GB/T 7714—2025 without its number, in the language of the source, as 5.1 asks.

    Args: span: the stretch of the passage that is quoted, whose pages are given; None: the whole.
    """
    masthead, article = passage.bulletin.masthead, passage.article
    author = f"{article.signature}. " if article.signature else ""
    title = article.title or "[无题名]"  # 7.2.1: a title of one's own stands in brackets
    serial = "：".join(part for part in (masthead.series, masthead.subtitle) if part)
    number = masthead.issue or (masthead.total_issue and total_number(masthead.total_issue, "zh"))
    if number:
        issued = f"{_year(passage) or ''}（{number}）"
    else:
        issued = masthead.issue_date.isoformat() if masthead.issue_date else _year(passage) or ""
    where = cite(passage, span).page or passage.section.heading
    location = f"：{where}" if where else ""
    return f"{author}{title}[J]. {serial}{'，' if issued else ''}{issued}{location}."


def ocr_notice(language: Language) -> str:
    """Return what stands beside a quote that was read with little confidence."""
    return tr("识别可信度低，请核对原件", "read with low confidence, check with the original", language)


def _year(passage: Passage) -> str | None:
    masthead = passage.bulletin.masthead
    year = masthead.year or (masthead.issue_date.year if masthead.issue_date else None)
    return str(year) if year else None


def _issue(year: str | None, citation: Citation) -> str:
    """Return 2021年第14期（总第148期） or 2022年增刊; a total number alone stands without a year."""
    return issue_name(citation.issue, citation.total_issue, "zh", year=year if citation.issue else None)
