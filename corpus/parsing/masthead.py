"""The reading of a masthead: series, issue number, total issue number, publisher, dates."""

import datetime
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from corpus.document import Masthead
from corpus.regions.division_names import LEVELS
from corpus.text.normalize import fold
from corpus.text.numerals import LENIENT_NUMBER, LENIENT_YEAR, parse_numeral

_NUMERAL = rf"[{LENIENT_NUMBER}]+"
_YEAR = rf"(?P<year>{LENIENT_YEAR})"

_DATE = re.compile(
    rf"{_YEAR}\s*+(?:年\s*+(?P<month>{_NUMERAL})\s*+月\s*+(?P<day>{_NUMERAL})\s*+日|[.．/\-](?P<m>\d{{1,2}})[.．/\-](?P<d>\d{{1,2}})(?!\d))"
)
_MONTH = re.compile(rf"{_YEAR}\s*+年度?(?:\s*+{_NUMERAL}\s*+月)?")  # a year or month by itself: 2023年5月
_TO = r"(?<!\s)\s*+[-—–~、至]\s*+"  # between the numbers of a double issue
_TOTAL = re.compile(
    rf"(?:[(（]\s*+|(?<!\s)\s++)?(?:总\s*+(?:期数?)?|累计)\s*+[:：]?\s*+第?\s*+({_NUMERAL}(?:{_TO}{_NUMERAL})?)\s*+期\s*+[)）]?"
)
_ISSUE = re.compile(
    rf"(?:(?:[〔\[【(（]\s*+|(?<!\s)\s++)?{_YEAR}\s*+[〕\]】)）]?\s*+年?度?\s*+)?第\s*+[(（]?\s*+(?P<issue>{_NUMERAL}(?:{_TO}{_NUMERAL})?)\s*+[)）]?\s*+[期号]"
)
_BARE_ISSUE = re.compile(rf"[〔\[]\s*+{_YEAR}\s*+[〕\]]\s*+(?P<issue>\d+)\s*+[期号]")
_SUPPLEMENT = re.compile(rf"(?:{_YEAR}\s*+年?\s*+)?(?P<supplement>[增特]\s*+刊)")
_BRACKETED = re.compile(r"^[(（\[【〔](.*)[)）\]】〕]$")
_NOTE = re.compile(
    r"内部(?:刊物|资料|材料|文件|交流)|^内部参考$|注意保(?:管|存|密)|^(?:机密|秘密|绝密|密级|特急|加急|平急|主编|准印证)|"
    r"仅供.*参阅|不得(?:外传|翻印)|^本刊|编者按|^按语|虚构"
)
_SERIES = re.compile(
    r"(?:简报|简讯|信息|快报|动态|通讯|团讯|专报|参考|交流|通报|导刊|之窗|情况|反映|月报|周报|季报|快讯|要情|要闻|摘报|内参|工作|资讯|专刊|期刊|选编|选辑|摘编|汇编|文摘|报)$"
)
_ANNOUNCEMENT = re.compile("通告|公告|公示|布告|通知|决定|倡议书|(?:第\\d+号)?令")  # alone on a line: the number is its own
# Of these the words that name nothing but serials: 夜校开课情况通报 with a date is a document by itself.
_SERIAL = re.compile(
    "(?:简报|简讯|信息|快报|动态|通讯|团讯|专报|参考|导刊|之窗|月报|周报|季报|快讯|要情|要闻|摘报|内参|资讯|专刊|期刊|选编|选辑|摘编|文摘)$"
)
# What ends in 会 and is a meeting, no body: 石潭县召开夜校工作推进会.
_MEETING = re.compile(
    "(?:推进|座谈|动员|工作|部署|调度|现场|交流|培训|报告|表彰|总结|联席|扩大|专题|大|例|恳谈|发布|启动|学习|研讨|茶话|联欢|运动|晚|电话|视频|听证|论证|"
    "评审|全体|常务|办公|宣讲|观摩|见面|碰头|生活|分析|协调|汇报|通报|招聘|交友|展销|展览|博览)会(?:议)?$|(?:召开|举行|举办|参加).*会$"
)
_ORGANISATION = re.compile(
    rf"^[^，。；：:、“”《》]{{2,40}}?(?:[{LEVELS}校院]委|团委|党组|编委会|妇联|科协|侨联|总工会|大学|"
    r"[局部厅委会社处科院室办组署司校所馆队]|(?<!网)站|中心|政府|公司|集团|政协|人大|学联|青联|文联|残联|工商联)(?:办公室|办公厅|研究室|宣传部|秘书处|办|综合处)?$"
)
# What is done is told by a title, though it end as names of bodies do: 慈溪市把调解员编进船队.
_ACTS = re.compile("把|让|[走开编搬送住融][进入]|组建|成立|打造|设立|开展|推行|助力|变[成身]|建[起成好]|办[起成好]")
_COMMITTEE = re.compile("^(?:中共|(?:中国)?共青团|团)|(?:委|委员会|政府)$")
_PUBLISHING = re.compile(
    r"^(?:主办|编印|编发|主管|承办|印发)(?:单位|部门)?\s*+[:：]\s*+|(?:(?<!\s)\s++)?[(（]?(?:编印|主办|编发|(?<![选汇摘])编|印发|印)[)）]?$"
)
_FIELD_GAP = re.compile(r"\s{2,}|\t")
_TRIM = " \t\u3000·|，,()（）-—:："
# Characters: of a line of a masthead, of the name of a body, of a subtitle (经验交流) at most.
_MAX_LINE, _MAX_ORGANISATION, _MAX_SUBTITLE = 160, 30, 14
_MIN_FIELDS = 3  # of a masthead on one line
_MAX_SCRAP = 2  # characters: what is left of a line beside its numbers and dates (号, 年度) is no name up to this length


