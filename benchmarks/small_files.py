"""Small sound files of the formats that the program reads but does not write, made of paragraphs and one table."""

import base64
import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[str]]

_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_MAIN = "http://schemas.openxmlformats.org"
_RELATIONS = f"{_MAIN}/officeDocument/2006/relationships"
_WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
_HINT = "http://schemas.microsoft.com/office/word/2003/auxHint"


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file of these parts, by path."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for path, content in parts.items():
            package.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def ofd(pages: Sequence[Sequence[str]], *, rows: Rows = (), extra: Mapping[str, str] = {}, document: str = "") -> bytes:
    """Return an OFD file: each line set in characters of 5 mm, 34 to the line, and below the last page's a ruled table."""
    parts = {}
    for number, lines in enumerate(pages):
        objects = [_ofd_text(line, 20.0, 20.0 + 8 * row) for row, line in enumerate(lines)]
        if rows and number == len(pages) - 1:
            top = 30.0 + 8 * len(lines)
            objects += [
                _ofd_text(cell, 22.0 + 50 * column, top + 8 * row + 1)
                for row, cells in enumerate(rows)
                for column, cell in enumerate(cells)
            ]
            bottom, right = top + 8 * len(rows), 20 + 50 * len(rows[0])
            rules = [(20, top + 8 * row, right, top + 8 * row) for row in range(len(rows) + 1)]
            rules += [(20 + 50 * column, top, 20 + 50 * column, bottom) for column in range(len(rows[0]) + 1)]
            for x0, y0, x1, y1 in rules:
                data = f"<ofd:AbbreviatedData>M {x0} {y0} L {x1} {y1}</ofd:AbbreviatedData>"
                objects.append(f'<ofd:PathObject ID="9" Boundary="0 0 210 297">{data}</ofd:PathObject>')
        content = "".join(objects)
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'<ofd:Page {_OFD}><ofd:Content><ofd:Layer ID="2">{content}</ofd:Layer></ofd:Content></ofd:Page>'
        )
    listed = "".join(f'<ofd:Page ID="{number}" BaseLoc="Pages/Page_{number}/Content.xml"/>' for number in range(len(pages)))
    area = "<ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData>"
    root = f"<ofd:Document {_OFD}>{area}<ofd:Pages>{listed}</ofd:Pages>{document}</ofd:Document>"
    body = "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
    return zipped({"OFD.xml": f"<ofd:OFD {_OFD}>{body}</ofd:OFD>", "Doc_0/Document.xml": root, **parts, **extra})


def _ofd_text(text: str, left: float, top: float) -> str:
    steps = f'DeltaX="g {len(text) - 1} 5"' if len(text) > 1 else ""
    code = f'<ofd:TextCode X="0" Y="4.5" {steps}>{escape(text)}</ofd:TextCode>'
    return f'<ofd:TextObject ID="5" Boundary="{left} {top} 180 7" Font="3" Size="5">{code}</ofd:TextObject>'


def opendocument(body: str, *, kind: str = "text", styles: str = "") -> bytes:
    """Return an OpenDocument file with this body and these automatic styles, in the prefixes text, table, style and fo."""
    names = {name: f"{_ODF}:{name}:1.0" for name in ("office", "text", "table", "style")}
    names |= {"fo": f"{_ODF}:xsl-fo-compatible:1.0", "draw": f"{_ODF}:drawing:1.0"}
    declared = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in names.items())
    content = (
        f"<office:document-content {declared}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def odt(paragraphs: Sequence[str], *, rows: Rows = ()) -> bytes:
    """Return an OpenDocument text."""
    cells = ("".join(f"<table:table-cell><text:p>{escape(cell)}</text:p></table:table-cell>" for cell in row) for row in rows)
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    body = "".join(f"<text:p>{escape(paragraph)}</text:p>" for paragraph in paragraphs)
    return opendocument(body + (f"<table:table>{table}</table:table>" if rows else ""))


def office_package(main: str, parts: Mapping[str, str]) -> bytes:
    """Return an Office Open XML file whose main part is `main`."""
    relations = f'<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="{main}"/>'
    types = '<Default Extension="xml" ContentType="application/xml"/>'
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{_MAIN}/package/2006/content-types">{types}</Types>',
            "_rels/.rels": relationships(relations),
            **parts,
        }
    )


def relationships(entries: str) -> str:
    """Return a part that lists relationships."""
    return f'<Relationships xmlns="{_MAIN}/package/2006/relationships">{entries}</Relationships>'


