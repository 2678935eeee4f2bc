"""References written out by hand; the same quotes in every form."""

import dataclasses
import json
import time
import zipfile
from dataclasses import replace
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Mm

from corpus.document import Span
from index.store.library import Library
from qa.answering.answer import Answer, Quote, Row, Table
from qa.answering.pipeline import answer_question
from qa.export import LINE_END, citation_line, footnote, gbt7714, render, to_json, to_markdown, to_text
from qa.export.records import answer_record
from qa.export.word import to_docx
from qa.web.answer_html import answer_html
from tests.qa.answers import HEADLINE, POINT, answer_of, quote_from, quote_of, quotes_of
from tests.qa.export.references import REFERENCES


@pytest.fixture(scope="module")
def answer(samples: Library) -> Answer:
    return answer_of(
        quote_from(samples, POINT, label=HEADLINE, highlight=["31.8万分", "2270名"]),
        quote_from(samples, "对照这条意见，市青年志愿者协会从4月起试行“潮汐积分”办法"),
        quote_from(samples, "一是设兑换点。", label="设兑换点"),
        question="志愿积分怎么做",
    )


@pytest.fixture(scope="module")
def comparison(samples: Library) -> Answer:
    return answer_of(
        quote_from(samples, "对照这条意见，市青年志愿者协会从4月起试行“潮汐积分”办法"),
        quote_from(samples, POINT, label=HEADLINE, highlight=["31.8万分"]),
        quote_from(samples, "机制建立以来有38名金马受聘为区会展企业正式员工"),
        question="望澜和锦渚有什么不同",
        kind="compare",
        table=Table(("望澜市", "锦渚区"), (Row("记分", (0, None)), Row("转赠", (None, 1)))),
    )


@pytest.mark.parametrize(("said", "listed", "noted", "english"), REFERENCES)
def test_references_written_out_by_hand(samples: Library, said: str, listed: str, noted: str, english: str) -> None:
    passage = quote_from(samples, said).passage
    assert gbt7714(passage) == listed
    assert footnote(passage, "zh") == noted
    assert citation_line(quote_from(samples, said).citation, "en") == english
    assert footnote(passage, "en") == f"See {english}."


@pytest.mark.parametrize("confidence", [None, 0.5, 0.49])
def test_an_answer_that_is_not_sure_says_so_before_its_quotes(answer: Answer, confidence: float | None) -> None:
    warning = "以下原文与问题相近，未必是答案"
    judged = replace(answer, confidence=confidence)
    for text in (to_text(judged), to_markdown(judged)):
        assert text.count(warning) == (confidence == 0.49)
        assert confidence != 0.49 or text.index(warning) < text.index("已转赠积分")
    shown = answer_html(judged)
    assert (shown.count(f'<p class="computed doubt">{warning}') > 0) == (confidence == 0.49)


def test_a_quote_on_another_region_is_cited_with_both() -> None:
    own = quote_of("甲").citation
    told = dataclasses.replace(own, region="云栖市北苑区", article_region="云栖市")
    in_chinese = citation_line(dataclasses.replace(own, region="云栖市"), "zh")
    assert citation_line(told, "zh") == f"{in_chinese}，说的是云栖市北苑区"
    in_english = citation_line(dataclasses.replace(own, region="云栖市"), "en")
    assert citation_line(told, "en") == f"{in_english}, on 云栖市北苑区"


def test_what_a_masthead_lacks_is_left_out() -> None:
    quote = quote_of("甲")  # series 刊, no. 1 of 2021, the article 题
    assert gbt7714(quote.passage) == "题[J]. 刊，2021（1）."
    assert footnote(quote.passage, "zh") == "见《刊》2021年第1期：《题》。"


def test_measures_are_grouped_by_region_in_every_form(answer: Answer) -> None:
    text = to_text(answer, style="gbt7714")
    assert text.splitlines() == [
        "【云栖市锦渚区】",
        f"许可转赠：“{POINT}”[1]",
        "“一是设兑换点。”[1]",  # the same section: the same reference
        "【望澜市】",
        "“对照这条意见，市青年志愿者协会从4月起试行“潮汐积分”办法”[2]",
        "",
        "参考文献",
        f"[1] {REFERENCES[0][1]}",
        f"[2] {REFERENCES[1][1]}",
        "",
        "检索了 12 份文件的 161 段。",
    ]
    assert to_text(answer, style="note").splitlines()[1:3] == [f"[1] 许可转赠：“{POINT}”", f"    —— {REFERENCES[0][2]}"]
    english = to_text(replace(answer, question=replace(answer.question, language="en"))).splitlines()
    assert english[1:3] == [f"[1] 许可转赠: “{POINT}”", f"    —— {REFERENCES[0][3]}"]
    assert "【" not in to_text(answer_of(*answer.quotes, kind="factoid"))


