"""Looking through the archive, in a real Chromium."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from corpus.document import Span
from index.store.library import Library
from qa.web.addresses import address as address_of


def lists(page: Page, number: int) -> None:
    """Expect a list of so many articles: the page says so, and shows them, up to a page of them."""
    expect(page.locator(".order [role=status]")).to_have_text(f"{number} 篇文章")
    expect(page.locator(".articles > li")).to_have_count(min(number, 20))


def choose(page: Page, name: str) -> int:
    """Click a value of a facet, and return the count that it had."""
    facet = page.locator(".facets li > a").filter(has=page.get_by_text(name, exact=True)).first
    count = int(facet.locator(".count").inner_text())
    facet.click()
    expect(page.locator(".selection .chip", has_text=name)).to_be_visible()
    return count


def test_facets_narrow_as_their_counts_say_and_an_address_brings_the_view_back(
    sample_page: str, browser_page: Page, browser: Browser
) -> None:
    page = browser_page
    page.goto(f"{sample_page}/")
    page.get_by_role("link", name="浏览", exact=True).click()
    lists(page, 40)
    assert choose(page, "云栖市") == 18
    lists(page, 18)
    assert choose(page, "2021") == 5
    lists(page, 5)
    expect(page.locator(".facets span.zero", has_text="岚川大学共青团工作简报")).to_be_visible()
    assert choose(page, "云栖共青团工作简报") == 4
    lists(page, 4)
    # What lies below a region takes its place.
    assert choose(page, "石潭县") == 1
    lists(page, 1)
    expect(page.locator(".selection .chip")).to_have_count(3)
    fresh = browser.new_context(locale="zh-CN")
    again = fresh.new_page()
    again.goto(page.url)
    assert again.locator("main").inner_html() == page.locator("main").inner_html()
    fresh.close()
    page.locator(".selection .chip", has_text="2021").click()
    lists(page, 3)  # 石潭 in yunqi-2021-05, 2022-zk and 2024-11
    page.go_back()
    lists(page, 1)
    page.get_by_role("link", name="全部清除").click()
    lists(page, 40)


def test_the_chart_leads_to_what_it_counts(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{sample_page}/browse")
    row = page.get_by_role("row", name=re.compile("雁洲市"))
    assert row.get_by_role("cell").all_inner_texts() == ["1", "0", "1", "0", "2", "0", "0"]
    row.get_by_role("link", name="雁洲市，2023：2 篇").click()
    lists(page, 2)
    assert page.locator(".selection .chip").all_text_contents() == ["去掉 雁洲市", "去掉 2023"]


def test_pages_are_turned(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{sample_page}/browse?series=" + quote("岚川青年工作信息") + "&series=" + quote("云栖共青团工作简报"))
    first = page.locator(".articles h2").all_inner_texts()
    page.get_by_role("link", name="下一页").click()
    assert not set(first) & set(page.locator(".articles h2").all_inner_texts())
    assert (len(first), page.locator(".articles h2").count()) == (20, 8)
    page.goto(page.url.replace("page=2", "page=77"))
    expect(page.locator(".pager")).to_contain_text("第 2 / 2 页")


def test_a_search_and_its_toggles(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{sample_page}/browse?region=" + quote("云栖市"))
    page.get_by_role("searchbox").fill("驛站")
    page.keyboard.press("Enter")
    lists(page, 2)
    assert set(page.locator(".articles mark").all_inner_texts()) == {"驿站"}
    expect(page.locator(".selection .chip")).to_have_text("去掉 云栖市")
    page.locator(".snippet a").first.click()
    expect(page.locator("mark#hit")).to_be_in_viewport()
    expect(page.locator("mark#hit")).to_have_text("驿站")
    page.go_back()
    page.get_by_role("searchbox").fill("骑手")
    page.get_by_label("标题").check()
    page.get_by_role("button", name="搜索").click()
    lists(page, 2)
    expect(page.locator(".snippet")).to_have_count(0)
    page.get_by_label("全文").check()
    page.get_by_role("button", name="搜索").click()
    lists(page, 3)
    page.get_by_role("searchbox").fill("volunteer points")
    page.get_by_role("button", name="搜索").click()
    expect(page.locator(".empty")).to_contain_text("没有找到“volunteer points”")
    page.get_by_role("link", name="改用模糊搜索").click()
    expect(page.get_by_label("模糊")).to_be_checked()
    page.get_by_role("link", name="全部清除").click()
    expect(page.locator(".articles mark", has_text="志愿积分").first).to_be_visible()
    lists(page, choose(page, "2019"))


def test_an_issue_tells_its_contents_and_leads_on(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.goto(f"{sample_page}/browse?year=2020")
    page.locator(".articles .facts a", has_text="云栖共青团工作简报").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("云栖共青团工作简报 2020年第23期（总第512期）")
    expect(page.locator(".masthead")).to_contain_text("yunqi-2020-23.txt")
    assert page.locator(".contents > li .title").all_inner_texts() == [
        "锦渚：办好“半日闲”时间银行 让志愿时长存得进取得出",
        "团北苑区委建“一盏灯”骑手驿站 把温暖送到取餐路上",
        "团澄溪市委以“三张课表”锤炼乡镇团干部",
        "埠头：青年反诈宣讲队守住群众“钱袋子”",
    ]
    assert page.locator(".contents > li").first.locator("ul li").first.inner_text() == "一、定准一把尺，把时长记清楚"
    page.get_by_role("link", name="下一期").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2021年第5期")
    page.get_by_role("link", name="上一期").click()
    page.locator(".contents ul a", has_text="一、定准一把尺").click()
    expect(page.locator("section:target strong")).to_have_text("一、定准一把尺，把时长记清楚")
    page.get_by_role("link", name="下一篇").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("一盏灯")
    expect(page.locator(".pager .previous_article")).to_contain_text("半日闲")
    page.get_by_role("link", name="回到目录").click()
    expect(page.locator(".contents")).to_be_visible()


def test_a_mark_in_a_title_or_a_signature_is_shown(samples: Library, sample_page: str, browser_page: Page) -> None:
    bulletin = next(one for one in samples.bulletins if one.source.document == "yunqi-2020-23.txt")
    start = bulletin.text.index("“一盏灯”骑手驿站", bulletin.articles[1].span.start)
    page = browser_page
    for kind in ("article", "evidence"):
        page.goto(f"{sample_page}/{kind}/{address_of(bulletin, 2, Span(start, start + 5))}")
        expect(page.locator("mark#hit")).to_have_text("“一盏灯”")
    signed = next(
        (one, at)
        for one in samples.bulletins
        for at, article in enumerate(one.articles, 1)
        if article.signature and article.region
    )
    bulletin, number = signed
    article = bulletin.articles[number - 1]
    start = bulletin.text.rindex(str(article.signature), 0, article.span.end)
    page.goto(f"{sample_page}/article/{address_of(bulletin, number, Span(start, start + 3))}")
    expect(page.locator(".signature mark#hit")).to_have_text(str(article.signature)[:3])


def test_a_former_district_is_noted_under_its_successor_and_markup_is_text(own_page: str, browser_page: Page) -> None:
    page = browser_page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{own_page}/browse")
    present = page.locator(".tree li", has=page.get_by_text("鄞州区", exact=True)).last
    expect(present.locator("li")).to_have_text(re.compile("原江东区，2016年并入鄞州区"))
    assert choose(page, "鄞州区") == 2
    lists(page, 2)
    page.goto(f"{own_page}/search?q=" + quote("名轮流值守") + "&region=" + quote("宁波市江东区"))
    lists(page, 1)
    expect(page.locator(".articles mark")).to_have_text("名轮流值守")
    expect(page.locator(".snippet")).to_contain_text("𠮷祥坊😀办起便民站<b>三座</b>，共有志愿者五十名轮流值守")
    expect(page.locator(".articles h2")).to_contain_text("<script>alert(2)</script>")
    expect(page.locator(".facets")).to_contain_text("<img src=x onerror=alert(1)>工作简报")
    page.goto(f"{own_page}/search?q=" + quote("<img src=x onerror=alert(3)>"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x onerror=alert(3)>")
    page.goto(f"{own_page}/browse?region=" + quote("<img src=x onerror=alert(4)>"))
    expect(page.locator(".selection .chip")).to_contain_text("<img src=x onerror=alert(4)>")
    page.goto(f"{own_page}/browse?region=" + quote("宁波市"))
    page.locator(".articles .facts a:not(.tag)").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x onerror=alert(1)>工作简报")
    page.wait_for_timeout(200)
    assert page.locator("main img, main script, .contents b").count() == 0
    assert dialogs == []


@pytest.mark.parametrize(
    "address",
    [
        "/browse?region=火星市&year=1066&series=无&page=-3",
        "/browse?region=浙江省",
        "/search?q=潜水艇&in=nowhere&mode=&order=x&page=9999999999",
        "/search?q=" + "问" * 3000,
    ],
)
def test_what_is_not_there_has_a_page_of_its_own(sample_page: str, browser_page: Page, address: str) -> None:
    page = browser_page
    response = page.goto(sample_page + quote(address, safe="/?&="))
    assert response is not None and response.status == 200
    expect(page.locator(".results .empty h2")).to_be_visible()
    assert page.locator(".results .empty a").count() >= 1
    response = page.goto(f"{sample_page}/issue/0123456789ab")
    assert response is not None and response.status == 404
    expect(page.locator("h1")).to_have_text("没有这一页")


def test_it_works_on_a_phone_without_scripts_in_english(sample_page: str, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="en", java_script_enabled=False, color_scheme="dark"
    )
    page = context.new_page()
    page.goto(f"{sample_page}/browse")
    expect(page.get_by_role("heading", name="Browse")).to_be_visible()
    expect(page.locator(".facets nav")).to_be_hidden()
    page.locator(".facets > summary").click()
    page.locator(".facets .years a", has_text="2021").click()
    expect(page.locator(".order [role=status]")).to_have_text("Articles: 11")
    page.locator("input[name=q]").fill("青年")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".articles mark").first).to_have_text("青年")
    page.locator(".articles .facts a:not(.tag)").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2021 no. ")
    context.close()


def test_no_view_is_wider_than_a_phone(sample_page: str, browser_page: Page) -> None:
    page = browser_page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{sample_page}/browse")
    issue = page.locator(".articles .facts a[href^='/issue']").first.get_attribute("href")
    for address in (
        "/browse",
        "/browse?region=" + quote("云栖市"),
        "/search?q=" + quote("青年"),
        "/search?q=" + "x" * 200,
        issue,
    ):
        page.goto(f"{sample_page}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.goto(f"{sample_page}/browse")
    assert page.locator(".heat").evaluate("box => box.scrollWidth > box.clientWidth && box.getBoundingClientRect().right <= 360")
