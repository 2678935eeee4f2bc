"""The training of the network that reads a question and a passage together, and what is written for the program."""

import hashlib
import itertools
import json
import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from index.contextual import OnnxContextualEncoder  # noqa: E402
from index.pieces import PADDING, PassageText, PieceVectors  # noqa: E402
from index.reader import EncodedPair, PassageReading, encode_pair, interpret  # noqa: E402
from tests.training.tiny import make_encoder, make_tokenizer, run_thrice  # noqa: E402
from training.contextual import measure as measuring  # noqa: E402
from training.contextual import reader_trainer  # noqa: E402
from training.contextual.examples import Example, Passage, Source, windowed  # noqa: E402
from training.contextual.export import FILES, export  # noqa: E402
from training.contextual.learn import take_mean  # noqa: E402
from training.contextual.measure import measure_reader  # noqa: E402
from training.contextual.network import ReaderNetwork, passage_vectors, question_vectors, read  # noqa: E402
from training.contextual.readback import read_back  # noqa: E402
from training.contextual.reader_trainer import (  # noqa: E402
    Pairs,
    ReaderMixer,
    ReaderOptions,
    ReaderTraining,
    collate,
    locate,
    reader_losses,
)
from training.data import DataError  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

LN2 = math.log(2)


# Batches.

# begin, two pieces of a question, end, one of the context; two sentences of two pieces each, with the end before each; end.
PAIR = EncodedPair(
    ids=(0, 11, 12, 2, 13, 2, 14, 15, 2, 16, 17, 2),
    asked=4,
    markers=(5, 8),
    offsets=((0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 2), (2, 4), (0, 0), (0, 3), (3, 5), (0, 0)),
)
# The same without room for the second sentence.
SHORT = EncodedPair((*PAIR.ids[:8], 2), 4, (5,), (*PAIR.offsets[:8], (0, 0)))
PASSAGE = Passage("区", ("夜学开课", "学费四十元"), "p")
FACT = Example("学费", PASSAGE, frozenset({1}), fact=(1, 2, 5))
NEAR = Example("教师", PASSAGE, relevant=None)
UNSURE = Example("怎么办", PASSAGE, frozenset({0}), frozenset({1}), fact=None)
OTHER = Example("清淤", PASSAGE, relevant=False)


def test_a_fact_is_found_among_the_pieces_of_its_sentence() -> None:
    assert locate(PAIR, 1, 0, 3) == (9, 9)
    assert locate(PAIR, 1, 2, 5) == (9, 10)
    assert locate(PAIR, 1, 3, 4) == (10, 10)
    assert locate(PAIR, 0, 2, 4) == (7, 7)
    assert locate(PAIR, 2, 0, 1) is None  # there was no room for the sentence
    assert locate(PAIR, 1, 3, 9) is None  # nor for its end
    assert locate(PAIR, 1, 6, 9) is None  # nor for any of it


def test_a_batch_says_what_is_known_and_weighs_the_rest_with_nothing() -> None:
    batch = collate([FACT, NEAR, UNSURE, OTHER], [PAIR] * 4)
    assert batch.ids.tolist() == [list(PAIR.ids)] * 4 and bool(batch.mask.all())
    assert batch.about.tolist() == [[1, 1], [0, 0], [1, 1], [0, 0]]
    assert batch.about_weight.tolist() == [[1, 1], [0, 1], [1, 1], [1, 1]]
    assert batch.marks.tolist() == [[5, 8]] * 4
    of_asked, of_first, of_second = batch.means[0].tolist()
    assert of_asked == [1 / 4] * 4 + [0] * 8 and of_first == [0] * 6 + [1 / 2] * 2 + [0] * 4
    assert of_second == [0] * 9 + [1 / 2] * 2 + [0] and batch.means.tolist() == [[of_asked, of_first, of_second]] * 4
    assert batch.known.tolist() == [[True, True], [True, True], [True, False], [True, True]]
    assert batch.evidence.tolist() == [[0, 1], [0, 0], [1, 0], [0, 0]]
    assert batch.fact.tolist() == [[9, 10], [0, 0], [0, 0], [0, 0]] and batch.fact_weight.tolist() == [1, 1, 0, 1]


def test_of_what_was_cut_off_nothing_is_told() -> None:
    batch = collate([FACT, UNSURE], [SHORT, PAIR])
    assert batch.ids[0].tolist() == [*SHORT.ids, PADDING, PADDING, PADDING]
    assert batch.mask.tolist() == [[1] * 9 + [0] * 3, [1] * 12]
    assert batch.marks.tolist() == [[5, 0], [5, 8]] and batch.known.tolist() == [[True, False], [True, False]]
    assert batch.means[:, 2].sum(1).tolist() == [0, 1]
    assert batch.evidence.tolist() == [[0, 0], [1, 0]]
    assert batch.fact.tolist() == [[0, 0], [0, 0]] and batch.fact_weight.tolist() == [0, 0]


def test_a_piece_attends_to_no_padding_and_across_as_much_as_it_is_let() -> None:
    batch = collate([FACT, UNSURE], [SHORT, PAIR])
    across = torch.zeros(12, 12, dtype=torch.bool)
    across[:4, 4:] = across[4:, :4] = True
    for openness in (0.001, 0.5, 1.0):
        (short,), (whole,) = paid = batch.attention(openness).exp()
        torch.testing.assert_close(whole, torch.where(across, openness, 1.0))
        torch.testing.assert_close(short[:, :9], whole[:, :9])
        assert paid.shape == (2, 1, 12, 12) and not short[:, 9:].any()


