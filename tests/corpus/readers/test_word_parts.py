"""Word files as Word and WPS open them: their parts, revisions, fields, symbols, equations, embedded files, pages."""

import io
import re
import zipfile

import pytest

from corpus import readers
from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.readers.wordprocessing.symbols import _FONTS, translate_symbol
from tests.corpus.readers.word_files import lines, list_of, numbered, pack, paragraph, part, reading, run

TEXT = paragraph("开课三百一十二场。")


def repacked(data: bytes, replaced: dict[str, tuple[str, str]]) -> bytes:
    """A package with expressions replaced in parts whose names match."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            for pattern, (found, instead) in replaced.items():
                content = re.sub(found, instead, content) if re.search(pattern, name) else content
            new.writestr(name, content)
    return file.getvalue()


def codes(extracted: ExtractedText) -> list[str]:
    return [warning.code for warning in extracted.warnings]


# --- the package ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["../NULL", "NULL", "media/absent.png", "header3.xml", "/word/absent.xml", "file:///C:/a.png", ""]
)
@pytest.mark.parametrize("kind", ["image", "header", "styles", "numbering", "footnotes", "oleObject"])
def test_a_relation_may_lead_nowhere(kind: str, target: str) -> None:
    assert lines(TEXT, relations={"rId99": f"{kind} {target or 'x'}"}) == ["开课三百一十二场。"]


def test_the_strict_variant_is_read_like_the_other() -> None:
    """Every namespace: with styles, numbers, an equation and a picture's place among them."""
    styles = part("styles", '<w:style w:type="paragraph" w:styleId="A"><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>')
    body = paragraph("办夜校", properties='<w:pStyle w:val="A"/>')
    body += paragraph("按需开课", properties=numbered())
    body += (
        "<w:p><m:oMath><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></w:p>"
    )
    box = (
        "<wp:anchor><wp:docPr/><a:graphic><wps:txbx><w:txbxContent>"
        + paragraph("框内")
        + "</w:txbxContent></wps:txbx></a:graphic>"
    )
    body += f"<w:p>{run('框外')}<w:r><w:drawing>{box}</wp:anchor></w:drawing></w:r></w:p>"
    data = pack(body, styles=styles, numbering=list_of(("upperRoman", "%1.")))
    strict = repacked(
        data, {"": (r"http://schemas\.openxmlformats\.org/(\w+)/2006/(?=\w+[\"/])", r"http://purl.oclc.org/ooxml/\1/")}
    )
    # The relations of packages have one namespace in both variants.
    strict = repacked(strict, {"rels": (r"purl\.oclc\.org/ooxml/package/", "schemas.openxmlformats.org/package/2006/")})
    assert b"purl.oclc.org" in zipfile.ZipFile(io.BytesIO(strict)).read("word/styles.xml")
    text = readers.read_file(strict, name="it.docx").text
    assert text == readers.read_file(data, name="it.docx").text == "## 办夜校\n\nI.按需开课\n\nx^2\n\n框外\n\n框内\n"


def test_parts_may_be_utf_16_and_named_in_other_ways() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(pack(TEXT))) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                new.writestr("Word\\Document.xml", content.decode().replace("UTF-8", "UTF-16").encode("utf-16"))
            else:
                new.writestr(name, content)
    assert readers.read_file(file.getvalue(), name="it.docx").text == "开课三百一十二场。\n"


def test_line_ends_of_the_xml_are_none_on_the_page() -> None:
    assert lines("<w:p>" + run("开课\n    三场") + "</w:p>") == ["开课 三场"]


def test_a_zip_without_a_document_is_named() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnreadableFileError, match=r"it\.docx: not a \.docx file"):
        readers.read_file(file.getvalue(), name="it.docx")


# --- revisions ------------------------------------------------------------------------------------------

DELETED, MOVED = '<w:del w:id="1" w:author="x"/>', '<w:moveFrom w:id="1" w:author="x"/>'


