"""The tools of an assistant, called by the client of the protocol's own package."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest
from mcp.client import Client

from index.store.library import Library
from qa.answering.pipeline import answer_question
from qa.web.addresses import find_address
from tests.qa.web.serving import run


def with_assistant(page: str, talk: Callable[[Client], Awaitable[Any]], *, mode: Literal["auto", "legacy"] = "auto") -> Any:
    async def connect() -> Any:
        async with Client(f"{page}/mcp", mode=mode) as assistant:
            return await talk(assistant)

    return run(connect())


def test_there_are_three_tools_that_say_what_they_are_for(sample_page: str) -> None:
    listed = with_assistant(sample_page, lambda assistant: assistant.list_tools())
    assert [tool.name for tool in listed.tools] == ["ask", "search", "read_article"]
    required = {tool.name: tool.input_schema["required"] for tool in listed.tools}
    assert required == {"ask": ["question"], "search": ["query"], "read_article": ["address"]}
    for tool in listed.tools:
        assert tool.annotations.read_only_hint and not tool.annotations.open_world_hint
        assert all(f"\n    {name}: " in tool.description for name in tool.input_schema["properties"])


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_quotes_are_those_of_the_library_and_lead_to_their_articles(
    sample_page: str, samples: Library, mode: Literal["auto", "legacy"]
) -> None:
    async def talk(assistant: Client) -> Any:
        answer = await assistant.call_tool("ask", {"question": "志愿者积分制度怎么做"})
        found = await assistant.call_tool("search", {"query": "骑手驿站", "k": 3})
        articles = [
            await assistant.call_tool("read_article", {"address": one["address"]}) for one in answer.structured_content["quotes"]
        ]
        return answer, found, articles

    answer, found, articles = with_assistant(sample_page, talk, mode=mode)
    quotes = answer.structured_content["quotes"]
    expected = answer_question(samples, "志愿者积分制度怎么做").quotes
    assert expected and [one["text"] for one in quotes] == [quote.text for quote in expected]
    assert json.loads(answer.content[0].text) == answer.structured_content
    for quote, article in zip(expected, articles, strict=True):
        told = article.structured_content
        place = find_address(samples, told["address"])
        assert place is not None and place[0].article is quote.passage.article
        assert quote.text in told["text"] and told["title"] == quote.citation.title
        assert "".join(one["text"] for one in told["sections"]).replace("\n", "") in told["text"].replace("\n", "")
    assert [one["rank"] for one in found.structured_content["result"]] == [1, 2, 3]


def test_a_mistake_is_told_in_words(sample_page: str) -> None:
    async def talk(assistant: Client) -> Any:
        calls = [("ask", {"question": "积分", "regions": ["不存在市"]}), ("read_article", {"address": "x"}), ("ask", {})]
        return [await assistant.call_tool(name, arguments) for name, arguments in calls]

    told = with_assistant(sample_page, talk)
    assert all(one.is_error and "Traceback" not in one.content[0].text for one in told)
    assert [
        part in one.content[0].text for one, part in zip(told, ("no such region", "no such article", "question"), strict=True)
    ]
