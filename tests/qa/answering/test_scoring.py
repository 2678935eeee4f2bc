"""What of a passage can be quoted, what an answer of each kind looks like, and the arithmetic of the ratings."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.document import Passage, Span
from corpus.text.sentences import split_sentences
from index.retriever import Retriever
from index.store.library import Library
from qa.answering import scoring
from qa.answering.answer_patterns import ANSWER_PATTERNS, find_answer_spans
from qa.answering.scoring import (
    FEATURES,
    HEADLINE,
    Model,
    Sentence,
    SentenceScorer,
    extract_features,
    load_sentence_scorer,
    score_sentences,
    term_coverage,
)
from qa.question.analyzer import analyze_question
from qa.question.intent import AnswerKind
from tests.corpus.layouts import LAYOUTS
from tests.qa.answers import HEADLINE as HEADLINE_OF_POINT
from tests.qa.answers import POINT
from tests.qa.invented import EVENING_CLASSES, evidence_of, paragraph, passages_of, retriever_of, scored

# Texts, and what of each answers.
POSITIVE: dict[AnswerKind, dict[str, str]] = {
    "money": {
        "总投入300万元": "300万元",
        "面向骑手免费开放": "免费",
        "每站补贴1.9万元": "1.9万元",
        "误工补贴每次40元": "40元",
        "本金8,000元起": "8,000元",
        "每张六千多元": "六千多元",
        "一张票五角": "五角",
        "止付金额2.16亿余元": "2.16亿余元",
        "场地由村里无偿提供": "无偿",
        "每人每天20至30元": "20至30元",
        "一份餐12块钱": "12块钱",
        "票房达1830万美元": "1830万美元",
    },
    "date": {
        "定于每月20日抄表": "每月20日",
        "2019年3月起试行": "2019年3月",
        "周二下午开门": "周二下午",
        "自2021年12月10日施行": "2021年12月10日",
        "每月第一个周三坐诊": "每月第一个周三",
        "晚上7点半开讲": "晚上7点半",
        "去年5月开门": "去年5月",
        "安排在暑假": "暑假",
        "二〇二一年六月成立": "二〇二一年六月",
        "每周五晚上补习": "每周五晚上",
        "6月底前办完": "6月底",
        "周二至周日开放": "周二至周日",
        "9:30集合": "9:30",
        "1878年落成": "1878年",
    },
    "duration": {
        "停办2个月": "2个月",
        "48小时内办结": "48小时内",
        "任期一年": "一年",
        "跟班60天": "60天",
        "排练了两年半": "两年半",
        "缩短到40秒": "40秒",
        "每次半小时": "半小时",
        "10个工作日内书面回复": "10个工作日内",
        "免费住七晚": "七晚",
        "培训20课时": "20课时",
        "试用2至3个月": "2至3个月",
        "一个学期轮换一次": "一个学期",
    },
    "phone": {
        "值班电话81234567": "81234567",
        "拨打0571-81234567咨询": "0571-81234567",
        "请拨12355热线": "12355",
        "手机13812345678随时接听": "13812345678",
        "热线400-820-1234": "400-820-1234",
        "打96110反诈专线": "96110",
        "（0571）81234567转2": "（0571）81234567",
        "可拨0999-4176060": "0999-4176060",
    },
    "number": {
        "覆盖2.3万余家": "2.3万余家",
        "占百分之三十": "百分之三十",
        "每村1-2名": "1-2名",
        "一次通过率62%": "62%",
        "占九成六": "九成六",
        "商家自担三分之一": "三分之一",
        "进站2900人次": "2900人次",
        "记六十颗豆": "六十颗",
        "面积二十到四十平方米": "二十到四十平方米",
        "劝阻转账578笔": "578笔",
        "相距3公里": "3公里",
        "年息4.35％": "4.35％",
        "吸引游客1500万": "1500万",
        "体长35公分": "35公分",
    },
    "name": {
        "印发《青年志愿服务积分办法》": "《青年志愿服务积分办法》",
        "推出“半日闲”品牌": "“半日闲”",
        "设「一刻钟」课堂": "「一刻钟」",
        "办起『拾光』小屋": "『拾光』",
        "编成《百问手册》": "《百问手册》",
        "“1+7+90”架构": "“1+7+90”",
        "发放“慢慢来”约会券": "“慢慢来”",
        "出台《关于进一步加强和改进乡镇团干部培训的意见》": "《关于进一步加强和改进乡镇团干部培训的意见》",
    },
    "organisation": {
        "由县财政局拨付": "县财政局",
        "由区总工会出资": "区总工会",
        "委托岚川大学评估": "岚川大学",
        "与市公安局会商": "市公安局",
        "由市城投集团收储": "市城投集团",
        "由绿源环保公司运维": "绿源环保公司",
        "交给青禾社会工作事务所": "青禾社会工作事务所",
        "会同区民政局推出": "区民政局",
        "由市妇联抽查": "市妇联",
        "与团市委共建": "团市委",
        "由县农商银行放款": "县农商银行",
        "对县人民法院负责": "县人民法院",
    },
    "place": {
        "设在文化广场": "文化广场",
        "在区图书馆开讲": "区图书馆",
        "从城北公园出发": "城北公园",
        "在云锦社区试点": "云锦社区",
        "位于长宁路": "长宁路",
        "在雾坪村办班": "雾坪村",
        "在党群服务中心集合": "党群服务中心",
        "在镇政府大礼堂颁奖": "镇政府大礼堂",
        "向桐阳区推广": "桐阳区",
        "在岚川省试行": "岚川省",
        "在少年宫上课": "少年宫",
    },
    "person": {
        "由团市委书记领办": "团市委书记",
        "王芳老师带队": "王芳老师",
        "由网格员确认": "网格员",
        "八名民警轮值": "八名民警",
        "值班站长签字": "值班站长",
        "退役运动员任教": "退役运动员",
        "聘请青年律师": "聘请青年律师",
        "李明同志牵头": "李明同志",
        "交给村民商议": "村民",
    },
}
# Texts that hold nothing of the kind.
NEGATIVE: dict[AnswerKind, list[str]] = {
    "money": [
        "治理主体多元共治",
        "元旦放假值班",
        "换个角度看",
        "三角形花坛",
        "覆盖300万人",
        "单元楼长",
    ],
    "date": [
        "提出三点建议",
        "共3个站点",
        "1号楼门前",
        "用了三年时间",
        "一点一滴积累",
        "3日内报送",
        "两个月一次",
    ],
    "duration": [
        "2019年成立",
        "12月开班",
        "建校30周年",
        "3月5日出发",
        "第三天回访",
        "二〇二一年启动",
        "周二开门",
    ],
    "phone": [
        "开户18640人",
        "上报1265条",
        "支出12500元",
        "2019年3月",
        "身份证330101199001010011",
        "共12345678.5元",
        "发放12800份",
    ],
    "number": [
        "第14期简报",
        "2019年3月",
        "建立一个机制",
        "第三批",
        "形成合力",
        "投入300万元",
        "一些青年",
    ],
    "name": [
        "推出积分制度",
        "“好”字当头",
        "发布“雨燕计划",
        "《》",
        f"“{'长' * 21}”",
    ],
    "organisation": [
        "打开新格局",
        "举办开班仪式",
        "青年踊跃报名",
        "出台管理办法",
        "形成良好局面",
    ],
    "place": [
        "理清思路",
        "找到出路",
        "青年热情高涨",
        "效果有别",
        "打通线路",
    ],
    "person": [
        "动员大会召开",
        "每月20日抄表",
        "长期坚持不懈",
        "资金300万元",
        "全员参与",
    ],
}


@pytest.fixture(scope="module")
def layouts() -> Retriever:
    """Every invented layout, and an article with every way to number points."""
    return retriever_of(passages_of(EVENING_CLASSES, *(layout.source for layout in LAYOUTS.values())))


def units_of(retriever: Retriever, passages: list[Passage]) -> list[Sentence]:
    question = analyze_question("怎么做", catalog=retriever.catalog)
    return extract_features(question, evidence_of(question, scored(passages), retriever))[0]


def labelled(units: list[Sentence]) -> list[tuple[str | None, str | None, str]]:
    """Of each unit the marker of its point, its label and its text."""
    return [
        (
            unit.point.label if unit.point else None,
            unit.label.of(unit.passage.passage.bulletin.text) if unit.label else None,
            unit.text,
        )
        for unit in units
    ]


@pytest.fixture(params=["samples", "layouts"])
def units(request: pytest.FixtureRequest) -> list[Sentence]:
    """The units of every passage of a library, in order."""
    found = request.getfixturevalue(request.param)
    retriever: Retriever = found.retriever if isinstance(found, Library) else found
    every = units_of(retriever, list(retriever.catalog.passages))
    assert len({id(unit.passage.passage) for unit in every}) == len(retriever.catalog.passages)
    assert len(every) > 150 and sum(unit.label is not None for unit in every) > 50
    return every


def by_passage(units: list[Sentence]) -> Iterator[tuple[Passage, list[Sentence]]]:
    for _, own in itertools.groupby(units, key=lambda unit: id(unit.passage.passage)):
        members = list(own)
        yield members[0].passage.passage, members


def is_outside(unit: Sentence) -> bool:
    return unit.label is not None and not unit.span.contains(unit.label)


def test_units_and_headlines_tile_their_passages_but_for_headings_and_scraps(units: list[Sentence]) -> None:
    for passage, own in by_passage(units):
        text, at = passage.bulletin.text, passage.span.start
        taken = set()
        left = []
        for unit in own:
            assert unit.text == unit.text.strip()
            pieces = [unit.span]
            if unit.label is not None and unit.point is not None and is_outside(unit) and unit.label not in taken:
                taken.add(unit.label)
                stop = unit.label.end + len(text[unit.label.end :]) - len(text[unit.label.end :].lstrip("。！？；;：: "))
                pieces = [Span(unit.point.span.start, stop), unit.span]  # the headline from its marker to its stop
            for piece in pieces:
                assert at <= piece.start < piece.end <= passage.span.end, "they overlap or reach out of their passage"
                left.append(text[at : piece.start])
                at = piece.end
        left.append(text[at : passage.span.end])
        for line in "\n".join(left).splitlines():  # what is in neither
            assert line.strip().rstrip("。") == passage.section.heading or len(line.strip()) < 8, line


def test_every_sentence_is_rated_once_with_the_unit_that_it_belongs_to(units: list[Sentence]) -> None:
    for passage, own in by_passage(units):
        text = passage.bulletin.text
        cut = [sentence.trimmed(text) for sentence in split_sentences(text, passage.span)]
        parts = [part for unit in own for part in unit.parts]
        assert parts == sorted(set(parts))
        for unit in own:
            assert cut[unit.parts[-1]] == unit.span
            if len(unit.parts) > 1:  # its headline's, before it
                headline, _ = unit.parts
                assert unit.label is not None and cut[headline].contains(unit.label) and is_outside(unit)
                assert unit.scoring_text == f"{unit.label.of(text)}。{unit.text}"
            else:
                assert unit.scoring_text == unit.text
        for part, span in enumerate(cut):
            if part not in parts:
                assert span.of(text).rstrip("。") == passage.section.heading or len(span) < 8, span.of(text)


def test_a_label_is_what_stands_between_marker_and_stop(units: list[Sentence]) -> None:
    for unit in units:
        if unit.label is None:
            continue
        text, point = unit.passage.passage.bulletin.text, unit.point
        label = unit.label.of(text)
        assert 2 <= len(label) <= HEADLINE
        assert "。" not in label and label == label.strip()
        assert point is not None and point.span.contains(unit.label) and unit.passage.passage.span.contains(unit.label)
        assert text.startswith(point.label, point.span.start)
        assert not label.startswith(point.label)
        # Nothing but the marker and its punctuation stands before the label, and a stop or the end of the line behind it.
        assert set(text[point.span.start + len(point.label) : unit.label.start]) <= set(" \u3000，、.．：:*)）")
        assert text[unit.label.end : unit.label.end + 1] in ("", *"。！？；;：:\r\n")
        if is_outside(unit):
            assert unit.label.end < unit.span.start and unit.span.end <= point.span.end
        else:
            assert unit.span.start == point.span.start
            assert [other for other in units if other.label == unit.label and other.passage is unit.passage] == [unit]


def test_every_unit_of_a_point_carries_its_headline_and_the_first_opens_it(units: list[Sentence]) -> None:
    shared = 0
    for passage, own in by_passage(units):
        headed = {unit.point: unit.label for unit in own if unit.label is not None}
        for point in passage.section.points:
            members = [unit for unit in own if point.span.start <= unit.span.start < point.span.end]
            if point in headed:
                assert {(unit.point, unit.label) for unit in members} == {(point, headed[point])}
                assert [unit.opens_point for unit in members] == [True] + [False] * (len(members) - 1)
                shared += len(members) > 1
            else:
                assert all(unit.label is None for unit in members)
                assert all(unit.opens_point == (unit.span.start == point.span.start) for unit in members)
        assert not any(unit.opens_point for unit in own if unit.point is None)
    assert shared > 0


def test_a_headline_is_the_label_of_the_sentences_after_it(samples: Library) -> None:
    (passage,) = [passage for passage in samples.retriever.catalog.passages if "三是许可转赠" in passage.text]
    last = units_of(samples.retriever, [passage])[-1]
    assert labelled([last]) == [("三是", HEADLINE_OF_POINT, POINT)]
    assert last.scoring_text == f"许可转赠。{POINT}"


def test_every_way_to_number_points(layouts: Retriever) -> None:
    own = [passage for passage in layouts.catalog.passages if passage.article.title.startswith("滨澜区团委办好")]
    assert labelled(units_of(layouts, own)) == [
        (None, None, "滨澜区团委从去年秋天起办夜学。"),
        (None, None, "首期开课12门。"),
        ("（一）", "自己点课", "居民扫码选课，满15人开班。"),
        ("（一）", "自己点课", "不满的并入下期。"),
        ("（二）", "青年讲课", "由32名青年教师轮流登台，每课时补贴120元，课前一周交讲义。"),
        ("1.", "借教室", "晚上借用小学教室，水电由街道承担。"),
        ("2.", "定规矩", "九点半前清场，值日生签字。"),
        ("●", "学费透明", "每门收40元，退课不扣钱。"),
        ("●", "结余公开", "年底在门口张榜，居民可以查账。"),
        ("第一", "建群答疑", "老师每周答疑两次。"),
        ("第二", "结业发证", "考满八次课的发结业证。"),
        # 一是 and 二是 are one sentence, and too long to be a headline.
        (
            "一是",
            None,
            "一是送课下乡；二是把二十名学员培养成助教，请他们在寒假到三个乡镇各办一期短训班，并给每人配一名师傅。",
        ),
        ("三是", "常评优", "三是常评优。"),  # a headline that nothing follows stands alone
    ]


def listed(body: str) -> list[tuple[str | None, str | None, str]]:
    """The units of a section of the evening classes with this body."""
    head, tail = EVENING_CLASSES.split("一、定好课程。")[0], "二、管好场地\n\n街道出面，向小学借教室。\n"
    source = f"{head}一、定好课程\n\n{body}\n\n{tail}"
    retriever = retriever_of(passages_of(source))
    own = [passage for passage in retriever.catalog.passages if passage.section.heading == "一、定好课程"]
    return labelled(units_of(retriever, own))


def test_a_sentence_of_several_points_has_no_headline() -> None:
    assert listed("一是送课下乡；二是结对帮带。每季度送课一次。三是常评优。年底评出十名好学员。") == [
        ("一是", None, "一是送课下乡；二是结对帮带。"),
        (None, None, "每季度送课一次。"),
        ("三是", "常评优", "年底评出十名好学员。"),
    ]


def test_a_short_sentence_is_told_with_its_headline() -> None:
    # 只收成本价。 has six characters, as few as a scrap has.
    assert listed("一是定学费。只收成本价。二是常评优。年底评出十名好学员。张榜三天。") == [
        ("一是", "定学费", "只收成本价。"),
        ("二是", "常评优", "年底评出十名好学员。"),
    ]
    assert listed("一是定学费。\n412\n二是常评优。年底评出十名好学员。")[0] == ("一是", "定学费", "一是定学费。")


def test_scraps_and_signatures_are_no_units() -> None:
    retriever = retriever_of([paragraph("夜学每周开课三次。\n（团滨澜区委）\n街道\n412\n学费每门收四十元。")])
    assert [unit.text for unit in units_of(retriever, list(retriever.catalog.passages))] == [
        "夜学每周开课三次。",
        "学费每门收四十元。",
    ]


def test_nothing_is_described_where_nothing_was_found(layouts: Retriever) -> None:
    question = analyze_question("夜学怎么办", catalog=layouts.catalog)
    units, features = extract_features(question, evidence_of(question, [], layouts))
    assert units == [] and features.shape == (0, len(FEATURES))


def described(text: str, found: dict[str, float]) -> tuple[list[str], dict[str, NDArray[np.float32]]]:
    """What is known of the units of some passages, each with its score: their texts, and each feature by its name."""
    retriever = retriever_of([paragraph(passage, name=str(at)) for at, passage in enumerate(found)])
    ranked = [replace(one, score=score) for one, score in zip(scored(retriever.catalog.passages), found.values(), strict=True)]
    question = analyze_question(text, catalog=retriever.catalog)
    units, features = extract_features(question, evidence_of(question, ranked, retriever))
    return [unit.text for unit in units], dict(zip(FEATURES, features.T, strict=True))


def test_features_of_two_passages() -> None:
    texts, known = described(
        "夜学的学费多少钱？",
        {"夜学的学费每门收四十元。夜学周三开课，地点在小学。": 0.9, "驿站为骑手备好热水和充电柜。": 0.4},
    )
    assert texts == ["夜学的学费每门收四十元。", "夜学周三开课，地点在小学。", "驿站为骑手备好热水和充电柜。"]
    assert known["passage"].tolist() == pytest.approx([0.9, 0.9, 0.4])
    assert known["behind"].tolist() == pytest.approx([0.0, 0.0, 0.5])  # 0.9 - 0.4
    assert known["place"].tolist() == pytest.approx([0.0, 0.5, 0.0])  # the second of two sentences; a lone one is the first
    assert known["length"].tolist() == pytest.approx([math.log(12), math.log(13), math.log(14)])
    assert known["kind"].tolist() == [1.0, 0.0, 0.0]  # 四十元 is a sum of money
    assert known["other_kind"].tolist() == [0.0, 1.0, 1.0]
    assert known["lead"].tolist() == known["opens_point"].tolist() == [0.0, 0.0, 0.0]
    # The first has 夜学 and 学费, the second 夜学 alone, the third neither.
    assert known["terms"][0] > known["terms"][1] > known["terms"][2] == 0.0
    assert known["tokens"][0] > known["tokens"][1] > known["tokens"][2]
    # The topic is the mean over the passage.
    assert known["topic"][0] == known["topic"][1] == pytest.approx((known["whole"][0] + known["whole"][1]) / 2, abs=1e-6)
    assert known["topic"][2] == known["whole"][2]
    # What stands before and after counts in, and can only add: the first has the second after it, and nothing before.
    assert known["with_before"][0] == known["tokens"][0] and known["with_after"][1] == known["tokens"][1]
    assert known["with_before"][1] > known["tokens"][1]


def test_the_first_sentence_of_a_point_is_rated_with_its_headline(layouts: Retriever) -> None:
    own = [passage for passage in layouts.catalog.passages if passage.article.title.startswith("滨澜区团委办好")]
    question = analyze_question("自己点课", catalog=layouts.catalog)
    units, features = extract_features(question, evidence_of(question, scored(own), layouts))
    known = dict(zip(FEATURES, features.T, strict=True))
    by_text = {unit.text: at for at, unit in enumerate(units)}
    first, second = by_text["居民扫码选课，满15人开班。"], by_text["不满的并入下期。"]
    # 自己点课 stands in the headline, and in neither sentence.
    assert known["terms"][first] == pytest.approx(1.0) and known["terms"][second] == 0.0
    assert known["tokens"][first] == max(known["tokens"]) and known["whole"][first] == max(known["whole"])
    assert known["length"][first] == pytest.approx(math.log(14))  # its own
    # Its place is that of the headline: the second of six sentences (the heading, 自己点课, two; 青年讲课, one).
    assert (known["place"][first], known["place"][second]) == pytest.approx((1 / 6, 3 / 6))


def test_a_question_that_asks_for_no_fact_says_nothing_of_kinds() -> None:
    _, known = described("夜学怎么收费", {"夜学的学费每门收四十元。": 0.9})
    assert known["kind"].tolist() == known["other_kind"].tolist() == [0.0]


def test_leads_and_openings_of_points(layouts: Retriever) -> None:
    own = [passage for passage in layouts.catalog.passages if passage.article.title.startswith("滨澜区团委办好")]
    question = analyze_question("夜学", catalog=layouts.catalog)
    _, features = extract_features(question, evidence_of(question, scored(own), layouts))
    lead, opens = (features[:, FEATURES.index(name)].tolist() for name in ("lead", "opens_point"))
    assert lead == [1.0, 1.0, *[0.0] * 11]
    # 不满的并入下期 is the second sentence of its point; 二是 has no unit of its own.
    assert opens == [0.0, 0.0, 1.0, 0.0, *[1.0] * 9]


def test_the_share_of_terms_covered() -> None:
    terms = {"积分": 2.0, "兑换": 1.0, "药": 1.0}
    assert term_coverage("积分可以兑换米面。", terms) == 0.75  # (2 + 1) / 4
    assert term_coverage("骑手驿站", terms) == 0.0
    assert term_coverage("積分", terms) == 0.5  # folded: 2 / 4
    assert term_coverage("积分", {}) == 0.0


@pytest.mark.parametrize(("kind", "text", "answer"), [(k, t, a) for k, texts in POSITIVE.items() for t, a in texts.items()])
def test_what_an_answer_looks_like(kind: AnswerKind, text: str, answer: str) -> None:
    assert answer in [match.group() for match in ANSWER_PATTERNS[kind].finditer(text)]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in NEGATIVE.items() for text in texts])
def test_what_looks_like_no_answer(kind: AnswerKind, text: str) -> None:
    assert [match.group() for match in ANSWER_PATTERNS[kind].finditer(text)] == []


def test_facts_are_found_in_either_script_at_their_places() -> None:
    assert [span.of("開戶兩萬個，存入300萬元") for span in find_answer_spans("number", "開戶兩萬個，存入300萬元")] == ["兩萬個"]
    assert find_answer_spans("money", "開戶兩萬個，存入300萬元") == [Span(8, 13)]


def test_there_are_examples_of_every_kind() -> None:
    assert set(POSITIVE) == set(NEGATIVE) == set(ANSWER_PATTERNS)
    assert all(len(texts) >= 8 for texts in POSITIVE.values()) and all(len(texts) >= 4 for texts in NEGATIVE.values())


def test_the_logistic_model() -> None:
    weights = dict.fromkeys(FEATURES, 0.0) | {"terms": 2.0, "behind": -3.0}
    features = np.zeros((3, len(FEATURES)), np.float32)
    features[1, FEATURES.index("terms")] = 1.0
    features[2, [FEATURES.index("terms"), FEATURES.index("behind")]] = 0.5, 1.0
    # logits: -1; -1 + 2 * 1 = 1; -1 + 2 * 0.5 - 3 * 1 = -3
    expected = [1 / (1 + math.e), 1 / (1 + math.exp(-1)), 1 / (1 + math.exp(3))]
    assert Model(bias=-1.0, weights=weights).probabilities(features).tolist() == pytest.approx(expected, rel=1e-5)


def test_the_packaged_weights_are_of_the_features() -> None:
    models = load_sentence_scorer()
    for model in (models.factoid, models.non_factoid):
        assert tuple(model.weights) == FEATURES
        assert all(map(math.isfinite, [model.bias, *model.weights.values()]))


def test_ratings_are_probabilities_in_the_order_of_the_units(samples: Library) -> None:
    retriever = samples.retriever
    question = analyze_question("志愿积分怎么兑换", catalog=retriever.catalog)
    ranked = retriever.search(question.query, k=10)
    rated = score_sentences(question, evidence_of(question, ranked, retriever))
    assert [one.sentence for one in rated] == extract_features(question, evidence_of(question, ranked, retriever))[0]
    assert len({one.probability for one in rated}) > len(rated) / 2
    assert all(0.0 <= one.probability <= 1.0 for one in rated)


def test_a_question_for_a_fact_has_a_model_of_its_own(samples: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    none = dict.fromkeys(FEATURES, 0.0)
    models = SentenceScorer(factoid=Model(bias=math.log(3), weights=none), non_factoid=Model(bias=-math.log(3), weights=none))
    monkeypatch.setattr(scoring, "load_sentence_scorer", lambda: models)
    retriever = samples.retriever
    for text, probability in (("积分有效期多久？", 0.75), ("积分怎么兑换", 0.25)):  # 3 / (1 + 3), 1 / (1 + 3)
        question = analyze_question(text, catalog=retriever.catalog)
        rated = score_sentences(question, evidence_of(question, retriever.search(question.query, k=2), retriever))
        assert rated and [one.probability for one in rated] == pytest.approx([probability] * len(rated))
