"""English words -> the Chinese terms they may stand for, with probabilities, for English questions over BM25.

Two tables are read. `model/translations.tsv.gz` was learnt from a dictionary and sentence pairs (training/translation.py);
`english.tsv` is ours, written by hand for this field of work, and may be edited freely. Terms of several words come first:
"time bank" is 时间银行, whatever "time" and "bank" mean alone.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from gzip import decompress
from importlib import resources
from importlib.resources.abc import Traversable

from corpus.messages.errors import EncoderError
from corpus.messages.message import Message
from corpus.text.normalize import fold
from index.channels.bm25 import SynonymGroup
from index.packaged import damaged, read_packaged
from index.query.stemmer import STOP_WORDS, stem
from index.query.tokenizer import Tokenizer, load_tokenizer

LONGEST_TERM = 5  # words
_EXCERPT = 40  # characters of a malformed line in a message
# Share of our own senses. They outweigh those learnt from a dictionary, photo captions and a programming manual, where points
# are decimal and classes have methods.
_OURS = 0.75
_WORD = re.compile(r"[a-z0-9]+(?:[.\-_][a-z0-9]+)*")
_POSSESSIVE = re.compile(r"['’]s\b")


class TranslationTable:
    """A table of probabilities, p(Chinese term | English term)."""

    def __init__(
        self, learnt: bytes, ours: Mapping[str, Sequence[str]], tokenizer: Tokenizer, *, name: str = "the table"
    ) -> None:
        """Args: learnt: gzip of sorted lines `key<TAB>sense thousandths sense thousandths ...`, as training writes them;
        ours: key -> Chinese senses, the most common first; name: of `learnt`, for error messages."""
        self._learnt_file = learnt
        self._name = name
        self._ours = ours
        self._tokenizer = tokenizer
        self._terms = lru_cache(maxsize=10_000)(self._terms_of)

    @classmethod
    def load(cls, tokenizer: Tokenizer) -> TranslationTable:
        """Read both tables (10 ms). The learnt one is unpacked (40 ms) when the first English word is looked up.

        Raises: EncoderError: a table is missing or damaged; damage in the learnt one is raised by `synonym_groups`.
        """
        learnt = resources.files("index.model") / "translations.tsv.gz"
        return cls(read_packaged(learnt), read_ours(resources.files("index.query") / "english.tsv"), tokenizer, name=str(learnt))

    @cached_property
    def _lines(self) -> list[bytes]:
        try:
            return decompress(self._learnt_file).split(b"\n")[:-1]
        except (OSError, EOFError, zlib.error) as error:
            raise damaged(self._name, str(error)) from error

    def synonym_groups(self, question: str) -> tuple[SynonymGroup, ...]:
        """Return a group for each Latin word and number of a question, in order, without stop words.

        The longest known term comes first and then each of its words, as a Chinese term is also searched for by its parts:
        `time bank` gives 时间银行, then 时间, then 银行. A term of ours counts once for each of its words; otherwise
        `volunteer point system` would have no more weight than `run` in `how to run ...`.
        """
        tokens = list(_tokens(question))
        found: list[SynonymGroup] = []
        start = 0
        while start < len(tokens):
            term = self._longest(tokens, start)
            words = [word for word in term if word not in STOP_WORDS]
            if len(term) > 1:
                times = len(words) if _key(term) in self._ours else 1
                found.extend([self._synonym_group(term)] * times)
            if len(words) > 1 or len(term) == 1:
                found.extend(self._synonym_group([word]) for word in words)
            start += len(term)
        return tuple(found)

    def _longest(self, tokens: Sequence[str], start: int) -> Sequence[str]:
        """Return the longest known term that begins at `start`, or the single word."""
        for end in range(min(start + LONGEST_TERM, len(tokens)), start + 1, -1):
            words = tokens[start:end]
            if not all(word in STOP_WORDS for word in words) and self._senses(words):
                return words
        return tokens[start : start + 1]

    def _synonym_group(self, words: Sequence[str]) -> SynonymGroup:
        source = " ".join(words)
        return SynonymGroup(source, self._in_terms(self._senses(words), source))

    def _senses(self, words: Sequence[str]) -> dict[str, float]:
        """Return the Chinese senses of a term, with sum 1; none if it is unknown."""
        if len(words) == 1 and not words[0].isalpha():
            return {}
        key = _key(words)
        learnt = self._learnt(key)
        ours = self._ours.get(key, ())
        if not ours:
            return learnt
        share = _OURS if learnt else 1.0
        senses = {sense: (1 - share) * probability for sense, probability in learnt.items()}
        ranks = sum(1 / rank for rank in range(1, len(ours) + 1))
        for rank, sense in enumerate(ours, start=1):
            senses[sense] = senses.get(sense, 0.0) + share / rank / ranks
        return senses

    def _learnt(self, key: str) -> dict[str, float]:
        start = f"{key}\t".encode()
        position = bisect_left(self._lines, start)
        if position == len(self._lines) or not self._lines[position].startswith(start):
            return {}
        try:
            fields = self._lines[position].decode().split("\t")[1].split(" ")
            senses = {sense: float(weight) for sense, weight in zip(fields[::2], fields[1::2], strict=True)}
            total = sum(senses.values())
            return {sense: weight / total for sense, weight in senses.items()}
        except (ValueError, ZeroDivisionError) as error:
            found = self._lines[position].decode("utf-8", "replace")[:_EXCERPT]
            message = Message.of("index.query.bad_learnt_line", file=self._name, line=position + 1, found=found)
            raise EncoderError(message) from error

    def _in_terms(self, senses: Mapping[str, float], source: str) -> tuple[tuple[str, float], ...]:
        """Return senses as terms of the index. Terms of one sense (志愿者, bigram 志愿) share its probability equally."""
        weights: dict[str, float] = {}
        for sense, probability in senses.items():
            terms = self._terms(sense)
            for term in terms:
                weights[term] = weights.get(term, 0.0) + probability / len(terms)
        if " " not in source:  # a word may also stand for itself, and does so alone if it has no known sense
            weights[source] = weights.get(source, 0.0) + (sum(weights.values()) or 1.0)
        total = sum(weights.values())
        return tuple((term, weight / total) for term, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0])))

    def _terms_of(self, sense: str) -> tuple[str, ...]:
        return tuple(self._tokenizer.tokenize(sense))


def _tokens(question: str) -> Iterator[str]:
    """Yield words in lower case: `Women's e-commerce` -> women, e, commerce; words with a digit stay whole (covid-19, 5g)."""
    for match in _WORD.finditer(_POSSESSIVE.sub("", fold(question))):
        token = match[0]
        if any(character.isdigit() for character in token):
            yield token
        else:
            yield from re.split(r"[.\-_]", token)


def key_of(term: str) -> str:
    """Return the key of an English term: its words in lower case, without endings."""
    return _key(tuple(_tokens(term)))


def _key(words: Sequence[str]) -> str:
    return " ".join(map(stem, words))


def read_ours(file: Traversable) -> dict[str, tuple[str, ...]]:
    """Read the hand-written table: key -> Chinese senses, the most common first.

    Raises: EncoderError: the file is missing, or a line is not `english<TAB>chinese;chinese`.
    """
    ours: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(read_packaged(file).decode("utf-8", "replace").splitlines(), start=1):
        if number == 1 or not line.strip():
            continue
        english, _, chinese = line.partition("\t")
        senses = tuple(sense for part in chinese.split(";") if (sense := part.strip()))
        key = key_of(english)
        if not key or not senses:
            found = line[:_EXCERPT]
            raise EncoderError(Message.of("index.query.bad_translation_line", file=str(file), line=number, found=found))
        ours[key] = tuple(dict.fromkeys((*ours.get(key, ()), *senses)))
    return ours


@lru_cache(maxsize=1)
def load_translations() -> TranslationTable:
    """Return the packaged tables over the product's tokenizer, read once a process.

    Raises: EncoderError: a table is missing or damaged.
    """
    return TranslationTable.load(load_tokenizer())
