"""The page that compares regions: its form, its address, what it hands out."""

import re
from pathlib import Path
from urllib.parse import quote, unquote

import docx
import openpyxl
import pytest
from playwright.sync_api import Page, expect

REGIONS = ("云栖市锦渚区", "云栖市北苑区", "石潭县")


def address(page: str, topic: str, *regions: str, form: str = "") -> str:
    return f"{page}/compare{form}?topic={quote(topic)}" + "".join(f"&region={quote(region)}" for region in regions)


def test_regions_and_a_topic_bring_a_table_whose_address_can_be_kept(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{sample_page}/compare")
    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator("header [aria-current]")).to_have_text("对照")
    labels = page.locator("select[name=region]").first.locator("option").all_inner_texts()
    # The order of the tree: a city before its districts, which are indented below it, each with the number of its articles.
    city, district = next(one for one in labels if "云栖市（" in one), next(one for one in labels if "锦渚区（4）" in one)
    assert labels.index(city) < labels.index(district)
    assert len(re.match("　*", city)[0]) < len(re.match("　*", district)[0])  # type: ignore[index]
    page.fill("#topic", "骑手驿站")
    selects = page.locator("select[name=region]")
    expect(selects).to_have_count(5)
    for at, name in enumerate(REGIONS):
        value = next(option for option in labels if name.removeprefix("云栖市") in option)
        selects.nth(at).select_option(label=value)
    page.get_by_role("button", name="对照", exact=True).click()
    table = page.locator(".result .table table")
    expect(table.locator("tr").first.locator("th")).to_have_text(["", *REGIONS])
    link = page.url
    expect(page.locator(".result .note")).to_have_text("没有找到石潭县说到“骑手驿站”的原文")
    rows = table.locator("tr").count()
    assert rows > 2 and table.locator("tr td:nth-child(4) .quote").count() == 0
    assert table.locator("td .quote").count() == table.locator("td .quote .reference").count() > 3
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".result .table tr")).to_have_count(rows)
    expect(page.locator("#topic")).to_have_value("骑手驿站")
    first = page.locator(".result .quote").first
    said = first.locator("blockquote").inner_text()
    first.locator("a.number").click()
    expect(page.locator("main #hit").first).to_be_in_viewport()
    assert "".join(page.locator("main mark").all_inner_texts()) == said


def test_without_scripts_the_form_works_and_what_is_wrong_is_said(sample_page: str, browser_page: Page) -> None:
    browser = browser_page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(address(sample_page, "骑手驿站", REGIONS[0]))
    expect(page.locator("[role=alert]")).to_have_text("Choose 2 to 5 different regions.")
    expect(page.locator("#topic")).to_have_value("骑手驿站")
    page.locator("select[name=region]").nth(1).select_option(index=5)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".result")).to_be_visible()
    page.goto(address(sample_page, "", *REGIONS))
    expect(page.locator("[role=alert]")).to_have_text("Write the topic to compare.")
    page.goto(address(sample_page, "骑手驿站", REGIONS[0], "<b>火星市</b>"))
    expect(page.locator("[role=alert]")).to_contain_text("no such region: <b>火星市</b>")
    page.goto(address(sample_page, "骑手驿站", *[REGIONS[0]] * 3))
    expect(page.locator("[role=alert]")).to_have_text("Choose 2 to 5 different regions.")
    page.goto(address(sample_page, "字" * 3000, *REGIONS))
    expect(page.locator("[role=alert]")).to_be_visible()
    page.goto(address(sample_page, "太空电梯<script>alert(1)</script>", *REGIONS))
    expect(page.locator(".result .reason")).to_be_visible()
    expect(page.locator(".exports")).to_have_count(0)
    expect(page.locator(".result h2")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("main script").count() == 0
    context.close()


@pytest.mark.parametrize("style", ["gbt7714", "note"])
def test_the_table_is_handed_out_as_word_and_excel(sample_page: str, browser_page: Page, tmp_path: Path, style: str) -> None:
    page = browser_page
    page.goto(address(sample_page, "骑手驿站", *REGIONS))
    quotes = page.locator(".result blockquote").all_inner_texts()
    page.select_option(".exports select", style)
    for name in ("Word", "Excel"):
        with page.expect_download() as downloading:
            page.get_by_role("button", name=f"导出 {name}").click()
        suffix = downloading.value.suggested_filename
        assert suffix == {"Word": "对照.docx", "Excel": "对照.xlsx"}[name]
        assert f"style={style}" in downloading.value.url and "骑手驿站" in unquote(downloading.value.url)
        downloading.value.save_as(tmp_path / suffix)
    document = docx.Document(str(tmp_path / "对照.docx"))
    cells = [p for row in document.tables[0].rows for cell in row.cells for p in cell.paragraphs]
    assert [p.text for p in cells if p.style.name == "Quotation"] == quotes
    listed = any(p.text == "参考文献" for p in document.paragraphs)
    noted = sum(p.style.name == "Source" and p.text.startswith("见《") for p in cells)
    assert (listed, noted) == ((True, 0) if style == "gbt7714" else (False, len(quotes)))
    sheet = openpyxl.load_workbook(tmp_path / "对照.xlsx")["对照"]
    assert [cell.value for cell in sheet[1]] == [None, *REGIONS]
    shown = [cell.value for row in sheet.iter_rows(min_row=2, min_col=2) for cell in row if cell.value != "—"]
    assert all(said in text for said, text in zip(quotes, shown, strict=True))


def test_an_export_of_nothing_is_the_page_that_says_so(sample_page: str, browser_page: Page) -> None:
    for form in (".docx", ".xlsx"):
        answered = browser_page.request.get(address(sample_page, "太空电梯", *REGIONS, form=form))
        assert "text/html" in answered.headers["content-type"] and "太空" in answered.text()


def test_a_wide_table_scrolls_in_a_box_of_its_own(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(address(sample_page, "志愿积分", "望澜市", "云栖市", *REGIONS))
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    box = page.locator(".result .table")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)  # it glides
    assert page.locator(".result .table").evaluate("box => box.scrollLeft") > 0
    label = page.locator(".result .table tr").nth(1).locator("th").bounding_box()
    assert label is not None and label["x"] >= 0, "the aspect stays in sight"


def test_on_paper_there_is_only_the_table(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(address(sample_page, "骑手驿站", *REGIONS))
    for gone in ("header.site", ".compare-form", ".exports", ".result .tools"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".result blockquote").first).to_be_visible()
    colours = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert page.locator(".result .table tr").nth(1).evaluate("row => getComputedStyle(row).breakInside") == "avoid"
