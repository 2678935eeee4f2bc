"""Follow-ups: what a question takes from the one before it."""

import re
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from corpus.document import Region, Span
from corpus.messages.language import Language
from corpus.text.numerals import parse_numeral
from index.filters import Filters
from qa.question.filters import merge_filters
from qa.question.intent import PLACES, AnswerKind, Kind
from qa.question.series_and_issues import match_spans
from qa.question.spelling import SpellingCorrection

_CONTEXT = 2  # earlier topics that are searched for beside the topic of a follow-up
# 周末呢？ asks nothing by itself; 怎样建驿站呢？ does.
_ELLIPSIS = re.compile(r"[^，。？?怎如何哪什谁几多咋啥吗]{1,8}呢[？?]?")
# What is left of a turn that only names a region, or sets one right, once that is taken away: 那北苑区呢, I meant Beiyuan.
_NOTHING_ASKED = re.compile(
    r"[那就再换改看说问查讲我想要的是也有没吗呢吧嘛啊呀，,。.；;：:？?！!\s]*+"
    r"|(?:(?:and|so|but|then|now|ok|no|what|how|about|i|mean|meant|was|asking|in|for|of|same|please)\b[\s,.;:?!]*+)*+",
    re.I,
)
# 第二点详细说说, 第三篇讲了什么, what about the second one: a part of the answer before, by its number.
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_PART = re.compile(
    r"(?:第(?P<zh>[0-9]{1,2}|[一二三四五六七八九十]{1,3})|最后一)(?:(?P<article>篇)|[点条个项种段步块]|方面|部分)"
    rf"|\b(?:the )?(?P<en>{'|'.join(_ORDINALS)}|last) (?:(?P<en_article>article)|point|one|item|measure|part|step)\b",
    re.I,
)
# 还有别的地方这样做吗, 其他区呢: the same of other regions.
_ELSEWHERE = re.compile(
    rf"(?:还有|别的|其他|其它|另外)(?:没有|有)?(?:别的|其他|其它|哪些|哪个)?的?{PLACES}|哪些{PLACES}也|别处|还有哪(?:[里儿]|几家)"
    r"|\b(?:any|some|no)?where else\b|\belsewhere\b|\bother (?:places|regions|districts|counties|cities)\b",
    re.I,
)
_MORE = re.compile(
    r"还有(?:没有)?(?:别的|其他的?|其它的?|更多的?)?|更多的?|继续|接着[说讲]"
    r"|\b(?:anything|what|something) else\b|\b(?:any |some )?more\b",
    re.I,
)
# 不限地区呢: the region goes, and the topic stays.
_ANY_REGION = re.compile(
    rf"(?:不限|不分|不管|不看|全部|所有)(?:的|哪个|什么)?{PLACES}"
    r"|\b(?:all|any) (?:regions?|places?|districts?|counties)\b|\banywhere(?! else)\b",
    re.I,
)
# 不是这个区，是埠头区: what was understood is set right.
_SETS_RIGHT = re.compile(
    rf"不是[这那]个?{PLACES}?|(?:不对|错了|搞错了|弄错了)(?=[，,。])|我?(?:问|说|要|指)的是|\b(?:no, )?i mean(?:t)?\b|^no,",
    re.I,
)


class Continuation(NamedTuple):
    """What a turn wants of the answer before it: more, the same of other regions, or a part of it in full.

    `number` is that of the point or article, from 1; the last is 0.
    """

    wants: Literal["more", "elsewhere", "point", "article"]
    number: int = 1


@dataclass(frozen=True, slots=True)
class AnalyzedTurn:
    """One question of a conversation, read by itself or with what it takes from the turns before it."""

    text: str  # simplified, slips bridged
    language: Language
    named: Filters
    unknown: tuple[Region, ...]
    kind: Kind
    answer_kind: AnswerKind | None
    body: str  # the text without the regions and filters that it names
    topic: str
    compared_topics: tuple[str, ...]
    corrections: tuple[SpellingCorrection, ...]
    is_followup: bool
    continuation: Continuation | None = None
    drops_regions: bool = False  # the regions of the turn before do not limit it
    leans_on: str = ""  # what a follow-up leans on, to be shown
    times: tuple[str, ...] = ()  # wordings of the times that it names, whether they limit or not
    context: tuple[tuple[str, str], ...] = ()  # body and topic of earlier turns that it leans on, the latest first
    earlier: tuple[str, ...] = ()  # the texts of those turns, the oldest first
    asks_the_same: bool = False  # as the turn before it, of other regions or times: `body` is what that asked