# Losses.


def losses_of(batch: Pairs, *said: Tensor) -> dict[str, float]:
    return {name: float(loss) for name, loss in reader_losses(batch, *said).items()}


def test_the_losses_of_a_network_that_knows_nothing() -> None:
    # Each yes or no costs ln 2; sentences are divided by the root of how many are known; an end is one of twelve pieces, or nine.
    said = torch.zeros(1, 2), torch.zeros(1, 2), torch.zeros(1, 12, 2)
    found = losses_of(collate([FACT], [PAIR]), *said)
    assert found == pytest.approx({"about": 2 * LN2, "sentences": 2 * LN2 / math.sqrt(2), "fact": math.log(12)})
    found = losses_of(collate([NEAR], [PAIR]), *said)
    assert found == pytest.approx({"about": LN2, "sentences": 2 * LN2 / math.sqrt(2), "fact": math.log(12)})
    found = losses_of(collate([UNSURE], [PAIR]), *said)
    assert found == pytest.approx({"about": 2 * LN2, "sentences": LN2, "fact": 0})
    found = losses_of(collate([OTHER], [SHORT]), said[0], said[1][:, :1], said[2][:, :9])
    assert found == pytest.approx({"about": 2 * LN2, "sentences": LN2, "fact": math.log(9)})


def test_the_losses_of_one_pair_by_hand() -> None:
    of_pair, of_sentences, of_ends = torch.tensor([[1.0, -2.0]]), torch.tensor([[3.0, 0.5]]), torch.zeros(1, 12, 2)
    of_ends[0, 9, 0], of_ends[0, 0, 1] = 2.0, 1.0
    found = losses_of(collate([FACT], [PAIR]), of_pair, of_sentences, of_ends)
    assert found["about"] == pytest.approx(math.log1p(math.exp(-1)) + math.log1p(math.exp(2)))
    assert found["sentences"] == pytest.approx((math.log1p(math.exp(3)) + math.log1p(math.exp(-0.5))) / math.sqrt(2))
    begins, stops = math.log(1 + 11 * math.exp(-2)), math.log(11 + math.e)  # it ends at another piece than the first
    assert found["fact"] == pytest.approx((begins + stops) / 2)


def test_the_losses_are_nothing_where_all_is_right_and_large_where_all_is_wrong() -> None:
    ends = torch.zeros(2, 12, 2)
    ends[0, 9, 0] = ends[0, 10, 1] = ends[1, 0, 0] = ends[1, 0, 1] = 20
    right = torch.tensor([[20.0, 20.0], [-20.0, -20.0]]), torch.tensor([[-20.0, 20.0], [-20.0, -20.0]]), ends
    batch = collate([FACT, OTHER], [PAIR, PAIR])
    assert losses_of(batch, *right) == pytest.approx({"about": 0, "sentences": 0, "fact": 0}, abs=1e-6)
    wrong = losses_of(batch, *(-numbers for numbers in right))
    assert wrong["about"] > 39 and wrong["sentences"] > 28 and wrong["fact"] > 20


def test_what_is_doubtful_or_not_known_teaches_nothing_and_all_else_does() -> None:
    drawn = torch.Generator().manual_seed(1)
    of_pair, of_sentences, of_ends = said = [
        torch.randn(*shape, generator=drawn).requires_grad_() for shape in ((4, 2), (4, 2), (4, 12, 2))
    ]
    batch = collate([FACT, NEAR, UNSURE, UNSURE], [PAIR, PAIR, PAIR, SHORT])
    torch.stack(list(reader_losses(batch, *said).values())).sum().backward()
    assert of_pair.grad is not None and of_sentences.grad is not None and of_ends.grad is not None
    taught = (of_pair.grad != 0).tolist()
    assert taught == [[True, True], [False, True], [True, True], [True, True]]  # nobody knows what NEAR is about
    # Not the second sentence of UNSURE, which is doubtful, nor that for which there was no room.
    assert (of_sentences.grad != 0).tolist() == [[True, True], [True, True], [True, False], [True, False]]
    ends = torch.zeros(4, 12, 2, dtype=torch.bool)
    ends[:2] = True  # the fact of UNSURE is not known
    assert torch.equal(of_ends.grad != 0, ends)


def drawn_examples(count: int, seed: int = 1, letters: str = "甲乙问区又。0123456789") -> list[Example]:
    """Examples of all kinds, on passages of one to seven sentences."""
    chance = random.Random(seed)

    def text(least: int, most: int) -> str:
        return "".join(chance.choices(letters, k=chance.randint(least, most)))

    found = []
    for number in range(count):
        sentences = tuple(text(1, 12) for _ in range(chance.randint(1, 7)))
        n = len(sentences)
        listed = chance.sample(range(n), min(n, chance.randint(0, 4)))
        evidence, doubtful = frozenset(listed[:2]), frozenset(listed[2:])
        fact: Any = chance.choice([(), None])
        if listed and chance.random() < 0.6:
            start = chance.randrange(len(sentences[listed[0]]))
            fact = (listed[0], start, chance.randint(start + 1, len(sentences[listed[0]])))
        relevant = True if evidence else chance.choice([True, False, None])
        found.append(
            Example(
                text(2, 9), Passage(text(0, 4), sentences, str(number)), evidence, doubtful, fact if evidence else (), relevant
            )
        )
    return found


def encoded(examples: Sequence[Example]) -> list[EncodedPair]:
    tokenizer = make_tokenizer()
    return [encode_pair(tokenizer, example.question, example.passage) for example in examples]


