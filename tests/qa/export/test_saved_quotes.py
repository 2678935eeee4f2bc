"""The saved list: what is kept holds without the library, survives damage and many hands, and is handed out whole."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest

from corpus import atomic_write
from corpus.library.files import SAMPLES
from corpus.messages.errors import OutputError, UnreadableFileError
from index.encoder import load_encoder
from index.store.library import Library, open_library
from qa.answering.answer import Quote
from qa.export import render, saved_quotes, to_markdown, to_text
from qa.export.saved_quotes import SavedList, SavedQuote, write_saved
from qa.export.seal import sealed
from qa.export.verification import verify
from tests.qa.answers import HEADLINE, POINT, quote_from
from tests.qa.export.markdown_blocks import blocks_of
from tests.qa.export.references import REFERENCES

TIDE = "对照这条意见，市青年志愿者协会从4月起试行“潮汐积分”办法"
SHOP = "一是设兑换点。"


@pytest.fixture()
def kept(samples: Library) -> tuple[SavedQuote, ...]:
    """Two quotes of one section under one question, with another between them under another."""
    point = saved_quotes.make_saved_quote(quote_from(samples, POINT, label=HEADLINE), article=1, question="志愿积分怎么做")
    tide = saved_quotes.make_saved_quote(quote_from(samples, TIDE), article=1, question="潮汐积分是什么")
    shop = saved_quotes.make_saved_quote(quote_from(samples, SHOP), article=1, question="志愿积分怎么做")
    return point, tide, shop


def test_what_is_saved_comes_back_after_a_restart(kept: tuple[SavedQuote, ...], tmp_path: Path) -> None:
    assert saved_quotes.load_saved(tmp_path) == SavedList()
    for one in kept:
        saved_quotes.change_saved(tmp_path, lambda folder, one=one: folder.added(one))  # type: ignore[misc]
    assert saved_quotes.load_saved(tmp_path).quotes == kept
    questions = saved_quotes.load_saved(tmp_path).questions()
    assert questions == {"志愿积分怎么做": (kept[0], kept[2]), "潮汐积分是什么": (kept[1],)}
    assert {path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")} == {"saved.json", "saved.json.previous"}


def test_what_is_kept_of_a_quote_holds_without_the_library(kept: tuple[SavedQuote, ...]) -> None:
    point = kept[0]
    assert (point.text, point.headline, point.gbt7714, point.note) == (POINT, HEADLINE, REFERENCES[0][1], REFERENCES[0][2])
    assert (point.reference("en"), point.footnote("en")) == (REFERENCES[0][3], f"See {REFERENCES[0][3]}.")
    assert len(point.receipt.sha256) == 64 and point.receipt.text == POINT


def test_the_file_is_one_that_verify_reads(kept: tuple[SavedQuote, ...], tmp_path: Path) -> None:
    saved_quotes.change_saved(tmp_path, lambda _: SavedList(kept))
    report = verify(tmp_path / "saved.json", SAMPLES)
    assert report.holds and [check.text for check in report.checks] == [one.text for one in kept]
    folder = tmp_path / "简报"
    shutil.copytree(SAMPLES, folder)
    changed = folder / kept[0].document
    changed.write_text(changed.read_text(encoding="utf-8").replace("31.8万分", "99.9万分"), encoding="utf-8")
    assert [check.exists for check in verify(tmp_path / "saved.json", folder).checks] == [False, True, True]


def test_a_saved_quote_of_a_word_file_keeps_the_hash_of_its_text(tmp_path: Path) -> None:
    folder, place = tmp_path / "简报", tmp_path / "saved"
    folder.mkdir()
    place.mkdir()
    document = docx.Document()
    for line in (SAMPLES / "yunqi-2020-23.txt").read_text(encoding="utf-8").splitlines():
        document.add_paragraph(line)
    document.save(str(folder / "简报.docx"))
    library = open_library(folder, data=tmp_path / "data", encoder=load_encoder())
    quote = quote_from(library, POINT, label=HEADLINE)
    saved_quotes.change_saved(
        place, lambda saved: saved.added(saved_quotes.make_saved_quote(quote, article=1, question="积分能转给家人吗"))
    )
    file = place / "saved.json"
    assert verify(file, folder).holds

    record = json.loads(file.read_text(encoding="utf-8"))
    receipt = record["quotes"][0]["receipt"]
    assert receipt["text_sha256"] == quote.passage.bulletin.source.text_sha256 != ""
    receipt["text_sha256"] = "0" * 64
    file.write_text(json.dumps(sealed(record)), encoding="utf-8")
    (check,) = verify(file, folder).checks
    assert (check.exists, check.in_place, check.cited) == (True, False, True)
    assert "another text is read from it now" in (check.message or "")

    del receipt["text_sha256"], record["digest"]  # as older versions saved it
    file.write_text(json.dumps(record), encoding="utf-8")
    assert saved_quotes.load_saved(place).quotes[0].text == POINT and verify(file, folder).holds


def test_a_saved_row_of_a_table_is_checked_as_well(tmp_path: Path) -> None:
    folder, place = tmp_path / "简报", tmp_path / "saved"
    folder.mkdir()
    place.mkdir()
    text = (SAMPLES / "yunqi-2020-23.txt").read_text(encoding="utf-8")
    (folder / "简报.txt").write_text(text.replace(SHOP, f"\n\n课程\t人数\n剪纸\t32人\n\n{SHOP}", 1), encoding="utf-8")
    library = open_library(folder, data=tmp_path / "data", encoder=load_encoder())
    quote = quote_from(library, "剪纸\t32人")
    saved = saved_quotes.make_saved_quote(quote, article=1, question="多少人")
    assert saved.header == "课程 | 人数"
    saved_quotes.change_saved(place, lambda _: SavedList((saved,)))
    report = verify(place / "saved.json", folder)
    assert report.holds and [check.text for check in report.checks] == ["剪纸\t32人"]


def test_saving_twice_keeps_one_and_its_remark(kept: tuple[SavedQuote, ...], samples: Library) -> None:
    folder = SavedList(kept).remarked(kept[0].id, "用在第二部分")
    again = saved_quotes.make_saved_quote(quote_from(samples, POINT, label=HEADLINE), article=1, question="志愿积分怎么做")
    assert folder.added(again) == folder and folder.quotes[0].remark == "用在第二部分"
    other = saved_quotes.make_saved_quote(quote_from(samples, POINT), article=1, question="积分能转给家人吗")
    assert len(folder.added(other).quotes) == 4  # it may serve under two questions


def test_a_quote_moves_among_those_of_its_question(kept: tuple[SavedQuote, ...]) -> None:
    point, tide, shop = kept
    folder = SavedList(kept)
    assert folder.moved(shop.id, -1).quotes == (shop, tide, point) == folder.moved(point.id, 1).quotes
    for identity, step in ((point.id, -1), (shop.id, 1), (tide.id, 1), (tide.id, -1), ("nothing", 1)):
        assert folder.moved(identity, step) == folder
    assert folder.moved(shop.id, -1).moved(shop.id, 1).quotes == kept


def test_what_is_removed_can_be_had_back_until_the_next_change(kept: tuple[SavedQuote, ...], tmp_path: Path) -> None:
    saved_quotes.change_saved(tmp_path, lambda _: SavedList(kept))
    assert saved_quotes.change_saved(tmp_path, lambda folder: folder.removed(kept[1].id)).quotes == (kept[0], kept[2])
    assert saved_quotes.change_saved(tmp_path, SavedList.restored) == SavedList(kept)
    assert saved_quotes.change_saved(tmp_path, SavedList.cleared).quotes == ()
    assert saved_quotes.load_saved(tmp_path).restored() == SavedList(kept)
    folder = saved_quotes.change_saved(tmp_path, lambda folder: folder.added(kept[1]))
    assert folder.restored() == folder == SavedList((kept[1],))
    assert folder.removed("nothing") == folder and SavedList().cleared() == SavedList()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"quotes": [{"text": 1}]}', b'{"quotes": null}'])
def test_a_damaged_file_is_set_aside_as_it_is(kept: tuple[SavedQuote, ...], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "saved.json").write_bytes(content)
    assert saved_quotes.load_saved(tmp_path) == SavedList()
    (aside,) = saved_quotes.damaged_files(tmp_path)
    assert aside.read_bytes() == content and not (tmp_path / "saved.json").exists()
    saved_quotes.change_saved(tmp_path, lambda folder: folder.added(kept[0]))
    assert saved_quotes.load_saved(tmp_path).quotes == kept[:1] and saved_quotes.damaged_files(tmp_path) == (aside,)


def test_the_list_before_serves_where_the_last_is_damaged_or_gone(kept: tuple[SavedQuote, ...], tmp_path: Path) -> None:
    file, before, after = tmp_path / "saved.json", SavedList(kept[:1]), SavedList(kept)
    for saved in (before, after):
        saved_quotes.change_saved(tmp_path, lambda _, saved=saved: saved)  # type: ignore[misc]
    file.write_bytes(content := file.read_bytes()[:-9])
    assert saved_quotes.load_saved(tmp_path) == before and saved_quotes.is_lost(tmp_path)
    assert [aside.read_bytes() for aside in saved_quotes.damaged_files(tmp_path)] == [content]
    saved_quotes.change_saved(tmp_path, lambda saved: saved.added(kept[1]))
    assert saved_quotes.load_saved(tmp_path).quotes == kept[:2] and not saved_quotes.is_lost(tmp_path)


@pytest.mark.parametrize("spoil", ["colour", "in a quote", "digest", "text", "twice"])
def test_what_was_not_written_by_the_program_is_set_aside(kept: tuple[SavedQuote, ...], tmp_path: Path, spoil: str) -> None:
    file = tmp_path / "saved.json"
    saved_quotes.change_saved(tmp_path, lambda _: SavedList(kept))
    record = json.loads(file.read_text(encoding="utf-8"))
    if spoil == "colour":
        record = sealed({**record, "colour": "red"})
    elif spoil == "in a quote":
        record["quotes"][0]["colour"] = "red"
        record = sealed(record)
    elif spoil == "digest":
        record["digest"] = "0" * 64
    elif spoil == "text":
        record["quotes"][0]["text"] += "！"
    text = json.dumps(record)
    file.write_text(text.replace('{"quotes"', '{"quotes": [], "quotes"', 1) if spoil == "twice" else text, encoding="utf-8")
    assert saved_quotes.load_saved(tmp_path) == SavedList() and len(saved_quotes.damaged_files(tmp_path)) == 1


def test_a_list_of_an_earlier_version_has_no_seal(kept: tuple[SavedQuote, ...], tmp_path: Path) -> None:
    record = json.loads(write_saved(SavedList(kept)))
    del record["digest"]
    (tmp_path / "saved.json").write_text(json.dumps(record), encoding="utf-8")
    assert saved_quotes.load_saved(tmp_path).quotes == kept


def test_what_an_earlier_version_did_not_know_is_not_taken_on_trust(kept: tuple[SavedQuote, ...], tmp_path: Path) -> None:
    """A list without a seal and without kinds is one of an earlier version; an address in it is forged."""
    record = json.loads(write_saved(SavedList(kept)))
    del record["digest"]
    for quote in record["quotes"]:
        for name in ("kind", "publisher", "document_number", "url"):
            quote["citation"].pop(name, None)
    save_file = tmp_path / "saved.json"
    save_file.write_text(json.dumps(record), encoding="utf-8")
    assert verify(save_file, SAMPLES).holds
    record["quotes"][0]["citation"]["url"] = "https://forged.example"
    save_file.write_text(json.dumps(record), encoding="utf-8")
    assert not verify(save_file, SAMPLES).holds


def test_a_remark_that_changes_nothing_leaves_what_can_be_had_back(kept: tuple[SavedQuote, ...]) -> None:
    removed = SavedList(kept).removed(kept[0].id)
    assert removed.remarked(kept[1].id, kept[1].remark) is removed and removed.remarked(kept[0].id, "批注") is removed
    assert removed.remarked(kept[1].id, "批注").before is None


def test_nothing_is_lost_when_many_save_at_once(samples: Library, tmp_path: Path) -> None:
    quotes = [Quote(p, p.span.trimmed(p.bulletin.text), 0.0) for p in samples.retriever.catalog.passages[:24]]

    def save(at: int) -> None:
        new = saved_quotes.make_saved_quote(quotes[at % len(quotes)], article=1, question="问")
        saved_quotes.change_saved(tmp_path, lambda folder: folder.added(new))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(2 * len(quotes))))
    assert sorted(one.text for one in saved_quotes.load_saved(tmp_path).quotes) == sorted(quote.text for quote in quotes)


def test_a_write_that_fails_leaves_what_was_there(
    kept: tuple[SavedQuote, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_quotes.change_saved(tmp_path, lambda _: SavedList(kept[:1]))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic_write.os, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        saved_quotes.change_saved(tmp_path, lambda _: SavedList(kept))
    monkeypatch.undo()
    assert saved_quotes.load_saved(tmp_path) == SavedList(kept[:1])
    (tmp_path / "saved.json").unlink()
    (tmp_path / "saved.json").mkdir()
    with pytest.raises((UnreadableFileError, OutputError)):
        saved_quotes.load_saved(tmp_path)


def test_the_list_is_handed_out_under_its_questions_with_one_list_of_references(kept: tuple[SavedQuote, ...]) -> None:
    folder = SavedList(kept).remarked(kept[1].id, "待核")
    arranged = saved_quotes.build_report_of_saved(folder, language="zh")
    assert to_text(arranged, style="gbt7714").splitlines() == [
        "志愿积分怎么做",
        f"{HEADLINE}：“{POINT}”[1]",
        f"“{SHOP}”[1]",
        "",
        "潮汐积分是什么",
        f"“{TIDE}”[2]",
        "批注：待核",
        "",
        "参考文献",
        f"[1] {REFERENCES[0][1]}",
        f"[2] {REFERENCES[1][1]}",
        "",
        "共 3 段引文，出自 2 份文件。",
    ]
    blocks = [(kind, text) for kind, text, _ in blocks_of(to_markdown(arranged, style="note"))]
    assert blocks == [
        ("heading", "资料夹"),
        ("heading", "志愿积分怎么做"),
        ("paragraph", HEADLINE),
        ("blockquote", POINT),
        ("paragraph", f"——{REFERENCES[0][2]}"),
        ("blockquote", SHOP),
        ("paragraph", f"——{REFERENCES[0][2]}"),
        ("heading", "潮汐积分是什么"),
        ("blockquote", TIDE),
        ("paragraph", f"——{REFERENCES[1][2]}"),
        ("paragraph", "批注：待核"),
        ("paragraph", "共 3 段引文，出自 2 份文件。"),
    ]
    document = docx.Document(BytesIO(render(arranged, "docx")))
    assert [(p.style.name, p.text) for p in document.paragraphs] == [
        ("Title", "资料夹"),
        ("Question", "志愿积分怎么做"),
        ("Label", HEADLINE),
        ("Quotation", POINT),
        ("Computed", "[1]"),
        ("Quotation", SHOP),
        ("Computed", "[1]"),
        ("Question", "潮汐积分是什么"),
        ("Quotation", TIDE),
        ("Computed", "[2]"),
        ("Computed", "批注：待核"),
        ("Computed Heading", "参考文献"),
        ("Source", f"[1] {REFERENCES[0][1]}"),
        ("Source", f"[2] {REFERENCES[1][1]}"),
        ("Computed", "共 3 段引文，出自 2 份文件。"),
    ]
    book = openpyxl.load_workbook(BytesIO(render(arranged, "xlsx")))
    assert [[cell.value for cell in row] for row in book["引文"].iter_rows()] == [
        ["序号", "问题", "地区", "要点", "原文", "出处", "批注"],
        [1, "志愿积分怎么做", "云栖市锦渚区", HEADLINE, POINT, f"[1] {REFERENCES[0][1]}", None],
        [2, "志愿积分怎么做", "云栖市锦渚区", None, SHOP, f"[1] {REFERENCES[0][1]}", None],
        [3, "潮汐积分是什么", "望澜市", None, TIDE, f"[2] {REFERENCES[1][1]}", "待核"],
    ]
    with pytest.raises(ValueError, match="record"):
        render(arranged, "json")


def test_a_list_in_english_speaks_english(kept: tuple[SavedQuote, ...]) -> None:
    arranged = saved_quotes.build_report_of_saved(SavedList(kept[1:2]), language="en")
    assert to_text(arranged, style="note").splitlines() == [
        "潮汐积分是什么",
        f"[1] “{TIDE}”",
        f"    —— See {REFERENCES[1][3]}.",
        "",
        "1 quote from 1 document.",
    ]
