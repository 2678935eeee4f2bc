"""What is no question: a text without a word of any language, or with nothing but words of asking; and why, in words."""

import re

from corpus.messages.language import tr
from index.catalog import Catalog
from index.query.stemmer import STOP_WORDS
from index.query.translation import load_translations
from qa.question.question import Question

# Code that reads like words: ' OR 1=1 --, SELECT * FROM users, <script>.
_CODE = re.compile(
    r"\bor\s{1,3}['\"]?\w{1,9}['\"]?\s?=|\bselect\s{1,3}\*|\bdrop\s{1,3}table\b|\bunion\s{1,3}(?:all\s)?select\b|;\s?--"
    r"|</?[a-z]{1,10}[\s>]",
    re.I,
)
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’]+")
_SAYS_NOTHING = frozenset("的了着过吗呢吧啊呀哦嗯呃哈嘿喂噢唉么哒嘛啦哎诶欸")


def unasked_reason(question: Question, catalog: Catalog) -> str | None:
    """Return why a text is no question: it holds no word of any language, or nothing but words of asking; None if it is one."""
    if _has_chinese_word(question.text, catalog):
        return None
    names_place = question.filters and _LATIN.search(question.text)  # Jinzhu? is a word of no dictionary
    if _CODE.search(question.text) or not (names_place or _has_latin_word(question.text, catalog)):
        return tr(
            "没有读出问题：里面没有一个认得的词，请用一句话写下要问的事",
            "No question was found in this: it holds no word that is known. Put it in a sentence",
        )
    return None


def _has_chinese_word(text: str, catalog: Catalog) -> bool:
    return any(_is_word(word, catalog) for word in catalog.tokenizer.words(text) if not word.isascii())


def _has_latin_word(text: str, catalog: Catalog) -> bool:
    """Return whether a text holds an English word, or a word of the library in Latin letters."""
    latin = _LATIN.findall(text)
    groups = load_translations().synonym_groups(" ".join(latin)) if latin else ()
    return any(len(group.senses) > 1 for group in groups) or any(
        word.lower() in STOP_WORDS or word.lower() in catalog.vocabulary for word in latin
    )


def _is_word(word: str, catalog: Catalog) -> bool:
    if set(word) <= _SAYS_NOTHING or (len(word) > 2 and len(set(word)) == 1):
        return False
    return word in catalog.vocabulary or (len(word) > 1 and catalog.tokenizer.frequency(word) > 0)


def no_topic_reason(question: Question) -> str | None:
    """Return that a question names nothing to search for, and that none before it does; None if it names something."""
    if question.topic or question.filters or question.chips:
        return None
    return tr(
        "没有读出要问的事：这句话只有提问的词，前面也没有可以接着问的问题",
        "This names nothing to look for, and no question before it does",
        question.language,
    )