def test_padding_changes_nothing() -> None:
    examples = drawn_examples(40)
    pairs = encoded(examples)
    batch = collate(examples, pairs)
    assert len({len(pair.ids) for pair in pairs}) > 10
    reader = make_reader()
    with torch.inference_mode():
        of_pair, of_sentences, of_ends = said_by(reader, batch)
        alone = []
        for row, (example, pair) in enumerate(zip(examples, pairs, strict=True)):
            own = collate([example], [pair])
            own_pair, own_sentences, own_ends = said_by(reader, own)
            torch.testing.assert_close(own_pair[0], of_pair[row], atol=1e-5, rtol=0)
            torch.testing.assert_close(own_sentences[0], of_sentences[row, : len(pair.markers)], atol=1e-5, rtol=0)
            torch.testing.assert_close(own_ends[0], of_ends[row, : len(pair.ids)], atol=1e-5, rtol=0)
            alone.append(losses_of(own, own_pair, own_sentences, own_ends))
        # Nor does what a network says of padding.
        of_sentences = of_sentences.masked_fill(batch.marks == 0, 30.0)
        of_ends = of_ends.masked_fill(batch.mask[..., None] == 0, 30.0)
    for name, loss in losses_of(batch, of_pair, of_sentences, of_ends).items():
        assert loss == pytest.approx(np.mean([own[name] for own in alone]), rel=1e-4), name


# The network.


def make_reader(seed: int = 1, **sizes: int) -> ReaderNetwork:
    return ReaderNetwork(make_encoder(seed, **sizes)).eval()


def said_by(reader: ReaderNetwork, batch: Pairs) -> tuple[Tensor, Tensor, Tensor]:
    said: tuple[Tensor, Tensor, Tensor] = reader(batch.ids, batch.attention(), batch.marks, batch.means)
    return said


def test_a_reader_says_of_each_pair_its_sentences_and_its_pieces() -> None:
    reader, examples = make_reader(), drawn_examples(2)
    batch = collate(examples, encoded(examples))
    with torch.inference_mode():
        of_pair, of_sentences, of_ends = said_by(reader, batch)
    assert of_pair.shape == (2, 2) and of_sentences.shape == batch.marks.shape and of_ends.shape == (*batch.ids.shape, 2)
    assert not torch.allclose(of_pair[0], of_pair[1])


def test_before_it_has_learned_what_a_reader_says_of_a_sentence_is_how_near_the_encoder_finds_it() -> None:
    """Question and passage do not see each other yet; the passage lies a few places further on than where the encoder has it."""
    reader, examples = make_reader(), drawn_examples(30)
    reader.encoder.embeddings.position_embeddings.weight.data.zero_()
    for head in (reader.heads.of_pair, reader.heads.of_sentence, reader.heads.of_ends):
        torch.nn.init.zeros_(head.weight)
    pairs = encoded(examples)
    batch = collate(examples, pairs)
    near = reader.nearness
    with torch.inference_mode():
        of_pair, of_sentences, _ = reader(batch.ids, batch.attention(1e-9), batch.marks, batch.means)
        states = [read(reader.encoder, [pair.ids[: pair.asked], pair.ids[pair.asked :]]) for pair in pairs]
        for row, (pair, (asked, passage)) in enumerate(zip(pairs, states, strict=True)):
            of_question = asked[: pair.asked].mean(0)
            of_each = torch.stack([passage[start - pair.asked : end - pair.asked].mean(0) for start, end in pair.bounds()])
            cosines = torch.nn.functional.cosine_similarity(of_each, of_question, dim=-1)
            torch.testing.assert_close(
                of_sentences[row, : len(cosines)], near.scales[0] * cosines + near.biases[0], atol=0.1, rtol=0
            )
            torch.testing.assert_close(of_pair[row], near.scales[1:] * cosines.max() + near.biases[1:], atol=0.1, rtol=0)


# Examples on part of a passage.

SENTENCES = ("夜学开课。", "学费四十元。", "老师答疑。", "教材也四十元。")
WHOLE = Passage("澜坪区", SENTENCES, "p")
ASKED = Example("学费", WHOLE, frozenset({1}), frozenset({2}), (1, 2, 5))


def test_evidence_doubt_and_fact_are_told_of_the_sentences_that_are_kept() -> None:
    assert ASKED.fact_text == "四十元"
    part = ASKED.on([1, 2, 3])
    assert part == Example("学费", replace(WHOLE, sentences=SENTENCES[1:]), frozenset({0}), frozenset({1}), (0, 2, 5))
    assert part is not None and part.fact_text == "四十元"
    assert ASKED.on(range(4)) == ASKED
    unknown = replace(ASKED, fact=None, relevant=None).on([0, 1])
    assert unknown is not None
    assert (unknown.evidence, unknown.doubtful, unknown.fact, unknown.relevant) == ({1}, set(), None, None)


def test_without_its_evidence_an_example_is_not_answered_and_has_no_fact() -> None:
    assert ASKED.on([0]) == Example("学费", replace(WHOLE, sentences=SENTENCES[:1]))
    not_known = replace(ASKED, fact=None).on([0])
    assert not_known is not None and not not_known.answered and not_known.fact == ()


@pytest.mark.parametrize(
    ("evidence", "doubtful", "kept"),
    [
        ({1}, {2}, [0, 3]),  # the fact still stands there
        ({1}, {2}, [0, 2]),  # what is doubtful may answer
        ({0, 1}, set(), [0, 2]),  # half of what answers
    ],
)
def test_a_part_that_may_half_answer_is_no_example(evidence: set[int], doubtful: set[int], kept: list[int]) -> None:
    assert replace(ASKED, evidence=frozenset(evidence), doubtful=frozenset(doubtful)).on(kept) is None


