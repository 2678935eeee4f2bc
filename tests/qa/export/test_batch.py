"""The batch contract."""

import json
from pathlib import Path

import pytest

from corpus.messages.errors import OutputError, QuestionError
from index.store.library import Library
from qa.export import batch


def answers(library: Library, folder: Path, text: str) -> tuple[int, list[dict]]:  # type: ignore[type-arg]
    source, target = folder / "questions.jsonl", folder / "answers.jsonl"
    source.write_text(text, encoding="utf-8")
    failed = batch.answer_file(library, source, target)
    return failed, [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def test_one_line_out_for_each_line_in(samples: Library, tmp_path: Path) -> None:
    lines = [
        {"id": "a", "question": "志愿积分怎么做"},
        {"id": 7, "question": "石潭呢？", "history": ["锦渚的时间银行怎么办"]},
        {"id": "c", "question": "人工智能芯片"},
    ]
    failed, records = answers(samples, tmp_path, "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n")
    assert failed == 0
    assert [record["id"] for record in records] == ["a", 7, "c"]
    for record in records:
        assert list(record) == [
            "id",
            "kind",
            "abstained",
            "confidence",
            "reason",
            "note",
            "understood",
            "quotes",
            "table",
            "passages",
            "asked",
            "elapsed_ms",
            "digest",
        ]
        assert record["elapsed_ms"] > 0
    quote, passage = records[0]["quotes"][0], records[0]["passages"][0]
    located = ["text", "document", "spans", "citation", "score"]
    assert list(quote) == [*located, "label", "highlight", "receipt"]
    assert list(passage) == [*located, "rank"]
    assert records[2]["abstained"] and records[2]["quotes"] == [] and records[2]["reason"]
    assert "石潭县" in {passage["citation"]["region"] for passage in records[1]["passages"]}


@pytest.mark.parametrize(
    ("line", "identity", "said"),
    [
        ("{", None, "not JSON"),
        ('["a"]', None, "expected a JSON object"),
        ('{"id": "b"}', "b", "expected a JSON object"),
        ('{"id": "b", "question": 3}', "b", "expected a JSON object"),
        ('{"id": "b", "question": "  "}', "b", "empty"),
        ('{"id": "b", "question": "问", "history": "先前"}', "b", "history"),
        ("[" * 100_000, None, "not JSON"),
    ],
)
def test_a_bad_line_says_what_is_wrong_and_the_rest_is_answered(
    samples: Library, tmp_path: Path, line: str, identity: str | None, said: str
) -> None:
    failed, records = answers(
        samples, tmp_path, f'{{"id": "a", "question": "志愿积分"}}\n{line}\n{{"id": "c", "question": "驿站"}}\n'
    )
    assert failed == 1
    assert set(records[1]) - {"asked"} == {"id", "error", "digest"}
    assert records[1]["id"] == identity
    assert "line 2" in records[1]["error"] and said in records[1]["error"]
    assert (records[0]["id"], records[2]["id"]) == ("a", "c")


def test_the_target_is_written_whole_or_not_at_all(samples: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    source.write_text('{"id": "a", "question": "积分"}\n' * 3, encoding="utf-8")
    target.write_text("before", encoding="utf-8")

    def interrupted(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.answer_file(samples, source, target, progress=interrupted)
    assert target.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl", "questions.jsonl"]


def test_missing_source_and_unwritable_target(samples: Library, tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"nothing\.jsonl"):
        batch.answer_file(samples, tmp_path / "nothing.jsonl", tmp_path / "out.jsonl")
    source = tmp_path / "questions.jsonl"
    source.write_text('{"id": "a", "question": "积分"}\n', encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        batch.answer_file(samples, source, tmp_path / "no folder" / "out.jsonl")


def test_half_a_character_spoils_its_own_line_alone(samples: Library, tmp_path: Path) -> None:
    source, target = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    lines = [
        rb'{"id": 1, "question": "\ud800\u5fd7\u613f"}',
        rb'{"id": "\udc00", "question": "\u9a91\u624b\u9a7f\u7ad9\u600e\u4e48\u5efa"}',
        rb'{"id": 3, "question": "\u5317\u82d1\u5462", "history": ["\ud800"]}',
        b'{"id": 4, "question": "\xff"}',  # not UTF-8
        '{"id": 5, "question": "骑手驿站\u2028怎么建"}'.encode(),  # which ends no line of JSON
    ]
    source.write_bytes(b"\n".join(lines))
    assert batch.answer_file(samples, source, target) == 3
    records = [json.loads(line) for line in target.read_text(encoding="utf-8").split("\n") if line]
    assert [record["id"] for record in records] == [1, "\udc00", 3, 4, 5]
    assert ["half a character" in record.get("error", "") for record in records] == [True, False, True, True, False]
    assert records[1]["quotes"] and "line 1:" in records[0]["error"]
