"""Searches: every occurrence at its place, and texts that are near."""

import re
from pathlib import Path

import pytest

from corpus.document import Span
from corpus.text.normalize import Folded, simplify
from index.encoder import load_encoder
from index.store import library
from index.store.library import Library
from qa.answering.counting import count_term
from qa.archive.browsing import Browser
from qa.archive.searching import Mode, Searcher
from qa.question.analyzer import analyze_question

BULLETIN = """测试工作简报

第 1 期

共青团杭州市委

2021年3月4日

团杭州市上城区委办好
“𠮷祥”便民站

近年来，团上城区委在𠮷祥坊😀办起便民站，每座㎡不一，共有志愿者**五十
名**轮流值守，便民站每周开放四天，上门用ＡＰＰ预约，也可以打電話預約，居

— 1 —

民可以存取包裹、修补雨伞。每座便民站配备急救箱一只。便民站哈哈哈哈。

（团上城区委）
"""


@pytest.fixture(scope="module")
def searcher(samples: Library) -> Searcher:
    return Searcher(Browser(samples))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, data: Path) -> tuple[Browser, Searcher]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "一.txt").write_text(BULLETIN, encoding="utf-8")
    archive = Browser(library.open_library(folder, data=data, encoder=load_encoder()))
    return archive, Searcher(archive)


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("便民站", ["便民站"] * 4),  # not the one in the title
        ("便民站，每座", ["便民站，每座"]),
        ("坊😀办", ["坊😀办"]),
        ("志愿者五十名轮流", ["志愿者五十名轮流"]),  # the bold marks and the line end are gone
        ("居民可以", ["居民可以"]),  # over a page break
        ("居 民", []),
        ("app预约", ["ＡＰＰ预约"]),
        ("ＡＰｐ", ["ＡＰＰ"]),
        ("电话预约", ["電話預約"]),
        ("電話预約", ["電話預約"]),
        ("每座m2不一", ["每座㎡不一"]),
        ("m", ["㎡"]),
        ("哈哈", ["哈哈", "哈哈"]),
        ("团上城区委", ["团上城区委", "团上城区委"]),  # the second is the signature
        (".", []),
        ("便民站.", []),
        ("   ", []),
    ],
)
def test_every_occurrence_is_found_at_its_place(own: tuple[Browser, Searcher], query: str, places: list[str]) -> None:
    archive, searcher = own
    text = archive.entries[0].bulletin.text
    found = searcher.search(query, field="text", mode="exact").matches
    assert [place.of(text) for match in found for place in match.places] == places
    for match in found:
        for snippet in searcher.snippets(match, query, mode="exact"):
            assert snippet.around.contains(snippet.span) and snippet.span.contains(snippet.hit)
            assert all(snippet.span.contains(mark) and mark in match.places for mark in snippet.marks)
            assert snippet.hit in snippet.marks


def test_a_title_is_searched_as_it_is_shown(own: tuple[Browser, Searcher]) -> None:
    archive, searcher = own
    title = archive.entries[0].article.title
    for query, marked in (("办好 “𠮷祥”便民站", ["办好 “𠮷祥”便民站"]), ("便民站", ["便民站"]), ("便民站每周", None)):
        (found,) = searcher.search(query, field="title", mode="exact").matches or (None,)
        assert (found is None) == (marked is None)
        if found:
            assert found.places == ()
            assert [mark.of(title) for mark in searcher.title_marks(found, query, mode="exact")] == marked
            assert searcher.snippets(found, query, mode="exact") == ()


@pytest.mark.parametrize("query", ["志愿", "青年", "积分", "2021年", "，", "万元", "驿站", "e", "“", "团县委"])
def test_exact_search_agrees_with_a_plain_one(searcher: Searcher, query: str) -> None:
    archive = searcher.archive
    found = {match.entry: match for match in searcher.search(query, field="text", mode="exact").matches}
    for at, entry in enumerate(archive.entries):
        text = entry.bulletin.text
        body = Span(entry.article.sections[0].span.start, entry.article.span.end)
        plain = [Span(body.start + hit.start(), body.start + hit.end()) for hit in re.finditer(re.escape(query), body.of(text))]
        assert list(found[at].places if at in found else ()) == plain
        assert (at in found) == bool(plain or query in entry.article.title)
    in_titles = {match.entry for match in searcher.search(query, field="title", mode="exact").matches}
    assert in_titles == {at for at, entry in enumerate(archive.entries) if query in entry.article.title}


