"""Laws of answers over a seeded sample of the questions, which `python -m benchmarks answers` puts whole; and some answers."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from benchmarks.answers import read_questions
from corpus.messages.language import tr
from index.filters import Filters
from index.store.library import Library
from qa.answering.answer import Refused
from qa.answering.comparison import MAX_CELLS
from qa.answering.pipeline import answer_question
from qa.answering.selection import MAX_QUOTES
from qa.export.records import answer_record
from tests.conftest import SHARED
from tests.qa.answers import reason_of

FIELDS = {
    "kind",
    "series",
    "issue",
    "total_issue",
    "issue_date",
    "publisher",
    "document_number",
    "url",
    "region",
    "title",
    "heading",
}


_OWN, _OTHERS = 24, 8  # questions for a library, and for the other one


@pytest.fixture(scope="module", params=["samples", "real"])
def answered(request: pytest.FixtureRequest) -> tuple[Library, list[dict[str, Any]]]:
    """A library and its answers to some of its own questions and of the other library's, which it mostly cannot answer."""
    library: Library = request.getfixturevalue(request.param)
    asked = {"samples": read_questions(Path(__file__).parents[3] / "corpus" / "samples" / "questions.jsonl")}
    development = SHARED / "eval" / "dev_questions.jsonl"
    asked["real"] = read_questions(development) if development.is_file() else []
    chance = random.Random(1)
    questions = [
        q for name, of in asked.items() for q in chance.sample(of, min(len(of), _OWN if name == request.param else _OTHERS))
    ]
    return library, [answer_record(answer_question(library, q["question"], history=q["history"])) for q in questions]


def test_every_piece_is_verbatim_at_its_offsets(answered: tuple[Library, list[dict[str, Any]]]) -> None:
    library, records = answered
    sources = {b.source.document: library.read(b.source.document).extracted.text for b in library.bulletins}
    pieces = [piece for record in records for piece in [*record["quotes"], *record["passages"]]]
    assert len(pieces) > 200
    for piece in pieces:
        source = sources[piece["document"]]
        assert "".join(source[start:end] for start, end in piece["spans"]) == piece["text"]
        assert piece["text"].strip() == piece["text"] != ""


def test_citations_agree_with_the_golden_structure(answered: tuple[Library, list[dict[str, Any]]]) -> None:
    library, records = answered
    own = library.folder / "golden_structure.json"
    golden = json.loads((own if own.is_file() else SHARED / "eval" / "golden_structure.json").read_text(encoding="utf-8"))
    for record in records:
        for piece in [*record["quotes"], *record["passages"]]:
            said, document = piece["citation"], golden[piece["document"]]
            article = next(article for article in document["articles"] if article["title"] == said["title"])
            assert set(said) - {"article_region"} == FIELDS
            assert said["series"] == document["series"]
            assert (said["issue"], said["total_issue"]) == (document["issue"], document["total_issue"])
            assert said["issue_date"] == document["issue_date"]
            assert said.get("article_region", said["region"]) == (article["region_label"] or document["publisher"])
            assert said["heading"] in {None, *(section["heading"] for section in article["sections"])}


def test_quotes_are_few_distinct_and_behind_them_stand_passages(answered: tuple[Library, list[dict[str, Any]]]) -> None:
    for record in answered[1]:
        texts = [quote["text"] for quote in record["quotes"]]
        several = record["table"] is not None or len(record["understood"]["regions"]) > 1  # each of which is heard
        assert len(texts) == len(set(texts)) <= (MAX_CELLS if several else MAX_QUOTES), record["question"]
        assert record["abstained"] == (not texts) == (record["reason"] is not None)
        assert [passage["rank"] for passage in record["passages"]] == list(range(1, len(record["passages"]) + 1))
        assert len(record["passages"]) <= 10
        for quote in record["quotes"]:
            homes = [p for p in record["passages"] if p["document"] == quote["document"] and quote["text"] in p["text"]]
            assert homes, f"no passage behind {quote['text']}"


@pytest.mark.parametrize("question", ["how to run volunteer point systems", "志愿者积分制度怎么做"])
def test_the_first_question_of_all_is_answered(samples: Library, question: str) -> None:
    answer = answer_question(samples, question)
    titles = {quote.citation.title for quote in answer.quotes}
    assert any(word in (title or "") for title in titles for word in ("积分", "时间银行", "时长"))
    assert all(quote.citation.issue_date and quote.citation.region for quote in answer.quotes)


def test_filters_limit_quotes_and_passages(samples: Library) -> None:
    region = samples.retriever.catalog.gazetteer.resolve("望澜市")
    assert region is not None
    answer = answer_question(samples, "志愿积分怎么做", filters=Filters(regions=(region,), years=(2019,)))
    assert {scored.passage.bulletin.source.document for scored in answer.evidence.passages} == {"lanchuan-2019-06.txt"}
    # The region holds 白鹭市 and 柳汀县 too, but only 望澜市's own article is in that issue.
    assert {quote.passage.article.region for quote in answer.quotes} == {region}
    assert {quote.citation.region for quote in answer.quotes} == {"望澜市", "望澜市滨澜区"}  # a sentence on its district


def test_a_region_without_bulletins_is_said_to_be_absent(samples: Library) -> None:
    answer = answer_question(samples, "广东省怎样开展志愿积分")
    assert isinstance(answer, Refused)
    assert "广东省" in answer.reason and "望澜市" in answer.reason


@pytest.mark.parametrize("question", ["人工智能芯片", "黑洞是什么", "recipe for braised pork"])
def test_what_no_bulletin_tells_is_refused(samples: Library, question: str) -> None:
    answer = answer_question(samples, question)
    assert isinstance(answer, Refused)
    assert str(len(samples.bulletins)) in (reason_of(answer) or "")


def test_markup_in_a_question_or_answer_stays_text(samples: Library) -> None:
    record = answer_record(answer_question(samples, "<script>alert(1)</script> 志愿积分"))
    assert record["question"] == "<script>alert(1)</script> 志愿积分"


def test_reasons_follow_the_language_of_the_question(samples: Library) -> None:
    assert "Searched" in (reason_of(answer_question(samples, "recipe for braised pork")) or "")
    assert "检索了" in (reason_of(answer_question(samples, "人工智能芯片")) or "")
    assert tr("甲", "a", "zh") == "甲"
