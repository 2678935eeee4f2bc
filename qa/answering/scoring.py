"""Rate the sentences of passages: how likely each is part of the answer.

A unit is a sentence; the headline of a point (三是制定细则。) is rated with the one after it. What is known of a unit becomes
numbers (`FEATURES`), and a logistic model turns them into a probability, one model for questions that ask for a fact and one for
the rest. The weights (`sentence_scorer.json`) are learned by `python -m training reader`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.document import Passage, Point, Span
from corpus.text.normalize import fold, simplify
from corpus.text.sentences import sentences
from index.evidence import Evidence, ScoredPassage
from index.packaged import read_packaged
from qa.question.intent import AnswerKind
from qa.question.question import Question

FEATURES = (
    "terms",  # share of the question's terms that the unit has, by what they tell
    "tokens",  # nearness of the question's tokens to those of the unit
    "with_head",  # the same, the head of the passage taken in
    "with_before",  # the same, the sentence before taken in
    "with_after",
    "alone",  # share of the question's tokens that come nowhere in the passage nearer than here
    "whole",  # cosine of question and unit
    "topic",  # mean of `whole` over the passage
    "passage",  # score of the passage
    "behind",  # how far the passage is behind the best one
    "lead",  # stands in the lead of an article that has sections
    "opens_point",
    "place",  # in its passage, 0 to 1
    "length",  # log of the number of characters
    "kind",  # has a number, a date, a name… where the question asks for that
    "other_kind",  # the question asks for such a thing, and the unit has none
)
HEADLINE = 30  # characters; a longer opening sentence of a point tells the how itself
_SHORTEST = 8  # characters; shorter ones are labels (（团金华市委）) and headings

_CHINESE = "〇零一二两三四五六七八九十百千"
# A numeral from its beginning, and no ordinal: 第14期 counts nothing.
_NUMERAL = rf"(?<![第\d.,，{_CHINESE}])(?:\d[\d,，.]*|[{_CHINESE}]+)"
_UNIT = r"\s*(?:余|多|几)?\s*[万亿千百]{0,2}\s*(?:余|多)?\s*"
_UPTO = rf"(?:\s*[-－—–~～至到]\s*[\d.{_CHINESE}]+)?"
_SMALL = r"(?<![第\d.一二三四五六七八九十])(?:\d{1,2}|[一二三四五六七八九十]{1,3})"  # of a month, a day, an hour
_YEAR = r"(?:(?<!\d)\d{4}|[一二][〇○零九][〇○零一二三四五六七八九]{2}|[去今明前次])\s*年(?:初|底|末)?"
_PART = "(?:凌晨|清晨|早上?|上午|中午|午后|下午|傍晚|晚上?|夜里)"
_WHEN = "|".join(
    (
        _YEAR,
        rf"{_SMALL}\s*月份?(?:初|底|末|[上中下]旬)?",
        rf"{_SMALL}\s*(?:日|号(?![\u4e00-\u9fff]{{0,2}}[楼店线院点位文令馆门机桌台]))(?!内)",
        r"(?:第[一二三四五\d]个)?(?:周|星期|礼拜)[一二三四五六日天末]",
        rf"{_PART}\s*{_SMALL}[点时]半?|(?<![\d.])\d{{1,2}}(?:点半?(?!建议|意见)|时|[:：]\d{{2}})",
        "[年月]初|[年月]底|[年月]末|暑假|寒假|春节|元旦|国庆|学期[初末]",
    )
)
# A character of the name of a body or a place: no word that stands before one.
_NAMED = r"(?:(?![由与向从在对把被给让将是的了于托]|会同|(?<=会)同)[\u4e00-\u9fff])"
# What an answer of each kind looks like; the match is the answer's span.
ANSWER_PATTERNS: Mapping[AnswerKind, re.Pattern[str]] = {
    "money": re.compile(
        rf"{_NUMERAL}{_UPTO}{_UNIT}(?:[美欧日港加澳]?元(?![旦素宵里])|英镑|块钱|角(?![度色落洲形]))|免费|不收(?:费|钱)|无偿"
    ),
    "date": re.compile(rf"(?:每逢|每[年月周]?的?)?(?:{_WHEN})(?:\s*(?:{_WHEN}|[至到、和](?={_WHEN})|{_PART}))*"),
    "duration": re.compile(
        rf"{_NUMERAL}{_UPTO}\s*[多余]?\s*(?:个(?:半)?(?:月|星期|小时|学期|工作日)|天|晚|周(?!年)|星期|小时|分钟|学期|工作日|课时|秒|日(?=以?内))"
        r"(?:半|以内|内|之内|以上)?"
        rf"|(?<![第\d.{_CHINESE}])(?:\d{{1,3}}|[{_CHINESE}]{{1,3}})\s*[多余]?年(?![\d初底末级])(?:半|以内|内|之内|以上)?"
        r"|半(?:年|天|个?月|个?小时)"
    ),
    "phone": re.compile(
        r"(?<![\d.])(?:(?:[（(]?0\d{2,3}[)）]?[-－—\s]?)?\d{7,8}|1[3-9]\d{9}|400[-－\d]{7,9}|(?:12[1-9]\d\d|9[56]\d{3}))"
        r"(?!\d|[.,，]\d|\s*[多余]?[万亿人名个元件条次份户亩只公斤吨米册张小])"
    ),
    "number": re.compile(
        rf"{_NUMERAL}分之[\d.{_CHINESE}]+|{_NUMERAL}{_UPTO}\s*[%％]|{_NUMERAL}成[{_CHINESE}半]?|(?!一[个种项批些])"
        rf"{_NUMERAL}{_UPTO}{_UNIT}(?:人次|平方公里|平方米|公里|公斤|公分|公顷|千克|毫米|厘米|课时"
        "|[个名人家次种条场位项所支倍件份站处期批户亩台套本篇枚分只册组对座辆届类门颗米吨岁起笔张间栋幢轮级盏段棵株头遍单页字卷集架艘首部款幅])"
        rf"|{_NUMERAL}\s*[余多]?[万亿]+(?!\s*[余多]?\s*[万亿美欧日港加澳]?元)"
    ),
    "name": re.compile(r"《[^》]{2,40}》|[“「『][^”」』]{2,20}[”」』]"),
    "organisation": re.compile(
        rf"{_NAMED}{{1,14}}?(?:公司|集团|银行|大学|学院|研究院|研究所|社科院|医院|协会|基金会|中心|法院|检察院|公安局|学校|委员会"
        "|联合会|工作室|事务所|工会|总会|商会|妇联|残联|科协|律协|合作社|出版社)"
        rf"|{_NAMED}{{2,14}}?(?:(?<![格布开结全大破])局(?!面|势|部|限)|(?<!常)委(?!派|屈|员)|(?<![大餐客])厅"
        "|(?<![主承协举创筹开督])办(?!法|理|公|事|学|好|成|起|了|班))"
    ),
    "place": re.compile(
        rf"{_NAMED}{{1,10}}?(?:广场|公园|大厦|中心|学校|社区|街道|礼堂|食堂|大堂|村|镇|楼|园|厅|室|馆|宫|基地|站(?!点|岗|在|稳|起)"
        "|(?<![思出套门线走公铁])路(?!径|演|线)|(?<![城上都])市(?!场|民|值)|县|省(?!级|厅|[下时心力])|区(?!别|分|间|域))"
    ),
    "person": re.compile(
        rf"{_NAMED}{{0,8}}?(?:书记|主任|主席|经理|同志|老师|教师|教授|教练|专家|导师|志愿者|社工|律师|法官|干部|民警|医生|代表|骨干"
        "|负责人|师傅|会计|居民|村民|家长|学生|骑手|运动员|(?<![动全])员|[局校院队站组市县区乡镇村团班楼所处科部会]长(?!期|大))"
    ),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that can be quoted. `span` lies in the bulletin's text; `label` is the headline of its point, if that has one.

    `parts` are the sentences of the passage that it is rated by, counted from 0: its own and, for the first of a point, the
    headline before it.
    """

    passage: ScoredPassage
    span: Span
    parts: tuple[int, ...]
    point: Point | None
    label: Span | None

    @property
    def text(self) -> str:
        return self.span.of(self.passage.passage.bulletin.text)

    @property
    def scoring_text(self) -> str:
        """The text with its headline, where it is rated with that."""
        bulletin = self.passage.passage.bulletin.text
        return f"{self.label.of(bulletin)}。{self.text}" if self.label and len(self.parts) > 1 else self.text

    @property
    def opens_point(self) -> bool:
        """Whether it is the first of its point."""
        return self.point is not None and (len(self.parts) > 1 or self.span.start == self.point.span.start)


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A unit and how likely it is part of the answer, 0 to 1."""

    sentence: Sentence
    probability: float


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model over FEATURES."""

    bias: float
    weights: dict[str, float]

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Args: features: shape (n_units, len(FEATURES)). Returns: shape (n_units,), 0 to 1."""
        logits = features @ np.array([self.weights[name] for name in FEATURES], np.float32) + self.bias
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


class SentenceScorer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The learned weights: for questions that ask for one fact, and for those that ask for measures."""

    fact: Model
    open: Model


