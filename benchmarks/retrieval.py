"""Retrieval quality on any collection in BEIR form, with the tokenizer, encoder and fusion that users run."""

import json
from collections.abc import Sequence
from pathlib import Path

import ir_measures

from benchmarks.metrics import is_odd
from corpus.document import Article, Bulletin, Masthead, Passage, Section, Source, Span
from corpus.messages.errors import QuestionError
from corpus.messages.language import tr
from corpus.regions.gazetteer import Gazetteer
from index.contextual import ContextualEncoder
from index.encoder import Encoder
from index.passage_index import Mode
from index.retriever import Retriever

MEASURES = (
    ir_measures.nDCG @ 10,
    ir_measures.R @ 5,
    ir_measures.R @ 10,
    ir_measures.R @ 100,
    ir_measures.RR @ 10,
    ir_measures.Success @ 1,
)


def read_collection(folder: Path) -> tuple[dict[str, tuple[str, str]], dict[str, str], list[ir_measures.Qrel]]:
    """Read `corpus.jsonl` (_id, title, text), `queries.jsonl` (_id, text) and `qrels.tsv` (header; query-id, corpus-id, score).

    Returns: documents (id -> title, text), queries (id -> text), qrels.
    Raises: QuestionError: a file is missing, or a line is not of this form; the message names file and line.
    """
    documents: dict[str, tuple[str, str]] = {}
    queries: dict[str, str] = {}
    qrels: list[ir_measures.Qrel] = []
    for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        number = 0
        try:
            # Not splitlines: a text may contain U+2028, which JSON may leave unescaped.
            for number, line in enumerate((folder / name).read_text(encoding="utf-8-sig").split("\n"), 1):
                if name == "qrels.tsv":
                    if number > 1 and line.strip():
                        query, document, score = line.split("\t")
                        qrels.append(ir_measures.Qrel(query, document, int(score)))
                elif line.strip():
                    record = json.loads(line)
                    if name == "corpus.jsonl":
                        documents[str(record["_id"])] = (record.get("title") or "", record["text"])
                    else:
                        queries[str(record["_id"])] = record["text"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            where = folder / name
            raise QuestionError(tr(f"{where}：第 {number} 行：{error}", f"{where}: line {number}: {error}")) from error
    return documents, queries, qrels


def build(documents: dict[str, tuple[str, str]], encoder: Encoder, contextual: ContextualEncoder | None = None) -> Retriever:
    """Index a collection in memory: each document is one passage, its id the passage's.

    Args: contextual: what makes a contextual channel, too.
    Raises: QuestionError: there is no document.
    """
    if not documents:
        raise QuestionError(tr("corpus.jsonl 是空的", "corpus.jsonl is empty"))
    passages = [lone_passage(identity, title, text) for identity, (title, text) in documents.items()]
    return Retriever.build(passages, gazetteer=Gazetteer.load(), encoder=encoder, contextual=contextual)


def rank(retriever: Retriever, queries: dict[str, str], mode: Mode) -> list[ir_measures.ScoredDoc]:
    """Return the first hundred documents of each query."""
    return [
        ir_measures.ScoredDoc(identity, scored.passage.passage_id, scored.score)
        for identity, query in queries.items()
        for scored in retriever.search(query, k=100, mode=mode)
    ]


def measure(qrels: Sequence[ir_measures.Qrel], run: Sequence[ir_measures.ScoredDoc]) -> dict[str, float]:
    """Return nDCG@10, Recall@5/10/100, MRR@10 and accuracy at 1, each 0 to 1, in this order."""
    found = ir_measures.calc_aggregate(MEASURES, qrels, run)
    return {str(name): float(found[name]) for name in MEASURES}


def measure_halves(qrels: Sequence[ir_measures.Qrel], run: Sequence[ir_measures.ScoredDoc]) -> dict[str, dict[str, float]]:
    """Return the measures over all questions, those with an odd id (used for our choices) and those with an even id."""
    result = {"all": measure(qrels, run)}
    for name, odd in (("odd", True), ("even", False)):
        half = [qrel for qrel in qrels if is_odd(qrel.query_id) == odd]
        result[name] = measure(half, [scored for scored in run if is_odd(scored.query_id) == odd]) if half else {}
    return result


def trec_run(run: Sequence[ir_measures.ScoredDoc]) -> str:
    """Return the run in TREC form: query Q0 document rank score name."""
    lines, ranks = [], dict.fromkeys((scored.query_id for scored in run), 0)
    for scored in run:
        ranks[scored.query_id] += 1
        lines.append(f"{scored.query_id} Q0 {scored.doc_id} {ranks[scored.query_id]} {scored.score:.6f} jingyan\n")
    return "".join(lines)


def lone_passage(identity: str, title: str, text: str) -> Passage:
    """Return a text as the only passage of the only article of a bulletin."""
    span = Span(0, len(text))
    section = Section("", span, ())
    article = Article(title, None, None, (), None, span, (section,))
    masthead = Masthead("", None, None, None, None, None, None)
    bulletin = Bulletin(Source(identity), identity, masthead, None, None, (), text, (), (), (article,), ())
    return Passage(identity, bulletin, article, section, span)
