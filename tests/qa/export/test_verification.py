"""Quotes are checked against the files as they are now; whatever is wrong is said once, and where."""

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.attack.forgeries import FORMS, attack_form
from corpus.library import files as corpus_library
from index.store.library import Library
from qa.__main__ import main
from qa.answering.pipeline import answer_question
from qa.export import batch, to_json, verification
from qa.export.derivation import Derive, asking_again
from qa.export.records import answer_record
from qa.export.seal import sealed
from qa.web.addresses import passage_address
from tests.qa.answers import HEADLINE, POINT, answer_of, quote_from

Record = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the samples that a test may spoil."""
    return Path(shutil.copytree(corpus_library.SAMPLES, tmp_path / "library"))


@pytest.fixture(scope="module")
def derive(samples: Library) -> Derive:
    return asking_again(lambda: samples, address_of=passage_address)


@pytest.fixture(scope="module")
def record(samples: Library) -> Record:
    return answer_record(answer_of(quote_from(samples, POINT, label=HEADLINE, highlight=["31.8万分"])))


def write(folder: Path, record: Any) -> Path:
    file = folder.parent / "answer.json"
    file.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return file


def test_untouched_quotes_hold(samples: Library, folder: Path, tmp_path: Path, derive: Derive) -> None:
    file = tmp_path / "answer.json"
    file.write_text(to_json(answer_question(samples, "志愿者积分制度怎么做")), encoding="utf-8")
    assert not verification.verify(file, folder).holds  # not asked again
    report = verification.verify(file, folder, derive=derive)
    assert report.holds and len(report.checks) >= 2
    lines = file.read_text(encoding="utf-8").splitlines()
    assert all('"receipt"' in lines[check.line - 1] for check in report.checks)
    assert report.text().splitlines()[-1] == "{0} quotes: {0} exist, {0} in place, {0} rightly cited".format(len(report.checks))


def test_every_answer_of_a_batch_holds(samples: Library, folder: Path, tmp_path: Path, derive: Derive) -> None:
    questions = corpus_library.SAMPLES / "questions.jsonl"
    lines = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()][::5]
    source, target = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    asked = [{"id": number, "question": line["question"]} for number, line in enumerate(lines)] + [{"id": "bad", "question": ""}]
    source.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in asked), encoding="utf-8")
    batch.answer_file(samples, source, target)
    report = verification.verify(target, folder, derive=derive)
    assert report.holds and len(report.checks) > 10
    assert report.checks[-1].line > len(lines) - 8  # each in its line of the file
    assert "not checked, since no library can tell: asked, id, elapsed_ms" in report.text()


def test_a_line_that_could_not_be_read_is_not_believed(folder: Path, tmp_path: Path, samples: Library, derive: Derive) -> None:
    """An error in the place of an answer is derived like an answer, and cannot be where the question is not told."""
    source, target = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    source.write_text('{"id": "a", "question": "志愿者积分制度怎么做"}\n{', encoding="utf-8")
    batch.answer_file(samples, source, target)
    answer, unread = map(json.loads, target.read_text(encoding="utf-8").splitlines())
    assert [whole.derived for whole in verification.verify(target, folder, derive=derive).wholes] == [True, False]
    others = ({"error": "x"}, *({"passages": spoiled} for spoiled in (5, "x", {"a": 1}, [5], True)))
    for forged in (unread, sealed({**unread, "asked": answer["asked"]}), *(sealed({**answer, **other}) for other in others)):
        target.write_text(json.dumps(forged), encoding="utf-8")
        assert not verification.verify(target, folder, derive=derive).holds


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_file_holds_and_forgeries_of_each_part_do_not(samples: Library, form: str) -> None:
    counts = attack_form(FORMS[form], samples, each=1, seed=len(form))
    assert counts["failed_untouched"] == counts["failed_accepted"] == 0, counts
    assert counts["forgeries"] > 10


def one(value: Any) -> Callable[[Record], None]:
    """Set a key of the only quote: a path of keys and the value."""
    *path, last, new = value

    def spoil(quote: Record) -> None:
        for key in path:
            quote = quote[key]
        quote[last] = new

    return spoil


def tampered(quote: Record) -> None:
    for part in (quote, quote["receipt"]):
        part["text"] = part["text"].replace("2270名", "9270名")


def moved(quote: Record) -> None:
    for part in (quote, quote["receipt"]):
        part["spans"] = [[start + 1, end + 1] for start, end in part["spans"]]


def elsewhere(quote: Record) -> None:
    quote["document"] = quote["receipt"]["document"] = "yunqi-2021-05.txt"


@pytest.mark.parametrize(
    ("spoil", "verdict", "said"),
    [
        (tampered, (False, False, False), "line 32: the offsets hold “分，惠及老人2270名。”, not “分，惠及老人9270名。”"),
        (tampered, (False, False, False), "the text stands in no document of the library"),
        (one(["text", POINT[:-1]]), (True, False, True), "the quote and its receipt differ in text"),
        (one(["spans", [[1, 2]]]), (True, False, True), "the quote and its receipt differ in offsets"),
        (moved, (True, False, True), "line 32: the offsets hold “愿者可把积分"),
        (one(["receipt", "sha256", "0" * 64]), (True, False, True), "the file has changed (SHA-256 then 000000000000…, now "),
        (elsewhere, (True, False, True), "the text stands in yunqi-2020-23.txt"),
        (
            one(["label", "text", "许可转让"]),
            (True, False, True),
            "hold “许可转赠”, not “许可转让”",
        ),
        (one(["highlight", 0, "spans", [[0, 3]]]), (True, False, True), "not “31.8万分”"),
        (one(["citation", "issue", "24"]), (True, True, False), "the citation is not the file's: issue “24” ≠ “23”"),
        (one(["citation", "region", "望澜市"]), (True, True, False), "region “望澜市” ≠ “云栖市锦渚区”"),
    ],
)
def test_each_fault_is_told_apart(
    record: Record, folder: Path, spoil: Callable[[Record], None], verdict: tuple[bool, ...], said: str
) -> None:
    spoiled = copy.deepcopy(record)
    spoil(spoiled["quotes"][0])
    report = verification.verify(write(folder, sealed(spoiled)), folder)
    (check,) = report.checks
    assert (check.exists, check.in_place, check.cited) == verdict
    assert said in (check.message or "") and not report.holds
    message = report.text().splitlines()[1]
    assert "answer.json: line 1: yunqi-202" in message and said in message


def test_a_changed_and_a_missing_file(record: Record, folder: Path) -> None:
    file, path = write(folder, record), folder / "yunqi-2020-23.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("2270名", "2271名"), encoding="utf-8")
    (check,) = verification.verify(file, folder).checks
    assert (check.exists, check.in_place, check.cited) == (False, False, False)
    assert "yunqi-2020-23.txt: the file has changed" in (check.message or "")
    path.rename(folder / "renamed.txt")
    (check,) = verification.verify(file, folder).checks
    assert check.message == "yunqi-2020-23.txt: no such file in the library; the text stands in no document of the library"


def test_a_renamed_file_still_holds_the_text(record: Record, folder: Path) -> None:
    file = write(folder, record)
    (folder / "yunqi-2020-23.txt").rename(folder / "renamed.txt")
    (check,) = verification.verify(file, folder).checks
    assert (check.exists, check.in_place, check.cited) == (True, False, True)
    assert check.message == "yunqi-2020-23.txt: no such file in the library; the text stands in renamed.txt"


def test_only_files_of_the_library_are_read(record: Record, folder: Path) -> None:
    (folder.parent / "outside.txt").write_bytes((folder / "yunqi-2020-23.txt").read_bytes())
    spoiled = copy.deepcopy(record)
    spoiled["quotes"][0]["document"] = spoiled["quotes"][0]["receipt"]["document"] = "../outside.txt"
    (check,) = verification.verify(write(folder, sealed(spoiled)), folder).checks
    assert not check.in_place and "../outside.txt: no such file in the library" in (check.message or "")


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ('{\n"quotes": [\n}', 3, "not JSON"),
        ('{"id": 1, "quotes": []}\n{"id": 2,\n', 2, "not JSON"),
        ('{"id": 1, "quotes": []}\n["a"]\n', 2, "expected an answer with receipts"),
        ("[" * 100_000, 1, "not JSON"),
        ('{"quotes": [{"text": "甲"}]}', 1, "expected an answer with receipts"),
        ('{"quotes": [{"text": "甲", "spans": [["a", 2]]}]}', 1, "expected an answer with receipts"),
        ("3", 1, "expected an answer with receipts"),
        ("你好", 1, "not JSON"),
        ('{"quotes": [], "quotes": []}', 1, "stands twice"),
        ('{"quotes": [], "digest": "0"}', 1, "something was changed"),
    ],
)
def test_what_is_no_answer_is_said_with_its_line(folder: Path, content: str, line: int, said: str) -> None:
    file = folder.parent / "answer.json"
    file.write_text(content, encoding="utf-8")
    report = verification.verify(file, folder)
    ((found, message),) = report.problems
    assert (found, report.holds) == (line, False)
    assert said in message
    assert f"answer.json: line {line}: " in report.text()


def test_line_separators_inside_a_string_end_no_line(samples: Library, folder: Path, derive: Derive) -> None:
    answered = answer_record(answer_question(samples, "积分能转给家人吗"))
    del answered["question"]
    line = json.dumps(sealed({"id": "甲\u2028乙\x85丙", **answered}), ensure_ascii=False)
    file = folder.parent / "answers.jsonl"
    file.write_text(f"{line}\r\n\r\n{line}\n", encoding="utf-8", newline="")
    report = verification.verify(file, folder, derive=derive)
    assert report.holds and {check.line for check in report.checks} == {1, 3}


@pytest.mark.parametrize("spans", [[], [[-5, 3]], [[9, 2]], [[10**12, 10**12 + 5]], [[0, 10**12]]])
def test_offsets_that_make_no_sense_are_only_wrong(record: Record, folder: Path, spans: list[list[int]]) -> None:
    spoiled = copy.deepcopy(record)
    for part in (spoiled["quotes"][0], spoiled["quotes"][0]["receipt"]):
        part["spans"] = spans
    (check,) = verification.verify(write(folder, sealed(spoiled)), folder).checks
    assert (check.exists, check.in_place, check.cited) == (True, False, True)


def test_the_command_says_it_in_its_exit_code_and_as_json(
    samples: Library, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["--library", str(samples.folder), "--data", str(samples.data)]
    record = answer_record(answer_question(samples, "积分能转给家人吗"))
    file = write(folder, record)
    assert main(["verify", str(file), *options]) == 0
    assert "exists: yes, in place: yes, cited: yes  yunqi-2020-23.txt" in capsys.readouterr().out
    spoiled = copy.deepcopy(record)
    spoiled["quotes"] = spoiled["quotes"][:1]
    tampered(spoiled["quotes"][0])
    write(folder, sealed(spoiled))
    assert main(["verify", str(file), *options, "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["holds"] is False and shown["problems"] == []
    assert {name: shown["quotes"][0][name] for name in ("line", "number", "exists", "in_place", "cited")} == {
        "line": 1,
        "number": 1,
        "exists": False,
        "in_place": False,
        "cited": False,
    }
    monkeypatch.setenv("JINGYAN_LANG", "zh")
    assert main(["verify", str(file), *options]) == 1
    out = capsys.readouterr().out
    assert "原文存在：否" in out and "共 1 段引文：原文存在 0，位置相符 0，出处相符 0" in out
    assert main(["verify", str(folder / "nothing.json"), *options]) == 1
    assert "nothing.json" in capsys.readouterr().err
