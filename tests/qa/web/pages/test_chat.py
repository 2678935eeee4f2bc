"""The page, in a real Chromium, served as a user starts it."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError

from corpus.library import files as corpus_library
from index.store.library import Library
from tests.qa.web.driving import ask


@pytest.mark.parametrize("question", ["how to run volunteer point systems", "志愿者积分制度怎么做"])
def test_a_question_brings_quotes_with_citations_and_passages(sample_page: str, browser_page: Page, question: str) -> None:
    page = browser_page
    page.goto(sample_page)
    expect(page.locator("#notice")).to_contain_text("虚构的样例库")
    ask(page, question)
    quotes = page.locator(".answer .quote")
    assert quotes.count() >= 1
    for number in range(quotes.count()):
        quote = quotes.nth(number)
        assert re.search(r"20\d\d-\d\d-\d\d", quote.locator(".reference").inner_text())
        quote.locator("a.number").click()
        expect(page.locator("#evidence mark")).to_have_text(quote.locator("blockquote").inner_text())
        expect(page.locator("#evidence mark")).to_be_in_viewport()


def test_an_answer_is_copied_and_handed_out_with_its_references(sample_page: str, browser_page: Page, tmp_path: Path) -> None:
    page = browser_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(sample_page)
    ask(page, "志愿者积分制度怎么做")
    quotes = page.locator(".answer blockquote").all_inner_texts()
    expect(page.locator(".answer > .tools > .plain")).to_be_hidden()
    page.locator(".answer > .tools > [name=copy]").click()
    expect(page.locator(".answer > .tools > [name=copy].done")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert all(f"“{quote}”[" in copied for quote in quotes)
    assert re.search(r"参考文献\n\[1\] .+\[J\]\. .+，20\d\d（.+）", copied)
    for suffix in (".docx", ".xlsx", ".md"):
        with page.expect_download() as downloading:
            page.locator(f".answer a.export[href^='/answer{suffix}']").click()
        assert downloading.value.suggested_filename.endswith(suffix)
        downloading.value.save_as(tmp_path / f"answer{suffix}")
    word = {paragraph.text for paragraph in docx.Document(str(tmp_path / "answer.docx")).paragraphs}
    markdown = (tmp_path / "answer.md").read_text(encoding="utf-8").replace("\\", "").replace("**", "")
    assert all(quote in word and f"> {quote}" in markdown for quote in quotes)
    ask(page, "杭州市的志愿积分怎么做")
    expect(page.locator(".answer .reason")).to_be_visible()  # nothing answers it: nothing to hand out
    expect(page.locator(".answer").last.locator("a.export")).to_have_count(0)


def test_filters_limit_the_answer(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(sample_page)
    chosen = page.get_by_role("option", name="2019")
    for _ in range(6):  # a page that has just been opened draws its lists anew, which closes them
        page.click("#question textarea")
        page.click("#year input")
        with contextlib.suppress(PlaywrightError):
            chosen.click(timeout=5_000)
            break
    ask(page, "志愿积分怎么做")
    references = page.locator(".answer .reference").all_inner_texts()
    assert references and all("2019" in reference for reference in references)
    expect(page.locator(".answer .computed").last).to_contain_text("2019")


def test_markup_of_bulletins_and_questions_is_text_and_offsets_hold(own_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(own_page)
    expect(page.locator("#notice .samples")).to_have_count(0)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    ask(page, "上城区的便民站有多少志愿者值守？<img src=y onerror=alert(2)> <script>alert(3)</script> $x^2$ **b**")
    page.wait_for_timeout(500)
    assert dialogs == []
    assert (
        page.locator(
            ".message-wrap img[src='y'], .message-wrap img[src='x'], .message-wrap script, .message-wrap blockquote b"
        ).count()
        == 0
    )
    expect(page.locator(".message-wrap")).to_contain_text("<img src=y onerror=alert(2)>")
    expect(page.locator(".message-wrap")).to_contain_text("<img src=x onerror=alert(1)>")
    # 𠮷 and 😀 are two units each in a browser's strings, one code point in ours; the bold run and the page break are gone.
    said = "𠮷祥坊办起便民站<b>三座</b>，共有志愿者五十名轮流值守😀，"
    page.locator(".answer .quote", has_text=said).locator("a.number").click()
    expect(page.locator("#evidence mark")).to_contain_text(said)
    quote = page.locator(".answer .quote", has_text=said).locator("blockquote")
    assert page.locator("#evidence mark").text_content() == quote.text_content()
    assert page.locator("#evidence .body b, #evidence .body img").count() == 0


def test_a_part_of_what_was_understood_is_taken_away(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(sample_page)
    ask(page, "2021年的简报里，锦渚区的骑手驿站怎么建")
    ask(page, "那北苑区呢？")
    assert page.locator(".answer").first.locator("button.chip").count() == 0  # only the last answer can be changed
    last = page.locator(".answer").last
    expect(last.locator(".understood .computed")).to_contain_text("理解为：云栖市北苑区 · 骑手驿站")
    expect(last.locator(".computed").last).to_have_text(re.compile("限于：云栖市北苑区、2021$"))
    expect(last.locator(".reason")).to_be_visible()  # the stations of 北苑 are told of in 2020
    year = page.get_by_role("button", name="去掉 2021年的文件", exact=True)
    for _ in range(40):  # by keyboard: back from the question box
        page.keyboard.press("Shift+Tab")
        if year.evaluate("chip => chip === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(last.locator(".computed").last).to_have_text(re.compile("限于：云栖市北苑区$"), timeout=30_000)
    assert page.locator(".answer").count() == 2 and page.locator(".asked").count() == 2
    assert all("2020" in reference and "北苑区" in reference for reference in last.locator(".reference").all_inner_texts())
    expect(last.locator("blockquote").first).to_contain_text("一盏灯")
    expect(last.locator("a.export")).to_have_count(3)
    expect(page.get_by_role("button", name="去掉 接着上文", exact=False)).to_be_focused()
    page.keyboard.press("Enter")
    expect(last.locator(".understood .computed")).to_have_count(0, timeout=30_000)
    page.get_by_role("button", name="去掉 地区：云栖市北苑区", exact=True).click()
    expect(last.locator(".chip")).to_have_count(0, timeout=30_000)
    expect(last.locator(".computed").last).not_to_contain_text("限于")
    expect(page.locator("#question textarea")).to_be_focused()
    ask(page, "那怎么管理呢？")  # the last question stands alone now: nothing of those before it comes back
    expect(page.locator(".answer").last.locator(".computed").last).not_to_contain_text("2021")


def test_what_was_taken_away_comes_back_only_when_it_is_named(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(sample_page)
    ask(page, "2021年的简报里，锦渚区的骑手驿站怎么建")
    page.get_by_role("button", name="去掉 2021年的文件", exact=True).click()
    limits = page.locator(".answer").last.locator(".computed").last
    expect(limits).to_have_text(re.compile("限于：云栖市锦渚区$"), timeout=30_000)
    ask(page, "那北苑区呢？")
    expect(limits).to_have_text(re.compile("限于：云栖市北苑区$"))
    ask(page, "那2021年呢？")
    expect(limits).to_have_text(re.compile("限于：云栖市北苑区、2021$"))


def test_markup_in_chips_does_not_run(own_page: str, browser_page: Page) -> None:
    page = browser_page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(own_page)
    ask(page, "<img src=z onerror=alert(4)>工作简报里便民站怎么办")
    chip = page.locator(".answer button.chip").first
    expect(chip).to_contain_text("刊物：<img src=z onerror=alert(4)>工作简报")
    ask(page, "那急救箱<b onclick=alert(5)>x</b>呢？")
    expect(page.locator(".answer").last.locator("button.chip")).not_to_have_count(0)
    series = page.locator(".answer").last.locator("button.chip", has_text="刊物")
    series.click()
    expect(series).to_have_count(0, timeout=30_000)
    assert page.locator(".message-wrap img[src='z'], .message-wrap b[onclick], .message-wrap script").count() == 0
    assert dialogs == []


def test_an_answer_is_read_from_its_beginning_and_nothing_is_wider_than_a_phone(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(sample_page)
    ask(page, "反诈宣传怎么做")
    ask(page, "锦渚区和北苑区的骑手驿站有什么不同")
    expect(page.locator(".asked").last).to_be_in_viewport()
    expect(page.locator(".answer").last.locator(".chip").first).to_be_in_viewport()
    expect(page.locator(".answer").last.locator("blockquote").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    table = page.locator(".answer .table")
    assert table.evaluate("box => box.scrollWidth > box.clientWidth && box.getBoundingClientRect().right <= 390")
    assert page.locator(".bubble-wrap").evaluate("box => box.scrollWidth <= box.clientWidth")
    page.set_viewport_size({"width": 1366, "height": 768})


def test_an_empty_question_and_a_far_too_long_one(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(sample_page)
    page.press("#question textarea", "Enter")
    page.wait_for_timeout(300)
    assert page.locator(".message-wrap .message").count() == 0
    page.fill("#question textarea", "问" * 5000)
    page.press("#question textarea", "Enter")
    expect(page.locator(".message-wrap")).to_contain_text(re.compile("too long|太长"), timeout=30_000)


def test_a_port_in_use_is_one_clear_message(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "qa", "chat", "--port", str(port), "--data", str(data)]
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", env={**os.environ, "JINGYAN_LANG": "en"}, check=False
        )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        f"port {port} is in use: stop the program that uses it, or choose another with --port"
    ]


def test_files_of_the_machine_are_not_served(sample_page: str) -> None:
    secret = corpus_library.SAMPLES / "yunqi-2020-23.txt"
    for path in (
        f"/gradio_api/file={secret}",
        f"/file={secret}",
        "/gradio_api/file=/etc/passwd",
        "/static/../../../../etc/passwd",
    ):
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(sample_page + path, timeout=10)
        assert error.value.code in (403, 404)


def test_enter_that_ends_the_composition_of_chinese_does_not_submit(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(sample_page)
    page.fill("#question textarea", "志愿积分")
    for composing in ("isComposing", "keyCode"):
        page.locator("#question textarea").evaluate(
            "(box, name) => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, [name]: 229}))",
            composing,
        )
    page.wait_for_timeout(700)
    assert page.locator(".asked").count() == 0
    page.press("#question textarea", "Enter")
    expect(page.locator(".answer")).to_have_count(1)


def test_a_chat_survives_a_reload_and_can_be_cleared(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(sample_page)
    ask(page, "锦渚区的骑手驿站怎么建")
    ask(page, "那北苑区呢？")
    before = page.locator(".answer").last.locator("blockquote").all_inner_texts()
    page.goto(page.url + "browse")
    page.goto(sample_page)
    expect(page.locator(".answer")).to_have_count(2)
    assert page.locator(".answer").last.locator("blockquote").all_inner_texts() == before
    expect(page.locator(".answer").last.locator(".understood .computed")).to_contain_text("理解为：云栖市北苑区")
    page.locator("#chat button[aria-label]").first.click()
    expect(page.locator("#chat .example")).not_to_have_count(0)
    page.wait_for_timeout(500)  # until the browser has put it down
    page.reload()
    expect(page.locator("#chat .example")).not_to_have_count(0)
    expect(page.locator(".answer")).to_have_count(0)


def test_an_example_is_asked_and_a_question_can_be_sent_as_a_link(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(sample_page)
    example = page.locator("#chat .example").first
    asked = example.inner_text().strip()
    example.click()
    expect(page.locator(".asked")).to_have_text(asked)
    expect(page.locator(".answer blockquote")).not_to_have_count(0)
    page.goto(f"{sample_page}/?q=时间银行怎么办")
    expect(page.locator(".asked").last).to_have_text("时间银行怎么办")
    expect(page.locator(".asked")).to_have_count(2)
    expect(page).to_have_url(f"{sample_page}/")  # a reload does not ask it again
    page.reload()
    expect(page.locator(".asked")).to_have_count(2)


def test_hits_are_stepped_through_and_previewed(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(sample_page)
    ask(page, "志愿者积分制度怎么做")
    quotes = page.locator(".answer .quote blockquote").all_inner_texts()
    marks = page.locator(".answer .quote a.number")
    marks.first.click()
    panel = page.locator("#evidence")
    expect(panel.locator("mark")).to_have_text(quotes[0])
    expect(panel.locator("[data-action=previous-hit]")).to_be_disabled()
    expect(panel.locator(".crumbs")).to_contain_text("云栖共青团工作简报")
    panel.locator("[data-action=next-hit]").click()
    expect(panel.locator("mark")).to_have_text(quotes[1])
    expect(panel.locator(".position")).to_have_text(f"2 / {len(quotes)}")
    expect(marks.nth(1)).to_have_class(re.compile("current"))
    page.keyboard.press("Escape")
    expect(marks.nth(1)).to_be_focused()
    page.locator(".answer .sources summary").click()
    listed = page.locator(".answer .sources li")
    assert sum(int(re.search(r"引用 (\d+) 次", text)[1]) for text in listed.all_inner_texts()) == len(quotes)  # type: ignore[index]
    page.locator(".answer .sources a.number", has_text="2").first.hover()
    expect(page.locator("#preview")).to_have_text(quotes[1])
    with page.context.expect_page() as opened:
        marks.nth(1).click(modifiers=["Control"])
    expect(opened.value.locator("article #hit")).to_have_text(quotes[1])
    expect(opened.value.locator("article #hit")).to_be_in_viewport()


def test_what_is_wrong_is_noted_on_this_machine(sample_page: str, browser_page: Page, samples: Library) -> None:
    page = browser_page
    page.goto(sample_page)
    ask(page, "时间银行怎么办")
    for kind in ("答案不对", "出处不对"):
        page.get_by_role("button", name=kind).click()
        expect(page.locator(".feedback.done")).to_have_count(1)
        expect(page.locator(".feedback.done")).to_have_count(0)
    lines = (samples.root / "feedback.jsonl").read_text(encoding="utf-8").splitlines()
    noted = [json.loads(line) for line in lines[-2:]]
    assert [one["wrong"] for one in noted] == ["answer", "evidence"]
    assert {one["question"] for one in noted} == {"时间银行怎么办"} and noted[0]["quotes"]


def test_labels_are_in_the_language_of_the_browser(sample_page: str, browser: Browser) -> None:
    for locale, button, link, welcome in (("en-US", "Ask", "Browse", "Ask, and read it"), ("zh-CN", "提问", "浏览", "问一句")):
        page = browser.new_page(locale=locale)
        page.goto(sample_page)
        expect(page.locator("#ask")).to_have_text(button)
        expect(page.locator(".site nav a").nth(1)).to_have_text(link, use_inner_text=True)
        expect(page.locator("#chat")).to_contain_text(welcome)
        page.close()
