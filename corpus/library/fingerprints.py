"""Fingerprints: what a document and its articles are compared by, small enough to be kept of every file."""

import hashlib
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from corpus.document import Article, Bulletin
from corpus.text.normalize import fold, letters

_SHINGLE = 5  # characters
_BUCKETS = 128
_BANDS = 32  # of four buckets each: two texts of similarity 0.7 agree in none of them with a chance of (1 - 0.7^4)^32 = 0.0002
_HASH_BITS = 15  # kept of the smallest hash of a bucket: others agree by chance once in 32,768 times
_EMPTY = np.uint16(0xFFFF)  # of a bucket that no hash fell into
_FNV_PRIME = 0x100000001B3  # multiplies the rolling hash of a shingle
_BEGINNING = 12  # characters

# Numbers, in digits and in Chinese, their signs, negations, and words for more and less: where one differs, two texts say
# different things.
_FIGURES = re.compile(
    r"(?:(?<=[\u4e00-\u9fff])-)?[0-9]+(?:\.[0-9]+)*|[〇零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟廿卅半]+|[%‰]"
    r"|[不没未无非勿莫否禁免毋弗拒停废撤]|取消|暂缓|[增减升降涨跌]|[超低高]于|以[上下]"
)
_WRAP = re.compile(r"(?<=[\u4e00-\u9fff〇])\s+(?=[\u4e00-\u9fff〇])")  # inside 四十六, where a line ends
_CORRECTION = re.compile(r"更正|勘误|订正")
_CORRECTED_BELOW = re.compile(r"(?:现|予以|特此)(?:更正|订正)|(?:更正|勘误|订正)(?:如下|说明|启事)")
_SENTENCE_END = re.compile(r"[。！？!?；;]")
_SENTENCE_HASH = 16  # bytes: no two sentences of all libraries agree by chance, nor by anyone's effort
_MARK_BITS = 1024  # of the set of a text's sentences
_CORRECTED_TITLE = re.compile(r"^[^《]*+《(.+)》.{0,8}(?:更正|勘误|订正)")
# What marks a title as that of a correction stands apart from its words: 北苑区推行户籍更正 is none.
_MARK = "(?:更正|勘误|订正)(?:稿|版|启事|说明)?"
_TITLE_MARK = re.compile(
    rf"[（(【\[]{_MARK}[）)】\]][：:]?|^{_MARK}[：:\s]++|(?<!\s)\s++{_MARK}$|^{_MARK}$|(?:更正|勘误|订正)(?:稿|版|启事)$"
)
_OPENING = 100  # characters in which an article says that it is a correction

_Sketch = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class ArticleFingerprint:
    """What identifies an article, or a whole text: the hash of its letters, a MinHash sketch of them, their number, its figures.

    `sentences` are the hashes of its sentences, one after the other, by which an excerpt is known. `title` is its letters without
    marks of a correction, `beginning` the first letters below it, `region` the path of its region.
    """

    title: str
    beginning: str
    text: str
    sketch: bytes
    length: int
    figures: tuple[str, ...]
    region: str | None
    is_correction: bool
    sentences: bytes = b""

    def quotes(self, longer: "ArticleFingerprint") -> bool:
        """Return whether all sentences but the last, which may be cut off, stand in a longer text in the same order, unbroken."""
        whole = self.sentences[:-_SENTENCE_HASH]
        at = longer.sentences.find(whole)
        while at % _SENTENCE_HASH and at >= 0:
            at = longer.sentences.find(whole, at + 1)
        return at >= 0


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies a document: its text, its articles, fields of its masthead; `publisher` is the path of its region."""

    whole: ArticleFingerprint
    articles: tuple[ArticleFingerprint, ...]
    series: str
    issue: str | None
    total_issue: str | None
    year: int | None
    date: str | None
    publisher: str = ""
    is_correction: bool = False  # of the issue as a whole


def fingerprint(bulletin: Bulletin) -> Fingerprint:
    """Make the fingerprint of a document as it was parsed, without a user's corrections."""
    masthead = bulletin.masthead
    regions = sorted({article.region.path for article in bulletin.articles if article.region})
    name = PurePosixPath(bulletin.source.document).stem
    # Not the contents, which may name a correction among other articles.
    head = "".join(zone.span.of(bulletin.text) for zone in bulletin.zones if zone.kind == "masthead")
    is_correction = bool(_CORRECTION.search(head) or _CORRECTION.search(name))
    return Fingerprint(
        whole=_of_text("", bulletin.text, region=" ".join(regions), is_correction=is_correction),
        articles=tuple(_of_article(article, bulletin, is_correction=is_correction) for article in bulletin.articles),
        series=letters(masthead.series),
        issue=masthead.issue,
        total_issue=masthead.total_issue,
        year=masthead.year,
        date=masthead.issue_date.isoformat() if masthead.issue_date else None,
        publisher=bulletin.publisher_region.path if bulletin.publisher_region else "",
        is_correction=is_correction,
    )


