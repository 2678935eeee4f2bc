"""English words to Chinese terms, over a table of five lines."""

import gzip
from pathlib import Path

import pytest

from corpus.messages.errors import EncoderError
from index.channels.bm25 import SynonymGroup
from index.query.stemmer import stem
from index.query.tokenizer import load_tokenizer
from index.query.translation import TranslationTable, key_of, load_translations, read_ours

LEARNT = """bank\t银行 900 岸 100
point\t点 1000
time\t时间 750 次 250
time bank\t时间银行 1000
volunt\t志愿 1000
"""


def table(ours: dict[str, tuple[str, ...]] | None = None, learnt: str = LEARNT) -> TranslationTable:
    return TranslationTable(gzip.compress(learnt.encode()), ours or {}, load_tokenizer())


def senses(concept: SynonymGroup) -> dict[str, float]:
    assert sum(probability for _, probability in concept.senses) == pytest.approx(1)
    return dict(concept.senses)


@pytest.mark.parametrize(
    "forms",
    [
        "volunteer volunteers volunteered volunteering",
        "policy policies",
        "share shares shared sharing",
        "care cares caring",
        "plan plans planned planning",
        "apply applies applied applying",
        "house houses",
        "child children",
        "teach teaches taught teaching",
        "committee committees",
        "business businesses",
    ],
)
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(("one", "other"), [("evening", "even"), ("care", "car"), ("hope", "hop"), ("news", "new")])
def test_other_words_keep_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_the_longest_term_comes_first_then_its_words() -> None:
    phrase, time, bank = table().synonym_groups("What is a time bank?")
    assert phrase.source == "time bank"
    # the terms the tokenizer cuts it into share its probability; it does not stand for itself
    assert senses(phrase) == pytest.approx(dict.fromkeys(["时间银行", "时间", "间银", "银行"], 0.25))
    # a word may also stand for itself
    assert (time.source, senses(time)) == ("time", pytest.approx({"time": 0.5, "时间": 0.375, "次": 0.125}))
    assert (bank.source, senses(bank)) == ("bank", pytest.approx({"bank": 0.5, "银行": 0.45, "岸": 0.05}))


def test_forms_and_hyphens_do_not_matter() -> None:
    assert [concept.source for concept in table().synonym_groups("Time-Banks")] == ["time banks", "time", "banks"]
    assert [concept.source for concept in table().synonym_groups("the bank’s times")] == ["bank", "times"]


@pytest.mark.parametrize("word", ["AED", "VR", "12355", "5G", "COVID-19", "zzz"])
def test_names_and_numbers_stand_for_themselves(word: str) -> None:
    assert table().synonym_groups(f"how is the {word}?") == (SynonymGroup(word.lower(), ((word.lower(), 1.0),)),)


def test_chinese_and_stop_words_are_no_concepts() -> None:
    assert table().synonym_groups("怎么办的 what, which, how?") == ()
    assert [concept.source for concept in table().synonym_groups("社区bank怎么办 time")] == ["bank", "time"]


def test_ours_outweighs_what_was_learnt() -> None:
    # 积分 has 1/(1 + 1/2) = 2/3 of our 0.75, 分 1/3; 点 keeps 0.25. All halved, for the word itself.
    (point,) = table({"point": ("积分", "分")}).synonym_groups("points")
    assert senses(point) == pytest.approx({"points": 0.5, "积分": 0.25, "分": 0.125, "点": 0.125})
    # and needs nothing learnt
    phrase, again, *words = table({key_of("volunteer point"): ("积分",)}).synonym_groups("volunteering points")
    assert senses(phrase) == {"积分": 1.0}
    # it counts once for each of its words
    assert again == phrase
    assert [word.source for word in words] == ["volunteering", "points"]


def test_the_first_learnt_line_and_the_last_are_found() -> None:
    tables = table(learnt="aa\t甲 1000\nzz\t乙 1000\n")
    expected = [{"aa": 0.5, "甲": 0.5}, {"zz": 0.5, "乙": 0.5}, {"zzz": 1.0}]
    assert [senses(concept) for concept in tables.synonym_groups("aa zz zzz")] == expected


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(LEARNT.encode())[:-9]], ids=["no gzip", "cut off"])
def test_a_damaged_file_is_named(content: bytes) -> None:
    with pytest.raises(EncoderError, match=r"translations.tsv.gz is damaged"):
        TranslationTable(content, {}, load_tokenizer(), name="translations.tsv.gz").synonym_groups("bank")


@pytest.mark.parametrize("line", ["bank\t银行", "bank\t银行 much", "bank\t银行 0"])
def test_a_malformed_line_is_named(line: str) -> None:
    with pytest.raises(EncoderError, match="the table, line 1: expected senses and weights by turns, found 'bank"):
        table(learnt=line + "\n").synonym_groups("bank")


def test_our_table_names_its_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "english.tsv"
    file.write_text("english\tchinese\ntime bank\t时间银行;时间\n\ntimes banks\t银行\n", encoding="utf-8")
    assert read_ours(file) == {"time bank": ("时间银行", "时间", "银行")}
    file.write_text("english\tchinese\ntime bank 时间银行\n", encoding="utf-8")
    with pytest.raises(EncoderError, match="line 2: expected `english<TAB>chinese;chinese`, found 'time bank"):
        read_ours(file)
    with pytest.raises(EncoderError, match="cannot be read"):
        read_ours(tmp_path / "absent.tsv")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how to run volunteer point systems", ["志愿积分", "志愿", "积分"]),
        ("Where are delivery riders helped?", ["骑手", "外卖"]),
        ("summer classes for left-behind children", ["留守儿童", "儿童", "班"]),
        ("the Youth League committee", ["团委", "共青团"]),
    ],
)
def test_the_packaged_tables_know_the_field(question: str, expected: list[str]) -> None:
    found = {term for concept in load_translations().synonym_groups(question) for term, _ in concept.senses}
    assert found >= set(expected)
