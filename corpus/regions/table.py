"""Tables of administrative divisions: the packaged one, and those that a library brings.

A table has a row for each province, city and county, with the year in which a division was abolished and what took it over. Two
things keep it short. A county that only changed its city (丽水地区青田县, now 丽水市青田县) has no row of its own: its path is
followed through the successors of the city. And a division that carries an old name on (奉化市 -> 奉化区) has no column for the
year it began, which is that of the old one's row; for this the division that continues the name stands first among the
successors, and a neighbour that merely absorbed a namesake (宣化县 into the older 宣化区) does not.
"""

import csv
import importlib.resources
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.document import Region
from corpus.messages.errors import RegionTableError
from corpus.messages.message import Message
from corpus.regions.division_names import continues_name

_COLUMNS = ["province", "city", "county", "until", "successors"]
_PACKAGED = "regions.csv"


@dataclass(frozen=True, slots=True)
class Divisions:
    """The regions of some tables, in order, and their history.

    `abolished` has the year in which a former division was abolished or renamed, `successors` what directly took it over, and
    `began` the year in which a division took on an older one's name.
    """

    regions: tuple[Region, ...]
    abolished: Mapping[Region, int]
    successors: Mapping[Region, tuple[Region, ...]]
    began: Mapping[Region, int]


class _Row(NamedTuple):
    table: str | Message
    line: int
    region: Region
    abolished: int | None
    successors: tuple[str, ...]  # paths

    def malformed(self, cause: Message) -> RegionTableError:
        return _malformed(self.table, self.line, cause)


def read_divisions(extra: Sequence[str] = ()) -> Divisions:
    """Read the packaged table, and after it further ones of the same columns.

    Args: extra: CSV texts. A row that repeats the path of an earlier table replaces that row.
    Raises: RegionTableError: a malformed row, named by table and line.
    """
    packaged = importlib.resources.files(__package__).joinpath(_PACKAGED).read_text(encoding="utf-8")
    names = [Message.of("corpus.regions.extra_table", number=number) for number in range(1, len(extra) + 1)]
    tables: list[tuple[str | Message, str]] = [(_PACKAGED, packaged), *zip(names, extra, strict=True)]
    rows = {row.region: row for table, text in tables for row in _read_rows(text, table)}
    abolished: dict[Region, int] = {}
    successors: dict[Region, tuple[Region, ...]] = {}
    began: dict[Region, int] = {}
    for region, row in rows.items():
        parent = Region(region.province, region.city if region.county else None)
        if parent not in rows:
            raise row.malformed(Message.of("corpus.regions.no_parent", parent=parent.label))
        if row.abolished is None:
            continue
        abolished[region] = row.abolished
        if row.successors:
            successors[region] = heirs = tuple(_successor(path, row, rows) for path in row.successors)
            if continues_name(region.name, heirs[0].name):
                began[heirs[0]] = max(row.abolished, began.get(heirs[0], 0))
    return Divisions(tuple(rows), abolished, successors, began)


def _read_rows(text: str, table: str | Message) -> Iterator[_Row]:
    """Read the rows of one table.

    Raises: RegionTableError: the header or a row is not as `_COLUMNS` has it.
    """
    rows = csv.reader(text.removeprefix("\ufeff").splitlines())
    header = next(rows, [])
    if header != _COLUMNS:
        cause = Message.of("corpus.regions.wrong_columns", expected=",".join(_COLUMNS), found=",".join(header))
        raise _malformed(table, 1, cause)
    seen = set()
    for line, fields in enumerate(rows, start=2):
        if not fields:
            continue
        row = _read_row(fields, table, line)
        if row.region in seen:
            raise row.malformed(Message.of("corpus.regions.repeated", region=row.region.label))
        seen.add(row.region)
        yield row


def _read_row(fields: Sequence[str], table: str | Message, line: int) -> _Row:
    if len(fields) != len(_COLUMNS):
        cause = Message.of("corpus.regions.wrong_field_count", expected=len(_COLUMNS), found=len(fields))
        raise _malformed(table, line, cause)
    province, city, county, until, successors = fields
    if not province:
        raise _malformed(table, line, Message.of("corpus.regions.no_province"))
    if until and not (until.isascii() and until.isdigit() and len(until) == len("2020")):
        raise _malformed(table, line, Message.of("corpus.regions.not_a_year", found=until))
    if successors and not until:
        raise _malformed(table, line, Message.of("corpus.regions.successors_without_year"))
    region = Region(province, city or None, county or None)
    return _Row(table, line, region, int(until) if until else None, tuple(successors.split(";") if successors else ()))


def _successor(path: str, row: _Row, regions: Mapping[Region, object]) -> Region:
    """Return the region of a path. 北京市/密云区 has no city, and 海南省/儋州市 is the city rather than the old county."""
    parts = path.split("/")
    readings = []
    if len(parts) <= 3 and all(parts):
        readings.append(Region(*parts))
        if len(parts) == 2:
            readings.append(Region(parts[0], None, parts[1]))
    found = next((region for region in readings if region in regions), None)
    if found is None or found == row.region:
        raise row.malformed(Message.of("corpus.regions.not_a_path", found=path))
    return found


def _malformed(table: str | Message, line: int, cause: Message) -> RegionTableError:
    return RegionTableError(Message.of("corpus.regions.malformed", table=table, line=line, cause=cause))
