"""Plain text and Markdown files: their encoding is the likeliest one, not the first that raises no error."""

import codecs
import itertools
import re
from collections import Counter
from collections.abc import Iterator

from corpus.document import ExtractedText
from corpus.messages.errors import UnreadableFileError
from corpus.messages.message import Message
from corpus.text.normalize import simplify

READER = "text-2"

_ENCODINGS = ("utf-8", "gb18030", "big5hkscs", "utf-16-le", "utf-16-be")  # the first of those equally likely is taken
_SAMPLE = 20_000  # bytes by which the encoding is decided, from the first that is not ASCII
# The share of characters of a text that are such as texts are made of; of what nothing but its bytes says is text.
_MIN_EXPECTED, _MIN_TEXT = 0.6, 0.8
_WEIGHT_OF_COMMON = 2  # of a common character, where one of those that texts are made of counts once
# Torn places: more than a few, and more than one in fifty characters, are no text. So many lines are searched for the place from
# which a two-byte encoding reads on rightly, each if it is no longer than this many bytes.
_FEW_TORN, _MAX_TORN, _MAX_MENDED, _MAX_MENDED_LINE = 3, 0.02, 20, 2_000
# Characters that no editor writes. A few are left behind by old ones (the end mark Ctrl-Z) or by Word (U+0007 ends a cell) and
# are dropped; with more of them than one in fifty a file is binary.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAX_CONTROL = 0.02
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_REPLACED = "\ufffd"
_TORN = re.compile(f"{_REPLACED}+")
# The commonest marks, and the 360 commonest characters after the word frequencies of jieba's dictionary: two of three in a text
# are among them.
_COMMON = frozenset(
    "，。、；：“”（）《》"
    "一是人了不在有大中国和为这上他个地年来我会以到时要出的生学说道民家子也成行下们于后就发自之对得主长可过天作分方用多你着部能市等业全里工公经本都而高政法面门动日进区事代那去心小同北定开产前其军还然起种所如现理机体表力好外与文当两实重新三么只山"
    "水关明从化平建又制南内西没此将员名手最东头者月间无安看见各城十相但已些正口通想度加第她合院物性战由位常点海意场武使次二向治因立数样身情入原问把路被并利石老教万知级量任江及应省资委务元美特期世湖回系比气汉总展电科金先声提品设或义王社很统处四首"
    "共马形己儿司太目基领队直计别女权话少流命至报米给打变果书清活几州华解议更称程今决张导术府才保交放管结师便走达族反再题色五京河接条规式县白它改风光运信受什组听布百济党指论强做取技黄神选记斯真却职号界件花类何眼兵传带空干农边据集联古广完质阳难增"
)


def _expected() -> frozenset[str]:
    """Return what texts are made of: common characters (level 1 of GB 2312, of Big5), marks, letters, digits and blanks."""
    trails = {"gb2312": range(0xA1, 0xFF), "big5": (*range(0x40, 0x7F), *range(0xA1, 0xFF))}
    leads = {"gb2312": (*range(0xA1, 0xA4), *range(0xB0, 0xD8)), "big5": (*range(0xA1, 0xA4), *range(0xA4, 0xC7))}
    common = {
        bytes(pair).decode(encoding, "ignore")
        for encoding in leads
        for pair in itertools.product(leads[encoding], trails[encoding])
    }
    return frozenset(common | {chr(code) for code in range(ord(" "), 0x7F)} | set("\t\r\n\u3000“”‘’—…·") - {""})


_EXPECTED = _expected()


def read_encoded(data: bytes, *, name: str) -> ExtractedText:
    """Read a plain text; what cannot be decoded of it stands as U+FFFD, and a warning tells the place.

    Raises: UnreadableFileError: as `decode`.
    """
    text, torn = _decode(data, name)
    warnings: tuple[Message, ...] = ()
    if torn:
        byte, line = torn[0]
        warnings = (Message.of("corpus.readers.torn_text", byte=byte, line=line, count=len(torn)),)
    return ExtractedText(text, reader=READER, warnings=warnings, is_source=True)


def decode(data: bytes, *, name: str) -> str:
    """Decode UTF-8, UTF-16, GB18030 or Big5, with or without a BOM, which is dropped. Line ends stay as they are.

    Raises: UnreadableFileError: empty, binary, or in no encoding of these; the message names the byte or line.
    """
    return _decode(data, name)[0]


def looks_like_text(data: bytes) -> bool:
    """Return whether the beginning of a file is text in one of the encodings."""
    sample = data[:_SAMPLE]
    if not sample.strip():
        return False
    encoding, sample = _find_encoding(sample)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    return len(_CONTROL.findall(text)) <= _MAX_CONTROL * len(text) and _share_expected(text) >= _MIN_TEXT


