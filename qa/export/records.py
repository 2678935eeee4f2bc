"""The JSON of answers: what `ask --json`, `batch`, the API and the assistant's tools hand out, and `verify` reads."""

from typing import Any

from qa.answering.answer import Answer, Compared, Counted, Quote, Refused


def answer_record(answer: Answer) -> dict[str, Any]:
    """Return the answer as a JSON object (see `python -m qa batch`)."""
    passages = []
    for rank, scored in enumerate(answer.evidence.passages, 1):
        passage = scored.passage
        span = passage.span.trimmed(passage.bulletin.text)
        passages.append({**Quote(passage, span, scored.score).located(), "rank": rank})
    return {
        "question": answer.question.text,
        "kind": answer.question.kind,
        "abstained": isinstance(answer, Refused),
        "confidence": answer.confidence,
        "reason": answer.reason if isinstance(answer, Refused) else None,
        "note": answer.summary if isinstance(answer, Compared | Counted) else None,
        "understood": answer.question.record(),
        "quotes": [quote.record() for quote in answer.quotes],
        "table": answer.table.record() if isinstance(answer, Compared) else None,
        "passages": passages,
    }
