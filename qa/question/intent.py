"""What kind of answer a question asks for, and what is left of the question once the asking is taken away: its topic.

The rules are tables: a kind, and the Chinese and English wordings that ask for it. The first that fits is the one.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from corpus.messages.language import Language
from index.query.stemmer import STOP_WORDS

Kind = Literal["howto", "list", "factoid", "comparison", "region", "count", "keywords"]
AnswerKind = Literal["number", "money", "date", "duration", "phone", "person", "organisation", "name", "place"]


def _wordings(chinese: str, english: str = "") -> re.Pattern[str]:
    """Return a table of wordings as one pattern.

    Args: chinese: wordings with white space between them; english: one a line, each of whole words. A group need not say `?:`.
    """
    pieces = [*chinese.split(), *(rf"\b{line.strip()}\b".replace(" ", r"\s++") for line in english.splitlines() if line.strip())]
    return re.compile("|".join(re.sub(r"(?<!\\)\((?!\?)", "(?:", piece) for piece in pieces), re.I)


_TOLD = "(提到|提及|讲到|讲过|谈到|说到|写到|涉及|出现|介绍|刊登|用到|包含|含有)"
PLACES = "(?:地区|地方|区域|市县|区县|县市|县区|省份|省|市|区|县|单位)"  # what a question calls regions
# 青年夜校办了几期 asks for no bulletins.
_COUNT = _wordings(
    # 2023年刊出的几期里 names bulletins, and asks for no number of them
    rf"""
    (哪些|哪几个?|多少个?|几个?){PLACES}[^，。？]{{0,6}}?{_TOLD}
    {_TOLD}[^，。？]{{1,20}}的{PLACES}[共有]*(多少|几个)
    (?<![的那这上下前近])(多少|几|哪几)篇
    (简报|信息|刊物|报道|{_TOLD})[^。？]{{0,40}}?(?<![的那这上下前近])(多少|几|哪几)期 (多少|几)期(简报|信息|刊物|报道|{_TOLD})
    """,
    r"""
    (which|what|how many) (\w+ )?(regions?|places|cities|counties|districts|provinces|bulletins|issues|articles) [^,.?]{0,200}?(mention|name|cover|report|refer|discuss|contain|talk|write|wrote|speak)\w*
    how many (bulletins|articles)
    how many issues (are|were|have|of|on|in|from|about)
    """,  # noqa: E501  a wording is a line
)
_COMPARISON = _wordings(
    """
    不同(?=在|之处|点|是什么|吗|呢|[？?。，,]|$) 有(什么|啥|何|哪些)不同 区别(?!对待) 异同 差异(?!化) 差别(?!化) 对比 比一比
    对照 相比 一样吗 是否相同 相同点 共同点 哪个更
    比较(?=一下|[^，。？]{1,30}(和|与|跟|同)|$) [和与跟同][^，。？]{2,30}比较[？?。]?$
    """,
    r"""
    compar(e|ed|ing|ison)
    differ(s|ent|ence|ences)?
    versus
    vs
    in common
    alike
    """,
)
_EACH = _wordings("各(有|自|是) 分别", "(each|respectively|both)")
# What names everything it asks for is a list, though it ask for persons or names: 分别交给谁, 名称都叫啥.
_LIST_ALL = _wordings("列出 列举 列一下 分别 各管 都(有|叫|是)(什么|哪|啥|谁)", "list (all|the)")
_LIST = _wordings(
    r"哪些 哪几 哪\S?[类种] 有什么 有啥 包括 什么内容",
    r"""
    what (\w+ )?(are|were|have|has been|kinds?|types?|sorts?)
    (which|what) (?!(is|was|does|did|has|happens|to|about)\b)([\w\-]+[\s,]+((or|and) )?){0,3}?(?!(is|was|does|has)\b)[\w\-]+s
    """,
)
_SURVEY = _wordings(
    r"""
    (做|开展|出台|建立|采取|推出|抓|搞|干|制定|实施|落实|组织|举办|探索|推进)[了过]?(什么|哪些|哪几|啥)
    (怎么|怎样|如何)做的 有(哪些|什么|啥)\S{0,6}?(做法|举措|措施|经验|成效|办法) 靠什么
    请介绍 介绍一下 说说 讲讲 (做法|举措|措施|经验|成效)[？?。]?$
    """,
    r"""
    what (did|do|does|has|have|is|are|was|were) .{0,200}\b(do|done|doing)
    how (did|does|has|have)
    """,
)
_WHETHER_DONE = _wordings("有没有[^，。？]{0,12}[过办做建开搞] 有无 是否[^，。？]{0,12}过 过[^，。？]{0,12}吗")
_HOWTO = _wordings("怎 如何 咋 办法 方法 请介绍 介绍一下 说说 讲讲", "how\nways?\ntell")
_ASKS = _wordings(
    "[？?吗呢] 什么 啥 哪 能不能 能否 是否 有没有 可以 谁", "(?<!.)(what|why|when|who|where|which|is|are|can|do|does|did|has)"
)

# In `kids who cannot see` and `active when in session` nothing is asked: asking begins the question or a clause of it.
_CLAUSE = "(^|[,;:.?!] |(and|but|or|in|by|from|to|since|until|at) )"
_AUXILIARY = "(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)"
_BODY = "(机构|单位|公司|企业|部门|学校|银行|医院|组织|大学|院校)"
_ANSWERS: tuple[tuple[AnswerKind, re.Pattern[str]], ...] = (
    (
        "phone",
        _wordings(
            "电话(是|号|$|[？?]) (?<!陌生)号码 手机号 联系方式",
            "(phone|telephone|hotline) number\nnumber .{0,40}(hot)?line",
        ),
    ),
    (
        "money",
        _wordings(
            """
            多少(万|亿)?(元|钱|资金|经费) 几(块钱|元|万元) (?<!分)几块(?=[？?]|$) 花(了|费)?多少 好多钱(?=[？?]|$)
            (金额|预算|经费|费用|补贴|奖金|价格|工资)(标准)?(是|为|有)?多少
            """,
            r"""
            how much
            what (\w+ )?(price|salary|sum|amount|fee|cost|budget)
            """,
        ),
    ),
    (
        "duration",
        _wordings("多久 多长 (?<![近这前后头过去])(多少|几)(个?(月|天|小时|分钟|星期|周|学期)|年|秒)(?!级)", "how long"),
    ),
    (
        "date",
        _wordings(
            "何时 什么(时候|时间) 哪一?(天|年|月|日) (?<!哪)几(月|号|点(?!要求|意见|建议|经验|做法|启示|体会|措施)) 日期(是|$)",
            rf"""
            (which|what) (day|date|year|month|time)
            {_CLAUSE}when {_AUXILIARY}
            """,
        ),
    ),
    ("person", _wordings("谁 哪一?位 什么人", f"{_CLAUSE}(who|whom|whose)")),
    (
        "organisation",
        _wordings(
            rf"哪一?(家|个){_BODY} 什么(机构|单位|部门) 哪一?家(?=承|编|负|主|出|提|来|$|[？?])",
            r"""
            (which|what|name the) (\w+ )?(bank|company|firm|institution|organi[sz]ation|body|agency|university|school|office)
            """,
        ),
    ),
    (
        "place",
        _wordings(
            "(?<![好难点题处新别异距])在(哪里|哪儿|哪个地方|什么地方) 设在哪 位于哪 何处 什么地点",
            f"""
            {_CLAUSE}where {_AUXILIARY}
            (which|what) (village|town|street|hall|venue|building|room)
            """,
        ),
    ),
    (
        "name",
        _wordings(
            "叫(做|作)?个?(什么|啥) 名称是 什么名(字|称) 哪个(平台|系统|软件|项目|品牌|活动|小程序)",
            r"""
            what .{0,60}(called|named)
            what (is|was) the name
            """,
        ),
    ),
    (
        "number",
        _wordings(
            r"""
            多少 几多 (?<![哪近这前后头去])几(个|名|人|次|家|种|条|场|位|项|所|支|辆|户|成|颗|期|件(?!事)) 百分之几
            (比例|占比|率)(是|有|达|为)?[多几] (有|是|达|共|总共)好多(个|名|人|次|家|户|份)?(?=[？?]|$)
            """,
            rf"""
            how (many|often|far|large|big|high)
            {_CLAUSE}(the )?(total )?number of
            what (\w+ ){{0,4}}?(share|percentage|proportion|rate|number|score)
            """,
        ),
    ),
)
# A bare phrase that ends in one of these asks for it: 驿站地址, 创客贷年息.
_ATTRIBUTES: tuple[tuple[AnswerKind, tuple[str, ...]], ...] = (
    ("money", ("金额", "价格", "单价", "经费", "预算")),
    ("date", ("日期", "时间")),
    ("duration", ("期限", "时长")),
    ("person", ("负责人", "联系人")),
    ("place", ("地点", "地址")),
    ("number", ("数量", "人数", "比例", "占比", "利率", "年息")),
)
_BARE: dict[Language, int] = {
    "zh": 14,
    "en": 5,
}  # characters and words: a longer phrase that does not ask is a wish put at length


class Wording(NamedTuple):
    """A question as the rules read it: its text with regions and filters, its language, how many regions it names."""

    text: str
    language: Language
    regions: int


class Rule(NamedTuple):
    """A rule of `RULES`: its name, what it looks for, and the kind of question it then tells."""

    name: str
    applies: Callable[[Wording], object]
    kind: Kind | None
    answer_kind: AnswerKind | None = None


def _compares(asked: Wording) -> bool:
    return bool(
        (_COMPARISON.search(asked.text) and (asked.regions > 1 or split_compared_topics(asked.text)))
        or (_EACH.search(asked.text) and asked.regions > 1)
    )


def _asks_for_fact(pattern: re.Pattern[str]) -> Callable[[Wording], object]:
    """Return a predicate for a kind of fact.

    Beside 怎么 a 几 asks for nothing: 头几天没处落脚咋办. Where another clause asks how, one fact is not all: 谁讲课，怎么招生.
    """

    def applies(asked: Wording) -> bool:
        how = [clause for clause in re.split("[，,；;]", asked.text) if re.search("怎|如何|咋", clause)]
        if not how:
            return pattern.search(asked.text) is not None
        return any(pattern.search(clause.replace("几", "")) for clause in how)

    return applies


def _ends_with(endings: tuple[str, ...]) -> Callable[[Wording], object]:
    return lambda asked: asked.text.endswith(endings)


def _is_short_phrase(asked: Wording) -> bool:
    length = len(re.findall(r"[\u3400-\u9fff]|[A-Za-z0-9]+", asked.text))
    return length <= _BARE[asked.language] and not re.search(r"[，。,;]", asked.text)


# The first rule that applies tells the kind; None: it asks, and nothing in the text tells for what (象山呢？).
RULES: tuple[Rule, ...] = (
    Rule("asks for a count", lambda asked: _COUNT.search(asked.text), "count"),
    Rule("compares", _compares, "comparison"),
    Rule("names everything it asks for", lambda asked: _LIST_ALL.search(asked.text), "list"),
    Rule("says list", lambda asked: re.match(r"(?:please\s+)?list\b", asked.text, re.I), "list"),
    *(Rule(f"asks for a fact: {answer}", _asks_for_fact(pattern), "factoid", answer) for answer, pattern in _ANSWERS),
    Rule("surveys a region", lambda asked: asked.regions and _SURVEY.search(asked.text), "region"),
    Rule("asks how", lambda asked: _HOWTO.search(asked.text) and not re.match(r"(?:which|what)\b", asked.text, re.I), "howto"),
    Rule("asks for a list", lambda asked: _LIST.search(asked.text), "list"),
    Rule("asks", lambda asked: _ASKS.search(asked.text), None),
    *(Rule(f"ends with an attribute: {answer}", _ends_with(endings), "factoid", answer) for answer, endings in _ATTRIBUTES),
    Rule("is a short phrase", _is_short_phrase, "keywords"),
    Rule("is a wish at length", lambda asked: True, "howto"),
)


def classify(text: str, *, language: Language, regions: int) -> tuple[Kind | None, AnswerKind | None]:
    """Tell what a question asks for, by the first of RULES that applies.

    Args: text: with its regions and filters; regions: how many it names.
    Returns: the kind, None if nothing in the text tells (象山呢？); and for a factoid the kind of fact, if that is told.
    """
    asked = Wording(text, language, regions)
    rule = next(rule for rule in RULES if rule.applies(asked))
    return rule.kind, rule.answer_kind


def asks_for_measures(kind: Kind | None, text: str) -> bool:
    """Return whether a question of this kind asks what was done, not for one fact: 去年做了什么, but not 去年评上的是哪一户."""
    return kind != "factoid" and (kind is not None or bool(_SURVEY.search(text) or _WHETHER_DONE.search(text)))


# Wordings of asking in a Chinese question, the longer ones first.
_ASKING = _wordings(
    rf"""
    [由有]?((哪些|哪几个?|多少个?|几个?){PLACES}|哪几家)([都也]?(做|办|搞|开展|建|开|推行|实行|实施|推出|组织|举办|建立)[了过])?
    由?哪一?(家|个){_BODY}? (讲|说|写|谈)了?些?(什么|哪些|啥)
    (?<![^，。])请?(总结|概括|归纳|梳理)(一下)?
    [都共]?有?(哪些|哪几篇|什么|啥)(文章|内容|报道|篇目)(?=[，。？]|$)
    请问 请?(详细|具体|展开|仔细|再)?(介绍|说明|说说|讲讲|细说|谈谈|列出|列举|给出|说|讲)(一下|来)?(?=$|[，。？吧吗呢])
    (请|帮我|给我|让我)?(看看|看一下|查一下|查查|找一下|找找)
    请?(介绍|说说|讲讲|列出|列举|给出)(一下|来)? 我?(想|要)(问|知道|了解)(一下)?
    请?(比一比|对照|(对比|比较)(一下)?(?=$|[，。？])) [都共]?有?(多少|几|哪几)(期|篇)(简报|文章|信息|报道)?
    什么时候 何时 多少钱 多久 多长时间? 叫(什么|啥)(名字)?
    能不能 能否 可不可以 是否 有没有 是不是 有无 可以 还有
    [有在从]?(哪里|哪儿)来?
    也?(这样|这么|那样)[做干搞办]的?
    都?(有|是|包括|采取了?|开展了?|做了|搞了)?(哪些|哪几[个种项]?|什么|啥)(好的?|具体的?|典型的?)?(做法|办法|举措|措施|经验|方法|法子|成效|样|内容)?(?![有无])
    的?(具体|主要|典型|成功)?(做法|经验|成效)(?=有|是|$|[，。？])
    (是|应该?|该|要|又)?(怎么样?|怎样|如何|咋样?)(开展|进行|做好|做到|做的|办的|来|去|才能|办|做|搞|弄)?
    (是|有|为|达到?)?多少[个名条份家人次期篇]?
    [有是]?几[个名条份家人次期篇] 谁 [吗呢吧啊呀]
    有(什么|何)?(区别|不同|异同|差异|差别) (区别|不同|异同|差异|差别)(在哪[里儿]?|是)? 一样吗
    的?(简报|文章|报道|信息)?(里面?|中)?[都曾有]?{_TOLD}[了过]?
    (?<![^，。])(那么?|另外|此外|其中)
    """
)
# Words that a topic neither begins nor ends with.
_EDGES = frozenset(
    """
    推进 开展 实施 进行 搞好 搞 办 组织 关于 对于 在 对 把 给 从 由 的 了 都 各地 又 也 和 与 及 上述 这些 这 那些 那 近年 近年来
    年 来 方面 情况 里 里面 中 上 时 是 有 为 得 地 曾
    """.split()  # noqa: SIM905  a paragraph reads better than quoted words
)
_GENERIC = frozenset(
    """
    run organise organize start set make carry compare comparison difference differ differences versus vs mention mentioned
    mentions show tell talk bulletin bulletins article articles region regions issue issues place places county counties
    district districts city cities many report reported reports refer hold held ran runs running launched introduced
    meant mean new
    """.split()  # noqa: SIM905  a paragraph reads better than quoted words
)


_HELD = re.compile(r"^(\s*where\b.*)\bbeen\s(?:held|run|done|organi[sz]ed|set up|built|opened|introduced)\b", re.I)


def topic(text: str, *, language: Language, cut: Callable[[str], list[str]]) -> str:
    """Return what a question is about: the text without the words of asking. Its regions and filters must be cut out before.

    Args: cut: splits a Chinese text into words.
    Returns: empty where nothing else is left (象山呢？).
    """
    if language == "zh":
        text = re.sub(r"[？?！!。：:；;，,]+", "，", re.sub(r"[“”「」\"]", "", text))
        text = _ASKING.sub("", text)
        clauses = [_trimmed(clause, cut) for clause in text.split("，")]
        return "，".join(clause for clause in clauses if clause)
    words = re.findall(r"[\w][\w'’+.\-]*\w|\w", _HELD.sub(r"\1", text))
    while words and _says_nothing(words[0]):
        words.pop(0)
    while words and _says_nothing(words[-1]):
        words.pop()
    return " ".join(words)


def _says_nothing(word: str) -> bool:
    word = re.sub(r"['’]s$", "", word.lower())
    return word in STOP_WORDS or word in _GENERIC


def _trimmed(clause: str, cut: Callable[[str], list[str]]) -> str:
    """Return a clause without the words at its ends that say nothing: whole words, as 和谐 does not begin with 和."""
    words = cut(clause)
    clause = clause.strip(" 、")
    while words and words[0] in _EDGES and clause.startswith(words[0]):
        clause = clause.removeprefix(words.pop(0)).strip(" 、")
    while words and words[-1] in _EDGES and clause.endswith(words[-1]):
        clause = clause.removesuffix(words.pop()).strip(" 、")
    return clause


# The first that parts a text is taken: 和 and `and` also stand within one side.
_CONJUNCTIONS = (r"\bversus\b|\bvs\b\.?|与|跟|相比于?", r"和(?!平|谐)|同|以及|\band\b|\bwith\b|\bfrom\b")
_FRAME = _wordings(
    """
    (之间)?的?(各?有)?(什么|哪些|何|啥)?(区别|不同|异同|差异|差别|共同点)(之处)?(在哪[里儿]?|是什么|有哪些)? 一样吗 是否相同
    (?<!.)请?(比较|对比|比一比)(一下)? 的?(对比|比较)$
    """,
    """
    (please )?compare( how)?
    what('s| is| are)? the differences? between
    how (do|does|did)
    differ
    """,
)


def without_comparing(text: str) -> str:
    """Return a comparison without the words that say it is one: 比较, 有什么不同."""
    return _FRAME.sub("", text)


def split_compared_topics(text: str) -> tuple[str, ...]:
    """Split a comparison into the two things that it sets side by side, each with what is asked of both.

    志愿者积分和团代表履职积分的用法有什么区别 -> 志愿者积分的用法, 团代表履职积分的用法.

    Returns: two, or none where the text does not fall into two.
    """
    bare = without_comparing(text).strip("？?。.，, ")
    for conjunction in _CONJUNCTIONS:
        pieces = [piece.strip("，, ") for piece in re.split(conjunction, bare, maxsplit=1, flags=re.I)]
        if len(pieces) == 2 and all(len(piece) > 1 for piece in pieces):
            first, second = pieces
            if (cut := second.rfind("的")) > 1 and "的" not in first:
                first += second[cut:]
            return first, second
    return ()


# Words that ask after something already spoken of: 谁掏钱？ 效果怎么样？ What were the results?
_LIGHT = frozenset(
    """
    掏钱 出钱 花钱 给钱 付钱 负责 牵头 参加 参与 报名 收费 开门 需要 大概 大约 一般 总共 后来 具体 主要 分别 名称 名字 多久 多长
    受益 平时 平常 日常 到底 究竟 详细 最新 最后 其余 不是 这样 那样 这边 那边 分哪 管理 运营 维护 运转 运行 维持
    效果 成效 结果 反响 原因 条件 标准 时间 地点 流程 步骤 细节 内容 对象 范围 要求 好处 问题 困难 费用 成本 经费 资金
    pay pays paid cost costs result results effect effects outcome outcomes time long condition conditions step steps detail
    details charge responsible money work works worked happen happens happened next problem problems benefit benefits
    """.split()  # noqa: SIM905  a paragraph reads better than quoted words
)

# Words that name no task of their own: 总结北苑区的经验, 团北苑区委组织了什么活动 ask for all that the district has done. Nor do
# compounds of them: 经验总结, 工作情况.
_ROUTINE = _wordings(
    """
    总结 概括 归纳 梳理 汇总 一下 团委 团组织 共青团 组织 活动 工作 开展 推进 推动 做好 干了 做了 经验 做法 举措 措施 办法
    亮点 特色 典型 案例 成果 进展 情况 怎么样 怎样 如何 简报 文章 信息 方面 事情 最近 近期 近年来 今年 目前 一共 所有 全部
    各地 各区 各县 各市 各省 库里 主要 重点 内容 目录 题目 标题 值得 学习 借鉴 推广 好的 整体 总体 概况
    各项 相关 有关 地区 地方 县区
    """,
    """
    league
    committee
    activit(y|ies)
    organi[sz]ed
    experience
    practices
    achievements
    progress
    summary
    summari[sz]e
    overview
    contents?
    main
    best
    highlights
    lessons
    """,
)
_POINTING = re.compile("[那这哪][一几]?[条家个位次种些项片座所段]?")  # 那条路 names the road
_ROUTINES = re.compile(f"(?:{_ROUTINE.pattern})+", re.I)  # none of them begins with another, so that each word is cut in one way


def names_task(words: Sequence[str]) -> bool:
    """Tell whether words name something that is done; 组织活动 and 总结经验 do not."""
    return not all(map(_is_routine, content_words(words))) and names_topic(words)


def names_routine(words: Sequence[str]) -> bool:
    """Tell whether words name work as such, and no task: 有哪些好经验, 组织了什么活动."""
    return any(map(_is_routine, content_words(words))) and not names_task(words)


def _is_routine(word: str) -> bool:
    return _ROUTINES.fullmatch(word) is not None


def content_words(words: Sequence[str]) -> list[str]:
    """Return those of the Chinese and English words that name something."""
    return [
        word
        for word in map(str.lower, words)
        if len(word) > 1
        and word not in STOP_WORDS
        and word not in _GENERIC
        and not _ASKING.fullmatch(word)
        and not _POINTING.fullmatch(word)
    ]


def names_topic(words: Sequence[str]) -> bool:
    """Tell whether words name a topic; 一个点花，掏钱 only ask about one named before."""
    return any(word not in _LIGHT and not re.match("[一二三四五六七八九十两几每]", word) for word in content_words(words))
