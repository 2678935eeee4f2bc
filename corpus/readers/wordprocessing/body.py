"""Read the body of a Word file as blocks of text: paragraphs, titles, tables, and what is anchored in them."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from corpus.readers.marks import mark_bold, replace_illegal_characters
from corpus.readers.wordprocessing import tables
from corpus.readers.wordprocessing.chunks import ChunkBudget, find_format, read_chunk
from corpus.readers.wordprocessing.names import choose, is_alternatives, is_on, name, value_of, w
from corpus.readers.wordprocessing.numbering import BULLET, Numbering
from corpus.readers.wordprocessing.package import Package
from corpus.readers.wordprocessing.pictures import PictureReader
from corpus.readers.wordprocessing.runs import RunReader
from corpus.readers.wordprocessing.shapes import LeftOut, LeftOutKind, Shape, TextBox
from corpus.readers.wordprocessing.styles import Styles

_PARAGRAPH, _TABLE, _CHUNK = w("p"), w("tbl"), w("altChunk")
_CONTAINERS = frozenset(map(w, ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")))
_TEXT_LEVEL = 9  # of an outline: Word's number for what is no heading
_MAX_TITLE_LINES = 3
_ABOVE = ("before", "far above")  # places of what is read before the paragraph that it is anchored in
# Characters of text before a box that stands above it all: on the first page, which has some 28 lines of 28, or in the masthead.
_OPENS_PAGE = {"top of page": 800, "far above": 200}
_MAX_NAME = 40  # characters of what stands in a box at the top of a page: the name of a series, its number, its date
_SENTENCE_END = ("。", "！", "？", "；", ".")
_MASTHEAD_LINES = 8  # below the upper edge of the first page
_ISSUE = re.compile(r"(?:第\s*+)?[\d０-９一二三四五六七八九十百〇零○]{1,5}\s*+期")
_DATED = re.compile(r"\d\s*+年\s*+\d{1,2}\s*+月")
# A header that names an issue on every page may do so beside the number of the page: 云栖青年信息 第7期 第1页.
_PAGE_NUMBER = re.compile(r"^\W*+(?:第?\s*+\d{0,4}\s*+页?\W*+(?:共\s*+\d{0,4}\s*+页)?)\W*+$")


class Body:
    """The text of a Word file. Read it once: lists count on."""

    def __init__(self, package: Package, *, name: str, on_page: Callable[[int], None], budget: ChunkBudget | None = None) -> None:
        """Open the body.

        Args:
            name: of the file, for errors.
            on_page: called with the number of each picture read.
            budget: what is left of that of the file in which this one stands.
        Raises: UnreadableFileError: a part is missing or damaged.
        """
        self._package, self._name, self._on_page = package, name, on_page
        self._budget = budget or ChunkBudget()
        styles = Styles(package.parse(package.find_related(package.main, "styles")))
        self._root = package.parse_main()
        self._styles = styles
        self._numbering = Numbering(package.parse(package.find_related(package.main, "numbering")), styles)
        self._notes_of: dict[str, dict[str, Any]] = {}
        self._notes: list[str] = []  # of what was read last
        self._part = package.main
        self._length = 0
        self._top: list[str] = []  # what stands in boxes at the top of the first page
        self.runs = RunReader(styles)
        self.pictures = PictureReader(package, on_page)

    @property
    def left_out(self) -> dict[LeftOutKind, int]:
        """Return how many things of each kind were not read."""
        return self.runs.left_out

    def read(self) -> list[str]:
        """Return the blocks of text, none of them empty."""
        body = self._root.find(w("body"))
        blocks = [block for block in self._blocks(body) if block.strip()] if body is not None else []
        blocks[:0] = self._top
        if not blocks:
            return self.pictures.transcribe_others()
        return [*self._masthead_in_header(blocks), *blocks]

    # --- blocks -----------------------------------------------------------------------------------------

    def _blocks(self, parent: Any, *, plain: bool = False) -> Iterator[str]:
        """Yield the blocks in an element; "" for an empty paragraph. Args: plain: without marks for headings and bold text."""
        for group in _group(_elements(parent)):
            if group[0].tag == _PARAGRAPH:
                yield from self._paragraph(group, plain=plain)
            elif group[0].tag == _TABLE:
                yield from self._tables(group, plain=plain)
            else:
                yield from self._chunk(group[0])
            if not plain:  # a note stands below its paragraph, or below the table in which it is
                yield from self._notes
                self._notes.clear()

    def _flat(self, parent: Any) -> str:
        """Return all text in an element on one line."""
        return " ".join(" ".join(self._blocks(parent, plain=True)).split())

    def _paragraph(self, paragraphs: list[Any], *, plain: bool) -> Iterator[str]:
        """Yield a paragraph, and what is anchored in it.

        Args: paragraphs: its parts, which deleted marks end, but for the last.
        """
        read: list[tuple[Any, str | None, list[tuple[str, bool]]]] = []
        shapes: list[Shape] = []
        for paragraph in paragraphs:
            properties = paragraph.find(w("pPr"))
            style = self._styles.of_paragraph(properties)
            read.append((properties, style, self.runs.read(paragraph, style)))
            shapes += self.runs.shapes
            self._notes += filter(None, (self._note(*note) for note in self.runs.notes))
        # A part of which nothing is left, not even its mark, is none.
        properties, style, _ = next((part for part in read if any(text.strip() for text, _ in part[2])), read[-1])
        label = self._numbering.label(properties, style)
        runs = [run for part in read for run in part[2]]
        anchored = [(shape.place, text) for shape in shapes for text in self._shape(shape, plain=plain)]
        yield from (text for place, text in anchored if place in _ABOVE)
        if plain:
            label = "" if label == BULLET else label
            yield f"{label}{''.join(text for text, _ in runs)}"
        else:
            yield self._marked(properties, style, label, runs)
        yield from (text for place, text in anchored if place not in _ABOVE)

    def _marked(self, properties: Any, style: str | None, label: str, runs: list[tuple[str, bool]]) -> str:
        """Return the text of a paragraph with Markdown's marks for a heading and for bold text."""
        text = "".join(piece for piece, _ in runs).strip()
        if not text:
            return ""
        self._length += len(text)
        inherited = self._styles.find(style, f"{w('pPr')}/{w('outlineLvl')}")
        level = value_of(properties, "outlineLvl") or (inherited.get(w("val")) if inherited is not None else None)
        lines = text.split("\n")
        if level == "0":
            return f"## {label}{' '.join(lines) if len(lines) <= _MAX_TITLE_LINES else text}"
        if level is not None and level.isdecimal() and int(level) < _TEXT_LEVEL:
            return f"**{label}{text}**"
        while not runs[0][0].strip("\n"):
            del runs[0]  # a page break, say, before which no label stands
        return mark_bold([(label, runs[0][1] and label != BULLET), *runs]).strip()

    def _shape(self, shape: Shape, *, plain: bool) -> Iterator[str]:
        """Yield the text of a shape, and count what is not read."""
        if isinstance(shape, TextBox):
            yield from self._text_box(shape, plain=plain)
        elif self._part != self._package.main:
            return  # the logo in a header
        elif isinstance(shape, LeftOut):
            self.runs.left_out[shape.what] += 1
        elif text := self.pictures.transcribe(shape, self._package.find_target(self._part, shape.relation)):
            yield text

    def _text_box(self, shape: TextBox, *, plain: bool) -> Iterator[str]:
        """Yield the text of a box; keep back that of one at the top of the first page, where the name of a series stands."""
        if isinstance(shape.content, str):
            blocks = [replace_illegal_characters(shape.content)]
        else:
            blocks = list(self._blocks(shape.content, plain=plain))
        text = "\n".join(blocks).strip()
        is_name = len(text) <= _MAX_NAME and not text.endswith(_SENTENCE_END)
        is_on_first_page = self._part == self._package.main and not self.runs.page_breaks
        if is_on_first_page and is_name and self._length < _OPENS_PAGE.get(shape.place, 0):
            self._top += filter(None, blocks)
        else:
            yield from blocks

    def _tables(self, group: list[Any], *, plain: bool) -> Iterator[str]:
        """Yield tables right below each other; rows of as many columns are one block, since they look like one table."""
        rows: list[list[str]] = []
        for table in group:
            for part in self._parts(table, plain=plain):
                is_text = isinstance(part, str)
                if rows and (is_text or len(rows[0]) != len(part[0])):
                    yield _join(rows)
                    rows = []
                if is_text:
                    yield part
                else:
                    rows += part[1:] if rows and part[0] == rows[0] else part  # a header that is repeated
        if rows:
            yield _join(rows)

    def _parts(self, table: Any, *, plain: bool) -> Iterator[Any]:
        """Yield a table as rows, and its caption and note as blocks; nothing but blocks where it frames text."""
        rows = tables.read_rows(table)
        if tables.frames_text(table, rows):
            for row in rows:
                for cell in row.cells:
                    yield from self._blocks(cell.element, plain=plain)
            return
        first, last = tables.find_body(rows)
        for row in rows[:first]:
            yield from self._blocks(row.cells[0].element, plain=plain)
        if written := [row for row in tables.write_rows(rows[first:last], self._flat) if any(row)]:
            yield written
        for row in rows[last:]:
            yield from self._blocks(row.cells[0].element, plain=plain)

    def _chunk(self, element: Any) -> Iterator[str]:
        """Yield the text of a file of another format that stands in this one."""
        data = self._package.read(self._package.find_target(self._part, element.get(name("r:id"))))
        if data is not None and self._budget.take(len(data)):
            form = find_format(data)
            if form == ".docx" and self._budget.depth > 0:
                yield from self._word_chunk(data)
                return
            if (text := read_chunk(data, form, name=self._name)) is not None:
                yield text
                return
        self.runs.left_out["embedded"] += 1

    def _word_chunk(self, data: bytes) -> Iterator[str]:
        self._budget.depth -= 1
        inner = Body(Package(data, name=self._name), name=self._name, on_page=self._on_page, budget=self._budget)
        yield from inner.read()
        self._budget.depth += 1
        self.runs.left_out.update(inner.left_out)
        self.pictures.add(inner.pictures)

    # --- what stands apart from the body ----------------------------------------------------------------

    def _note(self, kind: str, identifier: str) -> str:
        """Return the text of a footnote or endnote, each once."""
        if kind not in self._notes_of:
            root = self._package.parse(self._package.find_related(self._package.main, kind))
            self._notes_of[kind] = {note.get(w("id"), ""): note for note in root} if root is not None else {}
        note = self._notes_of[kind].pop(identifier, None)
        return "" if note is None else self._flat(note)

    def _masthead_in_header(self, blocks: list[str]) -> list[str]:
        """Return the lines of the first page's header where the masthead stands or begins there; none of another header."""
        lines = [line for line in self._header_lines() if not _PAGE_NUMBER.match(line)]
        upper = [line.strip(" #*") for block in blocks[:_MASTHEAD_LINES] for line in block.splitlines() if line.strip()]
        upper = upper[:_MASTHEAD_LINES]
        lines = [line for line in lines if line not in upper]
        issue = next((i for i, line in enumerate(upper) if _ISSUE.search(line)), None)
        if issue is None:
            return lines if any(map(_ISSUE.search, lines)) else []
        lacks_name = _ISSUE.match(upper[issue]) is not None and all(map(_DATED.search, upper[:issue]))
        return lines if lacks_name else []

    def _header_lines(self) -> list[str]:
        section = next(self._root.iter(w("sectPr")), None)
        if section is None:
            return []
        references = {one.get(w("type")): one.get(name("r:id")) for one in section.findall(w("headerReference"))}
        kind = "first" if is_on(section.find(w("titlePg"))) else "default"
        path = self._package.find_target(self._package.main, references.get(kind))
        root = self._package.parse(path)
        if path is None or root is None:
            return []
        self._part = path
        text = "\n".join(self._blocks(root, plain=True))
        self._part = self._package.main
        return [line.strip() for line in text.splitlines() if line.strip()]


