"""What is asked: language, filters named in the question, what a follow-up takes from the questions before it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.errors import QuestionError
from corpus.language import Language, tr
from corpus.masthead import number
from corpus.regions import Region
from corpus.script import fold, simplify
from index.retriever import Filters, Retriever

MAX_CHARACTERS = 2000  # a question is a sentence or two; a pasted document is a mistake

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_NUMERAL = r"\d+|[〇零一二三四五六七八九十百]+"
# A year limits only where it dates the bulletins, not where it dates what they tell: 2017年的比选 may stand in an issue of 2018.
_YEAR = re.compile(
    r"(?P<a>(?:19|20)\d{2})\s*年?\s*(?:\d{1,2}月)?(?:出的|刊出的?|刊登的?|印发的?|编发的?|的)?\s*(?:[那这]?几期|各期|[那这]期|第\s*(?:\d+|[〇零一二三四五六七八九十百]+)\s*期|简报|工作信息|信息|工作简报|刊物)"
    r"|(?:in|from|of)\s+the\s+(?:\w+\s+)?(?P<b>(?:19|20)\d{2})\s+(?:\w+\s+){0,2}(?:issues?|bulletins?)"
    r"|(?:只看|仅看|只要|仅限|限于|only(?:\s+(?:from|in))?)\s*(?P<c>(?:19|20)\d{2})"
)
_TOTAL = re.compile(rf"总\s*第?\s*({_NUMERAL})\s*期|total\s+(?:issue\s+)?(?:no\.?\s*)?(\d+)")
_ISSUE = re.compile(rf"(?<!总)第\s*({_NUMERAL})\s*期|issue\s+(?:no\.?\s*|number\s*)?(\d+)")
_EXCLUDED = re.compile(r"除了?$|以外$|except\s*(?:for\s*)?$|other than\s*$")
# A follow-up leans on what came before: 那…, …呢, 上述, and, those, they.
_LEANS = re.compile(
    r"^(?:那|那么|还有|另外|其中|这|它|他们|此外)|呢\s*[？?]?$|上述|这些|那些"
    r"|^(?:and|but|what about|how about|then)\b|\b(?:they|those|these|them|it|its|there)\b",
    re.I,
)
# Asks for one number, date, name or person, where an open question asks for measures.
_DETAIL = re.compile(
    r"多少|几[个次名家天年种条人场]|哪[一个家天年]|何时|什么时候|多久|多长|谁|电话"
    r"|how (?:many|much|long|often)|\bwhen\b|\bwho\b|which day|what is the (?:number|name)",
    re.I,
)
_SHORT = 14  # characters; so short a question after others is a follow-up


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    `query` is what is searched for; `detail`: one fact is asked for, not measures; `unknown_regions` are named but have no
    bulletin here.
    """

    text: str
    language: Language
    query: str
    filters: Filters
    detail: bool = False
    unknown_regions: tuple[Region, ...] = ()


def understand(text: str, *, history: Sequence[str] = (), filters: Filters = Filters(), retriever: Retriever) -> Question:
    """Read a question; filters that the user has set stand above those that it names.

    Args: history: earlier questions, oldest first.
    Raises: QuestionError: the question is empty or longer than MAX_CHARACTERS.
    """
    text = text.strip()
    if not text:
        raise QuestionError(tr("问题是空的：请写下要问的事", "the question is empty: write what you want to know"))
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            tr(
                f"问题有 {len(text)} 个字，太长了：请用不超过 {MAX_CHARACTERS} 个字提问",
                f"the question has {len(text)} characters, which is too long: ask in at most {MAX_CHARACTERS}",
            )
        )
    named, unknown = _named_filters(text, retriever)
    query = text
    earlier = [question.strip() for question in history if question.strip()]
    if earlier and (_LEANS.search(text) or len(text) <= _SHORT):
        query = " ".join([text, *reversed(earlier[-2:])])
        if not named.regions and not unknown:
            for question in reversed(earlier):
                if regions := _named_filters(question, retriever)[0].regions:
                    named = replace(named, regions=regions)
                    break
    merged = Filters(
        regions=filters.regions or named.regions,
        years=filters.years or named.years,
        series=filters.series or named.series,
        issues=filters.issues or named.issues,
        total_issues=filters.total_issues or named.total_issues,
    )
    return Question(
        text=text,
        language="zh" if _CHINESE.search(text) else "en",
        query=query,
        filters=merged,
        detail=bool(_DETAIL.search(text)),
        unknown_regions=() if filters.regions else unknown,
    )


def _named_filters(text: str, retriever: Retriever) -> tuple[Filters, tuple[Region, ...]]:
    """The filters that a question names, and regions it names of which the library has nothing."""
    plain = simplify(text)
    folded = fold(text)
    regions, unknown = _regions(plain, retriever)
    years = tuple(int(match["a"] or match["b"] or match["c"]) for match in _YEAR.finditer(folded))
    totals = tuple(str(number(match[1] or match[2])) for match in _TOTAL.finditer(folded))
    issues = tuple(str(number(match[1] or match[2])) for match in _ISSUE.finditer(folded))
    series = []
    for name, publisher in dict.fromkeys((bulletin.series, bulletin.publisher) for bulletin in retriever.bulletins):
        if fold(name) in folded or (
            (match := re.search(r"只看(.{2,15}?)的?(?:简报|信息|刊物)", folded))
            and (match[1] in fold(name) or match[1] in fold(publisher or ""))
        ):
            series.append(name)
    if series:  # 浙江青年工作信息: the series' own name is no wish for a region
        regions = tuple(r for r in regions if not any(simplify(_own_name(r)[:2]) in fold(name) for name in series))
    return Filters(regions, years, tuple(series), issues, totals), unknown


def _regions(plain: str, retriever: Retriever) -> tuple[tuple[Region, ...], tuple[Region, ...]]:
    gazetteer = retriever.gazetteer
    present = tuple(retriever.regions)
    home = _home(present)
    words = set(retriever.tokenizer.words(plain))
    found: dict[Region, bool] = {}
    for mention in gazetteer.find(plain, within=home, short=True):
        if _EXCLUDED.search(plain[: mention.start]):
            continue
        region = mention.region
        here = any(gazetteer.covers(region, one) for one in present)
        name = plain[mention.start : mention.end]
        whole = name.endswith(_own_name(region))
        # A short name that the library does not know is often part of a word (长治 of 长治久安), and a county's mostly is one.
        if here or whole or (region.county is None and name in words):
            found[region] = here
    named = tuple(region for region, is_here in found.items() if is_here)
    # 宁波市镇海区 gives both: the narrower is meant.
    narrow = tuple(one for one in named if not any(one != other and one.contains(other) for other in named))
    return narrow, tuple(region for region, is_here in found.items() if not is_here)


def _own_name(region: Region) -> str:
    return region.county or region.city or region.province


def _home(regions: Sequence[Region]) -> Region | None:
    """The province that most of the library is about: there an ambiguous name is looked for first."""
    provinces = Counter(region.province for region in regions)
    return Region(provinces.most_common(1)[0][0]) if provinces else None
