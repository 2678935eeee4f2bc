"""Words by their sound, to find the word that was meant where pinyin input gave a wrong one."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from unicodedata import combining, normalize

# Sounds that are the same in many dialects, so that people who type pinyin confuse them.
_CONFUSED_SOUNDS = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"([aei]n)g$"), r"\1"))
_MIN_PASSAGES = 2  # a word of two characters has many homophones; a rare one is probably not meant
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


class PhoneticIndex:
    """The words of a library by their sound."""

    def __init__(self, terms: Sequence[str]) -> None:
        """Index words by their sound. Args: terms: words of the dictionary, no bigrams that cross two words."""
        self._exact = {ord(character): f"{_syllable(character)} " for character in set("".join(terms))}
        self.by_sound: dict[str, list[str]] = {}
        # All terms are translated in one call; one call a term would take three times as long.
        spelled = "\n".join(terms).translate({code: _fuzzy_syllable(sound) for code, sound in self._exact.items()})
        for term, sound in zip(terms, spelled.split("\n") if terms else (), strict=True):  # a small library may have none
            self.by_sound.setdefault(sound, []).append(term)
        self._by_letters: dict[str, list[str]] | None = None

    @classmethod
    def of_vocabulary(cls, vocabulary: Mapping[str, int], *, is_word: Callable[[str], bool]) -> "PhoneticIndex":
        """Index the Chinese words of a vocabulary; words of two characters only if they are common enough.

        Args: vocabulary: term -> number of passages with it; is_word: returns whether a term is a word of the dictionary.
        """
        words = (term for term in vocabulary if is_word(term) and not term.isascii() and _CHINESE.fullmatch(term))
        return cls([word for word in words if len(word) > 2 or (len(word) == 2 and vocabulary[word] >= _MIN_PASSAGES)])

    def like(self, written: str) -> list[str]:
        """Return the terms that sound like `written`, in no particular order."""
        return self.by_sound.get("".join(_fuzzy_syllable(f"{_syllable(character)} ") for character in written), [])

    @property
    def by_letters(self) -> Mapping[str, list[str]]:
        """Return the terms by their pinyin without spaces (zhiyuanzhe)."""
        if self._by_letters is None:
            self._by_letters = {}
            for terms in self.by_sound.values():
                for term in terms:
                    self._by_letters.setdefault(term.translate(self._exact).replace(" ", ""), []).append(term)
        return self._by_letters


def reading(character: str) -> str:
    """Return the most common reading of a character, with its tone; the character itself if it has none."""
    return _table().get(ord(character), character).split(",")[0]


@cache
def _table() -> Mapping[int, str]:
    """Return pypinyin's readings of each character, without its phrases, which take twice as long to load."""
    os.environ["PYPINYIN_NO_PHRASES"] = "1"
    from pypinyin.constants import PINYIN_DICT

    return PINYIN_DICT


@cache
def spell(name: str) -> str:
    """Return a name in Latin letters without tones (重庆: chongqing). The first call takes 0.1 s."""
    _load_phrases()
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name))


@cache
def _load_phrases() -> None:
    """Give pypinyin its phrases: 重 is chong in 重庆 and zhong elsewhere."""
    from pypinyin import load_phrases_dict
    from pypinyin.phrases_dict import phrases_dict

    load_phrases_dict(phrases_dict)


def _syllable(character: str) -> str:
    """Return the reading of a character without its tone."""
    return "".join(letter for letter in normalize("NFD", reading(character)) if not combining(letter))


@cache
def _fuzzy_syllable(sound: str) -> str:
    """Return a syllable and a space, with one spelling for sounds that are often confused: zhi -> zi, sheng -> sen."""
    sound = sound.strip()
    for pattern, replacement in _CONFUSED_SOUNDS:
        sound = pattern.sub(replacement, sound)
    return sound + " "
