"""Titles and headings that their marks tell: ◆ before every title, —— before a subtitle, 【】 round a heading."""

from corpus.document import Bulletin
from corpus.parsing.parser import parse_text
from corpus.regions.gazetteer import Gazetteer

_HEAD = "赣南青年工作动态\n\n2024年第8期　总第206期\n共青团赣州市委办公室　2024年8月30日\n\n"
_TEXT = "白天没空跑招聘会的青年不少，区里每周五晚在街边摆出摊位，一年里办了四十六场，签约一千二百人。\n"


def read(body: str) -> Bulletin:
    return parse_text(_HEAD + body, gazetteer=Gazetteer.load(), document="动态.txt")


def titles(bulletin: Bulletin) -> list[tuple[str, str | None]]:
    return [(article.title, article.region.label if article.region else None) for article in bulletin.articles]


def test_what_the_first_title_opens_with_opens_all() -> None:
    found = read(
        f"【就业创业】\n\n◆章贡区“就业夜市”把岗位摆到街边\n\n{_TEXT}\n◆于都县让返乡青年“先试后干”\n\n{_TEXT}\n"
        f"【基层治理】\n\n◆瑞金市青年评理桌\n\n{_TEXT}"
    )
    assert titles(found) == [
        ("章贡区“就业夜市”把岗位摆到街边", "赣州市章贡区"),
        ("于都县让返乡青年“先试后干”", "于都县"),
        ("瑞金市青年评理桌", "瑞金市"),
    ]


def test_bullets_below_a_title_are_no_titles() -> None:
    found = read(f"章贡区“就业夜市”把岗位摆到街边\n\n{_TEXT}\n◆摊位由街道定\n{_TEXT}\n◆企业由人社局选\n{_TEXT}")
    assert [title for title, _ in titles(found)] == ["章贡区“就业夜市”把岗位摆到街边"]


def test_a_subtitle_belongs_to_every_title() -> None:
    found = read(
        f"### 以“小积分”撬动“大文明”\n### ——章贡区积分机制的探索\n\n{_TEXT}\n"
        f"### 让银龄不孤单　让亲情不打烊\n### ——于都县助老服务侧记\n\n{_TEXT}"
    )
    assert [article.title for article in found.articles] == [
        "以“小积分”撬动“大文明” ——章贡区积分机制的探索",
        "让银龄不孤单　让亲情不打烊 ——于都县助老服务侧记",
    ]
    assert not any(section.heading for article in found.articles for section in article.sections)


def test_headings_stand_in_brackets() -> None:
    found = read(f"章贡区“就业夜市”把岗位摆到街边\n\n{_TEXT}\n**【搭台子，让岗位“有处摆”】** {_TEXT}\n【管起来】\n{_TEXT}")
    (article,) = found.articles
    assert [section.heading for section in article.sections] == ["", "【搭台子，让岗位“有处摆”】", "【管起来】"]
