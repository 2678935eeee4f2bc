"""Tables: rows are passages, each with the header of its columns beside it and not in it."""

import pytest

from corpus.chunker import chunk
from corpus.document import Bulletin
from corpus.parsing.parser import parse_text
from corpus.regions.gazetteer import Gazetteer
from tests.corpus.parsing.laws import check_laws

HEAD = "德阳防汛简报\n第4期\n德阳市应急管理局\n2021年7月2日\n\n什邡市备足沙袋\n\n什邡市备沙袋九万条，分放在四十个点，见下表。\n\n"
TABLE = "地点\t沙袋\t负责人\n一、师古镇\t3.1万条\t王甲\n洛水镇\t2.4万条\t\n\t0.5万条\t李乙\n"
BELOW = "\n各点每周清点一次，少了的当天补齐。\n"


def parsed(source: str) -> Bulletin:
    return parse_text(source, gazetteer=Gazetteer.load(), document="it.txt")


def test_each_row_is_a_passage_with_the_header_beside_it() -> None:
    bulletin = parsed(HEAD + TABLE + BELOW)
    check_laws(HEAD + TABLE + BELOW, bulletin)
    above, *rows, below = chunk(bulletin)
    assert above.text.endswith("见下表。\n地点\t沙袋\t负责人\n") and above.table_header is None
    assert [row.text for row in rows] == ["一、师古镇\t3.1万条\t王甲\n", "洛水镇\t2.4万条\n", "0.5万条\t李乙\n"]
    for row in rows:
        assert row.table_header is not None and row.table_header.of(bulletin.text) == "地点\t沙袋\t负责人\n"
        assert "沙袋\t负责人" in row.embedding_text and "负责人" not in row.text
    assert below.text.strip() == BELOW.strip() and below.table_header is None
    assert [section.heading for section in bulletin.articles[0].sections] == [""]  # 一、师古镇 is a cell, no heading


def test_two_tables_have_their_own_headers() -> None:
    other = "\n另表如下。\n\n车辆\t数量\n卡车\t12辆\n"
    rows = [passage for passage in chunk(parsed(HEAD + TABLE + other)) if passage.table_header]
    headers = [passage.table_header.of(passage.bulletin.text) for passage in rows if passage.table_header]
    assert headers == ["地点\t沙袋\t负责人\n"] * 3 + ["车辆\t数量\n"]


@pytest.mark.parametrize(
    "lines",
    [
        "编辑：王甲\t审核：李乙\n",  # one line is no table
        "\t各点每周清点一次，少了的当天补齐，多的送回库里。\n\t库里每月盘点一次。\n",  # set in by tabs
        "各点每周清点一次，少了的当天补齐。\t\n多的送回库里，每月盘点一次。\t\n",
    ],
)
def test_other_tabs_make_no_table(lines: str) -> None:
    assert parsed(HEAD + lines).tables == ()
