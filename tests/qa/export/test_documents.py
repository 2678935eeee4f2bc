"""Citations of documents that are no bulletins: written out by hand for each kind, and the same in every form."""

import datetime
import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import docx
import msgspec
import openpyxl
import pytest

from corpus.document import DocumentKind, Masthead, Source
from index.store.library import Library
from qa.answering.answer import Answer, Quote
from qa.answering.pipeline import answer_question
from qa.export import citation_line, footnote, gbt7714, render, to_markdown, to_text
from qa.export.derivation import asking_again
from qa.export.records import answer_record, build_quote_record, read_citation
from qa.export.saved_quotes import SavedList, build_report_of_saved, change_saved, load_saved, make_saved_quote
from qa.export.seal import sealed
from qa.export.verification import verify
from tests.qa.answers import answer_of, quote_of

MAY = datetime.date(2023, 5, 4)
ADDRESS = "https://www.wanglan.example/2023/0504.html"


@dataclass(frozen=True)
class Cited:
    """A document, and how it is cited: as a reference, as a note, and on a line in both languages."""

    kind: DocumentKind
    title: str
    reference: str
    note: str
    line: str
    english: str
    publisher: str | None = "共青团望澜市委"
    date: datetime.date | None = MAY
    number: str | None = None
    url: str | None = None
    signature: str | None = None
    heading: str = ""
    year: int | None = None

    @property
    def quote(self) -> Quote:
        quote = quote_of("夜校每期招收学员四十名。")
        passage = quote.passage
        bulletin = replace(
            passage.bulletin,
            kind=self.kind,
            masthead=Masthead("", None, None, self.year, None, self.publisher, self.date, self.number),
            source=Source("通知/夜校.txt", "0" * 64, url=self.url),
        )
        article = replace(passage.article, title=self.title, signature=self.signature)
        section = replace(passage.section, heading=self.heading)
        return replace(quote, passage=replace(passage, bulletin=bulletin, article=article, section=section))