def test_evidence_is_taken_out_of_a_passage_unless_the_fact_stands_elsewhere_or_too_little_is_left() -> None:
    other = replace(ASKED, passage=replace(WHOLE, sentences=(*SENTENCES[:3], "教材免费。")))
    assert other.without_evidence() == Example("学费", replace(WHOLE, sentences=("夜学开课。", "教材免费。")))
    assert ASKED.without_evidence() is None  # forty it is for books, too
    assert replace(ASKED, fact=(1, 0, 5)).without_evidence() is not None  # but not for lessons
    assert replace(other, doubtful=frozenset({2, 3})).without_evidence() is None
    assert replace(other, doubtful=frozenset({3})).without_evidence() is not None
    assert Example("老师是谁", WHOLE).without_evidence() is None


def test_an_example_on_part_of_its_passage_says_the_same_of_the_same_sentences() -> None:
    left = 0
    for example in drawn_examples(300, letters="甲乙"):
        for part in (example.without_evidence(), windowed(example, room=20, before=0.3)):
            if part is None:
                continue
            left += 1
            for wanted, found in ((example.evidence, part.evidence), (example.doubtful, part.doubtful)):
                assert {part.passage.sentences[n] for n in found} <= {example.passage.sentences[n] for n in wanted}
            if part.answered:
                assert len(part.evidence) == len(example.evidence) and part.fact_text == example.fact_text
            elif example.answered:
                assert part.fact == () and not part.doubtful
                assert example.fact_text is None or example.fact_text not in part.passage.text
    assert left > 300


@pytest.mark.parametrize(
    ("evidence", "before", "kept"),
    [
        # ten sentences of ten characters, with room for four: what is left has room for three
        ({4}, 0.0, [4, 5, 6, 7]),
        ({4}, 0.4, [3, 4, 5, 6]),
        ({4}, 0.7, [2, 3, 4, 5]),
        ({4}, 1.0, [1, 2, 3, 4]),
        ({4, 5}, 0.5, [3, 4, 5, 6]),
        # where there is nothing more on one side, the other has its room
        ({8}, 0.0, [6, 7, 8, 9]),
        ({1}, 1.0, [0, 1, 2, 3]),
        # what answers nothing is cut at its share
        (set(), 0.0, [0, 1, 2, 3]),
        (set(), 0.35, [2, 3, 4, 5]),
        (set(), 1.0, [6, 7, 8, 9]),
    ],
)
def test_a_share_of_the_room_is_before_the_evidence(evidence: set[int], before: float, kept: list[int]) -> None:
    sentences = tuple(f"{number}23456789。" for number in range(10))
    example = Example("?", Passage("区", sentences, "p"), frozenset(evidence), fact=(4, 2, 5) if 4 in evidence else ())
    cut = windowed(example, room=40, before=before)
    assert cut.passage.sentences == tuple(sentences[number] for number in kept)
    assert {kept[number] for number in cut.evidence} == evidence
    assert cut.fact == ((kept.index(4), 2, 5) if 4 in evidence else ())


def test_what_a_passage_is_about_may_be_cut_off() -> None:
    passage = Passage("区", tuple(f"{number}23456789。" for number in range(10)), "p")
    near, other, answered = Example("?", passage), Example("?", passage, relevant=False), Example("?", passage, frozenset({3}))
    assert windowed(near, room=30).relevant is None and windowed(near, room=100).relevant is True
    assert windowed(other, room=30).relevant is False and windowed(answered, room=30).relevant is True


# What a search finds.

NIGHT = {
    "a": "夜学每周三开课，学费四十元。老师答疑。",
    "b": "夜学的学费也是四十元，另有补贴。",
    "c": "夜学的学费由街道补贴四成。",
    "d": "夜学收学费，退课不扣钱。",
    "e": "清淤由用水户分段包干。",
}


def night_source(*examples: tuple[str, str, bool]) -> Source:
    """Examples as a question, its passage, and whether a fact is noted."""
    passages = {name: Passage("", tuple(f"{s}。" for s in text.split("。") if s), name) for name, text in NIGHT.items()}
    found = []
    for question, name, is_fact in examples:
        start = NIGHT[name].index("四十元") if is_fact else 0
        found.append(Example(question, passages[name], frozenset({0}), fact=(0, start, start + 3) if is_fact else ()))
    return Source(passages, [*found, Example("夜学的学费由谁定", passages["c"])])


def test_neighbours_are_what_is_found_and_does_not_hold_the_answer() -> None:
    source = night_source(("夜学的学费多少", "a", True), ("夜学的学费怎么收", "d", False))
    found = source.neighbours()
    assert list(found) == ["夜学的学费多少", "夜学的学费怎么收"]  # those that are answered
    assert {"c", "d"} <= set(found["夜学的学费多少"]) and not {"a", "b"} & set(found["夜学的学费多少"])
    assert {"a", "b", "c"} <= set(found["夜学的学费怎么收"]) and "d" not in found["夜学的学费怎么收"]


def test_neighbours_of_the_first_ranks_are_left_out_and_those_after_the_last() -> None:
    source = night_source(("夜学的学费怎么收", "e", False))  # it is asked of a passage that no search finds
    (ranked,) = source.neighbours().values()
    assert len(ranked) >= 4 and set(ranked) <= set("abcd")
    assert [source.neighbours(first=first)["夜学的学费怎么收"] for first in (1, 2, 9)] == [ranked[1:], ranked[2:], []]
    assert source.neighbours(first=1, last=2)["夜学的学费怎么收"] == ranked[1:3]


