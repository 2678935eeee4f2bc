"""One bulletin in several copies is one; two bulletins are two, whatever their files are called."""

import random
import re
from collections.abc import Callable

import pytest

from corpus import readers
from corpus.document import Bulletin
from corpus.library import duplicates, files
from corpus.library.duplicates import find_duplicate, find_duplicates, fingerprint
from corpus.messages.errors import BulletinParseError
from corpus.parsing.parser import parse_text

GAZETTEER = files.load_gazetteer(files.SAMPLES)
NAMES = [file.document for file in files.bulletin_files(files.scan(files.SAMPLES))]


def text(name: str) -> str:
    return readers.read_plain(files.SAMPLES / name)


def read(source: str) -> Bulletin:
    return parse_text(source, gazetteer=GAZETTEER, document="第1期.txt")


def misread(source: str, share: float, seed: int) -> str:
    """As a scan is: some characters of the body are others."""
    chance = random.Random(seed)
    head, body = source[:300], source[300:]
    return head + "".join(
        chr(chance.randrange(0x4E00, 0x9FA5)) if "\u4e00" <= c <= "\u9fff" and chance.random() < share else c for c in body
    )


def other_layout(source: str) -> str:
    """As a converter might leave it: line ends, spaces, full-width digits, Markdown."""
    lines = [f"**{line}**" if line.startswith(("一、", "二、")) else line for line in source.split("\n")]
    return "\r\n".join(lines).translate(str.maketrans("0123456789", "０１２３４５６７８９"))


@pytest.mark.parametrize(
    "change",
    [
        str,
        lambda source: source + "\n\n",
        lambda source: source.replace("，", ", ").replace("。", "． "),
        other_layout,
        lambda source: misread(source, 0.02, 1),
        lambda source: misread(source, 0.04, 2),
        lambda source: source[: int(len(source) * 0.85)],  # the last page is missing
    ],
)
def test_a_copy_is_found_whatever_it_has_been_through(change: Callable[[str], str]) -> None:
    originals = [fingerprint(read(text(name))) for name in NAMES]
    for at, name in enumerate(NAMES):
        try:
            copy = fingerprint(read(change(text(name))))
        except BulletinParseError:  # misread beyond a masthead
            continue
        assert find_duplicates([*originals, copy]) == {len(originals): at}, name
        assert find_duplicate(copy, originals) == at


def test_the_issues_of_a_series_are_no_copies() -> None:
    assert find_duplicates([fingerprint(read(text(name))) for name in NAMES]) == {}


def test_a_form_filled_in_again_is_another_issue() -> None:
    """The same text but for the number of the issue: a weekly report in which hardly anything happens."""
    source = text("lanchuan-2019-06.txt")
    again = re.sub(r"第( ?)6( ?)期", r"第\g<1>7\g<2>期", source)
    one, other = read(source), read(again)
    assert (one.masthead.issue, other.masthead.issue) == ("6", "7")
    assert find_duplicates([fingerprint(one), fingerprint(other)]) == {}


def test_the_first_is_kept() -> None:
    one, other = (fingerprint(read(text(name))) for name in NAMES[:2])
    assert find_duplicates([one, other, one, other, one]) == {2: 0, 3: 1, 4: 0}


def test_the_sketch_estimates_what_two_texts_share() -> None:
    """Of 1,200 shingles, 128 buckets tell the share to within 0.12 (three standard deviations at 0.5: 3 * sqrt(0.25 / 128))."""
    chance = random.Random(3)
    for _ in range(20):
        one = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(1200))
        cut = chance.randrange(1200)
        other = one[:cut] + "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(1200 - cut))
        left, right = ({letters[at : at + 5] for at in range(len(letters) - 4)} for letters in (one, other))
        shared = len(left & right) / len(left | right)
        sketches = duplicates._sketch(one), duplicates._sketch(other)
        assert abs(float((sketches[0] == sketches[1]).mean()) - shared) < 0.14


def test_texts_too_short_to_sketch_are_compared_whole() -> None:
    assert (duplicates._sketch("四个字吗") == duplicates._EMPTY).all()
