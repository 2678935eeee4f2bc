"""The sample library keeps its promises: invented, varied, without stock phrases, and its questions point at real evidence."""

import json
from collections import Counter

import pytest

from benchmarks.answers import read_questions
from benchmarks.metrics import normalise
from corpus import readers
from corpus.document import Article, Bulletin, Span
from corpus.library import files as library

QUESTIONS = library.SAMPLES / "questions.jsonl"
GOLDEN = json.loads((library.SAMPLES / "golden_structure.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bulletins() -> tuple[Bulletin, ...]:
    files = library.bulletin_files(library.scan(library.SAMPLES))
    context = library.FileContext(library.SAMPLES, library.load_gazetteer(library.SAMPLES))
    found = [library.read_bulletin_file(file.document, context) for file in files]
    assert [understood.warnings for understood in found] == [()] * len(found)
    return tuple(understood.bulletin for understood in found)


def body(bulletin: Bulletin, article: Article) -> str:
    return Span(article.sections[0].span.start, article.sections[-1].span.end).of(bulletin.text)


def test_twelve_issues_of_three_series_with_forty_articles(bulletins: tuple[Bulletin, ...]) -> None:
    assert Counter(bulletin.masthead.series for bulletin in bulletins) == {
        "岚川青年工作信息": 4,
        "云栖共青团工作简报": 4,
        "岚川大学共青团工作简报": 4,
    }
    assert sum(len(bulletin.articles) for bulletin in bulletins) == 40
    assert {bulletin.masthead.year for bulletin in bulletins} >= {2019, 2020, 2021, 2022, 2023, 2024, 2025}
    assert {bulletin.source.document for bulletin in bulletins} == set(GOLDEN)


def test_articles_have_500_to_1200_characters(bulletins: tuple[Bulletin, ...]) -> None:
    for bulletin in bulletins:
        for article in bulletin.articles:
            assert 500 <= len(normalise(body(bulletin, article))) <= 1200, article.title


def test_every_masthead_says_that_it_is_invented(bulletins: tuple[Bulletin, ...]) -> None:
    for bulletin in bulletins:
        masthead = "".join(zone.span.of(bulletin.text) for zone in bulletin.zones if zone.kind == "masthead")
        assert "虚构" in masthead


def test_every_region_is_of_the_invented_province(bulletins: tuple[Bulletin, ...]) -> None:
    regions = {article.region for bulletin in bulletins for article in bulletin.articles if article.region}
    assert {region.province for region in regions} == {"岚川省"}
    assert len(regions) >= 12


def test_no_run_of_fifteen_characters_stands_in_two_articles(bulletins: tuple[Bulletin, ...]) -> None:
    seen: dict[str, str] = {}
    for bulletin in bulletins:
        for article in bulletin.articles:
            text = normalise(body(bulletin, article))
            for start in range(len(text) - 14):
                other = seen.setdefault(text[start : start + 15], article.title)
                assert other == article.title, f"{text[start : start + 15]} stands in {other} and in {article.title}"


def test_questions_point_at_evidence_that_stands_where_they_say(bulletins: tuple[Bulletin, ...]) -> None:
    questions = read_questions(QUESTIONS)
    assert len(questions) == len({question["id"] for question in questions}) == 60
    by_name = {bulletin.source.document: bulletin for bulletin in bulletins}
    for question in questions:
        for entry in question["relevant"]:
            bulletin = by_name[entry["doc"]]
            article = next(article for article in bulletin.articles if article.title == entry["article"])
            assert entry["region"] == (article.region.label if article.region else bulletin.masthead.publisher)
            section = next(s for s in article.sections if s.heading == (entry["section"] or ""))
            lines = [normalise(line) for line in readers.read_plain(library.SAMPLES / entry["doc"]).splitlines()]
            for evidence in entry["evidence"]:
                assert 8 <= len(evidence) <= 200
                assert any(normalise(evidence) in line for line in lines)
                assert normalise(evidence) in normalise(body(bulletin, article)), (question["id"], section.heading)
        assert bool(question["relevant"]) == (question["type"] != "unanswerable")
        if question["type"] == "factoid":
            evidence = "".join(piece for entry in question["relevant"] for piece in entry["evidence"])
            aliases = [question["answer"], *(question["answer_aliases"] or [])]
            assert any(normalise(alias) in normalise(evidence) for alias in aliases), question["id"]


def test_a_section_is_long_enough_to_be_split(bulletins: tuple[Bulletin, ...]) -> None:
    longest = max(
        (section for bulletin in bulletins for article in bulletin.articles for section in article.sections),
        key=lambda section: len(section.span),
    )
    assert len(longest.span) > 600
