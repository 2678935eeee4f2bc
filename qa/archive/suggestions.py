"""Questions that a library can answer, to begin with: drawn from the titles of its own articles."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator

from corpus.document import Article
from corpus.messages.language import Language, tr
from index.store.library import Library
from qa.answering.answer import Compared, Refused
from qa.answering.pipeline import answer_question

_MOST = 5
_TRIED = 12  # topics looked at: each costs an answer
_NAME = re.compile("“([\u4e00-\u9fff]{3,8})”")
_WORD = re.compile("[\u4e00-\u9fff]{2,}")


def suggest(library: Library, *, language: Language) -> tuple[str, ...]:
    """At most five questions, each of which is answered; one of them compares two regions where two share a topic.

    A topic is two neighbouring words that the titles of several articles share (骑手驿站), else a name in quotes (“夜航灯”).
    """
    articles = [article for article in library.retriever.catalog.articles if article.title]
    told = {id(article): set(_phrases(library, article)) for article in articles}
    shared = Counter(phrase for phrases in told.values() for phrase in phrases)
    named = [match[1] for article in articles for match in _NAME.finditer(article.title)]
    topics = [phrase for phrase, count in shared.most_common() if count > 1]
    questions: list[str] = []
    compared = False
    for topic in [*topics, *named][:_TRIED]:
        if any(topic in question or question[:2] == topic[:2] for question in questions):
            continue
        regions = list(dict.fromkeys(a.region for a in articles if a.region and topic in told[id(a)]))
        comparing = len(regions) > 1 and not compared
        if comparing:
            one, other = (region.name for region in regions[:2])
            question = tr(f"{one}和{other}的{topic}有什么不同", f"How do {one} and {other} differ in {topic}?", language)
        else:
            question = tr(f"{topic}怎么做", f"How do they run {topic}?", language)
        answer = answer_question(library, question)
        if isinstance(answer, Refused) or (comparing and not isinstance(answer, Compared)):
            continue
        compared = compared or comparing
        questions.append(question)
        if len(questions) == _MOST:
            break
    return tuple(questions)


def _phrases(library: Library, article: Article) -> Iterator[str]:
    """Two neighbouring words of the title, neither of them part of a place or of a committee's name."""
    title = article.title
    places = [(mention.start, mention.end) for mention in library.retriever.catalog.gazetteer.find(title, within=article.region)]
    for run in _WORD.finditer(title):
        at = run.start()
        words = []
        for word in library.retriever.catalog.tokenizer.words(run[0]):
            end = at + len(word)
            known = len(word) > 1 and "委" not in word and not any(a < end and at < b for a, b in places)
            words.append(word if known else "")
            at = end
        yield from (one + other for one, other in itertools.pairwise(words) if one and other)
