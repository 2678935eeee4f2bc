"""What surrounds an article on a page of a site: breadcrumbs, neighbours, counters, buttons, shares, footers, and their words."""

import re
import tomllib
from importlib import resources
from typing import Any

from corpus.readers.html_blocks import HEADINGS, Block
from corpus.readers.page_byline import is_byline, write_byline

WORDS = tomllib.loads((resources.files("corpus.readers") / "page_words.toml").read_text(encoding="utf-8"))
_NAMES = frozenset(WORDS["names"])
_NAME_STARTS = ("bdshare", "bshare", "jiathis", "socialshare", "breadcrumb")
_NAME_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LEAVES = HEADINGS | {"p", "li", "pre", "body"}
FURNITURE = frozenset({"nav", "aside", "footer", "menu", "dialog", "search"})

_OPEN, _CLOSE = r"^[\s\[【〖(（<《«‹|·]*+", r"[\s\]】〗)）>》»›|·]*+"
_BUTTONS = frozenset(word.lower() for word in WORDS["buttons"])
_SEPARATORS = re.compile(r"[\s|｜·•/\\\[\]【】〖〗()（）<>《》«»‹›→:：,，+\-－_]+")
# A whole line.
_LINE = re.compile(
    rf"{_OPEN}(?:"
    r"(?:您|你|所在)?(?:现在|当前|目前)?(?:的|所在|所处)*(?:位置|频道)(?:是|为|在)?\s*+[:：>》].*+|"  # 您现在的位置：首页 > 要闻
    r"(?:网站)?首页\s*+(?:[>＞»›→/\\|·•-]|&gt;|::).*+|"
    r"(?:[上下前后]一[篇条页则]|[上下][篇条页](?=\s*+[:：]))(?:文章|新闻|信息|内容)?(?:\s*+(?:[\]】〗)）»›>:：].*+|没有了.*+|无)|\s.*+)?|"
    r"(?:分享|转发|推荐|收藏)(?:到|至|给)?\s*+[:：].{0,60}|"
    r"(?:微信|手机|微博)?\s*+扫[一码].{0,40}|.{0,16}(?:扫描|扫码|长按|识别).{0,12}(?:二维码|关注|打开|查看).{0,20}|"
    r"(?:标签|关键[词字]|tags?|所属栏目|所属分类|栏目|(?:快速|相关|友情|常用|站内)(?:链接|导航|通道))\s*+[:：].{0,80}|"
    r"(?:字体|字号|文字)(?:大小|显示)?\s*+[:：]?\s*+[\[【(（]?\s*+(?:[特超]?大|默认|中).{0,16}|"
    r"(?:浏览|点击|阅读|访问|查看|人气)(?:数|量|次数|率|人次)?\s*+[:：]?\s*+\d*\s*+(?:次|人次)?|"
    r"(?:您|你)是(?:本站|本页|本文)?第\s*+\d*\s*+位.*+|本(?:文|页)(?:已被|共)(?:浏览|阅读|访问).{0,12}|"
    r"(?:接访|来信|信息|新闻|文章|内容|公告|政策|文件|详细)(?:信息|内容)?(?:详情|正文|详细|内容页|展示|浏览)|"
    r"(?:原创|预览时标签不可点|微信扫一扫.*+|关注该公众号|继续滑动看下一个|轻触阅读原文|阅读原文|向上滑动看下一个|分享收藏点赞在看.*+|听全文)|"
    r"(?:点击|戳|长按|轻触)?(?:上方|下方|右上角)?蓝字.{0,16}|点击关注.{0,10}|关注我们|分享让更多人看到|[(（]\d+[)）]|"
    r"(?:欢迎(?:您|访问|光临|来到|进入|关注).{0,40})|(?:今天是)?\s*+(?:19|20)\d\d年\d{1,2}月\d{1,2}日\s*+(?:星期|周)[一二三四五六日天].{0,12}|"
    r"[>＞»›]{1,3}\s*+(?:更多|more)|(?:更多|more)\s*+[>＞»›+]*+|"
    r"(?:(?<=[|·\s])|[|｜>＞»›·•\-\s→^])[|｜>＞»›·•\-\s→^]*+"
    rf"){_CLOSE}$",
    re.I,
)
# Opens what follows an article: 相关新闻, 网友评论（3）.
_AFTER = re.compile(
    rf"{_OPEN}(?:(?:相关|热门|推荐|最新|延伸|热点|更多|精彩|图片|猜你|往期|为您|本类|同类|24小时)(?:的|热门|最新|相关)?"
    r"(?:新闻|文章|阅读|链接|信息|资讯|文档|报道|推荐|内容|专题|解读|稿件|回顾|精选|喜欢|点击|排行|排行榜|热文|视频|动态|头条|关注|列表|通知|公告|公示|要闻|快讯|图文)(?:推荐|排行|排行榜)?|"
    r"相关(?:政策|文件)?解读|(?:点击|阅读|热度|浏览)(?:排行|排行榜|推荐)|最新发布|编辑推荐|猜你喜欢|友情链接|"
    rf"[上下前后]一[篇条则](?:[\]】〗)）»›>:：\s].*+)?|(?:相关|延伸)(?:链接|阅读|新闻|文章)\s*+[:：].{{0,60}}){_CLOSE}[:：]?$"
)
_COMMENTS = re.compile(
    rf"{_OPEN}(?:网友|最新|全部|发表|用户|我要|精彩|热门|精选)?(?:评论|留言|回复)(?:回复|列表|区)?(?:\s*+[(（]?\d+[)）]?)?{_CLOSE}[:：]?$"
)
_FOOTER = re.compile(
    r"ICP\s*+备|公网安备|公安备案|网站标识码|版权所有|Copyright|©|&copy;|All\s+Rights\s+Reserved|技术支持\s*+[:：]|建议使用.{0,20}(?:浏览器|分辨率)|"
    r"未经.{0,12}(?:授权|许可|同意).{0,12}(?:转载|使用)|网站管理\s*+[:：]|"
    r"互联网新闻信息服务许可|(?:特别|免责|版权)声明\s*+[:：]|不良信息举报|(?:新闻|举报)(?:热线|电话)\s*+[:：]|本平台仅提供信息存储",
    re.I,
)
_REGISTERED = re.compile(
    r"ICP\s*+备|公网安备|公安备案|网站标识码|All\s+Rights\s+Reserved|互联网新闻信息服务许可|(?:特别|免责|版权)声明\s*+[:：]", re.I
)  # stands in no sentence
_STOPS = re.compile(r"[。！？；]")
_MAX_LINE, _MAX_FOOTER, _MIN_PROSE = 90, 400, 18  # characters
_MIN_MENU, _MIN_LINKED = 2, 0.6  # links, and their share of the characters, of a line that is a menu
_MENU_GAPS = re.compile(r"[，。；！？、：]")
_DOCUMENT = re.compile(
    r"\.(?:docx?|wps|pdf|xlsx?|et|pptx?|zip|rar|7z|ofd|txt|rtf|jpg|png)(?:[?#]|$)|/download|attach|fujian", re.I
)
_BUTTON = re.compile(r"^\s*+(?:javascript:|#|void|$)", re.I)


