"""Which regions have done something: every region of the library that tells of it, judged by itself."""

import math
from collections.abc import Iterator, Sequence

from corpus.document import Passage, Region, Span
from corpus.messages.language import join_names, plural, tr
from index.evidence import Evidence, ScoredPassage
from index.retriever import Retriever
from qa.answering.answer import Counted, Quote, Refused
from qa.answering.answerability import Strictness
from qa.answering.reading import EvidenceReader
from qa.answering.scoring import candidate_sentences, term_coverage
from qa.answering.selection import select_quotes
from qa.question.question import Question

_MAX_REGIONS = 24  # that are read
_WITHOUT_TERMS = 0.5  # what a quote counts that has none of the question's terms, next to 1.5 of one that has all
_DEPTH = 100  # how far down the ranking regions are looked for
_QUOTES_EACH = 4  # of a region, of which the most telling is shown
_MAX_READ = 32  # passages that are read: the best of each region, then the second best


def survey(
    question: Question, evidence: Evidence, retriever: Retriever, readers: Sequence[EvidenceReader], strictness: Strictness
) -> Counted | None:
    """Answer for each region that has done what is asked by its best sentence; None if none has.

    Args: readers: at least one; what counts is the geometric mean of what they say, and the first picks the sentence; strictness:
        how sure it must be that a region has.
    """
    needed = _geometric_mean([reader.threshold_for(strictness) for reader in readers])
    query = retriever.analyze(question.query)
    found = retriever.retrieve(query, k=_DEPTH, filters=question.filters).without(evidence.left_out)
    sure: dict[Region, tuple[float, Quote]] = {}
    for region, own in _evidence_by_region(found):
        read = [reader.read(question, own) for reader in readers]
        quotes = select_quotes(question, read[0], max_quotes=_QUOTES_EACH).quotes
        probability = _geometric_mean([each.confidence for each in read])
        if quotes and probability >= needed:
            sure[region] = (probability, _most_telling(quotes, found))
    told = {region: quote for region, (_, quote) in sorted(sure.items(), key=lambda entry: -entry[1][0])}
    best = max((probability for probability, _ in sure.values()), default=0.0)
    return _answer(question, evidence, told, round(best, 3)) if told else None


def _geometric_mean(probabilities: Sequence[float]) -> float:
    return math.prod(probabilities) ** (1 / len(probabilities))


def _evidence_by_region(found: Evidence) -> Iterator[tuple[Region, Evidence]]:
    """Yield each region that the passages tell of, the best first, with its passages, of which only its sentences may be quoted.

    Of a round-up each region has its sentences, of a table its rows.
    """
    passages: dict[Region, list[int]] = {}
    for index, scored in enumerate(found.passages):
        for region in dict.fromkeys(_regions_of(scored, found)):
            passages.setdefault(region, []).append(index)
    regions = list(passages)[:_MAX_REGIONS]
    each = max(1, min(2, _MAX_READ // max(1, len(regions))))
    for region in regions:

        def passes(passage: Passage, span: Span, region: Region = region) -> bool:
            return passage.region_of(span) == region and found.passes(passage, span)

        yield region, found.subset(passages[region][:each]).restricted(passes)


def _regions_of(scored: ScoredPassage, found: Evidence) -> Iterator[Region]:
    """Yield the region of every sentence of a passage that may be quoted."""
    passage = scored.passage
    if not passage.elsewhere:
        whole = passage.span.trimmed(passage.bulletin.text)
        if passage.article.region is not None and found.passes(passage, whole):
            yield passage.article.region
        return
    for sentence in candidate_sentences(scored):
        region = passage.region_of(sentence.span)
        if region is not None and found.passes(passage, sentence.span):
            yield region


def _most_telling(quotes: Sequence[Quote], found: Evidence) -> Quote:
    """Return a likely quote that has most of the question's terms: one that says what was done, not how much of it."""
    return max(quotes, key=lambda quote: quote.score * (_WITHOUT_TERMS + term_coverage(quote.text, found.term_weights)))


def nowhere_else(question: Question, evidence: Evidence) -> Refused | None:
    """Refuse, where other regions than those quoted before were asked for; None if any region was."""
    if question.continues is None:
        return None
    reason = tr(
        "除了上面引用的地区，没有找到别的地区这样做的原文",
        "Nothing was found on regions other than those quoted above",
        question.language,
    )
    return Refused(question=question, evidence=evidence, reason=reason)


def _answer(question: Question, evidence: Evidence, told: dict[Region, Quote], confidence: float) -> Counted:
    """Answer with the regions that tell of a topic, counted, and the best quote of each, the surest first."""
    language, topic = question.language, question.topic
    names = join_names((region.label for region in told), language)
    on = tr(f"说到“{topic}”的", f" on “{topic}”", language) if topic else ""
    summary = tr(f"{on}有 {len(told)} 个地区：{names}", f"{plural(len(told), 'region')}{on}: {names}", language)
    return Counted(question=question, evidence=evidence, confidence=confidence, quotes=tuple(told.values()), summary=summary)
