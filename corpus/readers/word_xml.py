"""Word documents in one XML file: those of Word 2003, and packages written flat. Both are made into a .docx file and read so."""

import io
import zipfile
from base64 import b64decode
from typing import Any

import lxml.etree

from corpus.document import ExtractedText
from corpus.readers import word
from corpus.readers.packages import parse_xml

_WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FLAT = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_HINT = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_KEPT_OF_2003 = {"body": "document", "styles": "styles"}
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def read_word_xml(data: bytes, *, name: str) -> ExtractedText:
    """Read a Word document that is one XML file.

    Raises: UnreadableFileError: as `word.read_word`; XMLSyntaxError: it is no XML.
    """
    root = parse_xml(data)
    return word.read_word(_unfold(root) if root.tag.startswith(_FLAT) else _modernise(root), name=name)


def _unfold(root: Any) -> bytes:
    """Return the package whose parts a flat one holds."""
    parts: dict[str, bytes] = {}
    types = ""
    for part in root.iter(f"{_FLAT}part"):
        path, kind = part.get(f"{_FLAT}name", ""), part.get(f"{_FLAT}contentType", "")
        xml, binary = next(part.iterfind(f"{_FLAT}xmlData/*"), None), part.findtext(f"{_FLAT}binaryData")
        parts[path.lstrip("/")] = lxml.etree.tostring(xml) if xml is not None else b64decode(binary or "")
        types += f"<Override PartName={_quoted(path)} ContentType={_quoted(kind)}/>"
    return _zip(parts, types)


def _modernise(root: Any) -> bytes:
    """Return a .docx file with the body and the styles of a document of Word 2003.

    Its elements have the names of those of today, in another namespace, some in sections of which today's Word knows nothing.
    """
    parts: dict[str, bytes] = {}
    types = relations = ""
    for element in root:
        local = lxml.etree.QName(element).localname
        if lxml.etree.QName(element).namespace != _WORD_2003 or local not in _KEPT_OF_2003:
            continue
        part = _KEPT_OF_2003[local]
        made = lxml.etree.Element(f"{{{_WORD}}}{part}", nsmap={"w": _WORD})
        (lxml.etree.SubElement(made, f"{{{_WORD}}}body") if part == "document" else made).extend(_translated(element))
        parts[f"word/{part}.xml"] = lxml.etree.tostring(made)
        kind = "document.main" if part == "document" else part
        types += f'<Override PartName="/word/{part}.xml" ContentType="{_TYPES}.{kind}+xml"/>'
        if part != "document":
            relations += f'<Relationship Id="{part}" Type="{_RELATIONS}/{part}" Target="{part}.xml"/>'
    parts["_rels/.rels"] = _relationships(
        f'<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/>'
    )
    parts["word/_rels/document.xml.rels"] = _relationships(relations)
    return _zip(parts, types)


def _translated(parent: Any) -> list[Any]:
    """Return copies of the elements below one, in today's namespace; those of other namespaces give way to what they hold.

    The label of a list's paragraph, which Word 2003 writes beside its number, becomes text.
    """
    children: list[Any] = []
    for element in parent:
        name = lxml.etree.QName(element)
        if name.localname == "listPr":
            continue
        below = _translated(element)
        if name.namespace != _WORD_2003:
            children += below
            continue
        made = lxml.etree.Element(f"{{{_WORD}}}{name.localname}")
        for key, value in element.attrib.items():
            made.set(key.replace(_WORD_2003, _WORD), value)
        made.text = element.text
        made.extend(below)
        hint = element.find(f"{{*}}pPr/{{*}}listPr/{_HINT}t") if name.localname == "p" else None
        if hint is not None and (label := hint.get(f"{_HINT}val")):
            run = lxml.etree.Element(f"{{{_WORD}}}r")
            lxml.etree.SubElement(run, f"{{{_WORD}}}t").text = label
            made.insert(1, run)  # after the paragraph's properties
        children.append(made)
    return children


def _relationships(entries: str) -> bytes:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{entries}</Relationships>'.encode()
    )


def _quoted(value: str) -> str:
    return '"' + value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") + '"'


def _zip(parts: dict[str, bytes], types: str) -> bytes:
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    namespace = "http://schemas.openxmlformats.org/package/2006/content-types"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", f'<Types xmlns="{namespace}">{defaults}{types}</Types>')
        for path, content in parts.items():
            package.writestr(path, content)
    return file.getvalue()
