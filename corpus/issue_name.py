"""The name of an issue in words, in the language of the reader: 2021年第14期（总第148期） or 2021 no. 14 (total no. 148)."""

from pathlib import PurePosixPath

from corpus.document import Bulletin
from corpus.messages.language import Language
from corpus.messages.message import Message, render


def document_name(bulletin: Bulletin, language: Language | None = None) -> str:
    """Return what a document is called.

    An issue is called by its series and number (岚川青年工作信息 2021年第14期), or its date where it has no number; a document
    that belongs to no series by the title of its first article, or by its file where that has none.

    Args: language: None: the user's own.
    """
    masthead = bulletin.masthead
    if masthead.series:
        number = issue_name(masthead.issue, masthead.total_issue, language, year=masthead.year)
        date = masthead.issue_date.isoformat() if masthead.issue_date else ""
        return f"{masthead.series} {number or date}".strip()
    title = bulletin.articles[0].title if bulletin.articles else ""
    return title or PurePosixPath(bulletin.source.document).name


def issue_name(
    issue: str | None, total_issue: str | None, language: Language | None = None, *, year: int | str | None = None
) -> str:
    """Return the name of an issue; "" where it has no number at all.

    Args: issue, total_issue, year: as the masthead has them; language: None: the user's own.
    """
    name = issue_number(issue, language) if issue else ""
    if total_issue:
        name += render(Message.of("corpus.issue_name.in_brackets", text=total_number(total_issue, language)), language)
    if year and name:
        name = render(Message.of("corpus.issue_name.of_year", year=str(year), name=name.strip()), language)
    return name.strip()


def issue_number(issue: str, language: Language | None = None) -> str:
    """Return 第14期 or no. 14; an issue that has a name in place of a number (增刊) keeps it."""
    return render(Message.of("corpus.issue_name.number", issue=issue), language) if issue[:1].isdigit() else issue


def total_number(total_issue: str, language: Language | None = None) -> str:
    """Return 总第148期 or total no. 148: the number counted from the first issue of the series on."""
    return render(Message.of("corpus.issue_name.total", issue=total_issue), language)
