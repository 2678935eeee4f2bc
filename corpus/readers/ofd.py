"""OFD files (GB/T 33190-2016): the characters of text objects and where they stand, of which lines and tables are made.

Templates, whose text is page furniture on most pages, are read like the page. Pages that are pictures go through OCR.
"""

import functools
import io
import math
import posixpath
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers import scan
from corpus.readers.glyph_lines import body_font, make_line, split_stretches
from corpus.readers.glyphs import Glyph
from corpus.readers.marks import replace_illegal_characters
from corpus.readers.packages import Package
from corpus.readers.pages import assemble
from corpus.readers.reading_order import Line, Page
from corpus.readers.ruled_tables import MAX_RULES, Point, find_tables, straight_rules

READER = "ofd-1"

_POINTS = 72 / 25.4  # in a millimetre, the unit of the standard
_A4 = (210.0, 297.0)
_MAX_PAGES = 1_000
_MAX_GLYPHS = 200_000  # on a page
_MAX_SIDE = 100_000.0  # points: what stands farther away is not meant to be seen
_MIN_SIZE = 1.0  # point, likewise
_MAX_ADVANCE = 1.6  # sizes from one character of a text to the next: more is a gap
_MAX_NESTING = 8  # of blocks in blocks
_BOLD_WEIGHT = 600  # of 0 to 1000 (section 11.3); ordinary text has 400
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

Matrix = tuple[float, float, float, float, float, float]


def read_ofd(data: bytes, *, name: str, on_page: Callable[[int], None] = lambda number: None) -> ExtractedText:
    """Read an OFD file; what a warning tells of annotations and attachments is not in the text.

    Args: on_page: called with the number of each page read by OCR.
    Raises: UnreadableFileError: it is encrypted, has too many pages, or unpacks to more than a document holds.
    """
    package = Package(data, name=name)
    if any(posixpath.basename(path).lower() == "encryptions.xml" for path in package.paths):
        raise UnreadableFileError(Message.of("corpus.readers.encrypted", document=name))
    documents = [
        _Document.of(package, (body.findtext("{*}DocRoot") or "").strip()) for body in package.parse("OFD.xml").iter("{*}DocBody")
    ]
    pages = [page for document in documents for page in document.pages()]
    if not 0 < len(pages) <= _MAX_PAGES:
        raise UnreadableFileError(Message.of("corpus.readers.page_count", document=name, count=len(pages), limit=_MAX_PAGES))
    warnings = [warning for document in documents for warning in document.warnings()]
    pictures = [i for i, page in enumerate(pages) if not page.lines and page.picture is not None]
    if len(pictures) > scan.MAX_PAGES:
        raise UnreadableFileError(
            Message.of("corpus.readers.too_many_scans", document=name, count=len(pictures), limit=scan.MAX_PAGES)
        )
    done = [Page(page.height, page.lines) for page in pages]
    if pictures and scan.is_installed():
        for i in pictures:
            done[i] = _recognise(pages[i])
            on_page(i + 1)
        warnings.append(scan.ocr_warning(pictures))
    elif len(pictures) == len(pages):
        raise UnreadableFileError(scan.not_installed_message(name))
    elif pictures:
        warnings.append(scan.not_installed_message(tuple(Message.of("corpus.readers.page", number=i + 1) for i in pictures)))
    reader = f"{READER}+{scan.READER}" if pictures else READER
    return assemble(done, reader=reader, warnings=tuple(warnings))


@dataclass(frozen=True, slots=True)
class _RawPage:
    """The lines of a page, and the picture that it is where it has none."""

    width: float
    height: float
    lines: tuple[Line, ...]
    picture: bytes | None


def _recognise(page: _RawPage) -> Page:
    from PIL import Image

    with Image.open(io.BytesIO(page.picture or b"")) as picture:
        image = picture.convert("RGB")
    image.thumbnail((scan.MAX_SIDE, scan.MAX_SIDE))
    return scan.recognise(image, scale=page.width / max(1, image.width))


