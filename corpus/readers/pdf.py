"""PDF files, by pdfium: its characters with their places, set into lines and tables here.

pdfium's own order of characters is not used: it moves Chinese quotation marks.
"""

import ctypes
import itertools
import math
import re
import statistics
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers import scan
from corpus.readers.marks import replace_illegal_characters
from corpus.readers.pages import Line, Page, assemble, merge_runs

READER = "pdf-1"

_MOST_PAGES = 1_000  # the longest bulletin known has some 60
_BOLD = re.compile(r"bold|heavy|black|simhei|heiti|黑体", re.I)
_THIN = 3.0  # points: what is thinner is the rule of a table, or a mark on the base line
_MOST_RULES = 2_000  # on a page; a drawing has more, and no table
_GARBLED = 0.1  # share of characters without a meaning, above which a page's text is not to be trusted
# What the fonts Symbol and Wingdings draw as a bullet.
_BULLETS = dict.fromkeys(map(ord, "\uf0b7\uf06c\uf06e\uf075\uf076\uf0a7\uf0d8\uf0fc"), "•")
_PRIVATE = re.compile("[\ufffd\ue000-\uf8ff]")


@dataclass(slots=True)
class _Glyph:
    """One character: its edges and base line in points from the page's top left corner, its size, its font."""

    text: str
    left: float
    right: float
    base: float
    size: float
    font: str


def read_pdf(data: bytes, *, name: str, done: Callable[[int], None] = lambda page: None) -> ExtractedText:
    """Read a PDF; pages without a text layer by OCR, where it is installed.

    Args: done: called with the number of each page read by OCR.
    Raises: UnreadableFileError: it is encrypted, damaged, has too many pages, or no text on any.
    """
    document = _opened(data, name=name)
    pages = [_extract(document, number, name=name) for number in range(len(document))]
    scanned = [number for number, page in enumerate(pages) if page is None]
    warnings: tuple[Message, ...] = ()
    if len(scanned) > scan.MOST_PAGES:
        raise UnreadableFileError(
            Message.of("corpus.readers.too_many_scans", document=name, count=len(scanned), limit=scan.MOST_PAGES)
        )
    if scanned and scan.is_installed():
        for number in scanned:
            picture = document[number].render(scale=_scale(document[number])).to_pil().convert("RGB")
            pages[number] = scan.recognise(picture, scale=1 / _scale(document[number]))
            done(number + 1)
        warnings = (scan.ocr_warning(scanned),)
    elif len(scanned) == len(pages):
        raise UnreadableFileError(scan.not_installed_message(name))
    elif scanned:
        warnings = (scan.not_installed_message(tuple(Message.of("corpus.readers.page", number=i + 1) for i in scanned)),)
    reader = f"{READER}+{scan.READER}" if scanned else READER
    return assemble([page or Page(1.0, ()) for page in pages], reader=reader, warnings=warnings)


def _scale(page: Any) -> float:
    """How many pixels a point becomes before OCR."""
    return float(min(scan.DPI / 72, scan.LONGEST_SIDE / max(page.get_size())))


