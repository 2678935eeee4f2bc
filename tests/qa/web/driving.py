"""The chat page as a user works it in a browser."""

from playwright.sync_api import Page, expect


def ask(page: Page, question: str) -> None:
    answers = page.locator(".answer").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    expect(page.locator(".answer")).to_have_count(answers + 1, timeout=30_000)
