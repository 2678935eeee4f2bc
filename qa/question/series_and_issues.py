"""Years, issues and series that a question is limited to, and where it names them."""

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

_NUMERAL = r"\d+|[〇零一二三四五六七八九十百]+"
_YEARS = r"(?:19|20)\d{2}|[一二][〇零九][〇零一二三四五六七八九]{2}"
_ISSUED = rf"(?:[那这]?几期|各期|[那这]期|第\s*(?:{_NUMERAL})\s*期|增刊|特刊|(?:工作)?简报|工作信息|的信息|信息(?=里|中)|刊物)"
_BULLETIN = r"(?:issues?|bulletins?|newsletters?|briefings?)"
_DATED = r"(?:from|of|in|for|since|after|before|dated|published\s+in|issued\s+in)"
_MONTH = r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+)?"
# A year limits only where it dates the bulletins, not where it dates what they tell: 2017年的比选 may stand in an issue of 2018.
_YEAR = re.compile(
    "|".join(
        (
            # 2021年的简报, 2019年至2021年刊出的几期, 2020年以来的简报
            rf"(?:{_YEARS})\s*年?\s*(?:[-–—~至到]\s*(?:{_YEARS}))?\s*年?\s*度?\s*(?:\d{{1,2}}月)?(?:以来|以后|之后|以前|之前)?"
            rf"(?:出的|刊出的?|刊登的?|印发的?|编发的?|的)?\s*{_ISSUED}",
            rf"^那?么?(?:{_YEARS})年?的?(?=呢)",
            # the 2021 issues, the December 2020 Ningbo bulletin, issue 14 of 2021, bulletins since 2020
            rf"\b(?:(?:in|from|of)\s+)?(?:the|any|all)\s+(?:\w+\s+)?(?:19|20)\d{{2}}\s+(?:\w+\s+){{0,5}}?{_BULLETIN}\b",
            rf"\b(?:19|20)\d{{2}}\s+{_BULLETIN}\b",
            rf"\b{_BULLETIN}\s+(?:(?:no\.?\s*)?\d+\s+)?{_DATED}\s+{_MONTH}(?:19|20)\d{{2}}\b",
            rf"(?:只看|仅看|只要|仅限|限于|\bonly(?:\s+(?:from|in|for))?)\s*{_MONTH}(?:19|20)\d{{2}}\s*年?",
            r"\b(?:from|in)\s+(?:19|20)\d{2}\s+only\b",
        )
    ),
    re.I,
)
_TOTAL = re.compile(rf"总\s*第?\s*({_NUMERAL})\s*期|\btotal\s+(?:issue\s+)?(?:(?:no|number)\.?\s*)?(\d+)", re.I)
_ISSUE = re.compile(
    rf"(?<!总)第\s*({_NUMERAL})\s*期|(?<!total )\bissue\s+(?:(?:no|number)\b\.?\s*|#)?(\d+)|\b(\d+)(?:st|nd|rd|th)\s+issue\b",
    re.I,
)
_SUPPLEMENT = re.compile(r"增刊|特刊")
_ONLY = re.compile(r"(?:只看|仅看|只要|仅限|限于)(?P<name>[^，。？,]{2,15}?)的?(?:简报|信息|刊物)")
_OF_SERIES = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,15}?)的?(?:工作)?(?:简报|刊物)")


class DatesAndIssues(NamedTuple):
    """The years and issues that a question is limited to, and the spans of the text that say so."""

    filters: Filters
    spans: list[Span]


class NamedSeries(NamedTuple):
    """The series that a question names, and the spans of the text that name them."""

    names: tuple[str, ...]
    spans: list[Span]


def parse_dates_and_issues(plain: str, catalog: Catalog) -> DatesAndIssues:
    """Find the years and issues that a question is limited to."""
    years: list[int] = []
    for match in _YEAR.finditer(plain):
        named = [parse_numeral(year) for year in re.findall(_YEARS, match[0])]
        years.extend(_span_of_years(match[0], named[0], named[-1], catalog))
    totals = tuple(str(parse_numeral(match[1] or match[2])) for match in _TOTAL.finditer(plain))
    issues = [str(parse_numeral(match[1] or match[2] or match[3])) for match in _ISSUE.finditer(plain)]
    issues += [match[0] for match in _SUPPLEMENT.finditer(plain) if match[0] in catalog.issues]
    spans = match_spans(_YEAR, plain) + match_spans(_TOTAL, plain) + match_spans(_ISSUE, plain)
    return DatesAndIssues(Filters(years=tuple(dict.fromkeys(years)), issues=tuple(issues), total_issues=totals), spans)


def _span_of_years(wording: str, first: int, last: int, catalog: Catalog) -> Sequence[int]:
    """Return the years of 2019年至2021年的简报, 2020年以来的简报, `bulletins before 2020`: at least one, to keep the limit."""
    known = list(catalog.years) or [first]
    if re.search("以来|以后|since", wording, re.I):
        last = max(*known, first)
    elif re.search("之后|after", wording, re.I):
        first, last = first + 1, max(*known, first + 1)
    elif re.search("以前|之前|before", wording, re.I):
        first, last = min(*known, first - 1), first - 1
    return range(first, last + 1)


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
