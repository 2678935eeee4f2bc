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
