"""A document set right beside its text, in a real Chromium and by plain forms; corrections as one file, out and in."""

import hashlib
import io
import json
import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from lxml import html
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from corpus.library import files
from corpus.library.edits import Correction, UserEdits
from corpus.parsing.recut import Place
from index.catalog import Catalog
from index.store.edits import add_files, apply_edits
from index.store.edits_file import read_edits, write_edits
from index.store.library import Library, open_index
from qa.web.app import application
from qa.web.pages.correction_form import CorrectionForm, read_correction
from qa.web.state import LibraryState, ServedLibrary
from tests.index.small import STORIES, small_context
from tests.qa.web.serving import serve

ROUND_UP = """\
各地夜校动态

锦渚区开出二十门课
锦渚区的“灯塔夜校”开出配音、烘焙、急救等二十门课，每门课十二学时，已有青年六百人报名。

扫一扫关注公众号，精彩不错过，转发有礼。

流动书车开进村
北苑区的流动书车每周到三个村，村里的孩子把想看的书写在纸条上，下一趟就能借到。

（团云栖市委办公室）
"""


@pytest.fixture()
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "我的文件"
    place.mkdir()
    (place / "夜校.txt").write_text(ROUND_UP, encoding="utf-8")
    (place / "regions.csv").write_bytes((files.SAMPLES / "regions.csv").read_bytes())
    return place


@pytest.fixture()
def library(folder: Path, tmp_path: Path) -> Library:
    return open_index(small_context(folder, tmp_path / "数据"))


@pytest.fixture()
def state(library: Library) -> LibraryState:
    return LibraryState(library)


@pytest.fixture()
def client(state: LibraryState) -> TestClient:
    return TestClient(application(state), base_url="http://127.0.0.1", headers={"accept-language": "en"})


def settled(state: LibraryState) -> Library:
    while state.job is not None and state.job.running:
        time.sleep(0.01)
    assert state.job is None or state.job.error is None, state.job
    return state.library


def form_of(page: str) -> dict[str, str]:
    """The fields of the sheet, as a browser without JavaScript would send them back."""
    form = html.fromstring(page).xpath("//form[contains(@class, 'sheet')]")[0]
    return dict(form.form_values())


def sheet(library: Library) -> str:
    return f"/add/document/{Catalog.key_of(library.bulletins[0])}"


def test_any_field_is_set_by_a_plain_form_and_what_is_not_changed_stays_as_read(
    client: TestClient, state: LibraryState, library: Library
) -> None:
    fields = form_of(client.get(sheet(library)).text)
    assert client.post(sheet(library), data=fields).status_code == 200
    assert settled(state).manifest.edits.corrections == {}
    changed = {
        "0-kind": "report",
        "0-document_number": "云团办〔2024〕3号",
        "0-issue_date": "2024-03-04",
        "0-publisher": "团云栖市委",
    }
    client.post(sheet(library), data={**fields, **changed, "0-region": "锦渚区"})
    (correction,) = settled(state).manifest.edits.corrections.values()
    assert correction == Correction(
        kind="report", document_number="云团办〔2024〕3号", issue_date="2024-03-04", publisher="团云栖市委", region="锦渚区"
    )
    fields = form_of(client.get(sheet(library)).text)
    assert fields["0-document_number"] == "云团办〔2024〕3号"
    # What is entered as it was read is no correction any more; an emptied field has none.
    client.post(sheet(library), data={**fields, "0-kind": library.bulletins[0].kind, "0-issue_date": "", "0-publisher": ""})
    (correction,) = settled(state).manifest.edits.corrections.values()
    assert (correction.kind, correction.issue_date, correction.document_number) == (None, None, "云团办〔2024〕3号")


def test_a_title_is_kept_where_the_first_line_of_its_article_moves_in_the_same_save(library: Library) -> None:
    gazetteer, file = library.catalog.gazetteer, library.read(library.bulletins[0].source.document)
    before, shown = read_correction(file, {"starts": "3, 8", "left_out": "6"}, gazetteer, before=Correction())
    entered = {"starts": "3, 9", "left_out": "6", "title-1": "书车进了三个村", "region-1": "北苑区"}
    correction, read = read_correction(shown, entered, gazetteer, before=before)
    assert [article.title for article in read.bulletin.articles] == ["锦渚区开出二十门课", "书车进了三个村"]
    assert correction.titles == {1: "书车进了三个村"}
    entered = {"starts": "3, 4, 9", "title-0": "夜校"}
    assert read_correction(shown, entered, gazetteer, before=before)[0].titles == {0: "夜校"}


