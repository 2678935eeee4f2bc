"""The comparison of read documents with a golden file, on invented ones, by hand."""

import datetime
import json
from pathlib import Path

import pytest

from benchmarks import __main__ as command_line
from benchmarks import agreement, reading
from benchmarks.agreement import Headings, Score, align, compare, refused
from benchmarks.metrics import Record
from corpus.document import Article, Bulletin, DocumentKind, Masthead, Region, Section, Source, Span
from corpus.messages.errors import LibraryError, QuestionError

NIGHT = "锦渚区把夜校开到桥下，去年开课三百一十二场。\n一、课程按需开\n先问再开，学员说了算。\n二、师资统一配\n二十名老师轮流来。"
DEBTS = "上埠区欠账公示，每月一次。"


def bulletin(*articles: tuple[str, str, str | None], kind: DocumentKind = "notice", number: str | None = None) -> Bulletin:
    """Make a document of articles, each of a title, a body and a signature; lines that open with 一、 or 二、 are headings."""
    text, made = "", []
    for title, body, signature in articles:
        start = len(text)
        text += f"{title}\n"
        sections: list[Section] = []
        for line in body.split("\n"):
            heading = line if line[1:2] == "、" else ""
            if heading or not sections:
                sections.append(Section(heading, Span(len(text), len(text)), ()))
            text += f"{line}\n"
            last = sections.pop()
            sections.append(Section(last.heading, Span(last.span.start, len(text)), ()))
        text += f"（{signature}）\n" if signature else ""
        region = Region("岚川省", "云栖市", "锦渚区")
        made.append(Article(title, region, None, (), signature, Span(start, len(text)), tuple(sections)))
    masthead = Masthead("", None, None, 2023, None, "共青团云栖市委", datetime.date(2023, 5, 18), number)
    return Bulletin(
        Source("it.txt"), "it", masthead, None, None, (), text, (), (), tuple(made), (), kind=kind, attachments=("课程表", "名单")
    )


def record(*articles: Record, **fields: object) -> Record:
    return {"file": "it.txt", "articles": list(articles), "furniture": [], **fields}


def wrong(score: Score) -> list[str]:
    return [mark.field for mark in score.marks if not mark.right]


def test_a_document_that_is_as_expected_has_nothing_wrong() -> None:
    night = {
        "title": "桥下夜校 开到家门口",
        "region": "云栖市锦渚区",
        "signature": "团锦渚区委",
        "first": "锦渚区把夜校开到桥下",
        "last": "二十名老师轮流来。",
        "sections": ["一、课程按需开", "二、师资统一配"],
    }
    expected = record(
        night,
        kind="notice",
        series=None,
        issue=None,
        publisher="共青团云栖市委",
        date="2023-05-18",
        document_number="云团发〔2023〕7号",
        attachments=["课程表", "名单"],
        furniture=["上一篇", "浏览次数"],
    )
    score = compare(bulletin(("桥下夜校\n开到家门口", NIGHT, "（团锦渚区委）"), number="云团发〔２０２３〕7号"), expected)
    assert list(score.wrong()) == []  # white space, width and brackets around a signature do not count
    assert score.headings == Headings(2, 2, 2)
    assert {mark.field for mark in score.marks} == set(agreement.FIELDS) - {"total_issue"}
    assert score.furniture == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "minutes"),
        ("series", "云栖青年信息"),
        ("issue", "7"),
        ("publisher", None),
        ("date", "2023-05-19"),
        ("document_number", "云团发〔2023〕7号"),
        ("attachments", ["课程表"]),
    ],
)
def test_a_field_that_differs_is_wrong(field: str, value: object) -> None:
    assert wrong(compare(bulletin(("夜校", DEBTS, None)), record({}, **{field: value}))) == [field]


def test_what_a_record_does_not_name_is_not_compared() -> None:
    score = compare(bulletin(("夜校", DEBTS, None)), record({}))
    assert [mark.field for mark in score.marks] == ["taken in", "number of articles"]


def test_any_of_several_values_is_right() -> None:
    read = bulletin(("夜校", NIGHT, None))
    article = {
        "title": "桥下夜校",
        "title_or": ["夜校"],
        "first": "去年开课",
        "first_or": ["锦渚区把夜校"],
        "region_or": ["云栖市锦渚区"],
    }
    assert wrong(compare(read, record(article, kind="news", kind_or=["report", "notice"]))) == []
    assert wrong(compare(read, record({}, {}, count_or=[1]))) == []
    assert wrong(compare(read, record({"title": "桥下夜校", "title_or": ["课程"]}))) == ["title"]


def test_the_ends_of_a_body_must_be_its_ends() -> None:
    article = {"first": "去年开课三百一十二场", "last": "学员说了算"}
    assert wrong(compare(bulletin(("夜校", NIGHT, None)), record(article))) == ["first characters", "last characters"]


def test_headings_are_counted_beside_the_list_that_they_agree_with_best() -> None:
    read = bulletin(("夜校", NIGHT, None))
    score = compare(read, record({"sections": ["一、课程按需开。", "二、场地共享用", "三、考核常态化"]}))
    assert score.headings == Headings(3, 2, 1)
    assert (score.headings.precision, score.headings.recall) == (1 / 2, 1 / 3)
    assert score.headings.f1 == pytest.approx(2 / 5)
    assert [line.split(" [")[0] for line in score.wrong()] == [
        "headings: missing 二、场地共享用",
        "headings: missing 三、考核常态化",
        "headings: found 二、师资统一配",
    ]
    either = {"sections": ["一、课程"], "sections_or": [["一、课程按需开", "二、师资统一配"]]}
    assert compare(read, record(either)).headings == Headings(2, 2, 2)
    assert compare(read, record({"sections": []})).headings == Headings(0, 2, 0)


