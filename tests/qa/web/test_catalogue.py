"""Every word of the page stands in the catalogue, in both languages, and nowhere else."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from qa.web.catalogue import TEXTS, Texts

WEB = Path(__file__).parents[3] / "qa" / "web"
CHINESE = re.compile("[\u3400-\u9fff]")
# Words for numbers and marks of the bulletins' own, and what names the program in every language.
OWN = re.compile(r"经验问答 Jingyan|[年第期总行至到（）：“”《》、，›]+")


ELSEWHERE = {"catalogue.py", "endpoints.py", "mcp.py"}  # the last two speak to programs, in English


def written() -> list[Path]:
    return [
        *WEB.glob("templates/*.html"),
        *WEB.glob("static/js/*.js"),
        *(p for p in WEB.rglob("*.py") if p.name not in ELSEWHERE),
    ]


def strings(path: Path) -> list[str]:
    """What a file may show: of Python the strings that are no docstrings, of the others everything but comments."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return [re.sub(r"\{#.*?#\}|//[^\n]*", "", source, flags=re.S)]
    tree = ast.parse(source)
    documented = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    spoken = [  # messages of the command line and of errors, in both languages where they are said
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr"
        for argument in ast.walk(node)
        if isinstance(argument, ast.Constant)
    ]
    return [text for text in found if text not in docstrings and text not in spoken]


@pytest.mark.parametrize("path", written(), ids=lambda path: path.name)
def test_no_chinese_stands_outside_the_catalogue(path: Path) -> None:
    for text in strings(path):
        assert not CHINESE.search(OWN.sub("", text)), text[:200]


@pytest.mark.parametrize("path", sorted(WEB.glob("templates/*.html")), ids=lambda path: path.name)
def test_no_english_word_stands_in_a_template(path: Path) -> None:
    source = re.sub(
        r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|<(?:script|style).*?</(?:script|style)>|<[^>]*>",
        " ",
        path.read_text("utf-8"),
        flags=re.S,
    )
    assert not re.search(r"[A-Za-z]{2,}", re.sub(r"&\w+;|GB/T", " ", source)), re.findall(r"[A-Za-z]{2,}", source)


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_there_in_both_languages_with_the_same_values(key: str) -> None:
    chinese, english = TEXTS[key]
    assert chinese.strip() and english.strip()
    named = [sorted(name for _, name, _, _ in Formatter().parse(text) if name) for text in (chinese, english)]
    assert named[0] == named[1]
    if key != "language_zh":
        assert not CHINESE.search(english.replace("资料夹", "")), english


def test_every_key_is_used_and_every_one_used_is_there() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in written())
    patterns = re.findall(r"""["']([a-z_]+_)["'] ?~|f"([a-z_]+_)\{""", sources)
    begun = tuple(one or other for one, other in patterns if one or other)  # t("state_" ~ report.state), t(f"wrong_{kind}")
    quoted = set(re.findall(r"""["']([a-z0-9_]+)["']""", sources))
    begun += ("language_", "theme_", "size_", "strictness_")  # t(name ~ "_" ~ choice)
    unused = [key for key in TEXTS if key not in quoted and not key.startswith(begun)]
    assert unused == []
    called = set(re.findall(r"""\bt\(["']([a-z0-9_]+)["'][,)]""", sources))
    assert called and called <= set(TEXTS)


def test_an_unknown_key_or_a_missing_value_is_an_error() -> None:
    assert Texts("en")("cited_times", times=3) == "cited 3 ×" and Texts("zh")("cited_times", times=3) == "引用 3 次"
    with pytest.raises(KeyError):
        Texts("en")("no_such_key")
    with pytest.raises(KeyError):
        Texts("en")("cited_times")
