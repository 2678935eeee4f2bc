"""Titles that name a region other than their article's: one that is visited, learnt from, helped, or is the name of a road.

Every article is signed by its own region and its lines name no other, so the region of the title is a decoy. An answer for the
decoy is wrong; one for the region that signs is right; one for the publisher's region is withheld. Genuine titles are
the control.
"""

import random
from collections import Counter
from typing import Any, Literal

from corpus.document import Region
from corpus.parsing.parser import parse_text
from corpus.regions.gazetteer import Gazetteer

_TITLES = 200
_CONTROLS = 200
_PROVINCE = "岚川省"
# Invented regions, each a city with two counties, beside those of the national table.
_INVENTED = {
    "云栖市": ("锦渚区", "北苑区"),
    "鹤浦市": ("石潭县", "青榆县"),
    "沧渡市": ("桐坞区", "白榉县"),
    "墨川市": ("埠头区", "雁汀县"),
}
_CITY, _COUNTY = 1, 2  # levels of regions

_SHARE_INVENTED, _SHARE_BULLETINS = 0.5, 0.8
_MASTHEAD = """# {above}共青团工作简报

第{number}期（总第{total}期）

共青团{above}委办公室

2023年6月15日

"""

# {d}: the decoy's whole name; {s}: its short name; {t}: what the article is about.
_DECOYS = (
    "学习{d}经验 {t}",
    "借鉴{d}做法 {t}",
    "对标{d} {t}",
    "赴{d}考察 {t}",
    "赴{d}学习考察归来谈{t}",
    "与{d}结对 {t}",
    "同{d}携手 {t}",
    "{d}经验启示：{t}",
    "{d}的启示 {t}",
    "{d}经验给我们的启示",
    "从{d}看{t}",
    "走进{d}取真经 {t}",
    "{t} 向{d}看齐",
    "{t}：{d}归来话差距",
    "与{d}签约 {t}",
    "和{d}签订合作协议 {t}",
    "牵手{d} {t}",
    "对口支援{d} {t}",
    "对口帮扶{d}纪实",
    "东西部协作：{d}学员来了",
    "东西部协作结硕果 {d}产品进社区",
    "援{d}干部的夜校故事",
    "支援{d}抗洪 {t}",
    "驰援{d} 青年突击队连夜出发",
    "驻{d}办事处{t}",
    "驻{d}流动团工委{t}",
    "{s}籍务工青年的夜校",
    "{d}籍学子返乡路上的服务站",
    "{s}路上的骑手驿站",
    "{s}大道亮起“一盏灯”",
    "{s}小学门口的护学岗",
    "{s}医院里的志愿红",
    "{s}高速服务区的春运岗",
    "{s}街道来了夜校老师",
    "{s}一中的心理课",
    "{s}桥下的篮球场",
    "{s}菜上了食堂餐桌",
    "{s}话课堂开到社区",
    "{d}代表团来访 {t}",
    "{d}党政代表团考察我们的夜校",
    "{d}客人点赞夜校",
    "接待{d}同行来访 {t}",
    "迎{d}青年来看夜校",
    "来自{d}的夜校老师",
    "赶超{d} {t}",
    "找差距、追{d}、{t}",
    "以{d}为镜 {t}",
    "以{d}为师 {t}",
    "比{d}还快一步：{t}",
    "引进{d}团队 {t}",
    "招商小分队奔赴{d}",
    "在{d}设立招才站",
    "把夜校开到{d}去",
    "送教到{d} {t}",
    "去{d}跟班学习 {t}",
    "赴{d}挂职干部谈体会",
    "到{d}招工 {t}",
    "“{d}模式”本地化 {t}",
    "复制{d}“夜校模式” {t}",
    "推广{d}经验 {t}",
    "{d}做法在我区落地",
    "{d}能做到，我们怎么办",
    "{d}行 {t}",
    "{d}考察报告",
    "{d}之行有感",
    "考察{d}的几点思考",
    "学{d}、见行动、{t}",
    "走出去看{d} {t}",
    "联合{d}开展{t}",
    "跨省联动{d} {t}",
    "与{d}青年面对面 {t}",
    "同{d}团委共建 {t}",
    "{d}对口协作办来电致谢",
    "{d}企业来投资 {t}",
    "嫁接{d}资源 {t}",
    "承接{d}产业转移 {t}",
    "融入{d}都市圈 {t}",
    "对接{d} {t}",
    "连线{d}专家 {t}",
    "邀请{d}讲师 {t}",
    "请来{d}师傅 {t}",
    "感谢信从{d}寄来",
    "收到{d}锦旗的年轻人",
    "转发{d}做法的通知要求这样落实",
    "读{d}简报有感 {t}",
    "{d}有什么值得我们学",
    "为什么{d}走在前面",
    "寄往{d}的包裹 {t}",
    "开往{d}的列车上的志愿者",
    "{s}大厦里的楼宇团支部",
    "{s}广场的夜校灯",
    "{s}村的夜校灯",
)
_GENUINE = (
    "{d}：{t}",
    "【{d}】{t}",
    "{d}{t}",
    "团{d}委{t}",
    "{d}“三张清单”{t}",
    "{t} {d}这样做",
    "{d}多措并举{t}",
    "{d}学习外地经验 {t}",
    "{d}赴外地考察 {t}",
    "共青团{d}委员会{t}",
)
_TOPICS = (
    "办好骑手夜校",
    "补齐夜校短板",
    "建起“一盏灯”驿站",
    "办实青年食堂",
    "管好志愿时长",
    "守住群众钱袋子",
    "让旧书流动起来",
    "把暖心课送到车间",
)
# {o}: the whole name of the article's own region; {l}: the character of its level, as in 全区.
_BODIES = (
    "近年来，{o}办起夜校三十所，学员千人。{o}还为学员建了台账。\n{o}下一步再开十所。",
    "今年以来，团{o}委开设夜校，每周两晚。{o}共有志愿老师八十名，课程二十门。",
    "{o}把夜校开进社区。半年来，{o}开课九十次，听课的人多了。\n今后，{o}将把课排到周末。",
    "骑手下班晚，夜校开得晚。为此，{o}把课排到晚上九点。{o}的学员说，老师讲得好懂。",
    "6月以来，{o}新建驿站二十六处，日均进站千人。目前，{o}每站有一名站长。",
    "{o}夜校开课。全{l}已有学员千人，全{l}三十个社区都有教室。",
)
_BODIES_WITHOUT_NAMES = (
    "近年来，全{l}办起夜校三十所，学员千人。我{l}还为学员建了台账。",
    "夜校每周两晚，有志愿老师八十名，课程二十门。",
)
# Who signs, and how.
_SIGNATURES = ("（团{o}委）", "（共青团{o}委员会）", "（{o}民政局 林小满）", "团{o}委供稿", "（{o}总工会）", "（来源：团{o}委）")
# What is told of the article's own region: by whom it is signed, and what its lines say.
_Voice = Literal["signed and told", "told", "signed"]
_VOICES: tuple[_Voice, ...] = ("signed and told", "signed and told", "told", "signed")


