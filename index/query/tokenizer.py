"""Text -> terms for the lexical index: jieba words and character bigrams, both scripts folded to one.

One tokenizer serves passages and queries: words carry meaning (志愿者), bigrams bridge what jieba cuts differently
(青年之家 against 青年 之 家) and words it does not know.
"""

import functools
import re
from collections.abc import Iterable
from importlib import resources
from itertools import pairwise

import jieba

from corpus.text.normalize import fold

_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
_LATIN = re.compile(r"[a-z0-9]+(?:[.\-_][a-z0-9]+)*")


class Tokenizer:
    """Cuts text into terms. Making one takes half a second: jieba's dictionary is compiled in memory.

    jieba's own cache of it, a marshal file in the shared temporary folder, would save next to nothing (measured: 0.67 s to read,
    0.67 s to compile), and a byte changed in it would change words without a word.
    """

    def __init__(self) -> None:
        self._jieba = jieba.Tokenizer()
        self._jieba.FREQ, self._jieba.total = self._jieba.gen_pfdict(self._jieba.get_dict_file())
        self._jieba.initialized = True
        for word in _words("domain.txt"):
            self._jieba.add_word(word)
        self._stop_words = frozenset(_words("stopwords.txt"))

    def tokenize(self, text: str) -> list[str]:
        """Terms of a text, in order: words that are no stop words, character bigrams, Latin words and numbers."""
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
        """Return the Chinese words of a text as jieba cuts them, in order, stop words and all."""
        return [word for match in _CHINESE.finditer(fold(text)) for word in self._jieba.lcut(match[0])]

    def frequency(self, word: str) -> int:
        """Return how often jieba's dictionary has met a word; 0 where it does not know it."""
        return int(self._jieba.FREQ.get(word) or 0)


@functools.cache
def _words(name: str) -> tuple[str, ...]:
    lines: Iterable[str] = resources.files("index.query").joinpath(name).read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines if (word := line.split("#")[0].strip()))


@functools.cache
def load_tokenizer() -> Tokenizer:
    """Return the tokenizer, made once a process: jieba takes most of a second to get ready."""
    return Tokenizer()
