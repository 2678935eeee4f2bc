"""The measures of retrieval and answers; ir-measures has those by article, this module those on evidence spans."""

import difflib
import itertools
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import ir_measures

Record = dict[str, Any]


def is_odd(identity: str) -> bool:
    """Return whether a question's id is odd: by its last character if the id is hexadecimal, else by its last digit."""
    digits = re.findall(r"\d", identity)
    last = identity[-1:] if re.fullmatch(r"[0-9a-f]+", identity) else digits[-1] if digits else "0"
    return int(last, 16) % 2 == 1


def normalise(text: str) -> str:
    """Return the text in NFKC, without `*`, `#` and white space, which includes line and page breaks."""
    return re.sub(r"[\s*#]+", "", unicodedata.normalize("NFKC", text))


def sentences(text: str) -> list[str]:
    """Split at 。！？； and normalise."""
    return [normal for piece in re.split("[。！？；!?;]", text) if (normal := normalise(piece))]


def holds_evidence(passage: Record, entry: Record) -> bool:
    """Return whether a passage contains at least one evidence span of a relevant entry."""
    text = normalise(passage["text"])
    return passage["document"] == entry["doc"] and any(normalise(evidence) in text for evidence in entry["evidence"])


def recall(passages: Sequence[Record], relevant: Sequence[Record], *, k: int = 5) -> float:
    """Return the share of relevant entries found in the first `k` passages: found / min(k, entries), 0 to 1."""
    hit = sum(any(holds_evidence(passage, entry) for passage in passages[:k]) for entry in relevant)
    return hit / min(k, len(relevant))


def reciprocal_rank(passages: Sequence[Record], relevant: Sequence[Record], *, k: int = 10) -> float:
    """Return 1 / rank of the first of `k` passages that holds evidence, else 0."""
    for rank, passage in enumerate(passages[:k], 1):
        if any(holds_evidence(passage, entry) for entry in relevant):
            return 1 / rank
    return 0.0


def article_ndcg(passages: Sequence[Record], relevant: Sequence[Record]) -> float:
    """Return nDCG@10 over articles, each at its first rank; gain 1 for those in `relevant`."""
    wanted = {(entry["doc"], normalise(entry["article"])) for entry in relevant}
    ranked = list(dict.fromkeys((passage["document"], normalise(passage["citation"]["title"] or "")) for passage in passages))
    qrels = [ir_measures.Qrel("q", repr(article), 1) for article in sorted(wanted)]
    run = [ir_measures.ScoredDoc("q", repr(article), -rank) for rank, article in enumerate(ranked)]
    return float(ir_measures.calc_aggregate([ir_measures.nDCG @ 10], qrels, run)[ir_measures.nDCG @ 10]) if run else 0.0


def sentences_match(sentence: str, other: str) -> bool:
    """Return whether one sentence contains the other, or both share a run of at least half of the shorter one."""
    shorter = min(len(sentence), len(other))
    if sentence in other or other in sentence:
        return True
    run = difflib.SequenceMatcher(None, sentence, other, autojunk=False).find_longest_match()
    return 2 * run.size >= shorter


def sentence_scores(quotes: Sequence[str], evidence: Sequence[str]) -> tuple[float, float, float]:
    """Return precision over the sentences of the answer, recall over those of the evidence, and F1; 0 to 1 each."""
    quoted = [sentence for quote in quotes for sentence in sentences(quote)]
    wanted = [sentence for piece in evidence for sentence in sentences(piece)]
    if not quoted or not wanted:
        return 0.0, 0.0, 0.0
    precision = sum(any(sentences_match(text, other) for other in wanted) for text in quoted) / len(quoted)
    found = sum(any(sentences_match(text, other) for other in quoted) for text in wanted) / len(wanted)
    return precision, found, 2 * precision * found / (precision + found) if precision + found else 0.0


def contains_answer(quotes: Sequence[str], answers: Sequence[str]) -> bool:
    """Return whether the quotes contain the answer of a factoid or one of its aliases."""
    quoted = normalise("".join(quotes)).lower()
    return any(normalise(answer).lower() in quoted for answer in answers)


def marks_answer(marked: Sequence[str], answers: Sequence[str]) -> bool:
    """Return whether a marked stretch is the answer of a factoid or one of its aliases, or nearly (300万 for 共300万元).

    One then has the other in it, and is at most twice as long.
    """
    for stretch, answer in itertools.product(map(normalise, marked), map(normalise, answers)):
        shorter, longer = sorted((stretch.lower(), answer.lower()), key=len)
        if shorter in longer and 2 * len(shorter) >= len(longer):
            return True
    return False
