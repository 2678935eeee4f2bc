"""Follow-ups: whether a question needs the one before it, and what it takes from it."""

import re
from dataclasses import dataclass, replace

from corpus.document import Region
from corpus.messages.language import Language
from index.catalog import Catalog
from index.filters import Filters
from qa.question.filters import merge_filters
from qa.question.intent import AnswerKind, Kind, content_words, names_topic
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
    times: tuple[str, ...] = ()  # wordings of the times that it names, whether they limit or not
    context: tuple[tuple[str, str], ...] = ()  # body and topic of earlier turns that it leans on, the latest first


def is_followup(text: str, subject: str, catalog: Catalog) -> bool:
    """Return whether a question needs what came before to be understood.

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


def resolve_followup(turn: AnalyzedTurn, before: AnalyzedTurn | None) -> AnalyzedTurn:
    """Return a turn with what it lacks taken from the turn before it, where it leans on that."""
    if before is None or not turn.is_followup:
        return turn
    if turn.times:
        before = _without_times(before)
    inherited = before.named if not turn.unknown else replace(before.named, regions=())
    turn = replace(
        turn,
        named=merge_filters(turn.named, inherited),
        unknown=turn.unknown or (() if turn.named.regions else before.unknown),
        times=turn.times + before.times,
    )
    if turn.topic:
        return replace(turn, context=((before.body, before.topic), *before.context)[:_CONTEXT])
    if turn.kind in (None, "keywords"):
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