NOTICE = Cited(
    "notice",
    "关于印发《青年夜校管理办法》的通知",
    "共青团望澜市委. 关于印发《青年夜校管理办法》的通知：望团发〔2023〕7号[A]. 2023-05-04.",
    "见共青团望澜市委《关于印发〈青年夜校管理办法〉的通知》（望团发〔2023〕7号）。",
    "《关于印发〈青年夜校管理办法〉的通知》（望团发〔2023〕7号），共青团望澜市委，2023-05-04",
    "关于印发《青年夜校管理办法》的通知, 望团发〔2023〕7号, 共青团望澜市委, 2023-05-04",
    number="望团发〔2023〕7号",
)
REPORT = Cited(
    "report",
    "青年夜校2023年工作总结",
    "共青团望澜市委. 青年夜校2023年工作总结[R]. 2023-05-04：一、开课情况.",
    "见共青团望澜市委《青年夜校2023年工作总结》（2023-05-04）“一、开课情况”。",
    "《青年夜校2023年工作总结》“一、开课情况”，共青团望澜市委，2023-05-04",
    "青年夜校2023年工作总结, 共青团望澜市委, 2023-05-04, 一、开课情况",
    heading="一、开课情况",
)
WEB_PAGE = Cited(
    "web_page",
    "青年夜校开到码头",
    f"望澜发布. 青年夜校开到码头[EB/OL]. （2023-05-04）. {ADDRESS}.",
    f"见望澜发布《青年夜校开到码头》（2023-05-04），{ADDRESS}。",
    f"《青年夜校开到码头》，望澜发布，2023-05-04，{ADDRESS}",
    f"青年夜校开到码头, 望澜发布, 2023-05-04, {ADDRESS}",
    publisher="望澜发布",
    url=ADDRESS,
)
DOCUMENTS = (
    NOTICE,
    replace(
        NOTICE,
        url=ADDRESS,
        reference=f"共青团望澜市委. 关于印发《青年夜校管理办法》的通知：望团发〔2023〕7号[A/OL]. 2023-05-04. {ADDRESS}.",
        note=NOTICE.note.replace("。", f"，{ADDRESS}。"),
        line=f"{NOTICE.line}，{ADDRESS}",
        english=f"{NOTICE.english}, {ADDRESS}",
    ),
    REPORT,
    WEB_PAGE,
    Cited(
        "regulation",
        "青年夜校管理办法",
        "共青团望澜市委. 青年夜校管理办法[A]. 2023：第三条 招生.",
        "见共青团望澜市委《青年夜校管理办法》“第三条 招生”。",
        "《青年夜校管理办法》“第三条 招生”，共青团望澜市委",
        "青年夜校管理办法, 共青团望澜市委, 第三条 招生",
        date=None,
        year=2023,
        heading="第三条 招生",
    ),
    Cited(  # a standard has no author, and its number goes first
        "regulation",
        "青年夜校服务规范",
        "DB33/T 2345—2021 青年夜校服务规范[S]. 岚川省市场监督管理局，2023-05-04.",
        "见岚川省市场监督管理局《青年夜校服务规范》（DB33/T 2345—2021）。",
        "《青年夜校服务规范》（DB33/T 2345—2021），岚川省市场监督管理局，2023-05-04",
        "青年夜校服务规范, DB33/T 2345—2021, 岚川省市场监督管理局, 2023-05-04",
        publisher="岚川省市场监督管理局",
        number="DB33/T 2345—2021",
    ),
    Cited(  # who issues it opens the title: a note names them once
        "minutes",
        "共青团望澜市委专题会议纪要",
        "共青团望澜市委. 共青团望澜市委专题会议纪要[A]. 2023-05-04.",
        "见《共青团望澜市委专题会议纪要》（2023-05-04）。",
        "《共青团望澜市委专题会议纪要》，共青团望澜市委，2023-05-04",
        "共青团望澜市委专题会议纪要, 共青团望澜市委, 2023-05-04",
    ),
    Cited(  # one who signs is the author, and the issuing body its publisher
        "experience",
        "把夜校办到码头",
        "团滨澜区委. 把夜校办到码头[R]. 共青团望澜市委，2023-05-04.",
        "见共青团望澜市委《把夜校办到码头》（2023-05-04）。",
        "《把夜校办到码头》，共青团望澜市委，2023-05-04",
        "把夜校办到码头, 共青团望澜市委, 2023-05-04",
        signature="团滨澜区委",
    ),
    Cited(
        "news",
        "夜校开课",
        "夜校开课[N]. 岚川青年报，2023-05-04.",
        "见岚川青年报《夜校开课》（2023-05-04）。",
        "《夜校开课》，岚川青年报，2023-05-04",
        "夜校开课, 岚川青年报, 2023-05-04",
        publisher="岚川青年报",
    ),
    Cited(
        "digest",
        "滨澜区：夜校开课",
        "滨澜区：夜校开课[Z].",
        "见《滨澜区：夜校开课》。",
        "《滨澜区：夜校开课》",
        "滨澜区：夜校开课",
        publisher=None,
        date=None,
    ),
    Cited(  # without a title it is cited by its file
        "other",
        "",
        "[夜校.txt][Z]. 2023-05-04.",
        "见[夜校.txt]（2023-05-04）。",
        "[夜校.txt]，2023-05-04",
        "[夜校.txt], 2023-05-04",
        publisher=None,
    ),
)
NAMES = [f"{cited.kind} {cited.title}" for cited in DOCUMENTS]


@pytest.mark.parametrize("cited", DOCUMENTS, ids=NAMES)
def test_documents_of_each_kind_written_out_by_hand(cited: Cited) -> None:
    quote = cited.quote
    assert gbt7714(quote.passage) == cited.reference
    assert footnote(quote.passage, "zh") == cited.note
    assert citation_line(quote.citation, "zh") == cited.line
    assert citation_line(quote.citation, "en") == cited.english


def test_a_bulletin_saved_from_a_site_keeps_its_series_and_gains_an_address() -> None:
    quote = quote_of("甲")
    passage = replace(quote.passage, bulletin=replace(quote.passage.bulletin, source=Source("it.html", "0" * 64, url=ADDRESS)))
    assert gbt7714(passage) == f"题[J/OL]. 刊，2021（1）. {ADDRESS}."
    assert footnote(passage, "zh") == f"见《刊》2021年第1期：《题》，{ADDRESS}。"