@cache
def load_sentence_scorer() -> SentenceScorer:
    """The packaged weights. Raises: EncoderError: the file is missing."""
    return msgspec.json.decode(read_packaged(resources.files("qa.answering") / "sentence_scorer.json"), type=SentenceScorer)


def score_sentences(question: Question, evidence: Evidence) -> list[ScoredSentence]:
    """Rate every unit of the passages, in their order."""
    units, features = extract_features(question, evidence)
    models = load_sentence_scorer()
    probabilities = (models.fact if question.is_factoid else models.open).probabilities(features)
    return [ScoredSentence(unit, float(probability)) for unit, probability in zip(units, probabilities, strict=True)]


def extract_features(question: Question, evidence: Evidence) -> tuple[list[Sentence], NDArray[np.float32]]:
    """The units of the passages and what is known of each.

    Returns: the units, and an array of shape (n_units, len(FEATURES)).
    """
    rows: list[list[float]] = []
    units: list[Sentence] = []
    if not evidence.passages:
        return units, np.zeros((0, len(FEATURES)), np.float32)
    terms = evidence.term_weights
    matches = evidence.similarities
    before, after, head = matches.with_adjacent(-1), matches.with_adjacent(1), matches.with_adjacent(0, head=True)
    best = max(scored.score for scored in evidence.passages)
    kind = question.answer_kind
    for scored, first, end in zip(evidence.passages, matches.passage_starts, matches.passage_ends(), strict=True):
        nearest = matches.nearest[:, first:end].max(axis=1)
        own = list(candidate_sentences(scored))
        lead = float(is_lead(scored.passage))
        wholes = [float(matches.cosines[[first + 1 + part for part in unit.parts]].max()) for unit in own]
        for unit, whole in zip(own, wholes, strict=True):
            parts = first + 1 + np.array(unit.parts)
            here = matches.nearest[:, parts].max(axis=1)
            fits = kind is not None and bool(find_answer_spans(kind, unit.text))
            rows.append(
                [
                    term_coverage(unit.scoring_text, terms),
                    *(float(matches.weights @ near[:, parts].max(axis=1)) for near in (matches.nearest, head, before, after)),
                    float(matches.weights @ (here >= nearest - 1e-6)),
                    whole,
                    float(np.mean(wholes)),
                    scored.score,
                    best - scored.score,
                    lead,
                    float(unit.opens_point),
                    unit.parts[0] / max(1, end - first - 1),
                    float(np.log(len(unit.span))),
                    float(fits),
                    float(kind is not None and not fits),
                ]
            )
        units += own
    return units, np.array(rows, np.float32).reshape(len(units), len(FEATURES))