@pytest.mark.parametrize("mark", [DELETED, MOVED])
def test_a_deleted_mark_joins_paragraphs(mark: str) -> None:
    body = (
        paragraph("先后开设电工、", mark=mark)
        + paragraph("收纳、", mark=mark)
        + paragraph("短视频等课。")
        + paragraph("另一段。")
    )
    assert lines(body) == ["先后开设电工、收纳、短视频等课。", "另一段。"]


def test_a_deleted_mark_before_a_table_or_at_the_end_joins_nothing() -> None:
    cell = f"<w:tc>{paragraph('锦渚区', mark=DELETED)}{paragraph('机关')}</w:tc>"
    table = f"<w:tbl><w:tr>{cell}<w:tc>{paragraph('三场')}</w:tc></w:tr></w:tbl>"
    assert lines(paragraph("如下", mark=DELETED) + table + paragraph("完", mark=DELETED)) == ["如下", "锦渚区机关\t三场", "完"]


def test_a_paragraph_that_is_deleted_whole_takes_no_number_and_no_heading() -> None:
    deleted = '<w:del w:id="2"><w:r><w:delText>旧</w:delText></w:r></w:del>'
    gone = f'<w:p><w:pPr>{numbered()}<w:outlineLvl w:val="0"/><w:rPr>{DELETED}</w:rPr></w:pPr>{deleted}</w:p>'
    body = paragraph("一号", properties=numbered()) + gone + paragraph("二号", properties=numbered())
    assert lines(body, numbering=list_of(("decimal", "%1."))) == ["1.一号", "2.二号"]


def test_deleted_and_moved_text_is_out_and_inserted_text_in() -> None:
    inserted = f"<w:ins w:id='2'>{run('4180')}<w:del w:id='4'>{run('余')}</w:del></w:ins>"
    moved = f"<w:moveFrom w:id='3'>{run('移走')}</w:moveFrom><w:moveTo w:id='3'>{run('移来')}</w:moveTo>"
    body = f"<w:p>{run('结业')}<w:del w:id='1'><w:r><w:delText>4000</w:delText></w:r></w:del>{inserted}{moved}{run('人。')}</w:p>"
    assert lines(body) == ["结业4180移来人。"]


@pytest.mark.parametrize("strike", ["<w:strike/>", "<w:dstrike/>", '<w:strike w:val="true"/>', '<w:rStyle w:val="S"/>'])
def test_struck_out_text_is_left_out_and_told(strike: str) -> None:
    styles = part("styles", '<w:style w:type="character" w:styleId="S"><w:rPr><w:strike/></w:rPr></w:style>')
    extracted = reading(f"<w:p>{run('每节')}{run('100元', strike)}{run('120元。')}</w:p>", styles=styles)
    assert extracted.text == "每节120元。\n"
    assert codes(extracted) == ["corpus.readers.left_out"]
    kept = run("每节120元。", '<w:strike w:val="0"/>')
    assert codes(reading(f"<w:p>{kept}</w:p>")) == []


# --- fields and controls --------------------------------------------------------------------------------


def field(instruction: str, result: str, data: str = "") -> str:
    mark = '<w:r><w:fldChar w:fldCharType="{}">{}</w:fldChar></w:r>'.format
    return f"{mark('begin', data)}{instruction}{mark('separate', '') if result else ''}{result}{mark('end', '')}"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ('<w:ddList><w:result w:val="1"/>{}</w:ddList>', "每周三次"),
        ('<w:ddList><w:default w:val="1"/>{}</w:ddList>', "每周三次"),
        ("<w:ddList>{}</w:ddList>", "每周一次"),
        ('<w:ddList><w:result w:val="9"/>{}</w:ddList>', ""),
        ("<w:checkBox><w:checked/></w:checkBox>", "☑"),
        ('<w:checkBox><w:default w:val="1"/></w:checkBox>', "☑"),
        ('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>', "☐"),
        ("<w:checkBox/>", "☐"),
    ],
)
def test_a_form_shows_its_state(state: str, shown: str) -> None:
    entries = '<w:listEntry w:val="每周一次"/><w:listEntry w:val="每周三次"/>'
    form = field("<w:r><w:instrText> FORM </w:instrText></w:r>", "", f"<w:ffData>{state.format(entries)}</w:ffData>")
    assert lines(f"<w:p>{run('频次：')}{form}{run('。')}</w:p>") == [f"频次：{shown}。"]


