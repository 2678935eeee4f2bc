"""What the name of a place stands for where it is named: a place that acts, one that is visited or compared with, or no place.

北苑区开办夜校 tells of the district; 赴北苑区考察 and 与北苑区结对 name it and tell of somebody else; 北苑小学 and
北苑路 are no district.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from corpus.document import Region
from corpus.regions.division_names import LEVELS
from corpus.regions.gazetteer import Gazetteer, Mention

# `head`: it opens its clause, and does what the clause tells. `visited`, `compared`: others go there, help it, learn from it.
Role = Literal["head", "inside", "visited", "compared"]

# What an institution's name may have between the place and the kind of institution: 北苑区第一实验小学.
_NAME_PARTS = (
    "第[一二三四五六七八九十百0-9]{1,6}|人民|中心|实验|职业|技术|中等|高级|师范|中医|妇幼|保健|农村|农商|商业|民族|外国语"
    "|特殊教育|希望|附属"
)
_INSTITUTION = re.compile(
    rf"(?:{_NAME_PARTS}){{0,6}}(?:大学|学院|学校|小学|中学|[一二三四五六七八九十]中(?![心全])|高中|初中|幼儿园|医院|卫生院|银行|信用社|公司|集团|酒店|宾馆|饭店|日报|晚报)"
)
# After a short name these make the name of something smaller, or of another thing: 北苑路, 北苑街道, 北苑人, 白鹭洲.
_LONGER_NAME = re.compile(
    "路(?!演)|高速(?:公路|路|口|出口|服务区|收费站)|大道|大街|街|巷|弄|桥|站(?!在|上|稳)|村(?![级播干晚])|镇(?![街级])|乡(?![村土亲愁])|社区|小区|新区|开发区"
    "|高新区|花园|新城|广场|公园|大厦|商厦|机场|码头|港(?!口)|[山河湖江](?![区村货里间道边畔岸面底])"
    "|[湾岛洲岭厂店话菜籍]|水库|计划|工程|行动|杯|项目|论坛|人(?![大社武民才])|老师|同志|书记|主任|先生|女士"
)
_COMPARED_BEFORE = re.compile(
    "(?:学习|借鉴|对标|对照|比照|参照|参考|取经|追赶|看齐|赶超|超过|高于|低于|效仿|仿效|复制|移植|引进"
    "|推广|运用|用好|活用|汲取|吸收|嫁接|承接|融入|读|看|[追赶]|(?<![大中小同开教数])学"
    "|[与和同跟向比较]|携手|联合|联手|牵手|结对|对接|共建)[了好用着自]?(?:先进|兄弟|友邻|邻近|周边|友好)?"
    "(?:地区|县区|区县|县市)?[“《]?(?:中共|共青团|团)?$"
)
_VISITED_BEFORE = re.compile(
    "(?:[赴去到至往]|走进|走访|深入|考察|参观|访问|观摩|调研|视察|慰问|对口(?:支援|帮扶|协作)|帮扶"
    "|支援|援助?|支持|帮助?|助力?|来自|途经|开进|驻|接待|迎|连线|联动|邀请|请来)"
    "[了过]?[“《]?(?:中共|共青团|团)?$"
)
_COMPARED_AFTER = re.compile(
    "(?:团?委)?(?:(?:先进|成功|好|典型)?(?:经验|模式|样板|做法)|(?:党政)?(?:考察团|代表团|交流团)|考察[组记]|考察(?:报告|归来)|归来|之行"
    "|的启示|为[镜师鉴]|籍|行(?=[ 　：:，（(]|$)|对口(?:协作|支援|帮扶)办|同行来|一行|客人|客商|来(?![说自]))"
)
# What opens a clause before the place that acts in it: 今年以来，团北苑区委…; 其中北苑区…
_BEFORE_HEAD = re.compile(
    r"(?:^|[，；：。！？,;:\n\t 　【（(“）)]|以来|近年来|日前|近日|目前|去年|今年|[0-9][年月日])"
    "(?:其中|例如|比如|譬如|如|像|而|在|据|记者(?:[来走]?到|走进|深入|走访|在|从))?(?:中共|共青团|团)?$"
)
_JOINED = re.compile("[、和与及]|以及")
# 团 and the level of a committee behind a short name, which is whole with that level; the league behind the short name of a city.
_SHORT_BEFORE_LEAGUE = re.compile(rf"(?<=[\u4e00-\u9fff]{{2}})(?:团(?P<level>[{LEVELS}])委|共青团(?![员省市县区团中]))")
_STEM_LENGTHS = (3, 2)
_WINDOW = 14  # characters before a name that say what it stands for


class Naming(NamedTuple):
    """A region named in a text, where, and as what."""

    region: Region
    start: int
    end: int
    role: Role


def find_namings(
    text: str, gazetteer: Gazetteer, *, within: Region | None, year: int | None, short: bool = False
) -> Iterator[Naming]:
    """Yield the places that a text (simplified script) names, left to right, without the names of institutions, roads and people.

    Args: within, year, short: as for `Gazetteer.find`.
    """
    above: Naming | None = None
    for mention in _mentions(text, gazetteer, within, year, short):
        if is_part_of_name(text, mention):
            continue
        # 锦渚区、北苑区率先试点: what joins two names gives the second the role of the first.
        joined = above is not None and _JOINED.fullmatch(text, above.end, mention.start)
        above = Naming(mention.region, mention.start, mention.end, above.role if above and joined else _role(text, mention))
        yield above


def _mentions(text: str, gazetteer: Gazetteer, within: Region | None, year: int | None, short: bool) -> list[Mention]:
    """Return the places named, also by the short names of the leagues there: 保山团市委, 衡阳共青团."""
    mentions = list(gazetteer.find(text, within=within, year=year, short=short))
    taken = {mention.start for mention in mentions}
    for match in _SHORT_BEFORE_LEAGUE.finditer(text):
        for length in _STEM_LENGTHS:
            start, name = match.start() - length, text[max(0, match.start() - length) : match.start()]
            region = gazetteer.resolve(name + (match["level"] or ""), within=within, year=year) if start >= 0 else None
            if region is not None and start not in taken and (match["level"] or region.level == 1):
                mentions.append(Mention(region, start, match.end() if match["level"] else match.start()))
                break
    return sorted(mentions, key=lambda mention: mention.start)


def is_part_of_name(text: str, mention: Mention) -> bool:
    """Return whether a mention is only a part of another name: 北苑区第一小学, 北苑路."""
    if _INSTITUTION.match(text, mention.end):
        return True
    written = text[mention.start : mention.end]
    return not written.endswith(mention.region.name[-1]) and bool(_LONGER_NAME.match(text, mention.end))


def is_institution(text: str, mention: Mention) -> bool:
    """Return whether a mention, by its whole name, is the place of an institution: 石潭县人民医院."""
    whole = text[mention.start : mention.end].endswith(mention.region.name)
    return whole and bool(_INSTITUTION.match(text, mention.end))


def _role(text: str, mention: Mention) -> Role:
    before = text[max(0, mention.start - _WINDOW) : mention.start]
    if _COMPARED_AFTER.match(text, mention.end) or _COMPARED_BEFORE.search(before):
        return "compared"
    if _BEFORE_HEAD.search(before):
        return "head"
    return "visited" if _VISITED_BEFORE.search(before) else "inside"
