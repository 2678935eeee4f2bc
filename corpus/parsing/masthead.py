"""Read a masthead: series, issue number, total issue number, publisher, dates."""

import datetime
import re
import unicodedata
from collections.abc import Sequence

from corpus.document import Masthead
from corpus.regions.division_names import LEVELS
from corpus.text.normalize import fold
from corpus.text.numerals import LENIENT_NUMBER, LENIENT_YEAR, parse_numeral

_NUMERAL = rf"[{LENIENT_NUMBER}]+"
_YEAR = rf"(?P<year>{LENIENT_YEAR})"

_DATE = re.compile(
    rf"{_YEAR}\s*(?:年\s*(?P<month>{_NUMERAL})\s*月\s*(?P<day>{_NUMERAL})\s*日|[.．/\-](?P<m>\d{{1,2}})[.．/\-](?P<d>\d{{1,2}})(?!\d))"
)
_MONTH = re.compile(rf"{_YEAR}\s*年度?(?:\s*{_NUMERAL}\s*月)?")  # a year or month by itself: 2023年5月
_TOTAL = re.compile(rf"[(（]?\s*(?:总\s*(?:期数?)?|累计)\s*[:：]?\s*第?\s*({_NUMERAL})\s*期\s*[)）]?")
_ISSUE = re.compile(
    rf"(?:[〔\[【(（]?\s*{_YEAR}\s*[〕\]】)）]?\s*年?度?\s*)?第\s*[(（]?\s*(?P<issue>{_NUMERAL}(?:\s*[-—–~、至]\s*{_NUMERAL})?)\s*[)）]?\s*[期号]"
)
_BARE_ISSUE = re.compile(rf"[〔\[]\s*{_YEAR}\s*[〕\]]\s*(?P<issue>\d+)\s*[期号]")
_SUPPLEMENT = re.compile(rf"(?:{_YEAR}\s*年?\s*)?(?P<supplement>[增特]\s*刊)")
_BRACKETED = re.compile(r"^[(（\[【〔](.*)[)）\]】〕]$")
_NOTE = re.compile(
    r"内部(?:刊物|资料|材料|文件|交流)|^内部参考$|注意保(?:管|存|密)|^(?:机密|秘密|绝密|密级|特急|加急|平急|主编|准印证)|"
    r"仅供.*参阅|不得(?:外传|翻印)|^本刊|编者按|^按语|虚构"
)
_SERIES = re.compile(
    r"(?:简报|简讯|信息|快报|动态|通讯|团讯|专报|参考|交流|通报|导刊|之窗|情况|反映|月报|周报|季报|快讯|要情|要闻|摘报|内参|工作|资讯|专刊|期刊|报)$"
)
_ORGANISATION = re.compile(
    rf"^[^，。；：:、“”《》]{{2,40}}?(?:[{LEVELS}校院]委|团委|党组|编委会|妇联|科协|侨联|总工会|大学|"
    r"[局部厅委会社处科中心院室办组署司校所馆站队])(?:办公室|办公厅|研究室|宣传部|秘书处|办|综合处)?$"
)
_PUBLISHING = re.compile(
    r"^(?:主办|编印|编发|主管|承办|印发)(?:单位|部门)?\s*[:：]\s*|\s*[(（]?(?:编印|主办|编发|编|印发|印)[)）]?$"
)
_LONGEST = 160  # characters: no line of a masthead is longer
_FIELD_GAP = re.compile(r"\s{2,}|\t")


_TRIM = " \t\u3000·|，,()（）-—:："


def dates(text: str) -> tuple[datetime.date, ...]:
    """All the dates written in `text`, in order: 2021年12月23日, 二〇二三年五月八日, 2023.5.8, full width or half."""
    found = []
    for match in _DATE.finditer(unicodedata.normalize("NFKC", text)):
        month, day = match["month"] or match["m"], match["day"] or match["d"]
        try:
            found.append(datetime.date(parse_numeral(match["year"]), parse_numeral(month), parse_numeral(day)))
        except (ValueError, OverflowError):
            continue  # 2021年13月40日: an OCR slip, no date
    return tuple(found)


def is_date(line: str) -> bool:
    """A date and nothing else, as below a signature."""
    return bool(_DATE.fullmatch(fold(line).strip(_TRIM)))


def is_note(line: str) -> bool:
    """A line that only accompanies a masthead: 内部刊物, 注意保管, （经验交流）, 编者按."""
    if len(line) > _LONGEST:
        return False
    return bool(_NOTE.search(fold(line))) or bool(_BRACKETED.match(line.strip()) and not _DATE.search(line))


def is_organisation(name: str) -> bool:
    """Whether a line is the name of a body that publishes or signs: 共青团浙江省委办公室, 集美区侨联."""
    return len(name) <= 30 and bool(_ORGANISATION.match(_PUBLISHING.sub("", fold(name).strip())))


def names_organisation(line: str) -> bool:
    """Whether a body is named on the line, alone or beside numbers and dates."""
    return any(is_organisation(_without_numbers(fold(field))) for field in _fields(line))


