"""A hundred scripts in bulletins, file names and questions, opened in a real browser. They are text everywhere: none runs.

The policy that the guard sends would stop them, too, and says so on the console: here that counts as having run.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from corpus.library import files as corpus_library
from corpus.library.files import load_gazetteer
from index.encoder import load_encoder
from index.store import library as storage
from qa.web.addresses import address as address_of
from tests.qa.web.serving import serve

RUN = ("window.ran=1", "alert(1)", "fetch('//192.0.2.1')", "open('//192.0.2.1')", "top.ran=1")
AROUND = (
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
PAYLOADS = [shape.format(code) for shape in AROUND for code in RUN]

STRANGE = "script, svg, iframe, input, video, math, style"  # elements that no answer and no article has

BULLETIN = """\
{0}工作简报
（经验交流）
第 {1} 期
共青团岚川省委
2021年3月4日

望澜：办好{0}第{1}号站

团望澜市委办起第{1}号便民站{0}共有志愿者{1}名轮流值守，每周开放四天。

一、把{0}第{1}件事办到底。第{1}号便民站{0}配备急救箱一只，由{0}保管。
"""


def file_name(payload: str, number: int) -> str:
    """A payload as the name of a file: no slash, nothing that Windows forbids where the test runs on it."""
    forbidden = '<>:"/\\|?*' if os.name == "nt" else "/"
    return "".join("∕" if char in forbidden else char for char in payload)[:60] + f"{number}.txt"


@pytest.fixture(scope="module")
def hostile(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """The page over a hundred bulletins, and the address of a stretch of each: where its payload stands in its text."""
    folder = tmp_path_factory.mktemp("<img src=x onerror=alert(9)>")
    for number, payload in enumerate(PAYLOADS, 1):
        text = BULLETIN.replace("{0}", payload).replace("{1}", str(number))
        (folder / file_name(payload, number)).write_text(text, encoding="utf-8")
    (folder / "regions.csv").write_bytes((corpus_library.SAMPLES / "regions.csv").read_bytes())
    assert load_gazetteer(folder).candidates("望澜")
    library = storage.open_library(folder, data=data, encoder=load_encoder())
    assert len(library.bulletins) == len(PAYLOADS)
    for address in serve(data, "--library", str(folder)):
        yield (
            address,
            [address_of(one.bulletin, 1, one.span) for one in library.retriever.catalog.passages if not one.section.heading],
        )


@pytest.fixture()
def watched(browser_page: Page) -> Iterator[Page]:
    """A page on which a script that runs, or would run but for the policy, fails the test."""
    page = browser_page
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda said: ran.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert ran == [] and page.evaluate("window.ran") is None


def test_there_are_a_hundred() -> None:
    assert len(set(PAYLOADS)) == 100


def test_every_article_shows_its_payload_as_text(hostile: tuple[str, list[str]], watched: Page) -> None:
    address, stretches = hostile
    page = watched
    shown: set[str] = set()
    for stretch in stretches:
        page.goto(f"{address}/article/{stretch}", wait_until="domcontentloaded")
        said = page.evaluate(
            f"""() => {{ return {{
              text: document.querySelector("main").textContent, title: document.title, ran: window.ran ?? null,
              strange: document.querySelectorAll("main :is({STRANGE}, img, details), [onload]").length,
            }}; }}"""
        )
        assert said["strange"] == 0 and said["ran"] is None
        inside = [payload for payload in PAYLOADS if payload in said["text"]]
        assert inside and any(payload in said["title"] for payload in inside)
        shown.update(inside)
    assert shown == set(PAYLOADS)


def test_evidence_questions_and_answers_are_text(hostile: tuple[str, list[str]], watched: Page) -> None:
    address, stretches = hostile
    page = watched
    page.goto(f"{address}/?q=" + "".join(f"%{byte:02x}" for byte in PAYLOADS[0].encode()))
    expect(page.locator(".asked")).to_contain_text(PAYLOADS[0])
    # As evidence.js shows what it is sent, one after the other.
    texts = page.evaluate(
        """async (stretches) => { const texts = []; for (const stretch of stretches) {
        const body = document.querySelector("#evidence .body");
        body.innerHTML = await (await fetch(`/evidence/${stretch}`)).text();
        await new Promise(requestAnimationFrame);
        texts.push(document.querySelector("#evidence mark").textContent); } return texts; }""",
        stretches,
    )
    assert all(any(payload in said for said in texts) for payload in PAYLOADS)
    asked = page.locator(".asked")
    for first in range(0, len(PAYLOADS), 10):
        question = f"第{first + 1}号便民站怎么办？" + " ".join(PAYLOADS[first : first + 10])
        count = asked.count()
        page.fill("#question textarea", question)
        page.press("#question textarea", "Enter")
        expect(asked).to_have_count(count + 1, timeout=30_000)
        for payload in PAYLOADS[first : first + 10]:
            if len(question) <= 500:
                expect(asked.last).to_contain_text(payload)
    expect(page.locator(f".message-wrap :is({STRANGE})")).to_have_count(0)
    assert page.locator(".message-wrap .answer").count() >= 10 and page.locator(".answer .quote").count() > 0
    page.reload()  # the browser asks again what it has kept
    expect(page.locator(".answer .quote").first).to_be_visible(timeout=30_000)
    expect(page.locator(f".message-wrap :is({STRANGE})")).to_have_count(0)
    for payload in PAYLOADS[::10]:
        page.goto(
            f"{address}/article/" + "".join(f"%{byte:02x}" for byte in payload.encode()) + "/1", wait_until="domcontentloaded"
        )
        assert page.evaluate("window.ran") is None
