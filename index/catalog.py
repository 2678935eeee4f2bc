"""The facts of a library that do not depend on a query: computed once for each generation of the index."""

import datetime
import functools
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.document import Article, Bulletin, DocumentKind, Masthead, Passage, Region, RegionStretch, Span
from corpus.regions.gazetteer import Gazetteer
from corpus.text.normalize import fold
from index.filters import Filters, Period
from index.query.phonetics import PhoneticIndex
from index.query.tokenizer import Tokenizer

_MOSTLY = 2 / 3  # share of what an article tells of other regions than its own
_T = TypeVar("_T", bound=Hashable)

_SHORT_KEY = 12  # hexadecimal digits of a SHA-256: an address of fewer digits than all is looked up by so many


class Catalog:
    """The contents of a library: bulletins, articles and passages, their regions, years and series, and its words."""

    def __init__(
        self,
        passages: Sequence[Passage],
        *,
        gazetteer: Gazetteer,
        tokenizer: Tokenizer,
        load_vocabulary: Callable[[], Mapping[str, int]],
        replaced: Collection[Article] = (),
    ) -> None:
        """Collect the facts that every question needs; the others are computed on first use.

        Args: load_vocabulary: returns each term of the index with the number of passages it is in; replaced: articles that
            can be read but are not searched, since another document has them, too, or corrects them.
        """
        self.passages = tuple(passages)
        self.gazetteer = gazetteer
        self.tokenizer = tokenizer
        self.articles: tuple[Article, ...] = tuple(dict.fromkeys(passage.article for passage in self.passages))
        self.bulletins: tuple[Bulletin, ...] = tuple(dict.fromkeys(passage.bulletin for passage in self.passages))
        self._is_searched = np.array([passage.article not in replaced for passage in self.passages], np.bool_)
        self._load_vocabulary = load_vocabulary
        self._known_regions: dict[Region, bool] = {}
        self._told_mostly: dict[Region, frozenset[Article]] = {}  # `_mostly_about`
        self._known_texts: dict[str, bool] = {}
        self._numbers = {passage.passage_id: number for number, passage in enumerate(self.passages)}
        self._bulletin_of = _positions([passage.bulletin for passage in self.passages], self.bulletins)

    def number_of(self, passage: Passage) -> int:
        """Return the number of a passage in the index, from 0. Raises: KeyError: it is not in this library."""
        return self._numbers[passage.passage_id]

    @functools.cached_property
    def vocabulary(self) -> Mapping[str, int]:
        """Return the terms of the index, words and character bigrams, with the number of passages that have each."""
        return self._load_vocabulary()

    @functools.cached_property
    def phonetic_index(self) -> PhoneticIndex:
        """Return the words of the library by their sound; built for the first unknown word, in 0.1 s for 150,000 terms."""
        return PhoneticIndex.of_vocabulary(self.vocabulary, is_word=lambda term: self.tokenizer.frequency(term) > 0)

    @functools.cached_property
    def series(self) -> Mapping[str, int]:
        """Return each series with the number of its bulletins; documents that belong to none are left out."""
        return Counter(bulletin.masthead.series for bulletin in self.bulletins if bulletin.masthead.series)

    @functools.cached_property
    def kinds(self) -> Mapping[DocumentKind, int]:
        """Return each kind of document with the number of documents, the most frequent first."""
        return dict(Counter(bulletin.kind for bulletin in self.bulletins).most_common())

    @functools.cached_property
    def publishers(self) -> tuple[tuple[str, str | None], ...]:
        """Return the different pairs of series and publisher; documents that belong to no series are left out."""
        mastheads = (bulletin.masthead for bulletin in self.bulletins)
        return tuple(dict.fromkeys((masthead.series, masthead.publisher) for masthead in mastheads if masthead.series))

    @functools.cached_property
    def years(self) -> Mapping[int, int]:
        """Return each year with the number of its bulletins, ascending; bulletins without a year are left out."""
        return dict(sorted(Counter(bulletin.masthead.year for bulletin in self.bulletins if bulletin.masthead.year).items()))

    @functools.cached_property
    def newest_date(self) -> datetime.date | None:
        """Return the date of the newest document, or the first day of its year where only that is known; None without either."""
        return max((day for bulletin in self.bulletins if (day := bulletin.masthead.first_day)), default=None)

    @functools.cached_property
    def issues(self) -> frozenset[str]:
        """Return the issue numbers and names that occur (14, 增刊)."""
        return frozenset(bulletin.masthead.issue for bulletin in self.bulletins if bulletin.masthead.issue)

    @functools.cached_property
    def regions(self) -> Mapping[Region, int]:
        """Return each region that articles are about, with the number of these articles."""
        return Counter(article.region for article in self.articles if article.region is not None)

    @functools.cached_property
    def region_counts(self) -> Mapping[Region, int]:
        """Return each region of `regions` and those above it, with the number of articles about it or a region inside it."""
        counts: dict[Region, int] = {}
        for region, number in self.regions.items():
            for above in {Region(region.province), Region(region.province, region.city), region}:
                counts[above] = counts.get(above, 0) + number
        return counts

    @functools.cached_property
    def all_regions(self) -> tuple[Region, ...]:
        """Return every region that an article is about, is signed by or names."""
        regions = dict.fromkeys(self.regions)
        for article in self.articles:
            named = (article.signed_by, *article.also_regions, *(stretch.region for stretch in article.elsewhere))
            regions |= dict.fromkeys(region for region in named if region is not None)
        return tuple(regions)

    @functools.cached_property
    def told_regions(self) -> Mapping[Region, int]:
        """Return each region that articles or stretches of them tell of, with the number of these articles."""
        counts = Counter(self.regions)
        for article in self.articles:
            counts.update({stretch.region for stretch in article.elsewhere if stretch.is_subject} - {article.region})
        return counts

    @functools.cached_property
    def majority_province(self) -> Region | None:
        """Return the province of most regions of the library; an ambiguous name is looked for there first."""
        provinces = Counter(region.province for region in self.regions)
        return Region(provinces.most_common(1)[0][0]) if provinces else None

    def has_region(self, region: Region) -> bool:
        """Return whether an article, or a stretch of one, tells of a region or of one inside it."""
        if region not in self._known_regions:
            self._known_regions[region] = any(self.gazetteer.covers(region, present) for present in self._present_regions)
        return self._known_regions[region]

    @functools.cached_property
    def _present_regions(self) -> tuple[Region, ...]:
        """Return every region of which a passage passes the filter: the regions of articles, and those of their stretches."""
        signing = (article.signed_by for article in self.articles if article.signed_by is not None)
        return tuple(dict.fromkeys([*self.regions, *signing, *self._naming_columns[0]]))

    def contains_text(self, text: str) -> bool:
        """Return whether the text of a bulletin contains exactly these characters."""
        if text not in self._known_texts:
            self._known_texts[text] = any(text in bulletin.text for bulletin in self.bulletins)
        return self._known_texts[text]

    def bulletin(self, key: str) -> Bulletin | None:
        """Return the bulletin with this key, or the only one whose key begins so: two files may agree in their first digits."""
        found = [
            bulletin
            for bulletin in self._bulletins_by_short_key.get(key[:_SHORT_KEY], ())
            if self.key_of(bulletin).startswith(key)
        ]
        return found[0] if len({bulletin.source.sha256 for bulletin in found}) == 1 else None

    @staticmethod
    def key_of(bulletin: Bulletin) -> str:
        """Return the name of a bulletin in addresses: its file's SHA-256, so the file may move."""
        return bulletin.source.sha256

    @functools.cached_property
    def _bulletins_by_short_key(self) -> Mapping[str, Sequence[Bulletin]]:
        found: dict[str, list[Bulletin]] = {}
        for bulletin in self.bulletins:
            found.setdefault(self.key_of(bulletin)[:_SHORT_KEY], []).append(bulletin)
        return found

    def passages_of(self, article: Article) -> tuple[Passage, ...]:
        """Return the passages of an article, in order."""
        return self._passages_by_article.get(article, ())

    def passage_at(self, article: Article, span: Span) -> Passage | None:
        """Return the passage of an article that holds a stretch of its text whole; None if none does."""
        return next((passage for passage in self.passages_of(article) if passage.span.contains(span)), None)

    @functools.cached_property
    def _passages_by_article(self) -> Mapping[Article, tuple[Passage, ...]]:
        passages: dict[Article, list[Passage]] = {}
        for passage in self.passages:
            passages.setdefault(passage.article, []).append(passage)
        return {article: tuple(own) for article, own in passages.items()}

    def filter_mask(self, filters: Filters) -> NDArray[np.bool_]:
        """Return which passages pass the filters, shape (n_passages,)."""
        if not filters or not self.passages:
            return self._is_searched.copy()
        names = [fold(name) for name in filters.series]
        named = {series for series in self.series if any(name in fold(series) for name in names)}
        passing = np.array(
            [
                _in_time(masthead, filters)
                and (not filters.issues or masthead.issue in filters.issues)
                and (not filters.total_issues or masthead.total_issue in filters.total_issues)
                and (not names or masthead.series in named)
                for masthead in (bulletin.masthead for bulletin in self.bulletins)
            ],
            np.bool_,
        )
        mask: NDArray[np.bool_] = passing[self._bulletin_of] & self._is_searched
        if filters.regions:
            mask &= self._region_mask(filters.regions)
        if filters.excluded_regions:
            mask &= ~self._excluded_mask(filters.excluded_regions)
        return mask

    def count_matching(self, mask: NDArray[np.bool_]) -> tuple[int, int]:
        """Return the number of passages that a mask lets through, and of their bulletins."""
        if mask.all():
            return len(self.passages), len(self.bulletins)
        return int(mask.sum()), len(np.unique(self._bulletin_of[mask]))

    def names_region(self, passage: Passage, region: Region) -> bool:
        """Return whether the passage names `region` or one inside it, while its article is about another."""
        return any(self.gazetteer.covers(region, stretch.region) for stretch in passage.elsewhere)

    def is_about(self, passage: Passage, regions: Sequence[Region]) -> bool:
        """Return whether most of the passage tells of one of the regions or of one inside it."""
        told, article = passage.told_region(passage.span.trimmed(passage.bulletin.text)), passage.article
        own = (article.region, article.signed_by) if told is None else (told,)
        return any(self._covered(region, regions) for region in own)

    def passes(self, passage: Passage, span: Span, filters: Filters) -> bool:
        """Return whether a stretch of a passage of the mask is itself of the regions that the filters ask for.

        The mask lets a round-up through for one of its paragraphs, and an article of a district with a table of all districts.
        """
        stretches = [stretch for stretch in passage.elsewhere if stretch.span.overlaps(span)]
        if any(stretch.is_subject and self._covered(stretch.region, filters.excluded_regions) for stretch in stretches):
            return False
        told, article = passage.told_region(span), passage.article
        if told is None and self._covered(article.region, filters.excluded_regions):
            return False
        if not filters.regions:
            return True
        if told is None and any(self._covered(region, filters.regions) for region in (article.region, article.signed_by)):
            return True
        if told is None and any(article in self._mostly_about(region) for region in filters.regions):
            return True
        about = passage.region_of(span)
        return any(self._covered(stretch.region, filters.regions) for stretch in stretches if _tells(stretch, about))

    def _covered(self, region: Region | None, wanted: Sequence[Region]) -> bool:
        return region is not None and any(self.gazetteer.covers(wide, region) for wide in wanted)

    def _region_mask(self, wanted: tuple[Region, ...]) -> NDArray[np.bool_]:
        """Return which passages match a region: their article is about it or signed by it, or they tell of it or name it.

        Where no article is about it, all of one that tells mostly of it does: 彝良县 in an article on 昭通市.
        """
        pairs, pair_of_passage = self._region_pairs
        covered = [any(self._covered(region, wanted) for region in pair) for pair in pairs]
        inside: NDArray[np.bool_] = np.array(covered, np.bool_)[pair_of_passage]
        inside[self._telling(wanted)] = True
        for article in (article for region in wanted for article in self._mostly_about(region)):
            inside[[self.number_of(passage) for passage in self.passages_of(article)]] = True
        return inside

    def _telling(self, wanted: tuple[Region, ...]) -> NDArray[np.int64]:
        """Return the numbers of the passages that tell of a region, or name it, beside their article's."""
        regions, passages, region_of_naming = self._naming_columns
        return passages[np.array([self._covered(region, wanted) for region in regions], np.bool_)[region_of_naming]]

    def _mostly_about(self, region: Region) -> frozenset[Article]:
        """Return the articles that tell mostly of a region, where no article is about it."""
        if region not in self._told_mostly:
            is_told = any(self._covered(own, (region,)) for pair in self._region_pairs[0] for own in pair)
            telling = () if is_told else {self.passages[number].article for number in self._telling((region,))}
            self._told_mostly[region] = frozenset(article for article in telling if self._tells_mostly(article, region))
        return self._told_mostly[region]

    def _tells_mostly(self, article: Article, wanted: Region) -> bool:
        """Return whether what an article tells of other regions than its own is mostly of the one wanted, and no mere example.

        It names it several times, or tells of it and is itself about no region below a province.
        """
        told = [stretch for stretch in article.elsewhere if _tells(stretch, article.region)]
        of_wanted = [stretch for stretch in told if self._covered(stretch.region, (wanted,))]
        is_wide = article.region is None or article.region.city is None
        is_example = len(of_wanted) < 2 and not (is_wide and any(stretch.is_subject for stretch in of_wanted))
        length, total = (sum(len(stretch.span) for stretch in stretches) for stretches in (of_wanted, told))
        return not is_example and length >= _MOSTLY * total

    def _excluded_mask(self, excluded: tuple[Region, ...]) -> NDArray[np.bool_]:
        """Return which passages are about the regions excluded and no other."""
        pairs, pair_of_passage = self._region_pairs
        own = np.array([self._covered(region, excluded) for region, _ in pairs], np.bool_)[pair_of_passage]
        regions, passages, region_of_naming = self._naming_columns
        covered = np.array([self._covered(region, excluded) for region in regions], np.bool_)
        doubtful = set(np.flatnonzero(own).tolist()) & set(passages.tolist()) | set(passages[covered[region_of_naming]].tolist())
        for number in doubtful:
            passage = self.passages[number]
            told = passage.told_region(passage.span.trimmed(passage.bulletin.text))
            own[number] = self._covered(told or passage.article.region, excluded)
        return own

    @functools.cached_property
    def _region_pairs(self) -> tuple[tuple[tuple[Region | None, Region | None], ...], NDArray[np.int64]]:
        """Return the different pairs (region, signing region) of articles, and for each passage the number of its pair."""
        pairs = [(passage.article.region, passage.article.signed_by) for passage in self.passages]
        distinct = tuple(dict.fromkeys(pairs))
        return distinct, _positions(pairs, distinct)

    @functools.cached_property
    def _naming_columns(self) -> tuple[tuple[Region, ...], NDArray[np.int64], NDArray[np.int64]]:
        """Return the regions that passages tell of beside their article's, and parallel arrays of passage and region numbers."""
        numbers: dict[Region, int] = {}
        pairs = [
            (number, numbers.setdefault(region, len(numbers)))
            for number, passage in enumerate(self.passages)
            for region in dict.fromkeys(
                stretch.region for stretch in passage.elsewhere if _tells(stretch, passage.article.region)
            )
        ]
        passages, region_of_naming = np.array(pairs, np.int64).reshape(-1, 2).T
        return tuple(numbers), passages, region_of_naming


def _tells(stretch: RegionStretch, about: Region | None) -> bool:
    """Return whether a stretch, in a text about a region, tells of its own: what names a neighbour only is no news of that."""
    return stretch.is_subject or about is None or about.contains(stretch.region)


def _positions(values: Sequence[_T], distinct: Sequence[_T]) -> NDArray[np.int64]:
    """Return the position of each value among the distinct ones, shape (len(values),)."""
    position = {value: i for i, value in enumerate(distinct)}
    return np.array([position[value] for value in values], np.int64)


def _period_of(masthead: Masthead) -> Period | None:
    """Return the day of a document, or its year where only that is known; None without either."""
    if masthead.issue_date is not None:
        return Period(masthead.issue_date, masthead.issue_date)
    if masthead.year is not None:
        return Period(datetime.date(masthead.year, 1, 1), datetime.date(masthead.year, 12, 31))
    return None


def _in_time(masthead: Masthead, filters: Filters) -> bool:
    """Return whether a document is of one of the years, or within one of the periods; so is any where time does not limit."""
    if not filters.years and not filters.periods:
        return True
    own = _period_of(masthead)
    return masthead.year in filters.years or (own is not None and any(period.contains(own) for period in filters.periods))
