"""One article in several copies is one; what differs in a figure, a negation or the masthead is two."""

import dataclasses
import random
import re
from collections.abc import Callable

import pytest

from corpus import readers
from corpus.document import Bulletin
from corpus.library import duplicates, files, fingerprints
from corpus.library.duplicates import ArticleAt, Replaced, find_duplicate, find_duplicates
from corpus.library.fingerprints import fingerprint
from corpus.messages.errors import BulletinParseError
from corpus.parsing.parser import parse_text
from tests.executed_lines import count_lines

GAZETTEER = files.load_gazetteer(files.SAMPLES)
FIGURES = "〇零一二两三四五六七八九十百千万亿半不没未无非勿莫否禁免毋弗拒停废撤取消暂缓增减升降涨跌超低高以于上下"
NAMES = [file.document for file in files.bulletin_files(files.scan(files.SAMPLES))]


def text(name: str) -> str:
    return readers.read_plain(files.SAMPLES / name)


def read(source: str) -> Bulletin:
    return parse_text(source, gazetteer=GAZETTEER, document="第1期.txt")


def misread(source: str, share: float, seed: int) -> str:
    """As a scan is: some characters of the paragraphs are others, but no number and no negation."""
    chance = random.Random(seed)

    def scanned(line: str) -> str:
        return "".join(chr(chance.randrange(0x6000, 0x6200)) if is_misread(c) else c for c in line)

    def is_misread(c: str) -> bool:
        return "\u4e00" <= c <= "\u9fff" and c not in FIGURES and chance.random() < share

    return "".join(scanned(line) if len(line) > 40 else line for line in source.splitlines(keepends=True))


def other_layout(source: str) -> str:
    """As a converter might leave it: line ends, spaces, full-width digits, Markdown."""
    lines = [f"**{line}**" if line.startswith(("一、", "二、")) else line for line in source.split("\n")]
    return "\r\n".join(lines).translate(str.maketrans("0123456789", "０１２３４５６７８９"))


@pytest.mark.parametrize(
    "change",
    [
        str,
        lambda source: source + "\n\n",
        lambda source: source.replace("，", ", ").replace("。", "． "),
        other_layout,
        lambda source: misread(source, 0.02, 1),
        lambda source: misread(source, 0.04, 2),
        lambda source: source[: int(len(source) * 0.85)],  # the last page is missing
    ],
)
def test_a_copy_is_found_whatever_it_has_been_through(change: Callable[[str], str]) -> None:
    originals = [fingerprint(read(text(name))) for name in NAMES]
    for at, name in enumerate(NAMES):
        try:
            copy = fingerprint(read(change(text(name))))
        except BulletinParseError:  # misread beyond a masthead
            continue
        assert find_duplicates([*originals, copy]).documents == {len(originals): at}, name
        assert find_duplicate(copy, originals) == at


def test_the_issues_of_a_series_are_no_copies() -> None:
    found = find_duplicates([fingerprint(read(text(name))) for name in NAMES])
    assert (found.documents, found.articles) == ({}, {})


def test_a_form_filled_in_again_is_another_issue() -> None:
    """The same text but for the number of the issue: a weekly report in which hardly anything happens."""
    source = text("lanchuan-2019-06.txt")
    again = re.sub(r"第( ?)6( ?)期", r"第\g<1>7\g<2>期", source)
    one, other = read(source), read(again)
    assert (one.masthead.issue, other.masthead.issue) == ("6", "7")
    found = find_duplicates([fingerprint(one), fingerprint(other)])
    assert (found.documents, found.articles) == ({}, {})


def test_the_first_is_kept() -> None:
    one, other = (fingerprint(read(text(name))) for name in NAMES[:2])
    assert find_duplicates([one, other, one, other, one]).documents == {2: 0, 3: 1, 4: 0}


def test_the_sketch_estimates_what_two_texts_share() -> None:
    """Of 1,200 shingles, 128 buckets tell the share to within 0.12 (three standard deviations at 0.5: 3 * sqrt(0.25 / 128))."""
    chance = random.Random(3)
    for _ in range(20):
        one = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(1200))
        cut = chance.randrange(1200)
        other = one[:cut] + "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(1200 - cut))
        left, right = ({letters[at : at + 5] for at in range(len(letters) - 4)} for letters in (one, other))
        shared = len(left & right) / len(left | right)
        sketches = fingerprints._sketch(one), fingerprints._sketch(other)
        assert abs(float((sketches[0] == sketches[1]).mean()) - shared) < 0.14


def test_texts_too_short_to_sketch_are_compared_whole() -> None:
    assert (fingerprints._sketch("四个字吗") == fingerprints._EMPTY).all()


