"""A question in, an answer out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from corpus.document import Region
from corpus.messages.errors import QuestionError
from corpus.messages.language import Language, plural, tr
from index.retriever import Filters, Retriever, ScoredPassage
from index.store.library import Library
from qa.answering.answer import Answer, Quote, Table
from qa.answering.answerability import Strictness, confidence, load_answerability_model, missing_words
from qa.answering.comparison import MOST_CELLS, Column, build_table
from qa.answering.counting import Count, count_term
from qa.answering.scoring import ScoredSentence
from qa.answering.selection import MAX_QUOTES, runner_up_quotes, select_quotes
from qa.question.analyzer import Question, analyze_question

PASSAGES = 10
_DEPTH = 100  # how far down the ranking passages of a named region are looked for
_EACH = 2  # passages of each region or side compared
_CELLS = 4  # quotes of each region or side compared
FEWEST, MOST_REGIONS = 2, 5  # compared at once
_SOUGHT = 12  # quotes of all regions compared on a topic, before cells are filled: most of them have a row to themselves
_LISTED = 12  # regions named in a sentence


def answer_question(
    library: Library,
    text: str,
    *,
    history: Sequence[str] = (),
    filters: Filters = Filters(),
    removed_chips: Collection[str] = (),
    strictness: Strictness = "normal",
) -> Answer:
    """Answer a question from the library, in quotes only, or say why not.

    Args: history: earlier questions, oldest first; filters: limits that the user has set; without: keys of what was understood
        of the question and is not meant (`Question.chips`); strictness: how sure the answer must be, lest it be refused.
    Raises: QuestionError: the question is empty or too long.
    """
    retriever = library.retriever
    question = analyze_question(text, history=history, filters=filters, removed_chips=removed_chips, retriever=retriever)
    passages, bulletins = retriever.count_matching(retriever.filter_mask(question.filters))
    ranked = search_passages(retriever, question)
    answer = Answer(
        question=question.text,
        language=question.language,
        filters=question.filters,
        quotes=(),
        passages=ranked,
        reason=_out_of_scope_reason(question, library, any_allowed=passages > 0),
        searched_passages=passages,
        searched_bulletins=bulletins,
        kind=question.kind,
        asked=question,
    )
    if answer.reason is not None:
        return answer
    if question.kind == "count" and (counted := count_term(question, retriever=retriever)) is not None:
        return _count_answer(answer, counted, retriever)
    quotes, table, rated = _read(question, ranked, retriever)
    sure = confidence(question, ranked, rated, retriever=retriever)
    if sure < load_answerability_model().threshold_for(strictness) or not quotes:
        return replace(answer, reason=_refusal_reason(question, ranked, retriever, bulletins), confidence=round(sure, 3))
    return replace(answer, quotes=quotes, table=table, confidence=round(sure, 3))


def compare(library: Library, topic: str, regions: Sequence[Region], *, strictness: Strictness = "normal") -> Answer:
    """Set beside each other what some regions say of a topic: a column each, empty where a region does not tell of it.

    Each region is searched, read and judged by itself, as if it alone had been asked about. Of a region and one inside it, the
    narrower has the articles that are about it.

    Args: topic: a few words, or a question; regions: FEWEST to MOST_REGIONS, in the order of the columns.
    Raises: QuestionError: too few or too many regions, or a topic that is empty or too long.
    """
    retriever = library.retriever
    regions = tuple(dict.fromkeys(regions))
    if not FEWEST <= len(regions) <= MOST_REGIONS:
        raise QuestionError(
            tr(
                f"对照需要 {FEWEST} 到 {MOST_REGIONS} 个地区，这里有 {len(regions)} 个",
                f"a comparison takes {FEWEST} to {MOST_REGIONS} regions, here are {len(regions)}",
            )
        )
    asked = analyze_question(topic, filters=Filters(regions=regions), retriever=retriever)
    asked = replace(asked, kind="comparison", answer_kind=None, compared_topics=())
    names = tr("、", ", ", asked.language).join(region.label for region in regions)
    passages, bulletins = retriever.count_matching(retriever.filter_mask(asked.filters))
    columns: list[Column] = []
    found: list[ScoredPassage] = []
    best = 0.0
    for region in regions:
        within = replace(asked, filters=replace(asked.filters, regions=(region,)))
        own = [
            scored
            for scored in retriever.search(within.query, k=_DEPTH, filters=within.filters)
            if _most_specific(scored, regions, retriever) in (None, region)
        ][:PASSAGES]
        reading = select_quotes(within, own, retriever=retriever, most=min(_CELLS, _SOUGHT // len(regions)))
        sure = confidence(within, own, reading.scored, retriever=retriever)
        best = max(best, sure)
        found += own
        tells = sure >= load_answerability_model().threshold_for(strictness)
        columns.append(
            Column(region.label, _best_first(reading.quotes), runner_up_quotes(reading)) if tells else Column(region.label, ())
        )
    ranked = tuple(sorted(_distinct(found), key=lambda scored: -scored.score)[:PASSAGES])
    answer = Answer(
        question=f"{asked.text}{tr('：', ': ', asked.language)}{names}",
        language=asked.language,
        filters=asked.filters,
        quotes=(),
        passages=ranked,
        reason=_refusal_reason(asked, ranked, retriever, bulletins),
        searched_passages=passages,
        searched_bulletins=bulletins,
        kind="comparison",
        confidence=round(best, 3),
        asked=asked,
    )
    columns = _apart(columns)
    if not any(column.quotes for column in columns):
        return answer
    quotes, table = build_table(columns, retriever=retriever, language=asked.language)
    silent = tr("、", ", ", asked.language).join(column.name for column in columns if not column.quotes)
    note = tr(f"没有找到{silent}说到“{asked.text}”的原文", f"Nothing was found from {silent} on “{asked.text}”", asked.language)
    return replace(answer, quotes=quotes, table=table, reason=None, summary=note if silent else None)


def _most_specific(scored: ScoredPassage, regions: Sequence[Region], retriever: Retriever) -> Region | None:
    """Of the regions compared, the narrowest that the passage's article is about; None where it is about none of them."""
    region = scored.passage.article.region
    if region is None or region in regions:  # a region and its successor cover each other's articles
        return region
    about = [one for one in regions if retriever.gazetteer.covers(one, region)]
    return next((one for one in about if not any(other != one and one.contains(other) for other in about)), None)


