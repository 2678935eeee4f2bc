"""Answer a question: search, read what is found, judge whether it is an answer."""

import datetime
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from corpus.document import Bulletin, Region, Span
from corpus.messages.errors import QuestionError
from corpus.messages.language import Language, join_names, plural, tr
from corpus.text.normalize import simplify
from index.catalog import Catalog
from index.evidence import Evidence, ScoredPassage
from index.filters import Filters
from index.query.query import Query
from index.retriever import Retriever
from index.store.library import Library
from qa.answering.announced import with_announced, with_whole_lists
from qa.answering.answer import Answer, Compared, Quote, Quoted, Refused
from qa.answering.answerability import Strictness, missing_words
from qa.answering.comparison import MAX_CELLS, Column, build_table, drop_shared_quotes
from qa.answering.continuing import of_other_regions, only_more, part_in_full, shown_in
from qa.answering.counting import count_answer, count_term
from qa.answering.figures import (
    mark_figures,
    missing_figure_reason,
    other_year_reason,
    quote_figures,
    unstated_figure_reason,
    with_figures,
)
from qa.answering.items import listed_items
from qa.answering.overview import overview
from qa.answering.reading import EvidenceReader, evidence_reader
from qa.answering.regions import (
    asked_for_absence_reason,
    asks_regions,
    group_by_region,
    list_regions,
    most_specific,
    named_elsewhere,
    no_articles_reason,
    of_regions,
    provenance_note,
    surveys,
    unplaced,
)
from qa.answering.selection import MAX_QUOTES, ReaderResult, runner_up_quotes, select_quotes
from qa.answering.survey import nowhere_else, survey
from qa.answering.unasked import no_topic_reason, unasked_reason
from qa.question.analyzer import TURNS, analyze_question
from qa.question.question import Asked, Question

PASSAGES = 10  # that an answer is read from
MIN_REGIONS, MAX_REGIONS = 2, 5  # compared at once
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_PART_OF_YEAR, _SOON = datetime.timedelta(days=300), datetime.timedelta(days=183)
_DEPTH = 100  # how far down the ranking passages of a named region are looked for
_PASSAGES_EACH = 2  # of each region or topic that a question compares
_QUOTES_EACH = 4  # of each region or topic compared
_QUOTES_COMPARED = 12  # of all regions compared on a topic, before cells are filled: most of them have a row to themselves


def answer_question(
    library: Library,
    text: str,
    *,
    history: Sequence[str] = (),
    filters: Filters = Filters(),
    removed_chips: Collection[str] = (),
    removed_before: Collection[str] = (),
    strictness: Strictness = "normal",
) -> Answer:
    """Answer a question from the library, in quotes only, or say why not.

    Args: history: earlier questions, oldest first; filters: limits that the user has set; removed_chips: keys of what was
        understood of the question and is not meant (`Question.chips`); removed_before: keys removed from the questions before it,
        which hold unless it names them itself; strictness: how sure the answer must be.
    Raises: QuestionError: the question is empty or too long.
    """
    history = [earlier for earlier in history if earlier.strip()][-TURNS:]  # each that goes on with the one before asks it anew
    asked = Asked(text, tuple(history), filters, tuple(removed_chips), tuple(removed_before), strictness)
    question = analyze_question(
        text,
        history=history,
        filters=filters,
        removed_chips=removed_chips,
        removed_before=removed_before,
        catalog=library.catalog,
        encode=library.retriever.encode_question,
    )
    question = replace(question, asked=asked)
    reader = evidence_reader(library.retriever)
    if (wanted := question.continues) is None:
        answer = _answer(library, question, reader, strictness)
        return _of_texts_that_name_it(library, answer, reader, strictness) or answer
    before = answer_question(
        library,
        history[-1],
        history=history[:-1],
        filters=filters,
        removed_chips=removed_before,
        removed_before=removed_before,
        strictness=strictness,
    )
    if wanted.wants in ("point", "article"):
        return part_in_full(question, wanted, before, library.catalog)
    return only_more(_answer(library, of_other_regions(question, before), reader, strictness, shown_in(before)), before)


