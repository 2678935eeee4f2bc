"""The name of an issue in words, in the language of the reader: 2021年第14期（总第148期） or 2021 no. 14 (total no. 148)."""

from corpus.messages.language import Language
from corpus.messages.message import Message, render


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
