"""Word files: what is text and what is not, headings, lists, tables, pages."""

import io
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from benchmarks import readers as forms
from benchmarks import rendering
from corpus import readers
from corpus.library import files

GAZETTEER = files.load_gazetteer(files.SAMPLES)
SAMPLES = sorted(files.SAMPLES.glob("*.txt"))


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def text_of(document: Any) -> str:
    return readers.read_file(saved(document), name="it.docx").text


def paragraph_of(xml: str) -> Any:
    document = docx.Document()
    document.add_paragraph()._p.append(parse_xml(f"<w:r {nsdecls('w')}>{xml}</w:r>"))
    return document


def check_same(source: str, stem: str) -> None:
    """The bulletin as a Word file says what it says as text, to the letter, and is understood alike."""
    data = forms.render(source, "docx", gazetteer=GAZETTEER, chromium="")
    reading = readers.read_file(data, name=f"{stem}.docx")
    typed = rendering.typed(source, gazetteer=GAZETTEER)
    assert forms.error_rate(reading.text, "".join(run for paragraph in typed for run, _ in paragraph.runs)) == 0
    one = readers.read_file(source.encode(), name=f"{stem}.txt")
    assert forms.differ(forms._parsed(one, GAZETTEER), forms._parsed(reading, GAZETTEER)) == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_as_word_files(path: Path) -> None:
    check_same(readers.read_plain(path), path.stem)


def test_real_bulletins_as_word_files(real_folder: Path) -> None:
    for path in sorted(real_folder.glob("*.txt")):
        check_same(readers.read_plain(path), path.stem)


def test_bold_runs_and_headings() -> None:
    document = docx.Document()
    document.add_paragraph("望澜简报", style="Title")
    document.add_heading("团滨澜区委办夜学", 1)
    document.add_heading("怎么办", 2)
    paragraph = document.add_paragraph()
    paragraph.add_run("一、定好").bold = True
    paragraph.add_run("课程。 ").bold = True
    paragraph.add_run("居民选课。")
    document.styles.add_style("醒目", 2).font.bold = True  # a character style
    document.add_paragraph().add_run("二、管好场地", style="醒目")
    assert (
        text_of(document)
        == "望澜简报\n\n## 团滨澜区委办夜学\n\n**怎么办**\n\n**一、定好课程。** 居民选课。\n\n**二、管好场地**\n"
    )


def test_headers_footers_comments_and_deleted_text_are_left_out_and_inserted_text_is_not() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "页眉"
    document.sections[0].footer.paragraphs[0].text = "第1页"
    paragraph = document.add_paragraph("开课")
    run = "<w:r><w:t>{}</w:t></w:r>"
    deleted = run.format("").replace("<w:t></w:t>", "<w:delText>十一</w:delText>")
    for xml in (
        f'<w:del {nsdecls("w")} w:id="1" w:author="a">{deleted}</w:del>',
        f'<w:moveFrom {nsdecls("w")} w:id="3" w:author="a">{run.format("移走")}</w:moveFrom>',
        f'<w:ins {nsdecls("w")} w:id="2" w:author="a">{run.format("十二")}</w:ins>',
    ):
        paragraph._p.append(parse_xml(xml))
    last = paragraph.add_run("门")
    document.add_comment(last, text="要核实", author="a", initials="a")
    hidden = paragraph.add_run("隐藏")
    hidden.font.hidden = True
    paragraph.add_run("。")
    assert text_of(document) == "开课十二门。\n"


def test_text_boxes_stand_after_their_paragraph_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p></w:txbxContent>"
    spaces = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    )
    choice = f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
    fallback = f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
    document = docx.Document()
    paragraph = document.add_paragraph("框外")
    paragraph._p.append(
        parse_xml(f"<w:r {nsdecls('w')} {spaces}><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></w:r>")
    )
    document.add_paragraph("其后")
    assert text_of(document) == "框外\n\n框内\n\n其后\n"


def test_automatic_numbers_are_written_out() -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, (form, text) in enumerate((("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%1-%3.")))
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="91"><w:abstractNumId w:val="90"/></w:num>'))

    def add(text: str, level: int) -> None:
        properties = document.add_paragraph(text)._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val, properties.get_or_add_numId().val = level, 91

    for text, level in (("甲", 0), ("子", 1), ("丑", 1), ("乙", 0), ("寅", 1), ("卯", 2), ("辰", 2)):
        add(text, level)
    assert text_of(document).split() == ["一、甲", "（一）子", "（二）丑", "二、乙", "（一）寅", "二-1.卯", "二-2.辰"]


def test_bullets_are_marks_that_the_parser_takes_out() -> None:
    document = docx.Document()
    document.add_paragraph("镇海：研判诉求", style="List Bullet")
    assert text_of(document) == "- 镇海：研判诉求\n"


def test_tables_are_rows_of_cells_and_a_frame_is_none() -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    for row, cells in zip(
        table.rows, (("地区", "开户", "时长"), ("锦渚区", "18640人", ""), ("北苑区", "", "3.1万\n小时")), strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    frame = document.add_table(rows=1, cols=1).rows[0].cells[0]
    frame.text = "框里的第一段。"
    frame.add_paragraph("框里的第二段。")
    assert text_of(document) == "地区\t开户\t时长\n锦渚区\t18640人\t\n北苑区\t\t3.1万 小时\n\n框里的第一段。\n\n框里的第二段。\n"


def test_a_page_or_a_new_file_under_the_old_name_is_read() -> None:
    document = docx.Document()
    document.add_paragraph("望澜简报")
    assert readers.read_file(saved(document), name="it.doc").text == "望澜简报\n"
    assert readers.read_file("<html><p>望澜简报</p></html>".encode(), name="it.doc").text == "望澜简报\n"
