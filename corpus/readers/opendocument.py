"""OpenDocument files, by lxml: texts (.odt), sheets (.ods) and slides (.odp), after OASIS OpenDocument 1.3 part 3.

As of Word files, the body is the text: deleted text, comments and notes are not. (odfpy, the one library, is no longer kept up
and gives no more than the elements.)
"""

from collections.abc import Iterator
from typing import Any

from corpus.document import ExtractedText
from corpus.readers.marks import PAGE, compose, mark_bold, replace_illegal_characters
from corpus.readers.packages import Package
from corpus.readers.slides import NOTES
from corpus.text.numerals import format_chinese

READER = "opendocument-1"

_NAMESPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
}


def _tag(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


_PARAGRAPH, _HEADING, _LIST, _ITEM = _tag("text:p"), _tag("text:h"), _tag("text:list"), _tag("text:list-item")
_TABLE, _ROW, _CELL, _COVERED = (_tag(f"table:{name}") for name in ("table", "table-row", "table-cell", "covered-table-cell"))
_BOX, _PAGE, _NOTES = _tag("draw:text-box"), _tag("draw:page"), _tag("presentation:notes")
_LEFT_OUT = {
    _tag(name)
    for name in (
        "text:tracked-changes", "text:note", "office:annotation", "office:forms", "text:ruby-text", "text:table-of-content",
        "table:shapes", "text:sequence-decls",
    )
}  # fmt: skip
_MAX_REPEATED = 1_000  # columns or rows that a cell or row stands for; empty ones are repeated to the end of a sheet
_MAX_CELL = 200  # characters: a longer one is text in a frame
_MAX_DEPTH = 10  # of lists (section 19.880)


def read_opendocument(data: bytes, *, name: str) -> ExtractedText:
    """Read an OpenDocument file.

    Raises: UnreadableFileError: it is encrypted, or unpacks to more than a document holds.
    """
    package = Package(data, name=name)
    content = package.parse("content.xml")
    styles = [content, *([package.parse("styles.xml")] if "styles.xml" in package else [])]
    blocks = [block for block in _Body(styles).blocks(content.find(_tag("office:body"))) if block.strip()]
    text = "\n\n".join(blocks)
    return compose((PAGE if PAGE in text and not text.startswith(PAGE) else "") + text + "\n", reader=READER)


class _Body:
    """The paragraphs, lists and tables of a document's body, in order, as blocks of text."""

    def __init__(self, styles: list[Any]) -> None:
        self._bold: dict[str, bool] = {}
        self._parents: dict[str, str] = {}
        self._levels: dict[tuple[str, int], Any] = {}
        self._list_styles: dict[str, str] = {}  # of paragraph styles
        self._counts: dict[str, list[int]] = {}
        for root in styles:
            for style in root.iter(_tag("style:style")):
                key = style.get(_tag("style:name"), "")
                self._parents[key] = style.get(_tag("style:parent-style-name"), "")
                if listed := style.get(_tag("style:list-style-name")):
                    self._list_styles[key] = listed
                properties = style.find(_tag("style:text-properties"))
                weight = properties.get(_tag("fo:font-weight")) if properties is not None else None
                if weight is not None:
                    self._bold[key] = weight in ("bold", "600", "700", "800", "900")
            for style in root.iter(_tag("text:list-style"), _tag("text:outline-style")):
                outline = style.tag == _tag("text:outline-style")
                for level in style:
                    depth = level.get(_tag("text:level"), "")
                    if depth.isdecimal():
                        self._levels["" if outline else style.get(_tag("style:name"), ""), int(depth)] = level

    def blocks(self, parent: Any, *, list_style: str = "", depth: int = 0) -> Iterator[str]:
        """Yield the blocks below an element."""
        for element in parent:
            if element.tag in _LEFT_OUT:
                continue
            if element.tag in (_PARAGRAPH, _HEADING):
                yield self._paragraph(element, "")
                yield from self._boxes(element)
            elif element.tag == _LIST:
                yield from self._list(element, list_style, depth)
            elif element.tag == _TABLE:
                yield from self._table(element)
            elif element.get(_tag("presentation:class")) == "title":
                yield "## " + " ".join(block for block in self.blocks(element) if block.strip())
            elif element.tag == _NOTES:
                notes = [block for block in self.blocks(element) if block.strip()]
                yield "\n\n".join([NOTES, *notes]) if notes else ""
            elif element.tag == _PAGE:
                yield PAGE + "\n\n".join(block for block in self.blocks(element) if block.strip())
            else:
                yield from self.blocks(element, list_style=list_style, depth=depth)

    def _boxes(self, paragraph: Any) -> Iterator[str]:
        for box in paragraph.iter(_BOX):
            if next(box.iterancestors(_BOX), None) is None:
                yield from self.blocks(box)

    def _list(self, element: Any, inherited: str, depth: int) -> Iterator[str]:
        """Yield the items of a list, each with its label. A list goes on counting where it says so, or has an id of its own."""
        style = element.get(_tag("text:style-name")) or inherited
        depth = min(depth + 1, _MAX_DEPTH)
        if depth == 1 and element.get(_tag("text:continue-numbering")) != "true":
            self._counts[style] = []
        for item in element.iterfind(_ITEM):
            label = self._label(style, depth)
            for child in item:
                if child.tag in (_PARAGRAPH, _HEADING):
                    yield self._paragraph(child, label)
                    yield from self._boxes(child)
                    label = ""
                elif child.tag == _LIST:
                    yield from self._list(child, style, depth)

    def _label(self, style: str, depth: int) -> str:
        """Return the label of the next item at that level: 一、 or 2. ; `- ` for a bullet."""
        level = self._levels.get((style, depth))
        if level is None:
            return ""
        if level.tag == _tag("text:list-level-style-bullet"):
            return "- "
        counts = self._counts.setdefault(style, [])
        counts += [int(level.get(_tag("text:start-value"), "1")) - 1] * (depth - len(counts))
        del counts[depth:]
        counts[depth - 1] += 1
        form = level.get(_tag("style:num-format"), "")
        if not form:
            return ""
        shown = min(int(level.get(_tag("text:display-levels"), "1")), depth)
        number = ".".join(_numeral(count, form) for count in counts[depth - shown : depth])
        return str(level.get(_tag("style:num-prefix"), "") + number + level.get(_tag("style:num-suffix"), ""))

    def _paragraph(self, paragraph: Any, label: str) -> str:
        style = paragraph.get(_tag("text:style-name"), "")
        level = paragraph.get(_tag("text:outline-level"), "1") if paragraph.tag == _HEADING else ""
        if level.isdecimal() and not label:
            label = self._label("", int(level))
        runs = list(self._runs(paragraph, bold=self._is_bold(style)))
        text = "".join(piece for piece, _ in runs)
        if not text.strip():
            return ""
        if level == "1":
            return f"## {label}{text.strip()}"
        if level:
            return f"**{label}{text.strip()}**"
        return mark_bold([(label, runs[0][1] and label != "- "), *runs]).strip()

    def _runs(self, element: Any, *, bold: bool) -> Iterator[tuple[str, bool]]:
        yield _single_spaced(element.text), bold
        for child in element:
            tag = child.tag
            if tag == _tag("text:s"):
                yield " " * min(int(child.get(_tag("text:c"), "1")), _MAX_REPEATED), bold
            elif tag == _tag("text:tab"):
                yield "\t", bold
            elif tag == _tag("text:line-break"):
                yield "\n", bold
            elif tag == _tag("text:soft-page-break"):
                yield PAGE, bold
            elif tag not in _LEFT_OUT and not tag.startswith(f"{{{_NAMESPACES['draw']}}}"):
                style = child.get(_tag("text:style-name"), "") if tag == _tag("text:span") else ""
                yield from self._runs(child, bold=self._is_bold(style, otherwise=bold))
            yield _single_spaced(child.tail), bold

    def _is_bold(self, style: str, *, otherwise: bool = False) -> bool:
        seen: set[str] = set()
        while style and style not in seen:
            if style in self._bold:
                return self._bold[style]
            seen.add(style)
            style = self._parents.get(style, "")
        return otherwise

    def _table(self, table: Any) -> Iterator[str]:
        """Yield a table as one block, a line for each row; the blocks in it, where it frames text or holds tables."""
        rows = [row for row in table.iter(_ROW) if next(row.iterancestors(_TABLE)) is table]
        nested = next(table.iterdescendants(_TABLE), None) is not None
        texts = list(self._rows(rows))
        if nested or all(len(row) < 2 for row in texts) or any(len(cell) > _MAX_CELL for row in texts for cell in row):
            for row in rows:
                for cell in row.iterfind(_CELL):
                    yield from self.blocks(cell)
            return
        yield "\n".join(line for row in texts if (line := "\t".join(row).rstrip("\t")))

    def _rows(self, rows: list[Any]) -> Iterator[list[str]]:
        """Yield the texts of the cells of each row; a cell over several rows counts for each, one over several columns once."""
        spans: dict[int, tuple[int, str]] = {}  # by column: the rows for which a cell still counts, and its text
        for row in rows:
            texts: list[str] = []
            for cell in row:
                if cell.tag not in (_CELL, _COVERED):
                    continue
                column = len(texts)
                left, above = spans.pop(column, (0, ""))
                text = above if cell.tag == _COVERED and left else self._cell(cell)
                spanned = int(cell.get(_tag("table:number-rows-spanned"), "1")) - 1 if cell.tag == _CELL else left - 1
                if spanned > 0 and text:
                    spans[column] = (spanned, text)
                texts += [text] * min(int(cell.get(_tag("table:number-columns-repeated"), "1")), _MAX_REPEATED)
            while texts and not texts[-1]:
                texts.pop()
            repeated = min(int(row.get(_tag("table:number-rows-repeated"), "1")), _MAX_REPEATED) if texts else 1
            for _ in range(repeated):
                yield texts

    def _cell(self, cell: Any) -> str:
        paragraphs = ("".join(text for text, _ in self._runs(p, bold=False)) for p in cell.iter(_PARAGRAPH, _HEADING))
        return " ".join(" ".join(paragraphs).replace(PAGE, "").split())


def _single_spaced(text: str | None) -> str:
    """Return text with each run of white space as one blank (section 6.1.2). The full-width blank is none of it."""
    legal = replace_illegal_characters(text or "")
    pieces = legal.replace("\t", " ").replace("\n", " ").replace("\r", " ").split(" ")
    kept = [piece for i, piece in enumerate(pieces) if piece or i in (0, len(pieces) - 1)]
    return " ".join(kept) if legal else ""


def _numeral(value: int, form: str) -> str:
    if form[0] in "一壹":
        return format_chinese(value)
    if form[0] == "①" and 1 <= value <= 20:
        return chr(ord("①") + value - 1)
    if form[0] in "aA" and 1 <= value <= 26:
        return chr(ord(form[0]) + value - 1)
    return str(value)
