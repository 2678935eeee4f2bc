"""An English reader meets Chinese in what bulletins say and are called, and nowhere else."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import lxml.html
import pytest
from starlette.testclient import TestClient

from corpus.messages.language import use_language
from index.catalog import Catalog
from index.filters import Filters
from index.store.library import Library
from qa.answering.pipeline import answer_question
from qa.export import saved_quotes
from qa.export.saved_quotes import SavedList
from qa.web.addresses import passage_address
from qa.web.answer_html import answer_html
from qa.web.app import application
from qa.web.catalogue import Texts
from qa.web.pages.settings import known_libraries
from qa.web.state import LibraryState, region_choices

# Letters and marks, and ellipses and dashes of two; not the wide space by which the levels of a list are indented.
CHINESE = re.compile("[\u3001-\u303f\u3400-\u9fff\uff00-\uffef]|……|——")
# Elements that show a bulletin's own text, and what is copied: references to be put into Chinese documents, after GB/T 7714.
SOURCE = ("label", "passage", "snippet", "signature", "plain", "question", "asked", "text-lines")
SPOKEN = ("aria-label", "title", "placeholder", "alt")
LANGUAGES = {"中文"}  # a language is called by its own name


def source_names(library: Library) -> list[str]:
    """Return all that bulletins are called and name, the longest first."""
    names: set[str | None] = set(LANGUAGES)
    for bulletin in library.bulletins:
        masthead = bulletin.masthead
        names |= {masthead.series, masthead.subtitle, masthead.publisher, masthead.issue, bulletin.source.document}
        for article in bulletin.articles:
            names |= {article.title, article.signature, *(section.heading for section in article.sections)}
            told = (stretch.region for stretch in article.elsewhere)
            for region in (article.region, article.signed_by, bulletin.publisher_region, *article.also_regions, *told):
                if region:
                    names |= {region.label, region.province, region.city, region.county}
    return sorted((name for name in names if name and CHINESE.search(name)), key=len, reverse=True)


def chinese_of_ours(html: str, library: Library, *, asked: str = "") -> list[str]:
    """Return the Chinese words and marks of a page that are neither a bulletin's own nor `asked` for."""
    page = lxml.html.fromstring(html)
    shown = " or ".join(f"contains(concat(' ', @class, ' '), ' {name} ')" for name in SOURCE)
    texts = f"//*[self::script or self::blockquote or {shown}]"
    places = "//section[@id]/p | //*[@class='source']/p[not(@class)] | //*[@class='answer']//th"
    for element in page.xpath(f"{texts} | {places}"):
        element.drop_tree()
    for mark in page.xpath("//mark"):  # in the middle of a title that was found
        mark.drop_tag()
    said = [*page.itertext(), *(element.get(name) for element in page.iter() for name in SPOKEN if element.get(name))]
    text = re.sub(r"[ \n]+", " ", "\n".join(said))
    for name in (*source_names(library), asked):
        text = text.replace(re.sub(r"\s+", " ", name), "")
    return [text[max(0, found.start() - 30) : found.end() + 30] for found in CHINESE.finditer(text)]


@pytest.fixture(scope="module")
def client(samples: Library) -> Iterator[TestClient]:
    served = TestClient(application(LibraryState(samples)), base_url="http://127.0.0.1")
    served.cookies.set("language", "en")
    answer = answer_question(samples, "How did Jinzhu run the time bank in the 2020 issues?")
    for number, quote in enumerate(answer.quotes[:2]):
        saved = saved_quotes.make_saved_quote(quote, article=1, question="How is it done?" if number else "")
        saved_quotes.change_saved(samples.root, functools.partial(SavedList.added, new=saved))
    yield served
    saved_quotes.change_saved(samples.root, lambda folder: folder.cleared())


def addresses(library: Library) -> Iterator[str]:
    """Yield every page that is made on this machine, as it is with something on it."""
    passage = library.catalog.passages[0]
    bulletin = passage.bulletin
    yield from ("/browse", "/compare", "/saved", "/add", "/settings", "/nowhere", "/search?q=volunteer&mode=fuzzy")
    yield f"/browse?year=2021&region={bulletin.articles[0].region and bulletin.articles[0].region.label}"
    yield "/search?q=青年"
    yield f"/article/{passage_address(passage)}"
    yield f"/evidence/{passage_address(passage, passage.span.trimmed(bulletin.text))}"
    yield f"/issue/{Catalog.key_of(bulletin)}"
    yield f"/add/document/{Catalog.key_of(bulletin)}"
    yield "/compare?topic=volunteer&region=锦渚区&region=北苑区"


def test_english_pages_have_no_chinese_of_ours(client: TestClient, samples: Library, data: Path) -> None:
    folders = [str(folder) for folder in known_libraries(data)]  # a reader's own, which are called what they are called
    for address in addresses(samples):
        page = client.get(address)
        assert page.status_code == (404 if address == "/nowhere" else 200)
        asked = re.search("[?]q=([^&]*)", address)
        text = page.text
        for folder in folders:
            text = text.replace(folder, "")
        assert chinese_of_ours(text, samples, asked=asked[1] if asked else "") == [], address


@pytest.mark.parametrize(
    "question",
    [
        "How did Jinzhu run the time bank in the 2020 issues?",
        "What does issue no. 6 of 2019 say about volunteer points?",
        "How many articles mention time bank?",
        "How do Jinzhu and Beiyuan differ in rider stations?",
        "How does Hangzhou run volunteer points?",
    ],
)
def test_english_answers_have_no_chinese_of_ours(samples: Library, question: str) -> None:
    with use_language("en"):
        answer = answer_question(samples, question)
        assert answer.question.language == "en"
        for removable in (True, False):
            shown = answer_html(answer, removable=removable, exports="turn=x")
            # A region is called by its own name: Hangzhou (杭州市). A term is followed by what it was looked for as.
            assert chinese_of_ours(shown.replace("(时间银行)", ""), samples, asked="杭州市") == []


def test_limits_are_named_in_the_language_of_the_answer(samples: Library) -> None:
    filters = Filters(issues=("6",), total_issues=("512",), years=(2019, 2020))
    with use_language("en"):
        shown = answer_html(answer_question(samples, "How are volunteer points run?", filters=filters))
    assert "limited to: 2019, 2020, no. 6, total no. 512" in shown


def test_region_choices_have_the_marks_of_their_language(samples: Library) -> None:
    chinese, english = (dict(region_choices(samples, Texts(language))) for language in ("zh", "en"))
    assert list(chinese.values()) == list(english.values())
    assert "\u3000云栖市（18）" in chinese and "\u3000云栖市 (18)" in english
