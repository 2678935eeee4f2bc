"""Terms of the lexical index."""

import tempfile
from pathlib import Path

import pytest

from index.query.tokenizer import Tokenizer, _words


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


def test_words_come_before_the_bigrams_that_are_no_words(tokenizer: Tokenizer) -> None:
    # 骑手驿站 is a word of domain.txt; its bigrams are 骑手, 手驿, 驿站.
    assert tokenizer.tokenize("骑手驿站") == ["骑手驿站", "骑手", "手驿", "驿站"]


def test_a_word_of_two_characters_counts_once(tokenizer: Tokenizer) -> None:
    assert tokenizer.tokenize("骑手") == ["骑手"]
    assert tokenizer.tokenize("骑手，骑手") == ["骑手", "骑手"]


def test_bigrams_do_not_cross_punctuation(tokenizer: Tokenizer) -> None:
    assert "手驿" not in tokenizer.tokenize("骑手，驿站")


def test_what_jieba_cuts_differently_meets_in_bigrams(tokenizer: Tokenizer) -> None:
    assert {"青年", "之家"} <= set(tokenizer.tokenize("青年之家")) & set(tokenizer.tokenize("我们青年 的之家"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("志願者積分", "志愿者积分"), ("ＡＰＰ１２．５", "app12.5"), ("Volunteer POINTS", "volunteer points")],
)
def test_script_width_and_case_do_not_matter(tokenizer: Tokenizer, one: str, other: str) -> None:
    assert tokenizer.tokenize(one) == tokenizer.tokenize(other) != []


def test_latin_words_and_numbers_stay_whole(tokenizer: Tokenizer) -> None:
    assert tokenizer.tokenize("Wi-Fi 12.5% 0999-6203117 v2.") == ["wi-fi", "12.5", "0999-6203117", "v2"]


def test_stop_words_are_left_out(tokenizer: Tokenizer) -> None:
    assert tokenizer.tokenize("的") == tokenizer.tokenize("怎么") == tokenizer.tokenize("how") == []
    assert "的" not in tokenizer.tokenize("青年的骑手")


@pytest.mark.parametrize("text", ["", "  \n", "！？…", "♥"])
def test_a_text_without_words_has_no_terms(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.tokenize(text) == []


def test_rare_characters_are_terms(tokenizer: Tokenizer) -> None:
    assert "𠀀𠀁" in tokenizer.tokenize("𠀀𠀁")


def test_every_word_of_the_domain_is_cut_whole(tokenizer: Tokenizer) -> None:
    words = _words("domain.txt")
    assert len(words) > 50
    assert [word for word in words if tokenizer.tokenize(word)[0] != word] == []


def test_nothing_is_kept_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # jieba of itself reads and writes jieba.cache there, where another user may have put one.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "jieba.cache").write_bytes(b"planted")
    assert Tokenizer().tokenize("骑手") == ["骑手"]
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("jieba.cache", b"planted")]


def test_all_words_are_the_chinese_ones_and_those_in_latin_letters_as_written(tokenizer: Tokenizer) -> None:
    assert tokenizer.all_words("How does Jinzhu 的驿站 use APP2.0") == [
        *tokenizer.words("的驿站"),
        "How",
        "does",
        "Jinzhu",
        "use",
        "APP",
    ]
