"""Retrieval and answer quality on a file of questions."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Literal

from benchmarks import metrics
from benchmarks.metrics import Record
from corpus.messages.errors import QuestionError
from corpus.messages.language import tr
from index.passage_index import LocalPassageIndex, Mode
from index.query.query import QueryAnalyzer
from index.retriever import Retriever
from index.store.library import Library
from qa.answering.pipeline import answer_question
from qa.export.records import answer_record

_BINS = 10
MEASURES = (
    *("recall@5", "mrr@10", "ndcg@10", "precision", "recall", "f1"),
    *("contained", "marked", "abstention", "citations", "verbatim"),
)


def read_questions(path: Path) -> list[Record]:
    """Read questions with evidence, one JSON object a line. Raises: QuestionError: a line is no question."""
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            question = json.loads(line)
            questions.append({"history": [], **question, "relevant": question["relevant"]})
        except (ValueError, KeyError, TypeError) as error:
            raise QuestionError(
                tr(
                    f"{path}：第 {number} 行：应为带 relevant 的问题（{error}）",
                    f"{path}: line {number}: expected a question with relevant ({error})",
                )
            ) from error
    return questions


def evaluate(library: Library, questions: Sequence[Record], sources: dict[str, str]) -> list[Record]:
    """Answer every question and measure it.

    Args: sources: the decoded text of each document.
    Returns: one record a question: id, type, lang, each measure that applies, 0 to 1, the confidence of the answer (None if
        nothing was judged) and whether the question is answerable.
    """
    rows = []
    for question in questions:
        record = answer_record(answer_question(library, question["question"], history=question["history"]))
        relevant = question["relevant"]
        row: Record = {"id": question["id"], "type": question["type"], "lang": question["lang"], "answer": record}
        cited = [*record["quotes"], *record["passages"]]
        row["verbatim"] = fmean(_verbatim(piece, sources) for piece in cited) if cited else None
        row["citations"] = fmean(_cited_right(piece, library) for piece in cited) if cited else None
        row["abstention"] = float(record["abstained"] == (not relevant))
        row["confidence"], row["answerable"] = record["confidence"], bool(relevant)
        if relevant:
            quoted = [quote["text"] for quote in record["quotes"]]
            evidence = [piece for entry in relevant for piece in entry["evidence"]]
            row["recall@5"] = metrics.recall(record["passages"], relevant)
            row["mrr@10"] = metrics.reciprocal_rank(record["passages"], relevant)
            row["ndcg@10"] = metrics.article_ndcg(record["passages"], relevant)
            row["precision"], row["recall"], row["f1"] = metrics.sentence_scores(quoted, evidence)
            if question.get("answer"):
                answers = [question["answer"], *(question.get("answer_aliases") or [])]
                row["contained"] = float(metrics.contains_answer(quoted, answers))
                marked = [stretch["text"] for quote in record["quotes"] for stretch in quote["highlight"]]
                row["marked"] = float(metrics.marks_answer(marked, answers))
        rows.append(row)
    return rows


Part = Literal["late", "contextual", "translations", "thesaurus"]

# Variants that are measured without filters and follow-ups: the channel, and the parts of the retriever that are left out.
CHANNELS: dict[str, tuple[Mode, tuple[Part, ...]]] = {
    "lexical": ("lexical", ()),
    "lexical, no thesaurus": ("lexical", ("thesaurus",)),
    "lexical, no translation table": ("lexical", ("translations",)),
    "lexical, neither": ("lexical", ("translations", "thesaurus")),
    "dense": ("dense", ()),
    "dense, no late interaction": ("dense", ("late",)),
    "hybrid": ("hybrid", ()),
    "hybrid, no thesaurus": ("hybrid", ("thesaurus",)),
    "hybrid, no translation table": ("hybrid", ("translations",)),
    "hybrid, no late interaction": ("hybrid", ("late",)),
    "hybrid, no contextual channel": ("hybrid", ("contextual",)),
}


def ablated(retriever: Retriever, *parts: Part) -> Retriever:
    """Return a retriever over the same index without some of its parts, to measure their effect."""
    index, analyzer = retriever.index, retriever.analyzer
    if isinstance(index, LocalPassageIndex):
        index = LocalPassageIndex(
            index.catalog,
            lexical=index.lexical,
            dense=index.dense,
            late=None if "late" in parts else index.late,
            encoder=index.encoder,
            sentences=None if "contextual" in parts else index.sentences,
            contextual=index.contextual,
        )
    return Retriever(
        index,
        QueryAnalyzer(
            encoder=analyzer.encoder,
            tokenizer=analyzer.tokenizer,
            translations=None if "translations" in parts else analyzer.translations,
            thesaurus=None if "thesaurus" in parts else analyzer.thesaurus,
        ),
    )


def evaluate_channel(retriever: Retriever, questions: Sequence[Record], mode: Mode) -> list[Record]:
    """Return Recall@5 and MRR@10 of one channel alone, without filters and follow-ups."""
    rows = []
    for question in questions:
        if not question["relevant"]:
            continue
        ranked = retriever.search(question["question"], k=10, mode=mode)
        passages = [{"text": scored.passage.text, "document": scored.passage.bulletin.source.document} for scored in ranked]
        rows.append(
            {
                "type": question["type"],
                "lang": question["lang"],
                "recall@5": metrics.recall(passages, question["relevant"]),
                "mrr@10": metrics.reciprocal_rank(passages, question["relevant"]),
            }
        )
    return rows


def summarise(rows: Sequence[Record]) -> dict[str, dict[str, float]]:
    """Return the mean of each measure over all questions, by language and by type, with the number of questions."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        for name in ("all", row["lang"], row["type"]):
            groups[name].append(row)
    summary = {}
    for name, members in groups.items():
        summary[name] = {"n": float(len(members))}
        for measure in MEASURES:
            if values := [row[measure] for row in members if row.get(measure) is not None]:
                summary[name][measure] = fmean(values)
    return summary


