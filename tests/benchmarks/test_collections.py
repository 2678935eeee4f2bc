"""Public sets made into collections: invented ones, written, read back and measured by hand."""

import json
import lzma
import math
from pathlib import Path
from typing import Any

import ir_measures
import pytest

from benchmarks.collections import write_collections
from benchmarks.retrieval import build, measure_halves, rank, read_collection, trec_run
from corpus.messages.errors import QuestionError
from tests.index.small import SmallTokenEncoder

PARAGRAPHS = ["骑手之家建在桥头，备有热水。", "积分一年一清，\n可换月票。", "剪纸课每周两次。\u2028学费全免。\u0085"]
QUESTIONS = [["骑手之家建在哪里？"], ["积分能换什么？", "积分多久清一次？"], ["剪纸课多久一次？"]]
ENGLISH = [["Where is the riders' home?"], ["What are points good for?", "How long do points last?"], ["How often is the class?"]]


def write(data: Path, part: str, records: list[dict[str, Any]]) -> None:
    path = data / f"{part}.jsonl.xz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def squad(contexts: list[str], questions: list[list[str]]) -> list[dict[str, Any]]:
    """Articles in SQuAD form, the first two paragraphs in one, the third in another; the questions are numbered through."""
    numbers = iter(range(100))
    paragraphs = [
        {"context": context, "qas": [{"id": f"id{next(numbers)}", "question": question, "answers": []} for question in asked]}
        for context, asked in zip(contexts, questions, strict=True)
    ]
    return [{"title": "甲", "paragraphs": paragraphs[:2]}, {"title": "乙", "paragraphs": paragraphs[2:]}]


def test_questions_over_passages_are_read_back(tmp_path: Path) -> None:
    write(tmp_path / "data", "drcd/dev", squad(PARAGRAPHS, QUESTIONS))
    (folder,) = write_collections(tmp_path / "data", tmp_path / "out")
    assert folder == tmp_path / "out" / "drcd-dev"
    documents, queries, qrels = read_collection(folder)
    assert documents == {"p0": ("", PARAGRAPHS[0]), "p1": ("", PARAGRAPHS[1]), "p2": ("", PARAGRAPHS[2])}
    asked = [question for questions in QUESTIONS for question in questions]
    assert queries == {f"id{number}": question for number, question in enumerate(asked)}
    # the second and the third question are both of the second passage
    relevant = [(qrel.query_id, qrel.doc_id, qrel.relevance) for qrel in qrels]
    assert relevant == [("id0", "p0", 1), ("id1", "p1", 1), ("id2", "p1", 1), ("id3", "p2", 1)]


def test_english_questions_go_with_the_chinese_passages(tmp_path: Path) -> None:
    write(tmp_path / "data", "xquad/zh", squad(PARAGRAPHS, QUESTIONS))
    write(tmp_path / "data", "xquad/en", squad(["A home.", "Points.", "A class."], ENGLISH))
    chinese, english = write_collections(tmp_path / "data", tmp_path / "out")
    assert (chinese.name, english.name) == ("xquad-zh", "xquad-en-zh")
    (documents, queries, qrels), (texts, asked, judged) = read_collection(chinese), read_collection(english)
    assert texts == documents
    assert judged == qrels
    assert asked.keys() == queries.keys()
    assert (queries["id2"], asked["id2"]) == ("积分多久清一次？", "How long do points last?")


