"""The measures of the readers, by hand."""

import pytest

from benchmarks.readers import differ, error_rate


@pytest.mark.parametrize(
    ("found", "wanted", "errors"),
    [
        ("志愿积分", "志愿积分", 0),
        ("## 志 愿\n\n**积分**", "志愿积分", 0),  # marks and white space do not count
        ("- 志愿（积分）", "志愿(积分)", 0),  # nor do bullets and widths
        ("志原积分", "志愿积分", 1),  # one replaced
        ("志积分", "志愿积分", 1),  # one left out
        ("志愿者积分", "志愿积分", 1),  # one put in
        ("愿志积分", "志愿积分", 2),  # two change places: one left out, one put in
        ("", "志愿积分", 4),
    ],
)
def test_error_rate(found: str, wanted: str, errors: int) -> None:
    assert error_rate(found, wanted) == pytest.approx(errors / len(wanted))


def test_differ() -> None:
    one = {"title": "甲 乙", "articles": [{"points": ["一是", "二是"]}], "year": 2021}
    assert differ(one, {"title": "甲乙", "articles": [{"points": ["一是", "二是"]}], "year": 2021}) == []
    assert differ(one, {"title": "甲乙", "articles": [{"points": ["一是"]}], "year": None}) == [
        "/articles/0/points: ['一是', '二是'] / ['一是']",
        "/year: 2021 / None",
    ]
