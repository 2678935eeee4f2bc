"""The written training questions keep to their form, and those held out stay out."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from training.data import read_written

FOLDER = Path(__file__).parents[2] / "training" / "questions"
RECORDS = [json.loads(line) for path in sorted(FOLDER.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]

Record = dict[str, Any]


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_there_are_enough_and_none_twice() -> None:
    questions = [question["text"] for record in RECORDS for question in record["questions"]]
    assert len(RECORDS) == len({record["id"] for record in RECORDS}) == 340
    assert len(questions) == len(set(questions)) == 1700


def test_the_unanswerable_are_enough_and_none_is_asked_elsewhere() -> None:
    questions = {question["text"] for record in RECORDS for question in record["questions"]}
    unanswerable = [question["text"] for record in RECORDS for question in record["unanswerable"]]
    assert len(unanswerable) == len(set(unanswerable)) == 1020
    assert questions.isdisjoint(unanswerable)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_each_passage_has_three_chinese_and_two_english_questions(record: Record) -> None:
    assert sorted(question["lang"] for question in record["questions"]) == ["en", "en", "zh", "zh", "zh"]
    assert [question["lang"] for question in record["unanswerable"]] == ["zh", "zh", "en"]
    for question in (*record["questions"], *record["unanswerable"]):
        assert is_chinese(question["text"]) == (question["lang"] == "zh")
        assert question["text"] == question["text"].strip() != ""
    assert 100 <= len(record["passage"]) <= 300


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_evidence_stands_in_the_passage_and_an_answer_in_its_evidence(record: Record) -> None:
    for question in record["questions"]:
        assert question.keys() == {"lang", "text", "evidence", "answer"}
        assert question["evidence"], question["text"]
        places = [record["passage"].find(evidence) for evidence in question["evidence"]]
        assert -1 not in places, question["text"]
        assert places == sorted(places), question["text"]
        if question["answer"] is not None:
            assert any(question["answer"] in evidence for evidence in question["evidence"]), question["text"]
            assert question["answer"].strip(), question["text"]
    for question in record["unanswerable"]:
        assert question.keys() == {"lang", "text"}


def test_there_are_questions_with_an_answer_and_without() -> None:
    answered = Counter(question["answer"] is not None for record in RECORDS for question in record["questions"])
    assert answered[True] > 300
    assert answered[False] > 300


def test_no_run_of_fifteen_characters_stands_in_two_passages() -> None:
    seen: dict[str, str] = {}
    for record in RECORDS:
        for start in range(len(record["passage"]) - 14):
            run = record["passage"][start : start + 15]
            assert seen.setdefault(run, record["id"]) == record["id"], run


def test_every_eighth_passage_is_held_out() -> None:
    trained, held_out = read_written(), read_written(held_out=True)
    # 85 passages a file, numbered from 1: 8, 16 … 80 are ten of each of the four, with five questions each
    assert len(held_out) == 40
    assert sum(len(record["questions"]) for record in held_out) == 200
    by_file = Counter(record["id"][:-4] for record in held_out)
    assert by_file == {"education": 10, "livelihood": 10, "organisation": 10, "volunteering": 10}
    assert "education-016" in {record["id"] for record in held_out}
    assert "education-015" in {record["id"] for record in trained}
    # each record is in one of the two, and says the same there as in its file
    order = {record["id"]: at for at, record in enumerate(RECORDS)}
    assert sorted([*trained, *held_out], key=lambda record: order[record["id"]]) == RECORDS
