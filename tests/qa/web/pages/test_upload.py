"""Adding, correcting and switching off bulletins on the page, and the settings; in a real Chromium."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from benchmarks import small_files
from corpus.library import files as corpus_library
from index.store.library import Library, open_library
from qa.web.app import application
from qa.web.state import LibraryState
from tests.qa.web.driving import ask
from tests.qa.web.serving import serve

BULLETIN = """\
望海青年工作简报
（经验交流）
第 7 期
共青团云栖市委
2024年3月4日

团云栖市锦渚区委办“灯塔夜校”

今年以来，团锦渚区委办起“灯塔夜校”，开出配音、烘焙、急救三门课，每门课十二学时，学费二百元，已有青年六百人报名，满班率百分之九十。夜校设在街道文化站，每周二、四晚上开课。
"""


@pytest.fixture()
def folder(tmp_path: Path) -> Path:
    """A folder of one's own with two of the sample bulletins."""
    place = tmp_path / "我的简报"
    place.mkdir()
    for name in ("yunqi-2020-23.txt", "lanchuan-2019-06.txt", "regions.csv"):
        (place / name).write_bytes((corpus_library.SAMPLES / name).read_bytes())
    return place


@pytest.fixture(scope="module")
def own_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("数据")


@pytest.fixture(scope="module")
def own_page(own_data: Path) -> Iterator[str]:
    """A page whose folder of bulletins each test chooses."""
    yield from serve(own_data, "--fast")


@pytest.fixture()
def own(own_page: str, folder: Path, browser_page: Page) -> str:
    """The page over this test's folder."""
    choose(browser_page, own_page, str(folder))
    return own_page


def choose(page: Page, address: str, folder: str) -> None:
    """Open a folder as the form of the settings does, the sample library where it is ""."""
    page.request.post(f"{address}/settings/library", form={"folder": folder})
    page.goto(f"{address}/settings")
    settled(page)
    expect(page.locator("#folder")).to_have_value(folder)


def settled(page: Page) -> None:
    """The work that was begun is done, and the page drawn anew."""
    expect(page.locator("[data-job]")).to_have_count(0, timeout=30_000)


