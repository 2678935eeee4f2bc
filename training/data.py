"""Read the public text sets and turn them into training pairs.

Every set is a folder of xz-compressed JSON Lines files, one file a split; training/README.md names the source, the
commit and the licence of each. One of the sets kept for evaluation is read, too: the LASER test set, whose sentences are
taken out of the training pairs.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from corpus.text.normalize import fold
from index.query.thesaurus import read_entries

Pair = tuple[str, str]

# Character budget of the passage side: bulletins are cut into passages of at most 510 characters.
PASSAGE_CHARACTERS = 400
# Laws repeat each other (the same article in twenty provinces): more pairs than this take time and add no score.
LAW_ARTICLES = 30_000
# Our own questions; every eighth passage, 40 of 340 with 200 questions, is kept out of training.
WRITTEN = Path(__file__).parent / "questions"
HELD_OUT = 8
MOST_ALIKE = 6  # words with the same definition; when more words share one, it is vague ("surname")

_SENTENCE_END = re.compile(r"(?<=[。！？；])")
_ARTICLE = re.compile(r"^第[一二三四五六七八九十百千零]+条\s*", re.MULTILINE)
_NOT_WORD = re.compile(r"\W+")
_PARENTHESES = re.compile(r"\([^()]*\)")
_PINYIN = re.compile(r"\[[^\]]*\]")
_CHINESE = re.compile(r"[\u3400-\u9fff|]+")
_LEADING = re.compile(r"^(?:to be|to|a|an|the)\s+(?=\w)")
# "Ningbo subprovincial city in Zhejiang" also means plain "Ningbo".
_PLACE = re.compile(
    r"([A-Z][\w']+),?(?: [\w-]+){0,3} (?:city|county|district|prefecture|province|municipality|town)\b",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"(?:\b(?:old |archaic |Japanese |erhua )?variant of|\bsee also|\bsee |CL:|also written|also pr\.|Taiwan pr\.|"
    r"abbr\. (?:for|of)|used in|same as|pr\. \[|classifier for|\bsurname )"
)


class DataError(Exception):
    """A set that training needs is absent or cannot be read."""


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a Chinese word: the folded headword and one English definition, markers removed."""

    word: str
    definition: str
    rank: int
    verb: bool  # CC-CEDICT writes "to hit" for the verb


@dataclass(frozen=True, slots=True)
class Texts:
    """All the raw material, folded: `words` (word, word of the same meaning), `translations` (English, Chinese) and
    `retrieval` (query, passage), each by set."""

    senses: tuple[Sense, ...]
    words: Mapping[str, tuple[Pair, ...]]
    translations: Mapping[str, tuple[Pair, ...]]
    retrieval: Mapping[str, tuple[Pair, ...]]


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of one split. Raises: DataError: the file is absent or is not xz."""
    try:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            yield from lines
    except (OSError, lzma.LZMAError, EOFError) as error:
        raise DataError(f"{path}: expected an xz-compressed JSON Lines file: {error}") from error


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of one split.

    Raises: DataError: the file is absent, is not xz, or a line is not JSON.
    """
    for number, line in enumerate(read_lines(path), start=1):
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{path}, line {number}: expected JSON, found {line[:40]!r}") from error


def bare(text: str) -> str:
    """Return the letters and digits of a text, folded, by which two spellings of one sentence are found equal."""
    return _NOT_WORD.sub("", fold(text))


def clean_definition(definition: str) -> dict[str, bool]:
    """Return the plain English meanings in one CC-CEDICT definition, each with whether it is a verb; none for references.

    `"to hit; to strike (with the hand)"` gives `hit` and `strike`; a place name comes alone and with its kind.
    """
    text = definition
    while _PARENTHESES.search(text):
        text = _PARENTHESES.sub(" ", text)
    text = _PINYIN.sub(" ", text)
    meanings: dict[str, bool] = {}
    for part in re.split(r"[;/]", text):
        own = _POINTER.split(part)[0]  # "the Communist Youth League, abbr. for 共产主义青年团"
        meaning = " ".join(_CHINESE.sub(" ", own).split()).strip(" ,.:-")
        verb = meaning.startswith("to ") and not meaning.startswith("to be ")
        meaning = _LEADING.sub("", meaning)
        kind_of_place = _PLACE.match(meaning)
        if kind_of_place:
            meanings[fold(kind_of_place[1])] = False
        if meaning and len(meaning.split()) <= 12:
            meanings[fold(meaning)] = verb
    return meanings


