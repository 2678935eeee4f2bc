"""How often the reader picks the right sentence of a passage that it is given: public sets of questions that ask for a fact."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.collections import read_paragraphs
from benchmarks.metrics import Record, contains_answer, is_odd
from benchmarks.retrieval import build
from corpus.messages.errors import QuestionError
from corpus.messages.language import tr
from index.encoder import load_encoder
from index.evidence import ScoredPassage
from index.retriever import Retriever
from qa.answering.scoring import score_sentences
from qa.question.analyzer import analyze_question

SETS = ("cmrc2018/dev", "drcd/dev")
_DEPTH = 100  # how far down its ranking a passage's score is looked for


def measure_sets(data: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Return the accuracy on every set that `data` has. Raises: QuestionError: a set cannot be read, or none is there."""
    results = {name: summarise(list(pick(data, name))) for name in SETS if (data / f"{name}.jsonl.xz").exists()}
    if not results:
        raise QuestionError(tr(f"{data}：没有可用的数据集", f"{data}: none of the sets is here"))
    return results


def pick(data: Path, name: str) -> Iterator[Record]:
    """Put each question of a set to its own passage. Yields: id, the sentence picked, and whether it holds a gold answer."""
    paragraphs = list(read_paragraphs(data, name))
    retriever = build({str(at): ("", paragraph["context"]) for at, paragraph in enumerate(paragraphs)}, load_encoder())
    for at, paragraph in enumerate(paragraphs):
        for question in paragraph["qas"]:
            said = likeliest(question["question"], at, retriever=retriever)
            answers = [answer["text"] for answer in question["answers"]]
            yield {"id": question["id"], "picked": said, "right": float(contains_answer([said], answers))}


def likeliest(text: str, at: int, *, retriever: Retriever) -> str:
    """Return the sentence of passage `at` that is likeliest to give the fact asked for; "" where the passage has none to
    quote.
    """
    question = replace(analyze_question(text, catalog=retriever.catalog), kind="factoid")
    passage = retriever.catalog.passages[at]
    found = retriever.retrieve(retriever.analyze(question.query), k=_DEPTH)
    given = next((scored for scored in found.passages if scored.passage is passage), ScoredPassage(passage, 0.0, 0.0, 0.0))
    rated = score_sentences(question, found.with_passages([given]))
    return max(rated, key=lambda one: one.probability).sentence.text if rated else ""


def summarise(rows: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Count and accuracy over all questions, over those with an odd id (the reader learned from these) and an even one."""
    halves = {"all": list(rows)}
    for name, odd in (("odd", True), ("even", False)):
        halves[name] = [row for row in rows if is_odd(row["id"]) == odd]
    return {
        name: {"n": len(half), "accuracy": sum(row["right"] for row in half) / len(half)} for name, half in halves.items() if half
    }
