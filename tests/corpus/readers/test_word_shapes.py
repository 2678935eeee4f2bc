"""What floats over a Word file's text or stands in it as a picture: text boxes, WordArt, pictures; and mastheads in headers."""

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from corpus.messages.errors import UnreadableFileError
from corpus.readers import scan, word
from corpus.readers.pages import Page
from corpus.readers.reading_order import Line
from tests.corpus.readers.word_files import lines, pack, paragraph, part, run

ISSUE = paragraph("第7期（总第88期）") + paragraph("共青团云栖市委办公室　2023年5月18日")
TEXT = "锦渚区现有务工青年2.6万人，已开课312场。"
CM = 360_000


def drawn_box(text: str, *, relative: str = "page", offset: int = 2 * CM) -> str:
    position = f'<wp:positionV relativeFrom="{relative}"><wp:posOffset>{offset}</wp:posOffset></wp:positionV>'
    content = f"<wps:txbx><w:txbxContent>{paragraph(text)}</w:txbxContent></wps:txbx>"
    return f"<w:r><w:drawing><wp:anchor>{position}<wp:docPr/><a:graphic>{content}</a:graphic></wp:anchor></w:drawing></w:r>"


def old_box(text: str, *, relative: str = "page", offset: int = 2 * CM) -> str:
    style = f"position:absolute;margin-top:{offset / 12_700}pt;width:300pt;mso-position-vertical-relative:{relative}"
    content = f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"
    return f'<w:r><w:pict><v:shape style="{style}"><v:textbox>{content}</v:textbox></v:shape></w:pict></w:r>'


def word_art(text: str, *, relative: str = "page", offset: int = 2 * CM) -> str:
    style = f"position:absolute;margin-top:{offset / 12_700}pt;mso-position-vertical-relative:{relative}"
    return f'<w:r><w:pict><v:shape style="{style}"><v:textpath string="{text}"/></v:shape></w:pict></w:r>'


Draw = Callable[..., str]
BOXES = pytest.mark.parametrize("box", [drawn_box, old_box, word_art])


@BOXES
def test_a_name_at_the_top_of_the_first_page_opens_the_text(box: Draw) -> None:
    body = f"{ISSUE}<w:p>{box('云栖青年信息')}{run('办好夜校')}</w:p>{paragraph(TEXT)}"
    assert lines(body)[:2] == ["云栖青年信息", "第7期（总第88期）"]
    assert lines(body).count("云栖青年信息") == 1


@BOXES
def test_a_name_far_above_a_title_opens_the_text(box: Draw) -> None:
    name = box("云栖青年信息", relative="paragraph", offset=-4 * CM)
    assert lines(f"{ISSUE}<w:p>{name}{run('办好夜校')}</w:p>{paragraph(TEXT)}")[0] == "云栖青年信息"
    assert lines(f"{paragraph(TEXT * 10)}<w:p>{name}{run('办好夜校')}</w:p>")[1:] == ["云栖青年信息", "办好夜校"]


@BOXES
def test_a_box_stands_beside_its_paragraph_and_cuts_no_sentence(box: Draw) -> None:
    anchored = "<w:p>{}{}{}</w:p>".format
    sentence = box("编者按：请各区借鉴。")  # at the top of the page, and no name
    assert lines(anchored(run("甲，"), sentence, run("乙。"))) == ["甲，乙。", "编者按：请各区借鉴。"]
    below, above = (box("旁注", relative="paragraph", offset=offset) for offset in (CM, -CM))
    assert lines(anchored(run("甲，"), below, run("乙。"))) == ["甲，乙。", "旁注"]
    assert lines(anchored(run("甲，"), above, run("乙。"))) == ["旁注", "甲，乙。"]
    low = box("旁注", offset=20 * CM)
    assert lines(anchored(run("甲，"), low, run("乙。"))) == ["甲，乙。", "旁注"]


@BOXES
def test_a_name_at_the_top_of_another_page_stays_there(box: Draw) -> None:
    after_break = f'{ISSUE}<w:p><w:r><w:br w:type="page"/></w:r></w:p><w:p>{box("附件")}{run("名单")}</w:p>'
    assert lines(after_break)[-2:] == ["名单", "附件"]
    after_text = f"{paragraph(TEXT * 40)}<w:p>{box('附件')}{run('名单')}</w:p>"
    assert lines(after_text)[-2:] == ["名单", "附件"]


def test_boxes_in_boxes_and_watermarks() -> None:
    inner = f"<w:p>{run('外')}{drawn_box('内', relative='paragraph')}</w:p>"
    outer = drawn_box("x", relative="paragraph").replace(paragraph("x"), inner)
    assert lines(f"<w:p>{run('文')}{outer}</w:p>") == ["文", "外", "内"]
    watermark = word_art("内部资料").replace("<v:shape", '<v:shape id="PowerPlusWaterMarkObject1"')
    assert lines(f"<w:p>{watermark}{run('文')}</w:p>") == ["文"]
    hidden = drawn_box("旧").replace("<wp:docPr/>", '<wp:docPr hidden="1"/>')
    assert lines(f"<w:p>{hidden}{run('文')}</w:p>") == ["文"]


# --- headers --------------------------------------------------------------------------------------------


def section(*kinds: str, first: bool = False) -> str:
    references = "".join(f'<w:headerReference w:type="{kind}" r:id="{kind}"/>' for kind in kinds)
    return f"<w:sectPr>{references}{'<w:titlePg/>' if first else ''}</w:sectPr>"


def with_headers(body: str, headers: dict[str, str], *, first: bool = False) -> list[str]:
    """The lines of a file with headers of a type each: default, first. Args: first: whether the first page has its own."""
    return lines(
        body + section(*headers, first=first),
        relations={kind: f"header {kind}.xml" for kind in headers},
        files={f"word/{kind}.xml": part("hdr", content) for kind, content in headers.items()},
    )


