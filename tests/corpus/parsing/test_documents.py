"""Documents without a masthead, as offices write them and sites show them: what is found in each, and what is left out."""

import datetime
from dataclasses import dataclass, field

import pytest

from corpus.document import Bulletin, Metadata, Span
from corpus.parsing.furniture import mark_furniture
from corpus.parsing.lines import read_signature, split_lines
from corpus.parsing.parser import parse_text, with_masthead
from corpus.regions.gazetteer import Gazetteer
from tests.corpus.parsing.laws import check_laws

GAZETTEER = Gazetteer.load()


@dataclass(frozen=True)
class Document:
    """A text and what a careful reader finds in it. `left_out` must stand in no article."""

    text: str
    kind: str
    titles: tuple[str, ...]
    region: str | None = None
    publisher: str | None = None
    date: str | None = None
    number: str | None = None
    signature: str | None = None
    headings: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    left_out: tuple[str, ...] = field(default=())


DOCUMENTS = {
    "experience paper with its author": Document(
        "把议事桌搬到榕树下\n共青团集美区委员会\n\n"
        "近年来，集美区团委在二十三个村的榕树下摆开议事桌，青年每月初八坐到一起，说村里的事，议村里的账。\n"
        "一、桌子摆在哪\n选村口、渡口、祠堂口，老人走十分钟能到，一年摆了二百七十六回。\n"
        "二、话由谁来起\n请返乡青年当“桌长”，头一年选出四十六名，说不清的事当场打电话问部门。\n",
        kind="experience",
        titles=("把议事桌搬到榕树下",),
        region="厦门市集美区",
        signature="共青团集美区委员会",
        publisher="共青团集美区委员会",
        headings=("一、桌子摆在哪", "二、话由谁来起"),
    ),
    "news item copied from a site": Document(
        "首页 > 团情动态 > 正文\n\n慈溪市“渔光课堂”开到码头上\n\n"
        "发布时间：2022-08-11 09:30　来源：慈溪市团委　浏览次数：216\n【字体：大 中 小】 打印\n\n"
        "8月10日晚，慈溪市团委把“渔光课堂”开到庵东码头，六十名船工子弟听老船长讲潮汐，散场时每人领走一张潮汐表。\n"
        "老船长拿渔网作教具，教孩子们认绳结，一根麻绳打出七种结。\n"
        "孩子们在码头上学打绳结（慈溪市融媒体中心供图）\n\n"
        "责任编辑：沈一苇\n上一篇：慈溪市开展护苗行动\n下一篇：没有了\n分享到：\n相关阅读\n余姚市举办青年夜市\n",
        kind="news",
        titles=("慈溪市“渔光课堂”开到码头上",),
        region="慈溪市",
        publisher="慈溪市团委",
        date="2022-08-11",
        left_out=("团情动态", "浏览次数", "字体", "供图", "责任编辑", "上一篇", "余姚市"),
    ),
    "notice with a red head, a number and attachments": Document(
        "共青团凤阳县委员会文件\n凤团发〔2023〕12号\n\n关于开展“小岗新青年”技能比武的通知\n\n各乡镇团委、县直各团支部：\n"
        "为办好今年的技能比武，现将有关事项通知如下。\n一、比武时间\n9月12日至13日，地点设在县职教中心实训楼。\n"
        "二、报名办法\n每个乡镇限报六人，8月25日前把报名表交到团县委办公室。\n\n附件：1.比武项目一览\n2.报名表\n\n"
        "共青团凤阳县委员会\n2023年7月30日\n",
        kind="notice",
        titles=("关于开展“小岗新青年”技能比武的通知",),
        region="凤阳县",
        publisher="共青团凤阳县委员会",
        date="2023-07-30",
        number="凤团发〔2023〕12号",
        signature="共青团凤阳县委员会",
        headings=("一、比武时间", "二、报名办法"),
        attachments=("比武项目一览", "报名表"),
    ),
    "notice under an information table, with the plan that it issues": Document(
        "索引号：330281/2021-00415\n发布机构：余姚市民政局\n发文日期：2021-05-20\n文号：余民发〔2021〕31号\n\n"
        "余姚市民政局关于印发《时间银行试点方案》的通知\n\n各乡镇人民政府、街道办事处：\n"
        "《时间银行试点方案》已经局长办公会议审议通过，现印发给你们，请认真组织实施。\n余姚市民政局\n2021年5月18日\n\n"
        "时间银行试点方案\n\n为把邻里互助的时数存下来、用出去，制定本方案。\n一、试点范围\n在梨洲、"
        "凤山两个街道的十二个社区先行试点，期限一年。\n",
        kind="notice",
        titles=("余姚市民政局关于印发《时间银行试点方案》的通知",),
        region="余姚市",
        publisher="余姚市民政局",
        date="2021-05-18",
        number="余民发〔2021〕31号",
        signature="余姚市民政局",
        headings=("时间银行试点方案", "一、试点范围"),
    ),
    "minutes": Document(
        "永嘉县青年工作联席会议纪要\n〔2022〕第3号\n\n2022年4月6日下午，县长助理陈一诺主持召开青年工作联席会议，"
        "听取上半年工作汇报，研究青年夜校经费等事项。现纪要如下：\n"
        "一、关于夜校经费\n会议同意从文化事业费中安排四十万元，由团县委按季申报。\n二、关于场地\n县文化馆二楼每周三、"
        "周五晚交青年夜校使用。\n",
        kind="minutes",
        titles=("永嘉县青年工作联席会议纪要",),
        region="永嘉县",
        headings=("一、关于夜校经费", "二、关于场地"),
    ),
    "regulation of clauses": Document(
        "石狮市志愿服务积分管理办法\n\n第一章 总则\n第一条 为把志愿服务记清楚、用明白，制定本办法。\n"
        "第二条 本市注册志愿者适用本办法：\n（一）在本市居住的；\n（二）在本市就读的。\n"
        "第二章 记分\n第三条 志愿服务一小时记十分，夜间和雨雪天加记五分。\n",
        kind="regulation",
        titles=("石狮市志愿服务积分管理办法",),
        region="石狮市",
        headings=("第一章 总则", "第一条", "第二条", "第二章 记分", "第三条"),
    ),
    "regulation whose chapters are headings of a word processor": Document(
        "石狮市志愿服务积分管理办法（试行）\n\n（2024年2月27日石狮市民政局印发，自2024年4月1日起施行）\n\n"
        "## 第一章　总则\n第一条　为记清志愿服务，制定本办法。\n第二条　在本市注册的志愿者适用本办法。\n"
        "## 第二章　积分记录\n第三条　志愿服务一小时记十分，夜间和雨雪天加记五分。\n"
        "## 第三章　监督与责任\n第四条　冒领积分的，撤销所领的积分，一年内不再记分。\n",
        kind="regulation",
        titles=("石狮市志愿服务积分管理办法（试行）",),
        region="石狮市",
        date="2024-02-27",
        headings=("第一章　总则", "第一条", "第二条", "第二章　积分记录", "第三条", "第三章　监督与责任", "第四条"),
    ),
    "plan with its number in brackets, and who edited it": Document(
        "集美区社区治理2025年工作要点\n\n（集社治办发〔2025〕2号，2025年1月20日）\n\n"
        "今年把老人吃饭、孩子看护、纠纷调解三件事办实，到年底居民满意度达到九成二。\n"
        "一、办好食堂\n每个街道至少开三处，价格由居民议事会定。\n"
        "二、看好孩子\n暑假在文化站开托管班，每班不超过三十人，家长凭卡接人。\n\n（编辑：祁慧君　校对：郭小军）\n",
        kind="notice",
        titles=("集美区社区治理2025年工作要点",),
        region="厦门市集美区",
        date="2025-01-20",
        number="集社治办发〔2025〕2号",
        headings=("一、办好食堂", "二、看好孩子"),
        left_out=("祁慧君",),
    ),
    "news item with its source and counter below": Document(
        "慈溪市把四十六名调解员编进船队\n\n慈溪市司法局把四十六名老船长聘为调解员，编进二十三个船队，随船出海，当场断纠纷。\n"
        "三年来调成船上纠纷一百二十六件，没有一件上岸打官司。\n\n来源：慈溪市融媒体中心 2024-07-15 浏览次数：386\n",
        kind="news",
        titles=("慈溪市把四十六名调解员编进船队",),
        region="慈溪市",
        date="2024-07-15",
        signature="慈溪市融媒体中心",
    ),
    "paper without a title, signed by a body and its author": Document(
        "我们县山高路远，群众有了纠纷，从前要走半天路到镇上找人评理，误工又费钱，有的干脆不说，气越积越多。\n"
        "三年前起，县里把调解室设在渡口和茶站，背篓装上案卷，跟着赶场的人走，走到哪里评到哪里。\n\n"
        "　　　　　　　　慈溪市司法局　沈一苇\n\n　　　　　　　　2023年6月8日\n",
        kind="news",
        titles=("",),
        region="慈溪市",
        publisher="慈溪市司法局　沈一苇",
        date="2023-06-08",
        signature="慈溪市司法局　沈一苇",
    ),
    "digest of committees": Document(
        "团鄞州区委\n团鄞州区委请退休机长给八十名少年讲仪表盘，听完的孩子每人折了一架纸飞机，放飞在社区操场上。\n"
        "团江北区委\n团江北区委在老外滩开起“灯下书摊”，青年拿旧书换旧书，一个夏天换出去三千册，没有收一分钱。\n",
        kind="digest",
        titles=("团鄞州区委", "团江北区委"),
        region="宁波市鄞州区",
    ),
    "report with a dated line in brackets below its title": Document(
        "海盐县少先队工作总结\n海盐县少工委主任 陆听澜\n（2020年12月28日）\n\n一年来，"
        "全县少先队在一百零四个中队里办起红领巾小账本，记下好事六万件。\n"
        "一、2020年工作回顾\n办中队小账本一百零四本，评出星级中队三十个。\n二、2021年工作打算\n"
        "把小账本办到幼儿园大班，先办二十所。\n",
        kind="report",
        titles=("海盐县少先队工作总结",),
        region="海盐县",
        date="2020-12-28",
        headings=("一、2020年工作回顾", "二、2021年工作打算"),
    ),
    "announcement whose issuer stands on two lines": Document(
        "安吉县青年夜校工作\n领导小组办公室\n通 告\n（第2号）\n自十二月一日起，全县青年夜校统一改为晚上七点开课，"
        "请各村提前张贴告示，通知学员。\n2022年11月25日\n",
        kind="notice",
        titles=("通 告",),
        region="安吉县",
        publisher="安吉县青年夜校工作领导小组办公室",
        date="2022-11-25",
        number="第2号",
    ),
    "text without a title": Document(
        "为让晚归的代驾司机有口热水喝，团瑞安市委今年在六个商圈设了“代驾驿站”，每晚十点到凌晨两点有人值守，已接待三万一千人次。\n"
        "一是选址跟着订单走。二是值守由商户轮流。三是水电由街道承担。\n",
        kind="experience",
        titles=("",),
        region="瑞安市",
    ),
}