def find_answer_spans(kind: AnswerKind, text: str) -> list[Span]:
    """Where a text, in either script, has what looks like an answer of a kind."""
    return [Span(*match.span()) for match in ANSWER_PATTERNS[kind].finditer(simplify(text))]


def term_coverage(text: str, terms: Mapping[str, float]) -> float:
    """The share of the question's terms that a text holds, weighted by what they tell. 0 to 1."""
    total = sum(terms.values())
    folded = fold(text)  # terms are found in the folded text: to cut every sentence into words would take ten times as long
    return sum(weight for term, weight in terms.items() if term in folded) / total if total else 0.0


def is_lead(passage: Passage) -> bool:
    """Whether it opens an article that has sections, and so tells of the whole."""
    sections = passage.article.sections
    return len(sections) > 1 and passage.section.span == sections[0].span and not passage.section.heading


def candidate_sentences(scored: ScoredPassage) -> Iterator[Sentence]:
    """The sentences of a passage that can be quoted. A point's headline is quoted by itself only where nothing follows it."""
    passage = scored.passage
    text = passage.bulletin.text
    points = {point.span.start: point for point in passage.section.points}
    point: Point | None = None
    label: Span | None = None
    headline: tuple[Span, int] | None = None  # one that no sentence has followed yet, and which part it is
    for part, sentence in enumerate(sentences(text, passage.span)):
        span = sentence.trimmed(text)
        if span.of(text).rstrip("。") == passage.section.heading:
            continue
        if span.start in points or (point is not None and span.start >= point.span.end):
            if headline is not None:
                yield Sentence(scored, headline[0], (headline[1],), point, label)
            point = points.get(span.start)
            label = _label(text, span, point) if point is not None else None
            headline = (span, part) if label is not None else None
            if headline is not None:
                continue
        follows = headline is not None and "\n" not in text[headline[0].end : span.start]  # 第一，定险种。只保途中损失。
        if len(span) >= _SHORTEST or follows:
            yield Sentence(scored, span, (part,) if headline is None else (headline[1], part), point, label)
            headline = None
    if headline is not None:
        yield Sentence(scored, headline[0], (headline[1],), point, label)


def _label(text: str, sentence: Span, point: Point) -> Span | None:
    """The headline of a point: what stands after its marker, up to the first 。; None where that is a sentence at length, or one
    of several points (一是建群；二是结业。)."""
    if sentence.end > point.span.end:
        return None
    start = sentence.start + len(point.label)
    while start < sentence.end and text[start] in " \t\u3000，、.．：:)）*":
        start += 1
    end = sentence.end
    while end > start and text[end - 1] in "。！？；;：: ":
        end -= 1
    return Span(start, end) if 2 <= end - start <= HEADLINE else None
