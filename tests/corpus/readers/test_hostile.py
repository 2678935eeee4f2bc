"""Files made to harm, or damaged: each is refused within its bounds, and the process that asked goes on."""

import contextlib
import errno
import io
import os
import threading
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import psutil
import pytest

from benchmarks import fuzz, rendering
from benchmarks.rendering import Paragraph, Placed
from corpus import readers
from corpus.document import ExtractedText
from corpus.library import files
from corpus.messages.errors import BulletinParseError, EditError, UnreadableFileError
from corpus.messages.language import use_language
from corpus.parsing.parser import parse_extracted
from corpus.parsing.recut import Cuts, Place
from corpus.readers import sandbox
from tests.corpus.readers import word_files

PARAGRAPHS = [Paragraph("body", False, False, (("武侯教育简报第2期", False),))]


def docx_with(**parts: bytes) -> bytes:
    """A sound .docx file with parts put in place of its own, or added; `__` stands for a slash, `_` for a full stop."""
    names = {name.replace("__", "/").replace("_", "."): content for name, content in parts.items()}
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(rendering.to_docx(PARAGRAPHS))) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in [*old.namelist(), *names]:
            if name not in new.namelist():
                new.writestr(name, names[name] if name in names else old.read(name))
    return file.getvalue()


def document_xml(text: str, *, before: str = "") -> bytes:
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>"
    return f'<?xml version="1.0"?>{before}<w:document xmlns:w="{main}">{body}</w:document>'.encode()


def workers() -> list[psutil.Process]:
    return psutil.Process().children()


class Watch:
    """The most memory that this process and its workers took together above what they had."""

    def __enter__(self) -> "Watch":
        self._over = threading.Event()
        self._before = self._taken()
        self.memory = 0
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _taken(self) -> int:
        taken = 0
        for process in (psutil.Process(), *workers()):
            with contextlib.suppress(psutil.Error):  # just gone
                taken += process.memory_info().rss
        return taken

    def _look(self) -> None:
        while not self._over.wait(0.005):
            self.memory = max(self.memory, self._taken() - self._before)


@pytest.mark.parametrize("honest", [True, False])
def test_a_zip_bomb_is_not_unpacked(honest: bool) -> None:
    """1,000 : 1 (300 MB in 0.3 MB); the second tells a size that is not its own."""
    bomb = docx_with(word__document_xml=document_xml(" " * 300_000_000))
    if not honest:
        bomb = bomb.replace((300_000_000 + len(document_xml(""))).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    readers.read_file(rendering.to_docx(PARAGRAPHS), name="warm.docx")
    with Watch() as watch, pytest.raises(UnreadableFileError, match=r"bomb\.docx: (?:unpacks to 300 MB|not a .docx file)"):
        readers.read_file(bomb, name="bomb.docx")
    assert len(bomb) < 400_000
    assert watch.memory < 200_000_000


def test_entities_are_not_expanded() -> None:
    """Ten to the ninth ha's."""
    laughs = '<!DOCTYPE d [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = docx_with(word__document_xml=document_xml("武侯&a9;", before=laughs + "]>"))
    with Watch() as watch:
        try:
            assert readers.read_file(bomb, name="it.docx").text == "武侯\n"
        except UnreadableFileError as error:
            assert "it.docx" in str(error)
    assert watch.memory < 200_000_000


def test_external_entities_are_not_read(tmp_path: os.PathLike[str]) -> None:
    secret = os.path.join(tmp_path, "secret.txt")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("不可外传")
    declared = f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>'
    for data, name in (
        (docx_with(word__document_xml=document_xml("武侯&x;教育", before=declared)), "it.docx"),
        (f"{declared}<html><body><p>武侯&x;教育</p></body></html>".encode(), "it.html"),
    ):
        try:
            assert "不可外传" not in readers.read_file(data, name=name).text
        except UnreadableFileError as error:
            assert "不可外传" not in str(error)


def test_names_that_lead_out_of_the_package_write_nothing(tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = io.BytesIO(rendering.to_docx(PARAGRAPHS))
    with zipfile.ZipFile(file, "a") as package:
        for name in ("../slip.txt", "/slip.txt", "..\\slip.txt", "C:\\slip.txt"):
            package.writestr(name, "slipped")
    assert readers.read_file(file.getvalue(), name="it.docx").text == "武侯教育简报第2期\n"
    assert os.listdir(tmp_path) == [] and not os.path.exists(os.path.join(tmp_path, "..", "slip.txt"))


def test_nested_compression_is_limited() -> None:
    """A page whose content is packed three times over: 3 KB that unpack to 1 GB of drawing."""
    content = b"0 0 m 9 9 l S\n" * 75_000_000
    packer = zlib.compressobj(9)
    packed = b"".join([*(packer.compress(content[at : at + 10**7]) for at in range(0, len(content), 10**7)), packer.flush()])
    for _ in range(2):
        packed = zlib.compress(packed, 9)
    pdf = rendering.bare_pdf([[Placed("x", 90, 90)]])
    start = pdf.index(b"<</Length")
    end = pdf.index(b"endstream", start)
    filters = b"/Filter[/FlateDecode/FlateDecode/FlateDecode]"
    bomb = pdf[:start] + b"<</Length %d%s>>stream\n%s\n" % (len(packed), filters, packed) + pdf[end:]
    with Watch() as watch:
        try:
            sandbox.read_in_sandbox(bomb, kind=".pdf", name="bomb.pdf", max_silence=5, max_memory=400_000_000)
        except UnreadableFileError as error:
            assert "bomb.pdf" in str(error)
    assert watch.memory < 1_000_000_000


def test_too_many_pages_are_refused() -> None:
    pdf = rendering.bare_pdf([[]] * 10_000)
    with Watch() as watch, pytest.raises(UnreadableFileError, match=r"thick\.pdf: has 10000 pages, expected 1 to 1000"):
        readers.read_file(pdf, name="thick.pdf")
    assert watch.memory < 200_000_000


@pytest.mark.parametrize("name", ["it.txt", "it.html", "it.docx"])
def test_a_line_of_a_million_characters(name: str) -> None:
    long = "志愿" * 500_000
    data = {
        "it.txt": long.encode(),
        "it.html": f"<p>{long}".encode(),
        "it.docx": docx_with(word__document_xml=document_xml(long)),
    }
    assert readers.read_file(data[name], name=name).text.strip() == long


@pytest.mark.parametrize("name", ["it.txt", "it.html", "it.docx", "it.pdf", "it.png"])
@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 100, "一\x00二".encode(), b"\xed\xa0\x80" * 20, b"\xff\xfe\x00\xd8", b"PK\x03\x04"]
)
def test_what_is_no_document_is_refused_by_name(name: str, data: bytes) -> None:
    with pytest.raises(UnreadableFileError, match=name.replace(".", r"\.")):
        readers.read_file(data, name=name)


