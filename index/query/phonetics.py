"""Words by their sound: what a slip of the pen by pinyin may have been meant for."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from unicodedata import combining, normalize

# Sounds that speakers of many dialects do not tell apart, so that writers by pinyin confuse them.
_CONFUSED_SOUNDS = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"([aei]n)g$"), r"\1"))
_MIN_PASSAGES = 2  # a word of two characters has many homophones, so that a rare one is hardly meant
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


class PhoneticIndex:
    """The words of a library by their sound."""

    def __init__(self, terms: Sequence[str]) -> None:
        """Index words of a library. Args: terms: those that the dictionary knows; bigrams across two words are no words."""
        self._exact = {ord(character): f"{_syllable(character)} " for character in set("".join(terms))}
        self.by_sound: dict[str, list[str]] = {}
        # One translation of all terms: to go through them one by one would take three times as long.
        spelled = "\n".join(terms).translate({code: _fuzzy_syllable(sound) for code, sound in self._exact.items()})
        for term, sound in zip(terms, spelled.split("\n") if terms else (), strict=True):  # a small library may have none
            self.by_sound.setdefault(sound, []).append(term)
        self._by_letters: dict[str, list[str]] | None = None

    @classmethod
    def of_vocabulary(cls, vocabulary: Mapping[str, int], *, is_word: Callable[[str], bool]) -> "PhoneticIndex":
        """Index the Chinese words of a vocabulary; of words of two characters those that are common enough.

        Args: vocabulary: term -> number of passages with it; is_word: tells words of the dictionary from other terms.
        """
        words = (term for term in vocabulary if is_word(term) and not term.isascii() and _CHINESE.fullmatch(term))
        return cls([word for word in words if len(word) > 2 or (len(word) == 2 and vocabulary[word] >= _MIN_PASSAGES)])

    def like(self, written: str) -> list[str]:
        """Return the terms that sound like `written`, in no particular order."""
        return self.by_sound.get("".join(_fuzzy_syllable(f"{_syllable(character)} ") for character in written), [])

    @property
    def by_letters(self) -> Mapping[str, list[str]]:
        """The terms by their pinyin in one piece (zhiyuanzhe)."""
        if self._by_letters is None:
            self._by_letters = {}
            for terms in self.by_sound.values():
                for term in terms:
                    self._by_letters.setdefault(term.translate(self._exact).replace(" ", ""), []).append(term)
        return self._by_letters


def reading(character: str) -> str:
    """Return the most usual reading of a character, with its tone; the character itself if it has none."""
    from pypinyin.constants import PINYIN_DICT

    return str(PINYIN_DICT.get(ord(character), character)).split(",")[0]


def _syllable(character: str) -> str:
    """Return the reading of a character without its tone."""
    return "".join(letter for letter in normalize("NFD", reading(character)) if not combining(letter))


@cache
def _fuzzy_syllable(sound: str) -> str:
    """Return a syllable and its space, with easily confused sounds made one: zhi -> zi, sheng -> sen."""
    sound = sound.strip()
    for pattern, replacement in _CONFUSED_SOUNDS:
        sound = pattern.sub(replacement, sound)
    return sound + " "
