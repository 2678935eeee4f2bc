"""Figures that a question states (2270名老人) or asks for (多少万元), and the year of which it asks: an answer has them."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from corpus.document import Span
from corpus.messages.language import join_names, plural, tr
from corpus.text.numerals import CHINESE_NUMBER
from index.catalog import Catalog
from index.evidence import Evidence
from qa.answering.answer import Quote, Quoted
from qa.answering.answer_patterns import HOTLINE, find_answer_spans
from qa.answering.scoring import candidate_sentences, term_coverage
from qa.question.question import Question

_MAX_QUOTES = 3
# A figure that a question states, with 万 or 亿 behind it; those of years, issues and ordinals are no figures, nor are hotlines.
_FIGURE = re.compile(
    rf"(?<![\d.第])(?!(?:{HOTLINE})(?![\d.万亿]))(?P<digits>\d{{1,12}}(?:\.\d{{1,6}})?)(?P<unit>[万亿]?)(?![\d.年期号届月])"
)
_YEAR = re.compile(r"(?:19|20)\d\d")  # in 2023, 2023暑托班; 2023名 is a figure
_MEASURE = re.compile(
    r"余?[名个人元户家份吨米件次场支位条亩公里平小时]|多|\s?(?:people|volunteers|yuan|households|copies|hours)\b"
)
_ASKED = ("number", "money", "phone")  # kinds of answers that are figures
_NUMERAL = re.compile(rf"[\d{CHINESE_NUMBER}几半万亿]")
_ASKS_SHARE = re.compile(r"比例|占比|比重|百分之几|百分比|几成|\b(?:percent(?:age)?|proportion)\b", re.I)
_IS_SHARE = re.compile("[%％成比:：半厘]|分之")  # what a share may be written with
_STATED_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=\s?年)")
# Of what is told, not of a document.
_ASKED_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)(?!\s?年?的?(?:第|简报|信息|文件|通知|文章|报道))")
_PART_OF_YEAR = re.compile("[上下]半年|[一二三四]季度")
_EARLY = 4  # the last month in which documents report of the year before
_MIN_DIGITS = 4  # a shorter one without 万 may be put in other words: 100天, 百日


def figures_of(question: Question) -> Iterator[re.Match[str]]:
    """Yield the figures that a question states, which an answer must have: 2270名老人, 投入2021万元."""
    for match in _FIGURE.finditer(question.topic):
        is_year = not match["unit"] and _YEAR.fullmatch(match["digits"]) and not _MEASURE.match(question.topic, match.end())
        if not is_year and (match["unit"] or len(match["digits"].replace(".", "")) >= _MIN_DIGITS):
            yield match


def with_figures(found: Evidence, question: Question) -> Evidence:
    """Keep the passages that have the figures which a question states, if there are any."""
    for figure in figures_of(question):
        having = [index for index, scored in enumerate(found.passages) if _find(scored.passage.text, figure)]
        found = found.subset(having) if having else found
    return found


def missing_figure_reason(question: Question, evidence: Evidence, catalog: Catalog) -> str | None:
    """Return which figure stated in a question no document has; None if each has one."""
    missing = [figure[0] for figure in figures_of(question) if not _stands_anywhere(figure, question, catalog)]
    if not missing:
        return None
    language = question.language
    named = join_names((f"“{figure}”" for figure in missing), language)
    return tr(
        f"检索了 {evidence.n_bulletins} 份文件，没有一处写到{named}",
        f"Searched {plural(evidence.n_bulletins, 'document')}: none has {named}",
        language,
    )


def unstated_figure_reason(answer: Quoted) -> str | None:
    """Return that the quotes give no figure though the question asks for one; None if one does, or none is asked for.

    设立专项经费 does not say 多少万元, nor 会员303名 the 男女比例.
    """
    question = answer.question
    kind = question.answer_kind
    if not question.is_factoid or kind not in _ASKED:
        return None
    shares = kind == "number" and _ASKS_SHARE.search(question.text)
    texts = [quote.text for quote in answer.quotes]
    if any(_IS_SHARE.search(text) if shares else _NUMERAL.search(text) or find_answer_spans(kind, text) for text in texts):
        return None
    documents = answer.evidence.n_bulletins
    return tr(
        f"检索了 {documents} 份文件：有相近的内容，但没有写出问到的数",
        f"Searched {plural(documents, 'document')}: there is related text, but it does not give the figure asked for",
        question.language,
    )


def other_year_reason(answer: Quoted) -> str | None:
    """Return that the quotes tell of other years, or parts of one, than the question names; None if they do not, or name none.

    2023年借出9.7万册 does not say how many were lent in 2024. When something was done may well be in another year. What states
    no year is of that of its document, or of the one before; of any year that its article names.
    """
    question, language = answer.question, answer.question.language
    if not question.is_factoid or question.answer_kind in ("date", "duration"):
        return None
    years, parts = (set(named.findall(question.text)) for named in (_ASKED_YEAR, _PART_OF_YEAR))
    for asked, named, unit in ((years, _STATED_YEAR, tr("年", "", language)), (parts, _PART_OF_YEAR, "")):
        stated = {time for quote in answer.quotes for time in named.findall(quote.text)}
        if asked and stated and not asked & stated:
            times, others = (join_names([f"{time}{unit}" for time in sorted(each)], language) for each in (asked, stated))
            return tr(
                f"有相近的内容，但写的是{others}，不是{times}",
                f"There is related text, but it tells of {others}, not of {times}",
                language,
            )
    told = {year for quote in answer.quotes for year in _years_of(quote)}
    if not years or not told or years & told:
        return None
    times, others = (join_names(sorted(each), language) for each in (years, told))
    return tr(
        f"有相近的内容，但文件是{others}年的，没有写到{times}年",
        f"There is related text, but in a document of {others} that does not name {times}",
        language,
    )


def _years_of(quote: Quote) -> Iterator[str]:
    """Yield the years of which a quote may tell, though it states none; none where the date of its document is not known."""
    bulletin = quote.passage.bulletin
    if (day := bulletin.masthead.issue_date) is not None:
        yield str(day.year)
        yield from _YEAR.findall(quote.passage.article.span.of(bulletin.text))
        if day.month <= _EARLY:
            yield str(day.year - 1)


def _stands_anywhere(figure: re.Match[str], question: Question, catalog: Catalog) -> bool:
    numbers = np.flatnonzero(catalog.filter_mask(question.filters))
    return any(_find(catalog.passages[number].text, figure) for number in numbers)


def quote_figures(question: Question, evidence: Evidence) -> Quoted | None:
    """Quote the sentences that have all the figures which a question states, marked; None if it states none, or none has.

    A figure of four digits is as good as a name: 2270名老人受益 is what the text tells as 惠及老人2270名.
    """
    figures = list(figures_of(question))
    quotes: list[Quote] = []
    for scored in evidence.passages if figures else ():
        for sentence in candidate_sentences(scored):
            found = [_find(sentence.text, figure) for figure in figures]
            if all(found) and evidence.passes(scored.passage, sentence.span):
                marks = tuple(Span(*match.span()).moved(sentence.span.start) for match in found if match)
                coverage = term_coverage(sentence.scoring_text, evidence.term_weights)
                quotes.append(Quote(scored.passage, sentence.span, coverage, sentence.label, marks))
    best = sorted(quotes, key=lambda quote: -quote.score)[:_MAX_QUOTES]
    return Quoted(question=question, evidence=evidence, quotes=tuple(best)) if best else None


def mark_figures(answer: Quoted) -> Quoted:
    """Mark the figures that the question states in the quotes that have them."""
    figures = list(figures_of(answer.question))

    def marked(quote: Quote) -> Quote:
        found = (_find(quote.text, figure) for figure in figures)
        marks = (Span(*match.span()).moved(quote.span.start) for match in found if match)
        new = tuple(mark for mark in marks if not any(mark.overlaps(old) for old in quote.highlight))
        return replace(quote, highlight=tuple(sorted((*quote.highlight, *new)))) if new else quote

    return replace(answer, quotes=tuple(map(marked, answer.quotes))) if figures else answer


def _find(text: str, figure: re.Match[str]) -> re.Match[str] | None:
    """Return where a text has a figure, as it is and as no part of another; None if it has not."""
    if figure["digits"] not in text:
        return None
    behind = figure["unit"] or "(?![万亿])"
    return re.search(rf"(?<![\d.]){re.escape(figure['digits'])}{behind}(?!\d)(?!\.\d)", text)
