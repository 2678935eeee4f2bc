"""The particulars of an official document as sites set them above it (索引号, 成文日期), its number, its red head."""

import re
from collections.abc import Iterator, Sequence

from corpus.readers.html_blocks import Block

# Of the catalogues of government information (政府信息公开条例, 2019, section 24, and the sites that carry it out).
_KEYS = (
    "索引号|信息索引号?|发文机关|发文单位|发布机构|公开机构|发布单位|公开主体|成文日期|发文日期|生成日期|发布日期|公开日期|印发日期|施行日期|生效日期|"
    "废止日期|公开时限|标题|名称|信息名称|文件名称|发文字号|文号|文件编号|主题词|主题分类|分类|组配分类|体裁分类|公开范围|公开方式|公开形式|有效性|时效|"
    "是否有效|效力状态|效力|关键词|内容概述|统一登记号|公开责任部门"
)
_PARTICULAR = re.compile(rf"^(?:{_KEYS})\s*+[:：]\s*+\S")
_KEY = re.compile(rf"^(?:{_KEYS})\s*+[:：]?$")
# A table or list is one of particulars where it has one of these.
_SURE = re.compile(r"索引号|信息索引|发文字号|文号|发文机关|成文日期")
_SPACED = re.compile(r"(?<=[一-鿿])[ \u3000]+(?=[一-鿿])")  # 索 引 号
# The number of an official document, and the red head with who issues it (GB/T 9704—2012, 7.2.4 and 7.2.5).
_NUMBER = re.compile(r"^[一-鿿〇]{1,16}\s*+[〔\[［（(【]\s*+(?:19|20)\d{2}\s*+[〕\]］）)】]\s*+(?:第\s*+)?\d+\s*+号$")
_RED_HEAD = re.compile(r"^[一-鿿、\s]{2,40}文\s*+件$")


def is_particular(block: Block) -> bool:
    """Return whether a line is one of a document's particulars: 索引号：000014349/2023-00012."""
    return not block.is_table and _PARTICULAR.match(_SPACED.sub("", block.plain)) is not None


def is_official_head(text: str) -> bool:
    """Return whether a line is the number of a document (岚团发〔2023〕7号) or its red head (云栖市人民政府办公室文件)."""
    return bool(_NUMBER.match(text) or _RED_HEAD.match(text))


def read_particulars(block: Block) -> Iterator[str]:
    """Yield the particulars that a block states, a line each; none of other blocks."""
    if is_particular(block):
        yield block.plain
    elif block.is_table:
        rows = [[_SPACED.sub("", cell.strip()) for cell in line.split("\t")] for line in block.text.splitlines()]
        if any(_SURE.match(cell) for row in rows for cell in row):
            for row in rows:
                yield from _read_row([cell for cell in row if cell])


def join_keys(blocks: Sequence[Block]) -> list[Block]:
    """Join a key that stands alone with the value below it, as in the lists (dl, spans of a block each) of many sites."""
    joined: list[Block] = []
    is_list = any(_SURE.match(_SPACED.sub("", block.plain)) for block in blocks)
    for block in blocks:
        key = _SPACED.sub("", joined[-1].plain) if joined and is_list and not joined[-1].is_table else ""
        if key and _KEY.match(key) and not block.is_table and not _KEY.match(_SPACED.sub("", block.plain)):
            joined[-1].text = f"{key.rstrip(':： ')}：{block.plain}"
        else:
            joined.append(block)
    return [block for block in joined if not (is_list and _KEY.match(_SPACED.sub("", block.plain)))]


def _read_row(cells: list[str]) -> Iterator[str]:
    """Yield what a row states: keys and values in turn, or both in one cell."""
    key = ""
    for cell in cells:
        if _KEY.match(cell):
            key = cell.rstrip(":： ")
        elif _PARTICULAR.match(cell):
            key = ""
            yield cell
        elif key:
            yield f"{key}：{cell}"
            key = ""
