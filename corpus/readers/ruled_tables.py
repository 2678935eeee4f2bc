"""Tables drawn with rules: the straight lines of a page and the characters between them -> rows, their cells parted by tabs."""

import itertools
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.readers.glyph_lines import make_line, split_stretches
from corpus.readers.glyphs import Glyph
from corpus.readers.reading_order import Line

# Lengths in points.
_THIN = 3.0  # what is thinner is the rule of a table, or a mark on the baseline
_MIN_RULE = 2 * _THIN
_MAX_SLANT = 1.0  # a rule whose ends differ by more is not straight
MAX_RULES = 2_000  # on a page; a drawing has more, and no table
_MIN_ROW_RULES, _MIN_COLUMN_RULES = 2, 3  # a frame around one column is no table

_HEADER_ROWS = 2  # where a table has more than one row that names its columns

Point = tuple[float, float]  # x and y in points from the page's top left corner


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight rule: at `position` across, from `start` to `end` along."""

    position: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of ruled cells. `rows` and `columns` are the positions of its rules `level` and `uprights`."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    level: tuple[Rule, ...]
    uprights: tuple[Rule, ...]

    def contains(self, glyph: Glyph) -> bool:
        """Return whether the character stands inside."""
        return self.rows[0] < glyph.baseline <= self.rows[-1] and self.columns[0] - _THIN < glyph.left < self.columns[-1]

    def has(self, rule: Rule) -> bool:
        """Return whether a level rule is one of the table, or lies inside it."""
        return self.rows[0] - _THIN < rule.position < self.rows[-1] + _THIN

    def lines(self, glyphs: Sequence[Glyph]) -> Iterator[Line]:
        """Yield a line for each row, its cells parted by tabs.

        A cell over several rows or columns has its text in the first, and is empty in the others, so that each cell stands in its
        own column. Two rows that name the columns are one line.
        """
        rows = [self._row(glyphs, number) for number in range(len(self.rows) - 1)]
        for first, last in self._groups():
            cells = [_join_stretches(texts, " ") for texts in zip(*(texts for texts, _ in rows[first : last + 1]), strict=True)]
            inside = [glyph for _, inside in rows[first : last + 1] for glyph in inside]
            if inside:
                yield Line(
                    [("\t".join(cells), False)],
                    self.columns[0],
                    self.columns[-1],
                    self.rows[last + 1],
                    statistics.median(glyph.size for glyph in inside),
                    is_table_row=True,
                    low_confidence=any(glyph.is_doubtful for glyph in inside),
                )

    def _groups(self) -> list[tuple[int, int]]:
        """Return the first and last row of each line: of rows that belong together only where they name the columns."""
        count = len(self.rows) - 1
        both = count > _HEADER_ROWS and self._has_two_header_rows()
        return [(0, 1), *((row, row) for row in range(_HEADER_ROWS, count))] if both else [(row, row) for row in range(count)]

    def _has_two_header_rows(self) -> bool:
        """Return whether each cell of the first row spans rows or columns, and some do the one and some the other.

        So 县区 stands beside 成效, which stands over 场次 and 人数.
        """
        edges = self._edges(*self.rows[:2])
        below = self._edges(*self.rows[1:3])
        spans_columns = [any(left < edge < right for edge in below) for left, right in itertools.pairwise(edges)]
        spans_rows = [not self._is_ruled(self.rows[1], (left + right) / 2) for left, right in itertools.pairwise(edges)]
        either = all(across != down for across, down in zip(spans_columns, spans_rows, strict=True))
        return either and any(spans_columns) and any(spans_rows) and self._is_whole(2)

    def _is_whole(self, row: int) -> bool:
        """Return whether a rule stands above a row all across."""
        return all(self._is_ruled(self.rows[row], (left + right) / 2) for left, right in itertools.pairwise(self.columns))

    def _row(self, glyphs: Sequence[Glyph], number: int) -> tuple[list[str], list[Glyph]]:
        """Return the texts of a row by columns, and its characters."""
        texts = [""] * (len(self.columns) - 1)
        inside: list[Glyph] = []
        for left, right in itertools.pairwise(self._edges(*self.rows[number : number + 2])):
            cell = self._cell(glyphs, number, left, right)
            stretches = [make_line(stretch, "").text.strip() for stretch in split_stretches(cell)]
            texts[self.columns.index(left)] = _join_stretches(stretches)
            inside += cell
        return texts, inside

    def _edges(self, top: float, bottom: float) -> list[float]:
        """Return the columns that upright rules part in a row."""
        middle = (top + bottom) / 2
        crossed = [rule.position for rule in self.uprights if rule.start < middle < rule.end]
        return [column for column in self.columns if any(abs(column - position) < _THIN for position in crossed)]

    def _cell(self, glyphs: Sequence[Glyph], number: int, left: float, right: float) -> list[Glyph]:
        """Return what stands in the cell that begins in a row, counted from 0; nothing if it begins above."""
        middle = (left + right) / 2
        if number and not self._is_ruled(self.rows[number], middle):
            return []
        last = next(
            (i for i in range(number + 1, len(self.rows) - 1) if self._is_ruled(self.rows[i], middle)), len(self.rows) - 1
        )
        top, bottom = self.rows[number], self.rows[last]
        return [glyph for glyph in glyphs if top < glyph.baseline <= bottom and left <= (glyph.left + glyph.right) / 2 < right]

    def _is_ruled(self, position: float, x: float) -> bool:
        """Return whether a level rule stands at this height above or below a point."""
        return any(abs(rule.position - position) < _THIN and rule.start <= x <= rule.end for rule in self.level)


def _join_stretches(stretches: Sequence[str], blank: str = "") -> str:
    """Join the lines of a cell: a blank only between Latin words, or `blank`."""
    text = ""
    for stretch in filter(None, stretches):
        latin = text[-1:].isascii() and text[-1:].isalnum() and stretch[:1].isascii() and stretch[:1].isalpha()
        text += (" " if latin else blank if text else "") + stretch
    return text


def find_tables(level_rules: Sequence[Rule], upright_rules: Sequence[Rule]) -> Iterator[Table]:
    """Yield the ruled tables of a page that have more than one column."""
    for level, upright in _group_crossing(level_rules, upright_rules):
        rows, columns = _distinct([rule.position for rule in level]), _distinct([rule.position for rule in upright])
        if len(rows) >= _MIN_ROW_RULES and len(columns) >= _MIN_COLUMN_RULES:
            yield Table(rows, columns, tuple(level), tuple(upright))


def straight_rules(edges: Iterable[tuple[Point, Point]]) -> tuple[list[Rule], list[Rule]]:
    """Return the level and the upright rules among the straight edges of what is drawn on a page; none of a drawing."""
    level: list[Rule] = []
    upright: list[Rule] = []
    for (x0, y0), (x1, y1) in edges:
        if abs(y0 - y1) < _MAX_SLANT and abs(x0 - x1) > _MIN_RULE:
            level.append(Rule(y0, min(x0, x1), max(x0, x1)))
        elif abs(x0 - x1) < _MAX_SLANT and abs(y0 - y1) > _MIN_RULE:
            upright.append(Rule(x0, min(y0, y1), max(y0, y1)))
        if len(level) + len(upright) > MAX_RULES:
            return [], []
    return level, upright


def _group_crossing(level: Sequence[Rule], upright: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Group the level and upright rules that touch each other, table by table."""
    groups: list[tuple[list[Rule], list[Rule]]] = []
    for rule in level:
        group: tuple[list[Rule], list[Rule]] = ([rule], [])
        for other in upright:
            touches = rule.start - _THIN < other.position < rule.end + _THIN
            if touches and other.start - _THIN < rule.position < other.end + _THIN:
                group[1].append(other)
        ours = set(group[1])
        touching = [earlier for earlier in groups if ours & set(earlier[1])]
        for earlier in touching:
            groups.remove(earlier)
            group[0].extend(earlier[0])
            group[1].extend(other for other in earlier[1] if other not in ours)
        groups.append(group)
    return groups


def _distinct(positions: Sequence[float]) -> tuple[float, ...]:
    """Return positions in order, those within the width of a rule taken as one."""
    kept: list[float] = []
    for position in sorted(positions):
        if not kept or position - kept[-1] > _THIN:
            kept.append(position)
    return tuple(kept)
