"""The stretches of an article that tell of another region than its own: rows, items, paragraphs, sentences and clauses.

Round-ups are made of them (各地做法, 进展通报): the city's article has a paragraph on each district, or a table with
a row for each. What a stretch tells of is what it names at its head; how far that reaches is told by the layout.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.document import Region, RegionStretch, Section, Span
from corpus.regions.gazetteer import Gazetteer
from corpus.regions.naming import Naming, find_namings
from corpus.text.enumeration import HEADING, POINT, SUBHEADING
from corpus.text.sentences import LINE_ENDS, split_sentences

# A line that is a name, or opens with one that is set off: 北苑区, 【北苑区】…, （一）团北苑区委：…
_NAME_LINE = re.compile(
    r"\s*+(?:(?P<bracket>【[^】]{2,20}】)|(?P<colon>[^：:，。；、“”\s]{2,20})[：:]|(?P<alone>[^：:，。；“”\t]{2,16}?)\s*+$)"
)
_AROUND_NAME = re.compile(
    r"^(?:中共|中国)?(?:共青团|团)?|(?:团?工?委|团?[县市区州旗盟]委|委员会|(?:人民)?政府|[\u4e00-\u9fff]{2}局|总工会|妇联)$|[【】\s*#]"
)
_LINE = re.compile(rf"[^{LINE_ENDS}]+")
_MARK = re.compile("|".join(pattern.pattern for pattern in (HEADING, SUBHEADING, POINT)))
# A sentence that speaks of the whole again, after one on a part of it: 全市已有夜校八十所。
_WHOLE = re.compile("全[国省市州县区]|各[地市县区]|[我本][省市州县区]|此外|下一步")
_OPENING = 20  # characters that a paragraph may have before the region that all of it is about: 为破解停车难，北苑区…
_NAME_CELLS = 2  # the columns in which the name of a row may stand: the first, or the second after a running number


def find_stretches(
    text: str,
    sections: Sequence[Section],
    gazetteer: Gazetteer,
    *,
    region: Region | None,
    within: Region | None,
    year: int | None,
) -> tuple[RegionStretch, ...]:
    """Return what the sections of an article tell of other regions than its own, in order.

    Args:
        text: in simplified script, whose characters the spans of the sections count.
        region: the article's own. It and what it lies in are no other region.
        within: a region nearby, whose places are meant where several bear one name.
    """
    reader = _Reader(text, gazetteer, region, within if within is not None else region, year)
    reader.see_layout(sections)
    for section in sections:
        reader.read_section(section)
    return tuple(sorted(dict.fromkeys(reader.found), key=lambda stretch: stretch.span))


class _SetOff(NamedTuple):
    """A region that a line sets off; `is_inline` where what it tells stands on the same line."""

    region: Region | None
    is_inline: bool


@dataclass(slots=True)
class _Reader:
    """The state of reading an article from top to bottom."""

    text: str
    gazetteer: Gazetteer
    own: Region | None
    within: Region | None
    year: int | None
    found: list[RegionStretch] = field(default_factory=list)
    set_off: dict[int, _SetOff] = field(default_factory=dict)  # what each line sets off, by where it begins
    of_heading: Region | None = None  # what the heading names, up to the next heading
    of_item: Region | None = None  # what the last name that was set off names, up to the next one
    of_row: Region | None = None  # what the row above is about
    cells: int = 0  # of the last row that had all
    items_go_on: bool = False  # whether items have further paragraphs without a name

    def see_layout(self, sections: Sequence[Section]) -> None:
        """Find out whether paragraphs without a name stand between items that have one on their line (北苑区：开课九次。).

        Only then does what stands below the last item belong to it, too, and is no closing word.
        """
        item_above = nameless_above = False
        for match in (match for section in sections for match in self._lines(section)):
            self.set_off[match.start()] = self._set_off(match[0])
            if self.set_off[match.start()].is_inline:
                self.items_go_on |= nameless_above
                item_above, nameless_above = True, False
            elif not _enumeration(match[0].strip()):
                nameless_above = item_above

    def read_section(self, section: Section) -> None:
        """Read a section line by line."""
        self.of_heading = self._reaching(self._set_off(section.heading))
        self.of_item = self.of_row = None
        for match in self._lines(section):
            span = Span(match.start(), match.end())
            if "\t" in match[0].strip() or (match[0].startswith("\t") and self.of_row is not None):
                self._read_row(span)
            else:
                self.of_row, self.cells = None, 0
                self._read_paragraph(span)

    def _read_row(self, row: Span) -> None:
        """Read a row of a table. One whose first cell is empty or missing goes on with the row above: the cell spans both."""
        cells = row.of(self.text).split("\t")
        named = next(filter(None, map(self._resolve, cells[:_NAME_CELLS])), None)
        if named is None and (not cells[0].strip() or len(cells) < self.cells):
            named = self.of_row
        else:
            self.cells = len(cells)
        self.of_row = named
        self._add(row, named)
        self._add_named(row, [naming for naming in self._namings(row) if naming.region != named])

    def _read_paragraph(self, paragraph: Span) -> None:
        written = paragraph.of(self.text).strip()
        set_off = self.set_off[paragraph.start]
        if set_off.region is not None:
            self.of_item = self._reaching(set_off)
        elif _enumeration(written):
            self.of_item = None  # the next item, of nobody
        elif _WHOLE.search(written, 0, _OPENING):
            self.of_item = self.of_heading = None  # a closing word on all of them
        about = set_off.region or self.of_item or self.of_heading
        for sentence in split_sentences(self.text, paragraph):
            about = self._read_sentence(sentence.trimmed(self.text), about, opens=sentence.start == paragraph.start)

    def _read_sentence(self, sentence: Span, about: Region | None, *, opens: bool) -> Region | None:
        """Read a sentence of a paragraph that has so far been about a region. Return what it is about after it.

        A region at the head of a clause has the sentence from there to the next such region; at the head of the paragraph,
        all of it.
        """
        namings = list(self._namings(sentence))
        heads = [naming for naming in namings if naming.role == "head"]
        if _WHOLE.match(self.text, sentence.start):
            about = self.of_item or self.of_heading
        self._add(Span(sentence.start, heads[0].start if heads else sentence.end), about)
        end = sentence.end
        for head, following in zip(reversed(heads), [None, *reversed(heads)], strict=False):
            # 锦渚区、北苑区率先试点: what follows is of both.
            if following is not None and self.text[head.end : following.start].strip("、和与及以"):
                end = following.start
            self._add(Span(head.start, end), head.region)
        told = {about, *(head.region for head in heads)}
        self._add_named(sentence, [naming for naming in namings if naming.region not in told])
        if not opens or not heads or len(before := Span(sentence.start, heads[0].start)) > _OPENING:
            return about
        governs = len({head.region for head in heads}) == 1 and not _WHOLE.search(before.of(self.text))
        return heads[0].region if governs else about

    def _namings(self, span: Span) -> Iterator[Naming]:
        """Yield the places that a stretch names, with offsets into the text."""
        for naming in find_namings(span.of(self.text), self.gazetteer, within=self.within, year=self.year):
            yield naming._replace(start=span.start + naming.start, end=span.start + naming.end)

    def _lines(self, section: Section) -> Iterator[re.Match[str]]:
        """Yield the lines of a section that are not blank."""
        return (match for match in _LINE.finditer(self.text, section.span.start, section.span.end) if match[0].strip())

    def _set_off(self, line: str) -> _SetOff:
        """Return the region that a line sets off at its head."""
        line = line.strip()
        match = _NAME_LINE.match(line, len(_enumeration(line)))
        region = self._resolve(match["bracket"] or match["colon"] or match["alone"]) if match else None
        return _SetOff(region, is_inline=region is not None and match is not None and match.end() < len(line))

    def _reaching(self, set_off: _SetOff) -> Region | None:
        """Return the region of a name that is set off, if the lines below its own are about it, too."""
        return None if set_off.is_inline and not self.items_go_on else set_off.region

    def _resolve(self, name: str) -> Region | None:
        """Return the region that a cell or a name that is set off means; a short name only inside the region nearby."""
        name = name.strip()
        bare = _AROUND_NAME.sub("", name)
        level = name[-2:-1] if name.endswith("委") else ""
        for written in dict.fromkeys((bare + level, bare)):
            mentions = self.gazetteer.find(written, within=self.within, year=self.year, short=True)
            if len(mentions) != 1 or (mentions[0].start, mentions[0].end) != (0, len(written)):
                continue
            region = mentions[0].region
            if written.endswith(region.name[-1]) or (self.within is not None and self.within.contains(region)):
                return region
        return None

    def _add(self, span: Span, region: Region | None) -> None:
        if region is not None and self._is_other(region) and span.of(self.text).strip():
            self.found.append(RegionStretch(span, region))

    def _add_named(self, span: Span, namings: Sequence[Naming]) -> None:
        """Add the regions that a stretch names and does not tell of."""
        for region in dict.fromkeys(naming.region for naming in namings):
            if self._is_other(region):
                self.found.append(RegionStretch(span, region, is_subject=False))

    def _is_other(self, region: Region) -> bool:
        return self.own is None or not region.contains(self.own)


def _enumeration(line: str) -> str:
    """Return the mark that a line opens with: （一）, 1."""
    match = _MARK.match(line)
    return match[0] if match else ""