def _answer(
    library: Library,
    question: Question,
    reader: EvidenceReader,
    strictness: Strictness,
    shown: Sequence[tuple[Bulletin, Span]] = (),
) -> Answer:
    """Answer a question as understood. Args: shown: what was quoted before, and is left out."""
    retriever = library.retriever
    evidence, of_topics = collect_evidence(question, retriever, shown)
    if (reason := _out_of_scope_reason(question, evidence, library.catalog)) is not None:
        return Refused(question=question, evidence=evidence, reason=reason)
    if (listed := list_regions(question, evidence, library.catalog)) is not None:
        return listed
    if surveys(question, library.catalog) and (told := overview(question, evidence, library.catalog)) is not None:
        return told
    if asks_regions(question):
        question = replace(question, kind="survey", answer_kind=None)  # of each its measure, even where a fact is asked for
        surveyed, sure = survey(question, evidence, retriever, strictness)
        if surveyed is not None:
            return surveyed
        if (reason := nowhere_else(question)) is not None:
            return Refused(question=question, evidence=evidence, confidence=sure, reason=reason)
        strictness = "strict"  # no region has done it: what answers all the same must be sure to
    if question.kind == "count" and (counted := count_term(question, catalog=library.catalog)) is not None:
        return count_answer(question, evidence, counted, library.catalog)
    if (reason := no_topic_reason(question)) is not None:
        return Refused(question=question, evidence=evidence, reason=reason)
    if _compares_all(question) and (told := overview(question, evidence, library.catalog)) is not None:
        return told
    parts = _parts(question, evidence, of_topics, library.catalog)
    answer = _read(question, evidence, parts, retriever, strictness, reader)
    if isinstance(answer, Refused):
        return quote_figures(question, evidence) or _outlined(answer, reader, library.catalog) or answer
    if isinstance(answer, Quoted) and (reason := unstated_figure_reason(answer) or other_year_reason(answer)) is not None:
        return Refused(question=question, evidence=answer.evidence, reason=reason)
    return mark_figures(answer) if isinstance(answer, Quoted) else answer


def _compares_all(question: Question) -> bool:
    """Return whether regions are set side by side in all that they do: 杭州和宁波做法有什么不同."""
    return question.kind == "comparison" and len(question.filters.regions) > 1 and not question.topic


def _outlined(answer: Refused, reader: EvidenceReader, catalog: Catalog) -> Quoted | None:
    """Answer a question for an overview that no sentence answers with the outline of the documents that it is limited to."""
    question, filters = answer.question, answer.question.filters
    of_documents = filters.issues or filters.total_issues or filters.series or filters.periods or filters.years
    near = (answer.confidence or 0.0) >= reader.threshold_for("lenient") / 2
    asks = question.kind in ("region", "contents")
    return overview(question, answer.evidence, catalog) if asks and near and (of_documents or filters.regions) else None


def _of_texts_that_name_it(library: Library, answer: Answer, reader: EvidenceReader, strictness: Strictness) -> Quoted | None:
    """Answer from texts that name the time or the region asked about, where no document is of it; None if they do not answer.

    What is planned for 2022年下半年, a notice of that spring says, what was done in 2022年上半年 a report of that July; what a
    firm in 北苑 gave, an article of another place.
    """
    question, asked = answer.question, answer.question.asked
    if asked is None or not isinstance(answer, Refused):
        return None
    unknown = () if question.filters.regions else question.unknown_regions
    if not unknown and answer.evidence.n_passages:
        return None
    limits = [chip.key for chip in question.chips if chip.kind == ("region" if unknown else "period")]
    if not limits:
        return None
    without = analyze_question(
        asked.text,
        history=asked.history,
        filters=asked.filters,
        removed_chips=[*asked.removed_chips, *limits],
        removed_before=asked.removed_before,
        catalog=library.catalog,
        encode=library.retriever.encode_question,
    )
    without = replace(without, asked=asked, removed_chips=question.removed_chips)
    found = _answer(library, without, reader, "strict" if unknown else strictness)
    quotes = tuple(quote for quote in found.quotes if _names(quote, question, unknown))
    if not isinstance(found, Quoted) or not quotes:
        return None
    names = join_names((region.label for region in unknown), question.language)
    summary = (
        tr(
            f"没有{names}的文章；引文出自别处的文章，其中提到{names}",
            f"No article is from {names}: the quotes name it",
            question.language,
        )
        if unknown
        else tr(
            "没有这段时间的文件；引文出自其后不久的文件，或写到这一年的文件",
            "No document is of that time: the quotes are from documents that came soon after, or that name the year",
            question.language,
        )
    )
    return replace(found, quotes=quotes, summary=summary)


