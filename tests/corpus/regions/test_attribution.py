"""The regions of bulletins and articles, worked out by hand."""

import pytest

from corpus.document import Article, Region, Section, Span
from corpus.regions.attribution import Attribution, AttributionContext, attribute, find_publisher_region
from corpus.regions.gazetteer import Gazetteer

ZHEJIANG = Region("浙江省")
NINGBO = Region("浙江省", "宁波市")
ZHENHAI = Region("浙江省", "宁波市", "镇海区")
TAIZHOU = Region("浙江省", "台州市")
TIANTAI = Region("浙江省", "台州市", "天台县")


@pytest.mark.parametrize(
    ("publisher", "series", "expected"),
    [
        ("共青团浙江省委办公室", "青年工作信息", ZHEJIANG),
        (None, "宁波青年工作简报", None),  # a short name inside a series is no committee
        (None, "宁波市青年工作简报", NINGBO),
        ("镇海区委", "某某简报", ZHENHAI),
        ("苏州大学党委办公室", "苏州大学工作简报", None),
        ("共青团中央办公厅", "团的工作", None),
    ],
)
def test_publisher_region(publisher: str | None, series: str, expected: Region | None) -> None:
    assert find_publisher_region(publisher, series, year=2021, gazetteer=Gazetteer.load()) == expected


def attributed(title: str, *sections: str, signature: str | None = None, publisher: Region | None = ZHEJIANG) -> Attribution:
    text = "".join(sections)
    ends = [len("".join(sections[: i + 1])) for i in range(len(sections))]
    spans = [Span(end - len(section), end) for section, end in zip(sections, ends, strict=True)]
    article = Article(title, None, None, (), signature, Span(0, len(text)), tuple(Section("", span, ()) for span in spans))
    return attribute(article, text, AttributionContext(Gazetteer.load(), publisher, 2021))


@pytest.mark.parametrize(
    ("title", "signature", "expected"),
    [
        ("团宁波市镇海区委开设骑手夜校", None, ZHENHAI),
        ("镇海：开设骑手夜校", None, ZHENHAI),
        ("【镇海区】开设骑手夜校", None, ZHENHAI),
        ("宁波团市委开设骑手夜校", None, NINGBO),
        ("镇海开设骑手夜校", None, ZHENHAI),  # a short name opens the title, and lies in the publisher's province
        ("开设骑手夜校", "团镇海区委", ZHENHAI),
        ("開設騎手夜校", "團鎮海區委", ZHENHAI),
        ("开设骑手夜校", None, ZHEJIANG),  # nothing is named: the publisher's own
    ],
)
def test_title_and_signature(title: str, signature: str | None, expected: Region) -> None:
    assert attributed(title, "骑手下班晚。", signature=signature) == Attribution(expected, None, ())


def test_an_opening_name_outside_the_publishers_province_is_not_taken() -> None:
    assert attributed("锦州开设骑手夜校", "骑手下班晚。").region == ZHEJIANG
    assert attributed("镇海开设骑手夜校", "骑手下班晚。", publisher=None).region is None


@pytest.mark.parametrize(
    ("lead", "rest", "expected"),
    [
        ("天台县开设夜校。", "天台县有骑手千人。", Attribution(TIANTAI, TAIZHOU, ())),
        ("天台县开设夜校。", "骑手千人。", Attribution(TAIZHOU, None, ())),  # named once
        ("骑手下班晚。", "天台县有夜校。天台县有骑手。", Attribution(TAIZHOU, None, ())),  # not in the lead
        ("天台县开设夜校。", "天台县和三门县有骑手。", Attribution(TAIZHOU, None, ())),  # two counties
        ("团天台县委开设夜校。", "骑手千人。", Attribution(TAIZHOU, None, (TIANTAI,))),
    ],
)
def test_a_county_within_the_city_that_signs(lead: str, rest: str, expected: Attribution) -> None:
    assert attributed("团台州市委开设骑手夜校", lead, rest) == expected


def test_other_committees_are_listed_once_in_order_of_mention() -> None:
    text = "团杭州市委、团镇海区委派员，团杭州市委、团宁波市委再派。"
    assert attributed("团宁波市委开设骑手夜校", text).also_regions == (Region("浙江省", "杭州市"), ZHENHAI)