def parsed(text: str, *, document: str = "it.txt", metadata: Metadata = Metadata()) -> Bulletin:
    return parse_text(text, gazetteer=GAZETTEER, document=document, metadata=metadata)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_needs_no_masthead(name: str) -> None:
    wanted = DOCUMENTS[name]
    found = parsed(wanted.text)
    article = found.articles[0]
    assert found.kind == wanted.kind
    assert tuple(each.title for each in found.articles) == wanted.titles
    assert (article.region.label if article.region else None) == wanted.region
    assert found.masthead.series == "" and found.masthead.issue is None
    assert found.masthead.publisher == wanted.publisher
    assert found.masthead.issue_date == (datetime.date.fromisoformat(wanted.date) if wanted.date else None)
    assert found.masthead.document_number == wanted.number
    assert article.signature == wanted.signature
    if len(found.articles) == 1:
        assert tuple(section.heading for section in article.sections if section.heading) == wanted.headings
    assert found.attachments == wanted.attachments
    told = "".join(Span(each.sections[0].span.start, each.sections[-1].span.end).of(found.text) for each in found.articles)
    for furniture in wanted.left_out:
        assert furniture in wanted.text and furniture not in told
    assert found.warnings == ()


def test_a_title_that_the_text_lacks_is_what_the_file_says_of_itself_or_its_name() -> None:
    text = DOCUMENTS["text without a title"].text
    assert parsed(text, document="2023/瑞安代驾驿站做法.txt").articles[0].title == "瑞安代驾驿站做法"
    assert parsed(text, document="IMG_2023.txt").articles[0].title == ""
    assert parsed(text, metadata=Metadata(title="代驾驿站亮起来")).articles[0].title == "代驾驿站亮起来"


