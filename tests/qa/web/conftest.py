"""The page as a user starts it, and a real Chromium to look at it with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.qa.web.bulletins import STATIONS, STATIONS_OF_NINGBO
from tests.qa.web.serving import serve

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_LOCAL = ("http://127.0.0.1:", "data:", "blob:")

expect.set_options(timeout=20_000)  # milliseconds: a page may share its core with others


@pytest.fixture(scope="session")
def sample_page(data: Path) -> Iterator[str]:
    yield from serve(data, "--mcp")


@pytest.fixture(scope="session")
def own_page(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page over a folder of one's own: bulletins with markup everywhere, two of them of an abolished district and its heir."""
    folder = tmp_path_factory.mktemp("简报")
    (folder / "一.txt").write_text(STATIONS.replace("测试", "<img src=z onerror=alert(4)>"), encoding="utf-8")
    for issue, date, region in ((1, "2015年3月4日", "江东区"), (2, "2018年3月4日", "鄞州区")):
        text = STATIONS_OF_NINGBO.format(issue=issue, date=date, region=region)
        (folder / f"{issue}.txt").write_text(text, encoding="utf-8")
    yield from serve(data, "--library", str(folder))


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture()
def browser_page(browser: Browser) -> Iterator[Page]:
    """A page of a browser of its own: no cookies, nothing stored. Script errors and requests off the machine fail the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(30_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda request: wrong.append(request.url) if not request.url.startswith(_LOCAL) else None,
    )
    yield page
    context.close()
    assert wrong == []
