"""The rules by which lines are joined to paragraphs: a case for each, worked out by hand."""

import pytest

from corpus.parsing.lines import Line
from corpus.parsing.paragraphs import RULES, Join, Paragraph, Typesetting, decide, find_wrap

WRAP = 60
FULL = "团区委走访三十七个村，把夜校课表送到骑手等单的路口和商场门"  # 30 characters: 60 columns
SHORT = "开设骑手夜校"

# The lines above, the line below, the rule that decides; then what differs from a text that is not wrapped, without a gap.
CASES: list[tuple[str, list[str], str, dict[str, bool]]] = [
    ("a row of a table stands alone", ["姓名\t人数"], "镇海\t12", {"row": True}),
    ("a Markdown heading stands alone", ["今年以来，团区委"], "## 做法", {}),
    ("a Markdown heading stands alone", ["## 做法"], "今年以来，团区委", {}),
    ("a clause or a chapter begins", ["第二条 夜校由乡镇办"], "第三条 经费由县里出。", {}),
    ("a clause or a chapter begins", ["夜校由乡镇办"], "第二章 经费", {}),
    ("a chapter's name stands alone", ["第二章 经费"], "经费由县里出。", {}),
    ("a bullet begins", ["今年以来，团区委开设夜校，"], "● 骑手下班晚", {}),
    ("a subheading begins after a full stop", ["夜校开在商场。"], "（一）排好课", {}),
    ("a full line goes on after its full stop", [f"{FULL[:-1]}。"], "骑手下班晚", {"wrapped": True}),
    ("a paragraph ends with its full stop", ["夜校开在商场。"], "骑手下班晚", {}),
    ("a paragraph ends with its full stop", [f"{FULL[:-1]}。"], "二、排好课", {"wrapped": True}),
    ("a paragraph ends with its full stop", [f"{FULL[:-1]}。"], "骑手下班晚", {"wrapped": True, "gap": True}),
    ("a paragraph ends with its full stop", [f"{FULL[:-1]}。"], "　　骑手下班晚", {"wrapped": True}),
    ("a point begins after a colon or semicolon", ["做法有三条："], "一是排好课", {}),
    ("a point begins after a colon or semicolon", ["一是排好课；"], "二是请好老师", {}),
    ("a quotation or a bold run goes on", ["团区委办起“骑手"], "一、夜校”", {}),
    ("a quotation or a bold run goes on", ["**一、排好课，请好"], "老师**", {}),
    ("a quotation or a bold run goes on", ["学习《骑手"], "手册》一书", {}),
    ("a heading begins below a full line", [FULL], "二、请好老师", {"wrapped": True}),
    ("a full line goes on", [FULL], "口", {"wrapped": True}),
    ("a heading begins", ["今年以来，团区委开设夜校，"], "二、请好老师", {}),
    ("a heading begins", ["今年以来，团区委开设夜校，"], "（二）请好老师", {}),
    ("a paragraph ends with its colon", ["做法如下："], "骑手下班晚", {}),
    ("a torn heading goes on", ["一、排好课，请好"], "老师。骑手下班晚，", {"inline": True}),
    ("the mark of a heading goes on", ["一、"], "排好课", {}),
    ("the mark of a heading goes on", ["十一、"], "排好课", {}),
    ("a heading ends with its line", ["一、排好课"], "骑手下班晚。", {}),
    ("a heading ends with its line", ["一、排好课，请好"], "一是请老师。", {"inline": True}),
    ("a title ends with its line", [SHORT], "骑手下班晚", {}),
    ("a title ends with its line", ["镇海，开设骑手夜校"], "骑手下班晚", {}),
    ("a point's name stands alone", ["1.排好课，请好老师"], "骑手下班晚。", {"gap": True}),
    ("a point's name stands alone", ["1.排好课，请好老师"], "　　骑手下班晚。", {}),
    ("a point begins", ["今年以来团区委开设夜校"], "一是排好课", {}),
    ("a paragraph goes on until it ends", ["今年以来，团区委"], "开设夜校", {}),  # it opens like prose
    ("a paragraph goes on until it ends", ["镇海，开设骑手夜校"], "骑手下班晚", {"no_titles": True}),
    ("a paragraph goes on until it ends", ["团区委开设夜校，"], "一是排好课", {}),  # it breaks off after a comma
    ("a paragraph goes on until it ends", ["夜校开在商场。骑手下班"], "晚，一", {"gap": True}),  # a page break
]


@pytest.mark.parametrize(("rule", "above", "below", "setting"), CASES)
def test_the_rule_that_decides(rule: str, above: list[str], below: str, setting: dict[str, bool]) -> None:
    lines = [Line(number, 0, len(raw), raw) for number, raw in enumerate([*above, below], 1)]
    paragraph = Paragraph.of(lines[0])
    for line in lines[1:-1]:
        paragraph.add(line)
    lines[-1].is_table_row = setting.get("row", False)
    typesetting = Typesetting(WRAP if setting.get("wrapped") else None, setting.get("inline", False))
    join = Join(paragraph, lines[-1], typesetting, setting.get("gap", False), setting.get("no_titles", False))
    assert decide(join).name == rule


def test_every_rule_has_a_case() -> None:
    assert [rule.name for rule in RULES] == list(dict.fromkeys(rule for rule, *_ in CASES))


@pytest.mark.parametrize(
    ("widths", "expected"),
    [
        ([60, 60, 58, 60, 60, 54, 60, 60, 60], 60),
        ([60] * 8, None),  # the last line has none below: seven are too few
        ([60, 60, 60, 60, 60, 60, 44, 44, 44, 44], None),  # six of nine are near: fewer than seven tenths
        ([60] * 9 + [160, 60], None),  # a paragraph on one line
        ([30] * 20, None),  # short lines: a list
    ],
)
def test_wrap_width(widths: list[int], expected: int | None) -> None:
    assert find_wrap([Line(number, 0, 0, "好" * (width // 2)) for number, width in enumerate(widths, 1)]) == expected
