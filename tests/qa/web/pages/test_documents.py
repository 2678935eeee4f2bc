"""Pages of a library that mixes kinds of documents: the facet of kinds, and what a document is called and tells of itself."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from corpus.document import Bulletin
from index.catalog import Catalog
from index.store.library import Library
from qa.answering.pipeline import answer_question
from qa.web.answer_html import show_answer
from qa.web.app import application
from qa.web.catalogue import KINDS, Texts
from qa.web.state import LibraryState
from qa.web.templating import render_macro


@pytest.fixture(scope="module")
def client(mixed: Library) -> TestClient:
    return TestClient(application(LibraryState(mixed)), base_url="http://127.0.0.1", headers={"accept-language": "zh-CN"})


def document(library: Library, name: str) -> Bulletin:
    (found,) = [bulletin for bulletin in library.bulletins if bulletin.source.document == name]
    return found


def test_browse_has_a_facet_of_kinds_where_there_are_several(client: TestClient, samples: Library) -> None:
    page = client.get("/browse").text
    assert "<h2>类型</h2>" in page and 'href="/browse?kind=notice"' in page
    chosen = client.get("/browse?kind=notice").text
    assert "关于印发《望澜市青年夜校管理办法》的通知" in chosen and "青年夜校2023年工作总结" not in chosen
    assert "去掉 </span>通知、意见、方案" in chosen
    alike = TestClient(application(LibraryState(samples)), base_url="http://127.0.0.1", headers={"accept-language": "zh-CN"})
    assert "<h2>类型</h2>" not in alike.get("/browse").text
    assert alike.get("/browse?kind=nonsense").status_code == 200


def test_a_document_of_no_series_tells_kind_number_and_address(client: TestClient, mixed: Library) -> None:
    notice = client.get(f"/issue/{Catalog.key_of(document(mixed, 'notice.txt'))}").text
    assert "<h1>关于印发《望澜市青年夜校管理办法》的通知</h1>" in notice
    for told in ("通知、意见、方案", "望团发〔2023〕7号", "共青团望澜市委", "2023-05-04"):
        assert f"<dd>{told}</dd>" in notice
    assert "下一期" not in notice
    page = client.get(f"/article/{Catalog.key_of(document(mixed, 'page.html'))}/1").text
    assert 'href="https://www.wanglan.example/2023/yexiao.html"' in page
    assert 'href="/browse?kind=news"' in page and 'series="' not in page


def test_an_address_that_is_none_of_the_web_is_no_link(mixed: Library) -> None:
    page = document(mixed, "page.html")
    odd = replace(page, source=replace(page.source, url="javascript:alert(1)"))
    assert render_macro("lines.html", "web_address", odd).strip() == "javascript:alert(1)"
    assert "href" in render_macro("lines.html", "web_address", page)


def test_documents_cited_are_named_once_each(mixed: Library) -> None:
    shown = show_answer(answer_question(mixed, "夜校有哪些做法"))
    names = [source.name for source in shown.sources]
    assert len(names) == len({quote.quote.passage.bulletin for source in shown.sources for quote in source.quotes})
    assert "《望澜青年工作信息》2023年第9期，2023-08-01" in names
    assert "《望澜市青年夜校2023年工作总结》，共青团望澜市委，2023-12-20" in names


def test_every_kind_has_a_name() -> None:
    assert all(Texts(language)(f"kind_{kind}") for kind in KINDS for language in ("zh", "en"))
