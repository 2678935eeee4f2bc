"""Slides: .pptx files, by lxml: the text of each slide in order, tables row by row, the notes below it. A slide is a page."""

from collections.abc import Iterator
from typing import Any

from corpus.document import ExtractedText
from corpus.readers.marks import PAGE, compose, mark_bold, replace_illegal_characters
from corpus.readers.packages import Package

READER = "slides-2"

_DECK_TITLE = "ctrTitle"  # of a title slide
_TITLES = {"title", _DECK_TITLE}
_FURNITURE = {"dt", "ftr", "sldNum", "hdr", "sldImg"}  # placeholders for date, footer, number, header; the slide beside its notes
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
NOTES = "备注："  # stands above the notes of a slide


def read_pptx(data: bytes, *, name: str) -> ExtractedText:
    """Read a presentation. Hidden slides are left out.

    Raises: UnreadableFileError: it is encrypted, or unpacks to more than a document holds.
    """
    package = Package(data, name=name)
    path = package.main_part("ppt/presentation.xml")
    relations = package.relations(path)
    slides: list[str] = []
    for entry in package.parse(path).iterfind("{*}sldIdLst/{*}sldId"):
        target = next((relations[value][1] for key, value in entry.items() if key.endswith("}id") and value in relations), None)
        if target is not None and target in package:
            root = package.parse(target)
            if root.get("show", "1") not in ("0", "false"):
                slides.append(PAGE + "\n\n".join(_slide(root, package, target, is_first=not slides)))
    return compose("\n\n".join(slides) + "\n", reader=READER)


def _slide(root: Any, package: Package, path: str, *, is_first: bool) -> Iterator[str]:
    yield from _blocks(root, of_deck=is_first)
    for kind, target in package.relations(path).values():
        if kind == "diagramData" and target in package:
            yield from (text for point in package.parse(target).iter("{*}pt") if (text := "\n".join(_paragraphs(point))))
    for kind, target in package.relations(path).values():
        if kind == "notesSlide" and target in package and (notes := list(_blocks(package.parse(target)))):
            yield "\n\n".join([NOTES, *notes])


def _blocks(root: Any, *, of_deck: bool = False) -> Iterator[str]:
    """Yield the texts of the shapes of a slide, the title as a heading, and its tables.

    Args: of_deck: the title of a title slide is that of the deck, above those of the other slides.
    """
    for element in root.iter("{*}sp", "{*}tbl"):
        if any(above.tag == _FALLBACK for above in element.iterancestors()):
            continue
        if element.tag.endswith("}tbl"):
            if rows := "\n".join(_rows(element)):
                yield rows
            continue
        placeholder = next(element.iterfind("{*}nvSpPr/{*}nvPr/{*}ph"), None)
        kind = placeholder.get("type", "body") if placeholder is not None else ""
        if kind in _FURNITURE:
            continue
        paragraphs = list(_paragraphs(element, plain=kind in _TITLES))
        if kind in _TITLES and paragraphs:
            yield f"{'#' if of_deck and kind == _DECK_TITLE else '##'} {' '.join(paragraphs)}"
        else:
            yield from paragraphs


def _paragraphs(element: Any, *, plain: bool = False) -> Iterator[str]:
    for paragraph in element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}p"):
        runs = [(text, bold and not plain) for text, bold in _runs(paragraph)]
        if text := mark_bold(runs).strip():
            yield text


def _runs(paragraph: Any) -> Iterator[tuple[str, bool]]:
    """Yield the runs of a paragraph, and whether each is bold."""
    for run in paragraph:
        kind = run.tag.rpartition("}")[2]
        if kind in ("r", "fld"):
            properties = run.find("{*}rPr")
            bold = properties is not None and properties.get("b") in ("1", "true")
            yield replace_illegal_characters(run.findtext("{*}t") or ""), bold
        elif kind == "br":
            yield "\n", False


def _rows(table: Any) -> Iterator[str]:
    """Yield a line for each row of a table; a cell merged over several rows counts for each."""
    above: list[str] = []
    for row in table.iterfind("{*}tr"):
        cells = []
        for i, cell in enumerate(row.iterfind("{*}tc")):
            merged = cell.get("vMerge") in ("1", "true")
            text = " ".join(" ".join("".join(text for text, _ in _runs(p)) for p in cell.iterfind("{*}txBody/{*}p")).split())
            cells.append(above[i] if merged and i < len(above) else text)
        above = cells
        if any(cells):
            yield "\t".join(cells).rstrip("\t")
