"""python -m corpus: reports, exit codes, language and encoding."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import rendering, small_files
from corpus import readers
from corpus.__main__ import main
from corpus.library.files import SAMPLES, load_gazetteer

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = str(SAMPLES / "yunqi-2021-05.txt")


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    path = tmp_path / "recipe.txt"
    path.write_text("----\n", encoding="utf-8")
    return str(path)


def test_check(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    golden = json.loads((SAMPLES / "golden_structure.json").read_text(encoding="utf-8"))["yunqi-2021-05.txt"]
    sections = [section for article in golden["articles"] for section in article["sections"]]
    points = sum(len(section["points"]) for section in sections)
    headings = sum(bool(section["heading"]) for section in sections)
    monkeypatch.setenv("JINGYAN_LANG", "en")
    assert main(["check", SAMPLE]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{SAMPLE}: {golden['series']} no. {golden['issue']}")
    assert f"  {len(golden['articles'])} articles, {headings} sections, {points} points, " in out
    monkeypatch.setenv("JINGYAN_LANG", "zh_CN")
    assert main(["check", SAMPLE]) == 0
    assert f"  {len(golden['articles'])} 篇文章，{headings} 节，{points} 点，" in capsys.readouterr().out


@pytest.mark.parametrize(("language", "message"), [("en", "line 1: expected text, found none"), ("zh", "第 1 行：没有正文可读")])
def test_a_failing_file_fails_the_check(
    recipe: str, language: str, message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINGYAN_LANG", language)
    assert main(["check", recipe, SAMPLE]) == 1
    written = capsys.readouterr()
    assert message in written.err and recipe in written.err
    assert SAMPLE in written.out  # the rest is still checked


def test_missing_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["show", str(tmp_path / "missing.txt")]) == 1
    assert "missing.txt" in capsys.readouterr().err


def test_malformed_region_table_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_text("province\n", encoding="utf-8")
    (tmp_path / "it.txt").write_text("x", encoding="utf-8")
    assert main(["check", str(tmp_path / "it.txt")]) == 1
    assert "expected the columns" in capsys.readouterr().err


def test_show(capsys: pytest.CaptureFixture[str]) -> None:
    golden = json.loads((SAMPLES / "golden_structure.json").read_text(encoding="utf-8"))["yunqi-2021-05.txt"]
    assert main(["show", "--json", SAMPLE]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [article["title"] for article in shown["articles"]] == [article["title"] for article in golden["articles"]]
    assert main(["show", SAMPLE]) == 0
    out = capsys.readouterr().out
    assert all(article["title"] in out for article in golden["articles"])


def test_text_has_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["text", SAMPLE]) == 0
    out = capsys.readouterr().out
    assert "**" not in out and "\n\n" not in out and "云栖" in out


def test_every_format_is_taken(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    gazetteer = load_gazetteer(SAMPLES)
    typed = rendering.typed(Path(SAMPLE).read_text(encoding="utf-8"), gazetteer=gazetteer)
    paths = [tmp_path / "简报.docx", tmp_path / "简报.html", tmp_path / "简报.pdf"]
    paths[0].write_bytes(rendering.to_docx(typed))
    paths[1].write_text(rendering.to_html(typed), encoding="utf-8")
    lines = ["".join(text for text, _ in paragraph.runs) for paragraph in typed[:14]]
    paths[2].write_bytes(
        rendering.bare_pdf([[rendering.Placed(line[:28], 72, 120 + 40 * row) for row, line in enumerate(lines)]])
    )
    assert main(["check", *map(str, paths)]) == 0
    assert capsys.readouterr().out.count(" no. 5 ") == 3
    for path in paths:
        assert main(["show", str(path)]) == 0
        capsys.readouterr()
        assert main(["text", str(path)]) == 0
        # To the letter what offsets refer to.
        assert capsys.readouterr().out == readers.read_file(path.read_bytes(), name=path.name).text


def test_bad_usage() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["frobnicate"])
    assert caught.value.code == 2


def test_output_is_utf8_whatever_the_console_says() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "gbk", "JINGYAN_LANG": "zh"}
    command = [sys.executable, "-m", "corpus", "check", SAMPLE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert "篇文章" in done.stdout.decode("utf-8")


def test_every_document_of_an_archive_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "2021.zip"
    samples = sorted(SAMPLES.glob("*.txt"))[:2]
    path.write_bytes(small_files.zipped({**{sample.name: sample.read_bytes() for sample in samples}, "x.ceb": b"\x00"}))
    assert main(["check", str(path)]) == 1  # for x.ceb
    printed = capsys.readouterr()
    assert [line for line in printed.out.splitlines() if ".zip/" in line][1].startswith(f"{path}/{samples[1].name}: ")
    assert f"{path}/x.ceb" in printed.err
    main(["text", str(path)])
    printed = capsys.readouterr()
    for sample in samples:
        assert readers.read_plain(sample).splitlines()[0] in printed.out