@pytest.mark.parametrize("written", ["4-6", "4至6", "4 到 6", "第4行至第6行", "4－6", "4——6", "4 to 6"])
def test_a_range_of_lines_is_read_however_it_is_written(library: Library, written: str) -> None:
    gazetteer, file = library.catalog.gazetteer, library.read(library.bulletins[0].source.document)
    correction, _ = read_correction(file, {"starts": "3, 8", "left_out": written}, gazetteer, before=Correction())
    assert [(stretch.first.line, stretch.last.line) for stretch in correction.left_out] == [(4, 6)]


def test_articles_are_cut_titled_and_left_out_by_line_numbers(client: TestClient, state: LibraryState, library: Library) -> None:
    fields = form_of(client.get(sheet(library)).text)
    cut = {**fields, "0-starts": "3, 8", "0-left_out": "6"}
    looked = client.post(sheet(library), data={**cut, "look": "1"})
    assert "not saved yet" in looked.text and settled(state).manifest.edits.corrections == {}
    shown = form_of(looked.text)
    assert [shown[f"0-title-{i}"] for i in (0, 1)] == ["锦渚区开出二十门课", "流动书车开进村"]
    assert [shown[f"0-region-{i}"] for i in (0, 1)] == ["云栖市锦渚区", "云栖市"]
    client.post(sheet(library), data={**shown, "0-title-1": "书车进了三个村", "0-region-1": "北苑区"})
    (bulletin,) = settled(state).bulletins
    assert [article.title for article in bulletin.articles] == ["锦渚区开出二十门课", "书车进了三个村"]
    assert [article.region and article.region.label for article in bulletin.articles] == ["云栖市锦渚区", "云栖市北苑区"]
    assert "扫一扫" not in bulletin.text
    # The title stays with its article when another begins above it.
    shown = form_of(client.get(sheet(library)).text)
    client.post(sheet(library), data={**shown, "0-starts": "1, 3, 8"})
    (bulletin,) = settled(state).bulletins
    assert [article.title for article in bulletin.articles][-1] == "书车进了三个村"
    shown = form_of(client.get(sheet(library)).text)
    client.post(sheet(library), data={**shown, "0-one_article": "1"})
    assert len(settled(state).bulletins[0].articles) == 1
    undone = client.post(sheet(library), data={**form_of(client.get(sheet(library)).text), "undo": "1"})
    assert undone.status_code == 200 and settled(state).manifest.edits.corrections == {}