def continuation_spans(text: str) -> list[Span]:
    """Return where a text speaks of the answer before it: 还有, 别的地方, 第二点."""
    return [span for pattern in (_PART, _ELSEWHERE, _MORE) for span in match_spans(pattern, text)]


def correction_spans(text: str) -> list[Span]:
    """Return where a text sets right or takes away the region of the question before it: 不是这个区, 不限地区."""
    return [span for pattern in (_ANY_REGION, _SETS_RIGHT) for span in match_spans(pattern, text)]


def speaks_of_others(text: str) -> bool:
    """Return whether a text speaks of other regions than those before: 别的地方有没有."""
    return bool(_ELSEWHERE.search(text))


def drops_regions(text: str) -> bool:
    """Return whether a text asks for all regions."""
    return bool(_ANY_REGION.search(text))


def find_continuation(text: str) -> Continuation | None:
    """Return what a text wants of the answer before it, if it names no topic beside."""
    if part := _PART.search(text):
        wants: Literal["point", "article"] = "article" if part["article"] or part["en_article"] else "point"
        if part["zh"]:
            return Continuation(wants, parse_numeral(part["zh"]))
        word = (part["en"] or "last").lower()
        return Continuation(wants, _ORDINALS.index(word) + 1 if word in _ORDINALS else 0)
    if _ELSEWHERE.search(text):
        return Continuation("elsewhere")
    return Continuation("more") if _MORE.search(text) else None


def resolve_followup(turn: AnalyzedTurn, before: AnalyzedTurn | None) -> AnalyzedTurn:
    """Return a turn with what it lacks taken from the turn before it, where it leans on that."""
    if before is None or not turn.is_followup:
        return replace(turn, continuation=None)
    asks_the_same = not turn.topic and not turn.continuation and bool(_NOTHING_ASKED.fullmatch(turn.body))
    if asks_the_same or _ELLIPSIS.fullmatch(turn.text):  # 那暑托班呢, after 夜校多少钱
        turn = replace(turn, kind=before.kind, answer_kind=before.answer_kind, asks_the_same=asks_the_same)
    if turn.times:
        before = _without_times(before)
    inherited = before.named
    if turn.unknown or turn.drops_regions:
        inherited = replace(inherited, regions=(), excluded_regions=())
    elif speaks_of_others(turn.text) and not turn.named.regions:
        inherited = replace(inherited, regions=(), excluded_regions=(*inherited.excluded_regions, *inherited.regions))
    if turn.kind == "comparison" and len(turn.named.regions) == 1:  # 跟锦渚区的比，哪家好, after 北苑区怎么做
        turn = replace(turn, named=replace(turn.named, regions=(*before.named.regions, *turn.named.regions)))
    # 除了余杭区呢, after 余杭区怎么做; and the other way round.
    inherited = replace(
        inherited,
        regions=tuple(region for region in inherited.regions if region not in turn.named.excluded_regions),
        excluded_regions=tuple(region for region in inherited.excluded_regions if region not in turn.named.regions),
    )
    keeps_unknown = not turn.named.regions and inherited.regions == before.named.regions
    turn = replace(
        turn,
        named=merge_filters(turn.named, inherited),
        unknown=turn.unknown or (before.unknown if keeps_unknown else ()),
        times=turn.times + before.times,
    )
    turn = replace(turn, leans_on=before.topic or before.leans_on or before.text, earlier=(*before.earlier, before.text))
    if turn.topic:
        return replace(turn, context=((before.body, before.topic), *before.context)[:_CONTEXT])
    if turn.continuation:
        turn = replace(turn, kind=before.kind, answer_kind=before.answer_kind)
    context = before.context or (("", before.topic),)
    return replace(turn, body=before.body, topic=before.topic, compared_topics=before.compared_topics, context=context)


def _without_times(turn: AnalyzedTurn) -> AnalyzedTurn:
    """Return a turn without the times that it names, whether they limit it or are part of what it asks: 2020年志愿积分怎么做."""

    def without(text: str) -> str:
        for wording in sorted(turn.times, key=len, reverse=True):
            text = text.replace(wording, "")
        return text.strip(" ，,").removeprefix("的")

    return replace(
        turn,
        named=replace(turn.named, years=(), periods=()),
        body=without(turn.body),
        topic=without(turn.topic),
        context=tuple((without(body), without(subject)) for body, subject in turn.context),
        times=(),
    )
