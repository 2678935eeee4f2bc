"""Tables drawn with rules: the straight lines of a page and the characters between them -> rows, their cells parted by tabs."""

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.readers.glyphs import Glyph, make_line, split_stretches
from corpus.readers.reading_order import Line

# Lengths in points.
_THIN = 3.0  # what is thinner is the rule of a table, or a mark on the baseline
_MIN_RULE = 2 * _THIN
_MAX_SLANT = 1.0  # a rule whose ends differ by more is not straight
MAX_RULES = 2_000  # on a page; a drawing has more, and no table
_MIN_ROW_RULES, _MIN_COLUMN_RULES = 2, 3  # a frame around one column is no table

Point = tuple[float, float]  # x and y in points from the page's top left corner


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight rule: at `position` across, from `start` to `end` along."""

    position: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of ruled cells. `rows` and `columns` are the positions of its rules, `uprights` the vertical ones."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    uprights: tuple[Rule, ...]

    def contains(self, glyph: Glyph) -> bool:
        """Return whether the character stands inside."""
        return self.rows[0] < glyph.baseline <= self.rows[-1] and self.columns[0] - _THIN < glyph.left < self.columns[-1]

    def lines(self, glyphs: Sequence[Glyph]) -> Iterator[Line]:
        """Yield a line for each row, its cells parted by tabs; a cell over several columns counts once."""
        for top, bottom in itertools.pairwise(self.rows):
            inside = [glyph for glyph in glyphs if top < glyph.baseline <= bottom]
            middle = (top + bottom) / 2
            crossed = [rule.position for rule in self.uprights if rule.start < middle < rule.end]
            edges = [column for column in self.columns if any(abs(column - position) < _THIN for position in crossed)]
            cells = []
            for left, right in itertools.pairwise(edges):
                cell = [glyph for glyph in inside if left <= (glyph.left + glyph.right) / 2 < right]
                cells.append(_join_stretches([make_line(stretch, "").text.strip() for stretch in split_stretches(cell)]))
            if any(cells):
                size = statistics.median(glyph.size for glyph in inside)
                yield Line([("\t".join(cells), False)], edges[0], edges[-1], bottom, size, is_table_row=True)


def _join_stretches(stretches: Sequence[str]) -> str:
    """Join the lines of a cell: a blank only between Latin words."""
    text = ""
    for stretch in stretches:
        latin = text[-1:].isascii() and text[-1:].isalnum() and stretch[:1].isascii() and stretch[:1].isalpha()
        text += (" " if latin else "") + stretch
    return text


def find_tables(edges: Iterator[tuple[Point, Point]]) -> Iterator[Table]:
    """Yield the tables that have more than one column, of the straight edges of what is drawn on a page."""
    level: list[Rule] = []
    upright: list[Rule] = []
    for (x0, y0), (x1, y1) in edges:
        if abs(y0 - y1) < _MAX_SLANT and abs(x0 - x1) > _MIN_RULE:
            level.append(Rule(y0, min(x0, x1), max(x0, x1)))
        elif abs(x0 - x1) < _MAX_SLANT and abs(y0 - y1) > _MIN_RULE:
            upright.append(Rule(x0, min(y0, y1), max(y0, y1)))
        if len(level) + len(upright) > MAX_RULES:
            return
    for across, down in _group_crossing(level, upright):
        rows, columns = _distinct([rule.position for rule in across]), _distinct([rule.position for rule in down])
        if len(rows) >= _MIN_ROW_RULES and len(columns) >= _MIN_COLUMN_RULES:
            yield Table(rows, columns, tuple(down))


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
