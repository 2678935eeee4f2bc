"""Questions to begin with are drawn from the titles of the library, and each is answered."""

import pytest

from corpus.messages.language import Language
from index.store.library import Library
from qa.answering.answer import Compared
from qa.answering.pipeline import answer_question
from qa.archive.suggestions import find_topics, suggest


def test_topics_are_shared_by_titles_and_no_places(samples: Library) -> None:
    topics = find_topics(samples)
    assert len(topics) == 12 and topics == find_topics(samples)
    titles = [article.title for article in samples.catalog.articles]
    first = topics[0]
    assert sum(first.words in title for title in titles) > 1 and first.regions
    regions = {region.name for region in samples.catalog.regions}
    assert not any(name in topic.words for topic in topics for name in regions)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_suggestion_is_answered_and_one_compares(samples: Library, language: Language) -> None:
    questions = suggest(samples, find_topics(samples), language=language)
    answers = [answer_question(samples, question) for question in questions]
    assert 1 <= len(questions) <= 5 and all(answer.quotes for answer in answers)
    assert sum(isinstance(answer, Compared) for answer in answers) == 1


def test_without_topics_there_are_no_suggestions(samples: Library) -> None:
    assert suggest(samples, (), language="zh") == ()
