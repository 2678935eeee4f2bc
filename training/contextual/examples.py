"""Examples for the contextual encoder and the reader: a question, a passage in sentences, which of them answer it, and with what.

They come from public sets in SQuAD form and from passages and questions of our own (training/questions, training/passages), with
near misses that no sentence of their passage answers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.retrieval import lone_passage
from corpus.document import Span
from corpus.regions.gazetteer import Gazetteer
from corpus.text.sentences import split_sentences
from index.pieces import PassageText
from index.reader import in_dialogue
from index.retriever import Retriever
from training.data import read_records, read_written

# Characters of a passage that the model is given: no passage of the program is much longer.
MAX_PASSAGE = 520
# Types of questions of the voices that may ask for a fact though none is noted.
_MAY_ASK_FACTS = ("fact", "who", "time", "yesno", "effect")

# A sentence, and the start and the end of a fact within it; () for none.
Found = tuple[int, int, int] | tuple[()]


@dataclass(frozen=True, slots=True)
class Passage(PassageText):
    """A passage of a source, with its name there."""

    passage_id: str

    @property
    def text(self) -> str:
        return "".join(self.sentences)


@dataclass(frozen=True, slots=True)
class Example:
    """A question and a passage.

    `evidence`: the sentences that answer, none if the passage does not; `doubtful`: those that one of two readers took for it, of
    which nothing is learned; `fact`: where the fact stands that the question asks for, None if that is not known;
    `relevant`: the passage is about the question, None if that is not known; `turn`: the same question as a turn of a dialogue,
    with those before it, empty if it is none.
    """

    question: str
    passage: Passage
    evidence: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()
    fact: Found | None = ()
    relevant: bool | None = True
    turn: str = ""

    @property
    def answered(self) -> bool:
        return bool(self.evidence)

    @property
    def fact_text(self) -> str | None:
        """Return the fact that the question asks for, None if there is none or it is not known."""
        return self.passage.sentences[self.fact[0]][self.fact[1] : self.fact[2]] if self.fact else None

    def on(self, kept: Sequence[int]) -> Example | None:
        """Return the example on some sentences of its passage; None if only part of its evidence is among them, or if its fact
        still stands there without it."""
        passage = replace(self.passage, sentences=tuple(self.passage.sentences[n] for n in kept))
        numbers = {old: new for new, old in enumerate(kept)}
        evidence, doubtful = (frozenset(numbers[n] for n in of if n in numbers) for of in (self.evidence, self.doubtful))
        fact = self.fact
        if len(evidence) < len(self.evidence):
            if evidence or doubtful or (self.fact_text and self.fact_text in passage.text):
                return None
            fact = ()
        elif fact:
            fact = (numbers[fact[0]], *fact[1:])
        return replace(self, passage=passage, evidence=evidence, doubtful=doubtful, fact=fact)

    def without_evidence(self) -> Example | None:
        """Return the example with the evidence taken out of the passage, so that it is not answered.

        Returns: None if too little is left, or if the fact stands elsewhere in it.
        """
        kept = [n for n in range(len(self.passage.sentences)) if n not in self.evidence | self.doubtful]
        return self.on(kept) if len(kept) > 1 and self.evidence else None


@dataclass(frozen=True, slots=True)
class Source:
    """Passages of one origin with the examples on them."""

    passages: Mapping[str, Passage]
    examples: Sequence[Example]

    def by_passage(self) -> list[list[Example]]:
        """Return the examples of each passage, or of each part of one that was cut from it."""
        groups: dict[tuple[str, tuple[str, ...]], list[Example]] = {}
        for example in self.examples:
            groups.setdefault((example.passage.passage_id, example.passage.sentences), []).append(example)
        return list(groups.values())

    def neighbours(self, *, first: int = 0, last: int = 20) -> dict[str, list[str]]:
        """Return, for each answered question, the passages that a search ranks high and that do not hold its answer.

        Args: first, last: the ranks to take. Questions of our own may be answered by several passages on one matter: the highest
            ranks are then no honest negatives.
        """
        retriever = Retriever.build(
            [lone_passage(p.passage_id, p.context, p.text) for p in self.passages.values()], gazetteer=Gazetteer.load()
        )
        answered = [example for example in self.examples if example.answered]
        own: dict[str, set[str]] = {}
        for example in answered:
            own.setdefault(example.question, set()).add(example.passage.passage_id)
        found = {}
        for example in answered:
            answer = example.fact_text
            ranked = [scored.passage.passage_id for scored in retriever.search(example.question, k=last + 1)][first:]
            found[example.question] = [
                name
                for name in ranked
                if name not in own[example.question] and not (answer and answer in self.passages[name].text)
            ]
        return found


def read_squad(path: Path) -> Source:
    """Read a set in SQuAD form. Long passages are cut to whole sentences around the answer."""
    passages: dict[str, Passage] = {}
    examples: list[Example] = []
    for record in read_records(path):
        for paragraph in record["paragraphs"]:
            text = paragraph["context"]
            spans = split_sentences(text, Span(0, len(text)))
            whole = Passage(record.get("title") or "", _texts(text, spans), str(len(passages)))
            passages[whole.passage_id] = whole
            for question in paragraph["qas"]:
                examples += _squad_examples(question, text, spans, whole)
    return Source(passages, examples)


def _squad_examples(question: dict[str, Any], text: str, spans: Sequence[Span], whole: Passage) -> Iterator[Example]:
    for answer in question["answers"][:1]:
        start = answer["start"]
        if start < 0 or text[start : start + len(answer["text"])] != answer["text"]:
            continue
        end = start + len(answer["text"])
        within = [number for number, span in enumerate(spans) if span.start < end and start < span.end]
        if not within:
            continue
        holds = spans[within[0]]
        fact = (within[0], max(start, holds.start) - holds.start, min(end, holds.end) - holds.start)
        yield windowed(Example(question["question"], whole, frozenset(within), fact=fact))


def _texts(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    return tuple(span.of(text) for span in spans)


def _bounds(sentences: Sequence[str], wanted: Collection[int], room: float, share: float) -> tuple[int, int]:
    """Return the first and the last sentence around the wanted ones. Args: share: of the room that is left, before them."""
    first, last = min(wanted), max(wanted)
    room -= sum(map(len, sentences[first : last + 1]))
    before = room * share
    while first > 0 and len(sentences[first - 1]) <= before:
        first -= 1
        before -= len(sentences[first])
        room -= len(sentences[first])
    while last + 1 < len(sentences) and len(sentences[last + 1]) <= room:
        last += 1
        room -= len(sentences[last])
    while first > 0 and len(sentences[first - 1]) <= room:
        first -= 1
        room -= len(sentences[first])
    return first, last


def windowed(example: Example, *, room: int = MAX_PASSAGE, before: float = 0.5) -> Example:
    """Return the example with the passage cut to whole sentences around its evidence.

    Args: room: characters; before: the share of what is left of it that stands before the evidence.
    """
    sentences = example.passage.sentences
    if len(example.passage.text) <= room:
        return example
    wanted = example.evidence or {min(int(before * len(sentences)), len(sentences) - 1)}
    first, last = _bounds(sentences, wanted, room, before)
    part = example.on(range(first, last + 1))
    assert part is not None  # evidence lies within the bounds
    # What made a passage relevant that does not answer may be cut off.
    return part if example.evidence or not example.relevant else replace(part, relevant=None)


def read_questions(*, held_out: bool) -> Source:
    """Read the passages and questions of training/questions: evidence is given as text."""
    passages: dict[str, Passage] = {}
    examples: list[Example] = []
    for record in read_written(held_out=held_out):
        text = record["passage"]
        passage = Passage("", _texts(text, split_sentences(text, Span(0, len(text)))), record["id"])
        passages[passage.passage_id] = passage
        for question in record["questions"]:
            evidence = frozenset(
                n
                for n, sentence in enumerate(passage.sentences)
                if any(sentence.strip() in piece or piece in sentence for piece in question["evidence"])
            )
            examples.append(Example(question["text"], passage, evidence, fact=_find(passage, evidence, question.get("answer"))))
        examples += [Example(near["text"], passage) for near in record["unanswerable"]]
    return Source(passages, examples)


def read_voices(paths: Sequence[Path]) -> Source:
    """Read the passages and questions of voices (training/passages): evidence is given as numbers of sentences, from 1."""
    passages: dict[str, Passage] = {}
    examples: list[Example] = []
    for record in (json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()):
        context = " ".join(filter(None, (record["region"], record["date"], record["title"], record["heading"])))
        passage = Passage(context, tuple(s.replace(" | ", "|") for s in record["sentences"]), record["id"])
        passages[passage.passage_id] = passage
        for question in record["questions"]:
            evidence, doubtful = (_numbers(question.get(name)) for name in ("evidence", "also"))
            fact: Found | None = _find(passage, evidence, question.get("answer"))
            if not fact and question.get("type") in _MAY_ASK_FACTS:
                fact = None
            examples.append(Example(question["text"], passage, evidence, doubtful, fact))
            if record["kind"] == "table" and len(evidence) == 1:
                examples += _single_rows(examples[-1])
        for near in record["unanswerable"]:
            examples.append(Example(near["text"], passage, relevant=None if near.get("why") in ("region", "year") else True))
        for dialogue in record["dialogues"]:
            for number, turn in enumerate(dialogue):
                if turn["whole"]:
                    evidence, doubtful = (_numbers(turn.get(name)) for name in ("evidence", "also"))
                    fact, relevant = (None, True) if evidence else ((), None)
                    asked = in_dialogue([earlier["text"] for earlier in dialogue[:number]], turn["text"])
                    examples.append(Example(turn["whole"], passage, evidence, doubtful, fact, relevant, asked))
    return Source(passages, examples)


def _find(passage: Passage, evidence: frozenset[int], answer: str | None) -> Found:
    """Return where an answer stands in the evidence."""
    for number in sorted(evidence):
        if answer and answer in passage.sentences[number]:
            start = passage.sentences[number].index(answer)
            return number, start, start + len(answer)
    return ()


def _numbers(listed: Sequence[int] | None) -> frozenset[int]:
    """Return numbers of sentences counted from 0; in the files they count from 1."""
    return frozenset(number - 1 for number in listed or ())


def _single_rows(example: Example) -> Iterator[Example]:
    """Yield the row of a table that answers, by itself, and the row below it: the program's passages are single rows."""
    (row,) = example.evidence
    alone = example.on([row])
    if alone is not None:
        yield alone
    other = example.passage.sentences[(row + 1) % len(example.passage.sentences)]
    yield Example(example.question, replace(example.passage, sentences=(other,)), relevant=None)