def search_passages(retriever: Retriever, question: Question) -> tuple[ScoredPassage, ...]:
    """The best passages; where several regions or things are compared, the best two of each are among them, lest one crowd out
    another."""
    found = retriever.search(question.query, k=_DEPTH, filters=question.filters)
    if question.compared_topics:
        listed = [retriever.search(side, k=PASSAGES, filters=question.filters) for side in question.compared_topics]
        first = [scored for side in listed for scored in side[:_EACH]]
        return _distinct([*first, *found])[:PASSAGES]
    groups = _by_region(found, question, retriever)
    places = [at for group in groups for at in group[:_EACH]] if len(groups) > 1 else []
    chosen = list(dict.fromkeys([*places, *range(len(found))]))[:PASSAGES]
    return tuple(found[at] for at in sorted(chosen))


def _read(
    question: Question, ranked: Sequence[ScoredPassage], retriever: Retriever
) -> tuple[tuple[Quote, ...], Table | None, tuple[ScoredSentence, ...]]:
    """The quotes, laid out as a table where things are compared, and every sentence that was rated."""
    if question.compared_topics:
        readings = [
            (
                side,
                select_quotes(
                    replace(question, query=side), retriever.search(side, k=_EACH, filters=question.filters), retriever=retriever
                ),
            )
            for side in question.compared_topics
        ]
    else:
        groups = [[ranked[at] for at in group] for group in _by_region(ranked, question, retriever)]
        if len(groups) < 2:
            reading = select_quotes(question, ranked, retriever=retriever)
            return reading.quotes, None, reading.scored
        most = _CELLS if question.kind == "comparison" else max(1, MAX_QUOTES // len(groups))
        names = [region.label for region in question.filters.regions]
        readings = [
            (name, select_quotes(question, group, retriever=retriever, most=most))
            for name, group in zip(names, groups, strict=False)
        ]
    rated = tuple(one for _, reading in readings for one in reading.scored)
    if question.kind == "comparison":
        columns = _apart([Column(name, _best_first(reading.quotes), runner_up_quotes(reading)) for name, reading in readings])
        if sum(bool(column.quotes) for column in columns) > 1:
            quotes, table = build_table(columns, retriever=retriever, language=question.language)
            return quotes, table, rated
    return tuple(dict.fromkeys(quote for _, reading in readings for quote in reading.quotes))[:MOST_CELLS], None, rated


def _by_region(ranked: Sequence[ScoredPassage], question: Question, retriever: Retriever) -> list[list[int]]:
    """The places in `ranked` of each region named, in the order of naming, so that each is heard; all in one group where fewer
    than two are."""
    regions = question.filters.regions
    if len(regions) < 2:
        return [list(range(len(ranked)))]
    groups: dict[Region, list[int]] = {region: [] for region in regions}
    for at, scored in enumerate(ranked):
        article = scored.passage.article
        about = [one for one in (article.region, article.signed_by) if one]
        own = next((region for region in regions if any(retriever.gazetteer.covers(region, one) for one in about)), None)
        # An article of another region may tell of one named: 团杭州市委 of 淳安.
        told = own or next((region for region in regions if retriever.mentions_region(scored.passage, region)), regions[0])
        groups[told].append(at)
    return list(groups.values())


def _count_answer(answer: Answer, counted: Count, retriever: Retriever) -> Answer:
    """The answer to a question for a number: how many articles, bulletins and regions, and where each article says it."""
    language = answer.language
    if not counted.articles:
        return replace(
            answer,
            reason=tr(
                f"检索了 {answer.searched_bulletins} 期简报，没有一篇文章提到“{counted.term}”",
                f"Searched {plural(answer.searched_bulletins, 'bulletin')}: no article mentions “{counted.term}”",
                language,
            ),
        )
    listed = "、".join(f"{region.label}（{number}）" for region, number in counted.regions)
    named = tr("：", ": ", language) + listed if listed else ""
    others = len(counted.articles) - sum(number for _, number in counted.regions)
    elsewhere = tr(f"；另有 {others} 篇不属于哪个地区", f"; {plural(others, 'article')} of no region", language)
    form = "" if counted.forms == (counted.term,) else f" ({', '.join(counted.forms)})"
    note = tr(
        f"提到“{counted.term}”的有 {len(counted.regions)} 个地区、{len(counted.bulletins)} 期简报、{len(counted.articles)} 篇文章"
        f"{named}{elsewhere if others else ''}",
        f"“{counted.term}”{form} is mentioned by {plural(len(counted.regions), 'region')}, in "
        f"{plural(len(counted.bulletins), 'bulletin')} and {plural(len(counted.articles), 'article')}"
        f"{named}{elsewhere if others else ''}",
        language,
    )
    holding = {id(found.article): found for found in counted.articles}
    quotes: dict[int, Quote] = {}
    for passage in retriever.passages:
        found = holding.get(id(passage.article))
        # A title is in no passage: where it alone has the term, it is quoted with the article's first.
        if found is not None and (id(found.article) not in quotes or passage.span.contains(found.sentence)):
            quotes[id(found.article)] = Quote(passage, found.sentence, 1.0, highlight=(found.span,))
    return replace(answer, quotes=tuple(quotes.values()), summary=note, confidence=1.0)


def _out_of_scope_reason(question: Question, library: Library, *, any_allowed: bool) -> str | None:
    """Why nothing can be said: a region or a year that the library does not have. None where that is not so."""
    language = question.language
    if question.unknown_regions and not question.filters.regions:
        names = "、".join(region.label for region in question.unknown_regions)
        present = sorted({region.label for region in library.retriever.regions})
        listed = "、".join(present[:_LISTED]) + ("……" if len(present) > _LISTED else "")
        return tr(
            f"这些简报里没有{names}的文章（现有地区：{listed}）",
            f"No article from {names} in these bulletins (regions present: {listed})",
            language,
        )
    if not any_allowed:
        years = sorted({bulletin.masthead.year for bulletin in library.bulletins if bulletin.masthead.year})
        span = f"{years[0]}–{years[-1]}" if years else "-"
        return tr(
            f"没有符合限定条件的简报（现有年份：{span}）", f"No bulletin passes the filters (years present: {span})", language
        )
    return None


def _refusal_reason(question: Question, ranked: Sequence[ScoredPassage], retriever: Retriever, bulletins: int) -> str:
    """Why the passages found are no answer: what the question asks for and they do not have."""
    language: Language = question.language
    words = missing_words(question, ranked, retriever=retriever)
    if ranked and words:
        named = "、".join(f"“{word}”" for word in words) if language == "zh" else ", ".join(f"“{word}”" for word in words)
        return tr(
            f"检索了 {bulletins} 期简报：有相近的内容，但没有说到{named}，不足以回答",
            f"Searched {plural(bulletins, 'bulletin')}: there is related text, but nothing on {named}, so no answer",
            language,
        )
    return tr(
        f"检索了 {bulletins} 期简报，没有找到回答这个问题的原文",
        f"Searched {plural(bulletins, 'bulletin')} and found no text that answers this",
        language,
    )


def _best_first(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    return tuple(sorted(quotes, key=lambda quote: -quote.score))


def _apart(columns: Sequence[Column]) -> list[Column]:
    """The columns without the sentences that another column has with a higher score: said of both sides, they tell of one.

    Of those kept in reserve, without any that another column has.
    """

    def meet(one: Quote, other: Quote) -> bool:
        return one.passage is other.passage and max(one.span.start, other.span.start) < min(one.span.end, other.span.end)

    def better(quote: Quote, own: int) -> bool:
        return any(
            (-other.score, at) < (-quote.score, own) and meet(quote, other)
            for at, column in enumerate(columns)
            if at != own
            for other in column.quotes
        )

    def taken(quote: Quote, own: int) -> bool:
        others = [column for at, column in enumerate(columns) if at != own]
        return any(meet(quote, other) for column in others for other in (*column.quotes, *column.reserves))

    return [
        replace(
            column,
            quotes=tuple(quote for quote in column.quotes if not better(quote, at)),
            reserves=tuple(quote for quote in column.reserves if not taken(quote, at)),
        )
        for at, column in enumerate(columns)
    ]


def _distinct(ranked: Iterable[ScoredPassage]) -> tuple[ScoredPassage, ...]:
    """Each passage once, where it first comes."""
    kept: dict[str, ScoredPassage] = {}
    for scored in ranked:
        kept.setdefault(scored.passage.passage_id, scored)
    return tuple(kept.values())
