"""Training on made-up texts: reading, glosses, falling loss, late interaction, resuming, measures."""

import itertools
import json
import lzma
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from corpus.text.normalize import fold  # noqa: E402
from training.data import (  # noqa: E402
    DataError,
    Sense,
    Texts,
    _around,
    clean_definition,
    pointed_at,
    read_records,
    read_retrieval,
    read_senses,
    read_translations,
    read_words,
    read_written,
)
from training.encoder import (  # noqa: E402
    LATE_HARDEST,
    LATE_TOKENS,
    Options,
    Training,
    build_task,
    build_tasks,
    contrastive_loss,
    embedder,
    export,
    late_loss,
    padded,
    quantise,
)
from training.evaluation import ndcg_at_k, recall_at_k, relevant_ranks  # noqa: E402
from training.glosses import Glosser, inflect  # noqa: E402
from training.tokenizer import build_segmenter, build_tokenizer  # noqa: E402

WORDS = {
    "红": "red",
    "蓝": "blue",
    "花": "flower",
    "鸟": "bird",
    "大山": "mountain",
    "河流": "river",
    "学校": "school",
    "老师": "teacher",
    "学生": "student",
    "歌曲": "song",
    "跑步": "run",
    "种树": "plant",
    "夏天": "summer",
    "冬天": "winter",
    "村庄": "village",
    "城市": "city",
}


def made_up_texts() -> Texts:
    draw = random.Random(3)
    senses = tuple(Sense(word=zh, definition=en, rank=1, verb=False) for zh, en in WORDS.items())
    groups = draw.sample(list(itertools.combinations(sorted(WORDS), 3)), 300)
    pairs = [(" ".join(WORDS[w] for w in group), "".join(group)) for group in groups]
    passages = tuple((zh, zh + "。") for _, zh in pairs)
    return Texts(senses=senses, words={}, translations={"tatoeba-cmn": tuple(pairs)}, retrieval={"cmrc-question": passages})


def made_up_training(folder: Path, *, steps: int = 40, late_steps: int = 0, seed: int = 1) -> Training:
    options = Options(
        dimension=16, steps=steps, late_steps=late_steps, batch=32, warmup=5, glosses=1, rate=0.05, dropout=0.0, seed=seed
    )
    texts = made_up_texts()
    segmenter, counts = build_segmenter(texts)
    tokenizer = build_tokenizer(texts, counts)
    tasks = build_tasks(texts, tokenizer, segmenter, options)
    return Training(tasks, tokenizer.get_vocab_size(), options, folder)


def write_records(path: Path, records: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def test_loss_falls_and_is_logged(tmp_path: Path) -> None:
    training = made_up_training(tmp_path)
    training.run(every=10)
    entries = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in entries] == [10, 20, 30, 40]
    assert entries[-1]["loss"]["dictionary"] < entries[0]["loss"]["dictionary"] / 10


# The last 15 of 40 steps train the late interaction: a run stopped before, at the first of them, and among them.
@pytest.mark.parametrize(("late_steps", "until"), [(0, 20), (15, 20), (15, 25), (15, 30), (40, 20)])
def test_a_resumed_run_ends_with_the_same_weights(tmp_path: Path, late_steps: int, until: int) -> None:
    whole = made_up_training(tmp_path / "whole", late_steps=late_steps)
    whole.run(every=10)
    begun = made_up_training(tmp_path / "halves", late_steps=late_steps)
    begun.run(every=10, until=until)
    resumed = made_up_training(tmp_path / "halves", late_steps=late_steps)
    assert resumed.resume()
    assert resumed.step == until
    resumed.run(every=10)
    np.testing.assert_array_equal(resumed.weights, whole.weights)


def test_only_the_last_steps_train_the_late_interaction(tmp_path: Path) -> None:
    plain, late = made_up_training(tmp_path / "plain"), made_up_training(tmp_path / "late", late_steps=15)
    for training in (plain, late):
        training.run(every=25, until=25)
    np.testing.assert_array_equal(late.weights, plain.weights)
    name, loss = plain.advance()
    other_name, more = late.advance()
    assert other_name == name
    assert more > loss  # by the loss of the late interaction, which is never negative
    assert not np.array_equal(late.weights, plain.weights)
    assert not late.weights[0].any()


def test_other_late_steps_are_other_options(tmp_path: Path) -> None:
    made_up_training(tmp_path, late_steps=15).run(every=10, until=10)
    assert not made_up_training(tmp_path, late_steps=16).resume()


