"""The reader: which sentences are chosen, how they become quotes, and laws over many questions."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from corpus.document import Passage, Point
from corpus.text.normalize import simplify
from index.retriever import Retriever
from index.store.library import Library
from qa.answering.answer_patterns import ANSWER_PATTERNS
from qa.answering.pipeline import collect_evidence
from qa.answering.reading import QuickReader
from qa.answering.scoring import ScoredSentence
from qa.answering.selection import LIKELY, MAX_QUOTES, ReaderResult, select_quotes, select_sentences
from qa.question.analyzer import analyze_question
from qa.question.intent import AnswerKind
from qa.question.question import Question
from tests.qa.invented import EVENING_CLASSES, evidence_of, paragraph, passages_of, rated_of, retriever_of, scored
from tests.qa.questions import questions_of

# Sentences that share hardly a bigram.
PLAIN = ["夜学每周开课三次。", "驿站备有热水和药箱。", "骑手推选站长管门。", "积分可以兑换米面。", "学费由街道补贴。"]


def texts_of(chosen: Sequence[ScoredSentence]) -> list[str]:
    return [one.sentence.text for one in chosen]


def test_the_likeliest_come_first_and_those_far_behind_are_left_out() -> None:
    rated = rated_of(PLAIN, [0.39, 0.8, 0.1, 0.41, 0.6])
    # Half of 0.8 is 0.4: 0.39 falls short, 0.41 does not.
    assert texts_of(select_sentences(rated, min_ratio=0.5, max_sentences=6)) == [PLAIN[1], PLAIN[4], PLAIN[3]]
    assert texts_of(select_sentences(rated, min_ratio=0.0, max_sentences=6)) == [PLAIN[1], PLAIN[4], PLAIN[3], PLAIN[0], PLAIN[2]]


def test_at_most_so_many_are_chosen() -> None:
    rated = rated_of(PLAIN, [0.5, 0.5, 0.5, 0.5, 0.6])
    assert texts_of(select_sentences(rated, min_ratio=0.0, max_sentences=1)) == [PLAIN[4]]
    assert texts_of(select_sentences(rated, min_ratio=0.0, max_sentences=3)) == [
        PLAIN[4],
        PLAIN[0],
        PLAIN[1],
    ]  # equals in their order
    assert select_sentences([], min_ratio=0.5, max_sentences=3) == []


def test_what_says_the_same_is_chosen_once() -> None:
    # 驿站备有热水和药箱。 has 9 bigrams; with 箱子 for 箱 the first 8 of them recur, 8 / 9 > 0.7.
    same = "驿站备有热水和药箱子。"
    other = "驿站备有雨衣若干件。"  # 驿站 站备 备有 alone recur: 3 / 9
    assert texts_of(select_sentences(rated_of([PLAIN[1], same, other], [0.8, 0.9, 0.7]), min_ratio=0.0, max_sentences=6)) == [
        same,
        other,
    ]
    # One that is part of a longer one says nothing new, though the longer one says more.
    longer = "街道出面以后，驿站备有热水和药箱，雨衣也随取随用。"
    assert texts_of(select_sentences(rated_of([longer, "驿站备有热水和药箱。"], [0.9, 0.8]), min_ratio=0.0, max_sentences=6)) == [
        longer
    ]


@pytest.fixture(scope="module")
def evening() -> Retriever:
    return retriever_of(passages_of(EVENING_CLASSES))


@pytest.fixture
def told(evening: Retriever):  # type: ignore[no-untyped-def]
    """A function that reads the evening classes with probabilities of our own, by how each sentence begins."""

    def reading(probabilities: dict[str, float], *, text: str = "夜学怎么办", most: int = MAX_QUOTES) -> ReaderResult:
        question = analyze_question(text, catalog=evening.catalog)
        read = QuickReader().read(question, evidence_of(question, scored(evening.catalog.passages), evening))
        units = [one.sentence for one in read.scored]
        given = [ScoredSentence(u, next((p for b, p in probabilities.items() if u.text.startswith(b)), 0.01)) for u in units]
        return select_quotes(question, replace(read, scored=tuple(given)), max_quotes=most)

    return reading


def said(reading: ReaderResult) -> list[str]:
    return [quote.text for quote in reading.quotes]


def test_a_likely_neighbour_of_the_same_point_goes_along(told) -> None:  # type: ignore[no-untyped-def]
    # 0.4 is less than two thirds of 0.9 and would not be chosen, but it follows in the point （一）.
    reading = told({"居民扫码": 0.9, "不满的": 0.4})
    assert said(reading) == ["居民扫码选课，满15人开班。不满的并入下期。"]
    assert reading.quotes[0].score == pytest.approx(0.9) and reading.quotes[0].headline == "自己点课"
    alone = told({"居民扫码": 0.9})
    assert said(alone) == ["居民扫码选课，满15人开班。"] and alone.quotes[0].headline == "自己点课"


def test_each_sentence_of_a_point_has_its_headline_also_without_the_first(told) -> None:  # type: ignore[no-untyped-def]
    # 0.08 is less than a tenth of 0.9: the first sentence does not go along.
    reading = told({"居民扫码": 0.08, "不满的": 0.9})
    assert [(quote.headline, quote.text) for quote in reading.quotes] == [("自己点课", "不满的并入下期。")]


def test_a_headline_alone_is_quoted_whole_its_label_inside(told) -> None:  # type: ignore[no-untyped-def]
    (quote,) = told({"三是": 0.9}).quotes
    assert (quote.text, quote.headline) == ("三是常评优。", None)
    assert [piece.text for piece in quote.pieces if piece.label] == ["常评优"]


def test_no_neighbour_of_another_point_or_of_none_goes_along(told) -> None:  # type: ignore[no-untyped-def]
    assert said(told({"居民扫码": 0.9, "由32名": 0.4})) == ["居民扫码选课，满15人开班。"]
    assert said(told({"首期": 0.9, "滨澜区": 0.4})) == ["首期开课12门。"]


def test_points_next_to_each_other_are_quotes_of_their_own(told) -> None:  # type: ignore[no-untyped-def]
    reading = told({"晚上借用": 0.9, "九点半前": 0.8})
    assert said(reading) == ["晚上借用小学教室，水电由街道承担。", "九点半前清场，值日生签字。"]
    assert [quote.headline for quote in reading.quotes] == ["借教室", "定规矩"]


def test_sentences_without_points_that_follow_each_other_are_one_quote(told) -> None:  # type: ignore[no-untyped-def]
    reading = told({"滨澜区": 0.8, "首期": 0.9})
    assert said(reading) == ["滨澜区团委从去年秋天起办夜学。首期开课12门。"]
    assert reading.quotes[0].score == pytest.approx(0.9)  # that of the better one


def test_quotes_stand_in_the_order_of_the_text_however_likely(told) -> None:  # type: ignore[no-untyped-def]
    reading = told({"年底在": 0.9, "晚上借": 0.6, "滨澜区": 0.7})
    assert [text[:3] for text in said(reading)] == ["滨澜区", "晚上借", "年底在"]


def test_the_better_article_comes_first() -> None:
    texts = {"甲": "夜学周三开课，街道补贴学费。骑手推选站长管门。", "乙": "夜学怎么办？夜学由青年教师办，夜学办在小学。"}
    retriever = retriever_of([paragraph(text, name=name) for name, text in texts.items()])
    question = analyze_question("夜学怎么办", catalog=retriever.catalog)
    for ranked in (scored(retriever.catalog.passages), scored(retriever.catalog.passages)[::-1]):
        reading = select_quotes(question, QuickReader().read(question, evidence_of(question, ranked, retriever)))
        best: dict[str, float] = {}
        for quote in reading.quotes:
            best[quote.passage.passage_id] = max(best.get(quote.passage.passage_id, 0.0), quote.score)
        assert list(best.values()) == sorted(best.values(), reverse=True)
        assert next(iter(best)) == "乙"


def test_a_fact_is_one_sentence_with_the_fact_marked(told) -> None:  # type: ignore[no-untyped-def]
    reading = told({"每门收": 0.9, "由32名": 0.89, "居民扫码": 0.88}, text="每门课的学费是多少元？")
    assert said(reading) == ["每门收40元，退课不扣钱。"]
    assert reading.quotes[0].headline == "学费透明"
    (highlight,) = reading.quotes[0].highlight
    assert highlight.of(reading.quotes[0].passage.bulletin.text) == "40元"


@pytest.mark.parametrize(
    ("text", "sentence", "fact"),
    [
        # Of two sums, numbers or dates that is marked around which the question's words stand.
        ("教师的补贴是多少元？", "场地租金一年要花去九百元上下，由街道统一来出，每季度交一次；教师补贴每课时120元。", "120元"),
        ("教师的补贴是多少元？", "场地租金一年要花去九百元上下，由街道来出；教师补贴每课时120元。", "120元"),
        ("一件废旧电器记几颗豆？", "厨余每公斤得两颗豆，旧书报每公斤得五颗，废旧电器一件得六十颗，混投一次倒扣十颗。", "六十颗"),
        # A number that the question names is not the one it asks for.
        ("回收一件废旧电器记几颗豆？", "旧书报每公斤得五颗豆，月底结清，由楼长逐户登记在册；废旧电器一件得六十颗。", "六十颗"),
        # Where a share is asked for, a share is marked.
        ("首次合格的占多少？", "团务考试80分合格，首次合格率为62%，补考以后由4人补课三周。", "62%"),
        ("結業考試定在什麼時候？", "夜學自2019年3月起陸續開辦；結業考試定在每週三晚上。", "每週三晚上"),
        ("结业考试定在什么时候？", "夜学自2019年3月起陆续开办，至今已有十二个村子加入；结业考试定在每年12月底。", "每年12月底"),
        ("咨询电话是多少？", "报名咨询电话0571-81234567，工作日有人接听。", "0571-81234567"),
        ("教材叫什么名字？", "街道编写的教材名叫《夜学一百问》，免费发放。", "《夜学一百问》"),
    ],
)
def test_of_several_candidates_the_fact_asked_for_is_marked(text: str, sentence: str, fact: str) -> None:
    retriever = retriever_of([paragraph(sentence)])
    question = analyze_question(text, catalog=retriever.catalog)
    read = QuickReader().read(question, evidence_of(question, scored(retriever.catalog.passages), retriever))
    (quote,) = select_quotes(question, read).quotes
    assert [span.of(sentence) for span in quote.highlight] == [fact]


def test_nothing_found_gives_no_quote(evening: Retriever) -> None:
    question = analyze_question("夜学怎么办", catalog=evening.catalog)
    assert select_quotes(question, QuickReader().read(question, evidence_of(question, [], evening))).quotes == ()


@pytest.fixture(scope="module")
def readings(samples: Library) -> list[tuple[Question, ReaderResult]]:
    found = []
    for text, history in questions_of(samples):
        question = analyze_question(text, history=history, catalog=samples.catalog, encode=samples.retriever.encode_question)
        read = QuickReader().read(question, collect_evidence(question, samples.retriever)[0])
        found.append((question, select_quotes(question, read)))
    assert sum(len(reading.quotes) for _, reading in found) > 300
    return found


Readings = list[tuple[Question, ReaderResult]]


def test_quotes_are_whole_units_that_follow_each_other(readings: Readings) -> None:
    for _, reading in readings:
        for quote in reading.quotes:
            inside = sorted(
                (
                    one
                    for one in reading.read.scored
                    if one.sentence.passage.passage is quote.passage and quote.span.contains(one.sentence.span)
                ),
                key=lambda one: one.sentence.span,
            )
            text, at = quote.passage.bulletin.text, quote.span.start
            for one in inside:
                assert text[at : one.sentence.span.start].strip() == ""
                at = one.sentence.span.end
            assert at == quote.span.end
            assert quote.score == max(one.probability for one in inside)
            assert {one.sentence.label for one in inside} == {quote.label}, "a quote goes beyond the point that its label heads"
            if quote.label is not None:
                assert len({one.sentence.point for one in inside}) == 1


def test_what_joins_a_quote_beyond_the_chosen_stays_in_its_point(readings: Readings) -> None:
    joined = 0
    for _, reading in readings:
        most = 1 if reading.read.asks_fact else MAX_QUOTES
        chosen = select_sentences(reading.read.scored, min_ratio=LIKELY, max_sentences=most)
        points: set[tuple[Passage, Point | None]] = {(one.sentence.passage.passage, one.sentence.point) for one in chosen}
        for quote in reading.quotes:
            for one in reading.read.scored:
                unit = one.sentence
                if unit.passage.passage is quote.passage and quote.span.contains(unit.span) and one not in chosen:
                    joined += 1
                    assert unit.point is not None and (unit.passage.passage, unit.point) in points
    assert joined > 20


def test_no_sentence_is_quoted_twice(readings: Readings) -> None:
    for _, reading in readings:
        for one, other in itertools.combinations(reading.quotes, 2):
            assert one.passage.bulletin is not other.passage.bulletin or (
                one.span.end <= other.span.start or other.span.end <= one.span.start
            )
            assert one.text not in other.text and other.text not in one.text


def test_quotes_are_ordered_by_article_and_place(readings: Readings) -> None:
    for _, reading in readings:
        best: list[float] = []
        for _, group in itertools.groupby(reading.quotes, key=lambda quote: id(quote.passage.article)):
            members = list(group)
            assert [quote.span for quote in members] == sorted(quote.span for quote in members)
            best.append(max(quote.score for quote in members))
        assert best == sorted(best, reverse=True)
        assert len(best) == len({id(quote.passage.article) for quote in reading.quotes}), "an article comes in two places"


def test_a_fact_has_one_quote_and_everything_else_at_most_so_many(readings: Readings) -> None:
    facts = 0
    for question, reading in readings:
        assert len(reading.quotes) <= (1 if question.is_factoid else MAX_QUOTES)
        facts += question.is_factoid
    assert facts > 40


def test_labels_stand_before_their_quotes_and_in_their_points(readings: Readings) -> None:
    outside = 0
    for _, reading in readings:
        for quote in reading.quotes:
            if quote.label is None:
                assert quote.headline is None
                continue
            text, passage = quote.passage.bulletin.text, quote.passage
            assert passage.span.contains(quote.label)
            (point,) = [point for point in passage.section.points if point.span.contains(quote.label)]
            # Between the marker and the label stands nothing that tells, and the quote ends within the point.
            assert len(text[point.span.start : quote.label.start].removeprefix(point.label)) <= 2
            assert point.span.contains(quote.span)
            if quote.headline is None:  # it stands alone
                assert quote.span.start == point.span.start and len(quote.span) - len(quote.label) <= len(point.label) + 3
            else:
                assert quote.headline == quote.label.of(text) and quote.label.end < quote.span.start
                outside += 1
    assert outside > 100


def test_quotes_never_hold_the_headline_of_a_point_that_something_follows(readings: Readings) -> None:
    for _, reading in readings:
        headlines = {
            (one.sentence.passage.passage.passage_id, one.sentence.label)
            for one in reading.read.scored
            if one.sentence.label is not None and not one.sentence.span.contains(one.sentence.label)
        }
        for quote in reading.quotes:
            assert not any(
                passage == quote.passage.passage_id and quote.span.start < label.end and label.start < quote.span.end
                for passage, label in headlines
            )


def test_highlights_lie_inside_and_look_like_what_was_asked(readings: Readings) -> None:
    marked: set[AnswerKind] = set()
    for question, reading in readings:
        for quote in reading.quotes:
            text = quote.passage.bulletin.text
            kind = question.answer_kind if question.is_factoid else None
            candidates = [match.group() for match in ANSWER_PATTERNS[kind].finditer(simplify(quote.text))] if kind else []
            assert len(quote.highlight) == bool(candidates)
            for span in quote.highlight:
                assert quote.span.contains(span)
                assert span.of(text) in candidates
                assert kind is not None
                marked.add(kind)
    assert {"money", "number"} <= marked
