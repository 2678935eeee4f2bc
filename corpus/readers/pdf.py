"""PDF files, by pdfium: it gives characters and where they stand, of which lines and tables are made here.

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
from corpus.readers.pages import assemble, merge_runs
from corpus.readers.reading_order import Line, Page

READER = "pdf-1"

_MAX_PAGES = 1_000  # the longest bulletin known has some 60
_BOLD = re.compile(r"bold|heavy|black|simhei|heiti|黑体", re.I)
_MIN_TEXT = 8  # characters: fewer over a picture are what a scanner stamps on it
_MAX_GARBLED = 0.1  # share of characters without a meaning, above which a page's text is not to be trusted
_MIN_SIZE = 1  # point: smaller characters are not meant to be seen

# Lengths in characters of their own size.
_SAME_BASELINE = 0.4  # two characters closer than this stand on one line
_MAX_GAP = 1.3  # inside a line: a full-width blank, the widest inside a sentence, is one character wide
# A blank stands where a gap is wider than the usual one of its line, which may be stretched to the margin, or than any that is
# none. Word sets Chinese and Latin characters a quarter of their size apart, which is no blank.
_MIN_BLANK, _MIN_BLANK_OVER_USUAL, _BETWEEN_SCRIPTS = 0.18, 0.15, 0.14

# Lengths in points.
_THIN = 3.0  # what is thinner is the rule of a table, or a mark on the baseline
_MIN_RULE = 2 * _THIN
_MAX_SLANT = 1.0  # a rule whose ends differ by more is not straight
_MAX_RULES = 2_000  # on a page; a drawing has more, and no table
_MIN_ROW_RULES, _MIN_COLUMN_RULES = 2, 3  # a frame around one column is no table
_MAX_NESTING = 3  # of forms in forms, among which rules and pictures are looked for
_MAX_FONT_NAME = 256  # bytes
_POINTS_PER_INCH = 72
# What the fonts Symbol and Wingdings draw as a bullet.
_BULLETS = dict.fromkeys(map(ord, "\uf0b7\uf06c\uf06e\uf075\uf076\uf0a7\uf0d8\uf0fc"), "•")
_PRIVATE = re.compile("[\ufffd\ue000-\uf8ff]")


@dataclass(slots=True)
class _Glyph:
    """One character: its edges and baseline in points from the page's top left corner, its size, its font."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    font: str


def read_pdf(data: bytes, *, name: str, on_page: Callable[[int], None] = lambda number: None) -> ExtractedText:
    """Read a PDF; pages without a text layer by OCR, where it is installed.

    Args: on_page: called with the number of each page read by OCR.
    Raises: UnreadableFileError: it is encrypted, damaged, has too many pages, or no text on any.
    """
    document = _open(data, name=name)
    pages = [_extract(document, index, name=name) for index in range(len(document))]
    scanned = [index for index, page in enumerate(pages) if page is None]
    warnings: tuple[Message, ...] = ()
    if len(scanned) > scan.MAX_PAGES:
        raise UnreadableFileError(
            Message.of("corpus.readers.too_many_scans", document=name, count=len(scanned), limit=scan.MAX_PAGES)
        )
    if scanned and scan.is_installed():
        for index in scanned:
            scale = _pixels_per_point(document[index])
            picture = document[index].render(scale=scale).to_pil().convert("RGB")
            pages[index] = scan.recognise(picture, scale=1 / scale)
            on_page(index + 1)
        warnings = (scan.ocr_warning(scanned),)
    elif len(scanned) == len(pages):
        raise UnreadableFileError(scan.not_installed_message(name))
    elif scanned:
        warnings = (scan.not_installed_message(tuple(Message.of("corpus.readers.page", number=i + 1) for i in scanned)),)
    reader = f"{READER}+{scan.READER}" if scanned else READER
    return assemble([page or Page(1.0, ()) for page in pages], reader=reader, warnings=warnings)


def _pixels_per_point(page: Any) -> float:
    """Return the scale at which a page is drawn for OCR."""
    return float(min(scan.DPI / _POINTS_PER_INCH, scan.MAX_SIDE / max(page.get_size())))


