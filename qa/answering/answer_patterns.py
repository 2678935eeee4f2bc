"""How an answer of each kind (money, date, person, …) looks in a text: patterns whose match is the span of the answer."""

import re
from collections.abc import Mapping
from typing import Final

from corpus.document import Span
from corpus.text.normalize import simplify
from corpus.text.numerals import CHINESE_NUMBER, SMALL_NUMBER
from qa.question.intent import AnswerKind

# A numeral from its beginning, and no ordinal: 第14期 is no count.
_NUMERAL = rf"(?<![第\d.,，{CHINESE_NUMBER}])(?:\d[\d,，.]*|[{CHINESE_NUMBER}]+)"
_MULTIPLIER = r"\s*+(?:余|多|几)?\s*+[万亿千百]{0,2}\s*+(?:余|多)?\s*"
_RANGE_END = rf"(?:\s*+[-－—–~～至到]\s*+[\d.{CHINESE_NUMBER}]+)?"
_DATE_NUMBER = rf"(?<![第\d.{SMALL_NUMBER}])(?:\d{{1,2}}|[{SMALL_NUMBER}]{{1,3}})"  # of a month, a day, an hour
_YEAR = r"(?:(?<!\d)\d{4}|[一二][〇○零九][〇○零一二三四五六七八九]{2}|[去今明前次])\s*+年(?:初|底|末)?"
_PART_OF_DAY = "(?:凌晨|清晨|早上?|上午|中午|午后|下午|傍晚|晚上?|夜里)"
_DATE_PART = "|".join(
    (
        _YEAR,
        rf"{_DATE_NUMBER}\s*+月份?(?:初|底|末|[上中下]旬)?",
        rf"{_DATE_NUMBER}\s*+(?:日|号(?![\u4e00-\u9fff]{{0,2}}[楼店线院点位文令馆门机桌台]))(?!内)",
        r"(?:第[一二三四五\d]个)?(?:周|星期|礼拜)[一二三四五六日天末]",
        rf"{_PART_OF_DAY}\s*+{_DATE_NUMBER}[点时]半?|(?<![\d.])\d{{1,2}}(?:点半?(?!建议|意见)|时|[:：]\d{{2}})",
        "[年月]初|[年月]底|[年月]末|暑假|寒假|春节|元旦|国庆|学期[初末]",
    )
)
# A character in the name of an organisation or a place; prepositions and particles before the name are not part of it.
_NAME_CHARACTER = r"(?:(?![由与向从在对把被给让将是的了于托]|会同|(?<=会)同)[\u4e00-\u9fff])"
HOTLINE: Final = r"12[1-9]\d\d|9[56]\d{3}"  # 12345, 95598
ANSWER_PATTERNS: Final[Mapping[AnswerKind, re.Pattern[str]]] = {
    "money": re.compile(
        rf"{_NUMERAL}{_RANGE_END}{_MULTIPLIER}(?:[美欧日港加澳]?元(?![旦素宵里])|英镑|块钱|角(?![度色落洲形]))"
        r"|免费|不收(?:费|钱)|无偿"
    ),
    "date": re.compile(
        rf"(?:每逢|每[年月周]?的?)?(?:{_DATE_PART})(?:\s*+(?:{_DATE_PART}|[至到、和](?={_DATE_PART})|{_PART_OF_DAY}))*"
    ),
    "duration": re.compile(
        rf"{_NUMERAL}{_RANGE_END}\s*+[多余]?\s*+(?:个(?:半)?(?:月|星期|小时|学期|工作日)"
        r"|天|晚|周(?!年)|星期|小时|分钟|学期|工作日|课时|秒|日(?=以?内))"
        r"(?:半|以内|内|之内|以上)?"
        rf"|(?<![第\d.{CHINESE_NUMBER}])(?:\d{{1,3}}|[{CHINESE_NUMBER}]{{1,3}})\s*+[多余]?年(?![\d初底末级])(?:半|以内|内|之内|以上)?"
        r"|半(?:年|天|个?月|个?小时)"
    ),
    "phone": re.compile(
        r"(?<![\d.])(?:(?:[（(]?0\d{2,3}[)）]?[-－—\s]?)?\d{7,8}|1[3-9]\d{9}|400[-－\d]{7,9}|(?:" + HOTLINE + r"))"
        r"(?!\d|[.,，]\d|\s*+[多余]?[万亿人名个元件条次份户亩只公斤吨米册张小])"
    ),
    "number": re.compile(
        rf"{_NUMERAL}分之[\d.{CHINESE_NUMBER}]+|{_NUMERAL}{_RANGE_END}\s*+[%％]|{_NUMERAL}成[{CHINESE_NUMBER}半]?|(?!一[个种项批些])"
        rf"{_NUMERAL}{_RANGE_END}{_MULTIPLIER}(?:人次|平方公里|平方米|公里|公斤|公分|公顷|千克|毫米|厘米|课时"
        "|[个名人家次种条场位项所支倍件份站处期批户亩台套本篇枚分只册组对座辆届类门颗米吨岁起笔张间栋幢轮级盏段棵株头遍单页字卷集架艘首部款幅])"
        rf"|{_NUMERAL}\s*+[余多]?[万亿]+(?!\s*+[余多]?\s*+[万亿美欧日港加澳]?元)"
    ),
    "name": re.compile(r"《[^》]{2,40}》|[“「『][^”」』]{2,20}[”」』]"),
    "organisation": re.compile(
        rf"{_NAME_CHARACTER}{{1,14}}?(?:公司|集团|银行|大学|学院|研究院|研究所|社科院|医院|协会|基金会|中心|法院|检察院|公安局|学校|委员会"
        "|联合会|工作室|事务所|工会|总会|商会|妇联|残联|科协|律协|合作社|出版社)"
        rf"|{_NAME_CHARACTER}{{2,14}}?(?:(?<![格布开结全大破])局(?!面|势|部|限)|(?<!常)委(?!派|屈|员)|(?<![大餐客])厅"
        "|(?<![主承协举创筹开督])办(?!法|理|公|事|学|好|成|起|了|班))"
    ),
    "place": re.compile(
        rf"{_NAME_CHARACTER}{{1,10}}?(?:广场|公园|大厦|中心|学校|社区|街道|礼堂|食堂|大堂|村|镇|楼|园|厅|室|馆|宫|基地|站(?!点|岗|在|稳|起)"
        "|(?<![思出套门线走公铁])路(?!径|演|线)|(?<![城上都])市(?!场|民|值)|县|省(?!级|厅|[下时心力])|区(?!别|分|间|域))"
    ),
    "person": re.compile(
        rf"{_NAME_CHARACTER}{{0,8}}?(?:书记|主任|主席|经理|同志|老师|教师|教授|教练|专家|导师|志愿者|社工|律师|法官|干部|民警|医生|代表|骨干"
        "|负责人|师傅|会计|居民|村民|家长|学生|骑手|运动员|(?<![动全])员|[局校院队站组市县区乡镇村团班楼所处科部会]长(?!期|大))"
    ),
}


def find_answer_spans(kind: AnswerKind, text: str) -> list[Span]:
    """Return the spans of a text, in either script, that look like an answer of a kind."""
    return [Span(*match.span()) for match in ANSWER_PATTERNS[kind].finditer(simplify(text))]
