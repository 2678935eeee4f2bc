"""OFD files: lines, paragraphs, tables, furniture, and what is told of the rest."""

import pytest

from benchmarks.small_files import ofd
from corpus import readers
from corpus.messages.errors import UnreadableFileError

LONG = "锦渚区现有务工青年2.6万人，白天上工、夜里空闲，团锦渚区委开办“灯下课堂”，已经开课312场。"


def test_lines_become_paragraphs_and_pages_are_counted() -> None:
    first, rest = "　　" + LONG[:32], LONG[32:]
    reading = readers.read_file(ofd([["云栖青年信息", first, rest], ["第二页。"]]), name="it.ofd")
    assert reading.text == f"云栖青年信息\n\n{LONG}\n\n第二页。\n"
    assert [reading.text[at : at + 2] for at in reading.pages] == ["云栖", "第二"]
    assert reading.warnings == ()


def test_rules_make_a_table() -> None:
    rows = [["县区", "场次", "学员"], ["锦渚区", "312", "4180"], ["北苑区", "", "960"]]
    reading = readers.read_file(ofd([["进展如下。"]], rows=rows), name="it.ofd")
    assert reading.text == "进展如下。\n\n县区\t场次\t学员\n锦渚区\t312\t4180\n北苑区\t\t960\n"


def test_what_is_not_seen_is_not_read_and_a_matrix_moves_the_rest() -> None:
    def page(content: str) -> str:
        return readers.read_file(
            ofd([["正文。"]], extra={"Doc_0/Pages/Page_0/Content.xml": PAGE.format(content)}), name="it.ofd"
        ).text

    code = '<ofd:TextCode X="{}" Y="5">{}</ofd:TextCode>'
    text = f'<ofd:TextObject Boundary="0 0 200 20" CTM="5 0 0 5 20 0" Size="1" Visible="{{}}">{code}</ofd:TextObject>'
    right = text.format("true", 12, "在右")
    left = text.format("true", 2, "在左")
    hidden = text.format("false", 1, "看不见")
    assert page(right + f"<ofd:PageBlock>{left}</ofd:PageBlock>" + hidden) == "在左 在右\n"


PAGE = '<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer ID="2">{}</ofd:Layer></ofd:Content></ofd:Page>'


def test_attachments_and_notes_are_told() -> None:
    names = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    page = '<ofd:Page PageID="1"><ofd:FileLoc>a.xml</ofd:FileLoc></ofd:Page>'
    stamp = '<ofd:Annot Type="Stamp"><ofd:Remark>已阅</ofd:Remark></ofd:Annot>'
    extra = {
        "Doc_0/Attachments.xml": f'<ofd:Attachments {names}><ofd:Attachment ID="1" Name="任务清单.xlsx"/></ofd:Attachments>',
        "Doc_0/Annots/Annotations.xml": f"<ofd:Annotations {names}>{page}</ofd:Annotations>",
        "Doc_0/Annots/a.xml": f"<ofd:PageAnnot {names}>{stamp}</ofd:PageAnnot>",
    }
    document = "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations><ofd:Attachments>Attachments.xml</ofd:Attachments>"
    reading = readers.read_file(ofd([["正文。"]], extra=extra, document=document), name="it.ofd")
    assert reading.text == "正文。\n"
    assert [warning.code for warning in reading.warnings] == ["corpus.readers.ofd_attachments", "corpus.readers.ofd_annotations"]
    assert "任务清单.xlsx" in str(reading.warnings[0]) and "已阅" in str(reading.warnings[1])


@pytest.mark.parametrize("numbers", ["nan", "1e999", "-1e9", "g", "g 999999999 1", "x"])
def test_odd_numbers_harm_nothing(numbers: str) -> None:
    code = f'<ofd:TextCode X="0" Y="{numbers}" DeltaX="{numbers}">正文</ofd:TextCode>'
    path = f"<ofd:AbbreviatedData>M {numbers} L C L</ofd:AbbreviatedData>"
    content = f'<ofd:TextObject Boundary="{numbers}" Size="5">{code}</ofd:TextObject>'
    content += f'<ofd:PathObject Boundary="0 0 1 1">{path}</ofd:PathObject>'
    try:
        data = ofd([["旁边。"]], extra={"Doc_0/Pages/Page_0/Content.xml": PAGE.format(content)})
        readers.read_file(data, name="it.ofd")
    except UnreadableFileError as error:
        assert "it.ofd" in str(error)
