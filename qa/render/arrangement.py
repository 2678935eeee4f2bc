"""In which order the quotes of an answer are shown, under which headings, with which numbers: the same in every form."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.language import Language, plural, tr
from qa.answer import Answer
from qa.render.references import Style, gbt7714

RELATED = 3  # passages shown where there is no answer
_BY_REGION = frozenset({"howto", "list"})  # kinds of question that many regions may answer side by side


@dataclass(frozen=True, slots=True)
class Group:
    """Quotes under one heading, a region, or under none. `places` are places in `Answer.quotes`."""

    heading: str | None
    places: tuple[int, ...]


def groups(answer: Answer) -> tuple[Group, ...]:
    """The quotes outside the table: measures by region, regions by their first quote; everything else in one group."""
    tabled = set(_tabled(answer))
    places = [place for place in range(len(answer.quotes)) if place not in tabled]
    if answer.kind not in _BY_REGION:
        return (Group(None, tuple(places)),) if places else ()
    regions: dict[str, list[int]] = {}
    for place in places:
        region = answer.quotes[place].citation.region or tr("地区不详", "region unknown", answer.language)
        regions.setdefault(region, []).append(place)
    return tuple(Group(region, tuple(found)) for region, found in regions.items())


def sources(answer: Answer) -> tuple[str, ...]:
    """The references after GB/T 7714, each once, in the order in which they are first cited."""
    return tuple(dict.fromkeys(gbt7714(answer.quotes[place].passage) for place in _order(answer)))


def numbers(answer: Answer, style: Style | None) -> Mapping[int, int]:
    """The number that each quote bears, by its place: that of its reference in `sources` after GB/T 7714, else its own."""
    if style != "gbt7714":
        return {place: number for number, place in enumerate(_order(answer), 1)}
    listed = sources(answer)
    return {place: listed.index(gbt7714(answer.quotes[place].passage)) + 1 for place in _order(answer)}


def searched(answer: Answer) -> str:
    """How much was searched, in a sentence."""
    return tr(
        f"检索了 {answer.searched_bulletins} 期简报的 {answer.searched_passages} 段。",
        f"Searched {plural(answer.searched_passages, 'passage')} in {plural(answer.searched_bulletins, 'bulletin')}.",
        answer.language,
    )


def understood(answer: Answer) -> str | None:
    """What the question was taken to mean and is limited to, in a line; None where there is nothing to tell."""
    if answer.asked is None:
        return None
    parts = [answer.asked.understood, *(chip.label for chip in answer.asked.chips)]
    told = [" ".join(part.split()) for part in parts if part]
    return tr("｜", " | ", answer.language).join([tr("理解为", "Understood as", answer.language), *told]) if told else None


def related(language: Language) -> str:
    """The heading of passages that are shown where there is no answer."""
    return tr("相关，但不是答案：", "Related, but not an answer:", language)


def _order(answer: Answer) -> tuple[int, ...]:
    return tuple(dict.fromkeys([*_tabled(answer), *(place for group in groups(answer) for place in group.places)]))


def _tabled(answer: Answer) -> list[int]:
    return [cell for row in (answer.table.rows if answer.table else ()) for cell in row.cells if cell is not None]
