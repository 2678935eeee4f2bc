"""The training of index/model/translations.tsv.gz: p(Chinese word | English term), for English questions over BM25.

A dictionary has every meaning but not its frequency; aligned sentences show which meaning is frequent, but only for the words
in them. So both are learnt and mixed:

- dictionary: CC-CEDICT, a meaning weighted by 1 / its rank under the headword and by the headword's frequency to the power 1/4;
- alignment: IBM Model 1 in both directions over sentence pairs and short dictionary entries, the geometric mean of
  p(chinese | english) and p(english | chinese), which removes words that only stand near others (在, 的).

Sources: Brown et al. 1993 (IBM Model 1); Wang & Oard 2012, "Matching meaning for cross-language information retrieval"
(both directions); Darwish & Oard 2003 (the use of such a table, see index/channels/bm25.py).
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.query.stemmer import STOP_WORDS
from index.query.tokenizer import Tokenizer
from index.query.translation import key_of
from training.data import Sense, read_senses, read_translations

FILE = "translations.tsv.gz"
# Chosen on XQuAD questions with an odd id; figures in training/README.md.
ITERATIONS = 5
ALIGNED_SHARE = 0.85
MANUAL_WEIGHT = 0.1  # weight of a pair from the Python manual, where a class has methods and points are decimal
TEMPER = 0.6  # exponent of the probabilities: for questions, both tables give too much to their first sense
RANK_POWER, FREQUENCY_POWER = 1.0, 0.25
LEAST, MOST = 0.02, 12  # lowest probability of a sense, highest number of senses of a term
LONGEST_SENTENCE = 40  # words; the few longer sentences would take most of the time
LONGEST_TERM = 4  # words of a dictionary term; longer texts are explanations
LONGEST_ENTRY = 6  # words of a dictionary meaning that is aligned like a sentence

_PLACEHOLDER = re.compile(r"\b(?:sb|sth|somebody|something|one's|oneself|etc)\b")

Table = dict[str, dict[str, float]]
# Words of an English and of a Chinese text.
WordPair = tuple[Sequence[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The result of IBM Model 1, t(target | source): one row for each pair of words that occur in one sentence pair.

    `source`, `target`: shape (n,), indexes into `sources` and `targets`; index 0 of `sources` is the empty word.
    `probability`: shape (n,).
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    probability: NDArray[np.float64]

    def table(self) -> Table:
        """Return the rows as source -> target -> probability, without the empty word."""
        result: Table = defaultdict(dict)
        for source, target, probability in zip(self.source, self.target, self.probability, strict=True):
            if source:
                result[self.sources[source]][self.targets[target]] = float(probability)
        return dict(result)


def align(pairs: Iterable[WordPair], weights: Sequence[float], *, iterations: int = ITERATIONS) -> Alignment:
    """Learn t(target | source) from (source words, target words) by expectation maximisation, from equal t.

    Args: weights: of the pairs; weight 2 counts like the same pair twice.
    Source: Brown et al. 1993, Model 1; each target word comes from one source word of its sentence or from the empty word.
    """
    sources: dict[str, int] = {"": 0}
    targets: dict[str, int] = {}
    source_rows, target_rows, positions, counts = [], [], [], []
    count = 0  # target words so far; each of them has to be explained by a source word
    for (source_words, target_words), weight in zip(pairs, weights, strict=True):
        source = np.array([0] + [sources.setdefault(word, len(sources)) for word in source_words], np.int32)
        target = np.array([targets.setdefault(word, len(targets)) for word in target_words], np.int32)
        source_rows.append(np.tile(source, len(target)))
        target_rows.append(np.repeat(target, len(source)))
        positions.append(np.repeat(np.arange(count, count + len(target), dtype=np.int32), len(source)))
        counts.append(np.full(len(target), weight))
        count += len(target)
    met = np.concatenate(source_rows).astype(np.int64) * len(targets) + np.concatenate(target_rows)
    keys, row = np.unique(met, return_inverse=True)
    position, counted = np.concatenate(positions), np.concatenate(counts)
    source_of, target_of = np.divmod(keys, len(targets))
    probability = 1.0 / np.bincount(source_of)[source_of]
    for _ in range(iterations):
        share = probability[row]
        share *= (counted / np.bincount(position, share, minlength=count))[position]
        expected = np.bincount(row, share, minlength=len(keys))
        probability = expected / np.bincount(source_of, expected)[source_of]
    return Alignment(tuple(sources), tuple(targets), source_of, target_of, probability)


def symmetric(forward: Alignment, backward: Alignment) -> Table:
    """Combine both directions by their geometric mean, as English -> Chinese -> value, with sum 1 for each English word.

    Args: forward: English to Chinese; backward: Chinese to English, over the same pairs.
    """
    english = {word: index for index, word in enumerate(forward.sources)}
    chinese = {word: index for index, word in enumerate(forward.targets)}
    # The backward rows with the word indexes of the forward ones. Rows of the empty word have no counterpart.
    to_chinese = np.array([chinese.get(word, -1) for word in backward.sources])
    to_english = np.array([english[word] for word in backward.targets])
    known = backward.source > 0
    keys = to_english[backward.target[known]] * len(chinese) + to_chinese[backward.source[known]]
    order = np.argsort(keys)
    ours = forward.source > 0
    wanted = forward.source[ours] * len(chinese) + forward.target[ours]
    matching = order[np.searchsorted(keys, wanted, sorter=order)]
    mean = np.sqrt(forward.probability[ours] * backward.probability[known][matching])
    best = np.zeros(len(english))
    np.maximum.at(best, forward.source[ours], mean)
    kept = mean >= LEAST * best[forward.source[ours]]
    result: Table = defaultdict(dict)
    for source, target, value in zip(forward.source[ours][kept], forward.target[ours][kept], mean[kept], strict=True):
        result[forward.sources[source]][forward.targets[target]] = float(value)
    return {word: scaled(senses) for word, senses in result.items()}


def dictionary_table(senses: Iterable[Sense], frequency: Callable[[str], int]) -> Table:
    """Weight the Chinese headwords of each English term by the rank of the meaning and the frequency of the headword."""
    weights: Table = defaultdict(dict)
    for sense in senses:
        weight = (frequency(sense.word) + 2) ** FREQUENCY_POWER / sense.rank**RANK_POWER
        for term in terms_of(sense.definition):
            key = key_of(term)
            weights[key][sense.word] = max(weights[key].get(sense.word, 0.0), weight)
    return {key: scaled(words) for key, words in weights.items()}


def terms_of(definition: str) -> list[str]:
    """Return the English terms of a definition: `smart, clever` both; `beijing, capital of china` the first; no stop words."""
    parts = [" ".join(part.split()) for part in _PLACEHOLDER.sub(" ", definition).split(",")]
    if any(len(part.split()) > 3 for part in parts):
        parts = parts[:1]
    return [
        part
        for part in parts
        if 0 < len(key_of(part).split()) <= LONGEST_TERM and not all(word in STOP_WORDS for word in part.split())
    ]


def scaled(weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weights made to sum to 1."""
    total = sum(weights.values())
    return {word: weight / total for word, weight in weights.items()}


