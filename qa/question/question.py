"""The record of a question as understood."""

from dataclasses import dataclass, field
from typing import Literal

from corpus.document import Region
from corpus.messages.language import Language
from index.filters import Filters
from qa.question.followup import Continuation
from qa.question.intent import AnswerKind, Kind
from qa.question.spelling import SpellingCorrection

FOLLOWUP = "followup"  # the key of the chip that takes the earlier questions away


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing understood of a question that its asker may take away.

    `key` is stable (region:浙江省宁波市, year:2021) and can be handed to `understand` as `without`; `label` is in the language of
    the question; `value` is what a program compares.
    """

    kind: Literal["region", "excluded", "year", "period", "series", "issue", "total", "correction", "followup"]
    label: str
    value: str

    @property
    def key(self) -> str:
        return FOLLOWUP if self.kind == "followup" else f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Asked:
    """All that was handed in with a question: with it, the same library gives the same answer again.

    `filters` are the limits that the user set; where `compared`, its regions are set side by side on the topic `text`.
    """

    text: str
    history: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    removed_chips: tuple[str, ...] = ()
    removed_before: tuple[str, ...] = ()
    strictness: Literal["lenient", "normal", "strict"] = "normal"
    compared: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    `query` is what is searched for; `topic` is the question without regions, filters and asking. `answer_kind` is told of
    factoids only, and may be None there too. `sides` are the two things a comparison sets side by side, where these are not
    regions. `continues` is what it wants of the answer before it, if it names no topic. `unknown_regions` are named but have no
    bulletin here. `earlier` are the questions before it that it leans on, the oldest first; `repeated` is what the last of them
    asked, without its regions and filters, where this one only asks the same of others (那北苑区呢). `interpretation` puts into
    words what was made of the text: None where that is the text itself.
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
    continues: Continuation | None = None
    earlier: tuple[str, ...] = ()
    repeated: str = ""
    removed_chips: tuple[str, ...] = ()  # keys, with those removed before that still hold
    asked: Asked | None = None

    @property
    def is_factoid(self) -> bool:
        """Return whether one fact is asked for, not measures."""
        return self.kind == "factoid"

    @property
    def asks_for_several(self) -> bool:
        """Return whether all of several things are asked for: the items of a list, or the regions that have done something."""
        return self.kind in ("list", "survey")
