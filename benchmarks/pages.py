"""The articles of saved pages, as our reader and other libraries find them, compared line by line with what is right."""

import collections
import contextlib
import importlib.util
import logging
import re
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import lxml.html

from corpus.readers.html import read_html

_MARKS = re.compile(r"[*#\-|\s\\>_`\d.]")  # what libraries write in their own ways, and white space


def measure(folder: Path) -> dict[str, dict[str, float]]:
    """Read the pages of a folder by our reader and by those libraries that are installed.

    Args: folder: pages (`.html`, UTF-8), each beside a `.txt` with the lines of its article.
    Returns: for each reader the precision and recall of lines, the pages of which every line is right, seconds a page.
    """
    pages = [
        (path.read_text(encoding="utf-8"), _lines(path.with_suffix(".txt").read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.html"))
    ]
    return {name: _score(read, pages) for name, read in _readers().items()}


def table(results: dict[str, dict[str, float]]) -> str:
    """Return the figures as a table in Markdown."""
    head = "| library | precision of lines | recall | whole pages | ms a page |\n|---|---|---|---|---|\n"
    rows = [
        (
            name,
            f"{one['precision']:.2f}",
            f"{one['recall']:.2f}",
            f"{one['whole']} of {one['pages']}",
            f"{1000 * one['seconds']:.0f}",
        )
        for name, one in results.items()
    ]
    return head + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _score(read: Callable[[str], str], pages: list[tuple[str, list[str]]]) -> dict[str, float]:
    found = wanted = right = whole = 0
    started = time.perf_counter()
    for page, lines in pages:
        got: list[str] = []
        with contextlib.suppress(Exception):  # a library that fails on a page finds nothing on it
            got = _lines(read(page))
        both = collections.Counter(got) & collections.Counter(lines)
        found, wanted, right = found + len(got), wanted + len(lines), right + both.total()
        whole += sorted(got) == sorted(lines)
    seconds = (time.perf_counter() - started) / max(len(pages), 1)
    return {
        "precision": right / max(found, 1),
        "recall": right / max(wanted, 1),
        "whole": whole,
        "pages": len(pages),
        "seconds": round(seconds, 4),
    }


def _lines(text: str) -> list[str]:
    return [line for each in text.splitlines() if (line := _MARKS.sub("", each))]


def _readers() -> dict[str, Callable[[str], str]]:
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    readers = {"trafilatura": _trafilatura, "readability": _readability, "resiliparse": _resiliparse, "justext": _justext}
    installed = {name: read for name, read in readers.items() if importlib.util.find_spec(name)}
    return {"ours": lambda page: read_html(page.encode(), name="it.html").text, **installed}


def _trafilatura(page: str) -> str:
    options: dict[str, Any] = {
        "include_formatting": True,
        "include_tables": True,
        "include_comments": False,
        "favor_recall": True,
    }
    return import_module("trafilatura").extract(page, output_format="markdown", **options) or ""


def _readability(page: str) -> str:
    document = import_module("readability").Document(page)
    summary = lxml.html.fromstring(document.summary())
    for element in summary.iter("p", "div", "li", "tr", "h1", "h2", "h3", "h4", "br"):
        element.tail = (element.tail or "") + "\n"
    return f"{document.short_title()}\n{summary.text_content()}"


def _resiliparse(page: str) -> str:
    extract = import_module("resiliparse.extract.html2text").extract_plain_text
    return str(extract(page, main_content=True, alt_texts=False, links=False))


def _justext(page: str) -> str:
    # Chinese has no stop words between blanks; the lengths are those of Chinese paragraphs.
    options: dict[str, Any] = {"length_low": 20, "length_high": 60, "stopwords_low": 0, "stopwords_high": 0, "encoding": "utf-8"}
    found = import_module("justext").justext(page.encode(), frozenset(), **options)
    return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)