def _open(data: bytes, *, name: str) -> Any:
    """Open a PDF as pdfium's document.

    Raises: UnreadableFileError: it is encrypted, damaged, or has too many pages.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableFileError(Message.of("corpus.readers.encrypted_pdf", document=name)) from error
        raise UnreadableFileError(Message.of("corpus.readers.damaged_pdf", document=name, cause=str(error))) from error
    count = len(document)
    if not 0 < count <= _MAX_PAGES:
        raise UnreadableFileError(Message.of("corpus.readers.page_count", document=name, count=count, limit=_MAX_PAGES))
    return document


def _extract(document: Any, index: int, *, name: str) -> Page | None:
    """Return the lines of a page, or None where it has no text, or text without meaning: a page that only OCR can read.

    Raises: UnreadableFileError: the page is damaged.
    """
    try:
        page = document[index]
        glyphs = _glyphs(page)
        height = page.get_height()
        if len(glyphs) < _MIN_TEXT and any(_pictures(page)):
            return None
        if not glyphs:
            return Page(height, ())
        if sum(bool(_PRIVATE.match(glyph.text)) for glyph in glyphs) > _MAX_GARBLED * len(glyphs):
            return None
        lines: list[Line] = []
        for table in _tables(page):
            inside = [glyph for glyph in glyphs if table.contains(glyph)]
            if inside:
                lines += table.lines(inside)
                glyphs = [glyph for glyph in glyphs if not table.contains(glyph)]
        body_font = _body_font(glyphs)
        lines += [_make_line(stretch, body_font) for stretch in _split_stretches(glyphs)]
        return Page(height, tuple(line for line in lines if line.text.strip()))
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError(
            Message.of("corpus.readers.damaged_page", document=name, number=index + 1, cause=str(error))
        ) from error


# --- characters and lines -------------------------------------------------------------------------------


def _glyphs(page: Any) -> list[_Glyph]:
    """Return the characters of a page, without those that pdfium makes up (blanks, line ends)."""
    text = page.get_textpage()
    frame = _Frame.of(page)
    x, y = ctypes.c_double(), ctypes.c_double()
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    name, flags = ctypes.create_string_buffer(_MAX_FONT_NAME), ctypes.c_int()
    glyphs: list[_Glyph] = []
    for i in range(pdfium.FPDFText_CountChars(text.raw)):
        character = chr(pdfium.FPDFText_GetUnicode(text.raw, i))
        if pdfium.FPDFText_IsGenerated(text.raw, i) == 1 or character in "\r\n\t\x00":
            continue
        pdfium.FPDFText_GetCharOrigin(text.raw, i, x, y)
        pdfium.FPDFText_GetLooseCharBox(text.raw, i, box)
        pdfium.FPDFText_GetMatrix(text.raw, i, matrix)
        size = pdfium.FPDFText_GetFontSize(text.raw, i) * math.hypot(matrix.c, matrix.d)
        length = pdfium.FPDFText_GetFontInfo(text.raw, i, name, len(name), flags)  # with its end mark; 0 if unknown
        font = name.raw[: max(0, length - 1)].decode("utf-8", "replace") if length <= len(name) else ""
        left, baseline = frame.as_seen(x.value, y.value)
        right = max(frame.as_seen(box.left, box.bottom)[0], frame.as_seen(box.right, box.top)[0])
        if unicodedata.east_asian_width(character) in "WF":
            right = max(right, left + size)  # of some characters pdfium knows the ink only
        if size > _MIN_SIZE and right > left - size and all(map(math.isfinite, (left, right, baseline, size))):
            glyphs.append(_Glyph(replace_illegal_characters(character.translate(_BULLETS)), left, right, baseline, size, font))
    return glyphs


@dataclass(frozen=True, slots=True)
class _Frame:
    """The size of a page as it is seen, and by how many degrees it is turned for that."""

    width: float
    height: float
    rotation: int

    @classmethod
    def of(cls, page: Any) -> "_Frame":
        width, height = page.get_size()
        return cls(width, height, page.get_rotation())

    def as_seen(self, x: float, y: float) -> tuple[float, float]:
        """Map a point of the page's own space, which counts upward, to one from the top left corner of the page as it is seen."""
        if self.rotation == 90:
            return y, x
        if self.rotation == 180:
            return self.width - x, y
        if self.rotation == 270:
            return self.width - y, self.height - x
        return x, self.height - y


def _body_font(glyphs: Sequence[_Glyph]) -> str:
    """Return the font in which most is set: it may be called bold, but then it is how this document looks."""
    return statistics.mode(glyph.font for glyph in glyphs) if glyphs else ""


