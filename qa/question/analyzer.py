"""What is asked: language, kind, the filters that a question names, its topic, what a follow-up takes from those before it."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.document import Region, Span
from corpus.messages.errors import QuestionError
from corpus.messages.language import Language, tr
from corpus.regions.gazetteer import Mention
from corpus.text.normalize import fold, simplify
from corpus.text.numerals import parse_numeral
from index.catalog import Catalog
from index.filters import Filters
from index.query.translation import load_translations
from qa.question.intent import AnswerKind, Kind, classify, compared_topics, content_words, names_topic, topic
from qa.question.pinyin import SpellingCorrection, english_name, find_misspellings, find_regions

MAX_CHARACTERS = 2000  # a question is a sentence or two; a pasted document is a mistake
FOLLOWUP = "followup"  # the key of the chip that takes the earlier questions away

_TURNS = 8  # earlier questions that are read; what a follow-up leans on is near
_CONTEXT = 2  # earlier topics that are searched for beside the topic of a follow-up
_CHINESE = re.compile(r"[\u3400-\u9fff]")
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
_ADVERB = re.compile(r"只看|仅看|只要|仅限|限于")
_EXCLUDED = re.compile(
    r"除了?$|以外$|\bexcept\s*(?:for\s*)?(?:in\s*)?$|\bother than\s*(?:in\s*)?$|\boutside\s*$|\bnot in\s*$", re.I
)
_BEFORE_NAME = "团在和与跟同及给到比问看"  # what may stand right before the name of a place
# An institution that bears the name of a place is another matter: 岚川大学, Lanchuan University.
_NAMESAKE = re.compile(r"大学|学院|师范|理工|银行|路(?!演|桥)|大道|\s(?:University|Institute|Bank)\b")
# A follow-up leans on what came before: it opens with 那 or And, or speaks of `they` before it has named anything.
_OPENS = re.compile(
    r"^(?:那(?!些)|还有|另外|其中|此外|这(?![几些])|它|他们|她们|上述|前面|刚才|(?:and|but|then|also|what about|how about)\b)",
    re.I,
)
_POINTS_BACK = re.compile(
    r"上述|刚才|前面(?:说|提)|这些|他们|她们|它们?(?!们)|该(?:县|区|市|项目|平台|办法|制度|做法)"
    r"|\b(?:they|those|these|them|it|its|their|that)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing understood of a question that its asker may take away.

    `key` is stable (region:浙江省宁波市, year:2021) and can be handed to `understand` as `without`; `label` is in the language of
    the question; `value` is what a program compares.
    """

    kind: Literal["region", "year", "series", "issue", "total", "correction", "followup"]
    label: str
    value: str

    @property
    def key(self) -> str:
        return FOLLOWUP if self.kind == "followup" else f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    `query` is what is searched for; `topic` is the question without regions, filters and asking. `answer_kind` is told of
    factoids only, and may be None there too. `sides` are the two things a comparison sets side by side, where these are not
    regions. `unknown_regions` are named but have no bulletin here. `understood` puts into words what was made of the text: None
    where that is the text itself.
    """

    text: str
    language: Language
    query: str
    filters: Filters
    kind: Kind = "howto"
    answer_kind: AnswerKind | None = None
    topic: str = ""
    compared_topics: tuple[str, ...] = ()
    unknown_regions: tuple[Region, ...] = ()
    interpretation: str | None = None
    corrections: tuple[SpellingCorrection, ...] = ()
    chips: tuple[Chip, ...] = ()

    @property
    def is_factoid(self) -> bool:
        """Whether one fact is asked for, not measures."""
        return self.kind == "factoid"


@dataclass(frozen=True, slots=True)
class AnalyzedTurn:
    """One question of a conversation, read by itself or with what it takes from the turns before it."""

    text: str  # simplified, slips bridged
    language: Language
    named: Filters
    unknown: tuple[Region, ...]
    kind: Kind | None
    answer_kind: AnswerKind | None
    body: str  # the text without the regions and filters that it names
    topic: str
    compared_topics: tuple[str, ...]
    corrections: tuple[SpellingCorrection, ...]
    is_followup: bool
    context: tuple[tuple[str, str], ...] = ()  # body and topic of earlier turns that it leans on, the latest first


def analyze_question(
    text: str,
    *,
    history: Sequence[str] = (),
    filters: Filters = Filters(),
    removed_chips: Collection[str] = (),
    catalog: Catalog,
) -> Question:
    """Read a question; filters that the user has set stand above those that it names.

    Args: history: earlier questions, oldest first; without: keys of the chips that the user has taken away.
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
    before: AnalyzedTurn | None = None
    earlier = [question.strip()[:MAX_CHARACTERS] for question in history if question.strip()]
    for question in earlier[-_TURNS:] if FOLLOWUP not in removed_chips else ():
        before = _resolve_followup(_analyze_turn(question, catalog, removed_chips), before)
    turn = _resolve_followup(_analyze_turn(text, catalog, removed_chips), before)
    named = _without_removed(turn.named, removed_chips)
    unknown = () if filters.regions else _without_removed(Filters(regions=turn.unknown), removed_chips).regions
    return Question(
        text=text,
        language=turn.language,
        query=_query(turn),
        filters=_merge_filters(filters, named),
        kind=turn.kind or "howto",
        answer_kind=turn.answer_kind,
        topic=turn.topic,
        compared_topics=turn.compared_topics if turn.kind == "comparison" else (),
        unknown_regions=unknown,
        interpretation=_interpretation(turn, named.regions or unknown),
        corrections=turn.corrections,
        chips=tuple(_chips(turn, _not_overridden(named, filters), unknown)),
    )


