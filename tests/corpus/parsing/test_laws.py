"""Laws that hold for every bulletin, as it stands and after seeded damage; and the golden structures."""

import codecs
import itertools
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from corpus import readers
from corpus.chunker import chunk
from corpus.document import Bulletin
from corpus.library.files import SAMPLES, load_gazetteer
from corpus.messages.errors import BulletinParseError
from corpus.parsing.parser import parse_text, structure
from tests.corpus.layouts import LAYOUTS
from tests.corpus.parsing.laws import check_laws
from tests.executed_lines import count_lines

ROOT = Path(__file__).resolve().parents[3]
REAL = ROOT.parent / "shared" / "bulletins"
GOLDEN = ROOT.parent / "shared" / "eval"

GAZETTEER = load_gazetteer(SAMPLES)
SOURCES = {
    **{path.name: readers.read_plain(path) for path in sorted(SAMPLES.glob("*.txt"))},
    **{path.name: readers.read_plain(path) for path in sorted(REAL.glob("*.txt"))},
    **{name: layout.source for name, layout in LAYOUTS.items()},
}
MUTATIONS = (
    *("blank lines", "page numbers", "running headers", "CRLF", "CR"),
    *("full-width digits", "trailing spaces", "torn lines", "shuffled lines"),
)

needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real bulletins are not beside the repository")


def mutated(source: str, mutation: str, chance: random.Random) -> str:
    source = source.replace("\r\n", "\n")
    lines = source.split("\n")
    if mutation == "blank lines":
        return "\n".join(line + "\n" * chance.choice((0, 0, 1, 2)) for line in lines)
    if mutation == "page numbers":
        pages = iter(range(2, 1000))
        return "\n".join(line + (f"\n\n- {next(pages)} -\n" if chance.random() < 0.1 else "") for line in lines)
    if mutation == "running headers":
        # Between running text: beside a date and a publisher it would be the masthead of another bulletin.
        amid = [len(line) > 30 and len(behind) > 30 for line, behind in itertools.pairwise([*lines, ""])]
        header = "\n\n某某工作简报　第9期\n"
        return "\n".join(
            line + (header if is_amid and chance.random() < 0.3 else "") for line, is_amid in zip(lines, amid, strict=True)
        )
    if mutation == "CRLF":
        return source.replace("\n", "\r\n")
    if mutation == "CR":
        return source.replace("\n", "\r")
    if mutation == "full-width digits":
        return source.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    if mutation == "trailing spaces":
        return "\n".join(line + chance.choice(("", " ", "　", "\t", "  ")) for line in lines)
    if mutation == "torn lines":  # at any character, with or without a page break between
        return "".join(c + (chance.choice(("\n", "\n\n", "\n\n- 7 -\n\n")) if chance.random() < 0.01 else "") for c in source)
    assert mutation == "shuffled lines"
    head, body = lines[:12], lines[12:]
    chance.shuffle(body)
    return "\n".join(head + body)


def parsed(source: str) -> Bulletin:
    return parse_text(source, gazetteer=GAZETTEER, document="it.txt")


@pytest.mark.parametrize("name", SOURCES)
def test_laws(name: str) -> None:
    check_laws(SOURCES[name], parsed(SOURCES[name]))


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_laws_under_damage(mutation: str) -> None:
    refused = 0
    for name, source in SOURCES.items():
        damaged = mutated(source, mutation, random.Random(f"{name} {mutation}"))
        try:
            check_laws(damaged, parsed(damaged))
        except BulletinParseError as error:  # a header that fell beside a date and a publisher is a masthead
            assert mutation == "running headers" and error.message.code == "corpus.parsing.two_bulletins"
            refused += 1
    assert refused < len(SOURCES) / 5