def _names(quote: Quote, question: Question, unknown: Sequence[Region]) -> bool:
    """Return whether a quote names one of the regions, or if there is none, is of the times asked about.

    It is if its passage names a year of them, or if its document came soon after a part of a year, of which it may report.
    """
    if unknown:
        text = simplify(quote.text)
        return any(region.stem in text for region in unknown)
    periods = question.filters.periods
    years = {str(day.year) for period in periods for day in (period.first, period.last) if day}
    if years & set(_YEAR.findall(quote.passage.embedding_text)):
        return True
    issued = quote.passage.bulletin.masthead.issue_date
    return issued is not None and any(
        period.first
        and period.last
        and period.last - period.first < _PART_OF_YEAR
        and period.last < issued <= period.last + _SOON
        for period in periods
    )


def compare(library: Library, topic: str, regions: Sequence[Region], *, strictness: Strictness = "normal") -> Answer:
    """Set what some regions say of a topic side by side: a column each, empty if a region says nothing of it.

    Each region is searched, read and judged by itself, as if it alone had been asked about. Of a region and one inside it, the
    narrower has the articles that are about it.

    Args: topic: a few words, or a question; regions: MIN_REGIONS to MAX_REGIONS, in the order of the columns.
    Raises: QuestionError: too few or too many regions, or a topic that is empty or too long.
    """
    retriever = library.retriever
    regions = tuple(dict.fromkeys(regions))
    if not MIN_REGIONS <= len(regions) <= MAX_REGIONS:
        raise QuestionError(
            tr(
                f"对照需要 {MIN_REGIONS} 到 {MAX_REGIONS} 个地区，这里有 {len(regions)} 个",
                f"a comparison takes {MIN_REGIONS} to {MAX_REGIONS} regions, here are {len(regions)}",
            )
        )
    asked = analyze_question(
        topic, filters=Filters(regions=regions), catalog=library.catalog, encode=library.retriever.encode_question
    )
    handed_in = Asked(topic, filters=Filters(regions=regions), strictness=strictness, compared=True)
    asked = replace(asked, kind="comparison", answer_kind=None, compared_topics=(), asked=handed_in)
    language = asked.language
    names = join_names((region.label for region in regions), language)
    question = replace(asked, text=f"{asked.text}{tr('：', ': ', language)}{names}")
    query = retriever.analyze(asked.query)
    own = [_evidence_of_region(query, region, asked, retriever) for region in regions]
    max_quotes = min(_QUOTES_EACH, _QUOTES_COMPARED // len(regions))
    reader = evidence_reader(retriever, passages=1)
    results = [select_quotes(asked, reader.read(asked, evidence), max_quotes=max_quotes) for evidence in own]
    sure = [result.read.confidence for result in results]
    threshold = reader.threshold_for(strictness)
    columns = drop_shared_quotes(
        [
            _column(region.label, result) if is_sure >= threshold else Column(region.label, ())
            for region, result, is_sure in zip(regions, results, sure, strict=True)
        ]
    )
    best = round(max(sure), 3)
    evidence = _merge(own, asked.filters, library.catalog)
    if not any(column.quotes for column in columns):
        reason = _refusal_reason(asked, evidence, retriever)
        return Refused(question=question, evidence=evidence, confidence=best, reason=reason)
    quotes, table = build_table(columns, retriever=retriever, language=language)
    silent = [column.name for column in columns if not column.quotes]
    return Compared(
        question=question,
        evidence=evidence,
        confidence=best,
        quotes=quotes,
        table=table,
        summary=_silence(silent, asked.text, language) if silent else None,
    )


def _silence(names: Sequence[str], topic: str, language: Language) -> str:
    """Return that nothing was found from some regions."""
    named = join_names(names, language)
    return tr(f"没有找到{named}说到“{topic}”的原文", f"Nothing was found from {named} on “{topic}”", language)


def _evidence_of_region(query: Query, region: Region, asked: Question, retriever: Retriever) -> Evidence:
    """Search one of the regions compared, and keep the passages whose article is about none narrower of them."""
    found = retriever.retrieve(query, k=_DEPTH, filters=replace(asked.filters, regions=(region,)))
    of_region = [
        index
        for index, scored in enumerate(found.passages)
        if most_specific(scored.passage.article, asked.filters.regions, retriever.catalog) in (None, region)
    ]
    return found.subset(of_region[:PASSAGES])


def _merge(own: Sequence[Evidence], filters: Filters, catalog: Catalog) -> Evidence:
    """Return the best passages of all regions compared as one evidence."""
    n_passages, n_bulletins = catalog.count_matching(catalog.filter_mask(filters))
    found = _distinct(scored for evidence in own for scored in evidence.passages)
    best = tuple(sorted(found, key=lambda scored: -scored.score)[:PASSAGES])
    return replace(own[-1], filters=filters, n_passages=n_passages, n_bulletins=n_bulletins, passages=best)


def collect_evidence(
    question: Question, retriever: Retriever, shown: Sequence[tuple[Bulletin, Span]] = ()
) -> tuple[Evidence, tuple[Evidence, ...]]:
    """Search for a question, and for each of the topics it compares.

    Args: shown: stretches that are left out.
    Returns: the best passages for the question, and the evidence of each topic.
    """

    def retrieve(text: str, k: int) -> Evidence:
        return retriever.retrieve(retriever.analyze(text), k=k, filters=question.filters).without(shown)

    of_topics = tuple(retrieve(topic, PASSAGES) for topic in question.compared_topics)
    found = with_figures(of_regions(retrieve(question.query, _DEPTH), question, retriever.catalog), question)
    return _narrow(found, of_topics, question, retriever.catalog), of_topics


def _narrow(found: Evidence, of_topics: Sequence[Evidence], question: Question, catalog: Catalog) -> Evidence:
    """Keep the best passages. When regions or topics are compared, each contributes its best two."""
    if of_topics:
        first = [scored for evidence in of_topics for scored in evidence.passages[:_PASSAGES_EACH]]
        return found.with_passages(_distinct([*first, *found.passages])[:PASSAGES])
    if surveys(question, catalog):
        firsts = {scored.passage.article: index for index, scored in reversed(list(enumerate(found.passages)))}
        first_of_each = sorted(firsts.values())
    else:
        groups = group_by_region(found.passages, question, catalog)
        first_of_each = [index for group in groups for index in group[:_PASSAGES_EACH]] if len(groups) > 1 else []
    kept = list(dict.fromkeys([*first_of_each, *range(len(found.passages))]))[:PASSAGES]
    return found.subset(sorted(kept))


class _Part(NamedTuple):
    """One of the regions or topics that a question sets side by side: its name, what is asked of it, and its evidence."""

    name: str
    question: Question
    evidence: Evidence


def _parts(question: Question, evidence: Evidence, of_topics: Sequence[Evidence], catalog: Catalog) -> list[_Part]:
    """Return the regions or topics that are read one by one; none if the question is read as a whole."""
    if of_topics:
        return [
            _Part(topic, replace(question, query=topic, topic=topic), own.subset(range(min(_PASSAGES_EACH, len(own.passages)))))
            for topic, own in zip(question.compared_topics, of_topics, strict=True)
        ]
    groups = group_by_region(evidence.passages, question, catalog)
    if len(groups) < 2:
        return []
    names = [region.label for region in question.filters.regions]
    return [_Part(name, question, evidence.subset(group)) for name, group in zip(names, groups, strict=True)]


def _read(
    question: Question,
    evidence: Evidence,
    parts: Sequence[_Part],
    retriever: Retriever,
    strictness: Strictness,
    reader: EvidenceReader,
) -> Answer:
    """Read the evidence, part by part if there are any, and judge whether it answers the question."""
    each = _QUOTES_EACH if question.kind == "comparison" else max(1, MAX_QUOTES // max(1, len(parts)))
    if question.compared_topics:
        each = MAX_QUOTES
    results = [select_quotes(part.question, reader.read(part.question, part.evidence), max_quotes=each) for part in parts]
    if not parts:
        read = reader.read(question, evidence)
        evidence = read.evidence
        selected = select_quotes(question, read)
        results = [replace(selected, quotes=listed_items(question, read, retriever.catalog) or selected.quotes)]
    needed = reader.threshold_for("lenient")
    told = [result.read.confidence >= needed for result in results]
    if parts and any(told):  # a region, or topic, of which nothing is told has no quotes
        results = [result if is_told else replace(result, quotes=()) for result, is_told in zip(results, told, strict=True)]
    names = [part.name for part, is_told in zip(parts, told, strict=False) if not is_told]
    silence = _silence(names, question.topic or question.text, question.language) if names else None
    quotes = tuple(dict.fromkeys(quote for result in results for quote in result.quotes))[:MAX_CELLS]
    sure = max(result.read.confidence for result in results)
    if not quotes or sure < reader.threshold_for(strictness):
        reason = _refusal_reason(question, evidence, retriever)
        return Refused(question=question, evidence=evidence, confidence=round(sure, 3), reason=reason)
    if parts and question.kind == "comparison":
        columns = drop_shared_quotes([_column(part.name, result) for part, result in zip(parts, results, strict=True)])
        if sum(bool(column.quotes) for column in columns) > 1:
            quotes, table = build_table(columns, retriever=retriever, language=question.language)
            return Compared(
                question=question, evidence=evidence, confidence=round(sure, 3), quotes=quotes, table=table, summary=silence
            )
    return _quoted(question, evidence, quotes, round(sure, 3), retriever.catalog, silence)


def _quoted(
    question: Question, evidence: Evidence, quotes: Sequence[Quote], sure: float, catalog: Catalog, silence: str | None
) -> Quoted:
    """Answer with quotes, what they announce, and the passages behind that. Args: silence: which regions tell nothing of it."""
    if question.asks_for_several:
        quotes = with_whole_lists(quotes, evidence, catalog)
    if not question.is_factoid:
        quotes = with_announced(quotes, evidence, catalog)
        behind = [ScoredPassage(quote.passage, 0.0, 0.0, 0.0) for quote in quotes]
        evidence = evidence.with_passages(_distinct([*evidence.passages, *behind]))
    summary = provenance_note(question, quotes, catalog) or silence
    return Quoted(question=question, evidence=evidence, confidence=sure, quotes=tuple(quotes), summary=summary)


def _column(name: str, result: ReaderResult) -> Column:
    best_first = tuple(sorted(result.quotes, key=lambda quote: -quote.score))
    return Column(name, best_first, runner_up_quotes(result))


def _out_of_scope_reason(question: Question, evidence: Evidence, catalog: Catalog) -> str | None:
    """Return why nothing can be said (an unknown region or year), or None if the library has what the question names."""
    language = question.language
    unknown = () if question.filters.regions else question.unknown_regions
    if unknown and not unplaced(evidence, unknown, catalog):
        return no_articles_reason(unknown, catalog, language)
    if not evidence.n_passages:
        years = list(catalog.years)
        span = f"{years[0]}–{years[-1]}" if years else "-"
        return tr(
            f"没有符合限定条件的文件（现有年份：{span}）", f"No document passes the filters (years present: {span})", language
        )
    return (
        unasked_reason(question, catalog)
        or missing_figure_reason(question, evidence, catalog)
        or asked_for_absence_reason(question, catalog)
    )


def _refusal_reason(question: Question, evidence: Evidence, retriever: Retriever) -> str:
    """Return why the passages found are no answer: the words of the question that they lack; and where its regions stand."""
    language, bulletins = question.language, evidence.n_bulletins
    words = missing_words(question, evidence, retriever)
    if words:
        named = join_names((f"“{word}”" for word in words), language)
        reason = tr(
            f"检索了 {bulletins} 份文件：有相近的内容，但没有说到{named}，不足以回答",
            f"Searched {plural(bulletins, 'document')}: there is related text, but nothing on {named}, so no answer",
            language,
        )
    else:
        reason = tr(
            f"检索了 {bulletins} 份文件，没有找到回答这个问题的原文",
            f"Searched {plural(bulletins, 'document')} and found no text that answers this",
            language,
        )
    return reason + named_elsewhere(question.filters.regions, retriever.catalog, language)


def _distinct(ranked: Iterable[ScoredPassage]) -> list[ScoredPassage]:
    """Return each passage once, where it first comes."""
    kept: dict[str, ScoredPassage] = {}
    for scored in ranked:
        kept.setdefault(scored.passage.passage_id, scored)
    return list(kept.values())
