"""Evidence and articles: what is shown is the text, and what is marked is the stretch asked for, by offset."""

import random
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from corpus.document import Span
from index.encoder import load_encoder
from index.store import library as storage
from index.store.library import Library
from qa.web.addresses import passage_address
from qa.web.app import application
from qa.web.pages.article import lines
from qa.web.state import LibraryState

# A sentence cut by a page break, after a character and a sign that are two units each in a browser's strings.
CUT = """\
测试工作简报
第 1 期
共青团杭州市委
2021年3月4日

团杭州市上城区委办好便民站

近年来，团上城区委在𠮷祥坊办起便民站三座😀，共有志愿者五十名轮流值守，每周开放四天，
居民可以存取包裹、修补雨伞。每座便民站配备急救箱一只，由社区医院

- 1 -

每月检查一次，缺什么补什么，账目贴在门口。周末另有义诊和理发。
"""


@pytest.fixture(scope="module", params=["samples", "real"])
def library(request: pytest.FixtureRequest) -> Library:
    found: Library = request.getfixturevalue(request.param)
    return found


def test_the_lines_are_the_text_and_the_marks_the_stretches_marked(library: Library) -> None:
    chance = random.Random(5)
    for passage in library.retriever.catalog.passages:
        span, text = passage.span, passage.bulletin.text
        start = chance.randrange(span.start, span.end)
        mark = Span(start, chance.randrange(start + 1, span.end + 1))
        heading = Span(span.start, span.start + min(4, len(span)))
        shown = lines(passage.bulletin, span, marks=[mark], headings=[heading])
        assert "\n".join("".join(run.text for run in line) for line in shown) == span.of(text)
        marked = ["".join(run.text for run in line if run.marked) for line in shown]
        assert "".join(marked) == mark.of(text).replace("\n", "")
        assert "".join(run.text for line in shown for run in line if run.heading) == heading.of(text).replace("\n", "")
        first = [run for line in shown for run in line if run.first]
        assert len(first) == 1 or not mark.of(text).replace("\n", "")


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("cut")
    (folder / "一.txt").write_text(CUT, encoding="utf-8")
    return storage.open_library(folder, data=tmp_path_factory.mktemp("data"), encoder=load_encoder())


def client(library: Library) -> TestClient:
    return TestClient(application(LibraryState(library)), base_url="http://127.0.0.1")


def test_a_quote_across_a_page_break_and_after_signs_of_two_units_is_marked_whole(cut: Library) -> None:
    said = "每座便民站配备急救箱一只，由社区医院每月检查一次，缺什么补什么，账目贴在门口。"
    passage = next(passage for passage in cut.retriever.catalog.passages if said in passage.text)
    start = passage.bulletin.text.index(said)
    span = Span(start, start + len(said))
    assert len(passage.bulletin.source_spans(span)) > 1  # the page break was taken out of it
    for kind in ("evidence", "article"):
        page = client(cut).get(f"/{kind}/{passage_address(passage, span)}").text
        assert f'<mark id="hit" tabindex="-1">{said}</mark>周末另有义诊和理发。' in page


@pytest.mark.parametrize(
    "address",
    [
        "none/1?start=0&end=1",
        "{key}/9?start=0&end=1",
        "{key}/0",
        "{key}/1",
        "{key}/1?start=5&end=5",
        "{key}/1?start=0&end=999999",
    ],
)
def test_evidence_that_is_nowhere_is_no_page(cut: Library, address: str) -> None:
    found = client(cut).get("/evidence/" + address.format(key=cut.bulletins[0].source.sha256[:12]))
    assert found.status_code == 404


def test_around_a_quote_stand_two_passages_either_way_and_the_way_to_it(samples: Library) -> None:
    passages = samples.retriever.catalog.passages
    article = next(p.article for p in passages if sum(q.article is p.article for q in passages) >= 6)
    own = [passage for passage in passages if passage.article is article]
    middle = own[3]
    page = client(samples).get(f"/evidence/{passage_address(middle, middle.span.trimmed(middle.bulletin.text))}").text
    shown = [at for at, passage in enumerate(own) if passage.text.strip().splitlines()[-1].strip()[-12:] in page]
    assert shown == [1, 2, 3, 4, 5]
    for part in (
        middle.bulletin.masthead.series,
        article.title,
        middle.section.heading,
        str(middle.bulletin.masthead.issue_date),
    ):
        assert part in page
    assert Path(middle.bulletin.source.document).name in page
