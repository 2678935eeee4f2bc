"""Our own passages with questions: they keep to their form, there are enough of them, and the held-out voice shares none."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from training.contextual.examples import MAX_PASSAGE, read_questions, read_voices, windowed
from training.contextual.learn import HELD_OUT_VOICE, PASSAGES, voice_files

Record = dict[str, Any]
FILES = sorted(PASSAGES.glob("*.jsonl"))
KINDS = {"section", "news", "notice", "report", "roundup", "table", "minutes", "faq"}
TYPES = {"how", "list", "fact", "yesno", "why", "effect", "regions", "compare", "exclude", "time", "who"}


def records_of(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_evidence_names_sentences_and_a_fact_stands_in_its_evidence(path: Path) -> None:
    for record in records_of(path):
        sentences = record["sentences"]
        assert record["kind"] in KINDS and all(sentences), record["id"]
        numbers = range(1, len(sentences) + 1)
        for question in record["questions"]:
            assert question["type"] in TYPES and question["text"].strip(), record["id"]
            assert question["evidence"] and set(question["evidence"]) <= set(numbers), (record["id"], question["text"])
            assert not set(question.get("also", ())) & set(question["evidence"]), (record["id"], question["text"])
            if question["answer"]:
                assert any(question["answer"] in sentences[n - 1] for n in question["evidence"]), (record["id"], question["text"])
        for dialogue in record["dialogues"]:
            assert len(dialogue) > 1 and all(turn["text"].strip() for turn in dialogue), record["id"]


def test_there_are_enough_and_none_twice() -> None:
    records = [record for path in FILES for record in records_of(path)]
    questions = [question["text"] for record in records for question in record["questions"]]
    turns = [turn for record in records for dialogue in record["dialogues"] for turn in dialogue[1:]]
    assert len(records) == len({record["id"] for record in records}) == len({"".join(r["sentences"]) for r in records})
    assert len(records) >= 1200 and len(questions) >= 8000 and len(turns) >= 1000
    assert sum(len(record["unanswerable"]) for record in records) >= 2500
    assert len(set(questions)) > 0.99 * len(questions)
    kinds = Counter(record["kind"] for record in records)
    assert all(kinds[kind] >= 20 for kind in KINDS), kinds


def test_the_held_out_voice_is_learned_from_by_nobody() -> None:
    learned, held_out = read_voices(voice_files(held_out=False)), read_voices(voice_files(held_out=True))
    assert {path.stem for path in voice_files(held_out=True)} == {HELD_OUT_VOICE}
    assert not learned.passages.keys() & held_out.passages.keys()
    assert not {p.text for p in learned.passages.values()} & {p.text for p in held_out.passages.values()}


def test_a_cut_passage_keeps_its_evidence_and_no_more_than_there_is_room_for() -> None:
    cuts = 0
    for example in read_voices(FILES[:1]).examples:
        for room in (120, 250, MAX_PASSAGE):
            cut = windowed(example, room=room)
            assert {cut.passage.sentences[n] for n in cut.evidence} == {example.passage.sentences[n] for n in example.evidence}
            needed = example.passage.sentences[min(example.evidence, default=0) : max(example.evidence, default=0) + 1]
            assert len(cut.passage.text) <= max(room, len("".join(needed)))
            cuts += cut.passage is not example.passage
    assert cuts > 500


def test_every_question_of_a_voice_points_into_its_passage() -> None:
    for example in read_voices(FILES).examples:
        numbers = range(len(example.passage.sentences))
        assert example.evidence | example.doubtful <= set(numbers), (example.passage.passage_id, example.question)


def test_our_own_questions_find_their_evidence_among_the_sentences() -> None:
    examples = read_questions(held_out=False).examples
    answered = [example for example in examples if example.answered]
    assert len(answered) > 1000 and len(examples) - len(answered) > 200
    for example in answered:
        assert example.evidence <= set(range(len(example.passage.sentences)))
