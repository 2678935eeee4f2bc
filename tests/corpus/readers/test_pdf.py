"""PDFs: characters in their places, lines, columns, page furniture, tables, pages; which pages hold no text."""

import functools
import re
from pathlib import Path

import pytest

from benchmarks import readers as forms
from benchmarks import rendering
from benchmarks.rendering import Placed, bare_pdf
from corpus import readers
from corpus.document import ExtractedText
from corpus.library import files
from corpus.messages.errors import UnreadableFileError
from corpus.readers import scan

GAZETTEER = files.load_gazetteer(files.SAMPLES)
SAMPLES = sorted(files.SAMPLES.glob("*.txt"))
LINE = "团滨澜区委从去年秋天起办夜学居民扫码选课满十五人开班不满"  # 28 characters: as wide as the page


def read(*pages: list[Placed], rules: list[tuple[float, float, float, float]] | None = None) -> ExtractedText:
    return readers.read_file(bare_pdf(list(pages), rules=rules), name="it.pdf")


def lines(*texts: str, left: float = 72, top: float = 150, size: float = 16) -> list[Placed]:
    """Texts below each other; a full-width blank at the beginning sets one in."""
    return [
        Placed(text.lstrip("\u3000"), left + size * (len(text) - len(text.lstrip("\u3000"))), top + 28 * row, size)
        for row, text in enumerate(texts)
    ]


def paragraphs(reading: ExtractedText) -> list[str]:
    return reading.text.strip().split("\n\n")


@functools.cache
def printed(path: Path, chromium: str) -> ExtractedText:
    return readers.read_file(forms.render(readers.read_plain(path), "pdf", gazetteer=GAZETTEER, chromium=chromium), name="it.pdf")


def check_same(path: Path, chromium: str) -> None:
    """The bulletin as a PDF says what it says as text, and is understood alike."""
    source = readers.read_plain(path)
    reading = printed(path, chromium)
    typed = rendering.typed(source, gazetteer=GAZETTEER)
    assert forms.error_rate(reading.text, "".join(run for paragraph in typed for run, _ in paragraph.runs)) <= 0.0005
    one = readers.read_file(source.encode(), name="it.txt")
    assert forms.differ(forms._parsed(one, GAZETTEER), forms._parsed(reading, GAZETTEER)) == []


@pytest.mark.parametrize("path", SAMPLES[::3], ids=lambda path: path.stem)
def test_samples_as_pdfs(path: Path, chromium: str) -> None:
    check_same(path, chromium)


def test_real_bulletins_as_pdfs(real_folder: Path, chromium: str) -> None:
    for path in sorted(real_folder.glob("*.txt")):
        check_same(path, chromium)


def test_lines_of_a_paragraph_are_joined_without_a_blank_also_across_pages() -> None:
    body = ["\u3000\u3000" + LINE[:26], LINE, "的并入下期。"]
    first = lines(*body, *body[:2], top=450)
    second = lines("下一页接着说完。", *body)
    reading = read(first, second)
    whole = LINE[:26] + LINE + "的并入下期。"
    assert paragraphs(reading) == [whole, LINE[:26] + LINE + "下一页接着说完。", whole]
    assert [reading.text[at : at + 3] for at in reading.pages] == ["团滨澜", "下一页"]


def test_a_blank_stays_between_latin_words() -> None:
    wide = "\u3000\u3000" + LINE[:22] + "DOMESTIC"
    assert (
        paragraphs(read(lines(wide, "VIOLENCE" + LINE[:24], "完。", wide)))[0]
        == LINE[:22] + "DOMESTIC VIOLENCE" + LINE[:24] + "完。"
    )


def test_quotation_marks_keep_their_places() -> None:
    text = "推出“半日闲”时间银行，“存”得进、“取”得出"
    assert paragraphs(read(lines(text))) == [text]


def test_page_numbers_and_running_headers_are_left_out() -> None:
    pages = [
        [Placed("望澜青年工作信息", 230, 60), *lines(f"　　第{name}页的正文。"), Placed(f"— {number} —", 280, 800)]
        for number, name in enumerate("一二三四", 1)
    ]
    assert paragraphs(read(*pages)) == [f"第{name}页的正文。" for name in "一二三四"]


def test_a_number_that_is_no_page_number_stays() -> None:
    page = [Placed("望澜青年工作信息", 230, 60), Placed("2024", 280, 90), *lines("　　甲。")]
    assert "2024" in read(page).text.split()


