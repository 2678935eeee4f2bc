"""Follow-ups: whether a question needs the one before it, and what it takes from it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from corpus.document import Region, Span
from corpus.messages.language import Language
from corpus.text.numerals import parse_numeral
from index.catalog import Catalog
from index.filters import Filters
from qa.question.filters import merge_filters
from qa.question.intent import PLACES, AnswerKind, Kind, content_words, names_topic
from qa.question.series_and_issues import match_spans
from qa.question.spelling import SpellingCorrection

_CONTEXT = 2  # earlier topics that are searched for beside the topic of a follow-up
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
# 周末呢？ asks nothing by itself; 怎样建驿站呢？ does.
_ELLIPSIS = re.compile(r"[^，。？?怎如何哪什谁几多咋啥吗]{1,8}呢[？?]?")
# Characters of a topic: one so short, or so short and made of words so common (occurrences in the dictionary's corpus), leans on
# what was asked before. Of 1,584 follow-ups in dialogues of the training passages 0.63 are told with this and 0.33 without; of
# 512 questions there that stand alone and name no place, 0.05 and 0.02 are taken for one.
_SLIGHT, _SLIGHT_COMMON, _COMMON = 3, 6, 400
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
    kind: Kind | None
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


def continuation_spans(text: str) -> list[Span]:
    """Return where a text speaks of the answer before it: 还有, 别的地方, 第二点."""
    return [span for pattern in (_PART, _ELSEWHERE, _MORE) for span in match_spans(pattern, text)]


def correction_spans(text: str) -> list[Span]:
    """Return where a text sets right or takes away the region of the question before it: 不是这个区, 不限地区."""
    return [span for pattern in (_ANY_REGION, _SETS_RIGHT) for span in match_spans(pattern, text)]


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


def is_followup(text: str, subject: str, catalog: Catalog, *, names_place: bool) -> bool:
    """Return whether a question needs what came before to be understood.

    A complete question does not, however short (怎么做反诈宣传？), nor one whose pronoun stands for what it has itself named
    (how do you keep volunteers when they tire?).

    Args: names_place: whether it names a region, as few follow-ups do that name a topic, too.
    """
    words = catalog.tokenizer.all_words(subject)
    if not names_topic(words) or _OPENS.search(text) or _ELLIPSIS.fullmatch(text):
        return True
    if not names_place and _is_slight(subject, content_words(words), catalog):
        return True
    points_back = _POINTS_BACK.search(text)  # more is named before a later one
    return points_back is not None and len(content_words(catalog.tokenizer.all_words(text[: points_back.start()]))) < 2


def _is_slight(subject: str, words: Sequence[str], catalog: Catalog) -> bool:
    """Return whether a topic is so short, or so common, that it is an aspect of one named before: 路费谁掏, 家长满意不.

    What stands in a title is a topic of its own: 反诈怎么做.
    """
    if subject.isascii() or len(subject) > _SLIGHT_COMMON:
        return False
    if any(word in article.title for article in catalog.articles for word in words):
        return False
    return len(subject) <= _SLIGHT or all(catalog.tokenizer.frequency(word) >= _COMMON for word in words)


def resolve_followup(turn: AnalyzedTurn, before: AnalyzedTurn | None) -> AnalyzedTurn:
    """Return a turn with what it lacks taken from the turn before it, where it leans on that."""
    if before is None or not turn.is_followup:
        return replace(turn, continuation=None)
    if turn.times:
        before = _without_times(before)
    inherited = before.named
    if turn.unknown or turn.drops_regions:
        inherited = replace(inherited, regions=(), excluded_regions=())
    elif turn.continuation and turn.continuation.wants == "elsewhere":
        inherited = replace(inherited, regions=(), excluded_regions=(*inherited.excluded_regions, *inherited.regions))
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
    turn = replace(turn, leans_on=before.topic or before.leans_on or before.text)
    if turn.kind is None and _ELLIPSIS.fullmatch(turn.text):  # 那暑托班呢, after 夜校多少钱
        turn = replace(turn, kind=before.kind, answer_kind=before.answer_kind)
    if turn.topic:
        return replace(turn, context=((before.body, before.topic), *before.context)[:_CONTEXT])
    if turn.kind in (None, "keywords") or turn.continuation:
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
