"""Lists whose items a document sets out: headings, headlines of points."""

from pathlib import Path

import pytest

from index.encoder import load_encoder
from index.store.library import Library, open_library
from qa.answering.pipeline import answer_question

DOCUMENT = """\
团锦渚区委以“三个一”办好骑手驿站

今年以来，团锦渚区委围绕“三个一”，抓好骑手驿站建设。

一、建好一批站点
区里摸清骑手歇脚的去处，沿商圈建成站点四十六个。坚持“四个统一”管站：
一是统一标识。站点门口挂同一块蓝牌子，骑手老远就能认出来。
二是统一物资。饮水机、微波炉、雨衣按同一张清单配齐。
三是统一时间。每天早上七点开门，晚上十点关门，节假日不歇。
四是统一看护。每站有一名志愿者轮班，做好记录。

二、配好一支队伍
招募站长九十名，培训后上岗，每月评一次星级。队伍分三种班次，早班、晚班、机动班。

三、开好一扇窗口
骑手可在站里反映小区不让进、电梯难等的事，由街道七天内答复。
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder: Path = tmp_path_factory.mktemp("列举")
    (folder / "驿站.txt").write_text(DOCUMENT, encoding="utf-8")
    return open_library(folder, data=folder.parent / "列举-data", encoder=load_encoder())


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("骑手驿站的“三个一”分别是什么", ["一、建好一批站点", "二、配好一支队伍", "三、开好一扇窗口"]),
        (
            "管站的“四个统一”具体指哪些",
            ["一是统一标识。", "二是统一物资。", "三是统一时间。", "四是统一看护。"],
        ),
    ],
)
def test_as_many_headings_or_headlines_as_are_asked_for(library: Library, text: str, items: list[str]) -> None:
    assert [quote.text for quote in answer_question(library, text).quotes] == items


@pytest.mark.parametrize(
    "text",
    [
        "队伍分哪三种班次",  # told in one sentence
        "骑手的事三天内有哪些答复",  # a time
        "骑手驿站怎么建",
        "三点半到站的骑手有哪些服务",
        "What are the three\u00a0shifts?",
    ],
)
def test_another_number_and_what_no_list_answers_are_read_as_ever(library: Library, text: str) -> None:
    quotes = [quote.text for quote in answer_question(library, text, strictness="lenient").quotes]
    assert not {"一、建好一批站点", "一是统一标识。"} & set(quotes)


REGULATION = """\
市民政局关于印发《骑手驿站管理办法》的通知

各区民政局：

第一条 有下列情形之一的，驿站不得接收：
（一）没有营业执照的；
（二）没有消防器材的；
（三）借用他人名义的；
（四）拖欠场地租金的。

第二条 驿站每天七点开门。
"""


def test_where_two_items_of_a_list_are_quoted_all_are_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "办法.txt").write_text(REGULATION, encoding="utf-8")
    library = open_library(tmp_path, data=tmp_path.parent / f"{tmp_path.name}-data", encoder=load_encoder())
    quotes = [quote.text for quote in answer_question(library, "驿站不得接收的有哪些情形", strictness="lenient").quotes]
    items = [quote for quote in quotes if quote.startswith("（")]
    assert items == ["（一）没有营业执照的；", "（二）没有消防器材的；", "（三）借用他人名义的；", "（四）拖欠场地租金的。"]
