"""One answer enters the index as often as it must: once for the question, and once for each topic that it compares."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from index.query.query import Query, QueryAnalyzer
from index.retriever import Retriever
from index.store.library import Library
from qa.answering.answer import Compared, Quoted
from qa.answering.pipeline import answer_question


class _CountingIndex:
    """A passage index that counts the calls of its methods."""

    def __init__(self, index: Any, calls: Counter[str]) -> None:
        self._index = index
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._index, name)
        if not callable(value) or name == "catalog":
            return value

        def counted(*arguments: Any, **options: Any) -> Any:
            self._calls[name] += 1
            return value(*arguments, **options)

        return counted


class _CountingAnalyzer(QueryAnalyzer):
    """Counts how often each text is analysed."""

    def __init__(self, analyzer: QueryAnalyzer, calls: Counter[str]) -> None:
        self.__dict__.update(vars(analyzer))
        self._calls = calls

    def analyze(self, text: str) -> Query:
        self._calls[f"analyze {text}"] += 1
        return super().analyze(text)


@pytest.fixture
def calls() -> Counter[str]:
    return Counter()


@pytest.fixture
def counting(samples: Library, calls: Counter[str]) -> Library:
    """The sample library, its index and its analyzer counting their calls."""
    retriever = samples.retriever
    index: Any = _CountingIndex(retriever.index, calls)
    return replace(samples, retriever=Retriever(index, _CountingAnalyzer(retriever.analyzer, calls)))


@pytest.mark.parametrize("text", ["志愿积分怎么兑换", "误工补贴每次多少元", "How are volunteer points run?"])
def test_a_plain_question_enters_the_index_once(counting: Library, calls: Counter[str], text: str) -> None:
    answer = answer_question(counting, text)
    assert isinstance(answer, Quoted)
    assert calls["candidates"] == calls["token_similarities"] == calls["term_weights"] == 1
    assert {name: count for name, count in calls.items() if name.startswith("analyze ")} == {
        f"analyze {answer.question.query}": 1
    }


def test_each_region_compared_is_read_from_one_search(counting: Library, calls: Counter[str]) -> None:
    assert isinstance(answer_question(counting, "锦渚区和北苑区的骑手驿站有什么不同？"), Compared)
    assert calls["candidates"] == calls["token_similarities"] == 1


def test_each_topic_compared_enters_the_index_once_more(counting: Library, calls: Counter[str]) -> None:
    answer = answer_question(counting, "时间银行和骑手驿站的管理有什么区别？")
    assert isinstance(answer, Compared) and len(answer.question.compared_topics) == 2
    assert calls["candidates"] == 3
    assert all(count == 1 for name, count in calls.items() if name.startswith("analyze "))