def test_results_of_fields_are_text_and_instructions_are_not() -> None:
    inner = field("<w:r><w:instrText> PAGE </w:instrText></w:r>", run("7"))
    outer = field(f"<w:r><w:instrText> IF </w:instrText></w:r>{inner}{run('假')}", run("真"))
    assert lines(f"<w:p>{run('甲')}{outer}{run('乙')}</w:p>") == ["甲真乙"]
    assert lines(f'<w:p><w:fldSimple w:instr=" REF a ">{run("见第3页")}</w:fldSimple></w:p>') == ["见第3页"]


def test_a_field_that_never_ends_hides_no_more_than_its_paragraph() -> None:
    opened = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    assert lines(f"<w:p>{run('甲')}{opened}{run('指令')}</w:p>{TEXT}") == ["甲", "开课三百一十二场。"]


def test_controls_show_their_text_but_no_prompt() -> None:
    styles = part("styles", '<w:style w:type="character" w:styleId="P"><w:name w:val="Placeholder Text"/></w:style>')
    control = "<w:sdt><w:sdtPr><w:date/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>".format
    prompt = run("单击此处输入", '<w:rStyle w:val="P"/>')
    body = f"<w:p>{run('日期：')}{control(run('2023年5月18日'))}{control(prompt)}</w:p>"
    assert lines(body, styles=styles) == ["日期：2023年5月18日"]


@pytest.mark.parametrize(("requires", "shown"), [("wps", "新"), ("wps a", "新"), ("wps kso", "旧"), ("kso", "旧"), ("", "旧")])
def test_a_choice_takes_known_namespaces(requires: str, shown: str) -> None:
    choice = f'<mc:Choice xmlns:kso="urn:other" Requires="{requires}">{run("新")}</mc:Choice>'
    body = f"<w:p><mc:AlternateContent>{choice}<mc:Fallback>{run('旧')}</mc:Fallback></mc:AlternateContent></w:p>"
    assert lines(body) == [shown]
    assert lines(body.replace("w:p>", "w:body>").replace("<w:r>", "<w:p><w:r>").replace("</w:r>", "</w:r></w:p>")[8:-9]) == [
        shown
    ]


def test_a_phonetic_guide_is_no_text() -> None:
    ruby = "<w:r><w:ruby><w:rubyPr/><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>".format
    assert lines(f"<w:p>{run('地点在')}{ruby(run('jǐn'), run('锦'))}{run('渚。')}</w:p>") == ["地点在锦渚。"]


# --- symbols and equations ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("font", "code", "shown"),
    [
        *(("Symbol", code, shown) for code, shown in [("F0B0", "°"), ("F0B3", "≥"), ("F0A3", "≤"), ("F0B4", "×"), ("F061", "α")]),
        *(
            ("Wingdings", code, shown)
            for code, shown in [("F0FE", "☑"), ("F0FC", "✓"), ("F0A8", "□"), ("F06C", "●"), ("F081", "①")]
        ),
        ("wingdings", "00FC", "✓"),
        ("Wingdings 2", "F052", "☑"),
        ("Wingdings 2", "F0A3", "□"),
        ("Wingdings 3", "F07D", "▸"),
        ("Webdings", "F061", "✔"),
        ("宋体", "2460", "①"),
        ("宋体", "F0FE", "�"),
        ("Symbol", "F0FFFFFF", "�"),
        ("Symbol", "xx", ""),
    ],
)
def test_symbols_are_characters(font: str, code: str, shown: str) -> None:
    assert lines(f'<w:p>{run("甲")}<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>{run("乙")}</w:p>') == [f"甲{shown}乙"]


def test_codes_of_a_symbol_font_may_stand_in_a_run() -> None:
    fonts = '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>'
    assert lines("<w:p>" + run("\uf0fe", fonts) + run("满意") + "</w:p>") == ["☑满意"]


