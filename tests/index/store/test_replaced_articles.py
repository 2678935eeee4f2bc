"""Of articles that are alike one is found, the report says which, and the other can still be read."""

from pathlib import Path

from index.store.library import Library, open_index
from tests.index.small import RIDERS_AND_POINTS, small_context

EXTRA = """
团温州市委把剪纸送进校园

一、请师傅。剪纸师傅每周来两次。

（团温州市委）
"""


def found_in(library: Library, query: str) -> list[tuple[str, str]]:
    return [(hit.passage.bulletin.source.document, hit.passage.article.title) for hit in library.retriever.search(query)]


def test_an_article_of_two_editions_is_found_once(folder: Path, data: Path) -> None:
    first = RIDERS_AND_POINTS.partition("团杭州市委推广")[0]
    (folder / "节选.txt").write_text(first + EXTRA, encoding="utf-8")
    library = open_index(small_context(folder, data))
    assert {report.document: report.state for report in library.manifest.reports}["节选.txt"] != "copy"
    titles = found_in(library, "骑手夜校剪纸学费")
    documents = {document for document, title in titles if "骑手夜校" in title}
    assert documents == {"甲.txt"}
    assert ("节选.txt", "团温州市委把剪纸送进校园") in titles
    report = next(report for report in library.manifest.reports if report.document == "节选.txt")
    assert "article 1 is also in 甲.txt, which answers quote instead" in report.line()
    excerpt = next(bulletin for bulletin in library.bulletins if bulletin.source.document == "节选.txt")
    assert library.catalog.passages_of(excerpt.articles[0])
    # Once the other edition has gone, this one answers.
    (folder / "甲.txt").unlink()
    library = open_index(small_context(folder, data))
    assert {document for document, title in found_in(library, "骑手夜校剪纸学费") if "骑手夜校" in title} == {"节选.txt"}
