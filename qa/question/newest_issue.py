"""The newest issue of a library, where a question asks for it (最新一期讲了什么) or for the issue at hand (这期讲了什么)."""

import datetime
import re
from collections.abc import Sequence

from corpus.document import Bulletin, Span
from index.catalog import Catalog
from index.filters import Filters
from qa.question.dates_and_issues import match_spans

_OF_BULLETIN = r"的?(?:工作)?(?:简报|信息|刊物|通讯)?"
_NEWEST = re.compile(
    rf"(?:最新|最近|最后)(?:出)?的?(?:那|这)?一期{_OF_BULLETIN}"
    r"|\b(?:the )?(?:latest|newest|most recent) (?:issue|bulletin|newsletter)\b",
    re.I,
)
_AT_HAND = re.compile(rf"(?:这|本)一?期{_OF_BULLETIN}|\b(?:this|the current) (?:issue|bulletin|newsletter)\b", re.I)


def newest_issue_spans(plain: str) -> list[Span]:
    """Return where a text speaks of the newest issue, or of the issue at hand."""
    return [*match_spans(_NEWEST, plain), *match_spans(_AT_HAND, plain)]


def with_newest_issue(named: Filters, plain: str, catalog: Catalog) -> Filters:
    """Return the filters with those of the newest issue, where a text asks for that: of the series named, if one is."""
    return _limited_to_newest(named, catalog) if _NEWEST.search(plain) else named


def with_issue_at_hand(named: Filters, plain: str, catalog: Catalog) -> Filters:
    """Return the filters with those of the newest issue where a text speaks of 这期, and no issue is named before it."""
    is_open = _AT_HAND.search(plain) and not named.issues and not named.total_issues
    return _limited_to_newest(named, catalog) if is_open else named


def _limited_to_newest(named: Filters, catalog: Catalog) -> Filters:
    issues = [bulletin for bulletin in catalog.bulletins if _is_issue(bulletin, named.series)]
    if not issues:
        return named
    masthead = max(issues, key=_date).masthead
    limits: dict[str, tuple[int, ...] | tuple[str, ...]] = {
        "series": (masthead.series,),
        "years": (masthead.year,) if masthead.year else (),
        "issues": (masthead.issue,) if masthead.issue else (),
        "total_issues": () if masthead.issue or not masthead.total_issue else (masthead.total_issue,),
    }
    return Filters(regions=named.regions, excluded_regions=named.excluded_regions, **limits)  # type: ignore[arg-type]


def _is_issue(bulletin: Bulletin, series: Sequence[str]) -> bool:
    masthead = bulletin.masthead
    return bool(masthead.series and (masthead.issue or masthead.total_issue)) and (not series or masthead.series in series)


def _date(bulletin: Bulletin) -> datetime.date:
    masthead = bulletin.masthead
    return masthead.issue_date or datetime.date(masthead.year or datetime.MINYEAR, 1, 1)
