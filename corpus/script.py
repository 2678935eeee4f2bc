"""Fold script, width and case, so that 志願者, 志愿者 and ＡＰＰ/app meet. For matching only: quoted text is never folded."""

import unicodedata
from functools import cache

from opencc import OpenCC


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def fold(text: str) -> str:
    """Return `text` in simplified script, half width and lower case. The length may change (㎡ -> m2)."""
    return simplify(unicodedata.normalize("NFKC", text)).casefold()


def simplify(text: str) -> str:
    """Return `text` in simplified script with every character at its place, so that offsets stay valid.

    OpenCC's phrase table only ever swaps characters one for one between traditional and simplified; where a conversion
    would change the length all the same, the text is returned as it is.
    """
    simplified: str = _converter().convert(text)
    return simplified if len(simplified) == len(text) else text