def find_figures(text: str) -> tuple[str, ...]:
    """Return the numbers, negations and words for more and less of a text, in order."""
    return tuple(_FIGURES.findall(_WRAP.sub("", fold(text))))


def similarity(left: ArticleFingerprint, right: ArticleFingerprint) -> float:
    """Estimate which share of the shingles of two texts they have in common (Jaccard)."""
    one, other = _load(left), _load(right)
    filled = (one != _EMPTY) | (other != _EMPTY)
    return float(((one == other) & filled).sum() / max(1, filled.sum()))


def load_sketches(articles: Sequence[ArticleFingerprint]) -> _Sketch:
    """Return the sketches of texts, shape (n_articles, 128); 0xFFFF stands for a bucket that nothing fell into."""
    return np.frombuffer(b"".join(article.sketch for article in articles), np.uint16).reshape(len(articles), _BUCKETS)


def sentence_marks(article: ArticleFingerprint) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return a set of bits for a text's sentences, and one for all of them but the last, each of shape (16,).

    Where a text quotes another (`ArticleFingerprint.quotes`), it has all bits of the other's second set. Source: Bloom 1970.
    """
    hashes = np.frombuffer(article.sentences, np.uint64)[:: _SENTENCE_HASH // 8] % np.uint64(_MARK_BITS)
    sets = np.zeros((2, _MARK_BITS), np.bool_)
    sets[0, hashes], sets[1, hashes[:-1]] = True, True
    whole, cut = np.packbits(sets, axis=1).view(np.uint64)
    return whole, cut


def sketch_bands(article: ArticleFingerprint) -> list[Hashable]:
    """Return keys of which two similar texts have at least one in common. Source: Indyk & Motwani 1998."""
    width = len(article.sketch) // _BANDS
    empty = _EMPTY.tobytes() * (width // _EMPTY.itemsize)
    bands = ((number, article.sketch[number * width : (number + 1) * width]) for number in range(_BANDS))
    return [band for band in bands if band[1] != empty]


def _of_article(article: Article, bulletin: Bulletin, *, is_correction: bool) -> ArticleFingerprint:
    body = article.span.of(bulletin.text)
    named = _CORRECTED_TITLE.search(article.title)
    title = named[1] if named else _TITLE_MARK.sub("", article.title)
    start = article.sections[0].span.start if article.sections else article.span.start
    marked = (
        named
        or _TITLE_MARK.search(article.title)
        or _CORRECTED_BELOW.search(bulletin.text[start : min(start + _OPENING, article.span.end)])
    )
    return _of_text(
        title,
        bulletin.text[start : article.span.end] or body,
        region=article.region.path if article.region else None,
        is_correction=is_correction or marked is not None,
    )


def _of_text(title: str, text: str, *, region: str | None, is_correction: bool) -> ArticleFingerprint:
    plain = letters(text)
    return ArticleFingerprint(
        title=letters(title),
        beginning=plain[:_BEGINNING],
        text=hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest(),
        sketch=_sketch(plain).tobytes(),
        length=len(plain),
        figures=find_figures(text),
        region=region,
        is_correction=is_correction,
        sentences=b"".join(map(_hash_sentence, filter(None, map(letters, _SENTENCE_END.split(text))))),
    )


def _hash_sentence(letters: str) -> bytes:
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).digest()[:_SENTENCE_HASH]


def _load(article: ArticleFingerprint) -> _Sketch:
    return np.frombuffer(article.sketch, np.uint16)


def _sketch(letters: str) -> _Sketch:
    """Return the smallest hash in each of 128 buckets of the hashes of a text's shingles, shape (128,).

    Source: Li, Owen & Zhang 2012 (one permutation hashing), b-bit: Li & König 2010.
    """
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    smallest = np.full(_BUCKETS, 0xFFFFFFFF, np.uint32)
    if len(codes) >= _SHINGLE:
        hashes = np.zeros(len(codes) - _SHINGLE + 1, np.uint64)
        for i in range(_SHINGLE):
            hashes = hashes * np.uint64(_FNV_PRIME) + codes[i : i + len(hashes)]
        # A finaliser, so that the high bits, which choose the bucket, depend on every character. Source: Steele et al. 2014.
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
        hashes ^= hashes >> np.uint64(31)
        np.minimum.at(smallest, (hashes >> np.uint64(57)).astype(np.intp), (hashes & np.uint64(0xFFFFFFFE)).astype(np.uint32))
    low = (smallest >> np.uint32(1) & np.uint32((1 << _HASH_BITS) - 1)).astype(np.uint16)
    return np.where(smallest == np.uint32(0xFFFFFFFF), _EMPTY, low)
