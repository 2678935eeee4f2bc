"""Chinese and Arabic numerals: their characters, their values, and how a number is written in Chinese."""

import unicodedata

ZEROS = "〇零○"  # ○ is a geometric circle, which typists often put for 〇
CHINESE_DIGITS = "一二三四五六七八九"
# Characters of numbers below a hundred: what enumerations, months, days and hours are counted with.
SMALL_NUMBER = CHINESE_DIGITS + "十"
# Characters of numbers in running text. Not ○, which may be a bullet before the number, and not 万 and 亿, which mostly follow
# Arabic digits as units: 3.5万.
CHINESE_NUMBER = "〇零两" + SMALL_NUMBER + "百千"
# A year in Chinese digits, as a regular expression: 二〇二三, 一九九八.
CHINESE_YEAR = rf"[一二][九{ZEROS}][{ZEROS}{CHINESE_DIGITS}]{{2}}"
# Characters of numbers in mastheads and dates, where a numeral stands for sure: Arabic digits too, those of cheques (壹), 廿, and
# the letters that typists and OCR put for 〇: o, Greek omicron, Cyrillic o (二o二一年). In running text they would take in words.
# They stand in the brackets of regular expressions, over folded text.
_ZERO_LETTERS = "o\u03bf\u043e"  # Latin, Greek and Cyrillic
LENIENT_NUMBER = "0-9○" + _ZERO_LETTERS + CHINESE_NUMBER + "廿壹贰叁肆伍陆柒捌玖拾佰仟"
LENIENT_YEAR = rf"(?:19|20|[一二][九{ZEROS}{_ZERO_LETTERS}0])[0-9{_ZERO_LETTERS}{ZEROS}{CHINESE_DIGITS}]{{2}}"
CIRCLED_NUMBERS = "①-⑳"  # as a range of a regular expression

_DIGITS = (
    ZEROS + _ZERO_LETTERS + _ZERO_LETTERS.upper(),
    "一壹",
    "二贰两",
    "三叁",
    "四肆",
    "五伍",
    "六陆",
    "七柒",
    "八捌",
    "九玖",
)
_VALUES = {digit: value for value, digits in enumerate(_DIGITS) for digit in digits}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TWENTY = "廿"


def parse_numeral(numeral: str) -> int:
    """Return the value of an Arabic (any width), circled or Chinese numeral: 12, ⑫, 十二 -> 12; 八十七 -> 87; 二〇二三 -> 2023.

    Raises: ValueError: not a numeral.
    """
    numeral = unicodedata.normalize("NFKC", numeral).replace(" ", "")
    if numeral.isdecimal():
        return int(numeral)
    if not any(character in _UNITS or character == _TWENTY for character in numeral):
        return int("".join(str(_VALUES.get(character, character)) for character in numeral))
    total = digit = 0
    for character in numeral:
        if character == _TWENTY:
            total, digit = total + 20, 0
        elif character in _UNITS:
            total, digit = total + max(digit, 1) * _UNITS[character], 0
        elif character in _VALUES:
            digit = _VALUES[character]
        else:
            raise ValueError(f"not a numeral: {numeral!r}")
    return total + digit


def format_chinese(number: int) -> str:
    """Write a number from 0 as Word numbers its lists: 十二 for 12, 二十 for 20; from 100 on digit by digit, 一〇三 for 103."""
    digits = "〇" + CHINESE_DIGITS
    if number > 99:
        return "".join(digits[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    written = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return written + (digits[ones] if ones or not tens else "")
