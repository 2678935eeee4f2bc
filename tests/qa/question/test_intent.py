"""The rules that tell what a question asks for, each with a question that it decides."""

import pytest

from qa.question.intent import RULES, Wording

DECIDED = {
    "asks for a count": Wording("哪些地方提到积分兑换", "zh", 0),
    "compares": Wording("志愿者积分和团代表履职积分的用法有什么区别", "zh", 0),
    "names everything it asks for": Wording("列出积分的用法", "zh", 0),
    "says list": Wording("List stations", "en", 0),
    "asks for a fact: phone": Wording("热线号码是多少", "zh", 0),
    "asks for a fact: money": Wording("一个点花多少钱", "zh", 0),
    "asks for a fact: duration": Wording("培训多久", "zh", 0),
    "asks for a fact: date": Wording("什么时候开门", "zh", 0),
    "asks for a fact: person": Wording("谁负责", "zh", 0),
    "asks for a fact: organisation": Wording("哪家银行出钱", "zh", 0),
    "asks for a fact: place": Wording("驿站设在哪", "zh", 0),
    "asks for a fact: name": Wording("平台叫什么", "zh", 0),
    "asks for a fact: number": Wording("有多少个驿站", "zh", 0),
    "surveys a region": Wording("锦渚区做了什么", "zh", 1),
    "asks how": Wording("怎么办时间银行", "zh", 0),
    "asks for a list": Wording("积分有哪些用法", "zh", 0),
    "asks": Wording("象山呢？", "zh", 1),
    "ends with an attribute: money": Wording("驿站经费", "zh", 0),
    "ends with an attribute: date": Wording("报名时间", "zh", 0),
    "ends with an attribute: duration": Wording("贷款期限", "zh", 0),
    "ends with an attribute: person": Wording("驿站负责人", "zh", 0),
    "ends with an attribute: place": Wording("驿站地址", "zh", 0),
    "ends with an attribute: number": Wording("创客贷年息", "zh", 0),
    "is a short phrase": Wording("骑手驿站", "zh", 0),
    "is a wish at length": Wording("想把社区里的年轻人都组织到一起做志愿服务", "zh", 0),
}


def test_every_rule_has_an_example() -> None:
    assert [rule.name for rule in RULES] == list(DECIDED)


@pytest.mark.parametrize("name", DECIDED)
def test_the_first_rule_that_applies_decides(name: str) -> None:
    assert next(rule.name for rule in RULES if rule.applies(DECIDED[name])) == name


@pytest.mark.parametrize(
    ("asked", "decides"),
    [
        (Wording("驿站下设哪几个协会", "zh", 0), "asks for a list"),
        (Wording("会上提了哪几条意见", "zh", 0), "asks for a list"),
        (Wording("下设几个协会", "zh", 0), "asks for a fact: number"),
        # Dialects: 好多 and 几多 are how much, and 好多 in the midst is much.
        (Wording("驿站有好多个", "zh", 0), "asks for a fact: number"),
        (Wording("报名的有几多", "zh", 0), "asks for a fact: number"),
        (Wording("做一份要好多钱", "zh", 0), "asks for a fact: money"),
        (Wording("有好多个娃娃没人管咋办", "zh", 0), "asks how"),
        (Wording("校长叫个啥名字", "zh", 0), "asks for a fact: name"),
        (Wording("summer camp: number of volunteers selected", "en", 0), "asks for a fact: number"),
        (Wording("how to raise the number of volunteers", "en", 0), "asks how"),
        (Wording("Which village was visited first?", "en", 0), "asks for a fact: place"),
        (Wording("Which villages were visited?", "en", 0), "asks for a list"),
        # Courses have terms, and bulletins issues.
        (Wording("青年夜校办了几期", "zh", 0), "asks for a fact: number"),
        (Wording("提到夜校的简报有几期", "zh", 0), "asks for a count"),
        (Wording("有多少篇文章讲反诈", "zh", 0), "asks for a count"),
        # What only looks like a fact.
        (Wording("提出了哪几点要求", "zh", 0), "asks for a list"),
        (Wording("讲了几点意见？", "zh", 0), "asks"),
        (Wording("几点开门", "zh", 0), "asks for a fact: date"),
        (Wording("重点工作分几块？", "zh", 0), "asks"),
        (Wording("做一次几块？", "zh", 0), "asks for a fact: money"),
        (Wording("难点在哪里？", "zh", 0), "asks"),
        (Wording("活动在哪里办？", "zh", 0), "asks for a fact: place"),
        (Wording("接到陌生号码怎么办", "zh", 0), "asks how"),
        # Another clause asks how.
        (Wording("夜校谁来讲课，怎么招生", "zh", 0), "asks how"),
        (Wording("怎么报名，暑托班什么时候开", "zh", 0), "asks how"),
        (Wording("请问，暑托班什么时候开", "zh", 0), "asks for a fact: date"),
        # 不同 before a noun compares nothing.
        (Wording("针对不同需求的青年怎么提供服务和培训", "zh", 0), "asks how"),
        (Wording("怎样差异化开展志愿服务与社会实践", "zh", 0), "asks how"),
        (Wording("志愿积分和履职积分有什么不同的用法", "zh", 0), "compares"),
    ],
)
def test_how_many_is_a_fact_and_which_of_several_a_list(asked: Wording, decides: str) -> None:
    assert next(rule.name for rule in RULES if rule.applies(asked)) == decides
