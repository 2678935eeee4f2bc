"""The translation table on two made-up sentence pairs, by hand.

The pairs are `a b` - `x y` and `a` - `x`; every sentence also has the empty word. At first all t are alike: 1/2, as
each of a, b and the empty word meets x and y.

First iteration. In the first pair x comes from the empty word, a, b with 1/3 each, and so does y; in the second x
comes from the empty word and a with 1/2 each. Expected counts of a: x 1/3 + 1/2 = 5/6, y 1/3; so t(x|a) = 5/7, t(y|a)
= 2/7, and the same for the empty word. Of b: 1/3 and 1/3; so 1/2 and 1/2.

Second iteration. In the first pair the shares of x are as 5/7 : 5/7 : 1/2 = 10/27, 10/27, 7/27, those of y as 2/7 :
2/7 : 1/2 = 4/15, 4/15, 7/15; the second pair stays at 1/2 and 1/2. Counts of a: x 10/27 + 1/2 = 235/270, y 4/15 =
72/270; so t(x|a) = 235/307. Counts of b: x 7/27 = 35/135, y 7/15 = 63/135; so t(x|b) = 35/98.
"""

import json
import lzma
from pathlib import Path

import pytest

from index.query.tokenizer import load_tokenizer
from index.query.translation import TranslationTable
from training.data import Sense
from training.translation import align, dictionary_table, learn, mixed, pruned, symmetric, terms_of, write

PAIRS = [(["a", "b"], ["x", "y"]), (["a"], ["x"])]


@pytest.mark.parametrize(
    ("iterations", "expected"),
    [
        (0, {"a": {"x": 1 / 2, "y": 1 / 2}, "b": {"x": 1 / 2, "y": 1 / 2}}),
        (1, {"a": {"x": 5 / 7, "y": 2 / 7}, "b": {"x": 1 / 2, "y": 1 / 2}}),
        (2, {"a": {"x": 235 / 307, "y": 72 / 307}, "b": {"x": 35 / 98, "y": 63 / 98}}),
    ],
)
def test_expectation_maximisation_by_hand(iterations: int, expected: dict[str, dict[str, float]]) -> None:
    table = align(PAIRS, [1, 1], iterations=iterations).table()
    assert table.keys() == expected.keys()
    for source, senses in expected.items():
        assert table[source] == pytest.approx(senses)


def test_a_pair_of_weight_two_is_that_pair_twice() -> None:
    twice = align([*PAIRS, PAIRS[0]], [1, 1, 1], iterations=3).table()
    weighted = align(PAIRS, [2, 1], iterations=3).table()
    for source, senses in twice.items():
        assert weighted[source] == pytest.approx(senses)


def test_both_directions_give_their_geometric_mean() -> None:
    # With one iteration t(x|a) = 5/7, t(y|a) = 2/7 as above. Backward, x shares a of the first pair with y and the empty word
    # (1/3), b likewise (1/3), and a of the second with the empty word alone (1/2): t(a|x) = (1/3 + 1/2) / (7/6) = 5/7,
    # t(b|x) = 2/7; y has 1/3 and 1/3: t(a|y) = t(b|y) = 1/2.
    forward = align(PAIRS, [1, 1], iterations=1)
    backward = align([(target, source) for source, target in PAIRS], [1, 1], iterations=1)
    a_x, a_y = (5 / 7 * 5 / 7) ** 0.5, (2 / 7 * 1 / 2) ** 0.5
    b_x, b_y = (1 / 2 * 2 / 7) ** 0.5, (1 / 2 * 1 / 2) ** 0.5
    table = symmetric(forward, backward)
    assert table["a"] == pytest.approx({"x": a_x / (a_x + a_y), "y": a_y / (a_x + a_y)})
    assert table["b"] == pytest.approx({"x": b_x / (b_x + b_y), "y": b_y / (b_x + b_y)})