def is_masthead_line(line: str) -> bool:
    """A line that states issue, total issue, date or publisher and nothing else, or accompanies one that does."""
    if not line.strip() or len(line) > _LONGEST or not (_numbered(line) or is_note(line) or is_organisation(line)):
        return False
    return all(
        is_note(field) or len(rest := _without_numbers(fold(field))) <= 2 or is_organisation(rest) or bool(_SERIES.search(rest))
        for field in _fields(line)
    )


def publisher_of(lines: Sequence[str]) -> str | None:
    """The body that dates a footer: 共青团浙江省委办公室  2021年12月29日印发; or stands alone on the line above the date."""
    for at, line in enumerate(lines):
        if len(line) <= _LONGEST and dates(fold(line)):
            for whole in (line, lines[at - 1] if at else ""):
                name = _name(whole.strip())
                if is_organisation(name):
                    return name
    return None


def read_masthead(lines: Sequence[str]) -> Masthead:
    """Read the masthead from its lines (markup taken off). What is not found is None."""
    subtitle = issue = total = publisher = None
    year: int | None = None
    issue_date: datetime.date | None = None
    titles: list[str] = []
    for line in (field for raw in lines if len(raw) <= _LONGEST for field in _fields(raw)):
        folded = fold(line)
        if total is None and (match := _TOTAL.search(folded)):
            total = str(parse_numeral(match[1]))
        if issue is None:
            issue, stated = _issue(_TOTAL.sub(" ", folded))
            year = year or stated
        if issue_date is None and (found := dates(folded)):
            issue_date = found[0]
        elif year is None and (match := _MONTH.search(folded)):
            year = parse_numeral(match["year"])
        rest = _without_numbers(folded)
        bracketed = _BRACKETED.match(line)
        if bracketed and rest == folded.strip(_TRIM):
            if subtitle is None and titles and len(bracketed[1].strip()) <= 14 and not _NOTE.search(folded):
                subtitle = bracketed[1].strip()
        elif _NOTE.search(folded) or len(rest) <= 2:
            continue
        elif not is_organisation(rest) or (_SERIES.search(rest) and not titles):
            titles.append(_name(line))
        elif publisher is None:
            publisher = _name(line)
    named = [title for title in titles if _SERIES.search(fold(title))]
    # 工作简报 set large above 武侯区总工会工作简报: the fuller name is the series.
    series = max((title for title in named if title.endswith(named[0])), key=len, default="")
    if not series and titles and (issue or total):
        series = titles[0]
    return Masthead(series, subtitle, issue, year or (issue_date.year if issue_date else None), total, publisher, issue_date)


def _numbered(line: str) -> bool:
    """Whether a line states an issue, a total issue or a date."""
    folded = fold(line).strip(_TRIM)
    return _without_numbers(folded) != folded


def _fields(line: str) -> list[str]:
    """What stands on one line with wide gaps between: 第15期    重庆市江津区人民政府办公室    2021年6月3日."""
    pieces = line.split()
    if sum(len(piece) == 1 and not piece.isdigit() for piece in pieces) > len(pieces) // 2:
        return [line.strip()]  # 政　务　工　作　简　报
    return [field.strip() for field in _FIELD_GAP.split(line) if field.strip()]


def _name(line: str) -> str:
    """A series or publisher as it stands, without the numbers and dates beside it, and 编印."""
    width = unicodedata.normalize("NFKC", line)
    rest = _without_numbers(width)
    name = _PUBLISHING.sub("", rest if rest != width.strip(_TRIM) else line.strip())
    return _despaced(name).strip(_TRIM if rest != width.strip(_TRIM) else None)


def _issue(folded: str) -> tuple[str | None, int | None]:
    """Issue number as Arabic digits (3-4 for a double issue, 增刊 for a supplement without one) and the year it states."""
    if (match := _ISSUE.search(folded)) or (match := _BARE_ISSUE.search(folded)):
        parts = [str(parse_numeral(part)) for part in re.split(r"\s*[-—–~、至]\s*", match["issue"])]
        issue = "-".join(parts)
    elif match := _SUPPLEMENT.search(folded):
        issue = "".join(match["supplement"].split())
    else:
        return None, None
    year = parse_numeral(match["year"]) if match["year"] else None
    if (supplement := _SUPPLEMENT.search(folded)) and (kind := "".join(supplement["supplement"].split())) != issue:
        issue = f"{kind}{issue}"  # 增刊第2期
    return issue, year


def _without_numbers(folded: str) -> str:
    """What is left of a masthead line when issue, total issue and date are taken out."""
    for pattern in (_TOTAL, _DATE, _ISSUE, _BARE_ISSUE, _SUPPLEMENT, _MONTH):
        folded = pattern.sub(" ", folded)
    return folded.strip(_TRIM)


def _despaced(title: str) -> str:
    """工 作 简 报 -> 工作简报: a name set wide. Names with words in Latin letters keep their spaces."""
    pieces = title.split()
    return "".join(pieces) if all(len(piece) == 1 for piece in pieces) or not re.search("[A-Za-z]", title) else title.strip()