# Epochs.


def numbered_source(name: str, count: int, *, answered: bool = True) -> Source:
    """Passages of three sentences, of which the second answers."""
    passages = {f"{name}{n}": Passage(f"区{n}", (f"{name}{n}。", "又。", f"甲{n}。"), f"{name}{n}") for n in range(count)}
    evidence = frozenset({1} if answered else set())
    fact = (1, 0, 1) if answered else ()
    return Source(passages, [Example(f"问{name}{n}", p, evidence, fact=fact) for n, p in enumerate(passages.values())])


def neighbours_of(source: Source) -> dict[str, list[str]]:
    """The next two passages are found for every question."""
    names = list(source.passages)
    return {
        example.question: [names[(n + 1) % len(names)], names[(n + 2) % len(names)]] for n, example in enumerate(source.examples)
    }


def mixer_of(*sources: Source, near: Mapping[str, Sequence[str]] | None = None, **options: Any) -> ReaderMixer:
    return ReaderMixer(sources, [neighbours_of(s) if near is None else near for s in sources], ReaderOptions(seed=3, **options))


def kind_of(example: Example) -> str:
    """What a question of a numbered source is shown with."""
    if example.passage.passage_id != example.question[1:]:
        return "other"
    return "own" if example.answered else "less"


FIRST, SECOND = numbered_source("甲", 400), numbered_source("乙", 300)


def test_an_epoch_shows_all_sources_but_what_is_passed_over_of_the_first() -> None:
    mixer = mixer_of(FIRST, SECOND, numbered_source("区", 50))
    for number in (0, 1, 5):
        shown = Counter(example.question[1] for example in mixer.epoch(number) if kind_of(example) == "own")
        assert (shown["乙"], shown["区"]) == (300, 50) and shown["甲"] == pytest.approx(200, abs=40)
    own = [e.question for e in mixer_of(FIRST, SECOND, passed_over=()).epoch(1) if kind_of(e) == "own"]
    assert own != [e.question for e in (*FIRST.examples, *SECOND.examples)]  # in random order
    assert sorted(own) == sorted(e.question for e in (*FIRST.examples, *SECOND.examples))
    assert {e.question[1] for e in mixer_of(FIRST, SECOND, passed_over=(1.0,)).epoch(1)} == {"乙"}


def test_of_several_sources_each_is_passed_over_by_its_own_chance() -> None:
    mixer = mixer_of(FIRST, SECOND, numbered_source("区", 50), passed_over=(0.75, 0.5))
    for number in (0, 1):
        shown = Counter(example.question[1] for example in mixer.epoch(number) if kind_of(example) == "own")
        assert shown["甲"] == pytest.approx(100, abs=40) and shown["乙"] == pytest.approx(150, abs=40) and shown["区"] == 50


def test_a_question_is_shown_with_another_passage_and_with_less_of_its_own() -> None:
    near = neighbours_of(FIRST)
    shown = mixer_of(FIRST, other=1.0, less=1.0, bare=0.0, passed_over=()).epoch(0)
    assert Counter(map(kind_of, shown)) == {"own": 400, "other": 400, "less": 400}
    chosen = set()
    for example in shown:
        own = FIRST.examples[int(example.question[2:])]
        if kind_of(example) == "own":
            assert example == own
        elif kind_of(example) == "less":
            passage = replace(own.passage, sentences=(own.passage.sentences[0], own.passage.sentences[2]))
            assert example == Example(own.question, passage)  # it is still about the question
        else:
            assert example == Example(own.question, FIRST.passages[example.passage.passage_id], relevant=False)
            chosen.add(near[own.question].index(example.passage.passage_id))
    assert chosen == {0, 1}


def test_a_question_without_neighbours_or_answer_has_no_variants() -> None:
    for mixer in (
        mixer_of(FIRST, near={}, other=1.0, less=0.0, passed_over=()),
        mixer_of(numbered_source("甲", 400, answered=False), other=1.0, less=1.0, passed_over=()),
    ):
        shown = mixer.epoch(0)
        assert len(shown) == len({example.question for example in shown}) == 400
        assert all(example.passage.passage_id == example.question[1:] for example in shown)
    # The fact stands in the first sentence, too: without its evidence the passage would still answer.
    twice = [replace(e, passage=replace(e.passage, sentences=("又一。", *e.passage.sentences[1:]))) for e in FIRST.examples]
    assert len(mixer_of(Source(FIRST.passages, twice), near={}, less=1.0, passed_over=()).epoch(0)) == 400


def test_variants_and_passages_without_context_come_by_their_chances() -> None:
    mixer = mixer_of(FIRST, SECOND, other=0.6, less=0.3, bare=0.2, passed_over=())
    shown = [example for number in (1, 2, 3) for example in mixer.epoch(number)]
    kinds = Counter(map(kind_of, shown))
    assert kinds["own"] == 2100
    assert kinds["other"] / 2100 == pytest.approx(0.6, abs=0.04) and kinds["less"] / 2100 == pytest.approx(0.3, abs=0.04)
    for kind in kinds:
        bare = [not example.passage.context for example in shown if kind_of(example) == kind]
        assert np.mean(bare) == pytest.approx(0.2, abs=0.05), kind
    never = mixer_of(FIRST, SECOND, other=0.0, less=0.0, bare=0.0).epoch(1)
    assert all(kind_of(example) == "own" and example.passage.context for example in never)


