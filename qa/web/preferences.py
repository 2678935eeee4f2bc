"""What a reader has chosen for this browser, kept in cookies: language, theme, size of text, how readily to abstain."""

import re
from dataclasses import dataclass
from typing import get_args

from starlette.requests import HTTPConnection

from corpus.messages.language import Language
from qa.answering.answerability import Strictness

THEMES = ("system", "light", "dark")
SIZES = ("normal", "large", "larger")
LANGUAGES: tuple[Language, ...] = get_args(Language)
STRICTNESS: tuple[Strictness, ...] = get_args(Strictness)


@dataclass(frozen=True, slots=True)
class Preferences:
    """A choice of each of `LANGUAGES`, `THEMES`, `SIZES`, `STRICTNESS`."""

    language: Language
    theme: str = "system"
    size: str = "normal"
    strictness: Strictness = "normal"


def preferences(request: HTTPConnection) -> Preferences:
    """Return what the browser that asks has chosen; the usual where it has chosen nothing that is offered.

    Without a choice the language is Chinese where the browser prefers it to English.
    """
    cookies = request.cookies

    def chosen(name: str, offered: tuple[str, ...], usual: str) -> str:
        return cookies[name] if cookies.get(name) in offered else usual

    accepted = re.findall(r"\b(zh|en)\b", request.headers.get("accept-language", "").lower())
    return Preferences(
        language="zh" if chosen("language", LANGUAGES, accepted[0] if accepted else "zh") == "zh" else "en",
        theme=chosen("theme", THEMES, "system"),
        size=chosen("size", SIZES, "normal"),
        strictness=next(level for level in STRICTNESS if level == chosen("strictness", STRICTNESS, "normal")),
    )
