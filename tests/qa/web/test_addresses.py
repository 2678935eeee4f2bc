"""An address shows the text that it means, or says that it cannot: after corrections, too."""

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from corpus.document import Span
from corpus.library import files
from corpus.library.edits import Correction
from corpus.parsing.recut import Place, Stretch
from index.store.edits import apply_edits
from index.store.library import Library, open_index
from qa.export import saved_quotes
from qa.web import addresses
from qa.web.addresses import MovedError, address, article_at, find_address
from qa.web.api.endpoints import LibraryAPI
from qa.web.app import application
from qa.web.state import LibraryState
from tests.index.small import small_context

SCHOOL = """\
各地夜校动态

锦渚区开出二十门课
锦渚区的“灯塔夜校”开出配音、烘焙、急救等二十门课，每门课十二学时，已有青年六百人报名。
详情请向所在街道的团组织咨询。
扫一扫关注公众号，精彩不错过，转发有礼。

流动书车开进村
北苑区的流动书车每周到三个村，村里的孩子把想看的书写在纸条上，下一趟就能借到。
详情请向所在街道的团组织咨询。
书车去年一共走了六千公里，借出图书两万册。

（团云栖市委办公室）
"""
BOOKS = "书车去年一共走了六千公里，借出图书两万册。"
TWICE = "详情请向所在街道的团组织咨询。"


@pytest.fixture()
def library(tmp_path: Path) -> Library:
    folder = tmp_path / "我的文件"
    folder.mkdir()
    (folder / "夜校.txt").write_text(SCHOOL, encoding="utf-8")
    (folder / "regions.csv").write_bytes((files.SAMPLES / "regions.csv").read_bytes())
    return open_index(small_context(folder, tmp_path / "数据"))


def written(library: Library, text: str) -> str:
    """The address of a text where it stands last."""
    (bulletin,) = library.bulletins
    start = bulletin.text.rindex(text)
    span = Span(start, start + len(text))
    number = article_at(bulletin, span)
    assert number is not None
    return address(bulletin, number, span)


def without(library: Library, text: str) -> Library:
    """The library once the line that begins with a text is left out by a correction."""
    (number,) = (number for number, line in enumerate(SCHOOL.splitlines(), 1) if line.startswith(text))
    place = Place(number, SCHOOL.splitlines()[number - 1])
    sha256 = library.bulletins[0].source.sha256
    return apply_edits(library.context, lambda edits: edits.correct(sha256, Correction(left_out=(Stretch(place, place),))))


def client(library: Library) -> TestClient:
    return TestClient(application(LibraryState(library)), base_url="http://127.0.0.1", headers={"accept-language": "en"})


def test_a_text_that_a_correction_has_moved_is_followed(library: Library) -> None:
    before = written(library, BOOKS)
    corrected = without(library, "扫一扫")
    assert corrected.bulletins[0].text.index(BOOKS) != library.bulletins[0].text.index(BOOKS)
    with client(corrected) as page:
        for kind in ("evidence", "article"):
            assert f'<mark id="hit" tabindex="-1">{BOOKS}</mark>' in page.get(f"/{kind}/{before}").text
        assert page.post("/saved", json={"address": before}).status_code == 204
        (saved,) = saved_quotes.load_saved(corrected.root).quotes
        assert saved.text == BOOKS == Span(saved.start, saved.end).of(corrected.bulletins[0].text)
    assert BOOKS in LibraryAPI(LibraryState(corrected)).article(f"/article/{before}#hit")["text"]


@pytest.mark.parametrize(
    ("meant", "gone"),
    [(BOOKS, BOOKS), (TWICE, "扫一扫")],  # no longer there; moved, and at two places
)
def test_a_text_that_cannot_be_told_for_sure_is_refused_in_words(library: Library, meant: str, gone: str) -> None:
    before = written(library, meant)
    corrected = without(library, gone)
    with client(corrected) as page:
        for reply in (
            page.get(f"/evidence/{before}"),
            page.get(f"/article/{before}"),
            page.post("/saved", json={"address": before}),
        ):
            assert reply.status_code == 409 and "no longer where it was" in reply.text and "<mark" not in reply.text
    assert saved_quotes.load_saved(corrected.root).quotes == ()
    with pytest.raises(MovedError):
        LibraryAPI(LibraryState(corrected)).article(before)


def test_a_saved_quote_leads_to_its_source_only_where_that_is_sure(library: Library) -> None:
    for text in (BOOKS, TWICE):
        with client(library) as page:
            assert page.post("/saved", json={"address": written(library, text)}).status_code == 204
    shown = client(library).get("/saved").text
    assert shown.count('<a class="number"') == 2
    corrected = without(library, "扫一扫")
    shown = client(corrected).get("/saved").text
    assert shown.count('<a class="number"') == 1
    assert written(corrected, BOOKS).replace("&", "&amp;") in shown


def test_offsets_without_the_text_that_they_mean_mark_and_save_nothing(library: Library) -> None:
    bare = written(library, BOOKS).partition("&text=")[0]
    with client(library) as page:
        assert page.get(f"/evidence/{bare}").status_code == 404
        whole = page.get(f"/article/{bare}")
        assert whole.status_code == 200 and "<mark" not in whole.text
        assert page.post("/saved", json={"address": bare}).status_code == 409


@pytest.mark.parametrize(
    "forged",
    [
        lambda good: good[:-1] + ("0" if good[-1] != "0" else "1"),
        lambda good: good.replace("start=", "start=9"),
        lambda good: good.replace("start=", "start=-"),
        lambda good: good.replace("&end=", "&end=999"),
    ],
)
def test_a_forged_address_finds_nothing(library: Library, forged: Callable[[str], str]) -> None:
    with pytest.raises(MovedError):
        find_address(library, forged(written(library, BOOKS)))


def test_the_search_for_a_moved_text_has_a_limit(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(library, BOOKS)
    corrected = without(library, "扫一扫")
    assert find_address(corrected, before) is not None
    monkeypatch.setattr(addresses, "_MAX_HASHED", 1000)
    with pytest.raises(MovedError):
        find_address(corrected, before)
    assert find_address(library, before) is not None  # at its place it needs no search