def xlsx(
    sheets: Mapping[str, Rows], *, merged: Sequence[str] = (), numbers: Mapping[str, tuple[float, int]] = {}, hidden: str = ""
) -> bytes:
    """Return a workbook.

    Args: merged: ranges of the first sheet; numbers: values and number formats of cells that hold no text, by reference;
        hidden: the name of a sheet.
    """
    styles = sorted({form for _, form in numbers.values()} | {0})
    states = {name: 'state="hidden"' if name == hidden else "" for name in sheets}
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="r{i}" {states[name]}/>' for i, name in enumerate(sheets, 1)
    )
    targets = "".join(
        f'<Relationship Id="r{i}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    targets += f'<Relationship Id="s" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
    namespace = f'xmlns="{_MAIN}/spreadsheetml/2006/main"'
    forms = "".join(f'<xf numFmtId="{form}"/>' for form in styles)
    parts = {
        "xl/workbook.xml": f'<workbook {namespace} xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships(targets),
        "xl/styles.xml": f"<styleSheet {namespace}><cellXfs>{forms}</cellXfs></styleSheet>",
    }
    for i, rows in enumerate(sheets.values(), 1):
        data = ""
        for r, row in enumerate(rows, 1):
            cells = ""
            for c, text in enumerate(row):
                reference = f"{chr(ord('A') + c)}{r}"
                if i == 1 and reference in numbers:
                    value, form = numbers[reference]
                    cells += f'<c r="{reference}" s="{styles.index(form)}"><v>{value}</v></c>'
                elif text:
                    cells += f'<c r="{reference}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
            data += f'<row r="{r}">{cells}</row>' if row else ""
        merges = "".join(f'<mergeCell ref="{each}"/>' for each in merged) if i == 1 else ""
        parts[f"xl/worksheets/sheet{i}.xml"] = (
            f"<worksheet {namespace}><sheetData>{data}</sheetData><mergeCells>{merges}</mergeCells></worksheet>"
        )
    return office_package("xl/workbook.xml", parts)


def pptx(slides: Sequence[tuple[str, Sequence[str]]], *, notes: str = "", rows: Rows = (), title_slide: bool = False) -> bytes:
    """Return slides, each of a title and paragraphs; the first has these notes and this table, and may be a title slide."""
    names = f'xmlns:a="{_MAIN}/drawingml/2006/main" xmlns:p="{_MAIN}/presentationml/2006/main" xmlns:r="{_RELATIONS}"'

    def shape(kind: str, paragraphs: Sequence[str]) -> str:
        text = "".join(f"<a:p><a:r><a:t>{escape(each)}</a:t></a:r></a:p>" for each in paragraphs)
        return f'<p:sp><p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:txBody>{text}</p:txBody></p:sp>'

    cells = (
        "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{escape(cell)}</a:t></a:r></a:p></a:txBody></a:tc>" for cell in row)
        for row in rows
    )
    table = f"<p:graphicFrame><a:tbl>{''.join(f'<a:tr>{row}</a:tr>' for row in cells)}</a:tbl></p:graphicFrame>" if rows else ""
    listed = "".join(f'<p:sldId r:id="r{i}"/>' for i in range(len(slides), 0, -1))
    targets = "".join(  # the order of the files is not that of the slides
        f'<Relationship Id="r{i}" Type="{_RELATIONS}/slide" Target="slides/slide{i}.xml"/>' for i in range(1, len(slides) + 1)
    )
    parts = {
        "ppt/presentation.xml": f"<p:presentation {names}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relationships(targets),
    }
    for i, (title, paragraphs) in enumerate(reversed(slides), 1):
        first = i == len(slides)
        shapes = (
            shape("ctrTitle" if first and title_slide else "title", [title])
            + shape("body", paragraphs)
            + shape("sldNum", ["9"])
            + (table if first else "")
        )
        parts[f"ppt/slides/slide{i}.xml"] = f"<p:sld {names}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
        if first and notes:
            target = f'<Relationship Id="n" Type="{_RELATIONS}/notesSlide" Target="../notesSlides/n.xml"/>'
            parts[f"ppt/slides/_rels/slide{i}.xml.rels"] = relationships(target)
            parts["ppt/notesSlides/n.xml"] = f"<p:notes {names}>{shape('body', [notes])}</p:notes>"
    return office_package("ppt/presentation.xml", parts)


def mht(page: str, *, address: str, charset: str = "utf-8", quoted: bool = False) -> bytes:
    """Return a page saved as one file, with a picture beside it."""
    import quopri

    content = page.encode(charset)
    encoded = quopri.encodestring(content) if quoted else base64.encodebytes(content)
    encoding = "quoted-printable" if quoted else "base64"
    return (
        (
            f'From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="--b"\r\n\r\n'
            f"----b\r\nContent-Type: image/gif\r\nContent-Location: {address}/a.gif\r\n\r\nGIF\r\n"
            f"----b\r\nContent-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
            f"Content-Location: {address}\r\n\r\n"
        ).encode()
        + encoded
        + b"\r\n----b--\r\n"
    )


def epub(chapters: Sequence[str], *, title: str = "", date: str = "") -> bytes:
    """Return a book of these chapters, each the body of a page."""
    items = "".join(
        f'<item id="c{i}" href="text/%E7%AB%A0{i}.xhtml" media-type="application/xhtml+xml"/>' for i in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{i}"/>' for i in range(len(chapters)))
    dublin = (
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:date>{date}</dc:date></metadata>'
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles></container>',
            "OEBPS/content.opf": f"<package>{dublin}<manifest>{items}</manifest><spine>{spine}</spine></package>",
            **{
                f"OEBPS/text/章{i}.xhtml": f'<?xml version="1.0" encoding="utf-8"?><html><body>{chapter}</body></html>'
                for i, chapter in enumerate(chapters)
            },
        }
    )


def word_2003(paragraphs: Sequence[str], *, label: str = "") -> bytes:
    """Return a document in Word 2003's XML, the last paragraph of which is a list's, with this label."""
    body = "".join(f"<w:p><w:r><w:t>{escape(each)}</w:t></w:r></w:p>" for each in paragraphs[:-1])
    listed = (
        f'<w:pPr><w:listPr><w:ilvl w:val="0"/><w:ilfo w:val="1"/><wx:t wx:val="{label}"/></w:listPr></w:pPr>' if label else ""
    )
    body += f"<w:p>{listed}<w:r><w:t>{escape(paragraphs[-1])}</w:t></w:r></w:p>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Word.Document"?>'
        f'<w:wordDocument xmlns:w="{_WORD_2003}" xmlns:wx="{_HINT}"><w:body><wx:sect>{body}</wx:sect></w:body></w:wordDocument>'
    ).encode()
