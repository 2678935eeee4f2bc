"""Examples for the reading model: a question, a passage in sentences, and what is true of them.

They come from public sets in SQuAD form and from passages and questions of our own (training/questions, training/passages). What
is not answered is made in three ways: near misses that were written as such, the passage without its evidence, and another
passage that a search finds for the question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.retrieval import lone_passage
from corpus.document import Span
from corpus.regions.gazetteer import Gazetteer
from corpus.text.sentences import split_sentences
from index.reader import PassageText
from index.retriever import Retriever
from training.data import read_records, read_written

# Characters of a passage that the model is given: no passage of the program is much longer.
MAX_PASSAGE = 520

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
    """A question and a passage. `None` says that something is not known, and nothing is learned from it.

    `evidence`: the sentences that answer; `doubtful`: those that one of two readers took for it, of which nothing is learned.
    `span`: sentence, start and end (characters within it) of a fact; () if the question asks for none or it is not there.
    """

    question: str
    passage: Passage
    relevant: bool | None
    answered: bool
    evidence: frozenset[int] = frozenset()
    span: Found | None = ()
    doubtful: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """Passages of one origin with the examples on them. `facts_only`: each question asks for one fact of its own passage."""

    name: str
    passages: Mapping[str, Passage]
    examples: Sequence[Example]
    facts_only: bool = False


def read_squad(path: Path, *, name: str) -> Source:
    """Read a set in SQuAD form. Long passages are cut to whole sentences around the answer."""
    passages: dict[str, Passage] = {}
    examples: list[Example] = []
    for record in read_records(path):
        for paragraph in record["paragraphs"]:
            text = paragraph["context"]
            spans = split_sentences(text, Span(0, len(text)))
            whole = Passage(record.get("title") or "", _texts(text, spans), f"{name}-{len(passages)}")
            passages[whole.passage_id] = whole
            for question in paragraph["qas"]:
                examples += _squad_examples(question, text, spans, whole)
    return Source(name, passages, examples, facts_only=True)


def _squad_examples(question: dict[str, Any], text: str, spans: Sequence[Span], whole: Passage) -> Iterator[Example]:
    for answer in question["answers"][:1]:
        start = answer["start"]
        if start < 0 or text[start : start + len(answer["text"])] != answer["text"]:
            continue
        end = start + len(answer["text"])
        within = {number for number, span in enumerate(spans) if span.start < end and start < span.end}
        if not within:
            continue
        first = min(within)
        span = (first, start - spans[first].start, min(end, spans[first].end) - spans[first].start)
        yield windowed(Example(question["question"], whole, True, True, frozenset(within), span))


def _texts(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    return tuple(span.of(text) for span in spans)


def _window(passage: Passage, wanted: set[int], *, room: int, shift: float = 0.5) -> Passage:
    """Return whole sentences around the wanted ones, at most `room` characters where that holds them."""
    first, last = _bounds(passage.sentences, wanted, room, shift)
    return replace(passage, sentences=passage.sentences[first : last + 1])


def _bounds(sentences: Sequence[str], wanted: set[int], room: int, shift: float) -> tuple[int, int]:
    first, last = min(wanted), max(wanted)
    room -= sum(map(len, sentences[first : last + 1]))
    before = room * shift
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


def windowed(example: Example, *, room: int = MAX_PASSAGE, shift: float = 0.5) -> Example:
    """Return the example with the passage cut to the sentences around its evidence.

    Args: room: characters; shift: the share of what is left that stands before the evidence.
    """
    if len(example.passage.text) <= room:
        return example
    if not example.evidence:
        middle = min(int(shift * len(example.passage.sentences)), len(example.passage.sentences) - 1)
        relevant = None if example.relevant else example.relevant  # what made it so may be cut off
        return replace(example, passage=_window(example.passage, {middle}, room=room), relevant=relevant)
    first, last = _bounds(example.passage.sentences, set(example.evidence), room, shift)
    passage = replace(example.passage, sentences=example.passage.sentences[first : last + 1])
    span = (example.span[0] - first, *example.span[1:]) if example.span else example.span
    moved, doubtful = (frozenset(n - first for n in numbers) for numbers in (example.evidence, example.doubtful))
    return replace(example, passage=passage, evidence=moved, doubtful=doubtful, span=span)


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
            span = _find_span(passage, evidence, question["answer"])
            examples.append(Example(question["text"], passage, True, True, evidence, span))
        examples += [Example(near["text"], passage, True, False) for near in record["unanswerable"]]
    return Source("questions-held-out" if held_out else "questions", passages, examples)


def _find_span(passage: Passage, evidence: frozenset[int], answer: str | None) -> Found:
    for number in sorted(evidence):
        if answer and answer in passage.sentences[number]:
            start = passage.sentences[number].index(answer)
            return number, start, start + len(answer)
    return ()


def read_voices(paths: Sequence[Path], *, name: str = "voices") -> Source:
    """Read the passages and questions of voices (training/passages): evidence is given as numbers of sentences, from 1."""
    passages: dict[str, Passage] = {}
    examples: list[Example] = []
    for record in (json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()):
        context = " ".join(filter(None, (record["region"], record["date"], record["title"], record["heading"])))
        passage = Passage(context, tuple(s.replace(" | ", "|") for s in record["sentences"]), record["id"])
        passages[passage.passage_id] = passage
        for question in record["questions"]:
            evidence, doubtful = (_numbers(question.get(name)) for name in ("evidence", "also"))
            span: Found | None = _find_span(passage, evidence, question["answer"])
            if question["type"] != "fact" and not span:
                span = None if question["type"] in ("who", "time", "yesno", "effect") else ()
            examples.append(Example(question["text"], passage, True, True, evidence, span, doubtful=doubtful))
            if record["kind"] == "table" and len(evidence) == 1:
                examples += _single_rows(examples[-1])
        for near in record["unanswerable"]:
            relevant = None if near["why"] in ("region", "year") else True
            examples.append(Example(near["text"], passage, relevant, False))
        for dialogue in record["dialogues"]:
            for turn in dialogue:
                if turn["whole"]:
                    evidence, doubtful = (_numbers(turn.get(name)) for name in ("evidence", "also"))
                    answered = bool(evidence)
                    relevant = True if answered else None
                    examples.append(Example(turn["whole"], passage, relevant, answered, evidence, None, doubtful=doubtful))
    return Source(name, passages, examples)


def _numbers(listed: Sequence[int] | None) -> frozenset[int]:
    """Return numbers of sentences counted from 0; in the files they count from 1."""
    return frozenset(number - 1 for number in listed or ())


def _single_rows(example: Example) -> Iterator[Example]:
    """Yield the row of a table that answers, by itself, and the row below it: the program's passages are single rows."""
    (row,) = example.evidence
    alone = replace(example.passage, sentences=(example.passage.sentences[row],))
    yield replace(
        example,
        passage=alone,
        evidence=frozenset({0}),
        doubtful=frozenset(),
        span=(0, *example.span[1:]) if example.span else example.span,
    )
    other = example.passage.sentences[(row + 1) % len(example.passage.sentences)]
    yield Example(example.question, replace(example.passage, sentences=(other,)), None, False)


