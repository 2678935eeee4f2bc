"""What is understood of a question."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from corpus.messages.errors import QuestionError
from index.filters import Filters, Period
from index.store.library import Library
from qa.export.records import build_question_record, to_json_object
from qa.question.analyzer import MAX_CHARACTERS, analyze_question
from qa.question.pinyin import english_name
from qa.question.question import FOLLOWUP, Question
from qa.question.series_and_issues import find_issues
from qa.question.spelling import find_misspellings
from tests.executed_lines import count_lines
from tests.qa.invented import paragraph, retriever_of

JINZHU = "锦渚区的时间银行怎么办"


def read(library: Library, text: str, *history: str, without: tuple[str, ...] = ()) -> Question:
    encode = library.retriever.encode_question
    return analyze_question(text, history=history, removed_chips=without, catalog=library.catalog, encode=encode)


def regions(library: Library, text: str, *history: str) -> list[str]:
    return [region.label for region in read(library, text, *history).filters.regions]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("锦渚区的时间银行怎么办", ["云栖市锦渚区"]),
        ("锦渚怎么办时间银行", ["云栖市锦渚区"]),
        ("云栖市锦渚区怎么办", ["云栖市锦渚区"]),  # not also all of 云栖市
        ("团石潭县委怎么做直播", ["石潭县"]),
        ("竹坞和上埠的代表制度有什么不同", ["竹坞县", "云栖市上埠区"]),
        ("埠头区怎么培训团干部", ["云栖市埠头区"]),  # abolished in 2021
        ("除了望澜，还有哪里搞积分", []),
        ("怎样开展志愿积分", []),
        ("岚川大学怎么防诈骗", []),  # a university that bears the name of the province
        ("锦渚路上的驿站", []),
    ],
)
def test_regions_named_in_chinese(samples: Library, text: str, labels: list[str]) -> None:
    assert sorted(regions(samples, text)) == sorted(labels)


def test_a_village_that_bears_the_name_of_a_region_is_another_place(samples: Library) -> None:
    assert regions(samples, "How does Jinzhu Village sort its waste?") == []
    assert regions(samples, "How does Jinzhu sort its waste?") == ["云栖市锦渚区"]


@pytest.mark.parametrize(
    ("text", "labels", "topic"),
    [
        ("除了望澜，还有哪里搞积分", ["望澜市"], "积分"),
        ("除锦渚区和北苑区以外，驿站怎么建", ["云栖市锦渚区", "云栖市北苑区"], "驿站建"),
        ("不要锦渚区的，志愿积分怎么做", ["云栖市锦渚区"], "志愿积分"),
        ("锦渚区外的骑手怎么歇脚", ["云栖市锦渚区"], "骑手歇脚"),
        ("石潭县之外的心理热线", ["石潭县"], "心理热线"),
        ("everywhere except Wanglan and Jinzhu: credits", ["望澜市", "云栖市锦渚区"], None),
        ("Which places other than Shitan County have a hotline?", ["石潭县"], "hotline"),
        ("驿站的做法帮我找几家，锦渚区的就别给我了", ["云栖市锦渚区"], None),
        ("锦渚区的先不看，驿站怎么建", ["云栖市锦渚区"], "驿站建"),
        ("锦渚区不要求打卡的驿站怎么管", [], None),
        ("锦渚区里外的骑手怎么歇脚", [], "里外的骑手歇脚"),
        ("除了志愿积分，锦渚区还做什么", [], None),
    ],
)
def test_regions_that_are_left_out(samples: Library, text: str, labels: list[str], topic: str | None) -> None:
    question = read(samples, text)
    assert [region.label for region in question.filters.excluded_regions] == labels
    assert not {region.label for region in question.filters.regions} & set(labels)
    assert topic is None or question.topic == topic
    chips = [chip.key for chip in question.chips if chip.kind == "excluded"]
    assert chips == [f"excluded:{region.path}" for region in question.filters.excluded_regions]


def test_who_else_asks_which_regions_have(samples: Library) -> None:
    assert read(samples, "除了澄溪市，还有谁办过青年交友").kind == "survey"
    assert read(samples, "谁办过青年交友").kind == "survey"
    assert read(samples, "青年交友由谁承办").kind == "factoid"


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("What did Jinzhu do about volunteer hours?", ["云栖市锦渚区"]),
        ("How did Jinzhu District in Yunqi start its time bank?", ["云栖市锦渚区"]),  # not also all of Yunqi
        ("Yunqi City: time bank", ["云栖市"]),
        ("Compare Shitan County with Bailu", ["石潭县", "白鹭市"]),
        ("what did Shi Tan do", ["石潭县"]),
        ("jinzhu district time bank", ["云栖市锦渚区"]),  # small letters, but a district
        ("Wanglan's credits", ["望澜市"]),
        ("Wanglan only: credits", ["望澜市"]),
        ("everywhere except Wanglan", []),
        ("Lanchuan University students", []),
        ("Has jinzhu written of shan, ping and dancheng?", []),
        ("Dean of students", []),  # 德安 is De'an
        ("Lean on the volunteers", []),  # 乐安 is Le'an
        ("Mile after mile", []),  # 弥勒 is Mile
    ],
)
def test_regions_named_in_latin_letters(samples: Library, text: str, labels: list[str]) -> None:
    question = read(samples, text)
    assert [region.label for region in question.filters.regions] == labels
    assert question.unknown_regions == ()


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("广东怎样开展志愿积分", ["广东省"]),
        ("深圳市怎样开展志愿积分", ["深圳市"]),
        ("怎样做到长治久安", []),  # 长治 is a city
        ("给骑手发三明治的驿站", []),  # 三明 is one, too
        ("沿海宁静的渔村怎么办活动", []),  # 海宁 is one
        ("in Wenzhou, how are volunteers managed?", ["温州市"]),
        ("what did Shaanxi do", ["陕西省"]),
        ("what did Shanxi do", ["山西省"]),
        ("volunteers in Tibet", ["西藏自治区"]),
        ("volunteers in Inner Mongolia", ["内蒙古自治区"]),
        ("Xi'an volunteers", ["西安市"]),
        ("Harbin and Xiamen", ["哈尔滨市", "厦门市"]),
        ("Jiangbei District, Chongqing", ["重庆市江北区"]),
        ("Jiangbei District in Ningbo", ["宁波市江北区"]),
        ("the Wenzhou Cadre College", []),  # part of a name
        ("What does nanning say?", []),  # small letters, and no district
        ("年轻人都去北京、上海打工了，怎么联系他们", []),  # where somebody goes limits nothing
        ("how to keep in touch with those who left for Beijing or Shanghai", []),
        ("北京怎么联系去上海的年轻人", ["北京市"]),
        ("过去北京怎么做", ["北京市"]),
    ],
)
def test_regions_of_which_the_library_has_nothing(samples: Library, text: str, unknown: list[str]) -> None:
    assert [region.label for region in read(samples, text).unknown_regions] == unknown


def test_every_region_of_the_library_is_found_by_its_english_name(samples: Library) -> None:
    for region in samples.retriever.catalog.regions:
        assert read(samples, f"What did {english_name(region)} do?").filters.regions == (region,)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("2021年的简报里有哪些做法", Filters(years=(2021,))),
        ("二〇二一年的简报里有哪些做法", Filters(years=(2021,))),
        ("2019年至2021年的简报里驿站怎么建", Filters(periods=(Period(date(2019, 1, 1), date(2021, 12, 31)),))),
        ("只看2019年：积分怎么兑换", Filters(years=(2019,))),
        ("2023年以来的简报怎么讲积分", Filters(periods=(Period(date(2023, 1, 1)),))),
        ("2020年以前的简报怎么讲积分", Filters(periods=(Period(last=date(2019, 12, 31)),))),
        ("2010年以前的简报怎么讲积分", Filters(periods=(Period(last=date(2009, 12, 31)),))),  # none, which is to be said
        ("bulletins after 2023: points", Filters(periods=(Period(date(2024, 1, 1)),))),
        ("2030年的简报里怎么写驿站", Filters(years=(2030,))),  # stays, though no bulletin passes: the answer says so
        ("In the 2021 issues, what is lent to young people?", Filters(years=(2021,))),
        ("Bulletins from 2021: what is lent?", Filters(years=(2021,))),
        ("2017年公开比选了多少人", Filters()),  # dates what is told, not the bulletin
        ("2023年有多少志愿者上岗", Filters()),
        ("2021年信息公开做了几次", Filters()),
        ("In 2021, how many stations were built?", Filters()),
        ("从2019年起积分怎么兑换", Filters(periods=(Period(date(2019, 1, 1)),))),
        ("2021年云栖市的简报里驿站怎么建", Filters(years=(2021,), series=("云栖共青团工作简报",))),  # a year and a series
        ("只看云栖共青团工作简报总第530期，有什么做法", Filters(series=("云栖共青团工作简报",), total_issues=("530",))),
        ("岚川青年工作信息2021年第14期说了什么", Filters(years=(2021,), series=("岚川青年工作信息",), issues=("14",))),
        ("第十一期讲了什么", Filters(issues=("11",))),
        ("2022年增刊讲了什么", Filters(years=(2022,), issues=("增刊",))),
        ("issue 14: fraud", Filters(issues=("14",))),
        ("total issue 530: stations", Filters(total_issues=("530",))),
        ("只看岚川大学的简报：怎么防诈骗", Filters(series=("岚川大学共青团工作简报",))),
        ("岚川大学的简报里怎么防诈骗", Filters(series=("岚川大学共青团工作简报",))),
        ("Lanchuan University newsletter: fraud", Filters(series=("岚川大学共青团工作简报",))),
        ("the 2021 issue of Lanchuan Youth Work Information", Filters(years=(2021,), series=("岚川青年工作信息",))),
        (
            "Only from the May 2021 Yunqi bulletin: founders",
            Filters(periods=(Period(date(2021, 5, 1), date(2021, 5, 31)),), series=("云栖共青团工作简报",)),
        ),
        ("Yunqi Youth League Work Bulletin: founders", Filters(series=("云栖共青团工作简报",))),
    ],
)
def test_filters_named_in_the_question(samples: Library, text: str, filters: Filters) -> None:
    assert read(samples, text).filters == filters


def test_filters_set_by_hand_stand_above_those_named(samples: Library) -> None:
    chosen = Filters(years=(2019,))
    question = analyze_question(
        "2021年的简报里有哪些做法", filters=chosen, catalog=samples.catalog, encode=samples.retriever.encode_question
    )
    assert question.filters == chosen
    assert question.chips == ()


@pytest.mark.parametrize(
    ("text", "kind", "answer_kind"),
    [
        ("怎样帮助留守儿童", "howto", None),
        ("how to run volunteer points", "howto", None),
        ("How do you keep delegates active when the congress is not in session?", "howto", None),  # `when` asks nothing here
        ("somewhere to read for kids who cannot see", "howto", None),
        ("刚毕业头几天没处落脚咋办", "howto", None),  # 几天 asks nothing here
        ("有哪些积分兑换的奖品", "list", None),
        ("三张清单分别交给谁", "list", None),
        ("list the prizes", "list", None),
        ("Which projects help left-behind children?", "list", None),
        ("骑手驿站有多少个", "factoid", "number"),
        ("what share of trainees passed?", "factoid", "number"),
        ("一次补贴多少钱", "factoid", "money"),
        ("how much is the subsidy?", "factoid", "money"),
        ("什么时候发补贴", "factoid", "date"),
        ("when was the hotline opened?", "factoid", "date"),
        ("积分能保存多久", "factoid", "duration"),
        ("how long do points last?", "factoid", "duration"),
        ("热线电话是多少", "factoid", "phone"),
        ("石榴热线号码", "factoid", "phone"),
        ("谁来当主播老师", "factoid", "person"),
        ("And who gets the profits?", "factoid", "person"),
        ("驿站由哪家单位运营", "factoid", "organisation"),
        ("which bank lends the money?", "factoid", "organisation"),
        ("热线叫什么名字", "factoid", "name"),
        ("What is the name of the hotline?", "factoid", "name"),
        ("直播间设在哪里", "factoid", "place"),
        ("where is the station?", "factoid", "place"),
        ("石潭做了什么来留住青年", "howto", None),
        ("请介绍一下石潭吸引青年的经验", "region", None),
        ("What has Shitan done about recycling?", "howto", None),
        ("竹坞和上埠的代表制度有什么不同", "comparison", None),
        ("Compare how Shitan and Bailu recycle", "comparison", None),
        ("志愿积分和时间银行有什么区别", "comparison", None),
        ("志愿者有哪些不同的岗位", "list", None),  # 不同 compares nothing here
        ("哪些地区提到了积分兑换？", "count", None),
        ("有几期简报讲到驿站", "count", None),
        ("多少篇文章提到“骑手”", "count", None),
        ("Which regions mention points redemption?", "count", None),
        ("How many bulletins talk about time banks?", "count", None),
        ("How many issues are there on time banks?", "count", None),
        ("How many issues did the delegates of Zhuwu raise?", "factoid", "number"),  # matters, and not bulletins
        ("How do regions organise blood drives?", "howto", None),
        ("2023年刊出的几期里怎么写驿站", "howto", None),  # 几期 asks nothing here
        ("留守儿童", "howto", None),
        ("外卖骑手驿站", "howto", None),
        ("time bank", "howto", None),
        ("驿站 rider stations", "howto", None),
    ],
)
def test_kind(samples: Library, text: str, kind: str, answer_kind: str | None) -> None:
    question = read(samples, text)
    assert (question.kind, question.answer_kind) == (kind, answer_kind)
    assert question.is_factoid == (kind == "factoid")


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("怎样开展志愿积分兑换？", "志愿积分兑换"),
        ("锦渚区怎么推进中长期青年发展规划试点？", "中长期青年发展规划试点"),  # 中长期 does not begin with 中
        ("怎么做到和谐共处", "和谐共处"),  # nor 和谐 with 和
        ("2021年的简报里，驿站有哪些做法", "驿站"),
        ("哪些地区的简报提到了积分兑换？", "积分兑换"),
        ("石潭做了什么", ""),
        ("What did Shitan County do to attract young talent?", "attract young talent"),
        ("how to run volunteer point systems", "volunteer point systems"),
        ("In the 2021 issues, what is lent to young people?", "lent to young people"),
        ("time bank", "time bank"),
        ("先整治哪些区域的空中乱线", "先整治的空中乱线"),
        ("哪些省份办了青年夜校", "青年夜校"),
    ],
)
def test_topic(samples: Library, text: str, topic: str) -> None:
    assert read(samples, text).topic == topic


def test_a_question_with_nothing_but_filters_is_searched_for_as_it_stands(samples: Library) -> None:
    assert read(samples, "石潭做了什么").query == "石潭做了什么"


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("志愿者积分和团代表积分的用法有什么区别？", ("志愿者积分的用法", "团代表积分的用法")),
        ("时间银行与爱心超市对比", ("时间银行", "爱心超市")),
        ("Compare time banks and volunteer points", ("time banks", "volunteer points")),
        ("What is the difference between time banks and volunteer points?", ("time banks", "volunteer points")),
        ("竹坞和上埠的代表制度有什么不同", ()),  # the sides are regions
        ("和谐社区怎么建", ()),
    ],
)
def test_sides_of_a_comparison(samples: Library, text: str, sides: tuple[str, ...]) -> None:
    assert read(samples, text).compared_topics == sides


@pytest.mark.parametrize(
    "text",
    [
        "比较望澜市和云栖市的志愿积分",
        "望澜市和云栖市的志愿积分有什么不同",
        "对比一下望澜市与云栖市在志愿积分上的做法",
        "云栖市、望澜市志愿积分做法对比",
        "请比较锦渚区、北苑区和望澜市的志愿积分",
    ],
)
def test_the_topic_of_a_comparison_is_what_is_left_without_its_regions_and_their_conjunctions(
    samples: Library, text: str
) -> None:
    question = read(samples, text)
    assert (question.kind, question.topic, question.query) == ("comparison", "志愿积分", "志愿积分")


def test_a_word_that_begins_as_a_conjunction_stays_behind_a_region(samples: Library) -> None:
    assert read(samples, "望澜市和谐社区怎么建").topic.startswith("和谐社区")


def test_a_region_on_one_side_of_a_comparison_is_no_filter(samples: Library) -> None:
    question = read(samples, "石潭的热线与大学里的热线有什么不同")
    assert (question.compared_topics, question.filters) == (("石潭的热线", "大学里的热线"), Filters())


@pytest.mark.parametrize(
    ("text", "corrections"),
    [
        ("字愿者怎么招募", [("字愿者", "志愿者")]),
        ("自愿者怎么招募", [("自愿者", "志愿者")]),
        ("积芬怎么兑换", [("积芬", "积分")]),
        ("爱心驿占", [("驿占", "驿站")]),
        ("zhiyuanzhe jifen", [("zhiyuanzhe", "志愿者"), ("jifen", "积分")]),
        ("how do volunters get points", [("volunters", "volunteers")]),
        ("volunteer redemtion", [("redemtion", "redemption")]),
        ("志愿者怎么招募", []),
        ("护照怎么办理", []),  # a word, though no bulletin has it
        ("没人照看的孩子怎么帮", []),  # nor is 没人 每人
        ("打工的新人怎么帮", []),
        ("livestream leavers", []),  # made of English words
        ("What did Wenzhou do", []),
    ],
)
def test_slips_are_bridged_and_shown(samples: Library, text: str, corrections: list[tuple[str, str]]) -> None:
    question = read(samples, text)
    assert [(slip.written, slip.corrected) for slip in question.corrections] == corrections
    if corrections:
        assert question.interpretation is not None
        assert all(understood in question.interpretation and understood in question.query for _, understood in corrections)


def test_what_the_library_says_is_never_taken_for_a_slip(samples: Library) -> None:
    for article in samples.retriever.catalog.articles:
        assert find_misspellings(article.title, catalog=samples.catalog) == ()


def test_hardly_any_written_question_is_taken_for_a_slip(samples: Library) -> None:
    """The questions of training/ are spelled right, and the samples lack half of their words."""
    files = sorted((Path(__file__).parents[3] / "training" / "questions").glob("*.jsonl"))
    entries = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [question["text"] for entry in entries for question in entry["questions"]][::5]
    changed = [slips for text in texts if (slips := find_misspellings(text, catalog=samples.catalog))]
    assert len(texts) > 300
    assert len(changed) <= 0.01 * len(texts), changed


def test_a_slip_costs_little(samples: Library) -> None:
    """The words of the library are put in order of sound once; from then on a slip takes 1.3 times the lines of a right word."""
    slip, right = "字愿者怎么招募", "志愿者怎么招募"
    assert read(samples, slip).interpretation == right
    assert count_lines(lambda: read(samples, slip)) < 3 * count_lines(lambda: read(samples, right))


def test_a_follow_up_takes_topic_and_region_from_before(samples: Library) -> None:
    question = read(samples, "那兑换点有多少？", JINZHU)
    assert "时间银行" in question.query
    assert [region.label for region in question.filters.regions] == ["云栖市锦渚区"]
    assert question.interpretation == "云栖市锦渚区 · 时间银行 · 兑换点"


@pytest.mark.parametrize(
    ("text", "history", "understood"),
    [
        ("石潭呢？", [JINZHU], "石潭县 · 时间银行"),
        ("望澜市的呢？", [JINZHU], "望澜市 · 时间银行"),
        ("温州呢？", [JINZHU], "温州市 · 时间银行"),
        ("那上埠呢？", [JINZHU, "石潭呢？"], "云栖市上埠区 · 时间银行"),
        ("2021年的呢？", [JINZHU], "云栖市锦渚区 · 时间银行"),
        ("谁掏钱？", [JINZHU], "云栖市锦渚区 · 时间银行 · 掏钱"),
        ("经费从哪里来？", [JINZHU], "云栖市锦渚区 · 时间银行 · 经费"),
        ("What about Bailu?", ["How did Shitan run its hotline?"], "Bailu City · hotline"),
        ("And who gets the profits?", ["How did Shitan set up its huts?"], "Shitan County · huts · profits"),
        ("What about those in debt?", ["How are delegates scored?"], "delegates scored · debt"),
    ],
)  # fmt: skip
def test_follow_ups_say_how_they_are_understood(samples: Library, text: str, history: list[str], understood: str) -> None:
    assert read(samples, text, *history).interpretation == understood


@pytest.mark.parametrize(
    "text",
    [
        *("那北苑区呢", "北苑区", "北苑区有没有？", "北苑区也有吗", "不对，我问的是北苑区", "不是这个区，是北苑区"),
        *("What about Beiyuan?", "and Beiyuan District?", "No, I meant Beiyuan"),
    ],
)
def test_a_turn_that_only_names_a_region_asks_what_the_last_one_asked(samples: Library, text: str) -> None:
    history = ["锦渚区的骑手驿站有多少处"] if "北" in text else ["How many rider stations are there in Jinzhu?"]
    asked, repeated = (
        analyze_question(text, history=earlier, catalog=samples.catalog, encode=samples.retriever.encode_question)
        for text, earlier in ((history[0], []), (text, history))
    )
    assert (repeated.kind, repeated.answer_kind) == (asked.kind, asked.answer_kind) == ("factoid", "number")
    assert [region.name for region in repeated.filters.regions] == ["北苑区"]
    assert repeated.repeated in ("骑手驿站有多少处", "How many rider stations are there in?")


@pytest.mark.parametrize("text", ["北苑区怎么收费", "那周末呢", "效果怎么样", "还有吗", "第二点详细说说", "哪家管得好"])
def test_a_turn_that_asks_something_is_read_as_it_is(samples: Library, text: str) -> None:
    question = analyze_question(
        text, history=["锦渚区的骑手驿站怎么建"], catalog=samples.catalog, encode=samples.retriever.encode_question
    )
    assert not question.repeated


def test_a_follow_up_keeps_the_year_and_asks_as_before(samples: Library) -> None:
    question = read(samples, "石潭呢？", "2021年的简报里，锦渚的驿站有多少个？")
    assert question.filters.years == (2021,)
    assert (question.kind, question.answer_kind) == ("factoid", "number")


@pytest.mark.parametrize(
    "before", ["2020年的简报里驿站怎么建", "2020年驿站怎么建", "近三年驿站怎么建", "驿站在2020年下半年怎么建"]
)
@pytest.mark.parametrize(("text", "key"), [("那2021年的呢", "year:2021"), ("2021年以来呢？", "period:2021-01-01/..")])
def test_a_follow_up_replaces_the_time(samples: Library, before: str, text: str, key: str) -> None:
    """Whether the earlier time limits the documents, or dates what is asked about."""
    question = read(samples, text, before)
    assert [chip.key for chip in question.chips] == [key, FOLLOWUP]
    assert "驿站" in question.query and "2020" not in question.query


def test_a_follow_up_on_what_was_told_of_a_year_leaves_the_earlier_limit(samples: Library) -> None:
    question = read(samples, "那2021年培训了多少人", "2020年的简报里驿站怎么建")
    assert question.filters == Filters() and "2021年" in question.query


def test_a_period_is_a_chip_that_can_be_taken_away(samples: Library) -> None:
    question = read(samples, "近三年志愿积分怎么做")
    assert [(chip.key, chip.label) for chip in question.chips] == [
        ("period:2023-01-01/2025-12-31", "时间：2023年至2025年（近三年，从最新的文件 2025年4月起算）")
    ]
    assert question.topic == "志愿积分"
    record = to_json_object(build_question_record(question))
    assert (record["periods"], record["years"]) == (["2023-01-01/2025-12-31"], [])
    bare = read(samples, "近三年志愿积分怎么做", without=(question.chips[0].key,))
    assert (bare.filters, bare.chips) == (Filters(), ())


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2021年以来积分怎么做", "时间：2021年以来"),
        ("2021年之后积分怎么做", "时间：2022年以来（2021年之后）"),
        ("2020年以前积分怎么做", "时间：2020年以前"),
        ("2020年下半年积分怎么做", "时间：2020年7月至12月"),
        ("2020年9月到2021年3月积分怎么做", "时间：2020年9月至2021年3月"),
        ("2021年5月18日的简报里积分怎么做", "时间：2021年5月18日"),
        ("去年积分怎么做", "时间：2024年（去年，从最新的文件 2025年4月起算）"),
        ("How are points kept since 2021?", "Time: since 2021"),
        ("How were points kept before May 2021?", "Time: before May 2021"),
        ("How were points kept last year?", "Time: 2024 (last year, reckoned from the newest document, April 2025)"),
    ],
)
def test_chips_put_periods_into_words(samples: Library, text: str, label: str) -> None:
    assert [chip.label for chip in read(samples, text).chips] == [label]


def test_a_period_set_by_hand_or_named_is_one_limit_with_the_years(samples: Library) -> None:
    chosen = Filters(years=(2019,))
    question = analyze_question(
        "2021年以来积分怎么做", filters=chosen, catalog=samples.catalog, encode=samples.retriever.encode_question
    )
    assert (question.filters, question.chips) == (chosen, ())


def test_a_question_of_nothing_but_a_year_is_of_the_documents_of_that_year(samples: Library) -> None:
    assert read(samples, "2021年有哪些做法").filters == Filters(years=(2021,))
    assert read(samples, "2021年的试点效果如何").filters == Filters()


def test_a_time_in_words_that_a_document_has_is_told_by_it(samples: Library) -> None:
    text = "今年春天，团望澜市委对全市青年志愿者做了一次问卷"
    assert samples.catalog.contains_text(text)
    assert read(samples, text).filters.periods == ()
    assert read(samples, "今年团望澜市委怎么管志愿者").filters.periods != ()


def test_the_years_of_a_stretch_are_not_asked_for(samples: Library) -> None:
    for text in ("近几年志愿积分有哪些做法", "这几年志愿积分有哪些做法"):
        question = read(samples, text)
        assert (question.kind, question.topic) == ("list", "志愿积分")
        assert [chip.key for chip in question.chips] == ["period:2023-01-01/2025-12-31"]


def test_a_fact_of_a_past_half_year_may_be_told_later(samples: Library) -> None:
    assert read(samples, "去年骑手驿站做了什么").filters != Filters()
    assert read(samples, "去年评上的是哪一个驿站").filters == Filters()
    assert read(samples, "2021年上半年有多少志愿者上岗").filters == Filters()
    assert read(samples, "2021年上半年的简报里有多少志愿者上岗").filters != Filters()


def test_a_follow_up_that_names_a_region_leaves_the_earlier_one(samples: Library) -> None:
    assert regions(samples, "石潭呢？", JINZHU) == ["石潭县"]


@pytest.mark.parametrize(
    "text", ["路费谁掏", "分哪几级", "效果到底怎么样", "由谁负责日常管理", "周末呢", "家长满意不", "开几门课"]
)
def test_an_aspect_without_a_subject_leans_on_the_question_before(samples: Library, text: str) -> None:
    question = read(samples, text, JINZHU)
    assert "时间银行" in question.query and FOLLOWUP in [chip.key for chip in question.chips]
    assert [region.label for region in question.filters.regions] == ["云栖市锦渚区"]


@pytest.mark.parametrize(
    "text",
    [
        "反诈怎么做",  # short, and in titles
        "驿站呢，怎么建",
        "怎样给外卖骑手建设可以歇脚充电的驿站并且保证运维",
        "怎么做反诈宣传？",
        "直播带货怎么教",
        "留守儿童",
        "怎样给骑手建驿站呢？",  # 呢 at the end of a complete question
        "怎么帮那些没人照看的孩子",
        "How do couriers find somewhere to rest?",
        "How do you keep volunteers when they tire?",  # they are the volunteers
    ],
)
def test_a_new_topic_takes_nothing(samples: Library, text: str) -> None:
    alone, after = read(samples, text), read(samples, text, JINZHU, "石潭的热线怎么办")
    assert after == alone
    assert (after.filters, after.interpretation) == (Filters(), None)


def test_chips_say_what_was_understood_and_can_be_taken_away(samples: Library) -> None:
    question = read(samples, "2021年的简报里，锦渚的字愿者怎么管")
    assert [(chip.key, chip.label) for chip in question.chips] == [
        ("region:岚川省云栖市锦渚区", "地区：云栖市锦渚区"),
        ("year:2021", "2021年的文件"),
        ("correction:字愿者", "“字愿者”按“志愿者”理解"),
    ]
    keys = tuple(chip.key for chip in question.chips)
    bare = read(samples, "2021年的简报里，锦渚的字愿者怎么管", without=keys)
    assert (bare.filters, bare.corrections, bare.chips) == (Filters(), (), ())


def test_a_follow_up_can_be_made_to_stand_alone(samples: Library) -> None:
    alone = read(samples, "谁掏钱？", JINZHU, without=(FOLLOWUP,))
    assert alone == replace(read(samples, "谁掏钱？"), removed_chips=(FOLLOWUP,))
    kept = read(samples, "谁掏钱？", JINZHU, without=("region:岚川省云栖市锦渚区",))
    assert (kept.filters, kept.interpretation) == (Filters(), "时间银行 · 掏钱")


def test_what_was_removed_before_stays_removed_until_a_question_names_it(samples: Library) -> None:
    def ask(text: str, *removed_before: str) -> Question:
        return analyze_question(
            text,
            history=[JINZHU],
            removed_before=removed_before,
            catalog=samples.catalog,
            encode=samples.retriever.encode_question,
        )

    jinzhu = "region:岚川省云栖市锦渚区"
    assert [chip.key for chip in ask("那兑换点有多少？").chips] == [jinzhu, FOLLOWUP]
    stays = ask("那兑换点有多少？", jinzhu, FOLLOWUP)  # it may follow up again
    assert [chip.key for chip in stays.chips] == [FOLLOWUP] and stays.removed_chips == (jinzhu,)
    named = ask("那锦渚区的兑换点有多少？", jinzhu)
    assert [chip.key for chip in named.chips] == [jinzhu, FOLLOWUP] and named.removed_chips == ()
    spelled = analyze_question(
        "自愿者怎么招募", removed_before=["correction:自愿者"], catalog=samples.catalog, encode=samples.retriever.encode_question
    )
    assert (
        spelled.corrections
        == analyze_question("自愿者怎么招募", catalog=samples.catalog, encode=samples.retriever.encode_question).corrections
    )


def test_an_unknown_region_can_be_taken_away(samples: Library) -> None:
    question = read(samples, "温州怎么做积分", without=("region:浙江省温州市",))
    assert (question.unknown_regions, question.chips) == ((), ())


def test_chips_are_in_the_language_of_the_question(samples: Library) -> None:
    assert [chip.label for chip in read(samples, "Issue 14, Jinzhu: stations").chips] == [
        "Region: Jinzhu District, Yunqi (云栖市锦渚区)",
        "Issue 14",
    ]


def test_record_is_json(samples: Library) -> None:
    record = to_json_object(build_question_record(read(samples, "那兑换点有多少？", JINZHU)))
    assert json.loads(json.dumps(record)) == record
    assert record["kind"] == "factoid" and record["answer_kind"] == "number"
    assert record["regions"] == ["云栖市锦渚区"]
    assert record["topic"] == "兑换点"
    assert [chip["key"] for chip in record["chips"]] == ["region:岚川省云栖市锦渚区", "followup"]


def test_language(samples: Library) -> None:
    assert read(samples, "how to run 志愿积分").language == "zh"
    assert read(samples, "how to run volunteer points").language == "en"


@pytest.mark.parametrize(
    "text", ["？？？", "呢", "the", "的", "2021年的简报", "“”", "<b>积分</b>", "A" * MAX_CHARACTERS, "志" * MAX_CHARACTERS]
)
def test_odd_questions_are_understood_somehow(samples: Library, text: str) -> None:
    assert read(samples, text).query
    assert read(samples, text, JINZHU).query


@pytest.mark.parametrize("text", ["", "  \n ", "问" * (MAX_CHARACTERS + 1), "x" * 1_000_000])
def test_no_question_and_too_long_a_question(samples: Library, text: str) -> None:
    with pytest.raises(QuestionError, match=r"empty|too long"):
        read(samples, text)


def test_a_library_too_small_to_know_a_word_can_be_asked() -> None:
    """A doubtful word is looked up by its sound among the words of the library, of which there may be none."""
    retriever = retriever_of([paragraph("驿站。")])
    assert analyze_question("教材叫什么名字？", catalog=retriever.catalog).corrections == ()


@pytest.mark.parametrize("piece", ["总", "总第", "第", "第1", "总 ", "1", "1st ", "total ", "issue ", "issue no. ", "十"])
def test_a_long_text_is_searched_for_issues(samples: Library, piece: str) -> None:
    """Twenty thousand characters, ten times what a question may have: a pattern that goes back over them would take hours."""
    found = find_issues(piece * (20_000 // len(piece)) + "，第14期", samples.catalog)
    assert found.filters.issues[-1] == "14"


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ("第14期有哪些文章", ("14",)),
        ("第14期的培训怎么做", ("14",)),
        ("第三期青马工程培训班有多少学员", ()),  # a course has terms of its own
        ("第二期训练营什么时候开", ()),
        ("最新一期夜校有多少人报名", ()),
    ],
)
def test_a_term_of_a_course_is_no_issue(samples: Library, text: str, issues: tuple[str, ...]) -> None:
    assert read(samples, text).filters.issues == issues


def test_what_is_not_wanted_is_not_searched_for(samples: Library) -> None:
    assert "积分" not in read(samples, "除了积分兑换，还有哪些激励志愿者的办法").query


@pytest.mark.parametrize("text", ["去年有没有办过夜校", "去年开展过反诈宣传吗"])
def test_whether_something_was_done_in_a_year_is_limited_to_it(samples: Library, text: str) -> None:
    assert read(samples, text).filters.years or read(samples, text).filters.periods


@pytest.mark.parametrize(
    ("text", "before", "labels"),
    [
        ("跟北苑区的比，哪家管得好", "锦渚区的骑手驿站怎么管", ["云栖市锦渚区", "云栖市北苑区"]),
        ("How does that compare with Beiyuan?", "How does Jinzhu run its rider stations?", ["云栖市锦渚区", "云栖市北苑区"]),
        ("北苑区呢", "锦渚区的骑手驿站怎么管", ["云栖市北苑区"]),
    ],
)
def test_a_turn_that_compares_sets_its_region_beside_the_one_before(
    samples: Library, text: str, before: str, labels: list[str]
) -> None:
    question = read(samples, text, before)
    assert [region.label for region in question.filters.regions] == labels
    assert (question.kind == "comparison") == (len(labels) > 1)


@pytest.mark.parametrize("text", ["还有别的区也这样管吗，怎么管的", "别的地方有没有给骑手送水的"])
def test_a_turn_on_other_regions_leaves_out_the_one_before(samples: Library, text: str) -> None:
    question = read(samples, text, "锦渚区的骑手驿站怎么管")
    assert [region.label for region in question.filters.excluded_regions] == ["云栖市锦渚区"]
    assert question.filters.regions == ()


def test_a_question_remembers_the_turns_that_it_leans_on(samples: Library) -> None:
    turns = ("锦渚区的骑手驿站怎么管", "由谁出钱", "够不够用")
    assert read(samples, turns[2], *turns[:2]).earlier == turns[:2]
    assert read(samples, "怎么办反诈宣传", *turns[:2]).earlier == ()


@pytest.mark.parametrize("text", ["2021年5月都登了些什么", "What was published in May 2021?"])
def test_the_month_of_which_the_contents_are_asked_limits_the_documents(samples: Library, text: str) -> None:
    (period,) = read(samples, text).filters.periods
    assert period.interval == "2021-05-01/2021-05-31"
