"""Lines that are page numbers, in texts and at the edges of pages."""

import pytest

from corpus.text.page_numbers import BARE_PAGE_NUMBER, PAGE_NUMBER


@pytest.mark.parametrize("line", ["- 3 -", "—12—", "—— 3 ——", "第3页", "第 3 页，共 8 页", "3/8", "Page 3", "~5~"])
def test_a_page_number_alone_on_its_line(line: str) -> None:
    assert PAGE_NUMBER.fullmatch(line)


@pytest.mark.parametrize("line", ["3", "- 3", "2021/2022", "—2021—", "第3页的表", "3.5"])
def test_a_number_that_may_be_another(line: str) -> None:
    assert PAGE_NUMBER.fullmatch(line) is None


@pytest.mark.parametrize(("line", "is_one"), [("3", True), ("1023", True), ("- 3", True), ("20211", False), ("3.5", False)])
def test_at_the_edge_of_a_page_dashes_may_lack(line: str, is_one: bool) -> None:
    assert bool(BARE_PAGE_NUMBER.fullmatch(line)) is is_one