def test_a_title_at_the_height_of_a_header_stays() -> None:
    pages = [[Placed("望澜简报", 230, 60), *lines("　　甲。")], [Placed("另一个标题", 230, 60), *lines("　　乙。")]]
    assert "望澜简报" in read(*pages).text and "另一个标题" in read(*pages).text


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = [f"左栏的第{n}行字写满这一栏啊" for n in "一二三四五"], [f"右栏的第{n}行字写满这一栏啊" for n in "一二三四五"]
    page = [Placed("望澜青年工作信息望澜青年工作信息望澜青年工作信息望澜", 72, 110), *lines(*left), *lines(*right, left=320)]
    text = read(page).text
    assert text.index("左栏的第五行") < text.index("右栏的第一行")
    assert "".join(left) in text and "".join(right) in text


def test_an_issue_number_and_a_date_on_one_line_are_no_columns() -> None:
    page = [Placed("第14期", 90, 120), Placed("2021年12月23日", 380, 120), *lines("　　" + LINE[:26], LINE, "完。")]
    assert paragraphs(read(page))[0].split() == ["第14期", "2021年12月23日"]


def test_bold_and_large_lines_bear_marks() -> None:
    page = [
        Placed("团滨澜区委办夜学", 200, 120, 22),
        *lines("　　" + LINE[:26], LINE, "完。"),
        Placed("一、定好课程。", 104, 240, 16, bold=True),
        Placed("居民选课。", 104 + 7 * 16, 240),
    ]
    assert paragraphs(read(page)) == ["## 团滨澜区委办夜学", LINE[:26] + LINE + "完。", "**一、定好课程。**居民选课。"]


def test_a_ruled_table_is_read_row_by_row() -> None:
    across, down = (72, 200, 330, 500), (140, 170, 200, 250)
    rules = [(x, down[0], x, down[-1]) for x in across] + [(across[0], y, across[-1], y) for y in down]
    cells = [("地区", 80, 160), ("开户", 210, 160), ("时长", 340, 160), ("锦渚区", 80, 190), ("18640人", 210, 190)]
    cells += [("北苑区", 80, 230), ("在册骑手与", 210, 220), ("快递员", 210, 242), ("3.1万", 340, 230)]
    page = [
        *lines("　　上面的话。", top=110),
        *(Placed(text, x, y, 14) for text, x, y in cells),
        *lines("　　下面的话。", top=290),
    ]
    assert paragraphs(read(page, rules=rules)) == [
        "上面的话。",
        "地区\t开户\t时长\n锦渚区\t18640人\t\n北苑区\t在册骑手与快递员\t3.1万",
        "下面的话。",
    ]


def test_a_turned_page_is_read_as_it_is_seen() -> None:
    """Shown turned by 90°, what stands at (x, y) from the top left corner stands at (y, x) from the bottom left in the file."""
    upright = bare_pdf([lines("　　" + LINE[:26], LINE, "完。"), lines("　　" + LINE[:26])])
    turned = re.sub(
        rb"([\d.]+) ([\d.]+) Td", lambda at: b"0 1 -1 0 %g %g Tm" % (842 - float(at[2]), float(at[1])), upright
    ).replace(b"/MediaBox", b"/Rotate 90/MediaBox")
    assert readers.read_file(turned, name="it.pdf").text == readers.read_file(upright, name="it.pdf").text


def test_an_encrypted_pdf_says_so() -> None:
    key = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>/ID[<00><00>]" % (b"41" * 32, b"42" * 32)
    pdf = bare_pdf([lines("甲。")]).replace(b"/Root 1 0 R", b"/Root 1 0 R" + key)
    with pytest.raises(UnreadableFileError, match=r"it\.pdf: the PDF is encrypted"):
        readers.read_file(pdf, name="it.pdf")


def test_damaged_and_empty_pdfs_are_refused() -> None:
    for data, said in ((b"%PDF-1.4\nrubbish", "not a sound PDF"), (bare_pdf([[], []]), "no text was found")):
        with pytest.raises(UnreadableFileError, match=rf"it\.pdf: {said}"):
            readers.read_file(data, name="it.pdf")


def test_a_scanned_page_without_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus.readers import pdf

    monkeypatch.setattr(scan, "is_installed", lambda: False)
    image = rendering.to_images(bare_pdf([lines(LINE)]))
    with pytest.raises(UnreadableFileError, match=r"it\.pdf: an image or a scan; .* pip install -r requirements-ocr\.txt"):
        pdf.read_pdf(rendering.to_scanned_pdf(image), name="it.pdf")
    with pytest.raises(UnreadableFileError, match=r"it\.jpg: an image or a scan"):
        scan.read_scan(image[0], name="it.jpg")
