"""Write the numbers of automatic lists as Word prints them: 3, 三, 叁, 丙, III, c, ③, （３）. See ECMA-376 part 1, 17.18.59."""

import re
from collections.abc import Callable

from corpus.text.numerals import CHINESE_DIGITS, format_chinese

_LEGAL_DIGITS, _LEGAL_UNITS = "零壹贰叁肆伍陆柒捌玖", "拾佰仟万"
_TRADITIONAL_LEGAL_DIGITS, _TRADITIONAL_LEGAL_UNITS = "零壹貳參肆伍陸柒捌玖", "拾佰仟萬"
_COUNTING_DIGITS, _COUNTING_UNITS = "零" + CHINESE_DIGITS, "十百千万"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_ROMAN: tuple[tuple[int, str], ...] = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
)
_ROMAN += ((5, "V"), (4, "IV"), (1, "I"))
_CHICAGO = "*†‡§"
_ZEROS = re.compile("0{1,9}[1-9]")
_MAX_COUNTED = 99_999  # what units up to 万 can say
_MAX_REPEATED = 40  # times that a letter is written; a list has no more items, a hostile file may
_MAX_ROMAN = 4_999
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FULL_WIDTH = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}


def format_number(number: int, form: str) -> str:
    """Write a number in a format of Word; in Arabic digits where the format is unknown or has no such number.

    Args: form: the name of the format (upperRoman), or a pattern of zeros that tells how many digits there are (001, 002, …).
    """
    if zeros := _ZEROS.match(form):
        return str(number).zfill(len(zeros[0]))
    written = _FORMATS[form](number) if form in _FORMATS and number >= 0 else ""
    return "" if form == "none" else written or str(number)


def _from(characters: str) -> Callable[[int], str]:
    """Return what writes 1, 2, … as the characters of a row, and nothing beyond its end."""
    return lambda number: characters[number - 1] if 1 <= number <= len(characters) else ""


def _row(first: str, count: int) -> str:
    return "".join(chr(ord(first) + i) for i in range(count))


def _letters(letters: str) -> Callable[[int], str]:
    """Return what writes 1 as a, 26 as z, 27 as aa, 28 as bb."""

    def write(number: int) -> str:
        times, letter = divmod(number - 1, len(letters))
        return letters[letter] * (times + 1) if 0 <= times < _MAX_REPEATED else ""

    return write


def _roman(number: int) -> str:
    if number > _MAX_ROMAN:
        return ""
    written = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        written += letters * times
    return written


def _counting(digits: str, units: str, *, short_ten: bool) -> Callable[[int], str]:
    """Return what writes 103 as 一百零三; 12 as 十二 where `short_ten`, else as 壹拾贰."""

    def write(number: int) -> str:
        if number > _MAX_COUNTED:
            return ""
        written, gap = "", False
        for i, digit in enumerate(figures := str(number)):
            place = len(figures) - i - 1
            if digit == "0":
                gap = bool(written)
                continue
            written += (digits[0] if gap else "") + digits[int(digit)] + (units[place - 1] if place else "")
            gap = False
        ten = digits[1] + units[0]
        return (written[1:] if short_ten and written.startswith(ten) else written) or digits[0]

    return write


def _cycle(number: int) -> str:
    """Write 1 as 甲子, 2 as 乙丑."""
    return _STEMS[(number - 1) % len(_STEMS)] + _BRANCHES[(number - 1) % len(_BRANCHES)] if number else ""


def _ordinal(number: int) -> str:
    is_teen = number // 10 % 10 == 1
    return f"{number}{'th' if is_teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


_digit_by_digit = {ord(str(i)): digit for i, digit in enumerate("〇" + CHINESE_DIGITS)}
_circled = _from(_row("①", 20) + _row("㉑", 15) + _row("㊱", 15))
_thousands = _counting(_COUNTING_DIGITS, _COUNTING_UNITS, short_ten=True)
_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda number: f"{number:02}",
    **dict.fromkeys(("decimalFullWidth", "decimalFullWidth2"), lambda number: str(number).translate(_FULL_WIDTH)),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _circled),
    "decimalEnclosedParen": lambda number: _from(_row("⑴", 20))(number) or f"({number})",
    "decimalEnclosedFullstop": lambda number: _from(_row("⒈", 20))(number) or f"{number}.",
    "numberInDash": lambda number: f"- {number} -",
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _letters(_LETTERS.upper()),
    "lowerLetter": _letters(_LETTERS),
    "ordinal": _ordinal,
    "hex": lambda number: f"{number:X}",
    "chicago": _letters(_CHICAGO),
    **dict.fromkeys(("chineseCounting", "taiwaneseCounting"), format_chinese),
    **dict.fromkeys(("chineseCountingThousand", "taiwaneseCountingThousand", "japaneseCounting"), _thousands),
    **dict.fromkeys(("ideographDigital", "taiwaneseDigital"), lambda number: str(number).translate(_digit_by_digit)),
    "chineseLegalSimplified": _counting(_LEGAL_DIGITS, _LEGAL_UNITS, short_ten=False),
    "ideographLegalTraditional": _counting(_TRADITIONAL_LEGAL_DIGITS, _TRADITIONAL_LEGAL_UNITS, short_ten=False),
    "ideographTraditional": _from(_STEMS),
    "ideographZodiac": _from(_BRANCHES),
    "ideographZodiacTraditional": _cycle,
    "ideographEnclosedCircle": _from(_row("㊀", 10)),
}