def test_references_to_surrogates_and_controls_do_not_survive() -> None:
    text = readers.read_file("<p>一&#xD800;二&#0;三&#x1;四&#xFFFE;五</p>".encode(), name="it.html").text
    text.encode("utf-8")
    assert [character for character in text if character in "一二三四五"] == list("一二三四五")
    assert not any(character in text for character in "\x00\x01\ufffe")


# --- the worker -----------------------------------------------------------------------------------------


@pytest.fixture
def fresh() -> Iterator[None]:
    """No worker is waiting."""
    sandbox._end_idle_workers()
    yield


def test_a_worker_serves_many_files_and_threads_have_their_own(fresh: None) -> None:
    data = rendering.to_docx(PARAGRAPHS)
    for _ in range(3):
        readers.read_file(data, name="it.docx")
    assert len(workers()) == 1
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda at: readers.read_file(data, name=f"{at}.docx").text, range(24)))
    assert texts == ["武侯教育简报第2期\n"] * 24
    assert len(workers()) <= 4


def test_a_worker_that_died_is_replaced(fresh: None) -> None:
    data = rendering.to_docx(PARAGRAPHS)
    readers.read_file(data, name="it.docx")
    (worker,) = workers()
    worker.kill()
    worker.wait()
    assert readers.read_file(data, name="it.docx").text == "武侯教育简报第2期\n"


def test_a_slow_reader_is_killed_and_the_next_file_is_read(fresh: None) -> None:
    pdf = rendering.bare_pdf([[Placed("武侯教育简报第2期", 90, 90 + 9 * row) for row in range(60)]] * 1_000)
    with pytest.raises(UnreadableFileError, match=r"slow\.pdf: not read within 0\.05 seconds"):
        sandbox.read_in_sandbox(pdf, kind=".pdf", name="slow.pdf", max_silence=0.05)
    assert readers.read_file(rendering.to_docx(PARAGRAPHS), name="it.docx").text == "武侯教育简报第2期\n"


def test_a_greedy_reader_is_killed(fresh: None) -> None:
    readers.read_file(rendering.to_docx(PARAGRAPHS), name="it.docx")
    with pytest.raises(UnreadableFileError, match=r"it\.html: takes more than 10 MB of memory"):
        sandbox.read_in_sandbox("<p>武侯</p>".encode() * 500_000, kind=".html", name="it.html", max_memory=10_000_000)


def test_texts_are_read_and_parsed_in_a_worker(fresh: None) -> None:
    for path in sorted(files.SAMPLES.glob("*.txt")):
        gazetteer = files.load_gazetteer(files.SAMPLES)
        extracted = readers.read_file(path.read_bytes(), name=path.name)
        parsed = sandbox.parse_in_sandbox(extracted, gazetteer=gazetteer, document=path.name, sha256="0" * 64)
        here = parse_extracted(extracted, gazetteer=gazetteer, document=path.name, sha256="0" * 64)
        assert msgspec.to_builtins(parsed) == msgspec.to_builtins(here)
    assert len(workers()) == 1


