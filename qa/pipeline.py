"""A question in, an answer out."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from corpus.language import Language, tr
from index.retriever import Filters, ScoredPassage
from index.storage import Library
from qa.answer import Answer
from qa.question import Question, understand
from qa.reader import MAX_QUOTES, read, support

PASSAGES = 10
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
    found = _search(library, question)
    ranked = tuple(scored for turn in zip_longest(*found) for scored in turn if scored is not None)
    allowed = retriever.allowed(question.filters)
    passages, bulletins = retriever.searched(allowed)
    reason = _reason(question, library, any_allowed=passages > 0, supported=support(question.query, ranked, retriever=retriever))
    most = max(1, MAX_QUOTES // len(found))
    quotes = [read(question.query, one, retriever=retriever, detail=question.detail, most=most) for one in found]
    return Answer(
        question=question.text,
        language=question.language,
        filters=question.filters,
        quotes=() if reason else tuple(chain.from_iterable(quotes))[:MAX_QUOTES],
        passages=ranked,
        reason=reason,
        searched_passages=passages,
        searched_bulletins=bulletins,
    )


def _search(library: Library, question: Question) -> tuple[tuple[ScoredPassage, ...], ...]:
    """The best passages, at most PASSAGES in all: one list, or one a region where several are named, so each gets its turn."""
    regions = question.filters.regions
    each = [replace(question.filters, regions=(region,)) for region in regions] if len(regions) > 1 else [question.filters]
    k = max(1, PASSAGES // len(each))
    seen: set[str] = set()
    lists = []
    for filters in each[:PASSAGES]:
        found = library.retriever.search(question.query, k=k, filters=filters)
        lists.append(tuple(scored for scored in found if scored.passage.passage_id not in seen))
        seen.update(scored.passage.passage_id for scored in found)
    return tuple(lists)


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
        count = len(library.bulletins)
        return tr(
            f"检索了 {count} 期简报，没有找到回答这个问题的原文",
            f"Searched {count} bulletins and found no text that answers this",
            language,
        )
    return None