def pruned(senses: Mapping[str, float]) -> dict[str, float]:
    """Return the MOST likeliest senses that have at least LEAST, or else the best one; sum 1, likeliest first."""
    ranked = sorted(senses.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    return scaled(dict([item for item in ranked if item[1] >= LEAST] or ranked[:1]))


def mixed(dictionary: Table, aligned: Table) -> Table:
    """Mix both tables into one; prune its senses and remove stop words."""
    stops = {key_of(word) for word in STOP_WORDS}
    result: Table = {}
    for key in sorted((dictionary.keys() | aligned.keys()) - stops):
        listed, learnt = dictionary.get(key, {}), aligned.get(key, {})
        share = ALIGNED_SHARE if listed and learnt else float(bool(learnt))
        both = {word: (1 - share) * value for word, value in listed.items()}
        for word, value in learnt.items():
            both[word] = both.get(word, 0.0) + share * value
        result[key] = scaled({word: value**TEMPER for word, value in pruned(both).items()})
    return result


def learn(directory: Path) -> Table:
    """Learn the whole table.

    Raises: DataError: a set is absent or damaged.
    """
    tokenizer = Tokenizer()
    senses = read_senses(directory)
    pairs: list[WordPair] = []
    weights: list[float] = []
    sets = {name: (LONGEST_SENTENCE, texts) for name, texts in read_translations(directory).items()}
    sets["cc-cedict"] = (LONGEST_ENTRY, tuple((sense.definition, sense.word) for sense in senses))
    for name, (longest, texts) in sets.items():
        for text, translation in texts:
            english, chinese = key_of(text).split(), tokenizer.words(translation)
            if 0 < len(english) <= longest and 0 < len(chinese) <= LONGEST_SENTENCE:
                pairs.append((english, chinese))
                weights.append(MANUAL_WEIGHT if name == "python-docs-en-zh" else 1.0)
    aligned = symmetric(align(pairs, weights), align([(chinese, english) for english, chinese in pairs], weights))
    return mixed(dictionary_table(senses, tokenizer.frequency), aligned)


def write(table: Table, file: Path) -> None:
    """Write a line for each term, by code point, probabilities in thousandths; equal tables give equal bytes."""
    lines = []
    for key in sorted(table, key=lambda key: key + "\t"):
        senses = [f"{word} {round(1000 * value)}" for word, value in table[key].items() if round(1000 * value)]
        lines.append(f"{key}\t{' '.join(senses)}\n")
    file.write_bytes(gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0))