def test_markdown_written_out_by_hand(answer: Answer, comparison: Answer) -> None:
    assert to_markdown(answer) == (
        "# 志愿积分怎么做\n\n"
        "## 云栖市锦渚区\n\n"
        "**许可转赠**\n\n"
        "> 志愿者可把积分转给本人父母或祖父母，用于换取助浴、理发、陪诊，"
        "已转赠积分**31.8万分**，惠及老人**2270名**。\n\n"
        "——\\[1\\]\n\n"
        "> 一是**设兑换点**。\n\n"
        "——\\[1\\]\n\n"
        "## 望澜市\n\n"
        "> 对照这条意见，市青年志愿者协会从4月起试行“潮汐积分”办法\n\n"
        "——\\[2\\]\n\n"
        "## 参考文献\n\n"
        f"\\[1\\] {REFERENCES[0][1]}\n\n".replace("[J]", "\\[J\\]")
        + f"\\[2\\] {REFERENCES[1][1]}\n\n".replace("[J]", "\\[J\\]")
        + "*检索了 12 份文件的 161 段。*\n"
    )
    assert to_markdown(comparison, style="note").splitlines()[2:6] == [
        "|  | *望澜市* | *锦渚区* |",
        "| --- | --- | --- |",
        f"| *记分* | 对照这条意见，市青年志愿者协会从4月起试行“潮汐积分”办法<br>*——{REFERENCES[1][2]}* | *—* |",
        f"| *转赠* | *—* | **许可转赠**<br>{POINT.replace('31.8万分', '**31.8万分**')}<br>*——{REFERENCES[0][2]}* |",
    ]


def test_an_answer_that_abstains_says_why_in_every_form() -> None:
    nothing = answer_of()
    assert "没有找到" in to_text(nothing) and "*没有找到*" in to_markdown(nothing)
    assert [(p.style.name, p.text) for p in opened(nothing).paragraphs] == [
        ("Title", "怎么做"),
        ("Computed", "没有找到"),
        ("Computed", "检索了 12 份文件的 161 段。"),
    ]


def test_json_is_the_record(answer: Answer) -> None:
    assert json.loads(to_json(answer)) == answer_record(answer)
    assert render(answer, "json").decode().endswith("}\n")
    assert render(answer, "markdown") == to_markdown(answer).encode()
    assert render(answer, "docx").startswith(b"PK")


def opened(answer: Answer, **options: Any) -> Any:
    return docx.Document(BytesIO(to_docx(answer, **options)))


def test_every_quote_stands_verbatim_in_a_word_paragraph_of_its_own(answer: Answer) -> None:
    document = opened(answer)
    quotes = [paragraph for paragraph in document.paragraphs if paragraph.style.name == "Quotation"]
    assert [paragraph.text for paragraph in quotes] == [answer.quotes[0].text, answer.quotes[2].text, answer.quotes[1].text]
    assert [(run.text, bool(run.bold), run.font.highlight_color) for run in quotes[0].runs] == [
        ("志愿者可把积分转给本人父母或祖父母，用于换取助浴、理发、陪诊，已转赠积分", False, None),
        ("31.8万分", True, WD_COLOR_INDEX.YELLOW),
        ("，惠及老人", False, None),
        ("2270名", True, WD_COLOR_INDEX.YELLOW),
        ("。", False, None),
    ]
    assert [(run.text, bool(run.bold)) for run in quotes[1].runs] == [("一是", False), ("设兑换点", True), ("。", False)]
    others = [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs if paragraph.style.name != "Quotation"]
    assert others == [
        ("Title", "志愿积分怎么做"),
        ("Computed Heading", "云栖市锦渚区"),
        ("Label", "许可转赠"),
        ("Computed", "[1]"),
        ("Computed", "[1]"),
        ("Computed Heading", "望澜市"),
        ("Computed", "[2]"),
        ("Computed Heading", "参考文献"),
        ("Source", f"[1] {REFERENCES[0][1]}"),
        ("Source", f"[2] {REFERENCES[1][1]}"),
        ("Computed", "检索了 12 份文件的 161 段。"),
    ]
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert styles[styles.index("Label") + 1] == "Quotation"
    notes = [paragraph.text for paragraph in opened(answer, style="note").paragraphs if paragraph.style.name == "Source"]
    assert notes == [REFERENCES[0][2], REFERENCES[0][2], REFERENCES[1][2]]