def test_english_questions_without_the_chinese_passages_are_no_set(tmp_path: Path) -> None:
    write(tmp_path / "data", "xquad/en", squad(["A home.", "Points.", "A class."], ENGLISH))
    with pytest.raises(QuestionError, match="data"):
        write_collections(tmp_path / "data", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_pairs_ask_for_their_translation(tmp_path: Path) -> None:
    pairs = [{"en": "It rains.", "zh": "下雨了。"}, {"en": "Riders rest.", "zh": "骑手休息。"}]
    write(tmp_path / "data", "laser-tatoeba-test/cmn-eng", pairs)
    write(tmp_path / "data", "ntrex/en-zh", [{"en": "One.", "zh_cn": "一。", "zh_tw": "壹。"}])
    ntrex, forth, back = (read_collection(folder) for folder in write_collections(tmp_path / "data", tmp_path / "out"))
    assert ntrex[:2] == ({"p0": ("", "一。")}, {"q0": "One."})
    assert forth[:2] == ({"p0": ("", "下雨了。"), "p1": ("", "骑手休息。")}, {"q0": "It rains.", "q1": "Riders rest."})
    assert back[:2] == ({"p0": ("", "It rains."), "p1": ("", "Riders rest.")}, {"q0": "下雨了。", "q1": "骑手休息。"})
    assert forth[2] == back[2] == [ir_measures.Qrel("q0", "p0", 1), ir_measures.Qrel("q1", "p1", 1)]


BROKEN = {
    "no xz": b"not xz",
    "no JSON": lzma.compress(b'{"paragraphs": [}\n'),
    "cut off": lzma.compress(b'{"paragraphs": []}\n' * 99)[:-20],
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_set_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cmrc2018").mkdir()
    (tmp_path / "cmrc2018" / "dev.jsonl.xz").write_bytes(content)
    with pytest.raises(QuestionError, match=r"cmrc2018.dev\.jsonl\.xz"):
        write_collections(tmp_path, tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "line"),
    [("corpus.jsonl", "{"), ("corpus.jsonl", '{"_id": "p9"}'), ("queries.jsonl", "[]"), ("qrels.tsv", "q0\tp0\tmuch")],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, name: str, line: str) -> None:
    write(tmp_path / "data", "drcd/dev", squad(PARAGRAPHS, QUESTIONS))
    (folder,) = write_collections(tmp_path / "data", tmp_path / "out")
    content = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(f"{content}{line}\n", encoding="utf-8")
    # three passages, four questions, and a header and four rows
    number = {"corpus.jsonl": 4, "queries.jsonl": 5, "qrels.tsv": 6}[name]
    with pytest.raises(QuestionError, match=rf"{name}: line {number}: "):
        read_collection(folder)


def test_a_collection_of_another_system_is_read(tmp_path: Path) -> None:
    """Lines that end as Windows ends them, a byte order mark, blank lines, titles, numbers as names."""
    (tmp_path / "corpus.jsonl").write_bytes(
        b'\xef\xbb\xbf{"_id": 7, "title": "T", "text": "A"}\r\n\r\n{"_id": "8", "title": null, "text": "B"}\r\n'
    )
    (tmp_path / "queries.jsonl").write_bytes(b'{"_id": "q", "text": "Q"}\r\n')
    (tmp_path / "qrels.tsv").write_bytes(b"query-id\tcorpus-id\tscore\r\nq\t7\t2\r\n\r\n")
    documents, queries, qrels = read_collection(tmp_path)
    assert (documents, queries) == ({"7": ("T", "A"), "8": ("", "B")}, {"q": "Q"})
    assert qrels == [ir_measures.Qrel("q", "7", 2)]


# Measures.


def qrels_of(**relevant: str) -> list[ir_measures.Qrel]:
    return [ir_measures.Qrel(query, document, 1) for query, document in relevant.items()]


def run_of(**ranked: str) -> list[ir_measures.ScoredDoc]:
    """Documents of one letter each, the best first."""
    return [
        ir_measures.ScoredDoc(query, document, -float(place))
        for query, documents in ranked.items()
        for place, document in enumerate(documents)
    ]


def test_measures_of_the_halves_by_hand() -> None:
    # The right document is x. q1 finds it first, q3 third, q2 sixth, q4 never.
    run = run_of(q1="xabcdef", q3="abxcdef", q2="abcdexf", q4="abcdefg")
    found = measure_halves(qrels_of(q1="x", q2="x", q3="x", q4="x"), run)
    gain = [1 / math.log2(2), 1 / math.log2(4), 1 / math.log2(7), 0]  # of q1, q3, q2, q4: 1 / log2(rank + 1)
    # odd: q1 and q3; ranks 1 and 3
    assert found["odd"] == pytest.approx(
        {"nDCG@10": (gain[0] + gain[1]) / 2, "R@5": 1, "R@10": 1, "R@100": 1, "RR@10": (1 + 1 / 3) / 2, "Success@1": 1 / 2}
    )
    # even: q2 and q4; rank 6 and none
    assert found["even"] == pytest.approx(
        {"nDCG@10": gain[2] / 2, "R@5": 0, "R@10": 1 / 2, "R@100": 1 / 2, "RR@10": 1 / 12, "Success@1": 0}
    )
    # and the whole is the mean of the two, which are of one size
    assert found["all"] == pytest.approx({name: (found["odd"][name] + found["even"][name]) / 2 for name in found["all"]})


def test_a_question_that_finds_nothing_counts() -> None:
    found = measure_halves(qrels_of(q1="x", q3="x", q2="x"), run_of(q1="x"))
    assert found["odd"]["Success@1"] == 1 / 2
    assert found["even"]["Success@1"] == 0
    assert found["all"]["Success@1"] == pytest.approx(1 / 3)


def test_a_half_without_questions_has_no_figures() -> None:
    found = measure_halves(qrels_of(q1="x", q5="x"), run_of(q1="x", q5="ax"))
    assert found["even"] == {}
    assert found["odd"] == found["all"]
    assert found["all"]["RR@10"] == 3 / 4


def test_a_collection_is_ranked_by_the_program_itself() -> None:
    documents = {"a": ("", "骑手之家。"), "b": ("积分", "可换月票。"), "c": ("", "剪纸课。")}
    retriever = build(documents, SmallTokenEncoder())
    run = rank(retriever, {"1": "rider", "2": "points"}, "dense")
    best: dict[str, ir_measures.ScoredDoc] = {}
    for scored in run:
        if scored.query_id not in best or scored.score > best[scored.query_id].score:
            best[scored.query_id] = scored
    # 骑手 is said in a sentence: in every way as near as can be. 积分 is said in the title alone, which is no sentence.
    assert {query: scored.doc_id for query, scored in best.items()} == {"1": "a", "2": "b"}
    assert best["1"].score == pytest.approx(1, abs=1e-6)
    assert 0.5 < best["2"].score < 1 - 1e-3
    assert measure_halves([ir_measures.Qrel("1", "a", 1), ir_measures.Qrel("2", "b", 1)], run)["all"]["RR@10"] == 1


def test_the_run_in_trec_form() -> None:
    run = [ir_measures.ScoredDoc("q2", "b", 0.5), ir_measures.ScoredDoc("q1", "a", 0.25), ir_measures.ScoredDoc("q2", "a", 0.125)]
    expected = "q2 Q0 b 1 0.500000 jingyan\nq1 Q0 a 1 0.250000 jingyan\nq2 Q0 a 2 0.125000 jingyan\n"
    assert trec_run(run) == expected
