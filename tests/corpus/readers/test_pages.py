"""Pages in the manner of sites: of each, its article as it should be read, line by line, and what its head says."""

import datetime
import html
from pathlib import Path

import pytest

from corpus import readers
from corpus.document import Metadata

PAGES = Path(__file__).parent / "pages"
HEADS = {
    "trs-notice": Metadata(
        "锦渚区人民政府办公室关于做好高温天气下露天作业管理的通知",
        "锦渚区人民政府办公室",
        datetime.date(2023, 7, 4),
        "http://www.jinzhu.example/art/2023/7/4/art_1_2.html",
    ),
    "wechat": Metadata("北苑区的骑手有了自己的夜校", "北苑青年", datetime.date(2023, 5, 19), "http://mp.example.com/s/abc"),
    "party-news": Metadata(
        "澄溪：让晒场变成小球场", "岚川青年报", datetime.date(2021, 6, 8), "https://www.lctj.example/n1/2021/0608/c1-1.html"
    ),
    "word-export": Metadata("关于报送青年之家情况的函"),
}


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.html")), ids=lambda page: page.stem)
def test_the_article_of_a_page_and_nothing_else(page: Path) -> None:
    text = readers.read_file(page.read_bytes(), name=page.name).text
    assert [line for line in text.splitlines() if line] == page.with_suffix(".txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", HEADS)
def test_what_the_head_of_a_page_says(name: str) -> None:
    assert readers.read_file((PAGES / f"{name}.html").read_bytes(), name=f"{name}.html").metadata == HEADS[name]


LAYOUTS = Path(__file__).parents[1] / "layouts"


@pytest.mark.parametrize("layout", sorted(LAYOUTS.glob("*.txt")), ids=lambda layout: layout.stem)
def test_a_document_without_furniture_is_kept_whole(layout: Path) -> None:
    lines = [line for line in layout.read_text(encoding="utf-8").splitlines() if line.strip("-= \t")]
    page = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    text = readers.read_file(page.encode(), name="it.html").text
    assert sorted(map(_letters, lines)) == sorted(_letters(line) for line in text.splitlines() if line)


def _letters(line: str) -> str:
    return "".join(line.replace("*", "").replace("#", "").split())
