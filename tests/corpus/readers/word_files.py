"""Word files made of parts, as small as Word opens them."""

import io
import zipfile
from collections.abc import Mapping

from corpus import readers
from corpus.document import ExtractedText

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": OFFICE,
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)


def part(root: str, content: str) -> str:
    """An XML part: w:styles, w:numbering, …"""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} {NAMESPACES}>{content}</w:{root}>'


def pack(
    body: str, *, relations: Mapping[str, str] | None = None, files: Mapping[str, str | bytes] | None = None, **parts: str
) -> bytes:
    """A Word file.

    Args: relations: of the document, by identifier: type and target; files: other parts, by path; parts: those that the document
        refers to, by type: `styles` is word/styles.xml.
    """
    named = {**{f"word/{name}.xml": content for name, content in parts.items()}, **(files or {})}
    related = {name: f"{name} {name}.xml" for name in parts} | dict(relations or {})
    links = "".join(
        f'<Relationship Id="{identifier}" Type="{OFFICE}/{told.split()[0]}" Target="{told.split()[1]}"/>'
        for identifier, told in related.items()
    )
    opening = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    main = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
    main += f'<Relationship Id="rId2" Type="{OFFICE}/extended-properties" Target="docProps/app.xml"/>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        package.writestr("_rels/.rels", f"{opening}{main}</Relationships>")
        package.writestr("word/_rels/document.xml.rels", f"{opening}{links}</Relationships>")
        package.writestr("word/document.xml", part("document", f"<w:body>{body}</w:body>"))
        for name, content in named.items():
            package.writestr(name, content)
    return file.getvalue()


def paragraph(text: str = "", *, properties: str = "", mark: str = "") -> str:
    """A paragraph of one run. Args: mark: properties of its end."""
    own = f"{properties}<w:rPr>{mark}</w:rPr>" if mark else properties
    return f"<w:p><w:pPr>{own}</w:pPr>{run(text) if text else ''}</w:p>"


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def list_of(*levels: tuple[str, str], instances: str = '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>') -> str:
    """A part of list number 1, with the format and the label of each of its levels."""
    written = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{label}"/></w:lvl>'
        for depth, (form, label) in enumerate(levels)
    )
    return part("numbering", f'<w:abstractNum w:abstractNumId="1">{written}</w:abstractNum>{instances}')


def numbered(number: int = 1, level: int = 0) -> str:
    """The properties of a paragraph of a list."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def reading(body: str, **parts: object) -> ExtractedText:
    """What is read of a Word file; arguments as of `pack`."""
    return readers.read_file(pack(body, **parts), name="it.docx")  # type: ignore[arg-type]


def lines(body: str, **parts: object) -> list[str]:
    """The lines of text in a Word file but the empty ones."""
    return [line for line in reading(body, **parts).text.splitlines() if line]