def test_a_turn_of_a_dialogue_is_shown_with_those_before_it_by_its_chance() -> None:
    turns = Source(FIRST.passages, [replace(e, turn=f"先问 / {e.question}") for e in FIRST.examples])
    for chance in (0.0, 0.7, 1.0):
        shown = mixer_of(turns, turns=chance, after_another=1.0, other=0.0, less=0.0, bare=0.0, passed_over=()).epoch(1)
        assert len(shown) == 400
        assert np.mean([example.question == example.turn for example in shown]) == pytest.approx(chance, abs=0.08)


def test_a_question_that_leans_on_nothing_is_shown_after_another_by_its_chance() -> None:
    asked = {example.question for example in FIRST.examples}
    shown = mixer_of(FIRST, after_another=0.3, other=0.0, less=0.0, bare=0.0, passed_over=()).epoch(1)
    after = [example.question.split(" / ") for example in shown if " / " in example.question]
    assert len(after) / len(shown) == pytest.approx(0.3, abs=0.08)
    assert all(len(pair) == 2 and set(pair) <= asked for pair in after)


def test_the_same_seed_draws_the_same_epochs_whichever_is_drawn_first() -> None:
    mixer = mixer_of(FIRST, SECOND)
    epochs = [mixer.epoch(number) for number in range(4)]
    again = mixer_of(FIRST, SECOND)
    assert [again.epoch(number) for number in (3, 2, 1, 0)] == epochs[::-1]
    assert all(one != other for one, other in itertools.combinations(epochs, 2))
    sources = (FIRST, SECOND)
    other = ReaderMixer(sources, list(map(neighbours_of, sources)), ReaderOptions(seed=4))
    assert all(other.epoch(number) != epochs[number] for number in range(4))


# A run, of a network of two layers of width 8.


