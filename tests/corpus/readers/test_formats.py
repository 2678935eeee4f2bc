"""The true format of a file is found, whatever it is called; damaged and hostile files of every format are refused by name."""

import io
import random
import zipfile

import pytest

from benchmarks import fuzz, rendering, small_files
from benchmarks.rendering import Paragraph, Placed
from corpus import readers
from corpus.messages.errors import UnreadableFileError
from corpus.readers import packages
from corpus.readers.formats import SUFFIXES, find_format

TEXT = "锦渚区现有务工青年2.6万人，已开课312场。"
PAGE = f"<html><body><p>{TEXT}</p></body></html>"
FILES = {
    ".docx": rendering.to_docx([Paragraph("body", False, False, ((TEXT, False),))]),
    ".html": f"<!-- 办公系统导出 -->\n<meta charset=utf-8><p>{TEXT}</p>".encode(),
    ".mht": small_files.mht(PAGE, address="http://www.yunqi.example/a.html"),
    ".xlsx": small_files.xlsx({"一": [[TEXT, "4180"]]}),
    ".pptx": small_files.pptx([("经验", [TEXT])]),
    ".odt": small_files.odt([TEXT]),
    ".ods": small_files.opendocument(
        f"<table:table><table:table-row><table:table-cell><text:p>{TEXT}</text:p></table:table-cell></table:table-row></table:table>",
        kind="spreadsheet",
    ),
    ".ofd": small_files.ofd([[TEXT]]),
    ".epub": small_files.epub([f"<p>{TEXT}</p>"]),
    ".wordml": small_files.word_2003([TEXT]),
    ".pdf": b"junk of a mail gateway\r\n" + rendering.bare_pdf([[Placed(TEXT, 90, 90)]]),
}
NAMES = ["it.doc", "it.docx", "it.txt", "it.html", "it.pdf", "it.xlsx", "it.wps", "it.dat", "it", "简报2023.第7期"]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGYAN_LANG", "en")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", FILES)
def test_the_bytes_tell_the_format(form: str, name: str) -> None:
    if form == ".html" and name == "it.dat":
        pytest.skip("what opens with a comment may be anything")
    assert find_format(FILES[form], name=name) == form
    assert TEXT in readers.read_file(FILES[form], name=name).text.replace("\n", "")


@pytest.mark.parametrize("name", NAMES[:7])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_plain_text_is_read_under_any_name_of_a_document(name: str, encoding: str) -> None:
    text = f"云栖青年信息\n{TEXT}\n"
    if name == "it.html":
        pytest.skip("what browsers show is a page")
    assert readers.read_file(text.encode(encoding), name=name).text == text


@pytest.mark.parametrize(
    ("signature", "form"),
    [
        (b"\x89PNG\r\n\x1a\n", ".png"),
        (b"\xff\xd8\xff\xe0", ".png"),
        (b"II*\x00", ".png"),
        (b"GIF89a", ".png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", ".png"),
        (b"BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00", ".png"),
        (b"\x00\x00\x00\x18ftypheic", ".heic"),
        (b"{\\rtf1\\ansi", ".rtf"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', ".xls"),
    ],
)
def test_signatures(signature: bytes, form: str) -> None:
    for name in ("it.doc", "it.txt", "it.png", "it"):
        assert find_format(signature + bytes(40), name=name) == form


def test_markdown_that_begins_with_an_element_stays_markdown() -> None:
    assert find_format("<div>锦渚</div>\n\n# 标题\n".encode(), name="it.md") == ".md"
    assert find_format("PDF 的文件以 %PDF-1.7 开头。\n".encode(), name="it.txt") == ".txt"
    assert find_format("BM 是公司名。\n".encode(), name="it.txt") == ".txt"


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_an_empty_file_says_so(suffix: str) -> None:
    with pytest.raises(UnreadableFileError, match=f"it{suffix}: the file is empty"):
        readers.read_file(b" \n", name=f"it{suffix}")


@pytest.mark.parametrize("form", FILES)
def test_truncated_files_are_refused_or_read_in_part(form: str) -> None:
    data = FILES[form]
    name = f"it{form if form in SUFFIXES else '.doc'}"
    for share in (0.02, 0.3, 0.5, 0.8, 0.99):
        try:
            readers.read_file(data[: int(share * len(data))], name=name)
        except UnreadableFileError as error:
            assert name in str(error)


@pytest.mark.parametrize("form", [".ofd", ".xlsx", ".pptx", ".odt", ".epub"])
def test_bombs_and_encrypted_packages_are_refused(form: str) -> None:
    bomb, locked = io.BytesIO(FILES[form]), io.BytesIO(FILES[form])
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("bomb.xml", bytes(300_000_000))
    with pytest.raises(UnreadableFileError, match=f"it{form}: unpacks to 300 MB"):
        readers.read_file(bomb.getvalue(), name=f"it{form}")
    data = bytearray(locked.getvalue())
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    with pytest.raises(UnreadableFileError, match=f"it{form}: the file is encrypted"):
        readers.read_file(bytes(data), name=f"it{form}")


def test_a_list_of_a_million_parts_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_MAX_DIRECTORY", 1_000)
    many = small_files.zipped({f"{number}.txt": b"" for number in range(100)})
    with pytest.raises(UnreadableFileError, match=r"it\.docx: holds too many files"):
        readers.read_file(many, name="it.docx")


def test_entities_of_a_package_are_not_resolved(tmp_path: object) -> None:
    declared = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    content = small_files.opendocument("<text:p>锦渚&#20040;</text:p>")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        xml = package.read("content.xml").decode()
    kind = "application/vnd.oasis.opendocument.text"
    hostile = small_files.zipped({"mimetype": kind, "content.xml": declared + xml.replace("&#20040;", "&x;&b;区")})
    assert "锦渚" in readers.read_file(hostile, name="it.odt").text
    assert "ha" not in readers.read_file(hostile, name="it.odt").text


def test_a_page_of_comments_is_looked_at_in_no_time() -> None:
    assert find_format(b"<!----> " * 5_000 + b"x", name="it.doc") == ".txt"


def test_200_damaged_files_of_all_formats() -> None:
    """Under their own names and under others."""
    chance = random.Random(12)
    files = {**fuzz.sound_files(), "it.html": FILES[".html"], "it.ods": FILES[".ods"]}
    for number in range(200):
        sound = list(files)[number % len(files)]
        name = sound if chance.random() < 0.8 else chance.choice(NAMES)
        try:
            readers.read_file(fuzz.damage(files[sound], chance), name=name)
        except UnreadableFileError as error:
            assert name in str(error)


def test_a_package_whose_type_is_packed_wrongly_is_named_as_damaged() -> None:
    """The format is found by reading inside a zip file, whose packed bytes may be anything."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text" * 8)
        package.writestr("content.xml", "<a/>")
    data = bytearray(packed.getvalue())
    start = 30 + len("mimetype")
    for value in range(256):
        data[start : start + 4] = bytes([value] * 4)
        with pytest.raises(UnreadableFileError):
            readers.read_file(bytes(data), name="it.odt")
