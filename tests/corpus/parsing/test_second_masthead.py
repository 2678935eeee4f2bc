"""A second masthead below running text, on invented bulletins."""

import pytest

from corpus.messages.errors import BulletinParseError
from corpus.parsing.parser import parse_text
from corpus.regions.gazetteer import Gazetteer

FIRST = """云栖青年工作简报

第3期（总第12期）

共青团云栖市委办公室　　2020年9月15日

夜校开在工厂门口

骑手下班晚，夜校就开得晚，每周两晚，每晚两个小时。

学员千人，老师八十人，课程二十门，都写进了台账。
"""
BELOW = "图书角搬进车间\n\n车间里有了图书角，工间休息的二十分钟里有书可读。\n"


def parse(text: str) -> int:
    return len(parse_text(text, gazetteer=Gazetteer.load(), document="both.txt").articles)


@pytest.mark.parametrize(
    "second",
    [
        "云栖青年工作简报\n\n第4期（总第13期）\n\n共青团云栖市委办公室　　2020年10月15日\n",  # the next issue
        "鹤浦工会信息\n\n第3期\n\n鹤浦市总工会\n",  # the same number of another series
        "鹤浦工会信息\n第88期\n",
        "鹤 浦 工 会 信 息\n\n〔2021〕第９期\n\n2021年5月8日\n",
        "# 鹤浦工会信息\n\n**增刊**\n\n鹤浦市总工会\n",
        "鹤浦工会信息  第7期（总第88期）  鹤浦市总工会  2023年5月18日\n",
    ],
)
def test_a_second_masthead_is_refused_by_its_line(second: str) -> None:
    with pytest.raises(BulletinParseError) as refused:
        parse(f"{FIRST}\n{second}\n{BELOW}")
    assert refused.value.message.code == "corpus.parsing.two_bulletins"
    values = dict(refused.value.message.args)
    assert (values["line"], values["second"]) == (1, 1 + len(f"{FIRST}\n".splitlines()))
    assert "第 1 行" in str(refused.value.message) or "line 1 " in str(refused.value.message)


@pytest.mark.parametrize(
    "between",
    [
        "",
        "云栖青年工作简报　　第3期\n",  # the running header of a page
        "云栖青年工作筒报\n第3期（总第12期）\n",  # misread by OCR
        "共青团云栖市委办公室　　2020年9月16日印发\n",
        "更多做法见第4期\n",
        "第二期\n",  # a heading
        "云栖青年工作简报第4期刊登了名单，共有二十六人，都是今年新来的。\n",
    ],
)
def test_what_is_no_other_masthead_is_read_on(between: str) -> None:
    assert parse(f"{FIRST}\n{between}\n{BELOW}") >= 1


@pytest.mark.parametrize("title", ["团锦渚区委推进第3号试点工作", "团锦渚区委推进第12期试点工作", "锦渚区第2期青年夜校开班"])
def test_a_number_in_a_title_makes_no_second_masthead(title: str) -> None:
    assert parse(f"{FIRST}\n{title}\n\n车间里有了图书角，工间休息的二十分钟里有书可读。\n\n2021年3月\n\n{BELOW}") >= 1
