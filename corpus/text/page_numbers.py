"""Page numbers, as they are printed: - 3 -, 第3页 共8页, 3/8, Page 3."""

import re

_DASH = "[-—–－·.~_]"
_NUMBER = r"\d{1,3}"  # 2021/2022 is no page of a bulletin

# A line that is a page number and nothing else, whatever stands beside it. A bare number is none, since it may be a table's cell.
PAGE_NUMBER = re.compile(
    rf"^\s*+(?:{_DASH}+\s*+{_NUMBER}\s*+{_DASH}+|第\s*+{_NUMBER}\s*+页(?:\s*+[,，/]?\s*+共\s*+{_NUMBER}\s*+页)?|{_NUMBER}\s*+/\s*+{_NUMBER}"
    rf"|page\s*+{_NUMBER})\s*+",
    re.I,
)
# A line at the edge of a page, where a number is a page's: with dashes on both sides, on one or on none.
BARE_PAGE_NUMBER = re.compile(rf"^\s*+{_DASH}*+\s*+\d{{1,4}}\s*+{_DASH}*+\s*+")