def _opened(data: bytes, *, name: str) -> Any:
    """A PDF as pdfium's document.

    Raises: UnreadableFileError: it is encrypted, damaged, or has too many pages.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableFileError(Message.of("corpus.readers.encrypted_pdf", document=name)) from error
        raise UnreadableFileError(Message.of("corpus.readers.damaged_pdf", document=name, cause=str(error))) from error
    count = len(document)
    if not 0 < count <= _MOST_PAGES:
        raise UnreadableFileError(Message.of("corpus.readers.page_count", document=name, count=count, limit=_MOST_PAGES))
    return document


def _extract(document: Any, number: int, *, name: str) -> Page | None:
    """The lines of a page, or None where it has no text, or text without meaning: a page that only OCR can read.

    Args: number: counts from 0.
    Raises: UnreadableFileError: the page is damaged.
    """
    try:
        page = document[number]
        glyphs = _glyphs(page)
        height = page.get_height()
        # A line's worth of characters over a picture is what a scanner stamps on it.
        if len(glyphs) < 8 and any(_pictures(page)):
            return None
        if not glyphs:
            return Page(height, ())
        if sum(bool(_PRIVATE.match(glyph.text)) for glyph in glyphs) > _GARBLED * len(glyphs):
            return None
        lines: list[Line] = []
        for table in _tables(page):
            inside = [glyph for glyph in glyphs if table.holds(glyph)]
            if inside:
                lines += table.lines(inside)
                held = set(map(id, inside))
                glyphs = [glyph for glyph in glyphs if id(glyph) not in held]
        body = _body_font(glyphs)
        lines += [_line(stretch, body) for stretch in _stretches(glyphs)]
        return Page(height, tuple(line for line in lines if line.text.strip()))
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(
            Message.of("corpus.readers.damaged_page", document=name, number=number + 1, cause=str(error))
        ) from error


# --- characters and lines -------------------------------------------------------------------------------


def _glyphs(page: Any) -> list[_Glyph]:
    """The characters of a page, without those that pdfium makes up (blanks, line ends)."""
    text = page.get_textpage()
    turned = page.get_rotation()
    width, height = page.get_size()
    x, y = ctypes.c_double(), ctypes.c_double()
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    name, flags = ctypes.create_string_buffer(256), ctypes.c_int()
    glyphs: list[_Glyph] = []
    for at in range(pdfium.FPDFText_CountChars(text.raw)):
        character = chr(pdfium.FPDFText_GetUnicode(text.raw, at))
        if pdfium.FPDFText_IsGenerated(text.raw, at) == 1 or character in "\r\n\t\x00":
            continue
        pdfium.FPDFText_GetCharOrigin(text.raw, at, x, y)
        pdfium.FPDFText_GetLooseCharBox(text.raw, at, box)
        pdfium.FPDFText_GetMatrix(text.raw, at, matrix)
        size = pdfium.FPDFText_GetFontSize(text.raw, at) * math.hypot(matrix.c, matrix.d)
        known = pdfium.FPDFText_GetFontInfo(text.raw, at, name, len(name), flags)
        font = name.raw[: max(0, known - 1)].decode("utf-8", "replace") if known <= len(name) else ""
        left, base = _turned(x.value, y.value, turned, width, height)
        corners = [_turned(*corner, turned, width, height) for corner in ((box.left, box.bottom), (box.right, box.top))]
        right = max(corner[0] for corner in corners)
        if unicodedata.east_asian_width(character) in "WF":
            right = max(right, left + size)  # of some characters pdfium knows the ink only
        if size > 1 and right > left - size and all(map(math.isfinite, (left, right, base, size))):
            glyphs.append(_Glyph(replace_illegal_characters(character.translate(_BULLETS)), left, right, base, size, font))
    return glyphs


def _turned(x: float, y: float, turned: int, width: float, height: float) -> tuple[float, float]:
    """A point of a page's own space, which counts upward, as it is seen: from the top left corner, the page turned."""
    if turned == 90:
        return y, x
    if turned == 180:
        return width - x, y
    if turned == 270:
        return width - y, height - x
    return x, height - y


def _body_font(glyphs: Sequence[_Glyph]) -> str:
    """The font in which most is set: bold it may be called, but it is not bold among its likes."""
    return statistics.mode(glyph.font for glyph in glyphs) if glyphs else ""


