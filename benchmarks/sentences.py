"""The accuracy with which the reader finds the right sentence of a given passage, on public sets of factoid questions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.collections import read_paragraphs
from benchmarks.metrics import Record, contains_answer, is_odd
from benchmarks.retrieval import build
from corpus.messages.errors import QuestionError
from corpus.messages.language import tr
from index.contextual import ContextualEncoder, load_contextual_encoder
from index.encoder import load_encoder
from index.evidence import ScoredPassage
from index.retriever import Retriever
from qa.answering.reading import evidence_reader
from qa.question.analyzer import analyze_question

SETS = ("cmrc2018/dev", "drcd/dev")
_DEPTH = 100  # ranks in which the score of the given passage is looked for


def measure_sets(data: Path, *, fast: bool = False, every: int = 1) -> dict[str, dict[str, dict[str, float]]]:
    """Return the accuracy on every set that `data` has.

    Args: fast: of the quick reader; every: one passage of so many, with its questions.
    Raises: QuestionError: a set cannot be read, or there is none.
    """
    contextual = None if fast else load_contextual_encoder()
    found = [name for name in SETS if (data / f"{name}.jsonl.xz").exists()]
    results = {name: summarise(list(pick(data, name, contextual=contextual, every=every))) for name in found}
    if not results:
        raise QuestionError(tr(f"{data}：没有可用的数据集", f"{data}: none of the sets is here"))
    return results


def pick(data: Path, name: str, *, contextual: ContextualEncoder | None = None, every: int = 1) -> Iterator[Record]:
    """Ask each question of a set of its own passage. Yields: id, sentence found, 1 if it holds a gold answer, else 0."""
    paragraphs = list(read_paragraphs(data, name))[::every]
    texts = {str(index): ("", paragraph["context"]) for index, paragraph in enumerate(paragraphs)}
    retriever = build(texts, load_encoder(), contextual)
    for index, paragraph in enumerate(paragraphs):
        for question in paragraph["qas"]:
            sentence = likeliest(question["question"], index, retriever=retriever)
            answers = [answer["text"] for answer in question["answers"]]
            yield {"id": question["id"], "picked": sentence, "right": float(contains_answer([sentence], answers))}


def likeliest(text: str, index: int, *, retriever: Retriever) -> str:
    """Return the sentence of passage `index` that most probably has the fact asked for; "" if it has none to quote."""
    question = replace(analyze_question(text, catalog=retriever.catalog, encode=retriever.encode_question), kind="factoid")
    passage = retriever.catalog.passages[index]
    found = retriever.retrieve(retriever.analyze(question.query), k=_DEPTH)
    given = next((scored for scored in found.passages if scored.passage is passage), ScoredPassage(passage, 0.0, 0.0, 0.0))
    rated = evidence_reader(retriever).read(question, found.with_passages([given])).scored
    return max(rated, key=lambda scored_sentence: scored_sentence.probability).sentence.text if rated else ""


def summarise(rows: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Return count and accuracy over all questions, those with an odd id (the reader learned from these) and an even id."""
    halves = {"all": list(rows)}
    for name, odd in (("odd", True), ("even", False)):
        halves[name] = [row for row in rows if is_odd(row["id"]) == odd]
    return {
        name: {"n": len(half), "accuracy": sum(row["right"] for row in half) / len(half)} for name, half in halves.items() if half
    }