def _split_stretches(glyphs: Sequence[_Glyph]) -> Iterator[list[_Glyph]]:
    """Yield the characters of each line from left to right, in pieces where a gap is wider than any inside a sentence."""
    rows: list[list[_Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: glyph.baseline):
        first = rows[-1][0] if rows else None
        if first is not None and abs(glyph.baseline - first.baseline) < _SAME_BASELINE * max(glyph.size, first.size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    for row in rows:
        row.sort(key=lambda glyph: glyph.left)
        start = 0
        for i, (left, right) in enumerate(itertools.pairwise(row), 1):
            if _gap(left, right) > _MAX_GAP:
                yield row[start:i]
                start = i
        yield row[start:]


def _make_line(glyphs: Sequence[_Glyph], body_font: str) -> Line:
    """Make a line of characters: blanks where gaps are wide, runs in bold fonts bold. Blanks at its beginning are left out."""
    runs: list[tuple[str, bool]] = []
    previous: _Glyph | None = None
    usual_gap = statistics.median(_gap(*pair) for pair in itertools.pairwise(glyphs)) if len(glyphs) > 1 else 0.0
    for glyph in glyphs:
        if glyph.text.isspace():
            bold = runs[-1][1] if runs else _is_bold(glyph, body_font)
            blank = ""
        else:
            bold = _is_bold(glyph, body_font)
            blank = " " if previous and not previous.text.isspace() and _has_blank(previous, glyph, usual_gap) else ""
        runs.append((blank + glyph.text, bold))
        previous = glyph
    while len(runs) > 1 and not runs[0][0].strip():
        runs.pop(0)
        glyphs = glyphs[1:]
    return Line(
        merge_runs(runs),
        left=glyphs[0].left,
        right=glyphs[-1].right,
        baseline=statistics.median(glyph.baseline for glyph in glyphs),
        size=statistics.median(glyph.size for glyph in glyphs),
    )


def _is_bold(glyph: _Glyph, body_font: str) -> bool:
    return glyph.font != body_font and _BOLD.search(glyph.font) is not None


def _has_blank(left: _Glyph, right: _Glyph, usual_gap: float) -> bool:
    """Return whether a blank stands between two characters of a line whose characters usually stand `usual_gap` apart."""
    between_scripts = left.text.isascii() != right.text.isascii()
    min_gap = max(_MIN_BLANK, usual_gap + _MIN_BLANK_OVER_USUAL) + (_BETWEEN_SCRIPTS if between_scripts else 0.0)
    return _gap(left, right) > min_gap


def _gap(left: _Glyph, right: _Glyph) -> float:
    """Return the gap between two characters, in the size of the second."""
    return (right.left - left.right) / right.size


# --- tables ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    """A straight rule: at `position` across, from `start` to `end` along."""

    position: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class _Table:
    """A grid of ruled cells. `rows` and `columns` are the positions of its rules, `uprights` the vertical ones."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    uprights: tuple[_Rule, ...]

    def contains(self, glyph: _Glyph) -> bool:
        """Return whether the character stands inside."""
        return self.rows[0] < glyph.baseline <= self.rows[-1] and self.columns[0] - _THIN < glyph.left < self.columns[-1]

    def lines(self, glyphs: Sequence[_Glyph]) -> Iterator[Line]:
        """Yield a line for each row, its cells parted by tabs; a cell over several columns counts once."""
        for top, bottom in itertools.pairwise(self.rows):
            inside = [glyph for glyph in glyphs if top < glyph.baseline <= bottom]
            middle = (top + bottom) / 2
            crossed = [rule.position for rule in self.uprights if rule.start < middle < rule.end]
            edges = [column for column in self.columns if any(abs(column - position) < _THIN for position in crossed)]
            cells = []
            for left, right in itertools.pairwise(edges):
                cell = [glyph for glyph in inside if left <= (glyph.left + glyph.right) / 2 < right]
                cells.append(_join_stretches([_make_line(stretch, "").text.strip() for stretch in _split_stretches(cell)]))
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


def _tables(page: Any) -> Iterator[_Table]:
    """Yield the ruled tables of a page that have more than one column."""
    for level, upright in _group_crossing(*_rules(page)):
        rows, columns = _distinct([rule.position for rule in level]), _distinct([rule.position for rule in upright])
        if len(rows) >= _MIN_ROW_RULES and len(columns) >= _MIN_COLUMN_RULES:
            yield _Table(rows, columns, tuple(upright))


def _rules(page: Any) -> tuple[list[_Rule], list[_Rule]]:
    """Return the level and the upright rules of a page: the straight edges of what is drawn."""
    frame = _Frame.of(page)
    level: list[_Rule] = []
    upright: list[_Rule] = []
    for path in page.get_objects([pdfium.FPDF_PAGEOBJ_PATH], max_depth=_MAX_NESTING):
        for start, end in _edges(path):
            (x0, y0), (x1, y1) = frame.as_seen(*start), frame.as_seen(*end)
            if abs(y0 - y1) < _MAX_SLANT and abs(x0 - x1) > _MIN_RULE:
                level.append(_Rule(y0, min(x0, x1), max(x0, x1)))
            elif abs(x0 - x1) < _MAX_SLANT and abs(y0 - y1) > _MIN_RULE:
                upright.append(_Rule(x0, min(y0, y1), max(y0, y1)))
        if len(level) + len(upright) > _MAX_RULES:
            return [], []
    return level, upright


def _edges(path: Any) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the straight edges of a path, from point to point."""
    matrix = path.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = None
    for i in range(min(pdfium.FPDFPath_CountSegments(path.raw), _MAX_RULES)):
        segment = pdfium.FPDFPath_GetPathSegment(path.raw, i)
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


def _group_crossing(level: Sequence[_Rule], upright: Sequence[_Rule]) -> list[tuple[list[_Rule], list[_Rule]]]:
    """Group the level and upright rules that touch each other, table by table."""
    groups: list[tuple[list[_Rule], list[_Rule]]] = []
    for rule in level:
        group: tuple[list[_Rule], list[_Rule]] = ([rule], [])
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


def _pictures(page: Any) -> Iterator[Any]:
    return page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_MAX_NESTING)  # type: ignore[no-any-return]
