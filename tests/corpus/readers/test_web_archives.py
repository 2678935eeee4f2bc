"""Saved pages and books: encodings, addresses, the order of chapters."""

import datetime
from email.header import Header

import pytest

from benchmarks.small_files import epub, mht
from corpus import readers

PAGE = "<html><head>{}</head><body><p>锦渚区已开课312场。</p><table><tr><td>东渚</td><td>12</td></tr></table></body></html>"
ADDRESS = "http://www.yunqi.example/gongzuo/7.html"


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk"])
@pytest.mark.parametrize("declared", ["", '<meta charset="gb2312">', '<meta charset="big5">'])
@pytest.mark.parametrize("quoted", [True, False])
def test_a_saved_page_is_read_with_its_address(charset: str, declared: str, quoted: bool) -> None:
    """What the part's header says of the encoding counts, whatever the page says."""
    data = mht(PAGE.format(declared), address=ADDRESS, charset=charset, quoted=quoted)
    reading = readers.read_file(data, name="it.mht")
    assert "锦渚区已开课312场。" in reading.text and "东渚\t12" in reading.text
    assert reading.metadata.url == ADDRESS


def test_a_place_on_a_disk_is_no_address() -> None:
    assert readers.read_file(mht(PAGE.format(""), address="file:///C:/a.html"), name="it.mht").metadata.url is None


def test_chapters_are_read_in_order_with_what_the_book_says_of_itself() -> None:
    chapters = ["<h1>锦渚</h1><p>灯下课堂。</p>", "<div></div>", "<h1>北苑</h1><p>骑手夜校。</p>"]
    reading = readers.read_file(epub(chapters, title="夜校案例选", date="2023-05-18"), name="it.epub")
    assert reading.text == "## 锦渚\n\n灯下课堂。\n\n## 北苑\n\n骑手夜校。\n"
    assert (reading.metadata.title, reading.metadata.date) == ("夜校案例选", datetime.date(2023, 5, 18))


def test_a_mail_is_read_with_its_subject() -> None:
    subject = Header("关于夜校的通知", "gb2312").encode()
    text = "各县区：\r\n锦渚区已开课312场。\r\n"
    head = f"Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=gb2312\r\n"
    data = f"{head}Content-Transfer-Encoding: 8bit\r\n\r\n".encode() + text.encode("gb2312")
    reading = readers.read_file(data, name="it.eml")
    assert "锦渚区已开课312场。" in reading.text and reading.metadata.title == "关于夜校的通知"
