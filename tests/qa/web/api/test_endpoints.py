"""The archive by machine, asked by gradio_client as anyone would; and many at once."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import gradio_client
import pytest
from gradio_client.exceptions import AppError

from benchmarks import load
from corpus.document import Region
from corpus.library import files as corpus_library
from index.catalog import Catalog
from index.store.library import Library
from qa.answering.pipeline import answer_question
from qa.export.records import answer_record
from qa.web.addresses import passage_address
from qa.web.api.endpoints import LibraryAPI
from qa.web.state import LibraryState
from tests.conftest import ROOT

QUESTIONS = [
    json.loads(line)["question"] for line in (corpus_library.SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def client(sample_page: str) -> Iterator[gradio_client.Client]:
    client = gradio_client.Client(sample_page, verbose=False)
    yield client
    client.close()


def test_a_client_is_told_what_there_is_and_how_to_call_it(client: gradio_client.Client) -> None:
    endpoints: dict[str, Any] = client.view_api(return_format="dict")["named_endpoints"]
    assert list(endpoints) == ["/ask", "/search", "/article", "/facets"]
    typed = {
        name: {one["parameter_name"]: one["python_type"]["type"] for one in endpoint["parameters"]}
        for name, endpoint in endpoints.items()
    }
    filters = {"regions": "None | list[str]", "years": "None | list[int]", "series": "None | list[str]"}
    assert typed == {
        "/ask": {"question": "str", "history": "None | list[str]", **filters},
        "/search": {"query": "str", "k": "int", **filters},
        "/article": {"address": "str"},
        "/facets": {},
    }
    assert endpoints["/article"]["description"] == "Read a whole article of the archive."


def test_an_answer_is_the_record_that_the_library_gives(client: gradio_client.Client, samples: Library) -> None:
    for question in QUESTIONS[::12]:
        told = client.predict(question, api_name="/ask")
        for one in (*told["quotes"][:2], *told["passages"][:1]):
            article = client.predict(one["address"], api_name="/article")
            assert one["text"] in article["text"] and one["citation"]["title"] == article["title"]
        assert told == answer_record(answer_question(samples, question), address_of=passage_address)


def test_history_and_filters_do_what_they_do_elsewhere(client: gradio_client.Client) -> None:
    first = "2021年的简报里，锦渚区的骑手驿站怎么建"
    followed = client.predict("那北苑区呢？", history=[first], api_name="/ask")
    assert "云栖市北苑区" in json.dumps(followed["understood"], ensure_ascii=False)
    limited = client.predict("志愿积分怎么做", regions=["望澜市"], years=[2019], series=["岚川青年"], api_name="/ask")
    cited = [one["citation"] for one in (*limited["quotes"], *limited["passages"])]
    assert cited and all(one["issue_date"].startswith("2019") and "岚川青年" in one["series"] for one in cited)


def test_search_ranks_and_limits(client: gradio_client.Client) -> None:
    found = client.predict("骑手驿站", k=4, years=[2020, 2021], api_name="/search")
    assert [one["rank"] for one in found] == [1, 2, 3, 4]
    assert sorted((one["score"] for one in found), reverse=True) == [one["score"] for one in found]
    assert {one["citation"]["issue_date"][:4] for one in found} <= {"2020", "2021"}
    assert len(client.predict("骑手驿站", k=1, api_name="/search")) == 1


def test_facets_count_the_library(client: gradio_client.Client, samples: Library) -> None:
    told = client.predict(api_name="/facets")
    assert (told["bulletins"], told["articles"]) == (12, 40)
    assert {one["name"]: one["bulletins"] for one in told["series"]} == Counter(one.masthead.series for one in samples.bulletins)
    assert sum(one["bulletins"] for one in told["years"]) == 12
    counted: Counter[str] = Counter()
    for region in [article.region for article in samples.retriever.catalog.articles if article.region]:
        counted.update({region.label, Region(region.province).label, Region(region.province, region.city).label})
    assert {one["name"]: one["articles"] for one in told["regions"]} == counted


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"question": "问" * 2001}, "the question has 2001 characters, which is too long: ask in at most 2000"),
        ({"question": " "}, "the question is empty"),
        ({"question": 5}, "question: Expected `str`, got `int`"),
        ({"question": "积分", "regions": ["不存在市"]}, "不存在市: no such region"),
        ({"question": "积分", "years": ["2019"]}, "years: Expected `int`, got `str`"),
        ({"question": "积分", "history": "积分"}, "history: Expected `array | null`, got `str`"),
        ({"query": "积分", "k": 51}, "k is 51: expected 1 to 50"),
        ({"query": "积分", "k": 0}, "k is 0: expected 1 to 50"),
        ({"address": "0123456789ab/1"}, "0123456789ab/1: no such article here"),
        ({"address": "../../etc/passwd"}, "../../etc/passwd: no such article here"),
    ],
)
def test_a_bad_call_gets_one_clear_message(client: gradio_client.Client, arguments: dict[str, Any], said: str) -> None:
    name = {"question": "/ask", "query": "/search", "address": "/article"}[next(iter(arguments))]
    with pytest.raises(AppError) as error:
        client.predict(**arguments, api_name=name)
    assert str(error.value).startswith(said) and "\n" not in str(error.value) and "Traceback" not in str(error.value)


def test_many_at_once_get_their_own_answers(sample_page: str, samples: Library) -> None:
    port = int(sample_page.rsplit(":", 1)[1])
    answers = []
    figures = load.load(port, QUESTIONS[::5], clients=4, seconds=2, keep=answers.append)
    assert (figures["errors"], figures["first_error"]) == (0, None) and figures["requests"] == len(answers) >= 4
    for told in answers:
        expected = answer_question(samples, told["question"])
        assert [one["text"] for one in told["quotes"]] == [quote.text for quote in expected.quotes]


def test_the_examples_of_the_documentation_run(sample_page: str) -> None:
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        program = example.replace("http://127.0.0.1:7860", sample_page)
        done = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", program], capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert (done.returncode, done.stderr) == (0, "") and "可换" in done.stdout, done.stderr


def test_documents_of_every_kind_are_told_by_kind_number_and_address(mixed: Library) -> None:
    served = LibraryAPI(LibraryState(mixed))
    told = {}
    for bulletin in mixed.bulletins:
        article = served.article(f"{Catalog.key_of(bulletin)}/1")
        told[bulletin.source.document] = [article[name] for name in ("kind", "series", "document_number", "url", "publisher")]
    assert told == {
        "bulletin.txt": ["bulletin", "望澜青年工作信息", None, None, "共青团望澜市委"],
        "notice.txt": ["notice", None, "望团发〔2023〕7号", None, "共青团望澜市委"],
        "report.txt": ["report", None, None, None, "共青团望澜市委"],
        "minutes.txt": ["minutes", None, None, None, "共青团望澜市委办公室"],
        "page.html": ["news", None, None, "https://www.wanglan.example/2023/yexiao.html", "望澜发布"],
    }
    facets = served.facets()
    assert {one["name"]: one["bulletins"] for one in facets["kinds"]} == dict.fromkeys([kind for kind, *_ in told.values()], 1)
    assert facets["series"] == [{"name": "望澜青年工作信息", "bulletins": 1}]
