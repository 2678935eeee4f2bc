"""The page, in a real Chromium, served as a user starts it."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect, sync_playwright

from corpus import library as corpus_library

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

BULLETIN = """\
测试工作简报
（经验交流）
第 1 期
共青团杭州市委
2021年3月4日

团杭州市上城区委办好“<img src=x onerror=alert(1)>”便民站

近年来，团上城区委在𠮷祥坊办起便民站<b>三座</b>，共有志愿者**五十
名**轮流值守😀，每周开放四天，居民可以存取包裹、修补雨伞。每座便民站配
备急救箱一只。
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def serve(data: Path, *options: str) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "qa", "chat", "--port", str(port), "--data", str(data), *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert server.poll() is None, server.stdout and server.stdout.read()
            try:
                urllib.request.urlopen(address, timeout=5)
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def sample_page(data: Path) -> Iterator[str]:
    yield from serve(data)


@pytest.fixture(scope="module")
def own_page(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("简报")
    (folder / "一.txt").write_text(BULLETIN, encoding="utf-8")
    yield from serve(data, "--library", str(folder))


@pytest.fixture(scope="module")
def browser_page(chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        page.set_default_timeout(30_000)
        yield page
        browser.close()


def ask(page: Page, question: str) -> None:
    answers = page.locator(".answer").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(page.locator(".answer")).to_have_count(answers + 1, timeout=30_000)


@pytest.mark.parametrize("question", ["how to run volunteer point systems", "志愿者积分制度怎么做"])
def test_a_question_brings_quotes_with_citations_and_passages(sample_page: str, browser_page: Page, question: str) -> None:
    page = browser_page
    outside: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((sample_page, "data:", "blob:")):
            outside.append(request.url)

    page.on("request", note)
    page.goto(sample_page)
    expect(page.locator("#notice")).to_contain_text("虚构的样例库")
    expect(page.locator("#notice")).to_contain_text("--library")
    ask(page, question)
    quotes = page.locator(".answer .quote")
    assert quotes.count() >= 1
    for number in range(quotes.count()):
        quote = quotes.nth(number)
        assert re.search(r"20\d\d-\d\d-\d\d", quote.locator(".reference").inner_text())
        expect(quote.locator(".passage")).to_be_hidden()
        quote.locator("summary").click()
        expect(quote.locator(".passage")).to_be_visible()
        said = re.sub(r"\s", "", quote.locator("blockquote").inner_text())
        assert re.sub(r"\s", "", quote.locator("mark").inner_text()) == said
        assert said in re.sub(r"\s", "", quote.locator(".passage").inner_text())
    assert outside == []


def test_filters_limit_the_answer(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(sample_page)
    page.click("#year input")
    page.get_by_role("option", name="2019").click()
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
    ask(page, "便民站有多少志愿者值守？<img src=y onerror=alert(2)> <script>alert(3)</script> $x^2$ **b**")
    page.wait_for_timeout(500)
    assert dialogs == []
    assert (
        page.locator(
            ".message-wrap img[src='y'], .message-wrap img[src='x'], .message-wrap script, .message-wrap .passage b"
        ).count()
        == 0
    )
    expect(page.locator(".message-wrap")).to_contain_text("<img src=y onerror=alert(2)>")
    expect(page.locator(".message-wrap")).to_contain_text("<img src=x onerror=alert(1)>")
    marked = page.locator(".answer mark").all_text_contents()
    # 𠮷 and 😀 are two units each in a browser's strings, one code point in ours; the bold run and the page break are gone.
    assert any("𠮷祥坊办起便民站<b>三座</b>，共有志愿者五十名轮流值守😀，" in text for text in marked)


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
