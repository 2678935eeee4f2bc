"""Bulletins in the formats of an office: as a Word file, as a printed PDF, and as a scan."""

import html
import io
import random
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from corpus.parsing.layout import classify
from corpus.parsing.lines import Kind
from corpus.parsing.paragraphs import group_paragraphs
from corpus.regions.gazetteer import Gazetteer

_DPI = 200


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as its author typed it: runs of text, each bold or not. Lines split by a page break are joined."""

    kind: Kind
    hashed: bool
    bulleted: bool
    runs: tuple[tuple[str, bool], ...]


def typed(source: str, *, gazetteer: Gazetteer) -> list[Paragraph]:
    """Return the paragraphs of a bulletin given as text or Markdown."""
    found = []
    for group in group_paragraphs(list(classify(source, gazetteer=gazetteer).lines)):
        raw = "".join(re.sub(r"^\s*#{1,6}\s*", "", line.raw).strip() for line in group)
        if not re.sub(r"[-*\s]", "", raw):
            continue  # a bullet without text
        bulleted = bool(re.match(r"[-*] ", raw))
        pieces = re.split(r"\*\*", raw[2:] if bulleted else raw)
        runs = tuple((piece, i % 2 == 1) for i, piece in enumerate(pieces) if piece)
        if runs:
            found.append(Paragraph(group[0].kind, group[0].is_markdown_heading, bulleted, runs))
    return found


def to_docx(paragraphs: list[Paragraph], *, header: str = "") -> bytes:
    """Return a Word file: titles by style, bold by runs, contents as an automatic list, page numbers, `header` on every page."""
    document = docx.Document()
    _font(document.styles["Normal"], 16)
    _font(document.styles["Heading 1"], 22)
    section = document.sections[0]
    section.header.paragraphs[0].text = header
    section.footer.paragraphs[0].text = "— 1 —"
    for paragraph in paragraphs:
        style = "Heading 1" if paragraph.kind == "title" else "List Bullet" if paragraph.bulleted else "Normal"
        set_in = document.add_paragraph(style=style)
        if paragraph.kind in ("masthead", "title"):
            set_in.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif paragraph.kind == "body":
            set_in.paragraph_format.first_line_indent = Pt(32)
        for text, bold in paragraph.runs:
            set_in.add_run(text).bold = True if bold else None
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def to_html(paragraphs: list[Paragraph]) -> str:
    """Return a page that prints like an official document: A4, text of size 3 on lines of 28 points."""
    written = []
    for paragraph in paragraphs:
        inside = "".join(f"<b>{html.escape(text)}</b>" if bold else html.escape(text) for text, bold in paragraph.runs)
        tag = "h2" if paragraph.kind == "title" else "li" if paragraph.bulleted else "p"
        tag = "h1" if paragraph.kind == "masthead" and paragraph.hashed else tag
        written.append(f'<{tag} class="{paragraph.kind}">{inside}</{tag}>')
    style = (
        "@page{size:A4} body{font:16pt/28pt 'Noto Serif CJK SC','SimSun',serif;text-align:justify;margin:0}"
        "p{margin:0} p.body{text-indent:2em} .masthead{text-align:center} h1{font-size:30pt;line-height:48pt;color:#c00}"
        "h2{font-size:22pt;line-height:32pt;text-align:center;font-weight:bold} table{border-collapse:collapse;width:100%}"
        "td,th{border:1px solid black;padding:2pt}"
    )
    body = "\n".join(written).replace('</h2>\n<h2 class="title">', "<br>")  # a title on two lines
    return f'<!doctype html><meta charset="utf-8"><style>{style}</style>{body}'


def to_pdf(page: str, *, chromium: str, header: str = "") -> bytes:
    """Return an HTML page printed by a browser, with page numbers and `header` on every page."""
    with ThreadPoolExecutor(1) as thread:  # in this one the browser of a test may be open
        return thread.submit(_print, page, chromium=chromium, header=header).result()


def _print(page: str, *, chromium: str, header: str) -> bytes:
    from playwright.sync_api import sync_playwright

    corner = "font:10pt 'Noto Serif CJK SC';width:100%;text-align:center"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.set_content(page)
        printed = tab.pdf(
            format="A4",
            display_header_footer=True,
            header_template=f'<div style="{corner}">{html.escape(header)}</div>',
            footer_template=f'<div style="{corner}">— <span class="pageNumber"></span> —</div>',
            margin={"top": "37mm", "bottom": "35mm", "left": "28mm", "right": "26mm"},
        )
        browser.close()
    return printed


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of text on a page: its left end and its base line, in points from the top left corner of A4, and its size."""

    text: str
    left: float
    base: float
    size: float = 16
    bold: bool = False


def bare_pdf(pages: list[list[Placed]], *, rules: list[tuple[float, float, float, float]] | None = None) -> bytes:
    """Return a PDF with lines of text at given positions, without fonts; `rules` are lines drawn on each page."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    for name in (b"STSong-Light", b"STSong-Light,Bold"):
        system = b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>"
        inside = b"<</Type/Font/Subtype/CIDFontType0/BaseFont/%s%s/DW 1000>>" % (name, system)
        objects.append(b"<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/UniGB-UTF16-H/DescendantFonts[%s]>>" % (name, inside))
    kids = []
    for lines in pages:
        drawn = [f"{x} {842 - y} m {to_x} {842 - to_y} l S" for x, y, to_x, to_y in rules or []]
        for line in lines:
            code = line.text.encode("utf-16-be").hex()
            drawn.append(f"BT /F{int(line.bold)} {line.size} Tf {line.left} {842 - line.base} Td <{code}> Tj ET")
        content = "\n".join(drawn).encode()
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        kids.append(b"%d 0 R" % (len(objects) + 1))
        fonts = b"/Resources<</Font<</F0 3 0 R/F1 4 0 R>>>>"
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R%s>>" % (len(objects), fonts))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    file, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def to_images(pdf: bytes, *, seed: int = 0, pages: int | None = None) -> list[bytes]:
    """Return the pages of a PDF as from a scanner: 200 dpi, grey, slightly rotated, with noise, as JPEG."""
    import numpy as np
    import pypdfium2
    from PIL import Image

    chance, noise = random.Random(seed), np.random.default_rng(seed)
    scans = []
    document = pypdfium2.PdfDocument(pdf)
    for index in range(len(document) if pages is None else pages):
        image: Any = document[index].render(scale=_DPI / 72).to_pil().convert("L")
        image = image.rotate(chance.uniform(-0.8, 0.8), resample=Image.Resampling.BICUBIC, fillcolor=255)
        grey = np.asarray(image, dtype=np.float32) * 0.92 + 12 + noise.normal(0, 6, (image.height, image.width))
        file = io.BytesIO()
        Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=70, dpi=(_DPI, _DPI))
        scans.append(file.getvalue())
    return scans


def to_scanned_pdf(images: list[bytes]) -> bytes:
    """Return scanned pages bound into a PDF that holds images and no text."""
    from PIL import Image

    first, *others = [Image.open(io.BytesIO(image)) for image in images]
    file = io.BytesIO()
    first.save(file, "PDF", save_all=True, append_images=others, resolution=_DPI)
    return file.getvalue()


def _font(style: Any, size: int) -> None:
    style.font.name, style.font.size = "Noto Serif CJK SC", Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Noto Serif CJK SC")
