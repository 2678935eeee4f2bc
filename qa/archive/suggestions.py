"""Questions that a library can answer, to begin with: drawn from the titles of its own articles."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.document import Article, Region
from corpus.messages.language import Language, tr
from index.store.library import Library
from qa.answering.answer import Compared, Refused
from qa.answering.pipeline import answer_question

_MAX_QUESTIONS = 5
_MAX_TOPICS = 12  # each costs an answer
_NAME = re.compile("“([\u4e00-\u9fff]{3,8})”")
_WORD = re.compile("[\u4e00-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class Topic:
    """Words that titles share, and the regions of their articles, in the order of the library."""

    words: str
    regions: tuple[Region, ...]


def find_topics(library: Library) -> tuple[Topic, ...]:
    """Return at most twelve topics of a library. It takes the words of all titles, seconds at 25,000 articles.

    A topic is two neighbouring words that the titles of several articles share (骑手驿站), else a name in quotes (“夜航灯”).
    """
    articles = [article for article in library.catalog.articles if article.title]
    phrases = [tuple(dict.fromkeys(_phrases(library, article))) for article in articles]
    shared = Counter(itertools.chain.from_iterable(phrases))
    words = [phrase for phrase, count in shared.most_common() if count > 1]
    words += [match[1] for article in articles for match in _NAME.finditer(article.title)]
    topics = []
    for topic in words[:_MAX_TOPICS]:
        having = (article for article, found in zip(articles, phrases, strict=True) if topic in found)
        topics.append(Topic(topic, tuple(dict.fromkeys(article.region for article in having if article.region))))
    return tuple(topics)


def suggest(library: Library, topics: Sequence[Topic], *, language: Language) -> tuple[str, ...]:
    """Return at most five questions about topics, each of which is answered.

    One of them compares two regions where two share a topic.
    """
    questions: list[str] = []
    compared = False
    for topic in topics:
        if any(topic.words in question or question[:2] == topic.words[:2] for question in questions):
            continue
        comparing = len(topic.regions) > 1 and not compared
        if comparing:
            first, second = (region.name for region in topic.regions[:2])
            question = tr(
                f"{first}和{second}的{topic.words}有什么不同", f"How do {first} and {second} differ in {topic.words}?", language
            )
        else:
            question = tr(f"{topic.words}怎么做", f"How do they run {topic.words}?", language)
        answer = answer_question(library, question)
        if isinstance(answer, Refused) or (comparing and not isinstance(answer, Compared)):
            continue
        compared = compared or comparing
        questions.append(question)
        if len(questions) == _MAX_QUESTIONS:
            break
    return tuple(questions)


def _phrases(library: Library, article: Article) -> Iterator[str]:
    """Yield pairs of neighbouring words of the title, neither of them part of a place or of a committee's name."""
    title = article.title
    places = [(mention.start, mention.end) for mention in library.catalog.gazetteer.find(title, within=article.region)]
    for run in _WORD.finditer(title):
        start = run.start()
        words = []
        for word in library.catalog.tokenizer.words(run[0]):
            end = start + len(word)
            known = len(word) > 1 and "委" not in word and not any(a < end and start < b for a, b in places)
            words.append(word if known else "")
            start = end
        yield from (first + second for first, second in itertools.pairwise(words) if first and second)
