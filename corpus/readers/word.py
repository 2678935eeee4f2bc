"""Word files: .docx by python-docx.

What a reader of the printed file sees of its body is the text: automatic numbers, inserted text and text boxes are in it; deleted
text, comments, headers, footers and notes are not. Headings and bold runs bear Markdown's marks, which the parser takes out; each
row of a table is a line, its cells parted by tabs.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.readers.marks import PAGE, compose, mark_bold, replace_illegal_characters
from corpus.text.numerals import format_chinese

READER = "word-1"

_MAX_UNPACKED = 200_000_000  # bytes; the pictures of a bulletin are some 10 MB
_MAX_PART = 20_000_000  # bytes of one XML part; that of a bulletin of 60 pages has some 2 MB
_UNPACKED_AT_ONCE = 1_000_000  # bytes
_MAX_CELL = 200  # characters: a longer one is text in a frame
_BODY_LEVEL = 9  # of an outline: Word's number for what is no heading
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED = {_FALLBACK, *map(qn, ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:txbxContent"))}
_BREAKS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): "\t", qn("w:noBreakHyphen"): "-"}
_OFF = {"0", "false", "off", "none"}


def read_word(data: bytes, *, name: str) -> ExtractedText:
    """Read a .docx file.

    Raises: UnreadableFileError: it is no .docx file, is damaged, or unpacks to more than a bulletin can hold.
    """
    _check_size(data, name)
    try:
        document = docx.Document(io.BytesIO(data))
        blocks = list(_Body(document).blocks())
    except (PackageNotFoundError, KeyError, ValueError, SyntaxError, AttributeError, OSError) as error:
        raise UnreadableFileError(Message.of("corpus.readers.damaged_word", document=name, cause=str(error))) from error
    text = "\n\n".join(block for block in blocks if block.strip())
    # The first page begins without such a mark; Word counts none before the file is saved by it.
    return compose((PAGE if PAGE in text else "") + text + "\n", reader=READER)


def _check_size(data: bytes, name: str) -> None:
    """Refuse a file before it is unpacked, and one that unpacks to more than it says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            largest = max((part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))), default=0)
            total = sum(part.file_size for part in parts)
            if total <= _MAX_UNPACKED and largest <= _MAX_PART:
                for part in parts:
                    with package.open(part) as content:
                        while content.read(_UNPACKED_AT_ONCE):
                            pass  # at the end the checksum tells whether the size was true
                return
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError) as error:
        raise UnreadableFileError(Message.of("corpus.readers.not_docx", document=name, cause=str(error))) from error
    raise UnreadableFileError(Message.of("corpus.readers.zip_bomb", document=name, size=max(largest, total) // 1_000_000))


@dataclass(frozen=True, slots=True)
class _Level:
    """How a level of an automatic list is labelled: `template` is %1、 or the like, its number a numeral in `format`."""

    format: str = "decimal"
    template: str = ""
    first: int = 1


@dataclass(slots=True)
class _Numbering:
    """The labels that Word writes before the paragraphs of automatic lists."""

    levels: dict[tuple[str, str], _Level]  # by list and level
    counts: dict[str, list[int]] = field(default_factory=dict)  # the numbers of a list's last paragraph, by level

    @classmethod
    def of(cls, document: Document) -> "_Numbering":
        levels: dict[tuple[str, str], _Level] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):  # python-docx: no list in this file
            return cls({})
        templates = {element.get(qn("w:abstractNumId")): element for element in root.findall(qn("w:abstractNum"))}
        for number in root.findall(qn("w:num")):
            for level in templates.get(_value(number, "w:abstractNumId"), ()):
                if level.tag == qn("w:lvl"):
                    levels[number.get(qn("w:numId")), level.get(qn("w:ilvl"))] = _Level(
                        format=_value(level, "w:numFmt") or "decimal",
                        template=_value(level, "w:lvlText") or "",
                        first=int(_value(level, "w:start") or "1"),
                    )
        return cls(levels)

    def next_label(self, number: str, level: str) -> str:
        """Return the label of the list's next paragraph at that level: 一、 or （二） or 3. ; `- ` for a bullet."""
        if (number, level) not in self.levels:
            return ""
        form = self.levels[number, level]
        if form.format == "bullet":
            return "- "
        depth, counts = int(level), self.counts.setdefault(number, [])
        while len(counts) <= depth:
            counts.append(self._level(number, len(counts)).first - 1)
        counts[depth] += 1
        del counts[depth + 1 :]

        def numeral(match: re.Match[str]) -> str:
            above = int(match[1]) - 1
            value = counts[above] if above < len(counts) else form.first
            return _numeral(value, self._level(number, above).format)

        return re.sub(r"%(\d)", numeral, form.template)

    def _level(self, number: str, depth: int) -> _Level:
        return self.levels.get((number, str(depth)), _Level())


def _numeral(value: int, form: str) -> str:
    if form in ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographDigital", "taiwaneseCounting"):
        return format_chinese(value)
    if form == "decimalEnclosedCircle" and 1 <= value <= 20:
        return chr(ord("①") + value - 1)
    if form in ("lowerLetter", "upperLetter") and 1 <= value <= 26:
        return chr(ord("a" if form == "lowerLetter" else "A") + value - 1)
    return "" if form == "none" else str(value)


class _Body:
    """The paragraphs and tables of a document's body, in order, as blocks of text."""

    def __init__(self, document: Document) -> None:
        self._body = document.element.body
        self._numbering = _Numbering.of(document)
        self._styles = {style.get(qn("w:styleId")): style for style in document.styles.element.findall(qn("w:style"))}

    def blocks(self, parent: Any = None) -> Iterator[str]:
        """Yield the blocks of the body, or of another parent: "" for an empty paragraph."""
        for element in self._body if parent is None else parent:
            if element.tag == qn("w:p"):
                yield self._paragraph(element)
                for box in self._boxes(element):
                    yield from self.blocks(box)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element)
            elif element.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml"), qn("w:smartTag")):
                yield from self.blocks(element)

    def _boxes(self, paragraph: Any) -> Iterator[Any]:
        """Yield the text boxes anchored in a paragraph; none inside another, nor the copy kept for old versions of Word."""
        for box in paragraph.iter(qn("w:txbxContent")):
            above = list(box.iterancestors())
            above = above[: above.index(paragraph)]
            if not any(element.tag in (_FALLBACK, qn("w:txbxContent"), qn("w:del")) for element in above):
                yield box

    def _table(self, table: Any) -> Iterator[str]:
        """Yield a table as one block, a line for each row; the blocks in it, where it frames text or holds tables."""
        rows = [row for row in table.iter(qn("w:tr")) if next(row.iterancestors(qn("w:tbl"))) is table]
        rows = [row for row in rows if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is None]
        cells = [[cell for cell in row.iter(qn("w:tc")) if next(cell.iterancestors(qn("w:tr"))) is row] for row in rows]
        texts = [[" ".join(" ".join(self._cell(cell)).split()) for cell in row] for row in cells]
        nested = next(table.iterdescendants(qn("w:tbl")), None) is not None
        if nested or all(len(row) < 2 for row in texts) or any(len(text) > _MAX_CELL for row in texts for text in row):
            for row in cells:
                for cell in row:
                    yield from self.blocks(cell)
        else:
            yield "\n".join("\t".join(row) for row in texts if any(row))

    def _cell(self, cell: Any) -> Iterator[str]:
        for paragraph in cell.iter(qn("w:p")):
            yield "".join(text for text, _ in self._runs(paragraph))

    def _paragraph(self, paragraph: Any) -> str:
        properties = paragraph.find(qn("w:pPr"))
        style = _value(properties, "w:pStyle")
        label = self._label(properties, style)
        level = _value(properties, "w:outlineLvl") or self._inherited(style, f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        runs = list(self._runs(paragraph, bold=self._is_bold(style)))
        text = "".join(piece for piece, _ in runs)
        if not text.strip():
            return ""
        if level == "0":
            return f"## {label}{text.strip()}"
        if level is not None and level.isdecimal() and int(level) < _BODY_LEVEL:
            return f"**{label}{text.strip()}**"
        return mark_bold([(label, runs[0][1] and label != "- "), *runs]).strip()

    def _label(self, properties: Any, style: str | None) -> str:
        own = properties.find(qn("w:numPr")) if properties is not None else None
        inherited = f"{qn('w:pPr')}/{qn('w:numPr')}"
        number = _value(own, "w:numId") or self._inherited(style, f"{inherited}/{qn('w:numId')}")
        level = _value(own, "w:ilvl") or self._inherited(style, f"{inherited}/{qn('w:ilvl')}") or "0"
        return self._numbering.next_label(number, level) if number else ""

    def _runs(self, element: Any, *, bold: bool = False) -> Iterator[tuple[str, bool]]:
        """Yield the visible text of a paragraph in runs, and whether each is bold."""
        for child in element:
            if child.tag in _SKIPPED or not isinstance(child.tag, str):
                continue
            if child.tag == qn("w:t"):
                yield replace_illegal_characters(child.text or ""), bold
            elif child.tag == qn("w:lastRenderedPageBreak"):
                yield PAGE, bold
            elif child.tag in _BREAKS:
                yield "" if child.get(qn("w:type")) in ("page", "column") else _BREAKS[child.tag], bold
            elif child.tag == qn("w:r"):
                properties = child.find(qn("w:rPr"))
                if properties is not None and _is_on(properties.find(qn("w:vanish"))):
                    continue  # hidden text
                own = properties.find(qn("w:b")) if properties is not None else None
                styled = bold or self._is_bold(_value(properties, "w:rStyle"))
                yield from self._runs(child, bold=styled if own is None else _is_on(own))
            elif len(child):
                yield from self._runs(child, bold=bold)

    def _is_bold(self, style: str | None) -> bool:
        value = self._inherited(style, f"{qn('w:rPr')}/{qn('w:b')}", missing="1")
        return value is not None and value not in _OFF

    def _inherited(self, style: str | None, path: str, *, missing: str | None = None) -> str | None:
        """Return the value that a style or one of those it is based on gives; `missing` where the element has none."""
        seen: set[str] = set()
        while style is not None and style in self._styles and style not in seen:
            seen.add(style)
            found = self._styles[style].find(path)
            if found is not None:
                value = found.get(qn("w:val"), missing)
                return None if value is None else str(value)
            style = _value(self._styles[style], "w:basedOn")
        return None


def _is_on(element: Any) -> bool:
    return element is not None and element.get(qn("w:val"), "1") not in _OFF


def _value(parent: Any, name: str) -> str | None:
    found = parent.find(qn(name)) if parent is not None else None
    value = found.get(qn("w:val")) if found is not None else None
    return str(value) if value is not None else None
