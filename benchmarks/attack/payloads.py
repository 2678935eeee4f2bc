"""Scripts in bulletins, file names and questions, opened in a real browser: they are text everywhere, and none runs.

The policy that the guard sends would stop them, too, and says so on the console: here that counts as having run.
"""

import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Dialog, Page, sync_playwright

from benchmarks import load
from corpus.library import files
from index.encoder import load_encoder
from index.store import library as storage
from qa.web.addresses import address

_RUN = ("window.ran=1", "alert(1)", "fetch('//192.0.2.1')", "open('//192.0.2.1')", "top.ran=1")
_AROUND = (
    "<script>{}</script>",
    "</script><script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<iframe srcdoc='<script>{}</script>'>",
    "<iframe src=javascript:{}>",
    "<body onload={}>",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    "<video><source onerror={}></video>",
    "<math><img src=x onerror={}></math>",
    "[x](javascript:{})",
    "![x](x' onerror='{})",
    '" autofocus onfocus="{}"',
    "'><img src=x onerror={}>",
    "</title></textarea></style><script>{}</script>",
    "<a href=javascript:{} id=hit>x</a>",
    "{{{{constructor.constructor('{}')()}}}}",
    "<style>@import'javascript:{}'</style>",
)
_STRANGE = "script, svg, iframe, input, video, math, style"  # elements that no answer and no article has
_IN_A_QUESTION = 5  # so many payloads stay below its longest
_WAIT = 30_000  # milliseconds for an answer
_BULLETIN = """\
{0}工作简报
（经验交流）
第 {1} 期
共青团岚川省委
2021年3月4日

望澜：办好{0}第{1}号站

团望澜市委办起第{1}号便民站{0}共有志愿者{1}名轮流值守，每周开放四天。

一、把{0}第{1}件事办到底。第{1}号便民站{0}配备急救箱一只，由{0}保管。
"""


def run(*, share: float, seed: int) -> dict[str, Any]:
    """Show and ask a hundred payloads, of every shape in each way to run.

    Returns: the figures of `attack`.
    Raises: RuntimeError: no browser is installed.
    """
    if (browser := load.find_browser()) is None:
        raise RuntimeError("no Chromium or Chrome is installed")
    payloads = choose(random.Random(seed), share)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder, data = Path(place) / "<img src=x onerror=alert(9)>", Path(place) / "data"
        stretches = write_library(folder, data, payloads)
        with load.served(folder, data=data, options=["--fast"]) as server:
            started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
            found = attack(started.new_page(), f"http://127.0.0.1:{server.port}", stretches, payloads)
            started.close()
    return found


def choose(rng: random.Random, share: float) -> list[str]:
    """Return payloads of every shape, of each as many as the share asks for, and one at least."""
    ways = max(1, round(len(_RUN) * share))
    return [shape.format(code) for shape in _AROUND for code in rng.sample(_RUN, ways)]


def write_library(folder: Path, data: Path, payloads: Sequence[str]) -> list[str]:
    """Write and index a bulletin for each payload; return the address of each stretch in which one stands."""
    folder.mkdir(parents=True)
    for number, payload in enumerate(payloads, 1):
        text = _BULLETIN.replace("{0}", payload).replace("{1}", str(number))
        (folder / _file_name(payload, number)).write_text(text, encoding="utf-8")
    (folder / "regions.csv").write_bytes((files.SAMPLES / "regions.csv").read_bytes())
    library = storage.open_library(folder, data=data, encoder=load_encoder())
    return [address(one.bulletin, 1, one.span) for one in library.catalog.passages if not one.section.heading]