def find_dates(text: str) -> tuple[datetime.date, ...]:
    """Return the dates written in `text`, in order: 2021年12月23日, 二〇二三年五月八日, 2023.5.8, full width or half."""
    found = []
    for match in _DATE.finditer(unicodedata.normalize("NFKC", text).casefold()):
        month, day = match["month"] or match["m"], match["day"] or match["d"]
        try:
            found.append(datetime.date(parse_numeral(match["year"]), parse_numeral(month), parse_numeral(day)))
        except (ValueError, OverflowError):
            continue  # 2021年13月40日: an OCR slip, no date
    return tuple(found)


def is_date(line: str) -> bool:
    """Return whether a line is a date or a month and nothing else, as below a signature."""
    plain = fold(line).strip(_TRIM)
    return bool(_DATE.fullmatch(plain) or (plain.endswith("月") and _MONTH.fullmatch(plain)))


def is_note(line: str) -> bool:
    """Return whether a line only accompanies a masthead: 内部刊物, 注意保管, （经验交流）, 编者按."""
    if len(line) > _MAX_LINE:
        return False
    return bool(_NOTE.search(fold(line))) or bool(_BRACKETED.match(line.strip()) and not _DATE.search(line))


def is_organisation(name: str) -> bool:
    """Return whether a line is the name of a body that publishes or signs: 共青团浙江省委办公室, 集美区侨联."""
    if len(name) > _MAX_ORGANISATION:
        return False
    plain = _PUBLISHING.sub("", fold(name).strip())
    return bool(_ORGANISATION.match(plain)) and not (_MEETING.search(plain) or _ACTS.search(plain))


def is_committee(name: str) -> bool:
    """Return whether a line is the name of a committee or government, which on the second line of a title is its author."""
    return bool(_COMMITTEE.search(fold(name))) and is_organisation(name)


def names_organisation(line: str) -> bool:
    """Return whether a line names a body, alone or beside numbers and dates."""
    return any(is_organisation(_without_numbers(fold(field))) for field in _split_fields(line))


def is_masthead_line(line: str) -> bool:
    """Return whether a line states issue, total issue, date or publisher and nothing else, or accompanies one that does."""
    if not line.strip() or len(line) > _MAX_LINE or not (_has_number(line) or is_note(line) or is_organisation(line)):
        return False
    return all(is_note(field) or _is_masthead_name(_without_numbers(fold(field))) for field in _split_fields(line))


def _is_masthead_name(rest: str) -> bool:
    return len(rest) <= _MAX_SCRAP or is_organisation(rest) or bool(_SERIES.search(rest))


def states_number(line: str) -> bool:
    """Return whether a line states the number of an issue."""
    folded = fold(line)
    return any(pattern.search(folded) for pattern in (_TOTAL, _ISSUE, _BARE_ISSUE, _SUPPLEMENT))