def test_a_comparison_is_a_word_table(comparison: Answer) -> None:
    document = opened(comparison)
    (table,) = document.tables
    assert [[[paragraph.text for paragraph in cell.paragraphs] for cell in row.cells] for row in table.rows] == [
        [[""], ["望澜市"], ["锦渚区"]],
        [["记分"], [comparison.quotes[0].text, "[1]"], ["—"]],
        [["转赠"], ["—"], ["许可转赠", POINT, "[2]"]],
    ]
    assert [p.text for p in document.paragraphs if p.style.name == "Quotation"] == [comparison.quotes[2].text]
    styles = {p.text: p.style.name for row in table.rows for cell in row.cells for p in cell.paragraphs if p.text}
    assert styles.pop(POINT) == styles.pop(comparison.quotes[0].text) == "Quotation"
    assert styles.pop("许可转赠") == "Label"
    assert set(styles.values()) == {"Computed"}


def test_no_character_is_lost_in_word() -> None:
    text = "甲\t乙  丙\n丁\r\n戊\x0b己\x1b庚\x7f\ufffe辛𠮷😀&<w:t>]]>　末"
    (paragraph,) = [p for p in opened(answer_of(quote_of(text))).paragraphs if p.style.name == "Quotation"]
    # Escape and U+FFFE have no place in XML: each is shown as a character that is missing.
    expected = "甲\t乙  丙\n丁\n戊\n己\ufffd庚\x7f\ufffd辛𠮷😀&<w:t>]]>　末"
    assert paragraph.text == expected
    headed = quote_of(f"{text}{text}", span=Span(len(text), 2 * len(text)), label=Span(0, len(text)))
    shown = [(p.style.name, p.text) for p in opened(answer_of(headed)).paragraphs]
    assert shown[2:4] == [("Label", expected), ("Quotation", expected)]


def test_every_passage_of_the_samples_is_verbatim_in_word(samples: Library) -> None:
    quotes = [Quote(p, p.span.trimmed(p.bulletin.text), 1.0) for p in samples.retriever.catalog.passages]
    document = opened(answer_of(*quotes, kind="factoid"))
    assert [p.text for p in document.paragraphs if p.style.name == "Quotation"] == [LINE_END.sub("\n", q.text) for q in quotes]


def test_every_headline_of_the_samples_stands_before_what_it_heads(samples: Library) -> None:
    quotes = quotes_of(samples)
    assert sum(quote.headline is not None for quote in quotes) > 150
    answer = answer_of(*quotes, kind="factoid")
    shown = [(p.style.name, p.text) for p in opened(answer).paragraphs if p.style.name in ("Label", "Quotation")]
    assert shown == [
        (style, LINE_END.sub("\n", text))
        for quote in quotes
        for style, text in (("Label", quote.headline), ("Quotation", quote.text))
        if text is not None
    ]
    lines = [line for line in to_text(answer, style="note").splitlines() if line.startswith("[")]
    assert lines == [
        f"[{number}] " + (f"{quote.headline}：" if quote.headline else "") + f"“{LINE_END.sub(' ', quote.text)}”"
        for number, quote in enumerate(quotes, 1)
    ]


def test_the_word_page_is_that_of_an_official_document(answer: Answer) -> None:
    document = opened(answer)
    section = document.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round(size / Mm(1)) for size in sizes] == [210, 297, 37, 28]
    fonts = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) for name in ("Normal", "Title", "Computed Heading")
    }
    assert fonts == {"Normal": "仿宋_GB2312", "Title": "黑体", "Computed Heading": "黑体"}
    assert str(document.styles["Computed"].font.color.rgb) == "767676"
    label = document.styles["Label"]  # bold, not grey: a headline is no word of ours
    assert label.font.bold and label.font.color.rgb is None and label.paragraph_format.keep_with_next
    assert label.base_style.name == "Quotation"
    properties = document.core_properties
    assert (properties.title, properties.author, properties.last_modified_by, properties.comments) == ("原文摘录", "", "", "")
    with zipfile.ZipFile(BytesIO(to_docx(answer))) as archive:
        assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in archive.read("word/fontTable.xml").decode("utf-8")


def test_a_word_document_is_written_where_the_clock_stands_before_1980(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(0))
    assert [paragraph.text for paragraph in opened(answer).paragraphs]


def test_the_forms_of_a_real_answer_hold_all_its_quotes(samples: Library) -> None:
    answer = answer_question(samples, "志愿者积分制度怎么做")
    text, document = to_text(answer, style="gbt7714"), opened(answer)
    shown = [paragraph.text for paragraph in document.paragraphs]
    headed = 0
    for quote in answer.quotes:
        assert f"“{quote.text}”" in text and quote.text in shown
        if quote.headline:
            headed += 1
            assert f"\n{quote.headline}：“{quote.text}”" in text and shown[shown.index(quote.text) - 1] == quote.headline
    assert headed
