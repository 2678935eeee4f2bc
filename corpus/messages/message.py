"""Messages for users: a code and its values, put into words when they are shown.

A message is stored, compared and tested by its code. Its texts, Chinese and English, lie in the `messages.toml` of the package
that the code begins with: `corpus.library.too_large` is `[library.too_large]` in `corpus/messages.toml`. In a text `{name}` is a
value, and `{count:bulletin}` a number with its English noun. A value may be a message itself, or a tuple of values to list.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from corpus.messages.language import Language, plural, use_language, user_language


@dataclass(frozen=True, slots=True)
class Message:
    """A code and the values that its text names."""

    code: str
    args: "tuple[tuple[str, str | int | float | Message | tuple[str | int | Message, ...]], ...]" = ()

    @classmethod
    def of(cls, code: str, **args: "str | int | float | Message | tuple[str | int | Message, ...]") -> "Message":
        """Make a message out of named values."""
        return cls(code, tuple(args.items()))

    def __str__(self) -> str:
        return render(self)


def render(message: Message, language: Language | None = None) -> str:
    """Put a message and those among its values into words, in `language` or in the user's own.

    Raises: KeyError: the catalogue lacks the code, or the message a value that its text names.
    """
    language = language or user_language()
    package, _, name = message.code.partition(".")
    text = _catalogue(package)[name][language]
    with use_language(language):
        return _FORMATTER.vformat(text, (), dict(message.args))


@cache
def _catalogue(package: str) -> Mapping[str, Mapping[Language, str]]:
    """Load the texts of a package, by their codes without the package's name."""
    tables = tomllib.loads(resources.files(package).joinpath("messages.toml").read_text(encoding="utf-8"))
    return {f"{room}.{name}": texts for room, entries in tables.items() for name, texts in entries.items()}


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, tuple):
            return _SEPARATORS[user_language()].join(map(str, value))
        if len(format_spec) > 1 and format_spec.isalpha() and isinstance(value, int):
            return plural(value, format_spec)
        return str(super().format_field(value, format_spec))


_SEPARATORS: Mapping[Language, str] = {"zh": "、", "en": ", "}
_FORMATTER = _Formatter()