def pointed_at(definition: str) -> list[str]:
    """Return the simplified headwords that a cross-reference names: `"see 寧波市|宁波市[Ning2bo1 Shi4]"` gives `["宁波市"]`."""
    if not _POINTER.search(definition) or "CL:" in definition or "classifier" in definition:
        return []
    return [found.split("|")[-1] for found in re.findall(r"[\u3400-\u9fff|]+", definition)]


def read_senses(directory: Path) -> tuple[Sense, ...]:
    """Read CC-CEDICT: senses in dictionary order, without duplicates; a word that refers to another gets its senses, too."""
    meanings: dict[str, dict[str, bool]] = {}
    pointers: dict[str, list[str]] = {}
    for record in read_records(directory / "cc-cedict" / "cedict.jsonl.xz"):
        word = fold(record["simp"])
        if re.fullmatch(r"[\u3400-\u9fff]+", word):
            for definition in record["defs"]:
                meanings.setdefault(word, {}).update(clean_definition(definition))
                pointers.setdefault(word, []).extend(pointed_at(definition))
    own = {word: list(listed.items()) for word, listed in meanings.items()}
    for word, targets in pointers.items():
        for target in targets:
            if target != word:
                meanings[word].update(own.get(target, [])[:3])
    return tuple(
        Sense(word=word, definition=definition, rank=rank, verb=verb)
        for word, listed in meanings.items()
        for rank, (definition, verb) in enumerate(listed.items(), start=1)
    )


def read_translations(directory: Path) -> dict[str, tuple[Pair, ...]]:
    """Read the English-Chinese sentence pairs of each set, without the sentences of the LASER test set in both languages."""
    held_out: set[str] = set()
    for record in read_records(directory / "laser-tatoeba-test" / "cmn-eng.jsonl.xz"):
        held_out.update((bare(record["en"]), bare(record["zh"])))
    sets = {
        "tatoeba-cmn": ["pairs"],
        "3am-captions-en-zh": ["train", "val", "test"],
        "python-docs-en-zh": ["pairs"],
    }
    result = {}
    for name, splits in sets.items():
        pairs: dict[Pair, None] = {}
        for split in splits:
            for record in read_records(directory / name / f"{split}.jsonl.xz"):
                if bare(record["en"]) in held_out or bare(record["zh"]) in held_out:
                    continue
                english, chinese = fold(record["en"])[:600], fold(record["zh"])[:PASSAGE_CHARACTERS]
                if re.search(r"[\u3400-\u9fff]", chinese) and re.search(r"[a-z]", english):
                    pairs[english, chinese] = None
        result[name] = tuple(pairs)
    return result


def sentences(text: str, *, shortest: int = 10) -> list[str]:
    """Return the Chinese sentences that have at least `shortest` characters."""
    return [s.strip() for s in _SENTENCE_END.split(text) if len(s.strip()) >= shortest]


