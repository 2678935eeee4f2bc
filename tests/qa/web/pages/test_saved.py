"""The saved list in a browser: from the chat, over a reload and a restart, to Word, Excel, Markdown and paper."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from playwright.sync_api import Page, expect

from corpus.library.files import load_gazetteer
from corpus.parsing.parser import parse_text
from tests.qa.export.markdown_blocks import blocks_of
from tests.qa.web.bulletins import STATIONS
from tests.qa.web.driving import ask
from tests.qa.web.serving import serve

UMBRELLA = STATIONS.replace("上城区", "西湖区").replace("便民站", "借伞点").replace("第 1 期", "第 2 期")


class Office:
    """A library of two bulletins and a data folder; the page over them is started and stopped as often as is needed."""

    def __init__(self, folder: Path) -> None:
        self.library, self.data = folder / "简报", folder / "数据"
        self.library.mkdir()
        (self.library / "一.txt").write_text(STATIONS, encoding="utf-8")
        (self.library / "二.txt").write_text(UMBRELLA, encoding="utf-8")

    @contextmanager
    def opened(self) -> Iterator[str]:
        served = serve(self.data, "--fast", "--library", str(self.library))
        yield next(served)
        served.close()

    @property
    def file(self) -> Path:
        (place,) = (self.data / "libraries").iterdir()
        return place / "saved.json"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("资料夹"))


@pytest.fixture(scope="module")
def own_page(office: Office) -> Iterator[str]:
    with office.opened() as page:
        yield page


def stretch(address: str, start: int, end: int, text: str) -> str:
    """An address of a stretch, with the hash of the text that it means."""
    return f"{address}?start={start}&end={end}&text={hashlib.sha256(text.encode()).hexdigest()}"


def clear(page: Page, address: str) -> None:
    page.request.post(f"{address}/saved/change", form={"change": "clear"})


def save(page: Page, address: str, *questions: str) -> list[str]:
    """Ask in the chat and save the first quote of each answer; what was saved."""
    page.goto(address)
    said = []
    for question in questions:
        ask(page, question)
        quote = page.locator(".answer").last.locator(".quote").first
        quote.locator(".save").click()
        expect(quote.locator(".save.done")).to_be_visible()
        said.append(quote.locator("blockquote").inner_text())
    return said


def shown(page: Page) -> list[tuple[str, list[str]]]:
    """The questions of the page, each with its quotes."""
    groups = page.locator(".group").all()
    return [(one.locator("h2").inner_text(), one.locator("blockquote").all_inner_texts()) for one in groups]


def read_back(page: Page, folder: Path, style: str) -> dict[str, Any]:
    page.select_option(".exports select", style)
    for name in ("Word", "Excel", "Markdown"):
        with page.expect_download() as downloading:
            page.get_by_role("button", name=f"导出 {name}").click()
        downloading.value.save_as(folder / downloading.value.suggested_filename)
    return {
        "word": docx.Document(str(folder / "资料夹.docx")),
        "excel": openpyxl.load_workbook(folder / "资料夹.xlsx"),
        "markdown": blocks_of((folder / "资料夹.md").read_text(encoding="utf-8")),
    }


def test_from_the_chat_over_a_restart_to_every_form(own_page: str, office: Office, tmp_path: Path, browser_page: Page) -> None:
    page = browser_page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    clear(page, own_page)
    questions = ("便民站有多少志愿者？<script>alert(1)</script>", "借伞点怎么办")
    said = save(page, own_page, *questions)
    page.goto(f"{own_page}/saved")
    assert shown(page) == [(question, [quote]) for question, quote in zip(questions, said, strict=True)]
    page.locator(".quote").first.get_by_text("加批注").click()
    page.locator(".quote").first.locator("textarea").fill("<b>开头用</b>\n要核对")
    page.locator(".quote").first.get_by_role("button", name="保存批注").click()
    expect(page.locator(".remarked")).to_have_text(re.compile("<b>开头用</b>\\s要核对"))
    page.reload()
    assert [quotes for _, quotes in shown(page)] == [[one] for one in said]
    # Another process, which builds the index anew: one bulletin is gone.
    moved = (office.library / "二.txt").rename(tmp_path / "二.txt")
    with office.opened() as address:
        page.goto(f"{address}/saved")
        assert shown(page) == [(question, [quote]) for question, quote in zip(questions, said, strict=True)]
        first, gone = page.locator(".quote").all()
        expect(gone.locator(".gone")).to_be_visible()
        expect(gone.locator("a.number")).to_have_count(0)
        expect(first.locator(".gone")).to_have_count(0)
        files = read_back(page, tmp_path, "gbt7714")
        assert [p.text for p in files["word"].paragraphs if p.style.name == "Quotation"] == said
        assert [p.text for p in files["word"].paragraphs if p.style.name == "Question"] == list(questions)
        sources = [p.text for p in files["word"].paragraphs if p.style.name == "Source"]
        assert [source[:3] for source in sources] == ["[1]", "[2]"] and all("[J]. " in source for source in sources)
        rows = [[cell.value for cell in row] for row in files["excel"]["引文"].iter_rows(min_row=2)]
        assert [(row[0], row[1], row[4]) for row in rows] == [(1, questions[0], said[0]), (2, questions[1], said[1])]
        assert [row[5] for row in rows] == sources and rows[0][6] == "<b>开头用</b>\n要核对"
        assert [text for kind, text, _ in files["markdown"] if kind == "blockquote"] == said
        assert [text for kind, text, _ in files["markdown"] if kind == "heading"][1:] == [*questions, "参考文献"]
        noted = read_back(page, tmp_path, "note")
        assert sum(p.text.startswith("见《") for p in noted["word"].paragraphs) == 2
        first.locator("a.number").click()
        expect(page.locator("main mark").first).to_be_visible()  # on the page of the article
        assert "".join(page.locator("main mark").all_inner_texts()).replace("\n", "") == said[0].replace("\n", "")
        page.goto("about:blank")
    moved.rename(office.library / "二.txt")
    assert dialogs == []


def test_both_citations_and_the_whole_are_copied(own_page: str, browser_page: Page) -> None:
    page = browser_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    clear(page, own_page)
    said = save(page, own_page, "便民站有多少志愿者？")
    page.goto(f"{own_page}/saved")
    for name, source in (
        ("复制（GB/T 7714）", "团杭州市上城区委办好“<img src=x onerror=alert(1)>”便民站[J]. 测试工作简报：经验交流，2021（1）."),
        ("复制（公文式）", "见《测试工作简报》2021年第1期：《团杭州市上城区委办好“<img src=x onerror=alert(1)>”便民站》。"),
    ):
        page.get_by_role("button", name=name).click()
        expect(page.locator("button.done", has_text=name)).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == f"“{said[0]}”\n{source}"
    page.get_by_role("button", name="全部复制").click()
    expect(page.locator("button.done", has_text="全部复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("便民站有多少志愿者？\n“") and "参考文献\n[1] 团杭州市上城区委" in copied


def test_quotes_are_put_in_order_removed_and_had_back(own_page: str, office: Office, browser_page: Page) -> None:
    page = browser_page
    clear(page, own_page)
    page.goto(own_page)
    ask(page, "急救箱")
    for button in page.locator(".answer .save").all()[:3]:
        button.click()
        expect(button).to_have_class(re.compile("done"))
    # The sentence before it, which an answer may have or not.
    address = f"{hashlib.sha256(STATIONS.encode()).hexdigest()}/1"
    bulletin = parse_text(STATIONS, gazetteer=load_gazetteer(office.library), document="一.txt")
    body = {"address": stretch(address, 82, 158, bulletin.text[82:158]), "question": "急救箱"}
    assert page.request.post(f"{own_page}/saved", data=body).ok
    page.locator(".answer .save").first.click()  # a second time
    page.locator(".answer a.number").first.click()
    page.locator("#evidence .save").click()  # and from the panel
    expect(page.locator("#evidence .save.done")).to_be_visible()
    page.goto(f"{own_page}/saved")
    ((question, before),) = shown(page)
    assert question == "急救箱" and len(before) == len(set(before)) >= 2
    expect(page.get_by_role("button", name="上移").first).to_be_disabled()
    page.get_by_role("button", name="下移").first.click()
    expect(page.locator("blockquote").first).to_have_text(before[1])
    assert shown(page)[0][1] == [before[1], before[0], *before[2:]]
    page.locator(".quote").first.get_by_role("button", name="移除").click()
    expect(page.locator("blockquote")).to_have_count(len(before) - 1)
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("blockquote")).to_have_count(len(before))
    assert shown(page)[0][1] == [before[1], before[0], *before[2:]]
    page.get_by_text("清空资料夹").click()
    page.get_by_role("button", name="全部移除").click()
    expect(page.locator(".empty")).to_contain_text("资料夹是空的")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("blockquote")).to_have_count(len(before))


def test_only_what_is_a_quote_of_the_library_is_saved(own_page: str, office: Office, browser_page: Page) -> None:
    request = browser_page.request
    clear(browser_page, own_page)
    save(browser_page, own_page, "便民站有多少志愿者？")
    kept = json.loads(office.file.read_text(encoding="utf-8"))["quotes"]
    key, start, end = kept[0]["receipt"]["sha256"][:12], kept[0]["start"], kept[0]["end"]
    text = kept[0]["text"]
    good = stretch(f"{key}/1", start, end, text)
    for wrong in (
        "",
        f"{key}/1",
        f"{key}/1?start={start}&end={end}",  # nothing says which text is meant
        stretch(f"{key[::-1]}/1", start, end, text),
        stretch(f"{key}/1", end, start, text),
        stretch(f"{key}/1", start, start, ""),
        stretch(f"{key}/1", 0, end, STATIONS[:end]),  # the masthead is no part of the article
        stretch(f"{key}/1", start, 999999, text),
        stretch(f"{key}/1", start, end, text[::-1]),
        f"/article/{good}",
    ):
        said = request.post(f"{own_page}/saved", data=json.dumps({"address": wrong}))
        assert said.status == 409 and "这段文字已不在原处" in said.text(), wrong
    for malformed in ({}, {"address": 1}, {"address": good, "question": "字" * 2001}, {"address": good, "question": 5}, [good]):
        assert request.post(f"{own_page}/saved", data=json.dumps(malformed)).status == 400, malformed
    assert request.post(f"{own_page}/saved", data="{" * 30_000).status == 413
    assert request.post(f"{own_page}/saved", data="no JSON").status == 400
    assert request.post(f"{own_page}/saved/change", form={"change": "explode"}).status == 400
    assert request.get(f"{own_page}/saved/change?change=clear").status in (404, 405)
    assert json.loads(office.file.read_text(encoding="utf-8"))["quotes"] == kept
    assert request.post(f"{own_page}/saved", data=json.dumps({"address": good, "question": "另一问"})).status == 204
    assert len(json.loads(office.file.read_text(encoding="utf-8"))["quotes"]) == 2


def test_a_text_that_is_gone_is_refused_in_words_beside_the_button_and_in_the_panel(own_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(own_page)
    ask(page, "便民站有多少志愿者？")
    quote = page.locator(".answer").last.locator(".quote").first
    quote.locator("a.number").evaluate("link => { link.href = link.getAttribute('href').replace(/text=[0-9a-f]+/, 'text=0') }")
    quote.locator(".save").click()
    expect(quote.locator(".told")).to_contain_text("这段文字已不在原处")
    expect(quote.locator(".save.failed")).to_be_visible()
    quote.locator("a.number").click()
    expect(page.locator("#evidence .empty")).to_contain_text("这段文字已不在原处")
    expect(page.locator("#evidence header.site")).to_have_count(0)


def test_a_damaged_list_is_kept_aside_and_said_so(own_page: str, office: Office, browser_page: Page) -> None:
    page = browser_page
    office.file.with_name("saved.json.previous").unlink(missing_ok=True)  # else what another test saved would serve in its place
    office.file.write_bytes(b'{"quotes": [{')
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{own_page}/saved")
    alert = page.locator("[role=alert]")
    expect(alert).to_contain_text("没有删除")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    aside = Path(re.search(r"移到 (\S+\.json)", alert.inner_text())[1])  # type: ignore[index]
    assert aside.read_bytes() == b'{"quotes": [{'
    save(page, own_page, "便民站有多少志愿者？")
    aside.unlink()
    page.goto(f"{own_page}/saved")
    expect(page.locator("blockquote")).to_have_count(1)
    expect(alert).to_have_count(0)


def test_a_phone_and_paper_show_the_quotes_whole(own_page: str, browser_page: Page) -> None:
    page = browser_page
    clear(page, own_page)
    save(page, own_page, "便民站有多少志愿者？" * 12)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{own_page}/saved")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.emulate_media(media="print", color_scheme="dark")
    for gone in ("header.site", ".exports", ".quote .tools", ".clear"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".quote blockquote")).to_be_visible()
    expect(page.locator(".quote .reference")).to_be_visible()
    assert page.locator(".quote").evaluate("quote => getComputedStyle(quote).breakInside") == "avoid"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
