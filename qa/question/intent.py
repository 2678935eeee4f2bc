"""What kind of answer a question asks for, and what is left of the question once the asking is taken away: its topic."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, cast

from corpus.messages.language import Language
from index.query.stemmer import STOP_WORDS
from qa.question.places import word_spans

Kind = Literal["howto", "list", "factoid", "comparison", "region", "contents", "survey", "absence", "count"]
AnswerKind = Literal["number", "money", "date", "duration", "phone", "person", "organisation", "name", "place"]


def _wordings(chinese: str, english: str = "") -> re.Pattern[str]:
    """Return a table of wordings as one pattern.

    Args: chinese: wordings with white space between them; english: one a line, each of whole words. A group need not say `?:`.
    """
    pieces = [*chinese.split(), *(rf"\b{line.strip()}\b".replace(" ", r"\s++") for line in english.splitlines() if line.strip())]
    return re.compile("|".join(re.sub(r"(?<!\\)\((?!\?)", "(?:", piece) for piece in pieces), re.I)


_TOLD = "(提到|提及|讲到|讲过|谈到|说到|写到|涉及|出现|介绍|刊登|用到|包含|含有)"
PLACES = "(?:地区|地方|区域|市县|区县|县市|县区|省份|省|市|区|县|单位)"  # what a question calls regions
_BODY = "(机构|单位|公司|企业|部门|学校|银行|医院|组织|大学|院校)"

_KINDS: dict[str, Kind] = {
    "compare": "comparison",
    "overview": "region",
    **{name: name for name in ("absence", "contents", "count", "howto", "list", "survey")},
}
# How likely a kind must be that is answered in a form of its own. What asks who has not done something is refused.
_SURE = {"absence": 0.7, "compare": 0.5, "survey": 0.4}
# What a count is of: 有多少篇文章, how many counties; 整理了多少个词 and 北苑区有多少摊位 ask for a number that a text gives.
_COUNTED = _wordings(
    rf"文章 简报 信息 报道 (多少|几|哪)[篇期] (多少|几|哪)个?{PLACES} 地区 地方 区域 市县 区县 县市 县区 省份",
    """
    (articles?|bulletins?|issues?|regions?|places|cities|counties|districts|reports?|documents|pieces)
    """,
)


def classify(text: str, wants: Mapping[str, float], *, compares: bool, surveys: bool) -> tuple[Kind, AnswerKind | None]:
    """Return the kind of a question, and for a factoid the kind of fact.

    Args: wants: how likely it asks for each thing (`probabilities`), the likeliest first; compares: it names two things that can
        be compared; surveys: it may ask for several regions.
    """
    for want, sure in wants.items():
        if (want == "compare" and not compares) or (want in ("survey", "absence") and not surveys):
            continue
        if sure < _SURE.get(want, 0.0) or (want == "count" and not _COUNTED.search(text)):
            continue
        name, _, fact = want.partition(":")
        return ("factoid", cast(AnswerKind, fact)) if fact else (_KINDS[name], None)
    return "howto", None


# Wordings of asking in a Chinese question, the longer ones first.
_ASKING = _wordings(
    rf"""
    (帮我|给我|请)(总结|概括|归纳|梳理|提炼|整理|捋|综合)(一下|一捋|提炼|出来)? (概括|归纳|简要)着?(说|讲)
    [有的]?(哪些|什么|啥)?(看点|亮点)(有哪些|是什么)? 拣(紧要|要紧|重要)的(几条)?(说|讲)? 捋一捋 (归纳)?成一份(综述|概述|材料)
    [还都]?有?谁家也? 有?哪一?个(地方|地区|市县|区县|县市|县区|市|区|县)(?=[把给帮让对在用])
    都?有?[是在]?哪几处 都?有?哪[儿里]在[干做搞办]
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
    (是|应该?|该|要|又)?(怎么样?|怎样|如何|咋样?)(开展|进行|做好|做到|做的|办的|来|去|才能|办|做|搞|弄)?(起来的?)?
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


# The first that parts a text is taken: 和 and `and` also stand within one side. 、 parts only what is said to be compared.
_LISTING = "、"
_CONJUNCTIONS = (r"\bversus\b|\bvs\b\.?|与|跟|相比于?", r"和(?!平|谐)|同|以及|\band\b|\bwith\b|\bfrom\b", _LISTING)
_FRAME = _wordings(
    """
    (之间)?的?(各?有)?(什么|哪些|何|啥)?(区别|不同|异同|差异|差别|共同点)(之处)?(在哪[里儿]?|是什么|有哪些)? 一样吗 是否相同
    (?<!.)请?(比较|对比|比一比)(一下)? 的?(对比|比较)$ (?<!.)[跟和与同](那边|那里)?的?(比较?起来|比较|相?比)
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


def split_compared_topics(text: str, *, cut: Callable[[str], list[str]]) -> tuple[str, ...]:
    """Split a comparison into the two things that it sets side by side, each with what is asked of both.

    志愿者积分和团代表履职积分的用法有什么区别 -> 志愿者积分的用法, 团代表履职积分的用法.

    Args: cut: splits a Chinese text into words, of which a conjunction is one: 跟班 and 合同 hold none.
    Returns: two, or none where the text does not fall into two.
    """
    bare = without_comparing(text).strip("？?。.，, ")
    inside = {place for word in word_spans(bare, cut(bare)) for place in range(word.start + 1, word.end)}
    for conjunction in _CONJUNCTIONS:
        if conjunction == _LISTING and not _FRAME.search(text):
            continue
        parting = next((m for m in re.finditer(conjunction, bare, re.I) if not {m.start(), m.end()} & inside), None)
        pieces = [piece.strip("，, ") for piece in (bare[: parting.start()], bare[parting.end() :])] if parting else []
        if pieces and all(len(piece) > 1 for piece in pieces):
            first, second = pieces
            if (end := second.rfind("的")) > 1 and "的" not in first:
                first += second[end:]
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