def is_number_line(line: str) -> bool:
    """Return whether a line states the number of an issue, alone or beside a date, a publisher, a note or the name of a serial.

    A title may have a number amid its words: 团锦渚区委办第12期夜校, 推进第3号工作.
    """
    if not states_number(line):
        return False
    rests = (_without_numbers(fold(field)) for field in _split_fields(line) if not is_note(field))
    return all(len(rest) <= _MAX_SCRAP or is_organisation(rest) or _SERIAL.search("".join(rest.split())) for rest in rests)


def names_series(line: str) -> bool:
    """Return whether a line ends like the name of a series, alone or beside numbers and dates: 工 作 简 报, 青年信息 第7期."""
    fields = [field for field in _split_fields(line) if not is_note(field)]
    return any(_SERIES.search("".join(_without_numbers(fold(field)).split())) for field in fields)


def completes(line: str, *, has_publisher: bool) -> bool:
    """Return whether a line can add to a masthead that has its number and date: a number, a date, a note or the publisher."""
    folded = fold(line)
    stated = any(pattern.search(folded) for pattern in (_TOTAL, _DATE, _ISSUE, _BARE_ISSUE))
    return stated or is_note(line) or (not has_publisher and names_organisation(line))


def is_masthead(lines: Sequence[str]) -> bool:
    """Return whether this is the masthead of a bulletin: a series with the number of an issue, or a serial's name with a date."""
    head = read_masthead(lines)
    if not head.series or any(_ANNOUNCEMENT.fullmatch("".join(line.split())) for line in lines):
        return False
    if head.series.endswith("纪要"):
        return False
    if not _SERIAL.search(fold(head.series)) and not any("期" in line or "刊" in line for line in lines):
        return False  # 通报（第5号） is numbered as a document
    return bool(head.issue or head.total_issue or (head.issue_date and _SERIAL.search(fold(head.series))))


def find_publisher(lines: Sequence[str]) -> str | None:
    """Return the body named on the line of a date in the footer (团省委办公室  2021年12月29日印发), or alone above it."""
    for i, line in enumerate(lines):
        if len(line) <= _MAX_LINE and find_dates(fold(line)):
            for whole in (line, lines[i - 1] if i else ""):
                name = _clean_name(whole.strip())
                if is_organisation(name):
                    return name
    return None


def clean_organisation(line: str) -> str | None:
    """Return the body that a line names beside a date, a note of printing or brackets; None if it names none."""
    name = _clean_name(line.strip("()（） "))
    return name if is_organisation(name) else None


class _Field(NamedTuple):
    """A part of a masthead line that stands alone, as printed and folded."""

    text: str
    folded: str


class _Issue(NamedTuple):
    """The number of an issue in Arabic digits (3-4 for a double issue, 增刊 without one), and the year stated with it."""

    number: str
    year: int | None


class _Names(NamedTuple):
    """The names in a masthead, besides numbers and dates: possible series, their subtitles and the publisher."""

    titles: tuple[str, ...]
    subtitle: str | None
    publisher: str | None


def read_masthead(lines: Sequence[str]) -> Masthead:
    """Read a masthead from its lines without markup. Fields that are not found are None."""
    printed = [text for line in lines if len(line) <= _MAX_LINE for text in _split_fields(line)]
    fields = [_Field(text, fold(text)) for text in printed]
    total = _find_total(fields)
    issue = next((issue for field in fields if (issue := _read_issue(field.folded))), None)
    dated = next((field for field in fields if find_dates(field.folded)), None)
    date = find_dates(dated.folded)[0] if dated else None
    names = _classify_rest(fields)
    return Masthead(
        series=_choose_series(names.titles, numbered=issue is not None or total is not None),
        subtitle=names.subtitle,
        issue=issue.number if issue else None,
        year=_find_year(fields, dated) or (date.year if date else None),
        total_issue=total,
        publisher=names.publisher,
        issue_date=date,
    )


def _find_total(fields: Sequence[_Field]) -> str | None:
    match = next((match for field in fields if (match := _TOTAL.search(field.folded))), None)
    return _range_of_numbers(match[1]) if match else None


def _find_year(fields: Sequence[_Field], dated: _Field | None) -> int | None:
    """Return the year that stands with the issue's number, or by itself on a line other than that of the date."""
    issue: _Issue | None = None
    for field in fields:
        if issue is None and (issue := _read_issue(field.folded)) and issue.year:
            return issue.year
        if field is not dated and (match := _MONTH.search(field.folded)):
            return parse_numeral(match["year"])
    return None


