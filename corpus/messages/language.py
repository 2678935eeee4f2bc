"""The language that messages are given in: Chinese or English, both written side by side where they are said."""

import ctypes
import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Language = Literal["zh", "en"]

_current_language: ContextVar[Language | None] = ContextVar("spoken", default=None)


@contextmanager
def use_language(language: Language) -> Iterator[None]:
    """Within it messages are in `language`, as the reader of a page has chosen, whatever the system's is."""
    before = _current_language.set(language)
    try:
        yield
    finally:
        _current_language.reset(before)


def user_language() -> Language:
    """The language spoken; else Chinese where JINGYAN_LANG or the system's language says so, else English."""
    if (spoken := _current_language.get()) is not None:
        return spoken
    for name in ("JINGYAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    if sys.platform == "win32":
        # 0x04: the primary language Chinese; Windows has no LANG.
        return "zh" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 0x04 else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def tr(zh: str, en: str, language: Language | None = None) -> str:
    """The text in `language`, or in the user's own."""
    return zh if (language or user_language()) == "zh" else en


def configure_utf8_output() -> None:
    """Write UTF-8 whatever the console's code page says; a lone surrogate never breaks a message."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def plural(number: int, noun: str) -> str:
    """A number with an English noun: `1 bulletin`, `4 bulletins`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
