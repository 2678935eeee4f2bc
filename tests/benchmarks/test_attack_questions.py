"""A sample of the campaign of questions: none ends in an error, and none holds the program."""

import random

from benchmarks.attack import questions
from index.store.library import Library
from qa.question.analyzer import MAX_CHARACTERS


def test_hostile_questions_are_answered_or_refused(samples: Library) -> None:
    figures = questions.ask(samples, 20, seed=1)
    assert figures["questions"] == 20
    assert figures["failed_errors"] == 0, figures["slowest_question"]
    assert figures["slowest_s"] < 60  # a guard against what does not end; the campaign counts what takes over 2 s


def test_questions_are_of_every_length_and_the_same_for_a_seed() -> None:
    one, other = ([questions.make_question(random.Random(seed)) for seed in range(200)] for _ in range(2))
    assert one == other
    assert max(map(len, one)) == MAX_CHARACTERS and min(map(len, one)) <= 20
