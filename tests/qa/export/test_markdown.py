"""Markdown is read back with a parser: what it shows is headline and quote, in that order, whatever the bulletin holds."""

import random

import pytest

from corpus.document import Span
from index.store.library import Library
from qa.answering.answer import Quote, Row, Table
from qa.export import LINE_END, to_markdown
from tests.qa.answers import answer_of, quote_of, quotes_of
from tests.qa.export.markdown_blocks import blocks_of, cells

HOSTILE = (
    "# 标题\n## 二级",
    "1. 一\n2) 二\n- 三\n+ 四\n* 五\n1.5万元",
    "**粗** __粗__ *斜* _斜_ ~~删~~ `码` ``码``",
    "a|b|c\n-|-|-\n1|2|3",
    "<script>alert(1)</script><!-- x --> <b>粗</b> <http://a.cn>",
    "[链接](http://a.cn) ![图](b.png) [脚注]: http://a.cn [^1]",
    "&lt; &amp; &#42; &copy; 甲&乙",
    "> 引\n>> 引中引",
    "标题\n===\n标题\n---\n***\n___",
    "```\n码\n```\n~~~\n码\n~~~",
    "\\* \\\\ \\n 末尾的反斜线\\",
    "行末两个空格  \n    四个空格开头\n\t制表符开头\n\n\n空行之后",
    "　　全角空格开头\n　　又一段　",
    "回车\r\n换行\r换\v页\f\x85\u2028\u2029末",
    "$x^2$ $$y$$ \\(z\\)",
    "𠮷祥坊😀👨‍👩‍👧 e\u0301",
    "末尾#\n# #",
    ": 定义\n:::\n=== ",
    "\ufeff零宽\u200b字符",
)


def plain(text: str) -> str:
    return LINE_END.sub("\n", text)


def check(quote: Quote) -> None:
    """The law, in a block quote and in a cell: the headline, if it is not in the quote, and then the quote, each as it stands."""
    title, *blocks, source, _, _, _ = blocks_of(to_markdown(answer_of(quote, kind="factoid")))
    assert title[:2] == ("heading", "怎么做") and source[1] == "——[1]"
    assert [kind for kind, _, _ in blocks] == ["paragraph", "blockquote"][0 if quote.headline else 1 :]
    *headlines, (_, seen, bold) = blocks
    assert seen == plain(quote.text)
    assert letters(bold) == letters("".join(piece.text for piece in quote.pieces if piece.label or piece.highlight))
    for _, headline, marked in headlines:
        assert headline == plain(quote.headline or "")
        assert letters(marked) == letters(headline)
    (_, (_, cell)) = cells(to_markdown(answer_of(quote, table=Table(("甲",), (Row("乙", (0,)),)))))
    assert cell == (plain(quote.headline) + "\n" if quote.headline else "") + plain(quote.text) + "\n——[1]"


def letters(text: str) -> list[str]:
    return [character for character in text if character.isalnum()]


def before_and_after(text: str, *, cut: int, end: int) -> Quote:
    """A quote of what stands behind `end`, with what stands before `cut` as its headline; neither has blanks at its ends."""
    return quote_of(text, span=Span(end, len(text)).trimmed(text), label=Span(0, cut).trimmed(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_stands(text: str) -> None:
    text = text.strip()
    check(quote_of(text))
    text = text.replace("\r\n", "\n")  # no label ends inside a line end
    for start in range(0, len(text), 3):
        check(quote_of(text, label=Span(0, start), highlight=(Span(start, min(start + 5, len(text))),)))
        check(before_and_after(text, cut=start, end=start))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_headlines_are_shown_as_they_stand(text: str) -> None:
    whole = text.strip()
    for quote in ("每分1元。", *HOSTILE):
        check(before_and_after(f"{whole}{quote.strip()}", cut=len(whole), end=len(whole)))


def test_random_text_is_shown_as_it_stands() -> None:
    chance = random.Random(7714)
    alphabet = "志愿者积分12.5%，。“”（）、*_`~[]()<>&|#-+=:!\\$ 　\t\n\n1.a;^{}\"'@/"
    for _ in range(1500):
        text = "".join(chance.choices(alphabet, k=chance.randint(1, 40))).strip()
        cuts = sorted(chance.choices(range(len(text) + 1), k=6))
        if text:
            highlight = (Span(cuts[2], cuts[3]), Span(cuts[4], cuts[5]))
            check(quote_of(text, label=Span(cuts[0], cuts[1]), highlight=highlight))
            if cuts[5] < len(text):
                check(before_and_after(text, cut=cuts[3], end=cuts[5]))


def test_every_headline_of_the_samples_is_shown_before_what_it_heads(samples: Library) -> None:
    quotes = quotes_of(samples)
    assert sum(quote.headline is not None for quote in quotes) > 150
    for quote in quotes:
        check(quote)


def test_every_passage_of_the_samples_is_shown_as_it_stands(samples: Library) -> None:
    for passage in samples.retriever.catalog.passages:
        span = passage.span.trimmed(passage.bulletin.text)
        check(Quote(passage, span, 1.0, highlight=(Span(span.start, span.start + 3),)))