def _query(turn: AnalyzedTurn) -> str:
    """What is searched for: the question less what became filters, and what it leans on.

    Of a Chinese question that asks for measures only the topic is searched for. Asking for a fact, the words of asking tell
    what stands beside it (多少条, 几块钱); of English ones the stop words are left out anyhow. MRR@10 on the development and the
    sample questions is 0.84 and 0.73 with this, 0.81 and 0.71 with the whole text.
    """
    whole = turn.language == "en" or turn.kind == "factoid"
    if not turn.topic and not turn.context:
        return turn.text
    pieces = [turn.body if whole else turn.topic, *(body if whole else topic for body, topic in turn.context)]
    return " ".join(dict.fromkeys(filter(None, pieces)))


def _analyze_turn(text: str, catalog: Catalog, removed_chips: Collection[str] = ()) -> AnalyzedTurn:
    """A question by itself."""
    plain = simplify(unicodedata.normalize("NFKC", text))
    language: Language = "zh" if _CHINESE.search(plain) else "en"
    mentions = _mentions(plain, catalog)
    slips = find_misspellings(plain, catalog=catalog, skip=[(m.start, m.end) for m in mentions])
    corrections = tuple(slip for slip in slips if f"correction:{slip.written}" not in removed_chips)
    if corrections:
        for slip in corrections:
            plain = plain.replace(slip.written, slip.corrected)
        mentions = _mentions(plain, catalog)
    named, spans = _parse_dates_and_issues(plain, catalog)
    series, of_series = _series(plain, mentions, catalog)
    regions = [
        m
        for m in _drop_excluded_and_namesakes(plain, mentions)
        if not any(span.start <= m.start < span.end for span in of_series)
    ]
    present, unknown = _most_specific(regions, catalog)
    named = replace(named, regions=present, series=series)
    kind, answer_kind = classify(plain, language=language, regions=len(present) + len(unknown))
    halves = compared_topics(plain) if kind == "comparison" and len(present) + len(unknown) < 2 else ()
    if halves:  # 望澜的记分 and 学院的折分: to keep to the one region would leave the other side out
        named = replace(named, regions=())
    spans += [*of_series, *(Span(m.start, m.end) for m in regions if not halves), *_spans(_ADVERB, plain)]
    body = _cut_out(plain, spans, "" if language == "zh" else " ")
    subject = topic(body, language=language, cut=catalog.tokenizer.words)
    return AnalyzedTurn(
        text=plain,
        language=language,
        named=named,
        unknown=unknown,
        kind=kind,
        answer_kind=answer_kind,
        body=body,
        topic=subject,
        compared_topics=halves,
        corrections=corrections,
        is_followup=_is_followup(plain, subject, catalog),
    )