def test_the_line_that_the_head_of_a_page_names_is_the_title() -> None:
    text = (
        "团情快讯\n\n海曙区青年志愿者\n把理发摊摆到厂门口\n\n"
        "海曙区青年志愿者在厂门口摆出十张理发椅，三天里剪了六百个头，一分钱没有收。\n"
    )
    found = parsed(text, metadata=Metadata(title="海曙区青年志愿者把理发摊摆到厂门口", date=datetime.date(2021, 3, 5)))
    assert found.articles[0].title.replace(" ", "") == "海曙区青年志愿者把理发摊摆到厂门口"
    assert found.masthead.issue_date == datetime.date(2021, 3, 5)


def test_a_text_that_has_lost_its_line_ends_is_cut_at_number_title_and_headings() -> None:
    text = (
        "苍南县民政局文件苍民发〔2022〕18号关于做好社区“小板凳课堂”工作的通知各乡镇人民政府:为让老人在家门口学会用手"
        "机,现就有关工作通知如下。"
        "一、场地安排。"
        + "小板凳摆在楼道口、凉亭下,一次不超过二十人,雨天改在架空层。"
        * 6
        + "(一)乡镇出凳子。每个村备三十张。(二)社区出人手。每次两名。"
        "二、课程安排。" + "先教挂号,再教缴费,后教视频通话,一课只教一样。" * 6
    )
    found = parsed(text)
    assert found.articles[0].title == "关于做好社区“小板凳课堂”工作的通知"
    assert found.masthead.document_number == "苍民发〔2022〕18号"
    assert [section.heading for section in found.articles[0].sections if section.heading] == ["一、场地安排", "二、课程安排"]
    assert found.text.startswith("苍南县民政局文件") and "".join(found.text.split()) == "".join(text.split())