@pytest.fixture
def _small_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few examples are sorted by length at once: an epoch of a few dozen is then not too small."""
    monkeypatch.setattr(reader_trainer, "_POOL", 16)


def make_run(folder: Path, *, steps: int = 8, rate: float = 1e-2, pieces: int = 80) -> ReaderTraining:
    options = ReaderOptions(
        seed=3, steps=steps, rate=rate, warm_up=2, opening=3, fixed=1, pieces=pieces, lengths=(6, 9, 20), passed_over=()
    )
    sources = [numbered_source("甲", 20), numbered_source("乙", 15)]
    mixer = ReaderMixer(sources, list(map(neighbours_of, sources)), options)
    return ReaderTraining(make_reader(), make_tokenizer(), mixer, options, folder)


FIXED = {name for name in make_reader().state_dict() if name.startswith(("encoder.embeddings.", "encoder.encoder.layer.0."))}


def numbers_of(training: ReaderTraining) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in training.reader.state_dict().items()}


@pytest.mark.usefixtures("_small_pool")
def test_a_run_that_is_taken_up_again_ends_as_one_without_a_stop(tmp_path: Path) -> None:
    whole, cut, resumed = run_thrice(make_run, tmp_path, every=3, at=6)
    assert resumed.step == whole.step == 8
    for name, value in numbers_of(whole).items():
        assert torch.equal(value, numbers_of(resumed)[name]), name
        assert name in FIXED or not torch.equal(value, numbers_of(cut)[name]), name


@pytest.mark.usefixtures("_small_pool")
def test_all_is_trained_but_the_vectors_of_pieces_and_the_lowest_layers(tmp_path: Path) -> None:
    training = make_run(tmp_path)
    before = numbers_of(training)
    training.run()
    same = {name for name, value in numbers_of(training).items() if torch.equal(value, before[name])}
    assert same == FIXED


@pytest.mark.usefixtures("_small_pool")
def test_a_run_that_is_over_stays_as_it_is(tmp_path: Path) -> None:
    make_run(tmp_path).run()
    again = make_run(tmp_path)
    again.resume()
    before = numbers_of(again)
    again.run()
    assert all(torch.equal(value, before[name]) for name, value in numbers_of(again).items())


def test_the_mean_of_weights_is_taken() -> None:
    reader = make_reader()
    first = [weights.detach().clone() for weights in reader.parameters()]
    take_mean(reader, [first, [weights + 1 for weights in first], [weights - 4 for weights in first]])
    for parameter, weights in zip(reader.parameters(), first, strict=True):
        assert torch.allclose(parameter, weights - 1, atol=1e-6)


@pytest.mark.usefixtures("_small_pool")
def test_what_is_learned_is_logged(tmp_path: Path) -> None:
    make_run(tmp_path, steps=75).run()
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["step"] for line in lines] == [25, 50, 75]
    for name in ("about", "sentences", "fact"):
        assert lines[-1][name] < lines[0][name], name


@pytest.mark.usefixtures("_small_pool")
@pytest.mark.parametrize("pieces", [30, 80, 300])
def test_a_batch_has_no_more_pieces_than_it_may_and_a_pool_is_shown_whole(pieces: int, tmp_path: Path) -> None:
    training = make_run(tmp_path, pieces=pieces)
    sizes = []
    left = len(training.mixer.epoch(0))
    assert left > 16
    while left:
        rows, lengths, pool = 0, [], min(16, left)
        while rows < pool:
            batch = training.batch(0)
            sizes.append(len(batch.ids))
            rows += len(batch.ids)
            lengths.append(sorted(batch.mask.sum(1).tolist()))
            assert batch.ids.numel() <= pieces or len(batch.ids) == 1
            assert batch.ids.shape[1] == lengths[-1][-1]
        assert rows == pool
        left -= pool
        # Pairs of like length go together: batches in the order of their lengths do not overlap.
        assert all(one[-1] <= next_one[0] for one, next_one in itertools.pairwise(sorted(lengths)))
    assert max(sizes) > 1 or pieces == 30


@pytest.mark.usefixtures("_small_pool")
def test_passages_are_of_all_lengths_and_cut_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: list[int] = []
    shares: list[float] = []

    def noted(example: Example, *, room: int, before: float) -> Example:
        rooms.append(room)
        shares.append(before)
        return windowed(example, room=room, before=before)

    monkeypatch.setattr(reader_trainer, "windowed", noted)
    training = make_run(tmp_path)
    while len(rooms) < 160:
        training.batch(0)
    assert set(rooms) == {6, 9, 20}
    assert min(shares) < 0.2 and max(shares) > 0.8 and len(set(shares)) > 100


# Figures.


@dataclass
class Said:
    """A network in whose place stands what it says of each pair; of padding it says that all begins and ends there."""

    of: dict[tuple[int, ...], tuple[float, tuple[float, ...], tuple[int, int] | None]]

    def __call__(self, ids: Tensor, mask: Tensor, marks: Tensor, means: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        of_pair, of_sentences, of_ends = torch.zeros(len(ids), 2), torch.full(marks.shape, 50.0), torch.zeros(*ids.shape, 2)
        of_ends[ids == PADDING] = 50.0
        for row, own in enumerate(ids):
            answered, sentences, fact = self.of[tuple(own[own != PADDING].tolist())]
            of_pair[row] = torch.tensor([-9.0, answered])
            of_sentences[row, : len(sentences)] = torch.tensor(sentences)
            if fact:
                of_ends[row, fact[0], 0] = of_ends[row, fact[1], 1] = 9.0
        return of_pair, of_sentences, of_ends


# What is said of an example: that it is answered, of each sentence, and which characters of which sentence are the fact.
Says = tuple[float, tuple[float, ...], tuple[int, int, int] | None]


def figures_of(told: Sequence[tuple[Example, Says]]) -> dict[str, float]:
    of = {}
    for example, (answered, sentences, fact) in told:
        pair = encode_pair(make_tokenizer(), example.question, example.passage)
        of[pair.ids] = answered, sentences, locate(pair, *fact) if fact else None
    assert len(of) == len(told)
    return measure_reader(cast(ReaderNetwork, Said(of)), make_tokenizer(), [example for example, _ in told])


NUMBERED = Passage("区", ("甲01。", "乙234。", "又5。"), "p")


@pytest.mark.parametrize("size", [1, 2, 16])
def test_figures_by_hand(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_SIZE", size)
    longer = replace(NUMBERED, sentences=(*NUMBERED.sentences, "又甲乙67890。"))
    found = figures_of(
        [
            # The right sentence, and in it exactly the fact; another fact is likelier elsewhere, but this is not asked here.
            (Example("问0", longer, frozenset({1}), fact=(1, 1, 4)), (2.0, (-1.0, 1.0, 0.0, -3.0), (1, 1, 4))),
            # One of two sentences, and a fact that is too short.
            (Example("问1", NUMBERED, frozenset({0, 2}), fact=(0, 0, 3)), (0.5, (0.0, 1.0, 2.0), (0, 0, 2))),
            # The wrong sentence, though the fact would be found; in English.
            (Example("ss", NUMBERED, frozenset({2}), fact=(2, 1, 2)), (3.0, (0.0, 1.0, -1.0), (2, 1, 2))),
            # No fact is asked for, or it is not known where it stands.
            (Example("aa", longer, frozenset({3})), (4.0, (0.0, 0.0, 0.0, 1.0), None)),
            (Example("问2", NUMBERED, frozenset({0}), fact=None), (5.0, (2.0, 1.0, 1.0), None)),
            # Not answered.
            (Example("问3", NUMBERED), (1.0, (9.0, 0.0, 0.0), None)),
            (Example("问4", longer, relevant=False), (-1.0, (0.0, 9.0, 0.0, 0.0), None)),
        ]
    )
    # 0.5 against 1 is the one pair of ten that is the wrong way round.
    assert found == pytest.approx({"first": 4 / 5, "first-en": 1 / 2, "fact": 2 / 3, "auc": 9 / 10})


def test_what_is_not_in_a_set_has_no_figure() -> None:
    found = figures_of([(Example("问0", NUMBERED, frozenset({1})), (0.0, (0.0, 1.0, 0.0), None))])
    assert found.pop("first") == 1.0 and np.isnan(found.pop("fact")) and not found


# What is written for the program.


def held_vectors(seed: int = 5) -> Tensor:
    """Vectors of pieces such as four bits hold, of width 32."""
    count = make_tokenizer().get_vocab_size()
    drawn = np.random.default_rng(seed).normal(size=(count, 32)).astype(np.float32)
    return torch.from_numpy(PieceVectors.quantize(drawn).of(range(count)))


def networks(vectors: Tensor, of_reader: Tensor | None = None) -> tuple[Any, ReaderNetwork]:
    """An encoder and a reader that start from given vectors of pieces, with weights so large that what stands around counts."""
    encoder, reader = make_encoder(1, width=32).eval(), make_reader(2, width=32, layers=1)
    with torch.no_grad():
        for network, start in ((encoder, vectors), (reader.encoder, vectors if of_reader is None else of_reader)):
            network.embeddings.word_embeddings.weight.copy_(start)
            for weights in network.encoder.parameters():
                if weights.dim() > 1:
                    weights.mul_(8)
        for weights in reader.heads.parameters():
            weights.mul_(50)
    return encoder, reader


TEXTS = [
    PassageText("区1", ("甲0。", "又。", "问" * 60)),
    PassageText("", ("乙7。",)),
    PassageText("区" * 30, ("又又。", "甲乙23")),
]
QUESTIONS = ["甲问0", "乙" * 40, "又"]
SAMPLES = [
    Example(question, Passage(text.context, text.sentences, str(n)))
    for n, (question, text) in enumerate(zip(QUESTIONS, TEXTS, strict=True))
]


def trained(vectors: Tensor) -> Tensor:
    """The vectors with one number a little off."""
    other = vectors.clone()
    other[7, 3] += 1e-3
    return other


@pytest.mark.parametrize(
    "changed",
    [
        lambda held: (trained(held), held),
        lambda held: (held, trained(held)),
        lambda held: (trained(held), trained(held)),  # the same, but four bits do not hold it
        lambda held: (held, held_vectors(6)),
    ],
)
def test_networks_that_do_not_start_from_the_same_vectors_are_not_written(
    changed: Callable[[Tensor], tuple[Tensor, Tensor]], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="vectors of pieces"):
        export(*networks(*changed(held_vectors())), make_tokenizer(), tmp_path / "model", SAMPLES)
    assert not (tmp_path / "model").exists()


def test_a_reader_of_another_vocabulary_is_not_written(tmp_path: Path) -> None:
    encoder, reader = networks(held_vectors())
    reader.encoder.resize_token_embeddings(reader.encoder.config.vocab_size - 1)
    with pytest.raises(DataError, match="another vocabulary"):
        export(encoder, reader, make_tokenizer(), tmp_path / "model", SAMPLES)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two tiny networks."""
    pytest.importorskip("onnx")
    folder = tmp_path_factory.mktemp("written") / "model"
    export(*networks(held_vectors()), make_tokenizer(), folder, SAMPLES)
    return folder


