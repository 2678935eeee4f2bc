"""Count exactly which articles, bulletins and regions have a term in their text, letter by letter."""

import dataclasses
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np

from corpus.document import Article, Bulletin, Passage, Region, Span
from corpus.messages.language import join_names, plural, tr
from corpus.text.normalize import Folded, fold, simplify
from corpus.text.sentences import split_sentences
from index.catalog import Catalog
from index.evidence import Evidence
from index.query.thesaurus import english_senses
from index.query.translation import key_of, read_ours
from qa.answering.answer import Answer, Counted, Quote, Refused
from qa.question.question import Question

# The term after a verb of mentioning: 有多少地区提到时间银行, 提到时间银行的简报有几期, which regions mention a time bank.
_MENTIONED = re.compile(
    r"(?:提到|提及|讲到|讲过|谈到|说到|写到|涉及|出现|介绍|包含|含有|有?关于|(?<![演宣主听开座])讲(?![座师课台究解述]))[了过]?"
    r"(?P<zh>[^，。？?；]+?)(?:的(?:简报|文章|信息|报道|地区|区县|市县|有?[几多])[^，。？?]*)?[了过吗呢]?[。？?]*$"
    r"|\b(?:mention|name|cover|report|refer|discuss|contain|talk|write|wrote|speak)\w*(?: (?:on|about|of|to))?"
    r"(?: an?| the)? (?P<en>[^.?,;]+)"
)
_QUOTED = re.compile(r"“([^”]{1,200})”|「([^」]{1,200})」|『([^』]{1,200})』|\"([^\"]{1,200})\"|《([^》]{1,200})》")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An article that has the term; `span` of the bulletin's text is where its body first does, or else its title.

    `regions` are those of which the stretches that have it tell, each once: of a round-up several.
    """

    bulletin: Bulletin
    article: Article
    span: Span
    regions: tuple[Region, ...]

    @property
    def sentence(self) -> Span:
        """Return the sentence around the first mention, within the article."""
        around = next(s for s in split_sentences(self.bulletin.text, self.article.span) if s.start <= self.span.start < s.end)
        return Span(around.start, max(around.end, self.span.end)).trimmed(self.bulletin.text)


@dataclass(frozen=True, slots=True)
class Count:
    """How often a term is mentioned. `term` as asked; `forms`: what was looked for; an article must have all of them.

    `articles` are in the order of the library; `regions` those of which they tell where the term stands, with the number of
    articles, most first. An article about no region (of a university, of the series itself) counts among the articles only.
    """

    term: str
    forms: tuple[str, ...]
    articles: tuple[Occurrence, ...]

    @property
    def bulletins(self) -> tuple[Bulletin, ...]:
        """Return the bulletins of the articles, each once."""
        return tuple(dict.fromkeys(found.bulletin for found in self.articles))

    @property
    def regions(self) -> tuple[tuple[Region, int], ...]:
        """Return each region with the number of articles that tell of it, most first."""
        return tuple(Counter(region for found in self.articles for region in found.regions).most_common())


def count_term(question: Question, *, catalog: Catalog) -> Count | None:
    """Count the articles whose text has the term that a question asks for, within its filters.

    The term is what is in quotation marks, else the topic. An English term is looked for as the most usual of its Chinese senses
    that the library has; if only its parts are known, an article must have each.

    Returns: None if the question names no term.
    """
    term = _term(question)
    if not term:
        return None
    forms = _forms(term, catalog) if question.language == "en" else (term,)
    return Count(term, forms, tuple(_find(forms, question, catalog)))


def _term(question: Question) -> str:
    text = simplify(unicodedata.normalize("NFKC", question.text))
    quoted = next((next(filter(None, match.groups())) for match in _QUOTED.finditer(text)), "")
    mentioned = _MENTIONED.search(text)
    return quoted.strip() or (mentioned and (mentioned["zh"] or mentioned["en"] or "").strip()) or question.topic


def _forms(term: str, catalog: Catalog) -> tuple[str, ...]:
    """Return what to look for: the term itself, or for English words the Chinese terms that they mean."""
    if not term.isascii() or _articles_with([term], catalog):
        return (term,)
    words = re.findall(r"[A-Za-z0-9+\-]+", term)
    forms: list[str] = []
    start = 0
    while start < len(words):
        for end in range(len(words), start, -1):
            senses = _senses(" ".join(words[start:end]))
            if senses:
                forms.append(next((sense for sense in senses if _articles_with([sense], catalog)), senses[0]))
                break
        else:
            end = start + 1
            forms.append(words[start])
        start = end
    return tuple(dict.fromkeys(forms))


def _senses(term: str) -> tuple[str, ...]:
    """Return the Chinese senses of an English term in our own tables, the most usual first."""
    key = key_of(term)
    ours = read_ours(resources.files("index.query") / "english.tsv").get(key, ())
    return (*ours, *(sense for english, senses in english_senses().items() if key_of(english) == key for sense in senses))


def _articles_with(forms: Sequence[str], catalog: Catalog) -> bool:
    folded = [fold(form) for form in forms]
    return any(all(form in fold(bulletin.text) for form in folded) for bulletin in catalog.bulletins)


def _find(forms: Sequence[str], question: Question, catalog: Catalog) -> Iterator[Occurrence]:
    """Yield the articles that have every form, in the order of the library, each with where the first form is."""
    passing: dict[Article, list[Passage]] = {}
    for number in np.flatnonzero(catalog.filter_mask(question.filters)):
        passing.setdefault(catalog.passages[number].article, []).append(catalog.passages[number])
    for article, passages in passing.items():
        bulletin = passages[0].bulletin
        folded, start = Folded.of(article.span.of(bulletin.text)), article.span.start
        spans = [[Span(start + found.start, start + found.end) for found in folded.find(form)] for form in forms]
        if not all(spans):
            continue
        # What stands in the title or the signature, in no passage, is of the article's own region.
        told = list(_told(spans[0], passages, question, catalog))
        if not told and not catalog.passes(dataclasses.replace(passages[0], elsewhere=()), article.span, question.filters):
            continue
        regions = [region for _, region in told] or [article.region]
        body = article.sections[0].span.start if article.sections else start
        first = told[0][0] if told else next((span for span in spans[0] if span.start >= body), spans[0][0])
        yield Occurrence(bulletin, article, first, tuple(filter(None, dict.fromkeys(regions))))


def _told(
    spans: Sequence[Span], passages: Sequence[Passage], question: Question, catalog: Catalog
) -> Iterator[tuple[Span, Region | None]]:
    """Yield the spans that lie in the passages and pass the filters, each with the region of which it tells.

    Args: spans, passages: each in order.
    """
    starts = [span.start for span in spans]
    for passage in passages:
        for span in spans[bisect_left(starts, passage.span.start) : bisect_left(starts, passage.span.end)]:
            if catalog.passes(passage, span, question.filters):
                yield span, passage.region_of(span)


def count_answer(question: Question, evidence: Evidence, counted: Count, catalog: Catalog) -> Answer:
    """Answer a question for a number: how many articles, bulletins and regions, and where each article says it."""
    language = question.language
    if not counted.articles:
        reason = tr(
            f"检索了 {evidence.n_bulletins} 份文件，没有一篇文章提到“{counted.term}”",
            f"Searched {plural(evidence.n_bulletins, 'document')}: no article mentions “{counted.term}”",
            language,
        )
        return Refused(question=question, evidence=evidence, reason=reason)
    listed = join_names(
        (tr(f"{region.label}（{number}）", f"{region.label} ({number})", language) for region, number in counted.regions),
        language,
    )
    named = tr("：", ": ", language) + listed if listed else ""
    others = sum(not found.regions for found in counted.articles)
    elsewhere = tr(f"；另有 {others} 篇不属于哪个地区", f"; {plural(others, 'article')} of no region", language)
    form = "" if counted.forms == (counted.term,) else f" ({', '.join(counted.forms)})"
    summary = tr(
        f"提到“{counted.term}”的有 {len(counted.regions)} 个地区、{len(counted.bulletins)} 份文件、{len(counted.articles)} 篇文章"
        f"{named}{elsewhere if others else ''}",
        f"“{counted.term}”{form} is mentioned by {plural(len(counted.regions), 'region')}, in "
        f"{plural(len(counted.bulletins), 'document')} and {plural(len(counted.articles), 'article')}"
        f"{named}{elsewhere if others else ''}",
        language,
    )
    quotes = []
    for found in counted.articles:
        passages = catalog.passages_of(found.article)
        # A title is in no passage: if it alone has the term, it is quoted with the article's first.
        passage = next((passage for passage in reversed(passages) if passage.span.contains(found.sentence)), passages[0])
        quotes.append(Quote(passage, found.sentence, 1.0, highlight=(found.span,)))
    return Counted(question=question, evidence=evidence, confidence=1.0, quotes=tuple(quotes), summary=summary)
