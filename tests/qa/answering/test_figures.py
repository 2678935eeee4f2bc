"""Figures that a question states."""

import pytest

from index.store.library import Library
from qa.answering.figures import figures_of
from qa.question.analyzer import analyze_question


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("2270名老人怎么受益", ["2270"]),
        ("投入31.8万分的积分", ["31.8万"]),
        ("惠及12345万人的项目", ["12345万"]),
        ("2021年第14期讲了什么", []),
        ("三年里100天做了什么", []),
        # Hotlines are names.
        ("12345系统不受理什么", []),
        ("打12355和95598有人接吗", []),
    ],
)
def test_a_question_states_its_figures(samples: Library, text: str, figures: list[str]) -> None:
    assert [match[0] for match in figures_of(analyze_question(text, catalog=samples.catalog))] == figures