def _is_followup(text: str, subject: str, catalog: Catalog) -> bool:
    """Whether a question needs what came before to be understood.

    A complete question does not, however short (怎么做反诈宣传？), nor one whose pronoun stands for what it has itself named
    (how do you keep volunteers when they tire?).
    """
    if not names_topic([*catalog.tokenizer.words(subject), *re.findall(r"[A-Za-z]+", subject)]) or _OPENS.search(text):
        return True
    for match in _POINTS_BACK.finditer(text):
        before = text[: match.start()]
        named = [*catalog.tokenizer.words(before), *re.findall(r"[A-Za-z]+", before)]
        if len(content_words(named)) < 2:
            return True
    return False


def _resolve_followup(turn: AnalyzedTurn, before: AnalyzedTurn | None) -> AnalyzedTurn:
    """A turn with what it lacks taken from the turn before it, where it leans on that."""
    if before is None or not turn.is_followup:
        return turn
    inherited = before.named if not turn.unknown else replace(before.named, regions=())
    turn = replace(
        turn,
        named=_merge_filters(turn.named, inherited),
        unknown=turn.unknown or (() if turn.named.regions else before.unknown),
    )
    if turn.topic:
        return replace(turn, context=((before.body, before.topic), *before.context)[:_CONTEXT])
    if turn.kind in (None, "keywords"):
        turn = replace(turn, kind=before.kind, answer_kind=before.answer_kind)
    context = before.context or (("", before.topic),)
    return replace(turn, body=before.body, topic=before.topic, compared_topics=before.compared_topics, context=context)


# Each field of Filters, and what its chips are called.
_FILTER_FIELDS: dict[str, Literal["region", "year", "series", "issue", "total"]] = {
    "regions": "region",
    "years": "year",
    "series": "series",
    "issues": "issue",
    "total_issues": "total",
}


def _filter_value(limit: Region | int | str) -> str:
    if isinstance(limit, Region):
        return limit.path
    return str(limit)


def _merge_filters(above: Filters, below: Filters) -> Filters:
    """Each filter of `above`, or of `below` where it does not limit."""
    return Filters(**{field: getattr(above, field) or getattr(below, field) for field in _FILTER_FIELDS})


def _not_overridden(named: Filters, filters: Filters) -> Filters:
    """The filters named that the user has not set otherwise."""
    return Filters(**{field: () if getattr(filters, field) else getattr(named, field) for field in _FILTER_FIELDS})


def _without_removed(named: Filters, removed_chips: Collection[str]) -> Filters:
    """Filters less those whose chips have been taken away."""
    kept = {
        field: tuple(limit for limit in getattr(named, field) if f"{kind}:{_filter_value(limit)}" not in removed_chips)
        for field, kind in _FILTER_FIELDS.items()
    }
    return Filters(**kept)


def _chips(turn: AnalyzedTurn, named: Filters, unknown: Sequence[Region]) -> Iterator[Chip]:
    language = turn.language
    for region in (*named.regions, *unknown):
        name = region.label if language == "zh" else f"{english_name(region)} ({region.label})"
        yield Chip("region", tr(f"地区：{name}", f"Region: {name}", language), _filter_value(region))
    for year in named.years:
        yield Chip("year", tr(f"{year}年的简报", f"Bulletins of {year}", language), str(year))
    for series in named.series:
        yield Chip("series", tr(f"刊物：{series}", f"Series: {series}", language), series)
    for issue in named.issues:
        label = f"第{issue}期" if issue.isdecimal() else issue
        yield Chip("issue", tr(label, f"Issue {issue}", language), issue)
    for total in named.total_issues:
        yield Chip("total", tr(f"总第{total}期", f"Total issue {total}", language), total)
    for slip in turn.corrections:
        label = tr(f"“{slip.written}”按“{slip.corrected}”理解", f"“{slip.written}” read as “{slip.corrected}”", language)
        yield Chip("correction", label, slip.written)
    if turn.context:
        earlier = turn.context[0][1]
        yield Chip("followup", tr(f"接着上文：{earlier}", f"Following on from: {earlier}", language), earlier)