@pytest.mark.parametrize("mutual", [True, False])
def test_a_late_step_adds_the_loss_of_its_batch(tmp_path: Path, mutual: bool) -> None:
    # Twelve pairs are one batch, and all near enough to be compared. Where both sides say the same, each looks for the other.
    texts = made_up_texts()
    tokenizer = build_tokenizer(texts, build_segmenter(texts)[1])
    task = build_task("made up", 1.0, texts.translations["tatoeba-cmn"][:12], tokenizer, mutual=mutual)
    plain, late = (
        Training([task], tokenizer.get_vocab_size(), Options(dimension=16, late_steps=steps, dropout=0.0), tmp_path)
        for steps in (0, 5000)
    )
    queries, passages = (padded(side.ids, side.starts, np.arange(12)) for side in (task.left, task.right))
    nothing = torch.zeros(12, 12, dtype=torch.bool)
    weight = late.embedding.weight.detach().clone()
    forth, back = (late_loss(weight, *sides, nothing, scale=20.0).item() for sides in ((queries, passages), (passages, queries)))
    assert abs(forth - back) > 0.01
    assert late.advance()[1] - plain.advance()[1] == pytest.approx((forth + back) / 2 if mutual else forth, abs=1e-3)


def test_a_checkpoint_of_other_options_is_not_resumed(tmp_path: Path) -> None:
    made_up_training(tmp_path).run(every=10, until=10)
    assert not made_up_training(tmp_path, steps=41).resume()


def test_the_unknown_token_keeps_a_zero_vector(tmp_path: Path) -> None:
    training = made_up_training(tmp_path)
    training.run(until=3)
    assert not training.weights[0].any()


def test_a_word_comes_to_lie_by_its_translation(tmp_path: Path) -> None:
    training = made_up_training(tmp_path)
    training.run(every=40)
    texts = made_up_texts()
    tokenizer = build_tokenizer(texts, build_segmenter(texts)[1])
    embed = embedder(tokenizer, training.weights)
    near = (embed(list(WORDS.values())) @ embed(list(WORDS)).T).argmax(axis=1)
    assert np.mean(near == np.arange(len(WORDS))) > 0.8


def test_exported_folder_is_read_back_within_rounding(tmp_path: Path) -> None:
    from index.encoder import StaticEncoder

    training = made_up_training(tmp_path)
    texts = made_up_texts()
    tokenizer = build_tokenizer(texts, build_segmenter(texts)[1])
    export(tokenizer, training.weights, tmp_path / "model")
    sentences = ["red flower", "红花", "学校老师", ""]
    # A row is off by at most half of 1/127 of its largest entry, so cosines by less than 0.01.
    same = (StaticEncoder(tmp_path / "model").encode_passages(sentences) * embedder(tokenizer, training.weights)(sentences)).sum(
        axis=1
    )
    np.testing.assert_allclose(same, [1, 1, 1, 0], atol=0.01)


def test_quantised_rows_are_off_by_half_a_factor() -> None:
    weights = np.array([[0.0, 0.0], [1.27, -0.63], [0.5, 0.004]], dtype=np.float32)
    integers, factors = quantise(weights)
    assert integers.tolist() == [[0, 0], [127, -63], [127, 1]]  # 0.004 * 127 / 0.5 = 1.016
    assert np.all(np.abs(integers * factors[:, None] - weights) <= factors[:, None] / 2 + 1e-7)


def test_contrastive_loss_by_hand() -> None:
    # Two orthogonal pairs, scale 1: each row's scores are (1, 0), loss log(1 + e^-1) = 0.31326 in both directions.
    pairs = torch.eye(2) * 5
    nothing = torch.zeros(2, 2, dtype=torch.bool)
    assert contrastive_loss(pairs, pairs, nothing, scale=1.0).item() == pytest.approx(0.31326, abs=1e-5)
    # With the other pair no negative, nothing is left to be confused with.
    both = ~torch.eye(2, dtype=torch.bool)
    assert contrastive_loss(pairs, pairs, both, scale=1.0).item() == pytest.approx(0.0, abs=1e-6)


# The loss of the late interaction.