def _elements(parent: Any) -> Iterator[Any]:
    """Yield the paragraphs, tables and chunks in an element, in order, and none inside each other."""
    for element in parent:
        if element.tag in (_PARAGRAPH, _TABLE, _CHUNK):
            yield element
        elif element.tag in _CONTAINERS:
            yield from _elements(element)
        elif is_alternatives(element) and (chosen := choose(element)) is not None:
            yield from _elements(chosen)


def _group(elements: Iterable[Any]) -> Iterator[list[Any]]:
    """Group paragraphs that deleted marks join, and tables right below each other."""
    group: list[Any] = []
    for element in elements:
        if group and not (element.tag == group[-1].tag and (element.tag == _TABLE or _is_mark_deleted(group[-1]))):
            yield group
            group = []
        group.append(element)
    if group:
        yield group


def _is_mark_deleted(paragraph: Any) -> bool:
    """Return whether the end of a paragraph is deleted, or moved away; see ECMA-376 part 1, 17.13.5.15."""
    mark = paragraph.find(f"{w('pPr')}/{w('rPr')}")
    return mark is not None and (mark.find(w("del")) is not None or mark.find(w("moveFrom")) is not None)


def _join(rows: list[list[str]]) -> str:
    return "\n".join("\t".join(row) for row in rows)
