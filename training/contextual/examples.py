"""Examples for the contextual encoder: a question, a passage in sentences, and which of them answer it.

They come from public sets in SQuAD form and from passages and questions of our own (training/questions, training/passages), with
near misses that no sentence of their passage answers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.document import Span
from corpus.text.sentences import split_sentences
from index.contextual import PassageText
from training.data import read_records, read_written

# Characters of a passage that the model is given: no passage of the program is much longer.
MAX_PASSAGE = 520


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
    which nothing is learned.
    """

    question: str
    passage: Passage
    evidence: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()

    @property
    def answered(self) -> bool:
        return bool(self.evidence)


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
        within = {number for number, span in enumerate(spans) if span.start < end and start < span.end}
        if not within:
            continue
        yield windowed(Example(question["question"], whole, frozenset(within)))


def _texts(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    return tuple(span.of(text) for span in spans)


def _bounds(sentences: Sequence[str], wanted: Collection[int], room: float) -> tuple[int, int]:
    """Return the first and the last sentence around the wanted ones; half of what room is left lies before them."""
    first, last = min(wanted), max(wanted)
    room -= sum(map(len, sentences[first : last + 1]))
    before = room / 2
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


def windowed(example: Example, *, room: int = MAX_PASSAGE) -> Example:
    """Return the example with the passage cut to whole sentences around its evidence. Args: room: characters."""
    if len(example.passage.text) <= room:
        return example
    first, last = _bounds(example.passage.sentences, example.evidence or {0}, room)
    passage = replace(example.passage, sentences=example.passage.sentences[first : last + 1])
    evidence, doubtful = (
        frozenset(n - first for n in numbers if first <= n <= last) for numbers in (example.evidence, example.doubtful)
    )
    return replace(example, passage=passage, evidence=evidence, doubtful=doubtful)


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
            examples.append(Example(question["text"], passage, evidence))
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
            examples.append(Example(question["text"], passage, evidence, doubtful))
            if record["kind"] == "table" and len(evidence) == 1:
                examples += _single_rows(examples[-1])
        examples += [Example(near["text"], passage) for near in record["unanswerable"]]
        for dialogue in record["dialogues"]:
            for turn in dialogue:
                if turn["whole"]:
                    evidence, doubtful = (_numbers(turn.get(name)) for name in ("evidence", "also"))
                    examples.append(Example(turn["whole"], passage, evidence, doubtful))
    return Source(passages, examples)


def _numbers(listed: Sequence[int] | None) -> frozenset[int]:
    """Return numbers of sentences counted from 0; in the files they count from 1."""
    return frozenset(number - 1 for number in listed or ())


def _single_rows(example: Example) -> Iterator[Example]:
    """Yield the row of a table that answers, by itself, and the row below it: the program's passages are single rows."""
    (row,) = example.evidence
    alone = replace(example.passage, sentences=(example.passage.sentences[row],))
    yield Example(example.question, alone, frozenset({0}))
    other = example.passage.sentences[(row + 1) % len(example.passage.sentences)]
    yield Example(example.question, replace(example.passage, sentences=(other,)))
