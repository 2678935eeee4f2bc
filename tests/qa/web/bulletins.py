"""Bulletins that are hard on a page."""

# Markup of HTML and Markdown, characters of two units, and words that a line end cuts in two.
STATIONS = """\
测试工作简报
（经验交流）
第 1 期
共青团杭州市委
2021年3月4日

团杭州市上城区委办好“<img src=x onerror=alert(1)>”便民站

近年来，团上城区委在𠮷祥坊办起便民站<b>三座</b>，共有志愿者**五十
名**轮流值守😀，每周开放四天，居民可以存取包裹、修补雨伞。每座便民站配
备急救箱一只。
"""

# The same about two districts of Ningbo, of which 江东区 went into 鄞州区 in 2016.
STATIONS_OF_NINGBO = """\
<img src=x onerror=alert(1)>工作简报

第 {issue} 期

共青团宁波市委

{date}

团宁波市{region}委办好“<script>alert(2)</script>”便民站

近年来，{region}在𠮷祥坊😀办起便民站<b>三座</b>，共有志愿者**五十
名**轮流值守，每周开放四天，居民可以存取包裹、修补雨伞。
"""
