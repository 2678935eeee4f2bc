"""axe-core finds nothing serious on any page, light or dark; every page fits a phone of 360 px."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.qa.web.driving import ask


def addresses(page: Page, start: str) -> list[str]:
    """Every kind of page: those that the head links to, and an article with a quote marked."""
    page.goto(start)
    ask(page, "志愿者积分制度怎么做")
    links = [link.get_attribute("href") for link in page.locator(".site nav a").all()]
    article = page.locator(".answer .quote a.number").first.get_attribute("href")
    assert article and len(links) == 6
    issue, sheet = "/issue/" + article.split("/")[2], "/add/document/" + article.split("/")[2]
    return [f"{start}{path}" for path in (*(link for link in links if link), article, issue, sheet, "/issue/none")]


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(sample_page: str, browser: Browser, scheme: str) -> None:
    page = browser.new_page(locale="zh-CN", color_scheme="dark" if scheme == "dark" else "light")
    wrong = []
    for address in addresses(page, sample_page):
        page.goto(address)
        if address == f"{sample_page}/":
            expect(page.locator(".answer")).to_have_count(1)
            page.locator(".answer .quote a.number").first.click()
            expect(page.locator("#evidence mark")).to_be_visible()
        wrong += serious(page)
    page.close()
    assert not wrong, "\n".join(wrong)


def test_no_page_is_wider_than_a_small_phone(sample_page: str, browser: Browser) -> None:
    page = browser.new_page(locale="zh-CN", viewport={"width": 360, "height": 740})
    for address in addresses(page, sample_page):
        page.goto(address)
        expect(page.locator(".site")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
    page.close()