def test_a_heading_ends_where_the_first_point_runs_on_and_points_are_found_in_the_line() -> None:
    text = (
        "澜坪区夜校工作方案\n\n一、工作目标\n全区办夜校十二处。\n\n"
        "二、工作要求（一）加强统筹。各街道指定一名联络员。（二）加强宣传。张贴课表。（三）强化督查，每月通报。\n"
    )
    (article,) = parse_text(text, gazetteer=GAZETTEER, document="方案.txt").articles
    assert [section.heading for section in article.sections] == ["一、工作目标", "二、工作要求"]
    assert [point.label for point in article.sections[1].points] == ["（一）", "（二）", "（三）"]


@pytest.mark.parametrize(
    "line",
    [
        "您现在的位置：首页 > 资讯列表 > 详情页",
        "当前位置：首页>基层动态",
        "首页|新闻|图片|评论|专题",
        "上一篇：某县开展敬老活动",
        "下一条：没有了",
        "【字体： 大 中 小】 打印 关闭",
        "【打印正文】",
        "分享到：",
        "扫一扫在手机打开当前页",
        "浏览次数：318",
        "主办：某县人民政府 版权所有",
        "某ICP备05012345号",
        "![](images/1.jpg)",
        "一审一校 | 朱一",
    ],
)
def test_furniture_of_a_site(line: str) -> None:
    lines = split_lines(line + "\n")
    mark_furniture(lines)
    assert lines[0].kind == "furniture"


@pytest.mark.parametrize(
    "line",
    [
        "上一篇文章发表以后，全县青年都来报名，一个月里办了三十场。",
        "下一步，团县委将把夜校办到每个村。",
        "分享会开到田间地头",
        "位置选在村口、渡口和祠堂口。",
        "扫码就能报名，三分钟办好一张借书卡。",
        "打印机搬到村口，证明当场出。",
        "点击量从每天三百次升到两千次。",
        "首页设“青年办”入口，一次只办一件事。",
        "更多青年回到村里",
        "相关部门要各负其责",
    ],
)
def test_what_only_opens_like_furniture_is_text(line: str) -> None:
    lines = split_lines(line + "\n")
    mark_furniture(lines)
    assert lines[0].kind == "body"