def test_rows_of_symbols_are_whole() -> None:
    for font, row in _FONTS.items():
        assert len(row) == 0xFF - 0x20 + 1
        assert translate_symbol(font, 0xF0FF) == row[-1] == translate_symbol(font, 0xFF)


def test_equations_are_text_on_one_line() -> None:
    def m(local: str, *parts: str) -> str:
        return f"<m:{local}>{''.join(parts)}</m:{local}>"

    def t(text: str) -> str:
        return m("r", m("t", text))

    e = m("e", t("x"))
    cases = {
        t("结业率=4180/5200=80.4%"): "结业率=4180/5200=80.4%",
        m("f", m("num", t("4180")), m("den", t("5200"))): "4180/5200",
        m("f", m("num", t("a+b")), m("den", t("c"))): "(a+b)/c",
        m("sSup", e, m("sup", t("2"))): "x^2",
        m("sSubSup", e, m("sub", t("i")), m("sup", t("n+1"))): "x_i^(n+1)",
        m("rad", m("deg"), m("e", t("a+b"))): "√(a+b)",
        m("d", m("dPr", '<m:begChr m:val="["/>', '<m:endChr m:val=""/>'), e, m("e", t("y"))): "[x|y",
        m("nary", m("naryPr", '<m:chr m:val="∑"/>'), m("sub", t("i=1")), m("sup", t("n")), e): "∑_(i=1)^nx",
        m("m", m("mr", e, e), m("mr", e, e)): "x, x; x, x",
        m("func", m("fName", t("sin")), e): "sin x",
    }
    for equation, written in cases.items():
        assert lines(f"<w:p>{run('按')}<m:oMathPara><m:oMath>{equation}</m:oMath></m:oMathPara>{run('计。')}</w:p>") == [
            f"按{written}计。"
        ]


# --- embedded files, notes, what is told ----------------------------------------------------------------

PAGE = '<html><head><meta charset="utf-8"></head><body><p>一、按需开课。</p><p>二、统一请人。</p></body></html>'
BASE64 = (
    "PHA+5LiA44CB5oyJ6ZyA5byA6K++44CCPC9wPjxwPuS6jOOAgee7n+S4gOivt+S6uuOAgjwvcD4="  # <p>一、按需开课。</p><p>二、统一请人。</p>
)
ARCHIVE = (
    'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n'
    '--x\r\nContent-Type: text/html; charset="utf-8"\r\n'
    f"Content-Transfer-Encoding: base64\r\n\r\n{BASE64}\r\n--x--\r\n"
)


@pytest.mark.parametrize(
    "chunk",
    [
        PAGE.encode(),
        b"\xef\xbb\xbf" + PAGE.encode(),
        PAGE.replace("utf-8", "gbk").encode("gbk"),
        ARCHIVE.encode(),
        "一、按需开课。\n\n二、统一请人。\n".encode(),
        "一、按需开课。\n\n二、统一请人。\n".encode("gb18030"),
        pack(paragraph("一、按需开课。") + paragraph("二、统一请人。")),
    ],
)
def test_a_chunk_is_text_in_its_place(chunk: bytes) -> None:
    body = f'{TEXT}<w:altChunk r:id="rId9"/>{paragraph("已推开。")}'
    data = pack(body, relations={"rId9": "aFChunk chunk.bin"}, files={"word/chunk.bin": chunk})
    assert readers.read_file(data, name="it.docx").text.split() == [
        "开课三百一十二场。",
        "一、按需开课。",
        "二、统一请人。",
        "已推开。",
    ]


@pytest.mark.parametrize("chunk", [b"{\\rtf1 a}", None])
def test_a_chunk_that_cannot_be_read_is_told(chunk: bytes | None) -> None:
    files = {} if chunk is None else {"word/chunk.bin": chunk}
    data = pack(f'{TEXT}<w:altChunk r:id="rId9"/>', relations={"rId9": "aFChunk chunk.bin"}, files=files)
    extracted = readers.read_file(data, name="it.docx")
    assert (extracted.text, codes(extracted)) == ("开课三百一十二场。\n", ["corpus.readers.left_out"])