def test_the_best_come_first(searcher: Searcher) -> None:
    archive = searcher.archive
    matches = searcher.search("驿站", field="text", mode="exact").matches
    assert [archive.entries[match.entry].bulletin.source.document for match in matches] == [
        "lanchuan-2021-14.txt",
        "yunqi-2020-23.txt",
    ]
    matches = searcher.search("青年", field="text", mode="exact").matches
    ranks = [(-("青年" in archive.entries[match.entry].article.title), -len(match.places), match.entry) for match in matches]
    assert ranks == sorted(ranks) and len(ranks) == 28


@pytest.mark.parametrize("term", ["时间银行", "驿站", "骑手", "留守儿童", "反诈"])
def test_a_search_and_a_count_find_the_same_articles(samples: Library, searcher: Searcher, term: str) -> None:
    counted = count_term(
        analyze_question(f"有多少篇文章提到“{term}”", catalog=samples.catalog, encode=samples.retriever.encode_question),
        catalog=samples.catalog,
    )
    assert counted is not None
    found = searcher.search(term, field="text", mode="exact").matches
    assert {id(searcher.archive.entries[match.entry].article) for match in found} == {id(one.article) for one in counted.articles}


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        ("反诈", {"lanchuan-2019-06.txt", "landa-2021-18.txt", "yunqi-2020-23.txt"}),
        ("留守儿童怎么陪", {"lanchuan-2023-09.txt", "landa-2023-30.txt", "yunqi-2022-zk.txt"}),
        ("quantum", set()),
        ("母婴室", set()),
        ("", set()),
    ],
)
def test_what_is_near_is_found_and_nothing_else(searcher: Searcher, query: str, documents: set[str]) -> None:
    archive = searcher.archive
    found = searcher.search(query, field="text", mode="fuzzy")
    assert {archive.entries[match.entry].bulletin.source.document for match in found.matches} == documents
    assert not found.truncated


def test_english_finds_chinese_and_marks_it(searcher: Searcher) -> None:
    archive = searcher.archive
    for field in ("text", "title"):
        found = searcher.search("volunteer points", field=field, mode="fuzzy").matches[:3]
        titles = [archive.entries[match.entry].article.title for match in found]
        match, title = next((match, title) for match, title in zip(found, titles, strict=True) if "志愿积分" in title)
        assert [mark.of(title) for mark in searcher.title_marks(match, "volunteer points", mode="fuzzy")] == ["志愿积分"]
    match = searcher.search("volunteer points", field="text", mode="fuzzy").matches[0]
    (snippet,) = searcher.snippets(match, "volunteer points", mode="fuzzy")
    text = archive.entries[match.entry].bulletin.text
    assert {mark.of(text) for mark in snippet.marks} == {"志愿", "积分"}
    assert any(passage.contains(snippet.hit) for passage in match.places)


@pytest.mark.parametrize("mode", ["exact", "fuzzy"])
def test_snippets_are_short_slices_with_their_mark(searcher: Searcher, mode: Mode) -> None:
    archive = searcher.archive
    for query in ("志愿", "积分", "三级"):
        for match in searcher.search(query, field="text", mode=mode).matches:
            snippets = searcher.snippets(match, query, mode=mode)
            text, article = archive.entries[match.entry].bulletin.text, archive.entries[match.entry].article
            assert len(snippets) <= 3
            for snippet in snippets:
                assert article.span.contains(snippet.around) and snippet.around.contains(snippet.span)
                assert 0 < len(snippet.span) <= 110 and "\n" not in snippet.span.of(text)
                if mode == "exact":
                    assert [mark.of(text) for mark in snippet.marks] == [query] * snippet.span.of(text).count(query)


def test_folding_keeps_the_place_of_every_character() -> None:
    text = "𠮷㎡ＡＰＰ😀驛站\u3000Straße"
    folded = Folded.of(text)
    assert folded.text == "𠮷m2app😀驿站 strasse"
    assert [text[at] for at in folded.offsets] == [*"𠮷㎡㎡ＡＰＰ😀驛站\u3000Stra", "ß", "ß", "e"]
    assert list(folded.find("站 ")) == [Span(7, 8)]
    assert [span.of(text) for span in folded.find("站 straSSe")] == ["站\u3000Straße"]
    assert Folded.of("普通話abc").offsets == range(6) and Folded.of("普通話abc").text == simplify("普通話abc")
