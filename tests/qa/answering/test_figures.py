"""Figures that a question states, and those that it asks for."""

from dataclasses import replace

import pytest

from index.store.library import Library
from qa.answering.answer import Quoted
from qa.answering.figures import figures_of, other_year_reason, unstated_figure_reason
from qa.question.analyzer import analyze_question
from tests.qa.answers import answer_of, quote_of


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
    assert [
        match[0]
        for match in figures_of(analyze_question(text, catalog=samples.catalog, encode=samples.retriever.encode_question))
    ] == figures


@pytest.mark.parametrize(
    ("text", "unstated"),
    [
        ("每年的活动经费是多少万元", "设立团代表活动专项经费，为履职提供经费保障。"),
        ("平台会员的男女比例是多少", "目前已累计新注册认证会员303名。"),
        ("What percentage of the members are women?", "目前已累计新注册认证会员303名。"),
    ],
)
def test_a_quote_without_the_figure_asked_for_is_no_answer(samples: Library, text: str, unstated: str) -> None:
    assert unstated_figure_reason(answered(samples, text, unstated)) is not None


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("每年的活动经费是多少万元", "每年安排活动经费300万，由财政列支。"),
        ("参加活动要交多少钱", "活动免费。"),
        ("平台会员的男女比例是多少", "男女会员各占一半。"),
        ("平台会员中女性占比多少", "女会员占四成。"),
        ("平台有多少会员", "目前已有两百余名会员。"),
        ("平台怎么发展会员", "同步做好会员发展工作。"),
    ],
)
def test_a_figure_may_be_written_in_any_way(samples: Library, text: str, stated: str) -> None:
    assert unstated_figure_reason(answered(samples, text, stated)) is None


@pytest.mark.parametrize(
    ("text", "quoted", "is_other"),
    [
        ("书屋2024年全年借出多少册次", "2023年，全市书屋借阅量达9.7万册次。", True),
        ("How many volunteers signed up in 2022?", "截至2024年4月，注册志愿者1.86万人。", True),
        ("书屋2023年借出多少册次", "2023年，全市书屋借阅量达9.7万册次，是2021年的3.4倍。", False),
        ("书屋2024年全年借出多少册次", "全年借阅量达9.7万册次。", False),
        ("2024年的简报里，书屋借出多少册次", "2023年，全市书屋借阅量达9.7万册次。", False),
        ("2022年开工的书屋什么时候建成", "2024年6月建成。", False),
        ("2022年以来怎么办书屋", "2024年建书屋58个。", False),
    ],
)
def test_a_figure_of_another_year_is_no_answer(samples: Library, text: str, quoted: str, is_other: bool) -> None:
    assert (other_year_reason(answered(samples, text, quoted)) is not None) == is_other


def answered(samples: Library, text: str, quoted: str) -> Quoted:
    """Return an answer to a question that quotes a text."""
    answer = answer_of(quote_of(quoted))
    assert isinstance(answer, Quoted)
    return replace(answer, question=analyze_question(text, catalog=samples.catalog, encode=samples.retriever.encode_question))
