"""The kind of a document without a masthead, by its title, its number and its layout."""

import re
from collections.abc import Sequence

from corpus.document import Article, DocumentKind, Masthead
from corpus.text.enumeration import CLAUSE
from corpus.text.normalize import simplify

# The last word of a title, and the kind that it tells. The first that matches decides.
_BY_TITLE: tuple[tuple[re.Pattern[str], DocumentKind], ...] = (
    (re.compile("纪要(?:[（(].*)?$|会议记录$"), "minutes"),
    (re.compile("(?:办法|规定|条例|细则|规则|章程|制度|规程|守则|准则|标准|规范|公约)(?:[（(][^（）()]*[)）])?$"), "regulation"),
    (
        re.compile(
            "(?:通知|意见|方案|通告|公告|公报|决定|决议|通报|请示|批复|议案|复?函|要点|计划|规划|预案|指南|指引|措施|清单|倡议书|公示|简章|须知|命令)"
            "(?:[（(][^（）()]*[)）])?$"
        ),
        "notice",
    ),
    (re.compile("召开|听取|举行|举办|开展.{0,16}活动|调研|走访|慰问|启动|揭牌|传达"), "news"),
    (
        re.compile(
            "(?:报告|总结|汇报|述职|情况(?:说明|汇总|综述)?|讲话|致辞|调研|年鉴|综述)(?:[（(][^（）()]*[)）])?$|工作(?:情况|汇报)"
        ),
        "report",
    ),
    (
        re.compile(
            "经验(?:材料|交流|做法|介绍|总结)?$|(?:的|典型|创新|特色)(?:做法|经验|实践|探索|案例|启示)$|(?:案例|做法|典型材料|工作法)$"
        ),
        "experience",
    ),
)
_DATELINE = re.compile(
    r"^(?:[（(]?本报讯|[^。]{0,20}[讯电][（(]|[^。]{0,14}(?:日前|近日|近期|连日来|今天|昨天|昨日|[上下]午)|[^。]{0,8}\d{1,2}月\d{1,2}日|"
    r"[^。]{0,20}(?:讯|电)\s)|(?:记者|通讯员)\s*+[\u4e00-\u9fff]{2,3}"
)
_LATELY = re.compile("近日|日前|近期|连日来|[上下]午")
_SPEECH = re.compile("^同志们[:：]|工作报告|工作总结", re.M)
_HEADED = re.compile(r"^[一二三四五六七]、", re.M)
_POINTED = re.compile("一[是要]|其一|首先[^。]*其次")
_MIN_CLAUSES, _MIN_HEADINGS, _MIN_DIGEST, _LEAD, _OPENING = 3, 2, 2, 80, 240  # the last two in characters


def classify_kind(text: str, articles: Sequence[Article], head: Masthead, *, is_web_page: bool) -> DocumentKind:
    """Return the kind of a document without a masthead.

    Args: text: of the document; articles: at least one; head: its facts; is_web_page: it was saved from a site.
    """
    title = "".join(simplify(articles[0].title).split())
    for pattern, kind in _BY_TITLE:
        if pattern.search(title):
            return kind
    if head.document_number:
        return "notice"
    if len(articles) >= _MIN_DIGEST and all(article.title for article in articles):
        return "digest"
    sections = articles[0].sections
    body = simplify(text[sections[0].span.start : sections[-1].span.end]) if sections else ""
    if len(re.findall(rf"(?m)^{CLAUSE.pattern}", body)) >= _MIN_CLAUSES:
        return "regulation"
    if _SPEECH.search(text[:_OPENING]):
        return "report"
    if _DATELINE.search(body[:_LEAD]) or _LATELY.search(body[:_OPENING]):
        return "news"
    if len(_HEADED.findall(body)) >= _MIN_HEADINGS or _POINTED.search(body):
        return "experience"
    known = head.publisher or head.issue_date or articles[0].region
    return "web_page" if is_web_page else "news" if known else "other"
