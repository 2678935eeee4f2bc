"""Folding of script, width and case, so that 志願者, 志愿者 and ＡＰＰ/app meet. Quoted text is never folded."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

from corpus.document import Span

_HALF = re.compile("[\ud800-\udfff]")
_NO_LETTERS = re.compile(r"[\W_]+")
_LINE = 100  # characters of a text that is kept with its simplified form: 16,384 of them take 6 MB


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def fold(text: str) -> str:
    """Return `text` in simplified script, half width and lower case. The length may change (㎡ -> m2)."""
    return simplify(unicodedata.normalize("NFKC", text)).casefold()


def simplify(text: str) -> str:
    """Return `text` in simplified script with every character at its offset, so that spans stay valid.

    OpenCC's phrase table only ever swaps characters one for one between traditional and simplified; where a conversion
    would change the length all the same, the text is returned as it is.
    """
    if text.isascii():
        return text
    return _simplify_line(text) if len(text) <= _LINE else _simplified(text)


@lru_cache(maxsize=16_384)  # a parser asks some nine times for each line
def _simplify_line(text: str) -> str:
    return _simplified(text)


def _simplified(text: str) -> str:
    simplified: str = _converter().convert(text)
    return simplified if len(simplified) == len(text) else text


def is_half(text: str) -> bool:
    """Return whether a text holds half a character (a lone surrogate), which can be written nowhere."""
    return not text.isascii() and _HALF.search(text) is not None


def letters(text: str) -> str:
    """Return the letters and digits of `text`, folded: what a title or a name is compared by."""
    return _NO_LETTERS.sub("", fold(text))


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded character by character, and for each character of the result the offset in the text that it comes from.

    Characters without width are left out.

    ㎡ gives m and 2, both from one offset; `offsets` is then a list, and otherwise the plain range of the text.
    """

    text: str
    offsets: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "Folded":
        """Fold a text."""
        plain = simplify(text)
        table = {character: _fold_character(character) for character in set(plain)}
        if all(len(piece) == 1 for piece in table.values()):
            return cls(plain.translate({ord(character): piece for character, piece in table.items()}), range(len(plain)))
        pieces = [table[character] for character in plain]
        return cls("".join(pieces), [offset for offset, piece in enumerate(pieces) for _ in piece])

    def find(self, term: str) -> Iterator[Span]:
        """Yield the spans of a term in the text that was folded, left to right, never overlapping.

        The term is folded, too; white space in it matches any white space, such as a line end in a title. An empty term is not
        found.
        """
        words, pattern = _term_pattern(term)
        if not words or not all(word in self.text for word in words):
            return
        for match in pattern.finditer(self.text):
            yield Span(self.offsets[match.start()], self.offsets[match.end() - 1] + 1)


def _fold_character(character: str) -> str:
    """Fold one character; what has no width (U+200B, copied out of pages) is nothing."""
    return "" if unicodedata.category(character) == "Cf" else unicodedata.normalize("NFKC", character).casefold()


@lru_cache(maxsize=256)
def _term_pattern(term: str) -> tuple[list[str], re.Pattern[str]]:
    words = Folded.of(term).text.split()
    return words, re.compile(r"\s+".join(map(re.escape, words)))
