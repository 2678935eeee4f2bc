"""Messages are stored and compared by code, and put into words for whoever reads them."""

import ast
import re
import tomllib
from string import Formatter

import msgspec
import pytest

from corpus.messages import message as module
from corpus.messages.language import use_language
from corpus.messages.message import Message, render
from tests.conftest import ROOT

TEXTS = {
    "greeting": {"zh": "{who}：{count} 期", "en": "{who}: {count:bulletin}"},
    "outer": {"zh": "第 {line} 行：{cause}", "en": "line {line}: {cause}"},
}


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_catalogue", lambda package: {f"{package}.{name}": texts for name, texts in TEXTS.items()})


def test_one_message_is_put_into_both_languages() -> None:
    said = Message.of("x.x.greeting", who="镇海", count=1)
    assert (render(said, "zh"), render(said, "en")) == ("镇海：1 期", "镇海: 1 bulletin")
    assert render(Message.of("x.x.greeting", who="镇海", count=4), "en") == "镇海: 4 bulletins"


def test_a_message_within_another_follows_its_language() -> None:
    said = Message.of("x.x.outer", line=3, cause=Message.of("x.x.greeting", who="镇海", count=2))
    assert render(said, "zh") == "第 3 行：镇海：2 期"
    with use_language("zh"):
        assert render(said, "en") == "line 3: 镇海: 2 bulletins" and str(said) == "第 3 行：镇海：2 期"


def test_values_are_listed_as_the_language_lists_them() -> None:
    said = Message.of("x.x.outer", line=3, cause=(1, "二", Message.of("x.x.greeting", who="镇海", count=2)))
    assert render(said, "zh") == "第 3 行：1、二、镇海：2 期"
    assert render(said, "en") == "line 3: 1, 二, 镇海: 2 bulletins"
    assert msgspec.json.decode(msgspec.json.encode(said), type=Message) == said


def test_a_stored_message_is_the_same_again() -> None:
    said = Message.of("x.x.outer", line=3, cause="{who}")  # braces in a value are no fields
    again = msgspec.json.decode(msgspec.json.encode(said), type=Message)
    assert again == said and hash(again) == hash(said) and str(again) == "line 3: {who}"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        render(Message.of("x.x.greeting", who="镇海"))


PACKAGES = ("corpus", "index")


def said_in(package: str) -> dict[str, set[str]]:
    """Every code that a package's modules name, with the names of its values, out of `Message.of("code", name=...)`."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Message.of" and node.args:
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}: a code that cannot be read"
                found.setdefault(str(node.args[0].value), set()).update(str(keyword.arg) for keyword in node.keywords)
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_the_catalogue_has_every_code_and_no_other(package: str) -> None:
    tables = tomllib.loads((ROOT / package / "messages.toml").read_text(encoding="utf-8"))
    texts = {f"{package}.{room}.{name}": entry for room, entries in tables.items() for name, entry in entries.items()}
    said = said_in(package)
    assert set(texts) == {code for code in said if code.startswith(f"{package}.")}
    for code, entry in texts.items():
        named = {language: {name for _, name, _, _ in Formatter().parse(text) if name} for language, text in entry.items()}
        assert set(entry) == {"zh", "en"} and named["zh"] == named["en"] == said[code], code
        assert not re.search("[\u3400-\u9fff]", entry["en"]) or "“" in entry["en"], code