def _interpretation(turn: AnalyzedTurn, regions: Sequence[Region]) -> str | None:
    """What was made of a follow-up or a corrected question, in words: 象山县 · 中长期青年发展规划试点."""
    if turn.context:
        names = [region.label if turn.language == "zh" else english_name(region) for region in regions]
        topics = dict.fromkeys([*(subject for _, subject in reversed(turn.context)), turn.topic])
        return " · ".join(filter(None, [*names, *topics])) or None
    return turn.text if turn.corrections else None


def _parse_dates_and_issues(plain: str, catalog: Catalog) -> tuple[Filters, list[Span]]:
    """The years and issues that a question is limited to, and where it says so."""
    years: list[int] = []
    for match in _YEAR.finditer(plain):
        named = [parse_numeral(year) for year in re.findall(_YEARS, match[0])]
        years.extend(_span_of_years(match[0], named[0], named[-1], catalog))
    totals = tuple(str(parse_numeral(match[1] or match[2])) for match in _TOTAL.finditer(plain))
    issues = [str(parse_numeral(match[1] or match[2] or match[3])) for match in _ISSUE.finditer(plain)]
    issues += [match[0] for match in _SUPPLEMENT.finditer(plain) if match[0] in catalog.issues]
    spans = _spans(_YEAR, plain) + _spans(_TOTAL, plain) + _spans(_ISSUE, plain)
    return Filters(years=tuple(dict.fromkeys(years)), issues=tuple(issues), total_issues=totals), spans


def _span_of_years(wording: str, first: int, last: int, catalog: Catalog) -> Sequence[int]:
    """The years of 2019年至2021年的简报, 2020年以来的简报, `bulletins before 2020`; at least one, lest the limit be lost."""
    known = list(catalog.years) or [first]
    if re.search("以来|以后|since", wording, re.I):
        last = max(*known, first)
    elif re.search("之后|after", wording, re.I):
        first, last = first + 1, max(*known, first + 1)
    elif re.search("以前|之前|before", wording, re.I):
        first, last = min(*known, first - 1), first - 1
    return range(first, last + 1)


def _series(plain: str, regions: Sequence[Mention], catalog: Catalog) -> tuple[tuple[str, ...], list[Span]]:
    """The series that a question names, by name or by whose it is, and where it does."""
    folded = plain.casefold()
    found: dict[str, Span] = {}
    for name, publisher in catalog.publishers:
        key, whose = fold(name), re.sub("^(?:共青团|团)", "", fold(publisher or ""))
        if (at := folded.find(key)) >= 0:
            found[name] = Span(at, at + len(key))
            continue
        for match in _ONLY.finditer(folded):
            if match["name"] in key or match["name"] in whose:
                found[name] = Span(*match.span())
        for match in _OF_SERIES.finditer(folded):
            # Of 那岚川大学 the part that a series or publisher begins with is 岚川大学.
            for at in range(match.start(), match.end("name") - 1):
                part = folded[at : match.end("name")]
                if key.startswith(part) or whose.startswith(part):
                    found[name] = Span(at, match.end())
                    break
        for mention in regions:
            if mention.region.stem in name and (end := _names_series(plain, mention, key)):
                found[name] = Span(mention.start, end)
    return tuple(found), list(found.values())


_LATIN_WORD = re.compile(r"\s+([A-Za-z]+)")