def _decode(data: bytes, name: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the text of a file, and the byte and line of each torn place.

    Raises: UnreadableFileError: as `decode`.
    """
    if not data.strip():
        raise UnreadableFileError(Message.of("corpus.readers.empty", document=name))
    encoding, data = _find_encoding(data)
    torn: list[tuple[int, int]] = []
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text, torn = _decode_torn(data, encoding)
    is_guessed = bool(text) and (torn or encoding != "utf-8")
    if len(torn) > max(_FEW_TORN, _MAX_TORN * len(text)) or (is_guessed and _share_expected(text) < _MIN_EXPECTED):
        byte = torn[0][0] if torn else 0
        found = f"0x{data[byte]:02x}"
        raise UnreadableFileError(Message.of("corpus.readers.unknown_encoding", document=name, byte=byte, found=found))
    text = text.rstrip("\x00\x1a")
    if controls := len(_CONTROL.findall(text)):
        if controls > _MAX_CONTROL * len(text):
            control = _CONTROL.search(text)
            assert control is not None
            line, found = text.count("\n", 0, control.start()) + 1, f"U+{ord(control[0]):04X}"
            raise UnreadableFileError(Message.of("corpus.readers.control_character", document=name, line=line, found=found))
        text = _CONTROL.sub("", text)
    if not text.strip():
        raise UnreadableFileError(Message.of("corpus.readers.empty", document=name))
    return text, torn


def _find_encoding(data: bytes) -> tuple[str, bytes]:
    """Return the encoding of a file, and its bytes without a BOM."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding, data[len(bom) :]
    if b"\x00" not in data:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return "utf-8", data
    first = re.search(rb"[^\x01-\x7f]", data)
    start = max(0, first.start() - _SAMPLE // 10) // 2 * 2 if first else 0  # of UTF-16 a character begins at an even byte
    sample = data[start : start + _SAMPLE]
    return max(_ENCODINGS, key=lambda encoding: _likelihood(sample, encoding)), data


def _likelihood(sample: bytes, encoding: str) -> float:
    """Return how likely a sample is text in an encoding: 0 to 3, by what its characters are."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    return _weigh(text) / max(1, len(text))


def _weigh(text: str) -> int:
    """Return the number of characters of which texts are made, with the common ones, in either script, counted more."""
    return _count(text, _EXPECTED) + _WEIGHT_OF_COMMON * _count(simplify(text), _COMMON)


def _share_expected(text: str) -> float:
    return _count(text, _EXPECTED) / max(1, len(text))


def _count(text: str, characters: frozenset[str]) -> int:
    return sum(count for character, count in Counter(text).items() if character in characters)


# --- torn places ----------------------------------------------------------------------------------------


def _decode_torn(data: bytes, encoding: str) -> tuple[str, list[tuple[int, int]]]:
    """Decode line by line, so that a torn byte harms its own line only; return the text, and the places as in `_decode`."""
    if encoding.startswith("utf-16"):
        text = data.decode(encoding, "replace")
        at = text.find(_REPLACED)
        return text, [(2 * at, text.count("\n", 0, at) + 1)] if at >= 0 else []
    pieces: list[str] = []
    torn: list[tuple[int, int]] = []
    start = 0
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        try:
            pieces.append(line.decode(encoding))
        except UnicodeDecodeError:
            mended = _mend(line, encoding) if len(torn) < _MAX_MENDED else line.decode(encoding, "replace")
            place = start + len(mended[: max(0, mended.find(_REPLACED))].encode(encoding, "replace"))
            torn += [(place, number)] * max(1, len(_TORN.findall(mended)))
            pieces.append(mended)
        start += len(line)
    return "".join(pieces), torn


def _mend(line: bytes, encoding: str) -> str:
    """Decode a torn line. After a lost byte a two-byte encoding reads on wrongly: the likeliest place to go on is taken."""
    plain = line.decode(encoding, "replace")
    if encoding == "utf-8" or len(line) > _MAX_MENDED_LINE:
        return plain
    return max([plain, *_resumed(line, encoding)], key=_weigh)


def _resumed(line: bytes, encoding: str) -> Iterator[str]:
    """Yield the line read anew after each of its characters up to the first that cannot be read, with one byte left out."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        before = line[: error.start].decode(encoding)
        start = 0
        for i, character in enumerate(before):
            yield before[:i] + _REPLACED + line[start + 1 :].decode(encoding, "replace")
            start += len(character.encode(encoding))
