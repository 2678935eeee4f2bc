"""The right sentence of a given passage, on a set made by hand."""

import json
import lzma
from pathlib import Path

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import sentences
from corpus.messages.errors import QuestionError

EVENING = "夜学每周三晚上开课。学费每门收四十元。教室借用镇上的小学。"
STATION = "驿站为骑手备好热水和药箱。站长由骑手自己推选。"


def write_set(folder: Path, name: str) -> None:
    """Two passages with a question each that is plainly answered by one sentence, and one whose gold answer stands nowhere."""
    questions = [
        (EVENING, [("q1", "夜学的学费是多少元？", "四十元"), ("q2", "夜学的学费是多少？", "八十元")]),
        (STATION, [("q3", "站长由谁推选？", "骑手 自己")]),
    ]
    paragraphs = [
        {
            "context": context,
            "qas": [{"id": name_, "question": text, "answers": [{"text": answer, "start": 0}]} for name_, text, answer in asked],
        }
        for context, asked in questions
    ]
    path = folder / f"{name}.jsonl.xz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as out:
        for paragraph in paragraphs:
            out.write(json.dumps({"title": "", "paragraphs": [paragraph]}, ensure_ascii=False) + "\n")


def test_the_likeliest_sentence_is_held_against_the_gold_answers(tmp_path: Path) -> None:
    write_set(tmp_path, "cmrc2018/dev")
    rows = list(sentences.pick(tmp_path, "cmrc2018/dev"))
    assert [(row["id"], row["picked"], row["right"]) for row in rows] == [
        ("q1", "学费每门收四十元。", 1.0),
        ("q2", "学费每门收四十元。", 0.0),
        ("q3", "站长由骑手自己推选。", 1.0),  # white space does not count
    ]


def test_one_passage_of_so_many_is_asked_and_either_reader_picks(tmp_path: Path) -> None:
    write_set(tmp_path, "cmrc2018/dev")
    for fast in (False, True):
        found = sentences.measure_sets(tmp_path, fast=fast, every=2)["cmrc2018/dev"]
        assert found["all"] == {"n": 2, "accuracy": 0.5}


def test_accuracy_of_all_and_of_each_half() -> None:
    rows = [{"id": f"q{number}", "right": float(number != 3)} for number in range(1, 6)]
    # Odd: 1, 3, 5, of which 3 is wrong; even: 2 and 4, both right.
    assert sentences.summarise(rows) == {
        "all": {"n": 5, "accuracy": 0.8},
        "odd": {"n": 3, "accuracy": pytest.approx(2 / 3)},
        "even": {"n": 2, "accuracy": 1.0},
    }
    assert sentences.summarise(rows[:1]) == {"all": {"n": 1, "accuracy": 1.0}, "odd": {"n": 1, "accuracy": 1.0}}


def test_the_command_prints_every_set_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_set(tmp_path, "drcd/dev")
    assert benchmarks.main(["sentences", "--data", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "drcd/dev": {
            "all": {"n": 3, "accuracy": pytest.approx(2 / 3)},
            "odd": {"n": 2, "accuracy": 1.0},  # q1 and q3
            "even": {"n": 1, "accuracy": 0.0},
        }
    }


def test_a_folder_without_sets_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="none of the sets"):
        sentences.measure_sets(tmp_path)