def test_a_masthead_in_the_header_opens_the_text() -> None:
    whole = paragraph("云栖青年信息") + paragraph("第7期") + paragraph("第1页 共4页")
    assert with_headers(paragraph(TEXT), {"default": whole}) == ["云栖青年信息", "第7期", TEXT]
    name, dated = {"default": f"<w:p>{drawn_box('云栖青年信息')}</w:p>"}, paragraph("云栖团市委 2023年5月18日")
    assert with_headers(ISSUE + paragraph(TEXT), name)[:2] == ["云栖青年信息", "第7期（总第88期）"]
    assert with_headers(dated + ISSUE + paragraph(TEXT), name)[0] == "云栖青年信息"


def test_the_header_of_the_first_page_counts_where_it_has_its_own() -> None:
    headers = {"default": paragraph("续页 第7期"), "first": paragraph("云栖青年信息 第7期")}
    assert with_headers(paragraph(TEXT), headers, first=True) == ["云栖青年信息 第7期", TEXT]
    assert with_headers(paragraph(TEXT), headers) == ["续页 第7期", TEXT]


@pytest.mark.parametrize("header", ["云栖市夜校工作专班", "内部资料 注意保存", "第 1 页", "云栖青年信息 第7期"])
def test_any_other_header_is_furniture(header: str) -> None:
    body = paragraph("云栖青年信息") + ISSUE + paragraph(TEXT)
    assert with_headers(body, {"default": paragraph(header)})[0] == "云栖青年信息"


# --- pictures -------------------------------------------------------------------------------------------


def png(*, photograph: bool = False) -> bytes:
    image = Image.effect_noise((400, 200), 90).convert("RGB") if photograph else Image.new("RGB", (400, 200), "white")
    if not photograph:
        ImageDraw.Draw(image).rectangle((20, 20, 300, 30), fill="black")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def inline(*, width: int = 14 * CM, height: int = 4 * CM) -> str:
    blip = '<a:graphic><a:graphicData><a:blip r:embed="rId8"/></a:graphicData></a:graphic>'
    extent = f'<wp:extent cx="{width}" cy="{height}"/>'
    return f"<w:p><w:r><w:drawing><wp:inline>{extent}<wp:docPr/>{blip}</wp:inline></w:drawing></w:r></w:p>"


def with_picture(body: str, picture: bytes) -> bytes:
    return pack(body, relations={"rId8": "image media/i.png"}, files={"word/media/i.png": picture})


def read(data: bytes) -> tuple[list[str], list[str]]:
    """The lines of a file read in this process, and the codes of the warnings."""
    extracted = word.read_word(data, name="it.docx")
    return [line for line in extracted.text.splitlines() if line], [warning.code for warning in extracted.warnings]


@pytest.fixture
def recognised(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """OCR that reads these lines in every picture."""
    texts = ["二、师资统一配。从职校聘请教师46名。"]

    def recognise(image: object) -> Page:
        found = (
            Line([(text, False)], left=10, right=300, baseline=30.0 * i, size=12, low_confidence=True)
            for i, text in enumerate(texts, 1)
        )
        return Page(200.0, tuple(found))

    monkeypatch.setattr(scan, "is_installed", lambda: True)
    monkeypatch.setattr(scan, "recognise", recognise)
    return texts


def test_a_picture_of_text_is_read_in_its_place_and_marked(recognised: list[str]) -> None:
    extracted = word.read_word(with_picture(paragraph("一、甲。") + inline() + paragraph("三、丙。"), png()), name="it.docx")
    assert extracted.text.split("\n\n") == ["一、甲。", recognised[0], "三、丙。\n"]
    assert [span.of(extracted.text) for span in extracted.low_confidence] == recognised
    assert [warning.code for warning in extracted.warnings] == ["corpus.readers.pictures_by_ocr"]
    assert extracted.reader == f"{word.READER}+{scan.READER}"


def test_photographs_signboards_and_seals_are_no_text(recognised: list[str]) -> None:
    assert read(with_picture(paragraph(TEXT) + inline(), png(photograph=True))) == ([TEXT], [])
    assert read(with_picture(paragraph(TEXT) + inline(width=2 * CM, height=2 * CM), png())) == ([TEXT], [])
    recognised[:] = ["云栖青年夜校"]
    assert read(with_picture(paragraph(TEXT) + inline(), png())) == ([TEXT], [])


def test_a_file_of_pictures_alone_is_read_whatever_they_look_like(recognised: list[str]) -> None:
    assert read(with_picture(inline(), png(photograph=True)))[0] == recognised


def test_pictures_of_text_are_told_where_ocr_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "is_installed", lambda: False)
    assert read(with_picture(paragraph(TEXT) + inline(), png())) == ([TEXT], ["corpus.readers.pictures_not_read"])
    assert read(with_picture(paragraph(TEXT) + inline(), png(photograph=True))) == ([TEXT], [])
    for photograph in (True, False):
        with pytest.raises(UnreadableFileError, match="requirements-ocr"):
            word.read_word(with_picture(inline(), png(photograph=photograph)), name="it.docx")


def test_a_picture_that_cannot_be_opened_is_told(recognised: list[str]) -> None:
    assert read(with_picture(paragraph(TEXT) + inline(), b"\xd7\xcd\xc6\x9a WMF")) == (
        [TEXT],
        ["corpus.readers.pictures_not_readable"],
    )
    assert read(with_picture(paragraph(TEXT) + inline(width=CM, height=CM), b"?")) == ([TEXT], [])
    absent = pack(paragraph(TEXT) + inline(), relations={"rId8": "image ../NULL"})
    assert read(absent) == ([TEXT], [])
