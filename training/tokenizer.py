"""The tokenizer of the encoder: a unigram model whose vocabulary comes from the dictionary.

Chinese entries are headwords of CC-CEDICT and single characters, English entries are whole words and word pieces, so
that a dictionary sense mostly pairs one token with one token. Scores are log frequencies, re-estimated on the
training texts by counting the best segmentation (hard EM).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from training.data import Texts

UNKNOWN = "[UNK]"
# Marks the start of an English word, so that the "in" of "in" and the "in" of "kawann-in" are two tokens.
WORD_START = "▁"
LONGEST_WORD = 6
ENGLISH_PIECES = 6_000
# Subtracted from the log-probability of each word piece, so that a whole word wins if the vocabulary has it.
PIECE_PENALTY = 3.0

_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_ENGLISH_WORD = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"[0-9]+")


def assemble(scores: dict[str, float]) -> Tokenizer:
    """Return a tokenizer over the given log-probabilities. Text is normalised, and all but Han, Latin and digits dropped."""
    vocabulary = [(UNKNOWN, min(scores.values()) - 10.0)]
    vocabulary += sorted(((w, round(s, 3)) for w, s in scores.items()), key=lambda entry: (-entry[1], entry[0]))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKD(),
            normalizers.StripAccents(),  # "Kraków" meets "krakow"
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex("(?<![a-z])(?=[a-z])"), WORD_START),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(rf"\p{{Han}}+|{WORD_START}[a-z]+|[0-9]+"), "removed", invert=True)
    return tokenizer


def english_texts(texts: Texts) -> list[str]:
    """Return every English text of the sets, for counting words."""
    return [s.definition for s in texts.senses] + [en for pairs in texts.translations.values() for en, _ in pairs]


def chinese_texts(texts: Texts) -> list[str]:
    """Return every Chinese text of the sets; a passage with several questions counts once."""
    chinese = [zh for pairs in texts.translations.values() for _, zh in pairs]
    for pairs in texts.retrieval.values():
        chinese += [query for query, _ in pairs]
        chinese += sorted({passage for _, passage in pairs})
    return chinese


def count_tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> Counter[str]:
    """Return how often each entry is used when the texts are cut with it."""
    counts: Counter[int] = Counter()
    for start in range(0, len(texts), 10_000):
        for encoding in tokenizer.encode_batch_fast(list(texts[start : start + 10_000]), add_special_tokens=False):
            counts.update(encoding.ids)
    return Counter({tokenizer.id_to_token(token) or UNKNOWN: count for token, count in counts.items()})


def count_substrings(texts: Sequence[str], entries: set[str]) -> Counter[str]:
    """Return how often each entry occurs anywhere, overlaps included."""
    counts: Counter[str] = Counter()
    for text in texts:
        for run in _HAN_RUN.findall(text):
            for length in range(1, min(LONGEST_WORD, len(run)) + 1):
                counts.update(run[i : i + length] for i in range(len(run) - length + 1))
        if len(counts) > 5_000_000:  # limits the memory: most substrings are no words
            counts = Counter({w: c for w, c in counts.items() if w in entries})
    return Counter({w: c for w, c in counts.items() if w in entries})


def build_segmenter(texts: Texts) -> tuple[Tokenizer, Counter[str]]:
    """Build a tokenizer of Chinese words from the whole dictionary, and count how often each word occurs.

    Returns: a tokenizer of every headword up to LONGEST_WORD characters and every character, and its token counts
    over the Chinese texts; headwords that never occur count 0.
    """
    chinese = chinese_texts(texts)
    headwords = {s.word for s in texts.senses if len(s.word) <= LONGEST_WORD}
    entries = headwords | {c for text in chinese for c in text if _HAN.match(c)} | {c for w in headwords for c in w}
    counts = count_substrings(chinese, entries)  # also counts words inside longer ones; the rounds below correct this
    for _ in range(3):
        total = sum(counts.values())
        tokenizer = assemble({w: math.log((counts[w] + 0.5) / total) for w in entries})
        found = count_tokens(tokenizer, chinese)
        counts = Counter({w: found[w] for w in entries})
    return tokenizer, counts


def common_character(character: str) -> bool:
    """Return whether it is one of the 6,763 characters of GB 2312."""
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def english_pieces(words: Counter[str], *, size: int) -> dict[str, float]:
    """Return the pieces of words outside the vocabulary, with their log-probabilities."""
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=[UNKNOWN], unk_token=UNKNOWN, max_piece_length=8, show_progress=False
    )
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    repeated: Iterable[str] = (" ".join([WORD_START + w] * min(c, 20)) for w, c in sorted(words.items()))
    tokenizer.train_from_iterator(repeated, trainer)
    pieces = {p: s for p, s in json.loads(tokenizer.to_str())["model"]["vocab"] if p != UNKNOWN}
    floor = min(pieces.values())
    for letter in "abcdefghijklmnopqrstuvwxyz":
        pieces.setdefault(letter, floor)
        pieces.setdefault(WORD_START + letter, floor)
    pieces.setdefault(WORD_START, floor)
    return {p: s - PIECE_PENALTY for p, s in pieces.items()}


def build_tokenizer(
    texts: Texts, word_counts: Counter[str], *, chinese_words: int = 36_000, english_words: int = 30_000
) -> Tokenizer:
    """Return the model's tokenizer.

    Args: word_counts: from build_segmenter; chinese_words, english_words: number of whole words to keep of each language.
    Returns: a tokenizer whose id 0 is the unknown token.
    """
    characters = [w for w in word_counts if len(w) == 1 and (word_counts[w] or common_character(w))]
    words = sorted((w for w in word_counts if len(w) > 1), key=lambda w: (-word_counts[w], len(w), w))
    chinese = characters + words[:chinese_words]
    total = sum(word_counts.values())
    scores = {w: math.log((word_counts[w] + 0.5) / total) for w in chinese}
    english = Counter(w for text in english_texts(texts) for w in _ENGLISH_WORD.findall(text))
    kept = sorted(english.items(), key=lambda entry: (-entry[1], entry[0]))[:english_words]
    total = sum(english.values())
    scores |= english_pieces(english, size=ENGLISH_PIECES)
    scores |= {WORD_START + w: math.log(c / total) for w, c in kept}
    numbers = Counter(n for text in chinese_texts(texts) for n in _NUMBER.findall(text) if len(n) <= 4)
    total = sum(numbers.values()) + 10
    scores |= {d: math.log(1 / total) for d in "0123456789"}
    scores |= {n: math.log(c / total) for n, c in numbers.most_common(1_000) if c >= 20}
    return assemble(scores)