def _classify_rest(fields: Sequence[_Field]) -> _Names:
    """Sort the fields that are no number, date or note into titles, subtitle and publisher."""
    titles: list[str] = []
    subtitle = publisher = None
    for field in fields:
        rest = _without_numbers(field.folded)
        bracketed = _BRACKETED.match(field.text)
        if bracketed and rest == field.folded.strip(_TRIM):
            name = bracketed[1].strip()
            if subtitle is None and titles and len(name) <= _MAX_SUBTITLE and not _NOTE.search(field.folded):
                subtitle = name
        elif _NOTE.search(field.folded) or len(rest) <= _MAX_SCRAP:
            continue
        elif not is_organisation(rest) or (_SERIES.search(rest) and not titles):
            titles.append(_clean_name(field.text))
        elif publisher is None:
            publisher = _clean_name(field.text)
    return _Names(tuple(titles), subtitle, publisher)


def _choose_series(titles: Sequence[str], *, numbered: bool) -> str:
    """Return the title that ends like a series; in a masthead with a number else the first one. "" if there is none."""
    named = [title for title in titles if _SERIES.search(fold(title))]
    # 工作简报 set large above 武侯区总工会工作简报: the fuller name is the series.
    series = max((title for title in named if title.endswith(named[0])), key=len, default="")
    return series or (titles[0] if titles and numbered else "")


def _has_number(line: str) -> bool:
    """Return whether a line states an issue, a total issue or a date."""
    folded = fold(line).strip(_TRIM)
    return _without_numbers(folded) != folded


def _split_fields(line: str) -> list[str]:
    """Split a line at its wide gaps: 第15期    重庆市江津区人民政府办公室    2021年6月3日."""
    pieces = line.split()
    if sum(len(piece) == 1 and not piece.isdigit() for piece in pieces) > len(pieces) // 2:
        return [line.strip()]  # 政　务　工　作　简　报
    if (
        len(pieces) >= _MIN_FIELDS
        and sum(bool(_ISSUE.match(fold(piece)) or _DATE.fullmatch(fold(piece))) for piece in pieces) > 1
    ):
        return pieces  # the whole masthead on one line: 云栖青年信息 第7期（总第88期） 共青团云栖市委办公室 2023年5月18日
    return [field.strip() for field in _FIELD_GAP.split(line) if field.strip()]


def _clean_name(line: str) -> str:
    """Return a series or publisher as it stands, without the numbers and dates beside it, and without 编印."""
    width = unicodedata.normalize("NFKC", line)
    rest = _without_numbers(width)
    name = _PUBLISHING.sub("", rest if rest != width.strip(_TRIM) else line.strip())
    return _despaced(name).strip(_TRIM if rest != width.strip(_TRIM) else None)


def _read_issue(folded: str) -> _Issue | None:
    folded = _TOTAL.sub(" ", folded)
    if match := _ISSUE.search(folded) or _BARE_ISSUE.search(folded):
        number = _range_of_numbers(match["issue"])
    elif match := _SUPPLEMENT.search(folded):
        number = "".join(match["supplement"].split())
    else:
        return None
    if (supplement := _SUPPLEMENT.search(folded)) and (kind := "".join(supplement["supplement"].split())) != number:
        number = f"{kind}{number}"  # 增刊第2期
    return _Issue(number, parse_numeral(match["year"]) if match["year"] else None)


def _range_of_numbers(printed: str) -> str:
    """Return the number of an issue, or the two of a double issue with a hyphen: 88-89."""
    return "-".join(str(parse_numeral(part)) for part in re.split(_TO, printed))


def _without_numbers(folded: str) -> str:
    """Return a masthead line without its issue, total issue and date."""
    for pattern in (_TOTAL, _DATE, _ISSUE, _BARE_ISSUE, _SUPPLEMENT, _MONTH):
        folded = pattern.sub(" ", folded)
    return folded.strip(_TRIM)


def _despaced(title: str) -> str:
    """Remove the spaces in a widely spaced name, 工 作 简 报. Names with words in Latin letters keep their spaces."""
    pieces = title.split()
    return "".join(pieces) if all(len(piece) == 1 for piece in pieces) or not re.search("[A-Za-z]", title) else title.strip()