def read_retrieval(directory: Path, *, seed: int) -> dict[str, tuple[Pair, ...]]:
    """Read the pairs of each task: a Chinese text that is like a query, and the passage that it belongs to."""
    draw = random.Random(seed)
    result: dict[str, list[Pair]] = {
        "cmrc-question": [],
        "cmrc-answer": [],
        "cmrc-sentence": [],
        "news-title": [],
        "news-sentence": [],
        "csl-title": [],
        "csl-keywords": [],
        "law-sentence": [],
        "law-title": [],
        "service-name": [],
    }

    def add_sentence(task: str, passage: str) -> None:
        """Add an inverse cloze pair: a sentence as the query of its passage, from which it is removed nine times out of ten."""
        parts = sentences(passage)
        if len(parts) >= 3:
            chosen = draw.choice(parts)
            rest = passage if draw.random() < 0.1 else passage.replace(chosen, "", 1)
            result[task].append((chosen[:120], rest[:PASSAGE_CHARACTERS]))

    for split in ("train", "trial"):
        for record in read_records(directory / "cmrc2018" / f"{split}.jsonl.xz"):
            for paragraph in record["paragraphs"]:
                context = fold(paragraph["context"])
                for question in paragraph["qas"]:
                    # A window at a random position around the answer, so that training sees several parts of a passage.
                    start = max(
                        0,
                        min(
                            question["answers"][0]["start"] - draw.randrange(PASSAGE_CHARACTERS // 2),
                            len(context) - PASSAGE_CHARACTERS,
                        ),
                    )
                    passage = context[start : start + PASSAGE_CHARACTERS]
                    result["cmrc-question"].append((fold(question["question"]), passage))
                    answered = _around(paragraph["context"], question["answers"][0]["start"])
                    if answered:
                        result["cmrc-answer"].append((fold(question["question"]), fold(answered)[:PASSAGE_CHARACTERS]))
                for _ in range(3):
                    add_sentence("cmrc-sentence", context)
    for written in read_written():
        for question in written["questions"]:
            task = f"written-{question['lang']}"
            result.setdefault(task, []).append((fold(question["text"]), fold(written["passage"])))
            result.setdefault(f"{task}-answer", []).append((fold(question["text"]), fold("".join(question["evidence"]))))
    titles: dict[str, int] = {}
    news = list(read_records(directory / "xinwen-lianbo" / "news.jsonl.xz"))
    for record in news:
        titles[record["title"]] = titles.get(record["title"], 0) + 1
    for record in news:
        body = fold(record["text"])
        if titles[record["title"]] == 1 and len(body) > 60:
            title = re.sub(r"^【[^】]*】", "", fold(record["title"]))
            result["news-title"].append((title, body[:PASSAGE_CHARACTERS]))
            add_sentence("news-sentence", body[: 2 * PASSAGE_CHARACTERS])
    for split in ("dev", "test"):
        for record in read_records(directory / "csl" / f"{split}.jsonl.xz"):
            abstract = fold(record["abstract"])[:PASSAGE_CHARACTERS]
            result["csl-title"].append((fold(record["title"]), abstract))
            result["csl-keywords"].append((fold(" ".join(record["keywords"])), abstract))
    articles: dict[str, str] = {}
    for record in read_records(directory / "cn-laws" / "laws.jsonl.xz"):
        for article in _ARTICLE.split(fold(record["text"]))[1:]:
            body = re.sub(r"\s*#.*", "", article, flags=re.DOTALL).strip()
            if len(body) > 60:
                articles.setdefault(body[:PASSAGE_CHARACTERS], fold(record["title"]))
    for body, title in draw.sample(sorted(articles.items()), min(LAW_ARTICLES, len(articles))):
        add_sentence("law-sentence", body)
        if draw.random() < 0.2:
            result["law-title"].append((title, body))
    for record in read_records(directory / "gd-gov-service-guide" / "matters.jsonl.xz"):
        if len(record.get("accept_standard", "")) > 30:
            result["service-name"].append((fold(record["matter_name"]), fold(record["accept_standard"])[:PASSAGE_CHARACTERS]))
    return {name: tuple(pairs) for name, pairs in result.items()}


def _around(text: str, offset: int) -> str:
    """Return the sentence around an offset of the text; "" if the offset lies outside the text (a set may give -1)."""
    end = 0
    for sentence in _SENTENCE_END.split(text):
        end += len(sentence)
        if 0 <= offset < end:
            return sentence.strip()
    return ""


def read_written(*, held_out: bool = False) -> list[dict[str, Any]]:
    """Read our own passages and questions (questions/*.jsonl): those for training, or the eighth of them that is held out."""
    files = [path.read_text(encoding="utf-8") for path in sorted(WRITTEN.glob("*.jsonl"))]
    records = [json.loads(line) for file in files for line in file.splitlines()]
    return [record for record in records if (int(record["id"][-3:]) % HELD_OUT == 0) == held_out]


def read_words(senses: Sequence[Sense]) -> dict[str, tuple[Pair, ...]]:
    """Return pairs of words with one meaning: of one definition in the dictionary, or of one line of our thesaurus."""
    defined: dict[str, dict[str, None]] = {}
    for sense in senses:
        if sense.rank <= 2 and len(sense.word) >= 2:
            defined.setdefault(sense.definition, {})[sense.word] = None
    alike = [pair for words in defined.values() if len(words) <= MOST_ALIKE for pair in combinations(words, 2)]
    entries = [
        (fold(term), fold(official))
        for entry in read_entries()
        for term in (*entry.everyday, *entry.english)
        for official in entry.official[:2]
        if fold(term) != fold(official)
    ]
    return {"synonyms": tuple(alike), "thesaurus": tuple(entries)}


def read_texts(directory: Path, *, seed: int) -> Texts:
    """Read all texts that training may use.

    Raises: DataError: a set is absent or damaged.
    """
    senses = read_senses(directory)
    return Texts(
        senses=senses,
        words=read_words(senses),
        translations=read_translations(directory),
        retrieval=read_retrieval(directory, seed=seed),
    )