def test_the_dictionary_weighs_by_rank_and_frequency() -> None:
    senses = [
        Sense("志愿者", "volunteer", 1, False),
        Sense("自愿", "volunteer", 2, True),
        Sense("积分", "volunteers", 1, False),
    ]
    frequency = {"志愿者": 14, "自愿": 14, "积分": 79}
    # (14 + 2)^(1/4) = 2, the same halved for rank 2 = 1, (79 + 2)^(1/4) = 3
    table = dictionary_table(senses, lambda word: frequency[word])
    assert table == {"volunteer": pytest.approx({"志愿者": 2 / 6, "自愿": 1 / 6, "积分": 3 / 6})}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("left-behind child", ["left-behind child"]),
        ("smart, clever", ["smart", "clever"]),
        ("beijing, capital of the people's republic", ["beijing"]),
        ("give sb sth", []),  # nothing but a stop word is left
        ("pay sb a visit", ["pay a visit"]),
        ("a very long explanation of something rare", []),
    ],
)
def test_terms_of_a_definition(definition: str, expected: list[str]) -> None:
    assert terms_of(definition) == expected


def test_pruning_keeps_what_is_likely() -> None:
    assert pruned({"甲": 0.5, "乙": 0.01, "丙": 0.3}) == pytest.approx({"甲": 0.625, "丙": 0.375})
    assert pruned({"甲": 0.015, "乙": 0.01}) == {"甲": 1.0}
    assert len(pruned({str(number): 1 / 20 for number in range(20)})) == 12


def test_mixing_drops_stop_words_and_tempers() -> None:
    dictionary = {"the": {"这": 1.0}, "bank": {"银行": 1.0}, "time bank": {"时间银行": 1.0}}
    table = mixed(dictionary, {"bank": {"岸": 1.0}, "how": {"怎": 1.0}})
    # 0.15 and 0.85, to the power 0.6: 0.3204 and 0.9071
    assert table["bank"] == pytest.approx({"岸": 0.9071 / 1.2275, "银行": 0.3204 / 1.2275}, abs=1e-4)
    assert table.keys() == {"bank", "time bank"}


def test_what_is_written_is_read_and_always_the_same(tmp_path: Path) -> None:
    table = {"time bank": {"时间银行": 1.0}, "time": {"时间": 0.75, "次": 0.25}, "time-out": {"暂停": 1.0}}
    for name in ("one", "two"):
        write(table, tmp_path / name)
    content = (tmp_path / "one").read_bytes()
    assert content == (tmp_path / "two").read_bytes()
    concepts = TranslationTable(content, {}, load_tokenizer()).synonym_groups("time")
    assert [concept.senses for concept in concepts] == [(("time", 0.5), ("时间", 0.375), ("次", 0.125))]


def test_learning_from_small_sets(tmp_path: Path) -> None:
    sets = {
        "cc-cedict/cedict": [
            {"trad": "志願者", "simp": "志愿者", "pinyin": "", "defs": ["volunteer"]},
            {"trad": "積分", "simp": "积分", "pinyin": "", "defs": ["points", "credit"]},
        ],
        "laser-tatoeba-test/cmn-eng": [{"en": "Secret point.", "zh": "秘密。"}],
        "tatoeba-cmn/pairs": [
            {"en": "Volunteers helped.", "zh": "志願者帮助。"},
            {"en": "Volunteers came.", "zh": "志愿者来。"},
            {"en": "Secret point.", "zh": "秘密。"},  # held out for evaluation
        ],
        "3am-captions-en-zh/train": [{"en": "a volunteer", "zh": "一名志愿者"}],
        "3am-captions-en-zh/val": [],
        "3am-captions-en-zh/test": [],
        "python-docs-en-zh/pairs": [{"en": "floating points", "zh": "浮点"}],
    }
    for name, records in sets.items():
        file = tmp_path / f"{name}.jsonl.xz"
        file.parent.mkdir(parents=True, exist_ok=True)
        with lzma.open(file, "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(record) + "\n" for record in records)
    table = learn(tmp_path)
    assert next(iter(table["volunteer"])) == "志愿者"
    assert "积分" in table["point"]
    assert "secret" not in table
