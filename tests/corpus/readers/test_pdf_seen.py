"""What a reader of a PDF's page sees is its text: watermarks, hidden characters and scanners' guesses are not."""

import pytest

from corpus import readers
from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.readers import pdf as pdf_reader
from corpus.readers import scan
from corpus.readers.reading_order import Line, Page
from tests.corpus.readers.pdf_files import body, box, pdf, picture, text

LINES = [
    "　　北苑区委从去年秋天起办夜学居民扫码选课满十五人开班",
    "不满的并入下期，教师由职校派来，课时费由区里列支，每节一",
    "百二十元。",
]
WHOLE = "".join(LINES).strip() + "\n"
PAPER = picture(0, 0, 595, 842)


def read(*pages: str, attributes: str = "") -> ExtractedText:
    return readers.read_file(pdf(*pages, attributes=attributes), name="it.pdf")


@pytest.fixture
def without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "is_installed", lambda: False)


@pytest.mark.parametrize("turned", [20, 45, -30, 160])
def test_slanted_watermarks_are_left_out(turned: float) -> None:
    tiles = [text("内部资料", 80 + 150 * (n % 4), 120 + 90 * (n // 4), turned=turned, color="0.85 g") for n in range(24)]
    assert read(body(*LINES) + "\n".join(tiles)).text == WHOLE
    assert read("\n".join(tiles) + body(*LINES)).text == WHOLE


def test_a_page_that_is_a_little_askew_is_no_watermark() -> None:
    assert read("".join(text(line, 72, 150 + 28 * row, turned=2) for row, line in enumerate(LINES))).text == WHOLE


@pytest.mark.parametrize("color", ["0.85 g", "1 0.8 0.8 rg"])
def test_level_watermarks_over_the_text_are_left_out_also_where_they_recur_beside_it(color: str) -> None:
    words = text("内部资料", 200, 190, size=60, color=color) + text("内部资料", 200, 500, size=60, color=color)
    assert read(words + body(*LINES)).text == WHOLE
    small = "".join(text("内部", 80 + 120 * n, 183, size=12, color=color) for n in range(4))
    assert read(body(*LINES) + small + text("内部", 80, 600, size=12, color=color)).text == WHOLE


def test_a_large_grey_word_on_the_blank_part_of_a_page_is_left_out() -> None:
    assert read(body(*LINES) + text("内部资料", 150, 600, size=60, color="0.8 g")).text == WHOLE


def test_pale_text_that_stands_by_itself_stays() -> None:
    assert read(body(*LINES) + text("灰色的附注", 72, 400, color="0.6 g")).text == WHOLE + "\n灰色的附注\n"


@pytest.mark.parametrize(
    "hidden",
    [
        text("实为九九九九人", 72, 400, color="1 g"),
        text("实为九九九九人", 72, 400, color="0.99 1 1 rg"),
        text("实为九九九九人", 72, 400, mode=3),
        text("实为九九九九人", 72, 400, size=0.8),
        text("实为九九九九人", 72, 400, size=2),
        text("实为九九九九人", 700, 400),
        text("实为九九九九人", 72, -30),
        text("实为九九九九人", 72, 400) + box(60, 380, 400, 410),
        text("实为九九九九人", 72, 400) + box(60, 380, 400, 410, color="1 g"),
        text("实为九九九九人", 72, 400) + picture(60, 380, 400, 410),
    ],
    ids=["white", "nearly-white", "no-ink", "tiny", "small", "right", "above", "blackened", "whitened", "under-picture"],
)
def test_what_is_not_seen_is_no_text(hidden: str) -> None:
    assert read(body(*LINES) + hidden).text == WHOLE


@pytest.mark.parametrize(
    "shown",
    [
        box(60, 380, 400, 410, color="0.7 0 0 rg") + text("白字的小标题", 72, 400, color="1 g"),
        picture(60, 380, 400, 410) + text("白字的小标题", 72, 400, color="1 g"),
        box(60, 380, 400, 410, color="1 g") + text("白字的小标题", 72, 400),
        text("白字的小标题", 72, 400) + picture(60, 380, 400, 410, name="Seal"),
        text("白字的小标题", 72, 400, color="1 g 0 G", mode=2),
        text("白字的小标题", 72, 400, color="1 g 0 G", mode=1),
    ],
    ids=["white-on-red", "white-on-picture", "black-on-white", "under-a-seal", "outlined", "stroked"],
)
def test_what_is_seen_is_text(shown: str) -> None:
    assert read(body(*LINES) + shown).text == WHOLE + "\n白字的小标题\n"


def test_what_is_cut_off_the_page_is_no_text() -> None:
    assert read(body(*LINES) + text("裁去的字", 72, 700), attributes="/CropBox[0 242 595 842]").text == WHOLE


LAYER = "\n".join(text(line, 72, 150 + 28 * row, mode=3) for row, line in enumerate(LINES))


def test_the_hidden_layer_of_a_scan_is_doubtful_without_ocr(without_ocr: None) -> None:
    for page in (PAPER + LAYER, LAYER + PAPER, body(*LINES) + PAPER):
        reading = pdf_reader.read_pdf(pdf(page, body(*LINES)), name="it.pdf")
        assert reading.text == WHOLE + "\n" + WHOLE
        assert [message.code for message in reading.warnings] == ["corpus.readers.hidden_layer"]
        assert dict(reading.warnings[0].args)["pages"] == (1,)
        assert "".join(span.of(reading.text) for span in reading.low_confidence) == WHOLE.strip()


def test_the_hidden_layer_of_a_scan_is_read_anew_with_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line([("由识别而来", False)], 90, 170, 120, 16)
    monkeypatch.setattr(scan, "is_installed", lambda: True)
    monkeypatch.setattr(scan, "recognise", lambda picture, *, scale: Page(842, (line,)))
    reading = pdf_reader.read_pdf(pdf(PAPER + LAYER, body(*LINES)), name="it.pdf")
    assert reading.text == "由识别而来\n\n" + WHOLE and reading.warnings == (scan.ocr_warning([0]),)


def test_text_over_a_picture_of_paper_is_text(without_ocr: None) -> None:
    reading = pdf_reader.read_pdf(pdf(PAPER + body(*LINES)), name="it.pdf")
    assert (reading.text, reading.warnings, reading.low_confidence) == (WHOLE, (), ())


def test_a_scan_with_the_stamp_of_its_program_is_a_scan(without_ocr: None) -> None:
    stamp = text("由全能扫描软件扫描创建", 200, 820, size=10)
    reading = pdf_reader.read_pdf(pdf(PAPER + stamp), name="it.pdf")
    assert [message.code for message in reading.warnings] == ["corpus.readers.ocr_not_installed"]
    with pytest.raises(UnreadableFileError, match="an image or a scan"):
        pdf_reader.read_pdf(pdf(PAPER), name="it.pdf")
