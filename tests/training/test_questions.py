"""The written training questions keep to their form."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "training" / "questions"
RECORDS = [json.loads(line) for path in sorted(FOLDER.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]


def test_there_are_enough_and_none_twice() -> None:
    questions = [question["text"] for record in RECORDS for question in record["questions"]]
    assert len(RECORDS) == len({record["id"] for record in RECORDS}) == 340
    assert len(questions) == len(set(questions)) == 1700


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_each_passage_has_three_chinese_and_two_english_questions(record: dict) -> None:  # type: ignore[type-arg]
    assert sorted(question["lang"] for question in record["questions"]) == ["en", "en", "zh", "zh", "zh"]
    for question in record["questions"]:
        chinese = any("\u4e00" <= character <= "\u9fff" for character in question["text"])
        assert chinese == (question["lang"] == "zh")
    assert 100 <= len(record["passage"]) <= 300


def test_no_run_of_fifteen_characters_stands_in_two_passages() -> None:
    seen: dict[str, str] = {}
    for record in RECORDS:
        for start in range(len(record["passage"]) - 14):
            run = record["passage"][start : start + 15]
            assert seen.setdefault(run, record["id"]) == record["id"], run