HEAD = """岚川青年工作简报

第21期

共青团岚川省委办公室        {date}

"""
CYCLES = """北苑区：旧马戏棚改成修车铺

北苑区把空着的马戏棚改成骑手修车铺，补胎不收钱，一月补了八百条内胎，师傅是退休的客车司机。铺子每天早上七点开门，晚上十点关门，骑手凭接单记录免费换气门芯，链条断了当场接上，零件由街道商会按月补足。

"""
SWIMMING = """澄溪市：河滩上教游泳

澄溪市在河滩上划出浅水区，请体校教练教孩子游泳，一个夏天教会六百四十人，没有收一分钱。教练每天下午四点到场，救生员站在水里围成半圈，家长在岸上看着，下雨天改在粮站的大棚里练憋气。

"""
DRUMS = """石潭县：粮仓里敲腰鼓

石潭县把空粮仓借给腰鼓队，周末两场，鼓是镇上木匠做的，皮子由屠户送来，唱词写的是各村的新鲜事，听众自己带板凳来。

"""


def issue(*articles: str, date: str = "2024年1月8日", name: str = "第21期.txt") -> fingerprints.Fingerprint:
    return fingerprint(parse_text(HEAD.format(date=date) + "".join(articles), gazetteer=GAZETTEER, document=name))


def test_the_articles_of_an_issue_are_told_apart() -> None:
    assert [len(issue(CYCLES, SWIMMING, DRUMS).articles), len(issue(CYCLES).articles)] == [3, 1]


def test_two_editions_never_hide_what_only_one_of_them_has() -> None:
    found = find_duplicates([issue(CYCLES, SWIMMING), issue(CYCLES, DRUMS)])
    assert found.documents == {}
    assert found.articles == {ArticleAt(1, 0): Replaced(ArticleAt(0, 0))}


def test_an_excerpt_is_a_copy_of_the_whole_issue() -> None:
    whole, excerpt = issue(CYCLES, SWIMMING, DRUMS), issue(SWIMMING, DRUMS)
    assert find_duplicates([whole, excerpt]).documents == {1: 0}
    # Of an excerpt that is the better document, its articles are kept, and the rest of the whole.
    found = find_duplicates([excerpt, whole])
    assert (found.documents, set(found.articles)) == ({}, {ArticleAt(1, 1), ArticleAt(1, 2)})


def test_the_fuller_article_is_kept_though_its_document_is_the_worse() -> None:
    shortened = SWIMMING[: SWIMMING.index("，家长在岸上")] + "。\n\n"
    found = find_duplicates([issue(CYCLES, shortened), issue(SWIMMING)])
    assert (found.documents, found.articles) == ({}, {ArticleAt(0, 1): Replaced(ArticleAt(1, 0))})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("六百四十人", "六百四十六人"),
        ("四点", "五点"),
        ("没有收一分钱", "收一分钱"),
        ("请体校教练", "不请体校教练"),
        ("澄溪市", "柳汀县"),
        ("六百四十人", "640‰"),
        ("浅水区，", "浅水区，比去年增6.5%，"),
    ],
)
def test_a_figure_a_negation_or_a_region_makes_two_articles(before: str, after: str) -> None:
    assert before in SWIMMING
    found = find_duplicates([issue(CYCLES, SWIMMING), issue(CYCLES, SWIMMING.replace(before, after))])
    assert found.documents == {}
    assert found.articles == {ArticleAt(1, 0): Replaced(ArticleAt(0, 0))}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5%", "5‰"),
        ("1.2万", "1,2万"),
        ("增三成", "减三成"),
        ("同比5%", "同比-5%"),
        ("三十岁以上", "三十岁以下"),
        ("半天", "壹天"),
    ],
)
def test_a_sign_or_a_direction_makes_two_articles(one: str, other: str) -> None:
    said = SWIMMING.replace("没有收一分钱", "没有收一分钱，学员{}")
    found = find_duplicates([issue(CYCLES, said.format(one)), issue(CYCLES, said.format(other))])
    assert (found.documents, found.articles) == ({}, {ArticleAt(1, 0): Replaced(ArticleAt(0, 0))})


def test_longer_tables_take_no_more_steps_to_compare() -> None:
    article = issue(SWIMMING).articles[0]

    def steps(count: int) -> int:
        shorter = dataclasses.replace(article, figures=("1",) * count + ("2",))
        longer = dataclasses.replace(article, figures=("1",) * 2 * count, length=3 * article.length)
        assert shorter.quotes(longer) and not duplicates._figures_agree(shorter, longer)
        return count_lines(lambda: duplicates._figures_agree(shorter, longer))

    assert steps(2_000) == steps(20)


