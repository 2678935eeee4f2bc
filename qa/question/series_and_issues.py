"""Issues and series that a question is limited to, and where it names them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from corpus.document import Span
from corpus.regions.gazetteer import Mention
from corpus.text.normalize import fold
from corpus.text.numerals import parse_numeral
from index.catalog import Catalog
from index.filters import Filters
from index.query.translation import load_translations

_NUMERAL = r"\d{1,6}|[〇零一二三四五六七八九十百]{1,6}"
_BULLETIN = r"(?:issues?|bulletins?|newsletters?|briefings?)"
# What has issues of its own behind 第三期 or 最新一期: a course, a camp.
OF_COURSE = r"[^，。？的讲说有是里中上写登刊哪什么怎几多]{0,6}(?:班|营|课|夜校|培训|学员|论坛|沙龙|讲座|工程)"
_TOTAL = re.compile(rf"总\s?第?\s?({_NUMERAL})\s?期|\btotal\s(?:issue\s)?(?:(?:no|number)\.?\s?)?(\d{{1,6}})", re.I)
_ISSUE = re.compile(
    rf"(?<!总)第\s?({_NUMERAL})\s?期(?!{OF_COURSE})|(?<!total )\bissue\s(?:(?:no|number)\b\.?\s?|#)?(\d{{1,6}})"
    r"|\b(\d{1,6})(?:st|nd|rd|th)\sissue\b",
    re.I,
)
_SUPPLEMENT = re.compile(r"增刊|特刊")
_ONLY = re.compile(r"(?:只看|仅看|只要|仅限|限于)(?P<name>[^，。？,]{2,15}?)的?(?:简报|信息|刊物)")
_OF_SERIES = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,15}?)的?(?:工作)?(?:简报|刊物)")


class NamedIssues(NamedTuple):
    """The issues that a question is limited to, and the spans of the text that say so."""

    filters: Filters
    spans: list[Span]


class NamedSeries(NamedTuple):
    """The series that a question names, and the spans of the text that name them."""

    names: tuple[str, ...]
    spans: list[Span]


def find_issues(plain: str, catalog: Catalog) -> NamedIssues:
    """Find the issues that a question is limited to."""
    totals = tuple(str(parse_numeral(match[1] or match[2])) for match in _TOTAL.finditer(plain))
    issues = [str(parse_numeral(match[1] or match[2] or match[3])) for match in _ISSUE.finditer(plain)]
    issues += [match[0] for match in _SUPPLEMENT.finditer(plain) if match[0] in catalog.issues]
    return NamedIssues(
        Filters(issues=tuple(issues), total_issues=totals), match_spans(_TOTAL, plain) + match_spans(_ISSUE, plain)
    )


def find_series(plain: str, regions: Sequence[Mention], catalog: Catalog) -> NamedSeries:
    """Find the series that a question names, by their names or by their publishers."""
    folded = plain.casefold()
    found: dict[str, Span] = {}
    for name, publisher in catalog.publishers:
        key, whose = fold(name), re.sub("^(?:共青团|团)", "", fold(publisher or ""))
        if (position := folded.find(key)) >= 0:
            found[name] = Span(position, position + len(key))
            continue
        for match in _ONLY.finditer(folded):
            if match["name"] in key or match["name"] in whose:
                found[name] = Span(*match.span())
        for match in _OF_SERIES.finditer(folded):
            # Of 那岚川大学 the part that a series or publisher begins with is 岚川大学.
            for position in range(match.start(), match.end("name") - 1):
                part = folded[position : match.end("name")]
                if key.startswith(part) or whose.startswith(part):
                    found[name] = Span(position, match.end())
                    break
        for mention in regions:
            if mention.region.stem in name and (end := _names_series(plain, mention, key)):
                found[name] = Span(mention.start, end)
    return NamedSeries(tuple(found), list(found.values()))


_LATIN_WORD = re.compile(r"\s+([A-Za-z]+)")


def _names_series(plain: str, mention: Mention, name: str) -> int:
    """Return where the English name of a series ends that begins with a place; 0 where there is none.

    `Zhejiang Youth Work Information`: each word has a sense within the name, the last one at its end; or a word for bulletins
    follows (`the Ningbo bulletin`, `the Lanchuan University newsletter`).
    """
    if not plain[mention.start].isascii():
        return 0
    words: list[str] = []
    end = mention.end
    while (match := _LATIN_WORD.match(plain, end)) and len(words) < 6:
        if re.fullmatch(_BULLETIN, match[1], re.I):
            return match.end() if _senses_within(words, name) else 0
        if not match[1][0].isupper():
            break
        words.append(match[1])
        end = match.end()
    return end if len(words) > 1 and _senses_within(words, name) and _senses_within(words[-1:], name[-2:]) else 0


def _senses_within(words: Sequence[str], name: str) -> bool:
    """Return whether every word, or a term that it is part of, has a Chinese sense in the name."""
    left = {word.lower() for word in words}
    for group in load_translations().synonym_groups(" ".join(words)):
        if any(len(term) > 1 and term in name for term, _ in group.senses):
            left -= set(group.source.split())
    return not left


def match_spans(pattern: re.Pattern[str], text: str) -> list[Span]:
    """Return the spans of all matches of a pattern."""
    return [Span(*match.span()) for match in pattern.finditer(text)]