def test_word_files_in_word_files_end() -> None:
    data = pack(TEXT)
    for _ in range(9):
        data = pack(f'{TEXT}<w:altChunk r:id="rId9"/>', relations={"rId9": "aFChunk chunk.docx"}, files={"word/chunk.docx": data})
    extracted = readers.read_file(data, name="it.docx")
    assert 1 < extracted.text.count("开课") < 9
    assert codes(extracted) == ["corpus.readers.left_out"]


def test_a_note_stands_below_its_paragraph_or_table() -> None:
    note = (
        '<w:footnote w:id="2">'
        + paragraph("数据为上半年。")
        + '</w:footnote><w:footnote w:id="3">'
        + paragraph("含分校。")
        + "</w:footnote>"
    )
    reference = '<w:r><w:footnoteReference w:id="{}"/></w:r>'.format
    table = f"<w:tbl><w:tr><w:tc><w:p>{run('甲校')}{reference(3)}</w:p></w:tc><w:tc>{paragraph('三场')}</w:tc></w:tr></w:tbl>"
    body = f"<w:p>{run('补课率')}{reference(2)}{run('达97%。')}</w:p>{table}{TEXT}"
    expected = ["补课率达97%。", "数据为上半年。", "甲校\t三场", "含分校。", "开课三百一十二场。"]
    assert lines(body, footnotes=part("footnotes", note)) == expected


@pytest.mark.parametrize(
    ("drawing", "what"),
    [
        ('<w:object><v:shape><v:imagedata r:id="rId7"/></v:shape><o:OLEObject ProgID="Excel.Sheet.12"/></w:object>', "embedded"),
        ('<w:object><o:OLEObject ProgID="Equation.3"/></w:object>', "equations"),
        (
            "<w:drawing><wp:inline><a:graphic><a:graphicData><c:chart/></a:graphicData></a:graphic></wp:inline></w:drawing>",
            "charts",
        ),
    ],
)
def test_what_is_no_text_is_told(drawing: str, what: str) -> None:
    (warning,) = reading(f"{TEXT}<w:p><w:r>{drawing}</w:r></w:p>").warnings
    assert [one.code for one in dict(warning.args)["what"]] == [f"corpus.readers.left_out_{what}"]


# --- pages ----------------------------------------------------------------------------------------------

RENDERED, BY_HAND = "<w:r><w:lastRenderedPageBreak/></w:r>", '<w:r><w:br w:type="page"/></w:r>'


def app(pages: int) -> dict[str, str]:
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return {"docProps/app.xml": f'<Properties xmlns="{namespace}"><Pages>{pages}</Pages></Properties>'}


def test_pages_are_told_where_word_has_counted_them_all() -> None:
    body = f"{paragraph('第一页。')}<w:p>{BY_HAND}</w:p><w:p>{RENDERED}{run('第二页，')}{RENDERED}{run('第三页。')}</w:p>"
    extracted = readers.read_file(pack(body, files=app(3)), name="it.docx")
    assert extracted.text == "第一页。\n\n第二页，第三页。\n"
    assert [extracted.text[at : at + 3] for at in extracted.pages] == ["第一页", "第二页", "第三页"]


@pytest.mark.parametrize("pages", [None, 2, 4])
def test_pages_are_not_told_where_the_counts_differ(pages: int | None) -> None:
    body = f"{paragraph('第一页。')}<w:p>{RENDERED}{run('第二页，')}{RENDERED}{run('第三页。')}</w:p>"
    assert readers.read_file(pack(body, files=app(pages) if pages else None), name="it.docx").pages == ()


def test_pages_are_not_told_where_breaks_by_hand_came_later() -> None:
    body = f"<w:p>{RENDERED}{run('甲')}</w:p><w:p>{BY_HAND}</w:p><w:p>{BY_HAND}{run('乙')}</w:p>"
    assert readers.read_file(pack(body, files=app(2)), name="it.docx").pages == ()
