"""The lines of a text that has lost its line ends, as texts pasted out of a page have; and signatures in brackets."""

import re

from corpus.text.numerals import SMALL_NUMBER

# A text of so few lines that is so long has lost its line ends (characters).
_MAX_LINES, _MIN_LENGTH = 3, 400
_MAX_FOOTER = 2  # lines of a footer: to whom the document goes, and who printed it when
_HEAD = 400  # characters in which title and number of an official document stand
_HEADING = re.compile(
    rf"(?<=[。；;：:）)])\s*+(?=(?:[{SMALL_NUMBER}]{{1,3}}、|[（(][{SMALL_NUMBER}]{{1,2}}[)）])(?!\s*+[)）。，]))"
)
_FIRST_HEADING = re.compile("一、|[（(]一[)）]")
_NUMBER_END = re.compile(r"[〔\[（(【]\s*+(?:19|20)\d{2}\s*+[〕\]）)】]\s*+第?\s*+\d+\s*+号(?=[\u4e00-\u9fff])")
_RED_HEAD_END = re.compile(r"(?:文件|纪要|公告|通告|函)(?=[\u4e00-\u9fff]{1,12}[〔\[【]\s*+(?:19|20)\d{2})")
_TITLE_END = re.compile(
    r"关于[^。；：]{4,120}?(?:的(?:通知|意见|通告|公告|报告|请示|批复|函|决定|方案|通报)|纪要)(?=[^》”」』）)。，；的])"
)
_FOOTER = re.compile(
    r"(?<=[。；)）])(?=(?:分送|抄送|主送|抄报|报送)[:：])|(?<=[。；)）])(?=[^。；：:，、]{4,40}\d{4}年\d{1,2}月\d{1,2}日印发\s*+$)"
)
# （石潭县民政局 林小满）, （通讯员：林小满）: behind the last sentence of a paragraph.
_SIGNATURE = re.compile(
    r"(?<=[。！？”])\s*+(?=[（(](?:作者|供稿|撰稿|撰文|文字|通讯员|记者|来源|[^（）()。，；：、]{2,24}(?:委|局|会|办|社|部|院|校|中心|政府|站|所|室)(?:\s|[)）]))"
    r"[^（）()。；]{0,30}[)）]?\s*+$)"
)


def is_unbroken(source: str) -> bool:
    """Return whether a text has lost its line ends."""
    return len(source) >= _MIN_LENGTH and sum(bool(line.strip()) for line in source.splitlines()) <= _MAX_LINES


def find_lost_line_ends(line: str) -> list[int]:
    """Return the offsets in a line of an unbroken text at which lines would begin: behind number and title, before headings."""
    cuts = [match.end() for pattern in (_RED_HEAD_END, _NUMBER_END) for match in pattern.finditer(line[:_HEAD])]
    if title := _TITLE_END.search(line[:_HEAD]):
        cuts.append(title.end())
    if _FIRST_HEADING.search(line):
        cuts += [match.end() for match in _HEADING.finditer(line)]
    cuts += [match.end() for match in _FOOTER.finditer(line)][:_MAX_FOOTER]
    return sorted(cuts)


def find_signature(line: str) -> int | None:
    """Return the offset of a signature in brackets behind the last sentence of a line, None if there is none."""
    match = _SIGNATURE.search(line)
    return match.end() if match else None