def test_the_head_of_a_forwarded_message_is_no_masthead() -> None:
    text = (
        "发件人：许闻澜\n主题：转发：青川团情第3期\n\n青川团情简报\n第3期\n共青团青川县委办公室\n2023年3月8日\n\n"
        "青川县办起木工课\n\n青川县请老木匠给四十名青年讲榫卯，三个月做出板凳一百二十张，送给村小。\n"
    )
    found = parsed(text)
    assert (found.kind, found.masthead.series, found.masthead.issue) == ("bulletin", "青川团情简报", "3")
    assert [article.title for article in found.articles] == ["青川县办起木工课"]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (
            "首先摸清底数，逐村登记。其次定好课表，贴在村口。此外，还请来四十名教师。最后，账目每季公开。",
            ["首先", "其次", "此外", "最后"],
        ),
        ("一要摸清底数。二要定好课表。三是请好老师。四是算好账目。", ["一要", "二要", "三是", "四是"]),
        ("一要抓早。一是早排课。二是早请人。二要抓实。", ["一要", "二要"]),
        ("夜校提出要求： 1.课表贴在村口； 2.老师两人一组； 3.账目每季公开。", ["1.", "2.", "3."]),
        ("此外，夜校还办了三场义诊。", []),
    ],
)
def test_points_that_change_their_style_or_stand_after_a_blank(text: str, labels: list[str]) -> None:
    found = parsed(f"石狮市夜校的做法\n\n石狮市把夜校办到三十个村。{text}\n")
    assert [point.label for point in found.articles[0].sections[0].points] == labels


def test_stars_that_hide_digits_stay() -> None:
    text = "夜校报名名单\n\n**锦渚**区有两人报名，电话是138****5678和139***1122，证件尾号是3301********12，月底前缴清。\n"
    body = parsed(text).text
    assert "锦渚区" in body
    assert all(number in body for number in ("138****5678", "139***1122", "3301********12"))


def test_a_signature_above_what_a_notice_issues_is_no_part_of_a_section() -> None:
    text = (
        "关于印发《澜坪区青年夜校管理办法》的通知\n各街道团工委：\n"
        "现将《澜坪区青年夜校管理办法》印发给你们，请结合实际认真执行。\n\n"
        "共青团澜坪区委员会\n2023年9月1日\n\n澜坪区青年夜校管理办法\n"
        "为办好青年夜校，方便青年就近学习，制定本办法。\n一、开课时间\n每周二、周四晚上七点开课，一次两个小时。\n"
        "二、收费标准\n每人每门课收取材料费五百元以内，困难青年免收。\n"
    )
    bulletin = parse_text(text, gazetteer=GAZETTEER, document="a.txt")
    check_laws(text, bulletin)
    (article,) = bulletin.articles
    assert article.signature == "共青团澜坪区委员会"
    assert [section.heading for section in article.sections] == ["", "澜坪区青年夜校管理办法", "一、开课时间", "二、收费标准"]
    quotable = "".join(section.span.of(bulletin.text) for section in article.sections)
    assert "共青团澜坪区委员会" not in quotable and "2023年9月1日" not in quotable


def test_an_attachment_below_the_signature_is_a_section() -> None:
    text = (
        "关于开设夜校的通知\n各乡镇团委：\n为让青年晚上有处去，县里开设夜校，现通知如下。\n一、时间。每周五晚七点开课，一季十二课。\n"
        "附件：1.报名表\n2.名额分配表\n共青团永嘉县委员会\n2024年6月5日\n附件2\n名额分配表\n乡镇\t名额\n岩头镇\t60\n"
    )
    article = parsed(text).articles[0]
    assert [section.heading for section in article.sections] == ["", "一、时间", "附件2"]
    assert parsed(text).attachments == ("报名表", "名额分配表")


def test_a_question_above_its_source_is_the_title_of_a_page() -> None:
    text = (
        "首页 > 基层动态\n夜校放在哪里，青年才愿意来？\n2024-05-21 15:40    来源： 永嘉县融媒体中心    浏览次数：3,871\n"
        "永嘉县把夜校放进商场和车站，一季开课三百场，来了四千人，比上一季多出一半。\n"
    )
    found = parsed(text)
    assert [article.title for article in found.articles] == ["夜校放在哪里，青年才愿意来？"]
    assert (found.masthead.publisher, found.masthead.issue_date) == ("永嘉县融媒体中心", datetime.date(2024, 5, 21))
    assert "浏览次数" not in found.articles[0].sections[0].span.of(found.text)


def test_the_number_beside_the_word_minutes_is_no_title() -> None:
    text = (
        "会 议 纪 要\t〔2024〕8号\n\n中共永嘉县委农村工作领导小组办公室          2024年3月19日\n\n全县夜校推进会议纪要\n\n"
        "2024年3月15日下午，县委副书记在县行政中心主持召开夜校推进会，现将议定事项纪要如下：\n\n一、关于经费。由县财政局列支。\n"
    )
    found = parsed(text)
    assert [article.title for article in found.articles] == ["全县夜校推进会议纪要"]
    assert (found.kind, found.masthead.document_number) == ("minutes", "〔2024〕8号")
    assert found.masthead.publisher == "中共永嘉县委农村工作领导小组办公室"