def slow_late_loss(
    weight: NDArray[np.float64],
    queries: Sequence[Sequence[int]],
    passages: Sequence[Sequence[int]],
    same: NDArray[np.bool_],
    scale: float,
) -> float:
    """Word for word what `late_loss` says, over the best passages of each query."""

    def cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))

    losses = []
    for row, query in enumerate(queries):
        lengths = [np.linalg.norm(weight[token]) for token in query]
        scores = {}
        for column, passage in enumerate(passages):
            nearest = [max(cosine(weight[token], weight[other]) for other in passage) for token in query]
            if not same[row, column]:
                scores[column] = scale * float(np.dot(lengths, nearest)) / sum(map(float, lengths))
        own = scores.pop(row)
        hardest = sorted(scores.values(), reverse=True)[: LATE_HARDEST - 1]
        losses.append(np.log(np.exp([own, *hardest]).sum()) - own)
    return float(np.mean(losses))


def filled(texts: Sequence[Sequence[int]]) -> torch.Tensor:
    return torch.tensor([[*text, *[0] * (max(map(len, texts)) - len(text))] for text in texts])


def test_late_loss_by_hand() -> None:
    # Token 1 is (3, 0), 2 is (0, 1), 3 is (2, 2). The first query is 1 and 2, of weights 3/4 and 1/4. Its passage is 3, at 1/√2
    # from both: 0.70711. The other passage is 2: 3/4 * 0 + 1/4 * 1 = 0.25. The second query is 2: its own passage, 2, is at 1,
    # the other at 0.70711. With scale 2 the losses are log(1 + e^(0.5 - 1.41421)) = 0.33725 and log(1 + e^(1.41421 - 2)), that is
    # 0.44253.
    weight = torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 1.0], [2.0, 2.0]])
    queries, passages = filled([[1, 2], [2]]), filled([[3], [2]])
    nothing = torch.zeros(2, 2, dtype=torch.bool)
    assert late_loss(weight, queries, passages, nothing, scale=2.0).item() == pytest.approx((0.33725 + 0.44253) / 2, abs=1e-4)
    # Where the second passage is no negative of the first query, that one has nothing to be confused with.
    one = torch.tensor([[False, True], [False, False]])
    assert late_loss(weight, queries, passages, one, scale=2.0).item() == pytest.approx(0.44253 / 2, abs=1e-4)
    both = torch.tensor([[False, True], [True, False]])
    assert late_loss(weight, queries, passages, both, scale=2.0).item() == pytest.approx(0, abs=1e-6)


def made_up_tokens(seed: int, *, size: int, positive: bool) -> tuple[NDArray[np.float64], list[list[int]], list[list[int]]]:
    """Vectors of four numbers that differ in their signs and lengths alone: their cosines are halves, which half precision holds
    exactly, so that it finds the tokens that are really nearest. `positive`: texts of several lengths over vectors without a
    minus sign, of which some entries are zero, so that no cosine is below that of the filling."""
    chance = np.random.default_rng(seed)
    signs = chance.choice([-1.0, 1.0], (30, 4))
    if positive:
        signs = np.abs(signs)
        for row in signs[chance.random(30) < 0.7]:
            row[chance.choice(4, 3, replace=False)] = 0  # an axis: at a half from (1, 1, 1, 1), at right angles to the others
    weight = signs * chance.uniform(0.5, 3, (30, 1))
    weight[0] = 0
    shortest = 1 if positive else 3
    texts = [sorted(chance.choice(np.arange(1, 30), chance.integers(shortest, 4), replace=False)) for _ in range(2 * size)]
    return weight, texts[:size], texts[size:]


@pytest.mark.parametrize("positive", [True, False])
@pytest.mark.parametrize("size", [2, 7, 16, 24])
@pytest.mark.parametrize("seed", range(3))
def test_late_loss_is_the_slow_one(seed: int, size: int, positive: bool) -> None:
    weight, queries, passages = made_up_tokens(seed, size=size, positive=positive)
    same = np.random.default_rng(seed).random((size, size)) < 0.1
    np.fill_diagonal(same, False)
    expected = slow_late_loss(weight, queries, passages, same, 5.0)
    found = late_loss(torch.tensor(weight).float(), filled(queries), filled(passages), torch.tensor(same), scale=5.0)
    assert expected > 0.01
    assert found.item() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_choosing_in_half_precision_costs_little(seed: int) -> None:
    # Any vectors: a token chosen in its place is at most 2^-7 further off, which moves no score by more than 5 * 2^-7 = 0.04,
    # and the loss by no more than twice that.
    chance = np.random.default_rng(seed)
    weight = chance.normal(size=(40, 8))
    weight[0] = 0
    texts = [sorted(chance.choice(np.arange(1, 40), 6, replace=False)) for _ in range(24)]
    nothing = np.zeros((12, 12), np.bool_)
    expected = slow_late_loss(weight, texts[:12], texts[12:], nothing, 5.0)
    found = late_loss(torch.tensor(weight).float(), filled(texts[:12]), filled(texts[12:]), torch.tensor(nothing), scale=5.0)
    assert expected > 0.5
    assert found.item() == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize("seed", range(3))
