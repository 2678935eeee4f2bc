"""Word's documents of one XML file."""

import base64
import io
import re
import zipfile
from xml.sax.saxutils import quoteattr

import docx

from benchmarks.small_files import word_2003
from corpus import readers


def test_word_2003_with_the_labels_of_its_lists() -> None:
    data = word_2003(["云栖青年信息", "课程按需开。"], label="一、")
    for name in ("it.doc", "it.xml", "it.txt"):
        assert readers.read_file(data, name=name).text == "云栖青年信息\n\n一、课程按需开。\n"


def test_a_flat_package_is_the_document_that_it_holds() -> None:
    document, file = docx.Document(), io.BytesIO()
    document.add_paragraph("云栖青年信息")
    document.add_table(rows=1, cols=2).rows[0].cells[1].text = "锦渚区"
    document.save(file)
    parts = ""
    with zipfile.ZipFile(file) as package:
        for path in package.namelist():
            content = package.read(path)
            if path == "[Content_Types].xml":
                types = content.decode()
                continue
            told = re.search(f'PartName="/{re.escape(path)}" ContentType="([^"]*)"', types)
            kind = told[1] if told else "application/xml"
            if path.endswith(".rels"):
                kind = "application/vnd.openxmlformats-package.relationships+xml"
            body = (
                f"<pkg:xmlData>{content.decode().split('?>', 1)[-1]}</pkg:xmlData>"
                if path.endswith((".xml", ".rels"))
                else f"<pkg:binaryData>{base64.b64encode(content).decode()}</pkg:binaryData>"
            )
            parts += f"<pkg:part pkg:name={quoteattr('/' + path)} pkg:contentType={quoteattr(kind)}>{body}</pkg:part>"
    flat = (
        f'<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">{parts}</pkg:package>'
    )
    one = readers.read_file(file.getvalue(), name="it.docx")
    assert readers.read_file(flat.encode(), name="it.doc").text == one.text == "云栖青年信息\n\n\t锦渚区\n"
