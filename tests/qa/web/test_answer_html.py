"""Answers as HTML, read back."""

import hashlib
import re
from dataclasses import replace

import pytest

from corpus.document import Span
from index.filters import Filters
from index.store.library import Library
from qa.answering.answer import Row, Table
from qa.answering.pipeline import answer_question
from qa.question.question import Chip, Question
from qa.web.answer_html import answer_html
from tests.qa.answers import HEADLINE, POINT, answer_of, quote_from, quote_of


def test_labels_are_bold_highlights_marked_and_regions_head_their_measures(samples: Library) -> None:
    shown = answer_html(answer_of(quote_from(samples, POINT, label=HEADLINE, highlight=["31.8万分"])))
    assert '<p class="region">云栖市锦渚区</p><div class="quote">' in shown
    assert (
        '">1</a><strong class="label">许可转赠</strong>'
        "<blockquote>志愿者可把积分转给本人父母或祖父母，用于换取助浴、理发、陪诊，已转赠积分"
        "<strong><mark>31.8万分</mark></strong>，惠及老人2270名。</blockquote>"
    ) in shown
    alone = answer_html(answer_of(quote_from(samples, "一是设兑换点。", label="设兑换点")))
    assert "<blockquote>一是<strong>设兑换点</strong>。</blockquote>" in alone and 'class="label"' not in alone
    assert 'class="label"' not in answer_html(answer_of(quote_from(samples, POINT)))
    assert 'class="region"' not in answer_html(answer_of(quote_from(samples, POINT), kind="factoid"))


def test_a_comparison_is_a_table_with_numbered_quotes_in_its_cells() -> None:
    table = Table(("甲<市>", "乙市"), (Row("记分", (0, None)), Row("兑换", (None, 1))))
    shown = answer_html(answer_of(quote_of("每小时1分"), quote_of("每分1元"), kind="compare", table=table))
    assert '<div class="table" role="group" tabindex="0"><table><caption class="unseen">对照</caption><tr>' in shown
    rows = re.findall(r"<tr>(.*?)</tr>", shown)
    assert rows[0] == '<th></th><th class="computed">甲&lt;市&gt;</th><th class="computed">乙市</th>'
    assert rows[1].startswith(
        '<th class="computed">记分</th><td><div class="quote"><a class="number" '
        f'href="/article/{"0" * 64}/1?start=0&amp;end=5&amp;text={hashlib.sha256("每小时1分".encode()).hexdigest()}#hit">1</a>'
    )
    assert rows[1].endswith('<td class="computed">—</td>') and "<blockquote>每小时1分</blockquote>" in rows[1]
    assert '">2</a><blockquote>每分1元</blockquote>' in rows[2]


def test_a_headline_stands_before_its_quote_in_a_cell_too(samples: Library) -> None:
    quotes = (quote_from(samples, POINT, label=HEADLINE), quote_of("每分1元"))
    table = Table(("甲", "乙"), (Row("转赠", (0, 1)),))
    (_, row) = re.findall(r"<tr>(.*?)</tr>", answer_html(answer_of(*quotes, kind="compare", table=table)))
    assert f'">1</a><strong class="label">{HEADLINE}</strong><blockquote>{POINT}</blockquote>' in row
    assert row.count('class="label"') == 1


def test_a_headline_is_text_whatever_it_holds() -> None:
    text = "一是<img src=x onerror=alert(1)>\n\n**粗**&。每分1元。"
    label = Span(2, text.index("。"))
    shown = answer_html(answer_of(quote_of(text, span=Span(label.end + 1, len(text)), label=label)))
    assert "<img" not in shown and "\n" not in shown
    headline = "&lt;img src=x onerror=alert(1)&gt;<br>**粗**&amp;"
    assert f'<strong class="label">{headline}</strong><blockquote>每分1元。</blockquote>' in shown
    copied = re.search(r'<div class="plain">(.*?)</div>', shown)
    assert copied and "&lt;img src=x onerror=alert(1)&gt;  **粗**&amp;：“每分1元。”&#10;" in copied[1]


def test_the_text_to_copy_is_escaped_and_breaks_no_block() -> None:
    shown = answer_html(answer_of(quote_of("<script>alert(1)</script>\r\n\r\n甲&乙", label=Span(0, 3))))
    assert not set("\r\n") & set(shown) and "<script" not in shown
    copied = re.search(r'<div class="plain">(.*?)</div>', shown)
    assert copied and "“&lt;script&gt;alert(1)&lt;/script&gt;  甲&amp;乙”&#10;" in copied[1]
    assert 'name="copy"' not in answer_html(answer_of())


def test_what_was_understood_stands_above_the_answer_each_part_a_button_with_a_name(samples: Library) -> None:
    answer = answer_question(samples, "那北苑区呢？", history=["锦渚区的骑手驿站怎么建"])
    assert answer.question and answer.question.interpretation
    shown = answer_html(answer)
    assert shown.startswith(
        f'<div class="answer"><div class="understood"><p class="computed">理解为：{answer.question.interpretation}</p>'
    )
    button = '<button type="button" class="chip" name="remove-chip" value="region:岚川省云栖市北苑区">'
    region = f'{button}<span class="unseen">去掉 </span>地区：云栖市北苑区</button>'
    assert region in shown
    assert re.search(r'value="followup"><span class="unseen">去掉 </span>接着上文：', shown)
    settled = answer_html(answer, removable=False)
    assert '<span class="chip">地区：云栖市北苑区</span>' in settled and '<button type="button"' not in settled
    english = answer_html(answer_question(samples, "How did Jinzhu run the time bank in the 2020 issues?"))
    assert '<span class="unseen">Remove </span>Documents of 2020</button>' in english
    assert "understood" not in answer_html(answer_question(samples, "时间银行怎么办"))


@pytest.mark.parametrize("removable", [True, False])
def test_markup_and_line_ends_in_chips_are_text(removable: bool) -> None:
    name = '"><img src=x onerror=alert(1)>\n\n**b**'
    chip = Chip("series", f"刊物：{name}", name)
    asked = Question("问", "zh", "问", Filters(), interpretation="<script>alert(2)</script>", chips=(chip,))
    shown = answer_html(replace(answer_of(), question=asked), removable=removable)
    assert "<img" not in shown and "<script" not in shown and "\n" not in shown
    assert "理解为：&lt;script&gt;alert(2)&lt;/script&gt;" in shown
    assert "刊物：&#34;&gt;&lt;img src=x onerror=alert(1)&gt;<br>**b**" in shown
    key = 'value="series:&#34;&gt;&lt;img src=x onerror=alert(1)&gt;&#10;&#10;**b**"'
    assert (key in shown) == removable


def test_without_an_answer_the_reason_comes_first_and_passages_are_called_none(samples: Library) -> None:
    shown = answer_html(answer_question(samples, "杭州市的志愿积分怎么做"))
    reason, related, passages = (shown.index(part) for part in ('class="reason">库里没有', "相关，但不是答案：", "<details>"))
    assert reason < related < passages and shown.count("<details>") == 3
    assert "不是答案" not in answer_html(answer_of())  # nor is a heading shown over nothing


def test_a_count_is_computed_text_above_its_quotes(samples: Library) -> None:
    shown = answer_html(answer_question(samples, "多少篇文章提到时间银行"))
    note = re.search(r'<p class="computed note">(.*?)</p>', shown)
    assert note and "1 篇文章" in note[1] and note.end() < shown.index("<blockquote>")