def test_one_step_down_the_gradient_lowers_the_late_loss(seed: int) -> None:
    chance = np.random.default_rng(seed)
    weight = torch.tensor(chance.normal(size=(40, 8)), dtype=torch.float32)
    weight[0] = 0
    weight.requires_grad_()
    texts = [sorted(chance.choice(np.arange(1, 40), 6, replace=False)) for _ in range(24)]
    queries, passages, nothing = filled(texts[:12]), filled(texts[12:]), torch.zeros(12, 12, dtype=torch.bool)
    before = late_loss(weight, queries, passages, nothing, scale=5.0)
    before.backward()
    assert weight.grad is not None
    assert not weight.grad[0].any()
    with torch.no_grad():
        # The first-order change is -0.01 times the squared length of the gradient.
        expected = -0.01 * float(weight.grad.square().sum())
        change = late_loss(weight - 0.01 * weight.grad, queries, passages, nothing, scale=5.0).item() - before.item()
    assert change < 0
    assert change == pytest.approx(expected, rel=0.3)


def test_padded_holds_the_different_tokens_of_the_rows_asked() -> None:
    # three texts end to end: 5 3 5, 7, and 2 9 4 2
    ids, starts = np.array([5, 3, 5, 7, 2, 9, 4, 2]), np.array([0, 3, 4])
    assert padded(ids, starts, np.array([0, 1, 2])).tolist() == [[3, 5, 0], [7, 0, 0], [2, 4, 9]]
    assert padded(ids, starts, np.array([2, 0])).tolist() == [[2, 4, 9], [3, 5, 0]]
    assert padded(ids, starts, np.array([1])).tolist() == [[7]]
    long = np.arange(1, LATE_TOKENS + 51)
    assert padded(long, np.array([0]), np.array([0])).shape == (1, LATE_TOKENS)


# The texts.


def test_definitions_are_cleaned() -> None:
    assert clean_definition("to hit; to strike (with the hand)") == {"hit": True, "strike": True}
    assert clean_definition("the Communist Youth League, abbr. for 共產主義青年團|共产主义青年团[Gong4]") == {
        "communist youth league": False
    }
    assert list(clean_definition("Ningbo, sub-provincial city in Zhejiang Province 浙江省[Zhe4jiang1 Sheng3]")) == [
        "ningbo",
        "ningbo, sub-provincial city in zhejiang province",
    ]
    assert clean_definition("CL:個|个[ge4]") == {}
    assert clean_definition("see 寧波市|宁波市[Ning2bo1 Shi4]") == {}
    assert pointed_at("see 寧波市|宁波市[Ning2bo1 Shi4]") == ["宁波市"]


def test_a_word_that_refers_to_another_has_its_senses(tmp_path: Path) -> None:
    write_records(
        tmp_path / "cc-cedict" / "cedict.jsonl.xz",
        [
            {"trad": "寧波", "simp": "宁波", "defs": ["see 寧波市|宁波市[Ning2bo1 Shi4]"]},
            {"trad": "寧波市", "simp": "宁波市", "defs": ["Ningbo"]},
        ],
    )
    assert read_senses(tmp_path) == (
        Sense(word="宁波", definition="ningbo", rank=1, verb=False),
        Sense(word="宁波市", definition="ningbo", rank=1, verb=False),
    )


def test_no_test_sentence_is_trained_on_in_either_language(tmp_path: Path) -> None:
    write_records(tmp_path / "laser-tatoeba-test" / "cmn-eng.jsonl.xz", [{"en": "I sing.", "zh": "我唱歌。"}])
    for name, splits in {
        "3am-captions-en-zh": ("train", "val", "test"),
        "python-docs-en-zh": ("pairs",),
    }.items():
        for split in splits:
            write_records(tmp_path / name / f"{split}.jsonl.xz", [])
    write_records(
        tmp_path / "tatoeba-cmn" / "pairs.jsonl.xz",
        [
            {"en": "I sing!", "zh": "我唱"},
            {"en": "I do sing.", "zh": "我唱歌"},
            {"en": "I run.", "zh": "我跑步。"},
        ],
    )
    assert read_translations(tmp_path)["tatoeba-cmn"] == (("i run.", "我跑步。"),)