def row(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator(".files tbody tr", has_text=name)


def test_a_bulletin_is_looked_at_set_right_kept_and_answered_from(
    own: str, browser_page: Page, tmp_path: Path, folder: Path
) -> None:
    page = browser_page
    new, broken, copy = tmp_path / "新<b>期.txt", tmp_path / "坏.txt", folder / "yunqi-2020-23.txt"
    new.write_text(BULLETIN, encoding="utf-8")
    broken.write_text("----\n", encoding="utf-8")
    before = sorted(folder.iterdir())
    page.goto(f"{own}/add")
    page.set_input_files("#files", [new, broken, copy])
    page.click(".upload button")
    looks = page.locator(".look")
    expect(looks.nth(0).locator("input[name='0-series']")).to_have_value("望海青年工作简报")
    expect(looks.nth(0).locator("input[name='0-issue_date']")).to_have_value("2024-03-04")
    expect(looks.nth(0).locator("input[name='0-region-0']")).to_have_value("云栖市锦渚区")
    expect(looks.nth(0).locator("h2")).to_contain_text("新<b>期.txt")
    expect(looks.nth(1).locator(".bad")).to_contain_text("没有正文")
    assert looks.nth(1).locator("input").count() == 0
    expect(looks.nth(2).locator(".message")).to_contain_text("是同一份文件")
    assert not looks.nth(2).locator("input[type=checkbox]").is_checked()
    page.fill("input[name='0-region-0']", "乌有市")
    page.fill("input[name='0-issue']", "8")
    page.click("#keep")
    expect(page.locator("[role=alert]")).to_contain_text("乌有市：没有这个地区")
    expect(page.locator("input[name='0-issue']")).to_have_value("8")  # nothing of what was typed is lost
    page.fill("input[name='0-region-0']", "北苑区")
    page.click("#keep:not([disabled])")
    page.wait_for_url(f"{own}/add")
    settled(page)
    expect(page.locator("main")).to_contain_text("处理结果")
    added = row(page, "新b期.txt")  # without what no file may be called on Windows
    for told in ("在这里添加的", "2024年第8期", "有更正"):
        expect(added).to_contain_text(told)
    assert sorted(folder.iterdir()) == before  # the folder itself is never written to
    page.goto(own)
    ask(page, "灯塔夜校开了哪些课")
    expect(page.locator(".answer .reference").first).to_contain_text("2024年第8期，2024-03-04，云栖市北苑区")
    expect(page.locator(".answer blockquote").first).to_contain_text("配音、烘焙、急救")


@pytest.fixture()
def own_state(folder: Path, tmp_path: Path, samples: Library) -> LibraryState:
    return LibraryState(open_library(folder, data=tmp_path / "数据", encoder=samples.context.encoder))


def test_too_large_a_file_is_refused_by_name_and_others_are_read(
    own_state: LibraryState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.web.pages.upload.MAX_FILE", 2_000)
    client = TestClient(application(own_state), base_url="http://127.0.0.1")
    sent = [("files", ("大.txt", BULLETIN.encode() * 6)), ("files", ("小.txt", BULLETIN.encode()))]
    page = client.post("/add", files=sent, headers={"accept-language": "en"})
    assert re.search(r"/add/review/\w+$", str(page.url))
    looked = [client.get(f"{page.url}/{number}", headers={"accept-language": "en"}).text for number in (0, 1)]
    assert "too large a file: at most" in looked[0] and "望海青年工作简报" not in looked[0]
    assert 'value="望海青年工作简报"' in looked[1]
    assert client.get(f"{page.url}/2").status_code == 404


def test_a_word_file_is_read_like_its_text(own_state: LibraryState) -> None:
    document = docx.Document()
    for line in BULLETIN.splitlines():
        document.add_paragraph(line)
    content = io.BytesIO()
    document.save(content)
    client = TestClient(application(own_state), base_url="http://127.0.0.1")
    page = client.post("/add", files=[("files", ("灯塔.docx", content.getvalue()))])
    looked = client.get(f"{page.url}/0").text
    for value in ("望海青年工作简报", "7", "2024-03-04", "共青团云栖市委", "云栖市锦渚区"):
        assert f'value="{value}"' in looked
    assert "团云栖市锦渚区委办“灯塔夜校”" in looked


def test_what_is_there_is_corrected_switched_off_removed_and_restored(own: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{own}/add")
    row(page, "yunqi-2020-23").get_by_role("link", name="更正").click()
    page.fill("input[name='0-issue_date']", "2020-10-01")
    page.fill("input[name='0-region-0']", "云栖市北苑区")
    page.get_by_role("button", name="保存更正").click()
    settled(page)
    expect(row(page, "yunqi-2020-23")).to_contain_text("有更正")
    page.goto(own)
    ask(page, "时间银行怎么办")
    expect(page.locator(".answer .reference").first).to_contain_text("2020-10-01，云栖市北苑区")
    page.goto(f"{own}/add")
    row(page, "yunqi-2020-23").get_by_role("link", name="更正").click()
    page.get_by_role("button", name="撤销全部更正").click()
    settled(page)
    expect(row(page, "yunqi-2020-23")).not_to_contain_text("有更正")
    row(page, "yunqi-2020-23").get_by_role("button", name="停用").click()
    settled(page)
    expect(row(page, "yunqi-2020-23")).to_contain_text("已停用")
    page.goto(f"{own}/?q=半日闲开户多少人")
    expect(page.locator(".answer").last.locator(".reason")).to_be_visible()
    page.goto(f"{own}/add")
    row(page, "yunqi-2020-23").get_by_role("button", name="启用").click()
    settled(page)
    page.once("dialog", lambda dialog: dialog.dismiss())
    row(page, "yunqi-2020-23").get_by_role("button", name="移除").click()
    expect(row(page, "yunqi-2020-23")).to_contain_text("已收录")
    page.once("dialog", lambda dialog: dialog.accept())
    row(page, "yunqi-2020-23").get_by_role("button", name="移除").click()
    settled(page)
    expect(row(page, "yunqi-2020-23")).to_contain_text("已移除")
    row(page, "yunqi-2020-23").get_by_role("button", name="恢复").click()
    settled(page)
    expect(row(page, "yunqi-2020-23")).to_contain_text("已收录")


def test_rescanning_finds_what_came_into_the_folder_and_the_library_stays_usable(
    own: str, browser_page: Page, folder: Path
) -> None:
    page = browser_page
    page.goto(f"{own}/add")
    expect(page.locator(".files tbody tr")).to_have_count(2)
    (folder / "新的.txt").write_text(BULLETIN, encoding="utf-8")
    page.get_by_role("button", name="重新扫描文件夹").click()
    settled(page)
    expect(page.locator(".files tbody tr")).to_have_count(3)
    expect(row(page, "新的.txt")).to_contain_text("望海青年工作简报")


def test_the_folder_is_chosen_on_the_page_and_remembered(
    own_page: str, own_data: Path, tmp_path: Path, folder: Path, browser_page: Page
) -> None:
    page = browser_page
    choose(page, own_page, "")
    expect(page.locator("main")).to_contain_text(re.compile(r"12 份文件，40 篇文章"))
    page.fill("#folder", str(tmp_path / "没有的文件夹"))
    page.get_by_role("button", name="打开").click()
    expect(page.locator("[role=alert]")).to_contain_text("没有这个文件夹", timeout=30_000)
    page.fill("#folder", str(folder))
    page.get_by_role("button", name="打开").click()
    settled(page)
    expect(page.locator("main")).to_contain_text("2 份文件，8 篇文章")
    for address in serve(own_data, "--fast"):  # another process
        page.goto(address)
        expect(page.locator("#notice")).to_contain_text("我的简报")
        expect(page.locator("#notice")).to_contain_text("2 份文件，8 篇文章")


def test_language_theme_size_and_strictness_are_kept_by_the_browser(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{sample_page}/settings")
    for label in ("English", "深色", "更大", "宁可说没有"):
        page.get_by_label(label, exact=True).check()
    page.get_by_role("button", name="应用").click()
    expect(page.locator("h1")).to_have_text("Settings")
    for address in (f"{sample_page}/settings", f"{sample_page}/add", sample_page):
        page.goto(address)
        expect(page.locator("html")).to_have_class(re.compile(r"\bdark\b"))
        assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 20
        expect(page.locator(".site nav a").nth(1)).to_have_text("Browse", use_inner_text=True)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 30)"
    expect(page.locator("#ask")).to_have_text("Ask")
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    ask(page, "小区停车难怎么解决")  # which is answered, with little confidence, where nothing is chosen
    expect(page.locator(".answer .reason")).to_be_visible()


def test_the_files_of_an_archive_are_reviewed_one_by_one(own_state: LibraryState) -> None:
    content = small_files.zipped({"2024/灯塔.txt": BULLETIN.encode("gb18030"), "封面.ceb": b"Founder CEB\x00"})
    client = TestClient(application(own_state), base_url="http://127.0.0.1")
    sent = [("files", ("2024.zip", content)), ("files", ("坏.zip", content[:-9]))]
    page = client.post("/add", files=sent)
    looked = [client.get(f"{page.url}/{number}").text for number in range(4)]
    assert 'value="望海青年工作简报"' in looked[0]
    assert "封面.ceb" in looked[1] and "PDF" in looked[1]
    assert "坏.zip" in looked[2] and client.get(f"{page.url}/3").status_code == 404
