"""Training on made-up texts: reading, glosses, falling loss, resuming, measures."""

import itertools
import json
import lzma
import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training.data import (  # noqa: E402
    DataError,
    Sense,
    Texts,
    clean_definition,
    pointed_at,
    read_records,
    read_senses,
    read_translations,
)
from training.encoder import Options, Training, build_tasks, contrastive_loss, embedder, export, quantise  # noqa: E402
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
    return Texts(senses=senses, translations={"tatoeba-cmn": tuple(pairs)}, retrieval={"cmrc-question": passages})


def made_up_training(folder: Path, *, steps: int = 40) -> Training:
    options = Options(dimension=16, steps=steps, batch=32, warmup=5, glosses=1, rate=0.05, dropout=0.0)
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


def test_a_resumed_run_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole = made_up_training(tmp_path / "whole")
    whole.run(every=10)
    begun = made_up_training(tmp_path / "halves")
    begun.run(every=10, until=20)
    resumed = made_up_training(tmp_path / "halves")
    assert resumed.resume()
    assert resumed.step == 20
    resumed.run(every=10)
    np.testing.assert_array_equal(resumed.weights, whole.weights)


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
