"""A question in, an answer out."""

from collections.abc import Sequence

from corpus.language import Language, tr
from corpus.regions import Region
from index.retriever import Filters, Retriever, ScoredPassage
from index.storage import Library
from qa.answer import Answer, Quote
from qa.question import Question, understand
from qa.reader import MAX_QUOTES, read, support

PASSAGES = 10
_DEPTH = 100  # how far down the ranking passages of a named region are looked for
_EACH = 2  # passages of each region named
# Below this the best passage is about something else. Of the answerable development and sample questions 69 of 75 Chinese and
# all 45 English ones lie above; of 40 put on other matters (recipes, shares, physics) 28 lie below.
_SUPPORT: dict[Language, float] = {"zh": 0.18, "en": 0.22}


def answer_question(library: Library, text: str, *, history: Sequence[str] = (), filters: Filters = Filters()) -> Answer:
    """Answer a question from the library, in quotes only, or say why not.

    Args: history: earlier questions, oldest first; filters: limits that the user has set.
    Raises: QuestionError: the question is empty or too long.
    """
    retriever = library.retriever
    question = understand(text, history=history, filters=filters, retriever=retriever)
    ranked = _search(library, question)
    allowed = retriever.allowed(question.filters)
    passages, bulletins = retriever.searched(allowed)
    reason = _reason(question, library, any_allowed=passages > 0, supported=support(question.query, ranked, retriever=retriever))
    groups = _by_region(ranked, question, retriever)
    most = max(1, MAX_QUOTES // max(1, len(groups)))
    quotes: list[Quote] = []
    for group in groups if reason is None else ():
        passages_of_region = [ranked[at] for at in group]
        quotes += read(question.query, passages_of_region, retriever=retriever, detail=question.detail, most=most)
    return Answer(
        question=question.text,
        language=question.language,
        filters=question.filters,
        quotes=tuple(quotes[:MAX_QUOTES]),
        passages=ranked,
        reason=reason if quotes else reason or _nothing_found(library, question.language),
        searched_passages=passages,
        searched_bulletins=bulletins,
    )


def _search(library: Library, question: Question) -> tuple[ScoredPassage, ...]:
    """The best passages; where several regions are named, the best two of each are among them, lest one crowd out another."""
    found = library.retriever.search(question.query, k=_DEPTH, filters=question.filters)
    groups = _by_region(found, question, library.retriever)
    places = [at for group in groups for at in group[:_EACH]] if len(groups) > 1 else []
    chosen = list(dict.fromkeys([*places, *range(len(found))]))[:PASSAGES]
    return tuple(found[at] for at in sorted(chosen))


def _by_region(ranked: Sequence[ScoredPassage], question: Question, retriever: Retriever) -> list[list[int]]:
    """The places in `ranked` of each region named, so that each is heard; all in one group where fewer than two are."""
    if len(question.filters.regions) < 2:
        return [list(range(len(ranked)))]
    groups: dict[Region, list[int]] = {}
    for at, scored in enumerate(ranked):
        article = scored.passage.article
        for region in question.filters.regions:
            if any(one and retriever.gazetteer.covers(region, one) for one in (article.region, article.signed_by)):
                groups.setdefault(region, []).append(at)
                break
        else:  # an article of another region that tells of one named
            groups.setdefault(question.filters.regions[0], []).append(at)
    return list(groups.values())


def _reason(question: Question, library: Library, *, any_allowed: bool, supported: float) -> str | None:
    """Why there is no answer, or None where there is one."""
    language = question.language
    if question.unknown_regions and not question.filters.regions:
        names = "、".join(region.label for region in question.unknown_regions)
        present = sorted({region.label for region in library.retriever.regions})
        return tr(
            f"这些简报里没有{names}的文章（现有地区：{'、'.join(present)}）",
            f"No article from {names} in these bulletins (regions present: {', '.join(present)})",
            language,
        )
    if not any_allowed:
        years = sorted({bulletin.year for bulletin in library.bulletins if bulletin.year})
        span = f"{years[0]}–{years[-1]}" if years else "-"
        return tr(
            f"没有符合限定条件的简报（现有年份：{span}）", f"No bulletin passes the filters (years present: {span})", language
        )
    if supported < _SUPPORT[language]:
        return _nothing_found(library, language)
    return None


def _nothing_found(library: Library, language: Language) -> str:
    count = len(library.bulletins)
    return tr(
        f"检索了 {count} 期简报，没有找到回答这个问题的原文",
        f"Searched {count} bulletins and found no text that answers this",
        language,
    )
