"""Encodings of plain texts: found by likelihood; what is torn is told, and the rest read."""

import pytest

from corpus import readers
from corpus.messages.errors import UnreadableFileError

SIMPLIFIED = """\
云栖青年信息
第7期（总第88期）
锦渚区现有务工青年2.6万人，白天上工、夜里空闲。
二、师资统一配。从职校聘请教师46名。
"""
TRADITIONAL = """\
雲棲青年信息
第7期（總第88期）
錦渚區現有務工青年2.6萬人，白天上工、晚間空閒。
二、師資統一配。從職校聘請教師46名。
"""


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "gb18030"),
        (TRADITIONAL, "utf-16-le"),
        ("Youth work bulletin, no. 7\n" * 3_000 + SIMPLIFIED, "gb18030"),
        ("Youth work bulletin, no. 7\n", "utf-16-le"),
    ],
)
def test_the_likeliest_encoding_is_taken(text: str, encoding: str) -> None:
    reading = readers.read_file(text.encode(encoding), name="it.txt")
    assert (reading.text, reading.warnings, reading.is_source) == (text, (), True)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("lost", ["务", "白"])
def test_a_torn_byte_harms_its_place_only(encoding: str, lost: str) -> None:
    at = len(SIMPLIFIED[: SIMPLIFIED.index(lost)].encode(encoding))
    for torn in (b"", b"\xff"):  # the byte is lost, or another
        data = SIMPLIFIED.encode(encoding)
        reading = readers.read_file(data[: at + 1] + torn + data[at + 2 :], name="it.txt")
        (warning,) = reading.warnings
        assert warning.code == "corpus.readers.torn_text"
        assert (dict(warning.args)["line"], dict(warning.args)["count"]) == (3, 1)
        read, right = reading.text.splitlines(), SIMPLIFIED.splitlines()
        assert "\ufffd" in read[2] and read[2].startswith("锦渚区") and read[2].endswith("夜里空闲。")
        assert read[:2] + read[3:] == right[:2] + right[3:]


def test_the_end_mark_of_old_editors_and_cell_marks_are_no_text() -> None:
    assert readers.decode(f"{SIMPLIFIED}\x1a".encode("gb18030"), name="it.txt") == SIMPLIFIED
    assert readers.decode(SIMPLIFIED.replace("人，", "人\x07，").encode(), name="it.txt") == SIMPLIFIED


def test_what_is_torn_all_over_is_no_text() -> None:
    data = b"\xe5\x9b\xfe".join(character.encode() for character in SIMPLIFIED)
    with pytest.raises(UnreadableFileError, match=r"it\.txt"):
        readers.decode(data, name="it.txt")
