"""No regular expression of the program takes more than linear time, whatever text it is given."""

import json
import re
import subprocess
import sys

import pytest

from tests import backtracking
from tests.expressions import ROOT, find_expressions

# Made of words that are known only when the function runs, each escaped or out of a table that is tested itself.
_MADE_AT_RUN_TIME = {
    "corpus.text.normalize:_term_pattern": "the words of a term, escaped",
    "qa.answering.figures:_find": "the digits of a figure, escaped",
    "qa.answering.overview:_title": "the letters of a title, escaped",
    "qa.question.intent:_wordings": "the tables of wordings, which are kept as expressions",
    "qa.question.intent:split_compared_topics": "a table of conjunctions",
    "qa.question.moments:_months": "a row of a table that is part of a tested expression",
    "qa.question.moments:_number_in": "the names of numbers",
    "qa.question.moments:_stretch": "a row of a table that is part of a tested expression",
    "qa.web.root_path:__call__": "the name of the host in an address, escaped",
}
_SIZE = 7_000  # characters of a text that an expression is given, 20 KB in Chinese
_DEADLINE = 240  # seconds for all of them; they take some ten


def test_every_expression_is_found() -> None:
    """Those that no module keeps are known by name, so that a new one is looked at."""
    expressions, unknown = find_expressions()
    assert set(unknown) == set(_MADE_AT_RUN_TIME)
    assert len(expressions) > 300
    assert {"corpus.parsing.lines", "index.query.tokenizer", "qa.question.moments"} <= {each.module for each in expressions}


def test_no_repetition_stands_beside_another_that_takes_the_same_characters() -> None:
    """Two such repetitions can share a run of characters in as many ways as it is long, and try them all."""
    assert [str(each) for each in find_expressions()[0] if backtracking.adjacent_repetitions(each.pattern)] == []


@pytest.mark.parametrize(
    ("written", "is_ambiguous"),
    [
        (r"\d+\s*年?\s*x", True),
        (r"\d+\s*+年?\s*+x", False),
        (r"(?:a+)+b", True),
        (r"(?:a+b)+c", False),
        (r"(?:\s*,?)*x", True),
        (r".*foo", False),
        (r"\w*\d*x", True),
        (r"\w*(?=\d*)x", False),
        (r"(?>\s*)\s*x", False),
        (r"\s{0,9}\s*x", False),
    ],
)
def test_adjacent_repetitions_are_recognised(written: str, is_ambiguous: bool) -> None:
    assert bool(backtracking.adjacent_repetitions(re.compile(written))) == is_ambiguous


def test_texts_enter_every_repetition() -> None:
    """The text that stopped the program once: a year, blanks, and what fits nothing."""
    texts = list(backtracking.texts(re.compile(r"(?:19|20)\d\d\s*年?\s*度"), 100))
    assert any(re.fullmatch(rf"(?:19|20)\d\d {{80,}}{backtracking.MISMATCH}", text) for text in texts)


def test_time_grows_with_the_text() -> None:
    """Each expression reads texts made to lead it astray, in a process that can be ended."""
    command = [sys.executable, "-m", "tests.backtracking", str(_SIZE)]
    try:
        output = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=_DEADLINE, check=True).stdout
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
    lines = [json.loads(line) for line in output.decode().splitlines() if line.endswith("]")]
    assert lines and lines[-1] == ["", ""], f"did not end: {lines[-1:]}"
    assert {where: text for where, text in lines if text} == {}
