"""Slips: words of a question that sound, or are spelled, almost like a word of the library."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from itertools import pairwise

from index.catalog import Catalog
from index.packaged import read_packaged
from index.query.phonetics import reading
from index.query.stemmer import STOP_WORDS, stem
from index.query.thesaurus import english_senses
from index.query.translation import load_translations

_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_SMALL = re.compile(r"(?<![A-Za-z'’\-])[a-z]{5,}(?![A-Za-z'’\-\d])")  # shorter words have too many neighbours
_LONGEST_SLIP = 6  # characters
_LONGEST_WORD = 40  # letters; a longer run of them is no word
# Of jieba's counts: a character met less often hardly stands by itself (驿 683, 占 25,139): 驿占 is doubtful and 没人 is not.
_FREE = 2_000
_ENDINGS = frozenset("er ers or ors r rs ness ly less ful able ment ish al y est ism ist ists".split())  # noqa: SIM905
_CLOSE = 0.85  # difflib ratio: volunter/volunteer 0.94, exhcange/exchange 0.88, donor/honor 0.80


@dataclass(frozen=True, slots=True)
class SpellingCorrection:
    """A slip and the word of the library, or of the translation table, that it was taken for."""

    written: str
    corrected: str


def find_misspellings(text: str, *, catalog: Catalog, skip: Sequence[tuple[int, int]] = ()) -> tuple[SpellingCorrection, ...]:
    """Words of a text that the library lacks and that sound, or are spelled, almost like one that it has.

    What the library has is never changed, nor is a word of two characters that the dictionary knows: 护照 and 时事 are words,
    though no bulletin has them. The reading must be a dictionary word and share a character with what is written.

    Args: skip: stretches of the text to leave alone, as names of regions.
    """
    found: dict[str, str] = {}
    for start, end in skip:
        text = text[:start] + " " * (end - start) + text[end:]
    for match in _CHINESE.finditer(text):
        found |= _chinese_slips(match[0], catalog)
    for match in _SMALL.finditer(text):
        if match[0] not in found:
            understood = _latin_slip(match[0], catalog)
            if understood:
                found[match[0]] = understood
    return tuple(SpellingCorrection(written, understood) for written, understood in found.items())


def _chinese_slips(run: str, catalog: Catalog) -> dict[str, str]:
    words = catalog.tokenizer.words(run)
    understood = cache(lambda *written: _chinese_slip(written, catalog))  # a text may have the same words many times
    found: dict[str, str] = {}
    position = 0
    while position < len(words):
        step = 1
        for end in range(min(len(words), position + _LONGEST_SLIP), position, -1):
            written = words[position:end]
            if meant := understood(*written):
                found["".join(written)] = meant
                step = end - position
                break
        position += step
    return found


def _chinese_slip(words: Sequence[str], catalog: Catalog) -> str | None:
    """Return the word of the library for which words that stand together are a slip; None if they are none."""
    vocabulary, tokenizer = catalog.vocabulary, catalog.tokenizer
    written = "".join(words)
    if not 2 <= len(written) <= _LONGEST_SLIP or written in vocabulary:
        return None
    # 自愿者 is one word to the dictionary and no word of the library, though both of its bigrams may be.
    strange = len(words) == 1 or any("".join(pair) not in vocabulary for pair in pairwise(written))
    doubtful = len(written) > 2 or any(tokenizer.frequency(w) < (_FREE if len(w) == 1 else 1) for w in words)
    if not strange or not doubtful:
        return None
    # 驿站是 sounds like 一站式, and 驿站 is there; 全是 sounds like 全市, and 是 is a stop word.
    known = "".join(
        character if (len(w) > 1 and w in vocabulary) or not tokenizer.tokenize(character) else " "
        for w in words
        for character in w
    )
    return _phonetic_match(written, known, catalog)


def _phonetic_match(written: str, known: str, catalog: Catalog) -> str | None:
    """Return the word of the library that sounds like `written` and differs in one character, if there is one: the commonest.

    Args: known: the characters of `written` that belong to words of the library, which stay; spaces for the others.
    """

    def shared(term: str) -> int:
        return sum(character == other for character, other in zip(term, written, strict=True))

    candidates = [
        term
        for term in catalog.phonetic_index.like(written)
        if len(term) == len(written)
        and shared(term) == len(written) - 1
        and all(kept in (" ", character) for kept, character in zip(known, term, strict=True))
        # Of 1,042 sentences of the sample library, read against another one, 2 have a word changed with this, some 10 without.
        and (len(term) > 2 or all(reading(character) == reading(other) for character, other in zip(term, written, strict=True)))
    ]
    if not candidates or catalog.contains_text(written):
        return None
    return max(candidates, key=lambda term: catalog.vocabulary[term])


def _latin_slip(word: str, catalog: Catalog) -> str | None:
    """Return what an unknown word of small letters stands for: Chinese words written in pinyin, or an English word misspelled."""
    if len(word) > _LONGEST_WORD or word in STOP_WORDS or word in catalog.vocabulary or _is_english(word) or _is_derived(word):
        return None
    if spelled := _from_pinyin(word, catalog):
        return spelled
    near = [known for known in _english_words() if known[0] == word[0] and abs(len(known) - len(word)) <= 2]
    if stem(word) in map(stem, near):
        return None
    return next(iter(get_close_matches(word, near, n=1, cutoff=_CLOSE)), None)


def _is_english(word: str) -> bool:
    return any(len(group.senses) > 1 for group in load_translations().synonym_groups(word))


def _is_derived(word: str) -> bool:
    """Return whether a word is made of English ones, and so no slip though no table has it: leavers, livestream."""
    cuts = range(3, len(word))
    return any(_is_english(word[:cut]) and (word[cut:] in _ENDINGS or _is_english(word[cut:])) for cut in cuts)


def _from_pinyin(letters: str, catalog: Catalog) -> str | None:
    """Letters as the pinyin of terms of the library, the longest and commonest: jifenduihuan -> 积分兑换."""
    if not letters:
        return ""
    by_letters = catalog.phonetic_index.by_letters
    for end in range(len(letters), 2, -1):
        if terms := by_letters.get(letters[:end]):
            rest = _from_pinyin(letters[end:], catalog)
            if rest is not None:
                return max(terms, key=lambda term: (catalog.vocabulary[term], term)) + rest
    return None


@cache
def _english_words() -> tuple[str, ...]:
    """Return the words of our own English terms, which are those that a question about the field may misspell."""
    table = read_packaged(resources.files("index.query") / "english.tsv").decode("utf-8").splitlines()[1:]
    terms = [*(line.split("\t")[0] for line in table), *english_senses()]
    words = {word.lower() for term in terms for word in re.findall(r"[A-Za-z]+", term)}
    return tuple(sorted(words))