def write_sets(directory: Path) -> None:
    """Every set that `read_retrieval` asks for, empty but for one paragraph of CMRC 2018."""
    for name in ("cmrc2018/trial", "xinwen-lianbo/news", "csl/dev", "csl/test", "cn-laws/laws", "gd-gov-service-guide/matters"):
        write_records(directory / f"{name}.jsonl.xz", [])
    context = "云桥镇有三座桥。最长的一座叫長虹橋，建于1998年。桥上可以走車。另外两座是石桥。"
    questions = [("哪座桥最长？", "長虹橋"), ("桥上走什么？", "車"), ("有几座桥？", "三座"), ("石桥有几座？", "另外两座")]
    write_records(
        directory / "cmrc2018" / "train.jsonl.xz",
        [
            {
                "paragraphs": [
                    {
                        "context": context,
                        "qas": [
                            {"question": asked, "answers": [{"start": context.index(answer), "text": answer}]}
                            for asked, answer in questions
                        ],
                    }
                ]
            }
        ],
    )


def test_padding_is_no_token_of_a_passage() -> None:
    # The query (1, 0) comes no nearer than -1 to the passage of token 2, and 0 to that of token 3; the query (0, 1) 0 and 1.
    # Scale 1: losses log(1 + e^(0 + 1)) = 1.31326 and log(1 + e^(0 - 1)) = 0.31326, mean 0.81326. Were padding a token, of
    # cosine 0, the first would be log 2 = 0.69315.
    weight = torch.tensor([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    nothing = torch.zeros(2, 2, dtype=torch.bool)
    for passages in ([[2], [3]], [[2, 0], [3, 0]]):
        loss = late_loss(weight, torch.tensor([[1], [3]]), torch.tensor(passages), nothing, scale=1.0)
        assert loss.item() == pytest.approx(0.81326, abs=1e-4)


def test_of_a_long_text_the_rarest_tokens_are_kept() -> None:
    # Token numbers rise as frequency falls, so the last LATE_TOKENS of 1 to 200 stay.
    tokens = padded(np.arange(1, 201), np.array([0]), np.array([0]))
    assert tokens.tolist() == [list(range(201 - LATE_TOKENS, 201))]


def test_an_answer_is_found_in_the_text_as_it_stands() -> None:
    # Folding lengthens ㎡ to m2 and ㎏ to kg: places count characters before it.
    text = "基地占地三千㎡,共两百㎏设备,分三期㎞㎞建成。负责人是李明。"
    assert _around(text, text.index("负责人")) == "负责人是李明。"
    assert _around(text, -1) == ""


def test_an_answer_is_the_sentence_that_holds_it(tmp_path: Path) -> None:
    write_sets(tmp_path)
    pairs = read_retrieval(tmp_path, seed=1)
    assert pairs["cmrc-answer"] == (
        ("哪座桥最长?", "最长的一座叫长虹桥,建于1998年。"),
        ("桥上走什么?", "桥上可以走车。"),
        ("有几座桥?", "云桥镇有三座桥。"),
        ("石桥有几座?", "另外两座是石桥。"),
    )
    # the passages are windows of the paragraph, here all of it
    assert [asked for asked, _ in pairs["cmrc-question"]] == [asked for asked, _ in pairs["cmrc-answer"]]
    assert len({passage for _, passage in pairs["cmrc-question"]}) == 1


def test_no_held_out_question_or_passage_is_trained_on(tmp_path: Path) -> None:
    write_sets(tmp_path)
    pairs = [pair for listed in read_retrieval(tmp_path, seed=1).values() for pair in listed]
    texts = {text for pair in pairs for text in pair}
    kept, held_out = read_written(), read_written(held_out=True)
    for records, trained in ((kept, True), (held_out, False)):
        for record in records:
            assert (fold(record["passage"]) in texts) == trained
            for question in record["questions"]:
                assert (fold(question["text"]) in texts) == trained, question["text"]
    # and no sentence of theirs in any other text
    everything = "\n".join(texts)
    assert not [e for record in held_out for q in record["questions"] for e in q["evidence"] if fold(e) in everything]
    # nor is what a passage does not answer
    assert not [q for record in (*kept, *held_out) for q in record["unanswerable"] if fold(q["text"]) in texts]


def test_a_written_question_goes_with_its_passage_and_its_evidence(tmp_path: Path) -> None:
    write_sets(tmp_path)
    pairs = read_retrieval(tmp_path, seed=1)
    # 300 passages with three Chinese and two English questions each
    sizes = {name: len(listed) for name, listed in pairs.items() if name.startswith("written")}
    assert sizes == {"written-zh": 900, "written-zh-answer": 900, "written-en": 600, "written-en-answer": 600}
    for language in ("zh", "en"):
        for (asked, passage), (again, evidence) in zip(
            pairs[f"written-{language}"], pairs[f"written-{language}-answer"], strict=True
        ):
            assert asked == again
            assert 0 < len(evidence) <= len(passage)
            assert evidence[:8] in passage and evidence[-8:] in passage


def test_words_of_one_meaning_are_pairs() -> None:
    def sense(word: str, definition: str, rank: int = 1) -> Sense:
        return Sense(word=word, definition=definition, rank=rank, verb=False)

    many = [sense(f"姓{letter}", "surname") for letter in "甲乙丙丁戊己庚"]
    pairs = read_words(
        [
            *(sense("石桥", "bridge"), sense("木桥", "bridge", 2), sense("浮桥", "bridge")),
            sense("桥", "bridge"),  # one character says too many things
            sense("桥梁", "bridge", 3),  # in its third sense
            sense("石桥", "bridge"),  # once is enough
            *many,  # seven words of one definition: a vague one
        ]
    )
    assert pairs["synonyms"] == (("石桥", "木桥"), ("石桥", "浮桥"), ("木桥", "浮桥"))


def test_the_thesaurus_gives_everyday_and_english_words_with_official_ones() -> None:
    pairs = read_words(())["thesaurus"]
    assert read_words(())["synonyms"] == ()
    # From the line of the table that begins 团员发展;入团: the third official term is one too many.
    assert {("入团", "发展团员"), ("recruiting league members", "团员发展")} <= set(pairs)
    assert ("recruiting league members", "入团") not in pairs
    assert not [pair for pair in pairs if pair[0] == pair[1]]
    assert all(fold(text) == text for pair in pairs for text in pair)


def test_a_broken_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="absent"):
        list(read_records(tmp_path / "absent.jsonl.xz"))
    (tmp_path / "broken.xz").write_bytes(b"not xz")
    with pytest.raises(DataError, match="broken"):
        list(read_records(tmp_path / "broken.xz"))


def test_glosses_are_senses_of_the_words() -> None:
    texts = made_up_texts()
    glosser = Glosser(build_segmenter(texts)[0], texts.senses)
    words = set(" ".join(glosser.gloss(["学校老师2021"] * 200, random.Random(1))).split())
    assert {"school", "teacher", "teachers", "2021"} <= words
    assert "river" not in words


@pytest.mark.parametrize(
    ("word", "verb", "forms"),
    [
        ("carry", True, {"carries", "carried", "carrying"}),
        ("stop", True, {"stops", "stopped", "stopping"}),
        ("write", True, {"wrote", "writing"}),
        ("use", True, {"uses", "used", "using"}),
        ("city", False, {"cities"}),
        ("child", False, {"children"}),
    ],
)
def test_inflection(word: str, verb: bool, forms: set[str]) -> None:
    draw = random.Random(1)
    assert {inflect(word, draw, verb=verb) for _ in range(60)} == forms


def test_measures_by_hand() -> None:
    # Three questions find their passage at the places 1, 3 and 12 (counted from 1).
    ranks = np.array([0, 2, 11])
    assert recall_at_k(ranks, k=5) == pytest.approx(2 / 3)
    assert ndcg_at_k(ranks) == pytest.approx((1 / np.log2(2) + 1 / np.log2(4) + 0) / 3)  # (1 + 0.5 + 0) / 3 = 0.5
    passages = np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    queries = np.array([[0, 1], [1, 0]], dtype=np.float32)
    # Query (0, 1): scores 0, 1, 0.8, so passage 2 is second; query (1, 0): scores 1, 0, 0.6, so passage 1 is third.
    assert relevant_ranks(queries, passages, [2, 1]).tolist() == [1, 2]


def test_ties_count_against_the_encoder() -> None:
    passages = np.ones((4, 1), dtype=np.float32)
    assert relevant_ranks(np.ones((1, 1), dtype=np.float32), passages, [0]).tolist() == [3]
