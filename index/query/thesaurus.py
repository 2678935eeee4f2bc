"""The domain thesaurus: everyday words of a question -> the official terms that bulletins use for them.

`thesaurus.tsv` is ours, written by hand, and may be edited freely. Each line has everyday wordings, official terms
(the most common first), English terms and the area of work of one concept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from corpus.messages.errors import EncoderError
from corpus.messages.message import Message
from corpus.text.normalize import fold
from index.channels.bm25 import SynonymGroup
from index.packaged import read_packaged
from index.query.tokenizer import Tokenizer, load_tokenizer

# Weight of an expansion; a term of the question itself has 1. nDCG@10 of the written Chinese questions (training/questions),
# lexical channel: 0.504 at 0, 0.513 at 0.5, 0.516 at 1, 0.520 at 2; English ones lose from 1.3 on.
EXPANSION_WEIGHT = 1.0
_EXCERPT = 40  # characters of a malformed line in a message


@dataclass(frozen=True, slots=True)
class ThesaurusEntry:
    """One line of the table."""

    everyday: tuple[str, ...]
    official: tuple[str, ...]
    english: tuple[str, ...]


class Thesaurus:
    """A table of synonyms in which the terms of a question are looked up.

    Args: tokenizer: cuts the expansions into the terms of the index.
    """

    def __init__(self, entries: Sequence[ThesaurusEntry], tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._found_by: dict[str, list[ThesaurusEntry]] = {}
        for entry in entries:
            for term in map(fold, (*entry.everyday, *entry.official)):
                # Latin terms would be found inside other words (IP in scholarship), single characters in half of all words.
                if not term.isascii() and len(term) > 1:
                    self._found_by.setdefault(term, []).append(entry)
        lengths: dict[str, set[int]] = {}
        for term in self._found_by:
            lengths.setdefault(term[0], set()).add(len(term))
        # First character -> lengths of its terms, longest first; most characters of a question begin no term.
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}
        self._groups: dict[str, SynonymGroup | None] = {}  # of the terms looked up so far

    def expand(self, question: str) -> tuple[SynonymGroup, ...]:
        """Return a group of synonyms for each term found in a question, in order; where terms overlap, the longest is taken.

        Official terms come before everyday ones; the term itself is left out, since it is searched for already.
        """
        groups = (self._group(term) for term in self._terms(fold(question)))
        return tuple(group for group in groups if group is not None)

    def _group(self, term: str) -> SynonymGroup | None:
        """Return the synonyms of a term, None if it has none; the result is kept, since cutting synonyms into terms is slow."""
        if term not in self._groups:
            self._groups[term] = self._make_group(term)
        return self._groups[term]

    def _make_group(self, term: str) -> SynonymGroup | None:
        senses: dict[str, float] = {}
        for entry in self._found_by[term]:
            others = [other for other in (*entry.official, *entry.everyday) if fold(other) != term]
            for rank, other in enumerate(others, 1):
                terms = self._tokenizer.tokenize(other)
                for piece in terms:
                    senses[piece] = senses.get(piece, 0.0) + 1 / rank / len(terms)
        if not (total := sum(senses.values())):
            return None
        return SynonymGroup(term, tuple((piece, weight / total) for piece, weight in senses.items()), EXPANSION_WEIGHT)

    def _terms(self, folded: str) -> Iterator[str]:
        start = 0
        while start < len(folded):
            pieces = (folded[start : start + length] for length in self._lengths.get(folded[start], ()))
            term = next((piece for piece in pieces if piece in self._found_by), None)
            if term is not None:
                yield term
            start += len(term) if term is not None else 1


@lru_cache(maxsize=1)
def read_entries() -> tuple[ThesaurusEntry, ...]:
    """Return the entries of the packaged table.

    Raises: EncoderError: the table is missing, or a line does not have its four columns.
    """
    file = resources.files("index.query") / "thesaurus.tsv"
    lines = read_packaged(file).decode("utf-8", "replace").splitlines()
    entries = []
    for number, line in enumerate(lines[1:], 2):
        columns = [tuple(term for part in column.split(";") if (term := part.strip())) for column in line.split("\t")]
        if len(columns) != 4 or not (columns[0] or columns[2]) or not columns[1]:
            found = line[:_EXCERPT]
            raise EncoderError(Message.of("index.query.bad_thesaurus_line", file=str(file), line=number, found=found))
        entries.append(ThesaurusEntry(*columns[:3]))
    return tuple(entries)


def english_senses() -> Mapping[str, tuple[str, ...]]:
    """Return English term -> official terms, as in the table."""
    senses: dict[str, tuple[str, ...]] = {}
    for entry in read_entries():
        for term in entry.english:
            senses[term] = tuple(dict.fromkeys((*senses.get(term, ()), *entry.official)))
    return senses


@lru_cache(maxsize=1)
def load_thesaurus() -> Thesaurus:
    """Return the packaged table over the product's tokenizer, read once a process. Raises: EncoderError: see `read_entries`."""
    return Thesaurus(read_entries(), load_tokenizer())