def test_what_a_parser_refuses_is_told_as_in_this_process() -> None:
    gazetteer, text = files.load_gazetteer(files.SAMPLES), ExtractedText("甲\n" * 50_001, reader="text-2")
    with pytest.raises(BulletinParseError) as there:
        sandbox.parse_in_sandbox(text, gazetteer=gazetteer, document="it.txt")
    with pytest.raises(BulletinParseError) as here:
        parse_extracted(text, gazetteer=gazetteer, document="it.txt")
    assert there.value.message == here.value.message
    cuts = Cuts(starts=(Place(9, "没有这一行"),))
    with pytest.raises(EditError):
        sandbox.parse_in_sandbox(ExtractedText("办夜校\n开课了。\n", "text-2"), gazetteer=gazetteer, document="it.txt", cuts=cuts)


def test_a_text_that_is_parsed_slowly_is_refused_and_the_next_is_parsed(fresh: None) -> None:
    gazetteer = files.load_gazetteer(files.SAMPLES)
    long = ExtractedText("锦渚区办夜校，开课三百场。\n" * 40_000, reader="text-2")
    with pytest.raises(UnreadableFileError, match=r"slow\.txt: not read within 0\.05 seconds"):
        sandbox.parse_in_sandbox(long, gazetteer=gazetteer, document="slow.txt", max_silence=0.05)
    bulletin = files.read_bulletin("夜校办起来了\n\n锦渚区开课三百场。\n".encode(), "it.txt", gazetteer=gazetteer).bulletin
    assert "开课三百场" in bulletin.text


def test_a_file_is_refused_by_name_where_no_process_can_be_started(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(sandbox.subprocess, "Popen", start)
    with pytest.raises(UnreadableFileError, match=r"it\.txt: .*cannot be started \(no more processes\)"):
        readers.read_file("夜校办起来了\n".encode(), name="it.txt")


def test_a_name_that_is_no_text_is_told_escaped() -> None:
    assert readers.read_file("夜校办起来了\n".encode(), name="\udcff.txt").text == "夜校办起来了\n"


def test_what_a_worker_refuses_is_told_in_any_language() -> None:
    with pytest.raises(UnreadableFileError) as error:
        readers.read_file(b"%PDF-1.7 rubbish", name="it.pdf")
    assert error.value.message.code == "corpus.readers.damaged_pdf"
    assert str(error.value).startswith("it.pdf: not a sound PDF (")
    with use_language("zh"):
        assert str(error.value).startswith("it.pdf：不是完好的 PDF（")


def test_a_sample_of_damaged_files() -> None:
    """`python -m benchmarks fuzz` reads ten thousand."""
    found = fuzz.run(6 * len(fuzz.sound_files()), seed=7)
    assert {name: sum(outcomes.values()) for name, outcomes in found["outcomes"].items()} == dict.fromkeys(found["outcomes"], 6)
    damaged = {name for name, outcomes in found["outcomes"].items() if "refused" in outcomes}
    assert damaged >= {"it.docx", "it.pdf", "it.png", "it.tif", "it.ofd", "it.xlsx"}  # of texts and pages what is left is read


def nested(opening: str, closing: str, depth: int, inner: str) -> str:
    return opening * depth + inner + closing * depth


STYLED = '<w:rStyle w:val="s0"/>'
LETTER = word_files.paragraph("字")
FIELD = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
CHUNKS = word_files.pack(LETTER)
for _ in range(3):
    many = '<w:altChunk r:id="rId9"/>' * 1_000
    CHUNKS = word_files.pack(LETTER + many, relations={"rId9": "aFChunk c.docx"}, files={"word/c.docx": CHUNKS})
LINEAGE = "".join(f'<w:style w:type="character" w:styleId="s{i}"><w:basedOn w:val="s{i + 1}"/></w:style>' for i in range(10_000))


@pytest.mark.parametrize(
    "data",
    [
        word_files.pack(nested("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>", 80, LETTER)),
        word_files.pack(nested(f"<w:tbl><w:tr><w:tc>{LETTER}</w:tc><w:tc>", "</w:tc></w:tr></w:tbl>", 80, LETTER)),
        word_files.pack(nested("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>", 120, LETTER)),
        word_files.pack(f"<w:p>{nested('<w:ins>', '</w:ins>', 240, word_files.run('字'))}</w:p>"),
        word_files.pack(f"<w:p><m:oMath>{nested('<m:f><m:num>', '</m:num></m:f>', 115, '<m:t>字</m:t>')}</m:oMath></w:p>"),
        word_files.pack(nested("<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>", 50, LETTER)),
        word_files.pack(f"<w:p>{FIELD}</w:p>" * 5_000 + LETTER),
        word_files.pack(f"<w:p>{word_files.run('字', STYLED)}</w:p>", styles=word_files.part("styles", LINEAGE)),
        CHUNKS,
    ],
    ids=["tables", "tables in rows", "controls", "insertions", "fractions", "boxes", "open fields", "styles", "chunks"],
)
def test_a_word_file_of_things_within_things_is_read_within_bounds(data: bytes) -> None:
    with Watch() as watch:
        assert "字" in sandbox.read_in_sandbox(data, kind=".docx", name="deep.docx", max_silence=20.0).text
    assert watch.memory < 400_000_000
