"""The furniture of a site, in texts that were copied from its pages: menus, breadcrumbs, click counts, links to other pages."""

import re
from collections.abc import Sequence

from corpus.parsing.lines import Line

_MAX_FURNITURE = 120  # characters: a longer line tells something, whatever it opens with
_BAR = r"\s*+[|｜丨][|｜丨\s]*+"
_PIECE = r"[^|｜丨。，；：:\s](?:[^|｜丨。，；：:]{0,8}[^|｜丨。，；：:\s])?"

# Lines that are furniture wherever they stand.
_ALONE = re.compile(
    r"^(?:"
    # Breadcrumbs and greetings.
    r"(?:您|你|当前|目前)?(?:现在|目前|当前)?(?:的)?(?:所在)?位置(?:是|为)?\s*+[:：]|(?:网站)?首页\s*+(?:[>＞»›/\\|｜→-]|English|$)|"
    r"(?:您好[，,！! ]*)?欢迎(?:您)?(?:来到|访问|光临|进入)[^。]{0,30}$|"
    # Links to other pages.
    r"[【\[(（]?(?:上|下|前|后)\s*+一?\s*+(?:篇|条|页)(?:文章|新闻|信息)?\s*+[】\])）]?\s*+(?:[:：]|$|没有|无)|"
    r"[【\[(（]?(?:打印(?:本页|正文|文章)?|关闭(?:窗口|本页)?|收藏(?:本页)?|返回(?:顶部|首页|列表|上一页)?|纠错|我要纠错|复制链接)\s*+[】\])）]?"
    r"(?:[\s|｜【\[(（][^。]{0,40})?$|"
    r"分享(?:到|至|按钮|本文)?\s*+(?:[:：]|微信|微博|朋友圈|QQ|$)[^。]{0,30}$|(?:微信|手机)?扫(?:一扫|一下|描|码)[^。]{0,24}$|点击(?:下载|查看|进入|阅读)[^。]{0,24}$|"
    r"长按(?:识别)?[^。]{0,20}二维码[^。]{0,8}$|(?:阅读原文|更多>*|更多»|查看更多|展开全文|在线咨询|无障碍(?:浏览|阅读)?|设为首页|网站地图|联系我们)$|(?:设为首页|加入收藏)|首页(?:\s+\S{2,8}){2,}$|"
    # Whether an official document may be published, below its date.
    r"[（(]此件(?:主动|依申请|不予|删减后)?(?:公开|公开发布)[)）]$|"
    # The head and the end of an article of a public account.
    r"[^。]{0,20}(?:微信)?公众号[^。]{0,10}$|"
    r"点击(?:上方|下方|左上角)?(?:蓝字|关注|上方)[^。]{0,20}$|"
    r"[-—－=\s]*(?:END|完|THE END)[-—－=\s]*$|点(?:个|一下)?(?:在看|赞)[^。]{0,10}$|"
    # Counts and sizes of type.
    r"[【\[(（]?\s*+(?:字体|字号)(?:大小)?\s*+[:：]|[【\[(（]?\s*+(?:浏览|点击|阅读|访问)(?:次数|数|量|率)?\s*+[:：]\s*+\d*\s*+次?\s*+[|｜\s]*$|"
    # The foot of a site.
    r"[^。]{0,60}(?:版权所有|Copyright|©|[A-Z\u4e00-\u9fff]ICP备|公网安备|网站标识码|技术支持\s*+[:：])|"
    # The caption of a photograph: 村民兑换积分（石潭县融媒体中心供图）, 图为夜校开课现场.
    r"[^。]{0,50}[（(][^（）()。]{0,30}(?:供图|摄影?|图)[)）]$|图(?:为|[:：])[^。]{2,40}。?$|"
    # Who edited and checked it: 编辑 | 许闻澜, 一审一校丨丁若川.
    r"(?:编\s*+[辑审]|责\s*+编|审\s*+[核稿签]|校\s*+对|监\s*+制|排\s*+版|美\s*+编|[一二三]审(?:[一二三]校)?|[初复终]审|来\s*+源)\s*+[|｜丨/／].{1,30}$|"
    r"[（(]\s*+(?:责任)?(?:编\s*+[辑审]|校\s*+对|审\s*+[核稿签])\s*+[:：][^（）()。]{1,40}[)）]$|"
    # A picture in Markdown.
    r"!\[[^\]]*\]\([^)]*\)$"
    r")",
    re.I,
)
_MENU = re.compile(
    rf"^(?:[|｜丨\s]*+{_PIECE}(?:{_BAR}{_PIECE}){{3,}}[|｜丨\s]*|[|｜丨]\s*+{_PIECE}(?:{_BAR}{_PIECE})+\s*+[|｜丨])$"
)
# Heads of lists of links: what follows, up to running text, are links.
_LIST_OF_LINKS = re.compile(
    r"^[【\[◆■▎|]?\s*+(?:相关(?:信息|链接|新闻|阅读|文章|推荐|报道|稿件|内容|专题|资讯)|热门(?:新闻|文章|推荐|点击|排行|信息)|(?:精彩|为您|猜你喜欢|编辑)?推荐(?:阅读|新闻|文章)?|"
    r"延伸阅读|过往期刊|往期(?:回顾|推荐|精彩)|(?:点击|阅读|热点)?排行(?:榜)?|最新(?:新闻|文章|发布|信息)|友情链接|网友评论|发表评论)\s*+[】\]]?\s*+[:：]?$"
)
# The head of an e-mail that somebody forwarded.
_EMAIL = re.compile(r"^(?:发件人|收件人|发送时间|发件时间|主题|抄送|附件名|From|To|Cc|Subject|Sent|Date)\s*+[:：]", re.I)
_MIN_EMAIL = 2  # lines: a single 主题：…… may be a keyword of a masthead
_MAX_HEAD = 12  # lines of an e-mail's head


def mark_furniture(lines: Sequence[Line]) -> None:
    """Mark the lines that belong to the page of a site, or to an e-mail, and not to the document."""
    _mark_email(lines)
    linked = False
    for line in lines:
        if line.kind != "body":
            continue
        text = line.normalized
        if _LIST_OF_LINKS.match(text):
            linked = True
        elif linked and (line.is_prose or line.is_markdown_heading):
            linked = False
        if linked or (len(text) <= _MAX_FURNITURE and (_ALONE.match(text) or _MENU.match(text))):
            line.kind = "furniture"


def _mark_email(lines: Sequence[Line]) -> None:
    head = [line for line in lines[:_MAX_HEAD] if line.kind == "body" and _EMAIL.match(line.normalized)]
    if len(head) >= _MIN_EMAIL and all(line.kind != "body" for line in lines[: lines.index(head[0])]):
        for line in head:
            line.kind = "furniture"
