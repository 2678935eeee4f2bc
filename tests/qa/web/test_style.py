"""Sheets, scripts and templates are written in one way: one declaration a line, short lines, small files."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[3] / "qa" / "web"
MAX_WIDTH = 120  # characters of a line, as in Python
MAX_LINES = 200  # each has one job

SHEETS = sorted(WEB.glob("static/css/*.css"))
SCRIPTS = sorted(WEB.glob("static/js/*.js"))
TEMPLATES = sorted(WEB.glob("templates/*.html"))
ALL = [*SHEETS, *SCRIPTS, *TEMPLATES]
_INDENTED = re.compile(r"(?:  )*\S.*")
# A rule opens, a declaration or the last of its continuation lines ends, a selector or a value goes on, a rule closes.
_CSS_LINE = re.compile(r"[^{};]+\{|[^{};]+;|[^{};]+,|[^{};]+:|\}|")


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_there_are_sheets() -> None:
    assert "base.css" in names(SHEETS) and "print.css" in names(SHEETS)


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_lines_are_short_indented_by_two_and_end_clean(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = text.split("\n")
    assert text.endswith("\n") and not text.endswith("\n\n") and "\r" not in text and "\t" not in text
    assert len(lines) <= MAX_LINES
    for number, line in enumerate(lines, 1):
        assert len(line) <= MAX_WIDTH and line == line.rstrip(), f"{path.name}:{number}"
        assert path.suffix == ".html" or not line or line.startswith("   ") or _INDENTED.fullmatch(line), f"{path.name}:{number}"


@pytest.mark.parametrize("path", SHEETS, ids=names(SHEETS))
def test_a_sheet_has_one_declaration_a_line(path: Path) -> None:
    """Each line holds one selector, one declaration, or one brace; rules are parted by one blank line."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S)
    text = re.sub(r'"[^"]*"', '""', text)
    for number, line in enumerate(text.split("\n"), 1):
        assert _CSS_LINE.fullmatch(line.strip()), f"{path.name}:{number}: {line}"
    assert not re.search(r"\n{3}\S|\}\n[^\n]*\S[^\n]*\{", re.sub(r"\}\n *(?=\})", "}", path.read_text("utf-8"))), path.name


def test_every_sheet_is_loaded_by_every_page() -> None:
    """Print comes last, so that it overrides the others."""
    head = (WEB / "templates" / "head.html").read_text("utf-8")
    listed = re.search(r"set sheets = \[(.*?)\]", head, flags=re.S)
    assert listed is not None
    loaded = re.findall(r'"(\w+)"', listed[1])
    assert sorted(f"{name}.css" for name in loaded) == names(SHEETS) and loaded[-1] == "print"


# What runs before anything is drawn, and what Gradio runs itself, are no modules.
APART = {"theme.js", "chips.js"}


def test_every_script_is_a_module_that_is_imported() -> None:
    imported = {
        name for path in SCRIPTS for name in re.findall(r'^import .*?"\./([\w.]+)";$', path.read_text("utf-8"), flags=re.M)
    }
    assert imported | APART | {"main.js"} == set(names(SCRIPTS))
    assert not any("import " in path.read_text("utf-8") for path in SCRIPTS if path.name in APART)


def test_every_action_of_a_button_is_done_by_one_script_and_every_script_has_its_button() -> None:
    """No button is without effect, and no class that is also a style decides what a button does."""
    done = [name for path in SCRIPTS for name in re.findall(r'onAction\("([\w-]+)"', path.read_text("utf-8"))]
    markup = [*WEB.glob("templates/**/*.html"), *WEB.glob("**/*.py")]
    text = "".join(path.read_text("utf-8") for path in markup)
    named = set(re.findall(r'data-action="([\w-]+)"', text)) | set(re.findall(r'<button[^>]* name="(copy|save|feedback)"', text))
    assert sorted(done) == sorted(named)
