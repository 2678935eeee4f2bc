"""Invented bulletins in many layouts, read from files: `layouts/NAME.txt` is the bulletin, `layouts/NAME.outline` what is in it.

Places and institutions exist, what they report is invented. `layouts/README.md` explains the outlines.
"""

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "layouts"


class Layout(NamedTuple):
    """A bulletin and its outline, each as text."""

    source: str
    outline: str


LAYOUTS = {
    path.stem: Layout(path.read_text(encoding="utf-8"), path.with_suffix(".outline").read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.txt"))
}