def run(*, share: float = 1.0, seed: int = 0) -> dict[str, Any]:
    """Parse articles with decoys in their titles, and genuine ones, and count whose they are said to be."""
    chance = random.Random(seed)
    gazetteer = _gazetteer()
    wrong: dict[str, list[str]] = {}
    figures: dict[str, Any] = {}
    for name, known, full in (("decoys", _DECOYS, _TITLES), ("genuine", _GENUINE, _CONTROLS)):
        templates = chance.sample(known, len(known))  # each once before any comes twice
        counted: Counter[str] = Counter(right=0, withheld=0, wrong=0)
        wrong[name] = []
        for number in range(max(1, round(full * share))):
            own, decoy = _pair(gazetteer, chance)
            named = decoy if name == "decoys" else own
            title = templates[number % len(templates)].format(d=named.name, s=_short(named), t=chance.choice(_TOPICS))
            voice = chance.choice(_VOICES)
            found = _read(title, own, gazetteer, chance, voice)
            verdict = "right" if found == own else "withheld" if found is None or found.contains(own) else "wrong"
            counted[verdict] += 1
            if verdict == "wrong":
                wrong[name].append(f"{title} ({voice}: {own.label}) → {found.label if found else None}")
        held = counted["right"] + counted["withheld"]
        figures |= {name: counted.total(), **{f"{name}_{verdict}": count for verdict, count in counted.items()}}
        figures |= {f"{name}_held": round(held / counted.total(), 4), f"failed_{name}": counted["wrong"]}
    return {**figures, "wrong": wrong}


def _gazetteer() -> Gazetteer:
    rows = [f"{_PROVINCE},,,,"]
    for city, counties in _INVENTED.items():
        rows += [f"{_PROVINCE},{city},,,", *(f"{_PROVINCE},{city},{county},," for county in counties)]
    return Gazetteer.load(["province,city,county,until,successors\n" + "\n".join(rows) + "\n"])


def _pair(gazetteer: Gazetteer, chance: random.Random) -> tuple[Region, Region]:
    """Return the region that signs and the decoy, invented or not: of its city, of its province, or of another one."""
    in_province = [region for region in gazetteer.regions if region.province == _PROVINCE]
    invented = chance.random() < _SHARE_INVENTED
    pool = [region for region in gazetteer.regions if _is_clear(region, gazetteer) and (region in in_province) == invented]
    own = chance.choice(pool)
    near = chance.choice((own.city, own.province, None))
    others = [region for region in pool if near in (None, region.city, region.province) and not region.contains(own)]
    return own, chance.choice(others or [region for region in pool if not region.contains(own)])


def _is_clear(region: Region, gazetteer: Gazetteer) -> bool:
    """Return whether this is a city or county whose name, of three characters or more, is that of no other."""
    long = len(region.name) > len("和县") and region.name[-1] in "市县区"
    return long and region.level in (_CITY, _COUNTY) and gazetteer.candidates(region.name) == (region,)


def _short(region: Region) -> str:
    return region.name[:-1]


def _read(title: str, own: Region, gazetteer: Gazetteer, chance: random.Random, voice: _Voice) -> Region | None:
    """Parse a document with one article, most often an issue of the province or city of `own`; return the article's region."""
    written = {"o": own.name, "l": own.name[-1]}
    body = chance.choice(_BODIES_WITHOUT_NAMES if voice == "signed" else _BODIES).format(**written)
    signature = "" if voice == "told" else chance.choice(_SIGNATURES).format(**written)
    above = chance.choice([name for name in (own.province, own.city) if name])
    head = _MASTHEAD.format(above=above, number=chance.randrange(1, 60), total=chance.randrange(100, 600))
    has_masthead = chance.random() < _SHARE_BULLETINS
    text = f"{head}## {title}\n\n{body}\n\n{signature}\n" if has_masthead else f"{title}\n\n{body}\n\n{signature}\n"
    return parse_text(text, gazetteer=gazetteer, document="issue.md").articles[0].region
