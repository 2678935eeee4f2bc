"""One invented document of each kind, as files of a library that mixes them."""

from pathlib import Path

NOTICE = """共青团望澜市委文件

望团发〔2023〕7号

关于印发《望澜市青年夜校管理办法》的通知

各县（区）团委：

为规范青年夜校的开办，现将《望澜市青年夜校管理办法》印发给你们，请结合实际执行。夜校每期招收学员不超过四十名，每门课程不少于十二课时。

共青团望澜市委
2023年5月4日
"""

REPORT = """望澜市青年夜校2023年工作总结

一、开课情况
全年开办夜校二十六期，结业学员九百一十二名，夜校学员的平均年龄为二十七岁。

二、下一步打算
明年把夜校办到乡镇，新增十二个夜校教学点。

共青团望澜市委
2023年12月20日
"""

MINUTES = """望澜市青年夜校工作会议纪要

2023年6月8日，团市委召开青年夜校工作会议，议定以下事项。

一、夜校的场地由街道提供，夜校不得向学员另收场地费。

二、夜校教师的课时补贴每课时一百二十元，由团市委按月发放。

共青团望澜市委办公室
2023年6月9日
"""

WEB_PAGE = """<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8">
<title>滨澜区青年夜校开到渔港码头</title>
<meta property="og:url" content="https://www.wanglan.example/2023/yexiao.html">
<link rel="canonical" href="https://www.wanglan.example/2023/yexiao.html">
<meta property="article:published_time" content="2023-07-02"></head><body>
<h1>滨澜区青年夜校开到渔港码头</h1>
<p>来源：望澜发布　发布时间：2023-07-02</p>
<p>近日，滨澜区青年夜校开到渔港码头，三十二名船员下船后就在码头的候船室里上夜校，课程有修船电焊和海图识读。</p>
<p>夜校的老师是渔政站的两名青年工程师，每周三晚上开课，船员不用交学费。</p>
</body></html>
"""

BULLETIN = """望澜青年工作信息

2023年 第9期

共青团望澜市委

2023年8月1日

滨澜区团委办好“社区夜学”

滨澜区团委从去年秋天起办夜校。夜校首期开课十二门，满十五人开班，不满的并入下期。

（团滨澜区委）
"""

FILES = {
    "notice.txt": NOTICE,
    "report.txt": REPORT,
    "minutes.txt": MINUTES,
    "page.html": WEB_PAGE,
    "bulletin.txt": BULLETIN,
}


def write_documents(folder: Path) -> Path:
    """Write the documents into a folder, and return it."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
