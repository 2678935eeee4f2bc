"""The line below the title of a page: source, author, time; and, beside them, counters and buttons that are none of it."""

import re

from corpus.readers.html_blocks import Block

_KEYS = (
    r"(?:信息|文章|稿件|新闻|文稿|内容)?来\s*+源(?:于|单位)?|稿源|供稿(?:人|单位)?|(?:文章)?作\s*+者|撰稿(?:人)?|"
    r"(?:发布|发表|更新|录入|添加|创建|上传|信息|发稿|采编)?(?:时间|日期)|时\s+间|日\s+期|发布(?:于|人|者|单位|机构|部门)|(?:文章)?录入(?:者|人|员)?|"
    r"(?:责任)?编\s*+辑|责编|发稿(?:人)?|通讯员|审\s*+核(?:人)?|信息员|联络点|浏览(?:次数|量)|点击(?:数|率|量)?|阅读(?:次数|量)?|访问(?:次数|量)"
)
_KEY = re.compile(rf"(?:^|[\s|｜【\[(（])(?:{_KEYS})\s*+[:：]")
_DATE = r"(?:19|20)\d{2}\s*+[-年/.]\s*+\d{1,2}\s*+[-月/.]\s*+\d{1,2}(?:\s*+日)?"
_TIME = r"(?:\s*+\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
# A date with what stands before and after it: 北苑团委 2023-05-19 18:02, 2022-08-15 来源, 《云栖日报》（2022年9月14日 第A03版）.
_DATED = re.compile(
    rf"^(?:[^，。；！？\s]{{1,20}}\s){{0,3}}[\[【(（]?{_DATE}{_TIME}(?:[\s|｜\[【(（\]】)）].{{0,60}}|来源.{{0,40}})?$"
)
_BARE_DATE = re.compile(rf"^{_DATE}$")
# □记者 路知夏 通讯员 丁若川
_REPORTER = re.compile(r"^[□■◇◆○●\s]*(?:本报|本刊|特约)?(?:记者|通讯员)[\s：:][^，；]{2,40}$")
_EDITION = re.compile(rf"^[《【]?[^，。]{{2,20}}[》】]?\s*+[(（]\s*+{_DATE}.{{0,20}}[)）]$")
_STOPS = re.compile(r"[。！？；]")
_MAX_BYLINE, _MAX_DATED = 160, 90  # characters
_OPEN = r"(?:[\[【(（]\s*+|(?<!\s)\s++)?"  # a bracket and blanks, or the blanks before, from the first of them on
_BESIDE = re.compile(
    rf"{_OPEN}(?:浏览|点击|阅读|访问|查看|人气|关注)(?:数|量|次数|率|人次|热度)?\s*+[:：]\s*+[\[【(（]?\s*+\d*\s*+(?:人次|次|人|℃)?\s*+[\]】)）]?|"
    r"(?:浏览|点击|阅读|访问|人气)了?\s*+\d+\s*+(?:人次|次)?(?=\s|$)|"
    rf"{_OPEN}(?:选择|文章|调整)?(?:字体|字号|文字)(?:大小)?\s*+[:：]?[\s\[【(（|]*(?:(?:[特超]?大|默认|正常|中|小|[AT][+-]?)号?[\s\]】)）|/]*)*|"
    r"(?:分享|转发|收藏)(?:到|至|给)?\s*+[:：].*$|"
    r"[\[【(（]\s*+(?:我要打印|打印|关闭|收藏|打印本页|打印此页|关闭窗口|我要纠错|纠错|分享|大|中|小|评论|返回|保护视力色|下载)\s*+[\]】)）]|"
    r"(?<=[\s|｜>])(?:打印|关闭|收藏|分享|纠错|打印本页|关闭窗口|下载|大|中|小)(?=[\s|｜]|$)|"
    r"A-\s*+A\s*+A\+|(?<=\s)评论\s*+\d*(?=\s|$)|视力保护色\s*+[:：]?|文章ID\s*+[:：]\s*+\d+|(?:微信)?扫一扫.*$"
)
_NOBODY = "admin|administrator|root|(?:网站)?管理员|佚名|未知|不详|本站|本站原创|原创"  # what a site writes where it knows none
_EMPTY_FIELD = re.compile(
    rf"(?:^|(?<=[\s|｜]))(?:{_KEYS})\s*+[:：]\s*+(?:{_NOBODY})?(?=\s*+(?:$|[|｜]|(?:{_KEYS})\s*+[:：]))", re.I
)
# A field that follows the one before it without a gap: 发布者：宣传部发布时间：2023-04-12.
_JOINED = re.compile(r"(?<=[一-鿿\d])(?<!信息)(?<!文章)(?=(?:发布(?:时间|日期)|信息来源|文章来源|责任编辑)\s*+[:：])")
_BLANKS = re.compile(r"[ \t\xa0]+")
_EMPTY_BRACKETS = re.compile(r"[\[【(（]\s*+[\]】)）]")
_BRACKETS = re.compile(r"[\[【\]】]")
_BEFORE_KEY = re.compile(rf"(?<![\s|｜])[\s|｜]++(?=(?:{_KEYS})\s*+[:：])")


def is_byline(block: Block) -> bool:
    """Return whether a block is the line below a title: source, author, time."""
    text = block.spaced
    if block.is_table or len(text) > _MAX_BYLINE or _STOPS.search(text.removesuffix("。")):
        return False
    if _KEY.search(text) or _REPORTER.match(text):
        return True
    text = _BESIDE.sub(" ", text).strip()
    return len(text) <= _MAX_DATED and "，" not in text and bool(_DATED.match(text) or _EDITION.match(text))


def write_byline(block: Block) -> str:
    """Return a byline without counters and buttons, its fields parted by a full-width blank; "" if nothing else is in it."""
    if _BARE_DATE.match(block.plain):
        return block.plain  # 2022年3月9日, of which a sheet may set each number apart
    text = re.sub(r"(?<=[:：]) +", "", _BESIDE.sub(" ", block.spaced))
    text = _JOINED.sub("　", text)
    text = _EMPTY_BRACKETS.sub(" ", text)
    text = _BEFORE_KEY.sub("　", _EMPTY_FIELD.sub("", _BLANKS.sub(" ", text).strip()))
    text = _EMPTY_FIELD.sub("", text).strip(" 　|｜")
    return text if len(_BRACKETS.findall(text)) % 2 == 0 else _BRACKETS.sub("", text).strip(" 　|｜")
