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
