"""Our search beside other systems: invented systems, counts and figures worked out by hand, and one small run."""

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import peers
from benchmarks.peers import Material, Peer, Search
from benchmarks.retrieval import build
from tests.index.small import SmallTokenEncoder

DOCUMENTS = {
    "r": ("", "骑手之家建在桥头，备有热水。"),
    "p": ("", "积分一年一清，可换月票。"),
    "c": ("", "剪纸课每周两次。学费全免。"),
}


@pytest.fixture(scope="module")
def material() -> Material:
    return Material.of(build(DOCUMENTS, SmallTokenEncoder()))


@pytest.mark.parametrize("peer", peers.PEERS, ids=lambda peer: peer.name)
def test_every_system_finds_the_passage_that_the_question_is_about(peer: Peer, material: Material) -> None:
    if (missing := peer.missing_module()) is not None:
        pytest.skip(f"{missing} is not installed")
    search = peer.make(material)
    assert [search(question)[0] for question in ("骑手喝热水", "积分可换月票", "剪纸课学费")] == [0, 1, 2]


def test_reciprocal_rank_fusion() -> None:
    # 7: 1/61 + 1/62; 3: 1/61; 5: 1/62; 9: 1/63
    assert peers.reciprocal_rank_fusion([[7, 5, 9], [3, 7]]) == [7, 3, 5, 9]
    assert peers.reciprocal_rank_fusion([[], []]) == []


def test_what_is_not_installed_and_what_fails_is_left_out(material: Material) -> None:
    def fail(material: Material) -> Search:
        raise OSError("no network")

    def work(material: Material) -> Search:
        return lambda question: [0]

    systems = [
        Peer("works", ("json",), "", work),
        Peer("module", ("json", "json.no_such_module"), "", work),
        Peer("package", ("no_such_package.module",), "", work),
        Peer("fails", (), "", fail),
    ]
    searches, left_out = peers.make_searches(material, systems)
    assert list(searches) == ["works"]
    assert left_out == {
        "module": "json.no_such_module is not installed",
        "package": "no_such_package.module is not installed",
        "fails": "it cannot be run here: OSError('no network')",
    }


def test_every_system_gets_every_question_equally_often_and_before_the_next() -> None:
    asked: list[tuple[str, str]] = []

    def system(name: str) -> Search:
        return lambda question: [len(asked), asked.append((name, question))][:1]  # type: ignore[func-returns-value]

    times = peers.time_in_turn({"a": system("a"), "b": system("b")}, ["1", "2"], min_times=3)
    assert {name: len(values) for name, values in times.items()} == {"a": 4, "b": 4}  # whole rounds: 3 are not
    warm_up, timed = asked[:4], asked[4:]
    assert warm_up == [("a", "1"), ("b", "1"), ("a", "2"), ("b", "2")]
    assert [question for _, question in timed] == ["1", "1", "2", "2", "1", "1", "2", "2"]
    assert all({timed[turn][0], timed[turn + 1][0]} == {"a", "b"} for turn in range(0, 8, 2))


def test_percentiles_and_the_ratio_to_the_baseline() -> None:
    figures = peers.summarise({"jingyan": [3.0, 5.0, 4.0], peers.BASELINE: [1.0, 2.0, 3.0]})
    # The 95th percentile lies nine tenths of the way from the second of three to the third.
    assert figures == {
        "jingyan": {"p50_ms": 4.0, "p95_ms": 4.9, "ratio": 2.0},
        peers.BASELINE: {"p50_ms": 2.0, "p95_ms": 2.9, "ratio": 1.0},
    }


def test_the_command_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"question": "志愿者积分怎么兑换？"}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert benchmarks.main(["peers", "--passages", "14", "--questions", str(questions)]) == 0
    printed = capsys.readouterr().out.splitlines()
    named = [line.split("|")[1].strip() if line.startswith("|") else line.partition(":")[0] for line in printed[2:]]
    assert sorted(named) == sorted(peer.name for peer in peers.PEERS)
    baseline = next(line for line in printed if line.startswith(f"| {peers.BASELINE} |"))
    assert baseline.split("|")[4].strip() == "1.0"
