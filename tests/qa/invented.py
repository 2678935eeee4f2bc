"""An invented bulletin with every way to number points, and libraries in memory."""

import itertools
from collections.abc import Sequence

from benchmarks.retrieval import lone_passage
from corpus.chunker import chunk
from corpus.document import Passage, Span
from corpus.library.files import SAMPLES, load_gazetteer
from corpus.parsing.parser import parse_text
from index.encoder import Encoder
from index.evidence import Evidence, ScoredPassage
from index.retriever import Retriever
from qa.answering.scoring import ScoredSentence, Sentence
from qa.question.question import Question

GAZETTEER = load_gazetteer(SAMPLES)

EVENING_CLASSES = """望澜青年工作信息

2024年 第3期

共青团望澜市委

2024年4月1日

滨澜区团委办好“社区夜学”

滨澜区团委从去年秋天起办夜学。首期开课12门。

一、定好课程。

（一）自己点课。居民扫码选课，满15人开班。不满的并入下期。

（二）青年讲课。由32名青年教师轮流登台，每课时补贴120元，课前一周交讲义。

二、管好场地

1.借教室。晚上借用小学教室，水电由街道承担。2.定规矩。九点半前清场，值日生签字。

三、算好细账。

●学费透明。每门收40元，退课不扣钱。

●结余公开。年底在门口张榜，居民可以查账。

四、留住学员。第一，建群答疑。老师每周答疑两次。第二，结业发证。考满八次课的发结业证。

五、带动周边。一是送课下乡；二是把二十名学员培养成助教，请他们在寒假到三个乡镇各办一期短训班，并给每人配一名师傅。三是常评优。

（团滨澜区委）
"""


def passages_of(*sources: str) -> list[Passage]:
    """The passages of some bulletins, given as text."""
    return [
        passage
        for number, source in enumerate(sources)
        for passage in chunk(parse_text(source, gazetteer=GAZETTEER, document=f"{number}.txt"))
    ]


def paragraph(text: str, *, name: str = "it", title: str = "") -> Passage:
    """A passage that is the only one of its bulletin, whatever its text."""
    return lone_passage(name, title, text)


def retriever_of(passages: Sequence[Passage], *, encoder: Encoder | None = None) -> Retriever:
    return Retriever.build(passages, gazetteer=GAZETTEER, encoder=encoder)


def scored(passages: Sequence[Passage], score: float = 0.0) -> list[ScoredPassage]:
    return [ScoredPassage(passage, score, 0.0, 0.0) for passage in passages]


def rated_of(texts: Sequence[str], probabilities: Sequence[float]) -> list[ScoredSentence]:
    """Sentences of one passage without points, each with its probability."""
    passage = paragraph("".join(texts))
    (found,) = scored([passage])
    ends = list(itertools.accumulate(map(len, texts), initial=0))
    spans = [Span(start, end) for start, end in itertools.pairwise(ends)]
    return [
        ScoredSentence(Sentence(found, span, (part,), None, None), probability)
        for part, (span, probability) in enumerate(zip(spans, probabilities, strict=True))
    ]


def evidence_of(question: Question, passages: Sequence[ScoredPassage], retriever: Retriever) -> Evidence:
    """What is known of a question in a library, with these passages as those that were found."""
    found = retriever.retrieve(retriever.analyze(question.query), k=1, filters=question.filters)
    return found.with_passages(passages)
