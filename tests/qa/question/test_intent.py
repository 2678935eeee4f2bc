"""What a question asks for, as the learned model tells it, and the rules that stand around it."""

from pathlib import Path

import pytest

from index.contextual import load_contextual_encoder
from qa.question.asking import Text, load_asking, probabilities
from qa.question.intent import classify

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


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_what_is_asked_for_is_told_with_the_vector_of_a_question(kind: str, text: str) -> None:
    encoder = load_contextual_encoder()
    assert encoder is not None
    assert next(iter(probabilities(Text(text, encoder.encode_question(text))))) == kind


def test_most_is_told_by_words_alone() -> None:
    told = [next(iter(probabilities(Text(text, None)))) == kind for kind, text in CASES]
    assert sum(told) >= 0.7 * len(told)


def test_none_of_these_questions_is_learned_from() -> None:
    asked = Path(__file__).parents[3] / "training" / "asked"
    learned = "".join(path.read_text(encoding="utf-8") for path in asked.glob("*.jsonl"))
    assert learned
    assert [text for _, text in CASES if f'"{text}"' in learned] == []


def test_probabilities_sum_to_one_and_fall() -> None:
    found = list(probabilities(Text("怎么办", None)).values())
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
    assert classify("一共整理了多少个词", wants, compares=False, surveys=True) == ("factoid", "number")


def test_a_question_on_one_region_asks_for_no_others() -> None:
    wants = {"survey": 0.6, "list": 0.4}
    assert classify("东坪县去了哪些地方", wants, compares=False, surveys=False) == ("list", None)
