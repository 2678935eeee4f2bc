"""Pages and doubtful passages of files that are not text: in citations, in every form of an answer, in receipts."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import docx
import pytest

from benchmarks.rendering import Placed, bare_pdf
from corpus import readers
from corpus.chunker import chunk
from corpus.document import Bulletin, ExtractedText, Span
from corpus.library import files
from corpus.messages.language import Language
from corpus.parsing.parser import parse_extracted
from index.encoder import load_encoder
from index.store import library as storage
from qa.answering.answer import Answer, Quote
from qa.answering.pipeline import answer_question
from qa.export import citation_line, footnote, gbt7714, render, verification
from qa.export.records import answer_record, build_citation_record, build_quote_record, to_json_object
from qa.export.seal import sealed
from qa.web.answer_html import answer_html
from tests.qa.answers import answer_of

HEAD = "望澜青年工作信息\n\n2024年 第3期\n\n共青团望澜市委\n\n2024年4月1日\n\n"
HEAD += "滨澜区团委办好“社区夜学”\n\n滨澜区团委从去年秋天起办夜学。\n\n"
FIRST, SECOND = "一、定好课程。居民扫码选课，满15人开班。", "不满的并入下期，另行通知。"
TABLE = "课程\t人数\n剪纸\t32人\n"
SOURCE = f"{HEAD}{FIRST}{SECOND}\n\n{TABLE}\n（团滨澜区委）\n"
DOUBT = {"zh": "识别可信度低，请核对原件", "en": "read with low confidence, check with the original"}


def bulletin() -> Bulletin:
    """Two pages; the second begins within a paragraph, and 另行通知 is doubtful."""
    second, doubted = SOURCE.index("不满"), SOURCE.index("另行通知")
    reading = ExtractedText(SOURCE, "scan-1", pages=(0, second), low_confidence=(Span(doubted, doubted + 4),))
    return parse_extracted(reading, gazetteer=files.load_gazetteer(files.SAMPLES), document="it.pdf", sha256="0" * 64)


def quote_of(said: str) -> Quote:
    it = bulletin()
    at = it.text.index(said)
    span = Span(at, at + len(said))
    return Quote(next(passage for passage in chunk(it) if passage.span.contains(span)), span, 1.0)


@pytest.mark.parametrize(
    ("said", "page"), [("居民扫码选课", "1"), ("满15人开班。不满的", "1-2"), ("不满的并入下期", "2"), ("剪纸\t32人", "2")]
)
def test_a_citation_names_the_pages_of_its_quote(said: str, page: str) -> None:
    quote = quote_of(said)
    assert quote.citation.page == build_citation_record(quote.citation).page == page
    assert citation_line(quote.citation, "zh").endswith(f"，第{page}页")
    assert citation_line(quote.citation, "en").endswith(f", {'pp.' if '-' in page else 'p.'} {page}")
    assert footnote(quote.passage, "zh", span=quote.span).endswith(f"，第{page}页。")
    assert gbt7714(quote.passage, span=quote.span).endswith(f"2024（3）：{page}.")


def test_text_files_have_no_pages_and_say_nothing_of_them() -> None:
    text = parse_extracted(
        ExtractedText(SOURCE, "text-1", is_source=True), gazetteer=files.load_gazetteer(files.SAMPLES), document="it.txt"
    )
    passage = chunk(text)[1]
    record = to_json_object(build_quote_record(Quote(passage, passage.span.trimmed(text.text), 1.0)))
    assert "page" not in record["citation"] and "doubtful" not in record and "text_sha256" not in record["receipt"]
    assert gbt7714(passage).endswith("2024（3）：一、定好课程.")


def forms(answer: Answer) -> dict[str, str]:
    """The answer in every form, as text."""
    shown = {form: render(answer, form).decode() for form in ("text", "markdown", "json")}  # type: ignore[arg-type]
    shown["note"] = render(answer, "text", style="gbt7714").decode()
    shown["html"] = answer_html(answer)
    document = docx.Document(io.BytesIO(render(answer, "docx")))
    shown["docx"] = "\n".join(paragraph.text for paragraph in document.paragraphs)
    quoted = [paragraph.text for paragraph in document.paragraphs if paragraph.style and paragraph.style.name == "Quotation"]
    assert quoted == [quote.text for quote in answer.quotes]  # and nothing else
    return shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_doubtful_quote_is_marked_in_every_form_outside_the_quote(language: Language) -> None:

    for said, doubtful in ((SECOND, True), ("居民扫码选课，满15人开班。", False)):
        answer = answer_of(quote_of(said))
        answer = replace(answer, question=replace(answer.question, language=language))
        for form, text in forms(answer).items():
            assert said in text, form
            if form == "json":
                assert json.loads(text)["quotes"][0].get("doubtful", False) == doubtful
            else:
                assert (DOUBT[language] in text) == doubtful, form
                assert not doubtful or text.index(DOUBT[language]) > text.index(said) + len(said)


def test_the_header_of_a_table_stands_before_its_row_in_every_form() -> None:
    for form, text in forms(answer_of(quote_of("剪纸\t32人"))).items():
        header = '"课程\\t人数"' if form == "json" else "课程 \\| 人数" if form == "markdown" else "课程 | 人数"
        assert header in text, (form, text)
        if form != "json":
            assert text.index(header) < text.index("剪纸"), form


def test_an_answer_from_a_pdf_is_verified_and_its_receipt_holds_both_hashes(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    rows = [line for line in SOURCE.splitlines() if line and "\t" not in line]
    pages = [[Placed(line, 72, 120 + 28 * row) for row, line in enumerate(part)] for part in (rows[:6], rows[6:])]
    (folder / "期刊.pdf").write_bytes(bare_pdf(pages))
    opened = storage.open_library(folder, data=tmp_path / "data", encoder=load_encoder())
    record = answer_record(answer_question(opened, "社区夜学满多少人开班"))
    quote = record["quotes"][0]
    assert "满15人开班" in quote["text"] and quote["citation"]["page"] == "2"
    reading = readers.read_file((folder / "期刊.pdf").read_bytes(), name="期刊.pdf")

    assert quote["receipt"]["text_sha256"] == hashlib.sha256(reading.text.encode()).hexdigest()
    assert quote["receipt"]["sha256"] == hashlib.sha256((folder / "期刊.pdf").read_bytes()).hexdigest()
    assert "".join(reading.text[start:end] for start, end in quote["spans"]) == quote["text"]
    answers = tmp_path / "answers.json"

    def report(**changed: str) -> verification.VerificationReport:
        changes = {"receipt": {**quote["receipt"], **{name: changed[name] for name in changed if name != "page"}}}
        cited = {"citation": {**quote["citation"], "page": changed.get("page", "2")}}
        text = json.dumps(sealed({**record, "quotes": [{**quote, **changes, **cited}]}), ensure_ascii=False)
        answers.write_text(text, encoding="utf-8")
        return verification.verify(answers, folder)

    assert all(check.holds for check in report().checks)
    assert "page “7” ≠ “2”" in report(page="7").text()
    assert "another text is read from it now" in report(text_sha256="0" * 64).text()
