"""What a reader has chosen for this browser: language, theme, size of text, how readily to abstain. Kept in cookies."""

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
    """One of `LANGUAGES`, `THEMES`, `SIZES`, `STRICTNESS` each."""

    language: Language
    theme: str = "system"
    size: str = "normal"
    strictness: Strictness = "normal"


def preferences(request: HTTPConnection) -> Preferences:
    """What the browser that asks has chosen; what it has not chosen, or was never offered, is as usual.

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
        strictness=next(one for one in STRICTNESS if one == chosen("strictness", STRICTNESS, "normal")),
    )
