"""HTML saved from a site: what is text, in which encoding."""

import pytest

from benchmarks import readers as forms
from benchmarks import rendering
from corpus import readers
from corpus.library import files

GAZETTEER = files.load_gazetteer(files.SAMPLES)
MENU = "<ul>" + "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("首页", "要闻", "专题", "团务公开")) + "</ul>"


def text_of(page: str) -> str:
    return readers.read_file(page.encode(), name="it.html").text


@pytest.mark.parametrize("path", sorted(files.SAMPLES.glob("*.txt")), ids=lambda path: path.stem)
def test_samples_as_pages(path: object) -> None:
    source = readers.read_plain(path)  # type: ignore[arg-type]
    typed = rendering.typed(source, gazetteer=GAZETTEER)
    page = rendering.to_html(typed).replace("<body>", f"<body><nav>{MENU}</nav>")
    reading = readers.read_file(page.encode(), name="it.html")
    assert forms.error_rate(reading.text, "".join(run for paragraph in typed for run, _ in paragraph.runs)) == 0
    one = readers.read_file(source.encode(), name="it.txt")
    assert forms.differ(forms._parsed(one, GAZETTEER), forms._parsed(reading, GAZETTEER)) == []


def test_blocks_headings_and_bold_runs() -> None:
    page = (
        "<html><head><title>标签页</title><style>p{}</style></head><body><h1>望澜<br>简报</h1><h2>团滨澜区委办夜学</h2>"
        "<p>\n  <b>一、定好</b><strong>课程。</strong>居民\n选课。<br>第二行<!-- 注 -->接着。</p>"
        "<p><span style='font-weight: 700'>二、管好场地</span></p><script>var x</script><ul><li>学费<li>结余</ul></body></html>"
    )
    shown = ["## 望澜\n简报", "**团滨澜区委办夜学**", "**一、定好课程。**居民 选课。\n第二行接着。", "**二、管好场地**"]
    assert text_of(page).strip().split("\n\n") == [*shown, "- 学费", "- 结余"]


def test_menus_forms_and_hidden_text_are_left_out() -> None:
    page = (
        f"<div class=top>{MENU}</div><nav>导航</nav><form>搜索</form><p style='display:none'>看不见</p><p hidden>也看不见</p>"
        "<p>正文里有<a href=a>一个链接</a>。</p><div><a>上一篇</a> <a>下一篇</a> <a>返回</a></div>"
    )
    assert text_of(page) == "正文里有一个链接。\n"


def test_tables_of_data_are_rows_and_tables_of_layout_are_not() -> None:
    data = "<table><tr><th>地区<th>开户</tr><tr><td>锦渚区<td>18640\n人</tr><tr><td>北苑区<td></tr></table>"
    assert text_of(data) == "地区\t开户\n锦渚区\t18640 人\n北苑区\t\n"
    assert text_of(f"<table><tr><td><p>左边。</p><p>又一段。</p></td><td>{data}</td></tr></table>") == (
        "左边。\n\n又一段。\n\n地区\t开户\n锦渚区\t18640 人\n北苑区\t\n"
    )


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("gb2312", "gb18030"),
        ("gbk", "gb18030"),
        ("big5", "big5"),
        ("utf-8", "gb18030"),
        ("nonsense", "utf-8"),
    ],
)
def test_encodings_also_where_the_page_tells_a_wrong_one(declared: str, encoding: str) -> None:
    page = f'<html><meta http-equiv="Content-Type" content="text/html; charset={declared}"><p>青年工作信息</p></html>'
    assert readers.read_file(page.encode(encoding), name="it.htm").text == "青年工作信息\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("2023-04-12 10:20 来源:团上埠区委 点击:731", "2023-04-12 10:20　来源:团上埠区委"),
        ("时间：2023-04-12　浏览：33次　【字号：大 中 小】", "时间：2023-04-12"),
        (
            "发布时间：2023-04-12 | 信息来源：团上埠区委 | 浏览次数：<b>731</b> | 字体：大 中 小 | 打印",
            "发布时间：2023-04-12　信息来源：团上埠区委",
        ),
        ("<span>2023-04-12</span><span>团上埠区委</span><a href=#>收藏</a>", "2023-04-12 团上埠区委"),
        ("日期：2023-04-12 11:12:13 来源： 作者：admin", "日期：2023-04-12 11:12:13"),
        ("信息时间：2023-04-12 阅读次数：【 12 】 【我要打印】", "信息时间：2023-04-12"),
        ("发布者：宣传部发布时间：2023-04-12浏览次数：22", "发布者：宣传部　发布时间：2023-04-12"),
        ("2023年4月12日，上埠区开展修家电活动", "2023年4月12日，上埠区开展修家电活动"),
    ],
)
def test_a_byline_is_left_without_counters_and_buttons(line: str, shown: str) -> None:
    page = (
        f"<title>青年志愿者走进社区</title><nav>导航</nav><h2>青年志愿者走进社区</h2><div>{line}</div>"
        "<p>上埠区青年志愿者二十六人背着工具走进社区，给老人修家电。</p>"
    )
    assert text_of(page).split("\n\n")[1] == shown


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("<h1>工作动态</h1><h4>骑手领到头盔三百顶</h4>", "骑手领到头盔三百顶"),  # the column of the site is set larger
        ("<h3>关于印发《夜校管<br>理办法》的通知</h3>", "关于印发《夜校管理办法》的通知"),
        ("<h3>北苑区召开大会<br>部署夜校工作</h3>", "北苑区召开大会 部署夜校工作"),
        (
            "<p align=center>云栖市人民政府文件</p><p align=center>关于办好夜校的通知</p>",
            "关于办好夜校的通知",
        ),  # not the red head
        ("<h2>一、总体要求</h2>", None),
        ("<p>各县区：</p>", None),
    ],
)
def test_the_title_of_a_page(title: str, found: str | None) -> None:
    page = f"<nav>导航</nav>{title}<p>北苑区团委在六个商圈摆摊，给骑手发三百顶头盔，旧头盔当场收走。</p>"
    extracted = readers.read_file(page.encode(), name="it.html")
    assert extracted.metadata.title == found
    assert [line[3:] for line in extracted.text.splitlines() if line.startswith("## ")] == ([found] if found else [])


@pytest.mark.parametrize(
    "cells",
    [
        "<td colspan=9999999 rowspan=9999999>一</td>" * 300,
        "<td rowspan=0>一</td><td colspan=-1>二</td>",
        "<td colspan='１２'>一</td><td rowspan='x'>二</td>",
    ],
)
def test_spans_that_no_table_has_cost_little(cells: str) -> None:
    assert "末行" in text_of(f"<p>表</p><table><tr>{cells}</tr>{'<tr><td>甲<td>乙</tr>' * 200}<tr><td>末行<td>丙</tr></table>")