def test_furniture_inside_an_article_is_named() -> None:
    score = compare(bulletin(("夜校", f"{DEBTS}\n浏览次数：12", None)), record({}, furniture=["浏览次数:12", "上一篇"]))
    assert score.furniture_inside == ("浏览次数:12",)
    assert list(score.wrong()) == ["furniture inside an article: 浏览次数:12"]


def test_articles_are_paired_in_order_by_what_agrees() -> None:
    read = bulletin(("多出来的一篇", "没有人等它。", None), ("桥下夜校", NIGHT, None), ("按月公示", DEBTS, None))
    bodies = [read.text[agreement.body_of(article).start : agreement.body_of(article).end] for article in read.articles]
    night, debts = {"title": "桥下夜校"}, {"title": "别的题目", "first": "上埠区欠账公示"}
    assert align([night, debts], read.articles, bodies) == [(night, 1), (debts, 2)]
    assert align([debts, night], read.articles, bodies) in ([(debts, None), (night, 1)], [(debts, 0), (night, 1)])
    assert align([night], read.articles[:1], bodies) == [(night, 0)]  # like nothing, but the only one
    assert align([night], (), []) == [(night, None)]


def test_an_article_too_few_is_wrong_in_every_field() -> None:
    night, debts = {"title": "桥下夜校", "region": None}, {"title": "按月公示", "region": None, "sections": ["一、公示"]}
    score = compare(bulletin(("按月公示", DEBTS, None)), record(night, debts))
    assert wrong(score) == ["number of articles", "title", "region", "region"]  # the one that is there has a region
    assert score.headings == Headings(1, 0, 0)


def test_a_refused_document_is_wrong_in_every_field() -> None:
    expected = record({"title": "夜校", "signature": None, "sections": ["一、课程"]}, kind="news", furniture=["上一篇"])
    score = refused(expected, "it.txt: no text")
    assert wrong(score) == ["taken in", "kind", "title", "signature", "number of articles"]
    assert (score.headings, score.furniture) == (Headings(1), 1)


def folder_of(tmp_path: Path) -> Path:
    paragraphs = "上埠区每月公示欠账，村民在公告栏前就能看见。\n"
    text = f"云栖青年信息\n第7期\n共青团云栖市委编    2023年5月18日\n\n按月公示欠账\n\n{paragraphs * 3}"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    (tmp_path / "b.txt").write_bytes(b"")
    return tmp_path


def test_a_folder_is_measured(tmp_path: Path) -> None:
    golden = tmp_path / "golden.jsonl"
    records = [
        {"file": "a.txt", "series": "云栖青年信息", "issue": "8", "articles": []},
        {"file": "b.txt", "kind": "news", "articles": []},
        {"file": "absent.txt", "kind": "news", "articles": []},
    ]
    golden.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in records), encoding="utf-8")
    measured = reading.measure(folder_of(tmp_path), reading.read_golden(golden)).record()
    assert measured["documents"] == 3
    assert measured["fields"]["taken in"] == {"right": 1, "of": 3}
    assert measured["fields"]["series"] == {"right": 1, "of": 1}
    assert measured["fields"]["issue"] == {"right": 0, "of": 1}
    assert measured["fields"]["kind"] == {"right": 0, "of": 2}
    assert "issue: expected 8, found 7" in measured["wrong"]["a.txt"]
    assert set(measured["wrong"]) == {"a.txt", "b.txt", "absent.txt"}
    assert measured["speed"][".txt"]["files"] == 1  # those that were read
    assert "absent.txt" in reading.wrong_lines(measured)
    lines = [line.split() for line in reading.table(measured).splitlines()]
    assert ["taken", "in", "1", "3", "0.333"] in lines
    assert ["kind", "0", "2", "0.000"] in lines


def test_the_command_prints_figures_and_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    golden = tmp_path / "golden.jsonl"
    golden.write_text('{"file": "a.txt", "issue": "8", "articles": [{}]}', encoding="utf-8")
    options = ["reading", "--library", str(folder_of(tmp_path)), "--golden", str(golden)]
    assert command_line.main([*options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["wrong"] == {"a.txt": ["issue: expected 8, found 7"]}
    assert command_line.main(options) == 0
    assert "found 7" not in capsys.readouterr().out
    assert command_line.main([*options, "--verbose"]) == 0
    assert "issue: expected 8, found 7" in capsys.readouterr().out
    assert command_line.main(["reading", "--library", str(tmp_path / "absent")]) == 1
    assert "absent" in capsys.readouterr().err


def test_the_golden_structure_of_the_samples_is_read_as_a_golden_file() -> None:
    golden = reading.read_golden(reading.files.SAMPLES / "golden_structure.json")
    measured = reading.measure(reading.files.SAMPLES, golden).record()
    assert measured["wrong"] == {}
    assert measured["headings"]["both"] > 100


@pytest.mark.parametrize("line", ["{", "[]", '{"file": "a.txt"}', '{"articles": []}', '{"file": "a.txt", "articles": null}'])
def test_a_bad_line_of_a_golden_file_is_named(tmp_path: Path, line: str) -> None:
    golden = tmp_path / "golden.jsonl"
    golden.write_text('{"file": "a.txt", "articles": []}\n' + line, encoding="utf-8")
    with pytest.raises(QuestionError, match=r"golden\.jsonl.*2"):
        reading.read_golden(golden)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="absent"):
        reading.measure(tmp_path / "absent", [])
