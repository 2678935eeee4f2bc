"""What a question asks for, as the learned model tells it, and the rules that stand around it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from index.contextual import load_contextual_encoder
from index.query.tokenizer import load_tokenizer
from qa.question.asking import load_asking, probabilities
from qa.question.intent import classify, split_compared_topics

SURE = {"compare": 0.6, "fact:number": 0.3, "howto": 0.1}

# Questions that no model has learned from: the words of asking are common ones, and the same stand in other kinds.
ASKED = {
    "survey": [
        "哪几个区搞过共享车位",
        "有没有哪个县给护林员买过保险",
        "谁家弄过邻里节",
        "Has any county tried lending tool kits?",
    ],
    "compare": [
        "甲县跟乙县的护林做法有啥不一样",
        "东坪和西坪哪个收费更合理",
        "How does Dongping's bus scheme differ from Xiping's?",
    ],
    "contents": ["第31期登了些什么文章", "6月那期都收了哪几篇", "What articles are in issue 31?"],
    "overview": ["把东坪县的经验概括一下", "东坪最近都忙了些什么", "Sum up what Dongping has been doing"],
    "count": ["有多少篇文章讲护林", "how many articles mention foresters"],
    "absence": ["哪些县还没建共享车位"],
    "list": ["护林员要守哪几条规矩", "邻里节下设哪几个分会", "which documents do foresters need to bring"],
    "howto": ["怎么把老护林员留住", "有好多个娃娃没人管咋办", "共享车位", "how to keep foresters safe"],
    "fact:number": ["一共招了多少护林员", "分会有几个", "How many foresters were hired?"],
    "fact:money": ["停一晚收几块钱", "做一份要好多钱", "how much does a permit cost"],
    "fact:date": ["护林员哪天上岗", "第一批是哪天来的", "when did the first market open"],
    "fact:duration": ["护林员要培训多久", "how long is a permit valid"],
    "fact:person": ["谁负责巡山", "who leads the patrol"],
    "fact:phone": ["护林站的电话是多少", "what number do I call to report a fire"],
    "fact:place": ["护林站设在哪里", "where is the patrol station"],
    "fact:name": ["那个平台叫什么名字", "what is the app called"],
    "fact:organisation": ["哪家公司承建的车位", "which company runs the car parks"],
}
CASES = [(kind, text) for kind, texts in ASKED.items() for text in texts]


def told_of(text: str) -> Mapping[str, float]:
    """How likely a question asks for each thing, by its words and its vector."""
    encoder = load_contextual_encoder()
    assert encoder is not None
    return probabilities(text, encoder.encode_question(text))


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_what_is_asked_for_is_told_with_the_vector_of_a_question(kind: str, text: str) -> None:
    assert next(iter(told_of(text))) == kind


@pytest.mark.parametrize(
    ("text", "kind", "fact"),
    [
        ("哪些地方提到积分兑换", "count", None),
        ("志愿者积分和团代表履职积分的用法有什么区别", "comparison", None),
        ("列出积分的用法", "list", None),
        ("List stations", "list", None),
        ("热线号码是多少", "factoid", "phone"),
        ("一个点花多少钱", "factoid", "money"),
        ("培训多久", "factoid", "duration"),
        ("什么时候开门", "factoid", "date"),
        ("谁负责", "factoid", "person"),
        ("哪家银行出钱", "factoid", "organisation"),
        ("驿站设在哪", "factoid", "place"),
        ("平台叫什么", "factoid", "name"),
        ("有多少个驿站", "factoid", "number"),
        ("锦渚区做了什么", "region", None),
        ("怎么办时间银行", "howto", None),
        ("积分有哪些用法", "list", None),
        ("驿站经费", "factoid", "money"),
        ("报名时间", "factoid", "date"),
        ("贷款期限", "factoid", "duration"),
        ("驿站负责人", "factoid", "person"),
        ("驿站地址", "factoid", "place"),
        ("创客贷年息", "factoid", "number"),
        ("骑手驿站", "howto", None),
        ("想把社区里的年轻人都组织到一起做志愿服务", "howto", None),
        ("驿站下设哪几个协会", "list", None),
        ("会上提了哪几条意见", "list", None),
        ("下设几个协会", "factoid", "number"),
        ("驿站有好多个", "factoid", "number"),
        ("报名的有几多", "factoid", "number"),
        ("做一份要好多钱", "factoid", "money"),
        ("有好多个娃娃没人管咋办", "howto", None),
        ("校长叫个啥名字", "factoid", "name"),
        ("summer camp: number of volunteers selected", "factoid", "number"),
        ("how to raise the number of volunteers", "howto", None),
        ("Which village was visited first?", "factoid", "place"),
        ("Which villages were visited?", "list", None),
        ("青年夜校办了几期", "factoid", "number"),
        ("提到夜校的简报有几期", "count", None),
        ("有多少篇文章讲反诈", "count", None),
        ("提出了哪几点要求", "list", None),
        ("几点开门", "factoid", "date"),
        ("做一次几块？", "factoid", "money"),
        ("活动在哪里办？", "factoid", "place"),
        ("接到陌生号码怎么办", "howto", None),
        ("夜校谁来讲课，怎么招生", "howto", None),
        ("怎么报名，暑托班什么时候开", "howto", None),
        ("请问，暑托班什么时候开", "factoid", "date"),
        ("针对不同需求的青年怎么提供服务和培训", "howto", None),
        ("怎样差异化开展志愿服务与社会实践", "howto", None),
        ("志愿积分和履职积分有什么不同的用法", "comparison", None),
    ],
)
def test_what_looks_alike_is_told_apart(text: str, kind: str, fact: str | None) -> None:
    """How many and which, what is asked beside 怎么, dialects, 不同 that compares nothing, attributes at the end."""
    assert classify(
        text, told_of(text), compares=bool(split_compared_topics(text, cut=load_tokenizer().words)), surveys=True
    ) == (kind, fact)


@pytest.mark.parametrize(
    "text", ["企业派人到机关跟班，工资是企业发还是机关发", "签合同难在哪里", "共同富裕怎么推进", "不同意见怎么收集"]
)
def test_a_conjunction_is_a_word_of_its_own(text: str) -> None:
    assert not split_compared_topics(text, cut=load_tokenizer().words)


@pytest.mark.parametrize("text", ["讲了几点意见？", "重点工作分几块？", "难点在哪里？"])
def test_what_only_looks_like_a_fact_is_none(text: str) -> None:
    assert classify(text, told_of(text), compares=False, surveys=True)[1] is None


def test_most_is_told_by_words_alone() -> None:
    told = [next(iter(probabilities(text, None))) == kind for kind, text in CASES]
    assert sum(told) >= 0.7 * len(told)


def test_none_of_these_questions_is_learned_from() -> None:
    asked = Path(__file__).parents[3] / "training" / "asked"
    learned = "".join(path.read_text(encoding="utf-8") for path in asked.glob("*.jsonl"))
    assert learned
    assert [text for _, text in CASES if f'"{text}"' in learned] == []


def test_probabilities_sum_to_one_and_fall() -> None:
    found = list(probabilities("怎么办", None).values())
    assert sum(found) == pytest.approx(1)
    assert found == sorted(found, reverse=True)
    assert len(found) == len(load_asking().names)


def test_only_what_names_two_things_is_a_comparison() -> None:
    assert classify("", SURE, compares=True, surveys=True) == ("comparison", None)
    assert classify("", SURE, compares=False, surveys=True) == ("factoid", "number")


def test_a_question_for_who_has_not_done_something_must_be_sure_to_be_one() -> None:
    assert classify("", {"absence": 0.9, "howto": 0.1}, compares=False, surveys=True) == ("absence", None)
    assert classify("", {"absence": 0.6, "howto": 0.4}, compares=False, surveys=True) == ("howto", None)


@pytest.mark.parametrize("name", load_asking().names)
def test_every_class_has_a_kind(name: str) -> None:
    kind, fact = classify("有多少篇文章", {name: 1.0}, compares=True, surveys=True)
    assert (kind == "factoid") == name.startswith("fact:") == (fact is not None)


def test_only_articles_issues_and_regions_are_counted() -> None:
    wants = {"count": 0.6, "fact:number": 0.4}
    assert classify("有多少篇文章讲护林", wants, compares=False, surveys=True) == ("count", None)
    assert classify("有多少个区讲到护林", wants, compares=False, surveys=True) == ("count", None)
    for text in ("一共整理了多少个词", "北苑区有多少个摊位", "暑期班有多少人", "石潭县一共几条路"):
        assert classify(text, wants, compares=False, surveys=True) == ("factoid", "number")


def test_a_question_on_one_region_asks_for_no_others() -> None:
    wants = {"survey": 0.6, "list": 0.4}
    assert classify("东坪县去了哪些地方", wants, compares=False, surveys=False) == ("list", None)