def _stretches(glyphs: Sequence[_Glyph]) -> Iterator[list[_Glyph]]:
    """Characters on one base line in the order in which they stand, parted where a gap is wider than any inside a line."""
    rows: list[list[_Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: glyph.base):
        if rows and abs(glyph.base - rows[-1][0].base) < 0.4 * max(glyph.size, rows[-1][0].size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    for row in rows:
        row.sort(key=lambda glyph: glyph.left)
        start = 0
        for at, (one, other) in enumerate(itertools.pairwise(row), 1):
            if other.left - one.right > 1.3 * other.size:
                yield row[start:at]
                start = at
        yield row[start:]


def _line(glyphs: Sequence[_Glyph], body: str) -> Line:
    runs: list[tuple[str, bool]] = []
    last: _Glyph | None = None
    set_apart = statistics.median(_gap(*pair) for pair in itertools.pairwise(glyphs)) if len(glyphs) > 1 else 0.0
    for glyph in glyphs:
        bold = glyph.font != body and bool(_BOLD.search(glyph.font))
        blank = last is not None and not last.text.isspace() and not glyph.text.isspace() and _parted(last, glyph, set_apart)
        runs.append((" " + glyph.text if blank else glyph.text, bold if not glyph.text.isspace() or not runs else runs[-1][1]))
        last = glyph
    while len(runs) > 1 and not runs[0][0].strip():
        runs.pop(0)
        glyphs = glyphs[1:]
    size = statistics.median(glyph.size for glyph in glyphs)
    merged = merge_runs(runs)
    return Line(merged, glyphs[0].left, glyphs[-1].right, statistics.median(glyph.base for glyph in glyphs), size)


def _parted(one: _Glyph, other: _Glyph, usual: float) -> bool:
    """Whether a blank stands between two characters. Word sets Chinese and Latin ones a quarter of their size apart.

    Args: usual: the gap between characters of this line, which may be stretched to the margin.
    """
    mixed = one.text.isascii() != other.text.isascii()
    return _gap(one, other) > max(0.18, usual + 0.15) + (0.14 if mixed else 0.0)


def _gap(one: _Glyph, other: _Glyph) -> float:
    """The gap between two characters, in their size."""
    return (other.left - one.right) / other.size


# --- tables ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    """A straight rule: at `at` across, from `start` to `end` along."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class _Table:
    """A grid of ruled cells. `rows` and `columns` are the places of its rules, `uprights` the vertical ones."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    uprights: tuple[_Rule, ...]

    def holds(self, glyph: _Glyph) -> bool:
        """Whether the character stands inside."""
        return self.rows[0] < glyph.base <= self.rows[-1] and self.columns[0] - _THIN < glyph.left < self.columns[-1]

    def lines(self, glyphs: Sequence[_Glyph]) -> Iterator[Line]:
        """A line for each row, its cells parted by tabs; a cell over several columns counts once."""
        for top, bottom in itertools.pairwise(self.rows):
            inside = [glyph for glyph in glyphs if top < glyph.base <= bottom]
            middle = (top + bottom) / 2
            crossed = [rule.at for rule in self.uprights if rule.start < middle < rule.end]
            edges = [at for at in self.columns if any(abs(at - other) < _THIN for other in crossed)]
            cells = []
            for left, right in itertools.pairwise(edges):
                cell = [glyph for glyph in inside if left <= (glyph.left + glyph.right) / 2 < right]
                stretches = [_line(stretch, "").text.strip() for stretch in _stretches(cell)]
                cells.append(_sentence(stretches))
            if any(cells):
                size = statistics.median(glyph.size for glyph in inside)
                yield Line([("\t".join(cells), False)], edges[0], edges[-1], bottom, size, is_table_row=True)


def _sentence(stretches: Sequence[str]) -> str:
    """The lines of a cell as one: a blank only between Latin words."""
    text = ""
    for stretch in stretches:
        latin = text[-1:].isascii() and text[-1:].isalnum() and stretch[:1].isascii() and stretch[:1].isalpha()
        text += (" " if latin else "") + stretch
    return text


def _tables(page: Any) -> Iterator[_Table]:
    """The ruled tables of a page: of more than one column."""
    for level, upright in _crossing(*_rules(page)):
        rows, columns = _apart([rule.at for rule in level]), _apart([rule.at for rule in upright])
        if len(rows) >= 2 and len(columns) >= 3:
            yield _Table(rows, columns, tuple(upright))


def _rules(page: Any) -> tuple[list[_Rule], list[_Rule]]:
    """The level and the upright rules of a page: the straight edges of what is drawn."""
    turned = page.get_rotation()
    width, height = page.get_size()
    level: list[_Rule] = []
    upright: list[_Rule] = []
    for drawn in page.get_objects([pdfium.FPDF_PAGEOBJ_PATH], max_depth=3):
        for start, end in _edges(drawn):
            (x, y), (other_x, other_y) = (_turned(*point, turned, width, height) for point in (start, end))
            if abs(y - other_y) < 1 and abs(x - other_x) > 2 * _THIN:
                level.append(_Rule(y, min(x, other_x), max(x, other_x)))
            elif abs(x - other_x) < 1 and abs(y - other_y) > 2 * _THIN:
                upright.append(_Rule(x, min(y, other_y), max(y, other_y)))
        if len(level) + len(upright) > _MOST_RULES:
            return [], []
    return level, upright


def _edges(drawn: Any) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight edges of a path, from point to point."""
    matrix = drawn.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = None
    for at in range(min(pdfium.FPDFPath_CountSegments(drawn.raw), _MOST_RULES)):
        segment = pdfium.FPDFPath_GetPathSegment(drawn.raw, at)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_LINETO and last is not None:
            yield last, point
        elif kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment) and first is not None:
            yield last, first


def _crossing(level: Sequence[_Rule], upright: Sequence[_Rule]) -> list[tuple[list[_Rule], list[_Rule]]]:
    """The level and upright rules that hang together, table by table."""
    groups: list[tuple[list[_Rule], list[_Rule]]] = []
    for rule in level:
        group: tuple[list[_Rule], list[_Rule]] = ([rule], [])
        for other in upright:
            if rule.start - _THIN < other.at < rule.end + _THIN and other.start - _THIN < rule.at < other.end + _THIN:
                group[1].append(other)
        ours = set(map(id, group[1]))
        joined = [found for found in groups if ours & set(map(id, found[1]))]
        for found in joined:
            groups.remove(found)
            group[0].extend(found[0])
            group[1].extend(other for other in found[1] if id(other) not in ours)
        groups.append(group)
    return groups


def _apart(places: Sequence[float]) -> tuple[float, ...]:
    """Places in order, those that all but coincide taken as one."""
    kept: list[float] = []
    for place in sorted(places):
        if not kept or place - kept[-1] > _THIN:
            kept.append(place)
    return tuple(kept)


def _pictures(page: Any) -> Iterator[Any]:
    return page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)  # type: ignore[no-any-return]