def test_laws_over_torn_and_mixed_text() -> None:
    """Whatever a file holds, it is refused for want of text, or the laws hold."""
    chance = random.Random(7)
    names = list(SOURCES)
    lines = [line for source in SOURCES.values() for line in source.splitlines()]
    refused = 0
    for _ in range(300):
        source = SOURCES[chance.choice(names)]
        one, other = sorted(chance.randrange(len(source)) for _ in range(2))
        mixed = source[:150] + "\n".join(chance.choices(lines, k=40))
        damaged = chance.choice((source[:other], source[:one] + source[other:], mixed))
        try:
            bulletin = parsed(damaged)
        except BulletinParseError:
            refused += 1
        else:
            check_laws(damaged, bulletin, headers=False)
    assert refused < 30  # those of which nothing but a masthead is left


FILLERS = (
    "好",
    "好\n",
    "好\n\n",
    "\n",
    " ",
    "“好",
    "一是好。",
    "宁波市某县办\n\n好。\n\n",
    "1\n",
    "- ",
    "（团某委）\n",
    "**好**",
)


def filled(filler: str, characters: int) -> str:
    head = "某某工作简报\n第3期\n某市教育局\n2023年3月4日\n\n某市教育局做好工作\n\n好的开端。"
    return head + filler * (characters // len(filler)) + "。\n"


def passages_or_refusal(source: str) -> object:
    try:
        return chunk(parsed(source))
    except BulletinParseError as error:
        return error


@pytest.mark.parametrize("filler", FILLERS)
def test_work_grows_no_faster_than_the_text(filler: str) -> None:
    """A rule of quadratic cost would take 16 times as many lines for four times as much text."""
    passages_or_refusal(filled(filler, 100))  # what is made once
    little, much = (count_lines(lambda size=size: passages_or_refusal(filled(filler, size))) for size in (4_000, 16_000))
    assert much < 5 * little


@pytest.mark.parametrize("filler", FILLERS)
def test_a_large_file_keeps_the_laws(filler: str) -> None:
    """300,000 characters, near 1 MB. A regular expression of quadratic cost, whose steps are not counted, would take minutes."""
    source = filled(filler, 300_000)
    try:
        bulletin = parsed(source)
    except BulletinParseError as error:
        assert "it.txt" in str(error)
    else:
        check_laws(source, bulletin, headers=False)


def read_structure(source: str) -> object:
    return structure(parsed(source))


@pytest.mark.parametrize("mutation", ["CRLF", "CR", "trailing spaces"])
def test_line_ends_and_spaces_change_nothing(mutation: str) -> None:
    for name, source in SOURCES.items():
        damaged = mutated(source, mutation, random.Random(name))
        assert read_structure(damaged) == read_structure(source), name


def test_page_breaks_change_nothing() -> None:
    """A page number between two paragraphs leaves no trace."""
    for name, source in SOURCES.items():
        chance = random.Random(name)
        paragraphs = re.split(r"(?<=。)\n\n", source)
        breaks = (f"\n\n- {page} -\n\n" if chance.random() < 0.5 else "\n\n" for page in range(2, len(paragraphs) + 2))
        damaged = "".join(piece for pair in zip(paragraphs, breaks, strict=True) for piece in pair)
        assert read_structure(damaged) == read_structure(source), name


def narrowed(value: object) -> object:
    """A structure with half-width digits, for comparing."""
    narrow = {ord(digit) + 0xFEE0: ord(digit) for digit in "0123456789"}
    return json.loads(json.dumps(value, ensure_ascii=False).translate(narrow))


def test_full_width_digits_change_nothing() -> None:
    for name, source in SOURCES.items():
        damaged = mutated(source, "full-width digits", random.Random(name))
        assert narrowed(read_structure(damaged)) == narrowed(read_structure(source)), name


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings_change_nothing(encoding: str) -> None:
    for name, source in SOURCES.items():
        assert readers.decode(source.encode(encoding), name=name) == source
    big_endian = codecs.BOM_UTF16_BE + source.encode("utf-16-be")
    assert readers.decode(big_endian, name=name) == source


# --- golden structures ----------------------------------------------------------------------------------

CHECKED_ELSEWHERE = {"lead_starts", "last_chars", "footer_starts", "page_break_joins"}


def golden(path: Path) -> list[tuple[str, dict[str, object]]]:
    return list(json.loads(path.read_text(encoding="utf-8")).items())


def compare(bulletin: Bulletin, expected: dict[str, object]) -> None:
    found = structure(bulletin)
    for key in expected.keys() - CHECKED_ELSEWHERE - {"articles"}:
        assert found[key] == expected[key], key
    articles = expected["articles"]
    assert isinstance(articles, list)
    assert [article["title"] for article in found["articles"]] == [article["title"] for article in articles]
    for article, shown, wanted in zip(bulletin.articles, found["articles"], articles, strict=True):
        for key in wanted.keys() - CHECKED_ELSEWHERE:
            assert shown.get(key) == wanted[key], (wanted["title"], key)
        body = bulletin.text[article.sections[0].span.start : article.sections[-1].span.end].strip()
        assert body.startswith(wanted["lead_starts"]) and body.endswith(wanted["last_chars"])
    footer = "".join(zone.span.of(bulletin.text) for zone in bulletin.zones if zone.kind == "footer")
    assert footer.strip().startswith(str(expected["footer_starts"]))


@pytest.mark.parametrize(("name", "expected"), golden(SAMPLES / "golden_structure.json"))
def test_samples(name: str, expected: dict[str, object]) -> None:
    compare(parsed(SOURCES[name]), expected)


@needs_real
def test_real_bulletins() -> None:
    bulletins = []
    for name, expected in golden(GOLDEN / "golden_structure.json"):
        bulletins.append(parsed(SOURCES[name]))
        compare(bulletins[-1], expected)
    articles = [article for bulletin in bulletins for article in bulletin.articles]
    sections = [section for article in articles for section in article.sections if section.heading or section.points]
    assert len(articles) == 13
    assert len(sections) == 40  # 39 with a heading, and one article that has points only
    assert sum(len(section.points) for section in sections) == 95


@needs_real
def test_real_page_breaks_are_joined() -> None:
    joins = [json.loads(line) for line in (GOLDEN / "golden_joins.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(joins) == 26
    for join in joins:
        assert (join["before"] + join["after"]).replace("*", "") in parsed(SOURCES[join["doc"]]).text


def test_a_text_of_too_many_characters_is_refused() -> None:
    """A call over a text of 49 MB on one line would hold every thread of the program."""
    with pytest.raises(BulletinParseError) as refused:
        parse_text("好" * 3_000_001, gazetteer=GAZETTEER, document="it.txt")
    assert refused.value.message.code == "corpus.parsing.too_many_characters"


@pytest.mark.parametrize("end", ["\n", "\u2028", "\x0b", "\r\n"])
def test_lines_are_counted_by_whatever_ends_them(end: str) -> None:
    """Names or figures in a long column are no document, and each of their lines costs as much as one of prose."""
    with pytest.raises(BulletinParseError) as refused:
        parse_text(f"张三{end}" * 15_001, gazetteer=GAZETTEER, document="it.txt")
    assert refused.value.message.code == "corpus.parsing.lines_too_short"
    assert "15001" in str(refused.value)
    with pytest.raises(BulletinParseError) as refused:
        parse_text(f"{'好' * 30}{end}" * 50_001, gazetteer=GAZETTEER, document="it.txt")
    assert refused.value.message.code == "corpus.parsing.too_many_lines"


_HASH_OF_PARSES = """
import hashlib, random
import msgspec
from benchmarks.attack.texts import make_text
from corpus.library.files import SAMPLES, load_gazetteer
from corpus.parsing.parser import parse_text
chance, gazetteer = random.Random(7), load_gazetteer(SAMPLES)
texts = [make_text(chance, 20_000)[1] for _ in range(21)]
parses = [msgspec.json.encode(parse_text(texts[number], document="a.txt", gazetteer=gazetteer)) for number in (7, 20)]
print(hashlib.sha256(b"".join(parses)).hexdigest())
"""


def test_a_text_is_parsed_alike_in_every_run() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", _HASH_OF_PARSES],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1
