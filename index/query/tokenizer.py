"""Text -> terms for the lexical index: jieba words and character bigrams, both scripts folded to one.

One tokenizer serves passages and queries: words carry the meaning (志愿者); bigrams match where jieba cuts a
word in two ways (青年之家 and 青年 之 家) or does not know it.
"""

import functools
import re
from collections.abc import Iterable
from importlib import resources
from itertools import pairwise
from typing import IO

import jieba

from corpus.text.normalize import fold

_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
_LETTERS = re.compile("[A-Za-z]+")
_LATIN = re.compile(r"[a-z0-9]+(?:[.\-_][a-z0-9]+)*")


class Tokenizer:
    """A tokenizer that cuts text into terms. Making one takes some 0.4 seconds: jieba's dictionary is compiled in memory.

    jieba's own cache of it, a marshal file in the shared temporary folder, takes as long to read, and a changed byte in it would
    change words without an error.
    """

    def __init__(self) -> None:
        self._jieba = jieba.Tokenizer()
        self._jieba.FREQ, self._jieba.total = _frequencies(self._jieba.get_dict_file())
        self._jieba.initialized = True
        for word in _words("domain.txt"):
            self._jieba.add_word(word)
        self._stop_words = frozenset(_words("stopwords.txt"))

    def tokenize(self, text: str) -> list[str]:
        """Return the terms of a text, without stop words: Latin words and numbers, then Chinese words and character bigrams."""
        folded = fold(text)
        terms = [match[0] for match in _LATIN.finditer(folded)]
        for match in _CHINESE.finditer(folded):
            run = match[0]
            words = [word for word in self._jieba.lcut(run) if word not in self._stop_words]
            terms.extend(words)
            known = {word for word in words if len(word) == 2}
            terms.extend(bigram for bigram in map("".join, pairwise(run)) if bigram not in known)
        return [term for term in terms if term not in self._stop_words]

    def words(self, text: str) -> list[str]:
        """Return the Chinese words of a text as jieba cuts them, in order, with stop words."""
        return [word for match in _CHINESE.finditer(fold(text)) for word in self._jieba.lcut(match[0])]

    def all_words(self, text: str) -> list[str]:
        """Return the Chinese words of a text, then those in Latin letters, each in order."""
        return [*self.words(text), *_LETTERS.findall(text)]

    def frequency(self, word: str) -> int:
        """Return the frequency of a word in jieba's dictionary; 0 if it does not have it."""
        return int(self._jieba.FREQ.get(word) or 0)


def _frequencies(file: IO[bytes]) -> tuple[dict[str, int], int]:
    """Return what jieba compiles of its dictionary (`gen_pfdict`), in two thirds of the time, and the sum of all counts.

    Returns: how often each word is met, and 0 for what only begins words.
    """
    with file:
        fields = file.read().decode("utf-8").split()  # of each line the word, its count, its part of speech
    words, counts = fields[::3], list(map(int, fields[1::3]))
    beginnings: set[str] = set()
    shorter = {word[:-1] for word in words}
    while shorter := shorter - beginnings - {""}:
        beginnings |= shorter
        shorter = {beginning[:-1] for beginning in shorter}
    return dict.fromkeys(beginnings, 0) | dict(zip(words, counts, strict=True)), sum(counts)


@functools.cache
def _words(name: str) -> tuple[str, ...]:
    lines: Iterable[str] = resources.files("index.query").joinpath(name).read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines if (word := line.split("#")[0].strip()))


@functools.cache
def load_tokenizer() -> Tokenizer:
    """Return the tokenizer, made once a process, since that takes a while."""
    return Tokenizer()
