"""Damaged files of every format, read by the same code that users run."""

import io
import random
import time
import zipfile
from collections import Counter
from typing import Any

from benchmarks import rendering, small_files
from corpus import readers
from corpus.library import files
from corpus.messages.errors import BulletinParseError, UnreadableFileError
from corpus.parsing.parser import parse_extracted

_SAMPLE = files.SAMPLES / "lanchuan-2025-02.txt"
_TABLE = (("县区", "举措", "学员"), ("锦渚区", "灯下课堂", "4180"), ("", "骑手夜校", "960"))
# Bytes that often break parsers, inserted at random offsets.
_TRAPS = (b"\x00", b"\xed\xa0\x80", b"\xff\xfe", b"9" * 40, b"-1", b"<" * 500, b"]]>", b"/Length 99999999", b"\r" * 99)


def run(documents: int, *, seed: int = 0, seconds: float = 3600) -> dict[str, Any]:
    """Damage and read `documents` files. Errors other than the named ones are raised.

    Returns: the number of files, the number of each outcome by format, and the longest time for one file in seconds.
    """
    chance = random.Random(seed)
    gazetteer = files.load_gazetteer(files.SAMPLES)
    sound = sound_files()
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in sound}
    started, slowest, done = time.monotonic(), 0.0, 0
    while done < documents and time.monotonic() - started < seconds:
        name = list(sound)[done % len(sound)]
        data = damage(sound[name], chance)
        done += 1
        began = time.monotonic()
        try:
            parse_extracted(readers.read_file(data, name=name), gazetteer=gazetteer, document=name)
            outcome = "bulletin"
        except BulletinParseError:
            outcome = "text, but no bulletin"
        except UnreadableFileError as error:
            assert name in str(error), f"the message does not name the file: {error}"
            outcome = "refused"
        outcomes[name][outcome] += 1
        slowest = max(slowest, time.monotonic() - began)
    return {"documents": done, "slowest": round(slowest, 2), "outcomes": {name: dict(found) for name, found in outcomes.items()}}


def sound_files() -> dict[str, bytes]:
    """Return a small undamaged file of each format: the beginning of an invented bulletin."""
    gazetteer = files.load_gazetteer(files.SAMPLES)
    source = "\n".join(readers.read_plain(_SAMPLE).splitlines()[:24])
    paragraphs = rendering.typed(source, gazetteer=gazetteer)
    return {
        "it.txt": source.encode(),
        "it.md": source.encode("gb18030"),
        "it.docx": rendering.to_docx(paragraphs, header="页眉"),
        "it.html": rendering.to_html(paragraphs).encode(),
        "it.pdf": rendering.bare_pdf(
            [
                [
                    rendering.Placed("".join(text for text, _ in paragraph.runs)[:30], 90, 90 + 20 * row)
                    for row, paragraph in enumerate(page)
                ]
                for page in (paragraphs[:12], paragraphs[12:])
            ]
        ),
        "it.ofd": small_files.ofd([source.splitlines()[:12], source.splitlines()[12:]], rows=_TABLE),
        "it.xlsx": small_files.xlsx({"一": _TABLE}, merged=["A2:A3"]),
        "it.pptx": small_files.pptx([("青年夜校", source.splitlines())], notes="讲五分钟", rows=_TABLE),
        "it.odt": small_files.odt(source.splitlines(), rows=_TABLE),
        "it.epub": small_files.epub([rendering.to_html(paragraphs)], title="案例选", date="2023-05-18"),
        "it.mht": small_files.mht(rendering.to_html(paragraphs), address="http://www.yunqi.example/7.html"),
        "it.doc": small_files.word_2003([line for line in source.splitlines() if line], label="一、"),
        "it.csv": "\n".join(",".join(row) for row in _TABLE).encode("gb18030"),
        "it.png": _picture("PNG"),
        "it.tif": _picture("TIFF"),
    }


def damage(data: bytes, chance: random.Random) -> bytes:
    """Return the file with flipped bits, removed, repeated or copied bytes, or a trap; also inside a part of a .docx file."""
    if data.startswith(b"PK") and chance.random() < 0.7:
        return _repacked(data, chance)
    for _ in range(chance.choice((1, 1, 2, 5))):
        start, length = chance.randrange(len(data) + 1), chance.choice((1, 8, 64, 1024))
        part = data[start : start + length]
        kind = chance.randrange(6)
        if kind == 0:
            data = data[:start] + bytes(byte ^ 1 << chance.randrange(8) for byte in part) + data[start + length :]
        elif kind == 1:
            data = data[:start] + data[start + length :]
        elif kind == 2:
            data = data[:start] + part * chance.choice((2, 50)) + data[start + length :]
        elif kind == 3:
            data = data[:start]
        elif kind == 4:
            data = data[:start] + chance.choice(_TRAPS) + data[start:]
        else:
            to = chance.randrange(len(data) + 1)
            data = data[:to] + part + data[to:]
    return data


def _repacked(data: bytes, chance: random.Random) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = chance.choice([name for name in old.namelist() if name.endswith((".xml", ".rels"))])
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, damage(content, chance) if name == chosen else content)
    return file.getvalue()


def _picture(form: str) -> bytes:
    from PIL import Image, ImageDraw

    picture = Image.new("L", (300, 60), 255)
    ImageDraw.Draw(picture).text((10, 20), "2021.12.23 No. 14", fill=0, font_size=24)
    file = io.BytesIO()
    picture.save(file, form, compression="tiff_lzw" if form == "TIFF" else None)
    return file.getvalue()