def _names_series(plain: str, mention: Mention, name: str) -> int:
    """Where the English name of a series ends that begins with a place; 0 where there is none.

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
    """Whether every word, or a term that it is part of, has a Chinese sense in the name."""
    left = {word.lower() for word in words}
    for concept in load_translations().synonym_groups(" ".join(words)):
        if any(len(term) > 1 and term in name for term, _ in concept.senses):
            left -= set(concept.source.split())
    return not left


def _mentions(plain: str, catalog: Catalog) -> list[Mention]:
    """The regions that a question names, left to right, those of which the library has nothing among them."""
    gazetteer, tokenizer = catalog.gazetteer, catalog.tokenizer
    present = catalog.all_regions
    home = catalog.majority_province
    tokens = list(_tokens(plain, tokenizer.words(plain)))
    found = []
    for mention in gazetteer.find(plain, within=home, short=True):
        region = mention.region
        # 海宁 in 沿海宁静, 长治 in 长治久安: a dictionary word that reaches beyond the name.
        crossed = any(
            span.start < mention.end
            and mention.start < span.end
            and not (mention.start <= span.start and span.end <= mention.end)
            and len(span) > 1
            and tokenizer.frequency(span.of(plain))
            for span in tokens
        )
        whole = plain[mention.start : mention.end].endswith(region.name)
        here = catalog.has_region(region)
        # A short name that the library does not know is often part of a word, and a county's from afar mostly is one.
        near = region.county is None or (home is not None and region.province == home.province)
        if whole or (not crossed and (here or (near and Span(mention.start, mention.end) in tokens))):
            found.append(mention)
    # 江北 is a plain word, which the gazetteer leaves alone; here it is one of the places that the bulletins tell of.
    for region in present:
        for at in _places(plain, region.stem):
            span = Span(at, at + len(region.stem))
            opens = at == 0 or plain[at - 1] in _BEFORE_NAME or not _CHINESE.match(plain[at - 1])
            if opens and span in tokens and not any(span.start < m.end and m.start < span.end for m in found):
                found.append(Mention(region, span.start, span.end))
    for latin in find_regions(plain, gazetteer=gazetteer, present=present, home=home):
        mention = latin.mention
        here = catalog.has_region(mention.region)
        # `Qiantang Cadre College` is no wish for 钱塘区, of which there is nothing here.
        part = re.match(r" (?!League\b|Youth\b|Only\b)[A-Z]", plain[mention.end :])
        if here or latin.whole or not part:
            found.append(mention)
    return sorted(found, key=lambda mention: mention.start)


def _drop_excluded_and_namesakes(plain: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Of the regions named those that are asked about, not left out (except Ningbo) nor part of another name (宁波大学)."""
    return [m for m in mentions if not _EXCLUDED.search(plain[: m.start]) and not _NAMESAKE.match(plain, m.end)]


def _places(text: str, name: str) -> Iterator[int]:
    """Where a name of two characters or more stands."""
    at = text.find(name) if len(name) > 1 else -1
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _tokens(plain: str, words: Sequence[str]) -> Iterator[Span]:
    """Where the Chinese words of a text stand."""
    folded, at = plain.casefold(), 0
    for word in words:
        start = folded.find(word, at)
        if start >= 0:
            at = start + len(word)
            yield Span(start, at)


def _most_specific(mentions: Sequence[Mention], catalog: Catalog) -> tuple[tuple[Region, ...], tuple[Region, ...]]:
    """The regions that are meant, and of them those of which the library has nothing.

    Of 宁波市 and 镇海区 the narrower is: Zhenhai District in Ningbo.
    """
    regions = dict.fromkeys(mention.region for mention in mentions)
    narrow = [one for one in regions if not any(one != other and one.contains(other) for other in regions)]
    present = tuple(region for region in narrow if catalog.has_region(region))
    return present, tuple(region for region in narrow if region not in present)


def _spans(pattern: re.Pattern[str], text: str) -> list[Span]:
    return [Span(*match.span()) for match in pattern.finditer(text)]


def _cut_out(text: str, spans: Sequence[Span], mark: str) -> str:
    """The text with the spans taken out, `mark` in the place of each."""
    pieces, at = [], 0
    for span in sorted(spans):
        if span.start >= at:
            pieces += [text[at : span.start], mark]
        at = max(at, span.end)
    left = re.sub(r"(?<!\w)['’]s\b|\s+(?=[,.?!:;])", "", "".join([*pieces, text[at:]]))
    return re.sub(r"\s+", " ", left).strip(" ，,：:、").removeprefix("的")


def find_region(name: str, catalog: Catalog) -> Region:
    """The region of that name, in the library where several bear it.

    Raises: QuestionError: there is none, or which one is meant cannot be told.
    """
    candidates = catalog.gazetteer.candidates(name)
    present = [region for region in candidates if any(catalog.gazetteer.covers(region, one) for one in catalog.regions)]
    region = present[0] if len(present) == 1 else catalog.gazetteer.resolve(name)
    if region is None:
        labels = "、".join(candidate.label for candidate in present or candidates)
        raise QuestionError(
            tr(
                f"{name}：" + (f"有多个地区叫这个名字：{labels}" if labels else "没有这个地区"),
                f"{name}: " + (f"several regions bear this name: {labels}" if labels else "no such region"),
            )
        )
    return region
