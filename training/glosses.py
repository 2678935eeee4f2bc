"""Word-by-word English of Chinese texts, made with the dictionary: artificial English questions on Chinese passages.

None of the training sets has English questions on Chinese passages. A Chinese question whose words are replaced by senses
of CC-CEDICT asks for the same passage with the words that an English question would have.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from tokenizers import Tokenizer

from training.data import Sense
from training.tokenizer import WORD_START

# Words that English questions have and glosses lack; added at random, they learn short vectors.
FUNCTION_WORDS = re.findall(
    r"\w+",
    "the a of in to was is did does what which who how were are for by on at with that and from do when "
    "where many has had have s it its as be been an name type kind there this their after about some",
)
_IRREGULAR = dict(
    pair.split(":")
    for line in (
        "be:was become:became begin:began break:broke bring:brought build:built buy:bought catch:caught choose:chose",
        "come:came cut:cut deal:dealt do:did draw:drew drive:drove eat:ate fall:fell feel:felt fight:fought",
        "find:found fly:flew forget:forgot get:got give:gave go:went grow:grew have:had hear:heard hide:hid hit:hit",
        "hold:held keep:kept know:knew lay:laid lead:led leave:left lend:lent let:let lie:lay lose:lost make:made",
        "mean:meant meet:met pay:paid put:put read:read rise:rose run:ran say:said see:saw sell:sold send:sent",
        "set:set shoot:shot sing:sang sit:sat sleep:slept speak:spoke spend:spent stand:stood steal:stole swim:swam",
        "take:took teach:taught tell:told think:thought throw:threw understand:understood wear:wore win:won",
        "write:wrote man:men woman:women child:children foot:feet tooth:teeth mouse:mice person:people",
    )
    for pair in line.split()
)
_VOWELS = frozenset("aeiou")


def inflect(word: str, draw: random.Random, *, verb: bool) -> str:
    """Return a past, -ing or -s form of a verb, or the plural of another word, by rules that are sometimes wrong."""
    if len(word) < 3 or not word.isascii() or not word.isalpha():
        return word
    ending = draw.choice(("s", "ed", "ing")) if verb else "s"
    if word in _IRREGULAR and ending != "ing":
        return _IRREGULAR[word]
    consonant_y = word.endswith("y") and word[-2] not in _VOWELS
    if ending == "s":
        if consonant_y:
            return word[:-1] + "ies"
        return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")
    if word.endswith("e"):
        return word[:-1] + ending
    if consonant_y and ending == "ed":
        return word[:-1] + "ied"
    if len(word) <= 4 and word[-1] not in _VOWELS | {"w", "x", "y"} and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        return word + word[-1] + ending
    return word + ending


def shorten(definition: str) -> list[str]:
    """Return the words of a definition, cut at the first comma if long: "beijing, capital of the people's republic"."""
    words = definition.split()
    return words if len(words) <= 3 else definition.split(",", maxsplit=1)[0].split()


class Glosser:
    """A generator of word-by-word English for Chinese texts."""

    def __init__(self, segmenter: Tokenizer, senses: Sequence[Sense]) -> None:
        self._segmenter = segmenter
        self._glosses: dict[str, tuple[list[Sense], list[float]]] = {}
        for sense in senses:
            if len(shorten(sense.definition)) <= 4:
                senses_of_word, weights = self._glosses.setdefault(sense.word, ([], []))
                senses_of_word.append(sense)
                weights.append(1.0 / sense.rank**2)

    def gloss(self, texts: Sequence[str], draw: random.Random) -> list[str]:
        """Translate each text word by word, a random sense for each word; some words are inflected, left out or added.

        Words without a sense, mostly names, are left out, since an English question would spell them in another way.
        """
        results = []
        for encoding in self._segmenter.encode_batch(list(texts), add_special_tokens=False):
            words: list[str] = []
            dropped = draw.choice((0.05, 0.1, 0.2))  # a question uses only some of the words of a sentence
            for token in encoding.tokens:
                if draw.random() < dropped:
                    continue
                if token in self._glosses:
                    sense = draw.choices(*self._glosses[token])[0]
                    chosen = shorten(sense.definition)
                    if draw.random() < 0.3:
                        index = 0 if sense.verb else -1  # "take part in" -> "took part in"; "sports team" -> "teams"
                        chosen[index] = inflect(chosen[index], draw, verb=sense.verb)
                    words += chosen
                elif re.fullmatch(r"[\x00-\x7f▁]+", token):
                    words.append(token.replace(WORD_START, ""))
                if draw.random() < 0.25:
                    words.append(draw.choice(FUNCTION_WORDS))
            results.append(" ".join(words))
        return results