def attack(page: Page, base: str, stretches: Sequence[str], payloads: Sequence[str]) -> dict[str, Any]:
    """Open the articles, show the evidence, ask questions, load the page anew.

    Args: base: the address of the page.
    Returns: payloads, stretches, turns, answers and quotes shown; failed_ran: what ran, or would have but for the policy;
        failed_elements, that payloads made; failed_articles, failed_evidence and failed_questions: payloads that did not stand as
        text where they should.
    Raises: playwright.sync_api.TimeoutError: an answer did not come, or did not come back.
    """
    ran: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("console", lambda said: ran.append(said.text) if "Content Security Policy" in said.text else None)
    figures = {"payloads": len(payloads), "stretches": len(stretches)}
    figures |= _articles(page, base, stretches, payloads)
    page.goto(f"{base}/?q={quote(payloads[0], safe='')}")
    page.locator(".asked").first.wait_for(timeout=_WAIT)
    figures["failed_evidence"] = _evidence(page, stretches, payloads)
    turned, elements = _questions(page, payloads)
    figures |= turned
    figures["failed_elements"] += elements
    for payload in payloads[::10]:
        page.goto(f"{base}/article/{quote(payload, safe='')}/1", wait_until="domcontentloaded")
        figures["failed_ran"] += page.evaluate("'ran' in window")
    return figures | {"failed_ran": figures["failed_ran"] + len(ran)}


def _articles(page: Page, base: str, stretches: Sequence[str], payloads: Sequence[str]) -> dict[str, int]:
    shown: set[str] = set()
    titled = ran = elements = 0
    for stretch in stretches:
        page.goto(f"{base}/article/{stretch}", wait_until="domcontentloaded")
        said = page.evaluate(
            f"""() => {{ return {{
              text: document.querySelector("main").textContent, title: document.title, ran: "ran" in window,
              strange: document.querySelectorAll("main :is({_STRANGE}, img, details), [onload]").length,
            }}; }}"""
        )
        inside = [payload for payload in payloads if payload in said["text"]]
        titled += any(payload in said["title"] for payload in inside)
        shown.update(inside)
        ran, elements = ran + said["ran"], elements + said["strange"]
    missing = len(payloads) - len(shown) + len(stretches) - titled
    return {"failed_ran": ran, "failed_elements": elements, "failed_articles": missing}


def _evidence(page: Page, stretches: Sequence[str], payloads: Sequence[str]) -> int:
    """Show what evidence.js is sent, one after the other; return how many payloads are not marked as text."""
    texts = page.evaluate(
        """async (stretches) => { const texts = []; for (const stretch of stretches) {
        const body = document.querySelector("#evidence .body");
        body.innerHTML = await (await fetch(`/evidence/${stretch}`)).text();
        await new Promise(requestAnimationFrame);
        texts.push(document.querySelector("#evidence mark").textContent); } return texts; }""",
        list(stretches),
    )
    return sum(not any(payload in said for said in texts) for payload in payloads)


def _questions(page: Page, payloads: Sequence[str]) -> tuple[dict[str, int], int]:
    """Return figures, and how many elements the payloads made."""
    asked = page.locator(".asked")
    unsaid = int(payloads[0] not in asked.first.inner_text())
    turns = 0
    for number, some in _rows(payloads):
        count = asked.count()
        page.fill("#question textarea", f"第{number}号便民站怎么办？" + " ".join(some))
        page.press("#question textarea", "Enter")
        asked.nth(count).wait_for(timeout=_WAIT)
        text = asked.last.inner_text()
        unsaid += sum(payload not in text for payload in some)
        turns += 1
    page.locator(".message-wrap .answer").nth(turns).wait_for(timeout=_WAIT)
    elements = page.locator(f".message-wrap :is({_STRANGE})")
    found, answers = elements.count(), page.locator(".message-wrap .answer").count()
    quotes = page.locator(".answer .quote").count()
    page.reload()  # the browser asks again what it has kept
    page.locator(".answer .quote").first.wait_for(timeout=_WAIT)
    found += elements.count()
    return {"turns": turns, "answers": answers, "quotes": quotes, "failed_questions": unsaid}, found


def _rows(payloads: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    for first in range(0, len(payloads), _IN_A_QUESTION):
        yield first + 1, payloads[first : first + _IN_A_QUESTION]


def _file_name(payload: str, number: int) -> str:
    """Return a payload as the name of a file: no slash, nothing that Windows forbids where this runs on it."""
    forbidden = '<>:"/\\|?*' if os.name == "nt" else "/"
    return "".join("∕" if char in forbidden else char for char in payload)[:60] + f"{number}.txt"
