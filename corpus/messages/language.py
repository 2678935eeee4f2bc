"""The language of messages, Chinese or English: the one a reader has chosen, or the system's."""

import ctypes
import locale
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Language = Literal["zh", "en"]

_PRIMARY_LANGUAGE, _CHINESE = 0x3FF, 0x04  # of a Windows language identifier
_current_language: ContextVar[Language | None] = ContextVar("language", default=None)


@contextmanager
def use_language(language: Language) -> Iterator[None]:
    """Put messages into `language` within a `with` block, whatever the system's is."""
    before = _current_language.set(language)
    try:
        yield
    finally:
        _current_language.reset(before)


def user_language() -> Language:
    """Return the language chosen by `use_language`; else Chinese where JINGYAN_LANG or the system says so, else English."""
    if (chosen := _current_language.get()) is not None:
        return chosen
    for name in ("JINGYAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    if sys.platform == "win32":
        language = ctypes.windll.kernel32.GetUserDefaultUILanguage()  # Windows has no LANG
        return "zh" if language & _PRIMARY_LANGUAGE == _CHINESE else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def tr(zh: str, en: str, language: Language | None = None) -> str:
    """Return the text in `language`, or in the user's own."""
    return zh if (language or user_language()) == "zh" else en


def join_names(names: Iterable[str], language: Language) -> str:
    """Join names with the mark that a list has in a language."""
    return ("、" if language == "zh" else ", ").join(names)


def plural(number: int, noun: str) -> str:
    """Return a number with an English noun: `1 bulletin`, `4 bulletins`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
