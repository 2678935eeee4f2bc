"""The training of what a question asks for, on a few questions with made-up vectors."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from qa.question.asking import Asking, load_asking, numbers_of, numbers_of_turn, runs_of
from training import asking

NUMBERS = ("三个", "五家", "七处", "九户")


def vector_of(text: str) -> NDArray[np.float32]:
    """Return a vector that tells nothing but whether a text speaks of money."""
    return np.array([1, 0] if "钱" in text else [0, 1], np.float32)


@pytest.fixture
def figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Train on two voices, of which one asks for money in words that the other has not."""
    monkeypatch.setattr(asking, "ASKED", tmp_path)
    monkeypatch.setattr(asking, "_encoder", lambda: vector_of)
    for voice, money in (("east", "几块钱"), ("west", "多少钱")):
        records = [{"text": f"{name}要{money}", "kind": "fact", "answer": "money"} for name in NUMBERS]
        records += [{"text": f"{name}怎么办", "kind": "howto", "answer": None} for name in NUMBERS]
        turns = [{"before": ["夜校怎么办"], "text": f"那{name}呢", "leans": True} for name in NUMBERS]
        turns += [{"before": ["夜校怎么办"], "text": f"如何管好{name}", "leans": False} for name in NUMBERS]
        for name, lines in ((f"{voice}.jsonl", records), (f"{voice}.turns.jsonl", turns)):
            (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return asking.learn(tmp_path)


def test_what_is_learned_is_written_and_tells_its_own_questions(figures: dict[str, float], tmp_path: Path) -> None:
    learned = msgspec.json.decode((tmp_path / asking.FILE).read_bytes(), type=Asking)
    assert learned.names == ("fact:money", "howto")
    for text, wanted in (("四所要几块钱", 0), ("四所怎么办", 1)):
        runs = runs_of(text)
        assert learned.wants.by_words.scores(runs, np.zeros(0, np.float32)).argmax() == wanted
        assert learned.wants.by_both.scores(runs, numbers_of(vector_of(text))).argmax() == wanted
    for text, leans in (("那四所呢", True), ("如何管好四所", False)):
        assert (learned.leans.by_words.scores(runs_of(text), numbers_of_turn(text))[0] > 0) == leans


def test_a_voice_is_told_by_what_the_others_say(figures: dict[str, float]) -> None:
    assert set(figures) == {
        f"{task}.{voice}.{how}" for task in ("wants", "leans") for voice in ("east", "west") for how in ("by_words", "by_both")
    }
    assert figures["wants.east.by_both"] == 1


def test_runs_that_count_for_nothing_are_left_out(figures: dict[str, float], tmp_path: Path) -> None:
    learned = msgspec.json.decode((tmp_path / asking.FILE).read_bytes(), type=Asking)
    assert "怎么办" in learned.wants.by_words.runs
    assert "三个" not in learned.wants.by_words.runs  # as often in the one as in the other


def test_words_of_asking_stand_in_questions_oftener_than_in_documents(tmp_path: Path) -> None:
    record = {
        "sentences": ["摊位每月收管理费。", "摊位由街道统一编号。"],
        "questions": [{"text": text} for text in ("摆摊咋整", "摊位咋整", "咋整个摊位", "how many stalls")],
        "unanswerable": [{"text": "摊位到底咋整"}],
    }
    (tmp_path / "fair.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    assert asking.words_of_asking(tmp_path) == ("咋整",)


def test_what_ships_are_the_words_of_our_own_passages() -> None:
    assert load_asking().words == asking.words_of_asking(asking.PASSAGES)