@pytest.mark.parametrize("cited", DOCUMENTS, ids=NAMES)
def test_every_form_carries_the_citation(cited: Cited) -> None:
    answer = answer_of(cited.quote, kind="factoid")
    assert f"[1] {cited.reference}" in to_text(answer, style="gbt7714").splitlines()
    assert f"    —— {cited.note}" in to_text(answer, style="note").splitlines()
    assert f"    —— {cited.line}" in to_text(answer).splitlines()
    assert cited.reference in shown_by_markdown(to_markdown(answer))
    assert f"——{cited.note}" in shown_by_markdown(to_markdown(answer, style="note"))
    assert f"[1] {cited.reference}" in [paragraph.text for paragraph in word(answer).paragraphs]
    assert cited.note in [paragraph.text for paragraph in word(answer, style="note").paragraphs]
    assert cited.reference in cells(answer)
    assert cited.note in cells(answer, style="note")
    (record,) = answer_record(answer)["quotes"]
    assert record["citation"] == {
        "kind": cited.kind,
        "series": None,
        "issue": None,
        "total_issue": None,
        "issue_date": cited.date.isoformat() if cited.date else None,
        "publisher": cited.publisher,
        "document_number": cited.number,
        "url": cited.url,
        "region": cited.publisher,  # who publishes stands for the region of an article about none
        "title": cited.title or None,
        "heading": cited.heading or None,
    }
    quoted = build_quote_record(cited.quote)
    assert read_citation(quoted.citation, document=quoted.document) == replace(cited.quote.citation, passage_id="")


def shown_by_markdown(text: str) -> str:
    return text.replace("\\", "")


def word(answer: Answer, **options: Any) -> Any:
    return docx.Document(io.BytesIO(render(answer, "docx", **options)))


def cells(answer: Answer, **options: Any) -> list[object]:
    book = openpyxl.load_workbook(io.BytesIO(render(answer, "xlsx", **options)))
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]


@pytest.mark.parametrize("cited", DOCUMENTS, ids=NAMES)
def test_a_saved_quote_keeps_its_citation(cited: Cited, tmp_path: Path) -> None:
    saved = make_saved_quote(cited.quote, article=1, question="夜校招多少人")
    change_saved(tmp_path, lambda kept: kept.added(saved))
    (loaded,) = load_saved(tmp_path).quotes
    assert loaded == saved
    assert (loaded.gbt7714, loaded.note) == (cited.reference, cited.note)
    assert (loaded.reference("zh"), loaded.reference("en")) == (cited.line, cited.english)
    report = build_report_of_saved(SavedList((loaded,)), language="zh")
    assert report.sources == (cited.reference,) and "1 份文件" in report.closing


def test_a_list_that_an_earlier_version_saved_is_read() -> None:
    saved = make_saved_quote(quote_of("甲"), article=1, question="")
    record = msgspec.to_builtins(SavedList((saved,)))
    for name in ("kind", "publisher", "document_number", "url"):
        del record["quotes"][0]["citation"][name]
    (old,) = msgspec.convert(record, SavedList).quotes
    assert old.reference("zh") == saved.reference("zh") == "《刊》第1期，《题》"


def test_quotes_of_a_mixed_library_hold_and_so_do_those_without_the_kind(mixed: Library, tmp_path: Path) -> None:
    answer = answer_question(mixed, "夜校有哪些做法")
    assert len({quote.passage.bulletin.kind for quote in answer.quotes}) > 1
    record = answer_record(answer)
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(record), encoding="utf-8")
    assert verify(file, mixed.folder, derive=asking_again(lambda: mixed)).holds
    for quote in record["quotes"]:
        for name in ("kind", "publisher", "document_number", "url"):
            del quote["citation"][name]
    file.write_text(json.dumps(sealed(record)), encoding="utf-8")
    report = verify(file, mixed.folder, derive=asking_again(lambda: mixed))
    assert all(check.holds for check in report.checks) and not report.holds


def test_a_wrong_number_is_told(mixed: Library, tmp_path: Path) -> None:
    (passage,) = [passage for passage in mixed.catalog.passages if "四十名" in passage.text]
    quote = Quote(passage, passage.span.trimmed(passage.bulletin.text), 1.0)
    record = answer_record(answer_of(quote, kind="factoid"))
    record["quotes"][0]["citation"]["document_number"] = "望团发〔2023〕8号"
    file = tmp_path / "answer.json"
    file.write_text(json.dumps(sealed(record)), encoding="utf-8")
    (check,) = verify(file, mixed.folder).checks
    assert (check.exists, check.in_place, check.cited) == (True, True, False)
    assert "望团发〔2023〕7号" in (check.message or "")


def test_no_series_is_none_to_choose(mixed: Library) -> None:
    assert dict(mixed.catalog.series) == {"望澜青年工作信息": 1}
    assert mixed.catalog.publishers == (("望澜青年工作信息", "共青团望澜市委"),)
    assert sum(mixed.catalog.kinds.values()) == len(mixed.bulletins) == 5