def without_evidence(example: Example) -> Example | None:
    """Return the example with the evidence taken out of the passage, so that it is not answered.

    Returns: None if too little is left, or if the fact stands elsewhere in it.
    """
    left = tuple(s for n, s in enumerate(example.passage.sentences) if n not in example.evidence | example.doubtful)
    if len(left) < 2 or not example.evidence:
        return None
    if example.span:
        number, start, end = example.span
        if example.passage.sentences[number][start:end] in "".join(left):
            return None
    return Example(example.question, replace(example.passage, sentences=left), True, False)


def find_neighbours(source: Source, *, first: int = 0, last: int = 20) -> dict[str, list[str]]:
    """Return, for each answered question of a source, the passages that a search ranks high and that do not hold its answer.

    Args: first, last: the ranks to take. Questions of our own may be answered by several passages on one matter, and the highest
        ranks are then no honest negatives.
    """
    retriever = Retriever.build(
        [lone_passage(p.passage_id, p.context, p.text) for p in source.passages.values()], gazetteer=Gazetteer.load()
    )
    found = {}
    for example in source.examples:
        if not example.answered:
            continue
        span = example.span
        answer = example.passage.sentences[span[0]][span[1] : span[2]] if span else None
        ranked = [s.passage.passage_id for s in retriever.search(example.question, k=last + 1)][first:]
        found[example.question] = [
            name
            for name in ranked
            if name != example.passage.passage_id and not (answer and answer in source.passages[name].text)
        ]
    return found
