"""The chat page as a user works it in a browser, and a bulletin that is hard on it."""

from playwright.sync_api import Page, expect

# Markup of HTML and Markdown, characters of two units, and words that a line end cuts in two.
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


def ask(page: Page, question: str) -> None:
    answers = page.locator(".answer").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(page.locator(".answer")).to_have_count(answers + 1, timeout=30_000)