@dataclass(slots=True)
class _Document:
    """One document of the package (OFD.xml may name several)."""

    package: Package
    root: Any
    folder: str
    fonts: dict[str, str] = field(default_factory=dict)  # names by id
    media: dict[str, str] = field(default_factory=dict)  # paths of pictures by id
    templates: dict[str, str] = field(default_factory=dict)  # paths of template pages by id

    @classmethod
    def of(cls, package: Package, path: str) -> "_Document":
        path = path.lstrip("/")
        document = cls(package, package.parse(path), posixpath.dirname(path))
        common = document.root.find("{*}CommonData")
        for element in common if common is not None else ():
            local = element.tag.rpartition("}")[2]
            if local in ("PublicRes", "DocumentRes"):
                document._add_resources(document.resolve(element.text))
            elif local == "TemplatePage":
                document.templates[element.get("ID", "")] = document.resolve(element.get("BaseLoc"))
        return document

    def resolve(self, place: str | None, *, folder: str | None = None) -> str:
        """Return the path of a part that is named from the root, from the document's folder, or from another."""
        place = (place or "").strip()
        return posixpath.normpath(posixpath.join("/", self.folder if folder is None else folder, place)).lstrip("/")

    def _add_resources(self, path: str) -> None:
        if path not in self.package:
            return
        root = self.package.parse(path)
        folder = posixpath.join(posixpath.dirname(path), root.get("BaseLoc", "").strip().lstrip("/"))
        for font in root.iter("{*}Font"):
            bold = " Bold" if font.get("Bold") in ("true", "1") else ""
            self.fonts[font.get("ID", "")] = f"{font.get('FontName', '')} {font.get('FamilyName', '')}{bold}"
        for medium in root.iter("{*}MultiMedia"):
            if medium.get("Type", "").lower() == "image":
                self.media[medium.get("ID", "")] = self.resolve(medium.findtext("{*}MediaFile"), folder=folder)

    def pages(self) -> Iterator[_RawPage]:
        """Yield the pages in order."""
        box = self.root.find("{*}CommonData/{*}PageArea/{*}PhysicalBox")
        usual = _numbers(box.text if box is not None else "")
        for page in list(self.root.iterfind("{*}Pages/{*}Page"))[: _MAX_PAGES + 1]:
            path = self.resolve(page.get("BaseLoc"))
            if path in self.package:
                yield self._page(self.package.parse(path), usual)

    def _page(self, root: Any, usual: list[float]) -> _RawPage:
        own = _numbers(root.findtext("{*}Area/{*}PhysicalBox"))
        box = own if len(own) == 4 else usual if len(usual) == 4 else [0.0, 0.0, *_A4]
        page = _Content(self)
        for template in root.iterfind("{*}Template"):
            path = self.templates.get(template.get("TemplateID", ""), "")
            if path in self.package:
                page.add_layers(self.package.parse(path))
        page.add_layers(root)
        picture = next((self.media[each] for each in page.pictures if self.media.get(each, "?") in self.package), None)
        return _RawPage(
            width=box[2] * _POINTS,
            height=box[3] * _POINTS,
            lines=page.lines(),
            picture=self.package.read(picture) if picture is not None and not page.glyphs else None,
        )

    def warnings(self) -> Iterator[Message]:
        """Yield what stands beside the text and is not read."""
        attachments = self.resolve(self.root.findtext("{*}Attachments")) if self.root.find("{*}Attachments") is not None else ""
        if attachments in self.package:
            names = [each.get("Name", "") for each in self.package.parse(attachments).iter("{*}Attachment")]
            if names := [replace_illegal_characters(each) for each in names if each]:
                yield Message.of("corpus.readers.ofd_attachments", names=tuple(names))
        annotations = self.root.findtext("{*}Annotations")
        if annotations and self.resolve(annotations) in self.package:
            path = self.resolve(annotations)
            parts = [
                self.resolve(each.findtext("{*}FileLoc"), folder=posixpath.dirname(path))
                for each in self.package.parse(path).iter("{*}Page")
            ]
            remarks = [
                text
                for part in parts
                if part in self.package
                for annotation in self.package.parse(part).iter("{*}Annot")
                if annotation.get("Type") not in ("Watermark", "Link")
                and (
                    text := replace_illegal_characters(
                        "".join(each.text or "" for each in annotation.iter("{*}TextCode", "{*}Remark"))
                    )
                )
            ]
            if remarks:
                yield Message.of("corpus.readers.ofd_annotations", count=len(remarks), first=remarks[0][:40])


