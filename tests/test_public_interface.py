"""The public interface: its names, README's example, and what importing it costs."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import qa
from tests.conftest import ROOT
from tests.index.small import RIDERS_AND_POINTS, SmallContextual

SAMPLES = ROOT / "corpus" / "samples"


@pytest.fixture(scope="module")
def library(data: Path) -> qa.Library:
    return qa.open_library(SAMPLES, data=data)


@pytest.mark.parametrize("document", ["README.md", "README.zh.md"])
def test_the_example_runs(document: str, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    assert len(example.splitlines()) <= 10
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(qa, "default_data", lambda: data)
    exec(compile(example, document, "exec"), {})
    assert "志愿积分" in capsys.readouterr().out


def test_the_names_are_these() -> None:
    assert sorted(qa.__all__) == ["Answer", "Citation", "JingyanError", "Library", "Quote", "ask", "compare", "open_library"]
    assert all(hasattr(qa, name) for name in qa.__all__)
    for function in (qa.open_library, qa.ask, qa.compare):
        documented = inspect.getdoc(function) or ""
        own = [name for name in inspect.signature(function).parameters if name != "library"]
        assert [name for name in own if f"\n    {name}: " not in documented] == [], function.__name__


def test_an_answer_is_limited_to_regions_years_and_series(library: qa.Library) -> None:
    answer = qa.ask(library, "志愿者积分制度怎么做", regions=["望澜市"], years=[2019], series=["青年工作信息"])
    cited = {(quote.citation.region, quote.citation.issue_date, quote.citation.series) for quote in answer.quotes}
    assert cited == {("望澜市", "2019-07-19", "岚川青年工作信息")}


def test_a_followup_takes_its_topic_from_the_history(library: qa.Library) -> None:
    answer = qa.ask(library, "那北苑区呢？", history=["锦渚区的骑手驿站怎么建"])
    assert any("骑手" in quote.text for quote in answer.quotes)
    assert all("北苑区" in (quote.citation.region or "") for quote in answer.quotes)


def test_regions_are_compared_in_the_order_given(library: qa.Library) -> None:
    answer = qa.compare(library, "骑手驿站", ["锦渚区", "北苑区"])
    assert answer.table is not None
    assert answer.table.columns == ("云栖市锦渚区", "云栖市北苑区")


def test_mistakes_are_errors_of_ours(library: qa.Library, tmp_path: Path) -> None:
    with pytest.raises(qa.JingyanError, match="no such region"):
        qa.ask(library, "志愿者积分制度怎么做", regions=["子虚市"])
    with pytest.raises(qa.JingyanError):
        qa.ask(library, "")
    with pytest.raises(qa.JingyanError):
        qa.compare(library, "骑手驿站", ["锦渚区"])
    with pytest.raises(qa.JingyanError):
        qa.open_library(tmp_path / "missing", data=tmp_path)


def test_a_library_that_is_opened_fast_loads_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contextual = SmallContextual()
    monkeypatch.setattr(qa, "load_contextual_encoder", lambda: contextual)
    (tmp_path / "简报").mkdir()
    (tmp_path / "简报" / "甲.txt").write_text(RIDERS_AND_POINTS, encoding="utf-8")
    assert qa.open_library(tmp_path / "简报", data=tmp_path / "数据").retriever.index.reads_sentences
    assert contextual.read == 4
    monkeypatch.setattr(qa, "load_contextual_encoder", lambda: pytest.fail("loaded"))
    assert not qa.open_library(tmp_path / "简报", data=tmp_path / "数据", fast=True).retriever.index.reads_sentences


def test_importing_it_imports_nothing_heavy() -> None:
    program = "import sys, qa; print(sorted({'gradio', 'fastapi', 'torch', 'pandas', 'docx'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout == "[]\n"
