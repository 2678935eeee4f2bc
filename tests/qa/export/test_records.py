"""The schema of the JSON: what is written can be read again, and the documentation lists its fields."""

from dataclasses import replace

import msgspec
import pytest

from index.store.library import Library
from qa.answering.pipeline import answer_question
from qa.export.records import (
    AnswerRecord,
    AskedRecord,
    ChipRecord,
    CitationRecord,
    PassageRecord,
    QuestionRecord,
    QuoteRecord,
    ReceiptRecord,
    TableRecord,
    answer_record,
    build_answer_record,
    build_citation_record,
    read_citation,
)
from qa.web.addresses import passage_address
from tests.documented_json import documented_fields
from tests.qa.answers import HEADLINE, POINT, answer_of, quote_from

DESCRIBED: dict[str, type[msgspec.Struct]] = {
    "Answer": AnswerRecord,
    "Asked": AskedRecord,
    "Understood": QuestionRecord,
    "Chip": ChipRecord,
    "Quote": QuoteRecord,
    "Citation": CitationRecord,
    "Receipt": ReceiptRecord,
    "Table": TableRecord,
    "Passage": PassageRecord,
}


@pytest.mark.parametrize("section", DESCRIBED)
def test_the_documentation_lists_the_fields_of_the_schema(section: str) -> None:
    schema = msgspec.json.schema(DESCRIBED[section])["$defs"][DESCRIBED[section].__name__]
    left_out = {field.name for field in msgspec.structs.fields(DESCRIBED[section]) if field.default is msgspec.UNSET}
    assert documented_fields(section) == (set(schema["properties"]) - left_out, left_out)


def test_an_answer_is_read_again_as_it_was_written(samples: Library) -> None:
    for question in ("锦渚区和北苑区的骑手驿站有什么不同", "骑手驿站日均进站多少人次", "火星上怎样办团课"):
        answer = answer_question(samples, question)
        record = answer_record(answer, address_of=passage_address)
        built = build_answer_record(answer, address_of=passage_address)
        assert (
            msgspec.convert(record, AnswerRecord) == built == msgspec.json.decode(msgspec.json.encode(built), type=AnswerRecord)
        )
        assert [quote["address"] for quote in record["quotes"]] == [passage_address(q.passage, q.span) for q in answer.quotes]
        assert [p["address"] for p in record["passages"]] == [passage_address(s.passage) for s in answer.evidence.passages]


def test_a_citation_comes_back_from_its_record(samples: Library) -> None:
    (quote,) = answer_of(quote_from(samples, POINT, label=HEADLINE)).quotes
    citation = replace(quote.citation, page="3-4")
    document = quote.passage.bulletin.source.document
    assert read_citation(build_citation_record(citation), document=document) == replace(citation, passage_id="")