def test_a_row_of_cells_is_no_part_of_a_title() -> None:
    text = (
        "2024年全市夜校进度表\n填报单位：宁波市教育局\t\t截止：2024年10月31日\n县区\t任务\t完成\n海曙区\t32\t28\n鄞州区\t45\t43\n"
    )
    assert [article.title for article in parsed(text).articles] == ["2024年全市夜校进度表"]


def test_a_correction_of_one_sentence_is_a_document() -> None:
    text = (
        "更    正\n\n    本刊2024年第6期《海曙区：夜校开到厂门口》一文中，“开课1230场”应为“开课1320场”。特此更正，并致歉意。\n\n"
        "    《宁波社会治理简报》编辑部\n    2024年4月12日\n"
    )
    found = parsed(text)
    assert [(article.title, article.region and article.region.label) for article in found.articles] == [
        ("更    正", "宁波市海曙区")
    ]
    assert "应为“开课1320场”" in found.articles[0].sections[0].span.of(found.text)


def test_the_office_of_a_speaker_tells_the_region() -> None:
    text = (
        "在全区夜校推进会上的讲话\n宁波市海曙区教育局局长  陆听澜\n（2023年12月6日）\n同志们：\n"
        "今天开会部署明年的夜校，我讲两点意见。\n"
    )
    found = parsed(text)
    assert found.publisher_region is not None and found.publisher_region.label == "宁波市海曙区"
    assert found.masthead.publisher is None
    dated = with_masthead(found, GAZETTEER, {"issue_date": datetime.date(2023, 12, 7)})
    assert dated.publisher_region == found.publisher_region


def test_the_name_of_a_file_tells_the_region_of_a_text_that_names_none() -> None:
    text = "项目\t场次\n夜校\t32\n书摊\t45\n"
    article = parsed(text, document="表格/永嘉县夜校统计.csv").articles[0]
    assert (article.title, article.region and article.region.label) == ("永嘉县夜校统计", "永嘉县")


@pytest.mark.parametrize("column", ["【短讯】", "◆简讯"])
def test_items_without_titles_belong_to_their_column(column: str) -> None:
    text = (
        "宁波青年信息\n2023年第11期（总第302期）\n共青团宁波市委办公室    2023年6月9日\n\n【工作交流】\n"
        "海曙团区委开夜校\n共青团海曙区委\n今年以来，海曙团区委在商场里开夜校，一季开课三百场，来了四千人。\n一是选址。放在地铁口。\n\n"
        f"{column}\n▲6月2日，慈溪团市委组织青年八十人清理海滩。\n▲6月5日，余姚团市委举办技能大赛，三十七人参加。\n"
    )
    first, items = parsed(text).articles
    assert (first.title, first.signature) == ("海曙团区委开夜校", "共青团海曙区委")
    assert items.title in column
    assert [stretch.region.label for stretch in items.elsewhere] == ["慈溪市", "余姚市"]


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("岳阳市城管局2022年工作报告.docx", "岳阳市"),
        ("学习杭州经验.docx", None),
        ("关于赴宁波考察的报告.docx", None),
        ("工作报告.docx", None),
    ],
)
def test_a_text_that_names_no_place_is_of_the_one_its_file_is_named_after(name: str, region: str | None) -> None:
    text = "2022年城市管理工作报告\n\n一年来，我局把背街小巷修了一百二十条，把占道的摊点请进便民市场。\n"
    (article,) = parse_text(text, gazetteer=Gazetteer.load(), document=name).articles
    assert (article.region.label if article.region else None) == region
    assert article.title == "2022年城市管理工作报告"


@pytest.mark.parametrize(
    ("line", "signed"),
    [
        ("（未央区委）", "未央区委"),
        ("（宜都市摄影家协会）", "宜都市摄影家协会"),
        ("（摄影家协会）", "摄影家协会"),
        ("（作者：张越 戴子博）", "张越 戴子博"),
        ("（作者系县委组织部副部长）", None),
        ("（本文写于2024年3月）", None),
        ("（编辑 祁慧君）", None),
        ("（未完待续）", None),
    ],
)
def test_who_signs_in_brackets(line: str, signed: str | None) -> None:
    assert read_signature(line) == signed