def is_named_furniture(element: Any) -> bool:
    """Return whether an element's kind, class or id names it as furniture."""
    if element.tag in FURNITURE or element.get("role") in ("navigation", "banner", "contentinfo", "complementary", "search"):
        return True
    if element.tag in _LEAVES:
        return False  # <p class="footer"> may be the last line of a bulletin; its words tell
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if names == " ":
        return False
    lowered = names.lower()
    return any(word.lower() in _NAMES for word in _NAME_WORDS.findall(names)) or any(
        name.startswith(_NAME_STARTS) or name in _NAMES for name in lowered.split()
    )


def is_prose(block: Block) -> bool:
    """Return whether a block is running text: sentences, most of them outside links."""
    return len(block.plain) - block.linked >= _MIN_PROSE and is_sentence(block)


def is_sentence(block: Block) -> bool:
    """Return whether a block is running text, in links or not."""
    text = block.plain
    is_text = len(text) >= _MIN_PROSE and bool(_STOPS.search(text) or ("，" in text and len(text) > _MAX_LINE))
    return is_text and not (block.is_table or is_byline(block) or is_footer(block))


def is_footer(block: Block) -> bool:
    """Return whether a block belongs to the foot of a site: rights, registration, who keeps it up."""
    text = block.plain
    if len(text) > _MAX_FOOTER or not _FOOTER.search(text):
        return False
    return "。" not in text or bool(_REGISTERED.search(text))


def opens_comments(block: Block) -> bool:
    """Return whether a block opens what readers said of an article."""
    return len(block.plain) <= _MAX_LINE and bool(_COMMENTS.match(block.plain))


def opens_appendix(block: Block) -> bool:
    """Return whether a block opens what follows an article: related news, neighbours, comments."""
    text = block.plain
    return len(text) <= _MAX_LINE and "。" not in text and bool(_AFTER.match(text) or _COMMENTS.match(text))


def links_to_document(block: Block) -> bool:
    """Return whether a block links to a file: an attachment of the article."""
    return any(_DOCUMENT.search(link) for link in block.links)


def is_menu(block: Block) -> bool:
    """Return whether a block is nothing but links, or buttons. Links to documents are attachments."""
    text = block.plain
    if not block.links or not block.linked or links_to_document(block):
        return False
    letters = len("".join(text.split()))
    if all(_BUTTON.match(link) for link in block.links) and block.linked >= letters * _MIN_LINKED and letters <= _MAX_LINE:
        return True
    outside = letters - block.linked
    if block.is_table:
        return len(block.links) > _MIN_MENU and block.linked > _MIN_LINKED * letters and outside < _MIN_PROSE
    return len(block.links) >= _MIN_MENU and block.linked > _MIN_LINKED * letters and not _MENU_GAPS.search(text)


def is_furniture(block: Block) -> bool:
    """Return whether a block by itself is furniture, whatever stands around it."""
    text = block.plain
    if is_footer(block) or is_menu(block):
        return True
    if is_byline(block) and not _LINE.match(text):
        return not write_byline(block)
    if block.is_form and len(text) <= _MAX_LINE and not _STOPS.search(text):
        return True
    if len(text) > _MAX_LINE or block.is_table or "。" in text:
        return False
    words = [word for word in _SEPARATORS.split(block.spaced or text) if word]
    return all(word.lower() in _BUTTONS or (len(words) > 1 and word.isdigit()) for word in words) or bool(_LINE.match(text))