class _Content:
    """What stands on a page and its templates."""

    def __init__(self, document: _Document) -> None:
        self._document = document
        self.glyphs: list[Glyph] = []
        self.pictures: list[str] = []
        self._edges: list[tuple[Point, Point]] = []

    def lines(self) -> tuple[Line, ...]:
        """Return the lines of the page, and the rows of its tables."""
        glyphs = self.glyphs
        lines: list[Line] = []
        for table in find_tables(*straight_rules(self._edges)):
            inside = [glyph for glyph in glyphs if table.contains(glyph)]
            if inside:
                lines += table.lines(inside)
                glyphs = [glyph for glyph in glyphs if not table.contains(glyph)]
        font = body_font(glyphs)
        lines += [make_line(stretch, font) for stretch in split_stretches(glyphs)]
        return tuple(line for line in lines if line.text.strip())

    def add_layers(self, root: Any) -> None:
        """Add what stands in the layers of a page or a template."""
        for layer in root.iterfind("{*}Content/{*}Layer"):
            self._add(layer, 0)

    def _add(self, parent: Any, nesting: int) -> None:
        for element in parent:
            if element.get("Visible", "true").lower() == "false":
                continue
            kind = element.tag.rpartition("}")[2]
            if kind == "TextObject":
                self._add_text(element)
            elif kind == "PathObject":
                self._add_path(element)
            elif kind == "ImageObject":
                self.pictures.append(element.get("ResourceID", ""))
            elif kind == "PageBlock" and nesting < _MAX_NESTING:
                self._add(element, nesting + 1)

    def _add_text(self, element: Any) -> None:
        matrix, stretch = _matrix(element), _number(element.get("HScale"), 1.0)
        size = _number(element.get("Size"), 0.0)
        shown_size = size * math.hypot(matrix[2], matrix[3]) * _POINTS
        bold = " Bold" if _number(element.get("Weight"), 400) >= _BOLD_WEIGHT else ""
        font = self._document.fonts.get(element.get("Font", ""), "") + bold
        x = y = 0.0
        for code in element.iterfind("{*}TextCode"):
            text = replace_illegal_characters(code.text or "")
            x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
            across, down = (_deltas(code.get(name), len(text)) for name in ("DeltaX", "DeltaY"))
            left, top = x, y
            for i, character in enumerate(text):
                width = size * stretch * (1.0 if unicodedata.east_asian_width(character) in "WF" else 0.5)
                if i < len(across) and width < across[i] <= _MAX_ADVANCE * size:
                    width = across[i]  # blanks are characters: what stands this near goes on
                (start, baseline), (end, _) = _place(matrix, left, top), _place(matrix, left + width, top)
                fits = abs(start) < _MAX_SIDE and abs(baseline) < _MAX_SIDE and abs(end) < _MAX_SIDE
                if fits and shown_size > _MIN_SIZE and len(self.glyphs) < _MAX_GLYPHS and character not in "\r\n":
                    self.glyphs.append(Glyph(character, start, max(start, end), baseline, shown_size, font))
                left += across[i] if i < len(across) else 0.0 if i < len(down) else width
                top += down[i] if i < len(down) else 0.0

    def _add_path(self, element: Any) -> None:
        """Add the straight edges of a path, whose data are letters and numbers (section 9.3): M x y, L x y, C closes."""
        matrix = _matrix(element)
        first = last = None
        tokens = iter((element.findtext("{*}AbbreviatedData") or "").split())
        for token in tokens:
            if len(self._edges) > MAX_RULES:
                return
            if token in ("S", "M", "L"):
                x, y = _number(next(tokens, None), math.nan), _number(next(tokens, None), math.nan)
                point = _place(matrix, x, y)
                if token == "L" and last is not None:
                    self._edges.append((last, point))
                else:
                    first = point
                last = point
            elif token == "C" and first is not None and last is not None:
                self._edges.append((last, first))


def _matrix(element: Any) -> Matrix:
    """Return the matrix from an object's space to the page: its own, then where its boundary begins."""
    own, box = _numbers(element.get("CTM")), _numbers(element.get("Boundary"))
    a, b, c, d, e, f = own if len(own) == 6 else _IDENTITY
    left, top = box[:2] if len(box) == 4 else (0.0, 0.0)
    return a, b, c, d, e + left, f + top


def _place(matrix: Matrix, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return (a * x + c * y + e) * _POINTS, (b * x + d * y + f) * _POINTS


def _deltas(text: str | None, length: int) -> list[float]:
    """Return the steps between the characters of a text: numbers, of which `g 3 5` are three times 5 (section 11.3)."""
    steps: list[float] = []
    tokens = iter((text or "").split())
    for token in tokens:
        if token == "g":
            count, step = int(_number(next(tokens, None), 0)), _number(next(tokens, None), 0.0)
            steps += [step] * min(max(0, count), length)
        else:
            steps.append(_number(token, 0.0))
        if len(steps) >= length:
            break
    return steps


@functools.lru_cache(maxsize=10_000)
def _to_float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _number(text: str | None, otherwise: float) -> float:
    value = _to_float(text) if text else None
    return otherwise if value is None else value


def _numbers(text: str | None) -> list[float]:
    values = [_to_float(part) for part in (text or "").split()]
    return [value for value in values if value is not None]