def reliability(rows: Sequence[Record]) -> list[Record]:
    """Compare confidence with truth: if it is well calibrated, the share of answerable questions is near the mean confidence.

    Returns: ten records, one for each tenth of the scale (the last has 1.0, too): from, to, n, and where n is not 0 the mean
        confidence and the share of answerable questions.
    """
    judged = [row for row in rows if row["confidence"] is not None]
    bins = []
    for i in range(_BINS):
        members = [row for row in judged if min(int(row["confidence"] * _BINS), _BINS - 1) == i]
        figures: Record = {"from": i / _BINS, "to": (i + 1) / _BINS, "n": len(members)}
        if members:
            figures["confidence"] = fmean(row["confidence"] for row in members)
            figures["answerable"] = fmean(row["answerable"] for row in members)
        bins.append(figures)
    return bins


def reliability_table(bins: Sequence[Record]) -> str:
    """Return the reliability as a text table."""
    lines = [f"{'confidence':14}{'n':>4}{'mean':>12}{'answerable':>12}"]
    for figures in bins:
        cells = (f"{figures[name]:.3f}" if name in figures else "-" for name in ("confidence", "answerable"))
        lines.append(
            f"{figures['from']:.1f} to {figures['to']:.1f}    {figures['n']:>4}" + "".join(f"{cell:>12}" for cell in cells)
        )
    return "\n".join(lines)


def table(summary: dict[str, dict[str, float]]) -> str:
    """Return the summary as a text table."""
    measures = [measure for measure in MEASURES if any(measure in figures for figures in summary.values())]
    order = sorted(summary, key=lambda name: (["all", "zh", "en"].index(name) if name in ("all", "zh", "en") else 3, name))
    lines = [f"{'':14}{'n':>4}" + "".join(f"{measure:>12}" for measure in measures)]
    for name in order:
        figures = summary[name]
        cells = (f"{figures[measure]:.3f}" if measure in figures else "-" for measure in measures)
        lines.append(f"{name:14}{figures['n']:>4.0f}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


def _verbatim(piece: Record, sources: dict[str, str]) -> float:
    source = sources[piece["document"]]
    return float("".join(source[start:end] for start, end in piece["spans"]) == piece["text"])


def _cited_right(piece: Record, library: Library) -> float:
    """Return 1 if issue, date and region agree with the article of the bulletin at the cited offsets, else 0.

    In a round-up the region is the one that most of the piece tells of.
    """
    bulletin = next(b for b in library.bulletins if b.source.document == piece["document"])
    citation = piece["citation"]
    start, end = piece["spans"][0][0], piece["spans"][-1][1]
    for article in bulletin.articles:
        spans = bulletin.source_spans(article.span)
        if spans[0].start <= start < spans[-1].end:
            own_region = article.region.label if article.region else bulletin.masthead.publisher
            told: Counter[str] = Counter()
            for stretch in article.elsewhere:
                if stretch.is_subject and (own := bulletin.source_spans(stretch.span)):
                    told[stretch.region.label] += max(0, min(end, own[-1].end) - max(start, own[0].start))
            region = next((label for label, common in told.items() if 2 * common > end - start), own_region)
            date = bulletin.masthead.issue_date.isoformat() if bulletin.masthead.issue_date else None
            cited = (citation["issue"], citation["issue_date"], citation["region"], citation.get("article_region"))
            beside = own_region if region != own_region else None  # told only where it is another
            return float(cited == (bulletin.masthead.issue, date, region, beside))
    return 0.0
