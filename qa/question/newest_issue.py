"""The newest issue of a library, where a question asks for it (最新一期讲了什么) or for the issue at hand (这期讲了什么)."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.document import Bulletin, Region, Span
from index.catalog import Catalog
from index.filters import Filters
from qa.question.series_and_issues import OF_COURSE, match_spans

_OF_BULLETIN = rf"(?!{OF_COURSE})的?(?:工作)?(?:简报|信息|刊物|通讯)?"
_NEWEST = re.compile(
    rf"(?:最新|最近|最后)(?:出)?的?(?:那|这)?一期{_OF_BULLETIN}"
    r"|\b(?:the )?(?:latest|newest|most recent) (?:issue|bulletin|newsletter)\b",
    re.I,
)
_AT_HAND = re.compile(rf"(?:这|本)一?期{_OF_BULLETIN}|\b(?:this|the current) (?:issue|bulletin|newsletter)\b", re.I)
_BEFORE = re.compile(rf"[上前]一期{_OF_BULLETIN}|\b(?:the )?(?:previous|last) (?:issue|bulletin|newsletter)\b", re.I)


def newest_issue_spans(plain: str) -> list[Span]:
    """Return where a text speaks of the newest issue, of the issue at hand, or of the one before."""
    return [span for pattern in (_NEWEST, _AT_HAND, _BEFORE) for span in match_spans(pattern, plain)]


def with_newest_issue(named: Filters, plain: str, catalog: Catalog) -> Filters:
    """Return the filters with those of the newest issue, where a text asks for that: of the series named, if one is."""
    return _limited_to_newest(named, catalog) if _NEWEST.search(plain) else named


def with_issue_at_hand(named: Filters, plain: str, catalog: Catalog) -> Filters:
    """Return the filters with those of the issue that a text calls 这期 or 上一期.

    That is the issue named before it, or the one that came out before that; where none is named, the newest or the one before.
    """
    if _BEFORE.search(plain):
        return _limited_to(_issue_before(named, catalog), named)
    is_open = _AT_HAND.search(plain) and not named.issues and not named.total_issues
    return _limited_to_newest(named, catalog) if is_open else named


def _limited_to_newest(named: Filters, catalog: Catalog) -> Filters:
    issues = [issue for issue in _issues(named.series, catalog) if not named.regions or _is_from(issue, named.regions, catalog)]
    return _limited_to(issues[-1] if issues else None, named)


def _is_from(issue: Bulletin, regions: Sequence[Region], catalog: Catalog) -> bool:
    own = [issue.publisher_region, *(article.region for article in issue.articles)]
    return any(catalog.gazetteer.covers(wide, region) for wide in regions for region in own if region)


def _issue_before(named: Filters, catalog: Catalog) -> Bulletin | None:
    issues = _issues(named.series, catalog)
    current = [issue for issue in issues if _is_named(issue, named)] or issues
    if not current:
        return None
    earlier = [each for each in _issues((current[-1].masthead.series,), catalog) if _date(each) < _date(current[-1])]
    return earlier[-1] if earlier else None


def _is_named(bulletin: Bulletin, named: Filters) -> bool:
    masthead = bulletin.masthead
    of_year = not named.years or masthead.year in named.years
    return of_year and (masthead.issue in named.issues or masthead.total_issue in named.total_issues)


def _limited_to(bulletin: Bulletin | None, named: Filters) -> Filters:
    if bulletin is None:
        return named
    masthead = bulletin.masthead
    return replace(
        named,
        series=(masthead.series,),
        years=(masthead.year,) if masthead.year else (),
        periods=(),
        issues=(masthead.issue,) if masthead.issue else (),
        total_issues=() if masthead.issue or not masthead.total_issue else (masthead.total_issue,),
    )


def _issues(series: Sequence[str], catalog: Catalog) -> list[Bulletin]:
    """Return the issues of some series, or of all, the newest last."""
    return sorted((bulletin for bulletin in catalog.bulletins if _is_issue(bulletin, series)), key=_date)


def _is_issue(bulletin: Bulletin, series: Sequence[str]) -> bool:
    masthead = bulletin.masthead
    return bool(masthead.series and (masthead.issue or masthead.total_issue)) and (not series or masthead.series in series)


def _date(bulletin: Bulletin) -> datetime.date:
    return bulletin.masthead.first_day or datetime.date.min