@pytest.mark.parametrize(
    ("entered", "told"),
    [
        ({"0-starts": "99"}, "line 99, “”, is not there"),
        ({"0-left_out": "1-9999999"}, "no text would be left"),
        ({"0-region": "亚特兰蒂斯"}, "no such region"),
        ({"0-kind": "poem"}, "no kind of document is called “poem”"),
        ({"0-shown": '{"titles": {"7": "x"}}'}, "there is no article 8"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_typed_is_lost(
    client: TestClient, state: LibraryState, library: Library, entered: dict[str, str], told: str
) -> None:
    fields = form_of(client.get(sheet(library)).text)
    page = client.post(sheet(library), data={**fields, **entered, "0-publisher": "团柳汀县委"})
    assert page.status_code == 400 and told in page.text
    assert form_of(page.text)["0-publisher"] == "团柳汀县委"
    assert settled(state).manifest.edits.corrections == {}


def test_a_correction_that_no_longer_applies_is_told_and_can_be_taken_back(
    client: TestClient, state: LibraryState, library: Library
) -> None:
    sha256, lost = library.bulletins[0].source.sha256, Correction(starts=(Place(3, "从来没有的一行"),))
    paths = library.paths
    write_edits(paths, UserEdits(corrections={sha256: lost}))
    state.served = ServedLibrary(open_index(library.context))
    page = client.get(sheet(library)).text
    assert "“从来没有的一行”, is not there" in page and 'name="undo"' in page
    client.post(sheet(library), data={**form_of(page), "undo": "1"})
    assert settled(state).manifest.edits.corrections == {} and read_edits(paths) == UserEdits()


def test_a_sheet_of_a_file_that_has_changed_or_gone_is_refused(client: TestClient, library: Library, folder: Path) -> None:
    (folder / "夜校.txt").write_text(ROUND_UP + "又一段。\n", encoding="utf-8")
    page = client.get(sheet(library))
    assert page.status_code == 400 and "the file has changed" in page.text
    (folder / "夜校.txt").unlink()
    assert client.get(sheet(library)).status_code == 400
    assert client.get("/add/document/000000000000").status_code == client.post("/add/document/0").status_code == 404


def test_an_upload_is_set_right_beside_its_text_before_it_is_kept(client: TestClient, state: LibraryState) -> None:
    text = ROUND_UP.replace("夜校", "书屋")
    review = str(client.post("/add", files=[("files", ("书屋.txt", text.encode()))]).url)
    assert client.get(f"{review}/0/text").status_code == 200 and client.get(f"{review}/1/text").status_code == 404
    on = client.post(review, data={"keep-0": "on", "0-publisher": "团石潭县委", "text": "0"}, follow_redirects=False)
    assert on.headers["location"].endswith("/0/text")
    fields = form_of(client.get(f"{review}/0/text").text)
    assert fields["0-publisher"] == "团石潭县委"  # what was typed before is still there
    back = client.post(f"{review}/0/text", data={**fields, "0-starts": "3, 8"})
    assert str(back.url) == review
    preview = client.get(f"{review}/0").text
    assert 'value="流动书车开进村"' in preview and 'value="团石潭县委"' in preview
    values = {name: value for name, value in html.fromstring(f"<form>{preview}</form>").form_values() if value is not None}
    client.post(review, data={**values, "keep-0": "on"})
    added = settled(state).bulletins[-1]
    assert (len(added.articles), added.masthead.publisher) == (2, "团石潭县委")


def test_corrections_go_out_and_come_in_as_one_file(client: TestClient, state: LibraryState, library: Library) -> None:
    sha256 = library.bulletins[0].source.sha256
    state.served = type(state.served)(
        apply_edits(library.context, lambda edits: edits.correct(sha256, Correction(kind="report")))
    )
    answer = client.get("/corrections.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="jingyan-corrections.json"'
    told = json.loads(answer.content)
    assert told["corrections"] == [{"document": "夜校.txt", "sha256": sha256, "correction": {"kind": "report"}}]
    told["corrections"][0]["correction"] = {"kind": "digest"}
    told["corrections"].append({"document": "别处.txt", "sha256": "0" * 64, "correction": {"issue": "1"}})
    altered = client.post("/add/corrections", files={"corrections": ("更正.json", io.BytesIO(json.dumps(told).encode()))})
    assert altered.status_code == 400 and "更正.json" in altered.text
    del told["digest"]  # as a person who changes the file is told to
    sent = {"corrections": ("更正.json", io.BytesIO(json.dumps(told).encode()))}
    page = client.post("/add/corrections", files=sent)
    assert re.search(r"/add/corrections/\w{16}$", str(page.url))
    assert settled(state).bulletins[0].kind == "digest"
    report = client.get(str(page.url)).text
    assert "corrections are in force for 1 file" in report and "别处.txt" in report
    bad = client.post("/add/corrections", files={"corrections": ("<b>.json", io.BytesIO(b"{"))})
    assert bad.status_code == 400 and "&lt;b&gt;.json: no file of corrections" in bad.text


def test_a_form_gives_back_the_correction_that_it_shows(library: Library) -> None:
    """Whatever was corrected: a form that is sent as it was shown changes nothing."""
    file, gazetteer = library.read("夜校.txt"), library.catalog.gazetteer
    entered = {"starts": "3, 8", "left_out": "6", "title-0": "夜校", "publisher": "甲", "kind": "news"}
    sent, corrected = read_correction(file, entered, gazetteer, before=Correction())
    form = CorrectionForm.of(corrected, sent, gazetteer)
    values = {"shown": form.shown, "starts": form.starts, "left_out": form.left_out}
    values |= {field.name: field.value for field in form.fields}
    values |= {f"title-{i}": row.title for i, row in enumerate(form.articles)}
    values |= {f"region-{i}": row.region for i, row in enumerate(form.articles)}
    assert read_correction(file, values, gazetteer, before=Correction())[0] == sent


def test_a_correction_that_somebody_else_made_meanwhile_is_not_overwritten_unseen(
    client: TestClient, state: LibraryState, library: Library
) -> None:
    address = f"/add/document/{library.bulletins[0].source.sha256}"
    forms = []
    for _ in range(2):  # two editors open the same sheet
        page = client.get(address).text
        forms.append(dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)))
    forms = [{name: unescape(value) for name, value in form.items()} for form in forms]
    assert client.post(address, data={**forms[0], "0-title-0": "甲的题目"}).status_code == 200
    assert settled(state).bulletins[0].articles[0].title == "甲的题目"
    late = client.post(address, data={**forms[1], "0-publisher": "乙的单位"})
    assert late.status_code == 409 and "乙的单位" in late.text
    assert settled(state).bulletins[0].articles[0].title == "甲的题目"


@pytest.fixture()
def own_page(folder: Path, tmp_path: Path) -> Iterator[str]:
    yield from serve(tmp_path / "页面", "--fast", "--library", str(folder))


def test_the_whole_way_in_a_browser(own_page: str, browser_page: Page, tmp_path: Path) -> None:
    page = browser_page
    page.goto(f"{own_page}/browse")
    page.locator("main a[href^='/article/']").first.click()
    page.get_by_role("link", name="更正").click()
    lines = page.locator(".text-lines li")
    expect(lines).to_have_count(len(ROUND_UP.splitlines()))
    for number in (3, 8):
        page.click(f"#line-{number} a")
        page.get_by_role("button", name="文章从这里开始").click()
        expect(page.locator(f"#line-{number}")).to_have_attribute("data-mark", "start")
    page.click("#line-1 a")
    page.get_by_role("button", name="取消标记").click()
    page.click("#line-5 a")
    page.click("#line-6 a", modifiers=["Shift"])
    expect(page.locator("[data-part=chosen]")).to_have_text("第 5–6 行")
    page.get_by_role("button", name="略去").click()
    expect(page.locator("input[name='0-starts']")).to_have_value("3, 8")
    expect(page.locator("input[name='0-left_out']")).to_have_value("5-6")
    page.get_by_role("button", name="看看结果").click()
    expect(page.locator("[role=status]")).to_contain_text("还没有保存")
    page.fill("input[name='0-title-1']", "书车进了三个村")
    page.select_option("select[name='0-kind']", "digest")
    page.get_by_role("button", name="保存更正").click()
    page.wait_for_url(f"{own_page}/add")
    expect(page.locator("[data-job]")).to_have_count(0, timeout=30_000)
    page.click(".files a[href^='/issue/']")
    expect(page.locator(".contents .title")).to_have_text(["锦渚区开出二十门课", "书车进了三个村"])
    page.goto(f"{own_page}/add")
    page.locator("summary", has_text="更正的导出和导入").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出更正").click()
    exported = tmp_path / "更正.json"
    download.value.save_as(exported)
    page.set_input_files("#corrections", exported)
    page.get_by_role("button", name="导入更正").click()
    expect(page.locator("main")).to_contain_text("更正已用于 1 个文件", timeout=30_000)


@pytest.mark.parametrize("waiting", [Correction(series="夜校通讯"), Correction(titles={9: "没有这一篇"})])
@pytest.mark.parametrize("undo", [False, True])
def test_a_correction_that_waits_for_its_file_can_be_taken_back_in_review_and_blocks_no_upload(
    library: Library, waiting: Correction, undo: bool
) -> None:
    content = STORIES.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    write_edits(library.paths, UserEdits(corrections={sha256: waiting}))
    state = LibraryState(open_index(library.context))
    client = TestClient(application(state), base_url="http://127.0.0.1", headers={"accept-language": "en"})
    review = str(client.post("/add", files=[("files", ("新.txt", content))], follow_redirects=False).headers["location"])
    applies = not waiting.titles
    assert ("there is no article 10" in client.get(f"{review}/0").text) != applies
    if undo:
        assert client.post(f"{review}/0/text", data={"undo": "1"}).status_code == 200
    client.post(review, data={"keep-0": "1"})
    kept = settled(state)
    assert len(kept.bulletins) == 2
    assert kept.manifest.edits.corrections == ({sha256: waiting} if applies and not undo else {})


def test_a_file_is_kept_though_the_correction_that_waits_for_it_does_not_apply(library: Library) -> None:
    content = STORIES.encode()
    write_edits(library.paths, UserEdits(corrections={hashlib.sha256(content).hexdigest(): Correction(titles={9: "没有这一篇"})}))
    kept, reports = add_files(library.context, [("新.txt", content)])
    assert (len(kept.bulletins), reports[0].state) == (2, "warnings")