@pytest.mark.parametrize(
    ("excerpt", "whole", "agree"),
    [
        (("3", "20"), ("1", "3", "2024"), True),  # the last figure is cut off
        (("3", "20"), ("1", "13", "20"), False),
        (("3", "20"), ("3", "1", "20"), False),
        (("1.2", "3"), ("1.20", "3"), False),
        ((), ("1",), True),
        (("1",), (), False),
    ],
)
def test_an_excerpt_has_a_stretch_of_the_figures(excerpt: tuple[str, ...], whole: tuple[str, ...], agree: bool) -> None:
    article = issue(SWIMMING).articles[0]
    longer = dataclasses.replace(article, figures=whole, length=3 * article.length)
    assert duplicates._figures_agree(dataclasses.replace(article, figures=excerpt), longer) == agree


def test_a_figure_in_the_title_makes_two_articles() -> None:
    titled = [SWIMMING.replace("教游泳\n", f"教{number}人游泳\n", 1) for number in ("四百", "八百")]
    assert find_duplicates([issue(CYCLES, each) for each in titled]).documents == {}


@pytest.mark.parametrize("changed", ["不请体校教练", "拒请体校教练"])
def test_an_excerpt_that_was_changed_is_no_excerpt(changed: str) -> None:
    shortened = SWIMMING[: SWIMMING.index("，家长在岸上")] + "。\n\n"
    for one, other in (
        (SWIMMING.replace("请体校教练", changed), shortened),
        (SWIMMING, shortened.replace("请体校教练", changed)),
    ):
        assert find_duplicates([issue(one), issue(other)]).documents == {}


def test_one_text_under_the_names_of_two_publishers_is_two() -> None:
    one = HEAD.format(date="2024年1月8日") + SWIMMING
    other = one.replace("共青团岚川省委办公室", "共青团云栖市委办公室")
    assert find_duplicates([fingerprint(read(one)), fingerprint(read(other))]).documents == {}


@pytest.mark.parametrize("head", [("第21期", "第22期"), ("青年工作简报", "校园工作简报"), ("2024年1月8日", "2024年2月8日")])
def test_another_masthead_makes_other_articles(head: tuple[str, str]) -> None:
    text = (HEAD.format(date="2024年1月8日") + SWIMMING).replace(*head)
    other = fingerprint(parse_text(text, gazetteer=GAZETTEER, document="第21期.txt"))
    found = find_duplicates([issue(SWIMMING), other])
    assert (found.documents, found.articles) == ({}, {})


@pytest.mark.parametrize(
    "title",
    ["更正：澄溪市：河滩上教游泳", "澄溪市：河滩上教游泳（更正）"],
)
def test_a_later_correction_replaces_what_it_corrects(title: str) -> None:
    corrected = SWIMMING.replace("澄溪市：河滩上教游泳", title).replace("六百四十人", "六百四十六人")
    later = issue(corrected, date="2024年1月18日")
    for documents, old, new in (([issue(SWIMMING), later], 0, 1), ([later, issue(SWIMMING)], 1, 0)):
        found = find_duplicates(documents)
        assert found.documents == {}
        assert found.articles == {ArticleAt(old, 0): Replaced(ArticleAt(new, 0), is_correction=True)}


def test_a_correction_of_an_earlier_day_replaces_nothing() -> None:
    corrected = SWIMMING.replace("游泳\n", "游泳（更正）\n").replace("六百四十人", "六百四十六人")
    assert find_duplicates([issue(SWIMMING), issue(corrected, date="2023年1月18日")]).articles == {}


@pytest.mark.parametrize("title", ["澄溪市：办理户籍更正", "澄溪市：更正户籍信息五百条"])
def test_a_title_that_tells_of_correcting_is_no_correction(title: str) -> None:
    monthly = SWIMMING.replace("澄溪市：河滩上教游泳", title)
    later = issue(monthly.replace("六百四十人", "七百人"), date="2024年2月8日")
    assert find_duplicates([issue(monthly), later]).articles == {}


def test_the_contents_may_name_a_correction_among_other_articles() -> None:
    listed = "目录\n\n1.澄溪市：河滩上教游泳\n2.更正启事\n\n"
    later = issue(
        listed,
        SWIMMING.replace("六百四十人", "七百人"),
        "更正启事\n\n上期第三版的照片说明有误，应为澄溪市河滩。\n",
        date="2024年2月8日",
    )
    assert find_duplicates([issue(SWIMMING), later]).articles == {}


def test_a_corrected_edition_replaces_its_own_issue_alone() -> None:
    corrected = SWIMMING.replace("六百四十人", "七百人")
    edition = issue(corrected, date="2024年1月18日", name="第21期更正版.txt")
    other = fingerprint(
        parse_text(HEAD.format(date="2024年1月8日").replace("21", "20") + SWIMMING, gazetteer=GAZETTEER, document="20.txt")
    )
    found = find_duplicates([issue(SWIMMING), other, edition])
    assert found.articles == {ArticleAt(0, 0): Replaced(ArticleAt(2, 0), is_correction=True)}
