"""Which regions have done something: every region of the library that tells of it, judged by itself."""

import math
from collections.abc import Iterator, Sequence

from corpus.document import Article, Passage, Region, Span
from corpus.messages.language import join_names, plural, tr
from index.evidence import Evidence, ScoredPassage
from index.retriever import Retriever
from qa.answering.answer import Counted, Quote, Refused
from qa.answering.answerability import Strictness, log_odds
from qa.answering.reading import evidence_reader
from qa.answering.scoring import ScoredSentence, candidate_sentences
from qa.question.question import Question

Place = Region | Article  # an article that is about no region stands for where it comes from

_MAX_PLACES = 24  # that are looked at
_DEPTH = 100  # how far down the ranking places are looked for
_MAX_PASSAGES = 32  # that are looked at: the best of each place, then the second best
_MAX_READ = 12  # places whose best passage is read together with the question
# How far a place may be behind the surest one, in log-odds. Of 41 questions for regions, each told over 13 to 24 regions, the
# share of right regions among those named is 0.70 and of those found 0.86; without a limit 0.62 and 0.90.
_BEHIND = 2.5


def survey(
    question: Question, evidence: Evidence, retriever: Retriever, strictness: Strictness
) -> tuple[Counted | None, float]:
    """Answer for each region that has done what is asked by its likeliest sentence.

    Every region is glanced at, and what may have done it is read. Args: strictness: how sure it must be that a region has.
    Returns: the answer, None if no region has; and how sure the surest is, 0 to 1.
    """
    query = retriever.analyze(question.query)
    found = retriever.retrieve(query, k=_DEPTH, filters=question.filters).without(evidence.left_out)
    glance = evidence_reader(retriever, passages=0)
    read = [(place, own, glance.read(question, own)) for place, own in _evidence_by_place(found)]
    reader = evidence_reader(retriever, passages=1)
    if retriever.index.reads_sentences:
        likely = [entry for entry in read if entry[2].confidence >= glance.threshold_for("normal")]
        likely.sort(key=lambda entry: -entry[2].confidence)
        read = [(place, own, reader.read(question, own)) for place, own, _ in likely[:_MAX_READ]]
    best = max((own.confidence for _, _, own in read), default=0.0)
    # Many are asked at once, so each must be surer than one that is asked alone.
    needed = max((reader.threshold_for(strictness) + reader.threshold_for("strict")) / 2, _less(best, _BEHIND))
    sure = {place: own for place, _, own in read if own.scored and own.confidence >= needed}
    told = {place: _likeliest(own.scored) for place, own in sorted(sure.items(), key=lambda entry: -entry[1].confidence)}
    return _answer(question, evidence, told, round(best, 3)) if told else None, best


def _less(probability: float, logit: float) -> float:
    """Return the probability whose log-odds are less than those of another by so much."""
    odds = math.exp(log_odds(probability) - logit)
    return odds / (1 + odds)


def _likeliest(scored: Sequence[ScoredSentence]) -> Quote:
    best = max(scored, key=lambda one: one.probability)
    return Quote(best.sentence.passage.passage, best.sentence.span, best.probability, best.sentence.label)


def _evidence_by_place(found: Evidence) -> Iterator[tuple[Place, Evidence]]:
    """Yield each place that the passages tell of, the best first, with its passages, of which only its sentences may be quoted.

    Of a round-up each region has its sentences, of a table its rows.
    """
    passages: dict[Place, list[int]] = {}
    for index, scored in enumerate(found.passages):
        for place in dict.fromkeys(_places_of(scored, found)):
            passages.setdefault(place, []).append(index)
    places = list(passages)[:_MAX_PLACES]
    each = max(1, min(2, _MAX_PASSAGES // max(1, len(places))))
    for place in places:

        def passes(passage: Passage, span: Span, place: Place = place) -> bool:
            return _place_of(passage, span) == place and found.passes(passage, span)

        yield place, found.subset(passages[place][:each]).restricted(passes)


def _place_of(passage: Passage, span: Span) -> Place:
    return passage.region_of(span) or passage.article


def _places_of(scored: ScoredPassage, found: Evidence) -> Iterator[Place]:
    """Yield the place of every sentence of a passage that may be quoted."""
    passage = scored.passage
    if not passage.elsewhere:
        whole = passage.span.trimmed(passage.bulletin.text)
        if found.passes(passage, whole):
            yield _place_of(passage, whole)
        return
    for sentence in candidate_sentences(scored):
        if found.passes(passage, sentence.span):
            yield _place_of(passage, sentence.span)


def nowhere_else(question: Question) -> str | None:
    """Return why nothing is quoted, where regions other than those quoted before were asked for; None if any were."""
    if question.continues is None:
        return None
    return tr(
        "除了上面引用的地区，没有找到别的地区这样做的原文",
        "Nothing was found on regions other than those quoted above",
        question.language,
    )


def _answer(question: Question, evidence: Evidence, told: dict[Place, Quote], confidence: float) -> Counted:
    """Answer with the places that tell of a topic, the regions counted, and the best quote of each, the surest first."""
    language, topic = question.language, question.topic
    regions = [place for place in told if isinstance(place, Region)]
    names = join_names((region.label for region in regions), language)
    on = tr(f"说到“{topic}”的", f" on “{topic}”", language) if topic else ""
    named = tr(f"{len(regions)} 个地区：{names}", f"{plural(len(regions), 'region')}{on}: {names}", language) if regions else ""
    number = len(told) - len(regions)
    others = (
        tr(f"{number} 篇没有写明地区的文章", f"{plural(number, 'article')} that {'name' if number > 1 else 'names'} no region", language)
        if number
        else ""
    )
    listed = tr("；另有 ", "; and ", language).join(part for part in (named, others) if part)
    summary = tr(f"{on}有 {listed}", listed, language)
    return Counted(question=question, evidence=evidence, confidence=confidence, quotes=tuple(told.values()), summary=summary)
