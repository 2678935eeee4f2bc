"""Scans and photographs. OCR takes seconds a page, so one page is read here; `python -m benchmarks readers` reads them all."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks import readers as forms
from benchmarks import rendering
from benchmarks.rendering import Placed, bare_pdf
from corpus import readers
from corpus.document import ExtractedText
from corpus.library import files
from corpus.messages.errors import UnreadableFileError
from corpus.readers import pdf, scan

needs_ocr = pytest.mark.skipif(not scan.is_installed(), reason="OCR is not installed (requirements-ocr.txt)")
GAZETTEER = files.load_gazetteer(files.SAMPLES)


@pytest.fixture(scope="module")
def page(chromium: str) -> tuple[str, bytes]:
    """The first page of a sample, as text and as a scan, a little skewed and noisy."""
    source = readers.read_plain(files.SAMPLES / "yunqi-2020-23.txt")
    typed = rendering.typed(source, gazetteer=GAZETTEER)
    printed = rendering.to_pdf(rendering.to_html(typed), chromium=chromium)
    reading = readers.read_file(printed, name="it.pdf")
    return reading.text[: reading.pages[1]], rendering.to_images(printed, seed=3, pages=1)[0]


@needs_ocr
def test_a_scanned_page(page: tuple[str, bytes]) -> None:
    text, image = page
    reading = readers.read_file(rendering.to_scanned_pdf([image]), name="it.pdf")
    assert forms.error_rate(reading.text, text) <= 0.02
    assert reading.pages == (0,) and reading.reader == f"{pdf.READER}+{scan.READER}"
    assert reading.warnings == (scan.ocr_warning([0]),)
    first = next(line for line in reading.text.splitlines() if line.startswith("近三年来"))
    assert "年服务满20小时的志愿者" in first  # its lines are one paragraph


@needs_ocr
def test_a_page_of_noise_is_doubtful_where_it_is_noisy() -> None:
    """Two lines, the lower one blurred: it is marked, or not read at all, and the upper one is neither."""
    page = bare_pdf([[Placed("望澜青年工作信息第十四期", 90, 120), Placed("滨澜区夜学开课十二门", 90, 220)]])
    picture = Image.open(io.BytesIO(rendering.to_images(page)[0]))
    low = picture.crop((0, 500, picture.width, 700)).resize((picture.width // 14, 14)).resize((picture.width, 200))
    picture.paste(low, (0, 500))
    file = io.BytesIO()
    picture.save(file, "PNG")
    reading = readers.read_file(file.getvalue(), name="it.png")
    assert "望澜青年工作信息第十四期" in reading.text
    at = reading.text.index("期") + 1
    sure = reading.text[:at], *(span for span in reading.low_confidence if span.start < at)
    assert sure == (reading.text[:at],)
    rest = reading.text[at:].strip()
    assert not rest or any(span.end > at for span in reading.low_confidence) or rest == "滨澜区夜学开课十二门"


@needs_ocr
def test_pages_with_text_are_not_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF of a typed and a scanned page: OCR reads the second only."""

    from corpus.readers.reading_order import Line, Page

    typed = bare_pdf([[Placed("望澜青年工作信息第十四期", 90, 120)]])
    scanned = rendering.to_scanned_pdf(rendering.to_images(typed))
    import pypdfium2

    both = pypdfium2.PdfDocument.new()
    for data in (typed, scanned):
        both.import_pages(pypdfium2.PdfDocument(data))
    file = io.BytesIO()
    both.save(file)
    asked: list[float] = []

    def recognise(picture: Image.Image, *, scale: float) -> Page:
        asked.append(round(picture.width * scale))
        return Page(842, (Line([("由识别而来", False)], 90, 170, 120, 16, low_confidence=True),))

    monkeypatch.setattr(scan, "recognise", recognise)
    reading: ExtractedText = pdf.read_pdf(file.getvalue(), name="it.pdf")
    assert asked == [595]
    assert reading.text == "望澜青年工作信息第十四期\n\n由识别而来\n"
    assert [span.of(reading.text) for span in reading.low_confidence] == ["由识别而来"]
    assert [reading.text[at] for at in reading.pages] == ["望", "由"]


@needs_ocr
@pytest.mark.parametrize("quarter", [90, 180])
def test_a_page_scanned_sideways_or_upside_down_is_turned(quarter: int) -> None:
    words = ["望澜青年工作信息", "滨澜区夜学开课十二门", "教师由职校派来，课时费由区里列支"]
    page = bare_pdf([[Placed(line, 90, 120 + 40 * row) for row, line in enumerate(words)]])
    file = io.BytesIO()
    Image.open(io.BytesIO(rendering.to_images(page)[0])).rotate(quarter, expand=True).save(file, "PNG")
    text = readers.read_file(file.getvalue(), name="it.png").text
    assert "".join(text.split()).replace("#", "") == "".join(words)


@pytest.mark.parametrize(
    ("drawn", "color", "stamped"),
    [
        ((0, 0, 200, 200), (200, 30, 30), True),  # a ring that goes on above and below the line
        ((0, 0, 200, 200), (30, 30, 30), False),  # a frame
        ((0, 100, 60, 124), (200, 30, 30), False),  # a red word in it
    ],
)
def test_a_line_under_a_seal_is_doubtful(drawn: tuple[int, ...], color: tuple[int, ...], stamped: bool) -> None:
    picture = Image.new("RGB", (400, 400), "white")
    ink = ImageDraw.Draw(picture)
    ink.rectangle((80, 104, 390, 120), fill="black")
    ink.ellipse(drawn, outline=color, width=8) if drawn[3] - drawn[1] > 100 else ink.rectangle(drawn, fill=color)
    corners = np.array([[0, 100], [400, 100], [400, 124], [0, 124]], dtype=np.float32)
    assert scan._is_stamped(scan._pixels(picture), corners) is stamped


def test_images_too_large_or_damaged_are_refused() -> None:
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")  # 50 KB that unpack to 400 million pixels
    for data, said in ((file.getvalue(), "the image is too large"), (file.getvalue()[:40], "not a sound image")):
        with pytest.raises(UnreadableFileError, match=rf"it\.png: {said}"):
            list(scan._pictures(data, name="it.png"))


def test_marks_beside_chinese_characters_are_full_width() -> None:
    assert scan._widen_marks("镇海:研判(2021-2025年)诉求") == "镇海：研判（2021-2025年）诉求"
    assert scan._widen_marks("https://a.cn:80 (12:30)") == "https://a.cn:80 (12:30)"


@pytest.mark.parametrize("name", ["it.heic", "it.bmp", "it.webp", "it.gif"])
def test_other_pictures_are_read_or_take_the_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small picture without text: what matters is that it is opened as a picture."""
    file = io.BytesIO()
    if name == "it.heic":
        heif = pytest.importorskip("pillow_heif")
        heif.from_pillow(Image.new("RGB", (64, 64), "white")).save(file)
    else:
        Image.new("RGB", (64, 64), "white").save(file, name.rpartition(".")[2])
    with pytest.raises(UnreadableFileError, match=f"{name}.*(?:no text|requirements-ocr)"):
        readers.read_file(file.getvalue(), name=name)
