"""A fifth of the campaign of scripts, one of every shape; `python -m benchmarks attack --only payloads` runs it whole."""

import random
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.attack import payloads
from tests.qa.web.serving import serve


def test_there_are_a_hundred() -> None:
    assert len(set(payloads.choose(random.Random(0), 1.0))) == 100


def test_scripts_in_bulletins_file_names_and_questions_are_text(tmp_path: Path, browser_page: Page) -> None:
    chosen = payloads.choose(random.Random(5), 0.2)
    folder, data = tmp_path / "<img src=x onerror=alert(9)>", tmp_path / "data"
    stretches = payloads.write_library(folder, data, chosen)
    assert len(chosen) == 20 and len(stretches) >= 20
    for address in serve(data, "--fast", "--library", str(folder)):
        found = payloads.attack(browser_page, address, stretches, chosen)
    assert {name: count for name, count in found.items() if name.startswith("failed") and count} == {}
    assert found["answers"] > found["turns"] == 4 and found["quotes"] > 0