def test_what_is_written_is_signed_and_says_nothing_of_this_machine(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == sorted([*FILES, "SHA256SUMS"])
    sums = dict(line.split("  ")[::-1] for line in (written / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    assert sums == {name: hashlib.sha256((written / name).read_bytes()).hexdigest() for name in FILES}
    for name in FILES[:2]:
        content = (written / name).read_bytes()
        assert not any(trace in content for trace in (b".py", b"site-packages", str(Path.cwd()).encode(), b"training.contextual"))
    ids = [5, 0, 9, 5]
    found = PieceVectors.from_bytes((written / "pieces.safetensors").read_bytes()).of(ids)
    np.testing.assert_array_equal(found, held_vectors().numpy()[ids])


def test_the_program_has_the_vectors_of_the_network_that_was_written(written: Path) -> None:
    encoder, _ = networks(held_vectors())
    program = OnnxContextualEncoder(written, threads=1)
    assert program.dimension == 32
    with torch.inference_mode():
        sentences, _ = passage_vectors(encoder, make_tokenizer(), TEXTS)
        asked = question_vectors(encoder, make_tokenizer(), QUESTIONS)
    wanted = torch.cat([*sentences, asked]).numpy()
    found = np.concatenate([*program.encode_passages(TEXTS), [program.encode_question(question) for question in QUESTIONS]])
    cosines = found @ wanted.T
    # Weights of 8 bits turn a vector by a few degrees; all others are farther away.
    own = np.diag(cosines)
    assert own.min() > 0.99
    assert (cosines - 2 * np.eye(len(wanted))).max() < 0.95


def test_the_program_reads_what_the_network_that_was_written_says(written: Path) -> None:
    _, reader = networks(held_vectors())
    program = OnnxContextualEncoder(written, threads=1)
    found: list[PassageReading] = []
    wanted: list[PassageReading] = []
    for question in QUESTIONS:
        found += program.read_together(question, TEXTS)
        for passage in TEXTS:
            example = Example(question, Passage(passage.context, passage.sentences, "p"))
            (pair,) = encoded([example])
            with torch.inference_mode():
                said = said_by(reader, collate([example], [pair]))
            wanted.append(interpret(pair, passage, *(numbers[0].numpy() for numbers in said)))
    for said in (lambda r: (r.relevant, r.answered), lambda r: r.sentences, lambda r: [math.log(f.probability) for f in r.facts]):
        numbers, right = (np.concatenate([said(reading) for reading in readings]) for readings in (found, wanted))
        assert np.abs(numbers - right).max() < 0.3 and np.corrcoef(numbers, right)[0, 1] > 0.95


def test_an_encoder_that_was_written_can_be_read_back(written: Path) -> None:
    encoder, _ = networks(held_vectors())
    tokenizer, again = read_back(written, head_width=encoder.config.hidden_size // encoder.config.num_attention_heads)
    assert tokenizer.get_vocab() == make_tokenizer().get_vocab()
    for name, weights in encoder.state_dict().items():
        found = again.state_dict()[name]
        step = weights.abs().max() / 32  # of half the range of 8 bits, of which some rows have half
        assert found.shape == weights.shape and (found - weights).abs().max() <= step, name
    with torch.inference_mode():
        found, wanted = (question_vectors(network.eval(), make_tokenizer(), QUESTIONS) for network in (again, encoder))
    assert torch.nn.functional.cosine_similarity(found, wanted).min() > 0.98