@pytest.mark.parametrize(
    "title",
    [
        "学习镇海区经验 办好骑手夜校",
        "对标镇海区 补齐夜校短板",
        "赴镇海区考察夜校",
        "与镇海区结对 共办夜校",
        "来自镇海区的夜校老师",
        "镇海区考察团来看夜校",
        "镇海区夜校经验在我县落地",
        "镇海路上的骑手夜校",
        "镇海小学的夜校",
        "镇海街道来了夜校老师",
        "镇海老师的夜校课",
        "镇海杯夜校赛",
        "镇海一中的夜校灯",
        "镇海高速路口的夜校灯",
        "驻镇海区办事处办起夜校",
        "以镇海区为师 办好夜校",
        "镇海区的启示 办好夜校",
        "为什么镇海区走在前面",
        "东西部协作：镇海区学员来了",
    ],
)
@pytest.mark.parametrize(
    ("body", "signature"),
    [
        ("近年来，天台县开办夜校。天台县学员千人。", None),
        ("骑手下班晚。", "团天台县委"),
        ("骑手下班晚，夜校开得晚。（天台县民政局 林小满）", None),
    ],
)
def test_the_text_and_who_signs_outvote_a_place_in_the_title(title: str, body: str, signature: str | None) -> None:
    assert attributed(title, body, signature=signature).region == TIANTAI


@pytest.mark.parametrize(
    "title", ["为什么天台县走在前面", "感谢信从天台县寄来", "驻天台县流动团工委办夜校", "接待天台县同行来访"]
)
@pytest.mark.parametrize("signature", ["团台州市委", None])
def test_a_city_that_signs_and_tells_is_not_its_county_that_the_title_names(title: str, signature: str | None) -> None:
    assert attributed(title, "近年来，台州市开办夜校。全市学员千人。", signature=signature).region == TAIZHOU


def test_a_title_that_leads_with_a_region_against_all_else_is_a_guess() -> None:
    assert attributed("镇海：开办夜校", "骑手下班晚。", signature="团天台县委").region == ZHEJIANG
    assert attributed("镇海：开办夜校", "天台县开办夜校。天台县学员千人。").region == ZHEJIANG
    assert attributed("镇海：开办夜校", "天台县开办夜校。天台县学员千人。", signature="团天台县委").region == TIANTAI
    assert attributed("镇海：开办夜校", "镇海学员千人。", signature="团天台县委").region == ZHENHAI
    assert attributed("天台：开办夜校", "骑手下班晚。", signature="团台州市委").region == TIANTAI


@pytest.mark.parametrize("title", ["对标镇海区 补齐夜校短板", "赴镇海区考察夜校", "镇海路上的骑手夜校", "镇海小学的夜校"])
def test_where_nothing_else_speaks_it_is_the_publishers(title: str) -> None:
    assert attributed(title, "骑手下班晚。").region == ZHEJIANG


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("天台县开办夜校，学员千人。", TIANTAI),
        ("近年来，团天台县委开办夜校。", TIANTAI),
        ("为让骑手有课上，天台县开办夜校。", TIANTAI),
        ("天台县6月6日电 骑手下班晚。", TIANTAI),
        ("天台县开办夜校。镇海区开办书屋。", ZHEJIANG),  # of two
        ("骑手下班晚。夜校开得晚。老师来得晚。天台县开得早。", ZHEJIANG),  # not at the beginning
        ("近日，天台团县委开办夜校。", TIANTAI),
        ("台州共青团开办夜校，学员千人。", TAIZHOU),
        ("日前，记者走进天台县，看到夜校亮着灯。", TIANTAI),
        ("据天台县介绍，夜校开得晚。", TIANTAI),
        ("到天台县看夜校。", ZHEJIANG),
        ("天台县人民医院开办夜校。", ZHEJIANG),
        ("杭州市开办夜校。武汉市天台县开办夜校。", ZHEJIANG),
    ],
)
def test_a_text_that_opens_with_a_region_and_keeps_to_it(body: str, expected: Region) -> None:
    assert attributed("骑手下班有课上", body).region == expected


def test_an_institution_stands_in_a_region() -> None:
    assert attributed("夜校开进病房", "骑手下班晚。", signature="天台县人民医院").region == TIANTAI
    assert attributed("夜校开进教室", "骑手下班晚。", signature="镇海小学").region == ZHEJIANG
