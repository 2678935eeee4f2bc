"""Numbers and dates of a workbook's cells as they are shown (ECMA-376 part 1, section 18.8.30)."""

import datetime
import re
from collections.abc import Iterator

# Formats that have a number only. Those from 27 to 58 are the Chinese ones, of which some lack in other lists.
_YEAR_MONTH_DAY, _YEAR_MONTH, _MONTH_DAY = 'yyyy"年"m"月"d"日"', 'yyyy"年"m"月"', 'm"月"d"日"'
BUILTIN = {
    "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "14": "yyyy/m/d", "15": "d-mmm-yy",
    "16": "d-mmm", "17": "mmm-yy", "18": "h:mm AM/PM", "19": "h:mm:ss AM/PM", "20": "h:mm", "21": "h:mm:ss",
    "22": "yyyy/m/d h:mm", "37": "#,##0", "38": "#,##0", "39": "#,##0.00", "40": "#,##0.00", "45": "mm:ss", "47": "mm:ss",
    "27": _YEAR_MONTH, "28": _MONTH_DAY, "29": _MONTH_DAY, "30": "m-d-yy", "31": _YEAR_MONTH_DAY, "32": 'h"时"mm"分"',
    "33": 'h"时"mm"分"ss"秒"', "36": _YEAR_MONTH, "50": _YEAR_MONTH, "51": _MONTH_DAY, "52": _YEAR_MONTH, "53": _MONTH_DAY,
    "54": _MONTH_DAY, "57": _YEAR_MONTH, "58": _MONTH_DAY,
}  # fmt: skip
# Parts of a format: quoted and escaped characters, brackets (colours, languages), parts of dates, anything else.
_PART = re.compile(r'"([^"]*)"|\\(.)|\[[^\[\]]*\]|_.|\*.|(AM/PM|上午/下午|y+|m+|d+|h+|s+)|(.)', re.I | re.S)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]|_.|\*.')
_DIGITS = re.compile(r"[0#?][0#?,]*(?:\.([0#?]*))?")
_LAST_DAY = 2_958_465  # 9999-12-31, the last that a workbook can hold
_EPOCHS = {False: datetime.datetime(1899, 12, 30), True: datetime.datetime(1904, 1, 1)}
_LEAP_BUG = 60  # before 1 March 1900 Excel counts a 29 February that never was
_MAX_DECIMALS = 15
_SIGNIFICANT = 15  # digits that Excel keeps


def format_value(value: float, form: str, *, from_1904: bool = False) -> str:
    """Return a number as a cell with that format shows it: 45064 as 2023年5月18日, 0.853 as 85.3%."""
    section = _section(form, value)
    plain = _QUOTED.sub("", section)
    if re.search(r"[ymdhs]", plain.replace("General", ""), re.I) and 0 <= value <= _LAST_DAY:
        return _format_date(value, section, from_1904=from_1904)
    digits = _DIGITS.search(plain)
    if digits is None or "E" in plain or "/" in plain or not abs(value) < 10.0**_SIGNIFICANT:
        return f"{value:.{_SIGNIFICANT}g}"
    value = abs(value) if ";" in form and value < 0 else value
    percent = "%" in plain
    decimals = min(len(digits[1] or ""), _MAX_DECIMALS)
    shown = f"{100 * value if percent else value:{',' if ',' in digits[0] else ''}.{decimals}f}"
    if digits[1] and digits[1].endswith("#"):
        shown = shown.rstrip("0").rstrip(".")
    whole, point, fraction = shown.partition(".")
    if "," not in digits[0]:
        whole = whole.zfill(digits[0].partition(".")[0].count("0"))  # 007
    shown = whole + point + fraction
    before, _, after = section.partition(digits[0])
    return _literals(before) + shown + _literals(after)


def _section(form: str, value: float) -> str:
    """Return the part of a format for numbers such as this: those for positive ones, negative ones and zero stand in order."""
    sections = form.split(";")
    if value < 0 and len(sections) > 1:
        return sections[1] or sections[0]
    return (sections[2] or sections[0]) if value == 0 and len(sections) > 2 else sections[0]


def _literals(part: str) -> str:
    """Return the characters of a part of a format that stand for themselves."""
    shown = "".join(quoted or escaped or other or "" for quoted, escaped, _, other in _PART.findall(part))
    return re.sub(r"[#?0,]", "", shown).strip() if not part.startswith('"') else shown


def _format_date(value: float, form: str, *, from_1904: bool) -> str:
    days = value + 1 if value < _LEAP_BUG and not from_1904 else value
    moment = _EPOCHS[from_1904] + datetime.timedelta(seconds=round(days * 86_400))
    return "".join(_date_parts(moment, form)).strip()


def _date_parts(moment: datetime.datetime, form: str) -> Iterator[str]:
    """Yield what each part of a format shows of a moment. An m beside hours or seconds is minutes."""
    parts = list(_PART.findall(form))
    codes = [code[:1].lower() for _, _, code, _ in parts]
    halved = any("/" in code for _, _, code, _ in parts)
    for i, (quoted, escaped, code, other) in enumerate(parts):
        letter, width = code[:1].lower(), min(len(code), 2)
        before = next((earlier for earlier in reversed(codes[:i]) if earlier), "")
        after = next((later for later in codes[i + 1 :] if later), "")
        if "/" in code:
            yield ("上午" if moment.hour < 12 else "下午") if "上" in code else f"{moment:%p}"
        elif letter == "y":
            yield f"{moment.year:04d}" if len(code) > 2 else f"{moment.year % 100:02d}"
        elif letter == "m" and (before == "h" or after == "s"):
            yield f"{moment.minute:0{width}d}"
        elif letter == "m":
            yield f"{moment.month:0{width}d}"
        elif letter == "d":
            yield f"{moment.day:0{width}d}" if len(code) < 3 else "一二三四五六日"[moment.weekday()]
        elif letter == "h":
            yield f"{moment.hour % 12 or 12 if halved else moment.hour:0{width}d}"
        elif letter == "s":
            yield f"{moment.second:0{width}d}"
        else:
            yield quoted or escaped or (other if other not in "@;" else "")
